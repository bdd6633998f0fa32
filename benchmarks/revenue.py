"""How fast the movements of recurring revenue are, compared with pandas doing the same work.

Run it with `python benchmarks/revenue.py` where pandas is installed. Every figure is a ratio
of two times taken in turns in this run. pandas starts from a dataframe that is there already,
pivots it to a row for each customer, and compares its columns; this library starts from a
list of rows. Both count cents.
"""

import platform
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from importlib.metadata import version
from typing import Any

import pandas as pd
from harness import best_of, row

from lifecycle import Calendar, Window, revenue

ROWS, MONTHS = 1_000_000, 24
MONTHLY = Calendar("month")
BEFORE = MONTHLY.index(datetime(2024, 1, 1, tzinfo=UTC))
STARTS = [MONTHLY.start(BEFORE + k) for k in range(MONTHS)]
ASKED: dict[str, Any] = {
    "calendar": MONTHLY,
    "window": Window(STARTS[1], MONTHLY.start(BEFORE + MONTHS)),
}
KINDS = ("new", "expansion", "contraction", "churn", "reactivation")


def log(rows: int, name: Callable[[int], Any]) -> list[tuple[Any, datetime, int]]:
    """Draw months of subscriptions: most customers stay, some pause, some have a second one."""
    draw = random.Random(1)
    found: list[tuple[Any, datetime, int]] = []
    customer = 0
    while len(found) < rows:
        begun, price = draw.randrange(MONTHS), draw.choice((1900, 2900, 9900))
        for start in STARTS[begun : begun + draw.randrange(1, 2 * MONTHS)]:
            if draw.random() < 0.95:
                found.append((name(customer), start, price))
            if draw.random() < 0.2:
                found.append((name(customer), start, 500))
        customer += 1
    return sorted(found[:rows], key=lambda found: found[1])


def by_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Pivot to customers by months, and compare each month with the one before."""
    at = frame["at"].dt
    month = at.year * 12 + at.month
    paid = frame.assign(month=month).pivot_table(
        index="customer", columns="month", values="amount", aggfunc="sum", fill_value=0
    )
    before = paid.shift(1, axis=1, fill_value=0)
    ever = before.cummax(axis=1) > 0
    came, went, change = before == 0, paid == 0, paid - before
    stayed = ~came & ~went
    moves = {
        "new": paid.where(came & ~ever, 0),
        "expansion": change.where(stayed & (change > 0), 0),
        "contraction": -change.where(stayed & (change < 0), 0),
        "churn": before.where(went, 0),
        "reactivation": paid.where(came & ever, 0),
    }
    return pd.DataFrame({kind: moved.sum() for kind, moved in moves.items()})


def check(rows: list[tuple[Any, datetime, int]], frame: pd.DataFrame) -> None:
    """Make sure that both count the same cents."""
    theirs = by_pandas(frame).iloc[1:]
    for found, (_, expected) in zip(
        revenue.movements(rows, **ASKED).rows, theirs.iterrows(), strict=True
    ):
        assert [getattr(found, kind) for kind in KINDS] == [int(expected[kind]) for kind in KINDS]


def tables() -> Iterator[str]:
    """Measure a year of movements against pandas."""
    for kind, name in (("text", "customer-{}".format), ("whole numbers", int)):
        rows = log(ROWS, name)
        frame = pd.DataFrame(rows, columns=["customer", "at", "amount"])
        check(rows, frame)
        exact = [(customer, at, Decimal(cents) / 100) for customer, at, cents in rows]
        asked = {
            "movements": partial(revenue.movements, rows, **ASKED),
            "since a year before": partial(revenue.movements, rows, periods=12, **ASKED),
            "of Decimals": partial(revenue.movements, exact, **ASKED),
            "cohorts": partial(revenue.cohorts, rows, **ASKED),
            "pandas": partial(by_pandas, frame),
        }
        took = best_of(asked, number=1, rounds=3)
        yield f"{ROWS:,} rows, {MONTHS} months, ids that are {kind}"
        yield row("pandas: pivot, and the movements of each month", f"{took['pandas']:.2f} s")
        ratio = took["movements"] / took["pandas"]
        yield row("movements", f"{ratio:.1f} x", "at most 8 x", met=ratio <= 8)
        for what in ("since a year before", "of Decimals", "cohorts"):
            yield row(f"  {what}", f"{took[what] / took['pandas']:.1f} x")


def growing() -> Iterator[str]:
    """Measure how the time of a row grows with their number."""
    few, many = log(ROWS // 10, int), log(ROWS, int)
    asked = {
        "few": partial(revenue.movements, few, **ASKED),
        "many": partial(revenue.movements, many, **ASKED),
    }
    took = best_of(asked, number=1, rounds=3)
    ratio = took["many"] / took["few"] / 10
    yield "Ten times the rows and the customers"
    yield row("time for each row", f"{ratio:.2f} x", "at most 3 x", met=ratio <= 3)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, pandas {version('pandas')}")
    for part in (tables, growing):
        print()
        for line in part():
            print(line, flush=True)
