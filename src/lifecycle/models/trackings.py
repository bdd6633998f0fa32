"""Predicted and actual purchases, period by period."""

import math
import operator
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta, tzinfo
from operator import attrgetter
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._activity import End, Id, Instant
from lifecycle._tables import Column, Table, columns_of
from lifecycle.errors import EmptySampleError, InvalidValueError
from lifecycle.metrics._columns import ascending
from lifecycle.metrics._order_columns import OrderBooks
from lifecycle.metrics._order_log import OrderLog
from lifecycle.models._bounds import AMOUNT, with_bounds
from lifecycle.models.fitting import Fit, model_of
from lifecycle.models.purchase_model import PurchaseModel
from lifecycle.periods import DAYS, Calendar

__all__ = ["TrackingRow", "TrackingTable", "tracking"]

_EPOCH = date(1970, 1, 1)


@attrs.frozen(kw_only=True, weakref_slot=False)
class TrackingRow:
    """Repeat purchases of all customers up to a day.

    Attributes:
        period: Which period ends with the day, counted from 1.
        until: The day, included.
        actual: How many there were since the log began.
        expected: How many the model expected.
        calibration: Whether the day is within the calibration.
    """

    period: int
    until: date
    actual: int
    expected: float
    calibration: bool

    @property
    def error(self) -> float | None:
        """The relative error, expected less actual over actual; None where actual is 0."""
        return (self.expected - self.actual) / self.actual if self.actual else None


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TrackingTable(Table[TrackingRow]):
    """Cumulative repeat purchases, period by period.

    Attributes:
        rows: A `TrackingRow` for each period that has ended.
        unit: The length of a period.
    """

    _named_by = ("period",)

    rows: tuple[TrackingRow, ...]
    unit: str

    def _columns(self) -> Sequence[Column]:
        return [*columns_of(TrackingRow), Column("error", float, attrgetter("error"), _signed)]

    def _title(self) -> str:
        return f"Cumulative repeat purchases by {self.unit}"


def tracking(  # noqa: PLR0913  (the days of a log)
    model: PurchaseModel | Fit[Any],
    orders: Iterable[tuple[Id, Instant, Any]],
    *,
    until: Instant,
    calibration_until: Instant | None = None,
    period: str | None = None,
    zone: str | tzinfo = "UTC",
) -> TrackingTable:
    """Compare predicted with actual repeat purchases of all customers, period by period.

    Each customer is new on the day of the first order, and is expected to buy again as a new
    customer of the model does. So the expectation is that of the parameters alone: it does not
    learn from what customers do after the calibration.

    Args:
        model: A model of purchases at any time, such as `BetaGeoNBD`, or its fit.
        orders: (customer, at, amount) rows, in any order, as `rfm.summary` reads them; the
            amounts are checked, and do not matter.
        until: Up to and including when orders count: a date for that whole day, or an instant.
            Later ones are ignored.
        calibration_until: Up to and including when the orders are that the model was fitted to;
            customers who first buy later are left out. None keeps all.
        period: "day", "week", "month", "quarter" or "year", which are counted from the first
            order's day, which is the first day of the first one; None for the unit of the model.
        zone: The time zone, by name or as a `tzinfo`, that says on which day an order is.

    Returns:
        A row for each period that ends by `until`.

    Raises:
        EmptySampleError: There are no orders.
        InvalidTypeError: An argument or a row is of another type.
        InvalidValueError: `calibration_until` is not before `until`; or an amount is negative
            or not finite.
        MixedInstantsError: Naive and aware instants are mixed.
        MixedNumbersError: Some amounts are `Decimal`, and others float.
        UnknownNameError: `period` is not one of these.

    Convention:
        Orders of one day are one purchase, as in `rfm.summary`, and a customer's time at the
        end of a period is the age that `rfm.summary` gives with that day as `until`: that of
        Fader and Hardie, whose 39 weeks from 1997-01-01 on end with 1997-09-30. A period that
        ends within a day ends with the day before.

    References:
        Fader, P. S. and Hardie, B. G. S. (2005). A note on implementing the Pareto/NBD model in
        MATLAB. brucehardie.com/notes/008.

    Examples:
        >>> from lifecycle.models import ParetoNBD
        >>> model = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="week")
        >>> orders = [
        ...     ("ann", date(2026, 1, 1), 20),
        ...     ("ann", date(2026, 1, 20), 30),
        ...     ("bob", date(2026, 1, 8), 15),
        ... ]
        >>> print(tracking(model, orders, until=date(2026, 1, 28)))
        Cumulative repeat purchases by week
        period  until       actual  expected  calibration   error
             1  2026-01-07       0   0.04385  True
             2  2026-01-14       0    0.1366  True
             3  2026-01-21       1    0.2323  True         -76.8%
             4  2026-01-28       1    0.3239  True         -67.6%
    """
    expected = "be a model of purchases at any time, such as BetaGeoNBD, or its fit"
    fitted = model_of(model, PurchaseModel, expected=expected)
    unit = fitted.unit if period is None else _checks.choice("period", period, DAYS)
    log = OrderLog("orders", orders, Calendar("day", zone=zone))
    end = log.end("until", until)
    split = end if calibration_until is None else log.end("calibration_until", calibration_until)
    if calibration_until is not None and split >= end:
        raise InvalidValueError("calibration_until", calibration_until, f"be before until, {until}")
    births, repeats = _purchases(log, split, end)
    first, length, step = min(births), DAYS[unit], DAYS[fitted.unit]
    rows = []
    for k in range(1, math.floor((end.day - first + 1) / length + 1e-9) + 1):
        ending = first - 1 + k * length  # of a week, its seventh day
        known = fitted.expected_purchases([max(ending - birth, 0.0) / step for birth in births])
        day = math.floor(ending + 1e-9)
        rows.append(
            TrackingRow(
                period=k,
                until=_EPOCH + timedelta(days=day),
                actual=bisect_right(repeats, day),
                expected=with_bounds(
                    fitted, math.fsum(map(operator.mul, births.values(), known)), AMOUNT
                ),
                calibration=day <= split.day,
            )
        )
    return TrackingTable(rows=tuple(rows), unit=unit)


def _purchases(log: OrderLog, split: End, end: End) -> tuple[Counter[int], Sequence[int]]:
    """Return how many customers are born on each day, and the days of repeat purchases, sorted.

    Those who first buy after the split are left out.
    """
    early: Any = log.books(until=split)
    books: Any = log.books(until=end)
    if not len(early):
        raise EmptySampleError("orders")
    if isinstance(books, OrderBooks):
        first, later = books.days_of(early.codes)
        return Counter(first.tolist()), ascending(later)
    known = [sorted(set(books[customer][::2])) for customer in early]
    return Counter(days[0] for days in known), sorted(d for days in known for d in days[1:])


def _signed(share: float | None) -> str:
    return "" if share is None else f"{share:+.1%}"
