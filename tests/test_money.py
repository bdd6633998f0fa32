"""Money of one kind, and sums that do not depend on the order."""

import math
import subprocess
import sys
from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any

import pytest

from contexts import HOSTS
from lifecycle import _money
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedNumbersError

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize("bad", [NAN, INFINITY, Decimal("NaN"), Decimal("sNaN"), 10**400])
def test_one_amount_that_is_not_finite_is_found_among_many(bad: Any) -> None:
    kind = Decimal if isinstance(bad, Decimal) else float
    with pytest.raises(InvalidValueError, match=r"^paid\[2\]\.amount must be finite"):
        _money.columns({"paid": [kind(1), 2, bad, kind(3)]})


def test_columns_of_one_kind_are_given_back() -> None:
    for amounts in ([1, 2.5], [1, Decimal("2.5")], []):
        (found,) = _money.columns({"paid": amounts})
        assert found is amounts


def test_columns_agree_with_one_another() -> None:
    with pytest.raises(MixedNumbersError, match=r"^old\[0\]\.amount and new\[1\]\.amount must be"):
        _money.columns({"old": [1.5], "new": [1, Decimal(1)]})
    with pytest.raises(InvalidTypeError, match=r"^new\[0\]\.amount must be a number"):
        _money.columns({"new": [True]})


def test_amounts_of_other_kinds_become_plain() -> None:
    class Whole:
        def __index__(self) -> int:
            return 7

    assert _money.columns({"paid": [1.5, Whole()]}) == [[1.5, 7]]


def test_floats_are_added_as_near_as_a_float_can_be() -> None:
    assert _money.added(0.1, 0.2, 1, less=[0.3]) == 1
    assert _money.added(1, 2, less=[0.5, 1e16, -1e16]) == 2.5


def test_whole_numbers_and_decimals_are_added_exactly() -> None:
    assert _money.added(10**30, 1, less=[10**30]) == 1
    vast = Decimal("1e40")
    assert _money.added(vast, Decimal("0.01"), less=[vast]) == Decimal("0.01")
    assert _money.added() == 0


@pytest.mark.parametrize("amounts", [[1e308, 1e308], [-1e308, -1e308], [INFINITY, -INFINITY]])
def test_a_sum_beyond_all_floats_raises(amounts: list[float]) -> None:
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        _money.summed(amounts)


def test_a_sum_may_pass_all_floats_on_the_way() -> None:
    assert _money.summed([1.0, 1e100, 1.0, -1e100]) == 2
    assert math.isclose(_money.summed([0.1] * 10), 1, rel_tol=1e-15)


def test_results_are_held_to_what_a_float_holds() -> None:
    for result in (0, -1.5, Decimal("1e300")):
        assert _money.held(result) is result
    for result in (NAN, -INFINITY, Decimal("1e400"), 10**400):
        with pytest.raises(InvalidValueError, match=r"^the result must be within what a float"):
            _money.held(result)


@pytest.mark.parametrize("bad", ["1e-1001", "1e-10000000", "0e999999", "1" * 1001 + "e-1001"])
def test_one_amount_of_too_many_digits_is_found_among_many(bad: str) -> None:
    text = r"^paid\[1\]\.amount must have at most 1,000 digits"
    with pytest.raises(InvalidValueError, match=text):
        _money.columns({"paid": [Decimal(1), Decimal(bad), 2]})


@pytest.mark.parametrize("host", HOSTS)
def test_the_context_of_a_host_changes_nothing(host: str) -> None:
    wide, small, billion = Decimal("1234567.891"), Decimal("1E-7"), Decimal("1E+9")
    products = _money.in_own_context(lambda: (-wide, wide / 3, wide**2, wide * small))
    calls: list[Any] = [
        lambda: _money.plus(wide, 1),
        lambda: _money.plus(small, wide),
        lambda: _money.divided(wide, 7),
        lambda: _money.divided(1, wide),
        lambda: _money.added(wide, small, less=(Decimal("0.0001"),)),
        lambda: _money.written(billion),
        lambda: _money.exact(0.1),
        products,
    ]
    expected = [call() for call in calls]
    with localcontext(HOSTS[host]):
        found = [call() for call in calls]
    assert repr(found) == repr(expected)  # which tells 0.1 from 0.10


def test_numbers_of_other_kinds_add_and_divide_as_they_do() -> None:
    assert _money.plus(1, 0.5) == 1.5
    assert _money.divided(1, 2) == 0.5
    assert _money.written(Decimal("1E+9")) == "1E+9"
    with pytest.raises(TypeError):
        _money.plus(0.5, Decimal(1))


def test_own_contexts_take_nothing_from_the_default_of_python() -> None:
    program = (
        "import decimal; decimal.DefaultContext.traps[decimal.Inexact] = True;"
        "decimal.DefaultContext.prec = 3; decimal.DefaultContext.rounding = decimal.ROUND_UP;"
        "decimal.setcontext(decimal.DefaultContext);"
        "from lifecycle import _money; print(_money.divided(decimal.Decimal(2), 3))"
    )
    call = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)  # noqa: S603
    assert call.stdout.decode().strip() == "0." + "6" * 27 + "7"


def test_what_a_generator_of_the_caller_computes_is_the_callers() -> None:
    @_money.in_own_context
    def third(amounts: Iterable[Decimal], *, more: Iterable[Decimal]) -> list[Decimal]:
        return [amount / 3 for amount in (*amounts, *more)]

    with localcontext(prec=4):
        found = third((2 / Decimal(3) for _ in "a"), more=iter([Decimal(1)]))
    assert list(map(str, found)) == ["0.2222333333333333333333333333", "0." + "3" * 28]


def test_products_of_decimals_have_28_digits() -> None:
    assert (
        str(_money.times(Decimal("1.000000000000001"), 10**15 + 1))
        == "1000000000000002.000000000000"
    )
    assert _money.times(Decimal(1) / 3, 3) == Decimal("0." + "9" * 28)
    assert _money.times(0.5, 3) == 1.5
