"""Paths: what each customer did, and when."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property, reduce
from itertools import groupby
from operator import itemgetter, or_
from typing import Any

from lifecycle import _checks
from lifecycle._activity import Id, Instant
from lifecycle._inputs import columns
from lifecycle.errors import InvalidTypeError, InvalidValueError, closest
from lifecycle.metrics._funnel_clocks import FunnelClock, UntilLike

__all__ = ["FunnelPaths", "Moment", "Path", "PathsLike", "each", "joined", "similar", "unknown"]

PathsLike = (
    Mapping[Id, Iterable[tuple[Instant, str]]]
    | Mapping[str, Iterable[tuple[Instant, str]]]
    | Mapping[int, Iterable[tuple[Instant, str]]]
    | Iterable[tuple[Id, Instant, str]]
)
Path = Sequence[tuple[datetime, str]]
Moment = tuple[datetime, str | tuple[str, ...]]

_LAST = datetime.max.replace(tzinfo=UTC)
_PLAIN = (tuple, list)
_PAIR = 2


class _OddRowError(Exception):
    """An instant is not of the kind that the first one is."""


class FunnelPaths(FunnelClock):
    """The paths of one call, in which all instants compare: all in UTC, or all naive.

    A log is a million rows that are as they should be, and perhaps one that is not. So a
    path is taken as it is while its rows are like the first of all and its events are known,
    and a path that is not goes through the door, row by row. Of an event that does not
    matter it is enough that its instant compares with the others.

    With `until`, all rows are checked, and those after it are as if they were not there.

    Attributes:
        later: The customers all of whose rows are later, once all paths were read.
    """

    def __init__(
        self,
        argument: str,
        paths: PathsLike,
        until: UntilLike | None = None,
        zone: str | tzinfo = "UTC",
    ) -> None:
        super().__init__(zone)
        self._argument = argument
        self._known: dict[str, int] = {}
        self._idle: set[str] = set()
        self._days: dict[date, datetime] = {}
        self._bits: Mapping[str, int] = {}
        self._customers: Sequence[Id] | None = None
        rows: Mapping[Any, Any] = paths if isinstance(paths, Mapping) else self._grouped(paths)
        self._reader.rows(argument, list(rows), ())
        if not {*map(type, rows.values())} <= {list, tuple}:
            rows = {customer: self._path(customer, path) for customer, path in rows.items()}
        self._rows = rows
        self.zone = self._first_zone()
        self._ends = self.known_until(until, self._rows)
        self.later: set[Id] = set()
        self._seen = 0

    @property
    def customers(self) -> Iterable[Id]:
        """All customers, those without a row too."""
        return self._rows

    @property
    def events(self) -> Iterable[str]:
        """The names of all events, once all paths were read."""
        return self._known

    def missing(self, events: Iterable[str]) -> tuple[str, ...]:
        """Return which of the events that matter no row has, once all paths were read."""
        return tuple(event for event in events if not self._seen & self._bits[event])

    def end(self, customer: Id) -> datetime:
        """Return up to and including when the rows of a customer are known."""
        return self._ends[customer]

    def read(self, bits: Mapping[str, int]) -> Iterator[tuple[Id, Path, int]]:
        """Check every path, and iterate over those with an event that matters.

        Args:
            bits: The events that matter, each with a bit of its own.

        Returns:
            An iterator over the customers, their paths, and the bits of their events together.
        """
        self._bits = bits
        known, idle, ends = self._known, self._idle, self._ends
        start = datetime.min.replace(tzinfo=self.zone)
        for customer, given in self._rows.items():
            path, mask = given, 0
            try:
                for at, event in path:
                    if not at > start:  # asked so, as pandas' NaT is neither
                        raise _OddRowError  # noqa: TRY301  (leaves two loops)
                    if event not in idle:
                        mask |= known[event]
            except (_OddRowError, AttributeError, KeyError, TypeError, ValueError):
                path = self._checked(customer, given)
                mask = self._mask(path)
            if ends:
                path, mask = self._so_far(customer, path, mask, ends[customer])
            if mask:
                self._seen |= mask
                yield customer, path, mask

    def _so_far(self, customer: Id, path: Path, mask: int, end: datetime) -> tuple[Path, int]:
        """Return the rows up to the end; of one that has nanoseconds, they do not count."""
        if end.replace(tzinfo=UTC) == _LAST:
            return path, mask
        bound = end + timedelta.resolution
        kept = [row for row in path if row[0] < bound]
        if len(kept) == len(path):
            return path, mask
        if not kept:
            self.later.add(customer)
        return kept, self._mask(kept)

    def _mask(self, path: Path) -> int:
        """Return the bits of the events of a path that was checked."""
        return reduce(or_, (self._known[event] for _, event in path), 0)

    def moments(
        self,
        customer: Id,
        path: Path,
        events: Container[str] | None = None,
        *,
        as_given: bool = False,
    ) -> Sequence[Moment]:
        """Return the instants of a path that was read, the last one first.

        Args:
            customer: Whose path it is.
            path: The path, as `read` has it.
            events: The events to be looked at; None for all.
            as_given: Whether the events of one instant stay apart, in the order of the rows.

        Returns:
            Each instant with its event, or with all events that it has.
        """
        zone, last, are_apart = self.zone, None, True
        found = path if events is None else [row for row in path if row[1] in events]
        for at, _ in found:
            if at.tzinfo is not zone or type(at) is not datetime:
                return self.moments(
                    customer, self._checked(customer, path), events, as_given=as_given
                )
            if last is not None and not last < at:
                are_apart = False
            last = at
        if are_apart:
            return found[::-1]
        return sorted(found, key=itemgetter(0))[::-1] if as_given else joined(found)

    def _checked(self, customer: Id, path: Iterable[Any]) -> Path:
        """Look at the rows of a path one by one."""
        zone, known, found = self.zone, self._known, []
        for i, row in enumerate(path):
            if type(row) not in _PLAIN or len(row) != _PAIR:
                self._check_shape(customer, i, row)
            at, event = row
            if type(at) is not datetime or at.tzinfo is not zone:
                at = self._moment(customer, i, at)
            if type(event) is not str or event not in known:
                event = self._name(customer, i, event)
            found.append((at, event))
        return found

    def _check_shape(self, customer: Id, i: int, row: Any) -> None:
        if not isinstance(row, Sequence) or isinstance(row, str):
            raise InvalidTypeError(self._place(customer, i), row, "be (at, event)")
        if len(row) != _PAIR:
            raise InvalidValueError(self._place(customer, i), row, "be (at, event)")

    def _moment(self, customer: Id, i: int, at: Any) -> datetime:
        """Return an instant that compares with the others; a day is read once for all."""
        is_day = type(at) is date
        if is_day and at in self._days:
            return self._days[at]
        found = _checks.known(self._reader.moment, f"{self._place(customer, i)}.at", at)
        found = found.replace(tzinfo=self.zone)
        if is_day:
            self._days[at] = found
        return found

    def _name(self, customer: Id, i: int, event: Any) -> str:
        """Return the name of an event, from now on a known one."""
        found = _checks.known(_checks.name, f"{self._place(customer, i)}.event", event)
        self._known[found] = self._bits.get(found, 0)
        if found not in self._bits:
            self._idle.add(found)
        return found

    def _grouped(self, paths: Iterable[Any]) -> dict[Id, Any]:
        customers, ats, events = columns(self._argument, paths, ("customer", "at", "event"))
        self._customers = self._reader.rows(self._argument, customers, ()).customers
        found: dict[Id, Any] = defaultdict(list)
        for customer, *row in zip(self._customers, ats, events, strict=True):
            found[customer].append(row)
        return dict(found)

    def _path(self, customer: Id, path: Any) -> Path:
        if isinstance(path, str | Mapping) or not isinstance(path, Iterable):
            argument = f"{self._argument}[{customer!r}]"
            raise InvalidTypeError(argument, path, "be rows of (at, event)")
        return list(path)

    def _place(self, customer: Id, i: int) -> str:
        if self._customers is None:
            return f"{self._argument}[{customer!r}][{i}]"
        return f"{self._argument}[{self._positions[customer][i]}]"

    @cached_property
    def _positions(self) -> Mapping[Id, Sequence[int]]:
        """The positions of each customer's rows, where they come one after another."""
        found: dict[Id, list[int]] = defaultdict(list)
        for i, customer in enumerate(self._customers or ()):
            found[customer].append(i)
        return found

    def _first_zone(self) -> Any:
        """Return the zone of all instants: that of the first one, whose kind all must have."""
        for customer, path in self._rows.items():
            if path:
                row, place = path[0], self._place(customer, 0)
                first = row[0] if isinstance(row, Sequence) and row else None
                if not isinstance(first, datetime):
                    return None if isinstance(first, Instant) else UTC
                _checks.known(self._reader.moment, f"{place}.at", first)
                return None if first.tzinfo is None else UTC
        return UTC


def joined(rows: Path) -> Sequence[Moment]:
    """Put rows in order, the last one first, and those of one instant together."""
    at_of = itemgetter(0)
    instants = groupby(sorted(rows, key=at_of, reverse=True), key=at_of)
    moments = ((at, tuple(event for _, event in row)) for at, row in instants)
    return [(at, events if len(events) > 1 else events[0]) for at, events in moments]


def each(events: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the event of an instant, or all of them, one by one."""
    return (events,) if isinstance(events, str) else events


def similar(missing: Sequence[str], events: Iterable[str]) -> tuple[str | None, ...]:
    """Return the event that is most like each one that no row has; None where none is."""
    known = sorted({*events} - {*missing})
    return tuple(next(iter(closest(name, known)), None) for name in missing)


def unknown(what: str, names: Sequence[str], alike: Sequence[str | None]) -> list[str]:
    """Say of names that no row has them, and which ones may be meant."""
    hints = ["" if other is None else f"; did you mean {other!r}?" for other in alike]
    return [
        f"no row has the {what} {name!r}{hint}" for name, hint in zip(names, hints, strict=True)
    ]
