"""What comes out of a step: stage changes and deadlines."""

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event
from lifecycle.engine.portable import Portable
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import Transition

__all__ = ["Cause", "Deadline", "Kind", "Outcome", "StageChange"]

Cause: TypeAlias = Literal["event", "timeout", "migration"]
"""What made a stage change."""

Kind: TypeAlias = Literal[
    "migration",
    "renewal",
    "conversion",
    "reactivation",
    "win_back",
    "lapse",
    "churn",
    "return",
    "progress",
]
"""What a stage change means for the business."""

_KINDS: dict[tuple[Status, Status], Kind] = {
    (Status.PROSPECT, Status.ACTIVE): "conversion",
    (Status.DORMANT, Status.ACTIVE): "reactivation",
    (Status.CHURNED, Status.ACTIVE): "win_back",
    (Status.PROSPECT, Status.DORMANT): "lapse",
    (Status.ACTIVE, Status.DORMANT): "lapse",
    (Status.DORMANT, Status.DORMANT): "lapse",
    (Status.CHURNED, Status.DORMANT): "lapse",
    (Status.PROSPECT, Status.CHURNED): "churn",
    (Status.ACTIVE, Status.CHURNED): "churn",
    (Status.DORMANT, Status.CHURNED): "churn",
    (Status.CHURNED, Status.CHURNED): "churn",
    (Status.DORMANT, Status.PROSPECT): "return",
    (Status.CHURNED, Status.PROSPECT): "return",
    (Status.PROSPECT, Status.PROSPECT): "progress",
    (Status.ACTIVE, Status.PROSPECT): "progress",
    (Status.ACTIVE, Status.ACTIVE): "progress",
}


def kind_of(source: Stage, target: Stage) -> Kind:
    """Say what a move from one stage to another means."""
    return "renewal" if source == target else _KINDS[source.status, target.status]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageChange(Portable):
    """One dated move of one customer.

    Attributes:
        customer: The id of the customer.
        at: When it took effect; a time-out's change is dated at its deadline.
        source: The stage that was left.
        target: The stage that was entered.
        kind: What it means: "conversion", "reactivation", "win_back", "lapse", "churn",
            "return", "renewal", "progress" or "migration".
        cause: "event", "timeout" or "migration".
        transition: The transition that was taken; None for a migration.
        event: The event that caused it; None for a time-out or a migration.
    """

    customer: _checks.Id
    at: datetime = attrs.field(eq=_checks.moment)
    source: str
    target: str
    kind: Kind
    cause: Cause
    transition: Transition | None = None
    event: Event | None = None

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        how = dict.fromkeys((self.kind, self.cause))
        return (
            f"{_checks.shown(self.at)} {self.customer}: "
            f"{self.source} -> {self.target} ({', '.join(how)})"
        )


class Outcome(NamedTuple):
    """What a step gives: the customer as it is now, and the changes that led there."""

    customer: Customer
    changes: tuple[StageChange, ...]


@attrs.frozen(repr=False, weakref_slot=False)
class Deadline:
    """The next time-out that will be taken if nothing happens.

    Attributes:
        at: When.
        transition: Which.
    """

    at: datetime = attrs.field(eq=_checks.moment)
    transition: Transition

    def __repr__(self) -> str:
        return call(self, "at", "transition")
