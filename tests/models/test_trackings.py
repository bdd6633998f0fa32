"""A model beside a log, period by period."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import models, rfm
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from lifecycle.models import BetaGeoBetaBinomial, ParetoNBD

PARETO = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
DAY = date(2026, 1, 1)
CDNOW = Path(__file__).parents[2] / "docs" / "cdnow" / "cdnow_sample.csv"
UNTIL, SPLIT = DAY + timedelta(days=120), DAY + timedelta(days=80)


def logged() -> list[tuple[str, date, float]]:
    random = Random(4)
    return [("c0", DAY, 5.0)] + [
        (f"c{random.randrange(40)}", DAY + timedelta(days=random.randrange(130)), 10.0)
        for _ in range(150)
    ]


@pytest.mark.parametrize("split", [None, SPLIT])
@pytest.mark.parametrize(("period", "days"), [(None, 7), ("day", 1), ("month", 365.2425 / 12)])
def test_a_row_is_what_a_summary_of_its_day_says(split: Any, period: Any, days: float) -> None:
    found = models.tracking(PARETO, logged(), until=UNTIL, calibration_until=split, period=period)
    assert found.unit == (period or "week")
    assert len(found.rows) == int(121 / days)  # the first day and 120 more
    first = {
        customer: min(at for c, at, _ in logged() if c == customer) for customer, *_ in logged()
    }
    kept = {customer for customer, born in first.items() if born <= (split or UNTIL)}
    orders = [row for row in logged() if row[0] in kept]
    for row in found.rows[:: max(1, len(found.rows) // 5)]:
        end = row.period * days - 1
        assert row.until == DAY + timedelta(days=int(end + 1e-9))
        assert row.calibration == (row.until <= (split or UNTIL))
        summary = rfm.summary(orders, until=row.until)
        assert row.actual == sum(one.frequency for one in summary.rows)
        by_hand = sum(
            PARETO.expected_purchases((end - (first[customer] - DAY).days) / 7)
            for customer in kept
            if (first[customer] - DAY).days <= end
        )
        assert row.expected == pytest.approx(by_hand, rel=1e-11)


def test_simulated_customers_come_as_expected() -> None:
    random = Random(6)
    log: list[tuple[int, datetime, float]] = []
    daily = ParetoNBD(r=2.0, alpha=60.0, s=1.2, beta=90.0, unit="day")
    for customer in range(600):
        born = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=random.randrange(30))
        times = [0.0]
        for at in daily._purchases(random):
            if at > 300:
                break
            times.append(at)
        log += [(customer, born + timedelta(days=at), 1.0) for at in times]
    found = models.tracking(daily, log, until=date(2026, 9, 30), period="month")
    assert len(found.rows) == 8
    for row in found.rows[2:]:
        assert row.error is not None
        assert abs(row.error) < 0.1  # two orders of one day are one


def test_the_zone_says_on_which_day_an_order_is() -> None:
    late = datetime(2026, 1, 7, 23, 30, tzinfo=UTC)
    log = [("ann", datetime(2026, 1, 1, 12, tzinfo=UTC), 1), ("ann", late, 1)]
    here = models.tracking(PARETO, log, until=date(2026, 1, 7))
    there = models.tracking(PARETO, log, until=date(2026, 1, 7), zone="Asia/Tokyo")
    assert [here.rows[0].actual, there.rows[0].actual] == [1, 0]
    zone = ZoneInfo("Asia/Tokyo")
    assert models.tracking(PARETO, log, until=date(2026, 1, 7), zone=zone) == there


def test_an_instant_ends_the_orders_of_its_day() -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 1, day, hour, tzinfo=UTC)

    log = [("ann", at(1, 9), 1), ("bob", at(1, 15), 1), ("ann", at(7, 15), 1), ("bob", at(7, 9), 1)]

    def actual(**ends: Any) -> list[int]:
        return [row.actual for row in models.tracking(PARETO, log, **ends).rows]

    assert actual(until=date(2026, 1, 7)) == [2]
    assert actual(until=at(7, 12)) == [1]
    assert actual(until=at(7, 15)) == [2]
    assert actual(until=at(7, 15), calibration_until=at(1, 12)) == [1]
    summary = rfm.summary(log, until=at(7, 12))
    assert sum(row.frequency for row in summary.rows) == 1


def test_nothing_to_compare_with_has_no_error() -> None:
    found = models.tracking(PARETO, [("ann", DAY, 1)], until=DAY + timedelta(days=6))
    assert [row.error for row in found.rows] == [None]
    assert models.tracking(PARETO, [("ann", DAY, 1)], until=DAY + timedelta(days=5)).rows == ()


@pytest.mark.parametrize(
    ("period", "day", "ends"),
    [
        ("week", DAY + timedelta(days=13), [6, 13]),
        ("week", DAY + timedelta(days=12), [6]),
        ("day", DAY + timedelta(days=2), [0, 1, 2]),
        ("month", DAY + timedelta(days=60), [29, 59]),  # of 30.44 days, the last one cut off
    ],
)
def test_the_first_period_begins_with_the_first_day(
    period: str, day: date, ends: list[int]
) -> None:
    found = models.tracking(PARETO, [("ann", DAY, 1)], until=day, period=period)
    assert [(row.until - DAY).days for row in found.rows] == ends


def test_a_customer_is_as_old_as_in_a_summary_of_the_day() -> None:
    for row in models.tracking(PARETO, logged(), until=UNTIL).rows:
        ages = [one.age for one in rfm.summary(logged(), until=row.until).rows]
        assert row.expected == pytest.approx(sum(PARETO.expected_purchases(ages)), rel=1e-11)


def test_the_weeks_of_cdnow_are_those_of_the_papers() -> None:
    """39 weeks of calibration and 39 of holdout, 78 in all; 2,457 and 1,882 repeat purchases."""
    with CDNOW.open(newline="", encoding="utf-8") as file:
        orders = [
            (row["customer_id"], date.fromisoformat(row["date"]), 1) for row in csv.DictReader(file)
        ]
    split, end = date(1997, 9, 30), date(1998, 6, 30)
    rows = models.tracking(PARETO, orders, until=end, calibration_until=split).rows
    assert len(rows) == 78
    assert (rows[38].until, rows[38].calibration, rows[39].calibration) == (split, True, False)
    assert rows[77].until == end
    before = sum(row.frequency for row in rfm.summary(orders, until=split).rows)
    assert (rows[38].actual, rows[77].actual - rows[38].actual) == (before, 1882)


def test_it_is_a_table() -> None:
    found = models.tracking(PARETO, logged(), until=UNTIL, calibration_until=SPLIT)
    title, head, *lines = str(found).splitlines()
    assert title == "Cumulative repeat purchases by week"
    assert head.split() == ["period", "until", "actual", "expected", "calibration", "error"]
    assert len(lines) == len(found.rows) == len(found.to_rows())


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"model": BetaGeoBetaBinomial(alpha=1, beta=1, gamma=1, delta=1)},
            InvalidTypeError,
            r"^model must be a model of purchases at any time",
        ),
        ({"orders": []}, EmptySampleError, r"^orders must hold"),
        ({"orders": [("ann", UNTIL + timedelta(days=1), 1)]}, EmptySampleError, r"^orders must"),
        ({"orders": [("ann", DAY)]}, InvalidValueError, r"^orders\[0\] must be \(customer, at, am"),
        ({"orders": [("ann", "2026-01-01", 1)]}, InvalidTypeError, r"^orders\[0\]\.at"),
        (
            {"until": datetime(2026, 5, 1, tzinfo=UTC)},
            MixedInstantsError,
            "and until must both",
        ),
        ({"until": "2026-05-01"}, InvalidTypeError, r"^until must be a datetime or a date"),
        (
            {"calibration_until": UNTIL},
            InvalidValueError,
            r"^calibration_until must be before until",
        ),
        ({"calibration_until": "1997"}, InvalidTypeError, r"^calibration_until must be a date"),
        ({"period": "weeks"}, UnknownNameError, r"^period must be one of"),
    ],
)
def test_what_cannot_be_followed_raises(
    changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    given: dict[str, Any] = {"model": PARETO, "orders": logged(), "until": UNTIL, **changes}
    with pytest.raises(error, match=message):
        models.tracking(given.pop("model"), given.pop("orders"), **given)
