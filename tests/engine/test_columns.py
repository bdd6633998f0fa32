"""Replays in columns: what takes which path, the order of rows, and hand-worked stays."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

pytest.importorskip("numpy")

import numpy as np
from dateutil.tz import gettz

from columns import Stay, in_columns, rows_of, stays_of
from lifecycle import (
    Event,
    EventLog,
    Lifecycle,
    Milestone,
    Period,
    Stage,
    Status,
    Transition,
    Until,
    attribute,
    count,
    dwell,
    entries,
    event_attribute,
    falls,
    idle,
    mean,
    total,
    value,
)
from lifecycle.engine._columns import replay as door
from lifecycle.engine._columns.amounts import amounts
from lifecycle.engine._columns.calendars import Stretch, oldest, rule, step_after
from lifecycle.engine._columns.clocks import LAST
from lifecycle.engine._columns.rows import Rows
from lifecycle.errors import (
    InvalidValueError,
    MixedInstantsError,
    TooManyChangesError,
    UnknownNameError,
)
from lifecycle.logs._columns import micros

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
BEGIN = 1_767_225_600_000_000  # 2026-01-01 in microseconds: 20,454 days since 1970


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody be followed alone, however few they are."""
    monkeypatch.setattr(door, "ROUND", 0)


def shop(*ways: Transition, **more: Any) -> Lifecycle:
    return Lifecycle(
        name="shop",
        initial="lead",
        stages=more.pop("stages", STAGES),
        transitions=(Transition("lead", "buyer", on="purchase"), *ways),
        events=("visit",),
        **more,
    )


STAGES = (
    Stage("lead", Status.PROSPECT),
    Stage("buyer", Status.ACTIVE),
    Stage("lapsed", Status.DORMANT),
)
LAPSING = Transition("buyer", "lapsed", after=idle(days=30))


def on(day: float, name: str = "purchase", **more: Any) -> Event:
    return Event(name, START + timedelta(days=day), **more)


def path(lifecycle: Lifecycle, *events: Event, until: datetime | None = None) -> str:
    rows = rows_of(lifecycle, [("ann", event) for event in events or [on(0)]])
    return door.path(lifecycle._tables, rows, until=until)


# Stays


def test_a_purchase_and_a_lapse() -> None:
    """Worked by hand: she buys on day 2, so that she lapses on day 32."""
    lifecycle = shop(LAPSING)
    rows = [("ann", on(0, "visit")), ("ann", on(2))]
    found = in_columns(lifecycle, rows, START + timedelta(days=40))
    assert stays_of(found, ["ann"]) == [
        Stay("ann", "lead", BEGIN, BEGIN + 2 * DAY, None, None, None),
        Stay("ann", "buyer", BEGIN + 2 * DAY, BEGIN + 32 * DAY, "conversion", 0, 1),
        Stay("ann", "lapsed", BEGIN + 32 * DAY, None, "lapse", 1, None),
    ]
    assert found.path == "columns"
    assert len(found.stays) == 3


def test_a_window_since_the_entry() -> None:
    """Worked by hand: the visit of day 0 is before the entry, so the second is that of day 3."""
    visits = count("visit", since_entry=True, within=Period(days=9))
    lifecycle = shop(Transition("buyer", "lapsed", on="visit", when=visits >= 2))
    events = [on(0, "visit"), on(1), on(2, "visit"), on(3, "visit")]
    found = in_columns(lifecycle, [("ann", event) for event in events])
    assert found.path == "columns"
    assert found.stays.rows.tolist() == [-1, 1, 3]


def test_a_mean_in_a_window() -> None:
    """Worked by hand: 10 and 20 on day 5; on day 12 the 10 is too old, and 20 and 30 are 25."""
    spent = mean("purchase", within=Period(days=9))
    lifecycle = shop(Transition("buyer", "lapsed", on="purchase", when=spent >= 20))
    events = [on(1, value=10), on(5, value=20), on(12, value=30)]
    found = in_columns(lifecycle, [("ann", event) for event in events])
    assert found.path == "columns"
    assert found.stays.rows.tolist() == [-1, 0, 2]


def test_an_empty_log() -> None:
    lifecycle = shop(LAPSING)
    log = EventLog(customer=[], at=[], event=[])
    found = door.replay(lifecycle._tables, Rows.of(lifecycle._tables, log), until=START)
    assert len(found.stays) == 0
    assert len(found.customers.stages) == 0


def test_dates_are_midnights() -> None:
    lifecycle = shop(LAPSING)
    log = EventLog(customer=["ann"], at=[date(2026, 1, 1)], event=["purchase"])
    rows = Rows.of(lifecycle._tables, log)
    found = door.replay(lifecycle._tables, rows, until=datetime(2026, 1, 2))  # noqa: DTZ001
    assert found.stays.entered.tolist() == [BEGIN, BEGIN]


def test_a_loop_of_time_outs_is_refused_as_the_engine_refuses_it() -> None:
    """Worked by hand: a day in each of two stages makes 6 changes from day 0 to day 6."""
    ways = [
        Transition("buyer", "lapsed", after=dwell(days=1)),
        Transition("lapsed", "buyer", after=dwell(days=1)),
    ]
    rows = [("ann", on(0)), ("bob", on(3))]
    found = in_columns(shop(*ways), rows, START + timedelta(days=6), most=6)
    assert len(found.stays) == (2 + 6) + (2 + 3)
    with pytest.raises(TooManyChangesError, match="'ann'"):
        in_columns(shop(*ways), rows, START + timedelta(days=6), most=5)


# The path


UNBUILT: dict[str, tuple[Transition, str]] = {
    "code": (
        Transition("lead", "lapsed", on="visit", when=lambda _customer, _event: True),
        "transitions[1] has a condition that is a function, <lambda>",
    ),
    "attribute": (
        Transition("lead", "lapsed", on="visit", when=attribute("plan").equals("gold")),
        "transitions[1] has a condition that reads attribute('plan')",
    ),
    "window of entries": (
        Transition("lead", "lapsed", on="visit", when=entries("lead", within=Period(days=9)) > 1),
        "transitions[1] has a condition that reads entries('lead', within=Period(days=9))",
    ),
    "fall": (
        Transition("lead", "lapsed", after=falls(count("visit", within=Period(days=9)), below=1)),
        "a transition is after falls(count('visit', within=Period(days=9)), below=1)",
    ),
    "digits": (
        Transition("lead", "lapsed", on="visit", when=total("visit") > Decimal("0." + "1" * 16)),
        "transitions[1] has a condition that compares with Decimal('0.1111111111111111')",
    ),
    "large": (
        Transition("lead", "lapsed", on="visit", when=count("visit") > 2**53),
        "transitions[1] has a condition that compares with 9007199254740992",
    ),
    "where": (
        Transition("lead", "lapsed", after=idle("visit", days=1, where=value() > 2**60)),
        "a transition is after idle('visit', days=1, where=value() > 1152921504606846976)",
    ),
}


@pytest.mark.parametrize("kind", UNBUILT)
def test_what_columns_do_not_know_is_followed_by_the_engine(kind: str) -> None:
    way, why = UNBUILT[kind]
    assert path(shop(way)) == f"objects: {why}"


def test_stops_and_milestones_are_followed_by_the_engine() -> None:
    stages = (*STAGES, Stage("paused", Status.DORMANT, stops="idle"))
    assert path(shop(LAPSING, stages=stages)) == "objects: stages[3] stops clocks"
    marks = (Milestone("buyer", after=dwell(days=3), name="three days"),)
    assert path(shop(milestones=marks)) == "objects: milestones[0] is a milestone"


def test_very_many_time_outs_are_followed_by_the_engine() -> None:
    ways = [
        Transition("lead", "lapsed", after=idle(days=day), when=count("visit") >= day)
        for day in range(1, 34)
    ]
    assert path(shop(*ways)) == "objects: the stage 'lead' has more than 32 time-outs"
    assert path(shop(*ways[1:])) == "columns"


RECENTLY = total("visit", within=Period(days=9))
RICH = Transition("buyer", "lapsed", on="visit", when=total("visit") >= 10)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2), True),
        ((0.5, None), True),
        ((None, None), True),
        ((1, 0.5), False),
        ((Decimal("19.99"), 2, None), True),
        ((Decimal("0.0000000001"), Decimal(2)), False),
        ((Decimal(1), 0.5), False),
        ((Decimal("1e20"), Decimal(2)), False),
        ((2**52, 2**52), False),
        ((10**20, 1), False),
        ((1e308, 1e308), False),
    ],
)
def test_numbers_that_arrays_add_exactly_are_columns(values: Any, *, expected: bool) -> None:
    events = [on(day, "visit", value=one) for day, one in enumerate(values)]
    assert (path(shop(RICH), *events) == "columns") is expected
    assert path(shop(), *events) == "columns"


def test_decimals_are_whole_numbers_of_parts() -> None:
    found = amounts(np.array([Decimal("19.99"), None, 2, Decimal("-1e1")], dtype=object), 4)
    assert found is not None
    assert found.numbers.tolist() == [1999, 0, 200, -1000]
    assert found.present.tolist() == [True, False, True, True]
    assert found.parts == 100


RECENT = Transition("buyer", "lapsed", on="visit", when=RECENTLY >= 10)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((1, 2), True),
        ((0.5, 19.25), True),
        ((0.5, 19.99), False),  # no multiple of a power of two
        ((2.0**40, 1.0), False),
    ],
)
def test_numbers_of_which_windows_lose_nothing_are_columns(values: Any, *, expected: bool) -> None:
    events = [on(day, "visit", value=one) for day, one in enumerate(values)]
    why = "objects: values of events in windows are no multiples of a power of two"
    assert path(shop(RECENT), *events) == ("columns" if expected else why)
    assert path(shop(RICH), *events) == "columns"


def test_a_log_without_values() -> None:
    found = amounts(None, 2)
    assert found is not None
    assert found.numbers.tolist() == [0, 0]
    assert found.present.tolist() == [False, False]


def test_the_end_of_time_is_left_to_the_engine() -> None:
    late = datetime(9999, 12, 31, tzinfo=UTC)
    why = "objects: instants are at the end of time"
    assert path(shop(), until=late) == why
    assert path(shop(), Event("visit", late)) == why
    assert path(shop(), until=late - timedelta(days=1)) == "columns"


MONTHLY = Transition("buyer", "lapsed", after=idle(months=1))
ZONED = Transition("buyer", "lapsed", after=dwell(until=Until("day", zone="Asia/Tokyo")))


def test_lengths_on_the_calendar_of_one_zone_are_columns() -> None:
    berlin = on(0).at.astimezone(ZoneInfo("Europe/Berlin"))
    naive = on(0).at.replace(tzinfo=None)
    why = "objects: lengths on the calendar are counted"
    others = f"{why} in several zones, or in one of another library"
    assert path(shop(MONTHLY), Event("visit", berlin)) == "columns"
    assert path(shop(MONTHLY), Event("visit", naive)) == "columns"
    assert path(shop(MONTHLY), Event("visit", berlin), on(1)) == others
    assert path(shop(MONTHLY), Event("visit", naive.replace(tzinfo=gettz("UTC")))) == others
    assert path(shop(LAPSING), Event("visit", berlin), on(1)) == "columns"
    assert path(shop(ZONED), Event("visit", berlin)) == "columns"
    assert (
        path(shop(ZONED), Event("visit", naive)) == "objects: periods of a zone end at local times"
    )
    late = START.replace(year=2300)
    assert path(shop(MONTHLY), on(0), until=late) == f"{why} over centuries"
    assert path(shop(LAPSING), on(0), until=late) == "columns"


PLACES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"),
    *("Atlantic/Azores", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kolkata"),
)
LENGTHS = (
    *(Period(months=1), Period(months=13), Period(years=4), Until("day"), Until("week")),
    *(Until("month"), Until("quarter", year_start=2), Until("year")),
    Until("day", zone="America/Sao_Paulo"),
    Until("week", zone="Pacific/Apia", week_start="sunday"),
)
DAYS = (
    *("2026-03-29", "2025-10-26", "2017-10-15", "2018-02-18", "2011-12-29", "2028-02-29"),
    *("2025-09-26", "2026-02-08", "2017-09-15", "2018-01-18", "2011-11-30"),
)
"""About which the clocks change, a day is left out or a year has one more; or a month before."""


def around(place: str | None, day: str) -> list[datetime]:
    """Return each half hour of the days about one, in a zone, and some that are farther away."""
    halves = [*range(-60, 96), *range(-2400, 2400, 97)]
    times = [datetime.fromisoformat(day) + timedelta(minutes=30 * number) for number in halves]
    if place is None:
        return times
    return [at.replace(tzinfo=UTC).astimezone(ZoneInfo(place)) for at in times]


def stretch_of(ats: list[datetime]) -> tuple[Any, Stretch]:
    base = np.array([micros(at) for at in ats])
    return base, Stretch(ats[0].tzinfo, int(base.min()), int(base.max()))


WHERE = [(place, length) for place in (None, "UTC", *PLACES) for length in LENGTHS]
ZONED_WHERE = [
    (place, length)
    for place, length in WHERE
    if place is not None or getattr(length, "zone", None) is None
]


@pytest.mark.parametrize(("place", "length"), ZONED_WHERE, ids=str)
def test_lengths_on_the_calendar_are_those_of_the_engine(place: str | None, length: Any) -> None:
    for day in DAYS:
        ats = around(place, day)
        base, stretch = stretch_of(ats)
        assert rule(length, stretch)(base).tolist() == [micros(length.after(at)) for at in ats]


@pytest.mark.parametrize(("place", "within"), ZONED_WHERE, ids=str)
def test_windows_begin_where_those_of_the_engine_do(place: str | None, within: Any) -> None:
    for day in DAYS:
        ats = around(place, day)
        base, stretch = stretch_of(ats)
        if isinstance(within, Period):
            expected = [micros(within.before(at)) for at in ats]
        else:
            expected = [micros(within.start(at)) - 1 for at in ats]
        assert oldest(within, stretch)(base).tolist() == expected


@pytest.mark.parametrize("length", [Period(months=1), Period(months=5), Period(days=3)], ids=str)
@pytest.mark.parametrize("place", ["UTC", *PLACES])
def test_steps_from_an_anchor_are_those_of_the_engine(place: str, length: Period) -> None:
    for day in DAYS:
        ats = around(place, day)
        base, stretch = stretch_of(ats)
        anchor = min(ats)
        found = step_after(length, stretch)(np.full(len(ats), base.min()), base)
        expected = [micros(length.step_after(at, anchor=anchor) or anchor) for at in ats]
        assert found.tolist() == expected


def test_a_window_before_all_dates_begins_with_them() -> None:
    base = np.array([micros(datetime(1, 3, 1))])  # noqa: DTZ001
    stretch = Stretch(None, int(base[0]), int(base[0]))
    for length in (Period(years=1), Until("year", year_start=4)):
        assert oldest(length, stretch)(base)[0] < micros(datetime(1, 1, 1))  # noqa: DTZ001


def test_a_length_past_all_dates_is_never() -> None:
    base = np.array([micros(datetime(9999, 6, 1))])  # noqa: DTZ001
    for length in (Period(years=1), Until("year")):
        assert rule(length, Stretch(None, int(base[0]), int(base[0])))(base)[0] > LAST


# What events tell


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (event_attribute("by").equals("web"), [True, False, False, False, False]),
        (event_attribute("by").equals(1), [False, False, True, False, False]),
        (event_attribute("by").equals(True), [False, True, False, False, False]),
        (event_attribute("by").is_in(["web", 2]), [True, False, False, True, False]),
        (event_attribute("by") >= 1, [False, False, True, True, False]),
        (event_attribute("other").equals(1), [False] * 5),
        (event_attribute("id").equals("a"), [False] * 5),
    ],
)
def test_what_an_attribute_of_events_meets(criterion: Any, expected: list[bool]) -> None:
    """As conditions compare: a missing value meets nothing, and True is not 1."""
    told = [{"by": "web"}, {"by": True}, {"by": 1}, {"by": 2.0}, None]
    events = [on(day, attributes=by, id=f"{day}") for day, by in enumerate(told)]
    rows = rows_of(shop(), [("ann", event) for event in events])
    assert rows.told(criterion).tolist() == expected


def test_an_attribute_of_a_frame_is_coded_already() -> None:
    frame = pytest.importorskip("pandas").DataFrame(
        {"who": ["ann"] * 2, "at": [START] * 2, "what": ["visit"] * 2, "by": ["web", "shop"]}
    )
    log = EventLog.from_frame(frame, customer="who", at="at", event="what", attributes=["by"])
    rows = Rows.of(shop()._tables, log)
    assert rows.told(event_attribute("by").equals("shop")).tolist() == [False, True]


# The order of rows


def test_rows_of_one_instant_come_by_sequence_then_name_then_id() -> None:
    """Worked by hand from rule 12; the definition names purchase before visit."""
    lifecycle = shop()
    events = [
        on(0, "visit", id="a"),  # 4th
        on(0, "visit", id=7),  # 3rd, as whole numbers come before text
        on(0, "purchase", id="z"),  # 2nd
        on(0, "visit", id="s", sequence=5),  # 1st
        on(-1, "visit", id="y"),  # 0th
    ]
    rows = rows_of(lifecycle, [("ann", event) for event in events])
    assert rows.numbers.tolist() == [4, 3, 2, 1, 0]


def test_a_repeated_id_of_another_customer_is_no_repetition() -> None:
    lifecycle = shop()
    events = [on(0, id="a"), on(1, id="b"), on(0, id="a")]
    assert rows_of(lifecycle, [("ann", one) for one in events]).numbers.tolist() == [0, 1]
    both = rows_of(lifecycle, list(zip(("ann", "ann", "bob"), events, strict=True)))
    assert both.numbers.tolist() == [0, 1, 2]


def test_a_log_needs_events_that_the_definition_knows() -> None:
    log = EventLog(customer=["ann"], at=[START])
    with pytest.raises(InvalidValueError, match="log must have a column for event"):
        Rows.of(shop()._tables, log)
    log = EventLog(customer=["ann"], at=[START], event=["purchased"])
    with pytest.raises(UnknownNameError, match="did you mean 'purchase'"):
        Rows.of(shop()._tables, log)


def test_until_is_of_the_kind_of_the_log() -> None:
    with pytest.raises(MixedInstantsError, match="until"):
        in_columns(shop(), [("ann", on(0))], datetime(2026, 2, 1))  # noqa: DTZ001


# Who is followed alone


def test_few_with_many_events_are_followed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """With rounds worth 10 events: 500 events alone cost less than 490 further rounds."""
    monkeypatch.setattr(door, "ROUND", 10)
    nobody = np.array([], dtype="int64")
    counts = np.array([500, *[10] * 100])
    alone, together = door._divided(counts, nobody, is_possible=True)
    assert alone.tolist() == [0]
    assert len(together) == 100
    alone, _ = door._divided(np.full(100, 500), nobody, is_possible=True)
    assert len(alone) == 0
    alone, _ = door._divided(counts, np.array([3]), is_possible=True)
    assert alone.tolist() == [0, 3]
    alone, _ = door._divided(np.array([2, 0, 2]), nobody, is_possible=True)
    assert alone.tolist() == [0, 1, 2]  # four events cost less than two rounds


PRESSED = Transition("lead", "lapsed", on="visit", when=attribute("plan").equals("gold"))


def test_attributes_are_kept_for_who_is_followed_alone() -> None:
    way = Transition("buyer", "lapsed", on="visit", when=event_attribute("by").equals("web"))
    events = [on(0), on(1, "visit", attributes={"by": "web"}), on(2, "visit")]
    found = in_columns(shop(way, PRESSED), [("ann", event) for event in events])
    assert found.path.startswith("objects")
    assert [found.edges.stages[stage] for stage in found.stays.stages][-1] == "lapsed"
