"""Competing causes: the share of customers that has ended by each of several causes."""

import math
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple, overload

import attrs

from lifecycle import _checks, _normal
from lifecycle._groups import Groups
from lifecycle._splits import by_column
from lifecycle._tables import Column, Table, columns_of
from lifecycle.errors import InvalidValueError
from lifecycle.metrics import _survival_intervals, _survival_rows
from lifecycle.metrics._survival_columns import sample
from lifecycle.metrics._survival_rows import Cause, Counts
from lifecycle.rates import Interval

__all__ = ["CumulativeIncidence", "IncidenceCurve", "IncidenceRow", "cumulative_incidence"]

Method = Literal["plain", "log", "log_log", "logit"]

_LEVEL = 0.95
_METHOD: Method = "log_log"


class IncidenceRow(NamedTuple):
    """One time of the incidence of one cause.

    Attributes:
        cause: The cause.
        time: The length of time, in the unit of the durations.
        at_risk: How many customers were still there just before it.
        events: How many ended by this cause at it.
        incidence: The share that had ended by this cause after it.
        standard_error: The standard error of `incidence`.
        low: The lower bound of the log-log interval at 95 %, None where there is none.
        high: The upper bound.
    """

    cause: Cause
    time: float
    at_risk: float
    events: float
    incidence: float
    standard_error: float
    low: float | None
    high: float | None


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class IncidenceCurve(Table[IncidenceRow]):
    """The cumulative incidence of one cause, with a row for every distinct time.

    It is a table, with the bounds of the log-log interval at 95 %.

    Attributes:
        cause: The cause.
        times: The distinct durations of all customers, ascending.
        at_risk: How many customers were still there just before each time.
        events: How many ended by this cause at each time.
        survival: The share that had ended by no cause after each time: Kaplan-Meier's.
        incidence: The share that had ended by this cause.
        standard_error: The standard error of `incidence`.
    """

    _named_by = ("time",)

    cause: Cause
    times: tuple[float, ...]
    at_risk: tuple[float, ...]
    events: tuple[float, ...]
    survival: tuple[float, ...]
    incidence: tuple[float, ...]
    standard_error: tuple[float, ...]

    def at(self, t: float) -> float | None:
        """Return the share that has ended by this cause after a length of time.

        Args:
            t: The length of time, in the unit of the durations; 0 or more.

        Returns:
            The share, events at `t` itself included. None beyond the last time, where
            nothing is known, unless no customer is left.

        Raises:
            InvalidTypeError: `t` is not a number.
            InvalidValueError: `t` is negative or not finite.

        Examples:
            >>> ends = cumulative_incidence([2, 3, 3, 5, 8], ["left", "moved", None, "left", None])
            >>> round(ends["left"].at(6), 4)
            0.5
        """
        after = _survival_rows.time("t", t)
        if after > self.times[-1] and self.survival[-1] > 0:
            return None
        row = bisect_right(self.times, after)
        return self.incidence[row - 1] if row else 0.0

    def interval(
        self, *, level: float = 0.95, method: Method = "log_log"
    ) -> tuple[Interval | None, ...]:
        """Return the pointwise confidence interval of the incidence at each time.

        Args:
            level: The confidence level, strictly between 0 and 1.
            method: On which scale of the incidence the interval is symmetric: "plain", "log",
                "log_log" or "logit", as for a survival curve.

        Returns:
            An interval for each time, clipped to 0 and 1; None where the incidence is 0,
            except for "plain", and for "log_log" and "logit" also where it is 1.

        Raises:
            InvalidValueError: `level` is outside (0, 1).
            UnknownNameError: `method` is not one of these.

        Convention:
            R's default is "log"; lifelines has "log_log".

        Examples:
            >>> ends = cumulative_incidence([2, 3, 3, 5, 8], ["left", "moved", None, "left", None])
            >>> last = ends["left"].interval()[-1]
            >>> round(last.low, 4), round(last.high, 4)
            (0.0534, 0.8488)
        """
        return tuple(
            None if found is None else Interval(*found, level=level, method=method)
            for found in self._bounds(level, method)
        )

    def _bounds(self, level: float, method: str) -> list[_survival_intervals.Bounds | None]:
        z = _normal.z_of(level)
        _checks.choice("method", method, _survival_intervals.METHODS)
        return [
            _survival_intervals.band(share, error, z, method)
            for share, error in zip(self.incidence, self.standard_error, strict=True)
        ]

    @property
    def rows(self) -> Sequence[IncidenceRow]:
        """The rows, in the order in which they are shown."""
        columns = (self.times, self.at_risk, self.events, self.incidence, self.standard_error)
        bounds = [found or (None, None) for found in self._bounds(_LEVEL, _METHOD)]
        rows = zip(zip(*columns, strict=True), bounds, strict=True)
        return [IncidenceRow(self.cause, *row, *pair) for row, pair in rows]

    def _columns(self) -> Sequence[Column]:
        return _COLUMNS

    def _title(self) -> str:
        return f"Cumulative incidence of {self.cause!r} (low, high: {_LEVEL:.0%}, {_METHOD})"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CumulativeIncidence(Table[IncidenceRow]):
    """The cumulative incidence of each cause: `incidence["moved"]` is one curve.

    It is a table of all curves, one below the other. At every time the incidences and the
    survival sum to 1.

    Attributes:
        times: The distinct durations of all customers, ascending.
        at_risk: How many customers were still there just before each time.
        censored: How many were censored at each time, after its events.
        survival: The share that had ended by no cause after each time: Kaplan-Meier's.
        curves: The curve of each cause, whole numbers first, then text, ascending.
    """

    _named_by = ("cause", "time")

    times: tuple[float, ...]
    at_risk: tuple[float, ...]
    censored: tuple[float, ...]
    survival: tuple[float, ...]
    curves: tuple[IncidenceCurve, ...]

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes that were seen."""
        return tuple(curve.cause for curve in self.curves)

    def __getitem__(self, cause: Cause) -> IncidenceCurve:
        for curve in self.curves:
            if curve.cause == cause:
                return curve
        raise InvalidValueError("cause", cause, f"be one of {self.causes}")

    @property
    def rows(self) -> Sequence[IncidenceRow]:
        """The rows, in the order in which they are shown."""
        return [row for curve in self.curves for row in curve.rows]

    def _columns(self) -> Sequence[Column]:
        return _COLUMNS

    def _title(self) -> str:
        return f"Cumulative incidence by cause (low, high: {_LEVEL:.0%}, {_METHOD})"


_COLUMNS = columns_of(IncidenceRow)


@overload
def cumulative_incidence(
    durations: Iterable[float],
    causes: Iterable[Cause | None],
    *,
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
    by: None = None,
) -> CumulativeIncidence: ...
@overload
def cumulative_incidence(
    durations: Iterable[float],
    causes: Iterable[Cause | None],
    *,
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
    by: Iterable[Hashable],
) -> Groups[CumulativeIncidence]: ...
@by_column("durations", "causes", "entry", "weights")
def cumulative_incidence(
    durations: Iterable[float],
    causes: Iterable[Cause | None],
    *,
    entry: Iterable[float] | None = None,
    weights: Iterable[float] | None = None,
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of each cause, under competing risks.

    Args:
        durations: How long each customer was there, as numbers of one unit of your choice;
            0 or more, in any order.
        causes: By what each customer ended: text or a whole number above 0; None or 0 where
            no end was seen; in the same order.
        entry: When each customer came under observation; below its duration, or 0. None:
            from the start, which 0 is too.
        weights: How many customers each row represents, above 0; may be fractional. None: 1.
        by: The group of each row, such as a column of plans: anything that can be hashed. None for
            one table of all.

    Returns:
        A curve for each cause that was seen, by Aalen and Johansen. With `by`, such a table for
        each group.

    Raises:
        EmptySampleError: There are no durations.
        InvalidTypeError: A number is not a number, or a cause is neither text nor whole; the
            first such value is named with its position.
        InvalidValueError: A duration is negative or not finite, a cause is blank or negative,
            an entry is not below its duration, a weight is not above 0, or there are more
            of the one than of the other.

    Convention:
        One less the Kaplan-Meier curve of a cause, with the other causes as censored, is a
        share too high: it asks how many would end by it if nothing else could happen. The
        standard errors are Greenwood's for several causes, which are those of R's `survfit`
        for censored data; with late entry or weights that are no frequencies R's robust
        ones differ. lifelines moves tied times apart at random; here they stay tied.
        Each cause has a curve with all times, so that n times of m causes take n m steps.

    References:
        Aalen, O. O. & Johansen, S. (1978). An empirical transition matrix for
        non-homogeneous Markov chains based on censored observations. Scandinavian Journal
        of Statistics 5:141-150. Andersen, P. K., Borgan, O., Gill, R. D. & Keiding, N.
        (1993). Statistical Models Based on Counting Processes. Springer. Section IV.4.1.

    Examples:
        >>> ends = cumulative_incidence([2, 3, 3, 5], ["left", "moved", None, "left"])
        >>> ends.causes
        ('left', 'moved')
        >>> print(ends["moved"])
        Cumulative incidence of 'moved' (low, high: 95%, log_log)
        cause  time  at_risk  events  incidence  standard_error       low    high
        moved     2        4       0          0               0
        moved     3        3       1       0.25          0.2165  0.008948  0.6653
        moved     5        1       0       0.25          0.2165  0.008948  0.6653
    """
    counts, by_cause = sample(durations, entry, weights).by_cause("causes", causes)
    survival = _survival_rows.product_limit(counts.at_risk, counts.events)
    return CumulativeIncidence(
        times=tuple(counts.times),
        at_risk=counts.shown(counts.at_risk),
        censored=counts.shown(counts.censored),
        survival=survival,
        curves=tuple(_curve(cause, of, counts, survival) for cause, of in by_cause.items()),
    )


def _curve(
    cause: Cause, events: Sequence[float], counts: Counts, survival: tuple[float, ...]
) -> IncidenceCurve:
    variances = _variances(counts, events, survival)
    return IncidenceCurve(
        cause=cause,
        times=tuple(counts.times),
        at_risk=counts.shown(counts.at_risk),
        events=counts.shown(events),
        survival=survival,
        incidence=tuple(_incidences(counts, events)),
        standard_error=tuple(map(math.sqrt, variances)),
    )


def _incidences(counts: Counts, events: Sequence[float]) -> Iterator[float]:
    """Sum S(t-) k / n, where k of n end by the cause; exact where no customer is censored."""
    share, total, left = 1.0, 0.0, 0.0
    base, before, start, since = share, total, 1.0, 0.0
    for n, d, k in zip(counts.at_risk, counts.events, events, strict=True):
        if n != left:
            base, before, start, since = share, total, n, 0.0
        left, since = n - d, since + k
        share, total = base * (left / start), min(before + base * (since / start), 1.0)
        yield total


def _variances(
    counts: Counts, events: Sequence[float], survival: Sequence[float]
) -> Iterator[float]:
    """Follow the variance of the incidence F, with that of S and their covariance.

    At each time the customers at risk are a multinomial draw, independent of what was
    drawn before: S becomes S stay, and F becomes F + S by.
    """
    of_s, of_both, of_f = 0.0, 0.0, 0.0
    rows = zip(counts.at_risk, counts.events, events, [1.0, *survival], strict=False)
    for n, d, k, share in rows:
        stay, by, each = (n - d) / n, k / n, share * share * (counts.unit / n)
        grown = (of_f, by * by * of_s, each * by * ((n - k) / n), 2 * by * of_both)
        of_f = _rest(grown)
        of_both = stay * (of_both + by * of_s - each * by)
        of_s = stay * (stay * of_s + each * (d / n))
        yield of_f


def _rest(terms: Sequence[float]) -> float:
    """Sum terms, and return 0 where only their rounding is left."""
    total = math.fsum(terms)
    return total if total > _ROUNDING * max(terms) else 0.0


_ROUNDING = 1e-13
