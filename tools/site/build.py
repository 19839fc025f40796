"""Build the browser edition of the course: a folder of files for any web server."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from course_utils.mnist import files as mnist
from tools.site.archives import LOCK, NoArchives, archives, wheels
from tools.site.front import write_front
from tools.site.packages import AT_START, ROOT, needed, write_packages
from tools.site.reading import write_pages

BUILDER = ROOT / ".venv-site"
PYTHON = BUILDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
HERE = Path(__file__).parent
INTERRUPT = re.compile(r"async interrupt\(\w?\)\{(courseInterrupt\(\))?\}")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
STORES = ["asyncStorage", "memoryStorageDriver"]  # IndexedDB or, without it, memory
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def build(site: Path, named: Path | None = None) -> None:
    """Write the site into a folder, in place of what was there.

    named: a folder to look into first for Pyodide's archives.
    """
    set_up()
    with tempfile.TemporaryDirectory() as temporary:
        lite = Path(temporary)
        pypi = BUILDER / "share/jupyter/labextensions" / KERNEL / "static/pypi"
        own = [path for path in pypi.glob("*.whl") if not path.name.startswith("widgetsnb")]
        write_packages(lite / "static/pyodide", archives(named), [*wheels(), *own])
        configure(lite)
        command = [str(PYTHON), "-m", "jupyterlite_core", "build", "--apps=lab", "--no-sourcemaps"]
        command += ["--no-unused-shared-packages", f"--output-dir={lite / 'site'}"]
        done = subprocess.run(command, cwd=lite, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")
        finish(lite / "site")
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(lite / "site", site)


def set_up() -> None:
    """Install what builds, in an environment of its own, where that is not done."""
    wanted = HERE / "requirements.txt"
    done = BUILDER / wanted.name  # written last, so an interrupted set-up is taken up again
    if PYTHON.exists() and done.exists() and done.read_bytes() == wanted.read_bytes():
        return
    install = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--retries=1"]
    install += ["--no-deps", "--require-hashes", "--requirement", str(wanted)]
    try:
        for command in ([sys.executable, "-m", "venv", "--clear", str(BUILDER)], install):
            subprocess.run(command, check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise NoArchives(f"what {wanted.name} names can't be had ({error})") from error
    shutil.copyfile(wanted, done)


def finish(site: Path) -> None:
    """Give a built JupyterLite the course's notebooks and pages, and its lab a line on loading."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    add_contents(site)
    write_pages(notebooks, site / "read", PYTHON)
    mnist_there = (site / f"files/data/{next(iter(mnist.ZIPPED))}.gz").exists()
    lock = site / "static/pyodide/pyodide-lock.json"
    write_front(site, notebooks, f"{lock.name}?{digest(lock)}", size_at_start(site), mnist_there)
    dress_lab(site)
    stamp(site)


def size_at_start(site: Path) -> int:
    """Return how many bytes Python loads before the first cell runs."""
    folder = site / "static/pyodide"
    lock = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    first = [*LOCK["core"], *(each["file_name"] for each in needed(lock))]
    return sum((folder / name).stat().st_size for name in first)


def stamp(site: Path) -> None:
    """Note what this site is, so that a page can tell it from an older one that is still kept."""
    folder = site / "static/pyodide"
    lock = folder / "pyodide-lock.json"
    changing = ["jupyter-lite.json", "overrides.json", "index.html", "lab/index.html"]
    changing += [path.relative_to(site).as_posix() for path in sorted(site.glob("api/**/all.json"))]
    changing += [f"files/{path.name}" for path in sorted((site / "files").glob("*.ipynb"))]
    changing += [path.relative_to(site).as_posix() for path in (*workers(site), client(site))]
    names = [*LOCK["core"], *(each["file_name"] for each in LOCK["packages"].values())]
    archives = [f"static/pyodide/{name}" for name in names]  # the other names tell their content
    about = {
        "course": {"version": digest(*(site / name for name in changing), lock), "files": changing},
        "python": {"version": digest(*(site / name for name in archives)), "files": archives},
        "bytes": size_at_start(site),
    }
    write(folder / "stamp.json", about)


def dress_lab(site: Path) -> None:
    """Let the lab wait for what has changed, and show how far Python has loaded."""
    page = site / "lab/index.html"
    text = page.read_text("utf-8")
    script, style = ((HERE / "static" / name).read_text("utf-8") for name in ("lab.js", "lab.css"))
    text = replaced(text, "<title>JupyterLite</title>", "<title>Five optimizers</title>")
    manifest = '<link rel="manifest"'  # above the script that starts the lab
    text = replaced(text, manifest, f"<script>{script}</script>\n    {manifest}")
    text = replaced(text, "Loading JupyterLite...", "Loading the lab")
    text = replaced(text, "await import(", "await window.courseFresh;\n        await import(")
    text = replaced(text, "<style>", f"<style>\n{style}")
    page.write_text(text, "utf-8")
    prefix = (HERE / "static/worker.js").read_text("utf-8")
    for path in workers(site):
        path.write_text(prefix + path.read_text("utf-8"), "utf-8")
    path = client(site)
    text = INTERRUPT.sub("async interrupt(){courseInterrupt()}", path.read_text("utf-8"))
    path.write_text(text, "utf-8")


def workers(site: Path) -> list[Path]:
    """Return the scripts that Python runs in."""
    each = (site / "extensions" / KERNEL / "static").glob("*.js")
    texts = {path: path.read_text("utf-8") for path in each}
    return [
        path
        for path, text in sorted(texts.items())
        if "importScripts(" in text and "new Worker(" not in text
    ]


def client(site: Path) -> Path:
    """Return the script whose `interrupt` the lab calls for its stop button; it does nothing."""
    each = (site / "build").glob("*.js")
    (path,) = [path for path in each if INTERRUPT.search(path.read_text("utf-8"))]
    return path


def replaced(text: str, before: str, after: str) -> str:
    if before not in text:
        raise RuntimeError(f"JupyterLite's page has no {before!r} any more")
    return text.replace(before, after, 1)


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:10]


def configure(lite: Path) -> None:
    """Write what the lab in the browser reads when it starts."""
    lock = lite / "static/pyodide/pyodide-lock.json"
    kernel = {
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "packages": AT_START,
            "lockFileURL": f"./static/pyodide/{lock.name}?{digest(lock)}",
        },
    }
    config = {
        "appName": "Five optimizers",
        "contentsStorageName": "five-optimizers",
        "contentsStorageDrivers": STORES,
        "settingsStorageDrivers": STORES,
        "enableMemoryStorage": True,
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
    }
    write(lite / "jupyter-lite.json", {"jupyter-config-data": config})
    write(lite / "overrides.json", SETTINGS)


def add_contents(site: Path) -> None:
    """Put the notebooks, and MNIST where it can be found, into the site, and list them."""
    folder = site / "files"
    nobodys = shutil.ignore_patterns(
        ".*", "*course-progress.txt"
    )  # a reader's own is not published
    shutil.copytree(ROOT / "notebooks", folder, ignore=nobodys)
    for path in folder.glob("*.ipynb"):  # as a Jupyter server sends them, with whole texts
        path.write_text(json.dumps(nbformat.read(path, 4)), "utf-8")
    (folder / "data").mkdir(exist_ok=True)
    for path in mnist_files():
        shutil.copyfile(path, folder / "data" / path.name)
    list_contents(site)


def list_contents(site: Path) -> None:
    """Write the lists of the files beside the notebooks that the lab in the browser reads."""
    folder = site / "files"
    for each in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        inside = each.relative_to(folder)
        listing = entry(each, inside) | {"format": "json", "mimetype": None}
        listing["content"] = [entry(path, inside / path.name) for path in sorted(each.iterdir())]
        api = site / "api/contents" / inside / "all.json"
        api.parent.mkdir(parents=True, exist_ok=True)
        write(api, listing)


def entry(path: Path, inside: Path) -> dict[str, Any]:
    """Return what Jupyter's contents service says of a file or a folder, without its content."""
    kind = "directory" if path.is_dir() else "notebook" if path.suffix == ".ipynb" else "file"
    return {
        "name": "" if inside == Path() else path.name,
        "path": "" if inside == Path() else inside.as_posix(),
        "type": kind,
        "size": None if path.is_dir() else path.stat().st_size,
        "created": "2020-01-01T00:00:00Z",
        "last_modified": "2020-01-01T00:00:00Z",
        "content": None,
        "format": None,
        "mimetype": None,
        "writable": True,
    }


def mnist_files() -> list[Path]:
    """Return the four official files, of COURSE_MNIST_DIR or the cache; none if one is missing."""
    folder = Path(os.environ.get("COURSE_MNIST_DIR") or mnist.cache_folder())
    whole = mnist.read_cache(folder).keys() == mnist.ZIPPED.keys()
    return [folder / f"{name}.gz" for name in mnist.ZIPPED] if whole else []


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1), "utf-8")
