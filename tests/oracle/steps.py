"""Steps of one customer, as the front door takes them (6 to 10, 12, 13, 16)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from types import SimpleNamespace
from typing import Any, NamedTuple

from lifecycle import Event, Lifecycle, Stage, Status
from oracle.deadlines import Due, next_due
from oracle.lives import Begun, Entered, Examined, Fact, Happened, Migrated, Recalled, State, zoned
from oracle.readings import holds
from oracle.times import instant
from oracle.ways import Timer, known_names, running, stage_of, stops, ways_out

MOST = 1000


class Change(NamedTuple):
    """One move, with the place of its transition in the definition, or a milestone."""

    at: datetime
    source: str
    target: str
    kind: str
    cause: str
    transition: int | None = None
    milestone: str | None = None


class Stay(NamedTuple):
    """One stay, open at its end when it is the last."""

    stage: str
    entered: datetime
    left: datetime | None


class History(NamedTuple):
    """What came of a log."""

    state: State
    changes: tuple[Change, ...]
    stays: tuple[Stay, ...]
    events: tuple[Event, ...]


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
    """Take a transition: the stage is entered anew."""
    way, source = lifecycle.transitions[place], state.stage
    what = kind(stage_of(lifecycle, source), stage_of(lifecycle, way.target))
    entered = Entered(at, str(way.target), stops(lifecycle, way.target), way, cause)
    return state + entered, Change(at, source, entered.stage, what, cause, place)


def step(
    lifecycle: Lifecycle, state: State, to: datetime | None
) -> tuple[State, Change | None] | None:
    """Examine the next time-out, once; it moves the customer, reminds of it, or rests (10)."""
    due = next_due(lifecycle, state, to)
    if due is None:
        return None
    if not holds(due.timer.way.when, state, None, due.at):
        return state + Examined(due.timer.key, due.at), None
    what, place = due.timer.key
    return (
        move(lifecycle, state, place, due.at, "timeout")
        if what != "milestone"
        else (remind(state, due))
    )


def remind(state: State, due: Due) -> tuple[State, Change]:
    """Come to a milestone: the customer stays where it is."""
    stage = state.stage
    change = Change(due.at, stage, stage, "milestone", "timeout", None, due.timer.way.name)
    return state + Examined(due.timer.key, due.at, reached=True), change


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
            assert len(changes) <= MOST, "time-outs lead in a loop"
    return moved, state, tuple(changes)


# The front door


def enroll(  # noqa: PLR0913  (the arguments of the front door)
    lifecycle: Lifecycle,
    at: datetime,
    stage: str | None = None,
    attributes: Mapping[str, object] | None = None,
    *,
    entered: datetime | None = None,
    last_activity: datetime | None = None,
    so_far: Mapping[str, Any] | None = None,
    zone: tzinfo | None = None,
) -> State:
    """Begin, perhaps in mid-life, with all instants in the customer's zone."""
    enrolled, since, last = (
        told if told is None or zone is None else told.astimezone(zone)
        for told in (at, entered or at, last_activity)
    )
    so_far = {name: in_zone(told, zone) for name, told in (so_far or {}).items()}
    recent = [event for told in so_far.values() for event in told.recent]
    begins = stage or lifecycle.initial
    return State(
        Begun(enrolled, dict(attributes or {}), last, so_far, zone),
        (
            *(Recalled(event) for event in in_order(lifecycle, recent)),
            Entered(since, begins, stops(lifecycle, begins)),
        ),
    )


def in_zone(told: Any, zone: tzinfo | None) -> Any:
    """Read what was told of the time before in the customer's zone."""
    last = told.last if told.last is None or zone is None else told.last.astimezone(zone)
    recent = tuple(zoned(event, zone) for event in told.recent)
    return SimpleNamespace(
        count=told.count, total=told.total, valued=told.valued, last=last, recent=recent
    )


def advance(lifecycle: Lifecycle, state: State, to: datetime) -> tuple[State, tuple[Change, ...]]:
    """Take every time-out due; looking leaves no trace when none is taken (10)."""
    moved, _, changes = settle(lifecycle, state, to)
    return moved, changes


def due(lifecycle: Lifecycle, state: State) -> Change | None:
    """Give the time-out that is taken if nothing happens."""
    while (stepped := step(lifecycle, state, None)) is not None:
        state, change = stepped
        if change is not None:
            return change
    return None


def apply(lifecycle: Lifecycle, state: State, event: Event) -> tuple[State, tuple[Change, ...]]:
    """Take the time-outs due (7), count the event, then take the first way that holds (8)."""
    event = zoned(event, state.begun.zone)
    moved, state, changes = settle(lifecycle, state, event.at)
    stage = stage_of(lifecycle, state.stage)
    if stage.final:  # (13)
        return moved, changes
    state += Happened(event)
    for _, place, way in ways_out(stage, lifecycle.transitions):
        if way.on == event.name and holds(way.when, state, event, event.at):
            state, change = move(lifecycle, state, place, event.at, "event")
            return state, (*changes, change)
    return state, changes


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
    **told: Any,
) -> History:
    """Fold the events in order, up to an instant (16)."""
    events = in_order(lifecycle, events)
    state = enroll(lifecycle, since or events[0].at, stage, attributes, **told)
    first, changes = Stay(state.stage, state.entered, None), ()
    for event in events:
        if until is None or instant(event.at) <= instant(until):
            state, more = apply(lifecycle, state, event)
            changes += more
    if until is not None:
        state, more = advance(lifecycle, state, until)
        changes += more
    return History(state, changes, stays(first, changes), tuple(events))


def stays(first: Stay, changes: Iterable[Change]) -> tuple[Stay, ...]:
    """Cut the journey at its moves: half-open, tiled, and the last one open (7, 16)."""
    moves = [change for change in changes if change.kind != "milestone"]
    entries = [(first.stage, first.entered), *((change.target, change.at) for change in moves)]
    ends = [entered for _, entered in entries[1:]] + [None]
    return tuple(Stay(name, at, left) for (name, at), left in zip(entries, ends, strict=True))


# Migrations


def migrate(  # noqa: PLR0913  (the arguments of the front door)
    lifecycle: Lifecycle,
    state: State,
    *,
    to: Lifecycle,
    at: datetime,
    mapping: Mapping[str, str] | None = None,
    clocks: str = "keep",
) -> tuple[State, tuple[Change, ...]]:
    """Take what is due, go over to another definition, and take what that one has due by then."""
    zone = state.begun.zone
    at = at if zone is None else at.astimezone(zone)
    _, state, changes = settle(lifecycle, state, at)
    names = {stage.name: (mapping or {}).get(stage.name, stage.name) for stage in lifecycle.stages}
    source, target = state.stage, names[state.stage]
    change = Change(at, source, target, "migration", "migration")
    is_one = source == target or list(names.values()).count(target) == 1
    if clocks == "restart" or not is_one:
        anew = Entered(at, target, stops(to, target), None, "migration")
        return renamed(lifecycle, to, state, names) + anew, (*changes, change)
    state = renamed(lifecycle, to, state, names) + Migrated(at, stops(to, target))
    moved, _, more = settle(to, state, at)
    return moved, (*changes, change, *more)


def renamed(old: Lifecycle, new: Lifecycle, state: State, names: Mapping[str, str]) -> State:
    """Tell a life in the names of the newer definition, and what rests by its time-outs."""
    life: list[Fact | None] = []
    for place, fact in enumerate(state.life):
        if isinstance(fact, Entered):
            life.append(fact._replace(stage=names.get(fact.stage, fact.stage)))
        elif isinstance(fact, Examined):
            stage = state.stays[state.stay_of(place)].stage
            life.extend(examined_alike(old, new, fact, (stage, names.get(stage, stage))))
        else:
            life.append(fact)
    return replace(state, life=tuple(life))


def examined_alike(
    old: Lifecycle, new: Lifecycle, fact: Examined, stages: tuple[str, str]
) -> list[Fact]:
    """Write an examination for each time-out that is equal in the newer definition."""
    before, after = stages
    if after not in {stage.name for stage in new.stages}:
        return []
    was = next(timer for timer in running(old, before) if timer.key == fact.timer)
    return [fact._replace(timer=now.key) for now in running(new, after) if alike(was, now)]


def alike(one: Timer, other: Timer) -> bool:
    """Say whether two time-outs are of one kind, clock, length and condition."""
    same = one.key[0] == other.key[0] and one.way.when == other.way.when
    names = [getattr(timer.way, "name", None) for timer in (one, other)]
    return same and one.after == other.after and names[0] == names[1]
