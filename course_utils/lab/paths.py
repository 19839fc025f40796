"""Paths on a surface with their losses and what one optimizer remembers on the way."""

from math import isclose, log10
from typing import NamedTuple

import numpy as np
from matplotlib.lines import Line2D

from course_utils.descent import descend
from course_utils.experiments.anatomy import check_single
from course_utils.lab.describe import (
    adjustable,
    describe_descent,
    describe_end,
    describe_settings,
)
from course_utils.lab.explorer import Explorer, slider, whole_slider
from course_utils.lab.ground import lay_ground, surface_key
from course_utils.lab.picture import Parts, Picture
from course_utils.lab.state import RATE, panels_of
from course_utils.lab.style import FAINT, looks, scale
from course_utils.optimizer import settings_of, with_settings
from course_utils.surfaces import Ravine

COMPARED = ", to compare"
"""How the label of a path ends that is drawn faint, to compare another one with."""


class Paths(Picture):
    """Paths on their surface from above, their losses, and the state panels of the first.

    Records are dicts of labels and single `Descent`s on one surface, with the labels of `descents`.
    """

    def __init__(self, descents, panels=()):
        for descent in descents.values():
            check_single(descent)
        self.panels = panels
        self.styles = {
            label: FAINT if label.endswith(COMPARED) else look
            for label, look in looks(descents).items()
        }
        self.size = (10.4, 4.2 + 1.4 * (len(panels) > 1) + 0.4 * (len(descents) > 1))

    def frame(self, figure):
        top, below = figure, len(self.panels) > 1
        if below:
            top, bottom = figure.subfigures(2, 1, height_ratios=(1.6, 1))
        grid = top.add_gridspec(2 if self.panels and not below else 1, 2, width_ratios=(1.75, 1))
        above, losses = top.add_subplot(grid[:, 0]), top.add_subplot(grid[0, 1])
        if below:
            axes = bottom.subplots(1, len(self.panels))
        else:
            axes = [top.add_subplot(grid[1, 1]) for _ in self.panels]
        frame_loss(losses, 1)
        parts = Parts(
            map=above,
            timed=[losses, *axes],
            tracks={label: draw_track(above, losses, s, label) for label, s in self.styles.items()},
            panels=[panel.draw(ax) for panel, ax in zip(self.panels, axes, strict=True)],
        )
        if len(self.styles) > 1:
            handles = [track.path for track in parts.tracks.values()]
            figure.legend(handles=handles, loc="outside upper center", ncols=columns(self.styles))
        return parts

    def ground(self, descents):
        return surface_key(_first(descents).surface), _longest(descents)

    def lay(self, parts, descents):
        lay_ground(parts, _first(descents).surface, arrows=True)
        for ax in parts.timed:
            ax.set_xlim(0, _longest(descents))

    def show(self, parts, descents):
        for label, descent in descents.items():
            parts.tracks[label].move(descent)
        for panel, (*lines, _) in zip(self.panels, parts.panels, strict=True):
            panel.move(lines, _first(descents))
        return describe_paths(descents)


def _first(descents):
    return next(iter(descents.values()))


def _longest(descents):
    return max(descent.steps for descent in descents.values())


def columns(labels):
    """Return how many of a legend's labels stand in a row, so that the rows are about as long."""
    rows = -(-len(labels) // (5 if scale() == 1 else 3))
    return -(-len(labels) // rows)


def describe_paths(descents):
    """Return what is unusual and the same for all paths, and how each goes and ends.

    Of more than three, and of one to compare with, only the end is told.
    """
    first = _first(descents)
    surface, starts = first.surface, {tuple(each.positions[0]) for each in descents.values()}
    shared = [f"Noise {first.noise:g}. "] if first.noise else []
    if isinstance(surface, Ravine) and not isclose(surface.condition_number, 20):
        shared.append(f"Condition number {surface.condition_number:.4g}. ")
    if len(starts) == 1 and starts != {tuple(surface.start)}:
        shared.append("From ({:g}, {:g}): ".format(*starts.pop()))
    told = [
        f"{describe_settings(each.optimizer)}: {describe_end(each)}."
        if len(descents) > 3 or label.endswith(COMPARED)
        else describe_descent(each)
        for label, each in descents.items()
    ]
    return "".join(shared) + " ".join(told)


class Track(NamedTuple):
    """The lines of one descent: its path on a map, and the height above the minimum."""

    path: Line2D
    loss: Line2D

    def move(self, descent):
        """Let the lines show a single descent; one that diverges leaves the picture."""
        self.path.set_data(*descent.positions.T)
        self.loss.set_data(np.arange(len(descent.losses)), np.maximum(descent.heights, 1e-300))


def draw_track(above, losses, style, label=None):
    """Draw the lines of a descent into two axes, still empty."""
    path = above.plot([], [], **style, label=label, markersize=4 * scale(), zorder=2)[0]
    return Track(path, losses.plot([], [], **style, markersize=3 * scale())[0])


def frame_loss(ax, steps):
    """Give ax the axes of a loss: logarithmic, over `steps` updates."""
    ax.set(xlim=(0, steps), ylim=(1e-8, 1e3), yscale="log", xlabel="updates", title="loss f")


def descent_figure(descents):
    """Return a figure of paths on their surface, and of the loss beside it.

    descents: one `Descent`, or a dict of labels and descents on the same surface. A label that is
        an optimizer's name gets that optimizer's look.
    """
    if not isinstance(descents, dict):
        descents = {type(descents.optimizer).__name__: descents}
    return Paths(descents).still(descents)


def explore_descent(
    *optimizers, faint=None, surface=None, steps=30, schedule=None, noise=False, condition=False
):
    """Return an `Explorer` of optimizers on a surface: their paths, losses and what they remember.

    optimizers: the optimizers, with the settings that the sliders start from; the reader's own too.
        One alone is shown with the diagrams of its state.
    faint: for one optimizer, a function that takes it as the sliders have it and returns another
        to compare it with, drawn faint.
    surface: where to descend; the ravine by default. steps: updates at first, at least 1.
    schedule: a function of one number that returns a schedule (see `schedules`), for a slider
        "decay" from 0 to 1; or None.
    noise, condition: whether there is a slider for noise in the gradients, and for the ravine's
        condition number.
    """
    at_first = {type(each).__name__: each for each in optimizers}
    if not optimizers or len(at_first) < len(optimizers):
        raise ValueError(f"optimizers must be one or more, of different kinds, got {optimizers}")
    if condition and not isinstance(surface, Ravine | None):
        raise ValueError(f"condition needs a Ravine as surface, got {surface!r}")
    surface = surface or Ravine()
    alone = len(at_first) == 1
    controls, labels, known = {}, {}, {}  # known: the last walk of each, with what led to it
    for name, optimizer in at_first.items():
        settings = adjustable(optimizer)
        labels[name] = {each: each if alone else f"{name} {each}" for each in settings}
        for label, value in zip(labels[name].values(), settings.values(), strict=True):
            controls[label] = setting_slider(label, value)
    own = set(controls)
    if schedule is not None:
        controls["decay"] = slider("decay", 0, 1, 0, 0.01)
    controls["steps"] = whole_slider("steps", 1, max(200, steps), steps)
    controls["start x"] = slider("start x", *surface.xlim, surface.start[0], 0.25)
    controls["start y"] = slider("start y", *surface.ylim, surface.start[1], 0.25)
    if noise:
        controls["noise"] = slider("noise", 0, 2, 0, 0.05)
    if condition:
        kappa = surface.condition_number
        controls["condition"] = slider("condition κ", 0, 3, kappa, 0.02, log=True)

    def compute(**values):
        chosen = {}
        for name, optimizer in at_first.items():
            settings = {each: values[label] for each, label in labels[name].items()}
            chosen[name] = with_settings(optimizer, **settings)
        if faint is not None:
            other = faint(*chosen.values())
            chosen[type(other).__name__ + COMPARED] = other
        ground = Ravine(values["condition"], surface.rotation) if condition else surface
        walk = {"steps": values["steps"], "noise": values.get("noise", 0.0)}
        walk["start"] = values["start x"], values["start y"]
        walk["schedule"] = schedule and schedule(values["decay"])
        shared = [value for name, value in values.items() if name not in own]
        for label, each in chosen.items():
            key = settings_of(each), shared
            if known.get(label, (None,))[0] != key:
                known[label] = key, descend(ground, each, **walk)
        return {label: known[label][1] for label in chosen}

    def picture(descents):
        if not alone:
            return Paths(descents)
        return Paths(descents, (RATE,) if schedule else panels_of(_first(descents)))

    return Explorer(picture, compute, controls)


def setting_slider(label, value):
    """Return a slider for a setting: logarithmic for a learning rate or a value of 1 and more.

    One that is a whole number from 2 on stays one.
    """
    if isinstance(value, int) and value > 1 and not label.endswith("lr"):
        return whole_slider(label, 1, 10 * value, value)
    if value > 0 and (label.endswith("lr") or value >= 1):
        return slider(label, min(-3, log10(value) - 2), max(1, log10(value) + 2), value, 0.01, True)
    step = 0.001 if round(value, 3) == value else 0.0001
    return slider(label, min(0, 2 * value), 0.999, value, step, format=f".{3 + (step < 0.001)}f")
