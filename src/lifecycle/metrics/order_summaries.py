"""Recency, frequency and age of customers: the summary that customer-base models read."""

from collections.abc import Sequence
from datetime import tzinfo
from itertools import compress
from typing import Any, NamedTuple, overload

import attrs

from lifecycle import _checks
from lifecycle._activity import Id, Instant
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._splits import By, by_group
from lifecycle._tables import Column, columns_of
from lifecycle.errors import InvalidValueError
from lifecycle.metrics._amounts import total_of
from lifecycle.metrics._columns import divided, means, taken
from lifecycle.metrics._customer_tables import (
    CustomerRows,
    TableByCustomer,
    customer_column,
)
from lifecycle.metrics._order_columns import OrderBooks
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
class SummaryTable(TableByCustomer[CustomerSummary]):
    """The customers of a log of orders, one row for each, sorted by id.

    Attributes:
        rows: A `CustomerSummary` for each customer, made when it is read.
        unit: The unit of recency, age and the holdout's duration.
        until: Up to when the orders were read.
        calibration_until: Up to when orders are of the calibration; the holdout follows. None
            without a holdout.
    """

    rows: Sequence[CustomerSummary]
    unit: str
    until: Instant
    calibration_until: Instant | None = None

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


@overload
def summary(
    orders: Orders,
    *,
    until: Instant,
    unit: str = "week",
    calibration_until: Instant | None = None,
    zone: str | tzinfo = "UTC",
    by: None = None,
) -> SummaryTable: ...
@overload
def summary(
    orders: Orders,
    *,
    until: Instant,
    unit: str = "week",
    calibration_until: Instant | None = None,
    zone: str | tzinfo = "UTC",
    by: By,
) -> Groups[SummaryTable]: ...
@by_group("orders")
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
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        One row for each customer, sorted by id (whole numbers first). With `by`, such a table
        for each group.

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
    histories = _histories(log.books(until=split), split.day)
    columns = {
        "customer": histories.customers,
        "frequency": histories.frequency,
        "recency": divided(histories.span, days),
        "age": divided(histories.age, days),
        "monetary": means(histories.totals, histories.frequency),
    }
    shared: dict[str, Any] = {"unit": unit}
    if split is not end:
        counts, totals = _later(log.books(after=split, until=end), histories)
        columns |= {"holdout_frequency": counts, "holdout_monetary": means(totals, counts)}
        shared["holdout_duration"] = (end.day - split.day) / days
    return SummaryTable(
        rows=CustomerRows(CustomerSummary, columns, shared),
        unit=unit,
        until=until,
        calibration_until=calibration_until,
    )


class _Histories(NamedTuple):
    """What each customer has done: arrays, or lists.

    Attributes:
        customers: The ids, sorted.
        frequency: The days with an order, less the first.
        span: Days from the first order to the last one.
        age: Days from the first order to the end.
        totals: The sums of the orders after the first day.
        codes: The codes of the customers in the log; None where they came as rows.
    """

    customers: Sequence[Id]
    frequency: Any
    span: Any
    age: Any
    totals: Any
    codes: Any = None


def _histories(books: dict[Id, FlatOrders] | OrderBooks, last: int) -> _Histories:
    if isinstance(books, OrderBooks):
        return _histories_of_arrays(books, last)
    found = [_history(book[::2], book[1::2], last) for book in books.values()]
    frequency, span, age, totals = ([row[j] for row in found] for j in range(4))
    return _Histories([*books], frequency, span, age, totals)


def _history(days: list[int], amounts: list[Any], last: int) -> tuple[int, int, int, Any]:
    first = min(days)
    later = list(compress(amounts, map(first.__ne__, days)))
    return len(set(days)) - 1, max(days) - first, last - first, total_of(later) if later else 0


def _histories_of_arrays(books: OrderBooks, last: int) -> _Histories:
    places, ids = books.by_id()
    first = books.first_days
    return _Histories(
        customers=ids,
        frequency=books.day_counts()[places] - 1,
        span=(books.last_days - first)[places],
        age=last - first[places],
        totals=taken(books.later_totals(), places),
        codes=books.codes[places],
    )


def _later(books: dict[Id, FlatOrders] | OrderBooks, histories: _Histories) -> tuple[Any, Any]:
    """Return on how many days of the holdout customers ordered, and for how much."""
    if isinstance(books, OrderBooks):
        counts, totals = books.day_counts(), books.totals()
        return tuple(books.at_codes(found, histories.codes) for found in (counts, totals))
    held = [books.get(customer, []) for customer in histories.customers]
    counts = [len(set(book[::2])) for book in held]
    return counts, [total_of(book[1::2]) if book else 0 for book in held]
