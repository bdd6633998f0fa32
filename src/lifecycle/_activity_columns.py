"""The rows of a log as arrays of numpy: who was seen when, customer by customer."""

from datetime import datetime
from typing import Any, NamedTuple

import attrs

from lifecycle._checks import Id
from lifecycle._packages import needed
from lifecycle.logs import EventLog
from lifecycle.logs._columns import micros
from lifecycle.logs._grouping import grouped
from lifecycle.logs._local import in_utc
from lifecycle.periods import Calendar

__all__ = ["ActivityColumns", "Array", "Visits", "columns_of", "numbers", "visits"]

Array = Any
"""An array of numpy."""


@attrs.frozen(eq=False, weakref_slot=False)
class ActivityColumns:
    """Rows of a log, sorted by customer, then instant, then as they were given.

    Attributes:
        log: The log.
        codes: Whose each row is: its position in `customers`.
        moments: The instant of each row, in microseconds since 1970 in UTC.
        rows: The number of each row in the log.
    """

    log: EventLog
    codes: Array
    moments: Array
    rows: Array

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def customers(self) -> tuple[Id, ...]:
        """The ids of all customers of the log, by code."""
        return self.log.customers

    def before(self, end: datetime) -> "ActivityColumns":
        """Return the rows that are before an instant."""
        return self._where(self.moments < micros(end))

    def until(self, last: datetime) -> "ActivityColumns":
        """Return the rows that are at or before an instant."""
        return self._where(self.moments <= micros(last))

    def since(self, start: datetime) -> "ActivityColumns":
        """Return the rows that are at or after an instant."""
        return self._where(self.moments >= micros(start))

    def is_first(self) -> Array:
        """Say of each row whether it is the first of its customer."""
        numpy = needed("numpy")
        return numpy.diff(self.codes, prepend=-1).astype(bool)

    def customer_count(self) -> int:
        """Return how many customers have a row."""
        return int(self.is_first().sum())

    def values(self, field: str) -> Array:
        """Return what a column of the log has in each row."""
        return self.log._columns[self.log._named(field)].values[self.rows]  # type: ignore[union-attr]  # noqa: SLF001

    def _where(self, kept: Array) -> "ActivityColumns":
        if kept.all():
            return self
        return ActivityColumns(self.log, self.codes[kept], self.moments[kept], self.rows[kept])


class Visits(NamedTuple):
    """In which periods each customer was seen: one row for each customer and period, ascending.

    Attributes:
        codes: Whose each row is.
        numbers: Which period it is, as the bit in `Grid.visits`.
        times: How often the customer was seen in it.
    """

    codes: Array
    numbers: Array
    times: Array


def visits(columns: ActivityColumns, starts: Array) -> Visits:
    """Return the periods in which customers were seen.

    Args:
        columns: Who was seen when.
        starts: When periods start, in microseconds; all earlier time has the number 0.
    """
    numpy = needed("numpy")
    found = numbers(columns.moments, starts)
    begins = columns.is_first()
    begins[1:] |= found[1:] != found[:-1]
    (rows,) = begins.nonzero()
    times = numpy.diff(rows, append=len(found))
    return Visits(columns.codes[rows], found[rows], times)


def numbers(moments: Array, starts: Array) -> Array:
    """Return how many periods have started by each instant."""
    numpy = needed("numpy")
    return numpy.searchsorted(starts, moments, side="right")


def columns_of(log: EventLog, calendar: Calendar) -> ActivityColumns:
    """Return the rows of a log; naive instants and dates are local times of a calendar.

    Raises:
        LifecycleError: A local time is outside of years 1 to 9999 in UTC.
    """
    numpy = needed("numpy")
    rows, starts = numpy.asarray(log.grouped.rows), numpy.asarray(log.grouped.starts)
    codes = numpy.repeat(numpy.arange(len(starts) - 1, dtype="int64"), numpy.diff(starts))
    moments = in_utc(log._instants, calendar)  # noqa: SLF001  (where they are kept)
    found = ActivityColumns(log, codes, moments, rows)
    backwards = (numpy.diff(moments) < 0) & (numpy.diff(codes) == 0)
    return _sorted(found) if backwards.any() else found


def _sorted(columns: ActivityColumns) -> ActivityColumns:
    """Sort rows anew, as local times of an hour that clocks repeat do not come in order."""
    order = grouped(columns.codes, columns.moments, len(columns.customers)).rows
    return ActivityColumns(columns.log, columns.codes, columns.moments[order], columns.rows[order])
