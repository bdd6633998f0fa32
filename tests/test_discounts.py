"""Discounts: a rate and its period, and the one reader of both."""

from decimal import Decimal
from typing import Any

import pytest

import lifecycle
from lifecycle import clv
from lifecycle._discounts import Discount, rate_per
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError

YEARLY = Discount(0.1, per="year")


def test_a_rate_per_period_is_taken_as_it_is() -> None:
    assert rate_per("discount", 0.01, None) == 0.01
    assert rate_per("discount", 0, "month") == 0
    assert rate_per("discount", Decimal("0.01"), "year") == Decimal("0.01")


def test_a_discount_is_brought_to_the_period_at_hand() -> None:
    assert rate_per("discount", YEARLY, "year") == pytest.approx(0.1, rel=1e-15)
    assert rate_per("discount", YEARLY, "month") == pytest.approx(1.1 ** (1 / 12) - 1)
    assert rate_per("discount", YEARLY, "week") == pytest.approx(1.1 ** (7 / 365.2425) - 1)
    weekly = Discount(0.001, per="week")
    assert rate_per("discount", weekly, "quarter") == pytest.approx(1.001 ** (365.2425 / 28) - 1)


def test_a_discount_without_a_period_says_what_makes_it_known() -> None:
    with pytest.raises(InvalidTypeError) as raised:
        rate_per("discount", YEARLY, None)
    assert str(raised.value) == (
        "discount must be a rate per period, or come with the period at hand, such as "
        "period='month', got Discount(0.1, per='year') (Discount)"
    )
    with pytest.raises(InvalidTypeError, match=r"^rate must be a rate per period, or the model h"):
        rate_per("rate", YEARLY, None, needs="the model have a unit")


@pytest.mark.parametrize("period", ["months", "hour", ""])
def test_the_period_at_hand_is_a_unit_also_beside_a_rate(period: str) -> None:
    for discount in (YEARLY, 0.1):
        with pytest.raises((UnknownNameError, InvalidValueError), match=r"^period must be "):
            rate_per("discount", discount, period)


@pytest.mark.parametrize(
    ("discount", "error", "text"),
    [
        (-0.01, InvalidValueError, "be at least 0, got -0.01"),
        (float("nan"), InvalidValueError, "be finite, got nan"),
        (float("inf"), InvalidValueError, "be finite, got inf"),
        ("10 %", InvalidTypeError, "be a number"),
        (None, InvalidTypeError, "be a number"),
        (True, InvalidTypeError, "be a number"),
    ],
)
def test_garbage_is_no_rate(discount: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=rf"^discount must {text}"):
        rate_per("discount", discount, "month")


@pytest.mark.parametrize("discount", ["10 %", None, True, [0.1]])
def test_what_is_no_discount_is_answered_with_both_forms(discount: Any) -> None:
    with pytest.raises(InvalidTypeError) as raised:
        rate_per("discount", discount, "month")
    assert str(raised.value).startswith(
        "discount must be a number (int, float or Decimal), the rate per period, or a "
        f"lifecycle.Discount, got {discount!r}"
    )
    with pytest.raises(
        InvalidTypeError, match=r"^rate must be a number \(int, float or Decimal\), "
    ):
        Discount(discount, per="year")


def test_a_discount_is_imported_from_where_periods_are() -> None:
    assert lifecycle.Discount is Discount is clv.Discount


def test_a_decimal_rate_beyond_all_floats_raises() -> None:
    with pytest.raises(InvalidValueError, match=r"^rate must compound over 365 periods to what a"):
        rate_per("discount", Discount(Decimal("1e300"), per="day"), "year")
