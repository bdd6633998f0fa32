"""What a customer remembers, and how conditions read it.

A definition's conditions and named clocks decide which tallies its customers carry.
Each kind of tally is one row of `KINDS`: what it is before the first event, and what
an event makes of it. A measure is read from the tallies that `needs` names.
"""

import math
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, TypeAlias

from lifecycle import _checks
from lifecycle.engine.conditions import (
    NAMED,
    AllOf,
    Comparison,
    Condition,
    Measure,
    Not,
    Predicate,
    apart,
    called,
    is_data,
)
from lifecycle.engine.customers import Customer, Tally, snapshot
from lifecycle.engine.events import Event
from lifecycle.errors import InvalidValueError, MixedNumbersError

__all__ = ["KINDS", "needs", "reader", "test"]

Read: TypeAlias = Callable[[Any, Event | None, datetime], Any]
"""(customer, event, at) -> what is there; None where nothing is."""

Test: TypeAlias = Callable[[Any, Event | None, datetime], bool]
"""(customer, event, at) -> whether a condition holds."""

Update: TypeAlias = Callable[[Any, Event], Any]
"""(state, event) -> the state with the event counted."""

_SLACK = timedelta(days=7)
"""How much longer than its length a calendar window is kept: the length of a month
depends on the zone of the instant that asks, and the next one may ask from another."""


def _counter(_: Tally) -> Update:
    return lambda state, _event: state + 1


def _adder(tally: Tally) -> Update:
    def update(state: Any, event: Event) -> Any:
        return state if event.value is None else _sum(tally, state, event.value)

    return update


def _valued_counter(_: Tally) -> Update:
    return lambda state, event: state + (event.value is not None)


def _clock(_: Tally) -> Update:
    return lambda _state, event: event.at


def _window(tally: Tally) -> Update:
    def update(state: Any, event: Event) -> Any:
        oldest = tally.within.before(event.at)
        if oldest is not None and tally.within.length is None:
            oldest = _earlier(oldest, _SLACK)
        kept = state[_first_later(state, oldest) :]
        if event.value is not None:
            _sum(tally, _total_of(kept), event.value)
        return (*kept, (_checks.utc(event.at), event.value))

    return update


KINDS: Mapping[str, tuple[Any, Callable[[Tally], Update]]] = {
    "count": (0, _counter),
    "total": (0, _adder),
    "valued": (0, _valued_counter),
    "last": (None, _clock),
    "window": ((), _window),
}
"""Each kind of tally: its state before the first event, and what makes its update."""


def needs(measure: Measure) -> tuple[Tally, ...]:
    """Name the tallies from which a measure is read."""
    if measure.kind not in _READERS:
        return ()
    if measure.within is not None:
        return (Tally("window", measure.name, measure.since_entry, measure.within),)
    kinds = ("total", "valued") if measure.kind == "mean" else (measure.kind,)
    return tuple(Tally(kind, measure.name, measure.since_entry) for kind in kinds)


def reader(measure: Measure, slots: Mapping[Tally, int]) -> Read:
    """Return the function that reads a measure; `slots` says where each tally is kept."""
    name = measure.name
    if measure.kind == "value":
        return lambda _customer, event, _at: event and event.value
    if measure.kind == "attribute":
        return lambda customer, _event, _at: customer.attributes.get(name)
    if measure.kind == "event_attribute":
        return lambda _customer, event, _at: event and event.attributes.get(name)
    found = [slots[tally] for tally in needs(measure)]
    if measure.within is not None:
        return _window_reader(measure, found[0])
    if measure.kind == "mean":
        return _mean_reader(*found)
    (slot,) = found
    return lambda customer, _event, _at: customer._memory[slot]


def _mean_reader(total: int, valued: int) -> Read:
    def read(customer: Customer, _event: Event | None, _at: datetime) -> Any:
        memory = customer._memory
        return memory[total] / memory[valued] if memory[valued] else None

    return read


def _window_reader(measure: Measure, slot: int) -> Read:
    before = measure.within.before  # type: ignore[union-attr]
    summarise = _READERS[measure.kind]

    def read(customer: Customer, _event: Event | None, at: datetime) -> Any:
        entries = customer._memory[slot]
        return summarise(entries[_first_later(entries, before(at)) :])

    return read


def _values(entries: Iterable[tuple[datetime, Any]]) -> list[Any]:
    return [value for _, value in entries if value is not None]


def _total_of(entries: Iterable[tuple[datetime, Any]]) -> Any:
    """Add one after the other, as the tallies do; `sum` of floats differs between Pythons."""
    return reduce(operator.add, _values(entries), 0)


def _mean_of(entries: Iterable[tuple[datetime, Any]]) -> Any:
    valued = len(_values(entries))
    return _total_of(entries) / valued if valued else None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "count": len,
    "total": _total_of,
    "mean": _mean_of,
}


def test(condition: Condition | Predicate, slots: Mapping[Tally, int]) -> Test:
    """Return the function that says whether a condition holds."""
    if isinstance(condition, Comparison):
        return _comparison(condition, reader(condition.measure, slots))
    if not is_data(condition):
        return _predicate(condition)  # type: ignore[arg-type]
    if isinstance(condition, Not):
        inner = test(condition.condition, slots)
        return lambda customer, event, at: not inner(customer, event, at)
    every = isinstance(condition, AllOf)
    tests = [test(part, slots) for part in condition.conditions]  # type: ignore[union-attr]
    combine = all if every else any
    return lambda customer, event, at: combine(one(customer, event, at) for one in tests)


def _comparison(condition: Comparison, read: Read) -> Test:
    meets, wanted = _OPERATORS[condition.operator], condition.wanted
    if not isinstance(wanted, int):  # which Python compares exactly with every number
        meets = _exact(meets)
    if condition.measure.kind in NAMED:
        meets, wanted = _told_apart(meets, wanted)

    def holds(customer: Any, event: Event | None, at: datetime) -> bool:
        actual = read(customer, event, at)
        try:
            return actual is not None and meets(actual, wanted)
        except TypeError:  # text beside a number meets nothing, as what is missing does
            return False

    return holds


def _predicate(predicate: Predicate) -> Test:
    name = called(predicate)

    def holds(customer: Any, event: Event | None, _at: datetime) -> bool:
        try:
            return _checks.truth(f"what {name} returns", predicate(snapshot(customer), event))
        except Exception as error:
            error.add_note(f"when the condition {name} was asked about customer {customer.id!r}")
            raise

    return holds


def _told_apart(
    compare: Callable[[Any, Any], bool], wanted: object
) -> tuple[Callable[[Any, Any], bool], object]:
    """Compare so that a truth value is no number, though Python takes True for 1."""
    if isinstance(wanted, bool | tuple):
        return lambda actual, wanted: compare(apart(actual), wanted), apart(wanted)
    if isinstance(wanted, int | float | Decimal):
        return lambda actual, wanted: type(actual) is not bool and compare(actual, wanted), wanted
    return compare, wanted


def _exact(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Compare a float beside a Decimal by its shortest text: 0.1 is then Decimal("0.1")."""

    def meets(actual: Any, wanted: Any) -> bool:
        if isinstance(actual, Decimal) and isinstance(wanted, float):
            wanted = Decimal(str(wanted))
        elif isinstance(actual, float) and isinstance(wanted, Decimal):
            actual = Decimal(str(actual))
        return compare(actual, wanted)

    return meets


def _is_in(actual: Any, wanted: tuple[Any, ...]) -> bool:
    equals = _exact(operator.eq)
    return any(equals(actual, one) for one in wanted)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "equals": operator.eq,
    "is_in": _is_in,
}


def _sum(tally: Tally, state: Any, value: Any) -> Any:
    try:
        found = state + value
    except TypeError:
        what = f"what total({tally.event!r}) has so far"
        raise MixedNumbersError("event.value", value, what, state) from None
    except ArithmeticError:
        found = math.inf
    if not _checks.finite(found):
        raise InvalidValueError("event.value", value, f"leave total({tally.event!r}) finite")
    return found


def _first_later(entries: Any, oldest: datetime | None) -> int:
    """Find the first entry of a window that is later than an instant."""
    if oldest is None:
        return 0
    return bisect_right(entries, _checks.utc(oldest), key=operator.itemgetter(0))


def _earlier(instant: datetime, length: timedelta) -> datetime | None:
    try:
        return instant - length
    except OverflowError:
        return None
