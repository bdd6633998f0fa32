"""One-dimensional arrays: read-only ones of numpy where it is installed, else tuples."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lifecycle import _packages

__all__ = [
    "INT64",
    "Array",
    "chunks",
    "ends",
    "in_order",
    "integers",
    "is_same",
    "items",
    "of",
    "parts",
    "rows_with",
    "rows_without",
    "small",
    "take",
    "total",
    "truths",
]

Array = Any
"""An array of numpy, or a tuple."""

INT64 = range(-(2**63), 2**63)
"""Whole numbers that fit into 64 bits."""

_CHUNK = 2**16
"""How many rows are worked on at once: few enough to stay close to the processor, and to need no
large arrays in between, as most of the time of simple arithmetic goes into new memory."""


def integers(values: Iterable[int]) -> Array:
    """Return whole numbers of 64 bits."""
    return _array(values, "int64")


def truths(values: Iterable[bool]) -> Array:
    """Return truth values."""
    return _array(values, "bool")


def of(values: Sequence[Any]) -> Array:
    """Return values of one kind as numbers of 64 bits, all others as objects."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return _array(values, "float64")
    if kinds == {int} and min(values) in INT64 and max(values) in INT64:
        return _array(values, "int64")
    return _array(values, "object")


def _array(values: Iterable[Any], dtype: str) -> Array:
    numpy = _packages.optional("numpy")
    if numpy is None:
        return tuple(items(values))
    if dtype == "object":
        found = numpy.fromiter(values, dtype=object)
    else:
        found = numpy.asarray(values, dtype=dtype)
    found.flags.writeable = False
    return found


def items(array: Any) -> list[Any]:
    """Return the values of an array as values of Python."""
    return array.tolist() if hasattr(array, "tolist") else list(array)


def in_order(values: Sequence[Any], order: Callable[[Any], Any]) -> tuple[Array, Array]:
    """Return the places of values in order, and the values themselves.

    Args:
        values: Values of any kinds.
        order: What values of several kinds are sorted by.
    """
    numbers = of(values)
    if hasattr(numbers, "argsort") and numbers.dtype != "object":
        places = integers(numbers.argsort(kind="stable"))
        return places, take(numbers, places)
    are_alike = len(set(map(type, values))) < 2  # noqa: PLR2004
    keys = values if are_alike else list(map(order, values))
    places = integers(sorted(range(len(values)), key=keys.__getitem__))
    return places, tuple(values[place] for place in items(places))


def small(array: Array, end: int) -> Array:
    """Return an array of whole numbers from 0 to before an end in as few bytes as hold them."""
    return array.astype(_packages.needed("numpy").min_scalar_type(end))


def take(array: Array, rows: Sequence[int]) -> Array:
    """Return the values in some rows."""
    if isinstance(array, tuple):
        return tuple(array[row] for row in rows)
    found = array[rows]
    found.flags.writeable = False
    return found


def rows_with(array: Array, wanted: Sequence[int]) -> Sequence[int]:
    """Return the rows that have one of some values."""
    if isinstance(array, tuple):
        return [row for row, value in enumerate(array) if value in wanted]
    rows: Sequence[int] = _packages.needed("numpy").isin(array, wanted).nonzero()[0]
    return rows


def rows_without(marks: Sequence[Array]) -> Sequence[int]:
    """Return the rows that are marked in none of some arrays of truth values."""
    if isinstance(marks[0], tuple):
        return [row for row, found in enumerate(zip(*marks, strict=True)) if not any(found)]
    numpy = _packages.needed("numpy")
    rows: Sequence[int] = numpy.flatnonzero(~numpy.logical_or.reduce(marks))
    return rows


def parts(codes: Array, n: int) -> list[Sequence[int]]:
    """Return the rows of each code from 0 to n - 1, ascending."""
    if not isinstance(codes, tuple):
        cuts = _packages.needed("numpy").bincount(codes, minlength=n).cumsum()[:-1]
        return list(_packages.needed("numpy").split(codes.argsort(kind="stable"), cuts))[:n]
    found: list[list[int]] = [[] for _ in range(n)]
    for row, code in enumerate(codes):
        found[code].append(row)
    return list(found)


def ends(array: Array) -> list[int]:
    """Return a row with the least value, and one with the greatest."""
    if isinstance(array, tuple):
        return [array.index(min(array)), array.index(max(array))]
    return [int(array.argmin()), int(array.argmax())]


def is_same(one: Array, other: Array) -> bool:
    """Say whether two arrays have equal values."""
    if isinstance(one, tuple) or isinstance(other, tuple):
        return items(one) == items(other)
    if one.dtype == "O" or one.dtype != other.dtype:  # large ints and floats compare as in Python
        return items(one) == items(other)
    return bool(one.shape == other.shape and (one == other).all())


def chunks(rows: int) -> list[slice]:
    """Return the numbers of rows, a few at once."""
    return [slice(i, min(i + _CHUNK, rows)) for i in range(0, rows, _CHUNK)]


def total(array: Array) -> int:
    """Return the sum of whole numbers, which may be more than 64 bits have."""
    if isinstance(array, tuple):
        return sum(array)
    high, low = array >> 32, array & 0xFFFF_FFFF
    return (int(high.sum()) << 32) + int(low.sum())
