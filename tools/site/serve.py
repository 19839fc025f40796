"""A static web server on loopback, as `python -m http.server`, for the site."""

from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }

    def log_message(self, format: str, *args: object) -> None:
        pass


def server(site: Path, port: int = 0, handler: type[Handler] = Handler) -> ThreadingHTTPServer:
    """Return a server of a folder, not yet started; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(site)))


def serve(site: Path, port: int) -> None:
    """Serve a folder until Ctrl-C."""
    with server(site, port) as running:
        print(f"The course is at http://127.0.0.1:{running.server_port}/ (Ctrl-C ends it)")
        with suppress(KeyboardInterrupt):
            running.serve_forever()
