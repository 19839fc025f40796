"""Pictures of the stored sweep: the rates tried, before and after tuning, test scores and ties."""

from functools import partial

import numpy as np
from matplotlib.ticker import FuncFormatter, NullLocator

from course_utils.figures.style import look, new_figure
from course_utils.results import accuracy_on_test, place_text, ranks

FAILED = 4.0
"""From this validation loss on a setting counts as failed; an even guess costs ln 10 = 2.30."""


def rates_figure(sweep):
    """Return a figure of the last validation loss of each method against the learning rate.

    The line is the mean over the seeds, the band reaches from the lowest to the highest, and a ring
    marks the best rate. Rates at which a run diverged or the mean is above `FAILED` stand above.
    """

    def draw(figure):
        ax, top = figure.subplots(), FAILED * 2.6
        for row, method in enumerate(sweep.methods):
            draw_rates(ax, sweep, method, height=FAILED * 1.3 * 1.15**row)
        ax.axhline(np.log(10), color="0.3", linestyle=":")
        ax.text(sweep.main[0].lr, np.log(10), "an even guess", va="bottom", ha="left")
        ax.axhspan(FAILED * 1.15, top, color="0.95", zorder=0)
        ax.text(sweep.main[0].lr, FAILED * 1.3, f"diverged or above {FAILED:g}", va="bottom")
        lowest = min(sweep.best(method).score for method in sweep.methods)
        ax.set(xscale="log", yscale="log", ylim=(0.8 * lowest, top))
        ticks = [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2) if tick > 0.8 * lowest]
        ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.yaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda lr, _: f"{lr:g}"))
        ax.set_xlabel("learning rate")
        ax.set_ylabel("validation loss")
        ax.set_title(f"{sweep.data_name} after {sweep.iterations:,} updates, {_seeds(sweep)} seeds")
        figure.legend(*ax.get_legend_handles_labels(), loc="outside right upper")

    figure = new_figure(9, 5, draw)
    figure.description = describe_rates(sweep)
    return figure


def draw_rates(ax, sweep, method, height):
    """Draw one method's losses against its rates; failed rates as marks at a height of their own.

    Returns the line, the band, the ring around the best and the marks.
    """
    style, settings = look(method), sweep.rates(method)
    rates = np.array([setting.lr for setting in settings])
    last = np.array([setting.loss[:, -1] for setting in settings])
    failed = np.array([not setting.score < FAILED for setting in settings])
    shown = np.where(failed, np.nan, [setting.score for setting in settings])
    (line,) = ax.plot(rates, shown, **style, label=method)
    low, high = (np.where(failed, np.nan, edge(last, axis=1)) for edge in (np.min, np.max))
    band = ax.fill_between(rates, low, high, color=style["color"], alpha=0.2, linewidth=0)
    best = sweep.best(method)
    ring = {"marker": "o", "markersize": 14, "fillstyle": "none", "markeredgewidth": 2}
    (ring,) = ax.plot([best.lr], [best.score], color=style["color"], **ring)
    marks = {"color": style["color"], "marker": style["marker"], "linestyle": ""}
    (marks,) = ax.plot(rates[failed], np.full(failed.sum(), height), **marks)
    return line, band, ring, marks


def describe_rates(sweep):
    """Return sentences on the best rate of each method and on where it begins to fail."""
    best = [sweep.best(method) for method in sweep.methods]
    parts = [f"{one.method} {one.score:.3f} at lr {one.lr:g}" for one in best]
    sentence = f"Lowest mean validation loss on {sweep.data_name}: {', '.join(parts)}."
    fails = []
    for method in sweep.methods:
        bad = [s for s in sweep.rates(method) if s.lr > sweep.best(method).lr and s.score > 1]
        fails += [f"{method} {bad[0].lr:g}"] if bad else []
    return (
        f"{sentence} The loss is above 1 from these rates on: {', '.join(fails)}."
        if fails
        else sentence
    )


def article_figure(sweep):
    """Return a figure of the validation loss over the updates at the article's rates.

    The lines are means over the seeds, the bands reach from the lowest to the highest.
    """
    figure = new_figure(
        9, 5, partial(_draw_panels, sweep, {"at the article's rates": sweep.article})
    )
    figure.description = f"{_start_of_description(sweep)}: {_ends(sweep, sweep.article)}."
    return figure


def tuning_figure(sweep):
    """Return the `article_figure` beside the same with each method's own best rate."""
    panels = {"at the article's rates": sweep.article, "each at its own best rate": sweep.best}
    figure = new_figure(9, 5.5, partial(_draw_panels, sweep, panels))
    figure.description = describe_tuning(sweep)
    return figure


def _draw_panels(sweep, panels, figure):
    figure.get_layout_engine().set(wspace=0.06)  # room between the panels' last and first tick
    axes = figure.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    for ax, (title, choose) in zip(axes, panels.items(), strict=True):
        for method in sweep.methods:
            draw_validation(ax, sweep, choose(method))
        ax.set_title(title)
        ax.set_xlabel("updates")
        ax.locator_params(axis="x", nbins=5)
    axes[0].set(yscale="log", ylim=(0.08, 3), xlim=(0, sweep.iterations))
    axes[0].set_yticks([0.1, 0.2, 0.5, 1, 2], ["0.1", "0.2", "0.5", "1", "2"])
    axes[0].yaxis.set_minor_locator(NullLocator())
    axes[0].set_ylabel("validation loss")
    labels = [
        f"{method}, lr " + " → ".join(f"{choose(method).lr:g}" for choose in panels.values())
        for method in sweep.methods
    ]
    figure.legend(axes[0].lines, labels, loc="outside lower center", ncols=4 - len(panels))
    figure.suptitle(f"{sweep.data_name}, {_seeds(sweep)} seeds")


def draw_validation(ax, sweep, setting):
    """Draw a setting's validation loss over the updates; return the line and the band."""
    style = look(setting.method)
    mean, low, high = (edge(setting.loss, axis=0) for edge in (np.mean, np.min, np.max))
    (line,) = ax.plot(sweep.evaluated_at, mean, **style, markevery=4)
    color = style["color"]
    band = ax.fill_between(sweep.evaluated_at, low, high, color=color, alpha=0.2, linewidth=0)
    return line, band


def describe_tuning(sweep):
    """Return two sentences: the last mean validation losses at the article's rates, at the best."""
    return (
        f"{_start_of_description(sweep)}: {_ends(sweep, sweep.article)}. "
        f"Each at its own best rate: {_ends(sweep, sweep.best)}."
    )


def _start_of_description(sweep):
    return (
        f"Mean validation loss on {sweep.data_name} after {sweep.iterations:,} updates at the "
        "article's rates"
    )


def _ends(sweep, choose):
    settings = sorted((choose(method) for method in sweep.methods), key=lambda s: s.score)
    return ", ".join(f"{s.method} {s.score:.3f}" for s in settings)


def scores_figure(sweep):
    """Return a figure of the test accuracies with their 95 % intervals over the seeds.

    On the left each method goes from the article's rate (hollow) to its best (filled); on the
    right are the best alone, enlarged, with the places that their intervals allow.
    """

    def draw(figure):
        left, right = figure.subplots(1, 2, sharey=True)
        article, best = (
            accuracy_on_test(choose(method) for method in sweep.methods)
            for choose in (sweep.article, sweep.best)
        )
        for row, method in enumerate(sweep.methods):
            ends = [100 * article[method][0], 100 * best[method][0]]
            left.plot(ends, [row, row], color="0.7", linewidth=1.2, zorder=1)
            draw_interval(left, row, article[method], method, hollow=True)
            draw_interval(left, row, best[method], method)
            draw_interval(right, row, best[method], method)
        end = max(high for _, _, high in best.values())
        for row, (first, last) in enumerate(ranks(best).values()):
            place = place_text((first, last))
            right.text(100 * end, row - 0.2, f"place {place}", ha="right", va="bottom")
        left.set_yticks(range(len(sweep.methods)), sweep.methods)
        left.set_ylim(len(sweep.methods) - 0.5, -0.7)
        left.set_title("article's rate to best")
        right.set_title("the best, enlarged")
        for ax in (left, right):
            ax.set_xlabel("right on the test digits, %")
            ax.locator_params(axis="x", nbins=5)
        figure.suptitle(f"{sweep.data_name}: means and 95 % intervals, {_seeds(sweep)} seeds")

    figure = new_figure(9, 4.2, draw)
    figure.description = describe_scores(sweep)
    return figure


def draw_interval(ax, row, bounds, method, hollow=False):
    """Draw a mean and its interval, shares from 0 to 1, as percent; return the artists."""
    mean, low, high = (100 * value for value in bounds)
    style = look(method)
    return ax.errorbar(
        mean,
        row,
        xerr=[[mean - low], [high - mean]],
        color=style["color"],
        marker="o",
        markersize=9,
        markerfacecolor="white" if hollow else style["color"],
        capsize=5,
    )


def describe_scores(sweep):
    """Return two sentences: test accuracies and places at the article's rates, at the best."""

    def scores(choose):
        bounds = accuracy_on_test(choose(method) for method in sweep.methods)
        places_of = ranks(bounds)
        order = sorted(bounds, key=lambda method: -bounds[method][0])
        return ", ".join(
            f"{m} {bounds[m][0]:.2%} (place {place_text(places_of[m])})" for m in order
        )

    return (
        f"Right on the test digits of {sweep.data_name} at the article's rates: "
        f"{scores(sweep.article)}. Each at its own best rate: {scores(sweep.best)}."
    )


SIDES = {
    "decay_rate": ("RMSProp",),
    "beta1": ("Adam",),
    "beta2": ("Adam",),
    "batch_size": ("SGD", "Momentum", "AdaGrad", "RMSProp", "Adam"),
    "hidden_size": ("SGD", "Momentum", "AdaGrad", "RMSProp", "Adam"),
}
"""What the second sweep varied, and for which methods."""


def other_settings_figure(sweep):
    """Return a figure of the second sweep: the validation loss against one setting in each panel.

    At every value the learning rate is the best of a short grid. Bars reach from the lowest to the
    highest of the seeds.
    """

    def draw(figure):
        panels = figure.subplots(2, 3, sharey=True)
        *used, spare = panels.flat
        for ax, (name, methods) in zip(used, SIDES.items(), strict=True):
            values = sorted({value for method in methods for value in sweep.varied(method, name)})
            for place, method in enumerate(methods):
                draw_varied(ax, sweep, method, name, 0.05 * (place - (len(methods) - 1) / 2))
            ax.set_xticks(range(len(values)), [f"{value:g}" for value in values])
            ax.set(xlim=(-0.5, len(values) - 0.5), title=name)
        for row in panels:
            row[0].set_ylabel("validation loss")
        spare.axis("off")
        handles = used[-1].get_legend_handles_labels()
        spare.legend(*handles, loc="center", title="bars: the seeds' span")
        figure.suptitle(f"{sweep.data_name}, the learning rate chosen anew at each point")

    figure = new_figure(9, 5.5, draw)
    figure.description = describe_other_settings(sweep)
    return figure


def draw_varied(ax, sweep, method, name, shift=0.0):
    """Draw a method's loss for each value of a setting, shifted aside; return the artists."""
    found = list(sweep.varied(method, name).values())
    last = np.array([setting.loss[:, -1] for setting in found])
    mean = last.mean(axis=1)
    reach = [mean - last.min(axis=1), last.max(axis=1) - mean]
    return ax.errorbar(np.arange(len(found)) + shift, mean, reach, **look(method), label=method)


def describe_other_settings(sweep):
    """Return a sentence for each setting varied: loss and best lr at every value."""
    sentences = []
    for name, methods in SIDES.items():
        parts = []
        for method in methods:
            found = sweep.varied(method, name)
            row = ", ".join(
                f"{one.score:.3f} (lr {one.lr:g}) at {value:g}" for value, one in found.items()
            )
            parts.append(f"{method} {row}")
        sentences.append(f"{name}: {'; '.join(parts)}.")
    return f"Mean validation loss on {sweep.data_name}. {' '.join(sentences)}"


def _seeds(sweep):
    return len(sweep.main[0].seeds)
