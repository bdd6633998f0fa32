"""Columns of values of Python, checked: what all are is asked once, and then each."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, NoReturn
from uuid import UUID

from lifecycle import _checks, _inputs
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
)
from lifecycle.logs import _arrays, _columns
from lifecycle.logs._columns import CodedColumn, InstantColumn, LogColumn, PlainColumn, coded
from lifecycle.logs._given import Given

__all__ = [
    "BELOW",
    "amount",
    "amounts",
    "attributes",
    "identifier",
    "identifiers",
    "ids",
    "instants",
    "names",
]

BELOW = "have no nanoseconds below a microsecond (from_frame with floor=True cuts them)"
"""What is expected of an instant, which is counted in microseconds."""

_PARSING = "; pandas.to_datetime reads text and, with unit=, numbers"

_RECURRING = (int, str, UUID)
"""Kinds whose equal values are alike, so that one of them stands for all."""


def ids(given: Given) -> PlainColumn:
    """Return ids, each of which occurs once or so."""
    return PlainColumn(_arrays.of(_each(given, identifier)))


def identifiers(given: Given) -> CodedColumn:
    """Return ids that recur."""
    return _coded(given, identifier)


def names(given: Given) -> CodedColumn:
    """Return names."""
    return _coded(given, _checks.name)


def amounts(given: Given) -> PlainColumn:
    """Return numbers, and None where one is missing."""
    values = given.items()
    kinds = set(map(type, values))
    if any(kinds == {kind} and all(map(is_right, values)) for kind, is_right in _RIGHT):
        return PlainColumn(_arrays.of(values))
    return PlainColumn(_arrays.of(_each(given, amount)))


_RIGHT: Sequence[tuple[type, Callable[[Any], bool]]] = (
    (float, isfinite),
    (int, _arrays.INT64.__contains__),
    (Decimal, lambda value: value.is_finite() and _checks.is_bounded(value)),
)
"""What says of a number of each kind that it can be kept as it is."""


def attributes(given: Given) -> LogColumn:
    """Return plain values, and None where one is missing; texts with a code for each."""
    if {str} <= set(map(type, given.items())) <= {str, type(None)}:
        return _each_once(given, _checks.plain)
    return PlainColumn(_arrays.of(_each(given, _checks.plain)))


def _coded(given: Given, door: Callable[[str, Any], Any]) -> CodedColumn:
    """Check values that recur: of one kind of which equal ones are alike, each once."""
    if not _are_alike(given.items()):
        return coded(_each(given, door))
    return _each_once(given, door)


def _each_once(given: Given, door: Callable[[str, Any], Any]) -> CodedColumn:
    values = given.items()
    found = coded(values)
    for value in found.values:
        try:
            door(given.name, value)
        except LifecycleError:
            _checks.known(door, given.place(values.index(value)), value)
    return found


def _are_alike(values: Sequence[Any]) -> bool:
    """Say whether values are of one kind of which equal ones are alike."""
    kinds = set(map(type, values))
    return len(kinds) == 1 and kinds.issubset(_RECURRING)


def _each(given: Given, door: Callable[[str, Any], Any]) -> list[Any]:
    """Check values: of one kind of which equal ones are alike, one of them."""
    values = given.items()
    if not _are_alike(values):
        return [_checks.known(door, given.place(i), value) for i, value in enumerate(values)]
    first: dict[Any, int] = {}
    for i, value in enumerate(values):
        first.setdefault(value, i)
    found = {value: _checks.known(door, given.place(i), value) for value, i in first.items()}
    return list(map(found.__getitem__, values))


def identifier(argument: str, value: Any) -> Any:
    """Return an id; a whole float is a whole number, as from a column with a gap."""
    return _checks.identifier(argument, _checks.from_column(value))


def amount(argument: str, value: Any) -> Any:
    """Return a number, or None."""
    return None if value is None else _checks.number(argument, value)


def instants(given: Given) -> InstantColumn:
    """Return instants: datetimes, all naive or all aware, and dates, which are naive."""
    ats = given.items()
    if not _are_plain(ats):
        ats = [_instant(given.place(i), at, floor=given.floor) for i, at in enumerate(ats)]
    found = _columns.of(ats)
    for other in found.forms[1:]:
        if (other.zone is None) is not (found.forms[0].zone is None):
            raise _mixed(given, ats)
    return found


def _are_plain(ats: Sequence[Any]) -> bool:
    """Say whether all are dates, or datetimes without a zone or in UTC: in need of no change."""
    kinds = set(map(type, ats))
    return kinds <= {date, datetime} and all(zone in (None, UTC) for zone in _inputs.zones(ats))


def _instant(argument: str, value: Any, *, floor: bool) -> datetime | date:
    if not isinstance(value, date):
        _checks.known(_refuse, argument, value)
    if not isinstance(value, datetime):
        return date(value.year, value.month, value.day)
    if getattr(value, "nanosecond", 0) and not floor:
        raise InvalidValueError(argument, value, BELOW)
    return _checks.instant(argument, value)


def _refuse(argument: str, value: Any) -> NoReturn:
    error = InvalidTypeError(argument, value, "be a datetime or a date")
    error.hint = _PARSING if isinstance(value, str | int | float) else ""
    raise error


def _mixed(given: Given, ats: Sequence[Any]) -> MixedInstantsError:
    local = list(map(_columns.local_time, ats))
    first = {at.tzinfo is None: i for i, at in reversed(list(enumerate(local)))}
    naive, aware = first[True], first[False]
    return MixedInstantsError(given.place(naive), local[naive], given.place(aware), local[aware])
