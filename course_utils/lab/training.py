"""Pictures of the digits and of networks being trained, and a network to train by hand."""

from time import perf_counter

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from threadpoolctl import threadpool_limits

from course_utils.experiments.methods import five
from course_utils.lab.describe import adjustable, describe_settings
from course_utils.lab.explorer import Explorer, choice, slider
from course_utils.lab.picture import Parts, Picture
from course_utils.lab.style import YOURS, looks
from course_utils.optimizer import with_settings
from course_utils.training import Comparison, smooth_curve


class Trainings(Picture):
    """The article's figure: the loss of each training over the iterations.

    Records are dicts of names and `Training`s, all of which move; stored ones stand still.
    """

    size = (9, 5)

    def __init__(self, trainings, data_name, stored=()):
        self.stored, self.data_name = dict(stored), data_name
        self.styles = _looks(trainings)
        every = [*trainings.values(), *self.stored.values()]
        self.iterations = max(len(training.loss) for training in every)

    def frame(self, figure):
        ax = figure.subplots()
        for name, style in _looks(self.stored).items():
            _move(_draw(ax, style, name), self.stored[name].loss)
        lines = {name: _draw(ax, style, name) for name, style in self.styles.items()}
        ax.set(xlim=(0, self.iterations), ylim=(0, 1), title=self.data_name)
        ax.set(xlabel="iterations", ylabel="loss of the batch, after the step")
        ax.legend(loc="upper right")
        return Parts(lines=lines)

    def show(self, parts, trainings):
        for name, training in trainings.items():
            _move(parts.lines[name], training.loss)
        if len(trainings) == 1:
            return describe_training(next(iter(trainings.values())))
        ends = {name: smooth_curve(run.loss)[-1] for name, run in trainings.items()}
        told = ", ".join(
            f"{name} {ends[name]:.2f}" if np.isfinite(ends[name]) else f"{name} diverged"
            for name in sorted(ends, key=lambda name: np.nan_to_num(ends[name], nan=np.inf))
        )
        return f"Smoothed loss on {self.data_name} at the end: {told}."


def _looks(trainings):
    return {name: YOURS if name == "yours" else look for name, look in looks(trainings).items()}


def _draw(ax, style, name):
    """Draw one training's loss into ax, still empty: raw and faint, smoothed and marked."""
    faint = {"color": style["color"], "alpha": 0.2, "linewidth": 0.6}
    return ax.plot([], [], **faint)[0], ax.plot([], [], **style, markevery=100, label=name)[0]


def _move(lines, loss):
    raw, smooth = lines
    steps = np.arange(1, len(loss) + 1)
    raw.set_data(steps, loss)
    smooth.set_data(steps, smooth_curve(loss) if len(loss) else [])


class HeldOut(Picture):
    """Loss and accuracy on held-out data; records are as `held_out_figure` takes them."""

    size = (9, 4.2)

    def show(self, parts, record):
        trainings, data_name = record
        left, right = parts.still.subplots(1, 2)
        for name, style in _looks(trainings).items():
            run = trainings[name]
            left.plot(run.evaluated_at, run.held_out_loss, **style, label=name)
            right.plot(run.evaluated_at, run.held_out_accuracy, **style)
        left.set(ylim=(0, 1), title="held-out loss")
        right.set(ylim=(0.8, 1), title="held-out accuracy")
        for ax in (left, right):
            ax.set_xlabel("iterations")
            ax.locator_params(axis="x", nbins=5)
        left.legend(loc="upper right")
        parts.still.suptitle(data_name)
        ends = {name: run.held_out_accuracy[-1] for name, run in trainings.items()}
        ranking = sorted(ends, key=lambda name: -ends[name])
        told = ", ".join(f"{name} {ends[name]:.1%}" for name in ranking)
        return f"Right on the held-out digits of {data_name} at the end: {told}."


class Digits(Picture):
    """Digits in rows, each under its label; records are as `digits_figure` takes them."""

    size = (9, 4)

    def show(self, parts, record):
        ax, (x, t, name, rows, columns) = parts.still.subplots(), record
        shown = min(rows * columns, len(t))
        sheet = np.zeros((rows * 38, columns * 32))
        for i in range(shown):
            top, left = 38 * (i // columns) + 10, 32 * (i % columns) + 2
            sheet[top : top + 28, left : left + 28] = x[i].reshape(28, 28)
            ax.text(left + 14, top - 1, str(t[i]), ha="center", va="bottom")
        ax.imshow(sheet, cmap="gray_r", vmin=0)
        ax.axis("off")
        parts.still.suptitle(f"{name}: {shown} digits and their labels")
        labels = ", ".join(str(label) for label in t[:columns])
        return f"{shown} digits of {name} in rows of {columns}, labelled {labels} …"


def describe_training(training):
    """Return one sentence on one training: its settings and what became of it."""
    settings, steps = describe_settings(training.optimizer), len(training.loss)
    if steps == 0:
        return f"{settings}: not trained yet."
    if training.diverged_at is not None:
        return f"{settings}: diverged, the loss is not finite after step {training.diverged_at}."
    sentence = f"{settings}: loss {smooth_curve(training.loss)[-1]:.3f} after {steps} steps"
    if len(training.evaluated_at) and training.evaluated_at[-1] == steps:
        sentence += f", {training.held_out_accuracy[-1]:.1%} right on the held-out digits"
    return sentence + "."


def training_figure(trainings, data_name):
    """Return the article's figure: the loss of each method over the iterations.

    trainings: a dict of names and `Training` records. data_name: for the title.
    """
    return Trainings(trainings, data_name).still(trainings)


def held_out_figure(trainings, data_name):
    """Return a figure of loss and accuracy on the held-out data over the iterations.

    trainings: a dict of names and `Training` records. data_name: for the title.
    """
    return HeldOut().still((trainings, data_name))


def digits_figure(x, t, name, rows=4, columns=12):
    """Return a figure of the first rows × columns digits, each under its label.

    x: images, shape (n, 784). t: their labels. name: the data set's name, for the title.
    """
    return Digits().still((x, t, name, rows, columns))


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


def explore_training(network, stored, data, held_out, data_name, rng=0, optimizers=None):
    """Return an `Explorer`: choose a method, its learning rate and decay, and train the network.

    network, data, held_out, rng: as for `compare`; every run starts from this network's weights
        and, with a seed as rng, sees the same batches.
    stored: the trainings to compare with, a dict of names and `Training` records; a run goes on
        for as many iterations as they did. data_name: for the title.
    optimizers: a dict of names and optimizers to choose from, with the settings that they start
        from; the five at their defaults if None. The decay is an optimizer's last setting.
    """
    if optimizers is None:
        optimizers = {name: type(each)() for name, each in five().items()}
    settings = {name: adjustable(each) for name, each in optimizers.items()}
    rates = {name: "lr" if "lr" in each else next(iter(each)) for name, each in settings.items()}
    decays = {
        name: next((setting for setting in reversed(each) if setting != rates[name]), None)
        for name, each in settings.items()
    }
    iterations = max(len(training.loss) for training in stored.values())

    def comparison(method, lr, decay):
        changes = {rates[method]: lr} | ({decays[method]: decay} if decays[method] else {})
        chosen = with_settings(optimizers[method], **changes)
        return Comparison(network, {"yours": chosen}, data, held_out, rng=rng)

    def job(stop, **values):
        running = comparison(**values)
        while running.iterations < iterations and not stop():
            with threadpool_limits(1):
                pause = perf_counter() + 0.1
                while perf_counter() < pause and running.iterations < iterations:
                    running.advance()
            record = running.records()
            yield running.iterations / iterations, record
            if record["yours"].diverged_at is not None:
                break
        running.evaluate()
        yield running.iterations / iterations, running.records()

    def follow(method):
        controls["decay"].description = decays[method] or "no decay"
        return start(method)

    def start(method):
        return {
            "lr": settings[method][rates[method]],
            "decay": settings[method].get(decays[method], 0.9),
        }

    first = list(optimizers)[min(1, len(optimizers) - 1)]
    values = start(first)
    controls = {
        "method": choice("method", optimizers, first),
        "lr": slider("learning rate", -4, 1, values["lr"], 0.05, log=True),
        "decay": slider(
            decays[first] or "no decay", 0, 0.999, values["decay"], 0.001, format=".3f"
        ),
    }
    return Explorer(
        lambda record: Trainings(record, data_name, stored),
        lambda **values: comparison(**values).records(),
        controls,
        idle=lambda method, **others: () if decays[method] else ("decay",),
        follow={"method": follow},
        job=job,
    )
