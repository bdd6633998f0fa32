"""Funnels and carts: how many customers come how far, and who comes back to pay.

What each customer did comes as a mapping from customers to (at, event) pairs, or as
(customer, at, event) rows, in any order.
"""

from lifecycle.metrics.carts import CartOutcome, CartRecovery, cart_recovery
from lifecycle.metrics.conversions import (
    Bin,
    ConversionTimes,
    Exclusion,
    Funnel,
    FunnelStep,
    Histogram,
    TimeToConvert,
    funnel,
)

__all__ = [
    "Bin",
    "CartOutcome",
    "CartRecovery",
    "ConversionTimes",
    "Exclusion",
    "Funnel",
    "FunnelStep",
    "Histogram",
    "TimeToConvert",
    "cart_recovery",
    "funnel",
]
