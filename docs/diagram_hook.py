"""Show in the pages what a notebook shows: the diagram of a definition, the table of a result.

A line `<!-- diagram: shop -->` becomes the picture of the lifecycle that the blocks of the
page above it call `shop`; `<!-- diagram: presets.retail() -->` needs no block. Text is taken
as it is: `diagrams.svg` returns a picture already.
"""

import contextlib
import io
import re
from typing import Any

import lifecycle

_MARK = re.compile(r"^<!-- diagram: (.+) -->$", re.MULTILINE)
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put a picture in the place of each mark."""
    return _MARK.sub(lambda mark: _figure(markdown[: mark.start()], mark[1]), markdown)


def _figure(above: str, expression: str) -> str:
    names = {name: getattr(lifecycle, name) for name in lifecycle.__all__}
    if not expression.startswith("presets."):
        with contextlib.redirect_stdout(io.StringIO()):
            for block in _BLOCK.findall(above):
                exec(block, names)
    found = eval(expression, names)
    drawn = found if isinstance(found, str) else found._repr_html_()
    return f'<figure class="picture">\n{drawn}\n</figure>'
