"""Values as JSON-safe data and back: exact, versioned, and nothing in the data is run.

Each type of value has a writer and a reader in `_KINDS`.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

from lifecycle import _checks, _money
from lifecycle.engine import _definition_data, _reading
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._scalars import (
    instant_from_text,
    instant_to_text,
    plain_to_data,
    whole_number,
)
from lifecycle.engine._tallies import KINDS
from lifecycle.engine._windows import Recent, recent
from lifecycle.engine.changes import Cause, Kind, StageChange
from lifecycle.engine.customers import Customer, Layout, Origin, Tally, Tie, tied
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.enrollments import Enrollment
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.engine.schema import definition_schema
from lifecycle.errors import (
    DataError,
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
)

__all__ = ["FORMAT", "definition_schema", "fingerprint", "from_dict", "to_dict"]

FORMAT = 1
"""The version of the data that is written; data of another version is refused."""


def to_dict(value: Lifecycle | Customer | Enrollment | Event | StageChange | Journey) -> Data:
    """Return a value as data that `json.dumps` takes.

    Args:
        value: A lifecycle, customer, enrollment, event, stage change or journey.

    Returns:
        Text, numbers, truth values, lists and dicts; instants keep their zone, and
        `Decimal` its digits.

    Raises:
        InvalidTypeError: It is none of these.
        InvalidValueError: It holds something that data cannot express: a condition that
            is code, or a time zone without a name.
    """
    for name, (kind, write, _) in _KINDS.items():
        if isinstance(value, kind):
            return {"type": name, "format": FORMAT, **write(value)}
    raise InvalidTypeError("value", value, f"be one of {', '.join(_KINDS)}")


def from_dict(data: Mapping[str, Any], *, of: type[Any] | None = None) -> Any:
    """Return the value that `to_dict` wrote; nothing in the data is run.

    Args:
        data: What `to_dict` returned, or the same written by hand.
        of: The type that is expected; any where it is None.

    Returns:
        The value, equal to the one that was written.

    Raises:
        DefinitionError: The data of a lifecycle has mistakes; all of them are listed.
        DataError: The data of another value has mistakes; all of them are listed.
    """
    notes = Notes()
    name = next((name for name, (kind, *_) in _KINDS.items() if kind is of), "value")
    found = None
    with notes.at("data"):
        body = dict(_reading.mapping("data", data))
        if not isinstance(schema := body.pop("$schema", ""), str):  # for editors
            raise InvalidTypeError("$schema", schema, "be text")
        known = _KINDS if of is None else [name]
        name = _checks.choice("type", body.pop("type", None if of is None else name), known)
        version = whole_number(body.pop("format", FORMAT))
        if type(version) is not int or version != FORMAT:
            raise InvalidValueError("format", version, f"be {FORMAT}")
        try:
            found = _KINDS[name][2](notes, "", body)
        except RecursionError:
            raise InvalidValueError("data", "a deep one", "be nested less deeply") from None
    if not notes.found:
        return found
    if name == "lifecycle":
        raise DefinitionError(_title(data), notes.found)
    raise DataError(name, notes.found)


def _title(data: object) -> str:
    name = data.get("name") if isinstance(data, Mapping) else None
    return name if isinstance(name, str) else "?"


def fingerprint(lifecycle: Lifecycle) -> str:
    """Return a text that equal definitions share, on any machine, and no others.

    Args:
        lifecycle: The definition; its conditions are data.

    Returns:
        The SHA-256 of the definition's data, in hexadecimal.

    Raises:
        InvalidValueError: A condition is code.
    """
    text = json.dumps(_canonical(to_dict(lifecycle)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(data: Any) -> Any:
    """Write alike what is equal: 500 and Decimal("500.00"), one instant in two zones."""
    if isinstance(data, list):
        return [_canonical(item) for item in data]
    if isinstance(data, int | float) and not isinstance(data, bool):
        return _canonical_number(Decimal(data))
    if not isinstance(data, dict):
        return data
    if list(data) == ["decimal"]:
        return _canonical_number(Decimal(data["decimal"]))
    if list(data) == ["instant"]:
        return {"instant": _checks.utc(instant_from_text("instant", data["instant"])).isoformat()}
    return {key: _canonical(item) for key, item in data.items()}


def _canonical_number(number: Decimal) -> Data:
    """Write a number by all of its digits, without zeros after the point."""
    with _money.exactly():
        return {"number": format(number.normalize() if number else Decimal(), "f")}


# Events and changes.

_EVENT: Mapping[str, Read] = {
    "name": _reading.field_of(Event, "name"),
    "at": _reading.instant,
    "value": _reading.or_none(_reading.number),
    "id": _reading.or_none(_reading.identifier),
    "attributes": _reading.attributes,
    "sets": _reading.attributes,
    "sequence": _reading.or_none(_reading.tally),
}


def _write_attributes(path: str, attributes: Mapping[str, object]) -> Data:
    return {key: plain_to_data(f"{path}[{key!r}]", item) for key, item in attributes.items()}


def _write_event(event: Event) -> Data:
    return {
        "name": event.name,
        "at": instant_to_text("event.at", event.at),
        "value": plain_to_data("event.value", event.value),
        "id": plain_to_data("event.id", event.id),
        "attributes": _write_attributes("event.attributes", event.attributes),
        "sets": _write_attributes("event.sets", event.sets),
        "sequence": event.sequence,
    }


def _read_event(notes: Notes, path: str, data: Any) -> Event:
    return Event(**_reading.whole(notes, path, data, _EVENT, ("name", "at")))


_CHANGE: Mapping[str, Read] = {
    "customer": _reading.identifier,
    "at": _reading.instant,
    "source": _reading.text,
    "target": _reading.text,
    "kind": _reading.one_of(get_args(Kind)),
    "cause": _reading.one_of(get_args(Cause)),
    "transition": _reading.or_none(_definition_data.read_transition),
    "event": _reading.or_none(_read_event),
}


def _write_change(change: StageChange) -> Data:
    transition, event = change.transition, change.event
    return {
        "customer": plain_to_data("change.customer", change.customer),
        "at": instant_to_text("change.at", change.at),
        "source": change.source,
        "target": change.target,
        "kind": change.kind,
        "cause": change.cause,
        "transition": None
        if transition is None
        else _definition_data.write_transition("change.transition", transition),
        "event": None if event is None else _write_event(event),
    }


def _read_change(notes: Notes, path: str, data: Any) -> StageChange:
    required = ("customer", "at", "source", "target", "kind", "cause")
    return StageChange(**_reading.whole(notes, path, data, _CHANGE, required))


# Enrollments.

_ENROLLMENT: Mapping[str, Read] = {
    "id": _reading.identifier,
    "at": _reading.instant,
    "stage": _reading.or_none(_reading.text),
    "attributes": _reading.attributes,
    "referred_by": _reading.or_none(_reading.identifier),
}


def _write_enrollment(enrollment: Enrollment) -> Data:
    return {
        "id": plain_to_data("enrollment.id", enrollment.id),
        "at": instant_to_text("enrollment.at", enrollment.at),
        "stage": enrollment.stage,
        "attributes": _write_attributes("enrollment.attributes", enrollment.attributes),
        "referred_by": plain_to_data("enrollment.referred_by", enrollment.referred_by),
    }


def _read_enrollment(notes: Notes, path: str, data: Any) -> Enrollment:
    return Enrollment(**_reading.whole(notes, path, data, _ENROLLMENT, ("id", "at")))


# Customers.


def _write_window(path: str, state: Any) -> Any:
    return [[instant_to_text(path, at), plain_to_data(path, item)] for at, item in state]


def _read_window(notes: Notes, path: str, data: Any) -> Any:
    def read_entry(notes: Notes, path: str, entry: Any) -> Any:
        if not isinstance(entry, list | tuple) or len(entry) != 2:  # noqa: PLR2004  (a pair)
            raise InvalidTypeError(path, entry, "be an instant and a value")
        return _reading.settled(notes, path, entry[0]), _reading.or_none(_reading.number)(
            notes, path, entry[1]
        )

    before = len(notes.found)
    found = _reading.each(read_entry)(notes, path, data)
    if len(notes.found) > before:
        raise _reading.NotedError
    for at, _ in found:
        _checks.same_kind(path, at, "the first of them", found[0][0])
    if list(found) != sorted(found, key=lambda entry: entry[0]):
        raise InvalidValueError(path, data, "be in the order of time")
    return _summed(path, found)


def _summed(path: str, entries: Any) -> Recent:
    """Return the entries of a window, the values of which have to add up."""
    try:
        found = recent(entries)
    except TypeError:
        found = None
    if found is None or not _checks.finite(found.total):
        expected = "have values that add up: floats or decimals, with a finite sum"
        raise InvalidValueError(path, entries, expected)
    return found


_STATES: Mapping[str, tuple[Callable[[str, Any], Any], Read]] = {
    "count": (plain_to_data, _reading.tally),
    "total": (plain_to_data, _reading.number),
    "valued": (plain_to_data, _reading.tally),
    "last": (lambda path, at: at and instant_to_text(path, at), _reading.or_none(_reading.instant)),
    "window": (_write_window, _read_window),
}
"""Each kind of tally: how its state is written and read."""


def _write_tally(tally: Tally, state: Any) -> Data:
    within = None if tally.within is None else _definition_data.write_length(tally.within)
    return _reading.without_defaults(
        {
            "kind": tally.kind,
            "event": tally.event,
            "since_entry": tally.since_entry,
            "within": within,
        }
    ) | {"state": _STATES[tally.kind][0](f"{tally.kind} of {tally.event!r}", state)}


def _read_tally(notes: Notes, path: str, data: Any) -> tuple[Tally, Any]:
    kind = _checks.choice(f"{path}.kind", _reading.mapping(path, data).get("kind", ""), KINDS)
    readers: Mapping[str, Read] = {
        "kind": _reading.text,
        "event": _reading.text,
        "since_entry": _reading.flag,
        "within": _definition_data.read_period,
        "state": _STATES[kind][1],
    }
    found = _reading.whole(notes, path, data, readers, ("event", "state"))
    state = found.pop("state")
    return Tally(**found), state


_BELONGS: Mapping[str, Read] = {"name": _reading.text, "version": _definition_data.version}


_ORIGIN: Mapping[str, Read] = {**_ENROLLMENT, "stage": _reading.text}
"""As an enrollment; the stage in which a customer began is known."""


def _read_origin(notes: Notes, path: str, data: Any) -> Enrollment:
    return Enrollment(**_reading.whole(notes, path, data, _ORIGIN, ("id", "at", "stage")))


_TIE: Mapping[str, Read] = {
    "at": _reading.settled,
    "sequence": _reading.or_none(_reading.tally),
    "rested": _reading.flag,
}


def _write_tie(tie: Tie) -> Data:
    return {**tie._asdict(), "at": instant_to_text("customer.tie.at", tie.at)}


def _read_tie(notes: Notes, path: str, data: Any) -> Tie:
    return Tie(**_reading.whole(notes, path, data, _TIE, _TIE))


_CUSTOMER: Mapping[str, Read] = {
    "enrollment": _read_origin,
    "lifecycle": lambda notes, path, data: _reading.whole(notes, path, data, _BELONGS, _BELONGS),
    "stage": _definition_data.read_stage,
    "entered": _reading.instant,
    "last_activity": _reading.or_none(_reading.instant),
    "seen": _reading.settled,
    "attributes": _reading.attributes,
    "memory": _reading.each(_read_tally),
    "tie": _reading.or_none(_read_tie),
}


def _write_customer(customer: Customer) -> Data:
    layout, *states = customer._memory
    last, tie = customer.last_activity, states.pop() if states[len(layout.tallies) :] else None
    return {
        "enrollment": _write_enrollment(customer.enrollment),
        "lifecycle": {"name": layout.lifecycle, "version": layout.version},
        "stage": _definition_data.write_stage(customer._stage),
        "entered": instant_to_text("customer.entered", customer.entered),
        "last_activity": last and instant_to_text("customer.last_activity", last),
        "seen": instant_to_text("customer.seen", customer.seen),
        "attributes": _write_attributes("customer.attributes", customer.attributes),
        "memory": [
            _write_tally(tally, state) for tally, state in zip(layout.tallies, states, strict=True)
        ],
        "tie": tie and _write_tie(tie),
    }


def _read_customer(notes: Notes, path: str, data: Any) -> Customer:
    found = _reading.whole(notes, path, data, _CUSTOMER, _CUSTOMER)
    begun, belongs = found.pop("enrollment"), found.pop("lifecycle")
    tallies, tie = found.pop("memory"), found.pop("tie")
    for instant in _instants(tallies, tie):
        _checks.same_kind(path or "customer", instant, "enrollment.at", begun.at)
    layout = Layout(belongs["name"], belongs["version"], tuple(tally for tally, _ in tallies))
    memory = (layout, *(state for _, state in tallies))
    return Customer(
        id=begun.id,
        enrolled=begun.at,
        origin=Origin(begun.stage, begun.attributes, begun.referred_by),
        memory=memory if tie is None else tied(memory, **tie._asdict()),
        **found,
    )


def _instants(tallies: Iterable[tuple[Tally, Any]], tie: Tie | None) -> Iterator[datetime]:
    """Yield every instant that a customer remembers, which has to go with the others."""
    if tie is not None:
        yield tie.at
    for tally, state in tallies:
        if tally.kind == "window":
            yield from (at for at, _ in state)
        elif tally.kind == "last" and state is not None:
            yield state


# Journeys.

_BEGINNING: Mapping[str, Read] = {**_ENROLLMENT, "at": _reading.or_none(_reading.instant)}
"""As an enrollment; without an instant, it is at the first event."""

_JOURNEY: Mapping[str, Read] = {
    "lifecycle": _definition_data.read_lifecycle,
    "enrollment": lambda notes, path, data: _reading.whole(notes, path, data, _BEGINNING, ("id",)),
    "events": _reading.each(_read_event),
    "until": _reading.or_none(_reading.instant),
}


def _write_journey(journey: Journey) -> Data:
    enrollment = _write_enrollment(journey.enrollment)
    return {
        "lifecycle": _definition_data.write_lifecycle(journey._tables.parts),
        "enrollment": enrollment if journey._dated else {**enrollment, "at": None},
        "events": [_write_event(event) for event in journey.events],
        "until": journey.until and instant_to_text("until", journey.until),
    }


def _read_journey(notes: Notes, path: str, data: Any) -> Journey:
    required = ("lifecycle", "enrollment", "events")
    found = _reading.whole(notes, path, data, _JOURNEY, required)
    lifecycle, begun = found.pop("lifecycle"), found.pop("enrollment")
    since = begun.pop("at", None)
    journey: Journey = lifecycle.replay(begun.pop("id"), since=since, **begun, **found)
    return journey


_KINDS: Mapping[str, tuple[type[Any], Callable[[Any], Data], Read]] = {
    "lifecycle": (Lifecycle, _definition_data.write_lifecycle, _definition_data.read_lifecycle),
    "customer": (Customer, _write_customer, _read_customer),
    "enrollment": (Enrollment, _write_enrollment, _read_enrollment),
    "event": (Event, _write_event, _read_event),
    "change": (StageChange, _write_change, _read_change),
    "journey": (Journey, _write_journey, _read_journey),
}
"""Each type of value: its class, how it is written, how it is read."""
