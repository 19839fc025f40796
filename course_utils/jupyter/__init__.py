"""What the course sets in Jupyter: its own Python, no news pop-up, pictures that don't wait.

A kernel is found by its name, and a user's "python3" may be another one than this environment's.

A notebook is saved with the state of its widgets, so the next day they are there without a kernel;
nbconvert takes the picture and the text, since a page shows a widget by what it loads from afar.

A server puts a small message off until the page has acknowledged the one before (Nagle's
algorithm), and a browser may take 40 ms for that. A slider's picture is two such messages.
"""

import os
import sys
from pathlib import Path

KERNELS = {"MALLOC_MMAP_THRESHOLD_": "1000000"}  # so that they give pixels back


def _load_jupyter_server_extension(app):
    """Prefer the kernels of this environment, and send each message to the page at once."""
    os.environ.update(KERNELS | os.environ)
    app.kernel_spec_manager.kernel_dirs.insert(0, str(Path(sys.prefix, "share/jupyter/kernels")))
    settings = app.web_app.settings

    class Prompt(settings["kernel_websocket_connection_class"]):
        def connect(self):
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    settings["kernel_websocket_connection_class"] = Prompt
