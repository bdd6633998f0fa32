"""Values as JSON-safe data and back: exact, versioned, and nothing in the data is run."""

from collections.abc import Mapping
from typing import Any

from lifecycle.engine._forms import FORMAT, kind_in
from lifecycle.engine.changes import StageChange
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.enrollments import Enrollment
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.engine.schema import definition_schema
from lifecycle.errors import InvalidTypeError

__all__ = ["FORMAT", "definition_schema", "fingerprint", "from_dict", "to_dict"]

_TYPES = {
    "lifecycle": Lifecycle,
    "customer": Customer,
    "enrollment": Enrollment,
    "event": Event,
    "change": StageChange,
    "journey": Journey,
}
"""Each type of value that can be stored, by the name that its data has."""


def to_dict(
    value: Lifecycle | Customer | Enrollment | Event | StageChange | Journey,
) -> dict[str, Any]:
    """Return a value as data that `json.dumps` takes.

    Args:
        value: A lifecycle, customer, enrollment, event, stage change or journey.

    Returns:
        Text, numbers, truth values, lists and dicts; instants keep their zone, and
        `Decimal` its digits.

    Raises:
        InvalidTypeError: It is not one of these.
        InvalidValueError: It holds something that data cannot express: a condition that
            is code, or a time zone without a name.
    """
    if not isinstance(value, tuple(_TYPES.values())):
        raise InvalidTypeError("value", value, f"be one of {', '.join(_TYPES)}")
    return value.to_dict()


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
    if of is None:
        of = _TYPES[kind_in(data, _TYPES)]
    return of.from_dict(data)


def fingerprint(lifecycle: Lifecycle) -> str:
    """Return a text that equal definitions share, on any machine, and no others.

    Args:
        lifecycle: The definition; its conditions are data.

    Returns:
        The SHA-256 of the definition's data, in hexadecimal.

    Raises:
        InvalidValueError: A condition is code.
    """
    return lifecycle.fingerprint
