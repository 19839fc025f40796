"""What the machine has: in a browser no threads, no network but its site's, and not all at once."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

IN_BROWSER = sys.platform == "emscripten"
CAN_MAP = os.name == "posix" and not IN_BROWSER  # files into memory that processes share

if IN_BROWSER:
    from time import process_time as clock

    from course_utils.machine.browser import prepare

    prepare()
    LIMIT, LIMIT_TOLD = 50.0, "; in a browser for 50 s at most"  # of one training, in seconds
else:
    from time import thread_time as clock

    LIMIT, LIMIT_TOLD = float("inf"), ""

__all__ = ["CAN_MAP", "IN_BROWSER", "LIMIT", "LIMIT_TOLD", "cache_folder", "clock", "cores"]


def cache_folder():
    """Return where downloaded files are kept; in a browser the site's own, beside the notebook.

    A user without a home has them in the temporary folder.
    """
    if IN_BROWSER:
        return Path("data")
    import pooch

    try:
        return pooch.os_cache("optimizer-course")
    except RuntimeError:
        return Path(gettempdir(), "optimizer-course")


@contextmanager
def cores():
    """Give a `map` by which functions share the cores, and their number; in a browser it is 1."""
    if IN_BROWSER:
        yield map, 1
    else:
        workers = os.cpu_count() or 1
        with ThreadPoolExecutor(workers) as pool:
            yield pool.map, workers
