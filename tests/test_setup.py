"""The set-up: one set of versions in four files, and the verbs of make without real installs."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
import yaml
from jupyter_client.kernelspec import KernelSpecManager
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_rooms import imported

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT, PYTEST = SETTINGS["project"], SETTINGS["tool"]["pytest"]["ini_options"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
GROUPS = PROJECT["optional-dependencies"]
LAB = [Requirement(line) for line in GROUPS["lab"]]
EXTRAS = [Requirement(line) for group in GROUPS.values() for line in group]
LOCK_LINES = (ROOT / "requirements.lock").read_text("utf-8").splitlines()

needs_make = pytest.mark.skipif(
    os.name == "nt" or shutil.which("make") is None, reason="no make (Windows uses uv or pip)"
)


def pins(name: str) -> list[Requirement]:
    requirements = map(Requirement, LOCK_LINES)
    return [r for r in requirements if canonicalize_name(r.name) == canonicalize_name(name)]


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


# One set of versions


def test_environment_yml_has_the_dependencies_and_ranges_of_pyproject() -> None:
    rattler = pytest.importorskip("rattler")
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *specs, pip = environment["dependencies"]
    conda = {}
    for spec in specs:
        parsed = rattler.MatchSpec(spec, strict=True)
        conda[parsed.name.normalized] = set(str(parsed.version or "").split(","))
    expected = {r.name: {str(s) for s in r.specifier} for r in RUNTIME + LAB}
    expected |= {"python": {PROJECT["requires-python"]}, "pip": {""}}
    assert conda == expected
    assert pip == {"pip": ["-e ."]}
    assert environment["channels"] == ["conda-forge"]


def test_a_plain_install_brings_no_jupyter() -> None:
    """In an environment that has one, a second is in the way."""
    brought: set[str] = set()
    waiting = [*RUNTIME]
    while waiting:
        needed = waiting.pop()
        if needed.name not in brought and (not needed.marker or needed.marker.evaluate()):
            brought.add(canonicalize_name(needed.name))
            waiting += map(Requirement, requires(needed.name) or ())
    assert "widgetsnbextension" in brought  # what shows ipywidgets in a Jupyter that is there
    assert not brought & {"jupyterlab", "notebook", "jupyter-server", "ipykernel", "nbval"}


def test_what_the_course_imports_comes_with_a_plain_install() -> None:
    distributions = packages_distributions()
    names = {
        canonicalize_name(distributions[module][0])
        for path in (ROOT / "course_utils").rglob("*.py")
        for module in {each.split(".")[0] for each in imported(path)} & distributions.keys()
    }
    brought = {canonicalize_name(r.name) for r in RUNTIME} | {"ipython", "traitlets"}  # ipywidgets'
    assert names - {"optimizer-course"} <= brought


def test_lock_has_only_pins_and_no_address() -> None:
    for line in LOCK_LINES:
        pin = Requirement(line)
        assert [s.operator for s in pin.specifier] == ["=="], line
        assert pin.url is None
        assert "://" not in line
        assert "--" not in line


@pytest.mark.parametrize("requirement", RUNTIME + EXTRAS, ids=lambda r: r.name)
def test_lock_pins_every_dependency_within_its_range(requirement: Requirement) -> None:
    assert pins(requirement.name)
    for pin in pins(requirement.name):
        (version,) = (s.version for s in pin.specifier)
        assert requirement.specifier.contains(version)


PLATFORMS = {
    "linux": ("linux", "posix", "Linux", "x86_64"),
    "mac": ("darwin", "posix", "Darwin", "arm64"),
    "mac-intel": ("darwin", "posix", "Darwin", "x86_64"),
    "windows": ("win32", "nt", "Windows", "AMD64"),
}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_lock_has_one_pin_for_each_python_and_platform(python: str, platform: str) -> None:
    keys = ("sys_platform", "os_name", "platform_system", "platform_machine")
    machine = dict(zip(keys, PLATFORMS[platform], strict=True))
    machine |= {"python_version": python, "python_full_version": f"{python}.9"}
    for requirement in RUNTIME + EXTRAS:
        if requirement.marker is None or requirement.marker.evaluate(machine):
            fitting = [
                p for p in pins(requirement.name) if p.marker is None or p.marker.evaluate(machine)
            ]
            assert len(fitting) == 1, requirement.name


def test_readme_gives_a_reason_for_each_dependency() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.+) \|$", readme(), re.MULTILINE)
    names = [name for name, _ in rows if name in {r.name for r in RUNTIME + EXTRAS}]
    assert sorted(names) == sorted({r.name for r in RUNTIME + LAB})


def project_files(folder: Path = ROOT) -> Iterator[Path]:
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text("utf-8").splitlines()]
    for path in folder.iterdir():
        names = (path.name, f"/{path.relative_to(ROOT).as_posix()}")
        if path.name == ".git" or any(fnmatch.filter(names, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from project_files(path)
        else:
            yield path


def test_no_file_names_a_package_registry() -> None:
    hosts = [("py" + "pi", "org"), ("python" + "hosted", "org"), ("ana" + "conda", "org")]
    hosts += [("npm" + "js", "org"), ("npm" + "js", "com"), ("download.py" + "torch", "org")]
    hosts += [("deb." + "debian", "org"), ("prefix", "dev")]
    forbidden = [".".join(host).encode() for host in hosts]
    found = {
        str(path.relative_to(ROOT)): host
        for path in project_files()
        for host in forbidden
        if host in path.read_bytes().lower()
    }
    assert not found


# What the course sets in Jupyter

JUPYTER = ROOT / "course_utils" / "jupyter"


def test_the_settings_are_some_that_jupyterlab_and_its_extensions_know() -> None:
    share = Path(sys.prefix, "share", "jupyter")
    for plugin, settings in json.loads((JUPYTER / "lab_settings.json").read_text("utf-8")).items():
        package, name = plugin.split(":")
        own = share / "labextensions" / package / "schemas" / package / f"{name}.json"
        built_in = share / "lab" / "schemas" / package / f"{name}.json"
        schema = json.loads((own if own.exists() else built_in).read_text("utf-8"))
        assert settings.keys() <= schema["properties"].keys()
        jsonschema.validate(settings, schema)


@pytest.mark.parametrize(
    ("ours", "place"),
    [
        ("lab_settings.json", "share/jupyter/lab/settings/overrides.d/optimizer-course.json"),
        ("server_config.json", "etc/jupyter/jupyter_server_config.d/optimizer-course.json"),
        ("nbconvert_config.json", "etc/jupyter/jupyter_nbconvert_config.json"),
    ],
)
def test_the_settings_are_installed(ours: str, place: str) -> None:
    installed = Path(sys.prefix, place)
    if not installed.exists():
        pytest.skip("the course is not installed in this environment (make test installs it)")
    assert installed.read_text("utf-8") == (JUPYTER / ours).read_text("utf-8")


def load_extension(app: SimpleNamespace) -> None:
    config = json.loads((JUPYTER / "server_config.json").read_text("utf-8"))
    (name,) = config["ServerApp"]["jpserver_extensions"]
    import_module(name)._load_jupyter_server_extension(app)


def test_the_server_sends_each_message_at_once() -> None:
    """On whatever connection to a kernel the server uses."""
    log: list[object] = []

    class Connection:
        websocket_handler = SimpleNamespace(set_nodelay=log.append)

        def connect(self) -> str:
            log.append("connected")
            return "a future"

    settings = {"kernel_websocket_connection_class": Connection}
    app = SimpleNamespace(settings=settings)
    load_extension(SimpleNamespace(web_app=app, kernel_spec_manager=KernelSpecManager()))
    assert settings["kernel_websocket_connection_class"]().connect() == "a future"
    assert log == [True, "connected"]


@pytest.mark.parametrize("users", [None, "7"])
def test_kernels_give_memory_back_unless_a_user_has_said_how(
    monkeypatch: pytest.MonkeyPatch, users: str | None
) -> None:
    monkeypatch.setattr(os, "environ", {} if users is None else {"MALLOC_MMAP_THRESHOLD_": users})
    settings = {"kernel_websocket_connection_class": object}
    app = SimpleNamespace(settings=settings)
    load_extension(
        SimpleNamespace(web_app=app, kernel_spec_manager=SimpleNamespace(kernel_dirs=[]))
    )
    assert os.environ["MALLOC_MMAP_THRESHOLD_"] == (users or "1000000")


def test_the_server_prefers_its_own_python_to_a_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    users = tmp_path / "kernels" / "python3"
    users.mkdir(parents=True)
    users.joinpath("kernel.json").write_text('{"argv": ["another"], "display_name": "Mine"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    manager = KernelSpecManager()
    app = SimpleNamespace(settings={"kernel_websocket_connection_class": object})
    load_extension(SimpleNamespace(web_app=app, kernel_spec_manager=manager))
    assert manager.get_kernel_spec("python3").display_name != "Mine"


# make

# It stands in for Python, and logs each call. The code given to -c runs for real: in a Python that
# believes to be version $FAKE_VERSION, or with -I in one that sees pip and what was installed.
FAKE_PYTHON = f"""#!/bin/sh
case "$1 $2 $3" in
    "-c "*) exec '{sys.executable}' -c "import sys; sys.version_info = ($FAKE_VERSION,); $2" ;;
    "-I -c "*) exec '{sys.executable}' -I -c "import sys; sys.modules['pip'] = sys
sys.path.insert(0, open('.venv/installed').read()[:-1]); $3" ;;
    "--version "*) echo Python fake; exit ;;
    "-m venv "*) rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
esac
echo "${{0##*/}} $*" >> calls
printf '%s\\n' "$PATH" > path
test "$2 $3" != "pip install" || {{ test -z "$FAKE_PIP" && pwd > .venv/installed; }}
"""


class Copy:
    """The files that make reads, in a folder of their own, with nothing on PATH but a few tools."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "with a space"
        self.tools = folder / "tools"
        (self.folder / "course_utils").mkdir(parents=True)
        (self.folder / "course_utils" / "__init__.py").touch()
        self.tools.mkdir()
        for name in ["Makefile", "pyproject.toml", "requirements.lock"]:
            shutil.copy(ROOT / name, self.folder)
        for name in ["make", "sh", "bash", "awk", "cp", "dirname", "id", "mkdir", "rm", "touch"]:
            if tool := shutil.which(name):
                (self.tools / name).symlink_to(tool)
        self.add_tool("python fake", FAKE_PYTHON)

    def add_tool(self, name: str, script: str) -> None:
        tool = self.tools / name
        tool.unlink(missing_ok=True)
        tool.write_text(script)
        tool.chmod(0o755)

    def run(
        self, *command: str, version: str = "3, 11", **environment: str
    ) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        """Runs a command; returns its result and the calls of python, pip and jupyter it made."""
        calls = self.folder / "calls"
        calls.write_text("")
        environment |= {"PATH": str(self.tools), "PYTHON": "python fake", "FAKE_VERSION": version}
        result = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        return result, calls.read_text().splitlines()

    def touch(self, name: str) -> None:
        later = (self.folder / ".venv" / "lab.stamp").stat().st_mtime + 2
        os.utime(self.folder / name, (later, later))


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def installs(calls: list[str]) -> list[str]:
    return [call for call in calls if "pip install" in call]


@needs_make
def test_make_alone_lists_the_verbs(copy: Copy) -> None:
    result, calls = copy.run("make")
    verbs = re.findall(r"^  ([\w-]+) +\S", result.stdout, re.MULTILINE)
    assert verbs[:6] == ["lab", "test", "site", "site-test", "site-serve", "colab-test"]
    assert " ".join(verbs[6:]) == "bench notebooks teaching sweep picture lint lock clean"
    assert not calls


@needs_make
def test_first_call_sets_up_and_the_second_does_not(copy: Copy) -> None:
    result, calls = copy.run("make", "lab")
    assert result.returncode == 0, result.stderr
    assert "Setting up .venv with Python fake" in result.stdout
    assert calls[0] == "python fake -m venv --clear .venv"
    assert [call.split()[-4:] for call in installs(calls)] == [
        ["-c", "requirements.lock", "-e", ".[lab]"]
    ]
    assert calls[-1].startswith("python -m jupyterlab")
    result, calls = copy.run("make", "lab")
    assert [call.split()[:3] for call in calls] == [["python", "-m", "jupyterlab"]]
    assert "Setting up" not in result.stdout


@needs_make
def test_make_test_adds_the_extra_and_serves_make_lab_too(copy: Copy) -> None:
    copy.run("make", "lab")
    _, calls = copy.run("make", "test")
    assert [call.split()[-1] for call in installs(calls)] == [".[lab,server,test]"]
    assert calls[-1].startswith("python -m pytest -n 2 ")
    _, calls = copy.run("make", "test", "ARGS=-x tests")
    assert len(calls) == 1
    assert calls[0].endswith(" -x tests")
    _, calls = copy.run("make", "lab")
    assert not installs(calls)


@needs_make
def test_make_sweep_sets_up_and_hands_on_the_scheduler(copy: Copy) -> None:
    _, calls = copy.run("make", "sweep")
    assert [call.split()[-1] for call in installs(calls)] == [".[lab,server,test]"]
    assert calls[-1] == "python -m tools.sweep"
    _, calls = copy.run("make", "sweep", "SCHEDULER=tcp://host:8786", "ARGS=--trial")
    assert calls == ["python -m tools.sweep --scheduler tcp://host:8786 --trial"]


@needs_make
@pytest.mark.parametrize("name", ["pyproject.toml", "requirements.lock"])
@pytest.mark.parametrize("verb", ["lab", "test"])
def test_a_changed_dependency_list_sets_up_again(copy: Copy, verb: str, name: str) -> None:
    copy.run("make", verb)
    copy.touch(name)
    _, calls = copy.run("make", verb)
    assert len(installs(calls)) == 1


@needs_make
def test_an_interrupted_set_up_is_taken_up_again(copy: Copy) -> None:
    result, calls = copy.run("make", "lab", FAKE_PIP="1")
    assert result.returncode != 0
    assert not any("jupyterlab" in call for call in calls)
    _, calls = copy.run("make", "lab")
    assert len(installs(calls)) == 1
    assert calls[-1].startswith("python -m jupyterlab")


def is_set_up_again(copy: Copy) -> bool:
    result, calls = copy.run("make", "lab")
    assert result.returncode == 0, result.stderr
    assert calls[-1].startswith("python -m jupyterlab")
    again = calls[0] == "python fake -m venv --clear .venv"
    assert ("made anew" in result.stdout) == again == bool(installs(calls))
    return again


@needs_make
def test_a_renamed_folder_is_set_up_again(copy: Copy) -> None:
    copy.run("make", "lab")
    assert not is_set_up_again(copy)
    copy.folder = copy.folder.rename(copy.folder.parent / "renamed")
    assert is_set_up_again(copy)
    assert not is_set_up_again(copy)


@needs_make
@pytest.mark.parametrize("verb", ["lab", "test"])
def test_a_copied_folder_runs_its_own_code(copy: Copy, verb: str) -> None:
    copy.run("make", verb)
    original, copy.folder = copy.folder, copy.folder.parent / "copied"
    shutil.copytree(original, copy.folder)
    assert is_set_up_again(copy)
    copy.folder = original
    assert not is_set_up_again(copy)


@needs_make
def test_an_environment_whose_python_is_gone_is_made_anew(copy: Copy) -> None:
    copy.run("make", "lab")
    python = copy.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/no/such/python")
    assert is_set_up_again(copy)


@needs_make
@pytest.mark.parametrize(
    "name",
    [
        "$HOME",
        "a$b c",
        "it's",
        'a"b',
        "`id",
        "R&D",
        "a;b",
        "(1)",
        "a\\b",
        "a#b",
        "50%",
        "课程",
    ],
)
def test_any_name_of_the_folder_will_do(copy: Copy, name: str) -> None:
    copy.folder = copy.folder.rename(copy.folder.parent / name)
    copy.run("make", "lab")
    assert not is_set_up_again(copy)
    _, calls = copy.run("sh", "-c", 'cd /; exec make -C "$0" lab', str(copy.folder))
    assert [call.split()[:3] for call in calls] == [["python", "-m", "jupyterlab"]]
    path = (copy.folder / "path").read_text()
    assert path.startswith(f"{copy.folder / '.venv' / 'bin'}:")


@needs_make
def test_pips_and_pythons_settings_stay_outside(copy: Copy) -> None:
    """Else pip fails, installs elsewhere, or another Python's packages come in."""
    names = ["PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONPATH"]
    copy.add_tool(
        "python fake", FAKE_PYTHON.replace('echo "${0##', 'export -p >> seen; echo "${0##')
    )
    copy.run("make", "test", PIP_USER="1", KEPT="1", **dict.fromkeys(names, "1"))
    seen = (copy.folder / "seen").read_text()
    assert re.search(r"\bKEPT='?\"?1", seen)
    assert re.search(r"\bPIP_USER='?\"?0", seen)
    assert not re.search("|".join(names), seen)


@needs_make
def test_an_environment_without_pip_is_made_anew(copy: Copy) -> None:
    made_by_uv = copy.folder / ".venv" / "bin"
    made_by_uv.mkdir(parents=True)
    (made_by_uv / "python").write_text("#!/bin/sh\nexit 1\n")
    (made_by_uv / "python").chmod(0o755)
    _, calls = copy.run("make", "lab")
    assert calls[0] == "python fake -m venv --clear .venv"


@needs_make
@pytest.mark.parametrize(
    ("version", "good"), [("3, 9", 0), ("3, 10", 0), ("3, 11", 1), ("4, 0", 1)]
)
def test_a_too_old_python_gets_one_line(copy: Copy, version: str, good: bool) -> None:
    result, calls = copy.run("make", "lab", version=version)
    assert (result.returncode == 0) == good
    if not good:
        told = [line for line in result.stderr.splitlines() if not line.startswith("make")]
        assert len(told) == 1
        assert "needs Python 3.11 or newer" in told[0]
        assert not result.stdout
        assert not calls
        assert not (copy.folder / ".venv").exists()


@needs_make
def test_a_newer_python_is_found_behind_an_old_one(copy: Copy) -> None:
    old = FAKE_PYTHON.replace("$FAKE_VERSION", "3, 9")
    copy.add_tool("python3", old)
    copy.add_tool("python3.13", FAKE_PYTHON)
    _, calls = copy.run("make", "lab", "PYTHON=")
    assert calls[0] == "python3.13 -m venv --clear .venv"


@needs_make
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_only_root_is_told_apart(copy: Copy, user: int, allowed: bool) -> None:
    copy.add_tool("id", f"#!/bin/sh\necho {user}\n")
    _, calls = copy.run("make", "lab", "ARGS=--no-browser")
    options = calls[-1].split()
    assert options[:4] == ["python", "-m", "jupyterlab", "--ServerApp.root_dir=notebooks"]
    assert options[-1] == "--no-browser"
    assert ("--allow-root" in options) == allowed


@needs_make
@pytest.mark.parametrize("has_mnist", [True, False])
def test_ci_runs_the_test_command_of_the_readme(copy: Copy, has_mnist: bool) -> None:
    assert "\nmake test" in readme()
    (copy.folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", copy.folder / ".ci")
    mnist = copy.folder.parent / "shared" / "mnist"
    if has_mnist:
        mnist.mkdir(parents=True)
    copy.add_tool("make", '#!/bin/sh\necho "make $*, $COURSE_MNIST_DIR"\n')
    result, _ = copy.run(str(copy.folder / ".ci" / "run"))
    assert result.stdout == f"make test, {mnist if has_mnist else ''}\n", result.stderr


# The report


@pytest.mark.parametrize(("folder", "processes"), [("", "0"), ("empty", "2")])
def test_what_did_not_run_is_named_last(tmp_path: Path, folder: str, processes: str) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_it.py").write_text(
        "def test_real(mnist_dir): pass\n"
        "def test_real_too(mnist_dir): pass\n"
        "def test_fails(): assert False\n"
    )
    (tmp_path / "test_other.py").write_text(
        "import pytest\npytest.importorskip('no_such_module')\n"
    )
    (tmp_path / "empty").mkdir()
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", processes],
        cwd=tmp_path, env=os.environ | {"COURSE_MNIST_DIR": folder},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    *_, title, other, real, closing = result.stdout.splitlines()
    assert "not run" in title
    assert other.startswith("1 in test_other.py: could not import 'no_such_module'")
    assert real.startswith("2 in test_it.py: no real MNIST: COURSE_MNIST_DIR")
    assert ("found no train-images-idx3-ubyte.gz" if folder else "is not set") in real
    assert "1 failed, 3 skipped" in closing


# What is fatal to the tests


def run_a_test(folder: Path, test: str, **environment: str) -> str:
    """Returns the last line that pytest prints of one test, with the project's filters."""
    filters = PYTEST["filterwarnings"]
    (folder / "pytest.ini").write_text("\n  ".join(["[pytest]\nfilterwarnings =", *filters]))
    (folder / "test_it.py").write_text(test)
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "--import-mode=importlib"],
        cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.stdout.splitlines()[-1] if result.stdout else result.stderr


def test_a_cache_that_can_not_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / ".pytest_cache").write_text("a file in its place")
    assert re.search("1 passed, [1-9]", run_a_test(tmp_path, "def test_it(): pass"))


def test_python_may_leave_out_asserts(tmp_path: Path) -> None:
    last = run_a_test(tmp_path, "def test_it(): assert 0", PYTHONOPTIMIZE="1")
    assert "1 failed, 1 warning" in last


@pytest.mark.parametrize(
    ("module", "outcome"), [("tests.it", "1 failed"), ("matplotlib.it", "1 passed, 1 warning")]
)
def test_a_deprecation_is_fatal_where_it_is_ours(module: str, outcome: str, tmp_path: Path) -> None:
    call = f"warn_explicit('old', DeprecationWarning, 'it.py', 1, {module!r})"
    test = f"import warnings\ndef test_it(): warnings.{call}"
    assert outcome in run_a_test(tmp_path, test)
