"""Customers as they are handed over: a summary, rows, columns by name, a dataframe.

Whatever they come in, a model reads columns, and the unit of time where there is one. Dataframes
are known by what they can do, so that none of their packages is imported.
"""

import math
import operator
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import attrs

from lifecycle import _checks
from lifecycle._lengths import UNITS
from lifecycle.errors import (
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
    folded,
)
from lifecycle.metrics._columns import items
from lifecycle.metrics._customer_tables import CustomerRows
from lifecycle.metrics.rfm import CustomerSummary, SummaryTable
from lifecycle.models._arithmetic import has_arrays, is_array
from lifecycle.periods import DAYS

__all__ = ["HISTORY", "Customers", "customers_and", "given", "is_missing", "known", "plain"]

HISTORY = ("frequency", "recency", "age")
"""What the models of purchases know of a customer, in the order of their formulas."""
_FIELDS = (*HISTORY, "monetary", "unit")
"""What models read of a customer, besides the id."""

_KNOWN_AS = {"T": "age", "t_x": "recency", "x": "frequency", "monetary_value": "monetary"}
"""What fields are called in lifetimes and in the literature."""
_OF_ORDERS = {field.name for field in attrs.fields(CustomerSummary)}
"""What `rfm.summary` makes of orders."""
_NOTHING = ("NAType", "NaTType")
"""The types of what pandas has in place of a value."""


class Customers(ABC):
    """Customers, whatever they came in.

    Args:
        argument: How errors name them.
    """

    single = False

    def __init__(self, argument: str) -> None:
        self.argument = argument

    @abstractmethod
    def read(self, name: str) -> Any:
        """Return a column, unchecked; or a number, of one customer."""

    @abstractmethod
    def find(self, name: str) -> list[Any]:
        """Return a column where there is one, else an empty list."""

    @cached_property
    def ids(self) -> list[Any] | None:
        """Who they are, in their order; None for one by itself, or where no row says it.

        Raises:
            InvalidValueError: Some rows have an id and others none.
        """
        found = [] if self.single else self.find("customer")
        if not set(map(type, found)) <= {int, str}:
            missing = [i for i, customer in enumerate(found) if is_missing(customer)]
            if len(missing) == len(found):
                return None
            if missing:
                more = f" ({len(missing)} of {len(found)} rows have none)"
                path = f"{self.argument}[{missing[0]}].customer"
                raise InvalidValueError(path, None, f"be given in every row or in none{more}")
        return found or None

    def columns(self, names: Sequence[str]) -> dict[str, Any]:
        """Return columns by name, unchecked.

        Raises:
            EmptySampleError: There are no customers.
            InvalidTypeError: A column or a field is missing.
            InvalidValueError: Two rows are of the same customer, or some have none.
        """
        found = {name: self.read(name) for name in names}
        if not self.single:
            if len(found[names[0]]) == 0:
                raise EmptySampleError(self.argument)
            _check_distinct(self.argument, self.ids or [])
        return found

    def unit(self) -> str | None:
        """Return the unit of time that they bring with them; None where they have none.

        A column of this name whose values are no units of time is about something else.

        Raises:
            InvalidValueError: Some have one unit, and some another.
            UnknownNameError: Theirs is a unit of time in another form, such as "weeks".
        """
        units = [unit for unit in self.find("unit") if not is_missing(unit)]
        known = next((unit for unit in units if isinstance(unit, str) and unit in DAYS), None)
        other = next((unit for unit in units if unit != known), None)
        if known is not None and other is not None:
            expected = f"be one unit, {known!r} in other rows"
            raise InvalidValueError(f"{self.argument}.unit", other, expected)
        if known is None:
            _check_form(f"{self.argument}.unit", units)
        return known

    def unit_or(self, unit: object) -> str | None:
        """Return the unit that is given, or their own.

        Raises:
            InvalidValueError: They have another unit than the one that is given.
            UnknownNameError: There is no such unit.
        """
        own = self.unit()
        found = own if unit is None else _checks.choice("unit", unit, DAYS)
        if own not in (None, found):
            raise InvalidValueError("unit", unit, f"be that of the summary, {own!r}")
        return found

    def check_unit(self, unit: str | None) -> None:
        """Check that times are in the unit of a model, as far as both say it.

        Raises:
            InvalidValueError: They are in another.
        """
        own = self.unit()
        if own and unit and own != unit:
            raise InvalidValueError(f"{self.argument}.unit", own, f"be that of the model, {unit!r}")


def given(
    argument: str, rows: object, *, single: bool = False, names: Sequence[str] = _FIELDS
) -> Customers:
    """Return customers in the form that models read.

    Args:
        argument: How errors name them.
        rows: A `SummaryTable`; rows with attributes or keys; columns by name: a mapping, a
            dataframe of pandas or polars, a table of pyarrow.
        single: Whether one row, by itself, is accepted.
        names: Where one row has numbers, and columns have series.

    Raises:
        InvalidTypeError: It is nothing of these.
    """
    if isinstance(rows, Customers):
        return rows
    if isinstance(rows, SummaryTable):
        return _customer_rows(argument, rows.rows, rows.unit)
    if single and isinstance(rows, CustomerSummary):
        return _OneCustomer(argument, {name: getattr(rows, name) for name in _FIELDS})
    is_table = isinstance(rows, Mapping) and any(_is_series(rows.get(name)) for name in names)
    if single and isinstance(rows, Mapping) and not is_table:
        return _OneCustomer(argument, rows)
    if hasattr(type(rows), "collect"):
        expected = "be in memory; collect() it first"
        raise InvalidTypeError(argument, type(rows), expected)
    if isinstance(rows, Mapping) or hasattr(rows, "columns"):
        return _Columns(argument, rows)
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        expected = f"be an rfm.SummaryTable, or rows with {', '.join(HISTORY)}, or columns by name"
        raise InvalidTypeError(argument, rows, expected)
    return _customer_rows(argument, rows)


def _customer_rows(argument: str, rows: Iterable[Any], unit: str | None = None) -> Customers:
    if isinstance(rows, CustomerRows):
        return _SummaryRows(argument, rows, unit or rows.shared.get("unit"))
    return _CustomerRows(argument, list(rows), unit)


def known(
    rows: object, unit: str | None, *, new: bool = False, **columns: object
) -> tuple[list[Any] | None, dict[str, Any]]:
    """Return what a forecast is for: the columns of rows, or those that are given one by one.

    Args:
        rows: What `given` accepts, or one row; None where columns are given.
        unit: The unit of the model.
        new: Whether a customer of whom nothing is given is a new one.
        columns: The columns by name; None for what is not given.

    Returns:
        The ids of the customers, None where they have none; and the columns by name.

    Raises:
        InvalidTypeError: Both are given, or not all that is needed.
        InvalidValueError: Rows are in another unit than the model.
    """
    for name, values in columns.items():
        if rows is not None and values is not None:
            raise InvalidTypeError(name, values, "be left out where rows are given")
        if rows is None and values is None and not new:
            raise InvalidTypeError(name, values, "be given, or rows that have it")
    if rows is None:
        return None, {name: 0.0 if v is None else v for name, v in columns.items()}
    customers = given("rows", rows, single=True)
    customers.check_unit(unit)
    return customers.ids, customers.columns(list(columns))


def customers_and(name: str, values: object) -> tuple[list[Any] | None, Any]:
    """Return the ids and one column of rows; no ids, and the column itself, where it is given.

    Args:
        name: The column, and how errors name the rows.
        values: What `given` accepts; or a number, a list of numbers, or an array.
    """
    first = values[0] if isinstance(values, list | tuple) and values else values
    if not (isinstance(first, Mapping) or hasattr(first, name) or hasattr(type(first), "columns")):
        return None, values
    rows = given(name, values, single=True, names=[name])
    return rows.ids, rows.columns([name])[name]


def is_missing(value: object) -> bool:
    """Say whether a value is none: None, NaN, or pandas' NA."""
    if isinstance(value, float):
        return math.isnan(value)
    if isinstance(value, Decimal):
        return value.is_nan()
    return value is None or type(value).__name__ in _NOTHING


class _Columns(Customers):
    """Columns by name: a mapping or a dataframe."""

    def __init__(self, argument: str, table: Any) -> None:
        super().__init__(argument)
        names = table if isinstance(table, Mapping) else getattr(table, "column_names", None)
        self._table, self._names = table, list(table.columns if names is None else names)

    def read(self, name: str) -> Any:
        if name not in self._names:
            what = name if self.single else f"column {name!r}"
            expected = f"have a {what}{_hint(name, self._names)}"
            raise InvalidTypeError(self.argument, self._names, expected)
        found = self._table[name]
        if not (self.single or _is_series(found)):
            raise InvalidTypeError(f"{self.argument}.{name}", found, "be a column, such as a list")
        return found

    def find(self, name: str) -> list[Any]:
        if name not in self._names:
            return []
        found = self.read(name)
        return [found] if self.single else plain(found)


class _OneCustomer(_Columns):
    """One customer by itself."""

    single = True


class _CustomerRows(Customers):
    """Rows with attributes or keys."""

    def __init__(self, argument: str, rows: Sequence[Any], unit: str | None = None) -> None:
        super().__init__(argument)
        self._rows, self._unit = rows, unit
        self._keyed = bool(rows) and isinstance(rows[0], Mapping)

    def read(self, name: str) -> list[Any]:
        get = operator.itemgetter(name) if self._keyed else operator.attrgetter(name)
        found: list[Any] = []
        try:
            found.extend(map(get, self._rows))
        except (AttributeError, LookupError, TypeError):
            i = len(found)  # those before it are kept
            row = self._rows[i]
            names = list(row) if isinstance(row, Mapping) else dir(row)
            expected = f"have a {name}{_hint(name, names)}"
            raise InvalidTypeError(f"{self.argument}[{i}]", row, expected) from None
        return found

    def find(self, name: str) -> list[Any]:
        if not self._keyed:
            return [getattr(row, name, None) for row in self._rows]
        return [row.get(name) if isinstance(row, Mapping) else None for row in self._rows]

    def unit(self) -> str | None:
        return super().unit() if self._unit is None else self._unit


class _SummaryRows(_CustomerRows):
    """Rows that are kept as columns: as arrays where models have arrays, and all numbers are."""

    _rows: CustomerRows[Any]

    def read(self, name: str) -> Any:
        if not hasattr(self._rows.kind, name):
            return super().read(name)  # which says what is missing
        found = self._rows.column(name)
        return found if self._are_arrays else items(found)

    @cached_property
    def _are_arrays(self) -> bool:
        numbers = (column for name, column in self._rows.fields.items() if name != "customer")
        return has_arrays() and all(map(is_array, numbers))

    def find(self, name: str) -> list[Any]:
        return items(self._rows.column(name))


def _is_series(value: object) -> bool:
    """Say whether a value has a length, and is not text."""
    return hasattr(value, "__len__") and not isinstance(value, str | bytes)


def plain(column: Any) -> list[Any]:
    """Return the values of a column of any kind."""
    for method in ("to_pylist", "tolist", "to_list"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)


def _hint(name: str, names: Iterable[Any]) -> str:
    """Say which of the names that there are is probably meant, or what makes what is missing."""
    import difflib

    known = [other for other in names if isinstance(other, str) and not other.startswith("_")]
    meant = [other for other in known if _KNOWN_AS.get(other) == name]
    meant += difflib.get_close_matches(name, known, n=1)
    if meant:
        return f" (by {meant[0]!r}, did you mean {name!r}?)"
    return ", as rfm.summary(orders, ...) makes it of orders" if name in _OF_ORDERS else ""


def _check_form(argument: str, units: Iterable[object]) -> None:
    """Refuse a unit of time in a form that is not accepted: "weeks", "Week", "hour"."""
    for unit in dict.fromkeys(unit for unit in units if isinstance(unit, str)):
        if folded(unit).removesuffix("s") in UNITS:
            raise UnknownNameError(argument, unit, DAYS)


def _check_distinct(argument: str, ids: list[Any]) -> None:
    """Refuse a customer who has two rows."""
    try:
        if len(set(ids)) == len(ids):
            return
    except TypeError:
        i = next(i for i, customer in enumerate(ids) if not isinstance(customer, Hashable))
        raise InvalidTypeError(f"{argument}[{i}].customer", ids[i], "be text or a number") from None
    places: dict[Any, list[int]] = defaultdict(list)
    for i, customer in enumerate(ids):
        places[customer].append(i)
    again = [found[1] for found in places.values() if len(found) > 1]
    expected = f"have one row only ({len(again)} do not)"
    raise InvalidValueError(f"{argument}[{min(again)}].customer", ids[min(again)], expected)
