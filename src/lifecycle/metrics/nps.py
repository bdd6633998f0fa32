"""Net promoter score: how many would recommend you, less how many would not.

A rating of 9 or 10 is a promoter, 7 or 8 a passive, 0 to 6 a detractor. The score is the
share of promoters less the share of detractors, so each answer counts as 1, 0 or -1.
"""

import math
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple, overload

import attrs

from lifecycle import _checks, _inputs, _normal
from lifecycle._activity import ActivityRows, Reader
from lifecycle._groups import Groups, made
from lifecycle._lengths import Length, Period, as_period
from lifecycle._packages import needed
from lifecycle._splits import By, by_column, by_group, groups_of
from lifecycle._tables import Column, Table
from lifecycle._values import call
from lifecycle._vectors import Vector, vector
from lifecycle.errors import EmptySampleError, InvalidTypeError, InvalidValueError
from lifecycle.logs import EventLog
from lifecycle.logs._columns import coded, micros
from lifecycle.metrics._nps_ratings import SCALE, counted, counted_by, pairs, rated
from lifecycle.metrics._score_columns import figures, score_columns
from lifecycle.periods import Calendar
from lifecycle.rates import Comparison, Interval

__all__ = [
    "RollingScore",
    "RollingTable",
    "Score",
    "WeightedScore",
    "ZTest",
    "compare",
    "rolling",
    "sample_size",
    "score",
    "weighted",
]

_KINDS = (range(9, 11), range(7, 9), range(7))
"""The ratings of promoters, passives and detractors."""

_FAR = datetime.min.replace(tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# How many answers a method adds to the promoters and to the detractors, and twice that to the
# passives (Rocks 2016).
_ADDED = {"adjusted_wald": 0.75, "wald": 0.0}


@attrs.frozen(kw_only=True, weakref_slot=False)
class ZTest:
    """A test against the normal distribution; both fields are None where it is not defined.

    Attributes:
        z: The test statistic: standard normal where the hypothesis holds.
        p_value: The two-sided p-value of `z`.
    """

    z: float | None = None
    p_value: float | None = None


class _Answers:
    """What can be said of answers of which the number of each kind is known."""

    __slots__ = ()

    _size: ClassVar[str]
    """The name of the attribute that says how many answers there are."""

    def __repr__(self) -> str:
        return call(self)

    def _figures(self) -> dict[str, Any]:
        """Return what one row of a table shows."""
        return figures(self, self._size)

    @property
    @abstractmethod
    def _kinds(self) -> tuple[Any, Any, Any]:
        """How many promoters, passives and detractors there are, exactly."""

    @property
    def value(self) -> float | None:
        """The score as a fraction, -1 to 1; None where there are no answers."""
        return self._balance(1)

    @property
    def points(self) -> float | None:
        """The score in points, -100 to 100; None where there are no answers."""
        return self._balance(100)

    def _balance(self, scale: int) -> float | None:
        promoters, _, detractors = self._kinds
        n = sum(self._kinds)
        return float(scale * (promoters - detractors) / n) if n else None

    @property
    def variance(self) -> float | None:
        """The variance of one answer, p + d - (p - d)^2, 0 to 1; None without answers."""
        return _variance(*self._kinds) if sum(self._kinds) else None

    @property
    def standard_error(self) -> float | None:
        """The standard error of `value`; None where there are no answers."""
        variance = self.variance
        return None if variance is None else math.sqrt(variance / sum(self._kinds))

    def interval(self, *, level: float = 0.95, method: str = "adjusted_wald") -> Interval | None:
        """Return the confidence interval of `value`, clipped to -1 and 1.

        Args:
            level: The confidence level, strictly between 0 and 1.
            method: "adjusted_wald" adds three answers first: 3/4 promoters, 3/4 detractors
                and 3/2 passives. "wald" takes the answers as they are.

        Returns:
            The interval, as fractions; None where there are no answers.

        Raises:
            InvalidValueError: `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        Convention:
            The adjusted interval is centered on the score with the three answers added, which
            is nearer to 0, and not on `value`. R's `nps.test` (version 1.1) is "wald",
            which covers less than it says for few answers, and has no width where all
            answers are alike; neither is it clipped.

        References:
            Rocks, B. (2016). Interval estimation for the "net promoter score". The American
            Statistician 70(4):365-372.

        Examples:
            >>> interval = Score(promoters=162, passives=108, detractors=54).interval()
            >>> round(interval.low, 4), round(interval.high, 4)
            (0.2495, 0.4111)
        """
        z, method = _normal.z_of(level), _method(method)
        if not sum(self._kinds):
            return None
        center, error = _estimated(self, method)
        return _clipped(center, z * error, most=1, level=level, method=method)

    def test(self, *, value: float = 0, method: str = "wald") -> ZTest:
        """Test whether the score of the whole population could be a given one.

        Args:
            value: The score to test against, as a fraction, -1 to 1.
            method: "wald" or "adjusted_wald", as in `interval`.

        Returns:
            z and its two-sided p-value. Both are None where there are no answers, and where
            the standard error is 0.

        Raises:
            InvalidTypeError: `value` is not a number.
            InvalidValueError: `value` is outside -1 to 1.
            UnknownNameError: `method` is not one of these.

        Convention:
            The default is what R's `nps.test` does: the standard error is that of the
            answers, and z is normal. Others take Student's t.

        Examples:
            >>> against_zero = score(range(11)).test()
            >>> round(against_zero.z, 4), round(against_zero.p_value, 4)
            (-1.9277, 0.0539)
        """
        expected, method = _within("value", value, -1, 1), _method(method)
        if not sum(self._kinds):
            return ZTest()
        center, error = _estimated(self, method)
        z, p_value = _normal.z_test(center - expected, error)
        return ZTest(z=z, p_value=p_value)


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Score(_Answers):
    """The answers to "how likely are you to recommend us?", counted.

    Scores add by pooling their counts, so that `sum(scores)` is the score of all answers.

    Args:
        promoters: How many rated 9 or 10; a whole number, 0 or more.
        passives: How many rated 7 or 8.
        detractors: How many rated 0 to 6.

    Raises:
        InvalidTypeError: A count is not a whole number.
        InvalidValueError: A count is negative, or above 2^53.

    Convention:
        The score of no answers is None. Passives count in the denominator. R's `NPS` package
        gives the score as -1 to 1, as `value` does; most reports give -100 to 100, as `points`
        does. The variance divides by n, as R's `nps.var` does, and not by n - 1.

    References:
        Reichheld, F. F. (2003). The one number you need to grow. Harvard Business Review
        81(12):46-54.

    Examples:
        >>> answers = Score(promoters=70, passives=20, detractors=10)
        >>> answers.points
        60.0
        >>> answers + Score(promoters=5, passives=0, detractors=15)
        Score(promoters=75, passives=20, detractors=25)
        >>> Score(0, 0, 0).value
    """

    promoters: int
    passives: int
    detractors: int

    def __init__(self, promoters: int, passives: int, detractors: int) -> None:
        self.__attrs_init__(
            promoters=_inputs.count("promoters", promoters),
            passives=_inputs.count("passives", passives),
            detractors=_inputs.count("detractors", detractors),
        )

    def __add__(self, other: "Score") -> "Score":
        if not isinstance(other, Score):
            return NotImplemented
        return Score(
            self.promoters + other.promoters,
            self.passives + other.passives,
            self.detractors + other.detractors,
        )

    def __radd__(self, other: int) -> "Score":
        return self if other == 0 else NotImplemented

    @property
    def respondents(self) -> int:
        """How many answers there are."""
        return sum(self._kinds)

    _size: ClassVar = "respondents"

    @property
    def _kinds(self) -> tuple[int, int, int]:
        return self.promoters, self.passives, self.detractors


@attrs.frozen(repr=False, weakref_slot=False)
class WeightedScore(_Answers):
    """The score of answers that represent different numbers of customers, from `weighted`.

    Its counts are effective answers: the number of equally weighted answers with the same
    precision. They are `n` times the weighted shares, and need not be whole.
    """

    _counts: tuple[Fraction, Fraction, Fraction]

    def __repr__(self) -> str:
        counts = ("promoters", "passives", "detractors")
        said = (f"{name}={getattr(self, name):.6g}" for name in counts)
        return f"<WeightedScore: {', '.join(said)}>"

    @property
    def promoters(self) -> float:
        """The effective number of answers of 9 and 10."""
        return float(self._kinds[0])

    @property
    def passives(self) -> float:
        """The effective number of answers of 7 and 8."""
        return float(self._kinds[1])

    @property
    def detractors(self) -> float:
        """The effective number of answers of 0 to 6."""
        return float(self._kinds[2])

    @property
    def method(self) -> str:
        """How the effective size was found: "kish"."""
        return "kish"

    @property
    def n(self) -> float:
        """The effective size of the sample: (sum of weights)^2 / sum of squared weights."""
        return float(sum(self._kinds))

    _size: ClassVar = "n"

    @property
    def _kinds(self) -> tuple[Fraction, Fraction, Fraction]:
        return self._counts


Ratings = Iterable[int] | EventLog
"""Answers: whole numbers 0 to 10, or a log that has them as `value`, or as attribute "rating"."""


@overload
def score(ratings: Ratings, *, by: None = None) -> Score: ...
@overload
def score(ratings: Ratings, *, by: By | Iterable[Hashable]) -> Groups[Score]: ...
def score(ratings: Ratings, *, by: By | Iterable[Hashable] | None = None) -> Score | Groups[Score]:
    """Count ratings of 0 to 10 as promoters, passives and detractors.

    Args:
        ratings: The answers, whole numbers 0 to 10, in any order; or a log that has them as
            `value`, or as an attribute `rating`.
        by: What to split the answers by: the group of each, in the same order. Of a log, the name
            of an attribute, or a mapping of customers to groups. None for one score of all.

    Returns:
        The score, which keeps the counts; empty where there are no ratings. With `by`, such a
        score for each group, which sum to the score of all.

    Raises:
        InvalidTypeError: A rating is not a whole number, such as 9.5, "9", True or NaN; the
            first such rating is named with its position. Or a group cannot be hashed, or is NaN.
        InvalidValueError: A rating is outside 0 to 10, or there are more of them than groups, or
            less.

    Convention:
        Missing answers raise; R's `nps` leaves them out without saying so. There is no other
        scale: ratings of 1 to 5 are not net promoter ratings.

    Examples:
        >>> score([10, 9, 9, 8, 7, 3])
        Score(promoters=3, passives=2, detractors=1)
        >>> round(score([10, 9, 9, 8, 7, 3]).points, 2)
        33.33
        >>> plans = score([9, 3, 7], by=["pro", "free", "pro"])
        >>> plans["pro"]
        Score(promoters=1, passives=1, detractors=0)
    """
    given = rated("ratings", ratings)
    if by is None:
        return _scored(counted(given))
    groups = groups_of(by, "ratings", ratings if isinstance(ratings, EventLog) else given)
    return made(counted_by(groups, given), _scored)


@overload
def weighted(
    ratings: Iterable[int], weights: Iterable[float], *, by: None = None
) -> WeightedScore: ...
@overload
def weighted(
    ratings: Iterable[int], weights: Iterable[float], *, by: Iterable[Hashable]
) -> Groups[WeightedScore]: ...
@by_column("ratings", "weights")
def weighted(ratings: Iterable[int], weights: Iterable[float]) -> WeightedScore:
    """Score answers that represent different numbers of customers.

    Args:
        ratings: The answers, whole numbers 0 to 10.
        weights: What each answer counts for, 0 or more, in the same order; only their
            proportions matter, and an answer of weight 0 is none.
        by: The group of each answer, in the same order. None for one score of all.

    Returns:
        The score by the weighted shares. Its standard error and its interval are those of
        n_eff answers of equal weight, where n_eff = (sum of weights)^2 / sum of squared
        weights: with equal weights those of `score`, exactly. With `by`, such a score for each
        group.

    Raises:
        EmptySampleError: There are no ratings.
        InvalidTypeError: A rating is not a whole number, or a weight is not a number.
        InvalidValueError: A rating is outside 0 to 10, a weight is negative or not finite,
            there are more of the one than of the other, or all weights are 0.

    Convention:
        The weights are taken as known, and as unrelated to the answers (Kish). Survey software
        that knows the strata gives the error of a stratified sample, which is smaller where
        the strata differ.

    References:
        Kish, L. (1965). Survey Sampling. Wiley.

        Kish, L. (1992). Weighting for unequal Pi. Journal of Official Statistics 8:183-200.

    Examples:
        >>> estimate = weighted([10, 9, 2, 7], weights=[1, 1, 3, 1])
        >>> round(estimate.value, 4), estimate.n
        (-0.1667, 3.0)
        >>> interval = estimate.interval()
        >>> round(interval.low, 4), round(interval.high, 4)
        (-0.7332, 0.5666)
    """
    given = rated("ratings", ratings)
    if not len(given):
        raise EmptySampleError("ratings")
    each, codes = _weights(weights, len(given))
    exact = _exact(each)
    found = [(rating, exact[code], n) for (code, rating), n in pairs(codes, given).items()]
    of_rating = [0] * len(SCALE)
    for rating, weight, n in found:
        of_rating[rating] += n * weight
    effective = Fraction(sum(of_rating), sum(n * weight * weight for _, weight, n in found))
    promoters, passives, detractors = (sum(of_rating[r] for r in kind) for kind in _KINDS)
    return WeightedScore((promoters * effective, passives * effective, detractors * effective))


def compare(
    before: Score | WeightedScore,
    after: Score | WeightedScore,
    *,
    level: float = 0.95,
    method: str = "adjusted_wald",
) -> Comparison:
    """Compare the scores of two independent samples: after less before.

    Args:
        before: The score of the one sample, weighted or not.
        after: The score of the other sample, of other people.
        level: The confidence level of the interval, strictly between 0 and 1.
        method: "adjusted_wald" adds three answers to each sample first, as in
            `Score.interval`. "wald" takes the answers as they are.

    Returns:
        The difference as observed, positive where the score has risen, with its standard
        error, the z test and the interval (clipped to -2 and 2) of the method. All are None
        where a sample has no answers; z and its p-value also where the standard error is 0.

    Raises:
        InvalidTypeError: `before` or `after` is not a score.
        InvalidValueError: `level` is outside (0, 1).
        UnknownNameError: `method` is not one of these.

    Convention:
        The squared standard errors add, and z is normal. R's `nps.test` (version 1.1) is
        "wald", and gives the absolute difference. The adjusted interval is centered on the
        difference of the adjusted scores, and z is that difference over its standard error.
        Panels in which the same people answer twice need a paired test, which this is not.

    References:
        Rocks, B. (2016). Interval estimation for the "net promoter score". The American
        Statistician 70(4):365-372.

    Examples:
        >>> risen = compare(Score(130, 60, 60), Score(150, 60, 40))
        >>> round(risen.difference, 4), round(risen.p_value, 4)
        (0.16, 0.0244)
        >>> round(risen.interval.low, 4), round(risen.interval.high, 4)
        (0.0204, 0.2958)
    """
    for name, given in (("before", before), ("after", after)):
        if not isinstance(given, _Answers):
            raise InvalidTypeError(name, given, "be a Score")
    reach, method = _normal.z_of(level), _method(method)
    if before.value is None or after.value is None:
        return Comparison()
    (old, old_error), (new, new_error) = _estimated(before, method), _estimated(after, method)
    error = math.hypot(old_error, new_error)
    z, p_value = _normal.z_test(new - old, error)
    return Comparison(
        difference=after.value - before.value,
        standard_error=error,
        z=z,
        p_value=p_value,
        interval=_clipped(new - old, reach * error, most=2, level=level, method=method),
    )


def sample_size(
    margin: float, *, level: float = 0.95, power: float | None = None, spread: float = 1
) -> int:
    """Return the number of answers needed for a score, or to compare two scores.

    Args:
        margin: Without `power`: how far the interval may reach to each side. With `power`:
            the difference between two scores to be detected. A fraction, above 0 and at
            most 2: 0.05 is 5 points.
        level: The confidence level, strictly between 0 and 1.
        power: The probability of finding a difference of `margin`, strictly between 0 and 1;
            None asks for the precision of one score.
        spread: The variance of one answer, 0 to 1, such as `Score.variance` of an earlier
            survey; 1 is the worst case. Of two groups that differ, the mean of both.

    Returns:
        The number of answers, at least 1, rounded up. With `power`, the number **per group**.

    Raises:
        InvalidTypeError: A number is not a number.
        InvalidValueError: A number is outside its bounds.

    Convention:
        Three answers less than the formula of Wald, as the adjusted interval adds three.
        Lewis and Sauro give s^2 z^2 / d^2 - 3 per group also for the comparison. A difference
        has the variance of both groups, so that theirs finds it about every second time
        where 80 % was asked for.

    References:
        Lewis, J. R. and Sauro, J. (2021). Sample size estimation for NPS confidence
        intervals; Sample sizes for comparing Net Promoter Scores. measuringu.com.

    Examples:
        >>> sample_size(margin=0.05)
        1534
        >>> sample_size(margin=0.1, power=0.8, spread=0.75)
        1175
    """
    reach = Fraction(_within("margin", margin, 0, 2))  # exact: its square may underflow
    variance, z = _within("spread", spread, 0, 1), _normal.z_of(level)
    if not reach:
        raise InvalidValueError("margin", margin, "be above 0")
    if power is not None:
        variance *= 2
        z = max(z + _normal.quantile(_checks.fraction("power", power)), 0.0)
    return max(math.ceil(Fraction(variance * z**2) / reach**2 - 3), 1)


@attrs.frozen(kw_only=True, weakref_slot=False)
class RollingScore:
    """The score at the end of one calendar period.

    Attributes:
        period: The first instant of the period.
        end: The first instant after the period; the answers before it count.
        score: The score of the answers in the window that ends there.
    """

    period: datetime
    end: datetime
    score: Score


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class RollingTable(Table[RollingScore]):
    """Scores over a moving window, one row for each calendar period.

    `to_rows` and `to_frame` have the standard error and the 95 % interval too, in points.

    `table.row(date(2026, 2, 14))` is the row of the period that contains that day.

    Attributes:
        rows: The scores, in the order of time.
        window: How far back answers count.
        calendar: What the periods are.
    """

    _named_by = ("period",)

    rows: tuple[RollingScore, ...]
    window: Period
    calendar: Calendar

    def _columns(self) -> Sequence[Column]:
        ends = (Column(name, datetime, attrgetter(name)) for name in ("period", "end"))
        return [*ends, *score_columns(aside=True)]

    def _title(self) -> str:
        return f"NPS over {self.window} at the end of each {self.calendar.grain}"


DatedRatings = Iterable[tuple[datetime | date, int]] | EventLog
"""(at, rating) pairs, or a log that has the ratings as `value`, or as attribute "rating"."""


@overload
def rolling(
    dated_ratings: DatedRatings,
    *,
    window: Length,
    calendar: Calendar,
    until: datetime | date | None = None,
    by: None = None,
) -> RollingTable: ...
@overload
def rolling(
    dated_ratings: DatedRatings,
    *,
    window: Length,
    calendar: Calendar,
    until: datetime | date | None = None,
    by: By,
) -> Groups[RollingTable]: ...
@by_group("dated_ratings", of_customers=False)
def rolling(
    dated_ratings: DatedRatings,
    *,
    window: Length,
    calendar: Calendar,
    until: datetime | date | None = None,
) -> RollingTable:
    """Score the answers of a moving window, at the end of each calendar period.

    Args:
        dated_ratings: Pairs (at, rating), in any order. An instant without a time zone is a
            local time of the calendar, a date its first instant.
        window: How far back answers count, a `timedelta` or a `Period`: at a period's end t,
            those in [t - window, t).
        calendar: The periods, and their zone.
        until: Up to and including when answers are known: a date for its whole day, or an
            instant. Later ones are ignored, and the last row is that of the last period that
            has ended by then. None ends with the period of the last answer, whether it has
            ended or not.
        by: What to split the answers of a log by: the name of an attribute, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A table with a row for each period, from that of the first answer: the answers in its
        window are pooled. Where none is in it, the score is empty and its value None. With
        `by`, such a table for each group.

    Raises:
        InvalidTypeError: A row is not a pair, an instant is neither a datetime nor a date, a
            rating is not a whole number, or `window` or `calendar` is of another type.
        InvalidValueError: A rating is outside 0 to 10, or `window` is 0 or negative.
        MixedInstantsError: Some instants have a time zone, and others have none.

    Convention:
        Counts are pooled, never scores averaged: the mean of three monthly scores gives a
        month with few answers as much say as one with many. An answer at the first instant of
        a period belongs to that period, as everywhere. A window of whole periods of the
        calendar (`Period(months=1)` with months, `Period(days=7)` with days or weeks) is these
        periods, 23-hour days among them, so that with a window of one period each answer is
        in one row. Any other window of days is elapsed time, as `Period` has it.

    Examples:
        >>> answers = [(date(2026, 1, 9), 10), (date(2026, 2, 3), 2), (date(2026, 3, 30), 9)]
        >>> table = rolling(answers, window=Period(months=2), calendar=Calendar("month"))
        >>> [row.score.points for row in table]
        [100.0, 0.0, 0.0]
        >>> table.row(date(2026, 2, 14)).score
        Score(promoters=1, passives=0, detractors=1)
    """
    span = as_period("window", window)
    _checks.instance("calendar", calendar, Calendar)
    reader = Reader(calendar)
    last = None if until is None else reader.until("until", until)
    answers = _dated(reader, dated_ratings)
    starts = _starts(answers.ends, calendar, last)
    rows = (
        RollingScore(period=start, end=end, score=answers.pooled(begin, end))
        for (start, end), begin in zip(
            pairwise(starts), _begins(starts, calendar, span), strict=True
        )
    )
    return RollingTable(rows=tuple(rows), window=span, calendar=calendar)


def _scored(counts: Mapping[int, int]) -> Score:
    """Return the score of ratings, of which it is known how often each occurs."""
    promoters, passives, detractors = (sum(counts.get(r, 0) for r in kind) for kind in _KINDS)
    return Score(promoters, passives, detractors)


def _variance(promoters: Any, passives: Any, detractors: Any) -> float:
    """Return p + d - (p - d)^2 as a sum, in which nothing cancels."""
    n = promoters + passives + detractors
    return float((passives * (promoters + detractors) + 4 * promoters * detractors) / n**2)


def _estimated(score: _Answers, method: str) -> tuple[float, float]:
    """Return the score and its standard error, with the answers that the method adds."""
    promoters, passives, detractors = score._kinds  # noqa: SLF001  (what it is made of)
    added = _ADDED[method]
    p, q, d = promoters + added, passives + 2 * added, detractors + added
    n = p + q + d
    return (p - d) / n, math.sqrt(_variance(p, q, d) / n)


def _clipped(center: float, reach: float, *, most: int, level: float, method: str) -> Interval:
    low, high = max(center - reach, -most), min(center + reach, most)
    return Interval(low, high, level=level, method=method)


def _method(value: str) -> str:
    return _checks.choice("method", value, _ADDED)


def _within(argument: str, value: float, low: int, high: int) -> float:
    found = _checks.number(argument, value)
    if not low <= found <= high:
        raise InvalidValueError(argument, value, f"be between {low} and {high}")
    return float(found)


def _weights(weights: Iterable[float], n: int) -> tuple[list[float], Sequence[int]]:
    """Return the different weights of n ratings, and which of them each rating has."""
    given = vector(weights)
    if given is None or given.dtype.kind == "b" or not _are_sound(given):
        given = _inputs.listed("weights", weights)
        if not _inputs.are_plain(given):
            given = [_checks.known(_weight, f"weights[{i}]", each) for i, each in enumerate(given)]
    if len(given) != n:
        raise InvalidValueError("weights", len(given), f"be as many as the ratings, {n}")
    found, codes = _different(given)
    if not any(found):
        raise InvalidValueError("weights", 0, "hold one above 0")
    return found, codes


def _are_sound(weights: Vector) -> bool:
    return bool(((weights >= 0) & (weights < math.inf)).all())


def _different(weights: Any) -> tuple[list[float], Sequence[int]]:
    if isinstance(weights, list):
        found = coded(weights)
        return list(found.values), found.codes
    distinct, codes = needed("numpy").unique(weights, return_inverse=True)
    return distinct.tolist(), codes


def _exact(weights: Iterable[float]) -> list[int]:
    """Return weights as whole numbers in the same proportions, whose sums are not rounded."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = max(denominator for _, denominator in ratios)  # all are powers of 2
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def _weight(argument: str, value: float) -> float:
    found = _checks.number(argument, value)
    if found < 0:
        raise InvalidValueError(argument, value, "be at least 0")
    return float(found)


class _Dated(NamedTuple):
    """Answers by time.

    Attributes:
        times: The instants of promoters, of passives and of detractors, each ascending.
        place: What makes of an instant what the times are.
        ends: The first instant and the last one; () where there are no answers.
    """

    times: Sequence[Sequence[Any]]
    place: Callable[[datetime], Any]
    ends: Sequence[datetime]

    def pooled(self, begin: datetime | None, end: datetime) -> Score:
        """Pool the answers in [begin, end)."""
        first = self.place(_FAR if begin is None else _checks.utc(begin))
        after = self.place(_checks.utc(end))
        return Score(*(bisect_left(kind, after) - bisect_left(kind, first) for kind in self.times))


def _dated(reader: Reader, rows: DatedRatings) -> _Dated:
    found = _dated_at_once(reader, rows) if isinstance(rows, EventLog) else None
    if found is not None:
        return found
    ats, given = _inputs.columns("dated_ratings", rows, ("at", "rating"))
    moments = reader.moments("dated_ratings", ats)
    ratings = rated("dated_ratings", given, ".rating")
    times = [
        sorted(at for at, rating in zip(moments, ratings, strict=True) if rating in kind)
        for kind in _KINDS
    ]
    return _Dated(times, lambda at: at, (min(moments), max(moments)) if moments else ())


def _dated_at_once(reader: Reader, log: EventLog) -> _Dated | None:
    """Return the answers of a log that has arrays; None of others."""
    rows = reader.activity("dated_ratings", log)
    ratings = rated("dated_ratings", log, ".rating")
    if isinstance(rows, ActivityRows) or isinstance(ratings, tuple):
        return None
    ratings = ratings[rows.rows]
    times = [
        needed("numpy").sort(rows.moments[(ratings >= kind.start) & (ratings < kind.stop)])
        for kind in _KINDS
    ]
    ends = [int(rows.moments.min()), int(rows.moments.max())]
    return _Dated(times, micros, [_EPOCH + timedelta(microseconds=end) for end in ends])


def _starts(
    ends: Sequence[datetime], calendar: Calendar, last: datetime | None
) -> Sequence[datetime]:
    """Return the starts of the periods that get a row, and the end of the last one."""
    if not ends:
        return ()
    number, has = calendar._number, calendar._has  # noqa: SLF001  (also outside its periods)
    end = number(ends[1]) + 1 if last is None else calendar._closed(last)  # noqa: SLF001  (how a calendar counts)
    numbers = range(number(ends[0]), end + 1)
    return [calendar.start(k) for k in numbers if has(k) or has(k - 1)]


def _begins(
    starts: Sequence[datetime], calendar: Calendar, window: Period
) -> Iterator[datetime | None]:
    """Yield where the window of each row begins; None before all time.

    No answer is before the first start, so no window of whole periods needs to.
    """
    steps = calendar._steps(window)  # noqa: SLF001  (how many periods it is)
    for i, end in enumerate(starts[1:], 1):
        yield window.before(end) if steps is None else starts[max(i - steps, 0)]
