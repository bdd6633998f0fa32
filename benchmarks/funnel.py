"""How fast a funnel is, compared with a bare loop that reads as many events.

Run it with `python benchmarks/funnel.py`. Every figure is a ratio of two times taken in turns
in this run. The bare loop goes over the events of each customer and counts who has the first
step: it knows no order, no window and no bad row.
"""

import platform
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from harness import best_of, row

from lifecycle import funnel

EVENTS = 1_000_000
STEPS = ("cart", "checkout", "paid")
START = datetime(2026, 1, 1, tzinfo=UTC)
Paths = dict[int, list[tuple[datetime, str]]]


def log(customers: int, *, buyers: float, events: int = EVENTS) -> Paths:
    """Draw paths of 90 days, in order of time, in which so many customers go shopping."""
    draw = random.Random(1)
    paths, each = {}, events // customers
    for customer in range(customers):
        names = ["view", "search", "login", "help", "wish"]
        if draw.random() < buyers:
            names += STEPS
        ats = sorted(draw.randrange(90 * 86400) for _ in range(each))
        paths[customer] = [(START + timedelta(seconds=at), draw.choice(names)) for at in ats]
    return paths


def bare(paths: Paths) -> int:
    """Count who has the first step."""
    number = 0
    for path in paths.values():
        has = False
        for _, event in path:
            if event == "cart":
                has = True
        number += has
    return number


def beside_a_bare_loop() -> Iterator[str]:
    """Measure three steps within 14 days."""
    asked: dict[str, Any] = {"steps": STEPS, "within": timedelta(days=14)}
    shapes = ((10_000, 0.02), (100_000, 0.02), (100_000, 0.2), (100_000, 1.0), (10_000, 1.0))
    for customers, buyers in shapes:
        paths = log(customers, buyers=buyers)
        assert funnel.funnel(paths, **asked).rows[0].reached == bare(paths)
        calls = {
            "bare": partial(bare, paths),
            "ordered": partial(funnel.funnel, paths, **asked),
            "strict": partial(funnel.funnel, paths, order="strict", **asked),
            "any": partial(funnel.funnel, paths, order="any", **asked),
        }
        took = best_of(calls, number=1, rounds=5)
        yield f"{EVENTS:,} events of {customers:,} customers, {buyers:.0%} of them shopping"
        yield row("a bare loop", f"{took['bare'] * 1000:.0f} ms")
        ratio = took["ordered"] / took["bare"]
        yield row("ordered", f"{ratio:.1f} x", "at most 1.5 x", met=ratio <= 1.5)
        for order in ("strict", "any"):
            yield row(f"  {order}", f"{took[order] / took['bare']:.1f} x")


def growing() -> Iterator[str]:
    """Measure how the time of an event grows with the length of a path."""
    asked: dict[str, Any] = {"steps": STEPS, "within": timedelta(days=14)}
    yield "One customer, ten times the events"
    for order in ("ordered", "strict", "any"):
        calls = {
            events: partial(funnel.funnel, log(1, buyers=1, events=events), order=order, **asked)
            for events in (10_000, 100_000)
        }
        few, many = best_of(calls, number=1, rounds=3).values()
        yield row(f"time for each event, {order}", f"{many / few / 10:.2f} x")


if __name__ == "__main__":
    print(f"Python {platform.python_version()}")
    for part in (beside_a_bare_loop, growing):
        print()
        for line in part():
            print(line, flush=True)
