"""Save a notebook, as JupyterLab shows it, as pictures that cover every cell from top to bottom.

    python -m tools.screenshot notebooks/01_sgd.ipynb --width 1920 --zoom 1.5 --run --out /tmp/look

writes /tmp/look/01_sgd-1920-1.png, -2.png, …, each at most 1800 pixels high.
"""

import argparse
import sys
from pathlib import Path

from tools.jupyter import Lab


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.screenshot", description="Save notebooks as pictures, cell by cell."
    )
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--width", type=int, default=1280, help="pixels (default: 1280)")
    parser.add_argument("--zoom", type=float, default=1.0, help="the browser's zoom (default: 1)")
    parser.add_argument(
        "--density", type=float, default=1.0, help="the device pixel ratio (default: 1)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--run", action="store_true", help="run all cells first")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    failed = False
    for folder in dict.fromkeys(path.parent for path in options.notebooks):
        with Lab(folder) as lab:
            for path in options.notebooks:
                if path.parent == folder:
                    failed |= not photograph(lab, path, options)
    return int(failed)


def photograph(lab: Lab, path: Path, options: argparse.Namespace) -> bool:
    """Save the pictures of one notebook and print their names; whether no cell failed."""
    look = {"width": options.width, "zoom": options.zoom, "density": options.density}
    with lab.open(path.name, **look) as notebook:
        if options.run:
            print(f"{path}: ran in {notebook.run_all():.1f} s")
        for picture in notebook.screenshot(options.out / f"{path.stem}-{options.width}"):
            print(picture)
        errors = notebook.errors() + notebook.callback_errors()
    for error in errors:
        print(f"{path}: {error}", file=sys.stderr)
    return not errors


if __name__ == "__main__":
    sys.exit(main())
