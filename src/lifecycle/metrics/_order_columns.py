"""Orders of a log as arrays of numpy, customer by customer and in order of time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import attrs

from lifecycle._activity_columns import ActivityColumns, Array, begins, moment_of, numbers
from lifecycle._packages import needed
from lifecycle.logs._columns import micros
from lifecycle.metrics._amounts import PART, amount_array, sums
from lifecycle.metrics._columns import Numbers, taken
from lifecycle.periods import Calendar, Window

__all__ = ["OrderBooks", "order_books"]

_DAY = 86_400_000_000


@attrs.frozen(eq=False, weakref_slot=False)
class OrderBooks:
    """The orders of customers: those of one after those of another, each in order of time.

    Attributes:
        rows: Whose they are, and when.
        calendar: What says on which days they are.
        every: The amounts of all rows of the log: floats, or an array with `Decimal`s.
    """

    rows: ActivityColumns
    calendar: Calendar
    every: Array

    def __len__(self) -> int:
        return len(self.starts)

    def between(self, after: datetime | None, until: datetime) -> "OrderBooks":
        """Return the orders up to an instant, and after another one."""
        rows = self.rows.until(until)
        if after is not None:
            rows = rows.since(after + timedelta.resolution)
        return attrs.evolve(self, rows=rows)

    @cached_property
    def days(self) -> Array:
        """The day of each, counted from 1970."""
        return _days(self.rows.moments, self.calendar)

    @cached_property
    def amounts(self) -> Array:
        """The amount of each."""
        return self.every[self.rows.rows]

    @cached_property
    def is_first(self) -> Array:
        """Whether each is the first of its customer."""
        return self.rows.is_first()

    @cached_property
    def starts(self) -> Array:
        """Where the orders of each customer begin."""
        return self.is_first.nonzero()[0]

    @cached_property
    def ends(self) -> Array:
        """Where they end."""
        return needed("numpy").append(self.starts[1:], len(self.rows))[: len(self)]

    @cached_property
    def day_starts(self) -> Array:
        """Where each day of each customer begins."""
        return begins(self.rows.codes, self.days).nonzero()[0]

    @cached_property
    def first_of_days(self) -> Array:
        """Which of these is the first of each customer."""
        return self.is_first[self.day_starts].nonzero()[0]

    @property
    def codes(self) -> Array:
        """The code of each customer in the log."""
        return self.rows.codes[self.starts]

    @property
    def first_days(self) -> Array:
        """The day of each customer's first order."""
        return self.days[self.starts]

    @property
    def last_days(self) -> Array:
        """The day of each customer's last order."""
        return self.days[self.ends - 1]

    def days_of(self, codes: Array) -> tuple[Array, Array]:
        """Return the first days of customers with some codes, and all their later days."""
        numpy = needed("numpy")
        are_meant = numpy.zeros(len(self.rows.customers), dtype=bool)
        are_meant[codes] = True
        later = numpy.delete(self.day_starts, self.first_of_days)
        return (
            self.first_days[are_meant[self.codes]],
            self.days[later[are_meant[self.rows.codes[later]]]],
        )

    def day_counts(self) -> Array:
        """Return on how many days each customer ordered."""
        return needed("numpy").diff(self.first_of_days, append=len(self.day_starts))

    def totals(self) -> Array:
        """Return the sum of each customer's orders."""
        return sums(self.amounts, self.starts)

    def later_totals(self) -> Array:
        """Return the same without the orders of the first day."""
        numpy = needed("numpy")
        (again,) = (self.day_counts() > 1).nonzero()
        begin, end = self.day_starts[self.first_of_days[again] + 1], self.ends[again]
        edges = numpy.column_stack((begin, end)).ravel()
        found = numpy.zeros(len(self), dtype=self.amounts.dtype)
        found[again] = sums(self.amounts, edges[edges < len(self.rows)])[::2]
        return found

    def by_id(self) -> tuple[Array, Sequence[Any]]:
        """Return the places of the customers sorted by id, and their ids."""
        numpy = needed("numpy")
        codes, ids = self.rows.log._by_id  # noqa: SLF001  (which a log finds once)
        places = numpy.full(len(codes), -1)
        places[self.codes] = numpy.arange(len(self))
        found = places[codes]
        if len(self) == len(codes):
            return found, ids
        kept = found >= 0
        chosen = ids[kept] if hasattr(ids, "dtype") else [ids[i] for i in kept.nonzero()[0]]
        return found[kept], chosen

    def at_codes(self, found: Array, codes: Array) -> Numbers:
        """Return what was found of each customer, for the customers with some codes; else 0."""
        every = needed("numpy").zeros(len(self.rows.customers), dtype=found.dtype)
        every[self.codes] = found
        return taken(every, codes)


def order_books(rows: ActivityColumns, calendar: Calendar) -> OrderBooks | None:
    """Return the orders of a log; None where the amounts need a look at each."""
    amounts = amount_array(rows.log)
    return None if amounts is None else OrderBooks(rows, calendar, amounts)


def _days(moments: Array, calendar: Calendar) -> Array:
    """Return the days of the calendar that instants are in, counted from 1970."""
    if calendar.tz is UTC or not len(moments):
        return _whole_days(moments)
    start = calendar.floor(moment_of(moments.min()))
    end = moment_of(moments.max()) + timedelta.resolution
    starts = calendar.starts(Window(start, end))
    return numbers(moments, list(map(micros, starts))) + (calendar.index(start) - 1)


def _whole_days(moments: Array) -> Array:
    """Return the days in UTC, a part at a time, as new memory takes longer than division."""
    found = needed("numpy").empty(len(moments), dtype="int32")
    for row in range(0, len(moments), PART):
        found[row : row + PART] = moments[row : row + PART] // _DAY
    return found
