"""Strategies for many customers of one definition, and periods to count them by."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import settings
from hypothesis import strategies as st

from lifecycle import Calendar, CustomerBase, Journey, Lifecycle, Stage, StageChange, Window
from strategies import SETS, ZONES, Clock, clocks, lifecycles, logs


def moves_of(journey: Journey) -> list[StageChange]:
    """Give the changes by which a stage was entered; a milestone is none."""
    return [change for change in journey.changes if change.is_move]


few = settings(max_examples=25)
"""A crowd says as much as many customers one by one, and takes as long to draw."""


class Crowd(NamedTuple):
    """Customers of one definition, and what to ask of them."""

    lifecycle: Lifecycle
    journeys: tuple[Journey, ...]
    calendar: Calendar
    window: Window

    @property
    def base(self) -> CustomerBase:
        """Give the base of the customers."""
        return CustomerBase(self.journeys)

    @property
    def asked(self) -> dict[str, Any]:
        """Give the periods, as `CustomerBase.over` takes them."""
        return {"calendar": self.calendar, "window": self.window}

    @property
    def stages(self) -> dict[str, Stage]:
        """Give the stages by name."""
        return {stage.name: stage for stage in self.lifecycle.stages}

    @property
    def bounds(self) -> list[datetime]:
        """Give the start of each period, and of the one after the last."""
        first, end = self.calendar.index(self.window.start), self.end
        found = [self.calendar.start(first)]
        while found[-1] < end:
            found.append(self.calendar.start(first + len(found)))
        return [bound.astimezone(UTC) for bound in found]

    @property
    def end(self) -> datetime:
        """Give the end of the window in UTC."""
        return self.moment(self.window.end)

    def moment(self, at: datetime) -> datetime:
        """Give the instant in UTC; a naive one is a local time of the calendar."""
        return (at.replace(tzinfo=self.calendar.tz) if at.tzinfo is None else at).astimezone(UTC)

    def until(self, journey: Journey) -> datetime:
        """Give the instant up to which a customer is known."""
        events = journey.events
        last = journey.until or (events[-1].at if events else journey.customer.enrolled)
        return self.moment(last)

    def stays(self, journey: Journey) -> Iterator[tuple[str, datetime, datetime | None]]:
        """Give the stays of a customer in UTC."""
        for stay in journey.stays:
            left = None if stay.left is None else self.moment(stay.left)
            yield stay.stage, self.moment(stay.entered), left

    def stage_at(self, journey: Journey, at: datetime) -> str | None:
        """Give the stage of a customer, the last of those entered by then."""
        entered = [stage for stage, since, _ in self.stays(journey) if since <= at]
        return entered[-1] if entered and at <= self.until(journey) else None


@st.composite
def crowds(draw: st.DrawFn) -> Crowd:
    """Draw up to six customers of one definition, some known longer than others."""
    clock = draw(clocks())
    lifecycle = draw(lifecycles(clock.pace))
    together = draw(st.sampled_from((None, *st_untils(clock))))
    stages = [stage.name for stage in lifecycle.stages if not stage.final]
    journeys = []
    for number in range(draw(st.integers(0, 5))):
        log = draw(logs(clock, named=False))
        own = draw(st.booleans())
        until = None if together is None or own else max(together, log[0].at)
        journeys.append(
            lifecycle.replay(
                f"c{number}",
                log,
                until=until,
                since=draw(st.sampled_from((None, clock.start))),
                stage=draw(st.sampled_from((None, None, *stages))),
                attributes=draw(st.sampled_from((None, *SETS))),
            )
        )
    calendar, window = draw(periods(clock))
    return Crowd(lifecycle, tuple(journeys), calendar, window)


def st_untils(clock: Clock) -> list[datetime]:
    days = (1, 3, 14) if clock.pace == "hours" else (14, 60, 200)
    return [clock.start + timedelta(days=each) for each in days]


@st.composite
def periods(draw: st.DrawFn, clock: Clock) -> tuple[Calendar, Window]:
    """Draw a calendar, and a window of it that begins around the start of the clock."""
    is_naive = clock.start.tzinfo is None
    grains = ("hour", "day") if clock.pace == "hours" else ("day", "week", "month")
    grain = draw(st.sampled_from(grains))
    zones = ZONES[:1] if is_naive else ZONES  # local times that never come twice
    calendar = Calendar(grain, zone=draw(st.sampled_from(zones)))
    first = calendar.index(clock.start) + draw(st.integers(-2, 3))
    start, end = (calendar.start(first + more) for more in (0, draw(st.integers(1, 12))))
    short = draw(st.sampled_from((0, 0, 1, 29, 45)))
    end = (end.astimezone(UTC) - timedelta(minutes=short)).astimezone(calendar.tz)
    if is_naive:
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return calendar, Window(start, end)
