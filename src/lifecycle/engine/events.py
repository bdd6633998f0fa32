"""Events: what happened, and when."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Self

import attrs

from lifecycle import _checks
from lifecycle._values import call, twin

__all__ = ["Event"]


def _name(value: str) -> str:
    return _checks.name("event.name", value)


def _at(value: datetime) -> datetime:
    return _checks.instant("event.at", value)


def _value(value: _checks.Number | None) -> _checks.Number | None:
    return None if value is None else _checks.number("event.value", value)


def _id(value: _checks.Id | None) -> _checks.Id | None:
    return None if value is None else _checks.identifier("event.id", value)


def _sequence(value: int | None) -> int | None:
    return None if value is None else _checks.whole("event.sequence", value, least=0)


def _attributes(value: Mapping[str, object] | None) -> _checks.Attributes:
    return _checks.attributes("event.attributes", value)


def _sets(value: Mapping[str, object] | None) -> _checks.Attributes:
    return _checks.attributes("event.sets", value)


@attrs.frozen(repr=False, weakref_slot=False)
class Event:
    """One dated occurrence of a named thing: a fact.

    Args:
        name: What happened, by a name that the lifecycle knows.
        at: When it happened, naive or with a time zone; all instants of one customer
            must be of one kind.
        value: What it was worth, in one currency: an `int`, `float` or `Decimal`.
        id: Identifies this occurrence: text, a whole number or a `UUID`. In a
            replay a repeated id is dropped, and one with different content raises.
        attributes: What else is known about the occurrence; conditions read it through
            `event_attribute`.
        sets: Attributes that the customer has from now on; conditions read them
            through `attribute`.
        sequence: The place in the order of the source, a whole number of at least 0.
            Events of one instant come in this order, those without one after the others.

    Raises:
        InvalidTypeError: A field is of another type; a `date` is no `datetime`.
        InvalidValueError: A text is blank, a number is not finite, or `sequence` is negative.

    Examples:
        >>> Event("purchase", at=datetime(2026, 1, 5), value=40)
        Event('purchase', at=datetime.datetime(2026, 1, 5, 0, 0), value=40)
    """

    name: str = attrs.field(converter=_name)
    at: datetime = attrs.field(converter=_at, eq=_checks.moment)
    value: _checks.Number | None = attrs.field(default=None, kw_only=True, converter=_value)
    id: _checks.Id | None = attrs.field(default=None, kw_only=True, converter=_id)
    attributes: Mapping[str, object] = attrs.field(
        default=_checks.NO_ATTRIBUTES, kw_only=True, converter=_attributes
    )
    sets: Mapping[str, object] = attrs.field(
        default=_checks.NO_ATTRIBUTES, kw_only=True, converter=_sets
    )
    sequence: int | None = attrs.field(default=None, kw_only=True, converter=_sequence)
    _instant: datetime = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_instant", _checks.utc(self.at))

    def to_dict(self) -> dict[str, Any]:
        """Return the event as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: It holds a time zone without a name, which data cannot express.
        """
        from lifecycle.engine._event_data import EVENT

        return EVENT.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the event that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DataError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._event_data import EVENT

        return EVENT.read(data, cls)

    def __repr__(self) -> str:
        return call(self, "name")


def read_in(zone: tzinfo, event: Event) -> Event:
    """Return an event as a zone writes its instant; itself where it is written so."""
    at = _checks.in_zone("event.at", event.at, zone)
    if at is event.at:
        return event
    return _moved(event, at) if type(event) is Event else attrs.evolve(event, at=at)


_EventDraft, _event = twin(Event)


def _moved(event: Event, at: datetime) -> Event:
    """Return an event with its instant as another zone writes it; all else is checked already."""
    draft = _EventDraft()
    draft.name = event.name
    draft.at = at
    draft.value = event.value
    draft.id = event.id
    draft.attributes = event.attributes
    draft.sets = event.sets
    draft.sequence = event.sequence
    draft._instant = event._instant
    return _event(draft)
