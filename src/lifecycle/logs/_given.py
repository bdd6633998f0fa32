"""Columns as they were given, and the rows in which a value is missing."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from lifecycle import _packages
from lifecycle.errors import MissingValuesError
from lifecycle.logs import _arrays, _containers
from lifecycle.logs._arrays import Array

__all__ = ["Given", "whole"]


class Given(NamedTuple):
    """A column as it was given.

    Attributes:
        name: How messages name it, and with the number of a row in it, a value.
        values: A list of values of Python, or an array of pyarrow.
        field: What follows the number of a row where rows were given.
        rows: The numbers of its rows; None where none was left out.
        floor: Whether nanoseconds below a microsecond are cut.
    """

    name: str
    values: Any
    field: str = ""
    rows: Sequence[int] | None = None
    floor: bool = False

    def place(self, i: int) -> str:
        """Return how messages name a value."""
        return f"{self.name}[{i if self.rows is None else self.rows[i]}]{self.field}"

    def items(self) -> list[Any]:
        """Return values of Python, None for those that are missing."""
        return _containers.items(self.values)

    def gaps(self) -> Array:
        """Say which values are missing; nothing where none is."""
        if not isinstance(self.values, list):
            return _arrays.truths(self.values.is_null()) if self.values.null_count else ()
        has_gaps = type(None) in set(map(type, self.values))
        return _arrays.truths([value is None for value in self.values]) if has_gaps else ()

    def only(self, rows: Sequence[int]) -> "Given":
        """Return the column of the rows that are kept."""
        if isinstance(self.values, list):
            values: Any = [self.values[row] for row in rows]
        else:
            values = self.values.take(_packages.needed("pyarrow").array(rows, "int64"))
        return self._replace(values=values, rows=rows)


def whole(columns: Sequence[Given], needed: Sequence[Given], *, drop: bool) -> list[Given]:
    """Return the columns of the rows that have all that is needed.

    Raises:
        MissingValuesError: Some rows have not, and they are not to be dropped.
    """
    gaps = [(column, found) for column in needed if len(found := column.gaps())]
    if not gaps:
        return list(columns)
    if not drop:
        column, found = gaps[0]
        name = f"{column.name}{column.field}"
        raise MissingValuesError(name, _arrays.items(_arrays.rows_with(found, (True,))))
    rows = _arrays.rows_without([found for _, found in gaps])
    return [column.only(rows) for column in columns]
