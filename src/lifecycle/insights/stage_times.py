"""How long customers stay in a stage, and how they leave it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Literal, NamedTuple, overload

import attrs

from lifecycle import _checks
from lifecycle._tables import Column, Table, percent
from lifecycle.insights._courses import Course
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._periods import Periods, periods
from lifecycle.insights._stays import Journeys, read
from lifecycle.metrics.competing_causes import CumulativeIncidence, cumulative_incidence
from lifecycle.metrics.survival_curves import SurvivalCurve, kaplan_meier
from lifecycle.periods import ELAPSED, Window

__all__ = ["TimeInStage", "TimeRow", "time_in_stage"]


class TimeRow(NamedTuple):
    """What had become of the stays after a length of time.

    Attributes:
        time: The length of time, in the unit of the table.
        at_risk: How many stays were as long at least.
        left: How many ended after just that time.
        censored: How many were last seen at that age, and go on.
        still_there: The share of customers still in the stage after that time.
        exits: The share that has left it by each kind of change, or for each stage, as
            pairs; with `still_there` they sum to 1.
    """

    time: float
    at_risk: float
    left: float
    censored: float
    still_there: float
    exits: tuple[tuple[str, float], ...]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TimeInStage(Table[TimeRow]):
    """How long stays in one stage last: a row for every distinct length.

    Attributes:
        stage: The name of the stage.
        unit: The unit of time: "hour", "day" or "week", as elapsed.
        curve: The Kaplan-Meier curve, with intervals, median and restricted mean; None where
            there are no stays.
        exits: The share that has left by each kind of change, or for each stage, by Aalen and
            Johansen; None where there are no stays.
    """

    _named_by = ("time",)

    stage: str
    unit: str
    curve: SurvivalCurve | None
    exits: CumulativeIncidence | None

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
        """The time after which half have left; None where it is not reached."""
        return None if self.curve is None else self.curve.median()

    @property
    def rows(self) -> tuple[TimeRow, ...]:
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
            TimeRow(time, at_risk, left, censored, still, tuple(zip(self.kinds, out, strict=True)))
            for time, at_risk, left, censored, still, out in columns
        )

    def _columns(self) -> Sequence[Column]:
        counts = ("time", "at_risk", "left", "censored")
        still: Any = partial(_field, "still_there")
        return (
            *(Column(name, partial(_field, name)) for name in counts),
            Column("still_there", still, percent, still),
            *(Column(f"exits_{kind}", partial(_share, kind), percent) for kind in self.kinds),
        )

    def _title(self) -> str:
        stays = "1 stay" if self.stays == 1 else f"{self.stays:,} stays"
        return f"Time in {self.stage!r}, in {self.unit}s: {stays}"


def _field(name: str, row: TimeRow) -> Any:
    return getattr(row, name)


def _share(kind: str, row: TimeRow) -> float:
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
) -> TimeInStage: ...
@overload
def time_in_stage(
    journeys: Journeys,
    stage: str,
    *,
    window: Window | None = None,
    unit: Literal["hour", "day", "week"] = "day",
    exits: Literal["kind", "target"] = "kind",
    by: By,
) -> Groups[TimeInStage]: ...
def time_in_stage(  # noqa: PLR0913  (what is looked at, and how it is told)
    journeys: Journeys,
    stage: str,
    *,
    window: Window | None = None,
    unit: Literal["hour", "day", "week"] = "day",
    exits: Literal["kind", "target"] = "kind",
    by: By | None = None,
) -> TimeInStage | Groups[TimeInStage]:
    """Say how long customers stay in a stage, and by which kinds of change they leave it.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        stage: The name of the stage.
        window: The time to look at: stays that begin within it, as they stand at its end; all
            the time by default.
        unit: The unit of time: "hour", "day" (24 hours) or "week" (168 hours).
        exits: What tells exits apart: the "kind" of the change, such as "lapse", or the
            "target", the stage that followed.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        The survival curve of the stays, and the competing exits. With `by`, one for each
        group.

    Raises:
        UnknownNameError: The definition has no such stage, or `unit` or `exits` is none of
            those known.
        LifecycleError: As `transition_counts`.

    Convention:
        A stay that still goes on where nothing more is known is censored: it counts for as
        long as it was seen. The mean of the stays that have ended is too short, since the
        long ones have not. One less the Kaplan-Meier curve of each kind by itself would sum
        to more than 1; the shares here are Aalen and Johansen's.

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
        Time in 'new', in days: 3 stays
        time  at_risk  left  censored  still_there  exits_progress
           1        3     1         0        66.7%           33.3%
          27        2     1         0        33.3%           66.7%
          45        1     0         1        33.3%           66.7%
    """
    length = ELAPSED[_checks.choice("unit", unit, ELAPSED)]
    book = read(journeys)
    ways = _checks.choice("exits", exits, ("kind", "target"))
    name = _checks.choice("stage", stage, book.stages or (stage,))
    spans = periods(book, None, window)

    def make(courses: Sequence[Course]) -> TimeInStage:
        stays = [row for course in courses for row in _stays(course, name, spans, ways)]
        if not stays:
            return TimeInStage(stage=name, unit=unit, curve=None, exits=None)
        times = [lasted / length for lasted, _ in stays]
        kinds = [kind for _, kind in stays]
        return TimeInStage(
            stage=name,
            unit=unit,
            curve=kaplan_meier(times, [kind is not None for kind in kinds]),
            exits=cumulative_incidence(times, kinds),
        )

    return over(by, book, make)


def _stays(
    course: Course, stage: str, spans: Periods, ways: str
) -> list[tuple[timedelta, str | None]]:
    """Return how long each stay in a stage has lasted, and by which way it ended."""
    exits = course.kinds if ways == "kind" else course.stages[1:]
    found: list[tuple[timedelta, str | None]] = []
    for i, (name, entered) in enumerate(zip(course.stages, course.moments, strict=True)):
        if name == stage and spans.number(entered) is not None:
            left = course.left(i)
            if left is not None and left < spans.end:
                found.append((left - entered, exits[i]))
            else:
                found.append((course.known(spans.end) - entered, None))
    return found
