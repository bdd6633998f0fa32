"""Draw the diagrams and tables of the pages from the values that the pages make.

A line `<!-- diagram: shop -->` becomes the picture of the lifecycle that the blocks of the
page above it call `shop`; `<!-- diagram: presets.retail() -->` needs no block. A line
`<!-- table: table -->` becomes the table as a notebook shows it.
"""

import contextlib
import io
import re
from typing import Any

import lifecycle

_MARK = re.compile(r"^<!-- (diagram|table): (.+) -->$", re.MULTILINE)
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put a picture in the place of each mark."""
    return _MARK.sub(lambda mark: _shown(markdown[: mark.start()], *mark.groups()), markdown)


def _shown(above: str, kind: str, expression: str) -> str:
    names = {name: getattr(lifecycle, name) for name in lifecycle.__all__}
    if not expression.startswith("presets."):
        with contextlib.redirect_stdout(io.StringIO()):
            for block in _BLOCK.findall(above):
                exec(block, names)  # noqa: S102  (the page's own code, which the tests run too)
    return _DRAW[kind](eval(expression, names))  # noqa: S307


def _figure(definition: lifecycle.Lifecycle) -> str:
    return f'<figure class="picture">\n{lifecycle.diagrams.svg(definition)}\n</figure>'


def _table(value: Any) -> str:
    return f'<div class="notebook">\n{value._repr_html_()}\n</div>'


_DRAW = {"diagram": _figure, "table": _table}
