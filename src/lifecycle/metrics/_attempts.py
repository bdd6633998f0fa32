"""Attempts at a funnel: from each start, how far a customer came, and when.

An attempt is the instants at which its steps were filled, the first of them its start; from
each start there is one, which goes as far as it can. Each next step is filled by the
earliest event that can: any other choice is no earlier at any step, and reaches no further.
For later starts these events are no earlier, so that one walk along the events of each step
serves all starts.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from lifecycle.metrics._paths import Path

__all__ = ["ORDERS", "Attempt", "Ban", "Plan", "best"]

Attempt = tuple[datetime, ...]
Times = Mapping[str, Sequence[datetime]]


class Ban(NamedTuple):
    """An event that voids an attempt between two of its steps."""

    event: str
    after: int
    before: int


class Plan(NamedTuple):
    """What is asked of a path.

    Attributes:
        steps: The events to be found.
        within: How long an attempt may last, or None.
        apart: Whether a step must be later than the one before, not only no earlier.
        bans: What voids an attempt.
    """

    steps: tuple[str, ...]
    within: timedelta | None
    apart: bool
    bans: tuple[Ban, ...]

    def is_over(self, start: datetime, at: datetime) -> bool:
        """Say whether an instant lies after the end of an attempt's window."""
        return self.within is not None and at - start > self.within

    def is_void(self, attempt: Attempt, times: Times) -> bool:
        """Say whether a banned event lies strictly between its two steps."""
        return any(self._strikes(ban, attempt, times[ban.event]) for ban in self.bans)

    def _strikes(self, ban: Ban, attempt: Attempt, ats: Sequence[datetime]) -> bool:
        if len(attempt) <= ban.after:
            return False
        i = bisect_right(ats, attempt[ban.after])
        if i == len(ats):
            return False
        if len(attempt) > ban.before:
            return ats[i] < attempt[ban.before]
        return self.within is None or ats[i] - attempt[0] < self.within


def best(path: Path, order: str, plan: Plan) -> Attempt | None:
    """Return the attempt that counts: the furthest, the first to get there, the latest start.

    Returns:
        The attempt, empty where there is no start; None where every attempt is void.
    """
    times = _times(path, {*plan.steps, *(ban.event for ban in plan.bans)})
    found: Attempt | None = ()
    for attempt in ORDERS[order](path, times, plan):
        if plan.bans and plan.is_void(attempt, times):
            found = found or None
        elif not found or _is_as_good(attempt, found):
            found = attempt
    return found


def _is_as_good(attempt: Attempt, found: Attempt) -> bool:
    """Say whether an attempt that begins later reaches further, or as far no later."""
    further = len(attempt) - len(found)
    return further > 0 or (further == 0 and attempt[-1] <= found[-1])


def _times(path: Path, events: Iterable[str]) -> dict[str, list[datetime]]:
    """Return when each event happened, ascending."""
    found: dict[str, list[datetime]] = {event: [] for event in events}
    for at, event in path:
        if event in found:
            found[event].append(at)
    for ats in found.values():
        ats.sort()
    return found


# The orders: from each start, ascending, the attempts that begin there.


def _ordered(path: Path, times: Times, plan: Plan) -> Iterator[Attempt]:
    """Fill the steps one after another; events of one instant stand as it suits.

    For each step, its place among its events is kept for the next start.
    """
    del path  # the events between the steps do not matter
    steps, apart, within = plan.steps, plan.apart, plan.within
    rows = [times[step] for step in steps]
    repeats = [not apart and step in steps[:k] for k, step in enumerate(steps)]
    places = [0] * len(rows)
    for start, _ in groupby(rows[0]):
        chain = [start]
        for k in range(1, len(rows)):
            ats, place, last = rows[k], places[k], chain[-1]
            while place < len(ats) and (ats[place] < last or (apart and ats[place] == last)):
                place += 1
            places[k] = place
            if repeats[k]:
                place += _taken(plan, chain, k)
            if place >= len(ats) or (within is not None and ats[place] - start > within):
                break
            chain.append(ats[place])
        yield tuple(chain)


def _taken(plan: Plan, chain: Sequence[datetime], k: int) -> int:
    """Return how many events of a step have filled earlier ones at the chain's last instant."""
    filled = zip(plan.steps, chain, strict=False)
    return sum(at == chain[-1] and step == plan.steps[k] for step, at in filled)


def _strict(path: Path, times: Times, plan: Plan) -> Iterator[Attempt]:
    """Fill the steps by events that follow each other directly.

    Of the events of one instant, those that fill the first steps stand last, and those that
    fill the last ones first; in between, all of them fill steps.
    """
    del times  # the events between the steps matter, too
    rows = groupby(sorted(path, key=itemgetter(0)), key=itemgetter(0))
    moments = [(at, [event for _, event in row]) for at, row in rows]
    for i, (_, events) in enumerate(moments):
        first = range(1, _filled(plan, 0, events) + 1)
        chains = [_followed(moments, i, number, plan) for number in first]
        if chains:
            yield min(chains, key=lambda chain: (-len(chain), chain[-1], chain))


def _followed(
    moments: Sequence[tuple[datetime, Sequence[str]]], i: int, number: int, plan: Plan
) -> Attempt:
    """Go on from a start, whose own instant fills so many steps."""
    start = moments[i][0]
    chain = [start] * number
    for j in range(i + 1, len(moments)):
        at, events = moments[j]
        filled = 0 if plan.is_over(start, at) else _filled(plan, len(chain), events)
        chain += [at] * filled
        if filled < len(events):
            break
    return tuple(chain)


def _filled(plan: Plan, done: int, events: Sequence[str]) -> int:
    """Return how many of the next steps the events of one instant fill."""
    left, filled = Counter(events), 0
    for step in plan.steps[done:]:
        if not left[step] or (plan.apart and filled):
            break
        left[step] -= 1
        filled += 1
    return filled


def _any(path: Path, times: Times, plan: Plan) -> Iterator[Attempt]:
    """Fill the steps in whichever order they come."""
    del path
    needed = Counter(plan.steps)
    fill = _apart if plan.apart else _together
    for start in sorted({at for step in needed for at in times[step]}):
        ats = fill(start, times, needed)
        yield tuple(at for at in ats if not plan.is_over(start, at))


def _together(start: datetime, times: Times, needed: Mapping[str, int]) -> list[datetime]:
    found: list[datetime] = []
    for step, number in needed.items():
        i = bisect_left(times[step], start)
        found += times[step][i : i + number]
    found.sort()
    return found


def _apart(start: datetime, times: Times, needed: Mapping[str, int]) -> list[datetime]:
    """Fill steps at instants that all differ, each as early as can be.

    An instant is taken where the steps can still be shared out among those taken: the
    instants that can be taken together are the independent sets of a matroid, for which
    taking the earliest is best at every step.
    """
    slots = [step for step, number in needed.items() for _ in range(number)]
    offers: dict[datetime, set[str]] = defaultdict(set)
    for step in needed:  # the other steps take fewer instants than there are slots
        i, taken = bisect_left(times[step], start), 0
        while i < len(times[step]) and taken < len(slots):
            at = times[step][i]
            offers[at].add(step)
            i, taken = bisect_right(times[step], at), taken + 1
    holders: dict[int, datetime] = {}
    return [at for at in sorted(offers) if _seat(at, offers, slots, holders, set())]


def _seat(
    at: datetime,
    offers: Mapping[datetime, set[str]],
    slots: Sequence[str],
    holders: dict[int, datetime],
    asked: set[int],
) -> bool:
    """Give an instant a slot, moving others on where they have another (Kuhn 1955)."""
    for slot, step in enumerate(slots):
        if step in offers[at] and slot not in asked:
            asked.add(slot)
            if slot not in holders or _seat(holders[slot], offers, slots, holders, asked):
                holders[slot] = at
                return True
    return False


ORDERS: dict[str, Callable[[Path, Times, Plan], Iterator[Attempt]]] = {
    "ordered": _ordered,
    "strict": _strict,
    "any": _any,
}
