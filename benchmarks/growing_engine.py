"""What the engine is given more and more of: events, stages, transitions."""

from copy import copy
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import attrs
from growing import Call, Topic

from lifecycle import (
    ANY,
    Customer,
    Event,
    Fall,
    Journey,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    attribute,
    count,
    diagrams,
    dwell,
    falls,
    mean,
    testing,
    total,
)

START = datetime(2024, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
NEVER = 10**12
SPENT = total("purchase", within=Period(days=36_500))
SPENT_IN_YEARS = total("purchase", within=Period(years=90))
MEAN = mean("purchase", within=Period(days=36_500))


def asking(*conditions: Any) -> Lifecycle:
    """Ask conditions that never hold of each purchase."""
    return Lifecycle(
        name="asking",
        initial="lead",
        stages=[Stage("lead", Status.PROSPECT), Stage("buyer", Status.ACTIVE)],
        transitions=[Transition("lead", "buyer", on="purchase", when=each) for each in conditions],
    )


def purchases(n: int, **more: Any) -> list[Event]:
    """Return purchases 7 minutes apart, which all lie within a window of years."""
    return [
        Event("purchase", START + timedelta(minutes=7 * i), value=i % 50, id=i, **more)
        for i in range(n)
    ]


def replay(definition: Lifecycle, n: int) -> Call:
    events = purchases(n)
    return lambda: definition.replay("ann", events)


def refunded(definition: Lifecycle, n: int) -> Call:
    events = [
        attrs.evolve(event, value=event.value if i % 5 else -30)
        for i, event in enumerate(purchases(n))
    ]
    return lambda: definition.replay("ann", events)


def within(length: Period | Until) -> Lifecycle:
    """Ask every measure of a window."""
    return asking(
        *(measure("purchase", within=length) >= NEVER for measure in (count, total, mean))
    )


def falling(after: Fall) -> Lifecycle:
    """Wait for a measure to fall, the instant of which each purchase moves."""
    return Lifecycle(
        name="falling",
        initial="buyer",
        stages=[Stage("buyer", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        transitions=[Transition("buyer", "lapsed", after=after)],
        events=("purchase",),
    )


def replay_of_months(n: int) -> Call:
    """Let events leave a window of the calendar all the time."""
    events = [Event("purchase", START + i * DAY / 4, value=i % 50) for i in range(n)]
    definition = within(Period(months=1))
    return lambda: definition.replay("ann", events)


def replay_of_attributes(n: int) -> Call:
    events = [Event("purchase", START + i * DAY / 300, sets={f"a{i}": i}) for i in range(n)]
    definition = asking(attribute("a0") >= NEVER)
    return lambda: definition.replay("ann", events)


def long_journey(n: int) -> Journey:
    """Return a journey with a stage change for each event."""
    cycle = Lifecycle(
        name="cycle",
        initial="a",
        stages=[Stage("a", Status.ACTIVE), Stage("b", Status.ACTIVE)],
        transitions=[Transition("a", "b", on="purchase"), Transition("b", "a", on="purchase")],
    )
    return cycle.replay("ann", purchases(n), since=START)


def amended(n: int) -> Call:
    journey, late = long_journey(n), [Event("purchase", START + i * DAY / 400) for i in range(n)]
    return lambda: journey.amend(*late)


def amended_one_by_one(n: int) -> Call:
    journey = long_journey(n)

    def amend() -> None:
        found = journey
        for i in range(n // 10):
            found, _ = found.amend(Event("purchase", START + i * DAY / 400))

    return amend


def looked_up(n: int) -> Call:
    journey = long_journey(n)
    instants = [START + timedelta(minutes=7 * i) for i in range(n)]
    return lambda: [journey.stage_at(at) for at in instants]


def stays(n: int) -> Call:
    journey = long_journey(n)
    return lambda: copy(journey).stays


def explained(n: int) -> Call:
    """Explain each event, and then apply it."""
    definition, events = within(Period(days=36_500)), purchases(n)

    def walk() -> None:
        customer = definition.enroll("ann", at=START)
        for event in events:
            definition.explain(customer, event)
            customer = definition.apply(customer, event).customer

    return walk


def customer_of(n: int) -> Customer:
    return within(Period(days=36_500)).replay("ann", purchases(n)).customer


def journey_read(n: int) -> Call:
    data = long_journey(n).to_dict()
    return lambda: Journey.from_dict(data)


def customer_read(n: int) -> Call:
    data = customer_of(n).to_dict()
    return lambda: Customer.from_dict(data)


ENGINE: Topic = {
    "replay": partial(replay, asking(count("purchase") >= NEVER)),
    "replay, three measures": partial(
        replay, asking(*(each("purchase") >= NEVER for each in (count, total, mean)))
    ),
    "replay, inside one window": partial(replay, within(Period(days=36_500))),
    "replay, inside a window of years": partial(replay, within(Period(years=90))),
    "replay, a window of a day": partial(replay, within(Period(days=1))),
    "replay, a window of a month": replay_of_months,
    "replay, inside a calendar year": partial(replay, within(Until("year"))),
    "replay, a total that falls": partial(replay, falling(falls(SPENT, below=500))),
    "replay, a total of years that falls": partial(
        replay, falling(falls(SPENT_IN_YEARS, below=500))
    ),
    "replay, a mean that falls": partial(replay, falling(falls(MEAN, below=3))),
    "replay, a total with refunds that falls": partial(refunded, falling(falls(SPENT, below=500))),
    "replay, each event sets an attribute": replay_of_attributes,
    "explain and apply each event": explained,
    "Journey.amend, all at once": amended,
    "Journey.amend, a tenth one by one": amended_one_by_one,
    "Journey.stays": stays,
    "Journey.stage_at, for each event": looked_up,
    "Journey.to_dict": lambda n: long_journey(n).to_dict,
    "Journey.from_dict": journey_read,
    "Customer.to_dict, a long window": lambda n: customer_of(n).to_dict,
    "Customer.from_dict, a long window": customer_read,
    "hash of a customer, a long window": lambda n: partial(hash, customer_of(n)),
}

# Definitions of many stages.


def stages(n: int) -> list[Stage]:
    return [Stage(f"s{i}", Status.ACTIVE) for i in range(n)]


def chained(n: int) -> Lifecycle:
    """Lead from stage to stage by events of their own, and by time-outs."""
    return Lifecycle(
        name="chain",
        initial="s0",
        stages=stages(n),
        transitions=[
            *(Transition(f"s{i}", f"s{i + 1}", on=f"e{i}") for i in range(n - 1)),
            *(Transition(f"s{i}", f"s{i + 1}", after=dwell(days=1)) for i in range(n - 1)),
        ],
    )


def from_any(n: int) -> Call:
    n = max(n // 10, 2)
    transitions = [Transition(ANY, f"s{i}", on=f"e{i}") for i in range(n)]
    return lambda: Lifecycle(name="any", initial="s0", stages=stages(n), transitions=transitions)


def many_events(n: int) -> Lifecycle:
    """Know many events, each counted by a condition of its own, in two stages."""
    return Lifecycle(
        name="events",
        initial="s0",
        stages=stages(2),
        transitions=[
            Transition("s0", "s1", on=f"e{i}", when=count(f"e{i}") >= 2) for i in range(n)
        ],
    )


def read_back(n: int) -> Call:
    data = chained(n).to_dict()
    return lambda: Lifecycle.from_dict(data)


def options(n: int) -> Call:
    definition = many_events(n)
    customer = definition.enroll("ann", at=START)
    return lambda: definition.options(customer)


def options_by_stage(n: int) -> Call:
    definition = chained(n)
    customer = definition.enroll("ann", at=START)
    return lambda: definition.options(customer)


DEFINITIONS: Topic = {
    "Lifecycle, a chain of n stages": lambda n: partial(chained, n),
    "Lifecycle, n events that are counted": lambda n: partial(many_events, n),
    "Lifecycle, n / 10 stages, a transition from ANY to each": from_any,
    "Lifecycle.to_dict": lambda n: chained(n).to_dict,
    "Lifecycle.from_dict": read_back,
    "Lifecycle.fingerprint": lambda n: partial(getattr, chained(n), "fingerprint"),
    "Lifecycle.findings": lambda n: chained(n).findings,
    "Lifecycle.options, n events": options,
    "Lifecycle.options, n stages with n events": options_by_stage,
    "diagrams.mermaid": lambda n: partial(diagrams.mermaid, chained(n)),
    "diagrams.dot": lambda n: partial(diagrams.dot, chained(n)),
    "diagrams.table": lambda n: partial(diagrams.table, chained(n)),
    "diagrams.svg, n / 10 stages": lambda n: partial(diagrams.svg, chained(max(n // 10, 2))),
    "testing.paths, n / 10 stages": lambda n: partial(testing.paths, chained(max(n // 10, 2))),
}
