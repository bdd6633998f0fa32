"""Retention: who comes back, who leaves, and how soon.

Who was seen when comes as (customer, at) pairs, in any order; the customers are text or
whole numbers. Periods are those of a `Calendar`, and the time measured is a `Window`.
"""

from lifecycle.metrics.churn import Hazard, churn_hazard, churn_rate, half_life
from lifecycle.metrics.cohorts import (
    CohortCell,
    CohortRow,
    CohortTable,
    CurvePoint,
    CurveTable,
    cohorts,
)
from lifecycle.metrics.growth import GrowthRow, GrowthTable, growth, resurrection_rate
from lifecycle.metrics.repeat_purchases import (
    PurchaseIntervals,
    purchase_intervals,
    repeat_purchase_rate,
)
from lifecycle.metrics.revenue_cohorts import (
    RevenueCell,
    RevenueRow,
    RevenueTable,
    cohort_revenue,
)
from lifecycle.metrics.stickiness import StickinessRow, StickinessTable, active_ratio, stickiness

__all__ = [
    "CohortCell",
    "CohortRow",
    "CohortTable",
    "CurvePoint",
    "CurveTable",
    "GrowthRow",
    "GrowthTable",
    "Hazard",
    "PurchaseIntervals",
    "RevenueCell",
    "RevenueRow",
    "RevenueTable",
    "StickinessRow",
    "StickinessTable",
    "active_ratio",
    "churn_hazard",
    "churn_rate",
    "cohort_revenue",
    "cohorts",
    "growth",
    "half_life",
    "purchase_intervals",
    "repeat_purchase_rate",
    "resurrection_rate",
    "stickiness",
]
