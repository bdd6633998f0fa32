"""BG/NBD, MBG/NBD and Pareto/NBD: their doors, forecasts, fits and simulated customers."""

import itertools
import math
import warnings
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import attrs
import pytest

from lifecycle import clv, models, rfm
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiedError,
    UnknownNameError,
)
from lifecycle.models import (
    BetaGeoNBD,
    ModifiedBetaGeoNBD,
    ParetoNBD,
    PurchaseModel,
    _bg_nbd_formulas,
)
from lifecycle.models._arithmetic import FLOATS
from lifecycle.periods import Period
from publics import classes

BG = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
MBG = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
PARETO = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
MODELS = (BG, MBG, PARETO)
KNOWN = {"frequency": 2, "recency": 30.43, "age": 38.86}
COLUMNS: dict[str, Any] = {
    "frequency": [1, 2, 7, 250],
    "recency": [1.71, 30.43, 38.0, 51.5],
    "age": [38.86, 38.86, 38.86, 52.0],
}
YEARLY = clv.Discount(0.15, per="year")

pytestmark = pytest.mark.filterwarnings(r"ignore:P\(alive\) is 1")


def test_every_model_of_purchases_is_looked_at() -> None:
    assert {*map(type, MODELS)} == classes(models, PurchaseModel)


@pytest.fixture(params=MODELS, ids=lambda model: type(model).__name__)
def model(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_a_model_shows_itself_as_the_call_that_makes_it(model: Any) -> None:
    assert eval(repr(model)) == model  # noqa: S307  (our own text)
    assert "unit='week'" in repr(model)


@pytest.mark.parametrize("wrong", [0, -1.0, math.nan, math.inf])
def test_parameters_are_finite_and_above_0(model: Any, wrong: float) -> None:
    for name in ("r", "alpha"):
        with pytest.raises(InvalidValueError, match=f"{name} must be"):
            attrs.evolve(model, **{name: wrong})


@pytest.mark.parametrize("wrong", ["1", None, True])
def test_parameters_are_numbers(model: Any, wrong: object) -> None:
    with pytest.raises(InvalidTypeError, match="alpha must be a number"):
        attrs.evolve(model, alpha=wrong)


def test_a_unit_is_one_that_is_known() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'week'"):
        attrs.evolve(BG, unit="weeks")


def test_decimals_and_ints_are_numbers() -> None:
    assert attrs.evolve(BG, r=Decimal("0.5"), alpha=4).r == 0.5


def test_lists_give_lists_of_what_each_row_gives(model: Any) -> None:
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)]
    for forecast in (
        model.p_alive,
        lambda **known: model.p_alive(**known, horizon=10),
        lambda **known: model.conditional_expected_purchases(horizon=39, **known),
        lambda **known: model.residual_transactions(discount=YEARLY, **known),
        lambda **known: model.pmf(n=2, horizon=39, **known),
    ):
        found = forecast(**COLUMNS)
        assert isinstance(found, list)
        assert found == pytest.approx([forecast(**row) for row in rows], rel=1e-12)


def test_one_number_stands_beside_a_column(model: Any) -> None:
    found = model.p_alive(frequency=[1, 2], recency=[3, 4], age=5)
    assert found == pytest.approx(
        [model.p_alive(frequency=1, recency=3, age=5), model.p_alive(frequency=2, recency=4, age=5)]
    )
    curve = model.conditional_expected_purchases(horizon=[0, 10, 20], **KNOWN)
    assert curve[0] == 0.0
    assert (
        curve[1]
        < curve[2]
        == pytest.approx(model.conditional_expected_purchases(horizon=20, **KNOWN))
    )


def test_probabilities_of_counts_sum_to_1_and_to_the_expectation(model: Any) -> None:
    for known in ({}, KNOWN):
        chances = model.pmf(n=list(range(200)), horizon=39, **known)
        mean = math.fsum(k * p for k, p in enumerate(chances))
        assert math.fsum(chances) == pytest.approx(1, abs=1e-9)
        expected = (
            model.conditional_expected_purchases(horizon=39, **known)
            if known
            else model.expected_purchases(39)
        )
        assert mean == pytest.approx(expected, rel=1e-6)


def test_nothing_happens_in_no_time(model: Any) -> None:
    assert model.expected_purchases(0) == 0.0
    assert model.conditional_expected_purchases(horizon=0, **KNOWN) == 0.0
    assert model.pmf(n=[0, 1, 5], horizon=0, **KNOWN) == [1.0, 0.0, 0.0]
    assert model.p_alive(**KNOWN, horizon=0) == model.p_alive(**KNOWN)


def test_nobody_lives_for_ever(model: Any) -> None:
    steps = [model.p_alive(**KNOWN, horizon=t) for t in (0, 1, 10, 100, 1e4, 1e8)]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < 0.01


def test_discounted_purchases_are_the_sum_of_discounted_increments(model: Any) -> None:
    times = [i * 4.0 for i in range(1500)]
    bought = model.conditional_expected_purchases(horizon=times, **KNOWN)
    rate = math.log1p(YEARLY.for_period("week"))
    crude = math.fsum(
        (later - now) * math.exp(-rate * (t + 2))
        for t, (now, later) in zip(times, itertools.pairwise(bought), strict=False)
    )
    found = model.residual_transactions(discount=YEARLY, **KNOWN)
    assert found == pytest.approx(crude, rel=1e-4)
    assert crude < found or model is not PARETO


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize(
    ("x", "age"), [(0, 38.86), (2, 38.86), (1, 2.0), (30, 50.0), (250, 52.0), (5, 0.1)]
)
@pytest.mark.parametrize("delta", [0.0027, 0.05, 1e-9])
def test_discounted_purchases_are_the_same_over_rates_and_over_time(
    first: int, x: float, age: float, delta: float
) -> None:
    for parameters in ((0.243, 4.414, 0.793, 2.426), (5.0, 60.0, 30.0, 300.0)):
        at = _bg_nbd_formulas.BgParameters(*parameters, first)
        found = _bg_nbd_formulas.discounted(FLOATS, delta, float(x), age, at=at)
        other = _bg_nbd_formulas._discounted_by_time(FLOATS, delta, float(x), age, at)
        assert found == pytest.approx(other, rel=1e-12)


def test_a_pole_at_1_is_passed_without_a_jump() -> None:
    steps = (1 - 1e-7, 1.0, 1 + 1e-7)
    for model, name in ((BG, "a"), (MBG, "a"), (PARETO, "s")):
        low, middle, high = (
            attrs.evolve(model, **{name: at}).conditional_expected_purchases(horizon=39, **KNOWN)
            for at in steps
        )
        assert middle == pytest.approx((low + high) / 2, rel=1e-12)
        assert low > middle > high


def test_a_time_is_in_units_or_a_timedelta(model: Any) -> None:
    assert model.expected_purchases(timedelta(weeks=39)) == model.expected_purchases(39)
    monthly = attrs.evolve(model, unit="month")
    month = timedelta(days=365.2425 / 12)
    assert monthly.expected_purchases(month) == pytest.approx(monthly.expected_purchases(1))
    assert model.p_alive(**KNOWN, horizon=timedelta(days=7)) == model.p_alive(**KNOWN, horizon=1)
    assert model.pmf(n=1, horizon=timedelta(days=7)) == model.pmf(n=1, horizon=1)


def test_another_unit_is_the_same_model() -> None:
    daily = BetaGeoNBD(r=0.243, alpha=4.414 * 7, a=0.793, b=2.426, unit="day")
    known = {"frequency": 2, "recency": 30.43 * 7, "age": 38.86 * 7}
    assert daily.p_alive(**known) == pytest.approx(BG.p_alive(**KNOWN), rel=1e-12)
    found = daily.residual_transactions(discount=YEARLY, **known)
    assert found == pytest.approx(BG.residual_transactions(discount=YEARLY, **KNOWN), rel=1e-6)


def test_one_time_buyers_are_alive_under_bg_nbd_and_it_says_so() -> None:
    with pytest.warns(UserWarning, match=r"P\(alive\) is 1 for the 1 of 1 customers who bought"):
        assert BG.p_alive(frequency=0, recency=0, age=400) == 1.0
    with pytest.warns(UserWarning, match="for the 2 of 3"):
        BG.p_alive(frequency=[0, 1, 0], recency=[0, 1, 0], age=9)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        BG.p_alive(**KNOWN)
        assert MBG.p_alive(frequency=0, recency=0, age=400) < 0.3
        assert PARETO.p_alive(frequency=0, recency=0, age=400) < 0.3


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"frequency": 1.5}, InvalidValueError, "frequency must be a whole number of at least 0"),
    ({"frequency": -1}, InvalidValueError, "frequency must be a whole number of at least 0"),
    ({"frequency": "2"}, InvalidTypeError, "frequency must be a number"),
    ({"frequency": True}, InvalidTypeError, "frequency must be a number"),
    ({"recency": -1.0}, InvalidValueError, "recency must be between 0 and the age"),
    ({"recency": 40.0}, InvalidValueError, "recency must be between 0 and the age, got 40.0"),
    ({"recency": math.nan}, InvalidValueError, "recency must be finite"),
    ({"age": math.inf}, InvalidValueError, "age must be finite"),
    ({"age": -1}, InvalidValueError, "age must be at least 0"),
    ({"frequency": 0}, InvalidValueError, "recency must be 0 where frequency is 0"),
    ({"recency": 0}, InvalidValueError, "recency must be above 0 where frequency is"),
    ({"age": {"a": 1}}, InvalidTypeError, "age must be a number"),
    ({"age": {39.0, 40.0}}, InvalidTypeError, "age must be a number"),
    (
        {"recency": [1.0, 41.0, 42.0], "frequency": [1, 1, 1], "age": [9.0, 40.0, 41.0]},
        InvalidValueError,
        r"recency\[1\] must be between 0 and the age \(2 of 3 rows do not\), got 41.0",
    ),
    (
        {"recency": [1.0, math.nan], "frequency": 1},
        InvalidValueError,
        r"recency\[1\] must be finite, got nan",
    ),
    ({"recency": [1.0, "2"]}, InvalidTypeError, r"recency\[1\] must be a number"),
    (
        {"recency": [1.0, 2.0], "frequency": [1, 1, 1]},
        InvalidValueError,
        r"len\(recency\) must be that of frequency, 3, got 2",
    ),
]


@pytest.mark.parametrize(("change", "error", "message"), WRONG)
def test_a_history_that_cannot_be_is_refused(
    model: Any, change: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model.p_alive(**{**KNOWN, **change})
    with pytest.raises(error, match=message):
        model.conditional_expected_purchases(horizon=39, **{**KNOWN, **change})


def test_times_and_counts_are_checked(model: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^horizon must be at least 0, got -1"):
        model.expected_purchases(-1)
    with pytest.raises(InvalidValueError, match=r"horizon\[1\] must be finite"):
        model.expected_purchases([1.0, math.inf])
    with pytest.raises(InvalidValueError, match="n must be a whole number"):
        model.pmf(n=0.5, horizon=1)
    with pytest.raises(InvalidValueError, match="horizon must be at least 0"):
        model.pmf(n=1, horizon=timedelta(days=-1))
    with pytest.raises(InvalidTypeError, match="horizon must be a number"):
        model.pmf(n=1, horizon="39")


def test_a_discount_is_also_a_rate_per_unit_of_the_model(model: Any) -> None:
    """15 % a year is 1.15^(7 / 365.2425) - 1 a week, the unit of the model."""
    weekly = 1.15 ** (7 / 365.2425) - 1
    found = model.residual_transactions(discount=weekly, **KNOWN)
    yearly = clv.Discount(0.15, per="year")
    assert found == pytest.approx(model.residual_transactions(discount=yearly, **KNOWN), rel=1e-9)


@pytest.mark.parametrize("horizon", [Period(days=70), Period(weeks=10), timedelta(days=70)])
def test_a_time_is_in_units_or_a_length(model: Any, horizon: Any) -> None:
    assert model.expected_purchases(horizon) == model.expected_purchases(10)
    assert model.pmf(n=1, horizon=horizon) == model.pmf(n=1, horizon=10)
    found = model.conditional_expected_purchases(horizon=horizon, **KNOWN)
    assert found == model.conditional_expected_purchases(horizon=10, **KNOWN)


def test_months_are_mean_months_in_the_unit_of_a_model(model: Any) -> None:
    """A year has 365.2425 / 7 weeks, and a quarter a fourth of that."""
    year = 365.2425 / 7
    assert model.expected_purchases(Period(years=1)) == model.expected_purchases(year)
    quarter = model.expected_purchases(Period(months=3))
    assert quarter == pytest.approx(model.expected_purchases(year / 4), rel=1e-12)


def test_a_discount_says_its_period_and_is_above_0(model: Any) -> None:
    for wrong in ("15 %", None, True):
        with pytest.raises(InvalidTypeError, match=r"^discount must be a number"):
            model.residual_transactions(discount=wrong, **KNOWN)
    for none in (0, clv.Discount(0, per="year")):
        with pytest.raises(InvalidValueError, match=r"^discount must be above 0: what is bought"):
            model.residual_transactions(discount=none, **KNOWN)
    with pytest.raises(InvalidValueError, match=r"discount must be 0, or at least 1e-09 for one"):
        model.residual_transactions(discount=clv.Discount(1e-12, per="week"), **KNOWN)


def test_weights_may_be_small() -> None:
    rows = BG.simulate(400, age=39, random=Random(3))
    small = BetaGeoNBD.fit(rows, unit="week", weights=[1e-3] * 400)
    assert small.n == pytest.approx(0.4)
    assert small.model.r == pytest.approx(BetaGeoNBD.fit(rows, unit="week").model.r, rel=1e-5)


def test_rows_may_be_a_summary_objects_mappings_or_columns() -> None:
    rows = BG.simulate(400, age=39, random=Random(3))
    summary = rfm.SummaryTable(rows=rows, unit="week", until=date(2026, 1, 1))
    mappings = [{"frequency": x.frequency, "recency": x.recency, "age": x.age} for x in rows]
    columns = {name: [row[name] for row in mappings] for name in mappings[0]}
    fits = [
        BetaGeoNBD.fit(summary),
        BetaGeoNBD.fit(summary, unit="week"),
        BetaGeoNBD.fit(iter(rows), unit="week"),
        BetaGeoNBD.fit(mappings, unit="week"),
        BetaGeoNBD.fit(columns, unit="week"),
        BetaGeoNBD.fit(columns, unit="week", weights=[1] * 400),
    ]
    assert all(fit == fits[0] for fit in fits)


def test_a_row_may_stand_for_several_customers(model: Any) -> None:
    rows = model.simulate(300, age=39, random=Random(5))
    twice = [attrs.evolve(row, customer=i) for i, row in enumerate(rows + rows)]
    found = model.fit(rows, unit="week", weights=[2.0] * 300)
    expected = model.fit(twice, unit="week")
    assert found.n == expected.n == 600
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-12)
    assert found.standard_errors == pytest.approx(expected.standard_errors, rel=1e-8)


REFUSED: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    ([], {}, EmptySampleError, "rows must hold at least one"),
    ([KNOWN], {"unit": None}, InvalidTypeError, "unit must be given with rows that are no"),
    ([KNOWN], {"unit": "weeks"}, UnknownNameError, "unit must be one of"),
    ("rows", {}, InvalidTypeError, "rows must be an rfm.SummaryTable, or rows with frequency"),
    (7, {}, InvalidTypeError, "rows must be an rfm.SummaryTable, or rows with frequency"),
    ([{"frequency": 1}], {}, InvalidTypeError, r"rows\[0\] must have a recency"),
    ([KNOWN, (2, 30.0, 39.0)], {}, InvalidTypeError, r"rows\[1\] must have a frequency"),
    ({"frequency": [1]}, {}, InvalidTypeError, "rows must have a column 'recency'"),
    (KNOWN, {}, InvalidTypeError, r"rows\.frequency must be a column, such as a list, got 2"),
    ({**KNOWN, "frequency": "2"}, {}, InvalidTypeError, r"rows\.frequency must be a column"),
    ([{**KNOWN, "customer": []}], {}, InvalidTypeError, r"rows\[0\]\.customer must be text or a"),
    ([KNOWN], {"weights": [0]}, InvalidValueError, r"weights\[0\] must be above 0"),
    ([KNOWN], {"weights": 3.5}, InvalidTypeError, "weights must be a column, such as a list"),
    ([KNOWN], {"weights": 2}, InvalidTypeError, "weights must be a column, such as a list, got 2"),
    ([KNOWN], {"weights": [1, 2]}, InvalidValueError, r"len\(weights\) must be that of rows, 1"),
    (
        [{**KNOWN, "age": 20.0}, KNOWN, {**KNOWN, "recency": 39}],
        {},
        InvalidValueError,
        r"rows\[0\].recency must be between 0 and the age \(2 of 3 rows do not\), got 30.43",
    ),
    (
        [{**KNOWN, "customer": i} for i in (1, 2, 1, 2, 3, 1)],
        {},
        InvalidValueError,
        r"rows\[2\].customer must have one row only \(2 do not\), got 1",
    ),
    ([{**KNOWN, "frequency": None}], {}, InvalidTypeError, r"rows\[0\].frequency must be a num"),
    (
        [{"frequency": 0, "recency": 0, "age": 39}] * 5,
        {},
        NotIdentifiedError,
        "must have rows that identify its parameters: nobody bought again",
    ),
]


@pytest.mark.parametrize(("rows", "options", "error", "message"), REFUSED)
def test_rows_that_cannot_be_fitted_are_refused(
    model: Any, rows: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model.fit(rows, **{"unit": "week", **options})


def test_a_summary_has_its_own_unit() -> None:
    summary = rfm.SummaryTable(rows=(), unit="week", until=date(2026, 1, 1))
    with pytest.raises(InvalidValueError, match="unit must be that of the summary, 'week'"):
        BetaGeoNBD.fit(summary, unit="day")


def test_customers_who_are_all_alike_do_not_identify_a_model(model: Any) -> None:
    rows = [{"frequency": 4, "recency": 30.0, "age": 39.0}] * 50
    with pytest.raises(NotIdentifiedError, match=type(model).__name__):
        model.fit(rows, unit="week")


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (BetaGeoNBD, {"r": 0.9, "alpha": 5.0, "a": 0.8, "b": 2.5}),
        (ModifiedBetaGeoNBD, {"r": 1.2, "alpha": 4.0, "a": 0.7, "b": 2.0}),
        (ParetoNBD, {"r": 0.9, "alpha": 5.0, "s": 0.8, "beta": 20.0}),
    ],
)
def test_simulated_customers_lead_back_to_their_model(
    kind: Any, parameters: dict[str, float]
) -> None:
    truth = kind(**parameters, unit="week")
    random = Random(11)
    ages = [random.uniform(20, 80) for _ in range(3000)]
    rows = truth.simulate(3000, age=ages, random=random, horizon=26)
    fit = kind.fit(rows, unit="week")
    for name, value in parameters.items():
        assert abs(getattr(fit.model, name) - value) < 3 * fit.standard_errors[name]
    expected = truth.conditional_expected_purchases(
        horizon=26,
        frequency=[row.frequency for row in rows],
        recency=[row.recency for row in rows],
        age=ages,
    )
    bought = sum(row.holdout_frequency or 0 for row in rows)
    assert bought == pytest.approx(math.fsum(expected), rel=0.08)
    assert {row.holdout_duration for row in rows} == {26.0}


def test_a_simulation_is_the_same_for_the_same_chance(model: Any) -> None:
    one, other = (model.simulate(20, age=timedelta(weeks=39), random=Random(2)) for _ in "ab")
    assert one == other
    assert [row.customer for row in one] == list(range(20))
    assert {row.age for row in one} == {39.0}
    assert {row.holdout_frequency for row in one} == {None}
    assert model.simulate(0, age=39, random=Random(2)) == ()


def test_a_model_of_purchases_says_how_it_forecasts_and_draws() -> None:
    class Bare(PurchaseModel):
        unit = "week"

    assert Bare.__abstractmethods__ == {"_forecasts", "_problem", "_purchases"}
    with pytest.raises(TypeError, match="abstract method"):
        Bare()


def test_a_rate_too_small_for_a_float_buys_nothing() -> None:
    rare = attrs.evolve(PARETO, r=1e-4, s=1e-4)
    assert {row.frequency for row in rare.simulate(20, age=39, random=Random(1))} == {0}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"n": -1}, InvalidValueError, "n must be at least 0"),
        ({"age": [1.0, 2.0]}, InvalidValueError, r"len\(age\) must be n, 3, got 2"),
        ({"age": -1}, InvalidValueError, "age must be at least 0"),
        ({"random": 1}, InvalidTypeError, "random must be a Random"),
        ({"n": 10**12}, InvalidValueError, "n must be at most 1,000,000,000"),
        ({"horizon": "2"}, InvalidTypeError, "horizon must be a number"),
        ({"horizon": [1.0, 2.0]}, InvalidTypeError, "horizon must be one length of time"),
    ],
)
def test_a_simulation_is_checked(
    model: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model.simulate(**{"n": 3, "age": 39, "random": Random(1), **options})
