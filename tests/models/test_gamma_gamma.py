"""Gamma-Gamma: its doors, warnings, predictions and simulated spend."""

import math
import warnings
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from lifecycle import rfm
from lifecycle.errors import (
    AssumptionWarning,
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiedError,
)
from lifecycle.models import GammaGamma

SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
CUSTOMERS: dict[str, list[Any]] = {
    "frequency": [1, 2, 1, 3, 2],
    "monetary": [9.0, 20.0, 35.0, 12.0, 60.0],
}


def test_it_shows_itself_as_the_call_that_makes_it() -> None:
    assert repr(SPEND) == "GammaGamma(p=6.25, q=3.74, v=15.44)"


@pytest.mark.parametrize("wrong", [0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize("name", ["p", "q", "v"])
def test_parameters_are_finite_and_above_0(name: str, wrong: float) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{name} must be"):
        GammaGamma(**{"p": 1.0, "q": 2.0, "v": 3.0, name: wrong})


def test_a_fit_leaves_out_customers_without_a_repeat_of_a_summary() -> None:
    orders = [
        (customer, date(2026, 1, 1 + day), amount)
        for customer, amounts in enumerate(
            ([5.0], [5, 9], [5, 20, 20], [5, 35], [5] + [12] * 3, [5, 40, 80])
        )
        for day, amount in enumerate(amounts)
    ]
    found = GammaGamma.fit(rfm.summary(orders, until=date(2026, 2, 1)))
    assert found.n == 5
    assert found.model == GammaGamma.fit(CUSTOMERS).model


def test_counts_stand_for_customers() -> None:
    counted = GammaGamma.fit(CUSTOMERS, weights=[1, 2, 1, 1, 1])
    repeated = {name: [*values, values[1]] for name, values in CUSTOMERS.items()}
    assert counted.n == 6
    assert counted.model.p == pytest.approx(GammaGamma.fit(repeated).model.p, rel=1e-9)


def test_the_unit_of_money_does_not_matter() -> None:
    one = GammaGamma.fit(CUSTOMERS)
    cents = {**CUSTOMERS, "monetary": [100_000 * z for z in CUSTOMERS["monetary"]]}
    other = GammaGamma.fit(cents)
    assert other.model.p == pytest.approx(one.model.p, rel=1e-6)
    assert other.model.v == pytest.approx(100_000 * one.model.v, rel=1e-6)
    assert other.standard_errors["v"] == pytest.approx(100_000 * one.standard_errors["v"], rel=1e-5)


@pytest.mark.parametrize("none", [0, None, math.nan, Decimal("nan")])
def test_customers_without_a_repeat_are_left_out_of_any_rows(none: Any) -> None:
    frequency, monetary = [0, *CUSTOMERS["frequency"], 0], [none, *CUSTOMERS["monetary"], none]
    expected = GammaGamma.fit(CUSTOMERS)
    found = GammaGamma.fit({"frequency": frequency, "monetary": monetary})
    assert (found.model, found.n) == (expected.model, 5)
    records = [{"frequency": x, "monetary": z} for x, z in zip(frequency, monetary, strict=True)]
    assert GammaGamma.fit(records).model == expected.model
    counted = GammaGamma.fit(records, weights=[7, 1, 1, 1, 1, 1, 7])
    assert (counted.model, counted.n) == (expected.model, 5)


def test_counts_are_of_all_rows() -> None:
    rows = {"frequency": [0, 1, 2], "monetary": [None, 9.0, 20.0]}
    with pytest.raises(InvalidValueError, match=r"^len\(weights\) must be that of rows, 3, got 2"):
        GammaGamma.fit(rows, weights=[1, 1])
    with pytest.raises(InvalidValueError, match=r"^weights\[1\] must be above 0"):
        GammaGamma.fit(rows, weights=[1, 0, 1])


def test_spend_without_a_repeat_raises() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^rows\[1\]\.monetary must be 0 or None where frequency is 0"
    ):
        GammaGamma.fit({"frequency": [1, 0], "monetary": [9.0, 9.0]})


@pytest.mark.parametrize("wrong", [0.0, -3.0])
def test_spend_that_is_not_above_0_is_told_what_to_do(wrong: float) -> None:
    with pytest.raises(
        InvalidValueError, match=r"^rows\[1\]\.monetary must be above 0 \(net refunds first\), got"
    ):
        GammaGamma.fit({"frequency": [1, 2], "monetary": [9.0, wrong]})


@pytest.mark.parametrize(
    ("frequency", "monetary"),
    [
        ([1.5], [9.0]),
        ([-1], [9.0]),
        ([math.nan], [9.0]),
        ([1], [math.nan]),
        ([1], [math.inf]),
        ([0], [math.inf]),
    ],
)
def test_values_that_are_no_counts_and_no_money_raise(frequency: Any, monetary: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^rows\[0\]"):
        GammaGamma.fit({"frequency": frequency, "monetary": monetary})


@pytest.mark.parametrize(
    ("frequency", "monetary"), [([True], [9.0]), (["1"], [9.0]), ([1], [None])]
)
def test_values_that_are_no_numbers_raise(frequency: Any, monetary: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^rows\[0\]"):
        GammaGamma.fit({"frequency": frequency, "monetary": monetary})


def test_columns_have_one_length() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^len\(rows\.monetary\) must be that of frequency, 2"
    ):
        GammaGamma.fit({"frequency": [1, 2], "monetary": [9.0]})


def test_nobody_cannot_be_fitted() -> None:
    with pytest.raises(EmptySampleError):
        GammaGamma.fit(rfm.summary([("ann", date(2026, 1, 1), 5)], until=date(2026, 2, 1)))


def test_customers_who_all_spend_the_same_say_nothing() -> None:
    with pytest.raises(NotIdentifiedError, match=r"^GammaGamma must have rows that identify"):
        GammaGamma.fit({"frequency": [1, 2, 3, 4], "monetary": [20.0] * 4})


def test_a_strong_correlation_warns() -> None:
    monetary = SPEND.simulate([2] * 200, random=Random(1))
    customers = {
        "frequency": [2 + (z is not None and z > 40) for z in monetary],
        "monetary": monetary,
    }
    with pytest.warns(AssumptionWarning, match=r"^frequency and monetary .* is 0\.80"):
        GammaGamma.fit(customers)


def test_a_strong_negative_correlation_warns() -> None:
    monetary = SPEND.simulate([2] * 200, random=Random(1))
    customers = {
        "frequency": [3 - (z is not None and z > 40) for z in monetary],
        "monetary": monetary,
    }
    with pytest.warns(AssumptionWarning, match=r"^frequency and monetary .* is -0\.80"):
        GammaGamma.fit(customers)


def test_a_weak_correlation_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        GammaGamma.fit(CUSTOMERS)


def test_customers_of_one_frequency_have_no_correlation() -> None:
    monetary = SPEND.simulate([2] * 300, random=Random(2))
    found = GammaGamma.fit({"frequency": [2] * 300, "monetary": monetary})
    assert found.converged


def test_without_orders_the_spend_is_that_of_all() -> None:
    mean = 6.25 * 15.44 / 2.74
    assert SPEND.expected_spend() == pytest.approx(mean)
    assert SPEND.expected_spend(frequency=0, monetary=None) == pytest.approx(mean)
    known = SPEND.expected_spend(frequency=[0, 2], monetary=[None, 22.35])
    assert known == pytest.approx([mean, SPEND.expected_spend(frequency=2, monetary=22.35)])


def test_a_decimal_mean_is_read() -> None:
    assert SPEND.expected_spend(frequency=2, monetary=Decimal("22.35")) == pytest.approx(24.6637139)


def test_a_mean_is_given_where_it_is_finite() -> None:
    wide = GammaGamma(p=5.468, q=0.818, v=58.82)
    by_hand = 5.468 * (58.82 + 3 * 400) / (5.468 * 3 + 0.818 - 1)
    assert wide.expected_spend(frequency=3, monetary=400.0) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(424.3, abs=0.05)
    found = wide.expected_spend(frequency=[3, 1], monetary=[400.0, 20.0])
    assert found == pytest.approx([by_hand, 5.468 * 78.82 / 5.286])


@pytest.mark.parametrize(
    ("p", "q", "least"), [(5.468, 0.818, 1), (6.25, 1.0, 1), (0.1, 0.4, 7), (0.1, 0.75, 3)]
)
def test_an_infinite_mean_raises_for_those_whose_it_is(p: float, q: float, least: int) -> None:
    wide = GammaGamma(p=p, q=q, v=58.82)
    first = wide.expected_spend(frequency=least, monetary=400.0)
    assert first == pytest.approx(p * (58.82 + least * 400) / (p * least + q - 1))
    message = f"must be at least {least} \\(below, the mean is infinite: q is {q:g}\\)"
    with pytest.raises(InvalidValueError, match=rf"^frequency {message}, got {least - 1}\.0"):
        wide.expected_spend(frequency=least - 1, monetary=400.0 if least > 1 else None)
    with pytest.raises(InvalidValueError, match=rf"^frequency\[1\] {message}"):
        wide.expected_spend(frequency=[least, 0, least], monetary=[400.0, None, 9.0])
    with pytest.raises(InvalidValueError, match=rf"^frequency {message}"):
        wide.expected_spend()


def test_the_least_frequency_is_told_at_once_however_small_p_is() -> None:
    message = "^frequency must be at least 4999999999999999"
    with pytest.raises(InvalidValueError, match=message):
        GammaGamma(p=1e-30, q=0.5, v=58.82).expected_spend()


def test_a_fit_with_an_infinite_mean_warns() -> None:
    wide = GammaGamma(p=5.5, q=0.7, v=50.0)
    random = Random(3)
    frequency = [random.choice((1, 2, 3, 5)) for _ in range(400)]
    rows = {"frequency": frequency, "monetary": wide.simulate(frequency, random=random)}
    with pytest.warns(AssumptionWarning, match=r"^the mean spend of all customers is infinite: q"):
        found = GammaGamma.fit(rows).model
    assert found.q < 1
    assert found.expected_spend(frequency=2, monetary=80.0) > 0


def test_rows_give_their_expected_spend() -> None:
    rows = {"frequency": [0, 2], "monetary": [math.nan, 22.35]}
    expected = SPEND.expected_spend(frequency=[0, 2], monetary=[None, 22.35])
    records = [{"frequency": 0, "monetary": None}, {"frequency": 2, "monetary": 22.35}]
    assert SPEND.expected_spend(rows) == expected
    assert SPEND.expected_spend(records) == expected
    assert SPEND.expected_spend(records[1]) == pytest.approx(expected[1])
    with pytest.raises(InvalidTypeError, match=r"^frequency must be left out where rows are given"):
        SPEND.expected_spend(rows, frequency=2)


@pytest.mark.parametrize(
    ("frequency", "monetary", "message"),
    [
        (1, 0, "^monetary must be above 0 where frequency is"),
        ([1, 2], [9.0, -1.0], r"^monetary\[1\] must be above 0 where frequency is"),
        (0, 9.0, "^monetary must be 0 or None where frequency is 0"),
        (1.5, 9.0, "^frequency must be a whole number of at least 0"),
        ([1, 2], [9.0], r"^len\(monetary\)"),
        ([1, 10**400], [9.0, 9.0], r"^frequency\[1\] must be finite"),
        ([2, 1], [math.nan, 9.0], r"^monetary\[0\] must be finite"),
        ([0, 1], [9.0, math.nan], r"^monetary\[1\] must be finite"),
        ([0, 1], [math.nan], r"^monetary\[0\] must be finite"),
    ],
)
def test_what_cannot_be_known_of_a_customer_raises(
    frequency: Any, monetary: Any, message: str
) -> None:
    with pytest.raises(InvalidValueError, match=message):
        SPEND.expected_spend(frequency=frequency, monetary=monetary)


def test_a_simulation_recovers_its_parameters() -> None:
    random = Random(7)
    frequency = [random.choice((1, 1, 2, 3, 5, 9)) for _ in range(3000)]
    monetary = SPEND.simulate(frequency, random=random)
    found = GammaGamma.fit({"frequency": frequency, "monetary": monetary})
    for name, error in found.standard_errors.items():
        assert abs(getattr(found.model, name) - getattr(SPEND, name)) < 3 * error
        assert error < 0.2 * getattr(SPEND, name)


def test_simulated_customers_without_orders_spend_nothing_that_is_known() -> None:
    assert SPEND.simulate([0, 0], random=Random(1)) == [None, None]


def test_chance_comes_from_a_random() -> None:
    with pytest.raises(InvalidTypeError, match=r"^random must be a Random"):
        SPEND.simulate([1], random=1)  # type: ignore[arg-type]
