"""Churn: the share lost by a named denominator, the hazard of losing, and the half-life."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import attrs

from lifecycle import _checks, _money, _normal
from lifecycle._inputs import count, quantity
from lifecycle._lengths import Length, fixed_length
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.rates import Interval, Ratio

__all__ = ["Hazard", "churn_hazard", "churn_rate", "half_life"]

# Those lost in a period are divided by the customers at its start, by all who were there at any
# time, or by the mean of both ends. Customers who are won and lost in the same period are in the
# numerator of all three, and only in the denominator of "start_and_new"; "cohort", which is not
# here, counts neither them nor their loss: lost_of_start / start.
_DENOMINATORS: dict[str, Callable[[float, float, float], float]] = {
    "start": lambda start, _new, _lost: start,
    "start_and_new": lambda start, new, _lost: start + new,
    "midpoint": lambda start, new, lost: (start + (start + new - lost)) / 2,
}
_METHODS = (*_DENOMINATORS, "cohort")


def churn_rate(
    *,
    start: float,
    lost: float,
    new: float = 0,
    lost_of_start: float | None = None,
    method: Literal["start", "start_and_new", "midpoint", "cohort"] = "start",
) -> Ratio:
    """Return the churn of one period: the customers lost over a named denominator.

    Counts may be fractions, such as means over the days of a period, or customers by the
    share of the period in which they were there.

    Args:
        start: The customers at the start of the period; 0 or more.
        lost: All customers lost in the period, new ones among them; 0 or more.
        new: The customers won in the period; 0 or more.
        lost_of_start: Those lost who were there at the start, which "cohort" needs.
        method: "start" is lost / start; "start_and_new" is lost / (start + new); "midpoint"
            is lost over the mean of the customers at the start and at the end, where the
            end is start + new - lost; "cohort" is lost_of_start / start.

    Returns:
        The quotient with its parts; with "start" it can exceed 1. The value is None where
        the denominator is 0. It has no interval, since with most methods the customers lost
        are not part of those in the denominator. With "cohort" they are, so
        `Rate(lost_of_start, start).interval()` is valid; for the others, use
        `churn_hazard`.

    Raises:
        InvalidTypeError: A count is not an int or a float, or `lost_of_start` is missing for
            "cohort".
        InvalidValueError: A count is negative or not finite, or more are lost than there were.
        UnknownNameError: `method` is not one of these.

    Convention:
        "start" counts customers lost in the period they came in, who are not in its
        denominator: it is high for a business that grows fast. "cohort" leaves them out.

    References:
        Noah, S. (2011). Defining churn rate. Shopify Engineering. Recurly (2014). A better
        way to calculate your churn rate.

    Examples:
        >>> july = {"start": 1000, "lost": 62, "new": 500, "lost_of_start": 50}
        >>> for method in ("start", "start_and_new", "midpoint", "cohort"):
        ...     print(method, round(churn_rate(**july, method=method).value, 4))
        start 0.062
        start_and_new 0.0413
        midpoint 0.0509
        cohort 0.05
        >>> round(churn_rate(start=1438, lost=71.9).value, 4)
        0.05
    """
    _checks.choice("method", method, _METHODS)
    start, lost, new = (
        quantity(name, given) for name, given in (("start", start), ("lost", lost), ("new", new))
    )
    of_start = None if lost_of_start is None else _lost_of_start(lost_of_start, start, lost)
    if method == "cohort":
        if of_start is None:
            raise InvalidTypeError("lost_of_start", None, "be given for the cohort method")
        return Ratio(of_start, start)
    if method != "start" and lost > start + new:
        raise InvalidValueError("lost", lost, f"be at most start + new, {start + new}")
    return Ratio(lost, _DENOMINATORS[method](start, new, lost))


def _lost_of_start(given: float, start: float, lost: float) -> float:
    found = quantity("lost_of_start", given)
    if found > min(start, lost):
        raise InvalidValueError("lost_of_start", given, "be at most start, and at most lost")
    return found


def _lost(value: int) -> int:
    return count("lost", value)


def _exposure(value: Length) -> timedelta:
    return fixed_length("exposure", value, "a sum of time", zero=True)


def _per(value: Length) -> timedelta:
    return fixed_length("per", value, "a rate per unit of time")


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Hazard:
    """How many customers are lost per customer and unit of time.

    Hazards with one unit add by pooling what was lost and the time at risk.

    Args:
        lost: How many customers were lost; 0 or more.
        exposure: For how long customers could be lost, summed over all of them.
        per: The unit of time; above 0.

    Raises:
        InvalidTypeError: `lost` is not whole, or a length is no `timedelta` and no `Period`.
        InvalidValueError: `lost` or `exposure` is negative, `per` is not above 0, or a length
            has months.
    """

    lost: int = attrs.field(converter=_lost)
    exposure: timedelta = attrs.field(converter=_exposure)
    per: timedelta = attrs.field(converter=_per)

    def __repr__(self) -> str:
        return call(self)

    def __add__(self, other: "Hazard") -> "Hazard":
        if not isinstance(other, Hazard):
            return NotImplemented
        if self.per != other.per:
            raise InvalidValueError("other.per", other.per, f"be {self.per}, as here")
        try:
            exposure = self.exposure + other.exposure
        except OverflowError:
            expected = f"sum to at most {timedelta.max.days:,} days"
            raise InvalidValueError("exposure", (self.exposure, other.exposure), expected) from None
        return attrs.evolve(self, lost=self.lost + other.lost, exposure=exposure)

    def __radd__(self, other: int) -> "Hazard":
        return self if other == 0 else NotImplemented

    @property
    def value(self) -> float | None:
        """The customers lost per unit of exposure; None without exposure."""
        return self._per_unit(self.lost)

    @property
    def standard_error(self) -> float | None:
        """The standard error of the value, that of a Poisson count; None without exposure."""
        return self._per_unit(math.sqrt(self.lost))

    @property
    def n(self) -> int:
        """The size of the sample: the customers lost."""
        return self.lost

    @property
    def method(self) -> str:
        """How the standard error was found."""
        return "poisson"

    def interval(self, *, level: float = 0.95) -> Interval | None:
        """Return Byar's interval, which is close to the exact one of a Poisson count.

        Args:
            level: The confidence level, strictly between 0 and 1.

        Returns:
            The interval around the value, its lower bound 0 where none was lost; None
            without exposure.

        Raises:
            InvalidValueError: `level` is outside (0, 1).

        Convention:
            The normal interval, value plus and minus z standard errors, falls below 0 for
            few losses, and has no width for none.

        References:
            Rothman, K. J. & Boice, J. D. (1979). Epidemiologic analysis with a programmable
            calculator. Breslow, N. E. & Day, N. E. (1987). Statistical methods in cancer
            research II, section 2.3.

        Examples:
            >>> month = timedelta(days=30)
            >>> hazard = churn_hazard(lost=10, exposure=100 * month, per=month)
            >>> interval = hazard.interval()
            >>> round(interval.low, 4), round(interval.high, 4)
            (0.0479, 0.1839)
        """
        z = _normal.z_of(level)
        low = self._per_unit(_byar(self.lost, -z))
        high = self._per_unit(_byar(self.lost + 1, z))
        if low is None or high is None:
            return None
        return Interval(low, high, level=level, method="byar")

    def _per_unit(self, count: float) -> float | None:
        return count * (self.per / self.exposure) if self.exposure else None


def _byar(count: int, z: float) -> float:
    """Return count (1 - 1 / 9 count + z / 3 sqrt count)^3, and 0 where it would be less."""
    if count == 0:
        return 0.0
    root = 1 - 1 / (9 * count) + z / (3 * math.sqrt(count))
    return count * max(root, 0.0) ** 3


def churn_hazard(*, lost: int, exposure: Length, per: Length) -> Hazard:
    """Return how many customers are lost per customer and unit of time.

    It needs no period: customers who came or left at any time count for as long as they
    were there, so that hazards of unlike stretches of time compare.

    Args:
        lost: How many customers were lost; 0 or more.
        exposure: For how long customers could be lost, summed over all of them: a `timedelta`,
            or a `Period` without months.
        per: The unit of time, such as `timedelta(days=30)` or `Period(days=30)`; above 0, and
            without months, which differ in length.

    Returns:
        The hazard, which can exceed 1. Its value is None without exposure.

    Raises:
        InvalidTypeError: `lost` is not whole, or a length is no `timedelta` and no `Period`.
        InvalidValueError: `lost` or `exposure` is negative, `per` is not above 0, or a length
            has months.

    Convention:
        A hazard h is not a share: where it is constant, 1 - exp(-h) of the customers are lost
        in one unit. A `timedelta` holds 2.7 million years of customers.

    Examples:
        >>> month = timedelta(days=30)
        >>> round(churn_hazard(lost=62, exposure=1219 * month, per=month).value, 4)
        0.0509
    """
    return Hazard(lost=lost, exposure=exposure, per=per)


def half_life(churn: float) -> float | None:
    """Return after how many periods half of the customers are left, at a constant churn.

    Args:
        churn: The share lost in each period, 0 to 1.

    Returns:
        The n, in periods, at which (1 - churn)^n is 1/2; None where nobody is lost.

    Raises:
        InvalidTypeError: `churn` is not a number.
        InvalidValueError: `churn` is outside 0 to 1.

    Convention:
        The mean time a customer stays is 1 / churn periods, which is longer: few stay very
        long. A churn that falls with age, as most do, has a later half-life than its first
        periods suggest; `survival.kaplan_meier` estimates it from the data.

    Examples:
        >>> round(half_life(0.05), 2)
        13.51
    """
    share = float(_checks.number("churn", churn))
    if not 0 <= share <= 1:
        raise InvalidValueError("churn", churn, "be between 0 and 1")
    if share in (0, 1):
        return 0.0 if share else None
    return float(_money.held(-math.log(2) / math.log1p(-share)))
