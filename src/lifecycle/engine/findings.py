"""What is legal in a definition, and odd.

Each rule is a function that yields findings of one code; `RULES` lists them. What is
wrong is no finding: `soundness.py` refuses it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

import attrs

from lifecycle._values import call
from lifecycle.engine.conditions import is_data
from lifecycle.engine.stages import Status
from lifecycle.engine.tables import Parts, choices, clock_of, expand, sounding
from lifecycle.periods import Period, Until

__all__ = ["RULES", "Finding", "findings"]


@attrs.frozen(repr=False, weakref_slot=False)
class Finding:
    """Something in a definition that is legal and odd.

    Attributes:
        code: What kind of thing it is, for a filter: see the table of codes.
        message: What is odd, and what would cure it.
        where: The part of the definition: `stages[2]`, `transitions[5]`.
    """

    code: str
    message: str
    where: str

    def __repr__(self) -> str:
        return call(self, "code", "message", "where")

    def __str__(self) -> str:
        return f"{self.where}: {self.message} ({self.code})"


def findings(parts: Parts) -> tuple[Finding, ...]:
    """Return what is odd in a definition, rule by rule, in the order of the definition."""
    return tuple(finding for rule in RULES for finding in rule(parts))


def _unreachable_stages(parts: Parts) -> Iterator[Finding]:
    reached = _reachable(_exits(parts), parts.initial)
    for i, stage in enumerate(parts.stages):
        if stage.name not in reached:
            message = (
                f"no way leads from {parts.initial!r} to {stage.name!r}; "
                "add a transition to it, or remove it"
            )
            yield Finding("unreachable_stage", message, f"stages[{i}]")


def _stages_without_exit(parts: Parts) -> Iterator[Finding]:
    exits = _exits(parts)
    for i, stage in enumerate(parts.stages):
        if not stage.final and not exits[stage.name] - {stage.name}:
            message = f"nothing leads out of {stage.name!r}; add a transition, or make it final"
            yield Finding("no_exit", message, f"stages[{i}]")


def _dormant_stages_without_way_back(parts: Parts) -> Iterator[Finding]:
    exits = _exits(parts)
    active = {stage.name for stage in parts.stages if stage.status is Status.ACTIVE}
    for i, stage in enumerate(parts.stages):
        if stage.status is Status.DORMANT and not _reachable(exits, stage.name) & active:
            message = (
                f"no way leads from {stage.name!r} back to an active stage; "
                "add a reactivation loop, or call the stage CHURNED"
            )
            yield Finding("no_way_back", message, f"stages[{i}]")


def _transitions_never_taken(parts: Parts) -> Iterator[Finding]:
    taken = {i for positions in _effective(parts).values() for i in positions}
    for i, transition in enumerate(parts.transitions):
        if i not in taken:
            message = (
                f"no stage takes {transition!r}: its sources match no stage, or a transition of "
                "a nearer level stands before it everywhere; remove it, or name other sources"
            )
            yield Finding("never_taken", message, f"transitions[{i}]")


def _transitions_shadowed_in_a_stage(parts: Parts) -> Iterator[Finding]:
    effective = _effective(parts)
    for stage, levels in _expanded(parts).items():
        for level in levels:
            firsts: dict[str, int] = {}
            for i in level:
                on = parts.transitions[i].on
                if on is None:
                    continue
                first = firsts.get(on)
                if first is not None and i not in effective[stage]:
                    message = (
                        f"{parts.transitions[i]!r} is never taken in {stage!r}: "
                        f"transitions[{first}] stands before it and has no condition; "
                        "put the one with the condition first"
                    )
                    yield Finding("shadowed_transition", message, f"transitions[{i}]")
                elif parts.transitions[i].when is None:
                    firsts.setdefault(on, i)


def _timeouts_outrun(parts: Parts) -> Iterator[Finding]:
    slower: dict[int, int] = {}
    for levels in _expanded(parts).values():
        for level in levels:
            for i, j in _pairs_of_one_clock(parts, level):
                if _surely_sooner(parts, i, j):
                    slower.setdefault(j, i)
    for j, i in sorted(slower.items()):
        message = (
            f"{parts.transitions[j]!r} never comes to pass, since transitions[{i}] reads the same "
            "clock and is always due before; remove it, or give the other a condition"
        )
        yield Finding("outrun_timeout", message, f"transitions[{j}]")


def _conditions_that_are_code(parts: Parts) -> Iterator[Finding]:
    for i, transition in enumerate(parts.transitions):
        if transition.when is not None and not is_data(transition.when):
            message = (
                f"the condition {_called(transition.when)} is code: the definition cannot be "
                "stored or run in columns; write it with count, total, attribute and the like"
            )
            yield Finding("code_condition", message, f"transitions[{i}]")


RULES: tuple[Callable[[Parts], Iterable[Finding]], ...] = (
    _unreachable_stages,
    _stages_without_exit,
    _dormant_stages_without_way_back,
    _transitions_never_taken,
    _transitions_shadowed_in_a_stage,
    _timeouts_outrun,
    _conditions_that_are_code,
)


def _called(condition: object) -> str:
    return getattr(condition, "__name__", repr(condition))


def _expanded(parts: Parts) -> Mapping[str, tuple[list[int], list[int], list[int]]]:
    return expand(parts.stages, parts.transitions)


def _effective(parts: Parts) -> dict[str, set[int]]:
    """Return the transitions that each stage can take."""
    return {
        stage: {i for on in choices(levels, parts.transitions).values() for i in on}
        | set(sounding(levels, parts.transitions))
        for stage, levels in _expanded(parts).items()
    }


def _exits(parts: Parts) -> dict[str, set[str]]:
    return {
        stage: {parts.transitions[i].target for i in positions}
        for stage, positions in _effective(parts).items()
    }


def _reachable(exits: Mapping[str, set[str]], start: str) -> set[str]:
    found, ahead = {start}, [start]
    while ahead:
        new = exits[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def _pairs_of_one_clock(parts: Parts, level: list[int]) -> Iterator[tuple[int, int]]:
    by_clock: dict[object, list[int]] = {}
    for i in level:
        clock = clock_of(parts.transitions[i])
        if clock is not None:
            by_clock.setdefault(clock, []).append(i)
    for positions in by_clock.values():
        for i in positions:
            yield from ((i, j) for j in positions if i != j)


def _surely_sooner(parts: Parts, i: int, j: int) -> bool:
    first, second = parts.transitions[i], parts.transitions[j]
    if first.when is not None or first.after is None or second.after is None:
        return False
    return _bounds(first.after.length)[1] < _bounds(second.after.length)[0]


_LONGEST = {"day": 2, "week": 8, "month": 32, "quarter": 93, "year": 367}
"""How many days the rest of a period can have, a change of the clocks included."""


def _bounds(length: Period | Until) -> tuple[timedelta, timedelta]:
    """Return the least and the most time that a length can be."""
    if isinstance(length, Until):
        return timedelta(0), timedelta(days=_LONGEST[length.grain])
    if length.length is not None:
        return length.length, length.length
    days = 365.2425 / 12 * length.months
    return timedelta(days=days - 5), timedelta(days=days + 5)
