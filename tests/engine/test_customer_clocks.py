"""What becomes of each time-out of a customer's stage, and why."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    ANY,
    Clock,
    Customer,
    Event,
    Lifecycle,
    Milestone,
    Period,
    Stage,
    Status,
    Transition,
    at,
    attribute,
    count,
    dwell,
    falls,
    idle,
    total,
)
from lifecycle.errors import InvalidTypeError, WrongDefinitionError
from samples import FADING, START, again, applied, bought, day, lifecycle, naive, refusal

BERLIN = ZoneInfo("Europe/Berlin")
VIP = attribute("vip").equals(1)


def waits(*ways: Any, **more: Any) -> Lifecycle:
    """Make a definition of time-outs from buyer to lapsed, each with its condition or None."""
    transitions = [Transition("buyer", "lapsed", after=after, when=when) for after, when in ways]
    return lifecycle(*transitions, events=("purchase", "note"), **more)


def told(definition: Lifecycle, customer: Customer) -> list[tuple[str, str, datetime | None]]:
    """Give the state of each clock, its time-out and its deadline."""
    return [(clock.state, repr(clock.after), clock.at) for clock in definition.clocks(customer)]


# The tier that is reviewed after 30 days, and kept by who has ordered twice


TIERS = Lifecycle(
    name="tiers",
    initial="gold",
    stages=[Stage("gold", Status.ACTIVE), Stage("silver", Status.ACTIVE)],
    transitions=[
        Transition(
            "gold", "silver", after=dwell(days=30), when=count("order", since_entry=True) < 2
        ),
        Transition("silver", "gold", on="order"),
    ],
)


def test_silence_has_reasons() -> None:
    ann = TIERS.enroll("ann", at=naive("2026-01-01"))
    assert [clock.state for clock in TIERS.clocks(ann)] == ["taken"]
    for order in ("2026-01-05", "2026-01-06"):
        ann, _ = TIERS.apply(ann, Event("order", naive(order)))
    assert TIERS.due(ann) is None
    (clock,) = TIERS.clocks(ann)
    assert (clock.state, clock.at) == ("rests", naive("2026-01-31"))
    (reason,) = clock.reasons
    assert (reason.code, reason.actual) == ("unmet", 2)
    assert reason.transition == TIERS.transitions[0]
    assert reason.condition == TIERS.transitions[0].when
    assert str(clock) == (
        "dwell(days=30) rests at 2026-01-31 00:00:00: "
        "to enter 'silver', count('order', since_entry=True) < 2 must hold, got 2"
    )


def test_each_unmet_part_is_named_with_its_value() -> None:
    spent = total("purchase") < 100
    definition = waits((idle(days=9), VIP & (count("purchase") >= 1) & (spent | VIP)))
    ann = applied(definition, bought(1, 150))
    (clock,) = definition.clocks(ann)
    assert [(str(reason.condition), reason.actual) for reason in clock.reasons] == [
        (repr(VIP), None),
        (repr(spent), 150),
        (repr(VIP), None),
    ]


# Order


def test_the_one_taken_comes_first_and_then_the_deadlines_in_time() -> None:
    definition = waits(
        (dwell(days=60), None),
        (dwell(days=10), VIP),
        (idle("purchase", days=40), None),
        (idle(days=40), VIP),
        (dwell(days=8000 * 365), None),
        (idle("note", days=40), ~VIP),
    )
    ann = definition.enroll("ann", at=START)
    assert told(definition, ann) == [
        ("taken", "idle('purchase', days=40)", day(40)),
        ("rests", "dwell(days=10)", day(10)),
        ("rests", "idle(days=40)", day(40)),
        ("later", "idle('note', days=40)", day(40)),
        ("later", "dwell(days=60)", day(60)),
        ("none", "dwell(days=2920000)", None),
    ]
    due = definition.due(ann)
    first, *_ = definition.clocks(ann)
    assert due is not None
    assert (first.at, first.transition) == (due.at, due.transition)


def test_at_one_instant_the_nearer_level_comes_first() -> None:
    definition = lifecycle(
        Transition(ANY, "lost", after=idle("purchase", days=9)),
        Transition(Status.ACTIVE, "lapsed", after=idle(days=9)),
        Transition("buyer", "loyal", after=dwell(days=9)),
        events=("purchase",),
    )
    ann = definition.enroll("ann", at=START)
    assert [clock.transition.target for clock in definition.clocks(ann)] == [
        "loyal",
        "lapsed",
        "lost",
    ]


# Silencing


SILENCED = lifecycle(
    Transition(ANY, "lost", after=idle(days=30)),
    Transition(Status.ACTIVE, "lapsed", after=idle(days=90)),
    Transition("buyer", "lapsed", after=idle(days=180)),
    Transition("buyer", "lost", after=idle(days=120), when=VIP),
    Transition(Status.ACTIVE, "lapsed", after=idle("purchase", days=120)),
    events=("purchase",),
)


def test_a_nearer_level_silences_and_is_named() -> None:
    ann = SILENCED.enroll("ann", at=START)
    clocks = SILENCED.clocks(ann)
    assert [(clock.state, clock.at) for clock in clocks] == [
        ("taken", day(120)),
        ("rests", day(120)),
        ("later", day(180)),
        ("silenced", None),
        ("silenced", None),
    ]
    any_, status = clocks[3:]
    assert (any_.transition, any_.by) == (SILENCED.transitions[0], SILENCED.transitions[2])
    assert (status.transition, status.by) == (SILENCED.transitions[1], SILENCED.transitions[2])
    assert str(status) == "idle(days=90) is silenced by idle(days=180)"
    # another stage of the status has no time-outs of its own
    loyal = SILENCED.enroll("bob", at=START, stage="loyal")
    (first, *_, last) = SILENCED.clocks(loyal)
    assert (first.state, first.transition) == ("taken", SILENCED.transitions[1])
    assert (last.state, last.by) == ("silenced", SILENCED.transitions[1])
    lead = SILENCED.enroll("cy", at=START, stage="lead")
    assert [clock.transition for clock in SILENCED.clocks(lead)] == [SILENCED.transitions[0]]


@pytest.mark.parametrize("stage", ["gone", "lost"])
def test_a_stage_without_time_outs_has_no_clocks(stage: str) -> None:
    assert FADING.clocks(FADING.enroll("ann", at=START, stage=stage)) == ()


# Pauses


def test_clocks_that_a_stage_stops_are_stopped_in_it() -> None:
    stages = [Stage("buyer", Status.ACTIVE), Stage("paused", Status.DORMANT, stops="idle")]
    definition = Lifecycle(
        name="pausing",
        initial="buyer",
        stages=[*stages, Stage("lost", Status.CHURNED)],
        transitions=[
            Transition("buyer", "paused", on="pause"),
            Transition("paused", "buyer", on="resume"),
            Transition(Status.DORMANT, "lost", after=idle(days=90)),
            Transition(ANY, "lost", after=dwell(days=365)),
            Transition("paused", "buyer", after=idle("pause", days=60)),
            Transition("buyer", "lost", after=idle(days=30)),
        ],
        milestones=[Milestone(ANY, after=idle(days=7), name="hello")],
    )
    ann = applied(definition, Event("pause", day(10)))
    assert told(definition, ann) == [
        ("taken", "idle('pause', days=60)", day(70)),
        ("later", "dwell(days=365)", day(375)),
        ("stopped", "idle(days=7)", None),
        ("stopped", "idle(days=90)", None),
    ]
    assert str(definition.clocks(ann)[-1]) == "idle(days=90) is stopped in this stage"
    ann, _ = definition.apply(ann, Event("resume", day(20)))
    assert "stopped" not in [clock.state for clock in definition.clocks(ann)]


# Resting


def test_what_has_rested_is_read_as_things_stand() -> None:
    definition = waits((dwell(days=14), VIP))
    ann = applied(definition, Event("note", day(20)))
    (clock,) = definition.clocks(ann)
    assert (clock.state, clock.at) == ("rests", day(14))
    assert [reason.actual for reason in clock.reasons] == [None]
    before, _ = definition.apply(ann, Event("note", day(21), sets={"vip": 2}))
    (clock,) = definition.clocks(before)
    assert [reason.actual for reason in clock.reasons] == [2]


def test_a_condition_that_holds_too_late_has_no_reasons() -> None:
    """The window of ten days holds two purchases on day 14, and none on day 30."""
    few = count("purchase", within=Period(days=10)) < 2
    definition = waits((dwell(days=14), few))
    ann = applied(definition, bought(12), bought(13))
    assert [clock.reasons[0].actual for clock in definition.clocks(ann)] == [2]
    ann, _ = definition.apply(ann, Event("note", day(30)))
    (clock,) = definition.clocks(ann)
    assert (clock.state, clock.at, clock.reasons) == ("rests", day(14), ())
    assert str(clock) == (
        "dwell(days=14) rests at 2026-01-15 00:00:00+00:00: its condition did not hold then"
    )


def test_a_condition_of_a_window_is_read_at_the_deadline() -> None:
    few = count("purchase", within=Period(days=10)) < 2
    definition = waits((dwell(days=23), few))
    ann = applied(definition, bought(12), bought(13))
    assert [clock.state for clock in definition.clocks(ann)] == ["taken"]


def test_code_that_does_not_hold_is_named() -> None:
    def is_away(customer: Customer, event: Event | None) -> bool:
        return event is not None or customer.id == "bob"

    definition = waits((dwell(days=14), is_away))
    (clock,) = definition.clocks(definition.enroll("ann", at=START))
    assert str(clock).endswith(": to enter 'lapsed', is_away must hold")
    assert definition.clocks(definition.enroll("bob", at=START))[0].state == "taken"


def test_code_that_raises_is_a_reason() -> None:
    def broken(_customer: Customer, _event: Event | None) -> bool:
        raise RuntimeError("no")

    definition = waits((dwell(days=14), broken), (dwell(days=20), None), (dwell(days=7), VIP))
    ann = definition.enroll("ann", at=START)
    with pytest.raises(RuntimeError):
        definition.due(ann)
    assert [clock.state for clock in definition.clocks(ann)] == ["rests", "rests", "later"]
    raised = definition.clocks(ann)[1]
    assert [reason.code for reason in raised.reasons] == ["raised"]
    assert str(raised) == (
        "dwell(days=14) rests at 2026-01-15 00:00:00+00:00: "
        "to enter 'lapsed', broken must hold, raised: RuntimeError: no"
    )
    soon = waits((dwell(days=14), broken), (dwell(days=9), None))
    ann = soon.enroll("ann", at=START)
    assert [clock.state for clock in soon.clocks(ann)] == ["taken", "rests"]


# Falls


SPENT = total("purchase", within=Period(days=30))


@pytest.mark.parametrize(
    ("values", "when", "expected"),
    [
        ((), None, ("none", None)),
        ((50,), None, ("none", None)),  # it is below all along
        ((120,), None, ("taken", 31)),
        ((120,), VIP, ("rests", 31)),
        ((120, 200, -40), total("purchase") >= 300, ("rests", 32)),  # 160 on day 31
        # below on day 2, on day 31 with 50, and on day 33 with nothing
        ((120, -50, 100), VIP, ("rests", 31)),
        ((120, -50, 100), count("purchase", within=Period(days=30)) < 1, ("taken", 33)),
    ],
)
def test_a_fall_has_a_deadline_while_the_measure_is_not_below(
    values: tuple[float, ...], when: Any, expected: tuple[str, float | None]
) -> None:
    definition = waits((falls(SPENT, below=100), when))
    events = [bought(number, value) for number, value in enumerate(values, start=1)]
    ann = applied(definition, *events)
    (clock,) = definition.clocks(ann)
    state, at = expected
    assert (clock.state, clock.at) == (state, None if at is None else day(at))


# Dates, and what an event sets


def test_a_date_that_is_missing_is_no_deadline() -> None:
    definition = waits((at(attribute("ends")), None), (at(attribute("ends"), days=-3), VIP))
    ann = definition.enroll("ann", at=START)
    assert [clock.state for clock in definition.clocks(ann)] == ["none", "none"]
    assert str(definition.clocks(ann)[0]) == "at(attribute('ends')) has no deadline"
    ann, _ = definition.apply(ann, Event("note", day(1), sets={"ends": day(9)}))
    assert [(clock.state, clock.at) for clock in definition.clocks(ann)] == [
        ("taken", day(9)),
        ("rests", day(6)),
    ]


def test_what_an_event_has_set_is_asked_again_at_the_event() -> None:
    definition = waits((dwell(days=14), VIP))
    ann = applied(definition, Event("note", day(20), sets={"vip": 1}))
    assert [(clock.state, clock.at) for clock in definition.clocks(ann)] == [("taken", day(20))]
    ann = applied(definition, Event("note", day(20), sets={"vip": 2}))
    (clock,) = definition.clocks(ann)
    assert (clock.state, clock.at, clock.reasons[0].actual) == ("rests", day(20), 2)


# Milestones


def test_milestones_have_clocks_too() -> None:
    definition = waits(
        (dwell(days=14), None),
        (idle(days=30), None),
        milestones=[
            Milestone("buyer", after=dwell(days=7), name="second"),
            Milestone(Status.ACTIVE, after=dwell(days=3), name="first"),
            Milestone(ANY, after=dwell(days=5), name="for some", when=VIP),
            Milestone("buyer", after=at(attribute("ends")), name="last"),
            Milestone("buyer", after=dwell(days=14), name="end"),
            Milestone("lapsed", after=dwell(days=3), name="elsewhere"),
        ],
    )
    ann = definition.enroll("ann", at=START)
    clocks = definition.clocks(ann)
    assert [(clock.state, clock.milestone, clock.at) for clock in clocks] == [
        ("taken", "first", day(3)),
        ("rests", "for some", day(5)),
        ("later", "second", day(7)),
        ("later", "end", day(14)),
        ("later", None, day(14)),
        ("later", None, day(30)),
        ("none", "last", None),
    ]
    due = definition.due(ann)
    assert due is not None
    assert (due.at, due.transition, due.milestone) == (day(3), None, "first")
    assert clocks[0].transition is None
    assert str(clocks[0]) == (
        "dwell(days=3) is due at 2026-01-04 00:00:00+00:00 and reaches 'first'"
    )
    assert str(clocks[1].reasons[0]) == (
        "to reach 'for some', attribute('vip').equals(1) must hold, got missing"
    )


def test_a_milestone_that_was_reached_rests() -> None:
    marks = [Milestone("buyer", after=dwell(days=3), name="first")]
    definition = waits((dwell(days=14), None), milestones=marks)
    ann, _ = definition.advance(definition.enroll("ann", at=START), to=day(5))
    first, reached = definition.clocks(ann)
    assert (first.state, first.at) == ("taken", day(14))
    assert (reached.state, reached.at, reached.reasons) == ("rests", day(3), ())
    assert str(reached) == (
        "dwell(days=3) rests at 2026-01-04 00:00:00+00:00: "
        "'first' has been reached, or its condition did not hold then"
    )


def test_code_of_a_milestone_that_raises_is_a_reason() -> None:
    def broken(_customer: Customer, _event: Event | None) -> bool:
        raise RuntimeError("no")

    marks = [Milestone("buyer", after=dwell(days=3), name="first", when=broken)]
    definition = waits((dwell(days=14), None), milestones=marks)
    clocks = definition.clocks(definition.enroll("ann", at=START))
    assert [clock.state for clock in clocks] == ["rests", "later"]
    assert str(clocks[0].reasons[0]).startswith("to reach 'first', broken must hold, raised: ")


# What a clock is


def test_deadlines_are_in_the_zone_that_they_count_from() -> None:
    definition = waits((dwell(months=1), None), (idle(months=1), VIP))
    ann = definition.enroll("ann", at=datetime(2026, 3, 15, 12, tzinfo=BERLIN))
    assert [str(clock.at) for clock in definition.clocks(ann)] == [
        "2026-04-15 12:00:00+02:00",
        "2026-04-15 12:00:00+02:00",
    ]


@pytest.mark.parametrize(
    ("ways", "text"),
    [
        (
            [(dwell(days=14), None)],
            "dwell(days=14) is due at 2026-01-15 00:00:00+00:00 and leads to 'lapsed'",
        ),
        (
            [(dwell(days=14), None), (idle(days=15), None)],
            (
                "idle(days=15) is due at 2026-01-16 00:00:00+00:00 and leads to 'lapsed', "
                "if nothing else comes before it"
            ),
        ),
        ([(falls(SPENT, below=100), None)], f"{falls(SPENT, below=100)!r} has no deadline"),
    ],
)
def test_a_clock_reads_as_a_sentence(ways: list[Any], text: str) -> None:
    definition = waits(*ways)
    assert str(definition.clocks(definition.enroll("ann", at=START))[-1]) == text


def test_a_clock_is_a_value() -> None:
    definition = waits((dwell(days=14), None))
    (clock,) = definition.clocks(definition.enroll("ann", at=START))
    assert again(clock) == clock
    way = definition.transitions[0]
    assert clock == Clock(after=dwell(days=14), transition=way, at=day(14), state="taken")
    assert repr(clock) == (
        "Clock(after=dwell(days=14), "
        "transition=Transition('buyer', 'lapsed', after=dwell(days=14)), "
        "at=datetime.datetime(2026, 1, 15, 0, 0, tzinfo=datetime.timezone.utc), state='taken')"
    )
    assert hash(clock) == hash(again(clock))


def test_looking_takes_nothing_that_is_due() -> None:
    """A customer that nobody has advanced for long stands where it stood."""
    ann = FADING.enroll("ann", at=START)
    before = again(ann)
    (clock,) = FADING.clocks(ann)
    assert (clock.state, clock.at) == ("taken", day(90))
    assert ann == before


def test_a_customer_of_another_definition_is_refused() -> None:
    ann = FADING.enroll("ann", at=START)
    assert refusal(WrongDefinitionError, lambda: TIERS.clocks(ann)).startswith("customer must")
    text = refusal(InvalidTypeError, lambda: FADING.clocks("ann"))  # type: ignore[arg-type]
    assert text.startswith("customer must be a Customer")
