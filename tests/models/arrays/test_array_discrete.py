"""Arrays of spend, occasions and contracts: the same figures as numbers and lists."""

import subprocess
import sys
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import clv, models
from lifecycle.errors import InvalidValueError
from lifecycle.models import (
    BetaDiscreteWeibull,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    ParetoNBD,
    ShiftedBetaGeometric,
    _arithmetic,
    _rows,
)

SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
DONORS = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
CONTRACTS = (
    ShiftedBetaGeometric(alpha=0.668, beta=3.806),
    BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724),
)
YEARLY = clv.Discount(0.15, per="year")


def as_arrays(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(values) for name, values in columns.items()}


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_donors_in_arrays_are_those_in_lists(seed: int, n: int) -> None:
    drawn = DONORS.simulate(n, age=[1 + i % 9 for i in range(n)], random=Random(seed))
    columns = {
        name: [int(getattr(row, name)) for row in drawn] for name in ("frequency", "recency", "age")
    }
    calls: list[Any] = [
        DONORS.p_alive,
        lambda **known: DONORS.conditional_expected_purchases(horizon=5, **known),
        lambda **known: DONORS.residual_transactions(discount=0.1, **known),
        lambda **known: DONORS.discounted_purchases(periods=4, discount=0.1, **known),
        lambda **known: DONORS.pmf(n=2, horizon=4, **known),
    ]
    for call in calls:
        found = call(**as_arrays(columns))
        assert isinstance(found, np.ndarray)
        assert found.tolist() == call(**columns)
        row = {name: values[-1] for name, values in columns.items()}
        assert found[-1] == call(**row)


def test_a_number_beside_arrays_counts_for_all() -> None:
    found = DONORS.p_alive(frequency=np.array([0, 6]), recency=np.array([0, 6]), age=6)
    assert found.tolist() == DONORS.p_alive(frequency=[0, 6], recency=[0, 6], age=[6, 6])


def test_no_rows_give_no_figures() -> None:
    nothing = np.array([], dtype=int)
    assert DONORS.p_alive(frequency=nothing, recency=nothing, age=nothing).shape == (0,)
    assert SPEND.expected_spend(frequency=nothing, monetary=nothing).shape == (0,)


@pytest.mark.parametrize("model", CONTRACTS, ids=lambda model: type(model).__name__)
def test_contracts_in_arrays_are_those_in_lists(model: Any) -> None:
    renewals = [0, 1, 5, 1]
    found = model.survival(np.array(renewals))
    assert isinstance(found, np.ndarray)
    assert found.tolist() == model.survival(renewals)
    left = model.residual_lifetime(np.array(renewals), discount=0.1)
    assert left.tolist() == model.residual_lifetime(renewals, discount=0.1)
    ones = model.retention(np.array([1, 2]))
    assert ones.tolist() == model.retention([1, 2])


@given(
    st.lists(st.tuples(st.integers(0, 300), st.floats(0.01, 1e5)), min_size=1, max_size=20),
)
def test_spend_in_arrays_is_that_of_numbers(customers: list[tuple[int, float]]) -> None:
    frequency = [x for x, _ in customers]
    monetary = [z if x else 0.0 for x, z in customers]
    found = SPEND.expected_spend(frequency=np.array(frequency), monetary=np.array(monetary))
    for value, x, z in zip(found, frequency, monetary, strict=True):
        assert value == pytest.approx(SPEND.expected_spend(frequency=x, monetary=z), rel=1e-12)


def test_no_order_may_have_nan_or_none_for_its_mean_in_arrays() -> None:
    expected = [SPEND.expected_spend(), SPEND.expected_spend(frequency=2, monetary=20.0)]
    for monetary in ([np.nan, 20.0], [None, 20.0], [0, 20]):
        found = SPEND.expected_spend(frequency=np.array([0, 2]), monetary=np.array(monetary))
        assert found == pytest.approx(expected)
    assert SPEND.expected_spend(frequency=0, monetary=np.array([np.nan])) == expected[0]
    with pytest.raises(InvalidValueError, match=r"^monetary\[1\] must be finite"):
        SPEND.expected_spend(frequency=np.array([0, 2]), monetary=np.array([np.nan, np.nan]))
    with pytest.raises(InvalidValueError, match=r"^len\(monetary\)"):
        SPEND.expected_spend(frequency=np.array([0, 2]), monetary=np.array([20.0]))


def without_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (_arithmetic, _rows):
        monkeypatch.setattr(module, "has_arrays", lambda: False)


def test_fits_are_the_same_without_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(3)
    frequency = [random.choice((1, 1, 2, 3)) for _ in range(300)]
    spent = {"frequency": frequency, "monetary": SPEND.simulate(frequency, random=random)}
    donors = DONORS.simulate(800, age=6, random=random)

    def fits() -> list[Any]:
        return [GammaGamma.fit(spent), BetaGeoBetaBinomial.fit(donors)]

    fast = fits()
    without_arrays(monkeypatch)
    for one, other in zip(fast, fits(), strict=True):
        for name, error in one.standard_errors.items():
            assert getattr(one.model, name) == pytest.approx(getattr(other.model, name), rel=1e-8)
            assert error == pytest.approx(other.standard_errors[name], rel=1e-8)
        assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=1e-12)


def test_a_fit_reads_arrays_and_names_their_rows() -> None:
    spent = {"frequency": np.array([1, 2, 1, 3, 2]), "monetary": np.array([9.0, 20, 35, 12, 60])}
    lists = {name: values.tolist() for name, values in spent.items()}
    assert GammaGamma.fit(spent).model == GammaGamma.fit(lists).model
    spent["monetary"][3] = 0
    with pytest.raises(InvalidValueError, match=r"^rows\[3\]\.monetary must be above 0"):
        GammaGamma.fit(spent)
    with pytest.raises(InvalidValueError, match=r"^rows\[1\]\.recency must be at least the"):
        BetaGeoBetaBinomial.fit(as_arrays({"frequency": [0, 3], "recency": [0, 2], "age": [3, 3]}))


@pytest.mark.parametrize(
    "model",
    [
        BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week"),
        ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week"),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("horizon", [12, None])
def test_values_of_arrays_are_those_of_rows(model: Any, horizon: int | None) -> None:
    random = Random(8)
    drawn = model.simulate(300, age=[20.0 + i % 7 for i in range(300)], random=random)
    columns: dict[str, list[Any]] = {
        name: [float(getattr(row, name)) for row in drawn]
        for name in ("frequency", "recency", "age")
    }
    columns["monetary"] = [z or 0.0 for z in SPEND.simulate(columns["frequency"], random=random)]
    options: dict[str, Any] = {"periods": horizon, "discount": YEARLY, "period": "month"}
    found = models.value(model, SPEND, as_arrays(columns), **options)
    assert isinstance(found, np.ndarray)
    for i in (0, 17, 299):
        row = {name: values[i] for name, values in columns.items()}
        assert found[i] == pytest.approx(models.value(model, SPEND, row, **options), rel=1e-12)
    rows_of_lists = models.value(model, SPEND, columns, **options)
    assert found == pytest.approx(rows_of_lists, rel=1e-13)


def test_a_holdout_reads_arrays() -> None:
    drawn = DONORS.simulate(200, age=6, random=Random(2), horizon=4)
    names = ("frequency", "recency", "age", "holdout_frequency")
    columns = {name: np.array([getattr(row, name) for row in drawn]) for name in names}
    counts = columns.pop("holdout_frequency")
    assert models.holdout(DONORS, columns, counts, horizon=4) == models.holdout(DONORS, drawn)


def test_nothing_of_this_imports_numpy_by_itself() -> None:
    code = (
        "import sys; from lifecycle import models; "
        "models.ShiftedBetaGeometric.fit([1000, 869, 743, 653]).model.survival([1, 2]); "
        "sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
