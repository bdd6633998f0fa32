"""Stages, and what they mean for the business."""

from enum import StrEnum
from typing import Any, TypeGuard

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["Stage", "Status"]


class Status(StrEnum):
    """What a stage means for the business; every metric reads it, and nothing else.

    Attributes:
        PROSPECT: Not a customer yet.
        ACTIVE: Alive: buying, subscribed, in use.
        DORMANT: Lapsed, and may come back by itself (a reactivation).
        CHURNED: Lost; coming back is a win-back.
    """

    PROSPECT = "prospect"
    ACTIVE = "active"
    DORMANT = "dormant"
    CHURNED = "churned"

    def __repr__(self) -> str:
        return f"Status.{self.name}"


def is_name(source: object) -> TypeGuard[str]:
    """Say whether a source of a transition is a stage's name; a `Status` is none."""
    return isinstance(source, str) and not isinstance(source, Status)


def stage_name(argument: str, value: str) -> str:
    """Return the name of a stage; a `Status` is none, though it is text."""
    if isinstance(value, Status):
        raise InvalidTypeError(argument, value, "be the name of one stage, not a Status")
    return _checks.name(argument, value)


def _name(value: str) -> str:
    return stage_name("stage.name", value)


def _status(value: Status) -> Status:
    if not isinstance(value, Status):
        known = ", ".join(repr(status) for status in Status)
        raise InvalidTypeError("stage.status", value, f"be one of {known}")
    return value


def _label(value: str) -> str:
    return "" if value == "" else _checks.name("stage.label", value)


def _flag(value: bool) -> bool:  # noqa: FBT001  (a converter takes its value by position)
    return _checks.truth("stage.final", value)


STOPPED = ("dwell", "idle")
"""The clocks that a stage can stop."""


def _stops(value: Any) -> tuple[str, ...]:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, tuple | list):
        raise InvalidTypeError("stage.stops", value, "be 'dwell', 'idle', or a tuple of both")
    for i, clock in enumerate(given):
        path = "stage.stops" if given is not value else f"stage.stops[{i}]"
        _checks.choice(path, clock, STOPPED)
    return tuple(clock for clock in STOPPED if clock in given)


@attrs.frozen(repr=False, weakref_slot=False)
class Stage:
    """A stage a customer can be in.

    Args:
        name: The name by which transitions and customers refer to it; a member of a
            `StrEnum` gives its text.
        status: What the stage means for the business.
        label: What people read in diagrams and reports; the name where it is empty.
        final: Whether there is no way out, as after the erasure of a customer's data.
        stops: The clocks of other stages that stand still while a customer is in this one,
            as in a pause: "dwell", "idle" or both. Time-outs that name this stage run in it.

    Raises:
        InvalidTypeError: A field is of another type, or the name is a `Status`.
        InvalidValueError: A text is blank, or a final stage stops clocks.
        UnknownNameError: `stops` names another clock.

    Examples:
        >>> Stage("loyal", Status.ACTIVE, label="Loyal buyers")
        Stage('loyal', Status.ACTIVE, label='Loyal buyers')
        >>> Stage("paused", Status.DORMANT, stops=("dwell", "idle"))
        Stage('paused', Status.DORMANT, stops=('dwell', 'idle'))
    """

    name: str = attrs.field(converter=_name)
    status: Status = attrs.field(converter=_status)
    label: str = attrs.field(default="", kw_only=True, converter=_label)
    final: bool = attrs.field(default=False, kw_only=True, converter=_flag)
    stops: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_stops)

    def __attrs_post_init__(self) -> None:
        if self.final and self.stops:
            expected = "be left out for a final stage, which no customer leaves"
            raise InvalidValueError("stage.stops", self.stops, expected)

    def __repr__(self) -> str:
        return call(self, "name", "status")
