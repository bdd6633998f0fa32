"""What a customer remembers of clocks that can stop, and of renewals that keep their day.

The plain clocks need none of this: `dwell` counts from `entered`, `idle` from an event. A
definition that has stages which stop a clock, or renewals by calendar lengths, remembers
what these instants do not tell.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from lifecycle import _checks
from lifecycle._lengths import Period
from lifecycle.engine._memory import StageEntry
from lifecycle.engine.stages import Stage

__all__ = [
    "AS_ENTERED",
    "RUNNING",
    "Dwelling",
    "Idling",
    "Left",
    "StayClock",
    "dwelling",
    "dwelling_on",
    "idling",
    "idling_on",
]

_NONE = timedelta()


class StayClock(NamedTuple):
    """From where the dwell clock of a stay counts.

    Attributes:
        since: The entry from which it counts, where a pause came after that; None where it
            is the entry into the stage.
        stopped: How long it has stood still since then.
        length: The months of the run that the stay is part of; None where it begins one.
        anchor: The first entry of that run.
        steps: How many of these months lie between the two entries.
    """

    since: datetime | None = None
    stopped: timedelta = _NONE
    length: Period | None = None
    anchor: datetime | None = None
    steps: int = 0


class Left(NamedTuple):
    """A stay that was left for a pause, and goes on if the customer comes back from it.

    Attributes:
        stage: The stage.
        at: When it was left, in UTC or naive.
        stay: From where its clock counts; `since` is known.
    """

    stage: str
    at: datetime
    stay: StayClock


class Dwelling(NamedTuple):
    """The dwell clocks of a customer: of this stay, and of those that can go on."""

    stay: StayClock = StayClock()
    left: tuple[Left, ...] = ()


class Idling(NamedTuple):
    """How long an idle clock has stood still since its last event.

    Attributes:
        since: Since when it has been standing still, in UTC or naive; None where it runs.
        stopped: For how long it stood still before.
    """

    since: datetime | None = None
    stopped: timedelta = _NONE


AS_ENTERED, RUNNING = Dwelling(), Idling()
"""The states of clocks that count from where they always do."""


def dwelling(stage: Stage) -> Callable[[Dwelling, StageEntry], Dwelling]:
    """Return what the entry into a stage makes of the dwell clocks.

    A stay goes on where only stages that stop the clock came between. One that a dwell
    time-out has ended has no time left.
    """
    stops, name = "dwell" in stage.stops, stage.name

    def update(state: Dwelling, entry: StageEntry) -> Dwelling:
        left = state.left
        if entry.source not in {None, name} and not entry.elapsed:
            stay = state.stay._replace(since=state.stay.since or entry.entered)
            left = (*left, Left(str(entry.source), _checks.utc(entry.at), stay))
        came = next((one for one in reversed(left) if one.stage == name), None)
        stay = _renewed(state.stay, entry) if came is None else _resumed(came, entry)
        kept = tuple(one for one in left if one.stage != name) if stops else ()
        return Dwelling(stay, kept) if kept or stay is not AS_ENTERED.stay else AS_ENTERED

    return update


def _renewed(stay: StayClock, entry: StageEntry) -> StayClock:
    """Return the stay that follows another one in the same stage, or that begins anew."""
    if entry.run is None or stay.stopped:
        return AS_ENTERED.stay
    if stay.length == entry.run:
        return StayClock(length=entry.run, anchor=stay.anchor, steps=stay.steps + 1)
    return StayClock(length=entry.run, anchor=stay.since or entry.entered, steps=1)


def _resumed(left: Left, entry: StageEntry) -> StayClock:
    return left.stay._replace(stopped=left.stay.stopped + (_checks.utc(entry.at) - left.at))


def renamed(state: Dwelling, stages: Mapping[str, str]) -> Dwelling:
    """Return the dwell clocks under the new names of stages."""
    left = (one._replace(stage=stages.get(one.stage, one.stage)) for one in state.left)
    return state._replace(left=tuple(left))


def idling(stage: Stage) -> Callable[[Idling, StageEntry], Idling]:
    """Return what the entry into a stage makes of an idle clock."""
    stops = "idle" in stage.stops

    def update(state: Idling, entry: StageEntry) -> Idling:
        at, stopped = _checks.utc(entry.at), state.stopped
        if state.since is not None:
            stopped += at - state.since
        return Idling(at if stops else None, stopped) if stops or stopped else RUNNING

    return update


def restarted(state: Idling, at: datetime) -> Idling:
    """Return the clock that an event starts anew; in a pause, it stands still from then on."""
    return RUNNING if state.since is None else Idling(_checks.utc(at))


def dwelling_on(state: Dwelling, stage: Stage, _instant: datetime) -> Dwelling:
    """Return the dwell clocks of a stay that goes on in a stage of another definition."""
    return state if "dwell" in stage.stops else state._replace(left=())


def idling_on(state: Idling, stage: Stage, instant: datetime) -> Idling:
    """Return an idle clock in such a stay; it begins or ends to stand still with the migration."""
    if ("idle" in stage.stops) == (state.since is not None):
        return state
    return idling(stage)(state, StageEntry(stage.name, instant, instant))
