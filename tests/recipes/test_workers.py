"""The code of the recipes, run by several processes on one database, some of them killed.

Afterwards every event that was delivered is on file once, the changes on file are those of
a replay of these events, and the customer is where the replay says.
"""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle import Enrollment, Event, Lifecycle, Stage, Status, Transition, idle, total
from recipes import databases
from recipes.crews import Crew, Step, audits, check, delivery, enrolled, posix, told
from recipes.databases import Target

pytestmark = posix

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = BEGIN + timedelta(days=400)

SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=[
        Stage("visitor", Status.PROSPECT),
        Stage("lead", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("paused", Status.DORMANT),
        Stage("lapsed", Status.DORMANT),
        Stage("left", Status.CHURNED),
    ],
    transitions=[
        Transition("visitor", "lead", on="signup"),
        Transition("buyer", "loyal", on="purchase", when=total("purchase") >= 300),
        Transition(("visitor", "lead", "lapsed", "left"), "buyer", on="purchase"),
        Transition(Status.ACTIVE, "left", on="cancel"),
        Transition(Status.ACTIVE, "paused", on="pause"),
        Transition("paused", "buyer", on="resume"),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=9)),
    ],
)
NAMES = ("signup", "purchase", "purchase", "purchase", "cancel", "pause", "resume")

PEOPLE = (
    Enrollment("ann", BEGIN),
    Enrollment("bob", BEGIN, stage="loyal", attributes={"plan": "gold"}),
    Enrollment("cy", BEGIN, referred_by="bob"),
)

every_page = pytest.mark.parametrize("page", databases.PAGES)


def drawn(chance: random.Random, people: Iterable[Enrollment], each: int) -> dict[str, list[Event]]:
    """Draw events: many share an instant, and some of these have a number of the source."""
    found = {}
    for person in people:
        events = []
        for n in range(each):
            day = BEGIN + timedelta(days=chance.randrange(each // 2))
            at = chance.choice((day, day, day + timedelta(seconds=chance.randrange(86_400))))
            name, value = chance.choice(NAMES), chance.randrange(10, 60)
            number = chance.choice((None, n))
            events.append(Event(name, at, value=value, id=f"{person.id}-{n}", sequence=number))
        found[str(person.id)] = events
    return found


def arriving(
    chance: random.Random, events: dict[str, list[Event]]
) -> list[tuple[datetime, str, Event]]:
    """Return when each event arrives: about half of them after later ones."""
    arrivals = [
        (event.at + timedelta(days=max(0, chance.gauss(0, 2))), customer, event)
        for customer, its in events.items()
        for event in its
    ]
    return sorted(arrivals, key=lambda arrival: arrival[0])


def to_two(chance: random.Random, events: dict[str, list[Event]]) -> list[list[Any]]:
    """Deliver events to two workers, in disorder; some to both, some twice, some together."""
    found: list[list[Any]] = [[], []]
    for now, customer, event in arriving(chance, events):
        for worker in chance.choice(([0], [1], [0, 1])):
            mine, new = found[worker], delivery(customer, event, now=now)
            if mine and mine[-1][0] == customer and chance.random() < 0.5:
                new = (customer, [*mine.pop()[1], *new[1]], new[2])
            mine.append(new)
            if chance.random() < 0.15:
                mine.append(chance.choice(mine))
    return found


@every_page
@pytest.mark.parametrize(
    "kind",
    [
        *databases.SQLITE,
        *databases.POSTGRESQL[:2],
        pytest.param(databases.POSTGRESQL[2], marks=pytest.mark.slow),
    ],
)
def test_two_workers_one_of_them_killed_leave_what_a_replay_says(
    page: str, kind: str, target: Target, tmp_path: Path
) -> None:
    chance = random.Random(f"{page} {kind}")
    events = drawn(chance, PEOPLE, 30)
    crew = Crew(tmp_path, page, target(page, kind), SHOP)
    crew.run(enrolled(*PEOPLE))
    early, late = (("nightly", at.isoformat()) for at in (BEGIN + timedelta(days=12), END))
    jobs = [[early, ("record", mine), late] for mine in to_two(chance, events)]
    assert told(crew.run(*jobs, killed={0: 10}), "refused") == []
    (kept,) = audits(crew.run([("audit",)]))
    for person in PEOPLE:
        check(SHOP, kept[str(person.id)], events[str(person.id)], until=END)
        assert kept[str(person.id)].enrollment == person


def eight(crew: Crew, each: int) -> None:
    """Let eight workers take different events of one customer, all at the same time."""
    events = [
        Event("purchase", BEGIN + timedelta(hours=7 * n + 1), value=9, id=f"order-{n}")
        for n in range(8 * each)
    ]
    crew.run(enrolled(PEOPLE[0]))
    jobs: list[Sequence[Step]] = []
    for first in range(8):
        mine = [delivery("ann", event, now=event.at) for event in events[first::8]]
        jobs.append([("record", mine)])
    assert told(crew.run(*jobs), "refused") == []
    (kept,) = audits(crew.run([("audit",)]))
    check(SHOP, kept["ann"], events)


@pytest.mark.parametrize(
    ("page", "kind"), [("sqlalchemy", "postgresql-repeatable-read"), ("django", "sqlite")]
)
def test_eight_workers_on_one_customer_all_get_through(
    page: str, kind: str, target: Target, tmp_path: Path
) -> None:
    eight(Crew(tmp_path, page, target(page, kind), SHOP), 8)


@pytest.mark.slow
@every_page
@pytest.mark.parametrize("kind", [*databases.SQLITE, *databases.POSTGRESQL])
def test_eight_workers_with_sixty_events_each_all_get_through(
    page: str, kind: str, target: Target, tmp_path: Path
) -> None:
    eight(Crew(tmp_path, page, target(page, kind), SHOP), 60)
