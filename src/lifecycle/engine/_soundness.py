"""Everything that must hold of a definition.

A name that could not be read is empty here; it has been noted, and counts as known.
Each rule is a function that yields a problem for each thing that is wrong; `RULES` lists
them, and `problems` collects what all of them say, so that one error can name everything
at once.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import count
from typing import TypeAlias

from lifecycle.engine._compiled import (
    Levels,
    Parts,
    Tables,
    compile_tables,
    expand,
    known_events,
    marks,
    reason_of,
    sounding,
)
from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import Criterion, Measure, Sum, criteria, is_data, measures, terms
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import is_name
from lifecycle.engine.transitions import Transition
from lifecycle.errors import DefinitionError, UnknownNameError, cut

__all__ = ["RULES", "compiled", "problems"]


Problem: TypeAlias = str | UnknownNameError
"""A sentence, or what makes one."""

_SUGGESTED = 20
"""For how many unknown names a known one is suggested: each takes a search among all of them."""


def problems(parts: Parts) -> list[str]:
    """Return one sentence for each thing that is wrong, each once."""
    return list(dict.fromkeys(_sentences(found for rule in RULES for found in rule(parts))))


def compiled(parts: Parts) -> Tables:
    """Return the tables of a definition, or refuse it by everything that is wrong."""
    if wrong := problems(parts):
        raise DefinitionError(parts.name, wrong)
    return compile_tables(parts)


def _sentences(found: Iterable[Problem]) -> Iterator[str]:
    unknown = count()
    for problem in found:
        if isinstance(problem, str):
            yield problem
        else:
            yield problem.sentence(suggest=next(unknown) < _SUGGESTED)


def _stage_names_are_distinct(parts: Parts) -> Iterator[str]:
    if not parts.stages:
        yield "stages must hold at least one stage, got none"
    first: dict[str, int] = {}
    for i, stage in enumerate(parts.stages):
        if stage.name and first.setdefault(stage.name, i) != i:
            yield (
                f"stages[{i}].name must be used once, "
                f"got {stage.name!r}, the name of stages[{first[stage.name]}]"
            )


def _initial_is_known(parts: Parts) -> Iterator[Problem]:
    if parts.initial:
        yield from _unknown("initial", parts.initial, _stage_names(parts))
    else:
        yield "initial must be the name of a stage, got nothing"


def _stages_are_known(parts: Parts) -> Iterator[Problem]:
    known = _stage_names(parts)
    for place, way in parts.ways:
        for source in way.sources:
            if is_name(source):
                yield from _unknown(f"{place}.{_stages_of(way)}", source, known)
        yield from _unknown(f"{place}.target", way.target or "", known)


def _stages_of(way: Transition | Milestone) -> str:
    """Return the field that says in which stages a transition or a milestone is."""
    return "source" if way.target is not None else "stage"


def _events_are_known(parts: Parts) -> Iterator[Problem]:
    known = dict.fromkeys(known_events(parts)).keys()
    for place, way in parts.ways:
        for name in () if way.after is None else way.after.names:
            yield from _unknown(f"{place}.after.event", name, known)


def _what_is_read_is_known(parts: Parts) -> Iterator[Problem]:
    known = {"event": dict.fromkeys(known_events(parts)).keys(), "stage": _stage_names(parts)}
    for place, way in parts.ways:
        for one in criteria(way.when) if is_data(way.when) else ():
            for what, measure, names in _named(one):
                path = f"{place}.when, in {cut(repr(measure))}, the {what}"
                for name in names:
                    yield from _unknown(path, name, known[what])


def _named(
    criterion: Criterion,
) -> Iterator[tuple[str, Measure | Sum | Criterion, Iterable[str]]]:
    """Yield the events and stages that a criterion names."""
    for measure in terms(criterion.measure):
        named = MEASURES[measure.kind].named
        if named in _DECLARED:
            yield str(named), measure, measure.names
    wanted = MEASURES[criterion.measure.kind].wanted
    if wanted in _DECLARED:
        yield wanted, criterion, map(str, criterion.values)


_DECLARED = ("event", "stage")
"""Names that a definition declares; attributes are anyone's."""


def _time_outs_read_no_event(parts: Parts) -> Iterator[str]:
    for place, way in parts.ways:
        if way.after is not None and is_data(way.when):
            for measure in measures(way.when):
                if MEASURES[measure.kind].of_event:
                    yield (
                        f"{place}.when must not read an event, "
                        f"since a time-out has none, got {measure!r}"
                    )


def _final_stages_have_no_way_out(parts: Parts) -> Iterator[str]:
    final = {stage.name for stage in parts.stages if stage.final}
    for place, way in parts.ways:
        for source in way.sources:
            if is_name(source) and source in final:
                yield f"{place}.{_stages_of(way)} must not be final, got {source!r}"


def _milestones_are_distinct(parts: Parts) -> Iterator[str]:
    """Two milestones of one stage cannot have one name, as changes tell them by it."""
    said: set[str] = set()
    for stage, levels in expand(parts.stages, parts.milestones).items():
        for name, often in Counter(mark.name for mark in marks(levels, parts)).items():
            if often > 1 and name and name not in said:
                said.add(name)
                yield (
                    f"milestones must have names that are used once in a stage, "
                    f"got {name!r} {often} times in {stage!r}"
                )


def _choices_are_clear(parts: Parts) -> Iterator[str]:
    """Two unconditional transitions of one level cannot both be taken for one reason."""
    told: set[int] = set()
    for stage, level in _levels(parts):
        taken: dict[object, int] = {}
        for i in level:
            transition = parts.transitions[i]
            if transition.when is None:
                first = taken.setdefault(reason_of(transition), i)
                if first != i and i not in told:
                    told.add(i)
                    yield (
                        f"transitions[{i}] must have a condition, since transitions[{first}] "
                        f"leaves stage {stage!r} {_in_words(transition)} too and has none either"
                    )


def _all_can_be_taken(parts: Parts) -> Iterator[str]:
    """A conditional transition must not stand behind an unconditional one everywhere."""
    stands, shadowed = Counter[int](), Counter[int]()
    shadow: dict[int, int] = {}
    for _, level in _levels(parts):
        taken: dict[object, int] = {}
        for i in level:
            transition = parts.transitions[i]
            stands[i] += 1
            if transition.when is None:
                taken.setdefault(reason_of(transition), i)
            elif reason_of(transition) in taken:
                shadowed[i] += 1
                shadow.setdefault(i, taken[reason_of(transition)])
    for i, first in shadow.items():
        if shadowed[i] == stands[i]:
            yield (
                f"transitions[{i}] can never be taken: transitions[{first}] stands before it, "
                f"is taken {_in_words(parts.transitions[i])} too, and has no condition"
            )


def _time_outs_end(parts: Parts) -> Iterator[str]:
    """No clock restarts in a circle of such time-outs: it would turn without end."""
    exits = {
        stage: list(
            dict.fromkeys(
                parts.transitions[i].target
                for i in sounding(levels, parts.transitions)
                if _goes_on(parts.transitions[i])
            )
        )
        for stage, levels in _expanded(parts).items()
    }
    circle = _circle(exits)
    if circle:
        way = " -> ".join(repr(stage) for stage in circle)
        yield (
            f"transitions must not lead in a circle of {_clocks(parts)} time-outs, got {way}; "
            "no clock restarts in it, so make one of them dwell(...)"
        )


RULES: tuple[Callable[[Parts], Iterable[Problem]], ...] = (
    _stage_names_are_distinct,
    _initial_is_known,
    _stages_are_known,
    _events_are_known,
    _what_is_read_is_known,
    _time_outs_read_no_event,
    _final_stages_have_no_way_out,
    _milestones_are_distinct,
    _choices_are_clear,
    _all_can_be_taken,
    _time_outs_end,
)


def _stage_names(parts: Parts) -> Collection[str]:
    return dict.fromkeys(stage.name for stage in parts.stages if stage.name).keys()


def _unknown(path: str, name: str, known: Collection[str]) -> Iterator[UnknownNameError]:
    if name and name not in known:
        yield UnknownNameError(path, name, known)


def _goes_on(transition: Transition) -> bool:
    """Say whether a time-out can be due at the instant at which its stage is entered."""
    return transition.after is not None and transition.after.clock != "dwell"


def _clocks(parts: Parts) -> str:
    """Name the clocks that entering a stage does not start anew, as far as there are any."""
    clocks = {one.after.clock for one in parts.transitions if one.after and _goes_on(one)}
    *most, last = sorted(clocks, reverse=True)
    return f"{', '.join(most)} and {last}" if most else last


def _in_words(transition: Transition) -> str:
    return f"on {transition.on!r}" if transition.on else f"after {transition.after!r}"


def _expanded(parts: Parts) -> dict[str, Levels]:
    return expand(parts.stages, parts.transitions)


def _levels(parts: Parts) -> Iterator[tuple[str, list[int]]]:
    for stage, levels in _expanded(parts).items():
        for level in levels:
            yield stage, level


def _circle(exits: dict[str, list[str]]) -> list[str] | None:
    """Find a circle in a directed graph, by walking it depth first."""
    finished: set[str] = set()
    for start, ways in exits.items():
        path: dict[str, Iterator[str]] = {} if start in finished else {start: iter(ways)}
        while path:
            here = next(reversed(path))
            following = next(path[here], None)
            if following in path:
                way = list(path)
                return [*way[way.index(following) :], following]
            if following is None:
                finished.add(here)
                path.popitem()
            elif following not in finished:
                path[following] = iter(exits.get(following, ()))
    return None
