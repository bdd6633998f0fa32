"""How the periods since a customer's start are counted: by the calendar, or as they pass."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from lifecycle.metrics._activity import Grid, Rows, earliest

__all__ = ["COHORTINGS", "MODES", "Clock", "Member", "members"]

_LENGTHS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}


Enrolled = Mapping[int, Sequence[int]]
"""The cohorts of each customer."""


def _first(customers: Sequence[int], numbers: Sequence[int]) -> Enrolled:
    """Enroll each customer in the first period with a start, unless it lies before the window."""
    first = dict(zip(reversed(customers), reversed(numbers), strict=True))  # the last one stays
    return {customer: (number,) for customer, number in first.items() if number >= 0}


def _every(customers: Sequence[int], numbers: Sequence[int]) -> Enrolled:
    """Enroll each customer in each period of the window with a start."""
    found = defaultdict(list)
    for customer, number in zip(customers, numbers, strict=True):
        if number >= 0:
            found[customer].append(number)
    return found


COHORTINGS: dict[str, Callable[[Sequence[int], Sequence[int]], Enrolled]] = {
    "first": _first,
    "every": _every,
}


class Member(NamedTuple):
    """A customer in a cohort, and the first start there."""

    customer: int
    cohort: int
    anchor: datetime


def members(starts: Rows[int], grid: Grid, cohorting: str) -> list[Member]:
    """Return who is in which cohort, and since when."""
    numbers = map(grid.number, starts.moments)
    anchors = earliest(zip(starts.customers, numbers, strict=True), starts.moments)
    enrolled = COHORTINGS[cohorting](*grid.visits(starts))
    return [
        Member(customer, cohort, anchors[customer, cohort])
        for customer, cohorts in enrolled.items()
        for cohort in cohorts
    ]


class Clock(Protocol):
    """Tells how many periods after the start of a member something happened."""

    def age(self, at: datetime, member: Member) -> int:
        """Return how many periods an instant lies after a start; below 0 before it."""

    def is_open(self, cohort: int, k: int) -> bool:
        """Say whether period k of a cohort goes on after the window."""


class _OnTheCalendar:
    """Counts the periods of the calendar."""

    def __init__(self, grid: Grid, enrolled: Iterable[Member]) -> None:
        del enrolled  # when in a period they began makes no difference
        self._grid = grid

    def age(self, at: datetime, member: Member) -> int:
        return self._grid.number(at) - member.cohort

    def is_open(self, cohort: int, k: int) -> bool:
        return cohort + k >= self._grid.closed


class _AsItPasses:
    """Counts the time since each member's own start."""

    def __init__(self, grid: Grid, enrolled: Iterable[Member]) -> None:
        self._grid = grid
        self._length = _LENGTHS.get(grid.calendar.grain)
        self._last: dict[int, datetime] = {}
        for _, cohort, anchor in enrolled:
            self._last[cohort] = max(anchor, self._last.get(cohort, anchor))

    def age(self, at: datetime, member: Member) -> int:
        if self._length is not None:
            return (at - member.anchor) // self._length
        begun = self._grid.number(at) - member.cohort
        return begun - (self._after(member.anchor, begun) > at)

    def is_open(self, cohort: int, k: int) -> bool:
        if cohort + k >= self._grid.closed:
            return True
        last = self._last.get(cohort)
        return last is not None and self._after(last, k + 1) > self._grid.end

    def _after(self, anchor: datetime, k: int) -> datetime:
        if self._length is not None:
            return anchor + k * self._length
        return self._grid.calendar.step(anchor, k)


MODES: dict[str, Callable[[Grid, Iterable[Member]], Clock]] = {
    "calendar": _OnTheCalendar,
    "elapsed": _AsItPasses,
}
