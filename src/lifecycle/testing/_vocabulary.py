"""What can happen in a lifecycle, as far as its conditions tell it apart.

A condition compares what it reads with values that stand in the definition. So a few
values of each event and attribute say all: those wanted, and one below, between and
above them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise, product
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle._lengths import UNITS, Period
from lifecycle.engine._compiled import known_events
from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import (
    Condition,
    Measure,
    criteria,
    is_data,
    terms,
)
from lifecycle.engine.dates import At
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import Transition
from lifecycle.errors import InvalidTypeError, UnknownNameError
from lifecycle.periods import Until

__all__ = [
    "START",
    "TICK",
    "Fact",
    "Vocabulary",
    "around",
    "dated",
    "local",
    "nominal",
    "numbers",
    "shifted",
    "soon",
    "vocabulary",
]

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When customers of tests begin by default."""

TICK = timedelta(microseconds=1)
"""The least that two instants can lie apart."""


class Moment(NamedTuple):
    """A date of a customer, as far as it can be told before one knows when it is given.

    Attributes:
        steps: How it is reached from the instant at which it is given: lengths, and whether
            each leads back.
        fixed: The date itself, where a condition asks for it.
    """

    steps: tuple[tuple[Period, bool], ...] = ()
    fixed: datetime | None = None

    def at(self, instant: datetime) -> datetime | None:
        """Return the date; None where there is none, or none that goes with the instant."""
        if self.fixed is not None:
            is_alike = (self.fixed.tzinfo is None) == (instant.tzinfo is None)
            return self.fixed if is_alike else None
        found: datetime | None = instant
        for length, back in self.steps:
            found = found and (length.before(found) if back else length.after(found))
        return found


def dated(told: Mapping[str, object], instant: datetime) -> Mapping[str, object]:
    """Return attributes as they are at an instant, with the dates of their moments."""
    if not any(isinstance(one, Moment) for one in told.values()):
        return told
    return _checks.Attributes(
        {name: one.at(instant) if isinstance(one, Moment) else one for name, one in told.items()}
    )


class Fact(NamedTuple):
    """An event without its instant and id."""

    name: str
    value: _checks.Number | None = None
    attributes: Mapping[str, object] = _checks.NO_ATTRIBUTES
    sets: Mapping[str, object] = _checks.NO_ATTRIBUTES

    def at(
        self,
        instant: datetime,
        id: int | None = None,  # noqa: A002  (the field's name)
        sequence: int | None = None,
    ) -> Event:
        """Return the event at an instant."""
        return Event(
            self.name,
            instant,
            value=self.value,
            id=id,
            attributes=self.attributes,
            sets=dated(self.sets, instant),
            sequence=sequence,
        )


class Vocabulary(NamedTuple):
    """What can happen in a lifecycle, the simplest first.

    Attributes:
        facts: The events that its conditions tell apart.
        thresholds: The numbers with which values of each event are compared.
        beginnings: The attributes with which a customer can begin; some hold a `Moment`.
        lengths: The lengths of its time-outs and of the windows of its conditions.
        windows: The latter alone.
    """

    facts: tuple[Fact, ...]
    thresholds: Mapping[str, tuple[_checks.Number, ...]]
    beginnings: tuple[Mapping[str, object], ...]
    lengths: tuple[Period | Until, ...]
    windows: tuple[Period, ...]


def vocabulary(lifecycle: Lifecycle, examples: Iterable[Event] = ()) -> Vocabulary:
    """Read off a definition what can happen in it.

    Args:
        lifecycle: The definition.
        examples: Further events, of which all but the instant and the id is taken: what
            conditions that are code look for.
    """
    if not isinstance(lifecycle, Lifecycle):
        raise InvalidTypeError("lifecycle", lifecycle, "be a Lifecycle")
    names = known_events(lifecycle._parts)
    if isinstance(examples, str | Mapping) or not isinstance(examples, Iterable):
        raise InvalidTypeError("examples", examples, "be a series of Event")
    given = [_fact(f"examples[{i}]", event, names) for i, event in enumerate(examples)]
    ways = [way for _, way in lifecycle._parts.ways]
    read = list(_read(ways))
    wanted = _wanted(read)
    windows = [span for one in read for span in _spans(one)]
    timeouts = [way.after.length for way in ways if way.after and way.after.length]
    lengths = tuple(dict.fromkeys((*timeouts, *windows)))
    sets = wanted["sets"][""]
    told: dict[str, tuple[Any, ...]] = {name: around(all_) for name, all_ in sets.items()}
    for name, moments in _moments(ways, soon(lengths)).items():
        asked = (Moment(fixed=one) for one in told.get(name, ()) if isinstance(one, datetime))
        told[name] = (*moments, *asked)
    beginnings = [
        _checks.NO_ATTRIBUTES,
        *(_checks.Attributes({name: one}) for name, all_ in told.items() for one in all_),
    ]
    facts = [
        Fact(name, value, _checks.Attributes(attributes), setting)
        for name in names
        for setting in beginnings
        for value in _values(wanted["values"][name][""])
        for attributes in _choices(wanted["attributes"][name])
    ]
    return Vocabulary(
        facts=(*given, *facts),
        thresholds={
            name: numbers(found[""]) for name, found in wanted["values"].items() if found[""]
        },
        beginnings=tuple(beginnings),
        lengths=lengths,
        windows=tuple(dict.fromkeys(windows)),
    )


def _fact(argument: str, event: object, names: tuple[str, ...]) -> Fact:
    if not isinstance(event, Event):
        raise InvalidTypeError(argument, event, "be an Event")
    if event.name not in names:
        raise UnknownNameError(f"{argument}.name", event.name, names)
    return Fact(event.name, event.value, event.attributes, event.sets)


def _moments(
    ways: Iterable[Transition | Milestone], step: Period
) -> dict[str, list[Moment | None]]:
    """Return for each attribute dates whose time-outs are due soon or later, or have been."""
    found: dict[str, list[Moment | None]] = {}
    for each in (way.after for way in ways if isinstance(way.after, At)):
        length = each.length
        undone = () if length is None else ((length, not each.before),)
        later = () if length is None else ((length, False),)
        found.setdefault(each.attribute, []).extend(
            (
                Moment(((step, False), *undone)),
                Moment(((step, False), *later)),
                Moment(((step, True), *undone)),
            )
        )
    return {name: [*dict.fromkeys(moments), None] for name, moments in found.items()}


class _Asked(NamedTuple):
    """A measure, with what it is compared with, and the events at which it is asked."""

    measure: Measure
    wanted: tuple[object, ...]
    events: tuple[str, ...]


def _read(ways: Iterable[Transition | Milestone]) -> Iterator[_Asked]:
    """Yield what conditions ask: of transitions and milestones, of measures, and of clocks."""
    for way in ways:
        on = () if way.on is None else (way.on,)
        if is_data(way.when):
            yield from _asked(way.when, on)
        if isinstance(way.after, Fall):
            yield from _asked(way.after.criterion, ())
        elif way.after is not None and way.after.where is not None:
            yield from _asked(way.after.where, way.after.names)


def _asked(condition: Condition, events: tuple[str, ...]) -> Iterator[_Asked]:
    for criterion in criteria(condition):
        for measure in terms(criterion.measure):
            of_event = MEASURES[measure.kind].of_event
            yield _Asked(measure, criterion.values, events if of_event else measure.names)
            if measure.where is not None:
                yield from _asked(measure.where, measure.names)


def _spans(asked: _Asked) -> Iterable[Period]:
    return MEASURES[asked.measure.kind].spans(asked.measure, asked.wanted)


_Wanted = defaultdict[str, defaultdict[str, list[object]]]
"""For each event, or for all, what is wanted of each attribute, or of the value."""


def _wanted(read: Iterable[_Asked]) -> defaultdict[str, _Wanted]:
    """Sort what is wanted by what tests vary: values and attributes by event, what is set."""
    found: defaultdict[str, _Wanted] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for measure, wanted, events in read:
        shown_by = MEASURES[measure.kind].shown_by
        if shown_by is not None:
            for event in _VARIED[shown_by].events(events):
                found[shown_by][event][_VARIED[shown_by].name(measure)].extend(wanted)
    return found


class _Varied(NamedTuple):
    events: Callable[[tuple[str, ...]], Iterable[str]]
    name: Callable[[Measure], str]


_VARIED: Mapping[str, _Varied] = {
    "values": _Varied(lambda events: events, lambda _measure: ""),
    "attributes": _Varied(lambda events: events, lambda measure: str(measure.name)),
    "sets": _Varied(lambda _events: ("",), lambda measure: str(measure.name)),
}
"""Of which events something is varied, and under which name; an event can set anything."""


def _values(wanted: list[object]) -> tuple[Any, ...]:
    return (*around(wanted), None) if wanted else (None,)


def _choices(told: Mapping[str, list[object]]) -> Iterator[dict[str, object]]:
    """Combine the values of all attributes of an event, each of which can also be missing."""
    options = [[*((name, one) for one in around(wanted)), None] for name, wanted in told.items()]
    return (dict(filter(None, chosen)) for chosen in product(*options))


def around(wanted: Iterable[object]) -> tuple[Any, ...]:
    """Return values that all comparisons with those wanted tell apart, these first."""
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for one in wanted:
        by_kind[_kind(one)].append(one)
    found = (value for kind, values in by_kind.items() for value in _AROUND[kind](values))
    return tuple({(type(value), value): value for value in found}.values())


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float | Decimal):
        return "number"
    return next((kind for kind, type_ in _TYPES.items() if isinstance(value, type_)), "other")


_TYPES: Mapping[str, type] = {"text": str, "length": timedelta, "day": date, "time": time}


def numbers(wanted: Iterable[Any]) -> tuple[Any, ...]:
    """Return numbers in order and of one kind, in which totals can be added up."""
    found = list(wanted)
    if any(isinstance(one, Decimal) for one in found):
        found = [Decimal(str(one)) for one in found]
    elif any(isinstance(one, float) for one in found):
        found = [float(one) for one in found]
    return tuple(sorted(set(found)))


def _around_numbers(wanted: list[Any]) -> list[Any]:
    found = numbers(wanted)
    whole = all(isinstance(one, int) for one in found)
    between = [(a + b) // 2 if whole else a / 2 + b / 2 for a, b in pairwise(found)]
    return [*found, found[-1] + 1, *between, found[0] - 1]


def _around_texts(wanted: list[str]) -> list[str]:
    return [*wanted, f"{max(wanted)}~", ""]


def _around_lengths(wanted: list[Any]) -> list[Any]:
    return [*wanted, *_shifted(max(wanted), timedelta(days=1)), *_shifted(min(wanted), -_DAY)]


def _around_days(wanted: list[Any]) -> list[Any]:
    """Dates and instants do not compare with each other, nor those with a zone and without."""
    return [near for one in wanted for near in (one, *_shifted(one, _DAY), *_shifted(one, -_DAY))]


def _around_times(wanted: list[time]) -> list[time]:
    return [*wanted, time.max, time.min]


_DAY = timedelta(days=1)


def _shifted(value: Any, by: timedelta) -> list[Any]:
    try:
        return [value + by]
    except OverflowError:
        return []


_AROUND: Mapping[str, Any] = {
    "number": _around_numbers,
    "text": _around_texts,
    "length": _around_lengths,
    "day": _around_days,
    "time": _around_times,
    "truth": lambda _: [True, False],
    "other": list,
}


# Time


def nominal(length: Period | Until) -> timedelta:
    """Return about how long a length is."""
    if isinstance(length, Until):
        return timedelta(days=UNITS[length.grain].mean.days)
    return length.length or length.months * timedelta(days=UNITS["month"].mean.days)


def soon(lengths: Iterable[Period | Until]) -> Period:
    """Return a round time that is short beside all of these lengths."""
    shortest = min(map(nominal, lengths), default=timedelta(days=100))
    return next((unit for unit in _UNITS if 100 * nominal(unit) <= shortest), _UNITS[-1])


_UNITS = (
    Period(days=1),
    Period(hours=1),
    Period(minutes=1),
    Period(seconds=1),
    Period(seconds=0.001),
    Period(seconds=0.000001),
)


def local(instant: datetime, start: datetime) -> datetime:
    """Return an instant in the zone of the start."""
    return instant if start.tzinfo is None else instant.astimezone(start.tzinfo)


def shifted(at: datetime, by: timedelta) -> datetime | None:
    """Return the instant so much later in elapsed time, in its zone; None past all dates."""
    try:
        return local(_checks.utc(at) + by, at)
    except OverflowError:
        return None
