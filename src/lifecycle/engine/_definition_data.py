"""Conditions as data: a part of definitions, and of what customers remember."""

from collections.abc import Callable, Mapping
from typing import Any

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._length_data import PERIOD, write_length
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._scalars import plain_to_data
from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Measure,
    Not,
    attribute,
    count,
    event_attribute,
    is_data,
    mean,
    total,
    value,
)
from lifecycle.errors import InvalidValueError

__all__ = [
    "COMPARE",
    "MEASURES",
    "read_condition",
    "write_condition",
]


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


def write_condition(path: str, condition: object) -> Data:
    """Write a condition; one that is code is refused."""
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
        return {"not": write_condition(path, condition.condition)}
    key = "all_of" if isinstance(condition, AllOf) else "any_of"
    return {key: [write_condition(path, part) for part in condition.conditions]}


def read_condition(notes: Notes, path: str, data: Any) -> Condition:
    """Read a condition."""
    given = _reading.mapping(path, data)
    if "measure" in given:
        return _read_comparison(notes, path, given)
    key = next(iter(given), "")
    if len(given) != 1 or key not in (*_COMBINED, "not"):
        expected = "have a 'measure', or only one of 'all_of', 'any_of' and 'not'"
        raise InvalidValueError(path, dict(given), expected)
    if key == "not":
        return Not(_reading.whole(notes, path, given, {"not": read_condition}, ())["not"])
    parts = _reading.whole(notes, path, given, {key: _reading.each(read_condition)}, ())[key]
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
