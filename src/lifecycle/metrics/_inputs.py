"""The doors for rows: what calculators read one after another, with the place of each."""

from collections.abc import Hashable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError

__all__ = ["columns", "dated", "group", "in_order", "moment", "series"]

Group = TypeVar("Group", bound=Hashable)


def series(argument: str, values: object) -> Iterable[Any]:
    """Return values that come one after another; text and mappings raise."""
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise InvalidTypeError(argument, values, "be a series of values, such as a list")
    return values


def columns(argument: str, rows: object, of: str) -> tuple[list[Any], list[Any]]:
    """Return the first parts of rows and the second ones; `of` says which they are."""
    firsts, seconds = [], []
    for i, row in enumerate(series(argument, rows)):
        try:
            first, second = row
        except (TypeError, ValueError):
            raise InvalidTypeError(f"{argument}[{i}]", row, f"be a pair {of}") from None
        firsts.append(first)
        seconds.append(second)
    return firsts, seconds


def moment(argument: str, t: object) -> datetime:
    """Return an instant as `datetime`s compare: in UTC, or naive; a date is its midnight."""
    if isinstance(t, datetime):
        return _checks.utc(_checks.instant(argument, t))
    if isinstance(t, date):
        return datetime.combine(t, time())
    raise InvalidTypeError(argument, t, "be a datetime or a date")


def dated(
    argument: str, rows: object, of: str, beside: tuple[str, datetime] | None = None
) -> tuple[list[datetime], list[Any]]:
    """Return the instants of rows and their values; naive instants beside aware ones raise."""
    times, values = columns(argument, rows, of)
    moments = [moment(f"{argument}[{i}][0]", t) for i, t in enumerate(times)]
    for i, at in enumerate(moments):
        beside = beside or (f"{argument}[0][0]", at)
        _checks.same_kind(f"{argument}[{i}][0]", at, *beside)
    return moments, values


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
