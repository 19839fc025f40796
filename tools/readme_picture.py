"""Draw the README's moving picture: make picture"""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from course_utils import Ravine, descend
from course_utils.experiments import five
from course_utils.lab.paths import Paths, Walks, at_end
from course_utils.page.picture import LivePicture, drawing, few_colours
from tools.jupyter import drawn

FILE = Path(__file__).parents[1] / "docs" / "five_paths.gif"
START, MOVE, END = 900, 160, 5000  # how long the first, a later and the last update stay, in ms
WIDTH, DENSITY = 1000, 1.4  # 1,400 pixels across


def main(file=FILE):
    first, *others = frames()
    stay = [START, *[MOVE] * (len(others) - 1), END]
    file.parent.mkdir(exist_ok=True)
    first.save(file, "GIF", save_all=True, append_images=others, duration=stay, loop=0)


@drawing()
def frames():
    """Return the picture after each update, as images of one palette."""
    rated = {f"{name}, lr {method.lr}": method for name, method in five().items()}
    walks = at_end({label: descend(Ravine(), method) for label, method in rated.items()})
    live = LivePicture(Paths(walks), walks)
    live.resize(WIDTH)
    pictures = []
    for t in range(walks.t + 1):
        live.show(Walks(walks.descents, t))
        live.parts.map.set_title(f"update {t}", loc="left", fontsize=12)
        pictures.append(np.asarray(Image.open(BytesIO(drawn(live, DENSITY))).convert("RGBA")))
    film, height = few_colours(np.concatenate(pictures)), len(pictures[0])
    return [film.crop((0, t * height, film.width, (t + 1) * height)) for t in range(walks.t + 1)]


if __name__ == "__main__":
    main()
