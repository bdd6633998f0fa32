"""Reading journeys once: what every insight needs to know of a customer, in UTC.

Journeys and change logs are read into the same form, one `Course` for each customer. A
naive instant is a local time of the calendar's zone, of UTC where there is no calendar. Local
times that the clocks skip would come after later ones; they wait for them instead, so that the
moments of a course never go back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, chain
from typing import Any, NamedTuple, cast

import attrs

from lifecycle import _checks
from lifecycle.engine.changes import StageChange
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.journeys import Journey
from lifecycle.engine.stages import Stage, Status
from lifecycle.errors import InvalidTypeError, InvalidValueError, WrongDefinitionError
from lifecycle.metrics._activity import Id, Instant, Reader
from lifecycle.periods import Calendar

__all__ = ["Book", "ChangeLog", "Course", "Journeys", "Payment", "payments", "read"]


_AWAY = (Status.DORMANT, Status.CHURNED)


class Course(NamedTuple):
    """What is known of one customer: stays that tile the time from enrollment on.

    `stages[i]` was entered at `moments[i]` by a change of kind `kinds[i - 1]`, and left at
    `moments[i + 1]`; the last one is where the customer stands at `until`.
    """

    id: Id
    stages: Sequence[str]
    moments: Sequence[datetime]
    kinds: Sequence[str]
    until: datetime
    journey: Journey | None

    def left(self, i: int) -> datetime | None:
        """Return when a stay was left; None for the last one."""
        return self.moments[i + 1] if i + 1 < len(self.moments) else None

    def known(self, end: datetime | None = None) -> datetime:
        """Return up to when the customer is known, within a window that ends then."""
        return self.until if end is None else min(self.until, end)


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


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class ChangeLog:
    """Stage changes with their definition, for insights where no journeys are kept.

    Pass it where journeys are expected. It knows no events and no attributes, so that
    revenue stays unknown, and `by` takes a calendar or a mapping.

    Args:
        lifecycle: The definition to which the changes belong.
        changes: Stage changes of any number of customers; those of one customer in the
            order in which they happened, wherever they lie at one instant.
        enrolled: When each customer was enrolled, also of those who never changed stage.
            Without it a customer is enrolled at the first change, so that the first stay has
            no length.
        until: Up to and including when changes are known: a date for its whole day, or an
            instant; by default the last change.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A change does not lead on from the stage of the one before; or a
            customer with changes is not enrolled, or enrolled after the first; or `until`
            lies before a change.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: A change leads from or to a stage that the definition does not have.

    Examples:
        >>> from lifecycle import presets
        >>> shop = presets.retail()
        >>> ann = shop.replay("ann", [Event("purchase", datetime(2026, 1, 5, tzinfo=UTC))])
        >>> ChangeLog(shop, ann.changes, until=datetime(2026, 2, 1, tzinfo=UTC))
        <ChangeLog of 'retail': 1 change>
    """

    lifecycle: Lifecycle
    changes: tuple[StageChange, ...]
    enrolled: Mapping[Id, Instant] | None
    until: Instant | None

    def __init__(
        self,
        lifecycle: Lifecycle,
        changes: Iterable[StageChange],
        *,
        enrolled: Mapping[Id, Instant] | None = None,
        until: Instant | None = None,
    ) -> None:
        _checks.instance("lifecycle", lifecycle, Lifecycle)
        if enrolled is not None and not isinstance(enrolled, Mapping):
            expected = "be a mapping from customers to instants"
            raise InvalidTypeError("enrolled", enrolled, expected)
        births: Any = None if enrolled is None else _checks.Attributes(cast("Any", enrolled))
        self.__attrs_init__(lifecycle, _changes(lifecycle, changes), births, until)
        self._courses(Reader())  # whatever is wrong is told here

    def __repr__(self) -> str:
        n = len(self.changes)
        said = "1 change" if n == 1 else f"{n:,} changes"
        return f"<ChangeLog of {self.lifecycle.name!r}: {said}>"

    def _courses(self, reader: Reader) -> list[Course]:
        ats = reader.moments("changes", [change.at for change in self.changes])
        births = self._births(reader)
        by_customer: dict[Id, list[tuple[datetime, int]]] = {id_: [] for id_ in births or ()}
        for i, change in enumerate(self.changes):
            if births is not None and change.customer not in births:
                expected = "be one of those enrolled"
                raise InvalidValueError(f"changes[{i}].customer", change.customer, expected)
            by_customer.setdefault(change.customer, []).append((_checks.utc(change.at), i))
        until = self._until(reader, ats, births)
        return [
            self._course(id_, [(ats[i], i) for _, i in sorted(rows)], births, until)
            for id_, rows in by_customer.items()
        ]

    def _births(self, reader: Reader) -> dict[Id, datetime] | None:
        if self.enrolled is None:
            return None
        return {
            _checks.identifier("a key of enrolled", id_): reader.moment(f"enrolled[{id_!r}]", at)
            for id_, at in self.enrolled.items()
        }

    def _until(
        self, reader: Reader, ats: Sequence[datetime], births: Mapping[Id, datetime] | None
    ) -> datetime | None:
        last = max(chain(ats, (births or {}).values()), default=None)
        if self.until is None:
            return last
        until = reader.until("until", self.until)
        if last is not None and until < last:
            expected = f"not lie before what is known last, {_checks.shown(last)}"
            raise InvalidValueError("until", self.until, expected)
        return until

    def _course(
        self,
        id_: Id,
        rows: Sequence[tuple[datetime, int]],
        births: Mapping[Id, datetime] | None,
        until: Any,
    ) -> Course:
        made = [self.changes[i] for _, i in rows]
        enrolled = rows[0][0] if births is None else births[id_]
        if rows and enrolled > rows[0][0]:
            expected = f"not lie after the first change, {_checks.shown(rows[0][0])}"
            raise InvalidValueError(f"enrolled[{id_!r}]", enrolled, expected)
        stages = [made[0].source if made else self.lifecycle.initial]
        for change, (_, i) in zip(made, rows, strict=True):
            if change.source != stages[-1]:
                expected = f"be {stages[-1]!r}, which customer {id_!r} had entered before"
                raise InvalidValueError(f"changes[{i}].source", change.source, expected)
            stages.append(change.target)
        moments = list(accumulate([enrolled, *(at for at, _ in rows)], max))
        kinds = [change.kind for change in made]
        return Course(id_, stages, moments, kinds, max(until, moments[-1]), None)


Journeys = Iterable[Journey] | ChangeLog
"""What insights are made from."""


def _changes(lifecycle: Lifecycle, changes: Any) -> tuple[StageChange, ...]:
    if isinstance(changes, StageChange) or not isinstance(changes, Iterable):
        raise InvalidTypeError("changes", changes, "be an iterable of StageChange")
    found, known = tuple(changes), [stage.name for stage in lifecycle.stages]
    for i, change in enumerate(found):
        _checks.instance(f"changes[{i}]", change, StageChange)
        for side in ("source", "target"):
            _checks.choice(f"changes[{i}].{side}", getattr(change, side), known)
    return found


def read(journeys: Journeys, calendar: Calendar | None = None) -> Book:
    """Read journeys or a change log, each customer once."""
    reader = Reader(
        calendar if calendar is None else _checks.instance("calendar", calendar, Calendar)
    )
    if isinstance(journeys, ChangeLog):
        return _book(journeys.lifecycle, journeys._courses(reader), reader)
    if isinstance(journeys, Journey | Mapping | str) or not isinstance(journeys, Iterable):
        raise InvalidTypeError("journeys", journeys, "be an iterable of Journey, or a ChangeLog")
    found = list(journeys)
    for i, journey in enumerate(found):
        _checks.instance(f"journeys[{i}]", journey, Journey)
    _check_alike(found)
    courses = [_course(reader, i, journey) for i, journey in enumerate(found)]
    return _book(found[0]._lifecycle if found else None, courses, reader)


def _book(lifecycle: Lifecycle | None, courses: Sequence[Course], reader: Reader) -> Book:
    if lifecycle is None:
        return Book({}, frozenset(), courses, reader)
    stages = {stage.name: stage for stage in lifecycle.stages}
    return Book(stages, _fading(lifecycle), courses, reader)


def _fading(lifecycle: Lifecycle) -> frozenset[str]:
    """Return the stages of customers who fade: dormant, churned, or entered by idleness alone."""
    entered: dict[str, set[bool]] = {}
    for way in lifecycle.transitions:
        is_idle = way.after is not None and way.after.clock == "idle"
        entered.setdefault(way.target, set()).add(is_idle)
    return frozenset(
        stage.name
        for stage in lifecycle.stages
        if stage.status in _AWAY or entered.get(stage.name) == {True}
    )


def _check_alike(journeys: Sequence[Journey]) -> None:
    """Check that there is one journey for each customer, and one definition for all."""
    seen: set[Id] = set()
    for i, journey in enumerate(journeys):
        id_, own, first = journey.customer.id, journey._lifecycle, journeys[0]._lifecycle
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
