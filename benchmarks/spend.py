"""How fast spend is fitted and customers are valued, beside lifetimes in its own environment.

Run it with `python benchmarks/spend.py PYTHON`, where PYTHON is the interpreter of an
environment with lifetimes 0.11.3 (python 3.11, numpy 1.26.4, scipy 1.11.4, pandas 1.5.3).
Every figure is a ratio of two times taken in turns in this run.
"""

import csv
import json
import math
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from harness import row

from lifecycle import clv, models
from lifecycle.models import BetaGeoNBD, GammaGamma

SUMMARY = Path(__file__).parents[1] / "tests" / "cases" / "cdnow_summary.csv"
PURCHASES = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
NUMBER, FEWER = 1_000_000, 50_000
MONTHLY = clv.Discount(0.01, per="month")

PEER = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter
given = {k: pd.Series(v) for k, v in json.load(sys.stdin).items()}
if sys.argv[1] == "fit":
    call = lambda: GammaGammaFitter().fit(given["frequency"], given["monetary"])
else:
    purchases, spend = BetaGeoFitter(), GammaGammaFitter()
    purchases.params_ = pd.Series({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    purchases.predict = purchases.conditional_expected_number_of_purchases_up_to_time
    spend.params_ = pd.Series({"p": 6.25, "q": 3.74, "v": 15.44})
    call = lambda: spend.customer_lifetime_value(
        purchases, given["frequency"], given["recency"], given["age"], given["monetary"],
        time=12, discount_rate=0.01, freq="W",
    )
best = float("inf")
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    found = call()
    best = min(best, time.perf_counter() - start)
found = getattr(found, "params_", found)[:3]
print(json.dumps({"seconds": best, "found": list(map(float, found))}))
"""


def peer(python: str, what: str, columns: dict[str, Any], rounds: int) -> dict[str, Any]:
    """Return the seconds that lifetimes takes at its best, and what it finds."""
    done = subprocess.run(
        [python, "-c", PEER, what, str(rounds)],
        input=json.dumps({name: list(map(float, values)) for name, values in columns.items()}),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def best(call: Callable[[], object], rounds: int) -> float:
    """Return the seconds that a call takes at its best."""
    found = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        found = min(found, time.perf_counter() - start)
    return found


def fits(python: str) -> Iterator[str]:
    """Measure the fit of Gamma-Gamma to CDNOW, standard errors included."""
    with SUMMARY.open(newline="", encoding="utf-8") as file:
        known = [line for line in csv.DictReader(file) if int(line["x"])]
    columns = {
        "frequency": np.array([int(line["x"]) for line in known]),
        "monetary": np.array([float(line["zbar"]) for line in known]),
    }
    ours, theirs = float("inf"), float("inf")
    for _ in range(3):  # in turns
        theirs = min(theirs, peer(python, "fit", columns, 10)["seconds"])
        ours = min(ours, best(lambda: GammaGamma.fit(columns), 50))
    yield f"Gamma-Gamma fitted to the {len(known)} repeat customers of CDNOW"
    yield row("lifetimes, without standard errors", f"{1e3 * theirs:.1f} ms")
    yield row("lifecycle, with standard errors", f"{1e3 * ours:.2f} ms")
    ratio = theirs / ours
    yield row("  how many times faster", f"{ratio:.0f} x", "at least 40 x", met=ratio >= 40)


def values(python: str) -> Iterator[str]:
    """Measure the value of many customers over twelve months."""
    random = Random(1)
    drawn = PURCHASES.simulate(FEWER, age=[(189 + i % 84) / 7 for i in range(FEWER)], random=random)
    few: dict[str, list[float]] = {
        "frequency": [one.frequency for one in drawn],
        "recency": [math.ceil(7 * one.recency) / 7 for one in drawn],  # whole days
        "age": [one.age for one in drawn],
    }
    few["monetary"] = [z or 0.0 for z in SPEND.simulate(few["frequency"], random=random)]
    many = {name: np.tile(np.array(values), NUMBER // FEWER) for name, values in few.items()}
    options: dict[str, Any] = {"horizon": 12, "discount": MONTHLY, "period": "month"}
    theirs = peer(python, "value", few, 1)
    found = models.value(PURCHASES, SPEND, few, **options)[:3]
    for one, other in zip(found, theirs["found"], strict=True):
        assert abs(one / other - 1) < 0.01  # months of 30 days are 1.4 % shorter
    ours = best(lambda: models.value(PURCHASES, SPEND, many, **options), 3)
    slow = theirs["seconds"] * NUMBER / FEWER
    yield f"The value of {NUMBER:,} customers over 12 months"
    yield row(f"lifetimes, {FEWER:,} customers times {NUMBER // FEWER}", f"{slow:.1f} s")
    yield row("lifecycle", f"{ours:.2f} s")
    yield row(
        "  how many times faster", f"{slow / ours:.0f} x", "at least 30 x", met=slow / ours >= 30
    )


if __name__ == "__main__":
    print(f"Python {platform.python_version()}")
    for part in (fits, values):
        print()
        for line in part(sys.argv[1]):
            print(line, flush=True)
