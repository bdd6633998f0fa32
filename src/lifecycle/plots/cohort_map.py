"""Cohort retention as a heat map."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifecycle._tables import percent
from lifecycle.metrics.cohorts import CohortCell, CohortRow, CohortTable
from lifecycle.periods import Calendar
from lifecycle.plots._canvas import (
    DARK,
    bare,
    canvas,
    matplotlib,
    nothing,
    period_label,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cohorts"]

_MOST_IN_WORDS = 400
"""The most cells that have their figures; more are colors alone, with a color bar."""

_DARK_CELL = 0.65
"""From this shade on, a cell is so dark that its text is white."""


def cohorts(table: CohortTable, *, ax: "Axes | None" = None) -> "Axes":
    """Draw cohort retention: a row for each cohort, a column for each period since it began.

    Args:
        table: What `retention.cohorts` or `CustomerBase.cohorts` returns.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes. The darker a cell, the more of its cohort were retained; the darkest is
        the highest share after the start, since at the start all are there. A cell that is
        still open is hatched, and shows how many there are so far. Cohorts without customers
        are left out. Above 400 cells the figures are left out, and a color bar shows the
        scale.

    Raises:
        InvalidTypeError: `table` is not a `CohortTable`, or `ax` is not an `Axes`.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle import retention
        >>> spring = Window(date(2026, 3, 1), date(2026, 5, 1))
        >>> orders = [("ann", date(2026, 3, 2)), ("bob", date(2026, 3, 9))]
        >>> later = [("ann", date(2026, 4, 1))]
        >>> table = retention.cohorts([*orders, *later], calendar=Calendar(), window=spring)
        >>> [text.get_text() for text in cohorts(table).texts]
        ['100%', '50%']
    """
    if not isinstance(table, CohortTable):
        raise refused("table", table, "a CohortTable, as retention.cohorts returns it")
    nothing("table", table.rows)
    rows = [row for row in table.rows if row.size] or table.rows
    columns = max(len(row.cells) for row in rows)
    ax = canvas(ax, (2.2 + 0.55 * columns, 1.2 + 0.32 * len(rows)))
    patches, shades = matplotlib("patches"), matplotlib("pyplot").get_cmap("Blues")
    readable = sum(len(row.cells) for row in rows) <= _MOST_IN_WORDS
    darkest = _darkest(rows)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row.cells):
            shade = min(1.0, (cell.value or 0.0) / darkest)
            face = _face(cell, shades(shade))
            ax.add_patch(patches.Rectangle((x - 0.5, y - 0.5), 1, 1, **face))
            if readable:
                ax.text(x, y, _words(cell), ha="center", va="center", **_ink(cell, shade))
    if not readable:
        _scale(ax, darkest)
    bare(ax)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(length=0)
    _ticks(ax, table.calendar, rows, columns)
    is_open = any(cell.open for row in table.rows for cell in row.cells)
    note = "; hatched: so far" if is_open else ""
    ax.set_title(f"Retention by {table.calendar.grain}{note}")
    return ax


def _darkest(rows: Sequence[CohortRow]) -> float:
    later = [cell.value for row in rows for cell in row.cells if cell.k and cell.value]
    return max(later, default=1.0)


def _scale(ax: "Axes", darkest: float) -> None:
    """Show the share of each color."""
    shades = matplotlib("cm").ScalarMappable(matplotlib("colors").Normalize(0, darkest), "Blues")
    bar = ax.figure.colorbar(shades, ax=ax, label="share retained", pad=0.02)
    bar.ax.yaxis.set_major_formatter(lambda share, _: percent(share))


def _ticks(ax: "Axes", calendar: Calendar, rows: Sequence[CohortRow], columns: int) -> None:
    longest = max(rows, key=lambda row: len(row.cells)).cells
    step = 1 + columns // 25
    ax.set_xticks(range(0, columns, step), [_heading(cell) for cell in longest[::step]])
    ax.xaxis.tick_top()
    ax.set_xlabel(f"{calendar.grain}s since the start")
    ax.xaxis.set_label_position("top")
    step = 1 + len(rows) // 40
    ax.set_yticks(
        range(0, len(rows), step),
        [f"{period_label(calendar, row.cohort)}  (n = {row.size:,})" for row in rows[::step]],
    )


def _heading(cell: CohortCell) -> str:
    return str(cell.k) if cell.k == cell.last else f"{cell.k}-{cell.last}"


def _face(cell: CohortCell, color: Any) -> dict[str, Any]:
    if cell.open:
        return {"facecolor": "#ffffff", "edgecolor": "#b0b8c4", "hatch": "////", "linewidth": 0}
    if cell.value is None:
        return {"facecolor": "#f2f2f2", "edgecolor": "white"}
    return {"facecolor": color, "edgecolor": "white"}


def _words(cell: CohortCell) -> str:
    if cell.open:
        return f"{cell.retained:,}"
    return "" if cell.value is None else f"{cell.value:.0%}"


def _ink(cell: CohortCell, shade: float) -> dict[str, Any]:
    dark = not cell.open and shade >= _DARK_CELL
    paper = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
    return {
        "color": "white" if dark else DARK,
        "fontsize": 8,
        "style": "italic" if cell.open else "normal",
        "bbox": paper if cell.open else None,
    }
