"""Cohort retention, where a customer is retained while in an active stage."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

from lifecycle._activity import Grid, Id
from lifecycle.engine.stages import Status
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.metrics import cohorts as _cohorts
from lifecycle.metrics.cohorts import CohortTable
from lifecycle.periods import Window

__all__ = ["cohorts"]


def cohorts(
    population: Population,
    grid: Grid,
    *,
    retained: Literal["on", "on_or_after"],
    brackets: Iterable[range] | None,
) -> CohortTable:
    """Count the customers in an active stage k periods after they first were in one."""
    known = _known(population, grid)
    alive = (_alive(population, history, known) for history in population.histories)
    return _cohorts.cohorts(
        list(chain.from_iterable(alive)),
        calendar=known.calendar,
        window=known.window,
        retained=retained,
        brackets=brackets,
    )


def _known(population: Population, grid: Grid) -> Grid:
    """Return the periods up to what is known about any customer; later ones are open.

    The last instant that is known counts, unless a period would have nothing else.
    """
    known = max((history.until for history in population.whole.histories), default=grid.end)
    if not grid.calendar._begins(known):
        known += timedelta.resolution
    if not grid.starts[0] < known < grid.end:
        return grid
    return Grid(grid.calendar, Window(grid.starts[0], known))


def _alive(population: Population, history: History, grid: Grid) -> Iterator[tuple[Id, datetime]]:
    """Yield an instant of each period in which a customer was active, and of the first before."""
    last, first_before = -1, True
    for i, (stage, entered) in enumerate(zip(history.stages, history.moments, strict=True)):
        left = history.left(i)
        end = grid.end if left is None else min(left, grid.end)
        if population.stages[stage].status is not Status.ACTIVE or end <= entered:
            continue
        begin = bisect_right(grid.starts, entered) - 1
        if begin < 0 and first_before:
            yield history.id, entered
            first_before = False
        for k in range(max(begin, last + 1), bisect_left(grid.starts, end)):
            last = k
            yield history.id, grid.starts[k]
