"""The values of events as numbers that arrays add and compare exactly as Python does."""

from typing import NamedTuple

import numpy as np

from lifecycle.engine._columns.edges import Array

__all__ = ["EXACT", "EventValues", "amounts"]

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
