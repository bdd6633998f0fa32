"""The code of docs/how-to/merge-customers.md: two profiles become one, whatever comes when."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from lifecycle import (
    Enrollment,
    Event,
    Lifecycle,
    Stage,
    Status,
    Transition,
    attribute,
    count,
    idle,
)
from lifecycle.errors import InvalidValueError
from recipes import shipped
from recipes.crews import Crew, Kept, Step, audits, check, enrolled, posix, told
from recipes.databases import Target

SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=[
        Stage("visitor", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
    ],
    transitions=[
        Transition(("visitor", "lapsed"), "buyer", on="purchase"),
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 3),
        Transition("buyer", "loyal", on="invited", when=attribute("plan").equals("gold")),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=9)),
    ],
    activity=("purchase",),
    events=("merged",),
)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MODULES = {"merging": "merge-customers"}


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def order(number: float, id: str) -> Event:  # noqa: A002
    return Event("purchase", day(number), id=id, value=20)


GUEST = Enrollment("guest", day(0), referred_by="eve", attributes={"plan": "none", "seat": 4})
ANN = Enrollment("ann", day(20), attributes={"plan": "gold"}, referred_by="guest")
BOB = Enrollment("bob", day(3), referred_by="guest")
MERGED = Event(
    "merged",
    day(20),
    id="merged-guest",
    attributes={"from": "guest"},
    sets={"plan": "gold"},
)


@pytest.fixture
def merging() -> dict[str, Any]:
    return shipped.code("merge-customers")


def test_the_earlier_enrollment_wins_and_nobody_refers_themselves(merging: dict[str, Any]) -> None:
    merge = merging["merged_enrollment"]
    expected = attrs.evolve(GUEST, id="ann")
    assert merge(ANN, GUEST) == expected
    assert merge(GUEST, ANN) == GUEST
    without = attrs.evolve(GUEST, referred_by=None)
    assert merge(ANN, without).referred_by is None
    assert merge(attrs.evolve(ANN, referred_by="zoe"), without).referred_by == "zoe"
    assert merge(ANN, attrs.evolve(GUEST, referred_by="ann")).referred_by is None


def test_the_event_of_a_merge_tells_what_the_later_enrollment_knew(
    merging: dict[str, Any],
) -> None:
    assert merging["merged_event"](ANN, GUEST) == MERGED
    other = merging["merged_event"](GUEST, ANN)
    assert (other.id, other.at, other.sets) == ("merged-ann", ANN.at, ANN.attributes)


def test_a_merge_that_would_forget_a_stage_is_refused(merging: dict[str, Any]) -> None:
    merge = merging["merged_enrollment"]
    for later in (attrs.evolve(ANN, stage="loyal"), attrs.evolve(ANN, stage="buyer")):
        with pytest.raises(InvalidValueError, match="the later enrollment must begin in"):
            merge(later, GUEST)
        with pytest.raises(InvalidValueError, match="the later enrollment must begin in"):
            merge(GUEST, later)
    assert merge(attrs.evolve(ANN, stage="visitor"), GUEST) == attrs.evolve(GUEST, id="ann")
    imported = attrs.evolve(GUEST, stage="loyal")
    assert merge(ANN, imported).stage == "loyal"


def record(who: str, event: Event, now: datetime | None = None) -> Step:
    at = {"at": (now or event.at).isoformat()}
    return ("work", "merging", "record", who, {"event": event.to_dict()}, at)


def merge(old: str, kept: str, number: float) -> Step:
    return ("work", "merging", "merge", old, kept, {"at": day(number).isoformat()})


def is_one(crew: Crew, kept: Kept, old: Kept, began: Enrollment, events: list[Event]) -> None:
    """Check that all of both is on file under one id, and nothing holds of the other."""
    assert kept.enrollment == began
    check(crew.lifecycle, kept, events)
    assert not old.events
    assert not +old.changes
    assert not -old.changes
    assert (old.row["stage"], old.row["due"], old.row["customer"]) == ("merged", None, {})


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("kept", ["ann", "guest"])
def test_the_events_of_both_are_those_of_one_person(
    kind: str, kept: str, target: Target, tmp_path: Path
) -> None:
    crew = Crew(tmp_path, "sqlalchemy", target("sqlalchemy", kind), SHOP, more=MODULES)
    old = "guest" if kept == "ann" else "ann"
    shared, late = order(21, "both"), order(5, "late")
    guests = [order(1, "g1"), order(2, "g2"), shared]
    anns = [order(25, "a1"), shared]
    steps: list[Step] = [("modules", "merging"), *enrolled(GUEST, ANN, BOB)]
    steps += [record("guest", event) for event in guests] + [record("ann", event) for event in anns]
    steps += [("nightly", day(60).isoformat()), merge(old, kept, 61), merge(old, kept, 62)]
    steps += [merge(kept, old, 63), record(old, late, day(64)), record(old, late, day(65))]
    steps += [("record", [(old, [late.to_dict()], day(66).isoformat())]), ("audit",)]
    said = crew.run(steps)
    assert [text.split(":")[0] for text in told(said, "refused")] == ["DataError"]
    found = audits(said)[0]
    event = attrs.evolve(MERGED, id=f"merged-{old}", attributes={"from": old})
    events = [*guests, anns[0], late, event]
    is_one(crew, found[kept], found[old], attrs.evolve(GUEST, id=kept), events)
    assert dict(found[kept].customer.attributes) == {"plan": "gold", "seat": 4}
    assert found["bob"].enrollment.referred_by == kept
    assert found["bob"].customer.referred_by == kept


def test_one_id_with_other_content_leaves_both_as_they_were(target: Target, tmp_path: Path) -> None:
    opened = target("sqlalchemy", "sqlite")
    crew = Crew(tmp_path, "sqlalchemy", opened, SHOP, more=MODULES)
    steps: list[Step] = [("modules", "merging"), *enrolled(GUEST, ANN)]
    steps += [record("guest", order(1, "1")), record("guest", order(2, "2"))]
    steps += [record("ann", order(21, "2")), merge("guest", "ann", 30), merge("bob", "ann", 30)]
    said = crew.run([*steps, ("audit",)])
    names = [text.split(":")[0] for text in told(said, "refused")]
    assert names == ["DuplicateEventError", "NoResultFound"]
    found = audits(said)[0]
    check(SHOP, found["guest"], [order(1, "1"), order(2, "2")])
    check(SHOP, found["ann"], [order(21, "2")])


@posix
@pytest.mark.parametrize(
    "kind", [pytest.param("sqlite-immediate", marks=pytest.mark.slow), "postgresql"]
)
def test_merges_at_once_in_a_row_and_in_a_ring_leave_one_person(
    kind: str, target: Target, tmp_path: Path
) -> None:
    people = [Enrollment(name, day(n)) for n, name in enumerate("abcd")]
    opened = target("sqlalchemy", kind)
    crew = Crew(tmp_path, "sqlalchemy", opened, SHOP, more=MODULES, death="die_writing")
    events = {
        name: [order(n + 5 * i, f"{name}{i}") for i in range(1, 4)] for n, name in enumerate("abcd")
    }
    crew.run([("modules", "merging"), *enrolled(*people)])
    first = [record(name, event) for name in "ab" for event in events[name]]
    second = [record(name, event) for name in "cd" for event in events[name]]
    chance = random.Random(kind)
    chance.shuffle(second)
    merges = [merge(*pair, 50) for pair in ("ab", "bc", "cd", "da")]
    jobs = [[*first[:3], *merges, *first[3:]], [*second[:3], *merges[::-1], *second[3:]]]
    assert told(crew.run(*jobs, killed={0: 9}), "refused") == []
    (found,) = audits(crew.run([("audit",)]))
    (kept,) = [name for name in "abcd" if found[name].row["stage"] != "merged"]
    merged = [event for event in found[kept].events if event.name == "merged"]
    assert len(merged) == 3
    everything = [event for its in events.values() for event in its]
    for old in set("abcd") - {kept}:
        began = attrs.evolve(people[0], id=kept)
        is_one(crew, found[kept], found[old], began, [*everything, *merged])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_old_ids_are_forgotten_once_others_have_heard_of_them(
    kind: str, target: Target, tmp_path: Path
) -> None:
    crew = Crew(tmp_path, "sqlalchemy", target("sqlalchemy", kind), SHOP, more=MODULES)
    people = [Enrollment(name, day(n), attributes={"is": name}) for n, name in enumerate("abcd")]
    forget: Step = ("work", "merging", "forget_aliases", "c")
    steps: list[Step] = [("modules", "merging"), *enrolled(*people), record("a", order(4, "a1"))]
    steps += [record("d", order(5, "d1")), merge("a", "b", 9), merge("b", "c", 9), forget]
    steps += [("audit",), ("publish",), forget, forget, ("audit",)]
    said = crew.run([*steps, ("list_rows", "merging", "AliasRow", "id")])
    assert told(said, "refused") == []
    before, after = audits(said)
    assert sorted(before) == ["a", "b", "c", "d"]
    assert sorted(after) == ["c", "d"]
    assert told(said, "rows") == [[]]
    check(SHOP, after["c"], before["c"].events)
    check(SHOP, after["d"], [order(5, "d1")])
