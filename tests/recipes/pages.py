"""The code of a recipe, as the reader of its page copies it."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "how-to"

_BLOCK = re.compile(
    r'^```python title="(?P<file>[^"\n]+)"\n(?P<code>.*?)^```$', re.MULTILINE | re.DOTALL
)


def module(page: str) -> str:
    """Return the named blocks of a page as one module, each line where it is on the page."""
    text = (DOCS / f"{page}.md").read_text("utf-8")
    lines: list[str] = []
    for block in _BLOCK.finditer(text):
        start = text.count("\n", 0, block.start("code"))
        lines += [""] * (start - len(lines)) + block["code"].splitlines()
    return "\n".join(lines) + "\n"
