"""Who is in which cohort, and how old customers are in the rows of a log: on arrays.

A customer can be in several cohorts. Rows are looked at with one cohort of each customer at a
time, the first one first, so that when customers began is one number for each of them.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from lifecycle._activity import SINCE, Grid
from lifecycle._activity_columns import (
    NEVER,
    ActivityColumns,
    Array,
    Visits,
    begins,
    codes_in,
    moment_of,
    order_of,
)
from lifecycle._lengths import UNITS
from lifecycle._packages import needed
from lifecycle.logs._local import from_local, to_local
from lifecycle.metrics._cohort_ages import MODES, AgeClock
from lifecycle.periods import ELAPSED

__all__ = ["AgedColumns", "MemberColumns", "has_columns"]

_NO_COHORT = 2**30
"""The cohort of customers who are in none: later than all others."""

_DAY = 86_400_000_000

Ages = Callable[["AgedColumns", Array, Array], Array]
"""Makes the age of each row of the cohort and the first instant there of each customer."""


def has_columns(mode: str, grid: Grid) -> bool:
    """Say whether ages can be counted on arrays.

    Those in custom periods that pass are not, and those in months at the ends of all time.
    """
    can_step = grid.starts[0].year > 1 and grid.end.year < 9999  # noqa: PLR2004  (the last year)
    return mode == "calendar" or (grid.calendar.grain in UNITS and can_step)


class MemberColumns(NamedTuple):
    """Customers in cohorts, by customer, then cohort.

    Attributes:
        codes: Who they are.
        cohorts: The numbers of the periods in which they began.
        anchors: When they first began in these, in microseconds.
    """

    codes: Array
    cohorts: Array
    anchors: Array

    @classmethod
    def of(cls, starts: ActivityColumns, seen: Visits, cohorting: str) -> "MemberColumns":
        """Return who is in which cohort, by the periods of their starts."""
        (kept,) = (_ENROLLED[cohorting](seen.codes) & (seen.numbers >= SINCE)).nonzero()
        cohorts = seen.numbers[kept].astype("int64") - SINCE
        return cls(seen.codes[kept], cohorts, starts.moments[seen.places[kept]])

    def within(self, starts: ActivityColumns, rows: ActivityColumns) -> "MemberColumns":
        """Return those who have rows in another log, by their codes there."""
        if rows is starts:
            return self
        codes = codes_in(rows, starts.customers)[self.codes]
        (known,) = (codes >= 0).nonzero()
        return self._replace(codes=codes).at(known)

    def one_each(self) -> "Iterator[MemberColumns]":
        """Iterate over the first cohorts of all customers, then the second ones, and so on."""
        numpy, first = needed("numpy"), begins(self.codes)
        if first.all():
            yield self
            return
        (firsts,) = first.nonzero()
        many = numpy.diff(firsts, append=len(self.codes))
        ranks = numpy.arange(len(self.codes)) - numpy.repeat(firsts, many)
        ends = numpy.bincount(ranks).cumsum()
        for places in numpy.split(order_of(ranks), ends[:-1]):
            yield self.at(places)

    def at(self, places: Array) -> "MemberColumns":
        """Return some of them."""
        return MemberColumns(*(column[places] for column in self))

    def clock(self, mode: str, grid: Grid) -> AgeClock:
        """Return what tells which cells of their cohorts are open."""
        numpy = needed("numpy")
        last = numpy.full(len(grid), -NEVER)
        numpy.maximum.at(last, self.cohorts, self.anchors)
        known = numpy.bincount(self.cohorts).nonzero()[0].tolist()
        return MODES[mode](grid, {cohort: moment_of(last[cohort]) for cohort in known})


_ENROLLED: Mapping[str, Callable[[Array], Array]] = {
    "first": begins,
    "every": lambda codes: codes >= 0,
}
"""Which of the periods with a start are a cohort of the customer's."""


class Aged(NamedTuple):
    """Rows in which customers have an age.

    Attributes:
        places: Where these are among the rows that were asked for.
        codes: Whose each is.
        cohorts: Which cohort the customer is in.
        ages: How old the customer is.
    """

    places: Array
    codes: Array
    cohorts: Array
    ages: Array

    def often(self, least: int) -> "Aged":
        """Return the first rows of ages that customers have often enough."""
        if least == 1:
            return self
        (places,) = begins(self.codes, self.ages).nonzero()
        often = needed("numpy").diff(places, append=len(self.ages)) >= least
        return Aged(*(column[places[often]] for column in self))


class AgedColumns(NamedTuple):
    """Rows of customers, by customer and time, whose ages are units since the customers began.

    Attributes:
        codes: Whose each row is.
        times: When each is: in microseconds, or the number of its period.
        customers: How many customers there are.
        ages: What counts ages.
        least: How many rows of one age make it count.
    """

    codes: Array
    times: Array
    customers: int
    ages: Ages
    least: int = 1

    @classmethod
    def of_rows(cls, rows: ActivityColumns, grid: Grid, mode: str, least: int = 1) -> "AgedColumns":
        """Return all rows."""
        times, ages = rows.moments, _passed_in(grid)
        if mode == "calendar":
            times, ages = grid.numbers_of(times), _periods
        return cls(rows.codes, times, len(rows.customers), ages, least)

    @classmethod
    def of_visits(cls, rows: ActivityColumns, seen: Visits, least: int) -> "AgedColumns":
        """Return a row for each period in which a customer was seen often enough."""
        often = seen.at_least(least)
        return cls(often.codes, often.numbers - SINCE, len(rows.customers), _periods)

    def since(self, members: MemberColumns, youngest: int) -> "Aged":
        """Return the rows in which members have some age, or a later one."""
        numpy = needed("numpy")
        cohorts = numpy.full(self.customers, _NO_COHORT, dtype="int32")
        anchors = numpy.full(self.customers, NEVER)
        cohorts[members.codes], anchors[members.codes] = members.cohorts, members.anchors
        ages = self.ages(self, cohorts, anchors)
        (places,) = (ages >= youngest).nonzero()
        codes = self.codes[places]
        return Aged(places, codes, cohorts[codes], ages[places])

    def at(self, places: Any) -> "AgedColumns":
        """Return some of the rows."""
        return self._replace(codes=self.codes[places], times=self.times[places])


def _periods(rows: AgedColumns, cohorts: Array, anchors: Array) -> Array:
    """Count periods of the calendar since that of the cohort."""
    del anchors
    return rows.times - cohorts[rows.codes]


def _passed_in(grid: Grid) -> Ages:
    length = ELAPSED.get(grid.calendar.grain)
    return partial(_months, grid) if length is None else partial(_lengths, length)


def _lengths(length: timedelta, rows: AgedColumns, cohorts: Array, anchors: Array) -> Array:
    """Count whole lengths since a customer's start."""
    del cohorts
    ages = rows.times - anchors[rows.codes]
    ages //= length // timedelta.resolution
    return ages


def _months(grid: Grid, rows: AgedColumns, cohorts: Array, anchors: Array) -> Array:
    """Count months, quarters or years since a customer's start, as `Calendar.step` takes them.

    As many have passed as periods have begun, but for the last one, before the day and the
    time of the start come in it.
    """
    ages = grid.numbers_of(rows.times) - cohorts[rows.codes]
    (begun,) = (ages >= 0).nonzero()
    codes, k = rows.codes[begun], ages[begun]
    stepped = _stepped(grid, anchors, codes, k)
    stepped[k == 0] = anchors[codes[k == 0]]
    ages[begun] -= stepped > rows.times[begun]
    return ages


def _stepped(grid: Grid, anchors: Array, codes: Array, k: Array) -> Array:
    """Return the instants that are k periods after the anchors of some customers."""
    numpy = needed("numpy")
    local = numpy.zeros_like(anchors)
    (known,) = (anchors < NEVER).nonzero()
    local[known] = to_local(anchors[known], grid.calendar)
    months = local.view("datetime64[us]").astype("datetime64[M]").astype("int64")
    days, times = numpy.divmod(local - _micros(months), _DAY)
    reached = months[codes] + k * UNITS[grid.calendar.grain].step
    start = _micros(reached)
    last_day = (_micros(reached + 1) - start) // _DAY - 1
    found = start + numpy.minimum(days[codes], last_day) * _DAY + times[codes]
    return from_local(found, grid.calendar)


def _micros(months: Array) -> Array:
    """Return the first instants of months, which are counted from 1970."""
    return months.astype("datetime64[M]").astype("datetime64[us]").astype("int64")
