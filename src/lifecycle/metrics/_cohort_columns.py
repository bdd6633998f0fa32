"""How many customers came back, by cohort and age, counted on the arrays of a log.

A customer can be in several cohorts. They are counted one cohort of each customer at a time,
the first one first, so that when customers began is one number for each of them.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping

from lifecycle._activity import Grid
from lifecycle._activity_columns import ActivityColumns, Array, begins, lasts
from lifecycle._packages import needed
from lifecycle.metrics._cohort_age_columns import AgedColumns, MemberColumns
from lifecycle.metrics._cohort_ages import AgeClock
from lifecycle.metrics._cohort_counts import CellCounts, CohortQuestion

__all__ = ["cells_of_columns"]


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
    return counts, members.clock(asked.mode, grid)


def _retained(
    rows: AgedColumns, members: MemberColumns, grid: Grid, asked: CohortQuestion
) -> Array:
    """Count returns by cohort and column; what is in no other column is in the first."""
    numpy, kept = needed("numpy"), slice(None)
    cells = numpy.zeros((len(grid), len(asked.columns)), dtype="int64")
    for one in members.one_each():
        rows = rows.at(kept)  # what is before a cohort is before the later ones too
        aged = rows.since(one, 1)
        kept, often = aged.places, aged.often(rows.least)
        found = often.cohorts * cells.shape[1] + _columns(often.ages, asked)
        (counted,) = _COUNTED[asked.retained](often.codes, found).nonzero()
        cells += numpy.bincount(found[counted], minlength=cells.size).reshape(cells.shape)
    return cells if asked.retained == "on" else cells[:, ::-1].cumsum(axis=1)[:, ::-1]


def _columns(ages: Array, asked: CohortQuestion) -> Array:
    """Return the column of each age; 0 for an age that is in none."""
    firsts, stops = zip(*((column.start, column.stop) for column in asked.columns), strict=True)
    table = []
    for age in range(int(ages.max(initial=0)) + 1):
        column = bisect_right(firsts, age) - 1
        is_in = asked.retained == "on_or_after" or age < stops[column]
        table.append(column if is_in else 0)
    return needed("numpy").asarray(table)[ages]


_COUNTED: Mapping[str, Callable[[Array, Array], Array]] = {
    "on": begins,
    "on_or_after": lambda codes, _: lasts(codes),
}
"""Which of a customer's returns are counted, by their codes and cells."""
