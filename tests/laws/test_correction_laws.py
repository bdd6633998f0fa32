"""The laws of corrections: what was told, what is right, and the way from one to the other."""

import copy
import json
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import Correction, Customer, Enrollment, Event, Journey, StageChange
from lifecycle.engine.conditions import is_data
from lifecycle.errors import OutOfOrderError
from strategies import World, worlds

instant = oracle.instant


def enrolled(world: World) -> Customer:
    """Enroll the customer of a world, before all that happens to it."""
    return world.lifecycle.enroll(
        "ann", at=world.clock.start, stage=world.stage, attributes=world.attributes
    )


def filed(change: StageChange) -> StageChange:
    """Give what a store gives back: an equal change, of which nothing is the same object."""
    transition = change.transition
    if transition is not None and not is_data(transition.when) and transition.when is not None:
        return pickle.loads(pickle.dumps(change))  # noqa: S301  (the test's own bytes)
    return StageChange.from_dict(json.loads(json.dumps(change.to_dict())))


def without(told: Iterable[StageChange], gone: Iterable[StageChange]) -> list[StageChange]:
    """Take changes off a file, each of which must be there."""
    left = list(told)
    for change in gone:
        left.remove(change)
    return left


def corrected(told: Iterable[StageChange], correction: Correction) -> Counter[StageChange]:
    """Give what is on file after a correction."""
    return Counter([*without(told, correction.retracted), *correction.added])


class File:
    """What an application keeps: the events, the customer, and the changes that it told."""

    def __init__(self, world: World) -> None:
        self.lifecycle = world.lifecycle
        self.customer = enrolled(world)
        self.first = self.customer.stage
        self.log: list[Event] = []
        self.told: list[StageChange] = []
        self.now = self.customer.enrolled

    def take(self, event: Event) -> None:
        """Apply an event, or correct what was told where it comes late."""
        self.log.append(event)
        self.now = max(self.now, event.at, key=instant)
        try:
            self.customer, changes = self.lifecycle.apply(self.customer, event)
        except OutOfOrderError:
            self.correct()
        else:
            self.told += map(filed, changes)

    def correct(self) -> None:
        """Replay, and do to the file what the comparison says."""
        journey = self.lifecycle.replay(self.customer.enrollment, self.log, until=self.now)
        correction = journey.correction(self.told)
        self.told = [*without(self.told, correction.retracted), *map(filed, correction.added)]
        self.customer = journey.customer
        assert Counter(self.told) == Counter(journey.changes)

    @property
    def stages(self) -> tuple[Counter[str], Counter[str]]:
        """Count the stages entered, and those left with the one in which the customer stands."""
        entered = Counter([self.first, *(change.target for change in self.told)])
        return entered, Counter([*(change.source for change in self.told), self.customer.stage])

    def look(self, to: datetime) -> None:
        """Let time pass, as a nightly job does."""
        self.now = max(self.now, to, key=instant)
        self.customer, changes = self.lifecycle.advance(self.customer, to=to)
        self.told += map(filed, changes)


# What was told


@settings(max_examples=150)
@given(st.data(), worlds())
def test_what_is_on_file_leads_to_the_stage_on_file(data: st.DataObject, world: World) -> None:
    """Law: after each step, live or corrected, the file and the customer agree.

    Over any log with ties, in any order of arrival: what is on file leads to the stage on
    file, and after a correction it is the journey's changes.
    """
    file = File(world)
    for event in world.events:
        if data.draw(st.booleans()):
            file.look(data.draw(world.clock.instants(file.now, steps=2)))
        file.take(event)
        entered, left = file.stages
        assert entered == left
    file.correct()
    journey = world.lifecycle.replay(file.customer.enrollment, world.events, until=file.now)
    assert file.customer == journey.customer


@settings(max_examples=60)
@given(st.data(), worlds())
def test_a_correction_leads_from_anything_that_was_told_to_the_journey(
    data: st.DataObject, world: World
) -> None:
    """Law: told - retracted + added are the journey's changes; what is retracted was told."""
    started = enrolled(world).enrollment
    journey = world.lifecycle.replay(started, world.events, until=world.until)
    other = world.lifecycle.replay(started, world.events[1:], until=world.until)
    anything = [*journey.changes, *other.changes, *other.changes]
    told = [filed(change) for change in anything if data.draw(st.booleans())]
    correction = journey.correction(iter(told))
    right = Counter(journey.changes)
    assert corrected(told, correction) == right
    assert Counter(correction.retracted) == Counter(told) - right
    assert Counter(correction.added) == right - Counter(told)
    assert journey.correction(map(filed, journey.changes)) == ((), ())


@settings(max_examples=60)
@given(st.data(), worlds(named=True))
def test_withdrawing_is_replaying_what_is_left(data: st.DataObject, world: World) -> None:
    """Law: `withdraw` equals replaying the other events, and tells the difference."""
    journey = world.lifecycle.replay(enrolled(world).enrollment, world.events, until=world.until)
    gone = data.draw(st.sets(st.sampled_from([event.id for event in world.events])))
    left = [event for event in world.events if event.id not in gone]
    expected = world.lifecycle.replay(journey.enrollment, left, until=world.until)
    assert journey.withdraw(*gone) == (expected, journey_difference(journey, expected))


@settings(max_examples=60)
@given(st.data(), worlds(named=True))
def test_replacing_is_replaying_what_is_right(data: st.DataObject, world: World) -> None:
    """Law: `replace` equals replaying with the other content, and tells the difference."""
    told = {event.id: event for event in world.events}
    first = enrolled(world).enrollment
    journey = world.lifecycle.replay(first, world.events, until=world.until)
    others = data.draw(st.permutations(world.events))
    right = {
        event.id: attrs.evolve(other, id=event.id)
        for event, other in zip(world.events, others, strict=True)
        if data.draw(st.booleans())
    }
    expected = world.lifecycle.replay(first, (told | right).values(), until=world.until)
    assert journey.replace(*right.values()) == (expected, journey_difference(journey, expected))


def journey_difference(before: Journey, after: Journey) -> Correction:
    """Give the changes of one journey that the other has not, in their order."""
    was, found = Counter(before.changes), Counter(after.changes)
    return Correction(last(before.changes, was - found), last(after.changes, found - was))


def last(changes: Sequence[StageChange], wanted: Counter[StageChange]) -> tuple[StageChange, ...]:
    """Give the last of the changes, each as often as wanted."""
    left, found = Counter(wanted), []
    for change in reversed(changes):
        if left[change]:
            left[change] -= 1
            found.append(change)
    return tuple(reversed(found))


# The order of the source


@settings(max_examples=100)
@given(worlds())
def test_applying_in_the_order_of_replay_is_replaying(world: World) -> None:
    """Law: live steps in the order of `replay` end where `replay` does, and none is refused."""
    journey = world.lifecycle.replay(enrolled(world).enrollment, world.events)
    customer, changes = enrolled(world), []
    for event in journey.events:
        customer, made = world.lifecycle.apply(customer, event)
        changes += made
    assert (customer, tuple(changes)) == (journey.customer, journey.changes)


@settings(max_examples=60)
@given(worlds())
def test_a_sequence_below_the_last_one_of_its_instant_is_refused(world: World) -> None:
    """Rule 12: of one instant, a sequence is taken at or above the last one, and not below."""
    customer = enrolled(world)
    last: tuple[datetime, int] | None = None
    for event in sorted(world.events, key=lambda event: instant(event.at)):
        here = instant(event.at), event.sequence
        if event.sequence is not None and last is not None and here < last and here[0] == last[0]:
            for step in (world.lifecycle.apply, world.lifecycle.fire, world.lifecycle.explain):
                with pytest.raises(OutOfOrderError) as caught:
                    step(customer, event)
                assert caught.value.sequence == last[1]
            continue
        customer, changes = world.lifecycle.apply(customer, event)
        ended = oracle.stage_of(world.lifecycle, customer.stage).final
        if event.sequence is not None and (not ended or (changes[-1:] and changes[-1].event)):
            last = here  # in a final stage, nothing is counted


# Equal customers


COPIES: Mapping[str, Callable[[Any], Any]] = {
    "evolve": attrs.evolve,
    "pickle": lambda customer: pickle.loads(pickle.dumps(customer)),  # noqa: S301  (own bytes)
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "json": lambda customer: Customer.from_dict(json.loads(json.dumps(customer.to_dict()))),
}


LATER = st.sampled_from([timedelta(hours=each) for each in (1, 12, 24, 72, 2400)])


@pytest.mark.parametrize("way", COPIES)
@settings(max_examples=30)
@given(world=worlds(), later=LATER)
def test_a_copy_of_a_customer_behaves_as_the_customer(
    way: str, world: World, later: timedelta
) -> None:
    """Law: equal customers behave equally, however the second one was made."""
    customer = enrolled(world)
    for event in world.lifecycle.replay(customer.enrollment, world.events).events:
        other = COPIES[way](customer)
        assert other.enrollment == customer.enrollment
        assert_alike(world, customer, other, later)
        outcome = world.lifecycle.apply(customer, event)
        assert world.lifecycle.apply(other, event) == outcome
        customer = outcome.customer
    assert_alike(world, customer, COPIES[way](customer), later)


def assert_alike(world: World, one: Customer, other: Customer, later: timedelta) -> None:
    """Check that two customers are equal and that the same becomes of them."""
    assert one == other
    assert hash(one) == hash(other)
    assert world.lifecycle.due(one) == world.lifecycle.due(other)
    for to in (one.seen, one.seen + later):
        assert world.lifecycle.advance(one, to=to) == world.lifecycle.advance(other, to=to)


@settings(max_examples=80)
@given(data=st.data(), world=worlds(), later=LATER)
def test_customers_who_are_equal_after_other_orders_behave_equally(
    data: st.DataObject, world: World, later: timedelta
) -> None:
    """Law: equal customers behave equally, also where other events led there."""
    log = world.lifecycle.replay(enrolled(world).enrollment, world.events).events
    one, other = (list(lives(world, order)) for order in (log, data.draw(st.permutations(log))))
    for customer in one:
        for same in other:
            if customer == same:
                assert_alike(world, customer, same, later)


def lives(world: World, log: Iterable[Event]) -> Iterator[Customer]:
    """Yield the customer after each event that can be taken, at one instant in the order given."""
    customer = enrolled(world)
    for event in sorted(log, key=lambda event: instant(event.at)):
        with suppress(OutOfOrderError):
            customer, _ = world.lifecycle.apply(customer, event)
            yield customer


# How it began


@settings(max_examples=60)
@given(st.data(), worlds())
def test_an_enrollment_is_all_that_a_replay_needs(data: st.DataObject, world: World) -> None:
    """Law: the enrollment of a customer at any point of its life begins the same journey."""
    told = {"stage": world.stage, "attributes": world.attributes, "referred_by": "bob"}
    whole = world.lifecycle.replay(
        "ann", world.events, since=world.clock.start, until=world.until, **told
    )
    customer = world.lifecycle.enroll("ann", at=world.clock.start, **told)
    stop = data.draw(st.integers(0, len(whole.events)))
    for event in whole.events[:stop]:
        customer, _ = world.lifecycle.apply(customer, event)
    enrollment = customer.enrollment
    assert enrollment == whole.enrollment == whole.customer.enrollment
    stored = Enrollment.from_dict(json.loads(json.dumps(enrollment.to_dict())))
    assert stored == enrollment
    assert world.lifecycle.replay(stored, world.events, until=world.until) == whole
    assert world.lifecycle.enroll(stored) == world.lifecycle.enroll(
        "ann", at=world.clock.start, **told
    )


@settings(max_examples=60)
@given(st.data(), worlds())
def test_a_journey_that_is_evolved_is_followed_anew(data: st.DataObject, world: World) -> None:
    """Law: a journey never disagrees with its events, its beginning and its end."""
    first = enrolled(world).enrollment
    journey = world.lifecycle.replay(first, world.events, until=world.until)
    some = [event for event in world.events if data.draw(st.booleans())]
    until = data.draw(world.clock.instants(first.at, steps=6))
    assert attrs.evolve(journey, events=some, until=until) == world.lifecycle.replay(
        first, some, until=until
    )
    assert attrs.evolve(journey) == journey
