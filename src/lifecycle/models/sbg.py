"""The shifted-beta-geometric model: contracts that are renewed, or not, period by period.

Each customer leaves at a renewal with a probability of their own, the same each time; over
the customers it differs as a beta variate. Those who are likely to leave do so early, so that
the retention of a cohort rises though that of nobody does.
"""

import math
from collections.abc import Iterator

import attrs

from lifecycle._values import call
from lifecycle.errors import InvalidValueError
from lifecycle.models._arithmetic import FLOATS, log_growth
from lifecycle.models._discounts import unit_or_none
from lifecycle.models._discrete import discounted_sum
from lifecycle.models._renewals import Renewals
from lifecycle.models.contract_model import ContractModel
from lifecycle.models.fitting import Derivatives, Likelihood, Problem, derivatives
from lifecycle.models.purchase_model import parameters

__all__ = ["ShiftedBetaGeometric"]


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class ShiftedBetaGeometric(ContractModel):
    """The sBG model of contracts, also known as the beta-geometric.

    Args:
        alpha: With beta, how the probability of leaving at a renewal differs over the
            customers: a beta distribution, whose mean is alpha / (alpha + beta). Above 0.
        beta: Above 0.
        unit: How long a period is: "day", "week", "month", "quarter" or "year"; needed where a
            `Discount` says a period. None where it does not matter.

    Raises:
        InvalidTypeError: A parameter is not a number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: `unit` is not one of these.

    References:
        Fader, P. S. and Hardie, B. G. S. (2007). How to project customer retention. Journal of
        Interactive Marketing 21(1):76-90.

        Fader, P. S. and Hardie, B. G. S. (2010). Customer-base valuation in a contractual
        setting: the perils of ignoring heterogeneity. Marketing Science 29(1):85-93.

    Examples:
        >>> subscribers = ShiftedBetaGeometric(alpha=0.668, beta=3.806)
        >>> [round(subscribers.survival(t), 3) for t in (1, 7, 12)]
        [0.851, 0.489, 0.378]
    """

    alpha: float
    beta: float
    unit: str | None = None

    def __init__(self, *, alpha: float, beta: float, unit: str | None = None) -> None:
        given = parameters(alpha=alpha, beta=beta)
        self.__attrs_init__(**given, unit=unit_or_none(unit))

    def __repr__(self) -> str:
        return call(self)

    @classmethod
    def _problem(cls, found: Renewals) -> Problem:
        return Problem(_likelihood(found), {"alpha": 1.0, "beta": 1.0})

    def _survival(self, t: int) -> float:
        alpha, beta = self.alpha, self.beta
        return math.exp(log_growth(FLOATS, beta, alpha) - log_growth(FLOATS, beta + t, alpha))

    def _retention(self, t: int) -> float:
        return (self.beta + t - 1) / (self.alpha + self.beta + t - 1)

    def _sum_from(self, t: int, d: float) -> float:
        if d == 0 and self.alpha <= 1:
            expected = "be above 0 where alpha is 1 or less: without it, the sum has no end"
            raise InvalidValueError("discount", d, expected)
        return discounted_sum(self.beta + t, self.alpha + self.beta + t, d)

    def _chances(self) -> tuple[float, float, float]:
        return self.alpha, self.beta, 1.0


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
