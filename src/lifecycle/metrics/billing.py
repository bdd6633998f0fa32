"""Billing: monthly amounts of prices, dates of bills, and subscriptions as rows of revenue."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import cache
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Id, Instant, Reader
from lifecycle._checks import Number
from lifecycle._inputs import instances, moment
from lifecycle._lengths import UNITS, Length, Period, as_period
from lifecycle._tables import Column, Table
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._renewal_gaps import Grace, Span, gaps
from lifecycle.periods import Calendar

__all__ = ["RecurringTable", "Subscription", "anchored_dates", "normalise", "recurring"]

Money = TypeVar("Money", int, float, Decimal)
When = TypeVar("When", date, datetime)

_INTERVALS = {name: unit.period for name, unit in UNITS.items() if name != "hour"}
_SECOND = timedelta(seconds=1)
# How many days a month has, where a price is for days or weeks.
_MONTHS = {
    "gregorian": Fraction(UNITS["month"].mean // _SECOND, UNITS["day"].mean // _SECOND),
    "365_days": Fraction(365, 12),
    "52_weeks": Fraction(52 * 7, 12),
    "30_days": Fraction(30),
    "4_weeks": Fraction(28),
}
_DIGITS = 28
_MOST_MONTHS = 12 * 9999


def normalise(
    amount: Money,
    *,
    every: str | Length = "year",
    month: Literal["gregorian", "365_days", "52_weeks", "30_days", "4_weeks"] = "gregorian",
    places: int | None = None,
) -> Money:
    """Return the monthly amount of a price.

    Args:
        amount: The price of one interval; 0 or more.
        every: The interval: "day", "week", "month", "quarter", "half_year" or "year", which
            is the default; or a length, such as `Period(months=18)` or `timedelta(days=30)`.
        month: How long a month is where the interval is one of days or weeks.
            "gregorian": 365.2425 / 12 days. "365_days": 365 / 12. "52_weeks": 52 / 12
            weeks, 4.33 of them. "30_days": 30 days. "4_weeks": 28 days.
        places: How many digits after the point are kept, 0 to 28; without it, all that
            there are, up to 28 in all.

    Returns:
        The monthly amount: `Decimal` as a `Decimal`, which is exact where it ends; a whole
        number, such as cents, rounded to a whole one; a float as a float. A half is rounded
        to the even digit.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `amount` is negative or not finite, or `places` is below 0, above 28, or
            given for a whole number, which stays whole.
        UnknownNameError: `every` or `month` is not one of those accepted.

    Convention:
        A year is 12 months, a half-year 6, a quarter 3. A month has 4.348125 weeks, so that
        a year of weeks and a year of days come to the same. Others have their own months:
        Paddle takes 30 days, which are "30_days", and 4.33 weeks, which "52_weeks" rounds
        to. Prices for months are divided by their number, as by ChartMogul and Paddle.

    Examples:
        >>> normalise(Decimal("2000"), every="year", places=2)
        Decimal('166.67')
        >>> normalise(120, every="year")
        10
        >>> normalise(Decimal("20"), every="week", places=2)
        Decimal('86.96')
        >>> normalise(Decimal("45.00"), every=Period(months=18))
        Decimal('2.5')
    """
    price = _checks.number("amount", amount)
    if price < 0:
        raise InvalidValueError("amount", amount, "be at least 0")
    digits = None if places is None else _checks.whole("places", places, least=0, most=_DIGITS)
    if isinstance(price, int) and digits is not None:
        expected = "be None for a whole number of cents, which stays whole"
        raise InvalidValueError("places", places, expected)
    days = _MONTHS[_checks.choice("month", month, _MONTHS)]
    monthly = Fraction(_money.exact(price)) / _in_months(_interval(every), days)
    if isinstance(price, int):
        return round(monthly)  # type: ignore[return-value]  # an int where the amount is one
    rounded = monthly if digits is None else Fraction(round(monthly, digits))
    if isinstance(price, float):
        return float(rounded)  # type: ignore[return-value]  # of the kind of the amount
    return _decimal(rounded, digits)  # type: ignore[return-value]  # of the kind of the amount


def _interval(every: object) -> Period:
    if isinstance(every, str):
        return _INTERVALS[_checks.choice("every", every, _INTERVALS)]
    return as_period("every", every, accepted="the name of an interval, or a length of time")


def _in_months(interval: Period, days: Fraction) -> Fraction:
    if interval.length is None:
        return Fraction(interval.months)
    micros = interval.length // timedelta(microseconds=1)
    return Fraction(micros, 24 * 3600 * 10**6) / days


def _decimal(value: Fraction, places: int | None) -> Decimal:
    """Return a fraction as a decimal: with this number of places exactly, else to 28 digits."""
    if places is not None:
        with _money.exactly():
            return Decimal(int(value * 10**places)).scaleb(-places)
    with localcontext(Context(prec=_DIGITS)):
        return Decimal(value.numerator) / Decimal(value.denominator)


def anchored_dates(anchor: When, *, months: int, n: int) -> tuple[When, ...]:
    """Return the dates of bills issued every n months.

    Each is counted from the anchor, on its own clock, and cut to the last day of its month;
    counting from the previous date would lose the 31st after the first February.

    Args:
        anchor: The first date: a date, or a datetime, naive or aware.
        months: The number of months between two dates; 1 or more.
        n: The number of dates, the anchor included; 0 or more.

    Returns:
        `n` dates, or datetimes in the anchor's zone, ascending.

    Raises:
        InvalidTypeError: `anchor` is neither a date nor a datetime, or a number is not whole.
        InvalidValueError: `months` is below 1 or `n` below 0, or the last is after the
            year 9999.

    Convention:
        Stripe's billing cycle anchor. Who adds a month to the last bill goes from
        31 January to 28 February to 28 March.

    Examples:
        >>> [day.isoformat() for day in anchored_dates(date(2028, 1, 31), months=1, n=4)]
        ['2028-01-31', '2028-02-29', '2028-03-31', '2028-04-30']
    """
    step, count = _checks.whole("months", months, least=1), _checks.whole("n", n, least=0)
    if isinstance(anchor, datetime):
        return tuple(_after(_checks.instant("anchor", anchor), step, k) for k in range(count))
    if not isinstance(anchor, date):
        raise InvalidTypeError("anchor", anchor, "be a date or a datetime")
    midnight = datetime.combine(anchor, time())
    return tuple(_after(midnight, step, k).date() for k in range(count))


def _after(anchor: datetime, months: int, k: int) -> datetime:
    if k == 0:
        return anchor
    in_reach = months * k <= _MOST_MONTHS
    found = Period(months=months * k).after(anchor) if in_reach else None
    if found is None:
        raise InvalidValueError("n", k + 1, "lead to dates within years 1 to 9999")
    return found


def _customer(value: Id) -> Id:
    return _checks.identifier("customer", value)


def _amount(value: Number) -> Number:
    if _checks.number("amount", value) < 0:
        raise InvalidValueError("amount", value, "be at least 0")
    return _checks.number("amount", value)


def _ending(argument: str, value: Any, without: str) -> Instant | None:
    """Return an instant, or None; pandas' NaT is neither."""
    if value is not None and (not isinstance(value, Instant) or value != value):  # noqa: PLR0124
        raise InvalidTypeError(argument, value, f"be a datetime or a date, or None {without}")
    return value


def _end(value: Instant | None) -> Instant | None:
    return _ending("end", value, "while the subscription runs on")


def _cancelled(value: Instant | None) -> Instant | None:
    return _ending("cancelled", value, "where it was not cancelled")


def _currency(value: str | None) -> str | None:
    if value is not None and not isinstance(value, str):
        raise InvalidTypeError("currency", value, "be text, or None for a ledger of one currency")
    return None if value is None else _checks.name("currency", value)


@attrs.frozen(repr=False, weakref_slot=False)
class Subscription:
    """The monthly amount that a customer pays from a start to an end.

    A change of plan or price is the end of one subscription and the start of another.

    Args:
        customer: The id of the customer: text or a whole number.
        start: When it begins to count; a trial is over.
        amount: What it comes to in a month, 0 or more; `normalise` makes it of a price.
        end: The end of what is paid, exclusive; None while it runs.
        cancelled: When the customer, or a failed payment, ended it: from `start` to `end`.
        currency: The currency of the amount, where it matters.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `amount` is negative or not finite; `end` is before `start`;
            `cancelled` is outside them, or is given without an `end`.
        MixedInstantsError: Some instants have a time zone, and others have none.

    Examples:
        >>> Subscription("ann", start=date(2026, 1, 31), amount=30).end is None
        True
    """

    customer: Id = attrs.field(converter=_customer)
    start: Instant = attrs.field(kw_only=True)
    amount: Number = attrs.field(kw_only=True, converter=_amount)
    end: Instant | None = attrs.field(default=None, kw_only=True, converter=_end)
    cancelled: Instant | None = attrs.field(default=None, kw_only=True, converter=_cancelled)
    currency: str | None = attrs.field(default=None, kw_only=True, converter=_currency)

    def __attrs_post_init__(self) -> None:
        reader, cancelled = Reader(), self.cancelled
        start = reader.moment("start", self.start)
        end = None if self.end is None else reader.moment("end", self.end)
        if end is not None and end < start:
            raise InvalidValueError("end", self.end, f"be at or after start, {self.start}")
        if cancelled is None:
            return
        if end is None:
            raise InvalidValueError("end", None, "be given where cancelled is")
        if not start <= reader.moment("cancelled", cancelled) <= end:
            expected = f"be between start, {self.start}, and end, {self.end}"
            raise InvalidValueError("cancelled", cancelled, expected)

    def __repr__(self) -> str:
        return call(self, "customer")

    @property
    def ended(self) -> Instant | None:
        """When it was cancelled, else when it ended."""
        return self.end if self.cancelled is None else self.cancelled


RecurringRow = tuple[Any, ...]
"""(customer, at, amount), or (customer, at, amount, currency)."""

_FIELDS = {"customer": object, "at": datetime, "amount": Number, "currency": str}
_ENDS = {"period_end": "end", "cancelled": "ended"}


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class RecurringTable(Table[RecurringRow]):
    """Subscriptions as rows of recurring revenue, ready for `movements`.

    Attributes:
        calendar: The periods.
        until: Up to and including when subscriptions were followed.
        recognised: When churn counts: "period_end" or "cancelled".
        grace: The longest gap in which what was paid last is carried; None for none.
        rows: (customer, at, amount) for each subscription and each period at whose end it
            is paid, `at` the period's start; with the currency last, where there is one.
        open: Those of the rows that are carried though nothing was paid again by `until`:
            their grace is not over, and they go if it ends without a renewal.
        same_period: The same for customers who came and left within one period; empty where
            those are ignored.
    """

    _named_by = ("customer", "at")

    calendar: Calendar
    until: Instant
    recognised: str = "period_end"
    grace: Length | None = None
    rows: tuple[RecurringRow, ...]
    open: tuple[RecurringRow, ...] = ()
    same_period: tuple[RecurringRow, ...] = ()

    def _sought(self, name: str, wanted: Any) -> Any:
        return self.calendar.floor(moment(name, wanted)) if name == "at" else wanted

    def _columns(self) -> Sequence[Column]:
        width = len(self.rows[0]) if self.rows else len(_FIELDS) - 1
        shows = (None, None, _money.shown, None)
        return tuple(
            Column(name, kind, itemgetter(i), show)
            for i, ((name, kind), show) in enumerate(zip(_FIELDS.items(), shows, strict=True))
        )[:width]

    def _title(self) -> str:
        return f"Recurring revenue by subscription and {self.calendar.grain}"

    def _notes(self) -> Sequence[str]:
        some = f"{len(self.open):,} of {len(self.rows):,} rows"
        return [f"open: {some}, not renewed, and the grace is not over"] if self.open else []


def recurring(  # noqa: PLR0913  (each is a choice that tools make for their users)
    subscriptions: Iterable[Subscription],
    *,
    calendar: Calendar,
    until: Instant,
    recognised: Literal["period_end", "cancelled"] = "period_end",
    grace: Length | None = None,
    same_period: Literal["ignored", "counted"] = "ignored",
) -> RecurringTable:
    """Return what subscriptions come to at the end of each period, as rows for `movements`.

    Args:
        subscriptions: The subscriptions of all customers, in any order. A naive instant and
            a date are local times of the calendar's zone.
        calendar: The periods.
        until: Up to and including when subscriptions are followed: an instant, or a date for
            its whole day. Periods that begin later have no rows; in the period that
            contains it, what is paid at this instant counts. What begins later is not known yet.
        recognised: When a cancelled subscription stops counting. "period_end": at its
            `end`, when what is paid for is over. "cancelled": at once, when it was
            `cancelled`, else at its `end`.
        grace: How late a renewal may be, 0 or more. What a customer paid last is carried over
            a gap in which nothing is paid, if it is at most so long, to the start of the
            next subscription. A gap that is not over by `until`, and may still be short enough,
            is carried too, and its rows are in `open`. The gap is measured on the clock of
            the calendar's zone, so that a day is a day where clocks change. None: every gap
            counts as churn, if a period ends in it.
        same_period: What happens to customers who come and leave within one period, and pay
            at neither end of it. "ignored": they are left out. "counted": they are in
            `same_period` of the result, with what they paid last, which `movements` counts as
            new and as churn.

    Returns:
        A row for each subscription and period at whose end it is paid, from its start on.

    Raises:
        InvalidTypeError: An argument is of another type, or holds no `Subscription`.
        InvalidValueError: An instant is outside years 1 to 9999, `grace` is negative, or
            some subscriptions have a currency and others have none.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: A choice is not one of those accepted.

    Convention:
        A subscription that ends where a period does counts in this period, and is lost in
        the next. ProfitWell recognizes churn when the paid period is over, and leaves out
        new business and churn in the same month. Maxio and Recharge recognize it at the
        cancellation, and count such customers as new and as churn. ChartMogul lets its users
        choose: when
        the billing system ends the subscription, at the end of the last paid period, or as
        soon as a cancellation is scheduled, which is "cancelled".
        In a gap within the grace the old amount counts, as that of a subscription past due
        does in ChartMogul, which may cancel it after 1 to 90 days, and in Polar. A customer
        who does not come back in time is lost at the end of what was paid, not of the grace.

    Examples:
        >>> from lifecycle.periods import Calendar
        >>> ann = Subscription(
        ...     "ann",
        ...     start=date(2026, 1, 15),
        ...     amount=30,
        ...     cancelled=date(2026, 2, 20),
        ...     end=date(2026, 3, 15),
        ... )
        >>> for recognised in ("period_end", "cancelled"):
        ...     found = recurring(
        ...         [ann],
        ...         calendar=Calendar("month"),
        ...         until=date(2026, 6, 1),
        ...         recognised=recognised,
        ...     )
        ...     print(recognised, [f"{at:%Y-%m}" for _, at, _ in found.rows])
        period_end ['2026-01', '2026-02']
        cancelled ['2026-01']
    """
    _checks.choice("same_period", same_period, ("ignored", "counted"))
    ends = _ENDS[_checks.choice("recognised", recognised, _ENDS)]
    given = _subscriptions(subscriptions)
    reader = Reader(_checks.instance("calendar", calendar, Calendar))
    stop = reader.until("until", until)
    lives = list(_lives(given, reader, stop, ends))
    carried = {} if grace is None else _carried(lives, Grace("grace", grace, calendar), stop)
    last = calendar._number(stop) + 1  # noqa: SLF001  (also outside its periods)
    stays = [_stay(life, carried, calendar, last) for life in lives]
    start, has = cache(calendar.start), calendar._has  # noqa: SLF001  (how a calendar counts)
    return RecurringTable(
        calendar=calendar,
        until=until,
        recognised=recognised,
        grace=grace,
        rows=tuple(_row(s.subscription, start(k)) for s in stays for k in filter(has, s.periods)),
        open=tuple(_row(s.subscription, start(k)) for s in stays for k in filter(has, s.open)),
        same_period=tuple(_within_one(stays, start, has)) if same_period == "counted" else (),
    )


class _Life(NamedTuple):
    """A subscription, and when it is paid: from when, until when, None where that goes on."""

    subscription: Subscription
    start: datetime
    end: datetime | None


class _Stay(NamedTuple):
    """A subscription, and the periods at whose ends it is counted.

    Attributes:
        subscription: The subscription.
        periods: The periods.
        open: Those of them in which it is carried, and nothing was paid again.
        ends_in: The period in which it ends, None where it goes on.
        end: When it ends.
    """

    subscription: Subscription
    periods: range
    open: range
    ends_in: int | None = None
    end: datetime | None = None


def _subscriptions(given: Iterable[Subscription]) -> list[Subscription]:
    expected = "be a series of Subscription(customer, start=..., amount=..., end=...)"
    found = instances("subscriptions", given, Subscription, expected=expected)
    _money.columns({"subscriptions": [each.amount for each in found]})
    for i, each in enumerate(found):
        if (each.currency is None) is not (found[0].currency is None):
            expected = f"be given for all subscriptions or for none; [0] has {found[0].currency!r}"
            raise InvalidValueError(f"subscriptions[{i}].currency", each.currency, expected)
    return found


def _lives(
    subscriptions: Sequence[Subscription], reader: Reader, stop: datetime, ends: str
) -> Iterator[_Life]:
    """Yield each subscription that has begun by an instant, and lasts at all."""
    for i, each in enumerate(subscriptions):
        start = reader.moment(f"subscriptions[{i}].start", each.start)
        ended = getattr(each, ends)
        end = None if ended is None else reader.moment(f"subscriptions[{i}].end", ended)
        if start <= stop and (end is None or start < end):
            yield _Life(each, start, end if end is None or end <= stop else None)


def _carried(
    lives: Iterable[_Life], grace: Grace, stop: datetime
) -> dict[tuple[Id, datetime], datetime | None]:
    """Return to when what a customer paid last is carried, by the end of what was paid."""
    spans = defaultdict[Id, list[Span]](list)
    for life in lives:
        if life.subscription.amount:
            spans[life.subscription.customer].append((life.start, life.end))
    return {
        (customer, gap[0]): gap[1]
        for customer, paid in spans.items()
        for gap in gaps(paid)
        if grace.covers(gap, stop)
    }


def _stay(
    life: _Life,
    carried: Mapping[tuple[Id, datetime], datetime | None],
    calendar: Calendar,
    last: int,
) -> _Stay:
    each, first, end = life.subscription, calendar._number(life.start), life.end  # noqa: SLF001  (how a calendar counts)
    if end is None:
        return _Stay(each, range(first, last), range(0))
    number = calendar._number(end)  # noqa: SLF001  (how a calendar counts)
    if each.amount and (each.customer, end) in carried:
        end = carried[each.customer, end]
        if end is None:
            return _Stay(each, range(first, last), range(number, last))
        number = calendar._number(end)  # noqa: SLF001  (how a calendar counts)
    return _Stay(each, range(first, number), range(0), number, end)


def _row(subscription: Subscription, start: datetime) -> RecurringRow:
    row = (subscription.customer, start, subscription.amount)
    return row if subscription.currency is None else (*row, subscription.currency)


def _within_one(
    stays: Sequence[_Stay], start: Callable[[int], datetime], has: Callable[[int], bool]
) -> Iterator[RecurringRow]:
    """Yield what customers paid last who are paid for within a period only."""
    paid = {
        (stay.subscription.customer, number)
        for stay in stays
        if stay.subscription.amount
        for number in stay.periods
    }
    visits = defaultdict[tuple[Id, int], list[_Stay]](list)
    for stay in stays:
        if stay.ends_in is not None and not stay.periods and stay.subscription.amount:
            visits[stay.subscription.customer, stay.ends_in].append(stay)
    for (customer, number), found in visits.items():
        if has(number) and paid.isdisjoint({(customer, number), (customer, number - 1)}):
            last = max(stay.end for stay in found if stay.end is not None)
            for stay in found:
                if stay.end == last:
                    yield _row(stay.subscription, start(number))
