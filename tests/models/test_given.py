"""Customers in every form that they are handed over in."""

from collections import namedtuple
from copy import copy
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from random import Random
from typing import Any

import attrs
import pytest

from lifecycle import EventLog, clv, models, rfm
from lifecycle.errors import (
    AssumptionWarning,
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)
from lifecycle.models import (
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    ShiftedBetaGeometric,
)
from lifecycle.models._customers import given, is_missing

PARETO = ParetoNBD(r=0.55, alpha=10.6, s=0.6, beta=11.7, unit="week")
MBG = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
DONORS = BetaGeoBetaBinomial(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, unit="year")
YEARLY = clv.Discount(0.15, per="year")


def logged() -> list[tuple[str, date, float]]:
    random = Random(4)
    return [
        (f"c{i}", date(2026, 1, 1) + timedelta(days=int(7 * at)), 9.0)
        for i in range(300)
        for at in (0.0, *takewhile(lambda at: at < 39, PARETO._purchases(random)))
    ]


SUMMARY = rfm.summary(logged(), until=date(2026, 10, 1))


def test_a_summary_makes_the_round_trip_through_rows() -> None:
    expected = ParetoNBD.fit(SUMMARY)
    for rows in (SUMMARY.rows, SUMMARY.to_rows(), iter(SUMMARY.rows), SUMMARY.rows[::-1]):
        assert ParetoNBD.fit(rows) == expected
    assert ParetoNBD.fit(SUMMARY.to_rows(), unit="week") == expected
    bare = [{k: row[k] for k in ("frequency", "recency", "age")} for row in SUMMARY.to_rows()]
    with pytest.raises(InvalidTypeError, match=r"^unit must be given with rows that are no rfm\.S"):
        ParetoNBD.fit(bare)
    assert ParetoNBD.fit(bare, unit="week") == expected


def test_rows_in_another_unit_than_is_said_are_refused() -> None:
    for rows in (SUMMARY, SUMMARY.rows, SUMMARY.to_rows()):
        with pytest.raises(InvalidValueError, match=r"^unit must be that of the summary, 'week'"):
            ParetoNBD.fit(rows, unit="day")
    columns = {"frequency": [1], "recency": [1.0], "age": [2.0], "unit": ["week"]}
    with pytest.raises(InvalidValueError, match=r"^unit must be that of the summary, 'week', got"):
        ParetoNBD.fit(columns, unit="day")


@pytest.mark.parametrize("model", [PARETO, MBG, DONORS])
def test_simulated_customers_have_the_unit_of_their_model(model: Any) -> None:
    rows = model.simulate(500, age=39 if model.unit == "week" else 6, random=Random(1))
    assert {row.unit for row in rows} == {model.unit}
    found = type(model).fit(rows)
    assert found.model.unit == model.unit
    assert found == type(model).fit(rows, unit=model.unit)
    some = [row for row in rows if row.frequency < 20]
    assert type(model).fit(some).model.unit == model.unit
    other = attrs.evolve(model, unit="day")
    with pytest.raises(InvalidValueError, match=r"^rows\.unit must be that of the model, 'day', g"):
        other.p_alive(rows)


def test_rows_of_several_units_are_refused() -> None:
    one, other = (
        attrs.evolve(PARETO, unit=unit).simulate(3, age=6, random=Random(1))
        for unit in ("week", "day")
    )
    message = r"^rows\.unit must be one unit, 'week' in other rows, got "
    with pytest.raises(InvalidValueError, match=message + "'day'"):
        ParetoNBD.fit(one + other)
    columns = {"frequency": [1, 0], "recency": [1.0, 0.0], "age": [2, 2], "unit": ["week", "weeks"]}
    with pytest.raises(InvalidValueError, match=message + "'weeks'"):
        ParetoNBD.fit(columns)


@pytest.mark.parametrize("unit", ["weeks", "Week", "DAYS ", "hour", "half_years"])
def test_a_column_of_units_in_another_form_is_refused(unit: str) -> None:
    columns = {"frequency": [1, 0], "recency": [1.0, 0.0], "age": [2, 2], "unit": [None, unit]}
    message = rf"^rows\.unit must be one of 'day', 'week', 'month', 'quarter', 'year', got '{unit}'"
    with pytest.raises(UnknownNameError, match=message):
        PARETO.p_alive(columns)
    with pytest.raises(UnknownNameError, match=message):
        ParetoNBD.fit(columns, unit="week")
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    with pytest.raises(UnknownNameError, match=message):
        ParetoNBD.fit(rows)


@pytest.mark.parametrize("units", [["Berlin", "Paris"], [1, 2], [["week"], None], [None, None]])
def test_a_column_of_other_units_is_about_something_else(units: list[Any]) -> None:
    columns = {"frequency": [1, 0], "recency": [1.0, 0.0], "age": [2, 2], "unit": units}
    assert PARETO.p_alive(columns) == PARETO.p_alive({**columns, "unit": ["week"] * 2})
    with pytest.raises(InvalidTypeError, match=r"^unit must be given with rows that are no"):
        ParetoNBD.fit(columns)


def test_rows_are_equal_by_their_figures() -> None:
    row = SUMMARY.rows[0]
    assert row.unit == "week"
    assert attrs.evolve(row, unit=None) == row


FORECASTS: list[Any] = [
    lambda model, *rows, **known: model.p_alive(*rows, **known),
    lambda model, *rows, **known: model.conditional_expected_purchases(*rows, horizon=3, **known),
    lambda model, *rows, **known: model.pmf(*rows, n=2, horizon=3, **known),
    lambda model, *rows, **known: model.residual_transactions(*rows, discount=YEARLY, **known),
    lambda model, *rows, **known: model.discounted_purchases(
        *rows, periods=3, discount=0.1, **known
    ),
]


@pytest.mark.parametrize("forecast", FORECASTS)
@pytest.mark.parametrize("model", [PARETO, MBG, DONORS])
def test_forecasts_read_rows(model: Any, forecast: Any) -> None:
    rows = model.simulate(20, age=6, random=Random(2))
    names = ("frequency", "recency", "age")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    expected = forecast(model, **columns)
    assert isinstance(expected, list)
    for form in (rows, list(rows), iter(rows)):
        found = forecast(model, form)
        assert (found.customers, found.values) == (tuple(range(20)), expected)
    records = [{name: getattr(row, name) for name in names} for row in rows]
    kind = namedtuple("Row", names)  # noqa: PYI024  (as itertuples of pandas has them)
    for form in (records, columns, [kind(**record) for record in records]):
        assert forecast(model, form) == expected
    for one in (rows[3], records[3]):
        assert forecast(model, one) == pytest.approx(expected[3], rel=1e-12)


def test_forecasts_read_a_summary() -> None:
    expected = PARETO.p_alive(
        frequency=[row.frequency for row in SUMMARY.rows],
        recency=[row.recency for row in SUMMARY.rows],
        age=[row.age for row in SUMMARY.rows],
    )
    assert PARETO.p_alive(SUMMARY).values == expected
    assert PARETO.p_alive(SUMMARY, horizon=4).values[0] < expected[0]
    bg = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    with pytest.warns(AssumptionWarning, match="for the [1-9][0-9]* of"):
        bg.p_alive(SUMMARY)


def test_rows_or_columns_are_given() -> None:
    with pytest.raises(InvalidTypeError, match=r"^age must be left out where rows are given, got"):
        PARETO.p_alive(SUMMARY, age=3)  # type: ignore[call-overload]
    with pytest.raises(InvalidTypeError, match=r"^recency must be given, or rows that have it"):
        PARETO.p_alive(frequency=2)  # type: ignore[call-overload]
    assert PARETO.pmf(n=0, horizon=3) == PARETO.pmf(n=0, horizon=3, frequency=0, recency=0, age=0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            {"frequency": [1], "recency": [1.0], "T": [2.0]},
            r"^rows must have a column 'age' \(by 'T', did you mean 'age'\?\), got \['freque",
        ),
        ({"x": [1], "t_x": [1], "T": [2]}, r"'frequency' \(by 'x', did you mean 'frequency'\?\)"),
        ({"Frequency": [1]}, r"'frequency' \(by 'Frequency', did you mean 'frequency'\?\), got"),
        (
            {"frequency": [1], "recency": [1.0]},
            r"^rows must have a column 'age', as rfm.* got \['frequ",
        ),
        ([{"frequency": 1, "recency": 1.0, "T": 2}], r"^rows\[0\] must have a age \(by 'T', did y"),
        ({1: [2]}, r"^rows must have a column 'frequency', as rfm.* got \[1\]"),
    ],
)
def test_a_field_of_another_name_is_told(rows: Any, message: str) -> None:
    with pytest.raises(InvalidTypeError, match=message):
        ParetoNBD.fit(rows, unit="week")


def test_the_mean_spend_of_another_name_is_told() -> None:
    with pytest.raises(InvalidTypeError, match="by 'monetary_value', did you mean 'monetary'"):
        GammaGamma.fit({"frequency": [1], "monetary_value": [2.0]})


class Lazy:
    """What a lazy frame looks like, whose columns are dear to ask for."""

    def collect(self) -> None:
        """Nobody collects."""

    @property
    def columns(self) -> list[str]:
        """Fail, as polars warns."""
        raise AssertionError


def test_what_is_lazy_is_told_what_to_do() -> None:
    with pytest.raises(
        InvalidTypeError, match=r"^rows must be in memory; collect\(\) it first, got"
    ):
        ParetoNBD.fit(Lazy(), unit="week")


def test_columns_hold_a_customer_once_too() -> None:
    columns = {"frequency": [1, 1], "recency": [1.0, 2.0], "age": [3, 3], "customer": ["a", "a"]}
    with pytest.raises(InvalidValueError, match=r"^rows\[1\]\.customer must have one row only"):
        ParetoNBD.fit(columns, unit="week")
    nobody = {**columns, "customer": [None, float("nan")]}
    assert given("rows", nobody).columns(["age"]) == {"age": [3, 3]}


def test_no_columns_hold_nobody() -> None:
    with pytest.raises(EmptySampleError, match=r"^rows must hold"):
        PARETO.p_alive({"frequency": [], "recency": [], "age": []})
    with pytest.raises(EmptySampleError, match=r"^rows must hold"):
        GammaGamma.fit({"frequency": [0], "monetary": [None]})


@pytest.mark.parametrize("value", [None, float("nan"), Decimal("nan"), Decimal("snan")])
def test_what_is_missing(value: object) -> None:
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, 0.0, Decimal(0), "", float("inf")])
def test_what_is_not_missing(value: object) -> None:
    assert not is_missing(value)


ORDERS: list[tuple[str, date, float]] = [
    ("ann", date(2026, 1, 1), 9.0),
    ("bob", date(2026, 1, 2), 5.0),
]
RAW: list[Any] = [
    ORDERS,
    iter(ORDERS),
    EventLog.from_rows(ORDERS),
    [dict(zip(("customer", "at", "amount"), row, strict=True)) for row in ORDERS],
    {"customer": ["ann"], "at": [date(2026, 1, 1)], "amount": [9.0]},
]


@pytest.mark.parametrize("orders", RAW)
@pytest.mark.parametrize(
    "read",
    [
        BetaGeoNBD.fit,
        ParetoNBD.fit,
        ModifiedBetaGeoNBD.fit,
        BetaGeoBetaBinomial.fit,
        GammaGamma.fit,
        PARETO.p_alive,
        lambda rows: PARETO.residual_transactions(rows, discount=YEARLY),
        lambda rows: models.value(PARETO, 9.0, rows, periods=3, discount=0.1),
        lambda rows: models.holdout(PARETO, rows),
    ],
)
def test_orders_in_place_of_a_summary_are_answered_with_what_makes_one(
    read: Any, orders: Any
) -> None:
    message = r" must have a .*, as rfm\.summary\(orders, \.\.\.\) makes it of orders, got"
    with pytest.raises(InvalidTypeError, match=message):
        read(copy(orders))


def test_what_no_summary_has_is_not_looked_for_in_one() -> None:
    contracts = ShiftedBetaGeometric(alpha=0.7, beta=1.2)
    with pytest.raises(InvalidTypeError) as raised:
        contracts.residual_lifetime([{"customer": "ann"}], discount=0.1)
    assert str(raised.value) == ("renewals[0] must have a renewals, got {'customer': 'ann'} (dict)")
