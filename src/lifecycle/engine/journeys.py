"""Journeys: one customer's stays in order, with the events that made them."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, Self

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine import _step
from lifecycle.engine._compiled import Tables
from lifecycle.engine.changes import StageChange
from lifecycle.engine.customers import Customer, local
from lifecycle.engine.enrollments import Enrollment
from lifecycle.engine.events import Event
from lifecycle.errors import (
    DuplicateEventError,
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)

__all__ = ["Correction", "Journey", "Stay"]


@attrs.frozen(repr=False, weakref_slot=False)
class Stay:
    """A dated, half-open interval `[entered, left)` in one stage.

    Attributes:
        stage: The name of the stage.
        entered: When it was entered.
        left: When it was left; None while the customer is still there.
    """

    stage: str
    entered: datetime = attrs.field(eq=_checks.moment)
    left: datetime | None = attrs.field(eq=_checks.moment)

    @property
    def duration(self) -> timedelta | None:
        """The elapsed time of the stay, whatever the clocks did; None while it is open."""
        if self.left is None:
            return None
        return _checks.utc(self.left) - _checks.utc(self.entered)

    def __repr__(self) -> str:
        return call(self, "stage", "entered", "left")


class Correction(NamedTuple):
    """What is to be changed about the changes on file.

    Attributes:
        retracted: The recorded changes that did not happen after all.
        added: The changes that happened instead.
    """

    retracted: tuple[StageChange, ...]
    added: tuple[StageChange, ...]


def _enrollment(value: Enrollment) -> Enrollment:
    return _checks.instance("enrollment", value, Enrollment)


def _given(events: Iterable[Event]) -> tuple[Event, ...]:
    if isinstance(events, Event) or not isinstance(events, Iterable):
        raise InvalidTypeError("events", events, "be an iterable of Event")
    return tuple(events)


def _until(value: datetime | None) -> datetime | None:
    return None if value is None else _checks.instant("until", value)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Journey:
    """One customer's way through a lifecycle, as far as known.

    Journeys are made by `Lifecycle.replay`. `attrs.evolve` follows the customer anew: with
    other `events`, another `until` or another `enrollment`.

    Attributes:
        enrollment: How the customer began.
        events: Every event given, in the order in which they count, each id once; also
            those after `until`, which have not been applied.
        until: The instant up to which time-outs have been taken; None where nothing
            after the last event was asked for.
        customer: The customer as it is at `until`.
        changes: Every stage change, in order, and every milestone.
    """

    _tables: Tables = attrs.field(eq=attrgetter("parts"))
    _begun: Enrollment = attrs.field(converter=_enrollment, alias="enrollment", eq=False)
    _dated: bool
    """Whether the instant of enrollment was given; it is that of the first event otherwise."""
    events: tuple[Event, ...] = attrs.field(converter=_given)
    until: datetime | None = attrs.field(converter=_until, eq=_checks.moment)
    customer: Customer = attrs.field(init=False)
    changes: tuple[StageChange, ...] = attrs.field(init=False)
    _places: tuple[int, ...] = attrs.field(init=False, eq=False)
    """How many of the changes came before each event that was applied."""
    _most: int = attrs.field(default=_step.MOST, eq=False)

    def __attrs_post_init__(self) -> None:
        tables = self._tables
        events = _ordered(tables, _distinct(_checked(tables, self.events)))
        begun = self._begun if self._dated else attrs.evolve(self._begun, at=_first(events))
        _check_span(begun, events, self.until)
        customer, changes, places = _followed(tables, begun, events, self.until, self._most)
        object.__setattr__(self, "events", tuple(events))
        object.__setattr__(self, "customer", customer)
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "_places", places)

    @property
    def enrollment(self) -> Enrollment:
        """How the customer began; another replay needs this and the events."""
        return self.customer.enrollment

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """The stays, which tile the time from enrollment on without gap or overlap.

        Of a customer that was enrolled in mid-life, they begin where it entered its stage.
        """
        moves = [change for change in self.changes if change.is_move]
        stages = [self.customer._origin.stage, *(move.target for move in moves)]
        entered = [self._begins, *(move.at for move in moves)]
        left = [*entered[1:], None]
        return tuple(map(Stay, stages, entered, left))

    @property
    def _begins(self) -> datetime:
        """When the first stay begins."""
        midlife = self.customer._origin.midlife
        return (midlife and midlife.entered) or self.customer.enrolled

    @cached_property
    def _entries(self) -> list[datetime]:
        """The instants at which the stays begin, as instants compare."""
        return [_checks.utc(stay.entered) for stay in self.stays]

    def stage_at(self, at: datetime) -> str:
        """Return the name of the stage the customer was in at an instant.

        The first call lists the stays; each further one takes the logarithm of their number.

        Args:
            at: An instant from enrollment (from when the stage was entered, if that was
                in mid-life) up to and including `until`, or up to the last event where the
                journey has no `until`.

        Returns:
            The stage; where several were entered at that very instant, the last.

        Raises:
            InvalidValueError: The instant is outside the journey.
            MixedInstantsError: The instant has a time zone and the journey none, or
                the reverse.
        """
        at = _checks.instant("at", at)
        _checks.same_kind("at", at, "customer.enrolled", self.customer.enrolled)
        first, last = self._begins, self._known_until
        if not _checks.utc(first) <= _checks.utc(at) <= _checks.utc(last):
            expected = f"be within the journey, {_checks.shown(first)} to {_checks.shown(last)}"
            raise InvalidValueError("at", at, expected)
        return self.stays[bisect_right(self._entries, _checks.utc(at)) - 1].stage

    def correction(self, recorded: Iterable[StageChange]) -> Correction:
        """Compare the journey with the stage changes that were recorded before.

        Use it where changes are on file, made by `Lifecycle.apply` in the order in which
        events arrived: what is on file minus `retracted` plus `added` are the changes of
        the journey. Changes are compared by value, so those that were stored and loaded
        again will do, and an instant is the same in every time zone.

        Args:
            recorded: The customer's changes on file, in any order: all that were recorded up to
                the journey's `until`. A migration among them is retracted, because a
                journey follows one definition from the start.

        Returns:
            Which of the recorded changes to retract, and what to add.

        Raises:
            InvalidTypeError: A recorded change is not a `StageChange`.
            InvalidValueError: A change is another customer's.
            MixedInstantsError: A change has a time zone and the journey none, or the
                reverse.
        """
        return _difference(_recorded(recorded, self.customer), self.changes)

    def amend(self, *events: Event) -> "tuple[Journey, Correction]":
        """Take late events into account, as if they had been known in time.

        Each call replays the journey once, however many events it is given; so give
        events that came together in one call.

        Args:
            *events: Events of any instant; one whose id is known already is dropped.

        Returns:
            The new journey, and what it changes about the past.

        Raises:
            DuplicateEventError: An id is known already with other content; `replace`
                gives an event other content.
            InvalidValueError: An event is before the enrollment, where its instant was given.
            MixedInstantsError: An event has a time zone and the journey none, or the
                reverse.
            TooManyChangesError: Time-outs make more changes than the journey allows.
            UnknownNameError: The lifecycle does not know an event's name.
        """
        return self._with((*self.events, *events))

    def withdraw(self, *ids: _checks.Id) -> "tuple[Journey, Correction]":
        """Take events back, as if they had never happened: test orders, chargebacks.

        Args:
            *ids: The ids of the events.

        Returns:
            The new journey, and what it changes about the past.

        Raises:
            InvalidTypeError: An id is not text, a whole number or a `UUID`.
            InvalidValueError: No event is left, and enrollment was at the first of them.
            TooManyChangesError: Time-outs make more changes than the journey allows.
            UnknownNameError: No event of the journey has the id.
        """
        gone = {self._known_id(f"ids[{i}]", value) for i, value in enumerate(ids)}
        return self._with(event for event in self.events if event.id not in gone)

    def replace(self, *events: Event) -> "tuple[Journey, Correction]":
        """Give events other content, as if they had been right from the start.

        Args:
            *events: Events as they should have been, each with the id of one of the
                journey's.

        Returns:
            The new journey, and what it changes about the past.

        Raises:
            DuplicateEventError: Two of the events share an id and differ in content.
            InvalidTypeError: Something is not an `Event`, or an event has no id.
            LifecycleError: As `amend`.
            UnknownNameError: No event of the journey has the id.
        """
        for i, event in enumerate(_checked(self._tables, events)):
            self._known_id(f"events[{i}].id", event.id)
        right = {event.id: event for event in _distinct(events)}
        return self._with(right.get(event.id, event) for event in self.events)

    def _with(self, events: Iterable[Event]) -> "tuple[Journey, Correction]":
        new = attrs.evolve(self, events=events)
        return new, _difference(self.changes, new.changes)

    @cached_property
    def _ids(self) -> dict[_checks.Id, None]:
        """The ids of the events, in their order."""
        return dict.fromkeys(event.id for event in self.events if event.id is not None)

    def _known_id(self, argument: str, value: object) -> _checks.Id:
        found = _checks.identifier(argument, value)
        if found not in self._ids:
            raise UnknownNameError(argument, found, self._ids)
        return found

    @property
    def _known_until(self) -> datetime:
        last = self.events[-1].at if self.events else self.enrollment._known
        return local("until", self.until or last, self.customer)

    def to_dict(self) -> dict[str, Any]:
        """Return the journey as data that `json.dumps` takes, exact and versioned.

        Raises:
            InvalidValueError: It holds a condition that is code, or a time zone without a name.
        """
        from lifecycle.engine._journey_data import JOURNEY

        return JOURNEY.write(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the journey that `to_dict` wrote; nothing in the data is run.

        Args:
            data: What `to_dict` returned, or the same written by hand.

        Raises:
            DataError: The data has mistakes; all of them are listed.
        """
        from lifecycle.engine._journey_data import JOURNEY

        return JOURNEY.read(data, cls)

    def __repr__(self) -> str:
        return (
            f"<Journey of {self.customer.id!r}: {len(self.events)} events, "
            f"{len(self.changes)} changes, in {self.customer.stage!r} "
            f"at {_checks.shown(self._known_until)}>"
        )


def _followed(
    tables: Tables,
    enrollment: Enrollment,
    events: Iterable[Event],
    until: datetime | None,
    most: int,
) -> tuple[Customer, tuple[StageChange, ...], tuple[int, ...]]:
    """Fold `apply` over events in their order, then advance to `until`."""
    customer = _step.enroll(tables, enrollment)
    end = None if until is None else _checks.utc(until)
    changes: list[StageChange] = []
    places: list[int] = []
    timed = 0
    for event in events:
        if end is not None and event._instant > end:
            break
        customer, made = _step.apply(tables, customer, event, most)
        changes += made
        if made:
            moved = made[-1].event is event
            timed += len(made) - moved
            _check_most(customer, changes, timed, most)
            places.append(len(changes) - moved)
        else:
            places.append(len(changes))
    if until is not None:
        customer, made = _step.advance(tables, customer, until, most)
        changes += made
        _check_most(customer, changes, timed + len(made), most)
    return customer, tuple(changes), tuple(places)


def _check_most(customer: Customer, changes: list[StageChange], timed: int, most: int) -> None:
    if timed > most:
        in_silence = [change for change in changes if change.event is None]
        raise _step.too_many(customer, in_silence, most)


def _checked(tables: Tables, events: Iterable[Event]) -> Iterator[Event]:
    for event in events:
        watch = _step.reaction_of(tables, event).watch
        if watch.dates:
            watch.check("event.sets", event.sets, "event.at", event.at)
        yield event


def _distinct(events: Iterable[Event]) -> list[Event]:
    """Drop events whose id came before; the same id with other content is a mistake."""
    by_id: dict[_checks.Id, Event] = {}
    found = []
    for event in events:
        if event.id is None or event.id not in by_id:
            found.append(event)
        elif by_id[event.id] != event:
            raise DuplicateEventError(by_id[event.id], event)
        if event.id is not None:
            by_id.setdefault(event.id, event)
    return found


def _ordered(tables: Tables, events: list[Event]) -> list[Event]:
    """Sort by instant, sequence, as the definition names them, and id; none of these last."""

    def key(event: Event) -> tuple[Any, ...]:
        order, id = event.sequence, event.id  # noqa: A001  (the field's name)
        name = tables.reactions[event.name].rank
        kind = _checks.ID_ORDER[type(id)]
        return event._instant, order is None, order or 0, name, kind, id or 0

    for i, event in enumerate(events):
        _checks.same_kind(f"events[{i}].at", event.at, "events[0].at", events[0].at)
    return sorted(events, key=key)


def _first(ordered: Sequence[Event]) -> datetime:
    """Return the instant of the first event, where that of enrollment was not given."""
    if not ordered:
        raise InvalidValueError("since", None, "be given to replay where there is no event")
    return ordered[0].at


def _check_span(begun: Enrollment, ordered: Sequence[Event], until: datetime | None) -> None:
    """Check that nothing is before enrollment, nor before what the enrollment tells."""
    start = begun._known
    what = "what the enrollment tells" if start is not begun.at else "enrollment"
    for argument, at in ("event.at", ordered[0].at if ordered else None), ("until", until):
        if at is not None:
            _checks.same_kind(argument, at, "enrollment", start)
            if _checks.utc(at) < _checks.utc(start):
                expected = f"not be before {what}, {_checks.shown(start)}"
                raise InvalidValueError(argument, at, expected)


def _recorded(changes: Iterable[StageChange], customer: Customer) -> list[StageChange]:
    """Return changes that are all of one customer."""
    if isinstance(changes, StageChange) or not isinstance(changes, Iterable):
        raise InvalidTypeError("recorded", changes, "be an iterable of StageChange")
    found = []
    for i, change in enumerate(changes):
        _checks.instance(f"recorded[{i}]", change, StageChange)
        if change.customer != customer.id:
            expected = f"be {customer.id!r}, whose journey this is"
            raise InvalidValueError(f"recorded[{i}].customer", change.customer, expected)
        _checks.same_kind(f"recorded[{i}].at", change.at, "customer.enrolled", customer.enrolled)
        found.append(change)
    return found


def _difference(recorded: Sequence[StageChange], right: Sequence[StageChange]) -> Correction:
    """Compare changes as multisets: equal ones are matched one to one."""
    return Correction(_unmatched(recorded, right), _unmatched(right, recorded))


def _unmatched(
    changes: Iterable[StageChange], others: Iterable[StageChange]
) -> tuple[StageChange, ...]:
    """Return the changes that none of the others equals, each of which matches once."""
    left: dict[Hashable, list[StageChange]] = defaultdict(list)
    for other in others:
        left[_key(other)].append(other)
    return tuple(change for change in changes if not _matched(change, left[_key(change)]))


def _matched(change: StageChange, others: list[StageChange]) -> bool:
    try:
        others.remove(change)
    except ValueError:
        return False
    return True


def _key(change: StageChange) -> Hashable:
    """Return what equal changes share: cheap to hash, and seldom shared by others."""
    event = change.event
    which = change.milestone if event is None else (event.id, event.value)
    return _checks.utc(change.at), change.source, change.target, which
