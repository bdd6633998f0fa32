"""Insights: numbers by stage, from journeys or from stage changes on file.

`CustomerBase` reads them once and answers every question. Every number uses the statuses of one
definition: customers in an ACTIVE stage are active, those in a DORMANT one lapsed, those in a
CHURNED one churned.
"""

from lifecycle.insights._nps_answers import Answers
from lifecycle.insights.base_tables import (
    ChangeRow,
    ChangeTable,
    CustomerRow,
    CustomerTable,
    StayRow,
    StayTable,
)
from lifecycle.insights.chains import Homogeneity, JourneyChain, Step, StepTable
from lifecycle.insights.customer_base import CustomerBase, GroupedBase
from lifecycle.insights.drop_offs import DropOffTable, StageDropOff
from lifecycle.insights.due import DueRow, DueTable, due_between
from lifecycle.insights.groups import By
from lifecycle.insights.reactivation import ReactivationRow, ReactivationTable
from lifecycle.insights.referral import ReferralTable, Referrer
from lifecycle.insights.scenarios import WhatIfRow, WhatIfTable, what_if
from lifecycle.insights.stage_kpis import KpiTable, StageKpis, Target, TargetResult
from lifecycle.insights.stage_nps import NpsTable, StageScore
from lifecycle.insights.stage_times import TimeInStageRow, TimeInStageTable
from lifecycle.insights.stage_transitions import TransitionCount, TransitionTable
from lifecycle.insights.stage_values import StageValue, ValueTable
from lifecycle.insights.status_growth import StatusGrowth, StatusGrowthTable

__all__ = [
    "Answers",
    "By",
    "ChangeRow",
    "ChangeTable",
    "CustomerBase",
    "CustomerRow",
    "CustomerTable",
    "DropOffTable",
    "DueRow",
    "DueTable",
    "GroupedBase",
    "Homogeneity",
    "JourneyChain",
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
    "StayRow",
    "StayTable",
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
    "due_between",
    "what_if",
]
