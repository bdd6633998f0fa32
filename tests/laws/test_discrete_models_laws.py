"""Laws of the spend of orders, of purchases on occasions, and of contracts."""

import math
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.models import (
    BetaDiscreteWeibull,
    BetaGeoBetaBinomial,
    GammaGamma,
    ShiftedBetaGeometric,
    _renewals,
    bdw,
    bg_bb,
    gamma_gamma,
    sbg,
)
from lifecycle.models._rows import compressed
from lifecycle.models.fitting import Likelihood

shapes = st.floats(0.1, 20)
donors = st.builds(
    BetaGeoBetaBinomial, alpha=shapes, beta=shapes, gamma=shapes, delta=shapes, unit=st.just("year")
)
subscribers = st.builds(ShiftedBetaGeometric, alpha=shapes, beta=shapes)
weibulls = st.builds(BetaDiscreteWeibull, alpha=shapes, beta=shapes, c=st.floats(0.2, 3))


@st.composite
def histories(draw: st.DrawFn, most: int = 8) -> tuple[int, int, int]:
    n = draw(st.integers(0, most))
    last = draw(st.integers(0, n))
    return (draw(st.integers(1, last)) if last else 0), last, n


def named(history: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("frequency", "recency", "age"), history, strict=True))


def paths(n: int) -> list[tuple[int, ...]]:
    """Return every way to buy, or not, on n occasions."""
    return [tuple(i >> k & 1 for k in range(n)) for i in range(2**n)]


@cache
def by_hand(alpha: float, beta: float, gamma: float, delta: float, path: tuple[int, ...]) -> Any:
    """Return the probabilities of a path, and of it with being alive at its end, as fractions.

    From the story alone: after each number of occasions lived through, E[p^x (1 - p)^y] and
    E[(1 - t)^k], E[t (1 - t)^k] are products over the draws.
    """
    a, b, g, d = map(Fraction, (alpha, beta, gamma, delta))

    def bought(bits: tuple[int, ...]) -> Fraction:
        share, yes, no = Fraction(1), a, b
        for bit in bits:
            share *= (yes if bit else no) / (yes + no)
            yes, no = yes + bit, no + 1 - bit
        return share

    def stayed(k: int) -> Fraction:
        return math.prod(((d + i) / (g + d + i) for i in range(k)), start=Fraction(1))

    n = len(path)
    alive = bought(path) * stayed(n)
    last = max((k + 1 for k in range(n) if path[k]), default=0)
    gone = sum(
        (bought(path[:k]) * stayed(k) * g / (g + d + k) for k in range(last, n)), Fraction(0)
    )
    return alive + gone, alive


@settings(max_examples=40)
@given(donors, histories(6), st.integers(0, 4))
def test_forecasts_of_bg_bb_are_sums_over_all_that_can_happen(
    model: BetaGeoBetaBinomial, history: tuple[int, int, int], ahead: int
) -> None:
    """P(alive), expected purchases and pmf follow from the probabilities of all paths."""
    x, last, n = history
    at = model.alpha, model.beta, model.gamma, model.delta
    past = tuple(int(k < x - 1 or k + 1 == last) for k in range(n)) if x else (0,) * n
    whole, alive = by_hand(*at, past)
    stays = Fraction(model.delta + n) / Fraction(model.gamma + model.delta + n)
    expected = float(alive / whole * stays)
    assert model.p_alive(**named(history)) == pytest.approx(expected, rel=1e-12)
    later = [(sum(path), by_hand(*at, past + path)[0] / whole) for path in paths(ahead)]
    mean = float(sum(k * p for k, p in later))
    found = model.conditional_expected_purchases(horizon=ahead, **named(history))
    assert found == pytest.approx(mean, rel=1e-12, abs=1e-15)
    for k in range(ahead + 2):
        share = float(sum((p for times, p in later if times == k), Fraction(0)))
        found = model.pmf(n=k, horizon=ahead, **named(history))
        assert found == pytest.approx(share, rel=1e-11, abs=1e-14)


@given(donors, histories(), st.floats(0.05, 1), st.integers(0, 30))
def test_bg_bb_for_ever_is_more_than_any_horizon(
    model: BetaGeoBetaBinomial, history: tuple[int, int, int], d: float, horizon: int
) -> None:
    """Discounted purchases grow with the horizon, to those of all time."""
    known = named(history)
    for_ever = model.residual_transactions(discount=d, **known)
    within = model.discounted_purchases(periods=horizon, discount=d, **known)
    assert within <= for_ever * (1 + 1e-12)
    rest = for_ever - within
    bound = model.p_alive(**known) * (1 + d) ** -horizon / d
    assert rest <= bound * (1 + 1e-9)


@given(donors, histories(), st.floats(0, 1), st.integers(0, 12))
def test_discounted_purchases_are_the_sum_over_occasions(
    model: BetaGeoBetaBinomial, history: tuple[int, int, int], d: float, horizon: int
) -> None:
    """The sum of (E[Y(k)] - E[Y(k - 1)]) / (1 + d)^k, term by term."""
    known = named(history)
    until = [model.conditional_expected_purchases(horizon=k, **known) for k in range(horizon + 1)]
    expected = sum((until[k] - until[k - 1]) / (1 + d) ** k for k in range(1, horizon + 1))
    found = model.discounted_purchases(periods=horizon, discount=d, **known)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-13)


def slopes(likelihood: Likelihood, point: tuple[float, ...]) -> None:
    """Check gradient and Hessian by central differences of sixth order."""
    found = likelihood(*point)
    size = abs(found.value) + 1
    for i in range(len(point)):
        step = 2e-3 * point[i]

        def moved(k: int, i: int = i, step: float = step) -> Any:
            return likelihood(*(p + k * step * (i == j) for j, p in enumerate(point)))

        ways = {k: moved(k) for k in (-3, -2, -1, 1, 2, 3)}

        def slope(read: Any, ways: Any = ways, step: float = step) -> float:
            w = {k: read(way) for k, way in ways.items()}
            found = 45 * (w[1] - w[-1]) - 9 * (w[2] - w[-2]) + (w[3] - w[-3])
            return float(found / (60 * step))

        tolerance = 1e-7 * size / point[i]
        assert found.gradient[i] == pytest.approx(slope(lambda d: d.value), rel=1e-5, abs=tolerance)
        for j in range(len(point)):
            wanted = slope(lambda d, j=j: d.gradient[j])
            assert found.hessian[i][j] == pytest.approx(wanted, rel=1e-5, abs=tolerance / point[j])


@settings(max_examples=40)
@given(st.tuples(shapes, shapes, shapes, shapes), st.lists(histories(), min_size=1, max_size=5))
def test_the_derivatives_of_bg_bb_are_those_of_its_likelihood(
    point: tuple[float, ...], rows: list[tuple[int, int, int]]
) -> None:
    """Value by hand, gradient and Hessian by differences."""
    columns = [[float(row[i]) for row in rows] for i in range(3)]
    likelihood = bg_bb._likelihood(compressed(columns))
    expected = 0.0
    for x, last, n in rows:
        path = tuple(int(k < x - 1 or k + 1 == last) for k in range(n)) if x else (0,) * n
        expected += math.log(by_hand(*point, path)[0])
    assert likelihood(*point).value == pytest.approx(expected, rel=1e-10, abs=1e-12)
    slopes(likelihood, point)


@settings(max_examples=40)
@given(
    st.tuples(shapes, shapes, st.floats(1, 100)),
    st.lists(st.tuples(st.integers(1, 30), st.floats(0.1, 500)), min_size=1, max_size=5),
)
def test_the_derivatives_of_gamma_gamma_are_those_of_its_likelihood(
    point: tuple[float, ...], rows: list[tuple[int, float]]
) -> None:
    """Value by the formula of Fader & Hardie (2013), gradient and Hessian by differences."""
    p, q, v = point
    columns = [[float(x) for x, _ in rows], [z for _, z in rows]]
    likelihood = gamma_gamma._likelihood(compressed(columns))
    expected = sum(
        math.lgamma(p * x + q)
        - math.lgamma(p * x)
        - math.lgamma(q)
        + q * math.log(v)
        + (p * x - 1) * math.log(z)
        + p * x * math.log(x)
        - (p * x + q) * math.log(v + x * z)
        for x, z in rows
    )
    assert likelihood(*point).value == pytest.approx(expected, rel=1e-9, abs=1e-9)
    slopes(likelihood, point)


@st.composite
def survivors(draw: st.DrawFn) -> list[int]:
    found = [draw(st.integers(1, 500))]
    for _ in range(draw(st.integers(1, 8))):
        found.append(draw(st.integers(0, found[-1])))
    return found


@settings(max_examples=40)
@given(st.tuples(shapes, shapes, st.floats(0.3, 2.5)), survivors())
def test_the_derivatives_of_contracts_are_those_of_their_likelihoods(
    point: tuple[float, ...], counts: list[int]
) -> None:
    """The logarithm of the chance to leave at each renewal, and to stay for all of them."""
    found = _renewals.from_survivors(counts)
    gone = [a - b for a, b in pairwise(counts)]
    alpha, beta, c = point
    models: list[tuple[Any, Any, tuple[float, ...]]] = [
        (sbg._likelihood, ShiftedBetaGeometric(alpha=alpha, beta=beta), point[:2]),
        (bdw._likelihood, BetaDiscreteWeibull(alpha=alpha, beta=beta, c=c), point),
    ]
    for likelihood, model, at in models:
        s = [model.survival(t) for t in range(len(counts))]
        expected = sum(n * math.log(s[t] - s[t + 1]) for t, n in enumerate(gone) if n)
        expected += counts[-1] * math.log(s[-1])
        assert likelihood(found)(*at).value == pytest.approx(expected, rel=1e-7, abs=1e-7)
        slopes(likelihood(found), at)


@given(subscribers | weibulls, st.integers(0, 30))
def test_survival_is_the_product_of_retention(model: Any, t: int) -> None:
    """S(0) is 1, and each renewal keeps its share."""
    expected = math.prod(model.retention(list(range(1, t + 1)))) if t else 1.0
    assert model.survival(t) == pytest.approx(expected, rel=1e-11)


@given(shapes, shapes, st.integers(0, 20), st.floats(0.05, 1))
def test_a_weibull_of_c_1_is_a_shifted_beta_geometric(
    alpha: float, beta: float, t: int, d: float
) -> None:
    """Survival, retention, and all sums of it."""
    one = ShiftedBetaGeometric(alpha=alpha, beta=beta)
    other = BetaDiscreteWeibull(alpha=alpha, beta=beta, c=1.0)
    assert one.survival(t) == pytest.approx(other.survival(t), rel=1e-11)
    assert one.retention(t + 1) == pytest.approx(other.retention(t + 1), rel=1e-11)
    left = one.residual_lifetime(t, discount=d)
    assert left == pytest.approx(other.residual_lifetime(t, discount=d), rel=1e-11)
    lifetime = one.expected_lifetime(discount=d)
    assert lifetime == pytest.approx(other.expected_lifetime(discount=d), rel=1e-11)


@given(subscribers | weibulls, st.integers(0, 10), st.floats(0.1, 1))
def test_residual_lifetime_is_the_discounted_sum_of_survival(model: Any, t: int, d: float) -> None:
    """The sum over k > t of S(k) / S(t) / (1 + d)^(k - t - 1), as far as it matters."""
    terms = [
        model.survival(k) / model.survival(t) / (1 + d) ** (k - t - 1)
        for k in range(t + 1, t + 1 + math.ceil(35 / math.log1p(d)))
    ]
    found = model.residual_lifetime(t, discount=d)
    assert found == pytest.approx(math.fsum(terms), rel=1e-11)


@given(
    st.builds(GammaGamma, p=shapes, q=st.floats(1.05, 20), v=st.floats(1, 100)),
    st.integers(1, 100),
    st.floats(0.01, 1e4),
)
def test_expected_spend_lies_between_the_own_mean_and_that_of_all(
    model: GammaGamma, x: int, z: float
) -> None:
    """A weighted mean of the two."""
    found, everyone = model.expected_spend(frequency=x, monetary=z), model.expected_spend()
    low, high = sorted((z, everyone))
    assert low * (1 - 1e-12) <= found <= high * (1 + 1e-12)
    more = model.expected_spend(frequency=x + 1, monetary=z)
    assert abs(more - z) <= abs(found - z) * (1 + 1e-9) + 1e-9


@given(donors)
def test_evolving_a_model_changes_one_parameter(model: BetaGeoBetaBinomial) -> None:
    """A model is a value."""
    assert attrs.evolve(model, alpha=2.0).alpha == 2.0
    assert attrs.evolve(model) == model
