"""How many customers are new, returning, resurrected or dormant in each period of a window."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from lifecycle import _checks
from lifecycle._activity import SINCE, ActivityRows, Grid, Id, earliest
from lifecycle._activity_columns import (
    NEVER,
    ActivityColumns,
    Array,
    begins,
    codes_in,
    moment_of,
)
from lifecycle._packages import needed
from lifecycle.errors import InvalidValueError
from lifecycle.metrics._bit_sets import bits

__all__ = ["KindCounts", "kinds_of_columns", "kinds_of_rows"]

KindCounts = Mapping[tuple[int, str], int]
"""How many customers a period has of each kind; a kind without any may be left out."""


# Those active in a period are parted into the new ones, who began in it, the returning ones, who
# were active in the period before, and the resurrected ones; and dormant are those active in the
# period before and not in it. Hence active = active before + new + resurrected - dormant.


def kinds_of_rows(seen: ActivityRows, starts: ActivityRows | None, grid: Grid) -> KindCounts:
    """Count each customer's periods by kind; customers alike in birth and activity at once.

    Args:
        seen: Who was seen when, before the window's end.
        starts: When these customers began; None for when they were first seen.
        grid: The periods.
    """
    visits = grid.visits(seen)
    began = {} if starts is None else _starts(starts, earliest(*seen))
    born = {customer: 1 << SINCE + grid.number(at) for customer, at in began.items()}
    alike = Counter((born.get(who, active & -active), active) for who, active in visits.items())
    counts: Counter[tuple[int, str]] = Counter()
    for (new, active), customers in alike.items():
        for kind, periods in _kinds(new, active).items():
            for bit in bits(periods):
                counts[bit - SINCE, kind] += customers
    return counts


def _kinds(born: int, active: int) -> dict[str, int]:
    """Return the periods of each kind, as bits."""
    after = active << 1
    return {
        "new": active & born,
        "returning": active & after & ~born,
        "resurrected": active & ~after & ~born,
        "dormant": after & ~active,
    }


def _starts(starts: ActivityRows, first: Mapping[Id, datetime]) -> dict[Id, datetime]:
    """Return when each active customer began, which no activity precedes."""
    began = earliest(*starts)
    for customer, active in first.items():
        if customer not in began or began[customer] > active:
            raise _refused(customer, began.get(customer), active)
    return {customer: began[customer] for customer in first}


def _refused(customer: Id, began: datetime | None, active: datetime) -> InvalidValueError:
    expected = "be given for each customer of the activity"
    if began is not None:
        expected = f"be at or before the customer's first activity, {_checks.shown(active)}"
    return InvalidValueError(f"enrolled[{customer!r}]", began, expected)


def kinds_of_columns(
    seen: ActivityColumns, starts: ActivityColumns | None, grid: Grid
) -> KindCounts:
    """Count the same of a log."""
    numpy, visits = needed("numpy"), grid.visits_of(seen)
    first = begins(visits.codes)
    after = ~first
    after[1:] &= visits.numbers[1:] == visits.numbers[:-1] + 1
    born = None if starts is None else _births(starts, seen, grid)[visits.codes]
    new = first if born is None else born == visits.numbers
    keys = 3 * visits.numbers + 2 * new + after  # a new one has no activity before
    counts = numpy.bincount(keys, minlength=3 * (SINCE + len(grid))).reshape(-1, 3)
    resurrected, returning, began = counts.T
    before = numpy.append(0, counts.sum(axis=1)[:-1])
    kinds = (began, returning, resurrected, before - returning)
    periods = dict(zip(("new", "returning", "resurrected", "dormant"), kinds, strict=True))
    return {
        (period - SINCE, kind): customers
        for kind, found in periods.items()
        for period, customers in enumerate(found.tolist())
    }


def _births(starts: ActivityColumns, seen: ActivityColumns, grid: Grid) -> Array:
    """Return the period, as a bit of visits, in which each customer began, by code."""
    numpy = needed("numpy")
    earliest_of = numpy.append(starts.moments[starts.is_first()], NEVER)
    began = earliest_of[codes_in(starts, seen.customers)]
    (places,) = seen.is_first().nonzero()
    codes, active = seen.codes[places], seen.moments[places]
    (wrong,) = (began[codes] > active).nonzero()
    if len(wrong):
        rows = numpy.minimum.reduceat(seen.rows, places)  # of each customer, the first as given
        one = wrong[rows[wrong].argmin()]
        start = began[codes[one]]
        at = None if start == NEVER else moment_of(start)
        raise _refused(seen.customers[codes[one]], at, moment_of(active[one]))
    return grid.numbers_of(began) + SINCE
