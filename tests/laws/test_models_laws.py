"""Laws of the models of purchases."""

import math
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifecycle import models
from lifecycle.models import (
    BetaGeoNBD,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    PurchaseModel,
    _bg_nbd_formulas,
    _pareto_nbd_formulas,
)
from lifecycle.models._arithmetic import integral
from lifecycle.models._bounds import Figure, bounds_of
from lifecycle.models._rows import read
from lifecycle.models.fitting import Likelihood
from publics import classes

KINDS: tuple[tuple[Any, tuple[str, ...], Callable[[Any], Likelihood]], ...] = (
    (BetaGeoNBD, ("r", "alpha", "a", "b"), lambda rows: _bg_nbd_formulas.likelihood(rows, 0)),
    (
        ModifiedBetaGeoNBD,
        ("r", "alpha", "a", "b"),
        lambda rows: _bg_nbd_formulas.likelihood(rows, 1),
    ),
    (ParetoNBD, ("r", "alpha", "s", "beta"), _pareto_nbd_formulas.likelihood),
)

shapes = st.floats(0.1, 20)


@st.composite
def points(draw: st.DrawFn) -> tuple[Any, tuple[float, ...]]:
    """Draw a kind of model, and as many parameters as it has."""
    kind = draw(st.sampled_from(KINDS))
    return kind, draw(st.tuples(*(shapes for _ in kind[1])))


def test_every_model_of_purchases_is_looked_at() -> None:
    assert {kind for kind, *_ in KINDS} == classes(models, PurchaseModel)


@st.composite
def histories(draw: st.DrawFn) -> dict[str, float]:
    x = draw(st.integers(0, 40) | st.just(300))
    age = draw(st.floats(0.5, 200))
    recency = age * draw(st.floats(0.01, 1)) if x else 0.0
    return {"frequency": x, "recency": min(recency, age), "age": age}


pytestmark = pytest.mark.filterwarnings(r"ignore:P\(alive\) is 1")


@given(points(), st.lists(histories(), min_size=1, max_size=4))
def test_gradient_and_hessian_are_those_of_the_likelihood(
    drawn: tuple[Any, tuple[float, ...]], rows: list[dict[str, float]]
) -> None:
    """Both agree with central differences of sixth order."""
    kind, point = drawn
    likelihood = kind[2](read(rows))
    found = likelihood(*point)
    for i in range(len(point)):
        step = 2e-3 * point[i]

        def moved(k: int, i: int = i, step: float = step) -> Any:
            return likelihood(*(p + k * step * (i == j) for j, p in enumerate(point)))

        near = {k: moved(k) for k in (-3, -2, -1, 1, 2, 3)}

        def slope(read: Callable[[Any], float], near: Any = near, step: float = step) -> float:
            one, two, three = (read(near[k]) - read(near[-k]) for k in (1, 2, 3))
            return (45 * one - 9 * two + three) / (60 * step)

        size = max(1.0, abs(found.value)) / point[i]
        assert slope(lambda d: d.value) == pytest.approx(
            found.gradient[i], rel=1e-7, abs=1e-9 * size
        )
        for j in range(len(point)):
            size = max(1.0, abs(found.gradient[j])) / point[i]
            assert slope(lambda d, j=j: d.gradient[j]) == pytest.approx(
                found.hessian[i][j], rel=1e-6, abs=1e-8 * size
            )
            assert found.hessian[i][j] == found.hessian[j][i]


@given(points(), histories(), st.floats(0, 100), st.floats(0.01, 100))
def test_more_time_means_more_purchases_and_fewer_alive(
    drawn: tuple[Any, tuple[float, ...]], known: Any, t: float, more: float
) -> None:
    """Purchases grow with the time, the chance to be alive falls, and both stay in bounds."""
    kind, point = drawn
    model = kind[0](**dict(zip(kind[1], point, strict=True)), unit="week")
    now, later = (model.p_alive(**known, horizon=at) for at in (t, t + more))
    assert 0 <= later <= now * (1 + 1e-12) <= 1 + 1e-12
    few, many = (model.conditional_expected_purchases(horizon=at, **known) for at in (t, t + more))
    most = (model.r + known["frequency"]) / (model.alpha + known["age"]) * (t + more)
    assert 0 <= few <= many * (1 + 1e-12) <= most * (1 + 1e-12)


@given(points(), st.floats(0.1, 100))
def test_a_new_customer_is_one_without_a_history(
    drawn: tuple[Any, tuple[float, ...]], t: float
) -> None:
    """Forecasts for a new customer are those for one who bought first now."""
    kind, point = drawn
    model = kind[0](**dict(zip(kind[1], point, strict=True)), unit="week")
    new = {"frequency": 0, "recency": 0, "age": 0}
    assert model.expected_purchases(t) == model.conditional_expected_purchases(horizon=t, **new)
    assert model.pmf(n=2, horizon=t) == model.pmf(n=2, horizon=t, **new)


@settings(max_examples=8)
@given(points(), st.floats(1, 50))
@example((KINDS[2], (1.0, 5.0, 12.0, 0.1)), 36.0)
def test_the_likelihood_of_what_was_seen_sums_to_the_probability_of_counts(
    drawn: tuple[Any, tuple[float, ...]], age: float
) -> None:
    """Of no repeat it is the probability of none; of one, integrated over its time, of one."""
    kind, point = drawn
    model = kind[0](**dict(zip(kind[1], point, strict=True)), unit="week")
    none = kind[2](read([{"frequency": 0, "recency": 0.0, "age": age}]))(*point)
    assert math.exp(none.value) == pytest.approx(model.pmf(n=0, horizon=age), rel=1e-11)

    def density(at: float) -> float:
        seen = kind[2](read([{"frequency": 1, "recency": at, "age": age}]))
        return math.exp(seen(*point).value)

    # The density falls fastest in the time of the smaller scale: stretch the axis by that.
    scale = min(model.alpha, getattr(model, "beta", model.alpha))

    def stretched(w: float) -> tuple[float]:
        at = scale * math.expm1(w)
        return (density(min(at, age)) * (scale + at),)

    (one,) = integral(stretched, 0.0, math.log1p(age / scale), 12)
    assert one == pytest.approx(model.pmf(n=1, horizon=age), rel=1e-6)


@given(points(), st.lists(histories(), min_size=2, max_size=6))
def test_neither_the_order_of_rows_nor_repeats_matter(
    drawn: tuple[Any, tuple[float, ...]], rows: list[dict[str, float]]
) -> None:
    """Rows in any order, and merged with counts, have the same likelihood."""
    kind, point = drawn
    found = kind[2](read(rows))(*point)
    assert kind[2](read(rows[::-1]))(*point) == found
    merged = kind[2](read([*rows, *rows]))(*point)
    assert merged.value == pytest.approx(2 * found.value, rel=1e-12)
    counted = kind[2](read(rows, weights=[2] * len(rows)))(*point)
    assert counted == merged


@given(points(), st.lists(histories(), min_size=1, max_size=6), st.data())
def test_each_customer_has_the_forecast_of_their_own_row(
    drawn: tuple[Any, tuple[float, ...]], rows: list[dict[str, float]], data: st.DataObject
) -> None:
    """A table has the ids as given, in their order, each with the figure of its row alone."""
    kind, point = drawn
    model = kind[0](**dict(zip(kind[1], point, strict=True)), unit="week")
    ids = st.integers(-9, 9) | st.text(max_size=3) | st.uuids()
    keys = data.draw(st.lists(ids, min_size=len(rows), max_size=len(rows), unique=True))
    customers = [{"customer": key, **row} for key, row in zip(keys, rows, strict=True)]
    for forecast in (
        model.p_alive,
        partial(model.conditional_expected_purchases, horizon=13),
        partial(model.pmf, n=1, horizon=13),
    ):
        found = forecast(customers)
        assert [customer for customer, _ in found] == keys
        for key, row in zip(keys, rows, strict=True):
            alone = forecast(**row)
            assert found.row(key).value == pytest.approx(alone, rel=1e-9, abs=1e-300)


@st.composite
def figures(draw: st.DrawFn) -> Any:
    """Draw a number, or a figure that lies within its ends, which may be infinite."""
    value = draw(st.floats(-100, 100))
    low = draw(st.sampled_from((-math.inf, value)) | st.floats(-200, value))
    high = draw(st.sampled_from((math.inf, value)) | st.floats(value, 200))
    return draw(st.sampled_from((value, Figure(value, low, high))))


OPERATIONS = (operator.add, operator.sub, operator.mul, operator.truediv)


@given(figures(), figures(), figures(), st.sampled_from(OPERATIONS), st.sampled_from(OPERATIONS))
def test_arithmetic_keeps_up_what_figures_can_be(
    one: Any, other: Any, third: Any, first: Any, then: Any
) -> None:
    """Figures within their ends give a figure within its ends, and the value of the numbers."""
    try:
        expected = then(first(float(one), float(other)), float(third))
        found = then(first(one, other), third)
    except ZeroDivisionError:
        return
    assert found == expected
    low, high = bounds_of(found)
    slack = 1e-9 * max(1.0, abs(expected))
    assert low is None or found >= low - slack
    assert high is None or found <= high + slack
