"""The rows of a log, customer by customer and in order of time."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import attrs

from lifecycle.logs import _arrays, _packages
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
    numpy = _packages.optional("numpy")
    if numpy is None or isinstance(codes, tuple):
        rows: Any = sorted(range(len(codes)), key=lambda row: (codes[row], micros[row]))
        counts: Counter[int] = Counter(codes)
        sizes: Any = [counts[code] for code in range(customers)]
    else:
        rows = _sorted(numpy, codes, micros) if len(codes) else ()
        sizes = numpy.bincount(codes, minlength=customers)
    return Grouped(_arrays.integers(rows), _arrays.integers([0, *accumulate(_arrays.items(sizes))]))


def _sorted(numpy: Any, codes: Array, micros: Array) -> Array:
    """Return rows by code, then instant; in one sort where both fit into one key."""
    since = micros - micros.min()
    unit = next(each for each in _UNITS if not (since % each).any())
    ticks = since // unit
    width = _bits(ticks)
    if _bits(codes) + width + len(codes).bit_length() <= _BITS:
        return _by(numpy, (codes << width) | ticks)
    in_time = _by(numpy, ticks)
    return in_time[_by(numpy, codes[in_time])]


def _by(numpy: Any, key: Array) -> Array:
    """Return rows by a key of 0 and more, those with one key as they come.

    Sorting values, each a key with its row number, takes a fraction of a stable `argsort`.
    """
    width = len(key).bit_length()
    if _bits(key) + width > _BITS:
        return numpy.argsort(key, kind="stable")
    packed = key.astype("uint64") << numpy.uint64(width)
    packed |= numpy.arange(len(key), dtype="uint64")
    packed.sort()
    return (packed & numpy.uint64(2**width - 1)).astype("int64")


def _bits(key: Array) -> int:
    return int(key.max()).bit_length()
