"""The rows of survival given as arrays: counted by time as `_survival_rows` counts others."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from lifecycle._packages import needed
from lifecycle._vectors import Vector, distinct, vector
from lifecycle.metrics import _survival_rows
from lifecycle.metrics._survival_rows import Cause, Counts, Sample, counts_of

__all__ = ["SampleColumns", "sample"]

_EXACT = 2**53
"""Up to where sums of floats that are whole are exact."""

_LEAST, _MOST = 1e-100, 1e100


class SampleColumns(NamedTuple):
    """The rows of one call, checked, as arrays; weights in units of 1 / `unit`."""

    durations: Vector
    entry: Vector | None
    weights: Vector | None
    unit: int

    def counts(self, argument: str, observed: object) -> Counts:
        """Count who is at risk, whose end is seen and who is lost from sight at each time."""
        times, gone = self._tally(self.durations)
        events = self._at(times, self._flags(argument, observed))
        return self._counts(times, gone, events)

    def by_cause(self, argument: str, causes: object) -> tuple[Counts, dict[Cause, Sequence[int]]]:
        """Count the same, and who ends by each cause at each time."""
        numpy, (times, gone) = needed("numpy"), self._tally(self.durations)
        codes, names = self._causes(argument, causes)
        ended = {
            cause: self._at(times, codes == names.index(cause))
            for cause in _survival_rows.in_order(names)
        }
        events = sum(ended.values(), numpy.zeros(len(times), dtype="int64"))
        return self._counts(times, gone, events), {k: n.tolist() for k, n in ended.items()}

    def _counts(self, times: Vector, gone: Vector, events: Vector) -> Counts:
        staying = _from_here_on(gone)
        if self.entry is not None:
            came = self.entry != 0  # the others are there from the start
            starts, coming = self._tally(self.entry, came)
            later = needed("numpy").append(_from_here_on(coming), 0)
            staying = staying - later[starts.searchsorted(times)]
        lists = (column.tolist() for column in (times, staying, gone, events))
        return counts_of(*lists, unit=self.unit)

    def _at(self, times: Vector, rows: Vector) -> Vector:
        """Count some of the rows by the distinct times."""
        found = needed("numpy").zeros(len(times), dtype="int64")
        own, counts = self._tally(self.durations, rows)
        found[times.searchsorted(own)] = counts
        return found

    def _tally(self, values: Vector, rows: Vector | None = None) -> tuple[Vector, Vector]:
        """Count some rows by their values, each by its weight."""
        if rows is None:
            return distinct(values, self.weights)
        weights = None if self.weights is None else self.weights.compress(rows)
        return distinct(values.compress(rows), weights)  # which is faster than values[rows]

    def _flags(self, argument: str, observed: object) -> Vector:
        """Return whether each end was seen."""
        numpy, n, given = needed("numpy"), len(self.durations), vector(observed)
        if given is not None and len(given) == n and _are_flags(given):
            return given.astype(bool, copy=False)
        found = _survival_rows.flags(argument, observed, n)
        return numpy.asarray(found).astype(bool)

    def _causes(self, argument: str, causes: object) -> tuple[Vector, list[Cause | None]]:
        """Return the number of each end's cause, and the causes by number."""
        numpy, n, given = needed("numpy"), len(self.durations), vector(causes)
        if given is not None and len(given) == n and _are_numbers(given):
            found, codes = numpy.unique(given.astype("int64"), return_inverse=True)
            return codes, [cause or None for cause in found.tolist()]
        number: dict[Cause | None, int] = {}
        named = _survival_rows.causes_of(argument, causes, n)
        codes = numpy.asarray([number.setdefault(cause, len(number)) for cause in named])
        return codes, list(number)


def sample(
    durations: object, entry: object = None, weights: object = None, path: str = ""
) -> Sample | SampleColumns:
    """Return the rows of a call: as arrays, where all columns are, and as they should be."""
    found = _columns(durations, entry, weights)
    return found or _survival_rows.sample(durations, entry, weights, path)


def _columns(durations: object, entry: object, weights: object) -> SampleColumns | None:
    """Return rows as arrays; None where a value has to be looked for that is not as it should."""
    times = _lengths(durations)
    starts = None if times is None or entry is None else _lengths(entry)
    shares = None if times is None or weights is None else vector(weights)
    if times is None or (entry is not None and not _come_before(starts, times)):
        return None
    if weights is None:
        return SampleColumns(times, starts, None, 1)
    whole = _whole(shares, len(times))
    return None if whole is None else SampleColumns(times, starts, *whole)


def _lengths(values: object) -> Vector | None:
    """Return lengths of time: numbers that are finite, and not negative."""
    found = vector(values)
    if found is None or not len(found) or found.dtype.kind == "b":
        return None
    return found if found.min() >= 0 and found.max() < math.inf else None


def _come_before(starts: Vector | None, times: Vector) -> bool:
    """Say whether customers came before they left, or were there from the start."""
    if starts is None or len(starts) != len(times):
        return False
    if starts.dtype != times.dtype and max(starts.max(), times.max()) > _EXACT:
        return False  # floats do not tell these numbers apart
    return bool(((starts < times) | (starts == 0)).all())


def _whole(weights: Vector | None, n: int) -> tuple[Vector, int] | None:
    """Return weights as whole numbers of a common unit, if floats have their sums."""
    if weights is None or len(weights) != n or weights.dtype.kind == "b":
        return None
    if weights.dtype.kind == "i" and 0 < weights.min() <= weights.max() <= _EXACT // n:
        return weights, 1
    numpy = needed("numpy")
    shares, places = numpy.unique(weights, return_inverse=True)
    if not _LEAST <= shares[0] <= shares[-1] <= _MOST:
        return None
    ratios = [share.as_integer_ratio() for share in shares.tolist()]
    unit = math.lcm(*{denominator for _, denominator in ratios})
    whole = [numerator * (unit // denominator) for numerator, denominator in ratios]
    if whole[-1] * n > _EXACT:
        return None
    return numpy.asarray(whole, dtype="int64")[places], unit


def _are_flags(observed: Vector) -> bool:
    return observed.dtype.kind == "b" or bool(((observed == 0) | (observed == 1)).all())


def _are_numbers(causes: Vector) -> bool:
    """Say whether all are whole, 0 or more, and as floats have them."""
    is_number = (causes >= 0) & (causes <= _EXACT) & (causes % 1 == 0)
    return causes.dtype.kind != "b" and bool(is_number.all())


def _from_here_on(counts: Vector) -> Vector:
    return counts[::-1].cumsum()[::-1]
