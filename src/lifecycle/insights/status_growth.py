"""Growth accounting by status: how the number of active customers came about."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from operator import attrgetter

import attrs

from lifecycle._activity import Grid
from lifecycle._tables import OPEN, Column, Table
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import ReportingPeriods, by_grid
from lifecycle.insights._table_parts import when
from lifecycle.periods import Calendar, Window

__all__ = ["StatusGrowth", "StatusGrowthTable"]

_RETURNED: Mapping[Status | None, str] = {
    Status.DORMANT: "reactivated",
    Status.CHURNED: "won_back",
    Status.PROSPECT: "reactivated",
}
"""How a customer who was active before became active again, by the status before the period."""

_LEFT = {Status.DORMANT: "lapsed", Status.CHURNED: "churned", Status.PROSPECT: "stepped_back"}
"""What became of an active customer, by the status where the period ends."""

_KINDS = ("new", "retained", "reactivated", "won_back", *_LEFT.values())


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StatusGrowth:
    """How the number of active customers changed in one period.

    active = active before + new + reactivated + won_back - lapsed - churned - stepped_back.

    Attributes:
        period: The start of the period, in the calendar's zone.
        new: Customers who are active at the end of the period, and never were before it.
        retained: Customers who are active at its start and at its end.
        reactivated: Customers who were active before, are dormant at its start (or prospects
            again), and active at its end.
        won_back: Customers who were active before, are churned at its start, and active at
            its end.
        lapsed: Customers who are active at its start, and dormant at its end.
        churned: Customers who are active at its start, and churned at its end.
        stepped_back: Customers who are active at its start, and prospects again at its end.
        open: Whether the period is incomplete, so that these are counts so far.
    """

    period: datetime
    new: int
    retained: int
    reactivated: int
    won_back: int
    lapsed: int
    churned: int
    stepped_back: int
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def active(self) -> int:
        """How many customers are active at the end of the period."""
        return self.new + self.retained + self.reactivated + self.won_back


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StatusGrowthTable(Table[StatusGrowth]):
    """Growth accounting by the statuses of a definition.

    As text it has `stepped_back` only where a customer stepped back; `to_rows` always has it.

    Attributes:
        calendar: The periods.
        window: The time that was read.
        rows: The periods, in order of time.
    """

    _named_by = ("period",)

    calendar: Calendar
    window: Window
    rows: tuple[StatusGrowth, ...]

    def _columns(self) -> Sequence[Column]:
        *kinds, last = _KINDS
        unused = not any(row.stepped_back for row in self.rows)
        return (
            Column("period", datetime, attrgetter("period")),
            *(Column(name, int, attrgetter(name)) for name in ("active", *kinds)),
            Column(last, int, attrgetter(last), aside=unused),
            OPEN,
        )

    def _title(self) -> str:
        return f"Growth by {self.calendar.grain}, {when(self.window)}, by status at period end"


def growth(population: Population, grid: Grid) -> StatusGrowthTable:
    """Account for the number of active customers, period by period, by their statuses."""
    periods = by_grid(grid)
    counts, is_open = _counts(population, periods), periods.open(population.histories)
    rows = (
        StatusGrowth(period=start, **{kind: counts[k, kind] for kind in _KINDS}, open=is_open[k])
        for k, start in enumerate(grid)
    )
    return StatusGrowthTable(calendar=grid.calendar, window=grid.window, rows=tuple(rows))


def _counts(population: Population, periods: ReportingPeriods) -> Counter[tuple[int, str]]:
    counts: Counter[tuple[int, str]] = Counter()
    rests = [0] * (len(periods.starts) + 1)  # where customers begin and cease to stay active
    for history in population.histories:
        runs = list(_runs(population, history, periods))
        first = _first_active(population, history, periods)
        if runs and runs[0][0] is Status.ACTIVE:
            counts[runs[0][1], "new"] += 1
        after = [*(run[0] for run in runs[1:]), None]
        for (status, begin, end), then in zip(runs, after, strict=False):
            if status is Status.ACTIVE:
                rests[begin + 1] += 1
                rests[end] -= 1
                if then is not None:
                    counts[end, "retained" if then is status else _LEFT[then]] += 1
            elif then is Status.ACTIVE:
                counts[end, "new" if end == first else _RETURNED[status]] += 1
    for k, n in enumerate(accumulate(rests[:-1])):
        counts[k, "retained"] += n
    return counts


def _runs(
    population: Population, history: History, periods: ReportingPeriods
) -> Iterator[tuple[Status, int, int]]:
    """Yield the status of each stay that is the last of some period, and which those are.

    The first is the period before the window, -1; the second is the one after the last.
    """
    inside = [at for at in history.moments if at < periods.end]
    numbers = [bisect_right(periods.starts, at) - 1 for at in inside]
    for stage, (begin, end) in zip(
        history.stages, pairwise([*numbers, len(periods.starts)]), strict=False
    ):
        if begin < end:
            yield population.stages[stage].status, begin, end


def _first_active(population: Population, history: History, periods: ReportingPeriods) -> int:
    """Return the period in which a customer was first active; that before the window is -1."""
    for stage, at in zip(history.stages, history.moments, strict=True):
        if population.stages[stage].status is Status.ACTIVE:
            return bisect_right(periods.starts, at) - 1
    return -1
