"""The Gamma-Gamma model: what customers spend on an order, apart from how often they order.

Each order of a customer is worth a gamma variate of shape p, whose rate differs from customer
to customer as a gamma variate of shape q and rate v. With few orders the mean of a customer
says little, and the model moves it toward the mean of all.
"""

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import compress
from random import Random
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.errors import AssumptionWarning, EmptySampleError
from lifecycle.models._arithmetic import FLOATS, Arithmetic, each, is_array, sums
from lifecycle.models._bounds import AMOUNT, bounded
from lifecycle.models._customers import given, is_missing, known
from lifecycle.models._rows import (
    DistinctRows,
    above_zero,
    as_array,
    check_lengths,
    column,
    compressed,
    demand,
    dense,
    whole,
)
from lifecycle.models.fitting import Derivatives, Fit, Likelihood, Problem, derivatives, fit
from lifecycle.models.forecasts import by_customer
from lifecycle.models.purchase_model import gamma_rate, parameters

__all__ = ["GammaGamma"]

Terms = tuple[Any, ...]
"""A value, its gradient and the upper triangle of its Hessian, by p, q and v."""

_SPENT = ("frequency", "monetary")
"""What the model knows of a customer."""
_STRONG = 0.3
"""From what correlation on spend depends on frequency too much for the model."""
_LIKELY = (0.5, 50.0)
"""Between which p and q the search begins."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class GammaGamma:
    """The Gamma-Gamma model of spend per order.

    Orders of a customer have the mean p / rate, and over the customers the rate has the gamma
    distribution of shape q and rate v.

    Args:
        p: The shape of a customer's orders, above 0: large where they resemble each other.
        q: The shape of the customers' rates, above 0: large where customers do.
        v: The rate of the customers' rates, above 0, in money.

    Raises:
        InvalidTypeError: A parameter is not a number.
        InvalidValueError: A parameter is not above 0, or not finite.

    References:
        Fader, P. S. and Hardie, B. G. S. (2013). The Gamma-Gamma model of monetary value.
        brucehardie.com/notes/025.

    Examples:
        >>> spend = GammaGamma(p=6.25, q=3.74, v=15.44)
        >>> round(spend.expected_spend(), 2)
        35.22
        >>> round(spend.expected_spend(frequency=2, monetary=22.35), 2)
        24.66
    """

    p: float
    q: float
    v: float

    def __init__(self, *, p: float, q: float, v: float) -> None:
        self.__attrs_init__(**parameters(p=p, q=q, v=v))

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def fit(cls, rows: object, *, weights: object = None) -> "Fit[GammaGamma]":
        """Fit the model to the mean spend of customers, by maximum likelihood.

        Args:
            rows: What `rfm.summary` returns; or rows with these attributes or keys; or columns
                by these names, such as a dict of lists or a dataframe of pandas, polars or
                pyarrow: `frequency`, the number of repeat purchases; `monetary`, the mean amount
                of those, above 0. Customers without a repeat are left out; their mean amount is
                0, None or NaN.
            weights: How many customers each row represents, above 0; None for one each.

        Returns:
            The fit. The covariance is that of p, q and v.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers with a repeat purchase.
            InvalidTypeError: A value is not a number, or a row lacks a field.
            InvalidValueError: A frequency is not a whole number of 0 or more, or a mean amount
                of a customer with a repeat is not above 0.
            NotIdentifiedError: The data do not say what the parameters are, such as where all
                customers spend the same.

        Warns:
            AssumptionWarning: The correlation of frequency and mean spend is above 0.3 in
                size; the model takes them for independent. Or q is 1 or less, so that the mean
                spend of all customers is infinite.

        Convention:
            A customer counts with the number of repeat purchases, as the mean spend is that of
            these; the first purchase is in neither. `lifetimes` does the same with its
            defaults, and with a `q_constraint` keeps q above 1.

        References:
            Fader and Hardie (2013).

        Examples:
            >>> customers = {"frequency": [1, 2, 1, 3, 2], "monetary": [9, 20, 35, 12, 60]}
            >>> fit = GammaGamma.fit(customers)
            >>> fit.n
            5.0
        """
        found = _read(rows, weights)
        moments = [total / found.n for total in sums(_products, found.columns, found.counts)]
        correlation = _correlation(*moments[:5])
        if abs(correlation) > _STRONG:
            _warn(
                f"frequency and monetary should not depend on each other: their correlation is "
                f"{correlation:.2f}, and above {_STRONG} in size the values of frequent customers "
                f"are off"
            )
        fitted = fit(
            cls,
            Problem(_likelihood(found), _start(*moments[5:]), {"v": math.exp(moments[6])}),
            name=cls.__name__,
            n=found.n,
        )
        if fitted.model.q <= 1:
            _warn(
                f"the mean spend of all customers is infinite: q is {fitted.model.q:.3g}, and not "
                f"above 1, so that there is no expected spend for customers without a repeat"
            )
        return fitted

    @bounded(AMOUNT)
    def expected_spend(
        self, rows: object = None, *, frequency: Any = None, monetary: Any = None
    ) -> Any:
        """Return the mean spend on a future order of a customer.

        It is between the customer's own mean and that of all customers, and the nearer to
        the own one the more orders there were.

        Args:
            rows: What `fit` reads, or one such row, in place of the columns.
            frequency: How many orders are known, 0 or more: a number, a list or an array.
                With none, the answer is the mean of all customers.
            monetary: The mean amount of these orders, above 0; 0, None or NaN where there are
                none.

        Returns:
            Money for each order, for each customer: a `ForecastTable` where the rows have a
            `customer`; else a float for numbers, a list for lists, an array for arrays.

        Raises:
            InvalidTypeError: A value is not a number.
            InvalidValueError: q is 1 or less, and a customer has no orders, or so few that
                p x frequency + q is not above 1: the mean is infinite; or an argument is not as
                said above.
            MissingExtraError: There is an array, and numpy or scipy is missing.

        References:
            Fader and Hardie (2013).

        Examples:
            >>> spend = GammaGamma(p=6.25, q=3.74, v=15.44)
            >>> [
            ...     round(x, 2)
            ...     for x in spend.expected_spend(frequency=[0, 1, 9], monetary=[0, 80, 80])
            ... ]
            [35.22, 66.35, 77.92]
        """
        customers, found = known(rows, None, new=True, frequency=frequency, monetary=monetary)
        x, z = _known(*found.values())
        if self.q <= 1:
            near = int((1 - self.q) / self.p)
            most = range(near, near + 3)  # as the quotient is rounded
            least = next((x for x in most if self.p * x + self.q > 1), near + 1)
            expected = f"be at least {least} (below, the mean is infinite: q is {self.q:g})"
            demand("frequency{}", expected, lambda x: self.p * x + self.q > 1, x)
        spend = each(lambda _, x, z: self.p * (self.v + x * z) / (self.p * x + self.q - 1), x, z)
        return by_customer("expected_spend", customers, spend)

    def simulate(self, frequency: object, *, random: Random) -> list[float | None]:
        """Simulate the mean spend of customers.

        Args:
            frequency: How many orders each customer has, 0 or more.
            random: The random number generator, such as `random.Random(1)`.

        Returns:
            The mean amount of each customer's orders; None where there are none.

        Raises:
            InvalidTypeError: A frequency is not a number.
            InvalidValueError: A frequency is not a whole number of 0 or more.

        Examples:
            >>> from random import Random
            >>> spend = GammaGamma(p=6.25, q=3.74, v=15.44)
            >>> [x and round(x, 2) for x in spend.simulate([2, 0, 1], random=Random(1))]
            [68.16, None, 32.6]
        """
        random = _checks.instance("random", random, Random)
        return [self._drawn(random, x) for x in whole("frequency{}", frequency)]

    def _drawn(self, random: Random, x: float) -> float | None:
        rate = gamma_rate(random, self.q, self.v)
        return random.gammavariate(self.p * x, 1 / (rate * x)) if x else None


def _read(rows: object, weights: object) -> DistinctRows:
    """Return distinct frequencies and mean amounts of the customers with a repeat, checked."""
    x, z = given("rows", rows).columns(_SPENT).values()
    x, z = _known(x, z, path="rows{{}}.{name}", above="above 0 (net refunds first)")
    columns = [x, z]
    if weights is not None:
        columns.append(above_zero("weights{}", column("weights{}", weights)))
        paths = {"rows": "rows{}", "weights": "weights{}"}
        check_lengths(paths, {"rows": x, "weights": columns[-1]})
    x, z, *times = _of_repeaters(x, columns)
    if len(x) == 0:
        raise EmptySampleError("rows")
    return compressed((x, z), *times)


def _of_repeaters(frequency: Any, columns: Sequence[Any]) -> list[Any]:
    """Return columns without the customers who have not bought again."""
    again = dense(frequency)
    if is_array(again):
        return [dense(column)[again > 0] for column in columns]
    return [list(compress(column, frequency)) for column in columns]


def _known(
    frequency: Any,
    monetary: Any,
    path: str = "{name}{{}}",
    above: str = "above 0 where frequency is",
) -> tuple[Any, Any]:
    """Return what is known about customers, checked: no orders go with no mean amount."""
    paths = {name: path.format(name=name) for name in _SPENT}
    x = whole(paths["frequency"], frequency)
    z = column(paths["monetary"], _without_none(monetary, x))
    check_lengths(paths, {"frequency": x, "monetary": z})
    demand(paths["monetary"], f"be {above}", lambda z, x: (x == 0) | (z > 0), z, x)
    expected = "be 0 or None where frequency is 0"
    demand(paths["monetary"], expected, lambda z, x: (x > 0) | (z == 0), z, x)
    return x, z


def _without_none(monetary: Any, frequency: Any) -> Any:
    """Return mean amounts with 0 in place of none, where there are no orders."""
    if is_array(monetary):
        return _filled(as_array(monetary), frequency)
    if isinstance(monetary, Iterable) and not isinstance(monetary, str | bytes | Mapping):
        values = list(monetary)
        orders = [frequency] * len(values) if isinstance(frequency, float) else frequency
        if len(orders) == len(values):
            pairs = zip(values, orders, strict=True)
            return [0.0 if x == 0 and is_missing(z) else z for z, x in pairs]
        return values
    return 0.0 if is_missing(monetary) else monetary


def _filled(amounts: Any, frequency: Any) -> Any:
    import numpy as np

    if amounts.dtype.kind != "f":
        return dense(_without_none(amounts.tolist(), frequency))
    none = np.isnan(amounts)
    if isinstance(frequency, float) or len(frequency) == len(amounts):
        none &= np.asarray(frequency) == 0
    return np.where(none, 0.0, amounts)


def _likelihood(rows: DistinctRows) -> Likelihood:
    """Return the log-likelihood of rows as a function of the parameters."""
    frequencies = compressed(rows.columns[:1], rows.counts)
    (logs,) = sums(lambda m, _, z: (m.log(z),), rows.columns, rows.counts)

    def at(p: float, q: float, v: float) -> Derivatives:
        parts = zip(
            sums(partial(_frequency_terms, p=p, q=q), frequencies.columns, frequencies.counts),
            sums(partial(_row_terms, p=p, q=q, v=v), rows.columns, rows.counts),
            strict=True,
        )
        value, *others = (one + other for one, other in parts)
        return derivatives([value - logs, *others])

    return at


def _frequency_terms(m: Arithmetic, x: Any, *, p: float, q: float) -> Terms:
    """Return ln Gamma(px + q) - ln Gamma(px) - ln Gamma(q), and its derivatives."""
    own, all_ = p * x, p * x + q
    slope, curve = m.digamma(all_), m.trigamma(all_)
    by_p, by_pp = x * (slope - m.digamma(own)), x * x * (curve - m.trigamma(own))
    by_q, by_qq = slope - FLOATS.digamma(q), curve - FLOATS.trigamma(q)
    value = m.lgamma(all_) - m.lgamma(own) - math.lgamma(q)
    return value, by_p, by_q, 0.0, by_pp, x * curve, 0.0, by_qq, 0.0, 0.0


def _row_terms(  # noqa: PLR0913  (parameters and a row)
    m: Arithmetic, x: Any, z: Any, *, p: float, q: float, v: float
) -> Terms:
    """Return px ln(xz / (v + xz)) + q ln(v / (v + xz)), and its derivatives."""
    spent = x * z
    inverse = 1 / (v + spent)
    own, others = m.log(spent * inverse), m.log(v * inverse)
    value = p * x * own + q * others
    orders = (p * x + q) * inverse
    by_v, by_pv, by_qv = q / v - orders, -x * inverse, 1 / v - inverse
    by_vv = orders * inverse - q / (v * v)
    return value, x * own, others, by_v, 0.0, 0.0, by_pv, 0.0, by_qv, by_vv


def _products(m: Arithmetic, x: Any, z: Any) -> Terms:
    """Return what the means of are moments: of x and z, then of 1 / x and ln z."""
    one, log = 1 / x, m.log(z)
    return x, z, x * x, x * z, z * z, one, log, one * one, log * log, one * log, one * log * log


def _correlation(x: float, z: float, xx: float, xz: float, zz: float) -> float:
    spread = (xx - x * x) * (zz - z * z)
    return (xz - x * z) / math.sqrt(spread) if spread > 0 else 0.0


def _start(  # noqa: PLR0913, PLR0917  (moments, in the order of `_products`)
    one: float, log: float, one2: float, log2: float, one_log: float, one_log2: float
) -> dict[str, float]:
    """Return the parameters that the mean and the variance of ln z tell, by least squares.

    Given x, the variance is psi'(px) + psi'(q), about 1 / (px) + 1 / (q - 1/2): a line over 1 / x.
    The mean is ln(v / x) - psi(q) + psi(px), about ln(v p) - psi(q) - 1 / (2px).
    """
    square = log2 - log * log
    with_one = one_log2 - 2 * log * one_log + log * log * one
    spread = one2 - one * one
    slope = (with_one - one * square) / spread if spread > 0 else square / (2 * one)
    rest = square - slope * one
    p = _within(1 / slope if slope > 0 else math.inf)
    q = _within(1 / rest + 0.5 if rest > 0 else math.inf)
    return {"p": p, "q": q, "v": math.exp(log + FLOATS.digamma(q) + one / (2 * p)) / p}


def _within(parameter: float) -> float:
    low, high = _LIKELY
    return min(max(parameter, low), high)


def _warn(message: str) -> None:
    warnings.warn(message, AssumptionWarning, stacklevel=3)
