"""Columns of numbers as arrays of numpy, whatever they come in."""

from typing import Any

from lifecycle._packages import optional

__all__ = ["Vector", "chosen", "distinct", "vector"]

Vector = Any
"""An array of numpy: truth values, whole numbers of 64 bits, or floats."""

_KINDS = {"b": "bool", "i": "int64", "u": "int64", "f": "float64"}
_MOST = 2**63 - 1


def vector(values: Any) -> Vector | None:
    """Return a column of numbers or truth values as an array.

    None for lists and all other columns, and without numpy: they are read value by value. So are
    truth values of which some are missing; a missing number is NaN.
    """
    numpy = None if isinstance(values, list | tuple) else optional("numpy")
    if numpy is None or not _is_column(numpy, values):
        return None
    found = numpy.asarray(values if hasattr(values, "to_pylist") else _as_numpy(values))
    if found.ndim != 1 or found.dtype.kind not in _KINDS:
        return None
    if found.dtype.kind == "u" and found.size and found.max() > _MOST:
        return None
    return found.astype(_KINDS[found.dtype.kind], copy=False)


def _is_column(numpy: Any, values: Any) -> bool:
    """Say whether values are a column: of numpy, or of pandas, Polars or PyArrow."""
    if isinstance(values, numpy.ndarray):
        return not isinstance(values, numpy.ma.MaskedArray)
    return hasattr(values, "to_numpy") and hasattr(values, "__len__")


def _as_numpy(values: Any) -> Any:
    return values.to_numpy() if hasattr(values, "to_numpy") else values


def distinct(values: Vector, weights: Vector | None = None) -> tuple[Vector, Vector]:
    """Return the different values, ascending, and how often each occurs.

    Args:
        values: The values.
        weights: For how many each counts: whole numbers above 0, whose sum floats hold exactly.
    """
    numpy = optional("numpy")
    if values.dtype.kind == "i" and len(values) and _are_small(values):
        counts = numpy.bincount(values, weights)
        (found,) = counts.nonzero()
        return found, counts[found].astype("int64")
    if weights is None:
        return numpy.unique(values, return_counts=True)  # type: ignore[no-any-return]
    found, places = numpy.unique(values, return_inverse=True)
    return found, numpy.bincount(places, weights, len(found)).astype("int64")


def _are_small(values: Vector) -> bool:
    """Say whether a table of all whole numbers up to these has about as many entries as these."""
    return values.min() >= 0 and values.max() < 2 * len(values)  # type: ignore[no-any-return]


def chosen(column: Any, rows: Any) -> Any:
    """Return some rows of a column, an array or a list."""
    return column[rows] if hasattr(column, "dtype") else [column[row] for row in rows]
