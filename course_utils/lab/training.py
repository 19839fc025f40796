"""Pictures of the digits and of networks being trained, and a network to train by hand."""

from time import perf_counter

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from matplotlib.ticker import MaxNLocator
from threadpoolctl import threadpool_limits

from course_utils.experiments.methods import five
from course_utils.lab.describe import adjustable, describe_settings
from course_utils.lab.style import SOLID, YOURS, looks
from course_utils.optimizer import with_settings
from course_utils.page.axes import name_ends, plain_ticks
from course_utils.page.controls import choice, setting_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Parts, Picture
from course_utils.training import Comparison


class Trainings(Picture):
    """The article's figure: the loss of each training over the iterations.

    Records are dicts of names and `Training`s, all of which move; stored ones stand still.
    """

    def __init__(self, trainings, data_name, stored=()):
        self.stored, self.data_name = dict(stored), data_name
        self.styles = _looks(trainings)
        every = [*trainings.values(), *self.stored.values()]
        self.iterations = max(len(training.loss) for training in every)
        lows = [_smooth(each.loss).min(initial=1) for each in every]
        self.limits = max(min(lows) / 2, 1e-4), 2

    def frame(self, figure):
        figure.get_layout_engine().set(rect=(0, 0, 0.97, 1))  # room for a mark behind a name
        ax, styles = figure.subplots(), _looks(self.stored) | self.styles
        lines = {name: _draw(ax, style, name) for name, style in styles.items()}
        for name, training in self.stored.items():
            _move(lines[name], training.loss)
        ax.set(yscale="log", xlim=(0, self.iterations), ylim=self.limits, title=self.data_name)
        ax.set(xlabel="iterations", ylabel="loss of the batch, after the step")
        plain_ticks(ax)
        names = name_ends([smooth for _, smooth in lines.values()])
        return Parts(still=lines.values(), lines={n: lines[n] for n in self.styles}, names=names)

    def show(self, parts, trainings):
        for name, training in trainings.items():
            _move(parts.lines[name], training.loss)
        name_ends([smooth for _, smooth in parts.still], parts.names)
        for (raw, smooth), name in zip(parts.still, parts.names, strict=True):
            (low, high), end = self.limits, [*smooth.get_ydata()[-1:], np.inf][0]
            mark = " ▲" if end > high else " ▼" if end < low else ""
            name.set(visible=len(raw.get_ydata()) > 0, text=smooth.get_label() + mark)
        if len(trainings) == 1:
            return describe_training(next(iter(trainings.values())))
        ends = {n: np.inf if r.diverged_at else _smooth(r.loss)[-1] for n, r in trainings.items()}
        words = {n: f"{n} {y:.3g}" if y < np.inf else f"{n} diverged" for n, y in ends.items()}
        told = ", ".join(words[name] for name in sorted(ends, key=ends.get))
        return f"Smoothed loss on {self.data_name} at the end: {told}."


def _looks(trainings):
    return {n: YOURS if n == "yours" else look | SOLID for n, look in looks(trainings).items()}


def _draw(ax, style, name):
    """Draw one training's loss into ax, still empty: raw and faint, smoothed and marked."""
    faint = {"color": style["color"], "alpha": 0.15, "linewidth": 0.6}
    return ax.plot([], [], **faint)[0], ax.plot([], [], **style, markevery=100, label=name)[0]


def _move(lines, loss):
    for line, values in zip(lines, (loss, _smooth(loss)), strict=True):
        line.set_data(np.arange(1, len(values) + 1), values)


def _smooth(loss):
    """Return the finite losses, smoothed by a bell some 100 iterations wide."""
    loss = loss[np.isfinite(loss)]
    half = max(min(50, len(loss) - 1), 0)
    window = np.hanning(2 * half + 3)[1:-1] / (half + 1)
    return np.convolve(np.pad(loss, half, "reflect"), window, "valid") if len(loss) else loss


class HeldOut(Picture):
    """Loss and accuracy on held-out data, near their ends; records as for `held_out_figure`."""

    def show(self, parts, record):
        (trainings, data_name), axes = record, parts.still.subplots(1, 2)
        for ax, kind in zip(axes, ("loss", "accuracy, %"), strict=True):
            styles, lines = _looks(trainings), []
            for name, run in trainings.items():
                values = run.held_out_loss if kind == "loss" else 100 * run.held_out_accuracy
                at, late = run.evaluated_at, len(values) // 2
                lines += ax.plot(at[late:], values[late:], **styles[name], label=name)
                lines[-1].set_data(at, values)  # the limits stay those of the late ones
            ax.set(xlim=(0, 1.02 * at[-1]), xlabel="iterations", title=f"held-out {kind}")
            ax.locator_params(axis="x", nbins=5)
            if kind == "loss":
                ax.set_yscale("log")
                plain_ticks(ax)
                if np.divide(*ax.get_ylim()) > 0.1:  # less than three of those may stand on it
                    ax.yaxis.set_major_locator(MaxNLocator(8, min_n_ticks=3))
            name_ends(lines)
            _mark_exits(ax, lines)
        parts.still.suptitle(data_name)
        ends = {name: run.held_out_accuracy[-1] for name, run in trainings.items()}
        told = ", ".join(f"{n} {ends[n]:.1%}" for n in sorted(ends, key=ends.get, reverse=True))
        return f"Right on the held-out digits of {data_name} at the end: {told}."


def _mark_exits(ax, lines):
    for line in lines:
        x, y = (ax.transData - ax.transAxes).transform(line.get_xydata()).clip(-1e6, 1e6).T
        for edge, shape in (0, "v"), (1, "^"):
            i = np.flatnonzero(np.diff(y > edge))
            at = x[i] + (edge - y[i]) * (x[i + 1] - x[i]) / (y[i + 1] - y[i])
            look = {"color": line.get_color(), "marker": shape, "clip_on": False}
            ax.scatter(at, 0 * at + edge, **look, zorder=3, transform=ax.transAxes)


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
    sentence = f"{settings}: loss {_smooth(training.loss)[-1]:.3g} after {steps} steps"
    if len(training.evaluated_at) and training.evaluated_at[-1] == steps:
        sentence += f", {training.held_out_accuracy[-1]:.1%} right on the held-out digits"
    return sentence + "."


def training_figure(trainings, data_name):
    """Return the article's figure of a dict of names and `Training`s; data_name: for the title."""
    return Trainings(trainings, data_name).still(trainings)


def held_out_figure(trainings, data_name):
    """Return a figure of loss and accuracy on held-out data, of what `training_figure` takes."""
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
    """Return an `Explorer`: choose a method and its settings, and train the network.

    network, data, held_out, rng: as for `compare`; every run starts from this network's weights
        and, with a seed as rng, sees the same batches.
    stored: the trainings to compare with, a dict of names and `Training` records; a run goes on
        for as many iterations as they did. data_name: for the title.
    optimizers: a dict of names and optimizers to choose from, with the settings that they start
        from; the five at their defaults if None. Only the chosen one's settings have controls.
    """
    optimizers = optimizers or {name: type(each)() for name, each in five().items()}
    settings = {name: adjustable(each) for name, each in optimizers.items()}
    every = {setting: value for each in settings.values() for setting, value in each.items()}
    iterations = max(len(training.loss) for training in stored.values())

    def comparison(method, **values):
        chosen = with_settings(optimizers[method], **{n: values[n] for n in settings[method]})
        return Comparison(network, {"yours": chosen}, data, held_out, rng=rng)

    def job(stop, **values):
        running = comparison(**values)
        while running.iterations < iterations and not stop():
            with threadpool_limits(1):
                pause = perf_counter() + 0.1
                while perf_counter() < pause and running.iterations < iterations:
                    running.advance()
            yield running.iterations / iterations, (record := running.records())
            if record["yours"].diverged_at is not None:
                break
        running.evaluate()
        yield running.iterations / iterations, running.records()

    first = list(optimizers)[min(1, len(optimizers) - 1)]
    return Explorer(
        lambda record: Trainings(record, data_name, stored),
        lambda **values: comparison(**values).records(),
        {"method": choice("method", optimizers, first)}
        | {n: setting_slider(n, value) for n, value in (every | settings[first]).items()},
        idle=lambda method, **others: [name for name in every if name not in settings[method]],
        follow={"method": settings.get},
        job=job,
    )
