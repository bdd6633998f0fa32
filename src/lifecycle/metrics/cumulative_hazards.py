"""The Nelson-Aalen curve: the cumulative hazard after each length of time."""

import math
import sys
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import accumulate
from operator import truediv
from typing import Literal, NamedTuple, overload

import attrs

from lifecycle import _checks, _normal
from lifecycle._groups import Groups
from lifecycle._splits import by_column
from lifecycle._tables import Column, Table, columns_of
from lifecycle.metrics import _survival_rows
from lifecycle.metrics._survival_columns import sample
from lifecycle.metrics._survival_intervals import exp
from lifecycle.rates import Interval

__all__ = ["HazardCurve", "HazardRow", "nelson_aalen"]

Ties = Literal["sum", "split"]


class HazardRow(NamedTuple):
    """One time of a cumulative hazard.

    Attributes:
        time: The length of time, in the unit of the durations.
        at_risk: How many customers were still there just before it.
        events: How many ended at it.
        censored: How many were censored at it, after its events.
        cumulative_hazard: The expected number of events per customer up to it.
        standard_error: The standard error of `cumulative_hazard`.
    """

    time: float
    at_risk: float
    events: float
    censored: float
    cumulative_hazard: float
    standard_error: float


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class HazardCurve(Table[HazardRow]):
    """A cumulative hazard, with a row for every distinct time.

    Attributes:
        times: The distinct durations, censored ones too, ascending.
        at_risk: How many customers were still there just before each time.
        events: How many ended at each time.
        censored: How many were censored at each time, after its events.
        cumulative_hazard: The expected number of events per customer up to each time, if all
            had stayed under observation; it may exceed 1.
        standard_error: The standard error of `cumulative_hazard`.
        ties: How events at the same time were counted: "sum" or "split".
    """

    _named_by = ("time",)

    times: tuple[float, ...]
    at_risk: tuple[float, ...]
    events: tuple[float, ...]
    censored: tuple[float, ...]
    cumulative_hazard: tuple[float, ...]
    standard_error: tuple[float, ...]
    ties: Ties

    def at(self, t: float) -> float | None:
        """Return the cumulative hazard after a length of time.

        Args:
            t: The length of time, in the unit of the durations; 0 or more.

        Returns:
            The cumulative hazard, events at `t` itself included; None beyond the last time,
            where nothing is known.

        Raises:
            InvalidTypeError: `t` is not a number.
            InvalidValueError: `t` is negative or not finite.

        Examples:
            >>> curve = nelson_aalen([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
            >>> round(curve.at(3), 4), curve.at(1), curve.at(9)
            (0.45, 0.0, None)
        """
        after = _survival_rows.time("t", t)
        if after > self.times[-1]:
            return None
        row = bisect_right(self.times, after)
        return self.cumulative_hazard[row - 1] if row else 0.0

    def interval(
        self, *, level: float = 0.95, method: Literal["plain", "log"] = "log"
    ) -> tuple[Interval | None, ...]:
        """Return the pointwise confidence interval of the cumulative hazard at each time.

        Args:
            level: The confidence level, strictly between 0 and 1.
            method: On which scale the interval is symmetric: "plain" is H itself, clipped to 0
                and above; "log" is log H.

        Returns:
            An interval for each time; for "log" None before the first event.

        Raises:
            InvalidValueError: `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        References:
            Klein, J. P. & Moeschberger, M. L. (2003). Survival Analysis, 2nd ed. Springer.
            Equations 4.3.4 and 4.3.5.

        Examples:
            >>> curve = nelson_aalen([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
            >>> last = curve.interval()[-1]
            >>> round(last.low, 4), round(last.high, 4)
            (0.2791, 3.2337)
        """
        z, bounds = _normal.z_of(level), _BOUNDS[_checks.choice("method", method, _BOUNDS)]
        return tuple(
            Interval(*bounds(hazard, z * error), level=level, method=method)
            if hazard or method == "plain"
            else None
            for hazard, error in zip(self.cumulative_hazard, self.standard_error, strict=True)
        )

    @property
    def rows(self) -> Sequence[HazardRow]:
        """The rows, in the order in which they are shown."""
        columns = (self.times, self.at_risk, self.events, self.censored)
        estimates = (self.cumulative_hazard, self.standard_error)
        return [HazardRow(*row) for row in zip(*columns, *estimates, strict=True)]

    def _columns(self) -> Sequence[Column]:
        return columns_of(HazardRow)

    def _title(self) -> str:
        return f"Nelson-Aalen (ties: {self.ties})"


# As for shares, but that a hazard has no upper bound: symmetric around H, cut at 0, or around
# log H, which is always above 0 and needs an event before it.

_BOUNDS: dict[str, Callable[[float, float], tuple[float, float]]] = {
    "plain": lambda hazard, reach: (max(hazard - reach, 0.0), hazard + reach),
    "log": lambda hazard, reach: (
        hazard * exp(-reach / hazard),
        min(hazard * exp(reach / hazard), sys.float_info.max),
    ),
}


@overload
def nelson_aalen(
    durations: Iterable[float],
    observed: Iterable[int],
    *,
    ties: Ties = "sum",
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
    by: None = None,
) -> HazardCurve: ...
@overload
def nelson_aalen(
    durations: Iterable[float],
    observed: Iterable[int],
    *,
    ties: Ties = "sum",
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
    by: Iterable[Hashable],
) -> Groups[HazardCurve]: ...
@by_column("durations", "observed", "entry", "weights")
def nelson_aalen(
    durations: Iterable[float],
    observed: Iterable[int],
    *,
    ties: Ties = "sum",
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
) -> HazardCurve:
    """Estimate the cumulative hazard: the events per customer, summed over time.

    Where its slope is constant, customers leave at a constant rate; where it bends down,
    those who have stayed long leave more slowly.

    Args:
        durations: How long each customer was there, as numbers of one unit of your choice;
            0 or more, in any order.
        observed: Whether the end was seen (True or 1), or the customer was still there when
            last looked at (False or 0); in the same order.
        ties: d events among n customers at the same time count as d / n ("sum"), or as if
            one came after the other, 1 / n + 1 / (n - 1) + ... ("split").
        entry: When each customer came under observation; below its duration. None: from the
            start.
        weights: How many customers each row represents, above 0; may be fractional. None: 1.
        by: The group of each row, such as a column of plans: anything that can be hashed. None for
            one curve of all.

    Returns:
        The curve, with every distinct duration. The variance sums d / n^2 for "sum", and
        1 / n^2 + 1 / (n - 1)^2 + ... for "split". With `by`, such a curve for each group.

    Raises:
        EmptySampleError: There are no durations.
        InvalidTypeError: A number is not a number, or a flag is neither a truth value nor a
            whole number; the first such value is named with its position.
        InvalidValueError: A duration is negative or not finite, a flag is neither 0 nor 1,
            an entry is not below its duration, a weight is not above 0, or there are more
            of the one than of the other.
        UnknownNameError: `ties` is not one of these.

    Convention:
        "sum" is the default of R's `survfit` (ctype = 1); "split", by Fleming and
        Harrington, is its ctype = 2 and the default of lifelines, whose variance for "sum"
        is d (n - d) / n^3. Weights are frequencies: where the
        events at a time weigh 2.5, "split" counts 1 / n + 1 / (n - 1) + 0.5 / (n - 2); R
        splits by rows instead.

    References:
        Aalen, O. O. (1978). Nonparametric inference for a family of counting processes.
        Annals of Statistics 6:701-726. Fleming, T. R. & Harrington, D. P. (1984).
        Nonparametric estimation of the survival distribution in censored data.
        Communications in Statistics 13:2469-2486.

    Examples:
        >>> print(nelson_aalen([6, 6, 6, 7, 10], [True, True, False, True, False]))
        Nelson-Aalen (ties: sum)
        time  at_risk  events  censored  cumulative_hazard  standard_error
           6        5       2         1                0.4          0.2828
           7        2       1         0                0.9          0.5745
          10        1       0         1                0.9          0.5745
    """
    terms = _TERMS[_checks.choice("ties", ties, _TERMS)]
    counts = sample(durations, entry, weights).counts("observed", observed)
    at_risk, events = counts.shown(counts.at_risk), counts.shown(counts.events)
    hazards, variances = terms(at_risk, events)
    return HazardCurve(
        times=tuple(counts.times),
        at_risk=at_risk,
        events=events,
        censored=counts.shown(counts.censored),
        cumulative_hazard=tuple(accumulate(hazards)),
        standard_error=tuple(map(math.sqrt, accumulate(variances))),
        ties=ties,
    )


_Columns = tuple[Iterable[float], Iterable[float]]


def _summed(at_risk: Sequence[float], events: Sequence[float]) -> _Columns:
    shares = list(map(truediv, events, at_risk))
    return shares, map(truediv, shares, at_risk)


def _all_split(at_risk: Sequence[float], events: Sequence[float]) -> _Columns:
    hazards, variances = zip(*map(_split, at_risk, events), strict=True)
    return hazards, variances


def _split(n: float, d: float) -> tuple[float, float]:
    """Return the sums of 1 / m and 1 / m^2 over m = n, n - 1, ..., as many as d events.

    The many large m, if they are many, by Euler and Maclaurin; what is left one by one.
    """
    whole, part = divmod(d, 1)
    many = max(int(whole) - _ONE_BY_ONE, 0)
    hazard, variance = _many(n, many)
    for j in range(many, int(whole)):
        hazard += 1 / (n - j)
        variance += 1 / (n - j) ** 2
    if part:
        hazard += part / (n - whole)
        variance += part / (n - whole) ** 2
    return hazard, variance


_ONE_BY_ONE = 50


def _many(n: float, many: int) -> tuple[float, float]:
    """Return the sums of 1 / m and 1 / m^2 for the `many` m from n down, each m above 50."""
    if not many:
        return 0.0, 0.0
    u, v = 1 / (n - many + 1), 1 / n
    hazard = -math.log1p(-(many - 1) / n) + (u + v) / 2
    hazard += (u**2 - v**2) / 12 - (u**4 - v**4) / 120 + (u**6 - v**6) / 252
    variance = (many - 1) * u * v + (u**2 + v**2) / 2
    variance += (u**3 - v**3) / 6 - (u**5 - v**5) / 30 + (u**7 - v**7) / 42
    return hazard, variance


_TERMS: dict[str, Callable[[Sequence[float], Sequence[float]], _Columns]] = {
    "sum": _summed,
    "split": _all_split,
}
"""What d events among n customers add to the hazard and to its variance."""
