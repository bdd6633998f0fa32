"""Customer-base models: how often customers will buy, whether they still do, what they are worth.

Parameters in, predictions out: a model is a frozen value, and `fit` finds one from data.
"""

from lifecycle.models.bdw import BetaDiscreteWeibull
from lifecycle.models.bg_bb import BetaGeoBetaBinomial
from lifecycle.models.bg_nbd import BetaGeoNBD
from lifecycle.models.contract_model import ContractModel
from lifecycle.models.fitting import Fit
from lifecycle.models.forecasts import Forecast, ForecastTable
from lifecycle.models.gamma_gamma import GammaGamma
from lifecycle.models.holdouts import HoldoutRow, HoldoutTable, holdout
from lifecycle.models.mbg_nbd import ModifiedBetaGeoNBD
from lifecycle.models.pareto_nbd import ParetoNBD
from lifecycle.models.purchase_model import PurchaseModel
from lifecycle.models.sbg import ShiftedBetaGeometric
from lifecycle.models.stored import from_dict, to_dict
from lifecycle.models.trackings import TrackingRow, TrackingTable, tracking
from lifecycle.models.valuing import value

__all__ = [
    "BetaDiscreteWeibull",
    "BetaGeoBetaBinomial",
    "BetaGeoNBD",
    "ContractModel",
    "Fit",
    "Forecast",
    "ForecastTable",
    "GammaGamma",
    "HoldoutRow",
    "HoldoutTable",
    "ModifiedBetaGeoNBD",
    "ParetoNBD",
    "PurchaseModel",
    "ShiftedBetaGeometric",
    "TrackingRow",
    "TrackingTable",
    "from_dict",
    "holdout",
    "to_dict",
    "tracking",
    "value",
]
