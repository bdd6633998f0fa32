"""How rows of activity are read, and which are refused."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from lifecycle._activity import Activity, Reader
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.metrics import retention, rfm
from lifecycle.periods import Calendar, Window
from publics import functions, given

NAN = float("nan")
DAY = date(2026, 1, 10)
AWARE = datetime(2026, 1, 10, 12, tzinfo=UTC)
NOON = AWARE.replace(tzinfo=None)
MONTHS = {"calendar": Calendar("month"), "window": Window(date(2026, 1, 1), date(2026, 3, 1))}
JANUARY = Window(date(2026, 1, 1), date(2026, 2, 1))

BY_WINDOW: dict[str, Callable[[Any], Any]] = {
    "retention.resurrection_rate": lambda rows: retention.resurrection_rate(
        rows, window=JANUARY, idle=timedelta(days=1)
    ),
    "retention.repeat_purchase_rate": lambda rows: retention.repeat_purchase_rate(
        rows, window=JANUARY
    ),
}
"""Readers that take a window and no calendar."""

READERS: dict[str, Callable[[Any], Any]] = {
    "retention.cohorts": lambda rows: retention.cohorts(rows, **MONTHS),
    "retention.growth": lambda rows: retention.growth(rows, **MONTHS),
    "retention.stickiness": lambda rows: retention.stickiness(rows, **MONTHS),
    "retention.active_ratio": lambda rows: retention.active_ratio(rows, until=DAY),
    "retention.purchase_intervals": retention.purchase_intervals,
    **BY_WINDOW,
}
every_reader = pytest.mark.parametrize("read", READERS.values(), ids=READERS)


def test_every_reader_of_activity_is_looked_at() -> None:
    reading = {
        name
        for name, function in functions(retention).items()
        if any(next(iter(form.values())) == str(Activity) for form in given(function))
    }
    assert READERS.keys() == reading


class Plan(StrEnum):
    """Text of another type."""

    PRO = "pro"


class Visit(NamedTuple):
    """A row of another type."""

    customer: str
    at: datetime


class Whole:
    """A whole number of another type, as those of numpy are."""

    def __index__(self) -> int:
        return 7


@every_reader
@pytest.mark.parametrize("customer", [None, True, 1.5, NAN, ("a", 1), [1], b"a"])
def test_an_id_is_text_or_a_whole_number(read: Callable[[Any], Any], customer: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"\[1\]\.customer must be text or a whole number"):
        read([("ann", DAY), (customer, DAY)])


@every_reader
@pytest.mark.parametrize("customer", ["", " \t"])
def test_an_id_is_not_blank(read: Callable[[Any], Any], customer: str) -> None:
    with pytest.raises(InvalidValueError, match=r"\[1\]\.customer must be text that is not blank"):
        read([("ann", DAY), (customer, DAY)])


@every_reader
@pytest.mark.parametrize("at", [None, "2026-01-10", 20260110, 1.5, NAN])
def test_an_instant_is_a_datetime_or_a_date(read: Callable[[Any], Any], at: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"\[1\]\.at must be a datetime or a date"):
        read([("ann", DAY), ("bob", at)])


@every_reader
@pytest.mark.parametrize("rows", [None, 3, "ann"])
def test_rows_are_iterable(read: Callable[[Any], Any], rows: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"must be rows of \(customer, at\)"):
        read(rows)


@every_reader
def test_a_row_has_two_fields(read: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"\[1\] must be \(customer, at\), got \('bob',\)"):
        read([("ann", DAY), ("bob",)])
    with pytest.raises(InvalidTypeError, match=r"\[0\] must be \(customer, at\), got 7"):
        read([7])


@every_reader
@pytest.mark.parametrize("naive", [DAY, NOON])
def test_naive_and_aware_instants_do_not_mix(read: Callable[[Any], Any], naive: Any) -> None:
    for rows in ([("ann", naive), ("ann", AWARE)], [("ann", AWARE), ("ann", naive)]):
        with pytest.raises(MixedInstantsError, match=r"must both have a time zone or both have"):
            read(rows)


def test_the_mixed_instants_are_named_by_their_positions() -> None:
    with pytest.raises(MixedInstantsError, match=r"^orders\[2\]\.at and orders\[0\]\.at must"):
        retention.purchase_intervals([("ann", AWARE), ("bob", AWARE), ("ann", DAY)])


@pytest.mark.parametrize("read", BY_WINDOW.values(), ids=BY_WINDOW)
def test_aware_rows_need_an_aware_window(read: Callable[[Any], Any]) -> None:
    with pytest.raises(MixedInstantsError, match=r"^window\.start and \w+\[0\]\.at must"):
        read([("ann", AWARE)])


@pytest.mark.parametrize("read", BY_WINDOW.values(), ids=BY_WINDOW)
def test_nothing_gives_the_rate_of_nobody(read: Callable[[Any], Any]) -> None:
    assert read([]).value is None


def test_a_window_must_be_one() -> None:
    with pytest.raises(InvalidTypeError, match=r"^window must be a Window"):
        retention.repeat_purchase_rate([], window=(DAY, DAY))  # type: ignore[arg-type]


def test_text_enums_and_whole_numbers_of_other_kinds_are_ids() -> None:
    log = [(Plan.PRO, DAY), ("pro", DAY), (Whole(), DAY), (7, DAY)]
    assert retention.repeat_purchase_rate(log, window=JANUARY).numerator == 2  # type: ignore[arg-type]


def test_rows_may_be_lists_and_named_tuples() -> None:
    log: Any = [["ann", NOON], Visit("ann", NOON)]
    assert retention.repeat_purchase_rate(log, window=JANUARY).numerator == 1


def test_any_zone_is_brought_to_the_calendar() -> None:
    east = timezone(timedelta(hours=9))
    log = [("ann", datetime(2026, 1, 1, 8, tzinfo=east)), ("bob", AWARE)]
    found = retention.cohorts(log, **MONTHS)
    assert found.rows[0].size == 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/St_Johns"])
def test_a_column_of_one_kind_is_read_as_each_of_its_rows(zone: str) -> None:
    calendar = Calendar("day", zone=zone)
    days = [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 29)]
    walls = [datetime.combine(day, time(2, 30)) for day in days]
    walls.append(walls[1].replace(fold=1))
    zoned = [wall.replace(tzinfo=ZoneInfo("Europe/Berlin")) for wall in walls]
    for ats in (days, walls, zoned, [at.astimezone(UTC) for at in zoned], [*days, *walls]):
        reader = Reader(calendar)
        found = reader.moments("rows", ats)
        assert list(found) == [reader.moment("at", at) for at in ats]
        assert {at.tzinfo for at in found} == {UTC}


def test_a_day_before_all_instants_is_named_by_its_first_row() -> None:
    reader = Reader(Calendar("day", zone="Asia/Tokyo"))
    days = [date(2026, 1, 1), date(1, 1, 1), date(2026, 1, 1), date(1, 1, 1)]
    with pytest.raises(InvalidValueError, match=r"^rows\[1\]\.at must be within years 1 to 9999"):
        reader.moments("rows", days)


TICK = timedelta.resolution


@pytest.mark.parametrize(
    ("zone", "day", "next_day"),
    [
        ("UTC", date(2026, 3, 31), "2026-04-01T00:00:00+00:00"),
        ("Asia/Tokyo", date(2026, 2, 28), "2026-02-28T15:00:00+00:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-29T22:00:00+00:00"),  # of 23 hours
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-25T23:00:00+00:00"),  # of 25 hours
        ("America/Sao_Paulo", date(2018, 11, 3), "2018-11-04T03:00:00+00:00"),  # 4th: no 00:00
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-18T03:00:00+00:00"),  # 23:00 twice
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-30T10:00:00+00:00"),  # 30th: skipped
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_date_as_an_end_is_its_whole_day(zone: str, day: date, next_day: str) -> None:
    """The first instants of the next days are those of the tz database, by hand."""
    last = datetime.fromisoformat(next_day) - TICK
    for grain in ("day", "month"):
        assert Reader(Calendar(grain, zone=zone)).until("until", day) == last
    assert last + TICK == Calendar("day", zone=zone).start(Calendar("day").index(day) + 1)


def test_an_instant_as_an_end_is_itself() -> None:
    berlin = Calendar("month", zone="Europe/Berlin")
    assert Reader(berlin).until("until", AWARE) == AWARE
    assert Reader(berlin).until("until", NOON) == AWARE - timedelta(hours=1)


@pytest.mark.parametrize("at", [AWARE, NOON, DAY])
def test_a_date_as_an_end_suits_rows_of_either_kind(at: Any) -> None:
    reader = Reader()
    assert reader.until("until", DAY) == datetime(2026, 1, 11, tzinfo=UTC) - TICK
    (moment,) = reader.moments("rows", [at])
    assert moment <= reader.until("until", DAY)


def test_an_instant_as_an_end_is_of_the_kind_of_the_rows() -> None:
    reader = Reader()
    reader.moments("rows", [NOON])
    with pytest.raises(MixedInstantsError, match=r"^rows\[0\]\.at and until must both have"):
        reader.until("until", AWARE)


@pytest.mark.parametrize(("zone", "ahead"), [("UTC", 0), ("Asia/Tokyo", 9), ("Etc/GMT+5", 0)])
def test_the_last_day_of_all_has_an_end(zone: str, ahead: int) -> None:
    """In Tokyo it ends nine hours before that of UTC; west of it, no later instant is known."""
    calendar = Calendar("day", zone=zone)
    last = datetime.max.replace(tzinfo=UTC) - timedelta(hours=ahead)
    assert Reader(calendar).until("until", date.max) == last
    assert calendar.index(last) == calendar.index(date.max)


@pytest.mark.parametrize("at", ["2026-01-10", None, 20260110, time(12)])
def test_an_end_is_a_datetime_or_a_date(at: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^until must be a datetime or a date, got "):
        Reader().until("until", at)


def test_zones_without_a_hash_are_read() -> None:
    """Those of dateutil have none."""
    tz = pytest.importorskip("dateutil.tz")
    offset = timezone(timedelta(hours=1))
    for zone in (tz.tzoffset(None, 3600), tz.gettz("Etc/GMT-1")):
        rows = [("ann", datetime(2026, 1, 1, 0, 30, tzinfo=zone))]
        expected = [("ann", datetime(2026, 1, 1, 0, 30, tzinfo=offset))]
        assert Reader().pairs("rows", rows) == Reader().pairs("rows", expected)
        orders, plain = ([(*row, 5) for row in each] for each in (rows, expected))
        assert rfm.summary(orders, until=DAY) == rfm.summary(plain, until=DAY)
