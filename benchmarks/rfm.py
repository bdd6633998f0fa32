"""How fast RFM and Markov chains are, RFM compared with the same work in pandas.

Run it with `python benchmarks/rfm.py` where pandas is installed. Every figure is a ratio of two
times taken in turns in this run, or a time.
"""

import platform
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from importlib.metadata import version

import pandas as pd
from harness import best_of, row

from lifecycle.metrics import rfm
from lifecycle.metrics.markov import Chain

NUMBER, CUSTOMERS = 1_000_000, 100_000
START, END = date(2024, 1, 1), date(2025, 12, 31)

Order = tuple[int, date, float]


def log() -> list[Order]:
    """Return a log of two years whose rows are in no order."""
    draw = random.Random(3)
    days = [START + timedelta(days=i) for i in range((END - START).days + 1)]
    return [
        (draw.randrange(CUSTOMERS), draw.choice(days), round(draw.expovariate(1 / 40), 2))
        for _ in range(NUMBER)
    ]


def frame_of(orders: list[Order]) -> pd.DataFrame:
    """Return the log as pandas likes it: whole numbers, timestamps, floats."""
    frame = pd.DataFrame(orders, columns=["customer", "at", "amount"])
    return frame.assign(at=pd.to_datetime(frame["at"]))


def by_pandas(frame: pd.DataFrame) -> pd.DataFrame:
    """Summarize as `rfm.summary` does: days merged, first day apart, exact weeks."""
    end = pd.Timestamp(END)
    kept = frame[frame["at"].dt.normalize() <= end]
    days = (
        kept.assign(day=kept["at"].dt.normalize())
        .groupby(["customer", "day"], sort=False)["amount"]
        .sum()
        .reset_index()
    )
    span = days.groupby("customer")["day"].agg(["min", "max", "count"])
    repeats = days[days["day"] != days["customer"].map(span["min"])]
    return pd.DataFrame(
        {
            "frequency": span["count"] - 1,
            "recency": (span["max"] - span["min"]).dt.days / 7,
            "age": (end - span["min"]).dt.days / 7,
            "monetary": repeats.groupby("customer")["amount"].mean(),
        }
    )


def check(orders: list[Order], frame: pd.DataFrame) -> None:
    """Make sure that both do the same work."""
    theirs = by_pandas(frame)
    ours = pd.DataFrame(rfm.summary(orders, until=END).to_rows()).set_index("customer")
    for name in theirs:
        assert (ours[name] - theirs[name]).abs().max() < 1e-9


def summaries() -> Iterator[str]:
    """Measure the summary of many orders, and what else is read from them."""
    orders = log()
    frame = frame_of(orders)
    check(orders, frame)
    contenders: dict[str, Callable[[], object]] = {
        "rows": lambda: by_pandas(frame_of(orders)),
        "frame": lambda: by_pandas(frame),
        "summary": lambda: rfm.summary(orders, until=END),
        "split": lambda: rfm.summary(orders, until=END, calibration_until=date(2024, 12, 31)),
        "scores": lambda: rfm.scores(orders, until=END),
    }
    took = best_of(contenders, number=1, rounds=5)
    yield f"{NUMBER:,} orders of {CUSTOMERS:,} customers, as rows"
    yield row("pandas, from the rows to a summary (the baseline)", f"{took['rows']:.2f} s")
    yield row("  its groupbys alone, on a finished DataFrame", f"{took['frame']:.2f} s")
    ratio = took["summary"] / took["rows"]
    yield row("summary", f"{ratio:.1f} x", "at most 5 x", met=ratio <= 5)
    yield row("  against the groupbys alone", f"{took['summary'] / took['frame']:.1f} x")
    yield row("summary with a holdout", f"{took['split'] / took['rows']:.1f} x")
    yield row("scores", f"{took['scores'] / took['rows']:.1f} x")


def chains() -> Iterator[str]:
    """Measure a chain of 200 states, all of which lead to all."""
    draw = random.Random(4)
    names = [f"s{i}" for i in range(200)]
    weights = [[draw.random() for _ in names] for _ in names]
    chain = Chain(names, [[x / sum(line) for x in line] for line in weights])
    rewards = {name: draw.uniform(-50, 100) for name in names}
    contenders: dict[str, Callable[[], object]] = {
        "value without end": lambda: chain.value(rewards, discount=0.01),
        "value, horizon 60": lambda: chain.value(rewards, discount=0.01, periods=60),
        "expected_time": lambda: chain.expected_time(to="s0"),
        "steady_state": chain.steady_state,
        "absorption": chain.absorption,
    }
    took = best_of(contenders, number=1, rounds=3)
    yield "A chain of 200 states, without a zero"
    for name, seconds in took.items():
        yield row(name, f"{seconds:.2f} s", "under 1 s", met=seconds < 1)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, pandas {version('pandas')}")
    for part in (summaries, chains):
        print()
        for line in part():
            print(line, flush=True)
