"""How long customers stay in a stage, and how they leave it."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, overload

import attrs

from lifecycle import _checks
from lifecycle._groups import Groups
from lifecycle._tables import Column, Table, many, percent
from lifecycle.insights._durations import entries
from lifecycle.insights._histories import History, Lasted
from lifecycle.insights._population import Journeys, read
from lifecycle.insights._reporting_periods import ReportingPeriods, reporting_periods
from lifecycle.insights._table_parts import when
from lifecycle.insights.groups import By, over
from lifecycle.metrics.competing_causes import CumulativeIncidence, cumulative_incidence
from lifecycle.metrics.survival_curves import SurvivalCurve, kaplan_meier
from lifecycle.periods import ELAPSED, Window

__all__ = ["TimeInStageRow", "TimeInStageTable", "time_in_stage"]


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


@overload
def time_in_stage(
    journeys: Journeys,
    stage: str,
    *,
    window: Window | None = None,
    unit: Literal["hour", "day", "week"] = "day",
    exits: Literal["kind", "target"] = "kind",
    by: None = None,
) -> TimeInStageTable: ...
@overload
def time_in_stage(
    journeys: Journeys,
    stage: str,
    *,
    window: Window | None = None,
    unit: Literal["hour", "day", "week"] = "day",
    exits: Literal["kind", "target"] = "kind",
    by: By,
) -> Groups[TimeInStageTable]: ...
def time_in_stage(  # noqa: PLR0913  (what is measured, and in which form)
    journeys: Journeys,
    stage: str,
    *,
    window: Window | None = None,
    unit: Literal["hour", "day", "week"] = "day",
    exits: Literal["kind", "target"] = "kind",
    by: By | None = None,
) -> TimeInStageTable | Groups[TimeInStageTable]:
    """Estimate how long customers stay in a stage, and by which kinds of change they leave.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        stage: The name of the stage.
        window: The time to read: stays that begin within it, as they are at its end; all time
            by default.
        unit: The unit of time: "hour", "day" (24 hours) or "week" (168 hours).
        exits: How exits are classified: by the "kind" of the change, such as "lapse", or by
            the "target", the stage that followed.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        The survival curve of the stays, and the competing exits. With `by`, one for each
        group.

    Raises:
        UnknownNameError: The definition has no such stage, or `unit` or `exits` is not
            recognized.
        LifecycleError: As `transition_counts`.

    Convention:
        A stay that goes on at the end of what is known is censored. The mean of the stays that
        have ended is too short, since long ones have not ended yet. One minus the Kaplan-Meier
        curve of each kind would sum to more than 1; these are Aalen and Johansen's shares.
        The first stay of a customer that was enrolled in mid-life is at risk only from the
        last instant that the enrollment tells (late entry): customers who had left the stage
        before were not there to be enrolled.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3, 30), "bob": (5,), "cy": (8, 9, 40)}
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day)) for day in days],
        ...         until=start + timedelta(days=50),
        ...     )
        ...     for name, days in dates.items()
        ... ]
        >>> print(time_in_stage(journeys, "new"))
        Time in stage new, in days, all time: 3 stays
        time  at_risk  left  censored  still_there  exits_progress
           1        3     1         0        66.7%           33.3%
          27        2     1         0        33.3%           66.7%
          45        1     0         1        33.3%           66.7%
    """
    length = ELAPSED[_checks.choice("unit", unit, ELAPSED)]
    population = read(journeys)
    by_target = _checks.choice("exits", exits, ("kind", "target")) == "target"
    name = _checks.choice("stage", stage, population.stages or (stage,))
    periods = reporting_periods(population, None, window)

    def make(histories: Sequence[History]) -> TimeInStageTable:
        stays = [
            row
            for history in histories
            for row in _stays(history, name, periods, by_target=by_target)
        ]
        if not stays:
            return TimeInStageTable(stage=name, unit=unit, curve=None, exits=None, window=window)
        times = [lasted.length / length for lasted, _ in stays]
        kinds = [kind for _, kind in stays]
        late = entries([lasted for lasted, _ in stays], length)
        return TimeInStageTable(
            stage=name,
            unit=unit,
            curve=kaplan_meier(times, [kind is not None for kind in kinds], entry=late),
            exits=cumulative_incidence(times, kinds, entry=late),
            window=window,
        )

    return over(by, population, make)


def _stays(
    history: History, stage: str, periods: ReportingPeriods, *, by_target: bool
) -> list[tuple[Lasted, str | None]]:
    """Return how long each stay in a stage has lasted, and how it ended; None if it goes on."""
    exits = history.stages[1:] if by_target else history.kinds
    found: list[tuple[Lasted, str | None]] = []
    for i, (name, entered) in enumerate(zip(history.stages, history.moments, strict=True)):
        if name == stage and periods.number(entered) is not None:
            lasted = history.lasted(i, periods.end)
            if lasted.is_observed:
                found.append((lasted, exits[i] if lasted.ended else None))
    return found
