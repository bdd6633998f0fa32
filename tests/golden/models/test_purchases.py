"""BG/NBD, MBG/NBD and Pareto/NBD beside published figures, and beside 40 digits.

CDNOW: the log is docs/cdnow/cdnow_sample.csv; the summary is that of brucehardie.com, which has
two decimals. Estimates to the digits printed in the papers: Fader, Hardie & Lee (2005) for
BG/NBD and Pareto/NBD, Batislam, Denizel & Filiztekin (2007) for MBG/NBD; further digits and
standard errors by R's BTYD, BTYDplus and CLVTools. Forecasts with 40 digits: reference.py.
"""

import csv
import json
import math
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lifecycle import clv, models, rfm
from lifecycle.models import (
    BetaGeoNBD,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    _bg_nbd_formulas,
    _pareto_nbd_formulas,
)
from lifecycle.models._rows import read

LOG = Path(__file__).parents[3] / "docs" / "cdnow" / "cdnow_sample.csv"
CASES = json.loads(Path(__file__).with_name("purchases.json").read_text(encoding="utf-8"))
LIKELIHOODS = {
    "BetaGeoNBD": lambda rows: _bg_nbd_formulas.likelihood(rows, 0),
    "ModifiedBetaGeoNBD": lambda rows: _bg_nbd_formulas.likelihood(rows, 1),
    "ParetoNBD": _pareto_nbd_formulas.likelihood,
}


@pytest.fixture(scope="module")
def orders() -> list[tuple[int, date, float]]:
    with LOG.open(newline="", encoding="utf-8") as file:
        return [
            (int(row["customer_id"]), date.fromisoformat(row["date"]), float(row["amount"]))
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def summary(orders: list[tuple[int, date, float]]) -> rfm.SummaryTable:
    return rfm.summary(orders, until=date(1997, 9, 30), unit="week")


@pytest.fixture(scope="module")
def rounded(summary: rfm.SummaryTable) -> dict[str, list[float]]:
    rows = summary.rows
    return {
        "frequency": [row.frequency for row in rows],
        "recency": [round(row.recency, 2) for row in rows],
        "age": [round(row.age, 2) for row in rows],
    }


PUBLISHED: list[tuple[Any, tuple[float, ...], float, tuple[float, ...]]] = [
    (
        BetaGeoNBD,
        (0.24259293, 4.41353341, 0.79288605, 2.42575298),
        -9582.42556,
        (0.01255732, 0.378222, 0.185719, 0.705346),
    ),
    (
        ModifiedBetaGeoNBD,
        (0.524838, 6.182988, 0.891356, 1.614000),
        -9582.132685,
        (0.083264, 0.695597, 0.154785, 0.537472),
    ),
    (
        ParetoNBD,
        (0.55327551, 10.57761224, 0.60621356, 11.66791102),
        -9594.97393,
        (0.0476288, 0.842727, 0.187255, 6.210462),
    ),
]


@pytest.mark.parametrize(("kind", "parameters", "log_likelihood", "errors"), PUBLISHED)
def test_cdnow_has_the_published_parameters_and_errors(
    rounded: dict[str, list[float]],
    kind: Any,
    parameters: tuple[float, ...],
    log_likelihood: float,
    errors: tuple[float, ...],
) -> None:
    fit = kind.fit(rounded, unit="week")
    found = [getattr(fit.model, name) for name in fit.standard_errors]
    assert found == pytest.approx(parameters, rel=2e-6)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=5e-6)
    assert list(fit.standard_errors.values()) == pytest.approx(errors, rel=2e-4)
    diagonal = [fit.covariance[i][i] for i in range(4)]
    assert diagonal == pytest.approx([e**2 for e in fit.standard_errors.values()])
    assert (fit.n, fit.converged, fit.iterations <= 7) == (2357, True, True)


FEW: list[tuple[Callable[[Any], float], tuple[float, float, float], str]] = [
    (
        lambda model: model.p_alive(frequency=9, recency=40.0, age=78.0),
        (0.219824, 0.032077, 0.705502),
        "delta_logit",
    ),
    (
        lambda model: model.conditional_expected_purchases(
            horizon=52, frequency=9, recency=40.0, age=78.0
        ),
        (1.202788, 0.215257, 6.720801),
        "delta_log",
    ),
    (
        lambda model: model.p_alive(frequency=5, recency=77.9, age=78.0),
        (0.972463, 0.834486, 0.995974),
        "delta_logit",
    ),
]


@pytest.mark.parametrize(("forecast", "expected", "method"), FEW)
def test_the_intervals_of_the_first_hundred_customers(
    orders: list[Any],
    forecast: Callable[[Any], float],
    expected: tuple[float, float, float],
    method: str,
) -> None:
    """By the closed forms of Fader, Hardie & Lee (2005), apart from this library.

    The likelihood was climbed with scipy, its Hessian and the gradient of each forecast taken by
    differences, and 1.96 standard errors gone to either side on the logit or the logarithm. On
    the plain scale the bounds are -0.147 to 0.587, -0.867 to 3.272 and 0.920 to 1.025.
    """
    rows = rfm.summary(orders, until=date(1998, 6, 30)).rows[:100]
    found = BetaGeoNBD.fit(rows, unit="week").estimate(forecast)
    interval = found.interval()
    assert interval is not None
    assert (found.value, interval.low, interval.high) == pytest.approx(expected, rel=2e-5)
    assert interval.method == method


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter"])
def test_the_unit_of_time_changes_no_forecast(orders: list[Any], unit: str) -> None:
    """Of 1,882 purchases in the holdout; the value of all over a year at 20 an order."""
    split, end = date(1997, 9, 30), date(1998, 6, 30)
    summary = rfm.summary(orders, until=end, calibration_until=split, unit=unit)
    model = ParetoNBD.fit(summary).model
    assert model.unit == unit
    held = models.holdout(model, summary)
    assert (held.expected, held.actual) == (pytest.approx(1665.513, abs=5e-4), 1882)
    known = rfm.summary(orders, until=end, unit=unit)
    worth = models.value(model, 20.0, known, periods=12, period="month", discount=0.01)
    assert sum(worth.values) == pytest.approx(33955.27, abs=5e-3)


def test_a_summary_of_the_log_is_read_as_it_is(summary: rfm.SummaryTable) -> None:
    fit = BetaGeoNBD.fit(summary)
    found = fit.model
    assert found.unit == "week"
    assert [found.r, found.alpha, found.a, found.b] == pytest.approx(
        [0.243, 4.414, 0.793, 2.426], rel=2e-3
    )


def test_the_forecasts_of_the_papers() -> None:
    known = {"frequency": 2, "recency": 30.43, "age": 38.86}
    bg = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    assert bg.conditional_expected_purchases(horizon=39, **known) == pytest.approx(
        1.22602817, abs=5e-9
    )
    assert bg.p_alive(**known) == pytest.approx(0.72657857, abs=5e-9)
    mbg = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
    assert mbg.conditional_expected_purchases(horizon=39, **known) == pytest.approx(
        1.26296062, abs=5e-9
    )
    assert mbg.p_alive(**known) == pytest.approx(0.706202265, abs=5e-10)
    pareto = ParetoNBD(r=0.5534, alpha=10.5802, s=0.6061, beta=11.6562, unit="week")
    assert pareto.expected_purchases(52) == pytest.approx(1.473067, abs=5e-7)
    found = pareto.conditional_expected_purchases(horizon=39, **known)
    assert found == pytest.approx(1.455092844, abs=5e-10)
    assert pareto.p_alive(**known) == pytest.approx(0.869110644, abs=5e-10)
    weekly = clv.Discount(1.15 ** (1 / 52) - 1, per="week")
    found = pareto.residual_transactions(discount=weekly, **known)
    assert found == pytest.approx(6.500513837, abs=5e-10)
    found = pareto.residual_transactions(discount=clv.Discount(0.15, per="year"), **known)
    assert found == pytest.approx(6.513970, abs=5e-7)


@pytest.fixture(params=CASES, ids=lambda case: f"{case['model']}-{case['history']}")
def case(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"P\(alive\) is 1")
        yield request.param


def test_forecasts_have_the_digits_of_the_closed_forms(case: dict[str, Any]) -> None:
    model = getattr(models, case["model"])(**case["parameters"], unit="week")
    known = case["history"]
    discount = clv.Discount(math.expm1(0.0027), per="week")
    found = {
        "p_alive": model.p_alive(**known),
        "p_alive_13_ahead": model.p_alive(**known, horizon=13),
        "expected_39": model.conditional_expected_purchases(horizon=39, **known),
        "discounted": model.residual_transactions(discount=discount, **known),
    }
    assert found == pytest.approx({name: float(case[name]) for name in found}, rel=2e-13, abs=0)
    for count, probability in case["pmf_39"].items():
        assert model.pmf(n=int(count), horizon=39, **known) == pytest.approx(
            float(probability), rel=1e-11, abs=1e-300
        )


def test_log_likelihoods_have_the_digits_of_the_closed_forms(case: dict[str, Any]) -> None:
    rows = read([case["history"]])
    found = LIKELIHOODS[case["model"]](rows)(*case["parameters"].values())
    assert found.value == pytest.approx(float(case["log_likelihood"]), rel=1e-13, abs=1e-12)
