"""RFM scores: customers ranked by how recently, how often and for how much they ordered."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Id, Instant
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._packages import needed
from lifecycle._splits import By, by_group
from lifecycle._tables import Column, columns_of
from lifecycle.metrics._amounts import total_of
from lifecycle.metrics._columns import ascending, less, taken
from lifecycle.metrics._customer_tables import (
    MEASURES,
    CustomerRows,
    TableByCustomer,
    customer_column,
)
from lifecycle.metrics._order_columns import OrderBooks
from lifecycle.metrics._order_log import FlatOrders, OrderLog, Orders
from lifecycle.periods import Calendar

__all__ = ["CustomerScores", "Edges", "ScoreTable", "scores"]

# What is added to an edge, and whether a value that equals it is to the left of it: R's `rfm` takes
# the edges that the value equals for below it.
_METHODS = {"quantile": (0, "left"), "r": (1, "right")}

_BELOW: dict[str, Callable[[Sequence[Any], Any], int]] = {
    "left": bisect_left,
    "right": bisect_right,
}
"""How many edges are below a value."""

_MOST_BINS = 100
"""Scores as fine as percentiles."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class CustomerScores:
    """The three measures of one customer, and their scores from 1 to the number of bins.

    Attributes:
        customer: The id.
        recency: Days from the last order to the day of `until`.
        frequency: The number of orders.
        monetary: The sum of their amounts.
        recency_score: Highest for the most recent.
        frequency_score: Highest for the most orders.
        monetary_score: Highest for the most money.
    """

    customer: Id
    recency: int
    frequency: int
    monetary: Number
    recency_score: int
    frequency_score: int
    monetary_score: int

    @property
    def cell(self) -> tuple[int, int, int]:
        """The scores of recency, frequency and monetary value, in this order."""
        return self.recency_score, self.frequency_score, self.monetary_score


@attrs.frozen(kw_only=True, weakref_slot=False)
class Edges:
    """Where the scores of each measure change, ascending: one edge fewer than there are bins.

    Attributes:
        recency: Edges in days.
        frequency: Edges in orders.
        monetary: Edges in money.
    """

    recency: tuple[Number, ...]
    frequency: tuple[Number, ...]
    monetary: tuple[Number, ...]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ScoreTable(TableByCustomer[CustomerScores]):
    """The scores of the customers, one row for each, sorted by id.

    Attributes:
        rows: A `CustomerScores` for each customer, made when it is read.
        edges: Where the scores change.
        bins: The highest score.
        until: Up to when the orders were read; recency is counted from this day.
        method: How the edges were found and are used: "quantile" or "r".
    """

    rows: Sequence[CustomerScores]
    edges: Edges
    bins: int
    until: Instant
    method: str

    def _columns(self) -> Sequence[Column]:
        return [customer_column(), *columns_of(CustomerScores)[1:]]

    def _title(self) -> str:
        return f"RFM scores, from 1 to {self.bins}"


@overload
def scores(
    orders: Orders,
    *,
    until: Instant,
    bins: int = 5,
    method: str = "quantile",
    zone: str | tzinfo = "UTC",
    by: None = None,
) -> ScoreTable: ...
@overload
def scores(
    orders: Orders,
    *,
    until: Instant,
    bins: int = 5,
    method: str = "quantile",
    zone: str | tzinfo = "UTC",
    by: By,
) -> Groups[ScoreTable]: ...
@by_group("orders")
def scores(
    orders: Orders,
    *,
    until: Instant,
    bins: int = 5,
    method: str = "quantile",
    zone: str | tzinfo = "UTC",
) -> ScoreTable:
    """Score each customer by how recently, how often and for how much they ordered.

    The edges of k bins are the quantiles 1/k, ..., (k - 1)/k over the customers. A customer's
    score is 1 plus the number of edges below the measure, so that equal customers score alike;
    the score of recency is reversed, so that the most recent score highest.

    Args:
        orders: (customer, at, amount) rows, in any order, any number for each customer; `at`
            is a date or a datetime, the amount money of 0 or more.
        until: Up to and including when orders count, the day from which recency is counted:
            a date for its whole day, or an instant. Later rows are ignored.
        bins: The number of scores, 1 to 100; the bins hold equal numbers of customers only
            as far as ties allow.
        method: How the edges are found: "quantile", or "r" to score as R's `rfm` does.
        zone: The time zone, by name or as a `tzinfo`, that says on which day an order is, and
            in which naive datetimes are local times.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        One row for each customer, sorted by id (whole numbers first). With `by`, such a table
        for each group, each with its own edges.

    Raises:
        InvalidTypeError: A row or an argument is of another type.
        InvalidValueError: A row has not three parts, an amount is negative or not finite, or
            `bins` is outside 1 to 100.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `method` is not one of those accepted.

    Convention:
        Quantiles of type 7, the default of R, numpy and pandas. R's `rfm` adds 1 to each edge
        and takes a value that equals it for above: the same for whole numbers, but money scores
        one currency unit later. `pandas.qcut` and SQL's `NTILE` cut ranks into equal bins,
        which gives customers with the same measure different scores, by the order of the rows.

    References:
        Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages. The American
        Statistician 50:361-365, definition 7.

    Examples:
        >>> orders = [(i, date(2026, 1, i), 10.0 * i) for i in range(1, 6)]
        >>> [row.cell for row in scores(orders, until=date(2026, 1, 31)).rows]
        [(1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 1, 4), (5, 1, 5)]
    """
    bins = _checks.whole("bins", bins, least=1, most=_MOST_BINS)
    shift, side = _METHODS[_checks.choice("method", method, _METHODS)]
    log = OrderLog("orders", orders, Calendar("day", zone=zone))
    end = log.end("until", until)
    columns = _measures(log.books(until=end), end.day)
    cuts = {name: _edges(columns[name], bins, shift) for name in MEASURES}
    ranks = {name: _ranks(columns[name], cuts[name], side) for name in MEASURES}
    ranks["recency"] = less(bins + 1, ranks["recency"])
    columns |= {f"{name}_score": ranks[name] for name in MEASURES}
    return ScoreTable(
        rows=CustomerRows(CustomerScores, columns),
        edges=Edges(**cuts),
        bins=bins,
        until=until,
        method=method,
    )


def _measures(books: dict[Id, FlatOrders] | OrderBooks, last: int) -> dict[str, Any]:
    """Return the customers, sorted by id, and their measures: arrays, or lists."""
    if isinstance(books, OrderBooks):
        places, ids = books.by_id()
        found = (last - books.last_days, books.ends - books.starts, books.totals())
        chosen = (taken(each, places) for each in found)
        return {"customer": ids, **dict(zip(MEASURES, chosen, strict=True))}
    return {
        "customer": [*books],
        "recency": [last - max(book[::2]) for book in books.values()],
        "frequency": [len(book) // 2 for book in books.values()],
        "monetary": [total_of(book[1::2]) for book in books.values()],
    }


def _ranks(values: Any, cuts: Sequence[Any], side: str) -> Any:
    """Return 1 plus how many edges are below each value."""
    if isinstance(values, list):
        return [1 + _BELOW[side](cuts, value) for value in values]
    return needed("numpy").searchsorted(cuts, values, side) + 1


@_money.in_own_context
def _edges(values: Any, bins: int, shift: int) -> tuple[Any, ...]:
    ordered = ascending(values)
    cuts = (_quantile(ordered, k, bins) + shift for k in range(1, bins) if len(ordered))
    return tuple(map(_money.held, cuts))


def _quantile(ordered: Sequence[Any], k: int, bins: int) -> Any:
    """Return the quantile k / bins of type 7: 1 + (n - 1) k / bins is its rank."""
    rank, part = divmod((len(ordered) - 1) * k, bins)
    low = ordered[rank]
    return low + (ordered[rank + 1] - low) * part / bins if part else low
