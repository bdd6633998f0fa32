"""The code of docs/how-to/two-lifecycles.md: live, late and replayed, both are the same."""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from lifecycle import Customer, Event, Lifecycle, Stage, StageChange, Status, Transition
from recipes import shipped
from recipes.crews import Crew, posix, told
from recipes.databases import Target

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = {"payment": "billing", "purchase": "loyalty"}
SECONDS = st.integers(0, 200 * 86_400)


def day(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


END = day(400)
CODE = shipped.code("two-lifecycles")
CUSTOMERS = sys.modules["customers"]
Log = list[tuple[str, Event]]


def log_of(rows: list[tuple[str, datetime]]) -> Log:
    return [(NAMES[name], Event(name, at, id=f"{n}")) for n, (name, at) in enumerate(rows)]


def logs(instants: st.SearchStrategy[datetime], *, unique: bool = False) -> st.SearchStrategy[Log]:
    row = st.tuples(st.sampled_from(sorted(NAMES)), instants)
    by = (lambda row: row[1]) if unique else None
    return st.lists(row, max_size=14, unique_by=by).map(log_of)


TIED = logs(st.integers(0, 24).map(lambda n: day(4 * n)))
APART = logs(SECONDS.map(lambda n: BEGIN + timedelta(seconds=n)), unique=True)


def of(log: Log) -> dict[str, list[Event]]:
    return {name: [event for its, event in log if its == name] for name in CODE["LIFECYCLES"]}


def replayed(log: Log, until: datetime = END) -> Any:
    return CODE["replay"](CODE["begin"]("ann", BEGIN), of(log), until)


@given(TIED, st.randoms(use_true_random=False))
def test_a_replay_does_not_depend_on_the_order_in_which_events_are_given(
    log: Log, chance: random.Random
) -> None:
    assert replayed(chance.sample(log, len(log)) + log[:3]) == replayed(log)


@given(TIED, st.lists(st.integers(0, 200).map(day), max_size=6))
def test_time_can_pass_in_any_number_of_steps(log: Log, stops: list[datetime]) -> None:
    both, made = replayed(log, day(100))
    whole = CODE["advance"](both, END)
    parts: list[Any] = []
    for stop in sorted(stops):
        both, more = CODE["advance"](both, stop)
        parts += more
    both, more = CODE["advance"](both, END)
    assert (both, [*parts, *more]) == whole
    assert replayed(log) == (both, [*made, *parts, *more])


@given(APART)
def test_each_is_what_a_replay_of_its_own_makes_of_what_it_was_told(log: Log) -> None:
    both, made = replayed(log)
    for name, lifecycle in CODE["LIFECYCLES"].items():
        events = [event for its, event in log if its == name]
        events += [CODE["told"](other, change) for other, change in made if other != name]
        own = CODE["begin"]("ann", BEGIN)[name]
        journey = lifecycle.replay(own, events, until=END)
        assert list(journey.changes) == [change for its, change in made if its == name]
        assert journey.customer == both[name]


@contextmanager
def on_file() -> Iterator[Any]:
    """Open a database in memory, closed even where an example is given up halfway."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    CUSTOMERS.Base.metadata.create_all(engine)  # type: ignore[attr-defined]
    CUSTOMERS.Session.configure(bind=engine)  # type: ignore[attr-defined]
    try:
        yield CUSTOMERS.in_transaction  # type: ignore[attr-defined]
    finally:
        engine.dispose()


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(TIED, st.randoms(use_true_random=False))
def test_what_is_on_file_is_what_a_replay_says_whenever_events_arrive(
    log: Log, chance: random.Random
) -> None:
    arriving = sorted(log, key=lambda row: row[1].at + timedelta(days=chance.randrange(0, 30, 5)))
    with on_file() as do:
        do(CODE["add_person"], "ann", BEGIN)
        for count, (name, event) in enumerate(arriving, 1):
            late = event.at + timedelta(days=chance.choice((0, 0, 7)))
            for _ in range(chance.choice((1, 1, 2))):
                do(CODE["record"], "ann", name, event, late)
            if chance.random() < 0.3:
                do(CODE["catch_up"], "ann", late + timedelta(days=9))
            with CUSTOMERS.Session() as session:  # type: ignore[attr-defined]
                row = session.get_one(CODE["PersonRow"], "ann")
                moves = CODE["moves_of"](session, "ann")
                both, more = CODE["advance"](row.both, END)
                expected, made = replayed(arriving[:count])
                assert both == expected
                assert Counter([*moves, *more]) == Counter(made)


def moves(made: list[tuple[str, StageChange]]) -> list[tuple[str, str, float]]:
    return [(name, change.target, (change.at - BEGIN) / timedelta(days=1)) for name, change in made]


def test_a_payment_at_the_instant_of_a_purchase_is_known_to_it() -> None:
    log = log_of([("purchase", day(2)), ("purchase", day(3)), ("purchase", day(5))])
    log.append(("billing", Event("payment", day(5), id="p")))
    _, made = replayed(log, day(5))
    assert moves(made) == [("billing", "active", 5), ("loyalty", "gold", 5)]


def test_a_time_out_is_told_at_its_deadline_however_late_it_is_looked_for() -> None:
    """Unpaid on day 32, cancelled 14 days later, as there is no gold; frozen at that instant."""
    _, made = replayed(log_of([("payment", day(1))]))
    expected = [("billing", "active", 1), ("billing", "past_due", 32)]
    assert moves(made) == [*expected, ("billing", "cancelled", 46), ("loyalty", "frozen", 46)]


def test_a_purchase_at_the_instant_of_the_time_out_finds_the_tier_frozen() -> None:
    log = log_of([("payment", day(1)), *[("purchase", day(n)) for n in (44, 45, 46)]])
    _, made = replayed(log, day(46))
    assert moves(made)[-1] == ("loyalty", "frozen", 46)


def test_gold_is_given_44_days_and_a_late_purchase_gives_them_too() -> None:
    log = log_of([("payment", day(1)), *[("purchase", day(n)) for n in (2, 3, 25)]])
    _, short = replayed(log[:3])
    _, made = replayed(log)
    assert ("billing", "cancelled", 46) in moves(short)
    assert ("billing", "cancelled", 76) in moves(made)
    retracted, added = CODE["correction"](short, made)
    assert ("loyalty", "frozen", 46) in moves(retracted)
    assert ("loyalty", "frozen", 76) in moves(added)


def test_lifecycles_that_answer_each_other_without_end_raise() -> None:
    stages = [Stage("up", Status.ACTIVE), Stage("down", Status.ACTIVE)]

    def swing(name: str, on: str) -> Lifecycle:
        ways = [Transition("up", "down", on=on), Transition("down", "up", on=on)]
        return Lifecycle(name=name, initial="up", stages=stages, transitions=ways)

    code = shipped.code("two-lifecycles")
    code["LIFECYCLES"].update(
        billing=swing("billing", "loyalty_changed"),
        loyalty=swing("loyalty", "billing_changed"),
    )
    both = code["enroll"](code["begin"]("ann", BEGIN))
    pushed = Event("loyalty_changed", day(1))
    with pytest.raises(RecursionError):
        code["apply"](both, "billing", pushed)
    assert {customer.stage for customer in both.values()} == {"up"}


@posix
@pytest.mark.parametrize("kind", ["sqlite-immediate", "postgresql"])
def test_two_workers_with_one_lifecycle_each_leave_what_a_replay_says(
    kind: str, target: Target, tmp_path: Path
) -> None:
    chance = random.Random(kind)
    rows = [(chance.choice(sorted(NAMES)), day(4 * chance.randrange(24))) for _ in range(24)]
    log = log_of(rows)
    opened, more = target("sqlalchemy", kind), {"together": "two-lifecycles"}
    crew = Crew(tmp_path, "sqlalchemy", opened, CODE["billing"], more=more, death="die_writing")
    at = {"at": BEGIN.isoformat()}
    crew.run([("modules", "together"), ("create",), ("work", "together", "add_person", "ann", at)])
    jobs = []
    for mine in of(log).items():
        steps: list[Any] = []
        for event in chance.sample(mine[1], len(mine[1])):
            told_at = {"at": event.at.isoformat()}
            given_event = {"event": event.to_dict()}
            steps.append(("work", "together", "record", "ann", mine[0], given_event, told_at))
            steps.append(("work", "together", "catch_up", "ann", told_at))
        jobs.append([*steps, ("work", "together", "catch_up", "ann", {"at": END.isoformat()})])
    assert told(crew.run(*jobs, killed={0: 6}), "refused") == []
    tables = [("FactRow", "id"), ("MoveRow", "lifecycle", "sign", "data"), ("PersonRow", "data")]
    facts, changes, people = told(
        crew.run([("list_rows", "together", *columns) for columns in tables]), "rows"
    )
    both, made = replayed(log)
    assert sorted(id_ for (id_,) in facts) == sorted(str(event.id) for _, event in log)
    signs: Counter[Any] = Counter()
    for name, sign, data in changes:
        signs[name, StageChange.from_dict(data)] += sign
    assert {what: sign for what, sign in signs.items() if sign} == Counter(made)
    ((data,),) = people
    assert {name: Customer.from_dict(data[name]) for name in both} == both
