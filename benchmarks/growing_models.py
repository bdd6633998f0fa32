"""What models and insights are given more and more of: customers, journeys, changes."""

import random
from datetime import timedelta
from functools import cache, partial
from typing import Any

from growing import Call, Topic

from insights import CLUB, END, MONTHS, START
from lifecycle import (
    Calendar,
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


def asked(of: Any) -> Topic:
    """Return what is asked of journeys."""
    margins = {"buyer": 12.0}
    return {
        "insights.transition_counts": lambda n: partial(
            insights.transition_counts, of(n), **MONTHS
        ),
        "insights.drop_off": lambda n: partial(insights.drop_off, of(n)),
        "insights.kpis": lambda n: partial(insights.kpis, of(n), **MONTHS),
        "insights.growth": lambda n: partial(insights.growth, of(n), **MONTHS),
        "insights.cohorts": lambda n: partial(insights.cohorts, of(n), **MONTHS),
        "insights.chain": lambda n: partial(insights.chain, of(n), **MONTHS),
        "insights.chain, memory of 4": lambda n: partial(insights.chain, of(n), memory=4, **MONTHS),
        "insights.value": lambda n: partial(
            insights.value, of(n), margins=margins, discount=0.01, **MONTHS
        ),
        "insights.reactivations": lambda n: partial(insights.reactivations, of(n)),
        "insights.time_in_stage": lambda n: partial(insights.time_in_stage, of(n), "buyer"),
        "insights.funnel": lambda n: partial(insights.funnel, of(n), stages=("lead", "buyer")),
        "insights.referrals": lambda n: partial(insights.referrals, of(n)),
    }


def logged(n: int) -> insights.ChangeLog:
    found = journeys(n)
    changes = [change for journey in found for change in journey.changes]
    enrolled = {journey.customer.id: journey.customer.enrolled for journey in found}
    return insights.ChangeLog(CLUB, changes, enrolled=enrolled, until=END)


def days(n: int) -> dict[str, Any]:
    """Look at n / 5 days, one by one."""
    return {"calendar": Calendar("day"), "window": Window(START, START + max(n // 5, 1) * DAY)}


INSIGHTS: Topic = {
    **{
        f"insights.{name}, n / 5 days": lambda n, name=name: partial(
            getattr(insights, name), journeys(500), **days(n)
        )
        for name in ("transition_counts", "kpis", "growth", "cohorts", "chain")
    },
    **asked(journeys),
    **{f"{name}, one customer": make for name, make in asked(one_journey).items()},
    "insights.kpis, by n / 5 groups": lambda n: partial(
        insights.kpis, journeys(n), by=lambda journey: journey.customer.id, **MONTHS
    ),
    "insights.kpis, by an attribute": lambda n: partial(
        insights.kpis, journeys(n), by="country", **MONTHS
    ),
    "insights.nps_by_stage": lambda n: partial(insights.nps_by_stage, journeys(n), answers(n)),
    "insights.due_between": lambda n: partial(
        insights.due_between, journeys(n), window=Window(END, END + 90 * DAY)
    ),
    "insights.ChangeLog": lambda n: partial(logged, n),
    "insights.drop_off, of a change log": lambda n: partial(insights.drop_off, logged(n)),
    "insights.what_if": lambda n: partial(
        insights.what_if,
        insights.chain(journeys(n), **MONTHS),
        {("buyer", "lapsed"): 0.1},
        rewards={"buyer": 12.0},
        discount=0.01,
    ),
}
