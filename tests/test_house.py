"""The house: imports have one direction and can be seen, and each class has a name of its own.

import-linter knows the floors; these tests read all imports, those in functions and those of types
included, and know no floor.
"""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from pkgutil import resolve_name

import pytest

import lifecycle

ROOT = Path(lifecycle.__file__).parent


def module_of(path: Path) -> str:
    parts = ["lifecycle", *path.relative_to(ROOT).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {module_of(path): ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}

FRONT_DOORS = {"lifecycle", "lifecycle.testing"}
"""They load what is rarely used by name, when it is first asked for."""

SEVERAL = {
    "Comparison",  # of conditions; of two rates or scores
}
"""Names that more than one class has; the list may only become shorter."""


LATER: Mapping[str, str] = resolve_name("lifecycle:_LATER")


def imported(module: str) -> Iterator[str]:
    """Yield every module that one imports, in functions and for types included."""
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in TREES else str(node.module)


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter(
        {module: {one for one in imported(module) if one in TREES} for module in TREES}
    ).prepare()


def test_every_module_of_the_package_is_looked_at() -> None:
    assert {"lifecycle.errors", "lifecycle.engine.definition", "lifecycle.plots"} <= {*TREES}
    assert "lifecycle.engine.journeys" in set(imported("lifecycle.engine.definition"))
    assert "lifecycle.engine.decisions" in set(imported("lifecycle.engine.definition"))  # a type
    assert "lifecycle._checks" in set(imported("lifecycle.engine.events"))


@pytest.mark.parametrize("module", sorted({*TREES} - FRONT_DOORS))
def test_no_module_of_the_package_is_imported_by_its_name_as_text(module: str) -> None:
    named = [
        node.value
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Constant) and re.fullmatch(r"lifecycle\.[\w.]*", str(node.value))
    ]
    assert named == []


def test_the_front_doors_name_modules_that_are_there() -> None:
    assert all(
        home in TREES for door in FRONT_DOORS for home in resolve_name(f"{door}:_LATER").values()
    )


def test_what_the_front_door_loads_later_is_not_loaded_before() -> None:
    """What the engine imports counts too: importing it is to stay quick."""
    program = "import sys, lifecycle; print(*sys.modules)"
    call = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)  # noqa: S603
    later = {f"{home}.{name}" if name.islower() else home for name, home in LATER.items()}
    loaded = set(call.stdout.decode().split())
    assert "lifecycle.engine.definition" in loaded
    assert later & loaded == set()


def test_each_class_has_a_name_of_its_own() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(module)
    several = {name: found for name, found in homes.items() if len(found) > 1}
    assert {name: found for name, found in several.items() if name not in SEVERAL} == {}


def test_no_package_has_a_module_and_a_public_name_that_are_spelled_alike() -> None:
    """`lifecycle.models.holdout` is one thing, whoever asks: Python, a reader, the reference."""
    packages = {module for module in TREES if hasattr(resolve_name(module), "__path__")}
    alike = {
        f"{package}.{name}"
        for package in packages - {"lifecycle"}
        for name in getattr(resolve_name(package), "__all__", ())
        if f"{package}.{name}" in TREES
    }
    assert alike == set()


# The guide


HOME = Path(__file__).parents[1]
GUIDE = (HOME / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = [
    path
    for part in ("src", "tests", "docs", "benchmarks")
    for path in (HOME / part).rglob("*")
    if path.suffix in {".md", ".py", ".toml"}
] + [*HOME.glob("*.*")]
NAMED = sorted(set(re.findall(r"`([\w/.]+)`", GUIDE)))


@pytest.mark.parametrize(
    "name", [n for n in NAMED if re.fullmatch(r"(?!.*NAME)[\w/.]+\.(?:md|py|toml)", n)]
)
def test_the_guide_names_files_that_are_there(name: str) -> None:
    relative = name.removeprefix("../")
    assert any(f"/{path.relative_to(HOME).as_posix()}".endswith(f"/{relative}") for path in FILES)


@pytest.mark.parametrize("name", [n for n in NAMED if re.fullmatch(r"_?[A-Z]{2,}(?:_[A-Z]+)*", n)])
def test_the_guide_names_tables_that_are_there(name: str) -> None:
    made = re.compile(rf"^{name}(?::| =)", re.MULTILINE)
    sources = (path for path in FILES if path.suffix == ".py")
    assert any(made.search(path.read_text(encoding="utf-8")) for path in sources)
