"""`by=` of calculators: the rows of each group, and a result for each."""

import functools
import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from lifecycle import _checks, _inputs, _vectors
from lifecycle._groups import made
from lifecycle.errors import InvalidTypeError, InvalidValueError, LifecycleError
from lifecycle.logs import EventLog, _arrays, _arrow, _columns, _containers
from lifecycle.logs._columns import CodedColumn
from lifecycle.logs._given import Given

__all__ = ["By", "by_column", "by_group", "groups_of"]

By = str | Mapping[Any, Hashable]
"""What the rows of a calculator are split by.

The name of an attribute of the log, by which each row is in the group of its own value; or a
mapping from customers to their groups, such as segments. Rows without the attribute, and
customers missing from the mapping, are in the group None.
"""

Made = TypeVar("Made", bound=Callable[..., Any])


def by_group(*names: str, of_customers: bool = True) -> Callable[[Made], Callable[..., Any]]:
    """Give a calculator `by=`: a result for each group of the rows that some arguments have.

    Args:
        names: The arguments that have rows, of which the first one names the groups.
        of_customers: Whether rows that are no log begin with a customer.
    """

    def decorate(calculator: Made) -> Callable[..., Any]:
        signature = inspect.signature(calculator)

        @functools.wraps(calculator)
        def split(*args: Any, by: By | None = None, **options: Any) -> Any:
            if by is None:
                return calculator(*args, **options)
            bound = signature.bind(*args, **options)
            given = {name: bound.arguments[name] for name in names if name in bound.arguments}
            given = {name: rows for name, rows in given.items() if rows is not None}
            parts = _parts(by, given, of_customers=of_customers)
            return made(parts, lambda part: calculator(**{**bound.arguments, **part}))

        split.__signature__ = _with_by(signature)  # type: ignore[attr-defined]
        return split

    return decorate


def by_column(*names: str) -> Callable[[Made], Callable[..., Any]]:
    """Give a calculator of columns `by=`, one more column: a result for each of its values.

    Args:
        names: The arguments that are columns, of which the first one is always given.
    """

    def decorate(calculator: Made) -> Callable[..., Any]:
        signature = inspect.signature(calculator)

        @functools.wraps(calculator)
        def split(*args: Any, by: Iterable[Hashable] | None = None, **options: Any) -> Any:
            if by is None:
                return calculator(*args, **options)
            bound = signature.bind(*args, **options)
            given = {
                name: _column(name, column)
                for name, column in bound.arguments.items()
                if name in names and column is not None
            }
            try:
                parts = _columns_by(by, given)
                return made(parts, lambda part: calculator(**{**bound.arguments, **part}))
            except LifecycleError:
                calculator(**{**bound.arguments, **given})  # names the row among all of them
                raise

        split.__signature__ = _with_by(signature, Iterable[Hashable] | None)  # type: ignore[attr-defined]
        return split

    return decorate


def _columns_by(by: Iterable[Hashable], columns: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """Return the columns of each group, given by one more column.

    Args:
        by: The group of each row.
        columns: The columns, each an array or a list, by the names of their arguments.
    """
    groups = _coded(by)
    for name, column in columns.items():
        _check_as_many(groups, name, column)
    parts = _arrays.parts(groups.codes, len(groups.values))
    return {
        group: {name: _vectors.chosen(column, part) for name, column in columns.items()}
        for group, part in zip(groups.values, parts, strict=True)
    }


def _column(argument: str, values: Any) -> Any:
    """Return a column as an array of numbers, or as a list."""
    found = _vectors.vector(values)
    return _inputs.listed(argument, values) if found is None else found


def groups_of(by: By | Iterable[Hashable], argument: str, rows: Any) -> CodedColumn:
    """Return the group of each row: of a log, or of columns as long as one more column.

    Args:
        by: What the rows of a log are split by, or the column.
        argument: How messages name the rows.
        rows: The log, or one of the columns.
    """
    if isinstance(rows, EventLog) or isinstance(by, str | Mapping):
        return _log(by, argument, rows)._groups(by)  # type: ignore[arg-type]  # noqa: SLF001  (checks it)
    found = _coded(by)
    _check_as_many(found, argument, rows)
    return found


def _check_as_many(groups: CodedColumn, argument: str, column: Any) -> None:
    if len(column) != len(groups.codes):
        expected = f"be as many as {argument}, {len(column):,}"
        raise InvalidValueError("by", len(groups.codes), expected)


def _coded(by: Iterable[Hashable]) -> CodedColumn:
    """Return the groups of rows, each distinct one once; what is missing is in the group None."""
    if isinstance(by, str):
        _checks.name("by", by)
    given = Given("by", _containers.taken("by", by))
    at_once = None if isinstance(given.values, list) else _arrow.names(given)
    return at_once or _columns.coded(_inputs.groups("by[{}]", given.items()))


def _parts(by: By, given: Mapping[str, Any], *, of_customers: bool) -> dict[Any, dict[str, Any]]:
    """Return the rows of each argument for each group of the first one."""
    read = _by_customer if isinstance(by, Mapping) and of_customers else _by_attribute
    if not isinstance(by, str | Mapping):
        raise InvalidTypeError("by", by, f"{_inputs.BY}{_inputs.as_mapping(by)}")
    split = {name: read(by, name, rows) for name, rows in given.items()}
    first = next(iter(split.values()))
    return {group: {name: its.get(group, ()) for name, its in split.items()} for group in first}


def _by_attribute(by: Any, argument: str, rows: Any) -> Mapping[Any, Any]:
    return _log(by, argument, rows).split(by)


def _log(by: Any, argument: str, rows: Any) -> EventLog:
    if isinstance(by, str):
        _checks.name("by", by)
    if not isinstance(rows, EventLog):
        expected = "be an EventLog with the attribute that by= names"
        raise InvalidTypeError(argument, rows, expected)
    return rows


def _by_customer(by: Any, argument: str, rows: Any) -> Mapping[Any, Any]:
    """Return rows by the groups of their customers: of a log, of a mapping, or of tuples."""
    if isinstance(rows, EventLog):
        return rows.split(by)
    found: dict[Any, Any] = {}
    if isinstance(rows, Mapping):
        for customer, at in rows.items():
            found.setdefault(_group_of(by, customer), {})[customer] = at
        return found
    given: Sequence[Any] = (
        rows if isinstance(rows, list | tuple) else _inputs.listed(argument, rows)
    )
    customers = [_customer(f"{argument}[{i}]", row) for i, row in enumerate(given)]
    _inputs.match_ids("by", by, argument, customers)
    for customer, row in zip(customers, given, strict=True):
        found.setdefault(_group_of(by, customer), []).append(row)
    return found


def _customer(place: str, row: Any) -> Any:
    if not isinstance(row, Sequence) or not row:
        raise InvalidTypeError(place, row, "be a row that begins with a customer")
    return _checks.identifier(f"{place}.customer", _checks.from_column(row[0]))


def _group_of(by: Mapping[Any, Any], customer: Any) -> Any:
    return _inputs.group(f"by[{customer!r}]", by.get(customer))


def _with_by(signature: inspect.Signature, kind: Any = By | None) -> inspect.Signature:
    by = inspect.Parameter("by", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
    return signature.replace(parameters=[*signature.parameters.values(), by])
