"""How a customer moves (rules 2 to 13 and 17)."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from time import tzset
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    ANY,
    Customer,
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
    total,
)
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    NotPermittedError,
    OutOfOrderError,
    TooManyChangesError,
    UnknownNameError,
    WrongDefinitionError,
)
from samples import (
    FADING,
    SHOP,
    STAGES,
    START,
    again,
    applied,
    at,
    bought,
    day,
    days,
    lifecycle,
    moves,
    naive,
    refusal,
    replayed,
    stage_after,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
TOKYO = ZoneInfo("Asia/Tokyo")

DAY = timedelta(days=1)
WROTE = count("note") >= 1


def after(timeout: Timeout, when: Any = None, **more: Any) -> Lifecycle:
    """Make a definition with one time-out, from buyer to lapsed."""
    way = Transition("buyer", "lapsed", after=timeout, when=when)
    return lifecycle(way, **{"events": ("purchase", "visit", "note"), **more})


def deadline(timeout: Timeout, entered: datetime) -> datetime:
    """Give when a time-out is due of a customer that entered then."""
    definition = after(timeout)
    found = definition.due(definition.enroll("ann", at=entered))
    assert found is not None
    return found.at


def advanced(definition: Lifecycle, customer: Customer, *instants: datetime) -> list[Any]:
    """Advance step by step, and give every change."""
    found: list[Any] = []
    for instant in instants:
        customer, changes = definition.advance(customer, to=instant)
        found += changes
    return found


# The worked figures


def test_an_idle_and_a_dwell_seen_late_are_dated_at_their_deadlines() -> None:
    changes = FADING.advance(FADING.enroll("ann", at=START), to=day(400)).changes
    assert moves(changes) == [(90, "lapsed"), (270, "lost")]


@pytest.mark.parametrize(
    "stops", [*combinations((0, 45, 89.9, 90, 90.1, 269, 270, 271, 399), 3), (90, 270), (400,)]
)
def test_advance_splits_anywhere(stops: tuple[float, ...]) -> None:
    ann = FADING.enroll("ann", at=START)
    at_once = FADING.advance(ann, to=day(400))
    assert advanced(FADING, ann, *map(day, stops), day(400)) == list(at_once.changes)


def test_what_lapsed_late_counts_from_its_deadline_and_not_from_the_look() -> None:
    ann, changes = FADING.advance(FADING.enroll("ann", at=START), to=day(200))
    assert moves(changes) == [(90, "lapsed")]
    assert ann.entered == ann.seen == day(90)
    assert FADING.due(ann) is not None
    assert FADING.due(ann).at == day(270)  # type: ignore[union-attr]


# Clocks (rules 4, 5, 6)


def test_dwell_counts_from_entering_the_stage_whatever_happens() -> None:
    definition = after(dwell(days=10))
    journey = replayed(definition, bought(5), bought(9), since=START, until=day(99))
    assert moves(journey.changes) == [(10, "lapsed")]


def test_idle_counts_from_the_last_activity() -> None:
    definition = after(idle(days=10))
    journey = replayed(definition, bought(5), bought(14), since=START, until=day(99))
    assert moves(journey.changes) == [(24, "lapsed")]


def test_idle_counts_from_enrollment_before_the_first_activity() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", after=dwell(days=30)),
        Transition("buyer", "lapsed", after=idle(days=40)),
        initial="lead",
    )
    assert moves(replayed(definition, since=START, until=day(99)).changes) == [
        (30, "buyer"),
        (40, "lapsed"),
    ]


def test_idle_counts_wherever_the_customer_stood() -> None:
    # the activity was in the stage before
    definition = lifecycle(
        Transition("lead", "buyer", after=dwell(days=20)),
        Transition("buyer", "lapsed", after=idle(days=30)),
        initial="lead",
        events=("visit",),
    )
    journey = replayed(definition, Event("visit", day(5)), since=START, until=day(99))
    assert moves(journey.changes) == [(20, "buyer"), (35, "lapsed")]


def test_a_named_clock_counts_only_that_event_whatever_activity_says() -> None:
    definition = after(idle("purchase", days=10), activity=("visit",))
    events = [bought(3), Event("visit", day(8)), Event("note", day(9))]
    journey = replayed(definition, *events, since=START, until=day(99))
    assert moves(journey.changes) == [(13, "lapsed")]


def test_a_named_clock_counts_from_enrollment_before_the_first_such_event() -> None:
    definition = after(idle("purchase", days=10))
    journey = replayed(definition, Event("visit", day(8)), since=START, until=day(99))
    assert moves(journey.changes) == [(10, "lapsed")]


def test_a_named_clock_remembers_events_of_earlier_stays() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="visit"),
        Transition("buyer", "lapsed", after=idle("purchase", days=10)),
        initial="lead",
        events=("purchase",),
    )
    journey = replayed(definition, bought(3), Event("visit", day(8)), since=START, until=day(99))
    assert moves(journey.changes) == [(8, "buyer"), (13, "lapsed")]


def test_an_idle_time_out_overdue_upon_entering_is_taken_at_once() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", after=dwell(days=50)),
        Transition("buyer", "lapsed", after=idle(days=30)),
        Transition("lapsed", "lost", after=idle(days=40)),
        Transition("lost", "gone", after=idle(days=60)),
        initial="lead",
    )
    journey = replayed(definition, since=START, until=day(99))
    assert moves(journey.changes) == [(50, "buyer"), (50, "lapsed"), (50, "lost"), (60, "gone")]
    assert journey.stays[1].duration == timedelta(0)


VISITED = Event("visit", day(18))


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], (10, "loyal")),
        ([bought(9)], (19, "loyal")),
        ([bought(9), bought(15)], (20, "lapsed")),
        ([bought(9), bought(15), VISITED], (25, "loyal")),
        ([bought(9), bought(15), VISITED, bought(23)], (30, "lost")),
    ],
)
def test_of_several_time_outs_the_earliest_goes_first_whatever_their_order(
    order: tuple[int, ...], events: list[Event], expected: tuple[float, str]
) -> None:
    # 10 days after a purchase, 20 after a visit, 30 after entering; all on day 0 by default
    ways = (
        Transition("buyer", "loyal", after=idle("purchase", days=10)),
        Transition("buyer", "lapsed", after=idle("visit", days=20)),
        Transition("buyer", "lost", after=dwell(days=30)),
    )
    definition = lifecycle(*(ways[place] for place in order), events=("purchase", "visit"))
    ann = applied(definition, *events)
    found = definition.due(ann)
    assert found is not None
    assert (found.at, found.transition.target) == (day(expected[0]), expected[1])
    assert moves(definition.advance(ann, to=day(99)).changes) == [expected]


def test_chained_time_outs_follow_each_other_until_none_is_due() -> None:
    ann, _ = SHOP.apply(SHOP.enroll("ann", at=START), bought(4, 40))
    assert SHOP.due(ann).at == at("2026-04-05")  # type: ignore[union-attr]
    ann, changes = SHOP.advance(ann, to=at("2027-06-01"))
    assert [(change.at, change.target) for change in changes] == [
        (at("2026-04-05"), "lapsed"),
        (at("2027-01-05"), "churned"),
    ]
    assert [change.kind for change in changes] == ["lapse", "churn"]
    assert SHOP.due(ann) is None


def test_a_stage_without_time_outs_has_no_deadline() -> None:
    assert SHOP.due(SHOP.enroll("ann", at=START)) is None
    assert SHOP.due(SHOP.enroll("ann", at=START, stage="erased")) is None


def test_a_shop_reactivates_and_wins_back() -> None:
    journey = replayed(SHOP, bought(0), bought(200), bought(900), until=day(900))
    assert [(change.target, change.kind) for change in journey.changes] == [
        ("buyer", "conversion"),
        ("lapsed", "lapse"),
        ("buyer", "reactivation"),
        ("lapsed", "lapse"),
        ("churned", "churn"),
        ("buyer", "win_back"),
    ]
    assert days(journey.changes) == [0, 90, 200, 290, 565, 900]


def test_a_loyal_buyer_has_a_longer_clock_of_its_own() -> None:
    journey = replayed(SHOP, bought(0), bought(1), bought(2), until=day(999))
    assert moves(journey.changes)[1:] == [(2, "loyal"), (182, "lapsed"), (367, "churned")]


# Lengths across the changes of the clocks (rules 2, 3)


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        # an hour is skipped
        (at("2026-03-29T01:30", BERLIN), "2026-03-30T02:30:00+02:00"),
        (at("2026-03-08T01:30", NEW_YORK), "2026-03-09T02:30:00-04:00"),
        # an hour is repeated
        (at("2026-10-24T12:00", BERLIN), "2026-10-25T11:00:00+01:00"),
        (at("2026-10-31T12:00", NEW_YORK), "2026-11-01T11:00:00-05:00"),
        # by half an hour
        (at("2026-04-04T12:00", LORD_HOWE), "2026-04-05T11:30:00+10:30"),
        (at("2026-10-03T12:00", LORD_HOWE), "2026-10-04T12:30:00+11:00"),
    ],
)
@pytest.mark.parametrize("clock", [idle, dwell])
def test_a_day_is_24_hours_also_where_the_clocks_change(
    clock: Callable[..., Timeout], entered: datetime, expected: str
) -> None:
    found = deadline(clock(days=1), entered)
    assert found.isoformat() == expected
    assert found.astimezone(UTC) - entered.astimezone(UTC) == DAY
    assert found.tzinfo is entered.tzinfo


def test_a_length_may_end_in_either_of_two_equal_local_times() -> None:
    first = deadline(idle(hours=2), at("2026-10-25T00:30", BERLIN))
    second = deadline(idle(hours=3), at("2026-10-25T00:30", BERLIN))
    assert (first.isoformat(), second.isoformat()) == (
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00+01:00",
    )


def test_events_in_a_repeated_hour_are_ordered_by_instant() -> None:
    definition = after(idle(minutes=90))
    early = Event("purchase", at("2026-10-25T02:45", BERLIN))
    late = Event("purchase", at("2026-10-25T02:15", BERLIN).replace(fold=1))
    journey = replayed(definition, late, early, until=at("2026-10-25T12:00", BERLIN))
    assert journey.events == (early, late)
    assert [change.at.isoformat() for change in journey.changes] == ["2026-10-25T03:45:00+01:00"]


@pytest.mark.parametrize(
    ("length", "entered", "expected"),
    [
        ({"months": 1}, "2026-01-31", "2026-02-28"),
        ({"months": 1}, "2028-01-31", "2028-02-29"),
        ({"months": 2}, "2026-01-31", "2026-03-31"),  # one step, not two of a month
        ({"months": 13}, "2027-01-31", "2028-02-29"),
        ({"years": 1}, "2028-02-29", "2029-02-28"),
        ({"years": 4}, "2028-02-29", "2032-02-29"),
        ({"years": 1, "months": 1}, "2027-01-31", "2028-02-29"),
    ],
)
@pytest.mark.parametrize("clock", [idle, dwell])
def test_months_and_years_step_once_and_end_with_the_month(
    clock: Callable[..., Timeout], length: dict[str, int], entered: str, expected: str
) -> None:
    assert deadline(clock(**length), naive(entered)) == naive(expected)


def test_a_dwell_of_a_month_that_renews_steps_from_the_first_entry() -> None:
    definition = lifecycle(Transition("buyer", "buyer", after=dwell(months=1)))
    entered = naive("2026-01-31")
    journey = replayed(definition, since=entered, until=naive("2026-05-01"))
    assert [f"{change.at:%m-%d}" for change in journey.changes] == ["02-28", "03-31", "04-30"]


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        # the local time stays, however long the month was
        (at("2026-03-15T12:00", BERLIN), "2026-04-15T12:00:00+02:00"),
        # 02:30 does not exist on 29 March: taken as it stood before the change
        (at("2026-02-28T02:30", BERLIN), "2026-03-28T02:30:00+01:00"),
        (at("2026-02-28T23:30", BERLIN), "2026-03-28T23:30:00+01:00"),
        (at("2027-02-28T02:30", BERLIN), "2027-03-28T03:30:00+02:00"),
        # 02:30 exists twice on 25 October: the first
        (at("2026-09-25T02:30", BERLIN), "2026-10-25T02:30:00+02:00"),
        (at("2026-02-08T02:30", NEW_YORK), "2026-03-08T03:30:00-04:00"),
        (at("2026-09-04T02:15", LORD_HOWE), "2026-10-04T02:45:00+11:00"),
    ],
)
def test_months_keep_the_local_time_of_the_zone_they_count_from(
    entered: datetime, expected: str
) -> None:
    assert deadline(dwell(months=1), entered).isoformat() == expected


def test_months_count_in_the_zone_of_the_last_activity() -> None:
    definition = after(idle(months=1))
    customer = applied(definition, Event("purchase", at("2026-01-31T20:00").astimezone(TOKYO)))
    found = definition.due(customer)
    # 1 February in Tokyo, and 31 January in UTC
    assert found is not None
    assert found.at.isoformat() == "2026-03-01T05:00:00+09:00"


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("day", "2026-05-18"),
        ("week", "2026-05-18"),
        ("month", "2026-06-01"),
        ("quarter", "2026-07-01"),
        ("year", "2027-01-01"),
    ],
)
def test_dwell_may_last_until_a_calendar_period_ends(until: str, expected: str) -> None:
    assert deadline(dwell(until=until), naive("2026-05-17T09:30")) == naive(expected)
    assert deadline(dwell(until=until), at("2026-05-17T09:30", TOKYO)) == at(expected, TOKYO)


def test_entered_as_a_period_begins_it_lasts_until_the_next() -> None:
    assert deadline(dwell(until="month"), naive("2026-05-01")) == naive("2026-06-01")


def test_a_day_ends_at_the_first_moment_of_the_next_where_midnight_does_not_exist() -> None:
    entered = at("2018-11-03T12:00", SAO_PAULO)
    assert deadline(dwell(until="day"), entered).isoformat() == "2018-11-04T01:00:00-02:00"


@pytest.mark.parametrize(
    "timeout", [idle(days=2), dwell(months=1), dwell(years=9000), dwell(until="year")]
)
@pytest.mark.parametrize("zone", [None, UTC, NEW_YORK])
def test_a_deadline_past_the_last_datetime_is_no_deadline(timeout: Timeout, zone: Any) -> None:
    definition = after(timeout)
    customer = definition.enroll("ann", at=at("9999-12-30T12:00", zone))
    assert definition.due(customer) is None
    last = at("9999-12-31T18:59:59", zone)
    assert definition.advance(customer, to=last) == (customer, ())
    assert definition.apply(customer, Event("note", last)).changes == ()


@pytest.mark.parametrize("timeout", [idle(days=1), dwell(days=1), dwell(months=1)])
def test_a_deadline_past_the_last_datetime_of_its_zone_is_no_deadline(timeout: Timeout) -> None:
    definition = after(timeout)
    assert definition.due(definition.enroll("ann", at=at("9999-12-31T04:00", TOKYO))) is None


def test_a_deadline_without_a_local_time_is_given_in_utc() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="note"),
        Transition("buyer", "lapsed", after=idle(days=1)),
        initial="lead",
        activity=("purchase",),
    )
    activity = Event("purchase", at("9999-12-30T22:00", TOKYO))
    entry = Event("note", at("9999-12-31T20:00"))  # in Tokyo the year 10000 has begun
    ann = applied(definition, activity, entry)
    assert moves(definition.advance(ann, to=entry.at).changes)[0][1] == "lapsed"
    assert definition.due(ann).at.isoformat() == "9999-12-31T20:00:00+00:00"  # type: ignore[union-attr]


def test_naive_deadlines_do_not_depend_on_the_zone_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    definition = after(idle(days=1))
    ann = definition.enroll("ann", at=naive("9999-12-30T22:00"))
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        tzset()
        assert definition.due(ann).at == naive("9999-12-31T22:00")  # type: ignore[union-attr]
    monkeypatch.undo()
    tzset()


def test_time_outs_beyond_the_last_datetime_leave_the_others_running() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(years=9000)),
        Transition("buyer", "lost", after=idle(days=3)),
    )
    assert moves(replayed(definition, since=START, until=day(9)).changes) == [(3, "lost")]


# Ties (rule 7)


def test_a_deadline_at_an_event_is_applied_before_it() -> None:
    journey = replayed(SHOP, bought(0), bought(90), until=day(90))
    assert [(change.target, change.cause) for change in journey.changes] == [
        ("buyer", "event"),
        ("lapsed", "timeout"),
        ("buyer", "event"),
    ]
    assert days(journey.changes) == [0, 90, 90]


def test_an_event_a_moment_before_the_deadline_moves_it() -> None:
    early = Event("purchase", day(90) - timedelta(microseconds=1))
    assert len(replayed(SHOP, bought(0), early, until=day(90)).changes) == 1


def test_advance_to_the_deadline_takes_it() -> None:
    ann = FADING.enroll("ann", at=START)
    assert FADING.advance(ann, to=day(90)).customer.stage == "lapsed"
    assert FADING.advance(ann, to=day(90) - timedelta(microseconds=1)).customer is ann


def test_an_idle_overdue_upon_entering_comes_before_a_second_event_of_that_instant() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="note"),
        Transition("buyer", "lapsed", after=idle(days=3)),
        Transition(("buyer", "lapsed"), "loyal", on="purchase"),
        initial="lead",
        activity=("purchase",),
    )
    ann, first = definition.apply(definition.enroll("ann", at=START), Event("note", day(9)))
    assert moves(first) == [(9, "buyer")]
    assert definition.due(ann).at == day(9)  # type: ignore[union-attr]
    ann, second = definition.apply(ann, bought(9))
    assert [(change.target, change.cause) for change in second] == [
        ("lapsed", "timeout"),
        ("loyal", "event"),
    ]


# Resting (rule 10)


def test_a_condition_is_examined_once_at_its_deadline() -> None:
    definition = after(dwell(days=10), WROTE)
    ann = applied(definition, Event("note", day(9)))
    assert moves(definition.advance(ann, to=day(99)).changes) == [(10, "lapsed")]
    ann = applied(definition, Event("note", day(11)))
    assert definition.advance(ann, to=day(99)) == (ann, ())
    assert definition.due(ann) is None


def test_an_event_at_the_very_deadline_comes_too_late_for_its_condition() -> None:
    definition = after(dwell(days=10), WROTE)
    ann = applied(definition, Event("note", day(10)))
    assert (ann.stage, definition.due(ann)) == ("buyer", None)


def test_what_rests_rests_until_its_clock_restarts() -> None:
    definition = after(idle("purchase", days=10), WROTE)
    ann = applied(definition, Event("note", day(15)))
    assert definition.due(ann) is None
    ann, _ = definition.apply(ann, bought(20))
    assert moves(definition.advance(ann, to=day(99)).changes) == [(30, "lapsed")]


def test_what_rests_rests_until_the_stage_is_entered_anew() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle("purchase", days=10), when=WROTE),
        Transition("buyer", "buyer", on="renewal"),
        events=("purchase", "note"),
    )
    ann = applied(definition, Event("note", day(15)))
    assert definition.due(ann) is None
    ann, first = definition.apply(ann, Event("renewal", day(20)))
    assert moves(first) == [(20, "buyer")]
    assert moves(definition.advance(ann, to=day(20)).changes) == [(20, "lapsed")]


@pytest.mark.parametrize(
    ("plan", "changed", "without", "anew"),
    [
        ("annual", "2026-03-15", "2026-03-15", "2026-04-15"),  # its month was over before
        ("annual", "2026-02-01", "2026-02-01", "2026-03-01"),  # and here at that very instant
        ("annual", "2026-01-31", "2026-02-01", "2026-02-28"),
        ("monthly", "2026-01-15", "2027-01-01", "2027-01-15"),
    ],
)
def test_a_change_of_plan_restarts_its_clock_only_where_the_stage_is_entered_anew(
    plan: str, changed: str, without: str, anew: str
) -> None:
    # a month and a year are counted on the calendar, from 1 January or from the change
    ways = [
        Transition("buyer", "lapsed", after=length, when=attribute("plan").equals(name))
        for name, length in (("monthly", dwell(months=1)), ("annual", dwell(years=1)))
    ]
    (other,) = {"annual", "monthly"} - {plan}
    change = Event("note", at(changed), sets={"plan": other})
    for more, expected in (((), without), ((Transition("buyer", "buyer", on="note"),), anew)):
        definition = lifecycle(*ways, *more, events=("note",))
        ann = applied(definition, change, attributes={"plan": plan})
        found = definition.due(ann)
        assert (found and found.at) == at(expected)
        moved, changes = definition.advance(ann, to=at("2040-01-01"))
        assert [each.at for each in changes] == [at(expected)]
        assert moved.stage == "lapsed"


def test_a_resting_time_out_lets_a_later_one_of_its_clock_go() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=10), when=WROTE),
        Transition("buyer", "lost", after=idle(days=20)),
        events=("note",),
        activity=(),
    )
    ann = applied(definition, Event("note", day(15)))
    assert moves(definition.advance(ann, to=day(99)).changes) == [(20, "lost")]


def test_an_overdue_condition_is_examined_upon_entering_and_not_again() -> None:
    # two events of one instant, just after an entry
    definition = lifecycle(
        Transition("lead", "buyer", on="signup"),
        Transition("buyer", "lapsed", after=idle("purchase", days=3), when=count("visit") >= 1),
        Transition("buyer", "lapsed", after=idle("purchase", days=9), when=count("visit") >= 2),
        initial="lead",
        events=("visit", "purchase"),
    )
    ann = applied(definition, Event("signup", day(5)), Event("visit", day(5)))
    assert (ann.stage, definition.advance(ann, to=day(8)).changes) == ("buyer", ())
    # the other one is not overdue then, and is examined later
    ann, _ = definition.apply(ann, Event("visit", day(5)))
    assert moves(definition.advance(ann, to=day(99)).changes) == [(9, "lapsed")]


def test_looking_at_a_resting_time_out_changes_nothing() -> None:
    definition = after(dwell(days=10), WROTE)
    ann = definition.enroll("ann", at=START)
    assert definition.advance(ann, to=day(10)).customer is ann
    # not looked at yet as far as the customer knows: the event before the deadline counts
    ann, _ = definition.apply(ann, Event("note", day(9)))
    assert definition.advance(ann, to=day(10)).customer.stage == "lapsed"


def test_what_rests_still_rests_after_being_stored() -> None:
    definition = after(dwell(days=10), WROTE)
    ann = again(applied(definition, Event("note", day(11))))
    assert len(ann._memory) == 2  # its count, and nothing is remembered that the instants tell
    assert definition.due(ann) is None
    assert definition.advance(ann, to=day(99)).changes == ()


def test_what_is_due_at_the_entry_is_still_due_after_being_stored() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="note"),
        Transition("buyer", "lapsed", after=idle(days=3)),
        initial="lead",
        activity=(),
    )
    ann = applied(definition, Event("note", day(9)))
    assert definition.due(again(ann)) == definition.due(ann)
    assert moves(definition.advance(again(ann), to=day(9)).changes) == [(9, "lapsed")]


def test_code_is_not_asked_about_a_time_out_before_its_deadline() -> None:
    def is_free(customer: Customer, _: Event | None) -> bool:
        return customer.attributes["plan"] == "free"

    definition = after(idle(days=10), is_free)
    ann = definition.enroll("ann", at=START)  # whose plan is not known yet
    ann, _ = definition.apply(ann, Event("note", day(1), sets={"plan": "free"}))
    assert moves(definition.advance(ann, to=day(99)).changes) == [(11, "lapsed")]


def test_a_time_out_is_not_compared_before_its_deadline() -> None:
    definition = after(dwell(days=10), attribute("level") >= 2)
    ann = definition.enroll("ann", at=START, attributes={"level": "not known yet"})
    ann, _ = definition.apply(ann, Event("note", day(1), sets={"level": 2}))
    assert moves(definition.advance(ann, to=day(99)).changes) == [(10, "lapsed")]


def test_a_condition_on_what_cannot_be_compared_rests_at_its_deadline() -> None:
    definition = after(dwell(days=10), attribute("level") >= 2)
    ann = definition.enroll("ann", at=START, attributes={"level": "high"})
    assert definition.due(ann) is None
    assert definition.advance(ann, to=day(10)) == (ann, ())
    ann, _ = definition.apply(ann, Event("note", day(1), sets={"level": 2}))
    assert definition.advance(ann, to=day(10)).customer.stage == "lapsed"


# Order and mixtures (rules 2, 12)


def test_an_event_before_what_is_known_is_out_of_order() -> None:
    ann = applied(SHOP, bought(5))
    text = refusal(OutOfOrderError, lambda: SHOP.apply(ann, bought(4)))
    assert text == (
        "event.at must not be before 2026-01-06 00:00:00+00:00, up to which customer 'ann' "
        "is known, got 'purchase' at 2026-01-05 00:00:00+00:00; Journey.amend takes late events"
    )


def test_known_is_enrollment_the_last_event_and_the_last_change() -> None:
    late = [bought(1), bought(89), Event("signup", day(1))]
    ann = FADING.enroll("ann", at=day(2))
    with pytest.raises(OutOfOrderError):
        FADING.apply(ann, late[0])
    ann, _ = FADING.advance(ann, to=day(400))
    with pytest.raises(OutOfOrderError):
        FADING.apply(ann, bought(271.9))
    assert FADING.apply(ann, bought(272)).customer.seen == day(272)


def test_looking_does_not_make_events_late() -> None:
    ann, _ = FADING.advance(FADING.enroll("ann", at=START), to=day(80))
    assert FADING.apply(ann, bought(10)).customer.seen == day(10)


def test_an_event_at_exactly_what_is_known_is_taken() -> None:
    ann = applied(SHOP, bought(0), bought(0), bought(0))
    assert ann.stage == "loyal"


def test_at_one_instant_a_sequence_below_the_last_one_is_out_of_order() -> None:
    ann = applied(SHOP, bought(5, sequence=3))
    with pytest.raises(OutOfOrderError):
        SHOP.apply(ann, bought(5, sequence=0))
    late = bought(5, sequence=2, id="late")
    for call in (SHOP.apply, SHOP.fire, SHOP.explain):
        with pytest.raises(OutOfOrderError) as caught:
            call(ann, late)
        assert (caught.value.customer, caught.value.event) == ("ann", late)
        assert (caught.value.seen, caught.value.sequence) == (day(5), 3)
    assert refusal(OutOfOrderError, lambda: SHOP.apply(ann, late)) == (
        "event.sequence must not be below 3, the last of customer 'ann' at "
        "2026-01-06 00:00:00+00:00, got 'purchase' with sequence 2; "
        "Journey.amend takes late events"
    )


@pytest.mark.parametrize("number", [3, 4, None])
def test_at_one_instant_a_sequence_at_or_above_the_last_one_is_taken(number: int | None) -> None:
    ann = applied(SHOP, bought(5, sequence=3), bought(5, sequence=number), bought(5, sequence=4))
    assert ann.stage == "loyal"


def test_a_sequence_is_remembered_past_events_that_have_none() -> None:
    ann = applied(SHOP, bought(5, sequence=3), bought(5), Event("signup", day(5)))
    with pytest.raises(OutOfOrderError):
        SHOP.apply(ann, bought(5, sequence=2))


def test_the_first_sequence_of_an_instant_may_be_any() -> None:
    ann = applied(SHOP, bought(5, sequence=7), bought(6), bought(6, sequence=0))
    assert ann.stage == "loyal"
    assert applied(SHOP, bought(5, sequence=7), bought(6, sequence=1)).seen == day(6)
    with pytest.raises(OutOfOrderError):
        SHOP.apply(ann, Event("signup", day(5), sequence=9))


def test_an_instant_is_one_whatever_the_zone_of_its_sequences() -> None:
    ann = applied(SHOP, bought(5, sequence=3))
    late = Event("purchase", day(5).astimezone(BERLIN), sequence=2)
    with pytest.raises(OutOfOrderError):
        SHOP.apply(ann, late)


def test_a_sequence_outlives_what_time_outs_and_migrations_do_at_its_instant() -> None:
    # overdue at once in "lapsed", which is left at the very instant
    ways = (
        Transition("buyer", "lapsed", on="pause"),
        Transition("lapsed", "lost", after=idle("purchase", days=3)),
    )
    chained = lifecycle(*ways, events=("purchase",))
    newer = lifecycle(*ways, events=("purchase",), version=2)
    ann = applied(chained, Event("pause", day(9), sequence=4))
    ann, changes = chained.advance(ann, to=day(9))
    assert moves(changes) == [(9, "lost")]
    moved, _ = chained.migrate(ann, to=newer, at=day(9))
    later, _ = chained.migrate(ann, to=newer, at=day(9.5))
    low = Event("purchase", day(9), sequence=3)
    for definition, customer in ((chained, ann), (newer, moved), (newer, again(moved))):
        with pytest.raises(OutOfOrderError):
            definition.apply(customer, low)
    assert newer.apply(later, Event("purchase", day(9.5), sequence=3)).customer.seen == day(9.5)


def test_looking_and_refusing_do_not_touch_a_sequence() -> None:
    ann = applied(SHOP, bought(5, sequence=3))
    SHOP.explain(ann, bought(5, sequence=9))
    SHOP.options(ann)
    with pytest.raises(NotPermittedError):
        SHOP.fire(ann, Event("signup", day(5), sequence=9))
    assert SHOP.apply(ann, bought(5, sequence=4)).customer.seen == day(5)


def test_only_who_has_a_sequence_remembers_one() -> None:
    plain, numbered = applied(SHOP, bought(5)), applied(SHOP, bought(5, sequence=0))
    assert len(numbered._memory) == len(plain._memory) + 1
    assert numbered != plain
    more = SHOP.apply(numbered, bought(5, sequence=8)).customer
    assert len(more._memory) == len(numbered._memory)


def test_a_final_stage_takes_no_sequence() -> None:
    gone = applied(SHOP, Event("erasure", day(5), sequence=3))
    assert SHOP.apply(gone, bought(5, sequence=9)) == (gone, ())
    assert SHOP.apply(gone, bought(5, sequence=3)) == (gone, ())


def test_apply_remembers_no_ids() -> None:
    assert stage_after(SHOP, *(bought(1, id="same") for _ in range(3))) == "loyal"


def test_advance_to_before_what_is_known_changes_nothing() -> None:
    ann = applied(SHOP, bought(5))
    assert SHOP.advance(ann, to=day(1)) == (ann, ())
    assert SHOP.advance(ann, to=day(1)).customer is ann


def test_advance_with_nothing_due_returns_the_customer_itself() -> None:
    ann = applied(SHOP, bought(5))
    assert SHOP.advance(ann, to=day(94)).customer is ann
    lead = SHOP.enroll("bob", at=START)
    assert SHOP.advance(lead, to=day(9999)).customer is lead


MIXED: list[Callable[[Customer, datetime], object]] = [
    lambda ann, t: FADING.apply(ann, Event("purchase", t)),
    lambda ann, t: FADING.fire(ann, Event("purchase", t)),
    lambda ann, t: FADING.explain(ann, Event("purchase", t)),
    lambda ann, t: FADING.options(ann, at=t),
    lambda ann, t: FADING.advance(ann, to=t),
]


@pytest.mark.parametrize("call", MIXED)
@pytest.mark.parametrize("stage", ["buyer", "gone"])  # with a deadline, and without
def test_naive_and_aware_do_not_mix(
    call: Callable[[Customer, datetime], object], stage: str
) -> None:
    aware = FADING.enroll("ann", at=START, stage=stage)
    text = refusal(MixedInstantsError, lambda: call(aware, naive("2026-05-01")))
    assert "customer.seen must both have a time zone or both have none" in text
    assert text.endswith("got naive 2026-05-01 00:00:00 and aware 2026-01-01 00:00:00+00:00")
    plain = FADING.enroll("ann", at=naive("2026-01-01"), stage=stage)
    text = refusal(MixedInstantsError, lambda: call(plain, at("2026-05-01")))
    assert text.endswith("got aware 2026-05-01 00:00:00+00:00 and naive 2026-01-01 00:00:00")


def test_zones_of_one_customer_may_differ() -> None:
    ann = applied(SHOP, Event("purchase", at("2026-01-02T01:00", TOKYO)))
    ann, _ = SHOP.apply(ann, Event("signup", at("2026-01-01T11:30", NEW_YORK)))
    found = SHOP.due(ann)
    assert found is not None
    assert found.at.isoformat() == "2026-04-01T12:30:00-04:00"


@pytest.mark.parametrize("days", [20, 50])  # over long since, and at that very instant
def test_an_idle_time_out_due_on_entry_is_dated_in_the_zone_of_the_entry(days: int) -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", on="pause"),
        Transition("lapsed", "lost", after=idle(days=days)),
        activity=("purchase",),
    )
    bought_at = at("2026-01-02T01:00", TOKYO)
    paused_at = at("2026-02-20T11:00", NEW_YORK)  # 50 days later, to the second
    assert paused_at - bought_at == timedelta(days=50)
    ann = definition.enroll("ann", at=START)
    ann, _ = definition.apply(ann, Event("purchase", bought_at))
    ann, _ = definition.apply(ann, Event("pause", paused_at))
    deadline = definition.due(ann)
    assert deadline is not None
    assert deadline.at.isoformat() == "2026-02-20T11:00:00-05:00"
    ann, (change,) = definition.advance(ann, to=paused_at)
    assert (change.target, change.at.isoformat()) == ("lost", "2026-02-20T11:00:00-05:00")
    assert ann.entered.isoformat() == "2026-02-20T11:00:00-05:00"


def test_an_idle_time_out_due_later_is_dated_in_the_zone_of_the_activity() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", on="pause"),
        Transition("lapsed", "lost", after=idle(days=51)),
        activity=("purchase",),
    )
    ann = applied(definition, Event("purchase", at("2026-01-02T01:00", TOKYO)))
    ann, _ = definition.apply(ann, Event("pause", at("2026-02-20T11:00", NEW_YORK)))
    (change,) = definition.advance(ann, to=day(99)).changes
    assert change.at.isoformat() == "2026-02-22T01:00:00+09:00"


# Final stages (rule 13)


def test_in_a_final_stage_an_event_returns_the_customer_as_it_was() -> None:
    ann = applied(SHOP, Event("erasure", day(5)))
    assert (ann.stage, ann.status) == ("erased", Status.CHURNED)
    outcome = SHOP.apply(ann, bought(9, sets={"plan": "gold"}))
    assert outcome == (ann, ())
    assert outcome.customer is ann
    assert SHOP.advance(ann, to=day(9999)).customer is ann


def test_a_deadline_may_lead_into_a_final_stage_before_an_event() -> None:
    definition = lifecycle(Transition("buyer", "gone", after=idle(days=3)), events=("purchase",))
    ann, changes = definition.apply(definition.enroll("ann", at=START), bought(9))
    assert moves(changes) == [(3, "gone")]
    assert (ann.seen, ann.last_activity) == (day(3), None)


# Doors and errors (rules 14, 17)


OTHER = lifecycle(Transition("buyer", "lost", on="purchase", when=total("purchase") > 9))
ANN = applied(FADING, bought(1, 2.5))

BAD_CALLS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: FADING.apply(ANN, Event("purchas", day(2))),
        UnknownNameError,
        "event.name must be 'purchase', got 'purchas'; did you mean 'purchase'?",
    ),
    (
        lambda: FADING.apply(ANN, "purchase"),  # type: ignore[arg-type]
        InvalidTypeError,
        "event must be an Event, got 'purchase' (str)",
    ),
    (
        lambda: FADING.apply("ann", bought(2)),  # type: ignore[arg-type]
        InvalidTypeError,
        "customer must be a Customer, as enroll returns it, got 'ann' (str)",
    ),
    (
        lambda: FADING.advance(None, to=day(2)),  # type: ignore[arg-type]
        InvalidTypeError,
        "customer must be a Customer, as enroll returns it, got None (NoneType)",
    ),
    (
        lambda: FADING.due(ANN.id),  # type: ignore[arg-type]
        InvalidTypeError,
        "customer must be a Customer, as enroll returns it, got 'ann' (str)",
    ),
    (
        lambda: FADING.options([ANN]),  # type: ignore[arg-type]
        InvalidTypeError,
        "customer must be a Customer, as enroll returns it, got [<Customer 'ann' in",
    ),
    (
        lambda: FADING.advance(ANN, to=day(2).date()),  # type: ignore[arg-type]
        InvalidTypeError,
        "to must be a datetime; say which moment of the day, got datetime.date(2026, 1, 3) (date)",
    ),
    (
        lambda: FADING.advance(ANN, to=None),  # type: ignore[arg-type]
        InvalidTypeError,
        "to must be a datetime, got None (NoneType)",
    ),
    (
        lambda: FADING.options(ANN, at="now"),  # type: ignore[arg-type]
        InvalidTypeError,
        "at must be a datetime, got 'now' (str)",
    ),
    (
        lambda: FADING.explain(ANN, bought(0)),
        OutOfOrderError,
        "event.at must not be before 2026-01-02 00:00:00+00:00",
    ),
    (
        lambda: SHOP.apply(ANN, bought(2)),
        WrongDefinitionError,
        "customer must belong to lifecycle 'shop' version 1, got customer 'ann' of ",
    ),
    (
        lambda: lifecycle(name="club", version=3).due(ANN),
        WrongDefinitionError,
        (
            "customer must belong to lifecycle 'club' version 3, got customer 'ann' of "
            "lifecycle 'shop' version 1; Lifecycle.migrate moves a customer to another definition"
        ),
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), BAD_CALLS)
def test_a_step_refuses_and_leaves_the_customer_good(
    call: Callable[[], object], kind: type[LifecycleError], text: str
) -> None:
    before = again(ANN)
    assert refusal(kind, call).startswith(text)
    assert before == ANN
    assert FADING.apply(ANN, bought(2, 2.5)).customer.last_activity == day(2)


def test_a_customer_of_a_stage_that_is_gone_belongs_to_another_definition() -> None:
    smaller = lifecycle(
        Transition("lapsed", "lost", after=dwell(days=180)),
        stages=[Stage("lapsed", Status.DORMANT), Stage("lost", Status.CHURNED)],
        initial="lapsed",
        events=("purchase",),
    )
    with pytest.raises(WrongDefinitionError):
        smaller.due(ANN)


def test_a_definition_made_twice_goes_on_with_the_same_customers() -> None:
    twin = lifecycle(*FADING.transitions, events=FADING.events)
    assert twin == FADING
    assert twin.advance(ANN, to=day(400)) == FADING.advance(ANN, to=day(400))
    assert twin.advance(ANN, to=day(2)).customer == ANN


def test_many_events_of_one_instant_turn_no_clock_for_ever() -> None:
    definition = lifecycle(
        Transition("buyer", "lapsed", after=idle(days=3)),
        Transition("lapsed", "buyer", on="note"),
        Transition(ANY, "gone", on="purchase"),
        activity=("purchase",),
    )
    ann = definition.enroll("ann", at=START)
    for _ in range(3):
        ann, changes = definition.apply(ann, Event("note", day(9)))
        assert [change.target for change in changes] == ["lapsed", "buyer"]
    assert definition.due(ann).at == day(9)  # type: ignore[union-attr]


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_every_stage_can_be_begun_in(stage: str) -> None:
    assert FADING.enroll("ann", at=START, stage=stage).stage == stage


# How many time-outs one call takes


SPIN = lifecycle(
    Transition("buyer", "lapsed", after=dwell(seconds=1)),
    Transition("lapsed", "buyer", after=dwell(seconds=2)),
    events=("purchase",),
)
"""Two moves every three seconds: a loop without end."""


def too_many(
    definition: Lifecycle, customer: Customer, to: datetime, most: int
) -> TooManyChangesError:
    with pytest.raises(TooManyChangesError) as caught:
        definition.advance(customer, to=to, most=most)
    return caught.value


def seconds(number: float) -> datetime:
    return START + timedelta(seconds=number)


def test_a_call_takes_as_many_time_outs_as_allowed_and_no_more() -> None:
    ann = applied(SPIN)
    assert len(SPIN.advance(ann, to=seconds(6), most=4).changes) == 4
    error = too_many(SPIN, ann, seconds(7), 4)
    assert (error.customer, error.most) == ("ann", 4)
    assert error.stages == ("buyer", "lapsed", "buyer")
    assert error.at == seconds(6)
    assert ann == applied(SPIN)


@pytest.mark.parametrize(
    "call",
    [
        lambda ann: SPIN.advance(ann, to=day(9)),
        lambda ann: SPIN.apply(ann, bought(9)),
        lambda ann: SPIN.fire(ann, bought(9)),
        lambda ann: SPIN.explain(ann, bought(9)),
        lambda ann: SPIN.options(ann, at=day(9)),
        lambda ann: SPIN.migrate(ann, to=SPIN, at=day(9)),
        lambda _ann: SPIN.replay("ann", [], since=START, until=day(9)),
        lambda _ann: SPIN.replay("ann", [bought(1), bought(9)], since=START),
    ],
)
def test_every_call_is_bounded(call: Callable[[Any], object]) -> None:
    ann = applied(SPIN)
    text = refusal(TooManyChangesError, lambda: call(ann))
    assert text.startswith("time-outs must move a customer at most 100,000 times in one call")
    assert text.endswith("or allow more with most=")
    assert ann == applied(SPIN)


def test_the_next_deadline_of_a_loop_is_found_without_turning_it() -> None:
    found = SPIN.due(applied(SPIN))
    assert found is not None
    assert found.at == seconds(1)


def test_more_is_taken_where_more_is_allowed() -> None:
    ann = applied(SPIN)
    end = seconds(3 * 50_001)
    with pytest.raises(TooManyChangesError):
        SPIN.advance(ann, to=end)
    assert len(SPIN.advance(ann, to=end, most=100_002).changes) == 100_002
    half, first = SPIN.advance(ann, to=seconds(3 * 25_000))
    _, second = SPIN.advance(half, to=end)
    assert len(first) + len(second) == 100_002


@pytest.mark.parametrize("most", [0, -1])
def test_a_call_that_may_take_nothing_is_refused(most: int) -> None:
    for call in (
        lambda: SPIN.advance(applied(SPIN), to=START, most=most),
        lambda: SPIN.replay("ann", [], since=START, most=most),
    ):
        assert refusal(InvalidValueError, call) == f"most must be at least 1, got {most}"
    with pytest.raises(InvalidTypeError):
        SPIN.advance(applied(SPIN), to=START, most=1.5)  # type: ignore[arg-type]


def test_a_loop_through_many_stages_is_named_whole() -> None:
    names = [f"s{number}" for number in range(30)]
    pairs = [*itertools.pairwise(names), (names[-1], names[0])]
    ring = lifecycle(
        *(Transition(one, other, after=dwell(seconds=1)) for one, other in pairs),
        stages=[Stage(name, Status.ACTIVE) for name in names],
        initial="s0",
    )
    error = too_many(ring, applied(ring), day(1), 99)
    assert error.stages == (*names[9:], *names[:10])


def test_a_long_way_that_is_no_loop_is_named_by_its_end() -> None:
    names = [f"s{number}" for number in range(30)]
    line = lifecycle(
        *(
            Transition(one, other, after=dwell(seconds=1))
            for one, other in itertools.pairwise(names)
        ),
        stages=[Stage(name, Status.ACTIVE) for name in names],
        initial="s0",
    )
    error = too_many(line, applied(line), day(1), 20)
    assert error.stages == tuple(names[10:21])
