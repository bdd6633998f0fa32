"""The doors: validation and conversion shared by all values.

Each function takes the argument's name (a path, for the message) and the value,
and returns the value in its strictest form or raises an error that says what
would have been accepted.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, SupportsIndex, TypeVar

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)

__all__ = [
    "NO_ATTRIBUTES",
    "PERIODS",
    "Attributes",
    "Number",
    "attributes",
    "choice",
    "finite",
    "fraction",
    "from_column",
    "identifier",
    "instance",
    "instant",
    "is_missing",
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
    "utc",
    "whole",
]

Kind = TypeVar("Kind")
Number = int | float | Decimal

_EXACT = 2**53
"""Up to where floats have all whole numbers."""

PERIODS = 100_000
"""How many periods are stepped through at most: the days of 273 years, more than anyone plans."""


class Attributes(Mapping[str, object]):
    """A read-only mapping of attribute names to plain values, which can be hashed."""

    __slots__ = ("_items",)
    _items: dict[str, object]

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
        return repr(self._items)

    def __or__(self, other: Mapping[str, object]) -> "Attributes":
        return Attributes({**self._items, **other})


NO_ATTRIBUTES = Attributes()


def name(argument: str, value: object) -> str:
    """Return a non-empty text as plain `str`; a member of a `StrEnum` gives its text."""
    if not isinstance(value, str):
        raise InvalidTypeError(argument, value, "be text")
    if not value or value.isspace():
        raise InvalidValueError(argument, value, "be text that is not blank")
    return str.__str__(value) if type(value) is not str else value


def names(argument: str, values: object) -> tuple[str, ...]:
    """Return distinct names as a tuple, in the order given."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidTypeError(argument, values, "be a tuple of names")
    found = tuple(name(f"{argument}[{i}]", value) for i, value in enumerate(values))
    if len(set(found)) != len(found):
        raise InvalidValueError(argument, found, "name each thing once")
    return found


def choice(argument: str, value: object, known: Iterable[str]) -> str:
    """Return the name if it is one of those known."""
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


def identifier(argument: str, value: object) -> str | int:
    """Return an id: text that is not blank, or a whole number."""
    if isinstance(value, str):
        return name(argument, value)
    return whole(argument, value, expected="be text or a whole number")


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
        hints = (hint for is_such, hint in _HINTS if _ROW.search(argument) and is_such(value))
        error.hint = next(hints, error.hint)
        raise


_ROW = re.compile(r"\[\d+\]")


def is_missing(value: Any) -> bool:
    """Say whether a value stands for none: None, NaN, and NaT and NA of pandas."""
    try:
        return value is None or not value == value  # noqa: PLR0124, SIM201  (these differ from themselves)
    except (TypeError, ArithmeticError):  # NA, and a signaling NaN, do not even compare
        return True
    except ValueError:  # an array has many answers
        return False


_HINTS: tuple[tuple[Callable[[Any], bool], str], ...] = (
    (lambda value: hasattr(value, "as_py"), "; to_pylist() gives a column as Python values"),
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
    may stand for several whole numbers, and stays what it is.
    """
    if not (isinstance(value, float) or _kind_of_one(value) == "f"):
        return value
    found = float(value)  # type: ignore[arg-type]  # it is one, maybe of numpy
    return int(found) if found.is_integer() and abs(found) <= _EXACT else value


def _kind_of_one(value: object) -> str:
    """Return the kind of a single number of numpy, "f" of floats; "" of anything else."""
    is_one = getattr(value, "shape", None) == ()
    return getattr(getattr(value, "dtype", None), "kind", "") if is_one else ""


def is_truth(value: object) -> bool:
    """Say whether a value is True or False, those of numpy too."""
    is_one = getattr(value, "shape", None) == ()
    return isinstance(value, bool) or (is_one and str(getattr(value, "dtype", "")) == "bool")


def periods(argument: str, value: object, *, least: int) -> int:
    """Return a number of periods that can be stepped through one by one."""
    return whole(argument, value, least=least, most=PERIODS)


def number(argument: str, value: object) -> Number:
    """Return a finite `int`, `float` or `Decimal`; `bool`, NaN and infinity raise."""
    if isinstance(value, float | Decimal):
        found: Number = float(value) if isinstance(value, float) else value
    else:
        found = whole(argument, value, expected="be a number (int, float or Decimal)")
    if not finite(found):
        raise InvalidValueError(argument, value, "be finite")
    return found


def finite(value: Number) -> bool:
    """Say whether a number is one that a float could hold: not NaN, infinite, or beyond."""
    try:
        return math.isfinite(value)
    except (ValueError, OverflowError):  # a signaling NaN, an int beyond all floats
        return False


def fraction(argument: str, value: object) -> float:
    """Return a number strictly between 0 and 1, such as a confidence level."""
    found = number(argument, value)
    if not 0 < float(found) < 1:  # a Decimal may be nearer to a bound than any float
        raise InvalidValueError(argument, value, "lie strictly between 0 and 1")
    return float(found)


def instant(argument: str, value: object) -> datetime:
    """Return a plain `datetime`, naive or aware; a `date` raises, and so does pandas' NaT."""
    if type(value) is datetime:
        found = value
    elif isinstance(value, datetime) and value == value:  # noqa: PLR0124  (NaT differs from itself)
        day = date(value.year, value.month, value.day)
        clock = time(
            value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold
        )
        found = datetime.combine(day, clock)
    else:
        hint = "; say which moment of the day" if isinstance(value, date) else ""
        raise InvalidTypeError(argument, value, f"be a datetime{hint}")
    if found.tzinfo is not None and found.tzinfo is not UTC:
        _check_offset(argument, found)
    return found


def _check_offset(argument: str, value: datetime) -> None:
    if value.utcoffset() is None:
        raise InvalidValueError(argument, value, "have a time zone that knows its offset, or none")
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise InvalidValueError(argument, value, "lie within years 1 to 9999 in UTC") from None


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


_PLAIN = (str, bool, int, date, time, timedelta, type(None))


def plain(argument: str, value: object) -> object:
    """Return a value that can be kept: text, number, truth value, date, or a tuple of these."""
    if isinstance(value, datetime):
        return instant(argument, value)
    if isinstance(value, float | Decimal):
        return number(argument, value)
    if isinstance(value, time) and value.tzinfo is not None:
        raise InvalidValueError(argument, value, "have no time zone, which only a datetime can use")
    if isinstance(value, _PLAIN):
        return str.__str__(value) if isinstance(value, str) else value
    if isinstance(value, list | tuple):
        return tuple(plain(f"{argument}[{i}]", item) for i, item in enumerate(value))
    if hasattr(value, "__index__") and not isinstance(value, type):
        return whole(argument, value)
    raise InvalidTypeError(
        argument, value, "be text, a number, a truth value, a date, None or a tuple of these"
    )
