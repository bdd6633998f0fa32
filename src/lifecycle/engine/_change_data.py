"""Stage changes as data."""

from typing import get_args

from lifecycle.engine._event_data import EVENT
from lifecycle.engine._forms import ID, INSTANT, TEXT, Document, Form, maybe, one_of
from lifecycle.engine._kinds import Cause, Kind
from lifecycle.engine._transition_data import TRANSITION
from lifecycle.engine.events import Event
from lifecycle.engine.transitions import Transition

__all__ = ["CHANGE"]

_CHANGE = Form(
    {
        "customer": ID,
        "at": INSTANT,
        "source": TEXT,
        "target": TEXT,
        "kind": one_of(get_args(Kind)),
        "cause": one_of(get_args(Cause)),
        "transition": maybe(TRANSITION.field(Transition)),
        "event": maybe(EVENT.field(Event)),
        "milestone": maybe(TEXT),
    },
    required=("customer", "at", "source", "target", "kind", "cause"),
    rare=("milestone",),
)

CHANGE = Document("change", _CHANGE.field)
