"""One stage, compiled: the edges that events take, and the timers that run."""

from bisect import bisect_left, bisect_right
from datetime import MAXYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lifecycle import _checks
from lifecycle.engine._evaluation import Test
from lifecycle.engine._kinds import Kind
from lifecycle.engine.falls import Fall
from lifecycle.engine.stages import Stage
from lifecycle.engine.transitions import Timeout, Transition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifecycle.engine._tallies import Entering

__all__ = ["Edge", "FallTimer", "Row", "Timer"]


class Row:
    """One stage: what each event may do there, and which time-outs run."""

    __slots__ = ("entering", "final", "moves", "stage", "timers")

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.final = stage.final
        self.moves: dict[str, tuple[Edge, ...]] = {}
        self.timers: tuple[Timer | FallTimer, ...] = ()
        self.entering: tuple[tuple[int, Entering], ...] = ()


class Edge:
    """A transition as seen from one stage."""

    __slots__ = ("enters", "kind", "target", "test", "transition")

    def __init__(self, transition: Transition, enters: Row, kind: Kind, test: Test | None) -> None:
        self.transition = transition
        self.enters = enters
        self.target = enters.stage
        self.kind: Kind = kind
        self.test = test


class Timer:
    """A time-out as seen from one stage: an edge, and the clock that leads to it."""

    __slots__ = ("dwells", "edge", "fixed", "length", "slot")

    def __init__(self, edge: Edge, timeout: Timeout, slot: int | None) -> None:
        self.edge = edge
        self.dwells = timeout.clock == "dwell"
        self.length = timeout.length
        self.fixed: timedelta | None = getattr(timeout.length, "length", None)
        self.slot = slot

    def base(self, customer: Any) -> datetime:
        """Return the instant from which the clock counts, in its own zone."""
        if self.dwells:
            return customer.entered  # type: ignore[no-any-return]  # a draft has it too
        last = customer.last_activity if self.slot is None else customer._memory[self.slot]
        return customer.enrolled if last is None else last  # type: ignore[no-any-return]  # a draft has it too

    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive), None where it is past all dates.

        Args:
            customer: Whose deadline.
            entered: When the customer entered the stage, in UTC (or naive).
        """
        base = self.base(customer)
        if self.fixed is None:
            local = self.length.after(base)
            if local is None:
                return None
            at = _checks.utc(local)
        else:
            zone = base.tzinfo
            try:
                at = (base if zone is UTC or zone is None else base.astimezone(UTC)) + self.fixed
                if at.year == MAXYEAR and zone is not None:
                    at.astimezone(zone)  # which may be past all dates in the zone
            except OverflowError:
                return None
        return entered if at < entered else at  # noqa: FURB136  (`max` takes three times as long)

    def later(self, _customer: Any, _at: datetime) -> None:
        """Return no deadline after one that rests: an event has to start the clock anew."""

    def is_fresh(self, _customer: Any) -> bool:
        """Say whether it can be due with an event that has just happened."""
        return False

    def local(self, customer: Any, at: datetime) -> datetime:
        """Return a deadline in the zone from which it was counted."""
        if not self.dwells and at == _checks.utc(customer.entered):
            return customer.entered  # type: ignore[no-any-return]  # a draft has it too
        zone = self.base(customer).tzinfo
        return at if at.tzinfo is zone else at.astimezone(zone)


class FallTimer:
    """A time-out that waits for a measure to fall, as seen from one stage."""

    __slots__ = ("edge", "length", "slot")

    dwells = False

    def __init__(self, edge: Edge, fall: Fall, slot: int) -> None:
        self.edge = edge
        self.length = fall.length
        self.slot = slot

    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the next fall in UTC (or naive), from when the stage was entered on."""
        falls: Sequence[datetime] = customer._memory[self.slot].falls
        return next(iter(falls[bisect_left(falls, entered) :]), None) if falls else None

    def later(self, customer: Any, at: datetime) -> datetime | None:
        """Return the next fall after one that rests: the measure has risen meanwhile."""
        falls: Sequence[datetime] = customer._memory[self.slot].falls
        return next(iter(falls[bisect_right(falls, at) :]), None) if falls else None

    def is_fresh(self, customer: Any) -> bool:
        """Say whether the measure fell with the last event, and no deadline was examined since."""
        return customer._memory[self.slot].fresh  # type: ignore[no-any-return]  # a draft has it too

    def local(self, customer: Any, at: datetime) -> datetime:
        """Return a deadline in the zone of the last event that the measure counts."""
        zone = customer._memory[self.slot].last.tzinfo
        return at if at.tzinfo is zone else at.astimezone(zone)
