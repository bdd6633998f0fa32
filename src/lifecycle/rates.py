"""What calculators return: shares, quotients and estimates, with their uncertainty.

A result keeps the counts it was made from. Where a quotient has no denominator its value
is None, never 0 or NaN, and the counts are still there.
"""

import math
import sys
from decimal import Decimal
from typing import Any

import attrs

from lifecycle import _checks, _money, _normal
from lifecycle._checks import Number
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedNumbersError

__all__ = ["Comparison", "Estimate", "Interval", "Rate", "Ratio"]


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Interval:
    """A confidence interval, both bounds included.

    Args:
        low: The lower bound.
        high: The upper bound, at least `low`.
        level: The confidence level, strictly between 0 and 1.
        method: How the bounds were found, such as "wilson".

    Raises:
        InvalidTypeError: A bound is not an int or a float, or `method` is not text.
        InvalidValueError: `low` is above `high`, a bound is not finite, or `level` is
            outside (0, 1).

    Examples:
        >>> interval = Interval(0.25, 0.75, level=0.95, method="wilson")
        >>> 0.75 in interval
        True
        >>> interval.width
        0.5
    """

    low: float
    high: float
    level: float
    method: str

    def __init__(self, low: float, high: float, *, level: float, method: str) -> None:
        self.__attrs_init__(
            low=_real("low", low),
            high=_real("high", high),
            level=_checks.fraction("level", level),
            method=_checks.name("method", method),
        )
        if self.low > self.high:
            raise InvalidValueError("low", low, f"be at most high, {high!r}")

    def __repr__(self) -> str:
        return call(self, "low", "high")

    def __contains__(self, x: float) -> bool:
        return self.low <= x <= self.high

    @property
    def width(self) -> float:
        """The upper bound less the lower one."""
        return self.high - self.low


Bounds = tuple[float | None, float | None]
"""The least and the greatest that a figure can be; None where it has no bound."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Estimate:
    """A quantity estimated from a sample, with its standard error.

    Args:
        value: The estimate.
        standard_error: The standard error of `value`, 0 or more; None where it is unknown.
        n: The size of the sample, 0 or more; fractional where observations are weighted.
        method: How the standard error was found, such as "greenwood".
        bounds: The least and the greatest that `value` could be: (0, 1) for a probability,
            (0, None) for a count or a cost; None for no bound.

    Raises:
        InvalidTypeError: A number is not an int or a float, `method` is not text, or `bounds`
            is not a pair.
        InvalidValueError: A number is not finite, `standard_error` or `n` is negative, the
            bounds are not in order, or `value` is outside them.

    Convention:
        A value that passes a bound by rounding, 1e-9 of it at most, is that bound.

    Examples:
        >>> Estimate(value=12.5, standard_error=None, n=1, method="mean").interval()
        >>> Estimate(value=0.9, standard_error=0.1, n=40, method="delta", bounds=(0, 1)).scale
        'logit'
    """

    value: float
    standard_error: float | None
    n: float
    method: str
    bounds: Bounds = (None, None)

    def __init__(
        self,
        *,
        value: float,
        standard_error: float | None,
        n: float,
        method: str,
        bounds: Bounds = (None, None),
    ) -> None:
        error, bounds = standard_error, _ordered("bounds", bounds)
        self.__attrs_init__(
            value=_within("value", _real("value", value), bounds),
            standard_error=None if error is None else _not_negative("standard_error", error),
            n=_not_negative("n", n),
            method=_checks.name("method", method),
            bounds=bounds,
        )

    def __repr__(self) -> str:
        return call(self)

    @property
    def scale(self) -> str:
        """The scale on which `interval` is symmetric.

        "identity" without bounds, "log" (of the distance to it) with one, "logit" between two.
        """
        return ("identity", "log", "logit")[sum(bound is not None for bound in self.bounds)]

    def interval(self, *, level: float = 0.95) -> Interval | None:
        """Return the interval that is normal on the scale on which the value has no bounds.

        Without bounds it is the value plus and minus z standard errors. With them it is
        within them: it is as wide as that on the scale of the logarithm, or of the logit.

        Args:
            level: The confidence level, strictly between 0 and 1.

        Returns:
            The interval, which carries the estimate's method and its scale; None without a
            standard error.

        Raises:
            InvalidValueError: `level` is outside (0, 1).

        Convention:
            The normal distribution whatever `n` is; Student's t would be wider for few
            observations. At a bound, where the logarithm has no value, the interval is the
            plain one, cut at the bounds.

        Examples:
            >>> mean = Estimate(value=50, standard_error=2, n=400, method="mean")
            >>> interval = mean.interval(level=0.9)
            >>> round(interval.low, 2), round(interval.high, 2)
            (46.71, 53.29)
            >>> share = Estimate(value=0.9, standard_error=0.1, n=40, method="delta", bounds=(0, 1))
            >>> interval = share.interval()
            >>> round(interval.low, 3), round(interval.high, 3), interval.method
            (0.505, 0.988, 'delta_logit')
        """
        z = _normal.z_of(level)
        if self.standard_error is None:
            return None
        low, high = _bounded(self.value, z * self.standard_error, self.bounds)
        method = self.method if self.scale == "identity" else f"{self.method}_{self.scale}"
        return Interval(low, high, level=level, method=method)


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Rate:
    """A share: how many of a number of cases, such as customers retained of those at risk.

    Rates add by pooling their counts, so that `sum(rates)` is the rate of all cases.

    Args:
        numerator: How many cases count, 0 or more; fractional where cases are weighted.
        denominator: How many cases there are, at least `numerator`.

    Raises:
        InvalidTypeError: A count is not an int or a float.
        InvalidValueError: A count is negative or not finite, or `numerator` is larger
            than `denominator`.

    Convention:
        The rate of no cases is None. Many tools report 0 %, or 100 %.

    Examples:
        >>> Rate(30, 40).value
        0.75
        >>> sum([Rate(30, 40), Rate(10, 60)])
        Rate(40, 100)
        >>> Rate(0, 0).value
    """

    numerator: float
    denominator: float

    def __init__(self, numerator: float, denominator: float) -> None:
        self.__attrs_init__(
            numerator=_not_negative("numerator", numerator),
            denominator=_not_negative("denominator", denominator),
        )
        if self.numerator > self.denominator:
            expected = f"be at most the denominator, {denominator!r}"
            raise InvalidValueError("numerator", numerator, expected)

    def __repr__(self) -> str:
        return call(self, "numerator", "denominator")

    def _figures(self) -> dict[str, Any]:
        """Return what one row of a table shows."""
        names = ("numerator", "denominator", "value")
        return {name: getattr(self, name) for name in names}

    def __add__(self, other: "Rate") -> "Rate":
        if not isinstance(other, Rate):
            return NotImplemented
        return Rate(self.numerator + other.numerator, self.denominator + other.denominator)

    def __radd__(self, other: int) -> "Rate":
        return self if other == 0 else NotImplemented

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None where there are no cases."""
        return self.numerator / self.denominator if self.denominator else None

    def interval(self, *, level: float = 0.95) -> Interval | None:
        """Return the score interval of Wilson, which stays within 0 and 1.

        Args:
            level: The confidence level, strictly between 0 and 1.

        Returns:
            The interval around the share; None where there are no cases.

        Raises:
            InvalidValueError: `level` is outside (0, 1).

        Convention:
            No continuity correction, which R's `prop.test` applies by default. The interval
            of Wald (p plus and minus z standard errors) has no width at 0 and 1, and
            covers less than it says for few cases.

        References:
            Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
            inference. Journal of the American Statistical Association 22:209-212.

        Examples:
            >>> interval = Rate(81, 263).interval()
            >>> round(interval.low, 4), round(interval.high, 4)
            (0.2553, 0.3662)
        """
        z = _normal.z_of(level)
        p = self.value
        if p is None:
            return None
        rest = self.denominator - self.numerator
        low = p * _shrinkage(self.numerator, self.denominator, z)
        high = p + rest / self.denominator * (1 - _shrinkage(rest, self.denominator, z))
        return Interval(low, high, level=level, method="wilson")

    def compare(self, other: "Rate", *, level: float = 0.95) -> "Comparison":
        """Compare with the rate of another, independent sample: the other less this one.

        `before.compare(after)` is positive where the rate has risen.

        Args:
            other: The rate of the other sample.
            level: The confidence level of the interval, strictly between 0 and 1.

        Returns:
            The difference with the hybrid score interval of Newcombe (his method 10), and
            the z test with its standard error, that of the pooled rate. All are None where a
            sample has no cases; z and its p-value also where both rates are 0, or both are 1.

        Raises:
            InvalidTypeError: `other` is not a rate.
            InvalidValueError: `level` is outside (0, 1).

        Convention:
            Neither has a continuity correction; z squared is the chi-squared statistic of
            R's `prop.test(correct=FALSE)`, whose interval is that of Wald.

        References:
            Newcombe, R. G. (1998). Interval estimation for the difference between independent
            proportions: comparison of eleven methods. Statistics in Medicine 17:873-890.

        Examples:
            >>> risen = Rate(48, 80).compare(Rate(56, 70))
            >>> round(risen.difference, 4), round(risen.p_value, 4)
            (0.2, 0.008)
            >>> round(risen.interval.low, 4), round(risen.interval.high, 4)
            (0.0524, 0.3339)
        """
        if not isinstance(other, Rate):
            raise InvalidTypeError("other", other, "be a Rate")
        mine, theirs = self.interval(level=level), other.interval(level=level)
        p, q = self.value, other.value
        if mine is None or theirs is None or p is None or q is None:
            return Comparison()
        difference = q - p
        low = difference - math.hypot(q - theirs.low, mine.high - p)
        high = difference + math.hypot(theirs.high - q, p - mine.low)
        error = _pooled_error(self, other)
        z, p_value = _normal.z_test(difference, error)
        return Comparison(
            difference=difference,
            standard_error=error,
            z=z,
            p_value=p_value,
            interval=Interval(low, high, level=level, method="newcombe"),
        )


@attrs.frozen(kw_only=True, weakref_slot=False)
class Comparison:
    """How two rates, or two net promoter scores, differ; a field is None where it is undefined.

    Attributes:
        difference: The later one less the earlier one, as observed: -1 to 1 for rates, -2 to 2
            for scores.
        standard_error: The standard error that `z` is a multiple of: for rates that of the
            pooled rate, for scores that of the method.
        z: The test statistic: standard normal where the two are equal; None where the standard
            error is 0.
        p_value: The two-sided p-value of `z`.
        interval: The confidence interval of the difference, which carries the method.
    """

    difference: float | None = None
    standard_error: float | None = None
    z: float | None = None
    p_value: float | None = None
    interval: Interval | None = None


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Ratio:
    """A quotient whose numerator is not part of its denominator, such as money kept of money.

    It may be larger than 1, or negative, and has no interval. Ratios add by adding their
    numerators and their denominators.

    Args:
        numerator: An int, a float or a `Decimal`; may be negative.
        denominator: A number of the same kind, 0 or more.

    Raises:
        InvalidTypeError: An argument is not a number.
        InvalidValueError: An argument is not finite, or `denominator` is negative.
        MixedNumbersError: One is a `Decimal` and the other a float; likewise when adding.

    Examples:
        >>> Ratio(120, 100).value
        1.2
        >>> from decimal import Decimal
        >>> Ratio(Decimal("0.30"), 3) + Ratio(Decimal("0.10"), 1)
        Ratio(Decimal('0.40'), 4)
    """

    numerator: Number
    denominator: Number

    def __init__(self, numerator: Number, denominator: Number) -> None:
        self.__attrs_init__(
            numerator=_checks.number("numerator", numerator),
            denominator=_checks.number("denominator", denominator),
        )
        if self.denominator < 0:
            raise InvalidValueError("denominator", denominator, "be at least 0")
        _check_kinds("numerator", self.numerator, "denominator", self.denominator)

    def __repr__(self) -> str:
        return call(self, "numerator", "denominator")

    def __add__(self, other: "Ratio") -> "Ratio":
        if not isinstance(other, Ratio):
            return NotImplemented
        return Ratio(
            _added("numerator", self.numerator, other.numerator),
            _added("denominator", self.denominator, other.denominator),
        )

    def __radd__(self, other: int) -> "Ratio":
        return self if other == 0 else NotImplemented

    @property
    def value(self) -> float | Decimal | None:
        """The quotient, a `Decimal` where one of its parts is.

        None where the denominator is 0, or so small that no float holds the quotient.
        """
        if not self.denominator:
            return None
        quotient: float | Decimal = _money.divided(self.numerator, self.denominator)
        return quotient if _checks.finite(quotient) else None


def _real(argument: str, value: float) -> float:
    found = _checks.number(argument, value)
    if isinstance(found, Decimal):
        raise InvalidTypeError(argument, value, "be an int or a float")
    return found


def _not_negative(argument: str, value: float) -> float:
    found = _real(argument, value)
    if found < 0:
        raise InvalidValueError(argument, value, "be at least 0")
    return found


def _ordered(argument: str, bounds: Any) -> Bounds:
    """Return a pair of bounds, the lower one first, each of which may be None."""
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:  # noqa: PLR2004  (a pair)
        raise InvalidTypeError(argument, bounds, "be a pair (low, high), with None for no bound")
    low, high = (
        None if bound is None else _real(f"{argument}[{i}]", bound)
        for i, bound in enumerate(bounds)
    )
    if low is not None and high is not None and low > high:
        raise InvalidValueError(f"{argument}[0]", low, f"be at most {argument}[1], {high!r}")
    return low, high


def _span(bounds: Bounds) -> tuple[float, float]:
    low, high = bounds
    return -math.inf if low is None else low, math.inf if high is None else high


def _within(argument: str, value: float, bounds: Bounds) -> float:
    """Return a value within its bounds; what rounding puts beyond a bound is that bound."""
    low, high = _span(bounds)
    held = min(max(value, low), high)
    if not math.isclose(value, held, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
        raise InvalidValueError(argument, value, f"be within the bounds, {bounds!r}")
    return held


_ROUNDING = 1e-9
"""How far beyond a bound, of it or at all, a value may be for it."""
_FARTHEST = 700.0
"""A step on a scale of logarithms that leads as far as floats go."""
_SMALLEST = sys.float_info.min
"""The smallest float whose inverse is one."""


def _bounded(value: float, reach: float, bounds: Bounds) -> tuple[float, float]:
    """Return the bounds of an interval that reaches so far to each side, on the value's scale."""
    low, high = _span(bounds)
    to_low, to_high = value - low, high - value
    if min(to_low, to_high) < _SMALLEST:
        return max(value - reach, low), min(value + reach, high)
    down, up = _step(reach, to_low, to_high), _step(reach, to_high, to_low)
    return max(value - down, low), min(value + up, high)


def _step(reach: float, ahead: float, behind: float) -> float:
    """Return how far a step leads that is as long as `reach` at its beginning.

    On the scale of the logit, ln(behind / ahead), it is t = reach (1 / ahead + 1 / behind). That
    is the scale of the logarithm where one of the two is infinite, and none where both are.
    """
    near, far = 1 / ahead, 1 / behind
    t = reach * (near + far)
    if not t:
        return reach
    return -math.expm1(-t) / max(near + far * math.exp(-min(t, _FARTHEST)), _SMALLEST)


def _check_kinds(argument: str, value: Number, other: str, other_value: Number) -> None:
    pair = (value, other_value)
    if any(isinstance(x, Decimal) for x in pair) and any(isinstance(x, float) for x in pair):
        raise MixedNumbersError(argument, value, other, other_value)


def _added(argument: str, value: Number, other: Number) -> Number:
    _check_kinds(argument, value, f"other.{argument}", other)
    total: Number = _money.plus(value, other)
    return total


def _shrinkage(x: float, n: float, z: float) -> float:
    """Return the lower bound of Wilson (1927) for x of n, divided by x / n.

    The root of the score equation, written so that nothing is lost where x is small.
    """
    return 2 * x / (2 * x + z * z + z * math.sqrt(z * z + 4 * x * (n - x) / n)) if x else 0.0


def _pooled_error(one: Rate, other: Rate) -> float:
    pooled = one + other
    x, n = pooled.numerator, pooled.denominator
    return math.sqrt(x / n * (n - x) / one.denominator / other.denominator)
