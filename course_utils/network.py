"""A network of two layers for classification, with its gradients by backpropagation."""

import copy

import numpy as np

from course_utils.checked import check_count


class MyTwoLayerNet:
    """A ReLU layer, a linear layer and softmax cross-entropy:

        a = max(0, x W1 + b1)        scores = a W2 + b2        loss = −log softmax(scores)[t]

    Weights start as normal noise of variance 2/(number of inputs of the layer), which keeps the
    signal's size through a ReLU (He et al. 2015, equation 10), biases at 0; all are float32.

    input_size, hidden_size_1, output_size: numbers of inputs (784 for 28 × 28 pixels), of hidden
        units and of classes, each at least 1.
    rng: a `numpy.random.Generator` or a seed for the weights; the same seed gives the same
        weights. The default, None, gives new ones each time.

    `params` is a dict of four arrays: W1 (inputs, hidden), b1 (hidden,), W2 (hidden, classes) and
    b2 (classes,). In all methods x is a float array of shape (n, inputs), n ≥ 1, and t an array of
    n integer labels from 0 to classes − 1; anything else is a TypeError or ValueError that says
    so. Weights that overflow give inf or nan and no warning.
    """

    def __init__(self, input_size, hidden_size_1, output_size, rng=None):
        check_count("input_size", input_size)
        check_count("hidden_size_1", hidden_size_1)
        check_count("output_size", output_size)
        rng = np.random.default_rng(rng)
        self.params = {
            "W1": rng.standard_normal((input_size, hidden_size_1), np.float32),
            "b1": np.zeros(hidden_size_1, np.float32),
            "W2": rng.standard_normal((hidden_size_1, output_size), np.float32),
            "b2": np.zeros(output_size, np.float32),
        }
        for key in ("W1", "W2"):
            self.params[key] *= np.float32((2 / len(self.params[key])) ** 0.5)

    def predict(self, x):
        """Return the scores, shape (n, classes); the largest in a row is the network's answer.

        They are not probabilities yet: softmax of a row gives those.
        """
        return self._forward(self._checked_x(x))[1]

    def loss(self, x, t):
        """Return the cross-entropy, averaged over the n examples, as a float ≥ 0.

        An even guess among 10 classes costs ln 10 = 2.30.
        """
        x, t = self._checked(x, t)
        return softmax_cross_entropy(self._forward(x)[1], t)[0]

    def accuracy(self, x, t):
        """Return the share of examples, 0 to 1, whose largest score is that of their label."""
        return self.loss_and_accuracy(x, t)[1]

    def loss_and_accuracy(self, x, t):
        """Return loss and accuracy, for little more than the price of one."""
        x, t = self._checked(x, t)
        scores = self._forward(x)[1]
        return softmax_cross_entropy(scores, t)[0], float(np.mean(scores.argmax(axis=1) == t))

    def gradient(self, x, t):
        """Return the gradient of the loss, a dict like `params`, by backpropagation."""
        return self.loss_and_gradient(x, t)[1]

    def loss_and_gradient(self, x, t):
        """Return the loss and its gradient, for the price of the gradient."""
        x, t = self._checked(x, t)
        a, scores = self._forward(x)
        loss, d_scores = softmax_cross_entropy(scores, t)
        with np.errstate(all="ignore"):
            d_a = d_scores @ self.params["W2"].T
            d_a *= a > 0
            gradient = {
                "W1": x.T @ d_a,
                "b1": d_a.sum(axis=0),
                "W2": a.T @ d_scores,
                "b2": d_scores.sum(axis=0),
            }
        return loss, gradient

    def numerical_gradient(self, x, t):
        """Return the gradient of the loss, a dict like `params`, by central differences.

        In float64, with steps of 1e-5 either way. It costs two losses per number in `params`, so
        it is for checking `gradient` on a small network.
        """
        x, t = self._checked(x, t)
        twin = copy.copy(self)
        twin.params = {key: p.astype(float) for key, p in self.params.items()}
        h, gradient = 1e-5, {}
        for key, p in twin.params.items():
            gradient[key] = np.empty_like(p)
            for i, old in np.ndenumerate(p):
                p[i] = old + h
                above = twin.loss(x, t)
                p[i] = old - h
                below = twin.loss(x, t)
                p[i] = old
                gradient[key][i] = (above - below) / (2 * h)
        return gradient

    def _forward(self, x):
        with np.errstate(all="ignore"):
            a = x @ self.params["W1"]
            a += self.params["b1"]
            np.maximum(a, 0, out=a)
            scores = a @ self.params["W2"]
            scores += self.params["b2"]
        return a, scores

    def _checked_x(self, x):
        x, inputs = np.asarray(x), len(self.params["W1"])
        if x.dtype.kind != "f":
            raise TypeError(f"x must be an array of floats, got {x.dtype}")
        if x.ndim != 2 or x.shape[1] != inputs or len(x) == 0:
            raise ValueError(f"x must have the shape (n, {inputs}) with n ≥ 1, got {x.shape}")
        return x

    def _checked(self, x, t):
        x, t, classes = self._checked_x(x), np.asarray(t), len(self.params["b2"])
        if t.dtype.kind not in "iu":
            raise TypeError(f"t must be an array of integer labels, got {t.dtype}")
        if t.shape != (len(x),):
            raise ValueError(
                f"t must have the shape ({len(x)},), like the rows of x, got {t.shape}"
            )
        if t.min() < 0 or t.max() >= classes:
            raise ValueError(
                f"t must hold labels from 0 to {classes - 1}, got {t.min()} to {t.max()}"
            )
        return x, t


def softmax_cross_entropy(scores, t):
    """Return the mean of −log softmax(scores)[t] over the rows, and its gradient by the scores.

    scores: float array of shape (n, classes), of any size: each row is shifted first so that its
        largest is 0, which changes nothing in softmax and keeps exp from overflowing.
    t: n integer labels.
    """
    rows = np.arange(len(t))
    with np.errstate(all="ignore"):
        shifted = scores - scores.max(axis=1, keepdims=True)
        d_scores = np.exp(shifted)
        total = d_scores.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(total[:, 0]) - shifted[rows, t])
        d_scores /= total
        d_scores[rows, t] -= 1
        d_scores /= len(t)
    return float(loss), d_scores
