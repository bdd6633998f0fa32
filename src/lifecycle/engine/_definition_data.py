"""Definitions as data: stages, transitions, time-outs and conditions, and back.

Each part has a writer and a reader; the tables say which fields it has. What the reader
of a definition cannot make sense of is noted, and the rest is still checked, so that one
error names every mistake.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from lifecycle import _checks
from lifecycle.engine import _reading, _soundness
from lifecycle.engine._compiled import Parts
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._scalars import plain_to_data, whole_number
from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Measure,
    Not,
    Predicate,
    attribute,
    count,
    event_attribute,
    is_data,
    mean,
    total,
    value,
)
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.stages import Stage, Status, is_name
from lifecycle.engine.transitions import ANY, Source, Timeout, Transition, dwell, idle
from lifecycle.errors import DefinitionError, InvalidTypeError, InvalidValueError, closest
from lifecycle.periods import Period, Until

__all__ = [
    "COMPARE",
    "MEASURES",
    "read_lifecycle",
    "read_period",
    "read_stage",
    "read_transition",
    "version",
    "write_length",
    "write_lifecycle",
    "write_stage",
    "write_transition",
]


# Lengths and time-outs.


_LENGTH: Mapping[str, Read] = dict.fromkeys(_reading.UNITS, _reading.plain) | dict.fromkeys(
    ("months", "years"), _reading.integer
)


def write_length(length: Period | Until) -> Data:
    """Write a length of time as the keywords that make it."""
    return {"until": length.grain} if isinstance(length, Until) else dict(length.units())


def read_period(notes: Notes, path: str, data: Any) -> Period:
    """Read a length of time."""
    return Period(**_reading.whole(notes, path, data, _LENGTH, ()))


def _write_timeout(timeout: Timeout) -> Data:
    return _reading.without_defaults(
        {"clock": timeout.clock, "event": timeout.event}
    ) | write_length(timeout.length)


_CLOCKS: Mapping[str, tuple[str, Callable[..., Timeout]]] = {
    "idle": ("event", lambda event=None, **units: idle(event, **units)),
    "dwell": ("until", dwell),
}
"""Each clock: the field that it alone has, and what makes its time-outs."""


def _read_timeout(notes: Notes, path: str, data: Any) -> Timeout:
    clock = _checks.choice(f"{path}.clock", _reading.mapping(path, data).get("clock", ""), _CLOCKS)
    own, make = _CLOCKS[clock]
    readers = {
        "clock": _reading.text,
        own: _reading.text,
        **_LENGTH,
    }
    found = _reading.whole(notes, path, data, readers, ())
    del found["clock"]
    return make(**found)


# Conditions.

_TALLIED = ("name", "since_entry", "within")
MEASURES: Mapping[str, tuple[tuple[str, ...], Callable[..., Measure]]] = {
    "count": (_TALLIED, count),
    "total": (_TALLIED, total),
    "mean": (_TALLIED, mean),
    "value": ((), value),
    "attribute": (("name",), attribute),
    "event_attribute": (("name",), event_attribute),
}
"""Each measure: the fields that it has, and what makes it."""

COMPARE: Mapping[str, Callable[[Measure, Any], Comparison]] = {
    ">=": Measure.__ge__,
    ">": Measure.__gt__,
    "<=": Measure.__le__,
    "<": Measure.__lt__,
    "equals": Measure.equals,
    "is_in": Measure.is_in,
}

_COMBINED: Mapping[str, type[AllOf | AnyOf]] = {"all_of": AllOf, "any_of": AnyOf}


def _write_condition(path: str, condition: Condition | Predicate) -> Data:
    if not is_data(condition):
        expected = "be data, such as count('purchase') >= 3, to be written"
        raise InvalidValueError(path, condition, expected)
    if isinstance(condition, Comparison):
        measure = condition.measure
        within = None if measure.within is None else write_length(measure.within)
        return _reading.without_defaults(
            {
                "measure": measure.kind,
                "name": measure.name,
                "since_entry": measure.since_entry,
                "within": within,
            }
        ) | {"operator": condition.operator, "wanted": plain_to_data(path, condition.wanted)}
    if isinstance(condition, Not):
        return {"not": _write_condition(path, condition.condition)}
    key = "all_of" if isinstance(condition, AllOf) else "any_of"
    return {key: [_write_condition(path, part) for part in condition.conditions]}


def _read_condition(notes: Notes, path: str, data: Any) -> Condition:
    given = _reading.mapping(path, data)
    if "measure" in given:
        return _read_comparison(notes, path, given)
    key = next(iter(given), "")
    if len(given) != 1 or key not in (*_COMBINED, "not"):
        expected = "have a 'measure', or only one of 'all_of', 'any_of' and 'not'"
        raise InvalidValueError(path, dict(given), expected)
    if key == "not":
        return Not(_reading.whole(notes, path, given, {"not": _read_condition}, ())["not"])
    parts = _reading.whole(notes, path, given, {key: _reading.each(_read_condition)}, ())[key]
    return _COMBINED[key](parts)


_ALWAYS = ("measure", "operator", "wanted")
_COMPARISON: Mapping[str, Read] = {
    "measure": _reading.text,
    "name": _reading.text,
    "since_entry": _reading.flag,
    "within": read_period,
    "operator": _reading.one_of(COMPARE),
    "wanted": _reading.plain,
}


def _read_comparison(notes: Notes, path: str, data: Mapping[str, Any]) -> Comparison:
    kind = _checks.choice(f"{path}.measure", data["measure"], MEASURES)
    fields, make = MEASURES[kind]
    readers = {name: read for name, read in _COMPARISON.items() if name in (*_ALWAYS, *fields)}
    found = _reading.whole(notes, path, data, readers, ("operator", "wanted", *fields[:1]))
    measure = make(**{name: found[name] for name in fields if name in found})
    with notes.at(f"{path}.wanted"):
        return COMPARE[found["operator"]](measure, found["wanted"])
    raise _reading.NotedError


# Stages, transitions, lifecycles.

_STATUSES = tuple(status.value for status in Status)

_STAGE: Mapping[str, Read] = {
    "name": _reading.field_of(Stage, "name"),
    "status": lambda notes, path, data: Status(_reading.one_of(_STATUSES)(notes, path, data)),
    "label": _reading.field_of(Stage, "label"),
    "final": _reading.flag,
}


def write_stage(stage: Stage) -> Data:
    """Write a stage."""
    return _reading.without_defaults(
        {
            "name": stage.name,
            "status": stage.status.value,
            "label": stage.label,
            "final": stage.final,
        }
    )


def read_stage(notes: Notes, path: str, data: Any) -> Stage:
    """Read a stage."""
    return Stage(**_reading.whole(notes, path, data, _STAGE, ("name", "status")))


def _sketch_stage(notes: Notes, path: str, data: Any) -> Any:
    """Read a stage; of a broken one, keep what lets the rest of the definition be checked."""
    before, found = len(notes.found), _sketched(notes, path, data, _STAGE, ("name", "status"))
    if len(notes.found) == before:
        return Stage(**found)
    return SimpleNamespace(
        name=found.get("name", ""),
        status=found.get("status"),
        final=found.get("final", False),
    )


def _sketched(
    notes: Notes, path: str, data: Any, readers: Mapping[str, Read], required: Iterable[str]
) -> Data:
    """Read the fields that can be read, of what is no object none, so that its place is kept."""
    with notes.at(path):
        return _reading.fields(notes, path, data, readers, required)
    return {}


def _write_source(source: Source | tuple[Source, ...]) -> Any:
    if isinstance(source, tuple):
        return [_write_source(one) for one in source]
    if isinstance(source, Status):
        return {"status": source.value}
    return {"any": True} if source is ANY else source


def _read_source(notes: Notes, path: str, data: Any) -> Source | tuple[Source, ...]:
    if isinstance(data, list | tuple):
        found: tuple[Source, ...] = _reading.each(_read_one_source)(notes, path, data)
        return found
    return _read_one_source(notes, path, data)


def _read_one_source(notes: Notes, path: str, data: Any) -> Source:
    if isinstance(data, str | bool):
        return _reading.text(notes, path, data)
    if isinstance(data, Mapping) and list(data) == ["any"] and data["any"] is True:
        return ANY
    if isinstance(data, Mapping) and list(data) == ["status"]:
        return Status(_checks.choice(f"{path}.status", data["status"], _STATUSES))
    expected = "be a stage's name, {'status': ...}, {'any': true}, or a list of these"
    raise InvalidTypeError(path, data, expected)


_TRANSITION: Mapping[str, Read] = {
    "source": _read_source,
    "target": _reading.text,
    "on": _reading.text,
    "after": _read_timeout,
    "when": _read_condition,
}


def write_transition(path: str, transition: Transition) -> Data:
    """Write a transition; a condition that is code raises."""
    return _reading.without_defaults(
        {
            "source": _write_source(transition.source),
            "target": transition.target,
            "on": transition.on,
            "after": None if transition.after is None else _write_timeout(transition.after),
            "when": None
            if transition.when is None
            else _write_condition(f"{path}.when", transition.when),
        }
    )


def read_transition(notes: Notes, path: str, data: Any) -> Transition:
    """Read a transition."""
    return Transition(**_reading.whole(notes, path, data, _TRANSITION, ("source", "target")))


def _sketch_transition(notes: Notes, path: str, data: Any) -> Any:
    """Read a transition; a broken one counts as conditional, so that it breaks no other."""
    before = len(notes.found)
    found = _sketched(notes, path, data, _TRANSITION, ("source", "target"))
    if len(notes.found) == before:
        with notes.at(path):
            return Transition(**found)
    sources = found.get("source", ())
    when = found.get("when")
    return SimpleNamespace(
        sources=sources if isinstance(sources, tuple) else (sources,),
        target=found.get("target", ""),
        on=found.get("on"),
        after=found.get("after") if "target" in found else None,
        when=bool if when is None else when,
    )


def version(_: Notes, path: str, data: Any) -> int:
    """Read the version of a definition."""
    return _checks.whole(path, whole_number(data), least=1)


def _names(notes: Notes, path: str, data: Any) -> tuple[str, ...]:
    return _checks.names(path, _reading.each(_reading.text)(notes, path, data))


_LIFECYCLE: Mapping[str, Read] = {
    "name": _reading.text,
    "version": version,
    "initial": _reading.text,
    "stages": _reading.each(_sketch_stage),
    "transitions": _reading.each(_sketch_transition),
    "activity": _reading.or_none(_names),
    "events": _names,
}


def write_lifecycle(lifecycle: Lifecycle | Parts) -> Data:
    """Write a definition."""
    activity = lifecycle.activity
    return {
        "name": lifecycle.name,
        "version": lifecycle.version,
        "initial": lifecycle.initial,
        "stages": [write_stage(stage) for stage in lifecycle.stages],
        "transitions": [
            write_transition(f"transitions[{i}]", transition)
            for i, transition in enumerate(lifecycle.transitions)
        ],
        "activity": None if activity is None else list(activity),
        "events": list(lifecycle.events),
    }


def read_lifecycle(notes: Notes, path: str, data: Any) -> Lifecycle:
    """Read a definition, and note everything that is wrong with it."""
    before = len(notes.found)
    found = _reading.fields(
        notes, path, data, _LIFECYCLE, ("name", "initial", "stages", "transitions")
    )
    if len(notes.found) == before:
        try:
            return Lifecycle(**found)
        except DefinitionError as error:
            notes.found += error.problems
    elif "stages" in found:
        notes.found += _soundness.problems(_sketch(found))
    raise _reading.NotedError


def _sketch(found: Data) -> Parts:
    """Return the parts of a broken definition, as far as they are known."""
    stages, transitions = found["stages"], found.get("transitions", ())
    initial = found.get("initial", "")
    _name_the_nameless(stages, [initial, *_mentioned(transitions)])
    return Parts(
        found.get("name", "?"),
        found.get("version", 1),
        initial or next((stage.name for stage in stages if stage.name), "?"),
        stages,
        transitions,
        found.get("activity"),
        found.get("events", ()),
    )


def _mentioned(transitions: Iterable[Any]) -> Iterator[str]:
    """Yield the names of stages that transitions mention."""
    for transition in transitions:
        yield from (one for one in (*transition.sources, transition.target) if is_name(one))


_FEW = 20
"""Among how many unknown names the misspelt ones are sought: each is compared with all known."""


def _name_the_nameless(stages: Iterable[Any], mentioned: Iterable[str]) -> None:
    """Give each stage whose name cannot be read one that is mentioned and not known.

    One wrong name is then one mistake, and not one more wherever the stage is mentioned. If
    there are more such names than stages, those that are close to a known one are misspelt.
    """
    known = {stage.name: None for stage in stages if stage.name}
    nameless = [stage for stage in stages if not stage.name]
    often = Counter(name for name in mentioned if name and name not in known)
    names = [name for name, _ in often.most_common()]
    if _FEW >= len(names) > len(nameless) > 0:
        names.sort(key=lambda name: bool(closest(name, known)))
    for stage, name in zip(nameless, names if known else [*names, "?"], strict=False):
        stage.name = name
