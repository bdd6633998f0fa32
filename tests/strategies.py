"""Hypothesis strategies: sound definitions, and logs whose instants like to meet.

Lengths and gaps are small whole numbers of one pace, so that deadlines, events and
chained time-outs often fall on the same instant. What is drawn are drafts; what a
definition refuses is repaired out of them, so that no draft is thrown away.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    event_attribute,
    idle,
    mean,
    total,
    value,
)
from oracle import nearness, timeouts

STAGES = ("active", "lead", "lapsed", "churned", "buyer", "loyal")  # some read like a status
EVENTS = ("signup", "purchase", "visit")
ZONES = (
    UTC,
    *(ZoneInfo(key) for key in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")),
)
STARTS = tuple(
    datetime.fromisoformat(text)
    for text in (
        "2025-03-29T22:00",  # the last hours before Berlin springs forward
        "2025-10-25T22:00",  # and falls back
        "2026-03-28T23:00",
        "2025-03-09T05:00",  # New York
        "2026-11-01T04:00",
        "2025-04-05T13:00",  # Lord Howe, by half an hour
        "2026-10-03T13:30",
        "2026-01-30T00:00",  # a month that ends early
        "2025-12-31T00:00",
    )
)

Length = Mapping[str, Any]
Source = Any
Timeout = Any
Condition = Any


class Pace(NamedTuple):
    """Lengths and gaps that like to meet."""

    lengths: tuple[Length, ...]
    calendar: tuple[Length, ...]
    untils: tuple[str, ...]
    gaps: tuple[timedelta, ...]


PACES = {
    "hours": Pace(
        lengths=({"hours": 1}, {"hours": 2}, {"minutes": 90}, {"hours": 3}, {"days": 1}),
        calendar=({"months": 1},),
        untils=("day", "week"),
        gaps=tuple(timedelta(minutes=each) for each in (0, 30, 60, 90, 120, 180, 720, 1440)),
    ),
    "days": Pace(
        lengths=({"days": 1}, {"days": 2}, {"hours": 36}, {"days": 3}, {"weeks": 1}),
        calendar=({"months": 1}, {"months": 2}, {"years": 1}),
        untils=("day", "week", "month", "quarter", "year"),
        gaps=tuple(timedelta(hours=each) for each in (0, 12, 24, 36, 48, 72, 168, 31 * 24)),
    ),
}


# Conditions


def was_given_a_plan(customer: Customer, event: Event | None) -> bool:
    return "plan" in customer.attributes or event is None


def stands_in_a_long_name(customer: Customer, event: Event | None) -> bool:
    return len(customer.stage) > len("lead") or (event is not None and event.value == 2)


@cache
def comparisons(pace: str, *, dated: bool) -> st.SearchStrategy[Condition]:
    """Draw a comparison; the `dated` ones may speak of the current event."""
    scopes: list[dict[str, Any]] = [{}, {}, {"since_entry": True}]
    scopes += [{"within": Period(**length)} for length in (*PACES[pace].lengths, {"months": 1})]
    tallies = [
        [measure(name, **scope) for name, scope in product(EVENTS, scopes)]
        for measure in (count, total, mean)
    ]
    numbers = [*tallies, [attribute("level")], *([value()] for _ in range(dated))]
    texts = [attribute("plan"), *(event_attribute("channel") for _ in range(dated))]
    return st.one_of(
        *(
            st.sampled_from(
                [order(n, wanted) for n, wanted, order in product(of, (1, 2, 3), ORDERS)]
            )
            for of in numbers
        ),
        *(
            st.sampled_from([text.equals("gold"), text.equals("web"), text.is_in(["gold", "web"])])
            for text in texts
        ),
    )


ORDERS: tuple[Callable[[Any, int], Condition], ...] = (
    lambda measure, wanted: measure >= wanted,
    lambda measure, wanted: measure > wanted,
    lambda measure, wanted: measure <= wanted,
    lambda measure, wanted: measure < wanted,
    lambda measure, wanted: measure.equals(wanted),
    lambda measure, wanted: measure.is_in([wanted, wanted + 1]),
)


def waiting() -> st.SearchStrategy[Condition]:
    """Draw a condition that fails at first and is met later."""
    counts = [count(name) >= wanted for name, wanted in product(EVENTS, (1, 2, 3))]
    texts = [attribute("plan").equals("gold"), attribute("level") >= 1]
    return st.sampled_from([*counts, *texts, texts[0] | counts[0], counts[1] & ~texts[1]])


@cache
def conditions(pace: str, *, dated: bool) -> st.SearchStrategy[Condition]:
    one = comparisons(pace, dated=dated)
    calls = st.sampled_from([was_given_a_plan, stands_in_a_long_name])
    return st.one_of(
        *(one, one, one, calls),
        st.builds(lambda one, other: one & other, one, one),
        st.builds(lambda one, other: one | other, one, one),
        st.builds(lambda one: ~one, one),
        st.builds(lambda one, other, third: ~(one & other) | third, one, one, one),
    )


# Definitions


class Draft(NamedTuple):
    """What a transition might be made of."""

    sources: tuple[Source, ...]
    target: str
    on: str | None
    after: Timeout | None
    when: Condition | None


@cache
def all_timeouts(pace: str) -> tuple[Timeout, ...]:
    lengths, calendar, untils, _ = PACES[pace]
    return (
        *(dwell(**length) for length in (*lengths, *calendar)),
        *(dwell(until=until) for until in untils),
        *(idle(**length) for length in (*lengths, *calendar)),
        *(idle(event, **length) for event, length in product(EVENTS, lengths[:3])),
    )


@cache
def drafts(pace: str, size: int, *, patient: bool) -> st.SearchStrategy[list[Draft]]:
    """Draft the transitions between so many stages; `patient` ones wait for conditions."""
    names = st.sampled_from(STAGES[:size])
    source = st.one_of(names, names, st.sampled_from(Status), st.just(ANY))
    sources = st.one_of(
        *(st.tuples(source), st.tuples(source)),
        st.lists(source, min_size=2, max_size=3, unique_by=repr).map(tuple),
    )
    moves = st.builds(
        Draft,
        *(sources, names, st.sampled_from(EVENTS), st.none()),
        maybe(conditions(pace, dated=True)),
    )
    untimed = waiting() if patient else maybe(conditions(pace, dated=False))
    timed = st.builds(
        Draft,
        *(sources, names, st.none(), st.sampled_from(all_timeouts(pace))),
        untimed,
    )
    if patient:
        return st.lists(st.one_of(timed, timed, timed, moves), min_size=3, max_size=6)
    return st.lists(st.one_of(timed, moves), min_size=6, max_size=14)


def maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw none as often as some."""
    return st.booleans().flatmap(lambda drawn: some if drawn else st.none())


def sound(stages: Sequence[Stage], drafts: Iterable[Draft]) -> tuple[Transition, ...]:
    """Make of the drafts what a definition may hold together."""
    made: tuple[Transition, ...] = ()
    for draft in drafts:
        sources = tuple(s for s in draft.sources if leads(s, draft.target, stages))
        if sources:
            way = Transition(sources, draft.target, on=draft.on, after=draft.after, when=draft.when)
            made = (*made, way) if is_sound(stages, (*made, way)) else made
    return made or (Transition(stages[0].name, stages[1].name, on=EVENTS[0]),)


def leads(source: Source, target: str, stages: Sequence[Stage]) -> bool:
    """Say whether a source leads out of some stage, and out of no final one."""
    left = [stage for stage in stages if nearness(source, target, stage) is not None]
    return bool(left) and not any(stage.final for stage in left)


def is_sound(stages: Sequence[Stage], transitions: Sequence[Transition]) -> bool:
    return not turns_for_ever(stages, transitions) and all(
        way.when is not None
        for stage in stages
        for rivals in same_ways(stage, transitions)
        for way in rivals[:-1]
    )


def same_ways(stage: Stage, transitions: Sequence[Transition]) -> Iterable[list[Transition]]:
    """Group the ways out of a stage that one level offers for one event, or clock and length."""
    rivals = defaultdict(list)
    for way in transitions:
        for source in way.sources:
            near = nearness(source, way.target, stage)
            if near is not None:
                rivals[near, way.on, way.after].append(way)
    return rivals.values()


def turns_for_ever(stages: Sequence[Stage], transitions: Sequence[Transition]) -> bool:
    """Say whether idle time-outs alone lead from some stage back to it."""
    steps = {
        stage.name: {
            way.target for _, way in timeouts(stage, transitions) if way.after.clock == "idle"
        }
        for stage in stages
    }
    reached = steps
    for _ in stages:
        reached = {
            name: ends.union(*(steps[end] for end in ends)) for name, ends in reached.items()
        }
    return any(name in ends for name, ends in reached.items())


ACTIVITIES = (None, None, *((name,) for name in EVENTS), ("visit", "purchase"))


@st.composite
def lifecycles(draw: st.DrawFn, pace: str) -> Lifecycle:
    """Draw a sound definition of two to six stages, sometimes with a final one."""
    statuses = draw(st.lists(st.sampled_from(Status), min_size=2, max_size=6))
    ends = draw(st.booleans()) and len(statuses) > 2
    last = STAGES[len(statuses) - 1]
    stages = tuple(
        Stage(name, status, final=ends and name == last)
        for name, status in zip(STAGES, statuses, strict=False)
    )
    drafted = draw(drafts(pace, len(stages), patient=draw(st.booleans())))
    transitions = sound(stages, drafted)
    activity = draw(st.sampled_from(ACTIVITIES))
    named = {way.on for way in transitions} | set(activity or ())
    return Lifecycle(
        name="drawn",
        initial=STAGES[draw(st.integers(0, 1))],
        stages=stages,
        transitions=transitions,
        activity=activity,
        events=tuple(name for name in reversed(EVENTS) if name not in named),
    )


# Logs


class Clock(NamedTuple):
    """How the instants of one log are written: naive, in one zone, or in several."""

    start: datetime
    zones: tuple[tzinfo | None, ...]
    pace: str

    def instants(
        self, start: datetime | None = None, steps: int = 1
    ) -> st.SearchStrategy[datetime]:
        """Draw an instant at or after another one, by up to so many gaps."""
        return st.builds(
            lambda gaps, zone: moved(start or self.start, sum(gaps, timedelta()), zone),
            st.lists(st.sampled_from(PACES[self.pace].gaps), min_size=1, max_size=steps),
            st.sampled_from(self.zones),
        )


def moved(at: datetime, by: timedelta, zone: tzinfo | None) -> datetime:
    """Give the instant so much later, as that zone writes it."""
    return at + by if zone is None else (at.astimezone(UTC) + by).astimezone(zone)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    zones = draw(st.sampled_from([(None,), ZONES, *((zone,) for zone in ZONES)]))
    start = moved(
        draw(st.sampled_from(STARTS)).replace(tzinfo=zones[0] and UTC), timedelta(), zones[0]
    )
    return Clock(start, zones, draw(st.sampled_from(sorted(PACES))))


VALUES: tuple[tuple[Any, ...], ...] = (
    (None, 0, 1, 2, 3),
    (None, 1, 2, Decimal("0.5"), Decimal(2)),
    (None, 1, 2, 0.5, 2.0),
)
SETS = ({"plan": "gold"}, {"plan": "free"}, {"level": 1}, {"plan": "gold", "level": 3})
CHANNELS = ({"channel": "web"}, {"channel": "shop"})


@cache
def facts(values: tuple[Any, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw all of an event but its instant and id."""
    return st.fixed_dictionaries(
        {
            "name": st.sampled_from(EVENTS),
            "value": st.sampled_from(values),
            "attributes": st.sampled_from((None, *CHANNELS)),
            "sets": st.sampled_from((None, None, *SETS)),
        }
    )


def events(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Event]:
    """Draw an event without an id."""
    return st.builds(lambda fact, at: Event(**fact, at=at), facts(VALUES[0]), instants)


@st.composite
def logs(draw: st.DrawFn, clock: Clock, *, named: bool) -> list[Event]:
    """Draw events in the order in which they happened, with ids of their own or some without."""
    fact = facts(draw(st.sampled_from(VALUES)))
    at = clock.start
    rows = draw(st.lists(st.tuples(fact, clock.instants(), st.booleans()), min_size=2, max_size=12))
    ids = draw(st.permutations([f"e{place}" for place in range(len(rows))]))
    log = []
    for (row, then, has_id), each in zip(rows, ids, strict=True):
        at = moved(at, then - clock.start, then.tzinfo)
        log.append(Event(**row, at=at, id=each if named or has_id else None))
    return log


class World(NamedTuple):
    """A definition, the log of one customer as it was given, and what else replay takes."""

    lifecycle: Lifecycle
    events: tuple[Event, ...]
    since: datetime | None
    until: datetime | None
    stage: str | None
    attributes: dict[str, object] | None
    clock: Clock

    @property
    def told(self) -> dict[str, Any]:
        """What replay is told besides the events and until when."""
        return {"since": self.since, "stage": self.stage, "attributes": self.attributes}


@st.composite
def worlds(draw: st.DrawFn, *, named: bool = False) -> World:
    """Draw a definition and a shuffled log; of a `named` one all events have ids."""
    clock = draw(clocks())
    lifecycle = draw(lifecycles(clock.pace))
    log = draw(logs(clock, named=named))
    untils = [clock.instants(log[0].at, steps=6), clock.instants(log[-1].at, steps=3)]
    stages = [stage.name for stage in lifecycle.stages if not stage.final]
    return World(
        lifecycle,
        tuple(draw(st.permutations(log))),
        draw(st.sampled_from((None, clock.start))),
        draw(st.one_of(st.none(), *untils, untils[1])),
        draw(st.sampled_from((None, None, *stages))),
        draw(st.sampled_from((None, *SETS))),
        clock,
    )
