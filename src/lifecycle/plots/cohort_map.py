"""Cohort retention as a heat map."""

from typing import TYPE_CHECKING, Any

from lifecycle._tables import in_words
from lifecycle.metrics.cohorts import CohortCell, CohortTable
from lifecycle.plots.canvas import DARK, bare, canvas, matplotlib, nothing, refused

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cohorts"]

_MOST_IN_WORDS = 400
"""So many cells can still be read; more are colors alone."""

_DARK_CELL = 0.65
"""From this shade on, a cell is so dark that its text is white."""


def cohorts(table: CohortTable, *, ax: "Axes | None" = None) -> "Axes":
    """Draw cohort retention: a row for each cohort, a column for each period since it began.

    Args:
        table: What `retention.cohorts` or `insights.cohorts` returns.
        ax: Where to draw; a figure of its own unless told.

    Returns:
        The axes. The darker a cell, the more of its cohort were retained; the darkest is
        the highest share after the start, since at the start all are there. A cell that is
        still open is hatched, and shows how many there are so far.

    Raises:
        InvalidTypeError: `table` is no `CohortTable`, or `ax` no axes.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle import retention
        >>> spring = Window(date(2026, 3, 1), date(2026, 5, 1))
        >>> orders = [("ann", date(2026, 3, 2)), ("bob", date(2026, 3, 9))]
        >>> later = [("ann", date(2026, 4, 1))]
        >>> table = retention.cohorts([*orders, *later], calendar=Calendar(), window=spring)
        >>> [text.get_text() for text in cohorts(table).texts]
        ['100%', '50%', '']
    """
    if not isinstance(table, CohortTable):
        raise refused("table", table, "a CohortTable, as retention.cohorts returns it")
    nothing("table", table.rows)
    columns = max(len(row.cells) for row in table.rows)
    ax = canvas(ax, (2.2 + 0.55 * columns, 1.2 + 0.32 * len(table.rows)))
    patches, shades = matplotlib("patches"), matplotlib("pyplot").get_cmap("Blues")
    readable = sum(len(row.cells) for row in table.rows) <= _MOST_IN_WORDS
    darkest = _darkest(table)
    for y, row in enumerate(table.rows):
        for x, cell in enumerate(row.cells):
            shade = min(1.0, (cell.value or 0.0) / darkest)
            face = _face(cell, shades(shade))
            ax.add_patch(patches.Rectangle((x - 0.5, y - 0.5), 1, 1, **face))
            if readable:
                ax.text(x, y, _words(cell), ha="center", va="center", **_ink(cell, shade))
    bare(ax)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(len(table.rows) - 0.5, -0.5)
    ax.tick_params(length=0)
    _ticks(ax, table, columns)
    is_open = any(cell.open for row in table.rows for cell in row.cells)
    note = "; hatched: so far" if is_open else ""
    ax.set_title(f"Retention by {table.calendar.grain}{note}", loc="left")
    return ax


def _darkest(table: CohortTable) -> float:
    later = [cell.value for row in table.rows for cell in row.cells if cell.k and cell.value]
    return max(later, default=1.0)


def _ticks(ax: "Axes", table: CohortTable, columns: int) -> None:
    longest = max(table.rows, key=lambda row: len(row.cells)).cells
    step = 1 + columns // 25
    ax.set_xticks(range(0, columns, step), [_heading(cell) for cell in longest[::step]])
    ax.xaxis.tick_top()
    ax.set_xlabel(f"{table.calendar.grain}s since the start")
    ax.xaxis.set_label_position("top")
    step = 1 + len(table.rows) // 40
    ax.set_yticks(
        range(0, len(table.rows), step),
        [f"{in_words(row.cohort)}  (n = {row.size:,})" for row in table.rows[::step]],
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
