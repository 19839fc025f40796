"""Several paths on one surface at the same update: who leads, and who is down first."""

from functools import cache
from typing import NamedTuple

import numpy as np

from course_utils.descent import Descent
from course_utils.experiments.race import LEVEL, RACES, down_at, race
from course_utils.lab.explorer import Explorer, choice, whole_slider
from course_utils.lab.ground import lay_ground, surface_key
from course_utils.lab.paths import columns
from course_utils.lab.picture import Parts, Picture
from course_utils.lab.style import looks, scale


class Moment(NamedTuple):
    """A race after update t. label: its surface's. descents: as from `experiments.race.race`."""

    label: str
    descents: dict[str, Descent]
    t: int


class Race(Picture):
    """The paths of a race up to an update, and the heights beside them; records are `Moment`s.

    Heights below 1e-8 of the start's, which the picture does not show, count as equal.
    """

    def __init__(self, moment):
        self.steps = max(each.updates for each in moment.descents.values())
        self.styles = looks(moment.descents)

    def frame(self, figure):
        above, heights = figure.subplots(1, 2, width_ratios=(1.75, 1))
        heights.axhline(LEVEL, color="0.3", linestyle=":")
        heights.set(xlim=(0, self.steps), ylim=(1e-8, 1e2), yscale="log", xlabel="updates")
        heights.set_title("height, start = 1")
        handles = [
            heights.plot([], [], **style, markersize=6 * scale(), label=name)[0]
            for name, style in self.styles.items()
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=columns(handles))
        return Parts(
            map=above,
            cursor=heights.axvline(0, color="0.5", linewidth=1.2 * scale(), zorder=1),
            paths=_draw_runners(above, self.styles),
            heights=_draw_runners(heights, self.styles),
        )

    def ground(self, moment):
        return surface_key(_surface(moment))

    def lay(self, parts, moment):
        lay_ground(parts, _surface(moment))

    def show(self, parts, moment):
        label, descents, t = moment
        now, counts = {}, {}
        for name, descent in descents.items():
            heights = np.maximum(descent.heights / descent.heights[0], 1e-300)[: t + 1]
            _move(parts.paths[name], descent.positions[: t + 1].T)
            _move(parts.heights[name], np.array([np.arange(len(heights)), heights]))
            now[name], counts[name] = max(heights[-1], 1e-8), down_at(descent)
        parts.cursor.set_xdata([t, t])
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


def _surface(moment):
    return next(iter(moment.descents.values())).surface


def _draw_runners(ax, styles):
    """Return a line and its head per name, still empty; the head has the method's marker."""
    runners = {}
    for name, style in styles.items():
        size = (12 if style["marker"] == "." else 7) * scale()
        head = style | {"linestyle": "", "markeredgewidth": 2 * scale(), "markersize": size}
        line = ax.plot([], [], **style | {"marker": ""}, zorder=2)
        runners[name] = line + ax.plot([], [], **head, zorder=3)
    return runners


def _move(runner, curve):
    line, head = runner
    line.set_data(curve)
    head.set_data(curve[:, -1:])


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
    def run(label):
        return race(surfaces[label], steps, methods=methods)

    controls = {
        "surface": choice("surface", surfaces, surface),
        "update": whole_slider("update", 0, steps, 0, interval=100),
    }
    controls["surface"].style.button_width = "9em"  # for the longest name
    return Explorer(Race, lambda surface, update: Moment(surface, run(surface), update), controls)
