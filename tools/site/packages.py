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

from tools.site.archives import LOCK

ROOT = Path(__file__).parents[2]
COURSE = "optimizer-course"
DEPENDS = {
    COURSE: ["numpy", "matplotlib", "contourpy", "pillow", "threadpoolctl", "anywidget", "mistune"],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "ipywidgets": ["comm", "ipython", "traitlets"],
    "pyodide-kernel": ["ipython", "comm", "ipykernel", "jedi"],
    "piplite": ["micropip"],
}
LEFT_OUT = re.compile(
    r"^(?!jedi/).*\.(pyi|pxd|h|a)$|/(django-stubs|typeshed/(third_party|stdlib/2)|tests|sample_data)/|"
    r"/mpl-data/(images|fonts/(afm|pdfcorefonts))/|/_webp\.|"
    r"/ttf/(STIX|cm|Deja\w*(Serif|Display|Mono-|-BoldOblique))|"
    r"^pygments/lexers/(?!__init__|_mapping|python|special|html|javascript|bash|ruby|perl|tex)"
)
"""Files of the packages that no lesson and no cell of a reader needs: 6 MB."""

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
    packages = {name: dict(each) for name, each in LOCK["packages"].items()}
    for name in LOCK["core"]:
        shutil.copyfile(archives / name, folder / name)
    for each in packages.values():
        each["sha256"] = copy_slim(archives / each["file_name"], folder / each["file_name"])
    made = [course_wheel(folder), write_wheel(folder, UNUSED, "0", {})]
    for wheel in wheels:
        shutil.copyfile(wheel, folder / wheel.name)
    for wheel in [*made, *(folder / wheel.name for wheel in wheels)]:
        packages[_name(wheel)] = entry(wheel)
    for each in packages.values():
        each["depends"] = [name for name in each["depends"] if _canonical(name) in packages]
    lock = {"info": LOCK["info"], "packages": packages}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), "utf-8")


def copy_slim(archive: Path, target: Path) -> str:
    """Copy a checked archive without what is `LEFT_OUT`; return the SHA-256 of the copy."""
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(target, "w") as slim:
        for info in whole.infolist():
            if not LEFT_OUT.search(info.filename):
                slim.writestr(info, whole.read(info), zipfile.ZIP_DEFLATED, 9)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def needed(lock: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the entries of all packages that are loaded when the kernel starts."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [*AT_START]
    while waiting:
        name = _canonical(waiting.pop())
        if name not in found:
            found[name] = lock["packages"][name]
            waiting += found[name]["depends"]
    return [*found.values()]


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
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in files.items():
            member = zipfile.ZipInfo(each, (2020, 1, 1, 0, 0, 0))
            archive.writestr(member, data, zipfile.ZIP_DEFLATED, 9)
    return path


def _name(wheel: Path) -> str:
    return _canonical(wheel.name.split("-")[0])


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
