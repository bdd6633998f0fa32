"""Columns of numbers: an array of numpy, in which NaN is none, or a list.

`Decimal`s are always a list, and what is computed of a list is what is computed of an array.
"""

import math
from collections.abc import Sequence
from typing import Any

from lifecycle import _money
from lifecycle._packages import needed

__all__ = ["Numbers", "ascending", "divided", "items", "less", "means", "taken"]

Numbers = Any
"""An array of numbers, or a list of them and of None."""


def taken(values: Any, places: Any) -> Numbers:
    """Return the values of an array in some places; a list of what are no floats or integers."""
    found = values[places]
    return found.tolist() if found.dtype == object else found


def items(values: Numbers) -> list[Any]:
    """Return values of Python, None where an array has NaN."""
    if not hasattr(values, "tolist"):
        return list(values)
    found: list[Any] = values.tolist()
    return [None if x != x else x for x in found] if values.dtype.kind == "f" else found  # noqa: PLR0124


def divided(values: Numbers, by: float) -> Numbers:
    """Return values divided by a number."""
    return [value / by for value in values] if isinstance(values, list) else values / by


def less(number: int, values: Numbers) -> Numbers:
    """Return a number less each value."""
    return [number - value for value in values] if isinstance(values, list) else number - values


def means(totals: Numbers, counts: Numbers) -> Numbers:
    """Return totals divided by counts, none where these are 0."""
    if isinstance(totals, list):
        pairs = zip(totals, items(counts), strict=True)
        return [_money.divided(total, count) if count else None for total, count in pairs]
    numpy = needed("numpy")
    return numpy.divide(totals, counts, out=numpy.full(len(totals), math.nan), where=counts > 0)


def ascending(values: Numbers) -> Sequence[Any]:
    """Return values sorted, as values of Python."""
    return sorted(values) if isinstance(values, list) else memoryview(needed("numpy").sort(values))
