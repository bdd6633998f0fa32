"""Levels, groups and clocks: how a definition is read (rules 8, 9, 12)."""

from typing import Any

import pytest

from lifecycle import (
    ANY,
    Event,
    Lifecycle,
    Stage,
    Status,
    Timeout,
    Transition,
    attribute,
    count,
    dwell,
    idle,
)
from lifecycle.engine._compiled import expand, known_events, sounding
from samples import STAGES, START, bought, day, lifecycle, moves, replayed, stage_after

BUYER, ACTIVE, ALL = ("buyer", Status.ACTIVE, ANY)


def gold(name: str) -> Any:
    return attribute("plan").equals(name)


def timed(*ways: tuple[Any, str, Timeout], **more: Any) -> list[tuple[float, str]]:
    """Give what becomes of a buyer who does nothing for a thousand days."""
    transitions = (Transition(source, target, after=after) for source, target, after in ways)
    definition = lifecycle(*transitions, **more)
    return moves(replayed(definition, since=START, until=day(1000)).changes)


# Levels


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_stage_by_name_comes_before_its_status_and_that_before_any(
    order: tuple[int, ...],
) -> None:
    levels = [(BUYER, "loyal"), (ACTIVE, "lapsed"), (ALL, "lost")]
    for nearest in range(3):
        ways = [Transition(*levels[i], on="x") for i in order if i >= nearest]
        definition = lifecycle(*ways, initial="buyer")
        assert stage_after(definition, Event("x", day(1))) == levels[nearest][1]


def test_an_event_falls_through_to_the_next_transition_and_the_next_level() -> None:
    definition = lifecycle(
        Transition(ANY, "lost", on="x"),
        Transition(Status.ACTIVE, "lapsed", on="x", when=gold("silver")),
        Transition("buyer", "loyal", on="x", when=gold("gold")),
        Transition("buyer", "lead", on="x", when=gold("iron")),
    )
    for plan, stage in (("gold", "loyal"), ("iron", "lead"), ("silver", "lapsed"), ("", "lost")):
        assert stage_after(definition, Event("x", day(1)), attributes={"plan": plan}) == stage


def test_within_a_level_the_first_whose_condition_holds_is_taken() -> None:
    definition = lifecycle(
        Transition("buyer", "loyal", on="x", when=count("x") >= 1),
        Transition(("lead", "buyer"), "lost", on="x", when=count("x") >= 1),
        Transition("buyer", "lapsed", on="x"),
    )
    assert stage_after(definition, Event("x", day(1))) == "loyal"


def test_an_event_nobody_waits_for_there_only_counts() -> None:
    definition = lifecycle(Transition("loyal", "buyer", on="x"))
    assert stage_after(definition, Event("x", day(1))) == "buyer"


# Time-outs


def test_the_earliest_deadline_goes_first() -> None:
    assert timed(
        ("buyer", "lost", dwell(days=30)),
        ("buyer", "lapsed", idle(days=20)),
        ("buyer", "loyal", dwell(days=40)),
    ) == [(20, "lapsed")]


@pytest.mark.parametrize(
    ("ways", "target"),
    [
        ([(ALL, "lost"), (ACTIVE, "lapsed"), (BUYER, "loyal")], "loyal"),
        ([(ALL, "lost"), (ACTIVE, "lapsed")], "lapsed"),
        ([(ALL, "lost")], "lost"),
    ],
)
def test_at_the_same_instant_the_nearest_level_goes_first(
    ways: list[tuple[Any, str]], target: str
) -> None:
    lengths = [idle(days=20), dwell(days=20), idle("x", days=20)]
    found = timed(
        *((*way, length) for way, length in zip(ways, lengths, strict=False)), events=("x",)
    )
    assert found[0] == (20, target)


def test_at_the_same_instant_and_level_the_first_declared_goes_first() -> None:
    ways = [("buyer", "lapsed", idle(days=20)), ("buyer", "lost", dwell(days=20))]
    assert timed(*ways) == [(20, "lapsed")]
    assert timed(*reversed(ways)) == [(20, "lost")]


def test_a_nearer_level_silences_the_same_clock() -> None:
    shorter = ("loyal", "lost", idle(days=180))
    assert timed((ACTIVE, "lapsed", idle(days=90)), shorter, initial="loyal") == [(180, "lost")]
    assert timed((ACTIVE, "lapsed", idle(days=90)), shorter) == [(90, "lapsed")]
    assert timed(
        (ALL, "lost", dwell(days=10)),
        (ACTIVE, "lapsed", dwell(until="year")),
    ) == [(365, "lapsed"), (375, "lost")]


def test_a_status_silences_any_and_a_name_silences_both() -> None:
    everyone = (ALL, "lost", idle(days=10))
    assert timed(everyone, (ACTIVE, "lapsed", idle(days=90)))[0] == (90, "lapsed")
    assert timed(everyone, (ACTIVE, "lapsed", idle(days=90)), (BUYER, "gone", idle(days=99))) == [
        (99, "gone")
    ]


def test_a_nearer_time_out_silences_also_where_its_condition_fails() -> None:
    definition = lifecycle(
        Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
        Transition("buyer", "lost", after=idle(days=180), when=gold("no")),
    )
    assert replayed(definition, since=START, until=day(999)).changes == ()


@pytest.mark.parametrize("other", [dwell(days=180), idle("x", days=180)])
def test_other_clocks_are_not_silenced(other: Timeout) -> None:
    found = timed((ACTIVE, "lapsed", idle(days=90)), (BUYER, "lost", other), events=("x",))
    assert found == [(90, "lapsed")]


def test_the_clocks_of_two_events_are_two_clocks() -> None:
    one, other = idle("x", days=10), idle("y", days=20)
    found = timed((ACTIVE, "lapsed", one), (BUYER, "lost", other), events=("x", "y"))
    assert found == [(10, "lapsed")]


def test_several_lengths_of_one_clock_and_level_all_run() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=10), when=gold("no")),
        Transition("buyer", "lost", after=idle(days=20)),
    )
    journey = replayed(definition, since=START, until=day(99))
    assert moves(journey.changes) == [(20, "lost")]


def test_a_transition_of_two_levels_counts_at_the_nearer() -> None:
    definition = lifecycle(
        Transition("buyer", "lost", on="x", when=gold("no")),
        Transition(Status.ACTIVE, "loyal", on="x", when=gold("yes")),
        Transition(("buyer", Status.ACTIVE), "lapsed", on="x"),
        Transition(Status.ACTIVE, "loyal", after=idle(days=3)),
        Transition(("buyer", Status.ACTIVE), "lapsed", after=idle(days=9)),
    )
    assert stage_after(definition, Event("x", day(1)), attributes={"plan": "yes"}) == "lapsed"
    journey = replayed(definition, since=START, until=day(99))
    assert moves(journey.changes) == [(9, "lapsed")]


# Groups


def test_groups_leave_out_the_target_and_final_stages() -> None:
    transitions = [
        Transition(Status.ACTIVE, "loyal", on="x"),
        Transition(Status.CHURNED, "buyer", on="x"),
        Transition(ANY, "lead", on="y"),
    ]
    assert expand(STAGES, transitions) == {
        "lead": ([], [], []),
        "buyer": ([], [0], [2]),
        "loyal": ([], [], [2]),
        "lapsed": ([], [], [2]),
        "lost": ([], [1], [2]),
        "gone": ([], [], []),
    }


def test_a_stage_written_out_is_taken_as_written() -> None:
    definition = lifecycle(Transition(("lead", "buyer"), "buyer", on="x"))
    (change,) = replayed(definition, Event("x", day(1)), since=START).changes
    assert (change.source, change.target, change.kind) == ("buyer", "buyer", "renewal")


def test_a_group_makes_no_re_entry() -> None:
    definition = lifecycle(Transition(Status.ACTIVE, "buyer", on="x"))
    assert replayed(definition, Event("x", day(1)), since=START).changes == ()


def test_a_re_entry_begins_a_new_stay_and_restarts_dwell() -> None:
    definition = lifecycle(
        Transition("buyer", "buyer", after=dwell(days=365)),
        Transition("buyer", "buyer", on="renewal"),
    )
    journey = replayed(definition, Event("renewal", day(100)), since=START, until=day(900))
    assert moves(journey.changes) == [(100, "buyer"), (465, "buyer"), (830, "buyer")]
    assert {change.kind for change in journey.changes} == {"renewal"}
    assert len(journey.stays) == 4


@pytest.mark.parametrize("status", Status)
def test_a_stage_called_like_a_status_is_not_the_status(status: Status) -> None:
    other = next(each for each in Status if each is not status)
    definition = Lifecycle(
        name="names",
        initial=str(status.value),
        stages=[Stage(status.value, other), Stage("rest", status), Stage("end", Status.CHURNED)],
        transitions=[
            Transition(status, "end", on="x"),
            Transition(status.value, "rest", on="y"),
        ],
    )
    assert stage_after(definition, Event("y", day(1))) == "rest"
    assert stage_after(definition, Event("y", day(1)), Event("x", day(2))) == "end"
    if other is not Status.CHURNED:
        assert stage_after(definition, Event("x", day(1))) == status.value


def test_a_stage_called_any_is_not_any() -> None:
    definition = lifecycle(
        Transition("any", "lost", on="x"),
        stages=(*STAGES, Stage("any", Status.ACTIVE)),
    )
    assert stage_after(definition, Event("x", day(1))) == "buyer"
    assert stage_after(definition, Event("x", day(1)), stage="any") == "lost"


# Names, in order


def test_known_events_come_in_the_order_in_which_they_are_first_named() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="b"),
        Transition("buyer", "lapsed", after=idle("a", days=1)),
        Transition("buyer", "loyal", on="a", when=count("d") >= 1),
        activity=("c", "a"),
        events=("d", "c", "e"),
    )
    assert known_events(definition._parts) == ("b", "a", "c", "d", "e")
    assert list(definition.options(definition.enroll("ann", at=START))) == [*"bacde"]


def test_sounding_lists_time_outs_that_no_nearer_level_silences() -> None:
    transitions = [
        Transition(ANY, "lost", after=idle(days=1)),
        Transition(ANY, "lost", after=dwell(days=1)),
        Transition("buyer", "lapsed", after=idle(days=2)),
        Transition("buyer", "loyal", on="x"),
    ]
    levels = expand(STAGES, transitions)
    assert sounding(levels["buyer"], transitions) == [2, 1]
    assert sounding(levels["loyal"], transitions) == [0, 1]


# Activity (rule 5)


@pytest.mark.parametrize(
    ("activity", "deadline"),
    [(None, 50), (("purchase",), 30), (("visit",), 50), ((), 10), (("visit", "purchase"), 50)],
)
def test_activity_is_every_known_event_unless_named(
    activity: tuple[str, ...] | None, deadline: float
) -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=10)),
        activity=activity,
        events=("purchase", "visit"),
    )
    changes = replayed(
        definition,
        *(bought(number) for number in (5, 14, 20)),
        *(Event("visit", day(number)) for number in (8, 17, 26, 31, 40)),
        since=START,
        until=day(999),
    ).changes
    assert moves(changes) == [(deadline, "lapsed")]
