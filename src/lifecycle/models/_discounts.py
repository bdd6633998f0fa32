"""What models are given besides data: units and rates of discount."""

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics.clv import Discount
from lifecycle.periods import DAYS

__all__ = ["rate_per", "schedule", "unit_or_none"]


def unit_or_none(unit: object) -> str | None:
    """Return a unit of time, or None."""
    return None if unit is None else _checks.choice("unit", unit, DAYS)


def rate_per(argument: str, discount: object, unit: str | None, *, for_ever: bool = False) -> float:
    """Return the rate of discount for one period of a model.

    Args:
        argument: How errors name the discount.
        discount: A `Discount`, or the rate for one period, 0 or more.
        unit: The length of a period, None where the model does not know it.
        for_ever: Whether a sum without end is discounted.

    Raises:
        InvalidTypeError: `discount` is neither, or a `Discount` where there is no unit.
        InvalidValueError: The rate is negative, not finite, or too near 0 for a sum for ever.
    """
    if not isinstance(discount, Discount):
        rate = float(_checks.number(argument, discount))
    elif unit is None:
        expected = "be a rate per period, or the model have a unit"
        raise InvalidTypeError(argument, discount, expected)
    else:
        rate = float(discount.for_period(unit))
    if rate < 0:
        raise InvalidValueError(argument, discount, "be at least 0")
    if for_ever and 0 < rate < _LEAST:
        raise InvalidValueError(argument, discount, f"be 0, or at least {_LEAST:g} for one period")
    return rate


_LEAST = 1e-9
"""Below this, a rate for one period is a slip, and sums for ever would take as long."""


def schedule(
    horizon: object, discount: object, period: object, unit: str | None
) -> list[tuple[float, float]]:
    """Return the ends of periods, and by what to weigh what was bought until each of them.

    With E(k) bought by the end of period k, the sum of (E(k) - E(k - 1)) v^k, v = 1 / (1 + d),
    is that of E(k) (v^k - v^(k + 1)), but for the last one, of E(n) v^n.

    Args:
        horizon: How many periods, 0 or more.
        discount: A `Discount`, or the rate for one period, 0 or more.
        period: A unit of time; None for that of the model, which needs one for others.
        unit: The unit of the model, in which the ends are.

    Raises:
        InvalidTypeError: `horizon` is no whole number, or `discount` is neither.
        InvalidValueError: A number is negative or not finite.
        UnknownNameError: `period` is no unit of time.
    """
    n = _checks.periods("horizon", horizon, least=0)
    step = unit if period is None else _checks.choice("period", period, DAYS)
    rate = rate_per("discount", discount, step)
    length = DAYS[step] / DAYS[unit] if step and unit else 1.0
    share = 1 / (1 + rate)
    return [(k * length, share**k * (1 - share if k < n else 1.0)) for k in range(1, n + 1)]
