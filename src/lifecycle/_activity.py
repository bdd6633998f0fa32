"""Rows of activity, who was seen when, and the periods of a window that contain them.

Rows come in any order and number, so they are read column by column: what holds of all of
them is asked once, and only what fails is looked for row by row.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple, TypeVar

from lifecycle import _checks
from lifecycle._activity_columns import ActivityColumns, Array, Visits, columns_of, numbers, visits
from lifecycle._checks import Id, Instant
from lifecycle._inputs import columns, match_ids, zones
from lifecycle.errors import LifecycleError, MixedInstantsError
from lifecycle.logs import EventLog
from lifecycle.logs._columns import micros
from lifecycle.periods import Calendar, Window

__all__ = [
    "SINCE",
    "Activity",
    "ActivityRows",
    "End",
    "Enrolled",
    "Grid",
    "Id",
    "Instant",
    "Reader",
    "earliest",
]

SINCE = 2
"""Which bit of a customer's visits is the first period of the window."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)

Activity = Iterable[tuple[Id, Instant]]
Enrolled = Mapping[Any, Instant] | Activity
"""When customers began: by customer, or as rows, of which the earliest of a customer counts."""

_UTC = Calendar()

Key = TypeVar("Key", bound=Hashable)


class ActivityRows(NamedTuple):
    """Rows as columns: the customers, and the instants in UTC."""

    customers: Sequence[Id]
    moments: Sequence[datetime]

    def before(self, end: datetime) -> "ActivityRows":
        """Return the rows that are before an instant."""
        if not self.moments or max(self.moments) < end:
            return self
        return self._where([at < end for at in self.moments])

    def until(self, last: datetime) -> "ActivityRows":
        """Return the rows that are at or before an instant."""
        return self._where([at <= last for at in self.moments])

    def since(self, start: datetime) -> "ActivityRows":
        """Return the rows that are at or after an instant."""
        return self._where([at >= start for at in self.moments])

    def customer_count(self) -> int:
        """Return how many customers have a row."""
        return len(set(self.customers))

    def by_customer(self) -> Mapping[Id, list[datetime]]:
        """Return the instants of each customer."""
        found: dict[Id, list[datetime]] = defaultdict(list)
        for customer, at in zip(*self, strict=True):
            found[customer].append(at)
        return found

    def _where(self, kept: Sequence[bool]) -> "ActivityRows":
        return ActivityRows(
            list(compress(self.customers, kept)), list(compress(self.moments, kept))
        )


class End(NamedTuple):
    """Up to and including when rows count: the day, and the latest instant on it."""

    day: int
    moment: datetime


class Reader:
    """Reads the rows of one call: ids checked, instants in UTC, naive and aware never mixed."""

    def __init__(self, calendar: Calendar | None = None) -> None:
        self._calendar = calendar or _UTC
        self._read = self._calendar._moment  # noqa: SLF001  (how it reads an instant)
        self._seen: dict[bool, tuple[str, datetime]] = {}

    def pairs(self, argument: str, rows: Activity) -> ActivityRows:
        """Return (customer, at) pairs as columns."""
        customers, ats = columns(argument, rows, ("customer", "at"))
        return self.rows(argument, customers, ats)

    def activity(self, argument: str, rows: Activity) -> ActivityRows | ActivityColumns:
        """Return (customer, at) pairs: those of a log as arrays, where it has arrays."""
        if not isinstance(rows, EventLog) or not rows._is_of_arrays or not len(rows):  # noqa: SLF001  (how the log keeps them)
            return self.pairs(argument, rows)
        try:
            found = columns_of(rows, self._calendar)
        except LifecycleError:  # an instant that the calendar lacks: say which one
            return self.pairs(argument, rows)
        self._note(f"{argument}[0].at", rows._first_at)  # noqa: SLF001  (which says their kind)
        return found

    def enrolled(self, argument: str, given: Enrolled) -> ActivityRows:
        """Return when customers began, given by customer or as (customer, at) pairs."""
        if not isinstance(given, Mapping):
            return self.pairs(argument, given)
        moments = [self.moment(f"{argument}[{id_!r}]", at) for id_, at in given.items()]
        return ActivityRows(_ids(argument, list(given)), moments)

    def enrolled_as(
        self, argument: str, given: Enrolled, rows: ActivityRows | ActivityColumns
    ) -> ActivityRows | ActivityColumns:
        """Return the same as arrays, if the rows that customers began are arrays."""
        is_of_arrays = isinstance(rows, ActivityColumns) and isinstance(given, EventLog)
        found = (self.activity if is_of_arrays else self.enrolled)(argument, given)
        match_ids(argument, found.customers, "the activity", rows.customers)
        if isinstance(rows, ActivityRows) or isinstance(found, ActivityColumns):
            return found
        return columns_of(EventLog(customer=found.customers, at=found.moments), self._calendar)

    def rows(self, argument: str, customers: Sequence[Any], ats: Sequence[Any]) -> ActivityRows:
        """Return a column of customers and one of instants, checked."""
        return ActivityRows(_ids(argument, customers), self.moments(argument, ats))

    def window(self, window: Window) -> tuple[datetime, datetime]:
        """Return the edges of a window that is used without a calendar."""
        window = _checks.instance("window", window, Window)
        start = self.moment("window.start", window.start)
        return start, self.moment("window.end", window.end)

    def moment(self, argument: str, at: Instant) -> datetime:
        """Return an instant in UTC: a naive one and a date by the calendar's zone."""
        found = self._read(argument, at)
        self._note(argument, at)
        return found

    def until(self, argument: str, at: Instant) -> datetime:
        """Return up to and including when rows count, in UTC.

        A date is its whole day in the calendar's zone, whatever kind the instants of the rows
        are; a datetime is that instant, of the kind of the rows.
        """
        found = self._calendar._last(argument, at)  # noqa: SLF001  (how it reads an end)
        if isinstance(at, datetime):
            self._note(argument, at)
        return found

    def end(self, argument: str, at: Instant) -> End:
        """Return up to and including when rows count, and the period that contains that."""
        moment = self.until(argument, at)
        return End(self._calendar.index(moment), moment)

    def moments(self, argument: str, ats: Sequence[Any]) -> Sequence[datetime]:
        """Return a column of instants in UTC, those of one plain kind without a look at each."""
        kinds = set(map(type, ats))
        own = zones(ats) if kinds == {datetime} else []
        if own == [UTC]:
            found = ats
        elif own == [None] and self._calendar.tz is UTC:
            found = [_EPOCH + (at - _LOCAL_EPOCH) for at in ats]  # five times as fast as replace
        elif kinds == {date}:
            found = self._midnights(argument, ats)
        else:
            return self._one_by_one(argument, ats)
        self._note(f"{argument}[0].at", ats[0])
        return found

    def _midnights(self, argument: str, days: Sequence[date]) -> list[datetime]:
        """Return the first instants of days, of which there are far fewer than rows."""
        first_rows = dict(zip(reversed(days), range(len(days) - 1, -1, -1), strict=True))
        begin = {day: self._read(f"{argument}[{i}].at", day) for day, i in first_rows.items()}
        return [begin[day] for day in days]

    def _one_by_one(self, argument: str, ats: Sequence[Any]) -> list[datetime]:
        found = [_checks.known(self._read, f"{argument}[{i}].at", at) for i, at in enumerate(ats)]
        for naive in (True, False):
            first = next((i for i, at in enumerate(ats) if _is_naive(at) is naive), None)
            if first is not None:
                self._note(f"{argument}[{first}].at", ats[first])
        return found

    def _note(self, argument: str, at: Instant) -> None:
        """Refuse a naive instant, which a date is too, together with an aware one."""
        local = at if isinstance(at, datetime) else datetime.combine(at, time())
        self._seen.setdefault(_is_naive(at), (argument, local))
        if len(self._seen) > 1:
            raise MixedInstantsError(*self._seen[True], *self._seen[False])


class Grid:
    """The periods of a window, numbered from 0.

    Attributes:
        starts: The start of each period, in UTC.
        end: The end of the window, in UTC.
        closed: How many periods end within the window: all, or all but the last.
    """

    def __init__(self, calendar: Calendar, window: Window) -> None:
        self.calendar = _checks.instance("calendar", calendar, Calendar)
        self.window = _checks.instance("window", window, Window)
        self.starts = calendar.starts(window)
        self.end = Reader(calendar).moment("window.end", window.end)
        self.closed = len(self) - (not calendar._begins(self.end))  # noqa: SLF001  (how a calendar counts)

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[datetime]:
        """Iterate over the starts as people read them: in the zone."""
        return (start.astimezone(self.calendar.tz) for start in self.starts)

    def number(self, at: datetime) -> int:
        """Return the period in which an instant before the window's end lies, -1 before it."""
        return bisect_right(self.starts, at) - 1

    def visits(self, rows: ActivityRows, least: int = 1) -> dict[Id, int]:
        """Return the periods in which each customer was seen, as the bits of a whole number.

        Bit 0 is all earlier time, bit 1 the period before the window, and bit `SINCE + n` its
        period n.

        Args:
            rows: Who was seen when, before the window's end.
            least: How often a customer must have been seen in a period.
        """
        edges = self._edges
        numbers = [bisect_right(edges, at) for at in rows.moments]
        seen: Iterable[tuple[Id, int]] = zip(rows.customers, numbers, strict=True)
        if least > 1:
            seen = [visit for visit, times in Counter(seen).items() if times >= least]
        found: dict[Id, int] = {}
        for customer, number in seen:
            found[customer] = found.get(customer, 0) | 1 << number
        return found

    def visits_of(self, columns: ActivityColumns) -> Visits:
        """Return the periods in which each customer was seen, by the numbers of the bits above."""
        return visits(columns, list(map(micros, self._edges)))

    def numbers_of(self, moments: Array) -> Array:
        """Return the period in which each instant lies, as `number` does, of microseconds."""
        return numbers(moments, list(map(micros, self.starts))) - 1

    @property
    def _edges(self) -> Sequence[datetime]:
        """Where the periods of visits begin, after all earlier time."""
        return [self.previous or self.starts[0], *self.starts]

    @cached_property
    def previous(self) -> datetime | None:
        """The start of the period before the window; None where the calendar has none."""
        number = self.calendar.index(self.window.start) - 1
        has = self.calendar._has(number)  # noqa: SLF001  (a custom one begins somewhere)
        return _checks.utc(self.calendar.start(number)) if has else None


def earliest(keys: Iterable[Key], moments: Iterable[datetime]) -> dict[Key, datetime]:
    """Return the earliest instant of each key."""
    found: dict[Key, datetime] = {}
    for key, at in zip(keys, moments, strict=True):
        first = found.get(key)
        if first is None or at < first:
            found[key] = at
    return found


def _is_naive(at: Instant) -> bool:
    return not isinstance(at, datetime) or at.tzinfo is None


def _ids(argument: str, customers: Sequence[Any]) -> Sequence[Id]:
    """Check ids by their kinds; where one is not plain, or blank, each by its position."""
    kinds = set(map(type, customers))
    if float in kinds:
        customers = list(map(_checks.from_column, customers))
        kinds = set(map(type, customers))
    texts = (id_ for id_ in customers if isinstance(id_, str)) if str in kinds else ()
    if kinds <= {int, str} and all(map(str.strip, texts)):
        return customers
    return [
        _checks.known(_checks.identifier, f"{argument}[{i}].customer", _checks.from_column(id_))
        for i, id_ in enumerate(customers)
    ]
