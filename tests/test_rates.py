"""Shares, quotients and estimates."""

import math
import pickle
from decimal import Decimal
from typing import Any

import attrs
import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedNumbersError
from lifecycle.rates import Comparison, Estimate, Interval, Rate, Ratio

NAN, INFINITY = float("nan"), float("inf")


def bounds(interval: Interval, digits: int = 4) -> tuple[float, float]:
    return round(interval.low, digits), round(interval.high, digits)


# Interval


def test_an_interval_contains_its_bounds() -> None:
    interval = Interval(0.25, 0.75, level=0.95, method="wilson")
    assert 0.25 in interval
    assert 0.5 in interval
    assert 0.75 in interval
    assert 0.2499 not in interval
    assert 0.7501 not in interval
    assert NAN not in interval
    assert interval.width == 0.5


def test_the_bounds_of_an_interval_are_in_order() -> None:
    assert Interval(1, 1, level=0.9, method="wald").width == 0
    with pytest.raises(InvalidValueError, match=r"^low must be at most high, 0.2, got 0.3$"):
        Interval(0.3, 0.2, level=0.95, method="wilson")


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, NAN])
def test_a_level_lies_between_0_and_1(level: float) -> None:
    with pytest.raises(InvalidValueError, match=r"^level must "):
        Interval(0, 1, level=level, method="wilson")
    with pytest.raises(InvalidValueError, match=r"^level must "):
        Rate(0, 0).interval(level=level)
    with pytest.raises(InvalidValueError, match=r"^level must "):
        Rate(0, 0).compare(Rate(1, 2), level=level)
    with pytest.raises(InvalidValueError, match=r"^level must "):
        Estimate(value=1, standard_error=None, n=1, method="mean").interval(level=level)


@pytest.mark.parametrize("bound", ["0", None, True, Decimal(0)])
def test_the_bounds_of_an_interval_are_ints_or_floats(bound: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^low must be "):
        Interval(bound, 1, level=0.95, method="wilson")
    with pytest.raises(InvalidTypeError, match=r"^high must be "):
        Interval(0, bound, level=0.95, method="wilson")


def test_an_interval_says_how_it_was_found() -> None:
    with pytest.raises(InvalidValueError, match=r"^method must be text that is not blank"):
        Interval(0, 1, level=0.95, method="")


# Estimate


def test_the_interval_of_an_estimate_is_normal() -> None:
    estimate = Estimate(value=50, standard_error=2, n=400, method="mean")
    interval = estimate.interval()
    assert bounds(interval) == (46.0801, 53.9199)
    assert (interval.level, interval.method) == (0.95, "mean")
    assert bounds(estimate.interval(level=0.99)) == (44.8483, 55.1517)


def test_an_estimate_without_a_standard_error_has_no_interval() -> None:
    estimate = Estimate(value=-3.5, standard_error=None, n=1, method="mean")
    assert estimate.interval() is None
    assert estimate.standard_error is None


def test_an_estimate_without_error_has_an_interval_without_width() -> None:
    estimate = Estimate(value=3, standard_error=0, n=1.5, method="mean")
    assert estimate.interval().width == 0


def test_an_estimate_with_two_bounds_has_the_interval_of_its_logit() -> None:
    share = Estimate(value=0.22, standard_error=0.187, n=100, method="delta", bounds=(0, 1))
    logit, reach = math.log(0.22 / 0.78), 1.959963984540054 * 0.187 / (0.22 * 0.78)
    by_hand = [1 / (1 + math.exp(-(logit + side * reach))) for side in (-1, 1)]
    interval = share.interval()
    assert [interval.low, interval.high] == pytest.approx(by_hand, rel=1e-12)
    assert (share.scale, interval.method) == ("logit", "delta_logit")


@pytest.mark.parametrize(("sign", "bound"), [(1, (0, None)), (-1, (None, 0))])
def test_an_estimate_with_one_bound_has_the_interval_of_its_logarithm(
    sign: int, bound: Any
) -> None:
    count = Estimate(value=sign * 1.2, standard_error=0.9, n=100, method="delta", bounds=bound)
    factor = math.exp(1.959963984540054 * 0.9 / 1.2)
    interval = count.interval()
    found = sorted(abs(x) for x in (interval.low, interval.high))
    assert found == pytest.approx([1.2 / factor, 1.2 * factor], rel=1e-12)
    assert (count.scale, interval.method) == ("log", "delta_log")


def test_other_bounds_are_the_same_scale_moved_and_stretched() -> None:
    share = Estimate(value=0.9, standard_error=0.08, n=9, method="m", bounds=(0, 1)).interval()
    score = Estimate(value=0.8, standard_error=0.16, n=9, method="m", bounds=(-1, 1)).interval()
    weeks = Estimate(value=46.8, standard_error=4.16, n=9, method="m", bounds=(0, 52)).interval()
    assert [score.low, score.high] == pytest.approx([2 * share.low - 1, 2 * share.high - 1])
    assert [weeks.low, weeks.high] == pytest.approx([52 * share.low, 52 * share.high])


def test_far_from_its_bounds_an_interval_is_the_plain_one() -> None:
    far = Estimate(value=50, standard_error=2, n=400, method="mean", bounds=(-1e9, 1e9))
    assert bounds(far.interval()) == (46.0801, 53.9199)


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [(1, 0, (1, 1)), (1, 0.1, (0.8040, 1)), (0, 0.1, (0, 0.1960)), (0.3, 0, (0.3, 0.3))],
)
def test_at_a_bound_an_interval_is_the_plain_one_cut_there(
    value: float, error: float, expected: tuple[float, float]
) -> None:
    share = Estimate(value=value, standard_error=error, n=9, method="delta", bounds=(0, 1))
    assert bounds(share.interval()) == expected


def test_where_only_one_value_can_be_the_interval_has_no_width() -> None:
    certain = Estimate(value=0, standard_error=0.1, n=9, method="m", bounds=(0, 0))
    assert bounds(certain.interval()) == (0, 0)


def test_rounding_beyond_a_bound_is_the_bound() -> None:
    assert Estimate(value=1 + 2e-16, standard_error=0, n=9, method="m", bounds=(0, 1)).value == 1
    assert Estimate(value=-1e-18, standard_error=0, n=9, method="m", bounds=(0, None)).value == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"value": 1.2}, r"^value must be within the bounds, \(0, 1\), got 1\.2$"),
        ({"value": -0.1}, r"^value must be within the bounds"),
        ({"bounds": (1, 0)}, r"^bounds\[0\] must be at most bounds\[1\], 0, got 1$"),
        ({"bounds": (0, INFINITY)}, r"^bounds\[1\] must be finite"),
        ({"bounds": (0,)}, r"^bounds must be a pair \(low, high\), with None for no bound, got"),
        ({"bounds": "01"}, r"^bounds must be a pair"),
        ({"bounds": ("0", None)}, r"^bounds\[0\] must be a number"),
    ],
)
def test_bounds_are_a_pair_around_the_value(fields: dict[str, Any], message: str) -> None:
    given = {"value": 0.5, "standard_error": 0.1, "n": 9, "method": "m", "bounds": (0, 1), **fields}
    with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
        Estimate(**given)


@pytest.mark.parametrize("field", ["standard_error", "n"])
def test_standard_errors_and_sizes_are_not_negative(field: str) -> None:
    fields = {"value": 1, "standard_error": 1, "n": 1, "method": "mean", field: -1}
    with pytest.raises(InvalidValueError, match=rf"^{field} must be at least 0, got -1$"):
        Estimate(**fields)


@pytest.mark.parametrize("field", ["value", "standard_error", "n"])
@pytest.mark.parametrize("given", [NAN, INFINITY, "1", True, Decimal(1)])
def test_the_numbers_of_an_estimate_are_finite_ints_or_floats(field: str, given: Any) -> None:
    fields = {"value": 1, "standard_error": 1, "n": 1, "method": "mean", field: given}
    with pytest.raises((InvalidTypeError, InvalidValueError), match=rf"^{field} must be "):
        Estimate(**fields)


# Rate


def test_a_rate_keeps_its_counts() -> None:
    rate = Rate(3, 10)
    assert (rate.numerator, rate.denominator, rate.value) == (3, 10, 0.3)
    assert Rate(1.5, 2).value == 0.75


def test_the_rate_of_no_cases_is_none() -> None:
    nothing = Rate(0, 0)
    assert nothing.value is None
    assert nothing.interval() is None
    for before, after in ((nothing, Rate(1, 2)), (Rate(1, 2), nothing), (nothing, nothing)):
        assert set(attrs.astuple(before.compare(after))) == {None}


def test_a_share_is_part_of_the_whole() -> None:
    with pytest.raises(InvalidValueError, match=r"^numerator must be at most the denominator, 10,"):
        Rate(11, 10)


@pytest.mark.parametrize("argument", ["numerator", "denominator"])
@pytest.mark.parametrize("given", [-1, NAN, INFINITY, "1", None, True, Decimal(1)])
def test_counts_are_finite_numbers_from_0(argument: str, given: Any) -> None:
    counts = {"numerator": 1, "denominator": 1, argument: given}
    with pytest.raises((InvalidTypeError, InvalidValueError), match=rf"^{argument} must be "):
        Rate(**counts)


def test_rates_add_by_pooling_their_counts() -> None:
    assert Rate(30, 40) + Rate(10, 60) == Rate(40, 100)
    assert sum([Rate(30, 40), Rate(10, 60), Rate(0, 0)]) == Rate(40, 100)


@pytest.mark.parametrize("kind", [Rate, Ratio])
@pytest.mark.parametrize("other", [1, 0.5, None])
def test_quotients_add_to_their_own_kind(kind: type[Rate | Ratio], other: Any) -> None:
    with pytest.raises(TypeError, match=r"unsupported operand"):
        kind(1, 2) + other
    with pytest.raises(TypeError, match=r"unsupported operand"):
        other + kind(1, 2)


def test_rates_and_ratios_do_not_add() -> None:
    with pytest.raises(TypeError, match=r"unsupported operand"):
        Rate(1, 2) + Ratio(1, 2)
    with pytest.raises(TypeError, match=r"unsupported operand"):
        Ratio(1, 2) + Rate(1, 2)


# Newcombe (1998), Statistics in Medicine 17:857-872, table I, method 3: the score interval
# of a single proportion; and its companion 17:873-890, table II, method 10.


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((81, 263), (0.2553, 0.3662)),
        ((15, 148), (0.0624, 0.1605)),
        ((0, 20), (0.0000, 0.1611)),
        ((1, 29), (0.0061, 0.1718)),
    ],
)
def test_the_interval_of_a_rate_is_that_of_wilson(
    counts: tuple[int, int], expected: tuple[float, float]
) -> None:
    interval = Rate(*counts).interval()
    assert bounds(interval) == expected
    assert (interval.level, interval.method) == (0.95, "wilson")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
    ],
)
def test_the_interval_of_a_difference_is_that_of_newcombe(
    first: tuple[int, int], second: tuple[int, int], expected: tuple[float, float]
) -> None:
    comparison = Rate(*second).compare(Rate(*first))
    assert bounds(comparison.interval) == expected
    assert comparison.interval.method == "newcombe"
    assert comparison.interval.level == 0.95


def test_a_comparison_is_the_other_rate_less_this_one() -> None:
    before, after = Rate(48, 80), Rate(56, 70)
    assert round(before.compare(after).difference, 12) == 0.2
    assert round(after.compare(before).difference, 12) == -0.2


def test_the_test_of_a_difference_pools_the_variance() -> None:
    # By hand: p = 104 / 150, z = 0.2 / sqrt(p (1 - p) (1 / 70 + 1 / 80)).
    comparison = Rate(48, 80).compare(Rate(56, 70))
    assert round(comparison.z, 6) == 2.650172
    assert round(comparison.p_value, 6) == 0.008045


@pytest.mark.parametrize(
    ("before", "after"), [((48, 80), (56, 70)), ((1, 3), (2, 7)), ((0, 5), (3, 4))]
)
def test_the_standard_error_is_that_of_the_pooled_rate(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    (a, m), (b, n) = before, after
    p = (a + b) / (m + n)
    comparison = Rate(*before).compare(Rate(*after))
    assert comparison.standard_error == pytest.approx(math.sqrt(p * (1 - p) * (1 / m + 1 / n)))
    assert comparison.z == comparison.difference / comparison.standard_error


def test_far_tails_keep_their_digits() -> None:
    # Twice the area of the standard normal above 10.
    comparison = Rate(0, 50).compare(Rate(50, 50))
    assert round(comparison.z, 12) == 10
    assert comparison.p_value == pytest.approx(1.523970604832e-23, rel=1e-12)


def test_a_higher_level_is_a_wider_interval() -> None:
    widths = [Rate(3, 10).interval(level=level).width for level in (0.5, 0.9, 0.95, 0.999)]
    assert widths == sorted(widths)
    assert Rate(3, 10).compare(Rate(4, 10), level=0.99).interval.level == 0.99


@pytest.mark.parametrize(("first", "second"), [((0, 5), (0, 9)), ((5, 5), (9, 9))])
def test_rates_that_are_both_0_or_both_1_have_no_test(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    comparison = Rate(*first).compare(Rate(*second))
    assert (comparison.difference, comparison.z, comparison.p_value) == (0, None, None)
    assert comparison.standard_error == 0
    assert comparison.interval.low < 0 < comparison.interval.high


@pytest.mark.parametrize("other", [0.5, None, Ratio(1, 2)])
def test_rates_compare_with_rates(other: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^other must be a Rate"):
        Rate(1, 2).compare(other)


# Ratio


def test_a_ratio_may_pass_1_and_be_negative() -> None:
    assert Ratio(120, 100).value == 1.2
    assert Ratio(-5, 100).value == -0.05
    assert Ratio(0.5, 0.25).value == 2.0


def test_the_ratio_to_nothing_is_none() -> None:
    assert Ratio(5, 0).value is None
    assert Ratio(Decimal(5), Decimal("0.00")).value is None


def test_a_ratio_of_decimals_is_a_decimal() -> None:
    assert Ratio(Decimal("1.10"), Decimal("2.00")).value == Decimal("0.55")
    assert isinstance(Ratio(1, Decimal(4)).value, Decimal)
    assert isinstance(Ratio(1, 4).value, float)


def test_ratios_add_by_their_parts() -> None:
    assert Ratio(3, 2) + Ratio(1, 2) == Ratio(4, 4)
    assert sum([Ratio(Decimal("0.1"), 1), Ratio(Decimal("0.2"), 1)]) == Ratio(Decimal("0.3"), 2)


def test_decimals_and_floats_do_not_mix_in_a_ratio() -> None:
    with pytest.raises(MixedNumbersError, match=r"^numerator and denominator must be of one kind"):
        Ratio(Decimal(1), 2.0)
    with pytest.raises(MixedNumbersError, match=r"^numerator and denominator must be of one kind"):
        Ratio(1.0, Decimal(2))


def test_decimals_and_floats_do_not_mix_in_a_sum() -> None:
    with pytest.raises(MixedNumbersError, match=r"^numerator and other.numerator must be of one"):
        Ratio(Decimal(1), 2) + Ratio(1.0, 2)
    with pytest.raises(MixedNumbersError, match=r"^denominator and other.denominator must be of"):
        Ratio(1, 2.0) + Ratio(1, Decimal(2))
    with pytest.raises(MixedNumbersError, match=r"^numerator and denominator must be of one kind"):
        Ratio(Decimal(1), 2) + Ratio(1, 2.0)


def test_the_denominator_of_a_ratio_is_not_negative() -> None:
    with pytest.raises(InvalidValueError, match=r"^denominator must be at least 0, got -1$"):
        Ratio(1, -1)


@pytest.mark.parametrize("argument", ["numerator", "denominator"])
@pytest.mark.parametrize("given", [NAN, INFINITY, Decimal("NaN"), "1", None, True])
def test_the_parts_of_a_ratio_are_finite_numbers(argument: str, given: Any) -> None:
    parts = {"numerator": 1, "denominator": 1, argument: given}
    with pytest.raises((InvalidTypeError, InvalidValueError), match=rf"^{argument} must be "):
        Ratio(**parts)


# All of them


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Rate(3, 10), "Rate(3, 10)"),
        (Ratio(Decimal("0.5"), 2), "Ratio(Decimal('0.5'), 2)"),
        (
            Interval(0.1, 0.2, level=0.9, method="wilson"),
            "Interval(0.1, 0.2, level=0.9, method='wilson')",
        ),
        (
            Estimate(value=1.5, standard_error=None, n=3, method="mean"),
            "Estimate(value=1.5, standard_error=None, n=3, method='mean')",
        ),
        (
            Estimate(value=0.5, standard_error=0.1, n=3, method="m", bounds=(0, 1)),
            "Estimate(value=0.5, standard_error=0.1, n=3, method='m', bounds=(0, 1))",
        ),
        (
            Comparison(difference=0.5),
            "Comparison(difference=0.5, standard_error=None, z=None, p_value=None, interval=None)",
        ),
    ],
)
def test_results_are_frozen_values_that_show_the_call_that_makes_them(
    value: Any, shown: str
) -> None:
    assert repr(value) == shown
    assert eval(shown) == value  # noqa: S307
    assert pickle.loads(pickle.dumps(value)) == value  # noqa: S301
    assert len({value, eval(shown)}) == 1  # noqa: S307
    with pytest.raises(AttributeError):
        value.value = 1


def test_a_quotient_that_no_float_holds_is_none() -> None:
    assert Ratio(3, 5e-324).value is None
    assert Ratio(-1e300, 1e-300).value is None
    assert Ratio(Decimal("1e300"), Decimal("1e-300")).value is None
    assert Ratio(5e-324, 5e-324).value == 1
    assert Ratio(1.7e308, 1).value == 1.7e308


def test_a_level_that_a_float_takes_for_a_bound_raises() -> None:
    for level in (Decimal("1e-400"), Decimal(1) - Decimal("1e-20")):
        with pytest.raises(InvalidValueError, match=r"^level must be strictly between 0 and 1"):
            Rate(1, 2).interval(level=level)
