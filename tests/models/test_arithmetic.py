"""The functions that formulas are written with, for floats."""

import math

import pytest

from lifecycle.models import _arithmetic
from lifecycle.models._arithmetic import (
    FLOATS,
    each,
    integral,
    lbeta,
    legendre,
    log_growth,
    runs,
    sums,
    sums_by,
    trapezoid,
)

# Abramowitz & Stegun 1964, 6.3.2 to 6.3.5 and 6.4.2 to 6.4.6; the last rows by mpmath 1.3.
DIGAMMA = [
    (1.0, -0.57721566490153286061),
    (0.5, -1.9635100260214234794),
    (1.5, 0.03648997397857652056),
    (11.75, 2.420696893422632064),
    (1e-3, -1000.5755719318103005),
    (1e6, 13.815510057964191216),
]
TRIGAMMA = [
    (1.0, math.pi**2 / 6),
    (0.5, math.pi**2 / 2),
    (1.5, math.pi**2 / 2 - 4),
    (1e-3, 1000001.6425331958691),
    (1e6, 1.0000005000001666667e-6),
]


@pytest.mark.parametrize(("x", "expected"), DIGAMMA)
def test_digamma_has_its_tabled_values(x: float, expected: float) -> None:
    assert FLOATS.digamma(x) == pytest.approx(expected, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize(("x", "expected"), TRIGAMMA)
def test_trigamma_has_its_tabled_values(x: float, expected: float) -> None:
    assert FLOATS.trigamma(x) == pytest.approx(expected, rel=1e-14)


def test_logistic_functions_neither_overflow_nor_lose_small_numbers() -> None:
    assert FLOATS.softplus(1e4) == 1e4
    assert FLOATS.softplus(-50) == pytest.approx(math.exp(-50), rel=1e-15)
    assert FLOATS.expit(-200) == pytest.approx(math.exp(-200), rel=1e-15)
    assert FLOATS.expit(1e4) == 1.0
    assert FLOATS.expit(0.7) == pytest.approx(1 - FLOATS.expit(-0.7), rel=1e-15)
    assert FLOATS.logaddexp(1e4, 1e4) == pytest.approx(1e4 + math.log(2))
    assert FLOATS.logaddexp(-3, 2) == pytest.approx(math.log(math.exp(-3) + math.exp(2)))


def test_the_beta_function_of_whole_numbers() -> None:
    assert lbeta(FLOATS, 3.0, 4.0) == pytest.approx(-math.log(60))


def test_legendre_nodes_integrate_polynomials_exactly() -> None:
    for degree in range(48):
        found = math.fsum(weight * node**degree for node, weight in legendre(24))
        assert found == pytest.approx(1 / (degree + 1), rel=1e-14)


def test_integrals_of_several_functions_at_once() -> None:
    powers, sines = integral(lambda x: (x * x, math.sin(x)), 0.0, math.pi, 2)
    assert powers == pytest.approx(math.pi**3 / 3, rel=1e-14)
    assert sines == pytest.approx(2.0, rel=1e-14)


def test_the_whole_line_is_integrated_to_the_last_digits() -> None:
    (bell,) = trapezoid(FLOATS, lambda x: (math.exp(-x * x / 2),), -9.0, 9.0, 0.5)
    assert bell == pytest.approx(math.sqrt(2 * math.pi), rel=1e-14)


def test_numbers_give_a_number_and_lists_a_list() -> None:
    def formula(m: _arithmetic.Arithmetic, x: float, y: float) -> float:
        return m.exp(x) + y

    assert each(formula, 0.0, 2.0) == 3.0
    assert each(formula, [0.0, 1.0], 2.0) == pytest.approx([3.0, math.e + 2])
    assert isinstance(each(formula, [0.0], [1.0]), list)
    assert each(formula, [], 1.0) == []


def test_sums_weigh_rows_by_their_counts_and_are_rounded_once() -> None:
    columns = ([1e16, 1.0, -1e16], [0.0, 1.0, 0.0])
    found = sums(lambda _, x, y: (x, y, 2.0), columns, [1.0, 3.0, 1.0])
    assert found == [3.0, 3.0, 10.0]


def test_sums_are_taken_group_by_group() -> None:
    shared, columns, sizes = ([10.0, 20.0],), ([1.0, 2.0, 3.0],), [1, 2]
    found = sums_by(lambda _, a, x: (x, a * x), shared, columns, sizes)
    assert found == [[1.0, 5.0], [10.0, 100.0]]


def test_equal_values_of_a_sorted_list_run_together() -> None:
    assert runs([0.0, 0.0, 2.0, 5.0, 5.0]) == ([0.0, 2.0, 5.0], [2, 1, 2])


@pytest.mark.parametrize("a", [0.3, 99.9, 100.0, 1234.5, 1e9])
@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_the_growth_of_the_gamma_function_is_a_product(a: float, n: int) -> None:
    expected = math.fsum(math.log(a + i) for i in range(n))
    assert log_growth(FLOATS, a, float(n)) == pytest.approx(expected, rel=1e-14, abs=1e-14)
