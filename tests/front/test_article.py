"""The article's own listing runs with the names that the package offers."""

import numpy as np
import pytest

import course_utils


@pytest.mark.parametrize("name", course_utils.__all__)
def test_a_public_name_is_there(name):
    assert getattr(course_utils, name).__doc__


def test_the_articles_listing_runs_with_our_names():
    """Its loop with less data: a network per method, the loss after each update, the curve."""
    from course_utils import SGD, AdaGrad, Adam, Momentum, MyTwoLayerNet, RMSProp, smooth_curve

    rng = np.random.default_rng(0)
    t_train = rng.integers(10, size=300)
    x_train = rng.random((300, 784), np.float32) / 4
    x_train[np.arange(300), 70 * t_train] = 8

    optimizers = {
        "SGD": SGD(),
        "Momentum": Momentum(),
        "AdaGrad": AdaGrad(),
        "RMSProp": RMSProp(),
        "Adam": Adam(),
    }
    networks, train_loss = {}, {}
    for key in optimizers:
        networks[key] = MyTwoLayerNet(input_size=784, hidden_size_1=100, output_size=10)
        train_loss[key] = []
    for _ in range(40):
        batch_mask = rng.choice(len(x_train), 128)
        x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]
        for key in optimizers:
            grads = networks[key].gradient(x_batch, t_batch)
            optimizers[key].update(networks[key].params, grads)
            train_loss[key].append(networks[key].loss(x_batch, t_batch))
    for key, losses in train_loss.items():
        curve = smooth_curve(losses)
        assert curve.shape == (40,), key
        assert curve[-1] < curve[0], key
