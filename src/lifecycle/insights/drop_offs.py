"""Where customers drop off: what became of the stays in each stage."""

from collections.abc import Sequence
from operator import attrgetter

import attrs

from lifecycle._tables import Column, Table, many, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import ReportingPeriods
from lifecycle.insights._stage_counts import outcomes, stage_counts
from lifecycle.insights._table_parts import when
from lifecycle.periods import Window
from lifecycle.rates import Rate

__all__ = ["DropOffTable", "StageDropOff"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageDropOff:
    """How the stays in one stage ended.

    Attributes:
        stage: The name of the stage.
        status: What the stage means.
        stays: How many stays there were: the stock where the window begins, and the entrants.
        converted: How many led to a stage that the definition names later, or from a drop-off
            stage to another one.
        dropped_off: How many led to a drop-off stage: one that is dormant, churned, or entered
            by `idle` time-outs alone.
        left_otherwise: How many led elsewhere: renewals, steps down, and migrations.
    """

    stage: str
    status: Status
    stays: int
    converted: int
    dropped_off: int
    left_otherwise: int

    def __repr__(self) -> str:
        return call(self)

    @property
    def conversion(self) -> Rate:
        """The share that converted."""
        return Rate(self.converted, self.stays)

    @property
    def drop_off(self) -> Rate:
        """The share that dropped off."""
        return Rate(self.dropped_off, self.stays)

    @property
    def other(self) -> Rate:
        """The share that left otherwise."""
        return Rate(self.left_otherwise, self.stays)

    @property
    def still_there(self) -> Rate:
        """The share that has not left; the four shares sum to 1."""
        left = self.converted + self.dropped_off + self.left_otherwise
        return Rate(self.stays - left, self.stays)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class DropOffTable(Table[StageDropOff]):
    """Where customers drop off: a row for each stage, in the order of the definition.

    Attributes:
        rows: The stages.
        window: The time that was read; None for all time.
    """

    _named_by = ("stage",)

    rows: tuple[StageDropOff, ...]
    window: Window | None = None

    def _columns(self) -> Sequence[Column]:
        shares = ("conversion", "drop_off", "other", "still_there")
        reads = (attrgetter(f"{share}.value") for share in shares)
        return (
            Column("stage", str, attrgetter("stage")),
            Column("stays", int, attrgetter("stays")),
            *(
                Column(share, float, value, percent, value)
                for share, value in zip(shares, reads, strict=True)
            ),
        )

    def _title(self) -> str:
        stays = sum(row.stays for row in self.rows)
        return f"Drop-off by stage, {when(self.window)}: {many(stays, 'stay')}"


def drop_off(population: Population, periods: ReportingPeriods) -> DropOffTable:
    """Count how many stays in each stage converted, dropped off, or still go on."""
    counted = stage_counts(population.histories, periods)
    counts = outcomes(counted.exits, population)
    rows = (
        StageDropOff(
            stage=name,
            status=stage.status,
            stays=counted.entrants[-1, name] + counted.entrants[0, name],
            converted=counts[0, name, "conversion"],
            dropped_off=counts[0, name, "drop_off"],
            left_otherwise=counts[0, name, "other"],
        )
        for name, stage in population.stages.items()
    )
    return DropOffTable(rows=tuple(rows), window=periods.window)
