"""Time-outs and transitions as data."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._definition_data import FALL, NAMES, WHERE, read_condition, write_condition
from lifecycle.engine._forms import TEXT, Field, Form, or_left_out
from lifecycle.engine._length_data import PERIOD_OF, UNITS, write_length
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.engine._stage_data import STATUSES
from lifecycle.engine.conditions import Measure
from lifecycle.engine.dates import At, at
from lifecycle.engine.falls import Fall
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import ANCHORS, ANY, After, Source, Timeout, dwell, idle
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.periods import Until

__all__ = ["MILESTONE", "TRANSITION"]


# Time-outs.


_ANCHORED = Field(
    lambda _, anchor: None if anchor == ANCHORS[0] else anchor, _reading.one_of(ANCHORS)
)
"""From where a dwell length counts; the usual is not written."""

_NAMED = Form({"event": or_left_out(NAMES), "where": or_left_out(WHERE)}, required=(), sparse=True)
"""What an idle time-out has besides its length."""


def _write_counted(path: str, timeout: Timeout) -> Data:
    return {
        **_NAMED.write(path, timeout),
        **write_length(timeout.length),
        **_reading.without_defaults({"anchor": _ANCHORED.write(path, timeout.anchor)}),
    }


def _write_date(_: str, date: At) -> Data:
    return {"attribute": date.attribute, **date.units()}


def _idle(event: str | tuple[str, ...] | None = None, **more: Any) -> Timeout:
    return idle(event, **more)


def _dwell(until: str | None = None, **more: Any) -> Timeout:
    of_period = {field: more.pop(field) for field in PERIOD_OF if field in more}
    if of_period and until is None:
        raise InvalidValueError("after", list(of_period), "be given with until")
    return dwell(until=None if until is None else Until(until, **of_period), **more)


def _at(attribute: str, **units: Any) -> At:
    return at(Measure("attribute", attribute), **units)


class _Clock(NamedTuple):
    """How time-outs of a clock are written, and what they are read from.

    Attributes:
        write: Returns all fields but the name of the clock.
        readers: The reader of each field.
        required: The fields that it has to have.
        make: Makes the time-out of its fields.
    """

    write: Callable[[str, Any], Data]
    readers: Mapping[str, Read]
    required: Collection[str]
    make: Callable[..., After]


_CLOCKS: Mapping[str, _Clock] = {
    "idle": _Clock(_write_counted, {**_NAMED.readers, **UNITS}, (), _idle),
    "dwell": _Clock(_write_counted, {**PERIOD_OF, **UNITS, "anchor": _ANCHORED.read}, (), _dwell),
    "at": _Clock(_write_date, {"attribute": _reading.text, **UNITS}, ("attribute",), _at),
    "falls": _Clock(FALL.write, FALL.readers, FALL.required, Fall),
}


def _write_timeout(path: str, timeout: After) -> Data:
    return {"clock": timeout.clock, **_CLOCKS[timeout.clock].write(path, timeout)}


def _read_timeout(notes: Notes, path: str, data: Any) -> After:
    clock = _checks.choice(f"{path}.clock", _reading.mapping(path, data).get("clock", ""), _CLOCKS)
    row = _CLOCKS[clock]
    readers = {"clock": _reading.text, **row.readers}
    found = _reading.whole(notes, path, data, readers, row.required)
    del found["clock"]
    return row.make(**found)


# Transitions and milestones.


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


_STAGES = Field(lambda _, source: _write_source(source), _read_source)
_AFTER = Field(_write_timeout, _read_timeout)
_WHEN = or_left_out(Field(write_condition, read_condition))

TRANSITION = Form(
    {
        "source": _STAGES,
        "target": TEXT,
        "on": TEXT,
        "after": or_left_out(_AFTER),
        "when": _WHEN,
    },
    required=("source", "target"),
    sparse=True,
)

MILESTONE = Form(
    {"stage": _STAGES, "after": _AFTER, "when": _WHEN, "name": TEXT},
    required=("stage", "after", "name"),
    sparse=True,
)
