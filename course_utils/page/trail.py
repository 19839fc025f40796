"""A line that is being drawn: what is done, what is to come, the head, and where it leaves."""

import numpy as np

AGES = (0.25, 0.4, 0.6, 0.8, 1)
"""The strength of a fading trail, from its oldest part to its newest."""


class Trail:
    """The artists of one line in ax, in a method's look; iterating gives them.

    fades: whether older parts are fainter; each update is then a dot.
    """

    secret = False  # whether what is to come is hidden

    def __init__(self, ax, style, fades=False):
        self.ax, colour = ax, {"color": style["color"]}
        look = {**colour, "linewidth": 1.8, "linestyle": style["linestyle"]}
        if fades:
            look = {**colour, "linewidth": 1.3, "marker": ".", "markersize": 4}
        ages = AGES if fades else (1,)
        self.done = [ax.plot([], [], **look, alpha=age, zorder=2)[0] for age in ages]
        (self.rest,) = ax.plot([], [], **look, alpha=0.15, zorder=1.8)
        head = {"marker": style["marker"], "markersize": 8, "linestyle": "", "zorder": 3}
        (self.head,) = ax.plot([], [], **colour, **head, markeredgewidth=2, clip_on=False)
        self.mark = ax.text(0, 0, "", **colour, fontsize=10, transform=ax.transAxes, zorder=4)

    def __iter__(self):
        return iter((*self.done, self.rest, self.head, self.mark))

    def move(self, points, t, name):
        """Show a line of points, done until number t; None for all.

        name: called with the head's x and y, returns what stands at the edge if it lies beyond.
        """
        end = len(points) - 1
        t = end if t is None else min(t, end)
        self.rest.set_data(*points[t:].T)
        self.rest.set_visible(t < end and not self.secret)
        self.head.set_data(*points[t : t + 1].T)
        joints = np.linspace(0, t, len(self.done) + 1).astype(int)
        for part, first, last in zip(self.done, joints, joints[1:], strict=False):
            part.set_data(*points[first : last + 1].T)
        to_axes = self.ax.transScale + self.ax.transLimits
        place = np.clip(to_axes.transform(points[t]), -1e6, 1e6)
        out = place - np.clip(place, 0, 1)
        self.mark.set_text(_sign(out) + name(*points[t]) if np.any(out) else "")
        self.mark.set_visible(np.any(out))
        self.head.set_visible(not np.any(out))
        self.mark.set_position(np.clip(place, 0.02, 0.98))
        right, top = place > 0.5
        self.mark.set(ha="right" if right else "left", va="top" if top else "bottom")


def _sign(out):
    across, up = out
    if abs(across) > abs(up):
        return "▶ " if across > 0 else "◀ "
    return "▲ " if up > 0 else "▼ "


def spread(trails):
    """Move the marks of trails that leave at one place apart."""
    taken = []
    for mark in (trail.mark for trail in trails if trail.mark.get_text()):
        x, y = mark.get_position()
        step = -0.09 if y > 0.5 else 0.09
        while any(abs(x - a) < 0.7 and abs(y - b) < 0.08 for a, b in taken):
            y += step
        taken.append((x, y))
        mark.set_y(y)
