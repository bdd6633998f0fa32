"""Insights: what journeys say about customers, stage by stage.

One definition says what the stages mean, and every number here reads it: an ACTIVE stage is
alive, a DORMANT one lapsed, a CHURNED one lost.
"""

from lifecycle.insights._answers import Answers
from lifecycle.insights._change_logs import ChangeLog
from lifecycle.insights._groups import By, Groups
from lifecycle.insights._stays import Journeys
from lifecycle.insights.chains import Homogeneity, JourneyChain, Step, chain
from lifecycle.insights.due import DueRow, DueTable, due_between
from lifecycle.insights.flows import (
    DropOff,
    StageDropOff,
    TransitionCount,
    TransitionCounts,
    drop_off,
    transition_counts,
)
from lifecycle.insights.funnels import funnel
from lifecycle.insights.referring import ReferralTable, Referrer, referrals
from lifecycle.insights.stage_kpis import KpiTable, StageKpis, Target, TargetResult, kpis
from lifecycle.insights.stage_scores import NpsTable, StageScore, nps_by_stage
from lifecycle.insights.stage_times import TimeInStage, TimeRow, time_in_stage
from lifecycle.insights.stage_values import (
    StageValue,
    ValueTable,
    WhatIf,
    WhatIfRow,
    value,
    what_if,
)
from lifecycle.insights.status_cohorts import cohorts
from lifecycle.insights.status_growth import StatusGrowth, StatusGrowthTable, growth
from lifecycle.insights.ways_back import Loop, LoopTable, loops

__all__ = [
    "Answers",
    "By",
    "ChangeLog",
    "DropOff",
    "DueRow",
    "DueTable",
    "Groups",
    "Homogeneity",
    "JourneyChain",
    "Journeys",
    "KpiTable",
    "Loop",
    "LoopTable",
    "NpsTable",
    "ReferralTable",
    "Referrer",
    "StageDropOff",
    "StageKpis",
    "StageScore",
    "StageValue",
    "StatusGrowth",
    "StatusGrowthTable",
    "Step",
    "Target",
    "TargetResult",
    "TimeInStage",
    "TimeRow",
    "TransitionCount",
    "TransitionCounts",
    "ValueTable",
    "WhatIf",
    "WhatIfRow",
    "chain",
    "cohorts",
    "drop_off",
    "due_between",
    "funnel",
    "growth",
    "kpis",
    "loops",
    "nps_by_stage",
    "referrals",
    "time_in_stage",
    "transition_counts",
    "value",
    "what_if",
]
