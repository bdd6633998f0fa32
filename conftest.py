"""Every example that a reader can see is a test: in README.md, in docs/, and in docstrings.

In a page, each ```python block runs, and what it prints must be what the ```text block
that directly follows it shows. A page may import the module that readers copy from another
one. In a module, the examples of the docstrings run as doctests, with the names that their
readers have imported.
"""

import contextlib
import datetime as dt
import difflib
import io
import itertools
import os
import sqlite3
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from sybil import Document, Example, Region, Sybil
from sybil.document import PythonDocStringDocument
from sybil.evaluators.python import pad
from sybil.example import NotEvaluated
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer
from sybil.parsers.rest import DocTestParser
from sybil.python import import_path
from sybil.sybil import SybilCollection

import lifecycle
from recipes import shipped

os.environ.setdefault("MPLBACKEND", "Agg")  # pictures are drawn without a screen

_FENCES = FencedCodeBlockLexer(r"(?:python|text)(?: [^\n]*)?")


def blocks(page: Document) -> Iterable[Region]:
    """Find each block of code, and the output that directly follows it, or None."""
    for fence, following in itertools.pairwise([*_FENCES(page), None]):
        if fence is not None and fence.lexemes["language"].startswith("python"):
            shown = None
            if following is not None and following.lexemes["language"].startswith("text"):
                apart = page.text[fence.end : following.start].strip()
                shown = None if apart else following.lexemes["source"]
            code = fence.lexemes["source"]
            yield Region(fence.start, fence.end, parsed=(code, shown), evaluator=run)


def run(example: Example) -> str | None:
    """Run a block of code; return how what it prints differs from what is shown."""
    code, shown = example.parsed
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(pad(code, example.line), example.path, "exec"), example.namespace)  # noqa: S102
    if shown is None:
        return None
    expected, found = shown.rstrip().splitlines(), printed.getvalue().rstrip().splitlines()
    return "\n".join(difflib.unified_diff(expected, found, "shown", "printed", lineterm=""))


def catch_up(example: Example) -> None:
    """Run first what stands earlier, so that any example can be run alone or in any process."""
    done: set[int] = example.namespace.setdefault("__done__", set())
    for earlier in example.document.examples():
        if earlier.start <= example.start and earlier.start not in done:
            done.add(earlier.start)
            if earlier.start < example.start:
                earlier.evaluate()
    raise NotEvaluated


class Page(Document):
    """A page of the documentation: its blocks share one namespace."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text, path)
        self.push_evaluator(catch_up)


class Module(PythonDocStringDocument):
    """A module, imported by its name as installed: its examples see its public names."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text, path)
        self.push_evaluator(catch_up)

    def import_document(self, example: Example) -> None:
        """Import the module when its first example is run."""
        module = import_path(Path(self.path))
        public = getattr(module, "__all__", ())
        example.namespace.update({name: getattr(module, name) for name in public})
        self.pop_evaluator(self.import_document)
        raise NotEvaluated


def imports(namespace: dict[str, Any]) -> None:
    """Give the examples of a docstring what their reader has imported."""
    namespace.update({name: getattr(lifecycle, name) for name in lifecycle.__all__})
    for name in ("UTC", "date", "datetime", "timedelta", "timezone"):
        namespace[name] = getattr(dt, name)
    namespace["Decimal"] = Decimal


def close(namespace: dict[str, Any]) -> None:
    """Let go of the figures that a page or a module has drawn, and of its databases.

    A page closes a database at its end, which a process that runs only the examples before
    does not reach.
    """
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    for value in namespace.values():
        if isinstance(value, sqlite3.Connection):
            value.close()
        elif type(value).__module__.startswith("sqlalchemy.engine") and hasattr(value, "dispose"):
            value.dispose()


pytest_collect_file = SybilCollection(
    [
        Sybil([blocks], filenames=["README.md"], document_types={None: Page}),
        Sybil(
            [blocks],
            path="docs",
            pattern="*.md",
            setup=shipped.forget,
            teardown=close,
            document_types={None: Page},
        ),
        Sybil(
            [DocTestParser()],
            path="src",
            pattern="*.py",
            setup=imports,
            teardown=close,
            document_types={".py": Module},
        ),
    ]
).pytest()
