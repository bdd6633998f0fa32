"""Money: whatever number the caller uses, in one currency.

The amounts of one call agree in kind: `Decimal` in, `Decimal` out, and never beside a
`float`; an `int` goes with either. Rates may always be floats.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lifecycle import _checks
from lifecycle._checks import Number
from lifecycle.errors import MixedNumbersError

__all__ = ["converter", "exact"]


def converter(amounts: Mapping[str, object]) -> Any:
    """Return what brings every number of a call to the kind of its amounts.

    Args:
        amounts: The money arguments of the call, by the paths that messages name.

    Returns:
        `exact` where an amount is a `Decimal`, else `float`.

    Raises:
        InvalidTypeError: An amount is no number.
        InvalidValueError: An amount is not finite.
        MixedNumbersError: A `Decimal` stands beside a `float`; both are named.
    """
    first: dict[type, tuple[str, Number]] = {}
    for argument, amount in amounts.items():
        found = _checks.number(argument, amount)
        first.setdefault(type(found), (argument, found))
    if Decimal in first and float in first:
        raise MixedNumbersError(*first[float], *first[Decimal])
    return exact if Decimal in first else float


def exact(value: Number) -> Decimal:
    """Return a number as a `Decimal`; a float by its shortest text, so that 0.1 is 0.1."""
    return Decimal(str(value)) if isinstance(value, float) else Decimal(value)
