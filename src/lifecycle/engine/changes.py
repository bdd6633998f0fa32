"""What comes out of a step: stage changes and deadlines."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self, get_args

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine._kinds import Cause, Kind
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event
from lifecycle.engine.stages import stage_name
from lifecycle.engine.transitions import Transition

__all__ = ["Cause", "Deadline", "Kind", "Outcome", "StageChange"]


def _customer(value: _checks.Id) -> _checks.Id:
    return _checks.identifier("change.customer", value)


def _at(value: datetime) -> datetime:
    return _checks.instant("change.at", value)


def _source(value: str) -> str:
    return stage_name("change.source", value)


def _target(value: str) -> str:
    return stage_name("change.target", value)


def _kind(value: Kind) -> Any:
    return _checks.choice("change.kind", value, get_args(Kind))


def _cause(value: Cause) -> Any:
    return _checks.choice("change.cause", value, get_args(Cause))


def _transition(value: Transition | None) -> Transition | None:
    return None if value is None else _checks.instance("change.transition", value, Transition)


def _milestone(value: str | None) -> str | None:
    return None if value is None else _checks.name("change.milestone", value)


def _event(value: Event | None) -> Event | None:
    return None if value is None else _checks.instance("change.event", value, Event)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageChange:
    """One dated move of one customer, or a milestone that was reached inside a stage.

    Attributes:
        customer: The id of the customer.
        at: When it took effect; a time-out's change is dated at its deadline.
        source: The stage that was left; of a milestone, the stage.
        target: The stage that was entered; of a milestone, the same stage.
        kind: What it means: "conversion", "reactivation", "win_back", "lapse", "churn",
            "return", "renewal", "progress", "migration" or "milestone".
        cause: "event", "timeout" or "migration".
        transition: The transition that was taken; None for a migration or a milestone.
        event: The event that caused it; None for a time-out, a migration or a milestone.
        milestone: The name of the milestone; None for all other kinds.

    Raises:
        InvalidTypeError: A field is of another type; a `date` is no `datetime`.
        InvalidValueError: A text is blank.
        UnknownNameError: There is no such kind or cause.
    """

    customer: _checks.Id = attrs.field(converter=_customer)
    at: datetime = attrs.field(converter=_at, eq=_checks.moment)
    source: str = attrs.field(converter=_source)
    target: str = attrs.field(converter=_target)
    kind: Kind = attrs.field(converter=_kind)
    cause: Cause = attrs.field(converter=_cause)
    transition: Transition | None = attrs.field(default=None, converter=_transition)
    event: Event | None = attrs.field(default=None, converter=_event)
    milestone: str | None = attrs.field(default=None, converter=_milestone)

    @property
    def is_move(self) -> bool:
        """Whether a stage was entered; False for a milestone."""
        return self.kind != "milestone"

    def to_dict(self) -> dict[str, Any]:
        """Return the change as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: It holds a condition that is code, or a time zone without a name.
        """
        from lifecycle.engine._change_data import CHANGE

        return CHANGE.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the change that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DataError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._change_data import CHANGE

        return CHANGE.read(data, cls)

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        when = f"{_checks.shown(self.at)} {self.customer}:"
        if not self.is_move:
            return f"{when} {self.milestone} in {self.source} ({self.kind})"
        how = dict.fromkeys((self.kind, self.cause))
        return f"{when} {self.source} -> {self.target} ({', '.join(how)})"


class Outcome(NamedTuple):
    """The result of a step: the customer after it, and the changes that led there."""

    customer: Customer
    changes: tuple[StageChange, ...]


@attrs.frozen(repr=False, weakref_slot=False)
class Deadline:
    """The next time-out that will be taken, or milestone reached, if nothing happens.

    Attributes:
        at: When.
        transition: Which transition; None for a milestone.
        milestone: The name of the milestone; None for a transition.
    """

    at: datetime = attrs.field(eq=_checks.moment)
    transition: Transition | None
    milestone: str | None = attrs.field(default=None, kw_only=True)

    def __repr__(self) -> str:
        return call(self, "at", "transition")
