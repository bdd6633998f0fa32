"""Cohort retention, where a customer is retained while in an active stage."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, overload

from lifecycle._activity import Grid, Id
from lifecycle._groups import Groups
from lifecycle.engine.stages import Status
from lifecycle.insights._histories import History
from lifecycle.insights._population import Journeys, Population, read
from lifecycle.insights.groups import By, over
from lifecycle.metrics import cohorts as _cohorts
from lifecycle.metrics.cohorts import CohortTable
from lifecycle.periods import Calendar, Window

__all__ = ["cohorts"]


@overload
def cohorts(
    journeys: Journeys,
    *,
    calendar: Calendar,
    window: Window,
    retained: Literal["on", "on_or_after"] = "on",
    brackets: Iterable[range] | None = None,
    by: None = None,
) -> CohortTable: ...
@overload
def cohorts(
    journeys: Journeys,
    *,
    calendar: Calendar,
    window: Window,
    retained: Literal["on", "on_or_after"] = "on",
    brackets: Iterable[range] | None = None,
    by: By,
) -> Groups[CohortTable]: ...
def cohorts(  # noqa: PLR0913  (each is a choice that tools make for their users)
    journeys: Journeys,
    *,
    calendar: Calendar,
    window: Window,
    retained: Literal["on", "on_or_after"] = "on",
    brackets: Iterable[range] | None = None,
    by: By | None = None,
) -> CohortTable | Groups[CohortTable]:
    """Count the customers in an active stage k periods after they first were in one.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        calendar: The periods.
        window: Its periods are the cohorts. What is before it is read, to know who is new;
            what is at or after its end is ignored. It ends with the last instant known
            of any customer, if that is earlier.
        retained: "on" counts customers active in period k; "on_or_after" in it or later.
        brackets: Ranges of k to take together, as in `retention.cohorts`.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        What `retention.cohorts` returns for the periods in which customers were active: those
        that an active stage overlaps. A cohort begins in the first of them. With
        `by`, such a table for each group.

    Raises:
        LifecycleError: As `transition_counts` and `retention.cohorts`.

    Convention:
        A customer without an event is retained as long as the stage is active: the definition
        says when a customer has lapsed, not the length of a period. A stay of no length
        overlaps no period. A customer who is known less far than others is taken to stay where
        last seen: give all journeys one `until`. n periods have n (n + 1) / 2 cells.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3,), "bob": (100, 150), "cy": (8, 250)}
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day)) for day in days],
        ...         until=datetime(2027, 1, 1, tzinfo=UTC),
        ...     )
        ...     for name, days in dates.items()
        ... ]
        >>> year = Window(start, datetime(2027, 1, 1, tzinfo=UTC))
        >>> print(cohorts(journeys, calendar=Calendar("quarter"), window=year))
        Retention by quarter: first start, retained on, calendar time
        cohort      size       0       1      2      3
        2026-01-01     2  100.0%  100.0%  50.0%  50.0%
        2026-04-01     1  100.0%  100.0%   0.0%
        2026-07-01     0
        2026-10-01     0
    """
    population = read(journeys, calendar)
    grid = _known(population, Grid(calendar, window))
    ranges = None if brackets is None else tuple(brackets)

    def make(histories: Sequence[History]) -> CohortTable:
        return _cohorts.cohorts(
            [alive for history in histories for alive in _alive(population, history, grid)],
            calendar=calendar,
            window=grid.window,
            retained=retained,
            brackets=ranges,
        )

    return over(by, population, make)


def _known(population: Population, grid: Grid) -> Grid:
    """Return the periods up to what is known about any customer; later ones are open.

    The last instant that is known counts, unless a period would have nothing else.
    """
    known = max((history.until for history in population.histories), default=grid.end)
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
