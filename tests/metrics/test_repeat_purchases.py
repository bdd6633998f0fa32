"""Repeat purchases, and the times between orders."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from lifecycle.metrics.retention import (
    PurchaseIntervals,
    purchase_intervals,
    repeat_purchase_rate,
)
from lifecycle.periods import Period, Window
from lifecycle.rates import Rate

MAY = Window(date(2026, 5, 1), date(2026, 6, 1))


def on(month: int, day: int) -> date:
    return date(2026, month, day)


def days(*numbers: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=number) for number in numbers)


# Repeat purchases


def test_two_orders_in_the_window_are_a_repeat() -> None:
    orders = [("ann", on(5, 1)), ("ann", on(5, 31)), ("bob", on(5, 2)), ("cy", on(4, 30))]
    assert repeat_purchase_rate(orders, window=MAY) == Rate(1, 2)


def test_two_orders_at_one_instant_are_two() -> None:
    assert repeat_purchase_rate([("ann", on(5, 1)), ("ann", on(5, 1))], window=MAY) == Rate(1, 1)


def test_an_order_at_the_end_is_not_within() -> None:
    assert repeat_purchase_rate([("ann", on(5, 1)), ("ann", on(6, 1))], window=MAY) == Rate(0, 1)


def test_earlier_orders_count_where_asked() -> None:
    orders = [("ann", on(1, 1)), ("ann", on(5, 1)), ("bob", on(1, 1)), ("bob", on(1, 2))]
    assert repeat_purchase_rate(orders, window=MAY) == Rate(0, 1)
    assert repeat_purchase_rate(orders, window=MAY, earlier="counted") == Rate(1, 1)


def test_no_buyers_have_no_rate() -> None:
    assert repeat_purchase_rate([], window=MAY).value is None


def test_an_unknown_way_with_earlier_orders_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"^earlier must be one of 'ignored', 'counted'"):
        repeat_purchase_rate([], window=MAY, earlier="kept")  # type: ignore[arg-type]


def test_aware_orders_go_with_an_aware_window() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    window = Window(datetime(2026, 5, 1, tzinfo=tokyo), datetime(2026, 6, 1, tzinfo=tokyo))
    orders = [("ann", datetime(2026, 4, 30, 15, tzinfo=UTC))] * 2
    assert repeat_purchase_rate(orders, window=window) == Rate(1, 1)


# Intervals


def test_intervals_lie_between_the_orders_of_one_customer() -> None:
    orders = [("ann", on(1, 11)), ("ann", on(1, 1)), ("bob", on(1, 4)), ("ann", on(1, 12))]
    assert purchase_intervals(orders).lengths == days(1, 10)


def test_orders_at_one_instant_lie_no_time_apart() -> None:
    assert purchase_intervals([("ann", on(1, 1))] * 3).lengths == days(0, 0)


def test_time_passes_also_where_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    orders = [("ann", datetime(2026, 3, day, 12, tzinfo=berlin)) for day in (28, 29)]
    assert purchase_intervals(orders).lengths == (timedelta(hours=23),)


def test_intervals_have_a_mean_and_a_median() -> None:
    some = PurchaseIntervals(days(30, 1, 5))
    assert (some.n, some.mean, some.median) == (3, timedelta(days=12), timedelta(days=5))
    assert PurchaseIntervals(days(1, 2, 4, 9)).median == timedelta(days=3)


def test_no_intervals_have_neither() -> None:
    none = purchase_intervals([("ann", on(1, 1)), ("bob", on(1, 2))])
    assert (none.n, none.mean, none.median) == (0, None, None)
    assert none.within(timedelta(days=1)).value is None


def test_a_share_lies_within_a_length() -> None:
    some = PurchaseIntervals(days(1, 5, 5, 30))
    assert some.within(timedelta(days=5)) == Rate(3, 4)
    assert some.within(timedelta()) == Rate(0, 4)


@pytest.mark.parametrize("length", [5, None, True])
def test_lengths_are_timedeltas(length: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^length must be a timedelta"):
        PurchaseIntervals(()).within(length)
    with pytest.raises(InvalidTypeError, match=r"^lengths\[1\] must be a timedelta"):
        PurchaseIntervals((timedelta(), length))


def test_times_that_passed_are_no_months() -> None:
    month = Period(months=1)
    expected = r"^length must be a fixed length: a share of times that passed needs one, got Period"
    with pytest.raises(InvalidValueError, match=expected):
        PurchaseIntervals(()).within(month)
    expected = r"^lengths\[0\] must be a fixed length: a time that passed needs one, got Period"
    with pytest.raises(InvalidValueError, match=expected):
        PurchaseIntervals([month])  # type: ignore[list-item]
    assert PurchaseIntervals([Period(days=2)]).within(Period(days=2)) == Rate(1, 1)  # type: ignore[list-item]


def test_lengths_are_not_negative() -> None:
    with pytest.raises(InvalidValueError, match=r"^lengths\[0\] must be at least 0"):
        PurchaseIntervals(days(-1))


def test_intervals_show_how_they_are_made() -> None:
    assert repr(PurchaseIntervals(days(1))) == "PurchaseIntervals((datetime.timedelta(days=1),))"


def test_the_mean_of_very_many_long_intervals_has_no_limit() -> None:
    intervals = PurchaseIntervals([timedelta.max] * 3)
    assert intervals.mean == intervals.median == timedelta.max
    assert PurchaseIntervals([timedelta.max, timedelta(0)] * 2).median == timedelta.max / 2


def test_a_mean_is_rounded_to_the_microsecond() -> None:
    unit = timedelta.resolution
    assert PurchaseIntervals([unit, unit, 3 * unit]).mean == 2 * unit
    assert PurchaseIntervals(days(1, 2, 6)).mean == timedelta(days=3)


def test_lengths_are_a_series() -> None:
    with pytest.raises(InvalidTypeError, match=r"^lengths must be a series of values"):
        PurchaseIntervals(5)


def test_intervals_are_shown_by_their_middle_and_mean() -> None:
    orders = [("ann", on(5, 1)), ("ann", on(5, 3)), ("ann", on(5, 10))]
    found = purchase_intervals(orders)
    assert str(found) == "Times between orders: 2, median 4 days, 12:00:00, mean 4 days, 12:00:00"
    assert found._repr_html_() == f"<p>{found}</p>"
    assert str(purchase_intervals([])) == "Times between orders: 0"
