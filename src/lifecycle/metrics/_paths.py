"""Paths: what each customer did, and when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._activity import Id, Instant, Reader
from lifecycle.metrics._inputs import columns

__all__ = ["Path", "Paths", "PathsLike"]

PathsLike = (
    Mapping[Id, Iterable[tuple[Instant, str]]]
    | Mapping[str, Iterable[tuple[Instant, str]]]
    | Mapping[int, Iterable[tuple[Instant, str]]]
    | Iterable[tuple[Id, Instant, str]]
)
Path = Sequence[tuple[datetime, str]]


class _OddRowError(Exception):
    """An instant is not of the kind that the first one is."""


class Paths:
    """The paths of one call, in which all instants compare: all in UTC, or all naive.

    A log is a million rows that are as they should be, and perhaps one that is not. So a
    path is taken as it is while its rows are like the first of all and its events are known,
    and a path that is not goes through the door, row by row.
    """

    def __init__(self, argument: str, paths: PathsLike) -> None:
        self._argument = argument
        self._reader = Reader()
        self._known: dict[str, int] = {}
        self._customers: Sequence[Id] | None = None
        rows: dict[Any, Any] = (
            dict(paths.items()) if isinstance(paths, Mapping) else self._grouped(paths)
        )
        self._reader.rows(argument, list(rows), ())
        if not {*map(type, rows.values())} <= {list, tuple}:
            rows = {customer: self._path(customer, path) for customer, path in rows.items()}
        self._rows = rows
        self._zone = self._first_zone()

    def __iter__(self) -> Iterator[tuple[Id, Path]]:
        """Iterate over the customers and their paths, once they were checked by `masks`."""
        return iter(self._rows.items())

    @property
    def events(self) -> Iterable[str]:
        """The names of all events, once they were checked by `masks`."""
        return self._known

    def moment(self, argument: str, at: Instant) -> datetime:
        """Return an instant that compares with those of the paths."""
        return self._reader.moment(argument, at).replace(tzinfo=self._zone)

    def masks(self, bits: Mapping[str, int]) -> dict[Id, int]:
        """Check every path, and say which events each customer has.

        Args:
            bits: The events that matter, each with a bit of its own.

        Returns:
            The bits of each customer's events, together.
        """
        known, zone, found = self._known, self._zone, {}
        odd: dict[Id, Path] = {}
        for customer, path in self._rows.items():
            mask = 0
            try:
                for at, event in path:
                    if at.tzinfo is not zone:
                        raise _OddRowError  # noqa: TRY301  (leaves two loops)
                    bit = known[event]
                    if bit:
                        if type(at) is not datetime:
                            raise _OddRowError  # noqa: TRY301
                        mask |= bit
            except (_OddRowError, AttributeError, KeyError, TypeError, ValueError):
                odd[customer] = self._checked(customer, path, bits)
                mask = 0
                for _, event in odd[customer]:
                    mask |= known[event]
            found[customer] = mask
        self._rows.update(odd)
        return found

    def _checked(self, customer: Id, path: Iterable[Any], bits: Mapping[str, int]) -> Path:
        found = []
        for i, row in enumerate(path):
            place = self._place(customer, i)
            if not isinstance(row, Sequence) or isinstance(row, str):
                raise InvalidTypeError(place, row, "be (at, event)")
            if len(row) != 2:  # noqa: PLR2004  (a pair)
                raise InvalidValueError(place, row, "be (at, event)")
            at = self.moment(f"{place}.at", row[0])
            event = _checks.name(f"{place}.event", row[1])
            self._known[event] = bits.get(event, 0)
            found.append((at, event))
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
        """Note the first instant, beside which no other kind is taken; the zone of all."""
        for customer, path in self._rows.items():
            if path:
                row, place = path[0], self._place(customer, 0)
                first = row[0] if isinstance(row, Sequence) and row else None
                if not isinstance(first, datetime):
                    return None if isinstance(first, Instant) else UTC
                self._reader.moment(f"{place}.at", first)
                return None if first.tzinfo is None else UTC
        return UTC
