"""The time-outs of all stages in columns: when each customer's next deadline is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from lifecycle.engine._columns.edges import NONE, Array, NumberedEdges
from lifecycle.engine._compiled import Tables
from lifecycle.logs._columns import micros

__all__ = [
    "ACTIVITY",
    "DAY",
    "ENROLLED",
    "ENTERED",
    "LAST",
    "MISSING",
    "NEVER",
    "PLACES",
    "RUN",
    "Lane",
    "lanes",
]

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
"""The clock that counts from entering the stage."""

ACTIVITY = -2
"""The clock that counts from the last activity."""

RUN = -3
"""The clock that counts the steps of a run of renewals."""

ENROLLED = -4
"""The clock that counts steps from the enrollment, up to the first after the last entry."""


class Lane(NamedTuple):
    """One time-out of each stage that has one of this clock.

    Attributes:
        clock: From what it counts: a slot of the memory, or one of the clocks above.
        length: How long it is where that is more than to add a number; None where it is not.
        lengths: How long it is in each stage, in microseconds; 0 where that is `length`,
            and `NEVER` where the stage has no such time-out.
        places: Which of the stage's time-outs it is.
    """

    clock: int
    length: Any
    lengths: Array
    places: Array

    @property
    def longest(self) -> int:
        """How long its time-outs are at most, in microseconds; those past all dates left out."""
        if self.length is None:
            return int(self.lengths[self.lengths < LAST].max(initial=0))
        fixed = getattr(self.length, "length", None) or timedelta()
        months = getattr(self.length, "months", 12)
        return int(fixed // fixed.resolution) + (31 * months + 2) * DAY

    @property
    def is_on_calendar(self) -> bool:
        """Whether its length is one on the calendar."""
        return self.length is not None and getattr(self.length, "length", None) is None


def lanes(tables: Tables) -> Iterator[Lane]:
    """Yield lanes that hold all time-outs: of each clock, as many as a stage has of it."""
    stages = [list(map(_clock, row.timers)) for row in tables.rows.values()]
    for clock, length in dict.fromkeys(one[:2] for found in stages for one in found):
        own = [
            [(place, one.micros) for place, one in enumerate(found) if one[:2] == (clock, length)]
            for found in stages
        ]
        for number in range(max(map(len, own))):
            lengths, places = np.full(len(own), NEVER), np.zeros(len(own), dtype="int64")
            for stage, timers in enumerate(own):
                for place, fixed in timers[number : number + 1]:
                    places[stage], lengths[stage] = place, fixed
            yield Lane(clock, length, lengths, places)


class _Waiting(NamedTuple):
    """From what a time-out counts, and how long, as in `Lane`."""

    clock: int
    length: Any
    micros: int


def _clock(timer: Any) -> _Waiting:
    clock = _CLOCKS[getattr(timer, "anchor", "entry")] if timer.dwells else timer.slot or ACTIVITY
    if timer.fixed is None or clock == ENROLLED:
        return _Waiting(clock, timer.length, 0)
    return _Waiting(clock, None, min(timer.fixed // timer.fixed.resolution, NEVER))


_CLOCKS = {"entry": ENTERED, "run": RUN, "enrolled": ENROLLED}
"""The clock of each anchor."""


def edges_of(tables: Tables, edges: NumberedEdges) -> Array:
    """Return the edge of each time-out, by the stage and its place there."""
    found = np.full((len(tables.rows), PLACES), NONE, dtype="int16")
    for stage, row in enumerate(tables.rows.values()):
        for place, timer in enumerate(row.timers):
            found[stage, place] = edges.numbers[timer.edge]
    return found
