"""The JSON Schema of a definition, for editors and for other languages.

It says what the fields are. What must hold between them (that names are known, that
choices are clear) is checked when the data is read.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from lifecycle.engine._definition_data import COMPARE
from lifecycle.engine._measures import MEASURES, MeasureKind
from lifecycle.engine.conditions import WANTED
from lifecycle.engine.stages import STOPPED, Status
from lifecycle.engine.transitions import ANCHORS
from lifecycle.periods import DAILY, WEEKDAYS

__all__ = ["definition_schema"]

_NAME = {"type": "string", "pattern": r"^[^\u0000]*[^\s\u0000][^\u0000]*$"}
_NAMES = {"type": "array", "items": _NAME, "uniqueItems": True}
_SOME_NAMES = {"anyOf": [_NAME, {**_NAMES, "minItems": 1}]}
_AMOUNT = {"type": "number", "minimum": 0}
_STEPS = {"type": "integer", "minimum": 0}
_ELAPSED = dict.fromkeys(("weeks", "days", "hours", "minutes", "seconds"), _AMOUNT)
_CALENDAR = dict.fromkeys(("months", "years"), _STEPS)
_LENGTH = {**_ELAPSED, **_CALENDAR}
_BACK = {unit: {"type": kind["type"], "maximum": 0} for unit, kind in _LENGTH.items()}
_UNTIL = {
    "until": {"enum": list(DAILY)},
    "year_start": {"type": "integer", "minimum": 1, "maximum": 12},
    "week_start": {"enum": list(WEEKDAYS)},
    "zone": _NAME,
}
_STATUS = {"enum": [status.value for status in Status]}


def _object(properties: Mapping[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/$defs/{name}"}


def _tagged(tag: str, kind: str) -> dict[str, Any]:
    return _object({tag: {"type": kind}}, tag)


_PLAIN = {
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": {"$ref": "#/$defs/plain"}},
        _tagged("decimal", "string"),
        _tagged("instant", "string"),
        _tagged("date", "string"),
        _tagged("time", "string"),
        _tagged("microseconds", "integer"),
        _tagged("uuid", "string"),
    ]
}

_STAGE = _object(
    {
        "name": _NAME,
        "status": _STATUS,
        "label": _NAME,
        "final": {"type": "boolean"},
        "stops": {"type": "array", "items": {"enum": list(STOPPED)}, "uniqueItems": True},
    },
    "name",
    "status",
)

_SOURCE = {
    "anyOf": [
        _NAME,
        _object({"status": _STATUS}, "status"),
        _object({"any": {"const": True}}, "any"),
    ]
}

_TIMEOUT = {
    "anyOf": [
        _object(
            {
                "clock": {"const": "idle"},
                "event": _SOME_NAMES,
                "where": _reference("condition"),
                **_LENGTH,
            },
            "clock",
            minProperties=2,
        ),
        _object(
            {"clock": {"const": "dwell"}, **_LENGTH, "anchor": {"enum": list(ANCHORS)}},
            "clock",
            anyOf=[{"required": [unit]} for unit in _LENGTH],
        ),
        _object({"clock": {"const": "dwell"}, **_UNTIL}, "clock", "until"),
        *(
            _object(
                {"clock": {"const": "at"}, "attribute": _NAME, **lengths}, *("clock", "attribute")
            )
            for lengths in (_LENGTH, _BACK)
        ),
        _object(
            {
                "clock": {"const": "falls"},
                "measure": {"anyOf": [_reference("measure"), _reference("sum")]},
                "below": {"anyOf": [{"type": "number"}, _tagged("decimal", "string")]},
            },
            "clock",
            "measure",
            "below",
        ),
    ]
}

_FIELDS: dict[str, dict[str, Any]] = {
    "since_entry": {"type": "boolean"},
    "within": {"anyOf": [_object(_LENGTH, minProperties=1), _object(_UNTIL, "until")]},
    "where": _reference("condition"),
}


def _field(name: str, row: MeasureKind) -> dict[str, Any]:
    if name == "name":
        return _SOME_NAMES if row.several else _NAME
    return _FIELDS[name]


def _measure(kind: str, row: MeasureKind) -> dict[str, Any]:
    own = {name: _field(name, row) for name in row.fields}
    return _object({"measure": {"const": kind}, **own}, "measure", *(["name"] * bool(row.named)))


_TERMS = {"type": "array", "items": _reference("measure"), "minItems": 1}
_SUM = _object({"plus": _TERMS, "minus": _TERMS}, "plus")
_COMPARED = {"wanted": {"allOf": [_reference("plain"), {"not": {"type": "null"}}]}}


def _criterion(measured: dict[str, Any], operators: Iterable[str]) -> dict[str, Any]:
    compared = {**_COMPARED, "operator": {"enum": list(operators)}}
    return _object({**measured["properties"], **compared}, *measured["required"], *compared)


_MEASURES = {kind: _measure(kind, row) for kind, row in MEASURES.items()}
_PARTS = {"type": "array", "items": _reference("condition"), "minItems": 1}

_CONDITION = {
    "anyOf": [
        *(
            _criterion(measured, WANTED[MEASURES[kind].wanted].operators)
            for kind, measured in _MEASURES.items()
        ),
        _criterion(_SUM, COMPARE),
        _object({"all_of": _PARTS}, "all_of"),
        _object({"any_of": _PARTS}, "any_of"),
        _object({"not": _reference("condition")}, "not"),
    ]
}

_STAGES = {"anyOf": [_SOURCE, {"type": "array", "items": _SOURCE, "minItems": 1}]}

_MILESTONE = _object(
    {"stage": _STAGES, "after": _TIMEOUT, "when": _reference("condition"), "name": _NAME},
    "stage",
    "after",
    "name",
)

_TRANSITION = _object(
    {
        "source": _STAGES,
        "target": _NAME,
        "on": _NAME,
        "after": _TIMEOUT,
        "when": _reference("condition"),
    },
    "source",
    "target",
    oneOf=[{"required": ["on"]}, {"required": ["after"]}],
)


_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Customer lifecycle",
    **_object(
        {
            "$schema": {"type": "string"},
            "type": {"const": "lifecycle"},
            "format": {"const": 1},
            "name": _NAME,
            "version": {"type": "integer", "minimum": 1},
            "initial": _NAME,
            "stages": {"type": "array", "items": _STAGE, "minItems": 1},
            "transitions": {"type": "array", "items": _TRANSITION},
            "milestones": {"type": "array", "items": _MILESTONE},
            "activity": {"anyOf": [{"type": "null"}, _NAMES]},
            "events": _NAMES,
        },
        "name",
        "initial",
        "stages",
        "transitions",
    ),
    "$defs": {
        "condition": _CONDITION,
        "sum": _SUM,
        "measure": {"anyOf": list(_MEASURES.values())},
        "plain": _PLAIN,
    },
}


def definition_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of what `Lifecycle.to_dict` writes.

    Returns:
        The schema, as data that `json.dumps` takes.

    Examples:
        >>> definition_schema()["required"]
        ['name', 'initial', 'stages', 'transitions']
    """
    return deepcopy(_SCHEMA)
