"""Amounts that are 0 or more: checked one by one, and added the same in any order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lifecycle import _inputs, _money
from lifecycle.errors import InvalidValueError

__all__ = ["checked_amounts", "total_of"]


def checked_amounts(path: str, amounts: Sequence[Any]) -> Sequence[Any]:
    """Return amounts of one kind, checked; `path` says where one is, by its position."""
    if _inputs.are_plain(amounts):
        return amounts
    number = _money.converter({path.format(i): amount for i, amount in enumerate(amounts)})
    for i, amount in enumerate(amounts):
        if amount < 0:
            expected = "be at least 0 (net refunds first)"
            raise InvalidValueError(path.format(i), amount, expected)
    return list(map(number, amounts))


def total_of(amounts: Sequence[Any]) -> Any:
    """Sum in a way that does not depend on the order: floats are rounded once."""
    is_decimal = isinstance(amounts[0], Decimal)
    return _money.added(*amounts) if is_decimal else _money.summed(amounts)
