"""What every `make test` sees of the site: that it is built, and that its first lesson works."""

from __future__ import annotations

from tests.browser.test_notebooks import move_twice
from tests.site.made import FIRST, code
from tests.site.told import compare, judged, printed, same, twins_of
from tests.tutor.reader import checked
from tools.site.driver import Site


def test_the_first_lesson_prints_moves_and_checks(site: Site) -> None:
    with site.open("first.ipynb") as notebook:
        notebook.run_all()
        *results, right, endless = notebook.results()
        compare(results, code("01_sgd"))
        said = [judged(printed(outcomes)["stdout"]) for outcomes in (right, endless)]
        assert said == [judged(checked("sgd-rule", source)) for source in FIRST]

        pairs = zip(notebook.explorers(), twins_of("01_sgd"), strict=True)
        explorer, twin = next(pair for pair in pairs if "lr" in pair[1].controls)
        move_twice(explorer, explorer.control("lr"), draws=True)
        same(explorer, twin)
        assert notebook.errors() + notebook.callback_errors() + notebook.console_errors == []
    assert site.outside == []
