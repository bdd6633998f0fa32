"""A funnel as bars: how many customers reached each step."""

from typing import TYPE_CHECKING

from lifecycle._tables import percent
from lifecycle.metrics.conversions import FunnelTable
from lifecycle.plots._canvas import (
    GAINS,
    bare,
    canvas,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["funnel"]


def funnel(table: FunnelTable, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a funnel: how many customers reached each step, and how many of those before.

    Args:
        table: What `funnel.funnel` or `CustomerBase.funnel` returns.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, with a bar for each step, from the first down, and its figures above it.
        The pale part was lost since the step before. The number of customers with open
        attempts, who are in no bar, is below the bars.

    Raises:
        InvalidTypeError: `table` is not a `FunnelTable`, or `ax` is not an `Axes`.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle.metrics import funnel as funnels
        >>> log = [("ann", date(2026, 1, 1), "cart"), ("ann", date(2026, 1, 2), "paid")]
        >>> log += [("bob", date(2026, 1, 1), "cart")]
        >>> ax = funnel(funnels.funnel(log, steps=("cart", "paid")))
        >>> [text.get_text() for text in ax.texts]
        ['2', '1   50.0% of cart']
    """
    if not isinstance(table, FunnelTable):
        raise refused("table", table, "a FunnelTable, as funnel.funnel returns it")
    steps = table.rows
    ax = canvas(ax, (8.0, 1.2 + 0.7 * len(steps)))
    most = max(1, steps[0].reached)
    for y, step in enumerate(steps):
        ax.barh(y, step.reached, color=GAINS[0], height=0.5)
        ax.barh(y, step.drop_off, left=step.reached, color=GAINS[2], height=0.5)
        words = f"{step.reached:,}"
        if y:
            share = percent(step.conversion_from_previous.value) or "none"
            words += f"   {share} of {steps[y - 1].event}"
        ax.text(0, y - 0.28, words, va="bottom")  # above the bar, where any axes have room
    bare(ax)
    ax.set_xlim(0, most)
    ax.set_ylim(len(steps) - 0.6, -0.7)
    ax.set_xticks([])
    if table.open:
        ax.set_xlabel(f"{len(table.open):,} open, in no bar")
    ax.set_yticks(range(len(steps)), [step.event for step in steps])
    ax.tick_params(axis="y", length=0)
    ax.set_title("Customers by step")
    return ax
