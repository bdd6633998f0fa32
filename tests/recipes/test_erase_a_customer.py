"""The code of docs/how-to/erase-a-customer.md: what is kept, what is gone, and in which order."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lifecycle import (
    ANY,
    Calendar,
    CustomerBase,
    Enrollment,
    Event,
    Journey,
    Lifecycle,
    Stage,
    StageChange,
    Status,
    Transition,
    Window,
    count,
    idle,
)
from recipes import shipped
from recipes.crews import Crew, Step, audits, check, delivery, enrolled, posix, told
from recipes.databases import Target

SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=[
        Stage("visitor", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
        Stage("closed", Status.CHURNED, final=True),
        Stage("erased", Status.CHURNED, final=True),
    ],
    transitions=[
        Transition(("visitor", "lapsed"), "buyer", on="purchase"),
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 3),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=9)),
        Transition(Status.ACTIVE, "closed", on="closed"),
        Transition(ANY, "erased", on="erasure"),
    ],
    activity=("purchase",),
)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = BEGIN + timedelta(days=90)


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def order(number: float, id: str, **sets: object) -> Event:  # noqa: A002
    where = {"street": f"street of {id}"}
    return Event("purchase", day(number), id=id, value=20, attributes=where, sets=sets)


def crowd(chance: random.Random) -> list[Journey]:
    """Journeys of which some end with an erasure, on a day or in one instant with an order."""
    found = []
    for n in range(40):
        began = Enrollment(f"person-{n}", day(chance.randrange(20)))
        days = [(began.at - BEGIN).days + chance.randrange(60) for _ in range(chance.randrange(7))]
        events = [order(number, f"{n}-{i}") for i, number in enumerate(days)]
        if n % 3 == 0:
            last = max([day(number) for number in days], default=began.at)
            at = last + timedelta(days=chance.randrange(12))
            events.append(Event("erasure", at, id="erasure"))
        found.append(SHOP.replay(began, events, until=UNTIL))
    return found


def figures(changes: Iterable[StageChange], enrolled_at: dict[Any, datetime]) -> list[Any]:
    """Return what insights make of changes on file, for everybody together."""
    log = CustomerBase.from_changes(SHOP, changes, enrolled=enrolled_at, until=UNTIL)
    stages = [stage.name for stage in SHOP.stages if not stage.final]
    weekly = {"calendar": Calendar("week"), "window": Window(day(-3), UNTIL)}
    return [
        *(log.time_in_stage(stage) for stage in stages),
        log.drop_off(),
        log.transition_counts(),
        log.reactivations(),
        log.funnel().to_rows(),
        log.over(**weekly).growth(),
        log.over(**weekly).cohorts(),
        log.over(**weekly).kpis(),
        log.over(**weekly).chain().to_rows(),
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_base_of_changes_with_pseudonyms_gives_the_same_figures(seed: int) -> None:
    chance = random.Random(seed)
    without_person = shipped.code("erase-a-customer")["without_person"]
    journeys = crowd(chance)
    changes, begun, names = [], {}, {}
    for journey in journeys:
        customer = journey.customer
        gone = customer.stage == "erased"
        names[customer.id] = f"p{chance.random()}" if gone else customer.id
        begun[names[customer.id]] = customer.enrolled
        changes += [
            without_person(change, names[customer.id]) if gone else change
            for change in journey.changes
        ]
    assert sum(name != id_ for id_, name in names.items()) >= 10
    before = {journey.customer.id: journey.customer.enrolled for journey in journeys}
    told_before = [change for journey in journeys for change in journey.changes]
    assert figures(changes, begun) == figures(told_before, before)


def test_a_change_without_its_person_survives_json_and_names_nobody() -> None:
    without_person = shipped.code("erase-a-customer")["without_person"]
    events = [order(1, "order-77", email="ann@example.com")]
    (change,) = SHOP.replay(Enrollment("ann", BEGIN), events).changes
    kept = without_person(change, "p1")
    text = json.dumps(kept.to_dict())
    assert not any(word in text for word in ("ann", "order-77", "street"))
    assert StageChange.from_dict(json.loads(text)) == kept
    same = ("at", "source", "target", "kind", "cause", "transition")
    assert all(getattr(kept, name) == getattr(change, name) for name in same)


ANN = Enrollment("ann", BEGIN, attributes={"email": "ann@example.com"}, referred_by="cy")
BOB = Enrollment("bob", day(1), referred_by="ann", attributes={"plan": "gold"})
CY = Enrollment("cy", BEGIN)
ORDERS = {
    "ann": [order(1, "ann-1"), order(30, "ann-2", email="new@example.com")],
    "bob": [order(2, "bob-1"), order(4, "bob-2", plan="silver")],
    "cy": [order(1, "cy-1")],
}
MODULES = {"erasure": "erase-a-customer"}


def recorded() -> list[Step]:
    late_first = [("ann", [event.to_dict()], event.at.isoformat()) for event in ORDERS["ann"][::-1]]
    rest = [delivery(who, *ORDERS[who], now=day(4)) for who in ("bob", "cy")]
    return [*enrolled(ANN, BOB, CY), ("record", [*late_first, *rest])]


def erasing(who: str, number: float) -> Step:
    return ("work", "erasure", "erase", who, {"at": day(number).isoformat()})


def everything(crew: Crew) -> str:
    """Return all that is on file as text."""
    former = ("list_rows", "erasure", "FormerChangeRow", "customer_id", "data")
    others = ("list_rows", "erasure", "FormerCustomerRow", "id", "enrolled")
    return json.dumps(crew.run([("audit",), former, others]))


FORGET = ("work", "erasure", "forget", "ann")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def test_nothing_says_who_it_was_and_others_keep_all_of_theirs(
    kind: str, target: Target, tmp_path: Path
) -> None:
    crew = Crew(tmp_path, "sqlalchemy", target("sqlalchemy", kind), SHOP, more=MODULES)
    made = crew.run([("modules", "erasure"), *recorded()])
    assert told(made, "refused") == []
    before = audits(crew.run([("audit",)]))[0]
    said = crew.run([FORGET])
    assert told(said, "refused") == ["ValueError: 'ann' has not asked to be erased"]
    crew.run([erasing("ann", 40), erasing("ann", 41), FORGET])
    assert "ann@example.com" in everything(crew), "others have not heard of it yet"
    said = crew.run([("publish",), FORGET, FORGET, erasing("ann", 50)])
    assert "+1 2026-02-10 ann: lapsed -> erased" in told(said, "published")
    assert [text.split(":")[0] for text in told(said, "refused")] == ["NoResultFound"]
    text = everything(crew)
    words = ('"ann', "ann@", "new@", "street of ann", '"referred_by": "cy"')
    assert [word for word in words if word in text] == []

    after = audits(crew.run([("audit",)]))[0]
    assert sorted(after) == ["bob", "cy"]
    for who in after:
        check(SHOP, after[who], ORDERS[who])
        assert after[who].changes == before[who].changes
    (former,) = told(crew.run([("list_rows", "erasure", "FormerCustomerRow", "id")]), "rows")
    ((pseudonym,),) = former
    assert after["bob"].enrollment.referred_by == pseudonym
    assert after["bob"].customer.referred_by == pseudonym
    assert dict(after["bob"].customer.attributes) == {"plan": "silver"}


@posix
@pytest.mark.parametrize(
    "kind", [pytest.param("sqlite-immediate", marks=pytest.mark.slow), "postgresql"]
)
def test_two_workers_that_forget_one_of_them_killed_leave_one_pseudonym_each(
    kind: str, target: Target, tmp_path: Path
) -> None:
    opened = target("sqlalchemy", kind)
    crew = Crew(tmp_path, "sqlalchemy", opened, SHOP, more=MODULES, death="die_writing")
    crew.run([("modules", "erasure"), *recorded()])
    crew.run([erasing(who, 40) for who in ("ann", "bob", "cy")] + [("publish",)])
    work = [("work", "erasure", "forget", who) for who in ("ann", "bob", "cy")]
    said = crew.run(work, work[:0:-1], killed={0: 2})  # nobody else forgets the first
    assert told(said, "refused") == []
    assert audits(crew.run([("audit",)])) == [{}]
    columns = ("FormerCustomerRow", "enrolled")
    (rows,) = told(crew.run([("list_rows", "erasure", *columns)]), "rows")
    assert [row[0][:10] for row in rows] == ["2026-01-01", "2026-01-01", "2026-01-02"]
    columns = ("FormerChangeRow", "customer_id")
    (rows,) = told(crew.run([("list_rows", "erasure", *columns)]), "rows")
    journeys = [
        SHOP.replay(person, [*ORDERS[str(person.id)], Event("erasure", day(40), id="erasure")])
        for person in (ANN, BOB, CY)
    ]
    counts = sorted(sum(row == other for other in rows) for row in rows)
    assert counts == sorted(len(journey.changes) for journey in journeys for _ in journey.changes)


def test_who_is_in_another_final_stage_is_forgotten_too(target: Target, tmp_path: Path) -> None:
    opened = target("sqlalchemy", "sqlite")
    crew = Crew(tmp_path, "sqlalchemy", opened, SHOP, more=MODULES)
    closed = Event("closed", day(3), id="c")
    steps = [("modules", "erasure"), *enrolled(CY)]
    steps.append(("record", [delivery("cy", ORDERS["cy"][0], closed, now=day(3))]))
    steps += [erasing("cy", 5), ("publish",), ("work", "erasure", "forget", "cy")]
    steps.append(("list_rows", "erasure", "FormerChangeRow", "data"))
    said = crew.run(steps)
    assert told(said, "refused") == []
    (rows,) = told(said, "rows")
    assert len(rows) == 2
    assert sum(data["target"] == "closed" for (data,) in rows) == 1


def test_the_reports_of_the_crowd_are_not_empty() -> None:
    journeys = crowd(random.Random(0))
    changes = [change for journey in journeys for change in journey.changes]
    assert {"conversion", "lapse", "reactivation", "churn"} <= {change.kind for change in changes}
    assert date(2026, 1, 1) <= min(change.at for change in changes).date()
