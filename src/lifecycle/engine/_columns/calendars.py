"""Lengths on the calendar in columns, of all instants at once."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from lifecycle._lengths import Period
from lifecycle.engine._columns.clocks import DAY, LAST, MISSING, NEVER
from lifecycle.engine._columns.edges import Array
from lifecycle.logs._columns import micros

__all__ = ["Rule", "Stretch", "oldest", "rule", "step_after"]

Rule: TypeAlias = Callable[..., Array]
"""(instants, times) -> for each, the one that is so many times a length after it."""

_LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (by the local clock)


_FIRST = micros(datetime.min) + 3 * DAY  # noqa: DTZ901  (by the local clock)
_LAST = LAST - 3 * DAY
"""Between which instants the clocks of all zones can be read."""


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
        return _months(length, stretch)
    ends = np.array([*_each_end(length, stretch), NEVER])
    return lambda base, _times=1: ends.take(np.searchsorted(ends, base, side="right"))


def step_after(length: Period, stretch: Stretch) -> Callable[[Array, Array], Array]:
    """Return what finds the first step from an anchor that is later than an instant."""
    step = length.length
    if step is not None:
        size = step // step.resolution
        return lambda anchor, at: anchor + ((at - anchor) // size + 1) * size
    add, most_days = _months(length, stretch), 31 * length.months

    def found(anchor: Array, at: Array) -> Array:
        times = np.maximum(1, (at - anchor) // (most_days * DAY))
        while (gone := add(anchor, times) <= at).any():
            times += gone
        return add(anchor, times)

    return found


def oldest(within: Any, stretch: Stretch) -> Callable[[Array], Array]:
    """Return what says until when a window leaves out what happened, given when it is asked."""
    if isinstance(within, Period):
        length = within.length
        if length is None:
            add = _months(within, stretch)
            return lambda at: add(at, -1)
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


def _months(length: Period, stretch: Stretch) -> Rule:
    """Move the day by so many months, cut to the last of the month; the time of day is the same."""
    around = (length.months * 31 + 2) * DAY
    first, last = max(stretch.first - around, _FIRST), min(stretch.last + around, _LAST)
    clocks = _changes(stretch.zone, first, last)

    def found(base: Array, times: Any = 1) -> Array:
        local = clocks.local(base)
        day = local // DAY
        return clocks.utc((_moved(day, length.months * times) - day) * DAY + local)

    return found


def _moved(day: Array, months: Any) -> Array:
    """Return the days, of those since 1970, that are so many months later."""
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype("int64")
    there = month + months
    return np.minimum(_first(there) + (day - _first(month)), _first(there + 1) - 1)


def _first(month: Array) -> Array:
    """Return the first day of months, both counted from 1970."""
    return month.astype("datetime64[M]").astype("datetime64[D]").astype("int64")


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
