"""Transitions: permissions to move, on an event or after a time-out."""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import attrs

from lifecycle import _checks
from lifecycle._lengths import Period, as_period
from lifecycle._values import call
from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import (
    Condition,
    Measure,
    Names,
    Sum,
    event_condition,
    is_data,
    length_or_until,
    some_names,
)
from lifecycle.engine.customers import Customer
from lifecycle.engine.dates import At
from lifecycle.engine.events import Event
from lifecycle.engine.falls import Fall
from lifecycle.engine.stages import Status, stage_name
from lifecycle.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from lifecycle.periods import Calendar, Until

__all__ = ["ANY", "Timeout", "Transition", "dwell", "idle"]

Predicate: TypeAlias = Callable[[Customer, Event | None], bool]
"""A condition that is code; `None` stands for a time-out."""


class Anything(Enum):
    """The source that means every stage which is not final."""

    ANY = "any"

    def __repr__(self) -> str:
        return self.name


ANY: Final = Anything.ANY
"""The source that means every stage which is not final."""

Source: TypeAlias = str | Status | Anything
"""A stage by its name, all stages of a status, or all stages."""


_CLOCKS = {"idle": "a timedelta or a Period", "dwell": "a timedelta, a Period or an Until"}
"""Each clock, and what it can run for."""


def _clock(value: Literal["idle", "dwell"]) -> Literal["idle", "dwell"]:
    _checks.choice("timeout.clock", value, _CLOCKS)
    return value


ANCHORS = ("run", "entry", "enrolled")
"""From where the lengths of dwell time-outs are counted."""


def _anchor(value: str) -> str:
    return _checks.choice("timeout.anchor", value, ANCHORS)


def _event(value: Names | None) -> str | tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, str | tuple | list):
        return some_names("idle", value)
    error = InvalidTypeError("idle", value, "be the name of an event")
    error.hint = f"; pass the length by its unit, such as {_in_units(value)}"
    raise error


def _in_units(value: Any) -> str:
    """Return how to wait for a length, given as a number of days or in place of an event."""
    try:
        is_number = isinstance(value, int | float)
        length = Period(days=value) if is_number else as_period("idle", value)
    except (InvalidTypeError, InvalidValueError):
        length = Period(days=90)
    return repr(Timeout("idle", length))


@attrs.frozen(repr=False, weakref_slot=False)
class Timeout:
    """A length of time after which a transition is taken by itself; see `idle` and `dwell`.

    Args:
        clock: "idle" counts from the last activity, "dwell" from entering the stage.
        length: How long, or until which calendar period ends.
        event: For "idle", the event from whose last occurrence it counts, or several; any
            activity where it is None.
        where: For "idle" of some events, which of them count; all where it is None.
        anchor: For "dwell" with a length, from where it is counted; see `dwell`.
    """

    clock: Literal["idle", "dwell"] = attrs.field(converter=_clock)
    length: "Period | Until"
    event: str | tuple[str, ...] | None = attrs.field(default=None, converter=_event)
    where: Condition | None = attrs.field(default=None, kw_only=True, converter=event_condition)
    anchor: str = attrs.field(default="run", kw_only=True, converter=_anchor)

    def __attrs_post_init__(self) -> None:
        argument = f"{self.clock}.length"
        convert = length_or_until if self.clock == "dwell" else as_period
        length = convert(argument, self.length, accepted=_CLOCKS[self.clock])
        object.__setattr__(self, "length", length)
        if self.clock == "dwell" and self.event is not None:
            raise InvalidValueError("dwell.event", self.event, "be None: only idle has events")
        if self.where is not None and self.event is None:
            expected = "be left out, or be given with the names of the events that it is about"
            raise InvalidValueError(f"{self.clock}.where", self.where, expected)
        self._check_anchor()

    def _check_anchor(self) -> None:
        """Check that only a dwell length has an anchor, and keep it where it makes a difference."""
        if self.anchor == "run":
            return
        if self.clock != "dwell" or not isinstance(self.length, Period):
            raise InvalidValueError(
                f"{self.clock}.anchor", self.anchor, "be left out, or be given with a dwell length"
            )
        if self.anchor == "entry" and self.length.length:
            object.__setattr__(self, "anchor", "run")  # of which a fixed length is the same

    @property
    def run(self) -> Period | None:
        """The calendar length of which re-entries make a run; None where they make none."""
        if self.clock != "dwell" or self.anchor != "run" or not isinstance(self.length, Period):
            return None
        return self.length if self.length.months else None

    @property
    def names(self) -> tuple[str, ...]:
        """The events as a tuple, also where there is only one, or none is named."""
        if isinstance(self.event, tuple):
            return self.event
        return () if self.event is None else (self.event,)

    @property
    def sorted_names(self) -> tuple[str, ...]:
        """The events in the order of their text: in which they are given makes no difference."""
        return tuple(sorted(self.names))

    @property
    def reads(self) -> tuple[object, ...]:
        """Which clock it reads; a nearer level silences time-outs of the same one."""
        return self.clock, self.sorted_names, self.where

    @property
    def reason(self) -> tuple[object, ...]:
        """What makes it come up."""
        return self.reads, self.length, self.anchor

    def __repr__(self) -> str:
        given = [] if self.event is None else [repr(self.event)]
        if isinstance(self.length, Period):
            given.append(repr(self.length).removeprefix("Period(").removesuffix(")"))
        else:
            is_plain = self.length == type(self.length)(self.length.grain)
            given.append(f"until={(self.length.grain if is_plain else self.length)!r}")
        given += [] if self.where is None else [f"where={self.where!r}"]
        given += [] if self.anchor == "run" else [f"anchor={self.anchor!r}"]
        return f"{self.clock}({', '.join(given)})"


def idle(  # noqa: PLR0913  (one keyword for each unit)
    event: Names | None = None,
    /,
    *,
    weeks: float = 0,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
    months: int = 0,
    years: int = 0,
    where: Condition | None = None,
) -> Timeout:
    """Wait for a time without activity, wherever the customer stood meanwhile.

    The deadline is the last activity plus the length, and never before the stage was
    entered. A customer without any such event counts from enrollment.

    Args:
        event: Count from the last event of this name only, or of these names, whatever
            counts as activity.
        weeks: Of 7 days.
        days: Of exactly 24 hours, also where the clocks change.
        hours: Of 60 minutes.
        minutes: Of 60 seconds.
        seconds: Down to microseconds.
        months: Calendar months; not together with fixed lengths.
        years: Calendar years; not together with fixed lengths.
        where: Count only from events, among those named, for which this holds: a condition
            of `value()` and `event_attribute(...)`.

    Raises:
        InvalidValueError: No length, a negative one, or both kinds of length; `where`
            without names, or reading more than the event.
        InvalidTypeError: A length is no number, or months or years are fractional.

    Examples:
        >>> idle(days=90)
        idle(days=90)
        >>> idle("purchase", months=6)
        idle('purchase', months=6)
        >>> idle(("purchase", "renewal"), days=90, where=value() >= 10)
        idle(('purchase', 'renewal'), days=90, where=value() >= 10)
    """
    named = _event(event)
    length = _period(weeks, days, hours, minutes, seconds, months, years)
    return Timeout("idle", length, named, where=where)


def dwell(  # noqa: PLR0913  (one keyword for each unit)
    *,
    until: "str | Until | Calendar | None" = None,
    weeks: float = 0,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
    months: int = 0,
    years: int = 0,
    anchor: str = "run",
) -> Timeout:
    """Wait for a time in the stage, whatever happens meanwhile.

    The deadline is the instant at which the stage was entered plus the length; where the stage
    was entered anew by such a time-out of months or years, the next of the steps that are
    counted from the first entry, so that a renewal keeps its day.

    Args:
        until: Instead of a length: the end of the "day", "week", "month", "quarter" or
            "year" in which the stage was entered, in the zone of that instant; or of the
            period of a `Calendar`, in its zone.
        weeks: Of 7 days.
        days: Of exactly 24 hours, also where the clocks change.
        hours: Of 60 minutes.
        minutes: Of 60 seconds.
        seconds: Down to microseconds.
        months: Calendar months; not together with fixed lengths.
        years: Calendar years; not together with fixed lengths.
        anchor: From where a length is counted. "run", by default: from the first entry of a
            run, which is an entry into the stage and the re-entries after it, each by a dwell
            time-out of the same months or years. "entry": from the last entry. "enrolled":
            the first of the steps from the enrollment that is after the last entry.

    Raises:
        InvalidValueError: No length, a negative one, or more than one kind of length; or an
            anchor of `until`.
        InvalidTypeError: A length is no number, or months or years are fractional.
        UnknownNameError: `anchor` is none of those known.

    Convention:
        Monthly renewals of an entry on 31 January are on 28 February, 31 March and 30 April,
        as billing services count them. With `anchor="entry"` they are on the 28th from then
        on. For weeks to seconds, "run" and "entry" are the same, and are kept as "run".

    Examples:
        >>> dwell(until="year")
        dwell(until='year')
        >>> dwell(until=Until("year", year_start=4))
        dwell(until=Until('year', year_start=4))
        >>> dwell(months=1, anchor="enrolled")
        dwell(months=1, anchor='enrolled')
    """
    if until is None:
        length = _period(weeks, days, hours, minutes, seconds, months, years)
        return Timeout("dwell", length, anchor=anchor)
    if any((weeks, days, hours, minutes, seconds, months, years)):
        raise InvalidValueError("dwell", f"until={until!r} and a length", "have one of the two")
    from lifecycle.periods import as_until

    try:
        return Timeout("dwell", as_until("until", until), anchor=anchor)
    except InvalidTypeError as error:
        error.hint = _as_date(until)
        raise


def _period(*lengths: float) -> Period:
    units = ("weeks", "days", "hours", "minutes", "seconds", "months", "years")
    return Period(**dict(zip(units, lengths, strict=True)))  # type: ignore[arg-type]  # months are whole


def sources_of(argument: str, value: Source | tuple[Source, ...]) -> Source | tuple[Source, ...]:
    """Return the stages that are meant, a single one without its tuple."""
    if not isinstance(value, tuple | list):
        return _one_source(argument, value)
    found = tuple(_one_source(f"{argument}[{i}]", one) for i, one in enumerate(value))
    if not found or len(set(map(_identity, found))) != len(found):
        raise InvalidValueError(argument, value, "name at least one stage, each once")
    return found[0] if len(found) == 1 else found


def _one_source(argument: str, value: Source) -> Source:
    if isinstance(value, Status | Anything):
        return value
    if not isinstance(value, str):
        raise InvalidTypeError(
            argument, value, "be a stage's name, a Status, ANY, or a tuple of these"
        )
    return _checks.name(argument, value)


def _source(value: Source | tuple[Source, ...]) -> Source | tuple[Source, ...]:
    return sources_of("transition.source", value)


def _target(value: str) -> str:
    return stage_name("transition.target", value)


def _on(value: str | None) -> str | None:
    if isinstance(value, tuple | list | set | frozenset):
        error = InvalidTypeError("transition.on", value, "be the name of one event")
        error.hint = "; write a transition for each event"
        raise error
    return None if value is None else _checks.name("transition.on", value)


After: TypeAlias = Timeout | At | Fall
"""A time-out of any clock."""


def timeout_of(argument: str, value: After | None) -> After | None:
    """Return a time-out."""
    if value is not None and not isinstance(value, get_args(After)):
        expected = "be idle(...), dwell(...), at(...) or falls(...)"
        error = InvalidTypeError(argument, value, expected)
        error.hint = _as_date(value)
        raise error
    return value


def _as_date(value: object) -> str:
    """Return how to wait for a date, given as the attribute that holds it."""
    is_set = isinstance(value, Measure) and MEASURES[value.kind].is_set
    return f"; pass after=at({value!r}) for its date" if is_set else ""


def _after(value: After | None) -> After | None:
    return timeout_of("transition.after", value)


def condition_of(
    argument: str, value: Condition | Predicate | None
) -> Condition | Predicate | None:
    """Return a condition: data, or code that takes a customer and an event."""
    if value is None or is_data(value):
        return value
    if isinstance(value, Measure | Sum):
        raise InvalidTypeError(argument, value, "compare the measure with a value")
    if callable(value):
        predicate: Predicate = _checks.function(argument, value, "customer", "event")
        return predicate
    hint = "; == compares measures, .equals(x) asks for a value" if _is_bool(value) else ""
    raise InvalidTypeError(argument, value, f"be a condition, such as count('purchase') >= 3{hint}")


def _when(value: Condition | Predicate | None) -> Condition | Predicate | None:
    return condition_of("transition.when", value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _identity(source: object) -> tuple[str, object]:
    return (type(source).__name__, source)


def sources_identity(source: Source | tuple[Source, ...]) -> tuple[tuple[str, object], ...]:
    """Return by what sources are equal: a stage called "active" is not the status."""
    return tuple(map(_identity, source if isinstance(source, tuple) else (source,)))


@attrs.frozen(repr=False, weakref_slot=False)
class Transition:
    """Permission to move from one or more stages to another.

    Args:
        source: A stage's name, a `Status` (its stages), `ANY`, or a tuple of these.
            Groups mean the stages that are not final, and leave out the target.
        target: The name of the stage that is entered; the source's own name makes a
            re-entry, which begins a new stay.
        on: The event that moves the customer. Exactly one of `on` and `after` is given.
        after: The time-out that moves the customer.
        when: The condition that must hold: data such as `count("purchase") >= 3`, or
            any callable `(customer, event) -> bool`, which gets None for a time-out.

    Raises:
        InvalidTypeError: A field is of another type; `when` is a coroutine function or a
            generator function, or does not take two arguments.
        InvalidValueError: A name is blank, a source stands twice, or not exactly one of
            `on` and `after` is given.

    Examples:
        >>> Transition(Status.ACTIVE, "lapsed", after=idle(days=90))
        Transition(Status.ACTIVE, 'lapsed', after=idle(days=90))
    """

    source: Source | tuple[Source, ...] = attrs.field(converter=_source, eq=sources_identity)
    target: str = attrs.field(converter=_target)
    on: str | None = attrs.field(default=None, kw_only=True, converter=_on)
    after: After | None = attrs.field(default=None, kw_only=True, converter=_after)
    when: Condition | Predicate | None = attrs.field(default=None, kw_only=True, converter=_when)

    def __attrs_post_init__(self) -> None:
        if (self.on is None) == (self.after is None):
            both = f"on={self.on!r}, after={self.after!r}"
            raise InvalidValueError("transition", both, "have exactly one of on and after")

    @property
    def sources(self) -> tuple[Source, ...]:
        """The sources as a tuple, also where only one was given."""
        return self.source if isinstance(self.source, tuple) else (self.source,)

    def __repr__(self) -> str:
        return call(self, "source", "target")
