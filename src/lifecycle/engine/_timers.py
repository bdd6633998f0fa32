"""One stage, compiled: the edges that events take, and the timers that run."""

from abc import ABC, abstractmethod
from datetime import MAXYEAR, UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, TypeAlias

from lifecycle import _checks
from lifecycle._lengths import Period, after
from lifecycle.engine._dwelling import AS_ENTERED, StayClock
from lifecycle.engine._evaluation import Test
from lifecycle.engine._falls import Follower
from lifecycle.engine._kinds import Kind
from lifecycle.engine._memory import tie_at, tied
from lifecycle.engine.dates import At
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import Stage
from lifecycle.engine.transitions import Timeout, Transition

if TYPE_CHECKING:
    from lifecycle.engine._tallies import Entering

__all__ = [
    "AnyTimer",
    "DateTimer",
    "DwellTimer",
    "Edge",
    "FallTimer",
    "IdleTimer",
    "Row",
    "Timer",
]


class Row:
    """One stage: what each event may do there, and which time-outs run.

    `timers` are those of its transitions; `clocks` those of its milestones, and then these,
    in the order in which they are taken at one instant. Of `entering`, which counts the entry,
    `restarting` says from where clocks count.
    """

    __slots__ = ("clocks", "entering", "final", "moves", "restarting", "stage", "timers")

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.final = stage.final
        self.moves: dict[str, tuple[Edge, ...]] = {}
        self.timers: tuple[AnyTimer, ...] = ()
        self.clocks: tuple[AnyTimer, ...] = ()
        self.entering: tuple[tuple[int, Entering], ...] = ()
        self.restarting: tuple[tuple[int, Entering], ...] = ()


class Edge:
    """A transition as seen from one stage, or a milestone, which leads back without an entry."""

    __slots__ = (
        "elapsed",
        "enters",
        "kind",
        "milestone",
        "run",
        "target",
        "test",
        "transition",
        "way",
    )

    def __init__(
        self,
        way: Transition | Milestone,
        enters: Row,
        kind: Kind,
        test: Test | None,
    ) -> None:
        timeout = way.after
        self.way = way
        self.transition = way if isinstance(way, Transition) else None
        self.milestone = None if isinstance(way, Transition) else way.name
        self.elapsed = timeout is not None and timeout.clock == "dwell"
        self.run = timeout.run if kind == "renewal" and isinstance(timeout, Timeout) else None
        self.enters = enters
        self.target = enters.stage
        self.kind: Kind = kind
        self.test = test


class _Watcher(ABC):
    """A time-out as seen from one stage: an edge, and the clock that leads to it.

    Attributes:
        edge: The edge.
        watches: The attributes that it reads; an event that sets one has it examined again.
    """

    __slots__ = ("edge", "watches")

    def __init__(self, edge: Edge, watches: frozenset[str]) -> None:
        self.edge = edge
        self.watches = watches

    def is_fresh(self, customer: Any) -> bool:
        """Say whether a deadline that has passed is due now, and does not rest.

        It is where the last event, at the instant up to which the customer is known, has set
        what the time-out reads. One without a condition never rests: who has passed its
        deadline was made so, such as by `attrs.evolve`.
        """
        if self.edge.test is None and self.edge.milestone is None:
            return True
        tie = tie_at(customer._memory, customer.seen)
        return tie is not None and not self.watches.isdisjoint(tie.sets)

    def calm(self, draft: Any) -> None:
        """Let what the last event has made due rest: it has been examined."""
        draft._memory = tied(draft._memory, draft.seen, sets=())

    def later(self, _customer: Any, _at: datetime) -> datetime | None:
        """Return no deadline after one that rests: an event has to start the clock anew."""
        return None

    def passed(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive), also where it rests since before the entry."""
        return self.due(customer, entered)

    @abstractmethod
    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive), not before the entry; None where there is none."""


class Timer(_Watcher):
    """A time-out that counts from entering the stage, or from the last activity."""

    __slots__ = ("dwells", "fixed", "length", "slot")

    def __init__(
        self, edge: Edge, watches: frozenset[str], timeout: Timeout, slot: int | None
    ) -> None:
        super().__init__(edge, watches)
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
            entered: When the customer entered the stage, or up to when it was known at
                enrollment if that is later, in UTC (or naive).
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

    def local(self, customer: Any, at: datetime) -> datetime:
        """Return a deadline in the zone of what it counts from, and one at the entry as that."""
        if at == _checks.utc(customer.entered):
            return customer.entered  # type: ignore[no-any-return]  # a draft has it too
        return _in_zone_of(self.base(customer), at)


class DwellTimer(Timer):
    """A dwell time-out that counts from elsewhere than the entry, or that a pause moves."""

    __slots__ = ("anchor", "dwelling")

    def __init__(
        self, edge: Edge, watches: frozenset[str], timeout: Timeout, dwelling: int | None
    ) -> None:
        super().__init__(edge, watches, timeout, None)
        self.anchor = timeout.anchor
        self.dwelling = dwelling

    def stay(self, customer: Any) -> StayClock:
        """Return from where the dwell clock of the customer's stay counts."""
        found: StayClock = (
            AS_ENTERED.stay if self.dwelling is None else customer._memory[self.dwelling][0]
        )
        return found

    def goes_on(self, stay: StayClock) -> bool:
        """Say whether a stay is part of a run of this length."""
        return self.anchor == "run" and stay.steps > 0 and stay.length == self.length

    def base(self, customer: Any) -> datetime:
        """Return the instant from which the steps are counted, in its own zone."""
        stay = self.stay(customer)
        if self.anchor == "enrolled":
            return customer.enrolled  # type: ignore[no-any-return]  # a draft has it too
        base = stay.anchor if self.goes_on(stay) else stay.since
        return base or customer.entered

    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive), not before the entry.

        A milestone that was due before a pause has been reached, and is not when the stay goes on.
        """
        found = self.passed(customer, entered)
        is_over = found == entered and self.edge.milestone is not None
        return None if is_over and self.stay(customer).since is not None else found

    def passed(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive), also where it rests since before the entry."""
        stay, base, length = self.stay(customer), self.base(customer), self.length
        if not isinstance(length, Period):
            local = length.after(base)
        elif self.anchor == "enrolled":
            local = length.step_after(stay.since or customer.entered, anchor=base)
        else:
            local = after(length, base, stay.steps + 1 if self.goes_on(stay) else 1)
        return None if local is None else moved(_checks.utc(local), stay.stopped, base, entered)


class IdleTimer(Timer):
    """An idle time-out whose clock some stages stop."""

    __slots__ = ("idling",)

    def __init__(
        self,
        edge: Edge,
        watches: frozenset[str],
        timeout: Timeout,
        slot: int | None,
        idling: int,
    ) -> None:
        super().__init__(edge, watches, timeout, slot)
        self.idling = idling

    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive), later by the time the clock stood still."""
        base = self.base(customer)
        at = super().due(customer, _checks.utc(base))
        stopped: timedelta = customer._memory[self.idling].stopped
        return None if at is None else moved(at, stopped, base, entered)


def moved(at: datetime, by: timedelta, base: datetime, entered: datetime) -> datetime | None:
    """Return a deadline so much later, and not before an entry; None where it is past all dates."""
    try:
        at += by
        if at.year == MAXYEAR and base.tzinfo is not None:
            at.astimezone(base.tzinfo)  # which may be past all dates in the zone
    except OverflowError:
        return None
    return max(at, entered)


class DateTimer(_Watcher):
    """A time-out that waits for a date which the customer carries."""

    __slots__ = ("before", "length", "name")

    dwells = False

    def __init__(self, edge: Edge, watches: frozenset[str], date: At) -> None:
        super().__init__(edge, watches)
        self.name = date.attribute
        self.length = date.length
        self.before = date.before

    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the deadline in UTC (or naive); None where there is no date, or past all."""
        date = self._date(customer)
        if date is None or self.length is None:
            return date and max(entered, _checks.utc(date))
        if self.before:
            return max(entered, _checks.utc(self.length.before(date) or customer.entered))
        found = self.length.after(date)
        return found and max(entered, _checks.utc(found))

    def local(self, customer: Any, at: datetime) -> datetime:
        """Return a deadline in the zone of the date."""
        if at == _checks.utc(customer.entered):
            return customer.entered  # type: ignore[no-any-return]  # a draft has it too
        return _in_zone_of(self._date(customer) or at, at)

    def _date(self, customer: Any) -> datetime | None:
        """Return the date, as the zone of the customer writes it."""
        date, zone = customer.attributes.get(self.name), customer._origin.zone
        return date if date is None or zone is None else _in_zone(zone, date)


class FallTimer(_Watcher):
    """A time-out that waits for a measure to fall."""

    __slots__ = ("follower", "length", "slot")

    dwells = False

    def __init__(self, edge: Edge, watches: frozenset[str], fall: Fall, slot: int) -> None:
        super().__init__(edge, watches)
        self.follower = Follower(fall)
        self.length = fall.length
        self.slot = slot

    def due(self, customer: Any, entered: datetime) -> datetime | None:
        """Return the next fall in UTC (or naive), from when the stage was entered on."""
        at = self.follower.due(customer._memory[self.slot], _checks.utc(customer.entered))
        return entered if at is not None and at < entered else at

    def later(self, customer: Any, at: datetime) -> datetime | None:
        """Return the next fall after one that rests: the measure has risen meanwhile."""
        return self.follower.later(customer._memory[self.slot], at)

    def is_fresh(self, customer: Any) -> bool:
        """Say so too where the measure fell with the last event."""
        return customer._memory[self.slot].fresh or super().is_fresh(customer)

    def calm(self, draft: Any) -> None:
        """Let the fall by the last event rest too."""
        super().calm(draft)
        memory = list(draft._memory)
        memory[self.slot] = memory[self.slot]._replace(fresh=False)
        draft._memory = tuple(memory)

    def local(self, customer: Any, at: datetime) -> datetime:
        """Return a deadline in the zone of the last event that the measure counts."""
        return _in_zone_of(customer._memory[self.slot].last, at)


AnyTimer: TypeAlias = Timer | DateTimer | FallTimer
"""A time-out of any clock, as seen from one stage."""


def _in_zone_of(base: datetime, at: datetime) -> datetime:
    """Return an instant in the zone of another."""
    return at if base.tzinfo is at.tzinfo else _in_zone(base.tzinfo, at)


def _in_zone(zone: tzinfo | None, at: datetime) -> datetime:
    """Return an instant in a zone; as it is where that zone has no date for it."""
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at
