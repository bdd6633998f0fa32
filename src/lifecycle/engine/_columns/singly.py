"""Ends whom the engine's own loop follows, one after the other."""

from datetime import datetime

import numpy as np

from lifecycle.engine import _step
from lifecycle.engine._columns.edges import NONE, Array, NumberedEdges
from lifecycle.engine._columns.rows import Rows
from lifecycle.engine._columns.stays import Ends, Part
from lifecycle.engine._compiled import Tables
from lifecycle.engine.customers import Customer
from lifecycle.engine.enrollments import UNDATED, Enrollment
from lifecycle.engine.journeys import Journey
from lifecycle.logs._columns import micros

__all__ = ["followed", "write"]


def followed(  # noqa: PLR0913, PLR0917  (the log, and what replay takes)
    tables: Tables, edges: NumberedEdges, rows: Rows, code: int, until: datetime | None, most: int
) -> tuple[Part, Customer]:
    """Follow a customer: return its stays, and how it ends.

    Raises:
        LifecycleError: As `Lifecycle.replay`.
    """
    events, numbers = rows.given(code)
    begun = Enrollment(rows.log.customers[code], UNDATED)
    journey = Journey(
        tables=tables, enrollment=begun, dated=False, events=events, until=until, most=most
    )
    places = dict(zip(map(id, events), numbers, strict=True))
    return _part(edges, journey, code, places), journey.customer


def _part(edges: NumberedEdges, journey: Journey, code: int, places: dict[int, int]) -> Part:
    changes = [change for change in journey.changes if change.is_move]
    begun = micros(journey.customer.enrolled)
    return Part(
        np.array([code]),
        np.array([len(changes) + 1]),
        _integers([begun, *(micros(change.at) for change in changes)]),
        _integers([NONE, *(edges.of_change(one.source, one.transition) for one in changes)]),
        _integers([NONE, *(places.get(id(change.event), NONE) for change in changes)]),
    )


def _integers(values: list[int]) -> Array:
    return np.array(values, dtype="int64")


def write(tables: Tables, edges: NumberedEdges, customer: Customer, code: int, ends: Ends) -> None:
    """Write how a customer ends."""
    ends.stages[code] = edges.stages.index(customer.stage)
    ends.entered[code] = micros(customer.entered)
    if customer.last_activity is not None:
        ends.activity[code] = micros(customer.last_activity)
    due = _step.due(tables, customer, milestones=False)
    if due is not None:
        ends.due[code], ends.timers[code] = micros(due[0]), edges.numbers[due[1]]
