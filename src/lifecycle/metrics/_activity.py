"""Rows of activity, who was seen when, and the periods of a window in which they lie.

Rows come in any order and number, so they are read column by column: what holds of all of
them is asked once, and only what fails is looked for row by row.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import compress, count
from typing import Any, Generic, NamedTuple, TypeVar, cast

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.periods import Calendar, Window

__all__ = [
    "Activity",
    "Grid",
    "Id",
    "Instant",
    "Reader",
    "Rows",
    "coded",
    "columns",
    "duration",
    "earliest",
    "instance",
]

Id = str | int
Instant = datetime | date
Activity = Iterable[tuple[Id, Instant]]

Key = TypeVar("Key", bound=Hashable)
Who = TypeVar("Who", bound=Id)
Kind = TypeVar("Kind")


class Rows(NamedTuple, Generic[Who]):
    """Rows as columns: the customers, and the instants in UTC."""

    customers: Sequence[Who]
    moments: Sequence[datetime]

    def before(self, end: datetime) -> "Rows[Who]":
        """Return the rows that lie before an instant."""
        if not self.moments or max(self.moments) < end:
            return self
        return self._where([at < end for at in self.moments])

    def since(self, start: datetime) -> "Rows[Who]":
        """Return the rows that lie at or after an instant."""
        return self._where([at >= start for at in self.moments])

    def by_customer(self) -> Mapping[Who, list[datetime]]:
        """Return the instants of each customer."""
        found: dict[Who, list[datetime]] = defaultdict(list)
        for customer, at in zip(*self, strict=True):
            found[customer].append(at)
        return found

    def _where(self, kept: Sequence[bool]) -> "Rows[Who]":
        return Rows(list(compress(self.customers, kept)), list(compress(self.moments, kept)))


class Reader:
    """Reads the rows of one call: ids checked, instants in UTC, naive never beside aware."""

    def __init__(self, calendar: Calendar | None = None) -> None:
        self._read = (calendar or Calendar())._moment  # noqa: SLF001  (how it reads an instant)
        self._seen: dict[bool, tuple[str, datetime]] = {}

    def pairs(self, argument: str, rows: Activity) -> Rows[Id]:
        """Return (customer, at) pairs as columns."""
        customers, ats = columns(argument, rows, ("customer", "at"))
        return self.rows(argument, customers, ats)

    def rows(self, argument: str, customers: Sequence[Any], ats: Sequence[Any]) -> Rows[Id]:
        """Return a column of customers and one of instants, checked."""
        return Rows(_ids(argument, customers), self.moments(argument, ats))

    def window(self, window: Window) -> tuple[datetime, datetime]:
        """Return the edges of a window that is used without a calendar."""
        window = instance("window", window, Window)
        start = self.moment("window.start", window.start)
        return start, self.moment("window.end", window.end)

    def moment(self, argument: str, at: Instant) -> datetime:
        """Return an instant in UTC: a naive one and a date by the calendar's zone."""
        found = self._read(argument, at)
        self._note(argument, at)
        return found

    def moments(self, argument: str, ats: Sequence[Any]) -> Sequence[datetime]:
        """Return a column of instants in UTC."""
        if set(map(type, ats)) == {datetime} and {at.tzinfo for at in ats} == {UTC}:
            self._note(f"{argument}[0].at", ats[0])
            return ats
        found = [self._read(f"{argument}[{i}].at", at) for i, at in enumerate(ats)]
        for naive in (True, False):
            first = next((i for i, at in enumerate(ats) if _is_naive(at) is naive), None)
            if first is not None:
                self._note(f"{argument}[{first}].at", ats[first])
        return found

    def _note(self, argument: str, at: Instant) -> None:
        """Refuse a naive instant, which a date is too, beside an aware one."""
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
        self.calendar = instance("calendar", calendar, Calendar)
        self.window = instance("window", window, Window)
        self.starts = calendar.starts(window)
        self.end = Reader(calendar).moment("window.end", window.end)
        self.closed = len(self) - (_checks.utc(calendar.floor(window.end)) < self.end)

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[datetime]:
        """Iterate over the starts as people read them: in the zone."""
        return (start.astimezone(self.calendar.tz) for start in self.starts)

    def number(self, at: datetime) -> int:
        """Return the period in which an instant before the window's end lies, -1 before it."""
        return bisect_right(self.starts, at) - 1

    def visits(self, rows: Rows[int], least: int = 1) -> tuple[list[int], list[int]]:
        """Return who visited in which period, by customer and then by period.

        A visit is one whole number, since a million of those are counted and sorted much
        faster than as many pairs.

        Args:
            rows: Who was seen when, before the window's end, with `coded` customers.
            least: How often a customer must have been seen in a period.

        Returns:
            The customers, and the numbers of the periods, -1 for before the window.
        """
        starts, width = self.starts, len(self) + 1
        seen = [code * width + bisect_right(starts, at) for code, at in zip(*rows, strict=True)]
        if least == 1:
            visits = sorted(set(seen))
        else:
            visits = sorted(visit for visit, times in Counter(seen).items() if times >= least)
        return [visit // width for visit in visits], [visit % width - 1 for visit in visits]

    @property
    def previous(self) -> datetime:
        """The start of the period before the window."""
        calendar, window = self.calendar, self.window
        return _checks.utc(calendar.start(calendar.index(window.start) - 1))


def coded(starts: Rows[Id], returns: Rows[Id]) -> tuple[Rows[int], Rows[int]]:
    """Return rows with whole numbers for customers: their own, or one for each that is met."""
    if {*map(type, starts.customers), *map(type, returns.customers)} <= {int}:
        return cast("Rows[int]", starts), cast("Rows[int]", returns)
    codes: dict[Id, int] = defaultdict(count().__next__)
    numbered = Rows([codes[customer] for customer in starts.customers], starts.moments)
    if starts is returns:
        return numbered, numbered
    return numbered, Rows([codes[customer] for customer in returns.customers], returns.moments)


def columns(argument: str, rows: Iterable[Any], fields: Sequence[str]) -> list[list[Any]]:
    """Return the columns of rows that all have the same fields."""
    shape = f"({', '.join(fields)})"
    if isinstance(rows, str) or not isinstance(rows, Iterable):
        raise InvalidTypeError(argument, rows, f"be rows of {shape}")
    rows = list(rows)
    if not (set(map(type, rows)) <= {tuple} and set(map(len, rows)) <= {len(fields)}):
        _check_each(argument, rows, shape, len(fields))
    return [[row[j] for row in rows] for j in range(len(fields))]


def _check_each(argument: str, rows: Sequence[Any], shape: str, width: int) -> None:
    for i, row in enumerate(rows):
        if not isinstance(row, Sequence):
            raise InvalidTypeError(f"{argument}[{i}]", row, f"be {shape}")
        if len(row) != width:
            raise InvalidValueError(f"{argument}[{i}]", row, f"be {shape}")


def earliest(keys: Iterable[Key], moments: Iterable[datetime]) -> dict[Key, datetime]:
    """Return the earliest instant of each key."""
    found: dict[Key, datetime] = {}
    for key, at in zip(keys, moments, strict=True):
        first = found.get(key)
        if first is None or at < first:
            found[key] = at
    return found


def instance(argument: str, value: Any, kind: type[Kind]) -> Kind:
    """Return the value if it is one of a kind."""
    if not isinstance(value, kind):
        raise InvalidTypeError(argument, value, f"be a {kind.__name__}")
    return value


def duration(argument: str, value: timedelta) -> timedelta:
    """Return a length of elapsed time that is not negative."""
    if instance(argument, value, timedelta) < timedelta():
        raise InvalidValueError(argument, value, "be at least 0")
    return value


def _is_naive(at: Instant) -> bool:
    return not isinstance(at, datetime) or at.tzinfo is None


def _ids(argument: str, customers: Sequence[Any]) -> Sequence[Id]:
    """Check ids by their kinds; where one is not plain, or blank, each by its position."""
    kinds = set(map(type, customers))
    if kinds <= {int} or (kinds <= {int, str} and all(map(_is_named, set(customers)))):
        return customers
    return [_checks.identifier(f"{argument}[{i}].customer", id_) for i, id_ in enumerate(customers)]


def _is_named(customer: Id) -> bool:
    return isinstance(customer, int) or not (customer == "" or customer.isspace())
