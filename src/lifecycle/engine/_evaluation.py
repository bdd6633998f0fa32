"""How conditions are read: the functions that say what a measure is, and whether all holds."""

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from lifecycle import _checks, _money
from lifecycle.engine._measures import MEASURES, Read
from lifecycle.engine._memory import Tally
from lifecycle.engine.conditions import (
    AllOf,
    Condition,
    Criterion,
    Measure,
    Not,
    Sum,
    apart,
    called,
    is_data,
)
from lifecycle.engine.customers import snapshot
from lifecycle.engine.events import Event
from lifecycle.engine.transitions import Predicate
from lifecycle.errors import MixedNumbersError

__all__ = ["Test", "needs", "reader", "test"]

Test: TypeAlias = Callable[[Any, Event | None, datetime], bool]
"""(customer, event, at) -> whether a condition holds."""


def needs(measure: Measure) -> tuple[Tally, ...]:
    """Name the tallies from which a measure is read."""
    return MEASURES[measure.kind].tallies(measure)


def reader(measure: Measure | Sum, slots: Mapping[Tally, int]) -> Read:
    """Return the function that reads a measure; `slots` says where each tally is kept."""
    if isinstance(measure, Sum):
        return _adder(measure, slots)
    return MEASURES[measure.kind].read(measure, [slots[tally] for tally in needs(measure)])


def _adder(measure: Sum, slots: Mapping[Tally, int]) -> Read:
    """Read a sum; it is missing where one of its terms is."""
    first, *others = (reader(term, slots) for term in measure.plus)
    steps: list[tuple[Callable[[Any, Any], Any], Read]]
    steps = [(_money.plus, read) for read in others]
    steps += [(_money.minus, reader(term, slots)) for term in measure.minus]
    if MEASURES[measure.kind].is_quotient:
        steps = [(_money.mixing(combine), read) for combine, read in steps]

    def read(customer: Any, event: Event | None, at: datetime) -> Any:
        found = first(customer, event, at)
        for combine, term in steps:
            more = term(customer, event, at)
            if found is None or more is None:
                return None
            try:
                found = combine(found, more)
            except TypeError:
                raise _mixed(measure, found, more) from None
        return found

    return read


def _mixed(measure: Sum, found: Any, more: Any) -> MixedNumbersError:
    return MixedNumbersError(f"what {measure!r} has so far", found, "what comes next", more)


def test(condition: Condition | Predicate, slots: Mapping[Tally, int]) -> Test:
    """Return the function that says whether a condition holds."""
    if isinstance(condition, Criterion):
        return _criterion(condition, reader(condition.measure, slots))
    if not is_data(condition):
        return _predicate(condition)  # type: ignore[arg-type]  # code, as it is no data
    if isinstance(condition, Not):
        inner = test(condition.condition, slots)
        return lambda customer, event, at: not inner(customer, event, at)
    every = isinstance(condition, AllOf)
    tests = [test(part, slots) for part in condition.conditions]  # type: ignore[union-attr]
    combine = all if every else any
    return lambda customer, event, at: combine(one(customer, event, at) for one in tests)


def _criterion(condition: Criterion, read: Read) -> Test:
    meets, wanted = _OPERATORS[condition.operator], condition.wanted
    if not isinstance(wanted, int):  # which Python compares exactly with every number
        meets = _money.mixing(meets)
    if MEASURES[condition.measure.kind].wanted != "number":
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


def _is_in(actual: Any, wanted: tuple[Any, ...]) -> bool:
    equals = _money.mixing(operator.eq)
    return any(equals(actual, one) for one in wanted)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "equals": operator.eq,
    "is_in": _is_in,
}
