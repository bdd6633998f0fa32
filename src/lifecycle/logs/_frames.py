"""Dataframes: the columns of any that narwhals or Arrow read, and a log as one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, UnknownNameError
from lifecycle.logs import _packages
from lifecycle.logs._columns import InstantColumn, LogColumn

__all__ = ["columns_of", "table_of", "to_frame"]

_EXPECTED = (
    "be a dataframe of pandas, Polars, PyArrow, DuckDB or Ibis, or an Arrow stream; "
    "EventLog.from_rows takes rows, and EventLog(customer=..., at=...) columns"
)


def columns_of(frame: Any, named: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], str]:
    """Return some columns of a dataframe by name, and which kind of dataframe it is.

    Args:
        frame: The dataframe; one that is not computed yet computes these columns alone.
        named: The names, each with the argument that gives it.

    Raises:
        InvalidTypeError: It is no dataframe.
        MissingExtraError: narwhals is not installed.
        UnknownNameError: It has no such column.
    """
    opened = _opened(frame)
    known = opened.collect_schema().names()
    for argument, name in named:
        if name not in known:
            raise UnknownNameError(argument, name, known)
    chosen = opened.select(list(dict.fromkeys(name for _, name in named)))
    if hasattr(chosen, "collect"):
        chosen = chosen.collect()
    kind = chosen.implementation.name.lower()
    columns = {name: chosen[name].to_native() for name in chosen.columns}
    return columns, kind if kind in _KINDS else "pandas"


def _opened(frame: Any) -> Any:
    """Return a dataframe as one of narwhals."""
    narwhals = _packages.needed("narwhals")
    found = narwhals.from_native(frame, pass_through=True)
    if isinstance(found, narwhals.DataFrame | narwhals.LazyFrame):
        return found
    if not hasattr(frame, "__arrow_c_stream__"):
        raise InvalidTypeError("frame", frame, _EXPECTED)
    try:
        return narwhals.from_native(_packages.needed("pyarrow").table(frame))
    except (TypeError, ValueError):  # a stream of one column
        raise InvalidTypeError("frame", frame, _EXPECTED) from None


def table_of(columns: Mapping[str, LogColumn]) -> Any:
    """Return columns as a table of pyarrow."""
    pyarrow = _packages.needed("pyarrow")
    return pyarrow.table({name: _array(pyarrow, name, each) for name, each in columns.items()})


def _array(pyarrow: Any, name: str, column: LogColumn) -> Any:
    if isinstance(column, InstantColumn):
        return _instants(pyarrow, column)
    try:
        return pyarrow.array(column.items())
    except (pyarrow.ArrowException, TypeError, OverflowError):
        expected = "have values of one kind that Arrow has, in a dataframe"
        raise InvalidTypeError(f"column {name!r}", column.items()[:3], expected) from None


def _instants(pyarrow: Any, column: InstantColumn) -> Any:
    """Return instants in their zone, or in UTC where they have several."""
    micros = pyarrow.array(column.micros, "int64")
    if column.forms and all(form.is_date for form in column.forms):
        return micros.cast(pyarrow.timestamp("us")).cast(pyarrow.date32())
    zones = [form.zone for form in column.forms]
    is_one = all(zone is zones[0] for zone in zones)
    return micros.cast(
        pyarrow.timestamp("us", _name(pyarrow, zones[0] if zones and is_one else UTC))
    )


def _name(pyarrow: Any, zone: tzinfo | None) -> str | None:
    """Return how Arrow names a zone; UTC where it has no name for it."""
    if zone is None:
        return None
    try:
        return str(pyarrow.lib.tzinfo_to_string(zone))
    except (TypeError, ValueError):
        return "UTC"


def to_frame(columns: Mapping[str, LogColumn], kind: str) -> Any:
    """Return columns as a dataframe of a kind."""
    return _KINDS[_checks.choice("kind", kind, _KINDS)](columns)


def _pandas(columns: Mapping[str, LogColumn]) -> Any:
    pandas, pyarrow = _packages.needed("pandas"), _packages.needed("pyarrow")
    found = {}
    for name, column in columns.items():
        try:
            found[name] = _array(pyarrow, name, column).to_pandas()
        except InvalidTypeError:  # ids of several kinds, which pandas keeps as objects
            found[name] = pandas.Series(column.items(), dtype=object)
    return pandas.DataFrame(found)


def _polars(columns: Mapping[str, LogColumn]) -> Any:
    return _packages.needed("polars").from_arrow(table_of(columns))


_KINDS: Mapping[str, Callable[[Mapping[str, LogColumn]], Any]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": table_of,
}
"""What makes each kind of dataframe."""
