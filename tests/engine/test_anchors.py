"""Renewals keep their day: from where a dwell length is counted."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    Event,
    Lifecycle,
    Period,
    Stage,
    Status,
    Timeout,
    Transition,
    count,
    dwell,
    idle,
)
from lifecycle.errors import (
    DefinitionError,
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from samples import at, lifecycle, naive

BERLIN = ZoneInfo("Europe/Berlin")


def renewing(timeout: Timeout, *more: Transition) -> Lifecycle:
    """Make a definition whose buyers renew by a time-out."""
    return lifecycle(
        Transition("buyer", "buyer", after=timeout), *more, events=("again", "visit", "away")
    )


def dates(definition: Lifecycle, since: datetime, until: datetime, *log: Event) -> list[str]:
    """Give when the stage changed, to the minute where that is not midnight."""
    journey = definition.replay("ann", log, since=since, until=until)
    return [f"{change.at:%Y-%m-%dT%H:%M}".removesuffix("T00:00") for change in journey.changes]


@pytest.mark.parametrize(
    ("length", "since", "expected"),
    [
        ({"months": 1}, "2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        (
            {"years": 1},
            "2024-02-29",
            ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"],
        ),
        ({"months": 3}, "2025-11-30", ["2026-02-28", "2026-05-30", "2026-08-30", "2026-11-30"]),
        ({"months": 1}, "2027-12-30", ["2028-01-30", "2028-02-29", "2028-03-30"]),
        ({"months": 6}, "2025-08-31", ["2026-02-28", "2026-08-31", "2027-02-28"]),
    ],
)
def test_a_renewal_keeps_the_day_on_which_its_run_began(
    length: dict[str, int], since: str, expected: list[str]
) -> None:
    found = dates(renewing(dwell(**length)), naive(since), naive("2031-01-01"))
    assert found[: len(expected)] == expected


def test_a_renewal_counted_from_each_entry_forgets_the_day() -> None:
    definition = renewing(dwell(months=1, anchor="entry"))
    found = dates(definition, naive("2026-01-31"), naive("2026-05-01"))
    assert found == ["2026-02-28", "2026-03-28", "2026-04-28"]


def test_the_local_time_of_a_renewal_stays_across_clock_changes() -> None:
    """Berlin is at +1 in January and March until the 29th, at +2 until 25 October."""
    definition = renewing(dwell(months=1))
    since = at("2026-01-29T02:30", BERLIN)  # of which the step in March does not exist
    journey = definition.replay("ann", [], since=since, until=at("2026-05-01"))
    assert [change.at.isoformat() for change in journey.changes] == [
        "2026-02-28T02:30:00+01:00",
        "2026-03-29T03:30:00+02:00",
        "2026-04-29T02:30:00+02:00",
    ]


def test_an_hour_that_comes_twice_renews_once() -> None:
    definition = renewing(dwell(months=1))
    since = at("2026-09-25T02:30", BERLIN)
    journey = definition.replay("ann", [], since=since, until=at("2026-12-01"))
    assert [change.at.isoformat() for change in journey.changes] == [
        "2026-10-25T02:30:00+02:00",
        "2026-11-25T02:30:00+01:00",
    ]


def test_an_event_that_enters_the_stage_anew_begins_a_new_run() -> None:
    again = Transition("buyer", "buyer", on="again")
    definition = renewing(dwell(months=1), again)
    found = dates(
        definition, naive("2026-01-31"), naive("2026-06-29"), Event("again", naive("2026-02-28"))
    )
    assert found == [
        "2026-02-28",  # the renewal, at the instant of the event
        "2026-02-28",
        "2026-03-28",
        "2026-04-28",
        "2026-05-28",
        "2026-06-28",
    ]


def test_a_stay_elsewhere_ends_a_run() -> None:
    definition = renewing(
        dwell(months=1),
        Transition("buyer", "loyal", on="away"),
        Transition("loyal", "buyer", on="again"),
    )
    log = [Event("away", naive("2026-03-05")), Event("again", naive("2026-03-05"))]
    found = dates(definition, naive("2026-01-31"), naive("2026-05-06"), *log)
    assert found == ["2026-02-28", "2026-03-05", "2026-03-05", "2026-04-05", "2026-05-05"]


def test_a_renewal_by_another_length_begins_a_new_run_of_both() -> None:
    """After 28 February 20 days with a visit pass, and months are counted from 20 March."""
    definition = renewing(
        dwell(months=1),
        Transition(
            "buyer", "buyer", after=dwell(days=20), when=count("visit", since_entry=True) >= 1
        ),
    )
    found = dates(
        definition, naive("2026-01-30"), naive("2026-06-01"), Event("visit", naive("2026-03-01"))
    )
    assert found == ["2026-02-28", "2026-03-20", "2026-04-20", "2026-05-20"]


def test_every_dwell_of_that_length_is_counted_from_the_run() -> None:
    """A lapse at the month's end is at the instant at which a renewal would be."""
    definition = lifecycle(
        Transition("buyer", "buyer", after=dwell(months=1), when=count("visit") >= 1),
        Transition("buyer", "lapsed", after=dwell(months=1), when=count("away") >= 1),
        events=("visit", "away"),
    )
    since = naive("2026-01-31")
    log = [Event("visit", naive("2026-02-01"))]
    assert dates(definition, since, naive("2026-04-01"), *log) == ["2026-02-28", "2026-03-31"]
    lapsing = lifecycle(
        Transition("buyer", "buyer", after=dwell(months=1), when=~(count("away") >= 1)),
        Transition("buyer", "lapsed", after=dwell(months=1)),
        Transition("buyer", "lost", after=dwell(months=2)),
        events=("away",),
    )
    journey = lapsing.replay("ann", [Event("away", naive("2026-03-01"))], since=since)
    due = lapsing.due(journey.customer)
    assert due is not None
    assert (due.at, due.transition.target) == (naive("2026-03-31"), "lapsed")


def test_a_longer_step_of_the_run_is_no_part_of_it() -> None:
    """Two months are counted from the last entry, for they are another length."""
    definition = renewing(
        dwell(months=1),
        Transition("buyer", "lapsed", after=dwell(months=2), when=count("away") > 0),
    )
    customer = definition.enroll("ann", at=naive("2026-01-31"))
    customer, _ = definition.advance(customer, to=naive("2026-03-01"))
    timers = definition._tables.rows["buyer"].timers
    assert [timer.due(customer, customer.entered) for timer in timers] == [
        naive("2026-03-31"),
        naive("2026-04-28"),
    ]


def test_a_length_from_the_entry_is_no_part_of_a_run_of_the_same_length() -> None:
    """Renewed on 28 February; a month from there is 28 March, and the run goes on on the 31st."""
    definition = renewing(
        dwell(months=1),
        Transition(
            "buyer", "lapsed", after=dwell(months=1, anchor="entry"), when=count("away") > 0
        ),
    )
    customer = definition.enroll("ann", at=naive("2026-01-31"))
    customer, _ = definition.advance(customer, to=naive("2026-03-01"))
    assert [clock.at for clock in definition.clocks(customer)] == [
        naive("2026-03-31"),
        naive("2026-03-28"),
    ]
    left, _ = definition.apply(customer, Event("away", naive("2026-03-02")))
    due = definition.due(left)
    assert due is not None
    assert due.at == naive("2026-03-28")


def test_a_pause_of_no_length_leaves_a_run_its_first_day() -> None:
    """Begun on the 31st, and held on 10 February for no time: the run keeps the 31st."""
    definition = Lifecycle(
        name="held",
        initial="on",
        stages=[Stage("on", Status.ACTIVE), Stage("held", Status.DORMANT, stops="dwell")],
        transitions=[
            Transition("on", "on", after=dwell(months=1)),
            Transition("on", "held", on="hold"),
            Transition("held", "on", on="resume"),
        ],
    )
    log = [Event(name, naive("2026-02-10")) for name in ("hold", "resume")]
    found = dates(definition, naive("2026-01-31"), naive("2026-05-01"), *log)
    assert found == ["2026-02-10", "2026-02-10", "2026-02-28", "2026-03-31", "2026-04-30"]


def test_steps_from_the_enrollment_come_back_to_its_day() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="again"),
        Transition("buyer", "buyer", after=dwell(months=1, anchor="enrolled")),
        initial="lead",
    )
    log = [Event("again", naive("2026-02-10T09:00"))]
    found = dates(definition, naive("2026-01-31T12:00"), naive("2026-06-01"), *log)
    assert found == [
        "2026-02-10T09:00",
        "2026-02-28T12:00",
        "2026-03-31T12:00",
        "2026-04-30T12:00",
        "2026-05-31T12:00",
    ]


def test_a_fixed_length_has_steps_from_the_enrollment_too() -> None:
    definition = renewing(
        dwell(days=10, anchor="enrolled"), Transition("buyer", "buyer", on="again")
    )
    found = dates(
        definition, naive("2026-01-01"), naive("2026-02-01"), Event("again", naive("2026-01-15"))
    )
    assert found == ["2026-01-11", "2026-01-15", "2026-01-21", "2026-01-31"]


def test_a_step_from_the_enrollment_at_the_very_entry_is_the_one_before() -> None:
    definition = renewing(
        dwell(days=10, anchor="enrolled"), Transition("lead", "buyer", on="again")
    )
    customer = definition.enroll("ann", at=naive("2026-01-01"), stage="lead")
    customer, _ = definition.apply(customer, Event("again", naive("2026-01-21")))
    due = definition.due(customer)
    assert due is not None
    assert due.at == naive("2026-01-31")


def test_steps_are_counted_in_the_zone_of_the_enrollment() -> None:
    definition = lifecycle(
        Transition("lead", "buyer", on="again"),
        Transition("buyer", "buyer", after=dwell(months=1, anchor="enrolled")),
        initial="lead",
    )
    customer = definition.enroll("ann", at=at("2026-01-31T00:30", BERLIN))
    customer, _ = definition.apply(customer, Event("again", at("2026-03-10")))
    due = definition.due(customer)
    assert due is not None
    assert due.at.isoformat() == "2026-03-31T00:30:00+02:00"


def test_a_renewal_past_all_dates_is_no_deadline() -> None:
    for anchor in ("run", "enrolled"):
        definition = renewing(dwell(months=1, anchor=anchor))
        found = dates(definition, naive("9999-10-31"), naive("9999-12-31T23:59"))
        assert found == ["9999-11-30", "9999-12-31"]


def test_a_silence_steps_once_from_the_last_activity() -> None:
    """Through a chain of silences the 31st is not lost: 28 February, then 31 March."""
    definition = lifecycle(
        Transition("buyer", "loyal", after=idle(months=1)),
        Transition("loyal", "lapsed", after=idle(months=2)),
        Transition("lapsed", "lost", after=idle(months=3)),
        Transition(("loyal", "lapsed"), "buyer", on="visit"),
    )
    log = [Event("visit", naive("2025-12-01")), Event("visit", naive("2026-01-31"))]
    found = dates(definition, naive("2025-12-01"), naive("2026-06-01"), *log)
    assert found[-3:] == ["2026-02-28", "2026-03-31", "2026-04-30"]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: dwell(until="month", anchor="entry"),
            "dwell.anchor must be left out, or be given",
        ),
        (lambda: Timeout("idle", Period(months=1), anchor="entry"), "idle.anchor must be left out"),
        (lambda: dwell(months=1, anchor="first"), "timeout.anchor must be one of 'run', 'entry'"),
    ],
)
def test_an_anchor_without_meaning_is_refused(make: Any, text: str) -> None:
    with pytest.raises((InvalidValueError, UnknownNameError)) as caught:
        make()
    assert str(caught.value).startswith(text)


def test_an_anchor_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidTypeError, match=r"timeout\.anchor"):
        dwell(months=1, anchor=1)  # type: ignore[arg-type]


def test_an_anchor_is_shown_where_it_is_not_the_usual_one() -> None:
    assert repr(dwell(months=1)) == "dwell(months=1)"
    assert repr(dwell(months=1, anchor="enrolled")) == "dwell(months=1, anchor='enrolled')"
    assert repr(dwell(days=1, anchor="enrolled")) == "dwell(days=1, anchor='enrolled')"


def test_of_a_fixed_length_the_run_and_the_entry_are_one() -> None:
    assert dwell(days=30, anchor="entry") == dwell(days=30)
    assert dwell(months=1, anchor="entry") != dwell(months=1)


def test_two_anchors_are_two_deadlines_of_one_clock() -> None:
    """They may stand in one level, and a nearer level silences both."""
    both = [dwell(months=1, anchor=anchor) for anchor in ("entry", "enrolled")]
    definition = lifecycle(*(Transition("buyer", "lapsed", after=one) for one in both))
    assert len(definition._tables.rows["buyer"].timers) == 2
    silenced = lifecycle(
        Transition("buyer", "lapsed", after=dwell(days=5)),
        *(Transition(Status.ACTIVE, "lost", after=one) for one in both),
    )
    assert len(silenced._tables.rows["buyer"].timers) == 1
    with pytest.raises(DefinitionError, match="must have a condition"):
        lifecycle(*(Transition("buyer", "lapsed", after=both[0]) for _ in range(2)))


def test_only_a_definition_whose_renewals_keep_their_day_remembers_one() -> None:
    def kinds(*transitions: Transition) -> list[str]:
        return [tally.kind for tally in lifecycle(*transitions)._tables.layout.tallies]

    assert kinds(Transition("buyer", "buyer", after=dwell(months=1))) == ["dwelling"]
    assert kinds(Transition("buyer", "buyer", after=dwell(days=30))) == []
    assert kinds(Transition("buyer", "lapsed", after=dwell(months=1))) == []
    assert kinds(Transition("buyer", "buyer", after=dwell(months=1, anchor="entry"))) == []
    assert kinds(Transition("buyer", "buyer", after=dwell(months=1, anchor="enrolled"))) == []
    assert kinds(Transition("buyer", "buyer", after=dwell(until="month"))) == []


def test_equal_runs_count_in_equal_zones() -> None:
    """A run that began in Berlin and one that began in UTC at the same instant are two."""
    definition = renewing(dwell(months=1))

    def renewed(since: datetime) -> Any:
        customer = definition.enroll("ann", at=since)
        return definition.advance(customer, to=at("2026-02-28T23:30"))[0]

    berlin, utc = renewed(at("2026-01-31T00:30", BERLIN)), renewed(at("2026-01-30T23:30"))
    assert [definition.due(one).at.astimezone(UTC) for one in (berlin, utc)] == [  # type: ignore[union-attr]
        at("2026-03-30T22:30"),
        at("2026-03-30T23:30"),
    ]
    assert berlin._memory != utc._memory or berlin != utc


# Steps of a length, from an anchor


def steps(length: Period, anchor: datetime, count: int) -> Iterable[datetime]:
    step: datetime | None = anchor
    for _ in range(count):
        assert step is not None
        step = length.step_after(step, anchor=anchor)
        assert step is not None
        yield step


def test_a_step_is_counted_from_the_anchor() -> None:
    found = steps(Period(months=1), naive("2026-01-31"), 4)
    assert [f"{step:%m-%d}" for step in found] == ["02-28", "03-31", "04-30", "05-31"]


def test_many_steps_are_those_of_one_length() -> None:
    """1,200 months from the 31st on: each is what `after` says of so many months."""
    for anchor in (naive("1899-12-31T12:00"), at("1999-08-31T02:30", BERLIN)):
        found = list(steps(Period(months=1), anchor, 1200))
        assert found == [Period(months=n).after(anchor) for n in range(1, 1201)]


def test_a_step_before_the_anchor_is_the_first() -> None:
    anchor = naive("2026-01-31")
    for length, first in ((Period(months=1), "2026-02-28"), (Period(days=1), "2026-02-01")):
        assert length.step_after(naive("1990-01-01"), anchor=anchor) == naive(first)


def test_a_step_is_later_than_the_instant() -> None:
    anchor, hour = at("2026-03-28T12:00", BERLIN), timedelta(hours=1)
    length = Period(days=1)  # of 24 hours, also when the clocks are changed
    first = length.step_after(anchor, anchor=anchor)
    assert first == at("2026-03-29T13:00", BERLIN)
    assert first is not None
    assert length.step_after(first, anchor=anchor) == at("2026-03-30T13:00", BERLIN)
    assert length.step_after(first - hour, anchor=anchor) == first


def test_a_day_that_was_skipped_puts_a_step_into_the_next_month() -> None:
    """Manila had no 31 December 1844; its steps of that day are of 1 January."""
    manila = ZoneInfo("Asia/Manila")
    anchor = datetime(1844, 10, 31, 12, tzinfo=manila)
    second = Period(months=2).after(anchor)
    assert second is not None
    assert second.isoformat()[:16] == "1845-01-01T12:00"
    at_midnight = datetime(1845, 1, 1, tzinfo=manila)
    assert Period(months=2).step_after(at_midnight, anchor=anchor) == second
    assert Period(months=1).step_after(at_midnight, anchor=anchor) == second


def test_a_step_past_all_dates_is_none() -> None:
    assert Period(months=1).step_after(naive("9999-12-31"), anchor=naive("2000-01-31")) is None
    assert Period(days=400).step_after(naive("9999-12-31"), anchor=naive("2000-01-31")) is None
    last, first = naive("9999-12-31T23:59:59.999999"), naive("0001-01-01")
    assert Period(years=9998).step_after(last, anchor=first) is None


def test_a_step_needs_two_instants_of_one_kind() -> None:
    step_after: Any = Period(days=1).step_after
    with pytest.raises(MixedInstantsError, match="anchor"):
        step_after(at("2026-01-01"), anchor=naive("2026-01-01"))
    with pytest.raises(InvalidTypeError, match=r"^t must"):
        step_after("2026", anchor=naive("2026-01-01"))
    with pytest.raises(InvalidTypeError, match=r"^anchor must"):
        step_after(naive("2026-01-01"), anchor=None)


def test_the_stages_of_other_definitions_stay_quick() -> None:
    """Only a stage whose renewals keep their day reads what is remembered of them."""
    definition = lifecycle(
        Transition("buyer", "buyer", after=dwell(months=1)),
        Transition("lapsed", "lost", after=dwell(months=1)),
        Transition("buyer", "lapsed", after=dwell(days=90)),
    )
    kinds = {
        name: [type(timer).__name__ for timer in row.timers]
        for name, row in definition._tables.rows.items()
    }
    assert kinds["buyer"] == ["DwellTimer", "Timer"]
    assert kinds["lapsed"] == ["Timer"]


def test_stages_are_renewed_each_for_itself() -> None:
    """A run of one stage says nothing of another's."""
    stages = [Stage("a", Status.ACTIVE), Stage("b", Status.ACTIVE)]
    definition = Lifecycle(
        name="two",
        initial="a",
        stages=stages,
        transitions=[
            Transition("a", "a", after=dwell(months=1)),
            Transition("b", "b", after=dwell(months=1)),
            Transition("a", "b", on="up"),
        ],
    )
    found = dates(
        definition, naive("2026-01-31"), naive("2026-06-01"), Event("up", naive("2026-03-30"))
    )
    assert found == ["2026-02-28", "2026-03-30", "2026-04-30", "2026-05-30"]
