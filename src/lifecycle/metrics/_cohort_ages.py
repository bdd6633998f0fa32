"""How the periods since a customer's start are counted: by the calendar, or as they pass."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from lifecycle._activity import SINCE, ActivityRows, Grid, Id, earliest
from lifecycle.errors import InvalidValueError
from lifecycle.metrics._bit_sets import bits
from lifecycle.periods import ELAPSED

__all__ = ["COHORTINGS", "MODES", "AgeClock", "CohortMember", "latest", "members"]


def _first(seen: int) -> int:
    """Enroll a customer in the first period with a start, unless it is before the window."""
    return _every(seen & -seen)


def _every(seen: int) -> int:
    """Enroll a customer in each period of the window with a start."""
    return seen >> SINCE << SINCE


COHORTINGS: dict[str, Callable[[int], int]] = {"first": _first, "every": _every}
"""Which of the periods with a start are a cohort of the customer's."""


class CohortMember(NamedTuple):
    """A customer in a cohort, and the first start there."""

    customer: Id
    cohort: int
    anchor: datetime


def members(starts: ActivityRows, grid: Grid, cohorting: str) -> list[CohortMember]:
    """Return who is in which cohort, and since when."""
    numbers = map(grid.number, starts.moments)
    anchors = earliest(zip(starts.customers, numbers, strict=True), starts.moments)
    enroll = COHORTINGS[cohorting]
    return [
        CohortMember(customer, bit - SINCE, anchors[customer, bit - SINCE])
        for customer, seen in grid.visits(starts).items()
        for bit in bits(enroll(seen))
    ]


def latest(enrolled: Iterable[CohortMember]) -> dict[int, datetime]:
    """Return the last start of each cohort."""
    found: dict[int, datetime] = {}
    for _, cohort, anchor in enrolled:
        found[cohort] = max(anchor, found.get(cohort, anchor))
    return found


class AgeClock(Protocol):
    """Tells how many periods after the start of a member something happened."""

    def age(self, at: datetime, member: CohortMember) -> int:
        """Return how many periods an instant is after a start; below 0 before it."""

    def is_open(self, cohort: int, k: int) -> bool:
        """Say whether period k of a cohort goes on after the window."""


class _OnTheCalendar:
    """Counts the periods of the calendar."""

    def __init__(self, grid: Grid, last: Mapping[int, datetime]) -> None:
        del last  # when in a period they began makes no difference
        self._grid = grid

    def age(self, at: datetime, member: CohortMember) -> int:
        return self._grid.number(at) - member.cohort

    def is_open(self, cohort: int, k: int) -> bool:
        return cohort + k >= self._grid.closed


class _AsItPasses:
    """Counts the time since each member's own start."""

    def __init__(self, grid: Grid, last: Mapping[int, datetime]) -> None:
        self._grid, self._last = grid, last
        self._length = ELAPSED.get(grid.calendar.grain)

    def age(self, at: datetime, member: CohortMember) -> int:
        if self._length is not None:
            return (at - member.anchor) // self._length
        begun = self._grid.number(at) - member.cohort
        return begun - self._is_after(member.anchor, begun, at)

    def is_open(self, cohort: int, k: int) -> bool:
        if cohort + k >= self._grid.closed:
            return True
        last = self._last.get(cohort)
        return last is not None and self._is_after(last, k + 1, self._grid.end)

    def _is_after(self, anchor: datetime, k: int, at: datetime) -> bool:
        """Say whether k periods after a start is later than an instant, or past them all."""
        if self._length is not None:
            return anchor + k * self._length > at
        try:
            return self._grid.calendar.step(anchor, k) > at
        except InvalidValueError:
            return True


# "calendar" counts the periods of the calendar from that of the start: a start on 31 January and a
# return on 1 February are one month apart. "elapsed" counts whole units of time since the start
# itself: the same return is in month 0. The tools of the field call them strict calendar dates
# and rolling (24-hour) windows. A cell is open until every member of the cohort can no longer
# return in it: with the calendar when the period ends, else when the member who began last has
# lived it.
MODES: dict[str, Callable[[Grid, Mapping[int, datetime]], AgeClock]] = {
    "calendar": _OnTheCalendar,
    "elapsed": _AsItPasses,
}
