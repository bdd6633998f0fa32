"""Sums from which a part can be taken out again, with nothing left behind.

A float that is added to others and taken away later leaves a rounding error. So each
kind of number is added up in a unit of which its numbers are multiples: `int` in ones,
`float` in 2**-64 or, where that is too coarse, in 2**-1074, and `Decimal` in the place
of its last digit. Only what is read of the sums is rounded, and once.
"""

import math
from decimal import Decimal
from functools import reduce
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from lifecycle import _money
from lifecycle._checks import Number

__all__ = ["NOTHING", "Sums", "less", "mean", "plus", "total"]

_Decimals: TypeAlias = tuple[tuple[int, Decimal], ...]
"""For each place of the last digit: how many values, and their sum."""


class Sums(NamedTuple):
    """How many values there are, and what they add up to.

    Attributes:
        valued: How many values.
        whole: The sum of those that are `int`.
        floats: How many of them are floats.
        coarse: The sum of the floats that are multiples of 2**-64, in these.
        fine: The sum of the other floats, in units of 2**-1074.
        decimals: The sums of those that are `Decimal`.
    """

    valued: int = 0
    whole: int = 0
    floats: int = 0
    coarse: int = 0
    fine: int = 0
    decimals: _Decimals = ()


NOTHING = Sums()

_COARSE, _FINE = 1 << 64, 1 << 1074
"""1 in the units of floats; the smallest float above 0 is 2**-1074."""

_FLOAT_COARSE = float(_COARSE)
_new = tuple.__new__
"""`_new(Sums, fields)` takes a third of the time of `Sums(*fields)`."""


def plus(sums: Sums, value: Number | None) -> Sums:
    """Add a value; none adds nothing."""
    if value is None:
        return sums
    valued, whole, floats, coarse, fine, decimals = sums
    if isinstance(value, int):
        whole += value
    elif isinstance(value, float):
        units = value * _FLOAT_COARSE  # exactly; or infinite, which is no whole number
        floats += 1
        if units.is_integer():
            coarse += int(units)
        else:
            numerator, denominator = value.as_integer_ratio()
            fine += numerator * (_FINE // denominator)
    else:
        decimals = _joined(decimals, 1, value)
    return _new(Sums, (valued + 1, whole, floats, coarse, fine, decimals))


def less(sums: Sums, part: Sums) -> Sums:
    """Take out what was added before."""
    if not part.valued:
        return sums
    decimals = sums.decimals
    for count, amount in part.decimals:
        decimals = _joined(decimals, -count, amount.copy_negate())
    left = tuple(each for each in decimals if each[0])
    numbers = (one - other for one, other in zip(sums[:5], part[:5], strict=True))
    return _new(Sums, (*numbers, left))


def total(sums: Sums) -> Number:
    """Return the sum: of floats as near as a float can be, else exact.

    Raises:
        TypeError: Some of the values are floats, and others `Decimal`.
    """
    found: Number = _quotient(sums, 1) if sums.floats else sums.whole
    if sums.decimals:
        found = reduce(_money.plus, map(itemgetter(1), sums.decimals), found)
    return found


def mean(sums: Sums) -> Number | None:
    """Return the mean; None where there is no value."""
    if not sums.valued:
        return None
    if sums.floats and not sums.decimals:
        return _quotient(sums, sums.valued)
    found: Number = _money.divided(total(sums), sums.valued)
    return found


def _quotient(sums: Sums, count: int) -> float:
    """Divide the sum of whole numbers and floats, rounding once."""
    units, one = sums.coarse, _COARSE
    if sums.whole:
        units += sums.whole * _COARSE
    if sums.fine:
        units, one = units * (_FINE // _COARSE) + sums.fine, _FINE
    try:
        return units / (count * one)
    except OverflowError:  # of a part of what adds up to less
        return math.inf if units > 0 else -math.inf


def _joined(decimals: _Decimals, count: int, amount: Decimal) -> _Decimals:
    """Add to the sum of those whose last digit has the same place."""
    for i, (counted, so_far) in enumerate(decimals):
        if so_far.same_quantum(amount):
            joined = (counted + count, _money.plus(so_far, amount))
            return (*decimals[:i], joined, *decimals[i + 1 :])
    return (*decimals, (count, amount))
