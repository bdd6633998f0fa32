"""Prices brought to a month, dates of bills, subscriptions."""

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    MixedNumbersError,
    UnknownNameError,
)
from lifecycle.metrics.revenue import (
    Recurring,
    Subscription,
    anchored_dates,
    movements,
    normalise,
    recurring,
)
from lifecycle.periods import Calendar, Period, Window

# Prices


@pytest.mark.parametrize(
    ("every", "monthly"),
    [
        ("month", "720"),
        ("quarter", "240"),
        ("half_year", "120"),
        ("year", "60"),
        (Period(months=18), "40"),
        (Period(years=2), "30"),
        (Period(days=30.436875), "720"),
    ],
)
def test_a_price_is_divided_by_its_months(every: Any, monthly: str) -> None:
    assert normalise(Decimal(720), every) == Decimal(monthly)
    assert normalise(720, every) == int(monthly)
    assert normalise(720.0, every) == float(monthly)


@pytest.mark.parametrize(
    ("month", "day", "week"),
    [
        ("gregorian", "30.436875", "4.348125"),
        ("365_days", "30.41666666666666666666666667", "4.345238095238095238095238095"),
        ("52_weeks", "30.33333333333333333333333333", "4.333333333333333333333333333"),
        ("30_days", "30", "4.285714285714285714285714286"),
        ("4_weeks", "28", "4"),
    ],
)
def test_a_month_has_as_many_days_as_is_said(month: Any, day: str, week: str) -> None:
    assert normalise(Decimal(1), "day", month=month) == Decimal(day)
    assert normalise(Decimal(1), "week", month=month) == Decimal(week)
    assert normalise(Decimal(2), Period(weeks=2), month=month) == Decimal(week)
    assert normalise(Decimal(12), "year", month=month) == 1


def test_the_kind_of_number_stays() -> None:
    assert normalise(Decimal(2000), "year", places=2) == Decimal("166.67")
    assert str(normalise(Decimal(1200), "year", places=2)) == "100.00"
    assert normalise(2000, "year") == 167
    assert type(normalise(1200, "year")) is int
    assert normalise(100.0, "year", places=2) == 8.33


def test_a_price_is_of_a_year_unless_said_otherwise() -> None:
    assert normalise(Decimal(120)) == 10


def test_a_float_is_taken_by_its_shortest_text() -> None:
    assert normalise(0.125, "month", places=2) == 0.12
    assert normalise(2.675, "month", places=2) == 2.68  # its binary value lies below


def test_a_half_goes_to_the_even_digit() -> None:
    assert [normalise(cents, "half_year") for cents in (3, 9, 15)] == [0, 2, 2]
    assert normalise(Decimal("0.15"), "half_year", places=2) == Decimal("0.02")
    assert normalise(Decimal("0.09"), "half_year", places=2) == Decimal("0.02")


def test_the_context_of_the_caller_changes_nothing() -> None:
    with localcontext(prec=3):
        found = normalise(Decimal("1234.56"), "year"), normalise(Decimal(123456), "month", places=4)
    assert found == (Decimal("102.88"), Decimal("123456.0000"))


@pytest.mark.parametrize("every", [None, 12, 1.5])
def test_an_interval_is_named_or_a_period(every: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^every must be the name of an interval, or a"):
        normalise(1, every)


def test_doors_of_prices() -> None:
    with pytest.raises(UnknownNameError, match=r"^every must be one of .*did you mean 'year'"):
        normalise(1, "yearly")
    with pytest.raises(UnknownNameError, match=r"^month must be one of 'gregorian'"):
        normalise(1, "year", month="31")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"^amount must be at least 0"):
        normalise(Decimal(-1), "year")
    with pytest.raises(InvalidValueError, match=r"^amount must be finite"):
        normalise(float("nan"), "year")
    with pytest.raises(InvalidTypeError, match=r"^amount must be a number"):
        normalise(True, "year")
    with pytest.raises(InvalidValueError, match=r"^places must be None for a whole number"):
        normalise(100, "year", places=2)
    with pytest.raises(InvalidValueError, match=r"^places must be at least 0"):
        normalise(Decimal(100), "year", places=-1)


# Dates


def test_dates_are_counted_from_the_anchor() -> None:
    assert anchored_dates(date(2026, 1, 31), 1, 4) == (
        *(date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)),
    )
    assert anchored_dates(date(2028, 1, 31), 1, 2)[1] == date(2028, 2, 29)
    assert anchored_dates(date(2028, 2, 29), 12, 5)[3:] == (date(2031, 2, 28), date(2032, 2, 29))
    assert anchored_dates(date(2026, 1, 31), 3, 0) == ()


def test_datetimes_keep_their_clock_and_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, second = anchored_dates(datetime(2026, 3, 1, 9, tzinfo=berlin), 1, 2)
    assert (second.hour, second.tzinfo) == (9, berlin)
    assert second.astimezone(UTC) - first.astimezone(UTC) != second - first
    naive = datetime.fromisoformat("2026-01-31 09:00")
    assert anchored_dates(naive, 1, 2)[1] == datetime.fromisoformat("2026-02-28 09:00")


def test_dates_end_with_the_year_9999() -> None:
    assert len(anchored_dates(date(9999, 11, 1), 1, 2)) == 2
    with pytest.raises(InvalidValueError, match=r"^n must lead to dates within years 1 to 9999"):
        anchored_dates(date(9999, 11, 1), 1, 3)
    with pytest.raises(InvalidValueError, match=r"^n must lead to dates within years 1 to 9999"):
        anchored_dates(date(2026, 1, 1), 10**9, 2)


def test_doors_of_dates() -> None:
    with pytest.raises(InvalidTypeError, match=r"^anchor must be a date or a datetime"):
        anchored_dates("2026-01-31", 1, 2)  # type: ignore[type-var]
    with pytest.raises(InvalidValueError, match=r"^months must be at least 1"):
        anchored_dates(date(2026, 1, 31), 0, 2)
    with pytest.raises(InvalidValueError, match=r"^n must be at least 0"):
        anchored_dates(date(2026, 1, 31), 1, -1)
    with pytest.raises(InvalidTypeError, match=r"^n must be a whole number"):
        anchored_dates(date(2026, 1, 31), 1, True)


# Subscriptions


def on(month: int, day: int = 1) -> date:
    return date(2026, month, day)


def follow(*subscriptions: Any, **options: Any) -> Recurring:
    return recurring(subscriptions, **{"calendar": Calendar(), "until": on(6), **options})


def months(found: Recurring) -> list[tuple[Any, ...]]:
    return [(who, at.month, amount) for who, at, amount in found.rows]


FIRST = date(2026, 1, 15)


def ann(start: date = FIRST, amount: Any = 30, **options: Any) -> Subscription:
    return Subscription("ann", start=start, amount=amount, **options)


def test_a_subscription_counts_where_it_is_paid_at_the_end_of_a_period() -> None:
    assert months(follow(ann(end=on(3, 15)))) == [("ann", 1, 30), ("ann", 2, 30)]
    assert len(follow(ann()).rows) == 5


def test_an_end_where_a_period_ends_leaves_the_period_whole() -> None:
    assert [row[1] for row in months(follow(ann(end=on(3))))] == [1, 2]
    assert [row[1] for row in months(follow(ann(end=on(3, 2))))] == [1, 2]
    assert [row[1] for row in months(follow(ann(end=on(2, 28))))] == [1]


def test_churn_is_recognised_at_the_end_or_when_cancelled() -> None:
    left = ann(cancelled=on(2, 3), end=on(4, 15))
    assert [row[1] for row in months(follow(left))] == [1, 2, 3]
    assert [row[1] for row in months(follow(left, recognised="cancelled"))] == [1]
    assert [row[1] for row in months(follow(ann(end=on(3, 15)), recognised="cancelled"))] == [1, 2]
    assert (left.ended, ann(end=on(3)).ended, ann().ended) == (on(2, 3), on(3), None)


def test_what_is_paid_at_the_instant_where_following_stops_counts() -> None:
    assert [row[1] for row in months(follow(ann(), until=on(3, 10)))] == [1, 2, 3]
    assert [row[1] for row in months(follow(ann(end=on(3, 9)), until=on(3, 10)))] == [1, 2]
    assert [row[1] for row in months(follow(ann(end=on(3, 20)), until=on(3, 10)))] == [1, 2, 3]
    assert follow(ann(start=on(3, 10)), until=on(3, 10)).rows == ()


def test_who_comes_and_goes_within_a_period_is_ignored_or_counted() -> None:
    short = ann(start=on(3, 2), end=on(3, 20))
    assert (follow(short).rows, follow(short).brief) == ((), ())
    found = follow(short, brief="counted")
    assert (found.rows, found.brief) == ((), (("ann", datetime(2026, 3, 1, tzinfo=UTC), 30),))


def test_only_what_was_paid_last_is_counted() -> None:
    plans = [
        ann(start=on(3, 2), end=on(3, 10)),
        ann(start=on(3, 10), end=on(3, 20), amount=50),
        ann(start=on(3, 12), end=on(3, 20), amount=7),
    ]
    found = follow(*plans, brief="counted").brief
    assert [amount for *_, amount in found] == [50, 7]


def test_who_is_paid_for_at_either_end_is_not_brief() -> None:
    short = ann(start=on(3, 2), end=on(3, 20))
    before, after = ann(end=on(3, 2)), ann(start=on(3, 25))
    assert follow(short, before, brief="counted").brief == ()
    assert follow(short, after, brief="counted").brief == ()
    free = ann(amount=0)
    assert len(follow(short, free, brief="counted").brief) == 1
    assert follow(ann(start=on(3, 2), end=on(3, 20), amount=0), brief="counted").brief == ()


def test_a_subscription_that_ends_as_it_begins_never_counts() -> None:
    found = follow(ann(start=on(3), end=on(3)), brief="counted")
    assert (found.rows, found.brief) == ((), ())


def test_rows_go_into_movements() -> None:
    book = follow(
        ann(start=on(2, 1)),
        Subscription("bob", start=on(3, 2), end=on(3, 9), amount=5),
        brief="counted",
    )
    spring = Window(on(2), on(6))
    found = movements(book.rows, calendar=Calendar(), window=spring, brief=book.brief)
    assert [(row.new, row.churn, row.end) for row in found.rows][:2] == [(30, 0, 30), (5, 5, 30)]


def test_instants_lie_in_the_calendars_zone() -> None:
    late = datetime(2026, 1, 31, 15, tzinfo=UTC)
    each = Subscription("ann", start=late, amount=30)
    tokyo = Calendar(zone="Asia/Tokyo")
    found = follow(each, calendar=tokyo, until=datetime(2026, 3, 1, tzinfo=tokyo.tz))
    assert [at for _, at, _ in found.rows] == [datetime(2026, 2, 1, tzinfo=tokyo.tz)]


def test_rows_have_the_currency_where_subscriptions_have_one() -> None:
    euro = ann(start=on(5), currency="EUR")
    assert follow(euro).rows == (("ann", datetime(2026, 5, 1, tzinfo=UTC), 30, "EUR"),)
    with pytest.raises(InvalidValueError, match=r"^subscriptions\[1\]\.currency must be given for"):
        follow(euro, ann())


def test_recurring_revenue_is_a_table() -> None:
    found = follow(ann(start=on(5), amount=Decimal(30)))
    assert str(found).splitlines() == [
        "Recurring revenue by subscription and month",
        "customer  at          amount",
        "ann       2026-05-01   30.00",
    ]
    assert found.to_rows() == [
        {"customer": "ann", "at": datetime(2026, 5, 1, tzinfo=UTC), "amount": Decimal(30)}
    ]
    assert follow(ann(start=on(5), currency="EUR")).to_rows()[0]["currency"] == "EUR"
    assert follow().to_rows() == []
    assert "<td" in found._repr_html_()
    assert repr(found).startswith("Recurring(calendar=Calendar(), until=datetime.date(2026, 6, 1)")


def test_a_subscription_shows_how_it_is_made() -> None:
    shown = "Subscription('ann', start=datetime.date(2026, 1, 15), amount=30)"
    assert repr(ann()) == shown


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"start": None}, InvalidTypeError, r"^start must be a datetime or a date"),
        ({"end": on(1, 14)}, InvalidValueError, r"^end must be at or after start, 2026-01-15"),
        ({"end": "2026-03-01"}, InvalidTypeError, r"^end must be a datetime or a date"),
        ({"cancelled": on(2)}, InvalidValueError, r"^end must be given where cancelled is"),
        (
            {"cancelled": on(4), "end": on(3)},
            InvalidValueError,
            r"^cancelled must lie from start, 2026-01-15, to end, 2026-03-01",
        ),
        ({"cancelled": on(1), "end": on(3)}, InvalidValueError, r"^cancelled must lie from start"),
        (
            {"end": datetime(2026, 3, 1, tzinfo=UTC)},
            MixedInstantsError,
            r"^start and end must both have a time zone",
        ),
        ({"amount": -1}, InvalidValueError, r"^amount must be at least 0"),
        ({"amount": "1"}, InvalidTypeError, r"^amount must be a number"),
        ({"currency": ""}, InvalidValueError, r"^currency must be text that is not blank"),
    ],
)
def test_a_subscription_is_checked(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ann(**options)


def test_a_customer_is_text_or_a_whole_number() -> None:
    assert Subscription(7, start=on(1), amount=1).customer == 7
    with pytest.raises(InvalidTypeError, match=r"^customer must be text or a whole number"):
        Subscription(None, start=on(1), amount=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["ann", {"ann": 1}, 5])
def test_subscriptions_are_a_series(given: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^subscriptions must be a series of Subscription"):
        recurring(given, calendar=Calendar(), until=on(6))


def test_doors_of_subscriptions() -> None:
    with pytest.raises(InvalidTypeError, match=r"^subscriptions\[1\] must be a Subscription"):
        follow(ann(), ("ann", on(1), 30))
    with pytest.raises(UnknownNameError, match=r"^recognised must be one of 'period_end'"):
        follow(recognised="end")
    with pytest.raises(UnknownNameError, match=r"^brief must be one of 'ignored', 'counted'"):
        follow(brief="both")
    with pytest.raises(InvalidTypeError, match=r"^calendar must be a Calendar"):
        follow(calendar="month")
    with pytest.raises(MixedNumbersError, match=r"subscriptions\[1\]\.amount"):
        follow(ann(amount=Decimal(1)), ann(amount=1.0))
    aware = Subscription("bob", start=datetime(2026, 1, 1, tzinfo=UTC), amount=1)
    with pytest.raises(MixedInstantsError, match=r"until and subscriptions\[0\]\.start must"):
        follow(aware)
