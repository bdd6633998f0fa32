"""Everything that must pass: `nox` runs it all, `nox -s NAME` one part, `nox -l` lists them.

What runs by default installs the versions of `requirements.lock`, the build's included.
`nox -s lock` makes the lock anew.
"""

import os
import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
LOCK = Path(__file__).with_name("requirements.lock")
MINUTES = 60
"""How long `explore` draws examples by default."""


def _interpreters() -> list[str]:
    """Return the supported interpreters that run here, by version or by path."""
    found = []
    for version in SUPPORTED:
        managed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
        for candidate in (shutil.which(f"python{version}"), *map(str, managed)):
            if candidate and _runs(candidate):
                found.append(candidate)
                break
    return found or ["python3"]


def _runs(python: str) -> bool:
    call = subprocess.run(  # noqa: S603  (asks an interpreter whether it works)
        [python, "-c", "import ssl, venv"], check=False, capture_output=True
    )
    return call.returncode == 0


PYTHONS = _interpreters()
FIRST, MIDDLE, NEWEST, OTHERS = PYTHONS[0], PYTHONS[len(PYTHONS) // 2], PYTHONS[-1], PYTHONS[2:]


def _locked(session: nox.Session, *packages: str, lock: Path = LOCK) -> None:
    """Install packages in the versions of the lock, and build this one with them too."""
    kinds = ("UV_CONSTRAINT", "UV_BUILD_CONSTRAINT", "PIP_CONSTRAINT")
    session.install(*packages, env=dict.fromkeys(kinds, str(lock)))


def _lock_without(session: nox.Session, *names: str) -> Path:
    """Return a lock that leaves the versions of some packages open."""
    named = re.compile(rf"(?:{'|'.join(names)})==")
    lines = LOCK.read_text().splitlines(keepends=True)
    open_ = Path(session.create_tmp(), "requirements.lock")
    open_.write_text("".join(line for line in lines if not named.match(line)))
    return open_


@nox.session(python=FIRST)
def check(session: nox.Session) -> None:
    """Check format, lint, types and the floors of the house."""
    _locked(session, "-e", ".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("lint-imports")


@nox.session(python=FIRST)
def coverage(session: nox.Session) -> None:
    """Run every test on the built package and require 100 % branch coverage."""
    _locked(session, ".[models,test]")
    env = {"COVERAGE_FILE": str(Path(session.create_tmp()) / "coverage")}
    session.run("coverage", "erase", env=env)
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", *session.posargs, env=env)
    session.run("coverage", "combine", env=env)
    session.run("coverage", "report", env=env)


@nox.session(python=OTHERS)
def tests(session: nox.Session) -> None:
    """Run every test on the built package, on the newest Pythons."""
    _locked(session, ".[test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=MIDDLE)
def oldest(session: nox.Session) -> None:
    """Run the tests with the oldest dependencies that are accepted, on the Python between.

    The recipes, which wait for databases, are tested by the other sessions.
    """
    free = _lock_without(session, "attrs", "python-dateutil")
    _locked(session, ".[test]", "attrs==23.2.0", "python-dateutil==2.9.0", lock=free)
    tests = ("tests", "--ignore=tests/recipes")
    session.run("pytest", "-n", "auto", *tests, *session.posargs)


@nox.session(python=FIRST)
def bare(session: nox.Session) -> None:
    """Read, fit and forecast where there is no numpy: the tests of logs and models."""
    _locked(session, ".[test-bare]")
    heavy = "numpy", "scipy", "pandas", "matplotlib"
    session.run(
        "python", "-c", f"import importlib.util as i; assert not any(map(i.find_spec, {heavy}))"
    )
    session.run(
        "pytest",
        "-n",
        "auto",
        "tests/models",
        "tests/golden/models",
        "tests/logs",
        "tests/laws/test_logs_laws.py",
        "tests/test_frames_out.py",
        "docs/cdnow/value.md",
        "docs/how-to/from-lifetimes.md",
        *session.posargs,
    )


@nox.session(python=FIRST)
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    _locked(session, "-e", ".[docs]")
    env = {"NO_MKDOCS_2_WARNING": "1", **os.environ}
    session.run("mkdocs", "build", "--strict", "--site-dir", "site", env=env)


@nox.session(python=NEWEST, default=False)
def latest(session: nox.Session) -> None:
    """Run every test with the newest of everything, whatever the lock says."""
    session.install("--upgrade", ".[models,test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=FIRST, default=False)
def explore(session: nox.Session) -> None:
    """Draw fresh and ten times as many examples: `nox -s explore -- MINUTES [PATH ...]`."""
    minutes, *paths = session.posargs or [str(MINUTES)]
    _locked(session, ".[models,test]")
    until = time.monotonic() + 60 * float(minutes)
    while time.monotonic() < until:
        seed = random.SystemRandom().randrange(2**32)
        session.run(
            "pytest",
            *("-n", "auto", "-m", "hypothesis", f"--hypothesis-seed={seed}"),
            *(paths or ["tests"]),
            env={"EXPLORE_UNTIL": str(until)},
        )


@nox.session(python=FIRST, default=False)
def slow(session: nox.Session) -> None:
    """Run the tests that take minutes: many processes on one customer, in every database."""
    _locked(session, ".[test]")
    session.run("pytest", "-m", "slow", "tests", *session.posargs)


@nox.session(venv_backend="none", default=False)
def lock(session: nox.Session) -> None:
    """Write the versions of all dependencies, for every supported Python, into the lock."""
    session.run(
        *("uv", "pip", "compile", "pyproject.toml", "--extra", "dev", "--group", "tools"),
        *("--universal", "--python-version", SUPPORTED[0], "--upgrade", "--quiet"),
        *("--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"),
        *("--output-file", str(LOCK)),
    )


@nox.session(python=FIRST, default=False)
def benchmarks(session: nox.Session) -> None:
    """Measure speed compared with the peers; nothing fails, the report says what was met."""
    peers = ("transitions==0.9.3", "python-statemachine==3.2.2", "lifelines==0.30.0")
    session.install(".[frames,models,plots]", *peers, "pandas", "polars", "duckdb")
    topics = "engine growth nps rfm retention survival revenue funnel insights"
    for topic in topics.split():
        session.run("python", f"benchmarks/{topic}.py", *session.posargs)
    lifetimes = _with_lifetimes(session)
    session.run("python", "benchmarks/models.py", lifetimes, *session.posargs)
    session.run("python", "benchmarks/logs.py", "--lifetimes", lifetimes)


def _with_lifetimes(session: nox.Session) -> str:
    """Return an interpreter of an environment as lifetimes, which is archived, needs it."""
    python = Path(session.create_tmp(), "lifetimes", "bin", "python")
    if not python.exists():
        session.run("python", "-m", "venv", str(python.parents[1]))
        pins = ("lifetimes==0.11.3", "numpy==1.26.4", "scipy==1.11.4", "pandas==1.5.3")
        session.run(str(python), "-m", "pip", "install", "--quiet", *pins, external=True)
    return str(python)
