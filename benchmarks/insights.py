"""How the time of insights grows with the number of stage changes.

Run it with `python benchmarks/insights.py`; `python benchmarks/insights.py 100000` stops at
that many changes. Every figure is the processor time of one change, at the best of some calls.
"""

import platform
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from harness import best_of, row

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Journey,
    Lifecycle,
    Stage,
    Status,
    Transition,
    Window,
    idle,
)

START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
MONTHS = Calendar("month"), Window(START, END)
SIZES = (10_000, 100_000, 1_000_000)

CLUB = Lifecycle(
    name="club",
    initial="lead",
    stages=(
        Stage("lead", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
        Stage("churned", Status.CHURNED),
    ),
    transitions=(
        Transition(("lead", "lapsed", "churned"), "buyer", on="purchase"),
        Transition("buyer", "lapsed", after=idle(days=30)),
        Transition("lapsed", "churned", after=idle(days=180)),
    ),
)


def journeys(changes: int) -> list[Journey]:
    """Draw journeys with about so many changes in all."""
    draw, found, made = random.Random(1), [], 0
    while made < changes:
        days = sorted(draw.randrange(731) for _ in range(draw.randrange(1, 12)))
        events = [Event("purchase", START + timedelta(days=day), value=20.0) for day in days]
        since = START + timedelta(days=min(days) * draw.random())
        journey = CLUB.replay(len(found), events, since=since, until=END)
        found.append(journey)
        made += len(journey.changes)
    return found


def questions(found: list[Journey]) -> dict[str, Callable[[], object]]:
    """Return what is asked of journeys."""
    base = CustomerBase(found)
    monthly = base.over(*MONTHS)
    return {
        "CustomerBase": partial(CustomerBase, found),
        "transition_counts": monthly.transition_counts,
        "drop_off": base.drop_off,
        "kpis": monthly.kpis,
        "growth": monthly.growth,
        "cohorts": monthly.cohorts,
        "chain, memory 1": monthly.chain,
        "chain, memory 4": partial(monthly.chain, memory=4),
        "value": partial(monthly.value, margins={"buyer": 12.0}, discount=0.01),
        "reactivations": base.reactivations,
        "time_in_stage": partial(base.time_in_stage, "buyer"),
        "funnel": partial(base.funnel, stages=("lead", "buyer")),
        "referrals": base.referrals,
        "customers": lambda: base.customers,
        "stays": lambda: base.stays,
        "changes": lambda: base.changes,
    }


def growing(sizes: tuple[int, ...]) -> Iterator[str]:
    """Measure the time of a change, for more and more of them."""
    times: dict[str, list[float]] = {}
    for size in sizes:
        found = journeys(size)
        changes = sum(len(journey.changes) for journey in found)
        rounds = 2 if size > SIZES[0] else 5
        took = best_of(questions(found), number=1, rounds=rounds, clock=time.process_time)
        for name, seconds in took.items():
            times.setdefault(name, []).append(seconds / changes)
    heads = "".join(f"{size:>12,}" for size in sizes)
    yield f"{'Microseconds for each change, at so many changes':<30}"
    yield f"  {'':<20}{heads}"
    for name, each in times.items():
        figures = "".join(f"{1e6 * seconds:>12.2f}" for seconds in each)
        yield f"  {name:<20}{figures}"
    worst = max(each[-1] / each[0] for each in times.values())
    yield row(
        "the most that the last is of the first", f"{worst:.2f} x", "at most 2 x", met=worst <= 2
    )


if __name__ == "__main__":
    most = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    print(f"Python {platform.python_version()}")
    for line in growing(tuple(size for size in SIZES if size <= most)):
        print(line, flush=True)
