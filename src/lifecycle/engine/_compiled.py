"""The tables that the stepper reads, made once from a definition.

A transition names its sources in three levels: a stage by its name, a `Status`, or
`ANY`. Expanding them gives, for each stage, the transitions of each level in the
order declared; everything else (which event moves where, which time-outs run) is
read off that table.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from lifecycle import _checks
from lifecycle._lengths import Period
from lifecycle.engine._evaluation import needs, test
from lifecycle.engine._kinds import kind_of
from lifecycle.engine._measures import MEASURES
from lifecycle.engine._memory import MemoryLayout, Origin, Tally
from lifecycle.engine._tallies import KINDS, Entering, Update, update_of
from lifecycle.engine._timers import (
    AnyTimer,
    DateTimer,
    DwellTimer,
    Edge,
    FallTimer,
    IdleTimer,
    Row,
    Timer,
)
from lifecycle.engine.conditions import is_data, measures
from lifecycle.engine.dates import At
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, After, Source, Timeout, Transition

__all__ = [
    "Levels",
    "Parts",
    "Reaction",
    "Tables",
    "Watch",
    "choices",
    "clock_of",
    "compile_tables",
    "expand",
    "known_events",
    "marks",
    "reason_of",
    "silencing",
    "sounding",
    "stopped",
    "watched",
]

Levels: TypeAlias = tuple[list[int], list[int], list[int]]
"""The positions of a stage's transitions: by its name, by its status, by `ANY`."""


class Parts(NamedTuple):
    """What a definition is made of."""

    name: str
    version: int
    initial: str
    stages: Sequence[Stage]
    transitions: Sequence[Transition]
    activity: Sequence[str] | None
    events: Sequence[str]
    milestones: Sequence[Milestone] = ()

    @property
    def ways(self) -> Iterator[tuple[str, Transition | Milestone]]:
        """The transitions and then the milestones, each with where it stands."""
        for field in "transitions", "milestones":
            for i, way in enumerate(getattr(self, field)):
                yield f"{field}[{i}]", way


class Watch(NamedTuple):
    """The attributes that time-outs read.

    Attributes:
        names: All of them, in order; an event that sets one has the time-out examined again.
        dates: Those that hold the dates of `at`.
    """

    names: tuple[str, ...]
    dates: tuple[str, ...]

    def set_by(self, sets: Mapping[str, object]) -> tuple[str, ...]:
        """Return those that an event sets."""
        return tuple([name for name in self.names if name in sets])  # quicker than without []

    def check(
        self, argument: str, attributes: Mapping[str, object], other: str, instant: datetime
    ) -> None:
        """Refuse what is no date, and a date that does not go with the customer's instants."""
        for name in self.dates:
            if attributes.get(name) is not None:
                path = f"{argument}[{name!r}]"
                date = _checks.instant(path, attributes[name])
                _checks.same_kind(path, date, other, instant)


class Reaction:
    """What an event does to every customer, wherever it stands: it counts."""

    __slots__ = ("active", "rank", "updates", "watch")

    def __init__(
        self, rank: int, updates: tuple[tuple[int, Update], ...], watch: Watch, *, active: bool
    ) -> None:
        self.rank = rank
        self.active = active
        self.updates = updates
        self.watch = watch


class Tables:
    """A definition, compiled; `parts` is what it was made from."""

    __slots__ = (
        "blank",
        "layout",
        "movers",
        "origin",
        "parts",
        "reactions",
        "resets",
        "rows",
        "slots",
        "watch",
    )

    def __init__(
        self,
        parts: Parts,
        layout: MemoryLayout,
        rows: dict[str, Row],
        reactions: dict[str, Reaction],
        watch: Watch,
    ) -> None:
        self.parts = parts
        self.layout = layout
        self.origin = Origin(parts.initial, _checks.NO_ATTRIBUTES, None)
        self.rows = rows
        self.reactions = reactions
        self.watch = watch
        self.slots: Mapping[Tally, int] = {
            tally: slot for slot, tally in enumerate(layout.tallies, start=1)
        }
        self.movers: dict[str, list[str]] = {}
        for name, row in rows.items():
            for event in row.moves:
                self.movers.setdefault(event, []).append(name)
        self.blank: tuple[Any, ...] = (
            layout,
            *(KINDS[tally.kind].blank for tally in layout.tallies),
        )
        self.resets = tuple(
            (slot, self.blank[slot]) for tally, slot in self.slots.items() if tally.since_entry
        )

    def __reduce__(self) -> tuple[Callable[..., "Tables"], tuple[Parts]]:
        return compile_tables, (self.parts,)  # the tables hold functions, and are made anew


def expand(
    stages: Sequence[Stage], transitions: Sequence[Transition | Milestone]
) -> dict[str, Levels]:
    """Say which transitions each stage has, in three levels, as positions in `transitions`.

    Milestones have levels too. A time-out whose clock a stage stops runs in it only where it
    names the stage.
    """
    table = _reached(stages, transitions)
    for name, still in stopped(stages, transitions).items():
        own, *groups = table[name]
        of_status, of_any = ([i for i in level if i not in still] for level in groups)
        table[name] = own, of_status, of_any
    return table


def stopped(
    stages: Iterable[Stage], transitions: Sequence[Transition | Milestone]
) -> dict[str, list[int]]:
    """Return the time-outs that would run in a stage, for each that stops their clocks."""
    stopping = [stage for stage in stages if stage.stops]
    reached = _reached(stopping, transitions)
    return {
        stage.name: [
            position
            for level in reached[stage.name][1:]
            for position in level
            if (timeout := transitions[position].after) and timeout.clock in stage.stops
        ]
        for stage in stopping
    }


def _reached(
    stages: Iterable[Stage], transitions: Sequence[Transition | Milestone]
) -> dict[str, Levels]:
    """Say which transitions reach each stage, whatever it stops."""
    by_name = {stage.name: stage for stage in stages}
    groups = _groups(by_name.values())
    table: dict[str, Levels] = {name: ([], [], []) for name in by_name}
    for position, transition in enumerate(transitions):
        for level, source in sorted(map(_leveled, transition.sources), key=itemgetter(0)):
            for stage in groups.get((level, source), ()):
                is_itself = level > 0 and stage == transition.target
                if not is_itself and not any(each[-1:] == [position] for each in table[stage]):
                    table[stage][level].append(position)
    return table


def _groups(stages: Iterable[Stage]) -> dict[tuple[int, Source], list[str]]:
    """Say which stages each source means: a final one only where it is written out by name."""
    groups: dict[tuple[int, Source], list[str]] = {}
    for stage in stages:
        for source in (stage.name,) if stage.final else (stage.name, stage.status, ANY):
            groups.setdefault(_leveled(source), []).append(stage.name)
    return groups


def _leveled(source: Source) -> tuple[int, Source]:
    """Return a source with its level, which tells a stage called "active" from the status."""
    return 2 if source is ANY else 1 if isinstance(source, Status) else 0, source


def sounding(levels: Levels, transitions: Sequence[Transition]) -> list[int]:
    """Return the time-outs that run in a stage: a nearer level silences a clock farther out."""
    return [i for i, nearer in silencing(levels, transitions).items() if nearer is None]


def silencing(levels: Levels, transitions: Sequence[Transition]) -> dict[int, int | None]:
    """Say for each time-out of a stage which one of a nearer level silences it; None for none."""
    found: dict[int, int | None] = {}
    nearest: dict[object, int] = {}
    for level in levels:
        clocks = {i: clock for i in level if (clock := clock_of(transitions[i])) is not None}
        found |= {i: nearest.get(clock) for i, clock in clocks.items()}
        nearest = {clock: i for i, clock in reversed(clocks.items())} | nearest
    return found


def choices(levels: Levels, transitions: Sequence[Transition]) -> dict[str, list[int]]:
    """Return the transitions of each event in the order asked, up to the first that has no if."""
    found: dict[str, list[int]] = {}
    settled: set[str] = set()
    for position in (position for level in levels for position in level):
        transition = transitions[position]
        if transition.on is not None and transition.on not in settled:
            found.setdefault(transition.on, []).append(position)
            if transition.when is None:
                settled.add(transition.on)
    return found


def clock_of(transition: Transition) -> object:
    """Return which clock a time-out reads: `dwell`, `idle`, or the `idle` of some events."""
    timeout = transition.after
    return None if timeout is None else timeout.reads


def reason_of(transition: Transition) -> object:
    """Return what makes a transition come up: its event, or its clock and length."""
    return transition.on or (transition.after and transition.after.reason)


def known_events(parts: Parts) -> tuple[str, ...]:
    """Return the event names of a definition, in the order in which it first names them."""
    on = [transition.on for transition in parts.transitions if transition.on is not None]
    return tuple(dict.fromkeys([*on, *(parts.activity or ()), *parts.events]))


def compile_tables(parts: Parts) -> Tables:
    """Make the tables of a definition that has been found sound."""
    stages, transitions, activity = parts.stages, parts.transitions, parts.activity
    ways = [way for _, way in parts.ways]
    table = expand(stages, transitions)
    heard = {name: sounding(levels, transitions) for name, levels in table.items()}
    runs = {name: set(_runs(name, transitions, positions)) for name, positions in heard.items()}
    stops = {clock for stage in stages for clock in stage.stops}
    clocks = _clocks(ways, stops, runs=any(runs.values()))
    tallies = tuple(dict.fromkeys((*_tallies(ways), *clocks)))
    slots = {tally: slot for slot, tally in enumerate(tallies, start=1)}
    tests = [None if t.when is None else test(t.when, slots) for t in transitions]
    rows = {stage.name: Row(stage) for stage in stages}
    for name, levels in table.items():
        row = rows[name]

        def edge(position: int, row: Row = row) -> Edge:
            transition = transitions[position]
            enters = rows[transition.target]
            return Edge(transition, enters, kind_of(row.stage, enters.stage), tests[position])

        row.moves = {
            on: tuple(map(edge, positions))
            for on, positions in choices(levels, transitions).items()
        }
        entering = list(_entering(row.stage, slots))
        row.entering = tuple((slot, update) for _, slot, update in entering)
        row.restarting = tuple((slot, update) for clock, slot, update in entering if clock)
        row.timers = tuple(
            _timer(edge(position), timeout, slots, stops, runs[name])
            for position in heard[name]
            if (timeout := transitions[position].after) is not None
        )
    for name, levels in expand(stages, parts.milestones).items():
        row = rows[name]
        reminders = [
            _timer(_reminder(row, mark, slots), mark.after, slots, stops, runs[name])
            for mark in marks(levels, parts)
        ]
        row.clocks = (*reminders, *row.timers)
    events = known_events(parts)
    active = dict.fromkeys(events if activity is None else activity)
    updates = _updates(slots, events, active)
    watch = _watch(ways)
    reactions = {
        event: Reaction(rank, tuple(updates.get(event, ())), watch, active=event in active)
        for rank, event in enumerate(events)
    }
    layout = MemoryLayout(parts.name, parts.version, tallies)
    return Tables(parts, layout, rows, reactions, watch)


def marks(levels: Levels, parts: Parts) -> list[Milestone]:
    """Return the milestones of a stage, in the order declared."""
    return [parts.milestones[i] for i in sorted(position for level in levels for position in level)]


def _reminder(row: Row, mark: Milestone, slots: Mapping[Tally, int]) -> Edge:
    condition = None if mark.when is None else test(mark.when, slots)
    return Edge(mark, row, "milestone", condition)


def _tallies(ways: Iterable[Transition | Milestone]) -> Iterable[Tally]:
    for way in ways:
        if is_data(way.when):
            for measure in measures(way.when):
                yield from needs(measure)
        if way.after is not None:
            yield from _followed(way.after)


def _followed(timeout: After) -> tuple[Tally, ...]:
    """Return what remembers from when a time-out counts, where nothing else does."""
    if isinstance(timeout, Fall):
        return (Tally("fall", (), timeout.since_entry, of=timeout),)
    if timeout.event is None:
        return ()
    return (Tally("last", timeout.sorted_names, where=timeout.where),)


_DWELLING = Tally("dwelling", ())


def _idling(timeout: Timeout) -> Tally:
    """Return what remembers how long an idle clock has stood still."""
    return Tally("idling", timeout.sorted_names, where=timeout.where)


def _runs(stage: str, transitions: Sequence[Transition], heard: Iterable[int]) -> Iterator[Period]:
    """Yield the calendar lengths by which a stage is renewed."""
    for one in (transitions[position] for position in heard):
        if one.target == stage and isinstance(one.after, Timeout) and one.after.run is not None:
            yield one.after.run


def _clocks(
    ways: Iterable[Transition | Milestone], stops: Container[str], *, runs: bool
) -> Iterator[Tally]:
    """Yield what remembers from where clocks count, where they stop or keep their day."""
    for timeout in (way.after for way in ways if isinstance(way.after, Timeout)):
        if timeout.clock == "dwell" and (runs or "dwell" in stops):
            yield _DWELLING
        elif timeout.clock == "idle" and "idle" in stops:
            yield _idling(timeout)


def _timer(
    edge: Edge,
    timeout: After,
    slots: Mapping[Tally, int],
    stops: Container[str],
    runs: Container[Period | None],
) -> AnyTimer:
    watches = watched(edge.way)
    if isinstance(timeout, At):
        return DateTimer(edge, watches, timeout)
    followed = [slots[tally] for tally in _followed(timeout)]
    if isinstance(timeout, Fall):
        return FallTimer(edge, watches, timeout, followed[0])
    slot = next(iter(followed), None)
    if timeout.clock == "dwell":
        is_anchored = timeout.anchor == "enrolled" or timeout.run in runs
        make = DwellTimer if is_anchored or "dwell" in stops else Timer
        return make(edge, watches, timeout, slots.get(_DWELLING))
    idling = slots.get(_idling(timeout))
    if idling is not None:
        return IdleTimer(edge, watches, timeout, slot, idling)
    return Timer(edge, watches, timeout, slot)


def watched(way: Transition | Milestone) -> frozenset[str]:
    """Return the attributes that a time-out reads, as its date or in a condition that is data.

    The condition of a milestone is examined once, so that no milestone is reached twice.
    """
    timeout, when = way.after, way.when if isinstance(way, Transition) else None
    if timeout is None:
        return frozenset()
    dates = (timeout.measure,) if isinstance(timeout, At) else ()
    read = (*dates, *(measures(when) if is_data(when) else ()))
    return frozenset(name for one in read if MEASURES[one.kind].is_set for name in one.names)


def _watch(ways: Sequence[Transition | Milestone]) -> Watch:
    dates = {way.after.attribute for way in ways if isinstance(way.after, At)}
    names = set().union(*map(watched, ways))
    return Watch(tuple(sorted(names)), tuple(sorted(dates)))


def _updates(
    slots: Mapping[Tally, int], events: Iterable[str], active: Iterable[str]
) -> dict[str, list[tuple[int, Update]]]:
    """Say for each event what counts it, and in which slot."""
    found: dict[str, list[tuple[int, Update]]] = {}
    for tally, slot in slots.items():
        update = update_of(tally)
        if update is not None:
            for name in tally.names or (active if KINDS[tally.kind].is_clock else events):
                found.setdefault(name, []).append((slot, update))
    return found


def _entering(stage: Stage, slots: Mapping[Tally, int]) -> Iterator[tuple[bool, int, Entering]]:
    """Say what counts the entry into a stage, in which slot, and whether it is of a clock."""
    for tally, slot in slots.items():
        kind = KINDS[tally.kind]
        update = kind.on_entry(tally, stage)
        if update is not None:
            yield kind.is_clock, slot, update
