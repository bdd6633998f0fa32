"""Forecasts beside what came: errors by hand, doors."""

import math
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from lifecycle import models, rfm
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
)
from lifecycle.models import BetaGeoBetaBinomial, GammaGamma, ParetoNBD

PARETO = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
DONORS = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
ROWS = {"frequency": [0, 2, 2, 9], "recency": [0, 5, 6, 12], "age": [6, 6, 7, 12]}
LATER = [0, 2, 4, 3]
DAY = date(2026, 1, 1)


def logged() -> list[tuple[str, date, float]]:
    random = Random(4)
    return [
        (f"c{random.randrange(40)}", DAY + timedelta(days=random.randrange(200)), 10.0)
        for _ in range(150)
    ]


def test_errors_are_expected_less_actual() -> None:
    found = models.holdout(PARETO, ROWS, LATER, horizon=26, max_frequency=5)
    expected = PARETO.conditional_expected_purchases(horizon=26, **ROWS)
    off = [e - a for e, a in zip(expected, LATER, strict=True)]
    assert found.customers == 4
    assert found.actual == sum(LATER)
    assert found.expected == pytest.approx(sum(expected))
    assert found.bias == pytest.approx(sum(off) / 4)
    assert found.mae == pytest.approx(sum(map(abs, off)) / 4)
    assert found.rmse == pytest.approx(math.sqrt(sum(x * x for x in off) / 4))
    assert [(row.frequency, row.customers) for row in found.rows] == [(0, 1), (2, 2), (5, 1)]
    two = found.rows[1]
    assert two.actual == 3
    assert two.expected == pytest.approx((expected[1] + expected[2]) / 2)
    assert two.bias == pytest.approx((off[1] + off[2]) / 2)
    assert two.mae == pytest.approx((abs(off[1]) + abs(off[2])) / 2)
    assert two.rmse == pytest.approx(math.hypot(off[1], off[2]) / math.sqrt(2))


def test_the_last_row_is_for_all_above() -> None:
    found = models.holdout(PARETO, ROWS, LATER, horizon=26, max_frequency=2)
    assert [(row.frequency, row.customers) for row in found.rows] == [(0, 1), (2, 3)]
    assert len(models.holdout(PARETO, ROWS, LATER, horizon=26, max_frequency=0).rows) == 1


def test_a_summary_with_a_holdout_is_enough() -> None:
    split, end = DAY + timedelta(days=120), DAY + timedelta(days=210)
    both = rfm.summary(logged(), until=end, calibration_until=split)
    calibration = rfm.summary(logged(), until=split)
    one = models.holdout(PARETO, both)
    assert models.holdout(PARETO, calibration, both) == one
    assert models.holdout(PARETO, calibration, both.rows) == one
    counts = [row.holdout_frequency for row in both.rows]
    assert models.holdout(PARETO, calibration, counts, horizon=90 / 7) == one
    assert one.actual == sum(row.holdout_frequency or 0 for row in both.rows)


def test_donors_are_compared_by_occasion() -> None:
    rows = DONORS.simulate(3000, age=6, random=Random(9), horizon=4)
    found = models.holdout(DONORS, rows)
    assert found.expected == pytest.approx(found.actual, rel=0.05)
    assert abs(found.bias) < 0.1


def test_it_is_a_table() -> None:
    found = models.holdout(PARETO, ROWS, LATER, horizon=26)
    head, columns, *lines = str(found).splitlines()
    assert head.startswith("4 customers: 9 purchases, ")
    assert columns.split() == [
        "frequency",
        "customers",
        "actual",
        "expected",
        "bias",
        "mae",
        "rmse",
    ]
    assert len(lines) == 3
    assert found.to_rows()[0]["customers"] == 1
    assert found._repr_html_().startswith("<table>")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model": GammaGamma(p=1, q=2, v=3)}, InvalidTypeError, r"^model must be a model of"),
        ({"calibration": []}, EmptySampleError, r"^calibration must hold"),
        ({"holdout": [1, 2]}, InvalidValueError, r"^len\(holdout\) must be that of calibration, 4"),
        ({"holdout": [1, 2, 3, 0.5]}, InvalidValueError, r"^holdout\[3\] must be a whole number"),
        ({"holdout": [1, 2, 3, -1]}, InvalidValueError, r"^holdout\[3\] must be a whole number"),
        ({"holdout": 3}, InvalidTypeError, r"^holdout must be a series"),
        ({"holdout": None}, InvalidTypeError, r"^holdout"),
        ({"horizon": -1}, InvalidValueError, r"^horizon must be at least 0"),
        ({"max_frequency": -1}, InvalidValueError, r"^max_frequency must be at least 0"),
    ],
)
def test_what_cannot_be_compared_raises(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {
        "model": PARETO,
        "calibration": ROWS,
        "holdout": LATER,
        "horizon": 26,
        **arguments,
    }
    with pytest.raises(error, match=message):
        models.holdout(given.pop("model"), given.pop("calibration"), **given)


def test_a_summary_without_a_holdout_is_told() -> None:
    calibration = rfm.summary(logged(), until=DAY + timedelta(days=120))
    with pytest.raises(
        InvalidTypeError, match=r"^holdout must have a holdout \(rfm\.summary takes"
    ):
        models.holdout(PARETO, calibration)


def test_the_customers_are_the_same() -> None:
    split, end = DAY + timedelta(days=120), DAY + timedelta(days=210)
    both = rfm.summary(logged(), until=end, calibration_until=split)
    others = rfm.summary(
        [("a", *rest) for _, *rest in logged()[:1]] + logged(), until=end, calibration_until=split
    )
    with pytest.raises(InvalidValueError, match=r"^holdout\[0\]\.customer must be the customer of"):
        models.holdout(PARETO, both, others)


def test_a_summary_in_another_unit_than_the_model_is_not_compared() -> None:
    split, end = DAY + timedelta(days=120), DAY + timedelta(days=210)
    days, weeks = (
        rfm.summary(logged(), until=end, calibration_until=split, unit=unit)
        for unit in ("day", "week")
    )
    for rows in (days, days.rows, days.to_rows()):
        with pytest.raises(
            InvalidValueError,
            match=r"^calibration\.unit must be that of the model, 'week', got",
        ):
            models.holdout(PARETO, rows)
        with pytest.raises(
            InvalidValueError, match=r"^holdout\.unit must be that of the model, 'week', got 'day'"
        ):
            models.holdout(PARETO, weeks, rows)
    assert models.holdout(PARETO, weeks.to_rows()) == models.holdout(PARETO, weeks)
