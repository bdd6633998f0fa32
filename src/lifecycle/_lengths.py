"""Units of time, and lengths: elapsed, or on the calendar.

These are all that most definitions need; `periods` has calendars, and is loaded with the first.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

import attrs
from dateutil.relativedelta import relativedelta

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "UNITS",
    "Length",
    "Period",
    "Unit",
    "after",
    "as_period",
    "before",
    "fixed_length",
    "length",
    "mean",
]

_MOST_MONTHS = 12 * 9999

_YEAR = timedelta(days=365.2425)
"""The mean year of the Gregorian calendar, a whole number of seconds; so is a twelfth of it."""


class Unit(NamedTuple):
    """A unit of time: elapsed, or on the calendar.

    Attributes:
        step: The elapsed time, or the number of calendar months.
        most_days: How many days it has at most, where it is one of months.
        is_grain: Whether a `Calendar` has periods of this unit.
    """

    step: timedelta | int
    most_days: int = 0
    is_grain: bool = True

    @property
    def mean(self) -> timedelta:
        """How long it is on the mean of the Gregorian calendar."""
        return self.step if isinstance(self.step, timedelta) else _YEAR * self.step / 12

    @property
    def longest(self) -> timedelta:
        """How long it is at most, where no clock changes."""
        return self.step if isinstance(self.step, timedelta) else timedelta(days=self.most_days)

    @property
    def period(self) -> "Period":
        """One of it, as a length."""
        if isinstance(self.step, timedelta):
            return as_period("step", self.step)
        return Period(months=self.step)

    def per(self, other: "Unit") -> float:
        """Return how many of it make another unit."""
        return other.mean / self.mean


UNITS: dict[str, Unit] = {
    "hour": Unit(timedelta(hours=1)),
    "day": Unit(timedelta(days=1)),
    "week": Unit(timedelta(weeks=1)),
    "month": Unit(1, 31),
    "quarter": Unit(3, 92),
    "half_year": Unit(6, 184, is_grain=False),
    "year": Unit(12, 366),
}
"""All units of time that have a name, from the shortest on."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Period:
    """A length of time: elapsed (weeks to seconds) or on the calendar (months and years).

    Args:
        weeks: Weeks of 7 days; 0 or more, fractions allowed.
        days: Days of exactly 24 hours, also where the clocks change; 0 or more.
        hours: Hours of 60 minutes; 0 or more.
        minutes: Minutes of 60 seconds; 0 or more.
        seconds: Seconds, rounded to the microsecond; 0 or more.
        months: Calendar months; a whole number, 0 or more.
        years: Calendar years of 12 months; a whole number, 0 or more.

    Attributes:
        length: The elapsed time, or None for a calendar length.
        months: The calendar length in months, 0 for elapsed time.

    Raises:
        InvalidTypeError: A length is not a number, or months or years are not whole.
        InvalidValueError: A length is negative, NaN or infinite; all are zero; both
            kinds are given; or the sum is beyond what a `timedelta` or the calendar holds.

    Convention:
        A month is a step on the calendar and has no length of its own. Where others take
        30 days, or 365.2425 / 12, write that: `Period(days=30)`.

    Examples:
        >>> Period(weeks=2)
        Period(days=14)
        >>> Period(years=1) == Period(months=12)
        True
        >>> Period(hours=1.5).length
        datetime.timedelta(seconds=5400)
    """

    length: timedelta | None
    months: int

    def __init__(  # noqa: PLR0913  (one keyword for each unit)
        self,
        *,
        weeks: float = 0,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        months: int = 0,
        years: int = 0,
    ) -> None:
        length = _elapsed(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        steps = _months(months=months, years=years)
        if length and steps:
            raise InvalidValueError(
                "length",
                f"{length} and {steps} months",
                "be in weeks, days, hours, minutes and seconds or in months and years, not both",
            )
        if not length and not steps:
            raise InvalidValueError(
                "length",
                0,
                "be above 0 in at least one unit, weeks to seconds or months and years",
            )
        self.__attrs_init__(length=length or None, months=steps)

    def __repr__(self) -> str:
        given = (f"{unit}={amount!r}" for unit, amount in self.units().items())
        return f"Period({', '.join(given)})"

    def __str__(self) -> str:
        return ", ".join(
            f"{amount:,} {unit if amount != 1 else unit[:-1]}"
            for unit, amount in self.units().items()
        )

    def units(self) -> dict[str, float]:
        """Return the keywords that make this period, leaving out the zeros.

        Examples:
            >>> Period(hours=25.5).units()
            {'days': 1, 'hours': 1, 'minutes': 30}
            >>> Period(**Period(months=15).units())
            Period(years=1, months=3)
        """
        if self.length is None:
            years, months = divmod(self.months, 12)
            amounts: dict[str, float] = {"years": years, "months": months}
        else:
            minutes, seconds = divmod(self.length.seconds, 60)
            hours, minutes = divmod(minutes, 60)
            micro = self.length.microseconds
            amounts = {
                "days": self.length.days,
                "hours": hours,
                "minutes": minutes,
                "seconds": seconds + micro / 10**6 if micro else seconds,
            }
        return {unit: amount for unit, amount in amounts.items() if amount}

    def after(self, t: datetime) -> datetime | None:
        """Return the instant that is this length after another.

        Elapsed time is counted on the instant, months on the calendar of `t`'s own zone,
        in one step: the day is cut to the month's last.

        Args:
            t: The instant to count from, naive or aware.

        Returns:
            The instant in the zone of `t`, or None where it is past `datetime.max`.

        Raises:
            InvalidTypeError: `t` is not a datetime.
            InvalidValueError: `t` does not know its offset from UTC, or has no instant there.

        Convention:
            `t + timedelta(days=1)` of Python moves the local time of an aware datetime;
            here a day is 24 hours that pass.

        Examples:
            >>> from datetime import datetime
            >>> Period(months=1).after(datetime(2026, 1, 31))
            datetime.datetime(2026, 2, 28, 0, 0)
            >>> Period(days=30).after(datetime(2026, 1, 31))
            datetime.datetime(2026, 3, 2, 0, 0)
        """
        return _moved(self, _checks.instant("t", t), 1)

    def before(self, t: datetime) -> datetime | None:
        """Return the instant that is this length before another, as `after` backwards.

        Args:
            t: The instant to count back from, naive or aware.

        Returns:
            The instant in the zone of `t`, or None where it is before `datetime.min`.

        Raises:
            InvalidTypeError: `t` is not a datetime.
            InvalidValueError: `t` does not know its offset from UTC, or has no instant there.

        Examples:
            >>> from datetime import datetime
            >>> Period(months=1).before(datetime(2026, 3, 31))
            datetime.datetime(2026, 2, 28, 0, 0)
        """
        return _moved(self, _checks.instant("t", t), -1)

    def step_after(self, t: datetime, *, anchor: datetime) -> datetime | None:
        """Return the first whole number of steps from an anchor that is after an instant.

        The steps are 1, 2, 3 and so on times this length, each counted from the anchor at
        once: a month's last day is cut to where the month is shorter, and is not lost.

        Args:
            t: The instant, naive or aware.
            anchor: The instant from which the steps are counted.

        Returns:
            The first step that is later than `t`, in the zone of `anchor`, or None where it
            is past `datetime.max`.

        Raises:
            InvalidTypeError: An argument is not a datetime.
            InvalidValueError: An argument does not know its offset from UTC.
            MixedInstantsError: One of the two has a time zone and the other none.

        Examples:
            >>> from datetime import datetime
            >>> start = datetime(2026, 1, 31)
            >>> Period(months=1).step_after(datetime(2026, 2, 28), anchor=start)
            datetime.datetime(2026, 3, 31, 0, 0)
        """
        _checks.same_kind("t", _checks.instant("t", t), "anchor", _checks.instant("anchor", anchor))
        instant = _checks.utc(t)
        surely_gone = instant - _checks.utc(anchor) - (timedelta() if self.length else _UNEVEN)
        count = max(1, surely_gone // mean(self) + 1)
        while (step := _moved(self, anchor, count)) and _checks.utc(step) <= instant:
            count += 1
        return step


_UNEVEN = timedelta(days=8)
"""More than a number of calendar months can differ from as many mean ones, days cut included."""

Length: TypeAlias = timedelta | Period
"""A length of time; once checked, a `Period` only where it is on the calendar."""


_ACCEPTED = "a timedelta or a Period"


def as_period(argument: str, value: object, *, accepted: str = _ACCEPTED) -> Period:
    """Return a length of time above 0, given as a `timedelta` or a `Period`, as a period.

    Args:
        argument: The path, for the message.
        value: A `timedelta` or a `Period`.
        accepted: What is accepted in this place, completing "must be ...".

    Raises:
        InvalidTypeError: `value` is of another type.
        InvalidValueError: `value` is 0 or negative.
    """
    found = length(argument, value, accepted=accepted)
    if isinstance(found, Period):
        return found
    seconds = found.seconds + found.microseconds / 10**6
    return Period(days=found.days, seconds=seconds)  # in two parts, of which floats have all


def length(
    argument: str, value: object, *, zero: bool = False, accepted: str = _ACCEPTED
) -> Length:
    """Return a length of time: a `timedelta` where it is fixed, a `Period` of months else.

    Args:
        argument: The path, for the message.
        value: A `timedelta` or a `Period`.
        zero: Whether it may be 0.
        accepted: What is accepted in this place, completing "must be ...".

    Raises:
        InvalidTypeError: `value` is of another type.
        InvalidValueError: `value` is negative, or 0 where that is not accepted.
    """
    if isinstance(value, Period):
        return value if value.length is None else value.length
    if not isinstance(value, timedelta):
        error = InvalidTypeError(argument, value, f"be {accepted}")
        error.hint = _as_length(value)
        raise error
    found = timedelta(value.days, value.seconds, value.microseconds)  # of pandas, a plain one
    if found < timedelta() or not (found or zero):
        raise InvalidValueError(argument, value, "be at least 0" if zero else "be above 0")
    return found


def fixed_length(argument: str, value: object, reason: str, *, zero: bool = False) -> timedelta:
    """Return a length of elapsed time, where months and years have no meaning.

    Args:
        argument: The path, for the message.
        value: A `timedelta`, or a `Period` without months and years.
        reason: What needs it, completing "must be a fixed length: ... needs one".
        zero: Whether it may be 0.

    Raises:
        InvalidTypeError: `value` is of another type.
        InvalidValueError: `value` is negative, 0 where that is not accepted, or of months.
    """
    found = length(argument, value, zero=zero)
    if isinstance(found, Period):
        expected = f"be a fixed length: {reason} needs one"
        raise InvalidValueError(argument, value, expected)
    return found


def mean(length: Length) -> timedelta:
    """Return how long a checked length is, months on the mean of the Gregorian calendar."""
    if isinstance(length, Period):
        return length.length or length.months * UNITS["month"].mean
    return length


def after(length: Length, t: datetime, times: int = 1) -> datetime | None:
    """Return the instant that is so many checked lengths after another; None past all dates."""
    return _moved(length, t, times)


def before(length: Length, t: datetime) -> datetime | None:
    """Return the instant that is a checked length before another; None before all dates."""
    return _moved(length, t, -1)


def _moved(length: Length, t: datetime, times: int) -> datetime | None:
    elapsed: Any = length.length if isinstance(length, Period) else length
    try:
        if elapsed is None:
            moved = _checks.utc(t + relativedelta(months=times * length.months))  # type: ignore[union-attr]  # a Period
        else:
            moved = _checks.utc(t) + times * elapsed
        return moved if t.tzinfo is None else moved.astimezone(t.tzinfo)
    except (OverflowError, ValueError):  # dateutil says ValueError of the year 10000
        return None


def _as_length(value: object) -> str:
    """Return how to give a number, or the name of a unit, as a length."""
    if isinstance(value, str) and value in UNITS:
        return f"; pass {UNITS[value].period!r}"
    try:
        days = _checks.number("days", value)
    except (InvalidTypeError, InvalidValueError):
        return ""
    is_one = 0 < days <= timedelta.max.days
    return f"; pass timedelta(days={days}) or Period(days={days})" if is_one else ""


def _elapsed(**units: float) -> timedelta:
    try:
        return timedelta(**{unit: _amount(unit, given) for unit, given in units.items()})
    except OverflowError:
        expected = f"be at most {timedelta.max.days} days"
        given = {unit: amount for unit, amount in units.items() if amount}
        raise InvalidValueError("length", given, expected) from None


def _amount(unit: str, given: float) -> float:
    amount = _checks.number(unit, given)
    if amount < 0:
        raise InvalidValueError(unit, given, "be at least 0")
    return float(amount)


def _months(*, months: int, years: int) -> int:
    total = _checks.whole("months", months, least=0) + 12 * _checks.whole("years", years, least=0)
    if total > _MOST_MONTHS:
        raise InvalidValueError("length", f"{total} months", f"be at most {_MOST_MONTHS} months")
    return total
