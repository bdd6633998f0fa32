"""The laws of stored data, each for any definition and any log."""

import copy
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs
import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import (
    Customer,
    Event,
    Journey,
    Lifecycle,
    StageChange,
    Transition,
    attribute,
    codec,
)
from lifecycle.engine.conditions import is_data
from lifecycle.errors import DataError, DefinitionError
from strategies import GAPS, World, lifecycles, worlds

SCHEMA = jsonschema.Draft202012Validator(codec.definition_schema())
IN_PLACE_OF_CODE = attribute("plan").equals("gold")


def sent(data: Any) -> Any:
    """Send data through text, as a store does."""
    return json.loads(json.dumps(data, allow_nan=False))


def stored(thing: Any) -> Any:
    """Give what storing and loading makes of a value."""
    return type(thing).from_dict(sent(thing.to_dict()))


def in_data(lifecycle: Lifecycle) -> Lifecycle:
    """Give the definition with data in place of each condition that is code."""
    return attrs.evolve(lifecycle, transitions=[*map(_in_data, lifecycle.transitions)])


def _in_data(way: Transition) -> Transition:
    if way.when is None or is_data(way.when):
        return way
    return attrs.evolve(way, when=IN_PLACE_OF_CODE)


definitions = st.sampled_from(sorted(GAPS)).flatmap(lifecycles).map(in_data)


@st.composite
def stories(draw: st.DrawFn) -> World:
    """Draw a definition whose conditions are data, and a log."""
    world = draw(worlds())
    return world._replace(lifecycle=in_data(world.lifecycle))


def replayed(world: World, **told: Any) -> Journey:
    """Replay a world's log, with other events or another end if told."""
    told = {"events": world.events, "until": world.until, **world.told, **told}
    return world.lifecycle.replay("ann", told.pop("events"), **told)


class Life:
    """A customer step by step: before each event, and after the last."""

    def __init__(self, world: World) -> None:
        self.definition = world.lifecycle
        self.log: Sequence[Event] = replayed(world, until=None).events
        self.customers: list[Customer] = [
            world.lifecycle.enroll(
                "ann",
                at=world.since or self.log[0].at,
                stage=world.stage,
                attributes=world.attributes,
                referred_by=7,
            )
        ]
        self.changes: list[StageChange] = []
        for event in self.log:
            customer, changes = world.lifecycle.apply(self.customers[-1], event)
            self.customers.append(customer)
            self.changes += changes


# Both ways


@given(definitions)
def test_a_stored_definition_is_the_same(definition: Lifecycle) -> None:
    """Law: `from_dict(to_dict(x)) == x`, through JSON, for definitions."""
    found = stored(definition)
    assert found == definition
    assert repr(found) == repr(definition)
    assert found.to_dict() == definition.to_dict()


@given(stories())
def test_stored_events_and_changes_are_the_same(world: World) -> None:
    """Law: `from_dict(to_dict(x)) == x`, through JSON, for events and stage changes."""
    for thing in (*world.events, *replayed(world).changes):
        found = stored(thing)
        assert found == thing
        assert found.at.isoformat() == thing.at.isoformat()
        assert found.at.tzinfo == thing.at.tzinfo
        assert repr(found) == repr(thing)


@settings(max_examples=50)
@given(stories())
def test_stored_customers_are_the_same(world: World) -> None:
    """Law: `from_dict(to_dict(x)) == x`, through JSON, for customers at any point of life."""
    for customer in Life(world).customers:
        found = stored(customer)
        assert found == customer
        assert hash(found) == hash(customer)
        assert found._memory == customer._memory
        assert found.to_dict() == customer.to_dict()


@given(stories())
def test_stored_journeys_are_the_same(world: World) -> None:
    """Law: `from_dict(to_dict(x)) == x`, through JSON, for journeys."""
    journey = replayed(world)
    found = stored(journey)
    assert found == journey
    assert found.stays == journey.stays
    assert found.to_dict() == journey.to_dict()


@settings(max_examples=50)
@given(stories())
def test_what_is_written_need_not_be_told_what_it_is(world: World) -> None:
    """Front door: `codec.from_dict` finds the type in the data."""
    journey = replayed(world)
    things = (world.lifecycle, journey, journey.customer, *journey.changes, *world.events)
    for thing in things:
        found = codec.from_dict(sent(codec.to_dict(thing)))
        assert type(found) is type(thing)
        assert found == thing


# Going on


@settings(max_examples=50)
@given(stories(), st.data())
def test_a_stored_customer_goes_on_as_if_it_had_not_been_stored(
    world: World, data: st.DataObject
) -> None:
    """Law: looking never changes what comes, and storing is looking."""
    life = Life(world)
    definition, last = stored(life.definition), life.log[-1].at
    to = data.draw(world.clock.instants(last, steps=4))
    for customer, event in zip(life.customers, life.log, strict=False):
        loaded = stored(customer)
        assert definition.due(loaded) == life.definition.due(customer)
        assert definition.explain(loaded, event) == life.definition.explain(customer, event)
        assert definition.apply(loaded, event) == life.definition.apply(customer, event)
        _same_end(life.definition, customer, to)
    _same_end(life.definition, life.customers[-1], to)


def _same_end(definition: Lifecycle, customer: Customer, to: datetime) -> None:
    whole = definition.advance(customer, to=to)
    found = definition.advance(stored(customer), to=to)
    assert found == whole
    assert stored(found.customer) == whole.customer


@settings(max_examples=50)
@given(stories())
def test_a_customer_that_is_stored_after_every_event_ends_as_the_others(world: World) -> None:
    """Law: storing anywhere, any number of times, makes no difference."""
    life = Life(world)
    customer, changes = stored(life.customers[0]), []
    for event in life.log:
        customer, made = stored(life.definition).apply(customer, stored(event))
        customer, changes = stored(customer), [*changes, *map(stored, made)]
    assert customer == life.customers[-1]
    assert changes == life.changes


@settings(max_examples=50)
@given(stories(), st.data())
def test_a_stored_journey_is_amended_as_if_it_had_not_been_stored(
    world: World, data: st.DataObject
) -> None:
    """Law: `amend` equals replaying everything, also after loading."""
    cut = data.draw(st.integers(1, len(world.events)))
    since = world.since or world.clock.start
    journey = replayed(world, events=world.events[:cut], since=since)
    late = world.events[cut:]
    assert stored(journey).amend(*map(stored, late)) == journey.amend(*late)


# Fingerprints and schema


@given(definitions)
def test_equal_definitions_share_a_fingerprint(definition: Lifecycle) -> None:
    """Front door: a fingerprint is one text for equal definitions."""
    made_anew = Lifecycle(
        **{
            name: list(given) if isinstance(given, tuple) else given
            for name, given in parts(definition)
        }
    )
    assert made_anew == definition
    assert made_anew.fingerprint == definition.fingerprint == stored(definition).fingerprint
    assert len(definition.fingerprint) == 64


def parts(definition: Lifecycle) -> list[tuple[str, Any]]:
    return [
        (field.alias, getattr(definition, field.name))
        for field in attrs.fields(Lifecycle)
        if field.init
    ]


@given(definitions, st.data())
def test_a_change_of_a_definition_changes_its_fingerprint(
    definition: Lifecycle, data: st.DataObject
) -> None:
    """Front door: no two definitions that differ share a fingerprint."""
    stages, ways = definition.stages, definition.transitions
    place = data.draw(st.integers(0, len(ways) - 1))
    way = ways[place]
    condition = attribute("never").equals("seen")
    when = condition if way.when is None else way.when & condition  # type: ignore[operator]
    options: list[Mapping[str, Any]] = [
        {"name": definition.name + "!"},
        {"version": definition.version + 1},
        {"initial": next(each.name for each in stages if each.name != definition.initial)},
        {"stages": stages[::-1]},
        {"stages": (attrs.evolve(stages[0], label="Other"), *stages[1:])},
        {"transitions": ways[:-1], "events": (*definition.events, *missing(definition))},
        {"transitions": (*ways[:place], attrs.evolve(way, when=when), *ways[place + 1 :])},
        {"activity": () if definition.activity is None else None, "events": every(definition)},
        {"events": (*definition.events, "other")},
    ]
    try:
        other = attrs.evolve(definition, **data.draw(st.sampled_from(options)))
    except DefinitionError:  # what was drawn may have needed what is left out
        return
    assert other != definition
    assert other.fingerprint != definition.fingerprint
    assert stored(other) != definition


def missing(definition: Lifecycle) -> list[str]:
    """Give the events that only the last transition names, so that they stay known."""
    way, named = definition.transitions[-1], every_on(definition.transitions[:-1])
    known = {*named, *(definition.activity or ()), *definition.events}
    return [] if way.on is None or way.on in known else [way.on]


def every(definition: Lifecycle) -> list[str]:
    found = [*every_on(definition.transitions), *(definition.activity or ()), *definition.events]
    return list(dict.fromkeys(found))


def every_on(ways: Sequence[Transition]) -> list[str]:
    return [way.on for way in ways if way.on is not None]


@given(definitions, definitions)
def test_two_definitions_are_equal_if_their_fingerprints_are(
    one: Lifecycle, other: Lifecycle
) -> None:
    """Front door: a fingerprint is a text that equal definitions share, and no others."""
    assert (one == other) == (one.fingerprint == other.fingerprint)


@given(definitions)
def test_what_is_written_is_valid(definition: Lifecycle) -> None:
    """Front door: `definition_schema` describes what `to_dict` writes."""
    SCHEMA.validate(sent(definition.to_dict()))


# Odd data


nothing_json_lacks = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(stories(), st.data())
def test_odd_data_is_read_or_refused_in_words(world: World, data: st.DataObject) -> None:
    """Whatever JSON puts anywhere, only a `DefinitionError` or a `DataError` comes out."""
    journey = replayed(world)
    thing = data.draw(
        st.sampled_from((world.lifecycle, journey, journey.customer, world.events[0]))
    )
    odd = copy.deepcopy(sent(thing.to_dict()))
    place, key = odd, data.draw(st.sampled_from(sorted(odd)))
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 4)):
        place = place[key]
        keys = range(len(place)) if isinstance(place, list) else sorted(place)
        key = data.draw(st.sampled_from(keys))
    place[key] = data.draw(nothing_json_lacks)
    try:
        found = type(thing).from_dict(odd)
    except (DefinitionError, DataError) as error:
        assert str(error)  # noqa: PT017
    else:
        assert stored(found) == found
