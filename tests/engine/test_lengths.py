"""A definition with other lengths for its time-outs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from lifecycle import (
    Lifecycle,
    Milestone,
    Period,
    Status,
    Transition,
    Until,
    at,
    attribute,
    count,
    dwell,
    falls,
    idle,
    value,
)
from lifecycle.errors import DefinitionError, InvalidTypeError, InvalidValueError, LifecycleError
from samples import START, day, lifecycle, moves, refusal

MANY = count("purchase", within=Period(days=365))
BIG = value() >= 10
END = attribute("end")
OWN = Transition("loyal", "lapsed", after=idle(days=90), when=count("purchase") >= 2)
SHOP = lifecycle(
    Transition("buyer", "loyal", on="purchase"),
    Transition("buyer", "lapsed", after=idle(days=90)),
    OWN,
    Transition("lapsed", "lost", after=idle("purchase", days=90)),
    Transition("lapsed", "buyer", after=dwell(until="year")),
    Transition("lost", "buyer", after=dwell(days=14)),
    Transition("loyal", "buyer", after=falls(MANY, below=2)),
    Transition("loyal", "lost", after=at(END, days=-3)),
    Transition("loyal", "lost", after=at(END)),
    Transition(Status.PROSPECT, "buyer", after=idle(("note", "visit"), days=3, where=BIG)),
    events=("note", "visit"),
    milestones=[
        Milestone("buyer", after=idle(days=90), name="goodbye"),
        Milestone("buyer", after=idle(days=60), name="reminder"),
    ],
    version=3,
)


def lengths(definition: Lifecycle) -> list[str]:
    ways = (*definition.transitions, *definition.milestones)
    return [repr(way.after) for way in ways if way.after is not None]


def test_a_time_out_gets_another_length_wherever_it_stands() -> None:
    new = SHOP.with_lengths({idle(days=90): Period(days=117)})
    assert lengths(new) == [
        "idle(days=117)",
        "idle(days=117)",
        "idle('purchase', days=90)",
        "dwell(until='year')",
        "dwell(days=14)",
        "falls(count('purchase', within=Period(days=365)), below=2)",
        "at(attribute('end'), days=-3)",
        "at(attribute('end'))",
        "idle(('note', 'visit'), days=3, where=value() >= 10)",
        "idle(days=117)",
        "idle(days=60)",
    ]
    assert [attrs.evolve(way, after=None, on="x") for way in new.transitions] == [
        attrs.evolve(way, after=None, on="x") for way in SHOP.transitions
    ]
    assert new == attrs.evolve(
        SHOP, version=4, transitions=new.transitions, milestones=new.milestones
    )


def test_a_transition_as_the_key_is_changed_alone_and_first() -> None:
    new = SHOP.with_lengths({idle(days=90): Period(days=117), OWN: Period(months=6)})
    assert lengths(new)[:2] == ["idle(days=117)", "idle(months=6)"]
    assert lengths(SHOP.with_lengths({OWN: Period(months=6)}))[:2] == [
        "idle(days=90)",
        "idle(months=6)",
    ]
    assert new.transitions[2].when == OWN.when


def test_a_milestone_as_the_key_is_changed_alone() -> None:
    new = SHOP.with_lengths({SHOP.milestones[0]: Period(days=80)})
    assert lengths(new)[-2:] == ["idle(days=80)", "idle(days=60)"]
    assert new.transitions == SHOP.transitions
    assert new.milestones[0].name == "goodbye"


@pytest.mark.parametrize(
    ("key", "length", "expected"),
    [
        (idle("purchase", days=90), timedelta(weeks=2), "idle('purchase', days=14)"),
        (dwell(until="year"), Until("year", year_start=4), "Until('year', year_start=4)"),
        (dwell(days=14), Until("month"), "dwell(until='month')"),
        (dwell(until="year"), Period(days=5), "dwell(days=5)"),
        (dwell(weeks=2), Period(hours=1), "dwell(hours=1)"),  # two weeks are 14 days
        (idle(("note", "visit"), days=3, where=BIG), Period(years=1), "years=1, where"),
        (at(END, days=-3), Period(days=7), "at(attribute('end'), days=-7)"),
        (at(END), timedelta(days=7), "at(attribute('end'), days=7)"),
    ],
)
def test_lengths_are_those_that_the_clock_takes(key: Any, length: Any, expected: str) -> None:
    changed = [
        text for text in lengths(SHOP.with_lengths({key: length})) if text not in lengths(SHOP)
    ]
    assert len(changed) == 1
    assert expected in changed[0]


def test_the_version_is_the_next_one_or_that_which_is_given() -> None:
    assert SHOP.with_lengths({}).version == 4
    assert SHOP.with_lengths({}, version=9).version == 9
    assert SHOP.with_lengths({}, version=3) == SHOP
    assert SHOP.with_lengths({idle(days=90): Period(days=90)}, version=3) == SHOP


def test_the_copy_runs_with_the_new_length() -> None:
    new = SHOP.with_lengths({idle(days=90): Period(days=117)})
    ann = SHOP.enroll("ann", at=START)
    ann, changes = SHOP.migrate(ann, to=new, at=day(5))
    assert [change.kind for change in changes] == ["migration"]
    _, (reminder, *_) = new.advance(ann, to=day(116))
    assert (reminder.milestone, reminder.at) == ("reminder", day(60))
    assert moves(new.advance(ann, to=day(117)).changes)[1:3] == [(117, "buyer"), (117, "lapsed")]


REFUSED: list[tuple[Callable[[], object], type[LifecycleError], str]] = [
    (
        lambda: SHOP.with_lengths({idle(days=80): Period(days=117)}),
        InvalidValueError,
        (
            "a key of lengths must be a time-out of the definition with a length, one of "
            "idle(days=90), idle('purchase', days=90), dwell(until='year'), dwell(days=14), "
            "at(attribute('end'), days=-3), at(attribute('end')), "
            "idle(('note', 'visit'), days=3, where=value() >= 10), idle(days=60), got idle(days=80)"
        ),
    ),
    (
        lambda: SHOP.with_lengths({dwell(days=13): Period(days=117)}),
        InvalidValueError,
        "a key of lengths must be a time-out of the definition with a length, one of dwell(days=1",
    ),
    (
        lambda: SHOP.with_lengths({idle("visit", days=90): Period(days=117)}),
        InvalidValueError,
        "a key of lengths must be a time-out of the definition with a length, one of idle(",
    ),
    (
        lambda: SHOP.with_lengths({falls(MANY, below=2): Period(days=117)}),  # type: ignore[dict-item]
        InvalidValueError,
        "a key of lengths must be a time-out of the definition with a length",
    ),
    (
        lambda: SHOP.with_lengths(
            {Transition("buyer", "lapsed", after=idle(days=9)): Period(days=7)}
        ),
        InvalidValueError,
        (
            "a key of lengths must be a transition of the definition with a length, one of "
            "Transition('buyer', 'lapsed', after=idle(days=90))"
        ),
    ),
    (
        lambda: SHOP.with_lengths({SHOP.transitions[0]: Period(days=117)}),
        InvalidValueError,
        "a key of lengths must be a transition of the definition with a length, one of Trans",
    ),
    (
        lambda: SHOP.with_lengths(
            {Milestone("buyer", after=idle(days=9), name="x"): Period(days=1)}
        ),
        InvalidValueError,
        (
            "a key of lengths must be a milestone of the definition with a length, one of "
            "Milestone('buyer', after=idle(days=90), name='goodbye')"
        ),
    ),
    (
        lambda: lifecycle().with_lengths({idle(days=80): Period(days=117)}),
        InvalidValueError,
        "a key of lengths must be a time-out of the definition with a length, a known name",
    ),
    (
        lambda: SHOP.with_lengths({"idle": Period(days=117)}),  # type: ignore[dict-item]
        InvalidTypeError,
        "a key of lengths must be a time-out, such as idle(days=90), a Transition or a M",
    ),
    (
        lambda: SHOP.with_lengths([(idle(days=90), Period(days=117))]),  # type: ignore[arg-type]
        InvalidTypeError,
        "lengths must be a mapping, such as {idle(days=90): Period(days=117)}, got [",
    ),
    (
        lambda: SHOP.with_lengths({idle(days=90): 117}),  # type: ignore[dict-item]
        InvalidTypeError,
        "idle.length must be a timedelta or a Period, got 117 (int)",
    ),
    (
        lambda: SHOP.with_lengths({idle(days=90): None}),  # type: ignore[dict-item]
        InvalidTypeError,
        "idle.length must be a timedelta or a Period, got None",
    ),
    (
        lambda: SHOP.with_lengths({idle(days=90): Until("year")}),
        InvalidTypeError,
        "idle.length must be a timedelta or a Period, got Until('year')",
    ),
    (
        lambda: SHOP.with_lengths({idle(days=90): timedelta(0)}),
        InvalidValueError,
        "idle.length must be above 0",
    ),
    (
        lambda: SHOP.with_lengths({}, version=0),
        InvalidValueError,
        "version must be at least 1, got 0",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_what_is_wrong_is_told(
    call: Callable[[], object], kind: type[LifecycleError], text: str
) -> None:
    assert refusal(kind, call).startswith(text)


def test_a_copy_that_does_not_hold_together_is_refused() -> None:
    two = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=90)),
        Transition("buyer", "lost", after=idle(days=365)),
        events=("purchase",),
    )
    text = refusal(DefinitionError, lambda: two.with_lengths({idle(days=365): Period(days=90)}))
    assert "idle(days=90)" in text
