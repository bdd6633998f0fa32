"""How fast the engine is, compared with its peers, a hand-written table, and plain tuples.

Run it with `nox -s benchmarks`, which installs the peers. Every figure is a ratio of two
times taken in turns in this run.
"""

import gc
import platform
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import attrs
from harness import best_of, best_of_processes, row
from statemachine import State, StateMachine
from transitions import Machine

from lifecycle import (
    Event,
    Lifecycle,
    Stage,
    Status,
    Transition,
    count,
    dwell,
    idle,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("one", "two", "three")

CYCLE = Lifecycle(
    name="cycle",
    initial="one",
    stages=[Stage(name, Status.ACTIVE) for name in NAMES],
    transitions=[
        Transition(a, b, on="go") for a, b in zip(NAMES, (*NAMES[1:], NAMES[0]), strict=True)
    ],
)

SHOP = Lifecycle(
    name="shop",
    initial="buyer",
    stages=[
        Stage("buyer", Status.ACTIVE),
        Stage("regular", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
        Stage("churned", Status.CHURNED),
    ],
    transitions=[
        Transition("buyer", "regular", on="purchase", when=count("purchase") >= 1),
        Transition("regular", "buyer", on="purchase"),
        Transition(("lapsed", "churned"), "buyer", on="purchase"),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
        Transition("lapsed", "churned", after=dwell(days=180)),
    ],
)

TABLE = {
    "buyer": {"purchase": "regular"},
    "regular": {"purchase": "buyer"},
    "one": {"go": "two"},
    "two": {"go": "three"},
    "three": {"go": "one"},
}


@attrs.frozen(kw_only=True)
class Record:
    """The fields of a `StageChange`, as a hand-written engine would record them."""

    customer: str
    at: datetime
    source: str
    target: str
    kind: str
    cause: str
    transition: object
    event: Event


def by_table(stage: str, event: Event) -> Record:
    """Look up the next stage, and record the change: the baseline."""
    target = TABLE[stage][event.name]
    return Record(
        customer="ann",
        at=event.at,
        source=stage,
        target=target,
        kind="progress",
        cause="event",
        transition=None,
        event=event,
    )


def by_tuple(stage: str, event: Event) -> tuple[object, ...]:
    """Look up the next stage, and record the change as a tuple."""
    target = TABLE[stage][event.name]
    return ("ann", event.at, stage, target, "progress", "event", None, event)


class Model:
    """What `transitions` drives, and gives its methods when the machine is made."""


class Cycle(StateMachine):
    """The same cycle for `python-statemachine`."""

    one = State(initial=True)
    two = State()
    three = State()
    go = one.to(two) | two.to(three) | three.to(one)


def steps() -> Iterator[str]:
    """Measure one step that changes stage, with its record."""
    model = Model()
    Machine(
        model,
        states=list(NAMES),
        initial="one",
        transitions=[["go", a, b] for a, b in zip(NAMES, (*NAMES[1:], NAMES[0]), strict=True)],
        auto_transitions=False,
    )
    machine = Cycle()
    go = Event("go", START)
    walker = CYCLE.enroll("ann", at=START)
    buyer = SHOP.enroll("ann", at=START)
    purchase = Event("purchase", START + timedelta(days=1))
    regular, _ = SHOP.apply(buyer, purchase)
    later = START + timedelta(days=2)
    contenders: dict[str, Callable[[], object]] = {
        "table": lambda: by_table("buyer", purchase),
        "tuple": lambda: by_tuple("buyer", purchase),
        "cycle": lambda: CYCLE.apply(walker, go),
        "shop": lambda: SHOP.apply(buyer, purchase),
        "advance": lambda: SHOP.advance(regular, to=later),
        "transitions": model.go,
        "statemachine": lambda: machine.send("go"),
    }
    took = best_of(contenders, number=2_000)
    yield "One step that changes stage, with its record"
    yield row(
        "hand-written table and frozen record (the baseline)", f"{1e9 * took['table']:.0f} ns"
    )
    yield row("  plain tuples against the baseline", f"{took['tuple'] / took['table']:.2f} x")
    ratio = took["shop"] / took["table"]
    yield row("apply: counts, idle and dwell", f"{ratio:.2f} x", "at most 3 x", met=ratio <= 3)
    ratio = took["cycle"] / took["table"]
    yield row("apply: a plain cycle", f"{ratio:.2f} x")
    ratio = took["transitions"] / took["cycle"]
    yield row(
        f"transitions {version('transitions')}, the plain cycle",
        f"{ratio:.1f} x ours",
        "at least 5 x",
        met=ratio >= 5,
    )
    ratio = took["statemachine"] / took["cycle"]
    yield row(
        f"python-statemachine {version('python-statemachine')}, the plain cycle",
        f"{ratio:.1f} x ours",
        "at least 60 x",
        met=ratio >= 60,
    )
    ratio = took["advance"] / took["table"]
    yield row("advance with nothing due", f"{ratio:.2f} x", "at most 1 x", met=ratio <= 1)


def replays() -> Iterator[str]:
    """Measure a journey of many events."""
    events = [Event("purchase", START + timedelta(days=i), id=i) for i in range(10_000)]
    until = START + timedelta(days=20_000)
    contenders: dict[str, Callable[[], object]] = {
        "replay": lambda: SHOP.replay("ann", events, until=until),
        "table": lambda: [by_table("buyer", event) for event in events],
    }
    took = best_of(contenders, number=1, rounds=9)
    yield "A journey of 10,000 events, each of which changes stage"
    yield row("replay, per event", f"{1e6 * took['replay'] / len(events):.2f} us")
    yield row("  against the baseline", f"{took['replay'] / took['table']:.2f} x")


def sizes() -> Iterator[str]:
    """Measure what 100,000 customers of one definition take."""
    number = 100_000
    plain = attrs.evolve(SHOP, transitions=[t for t in SHOP.transitions if t.when is None])
    yield "100,000 customers of one definition, each after one purchase"
    two = attrs.evolve(
        SHOP,
        transitions=[
            *SHOP.transitions,
            Transition("regular", "lapsed", after=idle("purchase", days=200)),
        ],
    )
    cases = (
        ("no tally", plain, 160),
        ("one tally", SHOP, 192),
        ("a tally and a named clock", two, 224),
    )
    for what, definition, most in cases:
        fresh = definition.enroll("ann", at=START)
        purchase = Event("purchase", START + timedelta(days=1))
        gc.collect()
        tracemalloc.start()
        held = [definition.apply(fresh, purchase).customer for _ in range(number)]
        each = round((tracemalloc.get_traced_memory()[0] - sys.getsizeof(held)) / number)
        tracemalloc.stop()
        yield row(
            f"a customer with {what}, its deadline included",
            f"{each} bytes",
            f"at most {most}",
            met=each <= most,
        )
    took = best_of({"enroll": lambda: SHOP.enroll("ann", at=START)}, number=5_000)
    yield row("enroll", f"{1e6 * took['enroll']:.2f} us")


def imports() -> Iterator[str]:
    """Measure importing the engine on top of what it depends on."""
    names = "Customer, Event, Lifecycle, Stage, Status, Transition, count, dwell, idle"
    below = "import attrs, dateutil.relativedelta"
    took = best_of_processes(
        {"bare": "pass", "below": below, "ours": f"{below}; from lifecycle import {names}"}
    )
    dependencies = took["below"] - took["bare"]
    ratio = (took["ours"] - took["below"]) / dependencies
    yield "Importing the engine"
    yield row("attrs and dateutil.relativedelta", f"{1e3 * dependencies:.1f} ms")
    yield row("lifecycle on top of them", f"{ratio:.2f} x", "at most 0.5 x", met=ratio <= 0.5)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, attrs {version('attrs')}")
    for part in (steps, replays, sizes, imports):
        print()
        for line in part():
            print(line, flush=True)
