"""Prepare a folder of MNIST for all users of a machine: python prepare_mnist.py /srv/mnist

The folder holds the four official files; where it doesn't, they are downloaded into it. Beside
them is laid what every notebook then reads, the images as float32 (220 MB): mapped into memory, so
that all kernels together hold them once. Call it as an administrator: a notebook maps only a file
that nobody can change but its own user and root.
"""

import os
import sys
from pathlib import Path

from course_utils.mnist import files, load_mnist


def prepare(folder):
    """Check or download the four files in a folder, lay the images for all beside them."""
    os.environ.pop("COURSE_MNIST_DIR", None)
    files.cache_folder = lambda: folder  # where downloads and the images go
    digits = load_mnist(path=folder if any(folder.glob("**/t10k-images*")) else None)
    if not digits.is_mnist:
        raise ConnectionError(digits.source)
    shared = folder / "mnist.float32"
    if not shared.exists():
        raise PermissionError(f"nothing could be written into {folder}")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return shared


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("prepared", prepare(Path(sys.argv[1]).absolute()))
