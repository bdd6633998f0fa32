"""Chi-squared probabilities against closed forms, published quantiles and their own density."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import _normal

CLOSED: dict[int, Callable[[float], float]] = {
    1: lambda x: math.erfc(math.sqrt(x / 2)),
    2: lambda x: math.exp(-x / 2),
    3: lambda x: math.erfc(math.sqrt(x / 2)) + math.sqrt(2 * x / math.pi) * math.exp(-x / 2),
    4: lambda x: math.exp(-x / 2) * (1 + x / 2),
    6: lambda x: math.exp(-x / 2) * (1 + x / 2 + x**2 / 8),
    8: lambda x: math.exp(-x / 2) * (1 + x / 2 + x**2 / 8 + x**3 / 48),
}
"""The probability above x: for even degrees of freedom a Poisson sum."""

SHARES = (0.10, 0.05, 0.025, 0.01, 0.001)
QUANTILES = {
    1: (2.706, 3.841, 5.024, 6.635, 10.828),
    2: (4.605, 5.991, 7.378, 9.210, 13.816),
    3: (6.251, 7.815, 9.348, 11.345, 16.266),
    4: (7.779, 9.488, 11.143, 13.277, 18.467),
    5: (9.236, 11.070, 12.833, 15.086, 20.515),
    6: (10.645, 12.592, 14.449, 16.812, 22.458),
    7: (12.017, 14.067, 16.013, 18.475, 24.322),
    9: (14.684, 16.919, 19.023, 21.666, 27.877),
    10: (15.987, 18.307, 20.483, 23.209, 29.588),
    11: (17.275, 19.675, 21.920, 24.725, 31.264),
    15: (22.307, 24.996, 27.488, 30.578, 37.697),
    20: (28.412, 31.410, 34.170, 37.566, 45.315),
    30: (40.256, 43.773, 46.979, 50.892, 59.703),
    50: (63.167, 67.505, 71.420, 76.154, 86.661),
    99: (117.407, 123.225, 128.422, 134.642, 148.230),
    100: (118.498, 124.342, 129.561, 135.807, 149.449),
}
"""Upper critical values, NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.4.

Not its rows 8 and 12, whose last digits at 0.001 are rounded up: the quantiles are 26.12448
and 32.90949.
"""


@pytest.mark.parametrize("df", CLOSED)
@given(x=st.floats(1e-9, 200))
def test_few_degrees_of_freedom_have_a_closed_form(df: int, x: float) -> None:
    assert _normal.chi_squared_p(x, df) == pytest.approx(CLOSED[df](x), rel=1e-12)


@pytest.mark.parametrize("df", QUANTILES)
def test_published_quantiles_are_met_to_their_last_digit(df: int) -> None:
    for share, x in zip(SHARES, QUANTILES[df], strict=True):
        p = [_normal.chi_squared_p(x + half_a_digit, df) for half_a_digit in (-5e-4, 5e-4)]
        assert p[0] >= share >= p[1], (share, x, p)


@pytest.mark.parametrize("df", [2, 3, 5, 8, 13, 40])
@pytest.mark.parametrize("x", [0.7, 3.3, 19.0])
def test_the_probability_between_two_values_is_the_area_under_the_density(
    x: float, df: int
) -> None:
    def density(t: float) -> float:
        power = (df / 2 - 1) * math.log(t) - t / 2
        return math.exp(power - df / 2 * math.log(2) - math.lgamma(df / 2))

    n, width = 1000, 4.0
    weights = [1, *[4, 2] * (n // 2 - 1), 4, 1]
    points = (x + width * i / n for i in range(n + 1))
    area = math.fsum(w * density(t) for w, t in zip(weights, points, strict=True)) * width / n / 3
    found = _normal.chi_squared_p(x, df) - _normal.chi_squared_p(x + width, df)
    assert found == pytest.approx(area, rel=1e-9)


@given(st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 300))
def test_a_larger_value_is_never_more_probable(a: float, b: float, df: int) -> None:
    low, high = sorted((a, b))
    more, less = _normal.chi_squared_p(low, df), _normal.chi_squared_p(high, df)
    assert 1 >= more >= less - 1e-12
    assert less >= 0


def test_all_of_it_lies_above_0_and_nothing_very_far_out() -> None:
    assert [_normal.chi_squared_p(0, df) for df in (1, 2, 7)] == [1, 1, 1]
    assert _normal.chi_squared_p(1e5, 5) == 0
