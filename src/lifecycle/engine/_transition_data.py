"""Time-outs and transitions as data."""

from collections.abc import Callable, Mapping
from typing import Any

from lifecycle import _checks
from lifecycle.engine import _reading
from lifecycle.engine._definition_data import read_condition, write_condition
from lifecycle.engine._forms import TEXT, Field, Form, or_left_out
from lifecycle.engine._length_data import UNITS, write_length
from lifecycle.engine._reading import Data, Notes
from lifecycle.engine._stage_data import STATUSES
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import ANY, Source, Timeout, dwell, idle
from lifecycle.errors import InvalidTypeError

__all__ = ["TRANSITION"]


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
        "when": or_left_out(Field(write_condition, read_condition)),
    },
    required=("source", "target"),
    sparse=True,
)
