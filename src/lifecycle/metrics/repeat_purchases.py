"""Repeat purchases: how many customers buy again, and after how long."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import ClassVar, Literal, overload

import attrs

from lifecycle import _checks
from lifecycle._activity import Activity, ActivityRows, Reader
from lifecycle._activity_columns import ActivityColumns, Array
from lifecycle._groups import Groups
from lifecycle._packages import needed
from lifecycle._splits import By, by_group
from lifecycle.metrics._durations import Durations, SortedLengths
from lifecycle.periods import Window
from lifecycle.rates import Rate

__all__ = [
    "PurchaseIntervals",
    "purchase_intervals",
    "repeat_purchase_rate",
]


@overload
def repeat_purchase_rate(
    orders: Activity,
    *,
    window: Window,
    earlier: Literal["ignored", "counted"] = "ignored",
    by: None = None,
) -> Rate: ...
@overload
def repeat_purchase_rate(
    orders: Activity,
    *,
    window: Window,
    earlier: Literal["ignored", "counted"] = "ignored",
    by: By,
) -> Groups[Rate]: ...
@by_group("orders")
def repeat_purchase_rate(
    orders: Activity, *, window: Window, earlier: Literal["ignored", "counted"] = "ignored"
) -> Rate:
    """Return the share of a window's buyers who bought more than once.

    Args:
        orders: (customer, at) pairs, one for each order, in any order. Instants without a
            time zone, and dates, go with a window without one.
        window: The buyers are those with an order in it. The end is exclusive.
        earlier: Whether orders before the window count as well: "ignored" asks for two
            orders in the window, "counted" for two by its end, the last of them in it.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one rate of all.

    Returns:
        The buyers with two orders or more, of all buyers. With `by`, such a rate for each
        group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type.
        MixedInstantsError: Some instants have a time zone, and others, or the window, have
            none.
        UnknownNameError: `earlier` is neither.

    Convention:
        "ignored" depends on how long the window is; "counted" is the returning customer
        rate of shop reports. Two orders on one day are two: merge the lines of one basket
        first.

    Examples:
        >>> from lifecycle.periods import Window
        >>> may = Window(date(2026, 5, 1), date(2026, 6, 1))
        >>> orders = [("ann", date(2026, 5, 2)), ("ann", date(2026, 5, 9))]
        >>> orders += [("bob", date(2026, 4, 30)), ("bob", date(2026, 5, 4))]
        >>> repeat_purchase_rate(orders, window=may)
        Rate(1, 2)
        >>> repeat_purchase_rate(orders, window=may, earlier="counted")
        Rate(2, 2)
    """
    _checks.choice("earlier", earlier, ("ignored", "counted"))
    reader = Reader()
    start, end = reader.window(window)
    rows = reader.activity("orders", orders).before(end)
    within = rows.since(start)
    return Rate(*_REPEATS[type(rows)](within, within if earlier == "ignored" else rows))


def _repeats_of_rows(within: ActivityRows, counted: ActivityRows) -> tuple[int, int]:
    """Count the buyers with two orders or more, and all."""
    orders = Counter(counted.customers)
    buyers = orders if counted is within else set(within.customers)
    return sum(orders[customer] > 1 for customer in buyers), len(buyers)


def _repeats_of_columns(within: ActivityColumns, counted: ActivityColumns) -> tuple[int, int]:
    """Count the same of a log."""
    first = within.is_first()
    if counted is within:
        return int((first[:-1] > first[1:]).sum()), int(first.sum())
    orders = needed("numpy").bincount(counted.codes)
    buyers = within.codes[first]
    return int((orders[buyers] > 1).sum()), len(buyers)


_REPEATS: Mapping[type, Callable[..., tuple[int, int]]] = {
    ActivityRows: _repeats_of_rows,
    ActivityColumns: _repeats_of_columns,
}


@attrs.frozen(repr=False, weakref_slot=False)
class PurchaseIntervals(Durations):
    """The times between one order of a customer and the next.

    As a table it has a row for each, and is shown in one line.

    Attributes:
        lengths: The times of all customers, 0 or more, which are kept in ascending order.

    Raises:
        InvalidTypeError: A length is no `timedelta`.
        InvalidValueError: A length is negative.

    Examples:
        >>> intervals = PurchaseIntervals(timedelta(days=n) for n in (365, 7, 30))
        >>> print(intervals)
        Times between orders: 3, median 30 days, mean 134 days
        >>> intervals.within(timedelta(days=30))
        Rate(2, 3)
    """

    _what: ClassVar = "Times between orders"


@overload
def purchase_intervals(orders: Activity, *, by: None = None) -> PurchaseIntervals: ...
@overload
def purchase_intervals(orders: Activity, *, by: By) -> Groups[PurchaseIntervals]: ...
@by_group("orders")
def purchase_intervals(orders: Activity) -> PurchaseIntervals:
    """Return the times between one order of a customer and the next.

    Args:
        orders: (customer, at) pairs, one for each order, in any order.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for the intervals of all.

    Returns:
        The intervals of all customers: for each customer, one fewer than orders. With `by`,
        such intervals for each group.

    Raises:
        InvalidTypeError: The argument, or a row, is of another type.
        MixedInstantsError: Some instants have a time zone, and others have none.

    Convention:
        Only intervals that have ended are here: the time since the last order is not, so the
        mean is shorter than the wait for an order that may never come. With the open ones,
        it is a matter for `survival.kaplan_meier`. Frequent buyers have more intervals, and
        count for more.

    Examples:
        >>> orders = [("ann", date(2026, 1, 1)), ("ann", date(2026, 1, 31))]
        >>> purchase_intervals([*orders, ("ann", date(2026, 2, 10))]).median
        datetime.timedelta(days=20)
    """
    rows = Reader().activity("orders", orders)
    return PurchaseIntervals(SortedLengths(_INTERVALS[type(rows)](rows)))


def _intervals_of_rows(rows: ActivityRows) -> Sequence[int]:
    """Return the microseconds between orders, ascending."""
    orders_of = map(sorted, rows.by_customer().values())
    times = (later - one for ats in orders_of for one, later in pairwise(ats))
    return tuple(sorted(time // timedelta.resolution for time in times))


def _intervals_of_columns(rows: ActivityColumns) -> Array:
    """Return the same of a log."""
    times = needed("numpy").diff(rows.moments)[~rows.is_first()[1:]]
    times.sort()
    times.flags.writeable = False
    return times


_INTERVALS: Mapping[type, Callable[..., Sequence[int]]] = {
    ActivityRows: _intervals_of_rows,
    ActivityColumns: _intervals_of_columns,
}
