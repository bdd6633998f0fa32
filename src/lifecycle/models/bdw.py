"""The beta-discrete-Weibull model: contracts whose risk changes with time for each customer.

It is the shifted-beta-geometric model with one parameter more. A customer stays for t renewals
with the probability (1 - theta)^(t^c): with c above 1 the risk of each customer rises over the
renewals, with c below 1 it falls, and with c = 1 it stays as it is. Over the customers theta
differs as a beta variate.
"""

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.errors import InvalidValueError
from lifecycle.metrics.clv import Discount
from lifecycle.models import renewals as contracts
from lifecycle.models.arithmetic import FLOATS, log_growth
from lifecycle.models.discounts import rate_per, unit_or_none
from lifecycle.models.fitting import Derivatives, Fit, Likelihood, Problem, derivatives, fit
from lifecycle.models.purchase_model import parameter
from lifecycle.models.renewals import Renewals
from lifecycle.models.states import PERIODS, by_state, whole

__all__ = ["BetaDiscreteWeibull"]


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class BetaDiscreteWeibull:
    """The BdW model of contracts, with a risk that changes over time.

    Args:
        alpha: With beta, how the probability of leaving at the first renewal differs over the
            customers: a beta distribution, whose mean is alpha / (alpha + beta). Above 0.
        beta: Above 0.
        c: How the risk of a customer changes: it falls below 1, and rises above. Above 0.
        unit: How long a period is: "day", "week", "month", "quarter" or "year"; needed where a
            `Discount` says a period. None where it does not matter.

    Raises:
        InvalidTypeError: A parameter is no number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: `unit` is none of these.

    References:
        Fader, P. S., Hardie, B. G. S., Liu, Y., Davin, J. and Steenburgh, T. (2018). "How to
        project customer retention" revisited: the role of duration dependence. Journal of
        Interactive Marketing 43:1-16.

    Examples:
        >>> subscribers = BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724)
        >>> [round(subscribers.survival(t), 3) for t in (1, 7, 12)]
        [0.87, 0.491, 0.404]
    """

    alpha: float
    beta: float
    c: float
    unit: str | None = None

    def __init__(self, *, alpha: float, beta: float, c: float, unit: str | None = None) -> None:
        self.__attrs_init__(
            alpha=parameter("alpha", alpha),
            beta=parameter("beta", beta),
            c=parameter("c", c),
            unit=unit_or_none(unit),
        )

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def fit(cls, survivors: object, *, unit: str | None = None) -> "Fit[BetaDiscreteWeibull]":
        """Fit the model to how many of a cohort were left over time, by maximum likelihood.

        Args:
            survivors: How many customers there were at the start, after the first renewal,
                after the second, and so on: whole numbers, none above the one before it. Those
                of the last one may stay for any time more.
            unit: How long a period is, or None.

        Returns:
            The fit. The covariance is that of alpha, beta and c.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers.
            InvalidTypeError: A count is no number.
            InvalidValueError: A count is fractional, negative, or above the one before it.
            NotIdentifiedError: The counts do not say what the parameters are: nobody left,
                there are fewer than three renewals, or all customers seem alike.

        Convention:
            Counts, not shares: the log-likelihood and the standard errors depend on how many
            customers there were. R's `foretell` enters percentages.

        Examples:
            >>> fit = BetaDiscreteWeibull.fit(survivors=[1000, 869, 743, 653, 593, 551, 517, 491])
            >>> round(fit.model.alpha, 3), round(fit.model.beta, 3), round(fit.model.c, 3)
            (0.214, 1.427, 1.724)
        """
        return cls._fit(contracts.from_survivors(survivors), unit)

    @classmethod
    def fit_durations(
        cls, durations: object, observed: object, *, unit: str | None = None
    ) -> "Fit[BetaDiscreteWeibull]":
        """Fit the model to customers one by one, who may be of cohorts of different ages.

        Args:
            durations: For each customer the renewal at which they left, 1 or more; or, of a
                customer who is still there, how many renewals they have made.
            observed: For each customer whether they left: truth values, or 0 and 1.
            unit: How long a period is, or None.

        Returns:
            The fit. The covariance is that of alpha, beta and c.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers.
            InvalidTypeError: A duration is no number, or `observed` has another value.
            InvalidValueError: A duration is fractional or negative, or is 0 of a customer who
                left; or the lengths differ.
            NotIdentifiedError: As with `fit`.

        Examples:
            >>> from random import Random
            >>> truth = BetaDiscreteWeibull(alpha=0.5, beta=1.5, c=1.2)
            >>> durations, observed = truth.simulate(500, horizon=8, random=Random(1))
            >>> BetaDiscreteWeibull.fit_durations(durations, observed).n
            500.0
        """
        return cls._fit(contracts.from_lifetimes(durations, observed), unit)

    @classmethod
    def _fit(cls, found: Renewals, unit: str | None) -> "Fit[BetaDiscreteWeibull]":
        contracts.check(cls.__name__, found, least=3)
        return fit(
            partial(cls, unit=unit),
            Problem(_likelihood(found), {"alpha": 1.0, "beta": 1.0, "c": 1.0}),
            name=cls.__name__,
            n=found.n,
        )

    def survival(self, renewals: Any) -> Any:
        """Return the probability that a new customer stays for at least so many renewals.

        Args:
            renewals: t, a whole number of 0 or more; a list, or an array.

        Returns:
            S(t), 1 at t = 0: a float for a number, a list for a list, an array for an array.

        Raises:
            InvalidTypeError: A value is no number.
            InvalidValueError: A value is no whole number of 0 or more.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        References:
            Fader et al. (2018): B(alpha, beta + t^c) / B(alpha, beta).

        Examples:
            >>> subscribers = BetaDiscreteWeibull(alpha=1, beta=1, c=2)
            >>> [round(s, 4) for s in subscribers.survival([0, 1, 2, 3])]
            [1.0, 0.5, 0.2, 0.1]
        """
        return by_state(self._survival, whole("renewals{}", renewals))

    def retention(self, renewal: Any) -> Any:
        """Return the retention of a cohort at a renewal: S(t) / S(t - 1).

        Args:
            renewal: t, which renewal, a whole number of 1 or more; a list, or an array.

        Returns:
            The share of those who were there before it: a float, a list or an array.

        Raises:
            InvalidTypeError: A value is no number.
            InvalidValueError: A value is no whole number of 1 or more.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Examples:
            >>> subscribers = BetaDiscreteWeibull(alpha=1, beta=1, c=2)
            >>> [round(r, 4) for r in subscribers.retention([1, 2, 3])]
            [0.5, 0.4, 0.5]
        """
        return by_state(self._retention, whole("renewal{}", renewal, least=1))

    def expected_lifetime(
        self, *, discount: float | Discount = 0, horizon: int | None = None
    ) -> float:
        """Return for how many periods a new customer is expected to stay, the first included.

        With a discount, a period counts as what one unit of money paid at its start is worth
        at the start of the first (the discounted expected lifetime).

        Args:
            discount: A `Discount`, or the rate per period, 0 or more.
            horizon: How many periods count, 0 or more; None counts all.

        Returns:
            The sum of S(t) / (1 + d)^t over t = 0, 1, ..., in periods.

        Raises:
            InvalidTypeError: A value is no number, or `discount` is a `Discount` and the model
                has no unit.
            InvalidValueError: `discount` or `horizon` is negative, or neither is given.

        Examples:
            >>> subscribers = BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724)
            >>> round(subscribers.expected_lifetime(discount=0.1), 3)
            6.096
            >>> round(subscribers.expected_lifetime(horizon=8), 3)
            5.425
        """
        d = rate_per("discount", discount, self.unit)
        if horizon is None:
            return self._sum_from(0, d)
        return contracts.discounted(
            self._survival, d, _checks.whole("horizon", horizon, least=0, most=PERIODS)
        )

    def residual_lifetime(self, *, discount: float | Discount, renewals: Any) -> Any:
        """Return the discounted expected residual lifetime of a customer (DERL).

        Args:
            discount: A `Discount`, or the rate per period, above 0.
            renewals: How many renewals the customer has made, 0 or more; a list, or an array.

        Returns:
            What one unit of money at each renewal to come is worth: a float, a list or an array.

        Raises:
            InvalidTypeError: A value is no number, or `discount` is a `Discount` and the model
                has no unit.
            InvalidValueError: A value of `renewals` is no whole number of 0 or more; or
                `discount` is not above 0.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Convention:
            The moment just before the next renewal, whose payment, if it comes, is not
            discounted. A customer with 7 renewals is in the 8th period, which is the n = 8 of
            Fader and Hardie. Divide by 1 + d for the moment just after the last renewal.

        Examples:
            >>> subscribers = BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724)
            >>> round(subscribers.residual_lifetime(discount=0.1, renewals=7), 3)
            8.321
        """
        d = rate_per("discount", discount, self.unit)

        def left(t: int) -> float:
            return self._retention(t + 1) * self._sum_from(t + 1, d)

        return by_state(left, whole("renewals{}", renewals))

    def forecast(self, customers: float, *, periods: int, renewals: int = 0) -> list[float]:
        """Return how many customers are expected to be left after each of the next periods.

        Args:
            customers: How many there are now, 0 or more.
            periods: How many periods ahead, 0 or more.
            renewals: How many renewals these customers have made.

        Returns:
            The expected number after 1, 2, ... periods.

        Raises:
            InvalidTypeError: A value is no number.
            InvalidValueError: A value is negative.

        Examples:
            >>> subscribers = BetaDiscreteWeibull(alpha=0.214, beta=1.427, c=1.724)
            >>> [round(left) for left in subscribers.forecast(491, periods=3, renewals=7)]
            [468, 449, 432]
        """
        return contracts.projected(self._survival, customers, periods, renewals)

    def simulate(self, n: int, *, horizon: int, random: Random) -> tuple[list[int], list[bool]]:
        """Draw how long customers stay, watched for some renewals.

        Args:
            n: How many, 0 or more.
            horizon: For how many renewals they are watched, 1 or more.
            random: Where chance comes from, such as `random.Random(1)`.

        Returns:
            Durations and whether each customer was seen to leave, as `fit_durations` reads
            them.

        Raises:
            InvalidTypeError: A value is no whole number.
            InvalidValueError: `n` is negative, or `horizon` below 1.

        Examples:
            >>> from random import Random
            >>> BetaDiscreteWeibull(alpha=1, beta=2, c=2).simulate(4, horizon=5, random=Random(1))
            ([4, 3, 2, 1], [True, True, True, True])
        """
        return contracts.drawn(self.alpha, self.beta, self.c, n=n, horizon=horizon, random=random)

    def _survival(self, t: int) -> float:
        return math.exp(self._log_survival(t) - self._log_survival(0))

    def _retention(self, t: int) -> float:
        return math.exp(self._log_survival(t) - self._log_survival(t - 1))

    def _log_survival(self, t: int) -> float:
        """Return ln S(t), but for a constant."""
        power: float = t**self.c
        growth: float = log_growth(FLOATS, self.beta + power, self.alpha)
        return -growth

    def _sum_from(self, t: int, d: float) -> float:
        """Return the sum of S(k) / S(t) / (1 + d)^(k - t) over k = t, t + 1, ...

        What is left out after a term is less than the term over d.
        """
        if d == 0:
            raise InvalidValueError("discount", d, "be above 0, or a horizon be given")
        first, share = self._log_survival(t), 1 / (1 + d)
        total, weight, term = 0.0, 1.0, 1.0
        while term > _LEFT_OUT * total * d:
            term = weight * math.exp(self._log_survival(t) - first)
            total += term
            weight *= share
            t += 1
        return total


_LEFT_OUT = 1e-16
"""How much of a sum its remaining terms may be."""


def _likelihood(found: Renewals) -> Likelihood:
    """Return the log-likelihood of renewals as a function of the parameters.

    With r = S(t) / S(t - 1), a renewal adds ln r for each customer who stayed, and ln(1 - r)
    for each who left; the derivatives of ln r are differences of those of ln S.
    """
    counts = list(zip(found.stayed, found.left, strict=True))

    def at(alpha: float, beta: float, c: float) -> Derivatives:
        curve = [_log_survival(t, alpha, beta, c) for t in range(len(counts) + 1)]
        terms = [
            _renewal(*count, [after - before for before, after in zip(*step, strict=True)])
            for count, step in zip(counts, pairwise(curve), strict=True)
        ]
        return derivatives([math.fsum(term) for term in zip(*terms, strict=True)])

    return at


def _log_survival(t: int, alpha: float, beta: float, c: float) -> list[float]:
    """Return ln Gamma(beta + t^c) - ln Gamma(alpha + beta + t^c), and its derivatives.

    That is ln S(t) but for a constant. The derivatives are those by alpha, beta and c, and the
    upper triangle of the Hessian.
    """
    power, log = t**c, math.log(t) if t else 0.0
    low, high = beta + power, alpha + beta + power
    by_low, by_high = FLOATS.digamma(low), FLOATS.digamma(high)
    curve_low, curve_high = FLOATS.trigamma(low), FLOATS.trigamma(high)
    slope, curve = by_low - by_high, curve_low - curve_high
    rise = power * log  # of t^c with c
    return [
        -log_growth(FLOATS, low, alpha),
        -by_high,
        slope,
        rise * slope,
        -curve_high,
        -curve_high,
        -rise * curve_high,
        curve,
        rise * curve,
        rise * log * slope + rise * rise * curve,
    ]


_TRIANGLE = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


_TINY = 1e-150
"""A chance that is no more than rounding, whose inverse squared is still a float."""


def _renewal(stayed: float, left: float, step: Sequence[float]) -> list[float]:
    """Return the terms of one renewal, from ln r and its derivatives."""
    log, g, hessian = step[0], step[1:4], step[4:]
    gone = max(-math.expm1(log), _TINY)
    odds = math.exp(log) / gone
    weight, bend = stayed - left * odds, left * odds / gone
    return [
        stayed * log + left * math.log(gone),
        *(weight * slope for slope in g),
        *(weight * h - bend * g[i] * g[j] for h, (i, j) in zip(hessian, _TRIANGLE, strict=True)),
    ]
