"""One customer's stays in order, with the events that made them (rules 12, 16, 17)."""

import json
import pickle
from collections.abc import Callable
from datetime import UTC, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import (
    Correction,
    Customer,
    Event,
    StageChange,
    Stay,
    Transition,
    attribute,
    dwell,
    idle,
    presets,
    total,
    value,
)
from lifecycle.engine import journeys
from lifecycle.errors import (
    DuplicateEventError,
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    MixedNumbersError,
    TooManyChangesError,
    UnknownNameError,
)
from samples import (
    FADING,
    SHOP,
    START,
    again,
    at,
    bought,
    day,
    days,
    lifecycle,
    moves,
    naive,
    refusal,
    replayed,
)

BERLIN = ZoneInfo("Europe/Berlin")

EVENTS = (bought(0, id="a"), bought(30, id="b"), bought(200, id="c"), bought(220, id="d"))


class Names(StrEnum):
    """Names of one's own."""

    LEAD = "lead"


# The worked figures


def test_a_late_purchase_retracts_what_did_not_happen_and_adds_what_did() -> None:
    journey = replayed(FADING, since=START, until=day(400))
    assert moves(journey.changes) == [(90, "lapsed"), (270, "lost")]
    amended, correction = journey.amend(bought(50))
    assert isinstance(correction, Correction)
    assert days(correction.retracted) == [90, 270]
    assert days(correction.added) == [140, 320]
    assert amended == replayed(FADING, bought(50), since=START, until=day(400))
    assert journey.amend(bought(50)) == (amended, correction)
    assert moves(journey.changes) == [(90, "lapsed"), (270, "lost")]


# Enrolment and the end (rule 16)


def test_enrollment_is_at_the_first_event_unless_told() -> None:
    assert replayed(SHOP, bought(5), bought(3)).customer.enrolled == day(3)
    assert replayed(SHOP, bought(5), since=day(1)).customer.enrolled == day(1)
    assert replayed(SHOP, bought(5), since=day(5)).customer.enrolled == day(5)


def test_without_since_the_first_stay_may_have_no_length() -> None:
    journey = replayed(SHOP, bought(5), until=day(9))
    assert journey.stays == (Stay("visitor", day(5), day(5)), Stay("buyer", day(5), None))
    assert journey.stays[0].duration == timedelta(0)


def test_a_journey_may_have_no_events() -> None:
    journey = replayed(SHOP, since=START)
    assert (journey.events, journey.changes, journey.until) == ((), (), None)
    assert journey.stays == (Stay("visitor", START, None),)


def test_a_journey_begins_as_told() -> None:
    journey = SHOP.replay(
        7, [], since=START, stage="lead", attributes={"plan": "free"}, referred_by="bob"
    )
    assert journey.customer == SHOP.enroll(
        7, at=START, stage="lead", attributes={"plan": "free"}, referred_by="bob"
    )
    assert journey.customer.referred_by == "bob"


def test_journeys_are_equal_where_their_definitions_are() -> None:
    journey = replayed(SHOP, *EVENTS, since=START)
    equal = replayed(attrs.evolve(SHOP, version=SHOP.version), *EVENTS, since=START)
    assert (equal, hash(equal)) == (journey, hash(journey))
    assert replayed(attrs.evolve(SHOP, version=SHOP.version + 1), *EVENTS, since=START) != journey


def test_journeys_that_are_pickled_together_share_their_definition() -> None:
    journeys = [SHOP.replay(str(i), EVENTS, since=START) for i in range(3)]
    found = pickle.loads(pickle.dumps(journeys))  # noqa: S301  (our own)
    assert found == journeys
    assert len({id(journey._tables) for journey in found}) == 1


def test_names_in_stays_are_plain_text() -> None:
    journey = replayed(SHOP, bought(1), stage=Names.LEAD)
    assert {type(stay.stage) for stay in journey.stays} == {str}
    assert type(journey.stage_at(day(1))) is str


def test_until_takes_the_deadlines_due_by_then() -> None:
    assert moves(replayed(SHOP, bought(0), until=day(89)).changes) == [(0, "buyer")]
    assert moves(replayed(SHOP, bought(0), until=day(90)).changes)[1:] == [(90, "lapsed")]


def test_without_until_nothing_after_the_last_event_is_taken() -> None:
    journey = replayed(SHOP, bought(0), bought(100))
    assert moves(journey.changes) == [(0, "buyer"), (90, "lapsed"), (100, "buyer")]
    assert journey.until is None


def test_events_after_until_stay_in_the_journey_and_out_of_the_fold() -> None:
    journey = replayed(SHOP, *EVENTS, until=day(100))
    assert journey.events == EVENTS
    assert moves(journey.changes) == [(0, "buyer")]
    assert journey.customer.last_activity == day(30)


def test_an_event_at_until_is_applied() -> None:
    assert replayed(SHOP, bought(5), since=START, until=day(5)).customer.stage == "buyer"


def test_until_may_be_enrollment() -> None:
    assert replayed(SHOP, bought(5), since=START, until=START).stays == (
        Stay("visitor", START, None),
    )


# The order of events (rule 12)


def test_events_are_taken_in_the_order_of_their_instants() -> None:
    expected = replayed(SHOP, *EVENTS, until=day(999))
    for order in permutations(EVENTS):
        assert replayed(SHOP, *order, until=day(999)) == expected


def test_at_the_same_instant_events_come_as_the_definition_names_them() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="signup"),
        Transition("buyer", "loyal", on="purchase"),
        activity=("visit", "purchase"),
        events=("note",),
        initial="lead",
    )
    names = ("signup", "purchase", "visit", "note")
    for order in permutations(names):
        journey = replayed(definition, *(Event(name, day(1)) for name in order))
        assert tuple(event.name for event in journey.events) == names
        assert journey.customer.stage == "loyal"


def test_a_signup_and_a_purchase_of_one_day_need_no_order() -> None:
    signup, purchase = Event("signup", day(1)), bought(1)
    for events in ([signup, purchase], [purchase, signup]):
        journey = SHOP.replay("ann", events)
        assert [change.target for change in journey.changes] == ["lead", "buyer"]


def test_at_the_same_instant_and_name_events_come_by_id_and_none_last() -> None:
    ids = [3, 10, 0, "b", "a", None, "10"]
    events = [bought(1, id=each) for each in ids]
    expected = [0, 3, 10, "10", "a", "b", None]
    for order in (events, events[::-1]):
        assert [event.id for event in replayed(SHOP, *order).events] == expected


def test_the_ids_0_and_1_come_in_their_order() -> None:
    for ids in ((0, 1), (1, 0)):
        journey = replayed(SHOP, *(bought(1, id=each) for each in ids))
        assert [event.id for event in journey.events] == [0, 1]


def test_at_the_same_instant_the_sequence_comes_before_name_and_id() -> None:
    events = [
        bought(1, sequence=0, id="z"),
        Event("erasure", day(1), sequence=1),
        bought(1, sequence=2, id="b"),
        Event("signup", day(1), sequence=3),
        bought(1, sequence=3, id=0),
        bought(1, sequence=3, id=7),
        Event("signup", day(1)),
        bought(1, id="a"),
    ]
    for order in (events, events[::-1], events[3:] + events[:3]):
        assert list(replayed(SHOP, *order).events) == events


def test_the_sequences_0_and_1_come_in_their_order() -> None:
    first, second = Event("erasure", day(1), sequence=0), bought(1, sequence=1)
    assert replayed(SHOP, second, first).events == (first, second)


def test_a_sequence_orders_nothing_across_instants() -> None:
    late, early = bought(2, sequence=0), bought(1, sequence=9)
    assert replayed(SHOP, late, early).events == (early, late)
    berlin = Event("purchase", at("2026-01-02T01:00", BERLIN), sequence=2)
    utc = Event("purchase", at("2026-01-02T00:00"), sequence=1)
    assert replayed(SHOP, berlin, utc).events == (utc, berlin)


def test_one_id_with_two_sequences_is_a_mistake() -> None:
    with pytest.raises(DuplicateEventError):
        replayed(SHOP, bought(1, id="a", sequence=1), bought(1, id="a", sequence=2))


def test_the_order_of_the_source_is_kept_within_a_second() -> None:
    # a card fails and is retried in the same second; the source says which came last
    subscription = presets.subscription()
    names = ("payment_failed", "payment")
    for first, second, stage in ((1, 2, "active"), (2, 1, "past_due")):
        tried = [
            Event(name, day(34), sequence=number)
            for name, number in zip(names, (first, second), strict=True)
        ]
        for given in (tried, tried[::-1]):
            paid = [Event("payment", day(4)), *given]
            assert subscription.replay("a", paid, since=START).customer.stage == stage


def test_a_pause_within_a_second_ends_as_the_source_says() -> None:
    # by the definition alone, both pauses come before the resume, and the customer is active
    subscription = presets.subscription()
    told = [
        Event(name, day(9), sequence=number)
        for number, name in enumerate(("pause", "resume", "pause"))
    ]
    paid = Event("payment", day(4))
    assert subscription.replay("a", [*told[::-1], paid], since=START).customer.stage == "paused"
    plain = [attrs.evolve(event, sequence=None) for event in told]
    assert subscription.replay("a", [*plain, paid], since=START).customer.stage == "active"


def test_events_that_differ_in_nothing_else_come_as_given() -> None:
    one, other = bought(1, 5), bought(1, 3)
    assert replayed(SHOP, one, other).events == (one, other)
    assert replayed(SHOP, other, one).events == (other, one)


def test_events_without_an_id_are_never_dropped() -> None:
    assert replayed(SHOP, bought(1), bought(1), bought(1)).customer.stage == "loyal"
    assert len(replayed(SHOP, bought(1), bought(1)).events) == 2


def test_zones_do_not_matter_for_the_order() -> None:
    late = Event("purchase", at("2026-01-02T00:30", BERLIN))
    early = Event("purchase", at("2026-01-01T23:00"))
    assert replayed(SHOP, late, early).events == (early, late)


def test_a_repeated_id_is_dropped() -> None:
    expected = replayed(SHOP, *EVENTS, until=day(999))
    copies = again(EVENTS)
    assert replayed(SHOP, *EVENTS, *copies[::-1], until=day(999)) == expected
    assert expected.amend(copies[1], copies[0]) == (expected, Correction((), ()))


def test_the_same_event_given_twice_is_dropped() -> None:
    expected = replayed(SHOP, *EVENTS, until=day(999))
    assert replayed(SHOP, *EVENTS, *EVENTS, until=day(999)) == expected
    assert expected.amend(EVENTS[1]) == (expected, Correction((), ()))


def test_a_repeated_id_in_another_zone_is_dropped() -> None:
    for text in ("2026-01-02T12:00", "2026-10-25T00:30"):  # the second in an hour that repeats
        instant = at(text)
        copies = [Event("purchase", instant.astimezone(zone), id=1) for zone in (UTC, BERLIN)]
        assert len(replayed(SHOP, *copies).events) == 1


def test_a_number_and_its_text_are_two_ids() -> None:
    assert len(replayed(SHOP, bought(1, id=1), bought(1, id="1")).events) == 2


@pytest.mark.parametrize(
    "other",
    [
        bought(1, 5, id="a"),
        bought(2, 4, id="a"),
        Event("signup", day(1), value=4, id="a"),
        bought(1, 4, id="a", attributes={"via": "web"}),
        bought(1, 4, id="a", sets={"plan": "gold"}),
        bought(1, id="a"),
    ],
)
def test_an_id_with_other_content_raises(other: Event) -> None:
    event = bought(1, 4, id="a")
    with pytest.raises(DuplicateEventError) as caught:
        replayed(SHOP, event, other)
    assert (caught.value.first, caught.value.second) == (event, other)
    assert str(caught.value) == (
        f"events with the id 'a' must be equal, got {event!r} and {other!r}"
    )
    journey = replayed(SHOP, event)
    with pytest.raises(DuplicateEventError):
        journey.amend(other)
    assert journey == replayed(SHOP, event)


def test_an_id_an_hour_later_in_a_repeated_hour_raises() -> None:
    early = at("2026-10-25T02:30", BERLIN)
    events = [Event("purchase", early, id=1), Event("purchase", early.replace(fold=1), id=1)]
    with pytest.raises(DuplicateEventError):
        SHOP.replay("ann", events)


# Stays


def test_stays_tile_the_journey() -> None:
    journey = replayed(SHOP, *EVENTS, since=day(-5), until=day(400))
    assert journey.stays == (
        Stay("visitor", day(-5), day(0)),
        Stay("buyer", day(0), day(120)),
        Stay("lapsed", day(120), day(200)),
        Stay("buyer", day(200), day(220)),
        Stay("loyal", day(220), day(400)),
        Stay("lapsed", day(400), None),
    )
    assert [stay.duration for stay in journey.stays[:-1]] == [
        timedelta(days=number) for number in (5, 120, 80, 20, 180)
    ]


def test_an_open_stay_has_no_duration() -> None:
    assert replayed(SHOP, since=START).stays[-1].duration is None


def test_a_duration_is_elapsed_time_whatever_the_clocks_did() -> None:
    spring = Stay("buyer", at("2026-03-28T12:00", BERLIN), at("2026-03-29T12:00", BERLIN))
    autumn = Stay("buyer", at("2026-10-24T12:00", BERLIN), at("2026-10-25T12:00", BERLIN))
    assert (spring.duration, autumn.duration) == (timedelta(hours=23), timedelta(hours=25))
    plain = Stay("buyer", naive("2026-03-28T12:00"), naive("2026-03-29T12:00"))
    assert plain.duration == timedelta(hours=24)


def test_a_stay_shows_itself_as_the_call_that_makes_it() -> None:
    assert repr(Stay("buyer", naive("2026-01-01"), None)) == (
        "Stay('buyer', datetime.datetime(2026, 1, 1, 0, 0), None)"
    )


# The stage at an instant


def test_the_stage_at_an_instant_is_the_one_that_was_entered_last() -> None:
    journey = replayed(SHOP, *EVENTS, since=day(-5), until=day(400))
    for number, stage in (
        (-5, "visitor"),
        (-0.1, "visitor"),
        (0, "buyer"),
        (119.9, "buyer"),
        (120, "lapsed"),
        (219.9, "buyer"),
        (220, "loyal"),
        (400, "lapsed"),
    ):
        assert journey.stage_at(day(number)) == stage


def test_the_stage_at_an_instant_of_several_changes_is_the_latest() -> None:
    journey = replayed(SHOP, Event("signup", day(1)), bought(1))
    assert journey.stage_at(day(1)) == "buyer"


def test_the_stage_in_a_repeated_hour_is_the_one_at_that_instant() -> None:
    definition = lifecycle(Transition("buyer", "lapsed", after=idle(hours=2)))
    start = at("2026-10-25T00:45", BERLIN)
    journey = replayed(definition, since=start, until=at("2026-10-25T12:00", BERLIN))
    half = at("2026-10-25T02:30", BERLIN)
    assert journey.stage_at(half) == "buyer"
    assert journey.stage_at(half + timedelta(minutes=15)) == "lapsed"
    assert journey.stage_at(half.replace(fold=1)) == "lapsed"


class Looked(tuple[Any, ...]):
    """Instants that count how often one of them is looked at."""

    __slots__ = ()
    times = 0

    def __getitem__(self, place: Any) -> Any:
        """Give the instant at a place."""
        Looked.times += 1
        return super().__getitem__(place)


@pytest.mark.parametrize("number", [0, 0.5, 499, 700.25, 1000])
def test_the_stage_at_an_instant_is_found_by_halving(
    number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # of 1,000 stays, ten halvings leave one
    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase"), Transition("loyal", "buyer", on="purchase")
    )
    journey = replayed(definition, *map(bought, range(1, 1000)), since=START, until=day(1000))
    assert len(journey.stays) == 1000
    looked = Looked(journey._entries)
    monkeypatch.setattr(journeys.Journey, "_entries", looked)
    monkeypatch.setattr(Looked, "times", 0)
    expected = "loyal" if min(int(number), 999) % 2 else "buyer"
    assert journey.stage_at(day(number)) == expected
    assert 0 < Looked.times <= 10


def test_a_journey_without_until_is_known_up_to_its_last_event() -> None:
    journey = replayed(SHOP, bought(1), bought(5), since=START)
    assert journey.stage_at(day(5)) == "buyer"
    text = refusal(InvalidValueError, lambda: journey.stage_at(day(5.5)))
    assert text.startswith(
        "at must be within the journey, 2026-01-01 00:00:00+00:00 to "
        "2026-01-06 00:00:00+00:00, got "
    )
    with pytest.raises(InvalidValueError):
        journey.stage_at(day(-1))
    alone = replayed(SHOP, since=START)
    assert alone.stage_at(START) == "visitor"
    with pytest.raises(InvalidValueError):
        alone.stage_at(day(1))


def test_the_stage_at_a_naive_instant_of_an_aware_journey_is_not_known() -> None:
    journey = replayed(SHOP, bought(1), until=day(9))
    text = refusal(MixedInstantsError, lambda: journey.stage_at(naive("2026-01-02")))
    assert text == (
        "at and customer.enrolled must both have a time zone or both have none, "
        "got naive 2026-01-02 00:00:00 and aware 2026-01-02 00:00:00+00:00"
    )
    with pytest.raises(InvalidTypeError):
        journey.stage_at(day(1).date())  # type: ignore[arg-type]


# Amending


def test_amending_is_replaying_everything() -> None:
    journey = replayed(SHOP, EVENTS[0], EVENTS[3], until=day(400))
    amended, correction = journey.amend(EVENTS[2], EVENTS[1])
    assert amended == replayed(SHOP, *EVENTS, until=day(400))
    kept = [change for change in journey.changes if change not in correction.retracted]
    assert {*kept, *correction.added} == set(amended.changes)
    assert moves(correction.retracted) == [(90, "lapsed"), (220, "buyer"), (310, "lapsed")]
    assert moves(correction.added) == [
        (120, "lapsed"),
        (200, "buyer"),
        (220, "loyal"),
        (400, "lapsed"),
    ]


def test_amending_with_nothing_changes_nothing() -> None:
    journey = replayed(SHOP, *EVENTS, until=day(400))
    assert journey.amend() == (journey, Correction((), ()))


def test_an_event_that_moves_no_change_corrects_nothing() -> None:
    journey = replayed(SHOP, *EVENTS, until=day(390))
    amended, correction = journey.amend(Event("signup", day(221)))
    assert correction == Correction((), ())
    assert len(amended.events) == len(journey.events) + 1


def test_an_earlier_event_moves_enrollment_where_there_was_no_since() -> None:
    journey = replayed(SHOP, bought(5))
    amended, correction = journey.amend(bought(2))
    assert amended.customer.enrolled == day(2)
    assert moves(correction.retracted) == [(5, "buyer")]
    assert moves(correction.added) == [(2, "buyer")]


def test_an_event_after_until_is_kept_for_later() -> None:
    journey = replayed(SHOP, bought(0), until=day(50))
    amended, correction = journey.amend(bought(60))
    assert correction == Correction((), ())
    assert amended.changes == journey.changes
    assert amended.events == (bought(0), bought(60))


def test_equal_changes_are_corrected_as_often_as_they_differ() -> None:
    definition = lifecycle(
        Transition("buyer", "buyer", on="renewal"), Transition("buyer", "lost", on="purchase")
    )
    renewal = Event("renewal", day(5))
    journey = replayed(definition, renewal, renewal, renewal)
    assert len(journey.changes) == 3
    amended, correction = journey.amend(renewal, renewal)
    assert (len(correction.retracted), len(correction.added)) == (0, 2)
    _, correction = amended.amend(bought(5))
    assert (len(correction.retracted), len(correction.added)) == (0, 1)
    _, correction = amended.amend(bought(4))
    assert (len(correction.retracted), len(correction.added)) == (5, 1)


def test_a_change_that_moves_by_the_hour_of_a_repeated_local_time_is_corrected() -> None:
    definition = lifecycle(Transition("buyer", "lapsed", after=idle(hours=2)), events=("visit",))
    first, second = at("2026-10-25T00:30", BERLIN), at("2026-10-25T01:30", BERLIN)
    journey = replayed(definition, Event("visit", first), until=at("2026-10-25T12:00", BERLIN))
    _, correction = journey.amend(Event("visit", second))
    assert [change.at.isoformat() for change in correction.retracted] == [
        "2026-10-25T02:30:00+02:00"
    ]
    assert [change.at.isoformat() for change in correction.added] == ["2026-10-25T02:30:00+01:00"]


@attrs.define
class Threshold:
    """Code that cannot be hashed, since it can change."""

    least: int

    def __call__(self, _customer: Customer, event: Event | None) -> bool:
        """Say whether an event was worth the least."""
        return event is not None and isinstance(event.value, int) and event.value >= self.least


def test_code_that_cannot_be_hashed_may_be_amended() -> None:
    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=Threshold(3)))
    journey = replayed(definition, bought(5, 3))
    _, correction = journey.amend(bought(4, 4))
    assert moves(correction.added) == [(4, "loyal")]


# What was told


def stored(change: StageChange) -> StageChange:
    """Give what a store gives back, of which nothing is the same object."""
    return StageChange.from_dict(json.loads(json.dumps(change.to_dict())))


def test_a_correction_is_the_difference_to_what_was_told() -> None:
    # a purchase arrived before the signup of its day, and then a late purchase;
    # by hand: told visitor -> buyer on day 4, right is visitor -> buyer on day 2 and no more
    order, signup, late = bought(4, id="o1"), Event("signup", day(4), id="s1"), bought(2, id="o0")
    ann, told = SHOP.enroll("ann", at=START), []
    for event in (order, signup):
        ann, changes = SHOP.apply(ann, event)
        told += map(stored, changes)
    assert moves(told) == [(4, "buyer")]
    journey = SHOP.replay(ann.enrollment, [order, signup, late], until=day(5))
    correction = journey.correction(told)
    assert isinstance(correction, Correction)
    assert correction.retracted == tuple(told)
    assert moves(correction.added) == [(2, "buyer")]
    assert journey.correction(map(stored, journey.changes)) == Correction((), ())


def test_a_difference_between_live_steps_and_replay_is_told() -> None:
    # live, the second pause ends in "paused"; in the order of the definition, both pauses come
    # before the resume, and 35 days without a payment later the customer is past due
    subscription = presets.subscription()
    names = ("pause", "resume", "pause")
    at_once = [Event(name, day(34), id=f"{i}") for i, name in enumerate(names)]
    log = [Event("payment", day(4), id="p1"), *at_once]
    ann, told = subscription.enroll("ann", at=START), []
    for event in log:
        ann, changes = subscription.apply(ann, event)
        told += changes
    journey = subscription.replay(ann.enrollment, log, until=day(80))
    correction = journey.correction(told)
    assert moves(correction.retracted) == [(34, "paused")]
    assert moves(correction.added) == [(69, "past_due")]


@pytest.mark.parametrize("numbers", [(None, None, None), (1, 2, 3), (None, 0, 1)])
def test_a_late_event_that_moves_nobody_takes_nothing_back(numbers: tuple[int | None, ...]) -> None:
    # a card fails and is retried within a second; weeks later, a signup of the first days arrives
    subscription = presets.subscription()
    log = [
        Event(name, day(number), id=f"{name} {number}", sequence=sequence)
        for (name, number), sequence in zip(
            (("payment", 4), ("payment_failed", 34), ("payment", 34)), numbers, strict=True
        )
    ]
    ann, told = subscription.enroll("ann", at=START), []
    for event in log:
        ann, changes = subscription.apply(ann, event)
        told += map(stored, changes)
    assert moves(told) == [(4, "active"), (34, "past_due"), (34, "active")]
    late = Event("signup", day(1), id="late")
    journey = subscription.replay(ann.enrollment, [*log, late], until=day(50))
    assert journey.customer.stage == "active"
    assert journey.correction(told) == Correction((), ())


def test_what_was_told_of_a_customer_changed_by_hand_is_taken_back() -> None:
    # idle since day 50, but somebody wrote day 10: told is a lapse on day 100 instead of 140
    ann, told = FADING.apply(FADING.enroll("ann", at=START), bought(50, id="o1"))
    wrong, lapse = FADING.advance(attrs.evolve(ann, last_activity=day(10)), to=day(120))
    assert moves((*told, *lapse)) == [(100, "lapsed")]
    for until, added in ((120, []), (150, [(140, "lapsed")])):
        journey = FADING.replay(wrong.enrollment, [bought(50, id="o1")], until=day(until))
        correction = journey.correction((*told, *lapse))
        assert correction.retracted == lapse
        assert moves(correction.added) == added


def test_changes_are_told_apart_as_often_as_they_were_told() -> None:
    journey = replayed(SHOP, bought(1, id="a"), since=START, until=day(99))
    (bought_, lapsed) = map(stored, journey.changes)
    correction = journey.correction([lapsed, bought_, lapsed, bought_, lapsed])
    assert correction == Correction((lapsed, bought_, lapsed), ())
    assert journey.correction([]) == Correction((), journey.changes)
    assert journey.correction(iter([bought_])) == Correction((), journey.changes[1:])


def test_what_was_told_in_another_zone_was_told() -> None:
    journey = replayed(SHOP, bought(1, id="a"), since=START, until=day(99))
    told = [attrs.evolve(c, at=c.at.astimezone(BERLIN)) for c in map(stored, journey.changes)]
    assert journey.correction(told) == Correction((), ())


def test_the_two_instants_of_a_repeated_local_time_are_two_changes() -> None:
    definition = lifecycle(Transition("buyer", "lapsed", after=idle(hours=2)))
    start = at("2026-10-25T00:30", BERLIN)
    journey = replayed(definition, since=start, until=at("2026-10-25T12:00", BERLIN))
    (change,) = journey.changes
    wrong = attrs.evolve(change, at=change.at.replace(fold=1))
    assert journey.correction([wrong]) == Correction((wrong,), (change,))


def test_a_change_by_another_transition_is_another_change() -> None:
    ways = (
        Transition("buyer", "loyal", on="purchase", when=value() >= 3),
        Transition("buyer", "loyal", on="purchase", when=total("purchase") >= 3),
    )
    journey = replayed(lifecycle(*ways), bought(5, 3))
    (change,) = journey.changes
    wrong = attrs.evolve(change, transition=ways[1])
    assert journey.correction([wrong]) == Correction((wrong,), (change,))
    # an equal one, made anew
    same = Transition("buyer", "loyal", on="purchase", when=value() >= 3)
    assert journey.correction([attrs.evolve(change, transition=same)]) == Correction((), ())


def test_a_change_by_an_event_with_other_content_is_another_change() -> None:
    journey = replayed(SHOP, bought(5, 3, id="a"))
    (change,) = journey.changes
    wrong = attrs.evolve(change, event=bought(5, 4, id="a"))
    assert journey.correction([wrong]) == Correction((wrong,), (change,))


def test_code_that_cannot_be_hashed_may_have_been_told() -> None:
    definition = lifecycle(Transition("buyer", "loyal", on="purchase", when=Threshold(3)))
    journey = replayed(definition, bought(5, 3))
    assert journey.correction(again(journey.changes)) == Correction((), ())
    other = lifecycle(Transition("buyer", "loyal", on="purchase", when=Threshold(2)))
    told = replayed(other, bought(5, 3)).changes
    assert journey.correction(told) == Correction(told, journey.changes)


def test_a_migration_on_file_is_retracted() -> None:
    # a journey follows one definition from the start, so its changes hold no migration
    newer = lifecycle(*FADING.transitions, events=("purchase",), version=2)
    ann, told = FADING.migrate(FADING.enroll("ann", at=START), to=newer, at=day(50))
    ann, changes = newer.advance(ann, to=day(200))
    assert moves((*told, *changes)) == [(50, "buyer"), (90, "lapsed")]
    journey = newer.replay(ann.enrollment, [], until=day(200))
    assert journey.correction((*told, *changes)) == Correction(told, ())


def test_what_a_customer_began_with_is_not_taken_for_a_change() -> None:
    # imported in stage "loyal", with a plan, brought by bob
    ann = SHOP.enroll("ann", at=START, stage="loyal", attributes={"p": 1}, referred_by="bob")
    ann, told = SHOP.apply(ann, bought(5, id="o1"))
    journey = SHOP.replay(ann.enrollment, [bought(5, id="o1"), bought(2, id="o0")], until=day(5))
    assert journey.correction(told) == Correction((), ())
    assert (journey.customer.stage, journey.customer.referred_by) == ("loyal", "bob")


# Withdrawing and replacing


def test_withdrawing_an_event_is_as_if_it_had_never_happened() -> None:
    # three purchases of the retail preset, of which the last is taken back
    retail = presets.retail()
    log = [bought(number, 50, id=f"o{number}") for number in (2, 9, 16)]
    journey = retail.replay("a", log, since=START, until=day(60))
    left, correction = journey.withdraw("o16")
    expected = retail.replay("a", log[:2], since=START, until=day(60))
    assert left == expected
    assert correction == expected.correction(journey.changes)
    assert [c.event for c in correction.retracted if c.cause == "event"] == [log[2]]
    assert left.amend(log[2]) == (journey, Correction(correction.added, correction.retracted))


def test_several_events_are_withdrawn_at_once() -> None:
    journey = replayed(SHOP, *EVENTS, since=START, until=day(400))
    left, correction = journey.withdraw("b", "d", "b")
    assert left == replayed(SHOP, EVENTS[0], EVENTS[2], since=START, until=day(400))
    assert correction == left.correction(journey.changes)
    assert journey.withdraw() == (journey, Correction((), ()))


def test_withdrawing_all_leaves_a_journey_that_began_when_told() -> None:
    journey = replayed(SHOP, *EVENTS, since=START, until=day(400))
    left, correction = journey.withdraw(*"abcd")
    assert left == replayed(SHOP, since=START, until=day(400))
    assert correction == Correction(journey.changes, left.changes)


def test_withdrawing_the_first_event_moves_enrollment_where_there_was_no_since() -> None:
    journey = replayed(SHOP, *EVENTS)
    assert journey.withdraw("a")[0].customer.enrolled == day(30)
    with pytest.raises(
        InvalidValueError, match="since must be given to replay where there is no event"
    ):
        journey.withdraw(*"abcd")


def test_replacing_an_event_is_as_if_it_had_been_right_from_the_start() -> None:
    journey = replayed(SHOP, *EVENTS, since=START, until=day(400))
    right = bought(100, id="c")
    new, correction = journey.replace(right)
    assert new == replayed(SHOP, *EVENTS[:2], right, EVENTS[3], since=START, until=day(400))
    assert correction == new.correction(journey.changes)
    assert moves(correction.retracted) == [(120, "lapsed"), (200, "buyer"), (220, "loyal")]
    assert moves(correction.added) == [(100, "loyal")]  # the third purchase, within 90 days
    assert journey.replace(*EVENTS, *again(EVENTS)) == (journey, Correction((), ()))
    assert journey.replace() == (journey, Correction((), ()))


def test_several_events_are_replaced_at_once() -> None:
    journey = replayed(SHOP, *EVENTS, since=START, until=day(400))
    right = (bought(1, id="b"), Event("signup", day(0), id="a"))
    new, _ = journey.replace(*right)
    assert new == replayed(SHOP, *right, *EVENTS[2:], since=START, until=day(400))


def test_one_replay_takes_any_number_of_corrections(monkeypatch: pytest.MonkeyPatch) -> None:
    journey = replayed(SHOP, *EVENTS, since=START, until=day(400))
    replays = []
    followed = journeys._followed
    monkeypatch.setattr(
        journeys, "_followed", lambda *given: replays.append(given) or followed(*given)
    )
    journey.amend(*(bought(number) for number in range(50, 60)))
    journey.withdraw("a", "b", "c")
    journey.replace(bought(5, id="a"), bought(6, id="b"))
    journey.correction(journey.changes)
    assert len(replays) == 3


# A journey is made anew where it is evolved


def test_a_journey_that_is_evolved_agrees_with_its_events() -> None:
    journey = replayed(SHOP, *EVENTS, since=START, until=day(400))
    empty = attrs.evolve(journey, events=())
    assert empty == replayed(SHOP, since=START, until=day(400))
    assert attrs.evolve(journey, events=[*reversed(EVENTS), EVENTS[0]]) == journey
    assert attrs.evolve(journey, until=day(100)) == replayed(
        SHOP, *EVENTS, since=START, until=day(100)
    )
    lead = attrs.evolve(journey.enrollment, stage="lead")
    assert attrs.evolve(journey, enrollment=lead).stays[0].stage == "lead"


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        ({"until": day(-1)}, InvalidValueError, "until must not be before enrollment"),
        ({"events": [bought(-1)]}, InvalidValueError, "event.at must not be before enrollment"),
        ({"events": None}, InvalidTypeError, "events must be an iterable of Event, got None"),
        ({"events": [3]}, InvalidTypeError, "event must be an Event, got 3 (int)"),
        ({"enrollment": "ann"}, InvalidTypeError, "enrollment must be an Enrollment, got 'ann'"),
        ({"until": "now"}, InvalidTypeError, "until must be a datetime, got 'now' (str)"),
        ({"changes": ()}, TypeError, ""),
        ({"customer": None}, TypeError, ""),
    ],
)
def test_a_journey_cannot_be_made_to_disagree_with_itself(
    changes: dict[str, Any], kind: type[Exception], text: str
) -> None:
    assert text in refusal(kind, lambda: attrs.evolve(JOURNEY, **changes))


# Refusals


JOURNEY = replayed(SHOP, *EVENTS, since=START, until=day(400))

REFUSALS: list[tuple[Callable[[], object], type[LifecycleError], str]] = [
    (
        lambda: SHOP.replay("ann", []),
        InvalidValueError,
        "since must be given to replay where there is no event, got None",
    ),
    (
        lambda: replayed(SHOP, bought(1), since=day(2)),
        InvalidValueError,
        (
            "event.at must not be before enrollment, 2026-01-03 00:00:00+00:00, "
            "got 2026-01-02 00:00:00+00:00"
        ),
    ),
    (
        lambda: replayed(SHOP, bought(5), until=day(4)),
        InvalidValueError,
        (
            "until must not be before enrollment, 2026-01-06 00:00:00+00:00, "
            "got 2026-01-05 00:00:00+00:00"
        ),
    ),
    (
        lambda: replayed(SHOP, since=day(5), until=day(4)),
        InvalidValueError,
        "until must not be before enrollment, 2026-01-06 00:00:00+00:00, got 2026-01-05",
    ),
    (
        lambda: replayed(SHOP, bought(1), Event("purchase", naive("2026-01-05"))),
        MixedInstantsError,
        (
            "events[1].at and events[0].at must both have a time zone or both have none, "
            "got naive 2026-01-05 00:00:00 and aware 2026-01-02 00:00:00+00:00"
        ),
    ),
    (
        lambda: replayed(SHOP, bought(1), since=naive("2026-01-01")),
        MixedInstantsError,
        "event.at and enrollment must both have a time zone or both have none, got aware",
    ),
    (
        lambda: replayed(SHOP, bought(1), until=naive("2026-01-01")),
        MixedInstantsError,
        "until and enrollment must both have a time zone or both have none, got naive",
    ),
    (
        lambda: replayed(SHOP, bought(1), Event("purchas", day(1))),
        UnknownNameError,
        (
            "event.name must be one of 'signup', 'purchase', 'erasure', got 'purchas'; "
            "did you mean 'purchase'?"
        ),
    ),
    (
        lambda: replayed(SHOP, since=START, stage="leed"),
        UnknownNameError,
        (
            "stage must be one of 'visitor', 'lead', 'buyer', 'loyal', 'lapsed', 'churned', "
            "'erased', got 'leed'; did you mean 'lead'?"
        ),
    ),
    (
        lambda: SHOP.replay("ann", bought(1)),  # type: ignore[arg-type]
        InvalidTypeError,
        "events must be an iterable of Event, got Event('purchase'",
    ),
    (
        lambda: SHOP.replay("ann", None),  # type: ignore[arg-type]
        InvalidTypeError,
        "events must be an iterable of Event, got None (NoneType)",
    ),
    (
        lambda: SHOP.replay("ann", ["purchase"]),  # type: ignore[list-item]
        InvalidTypeError,
        "event must be an Event, got 'purchase' (str)",
    ),
    (
        lambda: SHOP.replay("ann", "purchase"),  # type: ignore[arg-type]
        InvalidTypeError,
        "event",
    ),
    (
        lambda: SHOP.replay(1.5, EVENTS),  # type: ignore[arg-type]
        InvalidTypeError,
        "id must be text or a whole number or a UUID, got 1.5 (float)",
    ),
    (
        lambda: SHOP.replay("ann", EVENTS, referred_by=True),
        InvalidTypeError,
        "referred_by must be text or a whole number or a UUID, got True (bool)",
    ),
    (
        lambda: SHOP.replay("ann", EVENTS, until=day(1).date()),  # type: ignore[arg-type]
        InvalidTypeError,
        "until must be a datetime; say which moment of the day, got",
    ),
    (
        lambda: SHOP.replay("ann", EVENTS, since="2026-01-01"),  # type: ignore[arg-type]
        InvalidTypeError,
        "since must be a datetime, got '2026-01-01' (str)",
    ),
    (
        lambda: SHOP.replay("ann", EVENTS, attributes=["plan"]),  # type: ignore[arg-type]
        InvalidTypeError,
        "attributes must be a mapping from names to values, got ['plan'] (list)",
    ),
    (
        lambda: JOURNEY.amend(bought(-1)),
        InvalidValueError,
        "event.at must not be before enrollment, 2026-01-01 00:00:00+00:00, got",
    ),
    (
        lambda: JOURNEY.amend(Event("purchase", naive("2026-01-05"))),
        MixedInstantsError,
        "events[4].at and events[0].at must both have a time zone or both have none",
    ),
    (
        lambda: JOURNEY.amend(bought(30, 1, id="b")),
        DuplicateEventError,
        "events with the id 'b' must be equal, got Event('purchase'",
    ),
    (
        lambda: JOURNEY.amend([bought(30)]),  # type: ignore[arg-type]
        InvalidTypeError,
        "event must be an Event, got [Event('purchase'",
    ),
    (
        lambda: JOURNEY.withdraw("a", "e"),
        UnknownNameError,
        "ids[1] must be one of 'a', 'b', 'c', 'd', got 'e'",
    ),
    (
        lambda: replayed(SHOP, bought(1, id="order-17"), since=START).withdraw("order-71"),
        UnknownNameError,
        "ids[0] must be 'order-17', got 'order-71'; did you mean 'order-17'?",
    ),
    (
        lambda: replayed(SHOP, bought(1, id=17), since=START).withdraw("17"),
        UnknownNameError,
        "ids[0] must be 17, got '17'; did you mean 17?",
    ),
    (
        lambda: JOURNEY.withdraw(True),
        InvalidTypeError,
        "ids[0] must be text or a whole number or a UUID, got True (bool)",
    ),
    (
        lambda: JOURNEY.withdraw(["a"]),  # type: ignore[arg-type]
        InvalidTypeError,
        "ids[0] must be text or a whole number or a UUID, got ['a'] (list)",
    ),
    (
        lambda: JOURNEY.withdraw(None),  # type: ignore[arg-type]
        InvalidTypeError,
        "ids[0] must be text or a whole number or a UUID, got None (NoneType)",
    ),
    (
        lambda: JOURNEY.replace(bought(1, id="a"), bought(1, id="x")),
        UnknownNameError,
        "events[1].id must be one of 'a', 'b', 'c', 'd', got 'x'",
    ),
    (
        lambda: JOURNEY.replace(bought(1)),
        InvalidTypeError,
        "events[0].id must be text or a whole number or a UUID, got None (NoneType)",
    ),
    (
        lambda: JOURNEY.replace(bought(1, id="a"), bought(2, id="a")),
        DuplicateEventError,
        "events with the id 'a' must be equal, got Event('purchase'",
    ),
    (
        lambda: JOURNEY.replace("a"),  # type: ignore[arg-type]
        InvalidTypeError,
        "event must be an Event, got 'a' (str)",
    ),
    (
        lambda: JOURNEY.replace(bought(-1, id="a")),
        InvalidValueError,
        "event.at must not be before enrollment, 2026-01-01 00:00:00+00:00, got",
    ),
    (
        lambda: JOURNEY.correction(None),  # type: ignore[arg-type]
        InvalidTypeError,
        "recorded must be an iterable of StageChange, got None (NoneType)",
    ),
    (
        lambda: JOURNEY.correction(JOURNEY.changes[0]),  # type: ignore[arg-type]
        InvalidTypeError,
        "recorded must be an iterable of StageChange, got StageChange(",
    ),
    (
        lambda: JOURNEY.correction([*JOURNEY.changes, EVENTS[0]]),  # type: ignore[list-item]
        InvalidTypeError,
        "recorded[5] must be a StageChange, got Event('purchase'",
    ),
    (
        lambda: JOURNEY.correction([attrs.evolve(JOURNEY.changes[0], customer="bob")]),
        InvalidValueError,
        "recorded[0].customer must be 'ann', whose journey this is, got 'bob'",
    ),
    (
        lambda: JOURNEY.correction([attrs.evolve(JOURNEY.changes[0], at=naive("2026-01-05"))]),
        MixedInstantsError,
        "recorded[0].at and customer.enrolled must both have a time zone or both have none, got ",
    ),
    (
        lambda: JOURNEY.amend(Event("return", day(3))),
        UnknownNameError,
        "event.name must be one of 'signup', 'purchase', 'erasure', got 'return'",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSALS)
def test_a_journey_refuses_and_stays_good(
    call: Callable[[], object], kind: type[LifecycleError], text: str
) -> None:
    before = again(JOURNEY)
    assert refusal(kind, call).startswith(text)
    assert before == JOURNEY
    assert JOURNEY.amend(bought(31, id="e"))[0].customer.stage == "lapsed"


def test_an_error_within_the_fold_leaves_the_journey_good() -> None:
    rich = lifecycle(Transition("buyer", "loyal", on="purchase", when=total("purchase") >= 100))
    journey = replayed(rich, bought(1, 99.5))
    with pytest.raises(MixedNumbersError):
        journey.amend(bought(2, Decimal("0.5")))
    assert journey.amend(bought(2, 0.5))[0].customer.stage == "loyal"


# Values


def test_a_journey_shows_itself_in_words() -> None:
    journey = replayed(SHOP, Event("purchase", naive("2026-01-01")), until=naive("2026-02-01"))
    assert repr(journey) == (
        "<Journey of 'ann': 1 events, 1 changes, in 'buyer' at 2026-02-01 00:00:00>"
    )


def test_a_journey_survives_pickling_and_goes_on() -> None:
    copy = again(JOURNEY)
    assert copy == JOURNEY
    assert copy.stays == JOURNEY.stays
    assert copy.amend(bought(5)) == JOURNEY.amend(bought(5))
    assert again((JOURNEY, JOURNEY.changes))[0].amend(bought(5)) == JOURNEY.amend(bought(5))
    correction = JOURNEY.amend(bought(5))[1]
    assert again(correction) == correction
    assert type(again(correction)) is Correction
    assert again(JOURNEY.stays) == JOURNEY.stays


def test_a_journey_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        JOURNEY.until = None  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        JOURNEY.stays[0].left = None  # type: ignore[misc]


def test_events_may_come_from_any_iterable() -> None:
    expected = replayed(SHOP, *EVENTS)
    assert SHOP.replay("ann", iter(EVENTS)) == expected
    assert SHOP.replay("ann", {event.id: event for event in EVENTS}.values()) == expected
    assert SHOP.replay("ann", set(EVENTS)) == expected


def test_a_dwell_until_the_end_of_the_year_renews_a_tier_each_year() -> None:
    tier = lifecycle(
        Transition(
            "loyal", "loyal", after=dwell(until="year"), when=attribute("plan").equals("gold")
        ),
        Transition("loyal", "buyer", after=dwell(until="year")),
        Transition("buyer", "loyal", on="purchase", when=value() >= 100),
    )
    gold = bought(40, 120, sets={"plan": "gold"})
    iron = Event("purchase", at("2027-07-01"), value=1, sets={"plan": "iron"})
    journey = replayed(tier, gold, iron, since=START, until=at("2030-01-01"))
    assert [(change.at.year, change.kind) for change in journey.changes] == [
        (2026, "progress"),
        (2027, "renewal"),
        (2028, "progress"),
    ]


# How many time-outs a replay takes


DAILY = lifecycle(
    Transition("buyer", "buyer", after=dwell(days=1)),
    Transition("buyer", "buyer", on="purchase"),
)


def test_a_replay_counts_the_changes_of_time_outs_and_not_those_of_events() -> None:
    events = [Event("purchase", START + timedelta(hours=hour)) for hour in range(1, 40)]
    journey = DAILY.replay("ann", events, since=START, until=day(5), most=3)
    assert [change.cause for change in journey.changes] == ["event"] * 39 + ["timeout"] * 3
    for most in (1, 2):
        with pytest.raises(TooManyChangesError) as caught:
            DAILY.replay("ann", events, since=START, until=day(5), most=most)
        assert (caught.value.most, caught.value.stages) == (most, ("buyer", "buyer"))


def test_a_replay_adds_up_what_is_taken_between_events() -> None:
    events = [bought(3.5), bought(6.5), bought(9.5)]
    assert len(DAILY.replay("ann", events, since=START, most=9).changes) == 9 + 3
    with pytest.raises(TooManyChangesError):
        DAILY.replay("ann", events, since=START, most=8)


def test_the_loop_that_is_named_is_one_of_time_outs() -> None:
    club = lifecycle(
        Transition("lead", "lead", after=dwell(days=1)),
        Transition("lead", "buyer", on="purchase"),
        Transition("buyer", "lead", on="back"),
        initial="lead",
    )
    events = [bought(3.5), Event("back", day(4)), bought(6.5)]
    with pytest.raises(TooManyChangesError) as caught:
        club.replay("ann", events, since=START, most=4)
    assert (caught.value.stages, caught.value.at) == (("lead", "lead"), day(6))


def test_a_journey_that_was_allowed_more_can_be_amended() -> None:
    journey = DAILY.replay("ann", [bought(1.5)], since=START, until=day(9), most=8)
    amended, _ = journey.amend(bought(2.5))
    assert amended == DAILY.replay("ann", [bought(1.5), bought(2.5)], since=START, until=day(9))
    assert again(journey).amend(bought(2.5))[0] == amended
