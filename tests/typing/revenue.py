"""What a type checker says of recurring revenue: checked by mypy, never run."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, assert_type

from lifecycle import Groups
from lifecycle.metrics import revenue
from lifecycle.metrics.revenue import (
    MeasureRow,
    MeasureTable,
    MovementRow,
    MovementTable,
    MrrCell,
    MrrRow,
    MrrTable,
    RecurringTable,
    Subscription,
)
from lifecycle.periods import Calendar, Period, Window
from lifecycle.rates import Rate, Ratio

MONTHLY = Calendar("month")
YEAR = Window(date(2026, 1, 1), date(2027, 1, 1))
CENTS = [("ann", date(2026, 1, 1), 3000), ("bob", date(2026, 2, 1), 1000)]
EUROS = [(7, datetime(2026, 1, 1, tzinfo=UTC), Decimal("30.00"), "EUR")]

table = revenue.movements(CENTS, calendar=MONTHLY, window=YEAR, reasons={"ann": "voluntary"})
assert_type(table, MovementTable)
assert_type(table.rows, tuple[MovementRow, ...])
assert_type(table.rows[0].end, int | float | Decimal)
assert_type(table.rows[0].net_retention, Ratio | None)
assert_type(table.rows[0].logo_churn, Rate | None)
assert_type(table.to_rows(), list[dict[str, Any]])
revenue.movements(EUROS, calendar=MONTHLY, window=YEAR, same_period=EUROS, periods=1, floats=True)
split = revenue.movements(CENTS, calendar=MONTHLY, window=YEAR, by="plan")
assert_type(split, Groups[revenue.MovementTable])
yearly = revenue.net_retention(CENTS, calendar=MONTHLY, window=YEAR, by={"ann": 1})
assert_type(yearly, Groups[MeasureTable[Ratio]])
revenue.movements(CENTS, MONTHLY, YEAR)  # type: ignore[call-overload]

assert_type(
    revenue.net_retention(CENTS, calendar=MONTHLY, window=YEAR, periods=12), MeasureTable[Ratio]
)
assert_type(revenue.logo_churn(EUROS, calendar=MONTHLY, window=YEAR), MeasureTable[Rate])
logos = revenue.logo_churn(EUROS, calendar=MONTHLY, window=YEAR)
assert_type(logos.rows[0], MeasureRow[Rate])
assert_type(logos.rows[0].rate, Rate | None)
assert_type(revenue.gross_retention({"start": 100, "contraction": 5, "churn": 5}), Ratio | None)
assert_type(revenue.quick_ratio(table.rows[0]), Ratio | None)
revenue.quick_ratio(CENTS, calendar=MONTHLY)  # type: ignore[call-overload]


class Exported(NamedTuple):
    """A row as another tool exports it."""

    start: float
    churn: float
    contraction: float
    expansion: float
    reactivation: float


assert_type(revenue.net_mrr_churn(table.rows[0]), Ratio | None)
assert_type(revenue.gross_mrr_churn(Exported(1.0, 0.0, 0.0, 0.0, 0.0)), Ratio | None)
assert_type(revenue.net_mrr_churn({"start": 1}), Ratio | None)

triangle = revenue.cohorts(CENTS, calendar=MONTHLY, window=YEAR, measure="gross")
assert_type(triangle, MrrTable)
assert_type(triangle.rows, tuple[MrrRow, ...])
assert_type(triangle.cell(date(2026, 1, 1), 1), MrrCell)
assert_type(triangle.cell(0, 0).rate, Ratio | Rate | None)
revenue.cohorts(CENTS, calendar=MONTHLY, window=YEAR, measure="dollar")  # type: ignore[call-overload]

assert_type(revenue.normalise(Decimal(120), every="year", places=2), Decimal)
assert_type(revenue.normalise(12000, every=Period(months=18)), int)
assert_type(revenue.normalise(120.0, every="week", month="30_days"), float)
assert_type(revenue.normalise(12000, every=timedelta(days=30)), int)
assert_type(revenue.anchored_dates(date(2026, 1, 31), months=1, n=4), tuple[date, ...])
assert_type(
    revenue.anchored_dates(datetime(2026, 1, 31, tzinfo=UTC), months=1, n=4), tuple[datetime, ...]
)

book = [Subscription("ann", start=date(2026, 1, 1), amount=30, end=None)]
found = revenue.recurring(book, calendar=MONTHLY, until=date(2026, 6, 1), recognised="cancelled")
assert_type(found, RecurringTable)
assert_type(
    revenue.recurring(book, calendar=MONTHLY, until=date(2026, 6, 1), grace=Period(months=1)).open,
    tuple[tuple[Any, ...], ...],
)
revenue.recurring(book, calendar=MONTHLY)  # type: ignore[call-arg]
revenue.movements(found.rows, calendar=MONTHLY, window=YEAR, same_period=found.same_period)
