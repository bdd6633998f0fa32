"""Stages that stop the clocks of other stages: pauses and freezes."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import (
    ANY,
    Customer,
    Event,
    Lifecycle,
    SoFar,
    Stage,
    Status,
    Transition,
    attribute,
    count,
    dwell,
    idle,
    value,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import START, at, day, naive

BERLIN = ZoneInfo("Europe/Berlin")
BOTH = ("dwell", "idle")
EVENTS = ("purchase", "visit", "pause", "resume", "hold", "leave", "note")


def pausing(*ways: Transition, stops: Any = BOTH, activity: Any = ("purchase",)) -> Lifecycle:
    """Make a definition of buyers who can pause, and hold, and come back."""
    return Lifecycle(
        name="paused",
        initial="buyer",
        stages=[
            Stage("buyer", Status.ACTIVE),
            Stage("other", Status.ACTIVE),
            Stage("paused", Status.DORMANT, stops=stops),
            Stage("held", Status.DORMANT, stops=stops),
            Stage("lapsed", Status.DORMANT),
        ],
        transitions=[
            Transition(("buyer", "other", "held", "paused"), "paused", on="pause"),
            Transition(("buyer", "paused"), "held", on="hold"),
            Transition(("paused", "held", "other"), "buyer", on="resume"),
            Transition(("paused", "held", "buyer"), "other", on="leave"),
            *ways,
        ],
        activity=activity,
        events=EVENTS,
    )


IDLE = Transition("buyer", "lapsed", after=idle(days=90))
DWELL = Transition("buyer", "lapsed", after=dwell(days=90))


def after(definition: Lifecycle, *log: tuple[str, float], stage: str | None = None) -> Customer:
    """Follow a customer from the start through events on these days."""
    customer = definition.enroll("ann", at=START, stage=stage)
    for name, number in log:
        customer, _ = definition.apply(customer, Event(name, day(number)))
    return customer


def due(definition: Lifecycle, *log: tuple[str, float], stage: str | None = None) -> float | None:
    """Give the day of the next deadline."""
    found = definition.due(after(definition, *log, stage=stage))
    return None if found is None else (found.at - START) / timedelta(days=1)


# The time that is left


@pytest.mark.parametrize("way", [IDLE, DWELL])
def test_a_pause_leaves_the_time_that_was_left(way: Transition) -> None:
    """Of 90 days 60 have passed at the pause, and 30 are left at the end of it, on day 120."""
    definition = pausing(way)
    assert due(definition, ("pause", 60)) is None
    assert due(definition, ("pause", 60), ("resume", 120)) == 150


def test_a_pause_moves_the_step_from_enrollment_that_was_ahead_before_it() -> None:
    """Of the steps on days 10, 20 and so on, day 20 is ahead on day 13, and a pause of 27 days."""
    definition = pausing(
        Transition("buyer", "lapsed", after=dwell(days=10, anchor="enrolled")),
    )
    log = [("resume", 13)]
    assert due(definition, *log, stage="other") == 20
    log += [("pause", 15), ("resume", 42)]
    assert due(definition, *log, stage="other") == 47
    log += [("pause", 43), ("resume", 100)]
    assert due(definition, *log, stage="other") == 104


@pytest.mark.parametrize("way", [IDLE, DWELL])
def test_several_pauses_add_up(way: Transition) -> None:
    log = [("pause", 10), ("resume", 15), ("pause", 20), ("resume", 40), ("pause", 41)]
    assert due(pausing(way), *log) is None
    assert due(pausing(way), *log, ("resume", 41.5)) == 90 + 5 + 20 + 0.5


def test_without_stops_silence_ends_when_it_would_and_a_stay_begins_anew() -> None:
    log = ("pause", 60), ("resume", 120)
    assert due(pausing(IDLE, stops=()), *log) == 120  # the original end, day 90, is past
    assert due(pausing(DWELL, stops=()), *log) == 210  # the full term


def test_a_stage_can_stop_one_clock_and_not_the_other() -> None:
    log = ("pause", 60), ("resume", 120)
    assert due(pausing(IDLE, stops="idle"), *log) == 150
    assert due(pausing(DWELL, stops="idle"), *log) == 210
    assert due(pausing(IDLE, stops="dwell"), *log) == 120
    assert due(pausing(DWELL, stops="dwell"), *log) == 150


def test_an_attribute_that_says_paused_is_no_pause() -> None:
    """The stage says it: the condition of a time-out is examined at its deadline."""
    definition = pausing(
        Transition("buyer", "lapsed", after=idle(days=90), when=~attribute("paused").equals(True))
    )
    customer, _ = definition.apply(
        definition.enroll("ann", at=START), Event("pause", day(59), sets={"paused": True})
    )
    customer, _ = definition.apply(customer, Event("resume", day(120), sets={"paused": False}))
    assert definition.advance(customer, to=day(1000)).changes[-1].at == day(151)


@pytest.mark.parametrize("way", [IDLE, DWELL])
def test_a_pause_of_no_length_changes_nothing(way: Transition) -> None:
    assert due(pausing(way), ("pause", 60), ("resume", 60)) == 90


@pytest.mark.parametrize("way", [IDLE, DWELL])
def test_a_deadline_at_the_instant_of_the_pause_comes_first(way: Transition) -> None:
    definition = pausing(way)
    customer, changes = definition.apply(after(definition), Event("pause", day(90)))
    assert [change.target for change in changes] == ["lapsed"]
    assert customer.stage == "lapsed"


def test_the_customer_is_due_one_microsecond_later_if_the_pause_came_one_before() -> None:
    tick = timedelta(microseconds=1)
    for way in (IDLE, DWELL):
        definition = pausing(way)
        customer, _ = definition.apply(after(definition), Event("pause", day(90) - tick))
        customer, _ = definition.apply(customer, Event("resume", day(100)))
        found = definition.due(customer)
        assert found is not None
        assert found.at == day(100) + tick


# Silence


def test_an_event_in_the_pause_counts_from_the_end_of_it() -> None:
    assert due(pausing(IDLE), ("pause", 60), ("purchase", 80), ("resume", 120)) == 120 + 90


def test_an_event_after_the_pause_counts_from_itself() -> None:
    assert due(pausing(IDLE), ("pause", 60), ("resume", 120), ("purchase", 130)) == 130 + 90


def test_the_events_that_begin_and_end_a_pause_can_be_activity() -> None:
    anything = pausing(IDLE, activity=None)
    assert due(anything, ("pause", 60), ("resume", 120)) == 120 + 90
    begins = pausing(IDLE, activity=("pause",))
    assert due(begins, ("pause", 60), ("resume", 120)) == 120 + 90
    assert due(begins, ("pause", 60), ("resume", 120), ("note", 121)) == 120 + 90


def test_where_no_event_is_activity_all_pauses_count() -> None:
    log = [("pause", 10), ("purchase", 15), ("resume", 20), ("pause", 30), ("resume", 45)]
    assert due(pausing(IDLE, activity=()), *log) == 90 + 10 + 15


def test_each_clock_has_pauses_of_its_own() -> None:
    """A visit on day 70 is in the pause: silence about it counts from day 120."""
    definition = pausing(
        Transition("buyer", "lapsed", after=idle("visit", days=80)),
        Transition("buyer", "other", after=idle("purchase", days=90)),
    )
    log = [("visit", 5), ("pause", 60), ("visit", 70), ("resume", 120)]
    timers = definition._tables.rows["buyer"].timers
    customer = after(definition, *log)
    found = [timer.due(customer, customer.entered) for timer in timers]
    assert found == [day(200), day(150)]


def test_a_clock_of_some_events_is_stopped_since_the_last_of_those() -> None:
    definition = pausing(
        Transition("buyer", "lapsed", after=idle(("visit", "note"), days=90, where=value() >= 10))
    )
    customer = after(definition, ("pause", 60))
    customer, _ = definition.apply(customer, Event("note", day(70), value=5))
    customer, _ = definition.apply(customer, Event("resume", day(120)))
    found = definition.due(customer)
    assert found is not None
    assert found.at == day(150)
    customer = after(definition, ("pause", 60))
    customer, _ = definition.apply(customer, Event("note", day(70), value=10))
    customer, _ = definition.apply(customer, Event("resume", day(120)))
    found = definition.due(customer)
    assert found is not None
    assert found.at == day(210)


def test_a_silence_has_stood_still_for_whatever_stage_comes_next() -> None:
    definition = pausing(Transition("other", "lapsed", after=idle(days=90)))
    assert due(definition, ("pause", 60), ("leave", 120)) == 150


def test_two_pauses_in_a_row_are_one_silence_that_stood_still() -> None:
    assert due(pausing(IDLE), ("pause", 60), ("hold", 70), ("pause", 75), ("resume", 120)) == 150


def test_a_silence_that_was_over_before_the_pause_is_due_on_coming_back() -> None:
    way = Transition("buyer", "lapsed", after=idle(days=30), when=count("visit") >= 1)
    log = [("pause", 60), ("visit", 70), ("resume", 120)]
    assert due(pausing(way), *log) == 120


def test_a_silence_of_months_steps_from_the_event_and_is_moved_by_elapsed_time() -> None:
    """31 January and a month are 28 February; 10 days and 4 hours of pause make 10 March, 4:00."""
    definition = pausing(Transition("buyer", "lapsed", after=idle(months=1)))
    customer = definition.enroll("ann", at=naive("2026-01-01"))
    for name, when in (
        ("purchase", "2026-01-31"),
        ("pause", "2026-02-10"),
        ("resume", "2026-02-20T04:00"),
    ):
        customer, _ = definition.apply(customer, Event(name, naive(when)))
    found = definition.due(customer)
    assert found is not None
    assert found.at == naive("2026-03-10T04:00")


def test_elapsed_time_stands_still_across_a_clock_change() -> None:
    """Ten local days over 29 March 2026 are 239 hours in Berlin."""
    for way in (IDLE, DWELL):
        definition = pausing(way)
        customer = definition.enroll("ann", at=at("2026-01-01", BERLIN))
        for name, when in (("pause", "2026-03-25"), ("resume", "2026-04-04")):
            customer, _ = definition.apply(customer, Event(name, at(when, BERLIN)))
        found = definition.due(customer)
        assert found is not None
        assert found.at == at("2026-01-01", BERLIN).astimezone(UTC) + timedelta(days=90, hours=239)
        assert found.at.tzinfo is BERLIN


# The stay


def test_a_stay_goes_on_through_any_number_of_pauses() -> None:
    assert due(pausing(DWELL), ("pause", 60), ("hold", 70), ("pause", 75), ("resume", 120)) == 150


def test_a_stay_begins_anew_after_a_stage_that_stops_nothing() -> None:
    assert due(pausing(DWELL), ("pause", 60), ("leave", 70), ("resume", 80)) == 170
    assert due(pausing(DWELL), ("leave", 60), ("pause", 70), ("resume", 80)) == 170


def test_another_stage_than_the_one_that_was_left_is_entered_anew() -> None:
    definition = pausing(Transition("other", "lapsed", after=dwell(days=90)))
    assert due(definition, ("pause", 60), ("leave", 120)) == 210


def test_a_pause_can_be_paused() -> None:
    """Of 30 days in the first pause 10 have passed, and 20 are left after the second."""
    definition = pausing(Transition("paused", "lapsed", after=dwell(days=30)), DWELL)
    log = [("pause", 60), ("hold", 70), ("pause", 100)]
    assert due(definition, *log) == 120
    assert due(definition, *log, ("resume", 110)) == 90 + 50


def test_a_customer_who_comes_back_has_entered_the_stage_then() -> None:
    customer = after(pausing(DWELL), ("pause", 60), ("resume", 120))
    assert customer.entered == day(120)


def test_what_is_counted_since_the_entry_is_of_the_new_stay() -> None:
    unseen = count("visit", since_entry=True) < 1
    way = Transition("buyer", "lapsed", after=dwell(days=90), when=unseen)
    assert due(pausing(way), ("visit", 10), ("pause", 60), ("resume", 120)) == 150


def test_a_time_out_that_rested_is_examined_on_coming_back() -> None:
    """The stage is entered anew, and the time in it was up before the pause."""
    way = Transition("buyer", "lapsed", after=dwell(days=30), when=count("visit") >= 1)
    assert due(pausing(way), ("pause", 60), ("visit", 70), ("resume", 120)) == 120
    assert due(pausing(way), ("pause", 60), ("resume", 120), ("visit", 130)) is None


def test_a_stay_that_a_dwell_time_out_ended_has_no_time_left() -> None:
    """Its clock has run out: who comes back has the full time again, and is not out at once."""
    definition = pausing(Transition("buyer", "paused", after=dwell(days=30)))
    assert due(definition, ("note", 40), ("resume", 50)) == 80


def test_a_stay_until_the_end_of_a_month_is_moved_as_lengths_are() -> None:
    """Of January 12 days are left at the pause on the 20th, and on 10 March until the 22nd."""
    definition = pausing(Transition("buyer", "lapsed", after=dwell(until="month")))
    customer = definition.enroll("ann", at=naive("2026-01-15"))
    for name, when in (("pause", "2026-01-20"), ("resume", "2026-03-10")):
        customer, _ = definition.apply(customer, Event(name, naive(when)))
    found = definition.due(customer)
    assert found is not None
    assert found.at == naive("2026-03-22")


def test_a_stay_counted_from_each_entry_or_from_the_enrollment_is_moved_too() -> None:
    """31 January and a month are 28 February; the pause of 10 days makes it 10 March."""
    for anchor, again in (
        ("entry", "2026-04-10"),
        ("run", "2026-04-10"),
        ("enrolled", "2026-03-31"),
    ):
        definition = pausing(Transition("buyer", "buyer", after=dwell(months=1, anchor=anchor)))
        customer = definition.enroll("ann", at=naive("2026-01-31"))
        for name, when in (("pause", "2026-02-10"), ("resume", "2026-02-20")):
            customer, _ = definition.apply(customer, Event(name, naive(when)))
        _, changes = definition.advance(customer, to=naive(again))
        assert [change.at for change in changes] == [naive("2026-03-10"), naive(again)]


def test_a_run_is_kept_through_a_pause_and_ends_with_a_renewal_that_was_moved() -> None:
    """From 31 January: 28 February, then 31 March and 3 days, and months from 3 April on."""
    definition = pausing(Transition("buyer", "buyer", after=dwell(months=1)))
    customer = definition.enroll("ann", at=naive("2026-01-31"))
    found = []
    for name, when in (
        ("pause", "2026-03-10"),
        ("resume", "2026-03-10"),  # of no length, and nothing is moved
        ("pause", "2026-04-30"),  # the renewal of that day comes first
        ("resume", "2026-05-03"),
        ("note", "2026-07-20"),
    ):
        customer, changes = definition.apply(customer, Event(name, naive(when)))
        found += [change for change in changes if change.kind == "renewal"]
    assert [f"{change.at:%m-%d}" for change in found] == [
        "02-28",
        "03-31",
        "04-30",
        "06-03",  # 31 May, moved by 3 days
        "07-03",
    ]


# In the pause itself


def test_time_outs_that_name_the_pause_run_in_it() -> None:
    definition = pausing(
        Transition("paused", "lapsed", after=dwell(days=100)),
        Transition("held", "lapsed", after=idle(days=200)),
    )
    assert due(definition, ("pause", 60)) == 160
    assert due(definition, ("purchase", 5), ("hold", 60)) == 205


def test_earlier_pauses_do_not_count_as_silence_in_a_pause() -> None:
    definition = pausing(Transition("held", "lapsed", after=idle(days=200)))
    assert due(definition, ("pause", 60), ("hold", 70)) == 210
    assert due(definition, ("pause", 60), ("resume", 70), ("hold", 80)) == 210
    assert due(definition, ("pause", 60), ("purchase", 65), ("hold", 70)) == 65 + 200 + 5


def test_time_outs_of_groups_do_not_run_in_a_stage_that_stops_their_clock() -> None:
    groups = (Status.DORMANT, ANY)
    for source in groups:
        for timeout in (idle(days=90), idle("visit", days=90), dwell(days=90)):
            way = Transition(source, "other", after=timeout)
            assert due(pausing(way), ("pause", 60)) is None
            assert due(pausing(way, stops=()), ("pause", 60)) is not None
    named = Transition(("paused", Status.DORMANT), "other", after=dwell(days=90))
    assert due(pausing(named), ("pause", 60)) == 150


def test_time_outs_of_groups_run_in_a_stage_that_stops_another_clock() -> None:
    way = Transition(Status.DORMANT, "other", after=dwell(days=90))
    assert due(pausing(way, stops="idle"), ("pause", 60)) == 150
    assert due(pausing(way, stops="dwell"), ("pause", 60)) is None


def test_a_customer_can_begin_in_a_pause() -> None:
    definition = pausing(IDLE, DWELL)
    assert due(definition, stage="paused") is None
    assert due(pausing(IDLE), ("resume", 30), stage="paused") == 120
    assert due(pausing(DWELL), ("resume", 30), stage="paused") == 120


def test_a_loop_of_a_pause_and_a_dwell_takes_time() -> None:
    """Silence leads out of the pause at once: then the stay begins anew."""
    definition = pausing(
        Transition("buyer", "paused", after=dwell(days=10)),
        Transition("paused", "buyer", after=idle(days=5)),
    )
    _, changes = definition.advance(definition.enroll("ann", at=START), to=day(30))
    assert [(change.target, change.at) for change in changes] == [
        (target, day(number)) for number in (10, 20, 30) for target in ("paused", "buyer")
    ]


# What a definition and a customer say of it


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((), ()),
        ([], ()),
        ("idle", ("idle",)),
        (["idle", "dwell"], ("dwell", "idle")),
        (("dwell", "dwell"), ("dwell",)),
    ],
)
def test_a_stage_names_the_clocks_that_it_stops(given: Any, kept: tuple[str, ...]) -> None:
    stage = Stage("paused", Status.DORMANT, stops=given)
    assert stage.stops == kept
    assert Stage("paused", Status.DORMANT, stops=kept) == stage


@pytest.mark.parametrize(
    ("error", "more", "text"),
    [
        (UnknownNameError, {"stops": "idel"}, "stage.stops must be one of 'dwell', 'idle', got"),
        (UnknownNameError, {"stops": ("idle", "falls")}, "stage.stops[1] must be one of 'dwell'"),
        (InvalidTypeError, {"stops": True}, "stage.stops must be 'dwell', 'idle', or a tuple of"),
        (InvalidTypeError, {"stops": (1,)}, "stage.stops[0] must be text, got 1"),
        (
            InvalidValueError,
            {"stops": "idle", "final": True},
            "stage.stops must be left out for a final stage",
        ),
    ],
)
def test_clocks_that_no_stage_can_stop_are_refused(
    error: type[Exception], more: Any, text: str
) -> None:
    with pytest.raises(error) as caught:
        Stage("paused", Status.DORMANT, **more)
    assert str(caught.value).startswith(text)


def test_a_stage_shows_what_it_stops() -> None:
    stage = Stage("paused", Status.DORMANT, stops="idle")
    assert repr(stage) == "Stage('paused', Status.DORMANT, stops=('idle',))"
    assert "stops" not in repr(Stage("paused", Status.DORMANT))


def test_only_a_definition_with_pauses_remembers_them() -> None:
    def kinds(stops: Any, *ways: Transition) -> list[str]:
        return [tally.kind for tally in pausing(*ways, stops=stops)._tables.layout.tallies]

    assert kinds((), IDLE, DWELL) == []
    assert kinds("dwell", IDLE) == []
    assert kinds("idle", DWELL) == []
    assert kinds(BOTH, IDLE, DWELL) == ["idling", "dwelling"]
    assert kinds("idle", IDLE, Transition("other", "lapsed", after=idle("visit", days=9))) == [
        "last",
        "idling",
        "idling",
    ]


def test_pausing_past_all_dates_leaves_no_deadline() -> None:
    for way in (IDLE, DWELL):
        definition = pausing(way)
        customer = definition.enroll("ann", at=datetime(9999, 1, 1, tzinfo=BERLIN))
        customer, _ = definition.apply(
            customer, Event("pause", datetime(9999, 1, 2, tzinfo=BERLIN))
        )
        for end, is_due in (((12, 1), False), ((10, 3), True)):
            back = Event("resume", datetime(9999, *end, tzinfo=BERLIN))
            found = definition.due(definition.apply(customer, back).customer)
            assert (found is not None) is is_due


def test_a_pause_ends_past_all_dates_of_its_zone_alone() -> None:
    """In UTC the year 9999 lasts an hour longer than in Berlin."""
    for way in (IDLE, DWELL):
        definition = pausing(way)
        customer = definition.enroll("ann", at=datetime(9999, 1, 1, tzinfo=BERLIN))
        begins = datetime(9999, 3, 1, 0, 30, tzinfo=BERLIN)
        customer, _ = definition.apply(customer, Event("pause", begins))
        ends = datetime(9999, 12, 1, tzinfo=BERLIN)
        left = timedelta(days=90) - (begins - datetime(9999, 1, 1, tzinfo=BERLIN))
        assert ends + left == datetime(9999, 12, 31, 23, 30, tzinfo=BERLIN)
        for by, is_due in ((timedelta(), True), (timedelta(minutes=30), False)):
            found = definition.due(definition.apply(customer, Event("resume", ends + by)).customer)
            assert (found is not None) is is_due


# Migrations


def older(*ways: Transition) -> Lifecycle:
    """Make a definition in which the pause has another name and stops nothing."""
    return Lifecycle(
        name="older",
        initial="buyer",
        stages=[Stage("buyer", Status.ACTIVE), Stage("away", Status.DORMANT)],
        transitions=[
            Transition("buyer", "away", on="pause"),
            Transition("away", "buyer", on="resume"),
            *ways,
        ],
        activity=("purchase",),
        events=EVENTS,
    )


@pytest.mark.parametrize("way", [IDLE, DWELL])
def test_a_pause_goes_on_in_another_version(way: Transition) -> None:
    """It is in the same stage of the same pause, and the time that was left is left."""
    definition = pausing(way)
    newer = Lifecycle(**{**definition._parts._asdict(), "version": 2})
    customer = after(definition, ("pause", 60))
    customer, _ = definition.migrate(customer, to=newer, at=day(100))
    assert newer.due(customer) is None
    customer, _ = newer.apply(customer, Event("resume", day(120)))
    found = newer.due(customer)
    assert found is not None
    assert found.at == day(150)


def test_a_stage_that_was_left_for_a_pause_is_known_by_its_new_name() -> None:
    definition = pausing(DWELL)
    stages = [Stage("customer", Status.ACTIVE), *definition.stages[1:]]
    newer = Lifecycle(
        name="newer",
        initial="customer",
        stages=stages,
        transitions=[
            Transition("paused", "customer", on="resume"),
            Transition("customer", "lapsed", after=dwell(days=90)),
        ],
        events=EVENTS,
    )
    customer = after(definition, ("pause", 60))
    customer, _ = definition.migrate(customer, to=newer, at=day(100), mapping={"buyer": "customer"})
    customer, _ = newer.apply(customer, Event("resume", day(120)))
    found = newer.due(customer)
    assert found is not None
    assert found.at == day(150)


def test_a_pause_begins_or_ends_with_a_version_that_says_so() -> None:
    """Of silence: the stage stopped nothing until day 100, and from then on it does."""
    old, new = older(), pausing(IDLE)
    customer = old.enroll("ann", at=START)
    customer, _ = old.apply(customer, Event("pause", day(60)))
    customer, _ = old.migrate(customer, to=new, at=day(100), mapping={"away": "paused"})
    customer, _ = new.apply(customer, Event("resume", day(120)))
    found = new.due(customer)
    assert found is not None
    assert found.at == day(120)  # 90 + 20 days are before that
    idle_there = older(Transition("buyer", "away", after=idle(days=90)))
    customer = after(new, ("pause", 60))
    customer, _ = new.migrate(customer, to=idle_there, at=day(65), mapping={"paused": "away"})
    customer, _ = idle_there.apply(customer, Event("resume", day(80)))
    found = idle_there.due(customer)
    assert found is not None
    assert found.at == day(90)  # that definition knows no pauses


def test_a_customer_can_be_told_to_have_been_active_in_a_pause() -> None:
    """Enrolled in a pause that began on day 10, with a visit on day 20: silence begins with 40."""
    plain = pausing(IDLE)
    named = pausing(Transition("buyer", "lapsed", after=idle("visit", days=90)))
    for definition, told in (
        (plain, {"last_activity": day(20)}),
        (named, {"so_far": {"visit": SoFar(1, last=day(20))}}),
    ):
        customer = definition.enroll("ann", at=START, stage="paused", entered=day(10), **told)
        customer, _ = definition.apply(customer, Event("resume", day(40)))
        found = definition.due(customer)
        assert found is not None
        assert found.at == day(40 + 90)


def test_a_pause_goes_on_in_a_stay_that_a_migration_keeps() -> None:
    """Its own silence counts on: day 60 and 200 days are left as they were."""
    named = Transition("paused", "lapsed", after=idle(days=200))
    definition = pausing(IDLE, named)
    newer = Lifecycle(**{**definition._parts._asdict(), "version": 2})
    customer = after(definition, ("pause", 60))
    customer, _ = definition.migrate(customer, to=newer, at=day(100))
    found = newer.due(customer)
    assert found is not None
    assert found.at == day(200)
    plain = pausing(IDLE, stops=())
    customer, _ = newer.migrate(customer, to=plain, at=day(110))
    assert plain.due(plain.apply(customer, Event("resume", day(120))).customer) is not None


def test_a_stage_that_stops_no_more_ends_the_pause_for_dwell_clocks_too() -> None:
    """Migrated in the pause to a version in which it is none: 90 days from coming back."""
    old = pausing(DWELL)
    stages = [attrs.evolve(one, stops=()) if one.name == "paused" else one for one in old.stages]
    new = attrs.evolve(old, stages=stages, version=2)
    ann = after(old, ("pause", 60))
    for to, expected in (attrs.evolve(old, version=2), 130), (new, 190):
        moved, _ = old.migrate(ann, to=to, at=day(70))
        moved, _ = to.apply(moved, Event("resume", day(100)))
        found = to.due(moved)
        assert found is not None
        assert found.at == day(expected)


def test_a_run_begins_anew_with_a_migration_that_restarts_clocks() -> None:
    """Renewed on 28 February in a run from 31 January; restarted on 10 March, due on 10 April."""
    old = pausing(Transition("buyer", "buyer", after=dwell(months=1)))
    new = attrs.evolve(old, version=2)
    ann = old.enroll("ann", at=naive("2026-01-31"))
    expected: dict[Literal["keep", "restart"], datetime] = {
        "keep": naive("2026-03-31"),
        "restart": naive("2026-04-10"),
    }
    for clocks, at_ in expected.items():
        moved, _ = old.migrate(ann, to=new, at=naive("2026-03-10"), clocks=clocks)
        found = new.due(moved)
        assert found is not None
        assert found.at == at_
