"""The time-outs of all stages in columns: when each customer's next deadline is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from lifecycle.engine._columns.edges import NONE, Array, NumberedEdges
from lifecycle.engine._compiled import Tables
from lifecycle.engine._timers import Row, Timer
from lifecycle.logs._columns import micros

__all__ = ["ACTIVITY", "DAY", "ENTERED", "LAST", "MISSING", "MOST", "NEVER", "Lane", "lanes"]

NEVER = 1 << 58
"""Later than every instant, in microseconds since 1970: no deadline."""

MISSING = -NEVER
"""Earlier than every instant: what has not happened."""

DAY = 86_400_000_000
"""A day in microseconds."""

LAST = micros(datetime.max)  # noqa: DTZ901  (in UTC, or by the local clock)
"""The last instant that there is."""

MOST = 30
"""How many time-outs a stage has at most: a deadline and the place of one fit into 64 bits."""

ENTERED = -1
"""The clock that counts from entering the stage; -2 is the last activity, others are tallies."""

ACTIVITY = -2


class Lane(NamedTuple):
    """One time-out of each stage that has one of this clock.

    Attributes:
        clock: From what it counts: a slot of the memory, or `ENTERED` or `ACTIVITY`.
        lengths: How long it is in each stage, in microseconds; `NEVER` where there is none.
        places: Which of the stage's time-outs it is.
    """

    clock: int
    lengths: Array
    places: Array


def lanes(tables: Tables) -> Iterator[Lane]:
    """Yield lanes that hold all time-outs: of each clock, as many as a stage has of it."""
    stages = [list(_clocked(row)) for row in tables.rows.values()]
    for clock in dict.fromkeys(clock for found in stages for clock, _, _ in found):
        own = [[one for one in found if one[0] == clock] for found in stages]
        for number in range(max(map(len, own))):
            lane = Lane(clock, np.full(len(own), NEVER), np.zeros(len(own), dtype="int64"))
            for stage, timers in enumerate(own):
                for _, place, length in timers[number : number + 1]:
                    lane.places[stage], lane.lengths[stage] = place, length
            yield lane


def _clocked(row: Row) -> Iterator[tuple[int, int, int]]:
    """Yield the clock of each time-out of a stage, its place, and its length in microseconds."""
    timers = [timer for timer in row.timers if isinstance(timer, Timer)]  # as all of them are
    for place, timer in enumerate(timers):
        clock = ACTIVITY if timer.slot is None else timer.slot
        length = timer.fixed // timedelta.resolution  # type: ignore[operator]  # it has a fixed length
        yield ENTERED if timer.dwells else clock, place, min(length, NEVER)


def edges_of(tables: Tables, edges: NumberedEdges) -> Array:
    """Return the edge of each time-out, by the stage and its place there."""
    found = np.full((len(tables.rows), MOST + 1), NONE)
    for stage, row in enumerate(tables.rows.values()):
        for place, timer in enumerate(row.timers):
            found[stage, place] = edges.numbers[timer.edge]
    return found
