"""Windows in columns: what lies between two rows of a customer is a difference of running sums."""

from typing import NamedTuple

import numpy as np

from lifecycle.engine._columns.amounts import Units
from lifecycle.engine._columns.calendars import Rule
from lifecycle.engine._columns.edges import Array

__all__ = ["RowWindow", "row_window"]


class RowWindow(NamedTuple):
    """The events that a window counts, added up from row to row.

    Attributes:
        micros: When each row is.
        before: Until when what happened is left out, given when it is asked.
        counts: How many of the first rows are counted, by how many rows these are.
        valued: How many of them have a value.
        totals: What these add up to, in units.
        unit: How much a unit is.
    """

    micros: Array
    before: Rule
    counts: Array
    valued: Array
    totals: Array
    unit: float

    def rows(self, at: Array, first: Array, end: Array) -> tuple[Array, Array]:
        """Return where windows begin and end, among the rows from a first one up to an end."""
        return _first_after(self.micros, self.before(at), first, end), end


def row_window(micros: Array, before: Rule, counted: Array, units: Units | None) -> RowWindow:
    """Add up the events that a window counts."""
    found = Units(np.zeros(len(micros), dtype="int64"), counted, 1) if units is None else units
    valued = counted & found.present
    totals = _running(found.numbers * valued)
    return RowWindow(micros, before, _running(counted), _running(valued), totals, found.unit)


def _running(numbers: Array) -> Array:
    return np.append(0, numbers.cumsum(dtype="int64"))


def _first_after(micros: Array, oldest: Array, first: Array, end: Array) -> Array:
    """Return the first row that is later than an instant, by halving; the end where none is."""
    low, high = first.copy(), end.copy()
    while (low < high).any():
        middle = (low + high) // 2
        is_later = micros.take(np.minimum(middle, len(micros) - 1)) > oldest
        open_ = low < high
        high = np.where(open_ & is_later, middle, high)
        low = np.where(open_ & ~is_later, middle + 1, low)
    return low
