"""Customers: frozen snapshots."""

import copy
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import (
    Customer,
    Event,
    Period,
    Stage,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    idle,
    mean,
    total,
    value,
)
from lifecycle.engine.conditions import Measure
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    WrongDefinitionError,
)
from samples import SHOP, START, again, applied, at, bought, day, lifecycle, naive, refusal


def test_a_customer_says_where_it_stands_and_since_when() -> None:
    customer = SHOP.enroll("ann", at=START, attributes={"plan": "free"}, referred_by=7)
    assert (customer.id, customer.stage, customer.status) == ("ann", "visitor", Status.PROSPECT)
    assert customer.enrolled == customer.entered == customer.seen == START
    assert customer.last_activity is None
    assert customer.attributes == {"plan": "free"}
    assert customer.referred_by == 7


def test_an_event_moves_what_is_known_of_a_customer() -> None:
    customer = applied(SHOP, Event("signup", day(1)), Event("purchase", day(2), sets={"a": 1}))
    assert (customer.stage, customer.status) == ("buyer", Status.ACTIVE)
    assert (customer.enrolled, customer.entered) == (START, day(2))
    assert customer.last_activity == customer.seen == day(2)
    assert customer.attributes == {"a": 1}


def test_a_customer_is_seen_in_utc_and_entered_in_the_zone_of_the_event() -> None:
    local = at("2026-07-01T12:00", ZoneInfo("Europe/Berlin"))
    customer = applied(SHOP, Event("purchase", local))
    assert customer.entered.isoformat() == "2026-07-01T12:00:00+02:00"
    assert customer.seen.isoformat() == "2026-07-01T10:00:00+00:00"


def test_naive_instants_stay_naive() -> None:
    customer = SHOP.enroll("ann", at=naive("2026-01-01"))
    assert customer.enrolled == customer.seen == naive("2026-01-01")
    assert customer.seen.tzinfo is None


def test_a_customer_shows_itself_in_words() -> None:
    customer = SHOP.enroll("ann", at=naive("2026-01-01"))
    assert repr(customer) == "<Customer 'ann' in 'visitor' (prospect) since 2026-01-01 00:00:00>"


def test_a_customer_cannot_be_changed() -> None:
    customer = SHOP.enroll("ann", at=START)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        customer.id = "bob"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        customer.stage = "buyer"  # type: ignore[misc]
    with pytest.raises(TypeError):
        customer.attributes["plan"] = "gold"  # type: ignore[index]


@pytest.mark.parametrize(
    "timer", [dwell(until="day"), dwell(months=1), idle(months=1), idle("visit", months=1)]
)
def test_customers_whose_clocks_run_in_other_zones_differ(timer: Any) -> None:
    """At one instant it is the 30th in New York and the 31st in Berlin, so their months differ."""
    shop = lifecycle(
        Transition("lead", "buyer", on="visit"), Transition("buyer", "lapsed", after=timer)
    )
    ann = shop.enroll("ann", at=START, stage="lead")
    in_berlin = datetime(2026, 1, 31, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    in_new_york = in_berlin.astimezone(ZoneInfo("America/New_York"))
    one, same, other = (
        shop.apply(ann, Event("visit", at)).customer for at in (in_berlin, in_berlin, in_new_york)
    )
    assert one == same
    assert hash(one) == hash(same)
    assert one.seen == other.seen
    assert one != other
    assert shop.due(one) != shop.due(other)


def test_customers_who_went_the_same_way_are_equal() -> None:
    one, other = (applied(SHOP, bought(1), bought(2)) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != applied(SHOP, bought(1), bought(3))


@pytest.mark.parametrize(
    "first", [total("purchase"), mean("purchase"), total("purchase", within=Period(days=9))]
)
def test_customers_are_equal_only_where_the_same_values_add_up(first: Measure) -> None:
    """`Decimal` and float do not add up, so one of the two customers refuses the next event."""
    spender = lifecycle(Transition("buyer", "loyal", on="purchase", when=first >= 100))
    new = spender.enroll("ann", at=START)
    found = [
        spender.apply(new, Event("purchase", day(1), value=value)).customer
        for value in (1, 1.0, Decimal(1))
    ]
    assert len(set(found)) == 3
    for one in found:
        assert again(one) == one
        assert Customer.from_dict(one.to_dict()) == one


@pytest.mark.parametrize("values", [(True, 1), ((0, "x"), (False, "x")), (1, 1.0)])
def test_customers_are_equal_only_where_their_attributes_are_of_one_kind(
    values: tuple[Any, Any],
) -> None:
    one, other = (SHOP.enroll("ann", at=START, attributes={"vip": value}) for value in values)
    assert one != other
    assert attrs.evolve(one, attributes={}) != attrs.evolve(other, attributes={})  # began otherwise
    assert attrs.evolve(other, attributes={"vip": values[0]}) != one
    assert one == SHOP.enroll("ann", at=START, attributes={"vip": values[0]})


def test_a_customer_in_a_zone_is_another_than_one_without() -> None:
    """An event in another zone is read in UTC of the one, and in its own of the other."""
    one, other = (SHOP.enroll("ann", at=START, zone=zone) for zone in ("UTC", None))
    assert one.entered == other.entered
    assert one != other
    assert one == SHOP.enroll("ann", at=START, zone="UTC")


def test_equal_customers_read_truth_values_alike() -> None:
    vip = lifecycle(Transition("buyer", "loyal", on="purchase", when=attribute("vip").equals(True)))
    one, other = (vip.enroll("ann", at=START, attributes={"vip": value}) for value in (True, 1))
    assert (one == other) == (vip.options(one) == vip.options(other))


def test_customers_of_the_two_instants_of_a_repeated_local_time_differ() -> None:
    early = at("2026-10-25T02:30", ZoneInfo("Europe/Berlin"))
    one, other = (SHOP.enroll("ann", at=early.replace(fold=fold)) for fold in (0, 1))
    later = Event("signup", at("2026-10-26"))
    assert SHOP.apply(one, later).customer != SHOP.apply(other, later).customer


def test_a_customer_survives_pickling_and_goes_on() -> None:
    customer = applied(SHOP, bought(1), bought(2))
    copy = again(customer)
    assert copy == customer
    assert SHOP.due(copy) == SHOP.due(customer)
    assert SHOP.apply(copy, bought(3)) == SHOP.apply(customer, bought(3))
    assert SHOP.advance(copy, to=day(2)).customer == customer
    assert SHOP.advance(copy, to=day(900)) == SHOP.advance(customer, to=day(900))


# Made by hand: `attrs.evolve`, copies, and data


COPIES: dict[str, Callable[[Customer], Customer]] = {
    "evolve": attrs.evolve,
    "pickle": again,
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "json": lambda ann: Customer.from_dict(json.loads(json.dumps(ann.to_dict()))),
}

IDLE = lifecycle(
    Transition("buyer", "lapsed", after=idle(days=90)),
    Transition("lapsed", "buyer", on="purchase"),
)


@pytest.mark.parametrize("way", COPIES)
def test_a_deadline_is_found_anew_where_the_last_activity_was_wrong(way: str) -> None:
    # enrolled on 1 May 2025, last seen on 1 July, active on 1 June and not later;
    # 90 days from 1 June are 30 August
    ann = IDLE.enroll("a", at=at("2025-05-01"))
    ann, _ = IDLE.apply(ann, Event("purchase", at("2025-07-01")))
    wrong = attrs.evolve(ann, last_activity=at("2025-06-01"))
    other = COPIES[way](wrong)
    for customer in (wrong, other):
        assert IDLE.due(customer).at == at("2025-08-30")  # type: ignore[union-attr]
        lapsed, (change,) = IDLE.advance(customer, to=at("2026-01-01"))
        assert (lapsed.stage, change.at) == ("lapsed", at("2025-08-30"))
    assert wrong == other


def test_a_deadline_is_found_anew_where_the_entry_was_wrong() -> None:
    # by hand: a dwell of 30 days from day 3 instead of day 5
    month = lifecycle(
        Transition("lead", "buyer", on="purchase"),
        Transition("buyer", "lapsed", after=dwell(days=30)),
        initial="lead",
    )
    ann = attrs.evolve(applied(month, bought(5)), entered=day(3))
    assert month.due(ann).at == day(33)  # type: ignore[union-attr]
    assert month.advance(ann, to=day(33)).customer.stage == "lapsed"
    later = attrs.evolve(ann, entered=day(5))
    assert month.advance(later, to=day(34)).changes == ()


def test_a_deadline_is_found_anew_where_enrollment_was_wrong() -> None:
    ann = attrs.evolve(IDLE.enroll("ann", at=day(10)), enrolled=day(4))
    assert IDLE.due(ann).at == day(94)  # type: ignore[union-attr]
    assert ann.enrollment.at == day(4)


def test_a_silence_that_was_over_before_the_entry_is_due_at_once() -> None:
    ann = attrs.evolve(IDLE.enroll("ann", at=day(200)), last_activity=day(9))
    assert IDLE.due(ann).at == day(200)  # type: ignore[union-attr]
    assert IDLE.advance(ann, to=day(200)).customer.stage == "lapsed"


def test_a_customer_in_the_middle_of_its_life_can_be_evolved() -> None:
    # loyal since 1 March 2025, last order on 20 December: renewed on 1 March 2026,
    # and lapsed 90 days after the order, on 20 March
    club = lifecycle(
        Transition("loyal", "lapsed", after=idle(days=90)),
        Transition("loyal", "loyal", after=dwell(years=1)),
        events=("purchase",),
    )
    ann = attrs.evolve(
        club.enroll("a", at=at("2019-05-01"), stage="loyal"),
        entered=at("2025-03-01"),
        last_activity=at("2025-12-20"),
        seen=at("2025-12-20"),
    )
    _, changes = club.advance(ann, to=at("2026-12-31"))
    assert [(change.kind, change.at) for change in changes] == [
        ("renewal", at("2026-03-01")),
        ("lapse", at("2026-03-20")),
    ]


@pytest.mark.parametrize("way", COPIES)
def test_what_was_examined_at_the_very_entry_tells_customers_apart(way: str) -> None:
    # overdue upon entering: examined before the note of that instant, or after it
    definition = lifecycle(
        Transition("lead", "buyer", on="signup"),
        Transition("buyer", "lapsed", after=idle("purchase", days=3), when=count("note") >= 1),
        initial="lead",
        activity=(),
        events=("note", "purchase"),
    )
    enter, note = Event("signup", day(9)), Event("note", day(9))
    before, after = applied(definition, note, enter), applied(definition, enter, note)
    assert before != after
    for ann, stage in ((before, "lapsed"), (after, "buyer")):
        other = COPIES[way](ann)
        assert other == ann
        assert hash(other) == hash(ann)
        for customer in (ann, other):
            assert definition.advance(customer, to=day(9)).customer.stage == stage
            assert definition.advance(customer, to=day(99)).customer.stage == stage
            again_, _ = definition.apply(customer, Event("note", day(9)))
            assert definition.advance(again_, to=day(99)).customer.stage == stage
    assert len(after._memory) == len(before._memory) + 1
    newer = attrs.evolve(definition, version=2)
    for clocks, stage in (("keep", "buyer"), ("restart", "lapsed")):
        migrated, _ = definition.migrate(after, to=newer, at=day(9), clocks=clocks)  # type: ignore[arg-type]
        for one in (migrated, COPIES[way](migrated)):
            assert newer.advance(one, to=day(9)).customer.stage == stage
    # what is entered anew, at the same instant, is examined anew
    back = lifecycle(
        *definition.transitions,
        Transition("buyer", "buyer", on="note", when=value() >= 1),
        initial="lead",
        activity=(),
        events=("purchase",),
    )
    ann = applied(back, enter, Event("note", day(9)))
    assert back.due(ann) is None
    for customer in (ann, COPIES[way](ann)):
        entered, changes = back.apply(customer, Event("note", day(9), value=1))
        assert [change.kind for change in changes] == ["renewal"]
        assert len(entered._memory) == len(before._memory)
        for one in (entered, COPIES[way](entered)):
            assert back.advance(one, to=day(9)).customer.stage == "lapsed"


def test_code_sees_a_customer_of_whom_the_definition_can_be_asked() -> None:
    asked: list[object] = []

    def late(customer: Customer, _event: Event | None) -> bool:
        asked.append(definition.due(customer))
        return False

    definition = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=late),
        Transition("buyer", "lapsed", after=idle(days=90)),
    )
    ann = applied(definition, bought(5))
    assert asked == [definition.due(ann)] != [None]


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        (
            {"entered": day(-1)},
            InvalidValueError,
            "entered must not be before enrolled, 2026-01-01 00:00:00+00:00, got 2025-12-31",
        ),
        ({"enrolled": day(3)}, InvalidValueError, "entered must not be before enrolled, 2026-01-"),
        ({"seen": day(1)}, InvalidValueError, "seen must not be before entered, 2026-01-03"),
        ({"entered": day(9)}, InvalidValueError, "seen must not be before entered, 2026-01-10"),
        (
            {"last_activity": day(3)},
            InvalidValueError,
            "seen must not be before last_activity, 2026-01-04",
        ),
        (
            {"entered": naive("2026-01-03")},
            MixedInstantsError,
            "entered and enrolled must both have a time zone or both have none, got naive",
        ),
        ({"seen": naive("2026-01-03")}, MixedInstantsError, "seen and enrolled must both have"),
        (
            {"last_activity": naive("2026-01-03")},
            MixedInstantsError,
            "last_activity and enrolled must both have a time zone",
        ),
        ({"stage": "lapsed"}, InvalidTypeError, "stage must be a Stage; a step or a migration"),
        ({"stage": None}, InvalidTypeError, "stage must be a Stage; a step or a migration"),
        (
            {"id": 1.5},
            InvalidTypeError,
            "id must be text or a whole number or a UUID, got 1.5 (float)",
        ),
        ({"entered": day(3).date()}, InvalidTypeError, "entered must be a datetime; say which"),
        ({"enrolled": None}, InvalidTypeError, "enrolled must be a datetime, got None"),
        ({"seen": "now"}, InvalidTypeError, "seen must be a datetime, got 'now' (str)"),
        ({"last_activity": 3}, InvalidTypeError, "last_activity must be a datetime, got 3 (int)"),
        ({"attributes": ["a"]}, InvalidTypeError, "attributes must be a mapping from names to"),
        ({"attributes": {"a": [{}]}}, InvalidTypeError, "attributes['a'][0] must be text, a num"),
    ],
)
def test_a_customer_cannot_be_made_as_no_step_makes_it(
    changes: dict[str, Any], kind: type[LifecycleError], text: str
) -> None:
    ann = applied(SHOP, bought(2))
    assert refusal(kind, lambda: attrs.evolve(ann, **changes)).startswith(text)


def test_a_stage_may_be_given_as_the_value_that_it_is() -> None:
    lapsed = attrs.evolve(applied(IDLE, bought(2)), stage=Stage("lapsed", Status.DORMANT))
    assert IDLE.apply(lapsed, bought(3)).customer.stage == "buyer"
    with pytest.raises(WrongDefinitionError):
        IDLE.due(attrs.evolve(lapsed, stage=Stage("unknown", Status.DORMANT)))


def test_a_customer_can_be_made_nameless() -> None:
    ann = applied(SHOP, bought(1), attributes={"email": "a@b.c"})
    nobody = attrs.evolve(ann, id="anon-1", attributes={})
    assert (nobody.id, nobody.attributes, nobody.stage) == ("anon-1", {}, ann.stage)
    assert hash(nobody) != hash(ann)
    assert SHOP.due(nobody) == SHOP.due(ann)
    given: dict[str, object] = {"plan": "gold"}
    gold = attrs.evolve(ann, attributes=given)
    given["plan"] = "iron"
    assert gold.attributes == {"plan": "gold"}


def test_seen_is_in_utc_also_where_it_was_given_otherwise() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    ann = attrs.evolve(applied(SHOP, bought(2)), seen=day(3).astimezone(berlin))
    assert ann.seen.isoformat() == "2026-01-04T00:00:00+00:00"


def test_a_customer_carries_only_what_its_definition_reads() -> None:
    plain = lifecycle(Transition("buyer", "loyal", on="purchase"), events=("visit",))
    assert len(applied(plain, bought(1))._memory) == 1
    busy = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 9),
        Transition("buyer", "loyal", on="visit", when=count("purchase") >= 7),
        Transition("buyer", "lapsed", after=idle("visit", days=9)),
        Transition("loyal", "lapsed", after=idle("visit", days=99), when=mean("purchase") >= 1),
    )
    # the count and the named clock once each, and two numbers for a mean
    assert len(applied(busy, bought(1))._memory) == 1 + 4
