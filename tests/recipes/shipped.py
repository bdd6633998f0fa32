"""Modules that readers copy from a page, for the pages and tests that build on them."""

import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType
from typing import Any

from recipes import pages

PAGES = {"customers": "sqlalchemy"}
"""The modules that other pages import, each with the page that has its code."""


class _Finder(MetaPathFinder, InspectLoader):
    """Finds them when they are imported."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        return spec_from_loader(fullname, self) if fullname in PAGES else None

    def get_source(self, fullname: str) -> str:
        return pages.module(PAGES[fullname])

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002
        return False


sys.meta_path.append(_Finder())


def forget(_namespace: dict[str, Any] | None = None) -> None:
    """Let what comes next begin with modules of its own."""
    for name in PAGES:
        sys.modules.pop(name, None)


def code(page: str) -> dict[str, Any]:
    """Run the named blocks of a page, and return their names."""
    forget()
    found: dict[str, Any] = {"__name__": page}
    exec(compile(pages.module(page), f"{page}.py", "exec"), found)  # noqa: S102
    return found
