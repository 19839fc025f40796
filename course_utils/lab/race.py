"""Several paths on one surface at the same update: who leads, and who is down first."""

from functools import cache

import numpy as np

from course_utils.experiments.race import LEVEL, RACES, down_at, race
from course_utils.lab.paths import Paths, Walks, stage
from course_utils.page.axes import dark
from course_utils.page.controls import Choice, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.trail import spread

LOWEST = 1e-6  # Of the start's height: the end of the axis.


class Race(Paths):
    """The paths of a race up to an update, the heights beside them, and a scoreboard; records are
    `Walks`. A flag stands where a path is down for good; heights below `LOWEST` count as equal."""

    board, title = 0.56, "f above its lowest, start = 1"

    def frame(self, figure):
        parts = super().frame(figure)
        heights, board = parts.timed[0], parts.board
        heights.set_ylim(LOWEST, 10)
        heights.set_yticks((LOWEST, LEVEL, 0.01, 1), ("≤10⁻⁶", "10⁻⁴", "0.01", "1"))
        heights.minorticks_off()
        heights.axhline(LEVEL, color="0.3", linestyle=":", linewidth=1.2)
        grey, beside = {"color": "0.3", "fontsize": 11}, heights.get_yaxis_transform()
        heights.text(-0.03, LEVEL / 3, "down", **grey, ha="right", va="top", transform=beside)
        board.set(xlim=(0, 1), ylim=(len(self.styles) - 0.3, -0.9))
        board.axis("off")
        flag = {"fontsize": 15, "ha": "center", "va": "bottom", "clip_on": True, "zorder": 4}
        parts.rows = {}
        for label, look in self.styles.items():
            colour = {"color": dark(look["color"])}
            head = {"color": look["color"], "marker": look["marker"], "markersize": 8, "mew": 2}
            for trail in parts.tracks[label]:
                trail.secret = True  # nobody knows yet who wins
            parts.rows[label] = (
                heights.text(0, LEVEL, "⚑", **colour, **flag),
                board.plot([], [], **head, clip_on=False)[0],
                board.text(0.19, 0, label, **colour, weight="bold", va="center", fontsize=11.5),
                board.text(0.19, 0, "", color="0.2", fontsize=11, va="center"),
            )
        return parts

    def span(self, walks):
        return min(stage(max(walks.t, 10)), super().span(walks))

    def show(self, parts, walks):
        (descents, t, label), now, counts = walks, {}, {}
        for name, descent in descents.items():
            heights, counts[name] = descent.heights, down_at(descent)
            shares = np.maximum(heights / heights[0], LOWEST)
            parts.tracks[name].move(descent, t, shares)
            parts.tracks[name].loss.mark.set_visible(False)  # the scoreboard has the numbers
            now[name] = shares[min(t, descent.updates)]
            near = sum(abs(count - counts[name]) < t / 8 for count in counts.values())
            place = min(counts[name], 1e6), LEVEL * 8.0 ** (near - 1)
            parts.rows[name][0].set(visible=counts[name] <= t, position=place)
        self.move_cursor(parts, walks)
        spread(track.path for track in parts.tracks.values())
        ranks = {n: (counts[n], 0) if counts[n] <= t else (t + 1, now[n]) for n in now}
        for place, name in enumerate(sorted(ranks, key=ranks.get)):
            _, mark, title, told = parts.rows[name]
            mark.set_data([0.05], [place])
            rank = 1 + sum(other < ranks[name] for other in ranks.values())
            title.set(y=place - 0.15, text=f"{rank}. {name}")
            reached = (
                f"⚑ update {counts[name]:.0f}" if counts[name] <= t else f"height {now[name]:.2g}"
            )
            told.set(y=place + 0.25, text=reached)
        first = [name for name in now if now[name] == min(now.values())]
        low = f"{now[first[0]]:.2g}" if now[first[0]] > LOWEST else f"less than {LOWEST:g}"
        lead = f"lowest {', '.join(first)}, at {low} of the start's height"
        down = sorted((name for name in counts if counts[name] <= t), key=counts.get)
        told = ", ".join(f"{name} at {counts[name]:.0f}" for name in down) or "nobody yet"
        settings = ", ".join(f"{name} {each.optimizer.lr:.2g}" for name, each in descents.items())
        return (
            f"{label[0].upper()}{label[1:]}, update {t}: {lead if t else 'all at the start'}. "
            f"Down for good, below {LEVEL:g} of it: {told}. Learning rates: {settings}."
        )


def explore_race(methods=None, surfaces=RACES, steps=300):
    """Return an `Explorer` of a race on a choice of surfaces, each method at its own best rate.

    methods: a dict of names and optimizers, the reader's own too; the five by default.
    surfaces: a dict of labels and surfaces. steps: for how many updates each rate is tried.
    """
    run = cache(lambda: {n: race(f, steps, methods=methods) for n, f in surfaces.items()})
    end = min(steps, 150)  # by then those of the five that arrive have arrived
    controls = {
        "surface": Choice("surface", surfaces, next(iter(surfaces))),
        "update": whole_slider("update", min(10, end), 0, end, play=100),
    }
    return Explorer(Race, lambda surface, update: Walks(run()[surface], update, surface), controls)
