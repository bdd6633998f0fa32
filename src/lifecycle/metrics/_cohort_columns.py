"""How many customers came back, by cohort and age, counted on the arrays of a log.

A customer can be in several cohorts. They are counted one cohort of each customer at a time,
the first one first, so that when customers began is one number for each of them.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from lifecycle._activity import SINCE, Grid
from lifecycle._activity_columns import (
    ActivityColumns,
    Array,
    Visits,
    begins,
    codes_in,
    lasts,
    moment_of,
    order_of,
)
from lifecycle._packages import needed
from lifecycle.metrics._cohort_age_columns import NEVER, AgedColumns
from lifecycle.metrics._cohort_ages import MODES, AgeClock
from lifecycle.metrics._cohort_counts import CellCounts, CohortQuestion

__all__ = ["MemberColumns", "cells_of_columns", "clock_of"]


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
        numpy = needed("numpy")
        (firsts,) = begins(self.codes).nonzero()
        many = numpy.diff(firsts, append=len(self.codes))
        ranks = numpy.arange(len(self.codes)) - numpy.repeat(firsts, many)
        ends = numpy.bincount(ranks).cumsum()
        for places in numpy.split(order_of(ranks), ends[:-1]):
            yield self.at(places)

    def at(self, places: Array) -> "MemberColumns":
        """Return some of them."""
        return MemberColumns(*(column[places] for column in self))


_ENROLLED: Mapping[str, Callable[[Array], Array]] = {
    "first": begins,
    "every": lambda codes: codes >= 0,
}
"""Which of the periods with a start are a cohort of the customer's."""


def clock_of(mode: str, grid: Grid, members: MemberColumns) -> AgeClock:
    """Return what tells which cells of the cohorts are open."""
    numpy = needed("numpy")
    last = numpy.full(len(grid), -NEVER)
    numpy.maximum.at(last, members.cohorts, members.anchors)
    known = numpy.bincount(members.cohorts).nonzero()[0].tolist()
    return MODES[mode](grid, {cohort: moment_of(last[cohort]) for cohort in known})


def cells_of_columns(
    starts: ActivityColumns, returns: ActivityColumns, grid: Grid, asked: CohortQuestion
) -> tuple[CellCounts, AgeClock]:
    """Count the customers of each cell, and say what tells which cells are open."""
    seen = grid.visits_of(starts)
    members = MemberColumns.of(starts, seen, asked.cohorting)
    if asked.mode == "elapsed":
        rows = AgedColumns.of_rows(returns, grid, asked.mode, asked.least)
    else:
        seen = seen if returns is starts else grid.visits_of(returns)
        rows = AgedColumns.of_visits(returns, seen, asked.least)
    cells = _retained(rows, members.within(starts, returns), grid, asked)
    cells[:, 0] = needed("numpy").bincount(members.cohorts, minlength=len(grid))
    places = zip(*(axis.tolist() for axis in cells.nonzero()), strict=True)
    counts = Counter(dict(zip(places, cells[cells != 0].tolist(), strict=True)))
    return counts, clock_of(asked.mode, grid, members)


def _retained(
    rows: AgedColumns, members: MemberColumns, grid: Grid, asked: CohortQuestion
) -> Array:
    """Count returns by cohort and column; what is in no other column is in the first."""
    numpy = needed("numpy")
    cells = numpy.zeros((len(grid), len(asked.columns)), dtype="int64")
    for one in members.one_each():
        places, cohorts, ages = rows.since(one, 1)
        rows = rows.at(places)  # what is before a cohort is before the later ones too
        often = rows.often(ages)
        found = cohorts[often] * cells.shape[1] + _columns(ages[often], asked)
        found = found[_COUNTED[asked.retained](rows.codes[often], found)]
        cells += numpy.bincount(found, minlength=cells.size).reshape(cells.shape)
    return cells if asked.retained == "on" else cells[:, ::-1].cumsum(axis=1)[:, ::-1]


def _columns(ages: Array, asked: CohortQuestion) -> Array:
    """Return the column of each age; 0 for an age that is in none."""
    firsts, stops = zip(*((column.start, column.stop) for column in asked.columns), strict=True)
    table = []
    for age in range(int(ages.max(initial=0)) + 1):
        column = bisect_right(firsts, age) - 1
        is_in = asked.retained == "on_or_after" or age < stops[column]
        table.append(column * is_in)
    return needed("numpy").asarray(table)[ages]


_COUNTED: Mapping[str, Callable[[Array, Array], Array]] = {
    "on": begins,
    "on_or_after": lambda codes, _: lasts(codes),
}
"""Which of a customer's returns are counted, by their codes and cells."""
