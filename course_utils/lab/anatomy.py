"""One update taken apart on the path: this gradient's push, what is remembered, and their sum."""

import numpy as np
from contourpy import contour_generator
from matplotlib.collections import PathCollection
from matplotlib.patches import FancyArrow, Rectangle
from matplotlib.path import Path

from course_utils.experiments.anatomy import check_single, step_parts
from course_utils.ground.lens import FILL, SCALES
from course_utils.ground.map import CONTOUR, GROUND, STAR, draw_surface
from course_utils.lab.describe import describe_settings
from course_utils.lab.field import BESIDE, name_arrows
from course_utils.lab.paths import drags, draw_track, frame_diagram
from course_utils.lab.style import DECAY, GRADIENT, LIGHT, REMEMBERED, looks
from course_utils.optimizers import SGD, AdaGrad, RMSProp
from course_utils.page.axes import limits
from course_utils.page.controls import whole_slider
from course_utils.page.explorer import Explorer
from course_utils.page.picture import Parts, Picture

TERMS = {"remembered": REMEMBERED, "decay": DECAY, "push": GRADIENT}
DOWNHILL = "downhill\n(direction)"
"""The parts of an update, in the order in which they follow on each other, and their colours; and
the name of an arrow that leads downhill, as long as the update."""

FORMULAS = {SGD: "−lr · gradient", AdaGrad: "−lr/√h · gradient", RMSProp: "−lr/√h · gradient"}
"""What the push is where the update has no other part."""

LEFT = BESIDE[:, np.argsort(BESIDE[2] != 2, kind="stable")]
"""`BESIDE`, the left first."""


class Steps(Picture):
    """The path of a descent with one update, its arrows in a lens, and the loss; records are
    updates. What is remembered, then the decay, then the push, lead one after the other to the
    update. The lens shows the ground around them, darker where it is higher."""

    size = (10.4, 4.4)

    def __init__(self, descent):
        check_single(descent)
        self.descent = descent

    def frame(self, figure):
        shares = {"width_ratios": (2.2, 1), "height_ratios": (1.4, 1)}
        above, lens, losses = figure.subplot_mosaic("ml;mf", **shares).values()
        draw_surface(above, self.descent.surface)
        frame_diagram(losses)
        ends = limits(self.descent.heights, "log", (1e-12, 1e4))
        losses.set(xlim=(0, self.descent.updates), ylim=ends)
        lens.set(xticks=[], yticks=[])
        lens.spines[:].set(visible=True, color="0.3")
        (style,) = looks({type(self.descent.optimizer).__name__: self.descent}).values()
        colors = {"": style["color"], "update": style["color"], DOWNHILL: GRADIENT, **TERMS}
        word = above.set_title("update", loc="left", fontsize=12, color=style["color"])
        first, formula = step_parts(self.descent, 1), FORMULAS.get(type(self.descent.optimizer))
        terms = " + ".join(name for name in TERMS if getattr(first, name) is not None)
        colors |= {"push": style["color"]} if terms == "push" else {}  # it has no arrow of its own
        for each in f"= {terms}{f' = {formula}' if formula else ''}".split() if terms else ():
            look = {"color": colors.get(each, "0.1"), "fontsize": 12, "va": "bottom"}
            word = above.annotate(each, (1, 0), (4, 0), word, "offset points", **look)
        track = draw_track(above, losses, style)
        track.path.head.set(marker="o", markersize=12, fillstyle="none", markeredgewidth=1.5)
        track.loss.head.set(markersize=5)
        words = {"ha": "center", "va": "center", "fontsize": 10, "zorder": 7, "bbox": LIGHT}
        parts = Parts(
            map=above,
            lens=lens,
            track=track,
            climb=losses.plot([], [], color=style["color"], linewidth=4, zorder=4)[0],
            frame=above.add_patch(Rectangle((0, 0), 0, 0, fill=False, edgecolor="0.3", zorder=4)),
            ground=lens.add_collection(PathCollection([], edgecolor=CONTOUR, linewidth=0.5)),
            star=lens.plot([], [], **STAR | {"clip_on": True})[0],
            way=lens.text(0, 0, "to ★", color="0.15", **words),
            title=lens.set_title("lens", loc="left", fontsize=12),
            arrows={},  # "" is that on the path
            names={},
        )
        for part, color in colors.items():
            arrow = FancyArrow(0, 0, 0, 0, length_includes_head=True, facecolor=color, zorder=6)
            arrow.set(edgecolor="white", linewidth=0.7)
            parts.arrows[part] = (lens if part else above).add_patch(arrow)
            parts.names[part] = lens.text(0, 0, "", color=color, **words)
        parts.grabs = drags(above, [losses], lambda: self.descent, 1)
        return parts

    def show(self, parts, t):
        step, heights = step_parts(self.descent, t), self.descent.heights
        parts.track.move(self.descent, t - 1)
        parts.climb.set_data([t - 1, t], heights[t - 1 : t + 1])
        self._point(parts, step, t)
        terms = {name: term for name in TERMS if (term := getattr(step, name)) is not None}
        told = [f"{n} {_pair(each)}" for n, each in terms.items() if n == "push" or each.any()]
        return (
            f"{describe_settings(self.descent.optimizer)}, update {t} of {self.descent.updates}: "
            f"at {_pair(step.position)} the gradient is {_pair(step.gradient)}; "
            f"{' + '.join(told)}{' = ' if told else ''}update {_pair(step.update)}."
        )

    def _point(self, parts, step, t):
        """Let the lens show a `Step` with its ground; name the arrows."""
        lens, surface, (ways, ends) = parts.lens, self.descent.surface, ways_of(step)
        scale = parts.map.bbox.width / np.ptp(parts.map.get_xlim())
        share = (np.ptp(ends, axis=(0, 1)) * scale / lens.bbox.size).max() or FILL
        times = SCALES[np.searchsorted(SCALES, FILL / share, "right") - 1]
        half, pixel = lens.bbox.size / (2 * times * scale), 1 / (times * scale)
        center = step.position + (ends.min(axis=(0, 1)) + ends.max(axis=(0, 1))) / 2
        frame = np.transpose([center - half, center + half])
        lens.set(xlim=frame[0], ylim=frame[1])
        parts.frame.set_bounds(*frame[:, 0], *2 * half)
        parts.title.set_text(f"lens: update {t}, × {times:g}")
        x, y = np.meshgrid(*(np.linspace(*each, 31) for each in frame))
        fill = contour_generator(x, y, z := surface(x, y), fill_type="ChunkCombinedCode").filled
        levels = np.unique(np.linspace(z.min(), z.max(), 9))
        paths = [Path(p, c) for (p,), (c,) in map(fill, levels, levels[1:]) if p is not None]
        parts.ground.set(paths=paths, facecolor=GROUND(np.linspace(0.1, 0.8, len(paths))))
        away = min(surface.minima - center, key=lambda each: np.hypot(*each))
        near = min((half - (22 * pixel, 11 * pixel)) / np.maximum(abs(away), 1e-99))
        parts.star.set_data(*(center + away)[:, np.newaxis])
        parts.way.set(position=center + near * away, visible=near < 1)
        ends += step.position
        across = (ends[0, 0] - ends[0, 1])[::-1] * (1, -1)
        across /= max(np.hypot(*across), 1e-99)
        if "push" in ways and np.ptp((ends - ends[0, 0]) @ across) < 7 * pixel:  # hidden by them
            ends[1:] += 13 * pixel * across * np.sign(across[0])
        shown = {"": ends[0], **dict(zip(ways, ends, strict=True))}
        for name, arrow in parts.arrows.items():
            tail, tip = shown.setdefault(name, np.array([center, center]))
            way, wide = tip - tail, (pixel if name else 1 / scale) * (3 if name == DOWNHILL else 5)
            wide = min(wide, np.hypot(*way) / 6)
            head = {"head_width": 3 * wide, "head_length": 3 * wide}
            arrow.set_data(x=tail[0], y=tail[1], dx=way[0], dy=way[1], width=wide, **head)
            arrow.set_visible(way.any())
            parts.names[name].set_text(name if way.any() else "")
        if ways == ["update"] and step.remembered is not None and step.update.any():
            parts.names["update"].set_text("update\n= push")
        shown = {text: shown[name] for name, text in parts.names.items() if text.get_text()}
        shafts = np.linspace(ends[:, 0], ends[:, 1], 18).reshape(-1, 2)
        heads = np.hypot(*(shafts[:, np.newaxis] - ends[:, 1]).T) < 14 * pixel
        star = center + min(near, 1) * away + np.outer((-12, 0, 12), (pixel, 0))
        sides = [shafts + 5 * pixel * np.array(way) for way in ((1, 0), (-1, 0), (0, 1), (0, -1))]
        marks, inner, named = [*star, *shafts[heads.any(axis=0)]], shafts.mean(axis=0), []
        for text, (tail, tip) in shown.items():  # turned so that the others lie to its right
            turned = np.linalg.det([tip - tail, inner - tail]) > 0
            named.append((text, tail, tip) if turned else (text, tip, tail))
        name_arrows(lens, named, marks, np.concatenate(sides * 4), spots=LEFT)


def ways_of(step):
    """Return the names of a `Step`'s arrows, and their tails and tips as seen from its start."""
    at, long, steep = np.zeros(2), np.hypot(*step.update), np.hypot(*step.gradient)
    terms = {n: each for n in TERMS if (each := getattr(step, n)) is not None and each.any()}
    ways = {"update": (at, step.update)}
    if len(terms) > 1:
        for name, term in terms.items():
            ways[name] = at, (at := at + term)
    if step.remembered is None and -step.gradient @ step.update < 0.999 * steep * long:
        ways[DOWNHILL] = at, -step.gradient / steep * long
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
