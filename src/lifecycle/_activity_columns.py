"""The rows of a log as arrays of numpy: who was seen when, customer by customer."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

import attrs

from lifecycle._checks import Id
from lifecycle._packages import needed
from lifecycle.logs import EventLog
from lifecycle.logs._columns import micros
from lifecycle.logs._grouping import grouped
from lifecycle.logs._local import in_utc
from lifecycle.periods import Calendar

__all__ = [
    "NEVER",
    "ActivityColumns",
    "Array",
    "Visits",
    "begins",
    "codes_in",
    "columns_of",
    "lasts",
    "moment_of",
    "numbers",
    "order_of",
    "visits",
]

Array = Any
"""An array of numpy."""

NEVER = 2**62
"""Later than all instants, in microseconds: when what has not happened did."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_CELLS = 2**18
"""How long a table of the numbers of periods may be: it stays in the cache of a processor."""

_PART = 2**16
"""Of how many rows periods are found at a time: what is in between stays there too."""


@attrs.frozen(eq=False, weakref_slot=False)
class ActivityColumns:
    """Rows of a log, sorted by customer, then instant, then as they were given.

    Of some of the rows, a column is made when it is first read: few questions read all three.

    Attributes:
        log: The log.
        codes: Whose each row is: its position in `customers`.
        moments: The instant of each row, in microseconds since 1970 in UTC.
        rows: The number of each row in the log.
    """

    log: EventLog
    _of_all: tuple[Array, Array, Array]
    _places: Array | None = None

    @cached_property
    def codes(self) -> Array:
        """Whose each row is."""
        return self._column(0)

    @cached_property
    def moments(self) -> Array:
        """The instant of each row."""
        return self._column(1)

    @cached_property
    def rows(self) -> Array:
        """The number of each row in the log."""
        return self._column(2)

    def _column(self, number: int) -> Array:
        column = self._of_all[number]
        return column if self._places is None else column[self._places]

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
        return begins(self.codes)

    def is_last(self) -> Array:
        """Say of each row whether it is the last of its customer."""
        return lasts(self.codes)

    def customer_count(self) -> int:
        """Return how many customers have a row."""
        return int(self.is_first().sum())

    def values(self, field: str) -> Array:
        """Return what a column of the log has in each row."""
        return self.log._columns[self.log._named(field)].values[self.rows]  # type: ignore[union-attr]  # noqa: SLF001  (where a log keeps them)

    def has_floats(self, field: str) -> bool:
        """Say whether a column has ints or floats alone, of 64 bits."""
        column = self.log._columns[self.log._named(field)]  # noqa: SLF001  (where a log keeps them)
        kind = getattr(column.values, "dtype", None)  # type: ignore[union-attr]  # no instants
        return kind is not None and kind in ("int64", "float64")

    def _where(self, kept: Array) -> "ActivityColumns":
        if kept.all():
            return self
        (places,) = kept.nonzero()  # twice as fast as to take rows by what is true of them
        if self._places is not None:
            places = self._places[places]
        return ActivityColumns(self.log, self._of_all, places)


class Visits(NamedTuple):
    """In which periods each customer was seen: one row for each customer and period, ascending.

    Attributes:
        codes: Whose each row is.
        numbers: Which period it is, as the bit in `Grid.visits`.
        places: Where in the columns the customer was first seen in it.
        rows: How many rows the columns have.
    """

    codes: Array
    numbers: Array
    places: Array
    rows: int

    @property
    def times(self) -> Array:
        """How often each customer was seen in each period."""
        return needed("numpy").diff(self.places, append=self.rows)

    def at_least(self, times: int) -> "Visits":
        """Return the periods in which customers were seen so often."""
        if times == 1:
            return self
        (often,) = (self.times >= times).nonzero()
        codes, numbers, places = (column[often] for column in self[:3])
        return self._replace(codes=codes, numbers=numbers, places=places)


def visits(columns: ActivityColumns, starts: Sequence[int]) -> Visits:
    """Return the periods in which customers were seen.

    Args:
        columns: Who was seen when.
        starts: When periods start, in microseconds; all earlier time has the number 0.
    """
    found = numbers(columns.moments, starts)
    (places,) = begins(columns.codes, found).nonzero()
    return Visits(columns.codes[places], found[places], places, len(columns))


def begins(*columns: Array) -> Array:
    """Say of each row whether one of its values differs from that of the row before it."""
    numpy = needed("numpy")
    found = numpy.ones(len(columns[0]), dtype=bool)
    numpy.not_equal(columns[0][1:], columns[0][:-1], out=found[1:])
    for column in columns[1:]:
        found[1:] |= column[1:] != column[:-1]
    return found


def lasts(codes: Array) -> Array:
    """Say of each row whether it is the last one with its code."""
    return needed("numpy").append(begins(codes)[1:], values=True)[: len(codes)]


def order_of(keys: Array) -> Array:
    """Return the rows by their keys, 0 or more, those of one key in the order in which they come.

    Keys of 8 or 16 bits are sorted in one pass.
    """
    kind = needed("numpy").min_scalar_type(keys.max(initial=0))
    return keys.astype(kind).argsort(kind="stable")


def codes_in(columns: ActivityColumns, customers: Iterable[Id]) -> Array:
    """Return the codes that customers have in columns; -1 where they have none."""
    numpy = needed("numpy")
    index = {customer: code for code, customer in enumerate(columns.customers)}
    return numpy.asarray([index.get(customer, -1) for customer in customers], dtype="int64")


def moment_of(instant: int) -> datetime:
    """Return the instant of some microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=int(instant))


def numbers(moments: Array, starts: Sequence[int]) -> Array:
    """Return how many periods have started by each instant.

    Starts are often whole numbers of a unit apart, such as hours. A table that has the answer
    for each unit is ten times as fast as a search.
    """
    numpy = needed("numpy")
    edges = numpy.asarray(starts, dtype="int64")
    unit = int(numpy.gcd.reduce(numpy.diff(edges))) or 1
    units = (starts[-1] - starts[0]) // unit
    if units > _CELLS:
        return edges.searchsorted(moments, side="right").astype("int32")
    before = edges[0] - unit
    table = edges.searchsorted(before + unit * numpy.arange(units + 2), side="right")
    return _looked_up(table.astype("int32"), moments, before, unit)


def _looked_up(table: Array, moments: Array, start: int, unit: int) -> Array:
    """Return what a table has for each instant, by the units since a start; else its ends."""
    found = needed("numpy").empty(len(moments), dtype=table.dtype)
    for row in range(0, len(moments), _PART):
        units = moments[row : row + _PART] - start
        units //= unit
        table.take(units, out=found[row : row + _PART], mode="clip")
    return found


def columns_of(log: EventLog, calendar: Calendar) -> ActivityColumns:
    """Return the rows of a log; naive instants and dates are local times of a calendar.

    Raises:
        LifecycleError: A local time is outside of years 1 to 9999 in UTC.
    """
    numpy = needed("numpy")
    rows, starts = numpy.asarray(log.grouped.rows), numpy.asarray(log.grouped.starts)
    codes = numpy.repeat(numpy.arange(len(starts) - 1, dtype="int64"), numpy.diff(starts))
    moments = in_utc(log._instants, calendar)  # noqa: SLF001  (where they are kept)
    found = ActivityColumns(log, (codes, moments, rows))
    return found if moments is log._instants.micros else _sorted(found)  # noqa: SLF001  (where a log keeps them)


def _sorted(columns: ActivityColumns) -> ActivityColumns:
    """Sort rows anew where local times of an hour that clocks repeat do not come in order."""
    backwards = columns.moments[1:] < columns.moments[:-1]
    if not (backwards & (columns.codes[1:] == columns.codes[:-1])).any():
        return columns
    order = grouped(columns.codes, columns.moments, len(columns.customers)).rows
    return ActivityColumns(
        columns.log, (columns.codes, columns.moments[order], columns.rows[order])
    )
