"""The doors for rows: what calculators read one after another, with the place of each."""

import operator
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, TypeGuard, TypeVar

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "are_plain",
    "columns",
    "count",
    "group",
    "groups",
    "in_order",
    "moment",
    "series",
]

Group = TypeVar("Group", bound=Hashable)

_MOST = 2**53
"""Up to where floats have all whole numbers."""


def series(argument: str, values: object) -> Iterable[Any]:
    """Return values that come one after another, as often as they occur.

    Text and mappings raise, and so do sets, which keep one of those that are equal.
    """
    if isinstance(values, str | bytes | Mapping | set | frozenset) or not _iterates(values):
        raise InvalidTypeError(argument, values, "be a series of values, such as a list")
    return values


def _iterates(values: object) -> TypeGuard[Iterable[Any]]:
    """Say whether values can be read one by one: an array of no dimension of numpy cannot."""
    try:
        return isinstance(values, Iterable) and iter(values) is not None
    except TypeError:
        return False


def count(argument: str, value: object) -> int:
    """Return how many there are: a whole number, 0 or more, that a float counts exactly."""
    return _checks.whole(argument, value, least=0, most=_MOST)


def columns(argument: str, rows: Iterable[Any], fields: Sequence[str]) -> list[list[Any]]:
    """Return the columns of rows that all have the same fields."""
    shape = f"({', '.join(fields)})"
    if isinstance(rows, str | bytes | Mapping) or not _iterates(rows):
        raise InvalidTypeError(argument, rows, f"be rows of {shape}")
    rows = list(rows)
    if not (set(map(type, rows)) <= {tuple} and set(map(len, rows)) <= {len(fields)}):
        _check_each(argument, rows, shape, len(fields))
    return [[row[j] for row in rows] for j in range(len(fields))]


def _check_each(argument: str, rows: Sequence[Any], shape: str, width: int) -> None:
    for i, row in enumerate(rows):
        if isinstance(row, str | bytes) or not isinstance(row, Sequence):
            raise InvalidTypeError(f"{argument}[{i}]", row, f"be {shape}")
        if len(row) != width:
            raise InvalidValueError(f"{argument}[{i}]", row, f"be {shape}")


def moment(argument: str, t: object) -> datetime:
    """Return an instant as `datetime`s compare: in UTC, or naive; a date is its midnight."""
    if isinstance(t, datetime):
        return _checks.utc(_checks.instant(argument, t))
    if isinstance(t, date):
        return datetime.combine(t, time())
    raise InvalidTypeError(argument, t, "be a datetime or a date")


def are_plain(numbers: Sequence[Any]) -> bool:
    """Say whether all are ints and floats, none of them NaN, negative or beyond floats."""
    return (
        set(map(type, numbers)) <= {float, int}
        and all(map(operator.eq, numbers, numbers))
        and min(numbers, default=0) >= 0
        and max(numbers, default=0) <= sys.float_info.max
    )


def groups(path: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return what names groups; `path` says where one is, by its position."""
    try:
        names = all(bool(value == value) for value in set(values))  # noqa: PLR0124  (as below)
    except TypeError:
        names = False
    return values if names else [group(path.format(i), value) for i, value in enumerate(values)]


def group(argument: str, value: Any) -> Any:
    """Return what names a group: anything that can be hashed and equals itself."""
    try:
        hash(value)
        names_one = bool(value == value)  # noqa: PLR0124  (NaN is in no group)
    except TypeError:
        names_one = False
    if not names_one:
        expected = "be something that can be hashed, and not NaN"
        raise InvalidTypeError(argument, value, expected)
    return value


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Return groups sorted; as text, where they do not compare."""
    groups = list(groups)
    try:
        return sorted(groups)  # type: ignore[type-var]
    except TypeError:
        return sorted(groups, key=lambda group: (type(group).__name__, str(group)))
