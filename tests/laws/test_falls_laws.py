"""The laws of falls: what is known in advance is what happens, against the naive engine."""

import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import given, reject, settings
from hypothesis import strategies as st

import oracle
from lifecycle import (
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
    total,
    value,
)
from lifecycle.errors import DefinitionError
from strategies import Clock, clocks, moved

instant = oracle.instant
NAMES = ("purchase", "refund", "visit")
STAGES = (
    Stage("base", Status.ACTIVE),
    Stage("gold", Status.ACTIVE),
    Stage("lapsed", Status.DORMANT),
    Stage("lost", Status.CHURNED),
)
WINDOWS: tuple[Any, ...] = (
    *(Period(days=days) for days in (1, 2, 3)),
    Period(months=1),
    *(Until(grain) for grain in ("day", "week", "month")),
    Until("quarter", year_start=3),
    Until("day", zone="Asia/Tokyo"),
)
GAPS = tuple(timedelta(hours=each) for each in (0, 0, 1, 12, 24, 24, 36, 48, 72, 672, 744))
VALUES = (None, 0, 1, 1, 2, 3, -1, -2)


def measured(within: Any, scope: Any) -> list[Any]:
    given: dict[str, Any] = {"within": within, "since_entry": scope}
    return [
        count("purchase", **given),
        count(("purchase", "visit"), **given, where=value() >= 1),
        total("purchase", **given),
        mean("purchase", **given),
        total("purchase", **given) - total("refund", **given),
        count("purchase", **given) + count("visit", **given) - count("refund", **given),
    ]


SOMETIMES = attribute("plan").is_in(("gold", "free"))
falling = st.builds(
    lambda within, scope, kind, below: falls(measured(within, scope)[kind], below=below),
    st.sampled_from(WINDOWS),
    st.sampled_from((False, False, True)),
    st.integers(0, 5),
    st.sampled_from((1, 1, 2, 3, 0.5)),
)
conditions = st.sampled_from(
    (None, None, None, attribute("plan").equals("gold"), count("purchase") >= 3)
)


@st.composite
def definitions(draw: st.DrawFn) -> Lifecycle:
    """Draw stages that are left by falls downwards, by other time-outs, and by events."""
    bought_twice = count("purchase", within=Period(days=2)) > 1
    ways = [
        Transition("gold", "base", after=draw(falling), when=draw(conditions)),
        Transition("base", "lapsed", after=draw(falling), when=draw(conditions)),
        Transition(("gold", "base"), "lost", after=draw(falling), when=SOMETIMES),
    ]
    if draw(st.booleans()):
        ways.append(Transition("gold", "lapsed", after=idle("visit", days=3)))
    if draw(st.booleans()):
        ways.append(Transition("lapsed", "gold", after=dwell(days=2)))
    if draw(st.booleans()):
        free = attribute("plan").equals("free")
        ways.append(Transition(("gold", "base"), "lost", after=dwell(days=1), when=free))
    ways += [
        Transition("base", "gold", on="purchase", when=bought_twice),
        Transition(("lapsed", "lost"), "base", on="purchase"),
        Transition("gold", "gold", on="visit", when=attribute("plan").equals("free")),
    ]
    initial = draw(st.sampled_from(("base", "gold")))
    events = ("refund", "visit")
    try:
        return Lifecycle(name="f", initial=initial, stages=STAGES, transitions=ways, events=events)
    except DefinitionError:  # two falls of one measure, of which one hides the other
        reject()


class Drawn(NamedTuple):
    """A definition, a log in order, and the instants at which one looks."""

    lifecycle: Lifecycle
    clock: Clock
    log: list[Event]
    looks: list[datetime]


@st.composite
def drawn(draw: st.DrawFn) -> Drawn:
    clock = draw(clocks())
    zones, gaps = st.sampled_from(clock.zones), st.sampled_from(GAPS)
    at, log, looks = clock.start, [], []
    row = st.tuples(
        gaps,
        zones,
        st.sampled_from(("purchase", "purchase", *NAMES)),
        st.sampled_from(VALUES),
        st.sampled_from((None, None, None, "gold", "free")),
        gaps,
    )
    for number, (gap, zone, name, worth, plan, later) in enumerate(
        draw(st.lists(row, min_size=1, max_size=12))
    ):
        at = moved(at, gap, zone)
        sets = None if plan is None else {"plan": plan}
        log.append(Event(name, at, value=worth, sets=sets, sequence=number))
        looks.append(moved(at, later, zone))
    return Drawn(draw(definitions()), clock, log, looks)


def told(changes: Any, transitions: Any = None) -> list[tuple[Any, ...]]:
    """Give what engine and oracle both say of changes; the latter by the place of the way."""
    ways = [c.transition if transitions is None else transitions[c.transition] for c in changes]
    return [
        (instant(c.at), c.source, c.target, c.cause, way)
        for c, way in zip(changes, ways, strict=True)
    ]


@settings(max_examples=300)
@given(drawn())
def test_falls_come_when_the_whole_log_says_so(world: Drawn) -> None:
    """Step by step, engine and oracle agree: on changes, on what is due, and after a look."""
    lifecycle, transitions = world.lifecycle, world.lifecycle.transitions
    customer = lifecycle.enroll("ann", at=world.clock.start)
    state = oracle.enroll(lifecycle, world.clock.start)
    for event, look in zip(world.log, world.looks, strict=True):
        customer, found = lifecycle.apply(customer, event)
        state, expected = oracle.apply(lifecycle, state, event)
        assert told(found) == told(expected, transitions)
        due, wanted = lifecycle.due(customer), oracle.due(lifecycle, state)
        assert (due is None) == (wanted is None)
        if due is not None and wanted is not None:
            assert instant(due.at) == instant(wanted.at)
            assert due.transition is transitions[wanted.transition]
        _, ahead = lifecycle.advance(customer, to=look)
        assert told(ahead) == told(oracle.advance(lifecycle, state, look)[1], transitions)


@settings(max_examples=150)
@given(drawn())
def test_looking_and_storing_change_nothing(world: Drawn) -> None:
    """Laws: advance splits anywhere; replay is the fold; a copy goes on as the customer does."""
    lifecycle = world.lifecycle
    once = lifecycle.enroll("ann", at=world.clock.start)
    often = once
    last = world.looks[-1]
    for event, look in zip(world.log, world.looks, strict=True):
        once, _ = lifecycle.apply(once, event)
        often, _ = lifecycle.apply(often, event)
        copy = Customer.from_dict(json.loads(json.dumps(often.to_dict())))
        assert copy == often
        assert hash(copy) == hash(often)
        assert lifecycle.due(copy) == lifecycle.due(often)
        often = copy
        following = world.log[event.sequence + 1 :] if event.sequence is not None else []
        if not following or instant(look) <= instant(following[0].at):
            often, _ = lifecycle.advance(often, to=look)
    assert lifecycle.advance(often, to=last)[0] == lifecycle.advance(once, to=last)[0]
    journey = lifecycle.replay("ann", world.log, since=world.clock.start, until=last)
    assert journey.customer == lifecycle.advance(once, to=last)[0]
    shuffled = lifecycle.replay("ann", world.log[::-1], since=world.clock.start, until=last)
    assert shuffled.changes == journey.changes
