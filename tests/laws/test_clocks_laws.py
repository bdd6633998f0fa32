"""Laws of looking at clocks: they say what will come if nothing happens, and change nothing."""

import json
import pickle
from datetime import timedelta
from typing import Any

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import ANY, Customer, Lifecycle
from lifecycle.errors import WrongDefinitionError
from strategies import World, customers, moved

instant = oracle.instant
some = settings(max_examples=60)


def made_by(one: Any) -> tuple[Any, Any]:
    return one.transition, one.milestone


@some
@given(customers())
def test_the_first_clock_is_what_is_due(half: tuple[World, Customer]) -> None:
    """`due` is the first line, and no other one is taken."""
    world, customer = half
    deadline = world.lifecycle.due(customer)
    clocks = world.lifecycle.clocks(customer)
    taken = [
        (clock.at, clock.transition, clock.milestone) for clock in clocks if clock.state == "taken"
    ]
    due = deadline and (deadline.at, deadline.transition, deadline.milestone)
    assert taken == ([] if due is None else [due])
    assert "taken" not in [clock.state for clock in clocks[1:]]


@some
@given(customers())
def test_each_time_out_that_reaches_the_stage_has_one_clock(half: tuple[World, Customer]) -> None:
    """By the stage's name, its status or `ANY`; groups leave out the target itself."""
    world, customer = half
    own = {customer.stage}
    groups = {customer.status, ANY}
    is_final = oracle.stage_of(world.lifecycle, customer.stage).final
    reaching = [
        way
        for way in (*world.lifecycle.transitions, *world.lifecycle.milestones)
        if way.after is not None
        and not is_final
        and (
            any(type(source) is str and source in own for source in way.sources)
            or (
                way.target != customer.stage
                and any(type(source) is not str and source in groups for source in way.sources)
            )
        )
    ]
    found = [
        (repr(clock.after), repr(clock.transition or clock.milestone))
        for clock in world.lifecycle.clocks(customer)
    ]
    expected = [(repr(way.after), repr(getattr(way, "name", way))) for way in reaching]
    assert sorted(found) == sorted(expected)


@some
@given(customers(), st.integers(1, 900))
def test_what_is_taken_is_taken_and_what_rests_is_not(
    half: tuple[World, Customer], days: int
) -> None:
    """`advance` to the deadline takes it, and nothing else leaves the stage at any instant."""
    world, customer = half
    clocks = world.lifecycle.clocks(customer)
    later = moved(customer.seen, timedelta(days=days), customer.seen.tzinfo)
    _, changes = world.lifecycle.advance(customer, to=later)
    left = [made_by(change) for change in changes[:1]]
    for clock in clocks:
        if clock.state == "taken" and clock.at is not None:
            _, (first, *_) = world.lifecycle.advance(customer, to=clock.at)
            assert (made_by(first), first.at) == (made_by(clock), clock.at)
            assert left in ([], [made_by(clock)])
        else:  # an equal one may be taken, where a definition has two
            assert made_by(clock) not in left or made_by(clocks[0]) in left
    if not clocks or clocks[0].state != "taken":
        assert changes == ()


@settings(max_examples=120)
@given(customers())
def test_what_comes_later_comes_next_without_what_is_taken(
    half: tuple[World, Customer],
) -> None:
    """Without the transition that is taken, the first of those that come later is."""
    world, customer = half
    first, *others = world.lifecycle.clocks(customer) or (None,)
    assume(first is not None and first.state == "taken")
    assert first is not None
    assume(made_by(first) not in [(clock.by or clock.transition, None) for clock in others])
    ways, marks = world.lifecycle.transitions, world.lifecycle.milestones
    try:
        without: Lifecycle = attrs.evolve(
            world.lifecycle,
            transitions=[way for way in ways if way != first.transition],
            milestones=[mark for mark in marks if mark.name != first.milestone],
        )
        deadline = without.due(customer)
    except WrongDefinitionError:  # it had to be remembered for that one
        assume(False)
    coming = [clock for clock in others if clock.state == "later"]
    expected = (coming[0].at, made_by(coming[0])) if coming else None
    assert (deadline and (deadline.at, made_by(deadline))) == expected


@some
@given(customers())
def test_clocks_are_in_order_and_say_what_they_must(half: tuple[World, Customer]) -> None:
    """Those with a deadline by it, then those without; unmet parts where one will rest."""
    world, customer = half
    _, *others = world.lifecycle.clocks(customer) or (None,)
    dates = [clock.at for clock in others]
    dated = [instant(at) for at in dates if at is not None]
    assert dates[len(dated) :] == [None] * (len(dates) - len(dated))
    assert dated == sorted(dated)
    for clock in world.lifecycle.clocks(customer):
        assert (clock.at is None) == (clock.state in {"silenced", "stopped", "none"})
        assert (clock.by is None) == (clock.state != "silenced")
        assert clock.at is None or instant(clock.at) >= instant(customer.entered)
        if clock.state == "rests" and clock.at is not None:
            assert clock.reasons or instant(clock.at) <= customer.seen
        else:
            assert clock.reasons == ()
        assert str(clock).startswith(repr(clock.after))


@some
@given(customers())
def test_looking_at_clocks_changes_nothing(half: tuple[World, Customer]) -> None:
    """A customer is the same after it, and one that was stored has the same clocks."""
    world, customer = half
    before = pickle.dumps(customer)
    clocks = world.lifecycle.clocks(customer)
    assert pickle.dumps(customer) == before
    assert world.lifecycle.clocks(customer) == clocks
    stored = Customer.from_dict(json.loads(json.dumps(customer.to_dict())))
    assert world.lifecycle.clocks(stored) == clocks
