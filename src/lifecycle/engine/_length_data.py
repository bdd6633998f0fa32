"""Lengths of time as data: the keywords that make them."""

from collections.abc import Mapping
from typing import Any

from lifecycle.engine import _reading
from lifecycle.engine._forms import Field
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.periods import DAILY, Period, Until

__all__ = ["LENGTH", "PERIOD_OF", "UNITS", "write_length"]

UNITS: Mapping[str, Read] = dict.fromkeys(_reading.UNITS, _reading.plain) | dict.fromkeys(
    ("months", "years"), _reading.integer
)

PERIOD_OF: Mapping[str, Read] = {
    "until": _reading.one_of(DAILY),
    "year_start": _reading.integer,
    "week_start": _reading.text,
    "zone": _reading.text,
}
"""The fields of a calendar period."""


def write_length(length: Period | Until) -> Data:
    """Write a length of time as the keywords that make it."""
    if isinstance(length, Period):
        return dict(length.units())
    usual, more = Until(length.grain), list(PERIOD_OF)[1:]
    given = {field: getattr(length, field) for field in more}
    return {"until": length.grain} | {
        field: item for field, item in given.items() if item != getattr(usual, field)
    }


def _read_length(notes: Notes, path: str, data: Any) -> Period | Until:
    if "until" not in _reading.mapping(path, data):
        return Period(**_reading.whole(notes, path, data, UNITS, ()))
    found = _reading.whole(notes, path, data, PERIOD_OF, ())
    return Until(found.pop("until"), **found)


LENGTH = Field(lambda _, length: write_length(length), _read_length)
