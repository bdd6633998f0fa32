"""The rows of a log, customer by customer and in order of time."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import attrs

from lifecycle import _packages
from lifecycle.logs import _arrays
from lifecycle.logs._arrays import Array

__all__ = ["Grouped", "grouped"]

_UNITS = (86_400_000_000, 1_000_000, 1_000, 1)
"""Microseconds of what instants are often whole numbers of."""

_BITS = 64


@attrs.frozen(eq=False)
class Grouped:
    """The rows of a log, sorted by customer, instant, and the order in which they were given.

    Customers come in the order of `EventLog.customers`.

    Attributes:
        rows: The numbers of the rows, in that order.
        starts: Where each customer begins in `rows`, and, last, how many rows there are: the
            rows of customer k are `rows[starts[k]:starts[k + 1]]`.
    """

    rows: Sequence[int]
    starts: Sequence[int]


def grouped(codes: Array, micros: Array, customers: int) -> Grouped:
    """Group rows by the codes of their customers."""
    if isinstance(codes, tuple):
        rows: Any = sorted(range(len(codes)), key=lambda row: (codes[row], micros[row]))
        counts: Counter[int] = Counter(codes)
        starts: Any = [0, *accumulate(counts[code] for code in range(customers))]
    else:
        numpy = _packages.needed("numpy")
        rows = _sorted(numpy, codes, micros) if len(codes) else ()
        sizes = numpy.bincount(codes, minlength=customers)
        starts = numpy.concatenate(([0], sizes.cumsum()))
    return Grouped(_arrays.integers(rows), _arrays.integers(starts))


def _sorted(numpy: Any, codes: Array, micros: Array) -> Array:
    """Return rows by code, then instant; in one sort where both fit into one key.

    Most of the time goes into new memory, so that arrays are changed in place where they can be.
    """
    ticks = micros - micros.min()
    ticks //= next(unit for unit in _UNITS if _divides(unit, ticks))
    ticks, rows = ticks.view("uint64"), numpy.arange(len(codes), dtype="uint64")
    if _bits(codes) + _bits(ticks) + len(codes).bit_length() <= _BITS:
        key = codes.astype("uint64")
        key <<= numpy.uint64(_bits(ticks))
        key |= ticks
        return _by(numpy, key, rows)
    in_time = _by(numpy, ticks, rows)
    return in_time[_by(numpy, codes[in_time].astype("uint64"), rows)]


def _by(numpy: Any, key: Array, rows: Array) -> Array:
    """Return rows by a key, which is overwritten; those with one key as they come.

    Sorting values, each a key with its row number, takes a fraction of a stable `argsort`.
    """
    width = len(key).bit_length()
    if _bits(key) + width > _BITS:
        return numpy.argsort(key, kind="stable")
    key <<= numpy.uint64(width)
    key |= rows
    key.sort()
    key &= numpy.uint64(2**width - 1)
    return key.view("int64")


def _bits(key: Array) -> int:
    return int(key.max()).bit_length()


def _divides(unit: int, micros: Array, step: int = 100_000) -> bool:
    """Say whether all are whole numbers of a unit, part by part, as most units fail at once."""
    return not any((micros[i : i + step] % unit).any() for i in range(0, len(micros), step))
