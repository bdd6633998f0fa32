"""What lifetimes does, and how long it takes: run by `models.py` in an environment of its own.

The arguments are what to do, how many times, and a file of columns. It prints JSON: the seconds
of the fastest time, and the first figures that were found.
"""

import json
import sys
import time
import warnings

import lifetimes
import numpy as np
import pandas as pd
from lifetimes.utils import summary_data_from_transaction_data

warnings.simplefilter("ignore")
what, rounds, path = sys.argv[1:]
with np.load(path) as columns:
    given = {name: pd.Series(columns[name]) for name in columns.files}


def fitted(kind: str) -> pd.Series:
    """Fit a model to frequency, recency and age, or to frequency and monetary."""
    fitter, known = getattr(lifetimes, kind)(), ("frequency", "recency", "age")
    if kind == "GammaGammaFitter":
        known = ("frequency", "monetary")
    return fitter.fit(*(given[name] for name in known)).params_


def valued() -> pd.Series:
    """Value customers over twelve months, under the parameters of the papers."""
    purchases, spend = lifetimes.BetaGeoFitter(), lifetimes.GammaGammaFitter()
    purchases.params_ = pd.Series({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    purchases.predict = purchases.conditional_expected_number_of_purchases_up_to_time
    spend.params_ = pd.Series({"p": 6.25, "q": 3.74, "v": 15.44})
    known = [given[name] for name in ("frequency", "recency", "age", "monetary")]
    return spend.customer_lifetime_value(purchases, *known, time=12, discount_rate=0.01, freq="W")


def summarized() -> pd.Series:
    """Summarize orders, in exact weeks."""
    orders = pd.DataFrame({**given, "at": pd.to_datetime(given["day"], unit="D")})
    found = summary_data_from_transaction_data(
        orders,
        "customer",
        "at",
        "amount",
        observation_period_end=pd.to_datetime(given["day"].max(), unit="D"),
        freq_multiplier=7,
    )
    return found["frequency"]


call = {"value": valued, "summary": summarized}.get(what, lambda: fitted(what))
best, found = float("inf"), None
for _ in range(int(rounds)):
    start = time.perf_counter()
    found = call()
    best = min(best, time.perf_counter() - start)
print(json.dumps({"seconds": best, "found": list(map(float, found[:4]))}))
