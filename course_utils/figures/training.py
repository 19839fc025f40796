"""Pictures of the digits and of networks being trained."""

import numpy as np

from course_utils.figures.describe import describe_settings
from course_utils.figures.style import looks, new_figure
from course_utils.training import smooth_curve


def digits_figure(x, t, name, rows=4, columns=12):
    """Return a figure of the first rows × columns digits, each under its label.

    x: images, shape (n, 784). t: their labels. name: the data set's name, for the title.
    """
    shown = min(rows * columns, len(t))

    def draw(figure):
        ax = figure.subplots()
        sheet = np.zeros((rows * 38, columns * 32))
        for i in range(shown):
            top, left = 38 * (i // columns) + 10, 32 * (i % columns) + 2
            sheet[top : top + 28, left : left + 28] = x[i].reshape(28, 28)
            ax.text(left + 14, top - 1, str(t[i]), ha="center", va="bottom")
        ax.imshow(sheet, cmap="gray_r", vmin=0)
        ax.axis("off")
        figure.suptitle(f"{name}: {shown} digits and their labels")

    figure = new_figure(9, 4, draw)
    labels = ", ".join(str(label) for label in t[:columns])
    figure.description = f"{shown} digits of {name} in rows of {columns}, labelled {labels} …"
    return figure


def draw_training(ax, name, loss, style, animated=False):
    """Draw one training's loss into ax and return its lines: raw and faint, smoothed and marked.

    name: for the legend. loss: one number per iteration; there may be none yet. style: colour and
        so on. animated: leave the lines to a `LivePicture`.
    """
    faint = {"color": style["color"], "alpha": 0.2, "linewidth": 0.6}
    (raw,) = ax.plot([], [], **faint, animated=animated)
    (smooth,) = ax.plot([], [], **style, markevery=100, label=name, animated=animated)
    move_training((raw, smooth), loss)
    return raw, smooth


def draw_trainings(ax, trainings):
    """Draw the losses of a dict of names and `Training` records into ax."""
    for (name, training), style in zip(trainings.items(), looks(trainings), strict=True):
        draw_training(ax, name, training.loss, style)


def move_training(lines, loss):
    """Give the lines that `draw_training` returned another loss to show."""
    raw, smooth = lines
    steps = np.arange(1, len(loss) + 1)
    raw.set_data(steps, loss)
    smooth.set_data(steps, smooth_curve(loss) if len(loss) else [])


def frame_training(ax, title, iterations):
    """Give ax the axes of the article's figure: the loss from 0 to 1 over the iterations."""
    ax.set(xlim=(0, iterations), ylim=(0, 1), title=title)
    ax.set_xlabel("iterations")
    ax.set_ylabel("loss of the batch, after the step")


def training_figure(trainings, data_name):
    """Return the article's figure: the loss of each method over the iterations.

    trainings: a dict of names and `Training` records. data_name: for the title.
    """

    def draw(figure):
        ax = figure.subplots()
        draw_trainings(ax, trainings)
        frame_training(ax, data_name, max(len(run.loss) for run in trainings.values()))
        ax.legend(loc="upper right")

    figure = new_figure(9, 5, draw)
    figure.description = describe_trainings(trainings, data_name)
    return figure


def held_out_figure(trainings, data_name):
    """Return a figure of loss and accuracy on the held-out data over the iterations.

    trainings: a dict of names and `Training` records. data_name: for the title.
    """

    def draw(figure):
        left, right = figure.subplots(1, 2)
        for (name, run), style in zip(trainings.items(), looks(trainings), strict=True):
            left.plot(run.evaluated_at, run.held_out_loss, **style, label=name)
            right.plot(run.evaluated_at, run.held_out_accuracy, **style)
        left.set(ylim=(0, 1), title="held-out loss")
        right.set(ylim=(0.8, 1), title="held-out accuracy")
        for ax in (left, right):
            ax.set_xlabel("iterations")
            ax.locator_params(axis="x", nbins=5)
        left.legend(loc="upper right")
        figure.suptitle(data_name)

    figure = new_figure(9, 4.2, draw)
    figure.description = describe_held_out(trainings, data_name)
    return figure


def describe_held_out(trainings, data_name):
    """Return one sentence on the last held-out accuracy of each method, highest first."""
    ends = {name: run.held_out_accuracy[-1] for name, run in trainings.items()}
    ranking = sorted(ends, key=lambda name: -ends[name])
    parts = ", ".join(f"{name} {ends[name]:.1%}" for name in ranking)
    return f"Right on the held-out digits of {data_name} at the end: {parts}."


def describe_trainings(trainings, data_name):
    """Return one sentence on the smoothed loss at which each method ends, lowest first."""
    ends = {name: smooth_curve(run.loss)[-1] for name, run in trainings.items()}
    parts = [
        f"{name} {ends[name]:.2f}" if np.isfinite(ends[name]) else f"{name} diverged"
        for name in sorted(ends, key=lambda name: np.nan_to_num(ends[name], nan=np.inf))
    ]
    return f"Smoothed loss on {data_name} at the end: {', '.join(parts)}."


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
