"""The rows of survival: how long customers stayed, and how many left when.

A customer's row is a duration, whether its end was seen, and maybe when the customer came
under observation and how many customers the row represents. Rows come in any number, so
they are counted by time at once; only the distinct times are put in order. Weights are
counted as whole numbers of a common unit, so that every count is exact and the order of
the rows changes no digit.
"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import accumulate, compress, repeat
from operator import sub
from types import NoneType
from typing import Any, NamedTuple, TypeVar

from lifecycle import _checks, _inputs
from lifecycle.errors import EmptySampleError, InvalidTypeError, InvalidValueError
from lifecycle.logs import _containers

__all__ = [
    "Cause",
    "Counts",
    "Sample",
    "as_many",
    "causes_of",
    "counts_of",
    "flags",
    "in_order",
    "product_limit",
    "sample",
    "time",
]

Cause = str | int
Key = TypeVar("Key", bound=Hashable)

_FLAGS = frozenset({0, 1})
_KINDS_OF_NUMBERS = ("b", "i", "u", "f")  # of columns of numpy and pandas, which know plain numbers
_LEAST, _MOST = 1e-100, 1e100
_SOUND: dict[type, Callable[[Collection[Any]], bool]] = {
    int: lambda times: min(times) >= 0 and _checks.finite(max(times)),
    float: lambda times: min(times) >= 0 and math.isfinite(sum(times)),
}
"""Whether distinct numbers of one kind are all finite and not negative, at one look."""


class Counts(NamedTuple):
    """How many customers there are at each distinct time, in units of 1 / `unit`."""

    times: Sequence[float]
    at_risk: Sequence[float]
    events: Sequence[float]
    censored: Sequence[float]
    unit: int = 1

    def shown(self, counts: Sequence[float]) -> tuple[float, ...]:
        """Return counts as numbers of customers: whole where all weights are."""
        unit = self.unit
        return tuple(counts) if unit == 1 else tuple(count / unit for count in counts)


class Sample(NamedTuple):
    """The rows of one call, checked, as columns; weights in units of 1 / `unit`."""

    durations: Sequence[float]
    leaving: Mapping[float, int]
    coming: Mapping[float, int] | None
    weights: Sequence[int] | None
    unit: int

    def counts(self, argument: str, observed: object) -> Counts:
        """Count who is at risk, whose end is seen and who is lost from sight at each time."""
        times, at_risk, gone = self._times()
        ended = self._chosen(flags(argument, observed, len(self.durations)))
        return counts_of(
            times, at_risk, gone, list(map(ended.get, times, repeat(0))), unit=self.unit
        )

    def by_cause(self, argument: str, causes: object) -> tuple[Counts, dict[Cause, Sequence[int]]]:
        """Count the same, and who ends by each cause at each time."""
        ends = causes_of(argument, causes, len(self.durations))
        times, at_risk, gone = self._times()
        seen = _tally(zip(ends, self.durations, strict=True), self.weights)
        found: dict[Cause, Sequence[int]] = {
            cause: [seen.get((cause, t), 0) for t in times] for cause in in_order(set(ends))
        }
        events = [sum(row) for row in zip([0] * len(times), *found.values(), strict=True)]
        return counts_of(times, at_risk, gone, events, unit=self.unit), found

    def _chosen(self, rows: Sequence[bool]) -> Mapping[float, int]:
        """Count some of the rows by duration."""
        weights = None if self.weights is None else compress(self.weights, rows)
        return _tally(compress(self.durations, rows), weights)

    def _times(self) -> tuple[list[float], list[int], list[int]]:
        """Return the distinct times, who is at risk just before each, and who leaves at it."""
        times = sorted(self.leaving)
        gone = list(map(self.leaving.__getitem__, times))
        return times, self._at_risk(times, _from_here_on(gone)), gone

    def _at_risk(self, times: Sequence[float], staying: list[int]) -> list[int]:
        """Leave out who has not come yet: those at risk at t came before t."""
        if self.coming is None:
            return staying
        starts = sorted(self.coming)
        later = [*_from_here_on([self.coming[start] for start in starts]), 0]
        return [n - later[bisect_left(starts, t)] for n, t in zip(staying, times, strict=True)]


def sample(
    durations: object, entry: object = None, weights: object = None, path: str = ""
) -> Sample:
    """Return the rows of a call as columns; `path` precedes the names of the arguments."""
    given = _column(f"{path}durations", durations)
    if not given:
        raise EmptySampleError(f"{path}durations")
    shares, unit = (None, 1) if weights is None else _weights(weights, len(given))
    found, leaving = _counted(f"{path}durations", given, shares)
    coming = None if entry is None else _entry(entry, found, shares)
    return Sample(found, leaving, coming, shares, unit)


def counts_of(
    times: Sequence[float],
    at_risk: Sequence[int],
    gone: Sequence[int],
    events: Sequence[int],
    *,
    unit: int,
) -> Counts:
    """Return counts at each time: whose end is not seen is censored."""
    return Counts(times, at_risk, events, list(map(sub, gone, events)), unit)


def in_order(causes: Iterable[Cause | None]) -> list[Cause]:
    """Return causes: whole numbers first, then text, ascending; None is no cause."""
    named = [cause for cause in causes if cause is not None]
    return sorted(named, key=lambda cause: (isinstance(cause, str), cause))


def product_limit(at_risk: Iterable[float], events: Iterable[float]) -> tuple[float, ...]:
    """Return the share that is left after each time: the product of (n - d) / n so far.

    As long as customers leave by events only, the product is one quotient, left / start.
    Written so, it is exact to the last digit where no customer is censored.
    """
    shares: list[float] = []
    base, start, left = 1.0, 1.0, 0.0
    for n, d in zip(at_risk, events, strict=True):
        if n != left:
            base, start = (shares[-1] if shares else 1.0), n
        left = n - d
        shares.append(base * (left / start))
    return tuple(shares)


def flags(argument: str, values: object, n: int) -> Sequence[bool]:
    """Return whether each of n ends was seen: truth values, or 1 and 0, and nothing else."""
    given = as_many(argument, values, n)
    kinds = set(map(type, given))
    if kinds == {bool} or (kinds <= {bool, int, float} and _FLAGS.issuperset(given)):
        return given
    return [_checks.known(_flag, f"{argument}[{i}]", value) for i, value in enumerate(given)]


def causes_of(argument: str, values: object, n: int) -> Sequence[Cause | None]:
    """Return the cause of each of n ends, None where no end was seen."""
    given = as_many(argument, _containers.items(_containers.taken(argument, values)), n)
    if set(map(type, given)) <= {int, str, NoneType} and all(map(_is_cause, set(given))):
        return [value or None for value in given]
    return [_checks.known(_cause, f"{argument}[{i}]", value) for i, value in enumerate(given)]


def time(argument: str, value: object) -> float:
    """Return a length of time as a number of the caller's unit, 0 or more."""
    if isinstance(value, timedelta):
        expected = "be a number of one unit, such as length / timedelta(days=1)"
        raise InvalidTypeError(argument, value, expected)
    found = _checks.number(argument, value)
    if found < 0:
        raise InvalidValueError(argument, value, "be at least 0")
    return found if isinstance(found, int) else float(found)


def _tally(keys: Iterable[Key], weights: Iterable[int] | None) -> Mapping[Key, int]:
    if weights is None:
        return Counter(keys)
    found: dict[Key, int] = defaultdict(int)
    for key, weight in zip(keys, weights, strict=True):
        found[key] += weight
    return found


def _from_here_on(counts: Sequence[int]) -> list[int]:
    return [*accumulate(reversed(counts))][::-1]


def _counted(
    argument: str, given: Sequence[Any], weights: Sequence[int] | None
) -> tuple[Sequence[float], Mapping[float, int]]:
    """Return lengths of time, and how many there are of each.

    Sound ones show by their distinct values; only others are looked at one by one.
    """
    kinds = set(map(type, given))
    for kind, is_sound in _SOUND.items():
        if kinds == {kind}:
            counts = _tally(given, weights)
            if is_sound(counts):
                return given, counts
    times = [_checks.known(time, f"{argument}[{i}]", value) for i, value in enumerate(given)]
    found = times if set(map(type, times)) == {int} else list(map(float, times))
    return found, _tally(found, weights)


def _entry(
    values: object, durations: Sequence[float], weights: Sequence[int] | None
) -> Mapping[float, int]:
    given = as_many("entry", values, len(durations))
    starts, coming = _counted("entry", given, weights)
    for i, (start, duration) in enumerate(zip(starts, durations, strict=True)):
        if start >= duration and start:
            raise InvalidValueError(f"entry[{i}]", start, f"be below its duration, {duration!r}")
    return {start: n for start, n in coming.items() if start}  # the others are there from the start


def _weights(values: object, n: int) -> tuple[Sequence[int], int]:
    """Return weights as whole numbers of a common unit, and how many of it make 1."""
    given = as_many("weights", values, n)
    if set(map(type, given)) == {int} and min(given) > 0 and max(given) <= _MOST:
        return given, 1
    found = [_checks.known(_weight, f"weights[{i}]", value) for i, value in enumerate(given)]
    ratios = [weight.as_integer_ratio() for weight in found]
    unit = math.lcm(*{denominator for _, denominator in ratios})
    return [numerator * (unit // denominator) for numerator, denominator in ratios], unit


def _weight(argument: str, value: object) -> float:
    found = _checks.number(argument, value)
    if found <= 0:
        raise InvalidValueError(argument, value, "be above 0")
    if not _LEAST <= found <= _MOST:
        raise InvalidValueError(argument, value, f"be between {_LEAST} and {_MOST}")
    return found if isinstance(found, int) else float(found)


def _flag(argument: str, value: object) -> bool:
    expected = "be True or 1 where the end was seen, False or 0 where it was not"
    if _checks.is_truth(value):
        return bool(value)
    if _checks.whole(argument, _checks.from_column(value), expected=expected) not in _FLAGS:
        raise InvalidValueError(argument, value, expected)
    return bool(value)


def _is_cause(value: Cause | None) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return value is None or value >= 0


def _cause(argument: str, value: object) -> Cause | None:
    expected = "be text, a whole number above 0, or None (or 0) where no end was seen"
    if value is None:
        return None
    if isinstance(value, str):
        return _checks.name(argument, value)
    found = _checks.whole(argument, _checks.from_column(value), expected=expected)
    if found < 0:
        raise InvalidValueError(argument, value, expected)
    return found or None


def _column(argument: str, values: object) -> Sequence[Any]:
    if isinstance(values, list | tuple):
        return values
    given: Any = _inputs.series(argument, values)
    is_of_numbers = getattr(getattr(given, "dtype", None), "kind", None) in _KINDS_OF_NUMBERS
    return given.tolist() if is_of_numbers else _inputs.listed(argument, given)


def as_many(argument: str, values: object, n: int) -> Sequence[Any]:
    """Return a column that has a value for each of n durations."""
    given = _column(argument, values)
    if len(given) != n:
        raise InvalidValueError(argument, len(given), f"be as many as the durations, {n}")
    return given
