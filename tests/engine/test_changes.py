"""What comes out of a step."""

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import attrs
import pytest

from lifecycle import (
    Deadline,
    Decision,
    Event,
    Outcome,
    Reason,
    Stage,
    StageChange,
    Status,
    Transition,
    count,
    idle,
)
from lifecycle.engine._kinds import kind_of
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import FADING, SHOP, STAGES, START, again, bought, day, lifecycle, naive, replayed

DOCS = Path(__file__).parents[2] / "docs"
P, A, D, C = Status

KINDS = {
    (P, P): "progress",
    (P, A): "conversion",
    (P, D): "lapse",
    (P, C): "churn",
    (A, P): "progress",
    (A, A): "progress",
    (A, D): "lapse",
    (A, C): "churn",
    (D, P): "return",
    (D, A): "reactivation",
    (D, D): "lapse",
    (D, C): "churn",
    (C, P): "return",
    (C, A): "win_back",
    (C, D): "lapse",
    (C, C): "churn",
}


@pytest.mark.parametrize(("source", "target"), list(product(Status, Status)))
def test_what_a_change_means_depends_on_the_two_statuses(source: Status, target: Status) -> None:
    assert kind_of(Stage("from", source), Stage("to", target)) == KINDS[source, target]


def test_the_page_has_the_kind_of_each_change() -> None:
    page = (DOCS / "concepts" / "definition-and-journey.md").read_text(encoding="utf-8")
    table = page.split("\n### Kinds of change\n")[1].split("\n\n")[1]
    names = [f"`{status.name}`" for status in Status]
    rows = [
        [name, *(KINDS[source, target] for target in Status)]
        for name, source in zip(names, Status, strict=True)
    ]
    written = [line.strip("| ").split(" | ") for line in table.splitlines()]
    assert written[0] == [r"from \ to", *names]
    assert written[2:] == rows


@pytest.mark.parametrize(
    "page", ["glossary.md", "concepts/one-definition.md", "how-to/own-stages.md"]
)
def test_the_pages_on_stages_name_each_status(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert [status for status in Status if f"`{status.name}`" not in text] == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_change_to_the_same_stage_is_a_renewal(stage: Stage) -> None:
    assert kind_of(stage, stage) == "renewal"


def test_a_change_by_an_event_names_its_transition_and_event() -> None:
    event = bought(1, 40)
    (change,) = replayed(SHOP, event, since=START).changes
    assert change == StageChange(
        customer="ann",
        at=day(1),
        source="visitor",
        target="buyer",
        kind="conversion",
        cause="event",
        transition=SHOP.transitions[1],
        event=event,
    )


def test_a_change_by_a_time_out_has_no_event() -> None:
    (change,) = FADING.advance(FADING.enroll(7, at=START), to=day(100)).changes
    assert change == StageChange(
        customer=7,
        at=day(90),
        source="buyer",
        target="lapsed",
        kind="lapse",
        cause="timeout",
        transition=FADING.transitions[0],
    )
    assert change.event is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"customer": None}, "change.customer must be text or a whole number or a UUID, got None"),
        ({"customer": 1.5}, "change.customer must be text or a whole number or a UUID, got 1.5"),
        ({"at": date(2026, 1, 5)}, "change.at must be a datetime; say which moment of the day"),
        ({"at": "2026-01-05"}, "change.at must be a datetime, got '2026-01-05' (str)"),
        ({"source": A}, "change.source must be the name of one stage, not a Status"),
        ({"target": ""}, "change.target must be text that is not blank, got ''"),
        ({"kind": "laps"}, "change.kind must be one of .*, got 'laps'; did you mean 'lapse'"),
        ({"cause": "timeouts"}, "change.cause must be one of .*; did you mean 'timeout'"),
        ({"transition": "buyer"}, "change.transition must be a Transition, got 'buyer' (str)"),
        ({"event": "purchase"}, "change.event must be an Event, got 'purchase' (str)"),
    ],
)
def test_a_change_made_by_hand_is_checked(wrong: dict[str, Any], message: str) -> None:
    (change,) = replayed(SHOP, bought(1, 40), since=START).changes
    expected = message.replace("(", r"\(").replace(")", r"\)")
    with pytest.raises((InvalidTypeError, InvalidValueError, UnknownNameError), match=expected):
        attrs.evolve(change, **wrong)
    assert attrs.evolve(change, customer="anonymous") != change


def test_a_change_reads_as_one_line() -> None:
    (change,) = FADING.advance(
        FADING.enroll("ann", at=naive("2026-01-01")), to=naive("2026-05-01")
    )[1]
    assert str(change) == "2026-04-01 00:00:00 ann: buyer -> lapsed (lapse, timeout)"
    assert repr(change) == (
        "StageChange(customer='ann', at=datetime.datetime(2026, 4, 1, 0, 0), source='buyer', "
        "target='lapsed', kind='lapse', cause='timeout', "
        "transition=Transition('buyer', 'lapsed', after=idle(days=90)))"
    )


def test_the_text_of_a_migration_says_so_once() -> None:
    ann = FADING.enroll("ann", at=naive("2026-01-01"))
    (change,) = FADING.migrate(ann, to=FADING, at=naive("2026-02-01")).changes
    assert str(change) == "2026-02-01 00:00:00 ann: buyer -> buyer (migration)"


def test_an_outcome_unpacks() -> None:
    outcome = SHOP.apply(SHOP.enroll("ann", at=START), bought(1))
    customer, changes = outcome
    assert isinstance(outcome, Outcome)
    assert outcome.customer is customer
    assert outcome.changes is changes
    assert isinstance(changes, tuple)


def test_a_deadline_shows_itself_as_the_call_that_makes_it() -> None:
    deadline = FADING.due(FADING.enroll("ann", at=naive("2026-01-01")))
    assert repr(deadline) == (
        "Deadline(datetime.datetime(2026, 4, 1, 0, 0), "
        "Transition('buyer', 'lapsed', after=idle(days=90)))"
    )


def test_decisions_and_reasons_show_themselves_as_the_calls_that_make_them() -> None:
    reason = Reason(code="elsewhere", message="not here", stages=("lead",))
    assert repr(Decision(False, None, (reason,))) == (
        "Decision(False, None, (Reason(code='elsewhere', message='not here', stages=('lead',)),))"
    )
    assert str(reason) == "not here"


def test_what_comes_out_survives_pickling() -> None:
    ordered = lifecycle(
        Transition("buyer", "loyal", on="purchase", when=count("purchase") >= 3),
        Transition("buyer", "lapsed", after=idle(days=9)),
    )
    customer, _ = ordered.apply(ordered.enroll("ann", at=START), bought(1))
    outcome = ordered.advance(customer, to=day(50))
    values = [
        outcome,
        outcome.changes[0],
        ordered.due(customer),
        ordered.explain(customer, bought(2)),
        ordered.options(customer),
    ]
    for value in values:
        assert again(value) == value
    assert type(again(outcome)) is Outcome
    assert hash(again(outcome)) == hash(outcome)


def test_a_change_cannot_be_changed() -> None:
    change = replayed(SHOP, Event("purchase", START)).changes[0]
    deadline = Deadline(START, SHOP.transitions[0])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        change.kind = "churn"  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        deadline.at = day(1)  # type: ignore[misc]
