"""Retention of logs: from dataframes of many rows, and split by groups."""

import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import Calendar, EventLog, Groups, Rate, Ratio, Window, retention
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.metrics.funnel import ConversionTimes

ROWS = [
    ("ann", date(2026, 1, 3), "web", 10),
    ("ann", date(2026, 2, 9), "app", 20),
    ("ann", date(2026, 3, 9), "app", 30),
    ("bob", date(2026, 2, 9), "web", 40),
    ("bob", date(2026, 2, 11), "web", 50),
    ("cy", date(2026, 3, 2), None, 60),
]
LOG = EventLog.from_rows(ROWS, fields=("customer", "at", "channel", "value"))
SPRING: dict[str, Any] = {
    "calendar": Calendar("month"),
    "window": Window(date(2026, 2, 1), date(2026, 4, 1)),
}
DATES = Window(date(2026, 2, 1), date(2026, 4, 1))


# By groups


def test_cohorts_of_each_group_begin_with_its_own_rows() -> None:
    """With the app ann began in February, and with both, in January, before the window."""
    found = retention.cohorts(LOG, **SPRING, by="channel")
    assert isinstance(found, Groups)
    sizes = {group: [row.size for row in table.rows] for group, table in found.results}
    assert sizes == {"app": [1, 0], "web": [1, 0], None: [0, 1]}
    assert found["app"].cell(0, 1).rate == Rate(1, 1)
    assert [row.size for row in retention.cohorts(LOG, **SPRING).rows] == [1, 1]


def test_starts_are_split_as_the_returns_are() -> None:
    began = {"ann": date(2026, 2, 1), "bob": date(2026, 2, 1), "di": date(2026, 2, 1)}
    segments = {"ann": "new", "di": "new", "bob": "old"}
    visits = [row[:2] for row in ROWS]
    for rows in (visits, EventLog.from_rows(visits)):
        found = retention.cohorts(rows, enrolled=began, **SPRING, by=segments)
        assert found.groups == ("new", "old", None)
        assert found["new"].cell(0, 1).rate == Rate(1, 2)
        assert found["old"].cell(0, 1).rate == Rate(0, 1)
        assert found[None].cell(0, 0).size == 0


def test_growth_of_each_group() -> None:
    found = retention.growth(LOG, **SPRING, by="channel")
    assert [(row.new, row.returning, row.dormant) for row in found["app"].rows] == [
        (1, 0, 0),
        (0, 1, 0),
    ]
    assert [(row.new, row.dormant) for row in found["web"].rows] == [(1, 1), (0, 1)]


def test_revenue_of_each_group() -> None:
    found = retention.cohort_revenue(LOG, **SPRING, by="channel")
    assert found["app"].cell(0, 1).per_customer == Ratio(50.0, 1)
    assert found["web"].cell(0, 0).per_customer == Ratio(90.0, 1)


def test_rates_of_each_group() -> None:
    repeats = retention.repeat_purchase_rate(LOG, window=DATES, by="channel")
    assert repeats.results == (("app", Rate(1, 1)), ("web", Rate(1, 1)), (None, Rate(0, 1)))
    march = Window(date(2026, 3, 1), date(2026, 4, 1))
    back = retention.resurrection_rate(LOG, window=march, idle=timedelta(days=20), by="channel")
    assert back.results == (("app", Rate(1, 1)), ("web", Rate(0, 1)), (None, Rate(0, 0)))


def test_intervals_of_each_group() -> None:
    found = retention.purchase_intervals(LOG, by="channel")
    assert found["web"].lengths == (timedelta(days=2),)
    assert found.to_rows() == [
        {"group": "app", "length": timedelta(days=28)},
        {"group": "web", "length": timedelta(days=2)},
    ]
    assert str(found).startswith("app\nTimes between orders: 1, median 28 days")


# Many rows, of the dataframes that people have


def many(rows: int = 40_000) -> dict[str, list[Any]]:
    """Columns of more rows than a part of an array has, in no order, of 1,300 customers."""
    numbers = [(n * 7919) % 100_003 for n in range(rows)]
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "customer": [f"c{n % 1_300}" for n in numbers],
        "at": [begin + timedelta(minutes=5 * n) for n in numbers],
        "value": [n % 1_000 / 8 for n in numbers],
        "plan": [("gold", "basic", None)[n % 3] for n in numbers],
    }


def chunks_of_dictionaries(columns: dict[str, list[Any]]) -> Any:
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table(columns)
    tables = [table[at : at + 9_000] for at in range(0, len(table), 9_000)]
    encoded = [
        each.set_column(0, "customer", each["customer"].combine_chunks().dictionary_encode())
        for each in tables
    ]
    return pyarrow.concat_tables(encoded)


def nullable(columns: dict[str, list[Any]]) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns).convert_dtypes()


@pytest.mark.parametrize("frame_of", [chunks_of_dictionaries, nullable])
def test_many_rows_of_a_dataframe_give_the_same_results_as_rows(frame_of: Any) -> None:
    columns = many()
    pytest.importorskip("narwhals")
    roles = {"customer": "customer", "at": "at", "value": "value", "attributes": ("plan",)}
    log = EventLog.from_frame(frame_of(columns), **roles)
    visits = list(zip(columns["customer"], columns["at"], strict=True))
    paid = list(zip(columns["customer"], columns["at"], columns["value"], strict=True))
    aware = Window(*(each.replace(tzinfo=ZoneInfo("Europe/Berlin")) for each in SUMMER))
    ask: list[tuple[Any, Any, dict[str, Any]]] = [
        (retention.cohorts, visits, YEAR_IN_BERLIN),
        (retention.cohorts, visits, {**YEAR_IN_BERLIN, "mode": "elapsed", "min_occurrences": 2}),
        (retention.growth, visits, YEAR_IN_BERLIN),
        (retention.stickiness, visits, YEAR_IN_BERLIN),
        (retention.cohort_revenue, paid, YEAR_IN_BERLIN),
        (retention.repeat_purchase_rate, visits, {"window": aware}),
        (retention.resurrection_rate, visits, {"window": aware, "idle": timedelta(days=3)}),
        (retention.purchase_intervals, visits, {}),
    ]
    for question, rows, options in ask:
        assert repr(question(log, **options)) == repr(question(rows, **options))
    segments = dict(zip(columns["customer"], columns["plan"], strict=True))
    by_plan = retention.growth(log, **YEAR_IN_BERLIN, by=segments)
    assert by_plan == retention.growth(visits, **YEAR_IN_BERLIN, by=segments)


SUMMER = (datetime(2026, 5, 1), datetime(2026, 9, 1))  # noqa: DTZ001  (local times of a zone)
BERLIN = ZoneInfo("Europe/Berlin")
YEAR_IN_BERLIN: dict[str, Any] = {
    "calendar": Calendar("month", zone="Europe/Berlin"),
    "window": Window(
        datetime(2026, 2, 1, tzinfo=BERLIN),
        datetime(2026, 12, 10, tzinfo=BERLIN),
    ),
}


# What results hold, and what is refused


def test_results_of_arrays_hold_numbers_of_python() -> None:
    cell = retention.cohorts(LOG, **SPRING).cell(0, 1)
    assert [type(each) for each in (cell.k, cell.last, cell.size, cell.retained)] == [int] * 4
    row = retention.growth(LOG, **SPRING).rows[0]
    kinds = (row.new, row.returning, row.resurrected, row.dormant, row.active)
    assert [type(each) for each in kinds] == [int] * 5
    paid = retention.cohort_revenue(LOG, **SPRING).cell(0, 1)
    assert (type(paid.size), type(paid.revenue), type(paid.open)) == (int, float, bool)
    rates = (
        retention.repeat_purchase_rate(LOG, window=DATES),
        retention.resurrection_rate(LOG, window=DATES, idle=timedelta(0)),
        retention.purchase_intervals(LOG).within(timedelta(days=2)),
    )
    for rate in rates:
        assert (type(rate.numerator), type(rate.denominator)) == (int, int)
    intervals = retention.purchase_intervals(LOG)
    assert {type(each) for each in (*intervals.lengths, intervals.mean)} == {timedelta}


def test_sums_of_floats_are_rounded_once_and_those_of_decimals_are_exact() -> None:
    """In binary, ten times 0.1 is more than 1; as the nearest float it is 1."""
    fields = ("customer", "at", "value")
    paid = [("ann", date(2026, 2, 3), 0.1)] * 10
    log = EventLog.from_rows(paid, fields=fields)
    assert retention.cohort_revenue(log, **SPRING).cell(0, 0).revenue == 1.0
    exact = [("ann", date(2026, 2, 3), Decimal("0.1"))] * 10
    found = retention.cohort_revenue(EventLog.from_rows(exact, fields=fields), **SPRING)
    assert repr(found.cell(0, 0).revenue) == "Decimal('1.0')"


def test_a_sum_beyond_floats_is_refused() -> None:
    paid = [("ann", date(2026, 2, 3), 1e308)] * 2
    log = EventLog.from_rows(paid, fields=("customer", "at", "value"))
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        retention.cohort_revenue(log, **SPRING)


def test_the_first_customer_in_the_log_who_is_not_enrolled_is_named() -> None:
    """Of those active before the window's end, in the order of their rows."""
    rows = [
        ("ann", date(2026, 6, 1)),
        ("cy", date(2026, 3, 1)),
        ("bob", date(2026, 2, 1)),
        ("ann", date(2026, 2, 1)),
        ("cy", date(2026, 2, 1)),
    ]
    for log in (rows, EventLog.from_rows(rows)):
        with pytest.raises(InvalidValueError, match=r"^enrolled\['cy'\] must be given for each"):
            retention.growth(log, **SPRING, enrolled={})
        late = {"cy": date(2026, 2, 2), "bob": date(2026, 1, 1), "ann": date(2026, 1, 1)}
        expected = (
            r"^enrolled\['cy'\] must be at or before the customer's first activity, 2026-02-01"
        )
        with pytest.raises(InvalidValueError, match=expected):
            retention.growth(log, **SPRING, enrolled=late)


def test_starts_are_of_the_kind_of_the_rows() -> None:
    starts = [("ann", datetime(2026, 1, 1, tzinfo=UTC))]
    for enrolled in (starts, EventLog.from_rows(starts), dict(starts)):
        with pytest.raises(MixedInstantsError, match=r"^activity\[0\]\.at and enrolled\["):
            retention.cohorts(LOG, **SPRING, enrolled=enrolled)


def test_starts_may_be_none_at_all() -> None:
    for enrolled in ([], {}, EventLog.from_rows([])):
        table = retention.cohorts(LOG, **SPRING, enrolled=enrolled)
        assert [row.size for row in table.rows] == [0, 0]


def test_starts_that_are_no_rows_are_refused() -> None:
    with pytest.raises(InvalidTypeError, match=r"^enrolled must be rows of \(customer, at\)"):
        retention.cohorts(LOG, **SPRING, enrolled=3)  # type: ignore[call-overload]


def test_an_amount_that_is_text_is_named_by_its_row() -> None:
    log = EventLog(customer=["ann"], at=[date(2026, 2, 3)], attributes={"amount": ["ten"]})
    with pytest.raises(InvalidTypeError, match=r"^payments\[0\]\.amount must be a number"):
        retention.cohort_revenue(log, **SPRING)


def test_instants_before_all_time_in_a_zone_are_named_by_their_row() -> None:
    """In Tokyo, the year 1 begins in the year 0 of UTC; its second day does not."""
    asked: dict[str, Any] = {**SPRING, "calendar": Calendar("month", zone="Asia/Tokyo")}
    log = EventLog.from_rows([("ann", date(2026, 2, 3)), ("ann", date(1, 1, 1))])
    with pytest.raises(InvalidValueError, match=r"^activity\[1\]\.at must be within years 1 to"):
        retention.growth(log, **asked)
    noon = [("ann", datetime(1, 1, 1, 12)), ("ann", datetime(2026, 2, 3))]  # noqa: DTZ001
    assert retention.growth(EventLog.from_rows(noon), **asked).rows[0].resurrected == 1


def test_an_hour_that_clocks_repeat_is_read_in_the_order_in_which_it_passed() -> None:
    """Summer's 2:40 is 0:40 in UTC; winter's 2:30 and 2:45 are 1:30 and 1:45, 50 and 65 later."""
    winter = [datetime(2026, 10, 25, 2, minute, fold=1) for minute in (30, 45)]  # noqa: DTZ001
    summer = datetime(2026, 10, 25, 2, 40)  # noqa: DTZ001
    log = EventLog.from_rows([("ann", at) for at in (*winter, summer)])
    day = Window(date(2026, 10, 25), date(2026, 10, 26))
    hourly = Calendar("hour", zone="Europe/Berlin")
    table = retention.cohorts(log, calendar=hourly, window=day, mode="elapsed")
    assert [row.size for row in table.rows] == [0, 0, 1, *[0] * 22]
    assert table.cell(2, 1).retained == 1
    twice = retention.cohorts(log, calendar=hourly, window=day, mode="elapsed", min_occurrences=2)
    assert twice.cell(2, 1).retained == 0


def test_intervals_of_any_length_and_number_have_a_mean() -> None:
    """The sum of a hundred times 9,998 years is more microseconds than 64 bits have."""
    ats = [date(1, 1, 1), date(9999, 1, 1)]
    log = EventLog.from_rows([(customer, at) for customer in range(100) for at in ats])
    assert retention.purchase_intervals(log).mean == ats[1] - ats[0]


def test_intervals_are_equal_by_kind_and_lengths() -> None:
    found = retention.purchase_intervals(LOG)
    own = found.lengths
    assert found == retention.PurchaseIntervals(own)
    assert found != retention.PurchaseIntervals(own[1:])
    assert found not in (own, ConversionTimes(own))
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  (our own)


def test_very_many_intervals_are_shown_by_the_first_ones() -> None:
    rows = [("ann", date(2026, 1, 1) + timedelta(days=n)) for n in range(100)]
    expected = "PurchaseIntervals((" + "datetime.timedelta(days=1), " * 3
    expected = expected.strip(", ") + ", ... 96 more))"
    for log in (rows, EventLog.from_rows(rows)):
        assert repr(retention.purchase_intervals(log)) == expected


def test_brackets_may_reach_beyond_all_ages() -> None:
    brackets = [range(1, 10**30)]
    table = retention.cohorts(LOG, **SPRING, brackets=brackets)
    assert table == retention.cohorts([row[:2] for row in ROWS], **SPRING, brackets=brackets)
    assert table.cell(0, 1).retained == 0


def test_months_pass_also_at_the_end_of_all_time() -> None:
    """The year 9999 has no next one; what is left of it is counted as rows are."""
    rows = [("ann", date(9999, 11, 30)), ("ann", date(9999, 12, 30)), ("bob", date(9999, 11, 5))]
    asked: dict[str, Any] = {
        "calendar": Calendar("month", zone="America/New_York"),
        "window": Window(date(9999, 11, 1), date(9999, 12, 31)),
        "mode": "elapsed",
    }
    expected = retention.cohorts(rows, **asked)
    assert retention.cohorts(EventLog.from_rows(rows), **asked) == expected
    assert expected.cell(0, 1).retained == 1


def test_months_that_pass_are_cut_to_the_last_day() -> None:
    """From 31 January a month ends on 28 February, and two on 31 March."""
    days = [(1, 31), (2, 27), (2, 28), (3, 30), (3, 31)]
    rows = [("ann", date(2026, month, day)) for month, day in days]
    asked: dict[str, Any] = {
        "calendar": Calendar("month", zone="Asia/Tokyo"),
        "window": Window(date(2026, 1, 1), date(2026, 6, 1)),
        "mode": "elapsed",
        "min_occurrences": 2,
    }
    table = retention.cohorts(EventLog.from_rows(rows), **asked)
    assert [cell.retained for cell in table.rows[0].cells] == [1, 1, 0, 0, 0]
    asked["min_occurrences"] = 1
    table = retention.cohorts(EventLog.from_rows(rows), **asked)
    assert [cell.retained for cell in table.rows[0].cells] == [1, 1, 1, 0, 0]


def test_a_month_that_ends_in_a_repeated_or_a_skipped_hour_ends_at_its_first_reading() -> None:
    """2:30 on 25 October is 0:30 in UTC; on 29 March, it is 1:30, as clocks show 3:30 then."""
    asked: dict[str, Any] = {
        "calendar": Calendar("month", zone="Europe/Berlin"),
        "window": Window(datetime(2026, 1, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN)),
        "mode": "elapsed",
    }
    starts = {"ann": (9, 25), "bob": (9, 25), "cy": (1, 29), "di": (1, 29)}
    began = {who: datetime(2026, *on, 2, 30, tzinfo=BERLIN) for who, on in starts.items()}
    minutes = {"ann": (10, 25, 0, 29), "bob": (10, 25, 0, 30), "cy": (3, 29, 1, 29)}
    minutes["di"] = (3, 29, 1, 30)
    back = [(who, datetime(2026, *at, tzinfo=UTC)) for who, at in minutes.items()]
    for rows in (back, EventLog.from_rows(back)):
        table = retention.cohorts(rows, enrolled=began, **asked)
        assert [cell.retained for cell in table.rows[8].cells] == [2, 1, 0, 0]
        assert [cell.retained for cell in table.rows[0].cells][:4] == [2, 1, 1, 0]


def test_a_start_in_a_repeated_hour_is_when_it_was() -> None:
    """Enrolled at 2:30 of winter, 1:30 in UTC: half an hour before is 2:00 of winter, too early."""
    began = {"ann": datetime(2026, 10, 25, 1, 30, tzinfo=UTC)}
    paid = [("ann", datetime(2026, 10, 25, 1, minute, tzinfo=UTC), 5.0) for minute in (0, 30)]
    asked: dict[str, Any] = {
        "calendar": Calendar("month", zone="Europe/Berlin"),
        "window": Window(datetime(2026, 10, 1, tzinfo=BERLIN), datetime(2027, 1, 1, tzinfo=BERLIN)),
    }
    for rows in (paid, EventLog.from_rows(paid, fields=("customer", "at", "value"))):
        found = retention.cohort_revenue(rows, enrolled=began, mode="elapsed", **asked)
        assert found.cell(0, 0).revenue == 5.0
        assert retention.cohort_revenue(rows, enrolled=began, **asked).cell(0, 0).revenue == 10.0


def test_payments_before_a_customer_began_are_left_out_however_large() -> None:
    rows = [("ann", date(2026, 1, 3), 1e308)] * 2 + [("ann", date(2026, 2, 3), 5.0)]
    for paid in (rows, EventLog.from_rows(rows, fields=("customer", "at", "value"))):
        found = retention.cohort_revenue(paid, enrolled={"ann": date(2026, 2, 1)}, **SPRING)
        assert found.cell(0, 0).revenue == 5.0
