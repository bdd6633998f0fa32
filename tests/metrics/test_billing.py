"""Prices brought to a month, dates of bills, subscriptions."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any
from uuid import UUID
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
    RecurringTable,
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
    assert normalise(Decimal(720), every=every) == Decimal(monthly)
    assert normalise(720, every=every) == int(monthly)
    assert normalise(720.0, every=every) == float(monthly)


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
    assert normalise(Decimal(1), every="day", month=month) == Decimal(day)
    assert normalise(Decimal(1), every="week", month=month) == Decimal(week)
    assert normalise(Decimal(2), every=Period(weeks=2), month=month) == Decimal(week)
    assert normalise(Decimal(12), every="year", month=month) == 1


def test_the_kind_of_number_stays() -> None:
    assert normalise(Decimal(2000), every="year", places=2) == Decimal("166.67")
    assert str(normalise(Decimal(1200), every="year", places=2)) == "100.00"
    assert normalise(2000, every="year") == 167
    assert type(normalise(1200, every="year")) is int
    assert normalise(100.0, every="year", places=2) == 8.33


def test_a_price_is_of_a_year_unless_said_otherwise() -> None:
    assert normalise(Decimal(120)) == 10


def test_a_float_is_taken_by_its_shortest_text() -> None:
    assert normalise(0.125, every="month", places=2) == 0.12
    assert normalise(2.675, every="month", places=2) == 2.68  # its binary value lies below


def test_a_half_goes_to_the_even_digit() -> None:
    assert [normalise(cents, every="half_year") for cents in (3, 9, 15)] == [0, 2, 2]
    assert normalise(Decimal("0.15"), every="half_year", places=2) == Decimal("0.02")
    assert normalise(Decimal("0.09"), every="half_year", places=2) == Decimal("0.02")


def test_an_interval_is_a_period_or_a_timedelta() -> None:
    price = Decimal("91.31")
    assert normalise(price, every=timedelta(days=90)) == normalise(price, every=Period(days=90))
    assert normalise(300, every=timedelta(weeks=4), month="4_weeks") == 300
    for wrong in (timedelta(), timedelta(days=-1)):
        with pytest.raises(InvalidValueError, match=r"^every must be above 0"):
            normalise(1, every=wrong)


def test_the_context_of_the_caller_changes_nothing() -> None:
    with localcontext(prec=3):
        found = (
            normalise(Decimal("1234.56"), every="year"),
            normalise(Decimal(123456), every="month", places=4),
        )
    assert found == (Decimal("102.88"), Decimal("123456.0000"))


@pytest.mark.parametrize("every", [None, 12, 1.5])
def test_an_interval_is_named_or_a_period(every: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^every must be the name of an interval, or a"):
        normalise(1, every=every)


def test_an_interval_is_a_length_of_either_kind() -> None:
    """A price for 14 days is 365.2425 / 12 / 14 of it a month."""
    prices = [
        normalise(Decimal(28), every=every) for every in (Period(weeks=2), timedelta(days=14))
    ]
    assert prices[0] == prices[1] == Decimal("60.87375")
    with pytest.raises(InvalidTypeError, match=r"; pass timedelta\(days=12\) or Period"):
        normalise(1, every=12)  # type: ignore[arg-type]


def test_doors_of_prices() -> None:
    with pytest.raises(UnknownNameError, match=r"^every must be one of .*did you mean 'year'"):
        normalise(1, every="yearly")
    with pytest.raises(UnknownNameError, match=r"^month must be one of 'gregorian'"):
        normalise(1, every="year", month="31")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"^amount must be at least 0"):
        normalise(Decimal(-1), every="year")
    with pytest.raises(InvalidValueError, match=r"^amount must be finite"):
        normalise(float("nan"), every="year")
    with pytest.raises(InvalidTypeError, match=r"^amount must be a number"):
        normalise(True, every="year")
    with pytest.raises(InvalidValueError, match=r"^places must be None for a whole number"):
        normalise(100, every="year", places=2)
    with pytest.raises(InvalidValueError, match=r"^places must be at most 28, got 29"):
        normalise(Decimal(1), every="year", places=29)
    with pytest.raises(InvalidValueError, match=r"^places must be at least 0"):
        normalise(Decimal(100), every="year", places=-1)


# Dates


def test_dates_are_counted_from_the_anchor() -> None:
    assert anchored_dates(date(2026, 1, 31), months=1, n=4) == (
        *(date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)),
    )
    assert anchored_dates(date(2028, 1, 31), months=1, n=2)[1] == date(2028, 2, 29)
    assert anchored_dates(date(2028, 2, 29), months=12, n=5)[3:] == (
        date(2031, 2, 28),
        date(2032, 2, 29),
    )
    assert anchored_dates(date(2026, 1, 31), months=3, n=0) == ()


def test_datetimes_keep_their_clock_and_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    first, second = anchored_dates(datetime(2026, 3, 1, 9, tzinfo=berlin), months=1, n=2)
    assert (second.hour, second.tzinfo) == (9, berlin)
    assert second.astimezone(UTC) - first.astimezone(UTC) != second - first
    naive = datetime.fromisoformat("2026-01-31 09:00")
    assert anchored_dates(naive, months=1, n=2)[1] == datetime.fromisoformat("2026-02-28 09:00")


def test_dates_end_with_the_year_9999() -> None:
    assert len(anchored_dates(date(9999, 11, 1), months=1, n=2)) == 2
    with pytest.raises(InvalidValueError, match=r"^n must lead to dates within years 1 to 9999"):
        anchored_dates(date(9999, 11, 1), months=1, n=3)
    with pytest.raises(InvalidValueError, match=r"^n must lead to dates within years 1 to 9999"):
        anchored_dates(date(2026, 1, 1), months=10**9, n=2)


def test_doors_of_dates() -> None:
    with pytest.raises(InvalidTypeError, match=r"^anchor must be a date or a datetime"):
        anchored_dates("2026-01-31", months=1, n=2)  # type: ignore[type-var]
    with pytest.raises(InvalidValueError, match=r"^months must be at least 1"):
        anchored_dates(date(2026, 1, 31), months=0, n=2)
    with pytest.raises(InvalidValueError, match=r"^n must be at least 0"):
        anchored_dates(date(2026, 1, 31), months=1, n=-1)
    with pytest.raises(InvalidTypeError, match=r"^n must be a whole number"):
        anchored_dates(date(2026, 1, 31), months=1, n=True)


# Subscriptions


def on(month: int, day: int = 1) -> date:
    return date(2026, month, day)


def follow(*subscriptions: Any, **options: Any) -> RecurringTable:
    return recurring(subscriptions, **{"calendar": Calendar(), "until": on(5, 31), **options})


def months(found: RecurringTable) -> list[tuple[Any, ...]]:
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


def test_churn_is_recognized_at_the_end_or_when_cancelled() -> None:
    left = ann(cancelled=on(2, 3), end=on(4, 15))
    assert [row[1] for row in months(follow(left))] == [1, 2, 3]
    assert [row[1] for row in months(follow(left, recognised="cancelled"))] == [1]
    assert [row[1] for row in months(follow(ann(end=on(3, 15)), recognised="cancelled"))] == [1, 2]
    assert (left.ended, ann(end=on(3)).ended, ann().ended) == (on(2, 3), on(3), None)


def test_what_is_paid_at_the_instant_where_following_stops_counts() -> None:
    assert [row[1] for row in months(follow(ann(), until=on(3, 10)))] == [1, 2, 3]
    assert [row[1] for row in months(follow(ann(end=on(3, 9)), until=on(3, 10)))] == [1, 2]
    assert [row[1] for row in months(follow(ann(end=on(3, 20)), until=on(3, 10)))] == [1, 2, 3]
    assert [row[1] for row in months(follow(ann(end=on(3, 11)), until=on(3, 10)))] == [1, 2, 3]
    assert [row[1] for row in months(follow(ann(start=on(3, 10)), until=on(3, 10)))] == [3]
    assert follow(ann(start=on(3, 11)), until=on(3, 10)).rows == ()


def test_a_date_as_the_end_is_its_whole_day() -> None:
    """A subscription that begins on the last of March at noon is paid at the end of March."""
    noon = datetime(2026, 3, 31, 12)  # noqa: DTZ001  (naive, as dates are)
    tokyo = Calendar(zone="Asia/Tokyo")
    for start, calendar in ((noon, Calendar()), (noon.replace(tzinfo=UTC), Calendar())):
        by_day = follow(ann(start=start), calendar=calendar, until=on(3, 31))
        assert [row[1] for row in months(by_day)] == [3]
        assert follow(ann(start=start), calendar=calendar, until=on(3, 30)).rows == ()
    assert (
        follow(ann(start=noon.replace(tzinfo=UTC, hour=15)), calendar=tokyo, until=on(3, 31)).rows
        == ()
    )
    assert (
        len(
            follow(
                ann(start=noon.replace(tzinfo=UTC, hour=14)), calendar=tokyo, until=on(3, 31)
            ).rows
        )
        == 1
    )


def test_what_is_paid_at_an_instant_that_begins_a_period_counts_in_it() -> None:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    assert len(follow(ann(start=first), until=first).rows) == 1
    assert follow(ann(start=first), until=first - timedelta.resolution).rows == ()
    assert [row[1] for row in months(follow(ann(end=on(3, 1)), until=on(3, 1)))] == [1, 2]


def test_who_comes_and_goes_within_a_period_is_ignored_or_counted() -> None:
    short = ann(start=on(3, 2), end=on(3, 20))
    assert (follow(short).rows, follow(short).same_period) == ((), ())
    found = follow(short, same_period="counted")
    assert (found.rows, found.same_period) == ((), (("ann", datetime(2026, 3, 1, tzinfo=UTC), 30),))


def test_only_what_was_paid_last_is_counted() -> None:
    plans = [
        ann(start=on(3, 2), end=on(3, 10)),
        ann(start=on(3, 10), end=on(3, 20), amount=50),
        ann(start=on(3, 12), end=on(3, 20), amount=7),
    ]
    found = follow(*plans, same_period="counted").same_period
    assert [amount for *_, amount in found] == [50, 7]


def test_who_is_paid_for_at_either_end_is_not_in_the_same_period() -> None:
    short = ann(start=on(3, 2), end=on(3, 20))
    before, after = ann(end=on(3, 2)), ann(start=on(3, 25))
    assert follow(short, before, same_period="counted").same_period == ()
    assert follow(short, after, same_period="counted").same_period == ()
    free = ann(amount=0)
    assert len(follow(short, free, same_period="counted").same_period) == 1
    assert (
        follow(ann(start=on(3, 2), end=on(3, 20), amount=0), same_period="counted").same_period
        == ()
    )


def test_a_subscription_that_ends_as_it_begins_never_counts() -> None:
    found = follow(ann(start=on(3), end=on(3)), same_period="counted")
    assert (found.rows, found.same_period) == ((), ())


def test_rows_go_into_movements() -> None:
    book = follow(
        ann(start=on(2, 1)),
        Subscription("bob", start=on(3, 2), end=on(3, 9), amount=5),
        same_period="counted",
    )
    spring = Window(on(2), on(6))
    found = movements(book.rows, calendar=Calendar(), window=spring, same_period=book.same_period)
    assert [(row.new, row.churn, row.end) for row in found.rows][:2] == [(30, 0, 30), (5, 5, 30)]


def test_instants_lie_in_the_calendars_zone() -> None:
    late = datetime(2026, 1, 31, 15, tzinfo=UTC)
    each = Subscription("ann", start=late, amount=30)
    tokyo = Calendar(zone="Asia/Tokyo")
    found = follow(each, calendar=tokyo, until=datetime(2026, 2, 28, tzinfo=tokyo.tz))
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
    assert repr(found).startswith(
        "RecurringTable(calendar=Calendar(), until=datetime.date(2026, 5, 31)"
    )


def test_a_subscription_shows_how_it_is_made() -> None:
    shown = "Subscription('ann', start=datetime.date(2026, 1, 15), amount=30)"
    assert repr(ann()) == shown


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"start": None}, InvalidTypeError, r"^start must be a datetime or a date"),
        ({"end": on(1, 14)}, InvalidValueError, r"^end must be at or after start, 2026-01-15"),
        (
            {"end": "2026-03-01"},
            InvalidTypeError,
            r"^end must be a datetime or a date, or None while the subscription runs on, got '2026",
        ),
        (
            {"end": on(3), "cancelled": 20260301},
            InvalidTypeError,
            r"^cancelled must be a datetime or a date, or None where it was not cancelled, got 20",
        ),
        ({"cancelled": on(2)}, InvalidValueError, r"^end must be given where cancelled is"),
        (
            {"cancelled": on(4), "end": on(3)},
            InvalidValueError,
            r"^cancelled must be between start, 2026-01-15, and end, 2026-03-01",
        ),
        (
            {"cancelled": on(1), "end": on(3)},
            InvalidValueError,
            r"^cancelled must be between start",
        ),
        (
            {"end": datetime(2026, 3, 1, tzinfo=UTC)},
            MixedInstantsError,
            r"^start and end must both have a time zone",
        ),
        ({"amount": -1}, InvalidValueError, r"^amount must be at least 0"),
        ({"amount": "1"}, InvalidTypeError, r"^amount must be a number"),
        (
            {"currency": math.nan},
            InvalidTypeError,
            r"^currency must be text, or None for a ledger of one currency, got nan",
        ),
        ({"currency": ""}, InvalidValueError, r"^currency must be text that is not blank"),
    ],
)
def test_a_subscription_is_checked(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ann(**options)


def test_a_missing_end_of_pandas_is_told_to_be_none() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InvalidTypeError, match=r"^end must be .* None while the subscription runs"):
        ann(end=pandas.NaT)
    with pytest.raises(InvalidTypeError, match=r"^cancelled must be .* None where it was not"):
        ann(cancelled=pandas.NaT, end=on(3))
    assert ann(end=pandas.Timestamp("2026-03-01")).end == datetime.fromisoformat("2026-03-01")


# Grace


def late(days: int, *, amount: Any = 30, **options: Any) -> list[Subscription]:
    """Return a subscription that ends on 28 February, and one that begins some days later."""
    return [
        ann(end=on(2, 28), **options),
        ann(start=on(2, 28) + timedelta(days=days), amount=amount, **options),
    ]


def moved(found: RecurringTable) -> list[tuple[Any, ...]]:
    """Return what is new, grew, shrank, left and came back in each month to June."""
    spring = Window(on(1), on(6))
    rows = movements(found.rows, calendar=Calendar(), window=spring).rows
    return [(row.new, row.expansion, row.contraction, row.churn, row.reactivation) for row in rows]


FEW = timedelta(days=3)


def test_a_renewal_some_days_late_is_no_churn_and_no_reactivation() -> None:
    nothing = (0, 0, 0, 0, 0)
    new = [(30, 0, 0, 0, 0), nothing, nothing, nothing, nothing]
    away = [(30, 0, 0, 0, 0), (0, 0, 0, 30, 0), (0, 0, 0, 0, 30), nothing, nothing]
    assert moved(follow(*late(3))) == away
    assert moved(follow(*late(3), grace=FEW)) == new
    assert moved(follow(*late(4), grace=FEW)) == away
    assert moved(follow(*late(4), grace=Period(days=4))) == new
    assert moved(follow(*late(3), grace=timedelta())) == away


def test_ends_that_are_the_last_paid_day_are_joined_by_a_day_of_grace() -> None:
    days = [(on(1, 1), on(1, 31)), (on(2, 1), on(2, 28)), (on(3, 1), on(3, 31)), (on(4, 1), None)]
    paid = [ann(start=start, end=end) for start, end in days]
    assert [row[1] for row in months(follow(*paid))] == [4, 5]
    found = follow(*paid, grace=timedelta(days=1))
    assert [row[1] for row in months(found)] == [1, 2, 3, 4, 5]
    assert found.open == ()


def test_a_grace_of_days_holds_where_the_clocks_change() -> None:
    """31 October 2027 has 25 hours in Berlin: a renewal a day late is 25 hours late."""
    paid = [
        ann(start=date(2027, 10, 1), end=date(2027, 10, 31)),
        ann(start=date(2027, 11, 1)),
    ]
    berlin = Calendar(zone="Europe/Berlin")
    asked: Any = {"calendar": berlin, "until": date(2027, 11, 30)}
    assert [row[1] for row in months(follow(*paid, **asked, grace=timedelta(days=1)))] == [10, 11]
    hours = follow(*paid, **asked, grace=timedelta(hours=23))
    assert [row[1] for row in months(hours)] == [11]


def test_a_grace_of_no_length_joins_nothing_where_an_hour_comes_twice() -> None:
    berlin = Calendar("hour", zone="Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, and 02:00 comes again
    paid = [
        ann(start=first - timedelta(hours=3), end=first),
        ann(start=first + timedelta(minutes=35)),
    ]
    asked: Any = {"calendar": berlin, "until": first + timedelta(hours=2)}
    plain = follow(*paid, **asked)
    assert follow(*paid, **asked, grace=timedelta()).rows == plain.rows


def test_a_grace_of_months_is_counted_on_the_calendar() -> None:
    january = [ann(start=on(1, 1), end=on(1, 31)), ann(start=on(2, 28))]
    assert [row[1] for row in months(follow(*january, grace=Period(months=1)))] == [1, 2, 3, 4, 5]
    january[1] = ann(start=on(3, 1))
    assert [row[1] for row in months(follow(*january, grace=Period(months=1)))] == [3, 4, 5]


def test_a_plan_that_changes_across_a_gap_grows_or_shrinks_when_it_begins() -> None:
    """In the gap the old amount counts; the new one from March on."""
    found = follow(
        *late(3, amount=Decimal(50)), ann(start=on(1, 2), end=on(1, 3), amount=0), grace=FEW
    )
    assert months(found)[:3] == [("ann", 1, 30), ("ann", 2, 30), ("ann", 3, 50)]
    assert moved(found)[2] == (0, 20, 0, 0, 0)
    assert moved(follow(*late(3, amount=10), grace=FEW))[2] == (0, 0, 20, 0, 0)


def test_no_gap_is_one_in_which_another_subscription_is_paid() -> None:
    team = ann(start=on(1, 2), amount=80)
    found = follow(*late(3), team, grace=FEW)
    assert sorted(amount for _, month, amount in months(found) if month == 2) == [80]
    assert found.rows == follow(*late(3), team).rows


def test_all_that_was_paid_last_is_carried() -> None:
    paid = [
        ann(end=on(2, 28)),
        ann(start=on(2, 1), end=on(2, 28), amount=7),
        ann(start=on(2, 1), end=on(2, 27), amount=5),
        ann(start=on(3, 2), amount=40),
    ]
    found = months(follow(*paid, grace=FEW))
    assert sorted(amount for _, month, amount in found if month == 2) == [7, 30]


def test_a_free_plan_and_one_of_no_length_are_no_renewal() -> None:
    for other in (ann(start=on(3, 2), amount=0), ann(start=on(3, 2), end=on(3, 2))):
        found = follow(ann(end=on(2, 28)), other, grace=FEW)
        assert moved(found)[1] == (0, 0, 0, 30, 0)
    free = ann(start=on(2, 28), amount=0)
    assert moved(follow(*late(3), free, grace=FEW))[1] == (0, 0, 0, 0, 0)


def test_whose_grace_is_not_over_is_open_and_not_lost() -> None:
    paid, until = ann(end=on(2, 28)), on(3, 2)
    found = follow(paid, grace=FEW, until=until)
    assert [row[1] for row in months(found)] == [1, 2, 3]
    assert [at.month for _, at, _ in found.open] == [2, 3]
    assert (
        str(found).splitlines()[-1] == "open: 2 of 3 rows, not renewed, and the grace is not over"
    )
    assert "open: 2 of 3 rows" in found._repr_html_()
    assert follow(paid, grace=FEW, until=on(2, 27)).open == ()
    over = follow(paid, grace=FEW, until=datetime.fromisoformat("2026-03-03"))
    assert ([row[1] for row in months(over)], over.open) == ([1], ())
    last = datetime.fromisoformat("2026-03-03") - timedelta.resolution
    assert follow(paid, grace=FEW, until=last).open == found.open
    assert follow(*late(3), grace=FEW, until=on(3, 2)).open == found.open
    assert follow(*late(3), grace=FEW, until=on(3, 3)).open == ()


def test_a_grace_beyond_all_calendars_never_ends() -> None:
    for grace in (timedelta.max, Period(years=9999)):
        assert len(follow(*late(90), grace=grace, until=on(6, 30)).rows) == 6
        assert len(follow(ann(end=on(2, 28)), grace=grace).open) == 4


def test_churn_when_canceled_has_its_grace_from_there() -> None:
    paid = [ann(cancelled=on(2, 20), end=on(3, 20)), ann(start=on(3, 20))]
    asked: Any = {"recognised": "cancelled"}
    assert [row[1] for row in months(follow(*paid, **asked))] == [1, 3, 4, 5]
    assert len(follow(*paid, **asked, grace=Period(months=1)).rows) == 5
    assert len(follow(*paid, **asked, grace=timedelta(days=27)).rows) == 4


def test_visits_within_a_period_that_are_joined_are_one() -> None:
    visits = [
        ann(start=on(3, 2), end=on(3, 9)),
        ann(start=on(3, 11), end=on(3, 20), amount=50),
    ]
    assert [row[2] for row in follow(*visits, grace=FEW, same_period="counted").same_period] == [50]
    assert (
        follow(
            ann(start=on(2, 2), end=on(2, 27)), *late(3), grace=FEW, same_period="counted"
        ).same_period
        == ()
    )


def test_customers_and_their_gaps_are_told_apart() -> None:
    other = Subscription("bob", start=on(3, 1), amount=5, end=on(3, 2))
    found = follow(ann(end=on(2, 28)), other, grace=FEW)
    assert moved(found)[1][3] == 30


@pytest.mark.parametrize(
    ("grace", "error", "message"),
    [
        (14, InvalidTypeError, r"^grace must be a timedelta or a Period, got 14"),
        (0, InvalidTypeError, r"^grace must be a timedelta or a Period, got 0"),
        ("14 days", InvalidTypeError, r"^grace must be a timedelta or a Period, got '14 days'"),
        (-FEW, InvalidValueError, r"^grace must be at least 0"),
    ],
)
def test_a_grace_is_a_length_of_time(grace: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        follow(grace=grace)


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
    with pytest.raises(UnknownNameError, match=r"^same_period must be one of 'ignored', 'counted'"):
        follow(same_period="both")
    with pytest.raises(InvalidTypeError, match=r"^calendar must be a Calendar"):
        follow(calendar="month")
    with pytest.raises(MixedNumbersError, match=r"subscriptions\[1\]\.amount"):
        follow(ann(amount=Decimal(1)), ann(amount=1.0))
    aware = Subscription("bob", start=datetime(2026, 1, 1, tzinfo=UTC), amount=1)
    with pytest.raises(MixedInstantsError, match=r"until and subscriptions\[0\]\.start must"):
        follow(aware, until=aware.start.replace(tzinfo=None))  # type: ignore[call-arg]
    with pytest.raises(InvalidTypeError, match=r"^until must be a datetime or a date"):
        follow(until=None)


def test_a_customer_may_be_a_uuid() -> None:
    assert Subscription(UUID(int=7), start=on(1), amount=1).customer == UUID(int=7)
