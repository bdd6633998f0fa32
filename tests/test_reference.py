"""Every public name is in the reference, once; a module without an underscore is public."""

import re
from collections import Counter
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name, walk_packages
from types import FunctionType, ModuleType

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

TABLES = "lifecycle._tables.Table"
"""The base of results with rows: not public, but what they share is shown once, under it."""

ROOMS = ["lifecycle", *(module.name for module in walk_packages(lifecycle.__path__, "lifecycle."))]
MODULES = [room for room in ROOMS if "._" not in room]


def blocks() -> list[tuple[str, str]]:
    """Return the directives of the pages: what is shown, and with which options."""
    pages = sorted(REFERENCE.glob("*.md"))
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    return re.findall(r"^::: (\S+)\n((?: {4}.*\n)*)", text, flags=re.MULTILINE)


def directives() -> list[str]:
    return [path for path, _ in blocks()]


def members(value: type) -> set[str]:
    """Return the public methods and properties that a class defines itself."""
    kinds = (FunctionType, classmethod, staticmethod, property, cached_property)
    return {n for n, each in vars(value).items() if n[0] != "_" and isinstance(each, kinds)}


def unseen(path: str, options: str) -> set[str]:
    """Return what a class has from bases that are not in the reference, and is not shown."""
    asked = re.search(r"inherited_members: (.+)", options)
    value = value_of(path)
    if not isinstance(value, type) or (asked and asked[1] == "true"):
        return set()
    own = [base for base in value.__mro__ if base.__module__.startswith("lifecycle")]
    shown = {value_of(each) for each in directives()}
    known = set(re.findall(r"\w+", asked[1])) if asked else set()
    known = known.union(*(members(base) for base in own if base in shown))
    return set().union(*map(members, own)) - known


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
    shown = {path for module in DOORS for path in public(module)}
    assert set(directives()) - shown == {TABLES}


def test_every_inherited_member_is_in_the_reference() -> None:
    found = {path: unseen(path, options) for path, options in blocks()}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_modules_within_packages_are_looked_at() -> None:
    assert {"lifecycle.engine.events", "lifecycle.metrics.nps", "lifecycle.plots"} <= {*MODULES}
