"""Pictures of the digits and of networks being trained, and a network to train by hand."""

from time import perf_counter

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from matplotlib import colormaps
from matplotlib.artist import setp
from matplotlib.ticker import MaxNLocator
from threadpoolctl import threadpool_limits

from course_utils.experiments.methods import five
from course_utils.lab.curves import mark_ends
from course_utils.lab.describe import adjustable, describe_settings
from course_utils.lab.style import LIGHT, SOLID, YOURS, looks, plain_ticks
from course_utils.machine import LIMIT, LIMIT_TOLD
from course_utils.optimizer import with_settings
from course_utils.page.axes import dark, name_ends, power_ticks
from course_utils.page.controls import Choice, setting_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Parts, Picture
from course_utils.training import Comparison

OWN = {"yours": YOURS} | {n: YOURS | {"alpha": 0.75 - 0.15 * n, "linewidth": 2} for n in (1, 2, 3)}
"""The looks of the reader's own run and, faint, of the last ones before."""


class Trainings(Picture):
    """The article's figure, the loss of each training over the updates; records are dicts of names
    and `Training`s that move, after "yours" earlier ones of the reader; stored ones are pale.
    digits: a pair (x, t), which the first stored one misreads, to show what the reader's reads.
    moment: "loss", after each step, or "loss_before" it."""

    def __init__(self, trainings, data_name, stored=(), goal=1, digits=None, moment="loss"):
        self.stored, self.data_name, self.goal = dict(stored), data_name, goal
        self.moment, self.digits, self.size = moment, digits, (10.4, 5.0 if digits else 4.6)
        self.styles = _looks(trainings)
        every = [*trainings.values(), *self.stored.values()]
        self.iterations = max(training.planned for training in every)
        lowest = min(_smooth(getattr(each, moment)).min(initial=0.08) for each in every)
        self.limits = max(lowest / 2, 1e-4), 4

    def frame(self, figure):
        if self.stored:  # beside the axes stand names with settings and scores
            figure.get_layout_engine().set(rect=(0, 0, 1 - 2.15 / figure.get_figwidth(), 1))
        lines, guess, small = {}, np.log(10), {"color": "0.3", "size": 10}
        heights = (1, 2.7) if self.digits else (1,)
        *above, ax = figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
        pale, marks = self.stored if len(self.stored) > 1 else (), max(10, self.iterations // 50)
        for name, look in (_looks(self.stored) | self.styles).items():
            look |= {"alpha": 0.5, "linewidth": 1.5} if name in pale else {}
            (raw,) = ax.plot([], [], color=look["color"], alpha=0.15, linewidth=0.6)
            raw.set_visible("alpha" not in look)
            lines[name] = raw, *ax.plot([], [], **look, markevery=(4, marks))
        ax.set(yscale="log", xlim=(0, self.iterations), ylim=self.limits, xlabel="updates")
        when = "after" if self.moment == "loss" else "before"
        ax.set_title(f"{self.data_name}: loss of each batch, {when} its step", loc="left")
        plain_ticks(ax)
        ax.hlines(guess, 0, self.iterations, color="0.5", linestyle=":", linewidth=1.2)
        for name, training in self.stored.items():
            self._move(lines[name], name, training)
        names = name_ends([smooth for _, smooth in lines.values()])
        if self.stored:
            setp(names, in_layout=False, size=10, bbox=LIGHT)
            head = small | {"transform": names[0].get_transform(), "in_layout": False}
            ax.text(1, 1.02, f"test digits right (✓ ≥ {100 * self.goal:g} %)", **head)
        ax.text(0.99 * self.iterations, 1.1 * guess, f"a guess: {guess:.2f}", ha="right", **small)
        moving = {name: lines[name] for name in self.styles}
        read = [text for strip in above for text in self._draw_digits(strip, small)]
        return Parts(still=lines.values(), lines=moving, names=names, read=read)

    def _draw_digits(self, ax, small):
        """Draw digits side by side, a square for each dark pixel; return the texts under them."""
        digit, row, column = np.nonzero(self.digits[0].reshape(-1, 28, 28) > 0.4)
        ax.plot(column + 40 * digit, -row, "s", color="0.1", markersize=1.8, markeredgewidth=0)
        ax.set(xlim=(-120, 480), ylim=(-66, 1), aspect="equal")
        ax.axis("off")
        (name, stored), *_ = self.stored.items()
        for y, words in (-14, "test digits"), (-39, f"{name} reads"), (-58, "yours reads"):
            ax.text(-10, y, words, **small, ha="right", va="center")
        middle = {"ha": "center", "va": "center", "color": dark(_looks(self.stored)[name]["color"])}
        for n, one in enumerate(stored.network.predict(self.digits[0]).argmax(axis=1)):
            ax.text(40 * n + 14, -39, f"{one} ✗", **middle)
        middle["color"] = "0.1"
        return [ax.text(40 * n + 14, -58, "", **middle) for n in range(len(self.digits[1]))]

    def show(self, parts, trainings):
        runs = [*trainings.items(), *[("", None)] * len(parts.lines)]
        for lines, run in zip(parts.lines.values(), runs, strict=False):
            self._move(lines, *run)
        for (raw, _), name in zip(parts.still, parts.names, strict=True):
            name.set_visible(len(raw.get_ydata()) > 0)
        mark_ends([smooth for _, smooth in parts.still], parts.names)
        for name in parts.names if self.stored else ():
            beyond = 7.8 * max(len(name.get_text()) - 26, 0)  # pixels, by which it is too long
            name.set_x(name.get_position()[0] - beyond / name.axes.bbox.width)
        first = next(iter(trainings.values()))
        if self.digits:
            read = first.network.predict(self.digits[0]).argmax(axis=1)
            for text, one, label in zip(parts.read, read, self.digits[1], strict=True):
                text.set_text(f"{one} {'✗✓'[int(one == label)]}" if len(first.loss) else "?")
        if len(trainings) == 1 or "yours" in trainings:
            return describe_training(first, self.moment)
        ends = []
        for name, run in trainings.items():
            y = np.inf if run.diverged_at else [*_smooth(run.loss)[-1:], np.nan][0]
            ends.append((y, f"{name} {y:.3g}{run.cut}" if y != np.inf else f"{name} diverged"))
        told = ", ".join(words for _, words in sorted(ends))
        return f"Smoothed loss on {self.data_name} at the end: {told}."

    def _move(self, lines, name, run):
        """Give a pair of lines a run's losses, or none, and beside stored ones also its score."""
        loss = getattr(run, self.moment, np.empty(0))
        for line, values, every in zip(lines, (loss, _smooth(loss)), (-1, -10), strict=True):
            at = np.arange(len(values))[::every][::-1]
            line.set_data(at + 1, values[at])
        score = _score(run, self.goal) if run and self.stored else ""
        lines[1].set_label(f"{name} · {score}" if score else name)


def _score(training, goal=2):
    """Return the share of test digits right after the last update, ticked from goal on, or ""."""
    made, share = len(training.loss), training.held_out_accuracy[-1:]
    known = made > 0 and made in training.evaluated_at
    return f"{100 * share[0]:.1f} %{' ✓' if share[0] >= goal else ''}" if known else ""


def _looks(trainings):
    """Return the looks by name; beside "SGD" "SGD, lr 0.5" has its colour, dashed and hollow."""
    found, changed = {}, {"linestyle": "--", "markerfacecolor": "white"}
    for name, look in looks(trainings).items():
        usual = found.get(str(name).split(",")[0])
        found[name] = OWN.get(name) or (usual | changed if usual else look | SOLID)
    return found


def _smooth(loss):
    """Return the finite losses, smoothed by a bell some 100 iterations wide."""
    loss = loss[np.isfinite(loss)]
    half = max(min(50, len(loss) - 1), 0)
    window = np.hanning(2 * half + 3)[1:-1] / (half + 1)
    return np.convolve(np.pad(loss, half, "reflect"), window, "valid") if len(loss) else loss


class HeldOut(Picture):
    """Loss and accuracy on held-out data, near their ends; records as for `held_out_figure`."""

    def show(self, parts, record):
        trainings, data_name = record
        updates = max(run.planned for run in trainings.values())
        axes = parts.still.subplots(1, 2, gridspec_kw={"wspace": 0.08})
        for ax, kind in zip(axes, ("test loss", "test accuracy, %"), strict=True):
            styles, lines = _looks(trainings), []
            for name, run in trainings.items():
                values = run.held_out_loss if "loss" in kind else 100 * run.held_out_accuracy
                at, late = run.evaluated_at, len(values) // 2
                lines += ax.plot(at[late:], values[late:], **styles[name], label=name)
                lines[-1].set_data(at[at > 0], values[at > 0])  # the limits stay the late ones'
            ax.set(xlim=(0, 1.02 * updates), xlabel="updates", title=f"{data_name}, {kind}")
            ax.locator_params(axis="x", nbins=5)
            if "loss" in kind:
                ax.set_yscale("log")
                plain_ticks(ax)
                if np.divide(*ax.get_ylim()) > 0.1:  # less than three of those may stand on it
                    ax.yaxis.set_major_locator(MaxNLocator(8, min_n_ticks=3))
            name_ends(lines)
        runs = sorted(trainings.items(), key=lambda item: -item[1].held_out_accuracy[-1])
        told = ", ".join(f"{name} {run.held_out_accuracy[-1]:.1%}{run.cut}" for name, run in runs)
        return f"Right on the test digits of {data_name} at the end: {told}."


class Digits(Picture):
    """The first digit enlarged, and a column for each label; records as for `digits_figure`."""

    size = (10.4, 4)

    def show(self, parts, record):
        (one, every), (x, t, name, rows) = parts.still.subplots(1, 2, width_ratios=(2, 5)), record
        labels, look = np.unique(t), {"cmap": colormaps["gray_r"].resampled(256), "vmin": 0}
        sheet = np.zeros((32 * rows, 32 * len(labels)))
        for column, label in enumerate(labels):
            for row, image in enumerate(x[t == label][:rows]):
                sheet[32 * row :, 32 * column :][2:30, 2:30] = image.reshape(28, 28)
        every.imshow(sheet, **look)
        parts.still.colorbar(one.imshow(x[0].reshape(28, 28), **look), ax=one, location="bottom")
        one.set(xticks=(), yticks=(), title=f"a {t[0]}: 28 × 28 pixels")
        one.spines[:].set(visible=True, color="0.7")
        every.set_xticks(32 * np.arange(len(labels)) + 15.5, labels, size=13)
        every.tick_params(length=0, labeltop=True, labelbottom=False, grid_alpha=0)
        title = f"{name}: the first {rows} digits of each label"
        every.set(frame_on=False, yticks=(), title=title)
        return f"{title}, {labels[0]} to {labels[-1]}; enlarged, a {t[0]}."


class Weights(Picture):
    """The RMS gradients of each pixel's weights, their medians on the image and in their order;
    records are a first layer's, of shape (784, hidden units)."""

    def show(self, parts, rms):
        (left, right), sizes = parts.still.subplots(1, 2), np.ma.masked_equal(rms, 0)
        medians = np.ma.median(sizes, axis=1)
        never = np.ma.getmaskarray(medians)
        image = left.imshow(medians.reshape(28, 28), norm="log", cmap="viridis")
        left.plot(*np.divmod(np.flatnonzero(never), 28)[::-1], "x", color="0.3")
        left.set(xlabel="× no gradient in any update", title="Median RMS gradient, pixel by pixel")
        left.set(frame_on=False, xticks=(), yticks=())
        sizes = sizes[medians.argsort()[: np.sum(~never)]].filled(np.nan)
        low, middle, high = np.nanpercentile(sizes, (5, 50, 95), axis=1)
        right.fill_between(np.arange(len(sizes)), low, high, color="0.8", linewidth=0)
        right.plot(middle, color="0.3")
        right.set(yscale="log", xlim=(0, len(sizes)), title="How much one pixel's weights differ")
        right.set_xlabel("pixels, by their medians\nband: 90 % of a pixel's weights")
        for axis in (parts.still.colorbar(image).ax.yaxis, right.yaxis):
            power_ticks(axis)
        told = f"{np.sum(rms == 0):,} of {rms.size:,} weights never got a gradient; of the others"
        close = f"{np.sum(high < 10 * low)} of {len(sizes)} pixels"
        return f"{told} 90 % lie within a factor of 10 at {close}."


def describe_training(training, moment="loss"):
    """Return one sentence on one training: its settings and what became of it."""
    settings, steps = describe_settings(training.optimizer), len(training.loss)
    if steps == 0:
        return f"{settings}: not trained yet."
    if training.diverged_at is not None:
        return f"{settings}: diverged, the loss is not finite after step {training.diverged_at}."
    made, score = training.cut or f" after {steps} steps", _score(training)
    right = f", {score} right on the test digits" if score else ""
    return f"{settings}: loss {_smooth(getattr(training, moment))[-1]:.3g}{made}{right}."


def training_figure(trainings, data_name):
    """Return the article's figure of a dict of names and `Training`s; data_name: for the title."""
    return Trainings(trainings, data_name).still(trainings)


def held_out_figure(trainings, data_name):
    """Return a figure of loss and accuracy on held-out data, of what `training_figure` takes."""
    return HeldOut().still((trainings, data_name))


def digits_figure(x, t, name, rows=5):
    """Return a figure of the first of images x, shape (n, 784), with labels t: one enlarged, and of
    each label so many as rows; name: the data set's, for the title."""
    return Digits().still((x, t, name, rows))


weights_figure = Weights().still


class ProgressBar(widgets.HBox):
    """A bar that `compare` and `train` move: compare(…, progress=ProgressBar("training"))."""

    def __init__(self, label="training"):
        self.label, self.text = label, widgets.Label(f"{label} …")
        self.bar = widgets.IntProgress(layout=widgets.Layout(width="60%"))
        super().__init__([self.bar, self.text])
        display(self)

    def __call__(self, done, total):
        """Show that `done` of `total` steps are made."""
        if done % max(1, total // 100) == 0 or done == total:
            self.bar.max, self.bar.value = total, done
            self.text.value = f"{self.label}: {done} of {total}{LIMIT_TOLD}"

    def __repr__(self):
        return f"{self.label}: a progress bar"


def explore_training(
    network, stored, data, held_out, data_name, rng=0, optimizers=None, goal=1, before=False
):
    """Return an `Explorer`: choose a method and its settings, train, compare the tries.

    network, data, held_out, rng: as for `compare`; every run starts from this network's weights
        and, with a seed as rng, sees the same batches.
    stored: the trainings to compare with, a dict of names and `Training` records; a run goes on
        for as many iterations as they should. data_name: for the title.
    optimizers: a dict of names and optimizers to choose from, with the settings that they start
        from; the five at their defaults if None. Only the chosen one's settings have controls.
    goal: the share of right answers, at most 1, from which on a run is ticked.
    before: whether each loss is that before its step.
    """
    optimizers = optimizers or {name: type(each)() for name, each in five().items()}
    settings = {name: adjustable(each) for name, each in optimizers.items()}
    every = {setting: value for each in settings.values() for setting, value in each.items()}
    iterations = max(training.planned for training in stored.values())
    runs = {}  # the reader's own, the last one at the end

    def comparison(method, **values):
        chosen = with_settings(optimizers[method], **{n: values[n] for n in settings[method]})
        return Comparison(network, {"yours": chosen}, data, held_out, rng=rng)

    def records(running):
        """Return the run, and by their names the last three before."""
        before = [each for each in runs.items() if len(each[1].loss)][:-4:-1]
        return running.records(iterations) | dict(before)

    def named(method, **values):
        """Return a method and its settings up to the last one that was moved: "Adam 0.003"."""
        numbers, starts = [values[n] for n in settings[method]], [*settings[method].values()]
        while len(numbers) > 1 and numbers[-1] == starts[len(numbers) - 1]:
            numbers.pop()
        return f"{method} {', '.join(f'{number:.4g}' for number in numbers)}"

    def job(stop, **values):
        running, name, end = comparison(**values), named(**values), perf_counter() + LIMIT
        runs.pop(name, None)
        while running.iterations < iterations and not stop() and perf_counter() < end:
            with threadpool_limits(1):
                pause = perf_counter() + 0.1
                while perf_counter() < pause and running.iterations < iterations:
                    running.advance()
            yield running.iterations / iterations, (record := records(running))
            if record["yours"].diverged_at is not None:
                break
        running.evaluate()
        yield running.iterations / iterations, (record := records(running))
        runs[name] = record["yours"]

    class Trainer(Explorer):
        def reset(self):
            runs.clear()
            super().reset()

    first, (x, t) = [*optimizers][:2][-1], (each[:1000] for each in held_out)
    beside = next(iter(stored.values()))
    wrong = x.shape[1] == 784 and beside.network.predict(x).argmax(axis=1) != t
    digits = (x[wrong][:12], t[wrong][:12]) if np.any(wrong) else None
    look = stored, goal, digits, "loss_before" if before else "loss"
    return Trainer(
        lambda now: Trainings(dict.fromkeys(OWN, now["yours"]), data_name, *look),
        lambda **values: records(comparison(**values)),
        {"method": Choice("method", optimizers, first)}
        | {n: setting_slider(n, value) for n, value in (every | settings[first]).items()},
        idle=lambda method, **others: [name for name in every if name not in settings[method]],
        follow={"method": settings.get},
        job=job,
    )
