"""A naive engine, written from the rules alone: the second opinion on every change.

It keeps every event of a customer, and works everything out anew whenever it is asked.
Of a definition it reads what anyone can read. The numbers in the comments are the rules'.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from lifecycle import ANY, Event, Lifecycle, Stage, Status, Transition

Condition = Any
Measure = Any
Timeout = Any


class Change(NamedTuple):
    """One move, with the place of its transition in the definition."""

    at: datetime
    source: str
    target: str
    kind: str
    cause: str
    transition: int


class Stay(NamedTuple):
    """One stay, open at its end when it is the last."""

    stage: str
    entered: datetime
    left: datetime | None


class State(NamedTuple):
    """All there is to know of one customer."""

    stage: str
    enrolled: datetime
    entered: datetime
    seen: datetime
    attributes: Mapping[str, object]
    past: tuple[Event, ...] = ()
    earlier: int = 0  # how many of the past events belong to earlier stays
    stays: tuple[tuple[str, datetime], ...] = ()  # each stage entered, and when
    rested: Mapping[int, datetime] = MappingProxyType({})  # which time-outs, and since when
    again: Mapping[int, datetime] = MappingProxyType({})  # which are due again, and not before when


NOBODY = State("", *[datetime(1, 1, 1, tzinfo=UTC)] * 3, {})


class History(NamedTuple):
    """What came of a log."""

    state: State
    changes: tuple[Change, ...]
    stays: tuple[Stay, ...]
    events: tuple[Event, ...]


def instant(at: datetime) -> datetime:
    """Give what instants are compared by (2)."""
    return at if at.tzinfo is None else at.astimezone(UTC)


def stage_of(lifecycle: Lifecycle, name: str) -> Stage:
    return next(stage for stage in lifecycle.stages if stage.name == name)


def known_names(lifecycle: Lifecycle) -> list[str]:
    """List the event names in the order in which the definition first names them (12, 14)."""
    named = [transition.on for transition in lifecycle.transitions if transition.on is not None]
    return list(dict.fromkeys([*named, *(lifecycle.activity or ()), *lifecycle.events]))


def activity_names(lifecycle: Lifecycle) -> list[str]:
    """List the event names that count as activity (5)."""
    return known_names(lifecycle) if lifecycle.activity is None else list(lifecycle.activity)


# Levels and groups, rules 8 and 9


def nearness(source: Any, target: str, stage: Stage) -> int | None:
    """Say how near one source is to a stage: by name, by status, by ANY, or not at all."""
    if type(source) is str:
        return 0 if source == stage.name else None
    if stage.final or target == stage.name:
        return None
    if source is ANY:
        return 2
    return 1 if source is stage.status else None


def level(transition: Transition, stage: Stage) -> int | None:
    """Give the nearest level of a transition at which it leaves a stage."""
    found = [nearness(source, transition.target, stage) for source in transition.sources]
    return min((near for near in found if near is not None), default=None)


def ways_out(stage: Stage, transitions: Iterable[Transition]) -> list[tuple[int, int, Transition]]:
    """List (level, place, transition) of a stage, nearest first, then as declared."""
    found = ((level(way, stage), place, way) for place, way in enumerate(transitions))
    return sorted((near, place, way) for near, place, way in found if near is not None)


def clock(timeout: Timeout) -> tuple[object, ...]:
    if timeout.clock in {"at", "falls"}:
        return (timeout.clock, repr(timeout.measure))
    return (timeout.clock, frozenset(named(timeout.event)), repr(timeout.where))


def named(names: Any) -> tuple[str, ...]:
    """Give one name, several or none as a tuple."""
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def timeouts(stage: Stage, transitions: Iterable[Transition]) -> list[tuple[int, Transition]]:
    """List (place, transition) of a stage's time-outs that no nearer level silences."""
    ways = [found for found in ways_out(stage, transitions) if found[2].after is not None]
    return [
        (place, way)
        for near, place, way in ways
        if all(near <= other for other, _, rival in ways if clock(rival.after) == clock(way.after))
    ]


# Clocks, rules 4 and 6


def restarts(lifecycle: Lifecycle, timeout: Timeout, event: Event) -> bool:
    """Say whether an event restarts an idle clock."""
    if timeout.clock in {"at", "dwell"}:
        return False
    if timeout.clock == "falls":
        return any(weighs(term, event) for term in parts(timeout.measure))
    names = named(timeout.event) or activity_names(lifecycle)
    return event.name in names and meets(timeout.where, event)


def deadline(
    lifecycle: Lifecycle, state: State, timeout: Timeout, after: datetime | None
) -> datetime | None:
    """Give the instant at which a time-out is due; None if past the last datetime (3).

    After it was examined and rests, only a measure that rises and falls is due again.
    """
    if timeout.clock == "falls":
        ahead = (at for at in falls(timeout, state) if instant(at) >= instant(state.entered))
        return next((at for at in ahead if after is None or instant(at) > instant(after)), None)
    if after is not None:
        return None
    if timeout.clock == "dwell":
        return timeout.length.after(state.entered)
    if timeout.clock == "at":
        end = date_of(timeout, state)
        return end and max(state.entered, end, key=instant)
    active = [event.at for event in state.past if restarts(lifecycle, timeout, event)]
    end = timeout.length.after(active[-1] if active else state.enrolled)
    return end and max(state.entered, end, key=instant)


def date_of(timeout: Timeout, state: State) -> datetime | None:
    """Give the date that a customer carries, or the instant so long after or before it."""
    date = state.attributes.get(timeout.measure.name)
    if date is None or timeout.length is None:
        return date
    if not timeout.before:
        return timeout.length.after(date)
    return timeout.length.before(date) or state.entered  # before all dates


def told(way: Transition, event: Event) -> bool:
    """Say whether an event sets an attribute that a time-out reads (10)."""
    read_too = set(attributes(way.when))
    if way.after.clock == "at":
        read_too.add(way.after.measure.name)
    return not read_too.isdisjoint(event.sets or {})


def attributes(condition: Condition) -> Iterator[str]:
    """Name the attributes that a condition reads; of code nobody knows."""
    match type(condition).__name__:
        case "AllOf" | "AnyOf":
            for part in condition.conditions:
                yield from attributes(part)
        case "Not":
            yield from attributes(condition.condition)
        case "Criterion" if condition.measure.kind == "attribute":
            yield condition.measure.name


# Measures that fall


def parts(measure: Measure) -> tuple[Measure, ...]:
    """Give the measures that a sum is made of, or the one that it is."""
    is_sum = type(measure).__name__ == "Sum"
    return (*measure.plus, *measure.minus) if is_sum else (measure,)


def weighs(measure: Measure, event: Event) -> bool:
    """Say whether an event makes a difference to a measure."""
    valued = measure.kind == "count" or event.value is not None
    return valued and event.name in named(measure.name) and meets(measure.where, event)


def falls(fall: Any, state: State) -> Iterator[datetime]:
    """Give when a measure falls, in the order of time: with its last event, then as they leave.

    It is read before and after each instant at which it can change.
    """
    terms = parts(fall.measure)
    counted = [
        place
        for place, past in enumerate(state.past)
        if any(weighs(term, past) for term in terms)
        and (place >= state.earlier or not terms[0].since_entry)
    ]
    if not counted:
        return
    last = state.past[counted[-1]].at

    def holds(events: int, now: datetime) -> bool:
        found = read(fall.measure, state._replace(past=state.past[:events]), None, now)
        return found is not None and found >= fall.below

    held = holds(counted[-1] + 1, last)
    if holds(counted[-1], last) and not held:
        yield last
    ends = {leaves(terms[0].within, state.past[place].at, last) for place in counted}
    for end in sorted((end for end in ends if end is not None), key=instant):
        if instant(end) > instant(last):
            before, held = held, holds(len(state.past), end)
            if before and not held:
                yield end


def leaves(within: Any, at: datetime, clock: datetime) -> datetime | None:
    """Give the first instant at which a window holds one no longer, on the clock of another."""
    local = at if clock.tzinfo is None else at.astimezone(clock.tzinfo)
    end = within.after(local)
    halves = 0
    while end is not None and is_within(within, at, end):  # a month that reaches further back
        halves += 1
        end = whole_half_hour(within.after(local), halves)
    return end


def whole_half_hour(at: datetime, number: int) -> datetime:
    """Give the first full or half hour after an instant, the second and so on."""
    into = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    found = instant(at) - into + number * timedelta(minutes=30)
    return found if at.tzinfo is None else found.astimezone(at.tzinfo)


# Conditions, rule 11

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        ">=": operator.ge,
        ">": operator.gt,
        "<=": operator.le,
        "<": operator.lt,
        "equals": operator.eq,
        "is_in": lambda found, wanted: found in wanted,
    }
)


def meets(where: Condition, event: Event) -> bool:
    """Say whether an event is one of those that are meant."""
    return holds(where, NOBODY, event, event.at)


def read(measure: Measure, state: State, event: Event | None, now: datetime) -> object:
    """Give what a condition measures; None if it is missing."""
    if type(measure).__name__ != "Sum":
        return READ[measure.kind](measure, state, event, now)
    plus, minus = (
        [read(term, state, event, now) for term in terms] for terms in (measure.plus, measure.minus)
    )
    if None in {*plus, *minus}:
        return None
    if measure.kind == "mean" and Decimal in map(type, (*plus, *minus)):
        plus, minus = ([Decimal(str(one)) for one in terms] for terms in (plus, minus))
    return sum(plus) - sum(minus)


def counted(measure: Measure, state: State, now: datetime) -> list[Event]:
    """Give the events that a measure reads."""
    return [
        past
        for past in state.past[state.earlier if measure.since_entry else 0 :]
        if past.name in named(measure.name)
        and is_within(measure.within, past.at, now)
        and meets(measure.where, past)
    ]


def values(measure: Measure, state: State, now: datetime) -> list[Any]:
    return [past.value for past in counted(measure, state, now) if past.value is not None]


def days(events: list[Event], now: datetime) -> object:
    return (instant(now) - instant(events[-1].at)).total_seconds() / 86400 if events else None


def average(values: list[Any]) -> object:
    return sum(values) / len(values) if values else None


READ: Mapping[str, Callable[[Measure, State, Any, datetime], object]] = MappingProxyType(
    {
        "count": lambda measure, state, _, now: len(counted(measure, state, now)),
        "total": lambda measure, state, _, now: sum(values(measure, state, now)),
        "mean": lambda measure, state, _, now: average(values(measure, state, now)),
        "days_since": lambda measure, state, _, now: days(counted(measure, state, now), now),
        "entries": lambda measure, state, _, now: sum(
            stage in named(measure.name) and is_within(measure.within, at, now)
            for stage, at in state.stays
        ),
        "previous": lambda _measure, state, *_: state.stays[-2][0] if state.stays[1:] else None,
        "value": lambda _measure, _state, event, _now: event.value,
        "attribute": lambda measure, state, _, _now: state.attributes.get(measure.name),
        "event_attribute": lambda measure, _, event, _now: event.attributes.get(measure.name),
    }
)


def is_within(period: Any, at: datetime, now: datetime) -> bool:
    if type(period).__name__ == "Until":
        return label(period, at, now) == label(period, now, now)
    if period is None or (start := period.before(now)) is None:
        return True
    return instant(at) > instant(start)


def label(until: Any, at: datetime, now: datetime) -> tuple[int, ...]:
    """Name the calendar period of an instant, on the clock of another one."""
    zone = now.tzinfo if until.zone is None else ZoneInfo(until.zone)
    local = at if at.tzinfo is None else at.astimezone(zone)
    if until.grain in {"day", "week"}:
        days = local.toordinal()
        return (days if until.grain == "day" else (days - 1) // 7,)  # day 1 was a Monday
    months = 12 * local.year + local.month - until.year_start
    return (months // {"month": 1, "quarter": 3, "year": 12}[until.grain],)


def holds(condition: Condition, state: State, event: Event | None, now: datetime) -> bool:
    """Say whether a condition is met."""
    match type(condition).__name__:
        case "NoneType":
            return True
        case "AllOf":
            return all(holds(part, state, event, now) for part in condition.conditions)
        case "AnyOf":
            return any(holds(part, state, event, now) for part in condition.conditions)
        case "Not":
            return not holds(condition.condition, state, event, now)
        case "Criterion":
            found = read(condition.measure, state, event, now)
            compare = COMPARE[condition.operator]
            return found is not None and compare(found, condition.wanted)
        case _:
            customer = SimpleNamespace(stage=state.stage, attributes=state.attributes)
            return condition(customer, event)


# Steps


def kind(source: Stage, target: Stage) -> str:
    """Say what a move means, first match."""
    kinds = {
        "renewal": source.name == target.name,
        "conversion": (source.status, target.status) == (Status.PROSPECT, Status.ACTIVE),
        "reactivation": (source.status, target.status) == (Status.DORMANT, Status.ACTIVE),
        "win_back": (source.status, target.status) == (Status.CHURNED, Status.ACTIVE),
        "lapse": target.status is Status.DORMANT,
        "churn": target.status is Status.CHURNED,
        "return": source.status in (Status.DORMANT, Status.CHURNED)
        and target.status is Status.PROSPECT,
        "progress": True,
    }
    return next(name for name, meant in kinds.items() if meant)


def move(
    lifecycle: Lifecycle, state: State, place: int, at: datetime, cause: str
) -> tuple[State, Change]:
    """Take a transition: the stage is entered anew, so nothing rests any more (10)."""
    source, target = state.stage, lifecycle.transitions[place].target
    what = kind(stage_of(lifecycle, source), stage_of(lifecycle, target))
    moved = state._replace(
        stage=target,
        entered=at,
        seen=at,
        earlier=len(state.past),
        stays=(*state.stays, (target, at)),
        rested={},
        again={},
    )
    return moved, Change(at, source, target, what, cause, place)


def next_timeout(
    lifecycle: Lifecycle, state: State, to: datetime | None
) -> tuple[datetime, int] | None:
    """Give the earliest deadline due that does not rest, at the same instant the nearest (8)."""
    stage = stage_of(lifecycle, state.stage)
    ends = [
        (max(end, state.again.get(place, end), key=instant), place)
        for place, way in timeouts(stage, lifecycle.transitions)
        if (end := deadline(lifecycle, state, way.after, state.rested.get(place))) is not None
    ]
    ends = [(end, place) for end, place in ends if to is None or instant(end) <= instant(to)]
    return min(ends, key=lambda found: instant(found[0]), default=None)


def step(
    lifecycle: Lifecycle, state: State, to: datetime | None
) -> tuple[State, Change | None] | None:
    """Examine the next time-out, once; it moves the customer or rests (10)."""
    if (found := next_timeout(lifecycle, state, to)) is None:
        return None
    at, place = found
    if holds(lifecycle.transitions[place].when, state, None, at):
        return move(lifecycle, state, place, at, "timeout")
    return state._replace(rested={**state.rested, place: at}), None


def settle(
    lifecycle: Lifecycle, state: State, to: datetime
) -> tuple[State, State, tuple[Change, ...]]:
    """Take every time-out due; give the state before and after the last ones were examined."""
    moved, changes = state, []
    while (stepped := step(lifecycle, state, to)) is not None:
        state, change = stepped
        if change is not None:
            moved = state
            changes.append(change)
    return moved, state, tuple(changes)


# The front door


def enroll(
    lifecycle: Lifecycle,
    at: datetime,
    stage: str | None = None,
    attributes: Mapping[str, object] | None = None,
) -> State:
    begun = stage or lifecycle.initial
    return State(begun, at, at, at, dict(attributes or {}), stays=((begun, at),))


def advance(lifecycle: Lifecycle, state: State, to: datetime) -> tuple[State, tuple[Change, ...]]:
    """Take every time-out due; looking leaves no trace when none is taken (10)."""
    moved, _, changes = settle(lifecycle, state, to)
    return moved, changes


def due(lifecycle: Lifecycle, state: State) -> tuple[datetime, int] | None:
    """Give (deadline, place) of the time-out that is taken if nothing happens."""
    while (stepped := step(lifecycle, state, None)) is not None:
        state, change = stepped
        if change is not None:
            return change.at, change.transition
    return None


def apply(lifecycle: Lifecycle, state: State, event: Event) -> tuple[State, tuple[Change, ...]]:
    """Take the time-outs due (7), count the event, then take the first way that holds (8)."""
    moved, state, changes = settle(lifecycle, state, event.at)
    stage = stage_of(lifecycle, state.stage)
    if stage.final:  # (13)
        return moved, changes
    state = count(lifecycle, state, event)
    for _, place, way in ways_out(stage, lifecycle.transitions):
        if way.on == event.name and holds(way.when, state, event, event.at):
            state, change = move(lifecycle, state, place, event.at, "event")
            return state, (*changes, change)
    return state, changes


def count(lifecycle: Lifecycle, state: State, event: Event) -> State:
    ways = lifecycle.transitions
    again = {place for place, way in enumerate(ways) if way.after and told(way, event)}
    again = {i for i in again if i in state.rested or ways[i].after.clock == "at"}
    resting = {
        place: at
        for place, at in state.rested.items()
        if place not in again and not restarts(lifecycle, ways[place].after, event)
    }
    return state._replace(
        past=(*state.past, event),
        attributes={**state.attributes, **(event.sets or {})},
        seen=event.at,
        rested=resting,
        again={**state.again, **dict.fromkeys(again, event.at)},
    )


def in_order(lifecycle: Lifecycle, events: Iterable[Event]) -> list[Event]:
    """Drop repeated ids and sort by instant, sequence, name as first named, id, as given (12)."""
    names = known_names(lifecycle)
    once = {place if event.id is None else event.id: event for place, event in enumerate(events)}
    return sorted(
        once.values(),
        key=lambda event: (
            instant(event.at),
            event.sequence is None,
            event.sequence or 0,
            names.index(event.name),
            event.id is None,
            event.id or "",
        ),
    )


def replay(  # noqa: PLR0913  (the arguments of the front door)
    lifecycle: Lifecycle,
    events: Iterable[Event],
    *,
    until: datetime | None = None,
    since: datetime | None = None,
    stage: str | None = None,
    attributes: Mapping[str, object] | None = None,
) -> History:
    """Fold the events in order, up to an instant (16)."""
    events = in_order(lifecycle, events)
    first = state = enroll(lifecycle, since or events[0].at, stage, attributes)
    changes: tuple[Change, ...] = ()
    for event in events:
        if until is None or instant(event.at) <= instant(until):
            state, more = apply(lifecycle, state, event)
            changes += more
    if until is not None:
        state, more = advance(lifecycle, state, until)
        changes += more
    return History(state, changes, stays(first, changes), tuple(events))


def stays(first: State, changes: Iterable[Change]) -> tuple[Stay, ...]:
    """Cut the journey at its changes: half-open, tiled, and the last one open (7, 16)."""
    entries = [(first.stage, first.entered), *((change.target, change.at) for change in changes)]
    ends = [entered for _, entered in entries[1:]] + [None]
    return tuple(Stay(name, at, left) for (name, at), left in zip(entries, ends, strict=True))
