"""The log-rank test: whether customers stay equally long in all groups."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, repeat
from operator import add, mul, sub, truediv
from typing import Any, NamedTuple

import attrs

from lifecycle import _checks, _normal
from lifecycle._groups import Groups
from lifecycle._tables import Column, Table, columns_of
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics import _survival_rows
from lifecycle.metrics._survival_columns import sample
from lifecycle.metrics._survival_rows import Counts
from lifecycle.metrics.survival_curves import SurvivalCurve

__all__ = ["LogRank", "LogRankRow", "log_rank"]

Group = tuple[Iterable[float], Iterable[int]] | SurvivalCurve
_Columns = Sequence[Sequence[float]]

_LEAST_RHO = -10


class LogRankRow(NamedTuple):
    """One group of a log-rank test.

    Attributes:
        group: Its name; else its number, from 1, in the order in which groups were given.
        n: How many customers it has.
        observed: The weighted number of its events.
        expected: How many there would be if the groups did not differ.
    """

    group: object
    n: int
    observed: float
    expected: float


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class LogRank(Table[LogRankRow]):
    """A test of whether survival is the same in all groups.

    It is a table with a row for each group.

    Attributes:
        statistic: The test statistic, chi-squared where the groups do not differ; None
            where no event could tell groups apart.
        df: Its degrees of freedom: the groups in which events were expected, less 1.
        p_value: The probability of a statistic at least as large; None without one.
        rho: How the events were weighted, by S(t-)^rho.
        groups: The name of each group; else its number, from 1.
        n: How many customers each group has.
        observed: The weighted number of events of each group.
        expected: How many there would be if the groups did not differ.
        variance: The covariances of observed less expected, row by row.
    """

    _named_by = ("group",)

    statistic: float | None
    df: int
    p_value: float | None
    rho: float
    groups: tuple[Any, ...]
    n: tuple[int, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    variance: tuple[tuple[float, ...], ...]

    @property
    def rows(self) -> Sequence[LogRankRow]:
        """The rows, in the order in which they are shown."""
        columns = (self.groups, self.n, self.observed, self.expected)
        return [LogRankRow(*row) for row in zip(*columns, strict=True)]

    def _columns(self) -> Sequence[Column]:
        return columns_of(LogRankRow)

    def _title(self) -> str:
        if self.statistic is None or self.p_value is None:
            return f"Log-rank test, rho {self.rho:g}: no event tells the groups apart"
        return (
            f"Log-rank test, rho {self.rho:g}: chi-squared {self.statistic:.4g} "
            f"on {self.df} df, p {self.p_value:.3g}"
        )


def log_rank(
    *groups: Group | Groups[SurvivalCurve] | Mapping[Any, Group], rho: float = 0
) -> LogRank:
    """Test whether survival is the same in all groups.

    Args:
        *groups: Two or more pairs (durations, observed), as `kaplan_meier` takes them, or curves
            that it returns. Or all of them at once: what `kaplan_meier` returns with `by`, or a
            mapping from the names of groups to pairs or curves.
        rho: How much more early events count than late ones: each is weighted by
            S(t-)^rho, the pooled share still there just before it. 0 is the log-rank test,
            1 the one of Peto and Peto; -10 or more.

    Returns:
        The test, whose statistic is chi-squared with one degree of freedom less than there
        are groups. A group in which no event was expected, because none of its
        customers was still there, does not count.

    Raises:
        EmptySampleError: A group has no durations.
        InvalidTypeError: A group is neither a pair nor a curve, or holds something that is not a
            number.
        InvalidValueError: There are fewer than two groups; a duration is negative or not
            finite, a flag is neither 0 nor 1, or `rho` is not finite or below -10; or a curve
            has customers who came late, or weights that are not whole.

    Convention:
        The variance is that of R's `survdiff` (and of lifelines and SAS), hypergeometric
        with ties. The weights are those of `survdiff`, and of lifelines'
        "fleming-harrington" with p = rho and q = 0; its "peto" takes another estimate of S.
        Where no event can tell groups apart, R gives a statistic of 0, or fails. The time
        grows with the square of the number of groups, as each pair has a covariance.

    References:
        Mantel, N. (1966). Evaluation of survival data and two new rank order statistics
        arising in its consideration. Cancer Chemotherapy Reports 50:163-170. Harrington,
        D. P. & Fleming, T. R. (1982). A class of rank test procedures for censored
        survival data. Biometrika 69:553-566.

    Examples:
        >>> plans = ([2, 3, 3, 5, 12], [1, 1, 0, 1, 0]), ([9, 12, 12, 15], [1, 1, 0, 0])
        >>> print(log_rank(*plans))
        Log-rank test, rho 0: chi-squared 1.264 on 1 df, p 0.261
        group  n  observed  expected
            1  5         3     1.839
            2  4         2     3.161
        >>> named = {"monthly": plans[0], "yearly": plans[1]}
        >>> log_rank(named).row("yearly").n
        4
    """
    power, named = _rho(rho), _named(groups)
    if len(named) < 2:  # noqa: PLR2004  (a group has to differ from another)
        raise InvalidValueError("groups", len(named), "be two or more")
    counted = [_counted(place, group) for _, place, group in named]
    found = _differences(*_aligned(counted), power)
    statistic, df = _statistic(found)
    return LogRank(
        statistic=statistic,
        df=df,
        p_value=None if statistic is None else _normal.chi_squared_p(statistic, df),
        rho=power,
        groups=tuple(name for name, _, _ in named),
        n=tuple(int(counts.at_risk[0]) for counts in counted),
        observed=tuple(found.observed),
        expected=tuple(found.expected),
        variance=tuple(map(tuple, found.variance)),
    )


class _Differences(NamedTuple):
    """Of each group: observed and expected, their difference, and its covariances."""

    observed: list[float]
    expected: list[float]
    differences: list[float]
    variance: list[list[float]]


def _rho(value: float) -> float:
    found = float(_checks.number("rho", value))
    if found < _LEAST_RHO:  # S(t-) may be one in a billion, whose power must stay a float
        raise InvalidValueError("rho", value, f"be at least {_LEAST_RHO}")
    return found


def _named(groups: Sequence[Any]) -> list[tuple[Any, str, Any]]:
    """Return the groups, each with its name, and how messages name it."""
    first = groups[0] if len(groups) == 1 else None
    if isinstance(first, Groups | Mapping):
        given = dict(first.results) if isinstance(first, Groups) else first
        return [(name, f"groups[{name!r}]", group) for name, group in given.items()]
    if isinstance(first, list) and first and isinstance(first[0], SurvivalCurve):
        raise InvalidTypeError("groups", first, "be given one by one: log_rank(*curves)")
    return [(i + 1, f"groups[{i}]", group) for i, group in enumerate(groups)]


def _counted(argument: str, group: object) -> Counts:
    if isinstance(group, SurvivalCurve):
        return _counts_of(argument, group)
    if not isinstance(group, tuple | list) or len(group) != 2:  # noqa: PLR2004  (a pair)
        raise InvalidTypeError(argument, group, "be a pair (durations, observed), or a curve")
    durations, observed = group
    return sample(durations, path=f"{argument}.").counts(f"{argument}.observed", observed)


def _counts_of(argument: str, curve: SurvivalCurve) -> Counts:
    """Return the counts of a curve; those at risk between its times must not grow."""
    gone = map(add, curve.events, curve.censored)
    left = list(map(sub, curve.at_risk, gone))
    if left != [*curve.at_risk[1:], 0] or any(n % 1 for n in curve.at_risk):
        expected = "be a curve without entry=, and without weights= that are not whole"
        raise InvalidValueError(argument, curve, expected)
    return Counts(curve.times, curve.at_risk, curve.events, curve.censored)


def _aligned(groups: Sequence[Counts]) -> tuple[_Columns, _Columns]:
    """Return who is at risk and who ends in each group, at each time with an event in any."""
    events = [
        dict(zip(compress(group.times, group.events), filter(None, group.events), strict=True))
        for group in groups
    ]
    times: list[float] = sorted(set().union(*events))
    at_risk = [
        list(map([*group.at_risk, 0].__getitem__, map(bisect_left, repeat(group.times), times)))
        for group in groups
    ]
    return at_risk, [list(map(ended.get, times, repeat(0))) for ended in events]


def _differences(at_risk: _Columns, events: _Columns, power: float) -> _Differences:
    """Sum the events over the times, and what a group's share of those at risk would give."""
    n, d = _totals(at_risk), _totals(events)
    before = [1.0, *_survival_rows.product_limit(n, d)][: len(n)]
    weights = [s**power for s in before]
    fair = [list(map(truediv, map(mul, d, of), n)) for of in at_risk]
    return _Differences(
        observed=[_summed(weights, of) for of in events],
        expected=[_summed(weights, of) for of in fair],
        differences=[
            _summed(weights, map(sub, of, expected))
            for of, expected in zip(events, fair, strict=True)
        ],
        variance=_covariances(at_risk, n, d, weights),
    )


def _covariances(
    at_risk: _Columns, n: Sequence[float], d: Sequence[float], weights: Sequence[float]
) -> list[list[float]]:
    """Sum the covariances of drawing d from n without putting back: hypergeometric ones."""
    spread = [
        w * w * d * ((n - d) / (n - 1)) if n > 1 else 0.0
        for w, n, d in zip(weights, n, d, strict=True)
    ]
    shares = [list(map(truediv, of, n)) for of in at_risk]
    others = [[1 - share for share in of] for of in shares]
    return [
        [
            _summed(spread, map(mul, one, others[i]))
            if i == j
            else 0.0 - _summed(spread, map(mul, one, other))
            for j, other in enumerate(shares)
        ]
        for i, one in enumerate(shares)
    ]


def _statistic(found: _Differences) -> tuple[float | None, int]:
    """Return d' V^-1 d over the groups in which events were expected, one of them left out."""
    order = sorted(range(len(found.expected)), key=found.expected.__getitem__)
    taking_part = [i for i in order if found.expected[i] > 0]
    df = max(len(taking_part) - 1, 0)
    if not any(found.variance[i][i] for i in taking_part):
        return None, df
    kept = taking_part[:-1]
    matrix = [[found.variance[i][j] for j in kept] for i in kept]
    return _quadratic_form(matrix, [found.differences[i] for i in kept]), df


def _quadratic_form(matrix: list[list[float]], vector: list[float]) -> float:
    """Return v' M^-1 v, by eliminating one row after another from (M, v)."""
    rows = [[*row, x] for row, x in zip(matrix, vector, strict=True)]
    total = 0.0
    while rows:
        (pivot, *first), *others = rows
        total += first[-1] * first[-1] / pivot
        rows = [
            [x - row[0] / pivot * y for x, y in zip(row[1:], first, strict=True)] for row in others
        ]
    return total


def _totals(columns: _Columns) -> list[float]:
    return list(map(sum, zip(*columns, strict=True)))


def _summed(weights: Iterable[float], values: Iterable[float]) -> float:
    return math.fsum(map(mul, weights, values))
