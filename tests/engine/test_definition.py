"""The door: a definition, and what can be asked of it."""

import copy
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import attrs
import pytest

import lifecycle as package
from lifecycle import (
    ANY,
    Customer,
    Deadline,
    Event,
    Lifecycle,
    Stage,
    Status,
    Transition,
    count,
    diagrams,
    dwell,
    idle,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError, LifecycleError, UnknownNameError
from samples import (
    FADING,
    SHOP,
    STAGES,
    START,
    again,
    at,
    bought,
    day,
    lifecycle,
    refusal,
    replayed,
)


class Names(StrEnum):
    """Names of one's own."""

    LEAD = "lead"
    BUYER = "buyer"
    BUY = "purchase"


def test_the_front_door_opens_on_what_it_names() -> None:
    assert all(hasattr(package, name) for name in package.__all__)


def test_a_definition_keeps_what_it_is_made_of() -> None:
    definition = Lifecycle(
        name="shop",
        initial="buyer",
        stages=list(STAGES),
        transitions=(way for way in FADING.transitions),
        activity=["purchase"],
        events={"visit": 1},
        version=2,
    )
    assert definition.stages == STAGES
    assert definition.transitions == FADING.transitions
    assert (definition.activity, definition.events) == (("purchase",), ("visit",))
    assert (definition.name, definition.initial, definition.version) == ("shop", "buyer", 2)


def test_a_definition_has_defaults() -> None:
    definition = lifecycle()
    assert (definition.activity, definition.events, definition.version) == (None, (), 1)


def test_names_of_a_str_enum_work_wherever_a_name_does() -> None:
    definition = Lifecycle(
        name=Names.BUY,
        initial=Names.LEAD,
        stages=(Stage(Names.LEAD, Status.PROSPECT), Stage(Names.BUYER, Status.ACTIVE)),
        transitions=(
            Transition((Names.LEAD,), Names.BUYER, on=Names.BUY, when=count(Names.BUY) >= 1),
            Transition(Names.BUYER, Names.LEAD, after=idle(Names.BUY, days=9)),
        ),
        activity=[Names.BUY],
        events=[Names.BUY],
    )
    texts = (definition.name, definition.initial, *definition.activity, *definition.events)  # type: ignore[misc]
    assert {type(text) for text in texts} == {str}
    ann = definition.enroll(Names.LEAD, at=START, stage=Names.LEAD, referred_by=Names.BUY)
    assert type(ann.id) is type(ann.stage) is type(ann.referred_by) is str
    ann, _ = definition.apply(ann, Event(Names.BUY, day(1)))
    assert ann.stage == Names.BUYER
    assert list(definition.options(ann)) == [Names.BUY]
    assert again(definition) == definition


def test_a_definition_shows_itself_as_the_call_that_makes_it() -> None:
    definition = Lifecycle(
        name="club",
        initial="member",
        stages=[Stage("member", Status.ACTIVE)],
        transitions=[Transition(ANY, "member", after=dwell(until="year"))],
        version=2,
    )
    assert repr(definition) == (
        "Lifecycle(name='club', initial='member', stages=(Stage('member', Status.ACTIVE),), "
        "transitions=(Transition(ANY, 'member', after=dwell(until='year')),), version=2)"
    )


def test_equal_definitions_are_one_and_the_same_in_a_set() -> None:
    twin = lifecycle(*FADING.transitions, events=FADING.events)
    assert {twin, FADING} == {FADING}
    assert lifecycle(version=2) != lifecycle()


def test_a_definition_cannot_be_changed() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SHOP.name = "mall"  # type: ignore[misc]


@pytest.mark.parametrize("twin", [again, copy.copy, copy.deepcopy])
def test_a_definition_survives_being_copied(twin: Callable[[Lifecycle], Lifecycle]) -> None:
    ann = SHOP.enroll("ann", at=START)  # the tables are made
    other = twin(SHOP)
    assert other == SHOP
    assert hash(other) == hash(SHOP)
    assert other.apply(ann, bought(1)) == SHOP.apply(ann, bought(1))


def test_equal_definitions_share_a_fingerprint_and_others_do_not() -> None:
    twin = lifecycle(*FADING.transitions, events=FADING.events)
    assert twin.fingerprint == FADING.fingerprint == again(FADING).fingerprint
    others = (lifecycle(*FADING.transitions), SHOP, lifecycle(version=2), lifecycle(version=3))
    assert len({FADING.fingerprint, *(each.fingerprint for each in others)}) == 5
    assert len(FADING.fingerprint) == 64


# Enrolling


def test_enrolling_puts_a_customer_in_the_initial_stage_unless_told() -> None:
    assert SHOP.enroll("ann", at=START).stage == "visitor"
    assert SHOP.enroll("ann", at=START, stage="loyal").stage == "loyal"


@pytest.mark.parametrize("id", ["ann", 7, 0, -1])
def test_an_id_is_text_or_a_whole_number(id: Any) -> None:  # noqa: A002  (the field's name)
    assert SHOP.enroll(id, at=START).id == id
    assert SHOP.enroll("bob", at=START, referred_by=id).referred_by == id


def test_attributes_are_kept_and_not_those_of_the_caller() -> None:
    given = {"plan": "free", "tags": ["a", "b"]}
    ann = SHOP.enroll("ann", at=START, attributes=given)
    given["plan"] = "gold"
    assert ann.attributes == {"plan": "free", "tags": ("a", "b")}


def test_attributes_of_one_customer_may_be_given_to_another() -> None:
    ann = SHOP.enroll("ann", at=START, attributes={"plan": "free"})
    assert SHOP.enroll("bob", at=START, attributes=ann.attributes).attributes == ann.attributes


ENROLMENTS: list[tuple[Callable[[], object], type[LifecycleError], str]] = [
    (
        lambda: SHOP.enroll(None, at=START),  # type: ignore[arg-type]
        InvalidTypeError,
        "id must be text or a whole number or a UUID, got None (NoneType)",
    ),
    (
        lambda: SHOP.enroll(" ", at=START),
        InvalidValueError,
        "id must be text that is not blank, got ' '",
    ),
    (
        lambda: SHOP.enroll(7.0, at=START),  # type: ignore[arg-type]
        InvalidTypeError,
        "id must be text or a whole number or a UUID, got 7.0 (float)",
    ),
    (
        lambda: SHOP.enroll("ann", at=START.date()),  # type: ignore[arg-type]
        InvalidTypeError,
        "at must be a datetime; say which moment of the day, got datetime.date(2026, 1, 1) (date)",
    ),
    (
        lambda: SHOP.enroll("ann", at=None),  # type: ignore[arg-type]
        InvalidTypeError,
        "at must be a datetime, got None (NoneType)",
    ),
    (
        lambda: SHOP.enroll("ann", at=START, stage="buyr"),
        UnknownNameError,
        (
            "stage must be one of 'visitor', 'lead', 'buyer', 'loyal', 'lapsed', 'churned', "
            "'erased', got 'buyr'; did you mean 'buyer'?"
        ),
    ),
    (
        lambda: SHOP.enroll("ann", at=START, stage=3),  # type: ignore[arg-type]
        InvalidTypeError,
        "stage must be text, got 3 (int)",
    ),
    (
        lambda: SHOP.enroll("ann", at=START, attributes={"plan": object()}),
        InvalidTypeError,
        "attributes['plan'] must be text, a number, a truth value, a date, a UUID, None or",
    ),
    (
        lambda: SHOP.enroll("ann", at=START, attributes="plan"),  # type: ignore[arg-type]
        InvalidTypeError,
        "attributes must be a mapping from names to values, got 'plan' (str)",
    ),
    (
        lambda: SHOP.enroll("ann", at=START, referred_by=""),
        InvalidValueError,
        "referred_by must be text that is not blank, got ''",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), ENROLMENTS)
def test_enrolling_refuses(call: Callable[[], object], kind: type[Exception], text: str) -> None:
    assert refusal(kind, call).startswith(text)


def test_a_stage_is_named_by_text_and_not_by_a_status() -> None:
    definition = lifecycle(stages=[Stage("active", Status.ACTIVE)], initial="active")
    with pytest.raises(TypeError):
        definition.enroll("ann", at=START, stage=Status.ACTIVE)


# Making one


MAKINGS: list[tuple[dict[str, Any], type[LifecycleError], str]] = [
    ({"name": ""}, InvalidValueError, "name must be text that is not blank, got ''"),
    ({"name": None}, InvalidTypeError, "name must be text, got None (NoneType)"),
    ({"initial": 1}, InvalidTypeError, "initial must be text, got 1 (int)"),
    ({"stages": "buyer"}, InvalidTypeError, "stages must be a tuple of Stage, got 'buyer' (str)"),
    (
        {"stages": {"buyer": Status.ACTIVE}},
        InvalidTypeError,
        "stages must be a tuple of Stage, got {'buyer': Status.ACTIVE} (dict)",
    ),
    (
        {"stages": STAGES[0]},
        InvalidTypeError,
        "stages must be a tuple of Stage, got Stage('lead', Status.PROSPECT) (Stage)",
    ),
    (
        {"stages": [STAGES[0], "buyer"]},
        InvalidTypeError,
        "stages[1] must be a Stage, got 'buyer' (str)",
    ),
    (
        {"transitions": None},
        InvalidTypeError,
        "transitions must be a tuple of Transition, got None (NoneType)",
    ),
    (
        {"transitions": [("lead", "buyer")]},
        InvalidTypeError,
        "transitions[0] must be a Transition, got ('lead', 'buyer') (tuple)",
    ),
    (
        {"activity": "purchase"},
        InvalidTypeError,
        "activity must be a tuple of names, got 'purchase' (str)",
    ),
    ({"activity": [1]}, InvalidTypeError, "activity[0] must be text, got 1 (int)"),
    ({"events": None}, InvalidTypeError, "events must be a tuple of names, got None (NoneType)"),
    (
        {"events": ["visit", "visit"]},
        InvalidValueError,
        "events must name each thing once, got ('visit', 'visit')",
    ),
    ({"events": ["a", " "]}, InvalidValueError, "events[1] must be text that is not blank"),
    ({"version": 0}, InvalidValueError, "version must be at least 1, got 0"),
    ({"version": True}, InvalidTypeError, "version must be a whole number, got True (bool)"),
    ({"version": "1"}, InvalidTypeError, "version must be a whole number, got '1' (str)"),
]


@pytest.mark.parametrize(("given", "kind", "text"), MAKINGS)
def test_a_definition_refuses(given: dict[str, Any], kind: type[Exception], text: str) -> None:
    made = {"name": "x", "initial": "buyer", "stages": STAGES, "transitions": (), **given}
    assert refusal(kind, lambda: Lifecycle(**made)).startswith(text)


# The example of the contract


def test_a_shop_follows_ann() -> None:
    ann = SHOP.enroll("ann", at=at("2026-01-01"))
    ann, changes = SHOP.apply(ann, Event("purchase", at=at("2026-01-05"), value=40))
    assert (ann.stage, ann.status) == ("buyer", Status.ACTIVE)
    assert changes[0].kind == "conversion"
    assert SHOP.due(ann) == Deadline(at("2026-04-05"), SHOP.transitions[3])
    ann, changes = SHOP.advance(ann, to=at("2027-06-01"))
    assert [(change.target, change.at) for change in changes] == [
        ("lapsed", at("2026-04-05")),
        ("churned", at("2027-01-05")),
    ]
    decision = SHOP.explain(ann, Event("signup", at=at("2027-06-01")))
    assert (decision.permitted, decision.transition) == (False, None)
    assert [*SHOP.options(ann)] == ["signup", "purchase", "erasure"]
    journey = SHOP.replay(
        "ann", [Event("purchase", at("2026-01-05"), value=40)], until=at("2027-06-01")
    )
    assert journey.stage_at(at("2026-12-01")) == "lapsed"
    assert journey.customer.stage == "churned"


def test_due_is_what_advance_takes_next() -> None:
    ann = replayed(SHOP, bought(0)).customer
    while (found := SHOP.due(ann)) is not None:
        ann, changes = SHOP.advance(ann, to=found.at)
        assert (changes[0].at, changes[0].transition) == (found.at, found.transition)
    assert ann.stage == "churned"


def test_many_customers_share_one_definition() -> None:
    customers = [SHOP.enroll(number, at=START) for number in range(100)]
    moved: list[Customer] = [SHOP.apply(each, bought(1)).customer for each in customers[::2]]
    assert {each.stage for each in moved} == {"buyer"}
    assert {each.stage for each in customers} == {"visitor"}
    assert len({id(each._memory[0]) for each in (*customers, *moved)}) == 1


def test_a_notebook_shows_the_diagram() -> None:
    assert lifecycle()._repr_html_() == diagrams.svg(lifecycle())


def test_the_front_door_lists_what_is_public() -> None:
    assert dir(package) == sorted(package.__all__)
