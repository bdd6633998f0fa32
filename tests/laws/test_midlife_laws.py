"""The laws of customers that begin in mid-life, and of those that have a time zone."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import (
    ANY,
    Customer,
    Enrollment,
    Event,
    Journey,
    Lifecycle,
    Period,
    Stage,
    StageChange,
    Status,
    Transition,
    Until,
    count,
    days_since,
    dwell,
    falls,
    idle,
    mean,
    total,
    value,
)
from lifecycle.errors import DefinitionError
from strategies import GAPS, STARTS, ZONES, in_midlife, moved, told

instant = oracle.instant
NAMES = ("purchase", "refund", "visit")
STAGES = (
    Stage("base", Status.ACTIVE),
    Stage("gold", Status.ACTIVE),
    Stage("lapsed", Status.DORMANT),
    Stage("lost", Status.CHURNED),
)
WINDOWS: tuple[Any, ...] = (
    Period(days=2),
    Period(days=7),
    Period(months=1),
    Until("month"),
    Until("week", zone="Asia/Tokyo"),
)
CRITERIA: tuple[Any, ...] = (
    count("purchase") >= 3,
    count(("purchase", "visit")) >= 4,
    total("purchase") >= 5,
    total(("purchase", "refund")) >= 6,
    total("purchase") - total("refund") >= 3,
    mean("purchase") > 1,
    days_since("visit") < 3,
    *(count(("purchase", "refund"), within=each) >= 2 for each in WINDOWS),
    *(total("purchase", within=each) >= 4 for each in WINDOWS),
    count("purchase", within=Period(days=7), where=value() >= 2) >= 2,
)
"""What can be told of with `SoFar`, with `recent` where windows ask for it."""

TIMEOUTS: tuple[Any, ...] = (
    idle(hours=36),
    idle("purchase", days=3),
    idle(("purchase", "visit"), months=1),
    idle(months=1),
    dwell(days=2),
    dwell(months=1),
    dwell(until="month"),
    *(falls(total("purchase", within=each), below=3) for each in WINDOWS),
    falls(count(("purchase", "visit"), within=Period(days=7)), below=2),
)


@st.composite
def definitions(draw: st.DrawFn) -> Lifecycle:
    """Draw a definition all of whose measures can be told."""
    criteria = st.sampled_from(CRITERIA)
    ways = [
        Transition("base", "gold", on=draw(st.sampled_from(NAMES)), when=draw(criteria)),
        Transition("gold", "base", on="refund", when=draw(criteria)),
        Transition(("lapsed", "lost"), "base", on="purchase"),
        Transition(Status.ACTIVE, "lapsed", after=draw(st.sampled_from(TIMEOUTS))),
        Transition("gold", "base", after=draw(st.sampled_from(TIMEOUTS))),
        Transition("lapsed", "lost", after=draw(st.sampled_from(TIMEOUTS))),
        Transition(ANY, "lost", after=dwell(days=40)),
    ]
    try:
        return Lifecycle(
            name="club",
            initial="base",
            stages=STAGES,
            transitions=ways,
            activity=draw(st.sampled_from((None, ("purchase",), ("purchase", "visit")))),
            events=NAMES,
        )
    except DefinitionError:
        assume(False)
        raise


@st.composite
def lives(draw: st.DrawFn, zones: tuple[Any, ...] = ZONES) -> list[Event]:
    """Draw what happens to a customer, in the order of time, in one zone."""
    at = draw(st.sampled_from(STARTS)).replace(tzinfo=UTC)
    zone, gaps = draw(st.sampled_from(zones)), st.sampled_from(GAPS["days"])
    row = st.tuples(gaps, st.sampled_from(NAMES), st.sampled_from((None, 0, 1, 2, 3)))
    log = []
    for gap, name, worth in draw(st.lists(row, min_size=2, max_size=14)):
        at += gap
        log.append(Event(name, at.astimezone(zone), value=worth))
    return log


def followed(
    definition: Lifecycle, customer: Customer, events: Iterable[Event], until: datetime
) -> tuple[str, tuple[StageChange, ...]]:
    """Give where the events lead a customer."""
    made: tuple[StageChange, ...] = ()
    for event in events:
        customer, changes = definition.apply(customer, event)
        made += changes
    customer, changes = definition.advance(customer, to=until)
    return customer.stage, made + changes


@settings(max_examples=300)
@given(st.data(), definitions(), lives())
def test_who_is_enrolled_in_mid_life_goes_on_as_who_was_followed(
    data: st.DataObject, definition: Lifecycle, life: list[Event]
) -> None:
    """Enrolling what is known of a customer gives the same future as following it did."""
    cut = data.draw(st.integers(1, len(life)))
    past, future = life[:cut], life[cut:]
    ann = definition.replay("ann", past, since=past[0].at).customer
    late = definition.enroll(in_midlife(ann, past))
    assert late.seen == ann.seen
    until = moved(life[-1].at, data.draw(st.sampled_from(GAPS["days"])), UTC) + timedelta(days=60)
    assert followed(definition, late, future, until) == followed(definition, ann, future, until)


@given(st.data(), definitions(), lives((UTC,)), st.sampled_from(ZONES))
def test_events_count_in_the_zone_of_the_customer(
    data: st.DataObject, definition: Lifecycle, life: list[Event], zone: Any
) -> None:
    """A log in UTC of a customer with a zone leads where the same log in that zone does."""
    local = [Event(each.name, each.at.astimezone(zone), value=each.value) for each in life]
    until = moved(life[-1].at, data.draw(st.sampled_from(GAPS["days"])), UTC)
    there = definition.replay("ann", life, until=until, zone=zone)
    here = definition.replay("ann", local, until=until)
    assert there.changes == here.changes
    assert [change.at.tzinfo for change in there.changes] == [zone] * len(here.changes)
    assert there.stays == here.stays
    assert there.customer.entered.utcoffset() == here.customer.entered.utcoffset()
    for change in there.changes:
        assert change.event is None or any(change.event is event for event in life)
    mixed = [data.draw(st.sampled_from(pair)) for pair in zip(life, local, strict=True)]
    assert definition.replay("ann", mixed, until=until, zone=zone) == there


@given(st.data(), definitions(), lives(), st.sampled_from((None, *ZONES)))
def test_an_enrollment_makes_the_same_customer_wherever_it_has_been(
    data: st.DataObject, definition: Lifecycle, life: list[Event], zone: Any
) -> None:
    """`enroll(customer.enrollment)` is the customer as it began, stored and loaded or not."""
    cut = data.draw(st.integers(1, len(life)))
    past, future = life[:cut], life[cut:]
    ann = definition.replay("ann", past, since=past[0].at).customer
    began = in_midlife(ann, past, zone=zone)
    late = definition.enroll(began)
    assert late.enrollment == began
    assert definition.enroll(late.enrollment) == late
    loaded = Enrollment.from_dict(json.loads(json.dumps(began.to_dict())))
    assert loaded == began
    assert definition.enroll(loaded) == late
    stored = Customer.from_dict(json.loads(json.dumps(late.to_dict())))
    assert stored == late
    assert definition.due(stored) == definition.due(late)
    journey = definition.replay(began, future)
    customer = late
    for event in future:
        customer = definition.apply(customer, event).customer
    assert journey.customer == customer
    assert customer.enrollment == began
    assert Journey.from_dict(json.loads(json.dumps(journey.to_dict()))) == journey


@given(st.data(), definitions(), lives())
def test_nothing_is_dated_before_what_is_known(
    data: st.DataObject, definition: Lifecycle, life: list[Event]
) -> None:
    """A deadline that passed before the last instant told is due at that instant."""
    stage = data.draw(st.sampled_from(STAGES)).name
    late = definition.enroll(
        "ann", at=life[0].at, entered=life[0].at, stage=stage, so_far=told(life)
    )
    known = instant(life[-1].at)
    assert instant(late.seen) == known
    due = definition.due(late)
    assert due is None or instant(due.at) >= known
    journey = definition.replay(late.enrollment, [], until=known + timedelta(days=60))
    assert [change.at for change in journey.changes if instant(change.at) < known] == []
    stays = journey.stays
    assert stays[0].entered == life[0].at
    assert [one.left for one in stays[:-1]] == [other.entered for other in stays[1:]]
