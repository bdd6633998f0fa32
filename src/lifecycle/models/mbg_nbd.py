"""MBG/NBD: after each purchase, the first one too, it may have been the last one."""

from collections.abc import Iterator
from random import Random

import attrs

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

__all__ = ["ModifiedBetaGeoNBD"]

_FIRST = 1


@attrs.frozen(init=False, weakref_slot=False)
class ModifiedBetaGeoNBD(PurchaseModel):
    """The MBG/NBD model of Batislam, Denizel and Filiztekin.

    The BG/NBD model, except that a customer may leave after the first purchase already, so that
    one-time buyers are not alive for certain.

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

    References:
        Batislam, E. P., Denizel, M. & Filiztekin, A. (2007). Empirical validation and comparison
        of models for customer base analysis. International Journal of Research in Marketing
        24:201-209.

        Hoppe, D. & Wagner, U. (2007). Customer base analysis: the case for a central variant of
        the betageometric/NBD model. Marketing - Journal of Research and Management 3:75-90.

    Examples:
        >>> model = ModifiedBetaGeoNBD(r=0.525, alpha=6.183, a=0.891, b=1.614, unit="week")
        >>> round(model.p_alive(frequency=0, recency=0, age=38.86), 4)
        0.3897
    """

    r: float
    alpha: float
    a: float
    b: float
    unit: str

    def __init__(self, *, r: float, alpha: float, a: float, b: float, unit: str) -> None:
        given = parameters(r=r, alpha=alpha, a=a, b=b)
        self.__attrs_init__(**given, unit=time_unit(unit))

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
        if random.random() < leaves:
            return
        while True:
            at += random.expovariate(rate)
            yield at
            if random.random() < leaves:
                return
