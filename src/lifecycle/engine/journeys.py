"""Journeys: one customer's stays in order, with the events that made them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine import step
from lifecycle.engine.changes import StageChange
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event
from lifecycle.engine.portable import Portable
from lifecycle.engine.tables import Tables
from lifecycle.errors import (
    DuplicateEventError,
    InvalidTypeError,
    InvalidValueError,
)

if TYPE_CHECKING:
    from lifecycle.engine.definition import Lifecycle

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
    """What late events change about the past.

    Attributes:
        retracted: The changes that did not happen after all.
        added: The changes that happened instead.
    """

    retracted: tuple[StageChange, ...]
    added: tuple[StageChange, ...]


class Enrollment(NamedTuple):
    """How a journey begins."""

    id: str | int
    since: datetime | None
    stage: str
    attributes: _checks.Attributes
    referred_by: str | int | None


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Journey(Portable):
    """One customer's way through a lifecycle, as far as known.

    Journeys are made by `Lifecycle.replay`.

    Attributes:
        customer: The customer as it is at `until`.
        changes: Every stage change, in order.
        events: Every event given, in the order in which they count, each id once; also
            those after `until`, which have not been applied.
        until: The instant up to which time-outs have been taken; None where nothing
            after the last event was asked for.
    """

    customer: Customer
    changes: tuple[StageChange, ...]
    events: tuple[Event, ...]
    until: datetime | None = attrs.field(eq=_checks.moment)
    _enrollment: Enrollment
    _lifecycle: "Lifecycle"

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """The stays, which tile the time from enrollment on without gap or overlap."""
        stages = [self._enrollment.stage, *(change.target for change in self.changes)]
        entered = [self.customer.enrolled, *(change.at for change in self.changes)]
        left = [*entered[1:], None]
        return tuple(map(Stay, stages, entered, left))

    def stage_at(self, at: datetime) -> str:
        """Return the name of the stage in which the customer stood at an instant.

        Args:
            at: An instant from enrollment up to and including `until`, or up to the
                last event where the journey has no `until`.

        Returns:
            The stage; where several were entered at that very instant, the last.

        Raises:
            InvalidValueError: The instant lies outside the journey.
            MixedInstantsError: The instant has a time zone and the journey none, or
                the reverse.
        """
        at = _checks.instant("at", at)
        _checks.same_kind("at", at, "customer.enrolled", self.customer.enrolled)
        first, last = self.customer.enrolled, self._known_until
        if not _checks.utc(first) <= _checks.utc(at) <= _checks.utc(last):
            expected = f"lie within the journey, {_checks.shown(first)} to {_checks.shown(last)}"
            raise InvalidValueError("at", at, expected)
        entered = [_checks.utc(stay.entered) for stay in self.stays]
        return self.stays[bisect_right(entered, _checks.utc(at)) - 1].stage

    def amend(self, *events: Event) -> "tuple[Journey, Correction]":
        """Take late events into account, as if they had been known in time.

        Args:
            *events: Events of any instant; one whose id is known already is dropped.

        Returns:
            The new journey, and what it changes about the past.

        Raises:
            DuplicateEventError: An id is known already with other content.
            InvalidValueError: An event lies before a given `since`.
            MixedInstantsError: An event has a time zone and the journey none, or the
                reverse.
            UnknownNameError: The lifecycle does not know an event's name.
        """
        new = replay(self._lifecycle, self._enrollment, (*self.events, *events), self.until)
        before, after = Counter(map(_key, self.changes)), Counter(map(_key, new.changes))
        return new, Correction(
            tuple(_picked(self.changes, before - after)),
            tuple(_picked(new.changes, after - before)),
        )

    @property
    def _known_until(self) -> datetime:
        if self.until is not None:
            return self.until
        return self.events[-1].at if self.events else self.customer.enrolled

    def __repr__(self) -> str:
        return (
            f"<Journey of {self.customer.id!r}: {len(self.events)} events, "
            f"{len(self.changes)} changes, in {self.customer.stage!r} "
            f"at {_checks.shown(self._known_until)}>"
        )


def replay(
    lifecycle: "Lifecycle", enrollment: Enrollment, events: Iterable[Event], until: datetime | None
) -> Journey:
    """Fold `apply` over events in their order, then advance to `until`."""
    tables = lifecycle._tables
    ordered = _ordered(tables, _distinct(_checked(tables, events)))
    start = _start(enrollment, ordered, until)
    customer = lifecycle.enroll(
        enrollment.id,
        at=start,
        stage=enrollment.stage,
        attributes=enrollment.attributes,
        referred_by=enrollment.referred_by,
    )
    end = None if until is None else _checks.utc(until)
    changes: list[StageChange] = []
    for event in ordered:
        if end is not None and event._instant > end:
            break
        customer, made = step.apply(tables, customer, event)
        changes += made
    if until is not None:
        customer, made = step.advance(tables, customer, until)
        changes += made
    return Journey(
        customer=customer,
        changes=tuple(changes),
        events=tuple(ordered),
        until=until,
        enrollment=enrollment,
        lifecycle=lifecycle,
    )


def _checked(tables: Tables, events: Iterable[Event]) -> Iterator[Event]:
    if isinstance(events, Event) or not isinstance(events, Iterable):
        raise InvalidTypeError("events", events, "be an iterable of Event")
    for event in events:
        step.reaction_of(tables, event)
        yield event


def _distinct(events: Iterable[Event]) -> list[Event]:
    """Drop events whose id came before; the same id with other content is a mistake."""
    by_id: dict[str | int, Event] = {}
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
    """Sort by instant, then as the definition names them, then by id with none last."""

    def key(event: Event) -> tuple[Any, ...]:
        name = tables.reactions[event.name].rank
        return event._instant, name, event.id is None, isinstance(event.id, str), event.id or 0

    _all_alike([event.at for event in events])
    return sorted(events, key=key)


def _start(enrollment: Enrollment, ordered: Sequence[Event], until: datetime | None) -> datetime:
    """Return the instant of enrollment: `since`, or the first event."""
    start = enrollment.since
    if start is None:
        if not ordered:
            raise InvalidValueError("since", None, "be given where there is no event")
        start = ordered[0].at
    elif ordered:
        _checks.same_kind("event.at", ordered[0].at, "since", start)
        if ordered[0]._instant < _checks.utc(start):
            expected = f"not lie before since, {_checks.shown(start)}"
            raise InvalidValueError("event.at", ordered[0].at, expected)
    if until is not None:
        _checks.same_kind("until", until, "enrollment", start)
        if _checks.utc(until) < _checks.utc(start):
            expected = f"not lie before enrollment, {_checks.shown(start)}"
            raise InvalidValueError("until", until, expected)
    return start


def _all_alike(instants: list[datetime]) -> None:
    for i, at in enumerate(instants):
        _checks.same_kind(f"events[{i}].at", at, "events[0].at", instants[0])


def _key(change: StageChange) -> Hashable:
    """Return what tells changes of one journey apart; code in a condition need not hash."""
    return _checks.utc(change.at), change.source, change.target, id(change.transition), change.event


def _picked(changes: Iterable[StageChange], wanted: Counter[Hashable]) -> Iterator[StageChange]:
    """Yield the wanted changes in their order, each as often as wanted."""
    for change in changes:
        key = _key(change)
        if wanted[key] > 0:
            wanted[key] -= 1
            yield change
