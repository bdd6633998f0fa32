"""Every public name is in the reference, once; a module without an underscore is public."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name, walk_packages
from types import ModuleType

import pytest

import lifecycle

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
TOPICS = {name for name in lifecycle.__all__ if isinstance(getattr(lifecycle, name), ModuleType)}
DOORS = {
    "lifecycle",
    "lifecycle.errors",
    "lifecycle.logs",
    "lifecycle.periods",
    "lifecycle.engine.changes",
    "lifecycle.engine.conditions",
    *(getattr(lifecycle, topic).__name__ for topic in TOPICS),
}
"""The modules that users import from, as the reference shows them."""

ROOMS = ["lifecycle", *(module.name for module in walk_packages(lifecycle.__path__, "lifecycle."))]
MODULES = [room for room in ROOMS if "._" not in room]


def directives() -> list[str]:
    pages = sorted(REFERENCE.glob("*.md"))
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return re.findall(r"^::: (\S+)$", text, flags=re.MULTILINE)


def public(module: str) -> list[str]:
    home = import_module(module)
    values = {name: getattr(home, name) for name in getattr(home, "__all__", ())}
    return [f"{module}.{n}" for n, value in values.items() if not isinstance(value, ModuleType)]


def value_of(path: str) -> object:
    """Return what a path names; `models.tracking` is a function, whose module is `tracking`."""
    home, _, name = path.rpartition(".")
    return getattr(resolve_name(home), name)


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_is_in_the_reference_once(module: str) -> None:
    shown = Counter(id(value_of(path)) for path in directives())
    times = {path: shown[id(value_of(path))] for path in public(module)}
    assert {path: n for path, n in times.items() if n != 1} == {}


def test_the_reference_shows_public_names_only() -> None:
    assert set(directives()) <= {path for module in DOORS for path in public(module)}


def test_the_modules_within_packages_are_looked_at() -> None:
    assert {"lifecycle.engine.events", "lifecycle.metrics.nps", "lifecycle.plots"} <= {*MODULES}
