"""The README's picture moves, is light, and is what its command draws."""

import itertools
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image

from tools import readme_picture


def frames(path: Path) -> list[np.ndarray]:
    with Image.open(path) as picture:
        found = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            found.append(np.asarray(picture.convert("RGB")).astype(int))
    return found


def test_the_picture_of_the_readme(tmp_path: Path) -> None:
    readme_picture.main(tmp_path / "drawn.gif")
    drawn, stored = frames(tmp_path / "drawn.gif"), frames(readme_picture.FILE)
    assert readme_picture.FILE.stat().st_size < 1_000_000
    assert len(drawn) == len(stored) == 31
    # Earlier versions of matplotlib set text in whole pixels, and so lay all out a pixel aside.
    most = 0.01 if matplotlib.__version_info__ >= (3, 11) else 0.1
    for one, other in zip(drawn, stored, strict=True):
        assert (np.abs(one - other).max(axis=2) > 40).mean() < most
    assert all((a != b).any() for a, b in itertools.pairwise(stored))
    name = readme_picture.FILE.relative_to(Path(__file__).parents[2]).as_posix()
    assert f"]({name})" in Path(__file__).parents[2].joinpath("README.md").read_text("utf-8")
    with Image.open(readme_picture.FILE) as picture:
        assert (picture.format, picture.info["loop"]) == ("GIF", 0)
        assert 1000 <= picture.width <= 1600
        picture.seek(1)
        assert picture.info["duration"] <= 200
        picture.seek(30)
        assert picture.info["duration"] >= 3000
