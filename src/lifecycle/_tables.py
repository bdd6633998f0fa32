"""Results with rows: as dicts, as dataframes, as text for a terminal, as HTML for a notebook.

A table says which columns it has; how it is shown follows from them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from html import escape
from operator import attrgetter
from types import NoneType
from typing import Any, ClassVar, Generic, Literal, NamedTuple, TypeVar, get_args, get_type_hints
from uuid import UUID

from lifecycle import _checks, _dataframes, _inputs, _money
from lifecycle._checks import Number
from lifecycle._dataframes import Cells
from lifecycle._values import MOST, call
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError, one_of

__all__ = [
    "OPEN",
    "Column",
    "Kind",
    "Table",
    "columns_of",
    "cut",
    "in_words",
    "many",
    "percent",
    "plain",
]

Kind = Literal["pandas", "polars", "pyarrow"]


class Column(NamedTuple):
    """One column of a table.

    Attributes:
        name: Its heading, its key in `to_rows`, and its name in a dataframe.
        kind: What it has, as `_dataframes.Cells` says.
        read: What a row has there: a plain value, None where there is none.
        show: How people read it.
        shade: How dark its cell is in HTML, from 0 to 1; None for no shade.
        head: Its heading for people, where the name is too wide for a terminal.
        aside: Whether only `to_rows` and dataframes have it, for want of room.
    """

    name: str
    kind: Any
    read: Callable[[Any], Any]
    show: Callable[[Any], str] | None = None
    shade: Callable[[Any], float | None] | None = None
    head: str | None = None
    aside: bool = False


@cache
def columns_of(row: type) -> Sequence[Column]:
    """Return a column for each field of a kind of rows, of what its annotation says."""
    hints = get_type_hints(row).items()
    return tuple(Column(name, _without_none(hint), attrgetter(name)) for name, hint in hints)


def _without_none(hint: Any) -> Any:
    """Return a type in place of the same or None; object in place of several, as of an id."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    several = Number if set(kinds) == set(get_args(Number)) else object
    return hint if not kinds else kinds[0] if len(kinds) == 1 else several


OPEN = Column("open", bool, attrgetter("open"), {True: "so far", False: ""}.__getitem__)
"""Whether the period of a row goes on, so that its figures may still change."""


ENDS = 10
"""How many rows are shown at either end of a table that has more than `MOST`."""


Row_co = TypeVar("Row_co", covariant=True)


class Table(ABC, Generic[Row_co]):
    """A result with rows, which is shown and read in the same way as all others.

    `len(table)` counts its rows, iterating yields them, and `row(...)` picks one. `str` and a
    notebook show all of up to 60 rows, and of a longer table the first and last ten with the
    number of rows between, and likewise of columns; `to_rows`, `to_dict` and `to_frame` return
    them all. Polars, PyArrow, DuckDB and pandas read a table as an Arrow stream, too:
    `polars.DataFrame(table)`.
    """

    __slots__ = ()

    _named_by: ClassVar[Sequence[str]]
    """The columns that name a row: what `row` is given, in this order."""

    @property
    @abstractmethod
    def rows(self) -> Sequence[Row_co]:
        """The rows, in the order in which they are shown."""

    @abstractmethod
    def _columns(self) -> Sequence[Column]:
        """Return the columns, in the order in which they are shown."""

    @abstractmethod
    def _title(self) -> str:
        """Return what the table is about, when, and of how many."""

    def _notes(self) -> Sequence[str]:
        """Return what people should know about the table, one line each, to be shown below it."""
        return ()

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row_co]:
        return iter(self.rows)

    def row(self, *key: Any, **named: Any) -> Row_co:
        """Return the row with a key: `table.row("lapsed")`, `table.row(stage="lapsed")`.

        Args:
            key: The values of the columns that name a row, in the order in which the table
                shows them. A period is named by any instant or date in it.
            named: The same values by the names of their columns. Columns that a single row
                needs no more can be left out.

        Raises:
            InvalidTypeError: Nothing is given, too much is given, or a column that does not
                name rows.
            InvalidValueError: No row has the value, or several rows have it.
            UnknownNameError: No row has the text, though others have.
        """
        columns = {column.name: column.read for column in self._columns()}
        reads = {name: columns[name] for name in self._named_by if name in columns}
        sought = _key(tuple(reads), key, named)
        rows = self._near(sought)
        for name, wanted in sought.items():
            rows = _having(rows, name, reads[name], self._sought(name, wanted))
        if len(rows) > 1:
            expected = f"name one row, by {', '.join(reads)}; {len(rows)} rows have this key"
            raise InvalidValueError("key", (*key, *named.values()), expected)
        return rows[0]

    def _near(self, sought: Mapping[str, Any]) -> Sequence[Row_co]:
        """Return the rows to search for a key: all, unless the table knows where it is."""
        del sought
        return self.rows

    def _sought(self, name: str, wanted: Any) -> Any:
        """Return what the column of a row has where the row is wanted: the start of a period."""
        calendar = getattr(self, "calendar", None)
        if name not in _PERIODS or calendar is None or wanted is None:
            return wanted
        at = _inputs.moment(name, wanted)
        try:
            return calendar.floor(at)
        except InvalidValueError:  # of a calendar whose periods are given
            raise InvalidValueError(name, wanted, _OF_THE_TABLE) from None

    def _fields(self) -> Sequence[Column]:
        """Return the columns of `to_rows` and of dataframes."""
        return self._columns()

    def _records(self) -> Sequence[Any]:
        """Return what `to_rows` and dataframes have a row for: the rows, or parts of them."""
        return self.rows

    def _cells(self) -> dict[str, Cells]:
        """Return the values of each column."""
        records = self._records()
        return {
            column.name: Cells(column.kind, self._column_values(column, records))
            for column in self._fields()
        }

    def _column_values(self, column: Column, records: Sequence[Any]) -> list[Any]:
        """Return what records have in a column, which a table may keep as such."""
        return list(map(column.read, records))

    def _zone(self) -> tzinfo | None:
        """Return the time zone of the instants of the table; None for their own."""
        calendar = getattr(self, "calendar", None)
        return None if calendar is None else calendar.tz

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the rows as plain dicts."""
        cells = self._cells()
        rows = zip(*(each.values for each in cells.values()), strict=True)
        return [dict(zip(cells, row, strict=True)) for row in rows]

    def to_frame(self, kind: Kind | None = None, *, like: Any = None, naive: bool = False) -> Any:
        """Return the table as a dataframe, with the columns of `to_rows`.

        Args:
            kind: "pandas", "polars" or "pyarrow"; pandas by default.
            like: A dataframe, instead of the kind: the result is of its kind, and columns that
                name rows, such as `customer`, have the types that they have in it, so that the
                two can be joined.
            naive: Whether instants are local times of their zone, without it, as spreadsheets
                need them, and columns that have none.

        Returns:
            A column has the same type whatever its values, and where there are no rows: counts
            are int64, shares and other floats float64, text is text, instants have microseconds
            and the zone of the calendar, lengths of time have microseconds too. Money is of the
            kind of the amounts: float64, int64, or in Arrow and Polars a decimal of 38 digits,
            rounded where these are too few, and in pandas objects of `Decimal`. Dates are objects
            in pandas. Where a value is missing, counts and flags are Int64 and boolean in pandas.

        Raises:
            InvalidTypeError: Both `kind` and `like` are given, or `like` is no dataframe; or ids
                are of several types, which only pandas can hold.
            MissingExtraError: pyarrow, or the package of the dataframe, is not installed.
            UnknownNameError: There is no such kind.
        """
        return _dataframes.frame_of(
            self._cells(), self._zone(), self._named_by, kind, like, naive=naive
        )

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_frame("pyarrow").__arrow_c_stream__(requested_schema)

    def to_dict(self) -> dict[str, Any]:
        """Return the table as data that `json.dumps` takes.

        Returns:
            "title", "notes" and "rows"; the rows are those of `to_rows`, with instants and
            dates as ISO 8601 text, lengths of time in seconds, `Decimal` and `UUID` as text.
        """
        rows = [{name: plain(value) for name, value in row.items()} for row in self.to_rows()]
        return {"title": self._title(), "notes": list(self._notes()), "rows": rows}

    def _seen(self) -> Sequence[Column]:
        """Return the columns that people see: of more than `MOST`, those at the ends."""
        columns = [column for column in self._columns() if not column.aside]
        if len(columns) <= MOST:
            return columns
        between = Column(f"... {len(columns) - 2 * ENDS:,} more ...", object, lambda _: None)
        return [*columns[:ENDS], between, *columns[-ENDS:]]

    def _cut(self) -> tuple[Sequence[Any], str, Sequence[Any]]:
        """Return the rows that are shown first and last, and what is said between."""
        return cut(self.rows, "rows")

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        columns = self._seen()
        first, between, last = self._cut()
        rows = [*first, *last]
        heads = [column.head or column.name for column in columns]
        lines = [heads, *([_shown(column, row) for column in columns] for row in rows)]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        right = [_is_right(column, rows) for column in columns]
        text = [
            "  ".join(
                cell.rjust(width) if to_right else cell.ljust(width)
                for cell, width, to_right in zip(line, widths, right, strict=True)
            ).rstrip()
            for line in lines
        ]
        if between:
            text.insert(1 + len(first), between)
        return "\n".join([self._title(), *text, *self._notes()])

    def _repr_html_(self) -> str:
        columns = self._seen()
        first, between, last = self._cut()
        right = [_is_right(column, [*first, *last]) for column in columns]
        heads = "".join(f"<th>{escape(column.head or column.name)}</th>" for column in columns)
        body = [_html_row(columns, right, row) for row in first]
        if between:
            body.append(f'<tr><td colspan="{len(columns)}">{between}</td></tr>')
        body += [_html_row(columns, right, row) for row in last]
        caption = f"<caption>{escape(self._title())}</caption>"
        head = f"<thead><tr>{heads}</tr></thead>"
        foot = _html_foot(self._notes(), len(columns))
        return f"<table>{caption}{head}<tbody>{''.join(body)}</tbody>{foot}</table>"


_PERIODS = ("period", "cohort")
"""The columns that hold the start of a period of the table's calendar."""

_OF_THE_TABLE = "be in a period of the table"


def _key(names: Sequence[str], key: Sequence[Any], named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what names a row, by column."""
    found = {**dict(zip(names, key, strict=False)), **named}
    if not found or named.keys() - set(names) or len(found) < len(key) + len(named):
        raise InvalidTypeError("key", (*key, *named), f"name a row, by {', '.join(names)}")
    return found


def _having(rows: Sequence[Any], name: str, read: Callable[[Any], Any], wanted: Any) -> list[Any]:
    """Return the rows that have a value; equal instants of two zones are one."""
    wanted = _comparable(wanted)
    found = [row for row in rows if _comparable(read(row)) == wanted]
    if found:
        return found
    known = [value for value in map(read, rows) if not isinstance(value, datetime | NoneType)]
    names = dict.fromkeys(value for value in known if isinstance(value, str))
    if names and isinstance(wanted, str):
        raise UnknownNameError(name, wanted, names)
    raise InvalidValueError(name, wanted, _of_the_table(name, wanted, dict.fromkeys(known)))


def _of_the_table(name: str, wanted: Any, known: Mapping[Any, None]) -> str:
    """Say what a table has in a column that names rows."""
    if name in _PERIODS and isinstance(wanted, datetime):
        return _OF_THE_TABLE
    return f"be in the table: {one_of(known)}" if known else "be in the table"


def _comparable(value: Any) -> Any:
    return _checks.utc(value) if isinstance(value, datetime) else value


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return next((write(value) for kind, write in _WRITES if isinstance(value, kind)), value)


_WRITES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (datetime | date, lambda value: value.isoformat()),
    (timedelta, timedelta.total_seconds),
    (Decimal | UUID, str),
    (Mapping, lambda value: {str(plain(key)): plain(item) for key, item in value.items()}),
    (tuple | list, lambda value: [plain(item) for item in value]),
    (set | frozenset, lambda value: sorted(map(plain, value), key=repr)),
)
"""How values that JSON lacks are written, by their kinds."""


def cut(items: Sequence[Any], what: str) -> tuple[Sequence[Any], str, Sequence[Any]]:
    """Return the items that are shown first and last, and what is said between."""
    if len(items) <= MOST:
        return items, "", ()
    between = f"... {len(items) - 2 * ENDS:,} more {what}, which to_rows() returns ..."
    return items[:ENDS], between, items[-ENDS:]


def _html_row(columns: Sequence[Column], right: Sequence[bool], row: Any) -> str:
    cells = (
        f"<td{_style(column, row, to_right=to_right)}>{escape(_shown(column, row))}</td>"
        for column, to_right in zip(columns, right, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _html_foot(notes: Sequence[str], width: int) -> str:
    cell = f'<td colspan="{width}" style="text-align: left">'
    rows = "".join(f"<tr>{cell}{escape(note)}</td></tr>" for note in notes)
    return rows and f"<tfoot>{rows}</tfoot>"


def in_words(value: Any) -> str:
    """Show a plain value.

    Counts have separators, other numbers four digits; a midnight is its day, and a length of
    whole days has no clock.
    """
    return next((show(value) for kind, show in _IN_WORDS if isinstance(value, kind)), str(value))


@_money.in_own_context
def _number(value: float | Decimal) -> str:
    if not value:
        return "0"
    small = -1000 < value < 1000  # noqa: PLR2004  (four digits say enough)
    return f"{value + 0:,.4g}" if small else f"{value:,.2f}"  # Decimal("1E+2") + 0 is 100


def _instant(value: datetime) -> str:
    midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
    return value.date().isoformat() if midnight else value.isoformat(sep=" ")


def _length(value: timedelta) -> str:
    return str(value).removesuffix(", 0:00:00")


_IN_WORDS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (NoneType, lambda _: ""),
    (bool | str, str),
    (int, "{:,}".format),
    (float | Decimal, _number),
    (datetime, _instant),
    (date, date.isoformat),
    (timedelta, _length),
)
"""How values are shown, by their kinds, of which the first that fits decides."""


def many(n: float, noun: str) -> str:
    """Return a count with its noun: "1 stay", "2,357 stays"."""
    return f"{n:,.0f} {noun}{'' if n == 1 else 's'}"


@_money.in_own_context
def percent(value: float | None) -> str:
    """Show a fraction as a percentage with one digit, nothing for None."""
    return "" if value is None else f"{value:.1%}"


def _shown(column: Column, row: Any) -> str:
    return (column.show or in_words)(column.read(row))


def _is_right(column: Column, rows: Sequence[Any]) -> bool:
    """Return whether a column is aligned to the right: if its first value is a number."""
    first = next((value for value in map(column.read, rows) if value is not None), None)
    return isinstance(first, int | float | Decimal) and not isinstance(first, bool)


def _style(column: Column, row: Any, *, to_right: bool) -> str:
    styles = ["text-align: right"] if to_right else ["text-align: left"]
    dark = None if column.shade is None else column.shade(row)
    if dark is not None:
        styles.append(f"background: rgba(63, 81, 181, {0.75 * min(max(dark, 0.0), 1.0):.2f})")
    return f' style="{"; ".join(styles)}"'
