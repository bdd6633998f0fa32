"""What the calculators are given more and more of: rows, customers, periods, states."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from growing import Call, Topic

from lifecycle import (
    Calendar,
    EventLog,
    Period,
    Window,
    clv,
    funnel,
    markov,
    nps,
    retention,
    revenue,
    rfm,
    survival,
)

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
MONTHS: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, END)}
DAY = timedelta(days=1)
DAYS = (END - START).days

# Logs of customers, each with 5 rows.


def drawn(n: int, what: Callable[[random.Random], Any]) -> list[tuple[Any, ...]]:
    """Draw (customer, at, what) over two years."""
    draw = random.Random(1)
    return [(f"c{i // 5}", START + DAY * (draw.random() * DAYS), *what(draw)) for i in range(n)]


def activity(n: int) -> list[tuple[Any, ...]]:
    return drawn(n, lambda _: ())


def payments(n: int) -> list[tuple[Any, ...]]:
    return drawn(n, lambda draw: (draw.randrange(100) / 4,))


def exact_payments(n: int) -> list[tuple[Any, ...]]:
    return drawn(n, lambda draw: (Decimal(draw.randrange(10_000)) / 100,))


def of_one(n: int) -> list[tuple[Any, ...]]:
    """Let one customer do it all."""
    return [("ann", at, *more) for _, at, *more in payments(n)]


def days(n: int) -> dict[str, Any]:
    """Look at n / 5 days, one by one."""
    return {"calendar": Calendar("day"), "window": Window(START, START + max(n // 5, 1) * DAY)}


RETENTION: Topic = {
    "retention.cohorts, n / 5 days": lambda n: partial(retention.cohorts, activity(500), **days(n)),
    "retention.cohort_revenue, n / 5 days": lambda n: partial(
        retention.cohort_revenue, payments(500), **days(n)
    ),
    "retention.growth, n / 5 days": lambda n: partial(retention.growth, activity(500), **days(n)),
    "retention.stickiness, n / 5 days": lambda n: partial(
        retention.stickiness, activity(500), **days(n)
    ),
    "retention.cohorts": lambda n: partial(retention.cohorts, activity(n), **MONTHS),
    "retention.cohorts, on or after": lambda n: partial(
        retention.cohorts, activity(n), retained="on_or_after", **MONTHS
    ),
    "retention.cohorts, every period": lambda n: partial(
        retention.cohorts, activity(n), cohorting="every", **MONTHS
    ),
    "retention.cohorts, elapsed": lambda n: partial(
        retention.cohorts, activity(n), mode="elapsed", **MONTHS
    ),
    "retention.cohort_revenue": lambda n: partial(retention.cohort_revenue, payments(n), **MONTHS),
    "retention.growth": lambda n: partial(retention.growth, activity(n), **MONTHS),
    "retention.purchase_intervals": lambda n: partial(retention.purchase_intervals, activity(n)),
    "retention.purchase_intervals, one customer": lambda n: partial(
        retention.purchase_intervals, [each[:2] for each in of_one(n)]
    ),
    "retention.resurrection_rate": lambda n: partial(
        retention.resurrection_rate,
        activity(n),
        window=Window(START + 365 * DAY, END),
        idle=30 * DAY,
    ),
    "retention.repeat_purchase_rate": lambda n: partial(
        retention.repeat_purchase_rate, activity(n), window=Window(START, END)
    ),
    "retention.stickiness": lambda n: partial(retention.stickiness, activity(n), **MONTHS),
    "retention.active_ratio": lambda n: partial(
        retention.active_ratio, activity(n), until=END.date()
    ),
}


def ratings(n: int) -> list[int]:
    draw = random.Random(1)
    return [draw.randrange(11) for _ in range(n)]


def dated(n: int) -> list[tuple[datetime, int]]:
    return [(at, rating) for (_, at), rating in zip(activity(n), ratings(n), strict=True)]


NPS: Topic = {
    "nps.rolling, n / 5 days, in n / 10 days": lambda n: partial(
        nps.rolling,
        [row for row in dated(500) if row[0] < days(n)["window"].end] or dated(1),
        window=Period(days=max(n // 10, 1)),
        calendar=Calendar("day"),
    ),
    "nps.score": lambda n: partial(nps.score, ratings(n)),
    "nps.score by n / 5 groups": lambda n: partial(
        nps.score, ratings(n), by=[i // 5 for i in range(len(ratings(n)))]
    ),
    "nps.rolling, 90 days by day": lambda n: partial(
        nps.rolling, dated(n), window=Period(days=90), calendar=Calendar("day")
    ),
    "nps.weighted": lambda n: partial(nps.weighted, ratings(n), [1 + i % 7 / 3 for i in range(n)]),
}


def subscribed(n: int) -> list[tuple[Any, ...]]:
    """Draw rows of recurring revenue, of customers who stay for two years at most."""
    draw, calendar = random.Random(1), Calendar("month")
    first = calendar.index(START)
    starts = [calendar.start(first + k) for k in range(24)]
    found: list[tuple[Any, ...]] = []
    while len(found) < n:
        begun, price = draw.randrange(24), draw.choice((1900, 2900, 9900))
        customer = f"c{len(found)}"
        found += [(customer, at, price) for at in starts[begun : begun + draw.randrange(1, 12)]]
    return found[:n]


def contracts(n: int) -> list[revenue.Subscription]:
    return [
        revenue.Subscription(customer, start=at, amount=price, end=min(at + 100 * DAY, END))
        for customer, at, price in subscribed(n)
    ]


REVENUE: Topic = {
    "revenue.movements, n / 5 days": lambda n: partial(
        revenue.movements, subscribed(500), **days(n)
    ),
    "revenue.cohorts, n / 5 days": lambda n: partial(revenue.cohorts, subscribed(500), **days(n)),
    "revenue.net_retention, n / 5 days": lambda n: partial(
        revenue.net_retention, subscribed(500), **days(n)
    ),
    "revenue.movements": lambda n: partial(revenue.movements, subscribed(n), **MONTHS),
    "revenue.movements, over 12 months": lambda n: partial(
        revenue.movements, subscribed(n), periods=12, **MONTHS
    ),
    "revenue.cohorts": lambda n: partial(revenue.cohorts, subscribed(n), **MONTHS),
    "revenue.net_retention": lambda n: partial(revenue.net_retention, subscribed(n), **MONTHS),
    "revenue.gross_retention": lambda n: partial(revenue.gross_retention, subscribed(n), **MONTHS),
    "revenue.logo_churn": lambda n: partial(revenue.logo_churn, subscribed(n), **MONTHS),
    "revenue.quick_ratio": lambda n: partial(revenue.quick_ratio, subscribed(n), **MONTHS),
    "revenue.recurring": lambda n: partial(
        revenue.recurring, contracts(n), calendar=Calendar("month"), until=END
    ),
    "revenue.anchored_dates": lambda n: partial(
        revenue.anchored_dates, START, months=1, n=max(n // 10, 1)
    ),
}

# Funnels.

STEPS = ("visit", "cart", "order")


def visits(n: int) -> list[tuple[Any, ...]]:
    return drawn(n, lambda draw: (draw.choice(STEPS),))


def visits_of_one(n: int) -> list[tuple[Any, ...]]:
    return [("ann", at, step) for _, at, step in visits(n)]


def funnels(rows: Callable[[int], list[tuple[Any, ...]]], **how: Any) -> Callable[[int], Call]:
    return lambda n: partial(funnel.funnel, rows(n), steps=STEPS, **how)


def times_to_convert(n: int) -> Call:
    found = funnel.funnel(visits(n), steps=STEPS)
    return lambda: found.time_to_convert.total


CARTS: dict[str, Any] = {"until": END, "abandoned_after": DAY, "recovery_within": 9 * DAY}


FUNNEL: Topic = {
    **{
        f"funnel.funnel, {order}{whose}{window}": funnels(rows, order=order, **how)
        for order in ("ordered", "strict", "any")
        for whose, rows in (("", visits), (", one customer", visits_of_one))
        for window, how in (("", {}), (", in a window", {"within": 9 * DAY}))
    },
    "funnel.funnel, with an exclusion": funnels(
        visits, exclusions=[funnel.Exclusion("visit", after=1, before=2)]
    ),
    "funnel.funnel, known until": funnels(visits, within=9 * DAY, until=END),
    "FunnelTable.time_to_convert": times_to_convert,
    "funnel.cart_recovery": lambda n: partial(funnel.cart_recovery, visits(n), **CARTS),
    "funnel.cart_recovery, one customer": lambda n: partial(
        funnel.cart_recovery, visits_of_one(n), **CARTS
    ),
}

# Durations.


def durations(n: int) -> list[float]:
    """Draw durations that all differ."""
    draw = random.Random(1)
    return [draw.expovariate(0.1) for _ in range(n)]


def observed(n: int) -> list[bool]:
    return [i % 3 > 0 for i in range(n)]


def whole(n: int) -> list[int]:
    return [1 + int(each) for each in durations(n)]


def curve(n: int) -> survival.SurvivalCurve:
    return survival.kaplan_meier(durations(n), observed(n))


def causes(n: int) -> list[str | None]:
    return [(None, "price", "moved")[i % 3] for i in range(n)]


def entries(n: int) -> list[float]:
    return [each / 2 for each in durations(n)]


def looked_up(n: int) -> Call:
    """Look a curve up as often as it has steps."""
    found, at = curve(n), durations(n)
    return lambda: [found.at(t) for t in at]


def grouped(n: int, groups: int) -> list[tuple[list[float], list[bool]]]:
    size = max(n // groups, 2)
    draws = durations(size * groups)
    return [(draws[i * size : (i + 1) * size], observed(size)) for i in range(groups)]


SURVIVAL: Topic = {
    "survival.kaplan_meier": lambda n: partial(curve, n),
    "survival.kaplan_meier, whole days": lambda n: partial(
        survival.kaplan_meier, whole(n), observed(n)
    ),
    "survival.kaplan_meier, late entry and weights": lambda n: partial(
        survival.kaplan_meier, durations(n), observed(n), entry=entries(n), weights=[1.5] * n
    ),
    "survival.nelson_aalen": lambda n: partial(survival.nelson_aalen, durations(n), observed(n)),
    "survival.nelson_aalen, ties split": lambda n: partial(
        survival.nelson_aalen, whole(n), observed(n), ties="split"
    ),
    "survival.log_rank, 2 groups": lambda n: partial(survival.log_rank, *grouped(n, 2)),
    "survival.log_rank, 20 groups": lambda n: partial(survival.log_rank, *grouped(n, 20)),
    "survival.log_rank, n / 20 groups": lambda n: partial(
        survival.log_rank, *grouped(n, max(n // 20, 2))
    ),
    "survival.cumulative_incidence": lambda n: partial(
        survival.cumulative_incidence, durations(n), causes(n)
    ),
    "survival.cumulative_incidence, late entry": lambda n: partial(
        survival.cumulative_incidence, durations(n), causes(n), entry=entries(n)
    ),
    "survival.cumulative_incidence, n / 20 causes": lambda n: partial(
        survival.cumulative_incidence, durations(n), [i % max(n // 20, 2) for i in range(n)]
    ),
    "SurvivalCurve.at, for each duration": looked_up,
    "SurvivalCurve.interval": lambda n: curve(n).interval,
    "SurvivalCurve.median_interval": lambda n: curve(n).median_interval,
    "SurvivalCurve.restricted_mean": lambda n: partial(curve(n).restricted_mean, 20.0),
    "SurvivalCurve.given": lambda n: partial(curve(n).given, 5.0),
    "survival.restricted_mean_difference": lambda n: partial(
        survival.restricted_mean_difference, curve(n), curve(n // 2), tau=15.0
    ),
}

# Money.


def scored(n: int) -> rfm.ScoreTable:
    return rfm.scores(payments(n), until=END)


RFM: Topic = {
    "rfm.summary": lambda n: partial(rfm.summary, payments(n), until=END),
    "rfm.summary, of Decimal": lambda n: partial(rfm.summary, exact_payments(n), until=END),
    "rfm.summary, with a holdout": lambda n: partial(
        rfm.summary, payments(n), until=END, calibration_until=START + 500 * DAY
    ),
    "rfm.summary, one customer": lambda n: partial(rfm.summary, of_one(n), until=END),
    "rfm.scores": lambda n: partial(scored, n),
    "rfm.scores, as R": lambda n: partial(rfm.scores, payments(n), until=END, method="r"),
    "rfm.segments": lambda n: partial(
        rfm.segments, scored(n), rules=[rfm.SegmentRule("best", recency=(4, 5))], otherwise="rest"
    ),
    "rfm.concentration": lambda n: partial(
        rfm.concentration, [amount for *_, amount in payments(n)]
    ),
    "rfm.concentration, of Decimal": lambda n: partial(
        rfm.concentration, [amount for *_, amount in exact_payments(n)]
    ),
}

SHARES: dict[str, Any] = {"margin": 1.0, "discount": 0.01, "first_margin": "now"}

CLV: Topic = {
    "clv.historic": lambda n: partial(
        clv.historic,
        [row[1:] for row in payments(n)],
        until=END,
        discount=clv.Discount(0.1, per="year"),
    ),
    "clv.historic, of Decimal": lambda n: partial(
        clv.historic,
        [row[1:] for row in exact_payments(n)],
        until=END,
        discount=clv.Discount(0.1, per="year"),
    ),
    "clv.from_curve": lambda n: partial(clv.from_curve, [0.999**k for k in range(n)], **SHARES),
    "clv.equity": lambda n: partial(clv.equity, [amount for *_, amount in payments(n)]),
    "clv.geometric, n periods": lambda n: partial(
        clv.geometric, retention=0.9, periods=n, **SHARES
    ),
    "clv.promotion, n periods": lambda n: partial(
        clv.promotion, contribution=9.0, promotion=1, retention=0.9, discount=0.01, periods=n
    ),
}

# Chains of states.


def chain(states: int) -> markov.Chain:
    draw = random.Random(1)
    names = [f"s{i}" for i in range(states)]
    rows = [[draw.random() for _ in names] for _ in names]
    return markov.Chain(names, [[each / sum(row) for each in row] for row in rows])


def absorbing(states: int) -> markov.Chain:
    """Return a chain that ends in one of two states."""
    names, rows = rows_of(states)
    count = len(names)
    left = [[0.8 * each for each in row] + [0.1, 0.1] for row in rows]
    ends = [[float(j == count + i) for j in range(count + 2)] for i in range(2)]
    return markov.Chain([*names, "bought", "gone"], left + ends)


def of_states(n: int) -> int:
    return max(n // 50, 2)


def rows_of(states: int) -> tuple[list[str], list[list[float]]]:
    found = chain(states)
    return list(found.states), [list(row) for row in found.matrix]


def log_of(rows: list[tuple[Any, ...]]) -> EventLog:
    """Read a log of which every fifth row is an order."""
    events = ["order" if i % 5 == 0 else "visit" for i in range(len(rows))]
    customers, ats, values = zip(*rows, strict=True)
    return EventLog(customer=customers, at=ats, value=values, event=events)


LOGS: Topic = {
    "EventLog": lambda n: partial(log_of, payments(n)),
    "EventLog, one customer": lambda n: partial(log_of, of_one(n)),
    "EventLog.from_rows": lambda n: partial(EventLog.from_rows, exact_payments(n)),
    "EventLog.where": lambda n: partial(log_of(payments(n)).where, event="order"),
    "EventLog.grouped": lambda n: lambda: list(log_of(payments(n)).grouped.rows),
    "rfm.summary, of a log": lambda n: partial(rfm.summary, log_of(payments(n)), until=END),
}
MARKOV: Topic = {
    "markov.Chain, n / 50 states": lambda n: partial(markov.Chain, *rows_of(of_states(n))),
    "Chain.value, n / 50 states": lambda n: partial(
        chain(of_states(n)).value, {"s0": 1.0}, discount=0.01
    ),
    "Chain.value, n periods": lambda n: partial(
        chain(3).value, {"s0": 1.0}, discount=0.01, periods=n
    ),
    "Chain.project, n periods": lambda n: partial(chain(3).project, {"s0": 100}, periods=n),
    "Chain.steady_state, n / 50 states": lambda n: chain(of_states(n)).steady_state,
    "Chain.absorption, n / 50 states": lambda n: absorbing(of_states(n)).absorption,
    "Chain.expected_time, n / 50 states": lambda n: partial(
        chain(of_states(n)).expected_time, to="s0"
    ),
    "Chain.what_if, n / 50 states": lambda n: partial(
        chain(of_states(n)).what_if, {("s0", "s1"): 0.5}
    ),
}
