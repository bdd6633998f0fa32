"""A funnel as bars: how many customers reached each step."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle._groups import Groups
from lifecycle._tables import percent
from lifecycle.errors import InvalidValueError
from lifecycle.metrics.conversions import FunnelTable
from lifecycle.plots._canvas import (
    GAINS,
    bare,
    canvas,
    color_of,
    named,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["funnel"]


def funnel(
    table: FunnelTable | Groups[FunnelTable] | Mapping[Any, FunnelTable],
    *,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a funnel: how many customers reached each step, and how many of those before.

    Args:
        table: What `funnel.funnel` or `CustomerBase.funnel` returns, also with `by`, or a mapping
            from labels to such tables, of the same steps.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, with a bar for each step, from the first down, and its figures above it.
        The pale part was lost since the step before. The number of customers with open
        attempts, who are in no bar, is below the bars. Of groups, a bar for each step and
        group, as long as the share of those at its first step.

    Raises:
        InvalidTypeError: `table` is not one of these, or `ax` is not an `Axes`.
        InvalidValueError: There is no table, or they differ in their steps.
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
        return _compared(_tables(table), ax)
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


def _tables(table: Any) -> Mapping[str, FunnelTable]:
    given = dict(table.results) if isinstance(table, Groups) else table
    found = named("table", given, "at least one FunnelTable")
    if found is None or not all(isinstance(one, FunnelTable) for one in found.values()):
        raise refused("table", table, "a FunnelTable, as funnel.funnel returns it, or several")
    steps = {tuple(row.event for row in one.rows) for one in found.values()}
    if len(steps) > 1:
        raise InvalidValueError("table", sorted(steps), "be of the same steps")
    return found


def _compared(tables: Mapping[str, FunnelTable], ax: "Axes | None") -> "Axes":
    """Draw the shares of several funnels, step by step."""
    steps = next(iter(tables.values())).rows
    ax = canvas(ax, (8.0, 1.6 + 0.35 * len(steps) * (len(tables) + 1)))
    height = 0.8 / len(tables)
    for i, (label, table) in enumerate(tables.items()):
        shares = [row.conversion_from_first.value for row in table.rows]
        ys = [k + (i - (len(tables) - 1) / 2) * height for k in range(len(steps))]
        legend = f"{label} ({table.rows[0].reached:,})"
        ax.barh(ys, [share or 0.0 for share in shares], height, color=color_of(i), label=legend)
        for y, share in zip(ys, shares, strict=True):
            ax.text(share or 0.0, y, f" {percent(share) or 'none'}", va="center")
    bare(ax, "left")
    ax.set_xlim(0, 1.12)  # the text of 100 % is to the right of its bar
    ax.set_ylim(len(steps) - 0.5, -0.5)
    ax.set_xticks([])
    ax.set_yticks(range(len(steps)), [step.event for step in steps])
    ax.tick_params(axis="y", length=0)
    ax.set_title("Customers by step, of those at the first")
    ax.legend(loc="lower right", frameon=False)
    return ax
