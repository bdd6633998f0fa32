"""The shifted-beta-geometric model: contracts that are renewed, or not, period by period.

Each customer leaves at a renewal with a probability of their own, the same each time; over
the customers it differs as a beta variate. Those who are likely to leave do so early, so that
the retention of a cohort rises though that of nobody does.
"""

import math
from collections.abc import Iterator
from functools import partial
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
from lifecycle.models.states import PERIODS, by_state, discounted_sum, whole

__all__ = ["ShiftedBetaGeometric"]


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class ShiftedBetaGeometric:
    """The sBG model of contracts, also known as the beta-geometric.

    Args:
        alpha: With beta, how the probability of leaving at a renewal differs over the
            customers: a beta distribution, whose mean is alpha / (alpha + beta). Above 0.
        beta: Above 0.
        unit: How long a period is: "day", "week", "month", "quarter" or "year"; needed where a
            `Discount` says a period. None where it does not matter.

    Raises:
        InvalidTypeError: A parameter is no number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: `unit` is none of these.

    References:
        Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of
        Interactive Marketing 21(1):76-90.

    Examples:
        >>> subscribers = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> [round(subscribers.survival(t), 3) for t in (1, 7, 12)]
        [0.851, 0.489, 0.378]
    """

    alpha: float
    beta: float
    unit: str | None = None

    def __init__(self, *, alpha: float, beta: float, unit: str | None = None) -> None:
        self.__attrs_init__(
            alpha=parameter("alpha", alpha), beta=parameter("beta", beta), unit=unit_or_none(unit)
        )

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def fit(cls, survivors: object, *, unit: str | None = None) -> "Fit[ShiftedBetaGeometric]":
        """Fit the model to how many of a cohort were left over time, by maximum likelihood.

        Args:
            survivors: How many customers there were at the start, after the first renewal,
                after the second, and so on: whole numbers, none above the one before it. Those
                of the last one may stay for any time more.
            unit: How long a period is, or None.

        Returns:
            The fit. The covariance is that of alpha and beta.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers.
            InvalidTypeError: A count is no number.
            InvalidValueError: A count is fractional, negative, or above the one before it.
            NotIdentifiedError: The counts do not say what the parameters are: nobody left,
                there are fewer than two renewals, or retention does not rise.

        Convention:
            Counts, not shares: the log-likelihood and the standard errors depend on how many
            customers there were. The paper's spreadsheet enters percentages.

        References:
            Fader and Hardie (2007).

        Examples:
            >>> fit = ShiftedBetaGeometric.fit(survivors=[1000, 869, 743, 653, 593, 551, 517, 491])
            >>> round(fit.model.alpha, 3), round(fit.model.beta, 3)
            (0.668, 3.806)
        """
        return cls._fit(contracts.from_survivors(survivors), unit)

    @classmethod
    def fit_durations(
        cls, durations: object, observed: object, *, unit: str | None = None
    ) -> "Fit[ShiftedBetaGeometric]":
        """Fit the model to customers one by one, who may be of cohorts of different ages.

        Args:
            durations: For each customer the renewal at which they left, 1 or more; or, of a
                customer who is still there, how many renewals they have made.
            observed: For each customer whether they left: truth values, or 0 and 1.
            unit: How long a period is, or None.

        Returns:
            The fit. The covariance is that of alpha and beta.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers.
            InvalidTypeError: A duration is no number, or `observed` has another value.
            InvalidValueError: A duration is fractional or negative, or is 0 of a customer who
                left; or the lengths differ.
            NotIdentifiedError: As with `fit`.

        Examples:
            >>> fit = ShiftedBetaGeometric.fit_durations(
            ...     [1, 1, 1, 2, 3, 4, 4, 2], [True, True, True, True, True, False, False, False]
            ... )
            >>> fit.n
            8.0
        """
        return cls._fit(contracts.from_lifetimes(durations, observed), unit)

    @classmethod
    def _fit(cls, found: Renewals, unit: str | None) -> "Fit[ShiftedBetaGeometric]":
        contracts.check(cls.__name__, found, least=2)
        return fit(
            partial(cls, unit=unit),
            Problem(_likelihood(found), {"alpha": 1.0, "beta": 1.0}),
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
            Fader and Hardie (2007).

        Examples:
            >>> subscribers = ShiftedBetaGeometric(alpha=1, beta=1)
            >>> [round(s, 4) for s in subscribers.survival([0, 1, 2, 3])]
            [1.0, 0.5, 0.3333, 0.25]
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

        References:
            Fader and Hardie (2007).

        Examples:
            >>> subscribers = ShiftedBetaGeometric(alpha=1, beta=1)
            >>> [round(r, 4) for r in subscribers.retention([1, 2, 3])]
            [0.5, 0.6667, 0.75]
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
            InvalidValueError: `discount` or `horizon` is negative; or neither is given and
                alpha is 1 or less, so that the sum is infinite.

        References:
            Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual
            setting: the perils of ignoring heterogeneity. Marketing Science 29(1):85-93.

        Examples:
            >>> round(ShiftedBetaGeometric(alpha=2, beta=3).expected_lifetime(), 4)
            4.0
            >>> round(
            ...     ShiftedBetaGeometric(alpha=0.668, beta=3.806).expected_lifetime(discount=0.1), 3
            ... )
            5.923
        """
        d = rate_per("discount", discount, self.unit)
        if horizon is not None:
            return contracts.discounted(
                self._survival, d, _checks.whole("horizon", horizon, least=0, most=PERIODS)
            )
        self._check_discount(d)
        return discounted_sum(self.beta, self.alpha + self.beta, d)

    def residual_lifetime(self, *, discount: float | Discount, renewals: Any) -> Any:
        """Return the discounted expected residual lifetime of a customer (DERL).

        Args:
            discount: A `Discount`, or the rate per period, 0 or more.
            renewals: How many renewals the customer has made, 0 or more; a list, or an array.

        Returns:
            What one unit of money at each renewal to come is worth: a float, a list or an array.

        Raises:
            InvalidTypeError: A value is no number, or `discount` is a `Discount` and the model
                has no unit.
            InvalidValueError: A value of `renewals` is no whole number of 0 or more; or
                `discount` is negative, or is 0 where alpha is 1 or less, so that the sum is
                infinite.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Convention:
            The moment just before the next renewal, whose payment, if it comes, is not
            discounted. A customer with 7 renewals is in the 8th period, which is the n = 8 of
            Fader and Hardie. Divide by 1 + d for the moment just after the last renewal.

        References:
            Fader and Hardie (2010).

        Examples:
            >>> subscribers = ShiftedBetaGeometric(alpha=0.66808835, beta=3.806095)
            >>> round(subscribers.residual_lifetime(discount=0.1, renewals=7), 3)
            7.53
        """
        d = rate_per("discount", discount, self.unit)
        self._check_discount(d)

        def left(t: int) -> float:
            later = discounted_sum(self.beta + t + 1, self.alpha + self.beta + t + 1, d)
            return self._retention(t + 1) * later

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
            >>> subscribers = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
            >>> [round(left) for left in subscribers.forecast(491, periods=3, renewals=7)]
            [462, 438, 416]
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
            >>> ShiftedBetaGeometric(alpha=1, beta=2).simulate(4, horizon=5, random=Random(1))
            ([5, 5, 2, 1], [False, True, True, True])
        """
        return contracts.drawn(self.alpha, self.beta, 1.0, n=n, horizon=horizon, random=random)

    def _survival(self, t: int) -> float:
        alpha, beta = self.alpha, self.beta
        return math.exp(log_growth(FLOATS, beta, alpha) - log_growth(FLOATS, beta + t, alpha))

    def _retention(self, t: int) -> float:
        return (self.beta + t - 1) / (self.alpha + self.beta + t - 1)

    def _check_discount(self, d: float) -> None:
        if d == 0 and self.alpha <= 1:
            expected = "be above 0 where alpha is 1 or less: without it, the sum has no end"
            raise InvalidValueError("discount", d, expected)


def _likelihood(found: Renewals) -> Likelihood:
    """Return the log-likelihood of renewals as a function of the parameters."""

    def at(alpha: float, beta: float) -> Derivatives:
        terms = zip(*_terms(found, alpha, beta), strict=True)
        return derivatives([math.fsum(term) for term in terms])

    return at


def _terms(found: Renewals, alpha: float, beta: float) -> Iterator[tuple[float, ...]]:
    """Yield for each renewal the logarithm of its chances, and their derivatives."""
    for k, (stayed, left) in enumerate(zip(found.stayed, found.left, strict=True)):
        everyone = alpha + beta + k
        by_all, by_left, by_stayed = (stayed + left) / everyone, left / alpha, stayed / (beta + k)
        curve = by_all / everyone
        yield (
            left * math.log(alpha / everyone) + stayed * math.log((beta + k) / everyone),
            by_left - by_all,
            by_stayed - by_all,
            curve - by_left / alpha,
            curve,
            curve - by_stayed / (beta + k),
        )
