"""The lock holds a version of each package that tests, checks and documentation need."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def asked() -> Iterator[str]:
    """Yield every requirement of the project, its extras and its tools."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = stated["project"]
    parts = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        stated["dependency-groups"]["tools"],
    ]
    for part in parts:
        yield from (item for item in part if not item.startswith(project["name"]))


def locked(name: str) -> list[str]:
    """Return the versions of a package in the lock, which may differ by Python."""
    pins = map(Requirement, (ROOT / "requirements.lock").read_text().splitlines())
    return [
        specifier.version
        for pin in pins
        if canonicalize_name(pin.name) == canonicalize_name(name)
        for specifier in pin.specifier
    ]


@pytest.mark.parametrize("requirement", sorted(set(asked())))
def test_the_lock_meets_what_the_project_asks_for(requirement: str) -> None:
    wanted = Requirement(requirement)
    versions = locked(wanted.name)
    assert versions
    assert all(wanted.specifier.contains(version) for version in versions)


def test_the_lock_names_no_place_to_download_from() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()
