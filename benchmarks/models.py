"""How fast models are fitted and customers valued, against lifetimes in its own environment.

Run it with `python benchmarks/models.py PYTHON`, where PYTHON is the interpreter of an
environment with lifetimes 0.11.3 (python 3.11, numpy 1.26.4, scipy 1.11.4, pandas 1.5.3).
Every figure is a ratio of two times taken in turns in this run, on the same data. The fits of
this library include standard errors, those of lifetimes do not need to.
"""

import csv
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
import numpy as np
from harness import best_of, row

from lifecycle import clv, models, rfm
from lifecycle.models import BetaGeoNBD, GammaGamma, ParetoNBD

HERE = Path(__file__).parent
SUMMARY = HERE.parent / "tests" / "cases" / "cdnow_summary.csv"
PURCHASES = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
CUSTOMERS, VALUED, ORDERS = 1_000_000, 50_000, 1_000_000

MONTHLY = clv.Discount(0.01, per="month")
FITTERS = {
    BetaGeoNBD: "BetaGeoFitter",
    ParetoNBD: "ParetoNBDFitter",
    GammaGamma: "GammaGammaFitter",
}
TURNS = 3

Columns = Mapping[str, Any]
Contender = tuple[Callable[[], object], int | None]
"""What to call, and how many times faster than lifetimes it should be."""


def peer(python: str, what: str, columns: Columns, rounds: int) -> dict[str, Any]:
    """Return the seconds that lifetimes takes at its best, and what it finds first."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "columns.npz"
        np.savez(path, **columns)
        done = subprocess.run(
            [python, str(HERE / "lifetimes_peer.py"), what, str(rounds), str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def cdnow() -> dict[str, Any]:
    """Return the summary of the CDNOW sample, as columns."""
    with SUMMARY.open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    names = {"frequency": "x", "recency": "t_x", "age": "T", "monetary": "zbar"}
    return {name: np.array([float(line[key]) for line in lines]) for name, key in names.items()}


def drawn(number: int) -> dict[str, Any]:
    """Draw customers of the CDNOW model who came within twelve weeks, in whole days."""
    random = np.random.default_rng(1)
    age = random.integers(189, 273, number).astype(float)
    rate = np.maximum(random.gamma(PURCHASES.r, 1 / PURCHASES.alpha, number) / 7, 1e-12)
    leaves = random.beta(PURCHASES.a, PURCHASES.b, number)
    at, bought, last = np.zeros((3, number))
    there = np.arange(number)
    while len(there):
        at[there] += random.exponential(1 / rate[there])
        there = there[at[there] <= age[there]]
        bought[there] += 1
        last[there] = np.minimum(np.ceil(at[there]), age[there])
        there = there[random.random(len(there)) >= leaves[there]]
    spent = (
        random.gamma(SPEND.p * np.maximum(bought, 1)) * SPEND.v / random.gamma(SPEND.q, 1, number)
    )
    mean = np.where(bought > 0, spent / np.maximum(bought, 1), 0.0)
    return {"frequency": bought, "recency": last / 7, "age": age / 7, "monetary": mean}


def without_numpy(call: Callable[[], object]) -> Callable[[], object]:
    """Return a call that takes the ways of an environment without numpy."""

    def made() -> object:
        with ExitStack() as stack:
            for module in ("_arithmetic", "_rows"):
                stack.enter_context(patch(f"lifecycle.models.{module}.has_arrays", lambda: False))
            return call()

    return made


def compared(
    python: str, what: str, columns: Columns, ours: Mapping[str, Contender], *, rounds: int
) -> Iterator[str]:
    """Measure both in turns, and yield the ratio of each of our calls with its target."""
    theirs, best = float("inf"), dict.fromkeys(ours, float("inf"))
    for _ in range(TURNS):
        theirs = min(theirs, peer(python, what, columns, rounds)["seconds"])
        for name, (call, _) in ours.items():  # one after another, as the peer does
            took = best_of({name: call}, number=1, rounds=rounds)
            best[name] = min(best[name], took[name])
    yield row("lifetimes", f"{1e3 * theirs:,.1f} ms")
    for name, (_, target) in ours.items():
        yield row(name, f"{1e3 * best[name]:,.2f} ms")
        yield times_faster(theirs / best[name], target)


def times_faster(ratio: float, target: int | None) -> str:
    """Return a line with a ratio, and its target where it has one."""
    what, figure = "  how many times faster", f"{ratio:.1f} x"
    if target is None:
        return row(what, figure)
    return row(what, figure, f"at least {target} x", met=ratio >= target)


def agree(found: Sequence[float], expected: Sequence[float], within: float) -> None:
    """Make sure that both found the same, to what lifetimes leaves open."""
    for one, other in zip(found, expected, strict=True):
        assert abs(one / other - 1) < within, (found, expected)


def fits(python: str) -> Iterator[str]:
    """Measure the fits to CDNOW."""
    known = cdnow()
    history = {name: known[name] for name in ("frequency", "recency", "age")}
    again = known["frequency"] > 0
    spent = {name: known[name][again] for name in ("frequency", "monetary")}
    weekly = {"unit": "week"}
    yield from fitted(python, BetaGeoNBD, history, weekly, (40, 8), 15)
    yield from fitted(python, ParetoNBD, history, weekly, (15, None), 2)
    yield from fitted(python, GammaGamma, spent, {}, (40, None), 15)


def fitted(  # noqa: PLR0913, PLR0917  (what is fitted, and what is wanted)
    python: str,
    kind: Any,
    columns: Columns,
    options: Mapping[str, Any],
    targets: tuple[int, int | None],
    rounds: int,
) -> Iterator[str]:
    """Measure the fit of a model with numpy and without it."""
    lists = {name: values.tolist() for name, values in columns.items()}
    with_numpy = partial(kind.fit, columns, **options)
    found = attrs.astuple(with_numpy().model)
    theirs = peer(python, FITTERS[kind], columns, 1)["found"]
    agree(theirs, found[: len(theirs)], 5e-3)
    ours: dict[str, Contender] = {
        "lifecycle, with numpy": (with_numpy, targets[0]),
        "lifecycle, without numpy": (
            without_numpy(partial(kind.fit, lists, **options)),
            targets[1],
        ),
    }
    yield f"{kind.__name__} fitted to {len(lists['frequency']):,} customers of CDNOW"
    yield from compared(python, FITTERS[kind], columns, ours, rounds=rounds)


def many(python: str) -> Iterator[str]:
    """Measure the fit to many customers, and their value over twelve months."""
    columns = drawn(CUSTOMERS)
    history = {name: columns[name] for name in ("frequency", "recency", "age")}
    fit = partial(BetaGeoNBD.fit, history, unit="week")
    ours = best_of({"fit": fit}, number=1, rounds=5)["fit"]
    theirs = peer(python, "BetaGeoFitter", history, 1)
    ours = min(ours, best_of({"fit": fit}, number=1, rounds=5)["fit"])
    agree(theirs["found"], attrs.astuple(fit().model)[:4], 5e-3)
    yield f"BetaGeoNBD fitted to {CUSTOMERS:,} drawn customers"
    yield row("lifetimes", f"{theirs['seconds']:.1f} s")
    yield row("lifecycle", f"{ours:.2f} s")
    yield times_faster(theirs["seconds"] / ours, 60)

    few = {name: values[:VALUED] for name, values in columns.items()}
    options: dict[str, Any] = {"periods": 12, "discount": MONTHLY, "period": "month"}
    value = partial(models.value, PURCHASES, SPEND, columns, **options)
    ours = best_of({"value": value}, number=1, rounds=2)["value"]
    theirs = peer(python, "value", few, 1)
    ours = min(ours, best_of({"value": value}, number=1, rounds=2)["value"])
    agree(theirs["found"], value()[:4], 0.01)  # months of 30 days are 1.4 % shorter
    slow = theirs["seconds"] * CUSTOMERS / VALUED
    yield f"The value of {CUSTOMERS:,} customers over 12 months"
    yield row(f"lifetimes, {VALUED:,} customers times {CUSTOMERS // VALUED}", f"{slow:.1f} s")
    yield row("lifecycle", f"{ours:.2f} s")
    yield times_faster(slow / ours, 30)


def summaries(python: str) -> Iterator[str]:
    """Measure the summary of many orders, which this library reads row by row."""
    random = np.random.default_rng(3)
    orders = {
        "customer": random.integers(0, ORDERS // 10, ORDERS),
        "day": random.integers(0, 730, ORDERS),
        "amount": np.round(random.exponential(40, ORDERS), 2),
    }
    start = date(1970, 1, 1)
    rows = [
        (customer, start + timedelta(days=day), amount)
        for customer, day, amount in zip(*(c.tolist() for c in orders.values()), strict=True)
    ]
    summary = partial(rfm.summary, rows, until=start + timedelta(days=729))
    theirs = peer(python, "summary", orders, 1)
    agree([x + 1 for x in theirs["found"]], [r.frequency + 1 for r in summary().rows[:4]], 1e-12)
    yield f"The summary of {ORDERS:,} orders of {ORDERS // 10:,} customers"
    yield from compared(
        python, "summary", orders, {"lifecycle, from rows": (summary, None)}, rounds=1
    )


if __name__ == "__main__":
    numpy, scipy = version("numpy"), version("scipy")
    print(f"Python {platform.python_version()}, numpy {numpy}, scipy {scipy}")
    for part in (fits, many, summaries):
        print()
        for line in part(sys.argv[1]):
            print(line, flush=True)
