"""Growth accounting as bars: customers won above zero, customers lost below."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lifecycle.errors import InvalidTypeError
from lifecycle.insights import StatusGrowth, StatusGrowthTable
from lifecycle.metrics.growth import GrowthRow, GrowthTable
from lifecycle.periods import Calendar
from lifecycle.plots._canvas import (
    DARK,
    FADED,
    GAINS,
    LOSSES,
    bare,
    canvas,
    counted,
    nothing,
    period_label,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["growth"]

_KEPT = {"returning": "#b0b8c4", "retained": "#b0b8c4"}
_WON = {
    "new": GAINS[0],
    "resurrected": GAINS[1],
    "reactivated": GAINS[1],
    "won_back": GAINS[2],
}
_LOST = {
    "dormant": LOSSES[0],
    "lapsed": LOSSES[0],
    "churned": LOSSES[1],
    "stepped_back": LOSSES[2],
}
"""Each kind of a growth table and its color, which is the same in every picture."""


def growth(
    table: GrowthTable | StatusGrowthTable, *, retained: bool = False, ax: "Axes | None" = None
) -> "Axes":
    """Draw growth accounting: gains above zero, losses below, and the net change.

    Args:
        table: What `retention.growth` or `CustomerBase.growth` returns.
        retained: Whether to draw retained customers, who are often many more than the rest.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, with a bar for each period and kind, and a line for the net change: gains
        less losses. Kinds without customers are left out. An incomplete period is pale and
        hatched.

    Raises:
        InvalidTypeError: `table` is not such a table, `retained` is not a bool, or
            `ax` is not an `Axes`.
        InvalidValueError: The table has no periods.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle import retention
        >>> spring = Window(date(2026, 3, 1), date(2026, 5, 1))
        >>> orders = [("ann", date(2026, 3, 2)), ("bob", date(2026, 4, 9))]
        >>> table = retention.growth(orders, calendar=Calendar(), window=spring)
        >>> [int(bar.get_height()) for bar in growth(table).patches]
        [1, 1, 0, -1]
    """
    if not isinstance(retained, bool):
        raise InvalidTypeError("retained", retained, "be True or False")
    if not isinstance(table, GrowthTable | StatusGrowthTable):
        raise refused("table", table, "a table of retention.growth or CustomerBase.growth")
    rows: Sequence[GrowthRow | StatusGrowth] = table.rows
    nothing("table", rows)
    ax = canvas(ax, (2.0 + 0.5 * max(len(rows), 6), 4.0))
    colors = {**(_KEPT if retained else {}), **_WON, **_LOST}
    kinds = [kind for kind in colors if any(getattr(row, kind, 0) for row in rows)]
    above, below = [0] * len(rows), [0] * len(rows)
    for kind in kinds:
        loses = kind in _LOST
        heights = [-getattr(row, kind) if loses else getattr(row, kind) for row in rows]
        bases = below if loses else above
        bars = ax.bar(
            range(len(rows)),
            heights,
            bottom=bases,
            color=colors[kind],
            edgecolor="white",
            linewidth=0.6,
            width=0.75,
            label=kind.replace("_", " "),
        )
        for bar, row in zip(bars, rows, strict=True):
            if row.open:
                bar.set(alpha=0.55, hatch="////", edgecolor=FADED)
        bases[:] = [base + height for base, height in zip(bases, heights, strict=True)]
    net = [_sum(row, kinds, _WON) - _sum(row, kinds, _LOST) for row in rows]
    ax.plot(range(len(rows)), net, color=DARK, marker="D", markersize=4, label="net change")
    _periods(ax, table.calendar, rows)
    counted(ax.yaxis)
    ax.axhline(0, color=DARK, linewidth=0.8)
    ax.use_sticky_edges = False  # so that no bar touches the frame
    ax.margins(y=0.06)
    bare(ax, "left")
    ax.set_ylabel("customers")
    ax.set_title(f"Growth by {table.calendar.grain}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax


def _sum(row: GrowthRow | StatusGrowth, kinds: Sequence[str], among: Mapping[str, str]) -> int:
    return sum(int(getattr(row, kind)) for kind in kinds if kind in among)


def _periods(ax: "Axes", calendar: Calendar, rows: Sequence[GrowthRow | StatusGrowth]) -> None:
    step = 1 + len(rows) // 25
    labels = [
        f"{period_label(calendar, row.period)}{' (so far)' if row.open else ''}" for row in rows
    ]
    ax.set_xticks(range(0, len(rows), step), labels[::step], rotation=45, ha="right")
    ax.tick_params(axis="x", length=0)
