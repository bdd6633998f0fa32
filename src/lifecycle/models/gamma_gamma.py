"""The Gamma-Gamma model: what customers spend on an order, apart from how often they order.

Each order of a customer is worth a gamma variate of shape p, whose rate differs from customer
to customer as a gamma variate of shape q and rate v. With few orders the mean of a customer
says little, and the model moves it towards the mean of all.
"""

import math
import warnings
from functools import partial
from random import Random
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.errors import AssumptionWarning, InvalidValueError
from lifecycle.metrics.rfm import Summary
from lifecycle.models._figures import AMOUNT, bounded
from lifecycle.models.arithmetic import FLOATS, Arithmetic, each, is_array, sums
from lifecycle.models.fitting import Derivatives, Fit, Likelihood, Problem, derivatives, fit
from lifecycle.models.purchase_model import gamma_rate, parameter
from lifecycle.models.rows import Rows, check_lengths, column, compressed, demand, dense, fields
from lifecycle.models.states import whole

__all__ = ["GammaGamma"]

Terms = tuple[Any, ...]
"""A value, its gradient and the upper triangle of its Hessian, by p, q and v."""

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
        InvalidTypeError: A parameter is no number.
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
        self.__attrs_init__(p=parameter("p", p), q=parameter("q", q), v=parameter("v", v))

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def fit(cls, rows: object, *, counts: object = None) -> "Fit[GammaGamma]":
        """Fit the model to the mean spend of customers, by maximum likelihood.

        Args:
            rows: What `rfm.summary` returns, of which the customers with a repeat purchase
                are read; or rows with these attributes or keys, or columns by these names:
                `frequency`, the number of repeat purchases, 1 or more; `monetary`, the mean
                amount of those, above 0.
            counts: How many customers each row stands for, above 0; None for one each.

        Returns:
            The fit. The covariance is that of p, q and v.

        Raises:
            ConvergenceError: No optimum was found.
            EmptySampleError: There are no customers with a repeat purchase.
            InvalidTypeError: A value is no number, or a row lacks a field.
            InvalidValueError: A frequency is no whole number of 1 or more, or a mean amount
                is not above 0.
            NotIdentifiedError: The data do not say what the parameters are, such as where all
                customers spend the same.

        Warns:
            AssumptionWarning: The correlation of frequency and mean spend is above 0.3 in
                size; the model takes them for independent.

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
        found = _read(rows, counts)
        moments = [total / found.n for total in sums(_products, found.columns, found.counts)]
        _warn(_correlation(*moments[:5]))
        return fit(
            cls,
            Problem(_likelihood(found), _start(*moments[5:]), {"v": moments[1]}),
            name=cls.__name__,
            n=found.n,
        )

    @bounded(AMOUNT)
    def expected_spend(self, *, frequency: Any = 0, monetary: Any = 0) -> Any:
        """Return the mean spend on a future order of a customer.

        It lies between the customer's own mean and that of all customers, and the nearer to
        the own one the more orders there were.

        Args:
            frequency: How many orders are known, 0 or more: a number, a list or an array.
                With none, the answer is the mean of all customers.
            monetary: The mean amount of these orders, above 0; 0, None, or the NaN that a
                dataframe makes of it, where there are none.

        Returns:
            Money for each order: a float for numbers, a list for lists, an array for arrays.

        Raises:
            InvalidTypeError: A value is no number.
            InvalidValueError: q is 1 or less, so that the mean of the customers is infinite; or
                an argument is not as said above.
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
        if self.q <= 1:
            expected = "be above 1 for a mean spend: at 1 and below, that of all is infinite"
            raise InvalidValueError("q", self.q, expected)
        x, z = _known(frequency, monetary)
        return each(lambda _, x, z: self._expected(x, z), x, z)

    def _expected(self, x: Any, z: Any) -> Any:
        return self.p * (self.v + x * z) / (self.p * x + self.q - 1)

    def simulate(self, frequency: object, *, random: Random) -> list[float | None]:
        """Draw the mean spend of customers.

        Args:
            frequency: How many orders each customer has, 0 or more.
            random: Where chance comes from, such as `random.Random(1)`.

        Returns:
            The mean amount of each customer's orders; None where there are none.

        Raises:
            InvalidTypeError: A frequency is no number.
            InvalidValueError: A frequency is no whole number of 0 or more.

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


def _read(rows: object, counts: object) -> Rows:
    """Return distinct frequencies and mean amounts, checked."""
    if isinstance(rows, Summary):
        rows = [row for row in rows.rows if row.frequency]
    x, z = fields(rows, ("frequency", "monetary"))
    x, z = dense(column("rows{}.frequency", x)), dense(column("rows{}.monetary", z))
    x = whole("rows{}.frequency", x, least=1, hint="keep the customers with a repeat purchase")
    check_lengths(
        {"frequency": "rows{}.frequency", "monetary": "rows{}.monetary"},
        {"frequency": x, "monetary": z},
    )
    demand("rows{}.monetary", "be above 0 (net refunds first)", lambda z: z > 0, z)
    return compressed((x, z), counts)


def _known(x: Any, z: Any) -> tuple[Any, Any]:
    """Return what is known of customers, checked: no orders go with no mean amount."""
    x = whole("frequency{}", x)
    z = _without_none(z, x)
    check_lengths(
        {"frequency": "frequency{}", "monetary": "monetary{}"}, {"frequency": x, "monetary": z}
    )
    demand("monetary{}", "be above 0 where frequency is", lambda z, x: (x == 0) | (z > 0), z, x)
    demand("monetary{}", "be 0 or None where frequency is 0", lambda z, x: (x > 0) | (z == 0), z, x)
    return x, z


def _without_none(values: Any, frequency: Any) -> Any:
    """Return a column with 0 for None, and for the NaN that dataframes make of it."""
    if values is None:
        return 0.0
    if isinstance(values, list | tuple):
        return column("monetary{}", [0 if value is None else value for value in values])
    kind = values.dtype.kind if hasattr(values, "dtype") and is_array(values) else None
    if kind == "O":
        return dense(_without_none(values.tolist(), frequency))
    if kind == "f" and (isinstance(frequency, float) or len(values) == len(frequency)):
        import numpy as np

        values = np.where(np.isnan(values) & (np.asarray(frequency) == 0), 0.0, values)
    return column("monetary{}", values)


def _likelihood(rows: Rows) -> Likelihood:
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


def _warn(correlation: float) -> None:
    if abs(correlation) > _STRONG:
        warnings.warn(
            f"frequency and monetary should not depend on each other: their correlation is "
            f"{correlation:.2f}, and above {_STRONG} in size the values of frequent customers "
            f"are off",
            AssumptionWarning,
            stacklevel=3,
        )
