"""Stickiness, and the daily of the monthly active."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics.retention import StickinessTable, active_ratio, stickiness
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

SPRING = Window(date(2026, 1, 1), date(2026, 4, 1))


def on(month: int, day: int = 10) -> date:
    return date(2026, month, day)


LOG = [("ann", on(1)), ("ann", on(1, 11)), ("ann", on(3)), ("bob", on(2)), ("cy", on(3))]


def of(activity: Any = LOG, window: Window = SPRING) -> StickinessTable:
    return stickiness(activity, calendar=Calendar(), window=window)


# StickinessTable


def test_customers_count_by_the_periods_they_were_active_in() -> None:
    found = of()
    assert found.counts == (2, 1, 0)
    assert found.customers == 3
    assert [row.at_least for row in found.rows] == [3, 1, 0]
    assert [row.rate for row in found.rows] == [Rate(2, 3), Rate(1, 3), Rate(0, 3)]
    assert found.rows[0].value == pytest.approx(2 / 3)


def test_what_lies_outside_the_window_is_ignored() -> None:
    log = [*LOG, ("ann", date(2025, 12, 31)), ("di", date(2025, 1, 1)), ("ann", on(4, 1))]
    assert of(log) == of()


def test_nobody_is_active_in_an_empty_window() -> None:
    found = of([])
    assert found.counts == (0, 0, 0)
    assert found.rows[0].value is None


def test_an_open_window_has_counts_so_far_and_no_rates() -> None:
    found = of(window=Window(on(1, 1), on(3, 20)))
    assert found.open
    assert found.counts == (2, 1, 0)
    assert [(row.rate, row.value) for row in found.rows] == [(None, None)] * 3
    assert str(found).splitlines()[0].endswith("active, so far")


def test_stickiness_is_a_table() -> None:
    found = of()
    assert str(found).splitlines() == [
        "Customers by the number of months in which they were active",
        "periods  customers  at_least  share",
        "      1          2         3  66.7%",
        "      2          1         1  33.3%",
        "      3          0         0   0.0%",
    ]
    assert found.to_rows()[1] == {
        "periods": 2,
        "customers": 1,
        "at_least": 1,
        "share": pytest.approx(1 / 3),
    }
    assert repr(found).startswith("StickinessTable(calendar=Calendar(), window=Window(")
    assert repr(found).endswith("counts=(2, 1, 0), open=False)")
    assert repr(found.rows[1]) == (
        "StickinessRow(periods=2, customers=1, at_least=1, rate=Rate(1, 3))"
    )


# Daily of monthly active


def test_the_day_is_the_last_of_the_days() -> None:
    day = on(1, 28)
    seen = [("ann", day), ("bob", on(1, 1)), ("cy", date(2025, 12, 31)), ("di", on(1, 29))]
    assert active_ratio(seen, until=day) == Rate(1, 2)
    assert active_ratio(seen, until=day, days=29) == Rate(1, 3)
    assert active_ratio(seen, until=day, days=1) == Rate(1, 1)


def test_a_customer_counts_once() -> None:
    seen = [("ann", on(1, 28)), ("ann", on(1, 28)), ("ann", on(1, 2))]
    assert active_ratio(seen, until=on(1, 28)) == Rate(1, 1)


def test_nobody_active_has_no_ratio() -> None:
    assert active_ratio([], until=on(1, 28)).value is None


def test_days_begin_in_the_zone() -> None:
    seen = [("ann", datetime(2026, 1, 27, 23, 30, tzinfo=UTC))]
    assert active_ratio(seen, until=on(1, 28)) == Rate(0, 1)
    assert active_ratio(seen, until=on(1, 28), zone="Europe/Berlin") == Rate(1, 1)


def test_days_are_those_of_the_calendar_where_clocks_change() -> None:
    berlin = Calendar("day", zone="Europe/Berlin")
    last = date(2026, 3, 29)  # of 23 hours
    seen = [("ann", berlin.start(berlin.index(last) + 1) - timedelta(microseconds=1))]
    assert active_ratio(seen, until=last, days=1, zone="Europe/Berlin") == Rate(1, 1)
    seen = [("ann", berlin.start(berlin.index(last)) - timedelta(microseconds=1))]
    assert active_ratio(seen, until=last, days=1, zone="Europe/Berlin") == Rate(0, 0)
    assert active_ratio(seen, until=last, days=2, zone="Europe/Berlin") == Rate(0, 1)


def test_an_instant_is_the_day_up_to_it() -> None:
    noon = datetime(2026, 1, 28, 12, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    seen = [("ann", noon - timedelta(days=27)), ("bob", noon + tick), ("cy", noon)]
    assert active_ratio(seen, until=noon) == Rate(1, 2)
    assert active_ratio(seen, until=noon - tick) == Rate(0, 1)
    last = datetime(2026, 1, 29, tzinfo=UTC) - tick
    assert active_ratio(seen, until=last) == active_ratio(seen, until=on(1, 28)) == Rate(2, 3)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_what_comes_after_the_day_changes_nothing(zone: str) -> None:
    last = datetime(2026, 1, 28, 23, 59, 59, 999_999)  # noqa: DTZ001
    seen = [("ann", datetime(2026, 1, 1)), ("bob", last)]  # noqa: DTZ001
    later = [*seen, ("cy", last + timedelta(microseconds=1))]
    for day in (on(1, 28), last):
        assert active_ratio(later, until=day, zone=zone) == Rate(1, 2)


@pytest.mark.parametrize("until", ["2026-01-28", None])
def test_until_is_a_date_or_an_instant(until: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^until must be a datetime or a date"):
        active_ratio([], until=until)


def test_days_are_one_at_least() -> None:
    with pytest.raises(InvalidValueError, match=r"^days must be at least 1"):
        active_ratio([], until=on(1, 28), days=0)
    with pytest.raises(InvalidTypeError, match=r"^days must be a whole number"):
        active_ratio([], until=on(1, 28), days=28.0)  # type: ignore[arg-type]
