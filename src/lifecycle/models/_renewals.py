"""What contracts show: at each renewal, how many customers stayed and how many left.

These counts are all that a likelihood needs. A customer who is last seen after some renewals
counts at those and at no other, so that right censoring needs nothing more, and cohorts of
different ages are pooled.
"""

import math
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from lifecycle import _checks
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    NotIdentifiedError,
)
from lifecycle.metrics._survival_rows import flags
from lifecycle.models._rows import CUSTOMERS, column, whole

__all__ = [
    "Renewals",
    "check",
    "discounted",
    "drawn",
    "from_lifetimes",
    "from_survivors",
    "projected",
]


class Renewals(NamedTuple):
    """Customers at their first renewal, at their second, and so on.

    Attributes:
        stayed: How many renewed.
        left: How many did not.
        n: How many customers there were at the start.
    """

    stayed: tuple[float, ...]
    left: tuple[float, ...]
    n: float


def from_survivors(survivors: object) -> Renewals:
    """Read how many of a cohort are there at the start, after one renewal, after two, ...

    Raises:
        EmptySampleError: There are no customers.
        InvalidTypeError: A count is not a number.
        InvalidValueError: A count is fractional, negative or above the one before it.
    """
    counts = column("survivors{}", survivors)
    if isinstance(counts, float):
        raise InvalidTypeError("survivors", survivors, "be a series of counts, first all customers")
    counts = [float(x) for x in counts]
    for i, x in enumerate(counts):
        if x < 0 or not x.is_integer():
            expected = "be a whole number of customers (shares do not say how sure they are)"
            raise InvalidValueError(f"survivors[{i}]", x, expected)
        if i and x > counts[i - 1]:
            raise InvalidValueError(
                f"survivors[{i}]", x, f"be at most the {counts[i - 1]:g} before"
            )
    if not counts or not counts[0]:
        raise EmptySampleError("survivors")
    stayed = tuple(counts[1:])
    return Renewals(stayed, tuple(a - b for a, b in zip(counts, stayed, strict=False)), counts[0])


def from_lifetimes(durations: object, observed: object) -> Renewals:
    """Read for each customer the renewal at which they left, or after which they were last seen.

    Raises:
        EmptySampleError: There are no customers.
        InvalidTypeError: A duration is not a number, or `observed` is not a bool.
        InvalidValueError: A duration is fractional or negative, 0 where the customer was
            observed to leave, or the lengths differ.
    """
    lengths = whole("durations{}", durations, most=_checks.PERIODS)
    if isinstance(lengths, float):
        raise InvalidTypeError("durations", durations, "be a series, one for each customer")
    if len(lengths) == 0:
        raise EmptySampleError("durations")
    ended = flags("observed", observed, len(lengths))
    pairs = Counter(zip(map(int, lengths), ended, strict=True))
    if pairs[0, True]:
        i = next(i for i, pair in enumerate(zip(lengths, ended, strict=True)) if pair == (0, True))
        expected = "be at least 1 where the customer left, at the first renewal"
        raise InvalidValueError(f"durations[{i}]", lengths[i], expected)
    return _pooled(pairs)


def _pooled(pairs: Counter[tuple[int, bool]]) -> Renewals:
    last = max(length for length, _ in pairs)
    left = [float(pairs[k, True]) for k in range(1, last + 1)]
    stayed, there = [], float(sum(pairs.values()) - pairs[0, False])
    for k, gone in enumerate(left, start=1):
        stayed.append(there - gone)
        there -= gone + pairs[k, False]
    return Renewals(tuple(stayed), tuple(left), float(sum(pairs.values())))


def check(model: str, renewals: Renewals, least: int) -> None:
    """Check that the counts can tell the parameters of a model apart."""
    seen = sum(a + b > 0 for a, b in zip(renewals.stayed, renewals.left, strict=True))
    if seen < least:
        raise NotIdentifiedError(model, f"it takes {least} renewals with customers, not {seen}")
    if not any(renewals.left):
        raise NotIdentifiedError(model, "no customer left")


def drawn(  # noqa: PLR0913  (parameters, and what to draw)
    alpha: float, beta: float, c: float, *, n: object, periods: object, random: Random
) -> tuple[list[int], list[bool]]:
    """Draw lifetimes, and whether they ended within some periods."""
    number = _checks.whole("n", n, least=0, most=CUSTOMERS)
    most = _checks.periods("periods", periods, least=1)
    random = _checks.instance("random", random, Random)
    lengths = [_length(random, alpha, beta, c) for _ in range(number)]
    return [int(min(length, most)) for length in lengths], [length <= most for length in lengths]


def _length(random: Random, alpha: float, beta: float, c: float) -> float:
    """Return the renewal at which a customer leaves: the first k with (1 - theta)^(k^c) < u."""
    hazard = -math.log1p(-min(random.betavariate(alpha, beta), _NEARLY_SURE))
    waited = -math.log(1 - random.random())
    if waited >= hazard * _MOST_RENEWALS:
        return math.inf
    return math.ceil((waited / hazard) ** (1 / c)) or 1


_NEARLY_SURE = math.nextafter(1, 0)
_MOST_RENEWALS = 1e15
"""More renewals than anybody waits for."""


def projected(
    survival: Callable[[int], float], customers: object, periods: object, renewals: object
) -> list[float]:
    """Return how many of some customers are expected to be there after each of some periods."""
    number = float(_checks.number("customers", customers))
    if number < 0:
        raise InvalidValueError("customers", customers, "be at least 0")
    ahead = _checks.periods("periods", periods, least=0)
    past = _checks.periods("renewals", renewals, least=0)
    now = survival(past)
    return [number * survival(past + k) / now for k in range(1, ahead + 1)]


def discounted(survival: Callable[[int], float], discount: float, periods: int) -> float:
    """Return the sum of S(t) / (1 + d)^t over t = 0, ..., periods - 1."""
    return math.fsum(survival(t) * (1 / (1 + discount)) ** t for t in range(periods))
