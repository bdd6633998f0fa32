"""Units of time, lengths, calendars and windows: all calendar work of the library.

Clock changes make three kinds of arithmetic differ, and each has its place here.
*Elapsed* time is added to the instant in UTC. *Calendar* steps (months, and the days
and weeks of a `Calendar`) are added to the local time. And a *calendar period* is
the stretch of instants between two local times, however long it lasts.

A local time that the clocks skip, or show twice, is read with `fold=0` (PEP 495), as the
clocks stood before the change: 02:30 in a skipped hour means 03:30, and 02:30 in a
repeated hour means the first one. Every result is a local time that exists.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from typing import Any

import attrs
from dateutil.relativedelta import relativedelta

from lifecycle import _checks, _inputs
from lifecycle._cuts import ByEdges, ByMonths, ByTime, Cut
from lifecycle._lengths import UNITS, Period
from lifecycle._values import call, shown
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError

__all__ = ["Calendar", "Period", "Until", "Window"]

GRAINS = tuple(name for name, unit in UNITS.items() if unit.is_grain)
"""The units by which a named calendar is cut."""

DAILY = tuple(grain for grain in GRAINS if grain != "hour")
"""The grains whose periods begin with a day."""

ELAPSED = {name: unit.step for name, unit in UNITS.items() if isinstance(unit.step, timedelta)}
"""How long the units of elapsed time are."""

DAYS = {grain: UNITS[grain].mean / timedelta(days=1) for grain in DAILY}
"""How many days a unit of the models has, on the mean of the Gregorian calendar."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _until_grain(value: str) -> str:
    return _checks.choice("until", value, DAILY)


def _week_start(value: str) -> str:
    return _checks.choice("week_start", value, WEEKDAYS)


def _year_start(value: int) -> int:
    month = _checks.whole("year_start", value, least=1)
    if month > 12:  # noqa: PLR2004  (the months of a year)
        raise InvalidValueError("year_start", value, "be at most 12")
    return month


def _zone_name(value: str | None) -> str | None:
    if value is None:
        return None
    name = _checks.name("zone", value)
    _checks.zone_named("zone", name)  # an unknown one raises
    return name


@attrs.frozen(repr=False, weakref_slot=False)
class Until:
    """A calendar period as a length: what is left of it, or what has passed of it.

    `dwell(until=Until("year"))` waits until the year ends; `within=Until("year")` reads what
    has happened since it began, its first instant included.

    Args:
        grain: "day", "week", "month", "quarter" or "year".
        year_start: The month, 1 to 12, in which years begin, and from which quarters count.
        week_start: The day on which weeks begin, in lower case.
        zone: The name of the time zone in which periods begin and end, for instants in any
            zone; by default each instant's own.

    Raises:
        UnknownNameError: `grain` or `week_start` is none of those known.
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `year_start` is outside 1 to 12, or no such zone is installed.

    Examples:
        >>> Until("year")
        Until('year')
        >>> Until("year", year_start=4)
        Until('year', year_start=4)
    """

    grain: str = attrs.field(converter=_until_grain)
    year_start: int = attrs.field(default=1, kw_only=True, converter=_year_start)
    week_start: str = attrs.field(default="monday", kw_only=True, converter=_week_start)
    zone: str | None = attrs.field(default=None, kw_only=True, converter=_zone_name)

    def __attrs_post_init__(self) -> None:
        if self.grain not in {"quarter", "year"}:
            object.__setattr__(self, "year_start", 1)  # where it makes no difference
        if self.grain != "week":
            object.__setattr__(self, "week_start", "monday")

    def __repr__(self) -> str:
        return call(self, "grain")

    @property
    def longest(self) -> timedelta:
        """How long the period can last at most, a change of the clocks included."""
        return UNITS[self.grain].longest + timedelta(days=1)

    def after(self, t: datetime) -> datetime | None:
        """Return the end of the calendar period that contains an instant.

        Args:
            t: The instant, naive or aware.

        Returns:
            The first instant of the next period, in the zone of `t` and later than `t`,
            or None where it is past `datetime.max`.

        Raises:
            InvalidTypeError: `t` is not a datetime.
            InvalidValueError: `t` does not know its offset from UTC, or has no instant there.

        Examples:
            >>> from datetime import datetime
            >>> Until("quarter").after(datetime(2026, 5, 17, 9, 30))
            datetime.datetime(2026, 7, 1, 0, 0)
        """
        return self._edge(t, 1)

    def start(self, t: datetime) -> datetime | None:
        """Return the start of the calendar period in which an instant lies.

        Args:
            t: The instant, naive or aware.

        Returns:
            The first instant of the period, in the zone of `t` and not later than `t`, or
            None where it lies before `datetime.min`.

        Raises:
            InvalidTypeError: `t` is not a datetime.
            InvalidValueError: `t` does not know its offset from UTC, or has no instant there.

        Examples:
            >>> from datetime import datetime
            >>> Until("year", year_start=4).start(datetime(2026, 3, 31))
            datetime.datetime(2025, 4, 1, 0, 0)
        """
        return self._edge(t, 0)

    def _edge(self, t: datetime, periods: int) -> datetime | None:
        """Return the first instant of the period of `t`, or of one so many after it."""
        t = _checks.instant("t", t)
        calendar = self._calendar(t.tzinfo)
        number = calendar.index(t)
        try:
            edge = calendar.start(number + periods)
            if self.zone is None or t.tzinfo is None:
                return edge.replace(tzinfo=t.tzinfo)
            return edge.astimezone(t.tzinfo)
        except (InvalidValueError, OverflowError):
            return None

    def _calendar(self, zone: tzinfo | None) -> "Calendar":
        return self._fixed or self._calendar_in(zone or UTC)

    @cached_property
    def _fixed(self) -> "Calendar | None":
        return None if self.zone is None else self._calendar_in(self.zone)

    def _calendar_in(self, zone: str | tzinfo) -> "Calendar":
        return Calendar(
            self.grain, zone=zone, week_start=self.week_start, year_start=self.year_start
        )


def as_until(argument: str, value: object) -> Until:
    """Return a calendar period, given by its name, as an `Until` or as a `Calendar`."""
    if isinstance(value, Until):
        return value
    if not isinstance(value, Calendar):
        if not isinstance(value, str):
            expected = "be the name of a calendar period, an Until or a Calendar"
            raise InvalidTypeError(argument, value, expected)
        return Until(_checks.choice(argument, value, DAILY))
    return Until(
        _checks.choice(f"{argument}.grain", value.grain, DAILY),
        year_start=value.year_start,
        week_start=value.week_start,
        zone=_name_of(argument, value),
    )


def _name_of(argument: str, calendar: "Calendar") -> str:
    """Return the name of the zone of a calendar, which data can hold."""
    name = calendar.zone if isinstance(calendar.zone, str) else str(calendar.zone)
    try:
        return _zone_name(name) or name
    except InvalidValueError:
        expected = "have a zone with a name, such as 'Europe/Berlin'"
        raise InvalidValueError(f"{argument}.zone", calendar.zone, expected) from None


def _grain(value: str) -> str:
    return _checks.choice("grain", value, GRAINS)


def _zone(value: str | tzinfo) -> str | tzinfo:
    if isinstance(value, tzinfo):
        return _checks.zone("zone", value)
    if not isinstance(value, str):
        raise InvalidTypeError("zone", value, "be the name of a time zone, or a tzinfo")
    return _checks.name("zone", value)


@attrs.frozen(repr=False, weakref_slot=False)
class Calendar:
    """Periods of one grain, such as months, in a time zone.

    `Calendar.custom` makes one of periods that are given by their starts. Periods have whole
    numbers; number 0 is the period in which 1970-01-01 begins (for hours,
    begins in standard time). A naive instant is the local time of the zone, a `date` is its
    midnight, and an aware instant is itself; results are aware, in the zone.

    Args:
        grain: "hour", "day", "week", "month", "quarter" or "year".
        zone: The name of a time zone, such as "Europe/Berlin", or a `tzinfo`; one of pytz
            becomes that of zoneinfo with its name.
        week_start: The day on which weeks begin, in lower case.
        year_start: The month, 1 to 12, in which years begin, and from which quarters count.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: No such zone is installed, or `year_start` is outside 1 to 12.
        UnknownNameError: `grain` or `week_start` is not one of those listed.

    Convention:
        Days, weeks, months, quarters and years begin at local midnight, so that a day can
        have 23 or 25 hours. An hour always has 60 minutes: hours begin on the whole hours
        of the zone's standard time (of the year 2100, as far as is known), in Asia/Kolkata
        30 minutes past those of UTC; a summer time of half an hour does not move them.

    Examples:
        >>> from datetime import date
        >>> fiscal = Calendar("year", zone="America/New_York", year_start=4)
        >>> fiscal
        Calendar(grain='year', zone='America/New_York', year_start=4)
        >>> fiscal.floor(date(2026, 3, 31)).isoformat()
        '2025-04-01T00:00:00-04:00'
    """

    grain: str = attrs.field(default="month", converter=_grain)
    zone: str | tzinfo = attrs.field(default="UTC", converter=_zone, kw_only=True)
    week_start: str = attrs.field(default="monday", converter=_week_start, kw_only=True)
    year_start: int = attrs.field(default=1, converter=_year_start, kw_only=True)
    _edges: tuple[datetime, ...] = attrs.field(default=(), init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _ = self.tz  # an unknown zone raises here

    def __repr__(self) -> str:
        if not self._edges:
            return call(self)
        zone = "" if self.zone == "UTC" else f", zone={self.zone!r}"
        return f"Calendar.custom({shown(self._local_edges())}{zone})"

    @classmethod
    def custom(cls, starts: Iterable[datetime | date], *, zone: str | tzinfo = "UTC") -> "Calendar":
        """Return a calendar of custom periods: 4-4-5 weeks, half-years, business periods.

        Its grain is "period", and period 0 begins with the first start.

        Args:
            starts: Where periods begin, ascending, two or more: dates for midnight in the
                zone, or instants. The last one ends the last period, and begins none.
            zone: The name of a time zone, or a `tzinfo`.

        Raises:
            InvalidTypeError: A start is neither a datetime nor a date.
            InvalidValueError: There are fewer than two starts, or one is not after the one
                before.
            MixedInstantsError: Some starts have a time zone, and others are dates or have
                none.

        Convention:
            An instant outside the periods raises. Figures that compare a period with the one
            before need that one too: begin the starts a period earlier than the window.

        Examples:
            >>> from datetime import date, timedelta
            >>> weeks, starts = (4, 4, 5) * 4, [date(2026, 2, 1)]
            >>> for n in weeks:
            ...     starts.append(starts[-1] + timedelta(weeks=n))
            >>> retail = Calendar.custom(starts, zone="America/New_York")
            >>> retail.index(date(2026, 3, 1)), retail.floor(date(2026, 4, 30)).isoformat()
            (1, '2026-03-29T00:00:00-04:00')
        """
        found = cls("day", zone=zone)
        edges = _edges_of(found, starts)
        object.__setattr__(found, "grain", "period")
        object.__setattr__(found, "_edges", edges)
        return found

    @cached_property
    def tz(self) -> tzinfo:
        """The zone as a `tzinfo`."""
        if isinstance(self.zone, tzinfo):
            return self.zone
        return _checks.zone_named("zone", self.zone)

    def floor(self, t: datetime | date) -> datetime:
        """Return the first instant of the period that contains an instant.

        Args:
            t: The instant.

        Returns:
            `start(index(t))`: at or before `t`.

        Raises:
            InvalidTypeError: `t` is neither a datetime nor a date.
            InvalidValueError: The period begins outside years 1 to 9999.

        Examples:
            >>> from datetime import datetime
            >>> Calendar("week").floor(datetime(2026, 1, 1, 12, 30)).isoformat()
            '2025-12-29T00:00:00+00:00'
        """
        return self.start(self.index(t))

    def index(self, t: datetime | date) -> int:
        """Return the number of the period that contains an instant.

        Where a clock goes back over midnight, the next day begins at the first midnight,
        and what follows belongs to it, though the local date is the old one again.

        Args:
            t: The instant.

        Returns:
            The largest k with `start(k) <= t`; a later instant never has a smaller one.

        Raises:
            InvalidTypeError: `t` is neither a datetime nor a date.
            InvalidValueError: `t` is outside years 1 to 9999 in UTC, or in the zone; or in no
                period of a custom calendar.

        Examples:
            >>> from datetime import date
            >>> Calendar("month").index(date(1971, 2, 14))
            13
        """
        return self._cut.index("t", t, self._moment("t", t))

    def start(self, k: int) -> datetime:
        """Return the first instant of a period.

        Args:
            k: The number of the period, as `index` gives it.

        Returns:
            The instant at which the period begins, where that of `k - 1` ends.

        Raises:
            InvalidTypeError: `k` is not a whole number.
            InvalidValueError: The period begins outside years 1 to 9999; or a custom calendar
                has neither it nor the one before.

        Examples:
            >>> Calendar("quarter", zone="Asia/Tokyo").start(1).isoformat()
            '1970-04-01T00:00:00+09:00'
        """
        return self._cut.start(_checks.whole("k", k)).astimezone(self.tz)

    def step(self, start: datetime | date, k: int) -> datetime:
        """Return the instant that is k calendar steps from an anchor.

        The step is taken once, from the anchor, on the local time: days and weeks keep the
        time of the day, months also the day of the month, cut to the month's last. Hours
        are 60 minutes that pass. Periods of a custom calendar are stepped like months: to as
        many days after a period's start, cut to the period's last day.

        Args:
            start: The anchor: any instant, not only the start of a period.
            k: How many steps; a negative number goes back.

        Returns:
            The instant in the zone; for `k` of 0 the anchor itself.

        Raises:
            InvalidTypeError: `start` is neither a datetime nor a date, or `k` is not whole.
            InvalidValueError: The instant is outside years 1 to 9999, or outside a custom
                calendar.

        Examples:
            >>> from datetime import date
            >>> monthly = Calendar("month")
            >>> [monthly.step(date(2026, 1, 31), k).day for k in range(4)]
            [31, 28, 31, 30]
        """
        anchor = self._moment("start", start)
        steps = _checks.whole("k", k)
        return (self._cut.step(anchor, steps) if steps else anchor).astimezone(self.tz)

    def starts(self, window: "Window") -> tuple[datetime, ...]:
        """Return the starts of the periods that begin within a window, for bisecting.

        The number of the first is `index(window.start)`, and each period has one entry: one
        that was skipped with its date (30 December 2011 in Apia) has that of the next.

        Args:
            window: The window; it begins where a period does.

        Returns:
            The starts, ascending, in UTC: two local times of one zone do not compare rightly
            in an hour that the clocks repeat.

        Raises:
            InvalidValueError: The window begins within a period, or is outside years
                1 to 9999 in UTC.

        Examples:
            >>> from datetime import date
            >>> berlin = Calendar("month", zone="Europe/Berlin")
            >>> [t.isoformat() for t in berlin.starts(Window(date(2026, 3, 1), date(2026, 4, 9)))]
            ['2026-02-28T23:00:00+00:00', '2026-03-31T22:00:00+00:00']
        """
        begin = self._moment("window.start", window.start)
        end = self._moment("window.end", window.end)
        first = self._cut.index("window.start", window.start, begin)
        if not self._begins(begin):
            floor = self.start(first).isoformat()
            expected = f"be at the start of a {self.grain}, such as {floor}"
            raise InvalidValueError("window.start", window.start, expected)
        last = self._cut.last("window.end", window.end, end)
        begins = (_checks.utc(self.start(k)) for k in range(first, last + 1))
        return tuple(start for start in begins if start < end)

    @cached_property
    def _cut(self) -> Cut:
        """How time is cut."""
        if self._edges:
            return ByEdges(self._edges, self.tz)
        step = UNITS[self.grain].step
        if isinstance(step, int):
            return ByMonths(_origin(self), step)
        return ByTime(_origin(self), step)

    def _local_edges(self) -> tuple[datetime | date, ...]:
        """Return the edges as people give them: dates where all are midnights, else local times."""
        local = [edge.astimezone(self.tz).replace(tzinfo=None) for edge in self._edges]
        days = tuple(edge.date() for edge in local)
        read = tuple(self._moment("starts", day) for day in days)
        return days if read == self._edges else tuple(local)

    def _begins(self, at: datetime) -> bool:
        """Say whether a period begins, or the last one ends, at an instant."""
        return self._cut.begins(_checks.utc(at))

    def _number(self, at: datetime) -> int:
        """Return the number of a period; that of the one before the first, or after the last."""
        return self._cut.number(at)

    def _has(self, k: int) -> bool:
        """Say whether there is a period of a number."""
        return self._cut.has(k)

    def _moment(self, argument: str, t: datetime | date) -> datetime:
        """Return the instant in UTC, in which instants compare."""
        local = _local(argument, t)
        if local.tzinfo is None:
            local = local.replace(tzinfo=self.tz)
        try:
            return _checks.utc(local)
        except OverflowError:
            raise InvalidValueError(argument, t, "be within years 1 to 9999 in UTC") from None

    def _last(self, argument: str, until: datetime | date) -> datetime:
        """Return the last instant, in UTC, that `until` includes: a date is its whole day.

        Instants have a resolution of a microsecond, so a day ends one before the next begins.
        """
        if isinstance(until, datetime):
            return self._moment(argument, until)
        midnight = _local(argument, until)
        try:
            return self._moment(argument, midnight + timedelta(days=1)) - timedelta.resolution
        except OverflowError:  # 31 December 9999, which ends in UTC where all time does, or before
            ahead = midnight.replace(tzinfo=self.tz).utcoffset() or timedelta()
            return datetime.max.replace(tzinfo=UTC) - max(ahead, timedelta())

    def _closed(self, last: datetime) -> int:
        """Return the number of the first period that goes on after an instant."""
        try:
            return self._number(last + timedelta.resolution)
        except (InvalidValueError, OverflowError):  # it ends after the year 9999
            return self._number(last)

    def _steps(self, length: Period) -> int | None:
        """Return how many periods a length of time is; None where it is not a whole number."""
        if self.grain not in UNITS:
            return None
        size: Any = UNITS[self.grain].step
        given: Any = length.months if isinstance(size, int) else length.length or timedelta()
        steps, rest = divmod(given, size)
        return int(steps) if steps and not rest else None


def _edges_of(calendar: Calendar, starts: Iterable[datetime | date]) -> tuple[datetime, ...]:
    """Return the starts of a custom calendar in UTC, each after the one before."""
    given = list(_inputs.series("starts", starts))
    local = [_local(f"starts[{i}]", start) for i, start in enumerate(given)]
    for i, start in enumerate(local):
        _checks.same_kind("starts[0]", local[0], f"starts[{i}]", start)
    read = calendar._moment  # noqa: SLF001  (how it reads an instant)
    edges = tuple(read(f"starts[{i}]", start) for i, start in enumerate(given))
    for i, (edge, following) in enumerate(pairwise(edges), 1):
        if following <= edge:
            raise InvalidValueError(
                f"starts[{i}]", given[i], f"be after starts[{i - 1}], {given[i - 1]}"
            )
    if len(edges) < 2:  # noqa: PLR2004  (where the one period begins, and where it ends)
        expected = "hold two starts or more, of which the last ends the last period"
        raise InvalidValueError("starts", given, expected)
    return edges


def _origin(calendar: Calendar) -> datetime:
    """Return the start of period 0, on the clock that is stepped: hours are stepped in UTC."""
    epoch = datetime(1970, 1, 1, tzinfo=calendar.tz)
    return _ORIGINS.get(calendar.grain, _origin_of_months)(calendar, epoch)


def _origin_of_hours(calendar: Calendar, epoch: datetime) -> datetime:
    return epoch.replace(tzinfo=UTC) - _standard_offset(calendar.tz)


def _origin_of_weeks(calendar: Calendar, epoch: datetime) -> datetime:
    return epoch - timedelta((epoch.weekday() - WEEKDAYS.index(calendar.week_start)) % 7)


def _origin_of_months(calendar: Calendar, epoch: datetime) -> datetime:
    size: Any = UNITS[calendar.grain].step
    back = (1 - calendar.year_start) % size
    return epoch - relativedelta(months=back) if back else epoch


_ORIGINS: dict[str, Callable[[Calendar, datetime], datetime]] = {
    "hour": _origin_of_hours,
    "day": lambda _, epoch: epoch,
    "week": _origin_of_weeks,
}


def _standard_offset(zone: tzinfo) -> timedelta:
    far = datetime(2100, 1, 1, tzinfo=zone)
    return (far.utcoffset() or timedelta()) - (far.dst() or timedelta())


def _local(argument: str, t: datetime | date) -> datetime:
    if isinstance(t, datetime):
        return _checks.instant(argument, t)
    if isinstance(t, date):
        return datetime.combine(t, time())
    raise InvalidTypeError(argument, t, "be a datetime or a date")


@attrs.frozen(init=False, weakref_slot=False)
class Window:
    """A half-open interval of time, [start, end): the end is exclusive.

    Args:
        start: The first instant; a `date` is kept as its midnight. Without a time zone it is
            a local time of the calendar that the window is used with.
        end: The end, exclusive; later than `start`.

    Raises:
        InvalidTypeError: An edge is neither a datetime nor a date.
        InvalidValueError: `end` is not after `start`.
        MixedInstantsError: One edge has a time zone, and the other has none or is a date.

    Examples:
        >>> from datetime import date
        >>> year = Window(date(2026, 1, 1), date(2027, 1, 1))
        >>> len(Calendar("month").starts(year))
        12
    """

    start: datetime
    end: datetime

    def __init__(self, start: datetime | date, end: datetime | date) -> None:
        first, last = _local("start", start), _local("end", end)
        if (first.tzinfo is None) is not (last.tzinfo is None):
            raise MixedInstantsError("start", first, "end", last)
        if _checks.utc(last) <= _checks.utc(first):
            raise InvalidValueError("end", end, f"be after start, {start.isoformat()}")
        self.__attrs_init__(first, last)
