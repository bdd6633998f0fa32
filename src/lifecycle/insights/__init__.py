"""Insights: what journeys say about customers, stage by stage.

One definition says what the stages mean, and every number here reads it: an ACTIVE stage is
alive, a DORMANT one lapsed, a CHURNED one lost.
"""

from lifecycle.insights._groups import By, Groups
from lifecycle.insights._stays import ChangeLog, Journeys
from lifecycle.insights.flows import (
    DropOff,
    StageDropOff,
    TransitionCount,
    TransitionCounts,
    drop_off,
    transition_counts,
)

__all__ = [
    "By",
    "ChangeLog",
    "DropOff",
    "Groups",
    "Journeys",
    "StageDropOff",
    "TransitionCount",
    "TransitionCounts",
    "drop_off",
    "transition_counts",
]
