"""Newton's search, the errors of its estimates, and how it refuses."""

import math
import pickle
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import attrs
import pytest

from lifecycle import clv, models
from lifecycle.errors import (
    AssumptionWarning,
    ConvergenceError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiedError,
)
from lifecycle.models import (
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    Fit,
    GammaGamma,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    ShiftedBetaGeometric,
)
from lifecycle.models._rows import read
from lifecycle.models.fitting import (
    Derivatives,
    Likelihood,
    Problem,
    _Search,
    derivatives,
    fit,
)


def quadratic(center: Sequence[float], curvature: Sequence[Sequence[float]]) -> Likelihood:
    """Return -(p - c)' K (p - c) / 2."""

    def at(*point: float) -> Derivatives:
        off = [p - c for p, c in zip(point, center, strict=True)]
        slope = [-sum(k * o for k, o in zip(row, off, strict=True)) for row in curvature]
        value = sum(s * o for s, o in zip(slope, off, strict=True)) / 2
        return Derivatives(value, slope, [[-k for k in row] for row in curvature])

    return at


def searched(likelihood: Likelihood, **start: float) -> Fit[dict[str, float]]:
    return fit(dict, Problem(likelihood, start), name="Test", n=10.0)


def test_the_top_of_a_parabola_is_found_with_its_covariance() -> None:
    found = searched(quadratic((2.0, 5.0), ((4.0, 1.0), (1.0, 2.0))), a=1.0, b=1.0)
    assert found.model == pytest.approx({"a": 2.0, "b": 5.0}, rel=1e-6)
    assert found.covariance[0] == pytest.approx((2 / 7, -1 / 7))
    assert found.covariance[1] == pytest.approx((-1 / 7, 4 / 7))
    assert found.standard_errors == pytest.approx({"a": math.sqrt(2 / 7), "b": math.sqrt(4 / 7)})


def test_a_start_where_the_likelihood_curves_up_is_left_uphill() -> None:
    def bell(a: float) -> Derivatives:
        x = math.log(a)
        value = math.exp(-x * x / 2)
        slope, curve = -x * value, (x * x - 1) * value
        return Derivatives(value, [slope / a], [[(curve - slope) / (a * a)]])

    assert searched(bell, a=40.0).model["a"] == pytest.approx(1.0, rel=1e-5)


def test_a_step_too_far_is_shortened() -> None:
    def kinked(a: float) -> Derivatives:
        x = math.log(a)
        root = math.sqrt(1 + x * x)
        slope, curve = -x / root, -1 / root**3
        return Derivatives(-root, [slope / a], [[(curve - slope) / (a * a)]])

    assert searched(kinked, a=6.0).model["a"] == pytest.approx(1.0, rel=1e-5)


def test_a_parameter_that_runs_away_is_named() -> None:
    def rising(a: float) -> Derivatives:
        return Derivatives(-1 / a, [1 / a**2], [[-2 / a**3]])

    with pytest.raises(NotIdentifiedError, match="rises as a goes to infinity"):
        searched(rising, a=1.0)

    def falling(a: float) -> Derivatives:
        return Derivatives(-a, [-1.0], [[0.0]])

    with pytest.raises(NotIdentifiedError, match="rises as a goes to 0"):
        searched(falling, a=1.0)


def test_a_search_that_cannot_rise_says_where_it_stands() -> None:
    def lying(a: float) -> Derivatives:
        return Derivatives(0.0 if a == 1.0 else -1.0, [1.0], [[-2.0]])

    message = "no further than a=1 after 100 steps; try another model, or more customers"
    with pytest.raises(ConvergenceError, match=message) as caught:
        searched(lying, a=1.0)
    assert caught.value.reached == {"a": 1.0}


def test_a_start_without_a_likelihood_is_refused() -> None:
    with pytest.raises(ConvergenceError, match="no further than a=1 after 1 steps"):
        searched(lambda _: Derivatives(math.nan, [0.0], [[-1.0]]), a=1.0)


def test_a_search_without_end_is_given_up() -> None:
    def swinging(a: float) -> Derivatives:
        return Derivatives(0.0, [1 / a if a < 1.05 else -1 / a], [[-11 / a**2]])

    with pytest.raises(ConvergenceError, match="after 100 steps"):
        searched(swinging, a=1.0)


def test_parameters_that_can_be_traded_are_not_identified() -> None:
    def ridge(a: float, b: float) -> Derivatives:
        off = math.log(a) + math.log(b)
        slope = -off
        return Derivatives(
            -off * off / 2,
            [slope / a, slope / b],
            [[(-1 - slope) / a**2, -1 / (a * b)], [-1 / (a * b), (-1 - slope) / b**2]],
        )

    with pytest.raises(NotIdentifiedError, match="does not curve down"):
        searched(ridge, a=1.0, b=1.0)


# Several hills


def hills(*tops: tuple[float, float, float]) -> Likelihood:
    """Return the logarithm of a sum of hills in log a: height, place and width of each."""

    def at(a: float) -> Derivatives:
        value = slope = curve = 0.0
        for height, place, width in tops:
            u = (math.log(a) - place) / width
            around = 1 + u * u
            value += height / around
            slope -= 2 * u * height / around**2 / width
            curve += (6 * u * u - 2) * height / around**3 / width**2
        slope, curve = slope / value, curve / value
        return Derivatives(math.log(value), [slope / a], [[(curve - slope**2 - slope) / a**2]])

    return at


def climbed(likelihood: Likelihood, *starts: float) -> Fit[dict[str, float]]:
    first, *others = ({"a": start} for start in starts)
    return fit(dict, Problem(likelihood, first, others=tuple(others)), name="Test", n=10.0)


def test_after_a_hard_search_the_highest_hill_is_taken() -> None:
    likelihood = hills((1.0, -6.0, 0.2), (3.0, 5.0, 0.2), (2.0, 0.0, 0.2))
    far = math.exp(-9.5)
    alone = climbed(likelihood, far)
    assert math.log(alone.model["a"]) == pytest.approx(-6.0, abs=0.01)
    assert alone.iterations > 7
    found = climbed(likelihood, far, 1.1, math.exp(4.9))
    assert math.log(found.model["a"]) == pytest.approx(5.0, abs=0.01)
    assert found.log_likelihood == pytest.approx(math.log(3.0), abs=0.01)
    assert found.iterations > alone.iterations


def test_an_easy_search_is_not_repeated() -> None:
    likelihood = hills((1.0, 0.0, 0.2), (3.0, 5.0, 0.2))
    found = climbed(likelihood, 1.05, math.exp(4.9))
    assert math.log(found.model["a"]) == pytest.approx(0.0, abs=0.01)
    assert found.iterations <= 7


def edged(height: float) -> Likelihood:
    """Return a likelihood that rises for ever at the right, to a height, beside a hill of 1."""
    hill = hills((math.e, -3.0, 0.2))

    def at(a: float) -> Derivatives:
        x = math.log(a)
        if x < 0:
            return hill(a)
        value, slope, curve = height - math.exp(-x), math.exp(-x), -math.exp(-x)
        return Derivatives(value, [slope / a], [[(curve - slope) / a**2]])

    return at


def test_an_edge_that_is_lower_than_a_hill_is_no_end() -> None:
    found = climbed(edged(0.5), 2.0, math.exp(-2.9))
    assert found.model["a"] == pytest.approx(math.exp(-3.0), rel=1e-4)
    assert found.log_likelihood == pytest.approx(1.0)


def test_an_edge_that_is_higher_than_a_hill_is_refused() -> None:
    with pytest.raises(NotIdentifiedError, match=r"rises as a goes to infinity; try another model"):
        climbed(edged(1.5), 2.0, math.exp(-2.9))
    with pytest.raises(NotIdentifiedError, match=r"rises as a goes to infinity; try another model"):
        climbed(edged(0.5), 2.0, 3.0)


def test_a_search_that_fails_is_begun_again() -> None:
    def broken(a: float) -> Derivatives:
        return Derivatives(math.nan, [0.0], [[-1.0]]) if a > 1 else hills((1.0, -3.0, 0.2))(a)

    found = climbed(broken, 2.0, math.exp(-2.9))
    assert found.model["a"] == pytest.approx(math.exp(-3.0), rel=1e-4)


TWO_HILLS = ModifiedBetaGeoNBD(r=0.5, alpha=10, a=2, b=5, unit="week")
FEW_LEAVE = ParetoNBD(r=0.55, alpha=10.6, s=0.6, beta=11.7, unit="week")
DONATED = BetaGeoBetaBinomial(alpha=0.43, beta=0.19, gamma=0.1, delta=2.7)
ALL_GIVE = BetaGeoBetaBinomial(alpha=2.9, beta=0.23, gamma=0.65, delta=0.62)


@pytest.mark.parametrize(
    ("model", "n", "seed", "height", "place"),
    [
        (TWO_HILLS, 100, 82, -568.2942, (3.603, 51.8988, 0.2673, 0.2381)),
        (TWO_HILLS, 500, 63, -2382.1837, (1.47, 21.2291, 0.8371, 0.8683)),
        (TWO_HILLS, 100, 36, -440.2311, (13.0305, 240.5616, 0.5895, 0.4788)),
        (FEW_LEAVE, 100, 29, -724.5784, (1.977, 22.207, 0.1391, 0.0339)),
        (FEW_LEAVE, 100, 171, -499.9178, (1.0835, 17.8704, 0.2471, 0.3635)),
    ],
)
def test_few_customers_are_fitted_on_the_higher_of_two_hills(
    model: Any, n: int, seed: int, height: float, place: tuple[float, ...]
) -> None:
    """Heights and places by L-BFGS-B from several starts; those at the lower hill were found too.

    Of the first the lower hill is -571.0809, at (.41, 11.7, 3.00, 27.7); the third and the fourth
    have edges, b and beta at infinity, at -440.4225 and -725.7123.
    """
    found = type(model).fit(model.simulate(n, age=52, random=Random(seed)))
    assert found.log_likelihood == pytest.approx(height, abs=5e-5)
    names = list(found.standard_errors)
    assert [getattr(found.model, name) for name in names] == pytest.approx(place, rel=2e-3)


@pytest.mark.parametrize(
    ("model", "seed", "height", "place"),
    [
        (DONATED, 130, -138.0636, (1.3156, 0.2849, 0.0217, 0.0905)),
        (ALL_GIVE, 77, -98.1310, (0.0595, 0.0399, 14.8075, 43.4265)),
    ],
)
def test_few_donors_are_fitted_on_the_higher_of_two_hills(
    model: Any, seed: int, height: float, place: tuple[float, ...]
) -> None:
    """By L-BFGS-B on the likelihood of the paper, written with scipy's betaln, from 8 starts.

    The first has an edge, delta at infinity, at -138.9057; the second a hill at -98.8765.
    """
    found = BetaGeoBetaBinomial.fit(model.simulate(60, age=6, random=Random(seed)))
    assert found.log_likelihood == pytest.approx(height, abs=5e-5)
    names = list(found.standard_errors)
    assert [getattr(found.model, name) for name in names] == pytest.approx(place, rel=5e-3)


def purchased(
    rows: Sequence[Any], r: float, alpha: float, survival: Callable[[float], float]
) -> float:
    """Return the log-likelihood of gamma rates of purchase, and any survival of customers.

    Of one row: Gamma(r + x) / Gamma(r) x alpha^r x (the mean of (alpha + t)^-(r + x) over the
    ends t of a customer, as far as they lie in the age). Simpson's rule on 1 - survival.
    """
    total = 0.0
    for row in rows:
        power, width, n = r + row.frequency, row.age - row.recency, 60
        cuts = [row.recency + width * k / n for k in range(n + 1)]
        stays = [survival(t) for t in cuts]
        ends = sum(
            (stays[k] - stays[k + 2])
            * (
                (alpha + cuts[k]) ** -power
                + 4 * (alpha + cuts[k + 1]) ** -power
                + (alpha + cuts[k + 2]) ** -power
            )
            / 6
            for k in range(0, n, 2)
        )
        total += math.lgamma(power) - math.lgamma(r) + r * math.log(alpha)
        total += math.log(ends + (alpha + row.age) ** -power * stays[-1])
    return total


@pytest.mark.parametrize(
    ("model", "seed", "place"),
    [
        (BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"), 5, (0.468, 7.781, 43.2)),
        (BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"), 9, (0.487, 9.907, 37.54)),
        (ParetoNBD(r=0.553, alpha=10.58, s=0.606, beta=11.66, unit="week"), 13, (0.544, 13.23, 44)),
    ],
)
def test_where_all_leave_at_one_rate_no_parameters_are_found(
    model: Any, seed: int, place: tuple[float, float, float]
) -> None:
    """The place is r, alpha and the mean lifetime, climbed with scipy where all leave alike.

    The likelihood of a Pareto/NBD rises to the one there with s = beta / lifetime, and lies
    below it at every other place, so that no s is the best one.
    """
    rows = model.simulate(200, age=39.0, random=Random(seed))
    r, alpha, lifetime = place
    limit = purchased(rows, r, alpha, lambda t: math.exp(-t / lifetime))

    def height(r: float, alpha: float, s: float, lifetime: float) -> float:
        return purchased(rows, r, alpha, lambda t: (1 + t / (s * lifetime)) ** -s)

    heights = [height(r, alpha, s, lifetime) for s in (0.3, 1, 5, 30, 300)]
    assert heights == sorted(heights)
    assert heights[-1] < limit
    random = Random(1)
    for _ in range(10):
        r, alpha, lifetime, s = (each * 2 ** random.uniform(-1, 1) for each in (*place, 1))
        assert height(r, alpha, s, lifetime) < limit
    with pytest.raises(NotIdentifiedError, match=r"as s goes to infinity; try another model, more"):
        ParetoNBD.fit(rows)


@pytest.mark.parametrize("model", [TWO_HILLS, FEW_LEAVE])
def test_no_search_from_elsewhere_ends_higher(model: Any) -> None:
    random, compared = Random(17), 0
    for _ in range(10):
        problem = type(model)._problem(read(model.simulate(60, age=52, random=random)))
        found = _Search("Test", problem).highest()
        sizes = (problem.scale.get(name, 1.0) for name in problem.start)
        start = {
            n: s * 10 ** random.uniform(-1, 1) for n, s in zip(problem.start, sizes, strict=True)
        }
        other = _Search("Test", problem._replace(start=start, others=())).highest()
        if other.error is None:
            compared += 1
            assert found.found.value > other.found.value - 1e-6
    assert compared > 3


def test_terms_in_a_row_are_a_value_a_gradient_and_a_triangle() -> None:
    found = derivatives([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert found == Derivatives(1.0, [2.0, 3.0], [[4.0, 5.0], [5.0, 6.0]])


MODEL = BetaGeoNBD(r=0.25, alpha=4.0, a=0.8, b=2.5, unit="week")
FIT = Fit(
    model=MODEL,
    log_likelihood=-100.0,
    standard_errors={"r": 0.01, "alpha": 0.3, "a": 0.2, "b": 0.7},
    covariance=(
        (1e-4, 2e-3, 0.0, 0.0),
        (2e-3, 0.09, 0.0, 0.0),
        (0.0, 0.0, 0.04, 0.1),
        (0.0, 0.0, 0.1, 0.49),
    ),
    n=500.0,
    iterations=5,
)


def test_a_fit_is_a_table() -> None:
    assert str(FIT).splitlines() == [
        "BetaGeoNBD by the week, 500 customers, log-likelihood -100.00",
        "parameter  value  standard_error",
        "r           0.25            0.01",
        "alpha          4             0.3",
        "a            0.8             0.2",
        "b            2.5             0.7",
    ]
    assert FIT.to_rows()[0] == {"parameter": "r", "value": 0.25, "standard_error": 0.01}
    assert "<td" in FIT._repr_html_()
    spend = Fit(
        model=GammaGamma(p=6.0, q=4.0, v=15.0),
        log_likelihood=-2.5,
        standard_errors={"p": 1.0, "q": 1.0, "v": 1.0},
        covariance=((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
        n=1500.5,
        iterations=4,
    )
    assert str(spend).startswith("GammaGamma, 1,500.5 customers, log-likelihood -2.50\n")


def test_a_prediction_has_the_error_of_the_delta_method() -> None:
    found = FIT.estimate(lambda model: model.r / model.alpha)
    by_r, by_alpha = 1 / 4.0, -0.25 / 16
    variance = by_r**2 * 1e-4 + 2 * by_r * by_alpha * 2e-3 + by_alpha**2 * 0.09
    assert found.value == 0.25 / 4
    assert found.standard_error == pytest.approx(math.sqrt(variance), rel=1e-9)
    assert (found.n, found.method) == (500.0, "delta")
    interval = found.interval(level=0.9)
    assert interval is not None
    assert interval.high - found.value == pytest.approx(1.6448536 * math.sqrt(variance))


def test_a_prediction_that_does_not_depend_on_the_parameters_is_certain() -> None:
    assert FIT.estimate(lambda _: 3).standard_error == 0.0


KNOWN = {"frequency": 9, "recency": 40.0, "age": 78.0}
MANY = {"frequency": [9, 1], "recency": [40.0, 2.0], "age": 78.0}
PARETO = ParetoNBD(r=0.55, alpha=10.6, s=0.6, beta=11.7, unit="week")
DONORS = BetaGeoBetaBinomial(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
CONTRACTS = ShiftedBetaGeometric(alpha=1.5, beta=3.8)
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
DISCOUNT = clv.Discount(0.15, per="year")


def rough(model: Any) -> Fit[Any]:
    """Return a fit so unsure that plain intervals pass every bound."""
    names = [field.name for field in attrs.fields(type(model)) if field.name != "unit"]
    errors = {name: 2 * getattr(model, name) for name in names}
    covariance = [
        [e * e * (i == j) for j in range(len(names))] for i, e in enumerate(errors.values())
    ]
    return attrs.evolve(
        FIT, model=model, standard_errors=errors, covariance=tuple(map(tuple, covariance))
    )


ORDERS = [("ann", date(2026, 1, 1), 20), ("ann", date(2026, 3, 1), 9), ("bob", date(2026, 2, 1), 5)]
HELD = {"frequency": [0, 2], "recency": [0.0, 5.0], "age": [30.0, 30.0]}
FIGURES: list[tuple[Any, Callable[[Any], float], Any]] = [
    (MODEL, lambda m: m.p_alive(**KNOWN), (0, 1)),
    (MODEL, lambda m: m.p_alive(**KNOWN, horizon=52), (0, 1)),
    (MODEL, lambda m: 1 - m.p_alive(**KNOWN), (0, 1)),
    (MODEL, lambda m: m.pmf(n=2, horizon=39), (0, 1)),
    (MODEL, lambda m: m.pmf(n=2, horizon=39) * m.p_alive(**KNOWN), (0, 1)),
    (MODEL, lambda m: m.p_alive(**MANY)[0], (0, 1)),
    (MODEL, lambda m: sum(m.p_alive(**MANY)), (0, 2)),
    (MODEL, lambda m: m.p_alive(**KNOWN) - m.pmf(n=0, horizon=3), (-1, 1)),
    (MODEL, lambda m: 100 * m.p_alive(**KNOWN), (0, 100)),
    (PARETO, lambda m: m.expected_purchases(52), (0, None)),
    (PARETO, lambda m: m.expected_purchases(52) / 52, (0, None)),
    (PARETO, lambda m: 52 / m.expected_purchases(52), (0, None)),
    (PARETO, lambda m: 1 + m.expected_purchases(52), (1, None)),
    (PARETO, lambda m: m.conditional_expected_purchases(horizon=52, **KNOWN), (0, None)),
    (PARETO, lambda m: sum(m.conditional_expected_purchases(horizon=52, **MANY)), (0, None)),
    (PARETO, lambda m: m.residual_transactions(discount=DISCOUNT, **KNOWN), (0, None)),
    (PARETO, lambda m: m.discounted_purchases(periods=12, discount=DISCOUNT, **KNOWN), (0, None)),
    (PARETO, lambda m: -3.0 * m.expected_purchases(52), (None, 0)),
    (PARETO, lambda m: m.expected_purchases(52) * m.pmf(n=0, horizon=52), (0, None)),
    (
        PARETO,
        lambda m: models.value(m, 20.0, KNOWN, periods=12, discount=0.01, period="month"),
        (0, None),
    ),
    (
        PARETO,
        lambda m: models.value(
            m, SPEND, {**KNOWN, "monetary": 30.0}, periods=12, discount=0.01, margin=-0.1
        ),
        (None, 0),
    ),
    (SPEND, lambda m: m.expected_spend(frequency=2, monetary=22.0), (0, None)),
    (
        SPEND,
        lambda m: models.value(PARETO, m, {**KNOWN, "monetary": 30.0}, periods=3, discount=0.1),
        (0, None),
    ),
    (DONORS, lambda m: m.p_alive(frequency=3, recency=5, age=6), (0, 1)),
    (DONORS, lambda m: m.expected_purchases(6), (0, 6)),
    (
        DONORS,
        lambda m: m.conditional_expected_purchases(horizon=5, frequency=3, recency=5, age=6),
        (0, 5),
    ),
    (DONORS, lambda m: m.expected_purchases([2, 6])[1], (0, None)),
    (DONORS, lambda m: m.discounted_purchases(periods=5, discount=0.1), (0, 5)),
    (DONORS, lambda m: m.residual_transactions(discount=0.1), (0, None)),
    (CONTRACTS, lambda m: m.survival(12), (0, 1)),
    (CONTRACTS, lambda m: m.retention([1, 2])[0], (0, 1)),
    (CONTRACTS, lambda m: m.expected_lifetime(discount=0.1), (1, None)),
    (CONTRACTS, lambda m: m.expected_lifetime(periods=5), (1, 5)),
    (CONTRACTS, lambda m: m.residual_lifetime(3, discount=0.1), (0, None)),
    (CONTRACTS, lambda m: m.forecast(491, periods=3)[2], (0, 491)),
    (CONTRACTS, lambda m: m.forecast(periods=3, customers=491.0)[2], (0, 491)),
    (DONORS, lambda m: m.expected_purchases(horizon=6), (0, 6)),
    (
        DONORS,
        lambda m: m.conditional_expected_purchases(frequency=3, recency=5, age=6, horizon=5),
        (0, 5),
    ),
    (DONORS, lambda m: m.discounted_purchases(discount=0.1, periods=5), (0, 5)),
    (
        PARETO,
        lambda m: models.tracking(m, ORDERS, until=date(2026, 8, 1)).rows[-1].expected,
        (0, None),
    ),
    (PARETO, lambda m: models.holdout(m, HELD, [0, 2], horizon=5).expected, (0, None)),
    (PARETO, lambda m: models.holdout(m, HELD, [0, 2], horizon=5).bias, (None, None)),
]


@pytest.mark.parametrize(("model", "prediction", "bounds"), FIGURES)
def test_the_interval_of_a_forecast_stays_within_what_it_can_be(
    model: Any, prediction: Callable[[Any], float], bounds: tuple[float | None, float | None]
) -> None:
    found = rough(model).estimate(prediction)
    assert found.bounds == bounds
    assert found.value == prediction(model)
    assert type(found.value) is float
    low, high = bounds
    interval = found.interval(level=0.99)
    assert interval is not None
    assert low is None or interval.low >= low
    assert high is None or interval.high <= high


@pytest.mark.parametrize(
    "prediction",
    [
        lambda m: m.expected_purchases(52) - m.expected_purchases(26),
        lambda m: (
            m.conditional_expected_purchases(horizon=52, **KNOWN) - 1.0 * m.expected_purchases(52)
        ),
        lambda m: 1 / (m.p_alive(**KNOWN) - 0.5),
        lambda m: m.r / m.alpha,
        lambda m: math.exp(m.p_alive(**KNOWN)),
        lambda _: 3,
    ],
)
def test_what_may_be_anything_has_the_plain_interval(prediction: Callable[[Any], float]) -> None:
    found = FIT.estimate(prediction)
    assert found.bounds == (None, None)
    interval = found.interval()
    assert interval is not None
    assert interval.high - found.value == pytest.approx(found.value - interval.low)


def test_what_is_no_float_does_not_mix_with_a_forecast() -> None:
    with pytest.raises(TypeError, match=r"unsupported operand type"):
        FIT.estimate(lambda m: m.p_alive(**KNOWN) * Decimal(2))
    found = FIT.estimate(lambda m: float(Fraction(1, 2) * m.p_alive(**KNOWN)))
    assert found.value == MODEL.p_alive(**KNOWN) / 2


def test_bounds_that_are_given_count() -> None:
    plain = FIT.estimate(lambda m: m.p_alive(**KNOWN), bounds=(None, None))
    assert plain.scale == "identity"
    assert FIT.estimate(lambda m: m.r / m.alpha, bounds=(0, None)).scale == "log"
    with pytest.raises(InvalidValueError, match=r"^value must be within the bounds, \(0, 1\)"):
        FIT.estimate(lambda m: m.alpha, bounds=(0, 1))


def test_the_intervals_of_few_customers_hold_the_truth_within_its_bounds() -> None:
    """60 fits of 300 customers; 400 are on docs/conventions/models.md, with 97 % and 97 %."""
    truth = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    known, random = {"frequency": 9, "recency": 12.0, "age": 38.0}, Random(2)
    forecasts: list[Callable[[Any], float]] = [
        lambda model: model.p_alive(**known),
        lambda model: model.conditional_expected_purchases(horizon=39, **known),
    ]
    held, passed, fits = [0, 0], [0, 0], 0
    while fits < 60:
        try:
            found = BetaGeoNBD.fit(truth.simulate(300, age=39, random=random))
        except NotIdentifiedError:
            continue
        fits += 1
        for i, forecast in enumerate(forecasts):
            estimate = found.estimate(forecast)
            plain, interval = attrs.evolve(estimate, bounds=(None, None)), estimate.interval()
            assert interval is not None
            assert interval.low >= 0
            held[i] += forecast(truth) in interval
            passed[i] += plain.value < 1.96 * (plain.standard_error or 0)
    assert min(held) >= 52  # as it is in 99.7 % of all cases, where 95 % of intervals hold
    assert min(passed) > 30


@pytest.mark.parametrize("model", [MODEL, PARETO, DONORS, CONTRACTS, SPEND])
def test_every_forecast_says_what_it_can_be(model: Any) -> None:
    others = {"fit", "fit_durations", "simulate"}
    methods = {
        name
        for name in dir(model)
        if not name.startswith("_") and callable(getattr(model, name)) and name not in others
    }
    assert methods
    assert all(hasattr(getattr(model, name), "bounds") for name in methods)


def test_one_time_buyers_who_are_alive_for_certain_have_no_width() -> None:
    with pytest.warns(AssumptionWarning, match=r"P\(alive\) is 1"):
        found = FIT.estimate(lambda m: m.p_alive(frequency=0, recency=0.0, age=78.0))
    interval = found.interval()
    assert interval is not None
    assert (found.value, interval.low, interval.high) == (1, 1, 1)


@pytest.mark.parametrize("wrong", ["1.2", [1.2], None, True])
def test_a_prediction_is_a_number(wrong: object) -> None:
    with pytest.raises(InvalidTypeError, match=r"prediction\(model\) must be a number"):
        FIT.estimate(lambda _: wrong)  # type: ignore[arg-type,return-value]


def test_what_predicts_is_a_function() -> None:
    with pytest.raises(InvalidTypeError, match=r"^prediction must be a function of a model, got 3"):
        FIT.estimate(3)  # type: ignore[arg-type]


def test_a_fit_can_be_kept() -> None:
    found = BetaGeoNBD.fit(MODEL.simulate(300, age=40, random=Random(1)), unit="week")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  (our own bytes)
    assert repr(found.model).startswith("BetaGeoNBD(r=0.")


async def promised(_model: object) -> float:
    return 1.0


def test_a_prediction_that_is_only_promised_is_refused() -> None:
    with pytest.raises(InvalidTypeError, match=r"^prediction must be a plain function of a model"):
        FIT.estimate(promised)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match=r"^prediction\(model\) must be an answer, not"):
        FIT.estimate(lambda model: promised(model))  # type: ignore[arg-type,return-value]  # noqa: PLW0108
    with pytest.raises(InvalidTypeError, match=r"^prediction must be a function of a model, calle"):
        FIT.estimate(lambda: 1.0)  # type: ignore[arg-type,misc]


def test_a_fit_says_where_forecasts_are() -> None:
    found: Any = ShiftedBetaGeometric.fit([1000, 869, 743, 653, 593])
    for name in ("p_alive", "retention", "fit"):
        with pytest.raises(
            AttributeError, match=rf"^a Fit has no .*: fit\.model\.{name}$"
        ) as error:
            getattr(found, name)
        assert error.value.name == name
    assert not hasattr(found, "survival")
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  (our own)
    assert attrs.evolve(found, n=3.0).model == found.model
