"""Attempts at a funnel: from each start, how far a customer came, and when.

An attempt is the instants at which its steps were filled, the first of them its start; from
each start there is one, which goes as far as it can. Each next step is filled by the
earliest event that can: any other choice is no earlier at any step, and reaches no further.

How an attempt goes on from a step does not depend on what came before it. So one walk from
the last instant back to the first, which keeps how to go on from each step, finds the
attempts of all starts.
"""

from bisect import bisect_right
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Optional

from lifecycle.metrics._funnel_clocks import Ends
from lifecycle.metrics._funnel_paths import Moment, each

__all__ = ["ORDERS", "SAME_TIME", "Attempt", "Ban", "Plan", "best"]

Attempt = tuple[datetime, ...]
Fills = tuple[datetime, int, Optional["Fills"]]
"""When steps were filled, how many of them at once, and how it went on."""


class Ban(NamedTuple):
    """An event that voids an attempt between two of its steps."""

    event: str
    after: int
    before: int


# How often each event of an instant may fill a step of one attempt, where the first of the
# steps that the instant fills is given.
_OFFERS: dict[str, Callable[[Mapping[str, int], str], Mapping[str, int]]] = {
    "different_events": lambda there, _: dict.fromkeys(there, 1),
    "allow": lambda there, _: there,
    "forbid": lambda _, first: {first: 1},
    "as_given": lambda there, _: there,
}
SAME_TIME = tuple(_OFFERS)


class Runs(dict[str | tuple[str, ...], Sequence[tuple[int, int]]]):
    """Which steps an instant can fill first, ascending, and how many from there on.

    The keys are the event of an instant, or all its events.
    """

    def __init__(self, steps: Sequence[str], same_time: str) -> None:
        for step in steps:
            self[step] = [(k, 1) for k, other in enumerate(steps) if other == step]
        self._steps, self._offers = steps, _OFFERS[same_time]

    def __missing__(self, events: str | tuple[str, ...]) -> Sequence[tuple[int, int]]:
        if isinstance(events, str):
            return self.setdefault(events, ())
        there = Counter(events)
        return [(k, self._filled(k, there)) for k, step in enumerate(self._steps) if step in there]

    def _filled(self, k: int, there: Mapping[str, int]) -> int:
        """Return how many steps from one on the events of an instant fill, each event one."""
        left, filled = dict(self._offers(there, self._steps[k])), 0
        for step in self._steps[k:]:
            if not left.get(step):
                break
            left[step] -= 1
            filled += 1
        return filled


class Plan:
    """What is asked of a path.

    Attributes:
        steps: The events to be found.
        ends: When the time of an attempt is over; None where it has no limit.
        is_elapsed: Whether a later start has a later end: of months it may have an earlier
            one, as 30 January, 10:00, ends on 28 February, and 31 January, 9:00, before it.
        same_time: One of `SAME_TIME`: which events of one instant may fill steps.
        bans: What voids an attempt.
        cut: Whether some attempts may be open, as the log is cut and their time is limited.
        every: Whether every start is looked at, since a later one may not count, or end first.
        events: The events that matter, each once.
        needed: How many steps each event fills.
        runs: What the events of an instant fill.
    """

    def __init__(  # noqa: PLR0913  (each is a choice of the funnel)
        self,
        steps: tuple[str, ...],
        *,
        ends: Ends | None,
        is_elapsed: bool,
        same_time: str,
        bans: tuple[Ban, ...],
        cut: bool,
    ) -> None:
        self.steps, self.ends, self.same_time, self.bans = steps, ends, same_time, bans
        self.cut = cut
        self.every = cut or bool(bans) or not is_elapsed
        self.events = tuple(dict.fromkeys((*steps, *(ban.event for ban in bans))))
        self.needed = Counter(steps)
        self.runs = Runs(steps, same_time)

    def attempt(self, first: Fills) -> list[datetime]:
        """Return what was filled before the time of the attempt was over."""
        start, number, fills = first
        found, end = [start] * number, fills and self.ends and self.ends(start)
        while fills is not None:
            at, number, fills = fills
            if end is not None and at > end:
                break
            found += [at] * number
        return found

    def is_open(self, start: datetime, until: datetime) -> bool:
        """Say whether an attempt may still go on after what is known."""
        end = self.ends and self.ends(start)
        return end is None or until < end

    def is_void(
        self, attempt: Sequence[datetime], banned: Mapping[str, Sequence[datetime]]
    ) -> bool:
        """Say whether a banned event is strictly between its two steps."""
        return any(self._strikes(ban, attempt, banned[ban.event]) for ban in self.bans)

    def _strikes(self, ban: Ban, attempt: Sequence[datetime], ats: Sequence[datetime]) -> bool:
        if len(attempt) <= ban.after:
            return False
        i = bisect_right(ats, attempt[ban.after])
        if i == len(ats):
            return False
        if len(attempt) > ban.before:
            return ats[i] < attempt[ban.before]
        end = self.ends and self.ends(attempt[0])
        return end is None or ats[i] < end


def best(
    moments: Sequence[Moment], order: str, plan: Plan, until: datetime | None = None
) -> Attempt | None:
    """Return the attempt that counts: the furthest, the first to get there, the latest start.

    Args:
        moments: What one customer did, the last instant first: in strict order all of it,
            else the events that matter.
        order: One of `ORDERS`.
        plan: What is asked.
        until: Up to when the moments are known: attempts that are open then do not count.

    Returns:
        The attempt, empty where none counts; None where every one that does is void.
    """
    banned = _banned(moments, plan) if plan.bans else None
    found: Sequence[datetime] | None = ()
    for attempt in ORDERS[order](moments, plan):
        if until is not None and plan.is_open(attempt[0], until):
            continue
        if banned and plan.is_void(attempt, banned):
            found = found or None
            continue
        further = len(attempt) - len(found or ())
        if further > 0 or not found or (further == 0 and attempt[-1] < found[-1]):
            found = attempt
    return None if found is None else tuple(found)


def _banned(moments: Sequence[Moment], plan: Plan) -> dict[str, list[datetime]]:
    """Return when each banned event happened, ascending."""
    found: dict[str, list[datetime]] = {ban.event: [] for ban in plan.bans}
    for at, events in reversed(moments):
        for event in found.keys() & each(events):
            found[event].append(at)
    return found


def _rank(attempt: Sequence[datetime]) -> tuple[int, datetime, Sequence[datetime]]:
    """Return what is less for the better one of attempts from one start."""
    return (-len(attempt), attempt[-1], attempt)


# The orders: from each start, the latest first, the attempts that begin there. A start that
# fills one step, and goes on as a later one did, is passed over: that one is as good, unless
# it does not count, or has an earlier end.


def _ordered(moments: Sequence[Moment], plan: Plan) -> Iterator[Sequence[datetime]]:
    """Fill the steps one after another; events of one instant in the order that fills most."""
    ahead: list[Fills | None] = [None] * (len(plan.steps) + 1)
    known: Fills | tuple[()] | None = ()
    for at, events in moments:
        for k, number in plan.runs[events]:
            ahead[k] = fills = (at, number, ahead[k + number])
            if k == 0 and (fills[2] is not known or number > 1 or plan.every):
                known = fills[2]
                yield plan.attempt(fills)


def _strict(moments: Sequence[Moment], plan: Plan) -> Iterator[Sequence[datetime]]:
    """Fill the steps by events that follow each other directly.

    Of the events of one instant, those that fill the first steps come last, and those that
    fill the last ones first; in between, all of them fill steps.
    """
    runs, nothing = plan.runs, dict[int, Fills]()
    ahead = nothing
    known: Fills | tuple[()] | None = ()
    for at, events in moments:
        fillable = runs[events]
        if not fillable:
            ahead = nothing
            continue
        size = 1 if isinstance(events, str) else len(events)
        after, ahead = ahead, {}
        for k, number in fillable:
            ahead[k] = (at, number, after.get(k + number) if number == size else None)
        if 0 in ahead:
            most, link = ahead[0][1], after.get(1)
            if most == 1 and (link is not known or plan.every):
                yield plan.attempt((at, 1, link))
            elif most > 1:
                starts = ((at, number, after.get(number)) for number in range(1, most + 1))
                yield min(map(plan.attempt, starts), key=_rank)
            known = link


def _any(moments: Sequence[Moment], plan: Plan) -> Iterator[Sequence[datetime]]:
    """Fill the steps in whichever order they come."""
    fill = _apart if plan.same_time == "forbid" else _together
    for start, ats in fill(moments, plan):
        end = plan.ends and plan.ends(start)
        yield ats[:] if end is None else ats[: bisect_right(ats, end)]


def _together(
    moments: Sequence[Moment], plan: Plan
) -> Iterator[tuple[datetime, Sequence[datetime]]]:
    """Fill each step at the next instants of its event."""
    ahead: dict[str, deque[datetime]] = {step: deque() for step in plan.steps}
    ats: list[datetime] = []
    offered: Callable[..., Iterable[str]] = iter if plan.same_time == "allow" else dict.fromkeys
    for start, events in moments:
        for event in (events,) if isinstance(events, str) else offered(events):
            if event in ahead:
                nexts = ahead[event]
                nexts.appendleft(start)
                ats.insert(0, start)
                if len(nexts) > plan.needed[event]:
                    ats.remove(nexts.pop())
        if ats and ats[0] is start:
            yield start, ats


def _apart(moments: Sequence[Moment], plan: Plan) -> Iterator[tuple[datetime, Sequence[datetime]]]:
    """Fill steps at instants that all differ, each as early as can be.

    An instant is taken where the steps can still be shared out among those taken: the
    instants that can be taken together are the independent sets of a matroid, for which
    taking the earliest is best at every step.
    """
    ahead: dict[str, deque[datetime]] = {step: deque(maxlen=len(plan.steps)) for step in plan.steps}
    for start, events in moments:
        there = ahead.keys() & each(events)
        for event in there:
            ahead[event].appendleft(start)
        if there:
            offers: dict[datetime, set[str]] = defaultdict(set)
            for step, ats in ahead.items():
                for at in ats:
                    offers[at].add(step)
            holders: dict[int, datetime] = {}
            yield (
                start,
                [at for at in sorted(offers) if _seat(at, offers, plan.steps, holders, set())],
            )


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


ORDERS: dict[str, Callable[[Sequence[Moment], Plan], Iterator[Sequence[datetime]]]] = {
    "ordered": _ordered,
    "strict": _strict,
    "any": _any,
}
