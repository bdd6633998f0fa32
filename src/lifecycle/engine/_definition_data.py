"""Conditions as data: a part of definitions, and of what customers remember."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._forms import FLAG, NUMBER, Field, Form
from lifecycle.engine._length_data import LENGTH
from lifecycle.engine._measures import MEASURES
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._scalars import plain_to_data
from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Criterion,
    Measure,
    Not,
    Sum,
    event_condition,
    is_data,
    some_names,
)
from lifecycle.errors import InvalidValueError

__all__ = ["COMPARE", "FALL", "FIELDS", "NAMES", "WHERE", "read_condition", "write_condition"]

COMPARE: Mapping[str, Callable[[Any, Any], Criterion]] = {
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
    if isinstance(condition, Criterion):
        wanted = plain_to_data(path, condition.wanted)
        measured = _write_measure(path, condition.measure)
        return measured | {"operator": condition.operator, "wanted": wanted}
    if isinstance(condition, Not):
        return {"not": write_condition(path, condition.condition)}
    key = "all_of" if isinstance(condition, AllOf) else "any_of"
    return {key: [write_condition(path, part) for part in condition.conditions]}


def read_condition(notes: Notes, path: str, data: Any) -> Condition:
    """Read a condition."""
    given = _reading.mapping(path, data)
    if not given.keys().isdisjoint(_MEASURED):
        return _read_criterion(notes, path, given)
    key = next(iter(given), "")
    if len(given) != 1 or key not in (*_COMBINED, "not"):
        expected = "have a 'measure', or only one of 'all_of', 'any_of' and 'not'"
        raise InvalidValueError(path, dict(given), expected)
    if key == "not":
        return Not(_reading.whole(notes, path, given, {"not": read_condition}, ())["not"])
    parts = _reading.whole(notes, path, given, {key: _reading.each(read_condition)}, ())[key]
    return _COMBINED[key](parts)


def _write_names(names: str | tuple[str, ...] | None) -> Any:
    return list(names) if isinstance(names, tuple) else names


def _read_names(notes: Notes, path: str, data: Any) -> str | tuple[str, ...]:
    if not isinstance(data, list | tuple):
        return _reading.text(notes, path, data)
    return some_names(path, _reading.each(_reading.text)(notes, path, data))


def _read_where(notes: Notes, path: str, data: Any) -> Condition:
    found = event_condition(read_condition(notes, path, data))
    assert found is not None  # noqa: S101  (it has been read)
    return found


NAMES = Field(lambda _, names: _write_names(names), _read_names)
"""One name as text, or several as a list."""

WHERE = Field(write_condition, _read_where)
"""A condition of an event."""

FIELDS: Mapping[str, Field] = {
    "name": NAMES,
    "since_entry": FLAG,
    "within": LENGTH,
    "where": WHERE,
}
"""How each field of a measure is written and read; `MEASURES` says which ones a kind has."""

_MEASURED = ("measure", "plus")
"""What a criterion is known by: it has one of these."""


def _write_measure(path: str, measure: Measure | Sum) -> Data:
    """Write a measure, or a sum of some."""
    if isinstance(measure, Sum):
        terms = {"plus": measure.plus, "minus": measure.minus}
        return {
            sign: [_write_measure(path, one) for one in some]
            for sign, some in terms.items()
            if some
        }
    given = {name: getattr(measure, name) for name in MEASURES[measure.kind].fields}
    return {"measure": measure.kind} | {
        name: FIELDS[name].write(f"{path}.{name}", item)
        for name, item in _reading.without_defaults(given).items()
    }


class _Form(NamedTuple):
    """The fields of a measure or a sum, and what makes it of them."""

    readers: Mapping[str, Read]
    required: tuple[str, ...]
    make: Callable[..., Measure | Sum]


def _form(path: str, data: Mapping[str, Any]) -> _Form:
    if "plus" in data:
        return _SUM
    kind = _checks.choice(f"{path}.measure", data.get("measure", ""), MEASURES)
    row = MEASURES[kind]
    readers = {"measure": _reading.text, **{name: FIELDS[name].read for name in row.fields}}
    required = ("name",) if row.named else ()
    return _Form(readers, required, _made)


def _made(measure: str, **fields: Any) -> Measure:
    return Measure(measure, **fields)


def _read_measure(notes: Notes, path: str, data: Any) -> Measure | Sum:
    readers, required, make = _form(path, _reading.mapping(path, data))
    return make(**_reading.whole(notes, path, data, readers, required))


_TERMS = _reading.each(_read_measure)
_SUM = _Form({"plus": _TERMS, "minus": _TERMS}, ("plus",), Sum)

_COMPARED: Mapping[str, Read] = {
    "operator": _reading.one_of(COMPARE),
    "wanted": _reading.plain,
}


def _read_criterion(notes: Notes, path: str, data: Mapping[str, Any]) -> Criterion:
    readers, required, make = _form(path, data)
    found = _reading.whole(notes, path, data, {**readers, **_COMPARED}, (*required, *_COMPARED))
    operator, wanted = found.pop("operator"), found.pop("wanted")
    measure = make(**found)
    with notes.at(f"{path}.wanted"):
        return COMPARE[operator](measure, wanted)
    raise _reading.NotedError


FALL = Form(
    {"measure": Field(_write_measure, _read_measure), "below": NUMBER},
    required=("measure", "below"),
)
