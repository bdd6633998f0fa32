"""Garbage never becomes a number: what no number is, is refused wherever one is given.

Each public function is called with numbers, and then with something else in place of one number
after the other, at any depth: in rows, mappings and the values that are made for the call.
"""

import inspect
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import pytest

from libraries import of_lazy, of_pandas, of_polars, of_table
from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    EventLog,
    Period,
    Window,
    clv,
    funnel,
    insights,
    markov,
    models,
    nps,
    presets,
    retention,
    revenue,
    rfm,
    survival,
)
from lifecycle.errors import (
    DataError,
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
    NotIdentifiedError,
    UnknownNameError,
)
from publics import functions

TOPICS = (clv, funnel, insights, markov, models, nps, retention, revenue, rfm, survival)
FUNCTIONS = functions(*TOPICS)
METHODS: Mapping[str, Callable[..., Any]] = {
    f"{kind.__name__}.{name}": getattr(kind, name)
    for kind in (
        CustomerBase,
        markov.Chain,
        models.BetaGeoNBD,
        models.ModifiedBetaGeoNBD,
        models.ParetoNBD,
        models.BetaGeoBetaBinomial,
        models.GammaGamma,
        models.ShiftedBetaGeometric,
        models.BetaDiscreteWeibull,
    )
    for name in dir(kind)
    if not name.startswith("_") and inspect.isroutine(getattr(kind, name))
}
"""The methods of models, chains and customer bases, those of tables among them."""

# Calls, with numbers of which none is the name of something


def jan(number: int) -> date:
    return date(2026, 1, number)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


MONTHS = Calendar("month")
SPRING = Window(jan(1), date(2026, 4, 1))
YEAR = Window(jan(1), date(2027, 1, 1))
UNTIL = date(2026, 5, 1)
END = datetime(2027, 1, 1, tzinfo=UTC)
PERIODS = {"calendar": MONTHS, "window": SPRING}
PAID = [("ann", jan(5), 10.0), ("ann", jan(25), 20.0), ("bob", jan(6), 30.0)]
LATER = [*PAID, ("bob", date(2026, 2, 9), 5.0)]
DATED = [(at, amount) for _, at, amount in PAID]
SEEN = [(customer, at) for customer, at, _ in LATER]
STEPS = [("ann", jan(1), "cart"), ("ann", jan(2), "order")]
MRR = [("ann", jan(5), 30), ("ann", date(2026, 2, 5), 40), ("bob", jan(6), 10)]
KEPT = {"start": 100.0, "contraction": 3.0, "churn": 2.0}
MOVED = {**KEPT, "expansion": 7.0}
RATE = {"retention": 0.8, "discount": 0.1}
CHAIN = partial(markov.Chain, ["in", "out"], [[0.7, 0.3], [0.1, 0.9]])
BOUGHT = partial(models.BetaGeoNBD, r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
SPENT = partial(models.GammaGamma, p=6.25, q=3.74, v=15.44)
HISTORY = {"frequency": 2, "recency": 30.5, "age": 39.0}
KNOWN = {**HISTORY, "monetary": 20.0}
HELD = {**HISTORY, "holdout_frequency": 1, "holdout_duration": 39.0}
SHOP = presets.retail()
STAGES = [stage.name for stage in SHOP.stages]
JOURNEYS = [
    SHOP.replay(
        name, [Event("purchase", day(number), value=9.0)], until=END, attributes={"plan": "x"}
    )
    for name, number in (("ann", 5), ("bob", 9))
]
CUSTOMERS = [journey.customer for journey in JOURNEYS]
BASE = CustomerBase(JOURNEYS)
QUARTER, MONTHLY = BASE.over(MONTHS, SPRING), BASE.over(MONTHS, YEAR)
CURVE = survival.kaplan_meier([1, 2, 3, 4], [1, 0, 1, 1])
COLUMNS: dict[str, Any] = {"entry": [0.0, 0.5, 0.0], "weights": [1.0, 2.0, 1.5]}
TIMES = [2.0, 3.5, 5.0]
SCORES = rfm.scores(LATER, until=UNTIL, bins=2)

Call = tuple[tuple[Any, ...], dict[str, Any]]


def call(*args: Any, **kwargs: Any) -> Call:
    return args, kwargs


CALLS: Mapping[str, Call] = {
    "clv.acquisition_vs_retention": call(
        acquisition_cost=40.0, retention_spend=5.0, retention=0.8, baseline=0.5, extra_value=3.0
    ),
    "clv.earned_growth": call(net_retention=0.9, earned_new=0.2, bought_new=0.1),
    "clv.equity": call([10.0, 20, 30.5]),
    "clv.from_curve": call(
        [1.0, 0.8, 0.7],
        margin=[9.0, 8.0, 7.0],
        discount=0.1,
        first_margin="now",
        acquisition_cost=3.0,
    ),
    "clv.from_curve of one margin": call(
        [1.0, 0.8],
        margin=9.0,
        discount=partial(clv.Discount, 0.1, per="year"),
        first_margin="now",
        period="month",
    ),
    "clv.geometric": call(
        margin=9.0, first_margin="now", periods=3, growth=0.1, acquisition_cost=3.0, **RATE
    ),
    "clv.historic": call(DATED, until=UNTIL, discount=0.1),
    "clv.net": call(
        annual_revenue=90.0,
        years=3,
        acquisition_cost=3.0,
        service_cost=2.0,
        annual_service_cost=1.0,
    ),
    "clv.payback": call(margin=9.0, acquisition_cost=20.0, first_margin="now", **RATE),
    "clv.promotion": call(contribution=9.0, promotion=3.0, periods=3, **RATE),
    "clv.referral_value": call(
        referrals=1.5, value=90.0, acquisition_cost=9.0, reward=5.0, would_join_anyway=0.2
    ),
    "clv.simple": call(annual_profit=90.0, years=3.5),
    "clv.to_cac": call(90.0, 30.0),
    "clv.viral_coefficient": call(invites=3.0, conversion=0.3, customers=2),
    "funnel.cart_recovery": call(
        STEPS,
        until=UNTIL,
        abandoned_after=partial(Period, hours=1),
        recovery_within=partial(Period, days=3),
    ),
    "funnel.funnel": call(STEPS, steps=("cart", "order"), within=partial(Period, days=3)),
    "insights.due_between": call(CUSTOMERS, lifecycle=SHOP, window=Window(day(1), day(20))),
    "insights.what_if": call(
        CHAIN,
        {("in", "out"): 0.2},
        rewards={"in": 9.0, "out": 1.0},
        discount=0.1,
        periods=3,
        stock={"in": 100, "out": 20.5},
        stock_periods=4,
    ),
    "models.from_dict": call(models.to_dict(BOUGHT())),
    "models.holdout": call(BOUGHT, [HISTORY], [1], horizon=13.0, max_frequency=3),
    "models.holdout of rows": call(BOUGHT, [HELD]),
    "models.to_dict": call(BOUGHT),
    "models.tracking": call(BOUGHT, LATER, until=UNTIL, calibration_until=date(2026, 2, 1)),
    "models.value": call(BOUGHT, SPENT, [KNOWN], periods=3, discount=0.1, margin=0.3),
    "models.value of one spend": call(BOUGHT, 20.0, HISTORY, periods=None, discount=0.1),
    "nps.compare": call(partial(nps.Score, 5, 3, 2), partial(nps.Score, 6, 2, 2), level=0.9),
    "nps.rolling": call(
        [(jan(1), 9), (jan(2), 3)], window=partial(Period, days=7), calendar=MONTHS
    ),
    "nps.sample_size": call(0.05, level=0.9, power=0.8, spread=1.0),
    "nps.score": call([9, 10, 3]),
    "nps.weighted": call([9, 10, 3], [1.0, 2.5, 1]),
    "retention.active_ratio": call(SEEN, until=UNTIL, days=28),
    "retention.churn_hazard": call(
        lost=3, exposure=partial(Period, days=90), per=partial(Period, days=30)
    ),
    "retention.churn_rate": call(start=100.0, lost=9.0, new=7.0, method="midpoint"),
    "retention.churn_rate of a cohort": call(
        start=100.0, lost=9.0, lost_of_start=4.0, method="cohort"
    ),
    "retention.cohort_revenue": call(LATER, **PERIODS),
    "retention.cohorts": call(SEEN, min_occurrences=1, **PERIODS),
    "retention.growth": call(SEEN, **PERIODS),
    "retention.half_life": call(0.1),
    "retention.purchase_intervals": call(SEEN),
    "retention.repeat_purchase_rate": call(SEEN, window=SPRING),
    "retention.resurrection_rate": call(SEEN, window=SPRING, idle=partial(Period, days=9)),
    "retention.stickiness": call(SEEN, **PERIODS),
    "revenue.anchored_dates": call(jan(31), months=1, n=3),
    "revenue.cohorts": call(MRR, **PERIODS),
    "revenue.gross_mrr_churn": call(KEPT),
    "revenue.gross_retention": call(MRR, periods=1, **PERIODS),
    "revenue.gross_retention of a row": call(KEPT),
    "revenue.logo_churn": call(MRR, periods=1, **PERIODS),
    "revenue.logo_churn of a row": call({"customers_start": 9, "customers_lost": 2}),
    "revenue.movements": call(MRR, same_period=[("cid", jan(9), 5)], **PERIODS),
    "revenue.net_mrr_churn": call({**MOVED, "reactivation": 4.0}),
    "revenue.net_retention": call(MRR, periods=1, **PERIODS),
    "revenue.net_retention of a row": call(MOVED),
    "revenue.normalise": call(Decimal("20.00"), every="year", places=2),
    "revenue.quick_ratio": call(MRR, periods=1, **PERIODS),
    "revenue.quick_ratio of a row": call(
        {"new": 5.0, "expansion": 7.0, "reactivation": 4.0, "contraction": 3.0, "churn": 2.0}
    ),
    "revenue.recurring": call(
        [partial(revenue.Subscription, "ann", start=jan(5), amount=30, end=jan(30))],
        calendar=MONTHS,
        until=UNTIL,
        grace=partial(Period, days=3),
    ),
    "rfm.concentration": call([10.0, 20, 30.5], top=0.2),
    "rfm.scores": call(LATER, until=UNTIL, bins=2),
    "rfm.segments": call(
        SCORES,
        rules=[partial(rfm.SegmentRule, "all", recency=(1, 2), frequency=(1, 2))],
    ),
    "rfm.summary": call(LATER, until=UNTIL, calibration_until=date(2026, 2, 1)),
    "survival.cumulative_incidence": call(TIMES, ["moved", None, "price"], **COLUMNS),
    "survival.kaplan_meier": call(TIMES, [1, 0, 1], **COLUMNS),
    "survival.log_rank": call((TIMES, [1, 0, 1]), (TIMES, [1, 1, 1]), rho=0.5),
    "survival.nelson_aalen": call(TIMES, [1, 0, 1], **COLUMNS),
    "survival.restricted_mean_difference": call(CURVE, CURVE, tau=2.5),
}


DONATED = partial(models.BetaGeoBetaBinomial, alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
SEASONS = {"frequency": 2, "recency": 3, "age": 6}
PARETO = partial(models.ParetoNBD, r=0.55, alpha=10.6, s=0.6, beta=11.7, unit="week")
MODIFIED = partial(models.ModifiedBetaGeoNBD, r=0.5, alpha=6.2, a=0.9, b=1.6, unit="week")
RENEWED = partial(models.ShiftedBetaGeometric, alpha=0.7, beta=1.2)
DURING = partial(models.BetaDiscreteWeibull, alpha=0.7, beta=1.2, c=1.3)
BUYERS: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "BetaGeoNBD": (BOUGHT, HISTORY),
    "ModifiedBetaGeoNBD": (MODIFIED, HISTORY),
    "ParetoNBD": (PARETO, HISTORY),
    "BetaGeoBetaBinomial": (DONATED, SEASONS),
}
CONTRACTS = {"ShiftedBetaGeometric": RENEWED, "BetaDiscreteWeibull": DURING}
SUMMARY = [{"frequency": x, "recency": x, "age": 6} for x in (0, 1, 2, 5)]

CALLS_OF_METHODS: Mapping[str, Call] = {
    "CustomerBase.by": call(BASE, "plan"),
    "CustomerBase.chain": call(MONTHLY, memory=1),
    "CustomerBase.cohorts": call(QUARTER),
    "CustomerBase.drop_off": call(BASE),
    "CustomerBase.due": call(BASE, window=Window(day(1), day(20))),
    "CustomerBase.from_changes": call(SHOP, JOURNEYS[0].changes),
    "CustomerBase.funnel": call(BASE, stages=("prospect", "new")),
    "CustomerBase.growth": call(QUARTER),
    "CustomerBase.kpis": call(QUARTER, values={"new": 30.0}),
    "CustomerBase.nps": call(BASE, [("ann", day(7), 9), ("bob", day(10), 3)]),
    "CustomerBase.orders": call(BASE, "purchase"),
    "CustomerBase.over": call(BASE, MONTHS, SPRING),
    "CustomerBase.reactivations": call(BASE),
    "CustomerBase.referrals": call(BASE),
    "CustomerBase.time_in_stage": call(BASE, "new"),
    "CustomerBase.transition_counts": call(BASE),
    "CustomerBase.value": call(
        MONTHLY,
        margins=dict.fromkeys(STAGES, 0.3),
        discount=0.1,
        periods=3,
        memory=1,
    ),
    "Chain.value": call(CHAIN, {"in": 9.0, "out": 1.0}, discount=0.1, periods=3),
    "Chain.project": call(CHAIN, {"in": 90, "out": 5.5}, periods=3),
    "Chain.what_if": call(CHAIN, {("in", "out"): 0.2}),
    "GammaGamma.fit": call(
        [{"frequency": 2, "monetary": 20.0}, {"frequency": 2, "monetary": 35.0}], weights=[1.0, 2.5]
    ),
    "GammaGamma.expected_spend": call(SPENT, [{"frequency": 2, "monetary": 20.0}]),
    "GammaGamma.simulate": call(SPENT, [1, 2], random=Random(1)),
    **{
        f"{name}.{method}": call(model, *args, **kwargs)
        for name, (model, history) in BUYERS.items()
        for method, (args, kwargs) in {
            "conditional_expected_purchases": call([history], horizon=3),
            "discounted_purchases": call([history], periods=3, discount=0.1),
            "expected_purchases": call(3),
            "p_alive": call(history),
            "pmf": call([history], n=2, horizon=3),
            "residual_transactions": call([history], discount=0.1),
            "simulate": call(4, age=6, random=Random(1)),
        }.items()
    },
    **{f"{name}.fit": call(SUMMARY, weights=[300.0, 70, 40, 20], unit="week") for name in BUYERS},
    **{
        f"{name}.{method}": call(model, *args, **kwargs)
        for name, model in CONTRACTS.items()
        for method, (args, kwargs) in {
            "expected_lifetime": call(discount=0.1, periods=3),
            "forecast": call(100, periods=3, renewals=1),
            "residual_lifetime": call([1, 2], discount=0.1),
            "retention": call(2),
            "simulate": call(4, periods=3, random=Random(1)),
            "survival": call([1, 2]),
        }.items()
    },
    **{f"{name}.fit": call([1000.0, 869, 743, 653, 593]) for name in CONTRACTS},
    **{
        f"{name}.fit_durations": call([1, 2, 3, 5, 5, 7, 9], [1, 1, 1, 1, 0, 1, 0])
        for name in CONTRACTS
    },
}

ALL = {**CALLS, **CALLS_OF_METHODS}

# The walk


Path = tuple[Any, ...]


def numbers(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield each number in a value, and the keys that lead to it."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        yield path, value
    for key, each in parts(value):
        yield from numbers(each, (*path, key))


def parts(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, partial):
        yield from ((("args", i), each) for i, each in enumerate(value.args))
        yield from value.keywords.items()
    elif isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        yield from enumerate(value)


def made(value: Any, path: Path | None = None, instead: Any = None) -> Any:
    """Return a value with something else at a path, and with what its partials return."""
    if path == ():
        return instead
    inner = {
        key: made(each, path[1:] if path and path[0] == key else None, instead)
        for key, each in parts(value)
    }
    if isinstance(value, partial):
        args = [inner.pop(("args", i)) for i in range(len(value.args))]
        return value.func(*args, **inner)
    if isinstance(value, Mapping):
        return inner
    return type(value)(inner.values()) if isinstance(value, list | tuple) else value


def function(name: str) -> str:
    return name.partition(" ")[0]


def answer(name: str, path: Path | None = None, instead: Any = None) -> Any:
    args, kwargs = made(ALL[name], path, instead)
    return {**FUNCTIONS, **METHODS}[function(name)](*args, **kwargs)


def test_every_public_function_is_called() -> None:
    assert {*map(function, CALLS)} == set(FUNCTIONS)
    of_tables = {"to_dict", "to_frame", "to_rows", "row"}
    of_tables |= {"absorption", "expected_time", "steady_state"}
    assert {name for name in METHODS if name.split(".")[1] not in of_tables} == {*CALLS_OF_METHODS}


PLACES = [
    pytest.param(name, path, number, id=f"{name} {'.'.join(map(str, path))}")
    for name, given in ALL.items()
    for path, number in numbers(given)
]
WITHIN = [place.values[:2] for place in PLACES if place.values[1][2:]]
"""Numbers within an argument, where None does not stand for its default."""

GARBAGE = [
    math.nan,
    math.inf,
    -math.inf,
    True,
    "7",
    1j,
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
]


REFUSED = (DataError, InvalidTypeError, InvalidValueError, MixedNumbersError)

FLAGGED = {
    "BetaDiscreteWeibull.fit_durations",
    "ShiftedBetaGeometric.fit_durations",
    "survival.kaplan_meier",
    "survival.log_rank",
    "survival.nelson_aalen",
}
"""What takes 0 and 1 for False and True, and so the other way around."""

SIGNED = {
    "clv.acquisition_vs_retention extra_value": "staying longer may cost more than it brings",
    "clv.equity 0": "a customer may cost more than they bring",
    "clv.from_curve margin": "a margin may be a loss",
    "clv.from_curve of one margin margin": "a margin may be a loss",
    "clv.geometric growth": "margins may shrink, by less than 100 %",
    "clv.geometric margin": "a margin may be a loss",
    "clv.historic 0": "payments may be refunds",
    "clv.net annual_revenue": "refunds may be more than sales",
    "clv.payback margin": "a loss is never paid back",
    "clv.promotion contribution": "a contribution may be a loss",
    "clv.referral_value value": "a customer may cost more than they bring",
    "clv.simple annual_profit": "a profit may be a loss",
    "clv.to_cac 0": "a customer may cost more than they bring",
    "CustomerBase.kpis values": "a customer may cost more than they bring",
    "Chain.value 1": "a period may be a loss",
    "CustomerBase.value margins": "a period may be a loss",
    "insights.what_if rewards": "a period may be a loss",
    "models.value margin": "a margin may be a loss",
    "retention.cohort_revenue 0": "payments may be refunds",
    "survival.log_rank rho": "late events may count more than early ones",
}
"""Where numbers may be negative, and why: of a call, or of one of its arguments."""


def may_be_negative(name: str, path: Path) -> bool:
    return f"{name} {path[1]}" in SIGNED


def test_what_may_be_negative_is_given() -> None:
    named = {f"{place.values[0]} {place.values[1][1]}" for place in PLACES}
    assert set(SIGNED) <= named


@pytest.mark.parametrize("name", ALL)
def test_numbers_are_accepted(name: str) -> None:
    with suppress(NotIdentifiedError):  # these customers are too few for some models
        assert answer(name) is not None


@pytest.mark.parametrize(("name", "path", "number"), PLACES)
def test_garbage_is_refused(name: str, path: Path, number: Any) -> None:
    for garbage in GARBAGE:
        if garbage is True and name in FLAGGED and number in (0, 1):
            continue
        with pytest.raises(REFUSED):
            answer(name, path, garbage)


@pytest.mark.parametrize(("name", "path"), WITHIN)
def test_nothing_in_place_of_a_number_of_rows_is_refused(name: str, path: Path) -> None:
    with pytest.raises(REFUSED):
        answer(name, path, None)


@pytest.mark.parametrize(("name", "path", "number"), PLACES)
def test_negative_numbers_are_refused(name: str, path: Path, number: Any) -> None:
    if may_be_negative(name, path):
        answer(name, path, -number / 100)
        return
    with pytest.raises(REFUSED):
        answer(name, path, -number - 1)


# Units of time


TIMED = [
    (name, option)
    for name in ALL
    for option in inspect.signature({**FUNCTIONS, **METHODS}[function(name)]).parameters
    if option in ("unit", "period") and name != "BetaGeoBetaBinomial.discounted_purchases"
]
"""Options that are units of time; a BG/BB takes its own, if it has one, and no other."""

MADE: Mapping[str, Callable[..., Any]] = {
    "Calendar": Calendar,
    "clv.Discount": lambda unit: clv.Discount(0.1, per=unit),
    "clv.Discount.for_period": lambda unit: clv.Discount(0.1, per="year").for_period(unit),
    "revenue.normalise": lambda unit: revenue.normalise(1, every=unit),
    "models.BetaGeoNBD": lambda unit: partial(BOUGHT, unit=unit)(),
    "models.ShiftedBetaGeometric": lambda unit: partial(RENEWED, unit=unit)(),
    "models.ParetoNBD.fit": lambda unit: models.ParetoNBD.fit(
        [{**HISTORY, "unit": unit}], unit="week"
    ),
    "models.ParetoNBD.p_alive": lambda unit: PARETO().p_alive({**HISTORY, "unit": unit}),
    "models.GammaGamma": lambda unit: models.value(
        BOUGHT(),
        SPENT(),
        {"unit": [unit], **{k: [v] for k, v in KNOWN.items()}},
        periods=3,
        discount=0.1,
    ),
}


@pytest.mark.parametrize(("name", "option"), TIMED)
@pytest.mark.parametrize(("given", "meant"), [("weeks", "week"), ("Day", "day")])
def test_a_unit_of_another_form_is_refused_with_the_one_meant(
    name: str, option: str, given: str, meant: str
) -> None:
    args, kwargs = made(ALL[name])
    message = rf"^{option} must be .*'{meant}'.*, got '{given}'; did you mean '{meant}'\?$"
    with pytest.raises(UnknownNameError, match=message):
        {**FUNCTIONS, **METHODS}[function(name)](*args, **{**kwargs, option: given})


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("given", ["weeks", "Week", " week"])
def test_a_unit_of_values_and_of_rows_is_refused_too(name: str, given: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"got '{given}'; did you mean 'week'\?$"):
        MADE[name](given)


# What values are split by, and dataframes


BY = [name for name in CALLS if "by" in inspect.signature(FUNCTIONS[function(name)]).parameters]


NOT_BLANK = "^by must be .*not blank, got "


@pytest.mark.parametrize("by", ["", " ", "\t\n"])
@pytest.mark.parametrize("name", BY)
def test_a_blank_attribute_splits_nobody(name: str, by: str) -> None:
    """What is split by a column or by a mapping only takes no names at all."""
    args, kwargs = made(CALLS[name])
    with pytest.raises((InvalidTypeError, InvalidValueError), match=r"^by must be "):
        FUNCTIONS[function(name)](*args, **kwargs, by=by)


@pytest.mark.parametrize("by", ["", " ", "\t\n"])
@pytest.mark.parametrize(
    "base", [BASE, CustomerBase([]), CustomerBase.from_changes(SHOP, JOURNEYS[0].changes)]
)
def test_a_blank_attribute_splits_no_base(base: CustomerBase, by: str) -> None:
    with pytest.raises(InvalidValueError, match=NOT_BLANK):
        base.by(by)


class Frame:
    """A dataframe, which iterates over the names of its columns."""

    columns = ("customer", "start", "amount")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


FRAMES: list[Callable[[], Any]] = [
    Frame,
    lambda: of_pandas({"customer": ["ann"], "start": [jan(1)], "amount": [3]}),
    lambda: of_polars({"customer": ["ann"], "start": [jan(1)], "amount": [3]}),
    lambda: of_lazy({"customer": ["ann"], "start": [jan(1)], "amount": [3]}),
    lambda: of_table({"customer": ["ann"], "start": [jan(1)], "amount": [3]}),
]
TAKES_VALUES: list[tuple[str, Callable[[Any], Any]]] = [
    (
        "subscriptions must be a series of Subscription(customer, start=..., amount=..., end=...)",
        lambda frame: revenue.recurring(frame, calendar=MONTHS, until=UNTIL),
    ),
    (
        "changes must be an iterable of StageChange, which StageChange.from_dict reads",
        lambda frame: CustomerBase.from_changes(SHOP, frame),
    ),
    ("journeys must be an iterable of Journey", CustomerBase),
    (
        "customers must be an iterable of Customer",
        lambda frame: insights.due_between(frame, lifecycle=SHOP, window=SPRING),
    ),
]


@pytest.mark.parametrize(("expected", "read"), TAKES_VALUES)
@pytest.mark.parametrize("frame", FRAMES)
def test_a_dataframe_is_answered_with_what_is_accepted(
    frame: Callable[[], Any], expected: str, read: Callable[[Any], Any]
) -> None:
    given = frame()
    with pytest.raises(InvalidTypeError) as raised:
        read(given)
    assert str(raised.value).startswith(f"{expected}, not a dataframe, got ")
    assert str(raised.value).endswith(f"({type(given).__name__})")


@pytest.mark.parametrize(("expected", "read"), TAKES_VALUES)
@pytest.mark.parametrize("given", ["ann", b"ann", {"ann": 1}, 5, None, EventLog.from_rows(SEEN)])
def test_what_holds_no_such_values_is_answered_with_what_does(
    given: Any, expected: str, read: Callable[[Any], Any]
) -> None:
    with pytest.raises(InvalidTypeError, match=f"^{re.escape(expected)}, got "):
        read(given)
