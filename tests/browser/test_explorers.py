"""A few explorers in JupyterLab, as a hand and a keyboard find them: held, typed into, played,
zoomed, and beside what the package itself computes."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from nbformat.v4 import new_markdown_cell
from PIL import Image

from course_utils import SGD, Adam
from course_utils.lab import explore_descent, explore_plane, explore_race
from tools.jupyter import Explorer, Lab, Notebook

if TYPE_CHECKING:
    from playwright.sync_api import Locator

LOOKS_THE_SAME = 45
"""The most that `Explorer.unlike` may say; the smallest planted change here makes it over 50."""

SGD_CELL = """
from course_utils import SGD, Adam
from course_utils.lab import explore_descent, explore_race
explore_descent(SGD(0.95), noise=True)
"""

TRAINED = """
from time import sleep
from course_utils.lab import Explorer, Picture
from course_utils.page.controls import Choice, log_slider
from course_utils.page.picture import Parts


class Done(Picture):
    size = (6, 2)

    def frame(self, figure):
        ax = figure.add_subplot(xlim=(0, 1), ylim=(0, 1))
        return Parts(line=ax.plot([], [], linewidth=5)[0])

    def show(self, parts, record):
        parts.line.set_data([0, record], [0.5, 0.5])
        return f"{record:.1%} done."


def job(stop, **values):
    for i in range(1, 1001):
        if stop():
            break
        sleep(0.02)
        yield i / 1000, i / 1000


controls = {"method": Choice("method", ("one", "two"), "one"), "lr": log_slider("lr", 0.1)}
Explorer(Done(), lambda **values: 0.0, controls, job=job)
"""

COUNT = """
import gc
from ipywidgets import Button, Widget
from matplotlib.artist import Artist

def count(_):
    gc.collect()
    drawn = sum(issubclass(type(each), Artist) for each in gc.get_objects())
    asked.description = f"{drawn} {len(gc.get_objects())}"

asked = Button(description="count")
asked.on_click(count)
asked.add_class("count")
asked
"""


def sgd_here() -> Any:
    return explore_descent(SGD(0.95), noise=True)


@pytest.fixture(scope="module")
def notebook(lab: Lab) -> Iterator[Notebook]:
    heading = new_markdown_cell("# A section that JupyterLab could fold")
    name = lab.write("explorers.ipynb", heading, SGD_CELL, "explore_race()", TRAINED, COUNT)
    with lab.open(name) as opened:
        opened.run_all()
        assert opened.errors() == []
        yield opened
        assert opened.errors() + opened.callback_errors() + opened.console_errors == []


def at_first(notebook: Notebook, number: int) -> Explorer:
    explorer = notebook.explorers()[number]
    explorer.press(explorer.control("Reset"), "Enter")
    notebook.settle()
    return explorer


@pytest.fixture
def sgd(notebook: Notebook) -> Explorer:
    return at_first(notebook, 0)


@pytest.fixture
def race(notebook: Notebook) -> Explorer:
    return at_first(notebook, 1)


@pytest.fixture
def trained(notebook: Notebook) -> Explorer:
    return at_first(notebook, 2)


def check_right(explorer: Explorer, twin: Any) -> None:
    """The page shows what an explorer made here does: words, picture and numbers."""
    picture, alt, verdict = explorer.state()
    assert picture
    assert alt == verdict == twin.sentence
    assert explorer.unlike(twin) < LOOKS_THE_SAME
    numbers = {name: twin.values()[name] for name in explorer.values()}
    assert explorer.values() == pytest.approx(numbers, rel=1e-11)


# Sharp, and right


@pytest.mark.parametrize(("zoom", "density"), [(1, 2), (1.5, 1), (1, 1.25)])
def test_a_picture_is_sharp_and_what_the_package_computes(
    lab: Lab, zoom: float, density: float
) -> None:
    cells = SGD_CELL.replace("SGD(0.95), noise=True", "SGD(0.95), Adam(0.3)"), "explore_race()"
    with lab.open(lab.write("sharp.ipynb", *cells), zoom=zoom, density=density) as notebook:
        notebook.run_all()
        twins = explore_descent(SGD(0.95), Adam(0.3)), explore_race()
        for explorer, twin in zip(notebook.explorers(), twins, strict=True):
            width, shown, ratio = explorer.canvas.evaluate(
                """canvas => [canvas.width, canvas.getBoundingClientRect().width,
                    devicePixelRatio]"""
            )
            assert ratio == zoom * density
            assert width == pytest.approx(shown * ratio, abs=1)
            for control in [each for each in explorer.controls() if each.kind == "slider"][:2]:
                check_right(explorer, twin)
                before = explorer.state()
                explorer.move(control)
                explorer.wait_change(before)
                assert explorer.unlike(twin) > LOOKS_THE_SAME, control.name
                twin.set(**explorer.values())
            check_right(explorer, twin)


# Touch


def grab(twin: Any, explorer: Explorer, number: int) -> dict[str, Any]:
    """Where one of a twin's grabs lies on a page of the explorer's width."""
    twin.view.width = explorer.canvas.evaluate("canvas => canvas.clientWidth")
    place: dict[str, Any] = twin.view.grabs[number]
    return place


def test_the_start_follows_the_hand(sgd: Explorer) -> None:
    twin = sgd_here()
    x, y = grab(twin, sgd, 0)["at"]
    seen = sgd.state()
    sgd.point((x, y))
    sgd.page.mouse.down()
    for i in range(1, 8):
        sgd.point((x + 30 * i, y + 5 * i))
        after = sgd.wait_change(seen)
        assert after.verdict != seen.verdict
        seen = after
    sgd.page.mouse.up()
    axes = twin.live.parts.map.transData.inverted()
    height = twin.live.figure.bbox.height
    expected = axes.transform((x + 210, height - y - 35))
    values = sgd.values()
    assert (values["start x"], values["start y"]) == pytest.approx(expected, abs=0.05)
    twin.set(**values)
    check_right(sgd, twin)
    sgd.point((x, y))  # let go, it stays
    sgd.notebook.settle()
    assert sgd.state() == seen


def test_a_hand_on_the_loss_moves_the_update(sgd: Explorer) -> None:
    twin = sgd_here()
    grab(twin, sgd, 0)
    loss = twin.live.parts.timed[0]
    height = twin.live.figure.bbox.height
    places = [loss.transData.transform((t, 1)) for t in (20, 15, 11.4)]
    sgd.drag(*[(x, height - y) for x, y in places])
    sgd.notebook.settle()
    assert sgd.values()["update"] == 11
    twin.set(update=11)
    check_right(sgd, twin)


def test_the_pointer_shows_what_can_be_grabbed(sgd: Explorer) -> None:
    def cursor(place: tuple[float, float]) -> Any:
        sgd.point(place)
        return sgd.canvas.evaluate("canvas => getComputedStyle(canvas).cursor")

    x, y = grab(sgd_here(), sgd, 0)["at"]
    assert [cursor((x, y)), cursor((x + 60, y)), cursor((2, 2))] == ["grab", "crosshair", "auto"]


def test_a_click_and_a_drag_in_the_plane(lab: Lab) -> None:
    twin = explore_plane()
    cell = "from course_utils.lab import explore_plane\nexplore_plane()"
    with lab.open(lab.write("plane.ipynb", cell)) as notebook:
        notebook.run_all()
        (plane,) = notebook.explorers()
        grab(twin, plane, 0)
        (axes,) = [
            each.axes for each in twin.live.parts.grabs if set(each.names) == {"lr", "momentum"}
        ]
        to_pixels = axes.transData.transform
        height = twin.live.figure.bbox.height
        for settings in [(0.5, 0.5)], [(1.2, 0.3), (1.0, 0.4), (0.3, 0.8)]:
            before = plane.state()
            plane.drag(*[(x, height - y) for x, y in map(to_pixels, settings)])
            plane.wait_change(before)
            values = plane.values()
            assert (values["lr"], values["momentum"]) == pytest.approx(settings[-1], abs=0.02)
            twin.set(**values)
            check_right(plane, twin)


COMPARED = (
    "from course_utils import AdaGrad\nexplore_descent(SGD(0.95), faint=lambda _: AdaGrad(1.5))"
)
STATE = "explore_descent(AdaGrad(1.5), faint=lambda _: SGD(0.95), condition=True)"
PLANE = "from course_utils.lab import explore_plane\nexplore_plane()"


def test_no_control_jumps_under_the_hand(lab: Lab) -> None:
    """Whatever is said at first and then, what stands below the sentence stays."""
    below = "root => root.querySelector('.course-controls').offsetTop - root.offsetTop"
    name = lab.write("jumps.ipynb", SGD_CELL, COMPARED, STATE, PLANE, "explore_race()")
    with lab.open(name) as notebook:
        notebook.run_all()
        for explorer in notebook.explorers():
            sliders = [each for each in explorer.controls() if each.kind == "slider"]
            tops = [explorer.root.evaluate(below)]
            for key in "Home", "ArrowRight", "End", "ArrowLeft":
                for slider in sliders[0], sliders[-1]:  # the last is played
                    explorer.press(slider, key)
                    notebook.settle()
                    tops.append(explorer.root.evaluate(below))
            assert len({*tops}) == 1, (explorer.verdict(), tops)


# Typed, and by key


@pytest.mark.parametrize("key", ["Enter", "Tab"])
@pytest.mark.parametrize("text", ["0.93", "0,93", " 1.9 ", "1e-2", "0.00105"])
def test_a_typed_value_is_the_one_that_runs(sgd: Explorer, text: str, key: str) -> None:
    twin, before = sgd_here(), sgd.state()
    sgd.type(sgd.control("lr"), text, key)
    sgd.wait_change(before)
    number = float(text.replace(",", "."))
    assert sgd.values()["lr"] == number
    field = sgd.control("lr").element.locator(".course-value")
    assert field.evaluate("e => e.scrollWidth <= e.clientWidth"), "it can be read"
    twin.set(lr=number)
    assert sgd.verdict() == twin.sentence


@pytest.mark.parametrize(
    ("name", "text"),
    [("lr", "abc"), ("lr", "99"), ("lr", ""), ("lr", "NaN"), ("lr", "1e999"), ("steps", "2.5")],
)
def test_what_is_no_value_is_refused_visibly_and_without_harm(
    sgd: Explorer, name: str, text: str
) -> None:
    before, numbers = sgd.state(), sgd.values()
    control = sgd.control(name)
    sgd.type(control, text)
    sgd.notebook.settle()
    field, said = control.element.locator(".course-value"), control.element.get_by_role("alert")
    assert field.get_attribute("aria-invalid") == "true"
    assert "from" in said.inner_text()
    assert said.is_visible()
    assert sgd.state() == before
    field.press("Tab")
    assert sgd.value(control) == str(numbers[name]).removesuffix(".0")
    assert sgd.state() == before
    sgd.move(control)
    sgd.wait_change(before)
    assert not said.is_visible()
    assert sgd.notebook.callback_errors() == []


def cells(notebook: Notebook) -> Any:
    """How many cells the page shows, which is the active one, and its mode."""
    return notebook.page.evaluate(
        """() => { const all = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
        return [all.filter(cell => cell.checkVisibility()).length,
            all.findIndex(cell => cell.matches('.jp-mod-active'))]; }"""
    )


def test_arrow_keys_step_through_round_numbers_and_stay_inside(sgd: Explorer) -> None:
    lr, before = sgd.control("lr"), cells(sgd.notebook)
    seen = []
    for key in ("ArrowRight", "ArrowUp", "ArrowLeft", "ArrowLeft", "ArrowDown", "Home", "End"):
        sgd.press(lr, key)
        seen.append(sgd.value(lr))
    assert seen == ["1", "1.05", "1", "0.95", "0.9", "0.001", "10"]
    sgd.press(lr, "ArrowRight")
    sgd.press(lr, "PageDown")
    assert 1 < float(sgd.value(lr)) < 10
    for key in ("a", "b", "m", "x", "d", "d", "z", "ArrowLeft"):  # JupyterLab's own
        sgd.press(lr, key)
    sgd.notebook.settle()
    assert cells(sgd.notebook) == before


def test_arrow_keys_in_a_choice_stay_inside(race: Explorer) -> None:
    choice, before = race.control("surface"), cells(race.notebook)
    for key in ("ArrowRight", "ArrowLeft", "ArrowLeft", "ArrowRight"):
        state = race.state()
        race.press(choice, key)
        race.wait_change(state)
    assert race.value(choice) == "ravine"
    assert cells(race.notebook) == before


def test_shift_enter_after_typing_runs_the_cell(sgd: Explorer) -> None:
    prompt = sgd.notebook.page.locator(".jp-CodeCell .jp-InputPrompt").first
    before = prompt.inner_text()
    sgd.type(sgd.control("lr"), "0.5", "Shift+Enter")
    sgd.notebook.wait(lambda: prompt.inner_text() not in (before, "[*]:"), 20, "no cell ran")
    sgd.notebook.settle()
    assert sgd.value(sgd.control("lr")) == "0.95"
    assert (
        sgd.notebook.page.locator(".jp-CodeCell")
        .nth(1)
        .evaluate("cell => cell.matches('.jp-mod-active')")
    )


# Played


def button(explorer: Explorer, name: str) -> Any:
    return explorer.control("update", "play").element.get_by_role("button", name=name)


def update(explorer: Explorer) -> int:
    return int(explorer.values()["update"])


def advanced(explorer: Explorer, start: int, by: int) -> None:
    explorer.notebook.wait(lambda: update(explorer) >= start + by, 10, "nothing is played")


def test_play_pause_speed_and_loop(race: Explorer) -> None:
    button(race, "play").press("Enter")
    advanced(race, 10, 3)
    button(race, "pause").press("Enter")
    race.notebook.settle()
    paused = update(race)
    race.page.wait_for_timeout(400)
    assert update(race) == paused
    twin = explore_race()
    twin.set(update=paused)
    check_right(race, twin)
    speed = button(race, "speed")
    for name in ("speed 2", "speed 4", "speed 0.5", "speed 1"):
        speed.press("Enter")
        assert name in (speed.get_attribute("aria-label") or "")
    loop, slider = button(race, "loop"), race.control("update", "slider")
    race.press(slider, "End")
    race.press(slider, "ArrowLeft")
    assert loop.get_attribute("aria-pressed") == "false"
    button(race, "play").press("Enter")
    last = twin.controls["update"].high
    race.notebook.wait(lambda: update(race) == last, 5, "the end was not reached")
    race.notebook.wait(button(race, "play").is_visible, 5, "it did not stop")
    loop.press("Enter")
    assert loop.get_attribute("aria-pressed") == "true"
    race.press(slider, "ArrowLeft")
    button(race, "play").press("Enter")
    race.notebook.wait(lambda: update(race) < 100, 5, "it did not begin again")
    loop.press("Enter")
    race.press(race.control("Reset"), "Enter")
    race.notebook.settle()
    race.page.wait_for_timeout(400)
    assert update(race) == 10
    assert button(race, "play").is_visible()


# Trained


def test_the_focus_stays_when_a_training_starts(trained: Explorer) -> None:
    start, stop = (trained.control(name, enabled=False) for name in ("Train", "Stop"))
    assert [trained.enabled(each) for each in (start, stop)] == [True, False]
    before = trained.state()
    trained.press(start, "Enter")
    seen = trained.wait_change(before)
    assert start.element.evaluate("e => e === document.activeElement")
    assert [trained.enabled(each) for each in (start, stop)] == [False, True]
    assert 0 < float(trained.root.locator("progress").evaluate("e => e.value")) < 1
    trained.press(start, "Enter")  # once more does nothing
    seen = trained.wait_change(seen)
    lr = trained.control("lr")
    for _ in range(2):  # nor does what is switched off
        trained.press(lr, "ArrowRight")
        assert trained.value(lr) == "0.1"
        trained.type(lr, "0.5")
    assert trained.value(lr) == "0.1"
    assert lr.element.locator("input[aria-disabled=true]").count() == 2
    trained.press(stop, "Enter")
    trained.notebook.wait(lambda: trained.enabled(start), 10, "the training did not stop")
    assert stop.element.evaluate("e => e === document.activeElement")
    assert not trained.enabled(stop)


# What stays behind


def counts(notebook: Notebook) -> tuple[int, int, int, int, int]:
    """Artists and objects of the kernel; nodes in the page, those alive, and listeners."""
    asked = notebook.page.locator(".count")
    before = asked.inner_text()
    asked.dispatch_event("click")  # no key: in each cell made active, JupyterLab leaves listeners
    notebook.settle()
    if asked.inner_text() == before == "count":
        raise RuntimeError("the kernel counted nothing")
    artists, objects = map(int, asked.inner_text().split())
    session = notebook.page.context.new_cdp_session(notebook.page)
    session.send("Performance.enable")
    session.send("HeapProfiler.collectGarbage")
    found = {
        each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]
    }
    session.detach()
    shown = notebook.page.evaluate("document.querySelectorAll('*').length")
    return artists, objects, shown, int(found["Nodes"]), int(found["JSEventListeners"])


def test_nothing_is_left_of_200_moves_and_200_drags(sgd: Explorer) -> None:
    """Four rounds of 50: what leaks grows in each of them."""
    lr = sgd.control("lr")
    x, y = grab(sgd_here(), sgd, 0)["at"]
    found = []
    for _ in range(5):
        for i in range(50):
            sgd.press(lr, "ArrowLeft" if i % 20 < 10 else "ArrowRight")
        sgd.drag((x, y), *[(x + i % 40, y + i % 7) for i in range(50)])
        sgd.drag((x + 9, y), (x, y))
        found.append(counts(sgd.notebook))
    grown = zip(*[map(int.__sub__, b, a) for a, b in pairwise(found)], strict=True)
    assert [min(each) <= 0 for each in grown] == [True] * 5, found
    assert sgd.notebook.callback_errors() == []


AGAIN = (
    "from course_utils import SGD\nfrom course_utils.lab import explore_descent\n"
    "shown = globals().get('shown', [])",
    "shown.append(explore_descent(SGD(0.95)))\nshown[-1]",
    "[each.live.figure is None for each in shown]",
)


def test_a_cell_that_runs_again_lets_its_earlier_picture_go(lab: Lab) -> None:
    with lab.open(lab.write("again.ipynb", *AGAIN)) as notebook:
        for _ in range(2):
            notebook.run_all()
            (explorer,) = notebook.explorers()
            assert explorer.canvas.get_attribute("style")  # the kernel has drawn for this page
        notebook.run_all()
        told = notebook.page.locator(".jp-OutputArea-executeResult pre").last.inner_text()
        assert told == "[True, True, False]"
        assert notebook.console_errors == []


# Seen and heard by everybody


def test_every_control_has_a_name_and_speaks_its_value(notebook: Notebook) -> None:
    for explorer in notebook.explorers():
        names = [
            line.strip().lstrip("- '").partition(":")[0]
            for line in explorer.root.aria_snapshot().splitlines()
            if line.strip()
            .lstrip("- '")
            .startswith(("slider", "textbox", "radio", "button", "progressbar"))
        ]
        assert names
        assert all('"' in name for name in names), names
        for control in explorer.controls():
            if control.kind == "slider":
                unit = control.element.locator(".course-unit").inner_text()
                said = control.element.locator("input[type=range]").get_attribute("aria-valuetext")
                assert said == f"{explorer.value(control)} {unit}".strip()
        assert explorer.root.locator("[aria-live=polite]").inner_text() == explorer.verdict()


CONTRASTS = """root => {
    const parse = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const behind = e => {
        const colour = parse(getComputedStyle(e).backgroundColor);
        return (colour[3] ?? 1) > 0.5 || !e.parentElement ? colour : behind(e.parentElement);
    };
    const found = [...root.querySelectorAll('*')]
        .filter(e => e.checkVisibility() && (e.matches('.course-value')
            || [...e.childNodes].some(child => child.nodeType === 3 && child.data.trim())))
        .filter(e => !e.matches('[aria-disabled=true]'))
        .map(e => [e.className || e.tagName,
            ratio(light(parse(getComputedStyle(e).color)), light(behind(e)))]);
    return found;
}"""


def luminances(picture: Locator) -> Any:
    """The relative luminance of each pixel that the screen shows of a picture, by row."""
    shown = np.asarray(Image.open(BytesIO(picture.screenshot())).convert("RGB")) / 255
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def test_all_is_readable_in_the_dark_theme(lab: Lab) -> None:
    card = 'from course_utils.tutor import ask\nask("sgd-q1")'
    name = lab.write("dark.ipynb", SGD_CELL, "explore_race()", TRAINED, card, FIGURE)
    lab.settings("@jupyterlab/apputils-extension:themes", theme="JupyterLab Dark")
    try:
        with lab.open(name) as notebook:
            notebook.run_all()
            dark = "document.body.dataset.jpThemeLight === 'false'"
            notebook.wait(lambda: notebook.page.evaluate(dark), 10, "the theme stayed light")
            roots = [each.root for each in notebook.explorers()]
            roots += notebook.page.locator(".course-question").all()
            contrasts = [tuple(pair) for root in roots for pair in root.evaluate(CONTRASTS)]
            drawn = [explorer.canvas for explorer in notebook.explorers()]
            drawn.append(notebook.page.locator(".jp-RenderedImage img"))
            pictures = [luminances(picture) for picture in drawn]
    finally:
        lab.settings("@jupyterlab/apputils-extension:themes", theme="JupyterLab Light")
    assert len(contrasts) > 30
    assert [pair for pair in contrasts if pair[1] < 4.5] == []
    assert len(pictures) == 4
    for lights in pictures:  # at the left edge stand the axis' texts
        paper = np.median(lights)
        assert paper < 0.1
        assert (lights[:, : len(lights) // 10].max() + 0.05) / (paper + 0.05) > 7


PROJECTED = """
from course_utils.lab import projector
times = globals().get("times", 0) + 1
projector(times == 2)
"""

FIGURE = """
from course_utils import Ravine, descend
from course_utils.lab import descent_figure
from course_utils.tutor import ask
descent_figure(descend(Ravine(), SGD(0.1)))
"""


def test_the_projector_enlarges_all_at_once(lab: Lab) -> None:
    """Also what is on the page already: figures, controls, sentences and cards."""
    parts = {
        "a control": ".course-explorer .course-label",
        "a value": ".course-explorer .course-value",
        "a sentence": ".course-explorer .course-verdict b",
        "a figure": ".jp-RenderedImage img",
        "a card": ".course-question button",
    }

    def heights(notebook: Notebook) -> dict[str, float]:
        read = "e => e.getBoundingClientRect().height"
        return {
            what: notebook.page.locator(css).first.evaluate(read) for what, css in parts.items()
        }

    name = lab.write("projector.ipynb", SGD_CELL, FIGURE, 'ask("sgd-q1")', PROJECTED)
    with lab.open(name, width=1920, height=1080) as notebook:
        notebook.run_all()
        (explorer,) = notebook.explorers()
        small = heights(notebook)
        notebook.page.locator(".jp-CodeCell .jp-InputPrompt").last.click()
        notebook.page.keyboard.press("Shift+Enter")
        notebook.wait(lambda: heights(notebook) != small, 10, "nothing was enlarged")
        notebook.page.wait_for_timeout(500)
        notebook.settle()
        large = heights(notebook)
        pixels, shown = explorer.canvas.evaluate(
            "canvas => [canvas.width, canvas.getBoundingClientRect().width]"
        )
        assert pixels == pytest.approx(shown, abs=1)
        assert explorer.unlike(sgd_here()) < LOOKS_THE_SAME
    assert {what: large[what] / small[what] for what in parts} == pytest.approx(
        dict.fromkeys(parts, 1.5), rel=0.05
    )
