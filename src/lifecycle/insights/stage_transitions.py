"""How many customers moved from each stage to each other one."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import overload

import attrs

from lifecycle._groups import Groups
from lifecycle._tables import OPEN, Column, Table, many, percent
from lifecycle._values import call
from lifecycle.insights._histories import History
from lifecycle.insights._population import Journeys, read
from lifecycle.insights._reporting_periods import ReportingPeriods, reporting_periods
from lifecycle.insights._stage_counts import stage_counts
from lifecycle.insights._table_parts import bound, when
from lifecycle.insights.groups import By, over
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = ["TransitionCount", "TransitionTable", "transition_counts"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TransitionCount:
    """How many customers moved from one stage to another in a period.

    Attributes:
        period: The start of the period in the calendar's zone; None where the window is one period.
        source: The stage that was left.
        target: The stage that was entered; None for those still in `source`.
        count: How many moves there were.
        stays: How many stays could have ended so: the stock where the period begins, and the
            entrants.
        open: Whether the period is incomplete, so that these are counts so far.
    """

    period: datetime | None
    source: str
    target: str | None
    count: int
    stays: int
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def rate(self) -> Rate:
        """The share of the stays, with its interval; those of one source sum to 1."""
        return Rate(self.count, self.stays)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TransitionTable(Table[TransitionCount]):
    """Transitions between stages, period by period.

    Attributes:
        rows: The moves, by period, source and target, in the order of the definition. A pair
            that occurs in one period has a row in all of them.
        calendar: The periods that were counted by; None where the window is one period.
        window: The time that was read; None for all time.
    """

    _named_by = ("source", "target", "period")

    calendar: Calendar | None
    rows: tuple[TransitionCount, ...]
    window: Window | None = None

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """How many moves there were by source and target, in all periods: for `diagrams.svg`."""
        found: Counter[tuple[str, str]] = Counter()
        for row in self.rows:
            if row.target is not None:
                found[row.source, row.target] += row.count
        return dict(found)

    def _columns(self) -> Sequence[Column]:
        dated = self.calendar is not None
        return (
            *([Column("period", datetime, attrgetter("period"))] if dated else []),
            Column("source", str, attrgetter("source")),
            Column("target", str, attrgetter("target"), lambda target: target or "(still there)"),
            Column("count", int, attrgetter("count")),
            Column("stays", int, attrgetter("stays")),
            Column("share", float, attrgetter("rate.value"), percent, attrgetter("rate.value")),
            *(Column(side, float, partial(bound, side), percent) for side in ("low", "high")),
            OPEN,
        )

    def _title(self) -> str:
        by = "" if self.calendar is None else f" by {self.calendar.grain}"
        moves = sum(self.counts.values())
        return (
            f"Transitions between stages{by}, {when(self.window)}: "
            f"{many(moves, 'move')} (95 % intervals)"
        )


@overload
def transition_counts(
    journeys: Journeys,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    by: None = None,
) -> TransitionTable: ...
@overload
def transition_counts(
    journeys: Journeys,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    by: By,
) -> Groups[TransitionTable]: ...
def transition_counts(
    journeys: Journeys,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    by: By | None = None,
) -> TransitionTable | Groups[TransitionTable]:
    """Count the moves from each stage to each other one.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        calendar: The periods to count by, with a window; without it, the window is one period.
        window: The time to read; all time by default.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each period and pair of stages, and one for those still in the stage; the
        shares of a stage sum to 1. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument is of another type, or there is a calendar and no window.
        InvalidValueError: A customer has two journeys, or the window begins within a period.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: `by` names an attribute that no customer has.
        WrongDefinitionError: The journeys are of several definitions.

    Convention:
        Every stay counts, so that a customer may count several times in one period. The
        denominator has all who could have moved, not only those who did; a matrix over movers
        alone has larger shares. A row of `chain` counts customers at the ends of a period,
        and so the net of their moves.

    Examples:
        >>> from lifecycle import presets
        >>> shop = presets.retail()
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", datetime(2026, 1, day, tzinfo=UTC)) for day in days],
        ...         until=datetime(2026, 3, 1, tzinfo=UTC),
        ...     )
        ...     for name, days in [("ann", (5, 9)), ("bob", (7,)), ("cy", (8, 20))]
        ... ]
        >>> print(transition_counts(journeys))
        Transitions between stages, all time: 5 moves (95 % intervals)
        source    target         count  stays   share    low    high  open
        prospect  new                3      3  100.0%  43.9%  100.0%
        prospect  (still there)      0      3    0.0%   0.0%   56.1%
        new       repeat             2      3   66.7%  20.8%   93.9%
        new       (still there)      1      3   33.3%   6.1%   79.2%
        repeat    (still there)      2      2  100.0%  34.2%  100.0%
    """
    population = read(journeys, calendar)
    periods = reporting_periods(population, calendar, window)

    def make(histories: Sequence[History]) -> TransitionTable:
        rows = tuple(_moves(histories, periods, tuple(population.stages)))
        return TransitionTable(calendar=calendar, rows=rows, window=window)

    return over(by, population, make)


def _moves(
    histories: Sequence[History], periods: ReportingPeriods, stages: Sequence[str]
) -> list[TransitionCount]:
    counted = stage_counts(histories, periods)
    moved: Counter[tuple[int, str, str]] = Counter()
    for (period, source, target, _), n in counted.exits.items():
        moved[period, source, target] += n
    pairs = {(source, target) for _, source, target in moved}
    is_open = periods.open(histories)
    found: list[tuple[int, TransitionCount]] = []
    for source in stages:
        stocks = counted.stocks(source, len(periods.starts))
        stays = [stocks[k] + counted.entrants[k, source] for k in range(len(periods.starts))]
        targets = [target for target in stages if (source, target) in pairs]
        if not any(stays):
            continue
        for k, start in enumerate(periods.labels):
            rows: dict[str | None, int] = {t: moved[k, source, t] for t in targets}
            rows[None] = stays[k] - sum(rows.values())
            found += [
                (
                    k,
                    TransitionCount(
                        period=start,
                        source=source,
                        target=target,
                        count=n,
                        stays=stays[k],
                        open=is_open[k],
                    ),
                )
                for target, n in rows.items()
            ]
    return [row for _, row in sorted(found, key=lambda item: item[0])]
