"""One update taken apart on the path: this gradient's push, what is remembered, and their sum."""

import numpy as np
from matplotlib.patches import Circle, FancyArrow

from course_utils.experiments.anatomy import check_single, step_parts
from course_utils.lab.describe import describe_settings
from course_utils.lab.ground import draw_surface, name_arrows
from course_utils.lab.paths import CURSOR, drags, draw_track, frame_diagram
from course_utils.lab.style import DECAY, GRADIENT, LIGHT, REMEMBERED, looks
from course_utils.optimizers import SGD, AdaGrad, RMSProp
from course_utils.page.axes import limits
from course_utils.page.controls import whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Parts, Picture

TERMS = {"remembered": REMEMBERED, "decay": DECAY, "push": GRADIENT}
"""The parts of an update, in the order in which they follow on each other, and their colours."""

FORMULAS = {SGD: "−lr · gradient", AdaGrad: "−lr/√h · gradient", RMSProp: "−lr/√h · gradient"}
"""What the update is where it has one part only."""

LENS, REACH = 108, 0.64
"""The radius of the lens, in pixels, and how far arrows reach from its middle at most, in radii."""


def find_room(ax, descent, at, pixel):
    """Return middle and radius of a lens far from the path, and the ends of a line to it from at
    that best meets neither path nor minimum. Points are complex numbers here."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    radius = min(LENS * pixel, 0.35 * (high - low))
    edge = radius + 25 * pixel
    centers = [x + 1j * y for x in (left + edge, right - edge) for y in (low + edge, high - edge)]
    path = np.linspace(descent.positions[:-1], descent.positions[1:], 6).reshape(-1, 2)
    path = np.concatenate([path, *[descent.surface.minima] * 50]) @ (1, 1j)
    center, at = max(centers, key=lambda each: abs(path - each).min()), at @ (1, 1j)
    rim = radius * np.exp(2j * np.pi * np.arange(36) / 36)
    line = center + rim - at
    along = np.outer(path[abs(path - at) > 14 * pixel] - at, 1 / line)
    met = (along.real > 0) & (along.real < 1) & (abs(along.imag * line) < 10 * pixel)
    cost = met.sum(axis=0) + abs(line) / radius
    best = np.argmin(cost + 999 * ((line * rim.conj()).real > 0))  # not behind the lens
    lead = at + line[best] * np.array([9 * pixel / abs(line[best]), 1])
    return np.array([center.real, center.imag]), radius, (lead.real, lead.imag)


def enlargements(reach):
    """Return how much a lens enlarges arrows of each reach in radii: 1, which is none, 2, 4, …; of
    those on end as many as possible alike, though the longest could be enlarged more."""
    powers = np.floor(np.log2(REACH / reach)).clip(0, 40)
    found, first = powers.copy(), 0
    for t in range(len(powers)):
        first = t if np.ptp(powers[first : t + 1]) > 1 else first
        found[first : t + 1] = powers[first : t + 1].min()
    return 2**found


class Steps(Picture):
    """The path of a descent with the arrows of one update, and the loss; records are updates. What
    is remembered, then the decay, then the push, lead one after the other to the update. Where they
    are too small to see, they stand in a lens, in the corner farthest from the path."""

    size = (10.4, 4.2)

    def __init__(self, descent):
        check_single(descent)
        self.descent, updates = descent, range(1, descent.updates + 1)
        ends = [ways_of(step_parts(descent, t))[1] for t in updates]
        self.reach = np.array([np.hypot(*np.ptp(each, axis=(0, 1))) / 2 or 1e9 for each in ends])

    def frame(self, figure):
        above, losses = figure.subplots(1, 2, width_ratios=(2.2, 1))
        draw_surface(above, self.descent.surface)
        frame_diagram(losses)
        ends = limits(self.descent.heights, "log", (1e-12, 1e4))
        losses.set(xlim=(0, self.descent.updates), ylim=ends)
        (style,) = looks({type(self.descent.optimizer).__name__: self.descent}).values()
        if formula := FORMULAS.get(type(self.descent.optimizer)):
            above.set_title(f"update = {formula}", loc="left", fontsize=12, color=style["color"])
        track = draw_track(above, losses, style)
        track.path.head.set(marker="o", markersize=12, fillstyle="none", markeredgewidth=1.5)
        words = {"ha": "center", "fontsize": 10, "zorder": 7, "bbox": LIGHT}
        parts = Parts(
            still=above,
            track=track,
            cursor=losses.axvline(0, **CURSOR),
            lead=above.plot([], [], color="0.3", linewidth=1, zorder=4)[0],
            lens=above.add_patch(Circle((0, 0), facecolor="white", edgecolor="0.3", zorder=5)),
            times=above.text(0, 0, "", va="top", **words),
            arrows={},
            names={},
        )
        for part, color in {"update": style["color"], "downhill": GRADIENT, **TERMS}.items():
            arrow = FancyArrow(0, 0, 0, 0, length_includes_head=True, facecolor=color, zorder=6)
            arrow.set(edgecolor="white", linewidth=0.7)
            parts.arrows[part] = above.add_patch(arrow)
            parts.names[part] = above.text(0, 0, "", va="center", color=color, **words)
        parts.grabs = drags(above, [losses], lambda: self.descent, 1)
        return parts

    def show(self, parts, t):
        step = step_parts(self.descent, t)
        parts.track.move(self.descent, t - 1)
        parts.cursor.set_xdata([t - 1, t - 1])
        self._point(parts, step, t)
        terms = {name: term for name in TERMS if (term := getattr(step, name)) is not None}
        told = [f"{n} {_pair(each)}" for n, each in terms.items() if n == "push" or each.any()]
        return (
            f"{describe_settings(self.descent.optimizer)}, update {t} of {self.descent.updates}: "
            f"at {_pair(step.position)} the gradient is {_pair(step.gradient)}; "
            f"{' + '.join(told)}{' = ' if told else ''}update {_pair(step.update)}."
        )

    def _point(self, parts, step, t):
        """Let the arrows show a `Step`, on the path or in the lens; name them."""
        pixel = np.ptp(parts.still.get_xlim()) / parts.still.bbox.width
        center, radius, lead = find_room(parts.still, self.descent, step.position, pixel)
        (ways, ends), times = ways_of(step), enlargements(self.reach / radius)[t - 1]
        parts.lead.set(data=lead, visible=times > 1)
        parts.lens.set(center=center, radius=radius, visible=times > 1)
        below = center - (0, radius + 6 * pixel)
        parts.times.set(position=below, text=f"× {times:g}", visible=times > 1)
        middle = (ends.min(axis=(0, 1)) + ends.max(axis=(0, 1))) / 2
        ends = center + times * (ends - middle) if times > 1 else step.position + ends
        across = (ends[0, 0] - ends[0, 1])[::-1] * (1, -1)
        across /= max(np.hypot(*across), 1e-99)
        if "push" in ways and np.ptp((ends - ends[0, 0]) @ across) < 7 * pixel:  # hidden by them
            ends[1:] += 13 * pixel * across * np.sign(across[0])
        for name, arrow in parts.arrows.items():
            tail, tip = dict(zip(ways, ends, strict=True)).get(name, (center, center))
            way, wide = tip - tail, {"update": 8, "downhill": 2.5}.get(name, 5) * pixel
            wide = min(wide, np.hypot(*way) / 6)
            head = {"head_width": 3 * wide, "head_length": 3 * wide}
            arrow.set_data(x=tail[0], y=tail[1], dx=way[0], dy=way[1], width=wide, **head)
            arrow.set_visible(way.any())
            parts.names[name].set_text(name if way.any() else "")
        known = step.push is not None and type(self.descent.optimizer) not in FORMULAS
        if known and len(ways) == 1 and step.update.any():
            parts.names["update"].set_text("update\n= push")
        shown = [(parts.names[n], *each[::-1]) for n, each in zip(ways, ends, strict=True)]
        shown = [each for each in shown if each[0].get_text()]
        along = np.linspace(ends[:, 0], ends[:, 1], 9).reshape(-1, 2)
        marks = [step.position, *self.descent.surface.minima, *along]
        lens = (center, radius) if times > 1 else None
        name_arrows(parts.still, shown, marks, self.descent.positions, lens)


def ways_of(step):
    """Return the names of a `Step`'s arrows, and their tails and tips as seen from its start."""
    at, long, steep = np.zeros(2), np.hypot(*step.update), np.hypot(*step.gradient)
    terms = {n: each for n in TERMS if (each := getattr(step, n)) is not None and each.any()}
    ways = {"update": (at, step.update)}
    if len(terms) > 1:
        for name, term in terms.items():
            ways[name] = at, (at := at + term)
    if step.remembered is None and -step.gradient @ step.update < 0.999 * steep * long:
        ways["downhill"] = at, -step.gradient / steep * long
    return [*ways], np.array([*ways.values()])


def _pair(vector):
    x, y = vector + 0.0  # no minus zero
    return f"({x:.3g}, {y:.3g})"


def explore_anatomy(descent):
    """Return an `Explorer` that plays a single `Descent`, one update at a time."""
    if descent.updates < 1:
        raise ValueError("descent must have at least one update, got none")
    controls = {"update": whole_slider("update", 1, 1, descent.updates, play=500)}
    return Explorer(Steps(descent), lambda update: update, controls)
