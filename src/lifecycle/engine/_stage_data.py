"""Stages as data: a part of definitions, and of customers."""

from lifecycle.engine import _reading
from lifecycle.engine._forms import FLAG, Field, Form
from lifecycle.engine.stages import Stage, Status

__all__ = ["STAGE", "STATUSES"]

STATUSES = tuple(status.value for status in Status)

_STATUS = _reading.one_of(STATUSES)

STAGE = Form(
    {
        "name": Field(lambda _, name: name, _reading.field_of(Stage, "name")),
        "status": Field(
            lambda _, status: status.value,
            lambda notes, path, data: Status(_STATUS(notes, path, data)),
        ),
        "label": Field(lambda _, label: label, _reading.field_of(Stage, "label")),
        "final": FLAG,
        "stops": Field(lambda _, clocks: list(clocks) or None, _reading.field_of(Stage, "stops")),
    },
    required=("name", "status"),
    sparse=True,
)
