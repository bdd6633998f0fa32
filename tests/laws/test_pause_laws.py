"""The laws of pauses and anchors, for any lengths and any pauses."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given, reject
from hypothesis import strategies as st

from lifecycle import Customer, Event, Lifecycle, Period, Stage, Status, Transition, dwell, idle
from lifecycle.errors import DefinitionError
from strategies import World, worlds

ZONES = (None, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"))
STEPS = st.builds(Period, months=st.integers(1, 14)) | st.builds(Period, hours=st.integers(1, 999))
HOURS = st.integers(1, 40 * 24).map(lambda hours: timedelta(hours=hours))
CALENDAR = st.fixed_dictionaries({"months": st.integers(1, 14)})


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """Draw an instant, often at the end of a month, in any zone."""
    day = draw(st.dates(datetime(1990, 1, 1).date(), datetime(2040, 12, 31).date()))  # noqa: DTZ001
    hour = draw(st.integers(0, 23))
    late = draw(st.booleans())
    first = datetime(day.year, day.month, 28 if late else day.day, hour, 30)  # noqa: DTZ001
    end = first + timedelta(days=draw(st.integers(0, 3)) if late else 0)
    return end.replace(tzinfo=draw(st.sampled_from(ZONES)))


def later(at: datetime, by: timedelta) -> datetime:
    return at + by if at.tzinfo is None else (at.astimezone(UTC) + by).astimezone(at.tzinfo)


def utc(at: datetime) -> datetime:
    return at if at.tzinfo is None else at.astimezone(UTC)


# Anchors


def multiple(length: Period, times: int) -> Period:
    """Give so many times a length as one length."""
    if length.length is None:
        return Period(months=times * length.months)
    return Period(seconds=times * length.length.total_seconds())


@given(STEPS, instants(), st.integers(1, 12))
def test_a_step_after_another_is_the_next_one(length: Period, anchor: datetime, count: int) -> None:
    """The steps are 1, 2, 3 times the length, each from the anchor at once."""
    step: datetime | None = anchor
    for times in range(1, count + 1):
        step = length.step_after(step or anchor, anchor=anchor)
        assert step == multiple(length, times).after(anchor)


@given(STEPS, instants(), st.timedeltas(timedelta(-400), timedelta(2000)))
def test_a_step_is_the_first_that_is_after_an_instant(
    length: Period, anchor: datetime, by: timedelta
) -> None:
    t, times = later(anchor, by), 1
    found = length.step_after(t, anchor=anchor)
    assert found is not None
    assert utc(found) > utc(t)
    while (step := multiple(length, times).after(anchor)) != found:
        assert step is not None
        assert utc(step) <= utc(t)
        times += 1


@given(CALENDAR, instants(), st.sampled_from(["run", "enrolled"]))
def test_renewals_are_the_steps_of_a_length(
    length: dict[str, int], since: datetime, anchor: str
) -> None:
    definition = Lifecycle(
        name="renewing",
        initial="a",
        stages=[Stage("a", Status.ACTIVE)],
        transitions=[Transition("a", "a", after=dwell(**length, anchor=anchor))],
    )
    customer = definition.enroll("ann", at=since)
    for times in range(1, 20):
        due = definition.due(customer)
        assert due is not None
        assert due.at == Period(months=times * length["months"]).after(since)
        customer, changes = definition.advance(customer, to=due.at)
        assert [change.kind for change in changes] == ["renewal"]


# Pauses


class Pauses(NamedTuple):
    """A time-out, and when the customer of it pauses and comes back."""

    definition: Lifecycle
    since: datetime
    pauses: Sequence[tuple[timedelta, timedelta]]

    @property
    def events(self) -> list[Event]:
        """The events of the customer."""
        found, now = [], self.since
        for ahead, lasts in self.pauses:
            now = later(now, ahead)
            found.append(Event("pause", now))
            now = later(now, lasts)
            found.append(Event("resume", now))
        return found


LENGTHS = st.sampled_from([{"days": 90}, {"months": 3}, {"hours": 2000}, {"years": 1}])


@st.composite
def pauses(draw: st.DrawFn) -> Pauses:
    length = draw(LENGTHS)
    anchor = draw(st.sampled_from(["run", "entry", "enrolled"]))
    timeouts = [idle(**length), idle("visit", **length), dwell(**length, anchor=anchor)]
    stages = [
        Stage("a", Status.ACTIVE),
        Stage("b", Status.DORMANT, stops=("dwell", "idle")),
        Stage("c", Status.CHURNED),
    ]
    definition = Lifecycle(
        name="pausing",
        initial="a",
        stages=stages,
        transitions=[
            Transition("a", "b", on="pause"),
            Transition("b", "a", on="resume"),
            Transition("a", "c", after=draw(st.sampled_from(timeouts))),
        ],
        activity=("visit",),
    )
    ahead = st.timedeltas(timedelta(), timedelta(days=20))
    return Pauses(definition, draw(instants()), draw(st.lists(st.tuples(ahead, HOURS), max_size=4)))


@given(pauses())
def test_a_pause_moves_the_deadline_by_its_length(given_: Pauses) -> None:
    """When nothing else happens, and however often: the time that is left is the same."""
    definition, customer = given_.definition, given_.definition.enroll("ann", at=given_.since)
    before = definition.due(customer)
    assert before is not None
    for event in given_.events:
        customer, changes = definition.apply(customer, event)
        assert [change.target for change in changes] == [{"pause": "b", "resume": "a"}[event.name]]
        assert (definition.due(customer) is None) == (event.name == "pause")
    after = definition.due(customer)
    assert after is not None
    paused = sum((lasts for _, lasts in given_.pauses), timedelta())
    assert utc(after.at) == utc(before.at) + paused
    assert after.at.tzinfo is before.at.tzinfo


@given(pauses())
def test_a_customer_who_is_stored_in_a_pause_goes_on_the_same(given_: Pauses) -> None:
    definition, customer = given_.definition, given_.definition.enroll("ann", at=given_.since)
    other = customer
    for event in given_.events:
        customer, _ = definition.apply(customer, event)
        loaded = Customer.from_dict(json.loads(json.dumps(other.to_dict())))
        other, _ = definition.apply(loaded, event)
        assert other == customer
        assert definition.due(other) == definition.due(customer)


@given(pauses())
def test_a_replay_of_pauses_is_one_event_after_the_other(given_: Pauses) -> None:
    definition = given_.definition
    customer: Any = definition.enroll("ann", at=given_.since)
    changes: Any = ()
    for event in given_.events:
        customer, more = definition.apply(customer, event)
        changes += more
    journey = definition.replay("ann", given_.events, since=given_.since)
    assert (journey.customer, journey.changes) == (customer, changes)


@given(worlds())
def test_a_pause_that_no_customer_enters_changes_nothing(world: World) -> None:
    """Whatever a stage stops that nothing leads to, the journey is the same."""
    nowhere = Stage("nowhere", Status.DORMANT, stops=("dwell", "idle"))
    plain = [*world.lifecycle.stages, attrs.evolve(nowhere, stops=())]
    try:
        definitions = [
            attrs.evolve(world.lifecycle, stages=stages)
            for stages in (plain, [*world.lifecycle.stages, nowhere])
        ]
    except DefinitionError:  # of two transitions that both reach it
        reject()
    journeys = [
        definition.replay("ann", world.events, until=world.until, **world.told)
        for definition in definitions
    ]
    seen = [
        [(change.at, change.source, change.target, change.kind) for change in journey.changes]
        for journey in journeys
    ]
    assert seen[0] == seen[1]
    assert journeys[0].customer.entered == journeys[1].customer.entered
