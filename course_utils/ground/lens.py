"""A lens on a map: where walks end beside a minimum, enlarged in a corner that is free."""

import numpy as np
from matplotlib.artist import setp
from matplotlib.patches import Rectangle

from course_utils.ground.map import GROUND, STAR

SCALES, FILL = np.outer(2.0 ** np.arange(-20, 40), (1, 1.5)).ravel(), 0.72
"""How much a lens may enlarge, and which share of it is filled at most."""

SHARE, LEAST, LAST = 0.36, 4, 6
"""The width of this one, a share of the map's; from which enlargement on it is shown; and how many
of a walk's last places it shows."""

CORNERS = np.array([(0.985, 0.03), (0.015, 0.03), (0.985, 0.97), (0.015, 0.97)])


class Lens:
    """The last places of walks, in looks by label, as far as they lie in it; hidden while no walk's
    are all near enough to a minimum. Iterating gives the artists."""

    def __init__(self, ax, styles):
        frame = {"edgecolor": "0.3", "linewidth": 0.8, "zorder": 4}
        faces = "none", GROUND(0.15)
        self.ax = ax
        self.zone, self.box = (ax.add_patch(Rectangle((0, 0), 0, 0, fc=f, **frame)) for f in faces)
        self.star = ax.plot([], [], **STAR | {"zorder": 4.5})[0]
        self.title = ax.text(0, 0, "", fontsize=10, color="0.2", va="bottom", zorder=4.5)
        look = {"linestyle": "-", "linewidth": 1.3, "zorder": 5, "markevery": [-1], "mew": 2}
        self.ends = {n: ax.plot([0], [0], **s | look, markersize=7)[0] for n, s in styles.items()}

    def __iter__(self):
        return iter((self.zone, self.box, self.star, self.title, *self.ends.values()))

    def move(self, minima, descents, t):
        """Show where descents by label are at update t, on their surface with these minima."""
        low, high = np.transpose([self.ax.get_xlim(), self.ax.get_ylim()])
        ends = {n: each.positions[: t + 1][-LAST:] for n, each in descents.items()}
        last, size = next(iter(ends.values()))[-1], SHARE * (high - low)
        star = min(minima, key=lambda at: np.hypot(*(last - at)))
        away = {n: 2 * (abs(end - star) / size).max() for n, end in ends.items()}
        most = max((each for each in away.values() if each <= FILL / LEAST), default=0)
        walked = np.concatenate([each.positions for each in descents.values()])
        middles = low + size / 2 + (high - low - size) * CORNERS
        inside = np.all(abs(walked - middles[:, np.newaxis]) < size / 2, axis=2).any(axis=1)
        shown = most > 0 and not inside.all()
        setp([*self], visible=shown)
        if not shown:
            return
        times, middle = SCALES[np.searchsorted(SCALES, FILL / most) - 1], middles[inside.argmin()]
        self.zone.set_bounds(*(star - size / times / 2), *size / times)
        self.box.set_bounds(*(middle - size / 2), *size)
        self.star.set_data(*middle[:, np.newaxis])
        self.title.set(text=f" × {times:g}", position=middle - size / 2)
        for label, line in self.ends.items():
            places = middle + times * (ends[label] - star)
            beyond = np.flatnonzero(np.any(abs(places - middle) > size / 2, axis=1))
            places = places[beyond.max(initial=-1) + 1 :]
            line.set(data=places.T, visible=len(places) > 0)
