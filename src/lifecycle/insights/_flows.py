"""Who came into each stage, who left it and who stands in it, period by period."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from lifecycle.insights._courses import Course
from lifecycle.insights._periods import Periods
from lifecycle.insights._stays import Book

__all__ = ["Exit", "Flows", "flows", "ways"]


class Exit(NamedTuple):
    """How a stage was left, in a period."""

    period: int
    source: str
    target: str
    kind: str


class Flows(NamedTuple):
    """The moves of a number of customers, counted.

    Attributes:
        entrants: How many stays began, by period and stage; period -1 has those who stand
            in the stage where the first period begins.
        exits: How many stays ended.
    """

    entrants: Counter[tuple[int, str]]
    exits: Counter[Exit]

    def stocks(self, stage: str, periods: int) -> list[int]:
        """Return how many stand in a stage where each period ends; first, where the first begins.

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


def flows(courses: Iterable[Course], spans: Periods) -> Flows:
    """Count the stays of customers; what lies at or after the end of the window is left out."""
    entrants: Counter[tuple[int, str]] = Counter()
    exits: Counter[Exit] = Counter()
    for course in courses:
        stages, kinds = course.stages, course.kinds
        numbers = [bisect_right(spans.starts, at) - 1 for at in course.moments if at < spans.end]
        opening = numbers.count(-1)
        if opening:
            entrants[-1, stages[opening - 1]] += 1
        for i, k in enumerate(numbers[opening:], start=opening):
            entrants[k, stages[i]] += 1
            if i:
                exits[Exit(k, stages[i - 1], stages[i], kinds[i - 1])] += 1
    return Flows(entrants, exits)


def ways(exits: Counter[Exit], book: Book) -> Counter[tuple[int, str, str]]:
    """Count exits by period, source and way; nobody went onward or away by a migration."""
    found: Counter[tuple[int, str, str]] = Counter()
    for (period, source, target, kind), n in exits.items():
        way = "aside" if kind == "migration" else book.way(source, target)
        found[period, source, way] += n
    return found
