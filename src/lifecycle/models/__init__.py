"""Customer-base models: how often customers will buy, and whether they still do.

Parameters in, predictions out: a model is a frozen value, and `fit` finds one from data.
"""

from lifecycle.models.bg_nbd import BetaGeoNBD
from lifecycle.models.fitting import Fit
from lifecycle.models.mbg_nbd import ModifiedBetaGeoNBD
from lifecycle.models.pareto_nbd import ParetoNBD
from lifecycle.models.purchase_model import PurchaseModel

__all__ = ["BetaGeoNBD", "Fit", "ModifiedBetaGeoNBD", "ParetoNBD", "PurchaseModel"]
