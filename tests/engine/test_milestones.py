"""Milestones: reminders inside a stage."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from lifecycle import (
    ANY,
    Customer,
    CustomerBase,
    Deadline,
    Event,
    Journey,
    Lifecycle,
    Milestone,
    Period,
    Stage,
    StageChange,
    Status,
    Transition,
    Window,
    at,
    attribute,
    count,
    diagrams,
    dwell,
    falls,
    idle,
    insights,
    plots,
    testing,
    total,
)
from lifecycle.errors import (
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    OutOfOrderError,
    TooManyChangesError,
)

THREE, SEVEN = "three days past due", "a week past due"


def day(n: float) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n)


def plan(*milestones: Milestone) -> Lifecycle:
    return Lifecycle(
        name="plan",
        initial="paying",
        stages=[
            Stage("paying", Status.ACTIVE),
            Stage("past_due", Status.DORMANT),
            Stage("ended", Status.CHURNED),
        ],
        transitions=[
            Transition("paying", "past_due", on="failed"),
            Transition("past_due", "paying", on="paid"),
            Transition("past_due", "ended", after=dwell(days=14)),
            Transition("ended", "paying", on="paid"),
        ],
        milestones=milestones,
    )


DUNNING = plan(
    Milestone("past_due", after=dwell(days=3), name=THREE),
    Milestone("past_due", after=dwell(days=7), name=SEVEN),
)
ANN = DUNNING.enroll("ann", at=day(0))
FAILED = DUNNING.apply(ANN, Event("failed", day(10))).customer


def said(changes: tuple[StageChange, ...]) -> list[tuple[float, str | None, str]]:
    return [
        ((change.at - day(0)) / timedelta(days=1), change.milestone, change.target)
        for change in changes
    ]


def test_milestones_are_dated_among_the_changes() -> None:
    customer, changes = DUNNING.advance(FAILED, to=day(60))
    assert said(changes) == [
        (13, THREE, "past_due"),
        (17, SEVEN, "past_due"),
        (24, None, "ended"),
    ]
    first = changes[0]
    assert (first.kind, first.cause, first.source) == ("milestone", "timeout", "past_due")
    assert first.transition is None
    assert first.event is None
    assert not first.is_move
    assert changes[-1].is_move
    assert customer.entered == day(24)


def test_the_stay_goes_on() -> None:
    customer, changes = DUNNING.advance(FAILED, to=day(15))
    assert len(changes) == 1
    assert (customer.stage, customer.entered, customer.seen) == ("past_due", day(10), day(13))
    assert DUNNING.advance(customer, to=day(16)) == (customer, ())


def test_a_milestone_says_what_it_is() -> None:
    (change, *_) = DUNNING.advance(FAILED, to=day(60)).changes
    assert str(change) == (f"2026-01-14 00:00:00+00:00 ann: {THREE} in past_due (milestone)")
    assert repr(DUNNING.milestones[0]) == (
        f"Milestone('past_due', after=dwell(days=3), name='{THREE}')"
    )


def test_due_counts_milestones() -> None:
    assert DUNNING.due(FAILED) == Deadline(day(13), None, milestone=THREE)
    later = DUNNING.advance(FAILED, to=day(20)).customer
    assert DUNNING.due(later) == Deadline(day(24), DUNNING.transitions[2])
    assert DUNNING.due(ANN) is None


def test_one_who_pays_gets_no_further_reminder() -> None:
    journey = DUNNING.replay(
        "ann", [Event("failed", day(10)), Event("paid", day(14))], since=day(0), until=day(60)
    )
    assert said(journey.changes) == [
        (10, None, "past_due"),
        (13, THREE, "past_due"),
        (14, None, "paying"),
    ]
    assert [stay.stage for stay in journey.stays] == ["paying", "past_due", "paying"]
    assert journey.stays[1].duration == timedelta(days=4)
    assert journey.stage_at(day(13.5)) == "past_due"


def test_a_late_payment_takes_a_reminder_back() -> None:
    journey = DUNNING.replay("ann", [Event("failed", day(10))], since=day(0), until=day(20))
    _, correction = journey.amend(Event("paid", day(15)))
    assert said(correction.retracted) == [(17, SEVEN, "past_due")]
    assert said(correction.added) == [(15, None, "paying")]


def test_each_stay_has_its_milestones() -> None:
    events = [Event("failed", day(10)), Event("paid", day(14)), Event("failed", day(30))]
    journey = DUNNING.replay("ann", events, since=day(0), until=day(34))
    marks = [change for change in journey.changes if change.kind == "milestone"]
    assert said(tuple(marks)) == [(13, THREE, "past_due"), (33, THREE, "past_due")]


def test_an_idle_milestone_comes_again_after_the_next_activity() -> None:
    shop = Lifecycle(
        name="shop",
        initial="buyer",
        stages=[Stage("buyer", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        transitions=[
            Transition("buyer", "lapsed", after=idle(days=90)),
            Transition("lapsed", "buyer", on="order"),
        ],
        milestones=[Milestone(Status.ACTIVE, after=idle(days=83), name="a week left")],
    )
    events = [Event("order", day(n)) for n in (0, 85, 90)]
    journey = shop.replay("ann", events, since=day(0), until=day(200))
    assert said(journey.changes) == [
        (83, "a week left", "buyer"),
        (173, "a week left", "buyer"),
        (180, None, "lapsed"),
    ]


def test_milestones_come_before_the_time_out_of_their_instant() -> None:
    tied = plan(
        Milestone("past_due", after=dwell(days=14), name="last"),
        Milestone(ANY, after=dwell(weeks=2), name="two weeks"),
    )
    ann = tied.apply(tied.enroll("ann", at=day(0)), Event("failed", day(7))).customer
    assert said(tied.advance(ann, to=day(30)).changes) == [
        (21, "last", "past_due"),
        (21, "two weeks", "past_due"),
        (21, None, "ended"),
    ]
    stopped, changes = tied.advance(ann, to=day(21))
    assert said(changes)[-1] == (21, None, "ended")
    assert said(tied.advance(stopped, to=day(35)).changes) == [(35, "two weeks", "ended")]


def test_an_event_at_the_instant_comes_after() -> None:
    customer, changes = DUNNING.apply(FAILED, Event("paid", day(13)))
    assert said(changes) == [(13, THREE, "past_due"), (13, None, "paying")]
    assert customer.stage == "paying"


def test_an_event_before_a_milestone_that_was_told_is_late() -> None:
    told = DUNNING.advance(FAILED, to=day(13)).customer
    with pytest.raises(OutOfOrderError):
        DUNNING.apply(told, Event("paid", day(12)))


def test_a_milestone_at_the_instant_of_entry_comes_once() -> None:
    quiet = plan(Milestone("past_due", after=idle("paid", days=5), name="no payment"))
    ann = quiet.apply(quiet.enroll("ann", at=day(0)), Event("failed", day(10))).customer
    told, changes = quiet.advance(ann, to=day(10))
    assert said(changes) == [(10, "no payment", "past_due")]
    again = Customer.from_dict(told.to_dict())
    for customer in told, again:
        assert said(quiet.advance(customer, to=day(60)).changes) == [(24, None, "ended")]


def test_a_condition_is_examined_at_the_milestone() -> None:
    often = plan(
        Milestone("past_due", after=dwell(days=3), when=count("failed") >= 2, name="again")
    )
    events = [Event("failed", day(10)), Event("paid", day(14)), Event("failed", day(30))]
    marks = often.replay("ann", events, since=day(0), until=day(40)).changes
    assert said(tuple(mark for mark in marks if not mark.is_move)) == [(33, "again", "past_due")]


def test_a_fall_can_be_a_milestone() -> None:
    window = count("paid", within=Period(days=30))
    fewer = plan(Milestone("paying", after=falls(window, below=2), name="pays less often"))
    events = [Event("paid", day(1)), Event("paid", day(5)), Event("paid", day(33))]
    journey = fewer.replay("ann", events, since=day(0), until=day(90))
    # the first payment leaves on day 31; two are there again from 33 to 35
    assert said(journey.changes) == [
        (31, "pays less often", "paying"),
        (35, "pays less often", "paying"),
    ]


def test_a_refund_that_lets_a_measure_fall_reaches_it_once() -> None:
    spent = total("paid", within=Period(days=365))
    club = plan(Milestone("paying", after=falls(spent, below=100), name="below 100"))
    ann = club.enroll("ann", at=day(0))
    for n, value in ((1, 120), (5, -50)):
        ann, changes = club.apply(ann, Event("paid", day(n), value=value))
        assert changes == ()
    assert club.due(ann) == Deadline(day(5), None, milestone="below 100")
    ann, changes = club.advance(ann, to=day(5))
    assert said(changes) == [(5, "below 100", "paying")]
    assert club.advance(ann, to=day(5)).changes == ()
    assert club.due(ann) is None
    assert club.due(Customer.from_dict(ann.to_dict())) is None


def test_milestones_count_toward_the_bound() -> None:
    with pytest.raises(TooManyChangesError):
        DUNNING.advance(FAILED, to=day(60), most=2)
    assert len(DUNNING.advance(FAILED, to=day(60), most=3).changes) == 3


def test_milestones_of_one_instant_count_toward_the_bound_one_by_one() -> None:
    """Three at the instant, of which at most two are reached; they lead in no loop."""
    shop = plan(
        *(Milestone("paying", after=dwell(days=3), name=name) for name in ("a", "b", "c")),
    )
    ann = shop.enroll("ann", at=day(0))
    for most in (1, 2):
        with pytest.raises(TooManyChangesError) as caught:
            shop.advance(ann, to=day(9), most=most)
        assert (caught.value.stages, caught.value.at) == (("paying",), day(3))
    with pytest.raises(TooManyChangesError):
        shop.replay("ann", [], since=day(0), until=day(9), most=1)
    assert len(shop.advance(ann, to=day(9), most=3).changes) == 3


def test_the_bound_names_the_loop_of_stages_also_where_milestones_are_reached() -> None:
    """The last change is a milestone; the loop leads through both stages."""
    spin = Lifecycle(
        name="spin",
        initial="on",
        stages=[Stage("on", Status.ACTIVE), Stage("off", Status.DORMANT)],
        transitions=[
            Transition("on", "off", after=dwell(days=2)),
            Transition("off", "on", after=dwell(days=2)),
        ],
        milestones=[Milestone(ANY, after=dwell(days=1), name="half")],
    )
    with pytest.raises(TooManyChangesError) as caught:
        spin.advance(spin.enroll("ann", at=day(0)), to=day(99), most=5)
    assert (caught.value.stages, caught.value.at) == (("on", "off", "on"), day(5))


def test_milestones_of_a_status_or_any_stage_leave_out_final_stages() -> None:
    gone = Lifecycle(
        name="gone",
        initial="here",
        stages=[Stage("here", Status.ACTIVE), Stage("erased", Status.CHURNED, final=True)],
        transitions=[Transition("here", "erased", on="erasure")],
        milestones=[Milestone(ANY, after=dwell(days=1), name="a day")],
    )
    ann = gone.apply(gone.enroll("ann", at=day(0)), Event("erasure", day(3))).customer
    assert gone.due(ann) is None


def test_a_date_of_the_customer_is_reminded_of_before() -> None:
    trial = plan(
        Milestone("paying", after=at(attribute("renews"), days=-3), name="renews in three days")
    )
    ann = trial.enroll("ann", at=day(0), attributes={"renews": day(30)})
    assert trial.due(ann) == Deadline(day(27), None, milestone="renews in three days")
    ann, changes = trial.advance(ann, to=day(28))
    assert said(changes) == [(27, "renews in three days", "paying")]
    assert trial.due(ann) is None
    ann, _ = trial.apply(ann, Event("paid", day(30), sets={"renews": day(60)}))
    assert trial.due(ann) == Deadline(day(57), None, milestone="renews in three days")


def test_a_date_that_is_set_to_the_past_reminds_once() -> None:
    trial = plan(Milestone("paying", after=at(attribute("renews")), name="renews"))
    ann = trial.enroll("ann", at=day(0))
    ann, _ = trial.apply(ann, Event("paid", day(5), sets={"renews": day(2)}))
    told, changes = trial.advance(ann, to=day(5))
    assert said(changes) == [(5, "renews", "paying")]
    for customer in told, Customer.from_dict(told.to_dict()):
        assert trial.due(customer) is None
        assert trial.advance(customer, to=day(90)).changes == ()
    again, _ = trial.apply(told, Event("paid", day(6), sets={"renews": day(2)}))
    assert said(trial.advance(again, to=day(90)).changes) == [(6, "renews", "paying")]


@pytest.mark.parametrize(("told", "expected"), [(True, [(3, "call", "paying")]), (False, [])])
def test_a_condition_is_not_examined_again_when_its_attribute_is_set(
    told: bool,  # noqa: FBT001  (a case)
    expected: list[object],
) -> None:
    """It would be reached twice by those who had it."""
    vip = plan(
        Milestone("paying", after=dwell(days=3), when=attribute("vip").equals(True), name="call")
    )
    events = [Event("paid", day(9), sets={"vip": True})]
    journey = vip.replay("ann", events, since=day(0), until=day(90), attributes={"vip": told})
    assert said(journey.changes) == expected


def past_due(*milestones: Milestone, version: int = 1) -> Lifecycle:
    """Make a definition of debts that can be held, in which the dwell clock stands still."""
    return Lifecycle(
        name="held",
        version=version,
        initial="past_due",
        stages=[
            Stage("past_due", Status.DORMANT),
            Stage("held", Status.DORMANT, stops="dwell"),
        ],
        transitions=[
            Transition("past_due", "held", on="hold"),
            Transition("held", "past_due", on="resume"),
        ],
        milestones=milestones,
    )


REMINDERS = tuple(
    Milestone("past_due", after=dwell(days=days), name=f"day {days}") for days in (3, 4, 7)
)


def test_a_reminder_before_a_pause_does_not_come_again_after_it() -> None:
    """The third day of the stay is over; the seventh comes later by the pause of 50 days."""
    held = past_due(
        Milestone("past_due", after=dwell(days=3), name=THREE),
        Milestone("past_due", after=dwell(days=7), name=SEVEN),
    )
    events = [Event("hold", day(5)), Event("resume", day(55))]
    journey = held.replay("ann", events, since=day(0), until=day(90))
    marks = tuple(change for change in journey.changes if not change.is_move)
    assert said(marks) == [(3, THREE, "past_due"), (57, SEVEN, "past_due")]
    at_once = [Event("hold", day(3)), Event("resume", day(55))]
    marks = held.replay("ann", at_once, since=day(0), until=day(90)).changes
    assert said(tuple(mark for mark in marks if not mark.is_move)) == [
        (3, THREE, "past_due"),
        (59, SEVEN, "past_due"),
    ]


def test_a_clock_says_that_a_milestone_before_a_pause_rests() -> None:
    held = past_due(*REMINDERS)
    ann = held.enroll("ann", at=day(0))
    for event in Event("hold", day(5)), Event("resume", day(55)):
        ann, _ = held.apply(ann, event)
    found = {clock.milestone: (clock.state, clock.at) for clock in held.clocks(ann)}
    assert found == {
        "day 7": ("taken", day(57)),
        "day 3": ("rests", day(55)),
        "day 4": ("rests", day(55)),
    }


def test_a_milestone_that_a_migration_brings_after_a_pause_is_due_at_once() -> None:
    """Day 4 has passed in the stay that goes on; day 3 was reached, and rests in both versions."""
    old, new = past_due(REMINDERS[0], REMINDERS[2]), past_due(*REMINDERS, version=2)
    ann = old.enroll("ann", at=day(0))
    for event in Event("hold", day(5)), Event("resume", day(55)):
        ann, _ = old.apply(ann, event)
    ann, (_, *reached) = old.migrate(ann, to=new, at=day(56))
    assert said(tuple(reached)) == [(56, "day 4", "past_due")]
    later = past_due(*REMINDERS, version=3)
    ann, (_, *reached) = new.migrate(ann, to=later, at=day(56))
    assert reached == []
    assert said(later.advance(ann, to=day(99)).changes) == [(57, "day 7", "past_due")]


def test_a_milestone_of_another_name_is_another_one_after_a_migration() -> None:
    """So is a transition of the same length as a milestone that was reached."""
    old = plan(Milestone("paying", after=dwell(days=3), name="a"))
    ann, reached = old.advance(old.enroll("ann", at=day(0)), to=day(5))
    assert said(reached) == [(3, "a", "paying")]
    renamed = plan(Milestone("paying", after=dwell(days=3), name="b"))
    _, (_, *reached_now) = old.migrate(ann, to=renamed, at=day(6))
    assert said(tuple(reached_now)) == [(6, "b", "paying")]
    moving = attrs.evolve(
        plan(),
        transitions=[*plan().transitions, Transition("paying", "past_due", after=dwell(days=3))],
    )
    moved, _ = old.migrate(ann, to=moving, at=day(6))
    assert (moved.stage, moved.entered) == ("past_due", day(6))


# Definitions


@pytest.mark.parametrize(
    ("milestone", "problem"),
    [
        (Milestone("pastdue", after=dwell(days=3), name="x"), "milestones[0].stage must be one of"),
        (
            Milestone("past_due", after=idle("pay", days=3), name="x"),
            "milestones[0].after.event must be one of",
        ),
        (
            Milestone("past_due", after=dwell(days=3), when=count("pay") >= 1, name="x"),
            "milestones[0].when, in count('pay')",
        ),
    ],
)
def test_unknown_names_are_refused(milestone: Milestone, problem: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        plan(milestone)
    assert problem in str(caught.value)


def test_a_name_is_used_once_in_a_stage() -> None:
    same = Milestone("past_due", after=dwell(days=3), name="x")
    with pytest.raises(DefinitionError, match="got 'x' 2 times in 'past_due'"):
        plan(same, Milestone(Status.DORMANT, after=dwell(days=4), name="x"))
    apart = plan(same, Milestone("paying", after=dwell(days=4), name="x"))
    assert len(apart.milestones) == 2


def test_a_final_stage_has_no_milestones() -> None:
    with pytest.raises(DefinitionError, match=r"milestones\[0\]\.stage must not be final"):
        Lifecycle(
            name="x",
            initial="a",
            stages=[Stage("a", Status.ACTIVE), Stage("z", Status.CHURNED, final=True)],
            transitions=[Transition("a", "z", on="erasure")],
            milestones=[Milestone("z", after=dwell(days=3), name="x")],
        )


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ({"after": None}, "milestone.after"),
        ({"after": timedelta(days=3)}, "milestone.after"),
        ({"name": 3}, "milestone.name"),
        ({"when": count("paid")}, "milestone.when"),
        ({"stage": 3}, "milestone.stage"),
    ],
)
def test_wrong_types_are_refused(arguments: dict[str, object], argument: str) -> None:
    given = {"stage": "past_due", "after": dwell(days=3), "name": "x"} | arguments
    with pytest.raises(InvalidTypeError, match=argument):
        Milestone(given.pop("stage"), **given)  # type: ignore[arg-type]  # wrong on purpose


def test_blank_names_and_repeated_stages_are_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"milestone\.name"):
        Milestone("past_due", after=dwell(days=3), name=" ")
    with pytest.raises(InvalidValueError, match=r"milestone\.stage"):
        Milestone(("a", "a"), after=dwell(days=3), name="x")
    with pytest.raises(InvalidTypeError, match=r"milestones\[0\] must be a Milestone"):
        plan("x")  # type: ignore[arg-type]  # wrong on purpose


def test_a_milestone_that_is_never_reached_is_found() -> None:
    late = plan(
        Milestone("past_due", after=dwell(days=20), name="late"),
        Milestone("past_due", after=dwell(days=14), name="in time"),
        Milestone(("past_due", "paying"), after=dwell(days=20), name="in one of them"),
        Milestone(Status.PROSPECT, after=dwell(days=20), name="nowhere"),
    )
    found = [finding for finding in late.findings() if finding.code == "never_reached"]
    assert [finding.where for finding in found] == ["milestones[0]", "milestones[3]"]
    assert "always left before" in found[0].message
    assert "no stage has it" in found[1].message
    assert not [one for one in DUNNING.findings() if one.where.startswith("milestones")]


# As data


def test_definitions_and_changes_round_trip() -> None:
    assert Lifecycle.from_dict(DUNNING.to_dict()) == DUNNING
    journey = DUNNING.replay("ann", [Event("failed", day(10))], since=day(0), until=day(20))
    assert Journey.from_dict(journey.to_dict()) == journey
    for change in journey.changes:
        assert StageChange.from_dict(change.to_dict()) == change
    assert DUNNING.to_dict()["milestones"] == [
        {"stage": "past_due", "after": {"clock": "dwell", "days": 3}, "name": THREE},
        {"stage": "past_due", "after": {"clock": "dwell", "days": 7}, "name": SEVEN},
    ]


def test_all_mistakes_in_data_are_listed() -> None:
    data = DUNNING.to_dict()
    data["milestones"] = [
        {"stage": "pastdue", "after": {"clock": "dwell", "days": 3}, "name": "x"},
        {"stage": ["past_due", 3], "after": {"clock": "dwell", "days": -3}},
        {"stage": "past_due", "name": "y", "after": {"clock": "dwel"}},
    ]
    with pytest.raises(DefinitionError) as caught:
        Lifecycle.from_dict(data)
    text = str(caught.value)
    for part in "[0].stage", "[1].stage[1]", "[1].after", "[1].name", "[2].after.clock":
        assert f"milestones{part}" in text


def test_diagrams_show_them() -> None:
    words = f"{THREE} (in stage 3 days)"
    assert "note right of s1" in diagrams.mermaid(DUNNING)
    for text in diagrams.dot(DUNNING), DUNNING._repr_html_():
        assert words in text
    table = diagrams.table(DUNNING)
    assert f"| past_due |  | in stage 3 days |  | milestone: {THREE} |" in table


# What reads changes


def test_insights_do_not_see_milestones() -> None:
    bare = plan()
    events = [Event("failed", day(10)), Event("paid", day(14)), Event("failed", day(30))]
    bases = []
    for lifecycle in bare, DUNNING:
        journeys = [
            lifecycle.replay(f"c{i}", events, since=day(0), until=day(40 + i)) for i in range(4)
        ]
        changes = [change for journey in journeys for change in journey.changes]
        enrolled = {journey.customer.id: day(0) for journey in journeys}
        filed = CustomerBase.from_changes(lifecycle, changes, enrolled=enrolled, until=day(43))
        bases.append((CustomerBase(journeys), filed))
    for without, base in zip(*bases, strict=True):
        assert str(base.time_in_stage("past_due")) == str(without.time_in_stage("past_due"))
        assert base.drop_off() == without.drop_off()
        assert base.transition_counts() == without.transition_counts()
        assert base.changes == without.changes


def test_pictures_do_not_count_them() -> None:
    changes = DUNNING.advance(FAILED, to=day(60)).changes
    assert diagrams.dot(DUNNING, counts=changes) == diagrams.dot(DUNNING, counts=changes[-1:])
    drawn = plots.flows(changes)
    assert [text.get_text() for text in drawn.texts] == ["past_due  1", "1  ended"]


def test_due_between_looks_at_moves() -> None:
    found = insights.due_between([FAILED], window=Window(day(0), day(60)), lifecycle=DUNNING)
    assert [(row.at, row.target) for row in found] == [(day(24), "ended")]


def test_paths_reach_each_milestone_from_both_sides() -> None:
    found = testing.paths(DUNNING)
    assert found.missed == ()
    names = [path.name for path in found if isinstance(path.way, Milestone)]
    assert names[:3] == [
        f"milestone '{THREE}' in past_due after dwell(days=3), 1 microsecond before",
        f"milestone '{THREE}' in past_due after dwell(days=3)",
        f"milestone '{THREE}' in past_due after dwell(days=3), 1 microsecond after",
    ]
    for path in found:
        assert any(map(path.matches, path.journey.changes)) == path.taken
