"""Insights: numbers by stage, from journeys or from a log of stage changes.

Every number uses the statuses of one definition: customers in an ACTIVE stage are active, those
in a DORMANT one lapsed, those in a CHURNED one churned.
"""

from lifecycle.insights._nps_answers import Answers
from lifecycle.insights._population import Journeys
from lifecycle.insights.chains import Homogeneity, JourneyChain, Step, StepTable, chain
from lifecycle.insights.change_logs import ChangeLog
from lifecycle.insights.drop_offs import DropOffTable, StageDropOff, drop_off
from lifecycle.insights.due import DueRow, DueTable, due_between
from lifecycle.insights.funnels import funnel
from lifecycle.insights.groups import By
from lifecycle.insights.reactivation import (
    ReactivationRow,
    ReactivationTable,
    reactivations,
)
from lifecycle.insights.referral import ReferralTable, Referrer, referrals
from lifecycle.insights.scenarios import WhatIfRow, WhatIfTable, what_if
from lifecycle.insights.stage_kpis import KpiTable, StageKpis, Target, TargetResult, kpis
from lifecycle.insights.stage_nps import NpsTable, StageScore, nps_by_stage
from lifecycle.insights.stage_times import TimeInStageRow, TimeInStageTable, time_in_stage
from lifecycle.insights.stage_transitions import (
    TransitionCount,
    TransitionTable,
    transition_counts,
)
from lifecycle.insights.stage_values import StageValue, ValueTable, value
from lifecycle.insights.status_cohorts import cohorts
from lifecycle.insights.status_growth import StatusGrowth, StatusGrowthTable, growth

__all__ = [
    "Answers",
    "By",
    "ChangeLog",
    "DropOffTable",
    "DueRow",
    "DueTable",
    "Homogeneity",
    "JourneyChain",
    "Journeys",
    "KpiTable",
    "NpsTable",
    "ReactivationRow",
    "ReactivationTable",
    "ReferralTable",
    "Referrer",
    "StageDropOff",
    "StageKpis",
    "StageScore",
    "StageValue",
    "StatusGrowth",
    "StatusGrowthTable",
    "Step",
    "StepTable",
    "Target",
    "TargetResult",
    "TimeInStageRow",
    "TimeInStageTable",
    "TransitionCount",
    "TransitionTable",
    "ValueTable",
    "WhatIfRow",
    "WhatIfTable",
    "chain",
    "cohorts",
    "drop_off",
    "due_between",
    "funnel",
    "growth",
    "kpis",
    "nps_by_stage",
    "reactivations",
    "referrals",
    "time_in_stage",
    "transition_counts",
    "value",
    "what_if",
]
