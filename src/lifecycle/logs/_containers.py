"""What columns come in: lists, and the columns of numpy, pandas, Polars, PyArrow and others.

With pyarrow, a column of one plain type becomes one array of pyarrow, texts with a dictionary keep
it, and any other column becomes a list of its values in Python, None for those that are missing.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from lifecycle import _inputs, _packages
from lifecycle.errors import is_missing

__all__ = ["items", "taken"]

_NOTHING = {"NoneType", "NAType", "NaTType"}


def taken(argument: str, values: Any) -> Any:
    """Return a column as an array of pyarrow, or as a list.

    Raises:
        InvalidTypeError: It is no column.
        MissingExtraError: It has nanoseconds, which pyarrow reads.
    """
    is_exported = any(hasattr(values, has) for has in ("__arrow_c_stream__", "__arrow_c_array__"))
    if not is_exported or _inputs.is_table(values):
        values = _inputs.series(argument, values)
    if isinstance(values, list | tuple):
        return _without_gaps(list(values))
    if not hasattr(values, "__iter__"):
        _packages.needed("pyarrow")
    return _arrow(values) if _packages.optional("pyarrow") else _listed(values)


def _arrow(values: Any) -> Any:
    pyarrow = _packages.needed("pyarrow")
    convert = next((to for has, to in _TO_ARROW if hasattr(values, has)), None)
    try:
        found = convert and convert(pyarrow, values)
    except (pyarrow.ArrowException, TypeError, ValueError, OverflowError):
        found = None  # values of several kinds, or of one that pyarrow does not have
    return _listed(values) if found is None else _plain(pyarrow, found, values)


def _of_numpy(pyarrow: Any, values: Any) -> Any:
    """Return a copy of a column of numpy or pandas; in pandas, NaN is a missing value.

    Other arrays cannot be changed: their memory is shared.
    """
    if values.dtype == object:
        return _of_texts(pyarrow, values)
    return pyarrow.array(values.copy(), from_pandas=hasattr(values, "isna"))


def _of_texts(pyarrow: Any, values: Any) -> Any:
    """Return objects that are texts, some of which may be missing; None for others."""
    kinds = {kind.__name__ for kind in set(map(type, values.tolist()))}
    if not {"str"} <= kinds <= {"str", "float", *_NOTHING}:
        return None
    return pyarrow.array(values, "large_string", from_pandas=hasattr(values, "isna"))


_TO_ARROW: tuple[tuple[str, Callable[[Any, Any], Any]], ...] = (
    ("to_pylist", lambda _, values: values),
    ("to_arrow", lambda _, values: values.to_arrow()),
    ("__array_function__", _of_numpy),
    ("isna", _of_numpy),
    ("__arrow_c_stream__", lambda pyarrow, values: pyarrow.chunked_array(values)),
    ("__arrow_c_array__", lambda pyarrow, values: pyarrow.array(values)),
)
"""How a column becomes one of pyarrow, by what it has; the first that fits decides."""


def _plain(pyarrow: Any, found: Any, values: Any) -> Any:
    """Return one array of a plain type, or of texts in a dictionary; a list if it is of no such."""
    types = pyarrow.types
    is_coded = types.is_dictionary(found.type)
    kind = found.type.value_type if is_coded else found.type
    is_text = types.is_string(kind) or types.is_string_view(kind) or types.is_large_string(kind)
    if not (is_text or types.is_primitive(kind) or types.is_decimal(kind) or types.is_null(kind)):
        return _listed(values)
    kind = pyarrow.large_string() if is_text else kind
    if is_coded and is_text and not _has_gaps(found):
        kind = pyarrow.dictionary(pyarrow.int32(), kind)
    return _in_one(found.cast(kind))


def _in_one(found: Any) -> Any:
    """Return the chunks of an array as one array, which a single chunk is."""
    chunks = getattr(found, "chunks", [found])
    if len(chunks) == 1:
        return chunks[0]
    return found.unify_dictionaries().combine_chunks()


def _has_gaps(coded: Any) -> bool:
    """Say whether a dictionary has a missing value, which its array does not count as one."""
    return any(chunk.dictionary.null_count for chunk in getattr(coded, "chunks", [coded]))


def _listed(values: Any) -> list[Any]:
    """Return the values of a column of any kind as values of Python."""
    if str(getattr(values, "dtype", "")).lower().startswith(_NANOSECONDS):
        _packages.needed("pyarrow")  # values of Python have none, and would lose them
    found = next((read(values) for has, read in _TO_LIST if hasattr(values, has)), None)
    found = list(values) if found is None else list(found)
    if hasattr(values, "isna") and not set(map(type, found)) <= _NEVER_NAN:
        return [None if is_missing(value) else value for value in found]
    return _without_gaps(found)


_NEVER_NAN = {type(None), bool, int, str, date, datetime, UUID}
"""Kinds without a NaN, which is a missing value in pandas."""

_NANOSECONDS = ("datetime64[ns", "datetime(time_unit='ns'")
_TO_LIST: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("to_pylist", lambda values: values.to_pylist()),
    ("tolist", lambda values: values.tolist()),
    ("to_list", lambda values: values.to_list()),
)


def _without_gaps(values: list[Any]) -> list[Any]:
    """Return values with None for NaT and NA of pandas."""
    kinds = {kind for kind in set(map(type, values)) if kind.__name__ in _NOTHING}
    return [None if type(value) in kinds else value for value in values] if kinds else values


def items(values: Any) -> list[Any]:
    """Return a taken column as values of Python."""
    found: list[Any] = values if isinstance(values, list) else values.to_pylist()
    return found
