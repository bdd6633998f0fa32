"""Growth accounting."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.metrics.retention import GrowthTable, growth, resurrection_rate
from lifecycle.periods import Calendar, Period, Window
from lifecycle.rates import Rate

SPRING = Window(date(2026, 2, 1), date(2026, 5, 1))


def on(month: int, day: int = 10) -> date:
    return date(2026, month, day)


def table(activity: Any, **options: Any) -> GrowthTable:
    return growth(activity, **{"calendar": Calendar(), "window": SPRING, **options})


def counts(found: GrowthTable) -> list[tuple[int, int, int, int]]:
    return [(row.new, row.returning, row.resurrected, row.dormant) for row in found.rows]


def test_each_active_customer_is_new_returning_or_resurrected() -> None:
    log = [("ann", on(2)), ("ann", on(3)), ("bob", on(2)), ("bob", on(4)), ("cy", on(4))]
    found = table(log)
    assert counts(found) == [(2, 0, 0, 0), (0, 1, 0, 1), (1, 0, 1, 1)]
    assert [row.active for row in found.rows] == [2, 1, 2]


def test_activity_one_period_before_the_window_is_read() -> None:
    log = [("ann", on(1, 1)), ("bob", on(1, 31)), ("bob", on(2))]
    assert counts(table(log))[0] == (0, 1, 0, 1)


def test_activity_before_that_makes_a_customer_old_but_not_dormant() -> None:
    log = [("ann", date(2025, 12, 31)), ("ann", on(2))]
    assert counts(table(log)) == [(0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 0, 0)]


def test_a_customer_is_dormant_once() -> None:
    assert [row.dormant for row in table([("ann", on(2))]).rows] == [0, 1, 0]


def test_the_last_period_is_open_where_the_window_ends_within_it() -> None:
    found = table([("ann", on(3))], window=Window(on(2, 1), on(4, 20)))
    assert [row.open for row in found.rows] == [False, False, True]
    assert found.rows[2].dormant == 1
    assert [row.open for row in table([]).rows] == [False, False, False]


def test_rows_at_the_end_of_the_window_are_ignored() -> None:
    assert table([("ann", on(5, 1))], enrolled={}) == table([])


def test_enrolled_says_who_is_new() -> None:
    log = [("ann", on(2)), ("bob", on(2))]
    found = table(log, enrolled={"ann": on(1, 20), "bob": on(2), "cy": on(2)})
    assert counts(found)[0] == (1, 0, 1, 0)


def test_activity_before_the_enrollment_is_refused() -> None:
    with pytest.raises(
        InvalidValueError,
        match=r"^enrolled\['ann'\] must be at or before the customer's first activity, 2026-02",
    ):
        table([("ann", on(2))], enrolled={"ann": on(2, 11)})


def test_each_customer_must_have_been_enrolled() -> None:
    with pytest.raises(InvalidValueError, match=r"^enrolled\['ann'\] must be given"):
        table([("ann", on(2))], enrolled={})


def test_enrolled_may_be_rows_of_which_the_earliest_counts() -> None:
    log = [("ann", on(2)), ("bob", on(2))]
    rows = [("ann", on(2)), ("ann", on(1, 20)), ("bob", on(2)), ("cy", on(2))]
    assert table(log, enrolled=rows) == table(log, enrolled={"ann": on(1, 20), "bob": on(2)})


@pytest.mark.parametrize("enrolled", ["ann", 3])
def test_enrolled_is_a_mapping_or_rows(enrolled: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^enrolled must be rows of \(customer, at\)"):
        table([("ann", on(2))], enrolled=enrolled)


def test_ids_that_a_column_made_floats_are_those_of_the_activity() -> None:
    log = [(7, on(2))]
    assert table(log, enrolled={7.0: on(1)}) == table(log, enrolled={7: on(1)})


def test_a_key_of_enrolled_is_an_id() -> None:
    with pytest.raises(
        InvalidTypeError, match=r"^enrolled\[0\]\.customer must be text or a whole number"
    ):
        table([("ann", on(2))], enrolled={None: on(2)})


def test_enrolled_has_instants_of_the_kind_of_the_activity() -> None:
    with pytest.raises(InvalidTypeError, match=r"^enrolled\['ann'\] must be a datetime or a da"):
        table([("ann", on(2))], enrolled={"ann": None})
    with pytest.raises(MixedInstantsError, match=r"^activity\[0\]\.at and enrolled\['ann'\]"):
        table([("ann", on(2))], enrolled={"ann": datetime(2026, 2, 1, tzinfo=UTC)})


def test_growth_is_a_table() -> None:
    found = table([("ann", on(2))], window=Window(on(2, 1), on(3, 20)))
    assert str(found).splitlines() == [
        "Growth by month",
        "period      active  new  returning  resurrected  dormant  open",
        "2026-02-01       1    1          0            0        0",
        "2026-03-01       0    0          0            0        1  so far",
    ]
    assert found.to_rows()[1] == {
        "period": datetime(2026, 3, 1, tzinfo=UTC),
        "active": 0,
        "new": 0,
        "returning": 0,
        "resurrected": 0,
        "dormant": 1,
        "open": True,
    }
    assert "so far" in found._repr_html_()
    assert repr(found).startswith("GrowthTable(calendar=Calendar(), window=Window(")
    assert "GrowthRow(period=datetime.datetime(2026, 2, 1" in repr(found)


# Resurrection

MAY = Window(date(2026, 5, 1), date(2026, 6, 1))


def test_those_idle_at_the_start_may_come_back() -> None:
    seen = [
        ("ann", on(1, 1)),  # idle, comes back
        ("ann", on(5, 1)),
        ("bob", on(1, 1)),  # idle, stays away
        ("cy", on(4, 2)),  # not idle
        ("cy", on(5, 2)),
        ("di", on(5, 3)),  # new
        ("ed", on(1, 1)),  # comes back too late
        ("ed", on(6, 1)),
    ]
    assert resurrection_rate(seen, window=MAY, idle=timedelta(days=90)) == Rate(1, 3)


def test_idle_is_reached_at_the_very_instant() -> None:
    seen = [("ann", on(4, 1)), ("ann", on(5, 1))]
    assert resurrection_rate(seen, window=MAY, idle=timedelta(days=30)) == Rate(1, 1)
    assert resurrection_rate(seen, window=MAY, idle=timedelta(days=30, microseconds=1)) == Rate(
        0, 0
    )


def test_the_last_activity_counts_whatever_the_order_of_rows() -> None:
    seen = [("ann", on(4, 20)), ("ann", on(1, 1))]
    assert resurrection_rate(seen, window=MAY, idle=timedelta(days=30)) == Rate(0, 0)


def test_a_length_beyond_all_time_leaves_nobody_idle() -> None:
    assert resurrection_rate([("ann", on(1, 1))], window=MAY, idle=timedelta.max) == Rate(0, 0)


def test_idle_is_a_length_that_is_not_negative() -> None:
    with pytest.raises(InvalidTypeError, match=r"^idle must be a timedelta or a Period, got 90"):
        resurrection_rate([], window=MAY, idle=90)  # type: ignore[arg-type]
    seen = [("ann", on(4, 20)), ("bob", on(1, 1))]
    found = resurrection_rate(seen, window=MAY, idle=Period(days=30))
    assert found == resurrection_rate(seen, window=MAY, idle=timedelta(days=30)) == Rate(0, 1)
    with pytest.raises(InvalidValueError, match=r"^idle must be at least 0"):
        resurrection_rate([], window=MAY, idle=timedelta(days=-1))


def test_months_of_idleness_are_counted_back_on_the_clock_of_the_window() -> None:
    """Three months before 31 May is the last day of February, 2 March is less."""
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 5, 31, tzinfo=berlin)
    window = Window(start, datetime(2026, 7, 1, tzinfo=berlin))
    seen = [
        ("ann", datetime(2026, 2, 28, tzinfo=berlin)),
        ("bob", datetime(2026, 2, 28, 0, 0, 1, tzinfo=berlin)),
        ("cy", datetime(2026, 3, 2, tzinfo=berlin)),
        ("ann", start),
    ]
    assert resurrection_rate(seen, window=window, idle=Period(months=3)) == Rate(1, 1)
    assert resurrection_rate(seen, window=window, idle=timedelta(days=91)) == Rate(1, 2)


@pytest.mark.parametrize("idle", [Period(years=1), timedelta(days=365)])
def test_a_year_of_idleness_is_a_period_or_a_timedelta(idle: Any) -> None:
    seen = [("ann", date(2025, 5, 1)), ("bob", date(2025, 5, 2)), ("ann", on(5, 9))]
    assert resurrection_rate(seen, window=MAY, idle=idle) == Rate(1, 1)


def test_years_beyond_all_time_leave_nobody_idle() -> None:
    found = resurrection_rate([("ann", on(1, 1))], window=MAY, idle=Period(years=9000))
    assert found == Rate(0, 0)
