"""Growth accounting: which active customers are new, returning or resurrected, and who left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter

import attrs

from lifecycle import _checks
from lifecycle._activity import SINCE, Activity, Enrolled, Grid, Id, Reader, earliest
from lifecycle._lengths import Length, before, length
from lifecycle._tables import OPEN, Column, Table
from lifecycle._values import call
from lifecycle.errors import InvalidValueError
from lifecycle.metrics._bit_sets import bits
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

    Returns:
        A row for each period of the window; the last is marked open where the window ends
        before it does.

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
    seen = reader.pairs("activity", activity).before(grid.end)
    visits = grid.visits(seen)
    if grid.previous is None and any(active & 1 for active in visits.values()):
        expected = "be after the calendar's first period, as there is earlier activity"
        raise InvalidValueError("window.start", window.start, expected)
    starts = {} if enrolled is None else _starts(reader, enrolled, earliest(*seen))
    born = {customer: 1 << SINCE + grid.number(at) for customer, at in starts.items()}
    alike = Counter((born.get(who, active & -active), active) for who, active in visits.items())
    counts = _counts(alike)
    rows = (
        GrowthRow(
            period=start,
            **{kind: counts[number, kind] for kind in _KINDS},
            open=number >= grid.closed,
        )
        for number, start in enumerate(grid)
    )
    return GrowthTable(calendar=calendar, window=window, rows=tuple(rows))


def _counts(alike: Mapping[tuple[int, int], int]) -> Counter[tuple[int, str]]:
    """Count each customer's periods by kind; customers alike in birth and activity at once."""
    counts: Counter[tuple[int, str]] = Counter()
    for (born, active), customers in alike.items():
        for kind, periods in _kinds(born, active).items():
            for bit in bits(periods):
                counts[bit - SINCE, kind] += customers
    return counts


def _kinds(born: int, active: int) -> dict[str, int]:
    """Return the periods of each kind, as bits."""
    # `after` are the periods that follow an active one, so the active periods are parted into
    # new, returning and resurrected, and dormant are those after that are not active. Hence
    # active = active before + new + resurrected - dormant, in each period.
    after = active << 1
    return {
        "new": active & born,
        "returning": active & after & ~born,
        "resurrected": active & ~after & ~born,
        "dormant": after & ~active,
    }


def _starts(reader: Reader, enrolled: Enrolled, first: Mapping[Id, datetime]) -> dict[Id, datetime]:
    """Return when each active customer began, which no activity precedes."""
    starts = earliest(*reader.enrolled("enrolled", enrolled))
    for customer, active in first.items():
        argument = f"enrolled[{customer!r}]"
        if customer not in starts:
            raise InvalidValueError(argument, None, "be given for each customer of the activity")
        if starts[customer] > active:
            expected = f"be at or before the customer's first activity, {_checks.shown(active)}"
            raise InvalidValueError(argument, starts[customer], expected)
    return {customer: starts[customer] for customer in first}


def resurrection_rate(activity: Activity, *, window: Window, idle: Length) -> Rate:
    """Return the share of the customers idle at the start of a window who come back in it.

    Args:
        activity: (customer, at) pairs in any order. Instants without a time zone, and
            dates, go with a window without one.
        window: When they may come back. The end is exclusive.
        idle: How long a customer must not have been seen when the window starts, 0 or more:
            a `timedelta` or a `Period`. Months and years are counted back from the start of
            the window, on its own clock.

    Returns:
        The customers seen in the window, of those seen before it and idle at its start.

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
    rows = reader.pairs("activity", activity).before(end)
    last = {c: max(ats) for c, ats in rows.before(start).by_customer().items()}
    latest = datetime.min.replace(tzinfo=UTC) if limit is None else reader.moment("idle", limit)
    away = {customer for customer, at in last.items() if at <= latest}
    return Rate(len(away.intersection(rows.since(start).customers)), len(away))
