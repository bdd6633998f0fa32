"""The parts of definitions as data: time-outs, conditions and transitions, and back.

Each part has a writer and a reader; the tables say which fields it has.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._forms import TEXT, Field, Form, or_left_out
from lifecycle.engine._length_data import PERIOD, UNITS, write_length
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._scalars import plain_to_data
from lifecycle.engine._stage_data import STATUSES
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
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import ANY, Source, Timeout, dwell, idle
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = [
    "COMPARE",
    "MEASURES",
    "TRANSITION",
]


# Time-outs.


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
        **UNITS,
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
    "within": PERIOD.read,
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


# Transitions.


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
        return Status(_checks.choice(f"{path}.status", data["status"], STATUSES))
    expected = "be a stage's name, {'status': ...}, {'any': true}, or a list of these"
    raise InvalidTypeError(path, data, expected)


TRANSITION = Form(
    {
        "source": Field(lambda _, source: _write_source(source), _read_source),
        "target": TEXT,
        "on": TEXT,
        "after": or_left_out(Field(lambda _, timeout: _write_timeout(timeout), _read_timeout)),
        "when": or_left_out(Field(_write_condition, _read_condition)),
    },
    required=("source", "target"),
    sparse=True,
)
