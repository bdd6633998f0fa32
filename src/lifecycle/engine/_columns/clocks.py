"""The time-outs of all stages in columns: when each customer's next deadline is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from lifecycle.engine._columns.edges import NONE, Array, NumberedEdges
from lifecycle.engine._compiled import Tables
from lifecycle.logs._columns import micros

__all__ = ["ACTIVITY", "DAY", "ENTERED", "LAST", "MISSING", "NEVER", "PLACES", "Lane", "lanes"]

PLACES = 32
"""A deadline times this, plus the place of a time-out in its stage, fits into 64 bits."""

NEVER = (1 << 63) // PLACES - 1
"""Later than every instant, in microseconds since 1970: no deadline."""

MISSING = -NEVER
"""Earlier than every instant: what has not happened."""

DAY = 86_400_000_000
"""A day in microseconds."""

LAST = micros(datetime.max)  # noqa: DTZ901  (in UTC, or by the local clock)
"""The last instant that there is."""

ENTERED = -1
"""The clock that counts from entering the stage; -2 is the last activity, others are tallies."""

ACTIVITY = -2


class Lane(NamedTuple):
    """One time-out of each stage that has one of this clock.

    Attributes:
        clock: From what it counts: a slot of the memory, or `ENTERED` or `ACTIVITY`.
        on_calendar: How long it is where that is not fixed; None where it is.
        lengths: How long it is in each stage, in microseconds; 0 where that is `on_calendar`,
            and `NEVER` where the stage has no such time-out.
        places: Which of the stage's time-outs it is.
    """

    clock: int
    on_calendar: Any
    lengths: Array
    places: Array

    @property
    def longest(self) -> int:
        """How long its time-outs are at most, in microseconds; those past all dates left out."""
        if self.on_calendar is None:
            return int(self.lengths[self.lengths < LAST].max(initial=0))
        months = getattr(self.on_calendar, "months", 12)
        return (31 * months + 2) * DAY


def lanes(tables: Tables) -> Iterator[Lane]:
    """Yield lanes that hold all time-outs: of each clock, as many as a stage has of it."""
    stages = [list(map(_clock, row.timers)) for row in tables.rows.values()]
    for clock, on_calendar in dict.fromkeys(one[:2] for found in stages for one in found):
        own = [
            [
                (place, one.length)
                for place, one in enumerate(found)
                if one[:2] == (clock, on_calendar)
            ]
            for found in stages
        ]
        for number in range(max(map(len, own))):
            lengths, places = np.full(len(own), NEVER), np.zeros(len(own), dtype="int64")
            for stage, timers in enumerate(own):
                for place, length in timers[number : number + 1]:
                    places[stage], lengths[stage] = place, length
            yield Lane(clock, on_calendar, lengths, places)


class _Waiting(NamedTuple):
    """From what a time-out counts, and how long: on the calendar, or in microseconds."""

    clock: int
    on_calendar: Any
    length: int


def _clock(timer: Any) -> _Waiting:
    clock = ACTIVITY if timer.slot is None else timer.slot
    on_calendar = None if timer.fixed is not None else timer.length
    length = 0 if timer.fixed is None else min(timer.fixed // timer.fixed.resolution, NEVER)
    return _Waiting(ENTERED if timer.dwells else clock, on_calendar, length)


def edges_of(tables: Tables, edges: NumberedEdges) -> Array:
    """Return the edge of each time-out, by the stage and its place there."""
    found = np.full((len(tables.rows), PLACES), NONE, dtype="int16")
    for stage, row in enumerate(tables.rows.values()):
        for place, timer in enumerate(row.timers):
            found[stage, place] = edges.numbers[timer.edge]
    return found
