"""Run the notebooks and store them in the one form that the project keeps.

    python -m tools.normalise notebooks                 run, and write what changed
    python -m tools.normalise --check notebooks         run, write nothing, name what would change
    python -m tools.normalise --no-execute notebooks    leave the outputs, tidy the rest
    python -m tools.normalise --refresh notebooks       run, replace keep-output outputs as well

A path is a notebook or a folder of notebooks. Each notebook runs from top to bottom in a fresh
kernel of this Python, in the notebook's own folder, for a learner who has done nothing yet; the
command stops at the first cell that fails. On an unchanged tree a second run changes no byte. The
exit code is 1 after a failure, and under `--check` when something would change.

Cell tag `keep-output`: the cell runs, but a stored output stays. It is meant for numbers that are
wall-clock times, which differ in every run; tag such a cell `nbval-ignore-output` as well. When you
change such a cell, store its new output with `--refresh`.

What asks, and what answers, is closed until its cell runs: the outputs from a `predict` to its
`reveal`, those of `ask` and `explain`, and of cells tagged `closed`.
"""

import argparse
import base64
import copy
import hashlib
import io
import json
import os
import re
import struct
import sys
from pathlib import Path

import ipykernel.kernelspec
import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from PIL import Image

from tools.cards import calls
from tools.files import replace

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "nbconvert_exporter": "python", "file_extension": ".py"},
}
CELL_METADATA = ("jupyter", "tags")  # anything else is timing or the state of somebody's editor
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # holds a random id
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_STAMPS = (b"tEXt", b"zTXt", b"iTXt", b"tIME")
CELL_TIMEOUT = 120  # seconds, as nbval is told: a slower cell would fail there


class Failed(Exception):
    """A notebook that can't be read or run; the message names it and says why."""


class ThisPython(AsyncKernelManager):
    """Starts kernels in the running interpreter, whatever kernels the user has installed."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**ipykernel.kernelspec.get_kernel_dict())


def read(text: str) -> NotebookNode:
    """Parse a notebook without the repairs of `nbformat.read`, which would hide what is wrong."""
    raw = json.loads(text)
    if raw.get("nbformat") != 4:
        raise ValueError(f"nbformat is {raw.get('nbformat')!r}, expected 4")
    return nbformat.v4.nbjson.to_notebook(raw)


def write(nb: NotebookNode) -> str:
    nbformat.validate(nb)
    return nbformat.v4.writes(nb) + "\n"


def tidy(nb: NotebookNode) -> NotebookNode:
    """Return a copy without what varies between runs and machines: the stored form of `nb`."""
    nb = copy.deepcopy(nb)
    nb.nbformat_minor = 5
    nb.metadata = nbformat.from_dict(METADATA)
    repair_ids(nb.cells)
    for cell in nb.cells:
        kept = {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
    close_cards(nb)
    for number, cell in enumerate(code_cells(nb), 1):
        if cell.execution_count is not None:
            cell.execution_count = number
        cell.outputs = tidy_outputs(cell)
    return nb


def close_cards(nb: NotebookNode) -> None:
    waiting: set[str] = set()
    for cell in code_cells(nb):
        cards = list(calls(cell))
        waiting |= {id for card, id in cards if card == "predict"}
        own = "closed" in cell.metadata.get("tags", ()) or {"ask", "explain"} & {*dict(cards)}
        cell.metadata.pop("jupyter", None)
        if waiting or own:
            cell.metadata["jupyter"] = {"outputs_hidden": True}
        waiting -= {id for card, id in cards if card == "reveal"}


def code_cells(nb: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def repair_ids(cells: list[NotebookNode]) -> None:
    """Keep every id but a missing or repeated one, which is made anew from place and content."""
    seen: set[str] = set()
    for place, cell in enumerate(cells):
        name = cell.get("id", "")
        while not name or name in seen:
            name = hashlib.sha256(f"{place} {name} {cell.source}".encode()).hexdigest()[:12]
        cell.id = name
        seen.add(name)


def tidy_outputs(cell: NotebookNode) -> list[NotebookNode]:
    tidied: list[NotebookNode] = []
    for output in cell.outputs:
        if output.output_type == "stream" and tidied and tidied[-1].get("name") == output.name:
            tidied[-1].text += output.text
            continue
        if "execution_count" in output:
            output.execution_count = cell.execution_count
        if "data" in output:
            output.data.pop(WIDGET_VIEW, None)
            output.metadata.pop(WIDGET_VIEW, None)
            if not output.data:
                continue
            if "image/png" in output.data:
                png = strip_stamps(base64.b64decode(output.data["image/png"]))
                output.data["image/png"] = base64.b64encode(png).decode()
        tidied.append(output)
    return tidied


def strip_stamps(png: bytes) -> bytes:
    """Remove the text and time chunks (program, version, date); the picture's bytes stay."""
    if not png.startswith(PNG_SIGNATURE):
        raise ValueError("an image/png output is not a PNG")
    kept, at = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        end = at + length + 12  # length, type and checksum take 4 bytes each
        if png[at + 4 : at + 8] not in PNG_STAMPS:
            kept.append(png[at:end])
        at = end
    return b"".join(kept)


def execute(nb: NotebookNode, folder: Path) -> NotebookNode:
    """Return a copy of `nb` with the outputs of a run in a fresh kernel."""
    nb = copy.deepcopy(nb)
    for cell in code_cells(nb):
        cell.execution_count, cell.outputs = None, []
    started = []
    client = NotebookClient(
        nb,
        resources={"metadata": {"path": str(folder)}},
        kernel_manager_class=ThisPython,
        kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],
        timeout=CELL_TIMEOUT,
        raise_on_iopub_timeout=True,
        store_widget_state=False,
        record_timing=False,
        on_cell_execute=lambda cell, cell_index: started.append((cell_index + 1, cell)),
    )
    try:
        client.execute(env=os.environ | {"COURSE_PROGRESS": "off"})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        number, cell = started[-1]
        raise Failed(f"cell {number} (id {cell.get('id')}) failed: {explain(error)}") from error
    return nb


def explain(error: Exception) -> str:
    if isinstance(error, CellTimeoutError):
        return f"it ran longer than {CELL_TIMEOUT} s"
    if isinstance(error, CellExecutionError):
        traceback = re.sub(r"\x1b\[[\d;]*m", "", error.traceback)
        return f"{error.ename}: {error.evalue}\n\n{traceback}"
    return str(error)


def keep_stored(nb: NotebookNode, stored: NotebookNode, refresh: bool) -> None:
    """Put stored outputs back into the run `nb` where a difference would mean nothing.

    These are the outputs of cells tagged keep-output, unless `refresh`, and the pictures with the
    same pixels in other bytes, as another machine's compression library makes them.
    """
    for new, old in zip(code_cells(nb), code_cells(stored), strict=True):
        if "keep-output" in new.metadata.get("tags", ()) and old.outputs and not refresh:
            new.outputs = old.outputs
        for ours, theirs in zip(new.outputs, old.outputs, strict=False):
            picture, before = (out.get("data", {}).get("image/png") for out in (ours, theirs))
            if picture and before and pixels(picture) == pixels(before):
                ours.data["image/png"] = before


def pixels(picture: str) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
        return image.size, image.convert("RGBA").tobytes()


def normalised(text: str, folder: Path, run: bool = True, refresh: bool = False) -> str:
    """Return the notebook file `text` as the project stores it.

    Raises Failed when a cell fails, ValueError or nbformat.ValidationError when `text` is no
    notebook of format 4.
    """
    stored = tidy(read(text))
    if not run:
        return write(stored)
    nb = tidy(execute(stored, folder))
    keep_stored(nb, stored, refresh)
    return write(tidy(nb))


def differences(before: str, after: str) -> list[str]:
    """Say in words where two versions of a notebook file differ; empty when they are equal."""
    if before == after:
        return []
    old, new = read(before), read(after)
    found = [key for key in ("metadata", "nbformat_minor") if old.get(key) != new.get(key)]
    for number, (was, now) in enumerate(zip(old.cells, new.cells, strict=True), 1):
        keys = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
        if keys:
            found.append(f"cell {number}: {', '.join(keys)}")
    return found or ["only the layout of the file"]


def find(paths: list[Path]) -> list[Path]:
    return [
        notebook
        for path in paths
        for notebook in (sorted(path.glob("*.ipynb")) if path.is_dir() else [path])
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.normalise",
        description="Run notebooks and store them in the project's form.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="notebook or folder")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on a change")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--no-execute", action="store_true", help="keep the outputs, tidy the rest")
    how.add_argument("--refresh", action="store_true", help="replace keep-output outputs as well")
    options = parser.parse_args(arguments)

    changed = False
    for path in find(options.paths):
        try:
            before = path.read_bytes().decode()
            after = normalised(before, path.parent, not options.no_execute, options.refresh)
        except (Failed, OSError, ValueError, nbformat.ValidationError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        found = differences(before, after)
        changed = changed or bool(found)
        if found and not options.check:
            replace(path, after)
        verb = "would change" if options.check else "rewritten"
        print(f"{path}: {verb}: {'; '.join(found)}" if found else f"{path}: unchanged")
    return int(options.check and changed)


if __name__ == "__main__":
    raise SystemExit(main())
