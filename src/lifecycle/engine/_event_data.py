"""Events as data."""

from lifecycle.engine._forms import (
    ATTRIBUTES,
    COUNT,
    ID,
    INSTANT,
    NUMBER,
    TEXT,
    Document,
    Form,
    maybe,
)

__all__ = ["EVENT", "EVENT_FORM"]

_FIELDS = {
    "name": TEXT,
    "at": INSTANT,
    "value": maybe(NUMBER),
    "id": maybe(ID),
    "attributes": ATTRIBUTES,
    "sets": ATTRIBUTES,
    "sequence": maybe(COUNT),
}

EVENT_FORM = Form(_FIELDS, required=("name", "at"))
EVENT = Document("event", EVENT_FORM.field)
