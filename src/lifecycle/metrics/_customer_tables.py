"""Tables with a row for each customer, sorted by id, whose rows are made when they are read."""

import operator
from bisect import bisect_left
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar, overload

import attrs

from lifecycle import _checks, _inputs
from lifecycle._tables import Column, Table
from lifecycle._values import MOST, shortened
from lifecycle.errors import InvalidTypeError
from lifecycle.metrics._columns import items

__all__ = [
    "MEASURES",
    "CustomerRows",
    "column",
    "customer_column",
    "split",
    "values",
]

MEASURES = ("recency", "frequency", "monetary")
"""What is scored of a customer, in this order."""

Row = TypeVar("Row")

_BLOCK = 8192
"""How many rows are made at once."""


class TableByCustomer(Table[Row]):
    """A table with a row for each customer, sorted by id."""

    __slots__ = ()

    _named_by = ("customer",)

    def _near(self, sought: Mapping[str, Any]) -> Sequence[Row]:
        return _of_customer(self.rows, sought["customer"])

    def _column_values(self, column: Column, records: Sequence[Any]) -> list[Any]:
        if isinstance(records, CustomerRows):
            return items(records.column(column.name))
        return super()._column_values(column, records)


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class CustomerRows(Sequence[Row], Generic[Row]):
    """Rows that are kept as columns; equal to a tuple of the same rows.

    Attributes:
        kind: What makes a row.
        fields: What rows have, by field: an array of numpy, in which NaN stands for None, or a
            sequence.
        shared: What all rows have in common, by field.
    """

    kind: type[Row]
    fields: Mapping[str, Any]
    shared: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for values in self.fields.values():
            if hasattr(values, "flags"):
                values.flags.writeable = False

    def __len__(self) -> int:
        return len(self.fields["customer"])

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(self[i : i + _BLOCK] for i in range(0, len(self), _BLOCK))

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, place: int | slice) -> Row | tuple[Row, ...]:
        if isinstance(place, slice):
            return self._made(place)
        i = range(len(self))[place]
        return self._made(slice(i, i + 1))[0]

    def _made(self, part: slice) -> tuple[Row, ...]:
        columns = (items(values[part]) for values in self.fields.values())
        rows = (zip(self.fields, row, strict=True) for row in zip(*columns, strict=True))
        return tuple(self.kind(**dict(row), **self.shared) for row in rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CustomerRows | tuple):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(self[:]) if len(self) <= MOST else shortened(repr(self[:3]), len(self))

    def column(self, name: str) -> Any:
        """Return what rows have in a field; None where they do not have it."""
        if name in self.fields:
            return self.fields[name]
        return [self.shared.get(name)] * len(self)

    def take(self, places: Sequence[int]) -> "CustomerRows[Row]":
        """Return the rows in some places."""
        fields = {name: _taken(values, places) for name, values in self.fields.items()}
        return CustomerRows(self.kind, fields, self.shared)


def _taken(values: Any, places: Sequence[int]) -> Any:
    if hasattr(values, "dtype"):
        return values[places]
    return [values[place] for place in places]


def split(rows: Sequence[Any], by: Mapping[Any, Hashable]) -> Iterator[tuple[Any, Sequence[Any]]]:
    """Yield groups of customers with their rows; those who are in none are in the group None."""
    if not isinstance(by, Mapping):
        raise InvalidTypeError("by", by, "be a mapping of customers to groups")
    places: dict[Any, list[int]] = {}
    for place, customer in enumerate(items(values(rows, "customer"))):
        group = _inputs.group(f"by[{customer!r}]", by.get(customer))
        places.setdefault(group, []).append(place)
    for group, its in places.items():
        yield group, rows.take(its) if isinstance(rows, CustomerRows) else tuple(_taken(rows, its))


def values(rows: Sequence[Any], name: str) -> Any:
    """Return what rows have in a field: an array or a sequence."""
    if isinstance(rows, CustomerRows):
        return rows.column(name)
    return [getattr(row, name) for row in rows]


def _of_customer(rows: Sequence[Any], customer: Any) -> Sequence[Any]:
    """Return the row of a customer, by bisection; all rows where they are not sorted by id."""
    if type(customer) not in _checks.ID_ORDER:
        return rows
    order = _checks.id_order(customer)
    i = bisect_left(rows, order, key=lambda row: _checks.id_order(row.customer))
    found = rows[i : i + 1]
    return found if found and found[0].customer == customer else rows


def column(name: str, kind: Any) -> Column:
    return Column(name, kind, operator.attrgetter(name))


def customer_column() -> Column:
    return Column("customer", object, operator.attrgetter("customer"), show=str)
