"""Draw the plots that pages show with the code of these pages: `python docs/draw_plots.py`.

Each picture of a page shows the axes that the code above it calls `ax`.
"""

import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

DOCS = Path(__file__).parent
PAGES = (DOCS / "how-to" / "plots.md", DOCS / "cookbook" / "subscriptions.md")
PARTS = re.compile(r"^```python\n(.*?)^```|^\[?!\[[^\]]*\]\(([^)]+)\)", re.MULTILINE | re.DOTALL)


def draw(folder: Path) -> list[Path]:
    """Draw the pictures of the pages into a folder, and return their files."""
    mpl.use("Agg")
    return [file for page in PAGES for file in _drawn(page, folder)]


def _drawn(page: Path, folder: Path) -> list[Path]:
    names: dict[str, Any] = {}
    drawn = []
    for code, picture in PARTS.findall(page.read_text(encoding="utf-8")):
        if code:
            exec(code, names)
        else:
            drawn.append(folder / Path(picture).name)
            names["ax"].figure.savefig(drawn[-1], dpi=90, metadata={"Software": None})
    return drawn


if __name__ == "__main__":
    into = Path(sys.argv[1]) if sys.argv[1:] else DOCS / "assets" / "plots"
    into.mkdir(exist_ok=True)
    for file in draw(into):
        print(file, f"{file.stat().st_size:,} bytes")
