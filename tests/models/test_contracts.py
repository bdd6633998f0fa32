"""sBG and BdW: what they read of contracts, edges, and simulated customers."""

import math
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from lifecycle import clv
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiedError,
)
from lifecycle.models import BetaDiscreteWeibull, ShiftedBetaGeometric
from lifecycle.models._arithmetic import FLOATS, log_growth
from lifecycle.models._renewals import Renewals, from_lifetimes, from_survivors

SBG = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
BDW = BetaDiscreteWeibull(alpha=0.5, beta=1.5, c=1.2, unit="year")
KINDS = (ShiftedBetaGeometric, BetaDiscreteWeibull)
SURVIVORS = [1000, 869, 743, 653, 593, 551, 517, 491]

models = pytest.mark.parametrize("model", [SBG, BDW], ids=lambda model: type(model).__name__)
kinds = pytest.mark.parametrize("kind", KINDS)


@models
def test_a_model_shows_itself_as_the_call_that_makes_it(model: Any) -> None:
    assert eval(repr(model)) == model  # noqa: S307  (our own text)


@pytest.mark.parametrize("wrong", [0, -1.0, math.nan, math.inf])
def test_parameters_are_finite_and_above_0(wrong: float) -> None:
    for name in ("alpha", "beta", "c"):
        with pytest.raises(InvalidValueError, match=rf"^{name} must be"):
            BetaDiscreteWeibull(**{"alpha": 1, "beta": 1, "c": 1, name: wrong})
    with pytest.raises(InvalidValueError, match=r"^beta must be"):
        ShiftedBetaGeometric(alpha=1, beta=wrong)


def test_survivors_are_counted_at_each_renewal() -> None:
    assert from_survivors([10, 7, 7, 2]) == Renewals((7, 7, 2), (3, 0, 5), 10)
    assert from_survivors([10.0]) == Renewals((), (), 10)


@pytest.mark.parametrize(
    ("survivors", "message"),
    [
        ([10, 11], r"^survivors\[1\] must be at most the 10 before, got 11"),
        ([10, -1], r"^survivors\[1\] must be a whole number of customers"),
        ([1.0, 0.869, 0.743], r"^survivors\[1\] must be a whole number of customers \(shares"),
        ([10, math.nan], r"^survivors\[1\] must be finite"),
    ],
)
@kinds
def test_survivors_that_cannot_be_raise(kind: Any, survivors: list[float], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        kind.fit(survivors=survivors)


@pytest.mark.parametrize("wrong", [1000, "1000", [True, False], None])
def test_survivors_are_a_series_of_counts(wrong: object) -> None:
    with pytest.raises(InvalidTypeError, match=r"^survivors"):
        from_survivors(wrong)


@pytest.mark.parametrize("nobody", [[], [0, 0]])
def test_survivors_of_nobody_raise(nobody: list[int]) -> None:
    with pytest.raises(EmptySampleError):
        from_survivors(nobody)


def test_lifetimes_are_counted_at_each_renewal() -> None:
    durations = [1, 1, 2, 2, 3, 0]
    observed = [True, False, True, False, 0, False]
    assert from_lifetimes(durations, observed) == Renewals((4, 2, 1), (1, 1, 0), 6)


def test_whole_floats_are_flags() -> None:
    durations, observed = [1, 1, 2, 2, 3, 0], [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    assert from_lifetimes(durations, observed) == Renewals((4, 2, 1), (1, 1, 0), 6)


@pytest.mark.parametrize("missing", [None, math.nan])
def test_a_missing_flag_says_what_to_do(missing: object) -> None:
    with pytest.raises(InvalidTypeError, match=r"^observed\[1\] .*leave out rows without it"):
        from_lifetimes([1, 2], [True, missing])


@kinds
def test_a_cohort_is_the_same_as_survivors_and_one_by_one(kind: Any) -> None:
    durations = [7] * SURVIVORS[-1]
    observed = [False] * len(durations)
    for t, (before, after) in enumerate(pairwise(SURVIVORS), start=1):
        durations += [t] * (before - after)
        observed += [True] * (before - after)
    one, other = kind.fit(survivors=SURVIVORS), kind.fit_durations(durations, observed)
    assert one == other
    assert one.n == 1000


@pytest.mark.parametrize(
    ("durations", "observed", "message"),
    [
        ([1, 0], [True, True], r"^durations\[1\] must be at least 1 where the customer left"),
        ([1, 1.5], [True, True], r"^durations\[1\] must be a whole number"),
        ([1, -1], [True, True], r"^durations\[1\] must be a whole number"),
        ([1, 2], [True], r"^observed must be as many as the durations, 2, got 1"),
        ([1, 2], [1, 2], r"^observed\[1\] must be True or 1 where the end was seen"),
        ([1, 2], [1, 2.0], r"^observed\[1\] must be True or 1 where the end was seen"),
    ],
)
def test_lifetimes_that_cannot_be_raise(durations: Any, observed: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        from_lifetimes(durations, observed)


@pytest.mark.parametrize(
    ("durations", "observed"), [(3, [True]), ([3], True), ([3], "1"), ([3], [0.5]), (["3"], [1])]
)
def test_lifetimes_are_two_series(durations: Any, observed: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^(durations|observed)"):
        from_lifetimes(durations, observed)


def test_lifetimes_of_nobody_raise() -> None:
    with pytest.raises(EmptySampleError):
        from_lifetimes([], [])


@pytest.mark.parametrize(
    ("survivors", "reason"),
    [
        ([10, 9], "takes 2 renewals with customers, not 1"),
        ([10, 10, 10, 10], "no customer left"),
        ([10, 0, 0, 0], "takes 2 renewals with customers, not 1"),
        ([100, 90, 81, 72], "infinity|curve"),
        ([100, 95, 85, 60, 20], "infinity|curve"),
    ],
)
def test_counts_that_say_nothing_of_the_parameters_raise(survivors: list[int], reason: str) -> None:
    with pytest.raises(NotIdentifiedError, match=reason):
        ShiftedBetaGeometric.fit(survivors=survivors)


def log_likelihood(survivors: list[int], survival: Callable[[int], float]) -> float:
    """Return that of those who left at each renewal, and of those who are left."""
    shares = [survival(t) for t in range(len(survivors))]
    lost = sum(
        (before - after) * math.log(here - later)
        for (before, after), (here, later) in zip(
            pairwise(survivors), pairwise(shares), strict=True
        )
    )
    return lost + survivors[-1] * math.log(shares[-1])


def beta_geometric(alpha: float, beta: float, c: float = 1.0) -> Callable[[int], float]:
    """Return B(alpha, beta + t^c) / B(alpha, beta) of each t."""

    def survival(t: int) -> float:
        last = beta + t**c
        gained = math.lgamma(last) - math.lgamma(beta)
        return math.exp(gained + math.lgamma(alpha + beta) - math.lgamma(alpha + last))

    return survival


def rises_to_the_end(survivors: list[int], rate: float, c: float) -> bool:
    """Say whether the likelihood rises to that of customers who are alike, and nowhere above.

    Those have a survival of exp(-rate t^c), to which the model comes where alpha and beta are
    large, and their quotient is exp(rate) - 1.
    """
    limit = log_likelihood(survivors, lambda t: math.exp(-rate * t**c))
    odds, sizes = math.expm1(rate), (1.0, 10.0, 100.0, 1e3, 1e4, 1e5)
    heights = [log_likelihood(survivors, beta_geometric(odds * k, k, c)) for k in sizes]
    random = Random(3)
    others = (
        beta_geometric(10 ** random.uniform(-1, 2), 10 ** random.uniform(-1, 2), c)
        for _ in range(300)
    )
    highest = max(log_likelihood(survivors, other) for other in others)
    assert heights[-1] == pytest.approx(limit, abs=0.05)
    return heights == sorted(heights) and max(heights[-1], highest) < limit


@pytest.mark.parametrize(
    "survivors",
    [[1000, 900, 810, 729, 656], [640, 320, 160, 80], [500, 400, 320, 256]],
)
def test_a_constant_churn_has_its_optimum_at_infinity_and_says_what_to_try(
    survivors: list[int],
) -> None:
    rate = -math.log(sum(survivors[1:]) / sum(survivors[:-1]))
    assert rises_to_the_end(survivors, rate, 1.0)
    with pytest.raises(NotIdentifiedError, match=r"(alpha|beta) goes to infinity; try another"):
        ShiftedBetaGeometric.fit(survivors)


@pytest.mark.parametrize(
    ("survivors", "rate", "c"),
    [
        ([1000, 950, 850, 650, 300], 0.024381, 2.77817),
        ([1000, 990, 930, 780, 520], 0.007658, 3.20455),
        ([2000, 1900, 1650, 1300], 0.050195, 1.95596),
    ],
)
def test_a_rising_churn_has_its_optimum_at_infinity_and_says_what_to_try(
    survivors: list[int], rate: float, c: float
) -> None:
    """The rate and the power are those of the Weibull curve that fits best, found with scipy."""
    assert rises_to_the_end(survivors, rate, c)
    with pytest.raises(NotIdentifiedError, match=r"(alpha|beta) goes to infinity; try another"):
        BetaDiscreteWeibull.fit(survivors)


def test_three_parameters_take_three_renewals() -> None:
    with pytest.raises(NotIdentifiedError, match="it takes 3 renewals with customers, not 2"):
        BetaDiscreteWeibull.fit(survivors=[10, 7, 5])


def test_a_risk_that_starts_late_is_told_and_not_divided_by() -> None:
    with pytest.raises(NotIdentifiedError):
        BetaDiscreteWeibull.fit(survivors=[10, 10, 10, 9, 9])


@models
def test_lists_give_lists_of_the_same_figures(model: Any) -> None:
    assert model.survival([0, 3]) == [1.0, model.survival(3)]
    assert model.retention([1, 3]) == [model.retention(1), model.retention(3)]
    left = [model.residual_lifetime(t, discount=0.1) for t in (0, 2)]
    assert model.residual_lifetime([0, 2], discount=0.1) == left


@models
def test_renewals_are_whole(model: Any) -> None:
    for call in (
        lambda: model.survival(-1),
        lambda: model.survival(1.5),
        lambda: model.retention(0),
        lambda: model.residual_lifetime(0.5, discount=0.1),
    ):
        with pytest.raises(InvalidValueError, match=r"^renewals? must be a whole number"):
            call()


@models
def test_a_horizon_bounds_the_lifetime(model: Any) -> None:
    assert model.expected_lifetime(periods=0) == 0
    assert model.expected_lifetime(periods=1) == 1
    by_hand = sum(model.survival(t) for t in range(8))
    assert model.expected_lifetime(periods=8) == pytest.approx(by_hand)
    long = model.expected_lifetime(discount=0.1, periods=100_000)
    assert long == pytest.approx(model.expected_lifetime(discount=0.1), rel=1e-12)


@models
def test_a_discount_says_its_period(model: Any) -> None:
    monthly = clv.Discount(1.1 ** (1 / 12) - 1, per="month")
    left = model.residual_lifetime(2, discount=0.1)
    assert model.residual_lifetime(2, discount=monthly) == pytest.approx(left)
    lifetime = model.expected_lifetime(discount=0.1)
    assert model.expected_lifetime(discount=monthly) == pytest.approx(lifetime)


@models
def test_a_sum_without_end_raises(model: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^discount must be above 0"):
        model.expected_lifetime()
    with pytest.raises(InvalidValueError, match=r"^discount must be above 0"):
        model.residual_lifetime(2, discount=0)
    with pytest.raises(InvalidValueError, match=r"^discount must be at least 0"):
        model.expected_lifetime(discount=-0.1)


@models
def test_a_rate_that_is_no_more_than_a_slip_is_refused(model: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^discount must be 0, or at least 1e-09 for one"):
        model.expected_lifetime(discount=1e-10)
    with pytest.raises(InvalidValueError, match=r"^discount must be 0, or at least 1e-09 for one"):
        model.residual_lifetime(2, discount=1e-10)


def test_a_sum_term_by_term_ends() -> None:
    with pytest.raises(InvalidValueError, match=r"^discount must be above 0 \(at least 1e-05"):
        BDW.expected_lifetime(discount=1e-6)


def test_without_discount_the_lifetime_is_a_mean() -> None:
    model = ShiftedBetaGeometric(alpha=3, beta=4)
    assert model.expected_lifetime() == pytest.approx(3)
    assert model.expected_lifetime(periods=20_000) == pytest.approx(3, rel=1e-6)
    left = model.residual_lifetime(0, discount=0)
    assert left == pytest.approx(model.expected_lifetime() - 1)


@models
def test_a_forecast_starts_from_those_who_are_there(model: Any) -> None:
    found = model.forecast(500, periods=3, renewals=2)
    share = [model.survival(2 + k) / model.survival(2) for k in (1, 2, 3)]
    assert found == pytest.approx([500 * s for s in share])
    assert model.forecast(0, periods=2) == [0, 0]
    assert model.forecast(10, periods=0) == []


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((-1, 3, 0), "customers"), ((5, -1, 0), "periods"), ((5, 3, -1), "renewals")],
)
def test_a_forecast_has_no_negative_numbers(arguments: tuple[int, int, int], name: str) -> None:
    customers, periods, past = arguments
    with pytest.raises(InvalidValueError, match=rf"^{name} must be at least 0"):
        SBG.forecast(customers, periods=periods, renewals=past)


@models
def test_a_simulation_recovers_its_parameters(model: Any) -> None:
    durations, observed = model.simulate(8000, periods=10, random=Random(3))
    assert len(durations) == 8000
    assert set(durations) == set(range(1, 11))
    assert all(seen or length == 10 for length, seen in zip(durations, observed, strict=True))
    found = type(model).fit_durations(durations, observed, unit="year")
    for name, error in found.standard_errors.items():
        assert abs(getattr(found.model, name) - getattr(model, name)) < 3 * error
        assert error < 0.25 * getattr(model, name)


def test_a_simulation_bears_extreme_chances() -> None:
    never = ShiftedBetaGeometric(alpha=1e-9, beta=1e3)
    assert never.simulate(3, periods=5, random=Random(1)) == ([5] * 3, [False] * 3)
    at_once = ShiftedBetaGeometric(alpha=1e6, beta=1e-9)
    assert at_once.simulate(3, periods=5, random=Random(1)) == ([1] * 3, [True] * 3)
    for wrong in ({"n": -1, "periods": 5}, {"n": 1, "periods": 0}):
        with pytest.raises(InvalidValueError, match="must be at least"):
            SBG.simulate(**wrong, random=Random(1))


@pytest.mark.parametrize(("a", "n"), [(0.5, 3.0), (99.0, 2.0), (101.0, 2.0), (1e9, 3.0)])
def test_the_logarithm_of_a_product_of_factors(a: float, n: float) -> None:
    expected = math.fsum(math.log(a + k) for k in range(int(n)))
    assert log_growth(FLOATS, a, n) == pytest.approx(expected, rel=1e-14)
