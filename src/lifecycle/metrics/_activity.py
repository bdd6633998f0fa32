"""Rows of activity: who was seen when.

Rows come in any order and number, so they are read column by column: what holds of all of
them is asked once, and only what fails is looked for row by row.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.periods import Calendar

__all__ = ["Id", "Instant", "Reader", "Rows", "columns"]

Id = str | int
Instant = datetime | date
_ROWS = (tuple, list, Sequence)


class Rows(NamedTuple):
    """Rows as columns: the customers, and the instants in UTC."""

    customers: Sequence[Id]
    moments: Sequence[datetime]


class Reader:
    """Reads the rows of one call: ids checked, instants in UTC, naive never beside aware."""

    def __init__(self, calendar: Calendar | None = None) -> None:
        self._read = (calendar or Calendar())._moment  # noqa: SLF001  (how it reads an instant)
        self._seen: dict[bool, tuple[str, datetime]] = {}

    def rows(self, argument: str, customers: Sequence[Any], ats: Sequence[Any]) -> Rows:
        """Return a column of customers and one of instants, checked."""
        return Rows(_ids(argument, customers), self._moments(argument, ats))

    def moment(self, argument: str, at: Instant) -> datetime:
        """Return an instant in UTC: a naive one and a date by the calendar's zone."""
        found = self._read(argument, at)
        self._note(argument, at)
        return found

    def _moments(self, argument: str, ats: Sequence[Any]) -> Sequence[datetime]:
        if set(map(type, ats)) == {datetime} and {at.tzinfo for at in ats} == {UTC}:
            self._note(f"{argument}[0].at", ats[0])
            return ats
        found = [self._read(f"{argument}[{i}].at", at) for i, at in enumerate(ats)]
        for naive in (True, False):
            first = next((i for i, at in enumerate(ats) if _is_naive(at) is naive), None)
            if first is not None:
                self._note(f"{argument}[{first}].at", ats[first])
        return found

    def _note(self, argument: str, at: Instant) -> None:
        """Refuse a naive instant, which a date is too, beside an aware one."""
        local = at if isinstance(at, datetime) else datetime.combine(at, time())
        self._seen.setdefault(_is_naive(at), (argument, local))
        if len(self._seen) > 1:
            raise MixedInstantsError(*self._seen[True], *self._seen[False])


def columns(argument: str, rows: Iterable[Any], fields: Sequence[str]) -> list[list[Any]]:
    """Return the columns of rows that all have the same fields."""
    shape = f"({', '.join(fields)})"
    if isinstance(rows, str) or not isinstance(rows, Iterable):
        raise InvalidTypeError(argument, rows, f"be rows of {shape}")
    rows = list(rows)
    for i, row in enumerate(rows):
        if not isinstance(row, _ROWS):
            raise InvalidTypeError(f"{argument}[{i}]", row, f"be {shape}")
        if len(row) != len(fields):
            raise InvalidValueError(f"{argument}[{i}]", row, f"be {shape}")
    return [[row[j] for row in rows] for j in range(len(fields))]


def _is_naive(at: Instant) -> bool:
    return not isinstance(at, datetime) or at.tzinfo is None


def _ids(argument: str, customers: Sequence[Any]) -> Sequence[Id]:
    """Check ids by their kinds; where one is not plain, or blank, each by its position."""
    kinds = set(map(type, customers))
    if kinds <= {int} or (kinds <= {int, str} and all(map(_is_named, set(customers)))):
        return customers
    return [_checks.identifier(f"{argument}[{i}].customer", id_) for i, id_ in enumerate(customers)]


def _is_named(customer: Id) -> bool:
    return isinstance(customer, int) or not (customer == "" or customer.isspace())
