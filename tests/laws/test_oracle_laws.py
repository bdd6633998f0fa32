"""The engine against the naive engine: small definitions, random logs, all words of the contract.

Lengths and gaps are a few whole days, so that deadlines, events and looks often meet; logs begin
at month ends and before changes of the clocks.
"""

import inspect
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lifecycle as package
import oracle
from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    attribute,
    count,
    dwell,
    falls,
    idle,
    mean,
    previous,
    total,
    value,
)
from lifecycle.errors import DefinitionError
from strategies import moved

instant = oracle.instant
BERLIN = ZoneInfo("Europe/Berlin")
ZONES: tuple[tuple[tzinfo | None, ...], ...] = (
    (None,),
    (UTC,),
    (BERLIN,),
    (ZoneInfo("America/New_York"),),
)
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

WORDS = {
    "dates": hasattr(package, "at"),
    "anchors": "anchor" in inspect.signature(dwell).parameters,
    "pauses": "stops" in inspect.signature(Stage).parameters,
    "midlife": "zone" in inspect.signature(Lifecycle.enroll).parameters,
    "migration": "clocks" in inspect.signature(Lifecycle.migrate).parameters,
    "milestones": hasattr(package, "Milestone"),
}


def needs(*words: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not all(WORDS[word] for word in words), reason=f"{words}")


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
    previous().equals("on"),
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
    lambda days: package.at(attribute("end")),
    lambda days: package.at(attribute("end"), days=days),
    lambda days: package.at(attribute("end"), days=-days),
    lambda days: package.at(attribute("other"), months=days - 2 or 1),
    lambda days: package.at(attribute("other"), hours=12),
)


def clocks_of(words: frozenset[str]) -> tuple[Any, ...]:
    """List the makers of time-outs, each of a small number of days."""
    fallen = tuple(lambda days, fall=fall: fall for fall in FALLS)
    more = (DWELLS, DWELLS, ANCHORED * ("anchors" in words), DATED * 3 * ("dates" in words))
    return (
        *IDLES,
        *(fallen * 2 if "falls" in words else ()),
        *(each for row in more for each in row),
    )


def rows(words: frozenset[str]) -> st.SearchStrategy[list[Any]]:
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
    when = st.sampled_from((None, None, *CONDITIONS, *CONDITIONS[:4]))
    near = st.sampled_from(("on", "on", "top", ("on", "paused"), Status.ACTIVE, Status.DORMANT))
    waiting = st.lists(st.tuples(near, targets, waits, when), min_size=2, max_size=5)
    any_way = st.lists(st.tuples(sources, targets, waits | on, when), min_size=2, max_size=7)
    return st.builds(lambda one, other: one + other, waiting, any_way)


PAUSING = (  # so that pauses are gone into and come back from
    Transition(("on", "top"), "paused", on="stop"),
    Transition("paused", "on", on="back"),
    Transition("halted", "top", on="back"),
    Transition("paused", "halted", on="stop"),
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
        ways = [*PAUSING, *ways]
    more: dict[str, Any] = {}
    if "milestones" in words:
        more["milestones"] = milestones(draw, words)
    told: dict[str, Any] = {
        "name": "oracle",
        "initial": draw(st.sampled_from(("on", "on", "top"))),
        "stages": [*stages, FINAL],
        "activity": draw(st.sampled_from((None, ("pay",), ("pay", "visit")))),
        "events": EVENTS,
        "version": version,
        **more,
    }
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


def milestones(draw: st.DrawFn, words: frozenset[str]) -> list[Any]:
    make, days = st.sampled_from(clocks_of(words)), st.sampled_from(DAYS)
    when = st.sampled_from((None, None, None, *CONDITIONS))
    return [
        package.Milestone(stage, after=maker(length), name=f"m{number}", when=condition)
        for number, (stage, maker, length, condition) in enumerate(
            draw(st.lists(st.tuples(NAMED, make, days, when), max_size=3))
        )
    ]


# Logs


class World(NamedTuple):
    """A definition, how the customer begins, its log, and an instant to look at after each event."""

    lifecycle: Lifecycle
    begun: dict[str, Any]
    log: list[Event]
    looks: list[datetime]


PLAIN: tuple[dict[str, Any] | None, ...] = (
    *(None,) * 6,
    {"plan": "gold"},
    {"plan": "free"},
    {"plan": "gold", "level": 1},
)


@st.composite
def worlds(draw: st.DrawFn, words: frozenset[str] = frozenset()) -> World:
    zones = draw(st.sampled_from(ZONES))
    start = draw(st.sampled_from(STARTS))
    if zones != (None,):
        start = start.replace(tzinfo=BERLIN).astimezone(zones[0])
    at, log, looks = start, [], []
    row = st.tuples(
        st.sampled_from(GAPS),
        st.sampled_from(OFTEN + ("stop", "back") * 2 * ("pauses" in words)),
        st.sampled_from((None, 0, 1, 2, 3)),
        sets(words),
        st.sampled_from(GAPS),
    )
    for number, (gap, name, worth, telling, later) in enumerate(
        draw(st.lists(row, min_size=4, max_size=10))
    ):
        at = moved(at, gap, zones[-1])
        log.append(Event(name, at, value=worth, sets=told(telling, at), sequence=number))
        looks.append(moved(at, later, zones[-1]))
    begun: dict[str, Any] = {"at": start, "attributes": told(draw(sets(words)), start)}
    begun["stage"] = draw(st.sampled_from((None,) * 4 + ("on", "top", "paused", "gone")))
    return World(draw(definitions(words)), begun, log, looks)


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
        name: moved(at, timedelta(days=days), at.tzinfo)
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
    until = max(customer.seen, world.looks[-1], key=instant)
    _, found = lifecycle.advance(customer, to=until)
    begun = {"since" if name == "at" else name: value for name, value in world.begun.items()}
    journey = lifecycle.replay("ann", world.log[::-1], until=until, **begun)
    assert changes_of(lifecycle, journey.changes) == every + changes_of(lifecycle, found)
    history = oracle.replay(lifecycle, world.log, until=until, **begun)
    assert [(stay.stage, stay.entered, stay.left) for stay in journey.stays] == [
        tuple(stay) for stay in history.stays
    ]


def precedes(look: datetime, event: Event) -> bool:
    return instant(look) <= instant(event.at)


slow = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(slow, max_examples=100)
@given(worlds(frozenset({"falls"})))
def test_clocks_and_falls(world: World) -> None:
    """Rules 3 to 10: idle, dwell and falls, levels, silencing and resting."""
    walk(world)


@needs("dates")
@settings(slow, max_examples=100)
@given(worlds(frozenset({"dates"})))
def test_dates_and_attributes_that_events_set(world: World) -> None:
    """`at`, and conditions that are examined again when an event sets what they read."""
    walk(world)


@needs("anchors", "pauses")
@settings(slow, max_examples=100)
@given(worlds(frozenset({"anchors", "pauses"})))
def test_anchors_and_pauses(world: World) -> None:
    """Runs of calendar lengths, and stages in which clocks of others stand still."""
    walk(world)


@needs("milestones")
@settings(slow, max_examples=100)
@given(worlds(frozenset({"milestones", "falls", "dates", "pauses", "anchors"})))
def test_milestones(world: World) -> None:
    """Dated reminders, which move nobody."""
    walk(world)
