"""Cohort retention: who came back, by when they began."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from math import fsum
from operator import attrgetter
from typing import ClassVar, Literal, overload

import attrs

from lifecycle import _checks
from lifecycle._activity import Activity, ActivityRows, Enrolled, Grid, Reader
from lifecycle._activity_columns import ActivityColumns
from lifecycle._groups import Groups
from lifecycle._splits import By, by_group
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._cohort_age_columns import has_columns
from lifecycle.metrics._cohort_ages import COHORTINGS, MODES, AgeClock
from lifecycle.metrics._cohort_columns import cells_of_columns
from lifecycle.metrics._cohort_counts import CellCounts, CohortQuestion, cells_of_rows
from lifecycle.metrics._cohort_tables import Triangle
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = ["CohortCell", "CohortRow", "CohortTable", "CurvePoint", "CurveTable", "cohorts"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CohortCell:
    """One cell of a cohort table: the customers retained k periods later.

    Attributes:
        k: The period of the cell, counted from the cohort's; the first one of a bracket.
        last: The last period of a bracket; `k` without brackets.
        size: How many customers the cohort has.
        retained: How many of them were retained; for `k` of 0 all of them.
        open: Whether the period of the cell ends after the window, so that
            `retained` is a count so far.
    """

    k: int
    last: int
    size: int
    retained: int
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def rate(self) -> Rate | None:
        """The share retained, with its interval; None for an open cell."""
        return None if self.open else Rate(self.retained, self.size)

    @property
    def value(self) -> float | None:
        """The share retained, 0 to 1; None for an open cell, and for an empty cohort."""
        return None if self.rate is None else self.rate.value


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CohortRow:
    """One cohort of a cohort table.

    Attributes:
        cohort: The start of the period in which its customers began, in the calendar's zone.
        size: How many customers it has.
        cells: What became of them, from `k` of 0 on, as far as the window goes.
    """

    cohort: datetime
    size: int
    cells: tuple[CohortCell, ...]

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CurvePoint:
    """One point of a retention curve, over the closed cells of one column.

    Attributes:
        k: The period, counted from the cohort's; the first one of a bracket.
        last: The last period of a bracket; `k` without brackets.
        cohorts: How many cells are closed.
        size: How many customers their cohorts have.
        retained: How many of these were retained.
        value: The average share, 0 to 1; None where all cohorts are empty.
    """

    k: int
    last: int
    cohorts: int
    size: int
    retained: int
    value: float | None

    def __repr__(self) -> str:
        return call(self)

    @property
    def rate(self) -> Rate:
        """The share of the pooled counts, with its interval, whichever average is taken."""
        return Rate(self.retained, self.size)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CurveTable(Table[CurvePoint]):
    """A retention curve: a table with a row for each period since the start.

    Attributes:
        average: "pooled" or "mean".
        rows: The points, from `k` of 0 on, as far as a cell is closed.
    """

    _named_by = ("k",)

    average: str
    rows: tuple[CurvePoint, ...]

    def _columns(self) -> Sequence[Column]:
        counts = ("k", "last", "cohorts", "size", "retained")
        value = attrgetter("value")
        return (
            *(Column(name, int, attrgetter(name)) for name in counts),
            Column("value", float, value, percent, value),
        )

    def _title(self) -> str:
        return f"Retention curve, {self.average} over closed cells"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CohortTable(Triangle[CohortCell]):
    """How many customers came back, by the period in which they began.

    As text and as HTML it shows the share of each closed cell, and the count so far of each
    open one; `to_rows` has a dict for each cell.

    Attributes:
        calendar: The periods.
        window: The time measured.
        retained: "on" or "on_or_after".
        cohorting: "first" or "every".
        min_occurrences: How many returns in one period made a customer retained in it.
        brackets: The ranges of k that were taken together, or None.
        mode: "calendar" or "elapsed".
        rows: The cohorts, in order of time.
    """

    calendar: Calendar
    window: Window
    retained: str = "on"
    cohorting: str = "first"
    min_occurrences: int = 1
    brackets: tuple[range, ...] | None = None
    mode: str = "calendar"
    rows: tuple[CohortRow, ...]

    _kinds: ClassVar = {
        "k": int,
        "last": int,
        "size": int,
        "retained": int,
        "value": float,
        "open": bool,
    }
    _so_far: ClassVar = "retained"

    def curve(self, *, average: Literal["pooled", "mean"] = "pooled") -> CurveTable:
        """Return the average of the cohorts, period by period, over closed cells only.

        Args:
            average: "pooled" divides the sum of those retained by the sum of the sizes, so
                that each customer counts alike; "mean" is the mean of the cells' shares, so
                that each cohort counts alike, and empty ones are left out.

        Returns:
            One point for each period with a closed cell.

        Raises:
            UnknownNameError: `average` is neither.

        Convention:
            Each point rests on the cohorts old enough for it, so a curve may rise where no
            cohort does. Mixpanel's average weights the cohorts by their sizes over complete
            buckets, as "pooled" does.

        Examples:
            >>> from lifecycle.periods import Calendar, Window
            >>> spring = Window(date(2026, 3, 1), date(2026, 5, 1))
            >>> orders = [("ann", date(2026, 3, 2)), ("bob", date(2026, 3, 9))]
            >>> table = cohorts(
            ...     [*orders, ("ann", date(2026, 4, 1))], calendar=Calendar(), window=spring
            ... )
            >>> [point.value for point in table.curve().rows]
            [1.0, 0.5]
        """
        _checks.choice("average", average, _AVERAGES)
        columns = [
            [row.cells[j] for row in self.rows if j < len(row.cells) and not row.cells[j].open]
            for j in range(len(self.rows[0].cells))
        ]
        points = tuple(_point(cells, _AVERAGES[average]) for cells in columns if cells)
        return CurveTable(average=average, rows=points)

    def _title(self) -> str:
        retained = self.retained.replace("_", " ")
        what = f"{self.cohorting} start, retained {retained}, {self.mode} time"
        return f"Retention by {self.calendar.grain}: {what}{self._legend()}"


@overload
def cohorts(
    activity: Activity,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    retained: Literal["on", "on_or_after"] = "on",
    cohorting: Literal["first", "every"] = "first",
    min_occurrences: int = 1,
    brackets: Iterable[range] | None = None,
    mode: Literal["calendar", "elapsed"] = "calendar",
    by: None = None,
) -> CohortTable: ...
@overload
def cohorts(
    activity: Activity,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    retained: Literal["on", "on_or_after"] = "on",
    cohorting: Literal["first", "every"] = "first",
    min_occurrences: int = 1,
    brackets: Iterable[range] | None = None,
    mode: Literal["calendar", "elapsed"] = "calendar",
    by: By,
) -> Groups[CohortTable]: ...
@by_group("activity", "enrolled")
def cohorts(  # noqa: PLR0913  (each is a choice that tools make for their users)
    activity: Activity,
    *,
    calendar: Calendar,
    window: Window,
    enrolled: Enrolled | None = None,
    retained: Literal["on", "on_or_after"] = "on",
    cohorting: Literal["first", "every"] = "first",
    min_occurrences: int = 1,
    brackets: Iterable[range] | None = None,
    mode: Literal["calendar", "elapsed"] = "calendar",
) -> CohortTable:
    """Count the customers who came back k periods after the period in which they began.

    Cell (c, 0) is the size of cohort c, and cell (c, k) has those of its customers who
    returned k periods later. A return before the start, or in period 0, does not count.

    Args:
        activity: The return events: (customer, at) pairs in any order, any number for each
            customer. A naive instant and a date are local times of the calendar's zone.
        calendar: The periods.
        window: Its periods are the cohorts. Rows before it are read, to know who is new;
            rows at or after its end are ignored.
        enrolled: The start events: (customer, at) pairs, or a mapping of customers to
            instants. None: the activity. A customer without one is in no cohort.
        retained: "on" counts a return in period k; "on_or_after" one in period k or later,
            as far as the window goes.
        cohorting: "first" puts a customer into the cohort of the first start ever seen, and
            into none where that is before the window; "every" into the cohort of each
            period with a start.
        min_occurrences: How many returns within one period retain a customer; 1 or more.
        brackets: Ranges of k to take together, such as `[range(1, 4), range(4, 8)]`,
            ascending and from 1 on. Any period of a bracket retains a customer in it.
        mode: What k counts. "calendar": periods. "elapsed": whole hours, days of 24 hours,
            weeks of 168 hours, or calendar months, quarters or years, since the customer's
            first start in the row. Other tools call the two strict calendar dates and
            rolling windows.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        A row for each period of the window, with a cell for that and each later one. A cell
        is open while its period goes on after the window; in elapsed mode also until the
        row's last customer has lived it. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument, or a row of one, is of another type.
        InvalidValueError: The window begins within a period, `min_occurrences` is below 1,
            or brackets are none, or one is empty, or begins below 1 or within the last.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: A choice is not one of those accepted.

    Convention:
        "on" is Amplitude's N-day retention and PostHog's default, "on_or_after" their
        unbounded one and Mixpanel's "on or after". "first" is PostHog's first-time and
        "every" its recurring retention. Amplitude and Mixpanel count elapsed time by
        default; Amplitude floors instants to the hour first, and both take a month
        for 30 days. Many recipes show the share of a period that is still running as if it
        were over. n periods have n (n + 1) / 2 cells, however few the rows.

    Examples:
        >>> from lifecycle.periods import Calendar, Window
        >>> orders = [
        ...     ("ann", date(2026, 1, 5)),
        ...     ("bob", date(2026, 1, 9)),
        ...     ("ann", date(2026, 2, 3)),
        ...     ("cy", date(2026, 2, 7)),
        ...     ("ann", date(2026, 3, 1)),
        ... ]
        >>> until = Window(date(2026, 1, 1), date(2026, 3, 20))
        >>> table = cohorts(orders, calendar=Calendar("month"), window=until)
        >>> print(table)
        Retention by month: first start, retained on, calendar time (* open: retained so far)
        cohort      size       0      1   2
        2026-01-01     2  100.0%  50.0%  1*
        2026-02-01     1  100.0%     0*
        2026-03-01     0      0*
        >>> table.cell(date(2026, 1, 1), 1).rate
        Rate(1, 2)
    """
    _checks.choice("retained", retained, ("on", "on_or_after"))
    _checks.choice("cohorting", cohorting, COHORTINGS)
    _checks.choice("mode", mode, MODES)
    least = _checks.whole("min_occurrences", min_occurrences, least=1)
    spans = None if brackets is None else _brackets(brackets)
    grid, reader = Grid(calendar, window), Reader(calendar)
    read = reader.activity if has_columns(mode, grid) else reader.pairs
    returns = read("activity", activity).before(grid.end)
    starts = returns
    if enrolled is not None:
        starts = reader.enrolled_as("enrolled", enrolled, returns).before(grid.end)
    columns = (range(1), *(spans or (range(k, k + 1) for k in range(1, len(grid)))))
    asked = CohortQuestion(mode, cohorting, retained, least, columns)
    counts, clock = _CELLS[type(returns)](starts, returns, grid, asked)
    return CohortTable(
        calendar=calendar,
        window=window,
        retained=retained,
        cohorting=cohorting,
        min_occurrences=least,
        brackets=spans,
        mode=mode,
        rows=tuple(_rows(grid, columns, counts, clock)),
    )


def _rows(
    grid: Grid, columns: Sequence[range], counts: CellCounts, clock: AgeClock
) -> Iterator[CohortRow]:
    for cohort, start in enumerate(grid):
        size = counts[cohort, 0]
        cells = tuple(
            CohortCell(
                k=column.start,
                last=column[-1],
                size=size,
                retained=counts[cohort, j],
                open=clock.is_open(cohort, column[-1]),
            )
            for j, column in enumerate(columns)
            if cohort + column.start < len(grid)
        )
        yield CohortRow(cohort=start, size=size, cells=cells)


def _pooled(cells: Sequence[CohortCell]) -> float | None:
    return Rate(sum(cell.retained for cell in cells), sum(cell.size for cell in cells)).value


def _mean(cells: Sequence[CohortCell]) -> float | None:
    values = [cell.value for cell in cells if cell.value is not None]
    return fsum(values) / len(values) if values else None


def _point(cells: Sequence[CohortCell], average: Callable[..., float | None]) -> CurvePoint:
    return CurvePoint(
        k=cells[0].k,
        last=cells[0].last,
        cohorts=len(cells),
        size=sum(cell.size for cell in cells),
        retained=sum(cell.retained for cell in cells),
        value=average(cells),
    )


def _brackets(brackets: Iterable[range]) -> tuple[range, ...]:
    """Return the brackets, each after the last one, and after the cohort's own period."""
    if not isinstance(brackets, Iterable):
        raise InvalidTypeError("brackets", brackets, "be ranges of k, such as [range(1, 4)]")
    found, least = tuple(brackets), 1
    if not found:
        raise InvalidValueError("brackets", found, "hold at least one range, or be None")
    for i, bracket in enumerate(found):
        if not isinstance(bracket, range):
            raise InvalidTypeError(f"brackets[{i}]", bracket, "be a range, such as range(1, 4)")
        if bracket.start < least or bracket.step != 1 or not bracket:
            expected = f"be a range by steps of 1 that begins at {least} or later, not empty"
            raise InvalidValueError(f"brackets[{i}]", bracket, expected)
        least = bracket.stop
    return found


_CELLS: Mapping[type, Callable[..., tuple[CellCounts, AgeClock]]] = {
    ActivityRows: cells_of_rows,
    ActivityColumns: cells_of_columns,
}
_AVERAGES = {"pooled": _pooled, "mean": _mean}
