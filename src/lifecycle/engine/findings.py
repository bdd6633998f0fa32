"""What is legal in a definition, and odd.

Each rule is a function that yields findings of one code; `RULES` lists them. What is
wrong is no finding: `soundness.py` refuses it.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import timedelta
from heapq import heappop, heappush
from typing import NamedTuple

import attrs

from lifecycle._lengths import Period, mean
from lifecycle._values import call
from lifecycle.engine._compiled import (
    Levels,
    Parts,
    choices,
    clock_of,
    expand,
    known_events,
    reason_of,
    sounding,
)
from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import (
    AllOf,
    Condition,
    Criterion,
    Measure,
    Not,
    Sum,
    called,
    is_data,
    opposite,
)
from lifecycle.engine.dates import At
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import After, Timeout, Transition
from lifecycle.errors import folded
from lifecycle.periods import Until

__all__ = ["Finding"]


@attrs.frozen(repr=False, weakref_slot=False)
class Finding:
    """Something in a definition that is legal and odd.

    Attributes:
        code: What kind of thing it is, for a filter: see the table of codes.
        message: What is odd, and what would cure it.
        where: The part of the definition: `stages[2]`, `transitions[5]`.
    """

    code: str
    message: str
    where: str

    def __repr__(self) -> str:
        return call(self, "code", "message", "where")

    def __str__(self) -> str:
        return f"{self.where}: {self.message} ({self.code})"


def findings(parts: Parts) -> tuple[Finding, ...]:
    """Return what is odd in a definition, rule by rule, in the order of the definition."""
    return tuple(finding for rule in RULES for finding in rule(parts))


def _unreachable_stages(parts: Parts) -> Iterator[Finding]:
    reached = _reachable(_exits(parts), parts.initial)
    for i, stage in enumerate(parts.stages):
        if stage.name not in reached:
            message = (
                f"no way leads from {parts.initial!r} to {stage.name!r}; "
                "add a transition to it, or remove it"
            )
            yield Finding("unreachable_stage", message, f"stages[{i}]")


def _stages_without_exit(parts: Parts) -> Iterator[Finding]:
    exits = _exits(parts)
    for i, stage in enumerate(parts.stages):
        if not stage.final and not exits[stage.name] - {stage.name}:
            message = f"nothing leads out of {stage.name!r}; add a transition, or make it final"
            yield Finding("no_exit", message, f"stages[{i}]")


def _dormant_stages_without_way_back(parts: Parts) -> Iterator[Finding]:
    exits = _exits(parts)
    active = {stage.name for stage in parts.stages if stage.status is Status.ACTIVE}
    for i, stage in enumerate(parts.stages):
        if stage.status is Status.DORMANT and not _reachable(exits, stage.name) & active:
            message = (
                f"no way leads from {stage.name!r} back to an active stage; "
                "add a reactivation loop, or call the stage CHURNED"
            )
            yield Finding("no_way_back", message, f"stages[{i}]")


def _transitions_never_taken(parts: Parts) -> Iterator[Finding]:
    taken = {i for positions in _effective(parts).values() for i in positions}
    for i, transition in enumerate(parts.transitions):
        if i not in taken:
            message = (
                f"no stage takes {transition!r}: its sources match no stage, or a transition of "
                "a nearer level stands before it everywhere; remove it, or name other sources"
            )
            yield Finding("never_taken", message, f"transitions[{i}]")


def _transitions_shadowed_in_a_stage(parts: Parts) -> Iterator[Finding]:
    for stage, levels in _expanded(parts).items():
        heard = set(sounding(levels, parts.transitions))
        for level in levels:
            firsts: dict[object, int] = {}
            for i in level:
                transition, reason = parts.transitions[i], reason_of(parts.transitions[i])
                if reason in firsts and (transition.after is None or i in heard):
                    same = "" if transition.after is None else " with the same deadline"
                    message = (
                        f"{transition!r} is never taken in {stage!r}: "
                        f"transitions[{firsts[reason]}] stands before it{same} and has no "
                        "condition; put the one with the condition first"
                    )
                    yield Finding("shadowed_transition", message, f"transitions[{i}]")
                elif transition.when is None:
                    firsts.setdefault(reason, i)


def _timeouts_outrun(parts: Parts) -> Iterator[Finding]:
    slower: dict[int, tuple[str, int]] = {}
    for stage, levels in _expanded(parts).items():
        for level in levels:
            for j, i in _outrun(parts, level):
                slower.setdefault(j, (stage, i))
    for j, (stage, i) in sorted(slower.items()):
        message = (
            f"{parts.transitions[j]!r} is never taken in {stage!r}: transitions[{i}] reads the "
            "same clock and is always due before; remove it there, or give the other a condition"
        )
        yield Finding("outrun_timeout", message, f"transitions[{j}]")


def _timeouts_that_may_rest(parts: Parts) -> Iterator[Finding]:
    """Where a condition fails at its deadline, and no other clock runs, none ever does.

    It is examined again only when an event sets an attribute that it reads.
    """
    first: dict[int, str] = {}
    for stage, levels in _expanded(parts).items():
        heard = sounding(levels, parts.transitions)
        if not any(_always_comes(parts.transitions[i]) for i in heard):
            settled = _settled(parts, heard)
            anew = stage in {parts.transitions[i].target for i in _moves_of(parts, levels)}
            for i in heard:
                transition = parts.transitions[i]
                if reason_of(transition) not in settled and _may_rest(parts, transition, anew=anew):
                    first.setdefault(i, stage)
    for i, stage in sorted(first.items()):
        message = (
            f"{parts.transitions[i]!r} may rest forever in {stage!r}: its condition is examined "
            "at the deadline, and not again when it holds later without an event having set an "
            "attribute that it reads; add a time-out without a condition or with the opposite "
            "one, or let an event enter the stage anew"
        )
        yield Finding("resting_timeout", message, f"transitions[{i}]")


def _always_comes(transition: Transition) -> bool:
    """Say whether a time-out has a deadline and no condition; a date can be missing."""
    return transition.when is None and not isinstance(transition.after, At)


def _falls_that_never_come(parts: Parts) -> Iterator[Finding]:
    for i, transition in enumerate(parts.transitions):
        fall = transition.after
        if isinstance(fall, Fall) and fall.below <= 0 and _never_negative(fall.measure):
            message = f"{fall.measure!r} is never below {fall.below!r}; ask for more than 0"
            yield Finding("never_falls", message, f"transitions[{i}]")


def _never_negative(measure: Measure | Sum) -> bool:
    """Say whether a measure counts, and subtracts nothing."""
    return "down" not in MEASURES[measure.kind].on_event and not (
        isinstance(measure, Sum) and measure.minus
    )


def _falls_that_may_rest(parts: Parts) -> Iterator[Finding]:
    """Who enters a stage with less than what falls waits until there is more, and falls again."""
    into: dict[str, list[Transition]] = {}
    for positions in _effective(parts).values():
        for way in (parts.transitions[i] for i in positions):
            into.setdefault(way.target, []).append(way)
    for stage, levels in _expanded(parts).items():
        heard = sounding(levels, parts.transitions)
        others = [i for i in heard if not isinstance(parts.transitions[i].after, At)]
        for i in others if all(_falls(parts, i) for i in others) else ():
            fall = parts.transitions[i].after
            assert isinstance(fall, Fall)  # noqa: S101  (as all others; dates can be missing)
            if stage == parts.initial or not all(_has(way, fall) for way in into.get(stage, ())):
                message = (
                    f"{parts.transitions[i]!r} may rest forever in {stage!r}: a customer who "
                    f"enters it without {fall.criterion!r} has nothing to lose; ask for that "
                    "where the stage is entered, or add a time-out without a condition"
                )
                yield Finding("resting_fall", message, f"transitions[{i}]")


def _has(way: Transition, fall: Fall) -> bool:
    """Say whether who takes a transition has what falls: as asked, or as it fell from more."""
    if isinstance(way.after, Fall) and way.after.measure == fall.measure:
        return bool(way.after.below >= fall.below)
    asked = way.when.conditions if isinstance(way.when, AllOf) else (way.when,)
    return any(
        isinstance(one, Criterion)
        and one.measure == fall.measure
        and _NEEDS.get(one.operator) == "up"
        and one.wanted >= fall.below  # type: ignore[operator]  # a number, as the measure is
        for one in asked
    )


def _settled(parts: Parts, heard: Iterable[int]) -> set[object]:
    """Return the deadlines at which one of two opposite conditions holds."""
    asked: dict[object, set[Condition]] = {}
    for transition in (parts.transitions[i] for i in heard):
        if is_data(transition.when):
            asked.setdefault(reason_of(transition), set()).add(transition.when)
    return {at for at, whens in asked.items() if any(opposite(one) in whens for one in whens)}


def _may_rest(parts: Parts, transition: Transition, *, anew: bool) -> bool:
    """Say whether a condition can begin to hold while its clock does not start anew."""
    timeout, when = transition.after, transition.when
    if timeout is None or not is_data(when) or (timeout.clock == "dwell" and anew):
        return False
    return _may_hold_later(when, lambda measure: _moves(parts, timeout, measure))


def _moves_of(parts: Parts, levels: Levels) -> Iterator[int]:
    """Yield the transitions that events take from a stage."""
    for positions in choices(levels, parts.transitions).values():
        yield from positions


_NEEDS = {">=": "up", ">": "up", "<": "down", "<=": "down"}
"""Where a measure has to move for a comparison to begin to hold; others need any change."""

_BACK = {"up": "down", "down": "up", "": ""}


def _may_hold_later(
    condition: Condition, moves: Callable[[Measure | Sum], Container[str]], *, denied: bool = False
) -> bool:
    if isinstance(condition, Criterion):
        need = _NEEDS.get(condition.operator, "")
        return (_BACK[need] if denied else need) in moves(condition.measure)
    if isinstance(condition, Not):
        return _may_hold_later(condition.condition, moves, denied=not denied)
    return any(_may_hold_later(part, moves, denied=denied) for part in condition.conditions)


def _moves(parts: Parts, timeout: After, measure: Measure | Sum) -> set[str]:
    """Say where a measure can move while a clock is not started anew."""
    if isinstance(measure, Sum):
        ups = [_moves(parts, timeout, term) for term in measure.plus]
        downs = [_moves(parts, timeout, term) for term in measure.minus]
        return set().union(*ups, *({_BACK[way] for way in ways} for ways in downs))
    row = MEASURES[measure.kind]
    happens = row.on_event if _can_happen(parts, timeout, measure) else ()
    lasts = row.moves_in_time(measure) and (happens or not _is_over(measure, timeout))
    return {*happens, *(row.on_time if lasts else ())}


def _can_happen(parts: Parts, timeout: After, measure: Measure) -> bool:
    """Say whether an event that moves a measure can leave a clock as it is."""
    events = set(known_events(parts))
    moving = set(measure.names) if MEASURES[measure.kind].named == "event" else events
    if timeout.where is not None and timeout.where != measure.where:
        return True  # an event that does not meet the condition of the clock
    return not moving <= _restarts(parts, timeout) & events


def _restarts(parts: Parts, timeout: After) -> set[str]:
    """Return the events that start a clock anew, while the customer stays."""
    if timeout.clock in {"dwell", "at"}:
        return set()
    if timeout.names:
        return set(timeout.names)
    return set(known_events(parts) if parts.activity is None else parts.activity)


def _is_over(measure: Measure, timeout: After) -> bool:
    """Say whether a window is surely empty when a clock has run out without an event."""
    within = measure.within
    if within is None or not isinstance(timeout, Timeout):
        return False
    if timeout.anchor == "enrolled":
        return False
    return within == timeout.length or _bounds(within)[1] <= _bounds(timeout.length)[0]


_FAST = timedelta(hours=1)
"""A loop of time-outs that turns more often is odd: each turn is stored."""


def _stops_without_a_clock(parts: Parts) -> Iterator[Finding]:
    clocks = {
        stage: {
            timeout.clock
            for i in sounding(levels, parts.transitions)
            if (timeout := parts.transitions[i].after) is not None
        }
        for stage, levels in _expanded(parts).items()
    }
    for i, stage in enumerate(parts.stages):
        others = set().union(*(found for name, found in clocks.items() if name != stage.name))
        for clock in stage.stops:
            if clock not in others:
                message = (
                    f"{stage.name!r} stops {clock}, and no other stage has a time-out of that "
                    "clock; leave it out of stops, or add the time-out that the pause is to move"
                )
                yield Finding("stops_nothing", message, f"stages[{i}]")


def _loops_that_turn_fast(parts: Parts) -> Iterator[Finding]:
    ways = _that_go_on(_ways_in_silence(parts))
    told: set[str] = set()
    for stage in ways:
        length, loop = (timedelta(), []) if stage in told else _fast_loop(ways, stage)
        if loop:
            names = [stage, *(parts.transitions[i].target for i in loop)]
            told.update(names)
            message = (
                f"{' -> '.join(map(repr, names))} turns once in {length} by time-outs alone, "
                f"{timedelta(days=365) // length:,} times a year; make one of them longer, "
                "or give it a condition"
            )
            yield Finding("fast_loop", message, f"transitions[{loop[0]}]")


class _Way(NamedTuple):
    """A time-out without a condition, of a loop that turns fast."""

    length: timedelta
    position: int
    target: str


def _ways_in_silence(parts: Parts) -> dict[str, list[_Way]]:
    """Return the short time-outs of each stage that are taken whatever is known.

    In a loop, an idle time-out takes no time: once it was due, it is due again at once.
    """
    found: dict[str, list[_Way]] = {}
    for stage, levels in _expanded(parts).items():
        heard = sounding(levels, parts.transitions)
        ways = [_way(parts, i) for i in heard if not _falls(parts, i)]
        free = sorted(way for way in ways if parts.transitions[way.position].when is None)
        dwells = [way for way in free if timedelta() < way.length < _FAST]
        found[stage] = [way for way in free if not way.length] + dwells[:1]
    return found


def _falls(parts: Parts, i: int) -> bool:
    """Say whether a time-out waits for a fall, which comes once and then takes events."""
    return isinstance(parts.transitions[i].after, Fall)


def _way(parts: Parts, i: int) -> _Way:
    timeout, target = parts.transitions[i].after, parts.transitions[i].target
    assert timeout is not None  # noqa: S101  (it runs)
    is_dwell = isinstance(timeout, Timeout) and timeout.clock == "dwell"
    return _Way(_waits(timeout)[1] if is_dwell else timedelta(), i, target)


def _that_go_on(ways: Mapping[str, list[_Way]]) -> dict[str, list[_Way]]:
    """Leave out the stages from which no way leads on forever, so that loops are found quickly."""
    sources: dict[str, list[str]] = {}
    for stage, ahead in ways.items():
        for way in ahead:
            sources.setdefault(way.target, []).append(stage)
    left = {stage: len(ahead) for stage, ahead in ways.items()}
    ended = [stage for stage, n in left.items() if not n]
    for stage in ended:
        for source in sources.get(stage, ()):
            left[source] -= 1
            if not left[source]:
                ended.append(source)
    return {stage: ahead for stage, ahead in ways.items() if left[stage]}


def _fast_loop(ways: Mapping[str, list[_Way]], start: str) -> tuple[timedelta, list[int]]:
    """Find the shortest way from a stage back to it, which a dwell time-out begins."""
    came: dict[str, tuple[str, int]] = {}
    ahead = [(way.length, way.target, start, way.position) for way in ways[start] if way.length]
    while ahead:
        length, stage, before, position = heappop(ahead)
        if stage in came or stage not in ways:
            continue
        came[stage] = before, position
        if stage == start:
            return length, _traced(came, start)
        for way in ways[stage]:
            if length + way.length < _FAST:
                heappush(ahead, (length + way.length, way.target, stage, way.position))
    return timedelta(), []


def _traced(came: Mapping[str, tuple[str, int]], start: str) -> list[int]:
    """Return the time-outs of a loop, in order, from how each stage was reached."""
    stage, position = came[start]
    loop = [position]
    while stage != start:
        stage, position = came[stage]
        loop.insert(0, position)
    return loop


def _milestones_never_reached(parts: Parts) -> Iterator[Finding]:
    """A milestone is missed where no stage has it, or each is always left before."""
    ways, marked = _expanded(parts), expand(parts.stages, parts.milestones)
    for i, mark in enumerate(parts.milestones):
        stages = [stage for stage, levels in marked.items() if any(i in level for level in levels)]
        if all(_is_left_before(parts, ways[stage], mark) for stage in stages):
            why = "its stages are always left before" if stages else "no stage has it"
            message = f"{mark!r} is never reached: {why}; change it, or remove it"
            yield Finding("never_reached", message, f"milestones[{i}]")


def _is_left_before(parts: Parts, levels: Levels, mark: Milestone) -> bool:
    """Say whether a stage is always left before a milestone of the same clock is due."""
    heard = (parts.transitions[i] for i in sounding(levels, parts.transitions))
    clock = mark.after
    return isinstance(clock, Timeout) and any(
        way.when is None
        and isinstance(way.after, Timeout)
        and way.after.reads == clock.reads
        and _bounds(way.after.length)[1] < _bounds(clock.length)[0]
        for way in heard
    )


def _names_that_look_alike(parts: Parts) -> Iterator[Finding]:
    stages = {stage.name: f"stages[{i}]" for i, stage in enumerate(parts.stages)}
    named = _where_named(parts)
    events = {name: named[name] for name in known_events(parts)}
    for places in (stages, events):
        first: dict[str, str] = {}
        for name, where in places.items():
            other = first.setdefault(folded(name), name)
            if other != name:
                message = (
                    f"{name!a} and {other!a} differ only in case, blanks or Unicode form, and are "
                    "two names; rename one"
                )
                yield Finding("look_alike_names", message, where)


def _where_named(parts: Parts) -> Mapping[str, str]:
    """Return the part of a definition that first names each event."""
    places = {name: f"events[{i}]" for i, name in enumerate(parts.events)}
    places |= {name: f"activity[{i}]" for i, name in enumerate(parts.activity or ())}
    for i, transition in reversed(list(enumerate(parts.transitions))):
        if transition.on is not None:
            places[transition.on] = f"transitions[{i}]"
    return places


def _conditions_that_are_code(parts: Parts) -> Iterator[Finding]:
    for place, way in parts.ways:
        if way.when is not None and not is_data(way.when):
            message = (
                f"the condition {called(way.when)} is code: the definition cannot be "
                "stored or run in columns; write it with count, total, attribute and the like"
            )
            yield Finding("code_condition", message, place)


RULES: tuple[Callable[[Parts], Iterable[Finding]], ...] = (
    _unreachable_stages,
    _stages_without_exit,
    _dormant_stages_without_way_back,
    _transitions_never_taken,
    _transitions_shadowed_in_a_stage,
    _timeouts_outrun,
    _timeouts_that_may_rest,
    _falls_that_never_come,
    _falls_that_may_rest,
    _stops_without_a_clock,
    _loops_that_turn_fast,
    _milestones_never_reached,
    _names_that_look_alike,
    _conditions_that_are_code,
)


def _expanded(parts: Parts) -> Mapping[str, tuple[list[int], list[int], list[int]]]:
    return expand(parts.stages, parts.transitions)


def _effective(parts: Parts) -> dict[str, set[int]]:
    """Return the transitions that each stage can take."""
    return {
        stage: {i for on in choices(levels, parts.transitions).values() for i in on}
        | set(sounding(levels, parts.transitions))
        for stage, levels in _expanded(parts).items()
    }


def _exits(parts: Parts) -> dict[str, set[str]]:
    return {
        stage: {parts.transitions[i].target for i in positions}
        for stage, positions in _effective(parts).items()
    }


def _reachable(exits: Mapping[str, set[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        new = exits[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def _outrun(parts: Parts, level: list[int]) -> Iterator[tuple[int, int]]:
    """Yield each time-out that is due after one without a condition, and that one."""
    by_clock: dict[object, dict[int, tuple[timedelta, timedelta]]] = {}
    for i in level:
        timeout = parts.transitions[i].after
        if timeout is not None:
            ahead = by_clock.setdefault(clock_of(parts.transitions[i]), {})
            ahead[i] = _waits(timeout)
    for ahead in by_clock.values():
        free = sorted(i for i in ahead if parts.transitions[i].when is None)
        free.sort(key=lambda i: ahead[i][1])
        for j, (least, _) in ahead.items():
            first = next((i for i in free if _comes_first(parts, i, j)), None)
            if first is not None and ahead[first][1] < least:
                yield j, first


def _comes_first(parts: Parts, i: int, j: int) -> bool:
    """Say whether the sooner of two is taken where a stage is entered after both are due.

    Dates that have passed are due at once, in the order in which they are declared.
    """
    return i < j or not isinstance(parts.transitions[i].after, At)


def _waits(timeout: After) -> tuple[timedelta, timedelta]:
    """Return the least and the most time from where a clock starts to its deadline."""
    if timeout.length is None:
        return timedelta(), timedelta()
    least, most = _bounds(timeout.length)
    if isinstance(timeout, Timeout) and timeout.anchor == "enrolled":
        return timedelta(), most  # the next step may be near
    return (-most, -least) if isinstance(timeout, At) and timeout.before else (least, most)


def _bounds(length: Period | Until) -> tuple[timedelta, timedelta]:
    """Return the least and the most time that a length can be."""
    if isinstance(length, Until):
        return timedelta(0), length.longest
    if length.length is not None:
        return length.length, length.length
    return mean(length) - _MONTHS_DIFFER, mean(length) + _MONTHS_DIFFER


_MONTHS_DIFFER = timedelta(days=5)
"""By how much a length of time can be longer than its unit says, and by how much shorter."""
