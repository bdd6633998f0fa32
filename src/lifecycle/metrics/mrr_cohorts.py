"""Retention of recurring revenue by the period of a customer's first payment."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain, groupby
from typing import Any, ClassVar, Literal, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._packages import needed
from lifecycle._splits import By, by_group
from lifecycle._values import call
from lifecycle.metrics._cohort_tables import Triangle
from lifecycle.metrics._mrr_columns import PaidColumns, by_slot
from lifecycle.metrics._mrr_ledger import Ledger, Mrr
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate, Ratio

__all__ = ["MrrCell", "MrrRow", "MrrTable", "cohorts"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MrrCell:
    """One cell of a table of cohorts: what is left of a cohort k periods later.

    Attributes:
        k: The period, counted from the cohort's.
        size: How many customers the cohort has.
        start: What they paid in the cohort's period.
        customers: How many of them pay in this period.
        mrr: What they pay.
        gross: The same, each customer with no more than at the start.
        measure: Which retention `rate` is: "net", "gross" or "logo".
        open: Whether the period goes on after the window, so that all is so far.
    """

    k: int
    size: int
    start: Number
    customers: int
    mrr: Number
    gross: Number
    measure: str = "net"
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def last(self) -> int:
        """The period, as in a cell of `retention.cohorts`, which can cover several."""
        return self.k

    @property
    def net_retention(self) -> Ratio | None:
        """What they pay, of what they paid at the start; None for an open cell."""
        return None if self.open else Ratio(self.mrr, self.start)

    @property
    def gross_retention(self) -> Ratio | None:
        """The same without what customers pay more, so at most 1; None for an open cell."""
        return None if self.open else Ratio(self.gross, self.start)

    @property
    def logo_retention(self) -> Rate | None:
        """The share of the customers who pay; None for an open cell."""
        return None if self.open else Rate(self.customers, self.size)

    @property
    def rate(self) -> Ratio | Rate | None:
        """The retention that the table shows; None for an open cell."""
        found: Ratio | Rate | None = getattr(self, f"{self.measure}_retention")
        return found

    @property
    def value(self) -> float | Decimal | None:
        """Its value; None for an open cell, and for an empty cohort."""
        return None if self.rate is None else self.rate.value

    @property
    def kept(self) -> Number:
        """The numerator of the retention, also of an open cell."""
        return _KEPT[self.measure](self)


_KEPT: Mapping[str, Callable[[MrrCell], Number]] = {
    "net": lambda cell: cell.mrr,
    "gross": lambda cell: cell.gross,
    "logo": lambda cell: cell.customers,
}


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MrrRow:
    """One cohort of a table of recurring revenue.

    Attributes:
        cohort: The start of the period in which its customers first paid, in the calendar's
            zone.
        size: How many customers it has.
        start: What they paid in it.
        cells: What is left of them, from `k` of 0 on, as far as the window goes.
    """

    cohort: datetime
    size: int
    start: Number
    cells: tuple[MrrCell, ...]

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class MrrTable(Triangle[MrrCell]):
    """What is left of recurring revenue, by the period in which customers first paid.

    As text and as HTML it shows one retention of each closed cell, and what is kept so far
    of each open one; every cell has all three, and `to_rows` too.

    Attributes:
        calendar: The periods.
        window: The time measured.
        measure: "net", "gross" or "logo".
        currency: The currency of the rows; None where they have none.
        rows: The cohorts, in order of time.
    """

    calendar: Calendar
    window: Window
    measure: str = "net"
    currency: str | None = None
    rows: tuple[MrrRow, ...]

    _kinds: ClassVar = {
        "k": int,
        "size": int,
        "start": Number,
        "customers": int,
        "mrr": Number,
        "gross": Number,
        "value": Number,
        "open": bool,
    }
    _so_far: ClassVar = "kept"

    def _title(self) -> str:
        return f"{self.measure.capitalize()} retention by {self.calendar.grain}{self._legend()}"

    def _darkest(self) -> float:
        values = [cell.value for row in self.rows for cell in row.cells if cell.value is not None]
        return max(1.0, *map(float, values)) if values else 1.0


@overload
def cohorts(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    measure: Literal["net", "gross", "logo"] = "net",
    floats: bool = False,
    by: None = None,
) -> MrrTable: ...
@overload
def cohorts(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    measure: Literal["net", "gross", "logo"] = "net",
    floats: bool = False,
    by: By,
) -> Groups[MrrTable]: ...
@by_group("mrr")
def cohorts(
    mrr: Mrr,
    *,
    calendar: Calendar,
    window: Window,
    measure: Literal["net", "gross", "logo"] = "net",
    floats: bool = False,
) -> MrrTable:
    """Return the retention of revenue by cohort of first payment, k periods later.

    Args:
        mrr: Rows as `movements` takes them.
        calendar: The periods.
        window: Its periods are the cohorts. Rows before it are read, to know who is new;
            rows at or after its end are ignored.
        measure: Which retention the table shows. "net": what they pay now, of what they
            paid in their first period. "gross": the same, each with no more than at first.
            "logo": how many of them pay.
        floats: Whether amounts may be floats.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A row for each period of the window, with a cell for that and each later one, which
        is open while its period goes on after the window. With `by`, such a table for each
        group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type; or an amount is a
            float, without `floats`.
        InvalidValueError: The window begins within a period; an amount is negative or not
            finite; or rows have two currencies.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `measure` is not one of these.

    Convention:
        A customer stays in the cohort of the first payment, also after coming back: who
        reactivates counts as retained again. Gross retention compares the two ends, so that
        a price that fell and rose again is not lost; where each fall counts permanently, it is
        lower. n periods have n (n + 1) / 2 cells.

    Examples:
        >>> from lifecycle.periods import Calendar, Window
        >>> mrr = [("ann", 1, 30), ("bob", 1, 10), ("ann", 2, 45), ("cy", 2, 20), ("cy", 3, 20)]
        >>> rows = [(customer, date(2026, month, 1), amount) for customer, month, amount in mrr]
        >>> spring = Window(date(2026, 1, 1), date(2026, 4, 1))
        >>> print(cohorts(rows, calendar=Calendar("month"), window=spring))
        Net retention by month
        cohort      size       0       1     2
        2026-01-01     2  100.0%  112.5%  0.0%
        2026-02-01     1  100.0%  100.0%
        2026-03-01     0
    """
    _checks.choice("measure", measure, _KEPT)
    ledger = Ledger(mrr, calendar=calendar, window=window, floats=floats)
    return MrrTable(
        calendar=calendar,
        window=window,
        measure=measure,
        currency=ledger.currency,
        rows=tuple(_rows(ledger, _sums(ledger), measure)),
    )


_Sums = Mapping[tuple[int, int], Sequence[Any]]
"""Customers, revenue and gross revenue of each cohort and period, by their slots."""


def _sums(ledger: Ledger) -> _Sums:
    """Add up what cohorts paid in each period, exactly."""
    if isinstance(ledger.paid, PaidColumns):
        return _sums_of_columns(ledger.paid, ledger.width)
    return _sums_of_rows(ledger.paid, ledger.width)


def _sums_of_rows(paid: Mapping[int, Any], width: int) -> _Sums:
    sums = defaultdict[tuple[int, int], list[Any]](lambda: [0, 0, 0])
    with _money.exactly():
        for _, keys in groupby(paid, key=lambda key: key // width):
            start = next(keys)
            for key in chain([start], keys):
                cell = sums[start % width, key % width]
                cell[0] += 1
                cell[1] += paid[key]
                cell[2] += min(paid[key], paid[start])
    return sums


def _sums_of_columns(paid: PaidColumns, width: int) -> _Sums:
    numpy, firsts = needed("numpy"), paid.firsts()
    cells = paid.slots[firsts] * width + paid.slots
    counts = numpy.bincount(cells)
    (kept,) = counts.nonzero()
    gross = numpy.minimum(paid.amounts, paid.amounts[firsts])
    columns = (counts, *(by_slot(cells, each, len(counts)) for each in (paid.amounts, gross)))
    sums = zip(*(column[kept].tolist() for column in columns), strict=True)
    return dict(zip((divmod(cell, width) for cell in kept.tolist()), sums, strict=True))


_NOTHING = (0, 0, 0)


def _rows(ledger: Ledger, sums: _Sums, measure: str) -> Iterator[MrrRow]:
    give, slots = ledger.give, ledger.slots()
    for cohort, start in zip(slots, ledger.grid, strict=True):
        size, first, _ = sums.get((cohort, cohort), _NOTHING)
        cells = []
        for k, slot in enumerate(range(cohort, slots.stop)):
            customers, mrr, gross = sums.get((cohort, slot), _NOTHING)
            cells.append(
                MrrCell(
                    k=k,
                    size=size,
                    start=give(first),
                    customers=customers,
                    mrr=give(mrr),
                    gross=give(gross),
                    measure=measure,
                    open=slot - slots.start >= ledger.grid.closed,
                )
            )
        yield MrrRow(cohort=start, size=size, start=give(first), cells=tuple(cells))
