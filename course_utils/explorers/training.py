"""Train the network with settings of your own, and see it next to the five stored runs."""

import asyncio
from time import perf_counter

import ipywidgets as widgets
from IPython.display import display
from threadpoolctl import threadpool_limits

from course_utils.comparison import Comparison
from course_utils.explorers.base import Explorer, choice, slider
from course_utils.figures.style import DRAWING, YOURS, new_figure
from course_utils.figures.training import (
    describe_training,
    draw_training,
    draw_trainings,
    frame_training,
    move_training,
)
from course_utils.optimizers import SGD, AdaGrad, Adam, Momentum, RMSProp

METHODS = {kind.__name__: kind for kind in (SGD, Momentum, AdaGrad, RMSProp, Adam)}
DECAYS = {"Momentum": "momentum", "RMSProp": "decay_rate", "Adam": "beta2"}


class ProgressBar:
    """A bar that `compare` and `train` move: compare(…, progress=ProgressBar("training"))."""

    def __init__(self, label="training"):
        self.label = label
        self.bar = widgets.IntProgress(layout=widgets.Layout(width="60%"))
        self.text = widgets.Label(f"{label} …")
        self.view = widgets.HBox([self.bar, self.text])
        display(self)

    def __call__(self, done, total):
        """Show that `done` of `total` steps are made."""
        if done % max(1, total // 100) == 0 or done == total:
            self.bar.max, self.bar.value = total, done
            self.text.value = f"{self.label}: {done} of {total}"

    def __repr__(self):
        return f"{self.label}: a progress bar"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {**(self.view._repr_mimebundle_() or {}), "text/plain": repr(self)}


class TrainingExplorer(Explorer):
    """Choose a method, its learning rate and its decay, and train; stop whenever you like.

    network, train, held_out, rng: as for `compare`; every run starts from this network's weights
        and, with a seed as rng, sees the same batches.
    stored: the trainings to compare with, a dict of names and `Training` records; a run goes on
        for as many iterations as they did.
    data_name: for the title.
    """

    def __init__(self, network, stored, train, held_out, data_name, rng=0):
        self.network, self.data, self.held_out, self.rng = network, train, held_out, rng
        self.iterations = max(len(training.loss) for training in stored.values())
        self.stop_asked = False

        def draw(figure):
            ax = figure.subplots()
            draw_trainings(ax, stored)
            self.lines = draw_training(ax, "yours", [], YOURS, animated=True)
            frame_training(ax, data_name, self.iterations)
            ax.legend(loc="upper right")

        self.train_button = widgets.Button(description="Train", icon="play", button_style="primary")
        self.stop_button = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.bar = widgets.IntProgress(max=self.iterations)
        controls = {
            "method": choice("method", METHODS, "Momentum"),
            "lr": slider("learning rate", -4, 1, 0.01, 0.05, log=True),
            "decay": slider("momentum", 0, 0.999, 0.9, 0.001, format=".3f"),
        }
        controls["method"].observe(self._take_defaults, "value")
        self.train_button.on_click(self._start)
        self.stop_button.on_click(self._stop)
        buttons = (self.train_button, self.stop_button, self.bar)
        super().__init__(new_figure(9, 4.5, draw), controls, *buttons)

    def optimizer(self):
        """Return the optimizer that the controls describe."""
        method, decay = self.controls["method"].value, self.controls["decay"].value
        decays = {DECAYS[method]: decay} if method in DECAYS else {}
        return METHODS[method](lr=self.controls["lr"].value, **decays)

    def refresh(self):
        self._show(self._comparison())

    async def run(self):
        """Train with the present settings until the last iteration, a stop or divergence."""
        self._set_running(True)
        try:
            comparison = self._comparison()
            while comparison.iterations < self.iterations and not self.stop_asked:
                with threadpool_limits(1):
                    pause = perf_counter() + 0.1
                    while perf_counter() < pause and comparison.iterations < self.iterations:
                        comparison.advance()
                training = self._show(comparison)
                if training.diverged_at is not None:
                    break
                await asyncio.sleep(0.01)
            comparison.evaluate()
            self._show(comparison)
        finally:
            self._set_running(False)

    def _comparison(self):
        return Comparison(
            self.network, {"yours": self.optimizer()}, self.data, self.held_out, rng=self.rng
        )

    def _show(self, comparison):
        training = comparison.records()["yours"]
        self.bar.value = len(training.loss)
        with DRAWING:
            move_training(self.lines, training.loss)
            self.show(describe_training(training))
        return training

    def _take_defaults(self, change=None):
        method = self.controls["method"].value
        defaults, decay = METHODS[method](), self.controls["decay"]
        decay.disabled = method not in DECAYS
        decay.description = DECAYS.get(method, "no decay")
        values = {"lr": defaults.lr}
        if method in DECAYS:
            values["decay"] = getattr(defaults, DECAYS[method])
        if self._quiet:  # the caller of `set` says what comes next
            for name, value in values.items():
                self.controls[name].value = value
        else:
            self.set(**values)

    def _set_running(self, running):
        self.stop_button.disabled = not running
        for control in (self.train_button, self.reset_button, *self.controls.values()):
            control.disabled = running
        if not running:
            self.stop_asked = False
            self.controls["decay"].disabled = self.controls["method"].value not in DECAYS

    def _start(self, button):
        if self.train_button.disabled:
            return
        self._set_running(True)
        self.task = asyncio.get_running_loop().create_task(self.run())
        self.task.add_done_callback(lambda task: task.result())

    def _stop(self, button):
        self.stop_asked = True
