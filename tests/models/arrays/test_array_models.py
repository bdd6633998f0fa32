"""Arrays: the same formulas, the same figures, other containers."""

import itertools
import math
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import clv
from lifecycle.errors import InvalidTypeError, InvalidValueError, MissingExtraError
from lifecycle.models import BetaGeoNBD, ModifiedBetaGeoNBD, ParetoNBD, _arithmetic, _rows
from lifecycle.models._arithmetic import BLOCK, FLOATS, arrays, each, each_distinct

MODELS = (
    BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"),
    ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week"),
    ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week"),
    BetaGeoNBD(r=2.0, alpha=0.5, a=1.0, b=0.3, unit="week"),
    ParetoNBD(r=3.0, alpha=40.0, s=1.0, beta=0.4, unit="week"),
)
DISCOUNT = clv.Discount(0.15, per="year")

pytestmark = pytest.mark.filterwarnings(r"ignore:P\(alive\) is 1")


@st.composite
def columns(draw: st.DrawFn) -> dict[str, list[float]]:
    n = draw(st.integers(1, 5))
    x = [draw(st.integers(0, 30) | st.sampled_from([150, 250, 1000])) for _ in range(n)]
    age = [draw(st.floats(0.5, 300)) for _ in range(n)]
    share = [draw(st.floats(0.01, 1)) for _ in range(n)]
    recency = [min(t * s, t) if k else 0.0 for k, t, s in zip(x, age, share, strict=True)]
    return {"frequency": list(map(float, x)), "recency": recency, "age": age}


def forecasts(model: Any, known: dict[str, Any], t: Any) -> dict[str, Any]:
    return {
        "p_alive": model.p_alive(**known),
        "ahead": model.p_alive(**known, horizon=t),
        "expected": model.conditional_expected_purchases(horizon=t, **known),
        "pmf": model.pmf(n=3, horizon=t, **known),
        "discounted": model.residual_transactions(discount=DISCOUNT, **known),
    }


@settings(max_examples=25)
@given(st.sampled_from(MODELS), columns(), st.floats(0.01, 200))
def test_arrays_and_numbers_give_the_same_forecasts(
    model: Any, known: dict[str, list[float]], t: float
) -> None:
    """Every forecast of an array is that of its numbers to 12 digits."""
    found = forecasts(model, {name: np.array(values) for name, values in known.items()}, t)
    for i, row in enumerate(zip(*known.values(), strict=True)):
        expected = forecasts(model, dict(zip(known, row, strict=True)), t)
        for name, value in expected.items():
            assert isinstance(found[name], np.ndarray)
            assert isinstance(value, float)
            assert found[name][i] == pytest.approx(value, rel=1e-12, abs=1e-290)


@given(st.floats(1e-3, 1e4))
def test_special_functions_of_arrays_are_those_of_numbers(x: float) -> None:
    """Scipy and the library's own functions agree."""
    array = np.array([x])
    for name in ("lgamma", "digamma", "trigamma", "softplus", "expit", "log1p", "expm1", "log"):
        value = min(x, 500.0) if name == "expm1" else x
        found = getattr(arrays(), name)(np.minimum(array, value))[0]
        assert found == pytest.approx(getattr(FLOATS, name)(value), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("model", MODELS[:3], ids=lambda model: type(model).__name__)
def test_a_fit_is_the_same_with_and_without_numpy(
    model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = model.simulate(500, age=39, random=Random(7))
    fast = model.fit(customers, unit="week")
    monkeypatch.setattr(_rows, "has_arrays", lambda: False)
    slow = model.fit(customers, unit="week")
    assert fast.log_likelihood == pytest.approx(slow.log_likelihood, rel=1e-12)
    assert fast.standard_errors == pytest.approx(slow.standard_errors, rel=1e-8)
    assert fast.iterations == slow.iterations


def test_a_fit_reads_arrays_and_any_number_of_blocks() -> None:
    model = MODELS[1]
    customers = model.simulate(400, age=39, random=Random(7))
    table = {
        name: np.array([getattr(row, name) for row in customers])
        for name in ("frequency", "recency", "age")
    }
    one = ModifiedBetaGeoNBD.fit(table, unit="week")
    times = BLOCK // 400 * 3
    many = ModifiedBetaGeoNBD.fit(
        {name: np.tile(values, times) for name, values in table.items()}, unit="week"
    )
    spread = ModifiedBetaGeoNBD.fit(
        {name: np.repeat(values, times) for name, values in table.items()},
        unit="week",
        weights=np.full(400 * times, 1 / times),
    )
    assert many.n == 400 * times
    assert many.log_likelihood == pytest.approx(times * one.log_likelihood, rel=1e-11)
    assert spread.log_likelihood == pytest.approx(one.log_likelihood, rel=1e-11)


def test_what_turns_into_an_array_is_one() -> None:
    class Column:
        ndim = 1

        def __init__(self, values: list[float]) -> None:
            self.values = values

        def __len__(self) -> int:
            return len(self.values)

        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            return np.array(self.values, dtype=dtype)

    found = MODELS[0].p_alive(frequency=Column([1, 2]), recency=[1.0, 2.0], age=np.float64(9))
    assert isinstance(found, np.ndarray)
    assert found == pytest.approx(
        MODELS[0].p_alive(frequency=[1, 2], recency=[1.0, 2.0], age=9), rel=1e-14
    )


def test_repeated_rows_are_computed_once_and_put_back_in_place() -> None:
    x = np.tile(np.arange(5.0), BLOCK)
    calls = []

    def squared(_: Any, value: Any, y: float) -> Any:
        calls.append(len(value))
        return value * value + y

    found = each_distinct(squared, x, 1.0)
    assert calls == [5]
    assert np.array_equal(found, x * x + 1)
    assert each_distinct(squared, x.tolist(), 1.0) == found.tolist()
    assert np.array_equal(each(squared, x, 1.0), found)


def test_sums_by_group_are_taken_block_by_block() -> None:
    sizes = np.array([3, BLOCK, 1, 2 * BLOCK + 5])
    x, share = np.arange(float(sizes.sum())), np.array([1.0, 2.0, 3.0, 4.0])
    found = _arithmetic.sums_by(lambda _, a, x: (a * x, x), (share,), (x,), sizes)
    ends = np.cumsum(sizes)
    expected = [x[end - size : end].sum() for size, end in zip(sizes, ends, strict=True)]
    assert found[1].tolist() == expected
    assert found[0].tolist() == [a * total for a, total in zip(share, expected, strict=True)]


def test_equal_rows_of_many_stand_together() -> None:
    draw = np.random.default_rng(2)
    columns = [draw.integers(0, 40, 3 * BLOCK) / 7 for _ in range(3)]
    order = _arithmetic.together(columns)
    assert np.array_equal(np.sort(order), np.arange(3 * BLOCK))
    rows = list(zip(*(column[order].tolist() for column in columns), strict=True))
    changes = sum(one != other for one, other in itertools.pairwise(rows))
    assert changes + 1 == len(set(rows))


@pytest.mark.parametrize("counts", [None, 2.0])
def test_distinct_rows_of_many_are_those_of_lists(
    counts: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(3)
    columns = [draw.integers(0, 20, 2 * BLOCK) / 3 for _ in range(3)]
    weights = None if counts is None else [counts + i % 3 for i in range(2 * BLOCK)]
    fast = _rows.compressed(columns, weights)
    monkeypatch.setattr(_rows, "has_arrays", lambda: False)
    slow = _rows.compressed([column.tolist() for column in columns], weights)
    assert [column.tolist() for column in fast.columns] == list(slow.columns)
    assert fast.counts.tolist() == slow.counts
    assert fast.n == slow.n


def test_sums_are_taken_block_by_block() -> None:
    x = np.arange(3.0 * BLOCK + 7)
    counts = np.full(len(x), 2.0)
    found = _arithmetic.sums(lambda _, value: (value, 1.0), (x,), counts)
    assert found == [2 * x.sum(), 2.0 * len(x)]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (np.array([1.0, math.nan, math.inf]), InvalidValueError, r"recency\[1\] must be finite"),
        (np.array([1.0, -2.0, -1.0]), InvalidValueError, r"\[1\] must be .* \(2 of 3 rows do"),
        (np.array(["1", "2", "3"]), InvalidTypeError, r"recency\[0\] must be a number"),
        (np.array([True, True, True]), InvalidTypeError, r"recency\[0\] must be a number"),
        (np.ones((3, 1)), InvalidValueError, "recency must have one dimension"),
        (np.array([1.0]), InvalidValueError, r"len\(recency\) must be that of frequency, 3"),
    ],
)
def test_arrays_are_checked(wrong: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        MODELS[0].p_alive(frequency=np.array([1, 1, 1]), recency=wrong, age=39.0)


def test_an_array_of_objects_is_read_value_by_value() -> None:
    found = MODELS[0].p_alive(
        frequency=np.array([1, 2], dtype=object), recency=[1.0, 2.0], age=[9, 9]
    )
    assert isinstance(found, np.ndarray)


def test_an_array_without_scipy_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_arithmetic, "find_spec", lambda name: None if name == "scipy" else name)
    _arithmetic.arrays.cache_clear()
    with pytest.raises(MissingExtraError, match=r"scipy must be installed: pip install"):
        MODELS[0].p_alive(frequency=np.array([1]), recency=[1.0], age=9)
    _arithmetic.arrays.cache_clear()


def test_lists_need_neither_numpy_nor_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, Any] = {"frequency": [1, 2], "recency": [1.0, 2.0], "age": 9}
    fast = forecasts(MODELS[2], known, 30)
    monkeypatch.setattr(_arithmetic, "has_arrays", lambda: False)
    slow = forecasts(MODELS[2], known, 30)
    for name, values in slow.items():
        assert values == pytest.approx(fast[name], rel=1e-11)
