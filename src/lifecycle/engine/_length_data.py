"""Lengths of time as data: the keywords that make them."""

from collections.abc import Mapping
from typing import Any

from lifecycle.engine import _reading
from lifecycle.engine._forms import Field
from lifecycle.engine._reading import Data, Notes, Read
from lifecycle.periods import Period, Until

__all__ = ["PERIOD", "UNITS", "write_length"]

UNITS: Mapping[str, Read] = dict.fromkeys(_reading.UNITS, _reading.plain) | dict.fromkeys(
    ("months", "years"), _reading.integer
)


def write_length(length: Period | Until) -> Data:
    """Write a length of time as the keywords that make it."""
    return {"until": length.grain} if isinstance(length, Until) else dict(length.units())


def _read_period(notes: Notes, path: str, data: Any) -> Period:
    return Period(**_reading.whole(notes, path, data, UNITS, ()))


PERIOD = Field(lambda _, period: write_length(period), _read_period)
