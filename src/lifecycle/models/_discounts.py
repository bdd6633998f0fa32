"""What models are given besides data: units, and what discounts are per unit."""

from lifecycle import _checks
from lifecycle._discounts import rate_per
from lifecycle.errors import InvalidValueError
from lifecycle.periods import DAYS

__all__ = ["schedule", "unit_or_none", "unit_rate"]


def unit_or_none(unit: object) -> str | None:
    """Return a unit of time, or None."""
    return None if unit is None else _checks.choice("unit", unit, DAYS)


def unit_rate(discount: object, unit: str | None, *, endless: bool = False) -> float:
    """Return the rate of discount for one period of a model.

    Args:
        discount: A `Discount`, or the rate for one period, 0 or more.
        unit: The length of a period, None where the model does not know it.
        endless: Whether an infinite sum is discounted.

    Raises:
        InvalidTypeError: `discount` is neither, or a `Discount` where there is no unit.
        InvalidValueError: The rate is negative, not finite, or too small for an infinite sum
            to converge.
    """
    rate = float(rate_per("discount", discount, unit, needs="the model have a unit"))
    if endless and 0 < rate < _LEAST:
        expected = f"be 0, or at least {_LEAST:g} for one period"
        raise InvalidValueError("discount", discount, expected)
    return rate


_LEAST = 1e-9
"""Below this, a rate for one period is a slip, and an infinite sum would take as long."""


def schedule(
    periods: object, discount: object, period: object, unit: str | None
) -> list[tuple[float, float]]:
    """Return the ends of periods, and by what to weigh what was bought until each of them.

    With E(k) bought by the end of period k, the sum of (E(k) - E(k - 1)) v^k, v = 1 / (1 + d),
    is that of E(k) (v^k - v^(k + 1)), but for the last one, of E(n) v^n.

    Args:
        periods: How many there are, 0 or more.
        discount: A `Discount`, or the rate for one period, 0 or more.
        period: A unit of time; None for that of the model, which needs one for others.
        unit: The unit of the model, in which the ends are.

    Raises:
        InvalidTypeError: `periods` is not a whole number, or `discount` is neither.
        InvalidValueError: A number is negative or not finite.
        UnknownNameError: `period` is not a unit of time.
    """
    n = _checks.periods("periods", periods, least=0)
    step = unit if period is None else _checks.choice("period", period, DAYS)
    rate = unit_rate(discount, step)
    length = DAYS[step] / DAYS[unit] if step and unit else 1.0
    share = 1 / (1 + rate)
    return [(k * length, share**k * (1 - share if k < n else 1.0)) for k in range(1, n + 1)]
