"""Paths on a surface with their losses and what one optimizer remembers on the way."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_utils.descent import Descent, descend
from course_utils.experiments.anatomy import check_single
from course_utils.experiments.methods import method_of
from course_utils.ground.lens import Lens
from course_utils.ground.map import STAR, START, draw_anew, lay_ground, surface_key
from course_utils.lab.describe import adjustable, describe_descent, describe_settings, settled
from course_utils.lab.state import LR, RATE, frame_diagram, panels_of
from course_utils.lab.style import FAINT, looks, plain
from course_utils.optimizer import settings_of, with_settings
from course_utils.page.axes import limits, name_ends
from course_utils.page.controls import Choice, log_slider, setting_slider, slider, whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Grab, Parts, Picture
from course_utils.page.trail import Trail, spread
from course_utils.surfaces import Ravine

COMPARED = ", to compare"  # So ends the label of a path that is drawn faint, beside another one.

CURSOR = {"color": "0.35", "linewidth": 1, "zorder": 1.5}  # It marks one update in all diagrams.


class Walks(NamedTuple):
    """Single `Descent`s on one surface, looked at after update t, and what else is told of it."""

    descents: dict[str, Descent]
    t: int
    about: object = None


def at_end(descents):
    """Return the `Walks` of descents after their last updates."""
    return Walks(descents, max(descent.steps for descent in descents.values()))


class Paths(Picture):
    """Paths on their surface from above, their losses, and the state panels of the first; records
    are `Walks`. After update t the paths are drawn faint. A hand can drag the start, and the update
    along path and diagrams.

    live: whether the axes are round, so that they rarely move when the record does. log: whether
    that of the updates is logarithmic.
    """

    board, title, tall = 0.0, "", 0.0  # board: the width of one beside the losses, theirs is 1
    draw_board = None  # called with its axes, to draw what the walks are about

    def __init__(self, walks, panels=(), live=False, log=False):
        descents = walks.descents
        for descent in descents.values():
            check_single(descent)
        self.panels, self.live, self.log = panels, live, log
        lowest = first_of(descents).surface.lowest
        self.title = self.title or ("f above its lowest" if lowest else "loss f")
        faint = {label: FAINT for label in descents if label.endswith(COMPARED)}
        self.styles = faint | looks(descents) | faint  # faint ones first, which lie under others
        across, up = map(np.ptp, (first_of(descents).surface.xlim, first_of(descents).surface.ylim))
        roomy = 1.75 if len(panels) + 2 * len(descents) < 4 else (1.4, 1.2)[len(panels) == 3]
        self.wide = 2 - self.board / 2 if self.board else roomy * min(0.58 * across / up, 1)
        self.size = (10.4, 3.8 + max(self.tall, 0.7 * (len(panels) == 2), 0.9 * (self.wide < 1.1)))

    def frame(self, figure):
        axes, count = self.places(figure), len(self.panels)
        above, timed = axes["m"], [axes[str(number)] for number in range(count + 1)]
        frame_diagram(losses := timed[0], self.title)
        words = {"fontsize": 10, "zorder": 4, "textcoords": "offset points"}
        parts = Parts(
            still={},
            map=above,
            timed=timed,
            tracks={label: draw_track(above, losses, s) for label, s in self.styles.items()},
            panels=[panel.draw(ax) for panel, ax in zip(self.panels, timed[1:], strict=True)],
            cursors=[ax.axvline(0, **CURSOR) for ax in timed],
            start=above.plot([], [], **START)[0],
            stars=above.plot([], [], **STAR),
            starts=[above.annotate("", (0, 0), (0, 0), **words) for _ in self.styles],
            board=axes.get("b", ()),
            drawn=[],
            level=losses.axhline(1, color="0.35", linestyle=":", linewidth=1.6, visible=False),
            lens=Lens(above, self.styles),
        )
        for ax in timed if self.log else ():
            ax.set_xscale("symlog", linthresh=1, linscale=0.4)  # 0 is on it
            ax.xaxis.set_major_formatter("{x:g}")
        for ax in timed[: min(count, 2)]:  # others stand below
            ax.set_xlabel("")
            ax.tick_params(labelbottom=False)
        for label, track in parts.tracks.items():
            words = label.removesuffix(COMPARED).replace("UncorrectedAdam", "uncorrected")
            track.loss.rest.set_label(words)  # grey says the rest
        ends = [track.loss.rest for track in parts.tracks.values()]
        named = len(ends) > 1 and (self.live or not self.board)
        parts.names = name_ends(ends) if named else ()
        for names in parts.names, *(names for _, names, *_ in parts.panels):
            if self.live and names:  # room for them at the end of the axis
                text = max(names, key=lambda name: len(name.get_text()))
                text.axes.text(1, 0, text.get_text(), alpha=0, transform=text.get_transform())
        start = Grab(above, ("start x", "start y"), at=parts.start)
        parts.grabs = [start, *drags(above, timed, lambda: self.shown)]
        return parts

    def places(self, figure):
        """Return the axes: "m" the map, "0" the losses, "1" to "3" what is remembered, "b" more."""
        one, four = "m0b" if self.board else "m0", [["m", [["0", "1"], ["2", "3"]]]]
        ratios = [*filter(None, (self.wide, 1, self.board))]
        places = (one, "m0;m1", "m0;m1;m2", four)[len(self.panels)]
        return figure.subplot_mosaic(places, width_ratios=ratios)

    def span(self, walks):
        """Return how many updates the diagrams have room for."""
        steps = at_end(walks.descents).t
        return stage(steps) if self.live or self.board else steps

    def ground(self, walks):
        return surface_key(self.surface(walks)), self.span(walks), self.ends(walks)

    def surface(self, walks):
        """Return the surface as it is drawn."""
        return first_of(walks.descents).surface

    def lay(self, parts, walks):
        frame = parts.map.get_xlim(), parts.map.get_ylim()
        laid = lay_ground(parts, self.surface(walks))
        parts.stars[0].set_data(*np.transpose(self.surface(walks).minima))
        for ax, ends in zip(parts.timed, self.ends(walks), strict=True):
            ax.set(xlim=(0, self.span(walks)), ylim=ends)
        if self.draw_board:
            parts.drawn = draw_anew(parts.board, parts.drawn, self.draw_board, walks.about)
        if frame == (parts.map.get_xlim(), parts.map.get_ylim()):
            return [
                *laid,
                *parts.drawn,
                *(axis for ax in parts.timed for axis in (ax.xaxis, ax.yaxis)),
            ]

    def ends(self, walks):
        """Return ends of the diagrams' y-axes that lie near what they show."""
        if self.board and not self.live:
            return [None]  # theirs stay
        first, *_ = descents = [*walks.descents.values()]
        values = np.concatenate([each.heights for each in descents])
        least, most = max(values.min(), 1e-12) / 2, max(each.heights[0] for each in descents)
        if self.live:
            least = 100.0 ** np.floor(np.log(least) / np.log(100))
        values = np.append(values.clip(least, 2 * most), (least, most))
        return [limits(values, "log", (0, np.inf)), *(panel.ends(first) for panel in self.panels)]

    def show(self, parts, walks):
        descents, t = walks.descents, walks.t
        frame = t, parts.timed[0].get_ylim(), parts.map.get_xlim(), parts.map.get_ylim()
        for label, descent in descents.items():
            before, framed = parts.still.get(label, (None, None))
            if before is not descent or framed != frame:
                parts.still[label] = descent, frame
                parts.tracks[label].move(descent, t)
        for panel, lines in zip(self.panels, parts.panels, strict=True):
            panel.move(lines, first_of(descents))
        self.move_cursor(parts, walks)
        height = settled(first_of(descents))
        parts.level.set(ydata=[height] * 2, visible=height > 0)
        spread(track.loss for track in parts.tracks.values())
        spread(track.path for track in parts.tracks.values())
        if parts.names:
            name_ends([track.loss.rest for track in parts.tracks.values()], parts.names)
        return describe_paths(descents, t)

    def move_cursor(self, parts, walks):
        """Mark the start, and the update that is looked at where it is not the last."""
        self.shown = first_of(walks.descents)
        parts.lens.move(self.shown, walks.descents, walks.t)
        starts = {tuple(each.positions[0]): label for label, each in walks.descents.items()}
        parts.start.set_data(*zip(*starts, strict=True))
        for text, (at, label) in zip(parts.starts, starts.items(), strict=False):
            far = (parts.map.transScale + parts.map.transLimits).transform(at) > 0.85
            (ha, va), text.xy = np.where(far, ("right", "center"), ("left", "bottom")), at
            label = label if len(starts) > 1 else "start"
            if not np.ptp(self.shown.positions, axis=0).any() and self.shown.gradients[0].any():
                label = f"{type(self.shown.optimizer).__name__}: no step yet"
            text.set(text=label, position=np.where(far, (-10, 0), 7), ha=ha, va=va)
        for cursor in parts.cursors:
            cursor.set(xdata=[walks.t, walks.t], visible=walks.t < at_end(walks.descents).t)


def first_of(descents):
    """Return the first of descents by label."""
    return next(iter(descents.values()))


def beginning(descent, steps):
    """Return the first steps of a longer descent, whose optimizer stays as the last one left it."""
    if descent.updates < steps:
        return replace(descent, steps=steps)
    rows = {n: getattr(descent, n)[: steps + 1] for n in ("positions", "losses", "gradients")}
    rows["state"] = {name: every[: steps + 1] for name, every in descent.state.items()}
    rows |= {"seen": descent.seen[:steps], "lr": descent.lr[:steps]}
    return replace(descent, **rows, steps=steps, diverged_at=None)


def stage(steps):
    """Return the round number, at least steps, at which the axis of a live diagram ends."""
    unit = 10 ** (len(str(steps)) - 1)
    return next(unit * each for each in (1, 2, 3, 4, 6, 10) if unit * each >= steps)


def drags(above, diagrams, walk, first=0):
    """Let a hand drag through the updates from the first on: on the path of walk(), in diagrams."""

    def nearest(x, y):
        return {"update": first + int(np.argmin(np.hypot(*(walk().positions - (x, y)).T)))}

    along = [Grab(ax, ("update",), lambda x, y: {"update": first + x}) for ax in diagrams]
    return [Grab(above, ("update",), nearest), *along]


def describe_paths(descents, t):
    """Return what is unusual and the same for all paths, and where each is after update t; after
    the last how each goes and ends, of different methods, many or to compare only the end."""
    first = first_of(descents)
    surface, starts = first.surface, {tuple(each.positions[0]) for each in descents.values()}
    shared = [f"Noise {first.noise:g}. "] if first.noise else []
    if isinstance(surface, Ravine) and f"{surface.condition_number:.4g}" != "20":
        shared.append(f"Condition number {surface.condition_number:.4g}. ")
    if len(starts) == 1 and starts != {tuple(surface.start)}:
        shared.append("From ({:g}, {:g}): ".format(*starts.pop()))
    if t < at_end(descents).t:
        now = []
        for label, each in descents.items():
            last = min(t, each.updates)
            x, y = each.positions[last] + 0.0
            at = f"{describe_settings(each.optimizer)} at ({x:.3g}, {y:.3g}),"
            told = f"{at if len(descents) < 3 else label} f = {plain(each.losses[last])}"
            now.append(told if t == last else f"{label} out of sight")
        return "".join(shared) + f"Update {t}: {'; '.join(now)}."
    kinds = {type(each.optimizer) for n, each in descents.items() if not n.endswith(COMPARED)}
    told = []
    for label, each in descents.items():
        end = len(descents) > 3 or (len(kinds) > 1 and method_of(each.optimizer))
        told.append(describe_descent(each, end or label.endswith(COMPARED)))
    return "".join(shared) + " ".join(told)


class Track(NamedTuple):
    """The lines of one descent: its path on a map, and the height above the minimum, each with
    a faint rest, a head at the update that is looked at, and a mark where it leaves the picture."""

    path: Trail
    loss: Trail

    def move(self, descent, t=None, heights=None):
        """Let the lines show a single descent until update t, None for all, or other heights."""
        heights = np.maximum(descent.heights if heights is None else heights, 1e-300)
        self.path.move(descent.positions, t, lambda *at: f"({', '.join(plain(c, 2) for c in at)})")
        curve = np.column_stack([np.arange(len(heights)), heights])
        self.loss.move(curve, t, lambda _, height: plain(height) if height > 1e-300 else "0")


def draw_track(above, losses, style):
    """Draw the lines of a descent into two axes, still empty."""
    return Track(Trail(above, style, fades=True), Trail(losses, style))


def descent_figure(descents):
    """Return a figure of paths on their surface, and of the loss beside it.

    descents: one `Descent`, or a dict of labels and descents on the same surface. A label that is
        an optimizer's name gets that optimizer's look.
    """
    if not isinstance(descents, dict):
        descents = {type(descents.optimizer).__name__: descents}
    walks = at_end(descents)
    return Paths(walks).still(walks)


def explore_descent(
    *optimizers,
    faint=None,
    surface=None,
    steps=30,
    schedule=None,
    noise=False,
    condition=False,
    log=False,
):
    """Return an `Explorer` of optimizers on a surface: their paths, losses and what they remember.

    optimizers: the optimizers, with the settings that the sliders start from; the reader's own too.
        One alone is shown with the diagrams of its state; of three and more, the settings of one
        are on the page, chosen by its name.
    faint: for one optimizer, a function of it, as the sliders have it, that returns a fainter one.
    surface: where to descend; the ravine by default. steps: updates at first, at least 1.
    schedule: a function of the slider "decay", from 0 to 1, that returns a schedule; or None.
    noise, condition: whether the gradients' noise, and the ravine's κ, have a slider.
    log: whether the axis of updates is logarithmic, for what changes early.
    """
    at_first = {type(each).__name__: each for each in optimizers}
    if not optimizers or len(at_first) < len(optimizers):
        raise ValueError(f"optimizers must be one or more, of different kinds, got {optimizers}")
    if condition and not isinstance(surface, Ravine | None):
        raise ValueError(f"condition needs a Ravine as surface, got {surface!r}")
    surface, alone, valley = surface or Ravine(), len(at_first) == 1, lru_cache(Ravine)
    settings, known = {}, {}  # known: the longest and the last walk of each, and what led to it
    for name, optimizer in at_first.items():
        lead = "" if alone else f"{name} "
        settings |= {lead + each: (name, each, v) for each, v in adjustable(optimizer).items()}
    controls = {label: setting_slider(label, value) for label, (*_, value) in settings.items()}
    if len(at_first) > 2:  # too many sliders for one page
        controls = {"shown": Choice("settings of", at_first, next(iter(at_first)))} | controls
    if schedule is not None:
        controls["decay"] = slider("decay", 0, 0, 1, 0.001, 0.1)
    if noise:
        controls["noise"] = slider("noise", 0, 0, 2, 0.05, 0.1)
    if condition:
        controls["condition"] = log_slider("condition κ", surface.condition_number, 1, 1000)
    last = {"steps": whole_slider("steps", steps, 1, max(200, steps))}
    if len(controls) in (2, 4):  # it fills a row of two
        controls |= last
    controls["start x"] = slider("start x", surface.start[0], *surface.xlim, 0.01, 0.5, opens=True)
    controls["start y"] = slider("start y", surface.start[1], *surface.ylim, 0.01, 0.5)
    controls |= last
    controls["update"] = whole_slider("look at update", steps, 0, "steps", play=150)

    def compute(update, shown=None, **values):
        now = {name: {} for name in at_first}
        for label, (name, each, _) in settings.items():
            now[name][each] = values[label]
        chosen = {name: with_settings(at_first[name], **each) for name, each in now.items()}
        if faint is not None:
            other = faint(*chosen.values())
            chosen[type(other).__name__ + COMPARED] = other
        ground = valley(values["condition"], surface.rotation) if condition else surface
        steps, start = values["steps"], (values["start x"], values["start y"])
        walk = start, steps, values.get("noise", 0.0), 0, schedule and schedule(values["decay"])
        shared = [value for name, value in values.items() if name not in (*settings, "steps")]
        for label, each in chosen.items():
            key = settings_of(each), shared
            before, longest, last = known.get(label, [None] * 3)
            if before != key or (longest.steps < steps != last.steps):
                longest = last = descend(ground, each, *walk)
            elif last.steps != steps:
                last = beginning(longest, steps)
            known[label] = key, longest, last
        return Walks({label: known[label][2] for label in chosen}, update)

    def picture(walks):
        first = first_of(walks.descents)
        panels = ((LR, RATE)["h" in first.state],) if schedule else panels_of(first)
        few = faint and method_of(first.optimizer)
        return Paths(walks, panels[-1:] if few else panels if alone else (), True, log)

    def idle(shown=None, **others):
        return [label for label, (name, *_) in settings.items() if shown and name != shown]

    return Explorer(picture, compute, controls, idle=idle)
