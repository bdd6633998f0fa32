"""How a customer moves from one definition to another."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from lifecycle import (
    Calendar,
    Customer,
    CustomerBase,
    Event,
    Lifecycle,
    Milestone,
    Outcome,
    Period,
    Stage,
    Status,
    Transition,
    Window,
    at,
    attribute,
    count,
    dwell,
    entries,
    falls,
    idle,
    previous,
    total,
)
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    UnknownNameError,
    WrongDefinitionError,
)
from samples import (
    FADING,
    SHOP,
    START,
    again,
    applied,
    bought,
    day,
    lifecycle,
    moves,
    naive,
    refusal,
)

ANN = applied(FADING, bought(1, 2.5))


NEWER = lifecycle(
    Transition("buyer", "lapsed", after=idle(days=90)),
    Transition("lapsed", "lost", after=dwell(days=100)),
    events=("purchase",),
    version=2,
)


def test_with_restarted_clocks_the_stage_is_entered_anew() -> None:
    ann, (change,) = FADING.migrate(
        applied(FADING, bought(5)), to=NEWER, at=day(50), clocks="restart"
    )
    assert (change.source, change.target, change.at) == ("buyer", "buyer", day(50))
    assert (change.kind, change.cause) == ("migration", "migration")
    assert (change.transition, change.event) == (None, None)
    assert (ann.stage, ann.entered, ann.last_activity) == ("buyer", day(50), day(5))
    assert moves(NEWER.advance(ann, to=day(400)).changes) == [(95, "lapsed"), (195, "lost")]
    with pytest.raises(WrongDefinitionError):
        FADING.due(ann)


def test_a_customer_may_migrate_at_exactly_what_is_known() -> None:
    ann, (change,) = FADING.migrate(applied(FADING, bought(5)), to=NEWER, at=day(5))
    assert (change.at, ann.entered, ann.seen) == (day(5), START, day(5))
    just, _ = FADING.migrate(FADING.enroll("ann", at=START), to=NEWER, at=START)
    assert (just.enrolled, just.entered) == (START, START)
    seen, earlier = applied(FADING, bought(5)), day(5) - timedelta(microseconds=1)
    text = refusal(InvalidValueError, lambda: FADING.migrate(seen, to=NEWER, at=earlier))
    assert text.startswith("at must not be before 2026-01-06 00:00:00+00:00, up to which")


def test_deadlines_due_are_taken_before_migrating() -> None:
    ann = applied(FADING, bought(5))
    for clocks, lost in (("keep", 195), ("restart", 200)):
        moved, changes = FADING.migrate(ann, to=NEWER, at=day(100), clocks=clocks)  # type: ignore[arg-type]
        assert moves(changes) == [(95, "lapsed"), (100, "lapsed")]
        assert moves(NEWER.advance(moved, to=day(400)).changes) == [(lost, "lost")]


def test_a_stage_may_be_called_otherwise_in_the_newer_definition() -> None:
    ann, changes = FADING.migrate(
        applied(FADING), to=SHOP, at=day(9), mapping={"buyer": "loyal", "lost": "churned"}
    )
    assert [(change.source, change.target) for change in changes] == [("buyer", "loyal")]
    assert SHOP.due(ann).at == day(180)  # type: ignore[union-attr]


def test_what_both_definitions_count_is_kept() -> None:
    def thrice(version: int) -> Lifecycle:
        conditions = (count("purchase") >= 3, total("purchase") >= 99)[:version]
        ways = [Transition("buyer", "loyal", on="purchase", when=each) for each in conditions]
        return lifecycle(*ways, version=version)

    ann = applied(thrice(1), bought(1, 50), bought(2, 50))
    ann, _ = thrice(1).migrate(ann, to=thrice(2), at=day(3))
    decision = thrice(2).explain(ann, Event("purchase", day(4), value=1))
    assert decision.transition == thrice(2).transitions[0]
    ann, _ = thrice(2).migrate(ann, to=thrice(1), at=day(4))
    assert thrice(1).apply(ann, bought(5)).customer.stage == "loyal"


def test_by_default_the_stay_goes_on() -> None:
    ann, (change,) = FADING.migrate(applied(FADING, bought(5)), to=NEWER, at=day(50))
    assert (change.source, change.target, change.at) == ("buyer", "buyer", day(50))
    assert (ann.entered, ann.last_activity, ann.seen) == (START, day(5), day(50))
    assert moves(NEWER.advance(ann, to=day(400)).changes) == [(95, "lapsed"), (195, "lost")]


# A trial of 14 days and a year of gold, released again and again (the dates by hand)


def club(version: int = 1, trial: int = 14, **more: Any) -> Lifecycle:
    return Lifecycle(
        name="club",
        version=version,
        initial="trial",
        stages=[
            Stage("trial", Status.PROSPECT),
            Stage("paying", Status.ACTIVE),
            Stage("gold", Status.ACTIVE),
            Stage("expired", Status.CHURNED),
        ],
        transitions=[
            Transition("trial", "expired", after=dwell(days=trial)),
            Transition("trial", "paying", on="payment"),
            Transition(
                "paying", "gold", on="payment", when=count("payment", since_entry=True) >= 3
            ),
            Transition("gold", "paying", after=dwell(years=1)),
        ],
        **more,
    )


def paid(month: int) -> Event:
    return Event("payment", naive(f"2026-{month:02}-02"))


def test_a_trial_ends_fourteen_days_after_it_began() -> None:
    ann, _ = club(1).migrate(
        club(1).enroll("ann", at=naive("2026-01-01")), to=club(2), at=naive("2026-01-14")
    )
    assert (due := club(2).due(ann))
    assert due.at == naive("2026-01-15")


def test_a_trial_ends_though_a_version_is_released_every_ten_days() -> None:
    now, ann = club(1), club(1).enroll("ann", at=naive("2026-01-01"))
    told = []
    for number in range(2, 8):
        at = naive("2026-01-01") + timedelta(days=10 * (number - 1))
        ann, changes = now.migrate(ann, to=club(number), at=at)
        now = club(number)
        told += [change for change in changes if change.kind != "migration"]
    assert [(str(change.at.date()), change.target) for change in told] == [
        ("2026-01-15", "expired")
    ]


def test_a_year_of_gold_ends_on_its_day() -> None:
    ann = club().enroll("ann", at=naive("2024-12-01"), stage="gold")
    ann, _ = club(1).migrate(ann, to=club(2), at=naive("2025-11-29"))
    assert (due := club(2).due(ann))
    assert due.at == naive("2025-12-01")


def test_payments_since_entry_go_on_being_counted() -> None:
    ann = club().enroll("ann", at=naive("2026-01-01"))
    for event in map(paid, (1, 2, 3)):
        ann, _ = club().apply(ann, event)
    kept, _ = club(1).migrate(ann, to=club(2), at=naive("2026-03-03"))
    anew, _ = club(1).migrate(ann, to=club(2), at=naive("2026-03-03"), clocks="restart")
    assert club(2).apply(kept, paid(4)).customer.stage == "gold"
    assert club(2).apply(anew, paid(4)).customer.stage == "paying"


def test_at_the_very_deadline_the_old_version_takes_it() -> None:
    ann = club().enroll("ann", at=naive("2026-01-01"))
    ann, changes = club(1).migrate(ann, to=club(2), at=naive("2026-01-15"))
    assert [(change.kind, change.source) for change in changes] == [
        ("churn", "trial"),
        ("migration", "expired"),
    ]
    assert ann.entered == naive("2026-01-15")


@pytest.mark.parametrize(
    ("trial", "taken", "due"),
    [
        (7, [(10, "expired")], None),  # it would have been over on 8 January
        (10, [(10, "expired")], None),
        (11, [], 11),
        (30, [], 30),
    ],
)
def test_a_length_that_has_passed_is_over_at_the_migration(
    trial: int, taken: list[Any], due: int | None
) -> None:
    ann = club().enroll("ann", at=START)
    ann, (_, *later) = club(1).migrate(ann, to=club(2, trial=trial), at=day(10))
    assert moves(later) == taken
    found = club(2, trial=trial).due(ann)
    assert (found and found.at) == (due and day(due))


def test_what_is_overdue_leads_on_to_what_is_overdue_then() -> None:
    """Idle for 20 days and then for 25: both have passed, on day 30."""
    new = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=20)),
        Transition("lapsed", "lost", after=idle(days=25)),
        Transition("lost", "gone", after=idle(days=31)),
        events=("purchase",),
        version=2,
    )
    ann, (_, *later) = FADING.migrate(FADING.enroll("ann", at=START), to=new, at=day(30))
    assert moves(later) == [(30, "lapsed"), (30, "lost")]
    assert {change.cause for change in later} == {"timeout"}
    assert (due := new.due(ann))
    assert due.at == day(31)


@pytest.mark.parametrize("order", [1, -1])
def test_of_what_is_overdue_the_earlier_deadline_goes_first(order: int) -> None:
    ways = [
        Transition("buyer", "lapsed", after=idle(days=8)),
        Transition("buyer", "lost", after=dwell(days=7)),
    ]
    new = lifecycle(*ways[::order], events=("purchase",), version=2)
    _, (_, *later) = FADING.migrate(FADING.enroll("ann", at=START), to=new, at=day(9))
    assert moves(later) == [(9, "lost")]


def test_of_what_was_due_at_one_instant_the_nearer_goes_first_and_then_the_first_declared() -> None:
    ways = [
        Transition(Status.ACTIVE, "loyal", after=idle(days=7)),
        Transition("buyer", "lost", after=dwell(days=7)),
        Transition("buyer", "lapsed", after=idle("purchase", days=7)),
    ]
    new = lifecycle(*ways, version=2, events=("purchase",))
    _, (_, *later) = FADING.migrate(FADING.enroll("ann", at=START), to=new, at=day(9))
    assert moves(later) == [(9, "lost")]


# Conditions


VIP = attribute("vip").equals(1)
MET = attribute("met").equals(1)
NOTED = count("note") >= 1
QUIET = count("purchase", within=Period(days=10)) < 1


def resting(version: int, *ways: Any, **more: Any) -> Lifecycle:
    """Make a version with time-outs from buyer to lapsed, each with its condition."""
    transitions = [Transition("buyer", "lapsed", after=after, when=when) for after, when in ways]
    return lifecycle(*transitions, events=("purchase", "note"), version=version, **more)


def test_what_rests_goes_on_resting() -> None:
    """On day 14 there was no note; on day 40 there is, and nothing asks until a purchase."""
    old, new = (resting(version, (idle("purchase", days=14), NOTED)) for version in (1, 2))
    ann = applied(old, Event("note", day(15)))
    ann, changes = old.migrate(ann, to=new, at=day(40))
    assert [change.kind for change in changes] == ["migration"]
    assert new.due(ann) is None
    ann, _ = new.apply(ann, Event("purchase", day(41)))
    assert (due := new.due(ann))
    assert due.at == day(55)


@pytest.mark.parametrize(("when", "taken"), [(QUIET, [(25, "lapsed")]), (~QUIET, [])])
def test_a_window_is_read_at_the_migration_and_not_at_the_deadline(
    when: Any, taken: list[Any]
) -> None:
    """The purchase of day 10 is in the window of ten days on day 14, and not on day 25."""
    new = resting(2, (dwell(days=14), when))
    _, (_, *later) = FADING.migrate(applied(FADING, bought(10)), to=new, at=day(25))
    assert moves(later) == taken


@pytest.mark.parametrize(
    ("after", "when", "taken", "due"),
    [
        (dwell(days=14), VIP, [], None),  # the same, and it rests
        (dwell(days=14), MET, [(20, "lapsed")], None),  # another condition
        (dwell(days=14), ~MET, [], None),  # which does not hold
        (dwell(days=14), None, [(20, "lapsed")], None),
        (dwell(days=12), MET, [(20, "lapsed")], None),  # another length
        (dwell(days=12), VIP, [], None),
        (dwell(days=21), VIP, [], None),  # it will not hold on day 21
        (dwell(days=21), MET, [], 21),
        (idle(days=14), MET, [(20, "lapsed")], None),  # another clock
    ],
)
def test_conditions_are_examined_at_the_migration_unless_they_rest(
    after: Any, when: Any, taken: list[Any], due: int | None
) -> None:
    old, new = resting(1, (dwell(days=14), VIP)), resting(2, (after, when))
    ann = old.enroll("ann", at=START, attributes={"met": 1})
    ann, (_, *later) = old.migrate(ann, to=new, at=day(20))
    assert moves(later) == taken
    found = new.due(ann)
    assert (found and found.at) == (due and day(due))


def test_a_time_out_that_was_silenced_did_not_rest() -> None:
    """The status's 20 days are the same in both; in the old one the stage's own silenced them."""
    whole = Transition(Status.ACTIVE, "lapsed", after=idle(days=20), when=MET)
    own = Transition("buyer", "lapsed", after=idle(days=90))
    old = lifecycle(whole, own, events=("purchase",))
    new = lifecycle(whole, events=("purchase",), version=2)
    ann = old.enroll("ann", at=START, attributes={"met": 1})
    _, (_, *later) = old.migrate(ann, to=new, at=day(30))
    assert moves(later) == [(30, "lapsed")]


def test_code_that_is_the_same_function_rests_and_another_is_asked() -> None:
    def never(_customer: Customer, _event: Event | None) -> bool:
        return False

    def asked(customer: Customer, event: Event | None) -> bool:
        return customer.seen == day(20) and event is None

    old = resting(1, (dwell(days=14), never))
    for when, taken in ((never, []), (asked, [(20, "lapsed")])):
        new = resting(2, (dwell(days=14), when))
        _, (_, *later) = old.migrate(old.enroll("ann", at=START), to=new, at=day(20))
        assert moves(later) == taken


def test_a_condition_that_raises_leaves_the_customer_where_it_was() -> None:
    def broken(_customer: Customer, _event: Event | None) -> bool:
        raise RuntimeError("no")

    ann = FADING.enroll("ann", at=START)
    new = resting(2, (dwell(days=14), broken))
    with pytest.raises(RuntimeError):
        FADING.migrate(ann, to=new, at=day(20))
    assert FADING.migrate(ann, to=NEWER, at=day(20)).customer.entered == START


@pytest.mark.parametrize(
    ("condition", "renamed"),
    [
        (entries("buyer") >= 1, entries("client") >= 1),
        (entries(("lead", "buyer")) >= 1, entries(("lead", "client")) >= 1),
        (entries("buyer") - entries("lost") >= 1, entries("client") - entries("lost") >= 1),
        (~previous().equals("buyer"), ~previous().equals("client")),
        (~previous().is_in(("lost", "buyer")), ~previous().is_in(("lost", "client"))),
        (
            (entries("buyer") >= 1) & (previous().equals("buyer") | NOTED),
            (entries("client") >= 1) & (previous().equals("client") | NOTED),
        ),
        (count("purchase") < 2, count("purchase") < 2),
    ],
)
def test_a_condition_that_names_stages_rests_under_their_new_names(
    condition: Any, renamed: Any
) -> None:
    """It has held but for the note since day 14, and that came on day 15."""
    stages = [Stage("client" if s.name == "buyer" else s.name, s.status) for s in FADING.stages]
    old = resting(1, (dwell(days=14), condition & NOTED))
    news = [
        Lifecycle(
            name="shop",
            version=2,
            initial="client",
            stages=stages,
            transitions=[Transition("client", "lapsed", after=dwell(days=14), when=when)],
            events=("purchase", "note"),
        )
        for when in (renamed & NOTED, (renamed & NOTED) | VIP)
    ]
    ann = applied(old, Event("note", day(15)))
    rests, asked = (
        old.migrate(ann, to=new, at=day(20), mapping={"buyer": "client"}) for new in news
    )
    assert [change.target for change in rests.changes] == ["client"]
    assert [change.target for change in asked.changes] == ["client", "lapsed"]


def test_what_rests_since_the_very_entry_goes_on_resting() -> None:
    """Overdue upon entering, without effect as there was no note; one comes too late."""
    old, new = (
        lifecycle(
            Transition("lead", "buyer", on="signup"),
            Transition("buyer", "lapsed", after=idle("purchase", days=3), when=NOTED),
            initial="lead",
            events=("purchase", "note"),
            version=version,
        )
        for version in (1, 2)
    )
    ann = applied(old, Event("signup", day(9)), Event("note", day(9)))
    kept, _ = old.migrate(ann, to=new, at=day(9))
    assert new.advance(kept, to=day(99)).changes == ()
    anew, _ = old.migrate(ann, to=new, at=day(9), clocks="restart")
    assert moves(new.advance(anew, to=day(99)).changes) == [(9, "lapsed")]


# Clocks that only the new version has


def test_idle_of_an_event_that_was_not_followed_counts_from_enrollment() -> None:
    """The old version knows no last purchase, so it is as of a customer without one."""
    new = lifecycle(
        Transition("buyer", "lapsed", after=idle("purchase", days=60)),
        events=("purchase",),
        version=2,
    )
    ann = applied(FADING, bought(5))
    late, (_, *later) = FADING.migrate(ann, to=new, at=day(70))
    assert moves(later) == [(70, "lapsed")]
    early, _ = FADING.migrate(ann, to=new, at=day(50))
    assert (due := new.due(early))
    assert due.at == day(60)
    assert late.entered == day(70)


SPENT = total("purchase", within=Period(days=30))


def tiers(version: int, below: float, when: Any = None) -> Lifecycle:
    return lifecycle(
        Transition("buyer", "lapsed", after=falls(SPENT, below=below), when=when),
        events=("purchase", "note"),
        version=version,
    )


@pytest.mark.parametrize(
    ("below", "taken", "due"),
    [
        (50, [], 42),  # 60 from day 12 on leave on day 42
        (100, [(35, "lapsed")], None),  # 160 fell to 60 on day 31
        (200, [], None),  # it has been below all along
    ],
)
def test_a_fall_below_another_number_is_dated_at_the_migration(
    below: float, taken: list[Any], due: int | None
) -> None:
    old, new = tiers(1, 10), tiers(2, below)
    ann = applied(old, bought(1, 100), bought(12, 60))
    ann, (_, *later) = old.migrate(ann, to=new, at=day(35))
    assert moves(later) == taken
    found = new.due(ann)
    assert (found and found.at) == (due and day(due))


@pytest.mark.parametrize(
    ("when", "taken"), [(QUIET, []), (~QUIET | VIP, []), (QUIET | VIP, [(25, "lapsed")])]
)
def test_a_fall_by_an_event_that_rested_goes_on_resting(when: Any, taken: list[Any]) -> None:
    """A refund lets it fall on day 12; the ten days before day 25 are without a purchase."""
    old, new = tiers(1, 90, QUIET), tiers(2, 90, when)
    ann = applied(old, bought(1, 100), bought(12, -20))
    ann, (_, *later) = old.migrate(ann, to=new, at=day(25))
    assert moves(later) == taken
    if not taken:
        stored = Customer.from_dict(json.loads(json.dumps(ann.to_dict())))
        assert stored == ann
        for customer in (ann, stored):
            assert new.advance(customer, to=day(28)).changes == ()


TRIAL_END = at(attribute("trial_end"))


@pytest.mark.parametrize(
    ("ends", "taken", "due"),
    [(5, [(20, "lapsed")], None), (20, [(20, "lapsed")], None), (25, [], 25), (None, [], None)],
)
def test_a_date_that_only_the_new_version_reads_may_have_passed(
    ends: int | None, taken: list[Any], due: int | None
) -> None:
    new = resting(2, (TRIAL_END, None))
    ann = FADING.enroll("ann", at=START, attributes={"trial_end": ends and day(ends)})
    ann, (_, *later) = FADING.migrate(ann, to=new, at=day(20))
    assert moves(later) == taken
    found = new.due(ann)
    assert (found and found.at) == (due and day(due))


@pytest.mark.parametrize("clocks", ["keep", "restart"])
def test_what_is_no_date_is_refused_by_the_version_that_reads_it(clocks: Any) -> None:
    ann = FADING.enroll("ann", at=START, attributes={"trial_end": "soon"})
    new = resting(2, (TRIAL_END, None))
    text = refusal(InvalidTypeError, lambda: FADING.migrate(ann, to=new, at=day(20), clocks=clocks))
    assert "trial_end" in text


def test_what_an_event_has_set_is_examined_by_either_version() -> None:
    """The note of day 20 has the trial that rests examined again; the migration has not."""
    old, new = (resting(version, (dwell(days=14), VIP)) for version in (1, 2))
    ann = applied(old, Event("note", day(19)), Event("note", day(20), sets={"vip": 0}))
    ann, (_, *later) = old.migrate(ann, to=new, at=day(20))
    assert later == []
    stored = Customer.from_dict(json.loads(json.dumps(ann.to_dict())))
    for customer in (ann, stored):
        assert new.due(customer) is None
        met, _ = new.apply(customer, Event("note", day(20), sets={"vip": 1}))
        assert moves(new.advance(met, to=day(20)).changes) == [(20, "lapsed")]


# Milestones


def reminding(version: int, *days: float, trial: float = 14, when: Any = None) -> Lifecycle:
    """Make a version of a trial with reminders on these days."""
    return lifecycle(
        Transition("buyer", "lapsed", after=dwell(days=trial)),
        milestones=[
            Milestone("buyer", after=dwell(days=each), name=f"day {each}", when=when)
            for each in days
        ],
        events=("purchase", "note"),
        version=version,
    )


@pytest.mark.parametrize(
    ("new", "taken", "later"),
    [
        (reminding(2, 3, 7), [], [(14, None)]),  # both have been reached
        (reminding(2, 3, 5, 7), ["day 5"], [(14, None)]),
        (reminding(2, 9, 5, 12), ["day 5", "day 9"], [(12, "day 12"), (14, None)]),
        (reminding(2, 3, 7, when=NOTED), [], [(14, None)]),
        (reminding(2, 3, 7, when=~NOTED), ["day 3", "day 7"], [(14, None)]),
        (reminding(2, 2, 8, 9, trial=8), ["day 2", "day 8", None], []),
    ],
)
def test_reminders_that_only_the_new_version_has_are_dated_at_the_migration(
    new: Lifecycle, taken: list[Any], later: list[Any]
) -> None:
    """On day 10 of a trial with reminders on days 3 and 7."""
    old = reminding(1, 3, 7)
    ann, changes = old.migrate(old.enroll("ann", at=START), to=new, at=day(10))
    assert moves(changes[:3]) == [(3, "buyer"), (7, "buyer"), (10, "buyer")]
    assert [(change.milestone, change.at) for change in changes[3:]] == [
        (name, day(10)) for name in taken
    ]
    _, coming = new.advance(ann, to=day(99))
    assert [(change.milestone, change.at) for change in coming] == [
        (name, day(number)) for number, name in later
    ]


def test_a_reminder_of_a_date_that_was_just_set_comes_once() -> None:
    marks = [Milestone("buyer", after=at(attribute("ends")), name="end")]
    old, new = (
        lifecycle(milestones=marks, events=("note",), version=version) for version in (1, 2)
    )
    ann = applied(old, Event("note", day(5), sets={"ends": day(2)}))
    ann, changes = old.migrate(ann, to=new, at=day(5))
    assert [change.milestone for change in changes] == ["end", None]
    for customer in (ann, Customer.from_dict(json.loads(json.dumps(ann.to_dict())))):
        assert new.advance(customer, to=day(9)).changes == ()


# Customers that were enrolled in mid-life, and in a zone


def test_a_customer_in_mid_life_keeps_when_it_entered() -> None:
    """Trial since day 5, known up to day 8; 14 days end on day 19."""
    old, new = reminding(1), reminding(2, 10)
    ann = old.enroll("ann", at=START, entered=day(5), last_activity=day(8))
    kept, _ = old.migrate(ann, to=new, at=day(12))
    assert kept.entered == day(5)
    assert moves(new.advance(kept, to=day(99)).changes) == [(15, "buyer"), (19, "lapsed")]
    late, (_, *later) = old.migrate(ann, to=reminding(2, 1, trial=6), at=day(12))
    assert [(change.milestone, change.at) for change in later] == [
        ("day 1", day(12)),
        (None, day(12)),
    ]
    assert late.entered == day(12)


def test_what_is_overdue_is_dated_in_the_zone_of_the_customer() -> None:
    ann = FADING.enroll("ann", at=START, zone="Europe/Berlin")
    new = resting(2, (dwell(days=7), None))
    ann, changes = FADING.migrate(ann, to=new, at=day(9))
    assert [str(change.at) for change in changes] == ["2026-01-10 01:00:00+01:00"] * 2
    assert str(ann.entered) == "2026-01-10 01:00:00+01:00"


# Which stage is the same


def members(version: int, *names: str) -> Lifecycle:
    """Make a version in which each stage lasts a year."""
    return Lifecycle(
        name="members",
        version=version,
        initial=names[0],
        stages=[Stage(name, Status.ACTIVE) for name in (*names, "left")],
        transitions=[Transition(name, "left", after=dwell(days=365)) for name in names],
        events=("visit",),
    )


@pytest.mark.parametrize(
    ("names", "news", "mapping", "stage", "since"),
    [
        (("a", "b"), ("a", "b"), {}, "a", 0),
        (("a", "b"), ("b", "a"), {"a": "b", "b": "a"}, "b", 0),  # they change names
        (("a", "b"), ("c", "b"), {"a": "c"}, "c", 0),
        (("a", "b"), ("c",), {"a": "c", "b": "c"}, "c", 100),  # two become one
        (("a", "b"), ("b",), {"a": "b"}, "b", 100),
        (("b", "a"), ("b",), {"a": "b"}, "b", 0),  # hers is the one that keeps its name
        (("a", "b"), ("b", "c"), {"a": "c"}, "c", 0),
        (("a",), ("a", "c"), {}, "a", 0),  # one becomes two
        (("a",), ("c", "d"), {"a": "d"}, "d", 0),
        (("a", "b"), ("left",), {"a": "left"}, "left", 100),  # which was there before
    ],
)
def test_the_stay_goes_on_where_no_other_stage_becomes_the_same(
    names: tuple[str, ...],
    news: tuple[str, ...],
    mapping: dict[str, str],
    stage: str,
    since: int,
) -> None:
    news = tuple(name for name in news if name != "left")
    old, new = members(1, *names), members(2, *(news or ("x",)))
    ann, _ = old.migrate(old.enroll("ann", at=START), to=new, at=day(100), mapping=mapping)
    assert (ann.stage, ann.entered) == (stage, day(since))
    found = new.due(ann)
    assert (found and found.at) == (None if stage == "left" else day(since + 365))


def test_a_final_stage_that_no_longer_is_one_has_been_entered_long_ago() -> None:
    erased = Stage("gone", Status.CHURNED)
    stages = [*(stage for stage in FADING.stages if stage.name != "gone"), erased]
    new = lifecycle(
        Transition("gone", "lead", after=dwell(days=30)),
        stages=stages,
        version=2,
        events=("purchase",),
    )
    ann = FADING.enroll("ann", at=START, stage="gone")
    early, _ = FADING.migrate(ann, to=new, at=day(20))
    assert (due := new.due(early))
    assert due.at == day(30)
    _, (_, *later) = FADING.migrate(ann, to=new, at=day(50))
    assert moves(later) == [(50, "lead")]
    back, _ = new.migrate(early, to=attrs.evolve(FADING, version=3), at=day(25))
    assert (back.stage, back.entered) == ("gone", START)
    assert attrs.evolve(FADING, version=3).due(back) is None


# In reports


def paying(version: int) -> Lifecycle:
    return Lifecycle(
        name="plan",
        version=version,
        initial="trial",
        stages=[
            Stage("trial", Status.PROSPECT),
            Stage("paying", Status.ACTIVE),
            Stage("left", Status.CHURNED),
        ],
        transitions=[
            Transition("trial", "paying", on="payment"),
            Transition("trial", "left", after=dwell(days=14)),
            Transition("paying", "left", after=dwell(days=90)),
        ],
    )


MONTHS = Calendar("month", zone="UTC")


def of_many(ask: Callable[[CustomerBase], object], *instants: float) -> object:
    """Ask about customers who are moved to a new version at each of these days."""
    told, enrolled = [], {}
    for number in range(4):
        now, ann = paying(1), paying(1).enroll(f"c{number}", at=day(number))
        enrolled[ann.id] = ann.enrolled
        made: list[Outcome] = []
        if number < 3:
            made.append(now.apply(ann, Event("payment", day(3 + number))))
            ann = made[-1].customer
        for version, when in enumerate(instants, start=2):
            made.append(now.migrate(ann, to=paying(version), at=day(when)))
            now, ann = paying(version), made[-1].customer
        made.append(now.advance(ann, to=day(120)))
        told += [change for outcome in made for change in outcome.changes]
    return ask(CustomerBase.from_changes(now, told, enrolled=enrolled, until=day(120)))


@pytest.mark.parametrize(
    "ask",
    [
        lambda log: log.over(MONTHS, Window(day(0), day(90))).kpis(),
        CustomerBase.drop_off,
        CustomerBase.transition_counts,
        lambda log: log.time_in_stage("paying"),
        lambda log: log.time_in_stage("trial", exits="target"),
    ],
)
def test_reports_are_those_of_who_was_never_moved(
    ask: Callable[[CustomerBase], object],
) -> None:
    assert of_many(ask, 10, 20, 30, 80, 93) == of_many(ask)


# What is refused


REFUSED: list[tuple[Callable[[], object], type[LifecycleError], str]] = [
    (
        lambda: FADING.migrate(ANN, to="shop", at=day(9)),  # type: ignore[arg-type]
        InvalidTypeError,
        "to must be a Lifecycle, got 'shop' (str)",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(9).date()),  # type: ignore[arg-type]
        InvalidTypeError,
        "at must be a datetime; say which moment of the day",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=naive("2026-02-01")),
        MixedInstantsError,
        "",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(0)),
        InvalidValueError,
        "at must not be before 2026-01-02 00:00:00+00:00, up to which the customer is known",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(9), mapping=["buyer"]),  # type: ignore[arg-type]
        InvalidTypeError,
        "mapping must be a mapping from old stages to new ones, got ['buyer'] (list)",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(9), mapping=()),  # type: ignore[arg-type]
        InvalidTypeError,
        "mapping must be a mapping from old stages to new ones, got () (tuple)",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(9), mapping="buyer"),  # type: ignore[arg-type]
        InvalidTypeError,
        "mapping must be a mapping from old stages to new ones, got 'buyer' (str)",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(9), mapping={"byer": "buyer"}),
        UnknownNameError,
        (
            "a key of mapping must be one of 'lead', 'buyer', 'loyal', 'lapsed', 'lost', 'gone', "
            "got 'byer'; did you mean 'buyer'?"
        ),
    ),
    (
        lambda: FADING.migrate(ANN, to=SHOP, at=day(9), mapping={"buyer": "byer"}),
        UnknownNameError,
        (
            "mapping['buyer'] must be one of 'visitor', 'lead', 'buyer', 'loyal', 'lapsed', "
            "'churned', 'erased', got 'byer'; did you mean 'buyer'?"
        ),
    ),
    (
        lambda: FADING.migrate(
            ANN, to=lifecycle(stages=[Stage("x", Status.ACTIVE)], initial="x"), at=day(9)
        ),
        UnknownNameError,
        "the stage for 'buyer' in mapping must be 'x', got 'buyer'",
    ),
    (
        lambda: FADING.migrate(ANN, to=NEWER, at=day(9), clocks="kept"),  # type: ignore[arg-type]
        UnknownNameError,
        "clocks must be one of 'keep', 'restart', got 'kept'; did you mean 'keep'?",
    ),
    (
        lambda: NEWER.migrate(ANN, to=FADING, at=day(9)),
        WrongDefinitionError,
        "customer must belong to lifecycle 'shop' version 2, got customer 'ann'",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSED)
def test_migrating_refuses_and_leaves_the_customer_good(
    call: Callable[[], object], kind: type[LifecycleError], text: str
) -> None:
    before = again(ANN)
    assert refusal(kind, call).startswith(text)
    assert before == ANN
