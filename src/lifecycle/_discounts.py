"""Discounts: a rate and the period that it is for, and the one reader of both."""

import math
from decimal import Decimal, Overflow
from typing import Any

import attrs

from lifecycle import _checks, _money
from lifecycle._lengths import UNITS
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.periods import DAILY, Calendar

__all__ = ["Discount", "Share", "compounded", "rate_in", "rate_per"]

Share = float | Decimal

_PERIODS = DAILY[::-1]
_GRAIN = f"the calendar have a grain of {', '.join(map(repr, DAILY[:-1]))} or {DAILY[-1]!r}"
_NUMBER = "be a number (int, float or Decimal)"
_EITHER = f"{_NUMBER}, the rate per period, or a lifecycle.Discount"
_NEEDS = "come with the period at hand, such as period='month'"


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Discount:
    """A discount rate, and the period that it is per.

    Args:
        rate: The rate, a fraction of 0 or more: 0.1 is 10 %.
        per: "year", "quarter", "month", "week" or "day".

    Raises:
        InvalidTypeError: `rate` is not a number.
        InvalidValueError: `rate` is negative or not finite.
        UnknownNameError: `per` is not one of these.

    Convention:
        1 year = 4 quarters = 12 months = 365.2425 days, and 1 week = 7 days.

    Examples:
        >>> Discount(0.1, per="year")
        Discount(0.1, per='year')
    """

    rate: Share
    per: str

    def __init__(self, rate: Share, *, per: str) -> None:
        self.__attrs_init__(rate=_rate("rate", rate), per=_checks.choice("per", per, _PERIODS))

    def __repr__(self) -> str:
        return call(self, "rate")

    @_money.in_own_context
    def for_period(self, unit: str) -> Share:
        """Return the rate that compounds to this one, for a period of another length.

        Args:
            unit: "year", "quarter", "month", "week" or "day".

        Returns:
            The rate per unit as a fraction, a `Decimal` where `rate` is one.

        Raises:
            InvalidValueError: The rate per unit is beyond what a float holds.
            UnknownNameError: `unit` is not one of these.

        Convention:
            Compound interest. Dividing a yearly rate by 12 gives a larger one per month.

        Examples:
            >>> round(Discount(0.1, per="year").for_period("month"), 6)
            0.007974
        """
        length = UNITS[_checks.choice("unit", unit, _PERIODS)]
        found: Share = compounded(self.rate, UNITS[self.per].per(length))
        return found


def rate_per(argument: str, discount: object, period: str | None, *, needs: str = _NEEDS) -> Any:
    """Return the rate of discount per period, of a `Discount` or of what is one already.

    Args:
        argument: The path, for the message.
        discount: A `Discount`, or the rate per period, 0 or more.
        period: The unit of time that is the period at hand; None where that is not known.
        needs: What makes it known, completing "be a rate per period, or ...".

    Returns:
        The rate as a fraction, a `Decimal` where it was one.

    Raises:
        InvalidTypeError: `discount` is neither, or a `Discount` where no period is known.
        InvalidValueError: The rate is negative or not finite.
        UnknownNameError: `period` is not a unit of time.
    """
    unit = None if period is None else _checks.choice("period", period, _PERIODS)
    if not isinstance(discount, Discount):
        return _rate(argument, discount, _EITHER)
    if unit is None:
        raise InvalidTypeError(argument, discount, f"be a rate per period, or {needs}")
    return discount.for_period(unit)


def rate_in(calendar: Calendar, discount: object, period: str | None = None) -> Any:
    """Return the rate of discount per period of a calendar.

    Args:
        calendar: The calendar, whose grain is the period at hand.
        discount: A `Discount`, or the rate per period, 0 or more.
        period: The unit of time to take for a period; None for the grain.

    Raises:
        InvalidTypeError: `discount` is neither, or a `Discount` where the grain has no rate.
        InvalidValueError: The rate is negative or not finite.
        UnknownNameError: `period` is not a unit of time.
    """
    grain = calendar.grain if calendar.grain in DAILY else None
    return rate_per("discount", discount, period or grain, needs=_GRAIN)


def compounded(rate: Any, periods: float) -> Any:
    """Return (1 + rate)^periods - 1."""
    try:
        if isinstance(rate, Decimal):
            return _money.held((1 + rate) ** _money.exact(periods) - 1)
        return math.expm1(periods * math.log1p(rate))
    except (InvalidValueError, OverflowError, Overflow):
        expected = f"compound over {periods:,.0f} periods to what a float holds"
        raise InvalidValueError("rate", rate, expected) from None


def _rate(argument: str, value: object, expected: str = _NUMBER) -> Any:
    try:
        found = _checks.number(argument, value)
    except InvalidTypeError:
        raise InvalidTypeError(argument, value, expected) from None
    if found < 0:
        raise InvalidValueError(argument, value, "be at least 0")
    return found
