"""Replays in columns, beside the replays of the engine that they have to equal."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np

from lifecycle import Event, EventLog, Journey, Lifecycle
from lifecycle.engine import _step
from lifecycle.engine._columns.edges import KINDS
from lifecycle.engine._columns.replay import replay
from lifecycle.engine._columns.rows import Rows
from lifecycle.engine._columns.stays import Replayed
from lifecycle.logs._columns import micros

Row = tuple[Any, Event]
"""A customer, and what happened to it."""


class Stay(NamedTuple):
    """One stay, in words."""

    customer: Any
    stage: str
    entered: int
    left: int | None
    kind: str | None
    transition: int | None
    row: int | None


class End(NamedTuple):
    """A customer at the end, in words."""

    customer: Any
    stage: str
    entered: int
    activity: int | None
    due: int | None
    transition: int | None


def log_of(rows: Sequence[Row]) -> EventLog:
    """Return events as a log: all have ids, or none has."""
    events = [event for _, event in rows]
    names = sorted({name for event in events for name in event.attributes})
    return EventLog(
        customer=[who for who, _ in rows],
        at=[event.at for event in events],
        event=[event.name for event in events],
        value=[event.value for event in events],
        id=None if events[0].id is None else [event.id for event in events],
        attributes={name: [event.attributes.get(name) for event in events] for name in names},
    )


def rows_of(lifecycle: Lifecycle, rows: Sequence[Row]) -> Rows:
    """Return events in columns, in the order in which they count."""
    given = [event.sequence for _, event in rows]
    sequences = np.array([-1 if one is None else one for one in given], dtype="int64")
    log = log_of(rows)
    return Rows.of(lifecycle._tables, log, None if set(given) <= {None} else sequences)


def in_columns(
    lifecycle: Lifecycle, rows: Sequence[Row], until: datetime | None = None, **more: Any
) -> Replayed:
    """Replay events in columns."""
    return replay(lifecycle._tables, rows_of(lifecycle, rows), until=until, **more)


def journeys(
    lifecycle: Lifecycle, rows: Sequence[Row], until: datetime | None = None, **more: Any
) -> dict[Any, Journey]:
    """Replay events by the engine, customer by customer."""
    customers = dict.fromkeys(who for who, _ in rows)
    return {
        one: lifecycle.replay(
            one, [event for who, event in rows if who == one], until=until, **more
        )
        for one in customers
    }


def stays_of(found: Replayed, customers: Sequence[Any]) -> list[Stay]:
    """Return what a replay in columns found, in words."""
    stays, edges = found.stays, found.edges
    columns = (stays.customers, stays.stages, stays.entered, stays.left, stays.is_open)
    entries = (edges.kinds[stays.edges], edges.transitions[stays.edges], stays.rows)
    return [
        Stay(
            customers[who],
            edges.stages[stage],
            entered,
            None if is_open else left,
            None if kind < 0 else KINDS[kind],
            _or_none(transition),
            _or_none(row),
        )
        for who, stage, entered, left, is_open, kind, transition, row in zip(
            *(each.tolist() for each in (*columns, *entries)), strict=True
        )
    ]


def _or_none(number: int) -> int | None:
    return None if number < 0 else number


def expected_stays(
    lifecycle: Lifecycle, found: Iterable[Journey], rows: Sequence[Row]
) -> list[Stay]:
    """Return the stays of journeys, in words."""
    places = {id(event): place for place, (_, event) in enumerate(rows)}
    return [stay for journey in found for stay in _stays(lifecycle, journey, places)]


def _stays(lifecycle: Lifecycle, journey: Journey, places: dict[int, int]) -> list[Stay]:
    moves = [None, *(change for change in journey.changes if change.is_move)]
    return [
        Stay(
            journey.customer.id,
            stay.stage,
            micros(stay.entered),
            None if stay.left is None else micros(stay.left),
            move and move.kind,
            None if move is None else _position(lifecycle, move.transition),
            None if move is None or move.event is None else places[id(move.event)],
        )
        for stay, move in zip(journey.stays, moves, strict=True)
    ]


def _position(lifecycle: Lifecycle, transition: Any) -> int:
    return next(i for i, one in enumerate(lifecycle.transitions) if one is transition)


def ends_of(found: Replayed, customers: Sequence[Any]) -> list[End]:
    """Return the customers of a replay in columns, in words."""
    ends, edges = found.customers, found.edges
    return [
        End(
            who,
            found.edges.stages[ends.stages[code]],
            ends.entered[code],
            None if ends.activity[code] < -(2**57) else ends.activity[code],
            None if ends.timers[code] < 0 else ends.due[code],
            None if ends.timers[code] < 0 else edges.transitions[ends.timers[code]],
        )
        for code, who in enumerate(customers)
    ]


def expected_ends(lifecycle: Lifecycle, found: Iterable[Journey]) -> list[End]:
    """Return the customers of journeys, in words."""
    ends = []
    for journey in found:
        customer = journey.customer
        due = _step.due(lifecycle._tables, customer, milestones=False)
        last = customer.last_activity
        ends.append(
            End(
                customer.id,
                customer.stage,
                micros(customer.entered),
                None if last is None else micros(last),
                None if due is None else micros(due[0]),
                None if due is None else _position(lifecycle, due[1].transition),
            )
        )
    return ends
