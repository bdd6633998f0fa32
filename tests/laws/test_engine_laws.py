"""The laws of the stage engine, each for any definition and any log."""

import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import Customer, Event, Journey, Lifecycle, StageChange
from lifecycle.errors import (
    DuplicateEventError,
    LifecycleError,
    MixedInstantsError,
    NotPermittedError,
    OutOfOrderError,
    UnknownNameError,
)
from strategies import World, enrolled_later, events, moved, worlds

instant = oracle.instant


def replayed(world: World, **told: Any) -> Journey:
    """Replay a world's log, with other events or another end if told."""
    told = {"events": world.events, "until": world.until, **world.told, **told}
    return world.lifecycle.replay("ann", told.pop("events"), **told)


def plain(lifecycle: Lifecycle, changes: Iterable[StageChange]) -> list[oracle.Change]:
    """Write changes as the oracle does."""
    return [
        oracle.Change(
            instant(change.at),
            change.source,
            change.target,
            change.kind,
            change.cause,
            None if change.transition is None else lifecycle.transitions.index(change.transition),
            change.milestone,
        )
        for change in changes
    ]


def expected(lifecycle: Lifecycle, changes: Iterable[oracle.Change]) -> list[oracle.Change]:
    """Compare the oracle's changes by instant, and equal transitions by the first of them."""
    ways = lifecycle.transitions
    return [
        change._replace(
            at=instant(change.at),
            transition=change.transition
            if change.transition is None
            else ways.index(ways[change.transition]),
        )
        for change in changes
    ]


def placed(stays: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Write stays by their instants."""
    return [
        (stay.stage, instant(stay.entered), None if stay.left is None else instant(stay.left))
        for stay in stays
    ]


def copied(thing: Any) -> Any:
    """Send a value through a pickle."""
    return pickle.loads(pickle.dumps(thing))  # noqa: S301  (the test's own bytes)


def future(
    lifecycle: Lifecycle, customer: Customer, log: Iterable[Event], to: datetime
) -> tuple[Customer, tuple[StageChange, ...]]:
    """Give all that comes of a customer."""
    coming: tuple[StageChange, ...] = ()
    for event in log:
        customer, changes = lifecycle.apply(customer, event)
        coming += changes
    customer, changes = lifecycle.advance(customer, to=to)
    return customer, coming + changes


@st.composite
def halves(draw: st.DrawFn) -> tuple[World, Customer, list[Event], datetime]:
    """Draw a customer in mid-life, the events still to come, and an instant after them."""
    world = draw(worlds())
    log = replayed(world, until=None).events
    cut = draw(st.integers(0, len(log)))
    customer = world.lifecycle.enroll(
        "ann", at=world.since or log[0].at, stage=world.stage, attributes=world.attributes
    )
    for event in log[:cut]:
        customer, _ = world.lifecycle.apply(customer, event)
    if draw(st.sampled_from((False, False, True))):
        customer = draw(enrolled_later(world.lifecycle, customer, list(log[:cut])))
    return world, customer, list(log[cut:]), draw(world.clock.instants(log[-1].at, steps=4))


def between(draw: st.DrawFn, world: World, changes: Sequence[StageChange]) -> datetime:
    """Draw an instant of the world, as often as not that of a change."""
    anywhere = world.clock.instants(steps=6)
    return draw(anywhere | st.sampled_from([c.at for c in changes]) if changes else anywhere)


# The oracle


@settings(max_examples=200)
@given(worlds())
def test_replay_gives_the_changes_of_the_oracle(world: World) -> None:
    """All rules: a second engine, written from them alone, takes the same changes."""
    journey = replayed(world)
    history = oracle.replay(world.lifecycle, world.events, until=world.until, **world.told)
    customer, state = journey.customer, history.state
    assert plain(world.lifecycle, journey.changes) == expected(world.lifecycle, history.changes)
    assert customer.stage == state.stage
    assert customer.status is oracle.stage_of(world.lifecycle, state.stage).status
    assert instant(customer.enrolled) == instant(state.enrolled)
    assert instant(customer.entered) == instant(state.entered)
    assert instant(customer.seen) == instant(state.seen)
    assert dict(customer.attributes) == dict(state.attributes)


@given(worlds())
def test_replay_gives_the_stays_of_the_oracle(world: World) -> None:
    """Rule 7: stays are half-open; a stay of no length is kept."""
    journey = replayed(world)
    history = oracle.replay(world.lifecycle, world.events, until=world.until, **world.told)
    assert placed(journey.stays) == placed(history.stays)


@settings(max_examples=50)
@given(worlds())
def test_a_journey_keeps_its_events_in_order(world: World) -> None:
    """Rule 12: `replay` sorts by instant, then as the definition first names them, then by id.

    Of the same instant and name, those without an id come last, as given.
    Rule 16: events after `until` stay in the journey and out of the fold.
    """
    assert list(replayed(world).events) == oracle.in_order(world.lifecycle, world.events)


@settings(max_examples=60)
@given(halves())
def test_due_is_the_next_time_out_that_is_taken(
    half: tuple[World, Customer, list[Event], datetime],
) -> None:
    """Front door: `due` is the next time-out that will be taken if nothing happens."""
    world, customer, _, to = half
    deadline = world.lifecycle.due(customer)
    _, changes = world.lifecycle.advance(customer, to=to)
    if deadline is None or instant(deadline.at) > instant(to):
        assert changes == ()
    else:
        assert changes[0].at == deadline.at
        assert changes[0].transition == deadline.transition


# Steps


@given(st.data(), halves())
def test_advance_splits_anywhere(
    data: st.DataObject, half: tuple[World, Customer, list[Event], datetime]
) -> None:
    """Law: `advance` splits anywhere without a difference."""
    world, customer, _, to = half
    whole = world.lifecycle.advance(customer, to=to)
    stop = between(data.draw, world, whole.changes)
    if instant(stop) > instant(to):
        stop, to = to, stop
        whole = world.lifecycle.advance(customer, to=to)
    first = world.lifecycle.advance(customer, to=stop)
    second = world.lifecycle.advance(first.customer, to=to)
    assert second.customer == whole.customer
    assert first.changes + second.changes == whole.changes


@given(halves())
def test_apply_is_advance_and_then_one_step(
    half: tuple[World, Customer, list[Event], datetime],
) -> None:
    """Law: `apply` = `advance` then one step."""
    world, customer, coming, _ = half
    for event in coming:
        outcome = world.lifecycle.apply(customer, event)
        advanced = world.lifecycle.advance(customer, to=event.at)
        stepped = world.lifecycle.apply(advanced.customer, event)
        assert stepped.customer == outcome.customer
        assert advanced.changes + stepped.changes == outcome.changes
        assert [change.cause for change in stepped.changes] in ([], ["event"])
        customer = outcome.customer


@settings(max_examples=60)
@given(halves())
def test_fire_is_apply_or_refuses(half: tuple[World, Customer, list[Event], datetime]) -> None:
    """Front door: `fire` is as `apply`, but raises when no transition matches."""
    world, customer, coming, _ = half
    for event in coming:
        outcome = world.lifecycle.apply(customer, event)
        if outcome.changes and outcome.changes[-1].cause == "event":
            assert world.lifecycle.fire(customer, event) == outcome
        else:
            with pytest.raises(NotPermittedError):
                world.lifecycle.fire(customer, event)
        customer = outcome.customer


@given(halves())
def test_advance_that_takes_nothing_returns_the_customer(
    half: tuple[World, Customer, list[Event], datetime],
) -> None:
    """Rule 10: `advance` that takes no transition returns the customer unchanged.

    This is so even if conditions were examined.
    Rule 12: `advance` to before what the customer has seen changes nothing.
    """
    world, customer, _, to = half
    for instants in (to, customer.seen, customer.enrolled - timedelta(days=1)):
        outcome = world.lifecycle.advance(customer, to=instants)
        if not outcome.changes:
            assert outcome.customer == customer
    assert outcome == (customer, ())


# Looking


@settings(max_examples=60)
@given(st.data(), halves())
def test_due_and_advance_leave_no_trace(
    data: st.DataObject, half: tuple[World, Customer, list[Event], datetime]
) -> None:
    """Law: looking (`due`, `advance` with nothing due) never changes what comes."""
    world, customer, coming, to = half
    untouched = copied(customer)
    end = data.draw(world.clock.instants(customer.seen, steps=4))
    world.lifecycle.due(customer)
    looked = world.lifecycle.advance(customer, to=end)
    assert customer == untouched
    assert future(world.lifecycle, customer, coming, to) == future(
        world.lifecycle, untouched, coming, to
    )
    if not looked.changes:
        assert future(world.lifecycle, looked.customer, coming, to) == future(
            world.lifecycle, untouched, coming, to
        )


@settings(max_examples=60)
@given(st.data(), halves())
def test_explain_and_options_leave_no_trace(
    data: st.DataObject, half: tuple[World, Customer, list[Event], datetime]
) -> None:
    """Law: looking (`explain`, `options`) never changes what comes.

    `explain` says what `apply` would do; `options` decides on every event name.
    """
    world, customer, coming, to = half
    untouched = copied(customer)
    at = data.draw(world.clock.instants(customer.seen, steps=3))
    event = data.draw(events(world.clock, st.just(at)))
    decision = world.lifecycle.explain(customer, event)
    options = world.lifecycle.options(customer, at=at)
    assert len(options) == len(oracle.known_names(world.lifecycle))
    assert len(world.lifecycle.options(customer)) == len(options)
    assert customer == untouched
    assert future(world.lifecycle, customer, coming, to) == future(
        world.lifecycle, untouched, coming, to
    )
    changes = world.lifecycle.apply(customer, event).changes
    taken = [change.transition for change in changes if change.cause == "event"]
    assert decision.permitted is bool(taken)
    assert decision.transition == (taken[0] if taken else None)


# Logs


@given(st.data(), worlds(named=True))
def test_replay_does_not_depend_on_the_order_given(data: st.DataObject, world: World) -> None:
    """Law: `replay` does not depend on the order in which events are given (ids distinct)."""
    shuffled = data.draw(st.permutations(world.events))
    assert replayed(world, events=shuffled) == replayed(world)


@given(st.data(), worlds())
def test_a_repeated_id_changes_nothing(data: st.DataObject, world: World) -> None:
    """Law: a duplicate id changes nothing in `replay` and `amend`."""
    journey = replayed(world)
    again = [event for event in world.events if event.id is not None]
    again = data.draw(st.sampled_from([again, copied(again)]))
    assert replayed(world, events=[*world.events, *again]) == journey
    assert journey.amend(*again) == (journey, ((), ()))


@given(st.data(), worlds())
def test_replay_of_a_prefix_is_a_prefix(data: st.DataObject, world: World) -> None:
    """Law: `replay` of a prefix is a prefix."""
    journey = replayed(world, until=None)
    cut = data.draw(st.integers(1, len(journey.events)))
    prefix = replayed(world, events=journey.events[:cut], until=None)
    assert prefix.changes == journey.changes[: len(prefix.changes)]
    assert all(
        (one.stage, one.entered) == (other.stage, other.entered)
        for one, other in zip(prefix.stays, journey.stays, strict=False)
    )


@given(st.data(), worlds())
def test_amend_is_replaying_everything(data: st.DataObject, world: World) -> None:
    """Law: `amend` equals replaying everything.

    The correction is what a late event retracts and what it adds, as multisets of changes.
    """
    held = data.draw(st.integers(1, len(world.events)))
    told, late = world.events[:held], world.events[held:]
    until = world.until and max(world.until, *(event.at for event in told), key=instant)
    before = replayed(world, events=told, until=until)
    after = replayed(world, until=until)
    amended, correction = before.amend(*late)
    assert amended == after
    was, found = Counter(before.changes), Counter(after.changes)
    assert (Counter(correction.retracted), Counter(correction.added)) == (was - found, found - was)


@settings(max_examples=50)
@given(worlds())
def test_amending_one_by_one_is_amending_at_once(world: World) -> None:
    """Law: `amend` equals replaying everything, also step by step."""
    until = world.until and max(world.until, *(event.at for event in world.events), key=instant)
    journey = replayed(world, events=world.events[:1], until=until)
    for event in world.events[1:]:
        journey, _ = journey.amend(event)
    assert journey == replayed(world, until=until)


@given(st.data(), worlds())
def test_a_later_until_rewrites_nothing(data: st.DataObject, world: World) -> None:
    """Law: later `until` never rewrites an earlier change."""
    last = replayed(world, until=None).events[-1].at
    later = data.draw(world.clock.instants(last, steps=3))
    journey = replayed(world, until=later)
    first = journey.customer.enrolled
    until = between(data.draw, world, journey.changes)
    if instant(first) <= instant(until) <= instant(later):
        earlier = replayed(world, until=until)
        assert list(earlier.changes) == [
            change for change in journey.changes if instant(change.at) <= instant(until)
        ]
        assert journey.stage_at(until) == earlier.customer.stage


@settings(max_examples=50)
@given(worlds())
def test_stays_tile_the_journey(world: World) -> None:
    """Law: stays tile `[enrolled, until)` without gap or overlap.

    Rule 16: the last stay has `left=None`.
    """
    journey = replayed(world)
    assert journey.stays[0].entered == journey.customer.enrolled
    assert journey.stays[-1].left is None
    assert all(
        one.left == other.entered
        for one, other in zip(journey.stays, journey.stays[1:], strict=False)
    )
    assert all(
        stay.left is None or instant(stay.entered) <= instant(stay.left) for stay in journey.stays
    )
    moves = [change.target for change in journey.changes if change.is_move]
    assert [stay.stage for stay in journey.stays[1:]] == moves


@settings(max_examples=50)
@given(worlds())
def test_a_duration_is_elapsed_time(world: World) -> None:
    """Rule 2: durations are made on the instant (UTC), and `Stay.duration` is elapsed time."""
    for stay in replayed(world).stays[:-1]:
        assert stay.duration == instant(stay.left) - instant(stay.entered)


@settings(max_examples=60)
@given(st.data(), worlds())
def test_stage_at_is_the_latest_stage_at_that_instant(data: st.DataObject, world: World) -> None:
    """Rule 16: `stage_at(t)` is the latest stage at `t`, and raises outside `[enrolled, until]`."""
    last = replayed(world, until=None).events[-1].at
    journey = replayed(world, until=data.draw(world.clock.instants(last, steps=3)))
    at = between(data.draw, world, journey.changes)
    if instant(journey.customer.enrolled) <= instant(at) <= instant(journey.until):
        stood = [stay.stage for stay in journey.stays if instant(stay.entered) <= instant(at)]
        assert journey.stage_at(at) == stood[-1]
    else:
        with pytest.raises(LifecycleError):
            journey.stage_at(at)


# Errors and pickles


@settings(max_examples=60)
@given(halves())
def test_an_error_leaves_everything_as_it_was(
    half: tuple[World, Customer, list[Event], datetime],
) -> None:
    """Rule 17: a call that raises has changed nothing; the customer passed in is still good."""
    world, customer, coming, to = half
    untouched = copied(customer)
    for error, call in wrong_calls(world.lifecycle, customer, to):
        with pytest.raises(error):
            call()
        assert customer == untouched
    assert future(world.lifecycle, customer, coming, to) == future(
        world.lifecycle, untouched, coming, to
    )


def wrong_calls(
    lifecycle: Lifecycle, customer: Customer, to: datetime
) -> Iterable[tuple[type[LifecycleError], Callable[[], object]]]:
    """Yield calls that must raise, and what they raise."""
    name = oracle.known_names(lifecycle)[0]
    tick = timedelta(microseconds=1)
    late = Event(name, moved(customer.seen, -tick, customer.seen.tzinfo))
    other = to.replace(tzinfo=UTC) if to.tzinfo is None else to.replace(tzinfo=None)
    if not oracle.stage_of(lifecycle, customer.stage).final:
        yield OutOfOrderError, lambda: lifecycle.apply(customer, late)
    yield UnknownNameError, lambda: lifecycle.apply(customer, Event("nothing known", to))
    yield MixedInstantsError, lambda: lifecycle.apply(customer, Event(name, other))
    yield MixedInstantsError, lambda: lifecycle.advance(customer, to=other)
    yield MixedInstantsError, lambda: lifecycle.replay("ann", [Event(name, other)], until=to)


@settings(max_examples=50)
@given(worlds())
def test_a_journey_outlives_a_failed_amend(world: World) -> None:
    """Rule 12: a repeated id with different content raises. Rule 17: nothing is lost."""
    first = replayed(world).events[0]
    given_id = Event(first.name, first.at, id="twice", value=1)
    journey, _ = replayed(world).amend(given_id)
    untouched = copied(journey)
    for wrong in (
        Event(first.name, first.at, id="twice", value=2),
        Event("nothing known", first.at),
        Event(first.name, moved(journey.customer.enrolled, timedelta(days=-1), None))
        if first.at.tzinfo is None and world.since is not None
        else Event("nothing known either", first.at),
    ):
        with pytest.raises(LifecycleError):
            journey.amend(wrong)
        assert journey == untouched
    with pytest.raises(DuplicateEventError):
        journey.amend(Event(first.name, first.at, id="twice", value=3))


@settings(max_examples=50)
@given(worlds())
def test_pickles_round_trip(world: World) -> None:
    """Law: pickles round-trip."""
    journey = replayed(world)
    for thing in (
        world.lifecycle,
        *world.lifecycle.transitions,
        *world.lifecycle.stages,
        *world.events,
        *journey.changes,
        *journey.stays,
        journey.customer,
        world.lifecycle.due(journey.customer),
        journey,
    ):
        copy = copied(thing)
        assert copy == thing
        assert type(copy) is type(thing)


@settings(max_examples=50)
@given(halves())
def test_what_was_pickled_goes_on_the_same(
    half: tuple[World, Customer, list[Event], datetime],
) -> None:
    """Law: pickles round-trip: a copied definition takes a copied customer the same way."""
    world, customer, coming, to = half
    lifecycle, copy = copied((world.lifecycle, customer))
    assert future(lifecycle, copy, coming, to) == future(world.lifecycle, customer, coming, to)
