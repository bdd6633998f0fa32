"""Predicted and actual purchases over time, as lines."""

from typing import TYPE_CHECKING

from lifecycle.errors import InvalidTypeError
from lifecycle.models import TrackingTable
from lifecycle.plots._canvas import (
    DARK,
    bare,
    canvas,
    color_of,
    counted,
    nothing,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["tracking"]


def tracking(table: TrackingTable, *, cumulative: bool = True, ax: "Axes | None" = None) -> "Axes":
    """Draw the predicted and actual purchases of all customers.

    Args:
        table: What `models.tracking` returns.
        cumulative: Whether to add up the periods, or to draw each by itself.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes: a line for actual purchases, a dashed one for expected ones, and a vertical
        line at the last whole period of the calibration, if that ends.

    Raises:
        InvalidTypeError: `table` is not a `TrackingTable`, `cumulative` is not a bool, or `ax` no
            axes.
        InvalidValueError: The table has no periods.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle import models
        >>> model = models.BetaGeoNBD(r=0.25, alpha=4.5, a=0.8, b=2.5, unit="week")
        >>> orders = [("ann", date(2026, 1, day), 1) for day in (1, 9, 15, 23)]
        >>> ax = tracking(models.tracking(model, orders, until=date(2026, 1, 28)))
        >>> [float(y) for y in ax.lines[0].get_ydata()]
        [0.0, 1.0, 2.0, 3.0]
    """
    if not isinstance(cumulative, bool):
        raise InvalidTypeError("cumulative", cumulative, "be True or False")
    if not isinstance(table, TrackingTable):
        raise refused("table", table, "a TrackingTable, as models.tracking returns it")
    rows = table.rows
    nothing("table", rows)
    ax = canvas(ax, (8.0, 4.5))
    periods = range(1, len(rows) + 1)
    for name, color, line in (("actual", color_of(0), "-"), ("expected", color_of(1), "--")):
        heights = [getattr(row, name) for row in rows]
        if not cumulative:
            heights = [now - before for now, before in zip(heights, [0, *heights], strict=False)]
        ax.plot(periods, heights, color=color, linestyle=line, label=name)
    fitted = sum(row.calibration for row in rows)
    if 0 < fitted < len(rows):
        ax.axvline(fitted, color=DARK, linewidth=0.8, linestyle=":")
        ax.annotate(
            f"last whole {table.unit}\nof the calibration",
            (fitted, 0.02),
            xycoords=("data", "axes fraction"),
            xytext=(5, 0),
            textcoords="offset points",
        )
    ax.set_xlim(1, max(2, len(rows)))
    ax.set_ylim(bottom=0)
    counted(ax.yaxis)
    bare(ax, "left", "bottom")
    ax.set_xlabel(f"{table.unit} of the log")
    ax.set_ylabel(
        "repeat purchases so far" if cumulative else f"repeat purchases in the {table.unit}"
    )
    ax.set_title("Actual and expected purchases")
    ax.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax
