"""What models and insights are given more and more of: customers, journeys, changes."""

import random
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from typing import Any

from growing import Call, Topic

from insights import CLUB, END, MONTHS, START
from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Journey,
    Lifecycle,
    Transition,
    Window,
    clv,
    insights,
    models,
    rfm,
)

DAY = timedelta(days=1)
YEARLY = clv.Discount(0.1, per="year")

# Models.

BG_NBD = models.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
MBG_NBD = models.ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
PARETO = models.ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
SPEND = models.GammaGamma(p=6.25, q=3.74, v=15.44)
SBG = models.ShiftedBetaGeometric(alpha=0.668, beta=3.806)
BDW = models.BetaDiscreteWeibull(alpha=0.5, beta=1.5, c=1.2)
DONORS = models.BetaGeoBetaBinomial(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78)


@cache
def orders(n: int) -> list[tuple[Any, ...]]:
    """Draw orders of customers who buy seldom or often, and stop."""
    draw, found, customer = random.Random(1), [], 0
    while len(found) < n:
        at, pause = START + DAY * (draw.random() * 300), draw.expovariate(1) * 60 + 5
        each = draw.gammavariate(6, 5)
        while at < END and len(found) < n:
            found.append((customer, at, each * draw.gammavariate(6, 1 / 6)))
            at += DAY * (1 + draw.expovariate(1 / pause))
            if draw.random() < 0.2:
                break
        customer += 1
    return found


def summary(n: int) -> rfm.SummaryTable:
    return rfm.summary(orders(n), until=END)


def columns(n: int) -> dict[str, list[float]]:
    rows = drawn(MBG_NBD, n)
    return {name: [getattr(row, name) for row in rows] for name in ("frequency", "recency", "age")}


@cache
def drawn(model: Any, n: int) -> Any:
    """Draw the rows of customers who are as a model says."""
    return model.simulate(n, age=78, random=random.Random(1))


def spenders(n: int) -> list[dict[str, float]]:
    draw = random.Random(1)
    found = []
    for _ in range(n):
        x, nu = draw.randrange(1, 9), draw.gammavariate(SPEND.q, 1 / SPEND.v)
        found.append({"frequency": x, "monetary": draw.gammavariate(SPEND.p * x, 1 / (nu * x))})
    return found


@cache
def donors(n: int) -> Any:
    """Draw customers who buy on 30 occasions or do not."""
    return DONORS.simulate(n, age=30, random=random.Random(1))


def survivors(n: int) -> list[int]:
    return [int(10**6 / (1 + k) ** 0.7) for k in range(n)]


@cache
def renewals(model: Any, n: int) -> Any:
    return model.simulate(n, periods=12, random=random.Random(1))


def valued(n: int) -> Call:
    rows = summary(n)
    return lambda: models.value(BG_NBD, SPEND, rows, periods=12, discount=YEARLY)


MODELS: Topic = {
    "BetaGeoNBD.fit": lambda n: partial(models.BetaGeoNBD.fit, drawn(BG_NBD, n), unit="week"),
    "ModifiedBetaGeoNBD.fit": lambda n: partial(
        models.ModifiedBetaGeoNBD.fit, drawn(MBG_NBD, n), unit="week"
    ),
    "ParetoNBD.fit": lambda n: partial(models.ParetoNBD.fit, drawn(PARETO, n), unit="week"),
    "GammaGamma.fit": lambda n: partial(models.GammaGamma.fit, spenders(n)),
    "BetaGeoBetaBinomial.fit": lambda n: partial(models.BetaGeoBetaBinomial.fit, donors(n)),
    "ShiftedBetaGeometric.fit, n / 20 renewals": lambda n: partial(
        models.ShiftedBetaGeometric.fit, survivors(max(n // 20, 5))
    ),
    "ShiftedBetaGeometric.fit_durations": lambda n: partial(
        models.ShiftedBetaGeometric.fit_durations, *renewals(SBG, n)
    ),
    "BetaDiscreteWeibull.fit_durations": lambda n: partial(
        models.BetaDiscreteWeibull.fit_durations, *renewals(BDW, n)
    ),
    "models.value": valued,
    "models.value, n / 5 periods": lambda n: partial(
        models.value, BG_NBD, 20.0, summary(100), periods=n // 5, discount=YEARLY
    ),
    "models.holdout": lambda n: partial(
        models.holdout,
        BG_NBD,
        rfm.summary(orders(n), until=END, calibration_until=START + 365 * DAY),
    ),
    "models.tracking": lambda n: partial(models.tracking, BG_NBD, orders(n), until=END),
    "ModifiedBetaGeoNBD.p_alive": lambda n: partial(MBG_NBD.p_alive, **columns(n)),
    "BetaGeoNBD.simulate": lambda n: partial(BG_NBD.simulate, n, age=52, random=random.Random(1)),
}

# Insights.


@cache
def journeys(n: int) -> list[Journey]:
    """Draw journeys with n events in all, some of referred customers."""
    draw, found = random.Random(1), []
    for i in range(max(n // 5, 1)):
        days = sorted(draw.randrange(1, 731) for _ in range(5))
        found.append(
            CLUB.replay(
                i,
                [Event("purchase", START + day * DAY, value=20.0) for day in days],
                since=START + (days[0] - 1) * DAY,
                until=END,
                attributes={"country": draw.choice(("DE", "AT", "CH"))},
                referred_by=draw.randrange(i) if i and draw.random() < 0.3 else None,
            )
        )
    return found


@cache
def one_journey(n: int) -> list[Journey]:
    """Return the one journey of a customer who comes back again and again."""
    events = [Event("purchase", START + 31 * i * DAY / n, value=20.0) for i in range(n)]
    cycle = Lifecycle(
        name="club",
        initial="lead",
        stages=CLUB.stages,
        transitions=[
            Transition(("lead", "lapsed", "churned"), "buyer", on="purchase"),
            Transition("buyer", "lapsed", on="purchase"),
        ],
    )
    return [cycle.replay("ann", events, since=START, until=END)]


def answers(n: int) -> list[tuple[Any, ...]]:
    draw = random.Random(1)
    return [
        (journey.customer.id, journey.customer.enrolled + 9 * DAY, draw.randrange(11))
        for journey in journeys(n)
        if journey.customer.enrolled + 9 * DAY < END
    ]


def base(n: int) -> CustomerBase:
    return CustomerBase(journeys(n))


def of_one(n: int) -> CustomerBase:
    return CustomerBase(one_journey(n))


def monthly(n: int) -> CustomerBase:
    return base(n).over(*MONTHS)


def asked(of: Callable[[int], CustomerBase]) -> Topic:
    """Return what is asked of a base."""
    value = {"margins": {"buyer": 12.0}, "discount": 0.01}
    return {
        "CustomerBase.transition_counts": lambda n: of(n).over(*MONTHS).transition_counts,
        "CustomerBase.drop_off": lambda n: of(n).drop_off,
        "CustomerBase.kpis": lambda n: of(n).over(*MONTHS).kpis,
        "CustomerBase.growth": lambda n: of(n).over(*MONTHS).growth,
        "CustomerBase.cohorts": lambda n: of(n).over(*MONTHS).cohorts,
        "CustomerBase.chain": lambda n: of(n).over(*MONTHS).chain,
        "CustomerBase.chain, memory of 4": lambda n: partial(of(n).over(*MONTHS).chain, memory=4),
        "CustomerBase.value": lambda n: partial(of(n).over(*MONTHS).value, **value),
        "CustomerBase.reactivations": lambda n: of(n).reactivations,
        "CustomerBase.time_in_stage": lambda n: partial(of(n).time_in_stage, "buyer"),
        "CustomerBase.funnel": lambda n: partial(of(n).funnel, stages=("lead", "buyer")),
        "CustomerBase.referrals": lambda n: of(n).referrals,
        "CustomerBase.customers": lambda n: partial(getattr, of(n), "customers"),
        "CustomerBase.stays": lambda n: partial(getattr, of(n), "stays"),
        "CustomerBase.changes": lambda n: partial(getattr, of(n), "changes"),
        "CustomerBase.orders": lambda n: partial(of(n).orders, "purchase"),
    }


def filed(n: int) -> CustomerBase:
    found = journeys(n)
    changes = [change for journey in found for change in journey.changes]
    enrolled = {journey.customer.id: journey.customer.enrolled for journey in found}
    return CustomerBase.from_changes(CLUB, changes, enrolled=enrolled, until=END)


def daily(n: int) -> CustomerBase:
    """Look at n / 5 days, one by one."""
    return base(500).over(Calendar("day"), Window(START, START + max(n // 5, 1) * DAY))


def customer_id(journey: Journey) -> Any:
    return journey.customer.id


INSIGHTS: Topic = {
    "CustomerBase": lambda n: partial(CustomerBase, journeys(n)),
    "CustomerBase.from_changes": lambda n: partial(filed, n),
    **{
        f"CustomerBase.{name}, n / 5 days": lambda n, name=name: getattr(daily(n), name)
        for name in ("transition_counts", "kpis", "growth", "cohorts", "chain")
    },
    **asked(base),
    **{f"{name}, one customer": make for name, make in asked(of_one).items()},
    "CustomerBase.by, n / 5 groups": lambda n: partial(base(n).by, customer_id),
    "GroupedBase.kpis, n / 5 groups": lambda n: monthly(n).by(customer_id).kpis,
    "GroupedBase.kpis with answers, n / 5 groups": lambda n: partial(
        monthly(n).by(customer_id).kpis, answers=answers(n)
    ),
    "GroupedBase.kpis, by an attribute": lambda n: monthly(n).by("country").kpis,
    "CustomerBase.nps": lambda n: partial(base(n).nps, answers(n)),
    "CustomerBase.due": lambda n: partial(base(n).due, window=Window(END, END + 90 * DAY)),
    "CustomerBase.drop_off, of changes on file": lambda n: filed(n).drop_off,
    "insights.due_between": lambda n: partial(
        insights.due_between,
        [journey.customer for journey in journeys(n)],
        lifecycle=CLUB,
        window=Window(END, END + 90 * DAY),
    ),
    "insights.what_if": lambda n: partial(
        insights.what_if,
        monthly(n).chain(),
        {("buyer", "lapsed"): 0.1},
        rewards={"buyer": 12.0},
        discount=0.01,
    ),
}
