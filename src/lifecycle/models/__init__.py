"""Customer-base models: how often customers will buy, and whether they still do.

Parameters in, predictions out: a model is a frozen value, and `fit` finds one from data.
"""

from lifecycle.models.bdw import BetaDiscreteWeibull
from lifecycle.models.bg_bb import BetaGeoBetaBinomial
from lifecycle.models.fitting import Fit
from lifecycle.models.gamma_gamma import GammaGamma
from lifecycle.models.sbg import ShiftedBetaGeometric

__all__ = [
    "BetaDiscreteWeibull",
    "BetaGeoBetaBinomial",
    "Fit",
    "GammaGamma",
    "ShiftedBetaGeometric",
]
