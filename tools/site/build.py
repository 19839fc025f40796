"""Build the browser edition of the course: a folder of files for any web server."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from course_utils.mnist import files as mnist
from tools.site.archives import archives, wheels
from tools.site.packages import AT_START, ROOT, write_packages

BUILDER = ROOT / ".venv-site"
HERE = Path(__file__).parent
KERNEL = "@jupyterlite/pyodide-kernel-extension"
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}


def build(site: Path, named: Path | None = None) -> None:
    """Write the site into a folder, in place of what was there.

    named: a folder to look into first for Pyodide's archives.
    """
    with tempfile.TemporaryDirectory() as temporary:
        lite = Path(temporary)
        pypi = BUILDER / "share/jupyter/labextensions" / KERNEL / "static/pypi"
        own = [path for path in pypi.glob("*.whl") if not path.name.startswith("widgetsnb")]
        write_packages(lite / "static/pyodide", archives(named), [*wheels(), *own])
        configure(lite)
        command = [str(BUILDER / "bin/jupyter-lite"), "build", "--apps=lab", "--no-sourcemaps"]
        command += ["--no-unused-shared-packages", f"--output-dir={lite / 'site'}"]
        done = subprocess.run(command, cwd=lite, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")
        add_contents(lite / "site")
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(lite / "site", site)


def configure(lite: Path) -> None:
    """Write what the lab in the browser reads when it starts."""
    lock = lite / "static/pyodide/pyodide-lock.json"
    stamp = hashlib.sha256(lock.read_bytes()).hexdigest()[:10]
    kernel = {
        "disablePyPIFallback": True,
        "loadPyodideOptions": {
            "packages": AT_START,
            "lockFileURL": f"./static/pyodide/{lock.name}?{stamp}",
        },
    }
    config = {
        "appName": "Five optimizers",
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
    }
    write(lite / "jupyter-lite.json", {"jupyter-config-data": config})
    write(lite / "overrides.json", SETTINGS)


def add_contents(site: Path) -> None:
    """Put the notebooks, and MNIST where it can be found, into the site, and list them."""
    folder = site / "files"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"))
    for path in folder.glob("*.ipynb"):  # as a Jupyter server sends them, with whole texts
        path.write_text(json.dumps(nbformat.read(path, 4)), "utf-8")
    for path in mnist_files():
        shutil.copyfile(path, folder / "data" / path.name)
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
    whole = mnist.read_cache(folder).keys() == mnist.FILES.keys()
    return [folder / name for name in mnist.FILES] if whole else []


def write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1), "utf-8")
