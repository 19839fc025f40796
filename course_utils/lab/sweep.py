"""Pictures of the stored sweep: seeds, the rates tried, before and after tuning, scores, ties;
their records are `Sweep`s, and nothing in them moves."""

import numpy as np

from course_utils.experiments.methods import FIVE, METHODS
from course_utils.experiments.sweep import accuracy_on_test, groups_on_test, interval, pairs_on_test
from course_utils.lab.style import SOLID, plain_ticks
from course_utils.page.axes import dark, name_ends, typeset
from course_utils.page.picture import Picture

FAILED = 4.0  # From this validation loss on a setting failed; an even guess costs ln 10 = 2.30.

CHOICES = {"article": "at the article's learning rates", "best": "each at its own best"}
"""A `Sweep`'s ways to choose a setting for each method, in words."""

SIDES: dict[str, tuple[str, ...]] = {"decay_rate": ("RMSProp",), "beta1": ("Adam",)}
SIDES |= {"beta2": ("Adam",), "batch_size": FIVE, "hidden_size": FIVE}
"""What the second sweep varied, and for which methods."""


class Seeds(Picture):
    """The test accuracies at the article's rates, a dot for each seed, the worst method's range in
    words; and seed by seed RMSProp's less Adam's, the largest above, and their mean."""

    def show(self, parts, sweep):
        left, right = parts.still.subplots(1, 2)
        shares = {name: 100 * sweep.article(name).test_accuracy for name in sweep.methods}
        start = sorted(values.min() for values in shares.values())[1] - 0.1
        for row, (name, values) in enumerate(shares.items()):
            heights, color = row + np.linspace(-0.3, 0.3, len(values)), METHODS[name].look["color"]
            left.plot(values, heights, ".", color=color)
            if values.max() < start:
                told = f" ◀ from {values.min():.1f} to {values.max():.1f} %"
                left.text(start, row, told, color=dark(color), va="center")
        left.set(yticks=range(len(shares)), yticklabels=shares, ylim=(len(shares) - 0.5, -0.5))
        left.set(xlim=(start, None), title=f"{sweep.data_name}, {len(values)} seeds")
        left.set_xlabel("right on the test digits, %")
        lead = np.sort(shares["RMSProp"] - shares["Adam"])
        colors = np.where(lead > 0, *(METHODS[name].look["color"] for name in ("RMSProp", "Adam")))
        right.barh(range(len(lead)), lead, 0.3, color=colors)
        right.axvline(0, color="0.3", linewidth=1)
        right.axvline(mean := lead.mean(), color="0.3", linestyle=":", linewidth=1.2)
        right.text(mean, len(lead) - 1, typeset(f"mean {mean:.2f} "), ha="right", va="center")
        told = f"RMSProp is ahead of Adam with {np.sum(lead > 0)} of {len(lead)} seeds"
        right.set(yticks=(), xlabel="RMSProp − Adam, in points, a row for each seed", title=told)
        return f"{told}; on the mean it is by {mean:.2f} points."


class Rates(Picture):
    """The last validation loss of each method against the learning rate, in a band from the lowest
    to the highest seed; a ring marks the best rate, a hollow point the article's. Rates at which a
    run diverged or the mean is above `FAILED` stand above."""

    size = (10.4, 5.2)

    def show(self, parts, sweep):
        ax, first, guess = parts.still.subplots(), sweep.main[0].lr / 3.6, np.log(10)
        best, top = [sweep.best(method) for method in sweep.methods], FAILED * 2.6
        low, last = 0.8 * min(one.score for one in best), max(one.lr for one in sweep.main)
        ax.set(xscale="log", yscale="log", xlim=(0.9 * first, 1.3 * last), ylim=(low, top))
        plain_ticks(ax)
        ax.set_yticks([tick for tick in ax.get_yticks() if low < tick < guess])
        zones = ("no better than a guess", guess), (f"diverged or above {FAILED:g}", FAILED * 1.15)
        for words, height in zones:
            ax.axhspan(height, top, color="0.5", alpha=0.15, linewidth=0, zorder=0)
            ax.text(first, 1.05 * height, words, va="bottom")
        rows = zip(sweep.methods, FAILED * 1.3 * 1.15 ** np.arange(len(best)), strict=True)
        name_ends([_draw_rates(ax, sweep, *row) for row in rows], first=True)
        ax.xaxis.set_major_formatter("{x:g}")
        ax.set_xlabel("learning rate (hollow: the article's; ring: the best)")
        ax.set_ylabel("validation loss")
        seeds = len(sweep.main[0].seeds)
        ax.set_title(f"{sweep.data_name} after {sweep.iterations:,} updates, {seeds} seeds")
        ends = ", ".join(f"{one.method} {one.score:.3f} at lr {one.lr:g}" for one in best)
        sentence = f"Lowest mean validation loss on {sweep.data_name}: {ends}."
        bad = [[s for s in sweep.rates(b.method) if s.lr > b.lr and s.score > 1] for b in best]
        fails = [f"{first.method} {first.lr:g}" for first, *_ in filter(None, bad)]
        more = f" The loss is above 1 from these learning rates on: {', '.join(fails)}."
        return sentence + more * bool(fails)


def _draw_rates(ax, sweep, method, height):
    """Draw a method's losses against its rates, failed ones as marks at a height; return a line."""
    look, settings = METHODS[method].look | SOLID, sweep.rates(method)
    rates = np.array([setting.lr for setting in settings])
    failed = np.array([not setting.score < FAILED for setting in settings])
    losses = np.where(failed, np.nan, np.array([setting.loss[:, -1] for setting in settings]).T)
    ax.plot(rates[failed], np.full(failed.sum(), height), **look | {"linestyle": ""})
    mark = {"color": look["color"], "marker": "o", "markeredgewidth": 2, "zorder": 3}
    best, article = sweep.best(method), sweep.article(method)
    ax.plot([best.lr], [best.score], **mark, markersize=14, fillstyle="none")
    ax.plot([article.lr], [article.score], **mark, markersize=8, markerfacecolor="white")
    band = {"color": look["color"], "alpha": 0.2, "linewidth": 0}
    ax.fill_between(rates, losses.min(axis=0), losses.max(axis=0), **band)
    return ax.plot(rates, losses.mean(axis=0), **look, label=method)[0]


class Validation(Picture):
    """The validation loss over the updates, a panel for each of `CHOICES` asked for, on one axis:
    means over the seeds, and bands from the lowest to the highest."""

    def __init__(self, *choices):
        self.choices = choices

    def show(self, parts, sweep):
        (axes,) = parts.still.subplots(1, len(self.choices), squeeze=False, sharey=True)
        at, sentences = sweep.evaluated_at, []
        for ax, choice in zip(axes, self.choices, strict=True):
            settings = [getattr(sweep, choice)(method) for method in sweep.methods]
            for setting in settings:
                look, loss = METHODS[setting.method].look | SOLID, setting.loss
                band = {"color": look["color"], "alpha": 0.2, "linewidth": 0}
                ax.fill_between(at, loss.min(axis=0), loss.max(axis=0), **band)
                told = f": {setting.score:.3f}" * (len(axes) == 1)
                label = f"{setting.method}, lr {setting.lr:g}{told}"
                look |= {"label": label, "markevery": (1, 4)}
                ax.plot(at, loss.mean(axis=0), **look)
            ax.set(yscale="log", title=CHOICES[choice], xlabel="updates", xlim=(0, at[-1]))
            ax.locator_params(axis="x", nbins=5)
            plain_ticks(ax)
            told = [f"{s.method} {s.score:.3f}" for s in sorted(settings, key=lambda s: s.score)]
            sentences.append(f"{CHOICES[choice]}: {', '.join(told)}")
        axes[0].set_ylabel("validation loss")
        for ax in axes:
            name_ends(ax.lines)
        parts.still.suptitle(f"{sweep.data_name}: means of {len(loss)} seeds, bands: their range")
        lead = f"Mean validation loss on {sweep.data_name} after {sweep.iterations:,} updates "
        return f"{lead}{'; '.join(sentences)}."


class Scores(Picture):
    """The test accuracies with 95 % intervals over the seeds, from the article's rate (hollow) to
    the best (filled); and at the best rates the differences of all pairs, seed by seed, with their
    intervals, in the colour of the method with the higher mean, hollow where tied."""

    def show(self, parts, sweep):
        left, right = parts.still.subplots(1, 2, width_ratios=(2, 3))
        best, pairs = accuracy_on_test(sweep, "best"), pairs_on_test(sweep, "best")
        for row, (method, values) in enumerate(best.items()):  # from the highest mean down
            ends = interval(sweep.article(method).test_accuracy), interval(values)
            left.plot([100 * mean for mean, *_ in ends], [row, row], color="0.7", zorder=1)
            for bounds, hollow in zip(ends, (True, False), strict=True):
                _draw_interval(left, row, bounds, method, hollow)
        for row, ((method, _), (*bounds, p)) in enumerate(pairs.items()):
            _draw_interval(right, row, bounds, method, hollow=not p < 0.05)
        right.axvline(0, color="0.3", linewidth=1)
        for ax, names in (left, best), (right, [" − ".join(pair) for pair in pairs]):
            ax.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5))
            ax.locator_params(axis="x", nbins=5)
        left.set(title="article's lr (hollow) to best", xlabel="right on the test digits, %")
        right.set(title="differences at the best lr", xlabel="points (hollow: a tie)")
        parts.still.suptitle(f"{sweep.data_name}: means and 95 % intervals, {len(values)} seeds")
        lead = f"Right on the test digits of {sweep.data_name} at the article's learning rates"
        return f"{lead}: {_told(sweep, 'article')}. Each at its own best: {_told(sweep, 'best')}."


def _draw_interval(ax, row, bounds, method, hollow):
    """Draw a mean and its interval, shares from 0 to 1, as percent."""
    mean, low, high = (100 * value for value in bounds)
    color = METHODS[method].look["color"]
    dot = {"marker": "o", "markersize": 8, "markerfacecolor": "white" if hollow else color}
    ax.errorbar(mean, row, xerr=[[mean - low], [high - mean]], color=color, **dot, capsize=4)


def _told(sweep, choice):
    scores, groups = accuracy_on_test(sweep, choice), groups_on_test(sweep, choice)
    tied = [f"{', '.join(group[:-1])} and {group[-1]}" for group in groups if len(group) > 1]
    told = ", ".join(f"{method} {values.mean():.2%}" for method, values in scores.items())
    return f"{told}; can't be told apart: {'; '.join(tied) or 'none'}"


class OtherSettings(Picture):
    """The second sweep: how the validation loss changes with one setting, a row for each change,
    from 0 at the setting's default; at every value the learning rate is the best of a short grid.
    Bars reach from the lowest to the highest of the seeds, each against its own loss."""

    size = (10.4, 6.6)

    def show(self, parts, sweep):
        ax, sentences, ticks, row = parts.still.subplots(), [], {}, 0.0
        for name, methods in reversed(SIDES.items()):
            usual, told = sweep.rates(methods[0])[0].values[name], []
            said = {"batch_size": "batch size", "hidden_size": "hidden units"}.get(name, name)
            varied = {method: sweep.varied(method, name) for method in methods}
            for method, found in varied.items():
                words = [f"{o.score:.3f} (lr {o.lr:g}) at {value:g}" for value, o in found.items()]
                told.append(f"{method} {', '.join(words)}")
            sentences.insert(0, f"{said}: {'; '.join(told)}.")
            for value in (each for each in varied[methods[0]] if each != usual):
                ticks[row + (len(methods) - 1) / 2] = f"{said} {usual:g} → {value:g}"
                for method, found in varied.items():
                    change = 100 * (found[value].loss[:, -1] / found[usual].loss[:, -1] - 1)
                    look = METHODS[method].look | SOLID
                    bar = {"linewidth": 3, "alpha": 0.45, "marker": "", "solid_capstyle": "round"}
                    ax.plot([change.min(), change.max()], [row, row], **look | bar)
                    ax.plot(change.mean(), row, **look | {"markersize": 7, "markeredgewidth": 2})
                    look = {"color": dark(look["color"]), "fontsize": 11}
                    outer = max(change.min(), change.max(), key=abs)
                    look |= {"ha": "left" if outer >= 0 else "right", "va": "center_baseline"}
                    ax.text(outer + np.copysign(1.5, outer), row, method, **look)
                    row += 1
                row += 0.5
            row += 0.7
        ax.axvline(0, color="0.3", linewidth=1)
        ax.set_yticks([*ticks], ticks.values())
        ax.set(ylim=(row - 1.2, -1), xlim=(ax.get_xlim()[0] - 15, None))  # for names on the left
        ax.set_xlabel(f"change of validation loss (bars: lowest to highest of {len(change)} seeds)")
        ax.tick_params(axis="y", length=0, grid_alpha=0)
        ax.xaxis.set_major_formatter(lambda v, _: f"{v:+g} %".replace("-", "−") if v else "default")
        ax.set_title(f"{sweep.data_name}, one setting changed, lr searched anew", loc="left")
        return f"Mean validation loss on {sweep.data_name}. {' '.join(sentences)}"


seeds_figure = Seeds().still
rates_figure = Rates().still
article_figure = Validation("article").still
tuning_figure = Validation("article", "best").still
scores_figure = Scores().still
other_settings_figure = OtherSettings().still
