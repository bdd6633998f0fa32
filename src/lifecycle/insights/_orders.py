"""The events of a base as a log, which calculators and models read."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from lifecycle import _checks
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.insights._population import Population
from lifecycle.logs import EventLog

__all__ = ["orders"]


def orders(population: Population, event: str | Sequence[str]) -> EventLog:
    """Return the log of some events, as far as they are known."""
    journeys = population.journeys("orders()")
    names = (event,) if isinstance(event, str) else _checks.names("event", event)
    for name in names:
        _checks.choice("event", name, journeys[0]._tables.reactions if journeys else names)
    events = [_known(journey, names) for journey in journeys]
    customers = [
        journey.customer.id for journey, its in zip(journeys, events, strict=True) for _ in its
    ]
    return _log(customers, list(chain.from_iterable(events)))


def _known(journey: Journey, names: Sequence[str]) -> list[Event]:
    """Return the events of a customer up to `until`."""
    applied = journey.events[: len(journey._places)]
    return [event for event in applied if event.name in names]


def _log(customers: Sequence[Any], events: Sequence[Event]) -> EventLog:
    """Return a log: with values if there are any, with ids if all events have one."""
    values, ids = [event.value for event in events], [event.id for event in events]
    return EventLog(
        customer=customers,
        at=[event.at for event in events],
        event=[event.name for event in events],
        value=None if all(value is None for value in values) else values,
        id=None if None in ids else ids,
    )
