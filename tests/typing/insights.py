"""What a type checker says of insights: checked by mypy, never run."""

from datetime import UTC, datetime, timedelta
from typing import Any, assert_type

from lifecycle import Calendar, Customer, Groups, Journey, Lifecycle, Window, clv, insights
from lifecycle.insights import (
    ChangeLog,
    DropOffTable,
    DueTable,
    JourneyChain,
    KpiTable,
    NpsTable,
    ReactivationTable,
    ReferralTable,
    StatusGrowthTable,
    Target,
    TimeInStageTable,
    TransitionTable,
    ValueTable,
    WhatIfTable,
)
from lifecycle.metrics.cohorts import CohortTable
from lifecycle.metrics.conversions import FunnelTable
from lifecycle.rates import Estimate, Rate

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MONTHLY, YEAR = Calendar("month"), Window(NOW, datetime(2027, 1, 1, tzinfo=UTC))


def asked(journeys: list[Journey], customers: list[Customer], shop: Lifecycle) -> None:
    """Ask everything."""
    target = Target("lead", "median_time", at_most=timedelta(days=3))
    table = insights.kpis(journeys, calendar=MONTHLY, window=YEAR, targets=[target])
    assert_type(table, KpiTable)
    assert_type(table.row("lead", NOW).conversion, Rate)
    assert_type(insights.kpis(journeys, calendar=MONTHLY, window=YEAR, by="plan"), Groups[KpiTable])
    assert_type(insights.transition_counts(journeys), TransitionTable)
    assert_type(insights.drop_off(iter(journeys)), DropOffTable)
    assert_type(insights.drop_off(journeys, by=MONTHLY)["x"], DropOffTable)
    assert_type(insights.drop_off(journeys, by={"ann": 1}).to_rows(), list[dict[str, Any]])
    assert_type(insights.growth(journeys, calendar=MONTHLY, window=YEAR), StatusGrowthTable)
    assert_type(insights.cohorts(journeys, calendar=MONTHLY, window=YEAR), CohortTable)
    chain = insights.chain(journeys, calendar=MONTHLY, window=YEAR, memory=3)
    assert_type(chain, JourneyChain)
    assert_type(chain.rewards({"buyer": 12}), dict[str, float])
    assert_type(chain.steps.row("lead", "buyer").rate, Rate)
    worth = insights.value(
        journeys,
        margins={"buyer": 12.0},
        calendar=MONTHLY,
        window=YEAR,
        discount=clv.Discount(0.1, per="year"),
    )
    assert_type(worth, ValueTable)
    assert_type(worth.row("buyer").value, Estimate | None)
    changed = insights.what_if(chain, {("lapsed", "buyer"): 0.08}, rewards={"buyer": 12.0})
    assert_type(changed, WhatIfTable)
    assert_type(insights.reactivations(journeys), ReactivationTable)
    assert_type(insights.referrals(journeys), ReferralTable)
    assert_type(insights.nps_by_stage(journeys, [("ann", NOW, 9)]), NpsTable)
    assert_type(insights.time_in_stage(journeys, "lead"), TimeInStageTable)
    assert_type(insights.funnel(journeys, stages=("lead", "buyer")), FunnelTable)
    assert_type(insights.due_between(customers, window=YEAR, lifecycle=shop), DueTable)
    split = insights.due_between(customers, window=YEAR, lifecycle=shop, by=stage_of)
    assert_type(split, Groups[DueTable])
    assert_type(insights.drop_off(ChangeLog(shop, [])), DropOffTable)
    assert_type(insights.funnel(journeys, until=NOW.date(), by="plan"), Groups[FunnelTable])
    ChangeLog(shop, [], until=NOW.date(), mapping={"paying": "member"})
    assert_type(insights.transition_counts(journeys).counts, dict[tuple[str, str], int])
    monthly = table.revenue_per("month")
    insights.value(journeys, margins=monthly, calendar=MONTHLY, window=YEAR, discount=0.01)

    insights.kpis(journeys, MONTHLY, YEAR)  # type: ignore[call-overload]
    insights.due_between(customers, YEAR)  # type: ignore[call-overload]
    insights.drop_off(journeys, by=3)  # type: ignore[call-overload]
    ChangeLog(shop, [], mapping=["paying"])  # type: ignore[arg-type]
    insights.time_in_stage(journeys, "lead", unit="month")  # type: ignore[call-overload]
    table.revenue_per("months")  # type: ignore[arg-type]


def stage_of(customer: Customer) -> str:
    """Return the stage of a customer."""
    return customer.stage
