"""Draw the README's picture: python -m tools.readme_picture"""

from pathlib import Path

from course_utils import SGD, AdaGrad, Adam, Momentum, Ravine, RMSProp, descend
from course_utils.lab import descent_figure

FILE = Path(__file__).parents[1] / "docs" / "five_paths.png"


def main():
    optimizers = (SGD(0.95), Momentum(0.1), AdaGrad(1.5), RMSProp(0.1), Adam(0.3))
    descents = {type(each).__name__: descend(Ravine(), each) for each in optimizers}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_bytes(descent_figure(descents).png(density=2))


if __name__ == "__main__":
    main()
