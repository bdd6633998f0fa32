"""The code of docs/how-to/refunds.md: what was withdrawn stays so, whoever sends it again."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lifecycle import (
    Enrollment,
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Transition,
    count,
    falls,
    idle,
    total,
)
from recipes.crews import Crew, Step, audits, check, enrolled, posix, told
from recipes.databases import Target

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = Period(days=365)
NET = total(("purchase", "refund", "returned"), within=YEAR)
ORDERS = count("purchase") - count("returned")
SHOP = Lifecycle(
    name="shop",
    initial="visitor",
    stages=[
        Stage("visitor", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("gold", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
    ],
    transitions=[
        Transition(("visitor", "lapsed"), "buyer", on="purchase"),
        Transition(("buyer", "loyal"), "gold", on="purchase", when=NET >= 500),
        Transition("buyer", "loyal", on="purchase", when=ORDERS >= 3),
        Transition("loyal", "buyer", on="returned", when=ORDERS < 3),
        Transition("gold", "buyer", after=falls(NET, below=500)),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=180)),
    ],
    activity=("purchase",),
    events=("refund",),
)
ANN = Enrollment("ann", BEGIN)
MODULES = {"withdrawals": "refunds"}


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


def row(name: str, number: float, value: int, id: str) -> Event:  # noqa: A002
    return Event(name, day(number), value=value, id=id)


def test_a_tier_falls_with_the_return_that_leaves_too_little() -> None:
    chance = random.Random(4)
    for _ in range(50):
        amounts = [chance.randrange(100, 400) for _ in range(3)]
        back = chance.randrange(1, amounts[0])
        events = [row("purchase", n, amount, f"o{n}") for n, amount in enumerate(amounts)]
        events.append(row("returned", 9, -back, "r"))
        journey = SHOP.replay(ANN, events, until=day(10))
        reached = any(sum(amounts[: n + 1]) >= 500 for n in range(3))
        enough = sum(amounts) - back >= 500
        if not reached:
            assert journey.customer.stage == "buyer"
        else:
            assert journey.customer.stage == ("gold" if enough else "buyer")
            falling = [change for change in journey.changes if change.source == "gold"]
            assert [change.at for change in falling] == ([] if enough else [day(9)])


def test_loyal_is_taken_back_by_a_return_and_not_by_a_refund() -> None:
    orders = [row("purchase", n, 10, f"o{n}") for n in range(3)]
    for name, stage in (("refund", "loyal"), ("returned", "buyer")):
        assert SHOP.replay(ANN, [*orders, row(name, 5, -10, "r")]).customer.stage == stage


def test_a_return_that_outlives_its_order_in_the_window_makes_the_sum_too_low() -> None:
    """On 1 February 2027: kept are 500 of 2027, and the return of 2026 takes 300 of them."""
    order, back = row("purchase", 4, 300, "o"), row("returned", 90, -300, "r")
    new = [row("purchase", 395, 250, "n1"), row("purchase", 396, 250, "n2")]
    net = SHOP.replay(ANN, [order, back, *new])
    assert net.customer.stage == "buyer"
    right, _ = net.withdraw("o", "r")
    assert right.customer.stage == "gold"
    new = [row("purchase", 456, 250, "n1"), row("purchase", 457, 250, "n2")]
    later = SHOP.replay(ANN, [order, back, *new])
    assert later.customer.stage == "gold"


def test_with_positive_amounts_the_difference_says_the_same_as_the_sum() -> None:
    difference = total("purchase", within=YEAR) - total(("refund", "returned"), within=YEAR)
    transitions = [
        Transition("buyer", "gold", on="purchase", when=difference >= 500),
        Transition("gold", "buyer", after=falls(difference, below=500)),
    ]
    kept = [SHOP.transitions[0], *transitions, *SHOP.transitions[2:4], SHOP.transitions[5]]
    other = Lifecycle(
        name="shop",
        initial="visitor",
        stages=SHOP.stages,
        transitions=kept,
        activity=("purchase",),
        events=("refund",),
    )
    chance = random.Random(1)
    moved = 0
    for _ in range(40):
        names = chance.choices(("purchase", "purchase", "refund", "returned"), k=8)
        days = sorted(chance.sample(range(500), 8))
        amounts = [chance.randrange(100, 400) for _ in names]
        signed = [
            row(name, at, amount if name == "purchase" else -amount, str(at))
            for name, at, amount in zip(names, days, amounts, strict=True)
        ]
        unsigned = [
            row(name, at, amount, str(at))
            for name, at, amount in zip(names, days, amounts, strict=True)
        ]
        one, two = (
            [(change.at, change.source, change.target) for change in journey.changes]
            for journey in (
                SHOP.replay(ANN, signed, until=day(900)),
                other.replay(ANN, unsigned, until=day(900)),
            )
        )
        if not any("loyal" in change for change in one):
            assert one == two
            moved += "gold" in [target for _, _, target in one]
    assert moved >= 5


def record(event: Event) -> Step:
    at = {"at": event.at.isoformat()}
    return ("work", "withdrawals", "record", "ann", {"event": event.to_dict()}, at)


def withdraw(*ids: str) -> Step:
    return ("work", "withdrawals", "withdraw", "ann", list(ids), {"at": day(50).isoformat()})


def replace(event: Event) -> Step:
    at = {"at": day(50).isoformat()}
    return ("work", "withdrawals", "replace", "ann", {"event": event.to_dict()}, at)


ORDERED = [row("purchase", n, 100 + n, f"o{n}") for n in range(10)]


@posix
@pytest.mark.parametrize("kind", ["sqlite-immediate", "postgresql"])
def test_two_workers_withdraw_what_is_sent_again_and_one_is_killed(
    kind: str, target: Target, tmp_path: Path
) -> None:
    opened = target("sqlalchemy", kind)
    crew = Crew(tmp_path, "sqlalchemy", opened, SHOP, more=MODULES, death="die_writing")
    crew.run([("modules", "withdrawals"), *enrolled(ANN), *map(record, ORDERED)])
    wrong = [withdraw(event.id, other.id) for event, other in pairwise(ORDERED[:5])]  # type: ignore[arg-type]
    right = row("purchase", 8, 900, "o8")
    again = [record(event) for event in ORDERED if event.id != "o8"]
    jobs: list[list[Any]] = [[*wrong, *again], [*again, replace(right), *wrong[::-1], *again]]
    assert told(crew.run(*jobs, killed={0: 3}), "refused") == []
    (kept,) = audits(crew.run([("audit",)]))
    check(SHOP, kept["ann"], [*ORDERED[5:8], right, ORDERED[9]])
    rows = told(crew.run([("list_rows", "withdrawals", "WithdrawnRow", "id")]), "rows")
    assert rows == [[[f"o{n}"] for n in range(5)]]


def test_what_is_not_on_file_is_not_withdrawn_and_neither_is_the_rest(
    target: Target, tmp_path: Path
) -> None:
    opened = target("sqlalchemy", "sqlite")
    crew = Crew(tmp_path, "sqlalchemy", opened, SHOP, more=MODULES)
    steps = [("modules", "withdrawals"), *enrolled(ANN), *map(record, ORDERED[:4])]
    right = row("purchase", 3, 500, "o3")
    steps += [withdraw("o1", "o17"), replace(row("purchase", 1, 1, "o17")), replace(right)]
    steps += [record(ORDERED[3]), record(right), ("audit",)]
    said = crew.run(steps)
    names = [text.split(":")[0] for text in told(said, "refused")]
    assert names == ["NoResultFound", "NoResultFound", "DuplicateEventError"]
    check(SHOP, audits(said)[0]["ann"], [*ORDERED[:3], right])
