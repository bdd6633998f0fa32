# ruff: noqa: DTZ001  (naive datetimes are half of what is tested)
"""Laws of lengths, calendars and windows, over real zones and the whole calendar."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, example, given
from hypothesis import strategies as st

from lifecycle.periods import Calendar, Period, Until, Window

GRAINS = ("hour", "day", "week", "month", "quarter", "year")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ZONES = (
    "UTC",
    "Africa/Cairo",
    "Africa/Monrovia",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Toronto",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Kwajalein",
)

zones = st.sampled_from([ZoneInfo(zone) for zone in ZONES])
calendars = st.builds(
    Calendar,
    grain=st.sampled_from(GRAINS),
    zone=st.sampled_from(ZONES),
    week_start=st.sampled_from(WEEKDAYS),
    year_start=st.integers(1, 12),
)
# Near the present, where the clocks change twice a year, and anywhere in the calendar.
naive = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)) | st.datetimes(
    datetime(2, 1, 1), datetime(9998, 1, 1)
)
instants = st.builds(lambda t, zone: t.replace(tzinfo=UTC).astimezone(zone), naive, zones)
lengths = st.builds(lambda us: Period(seconds=us / 10**6), st.integers(1, 10**14))
months = st.builds(Period, months=st.integers(1, 1200))
periods = lengths | months


def utc(t: datetime) -> datetime:
    return t.astimezone(UTC)


def exists(t: datetime) -> bool:
    return t.isoformat() == utc(t).astimezone(t.tzinfo).isoformat()


@given(periods)
def test_a_period_can_be_pasted_back(period: Period) -> None:
    """`eval(repr(x)) == x`, and the units make the period again."""
    assert eval(repr(period)) == period  # noqa: S307
    assert Period(**period.units()) == period


@given(lengths, instants)
def test_elapsed_time_is_counted_on_the_instant(period: Period, t: datetime) -> None:
    """A length of weeks to seconds is elapsed time, whatever the clocks do meanwhile."""
    after, before = period.after(t), period.before(t)
    assume(after and before)
    assert utc(after) - utc(t) == period.length == utc(t) - utc(before)


@given(months, naive)
def test_months_keep_the_day_or_end_with_the_month(period: Period, t: datetime) -> None:
    """31 January + 1 month is 28 or 29 February; the time of the day stays."""
    after = period.after(t)
    assume(after)
    assert 12 * (after.year - t.year) + after.month - t.month == period.months
    assert after.time() == t.time()
    assert after.day == t.day or (after.day < t.day and (after + timedelta(1)).month != after.month)


@given(periods | st.builds(Until, st.sampled_from(GRAINS[1:])), instants)
@example(Until("day"), datetime(2009, 10, 31, 23, 30, fold=1, tzinfo=ZoneInfo("America/St_Johns")))
def test_a_deadline_is_later_and_exists(length: Period | Until, t: datetime) -> None:
    """A deadline lies after what it counts from, in its zone, at a local time that exists."""
    after = length.after(t)
    assume(after)
    assert utc(after) > utc(t)
    assert after.tzinfo is t.tzinfo
    assert exists(after)


@given(periods, instants, instants)
def test_a_later_start_never_has_an_earlier_deadline_in_utc(
    period: Period, s: datetime, t: datetime
) -> None:
    """In a zone whose clocks do not change, lengths keep the order of instants."""
    s, t = sorted((utc(s), utc(t)))
    first, second = period.after(s), period.after(t)
    assume(first and second)
    assert first <= second


@given(calendars, instants)
@example(Calendar("day", zone="America/Toronto"), datetime(1919, 3, 31, 4, 45, tzinfo=UTC))
@example(Calendar("day", zone="America/St_Johns"), datetime(2009, 11, 1, 3, 0, tzinfo=UTC))
@example(Calendar("day", zone="Pacific/Apia"), datetime(2011, 12, 30, 10, tzinfo=UTC))
@example(Calendar("day", zone="Pacific/Kwajalein"), datetime(1969, 9, 30, 20, tzinfo=UTC))
@example(Calendar("day", zone="America/Sao_Paulo"), datetime(2018, 11, 4, 3, tzinfo=UTC))
@example(Calendar("month", zone="Africa/Cairo"), datetime(2010, 9, 30, 21, tzinfo=UTC))
def test_an_instant_lies_within_its_period(calendar: Calendar, t: datetime) -> None:
    """`floor(t) <= t < start(index(t) + 1)`, and `floor(t) == start(index(t))`."""
    k = calendar.index(t)
    assert calendar.floor(t).isoformat() == calendar.start(k).isoformat()
    assert utc(calendar.start(k)) <= utc(t) < utc(calendar.start(k + 1))


@given(calendars, instants)
def test_results_are_local_times_of_the_zone_that_exist(calendar: Calendar, t: datetime) -> None:
    """A calendar answers in its zone, and never with a local time that was skipped."""
    for found in (calendar.floor(t), calendar.step(t, 1), calendar.step(t, -1)):
        assert found.tzinfo is calendar.tz
        assert exists(found)


@given(calendars, instants, instants)
def test_a_later_instant_never_has_a_smaller_number(
    calendar: Calendar, s: datetime, t: datetime
) -> None:
    """The number of the period is monotone in the instant."""
    s, t = sorted((utc(s), utc(t)))
    assert calendar.index(s) <= calendar.index(t)


@given(calendars, st.integers(-10_000, 10_000))
def test_a_start_lies_in_its_own_period(calendar: Calendar, k: int) -> None:
    """`index(start(k)) == k`, but for a day that was skipped with its date."""
    assume(calendar.grain != "year" or abs(k) < 1900)
    assume(calendar.grain != "quarter" or abs(k) < 7600)
    start = calendar.start(k)
    skipped = utc(start) == utc(calendar.start(k + 1))
    assert calendar.index(start) == k + skipped


@given(calendars, instants)
def test_a_naive_instant_is_the_local_time(calendar: Calendar, t: datetime) -> None:
    """A naive datetime is wall-clock time in the zone, and a date its midnight."""
    local = t.astimezone(calendar.tz)
    naive_local = local.replace(tzinfo=None)
    assert calendar.index(naive_local) == calendar.index(local)
    midnight = naive_local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    assert calendar.index(local.date()) == calendar.index(midnight)


@given(calendars, instants, st.integers(-300, 300))
def test_periods_are_stepped_from_the_first_one(calendar: Calendar, t: datetime, k: int) -> None:
    """`start(i + k)` lies k steps from `start(i)`, where the clocks kept that start on time."""
    i = calendar.index(t)
    start = calendar.start(i)
    assume(calendar.grain == "hour" or (start.hour, start.minute) == (0, 0))
    assume(1 < start.year + k < 9999)
    assert utc(calendar.step(start, k)) == utc(calendar.start(i + k))


@given(instants, st.integers(-1000, 1000))
def test_an_hour_is_60_elapsed_minutes(t: datetime, k: int) -> None:
    """Hours are 60 minutes everywhere, and so are their steps."""
    calendar = Calendar("hour", zone=t.tzinfo)
    assert utc(calendar.step(t, k)) - utc(t) == timedelta(hours=k)
    i = calendar.index(t)
    assert utc(calendar.start(i + 1)) - utc(calendar.start(i)) == timedelta(hours=1)


@given(st.sampled_from(GRAINS[1:]), instants)
def test_until_is_where_the_calendar_begins_anew(grain: str, t: datetime) -> None:
    """`Until` is the start of the calendar's next period, in the instant's own zone."""
    calendar = Calendar(grain, zone=t.tzinfo)
    assert Until(grain).after(t) == calendar.start(calendar.index(t) + 1)


@given(calendars, instants, st.integers(1, 40), instants)
def test_bisecting_the_starts_finds_the_period(
    calendar: Calendar, t: datetime, count: int, other: datetime
) -> None:
    """The starts are ascending, one for each period, and bisecting them is `index`."""
    first = calendar.index(t)
    window = Window(calendar.start(first), calendar.start(first + count))
    starts = calendar.starts(window)
    assert all(earlier <= later for earlier, later in pairwise(starts))
    assert len(starts) <= count
    for instant in (t, other):
        if utc(window.start) <= utc(instant) < utc(window.end):
            assert first + bisect_right(starts, instant) - 1 == calendar.index(instant)


# Periods that are given by their starts

edges = st.lists(naive, min_size=2, max_size=9, unique=True).map(sorted)


@given(edges, st.sampled_from(ZONES), st.data())
def test_a_given_period_lasts_from_its_start_to_the_next(
    starts: list[datetime], zone: str, data: st.DataObject
) -> None:
    """index(t) is the largest k with start(k) <= t, for every t from the first to the last."""
    in_utc = [start.replace(tzinfo=UTC) for start in starts]
    calendar = Calendar.custom(in_utc, zone=zone)
    assert [utc(calendar.start(k)) for k in range(len(starts))] == in_utc
    t = data.draw(st.sampled_from(in_utc) | st.datetimes(starts[0], starts[-1]))
    t = t.replace(tzinfo=UTC)
    assume(t < in_utc[-1])
    assert calendar.index(t) == bisect_right(in_utc, t) - 1
    assert utc(calendar.floor(t)) <= t
    assert calendar.starts(Window(in_utc[0], in_utc[-1])) == tuple(in_utc[:-1])


@given(edges, st.sampled_from(ZONES), st.data())
def test_a_step_leads_from_one_given_period_into_another(
    starts: list[datetime], zone: str, data: st.DataObject
) -> None:
    """A step by k leads k periods on, and one by 0 nowhere."""
    calendar = Calendar.custom([start.replace(tzinfo=UTC) for start in starts], zone=zone)
    t = data.draw(st.datetimes(starts[0], starts[-1])).replace(tzinfo=UTC)
    assume(t < utc(calendar.start(len(starts) - 1)))
    own, other = calendar.index(t), data.draw(st.integers(0, len(starts) - 2))
    assert calendar.index(calendar.step(t, other - own)) == other
    assert calendar.step(t, 0) == t


@given(calendars, instants, st.integers(2, 30), st.data())
def test_periods_given_by_the_starts_of_named_ones_are_those(
    calendar: Calendar, t: datetime, n: int, data: st.DataObject
) -> None:
    """The starts of n periods of a named grain make a calendar with the same periods."""
    first = calendar.index(t)
    starts = [calendar.start(first + k) for k in range(n + 1)]
    assume(len(set(map(utc, starts))) == n + 1)  # no period was skipped
    own = Calendar.custom(starts, zone=calendar.zone)
    inside = data.draw(
        st.integers(0, (utc(starts[-1]) - utc(starts[0])) // timedelta(minutes=1) - 1)
    )
    moment = utc(starts[0]) + timedelta(minutes=inside)
    assert own.index(moment) == calendar.index(moment) - first
    assert own.floor(moment) == calendar.floor(moment)
    assert own == Calendar.custom(map(utc, starts), zone=calendar.zone)
