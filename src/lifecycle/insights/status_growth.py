"""Growth accounting by status: how the number of active customers came about."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import overload

import attrs

from lifecycle._tables import OPEN, Column, Table
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.errors import InvalidTypeError
from lifecycle.insights._courses import Course
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._periods import Periods, periods
from lifecycle.insights._stays import Book, Journeys, read
from lifecycle.periods import Calendar, Window

__all__ = ["StatusGrowth", "StatusGrowthTable", "growth"]

_LEFT = {Status.DORMANT: "lapsed", Status.CHURNED: "churned", Status.PROSPECT: "stepped_back"}
"""What became of an active customer, by the status where the period ends."""

_KINDS = ("new", "retained", "reactivated", *_LEFT.values())


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StatusGrowth:
    """One period: active = active before + new + reactivated - lapsed - churned - stepped_back.

    Attributes:
        period: The start of the period, in the calendar's zone.
        new: Customers who are active where the period ends, and never were before it.
        retained: Customers who are active where it begins and where it ends.
        reactivated: Customers who are active where it ends, not where it begins, and were
            before.
        lapsed: Customers who were active where it begins, and are dormant where it ends.
        churned: Customers who were active where it begins, and are churned where it ends.
        stepped_back: Customers who were active where it begins, and are prospects again.
        open: Whether the period goes on after what is known, so that these are counts so far.
    """

    period: datetime
    new: int
    retained: int
    reactivated: int
    lapsed: int
    churned: int
    stepped_back: int
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def active(self) -> int:
        """How many customers are active where the period ends."""
        return self.new + self.retained + self.reactivated


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StatusGrowthTable(Table[StatusGrowth]):
    """Growth accounting by the statuses of a definition.

    Attributes:
        calendar: How time was cut into periods.
        window: The time that was looked at.
        rows: The periods, in order of time.
    """

    _named_by = ("period",)

    calendar: Calendar
    window: Window
    rows: tuple[StatusGrowth, ...]

    def _columns(self) -> Sequence[Column]:
        return (
            Column("period", attrgetter("period")),
            *(Column(name, attrgetter(name)) for name in ("active", *_KINDS)),
            OPEN,
        )

    def _title(self) -> str:
        return f"Growth by {self.calendar.grain}, by status just before each period ends"


@overload
def growth(
    journeys: Journeys, *, calendar: Calendar, window: Window, by: None = None
) -> StatusGrowthTable: ...
@overload
def growth(
    journeys: Journeys, *, calendar: Calendar, window: Window, by: By
) -> Groups[StatusGrowthTable]: ...
def growth(
    journeys: Journeys, *, calendar: Calendar, window: Window, by: By | None = None
) -> StatusGrowthTable | Groups[StatusGrowthTable]:
    """Account for the number of active customers, period by period, by their statuses.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        calendar: How time is cut into periods.
        window: The periods; it begins where one does. What lies before it is read, to know
            who was active before; what lies at or after its end is ignored.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each period. With `by`, such a table for each group.

    Raises:
        LifecycleError: As `transition_counts`.

    Convention:
        A balance: who is active where a period ends, and where it began. Several changes
        within one period count as their net move; `kpis` counts each of them. A lapse counts
        in the period of its deadline. `retention.growth` sees activity instead, and finds out
        one period later that there was none.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3,), "bob": (35, 70), "cy": (8, 250)}
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day)) for day in days],
        ...         until=datetime(2027, 1, 1, tzinfo=UTC),
        ...     )
        ...     for name, days in dates.items()
        ... ]
        >>> year = Window(start, datetime(2027, 1, 1, tzinfo=UTC))
        >>> print(growth(journeys, calendar=Calendar("quarter"), window=year))
        Growth by quarter, by status just before each period ends
        period      active  new  retained  reactivated  lapsed  churned  stepped_back  open
        2026-01-01       3    3         0            0       0        0             0
        2026-04-01       1    0         1            0       2        0             0
        2026-07-01       1    0         0            1       1        0             0
        2026-10-01       1    0         1            0       0        0             0
    """
    if not isinstance(calendar, Calendar):
        raise InvalidTypeError("calendar", calendar, "be a Calendar")
    book = read(journeys, calendar)
    spans = periods(book, calendar, window)

    def make(courses: Sequence[Course]) -> StatusGrowthTable:
        counts, is_open = _counts(book, courses, spans), spans.open(courses)
        rows = (
            StatusGrowth(
                period=start,  # type: ignore[arg-type]  # there is a calendar
                **{kind: counts[k, kind] for kind in _KINDS},
                open=is_open[k],
            )
            for k, start in enumerate(spans.labels)
        )
        return StatusGrowthTable(calendar=calendar, window=window, rows=tuple(rows))

    return over(by, book, make)


def _counts(book: Book, courses: Iterable[Course], spans: Periods) -> Counter[tuple[int, str]]:
    counts: Counter[tuple[int, str]] = Counter()
    rests = [0] * (len(spans.starts) + 1)  # where customers begin and cease to stay active
    for course in courses:
        runs = list(_runs(book, course, spans))
        first = _first_active(book, course, spans)
        if runs and runs[0][0] is Status.ACTIVE:
            counts[runs[0][1], "new"] += 1
        for (status, begin, end), (then, _, _) in pairwise([*runs, (None, 0, 0)]):
            if status is Status.ACTIVE:
                rests[begin + 1] += 1
                rests[end] -= 1
                if then is not None:
                    counts[end, "retained" if then is status else _LEFT[then]] += 1
            elif then is Status.ACTIVE:
                counts[end, "new" if end == first else "reactivated"] += 1
    for k, n in enumerate(accumulate(rests[:-1])):
        counts[k, "retained"] += n
    return counts


def _runs(book: Book, course: Course, spans: Periods) -> Iterator[tuple[Status, int, int]]:
    """Yield the status of each stay that is the last of some period, and which those are.

    The first is the period before the window, -1; the second is the one after the last.
    """
    inside = [at for at in course.moments if at < spans.end]
    numbers = [bisect_right(spans.starts, at) - 1 for at in inside]
    for stage, (begin, end) in zip(
        course.stages, pairwise([*numbers, len(spans.starts)]), strict=False
    ):
        if begin < end:
            yield book.stages[stage].status, begin, end


def _first_active(book: Book, course: Course, spans: Periods) -> int:
    """Return the period in which a customer was first active; that before the window is -1."""
    for stage, at in zip(course.stages, course.moments, strict=True):
        if book.stages[stage].status is Status.ACTIVE:
            return bisect_right(spans.starts, at) - 1
    return -1
