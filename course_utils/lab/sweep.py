"""Pictures of the stored sweep: the rates tried, before and after tuning, test scores and ties.

Their records are `Sweep`s, and nothing in them moves.
"""

import numpy as np
from matplotlib.ticker import FuncFormatter, NullLocator

from course_utils.experiments.methods import FIVE, METHODS
from course_utils.experiments.sweep import accuracy_on_test, place_text, ranks
from course_utils.lab.picture import Picture
from course_utils.lab.style import scale

FAILED = 4.0
"""From this validation loss on a setting counts as failed; an even guess costs ln 10 = 2.30."""

CHOICES = {"article": "at the article's rates", "best": "each at its own best rate"}
"""A `Sweep`'s ways to choose a setting for each method, in words."""

SIDES = {
    "decay_rate": ("RMSProp",),
    "beta1": ("Adam",),
    "beta2": ("Adam",),
    "batch_size": FIVE,
    "hidden_size": FIVE,
}
"""What the second sweep varied, and for which methods."""


class Rates(Picture):
    """The last validation loss of each method against the learning rate.

    The band reaches from the lowest to the highest seed, a ring marks the best rate. Rates at which
    a run diverged or the mean is above `FAILED` stand above.
    """

    size = (9, 5)

    def show(self, parts, sweep):
        ax, top, first = parts.still.subplots(), FAILED * 2.6, sweep.main[0].lr
        for row, method in enumerate(sweep.methods):
            _draw_rates(ax, sweep, method, height=FAILED * 1.3 * 1.15**row)
        ax.axhline(np.log(10), color="0.3", linestyle=":")
        ax.text(first, np.log(10), "an even guess", va="bottom", ha="left")
        ax.axhspan(FAILED * 1.15, top, color="0.95", zorder=0)
        ax.text(first, FAILED * 1.3, f"diverged or above {FAILED:g}", va="bottom")
        best = [sweep.best(method) for method in sweep.methods]
        lowest = min(one.score for one in best)
        ax.set(xscale="log", yscale="log", ylim=(0.8 * lowest, top))
        _plain_ticks(ax, [tick for tick in (0.05, 0.1, 0.2, 0.5, 1, 2) if tick > 0.8 * lowest])
        ax.xaxis.set_major_formatter(FuncFormatter(lambda lr, _: f"{lr:g}"))
        ax.set(xlabel="learning rate", ylabel="validation loss")
        ax.set_title(f"{sweep.data_name} after {sweep.iterations:,} updates, {_seeds(sweep)} seeds")
        parts.still.legend(*ax.get_legend_handles_labels(), loc="outside right upper")
        ends = ", ".join(f"{one.method} {one.score:.3f} at lr {one.lr:g}" for one in best)
        sentence = f"Lowest mean validation loss on {sweep.data_name}: {ends}."
        fails = []
        for one in best:
            bad = [s for s in sweep.rates(one.method) if s.lr > one.lr and s.score > 1]
            fails += [f"{one.method} {bad[0].lr:g}"] if bad else []
        more = f" The loss is above 1 from these rates on: {', '.join(fails)}."
        return sentence + more if fails else sentence


def _draw_rates(ax, sweep, method, height):
    """Draw one method's losses against its rates, failed rates as marks at a given height."""
    style, settings, best = METHODS[method].look, sweep.rates(method), sweep.best(method)
    rates = np.array([setting.lr for setting in settings])
    failed = np.array([not setting.score < FAILED for setting in settings])
    shown, low, high = (np.where(failed, np.nan, values) for values in _last(settings))
    color, ring = style["color"], {"marker": "o", "markersize": 14, "fillstyle": "none"}
    ax.plot(rates, shown, **style, label=method)
    ax.fill_between(rates, low, high, color=color, alpha=0.2, linewidth=0)
    ax.plot([best.lr], [best.score], color=color, **ring, markeredgewidth=2)
    ax.plot(rates[failed], np.full(failed.sum(), height), **style | {"linestyle": ""})


class Validation(Picture):
    """The validation loss over the updates, in a panel for each of `CHOICES` that is asked for.

    The lines are means over the seeds, the bands reach from the lowest to the highest.
    """

    def __init__(self, *choices):
        self.choices = choices
        self.size = (9, 5 if len(choices) == 1 else 5.5)

    def show(self, parts, sweep):
        figure, count = parts.still, len(self.choices)
        figure.get_layout_engine().set(wspace=0.06)  # room between the panels' last and first tick
        axes = figure.subplots(1, count, sharex=True, sharey=True, squeeze=False)[0]
        chosen = [[getattr(sweep, c)(method) for method in sweep.methods] for c in self.choices]
        sentences = []
        for ax, choice, settings in zip(axes, self.choices, chosen, strict=True):
            for setting in settings:
                style, at = METHODS[setting.method].look, sweep.evaluated_at
                mean, low, high = _span(setting.loss)
                ax.plot(at, mean, **style, markevery=4)
                ax.fill_between(at, low, high, color=style["color"], alpha=0.2, linewidth=0)
            ax.set(title=CHOICES[choice], xlabel="updates")
            ax.locator_params(axis="x", nbins=5)
            ends = sorted(settings, key=lambda setting: setting.score)
            lead = CHOICES[choice][0].upper() + CHOICES[choice][1:]
            if choice == "article":
                after = f"after {sweep.iterations:,} updates {CHOICES[choice]}"
                lead = f"Mean validation loss on {sweep.data_name} {after}"
            told = ", ".join(f"{setting.method} {setting.score:.3f}" for setting in ends)
            sentences.append(f"{lead}: {told}.")
        axes[0].set(yscale="log", ylim=(0.08, 3), xlim=(0, sweep.iterations))
        axes[0].set_ylabel("validation loss")
        _plain_ticks(axes[0], [0.1, 0.2, 0.5, 1, 2])
        labels = [
            f"{method}, lr " + " → ".join(f"{setting.lr:g}" for setting in settings)
            for method, *settings in zip(sweep.methods, *chosen, strict=True)
        ]
        columns = 4 - count if scale() == 1 else 2
        figure.legend(axes[0].lines, labels, loc="outside lower center", ncols=columns)
        figure.suptitle(f"{sweep.data_name}, {_seeds(sweep)} seeds")
        return " ".join(sentences)


class Scores(Picture):
    """The test accuracies with their 95 % intervals over the seeds.

    On the left each method goes from the article's rate (hollow) to its best (filled); on the
    right are the best alone, enlarged, with the places that their intervals allow.
    """

    size = (9, 4.2)

    def show(self, parts, sweep):
        left, right = parts.still.subplots(1, 2, sharey=True)
        article, best = (
            accuracy_on_test(choose(method) for method in sweep.methods)
            for choose in (sweep.article, sweep.best)
        )
        for row, method in enumerate(sweep.methods):
            ends = [100 * article[method][0], 100 * best[method][0]]
            left.plot(ends, [row, row], color="0.7", linewidth=1.2, zorder=1)
            _draw_interval(left, row, article[method], method, hollow=True)
            _draw_interval(left, row, best[method], method)
            _draw_interval(right, row, best[method], method)
        end = 100 * max(high for _, _, high in best.values())
        for row, places in enumerate(ranks(best).values()):
            right.text(end, row - 0.2, f"place {place_text(places)}", ha="right", va="bottom")
        left.set_yticks(range(len(sweep.methods)), sweep.methods)
        left.set_ylim(len(sweep.methods) - 0.5, -0.7)
        left.set_title("article's rate to best")
        right.set_title("the best, enlarged")
        for ax in (left, right):
            ax.set_xlabel("right on the test digits, %")
            ax.locator_params(axis="x", nbins=5)
        seeds = _seeds(sweep)
        parts.still.suptitle(f"{sweep.data_name}: means and 95 % intervals, {seeds} seeds")
        return (
            f"Right on the test digits of {sweep.data_name} at the article's rates: "
            f"{_told(article)}. Each at its own best rate: {_told(best)}."
        )


def _draw_interval(ax, row, bounds, method, hollow=False):
    """Draw a mean and its interval, shares from 0 to 1, as percent."""
    mean, low, high = (100 * value for value in bounds)
    color = METHODS[method].look["color"]
    dot = {"marker": "o", "markersize": 9, "markerfacecolor": "white" if hollow else color}
    ax.errorbar(mean, row, xerr=[[mean - low], [high - mean]], color=color, **dot, capsize=5)


def _told(bounds):
    places, order = ranks(bounds), sorted(bounds, key=lambda method: -bounds[method][0])
    return ", ".join(f"{m} {bounds[m][0]:.2%} (place {place_text(places[m])})" for m in order)


class OtherSettings(Picture):
    """The second sweep: the validation loss against one setting in each panel.

    At every value the learning rate is the best of a short grid. Bars reach from the lowest to the
    highest of the seeds.
    """

    size = (9, 5.5)

    def show(self, parts, sweep):
        panels = parts.still.subplots(2, 3, sharey=True)
        *used, spare = panels.flat
        sentences = []
        for ax, (name, methods) in zip(used, SIDES.items(), strict=True):
            values = sorted({value for method in methods for value in sweep.varied(method, name)})
            rows = []
            for place, method in enumerate(methods):
                found = sweep.varied(method, name)
                mean, low, high = _last(found.values())
                at = np.arange(len(found)) + 0.05 * (place - (len(methods) - 1) / 2)
                reach, look = [mean - low, high - mean], METHODS[method].look
                ax.errorbar(at, mean, reach, **look, label=method)
                row = [f"{o.score:.3f} (lr {o.lr:g}) at {value:g}" for value, o in found.items()]
                rows.append(f"{method} {', '.join(row)}")
            sentences.append(f"{name}: {'; '.join(rows)}.")
            ax.set_xticks(range(len(values)), [f"{value:g}" for value in values])
            ax.set(xlim=(-0.5, len(values) - 0.5), title=name)
        for row in panels:
            row[0].set_ylabel("validation loss")
        spare.axis("off")
        handles = used[-1].get_legend_handles_labels()
        spare.legend(*handles, loc="center", title="bars: the seeds' span")
        parts.still.suptitle(f"{sweep.data_name}, the learning rate chosen anew at each point")
        return f"Mean validation loss on {sweep.data_name}. {' '.join(sentences)}"


def _last(settings):
    """Return mean, lowest and highest of the last losses, an entry for each setting."""
    return _span(np.array([setting.loss[:, -1] for setting in settings]).T)


def _span(losses):
    return losses.mean(axis=0), losses.min(axis=0), losses.max(axis=0)  # over the seeds


def _plain_ticks(ax, ticks):
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.yaxis.set_minor_locator(NullLocator())


def _seeds(sweep):
    return len(sweep.main[0].seeds)


rates_figure = Rates().still
article_figure = Validation("article").still
tuning_figure = Validation("article", "best").still
scores_figure = Scores().still
other_settings_figure = OtherSettings().still
