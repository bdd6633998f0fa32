"""Survival curves, cumulative hazards, log-rank tests and competing causes."""

import json
import math
import pickle
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest

from lifecycle import survival
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)
from lifecycle.metrics.cumulative_hazards import _split
from lifecycle.metrics.survival import (
    cumulative_incidence,
    kaplan_meier,
    log_rank,
    nelson_aalen,
    restricted_mean_difference,
)

NAN, INFINITY = float("nan"), float("inf")
SHOP = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
CALCULATORS: list[Callable[..., Any]] = [kaplan_meier, nelson_aalen, cumulative_incidence]


# What comes in


@pytest.mark.parametrize("calculate", CALCULATORS)
def test_nobody_has_no_curve(calculate: Callable[..., Any]) -> None:
    with pytest.raises(EmptySampleError, match=r"^durations must hold at least one"):
        calculate([], [])


@pytest.mark.parametrize("calculate", CALCULATORS)
@pytest.mark.parametrize("wrong", [-1, -0.5, NAN, INFINITY, Decimal("NaN"), 10**400])
def test_a_duration_is_finite_and_not_negative(calculate: Callable[..., Any], wrong: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^durations\[2\] must be"):
        calculate([1, 2, wrong], [1, 1, 1])
    with pytest.raises(InvalidValueError, match=r"^durations\[2\] must be"):
        calculate([1.5, 2.5, wrong], [1, 1, 1])


@pytest.mark.parametrize("wrong", [True, "3", None, 1j, [1]])
def test_a_duration_is_a_number(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^durations\[1\] must be a number"):
        kaplan_meier([1, wrong], [1, 1])


def test_a_timedelta_is_told_how_to_become_a_number() -> None:
    with pytest.raises(InvalidTypeError, match=r"^durations\[0\] .* length / timedelta\(days=1\)"):
        kaplan_meier([timedelta(days=3)], [1])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(2, InvalidValueError), (-1, InvalidValueError), (0.5, InvalidTypeError)]
    + [(value, InvalidTypeError) for value in ("1", None, NAN, Decimal(1))],
)
def test_a_flag_is_a_truth_value_or_1_or_0(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^observed\[1\] must be True or 1 where the end was seen"):
        kaplan_meier([1, 2], [True, wrong])


def test_a_coding_of_1_and_2_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"^observed\[0\] must be True or 1 .* got 2$"):
        kaplan_meier([5, 6, 7], [2, 1, 2])


def test_swapped_arguments_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"^observed\[0\]"):
        kaplan_meier([1, 0, 1], [5, 6, 7])
    with pytest.raises(InvalidTypeError, match=r"^durations\[0\]"):
        kaplan_meier([True, False, True], [5, 6, 7])


def test_flags_may_be_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    durations, observed = numpy.array([2, 3, 3, 5, 8]), numpy.array([1, 1, 0, 1, 0])
    assert kaplan_meier(durations, list(observed)) == kaplan_meier(durations, observed)
    assert kaplan_meier(durations, observed) == SHOP
    assert kaplan_meier(durations.astype(float), observed == 1) == SHOP
    assert kaplan_meier(durations.astype("float32"), observed.astype("uint8")) == SHOP
    assert repr(kaplan_meier(durations, observed).times) == "(2, 3, 5, 8)"


@pytest.mark.parametrize("unit", ["D", "ns"])
def test_lengths_of_numpy_are_no_numbers(unit: str) -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(InvalidTypeError, match=r"^durations\[0\] must be a number"):
        kaplan_meier(numpy.array([3], dtype=f"timedelta64[{unit}]"), [1])


@pytest.mark.parametrize("calculate", CALCULATORS)
def test_a_row_of_an_array_is_no_number(calculate: Callable[..., Any]) -> None:
    numpy = pytest.importorskip("numpy")
    pairs = numpy.array([[2, 3], [1, 0]])
    with pytest.raises(InvalidTypeError, match=r"^durations\[0\] must be a number"):
        calculate(pairs, [1, 1])
    for flags in (pairs, pairs == 1):
        with pytest.raises(InvalidTypeError, match=r"^(observed|causes)\[0\] must be"):
            calculate([1, 2], flags)


def test_columns_are_no_sets_which_keep_one_of_two_equal_durations() -> None:
    with pytest.raises(InvalidTypeError, match=r"^durations must be a series of values"):
        kaplan_meier({2, 3}, [1, 0])


def test_columns_may_be_generators() -> None:
    assert kaplan_meier((d for d in (2, 3, 3, 5, 8)), (o for o in (1, 1, 0, 1, 0))) == SHOP


@pytest.mark.parametrize("wrong", ["12", {1: 2}, 5, None])
def test_columns_are_series(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^durations must be a series"):
        kaplan_meier(wrong, [1, 0])
    with pytest.raises(InvalidTypeError, match=r"^observed must be a series"):
        kaplan_meier([1, 2], wrong)


@pytest.mark.parametrize("argument", ["observed", "entry", "weights"])
def test_columns_are_equally_long(argument: str) -> None:
    given: dict[str, Any] = {"observed": [1, 1, 0], argument: [0, 0]}
    with pytest.raises(InvalidValueError, match=f"^{argument} must be as many as the durations, 3"):
        kaplan_meier([1, 2, 3], **given)


def test_an_entry_of_0_is_from_the_start_also_of_what_has_no_length() -> None:
    durations, ends = [0, 0, 2, 5], [1, 0, 1, 1]
    assert kaplan_meier(durations, ends, entry=[0] * 4) == kaplan_meier(durations, ends)
    late = kaplan_meier(durations, ends, entry=[0, 0, 1, 0])
    assert (late.times, late.at_risk) == ((0, 2, 5), (3, 2, 1))
    causes = cumulative_incidence(durations, ["x", None, "x", "y"], entry=[0, 0, 1, 0])
    assert causes["x"].at_risk == (3, 2, 1)


def test_an_entry_lies_before_the_end() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^entry\[1\] must be below its duration, 2, got 2"
    ):
        kaplan_meier([1, 2], [1, 1], entry=[0, 2])
    with pytest.raises(InvalidValueError, match=r"^entry\[0\] must be at least 0"):
        kaplan_meier([1, 2], [1, 1], entry=[-1, 0])


@pytest.mark.parametrize("wrong", [0, -1, 0.0, NAN, INFINITY, 1e-200, 1e200, 10**101])
def test_a_weight_is_above_0(wrong: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^weights\[1\] must"):
        kaplan_meier([1, 2], [1, 1], weights=[1, wrong])


@pytest.mark.parametrize("wrong", [True, "1", None])
def test_a_weight_is_a_number(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^weights\[1\] must be a number"):
        kaplan_meier([1, 2], [1, 1], weights=[1, wrong])


# Kaplan-Meier


def test_events_come_before_censorings_at_the_same_time() -> None:
    assert kaplan_meier([4, 4], [True, False]).survival == (0.5,)


def test_every_distinct_time_has_a_row() -> None:
    curve = kaplan_meier([5, 3, 3, 9, 5], [0, 1, 1, 0, 0])
    assert curve.times == (3, 5, 9)
    assert (curve.at_risk, curve.events, curve.censored) == ((5, 3, 1), (2, 0, 0), (0, 2, 1))
    assert curve.survival == (0.6, 0.6, 0.6)


def test_a_duration_of_0_is_allowed() -> None:
    curve = kaplan_meier([0, 0, 4, 5], [1, 0, 1, 0])
    assert curve.times == (0, 4, 5)
    assert curve.at(0) == 0.75


def test_whole_times_stay_whole_and_others_are_floats() -> None:
    assert repr(kaplan_meier([2, 1], [1, 1]).times) == "(1, 2)"
    assert repr(kaplan_meier([2, 1.5, Decimal("0.5")], [1, 1, 1]).times) == "(0.5, 1.5, 2.0)"  # type: ignore[list-item]
    assert repr(kaplan_meier([Fraction(1, 1).numerator], [1]).times) == "(1,)"


def test_without_censoring_the_curve_is_the_share_to_the_last_digit() -> None:
    curve = kaplan_meier(range(1, 50), [1] * 49)
    assert curve.survival == tuple((49 - k) / 49 for k in range(1, 50))


def test_who_comes_late_is_at_risk_after_its_entry_only() -> None:
    curve = kaplan_meier([4, 6, 7, 9], [1, 1, 1, 0], entry=[0, 4, 3, 0])
    assert curve.at_risk == (3, 3, 2, 1)
    assert curve.survival == pytest.approx([2 / 3, 4 / 9, 2 / 9, 2 / 9], rel=1e-15)
    assert curve.n == 4


def test_a_curve_that_fell_to_0_stays_there() -> None:
    curve = kaplan_meier([1, 5, 6], [1, 1, 0], entry=[0, 2, 3])
    assert curve.survival == (0, 0, 0)
    assert curve.standard_error == (None, None, None)
    assert curve.restricted_mean(6).value == 1
    with pytest.raises(InvalidValueError, match=r"^t must be a time after which customers"):
        curve.given(1)


def test_weights_are_frequencies() -> None:
    rows = kaplan_meier([2, 3, 3, 3, 5, 5], [1, 0, 1, 1, 1, 1])
    assert kaplan_meier([2, 3, 3, 5], [1, 0, 1, 1], weights=[1, 1, 2, 2]) == rows
    assert kaplan_meier([2, 3, 3, 5], [1, 0, 1, 1], weights=[1.0, 1, 2.0, Decimal(2)]) == rows  # type: ignore[list-item]


def test_weights_may_be_fractional_and_leave_nobody_exactly() -> None:
    curve = kaplan_meier([2, 3, 3, 5], [1, 1, 1, 1], weights=[0.1, 0.2, 0.3, 0.1])
    assert curve.at_risk == pytest.approx([0.7, 0.6, 0.1])
    assert curve.survival[-1] == 0
    assert curve.standard_error[0] == pytest.approx(math.sqrt(6 / 7 * (1 / 7) / 0.7))
    assert curve.n == pytest.approx(0.7)


def test_very_unequal_weights_stay_apart() -> None:
    curve = kaplan_meier([1, 2, 3], [1, 1, 1], weights=[1e100, 1, 1e-100])
    assert curve.survival == (1e-100, 1e-200, 0)
    assert curve.interval(method="log")[1] is not None
    assert curve.restricted_mean(3).value == 1


def test_the_survival_is_right_continuous() -> None:
    assert (SHOP.at(0), SHOP.at(1.9), SHOP.at(2), SHOP.at(2.5)) == (1, 1, 0.8, 0.8)


def test_beyond_the_last_time_nothing_is_known_unless_nobody_is_left() -> None:
    assert SHOP.at(8) == pytest.approx(0.3)
    assert SHOP.at(8.5) is None
    assert SHOP.interval_at(8.5) is None
    assert kaplan_meier([2, 3], [1, 1]).at(100) == 0


@pytest.mark.parametrize("wrong", [-1, NAN, INFINITY])
def test_a_time_that_is_asked_for_is_a_length(wrong: float) -> None:
    asked: list[Callable[[float], object]] = [
        SHOP.at,
        SHOP.interval_at,
        SHOP.given,
        nelson_aalen([1], [1]).at,
        cumulative_incidence([1], [1])[1].at,
    ]
    for ask in asked:
        with pytest.raises(InvalidValueError, match=r"^t must be"):
            ask(wrong)


# Intervals


def test_no_interval_is_around_a_survival_of_0() -> None:
    curve = kaplan_meier([3, 4], [1, 1])
    for kind in ("plain", "log", "log_log", "logit"):
        assert curve.interval(method=kind)[1] is None


def test_before_the_first_event_two_kinds_have_no_interval() -> None:
    curve = kaplan_meier([3, 4], [0, 1])
    found = {kind: curve.interval(method=kind)[0] for kind in ("plain", "log", "log_log", "logit")}
    assert (found["log_log"], found["logit"]) == (None, None)
    for kind in ("plain", "log"):
        assert (found[kind].low, found[kind].high, found[kind].method) == (1, 1, kind)


def test_an_interval_carries_its_level_and_its_kind() -> None:
    interval = SHOP.interval(level=0.8, method="logit")[0]
    assert interval is not None
    assert (interval.level, interval.method) == (0.8, "logit")
    assert repr(SHOP.median_interval(level=Decimal("0.8")).level) == "0.8"  # type: ignore[arg-type]
    assert SHOP.interval_at(2.5, level=0.8, method="logit") == interval
    assert SHOP.interval_at(1) is None


@pytest.mark.parametrize("ask", [SHOP.interval, lambda method: SHOP.interval_at(3, method=method)])
def test_an_unknown_kind_is_refused(ask: Callable[..., Any]) -> None:
    with pytest.raises(UnknownNameError, match=r"^method must be one of 'plain', 'log', 'log_log'"):
        ask(method="loglog")


@pytest.mark.parametrize("level", [0, 1, 95, NAN])
def test_a_level_is_a_fraction(level: float) -> None:
    for ask in (SHOP.interval, SHOP.median_interval, partial(SHOP.interval_at, 3)):
        with pytest.raises(InvalidValueError, match=r"^level must"):
            ask(level=level)


def test_bounds_of_huge_uncertainty_stay_within_0_and_1() -> None:
    curve = kaplan_meier([1, 2, 3], [1, 1, 0], weights=[1, 1, 1e-90])
    for kind in ("plain", "log", "log_log", "logit"):
        for interval in curve.interval(level=0.999999, method=kind):
            assert interval is not None
            assert 0 <= interval.low <= interval.high <= 1


def test_bounds_far_apart_are_still_those_of_the_formula() -> None:
    curve = kaplan_meier([1, 2], [1, 0], weights=[0.1, 0.1])
    z, error = 3.8905918864131225, math.sqrt(0.1 / (0.2 * 0.1)) * 0.5  # Greenwood's, S is 0.5
    logit, log_log = z * error / 0.25, z * error / (0.5 * math.log(2))
    found = {kind: curve.interval(level=0.9999, method=kind)[0] for kind in ("logit", "log_log")}
    assert logit > 17
    assert found["logit"].low == pytest.approx(1 / (1 + math.exp(logit)), rel=1e-9)
    assert found["logit"].high == pytest.approx(1 / (1 + math.exp(-logit)), rel=1e-9)
    assert found["log_log"].high == pytest.approx(0.5 ** math.exp(-log_log), rel=1e-9)
    assert found["log_log"].low == 0


# Quantiles


def test_a_stretch_on_the_level_is_crossed_in_its_middle() -> None:
    curve = kaplan_meier([1, 2, 3, 7], [1, 1, 1, 1])
    assert curve.median() == 2.5
    assert curve.quantile(0.75) == 5
    assert curve.quantile(0.7) == 3


def test_the_middle_reaches_to_the_next_event_and_not_to_a_censoring() -> None:
    assert kaplan_meier([1, 2, 3, 4, 9, 9], [1, 1, 1, 0, 1, 1]).median() == 6
    assert kaplan_meier([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 1]).median() == 4.5


def test_a_stretch_that_never_falls_is_crossed_at_its_start() -> None:
    assert kaplan_meier([1, 2, 8, 9], [1, 1, 0, 0]).median() == 2


def test_a_level_within_rounding_is_on_the_stretch() -> None:
    curve = kaplan_meier(range(1, 11), [1] * 10)
    assert [curve.quantile(k / 10) for k in (1, 3, 7, 9)] == [1.5, 3.5, 7.5, 9.5]


def test_a_quantile_that_is_not_reached_is_none() -> None:
    assert SHOP.quantile(0.71) is None
    assert kaplan_meier([3, 4], [0, 0]).median() is None


@pytest.mark.parametrize("p", [0, 1, -0.1, 50, NAN])
def test_a_quantile_is_of_a_fraction(p: float) -> None:
    for ask in (SHOP.quantile, SHOP.quantile_interval):
        with pytest.raises(InvalidValueError, match=r"^p must"):
            ask(p)


def test_the_interval_of_a_quantile_is_where_the_bounds_cross() -> None:
    curve = kaplan_meier(range(1, 41), [1] * 40)
    low, high = [], []
    for t, interval in zip(curve.times, curve.interval(level=0.9, method="plain"), strict=True):
        low += [t] if interval is not None and interval.low <= 0.7 else []
        high += [t] if interval is not None and interval.high <= 0.7 else []
    found = curve.quantile_interval(0.3, level=0.9, method="plain")
    assert (found.low, found.high) == (low[0], high[0])
    assert (found.level, found.method) == (0.9, "plain")
    assert eval(repr(found), vars(survival)) == found  # noqa: S307  (our own repr)


# Restricted mean


def test_the_interval_of_a_restricted_mean_stays_between_0_and_the_horizon() -> None:
    late = kaplan_meier([9, 10, 12, 12, 12], [1, 1, 0, 0, 0]).restricted_mean(12)
    plain = late.value + 1.959964 * late.standard_error
    assert plain > 12  # which nobody can stay longer than, of 12
    interval = late.interval()
    assert 0 < interval.low < late.value < interval.high < 12
    assert (late.bounds, interval.method) == ((0, 12), "greenwood_logit")
    assert kaplan_meier([5, 6], [1, 1]).restricted_mean(0).interval().width == 0


def test_the_interval_of_a_difference_of_restricted_means_stays_within_the_horizon() -> None:
    long, short = kaplan_meier([9, 12, 12], [1, 0, 0]), kaplan_meier([1, 1, 12], [1, 1, 0])
    longer = restricted_mean_difference(long, short, tau=12)
    assert longer.value + 1.959964 * longer.standard_error > 12
    for found in (longer, restricted_mean_difference(short, long, tau=12)):
        interval = found.interval()
        assert -12 < interval.low < found.value < interval.high < 12


def test_a_restricted_mean_is_the_area_under_the_curve() -> None:
    found = SHOP.restricted_mean(6)
    assert found.value == pytest.approx(2 + 0.8 + 2 * 0.6 + 0.3)
    after_2, after_3, after_5 = 0.8 + 1.2 + 0.3, 1.2 + 0.3, 0.3
    variance = after_2**2 / 20 + after_3**2 / 12 + after_5**2 / 2
    assert found.standard_error == pytest.approx(math.sqrt(variance))
    assert (found.n, found.method) == (5, "greenwood")


def test_a_horizon_before_the_first_event_is_reached_by_all() -> None:
    found = SHOP.restricted_mean(1.5)
    assert (found.value, found.standard_error) == (1.5, 0)
    assert SHOP.restricted_mean(0).value == 0


def test_the_last_event_adds_nothing_to_the_error() -> None:
    curve = kaplan_meier([1, 3], [1, 1])
    found = curve.restricted_mean(3)
    assert found.value == 2
    assert found.standard_error == pytest.approx(math.sqrt(1 / 2))


@pytest.mark.parametrize("curve", [SHOP, kaplan_meier([2, 8], [1, 1])])
def test_no_horizon_lies_beyond_the_last_time(curve: survival.SurvivalCurve) -> None:
    assert curve.restricted_mean(8).value > 0
    with pytest.raises(InvalidValueError, match=r"^tau must be at most the last time, 8, got 8.5"):
        curve.restricted_mean(8.5)
    with pytest.raises(InvalidValueError, match=r"^tau must be at least 0"):
        curve.restricted_mean(-1)


def test_a_difference_of_restricted_means_is_the_first_less_the_second() -> None:
    other = kaplan_meier([1, 2, 9, 9], [1, 1, 0, 1])
    one, two = SHOP.restricted_mean(7), other.restricted_mean(7)
    found = restricted_mean_difference(SHOP, other, tau=7)
    assert found.value == one.value - two.value
    assert found.standard_error == math.hypot(one.standard_error, two.standard_error)
    assert found.n == 9


def test_only_curves_have_a_difference() -> None:
    with pytest.raises(InvalidTypeError, match=r"^b must be a SurvivalCurve"):
        restricted_mean_difference(SHOP, [1, 2], tau=3)  # type: ignore[arg-type]


# Given survival so far


def test_the_curve_given_survival_is_that_of_who_is_left() -> None:
    curve = kaplan_meier([1, 2, 4, 4, 6, 9], [1, 0, 1, 0, 1, 0])
    assert curve.given(2) == kaplan_meier([2, 2, 4, 7], [1, 0, 1, 0])
    assert curve.given(2).at(3) == pytest.approx(curve.at(5) / curve.at(2))


@pytest.mark.parametrize("t", [8, 9])
def test_nothing_is_given_where_nothing_is_known(t: float) -> None:
    with pytest.raises(InvalidValueError, match=f"^t must be a time after which .* got {t}"):
        SHOP.given(t)


# How a curve shows itself


def test_a_curve_can_be_pasted_back_hashed_and_pickled() -> None:
    for value in (
        SHOP,
        nelson_aalen([1, 2], [1, 0]),
        log_rank(([1, 2], [1, 0]), ([2], [1])),
        cumulative_incidence([1, 2, 2], [1, "b", None]),
    ):
        assert eval(repr(value), vars(survival)) == value  # noqa: S307  (our own repr)
        assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301  (our own pickle)
        assert len({value, value}) == 1


def test_a_curve_is_a_table() -> None:
    assert SHOP.to_rows()[1] == {
        "time": 3,
        "at_risk": 4,
        "events": 1,
        "censored": 1,
        "survival": pytest.approx(0.6),
        "standard_error": pytest.approx(0.21908902300206645),
        "low": pytest.approx(0.125730182994431),
        "high": pytest.approx(0.881756407393532),
    }
    assert SHOP._repr_html_().startswith("<table><caption>Kaplan-Meier: 3 of 5 ended")
    many = kaplan_meier([1, 2], [1, 0], weights=[1234567, 8765433])
    assert str(many).startswith("Kaplan-Meier: 1,234,567 of 10,000,000 ended")
    assert str(kaplan_meier([2], [1])).splitlines()[-1].split() == ["2", "1", "1", "0", "0"]


# Nelson-Aalen


def test_ties_are_summed_or_split() -> None:
    summed = nelson_aalen([3, 3, 3, 4], [1, 1, 1, 0])
    split = nelson_aalen([3, 3, 3, 4], [1, 1, 1, 0], ties="split")
    assert summed.cumulative_hazard[0] == 3 / 4
    assert summed.standard_error[0] == pytest.approx(math.sqrt(3) / 4)
    assert split.cumulative_hazard[0] == pytest.approx(1 / 4 + 1 / 3 + 1 / 2)
    assert split.standard_error[0] == pytest.approx(math.sqrt(1 / 16 + 1 / 9 + 1 / 4))
    assert (summed.ties, split.ties) == ("sum", "split")


def test_a_fraction_of_an_event_is_split_last() -> None:
    hazard = nelson_aalen([3, 4], [1, 0], ties="split", weights=[2.5, 1.5])
    assert hazard.cumulative_hazard[0] == pytest.approx(1 / 4 + 1 / 3 + 0.5 / 2)
    assert hazard.standard_error[0] == pytest.approx(math.sqrt(1 / 16 + 1 / 9 + 0.5 / 4))


@pytest.mark.parametrize(("n", "d"), [(51, 51), (1000, 52), (1234.5, 1200), (9000, 9000)])
def test_many_ties_are_split_as_one_by_one(n: float, d: int) -> None:
    hazard, variance = _split(n, d)
    assert hazard == pytest.approx(math.fsum(1 / (n - j) for j in range(d)), rel=1e-14)
    assert variance == pytest.approx(math.fsum(1 / (n - j) ** 2 for j in range(d)), rel=1e-14)


def test_very_many_ties_are_split_at_once() -> None:
    hazard = nelson_aalen([1, 2], [1, 0], ties="split", weights=[10**90, 10**90])
    assert hazard.cumulative_hazard[0] == pytest.approx(math.log(2), rel=1e-14)


def test_an_unknown_rule_for_ties_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"^ties must be one of 'sum', 'split'"):
        nelson_aalen([1], [1], ties="efron")  # type: ignore[arg-type]


def test_a_hazard_is_known_up_to_the_last_time() -> None:
    hazard = nelson_aalen([2, 4], [1, 0])
    assert [hazard.at(t) for t in (1, 2, 4, 5)] == [0, 0.5, 0.5, None]


def test_intervals_of_a_hazard() -> None:
    hazard = nelson_aalen([1, 2, 3], [0, 1, 0])
    z = 1.959963984540054
    assert hazard.interval()[0] is None
    log, plain = hazard.interval()[1], hazard.interval(method="plain")[1]
    assert log is not None
    assert plain is not None
    assert (log.low, log.high) == pytest.approx((0.5 * math.exp(-z), 0.5 * math.exp(z)))
    assert (plain.low, plain.high) == pytest.approx((0, 0.5 + z * 0.5))
    before = hazard.interval(method="plain")[0]
    assert before is not None
    assert (before.low, before.high, before.method) == (0, 0, "plain")
    with pytest.raises(UnknownNameError, match=r"^method must be one of 'plain', 'log'"):
        hazard.interval(method="log_log")  # type: ignore[arg-type]


# Log-rank


def test_two_groups_or_more_are_compared() -> None:
    for groups in ((), (([1], [1]),)):
        with pytest.raises(InvalidValueError, match=r"^groups must be two or more"):
            log_rank(*groups)


@pytest.mark.parametrize("wrong", [[1, 2, 3], "ab", ([1],), None, {1: 2, 3: 4}])
def test_a_group_is_a_pair(wrong: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^groups\[1\] must be a pair"):
        log_rank(([1], [1]), wrong)


def test_an_error_names_its_group() -> None:
    with pytest.raises(EmptySampleError, match=r"^groups\[1\]\.durations must hold"):
        log_rank(([1], [1]), ([], []))
    with pytest.raises(InvalidValueError, match=r"^groups\[1\]\.durations\[0\] must"):
        log_rank(([1], [1]), ([-1], [1]))
    with pytest.raises(InvalidValueError, match=r"^groups\[0\]\.observed\[0\] must"):
        log_rank(([1], [2]), ([1], [1]))


@pytest.mark.parametrize("rho", [NAN, INFINITY, -10.5])
def test_rho_is_finite_and_not_far_below_0(rho: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^rho must be"):
        log_rank(([1], [1]), ([1], [1]), rho=rho)
    assert log_rank(([1, 2], [1, 1]), ([1], [1]), rho=-10).rho == -10


def test_no_event_says_nothing() -> None:
    found = log_rank(([1, 2], [0, 0]), ([3], [0]))
    assert (found.statistic, found.p_value, found.df) == (None, None, 0)
    assert found.expected == (0, 0)
    assert "no event tells the groups apart" in str(found)


def test_an_event_that_leaves_nobody_says_nothing() -> None:
    found = log_rank(([4, 4], [1, 1]), ([4], [1]))
    assert (found.statistic, found.p_value, found.df) == (None, None, 1)


def test_a_group_that_was_gone_before_the_first_event_counts_for_none() -> None:
    one, other, gone = ([3, 5, 8], [1, 1, 0]), ([4, 6, 9], [1, 0, 1]), ([1, 2], [0, 0])
    with_it, without = log_rank(one, gone, other), log_rank(one, other)
    assert with_it.statistic == pytest.approx(without.statistic)
    assert (with_it.df, with_it.p_value) == (1, pytest.approx(without.p_value))
    assert with_it.n == (3, 2, 3)


def test_two_rows_by_hand() -> None:
    found = log_rank(([1, 3], [1, 1]), ([2, 4], [1, 0]))
    assert found.observed == (2, 1)
    assert found.expected == pytest.approx((1 / 2 + 1 / 3 + 1 / 2, 1 / 2 + 2 / 3 + 1 / 2))
    variance = 1 / 4 + 2 / 9 + 1 / 4
    assert found.variance[0] == pytest.approx((variance, -variance))
    assert found.statistic == pytest.approx((2 - 4 / 3) ** 2 / variance)


def test_a_weight_is_the_survival_just_before() -> None:
    found = log_rank(([1, 3], [1, 1]), ([2, 4], [1, 0]), rho=2)
    assert found.observed == pytest.approx((1 + 0.5**2, 0.75**2))
    assert found.rho == 2


def test_late_events_may_count_for_more() -> None:
    found = log_rank(([1, 3], [1, 1]), ([2, 4], [1, 0]), rho=-1)
    assert found.observed == pytest.approx((1 + 1 / 0.5, 1 / 0.75))


# Competing causes


def test_an_incidence_sums_the_share_of_a_cause() -> None:
    ends = cumulative_incidence([1, 2, 2, 3, 4], ["a", "b", None, "a", 0])
    assert ends.causes == ("a", "b")
    assert ends["a"].incidence == pytest.approx([0.2, 0.2, 0.2 + 0.6 / 2, 0.5])
    assert ends["b"].incidence == pytest.approx([0, 0.2, 0.2, 0.2])
    assert ends.survival == pytest.approx([0.8, 0.6, 0.3, 0.3])
    assert (ends["b"].events, ends.censored) == ((0, 1, 0, 0), (0, 1, 0, 1))


def test_a_single_draw_has_the_error_of_a_share() -> None:
    ends = cumulative_incidence([1, 1, 1, 1], ["a", "a", "a", "b"])
    assert ends["a"].standard_error == (math.sqrt(0.75 * 0.25 / 4),)


def test_causes_are_text_and_whole_numbers_in_order() -> None:
    ends = cumulative_incidence([1, 2, 3, 4], ["b", 10, "a", 9])
    assert ends.causes == (9, 10, "a", "b")
    with pytest.raises(InvalidValueError, match=r"^cause must be one of \(9, 10, 'a', 'b'\)"):
        ends["c"]


def test_the_log_interval_of_a_hazard_of_next_to_nobody_ends_where_floats_do() -> None:
    """One customer of weight w has the hazard 1 and the error sqrt(1 / w)."""
    (interval,) = nelson_aalen([1], [1], weights=[1e-100]).interval()
    assert (interval.low, interval.high) == (pytest.approx(math.exp(-700)), math.exp(700))
    (interval,) = nelson_aalen([1], [1], weights=[0.5]).interval()
    assert interval.high == pytest.approx(math.exp(1.959963984540054 * math.sqrt(2)))


def test_causes_may_be_of_numpy() -> None:
    numpy = pytest.importorskip("numpy")
    causes, expected = numpy.array([2, 0, 1]), cumulative_incidence([1, 2, 3], [2, None, 1])
    assert cumulative_incidence([1, 2, 3], causes) == expected
    assert cumulative_incidence([1, 2, 3], list(causes)) == expected


@pytest.mark.parametrize(
    ("wrong", "error"),
    [(-1, InvalidValueError), ("", InvalidValueError), (" ", InvalidValueError)]
    + [(value, InvalidTypeError) for value in (True, 1.5, NAN, ("a",), [1])],
)
def test_a_cause_is_text_or_a_whole_number(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^causes\[2\] must"):
        cumulative_incidence([1, 2, 3], [None, "a", wrong])


def test_nobody_ended_by_no_cause() -> None:
    ends = cumulative_incidence([1, 2], [None, None])
    assert (ends.causes, ends.survival, ends.to_rows()) == ((), (1, 1), [])


def test_an_incidence_never_passes_1_by_rounding() -> None:
    ends = cumulative_incidence([1, 1, 1, 2, 2, 2, 3, 3, 3, 4], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1])
    assert ends[1].incidence[-1] == 1


def test_an_incidence_is_known_as_long_as_somebody_is_left() -> None:
    open_, closed = cumulative_incidence([1, 2], [1, 0]), cumulative_incidence([1, 2], [1, 2])
    assert [open_[1].at(t) for t in (0, 1, 2, 3)] == [0, 0.5, 0.5, None]
    assert closed[1].at(3) == 0.5


def test_an_incidence_of_0_has_no_interval_but_a_plain_one() -> None:
    curve = cumulative_incidence([1, 2, 3], [2, 1, 0])[1]
    found: list[Any] = [curve.interval(method=k)[0] for k in ("plain", "log", "log_log", "logit")]
    assert (found[0].low, found[0].high) == (0, 0)
    assert found[1:] == [None, None, None]
    with pytest.raises(UnknownNameError, match=r"^method must be one of"):
        curve.interval(method="arcsin")  # type: ignore[arg-type]


def test_all_curves_are_one_table() -> None:
    ends = cumulative_incidence([1, 2, 3], ["a", "b", None])
    assert [row["cause"] for row in ends.to_rows()] == ["a"] * 3 + ["b"] * 3
    assert ends.to_rows()[3:] == ends["b"].to_rows()
    assert "Cumulative incidence by cause" in ends._repr_html_()


def test_a_row_of_a_curve_is_named_by_its_time() -> None:
    for curve in (SHOP, nelson_aalen([2, 3, 5], [1, 0, 1])):
        assert curve.row(3) == curve.row(time=3.0) == curve.rows[1]
        with pytest.raises(InvalidValueError, match=r"^time must be in the table: one of 2, 3, 5"):
            curve.row(4)  # the curve at any time is `at(4)`
    assert SHOP.row(2).survival == SHOP.at(2)


def test_a_row_of_competing_causes_is_named_by_its_cause_and_time() -> None:
    ends = cumulative_incidence([1, 2, 2], ["moved", None, "left"])
    assert ends.row("moved", 2) == ends["moved"].row(2) == ends["moved"].rows[1]
    with pytest.raises(UnknownNameError, match=r"^cause must be one of 'left', 'moved', got 'lef'"):
        ends.row("lef", 2)
    with pytest.raises(InvalidValueError, match=r"^key must name one row, by cause, time; 2 rows"):
        ends.row("moved")
    assert len(ends) == len(list(ends)) == 4


def test_a_row_of_a_test_is_named_by_its_group() -> None:
    found = log_rank(([1, 2], [1, 1]), ([3, 4], [1, 0]))
    assert found.row(2).observed == found.observed[1]
    assert [row.n for row in found] == [2, 2]


@pytest.mark.parametrize(
    "table",
    [
        SHOP,
        kaplan_meier([0.5], [0], weights=[2.5]),
        nelson_aalen([2, 3], [1, 0]),
        cumulative_incidence([1, 2, 2], [1, "b", None]),
        cumulative_incidence([1, 2], ["a", None])["a"],
        cumulative_incidence([1], [None]),
        log_rank(([1, 2], [1, 1]), ([3, 4], [1, 0])),
    ],
)
def test_every_table_of_survival_is_data_that_json_takes(table: Any) -> None:
    data = table.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert len(data["rows"]) == len(table)


def test_options_are_keywords_in_one_order() -> None:
    """By position a start could be taken for ties: both stood third."""
    for call in (
        lambda: kaplan_meier([1, 2], [1, 1], [0, 0]),
        lambda: nelson_aalen([1, 2], [1, 1], "split"),
        lambda: cumulative_incidence([1, 2], [1, 1], [0, 0]),
        lambda: restricted_mean_difference(SHOP, SHOP, 3),
        lambda: SHOP.interval(0.9),
        lambda: SHOP.median_interval(0.9),
        lambda: SHOP.interval_at(3, 0.9),
        lambda: SHOP.quantile_interval(0.5, 0.9),
    ):
        with pytest.raises(TypeError, match=r"positional argument"):
            call()
    starts, weights = [0, 1], [1, 2]
    for curve in (kaplan_meier, nelson_aalen, cumulative_incidence):
        assert curve([2, 3], [1, 1], entry=starts, weights=weights) == curve(
            [2, 3], [1, 1], weights=weights, entry=starts
        )
