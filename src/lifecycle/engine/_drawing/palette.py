"""The colors of stages: one row for each status, which all formats read."""

from typing import NamedTuple

__all__ = ["PALETTE", "Shade"]


class Shade(NamedTuple):
    """The colors of a stage; fill and text go together, on a light page and on a dark one."""

    fill: str
    line: str
    text: str


PALETTE = {
    "prospect": Shade("#d6e6f7", "#4c8dd6", "#12304f"),
    "active": Shade("#cfe9da", "#35a06a", "#0f3d26"),
    "dormant": Shade("#f6e3c3", "#d9962b", "#4a3108"),
    "churned": Shade("#f3d3d3", "#cf5b5b", "#4d1717"),
    "note": Shade("#e4e7eb", "#8a94a3", "#24292f"),
}
"""The shade of each status, and of notes."""
