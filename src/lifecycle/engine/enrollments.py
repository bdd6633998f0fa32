"""Enrollments: how a customer began."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine.stages import Stage, stage_name
from lifecycle.errors import InvalidValueError

__all__ = ["Enrollment"]


UNDATED = datetime.min  # noqa: DTZ901  (it is replaced before anything reads it)
"""Stands in an enrollment for an instant that is that of the first event."""


def _id(value: _checks.Id) -> _checks.Id:
    return _checks.identifier("id", value)


def _at(value: datetime) -> datetime:
    return _checks.instant("at", value)


def _stage(value: str | Stage | None) -> str | None:
    if isinstance(value, Stage):
        return value.name
    return None if value is None else stage_name("stage", value)


def _attributes(value: Mapping[str, object] | None) -> _checks.Attributes:
    return _checks.attributes("attributes", value)


def _referred_by(value: _checks.Id | None) -> _checks.Id | None:
    return None if value is None else _checks.identifier("referred_by", value)


@attrs.frozen(repr=False, weakref_slot=False)
class Enrollment:
    """How a customer began: all that a replay needs in addition to the events.

    `Customer.enrollment` and `Journey.enrollment` show it. Store it with the customer,
    and `Lifecycle.replay` begins as the customer did.

    Args:
        id: The customer's id.
        at: When the customer entered the lifecycle.
        stage: The stage in which the customer began, or its name; the initial stage by
            default.
        attributes: The customer's attributes at enrollment.
        referred_by: The id of the customer who brought this one.

    Raises:
        InvalidTypeError: A field is of another type; a `date` is no `datetime`.
        InvalidValueError: A text is blank.

    Examples:
        >>> Enrollment("ann", datetime(2026, 1, 5), attributes={"plan": "gold"})
        Enrollment('ann', datetime.datetime(2026, 1, 5, 0, 0), attributes={'plan': 'gold'})
    """

    id: _checks.Id = attrs.field(converter=_id)
    at: datetime = attrs.field(converter=_at, eq=_checks.moment)
    stage: str | None = attrs.field(default=None, kw_only=True, converter=_stage)
    attributes: Mapping[str, object] = attrs.field(
        default=_checks.NO_ATTRIBUTES, kw_only=True, converter=_attributes
    )
    referred_by: _checks.Id | None = attrs.field(default=None, kw_only=True, converter=_referred_by)

    def to_dict(self) -> dict[str, Any]:
        """Return the enrollment as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: It holds a time zone without a name, which data cannot express.
        """
        from lifecycle.engine._enrollment_data import ENROLLMENT

        return ENROLLMENT.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the enrollment that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DataError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._enrollment_data import ENROLLMENT

        return ENROLLMENT.read(data, cls)

    def __repr__(self) -> str:
        return call(self, "id", "at")


def refuse_beside(**given: object) -> None:
    """Check that no argument repeats what an enrollment says."""
    for argument, value in given.items():
        if value is not None:
            raise InvalidValueError(argument, value, "be left out where an Enrollment is given")
