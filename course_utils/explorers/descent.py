"""Paths on a surface that follow the sliders: one optimizer with its state, or several at once."""

from matplotlib import rc_context

from course_utils.explorers.base import Explorer, slider, whole_slider
from course_utils.figures.describe import describe_descent, describe_end, describe_settings
from course_utils.figures.paths import (
    draw_loss,
    draw_path,
    draw_surface,
    frame_loss,
    move_loss,
    move_path,
)
from course_utils.figures.state import PANELS, RATE
from course_utils.figures.style import FAINT, looks, new_figure, scale
from course_utils.surfaces import Ravine
from course_utils.training import descend


class DescentExplorer(Explorer):
    """Sliders for optimizers on a surface; their paths, their losses and what they remember.

    optimizers: the optimizers, with the settings that the sliders start from. One alone is shown
        with the diagrams of its state.
    faint: for one optimizer, another to compare it with, drawn faint: a function that takes the
        optimizer as the sliders have it and returns the other.
    surface: where to descend; the ravine by default.
    steps: number of updates at first, 1 to 200.
    schedule: a function of one number that returns a schedule (see `schedules`), for a slider
        "decay" from 0 to 1; or None.
    noise: whether there is a slider for noise in the gradients.
    condition: whether there is a slider for the ravine's condition number.
    """

    def __init__(
        self,
        *optimizers,
        faint=None,
        surface=None,
        steps=30,
        schedule=None,
        noise=False,
        condition=False,
    ):
        self.optimizers = {type(each).__name__: each for each in optimizers}
        if not optimizers or len(self.optimizers) < len(optimizers):
            raise ValueError(
                f"optimizers must be one or more, of different kinds, got {optimizers}"
            )
        if condition and not isinstance(surface, Ravine | None):
            raise ValueError(f"condition needs a Ravine as surface, got {surface!r}")
        self.faint = faint
        self.surface = surface or Ravine()
        self.schedule = schedule
        self._known = {}  # the last descent of each optimizer, with the settings that led to it
        controls = {
            self._control(name, setting): _setting_slider(
                self._control(name, setting), getattr(optimizer, setting)
            )
            for name, optimizer in self.optimizers.items()
            for setting in _adjustable(optimizer)
        }
        if schedule is not None:
            controls["decay"] = slider("decay", 0, 1, 0, 0.01)
        controls["steps"] = whole_slider("steps", 1, 200, steps)
        for name, limits, value in zip(
            ("start x", "start y"),
            (self.surface.xlim, self.surface.ylim),
            self.surface.start,
            strict=True,
        ):
            controls[name] = slider(name, *limits, value, 0.25)
        if noise:
            controls["noise"] = slider("noise", 0, 2, 0, 0.05)
        if condition:
            kappa = self.surface.condition_number
            controls["condition"] = slider("condition κ", 0, 3, kappa, 0.02, log=True)
        super().__init__(new_figure(10.4, self._height(), self._draw), controls)

    def descents(self):
        """Return the descents that the controls ask for, by the optimizer's name."""
        values = {name: control.value for name, control in self.controls.items()}
        optimizers = {
            name: type(optimizer)(
                **{
                    setting: values[self._control(name, setting)]
                    for setting in _adjustable(optimizer)
                }
            )
            for name, optimizer in self.optimizers.items()
        }
        if self.faint is not None:
            optimizers["faint"] = self.faint(*optimizers.values())
        walk = {
            "start": (values["start x"], values["start y"]),
            "steps": values["steps"],
            "noise": values.get("noise", 0.0),
        }
        schedule = self.schedule and self.schedule(values["decay"])
        shared = (*walk.values(), values.get("decay"), self.surface)
        for name, optimizer in optimizers.items():
            settings = (repr(optimizer), *shared)
            if self._known.get(name, (None,))[0] != settings:
                descent = descend(self.surface, optimizer, **walk, schedule=schedule)
                self._known[name] = (settings, descent)
        return {name: descent for name, (_, descent) in self._known.items()}

    def refresh(self):
        self._fit_frame()
        descents = self.descents()
        for name, descent in descents.items():
            move_path(self.paths[name], descent)
            move_loss(self.losses[name], descent)
        for panel, lines in self.panels:
            panel.move(lines, descents[self._only])
        self.show(self._sentence(descents))

    @property
    def _only(self):
        """The name of the optimizer, or None if there are several."""
        return next(iter(self.optimizers)) if len(self.optimizers) == 1 else None

    def _control(self, name, setting):
        return setting if self._only else f"{name} {setting}"

    def _sentence(self, descents):
        x, y = (self.controls[name].value for name in ("start x", "start y"))
        if self._only:
            told = [describe_descent(descents[self._only]).rstrip(".")]
            others = [descents["faint"]] if self.faint is not None else []
        else:
            told, others = [], descents.values()
        told += [f"{describe_settings(each.optimizer)}: {describe_end(each)}" for each in others]
        extras = ("noise", "decay", "condition")
        more = [
            f", {name} {self.controls[name].value:.4g}" for name in extras if name in self.controls
        ]
        return f"From ({x:g}, {y:g}){''.join(more)} with {'; '.join(told)}."

    def _fit_frame(self):
        """Follow the sliders that change more than the moving lines."""
        steps, condition = self.controls["steps"].value, self.controls.get("condition")
        if condition is not None and condition.value != self.surface.condition_number:
            self.surface = Ravine(condition.value, self.surface.rotation)
            with rc_context(self.live.figure.style):
                self.map.clear()
                self._draw_map()
            self.live.redraw()
        if self.loss_axes.get_xlim() != (0, steps):
            for ax in (self.loss_axes, *self.panel_axes):
                ax.set_xlim(0, steps)
            self.live.redraw()

    def _panels(self):
        if self._only and self.schedule is not None:
            return (RATE,)
        return PANELS[self._only] if self._only else ()

    def _height(self):
        return 5.6 if len(self._panels()) > 1 else 4.2

    def _draw(self, figure):
        panels = self._panels()
        top, bottom = figure, None
        if len(panels) > 1:
            top, bottom = figure.subfigures(2, 1, height_ratios=(1.6, 1))
        grid = top.add_gridspec(1 + (len(panels) == 1), 2, width_ratios=(1.75, 1))
        self.map = top.add_subplot(grid[:, 0])
        self.loss_axes = top.add_subplot(grid[0, 1])
        if bottom is None:
            self.panel_axes = [top.add_subplot(grid[1, 1]) for _ in panels]
        else:
            self.panel_axes = bottom.subplots(1, len(panels))
        self._draw_map()
        frame_loss(self.loss_axes, 1)
        self.losses = {
            name: draw_loss(self.loss_axes, None, style, animated=True)
            for name, style in self._styles().items()
        }
        self.panels = [
            (panel, panel.draw(ax, animated=True))
            for panel, ax in zip(panels, self.panel_axes, strict=True)
        ]

    def _draw_map(self):
        draw_surface(self.map, self.surface)
        labels = self._labels()
        self.paths = {
            name: draw_path(self.map, None, style, labels[name], animated=True)
            for name, style in self._styles().items()
        }
        if len(self.paths) > 1:
            self.map.legend(
                loc="lower right", ncols=3 if scale() == 1 else 1, frameon=True, framealpha=0.9
            )

    def _styles(self):
        names = dict(zip(self.optimizers, looks(self.optimizers), strict=True))
        return names if self.faint is None else {**names, "faint": FAINT}

    def _labels(self):
        labels = {name: name for name in self.optimizers}
        if self.faint is not None:
            other = self.faint(*self.optimizers.values())
            labels["faint"] = f"{type(other).__name__}, to compare"
        return labels


def _adjustable(optimizer):
    return [name for name in optimizer.hyperparameters if name != "eps"]


def _setting_slider(label, value):
    if label.endswith("lr"):
        return slider(label, -3, 1, value, 0.01, log=True)
    return slider(label, 0, 0.999, value, 0.001, format=".3f")
