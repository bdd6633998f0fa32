"""Tables with a row for each customer: rows are kept as columns, and made when they are read."""

import pickle
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from lifecycle import EventLog, models, rfm
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._customer_tables import CustomerRows
from lifecycle.models import BetaGeoNBD, GammaGamma

N = 400
END, SPLIT = date(2026, 12, 31), date(2026, 8, 1)


def drawn(customer: int, random: Random) -> Iterator[tuple[int, date, float]]:
    """Orders of a customer who buys at a rate of their own, and may leave after each."""
    at, rate, usual = (
        random.uniform(0, 200),
        random.gammavariate(0.5, 0.06),
        random.gammavariate(5, 8),
    )
    leaves = random.betavariate(0.8, 2.5)
    while at < 364:
        amount = round(usual * random.uniform(0.5, 1.5), 2)
        yield customer, date(2026, 1, 1) + timedelta(days=int(at)), amount
        at += random.expovariate(rate) if random.random() > leaves else 400


ORDERS = [row for customer in range(N) for row in drawn(customer, Random(customer))]
LOG = EventLog.from_rows(ORDERS)
SUMMARY = rfm.summary(LOG, until=END)
SCORES = rfm.scores(LOG, until=END)
ALL = rfm.segments(SCORES, rules=[rfm.SegmentRule("all")])
TABLES: dict[str, Any] = {"summary": SUMMARY, "scores": SCORES, "members": ALL.members}
every_table = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@pytest.fixture
def no_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    make = CustomerRows._made

    def made(rows: Any, part: slice) -> Any:
        assert len(range(N)[part]) < 2, "more than one row is made"
        return make(rows, part)

    monkeypatch.setattr(CustomerRows, "_made", made)


@every_table
def test_rows_are_read_as_those_of_a_tuple(table: Any) -> None:
    rows = tuple(table.rows)
    assert len(table.rows) == len(rows) == N
    assert table.rows[3] == rows[3]
    assert table.rows[-1] == rows[-1]
    assert table.rows[2:5] == rows[2:5]
    assert table.rows[::-40] == rows[::-40]
    assert rows[7] in table.rows
    assert table.rows.index(rows[7]) == 7
    assert table.rows == rows
    assert rows == table.rows
    assert table.rows != rows[1:]
    assert table.rows != (*rows[1:], rows[0])
    assert table.rows != [*rows]
    assert hash(table.rows) == hash(rows)
    for place in (N, -N - 1):
        with pytest.raises(IndexError):
            table.rows[place]


@every_table
def test_a_table_of_many_customers_is_shown_without_its_rows(table: Any) -> None:
    """As `call` shows a tuple: three rows, and how many follow."""
    rows = tuple(table.rows)
    assert repr(table.rows) == f"{repr(rows[:3])[:-1]}, ... {N - 3} more)"
    assert repr(CustomerRows(table.rows.kind, {"customer": []})) == "()"


@every_table
def test_a_table_survives_pickling(table: Any) -> None:
    again = pickle.loads(pickle.dumps(table))  # noqa: S301
    assert again == table
    assert hash(again) == hash(table)


@every_table
def test_columns_are_read_without_making_rows(table: Any, no_rows: None) -> None:
    del no_rows
    rows = table.to_rows()
    assert len(table) == len(rows) == N
    assert [row["customer"] for row in rows] == [*range(N)]
    assert {type(row["customer"]) for row in rows} == {int}
    assert table.to_dict()["rows"][0]["customer"] == 0


@every_table
def test_arrays_of_a_table_cannot_be_changed(table: Any) -> None:
    pytest.importorskip("numpy")
    found = table.rows.column("customer")
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 7


def test_what_no_customer_has_is_none() -> None:
    assert SUMMARY.rows.column("holdout_frequency") == [None] * N
    once = [row for row in SUMMARY.rows if row.frequency == 0]
    assert once
    assert {row.monetary for row in once} == {None}
    assert sum(row["monetary"] is None for row in SUMMARY.to_rows()) == len(once)


def test_models_read_columns_without_making_rows(no_rows: None) -> None:
    """The same forecasts as of the rows of tuples, which are lists of Python."""
    pytest.importorskip("numpy")
    del no_rows
    rows = rfm.summary(ORDERS, until=END).to_rows()
    model, spend = BetaGeoNBD.fit(SUMMARY).model, GammaGamma.fit(SUMMARY).model
    assert BetaGeoNBD.fit(rows).model == model
    assert GammaGamma.fit(rows).model == spend
    for found, expected in (
        (ask(model, spend, SUMMARY), ask(model, spend, rows)) for ask in FORECASTS
    ):
        assert found.customers == expected.customers == (*range(N),)
        assert [*found.values] == pytest.approx([*expected.values], rel=1e-12)
        assert {type(row["value"]) for row in found.to_rows()} == {float}


FORECASTS = (
    lambda model, _, rows: model.conditional_expected_purchases(rows, horizon=10),
    lambda model, _, rows: model.residual_transactions(rows, discount=0.1),
    lambda _, spend, rows: spend.expected_spend(rows),
    lambda model, spend, rows: models.value(model, spend, rows, periods=3, discount=0.1),
)


def test_the_unit_of_a_summary_is_that_of_its_rows() -> None:
    model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="day")
    for rows in (SUMMARY, SUMMARY.rows, SUMMARY.rows[:]):
        with pytest.raises(InvalidValueError, match="unit must be that of the model, 'day'"):
            model.conditional_expected_purchases(rows, horizon=10)


def test_rows_that_lack_what_a_model_reads_are_refused() -> None:
    with pytest.raises(InvalidTypeError, match=r"^rows\[0\] must have a age"):
        BetaGeoNBD.fit(SCORES.rows)


def test_a_holdout_is_read_from_columns() -> None:
    both = rfm.summary(LOG, until=END, calibration_until=SPLIT)
    expected = rfm.summary(ORDERS, until=END, calibration_until=SPLIT)
    model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    found = models.holdout(model, both)
    assert repr(found) == repr(models.holdout(model, expected))
    with pytest.raises(InvalidTypeError, match="holdout must have a holdout"):
        models.holdout(model, SUMMARY)


def test_decimals_stay_decimals() -> None:
    log = EventLog.from_rows([(who, at, Decimal(str(x))) for who, at, x in ORDERS])
    found, exact = rfm.summary(log, until=END), rfm.scores(log, until=END)
    assert {type(row.monetary) for row in found.rows} == {Decimal, type(None)}
    spent = sum(Decimal(str(amount)) for customer, _, amount in ORDERS if customer == 3)
    assert str(exact.row(3).monetary) == str(spent)
    spend = GammaGamma(p=6.25, q=3.74, v=15.44)
    model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
    worth = models.value(model, spend, found, periods=3, discount=0.1)
    assert {type(value) for value in worth.values} == {Decimal}
