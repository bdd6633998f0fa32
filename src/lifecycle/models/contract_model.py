"""What the models of contracts share: fits to who stayed, and forecasts of who will."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from random import Random
from typing import Any, Self

from lifecycle import _checks
from lifecycle._discounts import Discount
from lifecycle.models import _renewals as contracts
from lifecycle.models._bounds import AMOUNT, SHARE, bounded, up_to
from lifecycle.models._customers import customers_and
from lifecycle.models._discounts import unit_or_none, unit_rate
from lifecycle.models._discrete import by_state
from lifecycle.models._renewals import Renewals
from lifecycle.models._rows import whole
from lifecycle.models.fitting import Fit, Problem, fit
from lifecycle.models.forecasts import by_customer
from lifecycle.rates import Bounds

__all__ = ["ContractModel"]


def _periods(given: Mapping[str, Any]) -> Bounds:
    """Return the bounds of a lifetime, of which the first period is sure."""
    periods = given["periods"]
    return (1, None) if periods is None else (min(1, periods), periods)


class ContractModel(ABC):
    """A model of contracts that are renewed, or not, period by period.

    Renewals are counted from 1. A forecast takes a number and returns one; or a list or an
    array, and returns the same.
    """

    __slots__ = ()

    unit: str | None

    @classmethod
    @abstractmethod
    def _problem(cls, found: Renewals) -> Problem:
        """Return what a fit of the model searches, and from where."""

    @abstractmethod
    def _survival(self, t: int) -> float:
        """Return S(t), the probability of staying for at least t renewals."""

    @abstractmethod
    def _retention(self, t: int) -> float:
        """Return S(t) / S(t - 1)."""

    @abstractmethod
    def _sum_from(self, t: int, d: float) -> float:
        """Return the sum of S(k) / S(t) / (1 + d)^(k - t) over k = t, t + 1, ..."""

    @abstractmethod
    def _chances(self) -> tuple[float, float, float]:
        """Return alpha, beta and c, of which a BdW is made."""

    @classmethod
    def fit(cls, survivors: object, *, unit: str | None = None) -> Fit[Self]:
        """Fit the model to the survivors of a cohort over time, by maximum likelihood.

        Args:
            survivors: How many customers there were at the start, after the first renewal,
                after the second, and so on: whole numbers, none above the one before it. Those
                of the last one may stay for any time more.
            unit: How long a period is, or None.

        Returns:
            The fit. The covariance is that of the parameters, in their order.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers.
            InvalidTypeError: A count is not a number.
            InvalidValueError: A count is fractional, negative, or above the one before it.
            NotIdentifiedError: The counts do not say what the parameters are: nobody left,
                there are too few renewals, two for an sBG and three for a BdW, or all customers
                seem alike.

        Convention:
            Counts, not shares: the log-likelihood and the standard errors depend on how many
            customers there were. The spreadsheet of Fader and Hardie (2007) and R's `foretell`
            enter percentages.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> fit = ShiftedBetaGeometric.fit(survivors=[1000, 869, 743, 653, 593, 551, 517, 491])
            >>> round(fit.model.alpha, 3), round(fit.model.beta, 3)
            (0.668, 3.806)
        """
        return cls._fit(contracts.from_survivors(survivors), unit)

    @classmethod
    def fit_durations(
        cls, durations: object, observed: object, *, unit: str | None = None
    ) -> Fit[Self]:
        """Fit the model to durations of single customers, whose cohorts may differ in age.

        Args:
            durations: For each customer the renewal at which they left, 1 or more; or, of a
                customer who is still there, how many renewals they have made.
            observed: For each customer whether they left: truth values, or 0 and 1.
            unit: How long a period is, or None.

        Returns:
            The fit. The covariance is that of the parameters, in their order.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers.
            InvalidTypeError: A duration is not a number, or `observed` has another value.
            InvalidValueError: A duration is fractional or negative, or is 0 of a customer who
                left; or the lengths differ.
            NotIdentifiedError: As with `fit`.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> fit = ShiftedBetaGeometric.fit_durations(
            ...     [1, 1, 1, 2, 3, 4, 4, 2], [True, True, True, True, True, False, False, False]
            ... )
            >>> fit.n
            8.0
        """
        return cls._fit(contracts.from_lifetimes(durations, observed), unit)

    @classmethod
    def _fit(cls, found: Renewals, unit: str | None) -> Fit[Self]:
        build: Any = cls  # which has parameters, unlike this class
        build = partial(build, unit=unit_or_none(unit))
        problem = cls._problem(found)
        contracts.check(cls.__name__, found, least=len(problem.start))
        return fit(build, problem, name=cls.__name__, n=found.n)

    @bounded(SHARE)
    def survival(self, renewals: Any) -> Any:
        """Return the probability that a new customer stays for at least this number of renewals.

        Args:
            renewals: t, a whole number of 0 or more; a list, or an array.

        Returns:
            S(t), 1 at t = 0: a float for a number, a list for a list, an array for an array.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: A value is not a whole number of 0 or more.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> subscribers = ShiftedBetaGeometric(alpha=1, beta=1)
            >>> [round(s, 4) for s in subscribers.survival([0, 1, 2, 3])]
            [1.0, 0.5, 0.3333, 0.25]
        """
        return by_state(self._survival, whole("renewals{}", renewals))

    @bounded(SHARE)
    def retention(self, renewal: Any) -> Any:
        """Return the retention of a cohort at a renewal: S(t) / S(t - 1).

        Args:
            renewal: t, which renewal, a whole number of 1 or more; a list, or an array.

        Returns:
            The share of those who were there before it: a float, a list or an array.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: A value is not a whole number of 1 or more.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> subscribers = ShiftedBetaGeometric(alpha=1, beta=1)
            >>> [round(r, 4) for r in subscribers.retention([1, 2, 3])]
            [0.5, 0.6667, 0.75]
        """
        return by_state(self._retention, whole("renewal{}", renewal, least=1))

    @bounded(_periods)
    def expected_lifetime(
        self, *, discount: float | Discount = 0, periods: int | None = None
    ) -> float:
        """Return for how many periods a new customer is expected to stay, the first included.

        With a discount, a period counts as what one unit of money paid at its start is worth
        at the start of the first (the discounted expected lifetime).

        Args:
            discount: A `Discount`, or the rate per period, 0 or more.
            periods: How many periods count, 0 or more; None counts all.

        Returns:
            The sum of S(t) / (1 + d)^t over t = 0, 1, ..., in periods.

        Raises:
            InvalidTypeError: A value is not a number, or `discount` is a `Discount` and the model
                has no unit.
            InvalidValueError: `discount` or `periods` is negative; or neither is given and the
                sum is infinite, as it is of an sBG whose alpha is 1 or less, or has no closed
                form, as that of a BdW.

        References:
            Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual
            setting: the perils of ignoring heterogeneity. Marketing Science 29(1):85-93.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> round(ShiftedBetaGeometric(alpha=2, beta=3).expected_lifetime(), 4)
            4.0
            >>> round(
            ...     ShiftedBetaGeometric(alpha=0.668, beta=3.806).expected_lifetime(discount=0.1), 3
            ... )
            5.923
        """
        d = unit_rate(discount, self.unit, endless=periods is None)
        if periods is None:
            return self._sum_from(0, d)
        periods = _checks.periods("periods", periods, least=0)
        return contracts.discounted(self._survival, d, periods)

    @bounded(AMOUNT)
    def residual_lifetime(self, renewals: Any, *, discount: float | Discount) -> Any:
        """Return the discounted expected residual lifetime of a customer (DERL).

        Args:
            renewals: How many renewals the customer has made, 0 or more: a number, a list or an
                array; or rows, columns or a dataframe with `renewals` and, where the customers
                shall stay with their figures, `customer`.
            discount: A `Discount`, or the rate per period, 0 or more.

        Returns:
            What one unit of money at each renewal to come is worth, for each customer: a
            `ForecastTable` where there is a `customer`, else a float, a list or an array.

        Raises:
            InvalidTypeError: A value is not a number, rows lack `renewals`, or `discount` is a
                `Discount` and the model has no unit.
            InvalidValueError: A value of `renewals` is not a whole number of 0 or more; or
                `discount` is negative, or is 0 where `expected_lifetime` refuses it.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Convention:
            The moment just before the next renewal, whose payment, if it comes, is not
            discounted. A customer with 7 renewals is in the 8th period, which is the n = 8 of
            Fader and Hardie. Divide by 1 + d for the moment just after the last renewal.

        References:
            Fader and Hardie (2010).

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> subscribers = ShiftedBetaGeometric(alpha=0.66808835, beta=3.806095)
            >>> round(subscribers.residual_lifetime(7, discount=0.1), 3)
            7.53
        """
        d = unit_rate(discount, self.unit, endless=True)

        def left(t: int) -> float:
            return self._retention(t + 1) * self._sum_from(t + 1, d)

        customers, made = customers_and("renewals", renewals)
        found = by_state(left, whole("renewals{}", made))
        return by_customer("residual_lifetime", customers, found)

    @bounded(up_to("customers"))
    def forecast(self, customers: float, *, periods: int, renewals: int = 0) -> list[float]:
        """Return how many customers are expected to be left after each of the next periods.

        Args:
            customers: How many there are now, 0 or more.
            periods: How many periods ahead, 0 or more.
            renewals: How many renewals these customers have made.

        Returns:
            The expected number after 1, 2, ... periods.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: A value is negative.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> subscribers = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
            >>> [round(left) for left in subscribers.forecast(491, periods=3, renewals=7)]
            [462, 438, 416]
        """
        return contracts.projected(self._survival, customers, periods, renewals)

    def simulate(self, n: int, *, periods: int, random: Random) -> tuple[list[int], list[bool]]:
        """Simulate how long customers stay, observed for some renewals.

        Args:
            n: How many, 0 or more.
            periods: For how many renewals they are watched, 1 or more.
            random: The random number generator, such as `random.Random(1)`.

        Returns:
            Durations and whether each customer was seen to leave, as `fit_durations` reads
            them.

        Raises:
            InvalidTypeError: A value is not a whole number.
            InvalidValueError: `n` is negative, or `periods` below 1.

        Examples:
            >>> from lifecycle.models import ShiftedBetaGeometric
            >>> from random import Random
            >>> ShiftedBetaGeometric(alpha=1, beta=2).simulate(4, periods=5, random=Random(1))
            ([5, 5, 2, 1], [False, True, True, True])
        """
        return contracts.drawn(*self._chances(), n=n, periods=periods, random=random)
