"""How many customers came back, by cohort and age, counted on rows."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lifecycle._activity import SINCE, ActivityRows, Grid
from lifecycle.metrics._bit_sets import bits
from lifecycle.metrics._cohort_ages import (
    COHORTINGS,
    MODES,
    AgeClock,
    CohortMember,
    latest,
    members,
)

__all__ = ["CellCounts", "CohortQuestion", "cells_of_rows"]


class CohortQuestion(NamedTuple):
    """What is asked of a cohort table.

    Attributes:
        mode: What ages count, "calendar" or "elapsed".
        cohorting: Which cohorts a customer is in, "first" or "every".
        retained: Which columns a return counts in, "on" or "on_or_after".
        least: How many returns of one age make a customer retained.
        columns: The ages of each column; that of the first is 0.
    """

    mode: str
    cohorting: str
    retained: str
    least: int
    columns: Sequence[range]


CellCounts = Mapping[tuple[int, int], int]
"""How many customers a cell has, by cohort and column; cells without any may be left out."""

Lives = Counter[tuple[int, int]]
"""How many customers have a cohort, and ages there: bit 0, and bit k for each k of a return.

Customers with the same returns are counted together, and there are many of those.
"""


def cells_of_rows(
    starts: ActivityRows, returns: ActivityRows, grid: Grid, asked: CohortQuestion
) -> tuple[CellCounts, AgeClock]:
    """Count the customers of each cell, and say what tells which cells are open."""
    lives, clock = _LIVES[asked.mode](starts, returns, grid, asked)
    return _RETAINED[asked.retained](lives, asked.columns), clock


def _on_the_calendar(
    starts: ActivityRows, returns: ActivityRows, grid: Grid, asked: CohortQuestion
) -> tuple[Lives, AgeClock]:
    """Count ages in periods, of which starts and returns have the numbers."""
    born = grid.visits(starts)
    seen = born if starts is returns and asked.least == 1 else grid.visits(returns, asked.least)
    alike = Counter((began, seen.get(customer, 0)) for customer, began in born.items())
    lives: Lives = Counter()
    for (began, returned), customers in alike.items():
        for bit in bits(COHORTINGS[asked.cohorting](began)):
            lives[bit - SINCE, returned >> bit | 1] += customers
    return lives, MODES["calendar"](grid, {})


def _as_it_passes(
    starts: ActivityRows, returns: ActivityRows, grid: Grid, asked: CohortQuestion
) -> tuple[Lives, AgeClock]:
    """Count ages from each member's own start."""
    enrolled, seen = members(starts, grid, asked.cohorting), returns.by_customer()
    clock = MODES["elapsed"](grid, latest(enrolled))

    def ages(member: CohortMember) -> int:
        times = Counter(clock.age(at, member) for at in seen.get(member.customer, ()))
        return sum((1 << k for k, n in times.items() if k >= 1 and n >= asked.least), start=1)

    return Counter((member.cohort, ages(member)) for member in enrolled), clock


def _on(lives: Lives, columns: Sequence[range]) -> CellCounts:
    """Count each customer in each column that has one of the ages."""
    if any(column != range(j, j + 1) for j, column in enumerate(columns)):
        lives = _by_column(lives, columns)
    counts: Counter[tuple[int, int]] = Counter()
    for (cohort, numbers), customers in lives.items():
        for j in bits(numbers):
            counts[cohort, j] += customers
    return counts


def _by_column(lives: Lives, columns: Sequence[range]) -> Lives:
    """Say in which columns, not at which ages, each life has returns."""
    firsts, found = [column.start for column in columns], Counter[tuple[int, int]]()
    for (cohort, ages), customers in lives.items():
        placed = ((bisect_right(firsts, k) - 1, k) for k in bits(ages))
        numbers = {j for j, k in placed if k in columns[j]}
        found[cohort, sum(1 << j for j in numbers)] += customers
    return found


def _on_or_after(lives: Lives, columns: Sequence[range]) -> CellCounts:
    """Count each customer in all columns up to that of the last age."""
    firsts, counts = [column.start for column in columns], Counter[tuple[int, int]]()
    for (cohort, ages), customers in lives.items():
        counts[cohort, bisect_right(firsts, ages.bit_length() - 1) - 1] += customers
    for cohort in {cohort for cohort, _ in counts}:
        for j in range(len(columns) - 1, 0, -1):
            counts[cohort, j - 1] += counts[cohort, j]
    return counts


_LIVES: Mapping[str, Callable[..., tuple[Lives, AgeClock]]] = {
    "calendar": _on_the_calendar,
    "elapsed": _as_it_passes,
}
_RETAINED: Mapping[str, Callable[[Lives, Sequence[range]], CellCounts]] = {
    "on": _on,
    "on_or_after": _on_or_after,
}
