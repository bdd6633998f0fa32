"""Why an event would move a customer, and why not."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

from lifecycle._values import call
from lifecycle.engine import _step
from lifecycle.engine._compiled import Tables
from lifecycle.engine._evaluation import reader, test
from lifecycle.engine._memory import Tally
from lifecycle.engine._timers import Edge
from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Condition,
    called,
    criteria,
    is_data,
)
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event, read_in
from lifecycle.engine.transitions import Predicate, Transition
from lifecycle.errors import MixedInstantsError, OutOfOrderError, TooManyChangesError

__all__ = ["Decision", "Reason"]

Slots: TypeAlias = Mapping[Tally, int]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Reason:
    """One reason why an event, or a time-out, does not move a customer.

    Attributes:
        code: "unmet" (a condition does not hold), "raised" (a condition that is code raised
            an error, as `apply` would), "elsewhere" (the event moves customers of other
            stages), "nowhere" (the event moves nobody) or "final" (the stage has no way out).
        message: The same in words.
        transition: For "unmet" and "raised", the transition whose condition it is; None for that
            of a milestone, and where a time-out that is due before the event raised.
        condition: For "unmet" and "raised", the condition: a comparison where it is data.
        actual: For "unmet", what was read; None where the value is missing.
        stages: For "elsewhere", the stages in which the event would move the customer.
    """

    code: Literal["unmet", "raised", "elsewhere", "nowhere", "final"]
    message: str
    transition: Transition | None = None
    condition: Condition | Predicate | None = None
    actual: object = None
    stages: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        return self.message


@attrs.frozen(repr=False, weakref_slot=False)
class Decision:
    """Whether an event would move a customer, and why.

    Attributes:
        permitted: Whether a transition would be taken.
        transition: Which one; None where none would.
        reasons: What prevents each transition that comes first and is not
            taken, and of the event as a whole where none is.
    """

    permitted: bool
    transition: Transition | None
    reasons: tuple[Reason, ...]

    def __repr__(self) -> str:
        return call(self, "permitted", "transition", "reasons")


_REFUSALS = (MixedInstantsError, OutOfOrderError, TooManyChangesError)
"""What is wrong with the event or the definition, and not with a condition."""


def explain(tables: Tables, customer: Customer, event: Event) -> Decision:
    """Decide on an event as `apply` would, and say why."""
    reaction = _step.reaction_of(tables, event)
    customer = _step.bound(tables, customer)
    try:
        customer, _ = _step.ready(tables, customer, event)
    except _REFUSALS:
        raise
    except Exception as error:  # noqa: BLE001  (the condition of a time-out is anyone's code)
        message = f"before the event, the condition of a time-out {_raised(error)}"
        return _refused(Reason(code="raised", message=message))
    row = tables.rows[customer.stage]
    if row.final:
        message = f"stage {customer.stage!r} is final: nothing leads out of it"
        return _refused(Reason(code="final", message=message))
    zone = customer._origin.zone
    if zone is not None:
        event = read_in(zone, event)
    draft = _step.counted(customer, event, reaction)
    decision = _decided(row.moves.get(event.name, ()), tables.slots, draft, event)
    if decision.permitted or decision.reasons:
        return decision
    return _refused(_elsewhere(tables, customer, event.name))


def _decided(edges: Iterable[Edge], slots: Slots, draft: Any, event: Event) -> Decision:
    """Ask the conditions in their order, up to one that holds or raises."""
    reasons: list[Reason] = []
    for edge in edges:
        try:
            if edge.test is None or edge.test(draft, event, event.at):
                return Decision(True, edge.transition, tuple(reasons))
        except Exception as error:  # noqa: BLE001  (a condition may be anyone's code)
            return _refused(*reasons, broken(edge, error))
        reasons += unmet(edge, slots, draft, event, event.at)
    return _refused(*reasons)


def _refused(*reasons: Reason) -> Decision:
    return Decision(False, None, reasons)


def options(tables: Tables, customer: Customer, at: datetime) -> dict[str, Decision]:
    """Decide on each event the lifecycle knows, in the order in which it names them."""
    return {name: explain(tables, customer, Event(name, at)) for name in tables.reactions}


def broken(edge: Edge, error: Exception) -> Reason:
    """Return the reason that the condition of an edge has raised an error."""
    when = edge.way.when
    assert when is not None  # noqa: S101  (it has raised)
    message = f"{_goal(edge)}, {called(when)} must hold, {_raised(error)}"
    return Reason(code="raised", message=message, transition=edge.transition, condition=when)


def _goal(edge: Edge) -> str:
    if edge.milestone is not None:
        return f"to reach {edge.milestone!r}"
    return f"to enter {edge.target.name!r}"


def _raised(error: Exception) -> str:
    return f"raised: {type(error).__name__}: {error}"


def _elsewhere(tables: Tables, customer: Customer, event: str) -> Reason:
    stages = tuple(tables.movers.get(event, ()))
    if not stages:
        return Reason(code="nowhere", message=f"{event!r} moves customers of no stage")
    listed = ", ".join(map(repr, stages))
    message = f"{event!r} moves customers of {listed}, not of {customer.stage!r}"
    return Reason(code="elsewhere", message=message, stages=stages)


def unmet(
    edge: Edge, slots: Slots, draft: Any, event: Event | None, at: datetime
) -> Iterator[Reason]:
    """Yield the parts of the condition of an edge because of which it does not hold."""
    when = edge.way.when
    assert when is not None  # noqa: S101  (an edge without a condition is taken)
    for part in _failing(when, slots, draft, event, at):
        found = _readings(part, slots, draft, event, at)
        yield Reason(
            code="unmet",
            message=f"{_goal(edge)}, {_in_words(part, found)}",
            transition=edge.transition,
            condition=part,
            actual=found[0] if len(found) == 1 else tuple(found) or None,
        )


def _failing(
    condition: Condition | Predicate, slots: Slots, draft: Any, event: Event | None, at: datetime
) -> Iterator[Condition | Predicate]:
    """Yield the parts of a condition because of which it does not hold."""
    if is_data(condition) and test(condition, slots)(draft, event, at):
        return
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.conditions:
            yield from _failing(part, slots, draft, event, at)
    else:
        yield condition


def _readings(
    part: Condition | Predicate, slots: Slots, draft: Any, event: Event | None, at: datetime
) -> list[object]:
    if not is_data(part):
        return []
    return [reader(one.measure, slots)(draft, event, at) for one in criteria(part)]


def _in_words(part: Condition | Predicate, found: list[object]) -> str:
    if not is_data(part):
        return f"{called(part)} must hold"
    read = ", ".join("missing" if value is None else repr(value) for value in found)
    return f"{part!r} must hold, got {read}"
