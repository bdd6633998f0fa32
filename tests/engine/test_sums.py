"""Sums from which a part can be taken out again."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contexts import AMOUNTS, HOSTS
from lifecycle.engine._sums import NOTHING, Sums, less, mean, plus, total

TINY, HUGE = 5e-324, 1.7976931348623157e308


def of(*values: Any) -> Sums:
    return reduce(plus, values, NOTHING)


def test_no_value_adds_up_to_0_and_has_no_mean() -> None:
    assert (total(NOTHING), mean(NOTHING)) == (0, None)
    assert of(None, None) is NOTHING


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2), 3),
        ((10**400, -(10**400), 7), 7),
        ((0.1,) * 10, 1.0),  # one after the other would give 0.9999999999999999
        ((1e16, 1.0, 1.0, -1e16), 2.0),  # and here 0.0
        ((TINY, 1, -1), TINY),
        ((HUGE, HUGE, -HUGE), HUGE),
        ((2**-70, 2**-3, 1), 1.125),
        ((1, 0.5), 1.5),
        ((Decimal("0.10"), Decimal("0.2"), 3), Decimal("3.30")),
        ((Decimal("1E+2"),), Decimal(100)),
        ((Decimal("1e28"), Decimal("1e-9"), Decimal("-1e28")), Decimal("1e-9")),
    ],
)
def test_sums_are_exact_and_of_floats_the_nearest(values: Any, expected: Any) -> None:
    found = total(of(*values))
    assert (type(found), found) == (type(expected), expected)


def test_a_mean_is_rounded_once() -> None:
    assert mean(of(1, 2)) == 1.5
    assert mean(of(HUGE, HUGE)) == HUGE  # whose sum no float holds
    assert mean(of(0.1, 0.1, 0.1)) == 0.1  # a sum of 0.30000000000000004 would give another
    assert str(mean(of(Decimal("1.00"), 1))) == "1.00"
    assert mean(of(Decimal(1), 0, 0)) == Decimal("0." + "3" * 28)


def test_a_sum_beyond_all_floats_is_infinite() -> None:
    assert total(of(HUGE, HUGE)) == math.inf
    assert total(of(-HUGE, -HUGE)) == -math.inf


@pytest.mark.parametrize("values", [(0.5, Decimal(1)), (Decimal(1), 2, 0.5)])
def test_floats_and_decimals_do_not_add_up(values: Any) -> None:
    with pytest.raises(TypeError):
        total(of(*values))
    with pytest.raises(TypeError):
        mean(of(*values))


def test_a_digit_that_left_is_not_shown_any_more() -> None:
    whole = of(Decimal("1.5"), Decimal("0.0010"), Decimal("2.25"))
    assert str(total(less(whole, of(Decimal("0.0010"))))) == "3.75"
    assert str(total(less(whole, of(Decimal("1.5"), Decimal("0.0010"))))) == "2.25"
    assert total(less(whole, whole)) == 0


finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = (
    st.lists(finite | st.integers()),
    st.lists(st.integers()),
    st.lists(st.decimals(-(10**9), 10**9, places=4) | st.integers()),
)


@given(st.one_of(*numbers), st.integers(0))
def test_what_is_taken_out_leaves_nothing_behind(values: list[Any], cut: int) -> None:
    part, rest = values[:cut], values[cut:]
    left = less(of(*values), of(*part))
    assert left == of(*rest)
    assert mean(left) == mean(of(*rest))
    found = total(left)
    if math.isfinite(found):
        exact = sum(map(Fraction, rest))
        assert Fraction(found) == (Fraction(float(exact)) if isinstance(found, float) else exact)


@pytest.mark.parametrize("host", HOSTS)
def test_the_context_of_a_host_changes_nothing(host: str) -> None:
    whole = of(*AMOUNTS)
    expected = repr((total(whole), mean(whole), total(less(whole, of(*AMOUNTS[:2])))))
    with localcontext(HOSTS[host]):
        whole = of(*AMOUNTS)
        found = total(whole), mean(whole), total(less(whole, of(*AMOUNTS[:2])))
    assert repr(found) == expected
