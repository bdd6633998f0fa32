"""Payments of a log as arrays of numpy: how long ago each was, and how much."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import attrs

from lifecycle._activity import Reader
from lifecycle._activity_columns import ActivityColumns, Array
from lifecycle._packages import needed
from lifecycle.logs import EventLog
from lifecycle.logs._columns import InstantColumn, micros

__all__ = ["PaymentColumns", "payment_columns"]

_DAY = 86_400_000_000


@attrs.frozen(eq=False, weakref_slot=False)
class PaymentColumns:
    """Payments by how long ago they were.

    Attributes:
        ages: How long ago payments were, each length once.
        places: Which of these each payment has.
        amounts: The amounts.
    """

    ages: Sequence[timedelta]
    places: Array
    amounts: Array

    def times(self, factors: Sequence[float]) -> list[float]:
        """Return each amount times the factor of its age."""
        brought: list[float] = (self.amounts * needed("numpy").array(factors)[self.places]).tolist()
        return brought


def payment_columns(
    reader: Reader, payments: Any, last: datetime, day: date
) -> PaymentColumns | None:
    """Return the payments of a log; None of others, and where they need a look at each.

    Args:
        reader: What reads instants.
        payments: What was given.
        last: Up to when payments are aged, if they have a time of day.
        day: Up to which day, if they have none.
    """
    if not isinstance(payments, EventLog) or not payments._has("amount"):  # noqa: SLF001  (what a reader asks of a log)
        return None
    rows = reader.activity("payments", payments)
    if not isinstance(rows, ActivityColumns):
        return None
    amounts, column = payments._values("amount"), payments._at.take(rows.rows)  # noqa: SLF001  (where a log keeps them)
    are_dates = {form.is_date for form in column.forms}
    if amounts.dtype == object or len(are_dates) > 1 or rows.moments.max() > micros(last):
        return None
    ages = _days(column, day) if True in are_dates else micros(last) - rows.moments
    distinct, places = needed("numpy").unique(ages, return_inverse=True)
    lengths = [timedelta(microseconds=age) for age in distinct.tolist()]
    return PaymentColumns(lengths, places, amounts[rows.rows])


def _days(column: InstantColumn, day: date) -> Array:
    """Return days from dates to a day, in microseconds."""
    return (day - date(1970, 1, 1)).days * _DAY - column.micros
