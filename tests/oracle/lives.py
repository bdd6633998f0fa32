"""The life of one customer: all that happened to it, in order, and nothing worked out.

What anyone asks of it is read from the whole of it each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

from lifecycle import Event
from oracle.times import elapsed, latest


class Entered(NamedTuple):
    """The customer entered a stage."""

    at: datetime
    stage: str
    stops: tuple[str, ...] = ()
    way: Any = None  # the transition that led in, None at enrollment and by migration
    cause: str = ""


class Happened(NamedTuple):
    """An event was counted."""

    event: Event


class Recalled(NamedTuple):
    """An event from before the enrollment, counted already, to which windows look back."""

    event: Event


class Examined(NamedTuple):
    """A time-out came to its deadline and was examined; of a milestone, perhaps reached."""

    timer: tuple[str, int]
    at: datetime
    reached: bool = False


class Migrated(NamedTuple):
    """The customer went on in the same stage, under another definition."""

    at: datetime
    stops: tuple[str, ...] = ()


Fact = Entered | Happened | Recalled | Examined | Migrated


class Begun(NamedTuple):
    """How the customer began."""

    enrolled: datetime
    attributes: Mapping[str, object] = MappingProxyType({})
    last_activity: datetime | None = None
    so_far: Mapping[str, Any] = MappingProxyType({})  # a SoFar by name of event
    zone: tzinfo | None = None


class Stay(NamedTuple):
    """One stay: since when, how it began, and where in the life."""

    stage: str
    entered: datetime
    place: int
    way: Any
    cause: str


class Segment(NamedTuple):
    """A part of a stay in which the same clocks stood still; `left` is None in the last."""

    stay: int
    stops: tuple[str, ...]
    start: datetime
    left: datetime | None


@dataclass(frozen=True)
class State:
    """All there is to know of one customer."""

    begun: Begun
    life: tuple[Fact | None, ...]  # None where an event is thought away

    def __add__(self, fact: Fact) -> "State":
        return replace(self, life=(*self.life, fact))

    def of(self, kind: Any) -> list[tuple[int, Any]]:
        """List the facts of one kind, with their place in the life."""
        return [(place, fact) for place, fact in enumerate(self.life) if isinstance(fact, kind)]

    @cached_property
    def stays(self) -> list[Stay]:
        """All stays in order; a migration that goes on is none."""
        return [
            Stay(fact.stage, fact.at, place, fact.way, fact.cause)
            for place, fact in self.of(Entered)
        ]

    @property
    def stage(self) -> str:
        """Where the customer is."""
        return self.stays[-1].stage

    @property
    def entered(self) -> datetime:
        """Since when it is there."""
        return self.stays[-1].entered

    @property
    def enrolled(self) -> datetime:
        """When it was enrolled."""
        return self.begun.enrolled

    @property
    def known(self) -> datetime:
        """Up to when all was known when it was enrolled; nothing is due before."""
        begun = self.begun
        lasts = [so_far.last for so_far in begun.so_far.values()] + [begun.last_activity]
        told = [at for at in lasts if at is not None]
        told += [fact.event.at for _, fact in self.of(Recalled)]
        return latest(self.stays[0].entered, self.enrolled, *told)

    @property
    def migrated(self) -> list[datetime]:
        """When it went on under other definitions; what these have due before is due then."""
        return [fact.at for _, fact in self.of(Migrated)]

    @property
    def seen(self) -> datetime:
        """The latest of what is known of the customer (12)."""
        reached = [fact.at for _, fact in self.of(Examined) if fact.reached]
        told = [self.entered, *(event.at for event in self.past[-1:]), *self.migrated, *reached]
        return latest(self.known, *told)

    @property
    def recent(self) -> list[Event]:
        """The events from before the enrollment that windows look back to."""
        return [fact.event for _, fact in self.of(Recalled)]

    @cached_property
    def past(self) -> list[Event]:
        """All events since the enrollment."""
        return [fact.event for _, fact in self.of(Happened)]

    @property
    def visits(self) -> list[Stay]:
        """The stays that came of what happened, and not of another definition."""
        return [stay for stay in self.stays if stay.cause != "migration"]

    def stay_of(self, place: int) -> int:
        """Number the stay in which a fact lies."""
        return sum(stay.place <= place for stay in self.stays) - 1

    @property
    def present(self) -> list[Event]:
        """The events of the present stay."""
        return [f.event for place, f in self.of(Happened) if place > self.stays[-1].place]

    @property
    def attributes(self) -> dict[str, object]:
        """What it was enrolled with, and what events have set since."""
        found = dict(self.begun.attributes)
        for event in self.past:
            found |= event.sets or {}
        return found

    @cached_property
    def segments(self) -> list[Segment]:
        """Cut the stays where a migration changed what stands still."""
        facts = [fact for _, fact in self.of((Entered, Migrated))]
        ends = [fact.at for fact in facts[1:]] + [None]
        found, stay = [], -1
        for fact, end in zip(facts, ends, strict=True):
            stay += isinstance(fact, Entered)
            found.append(Segment(stay, fact.stops, fact.at, end))
        return found

    def before(self, number: int) -> "State":
        """Give the customer with only its first events, recent ones included, where it is now."""
        gone = {place for place, _ in self.of((Recalled, Happened))[number:]}
        left = (None if place in gone else fact for place, fact in enumerate(self.life))
        return replace(self, life=tuple(left))


def stopped(state: State, clock: str, since: datetime) -> timedelta:
    """Add up how long a clock stood still since an instant, in the stays before this one."""
    last = len(state.stays) - 1
    return sum(
        (
            max(elapsed(latest(part.start, since), part.left), timedelta())
            for part in state.segments
            if clock in part.stops and part.stay < last
        ),
        timedelta(),
    )


def resumed(state: State, number: int) -> int | None:
    """Give the stay that one goes on with after a pause of `dwell`.

    A stay that such a time-out ended has no time left, and the next one is entered anew.
    """
    stays = state.stays
    before = number - 1
    while before >= 0 and stays[before].stage != stays[number].stage and halts(state, before):
        before -= 1
    is_same = 0 <= before < number - 1 and stays[before].stage == stays[number].stage
    return before if is_same and not ran_out(stays[before + 1]) else None


def ran_out(following: Stay) -> bool:
    """Say whether a stay began as another one came to its length."""
    return following.cause == "timeout" and following.way.after.clock == "dwell"


def halts(state: State, number: int) -> bool:
    """Say whether `dwell` of other stages stood still in all of a stay."""
    return all("dwell" in part.stops for part in state.segments if part.stay == number)


def parts_of(state: State, number: int) -> list[int]:
    """Give the stays that are one but for pauses, up to this one, the first of them last."""
    found = [number]
    while (before := resumed(state, found[-1])) is not None:
        found.append(before)
    return found


def paused(state: State, number: int) -> timedelta:
    """Give how long a stay was paused: the time between the parts that it has."""
    parts = parts_of(state, number)
    stays = state.stays
    return sum(
        (elapsed(stays[one + 1].entered, stays[other].entered) for other, one in pairwise(parts)),
        timedelta(),
    )


def zoned(event: Event, zone: tzinfo | None) -> Event:
    """Read an event in the customer's zone."""
    if zone is None:
        return event
    told = {name: getattr(event, name) for name in ("value", "id", "attributes", "sets")}
    return Event(event.name, event.at.astimezone(zone), **told, sequence=event.sequence)
