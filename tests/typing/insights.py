"""What a type checker says of insights: checked by mypy, never run."""

from datetime import UTC, datetime, timedelta
from typing import Any, assert_type
from uuid import UUID

from lifecycle import (
    Calendar,
    Customer,
    CustomerBase,
    EventLog,
    Groups,
    Journey,
    Lifecycle,
    Window,
    clv,
    insights,
)
from lifecycle.insights import (
    CustomerTable,
    DropOffTable,
    DueTable,
    GroupedBase,
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


def asked(journeys: list[Journey]) -> None:
    """Ask what needs no periods."""
    base = CustomerBase(iter(journeys))
    assert_type(base["ann"], Journey)
    assert_type(list(base), list[str | int | UUID])
    assert_type(base.customers, CustomerTable)
    assert_type(base.customers.row("ann").due, datetime | None)
    assert_type(base.stays.row("ann", "lead").left, datetime | None)
    assert_type(base.changes.rows[0].kind, str)
    assert_type(base.orders("purchase"), EventLog)
    assert_type(base.drop_off(), DropOffTable)
    assert_type(base.transition_counts().counts, dict[tuple[str, str], int])
    assert_type(base.funnel(stages=("lead", "buyer"), until=NOW.date()), FunnelTable)
    assert_type(base.reactivations(), ReactivationTable)
    assert_type(base.referrals(), ReferralTable)
    assert_type(base.nps([("ann", NOW, 9)]), NpsTable)
    assert_type(base.time_in_stage("lead"), TimeInStageTable)
    assert_type(base.due(window=YEAR), DueTable)
    assert_type(base.over(window=YEAR), CustomerBase)


def asked_by_periods(base: CustomerBase) -> None:
    """Ask what needs periods."""
    monthly = base.over(MONTHLY, YEAR)
    assert_type(monthly, CustomerBase)
    target = Target("lead", "median_time", at_most=timedelta(days=3))
    table = monthly.kpis(targets=[target])
    assert_type(table, KpiTable)
    assert_type(table.row("lead", NOW).conversion, Rate)
    assert_type(monthly.transition_counts(), TransitionTable)
    assert_type(monthly.growth(), StatusGrowthTable)
    assert_type(monthly.cohorts(), CohortTable)
    chain = monthly.chain(memory=3)
    assert_type(chain, JourneyChain)
    assert_type(chain.rewards({"buyer": 12}), dict[str, float])
    assert_type(chain.steps.row("lead", "buyer").rate, Rate)
    worth = monthly.value(margins={"buyer": 12.0}, discount=clv.Discount(0.1, per="year"))
    assert_type(worth, ValueTable)
    assert_type(worth.row("buyer").value, Estimate | None)
    monthly.value(margins=table.revenue_per("month"), discount=0.01)
    changed = insights.what_if(chain, {("lapsed", "buyer"): 0.08}, rewards={"buyer": 12.0})
    assert_type(changed, WhatIfTable)

    monthly.kpis([target])  # type: ignore[call-arg]
    base.kpis(calendar=MONTHLY)  # type: ignore[call-arg]
    base.due(YEAR)  # type: ignore[call-arg]
    base.over("month", YEAR)  # type: ignore[arg-type]
    base.time_in_stage("lead", unit="month")  # type: ignore[arg-type]
    table.revenue_per("months")  # type: ignore[arg-type]


def asked_of_groups(base: CustomerBase, target: Target) -> None:
    """Ask each group."""
    groups = base.over(MONTHLY, YEAR).by("plan")
    assert_type(groups, GroupedBase)
    assert_type(groups["gold"], CustomerBase)
    assert_type(groups.kpis(targets=[target]), Groups[KpiTable])
    assert_type(groups.growth(), Groups[StatusGrowthTable])
    assert_type(groups.cohorts(retained="on_or_after"), Groups[CohortTable])
    assert_type(groups.chain(memory=3), Groups[JourneyChain])
    assert_type(groups.value(margins={}, discount=0.1), Groups[ValueTable])
    assert_type(groups.transition_counts(), Groups[TransitionTable])
    assert_type(groups.nps([("ann", NOW, 9)]), Groups[NpsTable])
    assert_type(base.by(MONTHLY).drop_off()["x"], DropOffTable)
    assert_type(base.by({"ann": 1}).drop_off().to_rows(), list[dict[str, Any]])
    assert_type(base.by(letters).funnel(until=NOW.date()), Groups[FunnelTable])
    assert_type(base.by(letters).time_in_stage("lead"), Groups[TimeInStageTable])
    assert_type(base.by(letters).reactivations(), Groups[ReactivationTable])
    assert_type(base.by(letters).referrals(), Groups[ReferralTable])
    assert_type(base.by(letters).due(window=YEAR), Groups[DueTable])

    groups.kpis([target])  # type: ignore[call-arg]
    groups.value(margins={})  # type: ignore[call-arg]
    base.by(3)  # type: ignore[arg-type]


def stored(journeys: list[Journey], customers: list[Customer], shop: Lifecycle) -> None:
    """Ask changes on file, and stored customers."""
    filed = CustomerBase.from_changes(shop, [], until=NOW.date(), mapping={"paying": "member"})
    assert_type(filed, CustomerBase)
    assert_type(insights.due_between(customers, window=YEAR, lifecycle=shop), DueTable)

    CustomerBase.from_changes(shop, [], mapping=["paying"])  # type: ignore[arg-type]
    insights.due_between(journeys, window=YEAR, lifecycle=shop)  # type: ignore[arg-type]


def letters(journey: Journey) -> int:
    """Return the length of the id of a customer."""
    return len(str(journey.customer.id))
