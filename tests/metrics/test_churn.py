"""Churn by its denominators, hazards and half-lives."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)
from lifecycle.metrics.retention import Hazard, churn_hazard, churn_rate, half_life
from lifecycle.periods import Period
from lifecycle.rates import Rate, Ratio

MONTH = timedelta(days=30)


def test_each_denominator_has_a_name() -> None:
    counts = {"start": 200, "lost": 30, "new": 51, "lost_of_start": 20}
    assert churn_rate(**counts) == churn_rate(**counts, method="start") == Ratio(30, 200)
    assert churn_rate(**counts, method="start_and_new") == Ratio(30, 251)
    assert churn_rate(**counts, method="midpoint") == Ratio(30, (200 + 221) / 2)
    assert churn_rate(**counts, method="cohort") == Ratio(20, 200)


def test_churn_by_start_may_pass_1() -> None:
    assert churn_rate(start=10, lost=15, new=20).value == 1.5


@pytest.mark.parametrize("method", ["start", "start_and_new", "midpoint"])
def test_nobody_at_risk_has_no_churn(method: Any) -> None:
    assert churn_rate(start=0, lost=0, method=method).value is None


def test_churn_of_an_empty_cohort_has_no_value() -> None:
    assert churn_rate(start=0, lost=3, new=5, lost_of_start=0, method="cohort").value is None


@pytest.mark.parametrize("method", ["start_and_new", "midpoint"])
def test_no_more_can_be_lost_than_there_were(method: Any) -> None:
    assert churn_rate(start=10, lost=12, new=2, method=method).numerator == 12
    with pytest.raises(InvalidValueError, match=r"^lost must be at most start \+ new, 12, got 13"):
        churn_rate(start=10, lost=13, new=2, method=method)


def test_the_cohort_method_needs_those_lost_of_the_start() -> None:
    with pytest.raises(InvalidTypeError, match=r"^lost_of_start must be given for the cohort"):
        churn_rate(start=10, lost=3, method="cohort")


@pytest.mark.parametrize(("start", "lost"), [(3, 10), (10, 3)])
def test_those_lost_of_the_start_were_there_and_were_lost(start: int, lost: int) -> None:
    with pytest.raises(InvalidValueError, match=r"^lost_of_start must be at most start, and at"):
        churn_rate(start=start, lost=lost, lost_of_start=4, method="cohort")


@pytest.mark.parametrize("method", ["start", "start_and_new", "midpoint"])
def test_those_lost_of_the_start_are_checked_also_where_they_are_not_used(method: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^lost_of_start must be at most start, and at"):
        churn_rate(start=5, lost=2, lost_of_start=3, method=method)


@pytest.mark.parametrize("argument", ["start", "lost", "new", "lost_of_start"])
def test_counts_are_numbers_and_not_negative(argument: str) -> None:
    given: dict[str, Any] = {"start": 5, "lost": 1, "lost_of_start": 1, "method": "cohort"}
    for wrong in (True, Decimal(1), "1", None if argument != "lost_of_start" else [1]):
        with pytest.raises(
            InvalidTypeError, match=f"^{argument} must be a whole number or a float"
        ):
            churn_rate(**{**given, argument: wrong})
    for wrong in (float("nan"), float("inf")):
        with pytest.raises(InvalidValueError, match=f"^{argument} must be finite"):
            churn_rate(**{**given, argument: wrong})
    for wrong in (-1, -0.5):
        with pytest.raises(InvalidValueError, match=f"^{argument} must be at least 0, got {wrong}"):
            churn_rate(**{**given, argument: wrong})


def test_counts_may_be_means() -> None:
    """Recurly's August 2014: 71.9 of 1,438 customers lost, 5.0 %."""
    august = churn_rate(start=1438, lost=71.9)
    assert (august.numerator, august.denominator) == (71.9, 1438)
    assert august.value == pytest.approx(0.05)
    halves: dict[str, Any] = {"start": 10.5, "lost": 2.5, "new": 4.0, "lost_of_start": 1.5}
    assert churn_rate(**halves, method="start_and_new").value == pytest.approx(2.5 / 14.5)
    assert churn_rate(**halves, method="midpoint").value == pytest.approx(2.5 / 11.25)
    assert churn_rate(**halves, method="cohort").value == pytest.approx(1.5 / 10.5)


@pytest.mark.parametrize("method", ["start", "start_and_new", "midpoint", "cohort"])
def test_every_method_returns_a_ratio(method: Any) -> None:
    july: dict[str, Any] = {"start": 1000, "lost": 62, "new": 500, "lost_of_start": 50}
    assert type(churn_rate(**july, method=method)) is Ratio


def test_the_parts_of_the_cohort_method_make_a_rate_with_an_interval() -> None:
    found = churn_rate(start=1000, lost=62, lost_of_start=50, method="cohort")
    share = Rate(found.numerator, found.denominator)
    assert share.value == found.value
    assert share.interval() == Rate(50, 1000).interval()


def test_whole_floats_are_counts() -> None:
    assert churn_rate(start=10.0, lost=2.0) == churn_rate(start=10, lost=2)
    assert repr(churn_rate(start=10.0, lost=2.0)) == "Ratio(2, 10)"


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'midpoint'\?"):
        churn_rate(start=1, lost=0, method="mid_point")  # type: ignore[arg-type]


# Hazards


def test_a_hazard_is_losses_by_exposure() -> None:
    hazard = churn_hazard(lost=6, exposure=150 * MONTH, per=MONTH)
    assert hazard.value == pytest.approx(0.04)
    assert hazard.standard_error == pytest.approx(math.sqrt(6) / 150)
    assert (hazard.n, hazard.method) == (6, "poisson")


def test_a_hazard_is_proportional_to_its_unit() -> None:
    daily = churn_hazard(lost=6, exposure=150 * MONTH, per=timedelta(days=1))
    assert daily.value == pytest.approx(0.04 / 30)


def test_a_hazard_without_exposure_has_no_value() -> None:
    hazard = churn_hazard(lost=0, exposure=timedelta(), per=MONTH)
    assert (hazard.value, hazard.standard_error, hazard.interval()) == (None, None, None)


@pytest.mark.parametrize(
    ("lost", "low", "high"),
    [(1, 0.0253, 5.5716), (10, 4.7954, 18.3904), (100, 81.3640, 121.6273)],
)
def test_byar_is_close_to_the_exact_interval(lost: int, low: float, high: float) -> None:
    interval = churn_hazard(lost=lost, exposure=MONTH, per=MONTH).interval()
    assert interval is not None
    assert interval.low == pytest.approx(low, rel=0.15 if lost == 1 else 0.002, abs=0.02)
    assert interval.high == pytest.approx(high, rel=0.005)
    assert interval.method == "byar"


def test_no_loss_has_an_interval_that_begins_at_0() -> None:
    interval = churn_hazard(lost=0, exposure=MONTH, per=MONTH).interval()
    assert interval is not None
    assert interval.low == 0
    assert interval.high == pytest.approx(3.6889, rel=0.01)


def test_the_lower_bound_of_few_losses_stays_at_0_at_extreme_levels() -> None:
    interval = churn_hazard(lost=1, exposure=MONTH, per=MONTH).interval(level=0.9999)
    assert interval is not None
    assert interval.low == 0


def test_hazards_pool() -> None:
    one = churn_hazard(lost=2, exposure=10 * MONTH, per=MONTH)
    other = churn_hazard(lost=1, exposure=30 * MONTH, per=MONTH)
    assert sum([one, other]) == Hazard(lost=3, exposure=40 * MONTH, per=MONTH)
    with pytest.raises(InvalidValueError, match=r"^other\.per must be 30 days, 0:00:00, as here"):
        one + churn_hazard(lost=1, exposure=MONTH, per=timedelta(days=7))


def test_hazards_add_to_nothing_else() -> None:
    hazard = churn_hazard(lost=2, exposure=MONTH, per=MONTH)
    with pytest.raises(TypeError):
        hazard + 1
    with pytest.raises(TypeError):
        1 + hazard


def test_a_hazard_shows_how_it_is_made() -> None:
    shown = repr(churn_hazard(lost=2, exposure=MONTH, per=MONTH))
    assert shown == (
        "Hazard(lost=2, exposure=datetime.timedelta(days=30), per=datetime.timedelta(days=30))"
    )


@pytest.mark.parametrize("argument", ["exposure", "per"])
def test_lengths_are_timedeltas_and_not_negative(argument: str) -> None:
    given: dict[str, Any] = {"lost": 1, "exposure": MONTH, "per": MONTH}
    for wrong in (30, 30.0, None, True):
        with pytest.raises(InvalidTypeError, match=f"^{argument} must be a timedelta"):
            churn_hazard(**{**given, argument: wrong})
    with pytest.raises(InvalidValueError, match=f"^{argument} must be (at least|above) 0, got"):
        churn_hazard(**{**given, argument: -MONTH})


def test_lengths_may_be_periods_without_months() -> None:
    by_period = churn_hazard(lost=1, exposure=Period(days=90), per=Period(days=30))
    assert by_period == churn_hazard(lost=1, exposure=3 * MONTH, per=MONTH)
    with pytest.raises(InvalidValueError, match=r"^per must be a fixed length: a rate per unit"):
        churn_hazard(lost=1, exposure=MONTH, per=Period(months=1))
    with pytest.raises(InvalidValueError, match=r"^exposure must be a fixed length: a sum of"):
        churn_hazard(lost=1, exposure=Period(years=1), per=MONTH)


def test_the_unit_is_not_nothing_and_losses_are_whole() -> None:
    with pytest.raises(InvalidValueError, match=r"^per must be above 0"):
        churn_hazard(lost=1, exposure=MONTH, per=timedelta())
    with pytest.raises(InvalidTypeError, match=r"^lost must be a whole number"):
        churn_hazard(lost=1.5, exposure=MONTH, per=MONTH)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"^lost must be at least 0"):
        churn_hazard(lost=-1, exposure=MONTH, per=MONTH)


# Half-lives


def test_half_of_the_customers_are_left_after_the_half_life() -> None:
    assert half_life(0.5) == pytest.approx(1)
    assert half_life(0.05) == pytest.approx(13.5134, abs=1e-4)
    assert half_life(1e-12) == pytest.approx(math.log(2) * 1e12, rel=1e-9)


def test_without_churn_there_is_no_half_life_and_with_all_it_is_at_once() -> None:
    assert half_life(0) is None
    assert half_life(1) == 0
    assert half_life(Decimal("0.5")) == pytest.approx(1)  # type: ignore[arg-type]


@pytest.mark.parametrize("churn", [-0.1, 1.1, float("nan"), float("inf")])
def test_churn_lies_within_0_and_1(churn: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^churn must"):
        half_life(churn)


@pytest.mark.parametrize("churn", [None, True, "0.5"])
def test_churn_is_a_number(churn: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^churn must be a number"):
        half_life(churn)


def test_counts_are_those_a_float_has() -> None:
    most = 2**53
    assert churn_rate(start=most, lost=most, new=most, method="midpoint").value == 1
    with pytest.raises(InvalidValueError, match=r"^start must be at most 9,007,199,254,740,992"):
        churn_rate(start=most + 1, lost=1)
    with pytest.raises(InvalidValueError, match=r"^lost_of_start must be at most 9,007"):
        churn_rate(start=1, lost=1, lost_of_start=10**400, method="cohort")
    with pytest.raises(InvalidValueError, match=r"^lost must be at most 9,007"):
        churn_hazard(lost=10**400, exposure=MONTH, per=MONTH)


def test_hazards_add_up_to_what_a_timedelta_holds() -> None:
    vast = churn_hazard(lost=1, exposure=timedelta.max, per=MONTH)
    with pytest.raises(InvalidValueError, match=r"^exposure must sum to at most 999,999,999 days"):
        vast + vast


def test_a_half_life_beyond_all_floats_raises() -> None:
    assert half_life(1e-300) > 1e299
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        half_life(5e-324)
