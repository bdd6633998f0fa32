"""What a type checker says of retention: checked by mypy, never run."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, assert_type

from lifecycle import Groups
from lifecycle.metrics import retention
from lifecycle.metrics.retention import (
    CohortCell,
    CohortRow,
    CohortTable,
    CurveTable,
    GrowthRow,
    GrowthTable,
    Hazard,
    PurchaseIntervals,
    RevenueCell,
    RevenueTable,
    StickinessTable,
)
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Interval, Rate, Ratio

MONTHLY = Calendar("month")
YEAR = Window(date(2026, 1, 1), date(2027, 1, 1))
LOG = [("ann", datetime(2026, 1, 1, tzinfo=UTC)), ("bob", datetime(2026, 1, 2, tzinfo=UTC))]
DAYS = ((7, date(2026, 1, day)) for day in range(1, 20))

table = retention.cohorts(LOG, calendar=MONTHLY, window=YEAR, enrolled=DAYS, brackets=[range(1, 4)])
assert_type(table, CohortTable)
assert_type(table.rows, tuple[CohortRow, ...])
assert_type(table.cell(date(2026, 1, 1), 1), CohortCell)
assert_type(table.cell(0, 0).rate, Rate | None)
assert_type(table.cell(0, 0).value, float | None)
assert_type(table.curve(average="mean"), CurveTable)
assert_type(table.to_rows(), list[dict[str, Any]])
retention.cohorts(LOG, calendar=MONTHLY, window=YEAR, retained="after")  # type: ignore[call-overload]
retention.cohorts(LOG, MONTHLY, YEAR)  # type: ignore[call-overload]

tiers = {"ann": "gold"}
by_tier = retention.cohorts(LOG, calendar=MONTHLY, window=YEAR, by=tiers)
assert_type(by_tier, Groups[CohortTable])
assert_type(by_tier["gold"].rows, tuple[CohortRow, ...])
assert_type(retention.growth(LOG, calendar=MONTHLY, window=YEAR, by=tiers), Groups[GrowthTable])
assert_type(retention.repeat_purchase_rate(LOG, window=YEAR, by="plan"), Groups[Rate])
assert_type(retention.purchase_intervals(LOG, by="plan"), Groups[PurchaseIntervals])

paid = retention.cohort_revenue(
    [("ann", date(2026, 1, 1), Decimal(3))], calendar=MONTHLY, window=YEAR, mode="elapsed"
)
assert_type(paid, RevenueTable)
assert_type(paid.cell(0, 1), RevenueCell)
assert_type(paid.cell(0, 1).per_customer, Ratio | None)

SIGNED_UP = {"ann": date(2026, 1, 1)}
grown = retention.growth(LOG, calendar=MONTHLY, window=YEAR, enrolled=SIGNED_UP)
assert_type(retention.growth(LOG, calendar=MONTHLY, window=YEAR, enrolled=LOG), GrowthTable)
assert_type(grown.rows, tuple[GrowthRow, ...])
assert_type(grown.rows[0].active, int)

assert_type(retention.churn_rate(start=10, lost=1), Ratio)
assert_type(retention.churn_rate(start=10, lost=1, new=2, method="midpoint"), Ratio)
assert_type(retention.churn_rate(start=10, lost=1, lost_of_start=1, method="cohort"), Ratio)
retention.churn_rate(start=10, lost=1, method="end")  # type: ignore[arg-type]

hazard = retention.churn_hazard(lost=3, exposure=timedelta(days=900), per=timedelta(days=30))
assert_type(hazard, Hazard)
assert_type(hazard.interval(level=0.9), Interval | None)
assert_type(hazard + hazard, Hazard)
assert_type(retention.half_life(0.05), float | None)

assert_type(retention.repeat_purchase_rate(LOG, window=YEAR, earlier="counted"), Rate)
assert_type(retention.resurrection_rate(LOG, window=YEAR, idle=timedelta(days=90)), Rate)
assert_type(retention.purchase_intervals(LOG), PurchaseIntervals)
assert_type(retention.purchase_intervals(LOG).median, timedelta | None)
assert_type(retention.stickiness(LOG, calendar=MONTHLY, window=YEAR), StickinessTable)
assert_type(retention.active_ratio(LOG, until=date(2026, 1, 31), days=7, zone="UTC"), Rate)
