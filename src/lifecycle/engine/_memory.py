"""What a customer remembers for the conditions and clocks of its definition."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, NamedTuple, TypeAlias

from lifecycle import _checks
from lifecycle._lengths import Period

__all__ = [
    "Memory",
    "MemoryLayout",
    "Midlife",
    "Origin",
    "StageEntry",
    "Tally",
    "Tie",
    "tie_at",
    "tied",
    "unbound",
]


class Tally(NamedTuple):
    """One thing a customer must remember for a definition's conditions and clocks.

    `kind` is a key of `lifecycle.engine._tallies.KINDS`, `names` are what it counts, in
    their order as text; `within` is a window's length, and `where` which events count. Of a
    measure that can fall, `of` says all of it.
    """

    kind: str
    names: tuple[str, ...]
    since_entry: bool = False
    within: Any = None
    where: Any = None
    of: Any = None


class MemoryLayout(NamedTuple):
    """Which definition a customer belongs to, and what its memory holds, in order."""

    lifecycle: str
    version: int
    tallies: tuple[Tally, ...]


class Midlife(NamedTuple):
    """What was told of a customer that was enrolled in mid-life; as in `Enrollment`.

    Attributes:
        entered: When it entered the stage in which it began; None for when it was enrolled.
        last_activity: Its last activity; None where none was told.
        so_far: What had happened so far, by the name of the event.
        known: The latest of all these instants, in UTC or naive: nothing is dated before it.
    """

    entered: datetime | None
    last_activity: datetime | None
    so_far: Mapping[str, Any]
    known: datetime


class StageEntry(NamedTuple):
    """The entry into a stage, as far as what is remembered depends on it.

    Attributes:
        source: The stage that was left; None where the customer began.
        entered: When that stage was entered.
        at: When it was left.
        elapsed: Whether a dwell time-out was taken, so that no time was left.
        run: The calendar length of the run that a re-entry goes on with; None for none.
    """

    source: str | None
    entered: datetime
    at: datetime
    elapsed: bool = False
    run: Period | None = None


class Origin(NamedTuple):
    """How a customer began, besides its id and when; most customers share one."""

    stage: str
    attributes: Mapping[str, object]
    referred_by: _checks.Id | None
    zone: tzinfo | None = None
    """The zone in which all of the customer's instants are read; None for each in its own."""
    midlife: Midlife | None = None


class Tie(NamedTuple):
    """What must be known of an instant at which more can happen.

    Attributes:
        at: The instant, in UTC or naive; of another one, nothing is known.
        sequence: The sequence of the last event there that has one.
        rested: Whether a deadline at the instant at which the stage was entered has been
            examined and rests; the other fields of a customer do not tell.
        sets: Which attributes the last event there has set, of those that time-outs read;
            these time-outs are examined again.
    """

    at: datetime
    sequence: int | None = None
    rested: bool = False
    sets: tuple[str, ...] = ()


Memory: TypeAlias = tuple[Any, ...]
"""The `MemoryLayout`, then the state of each of its tallies, then a `Tie` where there is one."""


def tie_at(memory: Memory, at: datetime) -> Tie | None:
    """Return what is known of an instant."""
    last = memory[-1]
    return last if type(last) is Tie and last.at == at else None


def tied(memory: Memory, at: datetime, **known: Any) -> Memory:
    """Return the memory with what is now known of an instant, and of no other one."""
    tie = (tie_at(memory, at) or Tie(at))._replace(**known)
    states = memory[:-1] if type(memory[-1]) is Tie else memory
    return states if tie == Tie(at) else (*states, tie)


def unbound(memory: Memory) -> Memory:
    """Return the memory as of no definition: each knows its customers by their `MemoryLayout`."""
    return (MemoryLayout(*memory[0]), *memory[1:])
