"""Orders of one call, customer by customer.

Orders are read day by day: their day is that of the zone, and the time from one day to another
is a whole number of days.
"""

import operator
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import compress
from typing import Any

from lifecycle import _checks, _inputs
from lifecycle._activity import End, Id, Instant, Reader
from lifecycle._activity_columns import ActivityColumns
from lifecycle._checks import Number
from lifecycle.logs import EventLog
from lifecycle.metrics._amounts import checked_amounts
from lifecycle.metrics._order_columns import OrderBooks, order_books
from lifecycle.periods import Calendar, Window

__all__ = ["FlatOrders", "OrderLog", "Orders"]

Orders = Iterable[tuple[Id, Instant, Number]]
FlatOrders = list[Any]
"""The orders of one customer, flat: day, amount, day, amount, ..."""


_EPOCH = date(1970, 1, 1).toordinal()
"""The day of period 0, as a date counts its days."""


class OrderLog:
    """The orders of one call, customer by customer."""

    def __init__(self, argument: str, orders: Orders, calendar: Calendar) -> None:
        self._reader = Reader(calendar)
        self._orders = self._columns(argument, orders, calendar) or _OrderRows(
            argument, orders, calendar, self._reader
        )

    def end(self, argument: str, at: Instant) -> End:
        """Return an end, whose day is counted from 1970, as those of the orders are."""
        return self._reader.end(argument, at)

    def books(self, *, until: End, after: End | None = None) -> dict[Id, FlatOrders] | OrderBooks:
        """Return each customer's orders up to an end, and after another one.

        Returns:
            The orders by customer, sorted by id; of a log of arrays, its `OrderBooks`.
        """
        if isinstance(self._orders, OrderBooks):
            return self._orders.between(after and after.moment, until.moment)
        return self._orders.books(until=until, after=after)

    def _columns(self, argument: str, orders: Orders, calendar: Calendar) -> OrderBooks | None:
        if not (isinstance(orders, EventLog) and orders._has("amount")):  # noqa: SLF001  (what a reader asks of a log)
            return None
        rows = self._reader.activity(argument, orders)
        return order_books(rows, calendar) if isinstance(rows, ActivityColumns) else None


class _OrderRows:
    """Orders column by column: whose, on which day, for how much."""

    def __init__(self, argument: str, orders: Orders, calendar: Calendar, reader: Reader) -> None:
        self._argument = argument
        self._calendar = calendar
        self._reader = reader
        fields = ("customer", "at", "amount")
        customers, self._ats, amounts = _inputs.columns(argument, orders, fields)
        self._customers = self._reader.rows(argument, customers, ()).customers
        days = self._day_numbers()
        since_1970 = {day: day - _EPOCH for day in set(days)}
        self._days = list(map(since_1970.__getitem__, days))
        self._amounts = checked_amounts(f"{argument}[{{}}].amount", amounts)

    def books(self, *, until: End, after: End | None) -> dict[Id, FlatOrders]:
        """Return each customer's orders up to an end, and after another one, sorted by id."""
        kept = self._up_to(until)
        if after is not None:
            kept = list(map(operator.gt, kept, self._up_to(after)))
        found: dict[Id, FlatOrders] = defaultdict(list)
        books = map(found.__getitem__, compress(self._customers, kept))
        orders = zip(compress(self._days, kept), compress(self._amounts, kept), strict=True)
        deque(map(list.extend, books, orders), maxlen=0)  # a loop at half the time
        return {customer: found[customer] for customer in sorted(found, key=_checks.id_order)}

    def _up_to(self, end: End) -> list[bool]:
        return [
            day < end.day or (day == end.day and self._moment(i) <= end.moment)
            for i, day in enumerate(self._days)
        ]

    def _moment(self, i: int) -> datetime:
        return self._reader.moment(f"{self._argument}[{i}].at", self._ats[i])

    def _day_numbers(self) -> Sequence[int]:
        """Return the day of each order, as dates count: what it says, or by the zone's days."""
        if self._calendar.tz is UTC and _are_local(self._ats):
            for _ in self._ats[:1]:
                self._moment(0)  # all are of its kind, and ends must be, too
            return list(map(date.toordinal, self._ats))
        moments = self._reader.rows(self._argument, (), self._ats).moments
        if not moments:
            return []
        first = self._calendar.floor(min(moments))
        starts = self._calendar.starts(Window(first, max(moments) + timedelta.resolution))
        before = self._calendar.index(first) + _EPOCH - 1
        return [before + bisect_right(starts, at) for at in moments]


def _are_local(ats: Sequence[Any]) -> bool:
    """Say whether instants are dates and datetimes that show their day in UTC, or naive ones."""
    kinds = set(map(type, ats))
    return kinds <= {date, datetime} and _inputs.zones(ats) in ([], [None], [UTC])
