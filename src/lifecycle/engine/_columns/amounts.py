"""The values of events as numbers that arrays add and compare exactly as Python does."""

from typing import NamedTuple

import numpy as np

from lifecycle.engine._columns.edges import Array

__all__ = ["EXACT", "EventValues", "Units", "amounts", "units"]

EXACT = 2**53
"""Up to where floats have all whole numbers, so that arrays compare exactly as Python does."""

_KINDS = {frozenset({int}): "int64", frozenset({float}): "float64", frozenset(): "int64"}


class EventValues(NamedTuple):
    """The value of each row.

    Attributes:
        numbers: The values, 0 where a row has none.
        present: Which rows have a value.
    """

    numbers: Array
    present: Array


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
    numbers, present = values
    if numbers.dtype == "int64":
        return Units(numbers, present, 1)
    counted = numbers / _UNIT
    is_exact = (counted == np.floor(counted)).all()
    is_small = float(np.abs(counted).max(initial=0)) * max(len(counted), 1) < EXACT
    return Units(counted.astype("int64"), present, _UNIT) if is_exact and is_small else None


def amounts(values: Array | None, rows: int) -> EventValues | None:
    """Return values as numbers; None where they are of several kinds, `Decimal` or too large."""
    if values is None:
        return EventValues(np.zeros(rows, dtype="int64"), np.zeros(rows, dtype=bool))
    present = np.ones(rows, dtype=bool)
    if values.dtype == object:
        present = np.array([value is not None for value in values], dtype=bool)
        kind = _KINDS.get(frozenset(map(type, values[present].tolist())))
        if kind is None:
            return None
        values = np.where(present, values, 0)
        try:
            values = values.astype(kind)
        except OverflowError:
            return None
    largest = float(np.abs(values.astype("float64")).max(initial=0))
    most = EXACT if values.dtype == "int64" else np.finfo("float64").max
    return EventValues(values, present) if largest * max(rows, 1) < most else None
