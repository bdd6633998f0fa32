"""What a stage change means for the business."""

from typing import Literal, TypeAlias

from lifecycle.engine.stages import Stage, Status

__all__ = ["Cause", "Kind", "kind_of"]

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
    "milestone",
]
"""What a stage change means for the business."""

# A move means what the statuses of its two stages say, and nothing else: neither the names of
# the stages nor what made the customer move.
#
# - Into ACTIVE, a customer is won, and the kind says from where: a prospect is converted, a
#   dormant customer reactivated, a churned one won back.
# - Into DORMANT is a lapse and into CHURNED a churn, wherever the customer comes from, another
#   stage of that status included: who goes from "at risk" to "lapsed" has lapsed further.
# - Into PROSPECT, from DORMANT or CHURNED, the customer returns without having bought.
# - All else is progress: from stage to stage of PROSPECT or of ACTIVE, and from ACTIVE down to
#   PROSPECT, where nobody is lost.
#
# There is a row for each of the four statuses with each. The kinds that have no row do not
# depend on statuses: a stage that is entered from itself is renewed, a migration is what
# `Lifecycle.migrate` does, and at a milestone the customer stays where it is.
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
