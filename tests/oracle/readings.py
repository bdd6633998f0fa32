"""What conditions read of a life (11)."""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType, SimpleNamespace
from typing import Any

from lifecycle import Event
from oracle.lives import Begun, Entered, State
from oracle.times import elapsed, instant, is_within

Condition = Any
Measure = Any

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
NOBODY = State(Begun(BEGINNING), (Entered(BEGINNING, ""),))

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        ">=": operator.ge,
        ">": operator.gt,
        "<=": operator.le,
        "<": operator.lt,
        "equals": operator.eq,
        "is_in": lambda found, wanted: found in wanted,
    }
)


def named(names: Any) -> tuple[str, ...]:
    """Give one name, several or none as a tuple."""
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


def meets(where: Condition, event: Event) -> bool:
    """Say whether an event is one of those that are meant."""
    return holds(where, NOBODY, event, event.at)


def holds(condition: Condition, state: State, event: Event | None, now: datetime) -> bool:
    """Say whether a condition is met."""
    match type(condition).__name__:
        case "NoneType":
            return True
        case "AllOf":
            return all(holds(part, state, event, now) for part in condition.conditions)
        case "AnyOf":
            return any(holds(part, state, event, now) for part in condition.conditions)
        case "Not":
            return not holds(condition.condition, state, event, now)
        case "Criterion":
            found = read(condition.measure, state, event, now)
            compare = COMPARE[condition.operator]
            return found is not None and compare(found, condition.wanted)
        case _:
            customer = SimpleNamespace(stage=state.stage, attributes=state.attributes)
            return condition(customer, event)


def reads(condition: Condition) -> Iterator[Measure]:
    """Yield each measure of a condition; of code, none."""
    match type(condition).__name__:
        case "AllOf" | "AnyOf":
            for part in condition.conditions:
                yield from reads(part)
        case "Not":
            yield from reads(condition.condition)
        case "Criterion":
            yield from terms(condition.measure)


def terms(measure: Measure) -> tuple[Measure, ...]:
    """Give the measures that a sum is made of, or the one that it is."""
    is_sum = type(measure).__name__ == "Sum"
    return (*measure.plus, *measure.minus) if is_sum else (measure,)


def read(measure: Measure, state: State, event: Event | None, now: datetime) -> object:
    """Give what a condition measures; None if it is missing."""
    if type(measure).__name__ != "Sum":
        return READ[measure.kind](measure, state, event, now)
    plus, minus = (
        [read(term, state, event, now) for term in terms] for terms in (measure.plus, measure.minus)
    )
    if None in {*plus, *minus}:
        return None
    if measure.kind == "mean" and Decimal in map(type, (*plus, *minus)):
        plus, minus = ([Decimal(str(one)) for one in terms] for terms in (plus, minus))
    return sum(plus) - sum(minus)


def counted(measure: Measure, state: State, now: datetime) -> list[Event]:
    """Give the events that a measure reads, of those before the enrollment only recent ones."""
    is_told = measure.since_entry or is_plain(measure)
    return [
        event
        for event in (*(() if is_told else state.recent), *past(measure, state))
        if event.name in named(measure.name)
        and is_within(measure.within, event.at, now)
        and meets(measure.where, event)
    ]


def past(measure: Measure, state: State) -> list[Event]:
    return state.present if measure.since_entry else state.past


def is_plain(measure: Measure) -> bool:
    """Say whether a measure reads all events of its names, for life."""
    return not measure.since_entry and measure.within is None and measure.where is None


def so_far(measure: Measure, state: State) -> list[Any]:
    """Give what was told of a customer enrolled in mid-life, where the measure reads all of it."""
    told = state.begun.so_far if is_plain(measure) else {}
    return [told[name] for name in dict.fromkeys(named(measure.name)) if name in told]


def values(measure: Measure, state: State, now: datetime) -> list[Any]:
    return [event.value for event in counted(measure, state, now) if event.value is not None]


def count(measure: Measure, state: State, _: Any, now: datetime) -> int:
    told = sum(each.count for each in so_far(measure, state))
    return told + len(counted(measure, state, now))


def total(measure: Measure, state: State, _: Any, now: datetime) -> Any:
    told = [each.total for each in so_far(measure, state) if each.total is not None]
    return sum(told) + sum(values(measure, state, now))


def mean(measure: Measure, state: State, _: Any, now: datetime) -> object:
    told = sum(valued(each) for each in so_far(measure, state))
    number = told + len(values(measure, state, now))
    return total(measure, state, _, now) / number if number else None


def valued(told: Any) -> int:
    """Say of how many events a total is made."""
    default = 0 if told.total is None else told.count
    return default if told.valued is None else told.valued


def days_since(measure: Measure, state: State, _: Any, now: datetime) -> object:
    """Give the days since the last event of that name."""
    told = [last_of(each) for each in so_far(measure, state)]
    events = [event.at for event in counted(measure, state, now)]
    lasts = [at for at in (*told, *events) if at is not None]
    last = max(lasts, key=instant, default=None)
    return None if last is None else elapsed(last, now).total_seconds() / 86400


def last_of(told: Any) -> datetime | None:
    """Say when an event happened last before the enrollment, by default the last recent one."""
    recent = [event.at for event in told.recent]
    return told.last or max(recent, key=instant, default=None)


READ: Mapping[str, Callable[[Measure, State, Any, datetime], object]] = MappingProxyType(
    {
        "count": count,
        "total": total,
        "mean": mean,
        "days_since": days_since,
        "entries": lambda measure, state, _, now: sum(
            stay.stage in named(measure.name) and is_within(measure.within, stay.entered, now)
            for stay in state.visits
        ),
        "previous": lambda _measure, state, *_: (
            state.visits[-2].stage if state.visits[1:] else None
        ),
        "value": lambda _measure, _state, event, _now: event.value,
        "attribute": lambda measure, state, _, _now: state.attributes.get(measure.name),
        "event_attribute": lambda measure, _, event, _now: event.attributes.get(measure.name),
    }
)
