"""Events, logs and journeys are drawn about what a definition tells apart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import find as found_by
from hypothesis import strategies as st

from lifecycle import (
    Event,
    Journey,
    Lifecycle,
    Period,
    Transition,
    attribute,
    dwell,
    idle,
    presets,
    testing,
    total,
    value,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import SHOP, START, lifecycle, refusal

T = TypeVar("T")
TICK = timedelta(microseconds=1)
BERLIN = datetime(2026, 3, 28, 23, tzinfo=ZoneInfo("Europe/Berlin"))


def spending(wanted: Any) -> Lifecycle:
    return lifecycle(
        Transition("buyer", "loyal", on="purchase", when=total("purchase") >= wanted),
        Transition(("buyer", "loyal"), "lapsed", after=idle(days=90)),
        events=("visit",),
    )


def find(strategy: st.SearchStrategy[T], wanted: Callable[[T], object]) -> T:
    """Give a thing that is drawn, the same each time, without making it small."""
    quick = settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate])
    return found_by(strategy, lambda one: bool(wanted(one)), settings=quick)


# Events


@given(testing.events(SHOP, at=st.datetimes()))
def test_events_are_those_that_the_lifecycle_knows(event: Event) -> None:
    assert event.name in {"signup", "purchase", "erasure"}
    assert event.id is None


@given(testing.events(SHOP))
def test_events_happen_at_the_start_unless_told(event: Event) -> None:
    assert event.at == START


@pytest.mark.parametrize("wanted", [500, 0.5, Decimal("99.95"), -3])
def test_values_are_of_the_kind_of_the_threshold_and_on_both_sides(wanted: Any) -> None:
    seen: list[Any] = []

    @settings(max_examples=200)
    @given(testing.events(spending(wanted)))
    def draw(event: Event) -> None:
        seen.append(event.value if event.name == "purchase" else None)

    draw()
    kinds = {type(one) for one in seen}
    assert kinds == {type(None), type(wanted)}
    assert {one >= wanted for one in seen if one is not None} == {True, False}


@given(testing.events(spending(500), values={"purchase": st.sampled_from([7, 8])}))
def test_values_are_those_asked_for(event: Event) -> None:
    assert event.value in ({7, 8} if event.name == "purchase" else {None})


@given(testing.events(SHOP, examples=[Event("purchase", START, value=3, id="a", sets={"x": 1})]))
def test_events_like_an_example_are_drawn_without_its_id(event: Event) -> None:
    assert event.value in {None, 3}
    assert event.sets == ({} if event.value is None else {"x": 1})
    assert event.id is None


def test_a_lifecycle_without_events_has_none_to_draw() -> None:
    silent = lifecycle(Transition("buyer", "lapsed", after=dwell(days=1)))
    assert refusal(InvalidValueError, lambda: testing.events(silent)) == (
        "lifecycle must know an event, got 'shop'"
    )
    assert find(testing.logs(silent), lambda _: True) == []
    journey = find(testing.journeys(silent), lambda ann: ann.customer.stage == "lapsed")
    assert journey.events == ()


# Logs


@given(testing.logs(SHOP, start=BERLIN, max_size=5))
def test_logs_are_in_order_and_in_the_zone_of_the_start(log: list[Event]) -> None:
    assert len(log) <= 5
    assert all(event.at.tzinfo is BERLIN.tzinfo for event in log)
    assert [event.at.astimezone(UTC) for event in log] == sorted(
        event.at.astimezone(UTC) for event in log
    )
    assert all(event.at.astimezone(UTC) >= BERLIN.astimezone(UTC) for event in log)
    assert len({event.id for event in log}) == len(log)


@given(st.data())
def test_the_order_of_a_log_is_the_order_of_its_replay(data: st.DataObject) -> None:
    log = data.draw(testing.logs(SHOP))
    shuffled = data.draw(st.permutations(log))
    assert list(SHOP.replay("ann", shuffled, since=START).events) == log


def test_some_logs_have_a_sequence_for_all_of_their_events_or_for_some() -> None:
    def ties(log: list[Event]) -> list[tuple[int | None, int | None]]:
        return [
            (one.sequence, other.sequence)
            for one, other in pairwise(log)
            if one.at == other.at and one.name != other.name
        ]

    for wanted in ({True}, {False}, {True, False}):
        log = find(
            testing.logs(SHOP),
            lambda log, wanted=wanted: (
                {number is not None for tie in ties(log) for number in tie} == wanted
            ),
        )
        assert ties(log)
    smallest = found_by(testing.logs(SHOP), lambda log: len(log) == 2)
    assert [event.sequence for event in smallest] == [None, None]


@pytest.mark.parametrize("offset", [-TICK, 0 * TICK, TICK], ids=str)
def test_logs_meet_deadlines_from_both_sides(offset: timedelta) -> None:
    made = spending(500)

    def meets(log: list[Event]) -> bool:
        return any(event.at - START == timedelta(days=90) + offset for event in log)

    assert meets(find(testing.logs(made), meets))


def test_a_log_of_nothing_is_drawn() -> None:
    assert find(testing.logs(SHOP, max_size=0), lambda _: True) == []


def test_logs_begin_from_what_is_known_of_the_customer() -> None:
    made = lifecycle(
        Transition("buyer", "lapsed", after=dwell(days=7), when=attribute("plan").equals("gold")),
        events=("visit",),
    )
    week = START + timedelta(days=7) - TICK
    at = testing.logs(made, attributes={"plan": "gold"}, max_size=1)
    assert find(at, lambda log: [event.at for event in log] == [week])[0].at == week


def test_a_log_can_end_at_the_end_of_time() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    log = find(testing.logs(SHOP, start=last), lambda log: len(log) > 1)
    assert {event.at for event in log} == {last}


# Journeys


@given(testing.journeys(presets.retail()))
def test_journeys_are_known_until_their_last_event_or_later(journey: Journey) -> None:
    assert journey.until is not None
    assert all(event.at <= journey.until for event in journey.events)
    assert journey.customer.enrolled == START
    assert journey.customer.id == "ann"


@pytest.mark.parametrize("name", [name for name in presets.__all__ if name != "loyalty_tiers"])
def test_journeys_reach_stages_that_take_several_steps(name: str) -> None:
    preset = getattr(presets, name)()
    last = preset.stages[-2].name
    seen = set()

    @settings(max_examples=100, derandomize=True, database=None, phases=[Phase.generate])
    @given(testing.journeys(preset))
    def draw(journey: Journey) -> None:
        seen.update(stay.stage for stay in journey.stays)

    draw()
    assert last in seen


def test_attributes_of_journeys_are_drawn_unless_told() -> None:
    made = lifecycle(
        Transition("buyer", "loyal", on="visit", when=attribute("plan").equals("gold"))
    )
    plans = {"gold", "gold~", ""}
    for plan in plans:
        known = {"plan": plan}
        at_once = testing.journeys(made, max_size=0)
        assert find(at_once, lambda ann, known=known: ann.customer.attributes == known)

    @given(testing.journeys(made, attributes={"plan": "free"}, max_size=0))
    def told(journey: Journey) -> None:
        assert journey.customer.attributes == {"plan": "free"}

    told()


# Wrong arguments


WRONG: Any = "purchase"


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: testing.events(SHOP, at=WRONG),
            InvalidTypeError,
            "at must be a strategy of Hypothesis, got 'purchase' (str)",
        ),
        (
            lambda: testing.logs(SHOP, values=WRONG),
            InvalidTypeError,
            "values must be a mapping from event names to strategies, got 'purchase' (str)",
        ),
        (
            lambda: testing.logs(SHOP, max_size=0, values={WRONG[:0]: st.none()}),
            InvalidValueError,
            "a key of values must be text that is not blank, got ''",
        ),
        (
            lambda: testing.logs(lifecycle(), max_size=-1),
            InvalidValueError,
            "max_size must be at least 0, got -1",
        ),
        (
            lambda: testing.events(SHOP, examples=WRONG),
            InvalidTypeError,
            "examples must be a series of Event, got 'purchase' (str)",
        ),
        (
            lambda: testing.logs(SHOP, values={"purchase": WRONG}),
            InvalidTypeError,
            "values['purchase'] must be a strategy of Hypothesis, got 'purchase' (str)",
        ),
        (
            lambda: testing.journeys(SHOP, values={"buy": st.none()}),
            UnknownNameError,
            "a key of values must be one of 'signup', 'purchase', 'erasure', got 'buy'",
        ),
        (
            lambda: testing.logs(SHOP, max_size=-1),
            InvalidValueError,
            "max_size must be at least 0, got -1",
        ),
        (
            lambda: testing.logs(SHOP, start=WRONG),
            InvalidTypeError,
            "start must be a datetime, got 'purchase' (str)",
        ),
        (
            lambda: testing.journeys(WRONG),
            InvalidTypeError,
            "lifecycle must be a Lifecycle, got 'purchase' (str)",
        ),
        (
            lambda: testing.logs(SHOP, attributes=WRONG),
            InvalidTypeError,
            "attributes must be a mapping from names to values, got 'purchase' (str)",
        ),
    ],
)
def test_a_wrong_argument_is_named_at_once(
    call: Callable[[], object], kind: type[Exception], message: str
) -> None:
    assert refusal(kind, call) == message


def test_windows_of_conditions_are_lengths_that_logs_meet() -> None:
    made = lifecycle(
        Transition("buyer", "loyal", on="visit", when=value() > 0),
        Transition("buyer", "lost", on="visit", when=total("visit", within=Period(days=7)) < 0),
    )

    def a_week_apart(log: list[Event]) -> bool:
        return len(log) == 2 and log[1].at - log[0].at == timedelta(days=7)

    assert a_week_apart(find(testing.logs(made), a_week_apart))
