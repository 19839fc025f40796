"""A real hub on this machine, from `deploy/`, with students who drag sliders over websockets.

    async with Hub(3) as hub:
        await hub.start("student1")
        kernel = await hub.kernel("student1")
        print(await kernel.run("1 + 1"))

It listens on 127.0.0.1 only. As root, each student's server runs under a user id of its own, else
all under this user's. Limits of memory are systemd's, and not there.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import uuid
from importlib.util import find_spec
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).parents[1]
FIRST_ID = 64_000
CONFIG = """
import os, sys
from pathlib import Path
from jupyterhub.spawner import LocalProcessSpawner

load_subconfig({config!r})


class Numbered(LocalProcessSpawner):
    '''Runs a server as a user without an account.'''

    def home(self):
        return Path({homes!r}, self.user.name)

    def make_preexec_fn(self, name):
        number, home = {first} + int(name.removeprefix("student")), self.home()

        def become():
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(number)
                os.setuid(number)
            os.chdir(home)

        return become

    def user_env(self, env):
        return env | {{"USER": self.user.name, "HOME": str(self.home()), "SHELL": "/bin/sh"}}

    async def start(self):
        self.notebook_dir = str(self.home() / "optimizer-course")
        return await super().start()


def home(spawner):
    home = spawner.home()
    home.mkdir(mode=0o700, exist_ok=True)
    if os.getuid() == 0:
        number = {first} + int(home.name.removeprefix("student"))
        os.chown(home, number, number)


c.JupyterHub.authenticator_class = "null"
c.JupyterHub.spawner_class = Numbered
c.Spawner.pre_spawn_hook = home
c.JupyterHub.hub_port = {hub_port}
c.TraefikProxy.traefik_api_url = "http://127.0.0.1:{api_port}"
c.JupyterHub.services += [{{"name": "test", "api_token": {token!r}}}]
c.JupyterHub.load_roles += [{{
    "name": "test",
    "scopes": ["admin:users", "admin:servers", "access:servers"],
    "services": ["test"],
}}]
"""
CHOICES = """
authenticator = "pam"
teachers = []
students = []
address = "http://127.0.0.1:{port}"
certificate = ""
key = ""
memory = "1G"
cores = 1.0
idle = {idle}
mnist = "{mnist}"
"""


def missing():
    """Return why no hub can run here, or an empty text."""
    if sys.platform != "linux":
        return "a hub needs Linux"
    for name in ("jupyterhub", "jupyterhub_traefik_proxy"):
        if find_spec(name) is None:
            return f"{name} is not installed"
    if not shutil.which("traefik", path=_path()):
        return "traefik is not installed"
    with tempfile.TemporaryDirectory() as folder:
        command = _reachable(folder)
        if command and subprocess.run([*command, "true"], capture_output=True).returncode:
            return f"other users can't run {sys.executable}, and no mount can open it to them"
    return ""


def _path():
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _reachable(place):
    """Return the start of a command that runs with this Python open to all users, or nothing.

    Where it lies in a home that is closed, as root's, the command alone sees it open: in a mount
    namespace of its own, with nothing else in that home.
    """
    needed = {Path(each).resolve() for each in (sys.base_prefix, sys.prefix, ROOT)}
    closed = {
        parent: [each for each in needed if parent in each.parents]
        for each in needed
        for parent in each.parents
        if not parent.stat().st_mode & 0o001
    }
    if os.getuid() != 0 or not closed:
        return []
    lines = ["set -e"]
    for number, (parent, folders) in enumerate(closed.items()):
        pairs = [(str(each), f"{place}/{number}{each}") for each in folders]
        lines += [f"mkdir -p '{kept}'; mount --bind '{each}' '{kept}'" for each, kept in pairs]
        lines += [f"mount -t tmpfs -o mode=755 tmpfs '{parent}'"]
        lines += [f"mkdir -p '{each}'; mount --bind '{kept}' '{each}'" for each, kept in pairs]
    return ["unshare", "--mount", "sh", "-c", "\n".join([*lines, 'exec "$@"']), "sh"]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Hub:
    """A hub with so many students, student1 and on; an asynchronous context manager.

    idle: minutes after which a server that nobody uses is ended.
    """

    def __init__(self, students=2, mnist="", idle=60):
        self.names = [f"student{number}" for number in range(1, students + 1)]
        self.mnist, self.idle, self.token = mnist, idle, secrets.token_hex(16)
        self.port = free_port()
        self.url, self.sockets = f"http://127.0.0.1:{self.port}", []

    async def __aenter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="course-hub-"))
        self.folder.chmod(0o755)
        self.homes, state = self.folder / "homes", self.folder / "state"
        self.homes.mkdir()
        self.homes.chmod(0o755)
        state.mkdir(mode=0o700)
        choices = self.folder / "class.toml"
        choices.write_text(CHOICES.format(port=self.port, mnist=self.mnist, idle=self.idle))
        config = self.folder / "config.py"
        config.write_text(
            CONFIG.format(
                config=str(ROOT / "deploy/jupyterhub_config.py"),
                homes=str(self.homes),
                first=FIRST_ID,
                hub_port=free_port(),
                api_port=free_port(),
                token=self.token,
            )
        )
        before = os.environ.get("PYTHONPATH")
        self.log = self.folder / "log"
        with self.log.open("w") as log:
            self.process = await asyncio.create_subprocess_exec(
                *_reachable(self.folder / "kept"),
                *(sys.executable, "-m", "jupyterhub", "--config", str(config)),
                cwd=state,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=os.environ
                | {
                    "PATH": _path(),
                    "COURSE_CLASS": str(choices),
                    "COURSE_HUB_STATE": str(state),
                    "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), before))),
                },
            )
        try:
            await self._until_it_answers()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _until_it_answers(self, seconds=90):
        for _ in range(4 * seconds):
            if self.process.returncode is not None:
                break
            with contextlib.suppress(Exception):
                await self.request("/hub/api/users")
                return
            await asyncio.sleep(0.25)
        raise RuntimeError(f"the hub did not start: {self.log.read_text()[-3000:]}")

    async def __aexit__(self, *_):
        for each in self.sockets:
            each.close()
        stops = (self.request(f"/hub/api/users/{n}/server", "DELETE") for n in self.names)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*stops, return_exceptions=True), 30)
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.process.wait(), 20)
        for pid in self.processes():  # what is left of this hub and its students
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def processes(self, name=""):
        """Return the ids of the processes of all students, or of one."""
        found, home = [], f"HOME={self.homes / name}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                each = (folder / "environ").read_bytes().split(b"\0")
                if any(one == home or one.startswith(home + b"/") for one in each):
                    found.append(int(folder.name))
        return found

    async def request(self, path, method="GET", body=None, timeout=60):
        """Call the interface of the hub, or of a student's server; return the decoded JSON."""
        answer = await AsyncHTTPClient().fetch(
            HTTPRequest(
                self.url + path,
                method=method,
                headers={"Authorization": f"token {self.token}"},
                body=None if method in ("GET", "DELETE") else json.dumps(body or {}),
                request_timeout=timeout,
                connect_timeout=timeout,
            )
        )
        return json.loads(answer.body) if answer.body else None

    async def start(self, name, seconds=300):
        """Start a student's server, and return when it answers."""
        with contextlib.suppress(Exception):  # the student exists
            await self.request(f"/hub/api/users/{name}", "POST")
        await self.request(f"/hub/api/users/{name}/server", "POST", timeout=seconds)
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            servers = (await self.request(f"/hub/api/users/{name}"))["servers"]
            if servers.get("", {}).get("ready"):
                return await self.request(f"/user/{name}/api/status")
            if not servers:
                break
            await asyncio.sleep(0.5)
        raise RuntimeError(f"no server for {name}: {self.log.read_text()[-3000:]}")

    async def kernel(self, name):
        """Return a new `Kernel` of a student."""
        made = await self.request(f"/user/{name}/api/kernels", "POST", {"name": "python3"})
        url = f"{self.url}/user/{name}/api/kernels/{made['id']}/channels"
        headers = {"Authorization": f"token {self.token}"}
        request = HTTPRequest(url.replace("http", "ws", 1), headers=headers)
        self.sockets.append(await websocket_connect(request, max_message_size=2**26))
        return Kernel(self.sockets[-1], made["id"])


class Kernel:
    """A kernel that a page talks to."""

    def __init__(self, socket, id):
        self.socket, self.id = socket, id

    async def ask(self, kind, content, seconds=120):
        """Send a message; return all answers to it until the kernel is idle again."""
        id, answers = uuid.uuid4().hex, []
        header = {"msg_id": id, "msg_type": kind, "username": "", "session": self.id}
        header |= {"version": "5.3", "date": "2026-01-01T00:00:00Z"}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        await self.socket.write_message(json.dumps(message | {"channel": "shell", "buffers": []}))
        async with asyncio.timeout(seconds):
            while (data := await self.socket.read_message()) is not None:
                answer = json.loads(_text(data))
                if answer["parent_header"].get("msg_id") == id:
                    answers.append(answer)
                    if answer["content"].get("execution_state") == "idle":
                        return answers
        raise RuntimeError("the kernel closed the connection")

    async def run(self, code, seconds=120):
        """Run code; return what it prints. Its error is a RuntimeError."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        answers = await self.ask("execute_request", content | {"allow_stdin": False}, seconds)
        for each in answers:
            if each["msg_type"] == "error":
                raise RuntimeError("\n".join(each["content"]["traceback"]))
        printed = (a["content"]["text"] for a in answers if a["msg_type"] == "stream")
        return "".join(printed)


def _text(data):
    """Return the JSON of a message, which with buffers comes as bytes: count, offsets, parts."""
    if isinstance(data, str):
        return data
    count = struct.unpack("!I", data[:4])[0]
    offsets = [*struct.unpack(f"!{count}I", data[4 : 4 + 4 * count]), len(data)]
    return data[offsets[0] : offsets[1]].decode()
