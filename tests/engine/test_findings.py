"""What is legal in a definition, and odd (rule 15)."""

from typing import Any

import pytest

from lifecycle import (
    ANY,
    Customer,
    Event,
    Finding,
    Lifecycle,
    Period,
    Stage,
    Status,
    Timeout,
    Transition,
    Until,
    attribute,
    count,
    days_since,
    dwell,
    entries,
    idle,
    mean,
    previous,
    total,
    value,
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


def test_of_many_time_outs_all_but_the_shortest_are_odd_because_of_it() -> None:
    lengths = (9, 3, 8, 5)
    ways = [Way("buyer", "lapsed", after=idle(days=each)) for each in lengths]
    odd = [one for one in lifecycle(*ways, BACK).findings() if one.code == "outrun_timeout"]
    assert [one.where for one in odd] == ["transitions[0]", "transitions[2]", "transitions[3]"]
    assert all("transitions[1] reads the same clock" in one.message for one in odd)


@pytest.mark.parametrize(
    ("shorter", "longer"),
    [(dwell(days=10), dwell(days=20)), (idle(days=3), idle(weeks=1)), (WEEK, idle(months=1))],
)
def test_a_time_out_that_is_beaten_in_one_of_its_stages_is_odd_there(
    shorter: Timeout, longer: Timeout
) -> None:
    """In "b" it is taken, and has to stay."""
    stages = (Stage("a", Status.ACTIVE), Stage("b", Status.ACTIVE), Stage("c", Status.DORMANT))
    ways = [
        Way("a", "c", after=shorter),
        Way(("b", "a"), "c", after=longer),
        Way("c", "a", on="e"),
        Way("a", "b", on="e"),
    ]
    (finding,) = lifecycle(*ways, stages=stages, initial="a").findings()
    assert (finding.code, finding.where) == ("outrun_timeout", "transitions[1]")
    assert "is never taken in 'a': transitions[0] reads the same clock" in finding.message
    assert finding.message.endswith("remove it there, or give the other a condition")


def test_a_time_out_with_a_condition_beats_none() -> None:
    ways = [
        Way("buyer", "lapsed", after=idle(days=3), when=GOLD),
        Way("buyer", "lapsed", after=idle(days=5)),
    ]
    assert found(*ways, BACK) == []


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


# Time-outs that stand behind another one


LATER = count("e") >= 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (dwell(days=10), dwell(days=10)),
        (dwell(weeks=1), dwell(days=7)),
        (idle(years=1), idle(months=12)),
        (idle("e", days=3), idle("e", hours=72)),
        (dwell(until="month"), dwell(until="month")),
    ],
)
def test_a_time_out_behind_one_of_the_same_deadline_is_odd_in_that_stage(
    first: Timeout, second: Timeout
) -> None:
    stages = (Stage("a", Status.ACTIVE), Stage("b", Status.ACTIVE), Stage("c", Status.DORMANT))
    ways = [
        Way("a", "c", after=first),
        Way(("a", "b"), "c", after=second, when=LATER),
        Way("b", "c", after=dwell(years=9)),
        Way("c", "a", on="e"),
        Way("a", "b", on="e"),
    ]
    assert found(*ways, stages=stages, initial="a") == [("shadowed_transition", "transitions[1]")]
    turned = [ways[1], ways[0], *ways[2:]]  # the one with the condition comes first
    assert found(*turned, stages=stages, initial="a") == []
    message = lifecycle(*ways, stages=stages, initial="a").findings()[0].message
    assert "is never taken in 'a': transitions[0] stands before it with the same" in message


def test_a_time_out_that_is_silenced_is_not_said_to_stand_behind_another() -> None:
    stages = (
        *(Stage(name, Status.ACTIVE) for name in "ab"),
        Stage("c", Status.DORMANT),
        Stage("d", Status.PROSPECT),
    )
    ways = [
        Way(Status.ACTIVE, "c", after=dwell(days=10)),
        Way((Status.ACTIVE, "c"), "d", after=dwell(days=10), when=LATER),
        Way("a", "c", after=dwell(days=20)),  # nearer: silences both in "a"
        Way("c", "a", after=idle(days=90)),
        Way("d", "b", on="e"),
    ]
    (finding,) = lifecycle(*ways, stages=stages, initial="d").findings()
    assert (finding.code, finding.where) == ("shadowed_transition", "transitions[1]")
    assert "is never taken in 'b'" in finding.message


# Time-outs that may rest forever


MONTHLY, ANNUAL = attribute("plan").equals("monthly"), attribute("plan").equals("annual")
ENDED = (Stage("active", Status.ACTIVE), Stage("ended", Status.CHURNED))
AGAIN = Way("ended", "active", on="payment")


def ends(after: Timeout, when: Any = None) -> Transition:
    return Way("active", "ended", after=after, when=when)


def resting(*ways: Transition, **more: Any) -> list[tuple[str, str]]:
    known = {"stages": ENDED, "initial": "active", "events": ("e", "plan_changed"), **more}
    return found(*ways, AGAIN, **known)


def rests(*places: int) -> list[tuple[str, str]]:
    return [("resting_timeout", f"transitions[{place}]") for place in places]


def test_lengths_by_plan_are_examined_again_when_the_plan_is_set() -> None:
    ways = (ends(dwell(months=1), MONTHLY), ends(dwell(years=1), ANNUAL))
    assert resting(*ways) == []


def test_lengths_by_what_was_bought_may_rest_forever() -> None:
    ways = (ends(dwell(months=1), count("e") >= 1), ends(dwell(years=1), count("e") >= 2))
    assert resting(*ways) == rests(0, 1)
    anew = Way("active", "active", on="plan_changed")
    assert resting(*ways, anew) == []
    assert resting(*ways, ends(idle(years=9))) == []


@pytest.mark.parametrize(
    "when",
    [
        count("e") >= 3,
        ~(count("e") < 3),
        total("e") < 0,
        mean("e") >= 4,
        count("e").equals(3),
        count("e", within=Period(days=9)) < 3,
        count("e", since_entry=True) > 1,
        (count("e") >= 3) & MONTHLY,  # of which nothing tells when it has grown
        (count("e") >= 3) | ~MONTHLY,
        count("e") + count("plan_changed") >= 3,
        count("e") - count("plan_changed") < 3,  # as the second grows
        count(("e", "plan_changed"), where=value() >= 5) >= 3,
        days_since("e") >= 3,
        days_since("e") <= 3,
        entries("active", within=Period(days=99)) < 3,
        count("e", within=Until("year")) < 3,
    ],
)
def test_a_dwell_time_out_whose_condition_may_hold_later_may_rest(when: Any) -> None:
    assert resting(ends(dwell(days=9), when)) == rests(0)


@pytest.mark.parametrize(
    "when",
    [
        count("e") < 3,  # counts do not fall
        ~(count("e") >= 3),
        count("e", since_entry=True) <= 3,
        count("e") + count("plan_changed") <= 3,
        entries("active") >= 3,
        entries("active", within=Period(days=9)) < 3,  # which is over by then
        previous().equals("ended"),
        MONTHLY,  # examined again when an event sets it
        (count("e") < 3) & MONTHLY,
        (count("e") < 3) | ~MONTHLY,
        attribute("n") >= 3,
        is_vip,
    ],
)
def test_a_condition_that_cannot_begin_to_hold_is_not_said_to_rest(when: Any) -> None:
    assert "resting_timeout" not in [code for code, _ in resting(ends(dwell(days=9), when))]


def test_a_step_from_enrollment_can_come_before_a_window_is_over() -> None:
    """The stage may be entered on the day before the step."""
    fewer = entries("active", within=Period(days=9)) < 3
    assert resting(ends(dwell(days=9, anchor="enrolled"), fewer)) == rests(0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (count("e") >= 3, count("e") < 3),
        (total("e") > 3, total("e") <= 3),
        ((count("e") >= 3) & MONTHLY, (count("e") < 3) | ~MONTHLY),
        ((count("e") >= 3) | ANNUAL, (count("e") < 3) & ~ANNUAL),
    ],
)
def test_of_two_opposite_conditions_at_one_deadline_one_holds(one: Any, other: Any) -> None:
    assert resting(ends(dwell(days=9), one), ends(dwell(days=9), other)) == []
    assert resting(ends(dwell(days=9), other), ends(dwell(days=9), one)) == []
    assert resting(ends(dwell(days=9), one), ends(dwell(days=10), other)) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (mean("e") >= 3, mean("e") < 3),  # missing, it meets neither
        (days_since("e") > 20, days_since("e") <= 20),
    ],
)
def test_conditions_that_both_fail_where_a_value_is_missing_may_rest(one: Any, other: Any) -> None:
    assert resting(ends(dwell(days=9), one), ends(dwell(days=9), other)) == rests(0, 1)


@pytest.mark.parametrize(
    ("after", "when", "activity", "odd"),
    [
        (idle(days=9), MONTHLY, ("e",), False),  # it is examined again
        (idle(days=9), count("e") >= 3, None, False),
        (idle(days=9), count("e") >= 3, ("payment",), True),
        (idle("payment", days=9), count("e") >= 3, None, True),
        (idle(days=9), count("e", within=Period(days=9)) < 3, None, False),  # empty by then
        (idle(days=40), total("e", within=Period(months=1)) < 3, None, False),
        (idle(days=9), count("e", within=Period(days=10)) < 3, None, True),
        (idle(days=9), count("e", within=Period(days=10)) >= 3, None, False),
        (idle(days=9), total("e", within=Period(days=10)) >= 3, None, True),
    ],
)
def test_an_idle_time_out_may_rest_where_its_condition_changes_in_silence(
    after: Timeout, when: Any, activity: Any, *, odd: bool
) -> None:
    assert resting(ends(after, when), activity=activity) == (rests(0) if odd else [])


@pytest.mark.parametrize(
    ("after", "when", "odd"),
    [
        (idle(("e", "plan_changed"), days=9), count("e") >= 3, False),
        (idle("e", days=9), days_since("e") >= 30, True),
        (idle("e", days=9), count(("e", "plan_changed")) >= 3, True),
        (idle("e", days=9, where=value() >= 5), count("e") >= 3, True),
        (idle("e", days=9, where=value() >= 5), count("e", where=value() >= 5) >= 3, False),
        (idle("e", days=9, where=value() >= 5), count("e", where=value() >= 4) >= 3, True),
    ],
)
def test_an_event_that_leaves_a_clock_as_it_is_can_let_a_condition_hold(
    after: Timeout, when: Any, *, odd: bool
) -> None:
    assert resting(ends(after, when)) == (rests(0) if odd else [])


def test_a_time_out_of_several_stages_is_said_to_rest_once() -> None:
    stages = (*ENDED, Stage("other", Status.ACTIVE))
    way = Way(("active", "other"), "ended", after=dwell(days=9), when=count("e") >= 3)
    definition = lifecycle(
        way, AGAIN, Way("active", "other", on="e"), stages=stages, initial="active"
    )
    (finding,) = definition.findings()
    assert (finding.code, finding.where) == ("resting_timeout", "transitions[0]")
    assert (
        "may rest forever in 'active': its condition is examined at the deadline" in finding.message
    )


# Loops that turn fast


def fast(*ways: Transition) -> list[tuple[str, str]]:
    return found(*ways, Way("buyer", "lapsed", on="x"), BACK, events=("e",))


def loop(one: Timeout, other: Timeout) -> tuple[Transition, Transition]:
    return Way("buyer", "lapsed", after=one), Way("lapsed", "buyer", after=other)


@pytest.mark.parametrize(
    "ways",
    [
        loop(dwell(seconds=1e-6), dwell(seconds=1e-6)),
        loop(dwell(minutes=29), dwell(minutes=30)),
        (
            Way("lapsed", "buyer", after=dwell(days=9)),
            Way("buyer", "buyer", after=dwell(minutes=59)),
        ),
        loop(idle(days=90), dwell(minutes=59))[::-1],  # once idle, idle again at once
        loop(idle("e", days=90), dwell(seconds=1))[::-1],
    ],
)
def test_a_loop_of_time_outs_that_turns_within_an_hour_is_odd(ways: Any) -> None:
    assert [code for code, _ in fast(*ways)] == ["fast_loop"]


@pytest.mark.parametrize(
    "ways",
    [
        loop(dwell(minutes=30), dwell(minutes=30)),
        loop(dwell(seconds=1), dwell(days=1)),
        loop(dwell(seconds=1), dwell(until="day")),
        (Way("buyer", "buyer", after=dwell(until="day")), Way("lapsed", "buyer", after=WEEK)),
        (Way("buyer", "lapsed", after=dwell(seconds=1)),),
        (Way("buyer", "buyer", after=dwell(hours=1)),),
    ],
)
def test_a_loop_that_takes_an_hour_or_does_not_close_is_not_odd(ways: Any) -> None:
    assert fast(*ways) == []


def test_a_loop_with_a_condition_is_not_said_to_turn_fast() -> None:
    way, back = loop(dwell(seconds=1), dwell(seconds=1))
    asked = Way("buyer", "lapsed", after=dwell(seconds=1), when=GOLD)
    assert [code for code, _ in fast(asked, back, Way("buyer", "buyer", after=dwell(days=9)))] == []
    assert [code for code, _ in fast(way, back)] == ["fast_loop"]


def test_a_longer_time_out_that_is_never_reached_closes_no_loop() -> None:
    lost = Stage("lost", Status.CHURNED, final=True)
    ways = (
        Way("buyer", "lost", after=dwell(seconds=1)),
        Way("buyer", "buyer", after=dwell(seconds=2)),
        Way("buyer", "lapsed", on="x"),
        BACK,
    )
    codes = [code for code, _ in found(*ways, stages=(*TWO, lost))]
    assert codes == ["outrun_timeout"]


def test_a_fast_loop_with_two_ways_to_a_stage_is_named_once() -> None:
    stages = [Stage(name, Status.ACTIVE) for name in "sxyw"]
    ways = [
        Way("s", "x", after=dwell(seconds=1)),
        Way("x", "y", after=idle("e", days=1)),
        Way("x", "w", after=idle("f", days=1)),
        Way("y", "w", after=idle(days=1)),
        Way("w", "s", after=dwell(seconds=9)),
    ]
    definition = lifecycle(*ways, stages=stages, initial="s", events=("e", "f"))
    assert [(each.code, each.where) for each in definition.findings()] == [
        ("fast_loop", "transitions[0]")
    ]


def test_a_fast_loop_is_named_once_with_how_often_it_turns() -> None:
    stages = [Stage(name, Status.ACTIVE) for name in "abc"]
    pairs = [("a", "b"), ("b", "c"), ("c", "a")]
    ways = [Way(one, other, after=dwell(seconds=1)) for one, other in pairs]
    (finding,) = lifecycle(*ways, stages=stages, initial="a").findings()
    assert str(finding) == (
        "transitions[0]: 'a' -> 'b' -> 'c' -> 'a' turns once in 0:00:03 by time-outs alone, "
        "10,512,000 times a year; make one of them longer, or give it a condition (fast_loop)"
    )


# Names that look alike


@pytest.mark.parametrize(
    ("one", "other"),
    [("buyer", "Buyer"), ("buyer", "buyer "), ("ach\u00e8te", "ache\u0300te"), ("a b", "a\u00a0b")],
)
def test_names_that_look_alike_are_odd(one: str, other: str) -> None:
    stages = (Stage(one, Status.ACTIVE), Stage(other, Status.ACTIVE))
    ways = (Way(one, other, on="x"), Way(other, one, on="x"))
    alike = [("look_alike_names", "stages[1]")]
    assert found(*ways, stages=stages, initial=one) == alike
    there = (Way("buyer", "lapsed", on=one), Way("lapsed", "buyer", on="x"))
    for more, where in (
        ({"events": [other]}, "events[0]"),
        ({"activity": ["x", other]}, "activity[1]"),
        ({"events": ["y", other], "activity": ["x"]}, "events[1]"),
    ):
        assert found(*there, **more) == [("look_alike_names", where)]
    ways = (*there, Way("lapsed", "buyer", on=other))
    assert found(*ways) == [("look_alike_names", "transitions[2]")]


def test_names_that_look_alike_are_shown_by_their_code_points() -> None:
    ways = (Way("buyer", "lapsed", on="\u00e9"), Way("lapsed", "buyer", on="e\u0301"))
    (finding,) = lifecycle(*ways, stages=TWO).findings()
    assert finding.message == (
        r"'e\u0301' and '\xe9' differ only in case, blanks or Unicode form, and are two names; "
        "rename one"
    )


def test_a_stage_and_an_event_may_look_alike() -> None:
    assert found(Way("buyer", "lapsed", on="Lapsed"), BACK) == []


def test_findings_of_a_long_chain_of_time_outs_come_quickly() -> None:
    stages = [Stage(f"s{number}", Status.ACTIVE) for number in range(300)]
    ways = [Way(f"s{n}", f"s{n + 1}", after=dwell(seconds=1)) for n in range(299)]
    definition = Lifecycle(
        name="long", initial="s0", stages=stages, transitions=[*ways, Way(ANY, "s0", on="y")]
    )
    assert definition.findings() == ()


def stopping(*ways: Transition, stops: Any) -> list[tuple[str, str]]:
    """Give what is odd where buyers pause, and a pause stops clocks."""
    paused = Stage("paused", Status.DORMANT, stops=stops)
    into, back = Way("buyer", "paused", on="pause"), Way("paused", "buyer", on="resume")
    return found(into, back, *ways, stages=(*TWO, paused))


def test_a_stage_that_stops_a_clock_which_no_other_stage_has_is_odd() -> None:
    ways = Way("buyer", "lapsed", after=WEEK), BACK
    assert stopping(*ways, stops="idle") == []
    assert stopping(*ways, stops="dwell") == [("stops_nothing", "stages[2]")]
    assert stopping(*ways, stops=("dwell", "idle")) == [("stops_nothing", "stages[2]")]


def test_the_time_outs_of_a_pause_itself_are_none_that_it_stops() -> None:
    ways = Way("buyer", "lapsed", after=WEEK), BACK, Way("paused", "lapsed", after=dwell(days=9))
    assert stopping(*ways, stops="dwell") == [("stops_nothing", "stages[2]")]
    named = Way(("paused", "buyer"), "lapsed", after=dwell(days=9))
    assert stopping(*ways[:2], named, stops="dwell") == []


def test_a_time_out_that_is_stopped_wherever_it_reaches_is_never_taken() -> None:
    """The only dormant stage that is left by it stops its clock."""
    paused = Stage("paused", Status.DORMANT, stops="dwell")
    ways = (
        Way("buyer", "paused", on="pause"),
        Way("paused", "buyer", on="resume"),
        Way("buyer", "buyer", after=dwell(days=300)),
        Way(Status.DORMANT, "buyer", after=dwell(days=9)),
    )
    assert found(*ways, stages=(TWO[0], paused)) == [("never_taken", "transitions[3]")]


def test_a_pause_without_a_way_back_is_odd() -> None:
    paused = Stage("paused", Status.DORMANT, stops="idle")
    ways = Way("buyer", "lapsed", after=WEEK), BACK, Way("buyer", "paused", on="pause")
    codes = [code for code, _ in found(*ways, stages=(*TWO, paused))]
    assert codes == ["no_exit", "no_way_back"]


def test_a_step_from_the_enrollment_may_come_before_a_shorter_length() -> None:
    ways = [
        Way("buyer", "lapsed", after=dwell(days=10)),
        Way("buyer", "lapsed", after=dwell(days=30, anchor="enrolled")),
        BACK,
    ]
    assert found(*ways) == []
    longer = Way("buyer", "lapsed", after=dwell(days=31))
    assert found(ways[1], longer, BACK) == [("outrun_timeout", "transitions[1]")]
