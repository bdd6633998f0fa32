"""The rows of a log, customer by customer and in order of time."""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import attrs

from lifecycle import _packages
from lifecycle.logs import _arrays
from lifecycle.logs._arrays import Array

__all__ = ["Grouped", "grouped"]

_UNITS = (86_400_000_000, 1_000_000, 1_000)
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
        in_time = sorted(range(len(codes)), key=micros.__getitem__)
        rows: Any = sorted(in_time, key=codes.__getitem__)
        counts: Counter[int] = Counter(codes)
        starts: Any = [0, *accumulate(counts[code] for code in range(customers))]
    else:
        numpy = _packages.needed("numpy")
        rows = _sorted(codes, micros).view("int64") if len(codes) else ()
        sizes = numpy.bincount(codes, minlength=customers)
        starts = numpy.concatenate(([0], sizes.cumsum()))
    return Grouped(_arrays.integers(rows), _arrays.integers(starts))


def _sorted(codes: Array, micros: Array) -> Array:
    """Return rows by code, then instant, then as they come.

    Numbers of which the high bits are the key and the low bits the row are sorted in a fraction of
    the time of a stable `argsort`. Where both do not fit, the lowest bits of instants are left out,
    and the few rows that differ in these alone are sorted by them.
    """
    key = _Key.of(codes, micros)
    width = len(codes).bit_length()
    cut = max(key.bits + width - _BITS, 0)
    found = _packed(key, cut, width)
    found.sort()
    places, groups = _ties(found, width) if cut else ((), ())
    for chunk in _arrays.chunks(len(found)):
        found[chunk] &= 2**width - 1
    if len(places):
        rows = found[places]
        found[places] = rows[_sorted(groups, key.ticks(rows) & (2**cut - 1))]
    return found


def _packed(key: "_Key", cut: int, width: int) -> Array:
    """Return the key of each row without its lowest bits, and below it the row."""
    numpy = _packages.needed("numpy")
    found = numpy.empty(len(key.codes), "int64").view("uint64")
    for chunk in _arrays.chunks(len(found)):
        keys = key.codes[chunk].astype("uint64") << (key.low - cut)
        keys |= key.ticks(chunk).view("uint64") >> cut
        keys <<= width
        keys |= numpy.arange(chunk.start, chunk.stop, dtype="uint64")
        found[chunk] = keys
    return found


def _ties(found: Array, width: int) -> tuple[Array, Array]:
    """Return where rows have the key of their neighbor, and how many other such keys are before."""
    numpy = _packages.needed("numpy")
    same = numpy.zeros(len(found) + 1, bool)
    for chunk in _arrays.chunks(len(found) - 1):
        same[1:][chunk] = found[1:][chunk] ^ found[chunk] < 2**width
    places = numpy.flatnonzero(same[1:] | same[:-1])
    return places, (~same[places]).cumsum()


class _Key(NamedTuple):
    """What rows are sorted by: a code, and below it how many units an instant is after the first.

    Attributes:
        low: How many bits the units have.
        bits: How many bits both have.
    """

    codes: Array
    micros: Array
    first: int
    unit: int
    low: int
    bits: int

    @classmethod
    def of(cls, codes: Array, micros: Array) -> "_Key":
        first = int(micros.min())
        unit = next((unit for unit in _UNITS if _divides(unit, micros, first)), 1)
        low = ((int(micros.max()) - first) // unit).bit_length()
        return cls(codes, micros, first, unit, low, low + int(codes.max()).bit_length())

    def ticks(self, rows: Any) -> Array:
        """Return how many units the instants of some rows are after the first."""
        return (self.micros[rows] - self.first) // self.unit


def _divides(unit: int, micros: Array, first: int) -> bool:
    """Say whether all are whole numbers of a unit after the first; most units fail soon."""
    return all(_are_whole(micros[chunk] - first, unit) for chunk in _arrays.chunks(len(micros)))


def _are_whole(micros: Array, unit: int) -> bool:
    return bool((micros // unit * unit == micros).all())  # many times as fast as a remainder
