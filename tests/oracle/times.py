"""Instants and lengths, worked out with the standard library alone. Numbers are the rules'."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

MONTHS = {"month": 1, "quarter": 3, "year": 12}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def instant(at: datetime) -> datetime:
    """Give what instants are compared by (2)."""
    return at if at.tzinfo is None else at.astimezone(UTC)


def latest(first: datetime, *others: datetime) -> datetime:
    """Give the latest of some instants, of equal ones the first."""
    return max(first, *others, key=instant) if others else first


def earliest(found: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in found if at is not None), key=instant, default=None)


def elapsed(start: datetime, end: datetime) -> timedelta:
    return instant(end) - instant(start)


def local(wall: datetime, zone: tzinfo | None) -> datetime:
    """Give the instant of a local time, read with fold=0, as a local time that exists (3)."""
    if zone is None:
        return wall
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC).astimezone(zone)


def later(at: datetime | None, by: timedelta) -> datetime | None:
    """Give an instant so much elapsed time later, None past the dates (3)."""
    try:
        if at is None or at.tzinfo is None:
            return at and at + by
        return (at.astimezone(UTC) + by).astimezone(at.tzinfo)
    except OverflowError:
        return None


def months_later(at: datetime, months: int) -> datetime | None:
    """Step on the calendar once, in the zone of the instant, cut to the month's last day (3)."""
    year, month = divmod(12 * at.year + at.month - 1 + months, 12)
    try:
        day = min(at.day, monthrange(year, month + 1)[1])
        wall = at.replace(year=year, month=month + 1, day=day, tzinfo=None)
        return local(wall, at.tzinfo)
    except (ValueError, OverflowError):
        return None


def stepped(at: datetime, length: Any, times: int = 1) -> datetime | None:
    """Give the instant some lengths later (earlier: -1), in one step; or when a period ends."""
    if type(length).__name__ == "Until":
        return period_end(length, at)
    if length.length is None:
        return months_later(at, length.months * times)
    return later(at, length.length * times)


# Calendar periods


def label(until: Any, at: datetime, now: datetime) -> tuple[int, ...]:
    """Name the calendar period of an instant, on the clock of another one."""
    zone = now.tzinfo if until.zone is None else ZoneInfo(until.zone)
    day = (at if at.tzinfo is None else at.astimezone(zone)).date()
    return numbered(until, day)


def numbered(until: Any, day: date) -> tuple[int, ...]:
    """Number the calendar period of a day."""
    if until.grain == "day":
        return (day.toordinal(),)
    if until.grain == "week":
        first = WEEKDAYS.index(until.week_start)
        return ((day.toordinal() - 1 - first) // 7,)  # day 1 was a Monday
    return ((12 * day.year + day.month - until.year_start) // MONTHS[until.grain],)


def period_end(until: Any, at: datetime) -> datetime | None:
    """Give the first instant after the calendar period of an instant, day by day."""
    zone = at.tzinfo if until.zone is None or at.tzinfo is None else ZoneInfo(until.zone)
    day = (at if zone is None else at.astimezone(zone)).date()
    now = numbered(until, day)
    try:
        while numbered(until, day) == now:
            day += timedelta(days=1)
        return local(datetime.combine(day, time()), zone)
    except OverflowError:
        return None


def is_within(period: Any, at: datetime, now: datetime) -> bool:
    """Say whether a window that ends now holds an instant (11)."""
    if type(period).__name__ == "Until":
        return label(period, at, now) == label(period, now, now)
    if period is None or (start := stepped(now, period, -1)) is None:
        return True
    return instant(at) > instant(start)


def leaves(within: Any, at: datetime, clock: datetime) -> datetime | None:
    """Give the first instant at which a window holds one no longer, on the clock of another."""
    there = at if clock.tzinfo is None else at.astimezone(clock.tzinfo)
    end = stepped(there, within)
    halves = 0
    while end is not None and is_within(within, at, end):  # a month that reaches further back
        halves += 1
        end = whole_half_hour(stepped(there, within), halves)
    return end


def whole_half_hour(at: datetime, number: int) -> datetime:
    """Give the first full or half hour after an instant, the second and so on."""
    into = timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)
    found = instant(at) - into + number * timedelta(minutes=30)
    return found if at.tzinfo is None else found.astimezone(at.tzinfo)
