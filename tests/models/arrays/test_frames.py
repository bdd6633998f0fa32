"""Dataframes and columns of every kind: the same answers as rows."""

import json
import math
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest

from lifecycle import clv, models, rfm
from lifecycle.errors import InvalidTypeError, InvalidValueError, LifecycleError
from lifecycle.models import (
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    ParetoNBD,
    ShiftedBetaGeometric,
)

PARETO = ParetoNBD(r=0.55, alpha=10.6, s=0.6, beta=11.7, unit="week")
DONORS = BetaGeoBetaBinomial(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, unit="year")
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
YEARLY = clv.Discount(0.15, per="year")

pytestmark = pytest.mark.filterwarnings(r"ignore:P\(alive\) is 1")


def drawn(model: Any, age: float) -> dict[str, list[Any]]:
    """Return customers as columns; those who have not bought again have no mean amount."""
    random = Random(5)
    rows = model.simulate(400, age=age, random=random, horizon=10)
    names = ("customer", "frequency", "recency", "age", "holdout_frequency", "holdout_duration")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    columns["monetary"] = SPEND.simulate(columns["frequency"], random=random)
    return columns


BOUGHT, GAVE = drawn(PARETO, 39.0), drawn(DONORS, 6)
Columns = dict[str, list[Any]]


def records(columns: Columns) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def lists_with_nan(columns: Columns) -> Columns:
    return {**columns, "monetary": [math.nan if z is None else z for z in columns["monetary"]]}


def arrays(columns: Columns) -> dict[str, Any]:
    return {name: np.array(values) for name, values in lists_with_nan(columns).items()}


def masked(columns: Columns) -> dict[str, Any]:
    found = arrays(columns)
    return {**found, "monetary": np.ma.masked_invalid(found["monetary"])}


def pandas_frame(columns: Columns) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def pandas_nullable(columns: Columns) -> Any:
    return pandas_frame(columns).convert_dtypes()


def pandas_floats_with_na(columns: Columns) -> Any:
    frame = pandas_frame(columns)
    return frame.astype({"frequency": "Float64", "recency": "Float64", "monetary": "Float64"})


def pandas_objects_with_na(columns: Columns) -> Any:
    missing = pytest.importorskip("pandas").NA
    amounts = [missing if z is None else z for z in columns["monetary"]]
    frame = pandas_frame({**columns, "monetary": amounts})
    return frame.astype({"monetary": object, "frequency": object})


def pandas_arrow(columns: Columns) -> Any:
    pytest.importorskip("pyarrow")
    return pandas_frame(columns).convert_dtypes(dtype_backend="pyarrow")


def pandas_with_an_index(columns: Columns) -> Any:
    return pandas_frame(columns).set_index("customer").iloc[::-1].iloc[::-1]


def pandas_records(columns: Columns) -> Any:
    return pandas_frame(columns).to_dict("records")


def pandas_series(columns: Columns) -> Any:
    return dict(pandas_frame(columns).items())


def pandas_tuples(columns: Columns) -> Any:
    return pandas_frame(columns).itertuples()


def polars_frame(columns: Columns) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def polars_series(columns: Columns) -> Any:
    return polars_frame(columns).to_dict()


def polars_records(columns: Columns) -> Any:
    return polars_frame(columns).rows(named=True)


def arrow_table(columns: Columns) -> Any:
    return pytest.importorskip("pyarrow").table(columns)


def arrow_batch(columns: Columns) -> Any:
    return pytest.importorskip("pyarrow").RecordBatch.from_pydict(columns)


def arrow_columns(columns: Columns) -> Any:
    table = arrow_table(columns)
    return dict(zip(table.column_names, table.columns, strict=True))


CONTAINERS: list[Callable[[Columns], Any]] = [
    dict,
    records,
    lists_with_nan,
    arrays,
    masked,
    pandas_frame,
    pandas_nullable,
    pandas_floats_with_na,
    pandas_objects_with_na,
    pandas_arrow,
    pandas_with_an_index,
    pandas_records,
    pandas_series,
    pandas_tuples,
    polars_frame,
    polars_series,
    polars_records,
    arrow_table,
    arrow_batch,
    arrow_columns,
]
FUNCTIONS: dict[str, tuple[Columns, Callable[[Any], Any]]] = {
    "fit": (BOUGHT, lambda rows: parameters(ParetoNBD.fit(rows, unit="week"))),
    "fit donors": (GAVE, lambda rows: parameters(BetaGeoBetaBinomial.fit(rows))),
    "fit spend": (BOUGHT, lambda rows: parameters(GammaGamma.fit(rows))),
    "p_alive": (BOUGHT, PARETO.p_alive),
    "p_alive of donors": (GAVE, DONORS.p_alive),
    "purchases": (BOUGHT, lambda rows: PARETO.conditional_expected_purchases(rows, horizon=39)),
    "purchases of donors": (
        GAVE,
        lambda rows: DONORS.conditional_expected_purchases(rows, horizon=3),
    ),
    "pmf": (BOUGHT, lambda rows: PARETO.pmf(rows, n=2, horizon=39)),
    "transactions": (BOUGHT, lambda rows: PARETO.residual_transactions(rows, discount=YEARLY)),
    "discounted": (
        BOUGHT,
        lambda rows: PARETO.discounted_purchases(rows, periods=9, discount=0.01),
    ),
    "expected_spend": (BOUGHT, SPEND.expected_spend),
    "value": (
        BOUGHT,
        lambda rows: models.value(PARETO, SPEND, rows, periods=12, discount=0.1, period="month"),
    ),
    "value of all time": (
        BOUGHT,
        lambda rows: models.value(PARETO, SPEND, rows, periods=None, discount=YEARLY),
    ),
    "value of donors": (
        GAVE,
        lambda rows: models.value(DONORS, 20.0, rows, periods=3, discount=0.1),
    ),
    "holdout": (BOUGHT, lambda rows: held(models.holdout(PARETO, rows))),
    "holdout of donors": (GAVE, lambda rows: held(models.holdout(DONORS, rows))),
}


def parameters(fit: Any) -> list[float]:
    return [*(getattr(fit.model, name) for name in fit.standard_errors), fit.log_likelihood, fit.n]


def figures(found: Any) -> list[Any]:
    return list(found.values if isinstance(found, models.ForecastTable) else found)


def held(found: Any) -> list[float]:
    return [found.actual, found.expected, found.bias, found.mae, found.rmse]


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.__name__)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_answer_does_not_depend_on_what_rows_come_in(
    name: str, container: Callable[[Columns], Any]
) -> None:
    columns, call = FUNCTIONS[name]
    expected = call(columns)
    found = call(container(columns))
    assert figures(found) == pytest.approx(figures(expected), rel=1e-12)
    if isinstance(expected, models.ForecastTable) and container is not pandas_with_an_index:
        assert found.customers == tuple(columns["customer"])
        assert {type(customer) for customer in found.customers} == {int}


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.__name__)
@pytest.mark.parametrize("name", ["fit spend", "expected_spend", "value"])
def test_a_repeat_without_an_amount_is_named(
    name: str, container: Callable[[Columns], Any]
) -> None:
    i = next(i for i, x in enumerate(BOUGHT["frequency"]) if x)
    amounts = [None if j == i else z for j, z in enumerate(BOUGHT["monetary"])]
    with pytest.raises(LifecycleError, match=rf"monetary\[{i}\]|\[{i}\]\.monetary"):
        FUNCTIONS[name][1](container({**BOUGHT, "monetary": amounts}))


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.__name__)
@pytest.mark.parametrize("name", ["p_alive", "expected_spend", "value", "purchases of donors"])
def test_a_row_without_a_customer_is_named_where_others_have_one(
    name: str, container: Callable[[Columns], Any]
) -> None:
    if container is pandas_with_an_index:
        return  # an index is no column
    columns, call = FUNCTIONS[name]
    some = [None if i in {7, 9} else f"c{i}" for i in columns["customer"]]
    message = (
        r"^rows\[7\]\.customer must be given in every row or in none \(2 of 400 rows have none\)"
    )
    with pytest.raises(InvalidValueError, match=message):
        call(container({**columns, "customer": some}))


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.__name__)
@pytest.mark.parametrize("field", ["frequency", "recency", "age"])
def test_a_history_has_no_gaps(field: str, container: Callable[[Columns], Any]) -> None:
    gap = {**BOUGHT, field: [*BOUGHT[field][:7], None, *BOUGHT[field][8:]]}
    with pytest.raises(LifecycleError, match=rf"{field}\[7\]|\[7\]\.{field}"):
        PARETO.p_alive(container(gap))
    with pytest.raises(LifecycleError, match=rf"{field}\[7\]|\[7\]\.{field}"):
        ParetoNBD.fit(container(gap), unit="week")


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.__name__)
def test_the_unit_of_rows_is_read_in_any_container(container: Callable[[Columns], Any]) -> None:
    columns = {**BOUGHT, "unit": ["week"] * 400}
    assert ParetoNBD.fit(container(columns)).model.unit == "week"
    with pytest.raises(InvalidValueError, match=r"^unit must be that of the summary, 'week'"):
        ParetoNBD.fit(container(columns), unit="day")
    daily = BetaGeoNBD(r=0.25, alpha=30.0, a=0.8, b=2.5, unit="day")
    with pytest.raises(InvalidValueError, match=r"^rows\.unit must be that of the model, 'day'"):
        models.value(daily, 20.0, container(columns), periods=12, discount=0.1)


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda container: container.__name__)
def test_a_customer_stands_in_one_row(container: Callable[[Columns], Any]) -> None:
    if container is pandas_with_an_index:
        return  # an index is no column
    twice = {**BOUGHT, "customer": [0, 0, *BOUGHT["customer"][2:]]}
    with pytest.raises(InvalidValueError, match=r"^rows\[1\]\.customer must have one row only"):
        ParetoNBD.fit(container(twice), unit="week")


FRAMES = [pandas_frame, polars_frame, arrow_table, arrow_batch]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_a_frame_with_other_names_is_told_and_not_shown(frame: Callable[[Columns], Any]) -> None:
    names = {"age": "T", "monetary": "monetary_value"}
    foreign = frame({names.get(name, name): values for name, values in BOUGHT.items()})
    message = (
        "rows must have a column 'age' (by 'T', did you mean 'age'?), got ['customer', "
        "'frequency', 'recency', 'T', 'holdout_frequency', 'holdout_duration', "
        "'monetary_value'] (list)"
    )
    with pytest.raises(InvalidTypeError) as caught:
        ParetoNBD.fit(foreign, unit="week")
    assert str(caught.value) == message
    with pytest.raises(InvalidTypeError, match=r"by 'monetary_value', did you mean 'monetary'"):
        GammaGamma.fit(foreign)


def test_a_lazy_frame_is_collected_first() -> None:
    lazy = polars_frame(BOUGHT).lazy()
    for call in (
        lambda: ParetoNBD.fit(lazy, unit="week"),
        lambda: PARETO.p_alive(lazy),
        lambda: GammaGamma.fit(lazy),
        lambda: models.value(PARETO, SPEND, lazy, periods=12, discount=0.1),
        lambda: models.holdout(PARETO, lazy),
    ):
        with pytest.raises(InvalidTypeError, match=r"must be in memory; collect\(\) it first"):
            call()


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_a_frame_gives_an_array(frame: Callable[[Columns], Any]) -> None:
    known = {name: BOUGHT[name] for name in ("frequency", "recency", "age", "monetary")}
    for call in (PARETO.p_alive, SPEND.expected_spend, FUNCTIONS["value"][1]):
        assert isinstance(call(frame(known)), np.ndarray)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_a_frame_with_customers_gives_a_table_of_an_array(frame: Callable[[Columns], Any]) -> None:
    names = [f"c{i}" for i in BOUGHT["customer"]]
    for name in ("p_alive", "expected_spend", "value", "pmf"):
        found = FUNCTIONS[name][1](frame({**BOUGHT, "customer": names}))
        assert isinstance(found.values, np.ndarray)
        assert found.row("c7") == ("c7", found.values[7])
        assert type(found.row("c7").value) is type(next(iter(found)).value) is float
        assert np.asarray(found).tolist() == found.values.tolist()
        json.dumps(found.to_dict())
        assert found.to_rows()[7] == {"customer": "c7", "value": found.values[7]}


def test_a_table_of_forecasts_is_a_column_of_a_dataframe() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(BOUGHT)
    frame["p_alive"] = found = PARETO.p_alive(frame)
    assert frame["p_alive"].dtype == float
    assert frame["p_alive"].tolist() == found.values.tolist()
    listed = PARETO.p_alive(BOUGHT)
    assert np.asarray(listed).tolist() == listed.values
    assert float(np.mean(listed)) == pytest.approx(found.values.mean())


def test_one_row_of_a_frame_gives_a_number() -> None:
    expected = PARETO.p_alive(BOUGHT).values[3]
    first = pandas_records(BOUGHT)[3]
    assert PARETO.p_alive(first) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_contracts_keep_the_customers_of_a_frame(frame: Callable[[Columns], Any]) -> None:
    subscribers = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
    left = subscribers.residual_lifetime([7, 0, 3], discount=0.1)
    renewals = {"renewals": [7, 0, 3]}
    named = frame({"customer": ["c", "a", "b"], **renewals})
    found = subscribers.residual_lifetime(named, discount=0.1)
    assert dict(found) == pytest.approx(dict(zip("cab", left, strict=True)))
    assert list(subscribers.residual_lifetime(frame(renewals), discount=0.1)) == left


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_a_summary_makes_the_round_trip_through_a_frame(frame: Callable[[Any], Any]) -> None:
    rows = PARETO.simulate(400, age=39, random=Random(5))
    columns = {
        name: [getattr(row, name) for row in rows] for name in ("frequency", "recency", "age")
    }
    expected = ParetoNBD.fit(rows)
    assert ParetoNBD.fit(frame(columns), unit="week") == expected
    with pytest.raises(InvalidTypeError, match=r"^unit must be given with rows that are no rfm"):
        ParetoNBD.fit(frame(columns))
    assert ParetoNBD.fit(frame({**columns, "unit": ["week"] * 400})) == expected


@pytest.mark.parametrize("frame", [*FRAMES, pandas_nullable], ids=lambda frame: frame.__name__)
@pytest.mark.parametrize(("customers", "orders"), [(20, 3), (61, 5)])
def test_spend_is_that_of_a_summary_after_a_round_trip_through_a_frame(
    frame: Callable[[Any], Any], customers: int, orders: int
) -> None:
    """A customer who has bought once has no mean amount: None in a row, NaN in a column."""
    start = date(2026, 1, 1)
    log = [
        (who, start + timedelta(weeks=k), 10.0 + who)
        for who in range(customers)
        for k in range(1 + who % orders)
    ]
    summary = rfm.summary(log, until=start + timedelta(weeks=9))
    repeated = [row for row in summary.rows if row.frequency]
    expected = GammaGamma.fit(
        [{"frequency": r.frequency, "monetary": r.monetary} for r in repeated]
    )
    assert expected.n == len(repeated) < customers
    rows = summary.to_rows()
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    zeros = {**columns, "monetary": [amount or 0.0 for amount in columns["monetary"]]}
    for given in (summary, rows, frame(columns), frame(zeros)):
        assert GammaGamma.fit(given) == expected


def test_columns_say_who_left() -> None:
    pandas = pytest.importorskip("pandas")
    durations = pandas.Series([1, 1, 2, 3])
    expected = ShiftedBetaGeometric.fit_durations([1, 1, 2, 3], [True, False, True, False])
    for flags in (
        np.array([1.0, 0, 1, 0]),
        np.array([True, False, True, False]),
        pandas.Series([1.0, 0, 1, 0]),
        pandas.Series([1, 0, 1, 0], dtype="Int64"),
        pandas.Series([True, False, True, False], dtype="boolean"),
    ):
        assert ShiftedBetaGeometric.fit_durations(durations, flags) == expected


FIT = BetaGeoNBD.fit(
    BetaGeoNBD(r=0.24, alpha=4.4, a=0.8, b=2.4, unit="week").simulate(
        100, age=52.0, random=Random(2)
    )
)
HISTORY = {"frequency": [9, 4], "recency": [40.0, 20.0], "age": [78.0, 78.0]}
PLAN: dict[str, Any] = {"periods": 12, "period": "month", "discount": 0.01}


@pytest.mark.parametrize(
    ("predict", "bounds"),
    [
        (lambda m, rows: m.p_alive(rows)[0], (0, 1)),
        (lambda m, rows: 1 - m.p_alive(rows)[0], (0, 1)),
        (lambda m, rows: sum(m.p_alive(rows)) / len(m.p_alive(rows)), (0, 1)),
        (lambda m, rows: sum(m.conditional_expected_purchases(rows, horizon=52)), (0, None)),
        (lambda m, rows: models.value(m, 20.0, rows, **PLAN)[0], (0, None)),
        (lambda m, rows: models.value(m, SPEND, rows, **PLAN)[1], (0, None)),
        (lambda m, rows: models.value(m, 20.0, rows, **PLAN, margin=-0.5)[0], (None, 0)),
    ],
)
def test_intervals_of_forecasts_of_columns_stay_within_their_bounds(
    predict: Callable[[Any, Any], float], bounds: tuple[float | None, float | None]
) -> None:
    rows = {**HISTORY, "monetary": [20.0, 35.0]}
    arrays = {name: np.array(column) for name, column in rows.items()}
    expected = FIT.estimate(lambda m: predict(m, rows))
    frame = pytest.importorskip("pandas").DataFrame(rows)
    for given in (rows, arrays, frame, frame.convert_dtypes()):
        found = FIT.estimate(partial(lambda columns, m: predict(m, columns), given))
        assert found.bounds == bounds
        assert found.value == pytest.approx(expected.value, rel=1e-12)
        interval = found.interval()
        assert interval is not None
        assert bounds[0] is None or interval.low > bounds[0]
        assert bounds[1] is None or interval.high < bounds[1]


def test_arithmetic_of_numpy_keeps_bounds() -> None:
    arrays = {name: np.array(column) for name, column in HISTORY.items()}
    mean = FIT.estimate(lambda m: m.p_alive(**arrays).mean())
    assert mean.bounds == (0, 1)
    assert mean.value == pytest.approx(sum(FIT.model.p_alive(**HISTORY)) / 2)
    assert FIT.estimate(lambda m: np.float64(1) - m.p_alive(**arrays)[0]).bounds == (0, 1)
    assert FIT.estimate(lambda m: m.p_alive(**arrays)[0] / np.int64(4)).bounds == (0, 0.25)


def test_functions_of_numpy_have_no_bounds() -> None:
    arrays = {name: np.array(column) for name, column in HISTORY.items()}
    found = FIT.estimate(lambda m: np.log(m.p_alive(**arrays)).sum())
    assert found.bounds == (None, None)
    assert found.value == pytest.approx(sum(map(math.log, FIT.model.p_alive(**HISTORY))))


def test_money_that_is_decimal_is_float_in_arrays() -> None:
    rows = {**HISTORY, "monetary": [20.0, 35.0]}
    frame = pytest.importorskip("pandas").DataFrame(rows)
    frame["monetary"] = [Decimal("20.0"), Decimal("35.0")]
    by_number, by_model = (models.value(FIT.model, s, rows, **PLAN) for s in (20.0, SPEND))
    found = models.value(FIT.model, Decimal(20), frame, **PLAN)
    assert found.dtype.kind == "f"
    assert found.tolist() == pytest.approx(by_number)
    assert models.value(FIT.model, SPEND, frame, **PLAN).tolist() == pytest.approx(by_model)
