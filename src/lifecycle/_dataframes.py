"""Columns of values as dataframes: of pandas, of Polars, and as tables of PyArrow.

A column is an array of pyarrow; or a list of values of Python for which Arrow has no one type,
such as ids of several kinds, which pandas keeps as objects.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from lifecycle import _checks, _inputs, _money, _packages
from lifecycle._checks import Number
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "KINDS",
    "Cells",
    "chosen",
    "frame_of",
    "of_any",
    "table_of",
    "to_frame",
    "zone_name",
]


class Cells(NamedTuple):
    """The values of one column, None where there is none, and what they are.

    Attributes:
        kind: int, float, bool, str, date, datetime or timedelta; `Number` for money; object
            for what the data decide, such as ids.
        values: The values.
    """

    kind: Any
    values: Sequence[Any]


def _column(cells: Cells, zone: tzinfo | None = None, *, naive: bool = False) -> Any:
    """Return values as a column, of a type that does not depend on which values there are.

    Args:
        cells: The values.
        zone: The time zone of instants; None for their own.
        naive: Whether instants are local times, without their zone.
    """
    if cells.kind is datetime:
        return _instants(cells.values, zone, naive=naive)
    if cells.kind is object:
        return of_any(cells.values, naive=naive)
    if cells.kind == Number:
        return _amounts(cells.values)
    return _packages.needed("pyarrow").array(cells.values, _TYPES[cells.kind]())


_TYPES: Mapping[Any, Callable[[], Any]] = {
    int: lambda: "int64",
    float: lambda: "float64",
    bool: lambda: "bool",
    str: lambda: "string",
    date: lambda: "date32",
    timedelta: lambda: _packages.needed("pyarrow").duration("us"),
}
"""The types of what is of one kind."""


_SCALARS = (str, bytes, int, float, Decimal, date, timedelta)
"""What Arrow has a type for."""


def of_any(values: Sequence[Any], *, naive: bool = False) -> Any:
    """Return values of any kind: text where there are none, a list where Arrow has no one type."""
    pyarrow = _packages.needed("pyarrow")
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pyarrow.array(values, "string")
    if kinds == {datetime}:
        return _instants(values, naive=naive)
    if not all(issubclass(kind, _SCALARS) for kind in kinds):  # of tuples Arrow would make lists
        return list(values)
    try:
        return pyarrow.array(values)
    except (pyarrow.ArrowException, TypeError, OverflowError):
        return list(values)


def _instants(
    ats: Sequence[datetime | None], zone: tzinfo | None = None, *, naive: bool = False
) -> Any:
    """Return instants in a zone, else in that which they share, or in UTC where they share none.

    Naive ones stay what they are; some that are naive among others that are not are a list.
    """
    pyarrow = _packages.needed("pyarrow")
    own = _inputs.zones([at for at in ats if at is not None])
    if None in own and len(own) > 1:
        return list(ats)
    if None in own:
        zone = None
    elif zone is None:
        zone = own[0] if len(own) == 1 else UTC if own else None
    if naive and zone is not None:
        ats = [at and at.astimezone(zone).replace(tzinfo=None) for at in ats]
    return pyarrow.array(ats, pyarrow.timestamp("us", None if naive else zone_name(zone)))


def zone_name(zone: tzinfo | None) -> str | None:
    """Return how Arrow names a zone; UTC where it has no name for it."""
    if zone is None:
        return None
    try:
        return str(_packages.needed("pyarrow").lib.tzinfo_to_string(zone))
    except (TypeError, ValueError):
        return "UTC"


def _amounts(values: Sequence[Any]) -> Any:
    """Return money: of the kind that it is, floats where there is none."""
    pyarrow = _packages.needed("pyarrow")
    kinds = {type(value) for value in values if value is not None}
    if Decimal in kinds:
        return _decimals(values)
    if kinds == {int} and all(value is None or value in _INT64 for value in values):
        return pyarrow.array(values, "int64")
    floats = [value if value is None else float(value) for value in values]
    return pyarrow.array(floats, "float64")


_INT64 = range(-(2**63), 2**63)

_DIGITS = 38
"""How many a decimal has in Arrow, Polars and DuckDB."""


def _decimals(values: Sequence[Any]) -> Any:
    """Return decimals of 38 digits, with as many of them after the point as there is room for."""
    pyarrow = _packages.needed("pyarrow")
    with _money.exactly():
        exact = [value if value is None else _money.exact(value) for value in values]
        scale = _scale([value for value in exact if value is not None])
        unit = Decimal(1).scaleb(-scale)
        found = [value if value is None else value.quantize(unit) for value in exact]
    return pyarrow.array(found, pyarrow.decimal128(_DIGITS, scale))


def _scale(amounts: Sequence[Decimal]) -> int:
    """Return how many digits all have after the point, as far as 38 digits have room for them.

    Raises:
        InvalidValueError: One has more digits before the point.
    """
    largest = max(amounts, key=abs)
    before = max(largest.adjusted() + 1, 0) if largest else 0
    if before > _DIGITS:
        raise InvalidValueError("an amount", largest, f"have {_DIGITS} digits in a dataframe")
    after = max(-int(amount.as_tuple().exponent) for amount in amounts)
    return min(max(after, 0), _DIGITS - before)


def table_of(columns: Mapping[str, Any]) -> Any:
    """Return columns as a table of pyarrow, with UUIDs as text.

    Raises:
        InvalidTypeError: A column has values of several types.
    """
    pyarrow = _packages.needed("pyarrow")
    return pyarrow.table(
        {
            name: _texts(pyarrow, name, values) if isinstance(values, list) else values
            for name, values in columns.items()
        }
    )


def _texts(pyarrow: Any, name: str, values: list[Any]) -> Any:
    if {type(value) for value in values if value is not None} == {UUID}:
        return pyarrow.array([value and str(value) for value in values], "string")
    expected = "have values of one kind that Arrow has, in a dataframe"
    raise InvalidTypeError(f"column {name!r}", values[:3], expected)


def chosen(kind: str) -> str:
    """Return a kind of dataframe whose package is installed: "pandas", "polars" or "pyarrow"."""
    _packages.needed(_checks.choice("kind", kind, KINDS))
    return kind


def to_frame(columns: Mapping[str, Any], kind: str) -> Any:
    """Return columns as a dataframe of a kind."""
    return KINDS[kind](columns)


def _pandas(columns: Mapping[str, Any]) -> Any:
    pandas, pyarrow = _packages.needed("pandas"), _packages.needed("pyarrow")
    nullable = {pyarrow.int64(): pandas.Int64Dtype(), pyarrow.bool_(): pandas.BooleanDtype()}

    def series(values: Any) -> Any:
        if isinstance(values, list):
            return pandas.Series(values, dtype=object)
        has_gaps = values.null_count and values.type in nullable
        return values.to_pandas(types_mapper=nullable.get if has_gaps else None)

    return pandas.DataFrame({name: series(values) for name, values in columns.items()})


def _polars(columns: Mapping[str, Any]) -> Any:
    return _packages.needed("polars").from_arrow(table_of(columns))


KINDS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "pandas": _pandas,
    "polars": _polars,
    "pyarrow": table_of,
}
"""What makes each kind of dataframe."""


def _kind_like(frame: Any) -> str:
    """Return the kind of a dataframe: of those that keep no data, "pyarrow"; else "pandas".

    Raises:
        InvalidTypeError: It is no dataframe.
    """
    narwhals = _packages.needed("narwhals")
    found = narwhals.from_native(frame, pass_through=True)
    if not isinstance(found, narwhals.DataFrame | narwhals.LazyFrame):
        raise InvalidTypeError("like", frame, "be a dataframe of pandas, Polars or PyArrow")
    kind = found.implementation.name.lower()
    other = "pandas" if isinstance(found, narwhals.DataFrame) else "pyarrow"
    return kind if kind in KINDS else other


def _as_in(frame: Any, like: Any, names: Sequence[str]) -> Any:
    """Return a dataframe whose columns of some names have the types that they have in another.

    Instants keep theirs, since a cast from one zone to none moves them.
    """
    narwhals = _packages.needed("narwhals")
    found, types = (narwhals.from_native(each).collect_schema() for each in (frame, like))
    shared = [name for name in names if name in found and name in types]
    own = [name for name in shared if not (found[name].is_temporal() or types[name].is_temporal())]
    cast = (narwhals.col(name).cast(types[name]) for name in own)
    return narwhals.from_native(frame).with_columns(cast).to_native()


def frame_of(  # noqa: PLR0913  (a table, and what is asked of it)
    cells: Mapping[str, Cells],
    zone: tzinfo | None,
    keys: Sequence[str],
    kind: str | None,
    like: Any,
    *,
    naive: bool,
) -> Any:
    """Return columns as a dataframe of a kind, or of that of another, which has some keys too."""
    if kind is not None and like is not None:
        raise InvalidTypeError("like", type(like), "be left out where kind is given")
    _checks.instance("naive", naive, bool)
    own = "pandas" if kind is None else kind
    wanted = chosen(own if like is None else _kind_like(like))
    columns = {name: _column(each, zone, naive=naive) for name, each in cells.items()}
    found = to_frame(columns, wanted)
    return found if like is None else _as_in(found, like, keys)
