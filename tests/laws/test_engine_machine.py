"""The engine and the oracle walk through one customer's life side by side."""

import copy
import json
import pickle
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import oracle
from lifecycle import Customer, Event, Lifecycle, StageChange, Transition
from lifecycle.errors import NotPermittedError, OutOfOrderError
from strategies import VALUES, Clock, clocks, facts, happened, lifecycles, moved

instant = oracle.instant
settled = clocks().flatmap(lambda clock: st.tuples(st.just(clock), lifecycles(clock.pace)))


WAYS: tuple[Callable[[Customer], Customer], ...] = (
    lambda customer: pickle.loads(pickle.dumps(customer)),  # noqa: S301  (own bytes)
    lambda customer: Customer.from_dict(json.loads(json.dumps(customer.to_dict()))),
    copy.deepcopy,
    attrs.evolve,
)


class SideBySide(RuleBasedStateMachine):
    """Every call goes to both, and both must say the same."""

    @initialize(settled=settled, values=st.sampled_from(VALUES), attributes=st.booleans())
    def enroll(
        self, settled: tuple[Clock, Lifecycle], values: tuple[Any, ...], *, attributes: bool
    ) -> None:
        """Begin with a definition, and a customer of it."""
        self.clock, self.lifecycle = settled
        self.facts = facts(values, self.clock.zones)
        self.attributes = {"plan": "free"} if attributes else None
        at = self.clock.start
        self.customer = self.lifecycle.enroll("ann", at=at, attributes=self.attributes)
        self.state = oracle.enroll(self.lifecycle, at, attributes=self.attributes)
        self.log: list[Event] = []
        self.now = at

    @rule(data=st.data())
    def apply(self, data: st.DataObject) -> None:
        """Events are facts: a known event is never refused."""
        event = self.event(data, data.draw(self.clock.instants(self.state.seen)))
        self.state, changes = oracle.apply(self.lifecycle, self.state, event)
        self.customer, found = self.lifecycle.apply(self.customer, event)
        self.happened(event)
        self.agree(found, changes)

    @rule(data=st.data())
    def fire(self, data: st.DataObject) -> None:
        """Commands are requests: one that matches no transition leaves all as it was."""
        event = self.event(data, data.draw(self.clock.instants(self.state.seen)))
        state, changes = oracle.apply(self.lifecycle, self.state, event)
        if not changes or changes[-1].cause != "event":
            with pytest.raises(NotPermittedError):
                self.lifecycle.fire(self.customer, event)
            return
        self.state = state
        self.customer, found = self.lifecycle.fire(self.customer, event)
        self.happened(event)
        self.agree(found, changes)

    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        """A time-out's change is dated at its deadline, however late anyone looks."""
        to = data.draw(self.clock.instants(self.state.seen, steps=2))
        before = self.customer
        self.state, changes = oracle.advance(self.lifecycle, self.state, to)
        self.customer, found = self.lifecycle.advance(self.customer, to=to)
        self.now = max(self.now, to, key=instant)
        self.agree(found, changes)
        assert changes or self.customer == before

    @rule(steps=st.integers(1, 3))
    def advance_to_before(self, steps: int) -> None:
        """Nothing is due before what the customer has seen."""
        outcome = self.lifecycle.advance(self.customer, to=self.earlier(steps))
        assert outcome == (self.customer, ())

    @precondition(lambda self: not oracle.stage_of(self.lifecycle, self.state.stage).final)
    @rule(data=st.data(), steps=st.integers(1, 3))
    def apply_too_late(self, data: st.DataObject, steps: int) -> None:
        """An event before what the customer has seen raises."""
        event = self.event(data, self.earlier(steps))
        with pytest.raises(OutOfOrderError):
            self.lifecycle.apply(self.customer, event)

    @precondition(lambda self: self.log)
    @rule(data=st.data())
    def amend(self, data: st.DataObject) -> None:
        """A late event goes through the journey, and the customer goes on from there."""
        told = {"since": self.clock.start, "attributes": self.attributes, "until": self.now}
        journey = self.lifecycle.replay("ann", self.log, **told)
        late = self.event(data, data.draw(self.clock.instants(steps=3)))
        self.log.append(late)
        history = oracle.replay(self.lifecycle, self.log, **told)
        journey, _ = journey.amend(late)
        self.agree(journey.changes, history.changes)
        self.customer, self.state = journey.customer, history.state

    @rule(way=st.sampled_from(WAYS))
    def remember(self, way: Callable[[Customer], Customer]) -> None:
        """A customer that was stored and read again, or copied, goes on the same."""
        self.customer = way(self.customer)

    @invariant()
    def both_know_the_same(self) -> None:
        """The two snapshots are one."""
        assert self.customer.stage == self.state.stage
        assert dict(self.customer.attributes) == self.state.attributes
        assert [
            instant(at)
            for at in (self.customer.enrolled, self.customer.entered, self.customer.seen)
        ] == [instant(at) for at in (self.state.enrolled, self.state.entered, self.state.seen)]

    @invariant()
    def both_wait_for_the_same(self) -> None:
        """The next time-out that will be taken if nothing happens is one."""
        due, expected = self.lifecycle.due(self.customer), oracle.due(self.lifecycle, self.state)
        if due is None or expected is None:
            assert due is expected
        else:
            found = (instant(due.at), due.transition, due.milestone)
            assert found == (instant(expected.at), self.taken(expected), expected.milestone)

    def event(self, data: st.DataObject, at: datetime) -> Event:
        """Draw an event with an id of its own, or none."""
        row = data.draw(self.facts)
        return happened(row, at, id=data.draw(st.sampled_from((None, f"e{len(self.log)}"))))

    def earlier(self, steps: int) -> datetime:
        """Give an instant before what the customer has seen."""
        return moved(self.state.seen, timedelta(hours=-steps), self.clock.zones[-1])

    def happened(self, event: Event) -> None:
        """Note an event for the journey."""
        self.log.append(event)
        self.now = max(self.now, event.at, key=instant)

    def agree(self, found: Sequence[StageChange], expected: Sequence[oracle.Change]) -> None:
        """Compare changes by all that both know of them."""
        assert [
            (instant(c.at), c.source, c.target, c.kind, c.cause, c.transition, c.milestone)
            for c in found
        ] == [
            (instant(c.at), c.source, c.target, c.kind, c.cause, self.taken(c), c.milestone)
            for c in expected
        ]

    def taken(self, change: oracle.Change) -> Transition | None:
        """Return the transition of a change; a milestone has none."""
        way = change.transition
        return None if way is None else self.lifecycle.transitions[way]


def test_engine_and_oracle_walk_side_by_side() -> None:
    """All rules, step by step: `enroll`, `apply`, `fire`, `advance`, `due`, `amend`."""
    run_state_machine_as_test(
        SideBySide,
        settings=settings(
            max_examples=settings().max_examples * 6 // 10,
            stateful_step_count=20,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
