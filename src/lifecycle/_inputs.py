"""Read rows and columns of input; errors name the position of what is wrong."""

import operator
import sys
from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, tzinfo
from typing import Any, TypeGuard, TypeVar

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "BY",
    "Columnar",
    "are_plain",
    "as_mapping",
    "columns",
    "columns_and",
    "count",
    "group",
    "groups",
    "has_index",
    "in_order",
    "instances",
    "is_table",
    "listed",
    "match_ids",
    "moment",
    "option",
    "quantity",
    "series",
    "zones",
]

Group = TypeVar("Group", bound=Hashable)
Kind = TypeVar("Kind")

_MOST = 2**53
"""Up to where floats have all whole numbers."""


class Columnar(ABC):
    """Rows that are kept by columns, and need not be taken apart."""

    __slots__ = ()

    @abstractmethod
    def _has(self, field: str) -> bool:
        """Say whether the rows have a field."""

    @abstractmethod
    def _read(self, argument: str, fields: Sequence[str]) -> list[list[Any]]:
        """Return the columns of some fields, or raise what says which of them is missing."""


def series(argument: str, values: object) -> Iterable[Any]:
    """Return values that come one after another, as often as they occur.

    Text and mappings raise, and so do sets, which keep one of those that are equal.
    """
    if isinstance(values, str | bytes | Mapping | set | frozenset) or not _iterates(values):
        raise InvalidTypeError(argument, values, "be a series of values, such as a list")
    if _has_columns(values) or isinstance(values, Columnar):
        raise InvalidTypeError(argument, values, "be a series of values, such as one column")
    return values


def listed(argument: str, values: object) -> list[Any]:
    """Return the same as a list of values of Python."""
    given: Any = series(argument, values)
    if hasattr(given, "to_pylist"):
        return list(given.to_pylist())
    is_of_numbers = getattr(getattr(given, "dtype", None), "kind", None) in ("b", "i", "u", "f")
    return given.tolist() if is_of_numbers else list(given)


def is_table(values: object) -> bool:
    """Say whether values are a dataframe, a table or an array of rows, by what they have."""
    is_structured = getattr(getattr(values, "dtype", None), "names", None) is not None
    return _has_columns(values) or is_structured or len(getattr(values, "shape", ())) > 1


def _is_of_frame(values: object) -> bool:
    """Say whether values are a table of another library, or a column of one."""
    is_made = any(hasattr(values, name) for name in ("to_frame", "__arrow_c_stream__"))
    return is_table(values) or (is_made and not hasattr(values, "to_rows"))  # as our tables have


def _has_columns(values: object) -> bool:
    """Ask the kind, as a dataframe that is not computed yet may take long to answer."""
    return any(hasattr(type(values), name) for name in _TABLES)


_TABLES = ("columns", "column_names", "read_next_batch")
"""What dataframes and tables have, and streams of them."""


def instances(argument: str, values: object, kind: type[Kind], *, expected: str) -> list[Kind]:
    """Return values that are all of one kind; `expected` says in which form they are accepted."""
    if is_table(values):
        raise InvalidTypeError(argument, values, f"{expected}, not a dataframe")
    if isinstance(values, kind | str | bytes | Mapping | Columnar) or not _iterates(values):
        raise InvalidTypeError(argument, values, expected)
    return [_checks.instance(f"{argument}[{i}]", each, kind) for i, each in enumerate(values)]


def _iterates(values: object) -> TypeGuard[Iterable[Any]]:
    """Say whether values can be read one by one; a zero-dimensional NumPy array cannot."""
    try:
        return isinstance(values, Iterable) and iter(values) is not None
    except TypeError:
        return False


def count(argument: str, value: object) -> int:
    """Return a count: a whole number, 0 or more, that a float holds exactly."""
    return _checks.whole(argument, _checks.from_column(value), least=0, most=_MOST)


def quantity(argument: str, value: object) -> float:
    """Return a count, or a mean of counts: as `count`, and fractions too."""
    found = _checks.from_column(value)
    if not isinstance(found, float):
        expected = "be a whole number or a float"
        return _checks.whole(argument, found, least=0, most=_MOST, expected=expected)
    if _checks.number(argument, found) < 0:
        raise InvalidValueError(argument, value, "be at least 0")
    return found


def columns(argument: str, rows: Iterable[Any], fields: Sequence[str]) -> list[list[Any]]:
    """Return the columns of rows that all have the same fields."""
    if isinstance(rows, Columnar):
        return rows._read(argument, fields)  # noqa: SLF001  (what a reader is for)
    shape = f"({', '.join(fields)})"
    if _is_of_frame(rows):
        raise InvalidTypeError(argument, rows, f"be rows of {shape}, or {_from_frame(fields)}")
    if isinstance(rows, str | bytes | Mapping) or not _iterates(rows):
        raise InvalidTypeError(argument, rows, f"be rows of {shape}")
    rows = list(rows)
    if not (set(map(type, rows)) <= {tuple} and set(map(len, rows)) <= {len(fields)}):
        _check_each(argument, rows, fields)
    return [[row[j] for row in rows] for j in range(len(fields))]


def columns_and(
    argument: str, rows: Iterable[Any], fields: Sequence[str], last: str
) -> list[Sequence[Any]]:
    """Return the columns of rows, all of which may have one more field; else that is empty."""
    if isinstance(rows, Columnar):
        has_last = rows._has(last)  # noqa: SLF001  (what a reader is for)
    elif isinstance(rows, str | Mapping) or _is_of_frame(rows) or not _iterates(rows):
        has_last = False  # these are no rows
    else:
        rows = list(rows)
        first = rows[0] if rows and isinstance(rows[0], Sequence) else ()
        has_last = len(first) == len(fields) + 1 and not has_index(first)
    if has_last:
        return [*columns(argument, rows, (*fields, last))]
    return [*columns(argument, rows, fields), ()]


OPTIONS = {"amount": "value", "rating": "value"}
"""By which options a log has the fields of rows, where they have another name."""

_COLUMNS = ("customer", "at", "value", "event", "id")
"""The columns that are options of a log; all others are attributes."""


def option(field: str) -> str:
    """Return the option with which a log has a field."""
    name = OPTIONS.get(field, field)
    return f"{name}=..." if name in _COLUMNS else f"attributes=({name!r},)"


def _from_frame(fields: Sequence[str]) -> str:
    """Return the call that reads the fields of a dataframe."""
    options = ", ".join(dict.fromkeys(map(option, ("customer", "at", *fields))))
    return f"EventLog.from_frame(frame, {options})"


def _check_each(argument: str, rows: Sequence[Any], fields: Sequence[str]) -> None:
    expected = f"be ({', '.join(fields)})"
    for i, row in enumerate(rows):
        place = f"{argument}[{i}]"
        if isinstance(row, Mapping):
            made = f"({_each('row[{!r}]', fields)})"
            such = f"such as {made} of each row, or {_from_frame(fields)}"
            raise InvalidTypeError(place, row, f"{expected}, {such}")
        if isinstance(row, str | bytes) or not isinstance(row, Sequence):
            raise InvalidTypeError(place, row, expected)
        if has_index(row) or len(row) != len(fields):
            raise InvalidValueError(place, row, f"{expected}{_instead(row, fields)}")


def _instead(row: Sequence[Any], fields: Sequence[str]) -> str:
    """Return what to write where a row is one of a dataframe, with its index."""
    if has_index(row):
        return f", as itertuples(index=False) gives it, or {_from_frame(fields)}"
    is_of_frame = any(hasattr(value, "to_frame") for value in row)  # as iterrows gives it
    return f", or {_from_frame(fields)}" if is_of_frame else ""


def has_index(row: object) -> bool:
    """Say whether a row is one of pandas that begins with its index."""
    return getattr(row, "_fields", ())[:1] == ("Index",)


def _each(pattern: str, fields: Iterable[str]) -> str:
    return ", ".join(map(pattern.format, fields))


def moment(argument: str, t: object) -> datetime:
    """Return an instant as `datetime`s compare: in UTC, or naive; a date is its midnight."""
    if isinstance(t, datetime):
        return _checks.utc(_checks.instant(argument, t))
    if isinstance(t, date):
        return datetime.combine(t, time())
    raise InvalidTypeError(argument, t, "be a datetime or a date")


def zones(ats: Sequence[date]) -> list[tzinfo | None]:
    """Return the distinct zones of instants; dates have none."""
    try:
        return list(set(map(operator.attrgetter("tzinfo"), ats)))
    except (AttributeError, TypeError):  # there are dates, or zones of dateutil, without a hash
        found = (getattr(at, "tzinfo", None) for at in ats)
        return list({id(zone): zone for zone in found}.values())


def are_plain(numbers: Sequence[Any]) -> bool:
    """Say whether all are ints and floats, none of them NaN, negative or beyond floats."""
    return (
        set(map(type, numbers)) <= {float, int}
        and all(map(operator.eq, numbers, numbers))
        and min(numbers, default=0) >= 0
        and max(numbers, default=0) <= sys.float_info.max
    )


BY = "be the name of an attribute of the log, or a mapping of customers to groups"


def as_mapping(values: object) -> str:
    """Say how what was given becomes a mapping, if it is a Series of pandas; else nothing."""
    return ", as to_dict() makes it" if hasattr(values, "to_dict") else ""


def match_ids(argument: str, named: Collection[Any], of: str, customers: Collection[Any]) -> None:
    """Check that customers are not text in one place and whole numbers in another.

    Args:
        argument: What names customers, such as `by`.
        named: Those that it names.
        of: What has the customers.
        customers: Those that it has.
    """
    kinds, own = set(map(type, named)), set(map(type, customers))
    if kinds and own and kinds.isdisjoint(own) and not any(id_ in named for id_ in customers):
        first = next(iter(customers))
        expected = f"name customers as {of} has them, such as {first!r} ({type(first).__name__})"
        raise InvalidTypeError(argument, next(iter(named)), expected)


def groups(path: str, values: Sequence[Any]) -> Sequence[Any]:
    """Return what names groups; `path` says where one is, by its position."""
    try:
        names = all(bool(value == value) for value in set(values))  # noqa: PLR0124  (as below)
    except TypeError:
        names = False
    if names:
        return values
    return [_checks.known(group, path.format(i), value) for i, value in enumerate(values)]


def group(argument: str, value: Any) -> Any:
    """Return what names a group: anything that can be hashed and equals itself."""
    try:
        hash(value)
        names_one = bool(value == value)  # noqa: PLR0124  (NaN is in no group)
    except TypeError:
        names_one = False
    if not names_one:
        expected = "be something that can be hashed, and not NaN"
        raise InvalidTypeError(argument, value, expected)
    return value


def in_order(groups: Iterable[Group]) -> list[Group]:
    """Return groups sorted; as text, where they do not compare."""
    groups = list(groups)
    try:
        return sorted(groups)  # type: ignore[type-var]  # or as below
    except TypeError:
        return sorted(groups, key=lambda group: (type(group).__name__, str(group)))
