"""Definitions that are drawn are sound, and of every kind."""

import sys
from collections.abc import Callable
from importlib import import_module

import pytest
from hypothesis import Phase, find, given, settings

from lifecycle import Event, Lifecycle, testing
from lifecycle.engine.conditions import is_data
from lifecycle.errors import InvalidTypeError, MissingExtraError, UnknownNameError
from lifecycle.testing.definitions import (
    EVENTS,
    stands_in_a_long_name,
    was_given_a_plan,
)
from samples import SHOP, START, refusal


@given(testing.lifecycles())
def test_a_definition_knows_its_events_and_can_be_stored(drawn: Lifecycle) -> None:
    assert set(drawn._tables.reactions) == set(EVENTS)
    assert Lifecycle.from_dict(drawn.to_dict()) == drawn


KINDS: dict[str, Callable[[Lifecycle], bool]] = {
    "a final stage": lambda drawn: any(stage.final for stage in drawn.stages),
    "six stages": lambda drawn: len(drawn.stages) == 6,
    "a time-out with a condition": lambda drawn: any(
        way.after is not None and way.when is not None for way in drawn.transitions
    ),
    "its own activity": lambda drawn: drawn.activity is not None,
    "several sources": lambda drawn: any(len(way.sources) > 1 for way in drawn.transitions),
    "a calendar length": lambda drawn: any(
        way.after is not None and getattr(way.after.length, "months", 0)
        for way in drawn.transitions
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pace", ["hours", "days"])
def test_definitions_of_every_kind_are_drawn(kind: str, pace: str) -> None:
    quick = settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate])
    assert KINDS[kind](find(testing.lifecycles(pace=pace), KINDS[kind], settings=quick))  # type: ignore[arg-type]


def has_code(drawn: Lifecycle) -> bool:
    return any(way.when is not None and not is_data(way.when) for way in drawn.transitions)


def test_conditions_are_code_only_where_asked_for() -> None:
    quick = settings(max_examples=500, derandomize=True, database=None, phases=[Phase.generate])
    assert has_code(find(testing.lifecycles(code=True), has_code, settings=quick))

    @settings(max_examples=50)
    @given(testing.lifecycles())
    def none(drawn: Lifecycle) -> None:
        assert not has_code(drawn)

    none()


def test_conditions_that_are_code_look_at_the_customer_and_the_event() -> None:
    ann = SHOP.enroll("ann", at=START, attributes={"plan": "gold"})
    bob = SHOP.enroll("bob", at=START, stage="lead")
    two = Event("purchase", START, value=2)
    one = Event("purchase", START, value=1)
    assert [was_given_a_plan(who, what) for who, what in ((ann, one), (bob, one))] == [True, False]
    assert was_given_a_plan(bob, None)
    assert stands_in_a_long_name(ann, None)
    assert [stands_in_a_long_name(bob, what) for what in (two, one, None)] == [True, False, False]


# Where Hypothesis is missing


def forget(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """Let modules be imported anew without Hypothesis, and come back after the test."""
    for module in [name for name in sys.modules if name.startswith(prefix)]:
        package, _, name = module.rpartition(".")
        monkeypatch.setattr(sys.modules[package], name, sys.modules[module])
    for module in [name for name in sys.modules if name.startswith(prefix)]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "hypothesis", None)


@pytest.mark.parametrize("name", ["events", "journeys", "lifecycles", "logs"])
def test_without_hypothesis_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "lifecycle.testing.")
    assert refusal(MissingExtraError, lambda: getattr(testing, name)) == (
        "hypothesis must be installed: pip install 'customer-lifecycle[testing]'"
    )


def test_without_hypothesis_there_are_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, "lifecycle.testing")
    assert len(import_module("lifecycle.testing").paths(SHOP)) == 21


def test_the_door_shows_what_it_has() -> None:
    assert dir(testing) == sorted(testing.__all__)
    assert refusal(AttributeError, lambda: testing.strategies) == (  # type: ignore[attr-defined]
        "module 'lifecycle.testing' has no attribute 'strategies'"
    )


def test_a_wrong_argument_is_named() -> None:
    assert refusal(UnknownNameError, lambda: testing.lifecycles(pace="weeks")) == (  # type: ignore[arg-type]
        "pace must be one of 'hours', 'days', got 'weeks'"
    )
    assert refusal(InvalidTypeError, lambda: testing.lifecycles(code=1)) == (  # type: ignore[arg-type]
        "code must be True or False, got 1 (int)"
    )
