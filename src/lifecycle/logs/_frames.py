"""Dataframes: the columns of any that narwhals or Arrow read, and a log as one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from lifecycle import _dataframes, _packages
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    UnknownNameError,
)
from lifecycle.logs._columns import CodedColumn, InstantColumn, LogColumn

__all__ = ["columns_of", "table_of", "to_frame"]

_EXPECTED = (
    "be a dataframe of pandas, Polars, PyArrow, DuckDB or Ibis, or an Arrow stream; "
    "EventLog.from_rows takes rows, and EventLog(customer=..., at=...) columns"
)


_CHUNK = 2**20


def columns_of(frame: Any, named: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], str]:
    """Return some columns of a dataframe by name, and which kind of dataframe it is.

    Args:
        frame: The dataframe; one that is not computed yet computes these columns alone.
        named: The names, each with the argument that gives it.

    Raises:
        InvalidTypeError: It is no dataframe.
        MissingExtraError: narwhals is not installed.
        InvalidValueError: Two columns have one name, or it is the index.
        UnknownNameError: It has no such column.
    """
    opened = _opened(frame)
    known = opened.collect_schema().names()
    for argument, name in named:
        if name not in known:
            raise _unknown(opened.to_native(), argument, name, known)
    chosen = opened.select(list(dict.fromkeys(name for _, name in named)))
    if hasattr(chosen, "collect"):
        chosen = chosen.collect()
    kind = chosen.implementation.name.lower()
    columns = {name: chosen[name].to_native() for name in chosen.columns}
    return columns, kind if kind in _dataframes.KINDS else "pandas"


def _opened(frame: Any) -> Any:
    """Return a dataframe as one of narwhals."""
    narwhals = _packages.needed("narwhals")
    try:
        found = narwhals.from_native(frame, pass_through=True)
    except narwhals.exceptions.DuplicateError:
        times = Counter(frame.columns)
        names = [name for name in frame.columns if times[name] > 1]
        raise InvalidValueError("frame", names, "have one column of each name") from None
    if isinstance(found, narwhals.DataFrame | narwhals.LazyFrame):
        return found
    if not any(hasattr(frame, has) for has in ("__arrow_c_stream__", "__arrow_c_array__")):
        raise InvalidTypeError("frame", frame, _EXPECTED)
    try:
        return narwhals.from_native(_packages.needed("pyarrow").table(frame))
    except (TypeError, ValueError):  # a stream of one column
        raise InvalidTypeError("frame", frame, _EXPECTED) from None


def _unknown(frame: Any, argument: str, name: str, known: Sequence[Any]) -> LifecycleError:
    """Return the error of a column that a dataframe lacks; in pandas it may be the index."""
    if name in getattr(getattr(frame, "index", None), "names", ()):
        made = "be a column, and not the index (reset_index makes it one)"
        return InvalidValueError(argument, name, made)
    if any(isinstance(each, tuple) for each in known):
        made = "have columns of one level (df.columns.map('_'.join) joins several)"
        return InvalidValueError("frame", known, made)
    return UnknownNameError(argument, name, known)


def table_of(columns: Mapping[str, LogColumn]) -> Any:
    """Return columns as a table of pyarrow."""
    return _dataframes.table_of(_written(columns))


def to_frame(columns: Mapping[str, LogColumn], kind: str) -> Any:
    """Return columns as a dataframe of a kind."""
    wanted = _dataframes.chosen(kind)
    return _dataframes.to_frame(_written(columns), wanted)


def _written(columns: Mapping[str, LogColumn]) -> dict[str, Any]:
    return {name: _column(name, column) for name, column in columns.items()}


def _column(name: str, column: LogColumn) -> Any:
    """Return a column as an array of pyarrow, or as a list where Arrow has no one type for it."""
    if isinstance(column, InstantColumn):
        return _instants(column)
    if isinstance(column, CodedColumn):
        return _decoded(column)
    if getattr(column.values, "dtype", "O") != "O":
        return _packages.needed("pyarrow").array(column.values)
    if not len(column.values) and name == "value":
        return _packages.needed("pyarrow").array([], "float64")
    return _dataframes.of_any(column.items())


def _decoded(column: CodedColumn) -> Any:
    """Return the values of a column in chunks, since one can hold no more than 2 GB of text."""
    pyarrow = _packages.needed("pyarrow")
    values = _dataframes.of_any(column.values)
    if isinstance(values, list):
        return column.items()
    steps = range(0, len(column.codes), _CHUNK)
    codes = (pyarrow.array(column.codes[i : i + _CHUNK], "int64") for i in steps)
    return pyarrow.chunked_array([values.take(each) for each in codes], values.type)


def _instants(column: InstantColumn) -> Any:
    """Return instants in their zone, or in UTC where they have several."""
    pyarrow = _packages.needed("pyarrow")
    micros = pyarrow.array(column.micros, "int64")
    if column.forms and all(form.is_date for form in column.forms):
        return micros.cast(pyarrow.timestamp("us")).cast(pyarrow.date32())
    zones = [form.zone for form in column.forms]
    is_one = all(zone is zones[0] for zone in zones)
    zone = zones[0] if zones and is_one else UTC
    return micros.cast(pyarrow.timestamp("us", _dataframes.zone_name(zone)))
