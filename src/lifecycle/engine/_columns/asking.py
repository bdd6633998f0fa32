"""Conditions in columns: for which of some customers does one hold."""

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from lifecycle.engine._columns.amounts import EXACT, EventValues
from lifecycle.engine._columns.edges import Array
from lifecycle.engine._evaluation import needs
from lifecycle.engine._memory import Tally
from lifecycle.engine.conditions import (
    AllOf,
    Condition,
    Criterion,
    Measure,
    Not,
    Sum,
    called,
    is_data,
)

__all__ = ["Ask", "asked", "criteria", "obstacles"]

_DIGITS = 15
"""Up to how many digits a `Decimal` is the shortest text of a float."""


class Remembered(Protocol):
    """What is known of some customers."""

    tallies: dict[int, Array]
    """What has been counted, by slot."""

    @property
    def amounts(self) -> EventValues:
        """The values of all rows."""


class Question(NamedTuple):
    """Whom a condition is asked about, and when.

    Attributes:
        known: What is known of customers.
        who: Which of them.
        rows: The row of each one's current event; None where time-outs ask.
        at: When, in microseconds.
    """

    known: Remembered
    who: Array
    rows: Array | None
    at: Array


Ask: TypeAlias = Callable[[Question], Array]
"""For whom a condition holds."""

Read: TypeAlias = Callable[[Question], tuple[Array, Array | None]]
"""The numbers that are read, and for whom there is one; None for all."""


def criteria(condition: Condition) -> Iterator[Criterion]:
    """Yield what a condition is made of."""
    if isinstance(condition, Criterion):
        yield condition
    elif isinstance(condition, Not):
        yield from criteria(condition.condition)
    else:
        for part in condition.conditions:
            yield from criteria(part)


def obstacles(condition: Any) -> Iterator[str]:
    """Say why a condition cannot be asked in columns."""
    if is_data(condition):
        for criterion in criteria(condition):
            yield from _unread(criterion)
    else:
        yield f"a condition that is a function, {called(condition)}"


def _unread(criterion: Criterion) -> Iterator[str]:
    unread = [term for term in _terms(criterion.measure) if not _is_read(term)]
    beyond = [] if unread else [one for one in criterion.values if _number(one) is None]
    yield from (f"a condition that reads {term!r}" for term in unread)
    yield from (f"a condition that compares with {wanted!r}" for wanted in beyond)


def _terms(measure: Measure | Sum) -> tuple[Measure, ...]:
    return (*measure.plus, *measure.minus) if isinstance(measure, Sum) else (measure,)


def _is_read(measure: Measure) -> bool:
    return measure.kind in _READS and measure.within is None and measure.where is None


def _number(wanted: Any) -> float | None:
    """Return what arrays compare with as Python does with a number; None where nothing is so."""
    if isinstance(wanted, Decimal):
        is_text_of_float = len(wanted.as_tuple().digits) <= _DIGITS and abs(wanted) < EXACT
        return float(wanted) if is_text_of_float else None
    return None if isinstance(wanted, int) and abs(wanted) >= EXACT else wanted


def asked(condition: Condition, slots: Mapping[Tally, int]) -> Ask:
    """Return the function that asks a condition; `slots` says where each tally is kept."""
    if isinstance(condition, Criterion):
        return _criterion(condition, slots)
    if isinstance(condition, Not):
        inner = asked(condition.condition, slots)
        return lambda question: ~inner(question)
    combine = operator.and_ if isinstance(condition, AllOf) else operator.or_
    parts = [asked(part, slots) for part in condition.conditions]
    return lambda question: reduce(combine, [part(question) for part in parts])


def _criterion(criterion: Criterion, slots: Mapping[Tally, int]) -> Ask:
    read = _reader(criterion.measure, slots)
    meets = _OPERATORS[criterion.operator]
    wanted = [_number(one) for one in criterion.values]

    def ask(question: Question) -> Array:
        actual, there = read(question)
        holds = reduce(operator.or_, [meets(actual, one) for one in wanted])
        return holds if there is None else holds & there

    return ask


_OPERATORS: Mapping[str, Callable[[Any, Any], Array]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "equals": operator.eq,
    "is_in": operator.eq,
}


def _reader(measure: Measure | Sum, slots: Mapping[Tally, int]) -> Read:
    if isinstance(measure, Measure):
        return _READS[measure.kind](measure, [slots[tally] for tally in needs(measure)])
    first, *others = [_reader(term, slots) for term in measure.plus]
    steps = [(operator.add, read) for read in others]
    steps += [(operator.sub, _reader(term, slots)) for term in measure.minus]

    def read(question: Question) -> tuple[Array, Array | None]:
        found, there = first(question)
        for combine, term in steps:
            more, also = term(question)
            found, there = combine(found, more), _both(there, also)
        return found, there

    return read


def _both(one: Array | None, other: Array | None) -> Array | None:
    return other if one is None else one if other is None else one & other


def _kept(_measure: Measure, slots: list[int]) -> Read:
    (slot,) = slots
    return lambda question: (question.known.tallies[slot][question.who], None)


def _mean(_measure: Measure, slots: list[int]) -> Read:
    total, valued = slots

    def read(question: Question) -> tuple[Array, Array | None]:
        counted = question.known.tallies[valued][question.who]
        there = counted > 0
        return question.known.tallies[total][question.who] / np.maximum(counted, 1), there

    return read


def _value(_measure: Measure, _slots: list[int]) -> Read:
    def read(question: Question) -> tuple[Array, Array | None]:
        amounts = question.known.amounts
        assert question.rows is not None  # noqa: S101  (time-outs read no event)
        return amounts.numbers[question.rows], amounts.present[question.rows]

    return read


_READS: Mapping[str, Callable[[Measure, list[int]], Read]] = {
    "count": _kept,
    "total": _kept,
    "mean": _mean,
    "value": _value,
}
"""The kinds of measures that are read in columns."""
