"""What each customer of a log paid in each period, as arrays of numpy."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import attrs

from lifecycle import _money
from lifecycle._activity_columns import ActivityColumns, Array, begins, numbers
from lifecycle._checks import Id
from lifecycle._packages import needed
from lifecycle.logs import EventLog
from lifecycle.logs._columns import micros

__all__ = ["ExactColumn", "MrrColumns", "PaidColumns", "by_slot", "exact_column"]

_SCALES = (1, 100, 10_000, 1_000_000)
"""Into how many parts a unit of money is cut, of which floats may be whole numbers."""

_DIGITS = 1e15
"""Below this whole numbers of parts are the decimals that floats are the nearest to."""

_INT64 = 2**63


@attrs.frozen(eq=False, weakref_slot=False)
class PaidColumns:
    """Sums above 0 of customers and slots, sorted by customer, then slot.

    Attributes:
        codes: The customers' codes.
        slots: The slots.
        amounts: The sums: whole numbers, or an array with `Decimal`s.
    """

    codes: Array
    slots: Array
    amounts: Array

    def firsts(self) -> Array:
        """Return, for each row, the place of the first row of its customer."""
        numpy = needed("numpy")
        (starts,) = begins(self.codes).nonzero()
        return numpy.repeat(starts, numpy.diff(starts, append=len(self.codes)))

    def pairs(self, back: int, width: int) -> tuple[Array, Array]:
        """Return the places of rows whose customers have one some slots before, and of those."""
        numpy = needed("numpy")
        keys = self.codes * width + self.slots
        before = numpy.arange(-1, len(keys) - 1) if back == 1 else keys.searchsorted(keys - back)
        (now,) = ((keys[before] == keys - back) & (self.slots > back)).nonzero()
        return now, before[now]


class MrrColumns(NamedTuple):
    """The rows of a log, customer by customer.

    Attributes:
        rows: Whose they are, and when.
        every: The amounts of all rows of the log, as `exact_column` has them.
    """

    rows: ActivityColumns
    every: Array

    def before(self, end: datetime) -> "MrrColumns":
        """Return the rows that are before an instant."""
        return self._replace(rows=self.rows.before(end))

    def paid(self, starts: Sequence[datetime]) -> PaidColumns:
        """Add what a customer paid in each slot; leave out what is 0."""
        numpy = needed("numpy")
        slots = numbers(self.rows.moments, list(map(micros, starts)))
        (places,) = begins(self.rows.codes, slots).nonzero()
        with _money.exactly():
            sums = numpy.add.reduceat(self.every[self.rows.rows], places) + 0
        kept = places[sums != 0]
        return PaidColumns(self.rows.codes[kept], slots[kept].astype("int64"), sums[sums != 0])

    def codes(self) -> dict[Id, int]:
        """Return the codes of the customers."""
        ids = self.rows.customers
        return {ids[code]: code for code in self.rows.codes[self.rows.is_first()].tolist()}


def by_slot(slots: Array, amounts: Array, width: int) -> Array:
    """Return the sum of the amounts of each slot."""
    numpy = needed("numpy")
    sums = numpy.zeros(width, dtype=amounts.dtype)
    with _money.exactly():
        numpy.add.at(sums, slots, amounts)
    return sums


class ExactColumn(NamedTuple):
    """Amounts whose sums are exact, and what returns a sum as the kind of number that came in."""

    amounts: Array
    give: Callable[[Any], Any]


def exact_column(log: EventLog, *, floats: bool) -> ExactColumn | None:
    """Return the amounts of a log, row by row, exactly; None where they need a look at each.

    They are whole numbers, of a small unit where floats are; or an array with `Decimal`s.
    """
    amounts = log._values("amount")  # noqa: SLF001  (what a reader is for)
    kinds = set(map(type, amounts.tolist())) if amounts.dtype == object else {amounts.dtype.kind}
    if not kinds <= {int, Decimal, "i", *("f" * floats)} or amounts.min() < 0:
        return None
    if kinds == {"f"}:
        return _of_floats(amounts)
    if kinds == {"i"} and int(amounts.max()) * len(amounts) >= _INT64:
        amounts = amounts.astype(object)
    if Decimal not in kinds:
        return ExactColumn(amounts, int)
    nothing_is_0 = needed("numpy").where(amounts == 0, 0, amounts)  # whatever its digits
    return ExactColumn(nothing_is_0, _money.exact)


def _of_floats(amounts: Array) -> ExactColumn:
    """Return floats as whole numbers of cents or smaller parts, else as `Decimal`s."""
    numpy = needed("numpy")
    most = min(_DIGITS, _INT64 / len(amounts)) / (float(amounts.max()) or 1.0)
    for scale in (scale for scale in _SCALES if scale < most):
        parts = numpy.rint(amounts * scale)
        if (parts / scale == amounts).all():
            return ExactColumn(parts.astype("int64"), partial(_whole, scale))
    exact = numpy.fromiter(map(_money.exact, amounts.tolist()), dtype=object)
    return ExactColumn(exact, float)


def _whole(scale: int, parts: int) -> float:
    return parts / scale
