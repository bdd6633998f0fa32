"""The code of the recipes, run by one process: late events, ties, and errors of a database."""

import random
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lifecycle import Enrollment, Event, Lifecycle, Stage, Status, Transition, idle, presets
from recipes.crews import Crew, Kept, audits, check, delivery, enrolled, told
from recipes.databases import PAGES, Target
from recipes.test_workers import PEOPLE, SHOP, arriving, drawn

every_page = pytest.mark.parametrize("page", ["late-events", *PAGES])
page_with_models = pytest.mark.parametrize("page", PAGES)

STORE = Lifecycle(
    name="shop",
    initial="visitor",
    stages=[
        Stage("visitor", Status.PROSPECT),
        Stage("lead", Status.PROSPECT),
        Stage("buyer", Status.ACTIVE),
        Stage("loyal", Status.ACTIVE),
        Stage("lapsed", Status.DORMANT),
    ],
    transitions=[
        Transition("visitor", "lead", on="signup"),
        Transition(("visitor", "lead", "lapsed"), "buyer", on="purchase"),
        Transition("buyer", "lapsed", after=idle(days=90)),
    ],
)


def utc(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def one_by_one(
    crew: Crew, person: Enrollment, events: Iterable[tuple[Event, datetime]]
) -> list[Kept]:
    """Return what is on file of a customer after each event, which is what a replay says."""
    steps, given = enrolled(person), []
    for event, now in events:
        steps += [("record", [delivery(str(person.id), event, now=now)]), ("audit",)]
        given.append(event)
    said = crew.run(steps)
    assert told(said, "refused") == []
    found = [kept[str(person.id)] for kept in audits(said)]
    for count, kept in enumerate(found, 1):
        check(crew.lifecycle, kept, given[:count])
    return found


def moves(kept: Kept) -> list[tuple[str, ...]]:
    """Return the changes that hold, by day, source and target, where the signs add up."""
    assert min(kept.named.values(), default=0) >= 0
    holding = sorted(kept.named.elements())
    return [(at[5:10], source, target) for at, source, target, _ in holding]


@pytest.fixture
def crew_of(target: Target, tmp_path: Path) -> Any:
    def make(page: str, lifecycle: Lifecycle) -> Crew:
        opened = {} if page == "late-events" else target(page, "sqlite")
        return Crew(tmp_path, page, opened, lifecycle)

    return make


@every_page
def test_a_purchase_before_the_signup_of_its_day_converts_once(page: str, crew_of: Any) -> None:
    order, signup = (Event(name, utc(1, 5), id=name) for name in ("purchase", "signup"))
    late = Event("purchase", utc(1, 3), id="late")
    arrivals = [(order, utc(1, 5)), (signup, utc(1, 5)), (late, utc(1, 6))]
    first, second, third = one_by_one(crew_of(page, STORE), Enrollment("ann", utc(1, 1)), arrivals)
    assert moves(first) == [("01-05", "visitor", "buyer")]
    assert moves(second) == [("01-05", "lead", "buyer"), ("01-05", "visitor", "lead")]
    assert moves(third) == [("01-03", "visitor", "buyer")]


@every_page
def test_a_late_event_forgets_neither_attributes_nor_referrer_nor_stage(
    page: str, crew_of: Any
) -> None:
    began = Enrollment(
        "ann", utc(1, 1), stage="loyal", attributes={"plan": "gold"}, referred_by="bob"
    )
    renamed = Event("signup", utc(1, 9), id="crm", sets={"plan": "platinum"})
    arrivals = [
        (Event("purchase", utc(1, 5), id="o1"), utc(1, 5)),
        (renamed, utc(1, 9)),
        (Event("purchase", utc(1, 3), id="o0"), utc(1, 10)),
    ]
    kept = one_by_one(crew_of(page, STORE), began, arrivals)[-1]
    customer = kept.customer
    assert (customer.stage, customer.referred_by) == ("loyal", "bob")
    assert dict(customer.attributes) == {"plan": "platinum"}
    assert dict(kept.enrollment.attributes) == {"plan": "gold"}
    assert moves(kept) == []


RETRIED = (
    Event("payment", utc(1, 5), id="p1", sequence=1),
    Event("payment_failed", utc(2, 4, 9), id="f1", sequence=2),
    Event("payment", utc(2, 4, 9), id="p2", sequence=3),
)
LATE = Event("signup", utc(1, 2), id="s0")


@every_page
def test_a_late_event_that_moves_nobody_leaves_a_customer_who_paid_active(
    page: str, crew_of: Any
) -> None:
    arrivals = [*((event, event.at) for event in RETRIED), (LATE, utc(2, 20))]
    plan = presets.subscription()
    found = one_by_one(crew_of(page, plan), Enrollment("a", utc(1, 1)), arrivals)
    assert [kept.customer.stage for kept in found] == ["active", "past_due", "active", "active"]
    assert found[-1].changes == found[-2].changes


@every_page
def test_without_numbers_the_stage_on_file_is_what_the_changes_lead_to(
    page: str, crew_of: Any
) -> None:
    plan = presets.subscription()
    second = utc(2, 4, 9)
    names = ("payment", "pause", "resume", "pause", "payment_failed", "payment")
    events = [Event(name, second, id=f"{n}-{name}") for n, name in enumerate(names)]
    arrivals = [(event, second) for event in events] + [(LATE, utc(3, 20))]
    for kept in one_by_one(crew_of(page, plan), Enrollment("a", utc(1, 1)), arrivals):
        path = [kept.enrollment.stage or plan.initial]
        for change in plan.replay(kept.enrollment, kept.events, until=kept.customer.seen).changes:
            assert kept.changes[change] > 0
            assert change.source == path[-1]
            path.append(change.target)
        assert kept.customer.stage == path[-1]


@every_page
def test_whatever_the_order_of_arrival_each_event_leaves_what_a_replay_says(
    page: str, crew_of: Any
) -> None:
    chance = random.Random(0)
    arrivals = arriving(chance, drawn(chance, PEOPLE[:1], 60))
    one_by_one(crew_of(page, SHOP), PEOPLE[0], [(event, now) for now, _, event in arrivals])


@every_page
def test_many_late_events_are_taken_together(page: str, crew_of: Any) -> None:
    chance = random.Random(8)
    events = drawn(chance, PEOPLE[:1], 60)["ann"]
    chance.shuffle(events)
    now = utc(12, 1)
    steps = enrolled(PEOPLE[0])
    for half in (events[:30], [*events[30:], *events[25:40]]):
        steps.append(("record", [delivery("ann", *half, now=now)]))
    said = crew_of(page, SHOP).run([*steps, ("audit",)])
    assert told(said, "refused") == []
    check(SHOP, audits(said)[0]["ann"], events, until=now)


@every_page
def test_a_clock_that_is_behind_its_events_leaves_none_of_them_out(page: str, crew_of: Any) -> None:
    tomorrow, late, today = (Event("purchase", utc(1, day), id=f"o{day}") for day in (6, 3, 5))
    signup = Event("signup", utc(1, 2), id="crm")
    steps = enrolled(Enrollment("ann", utc(1, 1)))
    for batch in ([today], [late, tomorrow], [signup]):
        steps.append(("record", [delivery("ann", *batch, now=utc(1, 5))]))
    said = crew_of(page, STORE).run([*steps, ("audit",)])
    kept = audits(said)[0]["ann"]
    check(STORE, kept, [today, late, tomorrow, signup])
    assert kept.customer.last_activity == tomorrow.at


@every_page
def test_an_event_that_is_refused_leaves_nothing(page: str, crew_of: Any) -> None:
    good = Event("purchase", utc(1, 5), id="good")
    bad = [
        Event("purchase", utc(1, 6), id="good"),  # the id of another event
        Event("sneeze", utc(1, 6), id="unknown"),
        Event("purchase", datetime(2026, 1, 6), id="naive"),  # noqa: DTZ001
        Event("purchase", utc(1, 6), id=None),
        Event("purchase", datetime(2025, 1, 6, tzinfo=UTC), id="before"),
    ]
    steps = [*enrolled(Enrollment("ann", utc(1, 1)))]
    steps.append(("record", [delivery("ann", good, now=utc(1, 5))]))
    steps.append(("record", [delivery("ann", event, now=utc(1, 7)) for event in bad]))
    fine = Event("purchase", utc(1, 4), id="fine")
    steps.append(("record", [delivery("ann", fine, event, now=utc(1, 7)) for event in bad]))
    steps.append(("record", [delivery("eve", fine, now=utc(1, 7))]))
    said = crew_of(page, STORE).run([*steps, ("audit",)])
    assert len(told(said, "refused")) == 11
    check(STORE, audits(said)[0]["ann"], [good])


@page_with_models
def test_enrolling_twice_is_a_repeat_or_a_mistake(page: str, crew_of: Any) -> None:
    crew = crew_of(page, STORE)
    ann = Enrollment("ann", utc(1, 1), referred_by="bob")
    assert told(crew.run(enrolled(ann, ann)), "refused") == []
    other = Enrollment("ann", utc(1, 1))
    said = crew.run([("enroll", [other.to_dict()]), ("audit",)])
    assert told(said, "refused") == ["ValueError: 'ann' is enrolled already, otherwise"]
    assert audits(said)[0]["ann"].enrollment == ann


@every_page
@pytest.mark.parametrize("id", [None, 7, UUID(int=7)])
def test_an_event_whose_id_is_not_text_is_refused(page: str, id: Any, crew_of: Any) -> None:  # noqa: A002
    event = Event("purchase", utc(1, 5), id=id)
    steps = [*enrolled(Enrollment("ann", utc(1, 1)))]
    steps.append(("record", [delivery("ann", event, now=utc(1, 5))]))
    (error,) = told(crew_of(page, STORE).run(steps), "refused")
    assert error.startswith(("InvalidTypeError: event.id must be", "InvalidValueError: event must"))
    assert "text" in error


@page_with_models
@pytest.mark.parametrize(
    "person",
    [
        Enrollment("ann", datetime(2026, 1, 1)),  # noqa: DTZ001
        Enrollment(7, utc(1, 1)),
        Enrollment(UUID(int=7), utc(1, 1)),
    ],
)
def test_an_enrollment_that_the_tables_cannot_hold_is_refused(
    page: str, person: Enrollment, crew_of: Any
) -> None:
    said = crew_of(page, STORE).run([*enrolled(person), ("audit",)])
    (error,) = told(said, "refused")
    expected = "InvalidValueError: enrollment must have an id, which is text, and a time zone, got "
    assert error.startswith(expected)
    assert not audits(said)[0]


def test_an_event_of_nobody_says_who_is_not_enrolled(crew_of: Any) -> None:
    event = Event("purchase", utc(1, 5), id="o1")
    steps = [("create",), ("record", [delivery("eve", event, now=utc(1, 5))])]
    said = crew_of("late-events", STORE).run(steps)
    assert told(said, "refused") == ["LookupError: customer 'eve' is not enrolled"]


@page_with_models
def test_what_cannot_be_stored_after_all_attempts_is_raised_and_leaves_nothing(
    page: str, target: Target, tmp_path: Path
) -> None:
    opened = target(page, "sqlite")
    options = (
        opened["options"]["connect_args"] if page == "sqlalchemy" else opened["database"]["OPTIONS"]
    )
    options["timeout"] = 0
    crew = Crew(tmp_path, page, opened, STORE)
    crew.run(enrolled(Enrollment("ann", utc(1, 1))))
    order = Event("purchase", utc(1, 5), id="o1")
    job = [("hurry",), ("record", [delivery("ann", order, now=utc(1, 5))])]
    other = sqlite3.connect(tmp_path / "shop.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        said = crew.run(job)
        other.execute("ROLLBACK")
    finally:
        other.close()
    (error,) = told(said, "refused")
    assert error.startswith("OperationalError")
    assert "database is locked" in error
    assert told(said, "waits") == [299]
    (kept,) = audits(crew.run([("audit",)]))
    check(STORE, kept["ann"], [])


@page_with_models
def test_a_night_goes_on_after_a_customer_that_cannot_be_advanced(page: str, crew_of: Any) -> None:
    crew = crew_of(page, STORE)
    people = [Enrollment(name, utc(1, 1)) for name in ("ann", "bob", "cy")]
    steps = enrolled(*people)
    for n, person in enumerate(people):
        order = Event("purchase", utc(1, 2 + n), id="o")
        steps.append(("record", [delivery(str(person.id), order, now=order.at)]))
    night = ("nightly", utc(6, 1).isoformat())
    said = crew.run([*steps, ("hurry",), ("fail", "ann"), night, ("audit",)])
    assert told(said, "made") == [2]
    assert told(said, "failed") == [{"ann": "StaleDataError" if page == "sqlalchemy" else "Stale"}]
    kept = audits(said)[0]
    assert [kept[name].customer.stage for name in ("ann", "bob", "cy")] == [
        "buyer",
        "lapsed",
        "lapsed",
    ]
    assert told(crew.run([night]), "made") == [1]
