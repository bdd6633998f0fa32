"""How many customers entered, left and were in each stage, period by period."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import ReportingPeriods

__all__ = ["Exit", "StageCounts", "outcomes", "stage_counts"]


class Exit(NamedTuple):
    """How a stage was left, in a period."""

    period: int
    source: str
    target: str
    kind: str


class StageCounts(NamedTuple):
    """The moves of some customers, counted.

    Attributes:
        entrants: How many stays began, by period and stage; period -1 has those who
            are in the stage at the start of the first period.
        exits: How many stays ended.
    """

    entrants: Counter[tuple[int, str]]
    exits: Counter[Exit]

    def stocks(self, stage: str, periods: int) -> list[int]:
        """Return how many are in a stage at the start of the first period and at the end of each.

        Stock = stock before + entrants - exits.
        """
        left: Counter[int] = Counter()
        for exit_, n in self.exits.items():
            if exit_.source == stage:
                left[exit_.period] += n
        found = [self.entrants[-1, stage]]
        for k in range(periods):
            found.append(found[-1] + self.entrants[k, stage] - left[k])
        return found


def stage_counts(histories: Iterable[History], periods: ReportingPeriods) -> StageCounts:
    """Count the stays of customers; what is at or after the end of the window is left out."""
    entrants: Counter[tuple[int, str]] = Counter()
    exits: Counter[Exit] = Counter()
    for history in histories:
        stages, kinds = history.stages, history.kinds
        numbers = [
            bisect_right(periods.starts, at) - 1 for at in history.moments if at < periods.end
        ]
        opening = numbers.count(-1)
        if opening:
            entrants[-1, stages[opening - 1]] += 1
        for i, k in enumerate(numbers[opening:], start=opening):
            entrants[k, stages[i]] += 1
            if i:
                exits[Exit(k, stages[i - 1], stages[i], kinds[i - 1])] += 1
    return StageCounts(entrants, exits)


def outcomes(exits: Counter[Exit], population: Population) -> Counter[tuple[int, str, str]]:
    """Count exits by period, source and outcome; a migration is neither conversion nor drop-off."""
    found: Counter[tuple[int, str, str]] = Counter()
    for (period, source, target, kind), n in exits.items():
        outcome = "other" if kind == "migration" else population.outcome(source, target)
        found[period, source, outcome] += n
    return found
