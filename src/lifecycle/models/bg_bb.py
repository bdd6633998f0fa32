"""BG/BB: customers who buy, or do not, on each of some occasions, until they leave unseen.

At each occasion a customer who is alive buys with a probability of their own, and before each
leaves with another of their own; both differ over the customers as beta variates. The
literature calls the parameters alpha, beta, gamma, delta and a history x, t_x, n: purchases,
the occasion of the last one, and how many occasions there were.

Every quantity here is a sum of positive products, so that none needs a special function, and
none loses digits to subtraction.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from random import Random
from typing import Any, Self

import attrs

from lifecycle import _checks
from lifecycle._discounts import Discount
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError, NotIdentifiedError
from lifecycle.metrics.rfm import CustomerSummary
from lifecycle.models._arithmetic import FLOATS
from lifecycle.models._bounds import AMOUNT, SHARE, bounded, up_to
from lifecycle.models._customers import HISTORY, given, known
from lifecycle.models._discounts import schedule, unit_or_none, unit_rate
from lifecycle.models._discrete import by_state, discounted_sum
from lifecycle.models._rows import (
    CUSTOMERS,
    DistinctRows,
    as_units,
    compressed,
    demand,
    history,
    whole,
)
from lifecycle.models.fitting import Derivatives, Fit, Likelihood, Problem, derivatives, fit
from lifecycle.models.forecasts import by_customer
from lifecycle.models.purchase_model import Asked, parameters

__all__ = ["BetaGeoBetaBinomial"]

_STARTS = tuple(
    dict(zip(("alpha", "beta", "gamma", "delta"), start, strict=True))
    for start in ((1.0, 1.0, 1.0, 1.0), (1.5, 0.5, 0.05, 0.2), (0.1, 0.1, 1.0, 4.0))
)
"""Where a fit begins, and where again: with few donors there may be two hills, either that many
leave at once and the others buy alike, or that they buy unlike and leave alike."""

Derived = tuple[float, float, float]
"""A logarithm with its first and its second derivative."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class BetaGeoBetaBinomial:
    """The BG/BB model of purchases on occasions, such as yearly donations or conferences.

    Args:
        alpha: With beta, how the probability of buying on an occasion differs over the
            customers: a beta distribution, whose mean is alpha / (alpha + beta). Above 0.
        beta: Above 0.
        gamma: With delta, how the probability of leaving before an occasion differs: a beta
            distribution, whose mean is gamma / (gamma + delta). Above 0.
        delta: Above 0.
        unit: How long it is from one occasion to the next: "day", "week", "month", "quarter"
            or "year"; needed where a `Discount` says a period. None where it does not matter.

    Raises:
        InvalidTypeError: A parameter is not a number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: `unit` is not one of these.

    References:
        Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a
        discrete-time noncontractual setting. Marketing Science 29(6):1086-1108.

    Examples:
        >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
        >>> round(donors.p_alive(frequency=6, recency=6, age=6), 3)
        0.93
        >>> round(donors.p_alive(frequency=0, recency=0, age=6), 3)
        0.108
    """

    alpha: float
    beta: float
    gamma: float
    delta: float
    unit: str | None = None

    def __init__(
        self, *, alpha: float, beta: float, gamma: float, delta: float, unit: str | None = None
    ) -> None:
        given = parameters(alpha=alpha, beta=beta, gamma=gamma, delta=delta)
        self.__attrs_init__(**given, unit=unit_or_none(unit))

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def fit(
        cls, rows: object, *, weights: object = None, unit: str | None = None
    ) -> "Fit[BetaGeoBetaBinomial]":
        """Fit the model to the histories of customers, by maximum likelihood.

        Args:
            rows: Rows with these attributes or keys, or columns by these names, such as a dict
                of lists or a dataframe of pandas, polars or pyarrow: `frequency`,
                on how many occasions the customer bought; `recency`, on which one last, 0 for
                none; `age`, how many occasions there were. Occasions are counted from 1, and
                the purchase that made the customer is not one of them.
            weights: How many customers each row represents, above 0; None for one each.
            unit: How long it is from one occasion to the next; None for the unit that rows have
                themselves, if they have one.

        Returns:
            The fit. The covariance is that of alpha, beta, gamma and delta.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no rows.
            InvalidTypeError: A value is not a number, or a row lacks a field.
            InvalidValueError: A value is not a whole number of 0 or more, a recency is above the
                age or below the frequency, or is 0 where there are purchases.
            NotIdentifiedError: The data do not say what the parameters are, such as where
                nobody bought, or everybody each time.

        References:
            Fader, Hardie and Shang (2010).

        Examples:
            >>> donors = {
            ...     "frequency": [0, 1, 1, 2, 2, 3],
            ...     "recency": [0, 1, 3, 2, 3, 3],
            ...     "age": [3, 3, 3, 3, 3, 3],
            ... }
            >>> fit = BetaGeoBetaBinomial.fit(donors, weights=[40, 22, 10, 9, 12, 20])
            >>> fit.n
            113.0
        """
        customers = given("rows", rows)
        unit = customers.unit_or(unit)
        found = compressed(_checked(customers.columns(HISTORY), "rows{{}}.{name}"), weights)
        _check_purchases(cls.__name__, found)
        return fit(
            partial(cls, unit=unit),
            Problem(_likelihood(found), _STARTS[0], others=_STARTS[1:]),
            name=cls.__name__,
            n=found.n,
        )

    @bounded(SHARE)
    def p_alive(
        self,
        rows: object = None,
        *,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the probability of being alive at the next occasion.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            frequency: On how many occasions the customer bought: a number, a list, an array.
            recency: On which occasion last, 0 for none.
            age: How many occasions there were.

        Returns:
            A probability for each customer: a `ForecastTable` where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: An argument is not as `fit` says.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Convention:
            Alive at occasion n + 1, of n, as R's BTYD gives it. Somebody who bought at
            occasion n was alive then, and may have left since.

        References:
            Fader, Hardie and Shang (2010).

        Examples:
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> chances = donors.p_alive(frequency=[0, 6], recency=[0, 6], age=[6, 6])
            >>> [round(chance, 3) for chance in chances]
            [0.108, 0.93]
        """
        customers, states = self._states((rows, frequency, recency, age))
        return by_customer("p_alive", customers, by_state(self._alive_next, *states))

    @bounded(up_to("horizon"))
    def expected_purchases(self, horizon: Any) -> Any:
        """Return the expected purchases of a new customer on the next occasions.

        Args:
            horizon: How many occasions, a whole number of 0 or more; or a `timedelta` or a `Period`
                of that many units; a list, or an array.

        Returns:
            The expected number, without the purchase that made the customer.

        Raises:
            InvalidTypeError: `horizon` is neither a number nor a length of time.
            InvalidValueError: `horizon` is not a whole number of occasions, 0 or more.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        References:
            Fader, Hardie and Shang (2010).

        Examples:
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> round(donors.expected_purchases(6), 3)
            2.22
        """
        return by_state(self._while_alive, self._occasions("horizon", horizon))

    @bounded(up_to("horizon"))
    def conditional_expected_purchases(
        self,
        rows: object = None,
        *,
        horizon: Any,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the expected purchases of a customer on the next occasions, given their history.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            horizon: How many occasions, a whole number of 0 or more; or a `timedelta` or a `Period`
                of that many units; a list, or an array.
            frequency: On how many occasions the customer bought.
            recency: On which occasion last, 0 for none.
            age: How many occasions there were.

        Returns:
            The expected number for each customer: a `ForecastTable` where the rows have a
            `customer`.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: An argument is not as `fit` says.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        References:
            Fader, Hardie and Shang (2010).

        Examples:
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> known = {"frequency": 3, "recency": 5, "age": 6}
            >>> round(donors.conditional_expected_purchases(horizon=5, **known), 3)
            1.805
        """
        steps = self._occasions("horizon", horizon)

        def expected(steps: int, x: int, t_x: int, n: int) -> float:
            return self._alive(x, t_x, n) * self._later(x, n)._while_alive(steps)

        customers, states = self._states((rows, frequency, recency, age), horizon=steps)
        found = by_state(expected, *states)
        return by_customer("conditional_expected_purchases", customers, found)

    @bounded(SHARE)
    def pmf(  # noqa: PLR0913  (the count, and two ways to say the history)
        self,
        rows: object = None,
        *,
        n: Any,
        horizon: Any,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the probability of exactly n purchases in the next occasions.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            n: On how many of them, a whole number of 0 or more; a list, or an array.
            horizon: How many occasions, a whole number of 0 or more; or a `timedelta` or a `Period`
                of that many units; a list, or an array.
            frequency: On how many the customer bought so far; without a history, the customer
                is new.
            recency: On which occasion last, 0 for none.
            age: How many occasions there were.

        Returns:
            A probability, 0 where there are more purchases than occasions: a `ForecastTable`
            where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: An argument is not as `fit` says.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        References:
            Fader, Hardie and Shang (2010).

        Examples:
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> [round(p, 4) for p in donors.pmf(n=range(4), horizon=2)]
            [0.3936, 0.2894, 0.317, 0.0]
        """
        times, length = whole("n{}", n), self._occasions("horizon", horizon)

        def probability(times: int, length: int, x: int, t_x: int, n: int) -> float:
            alive = self._alive(x, t_x, n)
            gone = 0.0 if times else 1 - alive
            return alive * self._later(x, n)._probability(times, length) + gone

        asked = (rows, frequency, recency, age)
        customers, states = self._states(asked, new=True, n=times, horizon=length)
        return by_customer("pmf", customers, by_state(probability, *states))

    @bounded(AMOUNT)
    def residual_transactions(
        self,
        rows: object = None,
        *,
        discount: float | Discount,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the discounted expected residual transactions of a customer (DERT).

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            discount: A `Discount`, or the rate from one occasion to the next, 0 or more.
            frequency: On how many occasions the customer bought; without a history, the
                customer is new.
            recency: On which occasion last, 0 for none.
            age: How many occasions there were.

        Returns:
            The present value of one unit of money for each purchase, for each customer: a
            `ForecastTable` where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number, or `discount` is a `Discount` and the model
                has no unit.
            InvalidValueError: `discount` is negative, or is 0 where gamma is 1 or less, so
                that the number is infinite; or a history is not as `fit` says.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Convention:
            Today is occasion n, and a purchase at the next one is already discounted once.

        References:
            Fader, Hardie and Shang (2010).

        Examples:
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> round(donors.residual_transactions(discount=0.1, frequency=6, recency=6, age=6), 3)
            5.91
        """
        d = unit_rate(discount, self.unit, endless=True)
        gamma, delta = self.gamma, self.delta
        if d == 0 and gamma <= 1:
            expected = "be above 0 where gamma is 1 or less: without it, the sum has no end"
            raise InvalidValueError("discount", discount, expected)

        def left(x: int, t_x: int, n: int) -> float:
            later = discounted_sum(delta + n + 1, gamma + delta + n + 1, d)
            return self._alive_next(x, t_x, n) * self._chance(x, n) * later / (1 + d)

        customers, states = self._states((rows, frequency, recency, age), new=True)
        return by_customer("residual_transactions", customers, by_state(left, *states))

    @bounded(up_to("periods"))
    def discounted_purchases(  # noqa: PLR0913  (the terms of the sum)
        self,
        rows: object = None,
        *,
        periods: int,
        discount: float | Discount,
        period: str | None = None,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the expected purchases of a customer on the next occasions, discounted.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            periods: How many occasions, 0 or more.
            discount: A `Discount`, or the rate from one occasion to the next, 0 or more.
            period: None, or the unit of the model.
            frequency: On how many occasions the customer bought; without a history, the
                customer is new.
            recency: On which occasion last, 0 for none.
            age: How many occasions there were.

        Returns:
            The present value of one unit of money for each purchase, for each customer: a
            `ForecastTable` where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number, or `discount` is a `Discount` and the model
                has no unit.
            InvalidValueError: `periods` or `discount` is negative, `period` is another unit
                than the model's, or a history is not as `fit` says.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        Examples:
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> known = {"frequency": 6, "recency": 6, "age": 6}
            >>> round(donors.discounted_purchases(periods=5, discount=0.1, **known), 3)
            2.876
        """
        if period is not None and period != self.unit:
            raise InvalidValueError("period", period, f"be the unit of the model, {self.unit!r}")
        ends = schedule(periods, discount, period, self.unit)

        def bought(x: int, t_x: int, n: int) -> float:
            alive, later = self._alive(x, t_x, n), self._later(x, n)
            return alive * math.fsum(w * later._while_alive(int(t)) for t, w in ends)

        customers, states = self._states((rows, frequency, recency, age), new=True)
        return by_customer("discounted_purchases", customers, by_state(bought, *states))

    def simulate(
        self, n: int, *, age: Any, random: Random, horizon: Any = None
    ) -> tuple[CustomerSummary, ...]:
        """Simulate customers from the model, for tests and teaching.

        Args:
            n: How many, 0 or more.
            age: How many occasions there were: a whole number, or a `timedelta` or a `Period` of
                that many units; or one for each customer.
            random: The random number generator, such as `random.Random(1)`.
            horizon: The number of occasions of a holdout after `age`; None for no holdout.

        Returns:
            A row for each, which `fit` reads, numbered from 0.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: A number is out of bounds, or there are more or fewer ages than n.

        Examples:
            >>> from random import Random
            >>> donors = BetaGeoBetaBinomial(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
            >>> rows = donors.simulate(1000, age=6, random=Random(1))
            >>> sum(row.frequency for row in rows)
            2186
        """
        number = _checks.whole("n", n, least=0, most=CUSTOMERS)
        ages = self._occasions("age", age)
        if isinstance(ages, float):
            ages = [ages] * number
        if len(ages) != number:
            raise InvalidValueError("len(age)", len(ages), f"be n, {number}")
        random = _checks.instance("random", random, Random)
        more = 0.0 if horizon is None else self._occasions("horizon", horizon)
        if not isinstance(more, float):
            raise InvalidTypeError("horizon", horizon, "be one number of occasions for all")
        later = None if horizon is None else int(more)
        return tuple(self._drawn(i, int(n), later, random) for i, n in enumerate(ages))

    def _drawn(self, customer: int, n: int, more: int | None, random: Random) -> CustomerSummary:
        buys = random.betavariate(self.alpha, self.beta)
        leaves = random.betavariate(self.gamma, self.delta)
        bought = []
        for occasion in range(1, n + (more or 0) + 1):
            if random.random() < leaves:
                break
            if random.random() < buys:
                bought.append(occasion)
        before = [occasion for occasion in bought if occasion <= n]
        return CustomerSummary(
            customer=customer,
            frequency=len(before),
            recency=before[-1] if before else 0,
            age=n,
            monetary=None,
            holdout_frequency=None if more is None else len(bought) - len(before),
            holdout_duration=more,
            unit=self.unit,
        )

    def _occasions(self, argument: str, horizon: object) -> Any:
        """Return numbers of occasions, of lengths of time too."""
        counts = as_units(f"{argument}{{}}", horizon, self.unit)
        return whole(f"{argument}{{}}", counts, most=_checks.PERIODS)

    def _states(
        self, asked: Asked, *, new: bool = False, **others: Any
    ) -> tuple[list[Any] | None, Sequence[Any]]:
        """Return the customers of a forecast and their checked columns, the others first."""
        rows, frequency, recency, age = asked
        customers, found = known(
            rows, self.unit, new=new, frequency=frequency, recency=recency, age=age
        )
        x, t_x, n, *rest = _checked({**found, **others}, "{name}{{}}")
        return customers, (*rest, x, t_x, n)

    def _later(self, x: int, n: int) -> Self:
        """Return a customer who is alive as a new one with other parameters."""
        return attrs.evolve(
            self, alpha=self.alpha + x, beta=self.beta + n - x, delta=self.delta + n
        )

    def _chance(self, x: int, n: int) -> float:
        """Return the mean chance that such a customer, if alive, buys on an occasion."""
        return (self.alpha + x) / (self.alpha + self.beta + n)

    def _stays(self, n: int) -> float:
        """Return the probability that a customer alive at occasion n is so at the next one."""
        return (self.delta + n) / (self.gamma + self.delta + n)

    # The recurrences over occasions. Alive throughout, a history of x purchases in n occasions
    # has the likelihood A(n) = B(alpha + x, beta + n - x) B(gamma, delta + n), but for a constant;
    # having left after occasion k, L(k) = B(alpha + x, beta + k - x) B(gamma + 1, delta + k). So
    # L(n) / A(n) = gamma / (gamma + delta + n), and
    # L(k) / L(k + 1) = (alpha + beta + k) / (beta + k - x) (gamma + delta + k + 1) / (delta + k).

    def _alive(self, x: int, t_x: int, n: int) -> float:
        """Return the probability of being alive at the last occasion, n: 1 / (1 + the odds).

        The odds are the sum of L(k) / A(n) over the occasions k from t_x to n - 1.
        """
        alpha, beta, gamma, delta = self.alpha, self.beta, self.gamma, self.delta
        odds, left_after = 0.0, gamma / (gamma + delta + n)
        for k in range(n - 1, t_x - 1, -1):
            not_bought = (beta + k - x) / (alpha + beta + k)
            left_after /= not_bought * (delta + k) / (gamma + delta + k + 1)
            odds += left_after
        return 1 / (1 + odds)

    def _alive_next(self, x: int, t_x: int, n: int) -> float:
        return self._alive(x, t_x, n) * self._stays(n)

    def _while_alive(self, occasions: int) -> float:
        """Return how often a new customer buys."""
        total, alive = 0.0, 1.0
        for k in range(occasions):
            alive *= self._stays(k)
            total += alive
        return self._chance(0, 0) * total

    def _probability(self, x: int, n: int) -> float:
        """Return the probability of x purchases: of those who left after each k, and all of n."""
        if x > n:
            return 0.0
        alpha, beta, gamma, delta = self.alpha, self.beta, self.gamma, self.delta
        here = 1.0
        for k in range(x):
            here *= self._chance(k, k) * self._stays(k)
        total = 0.0
        for k in range(x, n):
            total += here * gamma / (gamma + delta + k)
            not_bought = (k + 1) / (k + 1 - x) * (beta + k - x) / (alpha + beta + k)
            here *= not_bought * self._stays(k)
        return total + here


def _checked(columns: dict[str, Any], path: str) -> Sequence[Any]:
    """Return checked histories, which are counted in occasions."""
    x, t_x, n, *rest = history(columns, path)
    for name, values in (("recency", t_x), ("age", n)):
        whole(path.format(name=name), values, most=_checks.PERIODS, hint="count occasions")
    demand(path.format(name="recency"), "be at least the frequency", lambda t, x: t >= x, t_x, x)
    return x, t_x, n, *rest


def _check_purchases(model: str, rows: DistinctRows) -> None:
    bought, possible = sum(rows.columns[0]), sum(rows.columns[2])
    if bought == 0:
        raise NotIdentifiedError(model, "nobody bought")
    if bought == possible:
        raise NotIdentifiedError(model, "everybody bought on every occasion")


# The likelihood. A history is a mixture: the customer left after one of the occasions from the
# last purchase on, or has not left. Histories that differ in the last purchase only share all
# components after it, so each is the one before it, and more.


def _likelihood(rows: DistinctRows) -> Likelihood:
    """Return the log-likelihood of rows as a function of the parameters."""
    lasts: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    for x, t_x, n, count in zip(*rows.columns, rows.counts, strict=True):
        lasts[int(n), int(x)][int(t_x)] = float(count)
    most = max(n for n, _ in lasts)

    def at(alpha: float, beta: float, gamma: float, delta: float) -> Derivatives:
        parts = _Components(alpha, beta, gamma, delta, most)
        found = []
        for (n, x), counts in lasts.items():
            for t_x, terms in parts.histories(x, n, min(counts)):
                if t_x in counts:
                    found.append([counts[t_x] * term for term in terms])
        return derivatives([math.fsum(column) for column in zip(*found, strict=True)])

    return at


class _Components:
    """The parts of the mixtures at some parameters: the logarithm of each, and its moments.

    The moments are the gradient g, and the Hessian plus g g'. Those of a mixture are the means
    of its parts', by the shares that they have.
    """

    def __init__(self, alpha: float, beta: float, gamma: float, delta: float, most: int) -> None:
        self._gamma = gamma
        self._bought, self._missed, self._either, self._stayed, self._all = (
            _rising(a, most + 1) for a in (alpha, beta, alpha + beta, delta, gamma + delta)
        )

    def histories(self, x: int, n: int, least: int) -> Iterator[tuple[int, list[float]]]:
        """Yield the terms of the log-likelihood for each last purchase, the latest first."""
        log, mean = self._part(x, n, left=False)
        yield n, _terms(log, mean)
        for k in range(n - 1, least - 1, -1):  # the customer left after k
            other, moments = self._part(x, k, left=True)
            share = FLOATS.expit(other - log)
            log = FLOATS.logaddexp(log, other)
            mean = [m + share * (o - m) for m, o in zip(mean, moments, strict=True)]
            yield k, _terms(log, mean)

    def _part(self, x: int, k: int, *, left: bool) -> tuple[float, list[float]]:
        """Return the part of who left after occasion k, or was still alive at it."""
        bought, missed, either = self._bought[x], self._missed[k - x], self._either[k]
        stayed, every = self._stayed[k], self._all[k + left]
        leaving = _log_of(self._gamma) if left else _NOTHING
        log = bought[0] + missed[0] - either[0] + stayed[0] - every[0] + leaving[0]
        g = (
            bought[1] - either[1],
            missed[1] - either[1],
            leaving[1] - every[1],
            stayed[1] - every[1],
        )
        curves = {
            (0, 0): bought[2] - either[2],
            (0, 1): -either[2],
            (1, 1): missed[2] - either[2],
            (2, 2): leaving[2] - every[2],
            (2, 3): -every[2],
            (3, 3): stayed[2] - every[2],
        }
        return log, [*g, *(curves.get((i, j), 0.0) + g[i] * g[j] for i, j in _TRIANGLE)]


_TRIANGLE = tuple((i, j) for i in range(4) for j in range(i, 4))
_NOTHING = (0.0, 0.0, 0.0)


def _terms(log: float, moments: Sequence[float]) -> list[float]:
    g, curves = moments[:4], moments[4:]
    hessian = (c - g[i] * g[j] for c, (i, j) in zip(curves, _TRIANGLE, strict=True))
    return [log, *g, *hessian]


def _log_of(a: float) -> Derived:
    return math.log(a), 1 / a, -1 / (a * a)


def _rising(a: float, most: int) -> list[Derived]:
    """Return log Gamma(a + k) - log Gamma(a) with two derivatives, for k = 0, ..., most."""
    steps = (_log_of(a + k) for k in range(most))
    return list(accumulate(steps, _added, initial=_NOTHING))


def _added(one: Derived, other: Derived) -> Derived:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
