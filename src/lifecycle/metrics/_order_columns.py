"""Orders of a log as arrays of numpy, customer by customer and in order of time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import attrs

from lifecycle._activity_columns import ActivityColumns, Array, numbers
from lifecycle._packages import needed
from lifecycle.logs._columns import micros
from lifecycle.metrics._amounts import amount_array, sums
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
    def starts(self) -> Array:
        """Where the orders of each customer begin."""
        return self.rows.is_first().nonzero()[0]

    @cached_property
    def sizes(self) -> Array:
        """How many orders each customer has."""
        return needed("numpy").diff(self.starts, append=len(self.days))

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
        return self.days[self.starts + self.sizes - 1]

    def begin_days(self) -> Array:
        """Say of each order whether it is the first of its customer and day."""
        begins = self.rows.is_first()
        begins[1:] |= self.days[1:] != self.days[:-1]
        return begins

    def days_of(self, codes: Array) -> tuple[Array, Array]:
        """Return the first days of customers with some codes, and all their later days."""
        numpy = needed("numpy")
        are_meant = numpy.zeros(len(self.rows.customers), dtype=bool)
        are_meant[codes] = True
        later = self.begin_days() & ~self.rows.is_first() & are_meant[self.rows.codes]
        return self.first_days[are_meant[self.codes]], self.days[later]

    def day_counts(self) -> Array:
        """Return on how many days each customer ordered."""
        return needed("numpy").add.reduceat(self.begin_days(), self.starts, dtype="int64")

    def totals(self) -> Array:
        """Return the sum of each customer's orders."""
        return sums(self.amounts, self.starts)

    def later_totals(self) -> Array:
        """Return the same without the orders of the first day."""
        numpy = needed("numpy")
        is_later = self.days != numpy.repeat(self.first_days, self.sizes)
        return sums(numpy.where(is_later, self.amounts, 0), self.starts)

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
        return moments // _DAY
    first, last = (
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at))
        for at in (moments.min(), moments.max())
    )
    start = calendar.floor(first)
    starts = calendar.starts(Window(start, last + timedelta.resolution))
    return numbers(moments, list(map(micros, starts))) + (calendar.index(start) - 1)
