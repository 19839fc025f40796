"""What the course sets in Jupyter: no news pop-up, and pictures that don't wait on their way.

A server puts a small message off until the page has acknowledged the one before (Nagle's
algorithm), and a browser may take 40 ms for that. A slider's picture is two such messages.
"""


def _load_jupyter_server_extension(app):
    """Send each message to the page at once."""
    settings = app.web_app.settings
    usual = settings["kernel_websocket_connection_class"]

    class Prompt(usual):
        def connect(self):
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    settings["kernel_websocket_connection_class"] = Prompt
