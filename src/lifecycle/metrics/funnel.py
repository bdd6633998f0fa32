"""Funnels and carts: how many customers come how far, and who comes back to pay.

What each customer did comes as a mapping from customers to (at, event) pairs, or as
(customer, at, event) rows, in any order.
"""

from lifecycle.metrics.carts import CartOutcome, CartTable, cart_recovery
from lifecycle.metrics.conversions import (
    Bin,
    ConversionTimes,
    Exclusion,
    FunnelStep,
    FunnelTable,
    HistogramTable,
    TimeToConvertRow,
    TimeToConvertTable,
    funnel,
)

__all__ = [
    "Bin",
    "CartOutcome",
    "CartTable",
    "ConversionTimes",
    "Exclusion",
    "FunnelStep",
    "FunnelTable",
    "HistogramTable",
    "TimeToConvertRow",
    "TimeToConvertTable",
    "cart_recovery",
    "funnel",
]
