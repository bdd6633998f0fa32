"""What is legal in a definition, and odd (rule 15)."""

from typing import Any

import pytest

from lifecycle import (
    ANY,
    Customer,
    Event,
    Finding,
    Lifecycle,
    Stage,
    Status,
    Timeout,
    Transition,
    attribute,
    dwell,
    idle,
)
from samples import SHOP, again, lifecycle

Way = Transition
WEEK = idle(days=7)
GOLD = attribute("plan").equals("gold")

BACK = Way("lapsed", "buyer", on="back")

TWO = (Stage("buyer", Status.ACTIVE), Stage("lapsed", Status.DORMANT))


def found(*transitions: Transition, **more: Any) -> list[tuple[str, str]]:
    """Give the code and the place of what is odd."""
    definition = lifecycle(*transitions, **{"stages": TWO, **more})
    return [(finding.code, finding.where) for finding in definition.findings()]


def is_vip(_customer: Customer, _event: Event | None) -> bool:
    return True


def test_in_a_good_definition_nothing_is_odd() -> None:
    assert SHOP.findings() == ()
    assert found(Way("buyer", "lapsed", after=WEEK), BACK) == []


def test_a_stage_that_no_way_leads_to_is_odd() -> None:
    away = Stage("away", Status.PROSPECT)
    ways = (Way("buyer", "lapsed", after=WEEK), BACK, Way("away", "buyer", on="x"))
    assert found(*ways, stages=(*TWO, away)) == [("unreachable_stage", "stages[2]")]
    assert found(*ways, stages=(*TWO, away), initial="away") == []


def test_a_stage_reached_only_through_a_silenced_time_out_is_odd() -> None:
    lost = Stage("lost", Status.CHURNED, final=True)
    ways = (
        Way("buyer", "lapsed", after=WEEK),
        BACK,
        Way(Status.ACTIVE, "lost", after=idle(days=3)),
    )
    assert ("unreachable_stage", "stages[2]") in found(*ways, stages=(*TWO, lost))


def test_a_stage_without_exit_that_is_not_final_is_odd() -> None:
    lost, gone = Stage("lost", Status.CHURNED), Stage("gone", Status.CHURNED, final=True)
    ways = (Way("buyer", "lost", on="x"), Way("buyer", "gone", on="y"))
    assert found(*ways, stages=(TWO[0], lost, gone)) == [("no_exit", "stages[1]")]


def test_a_re_entry_is_no_exit() -> None:
    assert found(Way("buyer", "buyer", on="x"), stages=TWO[:1]) == [("no_exit", "stages[0]")]


def test_a_dormant_stage_without_a_way_back_is_odd() -> None:
    lost = Stage("lost", Status.CHURNED, final=True)
    ways = (Way("buyer", "lapsed", after=WEEK), Way("lapsed", "lost", after=idle(days=9)))
    assert found(*ways, stages=(*TWO, lost)) == [("no_way_back", "stages[1]")]


def test_a_way_back_may_take_several_steps() -> None:
    lead = Stage("lead", Status.PROSPECT)
    ways = (
        Way("buyer", "lapsed", after=WEEK),
        Way("lapsed", "lead", on="x"),
        Way("lead", "buyer", on="y"),
    )
    assert found(*ways, stages=(*TWO, lead)) == []


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [
        (WEEK, idle(days=8)),
        (WEEK, idle(months=1)),
        (dwell(until="day"), dwell(days=3)),
        (dwell(months=1), dwell(years=1)),
        (idle("x", days=1), idle("x", days=2)),
    ],
)
def test_a_time_out_that_a_shorter_one_always_beats_is_odd(
    shorter: Timeout, longer: Timeout
) -> None:
    ways = [Way("buyer", "lapsed", after=each) for each in (longer, shorter)]
    assert found(*ways, BACK, events=("x",)) == [("outrun_timeout", "transitions[0]")]


@pytest.mark.parametrize(
    "other",
    [
        Way("buyer", "lapsed", after=dwell(days=8)),  # another clock
        Way("buyer", "lapsed", after=idle("x", days=8)),
        Way("buyer", "lapsed", after=idle(days=3), when=GOLD),  # may rest
    ],
)
def test_other_clocks_and_conditions_beat_nothing(other: Transition) -> None:
    assert found(Way("buyer", "lapsed", after=WEEK), other, BACK, events=("x",)) == []


def test_lengths_of_which_either_may_be_shorter_are_not_odd() -> None:
    ways = [Way("buyer", "lapsed", after=each) for each in (dwell(days=30), dwell(months=1))]
    assert found(*ways, BACK) == []


def test_a_condition_that_is_code_is_odd() -> None:
    way = Way("buyer", "lapsed", after=WEEK, when=is_vip)
    assert found(way, BACK) == [("code_condition", "transitions[0]")]
    (finding,) = lifecycle(way, BACK, stages=TWO).findings()
    assert finding.message.startswith("the condition is_vip is code")


def test_a_transition_that_no_stage_takes_is_odd() -> None:
    ways = (Way("buyer", "lapsed", on="x"), Way(Status.ACTIVE, "lapsed", on="x", when=GOLD))
    assert found(*ways, BACK) == [("never_taken", "transitions[1]")]
    assert found(ways[0], Way(Status.CHURNED, "buyer", on="x"), BACK) == [
        ("never_taken", "transitions[1]")
    ]


def test_a_transition_that_one_of_its_stages_never_takes_is_odd() -> None:
    ways = (Way("buyer", "lapsed", on="x"), Way(("buyer", "lapsed"), "buyer", on="x", when=GOLD))
    assert found(*ways, Way("buyer", "lapsed", after=WEEK), BACK) == [
        ("shadowed_transition", "transitions[1]")
    ]


def test_a_finding_says_where_what_and_which() -> None:
    (finding,) = lifecycle(stages=TWO[:1]).findings()
    assert str(finding) == (
        "stages[0]: nothing leads out of 'buyer'; add a transition, or make it final (no_exit)"
    )
    assert repr(finding) == f"Finding('no_exit', {finding.message!r}, 'stages[0]')"
    assert again(finding) == finding
    assert isinstance(finding, Finding)


def test_findings_of_a_definition_with_many_stages_come_quickly() -> None:
    stages = [Stage(f"s{number}", Status.ACTIVE) for number in range(300)]
    ways = [Way(f"s{number}", f"s{number + 1}", on="x") for number in range(299)]
    definition = Lifecycle(
        name="long", initial="s0", stages=stages, transitions=[*ways, Way(ANY, "s0", on="y")]
    )
    assert definition.findings() == ()
