"""The values of events as numbers that arrays add and compare exactly as Python does."""

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from lifecycle.engine._columns.edges import Array

__all__ = ["EXACT", "EventValues", "Units", "amounts", "units"]

EXACT = 2**53
"""Up to where floats have all whole numbers, so that arrays compare exactly as Python does."""

_KINDS = {frozenset({int}): "int64", frozenset({float}): "float64", frozenset(): "int64"}

_PLACES = 9
"""How many places after the point a `Decimal` has at most where arrays hold it."""


class EventValues(NamedTuple):
    """The value of each row.

    Attributes:
        numbers: The values, 0 where a row has none.
        present: Which rows have a value.
        parts: In what parts of one the numbers are: 1, or a power of 10 for `Decimal`.
    """

    numbers: Array
    present: Array
    parts: int = 1


class Units(NamedTuple):
    """The value of each row in whole units, of which sums lose nothing.

    Attributes:
        numbers: How many units, 0 where a row has no value.
        present: Which rows have a value.
        unit: How much a unit is: a power of two.
    """

    numbers: Array
    present: Array
    unit: float


_UNIT = 2.0**-20
"""Of what amounts in floats have to be multiples; whole ones, halves and quarters are."""


def units(values: EventValues) -> Units | None:
    """Return values in units; None where some are no multiples of one, or too many."""
    numbers, present, _ = values
    if numbers.dtype == "int64":
        return Units(numbers, present, 1)
    counted = numbers / _UNIT
    is_exact = (counted == np.floor(counted)).all()
    is_small = float(np.abs(counted).max(initial=0)) * max(len(counted), 1) < EXACT
    return Units(counted.astype("int64"), present, _UNIT) if is_exact and is_small else None


def amounts(values: Array | None, rows: int) -> EventValues | None:
    """Return values as numbers; None where they are of several kinds or too large."""
    if values is None:
        return EventValues(np.zeros(rows, dtype="int64"), np.zeros(rows, dtype=bool))
    found = _numbers(values)
    if found is None:
        return None
    largest = float(np.abs(found.numbers.astype("float64")).max(initial=0))
    most = EXACT if found.numbers.dtype == "int64" else np.finfo("float64").max
    return found if largest * max(rows, 1) < most else None


def _numbers(values: Array) -> EventValues | None:
    if values.dtype != object:
        return EventValues(values, np.ones(len(values), dtype=bool))
    given = values.tolist()
    present = np.array([value is not None for value in given], dtype=bool)
    kinds, parts = frozenset(map(type, given)) - {type(None)}, 1
    if Decimal in kinds and kinds <= {Decimal, int}:
        parts = 10 ** max(map(_places, given))
        given = [None if one is None else _in_parts(one, parts) for one in given]
        kinds = frozenset({int})
    if kinds not in _KINDS or parts > 10**_PLACES:
        return None
    try:
        return EventValues(
            np.array([one or 0 for one in given], dtype=_KINDS[kinds]), present, parts
        )
    except OverflowError:
        return None


def _places(value: Decimal | int | None) -> int:
    """Return how many places a number has after the point."""
    return -min(int(value.as_tuple().exponent), 0) if isinstance(value, Decimal) else 0


def _in_parts(value: Decimal | int, parts: int) -> int:
    numerator, denominator = value.as_integer_ratio()
    return numerator * (parts // denominator)
