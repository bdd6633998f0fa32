"""Reading journeys once: what every insight needs to know of a customer, in UTC.

Journeys and change logs are read into the same form, one `Course` for each customer. A
naive instant is a local time of the calendar's zone, of UTC where there is no calendar. Local
times that the clocks skip would come after later ones; they wait for them instead, so that the
moments of a course never go back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple

from lifecycle import _checks
from lifecycle._activity import Id, Reader
from lifecycle.engine._compiled import Parts
from lifecycle.engine.journeys import Journey
from lifecycle.engine.stages import Stage, Status
from lifecycle.errors import InvalidTypeError, InvalidValueError, WrongDefinitionError
from lifecycle.insights._change_logs import ChangeLog
from lifecycle.insights._courses import Course
from lifecycle.periods import Calendar

__all__ = ["Book", "Journeys", "Payment", "payments", "read"]


_AWAY = (Status.DORMANT, Status.CHURNED)


class Book(NamedTuple):
    """All customers of one call, and the stages of their definition, in its order."""

    stages: Mapping[str, Stage]
    fading: frozenset[str]
    courses: Sequence[Course]
    reader: Reader

    def way(self, source: str, target: str) -> str:
        """Say whether a move leads "onward", "away" or "aside".

        Away is to a fading stage; onward from a fading one to another, or to a stage that
        the definition names later; aside is all else: a renewal, a step down.
        """
        if source == target:
            return "aside"
        if target in self.fading:
            return "away"
        names = list(self.stages)
        later = names.index(target) > names.index(source)
        return "onward" if later or source in self.fading else "aside"


Journeys = Iterable[Journey] | ChangeLog
"""What insights are made from."""


def read(journeys: Journeys, calendar: Calendar | None = None) -> Book:
    """Read journeys or a change log, each customer once."""
    reader = Reader(
        calendar if calendar is None else _checks.instance("calendar", calendar, Calendar)
    )
    if isinstance(journeys, ChangeLog):
        return _book(journeys.lifecycle._parts, journeys._courses(reader), reader)
    if isinstance(journeys, Journey | Mapping | str) or not isinstance(journeys, Iterable):
        raise InvalidTypeError("journeys", journeys, "be an iterable of Journey, or a ChangeLog")
    found = list(journeys)
    for i, journey in enumerate(found):
        _checks.instance(f"journeys[{i}]", journey, Journey)
    _check_alike(found)
    courses = [_course(reader, i, journey) for i, journey in enumerate(found)]
    return _book(found[0]._tables.parts if found else None, courses, reader)


def _book(parts: Parts | None, courses: Sequence[Course], reader: Reader) -> Book:
    if parts is None:
        return Book({}, frozenset(), courses, reader)
    stages = {stage.name: stage for stage in parts.stages}
    return Book(stages, _fading(parts), courses, reader)


def _fading(parts: Parts) -> frozenset[str]:
    """Return the stages of customers who fade: dormant, churned, or entered by idleness alone."""
    entered: dict[str, set[bool]] = {}
    for way in parts.transitions:
        is_idle = way.after is not None and way.after.clock == "idle"
        entered.setdefault(way.target, set()).add(is_idle)
    return frozenset(
        stage.name
        for stage in parts.stages
        if stage.status in _AWAY or entered.get(stage.name) == {True}
    )


def _check_alike(journeys: Sequence[Journey]) -> None:
    """Check that there is one journey for each customer, and one definition for all."""
    seen: set[Id] = set()
    for i, journey in enumerate(journeys):
        id_, own, first = journey.customer.id, journey._tables.parts, journeys[0]._tables.parts
        if id_ in seen:
            raise InvalidValueError(f"journeys[{i}].customer.id", id_, "have one journey only")
        seen.add(id_)
        if own is not first and own != first:
            belongs, given = ((each.name, each.version) for each in (own, first))
            raise WrongDefinitionError(id_, belongs, given)


def _course(reader: Reader, i: int, journey: Journey) -> Course:
    customer, changes = journey.customer, journey.changes
    ats = [customer.enrolled, *(change.at for change in changes), journey._known_until]
    *moments, until = accumulate(reader.moments(f"journeys[{i}].stays", ats), max)
    stages = [journey.customer._origin.stage, *(change.target for change in changes)]
    return Course(customer.id, stages, moments, [change.kind for change in changes], until, journey)


class Payment(NamedTuple):
    """The value of one event: in which stay it fell, and in which one it left the customer."""

    at: datetime
    stay: int
    into: int
    amount: _checks.Number


def payments(course: Course, reader: Reader) -> Iterator[Payment]:
    """Yield the values of a customer's events up to `until`, in the order in which they count.

    An event that moves the customer belongs to the stay that it ends, as in the conditions
    of a definition. Time-outs of its instant come before it.
    """
    journey = course.journey
    if journey is None:
        return
    events, changes, until = journey.events, journey.changes, _checks.utc(journey._known_until)
    ats = reader.moments(f"the events of customer {course.id!r}", [event.at for event in events])
    stay, last = 0, len(changes)
    for event, at in zip(events, ats, strict=True):
        then = _checks.utc(event.at)
        if then > until:
            return
        while stay < last and changes[stay].event is None and _checks.utc(changes[stay].at) <= then:
            stay += 1
        into = stay + (stay < last and changes[stay].event is event)
        if event.value is not None:
            yield Payment(at, stay, into, event.value)
        stay = into
