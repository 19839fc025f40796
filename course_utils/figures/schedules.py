"""Learning-rate schedules over the updates, and what each makes of the loss."""

import numpy as np

from course_utils.figures.describe import describe_settings
from course_utils.figures.style import looks, new_figure, scale

BASIS = {"color": "0.75", "linewidth": 5, "linestyle": "-"}
"""The look of the first schedule, with which the others are compared: wide, under all of them."""


def schedule_looks(labels):
    """Return a look for each schedule, by label; up to four can be told apart."""
    return dict(zip(labels, [BASIS, *looks(labels)[1:]], strict=True))


def draw_factors(ax, factors, animated=False):
    """Draw what each schedule multiplies the learning rate by into ax; return the lines by label.

    factors: dict of labels and arrays, one number for each update from 1.
    """
    lines = _curves(ax, factors, animated)
    for label, values in factors.items():
        lines[label].set_data(np.arange(1, len(values) + 1), values)
    ax.set(ylim=(-0.03, 1.05), xlabel="updates", title="factor of the learning rate")
    return lines


def draw_mean_losses(ax, losses, lowest=0.0, animated=False):
    """Draw heights above `lowest`, before the first update and after each; return the lines.

    losses: dict of labels and arrays; a curve ends where it is nan.
    """
    lines = _curves(ax, losses, animated)
    for label, values in losses.items():
        lines[label].set_data(np.arange(len(values)), np.maximum(values - lowest, 1e-300))
    ax.set(yscale="log", xlabel="updates")
    return lines


def loss_title(runs):
    """Return the title of a panel with the losses of so many runs."""
    return "mean loss f" if runs > 1 else "loss f"


def _curves(ax, series, animated):
    """Return empty lines with a marker on each eighth of their way."""
    lines = {}
    for label, style in schedule_looks(series).items():
        size = {"markersize": 5 * scale(), "linewidth": style.get("linewidth", 2) * scale()}
        every = max(1, len(series[label]) // 8)
        line = ax.plot([], [], **style | size, label=label, markevery=every, animated=animated)[0]
        lines[label] = line
    return lines


def schedules_figure(comparison):
    """Return a figure of a `ScheduleComparison`: the factors on the left, the losses on the right.

    The first schedule is drawn as the one that the others are compared with.
    """

    def draw(figure):
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.3))
        lines = draw_factors(left, comparison.factors)
        draw_mean_losses(right, comparison.losses, comparison.surface.lowest)
        for ax in (left, right):
            ax.relim()
            ax.autoscale_view(scaley=ax is right)
        right.set_title(loss_title(comparison.runs))
        low, high = right.get_ylim()
        right.set_ylim(max(low, 1e-14), min(high, 1e3))
        figure.suptitle(describe_settings(comparison.optimizer))
        figure.legend(handles=[*lines.values()], loc="outside lower center", ncols=4)

    figure = new_figure(10, 4.2, draw)
    figure.description = describe_schedules(comparison)
    return figure


def describe_schedules(comparison):
    """Return one sentence: the settings, and how high the loss stays in the end by schedule."""
    steps = len(next(iter(comparison.losses.values()))) - 1
    runs = f"mean of {comparison.runs} runs" if comparison.runs > 1 else "one run"
    ends = [
        f"{label} {end:.2g}" if np.isfinite(end) else f"{label} out of sight"
        for label, end in comparison.ends.items()
    ]
    return (
        f"{describe_settings(comparison.optimizer)}, noise {comparison.noise:g}, {runs}: "
        f"f in the last tenth of {steps} updates: {', '.join(ends)}."
    )
