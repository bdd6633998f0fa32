# ruff: noqa: DTZ001  (naive datetimes are half of what is tested)
"""Customer lifetime value."""

import math
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    MixedNumbersError,
    UnknownNameError,
)
from lifecycle.metrics import clv
from lifecycle.rates import Ratio

NAN, INFINITY = float("nan"), float("inf")
NOW, NEXT = "now", "next_period"

# A call of each function, which the tests of bad input vary.
CALLS: dict[Callable[..., Any], dict[str, Any]] = {
    clv.simple: {"annual_profit": 120, "years": 3},
    clv.net: {
        "annual_revenue": 200,
        "years": 3,
        "acquisition_cost": 50,
        "service_cost": 30,
        "annual_service_cost": 10,
    },
    clv.geometric: {
        "margin": 100,
        "retention": 0.8,
        "discount": 0.1,
        "first_margin": NEXT,
        "growth": 0.02,
        "acquisition_cost": 40,
    },
    clv.from_curve: {
        "survival": [1, 0.8, 0.6],
        "margin": 100,
        "discount": 0.1,
        "first_margin": NEXT,
        "acquisition_cost": 40,
    },
    clv.promotion: {
        "contribution": 260,
        "promotion": 50,
        "retention": 0.75,
        "discount": 0.2,
        "periods": 10,
    },
    clv.payback: {
        "margin": 100,
        "acquisition_cost": 150,
        "retention": 0.8,
        "discount": 0.1,
        "first_margin": NEXT,
    },
    clv.to_cac: {"value": 360, "acquisition_cost": 120},
    clv.acquisition_vs_retention: {
        "acquisition_cost": 120,
        "retention_spend": 16,
        "retention": 0.8,
        "baseline": 0.6,
        "extra_value": 5,
    },
    clv.referral_value: {
        "referrals": 1.5,
        "value": 200,
        "acquisition_cost": 40,
        "reward": 20,
        "would_join_anyway": 0.25,
    },
    clv.viral_coefficient: {"invites": 5, "conversion": 0.25, "customers": 2},
    clv.earned_growth: {"net_retention": 0.85, "earned_new": 0.25, "bought_new": 0.2},
}
SIGNED = {"annual_profit", "annual_revenue", "margin", "contribution", "value", "extra_value"}
COSTS = {"acquisition_cost", "service_cost", "annual_service_cost", "promotion", "reward"}
COSTS |= {"retention_spend"}
SHARES = {"retention", "baseline", "would_join_anyway", "conversion"}


def arguments(wanted: Callable[[str], bool]) -> list[Any]:
    """Give each function with each of its arguments that is wanted."""
    return [
        pytest.param(function, argument, id=f"{function.__name__}-{argument}")
        for function, call in CALLS.items()
        for argument in call
        if wanted(argument)
    ]


NUMBERS = arguments(lambda name: name not in {"first_margin", "survival"})
NOT_NEGATIVE = arguments(lambda name: name not in {"first_margin", "survival", "growth"} | SIGNED)
MONEY = arguments(lambda name: name in SIGNED)


def called(function: Callable[..., Any], **changed: Any) -> Any:
    return function(**{**CALLS[function], **changed})


# What holds of all


@pytest.mark.parametrize(("function", "argument"), NUMBERS)
@pytest.mark.parametrize("given", [NAN, INFINITY, -INFINITY, True, "1", {}, Decimal("NaN")])
def test_every_number_is_finite_and_none_is_a_truth_value(
    function: Callable[..., Any], argument: str, given: Any
) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=rf"^{argument} must "):
        called(function, **{argument: given})


@pytest.mark.parametrize(("function", "argument"), NOT_NEGATIVE)
def test_what_cannot_be_negative_raises(function: Callable[..., Any], argument: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{argument} must .* got -1$"):
        called(function, **{argument: -1})


@pytest.mark.parametrize(("function", "argument"), arguments(lambda name: name in SHARES))
def test_shares_are_1_at_most(function: Callable[..., Any], argument: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{argument} must be between 0 and 1, got 80"):
        called(function, **{argument: 80})


@pytest.mark.parametrize(("function", "argument"), MONEY)
def test_decimals_beside_floats_raise_and_name_both(
    function: Callable[..., Any], argument: str
) -> None:
    others = [name for name in CALLS[function] if name in SIGNED | COSTS and name != argument]
    for other in others:
        with pytest.raises(MixedNumbersError, match=r"must be of one kind.*Decimal\(str\(x\)\)"):
            called(function, **{argument: Decimal(100), other: 50.5})


def exact(argument: str, value: Any) -> Any:
    """Give an amount as a Decimal, and leave rates, shares and words as they are."""
    return Decimal(str(value)) if argument in SIGNED | COSTS else value


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_decimals_in_give_decimals_out_that_agree_with_floats(
    function: Callable[..., Any],
) -> None:
    call = {argument: exact(argument, value) for argument, value in CALLS[function].items()}
    found, expected = function(**call), called(function)
    if isinstance(expected, clv.Tradeoff):
        found, expected = found.gain, expected.gain
    if isinstance(expected, Ratio):
        found, expected = found.value, expected.value
    if function in {clv.payback, clv.viral_coefficient, clv.earned_growth}:
        assert found == expected
    else:
        assert isinstance(found, Decimal)
        assert float(found) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("function", CALLS, ids=lambda function: function.__name__)
def test_arguments_have_names(function: Callable[..., Any]) -> None:
    if function is clv.to_cac:
        assert clv.to_cac(360, 120).value == 3
    else:
        with pytest.raises(TypeError, match=r"positional argument"):
            function(*CALLS[function].values())


# Simple and net


def test_the_simple_value_is_profit_times_years() -> None:
    assert clv.simple(annual_profit=120, years=3) == 360
    assert clv.simple(annual_profit=-120, years=0.5) == -60
    assert repr(clv.simple(annual_profit=Decimal("19.90"), years=3)) == "Decimal('59.70')"
    assert clv.simple(annual_profit=Decimal("0.10"), years=0.1) == Decimal("0.01")


def test_the_net_value_takes_off_acquiring_and_serving() -> None:
    assert clv.net(annual_revenue=200, years=3, acquisition_cost=50, service_cost=30) == 520
    assert clv.net(annual_revenue=200, years=3, annual_service_cost=30) == 510
    assert clv.net(annual_revenue=200, years=3) == clv.simple(annual_profit=200, years=3)
    assert clv.net(annual_revenue=10, years=1, acquisition_cost=50) == -40


# Geometric


@pytest.mark.parametrize(("discount", "multiple"), [(0.1, 4.5), (0.16, 3.46)])
def test_the_multiples_are_those_of_gupta_and_lehmann(discount: float, multiple: float) -> None:
    found = clv.geometric(margin=1, retention=0.9, discount=discount, first_margin=NEXT)
    assert round(found, 2) == multiple


def test_the_first_margin_is_paid_now_or_next_period() -> None:
    terms = {"margin": 100, "retention": 0.8, "discount": 0.1}
    assert clv.geometric(**terms, first_margin=NEXT) == pytest.approx(800 / 3)
    assert clv.geometric(**terms, first_margin=NOW) == pytest.approx(1100 / 3)


def test_a_horizon_counts_margins() -> None:
    terms = {"margin": 100, "retention": 0.8, "discount": 0.1}
    for n in range(12):
        later = sum(100 * (0.8 / 1.1) ** k for k in range(1, n + 1))
        assert clv.geometric(**terms, first_margin=NEXT, periods=n) == pytest.approx(later)
        now = sum(100 * (0.8 / 1.1) ** k for k in range(n))
        assert clv.geometric(**terms, first_margin=NOW, periods=n) == pytest.approx(now)


def test_growth_multiplies_every_margin_after_the_first() -> None:
    terms = {"margin": 100, "retention": 0.8, "discount": 0.1, "growth": 0.05}
    later = sum(100 * 1.05 ** (k - 1) * (0.8 / 1.1) ** k for k in range(1, 6))
    assert clv.geometric(**terms, first_margin=NEXT, periods=5) == pytest.approx(later)
    now = sum(100 * 1.05**k * (0.8 / 1.1) ** k for k in range(5))
    assert clv.geometric(**terms, first_margin=NOW, periods=5) == pytest.approx(now)
    endless = 100 * 0.8 / (1 + 0.1 - 0.8 * 1.05)
    assert clv.geometric(**terms, first_margin=NEXT) == pytest.approx(endless)
    only = clv.geometric(**{**terms, "growth": -1}, first_margin=NEXT)
    assert only == pytest.approx(100 * 0.8 / 1.1)


def test_the_acquisition_cost_is_taken_off_undiscounted() -> None:
    terms = {"margin": 100, "retention": 0.8, "discount": 0.1, "first_margin": NEXT}
    assert clv.geometric(**terms, acquisition_cost=40) == pytest.approx(800 / 3 - 40)


def test_a_customer_who_stays_for_ever_needs_a_discount_or_a_horizon() -> None:
    terms = {"margin": 100, "retention": 1, "first_margin": NEXT}
    assert clv.geometric(**terms, discount=0.1) == pytest.approx(1000)
    assert clv.geometric(**terms, discount=0, periods=7) == 700
    with pytest.raises(InvalidValueError, match=r"^periods must be given where retention"):
        clv.geometric(**terms, discount=0)


@pytest.mark.parametrize(
    ("retention", "discount", "growth"), [(1, 0, 0), (0.96, 0.2, 0.25), (0.8, 0, 0.25), (1, 0.1, 2)]
)
@pytest.mark.parametrize("kind", [float, Decimal])
def test_a_sum_without_end_raises(
    retention: float, discount: float, growth: float, kind: type
) -> None:
    terms = {"retention": retention, "discount": discount, "growth": growth}
    with pytest.raises(InvalidValueError, match=r"^periods must be given where retention"):
        clv.geometric(margin=kind(1), **terms, first_margin=NOW)
    assert clv.geometric(margin=kind(1), **terms, first_margin=NOW, periods=2) > 1


def test_a_sum_without_end_raises_where_q_is_rounded_to_less_than_1() -> None:
    terms = {"retention": 0.9, "discount": 0.9165639830439403, "growth": 1.129515536715489}
    with pytest.raises(InvalidValueError, match=r"^periods must be given where retention"):
        clv.geometric(margin=1.0, **terms, first_margin=NOW)


def test_a_customer_who_never_stays_pays_once_or_not_at_all() -> None:
    for kind in (float, Decimal):
        terms = {"margin": kind(100), "retention": 0, "discount": 0.1}
        assert clv.geometric(**terms, first_margin=NOW) == 100
        assert clv.geometric(**terms, first_margin=NEXT) == 0
        assert clv.geometric(**terms, first_margin=NOW, periods=3) == 100


def test_nothing_cancels_where_the_sum_is_nearly_endless() -> None:
    terms = {"margin": 1, "retention": 1, "first_margin": NEXT}
    assert clv.geometric(**terms, discount=1e-12) == pytest.approx(1e12, rel=1e-9)
    assert clv.geometric(**terms, discount=1e-12, periods=10) == pytest.approx(10, rel=1e-11)


def test_a_long_horizon_costs_no_time() -> None:
    terms = {"margin": 100, "retention": 0.999, "discount": 0.001, "first_margin": NOW}
    assert clv.geometric(**terms, periods=10**12) == pytest.approx(clv.geometric(**terms))


def test_horizons_are_whole_and_not_negative() -> None:
    for horizon in (1.5, True, "5", NAN):
        with pytest.raises(InvalidTypeError, match=r"^periods must be a whole number"):
            called(clv.geometric, periods=horizon)
    with pytest.raises(InvalidValueError, match=r"^periods must be at least 0, got -1$"):
        called(clv.geometric, periods=-1)


def test_growth_loses_all_of_a_margin_at_most() -> None:
    with pytest.raises(InvalidValueError, match=r"^growth must be at least -1, got -1.1$"):
        called(clv.geometric, growth=-1.1)


@pytest.mark.parametrize("function", [clv.geometric, clv.from_curve, clv.payback])
def test_the_first_margin_is_named(function: Callable[..., Any]) -> None:
    expected = r"^first_margin must be one of 'now', 'next_period', got 'next_year'; did you mean"
    with pytest.raises(UnknownNameError, match=expected):
        called(function, first_margin="next_year")


def test_a_discount_of_another_period_is_brought_to_the_period_first() -> None:
    yearly = clv.Discount(0.1, per="year")
    expected = (
        r"^discount must be a rate per period, or come .*such as period='month', got Discount"
    )
    with pytest.raises(InvalidTypeError, match=expected):
        called(clv.geometric, discount=yearly)
    assert called(clv.geometric, discount=yearly.for_period("month")) > called(clv.geometric)


@pytest.mark.parametrize("value", [clv.geometric, clv.from_curve, clv.promotion, clv.payback])
def test_a_discount_is_taken_with_the_period_at_hand(value: Any) -> None:
    """0.1 a year is 1.1^(1/4) - 1 a quarter."""
    terms = {"survival": [1, 0.6, 0.45]} if value is clv.from_curve else {}
    yearly = clv.Discount(0.1, per="year")
    found = called(value, **terms, discount=yearly, period="quarter")
    assert found == pytest.approx(called(value, **terms, discount=1.1**0.25 - 1), rel=1e-12)
    assert called(value, **terms, period="quarter") == called(value, **terms)
    with pytest.raises(InvalidTypeError, match=r"^discount must be a rate per period, or come"):
        called(value, **terms, discount=yearly)
    with pytest.raises(UnknownNameError, match=r"^period must be one of 'year', 'quarter', 'mon"):
        called(value, **terms, discount=yearly, period="quarters")


# From a curve


def test_a_curve_weighs_the_margins_of_each_period() -> None:
    curve = [1, 0.6, 0.45, 0.4]
    now = sum(100 * s / 1.1**k for k, s in enumerate(curve))
    terms = {"survival": curve, "discount": 0.1, "acquisition_cost": 0}
    assert called(clv.from_curve, **terms, first_margin=NOW) == pytest.approx(now)
    assert called(clv.from_curve, **terms) == pytest.approx(now - 100)


def test_margins_may_differ_by_period() -> None:
    later = 90 * 0.6 / 1.1 + 100 * 0.45 / 1.1**2
    terms = {"survival": iter([1, 0.6, 0.45]), "margin": iter([90, 100]), "acquisition_cost": 7}
    assert called(clv.from_curve, **terms) == pytest.approx(later - 7)
    terms = {"survival": [1, 0.6], "margin": [90, 100], "acquisition_cost": 0}
    found = called(clv.from_curve, **terms, first_margin=NOW)
    assert found == pytest.approx(90 + 100 * 0.6 / 1.1)


@pytest.mark.parametrize(("first_margin", "paid"), [(NOW, 3), (NEXT, 2)])
def test_there_is_a_margin_for_each_that_is_paid(first_margin: str, paid: int) -> None:
    terms = {"survival": [1, 0.6, 0.45], "first_margin": first_margin}
    expected = rf"^margin must hold the {paid} margins that are paid, got 1$"
    with pytest.raises(InvalidValueError, match=expected):
        called(clv.from_curve, **terms, margin=[90])


def test_a_curve_of_one_value_has_a_margin_now_and_none_later() -> None:
    terms = {"survival": [1], "acquisition_cost": 0}
    assert called(clv.from_curve, **terms, first_margin=NOW) == 100
    assert called(clv.from_curve, **terms) == 0
    assert repr(called(clv.from_curve, **terms, margin=Decimal(5))) == "Decimal('0')"


def test_a_curve_may_rise_when_customers_come_back() -> None:
    terms = {"survival": [1, 0.4, 0.5], "discount": 0, "acquisition_cost": 0}
    assert called(clv.from_curve, **terms) == 90


def test_a_curve_begins_with_everybody() -> None:
    with pytest.raises(EmptySampleError, match=r"^survival must hold at least one observation"):
        called(clv.from_curve, survival=[])
    with pytest.raises(InvalidValueError, match=r"^survival\[0\] must be 1, got 0.8$"):
        called(clv.from_curve, survival=[0.8, 0.6])


def test_bad_values_of_curves_and_margins_are_named() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^survival\[2\] must be between 0 and 1, got 1.1$"
    ):
        called(clv.from_curve, survival=[1, 0.8, 1.1])
    with pytest.raises(InvalidTypeError, match=r"^survival\[1\] must be a number"):
        called(clv.from_curve, survival=[1, True])
    with pytest.raises(InvalidValueError, match=r"^margin\[1\] must be finite, got nan; leave"):
        called(clv.from_curve, margin=[100, NAN])
    with pytest.raises(
        MixedNumbersError, match=r"^margin\[0\] and margin\[1\] must be of one kind"
    ):
        called(clv.from_curve, margin=[0.5, Decimal(1)])


def test_curves_of_decimals_stay_exact() -> None:
    terms = {"survival": [1, 0.5], "margin": [Decimal("19.90")], "acquisition_cost": Decimal(0)}
    assert called(clv.from_curve, **terms, discount=0) == Decimal("9.95")


# Promotion


def test_the_worked_example_of_berger_and_nasr() -> None:
    assert round(called(clv.promotion), 2) == 568.78


def test_promotions_fall_in_the_middle_of_each_period() -> None:
    earned = sum(260 * (0.75 / 1.2) ** i for i in range(4))
    spent = sum(50 * 0.75 ** (i - 1) / 1.2 ** (i - 0.5) for i in range(1, 4))
    assert called(clv.promotion, periods=3) == pytest.approx(earned - spent)
    assert called(clv.promotion, periods=0) == 260


# Historic


def test_payments_are_brought_to_one_day() -> None:
    paid = [(date(2024, 3, 1), 80), (date(2025, 3, 1), 120)]
    expected = 80 * 1.1 ** (730 / 365.2425) + 120 * 1.1 ** (365 / 365.2425)
    until = date(2026, 3, 1)
    assert clv.historic(paid, until=until, discount=0.1) == pytest.approx(expected)
    yearly = clv.Discount(0.1, per="year")
    assert clv.historic(iter(paid), until=until, discount=yearly) == pytest.approx(expected)


@pytest.mark.parametrize("unit", ["day", "week", "month", "quarter"])
def test_any_discount_is_brought_to_days(unit: str) -> None:
    paid, until = [(date(2024, 3, 1), 80)], date(2026, 3, 1)
    yearly = clv.Discount(0.1, per="year")
    other = clv.Discount(yearly.for_period(unit), per=unit)
    found = clv.historic(paid, until=until, discount=other)
    assert found == pytest.approx(clv.historic(paid, until=until, discount=yearly))


def test_without_discount_payments_are_summed() -> None:
    paid = [(date(2024, 3, 1), Decimal("80.10")), (date(2025, 3, 1), Decimal("-19.90"))]
    total = clv.historic(paid, until=date(2026, 3, 1))
    assert repr(total) == "Decimal('60.20')"
    assert clv.historic([], until=date(2026, 3, 1)) == 0


def test_parts_of_days_count() -> None:
    half = [(datetime(2026, 3, 1), 100)]
    found = clv.historic(half, until=datetime(2026, 3, 1, 12), discount=clv.Discount(1, per="day"))
    assert found == pytest.approx(100 * math.sqrt(2))


def test_days_are_those_that_passed() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    paid = [(datetime(2026, 3, 29, tzinfo=berlin), 100)]  # the clocks went forward
    until = datetime(2026, 3, 30, tzinfo=berlin)
    found = clv.historic(paid, until=until, discount=clv.Discount(1, per="day"))
    assert found == pytest.approx(100 * 2 ** (23 / 24))


def test_a_payment_on_the_day_is_not_later() -> None:
    until = date(2026, 3, 1)
    assert clv.historic([(until, 5)], until=until, discount=0.1) == 5
    expected = r"^payments\[1\]\.at must not be after until, 2026-03-01, got "
    with pytest.raises(InvalidValueError, match=expected):
        clv.historic([(until, 5), (date(2026, 3, 2), 5)], until=until)


def test_a_date_as_the_end_is_its_whole_day() -> None:
    noon = datetime(2026, 3, 31, 10)
    assert clv.historic([(noon, 10.0)], until=date(2026, 3, 31)) == 10.0
    for late in (datetime(2026, 4, 1), date(2026, 4, 1)):
        with pytest.raises(InvalidValueError, match=r"^payments\[1\]\.at must not be after until"):
            clv.historic([(noon, 10.0), (late, 1.0)], until=date(2026, 3, 31))


LAST = datetime(2026, 3, 1, 23, 59, 59, 999_999)


@pytest.mark.parametrize(
    ("at", "days"),
    [
        (date(2025, 3, 1), 365),
        (date(2026, 3, 1), 0),
        (datetime(2026, 3, 1, 12), 0.5),
        (datetime(2025, 3, 1, 12), 365.5),
    ],
)
def test_a_day_counts_whole_days_and_an_instant_the_time_that_passed(at: Any, days: float) -> None:
    """At 10 % a day, so that a day more or less is seen; a microsecond is not."""
    discount = clv.Discount(0.1, per="day")
    for until in (date(2026, 3, 1), LAST):
        found = clv.historic([(at, 1)], until=until, discount=discount)
        assert found == pytest.approx(1.1**days, rel=1e-11)


def test_the_day_of_an_end_is_that_of_the_zone() -> None:
    """In Berlin, 31 March 2026 ends at 22:00 UTC."""
    paid = [(datetime(2026, 3, 31, 22, tzinfo=UTC), 10)]
    assert clv.historic(paid, until=date(2026, 3, 31)) == 10
    with pytest.raises(InvalidValueError, match=r"^payments\[0\]\.at must not be after until"):
        clv.historic(paid, until=date(2026, 3, 31), zone="Europe/Berlin")


def test_bad_payments_are_named() -> None:
    until = datetime(2026, 3, 1, tzinfo=UTC)
    with pytest.raises(InvalidTypeError, match=r"^payments\[0\] must be \(at, amount\)"):
        clv.historic([5], until=until)
    with pytest.raises(MixedInstantsError, match=r"^payments\[0\]\.at and until must both"):
        clv.historic([(datetime(2026, 2, 1), 5)], until=until)
    with pytest.raises(InvalidValueError, match=r"^payments\[0\]\.amount must be finite"):
        clv.historic([(until, NAN)], until=until)
    with pytest.raises(
        MixedNumbersError, match=r"^payments\[0\]\.amount and payments\[1\]\.amount"
    ):
        clv.historic([(until, 0.5), (until, Decimal(1))], until=until)
    with pytest.raises(InvalidTypeError, match=r"^until must be a datetime or a date"):
        clv.historic([], until="2026-03-01")
    with pytest.raises(InvalidValueError, match=r"^discount must be at least 0, got -0.1$"):
        clv.historic([], until=until, discount=-0.1)


def test_the_order_of_payments_does_not_matter() -> None:
    paid = [(date(2020, 1, 1) + timedelta(days=37 * i), 10.1 * i) for i in range(60)]
    exactly = [(day, Decimal(str(amount))) for day, amount in paid]
    terms = {"until": date(2026, 3, 1), "discount": 0.1}
    assert clv.historic(paid, **terms) == clv.historic(paid[::-1], **terms)
    assert clv.historic(exactly, **terms) == clv.historic(exactly[::-1], **terms)


# Discount


def test_a_rate_compounds_over_periods() -> None:
    yearly = clv.Discount(0.1, per="year")
    assert yearly.for_period("month") == pytest.approx(1.1 ** (1 / 12) - 1)
    assert yearly.for_period("quarter") == pytest.approx(1.1**0.25 - 1)
    assert yearly.for_period("day") == pytest.approx(1.1 ** (1 / 365.2425) - 1)
    assert yearly.for_period("week") == pytest.approx(1.1 ** (7 / 365.2425) - 1)
    assert yearly.for_period("year") == pytest.approx(0.1, rel=1e-15)
    assert clv.Discount(0.01, per="month").for_period("year") == pytest.approx(1.01**12 - 1)


def test_a_decimal_rate_stays_one() -> None:
    monthly = clv.Discount(Decimal("0.1"), per="year").for_period("month")
    assert isinstance(monthly, Decimal)
    assert float(monthly) == pytest.approx(1.1 ** (1 / 12) - 1)
    assert (
        clv.Discount(Decimal("0.01"), per="month").for_period("year") == Decimal("1.01") ** 12 - 1
    )


def test_a_small_rate_loses_no_digits() -> None:
    assert clv.Discount(1e-14, per="year").for_period("day") == pytest.approx(1e-14 / 365.2425)


def test_a_rate_that_compounds_beyond_all_floats_raises() -> None:
    expected = r"^rate must compound over 365 periods to what a float holds, got 9$"
    with pytest.raises(InvalidValueError, match=expected):
        clv.Discount(9, per="day").for_period("year")


def test_a_discount_is_a_value() -> None:
    yearly = clv.Discount(0.1, per="year")
    assert repr(yearly) == "Discount(0.1, per='year')"
    assert pickle.loads(pickle.dumps(yearly)) == yearly  # noqa: S301
    assert {yearly: 1}[clv.Discount(0.1, per="year")] == 1


def test_a_discount_is_checked() -> None:
    with pytest.raises(InvalidValueError, match=r"^rate must be at least 0, got -0.1$"):
        clv.Discount(-0.1, per="year")
    with pytest.raises(InvalidTypeError, match=r"^rate must be a number"):
        clv.Discount("10 %", per="year")
    with pytest.raises(UnknownNameError, match=r"^per must be one of 'year', 'quarter', 'month'"):
        clv.Discount(0.1, per="hour")
    with pytest.raises(UnknownNameError, match=r"^unit must be .*did you mean 'month'"):
        clv.Discount(0.1, per="year").for_period("months")


# Payback


def test_payback_is_where_the_margins_reach_the_cost() -> None:
    q, first = 0.8 / 1.1, 100 * 0.8 / 1.1
    n = called(clv.payback)
    assert first * (1 - q**n) / (1 - q) == pytest.approx(150)
    cost = clv.geometric(margin=100, retention=0.8, discount=0.1, first_margin=NOW, periods=3)
    assert called(clv.payback, acquisition_cost=cost, first_margin=NOW) == pytest.approx(3)


def test_without_churn_and_discount_payback_is_cost_by_margin() -> None:
    terms = {"margin": 40, "acquisition_cost": 100, "retention": 1}
    assert clv.payback(**terms, first_margin=NOW) == 2.5
    assert clv.payback(**terms, first_margin=NEXT) == 2.5


def test_what_costs_nothing_is_paid_back_at_once() -> None:
    assert called(clv.payback, acquisition_cost=0) == 0
    assert called(clv.payback, acquisition_cost=0, margin=-1) == 0


def test_payback_is_none_when_never() -> None:
    assert called(clv.payback, acquisition_cost=300) is None
    assert called(clv.payback, margin=0) is None
    assert called(clv.payback, margin=-5) is None
    assert called(clv.payback, retention=0) is None
    endless = clv.geometric(margin=1, retention=0.5, discount=0, first_margin=NOW)
    terms = {"margin": 1, "retention": 0.5, "discount": 0, "first_margin": NOW}
    assert clv.payback(**terms, acquisition_cost=endless) is None


def test_a_customer_who_pays_once_pays_back_with_that() -> None:
    terms = {"margin": 100, "retention": 0, "first_margin": NOW}
    assert clv.payback(**terms, acquisition_cost=100) == 1
    assert clv.payback(**terms, acquisition_cost=30) == 1
    assert clv.payback(**terms, acquisition_cost=101) is None


def test_payback_loses_no_digits_where_little_is_lost() -> None:
    found = called(clv.payback, retention=1, discount=1e-15)
    assert found == pytest.approx(1.5, rel=1e-12)


# Ratios and sums


def test_value_to_acquisition_cost_is_a_ratio() -> None:
    assert clv.to_cac(360, 120) == Ratio(360.0, 120.0)
    assert clv.to_cac(360, 0).value is None
    assert sum([clv.to_cac(360, 120), clv.to_cac(100, 80)]).value == 2.3
    assert clv.to_cac(Decimal(-50), 100).value == Decimal("-0.5")


def test_equity_is_the_sum_of_values() -> None:
    assert clv.equity([100, 200.5, -50]) == 250.5
    assert clv.equity([0.1] * 10) == 1
    assert repr(clv.equity(iter([Decimal("0.10"), Decimal("0.20"), 1]))) == "Decimal('1.30')"
    assert clv.equity([]) == 0


def test_bad_values_of_equity_are_named() -> None:
    with pytest.raises(InvalidValueError, match=r"^values\[1\] must be finite, got nan; leave"):
        clv.equity([1, NAN])
    with pytest.raises(
        MixedNumbersError, match=r"^values\[0\] and values\[1\] must be of one kind"
    ):
        clv.equity([1.5, Decimal(1)])
    with pytest.raises(InvalidTypeError, match=r"^values must be a series of values"):
        clv.equity({"ann": 100})


def test_the_order_of_values_does_not_matter() -> None:
    large, small = Decimal("1e30"), [Decimal("0.01")] * 3
    assert clv.equity([large, *small]) == clv.equity([*small, large])
    assert clv.equity([1e16, 1.0, 1.0]) == clv.equity([1.0, 1.0, 1e16]) == 1e16 + 2


# Acquisition and retention


def test_average_costs_compare_all_who_stay() -> None:
    found = called(clv.acquisition_vs_retention, baseline=0, extra_value=0)
    assert found.cost_to_keep.value == 20
    assert found.cost_ratio.value == 6
    assert (found.kept, found.break_even, found.gain) == (0.8, 96, 80)


def test_only_those_who_would_have_left_are_kept_by_the_spend() -> None:
    found = called(clv.acquisition_vs_retention)
    assert found.kept == pytest.approx(0.2)
    assert found.cost_to_keep.value == pytest.approx(80)
    assert found.cost_ratio.value == pytest.approx(1.5)
    assert found.break_even == pytest.approx(25)
    assert found.gain == pytest.approx(9)


def test_at_the_break_even_spend_keeping_costs_what_winning_costs() -> None:
    spend = called(clv.acquisition_vs_retention, extra_value=0).break_even
    found = called(clv.acquisition_vs_retention, extra_value=0, retention_spend=spend)
    assert found.cost_to_keep.value == pytest.approx(120)
    assert found.cost_ratio.value == pytest.approx(1)
    assert found.gain == 0


def test_costs_without_a_denominator_are_none() -> None:
    found = called(clv.acquisition_vs_retention, baseline=0.8)
    assert (found.cost_to_keep.value, found.cost_ratio.value, found.gain) == (None, 0, -16)
    found = called(clv.acquisition_vs_retention, retention_spend=0)
    assert (found.cost_to_keep.value, found.cost_ratio.value) == (0, None)


def test_a_kept_customer_is_worth_a_new_one_unless_told() -> None:
    terms = {**CALLS[clv.acquisition_vs_retention], "extra_value": 0}
    told = clv.acquisition_vs_retention(**terms)
    del terms["extra_value"]
    assert clv.acquisition_vs_retention(**terms) == told


def test_spending_keeps_nobody_away() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^baseline must be at most retention, 0.8, got 0.9"
    ):
        called(clv.acquisition_vs_retention, baseline=0.9)


# Referrals


def test_referrals_bring_value_and_save_costs() -> None:
    assert called(clv.referral_value) == 1.5 * (0.75 * 200 + 40 - 20)
    assert clv.referral_value(referrals=2, value=200) == 400
    assert called(clv.referral_value, value=0, reward=60) < 0
    assert called(clv.referral_value, would_join_anyway=1) == 1.5 * 20
    assert called(clv.referral_value, referrals=0) == 0


def test_the_viral_coefficient_is_invites_times_conversion() -> None:
    assert clv.viral_coefficient(invites=5, conversion=0.25).value == 1.25
    groups = [
        clv.viral_coefficient(invites=600, conversion=0.25, customers=400),
        clv.viral_coefficient(invites=100, conversion=0.5, customers=100),
    ]
    assert sum(groups) == Ratio(200.0, 500.0)
    assert clv.viral_coefficient(invites=0, conversion=0.5, customers=0).value is None


# Earned growth


def test_earned_growth_leaves_out_what_was_bought() -> None:
    found = clv.earned_growth(net_retention=0.85, earned_new=0.25, bought_new=0.2)
    assert found.rate == pytest.approx(0.1)
    assert found.growth == pytest.approx(0.3)
    assert found.ratio == pytest.approx(1 / 3)


def test_the_ratio_is_none_where_nothing_grew_or_it_is_not_known() -> None:
    found = clv.earned_growth(net_retention=0.85, earned_new=0.25)
    assert (found.growth, found.ratio) == (None, None)
    found = clv.earned_growth(net_retention=0.5, earned_new=0.25, bought_new=0.25)
    assert (found.rate, found.growth, found.ratio) == (-0.25, 0, None)
    found = clv.earned_growth(net_retention=0.5, earned_new=0.25, bought_new=0.125)
    assert (found.growth, found.ratio) == (-0.125, None)


def test_earned_growth_of_decimals_is_exact() -> None:
    shares = [Decimal("0.85"), Decimal("0.25"), Decimal("0.20")]
    terms = zip(("net_retention", "earned_new", "bought_new"), shares, strict=True)
    found = clv.earned_growth(**dict(terms))
    assert (found.rate, found.growth) == (Decimal("0.10"), Decimal("0.30"))
    with pytest.raises(MixedNumbersError, match=r"^net_retention and earned_new must be of one"):
        clv.earned_growth(net_retention=0.85, earned_new=Decimal("0.25"))


# Results


@pytest.mark.parametrize(
    ("function", "vast"),
    [
        (clv.simple, {"annual_profit": 1e308}),
        (clv.net, {"annual_revenue": 1e308}),
        (clv.geometric, {"margin": 1e308}),
        (clv.promotion, {"contribution": 1e308}),
        (clv.from_curve, {"margin": 1.7e308}),
        (clv.referral_value, {"referrals": 1e10, "value": 1e308}),
        (clv.acquisition_vs_retention, {"acquisition_cost": 1.7e308, "extra_value": 1.7e308}),
        (clv.earned_growth, {"net_retention": 1.7e308, "earned_new": 1.7e308}),
    ],
)
def test_a_value_that_no_float_holds_raises(
    function: Callable[..., Any], vast: dict[str, Any]
) -> None:
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        called(function, **vast)


@pytest.mark.parametrize("value", [1e308, -1e308])
def test_an_equity_that_no_float_holds_raises(value: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        clv.equity([value, value])


def test_a_payback_that_no_float_holds_raises() -> None:
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        clv.payback(margin=1e-320, acquisition_cost=1, retention=1, first_margin=NOW)


def test_decimal_interest_over_ages_that_no_number_holds_raises() -> None:
    ancient = [(date(1, 1, 1), Decimal(1))]
    daily = clv.Discount(Decimal("1e300"), per="day")
    with pytest.raises(InvalidValueError, match=r"^rate must compound over 365 periods"):
        clv.historic(ancient, until=date(2026, 1, 1), discount=daily)
