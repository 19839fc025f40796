"""The course in a browser, from the site that `make site` has built: visits, keys, lessons."""

from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.timing import Row
from tools.jupyter import find_chromium

ROOT = Path(__file__).parents[1]
KEYS = 25
KEY_TO_PICTURE = """() => new Promise(resolve => {
    const canvas = document.querySelector('.course-picture');
    const slider = document.querySelectorAll('.course-explorer input[type=range]')[1];
    const start = performance.now();
    canvas.addEventListener('drawn', () => resolve(performance.now() - start), {once: true});
    const key = slider.value > 0.5 ? 'ArrowLeft' : 'ArrowRight';  // at an end none is drawn
    slider.dispatchEvent(new KeyboardEvent('keydown', {key, cancelable: true}));
})"""


def rows():
    """Return a row for each measure; one that says why where nothing can be measured."""
    site = ROOT / "site"
    if find_chromium() is None or not (site / "index.html").exists():
        return [Row("the course in a browser", "not measured: needs Chromium and make site")]
    from tools.site.driver import Site

    with Site(site) as running:
        found = [*first_visit(running)]
        for path in sorted((ROOT / "notebooks").glob("0*.ipynb")):
            with running.open(path.name) as notebook:
                found.append(Row(f"run all of {path.stem} there", f"{notebook.run_all(900):.0f} s"))
    return found


def first_visit(running):
    """Yield rows of a visit with an empty cache, and of keys on a slider then."""
    context, before, start = running.visit(), running.sent(), perf_counter()
    with running.open("01_sgd.ipynb", context) as notebook:
        notebook.page.locator(".jp-CodeCell").first.click()
        notebook.page.keyboard.press("Shift+Enter")
        notebook.page.locator(".course-picture").first.wait_for(timeout=240_000)
        seconds = perf_counter() - start
        yield Row("first visit to the first picture", f"{seconds:.0f} s", target="15 s")
        notebook.settle()
        yield Row(
            "bytes of a first visit", f"{(running.sent() - before) / 1e6:.1f} MB", target="35 MB"
        )
        keys = [notebook.page.evaluate(KEY_TO_PICTURE) for _ in range(KEYS)]
        yield Row("from a key to the picture there", f"{median(keys):.0f} ms", target="60 ms")
