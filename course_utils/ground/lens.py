"""A lens on a map: where walks end beside a minimum, enlarged in a corner that is free."""

import numpy as np
from matplotlib.artist import setp
from matplotlib.patches import Rectangle
from matplotlib.transforms import TransformedBbox

from course_utils.ground.map import GROUND, STAR

SCALES, FILL = np.outer(2.0 ** np.arange(-20, 40), (1, 1.5)).ravel(), 0.72
"""How much a lens may enlarge, and which share of it is filled at most."""

SHARE, LEAST, MOST, NEAR, LAST = 0.36, 4, 50, 6, 60
"""The width of this one, a share of the map's; between which enlargements it is shown; how many of
a walk's last places have to be near for it; and how many it shows."""

CORNERS = np.array([(0.985, 0.03), (0.015, 0.03), (0.985, 0.97), (0.015, 0.97)])


class Lens:
    """What of walks, in looks by label, lies around a minimum at which one ends; hidden where the
    map itself can tell, or no lens could. Iterating gives the artists."""

    def __init__(self, ax, styles):
        frame = {"edgecolor": "0.3", "linewidth": 0.8, "zorder": 4}
        faces = "none", GROUND(0.15)
        self.ax = ax
        self.zone, self.box = (ax.add_patch(Rectangle((0, 0), 0, 0, fc=f, **frame)) for f in faces)
        self.star = ax.plot([], [], **STAR | {"zorder": 4.5})[0]
        self.title = ax.text(0, 0, "", fontsize=10, color="0.2", va="bottom", zorder=5.2)
        way = {"linestyle": "-", "linewidth": 1.3, "marker": ".", "markersize": 3, "zorder": 5}
        head = {"linestyle": "", "markersize": 7, "mew": 2, "zorder": 5.1}
        kinds = {n: (s | way, s | head) for n, s in styles.items()}
        self.lines = {n: [ax.plot([], [], **s)[0] for s in pair] for n, pair in kinds.items()}
        self.place, self.drawn = (), {}

    def __iter__(self):
        lines = (line for pair in self.lines.values() for line in pair)
        return iter((self.zone, self.box, self.star, self.title, *lines))

    def move(self, first, descents, t):
        """Show where descents by label are at update t, first one of them; with noise nothing."""
        low, high = np.transpose([self.ax.get_xlim(), self.ax.get_ylim()])
        walks = {label: each.positions[: t + 1] for label, each in descents.items()}
        last, size = first.positions[: t + 1][-1], SHARE * (high - low)
        star = min(first.surface.minima, key=lambda at: np.hypot(*(last - at)))
        away = (2 * (abs(walk[-NEAR:] - star) / size).max() for walk in walks.values())
        most = max((each for each in away if each <= FILL / LEAST), default=0)
        walked = np.concatenate([each.positions for each in descents.values()])
        middles = low + size / 2 + (high - low - size) * CORNERS
        inside = np.all(abs(walked - middles[:, np.newaxis]) < size / 2, axis=2).any(axis=1)
        times = SCALES[np.searchsorted(SCALES, FILL / max(most, 1e-9)) - 1]
        inside |= np.all(abs(star - middles) < size * (1 + 1 / times) / 2, axis=1)
        shown = most > FILL / MOST and not inside.all() and not first.noise
        setp([*self], visible=shown)
        if not shown:
            return
        middle = middles[inside.argmin()]
        if self.place != (times, *middle, *star):
            self.place, self.drawn = (times, *middle, *star), {}
            self.zone.set_bounds(*(star - size / times / 2), *size / times)
            self.box.set_bounds(*(middle - size / 2), *size)
            self.star.set_data(*middle[:, np.newaxis])
            self.title.set(text=f" × {times:g}", position=middle - size / 2)
        box = TransformedBbox(self.box.get_bbox(), self.ax.transData)
        for label, (way, head) in self.lines.items():
            before, then = self.drawn.get(label, (None, t))
            if before is descents[label] and then == t:
                continue
            self.drawn[label] = descents[label], t
            places = middle + times * (walks[label][-LAST:] - star)
            near = np.pad(np.all(abs(places - middle) < size / 2, axis=1), 1)
            kept = near[:-2] | near[1:-1] | near[2:]  # lines lead out of it
            line = np.where(kept[:, np.newaxis], places, np.nan)[kept | np.append(False, kept[:-1])]
            way.set(data=line.T, clip_box=box)
            head.set(data=places[-1:][near[-2:-1]].T, clip_box=box)
