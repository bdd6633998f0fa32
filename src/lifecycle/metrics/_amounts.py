"""Amounts that are 0 or more: checked one by one, and added the same in any order."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lifecycle import _inputs, _money
from lifecycle._activity_columns import Array
from lifecycle._packages import needed
from lifecycle.errors import InvalidValueError
from lifecycle.logs import EventLog

__all__ = ["PART", "amount_array", "checked_amounts", "sums", "total_of"]


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


_MOST = 1e300
"""Up to where sums of floats are computed in parts."""

PART = 2**16
"""How many rows are computed at a time: what is in between stays in the cache."""


def amount_array(log: EventLog) -> Array | None:
    """Return the amounts of a log, row by row, as floats, or as an array with `Decimal`s.

    Returns:
        None where they are something else, or a sum of them may be: they need a look at each.
    """
    amounts = log._values("amount")  # noqa: SLF001  (what a reader is for)
    if amounts.dtype == object:
        kinds = set(map(type, amounts.tolist()))
        if Decimal in kinds and kinds <= {int, Decimal}:
            return amounts if min(amounts) >= 0 else None
        if not kinds <= {int, float} or max(amounts) > _MOST:
            return None
    found = amounts.astype(float, copy=False)
    is_fine = not len(found) or (found.min() >= 0 and found.max() <= _MOST / len(found))
    return found if is_fine else None


def sums(amounts: Array, starts: Array) -> Array:
    """Return the sum of each group of amounts, as `total_of` does.

    Floats are cut in two: the upper parts have so few digits that their sums are exact, and what
    is below is so small that what its sums lose does not matter.

    Args:
        amounts: Floats; or `Decimal`s, also with whole numbers.
        starts: Where each group begins, ascending.
    """
    numpy = needed("numpy")
    if amounts.dtype == object:
        with _money.exactly():
            return numpy.add.reduceat(amounts, starts) + Decimal()
    ceiling = _ceiling(amounts, starts)
    upper, lower = numpy.zeros((2, len(starts)))
    for row in range(0, len(amounts), PART):
        part = amounts[row : row + PART]
        begun, end = starts.searchsorted((row + 1, row + len(part)))
        groups = slice(max(begun - 1, 0), end)
        places = numpy.maximum(starts[groups] - row, 0)
        high = part + ceiling
        high -= ceiling
        upper[groups] += numpy.add.reduceat(high, places)
        lower[groups] += numpy.add.reduceat(numpy.subtract(part, high, out=high), places)
    totals = upper + lower
    (few,) = ((totals < math.ldexp(ceiling, -_SMALL)) & (lower != 0)).nonzero()
    ends = numpy.append(starts[1:], len(amounts))
    for group in few.tolist():  # beside much larger ones, what is lost in it would show
        totals[group] = math.fsum(amounts[starts[group] : ends[group]].tolist())
    return totals


_SMALL = 29
"""How many bits below the ceiling a sum may be and still have its last digit right."""


def _ceiling(amounts: Array, starts: Array) -> float:
    """Return a power of 2 that no sum of a group exceeds, in size."""
    longest = int(needed("numpy").diff(starts, append=len(amounts)).max(initial=0))
    largest = max(amounts.max(initial=0.0), -amounts.min(initial=0.0))
    return math.ldexp(1.0, (longest + 2).bit_length() + math.frexp(largest)[1])
