"""Everything that must pass: `nox` runs it all, `nox -s NAME` one part, `nox -l` lists them."""

import os
import shutil
import subprocess
from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False

SUPPORTED = ("3.11", "3.12", "3.13")


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
FIRST, MIDDLE, OTHERS = PYTHONS[0], PYTHONS[len(PYTHONS) // 2], PYTHONS[2:]


@nox.session(python=FIRST)
def check(session: nox.Session) -> None:
    """Check format, lint, types and the floors of the house."""
    session.install("-e", ".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")
    session.run("lint-imports")


@nox.session(python=FIRST)
def coverage(session: nox.Session) -> None:
    """Run every test on the built package and require 100 % branch coverage."""
    session.install(".[models,test]")
    env = {"COVERAGE_FILE": str(Path(session.create_tmp()) / "coverage")}
    session.run("coverage", "erase", env=env)
    session.run("coverage", "run", "-m", "pytest", "-n", "auto", *session.posargs, env=env)
    session.run("coverage", "combine", env=env)
    session.run("coverage", "report", env=env)


@nox.session(python=OTHERS)
def tests(session: nox.Session) -> None:
    """Run every test on the built package, on the newest Python."""
    session.install(".[test]")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session(python=MIDDLE)
def oldest(session: nox.Session) -> None:
    """Run the tests with the oldest dependencies that are accepted, on the Python between."""
    session.install(".[test]", "attrs==23.2.0", "python-dateutil==2.9.0")
    session.run("pytest", "-n", "auto", "tests", *session.posargs)


@nox.session(python=FIRST)
def bare(session: nox.Session) -> None:
    """Fit and forecast where there is no numpy: the tests of models, and their tutorial."""
    session.install(".[test-bare]")
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
        "docs/cdnow/value.md",
        "docs/how-to/from-lifetimes.md",
        *session.posargs,
    )


@nox.session(python=FIRST)
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install("-e", ".[docs]")
    env = {"NO_MKDOCS_2_WARNING": "1", **os.environ}
    session.run("mkdocs", "build", "--strict", "--site-dir", "site", env=env)


@nox.session(python=FIRST, default=False)
def benchmarks(session: nox.Session) -> None:
    """Measure speed beside the peers; nothing fails, the report says what was met."""
    peers = ("transitions==0.9.3", "python-statemachine==3.2.2", "lifelines==0.30.0", "pandas")
    session.install(".[models]", *peers)
    for topic in ("engine", "nps", "rfm", "retention", "survival", "revenue", "funnel", "insights"):
        session.run("python", f"benchmarks/{topic}.py", *session.posargs)
    session.run("python", "benchmarks/models.py", _with_lifetimes(session), *session.posargs)


def _with_lifetimes(session: nox.Session) -> str:
    """Return an interpreter of an environment as lifetimes, which is archived, needs it."""
    python = Path(session.create_tmp(), "lifetimes", "bin", "python")
    if not python.exists():
        session.run("python", "-m", "venv", str(python.parents[1]))
        pins = ("lifetimes==0.11.3", "numpy==1.26.4", "scipy==1.11.4", "pandas==1.5.3")
        session.run(str(python), "-m", "pip", "install", "--quiet", *pins, external=True)
    return str(python)
