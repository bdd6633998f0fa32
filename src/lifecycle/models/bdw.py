"""The beta-discrete-Weibull model: contracts whose risk changes with time for each customer.

It is the shifted-beta-geometric model with one parameter more. A customer stays for t renewals
with the probability (1 - theta)^(t^c): with c above 1 the risk of each customer rises over the
renewals, with c below 1 it falls, and with c = 1 it stays as it is. Over the customers theta
differs as a beta variate.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import attrs

from lifecycle._values import call
from lifecycle.errors import InvalidValueError
from lifecycle.models._arithmetic import FLOATS, log_growth
from lifecycle.models._discounts import unit_or_none
from lifecycle.models._renewals import Renewals
from lifecycle.models.contract_model import ContractModel
from lifecycle.models.fitting import Derivatives, Likelihood, Problem, derivatives
from lifecycle.models.purchase_model import parameters

__all__ = ["BetaDiscreteWeibull"]


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class BetaDiscreteWeibull(ContractModel):
    """The BdW model of contracts, with a risk that changes over time.

    Args:
        alpha: With beta, how the probability of leaving at the first renewal differs over the
            customers: a beta distribution, whose mean is alpha / (alpha + beta). Above 0.
        beta: Above 0.
        c: How the risk of a customer changes: it falls below 1, and rises above. Above 0.
        unit: How long a period is: "day", "week", "month", "quarter" or "year"; needed where a
            `Discount` says a period. None where it does not matter.

    Raises:
        InvalidTypeError: A parameter is not a number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: `unit` is not one of these.

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
        given = parameters(alpha=alpha, beta=beta, c=c)
        self.__attrs_init__(**given, unit=unit_or_none(unit))

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def _problem(cls, found: Renewals) -> Problem:
        return Problem(_likelihood(found), {"alpha": 1.0, "beta": 1.0, "c": 1.0})

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
        """Sum until what is left out, which is less than the last term over d, does not matter."""
        if d < _LEAST:
            expected = f"be above 0 (at least {_LEAST:g} for one period), or periods be given"
            raise InvalidValueError("discount", d, expected)
        first, share = self._log_survival(t), 1 / (1 + d)
        total, weight, term = 0.0, 1.0, 1.0
        while term > _LEFT_OUT * total * d:
            term = weight * math.exp(self._log_survival(t) - first)
            total += term
            weight *= share
            t += 1
        return total

    def _chances(self) -> tuple[float, float, float]:
        return self.alpha, self.beta, self.c


_LEAST = 1e-5
"""The least rate with which an infinite sum ends soon: after some 36 terms over the rate."""
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
