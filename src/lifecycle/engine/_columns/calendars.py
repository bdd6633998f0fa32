"""Lengths on the calendar in columns: tables over the days of a log, made by the engine's rule."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lifecycle._lengths import Period, after
from lifecycle.engine._columns.clocks import DAY, LAST, MISSING, NEVER
from lifecycle.engine._columns.edges import Array
from lifecycle.logs._columns import micros

__all__ = ["Rule", "Stretch", "oldest", "rule"]

Rule: TypeAlias = Callable[[Array], Array]
"""Instants, in microseconds -> for each, the one that is a length after it."""

_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (by the local clock)


_FIRST_DAY = micros(datetime.min) // DAY + 3  # noqa: DTZ901  (by the local clock)
_LAST_DAY = LAST // DAY - 3
"""Between which days the clocks of all zones can be read."""


class Stretch(NamedTuple):
    """The time in which all lengths of a log begin.

    Attributes:
        zone: In which zone all of its instants are; None where they are local times.
        first: The first of them, in microseconds since 1970.
        last: The last.
    """

    zone: tzinfo | None
    first: int
    last: int


def rule(length: Any, stretch: Stretch) -> Rule:
    """Return what adds months, or waits until a calendar period ends."""
    if isinstance(length, Period):
        return _months(length, stretch, 1)
    ends = np.array([*_each_end(length, stretch), NEVER])
    return lambda base: ends.take(np.searchsorted(ends, base, side="right"))


def oldest(within: Any, stretch: Stretch) -> Rule:
    """Return what says until when a window leaves out what happened, given when it is asked."""
    if isinstance(within, Period):
        length = within.length
        if length is None:
            return _months(within, stretch, -1)
        return lambda at: at - length // length.resolution
    start = within.start(_shown(stretch.first, stretch.zone))
    first = MISSING if start is None else micros(start)
    starts = np.array([first, *_each_end(within, stretch)])
    return lambda at: starts.take(np.searchsorted(starts, at, side="right") - 1) - 1


def _each_end(until: Any, stretch: Stretch) -> Iterator[int]:
    end = until.after(_shown(stretch.first, stretch.zone))
    while end is not None:
        yield micros(end)
        if micros(end) > stretch.last:
            return
        end = until.after(end)


def _months(length: Period, stretch: Stretch, times: int) -> Rule:
    """Look up the day that is so many months later, or earlier; the time of day is the same."""
    days = range(stretch.first // DAY - 1, stretch.last // DAY + 2)
    moved = np.array([_day_moved(length, day, times) for day in days])
    ends = (max(min(int(day), _LAST_DAY), _FIRST_DAY) for day in (moved[0], moved[-1]))
    reached = (days[0], days[-1], *ends)
    clocks = _changes(stretch.zone, min(reached) * DAY, (max(reached) + 1) * DAY)

    def found(base: Array) -> Array:
        local = clocks.local(base)
        day = local // DAY
        return clocks.utc((moved.take(day - days[0]) - day) * DAY + local)

    return found


def _day_moved(length: Period, day: int, times: int) -> int:
    moved = after(length, _LOCAL_EPOCH + timedelta(days=day), times)
    return times * NEVER // DAY if moved is None else (moved - _LOCAL_EPOCH).days


class _Clocks(NamedTuple):
    """How far the clocks of a zone are ahead of UTC.

    Attributes:
        changes: The instants at which they change.
        turns: The local times up to which, at each, the clocks before are read; of an hour that
            is repeated, the first is meant, and one that is left out is of the clocks before.
        offsets: How far they are ahead: before the first change, and from each on.
    """

    changes: Array
    turns: Array
    offsets: Array

    def local(self, instants: Array) -> Array:
        """Return the local times of instants."""
        return instants + self.offsets.take(np.searchsorted(self.changes, instants, side="right"))

    def utc(self, times: Array) -> Array:
        """Return the instants of local times."""
        return times - self.offsets.take(np.searchsorted(self.turns, times, side="right"))


def _changes(zone: tzinfo | None, first: int, last: int) -> _Clocks:
    """Find all changes of the clocks, which are the same at both ends of a day without one."""
    found = []
    days = [] if zone is None or zone is UTC else range(first, last + DAY, DAY)
    for begin, end in pairwise(days):
        if _ahead(zone, begin) != _ahead(zone, end):
            found.append(_change(zone, begin))
    ahead = [_ahead(zone, first), *(_ahead(zone, change) for change in found)]
    turns = [change + max(pair) for change, pair in zip(found, pairwise(ahead), strict=True)]
    return _Clocks(*(np.array(each, dtype="int64") for each in (found, turns, ahead)))


def _change(zone: tzinfo | None, begin: int) -> int:
    """Return the first microsecond of a day at which the clocks are not as at its begin."""
    before = _ahead(zone, begin)
    return begin + bisect_left(range(DAY), True, key=lambda at: _ahead(zone, begin + at) != before)


def _ahead(zone: tzinfo | None, at: int) -> int:
    """Return how far the clocks are ahead of UTC at an instant."""
    ahead = _shown(at, zone).utcoffset()
    return 0 if ahead is None else ahead // timedelta.resolution


def _shown(at: int, zone: tzinfo | None) -> datetime:
    """Return an instant as a zone writes it; as a local time where there is none."""
    local = _LOCAL_EPOCH + timedelta(microseconds=at)
    return local if zone is None else local.replace(tzinfo=UTC).astimezone(zone)
