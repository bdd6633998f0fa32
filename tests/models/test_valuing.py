"""The value of customers: sums by hand, money, doors."""

import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lifecycle import clv, models, rfm
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
    UnknownNameError,
)
from lifecycle.models import (
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    ModifiedBetaGeoNBD,
    ParetoNBD,
)

SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
PURCHASES = (
    BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"),
    ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week"),
    ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week"),
)
DONORS = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
ANN = {"frequency": 2, "recency": 30.43, "age": 38.86}
YEARLY = clv.Discount(0.15, per="year")

each = pytest.mark.parametrize("model", PURCHASES, ids=lambda model: type(model).__name__)


@each
@pytest.mark.parametrize(
    ("period", "weeks", "d"),
    [(None, 1.0, 1.15 ** (7 / 365.2425) - 1), ("month", 365.2425 / 84, 1.15 ** (1 / 12) - 1)],
)
def test_value_is_the_sum_over_periods(model: Any, period: str, weeks: float, d: float) -> None:
    until = [model.conditional_expected_purchases(horizon=k * weeks, **ANN) for k in range(13)]
    by_hand = sum((until[k] - until[k - 1]) / (1 + d) ** k for k in range(1, 13))
    each_order = SPEND.expected_spend(frequency=2, monetary=22.35)
    found = models.value(
        model,
        SPEND,
        {**ANN, "monetary": 22.35},
        periods=12,
        discount=YEARLY,
        margin=0.3,
        period=period,
    )
    assert found == pytest.approx(0.3 * each_order * by_hand, rel=1e-10)
    rate = models.value(
        model, SPEND, {**ANN, "monetary": 22.35}, periods=12, discount=d, margin=0.3, period=period
    )
    assert rate == pytest.approx(found, rel=1e-12)


@each
def test_value_for_ever_is_spend_times_residual_transactions(model: Any) -> None:
    known = {**ANN, "monetary": 22.35}
    found = models.value(model, SPEND, known, periods=None, discount=YEARLY)
    left = model.residual_transactions(discount=YEARLY, **ANN)
    each_order = SPEND.expected_spend(frequency=2, monetary=22.35)
    assert found == pytest.approx(left * each_order, rel=1e-14)
    monthly = models.value(
        model, SPEND, known, periods=None, discount=1.15 ** (1 / 12) - 1, period="month"
    )
    assert monthly == pytest.approx(found, rel=1e-10)
    weekly = models.value(model, SPEND, known, periods=None, discount=0.0027)
    per_week = clv.Discount(0.0027, per="week")
    assert weekly == models.value(model, SPEND, known, periods=None, discount=per_week)


@each
def test_value_grows_toward_that_of_all_time(model: Any) -> None:
    known = {**ANN, "monetary": 22.35}
    short, long, for_ever = (
        models.value(model, SPEND, known, periods=n, discount=YEARLY) for n in (52, 520, None)
    )
    assert short < long < for_ever
    longer = models.value(model, SPEND, known, periods=2600, discount=YEARLY)
    assert longer == pytest.approx(for_ever, rel=0.005)  # discounted a half week later


def test_donors_are_valued_by_occasion() -> None:
    history = {"frequency": 6, "recency": 6, "age": 6}
    until = [DONORS.conditional_expected_purchases(horizon=k, **history) for k in range(6)]
    by_hand = sum((until[k] - until[k - 1]) / 1.1**k for k in range(1, 6))
    found = models.value(DONORS, 40.0, history, periods=5, discount=0.1)
    assert found == pytest.approx(40 * by_hand)
    for_ever = models.value(DONORS, 40.0, history, periods=None, discount=0.1)
    assert for_ever == pytest.approx(40 * 5.9100, abs=40 * 5e-5)


def test_rows_of_any_kind_have_one_value() -> None:
    orders = [
        ("ann", date(1997, 1, 1), 20.0),
        ("ann", date(1997, 3, 1), 24.0),
        ("ann", date(1997, 8, 2), 20.7),
        ("bob", date(1997, 2, 1), 9.0),
    ]
    summary = rfm.summary(orders, until=date(1997, 9, 30))
    model, options = PURCHASES[2], {"periods": 12, "discount": YEARLY}
    found = models.value(model, SPEND, summary, **options)
    assert isinstance(found, models.ForecastTable)
    assert found.customers == ("ann", "bob")
    names = ("frequency", "recency", "age", "monetary")
    columns = {name: [getattr(row, name) for row in summary.rows] for name in names}
    keyed = [{name: getattr(row, name) for name in names} for row in summary.rows]
    tuples = {name: tuple(column) for name, column in columns.items()}
    for rows in (columns, tuples, keyed):
        assert models.value(model, SPEND, rows, **options) == found.values
    for rows in (summary.rows, list(summary.rows), summary.to_rows()):
        assert models.value(model, SPEND, rows, **options) == found
    for row, expected in zip(summary.rows, found.values, strict=True):
        assert models.value(model, SPEND, row, **options) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("none", [0, None, math.nan])
def test_no_mean_amount_is_none_of_those_who_have_not_bought_again(none: Any) -> None:
    columns = {
        "frequency": [2, 0],
        "recency": [30.4, 0.0],
        "age": [38.9, 38.9],
        "monetary": [22.3, none],
    }
    records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    options: dict[str, Any] = {"periods": 12, "period": "month", "discount": 0.1}
    one, other = models.value(PURCHASES[0], SPEND, columns, **options)
    assert models.value(PURCHASES[0], SPEND, records, **options) == [one, other]
    assert models.value(PURCHASES[0], SPEND, records[1], **options) == pytest.approx(other)
    assert 0 < other < one


def test_decimal_spend_gives_decimal_values() -> None:
    known: dict[str, Any] = {**ANN, "monetary": Decimal("22.35")}
    found = models.value(PURCHASES[0], SPEND, known, periods=12, discount=YEARLY)
    as_float = models.value(
        PURCHASES[0], SPEND, {**ANN, "monetary": 22.35}, periods=12, discount=YEARLY
    )
    assert found == Decimal(str(as_float))
    columns = {name: [value, value] for name, value in known.items()}
    pair = models.value(PURCHASES[0], SPEND, columns, periods=12, discount=YEARLY)
    assert [type(x) for x in pair] == [Decimal, Decimal]
    columns = {
        **columns,
        "frequency": [2, 0],
        "recency": [30, 0],
        "monetary": [Decimal(9), math.nan],
    }
    pair = models.value(PURCHASES[0], SPEND, columns, periods=12, discount=YEARLY)
    assert [type(x) for x in pair] == [Decimal, Decimal]
    flat = models.value(PURCHASES[0], Decimal(20), ANN, periods=12, discount=YEARLY)
    assert isinstance(flat, Decimal)


def test_decimal_beside_float_raises() -> None:
    rows = {
        "frequency": [2, 2],
        "recency": [30, 30],
        "age": [38, 38],
        "monetary": [Decimal(20), 20.0],
    }
    with pytest.raises(MixedNumbersError, match=r"^rows\[1\]\.monetary and rows\[0\]\.monetary"):
        models.value(PURCHASES[0], SPEND, rows, periods=12, discount=YEARLY)


def test_customers_without_a_repeat_spend_as_all_do() -> None:
    once = {"frequency": 0, "recency": 0, "age": 38.86, "monetary": None}
    found = models.value(PURCHASES[2], SPEND, once, periods=12, discount=YEARLY)
    history = {name: once[name] for name in ("frequency", "recency", "age")}
    flat = models.value(PURCHASES[2], SPEND.expected_spend(), history, periods=12, discount=YEARLY)
    assert found == pytest.approx(flat, rel=1e-14)


def test_no_period_is_worth_nothing() -> None:
    for model in PURCHASES:
        assert models.value(model, 10.0, ANN, periods=0, discount=YEARLY) == 0


def test_customers_with_a_repeat_have_a_value_though_the_mean_of_all_is_infinite() -> None:
    wide = GammaGamma(p=5.468, q=0.818, v=58.82)
    rows = {"frequency": [3, 1], "recency": [30.0, 9.0], "age": [38.0, 38.0]}
    found = models.value(
        PURCHASES[2], wide, {**rows, "monetary": [400.0, 20.0]}, periods=12, discount=YEARLY
    )
    counts = models.value(PURCHASES[2], 1.0, rows, periods=12, discount=YEARLY)
    spend = wide.expected_spend(frequency=[3, 1], monetary=[400.0, 20.0])
    assert found == pytest.approx([n * z for n, z in zip(counts, spend, strict=True)])


@pytest.mark.parametrize("unit", ["week", "month"])
def test_rows_in_another_unit_than_the_model_are_not_valued(unit: str) -> None:
    orders = [("ann", date(2026, 1, 1), 5.0), ("ann", date(2026, 3, 1), 9.0)]
    daily = ParetoNBD(r=0.55, alpha=74.0, s=0.61, beta=82.0, unit="day")
    summary = rfm.summary(orders, until=date(2026, 6, 1), unit=unit)
    for rows in (summary, summary.rows, summary.to_rows(), summary.rows[0], summary.to_rows()[0]):
        with pytest.raises(
            InvalidValueError, match=rf"^rows\.unit must be that of the model, 'day', got '{unit}'"
        ):
            models.value(daily, 20.0, rows, periods=12, discount=0.01)
    right = rfm.summary(orders, until=date(2026, 6, 1), unit="day")
    assert models.value(daily, 20.0, right, periods=12, discount=0.01).row("ann").value > 0


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"model": SPEND}, InvalidTypeError, r"^model must be a model of purchases"),
        ({"periods": -1}, InvalidValueError, r"^periods must be at least 0"),
        ({"periods": 1.5}, InvalidTypeError, r"^periods must be a whole number"),
        ({"discount": -0.1}, InvalidValueError, r"^discount must be at least 0"),
        ({"discount": "10%"}, InvalidTypeError, r"^discount must be a number"),
        ({"discount": 0, "periods": None}, InvalidValueError, r"^discount must be above 0"),
        ({"period": "months"}, UnknownNameError, r"^period must be one of"),
        ({"margin": True}, InvalidTypeError, r"^margin must be a number"),
        ({"periods": 10**9}, InvalidValueError, r"^periods must be at most 100,000"),
        (
            {"spend": "20"},
            InvalidTypeError,
            r"^spend must be a GammaGamma, its fit, or a number",
        ),
        ({"spend": -20}, InvalidValueError, r"^spend must be at least 0"),
        ({"rows": {**ANN, "monetary": "9"}}, InvalidTypeError, r"^monetary must be a number"),
        (
            {"rows": {**ANN, "monetary": [9]}},
            InvalidTypeError,
            r"^rows\.frequency must be a col",
        ),
        (
            {
                "spend": GammaGamma(p=6, q=0.9, v=15),
                "rows": {"frequency": 0, "recency": 0, "age": 9, "monetary": None},
            },
            InvalidValueError,
            r"^frequency must be at least 1 \(below, the mean is infinite: q is 0\.9\), got 0",
        ),
        ({"rows": []}, EmptySampleError, r"^rows must hold"),
        ({"rows": ANN}, InvalidTypeError, r"^rows must have a monetary"),
        ({"rows": {**ANN, "monetary": 0}}, InvalidValueError, r"^monetary must be above 0"),
        ({"rows": {**ANN, "monetary": 9, "age": 1}}, InvalidValueError, r"^recency must be"),
    ],
)
def test_what_cannot_be_valued_raises(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {
        "model": PURCHASES[0],
        "spend": SPEND,
        "rows": {**ANN, "monetary": 22.35},
        "periods": 12,
        "discount": YEARLY,
        **changes,
    }
    model, spend, rows = (given.pop(name) for name in ("model", "spend", "rows"))
    with pytest.raises(error, match=message):
        models.value(model, spend, rows, **given)


def test_a_model_without_a_unit_has_no_other_periods() -> None:
    history = {"frequency": 6, "recency": 6, "age": 6}
    with pytest.raises(InvalidValueError, match=r"^period must be the unit of the model, None"):
        models.value(DONORS, 40.0, history, periods=5, discount=0.1, period="month")
    with pytest.raises(InvalidTypeError, match=r"^discount must be a rate per period"):
        models.value(DONORS, 40.0, history, periods=5, discount=YEARLY)
