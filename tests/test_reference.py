"""Every public name stands in the reference, once."""

import re
from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import pytest

import lifecycle

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
TOPICS = {name for name in lifecycle.__all__ if isinstance(getattr(lifecycle, name), ModuleType)}
MODULES = (
    "lifecycle",
    "lifecycle.errors",
    "lifecycle.periods",
    "lifecycle.engine.changes",
    "lifecycle.engine.conditions",
    *sorted(getattr(lifecycle, topic).__name__ for topic in TOPICS),
)


def directives() -> list[str]:
    pages = sorted(REFERENCE.glob("*.md"))
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return re.findall(r"^::: (\S+)$", text, flags=re.MULTILINE)


def public(module: str) -> list[str]:
    home = import_module(module)
    values = {name: getattr(home, name) for name in home.__all__}
    return [f"{module}.{n}" for n, value in values.items() if not isinstance(value, ModuleType)]


@pytest.mark.parametrize("module", MODULES)
def test_every_public_name_stands_in_the_reference_once(module: str) -> None:
    shown = Counter(id(resolve_name(path)) for path in directives())
    times = {path: shown[id(resolve_name(path))] for path in public(module)}
    assert {path: n for path, n in times.items() if n != 1} == {}


def test_the_reference_shows_public_names_only() -> None:
    assert set(directives()) <= {path for module in MODULES for path in public(module)}
