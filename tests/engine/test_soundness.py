"""What must hold of a definition (rules 9, 11, 13, 14, 15)."""

import difflib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from lifecycle import (
    ANY,
    Lifecycle,
    Stage,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    entries,
    event_attribute,
    idle,
    mean,
    previous,
    total,
    value,
)
from lifecycle.errors import DefinitionError
from samples import STAGES, again, lifecycle, refusal

Way = Transition
WEEK = idle(days=7)
GOLD = attribute("plan").equals("gold")
NAMES = "'lead', 'buyer', 'loyal', 'lapsed', 'lost', 'gone'"


def wrong(*transitions: Transition, **more: Any) -> tuple[str, ...]:
    """Give what is wrong with a definition."""
    with pytest.raises(DefinitionError) as caught:
        lifecycle(*transitions, **more)
    return caught.value.problems


# Names


def test_there_is_at_least_one_stage() -> None:
    assert wrong(stages=()) == (
        "stages must hold at least one stage, got none",
        "initial must be a known name (none is known), got 'buyer'",
    )


def test_a_stage_name_is_used_once() -> None:
    stages = (Stage("buyer", Status.ACTIVE), *STAGES, Stage("lead", Status.DORMANT))
    assert wrong(stages=stages) == (
        "stages[2].name must be used once, got 'buyer', the name of stages[0]",
        "stages[7].name must be used once, got 'lead', the name of stages[1]",
    )


def test_the_initial_stage_is_known() -> None:
    assert wrong(initial="buyr") == (
        f"initial must be one of {NAMES}, got 'buyr'; did you mean 'buyer'?",
    )


def test_sources_and_targets_are_known() -> None:
    ways = (Way(("lead", "leads"), "loyal", on="x"), Way(ANY, "lapse", on="x"))
    assert wrong(*ways) == (
        f"transitions[0].source must be one of {NAMES}, got 'leads'; did you mean 'lead'?",
        f"transitions[1].target must be one of {NAMES}, got 'lapse'; did you mean 'lapsed'?",
    )


def test_a_stage_named_like_a_status_must_be_known_too() -> None:
    (text,) = wrong(Way("active", "lost", on="x"))
    assert text.startswith("transitions[0].source must be one of")


def test_the_initial_stage_is_named_by_text_and_not_by_a_status() -> None:
    with pytest.raises(TypeError):
        Lifecycle(
            name="x",
            initial=Status.ACTIVE,
            stages=[Stage("active", Status.ACTIVE)],
            transitions=[],
        )


@pytest.mark.parametrize("make", [count, total, mean])
def test_conditions_use_known_events(make: Any) -> None:
    way = Way("buyer", "loyal", on="purchase", when=~(GOLD & (make("purchse") >= 3)))
    assert wrong(way, events=("visit",)) == (
        (
            f"transitions[0].when, in {make.__name__}('purchse'), the event must be one of "
            "'purchase', 'visit', got 'purchse'; did you mean 'purchase'?"
        ),
    )


def test_named_clocks_use_known_events() -> None:
    assert wrong(Way("buyer", "lost", after=idle("visit", days=1)), events=("visits",)) == (
        "transitions[0].after.event must be 'visits', got 'visit'; did you mean 'visits'?",
    )


@pytest.mark.parametrize(
    "more", [{"activity": ("visit",)}, {"events": ("visit",)}, {"events": iter(["visit"])}]
)
def test_activity_and_events_make_names_known(more: dict[str, Any]) -> None:
    definition = lifecycle(
        Way("buyer", "lost", after=idle("visit", days=1), when=count("visit") >= 1), **more
    )
    assert "visit" in (*(definition.activity or ()), *definition.events)


def test_attributes_need_no_declaration() -> None:
    lifecycle(Way("buyer", "lost", on="x", when=GOLD & event_attribute("any").equals(1)))


# Time-outs and final stages


@pytest.mark.parametrize("read", [value(), event_attribute("via")])
def test_a_time_out_reads_no_event(read: Any) -> None:
    assert wrong(Way("buyer", "lost", after=WEEK, when=GOLD | ~(read >= 3))) == (
        (f"transitions[0].when must not read an event, since a time-out has none, got {read!r}"),
    )


def test_a_final_stage_has_no_way_out() -> None:
    assert wrong(Way(("gone", "lost"), "buyer", on="x"), Way("gone", "gone", after=WEEK)) == (
        "transitions[0].source must not be final, got 'gone'",
        "transitions[1].source must not be final, got 'gone'",
        (
            "transitions must not lead in a circle of idle time-outs, got 'gone' -> 'gone'; "
            "no clock restarts in it, so make one of them dwell(...)"
        ),
    )


def test_groups_may_be_wider_than_the_stages_that_are_not_final() -> None:
    lifecycle(Way(Status.CHURNED, "buyer", on="x"), Way(ANY, "gone", on="y"))


# Choices


def test_two_unconditional_transitions_of_one_event_and_level_are_unclear() -> None:
    assert wrong(Way("buyer", "loyal", on="x"), Way(("lead", "buyer"), "lost", on="x")) == (
        (
            "transitions[1] must have a condition, since transitions[0] leaves stage 'buyer' "
            "on 'x' too and has none either"
        ),
    )


@pytest.mark.parametrize(("cause", "words"), [({"on": "x"}, "on 'x'"), ({"after": WEEK}, "after")])
def test_two_unconditional_transitions_of_many_stages_are_one_thing_wrong(
    cause: dict[str, Any], words: str
) -> None:
    stages = [Stage(f"s{number}", Status.ACTIVE) for number in range(5)]
    stages += [Stage("lost", Status.CHURNED, final=True), Stage("gone", Status.CHURNED, final=True)]
    ways = (Way(ANY, "lost", **cause), Way(ANY, "gone", **cause), Way(ANY, "gone", **cause))
    second, third = wrong(*ways, stages=stages, initial="s0")
    start = "transitions[{}] must have a condition, since transitions[0] leaves stage 's0' {}"
    assert second.startswith(start.format(1, words))
    assert third.startswith(start.format(2, words))


@pytest.mark.parametrize("source", [Status.ACTIVE, ANY])
def test_groups_are_levels_of_their_own(source: Any) -> None:
    (problem,) = wrong(Way(source, "lapsed", on="x"), Way(source, "lost", on="x"))
    assert problem.startswith("transitions[1] must have a condition")
    lifecycle(Way("buyer", "loyal", on="x"), Way(source, "lost", on="x"))


def test_two_unconditional_time_outs_of_one_clock_length_and_level_are_unclear() -> None:
    assert wrong(Way("buyer", "loyal", after=idle(days=7)), Way("buyer", "lost", after=WEEK)) == (
        (
            "transitions[1] must have a condition, since transitions[0] leaves stage 'buyer' "
            "after idle(days=7) too and has none either"
        ),
    )


@pytest.mark.parametrize(
    "other", [idle(days=8), dwell(days=7), idle("x", days=7), dwell(until="week")]
)
def test_other_lengths_and_clocks_are_clear(other: Any) -> None:
    lifecycle(Way("buyer", "loyal", after=WEEK), Way("buyer", "lost", after=other), events=("x",))


def test_a_condition_makes_a_choice_clear() -> None:
    lifecycle(Way("buyer", "loyal", on="x", when=GOLD), Way("buyer", "lost", on="x"))
    lifecycle(Way("buyer", "loyal", after=WEEK, when=GOLD), Way("buyer", "lost", after=WEEK))


def test_groups_that_meet_in_no_stage_are_clear() -> None:
    # each leaves out its own target, and the two targets are all there is
    stages = (Stage("buyer", Status.ACTIVE), Stage("loyal", Status.ACTIVE))
    lifecycle(Way(ANY, "loyal", on="x"), Way(ANY, "buyer", on="x"), stages=stages)


@pytest.mark.parametrize(
    ("cause", "words"), [({"on": "x"}, "on 'x'"), ({"after": WEEK}, "after idle(days=7)")]
)
def test_what_stands_behind_an_unconditional_one_can_never_be_taken(
    cause: dict[str, Any], words: str
) -> None:
    assert wrong(Way("buyer", "loyal", **cause), Way("buyer", "lost", **cause, when=GOLD)) == (
        (
            "transitions[1] can never be taken: transitions[0] stands before it, "
            f"is taken {words} too, and has no condition"
        ),
    )


def test_what_can_be_taken_in_one_of_its_stages_is_sound() -> None:
    lifecycle(Way("buyer", "loyal", on="x"), Way(("buyer", "lead"), "lost", on="x", when=GOLD))


def test_what_stands_behind_another_level_is_sound() -> None:
    lifecycle(Way("buyer", "loyal", on="x"), Way(Status.ACTIVE, "lost", on="x", when=GOLD))


# Circles


CIRCLE = "transitions must not lead in a circle of idle time-outs, got "


@pytest.mark.parametrize(
    ("ways", "circle"),
    [
        ([("buyer", "buyer")], "'buyer' -> 'buyer'"),
        ([("buyer", "lapsed"), ("lapsed", "buyer")], "'buyer' -> 'lapsed' -> 'buyer'"),
        (
            [("lead", "buyer"), ("buyer", "lapsed"), ("lapsed", "lost"), ("lost", "buyer")],
            "'buyer' -> 'lapsed' -> 'lost' -> 'buyer'",
        ),
        ([(Status.ACTIVE, "buyer"), ("buyer", "loyal")], "'buyer' -> 'loyal' -> 'buyer'"),
        ([(ANY, "lead"), ("lead", "lost")], "'lead' -> 'lost' -> 'lead'"),
    ],
)
def test_idle_time_outs_lead_in_no_circle(ways: list[tuple[Any, str]], circle: str) -> None:
    text = f"{CIRCLE}{circle}; no clock restarts in it, so make one of them dwell(...)"
    assert wrong(*(Way(source, target, after=WEEK) for source, target in ways)) == (text,)


def test_a_circle_is_one_whatever_the_conditions_clocks_and_lengths() -> None:
    ways = (
        Way("buyer", "lapsed", after=idle("x", days=1), when=GOLD),
        Way("lapsed", "buyer", after=idle(months=1)),
    )
    assert wrong(*ways, events=("x",))[0].startswith(CIRCLE)


def test_one_dwell_makes_a_circle_sound() -> None:
    lifecycle(Way("buyer", "lapsed", after=WEEK), Way("lapsed", "buyer", after=dwell(days=1)))
    lifecycle(Way("buyer", "buyer", after=dwell(days=1)))


def test_an_event_makes_a_circle_sound() -> None:
    lifecycle(Way("buyer", "lapsed", after=WEEK), Way("lapsed", "buyer", on="x"))


def test_a_silenced_time_out_makes_no_circle() -> None:
    lifecycle(
        Way(Status.ACTIVE, "lapsed", after=WEEK),
        Way(Status.DORMANT, "buyer", after=idle(days=3)),
        Way("lapsed", "lost", after=idle(days=9)),
    )


def test_groups_that_leave_out_their_target_make_no_circle_alone() -> None:
    lifecycle(Way(ANY, "lost", after=WEEK), Way(Status.ACTIVE, "lapsed", after=WEEK))


def test_ways_that_meet_again_are_no_circle() -> None:
    lifecycle(
        Way("lead", "buyer", after=WEEK),
        Way("lead", "loyal", after=idle(days=8)),
        Way(("buyer", "loyal"), "lapsed", after=WEEK),
    )


# All at once


def test_one_error_reports_everything_that_is_wrong() -> None:
    text = refusal(
        DefinitionError,
        lambda: lifecycle(
            Way("lead", "buyr", on="x"),
            Way("gone", "lead", on="x"),
            Way("buyer", "lost", after=WEEK, when=value() >= 3),
            Way("buyer", "loyal", after=WEEK),
            Way("loyal", "lapsed", after=WEEK, when=count("y") >= 3),
            Way("lapsed", "loyal", after=WEEK),
            initial="visitor",
            name="club",
        ),
    )
    assert text == (
        "lifecycle 'club' has 6 things wrong:\n"
        f"  - initial must be one of {NAMES}, got 'visitor'\n"
        f"  - transitions[0].target must be one of {NAMES}, got 'buyr'; did you mean 'buyer'?\n"
        "  - transitions[4].when, in count('y'), the event must be 'x', got 'y'\n"
        "  - transitions[2].when must not read an event, since a time-out has none, "
        "got value()\n"
        "  - transitions[1].source must not be final, got 'gone'\n"
        f"  - {CIRCLE}'loyal' -> 'lapsed' -> 'loyal'; "
        "no clock restarts in it, so make one of them dwell(...)"
    )


def test_one_thing_wrong_is_one_thing() -> None:
    assert refusal(DefinitionError, lambda: lifecycle(initial="x", name="club")) == (
        f"lifecycle 'club' has 1 thing wrong:\n  - initial must be one of {NAMES}, got 'x'"
    )


def test_the_error_keeps_its_problems_and_survives_pickling() -> None:
    with pytest.raises(DefinitionError) as caught:
        lifecycle(initial="x")
    copy = again(caught.value)
    assert (copy.name, copy.problems) == ("shop", caught.value.problems)
    assert str(copy) == str(caught.value)
    assert isinstance(copy, ValueError)


def test_a_definition_without_transitions_is_sound() -> None:
    assert lifecycle(stages=[Stage("only", Status.ACTIVE)], initial="only").transitions == ()


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_missing_initial_stage_is_told_with_the_rest(nothing: Any) -> None:
    with pytest.raises(DefinitionError) as caught:
        Lifecycle(
            name="shop",
            initial=nothing,
            stages=[Stage("buyer", Status.ACTIVE)],
            transitions=[Transition("buyer", "gone", on="leave")],
        )
    assert caught.value.problems == (
        "initial must be the name of a stage, got nothing",
        "transitions[0].target must be 'buyer', got 'gone'",
    )


def test_all_unknown_names_are_listed_and_a_known_one_is_suggested_for_the_first_twenty() -> None:
    ways = [Way("lead", f"buyer{i}", on=f"e{i}") for i in range(30)]
    found = wrong(*ways)
    assert [f"got 'buyer{i}'" in sentence for i, sentence in enumerate(found)] == [True] * 30
    suggested = ["; did you mean 'buyer'?" in sentence for sentence in found]
    assert suggested == [True] * 20 + [False] * 10


def test_few_searches_are_made_where_one_stage_cannot_be_read_and_many_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Counter[str]()
    find = difflib.get_close_matches

    def counted(name: str, known: Iterable[str], n: int) -> list[str]:
        made[name] += 1
        return find(name, known, n)

    monkeypatch.setattr(difflib, "get_close_matches", counted)
    stages = [{"name": name, "status": "active"} for name in (3, "lead", "buyer")]
    ways = [{"source": "lead", "target": f"buyer{i}", "on": f"e{i}"} for i in range(300)]
    data = {"name": "shop", "initial": "lead", "stages": stages, "transitions": ways}
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    assert caught.value.problems[0] == "stages[0].name must be text, got 3 (int)"
    assert len(caught.value.problems) == 300  # one of the names is taken for that of the stage
    assert made.total() == 20


def test_a_measure_of_many_unknown_names_is_not_said_whole_for_each_of_them() -> None:
    """The length of the message grows with the number of names, and not with its square."""
    for many in (count, entries):
        names = tuple(f"unknown {place}" for place in range(300))
        problems = wrong(Way("buyer", "loyal", on="visit", when=many(names) >= 1))
        assert len(problems) == len(names)
        assert max(map(len, problems)) < 500
        assert all(name in problem for name, problem in zip(names, problems, strict=True))
    stages = previous().is_in(tuple(f"unknown {place}" for place in range(300)))
    assert max(map(len, wrong(Way("buyer", "loyal", on="visit", when=stages)))) < 500
