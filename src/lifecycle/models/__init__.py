"""Customer-base models: how often customers will buy, and whether they still do.

Parameters in, predictions out: a model is a frozen value, and `fit` finds one from data.
"""

from lifecycle.models.fitting import Fit

__all__ = ["Fit"]
