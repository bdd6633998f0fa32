"""The engine against the naive engine: small definitions, random logs, all words of the contract.

Lengths and gaps are a few whole days, so that deadlines, events and looks often meet; logs begin
at month ends and before changes of the clocks.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    Milestone,
    Period,
    SoFar,
    Stage,
    Status,
    Transition,
    Until,
    at,
    attribute,
    count,
    days_since,
    dwell,
    entries,
    falls,
    idle,
    mean,
    previous,
    total,
    value,
)
from lifecycle.errors import DefinitionError
from oracle.times import later

instant = oracle.instant
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (None, UTC, BERLIN, ZoneInfo("America/New_York"))
STARTS = tuple(
    map(
        datetime.fromisoformat,
        (
            "2026-01-31T00:00",
            "2024-02-28T12:00",
            "2026-03-28T01:30",  # the day before Berlin springs forward
            "2026-10-24T00:30",  # and falls back
            "2025-12-30T23:30",
        ),
    )
)
GAPS = tuple(timedelta(hours=hours) for hours in (0, 0, 24, 24, 24, 48, 72, 12, 7 * 24, 28 * 24))
EVENTS = ("pay", "visit", "stop", "back")
OFTEN = ("pay", "pay", *EVENTS)
STAGES = {
    "new": Status.PROSPECT,
    "on": Status.ACTIVE,
    "top": Status.ACTIVE,
    "paused": Status.DORMANT,
    "halted": Status.DORMANT,
    "gone": Status.CHURNED,
}
FINAL = Stage("closed", Status.CHURNED, final=True)
DAYS = (1, 1, 2, 2, 3, 4)
WORDS = frozenset({"falls", "dates", "anchors", "pauses", "midlife", "milestones"})


# Definitions

WEB = value() >= 1
PAID = count("pay", within=Period(days=3))
SPENT = total(("pay", "visit"), within=Period(months=1))
FALLS = (
    falls(PAID, below=1),
    falls(PAID, below=2),
    falls(SPENT, below=2),
    falls(mean("pay", within=Period(days=2)), below=2),
    falls(count("pay", within=Until("week")), below=1),
    falls(count("visit", within=Period(days=2), where=WEB), below=1),
)
CONDITIONS = (
    attribute("plan").equals("gold"),
    ~attribute("plan").equals("gold"),
    attribute("plan").equals("free") & (count("pay") >= 1),
    attribute("level") >= 1,
    count("pay") >= 2,
    count("pay", since_entry=True) >= 1,
    count("visit", where=WEB) >= 1,
    total("pay", within=Period(days=3)) >= 2,
    count(("pay", "visit"), within=Until("month")) <= 2,
    mean("pay") > 1,
    mean(("pay", "visit")) >= 2,
    days_since("pay") < 2,
    previous().equals("on"),
    entries("on") >= 2,
    entries("top", within=Period(days=3)) >= 1,
)
IDLES = (
    *(lambda days, names=names: idle(*names, days=days) for names in ((), ("pay",), ("visit",))),
    lambda days: idle(("pay", "visit"), days=days, where=WEB),
    lambda days: idle(months=1 + days // 4),
    lambda days: idle("pay", months=1 + days // 4),
)
DWELLS = (
    lambda days: dwell(days=days),
    lambda days: dwell(days=days),
    lambda days: dwell(until=("day", "week", "month", "quarter", "year")[days]),
    lambda days: dwell(months=1 + days // 4),
)
ANCHORED = tuple(
    lambda days, anchor=anchor, unit=unit: dwell(**{unit: 1 + days // 3}, anchor=anchor)
    for anchor in ("run", "run", "entry", "enrolled")
    for unit in ("days", "months", "months")
)
DATED = (
    lambda _: at(attribute("end")),
    lambda days: at(attribute("end"), days=days),
    lambda days: at(attribute("end"), days=-days),
    lambda days: at(attribute("other"), months=days - 2 or 1),
    lambda _: at(attribute("other"), hours=12),
)


def clocks_of(words: frozenset[str]) -> tuple[Any, ...]:
    """List the makers of time-outs, each of a small number of days."""
    fallen = tuple(lambda _, fall=fall: fall for fall in FALLS)
    more = (
        IDLES * 3 if "midlife" in words else DWELLS * 2,
        ANCHORED * ("anchors" in words),
        DATED * 3 * ("dates" in words),
    )
    return (
        *IDLES,
        *(fallen * 2 if "falls" in words else ()),
        *(each for row in more for each in row),
    )


def rows(words: frozenset[str], least: int = 2) -> st.SearchStrategy[list[Any]]:
    """Draw what transitions are made of: some time-outs of the stages most are in, then any."""
    sources = st.sampled_from(
        ("on", "on", *STAGES, ("new", "on"), ("on", "top", "paused"), *Status, ANY, ANY)
    )
    targets = st.sampled_from((*STAGES, *STAGES, "on", "on", "on", "top", "closed"))
    waits = st.builds(
        lambda make, days: {"after": make(days)},
        st.sampled_from(clocks_of(words)),
        st.sampled_from(DAYS),
    )
    on = st.builds(lambda name: {"on": name}, st.sampled_from(OFTEN))
    when = st.sampled_from((None, None, None, *CONDITIONS, *CONDITIONS[:7]))
    near = st.sampled_from(("on", "on", "top", ("on", "paused"), Status.ACTIVE, Status.DORMANT))
    waiting = st.lists(st.tuples(near, targets, waits, when), min_size=least, max_size=5)
    any_way = st.lists(st.tuples(sources, targets, waits | on, when), min_size=least, max_size=7)
    return st.builds(lambda one, other: one + other, waiting, any_way)


PAUSING = (  # so that pauses are gone into and come back from
    Transition(("on", "top"), "paused", on="stop"),
    Transition("paused", "on", on="back"),
    Transition("halted", "top", on="back"),
    Transition("paused", "halted", on="stop"),
)
RENEWING = st.lists(
    st.builds(
        lambda target, make, days: Transition("on", target, after=make(days)),
        st.sampled_from(("on", "on", "paused")),
        st.sampled_from((*DWELLS, *(lambda days: dwell(months=1 + days // 4),) * 5)),
        st.sampled_from(DAYS),
    ),
    max_size=2,
)
STOPS = ((), ("dwell",), ("idle",), ("dwell", "idle"), ("dwell", "idle"))
NAMED = st.sampled_from((*STAGES, *STAGES, ("new", "on"), Status.ACTIVE, Status.DORMANT, ANY))


@st.composite
def definitions(draw: st.DrawFn, words: frozenset[str], version: int = 1) -> Lifecycle:
    """Draw a sound definition: what makes it unsound is left out."""
    stages = [Stage(name, status, **stopping(draw, name, words)) for name, status in STAGES.items()]
    ways = [
        Transition(source, target, **how, when=when)
        for source, target, how, when in draw(rows(words))
    ]
    if "pauses" in words:
        renewing = draw(RENEWING)
        if draw(st.integers(0, 2)) == 2:  # nothing leaves a stage before a run has gone on
            ways = [way for way in ways if way.after is None]
            renewing = [Transition("on", "on", after=dwell(months=1))]
        ways = [*PAUSING, *renewing, *ways]
    if "migration" in words:
        stages, ways = [*stages, STORE], [*CARRIED, *ways]
    reminders = milestones(draw, words) if "milestones" in words else []
    if "migration" in words:
        reminders.append(carried(STAGES))
    told: dict[str, Any] = {
        "name": "oracle",
        "initial": draw(st.sampled_from(("on", "on", "top"))),
        "stages": [*stages, FINAL],
        "activity": draw(st.sampled_from((None, ("pay",), ("pay", "visit")))),
        "events": EVENTS,
        "version": version,
        "milestones": reminders,
    }
    return sound(told, ways)


def sound(told: dict[str, Any], ways: Sequence[Transition]) -> Lifecycle:
    """Make a definition, without the transitions that would make it unsound."""
    kept: list[Transition] = []
    try:
        return Lifecycle(**told, transitions=ways)
    except DefinitionError:
        for way in ways:
            try:
                Lifecycle(**told, transitions=[*kept, way])
            except DefinitionError:
                continue
            kept.append(way)
    return Lifecycle(**told, transitions=kept)


def stopping(draw: st.DrawFn, name: str, words: frozenset[str]) -> dict[str, Any]:
    if "pauses" not in words or name not in {"paused", "halted", "gone"}:
        return {}
    return {"stops": draw(st.sampled_from(STOPS if name != "gone" else ((), (), ("dwell",))))}


def milestones(draw: st.DrawFn, words: frozenset[str], mark: str = "m") -> list[Any]:
    make, days = st.sampled_from(clocks_of(words)), st.sampled_from(DAYS)
    when = st.sampled_from((None, None, None, *CONDITIONS))
    return [
        Milestone(stage, after=maker(length), name=f"{mark}{number}", when=condition)
        for number, (stage, maker, length, condition) in enumerate(
            draw(st.lists(st.tuples(NAMED, make, days, when), max_size=3))
        )
    ]


# Logs


class World(NamedTuple):
    """A definition, how the customer begins, its log, and instants to look at after each event."""

    lifecycle: Lifecycle
    begun: dict[str, Any]
    log: list[Event]
    looks: list[datetime]
    until: datetime


PLAIN: tuple[dict[str, Any] | None, ...] = (
    *(None,) * 6,
    {"plan": "gold"},
    {"plan": "free"},
    {"plan": "gold", "level": 1},
)


@st.composite
def worlds(draw: st.DrawFn, words: frozenset[str] = frozenset()) -> World:
    zone = draw(st.sampled_from(ZONES))
    start = draw(st.sampled_from(STARTS))
    if zone is not None:
        start = start.replace(tzinfo=BERLIN).astimezone(zone)
    begun: dict[str, Any] = {"at": start, "attributes": told(draw(sets(words)), start)}
    at, log, looks = start, [], []
    if "midlife" in words:
        begun |= draw(midlives(start))
        at = max(start, *known(begun), key=instant)
    row = st.tuples(
        st.sampled_from(GAPS),
        st.sampled_from(OFTEN + ("stop", "back") * 2 * ("pauses" in words)),
        st.sampled_from((None, 0, 1, 2, 3)),
        sets(words),
        st.sampled_from(GAPS),
    )
    for number, (gap, name, worth, telling, ahead) in enumerate(
        draw(st.lists(row, min_size=4, max_size=10))
    ):
        at = later(at, gap)
        log.append(Event(name, at, value=worth, sets=told(telling, at), sequence=number))
        looks.append(later(at, ahead))
    begun["stage"] = draw(st.sampled_from((None,) * 4 + ("on", "top", "paused", "gone")))
    far = draw(st.sampled_from((0, 40, 75))) if "anchors" in words else 0
    until = later(max(at, *looks, key=instant), timedelta(days=far))
    return World(draw(definitions(words)), begun, log, looks, until)


TIMES = st.sampled_from((None, None, 0, 1, 2, 3, 5, 29, 31, 33))


@st.composite
def midlives(draw: st.DrawFn, start: datetime) -> dict[str, Any]:
    """Draw what is known of the time before a customer was enrolled, and perhaps its zone."""
    dates = TIMES.map(lambda days: days if days is None else later(start, timedelta(days=days)))
    so_far = {
        name: draw(so_fars(name, start, dates))
        for name in draw(st.sampled_from(((), ("pay",), ("visit",), ("pay", "visit"))))
    }
    found = {"entered": draw(dates), "last_activity": draw(dates), "so_far": so_far or None}
    if start.tzinfo is not None:
        found["zone"] = draw(st.sampled_from(ZONES))
    return found


@st.composite
def so_fars(
    draw: st.DrawFn, name: str, start: datetime, dates: st.SearchStrategy[datetime | None]
) -> Any:
    gaps, worths = st.sampled_from((0, 1, 2, 3, 30)), st.sampled_from((None, 1, 2, 3))
    recent = [
        Event(name, later(start, timedelta(days=days)), value=worth)
        for days, worth in draw(st.lists(st.tuples(gaps, worths), max_size=3))
    ]
    values = [event.value for event in recent if event.value is not None]
    more = draw(st.lists(worths, max_size=3))
    values += [worth for worth in more if worth is not None]
    number, at = len(recent) + len(more), [event.at for event in recent]
    last = draw(dates) if number else None
    return SoFar(
        number,
        sum(values) if values else None,
        last=last and max(last, *at, last, key=instant),
        valued=draw(st.sampled_from((None, len(values)))) if values else None,
        recent=recent,
    )


def known(begun: dict[str, Any]) -> list[datetime]:
    """List the instants that were told at enrollment."""
    so_far = (begun["so_far"] or {}).values()
    found = [begun["at"], begun["entered"], begun["last_activity"]]
    found += [at for told in so_far for at in (told.last, *(event.at for event in told.recent))]
    return [at for at in found if at is not None]


def sets(words: frozenset[str]) -> st.SearchStrategy[dict[str, Any] | None]:
    """Draw what an event sets; a date as the days from the event to it."""
    if "dates" not in words:
        return st.sampled_from(PLAIN)
    days = st.sampled_from((None, 0, 1, 2, 3, 4, -1, -3, 20, 35))
    dated = st.dictionaries(st.sampled_from(("end", "end", "other")), days, min_size=1)
    return st.one_of(
        st.sampled_from(PLAIN),
        dated,
        dated,
        st.builds(lambda date, plan: {**date, **(plan or {})}, dated, st.sampled_from(PLAIN)),
    )


def told(telling: dict[str, Any] | None, at: datetime) -> dict[str, Any] | None:
    if telling is None:
        return None
    return {
        name: later(at, timedelta(days=days))
        if name in {"end", "other"} and days is not None
        else days
        for name, days in telling.items()
    }


# Both walk side by side


def changes_of(lifecycle: Lifecycle, changes: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Give what engine and oracle both say of changes."""
    return [
        (
            instant(change.at),
            change.source,
            change.target,
            change.kind,
            change.cause,
            lifecycle.transitions[change.transition]
            if isinstance(change.transition, int)
            else change.transition,
            getattr(change, "milestone", None),
        )
        for change in changes
    ]


def agree(lifecycle: Lifecycle, customer: Customer, state: oracle.State) -> None:
    """Compare all that can be seen of a customer, and what it waits for."""
    names = ("enrolled", "entered", "seen")
    assert customer.stage == state.stage
    assert {name: instant(getattr(customer, name)) for name in names} == {
        name: instant(getattr(state, name)) for name in names
    }
    assert dict(customer.attributes) == state.attributes
    due, expected = lifecycle.due(customer), oracle.due(lifecycle, state)
    if due is None or expected is None:
        assert (due, expected) == (None, None)
    else:
        found = (instant(due.at), due.transition, getattr(due, "milestone", None))
        wanted = changes_of(lifecycle, [expected])[0]
        assert found == (wanted[0], wanted[5], wanted[6])
    clocks = oracle.clocks(lifecycle, state)
    assert Counter(map(become, lifecycle.clocks(customer))) == Counter(map(become, clocks))


def become(clock: Any) -> tuple[Any, ...]:
    """Give what becomes of a time-out; a measure can fall several times, so little of that."""
    if isinstance(clock, oracle.Clock):
        key, way = clock.timer.key[0], clock.timer.way
        which: Any = way if key == "transition" else way.name
        clocks = clock.timer.after.clock
    else:
        which, clocks = clock.transition or clock.milestone, clock.after.clock
    if clocks == "falls":
        return (which,)
    ahead = clock.at is not None and clock.state in {"taken", "later"}
    return (which, clock.state, instant(clock.at) if ahead else clock.at is None)


def walk(world: World) -> None:
    """Step by step, engine and oracle agree, also after a look and after being stored."""
    lifecycle = world.lifecycle
    customer = lifecycle.enroll("ann", **world.begun)
    state = oracle.enroll(lifecycle, **world.begun)
    agree(lifecycle, customer, state)
    every: list[tuple[Any, ...]] = []
    for number, (event, look) in enumerate(zip(world.log, world.looks, strict=True)):
        customer, found = lifecycle.apply(customer, event)
        state, expected = oracle.apply(lifecycle, state, event)
        assert changes_of(lifecycle, found) == changes_of(lifecycle, expected)
        every += changes_of(lifecycle, found)
        agree(lifecycle, customer, state)
        ahead, found = lifecycle.advance(customer, to=look)
        state_ahead, expected = oracle.advance(lifecycle, state, look)
        assert changes_of(lifecycle, found) == changes_of(lifecycle, expected)
        agree(lifecycle, ahead, state_ahead)
        if number % 3 == 1:
            stored = Customer.from_dict(json.loads(json.dumps(customer.to_dict())))
            assert stored == customer
            customer = stored
        if number % 2 and (not world.log[number + 1 :] or precedes(look, world.log[number + 1])):
            customer, state = ahead, state_ahead
            every += changes_of(lifecycle, found)
    until = max(customer.seen, world.until, key=instant)
    _, found = lifecycle.advance(customer, to=until)
    _, expected = oracle.advance(lifecycle, state, until)
    assert changes_of(lifecycle, found) == changes_of(lifecycle, expected)
    begun = {"since" if name == "at" else name: value for name, value in world.begun.items()}
    journey = lifecycle.replay("ann", world.log[::-1], until=until, **begun)
    assert changes_of(lifecycle, journey.changes) == every + changes_of(lifecycle, found)
    history = oracle.replay(lifecycle, world.log, until=until, **begun)
    assert [(stay.stage, stay.entered, stay.left) for stay in journey.stays] == [
        tuple(stay) for stay in history.stays
    ]


def precedes(look: datetime, event: Event) -> bool:
    return instant(look) <= instant(event.at)


# Migrations

STORE = Stage("store", Status.PROSPECT)
CARRIED = (  # where nobody comes, so that all versions remember the same
    *(Transition("store", "closed", on="pay", when=condition) for condition in CONDITIONS),
    *(Transition("store", "closed", after=make(4)) for make in IDLES),
    *(Transition("store", "closed", after=fall) for fall in FALLS),
)
NAMES = ({}, {}, {}, {"on": "live"}, {"paused": "resting", "on": "live"}, {"top": "on"})


def carried(stages: Iterable[str]) -> Milestone:
    """Give a reminder that never comes, so that all versions remember the pauses of all stages."""
    return Milestone(tuple(stages), after=dwell(days=4000), name="carried")


class Version(NamedTuple):
    """A migration after an event, and what it goes over to."""

    after: int
    lifecycle: Lifecycle
    mapping: dict[str, str]
    clocks: str


@st.composite
def versions(draw: st.DrawFn, old: Lifecycle, words: frozenset[str], after: int) -> Version:
    """Draw a definition in which some time-outs are others, some are gone and some are new."""
    reads_names = names_stages(old.transitions[len(CARRIED) :])
    there = {stage.name for stage in old.stages}
    renames = [names for names in NAMES if not reads_names and names.keys() <= there]
    if "pauses" in words:  # a stay in a stage that became another one has no rest to go on with
        renames = [names for names in renames if "top" not in names]
    names = draw(st.sampled_from(renames or [{}]))
    fates = st.sampled_from(("keep", "keep", "keep", "drop", "length", "condition"))
    makers, days, when = clocks_of(words), st.sampled_from(DAYS), st.sampled_from(CONDITIONS[:4])
    ways = []
    for way in old.transitions[len(CARRIED) :]:
        fate = draw(fates)
        how: dict[str, Any] = {"on": way.on, "after": way.after, "when": way.when}
        if fate == "length" and way.after is not None:
            how["after"] = draw(st.sampled_from(makers))(draw(days))
        if fate == "condition":
            how["when"] = draw(when) if way.when is None else None
        if fate != "drop":
            source = tuple(dict.fromkeys(names.get(one, one) for one in way.sources))
            ways.append(Transition(source, names.get(way.target, way.target), **how))
    news = [
        Transition(source, target, **how, when=condition)
        for source, target, how, condition in draw(rows(words, least=0))
        if names.keys().isdisjoint({target, *(source if isinstance(source, tuple) else (source,))})
        and not (names and names_stages(condition))
    ]
    stages = {names.get(stage.name, stage.name): stage for stage in old.stages}
    told = {
        "name": old.name,
        "initial": names.get(old.initial, old.initial),
        "stages": [evolve(stage, name=name) for name, stage in stages.items()],
        "activity": old.activity,
        "events": old.events,
        "version": old.version + 1,
    }
    there = {*Status, ANY, *stages}
    told["milestones"] = [
        renamed
        for one in (*old.milestones[:-1], *milestones(draw, words, f"v{old.version}m"))
        if there >= set((renamed := reminding(one, names)).sources)
        and not names_stages(one.when)
        and draw(st.booleans())
    ]
    told["milestones"].append(carried(name for name in stages if name != "closed"))
    clocks = draw(st.sampled_from(("keep", "keep", "keep", "restart")))
    order = draw(st.booleans())
    ways = [*ways, *news] if order else [*news, *ways]
    return Version(after, sound(told, [*CARRIED, *ways]), names, clocks)


def reminding(milestone: Milestone, names: dict[str, str]) -> Milestone:
    """Give a milestone of stages that are called otherwise."""
    stages = tuple(dict.fromkeys(names.get(one, one) for one in milestone.sources))
    return evolve(milestone, stage=stages)


def names_stages(told: Any) -> bool:
    """Say whether some condition reads the names of stages."""
    return any(word in repr(told) for word in ("previous(", "entries("))


@st.composite
def histories(draw: st.DrawFn, words: frozenset[str]) -> tuple[World, list[Version]]:
    """Draw a world and one or two migrations in its log."""
    world = draw(worlds(words | {"migration"}))
    found, latest = [], world.lifecycle
    places = st.integers(0, len(world.log) - 1)
    for after in sorted(draw(st.lists(places, min_size=1, max_size=2, unique=True))):
        found.append(draw(versions(latest, words, after)))
        latest = found[-1].lifecycle
    return world, found


def migrate(world: World, later_on: list[Version]) -> None:
    """Step by step, engine and oracle agree, through migrations."""
    lifecycle = world.lifecycle
    customer = lifecycle.enroll("ann", **world.begun)
    state = oracle.enroll(lifecycle, **world.begun)
    by_place = {version.after: version for version in later_on}
    for number, event in enumerate(world.log):
        customer, found = lifecycle.apply(customer, event)
        state, expected = oracle.apply(lifecycle, state, event)
        assert changes_of(lifecycle, found) == changes_of(lifecycle, expected)
        agree(lifecycle, customer, state)
        if number in by_place:
            _, to, mapping, clocks = by_place[number]
            at, following = world.looks[number], world.log[number + 1 :]
            at = at if not following or precedes(at, following[0]) else following[0].at
            at = max(at, customer.seen, key=instant)
            told: dict[str, Any] = {"to": to, "at": at, "mapping": mapping, "clocks": clocks}
            customer, found = lifecycle.migrate(customer, **told)
            state, expected = oracle.migrate(lifecycle, state, **told)
            assert migrated(lifecycle, to, found) == migrated(lifecycle, to, expected)
            lifecycle = to
            agree(lifecycle, customer, state)
    until = max(customer.seen, world.until, key=instant)
    _, found = lifecycle.advance(customer, to=until)
    _, expected = oracle.advance(lifecycle, state, until)
    assert changes_of(lifecycle, found) == changes_of(lifecycle, expected)


def migrated(old: Lifecycle, new: Lifecycle, changes: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Give changes before a migration, itself and after it."""
    place = [change.kind for change in changes].index("migration")
    return changes_of(old, changes[: place + 1]) + changes_of(new, changes[place + 1 :])


slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(slow, max_examples=100)
@given(worlds(frozenset({"falls"})))
def test_clocks_and_falls(world: World) -> None:
    """Rules 3 to 10: idle, dwell and falls, levels, silencing and resting."""
    walk(world)


@settings(slow, max_examples=100)
@given(worlds(frozenset({"dates"})))
def test_dates_and_attributes_that_events_set(world: World) -> None:
    """`at`, and conditions that are examined again when an event sets what they read."""
    walk(world)


@settings(slow, max_examples=100)
@given(worlds(frozenset({"anchors", "pauses"})))
def test_anchors_and_pauses(world: World) -> None:
    """Runs of calendar lengths, and stages in which clocks of others stand still."""
    walk(world)


@settings(slow, max_examples=100)
@given(worlds(frozenset({"midlife", "falls"})))
def test_enrollment_in_mid_life_and_zones(world: World) -> None:
    """What was told of the time before, deadlines that passed in it, and the customer's zone."""
    walk(world)


@settings(slow, max_examples=70)
@given(histories(frozenset({"falls"})))
def test_migrations(history: tuple[World, list[Version]]) -> None:
    """Clocks that are kept or restarted, what rests, and what is due at once."""
    migrate(*history)


@settings(slow, max_examples=100)
@given(worlds(frozenset({"milestones", "falls", "dates"})))
def test_milestones(world: World) -> None:
    """Dated reminders, which move nobody."""
    walk(world)


@settings(slow, max_examples=100)
@given(worlds(WORDS))
def test_all_words_together(world: World) -> None:
    """All words in one definition."""
    walk(world)


@settings(slow, max_examples=70)
@given(histories(WORDS))
def test_migrations_with_all_words(history: tuple[World, list[Version]]) -> None:
    """Migrations of definitions with all words."""
    migrate(*history)
