"""The customers, stays and changes of a base, as tables."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise, zip_longest
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from lifecycle._activity import Id
from lifecycle._tables import Column, Table, columns_of, many
from lifecycle.engine import _step
from lifecycle.engine.changes import StageChange
from lifecycle.engine.stages import Status
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population

__all__ = ["ChangeRow", "ChangeTable", "CustomerRow", "CustomerTable", "StayRow", "StayTable"]


class CustomerRow(NamedTuple):
    """One customer, as it is at the end of what is known.

    Attributes:
        customer: The id of the customer.
        stage: The stage.
        status: What the stage means.
        enrolled: When the customer enrolled.
        entered: When the stage was entered.
        last_activity: The last event that counts as activity; None before the first, and for
            changes on file.
        due: When the next time-out will be taken if nothing happens; None where none is due,
            and for changes on file.
        due_target: The stage that will be entered then.
    """

    customer: Id
    stage: str
    status: Status
    enrolled: datetime
    entered: datetime
    last_activity: datetime | None
    due: datetime | None
    due_target: str | None


class StayRow(NamedTuple):
    """One stay of a customer in a stage, and the change that ended it.

    Attributes:
        customer: The id of the customer.
        stage: The stage.
        status: What the stage means.
        entered: When it was entered.
        left: When it was left; None while the customer is still there.
        kind: What the change that ended it means, such as "lapse"; None while it goes on.
        cause: Its cause: "event", "timeout" or "migration"; None while it goes on.
        event_id: The id of the event that caused it; None where no event did, or one without
            an id.
    """

    customer: Id
    stage: str
    status: Status
    entered: datetime
    left: datetime | None
    kind: str | None
    cause: str | None
    event_id: Id | None


class ChangeRow(NamedTuple):
    """One move of a customer from a stage to another, or into the same one again.

    Attributes:
        customer: The id of the customer.
        at: When it took effect.
        source: The stage that was left.
        target: The stage that was entered.
        kind: What it means, such as "lapse".
        cause: "event", "timeout" or "migration".
        event_id: The id of the event that caused it; None where no event did, or one without
            an id.
    """

    customer: Id
    at: datetime
    source: str
    target: str
    kind: str
    cause: str
    event_id: Id | None


_READ: Mapping[str, Mapping[str, Any]] = {
    "customer": {"show": str},
    "status": {"kind": str, "read": attrgetter("status.value")},
}
"""How columns are read and shown, where their fields do not say it."""


def _columns(row: type) -> Sequence[Column]:
    """Return a column for each field of a row."""
    return tuple(column._replace(**_READ.get(column.name, {})) for column in columns_of(row))


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CustomerTable(Table[CustomerRow]):
    """The customers of a base, a row for each.

    Attributes:
        rows: The customers, in the order in which they were given.
        zone: The time zone of the instants; None where they are naive.
    """

    _named_by = ("customer",)

    rows: tuple[CustomerRow, ...]
    zone: tzinfo | None

    def _zone(self) -> tzinfo | None:
        return self.zone

    def _columns(self) -> Sequence[Column]:
        return _columns(CustomerRow)

    def _title(self) -> str:
        return f"Customers: {many(len(self.rows), 'customer')}"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StayTable(Table[StayRow]):
    """The stays of the customers of a base.

    Attributes:
        rows: The stays, customer by customer, in order of time.
        zone: The time zone of the instants; None where they are naive.
    """

    _named_by = ("customer", "stage", "entered")

    rows: tuple[StayRow, ...]
    zone: tzinfo | None

    def _zone(self) -> tzinfo | None:
        return self.zone

    def _columns(self) -> Sequence[Column]:
        return _columns(StayRow)

    def _title(self) -> str:
        return f"Stays: {many(len(self.rows), 'stay')}"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ChangeTable(Table[ChangeRow]):
    """The moves of the customers of a base; milestones are in their journeys.

    Attributes:
        rows: The moves, customer by customer, in order of time.
        zone: The time zone of the instants; None where they are naive.
    """

    _named_by = ("customer", "source", "target", "at")

    rows: tuple[ChangeRow, ...]
    zone: tzinfo | None

    def _zone(self) -> tzinfo | None:
        return self.zone

    def _columns(self) -> Sequence[Column]:
        return _columns(ChangeRow)

    def _title(self) -> str:
        return f"Changes: {many(len(self.rows), 'change')}"


def customers(population: Population) -> CustomerTable:
    """Return a row for each customer."""
    rows = tuple(_customer(population, history) for history in population.histories)
    return CustomerTable(rows=rows, zone=population.zone)


def stays(population: Population) -> StayTable:
    """Return a row for each stay."""
    rows = (row for history in population.histories for row in _stays(population, history))
    return StayTable(rows=tuple(rows), zone=population.zone)


def changes(population: Population) -> ChangeTable:
    """Return a row for each move."""
    rows = (row for history in population.histories for row in _changes(population, history))
    return ChangeTable(rows=tuple(rows), zone=population.zone)


def _customer(population: Population, history: History) -> CustomerRow:
    stage, local = history.stages[-1], population.local
    active, due, target = _outlook(history)
    return CustomerRow(
        customer=history.id,
        stage=stage,
        status=population.stages[stage].status,
        enrolled=local(history.enrolled),
        entered=local(history.moments[-1]),
        last_activity=active and local(active),
        due=due and local(due),
        due_target=target,
    )


def _outlook(history: History) -> tuple[datetime | None, datetime | None, str | None]:
    """Return the last activity of a customer, and the next time-out; None for changes on file."""
    if history.journey is None:
        return None, None, None
    customer = history.journey.customer
    found = _step.due(history.journey._tables, customer, milestones=False)
    at, target = (found[0], found[1].target.name) if found else (None, None)
    return customer.last_activity, at, target


def _stays(population: Population, history: History) -> Iterator[StayRow]:
    left = [*map(population.local, history.moments[1:]), None]
    ends = zip_longest(left, history.kinds, history.moves)
    for stage, at, (end, kind, move) in zip(history.stages, history.moments, ends, strict=True):
        yield StayRow(
            customer=history.id,
            stage=stage,
            status=population.stages[stage].status,
            entered=population.local(at),
            left=end,
            kind=kind,
            cause=None if move is None else move.cause,
            event_id=None if move is None else _event_id(move),
        )


def _changes(population: Population, history: History) -> Iterator[ChangeRow]:
    moves = zip(history.moments[1:], pairwise(history.stages), strict=True)
    for (at, (source, target)), kind, move in zip(moves, history.kinds, history.moves, strict=True):
        yield ChangeRow(
            customer=history.id,
            at=population.local(at),
            source=source,
            target=target,
            kind=kind,
            cause=move.cause,
            event_id=_event_id(move),
        )


def _event_id(change: StageChange) -> Id | None:
    return None if change.event is None else change.event.id
