"""Enrollments as data."""

from typing import Any

from lifecycle import _checks
from lifecycle.engine._event_data import EVENT_FORM
from lifecycle.engine._forms import (
    ATTRIBUTES,
    COUNT,
    ID,
    INSTANT,
    NUMBER,
    TEXT,
    Document,
    Form,
    listed,
    maybe,
    named,
)
from lifecycle.engine._reading import Notes
from lifecycle.engine.events import Event
from lifecycle.engine.so_far import SoFar

__all__ = ["ENROLLMENT", "FIELDS", "MIDLIFE"]


def _read_zone(notes: Notes, path: str, data: Any) -> str:
    return str(_checks.zone_named(path, TEXT.read(notes, path, data)))


_SO_FAR = Form(
    {
        "count": COUNT,
        "total": maybe(NUMBER),
        "last": maybe(INSTANT),
        "valued": COUNT,
        "recent": listed(EVENT_FORM.field(Event)),
    },
    required=("count",),
)

MIDLIFE = {
    "entered": maybe(INSTANT),
    "last_activity": maybe(INSTANT),
    "so_far": named(_SO_FAR.field(SoFar)),
    "zone": maybe(TEXT._replace(read=_read_zone)),
}
"""What is written of customers only that were enrolled in mid-life, or in a zone."""

FIELDS = {
    "id": ID,
    "at": INSTANT,
    "stage": maybe(TEXT),
    "attributes": ATTRIBUTES,
    "referred_by": maybe(ID),
    **MIDLIFE,
}

ENROLLMENT = Document("enrollment", Form(FIELDS, required=("id", "at"), rare=MIDLIFE).field)
