"""What Python gets in the browser: a folder with Pyodide, its packages, the course, and their lock.

A package of the lock is loaded when a cell imports it; `AT_START` when the kernel starts.
"""

import hashlib
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

from tools.site.archives import LOCK, SHA256

ROOT = Path(__file__).parents[2]
COURSE = "optimizer-course"
DEPENDS = {
    COURSE: ["numpy", "matplotlib", "contourpy", "pillow", "threadpoolctl", "anywidget", "mistune"],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "pyodide-kernel": ["ipython", "comm", "ipykernel", "jedi"],
    "piplite": ["micropip"],
}
UNUSED = "ssl"
"""What the kernel loads and the course has no use for: 2.1 MB, replaced by an empty package."""

AT_START = [
    *("micropip", "piplite", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython", "sqlite3"),
    UNUSED,
    COURSE,
]


def write_packages(folder: Path, archives: Path, wheels: list[Path]) -> None:
    """Fill a folder with Pyodide, the packages and `pyodide-lock.json`."""
    folder.mkdir(parents=True)
    for name in SHA256:
        shutil.copyfile(archives / name, folder / name)
    made = [course_wheel(folder), write_wheel(folder, UNUSED, "0", {})]
    for wheel in wheels:
        shutil.copyfile(wheel, folder / wheel.name)
    packages = dict(LOCK["packages"])
    for wheel in [*made, *(folder / wheel.name for wheel in wheels)]:
        packages[_name(wheel)] = entry(wheel)
    for each in packages.values():
        each["depends"] = [name for name in each["depends"] if _canonical(name) in packages]
    lock = {"info": LOCK["info"], "packages": packages}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")


def entry(wheel: Path) -> dict[str, Any]:
    """Return what the lock says of a wheel that is none of Pyodide's own."""
    name, version = wheel.name.split("-")[:2]
    with zipfile.ZipFile(wheel) as archive:
        tops = {path.split("/")[0] for path in archive.namelist()}
    modules = sorted(top.removesuffix(".py") for top in tops if ".dist-info" not in top)
    return {
        "name": name,
        "version": version,
        "file_name": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "install_dir": "site",
        "imports": [module for module in modules if module.isidentifier()],
        "depends": DEPENDS.get(_name(wheel), []),
        "unvendored_tests": False,
    }


def course_wheel(folder: Path) -> Path:
    """Put the course's package into a wheel whose name changes with its content."""
    package = ROOT / "course_utils"
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    content = hashlib.sha256(b"".join(name.encode() + data for name, data in files.items()))
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    version = re.search(r'^version = "(.+)"$', project, re.M)[1]  # type: ignore[index]
    return write_wheel(folder, "optimizer_course", f"{version}+{content.hexdigest()[:10]}", files)


def write_wheel(folder: Path, name: str, version: str, files: dict[str, bytes]) -> Path:
    info = f"{name}-{version}.dist-info"
    files = files | {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\n"
        b"Tag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"]).encode()
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, data in files.items():
            archive.writestr(zipfile.ZipInfo(each, (2020, 1, 1, 0, 0, 0)), data)
    return path


def _name(wheel: Path) -> str:
    return _canonical(wheel.name.split("-")[0])


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
