"""The pictures of the how-to page are those that its code draws."""

import os
import runpy
from pathlib import Path

import pytest
from matplotlib.testing.compare import compare_images

from lifecycle import plots

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "assets" / "plots"
CLOSE = 12
"""How far two pictures may differ (root mean square, of 255): another version's letters."""


def test_the_pictures_of_the_page_are_drawn_by_its_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(DOCS.parent)
    drawn = runpy.run_path(os.fspath(DOCS / "draw_plots.py"))["draw"](tmp_path)
    assert sorted(file.name for file in drawn) == sorted(file.name for file in PICTURES.iterdir())
    differing = [
        compare_images(os.fspath(PICTURES / file.name), os.fspath(file), CLOSE) for file in drawn
    ]
    assert differing == [None] * len(drawn)


@pytest.mark.parametrize("name", plots.__all__)
def test_the_page_shows_each_plot(name: str) -> None:
    page = (DOCS / "how-to" / "plots.md").read_text(encoding="utf-8")
    assert f"\nax = plots.{name}(" in page
