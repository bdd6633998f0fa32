"""A private PostgreSQL server in a directory of its own, reached by a socket in it."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOW = "install the package `postgresql` (initdb and postgres are looked for on PATH too)"
START = 60.0
"""Seconds that a server may take to start, and to stop."""

QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Nobody needs these data after a power cut; workers are killed, the server is not."""


class NoServerError(Exception):
    """There is no PostgreSQL here; the text says what to install."""


def program(name: str) -> str | None:
    """Return where a program of PostgreSQL is, the newest where there are several."""
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(installed, key=lambda path: float(path.parts[-3]))
    return shutil.which(name) or (str(newest[-1]) if newest else None)


def programs(lock: Path) -> tuple[str, str]:
    """Return initdb and postgres; in CI, where we may, install them first."""
    found = program("initdb"), program("postgres")
    if None in found and os.environ.get("CI") and _is_root() and shutil.which("apt-get"):
        _install(lock)
        found = program("initdb"), program("postgres")
    initdb, postgres = found
    if initdb is None or postgres is None:
        raise NoServerError(HOW)
    return initdb, postgres


def _install(lock: Path) -> None:
    """Install PostgreSQL, one process at a time."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if program("postgres") is None:
            call = ["apt-get", "install", "-y", "-qq", "postgresql"]
            env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", "update", "-qq"], check=False, capture_output=True)
            done = subprocess.run(call, check=False, capture_output=True, text=True, env=env)
            if done.returncode:
                raise NoServerError(f"{HOW}; apt-get said {done.stderr.strip()[-200:]}")


def _is_root() -> bool:
    return os.geteuid() == 0


@contextmanager
def server(lock: Path) -> Iterator[str]:
    """Run a server; give the directory of its socket, which is its host name too."""
    initdb, postgres = programs(lock)
    # PostgreSQL refuses to be root, and the path of a socket must be short.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if _is_root() else {}
    folder = tempfile.mkdtemp(prefix="recipes-")
    try:
        if user:
            shutil.chown(folder, "postgres", "postgres")
        data = f"{folder}/data"
        init = [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(
            [*init, "--locale=C"], check=True, capture_output=True, cwd=folder, timeout=START, **user
        )
        settings = {"listen_addresses": "", "unix_socket_directories": folder, **QUICK}
        options = [f"--{name}={value}" for name, value in settings.items()]
        with Path(folder, "log").open("w") as log:
            running = subprocess.Popen(
                [postgres, "-D", data, *options], stdout=log, stderr=log, cwd=folder, **user
            )
        try:
            _wait_for(running, folder)
            yield folder
        finally:
            _stop(running)
    finally:
        shutil.rmtree(folder)


def _wait_for(running: subprocess.Popen[bytes], folder: str) -> None:
    last = time.monotonic() + START
    pid = Path(folder, "data", "postmaster.pid")
    while not (pid.exists() and pid.read_text().rstrip().endswith("ready")):
        if running.poll() is not None or time.monotonic() > last:
            raise RuntimeError(Path(folder, "log").read_text())
        time.sleep(0.02)


def _stop(running: subprocess.Popen[bytes]) -> None:
    """Ask it to stop at once, cutting connections; insist if it does not."""
    running.send_signal(3)
    try:
        running.wait(START)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait(START)
