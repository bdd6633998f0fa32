"""What each customer paid in each period, from rows of recurring revenue."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, compress, count
from typing import Any, NamedTuple

from lifecycle import _checks, _money
from lifecycle._activity import Grid, Id, Instant, Reader
from lifecycle._activity_columns import ActivityColumns
from lifecycle._checks import Number
from lifecycle._inputs import columns_and
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.logs import EventLog
from lifecycle.metrics._mrr_columns import MrrColumns, PaidColumns, exact_column
from lifecycle.periods import Calendar, Window

__all__ = ["Ledger", "Mrr"]

Mrr = Iterable[tuple[Id, Instant, Number] | tuple[Id, Instant, Number, str]]

_FIELDS = ("customer", "at", "amount")


class _MrrRows(NamedTuple):
    """The columns of one argument, checked; amounts are exact."""

    customers: Sequence[Id]
    moments: Sequence[datetime]
    amounts: Sequence[Any]

    def before(self, end: datetime) -> "_MrrRows":
        """Return the rows that are before an instant."""
        if not self.moments or max(self.moments) < end:
            return self
        kept = [at < end for at in self.moments]
        return _MrrRows(*(list(compress(column, kept)) for column in self))


class Ledger:
    """The sums of customers and periods that are above 0, and the periods they are in.

    A customer has a number, from 0, and a period a slot: 0 is the time before all periods
    that are distinguished, then come those before the window, and then its own. A customer and
    a slot together are one key, customer * width + slot.

    Attributes:
        grid: The periods of the window.
        history: How many periods before the window are distinguished.
        width: How many keys a customer has.
        codes: Returns the customers' numbers.
        paid: The sums by key, ascending; exact. Of a log of arrays, its `PaidColumns`.
        same_period: The sums of who came and left within a period, by key.
        currency: The currency of the rows, where they have one.
        give: Returns an exact sum as the kind of number that came in.
    """

    def __init__(  # noqa: PLR0913  (the arguments of the calculators)
        self,
        mrr: Mrr,
        *,
        calendar: Calendar,
        window: Window,
        floats: bool,
        history: int = 0,
        same_period: Mrr = (),
    ) -> None:
        self.grid, self.history = Grid(calendar, window), history
        given, self.currency, self.give = _read(
            calendar, floats, {"mrr": mrr, "same_period": same_period}
        )
        self._starts = self._told_apart()
        self.width = len(self._starts) + 1
        self.same_period: Mapping[int, Any] = {}
        if isinstance(given, MrrColumns):
            columns = given.before(self.grid.end)
            self.paid: Mapping[int, Any] | PaidColumns = columns.paid(self._starts)
            self.codes = columns.codes
        else:
            self._read_rows(*given)

    def _read_rows(self, mrr: _MrrRows, same_period: _MrrRows) -> None:
        rows = [each.before(self.grid.end) for each in (mrr, same_period)]
        customers = dict.fromkeys(chain.from_iterable(each.customers for each in rows))
        codes = dict(zip(customers, count(), strict=False))
        self.codes = lambda: codes
        paid, self.same_period = (self._sums(each, codes) for each in rows)
        self.paid = paid
        for i, (id_, at, _) in enumerate(zip(*same_period, strict=True)):
            if at < self.grid.end:
                key = codes[id_] * self.width + bisect_right(self._starts, at)
                self._check_same_period(i, id_, key, paid)

    def slots(self) -> range:
        """Return the slots of the window's periods."""
        return range(self.history + 1, self.width)

    def _told_apart(self) -> tuple[datetime, ...]:
        if not self.history:
            return self.grid.starts
        calendar, window = self.grid.calendar, self.grid.window
        try:
            first = calendar.start(calendar.index(window.start) - self.history)
        except InvalidValueError:
            expected = f"lead from {window.start} to a period that the calendar has"
            raise InvalidValueError("periods", self.history, expected) from None
        return calendar.starts(Window(first, self.grid.end))

    def _sums(self, rows: _MrrRows, codes: Mapping[Id, int]) -> dict[int, Any]:
        """Add what a customer paid in a period, in order of the keys; leave out what is 0."""
        sums: dict[int, Any] = {}
        starts = self._starts
        firsts = dict(zip(codes, count(0, self.width), strict=False))
        with _money.exactly():
            for id_, at, amount in zip(*rows, strict=True):
                if amount:
                    key = firsts[id_] + bisect_right(starts, at)
                    sums[key] = sums.get(key, 0) + amount
        keys = sorted(sums)
        return dict(zip(keys, map(sums.__getitem__, keys), strict=True))

    def _check_same_period(self, i: int, customer: Id, key: int, paid: Mapping[int, Any]) -> None:
        """Refuse a customer who pays at the end of the period, or of the one before."""
        slot = key % self.width
        if slot and (key in paid or (slot > 1 and key - 1 in paid)):
            expected = "be of a customer who has no row in its period, nor in the one before"
            raise InvalidValueError(f"same_period[{i}].customer", customer, expected)


def _read(
    calendar: Calendar, floats: object, given: Mapping[str, Mrr]
) -> tuple[list[_MrrRows] | MrrColumns, str | None, Callable[[Any], Any]]:
    """Return the rows of each argument, their currency, and what returns their kind of money."""
    reader = Reader(calendar)
    columns = _of_log(reader, floats, **given)
    return columns or _of_rows(reader, floats, given)


def _of_log(
    reader: Reader, floats: object, mrr: Mrr, same_period: Mrr
) -> tuple[MrrColumns, str | None, Callable[[Any], Any]] | None:
    """Return the columns of a log of arrays; None where its rows need a look at each.

    Customers who came and left within a period are rows, and so are all others with them.
    """
    if not isinstance(mrr, EventLog) or not mrr._has("amount") or _are_some(same_period):  # noqa: SLF001  (what a reader asks of a log)
        return None
    rows = reader.activity("mrr", mrr)
    if not isinstance(rows, ActivityColumns):
        return None
    currencies = mrr._distinct("currency") if mrr._has("currency") else []  # noqa: SLF001  (what a reader asks of a log)
    exact = exact_column(mrr, floats=floats is True)
    if exact is None or len(currencies) > 1 or not isinstance(floats, bool):
        return None
    return MrrColumns(rows, exact.amounts), _currency({"mrr": currencies}), exact.give


def _of_rows(
    reader: Reader, floats: object, given: Mapping[str, Mrr]
) -> tuple[list[_MrrRows], str | None, Callable[[Any], Any]]:
    parts = {
        argument: columns_and(argument, _no_subscriptions(argument, rows), _FIELDS, "currency")
        for argument, rows in given.items()
    }
    currency = _currency({argument: part[3] for argument, part in parts.items()})
    amounts = _amounts({argument: part[2] for argument, part in parts.items()}, floats)
    kinds = {kind for column in amounts for kind in set(map(type, column))}
    give = float if float in kinds else _money.exact if Decimal in kinds else int
    rows = []
    for (argument, part), column in zip(parts.items(), amounts, strict=True):
        exact = list(map(_money.exact, column)) if give is float else column
        rows.append(_MrrRows(*reader.rows(argument, part[0], part[1]), exact))
    return rows, currency, give


def _are_some(rows: object) -> bool:
    return not isinstance(rows, Sequence | EventLog) or len(rows) > 0


def _no_subscriptions(argument: str, rows: Mrr) -> Mrr:
    """Return rows, if the first one is not a subscription, with a start and maybe an end."""
    rows = list(rows) if isinstance(rows, Iterator) else rows
    first = rows[0] if isinstance(rows, Sequence) and rows else rows
    if _is_subscription(first):
        expected = "be (customer, at, amount), as revenue.recurring(...) makes of subscriptions"
        raise InvalidTypeError(argument if first is rows else f"{argument}[0]", first, expected)
    return rows


def _is_subscription(row: Any) -> bool:
    """Say whether a row has a start and an amount by name, or an instant and an end."""
    if isinstance(row, Mapping):
        return {"start", "amount"} <= set(row)
    if hasattr(row, "start") and hasattr(row, "amount"):
        return True
    if not isinstance(row, Sequence) or len(row) <= len(_FIELDS) or not isinstance(row[1], date):
        return False
    return row[2] is None or any(isinstance(each, date) for each in row[2:])


def _currency(currencies: Mapping[str, Sequence[Any]]) -> str | None:
    """Return the one currency of all rows, of which none or each has one."""
    first: tuple[str, str] | None = None
    for argument, column in currencies.items():
        if set(map(type, column)) == {str} and len(set(column)) == 1:
            column = column[:1]  # noqa: PLW2901  (all are like the first)
        for i, given in enumerate(column):
            currency = _checks.name(f"{argument}[{i}].currency", given)
            first = first or (f"{argument}[{i}]", currency)
            if currency != first[1]:
                expected = f"be {first[1]!r}, as in {first[0]}; convert to one currency first"
                raise InvalidValueError(f"{argument}[{i}].currency", given, expected)
    return first and first[1]


def _amounts(amounts: Mapping[str, Sequence[Any]], floats: object) -> list[Sequence[Number]]:
    if not isinstance(floats, bool):
        raise InvalidTypeError("floats", floats, "be True or False")
    found = _money.columns(amounts)
    for argument, column in zip(amounts, found, strict=True):
        if not floats and float in set(map(type, column)):
            i = next(i for i, amount in enumerate(column) if isinstance(amount, float))
            expected = (
                "be a Decimal, or a whole number of cents; "
                "floats=True takes floats, whose sums are right to their last digits only"
            )
            raise InvalidTypeError(f"{argument}[{i}].amount", column[i], expected)
        if column and min(column) < 0:
            i = next(i for i, amount in enumerate(column) if amount < 0)
            raise InvalidValueError(f"{argument}[{i}].amount", column[i], "be at least 0")
    return found
