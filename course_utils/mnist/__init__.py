"""MNIST, the 70,000 handwritten digits of LeCun et al. (1998), or a small stand-in that says so."""

import os
import warnings

import numpy as np

from course_utils.mnist import files
from course_utils.mnist.files import MnistWarning


class Digits(tuple):
    """`((x_train, t_train), (x_test, t_test))`, and where these digits come from.

    name: "MNIST" or "scikit-learn digits", for the title of a figure.
    source: for the reader: where they were found, or why this is not MNIST and what to do.
    """

    def __new__(cls, splits, name, source):
        digits = super().__new__(cls, splits)
        digits.name, digits.source = name, source
        return digits

    def __getnewargs__(self):
        return tuple(self), self.name, self.source

    is_mnist = property(lambda self: self.name == "MNIST")

    def __repr__(self):
        (x_train, _), (x_test, _) = self
        return f"{self.name}: {len(x_train):,} + {len(x_test):,} images of 28×28. {self.source}"


def load_mnist(normalize=True, path=None):
    """Return the digits as `(x_train, t_train), (x_test, t_test)`.

    Images are rows of 784 pixels (28 × 28, row by row, 0 is background): 60,000 to train on and
    10,000 to test with. Labels are int64 from 0 to 9, which index any array as they are.

    normalize: True gives pixels as float32 from 0 to 1, which suits a network whose weights start
        small; False gives the files' own uint8, 0 to 255.
    path: a folder with the four official files, zipped or not, or torchvision's folder. The
        default, None, looks into the folder that the environment variable COURSE_MNIST_DIR names
        (a relative one starts from the course's folder); if it is not set, into your cache, and
        what is missing there is downloaded (11.6 MB, once). If that fails too, you get the 1,797
        digits that scikit-learn carries (Alpaydin and Kaynak 1998), enlarged from 8 × 8 pixels,
        the first 1,437 to train on, and a MnistWarning that says why.

    The answer is a `Digits`: a tuple with a `name`, a `source` and `is_mnist`. What is in each
    file is checked against its SHA-256 at every call. The images are read-only: normalized, they
    are held in memory once, whatever calls and processes ask for them (see `files.scaled`).

    Raises FileNotFoundError if `path` or COURSE_MNIST_DIR lacks one of the four files, ValueError
    if one of them is not MNIST's, KeyboardInterrupt if you stop the download.

    Source: LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document
    recognition".
    """
    if path is not None:
        return _mnist(files.read_folder(path, "path"), normalize, f"Read from {path}.", path)
    if value := os.environ.get("COURSE_MNIST_DIR"):
        folder = files.named_folder(value)
        found = files.read_folder(folder, "COURSE_MNIST_DIR")
        source = f"Read from {folder}, which COURSE_MNIST_DIR names."
        return _mnist(found, normalize, source, folder)
    cache = files.cache_folder()
    found, source = files.read_cache(cache), f"Read from the cache, {cache}."
    if missing := [name for name in files.INSIDE if name not in found]:
        try:
            downloaded, source = files.download(missing, cache)
        except ConnectionError as error:
            digits = _scikit_learn_digits(normalize, why=str(error))
            warnings.warn(digits.source, MnistWarning, stacklevel=2)
            return digits
        found |= downloaded
    return _mnist(found, normalize, source)


def _mnist(found, normalize, source, *folders):
    train, t_train, test, t_test = (np.frombuffer(found[name], np.uint8) for name in files.INSIDE)
    images = [each[16:].reshape(-1, 784) for each in (train, test)]
    if normalize:
        images = np.split(files.scaled(images, *folders), [len(images[0])])
    labels = [each[8:].astype(np.int64) for each in (t_train, t_test)]
    return Digits(zip(images, labels, strict=True), "MNIST", source)


def _scikit_learn_digits(normalize, why):
    """Enlarge linearly to 20 × 20 and set amid a margin of 4, where MNIST's digits are, too."""
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    centres = (np.arange(20) + 0.5) * 8 / 20 - 0.5
    enlarge = np.stack([np.interp(centres, np.arange(8), unit) for unit in np.eye(8)], axis=1)
    large = enlarge @ small.reshape(-1, 8, 8) @ enlarge.T / 16
    pixels = np.pad(np.rint(255 * large).astype(np.uint8), ((0, 0), (4, 4), (4, 4)))
    images = pixels.reshape(-1, 784)
    images = images / np.float32(255) if normalize else images
    return Digits(
        zip(np.split(images, [1437]), np.split(labels.astype(np.int64), [1437]), strict=True),
        "scikit-learn digits",
        "Not MNIST, but the 1,797 digits of 8×8 pixels that scikit-learn carries, enlarged: "
        f"{why}. For MNIST, mend that and call load_mnist() again, or put its four files into a "
        "folder and name that in the environment variable COURSE_MNIST_DIR.",
    )
