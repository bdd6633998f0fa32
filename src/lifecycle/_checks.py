"""The doors: validation and conversion shared by all values.

Each function takes the argument's name (a path, for the message) and the value,
and returns the value in its strictest form or raises an error that says what
would have been accepted.
"""

import functools
import inspect
import math
import operator
import re
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, SupportsIndex, TypeAlias, TypeVar
from uuid import UUID

from lifecycle import _layers
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
    is_missing,
)

__all__ = [
    "DIGITS",
    "EXACT",
    "ID_ORDER",
    "LEVELS",
    "NO_ATTRIBUTES",
    "PERIODS",
    "Attributes",
    "Id",
    "Instant",
    "Number",
    "answer",
    "attributes",
    "choice",
    "clock",
    "finite",
    "fraction",
    "from_column",
    "function",
    "given",
    "id_order",
    "identifier",
    "in_zone",
    "instance",
    "instant",
    "is_bounded",
    "is_truth",
    "known",
    "moment",
    "name",
    "names",
    "number",
    "periods",
    "plain",
    "same_kind",
    "shown",
    "too_deep",
    "truth",
    "utc",
    "whole",
    "zone",
    "zone_named",
]

Kind = TypeVar("Kind")
Instant = datetime | date
Number = int | float | Decimal
Id: TypeAlias = str | int | UUID
"""What tells customers and events apart."""

DIGITS = 1_000
"""How many digits a number has at most, and by how many places at most a `Decimal` is shifted:
more than any amount, and all that is exact of any float; Python itself shows 4,300."""
_BEYOND = 10**DIGITS
_SURELY_FINITE = 300
"""Floats reach to 308 digits; a shorter number need not be looked at closer."""

LEVELS = 50
"""How deep lists can be nested; people read three levels, and Python walks a thousand."""

EXACT = 2**53
"""Up to where floats have all whole numbers."""

PERIODS = 100_000
"""How many periods are stepped through at most: the days of 273 years, more than anyone plans."""


class Attributes(Mapping[str, object]):
    """A read-only mapping of attribute names to plain values, which can be hashed."""

    __slots__ = ("_items",)
    _items: _layers.Items

    def __init__(self, items: Mapping[str, object] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: str) -> object:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(dict(self._items))

    def __or__(self, other: Mapping[str, object]) -> "Attributes":
        new = other._items if isinstance(other, Attributes) else other
        if not new:
            return self
        found = Attributes()
        found._items = _layers.joined(self._items, new)
        return found

    def __reduce__(self) -> tuple[type["Attributes"], tuple[dict[str, object]]]:
        return Attributes, (dict(self._items),)


NO_ATTRIBUTES = Attributes()


def name(argument: str, value: object) -> str:
    """Return a non-empty text as plain `str`; a member of a `StrEnum` gives its text."""
    if not isinstance(value, str):
        raise InvalidTypeError(argument, value, "be text")
    if not value or value.isspace():
        raise InvalidValueError(argument, value, "be text that is not blank")
    if type(value) is str and value.isprintable():
        return value
    return _text(argument, value)


def _text(argument: str, value: str) -> str:
    """Return text as plain `str`, without what databases and UTF-8 cannot hold."""
    if not value.isprintable() and ("\0" in value or not _is_encodable(value)):
        raise InvalidValueError(argument, value, "be text without NUL and lone surrogates")
    return str.__str__(value) if type(value) is not str else value


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def names(argument: str, values: object) -> tuple[str, ...]:
    """Return distinct names as a tuple, in the order given."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidTypeError(argument, values, "be a tuple of names")
    found = tuple(name(f"{argument}[{i}]", value) for i, value in enumerate(values))
    if len(set(found)) != len(found):
        raise InvalidValueError(argument, found, "name each thing once")
    return found


def choice(argument: str, value: object, known: Iterable[str]) -> str:
    """Return the name if it is one of those listed."""
    known = tuple(known)
    text = name(argument, value)
    if text not in known:
        raise UnknownNameError(argument, text, known)
    return text


def instance(argument: str, value: Any, kind: type[Kind]) -> Kind:
    """Return the value if it is one of a kind."""
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIO" else "a"
        raise InvalidTypeError(argument, value, f"be {article} {kind.__name__}")
    return value


def identifier(argument: str, value: object) -> Id:
    """Return an id: text that is not blank, a whole number, or a UUID."""
    if isinstance(value, str):
        return name(argument, value)
    if isinstance(value, UUID):
        return value if type(value) is UUID else UUID(int=value.int)
    return whole(argument, value, expected="be text or a whole number or a UUID")


ID_ORDER: Mapping[type, int] = {int: 0, str: 1, UUID: 2, type(None): 3}
"""In which order ids are sorted, of which Python compares only those of one kind."""


def id_order(value: Id) -> tuple[int, Any]:
    """Return what ids of all kinds are sorted by: whole numbers, then texts, then UUIDs."""
    return ID_ORDER[type(value)], value


def whole(
    argument: str,
    value: object,
    *,
    least: int | None = None,
    most: int | None = None,
    expected: str = "be a whole number",
) -> int:
    """Return a whole number as `int`; numpy's count, `bool` and 3.0 do not (see `from_column`)."""
    found = value if type(value) is int else _index(value)
    if found is None:
        raise InvalidTypeError(argument, value, expected)
    if abs(found) >= _BEYOND:
        raise InvalidValueError(argument, found, f"have at most {DIGITS:,} digits")
    if least is not None and found < least:
        raise InvalidValueError(argument, found, f"be at least {least}")
    if most is not None and found > most:
        raise InvalidValueError(argument, found, f"be at most {most:,}")
    return found


def _index(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:  # an array of several numbers, a class
        return None


def known(door: Callable[[str, Any], Kind], argument: str, value: Any) -> Kind:
    """Return what a door makes of a value in a row; where it refuses, say what to do about it."""
    try:
        return door(argument, value)
    except (InvalidTypeError, InvalidValueError) as error:
        if re.search(r"\[\d+\]", argument):
            hints = (hint for is_such, hint in _HINTS if is_such(value))
            error.hint = next(hints, error.hint)
        raise


_HINTS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (lambda value: hasattr(value, "as_py"), "; to_pylist() gives a column as Python values"),
    (
        lambda value: hasattr(value, "to_frame"),  # a Series, as iterrows gives it
        "; EventLog.from_frame(frame, customer=..., at=...) reads a dataframe",
    ),
    (is_missing, "; leave out rows without it (dropna), or fill it in"),
    (
        lambda value: type(value).__name__ == "datetime64",
        "; column.astype('datetime64[us]').tolist() gives datetimes",
    ),
)
"""What to do about values of columns that are refused."""


def from_column(value: object) -> object:
    """Return a whole float as `int`, and any other value as it is.

    Whole numbers become floats in a column of pandas that has, or had, a gap. Above 2^53 a float
    may represent several whole numbers, and stays what it is.
    """
    if not (isinstance(value, float) or _kind_of_one(value) == "f"):
        return value
    found = float(value)  # type: ignore[arg-type]  # it is one, maybe of numpy
    return int(found) if found.is_integer() and abs(found) <= EXACT else value


def is_truth(value: object) -> bool:
    """Say whether a value is True or False, those of numpy too."""
    return isinstance(value, bool) or _kind_of_one(value) == "b"


def _kind_of_one(value: object) -> str:
    """Return the kind of one value of numpy: "b" of truth values, "f" of floats."""
    is_one = getattr(value, "shape", None) == ()
    return getattr(getattr(value, "dtype", None), "kind", "") if is_one else ""


def truth(argument: str, value: object) -> bool:
    """Return a truth value as `bool`; nothing else counts as true or false."""
    if is_truth(value):
        return bool(value)
    raise InvalidTypeError(argument, answer(argument, value), "be True or False")


def answer(argument: str, value: Any) -> Any:
    """Return what a function of the user returned, if it is an answer and not the promise of one.

    A coroutine is closed, as nothing else would, so that Python does not warn of it.
    """
    if isinstance(value, Awaitable | Generator | AsyncGenerator):
        if isinstance(value, Coroutine):
            value.close()
        raise InvalidTypeError(argument, value, "be an answer, not something to await or iterate")
    return value


_PROMISES = (
    inspect.iscoroutinefunction,
    inspect.isgeneratorfunction,
    inspect.isasyncgenfunction,
)


def function(argument: str, value: Any, *given: str) -> Any:
    """Return a function of the user that can be called with this number of arguments, and answers.

    Args:
        argument: The path, for the message.
        value: The function; a class, or whatever else can be called, is one too.
        given: What it will be given by position, in words.
    """
    listed = ", ".join(given)
    expected = f"function of {listed}" if len(given) == 1 else f"function of ({listed})"
    if not callable(value):
        raise InvalidTypeError(argument, value, f"be a {expected}")
    if any(promises(layer) for layer in _unwrapped(value) for promises in _PROMISES):
        expected = f"be a plain {expected}, not a coroutine function or a generator function"
        raise InvalidTypeError(argument, value, expected)
    if not _takes(value, given):
        raise InvalidTypeError(argument, value, f"be a {expected}, called by position")
    return value


def _unwrapped(value: Any) -> Iterator[Any]:
    """Yield a function, and those that are run in its name: of partials and of `__call__`."""
    yield value
    if isinstance(value, functools.partial):
        yield from _unwrapped(value.func)
    elif not inspect.isroutine(value) and not isinstance(value, type):
        yield from _unwrapped(type(value).__call__)


def _takes(value: Any, given: tuple[str, ...]) -> bool:
    try:
        signature = inspect.signature(value)
    except ValueError as error:  # one of Python's own does not say; a partial may be too full
        return not isinstance(error.__cause__, TypeError)
    try:
        signature.bind(*given)
    except TypeError:
        return False
    return True


def periods(argument: str, value: object, *, least: int) -> int:
    """Return a number of periods that can be stepped through one by one."""
    return whole(argument, value, least=least, most=PERIODS)


def number(argument: str, value: object) -> Number:
    """Return a finite `int`, `float` or `Decimal`; `bool`, NaN and infinity raise."""
    if isinstance(value, float | Decimal):
        found: Number = float(value) if isinstance(value, float) else value
    elif not isinstance(value, int) and _kind_of_one(value) == "f":
        found = float(value)  # type: ignore[arg-type]  # one of numpy's floats
    else:
        found = whole(argument, value, expected="be a number (int, float or Decimal)")
    if not finite(found):
        beyond = isinstance(found, int) or Decimal(found).is_finite()
        expected = "be finite as a float, which reaches to 1.8e308" if beyond else "be finite"
        raise InvalidValueError(argument, value, expected)
    if isinstance(found, Decimal) and not is_bounded(found):
        expected = f"have at most {DIGITS:,} digits and an exponent from -{DIGITS:,} to {DIGITS:,}"
        raise InvalidValueError(argument, value, expected)
    return found


def is_bounded(value: Decimal) -> bool:
    """Say whether a finite `Decimal` has few enough digits and zeros to calculate with."""
    if abs(value.adjusted()) > DIGITS:
        return False
    return len(str(value)) < DIGITS or len(value.as_tuple().digits) <= DIGITS


def finite(value: Number) -> bool:
    """Say whether a number is one that a float could hold: not NaN, infinite, or beyond."""
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _SURELY_FINITE:
        return True  # at a fifth of the time that finding the float takes
    try:
        return math.isfinite(value)
    except (ValueError, OverflowError):  # a signaling NaN, an int beyond all floats
        return False


def fraction(argument: str, value: object) -> float:
    """Return a number strictly between 0 and 1, such as a confidence level."""
    found = number(argument, value)
    if not 0 < float(found) < 1:  # a Decimal may be nearer to a bound than any float
        raise InvalidValueError(argument, value, "be strictly between 0 and 1")
    return float(found)


def given(argument: str, value: Any, expected: str, none: str) -> Any:
    """Return what is given or None; NaN, and NaT and NA of pandas, are neither.

    Args:
        argument: The path, for the message.
        value: What was given.
        expected: What is accepted, completing "must be ...".
        none: What None means, completing "or None for ...".
    """
    if value is not None and is_missing(value):
        raise InvalidTypeError(argument, value, f"be {expected}, or None for {none}")
    return value


def instant(argument: str, value: object) -> datetime:
    """Return a plain `datetime`, naive or aware; a `date` raises, and so does pandas' NaT."""
    if type(value) is datetime:
        found = value
    elif isinstance(value, datetime) and not is_missing(value):
        day = date(value.year, value.month, value.day)
        clock = time(
            value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold
        )
        found = datetime.combine(day, clock)
    else:
        is_day = isinstance(value, date) and not is_missing(value)
        hint = "; say which moment of the day" if is_day else ""
        raise InvalidTypeError(argument, value, f"be a datetime{hint}")
    own = found.tzinfo
    return found if own is UTC or own is None else _zoned(argument, found)


def _zoned(argument: str, value: datetime) -> datetime:
    """Return an instant in a zone that knows its offset then, and at any other time."""
    if value.utcoffset() is None:
        raise InvalidValueError(argument, value, "have a time zone that knows its offset, or none")
    known = zone(argument, value.tzinfo)  # type: ignore[arg-type]  # it has one
    try:
        settled = value.astimezone(UTC)
        found = value if known is value.tzinfo else settled.astimezone(known)
    except OverflowError:
        raise InvalidValueError(argument, value, "be within years 1 to 9999 in UTC") from None
    if found is not value and value.tzname() == "LMT" != found.tzname():
        expected = "have its zone from localize(), as tzinfo= takes the local mean time of pytz"
        raise InvalidValueError(argument, value, expected)
    return found


def zone(argument: str, value: tzinfo) -> tzinfo:
    """Return a time zone whose offset follows the local time, as PEP 495 has it.

    The zones of pytz keep the offset of one instant, also where a sum leads to another;
    they become those of zoneinfo of the same name. Fixed offsets become `timezone`s.
    """
    if hasattr(value, "key") or isinstance(value, timezone):  # of zoneinfo, or fixed
        return value
    if hasattr(value, "localize") and hasattr(value, "normalize"):
        return _unpinned(argument, value)
    if type(value).__module__.startswith("dateutil."):
        return _fixed(value) or value
    return value


def _unpinned(argument: str, value: Any) -> tzinfo:
    """Return the zone that one of pytz stands for."""
    named = getattr(value, "zone", None)
    found = zone_named(argument, named) if isinstance(named, str) else _fixed(value)
    if found is None:
        expected = "have no time zone, a fixed offset, or a zone of zoneinfo with a name"
        raise InvalidValueError(argument, value, expected)
    return found


def _fixed(value: tzinfo) -> tzinfo | None:
    """Return a zone that has one offset, whatever the instant, as Python's."""
    offset = value.utcoffset(None)
    if offset is None:
        return None
    return timezone(offset) if offset else UTC


def zone_named(argument: str, name: str) -> tzinfo:
    """Return the time zone of a name."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415  (costs more than the rest of this module)

    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        expected = "be the name of an installed time zone (the tzdata package brings them)"
        raise InvalidValueError(argument, name, expected) from None


def in_zone(argument: str, at: datetime, zone: tzinfo | None) -> datetime:
    """Return an instant as a zone writes it; as it is where no zone is asked for."""
    if zone is None or at.tzinfo is zone:
        return at
    try:
        return at.astimezone(zone)
    except OverflowError:
        raise InvalidValueError(argument, at, f"be within years 1 to 9999 in {zone}") from None


def same_kind(argument: str, at: datetime, other: str, other_at: datetime) -> None:
    """Check that two instants both have a time zone or both have none."""
    if (at.tzinfo is None) != (other_at.tzinfo is None):
        raise MixedInstantsError(argument, at, other, other_at)


def shown(value: datetime) -> str:
    """Return an instant as people read it: ISO 8601, with a space."""
    return value.isoformat(sep=" ")


def utc(value: datetime) -> datetime:
    """Return the instant in UTC, in which instants compare and subtract; naive stays naive."""
    zone = value.tzinfo
    return value if zone is UTC or zone is None else value.astimezone(UTC)


def moment(value: datetime | None) -> datetime | None:
    """Return what instants are equal by: Python takes both times of a repeated hour as one."""
    return None if value is None else utc(value)


def clock(value: datetime | None) -> tuple[datetime, str] | None:
    """Return what instants are equal by from which calendar lengths count: the zone belongs."""
    return None if value is None else (utc(value), str(value.tzinfo))


def attributes(argument: str, value: object) -> Attributes:
    """Return attributes as a read-only mapping from names to plain values."""
    if value is None:
        return NO_ATTRIBUTES
    if type(value) is Attributes:
        return value
    if not isinstance(value, Mapping):
        raise InvalidTypeError(argument, value, "be a mapping from names to values")
    return Attributes(
        {
            name(f"{argument} key", key): plain(f"{argument}[{key!r}]", item)
            for key, item in value.items()
        }
    )


_PLAIN = "be text, a number, a truth value, a date, a UUID, None or a tuple of these"


def plain(argument: str, value: object, levels: int = LEVELS) -> object:
    """Return a value that can be kept: text, number, truth value, date, or a tuple of these."""
    if isinstance(value, str):
        return _text(argument, value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return _plain_tuple(argument, value, levels)
    if isinstance(value, date | time | timedelta):
        return _plain_date(argument, value)
    return _plain_number(argument, value)


def too_deep(argument: str, values: object) -> InvalidValueError:
    """Return the error of lists that are nested too deeply, as one that contains itself is."""
    expected = f"be nested at most {LEVELS} levels deep, and not contain itself"
    return InvalidValueError(argument, values, expected)


def _plain_tuple(argument: str, values: list[Any] | tuple[Any, ...], levels: int) -> object:
    if not levels:
        raise too_deep(argument, values)
    return tuple(plain(f"{argument}[{i}]", item, levels - 1) for i, item in enumerate(values))


def _plain_date(argument: str, value: date | time | timedelta) -> object:
    if isinstance(value, datetime):
        return instant(argument, value)
    if isinstance(value, time) and value.tzinfo is not None:
        raise InvalidValueError(argument, value, "have no time zone, which only a datetime can use")
    return value


def _plain_number(argument: str, value: object) -> object:
    """Return a number, or what another library has for one, a truth value or an id."""
    if isinstance(value, int):
        return whole(argument, value)
    if isinstance(value, float | Decimal) or _kind_of_one(value) == "f":
        return number(argument, value)
    if is_truth(value):
        return bool(value)
    if isinstance(value, UUID):
        return identifier(argument, value)
    if hasattr(value, "__index__") and not isinstance(value, type):
        return whole(argument, value)
    raise InvalidTypeError(argument, value, _PLAIN)
