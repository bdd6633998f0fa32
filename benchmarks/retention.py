"""How fast the retention calculators are, compared with pandas doing the same work.

Run it with `python benchmarks/retention.py` where pandas is installed. Every figure is a
ratio of two times taken in turns in this run. pandas starts from a dataframe that is
there already, and this library from a list of pairs.
"""

import platform
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

import pandas as pd
from harness import best_of, row

from lifecycle import Calendar, Window, retention

EVENTS, CUSTOMERS = 1_000_000, 200_000
START, END = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
MONTHS: dict[str, Any] = {"calendar": Calendar("month"), "window": Window(START, END)}


def log(events: int, name: Callable[[int], Any]) -> list[tuple[Any, datetime]]:
    """Draw events of 18 months, most of them by few customers."""
    draw, most = random.Random(1), CUSTOMERS * events // EVENTS
    seconds = int((END - START).total_seconds())
    return [
        (name(int(most * draw.random() ** 2)), START + timedelta(seconds=draw.randrange(seconds)))
        for _ in range(events)
    ]


def months(frame: pd.DataFrame) -> pd.Series:
    """Number the month of each event."""
    at = frame["at"].dt
    return at.year * 12 + at.month


def by_pandas(frame: pd.DataFrame) -> pd.Series:
    """Count the customers of each cohort and month since."""
    period = months(frame)
    first = period.groupby(frame["customer"]).transform("min")
    table = pd.DataFrame({"customer": frame["customer"], "cohort": first, "k": period - first})
    return table.groupby(["cohort", "k"])["customer"].nunique()


def stickiness_by_pandas(frame: pd.DataFrame) -> pd.Series:
    """Count the customers by the number of months they were active in."""
    pairs = pd.DataFrame({"customer": frame["customer"], "month": months(frame)})
    return pairs.drop_duplicates().groupby("customer").size().value_counts()


def check(rows: list[tuple[Any, datetime]], frame: pd.DataFrame) -> None:
    """Make sure that both count the same."""
    theirs, first = by_pandas(frame), 12 * START.year + START.month
    for c, cohort in enumerate(retention.cohorts(rows, **MONTHS).rows):
        counts = [theirs.get((first + c, cell.k), 0) for cell in cohort.cells]
        assert [cell.retained for cell in cohort.cells] == counts
    counts = stickiness_by_pandas(frame)
    found = retention.stickiness(rows, **MONTHS).counts
    assert list(found) == [counts.get(k, 0) for k in range(1, len(found) + 1)]


def tables() -> Iterator[str]:
    """Measure monthly tables against pandas."""
    for kind, name in (("text", "customer-{}".format), ("whole numbers", int)):
        rows = log(EVENTS, name)
        frame = pd.DataFrame(rows, columns=["customer", "at"])
        check(rows, frame)
        asked = {
            "cohorts": partial(retention.cohorts, rows, **MONTHS),
            "on or after": partial(retention.cohorts, rows, retained="on_or_after", **MONTHS),
            "every start": partial(retention.cohorts, rows, cohorting="every", **MONTHS),
            "growth": partial(retention.growth, rows, **MONTHS),
            "stickiness": partial(retention.stickiness, rows, **MONTHS),
            "pandas": partial(by_pandas, frame),
            "pandas stickiness": partial(stickiness_by_pandas, frame),
        }
        took = best_of(asked, number=1, rounds=3)
        yield f"{EVENTS:,} events, 18 months, ids that are {kind}"
        yield row("pandas: a monthly cohort table", f"{took['pandas']:.2f} s")
        ratio = took["cohorts"] / took["pandas"]
        yield row("cohorts", f"{ratio:.1f} x", "at most 8 x", met=ratio <= 8)
        for what in ("on or after", "every start", "growth"):
            yield row(f"  {what}", f"{took[what] / took['pandas']:.1f} x")
        ratio = took["stickiness"] / took["pandas stickiness"]
        yield row("stickiness, against its own in pandas", f"{ratio:.1f} x")


def growing() -> Iterator[str]:
    """Measure how the time of an event grows with their number."""
    few, many = log(EVENTS // 10, int), log(EVENTS, int)
    asked = {
        "few": partial(retention.cohorts, few, **MONTHS),
        "many": partial(retention.cohorts, many, **MONTHS),
    }
    took = best_of(asked, number=1, rounds=3)
    ratio = took["many"] / took["few"] / 10
    yield "Ten times the events and the customers"
    yield row("time for each event", f"{ratio:.2f} x", "at most 3 x", met=ratio <= 3)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, pandas {version('pandas')}")
    for part in (tables, growing):
        print()
        for line in part():
            print(line, flush=True)
