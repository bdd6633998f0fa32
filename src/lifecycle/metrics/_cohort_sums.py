"""What cohorts have paid, by cohort and age: on rows, and on the arrays of a log."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from lifecycle import _money
from lifecycle._activity import ActivityRows, Grid, Reader
from lifecycle._activity_columns import ActivityColumns, Array, begins, order_of
from lifecycle._inputs import columns
from lifecycle._packages import needed
from lifecycle.logs import EventLog
from lifecycle.metrics._cohort_age_columns import AgedColumns, MemberColumns
from lifecycle.metrics._cohort_ages import MODES, AgeClock, latest, members

__all__ = ["CohortSums", "Paid", "read_payments", "sums_of_columns", "sums_of_rows"]


class Paid(NamedTuple):
    """Payments: whose and when, how much, and what makes amounts of one kind.

    Arrays of a log have their amounts themselves.
    """

    rows: Any
    amounts: Sequence[Any]
    convert: Any


class CohortSums(NamedTuple):
    """The customers of each cohort, and what they paid at each age.

    Attributes:
        sizes: How many customers each cohort has.
        paid: What they paid, by cohort and age; 0 where there is nothing.
        clock: What tells which cells are open.
    """

    sizes: Mapping[int, int] | Sequence[int]
    paid: Mapping[tuple[int, int], Any]
    clock: AgeClock


def read_payments(reader: Reader, payments: Any, *, arrays: bool) -> Paid:
    """Read (customer, at, amount) rows: those of a log with plain numbers as arrays, if wanted."""
    if arrays and isinstance(payments, EventLog) and payments._has("amount"):  # noqa: SLF001  (what a reader asks of a log)
        found = reader.activity("payments", payments)
        if isinstance(found, ActivityColumns) and found.has_floats("amount"):
            return Paid(found, (), float)
    ids, ats, amounts = columns("payments", payments, ("customer", "at", "amount"))
    convert = _money.converter({f"payments[{i}].amount": a for i, a in enumerate(amounts)})
    return Paid(reader.rows("payments", ids, ats), amounts, convert)


def sums_of_rows(paid: Paid, starts: ActivityRows | None, grid: Grid, mode: str) -> CohortSums:
    """Add up payments by cohort and age.

    Args:
        paid: The payments.
        starts: When customers began, before the window's end; None for their first payments.
        grid: The periods, which are the cohorts.
        mode: What ages count.
    """
    own = paid.rows.before(grid.end) if starts is None else starts
    acquired = members(own, grid, "first")
    of_customer = {member.customer: member for member in acquired}
    clock = MODES[mode](grid, latest(acquired))
    parts: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for customer, at, amount in zip(*paid.rows, paid.amounts, strict=True):
        if at < grid.end and (member := of_customer.get(customer)):
            parts[member.cohort, clock.age(at, member)].append(paid.convert(amount))
    add = _money.summed if paid.convert is float else _exactly
    ages = range(len(grid))
    sums = {cell: add(amounts) for cell, amounts in parts.items() if cell[1] in ages}
    by_cell = defaultdict(partial(paid.convert, 0), sums)
    return CohortSums(Counter(member.cohort for member in acquired), by_cell, clock)


def _exactly(amounts: Iterable[Decimal]) -> Decimal:
    with _money.exactly():
        return sum(amounts, Decimal())


def sums_of_columns(
    paid: Paid, starts: ActivityColumns | None, grid: Grid, mode: str
) -> CohortSums:
    """Add up the same of a log."""
    rows = paid.rows.before(grid.end)
    own = rows if starts is None else starts
    acquired = MemberColumns.of(own, grid.visits_of(own), "first")
    aged = AgedColumns.of_rows(rows, grid, mode).since(acquired.within(own, rows), 0)
    (shown,) = (aged.ages < len(grid)).nonzero()
    cells = aged.cohorts[shown] * len(grid) + aged.ages[shown]
    sums = _sums(cells, rows.values("amount")[aged.places[shown]])
    sizes = needed("numpy").bincount(acquired.cohorts, minlength=len(grid)).tolist()
    by_cell = {divmod(cell, len(grid)): amount for cell, amount in sums.items()}
    return CohortSums(sizes, defaultdict(float, by_cell), acquired.clock(mode, grid))


def _sums(keys: Array, amounts: Array) -> dict[int, float]:
    """Return the sum of the amounts of each key, rounded once as those of rows are."""
    numpy = needed("numpy")
    order = order_of(keys)
    keys, amounts = keys[order], amounts[order].astype("float64")
    (places,) = begins(keys).nonzero()
    parts = numpy.split(amounts, places[1:])
    return {
        key: _money.summed(part.tolist())
        for key, part in zip(keys[places].tolist(), parts, strict=False)
    }
