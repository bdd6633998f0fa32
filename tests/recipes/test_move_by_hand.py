"""The code of docs/how-to/move-by-hand.md: overrides by several workers, and what they leave."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from lifecycle import (
    ANY,
    Enrollment,
    Event,
    Lifecycle,
    Stage,
    Status,
    Transition,
    event_attribute,
    idle,
)
from recipes import shipped
from recipes.crews import Crew, audits, check, enrolled, posix, told
from recipes.databases import Target

STAGES = (
    Stage("visitor", Status.PROSPECT),
    Stage("buyer", Status.ACTIVE),
    Stage("lapsed", Status.DORMANT),
    Stage("closed", Status.CHURNED, final=True),
)
PLAIN = Lifecycle(
    name="shop",
    initial="visitor",
    stages=STAGES,
    transitions=(
        Transition(("visitor", "lapsed"), "buyer", on="purchase"),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=9)),
        Transition("buyer", "closed", on="closed"),
    ),
    activity=("purchase",),
)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Enrollment("ann", BEGIN)


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def support() -> dict[str, Any]:
    return shipped.code("move-by-hand")


def test_the_transitions_are_those_written_out_by_hand() -> None:
    found = support()["with_overrides"](PLAIN)
    assert found.transitions[3:] == tuple(
        Transition(ANY, name, on="override", when=event_attribute("to").equals(name))
        for name in ("visitor", "buyer", "lapsed")
    )
    assert found.activity == ("purchase", "override")
    assert Lifecycle.from_dict(found.to_dict()) == found


def test_every_stage_that_is_not_final_leads_to_every_other_one() -> None:
    shop = support()["with_overrides"](PLAIN)
    for source, target in product([stage.name for stage in STAGES], repeat=2):
        customer = shop.enroll("ann", at=BEGIN, stage=source)
        event = support()["override_event"]("1", day(1), to=target, by="kim", why="so")
        moved = source != target and "closed" not in (source, target)
        assert shop.explain(customer, event).permitted == moved
        assert shop.apply(customer, event).customer.stage == (target if moved else source)


def job(ticket: str, to: str, at: datetime) -> tuple[Any, ...]:
    said = (to, "kim", "asked for")
    return ("work", "support", "override", "ann", ticket, *said, {"at": at.isoformat()})


@posix
@pytest.mark.parametrize("kind", ["sqlite-immediate", "postgresql"])
def test_two_workers_take_each_ticket_once_though_one_is_killed(
    kind: str, target: Target, tmp_path: Path
) -> None:
    shop = support()["with_overrides"](PLAIN)
    crew = Crew(
        tmp_path,
        "sqlalchemy",
        target("sqlalchemy", kind),
        shop,
        more={"support": "move-by-hand"},
        death="die_writing",
    )
    crew.run(enrolled(ANN))
    stages = ("visitor", "buyer", "lapsed")
    tickets = [job(str(n), stages[n % 3], day(1 + n // 4)) for n in range(18)]
    own, shared = tickets[:6], tickets[6:]
    shuffled = random.Random(kind).sample(shared, 12)
    refusals = told(crew.run([*own, *shuffled], shared, killed={0: 4}), "refused")
    assert all(text.startswith("NotPermittedError") for text in refusals)  # they are there already
    (kept,) = audits(crew.run([("audit",)]))
    events = kept["ann"].events
    assert len({event.id for event in events}) == len(events) > 6
    check(shop, kept["ann"], events)
    made = Counter(change.event and change.event.id for change in kept["ann"].changes.elements())
    made.pop(None, None)
    assert set(made) == {event.id for event in events}, "each override on file has moved"


def test_a_refused_or_contradicting_override_leaves_nothing(target: Target, tmp_path: Path) -> None:
    shop = support()["with_overrides"](PLAIN)
    opened = target("sqlalchemy", "sqlite")
    crew = Crew(tmp_path, "sqlalchemy", opened, shop, more={"support": "move-by-hand"})
    steps = [
        *enrolled(ANN),
        job("1", "buyer", day(1)),
        job("1", "buyer", day(2)),  # pressed again
        job("1", "lapsed", day(2)),
        job("2", "closed", day(2)),
        job("3", "byuer", day(2)),
        job("4", "buyer", day(3)),
        ("audit",),
    ]
    said = crew.run(steps)
    names = [text.split(":")[0] for text in told(said, "refused")]
    assert names == ["DuplicateEventError", *["NotPermittedError"] * 3]
    kept = audits(said)[0]["ann"]
    assert [event.id for event in kept.events] == ["override-1"]
    check(shop, kept, kept.events)
    (deadline,) = [shop.due(kept.customer)]
    assert deadline is not None
    assert deadline.at == day(10)


def test_an_event_from_a_clock_ahead_does_not_hide_the_override(
    target: Target, tmp_path: Path
) -> None:
    shop = support()["with_overrides"](PLAIN)
    opened = target("sqlalchemy", "sqlite")
    crew = Crew(tmp_path, "sqlalchemy", opened, shop, more={"support": "move-by-hand"})
    ahead = Event("purchase", day(5), id="ahead")
    delivered = ("record", [("ann", [ahead.to_dict()], day(1).isoformat())])
    said = crew.run([*enrolled(ANN), delivered, job("1", "visitor", day(1)), ("audit",)])
    assert told(said, "refused") == []
    kept = audits(said)[0]["ann"]
    check(shop, kept, kept.events)
    assert kept.customer.stage == "visitor"
    assert kept.customer.entered == day(5) + timedelta(microseconds=1)
