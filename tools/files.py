"""Files that are written whole."""

import os
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Write so that a reader sees the old file or the new one, never half of one."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_bytes(text.encode())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
