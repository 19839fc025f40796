"""Several paths on one surface at the same update: who leads, and who is down first."""

from functools import cache

import numpy as np

from course_utils.experiments.race import LEVEL, RACES, down_at, race
from course_utils.lab.paths import Paths, Walks
from course_utils.page.controls import choice, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.trail import spread


class Race(Paths):
    """The paths of a race up to an update, the heights beside them, and a scoreboard.

    Records are `Walks`. A flag stands where a path is down for good. Heights below 1e-8 of the
    start's, which the picture does not show, count as equal.
    """

    board, title = 0.51, "height, start = 1"

    def frame(self, figure):
        parts = super().frame(figure)
        heights, board = parts.timed[0], parts.board
        heights.set(ylim=(1e-8, 10))
        heights.axhline(LEVEL, color="0.3", linestyle=":", linewidth=1.2)
        board.set(xlim=(0, 1), ylim=(len(self.styles) - 0.3, -0.9))
        board.axis("off")
        flag = {"fontsize": 15, "ha": "center", "va": "bottom", "clip_on": True, "zorder": 4}
        name, told = {"weight": "bold", "va": "center"}, {"fontsize": 11, "va": "center"}
        parts.rows = {}
        for label, look in self.styles.items():
            colour = {"color": look["color"]}
            head = {**colour, "marker": look["marker"], "markersize": 8, "markeredgewidth": 2}
            for trail in parts.tracks[label]:
                trail.secret = True  # nobody knows yet who wins
            parts.rows[label] = (
                heights.text(0, LEVEL, "⚑", **colour, **flag),
                board.plot([], [], **head, clip_on=False)[0],
                board.text(0.19, 0, label, **colour, **name),
                board.text(0.19, 0, "", color="0.2", **told),
            )
        return parts

    def span(self, walks):
        """Return the update of the last arrival, with some room after it."""
        counts = [down_at(descent) for descent in walks.descents.values()]
        last = max((count for count in counts if np.isfinite(count)), default=np.inf)
        return int(min(1.15 * last + 5, super().span(walks)))

    def show(self, parts, walks):
        (descents, t, label), now, counts = walks, {}, {}
        for name, descent in descents.items():
            heights, counts[name] = descent.heights, down_at(descent)
            parts.tracks[name].move(descent, t, heights[0])
            parts.tracks[name].loss.mark.set_visible(False)  # the scoreboard has the numbers
            now[name] = max(heights[min(t, descent.updates)] / heights[0], 1e-8)
            parts.rows[name][0].set(visible=counts[name] <= t, x=min(counts[name], 1e6))
        self.move_cursor(parts, walks)
        spread(track.path for track in parts.tracks.values())
        order = sorted(now, key=lambda name: (min(counts[name], t + 1), now[name]))
        for place, name in enumerate(order):
            _, mark, title, told = parts.rows[name]
            mark.set_data([0.05], [place])
            title.set_y(place - 0.15)
            height = f"⚑ at {counts[name]:.0f}" if counts[name] <= t else f"{now[name]:.1g}"
            told.set(y=place + 0.25, text=height)
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
    walks = Walks(descents, t, label)
    return Race(walks).still(walks)


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
        Race, lambda surface, update: Walks(races()[surface], update, surface), controls
    )
