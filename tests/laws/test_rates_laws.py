"""Laws of shares, quotients and their intervals."""

import math
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from lifecycle.rates import Estimate, Interval, Rate, Ratio

levels = st.floats(0, 1, exclude_min=True, exclude_max=True)
usual_levels = st.floats(0.5, 0.999)


@st.composite
def rates(draw: st.DrawFn, least: int = 0) -> Rate:
    counts = st.integers(0, 10**6) | st.floats(0, 1e9)
    numerator, rest = draw(counts), draw(counts)
    assume(numerator + rest >= least)
    return Rate(numerator, numerator + rest)


ratios = st.builds(
    Ratio, st.integers(-(10**9), 10**9), st.integers(0, 10**9) | st.decimals(0, 10**9, places=2)
)


@given(rates())
def test_a_share_lies_between_0_and_1(rate: Rate) -> None:
    """Fractions are fractions, 0 to 1; the value is None when the denominator is 0."""
    assert rate.value is None if rate.denominator == 0 else 0 <= rate.value <= 1


@given(st.lists(rates()))
def test_rates_pool_in_any_order(some: list[Any]) -> None:
    """`+` pools: the sum of the rates is the rate of the sums."""
    pooled, backwards = sum(some, Rate(0, 0)), sum(reversed(some), Rate(0, 0))
    for total in (pooled, backwards):
        assert math.isclose(total.numerator, math.fsum(rate.numerator for rate in some))
        assert math.isclose(total.denominator, math.fsum(rate.denominator for rate in some))


@given(rates(least=1), levels)
def test_the_wilson_interval_holds_the_share_and_stays_a_share(rate: Rate, level: float) -> None:
    """The interval of a rate lies within 0 and 1, around its value, at every level."""
    interval = rate.interval(level=level)
    assert 0 <= interval.low <= rate.value <= interval.high <= 1
    assert interval.level == level


@given(rates(least=1), usual_levels)
def test_the_wilson_bounds_solve_the_score_equation(rate: Rate, level: float) -> None:
    """At a bound p, (value - p)^2 = z^2 p (1 - p) / n (Wilson 1927)."""
    n, interval = rate.denominator, rate.interval(level=level)
    for p in (interval.low, interval.high):
        if n < 10**7 and 1e-6 < p < 1 - 1e-6:
            z = abs(rate.value - p) / math.sqrt(p * (1 - p) / n)
            assert math.isclose(math.erfc(z / math.sqrt(2)), 1 - level, rel_tol=1e-4)


@given(rates(least=1), usual_levels)
def test_counting_the_other_cases_mirrors_the_interval(rate: Rate, level: float) -> None:
    """The interval of the rest is the interval, mirrored at one half."""
    rest = Rate(rate.denominator - rate.numerator, rate.denominator)
    mirrored, interval = rest.interval(level=level), rate.interval(level=level)
    assert math.isclose(mirrored.low, 1 - interval.high, abs_tol=1e-12)
    assert math.isclose(mirrored.high, 1 - interval.low, abs_tol=1e-12)


@given(rates(least=1), rates(least=1), levels)
def test_the_newcombe_interval_holds_the_difference(one: Rate, other: Rate, level: float) -> None:
    """The interval of a difference lies within -1 and 1, around it, at every level."""
    found = one.compare(other, level=level)
    assert -1 <= found.interval.low <= found.difference <= found.interval.high <= 1
    assert found.difference == other.value - one.value


@given(rates(least=1), rates(least=1))
def test_comparing_the_other_way_round_turns_the_signs(one: Rate, other: Rate) -> None:
    """`b.compare(a)` is `a.compare(b)` with its signs turned, and as significant."""
    there, back = one.compare(other), other.compare(one)
    assert back.difference == -there.difference
    assert math.isclose(back.interval.low, -there.interval.high, abs_tol=1e-12)
    assert math.isclose(back.interval.high, -there.interval.low, abs_tol=1e-12)
    assert (back.z is None) == (there.z is None)
    if there.z is not None:
        assert math.isclose(back.z, -there.z, rel_tol=1e-9)
        assert 0 <= there.p_value <= 1


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_z_squared_is_the_chi_squared_of_the_table(n: int, m: int, data: st.DataObject) -> None:
    """The pooled z test is Pearson's chi-squared test of the 2 x 2 table."""
    a, b = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    assume(0 < a + b < n + m)
    c, d = n - a, m - b
    chi_squared = (n + m) * (a * d - b * c) ** 2 / ((a + b) * (c + d) * n * m)
    assert math.isclose(Rate(a, n).compare(Rate(b, m)).z ** 2, chi_squared, abs_tol=1e-9)


@given(st.lists(ratios))
def test_ratios_add_by_their_parts(some: list[Any]) -> None:
    """`+` adds numerators and denominators, and `Decimal` sums are exact."""
    total = sum(some, Ratio(0, 0))
    assert total.numerator == sum(ratio.numerator for ratio in some)
    assert total.denominator == sum(Decimal(ratio.denominator) for ratio in some)
    assert (total.value is None) == (total.denominator == 0)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), levels)
def test_the_interval_of_an_estimate_is_centered_on_it(
    value: float, error: float, level: float
) -> None:
    """The normal interval holds its estimate, at every level."""
    estimate = Estimate(value=value, standard_error=error, n=1, method="mean")
    interval = estimate.interval(level=level)
    assert value in interval
    assert math.isclose(value - interval.low, interval.high - value, abs_tol=1e-5)


@given(st.data(), st.floats(-1e9, 1e9), st.floats(0, 1e9), levels, levels)
def test_the_interval_of_an_estimate_stays_within_its_bounds(
    data: st.DataObject, value: float, error: float, level: float, other: float
) -> None:
    """Whatever the bounds, the interval lies within them, holds the value, and grows with level."""
    low = data.draw(st.none() | st.floats(-2e9, value))
    high = data.draw(st.none() | st.floats(value, 2e9))
    assume(low is None or high is None or low < high)
    estimate = Estimate(value=value, standard_error=error, n=1, method="m", bounds=(low, high))
    narrow, wide = (estimate.interval(level=at) for at in sorted((level, other)))
    assert wide.low <= narrow.low <= value <= narrow.high <= wide.high
    assert low is None or wide.low >= low
    assert high is None or wide.high <= high


@given(st.floats(0.01, 0.99), st.floats(0, 2), usual_levels)
def test_the_rest_of_a_share_has_the_mirrored_interval(
    value: float, error: float, level: float
) -> None:
    """The interval of 1 - p is that of p, mirrored at one half."""
    one, rest = (
        Estimate(value=p, standard_error=error, n=1, method="m", bounds=(0, 1)).interval(
            level=level
        )
        for p in (value, 1 - value)
    )
    assert math.isclose(rest.low, 1 - one.high, abs_tol=1e-9)
    assert math.isclose(rest.high, 1 - one.low, abs_tol=1e-9)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9), levels)
def test_values_can_be_pasted_back(low: float, width: float, level: float) -> None:
    """`eval(repr(x)) == x`."""
    interval = Interval(low, low + width, level=level, method="wald")
    assert eval(repr(interval)) == interval  # noqa: S307
