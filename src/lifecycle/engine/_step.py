"""How a customer moves: pure functions over the tables of a definition.

A customer carries the instant of its earliest deadline that has not been examined yet
(`_due`). It is found once, when the customer changes, so that looking costs one
comparison. Two facts make it enough:

- A deadline depends only on what the customer remembers, so it moves only when an event
  is counted or a stage is entered.
- After an event that moved nobody, the deadlines up to that instant have been examined
  and rest, but for those that this very event has made due: a measure fell by it, or it has
  set what the time-out reads. These are due at the event itself. After a stage was entered,
  none has been examined. So nothing has to be examined before `_due`.
"""

from bisect import insort
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from lifecycle import _checks
from lifecycle._values import twin
from lifecycle.engine._compiled import Reaction, Tables
from lifecycle.engine._dwelling import restarted
from lifecycle.engine._memory import Midlife, StageEntry, Tie, tie_at, tied
from lifecycle.engine._tallies import Entering, begun
from lifecycle.engine._timers import AnyTimer, Edge, Row
from lifecycle.engine.changes import Outcome, StageChange
from lifecycle.engine.customers import (
    Customer,
    CustomerDraft,
    drafted,
    freeze,
)
from lifecycle.engine.enrollments import Enrollment, beginning
from lifecycle.engine.events import Event, read_in
from lifecycle.errors import (
    InvalidTypeError,
    MixedInstantsError,
    OutOfOrderError,
    TooManyChangesError,
    UnknownNameError,
    WrongDefinitionError,
)

__all__ = [
    "MOST",
    "advance",
    "apply",
    "bound",
    "count_entry",
    "counted",
    "due",
    "enroll",
    "enter",
    "examined",
    "move",
    "pending",
    "ready",
    "remain",
    "since",
    "too_many",
]

MOST = 100_000
"""How many time-outs one call takes at most: one a day for 273 years, or a loop without end."""

_SHOWN = 10
"""How many of the last stages an error names where they make no loop."""

_ChangeDraft, _change = twin(StageChange)
_NOTHING = _checks.NO_ATTRIBUTES
_new_tuple = tuple.__new__
"""`_new_tuple(Outcome, pair)` takes half the time of calling the class."""


def enroll(tables: Tables, enrollment: Enrollment) -> Customer:
    """Return a new customer who begins as an enrollment says."""
    usual = tables.origin
    origin = beginning(enrollment, usual.stage)
    row = tables.rows.get(origin.stage)
    if row is None:
        raise UnknownNameError("stage", origin.stage, tables.rows)
    tables.watch.check("attributes", enrollment.attributes, "at", enrollment.at)
    draft = CustomerDraft()
    draft.id = enrollment.id
    draft._stage = row.stage
    draft.enrolled = draft.entered = enrollment.at
    draft.last_activity = None
    draft.seen = _checks.utc(enrollment.at)
    draft.attributes = enrollment.attributes
    draft._origin = usual if origin == usual else origin
    draft._memory = tables.blank
    if origin.midlife is not None:
        _resume(tables, draft, origin.midlife)
    if row.entering:
        count_entry(draft, row.entering, StageEntry(None, draft.entered, draft.entered))
        _count_told(tables, draft)
    draft._due = None
    draft._due = _next_due(row, draft, draft.seen)
    return freeze(draft)


def _resume(tables: Tables, draft: Any, midlife: Midlife) -> None:
    """Set on a draft what its enrollment in mid-life says."""
    so_far = midlife.so_far
    for name in so_far:
        _checks.choice("a key of so_far", name, tables.reactions)
    active = [told.last for name, told in so_far.items() if tables.reactions[name].active]
    latest = max(filter(None, active), key=_checks.utc, default=None)
    draft.entered = midlife.entered or draft.enrolled
    draft.last_activity = midlife.last_activity or latest
    draft.seen = midlife.known
    if so_far:
        states = (begun(tally, so_far) for tally in tables.layout.tallies)
        draft._memory = (tables.layout, *states)


def _count_told(tables: Tables, draft: Any) -> None:
    """Let clocks that stand still count from an event after the entry, which was told."""
    memory = list(draft._memory)
    for tally, slot in tables.slots.items():
        if tally.kind == "idling":
            own = tables.slots.get(tally._replace(kind="last"))
            last = draft.last_activity if own is None else memory[own]
            if last is not None and _checks.utc(last) > _checks.utc(draft.entered):
                memory[slot] = restarted(memory[slot], last)
    draft._memory = tuple(memory)


def apply(tables: Tables, customer: Customer, event: Event, most: int = MOST) -> Outcome:
    """Take the deadlines due by an event, count it, and take its transition if one matches."""
    known = type(event) is Event and tables.reactions.get(event.name)
    reaction = known or reaction_of(tables, event)
    customer, changes = ready(tables, customer, event, most)
    row = tables.rows[customer._stage.name]
    if row.final:
        reaction.watch.check("event.sets", event.sets, "event.at", event.at)
        return _new_tuple(Outcome, (customer, changes))
    given, origin = event, customer._origin
    if origin.zone is not None:
        event = read_in(origin.zone, given)
    draft = counted(customer, event, reaction)
    for edge in row.moves.get(event.name, ()):
        if edge.test is None or edge.test(draft, event, event.at):
            change = move(tables, draft, edge, event.at, event._instant, given)
            changes = (*changes, change) if changes else (change,)
            break
    else:
        entered = _checks.utc(draft.entered) if origin.midlife is None else since(draft)
        draft._due = _next_due(row, draft, entered, event._instant)
    return _new_tuple(Outcome, (freeze(draft), changes))


def advance(tables: Tables, customer: Customer, to: datetime, most: int = MOST) -> Outcome:
    """Take every deadline due by an instant, each dated at its own deadline."""
    customer = bound(tables, customer)
    instant = _checks.utc(to)
    try:
        waits = instant < (customer._due or customer.seen)
    except TypeError:
        raise MixedInstantsError("to", to, "customer.seen", customer.seen) from None
    if waits:
        return _new_tuple(Outcome, (customer, ()))
    changes: list[StageChange] = []
    while found := _taken(tables, customer, instant):
        draft = drafted(customer)
        for at, timer in found:
            if len(changes) == most:
                raise too_many(customer, changes, most)
            changes.append(move(tables, draft, timer.edge, at, _checks.utc(at), None))
        customer = freeze(draft)
    return _new_tuple(Outcome, (customer, tuple(changes)))


def too_many(customer: Customer, changes: Sequence[StageChange], most: int) -> TooManyChangesError:
    """Return the error of a call in which time-outs have made too many changes."""
    return TooManyChangesError(customer.id, _loop(changes), changes[-1].at, most)


def _loop(changes: Sequence[StageChange]) -> list[str]:
    """Return the stages from where the last change ended until it came there again."""
    way = [changes[-1].target]
    for change in (change for change in reversed(changes) if change.is_move):
        way.append(change.source)
        if change.source == way[0]:
            return way[::-1]
    return way[_SHOWN::-1]


def due(
    tables: Tables, customer: Customer, *, milestones: bool = True
) -> tuple[datetime, Edge] | None:
    """Return the next time-out that will be taken if nothing happens, and when."""
    found = _taken(tables, bound(tables, customer), None, milestones=milestones)
    return (found[0][0], found[0][1].edge) if found else None


def bound(tables: Tables, customer: Customer) -> Customer:
    """Return the customer as one of this definition's, however it came here.

    A customer that the engine did not make (one that was stored and loaded again, or made
    by `attrs.evolve`) carries an equal layout, not the same one; its stage and its next
    deadline are then taken from the definition.
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
    tables.watch.check(
        "customer.attributes", customer.attributes, "customer.enrolled", customer.enrolled
    )
    draft = drafted(customer)
    draft._stage = row.stage
    draft._memory = (tables.layout, *customer._memory[1:])
    draft._due = _next_due(row, draft, since(customer), examined(customer))
    return freeze(draft)


def ready(
    tables: Tables, customer: Customer, event: Event, most: int = MOST
) -> tuple[Customer, tuple[StageChange, ...]]:
    """Take the deadlines due by an event, those at its very instant included."""
    if type(customer) is not Customer or customer._memory[0] is not tables.layout:
        customer = bound(tables, customer)
    instant = event._instant
    try:
        again = instant <= customer.seen
    except TypeError:
        raise MixedInstantsError("event.at", event.at, "customer.seen", customer.seen) from None
    if again:
        _in_order(customer, event)
    if customer._due is None or instant < customer._due:
        return customer, ()
    return advance(tables, customer, event.at, most)


def _in_order(customer: Customer, event: Event) -> None:
    """Refuse an event before what is known."""
    if event._instant < customer.seen:
        raise OutOfOrderError(customer.id, event, customer.seen)
    last = tie_at(customer._memory, customer.seen)
    if last is None or event.sequence is None or last.sequence is None:
        return
    if event.sequence < last.sequence:
        raise OutOfOrderError(customer.id, event, customer.seen, last.sequence)


def counted(customer: Customer, event: Event, reaction: Reaction) -> Any:
    """Return a draft of the customer with the event counted, still in the stage it was in."""
    draft = CustomerDraft()
    draft.id = customer.id
    draft._stage = customer._stage
    draft.enrolled = customer.enrolled
    draft.entered = customer.entered
    draft.last_activity = event.at if reaction.active else customer.last_activity
    draft.seen = event._instant
    draft.attributes = customer.attributes
    draft._origin = customer._origin
    draft._memory = customer._memory
    draft._due = None
    if event.sets is not _NOTHING:
        reaction.watch.check("event.sets", event.sets, "event.at", event.at)
        draft.attributes = customer.attributes | event.sets  # type: ignore[operator]  # both are Attributes
    if reaction.updates:
        memory = list(customer._memory)
        for slot, update in reaction.updates:
            memory[slot] = update(memory[slot], event)
        draft._memory = tuple(memory)
    if event.sequence is not None:
        draft._memory = tied(draft._memory, event._instant, sequence=event.sequence)
    if reaction.watch.names:
        sets = event.sets is not _NOTHING and reaction.watch.set_by(event.sets)
        if sets or type(draft._memory[-1]) is Tie:
            draft._memory = tied(draft._memory, event._instant, sets=sets or ())
    return draft


def reaction_of(tables: Tables, event: Event) -> Reaction:
    if not isinstance(event, Event):
        raise InvalidTypeError("event", event, "be an Event")
    reaction = tables.reactions.get(event.name)
    if reaction is None:
        raise UnknownNameError("event.name", event.name, tables.reactions)
    return reaction


def _next_due(
    row: Row, draft: Any, entered: datetime, rested: datetime | None = None
) -> datetime | None:
    """Find the earliest deadline to be examined; those up to `rested` have been.

    That one at the very instant of entry has been examined is remembered: a customer who
    has just entered the stage is known up to the same instant.
    """
    first: datetime | None = None
    for timer in row.clocks:
        at = timer.due(draft, entered)
        if at is None:
            continue
        if rested is not None and at <= rested:
            if timer.is_fresh(draft):
                at = rested
            else:
                if entered == rested:
                    draft._memory = tied(draft._memory, rested, rested=True)
                at = timer.later(draft, rested)
        if at is not None and (first is None or at < first):
            first = at
    return first


def examined(customer: Customer) -> datetime | None:
    """Return the instant up to which deadlines have been examined and rest; None for none."""
    tie = tie_at(customer._memory, customer.seen)
    rested = tie is not None and tie.rested
    return customer.seen if rested or customer.seen > since(customer) else None


def since(customer: Any) -> datetime:
    """Return the instant before which no deadline of a stay is dated, in UTC or naive.

    That is when the stage was entered; of the stay with which a customer was enrolled in
    mid-life, the instant up to which it was known then.
    """
    entered, midlife = _checks.utc(customer.entered), customer._origin.midlife
    return entered if midlife is None or midlife.known < entered else midlife.known


def pending(
    customer: Customer, timer: AnyTimer, entered: datetime, rested: datetime | None
) -> datetime | None:
    """Return the next deadline of a time-out; those up to `rested` have been examined."""
    at = timer.due(customer, entered)
    if at is None or rested is None or at > rested:
        return at
    return rested if timer.is_fresh(customer) else timer.later(customer, rested)


def _taken(
    tables: Tables, customer: Customer, until: datetime | None, *, milestones: bool = True
) -> list[tuple[datetime, AnyTimer]]:
    """Examine the deadlines in order, and return what is taken at the first instant possible.

    That is a time-out, and before it the milestones of that instant, or these alone.
    """
    if customer._due is None:
        return []
    row = tables.rows[customer._stage.name]
    entered, rested = since(customer), examined(customer)
    ahead = []
    for order, timer in enumerate(row.clocks if milestones else row.timers):
        at = pending(customer, timer, entered, rested)
        if at is not None and (until is None or at <= until):
            ahead.append((at, order, timer))
    ahead.sort()
    found: list[tuple[datetime, AnyTimer]] = []
    while ahead and not (found and ahead[0][0] > _checks.utc(found[0][0])):
        at, order, timer = ahead.pop(0)
        local = timer.local(customer, at)
        if timer.edge.test is None or timer.edge.test(customer, None, local):
            found.append((local, timer))
            if timer.edge.milestone is None:
                return found
        later = timer.later(customer, at)
        if later is not None and (until is None or later <= until):
            insort(ahead, (later, order, timer))
    return found


def move(  # noqa: PLR0913, PLR0917  (`instant` is `at` in UTC, known already)
    tables: Tables, draft: Any, edge: Edge, at: datetime, instant: datetime, event: Event | None
) -> StageChange:
    """Let a draft take an edge, or reach a milestone, and return the change that records it."""
    change = _ChangeDraft()
    change.customer = draft.id
    change.at = at
    change.source = draft._stage.name
    change.target = edge.target.name
    change.kind = edge.kind
    change.cause = "timeout" if event is None else "event"
    change.transition = edge.transition
    change.event = event
    change.milestone = edge.milestone
    if edge.milestone is None:
        if edge.enters.entering:
            fields = change.source, draft.entered, at, edge.elapsed, edge.run
            count_entry(draft, edge.enters.entering, _new_tuple(StageEntry, fields))
        enter(tables, draft, edge.enters, at, instant)
    else:
        remain(draft, edge.enters, instant)
    return _change(change)


def remain(draft: Any, row: Row, instant: datetime) -> None:
    """Let a draft stay in its stage: what was due by then has been examined."""
    draft.seen = instant
    for timer in row.clocks:
        timer.calm(draft)
    draft._due = _next_due(row, draft, since(draft), instant)


def count_entry(draft: Any, entering: Sequence[tuple[int, Entering]], entry: StageEntry) -> None:
    """Let a draft remember an entry."""
    memory = list(draft._memory)
    for slot, update in entering:
        memory[slot] = update(memory[slot], entry)
    draft._memory = tuple(memory)


def enter(tables: Tables, draft: Any, row: Row, at: datetime, instant: datetime) -> None:
    draft._stage = row.stage
    draft.entered = at
    draft.seen = instant
    last = draft._memory[-1]
    if type(last) is Tie and (last.rested or last.sets):  # which was in the stage before
        draft._memory = tied(draft._memory, instant, rested=False, sets=())
    if tables.resets:
        memory = list(draft._memory)
        for slot, blank in tables.resets:
            memory[slot] = blank
        draft._memory = tuple(memory)
    draft._due = _next_due(row, draft, instant) if row.clocks else None
