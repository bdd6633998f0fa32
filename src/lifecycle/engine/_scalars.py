"""Plain values as JSON-safe data and back, without losing anything.

JSON has text, numbers, truth values and null. What it lacks is an object with one key
that says what it is: `{"decimal": "12.50"}`. Each kind is one row of `_TAGS`.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from lifecycle import _checks, _money
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "instant_from_text",
    "instant_to_text",
    "plain_from_data",
    "plain_to_data",
    "whole_number",
]

_INSTANT = "be an instant such as '2026-01-05T09:00:00+01:00'"
_ZONED = (
    "be an instant such as '2026-01-05T09:00:00+01:00[Europe/Berlin]', "
    "whose zone is installed and has that offset then"
)


def instant_to_text(argument: str, at: datetime) -> str:
    """Write an instant as RFC 9557: `2026-01-05T09:00:00+01:00[Europe/Berlin]`.

    Args:
        argument: The path, for the message.
        at: The instant; its zone is none, fixed, or has a name.

    Raises:
        InvalidValueError: The zone has no name by which it could be found again.
    """
    zone = at.tzinfo
    if zone is None or isinstance(zone, timezone):
        return at.isoformat()
    key = getattr(zone, "key", None)
    if not isinstance(key, str):
        expected = "have no time zone, a fixed offset, or a zone of zoneinfo with a name"
        raise InvalidValueError(argument, at, expected)
    return f"{at.isoformat()}[{key}]"


def instant_from_text(argument: str, text: object) -> datetime:
    """Read an instant as `instant_to_text` writes it.

    Raises:
        InvalidTypeError: It is not text.
        InvalidValueError: It is not an instant, its zone is unknown, or zone and offset
            do not agree.
    """
    if not isinstance(text, str):
        raise InvalidTypeError(argument, text, _INSTANT)
    written, zoned, rest = text.partition("[")
    if _is_day(written):
        raise InvalidValueError(argument, text, f"{_INSTANT}; say which moment of the day")
    try:
        at = datetime.fromisoformat(written)
        if zoned:
            at = _in_zone(at, rest)
        elif at.utcoffset() == timedelta():
            at = at.replace(tzinfo=UTC)
        return _checks.instant(argument, at)
    except InvalidValueError:
        raise
    except (ValueError, OSError, KeyError, OverflowError):
        raise InvalidValueError(argument, text, _ZONED if zoned else _INSTANT) from None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _in_zone(at: datetime, named: str) -> datetime:
    from zoneinfo import ZoneInfo  # only a named zone pays for the import

    zone = ZoneInfo(named.removesuffix("]"))
    for fold in (0, 1):
        found = at.replace(tzinfo=zone, fold=fold)
        if named.endswith("]") and found.utcoffset() == at.utcoffset() is not None:
            return found
    raise ValueError(named)


def whole_number(data: object) -> object:
    """Return 1 for 1.0, which JSON does not tell apart; all else as it is."""
    if isinstance(data, float | Decimal) and _checks.finite(data) and data == int(data):
        return int(data)
    return data


def _length(count: object) -> timedelta:
    found = whole_number(count)
    if type(found) is not int:
        raise TypeError(count)
    return timedelta(microseconds=found)


def _text(value: object) -> str:
    if not isinstance(value, str):  # a float has lost digits already
        raise TypeError(value)
    return value


# What a value may keep is what `_checks.plain` lets through. Text, whole numbers, floats, truth
# values and None are written as they are, and a tuple as a list; each other type has a row here.
# The first row whose type fits is taken: an instant is a date to Python, so its row comes first.
# A length of time counts microseconds, the smallest part it has, and a `Decimal` is text, since
# many readers of JSON make floats of numbers.
_TAGS: Mapping[str, tuple[type, Callable[[str, Any], Any], Callable[[str, Any], Any]]] = {
    "decimal": (
        Decimal,
        lambda _, value: _money.written(value),
        lambda _, text: Decimal(_text(text)),
    ),
    "instant": (datetime, instant_to_text, instant_from_text),
    "date": (date, lambda _, value: value.isoformat(), lambda _, text: date.fromisoformat(text)),
    "time": (time, lambda _, value: value.isoformat(), lambda _, text: time.fromisoformat(text)),
    "microseconds": (
        timedelta,
        lambda _, value: value // timedelta(microseconds=1),
        lambda _, count: _length(count),
    ),
    "uuid": (UUID, lambda _, value: str(value), lambda _, text: UUID(_text(text))),
}
"""Each kind of value that JSON lacks: its type, how it is written, how it is read."""


_JSON = frozenset({str, int, float, bool, type(None)})
"""What JSON has; most values are of these types, and take no look at the others."""


def plain_to_data(argument: str, value: object) -> Any:
    """Return a plain value (see `_checks.plain`) as JSON-safe data."""
    if type(value) in _JSON:
        return value
    if isinstance(value, tuple):
        return [plain_to_data(f"{argument}[{i}]", item) for i, item in enumerate(value)]
    tag = next(tag for tag, (kind, *_) in _TAGS.items() if isinstance(value, kind))
    return {tag: _TAGS[tag][1](argument, value)}


def plain_from_data(argument: str, data: object, levels: int = _checks.LEVELS) -> Any:
    """Return the plain value of JSON-safe data; what it may be is checked by who keeps it."""
    if isinstance(data, list | tuple):
        if not levels:
            raise _checks.too_deep(argument, data)
        return tuple(
            plain_from_data(f"{argument}[{i}]", item, levels - 1) for i, item in enumerate(data)
        )
    if not isinstance(data, Mapping):
        return data
    tag = str(next(iter(data), ""))
    if len(data) != 1 or tag not in _TAGS:
        expected = f"be a plain value or have one key of {', '.join(map(repr, _TAGS))}"
        raise InvalidValueError(argument, dict(data), expected)
    try:
        return _TAGS[tag][2](argument, data[tag])
    except (TypeError, ValueError, ArithmeticError) as error:
        if isinstance(error, InvalidValueError | InvalidTypeError):
            raise
        raise InvalidValueError(argument, dict(data), f"hold a valid {tag}") from None
