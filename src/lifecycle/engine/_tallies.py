"""What a customer remembers, and how conditions read it.

A definition's conditions and named clocks decide which tallies its customers carry.
Each kind of tally is one row of `KINDS`: what it is before the first event, and what
an event makes of it. A measure is read from the tallies that `needs` names.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeAlias

from lifecycle import _checks, _money
from lifecycle.engine._memory import Tally
from lifecycle.engine._windows import EMPTY, Recent
from lifecycle.engine.conditions import (
    NAMED,
    AllOf,
    Comparison,
    Condition,
    Measure,
    Not,
    apart,
    called,
    is_data,
)
from lifecycle.engine.customers import Customer, snapshot
from lifecycle.engine.events import Event
from lifecycle.engine.transitions import Predicate
from lifecycle.errors import InvalidValueError, MixedNumbersError
from lifecycle.periods import Period

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

_SHORTER = 4
"""By how many days months may last less than 30 days each: February, and changes of a zone."""


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
    held = _held(tally.within, _SLACK)
    is_exact = tally.within.length is not None

    def update(state: Recent, event: Event) -> Recent:
        kept, value = held(state, event.at), event.value
        try:
            found = kept.joined(event._instant, value, event.at if is_exact else None)
        except TypeError:
            raise _mixed(tally, value, kept.total) from None
        if value is not None and not _checks.finite(found.total):
            raise _infinite(tally, value)
        return found

    return update


def _held(within: Period, slack: timedelta) -> Callable[[Recent, datetime], Recent]:
    """Return what keeps the entries younger than a length; than months, by so much more."""
    length = within.length
    if length is not None:
        return lambda entries, at: entries.since(_earlier(at, length))
    shortest = timedelta(days=30 * within.months - _SHORTER)

    def held(entries: Recent, at: datetime) -> Recent:
        if entries.begin_after(_earlier(at, shortest)):
            return entries
        oldest = within.before(at)
        return entries.since(oldest and _earlier(oldest, slack))

    return held


KINDS: Mapping[str, tuple[Any, Callable[[Tally], Update]]] = {
    "count": (0, _counter),
    "total": (0, _adder),
    "valued": (0, _valued_counter),
    "last": (None, _clock),
    "window": (EMPTY, _window),
}
"""Each kind of tally: its state before the first event, and what makes its update."""


_TALLIED = ("count", "total", "mean")
"""The measures that are read from tallies; the entries of a window have each as an attribute."""


def needs(measure: Measure) -> tuple[Tally, ...]:
    """Name the tallies from which a measure is read."""
    if measure.kind not in _TALLIED:
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
        return _money.divided(memory[total], memory[valued]) if memory[valued] else None

    return read


def _window_reader(measure: Measure, slot: int) -> Read:
    held = _held(measure.within, timedelta())  # type: ignore[arg-type]
    summary = attrgetter(measure.kind)

    def read(customer: Customer, _event: Event | None, at: datetime) -> Any:
        entries = customer._memory[slot]
        return summary(entries if at is entries.asked else held(entries, at))

    return read


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
        found = _money.plus(state, value)
    except TypeError:
        raise _mixed(tally, value, state) from None
    if not _checks.finite(found):
        raise _infinite(tally, value)
    return found


def _mixed(tally: Tally, value: Any, so_far: Any) -> MixedNumbersError:
    what = f"what total({tally.event!r}) has so far"
    return MixedNumbersError("event.value", value, what, so_far)


def _infinite(tally: Tally, value: Any) -> InvalidValueError:
    return InvalidValueError("event.value", value, f"leave total({tally.event!r}) finite")


def _earlier(instant: datetime, length: timedelta) -> datetime | None:
    try:
        return _checks.utc(instant) - length
    except OverflowError:
        return None
