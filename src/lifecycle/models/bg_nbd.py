"""BG/NBD: after each repeat purchase a customer may have bought for the last time."""

import warnings
from collections.abc import Iterator
from random import Random
from typing import Any

import attrs

from lifecycle.errors import AssumptionWarning
from lifecycle.models import _bg_nbd_formulas
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

__all__ = ["BetaGeoNBD"]

_FIRST = 0


@attrs.frozen(init=False, weakref_slot=False)
class BetaGeoNBD(PurchaseModel):
    """The BG/NBD model of Fader, Hardie and Lee.

    While alive, customers buy at a constant individual rate. After each repeat purchase they
    leave, unobserved, with an individual probability. So a customer who has not bought again is
    alive for certain, which `p_alive` warns of: `ModifiedBetaGeoNBD` and `ParetoNBD` differ.

    Args:
        r: The shape of the gamma distribution of the rate of purchases.
        alpha: Its inverse scale, a time in the unit: the mean rate is r / alpha.
        a: The first parameter of the beta distribution of the chance to leave.
        b: Its second one: the mean chance is a / (a + b).
        unit: The unit of all times: "day", "week", "month", "quarter" or "year".

    Raises:
        InvalidTypeError: A parameter is not a number.
        InvalidValueError: A parameter is not above 0, or not finite.
        UnknownNameError: There is no such unit.

    Convention:
        A customer who has not bought again is alive for certain under this model, however long
        ago the purchase was; the warning of `p_alive` says how many there are.

        Forecasts are computed from positive sums and integrals instead of 2F1, so that there is
        no pole at a = 1, and no overflow for customers of many purchases.

    References:
        Fader, P. S., Hardie, B. G. S. & Lee, K. L. (2005). "Counting your customers" the easy
        way: an alternative to the Pareto/NBD model. Marketing Science 24:275-284.

    Examples:
        >>> model = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
        >>> round(model.p_alive(frequency=2, recency=30.43, age=38.86), 4)
        0.7266
    """

    r: float
    alpha: float
    a: float
    b: float
    unit: str

    def __init__(self, *, r: float, alpha: float, a: float, b: float, unit: str) -> None:
        given = parameters(r=r, alpha=alpha, a=a, b=b)
        self.__attrs_init__(**given, unit=time_unit(unit))

    def _check_assumption(self, frequency: Any) -> None:
        once = [frequency == 0] if isinstance(frequency, float) else [x == 0 for x in frequency]
        if any(once):
            message = (
                f"P(alive) is 1 for the {sum(once)} of {len(once)} customers who bought once: "
                "under BG/NBD nobody leaves before a repeat purchase (see ModifiedBetaGeoNBD)"
            )
            warnings.warn(message, AssumptionWarning, stacklevel=3)

    @classmethod
    def _problem(cls, rows: DistinctRows) -> Problem:
        return _bg_nbd_formulas.problem(rows, _FIRST, cls.__name__)

    def _forecasts(self) -> Forecasts:
        at = _bg_nbd_formulas.BgParameters(self.r, self.alpha, self.a, self.b, _FIRST)
        return forecasts(_bg_nbd_formulas, at)

    def _purchases(self, random: Random) -> Iterator[float]:
        rate = gamma_rate(random, self.r, self.alpha)
        leaves = random.betavariate(self.a, self.b)
        at = 0.0
        while True:
            at += random.expovariate(rate)
            yield at
            if random.random() < leaves:
                return
