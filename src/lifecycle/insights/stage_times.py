"""How long customers stay in a stage, and how they leave it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Literal, NamedTuple

import attrs

from lifecycle import _checks
from lifecycle._tables import Column, Table, many, percent
from lifecycle.insights._durations import entries
from lifecycle.insights._histories import History, Lasted
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import ReportingPeriods
from lifecycle.insights._table_parts import when
from lifecycle.metrics.competing_causes import CumulativeIncidence, cumulative_incidence
from lifecycle.metrics.survival_curves import SurvivalCurve, kaplan_meier
from lifecycle.periods import ELAPSED, Window

__all__ = ["TimeInStageRow", "TimeInStageTable"]


class TimeInStageRow(NamedTuple):
    """The state of the stays after a length of time.

    Attributes:
        time: The length of time, in the unit of the table.
        at_risk: How many stays were at least as long.
        left: How many ended at that time.
        censored: How many go on, and were last observed at that time.
        still_there: The share of customers still in the stage after that time.
        exits: The share that has left by each kind of change, or to each stage, as pairs; with
            `still_there` they sum to 1.
    """

    time: float
    at_risk: float
    left: float
    censored: float
    still_there: float
    exits: tuple[tuple[str, float], ...]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TimeInStageTable(Table[TimeInStageRow]):
    """How long stays in one stage last: a row for each distinct length.

    Attributes:
        stage: The name of the stage.
        unit: The unit of time: "hour", "day" or "week", as elapsed.
        curve: The Kaplan-Meier curve, with intervals, median and restricted mean; None where
            there are no stays.
        exits: The cumulative incidence of each kind of change, or of each next stage, by Aalen
            and Johansen; None where there are no stays.
        window: The time that was read; None for all time.
    """

    _named_by = ("time",)

    stage: str
    unit: str
    curve: SurvivalCurve | None
    exits: CumulativeIncidence | None
    window: Window | None = None

    @property
    def stays(self) -> int:
        """How many stays there are."""
        return 0 if self.curve is None else int(self.curve.n)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of change by which the stage was left, or the stages that followed."""
        return () if self.exits is None else tuple(map(str, self.exits.causes))

    @property
    def median(self) -> float | None:
        """The median time in the stage; None where it is not reached."""
        return None if self.curve is None else self.curve.median()

    @property
    def rows(self) -> tuple[TimeInStageRow, ...]:
        """The rows, by length of time."""
        if self.curve is None or self.exits is None:
            return ()
        curve, exits = self.curve, self.exits
        shares = [exits[kind].incidence for kind in self.kinds]
        columns = zip(
            curve.times,
            curve.at_risk,
            curve.events,
            curve.censored,
            curve.survival,
            zip(*shares, strict=True) if shares else [()] * len(curve.times),
            strict=True,
        )
        return tuple(
            TimeInStageRow(
                time, at_risk, left, censored, still, tuple(zip(self.kinds, out, strict=True))
            )
            for time, at_risk, left, censored, still, out in columns
        )

    def _columns(self) -> Sequence[Column]:
        counts = ("time", "at_risk", "left", "censored")
        still: Any = partial(_field, "still_there")
        return (
            *(Column(name, float, partial(_field, name)) for name in counts),
            Column("still_there", float, still, percent, still),
            *(Column(f"exits_{by}", float, partial(_share, by), percent) for by in self.kinds),
        )

    def _title(self) -> str:
        stays = many(self.stays, "stay")
        return f"Time in stage {self.stage}, in {self.unit}s, {when(self.window)}: {stays}"


def _field(name: str, row: TimeInStageRow) -> Any:
    return getattr(row, name)


def _share(kind: str, row: TimeInStageRow) -> float:
    return dict(row.exits)[kind]


def time_in_stage(
    population: Population,
    periods: ReportingPeriods,
    stage: str,
    *,
    unit: Literal["hour", "day", "week"],
    exits: Literal["kind", "target"],
) -> TimeInStageTable:
    """Estimate how long customers stay in a stage, and by which kinds of change they leave."""
    length = ELAPSED[_checks.choice("unit", unit, ELAPSED)]
    by_target = _checks.choice("exits", exits, ("kind", "target")) == "target"
    name = _checks.choice("stage", stage, population.stages or (stage,))
    stays = [
        stay
        for history in population.histories
        for stay in _stays(history, name, periods, by_target=by_target)
    ]
    curve, incidence = _curves(stays, length) if stays else (None, None)
    return TimeInStageTable(
        stage=name, unit=unit, curve=curve, exits=incidence, window=periods.window
    )


def _curves(
    stays: Sequence[tuple[Lasted, str | None]], unit: timedelta
) -> tuple[SurvivalCurve, CumulativeIncidence]:
    """Return the survival curve of stays, and the incidence of what ended them."""
    times, kinds = [lasted.length / unit for lasted, _ in stays], [kind for _, kind in stays]
    late = entries([lasted for lasted, _ in stays], unit)
    curve = kaplan_meier(times, [kind is not None for kind in kinds], entry=late)
    return curve, cumulative_incidence(times, kinds, entry=late)


def _stays(
    history: History, stage: str, periods: ReportingPeriods, *, by_target: bool
) -> list[tuple[Lasted, str | None]]:
    """Return how long each stay in a stage has lasted, and how it ended; None if it goes on."""
    exits = history.stages[1:] if by_target else history.kinds
    found: list[tuple[Lasted, str | None]] = []
    for i, (name, entered) in enumerate(zip(history.stages, history.moments, strict=True)):
        if name == stage and periods.contain(entered):
            lasted = history.lasted(i, periods.end)
            if lasted.is_observed:
                found.append((lasted, exits[i] if lasted.ended else None))
    return found
