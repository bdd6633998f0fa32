"""BG/BB: its doors, edges and simulated customers."""

import math
from random import Random
from typing import Any

import pytest

from lifecycle import clv
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiedError,
    UnknownNameError,
)
from lifecycle.models import BetaGeoBetaBinomial

DONORS = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834, unit="year")
KNOWN = {"frequency": 3, "recency": 5, "age": 6}


def test_it_shows_itself_as_the_call_that_makes_it() -> None:
    assert eval(repr(DONORS)) == DONORS  # noqa: S307  (our own text)
    assert "unit" not in repr(BetaGeoBetaBinomial(alpha=1, beta=1, gamma=1, delta=1))


@pytest.mark.parametrize("name", ["alpha", "beta", "gamma", "delta"])
@pytest.mark.parametrize("wrong", [0, -1.0, math.nan, math.inf])
def test_parameters_are_finite_and_above_0(name: str, wrong: float) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{name} must be"):
        BetaGeoBetaBinomial(**{"alpha": 1, "beta": 1, "gamma": 1, "delta": 1, name: wrong})


def test_a_unit_is_one_of_those_known() -> None:
    with pytest.raises(UnknownNameError, match=r"^unit must be one of"):
        BetaGeoBetaBinomial(alpha=1, beta=1, gamma=1, delta=1, unit="years")


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ((1.5, 2, 3), r"frequency must be a whole number"),
        ((-1, 0, 3), r"frequency must be a whole number"),
        ((1, 4, 3), r"recency must be between 0 and the age"),
        ((1, 1.5, 3), r"recency must be a whole number of at least 0 \(count occasions\)"),
        ((1, 1, 38.86), r"age must be a whole number of at least 0 \(count occasions\)"),
        ((3, 2, 3), r"recency must be at least the frequency"),
        ((0, 2, 3), r"recency must be 0 where frequency is 0"),
        ((1, 0, 3), r"recency must be above 0 where frequency is"),
        ((1, 1, math.inf), r"age must be finite"),
    ],
)
def test_a_history_that_cannot_be_raises_wherever_it_comes_in(
    history: tuple[float, ...], message: str
) -> None:
    known: dict[str, Any] = dict(zip(("frequency", "recency", "age"), history, strict=True))
    calls: list[Any] = [
        lambda: DONORS.p_alive(**known),
        lambda: DONORS.conditional_expected_purchases(horizon=5, **known),
        lambda: DONORS.pmf(n=1, horizon=2, **known),
        lambda: DONORS.residual_transactions(discount=0.1, **known),
        lambda: DONORS.discounted_purchases(periods=3, discount=0.1, **known),
    ]
    for call in calls:
        with pytest.raises(InvalidValueError, match=rf"^{message}"):
            call()
    rows = {name: [2, value] for name, value in known.items()}
    rows["age"][0] = 3
    with pytest.raises(InvalidValueError, match=r"^rows\[1\]\."):
        BetaGeoBetaBinomial.fit(rows)


@pytest.mark.parametrize("horizon", [-1, 1.5, math.nan])
def test_occasions_ahead_are_whole(horizon: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^horizon must be"):
        DONORS.expected_purchases(horizon)
    with pytest.raises(InvalidValueError, match=r"^horizon must be"):
        DONORS.conditional_expected_purchases(horizon=horizon, **KNOWN)
    with pytest.raises(InvalidValueError, match=r"^horizon must be"):
        DONORS.pmf(n=1, horizon=horizon)


def test_a_new_customer_has_no_history() -> None:
    new = {"frequency": 0, "recency": 0, "age": 0}
    expected = DONORS.conditional_expected_purchases(horizon=6, **new)
    assert DONORS.expected_purchases(6) == pytest.approx(expected, rel=1e-14)
    left = DONORS.residual_transactions(discount=0.1, **new)
    assert DONORS.residual_transactions(discount=0.1) == left
    assert DONORS.expected_purchases(0) == 0
    assert DONORS.discounted_purchases(periods=0, discount=0.1) == 0


def test_lists_give_lists_of_the_same_figures() -> None:
    columns = {"frequency": [3, 0, 3], "recency": [5, 0, 5], "age": [6, 6, 6]}
    alive, nobody = DONORS.p_alive(**KNOWN), DONORS.p_alive(frequency=0, recency=0, age=6)
    assert DONORS.p_alive(**columns) == [alive, nobody, alive]
    assert DONORS.pmf(n=[0, 1], horizon=2) == [
        DONORS.pmf(n=0, horizon=2),
        DONORS.pmf(n=1, horizon=2),
    ]


def test_long_histories_stay_finite() -> None:
    gone = DONORS.p_alive(frequency=1, recency=1, age=100_000)
    assert 0 <= gone < 1e-12
    assert DONORS.p_alive(frequency=900, recency=900, age=5000) == 0
    assert DONORS.p_alive(frequency=5000, recency=5000, age=5000) == pytest.approx(1, abs=1e-3)
    assert DONORS.pmf(n=700, horizon=2000) > 0
    fitted = BetaGeoBetaBinomial.fit(
        {"frequency": [0, 1, 300, 150], "recency": [0, 1, 300, 200], "age": [300] * 4}
    )
    assert math.isfinite(fitted.log_likelihood)


def test_a_discount_says_its_period() -> None:
    yearly = DONORS.residual_transactions(discount=clv.Discount(0.1, per="year"), **KNOWN)
    assert yearly == DONORS.residual_transactions(discount=0.1, **KNOWN)
    within = DONORS.discounted_purchases(periods=4, discount=clv.Discount(0.1, per="year"), **KNOWN)
    assert within == DONORS.discounted_purchases(periods=4, discount=0.1, period="year", **KNOWN)


def test_a_discount_needs_a_unit() -> None:
    model = BetaGeoBetaBinomial(alpha=1, beta=1, gamma=1, delta=1)
    with pytest.raises(
        InvalidTypeError, match=r"^discount must be a rate per period, or the model"
    ):
        model.residual_transactions(discount=clv.Discount(0.1, per="year"), **KNOWN)


def test_periods_are_occasions() -> None:
    with pytest.raises(InvalidValueError, match=r"^period must be the unit of the model, 'year'"):
        DONORS.discounted_purchases(periods=4, discount=0.1, period="month", **KNOWN)


def test_a_sum_without_end_raises() -> None:
    with pytest.raises(InvalidValueError, match=r"^discount must be above 0 where gamma is 1"):
        DONORS.residual_transactions(discount=0, **KNOWN)
    with pytest.raises(InvalidValueError, match=r"^discount must be at least 0"):
        DONORS.residual_transactions(discount=-0.1, **KNOWN)


def test_without_discount_the_sum_is_that_of_all_time() -> None:
    model = BetaGeoBetaBinomial(alpha=1.5, beta=0.8, gamma=4.0, delta=5.0)
    found = model.residual_transactions(discount=0, **KNOWN)
    long = model.conditional_expected_purchases(horizon=20_000, **KNOWN)
    assert found == pytest.approx(long, rel=1e-9)
    assert found == pytest.approx(model.residual_transactions(discount=1e-6, **KNOWN), rel=1e-4)


@pytest.mark.parametrize(
    ("frequency", "recency", "reason"),
    [([0, 0], [0, 0], "nobody bought"), ([3, 3], [3, 3], "everybody bought on every occasion")],
)
def test_customers_who_are_all_alike_say_nothing(
    frequency: list[int], recency: list[int], reason: str
) -> None:
    with pytest.raises(NotIdentifiedError, match=reason):
        BetaGeoBetaBinomial.fit({"frequency": frequency, "recency": recency, "age": [3, 3]})


def test_nobody_cannot_be_fitted() -> None:
    with pytest.raises(EmptySampleError):
        BetaGeoBetaBinomial.fit([])


def test_a_simulation_recovers_its_parameters() -> None:
    rows = DONORS.simulate(6000, age=8, random=Random(11))
    found = BetaGeoBetaBinomial.fit(rows, unit="year")
    assert found.n == 6000
    assert found.model.unit == "year"
    for name, error in found.standard_errors.items():
        assert abs(getattr(found.model, name) - getattr(DONORS, name)) < 3 * error
        assert error < 0.35 * getattr(DONORS, name)


def test_a_simulation_is_as_the_model_expects() -> None:
    ages = [2, 6] * 2000
    rows = DONORS.simulate(4000, age=ages, random=Random(5), horizon=4)
    assert [row.age for row in rows] == ages
    assert all(row.frequency <= row.recency <= row.age for row in rows)
    later = sum(row.holdout_frequency or 0 for row in rows)
    columns = {
        name: [getattr(row, name) for row in rows] for name in ("frequency", "recency", "age")
    }
    expected = sum(DONORS.conditional_expected_purchases(horizon=4, **columns))
    assert later == pytest.approx(expected, rel=0.05)
    assert rows[0].holdout_duration == 4


def test_a_simulation_has_as_many_ages_as_customers() -> None:
    with pytest.raises(InvalidValueError, match=r"^len\(age\) must be n, 3"):
        DONORS.simulate(3, age=[1, 2], random=Random(1))
    with pytest.raises(InvalidTypeError, match=r"^random must be a Random"):
        DONORS.simulate(3, age=1, random=None)  # type: ignore[arg-type]
