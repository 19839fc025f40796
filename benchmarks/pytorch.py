"""The article's training in PyTorch on the CPU, with its fastest optimizers."""

import torch
from torch.nn.functional import cross_entropy


def network(params):
    """Return the network with the weights of `MyTwoLayerNet.params`."""
    model = torch.nn.Sequential(
        torch.nn.Linear(*params["W1"].shape),
        torch.nn.ReLU(),
        torch.nn.Linear(*params["W2"].shape),
    )
    with torch.no_grad():
        for number, layer in ((1, model[0]), (2, model[2])):
            layer.weight.copy_(torch.from_numpy(params[f"W{number}"].T))
            layer.bias.copy_(torch.from_numpy(params[f"b{number}"]))
    return model


METHODS = {  # with the article's settings; RMSprop has no fused form
    "SGD": lambda p: torch.optim.SGD(p, lr=0.01, fused=True),
    "Momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, fused=True),
    "AdaGrad": lambda p: torch.optim.Adagrad(p, lr=0.01, eps=1e-7, fused=True),
    "RMSProp": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.99, eps=1e-7, foreach=True),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.001, eps=1e-7, fused=True),
}


def train_on(model, optimizer, x, t):
    """Make one step and return the loss after it."""
    optimizer.zero_grad(set_to_none=True)
    cross_entropy(model(x), t).backward()
    optimizer.step()
    with torch.no_grad():
        return cross_entropy(model(x), t).item()
