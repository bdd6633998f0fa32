"""Every calculator of money, in whatever decimal context it is called: one result."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from contexts import HOSTS
from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Lifecycle,
    Period,
    Ratio,
    Stage,
    Status,
    Transition,
    Window,
    clv,
    idle,
    insights,
    markov,
    models,
    retention,
    revenue,
    rfm,
)

D = Decimal
MONTHS = Calendar("month")
WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
OPEN = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 15, tzinfo=UTC))
PAID = [
    ("ann", date(2026, 1, 5), D("1234.5678")),
    ("bob", date(2026, 1, 9), D("99.99")),
    ("ann", date(2026, 2, 3), D("0.0001")),
    ("bob", date(2026, 2, 4), D("1E+3")),
    ("eve", date(2026, 2, 5), D("333.335")),
    ("eve", date(2026, 3, 5), D("333.335")),
    ("joe", date(2026, 3, 6), D("77777.77")),
]
MRR = [
    (customer, date(2026, month, 1), D(amount) / 1000)
    for customer, amounts in {
        "ann": (123456, 234567, 0, 345678),
        "bob": (99999, 88888, 77777, 0),
        "eve": (0, 1, 10_000_001, 10_000_001),
    }.items()
    for month, amount in enumerate(amounts, start=1)
    if amount
]

SHOP = Lifecycle(
    name="shop",
    initial="lead",
    stages=(
        Stage("lead", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
    ),
    transitions=(
        Transition(("lead", "lapsed"), "buyer", on="purchase"),
        Transition("buyer", "lapsed", after=idle(days=20)),
    ),
)
START = datetime(2026, 1, 1, tzinfo=UTC)
JOURNEYS = [
    SHOP.replay(
        name,
        [
            Event("purchase", START + timedelta(days=day), value=D(amount) / 10_000)
            for day, amount in days
        ],
        since=START,
        until=datetime(2026, 5, 1, tzinfo=UTC),
        referred_by=by,
    )
    for name, by, days in (
        ("ann", None, ((3, 1234567), (40, 999_999), (43, 1))),
        ("bob", "ann", ((9, 33_333_333),)),
        ("eve", "ann", ((20, 7), (90, 1_000_001))),
    )
]
MARGINS = {"buyer": D("33.33333"), "lapsed": D("0.0001"), "lead": D(0)}
CHAIN = markov.Chain(["in", "out"], [[0.7, 0.3], [0.1, 0.9]])
BG_NBD = models.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
UNTIL = date(2026, 5, 1)
RATES: dict[str, Any] = {"retention": D("0.77777"), "discount": D("0.012345")}
YEARLY = clv.Discount(D("0.123456"), per="year")

CALLS: dict[str, Callable[[], Any]] = {
    "Ratio": lambda: Ratio(D("99.9999"), D("7.77777")),
    "Ratio of a whole number": lambda: Ratio(3, D("7.77777")),
    "Ratio added": lambda: Ratio(D("99.9999"), 7) + Ratio(D("0.0001234"), 7),
    "sum of Ratio": lambda: sum([Ratio(D("99.9999"), 7), Ratio(D("0.0001234"), 7)]),
    "clv.Discount": lambda: YEARLY.for_period("month"),
    "clv.simple": lambda: clv.simple(annual_profit=D("1234.567"), years=3.3),
    "clv.net": lambda: clv.net(
        annual_revenue=D("1234.567"), years=3, acquisition_cost=D("0.0001"), service_cost=1
    ),
    "clv.geometric": lambda: clv.geometric(
        margin=D("1234.567"), first_margin="next_period", acquisition_cost=D("0.0001"), **RATES
    ),
    "clv.geometric with a horizon": lambda: clv.geometric(
        margin=D("1234.567"), first_margin="now", growth=D("0.01"), periods=13, **RATES
    ),
    "clv.from_curve": lambda: clv.from_curve(
        [1, D("0.77777"), D("0.66666")],
        margin=[D("12.34567"), D("0.0001"), D("1.1")],
        discount=D("0.0123"),
        first_margin="now",
    ),
    "clv.promotion": lambda: clv.promotion(
        contribution=D("1234.567"), promotion=D("0.0001"), periods=7, **RATES
    ),
    "clv.historic": lambda: clv.historic(
        [(at, amount) for _, at, amount in PAID], until=UNTIL, discount=YEARLY
    ),
    "clv.historic of a generator": lambda: clv.historic(
        ((at, amount) for _, at, amount in PAID), until=UNTIL
    ),
    "clv.payback": lambda: clv.payback(
        margin=D("12.34567"), acquisition_cost=D("33.3333"), first_margin="now", **RATES
    ),
    "clv.to_cac": lambda: clv.to_cac(D("1234.567"), D("33.3333")),
    "clv.equity": lambda: clv.equity([D("1234.567"), D("0.0001"), D("-33.3333")]),
    "clv.acquisition_vs_retention": lambda: clv.acquisition_vs_retention(
        acquisition_cost=D("33.3333"),
        retention_spend=D("1.2345"),
        retention=D("0.77777"),
        baseline=D("0.1"),
        extra_value=D("0.0001"),
    ),
    "clv.referral_value": lambda: clv.referral_value(
        referrals=1.1,
        value=D("1234.567"),
        acquisition_cost=D("33.3333"),
        reward=D("0.0001"),
        would_join_anyway=D("0.33333"),
    ),
    "clv.viral_coefficient": lambda: clv.viral_coefficient(invites=3, conversion=D("0.33333")),
    "clv.earned_growth": lambda: clv.earned_growth(
        net_retention=D("0.98765"), earned_new=D("0.23456"), bought_new=D("0.11111")
    ),
    "revenue.normalise": lambda: [
        revenue.normalise(D("1234.567"), every=every, places=places)
        for every in ("year", "week", Period(months=7))
        for places in (None, 2)
    ],
    "revenue.movements": lambda: revenue.movements(MRR, calendar=MONTHS, window=WINDOW),
    "revenue.movements over two": lambda: revenue.movements(
        MRR, calendar=MONTHS, window=WINDOW, periods=2, reasons={"ann": "price", "bob": "price"}
    ),
    "revenue.net_retention": lambda: revenue.net_retention(MRR, calendar=MONTHS, window=WINDOW),
    "revenue.gross_retention": lambda: revenue.gross_retention(MRR, calendar=MONTHS, window=WINDOW),
    "revenue.quick_ratio": lambda: revenue.quick_ratio(MRR, calendar=MONTHS, window=WINDOW),
    "revenue of a row": lambda: [
        measure(
            {
                "start": D("1234.567"),
                "expansion": D("0.0001"),
                "contraction": D("33.3333"),
                "churn": D("9.99999"),
                "new": D("1.1"),
                "reactivation": D(0),
            }
        )
        for measure in (revenue.net_mrr_churn, revenue.gross_mrr_churn)
    ],
    "revenue.cohorts": lambda: revenue.cohorts(MRR, calendar=MONTHS, window=WINDOW),
    "revenue.cohorts with open cells": lambda: revenue.cohorts(MRR, calendar=MONTHS, window=OPEN),
    "revenue.movements with an open period": lambda: revenue.movements(
        MRR, calendar=MONTHS, window=OPEN
    ),
    "revenue.recurring": lambda: revenue.recurring(
        [revenue.Subscription(each, start=at, amount=amount) for each, at, amount in MRR],
        calendar=MONTHS,
        until=UNTIL,
    ),
    "retention.cohort_revenue": lambda: retention.cohort_revenue(
        PAID, calendar=MONTHS, window=WINDOW
    ),
    "retention.cohort_revenue with open cells": lambda: retention.cohort_revenue(
        PAID, calendar=MONTHS, window=OPEN
    ),
    "rfm.summary": lambda: rfm.summary(PAID, until=UNTIL),
    "rfm.summary with a holdout": lambda: rfm.summary(
        PAID, until=UNTIL, calibration_until=date(2026, 2, 4)
    ),
    "rfm.scores": lambda: rfm.scores(PAID, until=UNTIL, bins=3),
    "rfm.segments": lambda: rfm.segments(
        rfm.scores(PAID, until=UNTIL, bins=3), rules=[rfm.SegmentRule("all")]
    ),
    "rfm.concentration": lambda: rfm.concentration([paid for *_, paid in PAID], top=0.3),
    "markov.value": lambda: CHAIN.value({"in": D("33.3333"), "out": D("0.0001")}, discount=0.01),
    "markov.value of periods": lambda: CHAIN.value(
        {"in": D("33.3333"), "out": D("0.0001")}, discount=0.01, periods=12
    ),
    "models.value": lambda: models.value(
        BG_NBD,
        D("33.3333"),
        rfm.summary(PAID, until=UNTIL),
        periods=12,
        discount=clv.Discount(0.1, per="year"),
    ),
    "models.value by what was spent": lambda: models.value(
        BG_NBD,
        models.GammaGamma(p=6.25, q=3.74, v=15.44),
        rfm.summary(PAID, until=UNTIL),
        periods=12,
        discount=clv.Discount(0.1, per="year"),
        margin=0.3333,
    ),
    "CustomerBase.kpis": lambda: (
        CustomerBase(JOURNEYS).over(MONTHS, WINDOW).kpis(values={"buyer": D("33.3333")})
    ),
    "CustomerBase.kpis by month": lambda: (
        CustomerBase(JOURNEYS).over(MONTHS, WINDOW).kpis().revenue_per("month")
    ),
    "CustomerBase.reactivations": lambda: CustomerBase(JOURNEYS).reactivations(),
    "CustomerBase.referrals": lambda: CustomerBase(JOURNEYS).referrals(),
    "CustomerBase.value": lambda: (
        CustomerBase(JOURNEYS)
        .over(MONTHS, WINDOW)
        .value(margins=MARGINS, discount=0.01, periods=12)
    ),
    "insights.what_if": lambda: insights.what_if(
        CHAIN,
        {("in", "out"): 0.2},
        rewards={"in": D("33.3333"), "out": D("0.0001")},
        discount=0.01,
        stock={"in": 1000, "out": 3},
    ),
    "CustomerBase.chain": lambda: (
        CustomerBase(JOURNEYS).over(MONTHS, WINDOW).chain().value(MARGINS, discount=0.01)
    ),
    "a replay": lambda: [journey.to_dict() for journey in JOURNEYS],
}


def shown(result: Any) -> list[str]:
    """Write all that can be read off a result, where digits tell 0.1 from 0.10."""
    return [text.lower() for text in _shown(result)]  # as a context may write 1e+3


def _shown(result: Any, depth: int = 3) -> Iterator[str]:
    yield str(result)
    yield repr(result)
    if isinstance(result, list | tuple) and depth:
        for each in result:
            yield from _shown(each, depth)
    elif type(result).__module__.startswith("lifecycle") and depth:
        for name in dir(result):
            if name == "_repr_html_" or not name.startswith("_"):
                found = getattr(result, name)
                if name in ("to_rows", "_repr_html_"):
                    yield repr(found())
                elif not callable(found):
                    yield from _shown(found, depth - 1)


@pytest.mark.parametrize("call", CALLS)
def test_the_context_of_the_caller_changes_no_result(call: str) -> None:
    expected = shown(CALLS[call]())
    for host, context in HOSTS.items():
        with localcontext(context):
            assert shown(CALLS[call]()) == expected, host
