"""What the machine has: in a browser no threads, no network but its site's, and not all at once."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir

from course_utils.machine.browser import one_by_one, prepare

IN_BROWSER = sys.platform == "emscripten"
CAN_MAP = os.name == "posix" and not IN_BROWSER  # files into memory that processes share

if IN_BROWSER:
    from time import perf_counter as clock  # the others stand still there

    prepare()
    LIMIT, LIMIT_TOLD = 50.0, "; here for 50 s at most, ■ stops it"  # of one training, in seconds
else:
    from time import thread_time as clock

    LIMIT, LIMIT_TOLD = float("inf"), ""

__all__ = ["CAN_MAP", "IN_BROWSER", "LIMIT", "LIMIT_TOLD", "cache_folder", "clock", "cores"]


def cache_folder():
    """Return where downloaded files are kept; in a browser the site's own, beside the notebook."""
    if IN_BROWSER:
        return Path("data")
    import pooch

    try:
        return pooch.os_cache("optimizer-course")
    except RuntimeError:  # a user without a home
        return Path(gettempdir(), "optimizer-course")


@contextmanager
def cores():
    """Give a `map` by which functions share the cores, and their number; in a browser it is 1."""
    if IN_BROWSER:
        yield one_by_one, 1
    else:
        with ThreadPoolExecutor(workers := os.cpu_count() or 1) as pool:
            yield pool.map, workers
