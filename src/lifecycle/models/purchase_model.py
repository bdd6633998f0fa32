"""What the models of purchases share: forecasts for a customer, and simulated customers."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from random import Random
from types import ModuleType
from typing import Any, NamedTuple, Self, overload

from lifecycle import _checks
from lifecycle._discounts import Discount
from lifecycle._lengths import Length
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics.rfm import CustomerSummary
from lifecycle.models._arithmetic import each, each_distinct
from lifecycle.models._bounds import AMOUNT, SHARE, bounded
from lifecycle.models._customers import given, known
from lifecycle.models._discounts import schedule, unit_rate
from lifecycle.models._rows import CUSTOMERS, DistinctRows, column, demand, history, in_units, read
from lifecycle.models.fitting import Fit, Problem, fit
from lifecycle.models.forecasts import by_customer
from lifecycle.periods import DAYS

__all__ = ["PurchaseModel"]

Horizon = float | Length
"""How far ahead: a number in the unit of the model, a `timedelta` or a `Period`."""

Asked = tuple[object, Any, Any, Any]
"""The customers of a forecast: rows; or frequency, recency and age."""


class Forecasts(NamedTuple):
    """The formulas of a model, all for arguments in its unit.

    Attributes:
        p_alive: Of x, t_x and T: the probability of being alive.
        staying: Of t, x and T: that of still being so t later, for whoever is alive.
        purchases: Of t, x and T: the mean number of purchases of whoever is alive.
        pmf: Of k, t, x and T: the probability of k purchases of whoever is alive.
        discounted: Of the rate, x and T: the discounted purchases of whoever is alive.
    """

    p_alive: Callable[..., Any]
    staying: Callable[..., Any]
    purchases: Callable[..., Any]
    pmf: Callable[..., Any]
    discounted: Callable[..., Any]


def forecasts(formulas: ModuleType, at: Any) -> Forecasts:
    """Return the formulas of a module, which has them by these names, at some parameters."""
    return Forecasts(*[partial(formula, at=at) for formula in _by_name(formulas)])


_by_name = attrgetter(*Forecasts._fields)


class PurchaseModel(ABC):
    """A model of how often customers buy, and of when they stop without saying so.

    Every forecast takes what `fit` takes, and returns a `ForecastTable` where the rows have a
    `customer`, else a list or an array. It also takes one row, or numbers by name, and returns
    a number; and lists or arrays by name. Time is in the unit of the model. Where no history is
    given, the customer is new: their first purchase is now.
    """

    __slots__ = ()

    unit: str

    @abstractmethod
    def _forecasts(self) -> Forecasts:
        """Return the formulas of the model, with its parameters."""

    @classmethod
    @abstractmethod
    def _problem(cls, rows: DistinctRows) -> Problem:
        """Return what a fit of the model to rows searches, and from where."""

    @abstractmethod
    def _purchases(self, random: Random) -> Iterator[float]:
        """Draw when a customer buys again, counted from the first purchase."""

    @classmethod
    def fit(cls, rows: object, *, unit: str | None = None, weights: object = None) -> Fit[Self]:
        """Fit the parameters by maximum likelihood.

        Args:
            rows: What customers did: the result of `rfm.summary`, or its rows; rows with the
                attributes, or the keys, frequency, recency and age; or these columns by name,
                such as a dict of lists or a dataframe of pandas, polars or pyarrow.
            unit: The unit of recency and age, where `rows` do not have one themselves: those
                of `rfm.summary`, of its `to_rows` and of `simulate` have.
            weights: How many customers each row represents, above 0; None for one each.

        Returns:
            The fitted model, how well it fits, and the standard errors of its parameters.

        Raises:
            ConvergenceError: The search found no optimum.
            EmptySampleError: There are no rows.
            InvalidTypeError: A value is not a number, or the unit is missing.
            InvalidValueError: A row cannot be: the first such row is named, with how many
                there are; or a customer has two rows.
            NotIdentifiedError: The rows do not say what the parameters are: nobody bought
                again, or a parameter runs to 0 or to infinity.

        Convention:
            The likelihood includes every factor that depends on parameters or times, as in the
            paper, and no factorials of counts. No parameter is penalized.

        Examples:
            >>> from lifecycle.models import BetaGeoNBD
            >>> from random import Random
            >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
            >>> fit = BetaGeoNBD.fit(model.simulate(2000, age=52, random=Random(1)))
            >>> fit.model.unit, fit.n
            ('week', 2000.0)
        """
        customers = given("rows", rows)
        unit = customers.unit_or(unit)
        found = read(customers, weights=weights)
        if unit is None:
            expected = (
                "be given with rows that are no rfm.SummaryTable, and have no 'unit' of their own"
            )
            raise InvalidTypeError("unit", unit, expected)
        build: Any = cls  # which has parameters, unlike this class
        return fit(partial(build, unit=unit), cls._problem(found), name=cls.__name__, n=found.n)

    @overload
    def p_alive(
        self, *, frequency: float, recency: float, age: float, horizon: Horizon = 0.0
    ) -> float: ...
    @overload
    def p_alive(
        self,
        rows: object = None,
        *,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
        horizon: Any = 0.0,
    ) -> Any: ...
    @bounded(SHARE)
    def p_alive(
        self,
        rows: object = None,
        *,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
        horizon: Any = 0.0,
    ) -> Any:
        """Return the probability that a customer is alive, now or after a horizon.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            frequency: Repeat purchases, a whole number of 0 or more.
            recency: From the first purchase to the last one; 0 without a repeat.
            age: From the first purchase to now, at least `recency`; T in formulas.
            horizon: How far from now: a number in the unit of the model, a `timedelta` or a
                `Period`; 0 for now.

        Returns:
            A probability for each customer: a `ForecastTable` where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: A value is out of bounds; the first one is named. Or rows are in
                another unit than the model, or only some of them have a customer.

        Examples:
            >>> from lifecycle.models import ParetoNBD
            >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
            >>> round(model.p_alive(frequency=2, recency=30.43, age=38.86), 4)
            0.8692
            >>> round(model.p_alive(frequency=2, recency=30.43, age=38.86, horizon=52), 4)
            0.5661
            >>> ann = {"customer": "ann", "frequency": 2, "recency": 30.43, "age": 38.86}
            >>> bob = {"customer": "bob", "frequency": 2, "recency": 10.00, "age": 38.86}
            >>> print(model.p_alive([ann, bob]))
            p_alive, 2 customers
            customer   value
            ann       0.8692
            bob       0.2689
        """
        formulas = self._forecasts()
        customers, (x, t_x, age_) = self._history((rows, frequency, recency, age))
        later = in_units("horizon{}", horizon, self.unit)
        found = each(formulas.p_alive, x, t_x, age_)
        if not (isinstance(later, float) and later == 0.0):
            found = _product(found, each_distinct(formulas.staying, later, x, age_))
        self._check_assumption(x)
        return by_customer("p_alive", customers, found)

    def _check_assumption(self, frequency: Any) -> None:  # noqa: B027  (most have none)
        """Warn where what the model takes for granted makes P(alive) a strange figure."""

    @bounded(AMOUNT)
    def expected_purchases(self, horizon: Horizon | list[float] | Any) -> Any:
        """Return the expected repeat purchases of a new customer within a horizon.

        Args:
            horizon: The time, 0 or more: a number in the unit of the model, a `timedelta` or a
                `Period`; or a list or an array.

        Returns:
            The expected number of repeat purchases, for each horizon.

        Raises:
            InvalidTypeError: `horizon` is neither a number nor a length of time.
            InvalidValueError: `horizon` is negative, NaN or infinite.

        Examples:
            >>> from lifecycle.models import BetaGeoNBD
            >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
            >>> round(model.expected_purchases(39), 4)
            1.1967
            >>> [round(n, 2) for n in model.expected_purchases([13, 26, 52])]
            [0.53, 0.9, 1.45]
        """
        return self._conditional(in_units("horizon{}", horizon, self.unit), 0.0, 0.0, 0.0)

    @overload
    def conditional_expected_purchases(
        self, *, horizon: Horizon, frequency: float, recency: float, age: float
    ) -> float: ...
    @overload
    def conditional_expected_purchases(
        self,
        rows: object = None,
        *,
        horizon: Any,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any: ...
    @bounded(AMOUNT)
    def conditional_expected_purchases(
        self,
        rows: object = None,
        *,
        horizon: Any,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the expected purchases of a customer within a horizon, given their history.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            horizon: The time, 0 or more: a number in the unit of the model, a `timedelta` or a
                `Period`; or one for each customer.
            frequency: Repeat purchases, a whole number of 0 or more.
            recency: From the first purchase to the last one; 0 without a repeat.
            age: From the first purchase to now, at least `recency`; T in formulas.

        Returns:
            The expected number of purchases within the horizon, for each customer: a
            `ForecastTable` where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: A value is out of bounds; the first one is named. Or rows are in
                another unit than the model, or only some of them have a customer.

        Examples:
            >>> from lifecycle.models import BetaGeoNBD
            >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
            >>> known = {"frequency": 2, "recency": 30.43, "age": 38.86}
            >>> round(model.conditional_expected_purchases(horizon=39, **known), 3)
            1.226
        """
        later = in_units("horizon{}", horizon, self.unit)
        asked = (rows, frequency, recency, age)
        customers, columns = self._history(asked, horizon=later)
        found = self._conditional(later, *columns)
        return by_customer("conditional_expected_purchases", customers, found)

    def _conditional(self, t: Any, x: Any, t_x: Any, age: Any) -> Any:
        formulas = self._forecasts()
        alive = each(formulas.p_alive, x, t_x, age)
        return _product(alive, each_distinct(formulas.purchases, t, x, age))

    @bounded(SHARE)
    def pmf(  # noqa: PLR0913  (the count, and two ways to say the history)
        self,
        rows: object = None,
        *,
        n: int | list[int] | Any,
        horizon: Horizon | Any,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any:
        """Return the probability of n purchases within a horizon.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            n: How many, a whole number of 0 or more; a list or an array, of which each customer
                has one.
            horizon: From now on: a number in the unit of the model, a `timedelta` or a `Period`.
            frequency: Repeat purchases so far; without a history, the customer is new.
            recency: From the first purchase to the last one; 0 without a repeat.
            age: From the first purchase to now, at least `recency`; T in formulas.

        Returns:
            A probability for each n, or for each customer: a `ForecastTable` where the rows
            have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: A value is out of bounds; the first one is named. Or rows are in
                another unit than the model, or only some of them have a customer.

        Examples:
            >>> from lifecycle.models import BetaGeoNBD
            >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
            >>> [round(p, 4) for p in model.pmf(n=[0, 1, 2], horizon=39)]
            [0.5738, 0.1994, 0.0854]
        """
        times = column("n{}", n)
        demand("n{}", "be a whole number of at least 0", lambda k: (k >= 0) & (k % 1 == 0), times)
        length = in_units("horizon{}", horizon, self.unit)
        asked = (rows, frequency, recency, age)
        customers, (x, t_x, age_) = self._history(asked, new=True, n=times, horizon=length)
        formulas = self._forecasts()
        alive = each(formulas.p_alive, x, t_x, age_)
        bought = each_distinct(formulas.pmf, times, length, x, age_)
        found = each(lambda m, p, q, k: p * q + m.where(k == 0, 1 - p, 0.0), alive, bought, times)
        return by_customer("pmf", customers, found)

    @overload
    def residual_transactions(
        self, *, discount: float | Discount, frequency: float, recency: float, age: float
    ) -> float: ...
    @overload
    def residual_transactions(
        self,
        rows: object = None,
        *,
        discount: float | Discount,
        frequency: Any = None,
        recency: Any = None,
        age: Any = None,
    ) -> Any: ...
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

        Times the margin of a purchase it is the value of what is left of a customer.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            discount: A `Discount`, or the rate per unit of the model; above 0.
            frequency: Repeat purchases, a whole number of 0 or more.
            recency: From the first purchase to the last one; 0 without a repeat.
            age: From the first purchase to now, at least `recency`; T in formulas.

        Returns:
            Discounted purchases, for each customer: a `ForecastTable` where the rows have a
            `customer`.

        Raises:
            InvalidTypeError: `discount` is neither, or a value is not a number.
            InvalidValueError: The rate is 0, or a value is out of bounds. Or rows are in
                another unit than the model, or only some of them have a customer.

        Convention:
            Discounted continuously, at log(1 + rate per unit); the purchase that is now does
            not count. `BTYD` takes the continuous rate itself.

        References:
            Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). RFM and CLV: using iso-value
            curves for customer base analysis. Journal of Marketing Research 42:415-430, eq. 2.

        Examples:
            >>> from lifecycle.models import ParetoNBD
            >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
            >>> known = {"frequency": 2, "recency": 30.43, "age": 38.86}
            >>> yearly = clv.Discount(0.15, per="year")
            >>> round(model.residual_transactions(discount=yearly, **known), 2)
            6.52
        """
        rate = math.log1p(unit_rate(discount, self.unit, endless=True))
        if not rate:
            expected = "be above 0: what is bought in all time may have no limit"
            raise InvalidValueError("discount", discount, expected)
        customers, (x, t_x, age_) = self._history((rows, frequency, recency, age))
        formulas = self._forecasts()
        alive = each(formulas.p_alive, x, t_x, age_)
        found = _product(alive, each_distinct(formulas.discounted, rate, x, age_))
        return by_customer("residual_transactions", customers, found)

    @bounded(AMOUNT)
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
        """Return the expected purchases of a customer in the next periods, discounted.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            periods: How many periods, 0 or more.
            discount: A `Discount`, or the rate per period, 0 or more.
            period: "day", "week", "month", "quarter" or "year"; None for the unit of the model.
            frequency: Repeat purchases so far; without a history, the customer is new.
            recency: From the first purchase to the last one; 0 without a repeat.
            age: From the first purchase to now, at least `recency`; T in formulas.

        Returns:
            The sum of (E[Y(k)] - E[Y(k - 1)]) / (1 + d)^k over the periods, for each customer:
            a `ForecastTable` where the rows have a `customer`.

        Raises:
            InvalidTypeError: A value is not a number, or `periods` is not whole.
            InvalidValueError: A value is out of bounds. Or rows are in another unit than the
                model, or only some of them have a customer.
            UnknownNameError: There is no such unit.

        Examples:
            >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
            >>> known = {"frequency": 2, "recency": 30.43, "age": 38.86}
            >>> yearly = clv.Discount(0.15, per="year")
            >>> nine_months = {"periods": 9, "period": "month", "discount": yearly}
            >>> round(model.discounted_purchases(**nine_months, **known), 3)
            1.164
        """
        ends = schedule(periods, discount, period, self.unit)
        customers, (x, t_x, age_) = self._history((rows, frequency, recency, age), new=True)
        formulas = self._forecasts()

        def weighed(m: Any, x: Any, age: Any) -> Any:
            return sum((w * formulas.purchases(m, t, x, age) for t, w in ends), 0.0 * x)

        found = _product(each(formulas.p_alive, x, t_x, age_), each_distinct(weighed, x, age_))
        return by_customer("discounted_purchases", customers, found)

    def _history(
        self, asked: Asked, *, new: bool = False, **others: Any
    ) -> tuple[list[Any] | None, list[Any]]:
        """Return the customers of a forecast and their checked columns, as long as the others."""
        rows, frequency, recency, age = asked
        customers, found = known(
            rows, self.unit, new=new, frequency=frequency, recency=recency, age=age
        )
        return customers, history({**found, **others})[:3]

    def simulate(
        self, n: int, *, age: Horizon | list[float], random: Random, horizon: Horizon | None = None
    ) -> tuple[CustomerSummary, ...]:
        """Simulate customers from the model, for tests and teaching.

        Args:
            n: How many, 0 or more.
            age: From the first purchase to the end of the calibration: a number in the unit of
                the model, a `timedelta` or a `Period`; or one for each customer.
            random: The random number generator, such as `random.Random(1)`: the same customers
                each time.
            horizon: The length of a holdout after `age`; None for no holdout.

        Returns:
            A row for each, with the unit of the model, which `fit` reads; numbered from 0. Times
            are not rounded to days.

        Raises:
            InvalidTypeError: An argument is of another type.
            InvalidValueError: A number is out of bounds, or there are more or fewer ages than n.

        Examples:
            >>> from lifecycle.models import BetaGeoNBD
            >>> from random import Random
            >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
            >>> rows = model.simulate(1000, age=39, random=Random(1))
            >>> sum(row.frequency for row in rows)
            1204
        """
        n = _checks.whole("n", n, least=0, most=CUSTOMERS)
        ages = in_units("age{}", age, self.unit)
        if isinstance(ages, float):
            ages = [ages] * n
        if len(ages) != n:
            raise InvalidValueError("len(age)", len(ages), f"be n, {n}")
        random = _checks.instance("random", random, Random)
        longer = None if horizon is None else in_units("horizon{}", horizon, self.unit)
        if not isinstance(longer, float | None):
            raise InvalidTypeError("horizon", horizon, "be one length of time for all")
        return tuple(self._drawn(i, float(age), longer, random) for i, age in enumerate(ages))

    def _drawn(
        self, customer: int, age: float, holdout: float | None, random: Random
    ) -> CustomerSummary:
        end, times = age + (holdout or 0.0), []
        for at in self._purchases(random):
            if at > end:
                break
            times.append(at)
        before = [at for at in times if at <= age]
        return CustomerSummary(
            customer=customer,
            frequency=len(before),
            recency=before[-1] if before else 0.0,
            age=age,
            monetary=None,
            holdout_frequency=None if holdout is None else len(times) - len(before),
            holdout_duration=holdout,
            unit=self.unit,
        )


def parameters(**values: object) -> dict[str, Any]:
    """Return the parameters of a model by name: finite floats above 0."""
    found = {}
    for name, value in values.items():
        found[name] = float(_checks.number(name, value))
        if found[name] <= 0:
            raise InvalidValueError(name, value, "be above 0")
    return found


def time_unit(value: object) -> str:
    """Return the name of a unit of time."""
    return _checks.choice("unit", value, DAYS)


def gamma_rate(random: Random, shape: float, inverse_scale: float) -> float:
    """Draw a rate; one too small for a float is the smallest."""
    return max(random.gammavariate(shape, 1 / inverse_scale), 1e-300)


def _product(one: Any, other: Any) -> Any:
    return each(lambda _, a, b: a * b, one, other)
