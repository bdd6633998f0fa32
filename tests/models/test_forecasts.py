"""Forecasts keep their customers: what comes back for which kind of input."""

import json
import pickle
from datetime import date, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import attrs
import pytest

from lifecycle import clv, models, rfm
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from lifecycle.models import (
    BetaDiscreteWeibull,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    Forecast,
    ForecastTable,
    GammaGamma,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    ShiftedBetaGeometric,
)
from lifecycle.periods import Period

BG = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
MBG = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
PARETO = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
DONORS = BetaGeoBetaBinomial(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, unit="week")
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
SBG = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
BDW = BetaDiscreteWeibull(alpha=0.5, beta=1.5, c=1.2)
YEARLY = clv.Discount(0.15, per="year")

# In general position, and sorted by nothing.
ROWS: list[dict[str, Any]] = [
    {"customer": "cid", "frequency": 2, "recency": 4, "age": 6, "monetary": 22.35},
    {"customer": "ann", "frequency": 0, "recency": 0, "age": 5, "monetary": None},
    {"customer": "bob", "frequency": 3, "recency": 5, "age": 6, "monetary": 80.0},
]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}

METHODS: dict[str, Any] = {
    **{
        f"{name} of {type(model).__name__}": method
        for model in (BG, MBG, PARETO, DONORS)
        for name, method in {
            "p_alive": model.p_alive,
            "expected": partial(model.conditional_expected_purchases, horizon=3),
            "pmf": partial(model.pmf, n=2, horizon=3),
            "discounted": partial(model.discounted_purchases, periods=3, discount=0.1),
            "residual": partial(model.residual_transactions, discount=YEARLY),
            "value": lambda rows, model=model: models.value(
                model, SPEND, rows, periods=3, discount=YEARLY
            ),
            "value of all time": lambda rows, model=model: models.value(
                model, 20.0, rows, periods=None, discount=YEARLY
            ),
        }.items()
    },
    "expected_spend": SPEND.expected_spend,
}

pytestmark = pytest.mark.filterwarnings(r"ignore:P\(alive\) is 1")
each_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)


@each_method
def test_rows_with_customers_give_a_table_in_their_order(method: Any) -> None:
    one_by_one = [method(row) for row in ROWS]
    assert all(isinstance(value, float) for value in one_by_one)
    for form in (ROWS, iter(ROWS), COLUMNS, {k: tuple(v) for k, v in COLUMNS.items()}):
        found = method(form)
        assert isinstance(found, ForecastTable)
        assert found.customers == ("cid", "ann", "bob")
        assert found.values == pytest.approx(one_by_one, rel=1e-12)
        assert found.row("bob").value == pytest.approx(one_by_one[2], rel=1e-12)
    backwards = method(ROWS[::-1])
    assert backwards.customers == ("bob", "ann", "cid")
    assert backwards.values == pytest.approx(one_by_one[::-1], rel=1e-12)


@each_method
def test_rows_without_customers_give_the_figures_alone(method: Any) -> None:
    expected = method(ROWS).values
    bare = [{k: v for k, v in row.items() if k != "customer"} for row in ROWS]
    nobody = [{**row, "customer": None} for row in ROWS]
    for form in (bare, nobody, {k: v for k, v in COLUMNS.items() if k != "customer"}):
        found = method(form)
        assert isinstance(found, list)
        assert found == expected


@each_method
@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_row_without_a_customer_among_others_is_refused(method: Any, missing: object) -> None:
    message = r"^rows\[1\]\.customer must be given in every row or in none \(1 of 3 rows have none"
    for rows in (
        [ROWS[0], {**ROWS[1], "customer": missing}, ROWS[2]],
        [ROWS[0], {k: v for k, v in ROWS[1].items() if k != "customer"}, ROWS[2]],
        {**COLUMNS, "customer": ["cid", missing, "bob"]},
    ):
        with pytest.raises(InvalidValueError, match=message):
            method(rows)


@each_method
def test_a_customer_of_two_rows_is_refused(method: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^rows\[3\]\.customer must have one row only"):
        method([*ROWS, ROWS[1]])


def test_a_summary_gives_a_table() -> None:
    orders = [
        ("bob", date(2026, 1, 1), 20.0),
        ("bob", date(2026, 2, 1), 30.0),
        ("ann", date(2026, 1, 8), 10.0),
    ]
    summary = rfm.summary(orders, until=date(2026, 6, 30))
    found = PARETO.p_alive(summary)
    assert found.customers == ("ann", "bob")
    bob = summary.rows[1]
    alive = PARETO.p_alive(frequency=1, recency=bob.recency, age=bob.age)
    assert found.row("bob") == Forecast("bob", pytest.approx(alive, rel=1e-12))
    assert found == PARETO.p_alive(summary.rows) == PARETO.p_alive(summary.to_rows())
    assert SPEND.expected_spend(summary).row("ann").value == SPEND.expected_spend()
    assert PARETO.p_alive(bob) == pytest.approx(alive, rel=1e-12)


def test_each_customer_can_have_a_horizon() -> None:
    found = PARETO.conditional_expected_purchases(ROWS, horizon=[1, 2, timedelta(weeks=3)])
    expected = [
        PARETO.conditional_expected_purchases(row, horizon=horizon)
        for row, horizon in zip(ROWS, (1, 2, 3), strict=True)
    ]
    assert found.values == pytest.approx(expected, rel=1e-12)
    with pytest.raises(InvalidValueError, match=r"^len\("):
        PARETO.conditional_expected_purchases(ROWS, horizon=[1, 2])


# The table.

TABLE = ForecastTable(figure="p_alive", customers=("cid", "ann"), values=[0.25, 1.0])


def test_a_table_is_read_by_customer_and_in_order() -> None:
    assert len(TABLE) == 2
    assert list(TABLE) == [("cid", 0.25), ("ann", 1.0)]
    assert TABLE.rows == (("cid", 0.25), ("ann", 1.0))
    assert dict(TABLE) == {"cid": 0.25, "ann": 1.0}
    assert TABLE.row("ann") == TABLE.row(customer="ann") == Forecast("ann", 1.0)
    assert [customer for customer, _ in TABLE] == ["cid", "ann"]


def test_a_table_is_written_as_plain_data() -> None:
    assert TABLE.to_rows() == [{"customer": "cid", "value": 0.25}, {"customer": "ann", "value": 1}]
    assert json.loads(json.dumps(TABLE.to_dict())) == {
        "title": "p_alive, 2 customers",
        "notes": [],
        "rows": TABLE.to_rows(),
    }
    number = UUID(int=7)
    by_id = ForecastTable(figure="p_alive", customers=(number,), values=[0.5])
    assert by_id.row(number).value == 0.5
    assert json.loads(json.dumps(by_id.to_dict()))["rows"] == [
        {"customer": str(number), "value": 0.5}
    ]


def test_a_table_is_a_value() -> None:
    same = attrs.evolve(TABLE, values=[0.25, 1.0])
    assert same == TABLE
    assert hash(same) == hash(TABLE)
    assert attrs.evolve(TABLE, values=[0.5, 1.0]) != TABLE
    assert attrs.evolve(TABLE, figure="pmf") != TABLE
    assert pickle.loads(pickle.dumps(TABLE)) == TABLE  # noqa: S301  (our own bytes)
    assert eval(repr(TABLE)) == TABLE  # noqa: S307  (our own text)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        TABLE.figure = "pmf"  # type: ignore[misc]


def test_a_long_table_shows_its_ends() -> None:
    many = ForecastTable(figure="p_alive", customers=range(1000), values=[0.5] * 1000)
    assert many.customers == tuple(range(1000))
    assert len(repr(many)) < 200
    lines = str(many).splitlines()
    assert lines[0] == "p_alive, 1,000 customers"
    assert lines[12] == "... 980 more rows, which to_rows() returns ..."
    assert len(lines) == 23
    assert "980 more rows" in many._repr_html_()


@pytest.mark.parametrize(
    ("key", "error", "message"),
    [
        (("bob",), UnknownNameError, "^customer must be one of 'cid', 'ann', got 'bob'"),
        ((7,), InvalidValueError, "^customer must be in the table: one of 'cid', 'ann', got 7"),
        (
            ([],),
            InvalidValueError,
            r"^customer must be in the table: one of 'cid', 'ann', got \[\]",
        ),
        ((), InvalidTypeError, "^key must name a row, by customer"),
        (("ann", "cid"), InvalidTypeError, "^key must name a row, by customer"),
    ],
)
def test_a_customer_that_is_not_there_is_named(
    key: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        TABLE.row(*key)
    with pytest.raises(InvalidTypeError, match=r"^key must name a row, by customer"):
        TABLE.row(name="ann")


# A fit in place of its model.


def test_a_fit_is_taken_where_its_model_is() -> None:
    rows = PARETO.simulate(1500, age=39, random=Random(1), horizon=13)
    fit = ParetoNBD.fit(rows)
    random = Random(2)
    spent = SPEND.simulate([row.frequency for row in rows], random=random)
    paid = [attrs.evolve(row, monetary=z) for row, z in zip(rows, spent, strict=True)]
    spend = GammaGamma.fit(paid)
    plan: dict[str, Any] = {"periods": 12, "discount": YEARLY}
    found = models.value(fit, spend, paid, **plan)
    assert found == models.value(fit.model, spend.model, paid, **plan)
    assert found.customers == tuple(range(1500))
    assert models.holdout(fit, rows) == models.holdout(fit.model, rows)
    orders = [("ann", date(2026, 1, 1), 5.0), ("ann", date(2026, 1, 20), 5.0)]
    until = date(2026, 3, 1)
    by_fit = models.tracking(fit, orders, until=until)
    assert by_fit == models.tracking(fit.model, orders, until=until)


def test_a_fit_of_another_kind_of_model_is_refused() -> None:
    contracts = ShiftedBetaGeometric.fit([40, 37, 36, 35, 35])
    purchases = r"^model must be a model of purchases, such as BetaGeoNBD, or its fit, got "
    with pytest.raises(InvalidTypeError, match=purchases):
        models.value(contracts, 20.0, ROWS, periods=3, discount=0.1)
    with pytest.raises(InvalidTypeError, match=purchases):
        models.holdout(contracts, ROWS, [1, 2, 3], horizon=3)
    with pytest.raises(InvalidTypeError, match=r"^model must be a model of purchases at any time"):
        models.tracking(contracts, [], until=date(2026, 1, 1))
    with pytest.raises(InvalidTypeError, match=r"^spend must be a GammaGamma, its fit, or a n"):
        models.value(PARETO, contracts, ROWS, periods=3, discount=0.1)  # type: ignore[arg-type]


def test_an_interval_of_a_customer_of_a_table_keeps_its_bounds() -> None:
    fit = ParetoNBD.fit(PARETO.simulate(1500, age=39, random=Random(1)))
    rows = [{**row, "age": 30} for row in ROWS]
    alive = fit.estimate(lambda model: model.p_alive(rows).row("cid").value)
    assert alive.value == pytest.approx(fit.model.p_alive(rows[0]), rel=1e-12)
    assert alive.bounds == (0, 1)
    worth = fit.estimate(
        lambda model: sum(models.value(model, SPEND, rows, periods=3, discount=0.1).values)
    )
    assert worth.bounds == (0, None)


# Lengths of time.


@pytest.mark.parametrize(
    ("unit", "length", "number"),
    [
        ("day", timedelta(days=3), 3),
        ("day", Period(hours=36), 1.5),
        ("week", Period(weeks=2), 2),
        ("week", timedelta(days=3.5), 0.5),
        ("month", Period(months=5), 5),
        ("month", Period(years=1), 12),
        ("quarter", Period(months=1), 1 / 3),
        ("year", Period(months=18), 1.5),
        ("year", timedelta(days=365.2425), 1),  # the mean year of the Gregorian calendar
        ("month", Period(days=30.436875), 1),  # its twelfth
        ("week", Period(years=1), 365.2425 / 7),
        ("day", Period(months=1), 30.436875),
    ],
)
@pytest.mark.parametrize("model", [BG, MBG, PARETO])
def test_a_length_is_a_number_of_units(
    model: Any, unit: str, length: timedelta | Period, number: float
) -> None:
    model = attrs.evolve(model, unit=unit)
    for call in (
        model.expected_purchases,
        lambda horizon: model.p_alive(ROWS, horizon=horizon).values[0],
        lambda horizon: model.conditional_expected_purchases(ROWS, horizon=horizon).values[0],
        lambda horizon: model.pmf(n=1, horizon=horizon),
        lambda horizon: model.simulate(9, age=horizon, random=Random(1), horizon=horizon)[0].age,
    ):
        assert call(length) == pytest.approx(call(number), rel=1e-12)
    assert model.expected_purchases([length, 2]) == pytest.approx(
        model.expected_purchases([number, 2]), rel=1e-12
    )


@pytest.mark.parametrize("model", [BG, MBG, PARETO])
def test_a_wrong_length_of_a_list_is_named(model: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^horizon\[1\] must be at least 0, got"):
        model.expected_purchases([2, timedelta(days=-1)])
    with pytest.raises(InvalidTypeError, match=r"^horizon\[1\] must be a number"):
        model.expected_purchases([2, "1 week"])


def test_a_length_of_occasions_is_whole_and_in_the_unit_of_the_model() -> None:
    yearly = attrs.evolve(DONORS, unit="year")
    assert yearly.expected_purchases(Period(years=3)) == yearly.expected_purchases(3)
    assert DONORS.pmf(n=1, horizon=timedelta(weeks=3)) == DONORS.pmf(n=1, horizon=3)
    drawn = yearly.simulate(5, age=Period(years=6), random=Random(1), horizon=Period(months=24))
    assert drawn == yearly.simulate(5, age=6, random=Random(1), horizon=2)
    with pytest.raises(InvalidTypeError, match=r"^horizon must be one number of occasions for all"):
        DONORS.simulate(2, age=6, random=Random(1), horizon=[1, 2])
    with pytest.raises(InvalidValueError, match=r"^horizon must be a whole number of at least 0"):
        yearly.expected_purchases(Period(months=18))
    with pytest.raises(InvalidTypeError, match=r"^horizon must be a number, or the model have a u"):
        attrs.evolve(DONORS, unit=None).expected_purchases(Period(years=3))


@pytest.mark.parametrize("model", [BG, MBG, PARETO, DONORS])
def test_a_length_is_not_negative(model: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^horizon must be at least 0, got"):
        model.expected_purchases(timedelta(days=-7))
    assert model.expected_purchases(timedelta()) == 0


# Contracts.


@pytest.mark.parametrize("model", [SBG, BDW])
def test_contracts_keep_their_customers(model: Any) -> None:
    left = [model.residual_lifetime(t, discount=0.1) for t in (7, 0, 3)]
    assert model.residual_lifetime([7, 0, 3], discount=0.1) == left
    rows = [{"customer": c, "renewals": t} for c, t in (("bob", 7), ("ann", 0), ("cid", 3))]
    columns = {"customer": ["bob", "ann", "cid"], "renewals": [7, 0, 3]}
    for form in (rows, columns):
        found = model.residual_lifetime(form, discount=0.1)
        assert found.customers == ("bob", "ann", "cid")
        assert found.values == left
    assert model.residual_lifetime({"renewals": [7, 0, 3]}, discount=0.1) == left
    assert model.residual_lifetime(rows[0], discount=0.1) == left[0]
    with pytest.raises(InvalidTypeError, match=r"^renewals must have a renewals"):
        model.residual_lifetime({"customer": ["bob"], "renewal": [7]}, discount=0.1)
    with pytest.raises(InvalidValueError, match=r"^renewals\[1\]\.customer must be given in every"):
        model.residual_lifetime([rows[0], {"renewals": 3}], discount=0.1)
