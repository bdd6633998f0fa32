"""`by=` of calculators: the rows of each group, and a result for each."""

import functools
import inspect
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from lifecycle import _checks, _inputs
from lifecycle._checks import Id
from lifecycle._groups import made
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.logs import EventLog

__all__ = ["By", "by_column", "by_group"]

By = str | Mapping[Id, Hashable]
"""What the rows of a calculator are split by.

The name of an attribute of the log, by which each row is in the group of its own value; or a
mapping from customers to their groups, such as segments. Rows without the attribute, and
customers missing from the mapping, are in the group None.
"""

Made = TypeVar("Made", bound=Callable[..., Any])


def by_group(*names: str) -> Callable[[Made], Callable[..., Any]]:
    """Give a calculator `by=`: a result for each group of the rows that some arguments have.

    Args:
        names: The arguments that have rows, of which the first one names the groups.
    """

    def decorate(calculator: Made) -> Callable[..., Any]:
        signature = inspect.signature(calculator)

        @functools.wraps(calculator)
        def split(*args: Any, by: By | None = None, **options: Any) -> Any:
            if by is None:
                return calculator(*args, **options)
            bound = signature.bind(*args, **options)
            given = {name: bound.arguments[name] for name in names if name in bound.arguments}
            parts = _parts(by, {name: rows for name, rows in given.items() if rows is not None})
            return made(parts, lambda part: calculator(**{**bound.arguments, **part}))

        split.__signature__ = _with_by(signature)  # type: ignore[attr-defined]
        return split

    return decorate


def by_column(groups: Iterable[Hashable], columns: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """Return columns of values for each group, given by one more column.

    Args:
        groups: The group of each value.
        columns: The columns, by the names of their arguments; None where one is not given.
    """
    names = _inputs.groups("by[{}]", list(_inputs.series("by", groups)))
    given = {name: list(column) for name, column in columns.items() if column is not None}
    for name, column in given.items():
        if len(column) != len(names):
            raise InvalidValueError("by", len(names), f"be as many as {name}, {len(column):,}")
    rows: dict[Any, list[int]] = {}
    for row, name in enumerate(names):
        rows.setdefault(name, []).append(row)
    return {
        name: {key: [column[row] for row in its] for key, column in given.items()}
        for name, its in rows.items()
    }


def _parts(by: By, given: Mapping[str, Any]) -> dict[Any, dict[str, Any]]:
    """Return the rows of each argument for each group of the first one."""
    read = _by_attribute if isinstance(by, str) else _by_customer
    if not isinstance(by, str | Mapping):
        expected = "be the name of an attribute of the log, or a mapping of customers to groups"
        raise InvalidTypeError("by", by, expected)
    split = {name: read(by, name, rows) for name, rows in given.items()}
    first = next(iter(split.values()))
    return {group: {name: its.get(group, ()) for name, its in split.items()} for group in first}


def _by_attribute(by: Any, argument: str, rows: Any) -> Mapping[Any, Any]:
    _checks.name("by", by)
    if not isinstance(rows, EventLog):
        expected = "be an EventLog with the attribute that by= names"
        raise InvalidTypeError(argument, rows, expected)
    return rows.split(by)


def _by_customer(by: Any, argument: str, rows: Any) -> Mapping[Any, Any]:
    """Return rows by the groups of their customers: of a log, of a mapping, or of tuples."""
    if isinstance(rows, EventLog):
        return rows.split(by)
    found: dict[Any, Any] = {}
    if isinstance(rows, Mapping):
        for customer, at in rows.items():
            found.setdefault(_group_of(by, customer), {})[customer] = at
        return found
    given: Sequence[Any] = rows if isinstance(rows, list | tuple) else list(rows)
    for i, row in enumerate(given):
        if not isinstance(row, Sequence) or not row:
            raise InvalidTypeError(f"{argument}[{i}]", row, "be a row that begins with a customer")
        found.setdefault(_group_of(by, _checks.from_column(row[0])), []).append(row)
    return found


def _group_of(by: Mapping[Any, Any], customer: Any) -> Any:
    return _inputs.group(f"by[{customer!r}]", by.get(customer))


def _with_by(signature: inspect.Signature) -> inspect.Signature:
    by = inspect.Parameter("by", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=By | None)
    return signature.replace(parameters=[*signature.parameters.values(), by])
