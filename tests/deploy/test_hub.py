"""A hub on this machine, with two students who can't read each other."""

import asyncio
import contextlib
import os
import runpy
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools import hub as tool
from tools.hub import CHOICES, ROOT, Hub

CONFIG = ROOT / "deploy/jupyterhub_config.py"

TRANSPORT = "print(get_ipython().kernel.parent.transport)"
READ = """
from pathlib import Path
found = []
for folder, names, files in __import__("os").walk({0!r}):
    found += files
for path in ({0!r}, {1!r}, {2!r}):
    try:
        Path(path).read_bytes() if Path(path).is_file() else list(Path(path).iterdir())
    except PermissionError:
        found.append("closed")
print(found)
"""


def open_to_others(path):
    with contextlib.suppress(FileNotFoundError):  # what a server keeps for a moment only
        return path.lstat().st_mode & 0o077 and path.name != "README"


@pytest.fixture(scope="module")
def seen():
    """Start a hub with two students at once; return what they saw."""
    if reason := tool.missing():
        pytest.skip(reason)
    if os.getuid() != 0:
        pytest.skip("only root can run servers as two users")

    async def visit():
        async with Hub(2) as hub:
            await asyncio.gather(*map(hub.start, hub.names))
            mine, theirs = [await hub.kernel(name) for name in hub.names]
            await theirs.run("open('answer.txt', 'w').write('b')")
            home = hub.homes / "student2"
            files = sorted(home.rglob("*"))
            return {
                "users": [
                    await each.run("import os; print(os.getuid())") for each in (mine, theirs)
                ],
                "read": await mine.run(
                    READ.format(str(home), str(home / "answer.txt"), str(hub.folder / "state"))
                ),
                "answer": home / "answer.txt" in files,
                "open": [path for path in [home, *files] if open_to_others(path)],
                "notebooks": [path.name for path in files if path.suffix == ".ipynb"],
                "teaching": [path.name for path in files if "TEACHING" in path.name],
                "transport": await mine.run(TRANSPORT),
            }

    return asyncio.run(visit())


def test_students_are_two_users_and_cannot_read_each_other(seen):
    """Of the open files only IPython's README is left out, which it copies as it is."""
    assert len(set(seen["users"])) == 2
    assert seen["read"] == "['closed', 'closed', 'closed']\n"
    assert seen["answer"]
    assert seen["open"] == []


def test_each_has_the_notebooks_and_none_the_answers(seen):
    assert seen["notebooks"] == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert seen["teaching"] == []


def test_a_kernel_is_not_heard_over_tcp(seen):
    assert seen["transport"] == "ipc\n"


def test_an_idle_server_is_ended_and_starts_again_with_the_work_kept():
    if reason := tool.missing():
        pytest.skip(reason)

    async def leave_and_come_back():
        async with Hub(1, idle=1 / 3) as hub:
            await hub.start("student1")
            work = hub.homes / "student1/optimizer-course/answer.txt"
            work.write_text("b")
            async with asyncio.timeout(120):
                while (await hub.request("/hub/api/users/student1"))["servers"]:
                    await asyncio.sleep(1)
            assert hub.processes("student1") == []
            await hub.start("student1")
            return await hub.request("/user/student1/api/contents/answer.txt")

    assert asyncio.run(leave_and_come_back())["content"] == "b"


# The config


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that reads the config as JupyterHub does, with some choices changed."""
    if find_spec("nativeauthenticator") is None:
        pytest.skip("the hub's packages are not installed: the extra server, on Linux")
    traitlets = pytest.importorskip("traitlets.config")
    umask = os.umask(0o022)
    path = tmp_path / "class.toml"
    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setenv("COURSE_CLASS", str(path))
    monkeypatch.setenv("COURSE_HUB_STATE", str(tmp_path))

    def load(text="", **choices):
        text = text or CHOICES.format(port=8000, mnist="", idle=60)
        lines = [line for line in text.splitlines() if line.split(" =")[0] not in choices]
        path.write_text("\n".join([f"{n} = {v}" for n, v in choices.items()] + lines), "utf-8")
        config = traitlets.Config()
        runpy.run_path(str(CONFIG), {"get_config": lambda: config})
        return config

    yield load
    os.umask(umask)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"authenticator": '""'}, "choose an authenticator"),
        ({"authenticator": '"dummy"'}, "choose an authenticator"),
        ({"address": '"http://0.0.0.0:80"'}, "need https"),
        ({"address": '"https://0.0.0.0:443"'}, "needs a certificate"),
    ],
)
def test_it_refuses_to_start(load, choices, words):
    with pytest.raises(SystemExit, match=words):
        load(**choices)


def test_the_example_leaves_the_authenticator_to_be_chosen_and_a_certificate(load):
    example = (ROOT / "deploy/class.toml").read_text("utf-8")
    with pytest.raises(SystemExit, match="choose an authenticator"):
        load(example)
    with pytest.raises(SystemExit, match="certificate"):
        load(example, authenticator='"native"')
    config = load(example, authenticator='"native"', certificate='"c.pem"', key='"k.pem"')
    assert config.JupyterHub.authenticator_class == "native"
    assert config.Authenticator.allow_all  # it asks a teacher itself
    assert "allow_all" not in load().Authenticator
    assert config.JupyterHub.bind_url == "https://0.0.0.0:443"


def test_what_a_killed_hub_left_shuts_no_later_one_out(load):
    left = Path(load().TraefikFileProviderProxy.dynamic_config_file)
    left.write_text("[http.middlewares.auth_api.basicAuth]\nusers = ['jupyterhub:of before']")
    load()
    assert not left.exists()


def test_what_an_authenticator_wants_is_passed_on(load):
    text = CHOICES.format(port=8000, mnist="", idle=60)
    text += '[GoogleOAuthenticator]\nclient_id = "mine"\n'
    assert load(text, authenticator='"google"').GoogleOAuthenticator.client_id == "mine"


def test_a_teacher_can_read_it_in_five_minutes():
    assert CONFIG.read_text("utf-8").count("\n") < 130
