# ruff: noqa: DTZ001  (naive datetimes are half of what is tested)
"""Lengths of time, calendars and windows."""

import json
import pickle
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import clv, codec, dwell, models, revenue, rfm
from lifecycle._lengths import UNITS, after, as_period, before, fixed_length, length, mean
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MixedInstantsError,
    UnknownNameError,
)
from lifecycle.periods import (
    DAILY,
    DAYS,
    ELAPSED,
    GRAINS,
    Calendar,
    Period,
    Until,
    Window,
    as_until,
)

APIA = ZoneInfo("Pacific/Apia")
BERLIN = ZoneInfo("Europe/Berlin")
CAIRO = ZoneInfo("Africa/Cairo")
HAVANA = ZoneInfo("America/Havana")
NEW_YORK = ZoneInfo("America/New_York")
SAO_PAULO = ZoneInfo("America/Sao_Paulo")
ST_JOHNS = ZoneInfo("America/St_Johns")
TORONTO = ZoneInfo("America/Toronto")


# Units


def test_units_agree_with_each_other() -> None:
    year = timedelta(seconds=31_556_952)  # 365.2425 days: 400 years have 97 leap days
    assert UNITS["year"].mean == year
    assert {name: unit.mean for name, unit in UNITS.items()} == {
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(days=7),
        "month": year / 12,
        "quarter": year / 4,
        "half_year": year / 2,
        "year": year,
    }
    assert UNITS["month"].per(UNITS["year"]) == 12
    assert UNITS["week"].per(UNITS["year"]) == 365.2425 / 7
    assert UNITS["day"].per(UNITS["week"]) == 7


def test_the_longest_of_a_unit_is_that_of_the_calendar() -> None:
    first = date(2023, 1, 1)  # a leap year is among the four
    for name in ("month", "quarter", "half_year", "year"):
        months = UNITS[name].period.months
        starts = [
            datetime(first.year + k // 12, k % 12 + 1, 1) for k in range(0, 48, min(months, 6))
        ]
        spans = [(UNITS[name].period.after(start) or start) - start for start in starts]
        assert max(spans) == UNITS[name].longest, name
    assert UNITS["week"].longest == timedelta(days=7)


def test_a_unit_is_a_period() -> None:
    assert UNITS["hour"].period == Period(hours=1)
    assert UNITS["week"].period == Period(weeks=1)
    assert UNITS["half_year"].period == Period(months=6)


def test_what_units_are_taken_for() -> None:
    assert GRAINS == ("hour", "day", "week", "month", "quarter", "year")
    assert DAILY == ("day", "week", "month", "quarter", "year")
    assert list(ELAPSED) == ["hour", "day", "week"]
    assert (
        pytest.approx(
            {"day": 1, "week": 7, "month": 30.436875, "quarter": 91.310625, "year": 365.2425},
            rel=1e-15,
        )
        == DAYS
    )


# Lengths

MONTH = Period(months=1)


@pytest.mark.parametrize("reader", [length, as_period, lambda a, x: fixed_length(a, x, "a rate")])
@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (3, InvalidTypeError, "be a timedelta or a Period, got 3 (int); pass timedelta(days=3) or"),
        (2.5, InvalidTypeError, "be a timedelta or a Period, got 2.5 (float); pass timedelta(days"),
        (Decimal(7), InvalidTypeError, "be a timedelta or a Period, got Decimal('7') (Decimal); p"),
        (-3, InvalidTypeError, "be a timedelta or a Period, got -3 (int)"),
        (10**12, InvalidTypeError, "be a timedelta or a Period, got 1000000000000 (int)"),
        (float("nan"), InvalidTypeError, "be a timedelta or a Period, got nan (float)"),
        ("3 days", InvalidTypeError, "be a timedelta or a Period, got '3 days' (str)"),
        ("month", InvalidTypeError, "be a timedelta or a Period, got 'month' (str); pass Period(m"),
        (None, InvalidTypeError, "be a timedelta or a Period, got None"),
        (True, InvalidTypeError, "be a timedelta or a Period, got True (bool)"),
        (timedelta, InvalidTypeError, "be a timedelta or a Period, got <class"),
        (date(2026, 1, 1), InvalidTypeError, "be a timedelta or a Period, got datetime.date("),
        (timedelta(0), InvalidValueError, "be above 0, got datetime.timedelta(0)"),
        (timedelta(days=-1), InvalidValueError, "be above 0, got datetime.timedelta(days=-1)"),
    ],
)
def test_garbage_is_no_length(reader: Any, value: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        reader("within", value)
    assert str(raised.value).startswith(f"within must {text}")


def test_a_number_is_told_how_to_be_a_length() -> None:
    with pytest.raises(InvalidTypeError, match=r"; pass timedelta\(days=3\) or Period\(days=3\)$"):
        length("within", 3)
    with pytest.raises(InvalidTypeError, match=r"; pass Period\(months=6\)$"):
        length("within", "half_year")


def test_missing_values_of_pandas_are_no_length() -> None:
    pandas = pytest.importorskip("pandas")
    for value in (pandas.NaT, pandas.NA):
        with pytest.raises(InvalidTypeError, match=r"^within must be a timedelta or a Period, got"):
            length("within", value)


def test_a_fixed_length_is_a_timedelta_and_a_calendar_length_a_period() -> None:
    assert length("within", timedelta(days=3)) == timedelta(days=3)
    assert length("within", Period(days=3)) == timedelta(days=3)
    assert length("within", MONTH) == MONTH
    assert length("within", timedelta(0), zero=True) == timedelta(0)
    with pytest.raises(InvalidValueError, match=r"^within must be at least 0, got"):
        length("within", timedelta(-1), zero=True)


def test_a_timedelta_of_pandas_becomes_a_plain_one() -> None:
    pandas = pytest.importorskip("pandas")
    found = length("within", pandas.Timedelta(hours=36, microseconds=1))
    assert type(found) is timedelta
    assert found == timedelta(days=1, hours=12, microseconds=1)


def test_every_length_is_a_period_to_the_microsecond() -> None:
    for given in (timedelta.resolution, timedelta(days=3, seconds=5), timedelta.max):
        assert as_period("within", given).length == given
    assert as_period("within", MONTH) is MONTH


def test_a_fixed_length_is_refused_months_with_the_reason() -> None:
    assert fixed_length("per", Period(hours=1), "a rate per hour") == timedelta(hours=1)
    assert fixed_length("per", timedelta(0), "a rate", zero=True) == timedelta(0)
    with pytest.raises(InvalidValueError) as raised:
        fixed_length("per", MONTH, "a rate per hour")
    assert str(raised.value) == (
        "per must be a fixed length: a rate per hour needs one, got Period(months=1)"
    )


def test_a_length_has_a_mean() -> None:
    """Three months are a fourth of 31,556,952 seconds, the mean year."""
    assert mean(timedelta(days=3)) == mean(Period(days=3)) == timedelta(days=3)
    assert mean(Period(months=3)) == timedelta(seconds=7_889_238)


def test_a_length_in_words() -> None:
    assert str(Period(months=15)) == "1 year, 3 months"
    assert str(Period(days=1, hours=2, seconds=0.5)) == "1 day, 2 hours, 0.5 seconds"
    assert str(Period(days=10_000)) == "10,000 days"


def test_instants_are_moved_by_lengths_of_both_kinds() -> None:
    at = datetime(2026, 3, 31, 9, tzinfo=BERLIN)
    assert after(MONTH, at) == datetime(2026, 4, 30, 9, tzinfo=BERLIN)
    assert before(MONTH, at) == datetime(2026, 2, 28, 9, tzinfo=BERLIN)
    assert after(timedelta(days=1), datetime(2026, 3, 28, 9, tzinfo=BERLIN)) == datetime(
        2026, 3, 29, 10, tzinfo=BERLIN
    )  # 24 hours over the change of the clocks
    assert after(timedelta(0), at) == at
    assert before(timedelta.max, at) is None
    assert after(Period(years=9000), at) is None


# Period


def test_a_day_is_exactly_24_hours() -> None:
    assert Period(days=90).length == timedelta(hours=90 * 24)
    assert Period(days=90).months == 0


def test_the_units_of_elapsed_time_add_up() -> None:
    period = Period(weeks=1, days=2, hours=3, minutes=4, seconds=5)
    assert period.length == timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)


def test_elapsed_time_may_be_fractional() -> None:
    assert Period(hours=1.5) == Period(minutes=90)
    assert Period(hours=Decimal("1.5")) == Period(minutes=90)


def test_a_year_is_twelve_months() -> None:
    assert Period(years=1) == Period(months=12)
    assert Period(years=1, months=3).months == 15
    assert Period(years=1).length is None


@pytest.mark.parametrize("unit", ["weeks", "days", "hours", "minutes", "seconds"])
@pytest.mark.parametrize("amount", [-1, -0.5, float("nan"), float("inf")])
def test_elapsed_time_is_finite_and_not_negative(unit: str, amount: Any) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{unit} must be "):
        Period(**{unit: amount})


@pytest.mark.parametrize("unit", ["weeks", "days", "hours", "minutes", "seconds"])
@pytest.mark.parametrize("amount", [True, "90", None, timedelta(1)])
def test_elapsed_time_is_a_number(unit: str, amount: Any) -> None:
    with pytest.raises(InvalidTypeError, match=rf"^{unit} must be a number"):
        Period(**{unit: amount})


@pytest.mark.parametrize("unit", ["months", "years"])
@pytest.mark.parametrize("amount", [1.5, 2.0, True, "3", None, float("nan")])
def test_calendar_lengths_are_whole(unit: str, amount: Any) -> None:
    with pytest.raises(InvalidTypeError, match=rf"^{unit} must be a whole number"):
        Period(**{unit: amount})


@pytest.mark.parametrize("unit", ["months", "years"])
def test_calendar_lengths_are_not_negative(unit: str) -> None:
    with pytest.raises(InvalidValueError, match=rf"^{unit} must be at least 0, got -1$"):
        Period(**{unit: -1})


@pytest.mark.parametrize("units", [{}, {"days": 0}, {"months": 0}, {"seconds": 1e-9}])
def test_a_length_is_more_than_nothing(units: dict[str, Any]) -> None:
    text = r"^length must be above 0 in at least one unit, .* or months and years, got 0$"
    with pytest.raises(InvalidValueError, match=text):
        Period(**units)


@pytest.mark.parametrize("units", [{"days": 30, "months": 1}, {"hours": 1, "years": 1}])
def test_elapsed_and_calendar_lengths_do_not_mix(units: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"^length must .*not both, got "):
        Period(**units)


@pytest.mark.parametrize("units", [{"days": 10**9}, {"seconds": 10**300}, {"weeks": 1e300}])
def test_elapsed_time_fits_a_timedelta(units: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=r"^length must be at most 999999999 days"):
        Period(**units)


@pytest.mark.parametrize("amount", [10**400, Decimal("9E+999999")])
def test_elapsed_time_is_a_number_that_a_float_can_hold(amount: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^seconds must be finite as a float, "):
        Period(seconds=amount)


def test_calendar_lengths_fit_the_calendar() -> None:
    assert Period(years=9999).months == 119_988
    with pytest.raises(InvalidValueError, match=r"^length must be at most 119988 months, got "):
        Period(years=9999, months=1)


@pytest.mark.parametrize(
    ("period", "shown"),
    [
        (Period(days=90), "Period(days=90)"),
        (Period(weeks=1, minutes=61), "Period(days=7, hours=1, minutes=1)"),
        (Period(seconds=0.25), "Period(seconds=0.25)"),
        (Period(hours=1.5, seconds=7), "Period(hours=1, minutes=30, seconds=7)"),
        (Period(months=3), "Period(months=3)"),
        (Period(months=30), "Period(years=2, months=6)"),
    ],
)
def test_a_period_shows_the_call_that_makes_it(period: Period, shown: str) -> None:
    assert repr(period) == shown
    assert eval(shown) == period  # noqa: S307
    assert Period(**period.units()) == period


def test_periods_are_frozen_values() -> None:
    assert {Period(days=7), Period(weeks=1), Period(months=1)} == {Period(days=7), Period(months=1)}
    assert pickle.loads(pickle.dumps(Period(months=1))) == Period(months=1)  # noqa: S301
    with pytest.raises(AttributeError):
        Period(days=7).months = 2


def test_months_end_with_the_month() -> None:
    january = datetime(2026, 1, 31, 9, 30)
    assert Period(months=1).after(january) == datetime(2026, 2, 28, 9, 30)
    assert Period(months=25).after(january) == datetime(2028, 2, 29, 9, 30)
    assert Period(months=2).after(january) == datetime(2026, 3, 31, 9, 30)
    assert Period(months=1).before(datetime(2026, 3, 31, 9, 30)) == datetime(2026, 2, 28, 9, 30)
    assert Period(years=1).after(datetime(2028, 2, 29)) == datetime(2029, 2, 28)


def test_elapsed_time_passes_through_a_clock_change() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    after = Period(days=1).after(before)
    assert after.isoformat() == "2026-03-29T13:00:00+02:00"
    assert Period(days=1).before(after).isoformat() == before.isoformat()


def test_months_keep_the_local_time_through_a_clock_change() -> None:
    before = datetime(2026, 3, 15, 12, tzinfo=BERLIN)
    assert Period(months=1).after(before).isoformat() == "2026-04-15T12:00:00+02:00"


def test_a_skipped_local_time_is_moved_by_the_clock_change() -> None:
    found = Period(years=1).after(datetime(2025, 3, 29, 2, 30, tzinfo=BERLIN))
    assert found.isoformat() == "2026-03-29T03:30:00+02:00"


def test_a_repeated_local_time_is_the_first_one() -> None:
    september = datetime(2026, 9, 25, 2, 30, tzinfo=BERLIN, fold=1)
    found = Period(months=1).after(september)
    assert found.isoformat() == "2026-10-25T02:30:00+02:00"
    assert Period(months=12).before(datetime(2027, 10, 25, 2, 30, tzinfo=BERLIN)).fold == 0


def test_results_stay_in_the_zone_of_the_instant() -> None:
    for zone in (None, UTC, BERLIN, timezone(timedelta(hours=5, minutes=30))):
        for period in (Period(days=1), Period(months=1)):
            assert period.after(datetime(2026, 1, 1, tzinfo=zone)).tzinfo is zone


@pytest.mark.parametrize("period", [Period(days=1), Period(months=1)])
@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=1)), NEW_YORK])
def test_what_lies_outside_the_calendar_is_none(period: Period, zone: Any) -> None:
    assert period.after(datetime(9999, 12, 31, 12, tzinfo=zone)) is None
    assert period.before(datetime(1, 1, 1, 12, tzinfo=zone)) is None


def test_a_deadline_outside_the_calendar_of_utc_is_none() -> None:
    west = timezone(-timedelta(hours=5))
    assert Period(hours=2).after(datetime(9999, 12, 31, 17, tzinfo=west)) is None
    assert Period(months=1).after(datetime(9999, 11, 30, 20, tzinfo=west)) is not None
    assert Period(months=1).after(datetime(9999, 11, 30, 23, 59, tzinfo=UTC)) is not None
    east = timezone(timedelta(hours=5))
    assert Period(months=1).before(datetime(1, 2, 1, 4, tzinfo=UTC).astimezone(east)) is not None
    assert Period(months=1).before(datetime(1, 2, 1, 4, tzinfo=east)) is None


def test_the_longest_periods_lead_outside_the_calendar() -> None:
    for period in (Period(years=9999), Period(days=999_999_999)):
        assert period.after(datetime(1, 1, 1)) is None
        assert period.before(datetime(9999, 12, 31)) is None


@pytest.mark.parametrize("length", [Period(days=1), Period(months=1), Until("month")])
@pytest.mark.parametrize("t", [date(2026, 1, 1), "2026-01-01", None])
def test_lengths_count_from_datetimes(length: Period | Until, t: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^t must be a datetime"):
        length.after(t)


# Until


@pytest.mark.parametrize(
    ("grain", "end"),
    [
        ("day", datetime(2026, 5, 18)),
        ("week", datetime(2026, 5, 18)),
        ("month", datetime(2026, 6, 1)),
        ("quarter", datetime(2026, 7, 1)),
        ("year", datetime(2027, 1, 1)),
    ],
)
def test_until_is_the_end_of_the_calendar_period(grain: str, end: datetime) -> None:
    sunday = datetime(2026, 5, 17, 23, 59, 59, 999_999)
    assert Until(grain).after(sunday) == end
    assert Until(grain).after(sunday.replace(tzinfo=BERLIN)) == end.replace(tzinfo=BERLIN)


def test_a_period_that_begins_now_ends_later() -> None:
    assert Until("week").after(datetime(2026, 5, 18)) == datetime(2026, 5, 25)


def test_a_day_ends_where_the_next_midnight_would_have_been() -> None:
    evening = datetime(2018, 11, 3, 22, tzinfo=SAO_PAULO)
    assert Until("day").after(evening).isoformat() == "2018-11-04T01:00:00-02:00"


def test_a_day_whose_midnight_comes_twice_ends_at_the_first() -> None:
    evening = datetime(2024, 11, 2, 20, tzinfo=HAVANA)
    end = Until("day").after(evening)
    assert end.isoformat() == "2024-11-03T00:00:00-04:00"
    assert Until("day").after(end).isoformat() == "2024-11-04T00:00:00-05:00"


def test_a_period_ends_later_even_where_the_clock_went_back_over_midnight() -> None:
    second = datetime(2009, 10, 31, 23, 30, fold=1, tzinfo=ST_JOHNS)
    assert Until("day").after(second).isoformat() == "2009-11-02T00:00:00-03:30"


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("zone", [None, UTC, NEW_YORK, timezone(timedelta(hours=9))])
def test_the_last_period_of_the_calendar_has_no_end(grain: str, zone: Any) -> None:
    assert Until(grain).after(datetime(9999, 12, 31, 12, tzinfo=zone)) is None


@pytest.mark.parametrize("grain", ["hour", "fortnight", "Year"])
def test_until_knows_its_grains(grain: str) -> None:
    with pytest.raises(UnknownNameError, match=r"^until must be one of 'day', 'week', 'month'"):
        Until(grain)


@pytest.mark.parametrize(
    ("until", "start", "end"),
    [
        (Until("year"), "2026-01-01", "2027-01-01"),
        (Until("year", year_start=4), "2026-04-01", "2027-04-01"),
        (Until("year", year_start=6), "2025-06-01", "2026-06-01"),
        (Until("quarter", year_start=2), "2026-05-01", "2026-08-01"),
        (Until("quarter"), "2026-04-01", "2026-07-01"),
        (Until("week"), "2026-05-11", "2026-05-18"),
        (Until("week", week_start="sunday"), "2026-05-17", "2026-05-24"),
        (Until("day"), "2026-05-17", "2026-05-18"),
    ],
)
@pytest.mark.parametrize("zone", [None, UTC, BERLIN])
def test_a_period_has_a_start_and_an_end_on_the_clock_of_the_instant(
    until: Until, start: str, end: str, zone: Any
) -> None:
    sunday = datetime(2026, 5, 17, 23, 30, tzinfo=zone)
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (start, end))
    assert (until.start(sunday), until.after(sunday)) == (begins, ends)
    assert until.start(begins) == begins
    assert until.after(ends - timedelta.resolution) == ends


def test_with_a_zone_a_period_is_the_same_for_instants_of_every_zone() -> None:
    tokyo = Until("day", zone="Asia/Tokyo")  # nine hours ahead of UTC
    evening = datetime(2026, 5, 17, 18, tzinfo=UTC)
    assert tokyo.start(evening).isoformat() == "2026-05-17T15:00:00+00:00"  # type: ignore[union-attr]
    assert tokyo.after(evening).isoformat() == "2026-05-18T15:00:00+00:00"  # type: ignore[union-attr]
    local = evening.astimezone(BERLIN)
    assert tokyo.after(local).isoformat() == "2026-05-18T17:00:00+02:00"  # type: ignore[union-attr]
    assert tokyo.start(datetime(2026, 5, 17, 18)) == datetime(2026, 5, 17)  # a local time there


def test_a_period_that_began_before_all_dates_has_no_start() -> None:
    assert Until("year", year_start=4).start(datetime(1, 1, 2)) is None
    assert Until("week", week_start="sunday").start(datetime(1, 1, 2)) is None


def test_what_makes_no_difference_to_a_period_is_left_out() -> None:
    assert Until("month", year_start=4, week_start="sunday") == Until("month")
    assert Until("year", week_start="sunday") == Until("year")
    assert Until("week", year_start=2) == Until("week")


def test_a_calendar_is_a_period_in_its_zone() -> None:
    fiscal = Until("year", year_start=4, zone="UTC")
    assert as_until("until", Calendar("year", year_start=4)) == fiscal
    assert as_until("until", Calendar("day", zone=BERLIN)) == Until("day", zone="Europe/Berlin")
    assert as_until("until", Calendar("day", zone=UTC)).zone == "UTC"
    assert as_until("until", "year") == Until("year") == as_until("until", Until("year"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("yaer", "until must be one of 'day', 'week', 'month', 'quarter', 'year', got 'yaer'; did"),
        (Calendar("hour"), "until.grain must be one of 'day', 'week', 'month', 'quarter', 'year'"),
        (9, "until must be the name of a calendar period, an Until or a Calendar, got 9 (int)"),
        (
            Calendar("day", zone=timezone(timedelta(hours=2))),
            "until.zone must have a zone with a name, such as 'Europe/Berlin', got",
        ),
    ],
)
def test_what_is_no_calendar_period_is_refused(value: Any, text: str) -> None:
    with pytest.raises(LifecycleError) as caught:
        as_until("until", value)
    assert str(caught.value).startswith(text)


def test_until_is_a_frozen_value() -> None:
    assert repr(Until("year")) == "Until('year')"
    assert {Until("year"), Until("year")} == {Until("year")}
    assert pickle.loads(pickle.dumps(Until("day"))) == Until("day")  # noqa: S301


# Calendar


@pytest.mark.parametrize(
    ("grain", "floor", "index"),
    [
        ("hour", "2026-05-17T13:00:00+00:00", 494_173),
        ("day", "2026-05-17T00:00:00+00:00", 20_590),
        ("week", "2026-05-11T00:00:00+00:00", 2_941),
        ("month", "2026-05-01T00:00:00+00:00", 676),
        ("quarter", "2026-04-01T00:00:00+00:00", 225),
        ("year", "2026-01-01T00:00:00+00:00", 56),
    ],
)
def test_an_instant_lies_in_one_period_of_each_grain(grain: str, floor: str, index: int) -> None:
    instant = datetime(2026, 5, 17, 13, 14, 15, 16, tzinfo=UTC)
    calendar = Calendar(grain)
    assert calendar.floor(instant).isoformat() == floor
    assert calendar.index(instant) == index
    assert calendar.start(index).isoformat() == floor


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("year_start", [1, 2, 3, 4, 12])
@pytest.mark.parametrize("week_start", ["monday", "thursday", "friday"])
def test_period_0_holds_the_first_day_of_1970(grain: str, year_start: int, week_start: str) -> None:
    calendar = Calendar(grain, week_start=week_start, year_start=year_start)
    assert calendar.index(date(1970, 1, 1)) == 0
    assert calendar.start(0).isoformat() <= "1970-01-01T00:00:00+00:00"


def test_weeks_begin_on_the_day_that_is_named() -> None:
    friday = date(2026, 1, 2)
    assert Calendar("week").floor(friday).date() == date(2025, 12, 29)
    assert Calendar("week", week_start="sunday").floor(friday).date() == date(2025, 12, 28)
    assert Calendar("week", week_start="friday").floor(friday).date() == friday
    assert Calendar("week", week_start="saturday").floor(friday).date() == date(2025, 12, 27)


def test_years_and_quarters_begin_in_the_month_that_is_named() -> None:
    february = Calendar("year", year_start=2)
    assert february.floor(date(2026, 1, 31)).date() == date(2025, 2, 1)
    assert february.floor(date(2026, 2, 1)).date() == date(2026, 2, 1)
    quarters = Calendar("quarter", year_start=2)
    assert quarters.floor(date(2026, 1, 31)).date() == date(2025, 11, 1)
    assert quarters.floor(date(2026, 4, 30)).date() == date(2026, 2, 1)
    assert Calendar("month", year_start=2).floor(date(2026, 1, 31)).date() == date(2026, 1, 1)


def test_a_naive_instant_is_local_time_and_a_date_its_midnight() -> None:
    calendar = Calendar("day", zone="Europe/Berlin")
    midnight = datetime(2026, 5, 17, tzinfo=BERLIN)
    assert calendar.floor(datetime(2026, 5, 17, 0, 30)) == midnight
    assert calendar.floor(date(2026, 5, 17)) == midnight
    assert calendar.floor(datetime(2026, 5, 16, 22, 30, tzinfo=UTC)) == midnight
    assert calendar.step(datetime(2026, 5, 17, 9, 30), 0).isoformat() == "2026-05-17T09:30:00+02:00"


def test_days_may_have_23_or_25_hours() -> None:
    calendar = Calendar("day", zone="Europe/Berlin")
    for day, hours in [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)]:
        k = calendar.index(day)
        elapsed = calendar.start(k + 1).astimezone(UTC) - calendar.start(k).astimezone(UTC)
        assert elapsed == timedelta(hours=hours)


def test_a_day_without_midnight_begins_an_hour_later() -> None:
    for zone, day in [(SAO_PAULO, date(2018, 11, 4)), (CAIRO, date(2026, 4, 24))]:
        calendar = Calendar("day", zone=zone)
        start = calendar.floor(datetime(day.year, day.month, day.day, 12))
        assert (start.date(), start.hour) == (day, 1)
        assert calendar.index(start) == calendar.index(start - timedelta(minutes=61)) + 1


def test_a_day_that_was_skipped_is_empty() -> None:
    calendar = Calendar("day", zone=APIA)
    last = calendar.index(date(2011, 12, 29))
    assert (
        calendar.start(last + 1) == calendar.start(last + 2) == datetime(2011, 12, 31, tzinfo=APIA)
    )
    assert calendar.index(date(2011, 12, 30)) == calendar.index(date(2011, 12, 31)) == last + 2
    assert calendar.index(datetime(2011, 12, 29, 23, 59, 59)) == last


def test_a_day_that_begins_twice_begins_the_first_time() -> None:
    calendar = Calendar("day", zone=ST_JOHNS)
    first = calendar.floor(date(2009, 11, 1))
    assert first.isoformat() == "2009-11-01T00:00:00-02:30"
    second_evening = datetime(2009, 10, 31, 23, 30, fold=1, tzinfo=ST_JOHNS)
    assert calendar.floor(second_evening).isoformat() == first.isoformat()


def test_a_midnight_skipped_by_a_gap_that_began_earlier_comes_after_the_gap() -> None:
    calendar = Calendar("day", zone=TORONTO)
    assert calendar.floor(datetime(1919, 3, 31, 12)).isoformat() == "1919-03-31T01:00:00-04:00"
    assert calendar.floor(datetime(1919, 3, 31, 0, 45)).isoformat() == "1919-03-30T00:00:00-05:00"


def test_hours_have_60_minutes_through_clock_changes() -> None:
    calendar = Calendar("hour", zone="Europe/Berlin")
    first = calendar.index(datetime(2026, 10, 25, 1))
    starts = [calendar.start(first + i).isoformat()[11:] for i in range(4)]
    assert starts == ["01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00"]


@pytest.mark.parametrize(
    ("zone", "instant", "floor"),
    [
        ("Asia/Kolkata", datetime(2026, 5, 17, 13, 45), "2026-05-17T13:00:00+05:30"),
        ("Asia/Kathmandu", datetime(2026, 5, 17, 13, 45), "2026-05-17T13:00:00+05:45"),
        ("America/St_Johns", datetime(2026, 5, 17, 13, 45), "2026-05-17T13:00:00-02:30"),
        ("Australia/Lord_Howe", datetime(2026, 5, 17, 13, 45), "2026-05-17T13:00:00+10:30"),
        ("Australia/Lord_Howe", datetime(2026, 1, 17, 13, 45), "2026-01-17T13:30:00+11:00"),
    ],
)
def test_hours_begin_on_whole_hours_of_the_standard_time(
    zone: Any, instant: datetime, floor: str
) -> None:
    assert Calendar("hour", zone=zone).floor(instant).isoformat() == floor


def test_hours_of_a_fixed_offset_begin_on_its_whole_hours() -> None:
    calendar = Calendar("hour", zone=timezone(-timedelta(hours=9, minutes=30)))
    assert calendar.floor(datetime(2026, 5, 17, 13, 45)).isoformat() == "2026-05-17T13:00:00-09:30"


def test_steps_are_taken_once_from_the_anchor() -> None:
    monthly = Calendar("month")
    days = [monthly.step(date(2026, 1, 31), k).date().isoformat() for k in (-2, 0, 1, 2, 13)]
    assert days == ["2025-11-30", "2026-01-31", "2026-02-28", "2026-03-31", "2027-02-28"]
    assert Calendar("quarter").step(date(2025, 11, 30), 1).date() == date(2026, 2, 28)
    assert Calendar("year").step(date(2024, 2, 29), 4).date() == date(2028, 2, 29)


def test_days_and_weeks_keep_the_local_time_and_hours_do_not() -> None:
    anchor = datetime(2026, 3, 28, 12, tzinfo=BERLIN)
    steps = {"day": (1, "2026-03-29T12:00"), "week": (1, "2026-04-04T12:00")}
    steps["hour"] = (24, "2026-03-29T13:00")
    for grain, (k, expected) in steps.items():
        stepped = Calendar(grain, zone="Europe/Berlin").step(anchor, k)
        assert stepped.isoformat() == f"{expected}:00+02:00"


def test_steps_onto_skipped_and_repeated_local_times_are_read_as_before_the_change() -> None:
    calendar = Calendar("day", zone="Europe/Berlin")
    spring = calendar.step(datetime(2026, 3, 28, 2, 30), 1)
    autumn = calendar.step(datetime(2026, 10, 26, 2, 30), -1)
    assert spring.isoformat() == "2026-03-29T03:30:00+02:00"
    assert autumn.isoformat() == "2026-10-25T02:30:00+02:00"


def test_no_step_leaves_the_anchor_where_it_is() -> None:
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN)
    for grain in ("hour", "day", "month"):
        stepped = Calendar(grain, zone="Europe/Berlin").step(second, 0)
        assert stepped.isoformat() == second.isoformat()


def test_steps_are_made_in_the_zone_of_the_calendar() -> None:
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)
    stepped = Calendar("month", zone="Europe/Berlin").step(new_year, 6)
    assert stepped.isoformat() == "2026-07-01T00:30:00+02:00"


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
@pytest.mark.parametrize("k", [10**9, -(10**9), 10**30])
def test_periods_lie_within_the_calendar(grain: str, zone: Any, k: Any) -> None:
    calendar = Calendar(grain, zone=zone)
    with pytest.raises(InvalidValueError, match=r"^k must lead to an instant within years 1 to"):
        calendar.start(k)
    with pytest.raises(InvalidValueError, match=r"^k must lead to an instant within years 1 to"):
        calendar.step(date(2026, 1, 1), k)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_first_and_the_last_days_of_the_calendar_lie_in_periods(zone: Any) -> None:
    for grain in ("hour", "day", "week", "month", "quarter", "year"):
        calendar = Calendar(grain, zone=zone)
        late = calendar.floor(datetime(9999, 12, 31, 12))
        assert datetime(9999, 1, 1).isoformat() <= late.isoformat()
        assert calendar.index(datetime(1, 1, 2, 12)) == calendar.index(datetime(1, 1, 2, 12, 1))


def test_a_week_that_begins_before_the_year_1_has_a_number_and_no_start() -> None:
    calendar = Calendar("week", zone="Europe/Berlin", week_start="sunday")
    first = calendar.index(datetime(1, 1, 6, 12))
    assert calendar.index(datetime(1, 1, 7, 12)) == first + 1
    with pytest.raises(InvalidValueError, match=r"^k must lead"):
        calendar.start(first)


@pytest.mark.parametrize(
    ("zone", "t"),
    [
        ("Asia/Tokyo", datetime.max.replace(tzinfo=UTC)),
        ("America/New_York", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_an_instant_outside_the_years_of_the_zone_is_refused(zone: str, t: datetime) -> None:
    expected = r"^t must be within years 1 to 9999 in the calendar's zone, got "
    with pytest.raises(InvalidValueError, match=expected):
        Calendar("day", zone=zone).index(t)


def test_an_instant_outside_the_years_of_utc_is_refused() -> None:
    with pytest.raises(InvalidValueError, match=r"^t must be within years 1 to 9999 in UTC"):
        Calendar(zone="Europe/Berlin").index(date(1, 1, 1))


@pytest.mark.parametrize("t", ["2026-01-01", 2026, None])
def test_calendars_take_datetimes_and_dates(t: Any) -> None:
    for call in (Calendar().floor, Calendar().index):
        with pytest.raises(InvalidTypeError, match=r"^t must be a datetime or a date"):
            call(t)
    with pytest.raises(InvalidTypeError, match=r"^start must be a datetime or a date"):
        Calendar().step(t, 1)


@pytest.mark.parametrize("k", [1.0, True, "1"])
def test_periods_have_whole_numbers(k: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^k must be a whole number"):
        Calendar().start(k)
    with pytest.raises(InvalidTypeError, match=r"^k must be a whole number"):
        Calendar().step(date(2026, 1, 1), k)


def test_a_calendar_says_what_it_does_not_know() -> None:
    with pytest.raises(UnknownNameError, match=r"^grain must be one of 'hour', 'day', 'week'"):
        Calendar("fortnight")
    with pytest.raises(UnknownNameError, match=r"^week_start .* did you mean 'monday'"):
        Calendar(week_start="Monday")
    with pytest.raises(InvalidValueError, match=r"^year_start must be at most 12, got 13"):
        Calendar(year_start=13)
    with pytest.raises(InvalidValueError, match=r"^year_start must be at least 1, got 0"):
        Calendar(year_start=0)


@pytest.mark.parametrize("zone", ["Europe/Berlinn", "../etc/passwd", "Europe", "a\0b", " "])
def test_a_zone_is_one_that_is_installed(zone: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^zone must be "):
        Calendar(zone=zone)


@pytest.mark.parametrize("zone", [None, 1, timedelta(hours=1)])
def test_a_zone_is_a_name_or_a_tzinfo(zone: Any) -> None:
    with pytest.raises(
        InvalidTypeError, match=r"^zone must be the name of a time zone, or a tzinfo"
    ):
        Calendar(zone=zone)


def test_a_zone_may_be_given_by_name_or_as_an_object() -> None:
    assert Calendar(zone="Europe/Berlin").tz is BERLIN
    assert Calendar(zone=BERLIN).tz is BERLIN
    assert Calendar().tz is UTC
    assert isinstance(Calendar(zone="Asia/Tokyo").tz, tzinfo)


def test_a_calendar_shows_what_differs_from_its_defaults() -> None:
    assert repr(Calendar()) == "Calendar()"
    week = Calendar("week", zone="Asia/Tokyo", week_start="sunday")
    assert repr(week) == "Calendar(grain='week', zone='Asia/Tokyo', week_start='sunday')"
    assert eval(repr(week)) == week  # noqa: S307


def test_calendars_are_frozen_values() -> None:
    calendar = Calendar("week", zone="Asia/Tokyo")
    calendar.floor(date(2026, 1, 1))
    assert pickle.loads(pickle.dumps(calendar)) == calendar  # noqa: S301
    assert {calendar, Calendar("week", zone="Asia/Tokyo")} == {calendar}
    with pytest.raises(AttributeError):
        calendar.grain = "day"


# Window


def test_a_window_keeps_instants_and_the_midnights_of_dates() -> None:
    window = Window(date(2026, 1, 1), datetime(2026, 7, 1, 12))
    assert window == Window(datetime(2026, 1, 1), datetime(2026, 7, 1, 12))
    assert (window.start, window.end) == (datetime(2026, 1, 1), datetime(2026, 7, 1, 12))


@pytest.mark.parametrize("start", [date(2026, 1, 2), date(2026, 1, 3), datetime(2026, 1, 2)])
def test_a_window_ends_after_its_start(start: date) -> None:
    with pytest.raises(InvalidValueError, match=r"^end must be after start, 2026-01-0"):
        Window(start, date(2026, 1, 2))


def test_the_edges_of_a_window_are_ordered_as_instants() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN)
    second = first.replace(fold=1)
    assert Window(first, second).end.fold == 1
    with pytest.raises(InvalidValueError, match=r"^end must be after start"):
        Window(second, first)


@pytest.mark.parametrize("edge", [date(2026, 1, 1), datetime(2026, 1, 1)])
def test_the_edges_of_a_window_both_have_a_zone_or_neither(edge: Any) -> None:
    with pytest.raises(MixedInstantsError, match=r"^start and end must both have a time zone or"):
        Window(edge, datetime(2027, 1, 1, tzinfo=UTC))
    with pytest.raises(MixedInstantsError, match=r"^start and end must both have a time zone or"):
        Window(datetime(2025, 1, 1, tzinfo=UTC), edge)


@pytest.mark.parametrize("edge", ["2026-01-01", 2026, None])
def test_the_edges_of_a_window_are_datetimes_or_dates(edge: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^start must be a datetime or a date"):
        Window(edge, date(2026, 1, 1))
    with pytest.raises(InvalidTypeError, match=r"^end must be a datetime or a date"):
        Window(date(2026, 1, 1), edge)


def test_windows_are_frozen_values() -> None:
    window = Window(date(2026, 1, 1), date(2026, 2, 1))
    assert pickle.loads(pickle.dumps(window)) == window  # noqa: S301
    assert len({window, Window(datetime(2026, 1, 1), date(2026, 2, 1))}) == 1
    with pytest.raises(AttributeError):
        window.end = None


def test_the_starts_of_a_window_are_those_of_the_periods_that_begin_in_it() -> None:
    starts = Calendar("quarter").starts(Window(date(2026, 1, 1), date(2026, 7, 1)))
    assert starts == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    longer = Calendar("quarter").starts(Window(date(2026, 1, 1), date(2026, 7, 2)))
    assert longer == (*starts, datetime(2026, 7, 1, tzinfo=UTC))


def test_starts_are_in_utc_and_each_period_has_one() -> None:
    window = Window(date(2011, 12, 29), date(2012, 1, 1))
    starts = Calendar("day", zone="Pacific/Apia").starts(window)
    assert [start.isoformat() for start in starts] == [
        "2011-12-29T10:00:00+00:00",
        "2011-12-30T10:00:00+00:00",
        "2011-12-30T10:00:00+00:00",
    ]


def test_the_hours_that_repeat_have_two_starts() -> None:
    window = Window(datetime(2026, 10, 25, 2, fold=1), datetime(2026, 10, 25, 3))
    starts = Calendar("hour", zone="Europe/Berlin").starts(window)
    assert starts == (datetime(2026, 10, 25, 1, tzinfo=UTC),)


def test_the_last_period_of_the_calendar_has_a_start() -> None:
    window = Window(date(9998, 1, 1), datetime(9999, 12, 31, 23, 59))
    assert [start.year for start in Calendar("year").starts(window)] == [9998, 9999]


def test_a_window_begins_where_a_period_begins() -> None:
    window = Window(date(2026, 1, 15), date(2026, 3, 1))
    with pytest.raises(InvalidValueError) as raised:
        Calendar("month", zone="Europe/Berlin").starts(window)
    assert str(raised.value) == (
        "window.start must be at the start of a month, such as 2026-01-01T00:00:00+01:00, "
        "got 2026-01-15 00:00:00"
    )


def test_a_window_that_begins_before_the_first_start_is_refused() -> None:
    calendar = Calendar("week", zone="Europe/Berlin", week_start="sunday")
    with pytest.raises(InvalidValueError, match=r"^k must lead to an instant within years 1 to"):
        calendar.starts(Window(datetime(1, 1, 6, 12), date(1, 3, 1)))


# Units, wherever they are taken


@pytest.mark.parametrize("unit", DAILY)
def test_a_unit_of_days_is_taken_wherever_one_is(unit: str) -> None:
    mean_days = UNITS[unit].mean / timedelta(days=1)
    assert clv.Discount(0.1, per=unit).for_period(unit) == pytest.approx(0.1)
    assert dwell(until=unit).length == Until(unit)
    per_month = revenue.normalise(Decimal(1), every=unit)
    assert float(per_month) == pytest.approx(30.436875 / mean_days)
    model = models.BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit=unit)
    year = model.expected_purchases(Period(years=1))
    assert year == model.expected_purchases(UNITS[unit].per(UNITS["year"]))
    bought = [("ann", date(2026, 1, day), 5) for day in (1, 29)]
    (row,) = rfm.summary(bought, until=date(2026, 1, 29), unit=unit).rows
    assert row.recency == pytest.approx(28 / mean_days)
    text = json.dumps(codec.definition_schema())
    assert f'"{unit}"' in text.partition('"until"')[2].partition("]")[0]


def test_no_unit_of_days_is_accepted_elsewhere_and_missing_here() -> None:
    enum = json.dumps(codec.definition_schema()).partition('"until": {"enum": ')[2]
    assert tuple(json.loads(enum.partition("}")[0])) == DAILY
    for name in ("hour", "half_year", "fortnight"):
        with pytest.raises(UnknownNameError, match=r"^per must be one of 'year', 'quarter'"):
            clv.Discount(0.1, per=name)
        with pytest.raises(UnknownNameError, match=r"^until must be one of 'day', 'week'"):
            dwell(until=name)
