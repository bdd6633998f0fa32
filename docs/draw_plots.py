"""Draw the pictures of how-to/plots.md with the code of the page: `python docs/draw_plots.py`.

Each picture of the page shows the axes that the code above it calls `ax`.
"""

import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

PAGE = Path(__file__).parent / "how-to" / "plots.md"
PARTS = re.compile(r"^```python\n(.*?)^```|^\[?!\[[^\]]*\]\(([^)]+)\)", re.MULTILINE | re.DOTALL)


def draw(folder: Path) -> list[Path]:
    """Draw the pictures of the page into a folder, and return their files."""
    mpl.use("Agg")
    names: dict[str, Any] = {}
    drawn = []
    for code, picture in PARTS.findall(PAGE.read_text(encoding="utf-8")):
        if code:
            exec(code, names)
        else:
            drawn.append(folder / Path(picture).name)
            names["ax"].figure.savefig(drawn[-1], dpi=90, metadata={"Software": None})
    return drawn


if __name__ == "__main__":
    into = Path(sys.argv[1]) if sys.argv[1:] else PAGE.parents[1] / "assets" / "plots"
    into.mkdir(exist_ok=True)
    for file in draw(into):
        print(file, f"{file.stat().st_size:,} bytes")
