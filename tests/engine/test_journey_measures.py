"""What conditions read of the journey itself: entries, the stage before, days since."""

from datetime import UTC, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given

from lifecycle import (
    Event,
    Lifecycle,
    Period,
    Transition,
    Until,
    codec,
    count,
    days_since,
    dwell,
    entries,
    event_attribute,
    idle,
    previous,
    value,
)
from lifecycle.engine import _customer_data
from lifecycle.engine._tallies import KINDS
from lifecycle.errors import DefinitionError, InvalidTypeError, InvalidValueError
from samples import START, applied, at, bought, day, lifecycle, refusal, replayed
from strategies import World, worlds

ASKED = Event("ask", day(99))


def circling(measure: Any, *more: Transition, **given: Any) -> Lifecycle:
    """Go from buyer to loyal and back on "turn", and ask for a measure everywhere."""
    asked = measure.is_in([])
    return lifecycle(
        Transition("buyer", "loyal", on="turn"),
        Transition("loyal", "buyer", on="turn"),
        Transition("buyer", "buyer", on="renew"),
        *more,
        *(Transition(stage, "gone", on="ask", when=asked) for stage in ("buyer", "loyal")),
        events=("purchase", "renewal"),
        **given,
    )


def turn(number: float, name: str = "turn") -> Event:
    return Event(name, day(number))


def asked(measure: Any, *events: Event, ask: Event = ASKED) -> Any:
    definition = circling(measure)
    ann = definition.replay("ann", events, since=START).customer
    return definition.explain(ann, ask).reasons[0].actual


# Entries


@pytest.mark.parametrize(
    ("events", "buyer", "loyal"),
    [
        ([], 1, 0),
        ([turn(1)], 1, 1),
        ([turn(1), turn(2)], 2, 1),
        ([turn(1), turn(2), turn(3)], 2, 2),
        ([turn(1, "renew")], 2, 0),
        ([turn(1, "renew"), turn(1, "renew")], 3, 0),
        ([bought(1)], 1, 0),
    ],
)
def test_entries_are_the_stays_in_a_stage_the_current_one_included(
    events: list[Event], buyer: int, loyal: int
) -> None:
    assert asked(entries("buyer"), *events) == buyer
    assert asked(entries("loyal"), *events) == loyal
    assert asked(entries(("loyal", "buyer")), *events) == buyer + loyal
    assert asked(entries("loyal") - entries("buyer"), *events) == loyal - buyer


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (Period(days=99), 1),  # enrollment was 99 days ago: out; renewed on day 50
        (Period(days=100), 2),
        (timedelta(days=49), 0),  # the renewal was 49 days ago
        (Until("year"), 2),
        (Until("month"), 0),  # day 99 is 10 April
    ],
)
def test_entries_within_a_window_are_later_than_so_long_ago(within: Any, expected: int) -> None:
    assert asked(entries("buyer", within=within), turn(50, "renew")) == expected


def test_an_entry_is_counted_before_the_next_condition_is_asked() -> None:
    """The time-outs of one call see the stays that the call has made."""
    loop = lifecycle(
        Transition("buyer", "lost", after=dwell(days=1), when=entries("buyer") >= 3),
        Transition("buyer", "loyal", after=dwell(days=2)),
        Transition("loyal", "buyer", after=dwell(days=1)),
    )
    journey = loop.replay("ann", [], since=START, until=day(30))
    assert [stay.stage for stay in journey.stays] == ["buyer", "loyal"] * 2 + ["buyer", "lost"]
    assert journey.stays[-1].entered == day(7)


def test_one_enrolled_in_another_stage_has_entered_that_one() -> None:
    for measure, expected in ((entries("loyal"), 1), (entries("buyer"), 0)):
        definition = circling(measure)
        ann = definition.enroll("ann", at=START, stage="loyal")
        assert definition.explain(ann, ASKED).reasons[0].actual == expected


@given(worlds())
def test_entries_are_the_stays_of_the_journey(world: World) -> None:
    """Of any log in any definition: the count is that of the stays, in the order of time."""
    names = [stage.name for stage in world.lifecycle.stages]
    definition = watching(world.lifecycle, names)
    journey = definition.replay("ann", world.events, until=world.until, **world.told)
    layout, *states = journey.customer._memory
    read = dict(zip(layout.tallies, states, strict=False))
    stays = [stay.stage for stay in journey.stays]
    found = {tally.names[0]: n for tally, n in read.items() if tally.kind == "entries"}
    assert {name: found[name] for name in names} == {name: stays.count(name) for name in names}
    (before,) = [state for tally, state in read.items() if tally.kind == "previous"]
    assert before == (stays[-2] if stays[1:] else None)


def watching(definition: Lifecycle, names: list[str]) -> Lifecycle:
    """Add transitions on an event that never happens, which remember all there is to know."""
    unmet = [entries(name) < 0 for name in names] + [previous().is_in(())]
    stage = definition.stages[0].name
    ways = (
        Transition(stage, stage, on="never", when=when)
        for when in unmet
        if not definition.stages[0].final
    )
    return Lifecycle(
        name="watched",
        initial=definition.initial,
        stages=definition.stages,
        transitions=(*definition.transitions, *ways),
        activity=definition.activity or [n for n in definition._tables.reactions if n != "never"],
        events=definition.events,
    )


# The stage before


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], None),
        ([bought(1)], None),
        ([turn(1)], "buyer"),
        ([turn(1), turn(2)], "loyal"),
        ([turn(1), turn(2), turn(3, "renew")], "buyer"),
    ],
)
def test_the_stage_before_is_that_of_the_last_stay_but_one(
    events: list[Event], expected: str | None
) -> None:
    assert asked(previous(), *events) == expected


def test_the_stage_before_decides_where_one_comes_back_to() -> None:
    club = lifecycle(
        Transition("buyer", "loyal", on="upgrade"),
        Transition(("buyer", "loyal"), "lapsed", after=idle(days=10)),
        Transition("lapsed", "loyal", on="purchase", when=previous().equals("loyal")),
        Transition("lapsed", "buyer", on="purchase"),
    )
    assert replayed(club, turn(1, "upgrade"), bought(20)).customer.stage == "loyal"
    assert replayed(club, bought(1), bought(20)).customer.stage == "buyer"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: previous().equals("loyl"), "in previous().equals('loyl'), the stage must be one"),
        (lambda: previous().is_in(["loyal", "buyr"]), "did you mean 'buyer'?"),
        (lambda: entries("lapst") >= 1, "in entries('lapst'), the stage must be one of"),
        (lambda: ~(entries("buyer") + entries("lapst") >= 1), "did you mean 'lapsed'?"),
        (lambda: days_since("purchse") >= 1, "did you mean 'purchase'?"),
        (lambda: count("purchase", where=value() >= 1) + count("purchse") > 1, "'purchase'?"),
    ],
)
def test_a_stage_or_an_event_that_is_not_known_is_refused(make: Any, text: str) -> None:
    way = Transition("buyer", "lost", on="purchase", when=make())
    assert text in refusal(DefinitionError, lambda: lifecycle(way))


def test_stages_have_no_order() -> None:
    assert refusal(InvalidValueError, lambda: previous() >= "gold") == (
        "previous() must be compared by equals or is_in: stages have no order, got '>='"
    )
    assert "must be text" in refusal(TypeError, lambda: previous().equals(1))  # type: ignore[arg-type]
    assert "of a kind that adds" in refusal(InvalidValueError, lambda: previous() + previous())


# Days since


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (days_since("purchase"), 96.5),
        (days_since("renewal"), 94),
        (days_since(("renewal", "purchase")), 94),
        (days_since("purchase", where=value() >= 5), 98),
        (days_since("purchase", where=event_attribute("channel").equals("web")), None),
        (days_since("turn"), None),
        (days_since("ask"), 0),
        (days_since("purchase") - days_since("renewal"), 2.5),
    ],
)
def test_days_since_are_those_that_have_passed(measure: Any, expected: float | None) -> None:
    events = [bought(1, 5), bought(2.5, 1), Event("renewal", day(5))]
    assert asked(measure, *events) == expected


def test_days_are_of_24_hours_also_where_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    bought_at, asked_at = at("2026-03-28T12:00", berlin), at("2026-03-29T13:00", berlin)
    measure = days_since("purchase")
    ask = Event("ask", asked_at)
    assert asked(measure, Event("purchase", bought_at), ask=ask) == 1.0
    assert asked(measure, Event("purchase", bought_at.astimezone(UTC)), ask=ask) == 1.0


def test_so_many_days_are_reached_at_that_instant_and_not_before() -> None:
    slow = lifecycle(
        Transition("buyer", "lost", on="visit", when=days_since("purchase") >= 30),
        events=("purchase",),
    )
    tick = timedelta(microseconds=1)
    for late, stage in ((-tick, "buyer"), (timedelta(0), "lost"), (tick, "lost")):
        visit = Event("visit", day(31) + late)
        assert applied(slow, bought(1), visit).stage == stage


def test_a_time_out_reads_the_days_at_its_deadline() -> None:
    reminded = lifecycle(
        Transition("buyer", "lapsed", after=dwell(days=40), when=days_since("purchase") >= 30),
        events=("purchase",),
    )
    assert replayed(reminded, bought(10), until=day(50)).customer.stage == "lapsed"
    assert replayed(reminded, bought(10.001), until=day(50)).customer.stage == "buyer"


# Stored, and moved to another version


def test_every_kind_of_tally_has_a_form() -> None:
    assert set(_customer_data._STATES) == set(KINDS)


def test_what_is_remembered_of_the_journey_can_be_stored() -> None:
    for measure in (entries("buyer"), entries("buyer", within=Period(days=9)), previous()):
        for events in ([], [turn(1)], [turn(1), turn(2)]):
            definition = circling(measure)
            ann = definition.replay("ann", events, since=START).customer
            again = codec.from_dict(codec.to_dict(ann))
            assert again == ann
            assert definition.apply(again, turn(3)) == definition.apply(ann, turn(3))


def test_entries_go_on_in_a_new_version_and_the_migration_is_none() -> None:
    measures = (entries("buyer"), entries("loyal", within=Period(days=99)), previous())
    for measure, before, after in zip(measures, (2, 2, "buyer"), (2, 2, "buyer"), strict=True):
        old, new = circling(measure), circling(measure, version=2)
        ann = old.replay("ann", [turn(1), turn(2), turn(3)], since=START).customer
        assert old.explain(ann, ASKED).reasons[0].actual == before
        moved, _ = old.migrate(ann, to=new, at=day(4))
        assert new.explain(moved, ASKED).reasons[0].actual == after


def test_entries_go_on_under_the_new_name_of_a_stage() -> None:
    old = lifecycle(
        Transition("buyer", "loyal", on="turn"),
        Transition("loyal", "buyer", on="turn"),
        Transition("buyer", "lost", on="ask", when=entries("loyal") >= 9),
        Transition("buyer", "lost", on="ask", when=previous().equals("loyal")),
    )
    new = lifecycle(
        Transition("buyer", "lapsed", on="turn"),
        Transition("lapsed", "buyer", on="turn"),
        Transition("buyer", "lost", on="ask", when=entries("lapsed") >= 9),
        Transition("buyer", "gone", on="ask", when=previous().equals("lapsed")),
        version=2,
    )
    ann = old.replay("ann", [turn(1), turn(2)], since=START).customer
    moved, _ = old.migrate(ann, to=new, mapping={"loyal": "lapsed"}, at=day(4))
    decision = new.explain(moved, ASKED)
    assert decision.reasons[0].actual == 1
    assert decision.transition == new.transitions[-1]


@pytest.mark.parametrize("name", [None, 0, b"buyer"])
def test_what_is_no_name_of_a_stage_is_refused(name: Any) -> None:
    assert "entries must be text" in refusal(InvalidTypeError, lambda: entries(name))
