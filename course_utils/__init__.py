"""SGD, Momentum, AdaGrad, RMSProp and Adam, and a small network to try them on."""

from course_utils.descent import descend
from course_utils.mnist import load_mnist
from course_utils.network import MyTwoLayerNet
from course_utils.optimizers import SGD, AdaGrad, Adam, AdamW, Momentum, Nesterov, RMSProp
from course_utils.surfaces import Beale, Ravine, Rosenbrock, Saddle
from course_utils.training import compare, smooth_curve, train

__all__ = [
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Beale",
    "Momentum",
    "MyTwoLayerNet",
    "Nesterov",
    "RMSProp",
    "Ravine",
    "Rosenbrock",
    "Saddle",
    "compare",
    "descend",
    "load_mnist",
    "smooth_curve",
    "train",
]
