"""What comes out of a step: stage changes, deadlines, decisions."""

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine.conditions import Condition, Predicate
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import Transition

__all__ = ["Cause", "Deadline", "Decision", "Kind", "Outcome", "Reason", "StageChange"]

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
class StageChange:
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

    customer: str | int
    at: datetime
    source: str
    target: str
    kind: Kind
    cause: Cause
    transition: Transition | None = None
    event: Event | None = None

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        return (
            f"{_checks.shown(self.at)} {self.customer}: "
            f"{self.source} -> {self.target} ({self.kind}, {self.cause})"
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

    at: datetime
    transition: Transition

    def __repr__(self) -> str:
        return call(self, "at", "transition")


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Reason:
    """One thing that stands between a customer and a transition.

    Attributes:
        code: "unmet" (a condition does not hold), "elsewhere" (the event moves customers
            of other stages), "nowhere" (the event moves nobody) or "final" (the stage has
            no way out).
        message: The same in words.
        transition: For "unmet", the transition whose condition it is.
        condition: For "unmet", the condition: a comparison where it is data.
        actual: For "unmet", what was read; None where the value is missing.
        stages: For "elsewhere", the stages in which the event would move the customer.
    """

    code: Literal["unmet", "elsewhere", "nowhere", "final"]
    message: str
    transition: Transition | None = None
    condition: Condition | Predicate | None = None
    actual: object = None
    stages: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        return self.message


@attrs.frozen(repr=False, weakref_slot=False)
class Decision:
    """Whether an event would move a customer, and why.

    Attributes:
        permitted: Whether a transition would be taken.
        transition: Which one; None where none would.
        reasons: What stands in the way of each transition that comes first and is not
            taken, and of the event as a whole where none is.
    """

    permitted: bool
    transition: Transition | None
    reasons: tuple[Reason, ...]

    def __repr__(self) -> str:
        return call(self, "permitted", "transition", "reasons")
