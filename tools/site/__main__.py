"""Build the browser edition, or serve it on this machine.

python -m tools.site                         build it into site/
python -m tools.site --archives FOLDER       with Pyodide's archives that lie in a folder
python -m tools.site --serve                 show what was built
"""

import argparse
import sys
from pathlib import Path

from tools.site.archives import NoArchives
from tools.site.build import build
from tools.site.packages import ROOT
from tools.site.serve import serve


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.site", description=__doc__)
    parser.add_argument("--archives", type=Path, metavar="FOLDER")
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    site = ROOT / "site"
    if options.serve:
        serve(site, options.port)
        return 0
    try:
        build(site, options.archives)
    except NoArchives as error:
        print(f"The site was not built: {error}.", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    print(f"The site is in {site} ({size / 1e6:.0f} MB); make site-serve shows it")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
