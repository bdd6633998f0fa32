"""Cohort revenue: what the customers of a period have paid since."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import ClassVar, Literal, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import ActivityRows, Enrolled, Grid, Id, Instant, Reader
from lifecycle._activity_columns import ActivityColumns
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._splits import By, by_group
from lifecycle._values import call
from lifecycle.metrics._cohort_age_columns import has_columns
from lifecycle.metrics._cohort_ages import MODES
from lifecycle.metrics._cohort_sums import (
    CohortSums,
    read_payments,
    sums_of_columns,
    sums_of_rows,
)
from lifecycle.metrics._cohort_tables import Triangle
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Ratio

__all__ = ["RevenueCell", "RevenueRow", "RevenueTable", "cohort_revenue"]

Payments = Iterable[tuple[Id, Instant, Number]]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class RevenueCell:
    """One cell of a revenue table: what a cohort has paid by the end of a period.

    Attributes:
        k: The period, counted from the cohort's.
        size: How many customers the cohort has.
        revenue: What they paid in all periods up to this one.
        open: Whether the period goes on after the window, so that `revenue` is so far.
    """

    k: int
    size: int
    revenue: float | Decimal
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def last(self) -> int:
        """The period, as in a cell of `cohorts`, which can cover several."""
        return self.k

    @property
    def per_customer(self) -> Ratio | None:
        """The revenue per customer acquired, whether or not they pay; None for an open cell."""
        return None if self.open else Ratio(self.revenue, self.size)

    @property
    def value(self) -> float | Decimal | None:
        """The revenue per customer; None for an open cell, and for an empty cohort."""
        return None if self.per_customer is None else self.per_customer.value


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class RevenueRow:
    """One cohort of a revenue table.

    Attributes:
        cohort: The start of the period in which its customers began, in the calendar's zone.
        size: How many customers it has.
        cells: What they have paid, from `k` of 0 on, as far as the window goes.
    """

    cohort: datetime
    size: int
    cells: tuple[RevenueCell, ...]

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class RevenueTable(Triangle[RevenueCell]):
    """What customers have paid, by the period in which they began.

    As text and as HTML it shows the revenue per customer of each closed cell, and the
    revenue so far of each open one; `to_rows` has a dict for each cell.

    Attributes:
        calendar: The periods.
        window: The time measured.
        mode: "calendar" or "elapsed".
        rows: The cohorts, in order of time.
    """

    calendar: Calendar
    window: Window
    mode: str = "calendar"
    rows: tuple[RevenueRow, ...]

    _kinds: ClassVar = {"k": int, "size": int, "revenue": Number, "value": Number, "open": bool}
    _so_far: ClassVar = "revenue"
    _so_far_format: ClassVar = ",.2f"

    def _in_words(self, value: float | Decimal | None) -> str:
        return "" if value is None else _money.shown(value)

    def _title(self) -> str:
        what = f"cumulative, per customer acquired, {self.mode} time"
        return f"Revenue by {self.calendar.grain}: {what}{self._legend()}"

    def _darkest(self) -> float:
        values = [cell.value for row in self.rows for cell in row.cells if cell.value is not None]
        return float(max(values, default=0)) or 1.0


@overload
def cohort_revenue(
    payments: Payments,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    mode: Literal["calendar", "elapsed"] = "calendar",
    by: None = None,
) -> RevenueTable: ...
@overload
def cohort_revenue(
    payments: Payments,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    mode: Literal["calendar", "elapsed"] = "calendar",
    by: By,
) -> Groups[RevenueTable]: ...
@by_group("payments", "enrolled")
def cohort_revenue(
    payments: Payments,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    mode: Literal["calendar", "elapsed"] = "calendar",
) -> RevenueTable:
    """Add up what the customers acquired in a period have paid, k periods later.

    Args:
        payments: (customer, at, amount) rows in any order, any number for each customer; an
            amount below 0 is money paid back. A naive instant and a date are local times of
            the calendar's zone.
        calendar: The periods.
        window: Its periods are the cohorts. Rows before it are read, to know who is new;
            rows at or after its end are ignored.
        enrolled: When customers were acquired: a mapping of customers to instants, or
            (customer, at) pairs, of which the earliest of a customer counts. None: at their
            first payment. Payments in earlier periods are left out, and so are those of
            customers who are not in it.
        mode: What k counts, as in `cohorts`; in elapsed mode payments before the customer's
            start are left out.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A row for each period of the window, with a cell for that and each later one. Sums
        are `Decimal` where amounts are, else float. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument, or a row of one, is of another type.
        InvalidValueError: The window begins within a period, or an amount is not finite.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `mode` is neither.

    Convention:
        The denominator is the customers acquired, also those who stopped paying; revenue per
        paying customer is higher, and rises as the others leave. Nothing is discounted.

    Examples:
        >>> from lifecycle.periods import Calendar, Window
        >>> payments = [
        ...     ("ann", date(2026, 1, 5), Decimal("20.00")),
        ...     ("bob", date(2026, 1, 9), Decimal("10.00")),
        ...     ("ann", date(2026, 2, 3), Decimal("20.00")),
        ... ]
        >>> spring = Window(date(2026, 1, 1), date(2026, 3, 1))
        >>> table = cohort_revenue(payments, calendar=Calendar("month"), window=spring)
        >>> [cell.per_customer for cell in table.rows[0].cells]
        [Ratio(Decimal('30.00'), 2), Ratio(Decimal('50.00'), 2)]
    """
    _checks.choice("mode", mode, MODES)
    grid, reader = Grid(calendar, window), Reader(calendar)
    paid = read_payments(reader, payments, arrays=has_columns(mode, grid))
    starts = None
    if enrolled is not None:
        starts = reader.enrolled_as("enrolled", enrolled, paid.rows).before(grid.end)
    found = _SUMS[type(paid.rows)](paid, starts, grid, mode)
    rows = tuple(_rows(grid, found))
    return RevenueTable(calendar=calendar, window=window, mode=mode, rows=rows)


_SUMS: Mapping[type, Callable[..., CohortSums]] = {
    ActivityRows: sums_of_rows,
    ActivityColumns: sums_of_columns,
}


def _rows(grid: Grid, found: CohortSums) -> Iterator[RevenueRow]:
    for cohort, start in enumerate(grid):
        periods, size = range(len(grid) - cohort), found.sizes[cohort]
        paid = accumulate((found.paid[cohort, k] for k in periods), _money.added)
        cells = tuple(
            RevenueCell(k=k, size=size, revenue=revenue, open=found.clock.is_open(cohort, k))
            for k, revenue in zip(periods, paid, strict=True)
        )
        yield RevenueRow(cohort=start, size=size, cells=cells)
