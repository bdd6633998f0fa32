"""How often active customers are active: stickiness, and daily of monthly active."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from itertools import accumulate
from operator import attrgetter
from typing import Any, overload

import attrs

from lifecycle import _checks
from lifecycle._activity import SINCE, Activity, ActivityRows, Grid, Instant, Reader
from lifecycle._activity_columns import ActivityColumns
from lifecycle._groups import Groups
from lifecycle._packages import needed
from lifecycle._splits import By, by_group
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = ["StickinessRow", "StickinessTable", "active_ratio", "stickiness"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StickinessRow:
    """The customers who were active in a given number of periods.

    Attributes:
        periods: The number of periods, from 1.
        customers: How many customers were active in exactly this number of periods.
        at_least: How many were active in this number of periods or more.
        rate: The share of the active customers that `customers` are; None while the last
            period is open.
    """

    periods: int
    customers: int
    at_least: int
    rate: Rate | None

    def __repr__(self) -> str:
        return call(self)

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None where nobody was active, or while a period is open."""
        return None if self.rate is None else self.rate.value


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StickinessTable(Table[StickinessRow]):
    """In how many periods of a window customers were active.

    Attributes:
        calendar: The periods.
        window: The time measured.
        counts: How many customers were active in exactly 1, 2, ... periods, up to all.
        open: Whether the last period goes on after the window: the counts are so far.
    """

    _named_by = ("periods",)

    calendar: Calendar
    window: Window
    counts: tuple[int, ...]
    open: bool

    @property
    def customers(self) -> int:
        """How many customers were active at all."""
        return sum(self.counts)

    @property
    def rows(self) -> tuple[StickinessRow, ...]:
        """A row for each number of periods."""
        at_least = [*accumulate(reversed(self.counts))][::-1]
        return tuple(
            StickinessRow(
                periods=k,
                customers=customers,
                at_least=least,
                rate=None if self.open else Rate(customers, self.customers),
            )
            for k, (customers, least) in enumerate(zip(self.counts, at_least, strict=True), start=1)
        )

    def _columns(self) -> Sequence[Column]:
        counts = ("periods", "customers", "at_least")
        value = attrgetter("value")
        return (
            *(Column(name, int, attrgetter(name)) for name in counts),
            Column("share", float, value, percent, value),
        )

    def _title(self) -> str:
        so_far = ", so far" if self.open else ""
        return (
            f"Customers by the number of {self.calendar.grain}s in which they were active{so_far}"
        )


@overload
def stickiness(
    activity: Activity, *, calendar: Calendar, window: Window, by: None = None
) -> StickinessTable: ...
@overload
def stickiness(
    activity: Activity, *, calendar: Calendar, window: Window, by: By
) -> Groups[StickinessTable]: ...
@by_group("activity")
def stickiness(activity: Activity, *, calendar: Calendar, window: Window) -> StickinessTable:
    """Count in how many periods of a window customers were active.

    Args:
        activity: (customer, at) pairs in any order, any number for each customer. A naive
            instant and a date are local times of the calendar's zone.
        calendar: The periods.
        window: The periods that are counted; rows outside are ignored.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        Counts that sum to the customers active in the window. With `by`, such a table for
        each group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type.
        InvalidValueError: The window begins within a period.
        MixedInstantsError: Some instants have a time zone, and others have none.

    Convention:
        PostHog counts customers active in exactly k periods, as `counts` does; Amplitude
        shows those active in k or more, which is `at_least`. Others call DAU / MAU
        stickiness: that is `active_ratio`.

    Examples:
        >>> from lifecycle.periods import Calendar, Window
        >>> seen = [("ann", date(2026, 1, 5)), ("bob", date(2026, 1, 9))]
        >>> seen += [("ann", date(2026, 2, 7)), ("ann", date(2026, 2, 8))]
        >>> quarter = Window(date(2026, 1, 1), date(2026, 4, 1))
        >>> stickiness(seen, calendar=Calendar("month"), window=quarter).counts
        (1, 1, 0)
    """
    grid, reader = Grid(calendar, window), Reader(calendar)
    rows = reader.activity("activity", activity).before(grid.end)
    counts = _COUNTS[type(rows)](rows, grid)
    return StickinessTable(
        calendar=calendar,
        window=window,
        counts=tuple(counts[k] for k in range(1, len(grid) + 1)),
        open=grid.closed < len(grid),
    )


def _counts_of_rows(rows: ActivityRows, grid: Grid) -> Mapping[int, int]:
    """Count customers by the number of periods in which they were seen."""
    return Counter((seen >> SINCE).bit_count() for seen in grid.visits(rows).values())


def _counts_of_columns(rows: ActivityColumns, grid: Grid) -> Mapping[int, int]:
    """Count the same of a log."""
    seen = grid.visits_of(rows)
    numpy = needed("numpy")
    periods = numpy.bincount(seen.codes[seen.numbers >= SINCE])
    return dict(enumerate(numpy.bincount(periods, minlength=len(grid) + 1).tolist()))


_COUNTS: Mapping[type, Callable[[Any, Grid], Mapping[int, int]]] = {
    ActivityRows: _counts_of_rows,
    ActivityColumns: _counts_of_columns,
}


@overload
def active_ratio(
    activity: Activity,
    *,
    until: Instant,
    days: int = 28,
    zone: str | tzinfo = "UTC",
    by: None = None,
) -> Rate: ...
@overload
def active_ratio(
    activity: Activity, *, until: Instant, days: int = 28, zone: str | tzinfo = "UTC", by: By
) -> Groups[Rate]: ...
@by_group("activity")
def active_ratio(
    activity: Activity, *, until: Instant, days: int = 28, zone: str | tzinfo = "UTC"
) -> Rate:
    """Return the share of the customers active in the last days who were active on the last one.

    Args:
        activity: (customer, at) pairs in any order, any number for each customer.
        until: Up to and including when rows count: a date for its whole day, or an instant.
            The day it is in is the last day.
        days: The number of calendar days of the denominator, the last day included; 1 or
            more.
        zone: The zone in which days begin, by name or as a `tzinfo`; a naive instant and a
            date are local times of it.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one rate of all.

    Returns:
        The customers active on the day, of those active on any of the days. With `by`, such
        a rate for each group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type.
        InvalidValueError: `days` is below 1, or the days reach outside years 1 to 9999.
        MixedInstantsError: Some instants have a time zone, and others have none.

    Convention:
        DAU / MAU: 28 days hold each weekday four times; tools that take 30 days or the
        calendar month have a ratio that moves with the weekday. Some average the daily
        actives of a month first. With `days=7` it is DAU / WAU.

    Examples:
        >>> seen = [("ann", date(2026, 1, 5)), ("ann", date(2026, 1, 28))]
        >>> active_ratio([*seen, ("bob", date(2026, 1, 9))], until=date(2026, 1, 28))
        Rate(1, 2)
    """
    calendar, back = Calendar("day", zone=zone), _checks.whole("days", days, least=1) - 1
    reader = Reader(calendar)
    number, last = reader.end("until", until)
    first, midnight = (_checks.utc(calendar.start(number - k)) for k in (back, 0))
    rows = reader.activity("activity", activity).until(last)
    return Rate(*(rows.since(start).customer_count() for start in (midnight, first)))
