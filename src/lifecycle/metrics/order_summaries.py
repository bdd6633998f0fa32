"""Recency, frequency and age of customers: the summary that customer-base models read."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from itertools import compress
from typing import Any

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Id, Instant
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, columns_of
from lifecycle.errors import InvalidValueError
from lifecycle.metrics._amounts import total_of
from lifecycle.metrics._customer_tables import customer_column, of_customer
from lifecycle.metrics._order_log import FlatOrders, OrderLog, Orders
from lifecycle.periods import DAYS, Calendar

__all__ = ["CustomerSummary", "SummaryTable", "summary"]


@attrs.frozen(kw_only=True, weakref_slot=False)
class CustomerSummary:
    """One customer's purchase history, as customer-base models read it.

    Attributes:
        customer: The id.
        frequency: Repeat purchases: days with an order, less the first.
        recency: From the first order's day to the last one's, in the summary's unit.
        age: From the first order's day to the day the summary ends, in the unit; T.
        monetary: The mean amount of the repeat days; None without a repeat.
        holdout_frequency: Days with an order in the holdout.
        holdout_duration: The length of the holdout, in the unit; the same for everyone.
        holdout_monetary: The mean amount of the holdout's days; None without one.
        unit: The unit of recency, age and the holdout's duration; None where it is not known.
            Two rows are equal by their figures.
    """

    customer: Id
    frequency: int
    recency: float
    age: float
    monetary: Number | None
    holdout_frequency: int | None = None
    holdout_duration: float | None = None
    holdout_monetary: Number | None = None
    unit: str | None = attrs.field(default=None, eq=False)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class SummaryTable(Table[CustomerSummary]):
    """The customers of a log of orders, one row for each, sorted by id.

    Attributes:
        rows: A `CustomerSummary` for each customer.
        unit: The unit of recency, age and the holdout's duration.
        until: Up to when the orders were read.
        calibration_until: Up to when orders are of the calibration; the holdout follows. None
            without a holdout.
    """

    _named_by = ("customer",)

    rows: tuple[CustomerSummary, ...]
    unit: str
    until: Instant
    calibration_until: Instant | None = None

    def _near(self, sought: Mapping[str, Any]) -> Sequence[CustomerSummary]:
        return of_customer(self.rows, sought["customer"])

    def _columns(self) -> Sequence[Column]:
        _, *fields, _ = columns_of(CustomerSummary)
        unit = Column("unit", str, lambda _: self.unit, aside=True)  # which the title has
        shown = [
            field
            for field in fields
            if self.calibration_until is not None or not field.name.startswith("holdout")
        ]
        return [customer_column(), *shown[:3], unit, *shown[3:]]

    def _title(self) -> str:
        return f"RFM summary, time in {self.unit}s"


def summary(
    orders: Orders,
    *,
    until: Instant,
    unit: str = "week",
    calibration_until: Instant | None = None,
    zone: str | tzinfo = "UTC",
) -> SummaryTable:
    """Summarize each customer's orders as the customer-base models need them.

    Orders of one day are one purchase, whose amount is their sum. With `calibration_until`, the
    summary is of the orders up to it, and the orders after it are the holdout, with which
    a model's forecast can be compared.

    Args:
        orders: (customer, at, amount) rows, in any order, any number for each customer;
            `at` is a date or a datetime, the amount money of 0 or more.
        until: Up to and including when orders count: a date for that whole day, or an instant.
            Later rows are ignored.
        unit: The unit of time: "day", "week", "month", "quarter" or "year".
        calibration_until: Up to and including when orders are of the calibration, before
            `until`. Customers who first buy later are left out.
        zone: The time zone, by name or as a `tzinfo`, that says on which day an order is, and
            in which naive datetimes are local times.

    Returns:
        One row for each customer, sorted by id (whole numbers first).

    Raises:
        InvalidTypeError: A row or an argument is of another type.
        InvalidValueError: A row has not three parts, an amount is negative or not finite, or
            `calibration_until` is not before `until`.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `unit` is not one of those accepted.

    Convention:
        Exact days divided by 7 for a week, 365.2425 / 12 for a month, 365.2425 / 4 for a
        quarter, 365.2425 for a year. `lifetimes` with `freq="W"` counts calendar weeks
        instead (its `freq="D", freq_multiplier=7` is the week of this function), and gives a
        monetary value of 0 where here it is None. Its holdout value is the mean over orders;
        here it is the mean over days, as in the calibration, so that
        `holdout_frequency * holdout_monetary` is what the customer spent.

    References:
        Fader, P. S. & Hardie, B. G. S. (2005). A note on implementing the Pareto/NBD model in
        MATLAB: x, t_x and T of a customer.

    Examples:
        >>> orders = [
        ...     ("ann", date(2026, 1, 1), 20.0),
        ...     ("ann", date(2026, 1, 15), 30.0),
        ...     ("ann", date(2026, 1, 15), 10.0),
        ...     ("bob", date(2026, 1, 8), 15.0),
        ... ]
        >>> print(summary(orders, until=date(2026, 1, 29)))
        RFM summary, time in weeks
        customer  frequency  recency  age  monetary
        ann               1        2    4        40
        bob               0        0    3
    """
    days = DAYS[_checks.choice("unit", unit, DAYS)]
    log = OrderLog("orders", orders, Calendar("day", zone=zone))
    end = log.end("until", until)
    split = end if calibration_until is None else log.end("calibration_until", calibration_until)
    if calibration_until is not None and split >= end:
        raise InvalidValueError("calibration_until", calibration_until, f"be before until, {until}")
    rows = [
        CustomerSummary(customer=customer, unit=unit, **_calibration(book, split.day, days))
        for customer, book in log.books(until=split).items()
    ]
    if split is not end:
        later = log.books(after=split, until=end)
        length = (end.day - split.day) / days
        rows = [attrs.evolve(row, **_holdout(later.get(row.customer, []), length)) for row in rows]
    return SummaryTable(
        rows=tuple(rows), unit=unit, until=until, calibration_until=calibration_until
    )


def _calibration(book: FlatOrders, last: int, unit: float) -> dict[str, Any]:
    days, amounts = book[::2], book[1::2]
    first, frequency = min(days), len(set(days)) - 1
    return {
        "frequency": frequency,
        "recency": (max(days) - first) / unit,
        "age": (last - first) / unit,
        "monetary": _mean(list(compress(amounts, map(first.__ne__, days))), frequency),
    }


def _holdout(book: FlatOrders, length: float) -> dict[str, Any]:
    days = len(set(book[::2]))
    return {
        "holdout_frequency": days,
        "holdout_duration": length,
        "holdout_monetary": _mean(book[1::2], days),
    }


def _mean(amounts: list[Any], days: int) -> Number | None:
    return _money.divided(total_of(amounts), days) if days else None
