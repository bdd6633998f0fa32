"""What models are given besides data: parameters above 0, units, and rates of discount."""

from lifecycle import _checks
from lifecycle._units import DAYS
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics.clv import Discount

__all__ = ["positive", "rate_per", "unit_or_none"]


def positive(argument: str, value: object) -> float:
    """Return a parameter of a model: a number above 0."""
    found = float(_checks.number(argument, value))
    if found <= 0:
        raise InvalidValueError(argument, value, "be above 0")
    return found


def unit_or_none(unit: object) -> str | None:
    """Return a unit of time, or None."""
    return None if unit is None else _checks.choice("unit", unit, DAYS)


def rate_per(argument: str, discount: object, unit: str | None) -> float:
    """Return the rate of discount for one period of a model.

    Args:
        argument: How errors name the discount.
        discount: A `Discount`, or the rate for one period, 0 or more.
        unit: The length of a period, None where the model does not know it.

    Raises:
        InvalidTypeError: `discount` is neither, or a `Discount` where there is no unit.
        InvalidValueError: The rate is negative or not finite.
    """
    if isinstance(discount, Discount):
        if unit is None:
            expected = "be a rate per period, or the model have a unit"
            raise InvalidTypeError(argument, discount, expected)
        return float(discount.for_period(unit))
    rate = float(_checks.number(argument, discount))
    if rate < 0:
        raise InvalidValueError(argument, discount, "be at least 0")
    return rate
