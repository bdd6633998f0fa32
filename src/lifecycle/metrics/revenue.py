"""Recurring revenue: what comes, grows, shrinks, leaves and comes back.

What customers pay comes as (customer, at, amount) rows, in any order, in one currency:
`Decimal`, or whole numbers of cents. Calendar work follows a `Calendar`, and the time looked
at is a `Window`.
"""

from lifecycle.metrics.billing import (
    RecurringTable,
    Subscription,
    anchored_dates,
    normalise,
    recurring,
)
from lifecycle.metrics.movements import MovementRow, MovementTable, movements
from lifecycle.metrics.mrr_cohorts import MrrCell, MrrRow, MrrTable, cohorts
from lifecycle.metrics.mrr_rates import (
    MeasureRow,
    MeasureTable,
    Movements,
    gross_mrr_churn,
    gross_retention,
    logo_churn,
    net_mrr_churn,
    net_retention,
    quick_ratio,
)

__all__ = [
    "MeasureRow",
    "MeasureTable",
    "MovementRow",
    "MovementTable",
    "Movements",
    "MrrCell",
    "MrrRow",
    "MrrTable",
    "RecurringTable",
    "Subscription",
    "anchored_dates",
    "cohorts",
    "gross_mrr_churn",
    "gross_retention",
    "logo_churn",
    "movements",
    "net_mrr_churn",
    "net_retention",
    "normalise",
    "quick_ratio",
    "recurring",
]
