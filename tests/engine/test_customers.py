"""Customers: frozen snapshots."""

from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Event, Status, Transition, count, idle, mean
from samples import SHOP, START, again, applied, at, bought, day, lifecycle, naive


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


def test_customers_who_went_the_same_way_are_equal() -> None:
    one, other = (applied(SHOP, bought(1), bought(2)) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != applied(SHOP, bought(1), bought(3))


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
