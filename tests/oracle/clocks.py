"""What becomes of each time-out of a stage, as things stand."""

from datetime import datetime
from typing import NamedTuple

from lifecycle import Lifecycle
from oracle.deadlines import Due, deadlines, due_of
from oracle.lives import State
from oracle.readings import holds
from oracle.steps import Change, due
from oracle.times import earliest
from oracle.ways import Timer, is_stopped, stage_of, timers


class Clock(NamedTuple):
    """A time-out, its deadline if it has one, and what becomes of it."""

    timer: Timer
    at: datetime | None
    state: str


def clocks(lifecycle: Lifecycle, state: State) -> list[Clock]:
    """Say of each time-out that reaches the stage whether it is taken, and if not why."""
    if stage_of(lifecycle, state.stage).final:
        return []
    taken = due(lifecycle, state)
    return [clock(lifecycle, state, timer, taken) for timer in timers(lifecycle, state.stage)]


def clock(lifecycle: Lifecycle, state: State, timer: Timer, taken: Change | None) -> Clock:
    """Say what becomes of one time-out."""
    if is_stopped(lifecycle, state.stage, timer):
        return Clock(timer, None, "stopped")
    if timer.silenced is not None:
        return Clock(timer, None, "silenced")
    if taken is not None and timer.key in {
        ("transition", taken.transition),
        ("milestone", reminder(lifecycle, taken)),
    }:
        return Clock(timer, taken.at, "taken")
    ahead = due_of(lifecycle, state, timer)
    if ahead is not None:
        return Clock(timer, ahead.at, "later" if is_met(state, ahead) else "rests")
    passed = earliest(deadlines(lifecycle, state, timer.after))
    return Clock(timer, passed, "none" if passed is None else "rests")


def reminder(lifecycle: Lifecycle, taken: Change) -> int | None:
    """Give the place of the milestone that is reached next, if it is one."""
    names = [milestone.name for milestone in getattr(lifecycle, "milestones", ())]
    return None if taken.milestone is None else names.index(taken.milestone)


def is_met(state: State, ahead: Due) -> bool:
    return holds(ahead.timer.way.when, state, None, ahead.at)
