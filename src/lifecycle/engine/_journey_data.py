"""Journeys as data: the definition, the enrollment and the events, from which the rest follows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from lifecycle.engine._compiled import Parts, Tables
from lifecycle.engine._enrollment_data import FIELDS, MIDLIFE
from lifecycle.engine._event_data import EVENT
from lifecycle.engine._forms import INSTANT, Document, Field, Form, listed, maybe
from lifecycle.engine._lifecycle_data import LIFECYCLE, tables_of
from lifecycle.engine.enrollments import UNDATED, Enrollment
from lifecycle.engine.events import Event

__all__ = ["JOURNEY"]


class _Beginning(NamedTuple):
    """How the customer began; without an instant, it is at the first event."""

    id: Any
    at: datetime | None = None
    stage: str | None = None
    attributes: Any = None
    referred_by: Any = None
    entered: datetime | None = None
    last_activity: datetime | None = None
    so_far: Any = None
    zone: str | None = None


class _Kept(NamedTuple):
    """All that is stored of a journey."""

    lifecycle: Parts | Tables
    enrollment: _Beginning
    events: Sequence[Event]
    until: datetime | None = None


_BEGINNING = Form({**FIELDS, "at": maybe(INSTANT)}, required=("id",), rare=MIDLIFE)

_JOURNEY = Form(
    {
        "lifecycle": LIFECYCLE.field(tables_of),
        "enrollment": _BEGINNING.field(_Beginning),
        "events": listed(EVENT.field(Event)),
        "until": maybe(INSTANT),
    },
    required=("lifecycle", "enrollment", "events"),
)


def _kept(journey: Any) -> _Kept:
    begun = journey.enrollment
    told = {name: getattr(begun, name) for name in _Beginning._fields}
    beginning = _Beginning(**told)._replace(at=begun.at if journey._dated else None)
    return _Kept(journey._tables.parts, beginning, journey.events, journey.until)


def _journey(build: Callable[..., Any], kept: _Kept) -> Any:
    begun = kept.enrollment
    return build(
        tables=kept.lifecycle,
        enrollment=Enrollment(**begun._replace(at=begun.at or UNDATED)._asdict()),
        dated=begun.at is not None,
        events=kept.events,
        until=kept.until,
    )


def _field(build: Callable[..., Any]) -> Field:
    return Field(
        lambda path, journey: _JOURNEY.write(path, _kept(journey)),
        lambda notes, path, data: _journey(build, _Kept(**_JOURNEY.read(notes, path, data))),
    )


JOURNEY = Document("journey", _field)
