"""The Kaplan-Meier curve: the share of customers still there after each length of time."""

import math
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Literal, NamedTuple, overload

import attrs

from lifecycle import _checks, _normal
from lifecycle._groups import Groups
from lifecycle._splits import by_column
from lifecycle._tables import Column, Table, columns_of, in_words
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics import _survival_intervals, _survival_rows
from lifecycle.metrics._survival_columns import sample
from lifecycle.metrics._survival_rows import Counts
from lifecycle.rates import Estimate, Interval

__all__ = [
    "QuantileInterval",
    "SurvivalCurve",
    "SurvivalRow",
    "kaplan_meier",
    "restricted_mean_difference",
]

Method = Literal["plain", "log", "log_log", "logit"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class QuantileInterval:
    """A confidence interval of a quantile, whose bounds may be beyond the observed times.

    Attributes:
        low: The lower bound, in the unit of the durations; None where it is not reached.
        high: The upper bound; None where it is not reached.
        level: The confidence level.
        method: The method of the interval around the curve that the bounds were read from.
    """

    low: float | None
    high: float | None
    level: float
    method: str

    def __repr__(self) -> str:
        return call(self)


class SurvivalRow(NamedTuple):
    """One time of a survival curve.

    Attributes:
        time: The length of time, in the unit of the durations.
        at_risk: How many customers were still there just before it.
        events: How many ended at it.
        censored: How many were censored at it, after its events.
        survival: The share still there after it.
        standard_error: The standard error of `survival`; None where it is 0.
        low: The lower bound of the log-log interval at 95 %, None where there is none.
        high: The upper bound.
    """

    time: float
    at_risk: float
    events: float
    censored: float
    survival: float
    standard_error: float | None
    low: float | None
    high: float | None


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class SurvivalCurve(Table[SurvivalRow]):
    """A Kaplan-Meier curve, with a row for every distinct time.

    It is a table: it shows itself, and `to_rows` gives plain dicts, with the bounds of the
    log-log interval at 95 %.

    Attributes:
        times: The distinct durations, censored ones too, ascending.
        at_risk: How many customers were still there just before each time.
        events: How many ended at each time.
        censored: How many were censored at each time, after its events.
        survival: The share still there after each time.
        standard_error: The standard error of `survival` by Greenwood; None where it is 0.
    """

    _named_by = ("time",)

    times: tuple[float, ...]
    at_risk: tuple[float, ...]
    events: tuple[float, ...]
    censored: tuple[float, ...]
    survival: tuple[float, ...]
    standard_error: tuple[float | None, ...]

    @property
    def n(self) -> float:
        """How many customers there are, each counted by its weight."""
        return sum(self.events) + sum(self.censored)

    def at(self, t: float) -> float | None:
        """Return the share of customers that is still there after a length of time.

        Args:
            t: The length of time, in the unit of the durations; 0 or more.

        Returns:
            The share, events at `t` itself taken off. None beyond the last time, where
            nothing is known, unless no customer is left.

        Raises:
            InvalidTypeError: `t` is not a number.
            InvalidValueError: `t` is negative or not finite.

        Convention:
            R's `summary` leaves times beyond the last out too. lifelines goes on with the
            last value.

        Examples:
            >>> curve = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
            >>> round(curve.at(3), 4), curve.at(1.5), curve.at(9)
            (0.6, 1.0, None)
        """
        i = self._row_at(t)
        return 1.0 if i == -1 else None if i is None else self.survival[i]

    def interval(
        self, *, level: float = 0.95, method: Method = "log_log"
    ) -> tuple[Interval | None, ...]:
        """Return the pointwise confidence interval of the survival at each time.

        Args:
            level: The confidence level, strictly between 0 and 1.
            method: On which scale the interval is symmetric: "plain" is S itself, "log" is
                log S, "log_log" is log(-log S), "logit" is log(S / (1 - S)).

        Returns:
            An interval for each time: None where S is 0, for "log_log" and "logit" also
            where S is 1. "plain" and "log" are clipped to 0 and 1.

        Raises:
            InvalidValueError: `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        Convention:
            R's default is "log"; "log_log" covers better for few customers, and is the
            default of lifelines and SAS.

        References:
            Kalbfleisch, J. D. & Prentice, R. L. (2002). The Statistical Analysis of Failure
            Time Data, 2nd ed. Wiley. Section 1.4.1. Borgan, O. & Liestol, K. (1990). A note
            on confidence intervals and bands for the survival function. Scandinavian
            Journal of Statistics 17:35-41.

        Examples:
            >>> curve = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
            >>> first = curve.interval(level=0.9)[0]
            >>> round(first.low, 4), round(first.high, 4)
            (0.3135, 0.958)
        """
        return tuple(
            None if found is None else Interval(*found, level=level, method=method)
            for found in self._bounds(level, method)
        )

    def interval_at(
        self, t: float, *, level: float = 0.95, method: Method = "log_log"
    ) -> Interval | None:
        """Return the confidence interval of the survival after one length of time.

        Args:
            t: The length of time, in the unit of the durations; 0 or more.
            level: The confidence level, strictly between 0 and 1.
            method: "plain", "log", "log_log" or "logit", as in `interval`.

        Returns:
            The interval of the last time up to `t`; None where that has none, and before
            the first time and beyond the last one.

        Raises:
            InvalidTypeError: `t` is not a number.
            InvalidValueError: `t` is negative or not finite, or `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        Examples:
            >>> curve = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
            >>> interval = curve.interval_at(4)
            >>> round(interval.low, 4), round(interval.high, 4)
            (0.1257, 0.8818)
        """
        z, i = _normal.z_of(level), self._row_at(t)
        _checks.choice("method", method, _survival_intervals.METHODS)
        if i is None or i == -1:
            return None
        found = _survival_intervals.band(self.survival[i], self.standard_error[i], z, method)
        return None if found is None else Interval(*found, level=level, method=method)

    def quantile(self, p: float) -> float | None:
        """Return the length of time after which a share of the customers has had the event.

        Args:
            p: The share that has had it, strictly between 0 and 1.

        Returns:
            The first time at which the survival is 1 - p or less, in the unit of the
            durations; None where it stays above. Where the survival is 1 - p (within 1e-9)
            for a stretch and later falls, the middle of the stretch.

        Raises:
            InvalidTypeError: `p` is not a number.
            InvalidValueError: `p` is outside (0, 1).

        Convention:
            p is the share that has ended, as in R; the percentile p of lifelines is the
            share that is still there, and it takes the start of a stretch. Of a stretch
            that never falls this is the start, as in the median that R prints; R's
            `quantile` takes the middle of it and the last time.

        Examples:
            >>> curve = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
            >>> curve.quantile(0.1), curve.quantile(0.4), curve.quantile(0.8)
            (2, 4.0, None)
        """
        return _survival_intervals.crossing(self.times, self.survival, 1 - _checks.fraction("p", p))

    def quantile_interval(
        self, p: float, *, level: float = 0.95, method: Method = "log_log"
    ) -> QuantileInterval:
        """Return the confidence interval of a quantile: where the bounds of the curve cross.

        Args:
            p: The share that has had the event, strictly between 0 and 1.
            level: The confidence level, strictly between 0 and 1.
            method: The interval around the curve: "plain", "log", "log_log" or "logit".

        Returns:
            The times at which the lower and the upper bound of the survival reach 1 - p, by
            the rule of `quantile`; times without bounds are skipped.

        Raises:
            InvalidTypeError: A number is not a number.
            InvalidValueError: `p` or `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        References:
            Brookmeyer, R. & Crowley, J. (1982). A confidence interval for the median
            survival time. Biometrics 38:29-41.

        Examples:
            >>> interval = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 1]).quantile_interval(0.5)
            >>> interval.low, interval.high
            (2, None)
        """
        share, found = 1 - _checks.fraction("p", p), self._bounds(level, method)
        low, high = (
            _survival_intervals.crossing(
                self.times, [None if pair is None else pair[i] for pair in found], share
            )
            for i in (0, 1)
        )
        level = _checks.fraction("level", level)
        return QuantileInterval(low=low, high=high, level=level, method=method)

    def median(self) -> float | None:
        """Return the length of time after which half of the customers has had the event.

        Returns:
            The quantile of one half, in the unit of the durations; None where more than
            half is still there at the end.

        Examples:
            >>> kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0]).median()
            5
        """
        return self.quantile(0.5)

    def median_interval(
        self, *, level: float = 0.95, method: Method = "log_log"
    ) -> QuantileInterval:
        """Return the confidence interval of the median, as `quantile_interval` has it.

        Args:
            level: The confidence level, strictly between 0 and 1.
            method: The interval around the curve: "plain", "log", "log_log" or "logit".

        Returns:
            The interval, in the unit of the durations; a bound that is not reached is None.

        Raises:
            InvalidValueError: `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        Examples:
            >>> kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0]).median_interval().low
            2
        """
        return self.quantile_interval(0.5, level=level, method=method)

    def restricted_mean(self, tau: float) -> Estimate:
        """Estimate how long customers stay on average, counted up to a horizon.

        Args:
            tau: The horizon, in the unit of the durations; at most the last time.

        Returns:
            The area under the curve from 0 to `tau`, in the unit of the durations, with the
            standard error of that area. Events that leave no customer at risk add nothing to it.

        Raises:
            InvalidTypeError: `tau` is not a number.
            InvalidValueError: `tau` is negative, or beyond the last time, where the curve
                is not known.

        Convention:
            The standard error is that of the estimator, as `survfit` of R prints it; the
            deviation of the durations divided by the root of n is another thing. Without
            a horizon, R takes the last time of all its curves, and goes on with the last
            value of those that end earlier; or, where asked, the last time of each. The
            interval is that of the logit between 0 and `tau`; `survRM2` has the plain one,
            which may pass them.

        References:
            Klein, J. P. & Moeschberger, M. L. (2003). Survival Analysis, 2nd ed. Springer.
            Equations 4.5.1 and 4.5.2.

        Examples:
            >>> stay = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0]).restricted_mean(6)
            >>> round(stay.value, 4), round(stay.standard_error, 4)
            (4.3, 0.705)
        """
        end, last = _survival_rows.time("tau", tau), self.times[-1]
        if end > last:
            raise InvalidValueError("tau", tau, f"be at most the last time, {last!r}")
        known = bisect_right(self.times, end)
        edges = [0, *self.times[:known], end]
        widths = (after - before for before, after in pairwise(edges))
        areas = [s * width for s, width in zip((1.0, *self.survival[:known]), widths, strict=True)]
        to_come = [*accumulate(reversed(areas[1:]))][::-1]
        return Estimate(
            value=math.fsum(areas),
            standard_error=math.hypot(
                *(
                    area * math.sqrt(d / n / (n - d))
                    for area, n, d in zip(to_come, self.at_risk, self.events, strict=False)
                    if d < n
                )
            ),
            n=self.n,
            method="greenwood",
            bounds=(0, end),
        )

    def given(self, t: float) -> "SurvivalCurve":
        """Return the curve of those who are still there after a length of time.

        Its times are counted from `t` on: `curve.given(t).at(s)` is the probability of
        staying s longer, given that a customer has stayed t; and
        `curve.given(t).restricted_mean(tau)` the time still expected, counted up to tau.

        Args:
            t: How long the customers have been there, in the unit of the durations.

        Returns:
            The curve of the time that remains, which starts at 1 again; its standard errors
            are those of the conditional probabilities.

        Raises:
            InvalidTypeError: `t` is not a number.
            InvalidValueError: `t` is negative, no customer is left at `t`, or nothing is
                known beyond it.

        Convention:
            Events at `t` itself have happened.

        Examples:
            >>> later = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0]).given(3)
            >>> later.times, later.at_risk, later.survival
            ((2, 5), (2, 1), (0.5, 0.5))
        """
        start = _survival_rows.time("t", t)
        rest = bisect_right(self.times, start)
        if self.at(start) == 0 or rest == len(self.times):
            raise InvalidValueError("t", t, "be a time after which customers are known to be left")
        times = [time - start for time in self.times[rest:]]
        counts = (self.at_risk[rest:], self.events[rest:], self.censored[rest:])
        return _curve(Counts(times, *counts))

    def _row_at(self, t: float) -> int | None:
        """Return the last row up to a time, -1 before the first; None where none is known."""
        after = _survival_rows.time("t", t)
        is_unknown = after > self.times[-1] and self.survival[-1] > 0
        return None if is_unknown else bisect_right(self.times, after) - 1

    def _bounds(self, level: float, method: str) -> list[_survival_intervals.Bounds | None]:
        z = _normal.z_of(level)
        _checks.choice("method", method, _survival_intervals.METHODS)
        return [
            _survival_intervals.band(s, error, z, method)
            for s, error in zip(self.survival, self.standard_error, strict=True)
        ]

    @property
    def rows(self) -> Sequence[SurvivalRow]:
        """The rows, in the order in which they are shown."""
        bounds = [found or (None, None) for found in self._bounds(_LEVEL, _METHOD)]
        columns = (getattr(self, name) for name in _FIELDS)
        times, *others = columns
        return [SurvivalRow(*row, *pair) for *row, pair in zip(times, *others, bounds, strict=True)]

    def _columns(self) -> Sequence[Column]:
        return columns_of(SurvivalRow)

    def _title(self) -> str:
        ended, n = in_words(sum(self.events)), in_words(self.n)
        return f"Kaplan-Meier: {ended} of {n} ended (low, high: {_LEVEL:.0%}, {_METHOD})"


_LEVEL = 0.95
_METHOD: Method = "log_log"
_FIELDS = ("times", "at_risk", "events", "censored", "survival", "standard_error")


@overload
def kaplan_meier(
    durations: Iterable[float],
    observed: Iterable[int],
    *,
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
    by: None = None,
) -> SurvivalCurve: ...
@overload
def kaplan_meier(
    durations: Iterable[float],
    observed: Iterable[int],
    *,
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
    by: Iterable[Hashable],
) -> Groups[SurvivalCurve]: ...
@by_column("durations", "observed", "entry", "weights")
def kaplan_meier(
    durations: Iterable[float],
    observed: Iterable[int],
    *,
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
) -> SurvivalCurve:
    """Estimate the share of customers that is still there after each length of time.

    Customers whose end has not been seen yet, who are censored, count for as long as they
    were there.

    Args:
        durations: How long each customer was there, as numbers of one unit of your choice;
            0 or more, in any order.
        observed: Whether the end was seen (True or 1), or the customer was still there when
            last looked at (False or 0); in the same order.
        entry: When each customer came under observation, counted like its duration, from
            the same start: a customer is at risk after `entry`, up to `duration`. Below the
            duration, or 0. None: from the start, which 0 is too.
        weights: How many customers each row represents, above 0; may be fractional. None: 1.
        by: The group of each row, such as a column of plans: anything that can be hashed. None for
            one curve of all.

    Returns:
        The curve, with every distinct duration. With `by`, such a curve for each group.

    Raises:
        EmptySampleError: There are no durations.
        InvalidTypeError: A number is not a number, or a flag is neither a truth value nor a
            whole number; the first such value is named with its position.
        InvalidValueError: A duration is negative or not finite, a flag is neither 0 nor 1,
            an entry is not below its duration, a weight is not above 0, or there are more
            of the one than of the other.

    Convention:
        Events come before censorings at the same time. Weights are frequencies: a weight of
        2 is the same as two rows, also in the standard errors; `survfit` of R turns to a
        robust variance where weights are fractional. Times are taken as they are; R joins
        those that differ by rounding errors only. With late entry the curve may fall to 0
        while few are at risk; then it stays there.

    References:
        Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete
        observations. Journal of the American Statistical Association 53:457-481.
        Greenwood, M. (1926). The natural duration of cancer. HMSO.

    Examples:
        >>> curve = kaplan_meier([6, 6, 6, 7, 10], [True, True, False, True, False])
        >>> print(curve)
        Kaplan-Meier: 3 of 5 ended (low, high: 95%, log_log)
        time  at_risk  events  censored  survival  standard_error     low    high
           6        5       2         1       0.6          0.2191  0.1257  0.8818
           7        2       1         0       0.3          0.2387  0.0123  0.7192
          10        1       0         1       0.3          0.2387  0.0123  0.7192
    """
    return _curve(sample(durations, entry, weights).counts("observed", observed))


def restricted_mean_difference(a: SurvivalCurve, b: SurvivalCurve, *, tau: float) -> Estimate:
    """Estimate how much longer customers stay in one group than in another, up to a horizon.

    Args:
        a: The curve of the one group.
        b: The curve of the other group, of other customers.
        tau: The horizon, in the unit of the durations; at most the last time of either.

    Returns:
        The restricted mean of `a` less that of `b`, with the standard error of two
        independent samples.

    Raises:
        InvalidTypeError: `a` or `b` is not a curve, or `tau` is not a number.
        InvalidValueError: `tau` is negative, or beyond the last time of a curve.

    Convention:
        Both are counted up to one horizon, within what was seen of both. Restricted means
        that each end at the last time of their own group do not compare. The interval is that
        of the logit between -`tau` and `tau`; `survRM2` has the plain one.

    References:
        Royston, P. & Parmar, M. K. B. (2013). Restricted mean survival time: an alternative
        to the hazard ratio. BMC Medical Research Methodology 13:152.

    Examples:
        >>> yearly = kaplan_meier([9, 12, 12, 15], [1, 1, 0, 0])
        >>> monthly = kaplan_meier([2, 3, 3, 5, 12], [1, 1, 0, 1, 0])
        >>> longer = restricted_mean_difference(yearly, monthly, tau=12)
        >>> round(longer.value, 4), round(longer.standard_error, 4)
        (5.15, 2.0916)
    """
    end = _survival_rows.time("tau", tau)
    for argument, curve in (("a", a), ("b", b)):
        if not isinstance(curve, SurvivalCurve):
            raise InvalidTypeError(argument, curve, "be a SurvivalCurve, such as of kaplan_meier")
    one, other = a.restricted_mean(end), b.restricted_mean(end)
    errors = (one.standard_error or 0.0, other.standard_error or 0.0)
    return Estimate(
        value=one.value - other.value,
        standard_error=math.hypot(*errors),
        n=one.n + other.n,
        method="greenwood",
        bounds=(-end, end),
    )


def _curve(counts: Counts) -> SurvivalCurve:
    survival = _survival_rows.product_limit(counts.at_risk, counts.events)
    return SurvivalCurve(
        times=tuple(counts.times),
        at_risk=counts.shown(counts.at_risk),
        events=counts.shown(counts.events),
        censored=counts.shown(counts.censored),
        survival=survival,
        standard_error=tuple(
            s * math.sqrt(variance) if s else None
            for s, variance in zip(survival, _greenwood(counts), strict=True)
        ),
    )


def _greenwood(counts: Counts) -> Iterable[float]:
    """Return the variance of log S at each time; events that leave no customer add nothing."""
    return accumulate(
        d / n * (counts.unit / (n - d)) if 0 < d < n else 0.0
        for n, d in zip(counts.at_risk, counts.events, strict=True)
    )
