"""How a customer moves: pure functions over the tables of a definition.

A customer carries the instant of the next time-out that will be taken if nothing
happens (`_due`). It is found once, when the customer changes, so that looking costs
one comparison. Three facts make it enough:

- A time-out's deadline depends only on what the customer remembers, so it moves only
  when an event is counted or a stage is entered.
- A condition is examined at the deadline with what the customer remembers, so its
  outcome is known as soon as the deadline is.
- After an event that moved nobody, deadlines up to that instant have been examined
  and rest; after a stage was entered, none has.
"""

from datetime import datetime, tzinfo
from typing import Any

from lifecycle import _checks
from lifecycle._values import twin
from lifecycle.engine.changes import Outcome, StageChange
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event
from lifecycle.engine.stages import Stage
from lifecycle.engine.tables import Edge, Reaction, Row, Tables, Timer
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    OutOfOrderError,
    UnknownNameError,
    WrongDefinitionError,
)

__all__ = ["advance", "apply", "bound", "chosen", "counted", "due", "enroll", "ready"]

_CustomerDraft, _customer = twin(Customer)
_ChangeDraft, _change = twin(StageChange)


def enroll(  # noqa: PLR0913  (the fields of a customer)
    tables: Tables,
    stage: Stage,
    at: datetime,
    *,
    id: str | int,  # noqa: A002  (the field's name)
    attributes: _checks.Attributes,
    referred_by: str | int | None,
) -> Customer:
    """Return a new customer in a stage."""
    draft = _CustomerDraft()
    draft.id = id
    draft._stage = stage
    draft.enrolled = draft.entered = at
    draft.last_activity = None
    draft.seen = _checks.utc(at)
    draft.attributes = attributes
    draft.referred_by = referred_by
    draft._memory = tables.blank
    draft._due = None
    draft._due = _next_due(tables.rows[stage.name], draft, rested=None)
    return _customer(draft)


def apply(tables: Tables, customer: Customer, event: Event) -> Outcome:
    """Take the deadlines due by an event, count it, and take its transition if one matches."""
    reaction = reaction_of(tables, event)
    customer, changes = ready(tables, customer, event)
    row = tables.rows[customer._stage.name]
    if row.stage.final:
        return Outcome(customer, changes)
    draft = counted(customer, event, reaction)
    edge = chosen(row, draft, event)
    if edge is None:
        draft._due = _next_due(row, draft, rested=event._instant)
    else:
        changes = (*changes, _move(tables, draft, edge, event.at, event._instant, event))
    return Outcome(_customer(draft), changes)


def advance(tables: Tables, customer: Customer, to: datetime) -> Outcome:
    """Take every deadline due by an instant, each dated at its own deadline."""
    customer = bound(tables, customer)
    instant = _checks.utc(to)
    following = customer._due
    try:
        waits = instant < (following or customer.seen)
    except TypeError:
        raise MixedInstantsError("to", to, "customer.seen", customer.seen) from None
    if waits or following is None:
        return Outcome(customer, ())
    changes = []
    while following is not None and following <= instant:
        timer = running(tables, customer)
        draft = _draft(customer)
        at = _localised(following, timer.base(customer).tzinfo)
        changes.append(_move(tables, draft, timer.edge, at, following, None))
        customer = _customer(draft)
        following = customer._due
    return Outcome(customer, tuple(changes))


def due(tables: Tables, customer: Customer) -> tuple[datetime, Timer] | None:
    """Return the next time-out that will be taken if nothing happens, and when."""
    customer = bound(tables, customer)
    if customer._due is None:
        return None
    timer = running(tables, customer)
    return _localised(customer._due, timer.base(customer).tzinfo), timer


def bound(tables: Tables, customer: Customer) -> Customer:
    """Return the customer as one of this definition's, however it came here.

    A customer that was stored and loaded again carries an equal layout, not the same
    one; its stage and its next deadline are then taken from the definition.
    """
    if not isinstance(customer, Customer):
        raise InvalidTypeError("customer", customer, "be a Customer, as enroll returns it")
    layout = customer._memory[0]
    if layout is tables.layout:
        return customer
    row = tables.rows.get(customer.stage)
    if layout != tables.layout or row is None:
        belongs, given = layout[:2], tables.layout[:2]
        raise WrongDefinitionError(customer.id, belongs, given)
    examined = None if customer._due == customer.seen else customer.seen
    draft = _draft(customer)
    draft._stage = row.stage
    draft._memory = (tables.layout, *customer._memory[1:])
    draft._due = _next_due(row, draft, rested=examined)
    return _customer(draft)


def ready(tables: Tables, customer: Customer, event: Event) -> Outcome:
    """Take the deadlines due by an event, those at its very instant included."""
    customer = bound(tables, customer)
    instant = event._instant
    try:
        late = instant < customer.seen
    except TypeError:
        raise MixedInstantsError("event.at", event.at, "customer.seen", customer.seen) from None
    if late:
        raise OutOfOrderError(customer.id, event, customer.seen)
    if customer._due is None or instant < customer._due:
        return Outcome(customer, ())
    return advance(tables, customer, event.at)


def counted(customer: Customer, event: Event, reaction: Reaction) -> Any:
    """Return a draft of the customer with the event counted, still in the stage it was in."""
    draft = _draft(customer)
    draft.seen = event._instant
    if reaction.active:
        draft.last_activity = event.at
    if event.sets is not _checks.NO_ATTRIBUTES:
        draft.attributes = _checks.Attributes({**customer.attributes, **event.sets})
    if reaction.updates:
        memory = list(customer._memory)
        for slot, update in reaction.updates:
            memory[slot] = update(memory[slot], event)
        draft._memory = tuple(memory)
    return draft


def chosen(row: Row, draft: Any, event: Event) -> Edge | None:
    """Return the first transition of the event whose condition holds."""
    for edge in row.moves.get(event.name, ()):
        if edge.test is None or edge.test(draft, event, event.at):
            return edge
    return None


def running(tables: Tables, customer: Customer) -> Timer:
    """Return the time-out that will be taken at the customer's next deadline."""
    at = customer._due
    for timer in tables.rows[customer._stage.name].timers:
        if at is not None and timer.due(customer) == at and _holds(timer, customer, at):
            return timer
    expected = "give the same answer each time it is asked about the same customer"
    raise InvalidValueError("the condition of a time-out", customer, expected)


def reaction_of(tables: Tables, event: Event) -> Reaction:
    if not isinstance(event, Event):
        raise InvalidTypeError("event", event, "be an Event")
    reaction = tables.reactions.get(event.name)
    if reaction is None:
        raise UnknownNameError("event.name", event.name, tables.reactions)
    return reaction


def _next_due(row: Row, draft: Any, *, rested: datetime | None) -> datetime | None:
    """Find the next time-out that will be taken; those due up to `rested` have been examined."""
    first: datetime | None = None
    for timer in row.timers:
        at = timer.due(draft)
        if at is None or (rested is not None and at <= rested):
            continue
        if (first is None or at < first) and _holds(timer, draft, at):
            first = at
    return first


def _holds(timer: Timer, customer: Any, at: datetime) -> bool:
    test = timer.edge.test
    if test is None:
        return True
    return test(customer, None, _localised(at, timer.base(customer).tzinfo))


def _localised(at: datetime, zone: tzinfo | None) -> datetime:
    """Return an instant in the zone from which it was counted."""
    if at.tzinfo is zone:
        return at
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at


def _move(  # noqa: PLR0913, PLR0917  (`instant` is `at` in UTC, known already)
    tables: Tables, draft: Any, edge: Edge, at: datetime, instant: datetime, event: Event | None
) -> StageChange:
    """Let a draft enter the target of an edge, and return the change that records it."""
    change = _ChangeDraft()
    change.customer = draft.id
    change.at = at
    change.source = draft._stage.name
    change.target = edge.target.name
    change.kind = edge.kind
    change.cause = "timeout" if event is None else "event"
    change.transition = edge.transition
    change.event = event
    draft._stage = edge.target
    draft.entered = at
    draft.seen = instant
    if tables.resets:
        memory = list(draft._memory)
        for slot, blank in tables.resets:
            memory[slot] = blank
        draft._memory = tuple(memory)
    draft._due = _next_due(tables.rows[edge.target.name], draft, rested=None)
    return _change(change)


def _draft(customer: Customer) -> Any:
    draft = _CustomerDraft()
    draft.id = customer.id
    draft._stage = customer._stage
    draft.enrolled = customer.enrolled
    draft.entered = customer.entered
    draft.last_activity = customer.last_activity
    draft.seen = customer.seen
    draft.attributes = customer.attributes
    draft.referred_by = customer.referred_by
    draft._memory = customer._memory
    draft._due = customer._due
    return draft
