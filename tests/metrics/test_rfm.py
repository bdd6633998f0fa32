# ruff: noqa: DTZ001  (naive datetimes are half of what is tested)
"""Recency, frequency and monetary value: summaries and scores."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    MixedNumbersError,
    UnknownNameError,
)
from lifecycle.metrics import rfm

NAN, INFINITY = float("nan"), float("inf")
JANUARY = [date(2026, 1, day) for day in range(1, 32)]
END = date(2026, 1, 29)

ORDERS = [
    ("ann", JANUARY[0], 20.0),
    ("ann", JANUARY[14], 30.0),
    ("ann", JANUARY[14], 10.0),
    ("ann", JANUARY[21], 5.0),
    ("bob", JANUARY[7], 15.0),
]


def row(customer: Any, *values: Any) -> rfm.CustomerSummary:
    names = ("frequency", "recency", "age", "monetary")
    return rfm.CustomerSummary(customer=customer, **dict(zip(names, values, strict=True)))


# summary


def test_orders_of_one_day_are_one_purchase() -> None:
    found = rfm.summary(ORDERS, until=END)
    assert found.rows == (row("ann", 2, 3.0, 4.0, 22.5), row("bob", 0, 0.0, 3.0, None))
    assert (found.unit, found.until, found.calibration_until) == ("week", END, None)


def test_two_orders_on_the_first_day_are_no_repeat() -> None:
    orders = [("ann", JANUARY[0], 20.0), ("ann", JANUARY[0], 10.0)]
    assert rfm.summary(orders, until=END).rows == (row("ann", 0, 0.0, 4.0, None),)


@pytest.mark.parametrize(
    ("unit", "days"),
    [
        ("day", 1),
        ("week", 7),
        ("month", 365.2425 / 12),
        ("quarter", 365.2425 / 4),
        ("year", 365.2425),
    ],
)
def test_time_is_exact_days_over_the_days_of_the_unit(unit: str, days: float) -> None:
    ann, _ = rfm.summary(ORDERS, until=END, unit=unit).rows
    assert (ann.recency, ann.age) == (21 / days, 28 / days)


def test_orders_after_the_end_are_not_read() -> None:
    assert rfm.summary(ORDERS, until=JANUARY[14]).rows == (
        row("ann", 1, 2.0, 2.0, 40.0),
        row("bob", 0, 0.0, 1.0, None),
    )
    assert rfm.summary(ORDERS, until=JANUARY[0]).rows == (row("ann", 0, 0.0, 0.0, None),)
    assert rfm.summary(ORDERS, until=date(2025, 12, 31)).rows == ()


def test_an_end_that_is_an_instant_is_included_to_the_microsecond() -> None:
    noon = datetime(2026, 1, 15, 12, tzinfo=UTC)
    orders = [("ann", noon - timedelta(days=7), 1.0), ("ann", noon, 2.0)]
    assert rfm.summary(orders, until=noon).rows[0].frequency == 1
    assert rfm.summary(orders, until=noon - timedelta.resolution).rows[0].frequency == 0
    assert rfm.summary(orders, until=noon).rows[0].age == 1
    assert rfm.summary(orders, until=date(2026, 1, 15)).rows[0].frequency == 1


def test_no_orders_are_an_empty_summary() -> None:
    for zone in ("UTC", "Europe/Berlin"):
        found = rfm.summary([], until=END, calibration_until=JANUARY[3], zone=zone)
        assert found.rows == ()
        assert found.to_rows() == []
    assert str(rfm.summary(iter(()), until=END)).startswith("RFM summary, time in weeks\n")


def test_customers_are_sorted_numbers_first() -> None:
    orders = [(customer, JANUARY[0], 1) for customer in ("b", 10, "a", 2, "10")]
    found = rfm.summary(orders, until=END)
    assert [row.customer for row in found.rows] == [2, 10, "10", "a", "b"]


def test_the_zone_says_on_which_day_an_order_is() -> None:
    late = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)  # 2 January in Berlin
    orders = [("ann", late, 1.0), ("ann", late + timedelta(hours=1), 3.0)]
    assert rfm.summary(orders, until=END).rows == (row("ann", 1, 1 / 7, 4.0, 3.0),)
    assert rfm.summary(orders, until=END, zone="Europe/Berlin").rows == (
        row("ann", 0, 0.0, 27 / 7, None),
    )
    assert rfm.summary(orders, until=END, zone="UTC", unit="day").rows[0].recency == 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
def test_the_same_local_days_give_the_same_summary(zone: str) -> None:
    tz = ZoneInfo(zone)
    local = [(c, datetime(at.year, at.month, at.day, 0, 30), x) for c, at, x in ORDERS]
    aware = [(c, at.replace(tzinfo=tz), x) for c, at, x in local]
    in_utc = [(c, at.astimezone(UTC), x) for c, at, x in aware]
    offset = [(c, at.astimezone(timezone(timedelta(hours=-9))), x) for c, at, x in aware]
    expected = rfm.summary(ORDERS, until=END).rows
    for orders in (ORDERS, local, aware, in_utc, offset):
        assert rfm.summary(orders, until=END, zone=zone).rows == expected


def test_days_are_counted_across_clock_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    orders = [
        ("ann", datetime(2026, 3, 28, 0, 0, tzinfo=berlin), 1.0),
        ("ann", datetime(2026, 3, 29, 23, 59, tzinfo=berlin), 1.0),  # a day of 23 hours
        ("ann", datetime(2026, 10, 25, 0, 1, tzinfo=berlin), 1.0),
        ("ann", datetime(2026, 10, 25, 23, 59, tzinfo=berlin), 1.0),  # a day of 25 hours
    ]
    found = rfm.summary(orders, until=date(2026, 10, 26), unit="day", zone="Europe/Berlin")
    assert found.rows == (row("ann", 2, 211.0, 212.0, 1.5),)


def test_dates_and_naive_datetimes_may_stand_side_by_side() -> None:
    orders = [("ann", JANUARY[0], 1.0), ("ann", datetime(2026, 1, 8, 9), 2.0)]
    for zone in ("UTC", "Europe/Berlin"):
        assert rfm.summary(orders, until=END, zone=zone).rows == (row("ann", 1, 1.0, 4.0, 2.0),)


def test_naive_and_aware_instants_do_not_mix() -> None:
    aware = datetime(2026, 1, 8, tzinfo=UTC)
    mixed = [("ann", aware, 1.0), ("ann", datetime(2026, 1, 9), 1.0)]
    with pytest.raises(MixedInstantsError, match=r"orders\[1\].at"):
        rfm.summary(mixed, until=END)
    with pytest.raises(MixedInstantsError, match=r"orders\[1\].at"):
        rfm.summary([("ann", aware, 1.0), ("ann", JANUARY[0], 1.0)], until=END)
    with pytest.raises(MixedInstantsError, match="until"):
        rfm.summary([("ann", JANUARY[0], 1.0)], until=aware)
    with pytest.raises(MixedInstantsError, match="calibration_until"):
        rfm.summary([("ann", aware, 1.0)], until=END, calibration_until=datetime(2026, 1, 9))


def test_decimal_amounts_stay_decimal() -> None:
    orders = [(c, at, Decimal(str(x))) for c, at, x in ORDERS]
    ann, bob = rfm.summary([*orders, ("ann", JANUARY[27], 1)], until=END).rows
    assert (ann.monetary, type(ann.monetary)) == (Decimal(46) / 3, Decimal)
    assert bob.monetary is None


def test_whole_amounts_have_a_float_mean() -> None:
    orders = [("ann", JANUARY[0], 1), ("ann", JANUARY[1], 2), ("ann", JANUARY[2], 3)]
    (ann,) = rfm.summary(orders, until=END).rows
    assert (ann.monetary, type(ann.monetary)) == (2.5, float)


def test_sums_of_floats_do_not_depend_on_the_order() -> None:
    amounts = [1e16, 1.0, 1.0, -0.0, 0.1, 0.2, 0.3]
    orders = [("ann", JANUARY[3], x) for x in amounts] + [("ann", JANUARY[0], 5.0)]
    forwards = rfm.summary(orders, until=END)
    assert rfm.summary(orders[::-1], until=END) == forwards
    assert forwards.rows[0].monetary == 1e16 + 2


def test_a_summary_is_a_table() -> None:
    found = rfm.summary(ORDERS, until=END)
    assert str(found).splitlines() == [
        "RFM summary, time in weeks",
        "customer  frequency  recency  age  monetary",
        "ann               2        3    4      22.5",
        "bob               0        0    3",
    ]
    assert found.to_rows()[1] == {
        "customer": "bob",
        "frequency": 0,
        "recency": 0.0,
        "age": 3.0,
        "unit": "week",
        "monetary": None,
    }
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301  (our own pickle)
    names = {**vars(rfm), "datetime": __import__("datetime")}
    assert eval(repr(found), names) == found  # noqa: S307  (our own repr)
    numbers = rfm.summary([(1000, JANUARY[0], 1.0)], until=END)
    assert str(numbers).splitlines()[-1].split()[0] == "1000"


# summary with a holdout


def test_the_holdout_is_what_follows_the_calibration() -> None:
    orders = [*ORDERS, ("bob", JANUARY[15], 7.0), ("cat", JANUARY[20], 1.0)]
    found = rfm.summary(orders, until=END, calibration_until=JANUARY[14])
    holdout = {"holdout_frequency": 1, "holdout_duration": 2.0}
    assert found.rows == (
        attrs.evolve(row("ann", 1, 2.0, 2.0, 40.0), holdout_monetary=5.0, **holdout),
        attrs.evolve(row("bob", 0, 0.0, 1.0, None), holdout_monetary=7.0, **holdout),
    )
    assert list(found.to_rows()[0])[-1] == "holdout_monetary"
    assert "holdout_duration" in str(found)


def test_holdout_orders_of_one_day_are_one_purchase() -> None:
    ann, bob = rfm.summary(ORDERS, until=END, calibration_until=JANUARY[9]).rows
    assert (ann.holdout_frequency, ann.holdout_monetary) == (2, 22.5)
    assert (bob.holdout_frequency, bob.holdout_monetary) == (0, None)
    assert ann.holdout_duration == bob.holdout_duration == 19 / 7


def test_a_calibration_can_end_within_a_day() -> None:
    noon = datetime(2026, 1, 15, 12, tzinfo=UTC)
    orders = [("ann", noon + timedelta(hours=hours), 1.0) for hours in (-72, -1, 0, 1, 13)]
    (ann,) = rfm.summary(orders, until=date(2026, 1, 15), calibration_until=noon, unit="day").rows
    assert (ann.frequency, ann.holdout_frequency, ann.holdout_duration) == (1, 1, 0)


def test_a_calibration_ends_before_the_end() -> None:
    for split in (END, JANUARY[29]):
        with pytest.raises(
            InvalidValueError, match=r"^calibration_until must be before until, 2026"
        ):
            rfm.summary(ORDERS, until=END, calibration_until=split)


# the doors for orders

BAD_ROWS: list[tuple[Any, type[Exception], str]] = [
    ("text", InvalidTypeError, r"^{0} must be rows of \(customer, at, amount\)"),
    (5, InvalidTypeError, r"^{0} must be rows of"),
    ([5], InvalidTypeError, r"^{0}\[0\] must be \(customer, at, amount\)"),
    ([("a", END)], InvalidValueError, r"^{0}\[0\] must be \(customer, at, amount\)"),
    ([("a", END, 1.0), (" ", END, 1.0)], InvalidValueError, r"^{0}\[1\].customer must be text"),
    ([(True, END, 1.0)], InvalidTypeError, r"^{0}\[0\].customer must be text or a whole number"),
    ([(1.5, END, 1.0)], InvalidTypeError, r"^{0}\[0\].customer must be text or a whole number"),
    ([("a", "2026-01-01", 1.0)], InvalidTypeError, r"^{0}\[0\].at must be a datetime or a date"),
    ([("a", END, 1), ("a", END, NAN)], InvalidValueError, r"^{0}\[1\].amount must be finite"),
    ([("a", END, INFINITY)], InvalidValueError, r"^{0}\[0\].amount must be finite"),
    ([("a", END, 10**400)], InvalidValueError, r"^{0}\[0\].amount must be finite"),
    ([("a", END, True)], InvalidTypeError, r"^{0}\[0\].amount must be a number"),
    ([("a", END, "9.99")], InvalidTypeError, r"^{0}\[0\].amount must be a number"),
    ([("a", END, 1), ("a", END, -2)], InvalidValueError, r"^{0}\[1\].amount must be at least 0 \("),
    (
        [("a", END, 1.5), ("a", END, Decimal(1))],
        MixedNumbersError,
        r"^{0}\[0\].amount and {0}\[1\].amount must be of one kind",
    ),
]


@pytest.mark.parametrize(("orders", "error", "message"), BAD_ROWS)
def test_orders_are_checked_at_the_door(orders: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace("{0}", "orders")):
        rfm.summary(orders, until=END)
    with pytest.raises(error, match=message.replace("{0}", "orders")):
        rfm.scores(orders, until=END)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"until": "2026-01-29"}, InvalidTypeError, r"^until must be a datetime or a date"),
        ({"until": None}, InvalidTypeError, r"^until must be a datetime or a date"),
        (
            {"calibration_until": 5},
            InvalidTypeError,
            r"^calibration_until must be a datetime or a d",
        ),
        ({"unit": "weeks"}, UnknownNameError, r"^unit must be one of .*; did you mean 'week'"),
        ({"zone": "Mars/Phobos"}, InvalidValueError, r"^zone must be the name of an installed"),
    ],
)
def test_the_arguments_of_a_summary_are_checked(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rfm.summary(ORDERS, **{"until": END, **given})


# scores


def five(amounts: tuple[float, ...] = (10, 20, 30, 40, 50)) -> list[tuple[int, date, float]]:
    return [(i, JANUARY[i], amount) for i, amount in enumerate(amounts)]


def test_measures_are_days_orders_and_money() -> None:
    ann, bob = rfm.scores(ORDERS, until=END).rows
    assert (ann.recency, ann.frequency, ann.monetary) == (7, 4, 65.0)
    assert (bob.recency, bob.frequency, bob.monetary) == (21, 1, 15.0)
    assert (ann.cell, bob.cell) == ((5, 5, 5), (1, 1, 1))


def test_a_score_is_one_more_than_the_edges_below() -> None:
    found = rfm.scores(five(), until=JANUARY[10])
    assert found.edges == rfm.Edges(
        recency=(6.8, 7.6, 8.4, 9.2), frequency=(1, 1, 1, 1), monetary=(18.0, 26.0, 34.0, 42.0)
    )
    assert [row.cell for row in found.rows] == [
        (1, 1, 1),
        (2, 1, 2),
        (3, 1, 3),
        (4, 1, 4),
        (5, 1, 5),
    ]
    assert (found.bins, found.until, found.method) == (5, JANUARY[10], "quantile")


def test_ties_score_together() -> None:
    found = rfm.scores(five((10, 10, 10, 10, 50)), until=END)
    assert [row.monetary_score for row in found.rows] == [1, 1, 1, 1, 5]
    found = rfm.scores(five((10, 50, 50, 50, 50)), until=END, bins=2)
    assert [row.monetary_score for row in found.rows] == [1, 1, 1, 1, 1]


def test_an_edge_that_a_value_equals_is_not_below_it() -> None:
    found = rfm.scores(five(), until=END, bins=4)
    assert found.edges.monetary == (20, 30, 40)
    assert [row.monetary_score for row in found.rows] == [1, 1, 2, 3, 4]


def test_edges_as_in_r_are_one_higher_and_belong_to_the_score_above() -> None:
    orders = five((10, 20, 20.5, 21, 50))
    found = rfm.scores(orders, until=END, bins=4, method="r")
    assert found.edges.monetary == (21, 21.5, 22)
    assert [row.monetary_score for row in found.rows] == [1, 1, 1, 2, 4]
    quantiles = rfm.scores(orders, until=END, bins=4)
    assert [row.monetary_score for row in quantiles.rows] == [1, 1, 2, 3, 4]


def test_decimal_money_has_decimal_edges() -> None:
    orders = [(c, at, Decimal(x)) for c, at, x in five()]
    found = rfm.scores(orders, until=END)
    assert found.edges.monetary == tuple(map(Decimal, (18, 26, 34, 42)))
    assert isinstance(found.rows[0].monetary, Decimal)


def test_few_customers_have_scores_too() -> None:
    assert rfm.scores([], until=END).rows == ()
    assert rfm.scores([], until=END).edges == rfm.Edges(recency=(), frequency=(), monetary=())
    assert [row.cell for row in rfm.scores(five((10,)), until=END).rows] == [(5, 1, 1)]
    assert [row.cell for row in rfm.scores(five(), until=END, bins=1).rows] == [(1, 1, 1)] * 5


def test_orders_after_the_analysis_are_not_read() -> None:
    assert len(rfm.scores(five(), until=JANUARY[2]).rows) == 3
    assert rfm.scores(five(), until=JANUARY[2]).rows[2].recency == 0


def test_recency_is_counted_in_days_of_the_zone() -> None:
    orders = [("ann", datetime(2026, 1, 1, 23, 30, tzinfo=UTC), 1)]
    assert rfm.scores(orders, until=JANUARY[3]).rows[0].recency == 3
    assert rfm.scores(orders, until=JANUARY[3], zone="Europe/Berlin").rows[0].recency == 2


def test_scores_are_a_table() -> None:
    found = rfm.scores(ORDERS, until=END)
    assert str(found).splitlines()[0] == "RFM scores, from 1 to 5"
    assert found.to_rows()[0] == {
        "customer": "ann",
        "recency": 7,
        "frequency": 4,
        "monetary": 65.0,
        "recency_score": 5,
        "frequency_score": 5,
        "monetary_score": 5,
    }


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"until": "today"}, InvalidTypeError, r"^until must be a datetime or a date"),
        ({"bins": 0}, InvalidValueError, r"^bins must be at least 1"),
        ({"bins": 2.5}, InvalidTypeError, r"^bins must be a whole number"),
        ({"method": "R"}, UnknownNameError, r"^method must be one of 'quantile', 'r', got 'R'"),
    ],
)
def test_the_arguments_of_scores_are_checked(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rfm.scores(ORDERS, **{"until": END, **given})


@pytest.mark.parametrize("read", [rfm.summary, rfm.scores])
def test_a_customer_is_found_by_id_of_any_kind(read: Any) -> None:
    ids = [UUID(int=2), "b", 7, UUID(int=1), "a", -1]
    found = read([(id_, JANUARY[0], 20.0) for id_ in ids], until=END)
    for id_ in ids:
        assert found.row(id_) == found.row(customer=id_)
        assert found.row(id_).customer == id_
    with pytest.raises(UnknownNameError, match=r"^customer must be one of 'a', 'b', got 'c'"):
        found.row("c")
    for absent in (8, UUID(int=3), None, 1.5, ["a"]):
        with pytest.raises(InvalidValueError, match=r"^customer must be in the table"):
            found.row(absent)


def test_a_customer_is_found_in_rows_that_are_not_sorted() -> None:
    found = rfm.summary(ORDERS, until=END)
    backwards = attrs.evolve(found, rows=found.rows[::-1])
    assert backwards.row("ann") == found.row("ann")
    assert backwards.row("bob") == found.row("bob")


def test_a_customer_is_found_without_reading_all_rows() -> None:
    """Of n rows about log2(n) are looked at."""
    read = []

    class Row:
        def __init__(self, customer: int) -> None:
            self.customer_ = customer

        @property
        def customer(self) -> int:
            read.append(self.customer_)
            return self.customer_

    rows: Any = tuple(map(Row, range(100_000)))
    table = rfm.SummaryTable(rows=rows, unit="day", until=END)
    assert table.row(77_777) is rows[77_777]
    assert len(read) < 25


def test_decimals_add_up_the_same_in_any_order() -> None:
    amounts = [Decimal("1e28"), Decimal(4), Decimal(4), Decimal(4)]  # 28 digits end with tens
    logs = [[("ann", END, amount) for amount in some] for some in (amounts, amounts[::-1])]
    one, other = (rfm.scores(log, until=END).rows[0].monetary for log in logs)
    assert str(one) == str(other)


def test_scores_are_at_most_as_fine_as_percentiles() -> None:
    assert len(rfm.scores(ORDERS, until=END, bins=100).edges.recency) == 99
    with pytest.raises(InvalidValueError, match=r"^bins must be at most 100, got 101$"):
        rfm.scores(ORDERS, until=END, bins=101)


def test_counts_are_whole_numbers() -> None:
    assert {type(row.frequency) for row in rfm.scores(ORDERS, until=END).rows} == {int}


def test_a_zone_may_be_a_tzinfo() -> None:
    late = [("ann", datetime(2026, 1, 1, 23, tzinfo=UTC), 5.0)]
    berlin = ZoneInfo("Europe/Berlin")
    assert rfm.summary(late, until=END, unit="day", zone=berlin).rows[0].age == 27
    assert rfm.scores(late, until=END, zone=berlin).rows[0].recency == 27


def test_what_no_float_holds_raises() -> None:
    out = r"^the result must be within what a float holds, got inf$"
    vast = [("ann", END, 1e308), ("ann", END, 1e308), ("bob", END, 1.0)]
    for call in (
        lambda: rfm.scores(vast, until=END),
        lambda: rfm.scores([*vast[1:], ("cy", END, 2.0)], until=END),
        lambda: rfm.concentration([1e308, 1e308]),
        lambda: rfm.concentration([1e308, 1.0, 1.0]),
    ):
        with pytest.raises(InvalidValueError, match=out):
            call()


def test_customers_of_all_kinds_of_ids_have_one_order() -> None:
    ids = [UUID(int=2), "b", 7, UUID(int=1), "a", -1]
    found = rfm.summary([(id_, JANUARY[0], 20.0) for id_ in ids], until=END)
    assert [row.customer for row in found.rows] == [-1, 7, "a", "b", UUID(int=1), UUID(int=2)]
