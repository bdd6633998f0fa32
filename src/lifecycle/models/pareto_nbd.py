"""Pareto/NBD: customers differ in purchase rate and in dropout rate."""

from collections.abc import Iterator
from random import Random

import attrs

from lifecycle.models import _pareto_nbd_formulas
from lifecycle.models._rows import DistinctRows
from lifecycle.models.fitting import Problem
from lifecycle.models.purchase_model import (
    Forecasts,
    PurchaseModel,
    forecasts,
    gamma_rate,
    parameters,
    time_unit,
)

__all__ = ["ParetoNBD"]


@attrs.frozen(init=False, weakref_slot=False)
class ParetoNBD(PurchaseModel):
    """The Pareto/NBD model of Schmittlein, Morrison and Colombo.

    While alive, customers buy at a constant individual rate. They leave, unobserved, at any
    time, at a constant individual rate.

    Args:
        r: The shape of the gamma distribution of the rate of purchases.
        alpha: Its inverse scale, a time in the unit: the mean rate is r / alpha.
        s: The shape of the gamma distribution of the rate of leaving.
        beta: Its inverse scale, a time in the unit: the mean rate is s / beta.
        unit: The unit of all times: "day", "week", "month", "quarter" or "year".

    Raises:
        InvalidTypeError: A parameter is not a number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: There is no such unit.

    Convention:
        The likelihood and P(alive) are computed as an integral over the time of leaving, which
        is positive, and not as a difference of two 2F1, which overflows in other libraries from
        about 150 purchases on.

    References:
        Schmittlein, D. C., Morrison, D. G. & Colombo, R. (1987). Counting your customers: who
        are they and what will they do next? Management Science 33:1-24.

        Fader, P. S. & Hardie, B. G. S. (2005). A note on deriving the Pareto/NBD model and
        related expressions. brucehardie.com/notes/009.

    Examples:
        >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
        >>> round(model.expected_purchases(52), 3)
        1.473
    """

    r: float
    alpha: float
    s: float
    beta: float
    unit: str

    def __init__(self, *, r: float, alpha: float, s: float, beta: float, unit: str) -> None:
        given = parameters(r=r, alpha=alpha, s=s, beta=beta)
        self.__attrs_init__(**given, unit=time_unit(unit))

    @classmethod
    def _problem(cls, rows: DistinctRows) -> Problem:
        return _pareto_nbd_formulas.problem(rows, cls.__name__)

    def _forecasts(self) -> Forecasts:
        at = _pareto_nbd_formulas.ParetoParameters(self.r, self.alpha, self.s, self.beta)
        return forecasts(_pareto_nbd_formulas, at)

    def _purchases(self, random: Random) -> Iterator[float]:
        rate = gamma_rate(random, self.r, self.alpha)
        left = random.expovariate(gamma_rate(random, self.s, self.beta))
        at = random.expovariate(rate)
        while at <= left:
            yield at
            at += random.expovariate(rate)
