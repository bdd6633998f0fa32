"""The paths of a log that has arrays, which are read as `FunnelPaths` reads those of rows."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property, partial, reduce
from itertools import pairwise
from operator import or_
from typing import Any, NamedTuple

from lifecycle._activity import Id
from lifecycle._activity_columns import Array
from lifecycle._lengths import Length, Period
from lifecycle._packages import needed
from lifecycle.logs import EventLog
from lifecycle.logs._columns import micros
from lifecycle.metrics._funnel_clocks import Ends, FunnelClock, UntilLike
from lifecycle.metrics._funnel_paths import FunnelPaths, Moment, PathsLike, joined

__all__ = ["NEVER", "EventRows", "LogEnds", "LogPaths", "changes", "instants", "paths_of"]

NEVER = 2**62
"""An instant after all others."""

_LAST = micros(datetime.max.replace(tzinfo=UTC))

LogEnds = Callable[[Array], Array]
"""When a length of time ends that begins at each of some instants; `NEVER` past all dates."""


class EventRows(NamedTuple):
    """Rows of some events, sorted by customer, instant, and as they were given.

    Attributes:
        codes: Whose each row is.
        moments: Its instant, in microseconds.
        events: Its event, as its position in `names`.
        names: The events.
    """

    codes: Array
    moments: Array
    events: Array
    names: Sequence[str]

    def where(self, kept: Array) -> "EventRows":
        """Return some of the rows."""
        codes, moments, events = (column.compress(kept) for column in self[:3])
        return EventRows(codes, moments, events, self.names)

    def there(self) -> set[str]:
        """Return the events that a row has."""
        counts = needed("numpy").bincount(self.events, minlength=len(self.names)).tolist()
        return {name for name, count in zip(self.names, counts, strict=True) if count}


class LogPaths(FunnelClock):
    """The paths of the customers of a log, which was checked when it was read."""

    def __init__(self, argument: str, log: EventLog, until: Any, zone: str | tzinfo) -> None:
        super().__init__(zone)
        if not log.events:
            log._read(argument, ("event",))  # noqa: SLF001  (says what is missing)
        self.zone = None if log._at.forms[0].zone is None else UTC  # noqa: SLF001  (where a log keeps them)
        self._reader.moment(f"{argument}[0].at", log._first_at)  # noqa: SLF001  (which says their kind)
        self._log, self._until = log, until
        is_mapping = isinstance(until, Mapping)
        self._ends = self.known_until(until, log.customers) if is_mapping else {}
        self._end = None if is_mapping or until is None else self.last("until", until)

    @property
    def customers(self) -> Sequence[Id]:
        """All customers."""
        return self._log.customers

    @property
    def events(self) -> Sequence[str]:
        """The names of all events."""
        return self._log.events

    @property
    def later(self) -> Sequence[Id]:
        """The customers all of whose rows are later than what is known."""
        return self.named((~self.is_known).nonzero()[0])

    @cached_property
    def is_known(self) -> Array:
        """Whether each customer has a row up to what is known."""
        if self._until is None:
            return needed("numpy").ones(len(self.customers), dtype=bool)
        firsts = self._log._instants.micros[self._log.grouped.starts[:-1]]  # noqa: SLF001  (where a log keeps them)
        return firsts <= self.ends_of_codes()

    def named(self, codes: Array) -> list[Id]:
        """Return the customers of some codes."""
        return list(map(self.customers.__getitem__, codes.tolist()))

    def end(self, customer: Id) -> datetime:
        """Return up to and including when the rows of a customer are known."""
        return self._end or self._ends[customer]

    @cached_property
    def _ends_by_code(self) -> Array:
        return needed("numpy").asarray([micros(self._ends[who]) for who in self.customers])

    def ends_of_codes(self, codes: Array = slice(None)) -> Array:
        """Return the same of some codes, in microseconds."""
        if self._ends:
            return self._ends_by_code[codes]
        return NEVER if self._end is None else micros(self._end)

    def log_ends(self, length: Length) -> LogEnds:
        """Return what says when a length of time ends that begins at each of some instants."""
        if isinstance(length, Period):
            return partial(self._one_by_one, self.ends(length))
        return partial(_elapsed, min(length // timedelta.resolution, NEVER))

    def _one_by_one(self, ends: Ends, moments: Array) -> Array:
        numpy = needed("numpy")
        distinct, places = numpy.unique(moments, return_inverse=True)
        dates = distinct[distinct <= _LAST]
        found = [
            NEVER if end is None else micros(end) for end in map(ends, instants(dates, self.zone))
        ]
        return numpy.asarray([*found, NEVER])[places]

    def ask(self, names: Sequence[str]) -> EventRows:
        """Return the rows of the events that matter."""
        self._asked = self._rows(names)
        return self._asked

    @cached_property
    def _all(self) -> EventRows:
        return self._rows(self.events)

    def _rows(self, names: Sequence[str]) -> EventRows:
        """Return the rows of some events, as far as they are known."""
        numpy, log = needed("numpy"), self._log
        every, number_of = log._events, dict(zip(names, range(len(names)), strict=True))  # noqa: SLF001  (where they are kept)
        numbers = numpy.asarray([number_of.get(name, -1) for name in log.events], dtype="int32")
        (places,) = (numbers >= 0)[every].nonzero()
        sizes = numpy.diff(log.grouped.starts)
        codes = numpy.arange(len(sizes), dtype="int32").repeat(sizes)[places]
        moments = log._instants.micros[places]  # noqa: SLF001  (where a log keeps them)
        found = EventRows(codes, moments, numbers[every[places]], names)
        if self._until is None:
            return found
        return found.where(moments <= self.ends_of_codes(codes))

    def missing(self, events: Iterable[str]) -> tuple[str, ...]:
        """Return which of the events that matter no row has, once all paths were read."""
        there = self.events if self._until is None else self._asked.there()
        return tuple(event for event in events if event not in there)

    def read(self, bits: Mapping[str, int]) -> Iterator[tuple[Id, int, int]]:
        """Iterate over the customers with an event that matters.

        Args:
            bits: The events that matter, each with a bit of its own.

        Returns:
            An iterator over the customers, their codes, and the bits of their events together.
        """
        rows, powers = self.ask(tuple(bits)), tuple(bits.values())
        codes, starts = needed("numpy").unique(rows.codes, return_index=True)
        edges = pairwise([*starts.tolist(), len(rows.codes)])
        events = rows.events.tolist()
        for code, (start, end) in zip(codes.tolist(), edges, strict=True):
            yield self.customers[code], code, reduce(or_, {powers[k] for k in events[start:end]})

    def moments(
        self,
        _: Id,
        code: int,
        events: Container[str] | None = None,
        *,
        as_given: bool = False,
    ) -> Sequence[Moment]:
        """Return the instants of a path that was read, as `FunnelPaths` does."""
        rows = self._all if events is None else self._asked
        part = slice(*needed("numpy").searchsorted(rows.codes, [code, code + 1]))
        ats = instants(rows.moments[part], self.zone)
        names = map(rows.names.__getitem__, rows.events[part].tolist())
        found = list(zip(ats, names, strict=True))
        return found[::-1] if as_given or len({*ats}) == len(ats) else joined(found)


def changes(values: Array) -> Array:
    """Say of each value whether it differs from the one before, as the first one does."""
    found = needed("numpy").ones(len(values), dtype=bool)
    found[1:] = values[1:] != values[:-1]
    return found


def instants(moments: Array, zone: tzinfo | None) -> list[datetime]:
    """Return microseconds as instants in a zone, which is UTC or none."""
    found: list[datetime] = moments.view("datetime64[us]").tolist()
    return found if zone is None else [at.replace(tzinfo=zone) for at in found]


def _elapsed(span: int, moments: Array) -> Array:
    return needed("numpy").where(moments > _LAST - span, NEVER, moments + span)


def paths_of(
    argument: str, paths: PathsLike, until: UntilLike | None, zone: str | tzinfo
) -> FunnelPaths | LogPaths:
    """Return the paths of one call: those of a log as arrays, where it has arrays."""
    if isinstance(paths, EventLog) and paths._is_of_arrays and len(paths):  # noqa: SLF001  (how the log keeps them)
        return LogPaths(argument, paths, until, zone)
    return FunnelPaths(argument, paths, until, zone)
