"""Several paths on one surface at the same update: who leads, and who is down first."""

from functools import cache
from typing import NamedTuple

import numpy as np

from course_utils.descent import Descent
from course_utils.experiments.race import LEVEL, RACES, down_at, race
from course_utils.lab.paths import Paths
from course_utils.page.controls import choice, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.trail import spread


class Moment(NamedTuple):
    """A race after update t. label: its surface's. descents: as from `experiments.race.race`."""

    label: str
    descents: dict[str, Descent]
    t: int


class Race(Paths):
    """The paths of a race up to an update, the heights beside them, and a scoreboard.

    Records are `Moment`s. A flag stands where a path is down for good. Heights below 1e-8 of the
    start's, which the picture does not show, count as equal.
    """

    def __init__(self, moment):
        super().__init__(moment)
        self.title = "height, start = 1"

    def frame(self, figure):
        left, right = figure.subfigures(1, 2, width_ratios=(5.4, 1))
        parts = super().frame(left)
        heights, board = parts.timed[0], right.subplots()
        heights.set(ylim=(1e-8, 10))
        heights.axhline(LEVEL, color="0.3", linestyle=":", linewidth=1.2)
        board.set(xlim=(0, 1), ylim=(len(self.styles) - 0.3, -0.9))
        board.axis("off")
        flag = {"fontsize": 15, "ha": "center", "va": "bottom", "clip_on": True, "zorder": 4}
        name, told = {"weight": "bold", "va": "center"}, {"fontsize": 11, "va": "center"}
        parts.flags, parts.board = {}, {}
        for label, look in self.styles.items():
            colour = {"color": look["color"]}
            parts.flags[label] = heights.text(0, LEVEL, "⚑", **colour, **flag)
            head = {**colour, "marker": look["marker"], "markersize": 8, "markeredgewidth": 2}
            for trail in parts.tracks[label]:
                trail.secret = True  # nobody knows yet who wins
            parts.board[label] = (
                board.plot([], [], **head, clip_on=False)[0],
                board.text(0.19, 0, label, **colour, **name),
                board.text(0.19, 0, "", color="0.2", **told),
            )
        return parts

    def legend(self, figure):
        """The scoreboard names the paths."""

    def fit(self, parts, moment):
        parts.timed[0].set_xlim(0, self.span(moment))

    def span(self, moment):
        """Return the update of the last arrival, with some room after it."""
        counts = [down_at(descent) for descent in moment.descents.values()]
        last = max((count for count in counts if np.isfinite(count)), default=np.inf)
        return int(min(1.15 * last + 5, max(each.steps for each in moment.descents.values())))

    def show(self, parts, moment):
        label, descents, t = moment
        now, counts = {}, {}
        for name, descent in descents.items():
            heights = np.maximum(descent.heights / descent.heights[0], 1e-300)
            parts.tracks[name].move(descent, t, descent.heights[0])
            parts.tracks[name].loss.mark.set_visible(False)  # the scoreboard has the numbers
            now[name], counts[name] = max(heights[min(t, len(heights) - 1)], 1e-8), down_at(descent)
            parts.flags[name].set_visible(counts[name] <= t)
            parts.flags[name].set_x(min(counts[name], 1e6))
        self.move_cursor(parts, moment)
        spread(track.path for track in parts.tracks.values())
        order = sorted(now, key=lambda name: (min(counts[name], t + 1), now[name]))
        for place, name in enumerate(order):
            mark, title, told = parts.board[name]
            mark.set_data([0.05], [place])
            title.set_y(place - 0.15)
            told.set_y(place + 0.25)
            told.set_text(f"⚑ at {counts[name]:.0f}" if counts[name] <= t else f"{now[name]:.1g}")
        lowest = min(now.values())
        least = f"less than {lowest:g}" if lowest == 1e-8 else f"{lowest:.2g}"
        first = ", ".join(name for name in now if now[name] == lowest)
        lead = f"lowest {first}, at {least} of the start's height" if t else "all at the start"
        down = sorted((name for name in counts if counts[name] <= t), key=counts.get)
        told = ", ".join(f"{name} at {counts[name]:.0f}" for name in down) or "nobody yet"
        settings = ", ".join(f"{name} {each.optimizer.lr:.2g}" for name, each in descents.items())
        return (
            f"{label[0].upper()}{label[1:]}, update {t}: {lead}. "
            f"Down for good, below {LEVEL:g} of it: {told}. Learning rates: {settings}."
        )


def race_figure(label, descents, t=None):
    """Return a figure of a race on one surface after update t: paths, and heights beside them.

    label: the surface's. descents: as from `race`. t: at least 0; None for the last.
    """
    steps = max(descent.updates for descent in descents.values())
    t = steps if t is None else t
    if not 0 <= t <= steps:
        raise ValueError(f"t must be from 0 to {steps}, got {t!r}")
    moment = Moment(label, descents, t)
    return Race(moment).still(moment)


def explore_race(surface="ravine", steps=300, surfaces=RACES, methods=None):
    """Return an `Explorer` of a race on a choice of surfaces, each method at its own best rate.

    surface: the label of the one to start with, in surfaces, a dict of labels and surfaces.
    methods: a dict of names and optimizers, the reader's own too; the five by default.
    """
    if surface not in surfaces:
        raise ValueError(f"surface must be one of {', '.join(surfaces)}, got {surface!r}")

    @cache
    def races():
        return {label: race(each, steps, methods=methods) for label, each in surfaces.items()}

    controls = {
        "surface": choice("surface", surfaces, surface),
        "update": whole_slider("update", 0, 0, steps, play=100),
    }
    return Explorer(
        Race, lambda surface, update: Moment(surface, races()[surface], update), controls
    )
