"""Tables of cohorts: a row for each cohort, and in it a cell for each period since."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from lifecycle import _checks, _money
from lifecycle._activity import Instant
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, percent
from lifecycle.errors import InvalidValueError
from lifecycle.periods import Calendar, Window

__all__ = ["Triangle"]

Cell = TypeVar("Cell")


class Triangle(Table[Any], Generic[Cell]):
    """A table of cohorts, whose rows have fewer cells the later they begin."""

    _named_by = ("cohort",)

    __slots__ = ()
    calendar: Calendar
    window: Window
    rows: tuple[Any, ...]

    _kinds: ClassVar[Mapping[str, Any]]
    """What a cell has in `to_rows`, and of which kind it is."""
    _so_far: ClassVar[str]
    """The field of an open cell that is shown in place of its value."""
    _so_far_format: ClassVar[str] = ",.0f"

    def cell(self, cohort: Instant | int, k: int) -> Cell:
        """Return one cell.

        Args:
            cohort: An instant in the cohort's period, or the number of the row, from 0.
            k: How many periods after the cohort's; with brackets, any period of the bracket.

        Returns:
            The cell of the period.

        Raises:
            InvalidTypeError: `cohort` is neither an instant nor a whole number, or `k` is not
                whole.
            InvalidValueError: The table has no such row, or the row no such cell.
        """
        row, k = self._row(cohort), _checks.whole("k", k, least=0)
        cell: Cell | None = next((cell for cell in row.cells if cell.k <= k <= cell.last), None)
        if cell is None:
            raise InvalidValueError("k", k, "have a cell in the row of its cohort")
        return cell

    def _records(self) -> Sequence[tuple[datetime, Cell]]:
        """Return the cells, each with its cohort."""
        return [(row.cohort, cell) for row in self.rows for cell in row.cells]

    def _fields(self) -> Sequence[Column]:
        fields = (Column(name, kind, partial(_of_cell, name)) for name, kind in self._kinds.items())
        return [Column("cohort", datetime, itemgetter(0)), *fields]

    def _row(self, cohort: Instant | int) -> Any:
        if isinstance(cohort, date):
            number = self.calendar.index(cohort) - self.calendar.index(self.window.start)
        else:
            expected = "be an instant, or the number of a row"
            number = _checks.whole("cohort", cohort, expected=expected)
        if not 0 <= number < len(self.rows):
            expected = f"be one of the {len(self.rows)} cohorts of the window"
            raise InvalidValueError("cohort", cohort, expected)
        return self.rows[number]

    def _columns(self) -> Sequence[Column]:
        """Return a column for each cell of the first row, which is the longest."""
        shade = partial(self._shade, self._darkest())
        return (
            Column("cohort", datetime, attrgetter("cohort")),
            Column("size", int, attrgetter("size")),
            *(
                Column(_label(cell), Number, partial(self._shown, j), self._said, partial(shade, j))
                for j, cell in enumerate(self.rows[0].cells)
            ),
        )

    def _shown(self, j: int, row: Any) -> Any:
        if j >= len(row.cells):
            return None
        cell = row.cells[j]
        return _SoFar(getattr(cell, self._so_far)) if cell.open else cell.value

    @_money.in_own_context
    def _said(self, shown: Any) -> str:
        is_open = isinstance(shown, _SoFar)
        return f"{shown:{self._so_far_format}}*" if is_open else self._in_words(shown)

    def _in_words(self, value: Any) -> str:
        return percent(value)

    def _shade(self, darkest: float, j: int, row: Any) -> float | None:
        value = None if j >= len(row.cells) else row.cells[j].value
        return None if value is None else float(value) / darkest

    def _darkest(self) -> float:
        """Return the value whose cell is darkest."""
        return 1.0

    def _legend(self) -> str:
        is_any = any(cell.open for row in self.rows for cell in row.cells)
        return f" (* open: {self._so_far} so far)" if is_any else ""


def _of_cell(name: str, record: tuple[datetime, Any]) -> Any:
    return getattr(record[1], name)


class _SoFar(float):
    """A figure of an open cell, which may still grow."""

    __slots__ = ()


def _label(cell: Any) -> str:
    return str(cell.k) if cell.k == cell.last else f"{cell.k}-{cell.last}"
