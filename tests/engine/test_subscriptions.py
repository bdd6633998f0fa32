"""Subscriptions: contracts with dates of the customer, dunning, pauses and renewals.

All dates are worked out on the calendar: in 2026, January has 31 days, February 28, March 31,
April 30, and clocks in Berlin change on 29 March.
"""

import itertools
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    Enrollment,
    Event,
    Journey,
    Lifecycle,
    Milestone,
    attribute,
    diagrams,
    dwell,
    idle,
    presets,
)
from lifecycle import at as at_date
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import CONTRACTS, again, at, refusal

HAS_METHOD = attribute("payment_method").equals(True)
TRIAL = at_date(attribute("trial_end"))
PAID = at_date(attribute("paid_until"))
PAUSE = at_date(attribute("pause_until"))
CANCEL = at_date(attribute("cancel_at"))
each_contract = pytest.mark.parametrize("name", CONTRACTS)


def on(date: str) -> datetime:
    """Give the first instant of a day of 2026: `02-28`."""
    return at(f"2026-{date}")


def happened(name: str, date: str, **sets: str | bool | None) -> Event:
    """Give an event of 2026; of what it sets, dates are written as its own."""
    given = {key: on(value) if isinstance(value, str) else value for key, value in sets.items()}
    return Event(name, on(date), sets=given)


def told(journey: Journey) -> list[str]:
    """Say the day of each change, and the stage or the milestone."""
    return [f"{change.at:%m-%d} {change.milestone or change.target}" for change in journey.changes]


def paying(plan: Lifecycle, *events: Event, until: str = "12-31", **attributes: Any) -> list[str]:
    """Follow a customer who has been active since 1 January."""
    began = Enrollment("ann", on("01-01"), stage="active", attributes=attributes)
    return told(plan.replay(began, events, until=on(until)))


def trying(plan: Lifecycle, *events: Event, until: str = "02-01", **sets: str | bool) -> list[str]:
    """Follow a customer whose trial began on 1 January."""
    attributes = happened("signup", "01-01", **sets).sets
    began = Enrollment("ann", on("01-01"), attributes=attributes)
    return told(plan.replay(began, events, until=on(until)))


# Trials


@pytest.mark.parametrize(
    ("extended", "ends"),
    [((), "01-15"), (("01-11", "01-22"), "01-22"), (("01-11", "01-05"), "01-11")],
)
def test_a_trial_ends_at_the_date_of_the_customer(extended: tuple[str, str], ends: str) -> None:
    plan = presets.subscription(trial_end=TRIAL)
    events = [happened("update", extended[0], trial_end=extended[1])] if extended else []
    assert trying(plan, *events, trial_end="01-15") == [f"{ends} expired"]


def test_a_trial_without_a_date_goes_on_until_one_is_set() -> None:
    plan = presets.subscription(trial_end=TRIAL)
    assert trying(plan) == []
    assert trying(plan, happened("update", "01-20", trial_end="01-25")) == ["01-25 expired"]


@pytest.mark.parametrize("trial_to", ["expired", "paused"])
@pytest.mark.parametrize(("added", "ends_in"), [("01-14", "active"), ("01-15", None), (None, None)])
def test_who_has_a_payment_method_at_the_end_of_the_trial_converts(
    trial_to: Any, added: str | None, ends_in: str | None
) -> None:
    """A payment method of the instant at which the trial ends comes too late."""
    plan = presets.subscription(trial_end=TRIAL, converts=HAS_METHOD, trial_to=trial_to)
    events = [happened("update", added, payment_method=True)] if added else []
    assert trying(plan, *events, trial_end="01-15") == [f"01-15 {ends_in or trial_to}"]


def test_who_loses_the_payment_method_does_not_convert() -> None:
    plan = presets.subscription(converts=HAS_METHOD)
    lost = happened("update", "01-10", payment_method=False)
    assert trying(plan, payment_method=True) == ["01-16 active"]
    assert trying(plan, lost, payment_method=True) == ["01-16 expired"]


def test_a_trial_that_ends_in_an_invoice_is_active_and_can_fail() -> None:
    plan = presets.subscription(trial_to="active")
    assert trying(plan, happened("payment_failed", "01-17")) == [
        "01-16 active",
        "01-17 past_due",
        "01-31 cancelled",
    ]
    # 35 days after the signup, nobody has paid
    assert trying(plan, until="02-06") == ["01-16 active", "02-05 past_due"]


def test_a_trial_that_was_paused_resumes_as_active() -> None:
    for after_pause in ("full_term", "time_left"):
        plan = presets.subscription(converts=HAS_METHOD, trial_to="paused", after_pause=after_pause)
        assert trying(plan, happened("resume", "01-20")) == ["01-16 paused", "01-20 active"]


def test_a_second_trial_has_its_own_date() -> None:
    plan = presets.subscription(trial_end=TRIAL)
    again_ = happened("signup", "01-20", trial_end="01-27")
    late = happened("signup", "01-20")
    assert trying(plan, again_, trial_end="01-08") == [
        "01-08 expired",
        "01-20 trial",
        "01-27 expired",
    ]
    # without one, the date of the first has passed
    assert trying(plan, late, trial_end="01-08") == [
        "01-08 expired",
        "01-20 trial",
        "01-20 expired",
    ]


# Paid until


def test_a_payment_says_until_when_it_has_paid() -> None:
    plan = presets.subscription(paid_until=PAID, grace_days=14)
    events = [
        happened("payment", "01-01", paid_until="02-01"),
        happened("payment", "01-31", paid_until="03-01"),
    ]
    assert paying(plan, *events) == ["03-01 past_due", "03-15 cancelled"]


def test_a_length_after_the_date_gives_a_payment_time_to_arrive() -> None:
    late = happened("payment", "02-02", paid_until="03-01")
    for days, first in ((0, ["02-01 past_due", "02-02 active"]), (3, [])):
        plan = presets.subscription(paid_until=at_date(attribute("paid_until"), days=days))
        found = paying(plan, late, until="02-28", paid_until=on("02-01"))
        assert found == first


def test_a_payment_at_the_instant_of_the_date_comes_after_it() -> None:
    plan = presets.subscription(paid_until=PAID)
    paid = happened("payment", "02-01", paid_until="03-01")
    found = paying(plan, paid, until="02-10", paid_until=on("02-01"))
    assert found == ["02-01 past_due", "02-01 active"]


def test_who_is_paid_until_a_date_is_not_past_due_by_silence() -> None:
    plan = presets.subscription(paid_until=PAID, overdue_days=10)
    assert paying(plan, paid_until=on("12-01"), until="11-30") == []
    assert paying(plan) == []


# Failed payments


DUNNING = presets.subscription(dunning_days=(3, 7, 14))


def test_reminders_come_on_their_days_until_the_grace_is_over() -> None:
    assert paying(DUNNING, happened("payment_failed", "02-01")) == [
        "02-01 past_due",
        "02-04 dunning day 3",
        "02-08 dunning day 7",
        "02-15 dunning day 14",
        "02-15 cancelled",
    ]


def test_a_second_failure_moves_no_reminder() -> None:
    events = [happened("payment_failed", "02-01"), happened("payment_failed", "02-05")]
    assert paying(DUNNING, *events, until="02-10") == [
        "02-01 past_due",
        "02-04 dunning day 3",
        "02-08 dunning day 7",
    ]


def test_a_payment_ends_the_reminders_and_the_next_failure_begins_with_the_first() -> None:
    events = [
        happened("payment_failed", "02-01"),
        happened("payment", "02-08"),
        happened("payment_failed", "03-01"),
    ]
    assert paying(DUNNING, *events, until="03-05") == [
        "02-01 past_due",
        "02-04 dunning day 3",
        "02-08 dunning day 7",
        "02-08 active",
        "03-01 past_due",
        "03-04 dunning day 3",
    ]


def test_a_payment_that_arrives_late_takes_a_reminder_back() -> None:
    began = Enrollment("ann", on("01-01"), stage="active")
    failed, paid = happened("payment_failed", "02-01"), happened("payment", "02-05")
    journey = DUNNING.replay(began, [failed], until=on("02-10"))
    journey, (retracted, added) = journey.amend(paid)
    assert [change.milestone for change in retracted] == ["dunning day 7"]
    assert [change.target for change in added] == ["active"]


@pytest.mark.parametrize("grace_to", ["cancelled", "unpaid"])
def test_a_payment_wins_back_after_the_grace(grace_to: Any) -> None:
    plan = presets.subscription(grace_to=grace_to)
    events = [happened("payment_failed", "02-01"), happened("payment", "04-01")]
    began = Enrollment("ann", on("01-01"), stage="active")
    changes = plan.replay(began, events, until=on("04-02")).changes
    assert [f"{change.at:%m-%d} {change.target}" for change in changes] == [
        "02-01 past_due",
        f"02-15 {grace_to}",
        "04-01 active",
    ]
    assert changes[-1].kind == {"cancelled": "win_back", "unpaid": "reactivation"}[grace_to]


def test_what_is_unpaid_stays_so_until_it_is_paid_or_cancelled() -> None:
    plan = presets.subscription(grace_to="unpaid", cancel_at=CANCEL)
    failed = happened("payment_failed", "02-01")
    assert paying(plan, failed)[-1] == "02-15 unpaid"
    assert paying(plan, failed, happened("cancel", "03-01"))[-1] == "03-01 cancelled"
    ends = happened("update", "03-01", cancel_at="03-10")
    assert paying(plan, failed, ends)[-1] == "03-10 cancelled"


@each_contract
def test_a_retry_in_the_second_of_the_failure_has_paid_in_every_contract(name: str) -> None:
    began = Enrollment("ann", on("01-01"), stage="active")
    events = [Event(name, on("01-20")) for name in ("payment", "payment_failed")]
    late = Event("signup", on("01-02"))
    for order in itertools.permutations([*events, late]):
        assert CONTRACTS[name].replay(began, order).customer.stage == "active"


# Cancellations


def test_a_cancellation_at_the_end_of_the_period_waits_for_it() -> None:
    plan = presets.subscription(cancel_at=CANCEL)
    asked = happened("update", "01-10", cancel_at="01-31")
    assert paying(plan, asked, until="01-30") == []
    assert paying(plan, asked) == ["01-31 cancelled"]
    kept = happened("update", "01-20", cancel_at=None)
    assert paying(plan, asked, kept, until="02-01") == []
    too_late = happened("update", "01-31", cancel_at=None)
    assert paying(plan, asked, too_late) == ["01-31 cancelled"]


def test_a_cancellation_can_be_moved_and_dated_back() -> None:
    plan = presets.subscription(cancel_at=CANCEL)
    asked = happened("update", "01-10", cancel_at="01-31")
    assert paying(plan, asked, happened("update", "01-20", cancel_at="02-03")) == [
        "02-03 cancelled"
    ]
    assert paying(plan, happened("update", "01-20", cancel_at="01-05")) == ["01-20 cancelled"]


def test_a_cancellation_at_once_does_not_wait_for_a_date() -> None:
    plan = presets.subscription(cancel_at=CANCEL)
    asked = happened("update", "01-10", cancel_at="01-31")
    assert paying(plan, asked, happened("cancel", "01-12")) == ["01-12 cancelled"]


@pytest.mark.parametrize("stage", ["active", "past_due", "paused", "trial"])
def test_a_date_ends_the_subscription_wherever_it_stands(stage: str) -> None:
    plan = presets.subscription(cancel_at=CANCEL)
    began = Enrollment("ann", on("01-01"), stage=stage, attributes={"cancel_at": on("01-10")})
    last = "expired" if stage == "trial" else "cancelled"
    assert told(plan.replay(began, [], until=on("02-01"))) == [f"01-10 {last}"]


def test_the_end_of_the_last_period_is_no_failure_no_conversion_and_no_renewal() -> None:
    ends = on("02-01")
    by_date = presets.subscription(cancel_at=CANCEL, paid_until=PAID)
    assert paying(by_date, cancel_at=ends, paid_until=ends) == ["02-01 cancelled"]
    renewing = presets.subscription(cancel_at=CANCEL, renewal=dwell(months=1))
    assert paying(renewing, cancel_at=ends) == ["02-01 cancelled"]
    trial = presets.subscription(cancel_at=CANCEL, trial_end=TRIAL, trial_to="active")
    assert trying(trial, trial_end="01-15", cancel_at="01-15") == ["01-15 expired"]


def test_who_comes_back_after_a_date_needs_another_or_none() -> None:
    plan = presets.subscription(cancel_at=CANCEL)
    asked = happened("update", "01-10", cancel_at="01-31")
    back = happened("payment", "03-01", cancel_at=None)
    assert paying(plan, asked, back, until="03-30") == ["01-31 cancelled", "03-01 active"]
    assert paying(plan, asked, happened("payment", "03-01"), until="03-30") == [
        "01-31 cancelled",
        "03-01 active",
        "03-01 cancelled",
    ]


# Pauses


PAUSED = (happened("payment", "01-05"), happened("pause", "01-20"), happened("resume", "02-10"))


@pytest.mark.parametrize(
    ("after_pause", "overdue"),
    [
        # 35 days from 10 February: 18 in February, 17 in March
        ("full_term", "03-17"),
        # of 35 days, 15 were over on 20 January: 20 from 10 February
        ("time_left", "03-02"),
    ],
)
def test_a_pause_gives_the_full_term_or_the_time_left(after_pause: Any, overdue: str) -> None:
    plan = presets.subscription(after_pause=after_pause)
    assert paying(plan, *PAUSED, until=overdue) == [
        "01-20 paused",
        "02-10 active",
        f"{overdue} past_due",
    ]


def test_two_pauses_add_up() -> None:
    plan = presets.subscription(after_pause="time_left")
    second = (happened("pause", "02-15"), happened("resume", "02-25"))
    # 20 days were left on 10 February, 15 on 15 February: 15 from 25 February
    assert paying(plan, *PAUSED, *second, until="03-12")[-1] == "03-12 past_due"


def test_a_payment_in_the_pause_begins_anew() -> None:
    plan = presets.subscription(after_pause="time_left")
    paid = (*PAUSED[:2], happened("payment", "02-10"))
    assert paying(plan, *paid, until="03-17")[1:] == ["02-10 active", "03-17 past_due"]


@pytest.mark.parametrize(
    ("after_pause", "expected"),
    [
        ("full_term", ["02-01 past_due", "02-05 paused", "03-01 active", "04-05 past_due"]),
        # of 14 days of grace, 4 were over: 10 from 1 March
        ("time_left", ["02-01 past_due", "02-05 paused", "03-01 past_due", "03-11 cancelled"]),
    ],
)
def test_who_pauses_past_due_resumes_as_the_contract_says(
    after_pause: Any, expected: list[str]
) -> None:
    plan = presets.subscription(after_pause=after_pause)
    events = [
        happened("payment_failed", "02-01"),
        happened("pause", "02-05"),
        happened("resume", "03-01"),
    ]
    assert paying(plan, *events, until="04-10") == expected


def test_a_pause_without_a_date_is_cancelled_after_its_length() -> None:
    plan = presets.subscription(paused_days=30)
    assert paying(plan, happened("pause", "01-10")) == ["01-10 paused", "02-09 cancelled"]


def test_a_pause_until_a_date_ends_there_unless_it_is_moved_or_ended() -> None:
    plan = presets.subscription(pause_until=PAUSE)
    paused = happened("pause", "01-10", pause_until="02-01")
    longer = happened("update", "01-20", pause_until="02-15")
    forever = happened("update", "01-20", pause_until=None)
    for events, ended in (
        ([paused], "02-01"),
        ([paused, longer], "02-15"),
        ([paused, happened("resume", "01-25")], "01-25"),
        ([paused, forever, happened("resume", "06-30")], "06-30"),
        ([paused, happened("update", "01-20", pause_until="01-15")], "01-20"),
    ):
        found = paying(plan, *events, until=ended)
        assert found == ["01-10 paused", f"{ended} active"]


@pytest.mark.parametrize("after_pause", ["full_term", "time_left"])
def test_a_pause_that_ends_at_its_date_leaves_the_time_left_of_the_silence(
    after_pause: Any,
) -> None:
    plan = presets.subscription(pause_until=PAUSE, after_pause=after_pause)
    paused = happened("pause", "01-31", pause_until="03-01")
    # of 35 days, 30 were over
    assert paying(plan, paused, until="03-06")[1:] == ["03-01 active", "03-06 past_due"]


def test_a_pause_until_a_date_leads_back_to_where_the_customer_was() -> None:
    plan = presets.subscription(pause_until=PAUSE, after_pause="time_left")
    failed = happened("payment_failed", "02-01")
    paused = happened("pause", "02-05", pause_until="03-01")
    assert paying(plan, failed, paused, until="03-12")[1:] == [
        "02-05 paused",
        "03-01 past_due",
        "03-11 cancelled",
    ]


def test_a_date_is_not_moved_by_a_pause_unless_an_event_moves_it() -> None:
    plan = presets.subscription(paid_until=PAID, after_pause="time_left")
    pause = happened("pause", "01-20")
    resume = happened("resume", "02-10")
    moved = happened("resume", "02-10", paid_until="02-25")
    ends = on("02-04")
    assert paying(plan, pause, resume, until="02-11", paid_until=ends)[1:] == [
        "02-10 active",
        "02-10 past_due",
    ]
    assert paying(plan, pause, moved, until="02-25", paid_until=ends)[1:] == [
        "02-10 active",
        "02-25 past_due",
    ]


# Renewals


MONTHLY = presets.subscription(renewal=dwell(months=1), cancel_at=CANCEL)


def renewed(plan: Lifecycle, since: datetime, *events: Event, until: datetime) -> list[str]:
    began = Enrollment("ann", since, stage="active")
    return told(plan.replay(began, events, until=until))


def test_a_monthly_renewal_of_the_31st_is_on_the_last_days_of_shorter_months() -> None:
    assert renewed(MONTHLY, on("01-31"), until=on("06-01")) == [
        "02-28 active",
        "03-31 active",
        "04-30 active",
        "05-31 active",
    ]


def test_a_yearly_renewal_of_the_leap_day_comes_back_to_it() -> None:
    plan = presets.subscription(renewal=dwell(years=1))
    began = Enrollment("ann", at("2024-02-29"), stage="active")
    dates = [
        f"{change.at:%Y-%m-%d}"
        for change in plan.replay(began, until=at("2028-12-31"), events=[]).changes
    ]
    assert dates == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_renewals_are_at_the_same_local_time_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    began = Enrollment("ann", at("2026-01-31T09:00", berlin), stage="active")
    changes = MONTHLY.replay(began, [], until=at("2026-04-01", berlin)).changes
    assert [change.at for change in changes] == [
        at("2026-02-28T09:00", berlin),
        at("2026-03-31T09:00", berlin),
    ]


def test_a_plan_that_renews_itself_is_past_due_by_a_failure_and_not_by_silence() -> None:
    failed = happened("payment_failed", "02-28")
    assert renewed(MONTHLY, on("01-31"), failed, until=on("03-15")) == [
        "02-28 active",
        "02-28 past_due",
        "03-14 cancelled",
    ]
    assert len(renewed(MONTHLY, on("01-31"), until=at("2031-01-31"))) == 60


@pytest.mark.parametrize(
    ("anchor", "next_one"), [("run", "04-03"), ("entry", "04-03"), ("enrolled", "03-31")]
)
def test_who_recovers_begins_a_new_run_unless_the_day_is_that_of_the_enrollment(
    anchor: str, next_one: str
) -> None:
    plan = presets.subscription(renewal=dwell(months=1, anchor=anchor))
    events = [happened("payment_failed", "02-28"), happened("payment", "03-03")]
    found = renewed(plan, on("01-31"), *events, until=on("04-05"))
    assert found[:4] == ["02-28 active", "02-28 past_due", "03-03 active", f"{next_one} active"]


def test_a_payment_of_who_is_active_does_not_touch_the_renewals() -> None:
    paid = [happened("payment", "02-28"), happened("payment", "03-31")]
    assert renewed(MONTHLY, on("01-31"), *paid, until=on("05-01")) == [
        "02-28 active",
        "03-31 active",
        "04-30 active",
    ]


def test_a_pause_moves_the_next_renewal_by_its_length() -> None:
    plan = presets.subscription(renewal=dwell(months=1), after_pause="time_left")
    events = [happened("pause", "02-10"), happened("resume", "02-20")]
    # 28 February and ten days; from there it is a new run
    assert renewed(plan, on("01-31"), *events, until=on("04-11")) == [
        "02-10 paused",
        "02-20 active",
        "03-10 active",
        "04-10 active",
    ]


def test_renewals_end_with_the_period_in_which_the_customer_cancels() -> None:
    ends = happened("update", "03-10", cancel_at="03-31")
    assert renewed(MONTHLY, on("01-31"), ends, until=on("06-01")) == [
        "02-28 active",
        "03-31 cancelled",
    ]


# The published rules of a billing service, as docs/how-to/subscriptions.md has them


def test_a_subscription_as_a_billing_service_reports_it() -> None:
    """Trial from 17 to 31 January; monthly from there, with a day for each payment to arrive.

    Paid on 31 January and 28 February; failed on 31 March, recovered on 5 April; paused from
    10 April to 10 May; paid on 10 May; cancelled on 20 May for 10 June; back on 1 July.
    """
    plan = presets.subscription(
        trial_end=TRIAL,
        converts=HAS_METHOD,
        trial_to="paused",
        paid_until=at_date(attribute("paid_until"), days=1),
        pause_until=PAUSE,
        cancel_at=CANCEL,
        grace_to="unpaid",
        dunning_days=(3, 7),
    )
    began = Enrollment("ann", on("01-17"), attributes={"trial_end": on("01-31")})
    events = [
        happened("update", "01-20", payment_method=True),
        happened("payment", "01-31", paid_until="02-28"),
        happened("payment", "02-28", paid_until="03-31"),
        happened("payment_failed", "03-31"),
        happened("payment", "04-05", paid_until="04-30"),
        happened("pause", "04-10", pause_until="05-10", paid_until=None),
        happened("payment", "05-10", paid_until="06-10"),
        happened("update", "05-20", cancel_at="06-10"),
        happened("payment", "07-01", paid_until="08-01", cancel_at=None),
    ]
    assert told(plan.replay(began, events, until=on("08-20"))) == [
        "01-31 active",
        "03-31 past_due",
        "04-03 dunning day 3",
        "04-05 active",
        "04-10 paused",
        "05-10 active",
        "06-10 cancelled",
        "07-01 active",
        "08-02 past_due",
        "08-05 dunning day 3",
        "08-09 dunning day 7",
        "08-16 unpaid",
    ]


# What contracts share


@each_contract
def test_an_update_moves_nobody_and_is_no_activity(name: str) -> None:
    plan = CONTRACTS[name]
    for stage in plan.stages:
        ann = plan.enroll("ann", at=on("01-01"), stage=stage.name)
        updated, changes = plan.apply(ann, Event("update", on("01-01"), sets={"plan": "gold"}))
        assert changes == ()
        assert updated.last_activity is ann.last_activity is None


@each_contract
def test_a_journey_with_dates_survives_storage(name: str) -> None:
    plan = CONTRACTS[name]
    dates = {"trial_end": "01-15", "paid_until": "02-15", "pause_until": "03-01"}
    events = [happened("update", "01-02", **dates), happened("payment", "01-14")]
    events += [happened("pause", "01-20"), happened("update", "01-25", cancel_at="02-20")]
    journey = plan.replay("ann", events, since=on("01-01"), until=on("06-01"))
    assert again(journey) == journey
    assert Journey.from_dict(journey.to_dict()) == journey


@each_contract
def test_diagrams_say_what_a_contract_waits_for(name: str) -> None:
    plan = CONTRACTS[name]
    drawn = diagrams.mermaid(plan)
    for transition in plan.transitions:
        if transition.after is not None and transition.after.clock == "at":
            assert transition.after.attribute in drawn
    for milestone in plan.milestones:
        assert milestone.name in drawn


def test_the_plain_call_reads_no_date() -> None:
    plan = presets.subscription()
    assert plan.milestones == ()
    assert {way.after.clock for way in plan.transitions if way.after} == {"dwell", "idle"}
    ann = plan.enroll("ann", at=on("01-01"), attributes={"trial_end": "15 January"})
    assert ann.stage == "trial"


def test_a_date_that_is_none_is_refused_by_the_event_that_sets_it() -> None:
    plan = presets.subscription(cancel_at=CANCEL)
    ann = plan.enroll("ann", at=on("01-01"), stage="active")
    wrong = Event("update", on("01-02"), sets={"cancel_at": "2026-02-01"})
    assert "cancel_at" in refusal(InvalidTypeError, lambda: plan.apply(ann, wrong))


# Arguments


@pytest.mark.parametrize(
    ("rules", "kind", "said"),
    [
        (
            {"trial_end": "trial_end"},
            InvalidTypeError,
            "trial_end must be at(attribute('trial_end'))",
        ),
        ({"paid_until": dwell(days=1)}, InvalidTypeError, "paid_until must be at(attribute('paid_"),
        ({"pause_until": attribute("x")}, InvalidTypeError, "pause_until must be at(attribute('pa"),
        ({"cancel_at": on("01-01")}, InvalidTypeError, "cancel_at must be at(attribute('cancel_at"),
        ({"renewal": idle(days=30)}, InvalidTypeError, "renewal must be dwell(...), or None"),
        ({"renewal": 30}, InvalidTypeError, "renewal must be dwell(...), or None, got 30"),
        ({"converts": attribute("paid")}, InvalidTypeError, "converts must compare the measure"),
        (
            {"converts": HAS_METHOD, "trial_to": "active"},
            InvalidValueError,
            "converts must be None where trial_to is 'active'",
        ),
        (
            {"converts": HAS_METHOD, "trial_days": 40},
            InvalidValueError,
            "overdue_days must be above trial_days, which is 40, got 35",
        ),
        (
            {"trial_to": "active", "overdue_days": 15},
            InvalidValueError,
            "overdue_days must be above trial_days, which is 15, got 15",
        ),
        (
            {"trial_to": "cancelled"},
            UnknownNameError,
            "trial_to must be one of 'expired', 'active'",
        ),
        (
            {"grace_to": "expired"},
            UnknownNameError,
            "grace_to must be one of 'cancelled', 'unpaid'",
        ),
        (
            {"after_pause": "anew"},
            UnknownNameError,
            "after_pause must be one of 'full_term', 'time",
        ),
        ({"dunning_days": 3}, InvalidTypeError, "dunning_days must be numbers of days"),
        ({"dunning_days": "37"}, InvalidTypeError, "dunning_days must be numbers of days"),
        ({"dunning_days": ["3"]}, InvalidTypeError, "dunning_days[0] must be a number"),
        ({"dunning_days": [0]}, InvalidValueError, "dunning_days[0] must be above 0, got 0"),
        (
            {"dunning_days": [7, 3]},
            InvalidValueError,
            "dunning_days[1] must be above dunning_days[0], which is 7, got 3",
        ),
        (
            {"dunning_days": [3, 15]},
            InvalidValueError,
            "dunning_days[1] must be at most grace_days, which is 14, got 15",
        ),
    ],
)
def test_a_rule_that_cannot_be_is_named(
    rules: dict[str, Any], kind: type[Exception], said: str
) -> None:
    assert refusal(kind, lambda: presets.subscription(**rules)).startswith(said)


def test_long_trials_convert_where_a_date_or_a_renewal_says_what_is_due() -> None:
    for rules in ({"paid_until": PAID}, {"renewal": dwell(years=1)}, {"trial_end": TRIAL}):
        assert presets.subscription(trial_days=60, trial_to="active", **rules).findings() == ()


def test_reminders_are_numbered_as_their_days_are_written() -> None:
    plan = presets.subscription(dunning_days=iter([0.5, 3, 14.0]))
    assert plan.milestones == (
        Milestone("past_due", after=dwell(days=0.5), name="dunning day 0.5"),
        Milestone("past_due", after=dwell(days=3), name="dunning day 3"),
        Milestone("past_due", after=dwell(days=14), name="dunning day 14"),
    )
