"""A private PostgreSQL server in a directory of its own, reached by a socket in it."""

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

HOW = "install PostgreSQL, on Debian and Ubuntu `apt-get install postgresql`"
TIME = 60.0
"""Seconds that a server may take to start, and to stop."""

QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Nobody needs these data after a power cut: workers are killed, the server is not."""

_numbers = count()


class NoServerError(Exception):
    """There is no PostgreSQL here; the text says what to install."""


def program(name: str) -> str | None:
    """Return where a program of PostgreSQL is, the newest of several."""
    installed = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(installed, key=lambda path: float(path.parts[-3]), default=None)
    return shutil.which(name) or (newest and str(newest))


def programs(shared: Path) -> tuple[str, str]:
    """Return initdb and postgres; in CI they are installed where they are missing."""
    if program("postgres") is None and os.environ.get("CI") and _is_root():
        _install(shared)
    initdb, postgres = program("initdb"), program("postgres")
    if initdb is None or postgres is None:
        raise NoServerError(HOW)
    return initdb, postgres


def _install(shared: Path) -> None:
    """Install the package, one process at a time."""
    if shutil.which("apt-get") is None:
        raise NoServerError(HOW)
    with (shared / "apt-get.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if program("postgres") is None:
            _run("apt-get", "update")
            _run("apt-get", "install", "-y", "postgresql")


def _run(*call: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(call, check=False, capture_output=True, text=True, env=env, timeout=600)
    if done.returncode:
        raise NoServerError(f"{HOW}; {' '.join(call)}: {done.stderr.strip()[-200:]}")


def _is_root() -> bool:
    return os.geteuid() == 0


def _account() -> dict[str, Any]:
    """Return as whom to run: PostgreSQL refuses to be root."""
    if not _is_root():
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _give(folder: Path, account: dict[str, Any]) -> None:
    try:
        os.chown(folder, account["user"], account["group"])
    except PermissionError:
        raise NoServerError("be a user other than root, or a root who may become one") from None


@contextmanager
def server(shared: Path) -> Iterator[str]:
    """Run a server; give the directory of its socket, which stands for its host.

    Args:
        shared: A directory that all processes of this test run share.
    """
    initdb, postgres = programs(shared)
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="recipes-"))  # the path of a socket must be short
    try:
        if account:
            _give(folder, account)
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        call = [initdb, "-D", folder / "data", *options]
        subprocess.run(call, check=True, capture_output=True, cwd=folder, timeout=TIME, **account)
        settings = {"listen_addresses": "", "unix_socket_directories": str(folder), **QUICK}
        given = [f"--{name}={value}" for name, value in settings.items()]
        with (folder / "log").open("w") as log:
            call = [postgres, "-D", folder / "data", *given]
            running = subprocess.Popen(call, stdout=log, stderr=log, cwd=folder, **account)
        try:
            _wait_for(running, folder)
            yield str(folder)
        finally:
            _stop(running)
    finally:
        shutil.rmtree(folder)


def _wait_for(running: "subprocess.Popen[bytes]", folder: Path) -> None:
    last, status = time.monotonic() + TIME, folder / "data" / "postmaster.pid"
    while not (status.exists() and status.read_text().rstrip().endswith("ready")):
        if running.poll() is not None or time.monotonic() > last:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.02)


def _stop(running: "subprocess.Popen[bytes]") -> None:
    """Let the server cut its connections and stop; insist if it does not."""
    running.send_signal(signal.SIGQUIT)
    try:
        running.wait(TIME)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait(TIME)


def new_database(host: str) -> str:
    """Make an empty database, and return its name."""
    import psycopg

    name = f"shop_{next(_numbers)}"
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as made:
        made.execute(f"CREATE DATABASE {name}")
    return name
