"""JupyterHub for a class on one machine with systemd. What a teacher decides stands in class.toml.

Started by optimizer-course.service, as root: it makes an account for each student.
"""

import importlib.util
import os
import pwd
import re
import subprocess
import sys
import tomllib
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).absolute().parent
CHOICES = Path(os.environ.get("COURSE_CLASS", "/etc/optimizer-course/class.toml"))
STATE = Path(os.environ.get("COURSE_HUB_STATE", "/var/lib/optimizer-course"))
choices = tomllib.loads(CHOICES.read_text("utf-8"))
scheme, host, port = re.fullmatch(r"(https?)://(.+):(\d+)", choices["address"]).groups()

if choices.get("authenticator") in (None, "", "dummy", "null"):
    sys.exit(f"{CHOICES}: choose an authenticator; without one anybody is let in as anybody")
if scheme == "http" and host not in ("127.0.0.1", "localhost"):
    sys.exit(f"{CHOICES}: beyond this machine passwords need https, a certificate and a key")
if scheme == "https" and not (choices["certificate"] and choices["key"]):
    sys.exit(f"{CHOICES}: https needs a certificate and a key, got none")

c = get_config()  # noqa: F821
os.umask(0o077)  # what the hub writes, its database and its keys, is its own
os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"

# Who comes in
c.JupyterHub.authenticator_class = choices["authenticator"]
c.Authenticator.admin_users = set(choices["teachers"])
c.Authenticator.allowed_users = set(choices["students"])
if choices["authenticator"] == "native":
    c.Authenticator.allow_all = True  # whom a teacher has let in, which it asks itself
    templates = importlib.util.find_spec("nativeauthenticator").submodule_search_locations
    c.JupyterHub.template_paths = [f"{templates[0]}/templates"]
c.NativeAuthenticator.minimum_password_length = 10
c.NativeAuthenticator.allowed_failed_logins = 10

# Where: traefik passes the requests on, and holds the certificate
c.JupyterHub.bind_url = choices["address"]
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = choices["certificate"], choices["key"]
c.JupyterHub.proxy_class = "traefik_file"
c.TraefikProxy.traefik_log_level = "ERROR"
c.TraefikFileProviderProxy.static_config_file = str(STATE / "traefik.toml")
routes = STATE / "traefik_routes.toml"
routes.unlink(missing_ok=True)  # of a hub that was killed; its password would shut this one out
c.TraefikFileProviderProxy.dynamic_config_file = str(routes)
c.JupyterHub.db_url = f"sqlite:///{STATE}/hub.sqlite"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")

# A class logs in within one minute, and two cores need some seconds for each server
c.Spawner.start_timeout = c.Spawner.http_timeout = 600
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}

# Each student's server: first their copy of the notebooks, then JupyterLab
c.Spawner.cmd = [sys.executable, str(HERE / "student.py"), str(HERE.parent / "notebooks")]
c.Spawner.notebook_dir = "~/optimizer-course"
c.Spawner.default_url = "/lab/tree/00_start_here.ipynb"
c.Spawner.args = [
    "--KernelManager.transport=ipc",  # over TCP a neighbour on this machine could listen
    "--MappingKernelManager.cull_idle_timeout=3600",
]
c.Spawner.environment = {"COURSE_MNIST_DIR": choices["mnist"], "MALLOC_ARENA_MAX": "2"}

# An account and what it may use, enforced by systemd
c.JupyterHub.spawner_class = "systemd"
c.Spawner.mem_limit, c.Spawner.cpu_limit = choices["memory"], choices["cores"]
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.disable_user_sudo = True
c.SystemdSpawner.unit_extra_properties = {"UMask": "0077", "TasksMax": "200"}


def account(spawner):
    """Give a student an account, with a home that nobody else can enter, and no password."""
    name = spawner.user.name
    if choices["authenticator"] != "pam":  # those are accounts already
        plain = re.fullmatch(r"[a-z0-9_-]{1,24}", name)
        name = f"course-{name if plain else sha256(name.encode()).hexdigest()[:16]}"
        if name not in {each.pw_name for each in pwd.getpwall()}:
            subprocess.run(["useradd", "--create-home", "--user-group", name], check=True)
    os.chmod(pwd.getpwnam(name).pw_dir, 0o700)
    spawner.username_template = name


c.Spawner.pre_spawn_hook = account

# Servers that nobody uses
c.JupyterHub.services = [
    {
        "name": "idle",
        "command": [
            sys.executable,
            "-m",
            "jupyterhub_idle_culler",
            f"--timeout={round(60 * choices['idle'])}",
        ],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle"],
    }
]

# What an authenticator wants to know
for name, values in choices.items():
    if isinstance(values, dict):
        c[name].update(values)
