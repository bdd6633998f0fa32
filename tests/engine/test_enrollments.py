"""Enrollments: how a customer began, in one value."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Customer, Enrollment, Event, Transition, count
from lifecycle.errors import DataError, InvalidTypeError, InvalidValueError, UnknownNameError
from samples import SHOP, START, again, applied, at, bought, day, lifecycle, naive, refusal

GOLD = {"plan": "gold"}
TOLD: dict[str, Any] = {"stage": "lead", "attributes": GOLD, "referred_by": "bob"}
BEGAN = Enrollment("ann", START, **TOLD)


def test_an_enrollment_says_how_a_customer_began() -> None:
    assert (BEGAN.id, BEGAN.at, BEGAN.stage) == ("ann", START, "lead")
    assert (BEGAN.attributes, BEGAN.referred_by) == (GOLD, "bob")
    plain = Enrollment(7, START)
    assert (plain.stage, plain.attributes, plain.referred_by) == (None, {}, None)


def test_an_enrollment_shows_itself_as_the_call_that_makes_it() -> None:
    began = Enrollment("ann", naive("2026-01-01"), referred_by=7)
    assert repr(began) == ("Enrollment('ann', datetime.datetime(2026, 1, 1, 0, 0), referred_by=7)")


def test_enrollments_are_values() -> None:
    assert again(BEGAN) == BEGAN
    assert hash(again(BEGAN)) == hash(BEGAN)
    assert attrs.evolve(BEGAN, at=START.astimezone(ZoneInfo("Europe/Berlin"))) == BEGAN
    assert attrs.evolve(BEGAN, stage=None) != BEGAN
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        BEGAN.stage = "buyer"  # type: ignore[misc]


def test_the_two_instants_of_a_repeated_local_time_are_two_beginnings() -> None:
    early = at("2026-10-25T02:30", ZoneInfo("Europe/Berlin"))
    assert Enrollment("ann", early) != Enrollment("ann", early.replace(fold=1))


@pytest.mark.parametrize(
    ("make", "kind", "text"),
    [
        (
            lambda: Enrollment(1.5, START),
            InvalidTypeError,
            "id must be text or a whole number or a UUID, got",
        ),  # type: ignore[arg-type]
        (lambda: Enrollment(" ", START), InvalidValueError, "id must be text that is not blank"),
        (lambda: Enrollment("ann", START.date()), InvalidTypeError, "at must be a datetime; say"),  # type: ignore[arg-type]
        (lambda: Enrollment("ann", START, stage=3), InvalidTypeError, "stage must be text, got 3"),  # type: ignore[arg-type]
        (
            lambda: Enrollment("ann", START, attributes=["plan"]),  # type: ignore[arg-type]
            InvalidTypeError,
            "attributes must be a mapping from names to values",
        ),
        (
            lambda: Enrollment("ann", START, referred_by=True),
            InvalidTypeError,
            "referred_by must be text or a whole number or a UUID, got True (bool)",
        ),
    ],
)
def test_an_enrollment_refuses_what_no_customer_can_have(
    make: Callable[[], object], kind: type[Exception], text: str
) -> None:
    assert refusal(kind, make).startswith(text)


# What reads it


def test_a_customer_begins_as_its_enrollment_says() -> None:
    ann = SHOP.enroll(BEGAN)
    assert ann == SHOP.enroll("ann", at=START, **TOLD)
    assert (ann.stage, ann.enrolled, ann.referred_by) == ("lead", START, "bob")
    assert ann.enrollment == BEGAN
    assert SHOP.enroll(Enrollment("ann", START)).stage == "visitor"


def test_a_replay_begins_as_the_enrollment_says() -> None:
    # a customer imported as a lead, gold and brought by bob
    journey = SHOP.replay(BEGAN, [bought(5, id="o1")], until=day(9))
    assert journey.customer.referred_by == "bob"
    assert journey.customer.attributes == GOLD
    assert journey.stays[0].stage == "lead"
    assert journey.enrollment == BEGAN
    late, _ = journey.amend(bought(2, id="o0"))
    assert late.enrollment == BEGAN
    assert late.customer.referred_by == "bob"


def test_a_customer_shows_its_beginning_whatever_happened_since() -> None:
    ann = SHOP.enroll("ann", at=START, attributes=GOLD, referred_by="bob")
    for event in (Event("signup", day(1), sets={"plan": "iron"}), bought(2)):
        ann = SHOP.apply(ann, event).customer
    ann = SHOP.advance(ann, to=day(900)).customer
    assert (ann.stage, ann.attributes) == ("churned", {"plan": "iron"})
    assert ann.enrollment == Enrollment(
        "ann", START, stage="visitor", attributes=GOLD, referred_by="bob"
    )


def test_a_journey_without_since_shows_when_it_began() -> None:
    journey = SHOP.replay("ann", [bought(5), bought(3)])
    assert journey.enrollment == Enrollment("ann", day(3), stage="visitor")
    again_, _ = journey.amend(bought(2))
    assert again_.enrollment.at == day(2)
    dated = SHOP.replay(journey.enrollment, [bought(5), bought(3)])
    assert dated.customer == journey.customer
    with pytest.raises(InvalidValueError):
        dated.amend(bought(2))


def test_customers_who_begin_as_usual_share_what_they_remember_of_it() -> None:
    one, other = (
        SHOP.enroll("ann", at=START),
        SHOP.enroll(Enrollment("bob", day(1), stage="visitor")),
    )
    assert one._origin is other._origin
    assert applied(SHOP, bought(1))._origin is one._origin
    assert SHOP.enroll(BEGAN)._origin is not one._origin


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("at", START),
        ("stage", "lead"),
        ("attributes", {}),
        ("referred_by", "bob"),
    ],
)
def test_nothing_is_told_twice_to_enroll(name: str, told: Any) -> None:
    text = refusal(InvalidValueError, lambda: SHOP.enroll(BEGAN, **{name: told}))
    assert text.startswith(f"{name} must be left out where an Enrollment is given, got ")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("since", START),
        ("stage", "lead"),
        ("attributes", {}),
        ("referred_by", 0),
    ],
)
def test_nothing_is_told_twice_to_replay(name: str, told: Any) -> None:
    text = refusal(InvalidValueError, lambda: SHOP.replay(BEGAN, [], **{name: told}))
    assert text.startswith(f"{name} must be left out where an Enrollment is given, got ")


def test_a_customer_is_not_taken_for_its_enrollment() -> None:
    ann: Any = SHOP.enroll(BEGAN)
    for call in (lambda: SHOP.replay(ann, []), lambda: SHOP.enroll(ann, at=START)):
        text = refusal(InvalidTypeError, call)
        assert text.startswith("id must be an id or an Enrollment, got <Customer ")
        assert text.endswith(" (Customer); pass customer.enrollment")
    assert SHOP.replay(ann.enrollment, []).customer == ann


def test_a_stage_that_a_definition_does_not_know_is_refused() -> None:
    unknown = attrs.evolve(BEGAN, stage="leed")
    for call in (lambda: SHOP.enroll(unknown), lambda: SHOP.replay(unknown, [])):
        assert refusal(UnknownNameError, call).endswith("got 'leed'; did you mean 'lead'?")


def test_a_migrated_customer_keeps_its_enrollment() -> None:
    newer = lifecycle(
        Transition("lead", "buyer", on="purchase", when=count("purchase") >= 2),
        initial="lead",
        version=2,
    )
    ann = applied(SHOP, bought(1), attributes=GOLD)
    ann, _ = SHOP.migrate(ann, to=newer, at=day(9))
    assert ann.enrollment == Enrollment("ann", START, stage="visitor", attributes=GOLD)
    text = refusal(UnknownNameError, lambda: newer.replay(ann.enrollment, [bought(1)]))
    assert text.startswith("stage must be one of 'lead', 'buyer', ")
    assert text.endswith("got 'visitor'")
    began = attrs.evolve(ann.enrollment, stage="lead")
    assert newer.replay(began, [bought(1), bought(2)]).customer.stage == "buyer"


# As data


def test_an_enrollment_is_stored_and_loaded_again() -> None:
    assert BEGAN.to_dict() == {
        "type": "enrollment",
        "format": 1,
        "id": "ann",
        "at": "2026-01-01T00:00:00+00:00",
        "stage": "lead",
        "attributes": GOLD,
        "referred_by": "bob",
    }
    assert Enrollment.from_dict(BEGAN.to_dict()) == BEGAN
    assert Enrollment.from_dict({"id": 7, "at": "2026-01-01T00:00:00"}) == Enrollment(
        7, naive("2026-01-01")
    )


def test_the_data_of_a_customer_hold_its_enrollment() -> None:
    ann = SHOP.apply(SHOP.enroll(BEGAN), bought(5)).customer
    data = ann.to_dict()
    assert Enrollment.from_dict(data["enrollment"]) == BEGAN
    assert Customer.from_dict(data) == ann
    assert Customer.from_dict(data).enrollment == BEGAN
    assert SHOP.apply(Customer.from_dict(data), bought(6)).customer.enrollment == BEGAN


def test_everything_wrong_with_an_enrollment_is_named() -> None:
    data = {"id": None, "stage": 3, "attributes": {"": 1}, "referred_by": [], "since": "2026"}
    with pytest.raises(DataError) as caught:
        Enrollment.from_dict(data)
    assert [problem.split(" must ")[0] for problem in caught.value.problems] == [
        "a key of the data",
        "id",
        "at",
        "stage",
        "attributes key",
        "referred_by",
    ]


def test_a_customer_without_a_stage_to_begin_in_is_refused() -> None:
    data = SHOP.enroll(BEGAN).to_dict()
    for stage in (None, ""):
        with pytest.raises(DataError, match=r"enrollment.stage must "):
            Customer.from_dict({**data, "enrollment": {**data["enrollment"], "stage": stage}})


def test_a_beginning_after_the_stage_was_entered_is_refused() -> None:
    data = SHOP.enroll(BEGAN).to_dict()
    late = (START + timedelta(microseconds=1)).isoformat()
    with pytest.raises(DataError, match=r"entered must not be before enrolled"):
        Customer.from_dict({**data, "enrollment": {**data["enrollment"], "at": late}})
