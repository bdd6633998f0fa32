"""How many customers moved from each stage to each other one."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter

import attrs

from lifecycle._tables import OPEN, Column, Table, many, percent
from lifecycle._values import call
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import ReportingPeriods
from lifecycle.insights._stage_counts import stage_counts
from lifecycle.insights._table_parts import bound, when
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = ["TransitionCount", "TransitionTable"]


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


def transition_counts(population: Population, periods: ReportingPeriods) -> TransitionTable:
    """Count the moves from each stage to each other one."""
    rows = _moves(population.histories, periods, tuple(population.stages))
    return TransitionTable(calendar=periods.calendar, rows=tuple(rows), window=periods.window)


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
