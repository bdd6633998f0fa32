"""Growth accounting: which active customers are new, returning or resurrected, and who left."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import overload

import attrs

from lifecycle._activity import Activity, ActivityRows, Enrolled, Grid, Reader
from lifecycle._activity_columns import ActivityColumns
from lifecycle._groups import Groups
from lifecycle._lengths import Length, before, length
from lifecycle._packages import needed
from lifecycle._splits import By, by_group
from lifecycle._tables import OPEN, Column, Table
from lifecycle._values import call
from lifecycle.errors import InvalidValueError
from lifecycle.logs._columns import micros
from lifecycle.metrics._growth_counts import KindCounts, kinds_of_columns, kinds_of_rows
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = ["GrowthRow", "GrowthTable", "growth", "resurrection_rate"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class GrowthRow:
    """One period: `active` is that of the period before + new + resurrected - dormant.

    Attributes:
        period: The start of the period, in the calendar's zone.
        new: Customers active in the period in which they were first seen.
        returning: Customers active in this period and in the one before.
        resurrected: Customers active again, neither new nor active in the period before.
        dormant: Customers active in the period before, and not in this one.
        open: Whether the period goes on after the window: its counts are counts so far, and
            those dormant may still return.
    """

    period: datetime
    new: int
    returning: int
    resurrected: int
    dormant: int
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def active(self) -> int:
        """How many customers were active in the period."""
        return self.new + self.returning + self.resurrected


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class GrowthTable(Table[GrowthRow]):
    """Growth accounting, period by period.

    Attributes:
        calendar: The periods.
        window: The time measured.
        rows: The periods, in order of time.
    """

    _named_by = ("period",)

    calendar: Calendar
    window: Window
    rows: tuple[GrowthRow, ...]

    def _columns(self) -> Sequence[Column]:
        counts = ("active", *_KINDS)
        return (
            Column("period", datetime, attrgetter("period")),
            *(Column(name, int, attrgetter(name)) for name in counts),
            OPEN,
        )

    def _title(self) -> str:
        return f"Growth by {self.calendar.grain}"


_KINDS = ("new", "returning", "resurrected", "dormant")


@overload
def growth(
    activity: Activity,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    by: None = None,
) -> GrowthTable: ...
@overload
def growth(
    activity: Activity,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    by: By,
) -> Groups[GrowthTable]: ...
@by_group("activity", "enrolled")
def growth(
    activity: Activity,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
) -> GrowthTable:
    """Count the new, returning, resurrected and dormant customers of each period.

    Args:
        activity: (customer, at) pairs in any order, any number for each customer. A naive
            instant and a date are local times of the calendar's zone.
        calendar: The periods.
        window: The periods that are counted. Rows before it are read, to know who is new
            and who was active one period earlier; rows at or after its end are ignored.
        enrolled: When customers began, such as at sign-up: a mapping of customers to
            instants, or (customer, at) pairs, of which the earliest of a customer counts.
            Each customer of the activity must be in it, at or before their first activity.
            None: at their first activity. A customer is new in the period that has this
            instant, if active in it.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A row for each period of the window; the last is marked open where the window ends
        before it does. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument, or a row of one, is of another type.
        InvalidValueError: The window begins within a period, or with the first one of a custom
            calendar while there is earlier activity; or `enrolled` lacks an active customer,
            or has an instant after the customer's first activity.
        MixedInstantsError: Some instants have a time zone, and others have none.

    Convention:
        The names are those of Amplitude and PostHog, whose "resurrecting" is resurrected and
        whose "current" is returning; PostHog shows the dormant as negative counts. A
        customer is dormant once, in the first period without activity. Amplitude's new
        customers stay new for one interval after their first event.

    Examples:
        >>> from lifecycle.periods import Calendar, Window
        >>> seen = [("ann", 1), ("bob", 1), ("ann", 2), ("ann", 3), ("cy", 3), ("bob", 4)]
        >>> print(
        ...     growth(
        ...         [(customer, date(2026, month, 15)) for customer, month in seen],
        ...         calendar=Calendar("month"),
        ...         window=Window(date(2026, 2, 1), date(2026, 4, 20)),
        ...     )
        ... )
        Growth by month
        period      active  new  returning  resurrected  dormant  open
        2026-02-01       1    0          1            0        1
        2026-03-01       2    1          1            0        0
        2026-04-01       1    0          0            1        2  so far
    """
    grid, reader = Grid(calendar, window), Reader(calendar)
    seen = reader.activity("activity", activity).before(grid.end)
    if grid.previous is None and seen.before(grid.starts[0]).customer_count():
        expected = "be after the calendar's first period, as there is earlier activity"
        raise InvalidValueError("window.start", window.start, expected)
    starts = None if enrolled is None else reader.enrolled_as("enrolled", enrolled, seen)
    counts = _COUNTS[type(seen)](seen, starts, grid)
    rows = (
        GrowthRow(
            period=start,
            **{kind: counts[number, kind] for kind in _KINDS},
            open=number >= grid.closed,
        )
        for number, start in enumerate(grid)
    )
    return GrowthTable(calendar=calendar, window=window, rows=tuple(rows))


_COUNTS: Mapping[type, Callable[..., KindCounts]] = {
    ActivityRows: kinds_of_rows,
    ActivityColumns: kinds_of_columns,
}


@overload
def resurrection_rate(
    activity: Activity, *, window: Window, idle: Length, by: None = None
) -> Rate: ...
@overload
def resurrection_rate(
    activity: Activity, *, window: Window, idle: Length, by: By
) -> Groups[Rate]: ...
@by_group("activity")
def resurrection_rate(activity: Activity, *, window: Window, idle: Length) -> Rate:
    """Return the share of the customers idle at the start of a window who come back in it.

    Args:
        activity: (customer, at) pairs in any order. Instants without a time zone, and
            dates, go with a window without one.
        window: When they may come back. The end is exclusive.
        idle: How long a customer must not have been seen when the window starts, 0 or more:
            a `timedelta` or a `Period`. Months and years are counted back from the start of
            the window, on its own clock.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one rate of all.

    Returns:
        The customers seen in the window, of those seen before it and idle at its start. With
        `by`, such a rate for each group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type.
        InvalidValueError: `idle` is negative.
        MixedInstantsError: Some instants have a time zone, and others, or the window, have
            none.

    Convention:
        A customer who becomes idle within the window and comes back within it is in neither
        number. `growth` counts the customers resurrected in each period, after any period
        without activity. Other reports divide returns by lapses: a ratio of two flows,
        which can exceed 1.

    Examples:
        >>> from lifecycle.periods import Window
        >>> seen = [("ann", date(2026, 1, 1)), ("bob", date(2026, 1, 9))]
        >>> seen += [("ann", date(2026, 5, 3)), ("cy", date(2026, 4, 30))]
        >>> may = Window(date(2026, 5, 1), date(2026, 6, 1))
        >>> resurrection_rate(seen, window=may, idle=timedelta(days=90))
        Rate(1, 2)
    """
    span, reader = length("idle", idle, zero=True), Reader()
    start, end = reader.window(window)
    limit = before(span, window.start)
    rows = reader.activity("activity", activity).before(end)
    latest = datetime.min.replace(tzinfo=UTC) if limit is None else reader.moment("idle", limit)
    return Rate(*_RETURNS[type(rows)](rows.before(start), rows.since(start), latest))


def _returns_of_rows(
    earlier: ActivityRows, later: ActivityRows, latest: datetime
) -> tuple[int, int]:
    """Count the customers who came back, and those who were idle."""
    last = {customer: max(ats) for customer, ats in earlier.by_customer().items()}
    away = {customer for customer, at in last.items() if at <= latest}
    return len(away.intersection(later.customers)), len(away)


def _returns_of_columns(
    earlier: ActivityColumns, later: ActivityColumns, latest: datetime
) -> tuple[int, int]:
    """Count the same of a log."""
    is_back = needed("numpy").zeros(len(earlier.customers), dtype=bool)
    is_back[later.codes] = True
    away = earlier.codes[earlier.is_last() & (earlier.moments <= micros(latest))]
    return int(is_back[away].sum()), len(away)


_RETURNS: Mapping[type, Callable[..., tuple[int, int]]] = {
    ActivityRows: _returns_of_rows,
    ActivityColumns: _returns_of_columns,
}
