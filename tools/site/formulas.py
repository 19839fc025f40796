"""Formulas set by the browser itself: LaTeX to MathML, which needs no script and no fonts.

Run by .venv-site's Python, which has the converter: a JSON list of pairs (LaTeX, "inline" or
"block") comes in, a list of MathML goes out.
"""

import json
import sys

from latex2mathml.converter import convert

if __name__ == "__main__":
    json.dump(
        [convert(latex, display=display) for latex, display in json.load(sys.stdin)], sys.stdout
    )
