"""Ways out of a stage: levels, groups and silencing (8, 9, 12)."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from lifecycle import ANY, Lifecycle, Stage
from oracle.readings import named


def stage_of(lifecycle: Lifecycle, name: str) -> Stage:
    return next(stage for stage in lifecycle.stages if stage.name == name)


def stops(lifecycle: Lifecycle, name: str) -> tuple[str, ...]:
    """List the clocks of other stages that stand still in a stage."""
    return named(getattr(stage_of(lifecycle, name), "stops", ()))


def known_names(lifecycle: Lifecycle) -> list[str]:
    """List the event names in the order in which the definition first names them (12, 14)."""
    found = [transition.on for transition in lifecycle.transitions if transition.on is not None]
    return list(dict.fromkeys([*found, *(lifecycle.activity or ()), *lifecycle.events]))


def activity_names(lifecycle: Lifecycle) -> list[str]:
    """List the event names that count as activity (5)."""
    return known_names(lifecycle) if lifecycle.activity is None else list(lifecycle.activity)


def nearness(source: Any, target: str | None, stage: Stage) -> int | None:
    """Say how near one source is to a stage: by name, by status, by ANY, or not at all."""
    if type(source) is str:
        return 0 if source == stage.name else None
    if stage.final or target == stage.name:
        return None
    if source is ANY:
        return 2
    return 1 if source is stage.status else None


def level(sources: Iterable[Any], target: str | None, stage: Stage) -> int | None:
    """Give the nearest level at which sources reach a stage."""
    found = [nearness(source, target, stage) for source in sources]
    return min((near for near in found if near is not None), default=None)


def ways_out(stage: Stage, transitions: Iterable[Any]) -> list[tuple[int, int, Any]]:
    """List (level, place, transition) of a stage, nearest first, then as declared."""
    found = (
        (level(way.sources, way.target, stage), place, way) for place, way in enumerate(transitions)
    )
    return sorted((near, place, way) for near, place, way in found if near is not None)


class Timer(NamedTuple):
    """A time-out that reaches a stage: which it is, how near, and what it is of."""

    key: tuple[str, int]
    level: int
    way: Any  # a transition or a milestone
    silenced: Any = None  # the nearer transition that reads the same clock

    @property
    def after(self) -> Any:
        """What it waits for."""
        return self.way.after


def clock(timeout: Any) -> tuple[object, ...]:
    """Say which clock a time-out reads; silencing asks whether two are the same (8)."""
    if timeout.clock in {"falls", "at"}:
        return (timeout.clock, repr(timeout.measure))
    return (timeout.clock, frozenset(named(timeout.event)), repr(timeout.where))


def timers(lifecycle: Lifecycle, name: str) -> list[Timer]:
    """List what waits in a stage in the order of one instant: milestones, nearest, as declared."""
    stage = stage_of(lifecycle, name)
    reminders = [
        Timer(("milestone", place), near, milestone)
        for place, milestone in enumerate(getattr(lifecycle, "milestones", ()))
        if (near := level(sources_of(milestone), None, stage)) is not None
    ]
    ways = [found for found in ways_out(stage, lifecycle.transitions) if found[2].after is not None]
    return reminders + [
        Timer(("transition", place), near, way, silencer(ways, near, way))
        for near, place, way in ways
    ]


def sources_of(milestone: Any) -> tuple[Any, ...]:
    return milestone.stage if type(milestone.stage) is tuple else (milestone.stage,)


def silencer(ways: Iterable[tuple[int, int, Any]], near: int, way: Any) -> Any:
    """Give the nearest transition that silences one."""
    rivals = [(other, place, rival) for other, place, rival in ways if other < near]
    same = [rival for *_, rival in rivals if clock(rival.after) == clock(way.after)]
    return same[0] if same else None


def is_stopped(lifecycle: Lifecycle, name: str, timer: Timer) -> bool:
    """Say whether a pause stops a time-out that reaches its stage with others."""
    return timer.level > 0 and timer.after.clock in stops(lifecycle, name)


def running(lifecycle: Lifecycle, name: str) -> list[Timer]:
    """List the time-outs of a stage that no nearer level silences and no pause stops."""
    return [
        timer
        for timer in timers(lifecycle, name)
        if timer.silenced is None and not is_stopped(lifecycle, name, timer)
    ]
