"""Survival: how long customers stay, and how long until something happens to them.

Customers who are still there are censored: their end was not seen, and they count for as long
as they were observed. Durations are numbers in one unit of your choice; `observed` says whether
the end was seen.
"""

from lifecycle.metrics.competing_causes import (
    CumulativeIncidence,
    IncidenceCurve,
    IncidenceRow,
    cumulative_incidence,
)
from lifecycle.metrics.cumulative_hazards import HazardCurve, HazardRow, nelson_aalen
from lifecycle.metrics.log_ranks import LogRank, LogRankRow, log_rank
from lifecycle.metrics.survival_curves import (
    QuantileInterval,
    SurvivalCurve,
    SurvivalRow,
    kaplan_meier,
    restricted_mean_difference,
)

__all__ = [
    "CumulativeIncidence",
    "HazardCurve",
    "HazardRow",
    "IncidenceCurve",
    "IncidenceRow",
    "LogRank",
    "LogRankRow",
    "QuantileInterval",
    "SurvivalCurve",
    "SurvivalRow",
    "cumulative_incidence",
    "kaplan_meier",
    "log_rank",
    "nelson_aalen",
    "restricted_mean_difference",
]
