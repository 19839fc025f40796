"""What holds for every figure: readable texts, a sentence, the same bytes for all, no pyplot."""

import gc
import os
import pickle
import re
import subprocess
import sys
from functools import cache
from io import BytesIO
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgb
from PIL import Image

from course_utils.experiments import FIVE, METHODS
from course_utils.ground.map import GROUND
from tests.lab.drawn import check_texts
from tests.lab.tables import EXPLORERS, FIGURES

ROOT = Path(__file__).parents[2]

each_figure = pytest.mark.parametrize("name", FIGURES)


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def drawn(figure):
    """Return the pixels of a figure in all their colours."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def check_gaps(name, figure):
    """Assert that the texts of the sweep, some of which are placed by numbers, stand apart."""
    if name in ("rates", "article", "tuning", "scores", "other settings"):
        texts = [ax.title for ax in figure.axes] + [text for ax in figure.axes for text in ax.texts]
        texts += [axis.label for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
        boxes = [text.get_window_extent() for text in texts if text.get_text()]
        assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]


@each_figure
def test_a_figure_is_a_png_and_a_sentence(name, monkeypatch):
    figure = FIGURES[name]()
    assert len(check_texts(figure, figure.png, monkeypatch)) > 4
    check_gaps(name, figure)
    data, metadata = figure._repr_mimebundle_()
    png = data.pop("image/png")
    assert data == {"text/plain": figure.description}
    width, height = figure.bbox.size.round()
    about = {"alt": figure.description, "width": width, "height": height}
    assert metadata == {"image/png": about}
    assert figure.description.endswith((".", "…"))
    assert not re.search(r"\b(nan|inf|None)\b|-0[,)]|  |\.\.", figure.description)
    image = Image.open(BytesIO(png))
    assert (image.format, image.info) == ("PNG", {})
    assert image.size == pytest.approx((2 * width, 2 * height), abs=1)  # rounded, or cut off
    assert (pixels(png)[4, 4] == 255).all()
    assert (pixels(png)[0, 0] < 255).all(), "a frame"


def whole_page():
    """Return what figures and a live picture draw, as bytes and looks."""
    explorer = EXPLORERS["SGD"]()
    explorer.view.width = 900
    explorer.set(lr=0.5)
    view = explorer.view
    live = [
        view.paper,
        view.laid,
        view.moving,
        view.paper_looks,
        view.laid_looks,
        view.moving_looks,
    ]
    return [FIGURES[name]().png() for name in ("one path", "surface", "digits")] + live


AS_WE_SET_IT = cache(whole_page)

READERS = {
    "dark_background": style.library["dark_background"],
    "ggplot": style.library["ggplot"],
    "classic": style.library["classic"],
    "TeX, which need not be there": {"text.usetex": True},
    "a font that is not there": {"font.sans-serif": ["SimHei"], "font.family": ["SimSun"]},
    "large": {"font.size": 30, "figure.dpi": 300, "savefig.dpi": 50, "lines.linewidth": 9},
    "sketch": {"path.sketch": (2, 100, 2), "axes.unicode_minus": False},
}


@pytest.mark.parametrize("settings", READERS.values(), ids=READERS)
def test_a_readers_settings_change_no_picture(settings, caplog):
    expected = AS_WE_SET_IT()
    with matplotlib.rc_context(settings):
        readers = matplotlib.rcParams.copy()
        assert whole_page() == expected
        assert matplotlib.rcParams.copy() == readers
    assert caplog.messages == []  # as of a font that was not found


MATPLOTLIBRC = """
backend: svg
figure.facecolor: black
axes.facecolor: black
axes.edgecolor: white
text.color: white
text.hinting: none
text.antialiased: False
font.family: monospace
font.monospace: SimSun
mathtext.fontset: cm
image.lut: 3
image.cmap: jet
image.interpolation: nearest
xtick.direction: in
ytick.right: True
xtick.minor.visible: True
axes.formatter.use_mathtext: True
axes.axisbelow: False
axes.xmargin: 0.5
path.simplify_threshold: 1
agg.path.chunksize: 100
lines.antialiased: False
patch.antialiased: False
contour.linewidth: 9
figure.constrained_layout.w_pad: 0.5
"""


def test_a_readers_matplotlibrc_changes_no_picture(tmp_path):
    (tmp_path / "matplotlibrc").write_text(MATPLOTLIBRC)
    code = "import sys, pickle; from tests.page.test_picture import whole_page\n"
    code += "sys.stdout.buffer.write(pickle.dumps(whole_page()))"
    own = os.environ | {"MATPLOTLIBRC": str(tmp_path / "matplotlibrc"), "MPLBACKEND": "svg"}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=own, capture_output=True)
    assert run.stderr == b""
    assert pickle.loads(run.stdout) == AS_WE_SET_IT()


def test_a_saved_figure_is_ours_too(tmp_path):
    saved = []
    boxes = {
        "figure.constrained_layout.use": True,
        "savefig.bbox": "tight",
        "savefig.format": "svg",
    }
    for settings in ({}, READERS["dark_background"], READERS["large"], boxes):
        with matplotlib.rc_context(settings):
            FIGURES["one path"]().savefig(file := BytesIO())
        saved.append(file.getvalue())
    assert saved == saved[:1] * 4


def test_what_inline_sets_for_all_figures_leaves_ours_as_it_is():
    """A cell that plots with pyplot is enough: each figure gets a larger PNG then, without text."""
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
from IPython.core.pylabtools import select_figure_formats
from matplotlib.figure import Figure
from tests.lab.tables import FIGURES
shell.display_formatter.active_types = shell.display_formatter.format_types
ours, readers = FIGURES["one path"](), Figure()
readers.subplots()
alone = shell.display_formatter.format(ours)
select_figure_formats(shell, ["retina", "svg", "jpeg", "pdf"])
assert shell.display_formatter.format(ours) == alone
print(*sorted(shell.display_formatter.format(readers)[0]))
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    kinds = "application/pdf image/jpeg image/png image/svg+xml text/plain"
    assert (answer.stdout.strip(), answer.stderr) == (kinds, "")


def test_the_same_input_gives_the_same_bytes():
    figure = FIGURES["anatomy"]()
    assert figure.png() == figure.png() == FIGURES["anatomy"]().png()


def test_other_processes_give_the_same_bytes():
    """The layout's solver goes through sets, and so ends with other last digits in each."""
    code = """
from hashlib import sha256
from tests.lab.tables import FIGURES
for name in ("switches", "other settings"):
    print(name, sha256(FIGURES[name]().png(2)).hexdigest())
"""
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1, told


def test_the_png_keeps_the_colours():
    figure = FIGURES["five paths"]()
    shown = pixels(figure.png())
    exact = drawn(figure)
    off = np.abs(shown - exact).max(axis=2)
    assert (off > 16).mean() < 0.01
    for name in FIVE:
        color = np.round(255 * np.array(to_rgb(METHODS[name].look["color"]))).astype(int)
        assert off[(exact == color).all(axis=2)].max() <= 2
    assert len(figure.png()) < 60_000


@pytest.mark.parametrize("name", ["five paths", "Rosenbrock", "schedules"])
def test_the_bands_of_a_map_stay_apart_in_the_png(name):
    """The innermost is nearly as white as the paper."""
    figure, levels = FIGURES[name](), np.linspace(0, 1, 15)
    shown, exact = pixels(figure.png()), drawn(figure)
    bands = np.round(255 * GROUND(levels[:-1] / levels[-2])[:, :3]).astype(int)
    areas = [(exact == colour).all(axis=2) for colour in [*bands, (255, 255, 255)]]
    seen = [tuple(np.median(shown[area], axis=0)) for area in areas if area.sum() > 50]
    assert len(seen) > 12
    assert len({*seen}) == len(seen)


def test_no_picture_needs_pyplot_and_the_style_stays_in_its_place():
    code = """
import sys, matplotlib
before = matplotlib.rcParams.copy()
from course_utils import Adam, Ravine, descend
from course_utils.lab import descent_figure, explore_descent
explore_descent(Adam(0.5)).live.figure.png(), descent_figure(descend(Ravine(), Adam(0.3))).png()
explore_descent(Adam(0.3)).set(steps=3)
assert matplotlib.rcParams.copy() == before
print("matplotlib.pyplot" in sys.modules, "pylab" in sys.modules)
"""
    answer = subprocess.run(
        [sys.executable, "-Werror", "-Wignore::DeprecationWarning", "-c", code],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (answer.stdout.strip(), answer.stderr) == ("False False", "")


def test_a_shown_figure_lets_go_of_its_pixels():
    """Else each cell of a notebook keeps eight megabytes."""
    figure = FIGURES["anatomy"]()
    figure._repr_mimebundle_()
    size = tuple(2 * length for length in figure.bbox.size.round())
    assert size not in [(each.width, each.height) for each in _renderers()]


def test_a_figure_that_was_shown_keeps_no_pixels():
    """For a kernel holds all figures that its cells have shown."""
    before = _renderers()
    figures = [FIGURES["five paths"]() for _ in range(3)]
    for figure in figures:
        figure._repr_mimebundle_()
    new = [each for each in _renderers() if not any(each is old for old in before)]
    assert len(new) <= 1
    assert all(each.width * each.height == 1 for each in new)


def _renderers() -> list[RendererAgg]:
    gc.collect()
    return [each for each in gc.get_objects() if type(each) is RendererAgg]
