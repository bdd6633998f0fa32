"""Codes of whole numbers that lie close together, in the order in which they first appear.

A table with an entry for each number of the span takes the place of a hash table: most ids were
counted up, and codes always are.
"""

from lifecycle import _packages
from lifecycle.logs import _arrays
from lifecycle.logs._arrays import Array

__all__ = ["coded", "distinct", "of_near"]


def distinct(values: Array) -> tuple[Array, Array]:
    """Return the code of each whole number, and the numbers by code, in any order."""
    near = of_near(values)
    if near is not None:
        return near
    found, codes = _packages.needed("numpy").unique(values, return_inverse=True)
    return codes, found


def of_near(values: Array) -> tuple[Array, Array] | None:
    """Return `coded` of whole numbers, of which a table has about as many entries as rows."""
    if not len(values):
        return None
    low, high = int(values.min()), int(values.max())
    if high - low >= 2 * len(values) or high not in _arrays.INT64:
        return None
    return coded(values, low, high - low + 1)


def coded(values: Array, low: int, span: int) -> tuple[Array, Array]:
    """Return the code of each whole number, and the numbers by code.

    Args:
        values: Whole numbers, an array of numpy.
        low: What none of them is below.
        span: By how much all are less than `low + span`.
    """
    numpy = _packages.needed("numpy")
    rows = len(values)
    kind = numpy.promote_types("int32", numpy.min_scalar_type(-rows))
    table = numpy.full(span, rows, kind)  # where each number first appears
    for chunk in reversed(_arrays.chunks(rows)):
        offsets = values[chunk].astype("int64") - low
        table[offsets[::-1]] = numpy.arange(chunk.stop - 1, chunk.start - 1, -1, dtype=kind)
    found = numpy.flatnonzero(table < rows)
    found = found[table[found].argsort()]
    table[found] = numpy.arange(len(found))  # from here on the code of each number
    codes = numpy.empty(rows, kind)
    for chunk in _arrays.chunks(rows):
        table.take(values[chunk].astype("int64") - low, out=codes[chunk], mode="clip")
    codes.flags.writeable = False
    return codes, found + low
