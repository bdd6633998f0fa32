"""Conditions in columns: for which of some customers does one hold."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from lifecycle import _money
from lifecycle.engine._columns.amounts import EXACT, EventValues
from lifecycle.engine._columns.clocks import DAY, MISSING
from lifecycle.engine._columns.edges import Array
from lifecycle.engine._columns.windows import RowWindow
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

__all__ = ["Ask", "Context", "Question", "asked", "criteria", "met", "obstacles"]

_UNVALUED = ("count", "days_since", "entries")
"""The kinds of measures that read no values of events."""

_DIGITS = 15
"""Up to how many digits a `Decimal` is the shortest text of a float."""


class Remembered(Protocol):
    """What is known of some customers."""

    @property
    def tallies(self) -> Mapping[int, Array]:
        """What has been counted, by slot."""

    @property
    def clocks(self) -> Mapping[int, Array]:
        """When what a slot follows has happened last; `MISSING` where it has not."""

    @property
    def starts(self) -> Array:
        """The first row of each."""

    @property
    def begun(self) -> Array:
        """The first row after those that had happened when the stage was entered."""

    @property
    def ends(self) -> Array:
        """The first row that has not happened yet."""


class Context(NamedTuple):
    """What conditions are compiled for.

    Attributes:
        slots: Where each tally is kept.
        stages: The names of the stages, by number.
        amounts: The values of all rows; None where none is read.
        told: Says of each row whether what it tells of its event meets a criterion.
        windows: The windows, by slot.
    """

    slots: Mapping[Tally, int]
    stages: Sequence[str]
    amounts: EventValues | None
    told: Callable[[Criterion], Array]
    windows: Mapping[int, RowWindow]


class Question(NamedTuple):
    """Whom a condition is asked about, and when.

    Attributes:
        known: What is known of customers.
        who: Which of them.
        at: When, in microseconds.
        rows: The row of each one's current event; none where time-outs ask.
    """

    known: Remembered
    who: Array
    at: Array
    rows: Any = None


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
    if criterion.measure.kind in _OTHERS:
        return
    unread = [term for term in _terms(criterion.measure) if not _is_read(term)]
    beyond = [] if unread else [one for one in criterion.values if _number(one) is None]
    yield from (f"a condition that reads {term!r}" for term in unread)
    yield from (f"a condition that compares with {wanted!r}" for wanted in beyond)


def _terms(measure: Measure | Sum) -> tuple[Measure, ...]:
    return (*measure.plus, *measure.minus) if isinstance(measure, Sum) else (measure,)


def _is_read(measure: Measure) -> bool:
    is_known = measure.where is None or not [*obstacles(measure.where)]
    return measure.kind in (_READS if measure.within is None else _WINDOWS) and is_known


def _number(wanted: Any, parts: int = 1) -> float | None:
    """Return what arrays compare with as Python does with a number; None where nothing is so.

    Args:
        wanted: The number.
        parts: In what parts of one the arrays are; a float beside these is taken by its text.
    """
    if isinstance(wanted, float) and parts > 1:
        wanted = Decimal(str(wanted))
    if isinstance(wanted, Decimal):
        is_text_of_float = len(wanted.as_tuple().digits) <= _DIGITS and abs(wanted) < EXACT
        return float(_money.times(wanted, parts)) if is_text_of_float else None
    return None if isinstance(wanted, int) and abs(wanted) >= EXACT else wanted * parts


def asked(condition: Condition, context: Context) -> Ask:
    """Return the function that asks a condition."""
    if isinstance(condition, Criterion):
        return _OTHERS.get(condition.measure.kind, _compared)(condition, context)
    if isinstance(condition, Not):
        inner = asked(condition.condition, context)
        return lambda question: ~inner(question)
    combine = operator.and_ if isinstance(condition, AllOf) else operator.or_
    parts = [asked(part, context) for part in condition.conditions]
    return lambda question: reduce(combine, [part(question) for part in parts])


def met(condition: Condition, context: Context) -> Array:
    """Say of each row whether its event meets a condition of events."""
    nobody = np.array([], dtype="int64")
    ask = asked(condition, context)
    return ask(Question(_Unread({}, {}, *[nobody] * 3), nobody, nobody, slice(None)))


class _Unread(NamedTuple):
    """What is remembered where only events are read."""

    tallies: Mapping[int, Array]
    clocks: Mapping[int, Array]
    starts: Array
    begun: Array
    ends: Array


def _told(criterion: Criterion, context: Context) -> Ask:
    holds = context.told(criterion)
    return lambda question: holds[question.rows]


def _previous(criterion: Criterion, context: Context) -> Ask:
    (slot,) = (context.slots[tally] for tally in needs(criterion.measure))  # type: ignore[arg-type]  # no sum
    wanted = [context.stages.index(str(name)) for name in criterion.values]
    return lambda question: np.isin(question.known.tallies[slot][question.who], wanted)


_OTHERS: Mapping[str, Callable[[Criterion, Context], Ask]] = {
    "event_attribute": _told,
    "previous": _previous,
}
"""The kinds of measures that are no numbers."""


def _compared(criterion: Criterion, context: Context) -> Ask:
    read, kind = _reader(criterion.measure, context), criterion.measure.kind
    meets = _OPERATORS[criterion.operator]
    parts = 1 if context.amounts is None or kind in _UNVALUED else context.amounts.parts
    wanted = [_number(one, parts) for one in criterion.values]

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


def _reader(measure: Measure | Sum, context: Context) -> Read:
    if isinstance(measure, Measure):
        slots = [context.slots[tally] for tally in needs(measure)]
        if measure.within is None:
            return _READS[measure.kind](context, slots)
        return _in_window(measure, context.windows[slots[0]])
    first, *others = [_reader(term, context) for term in measure.plus]
    steps = [(operator.add, read) for read in others]
    steps += [(operator.sub, _reader(term, context)) for term in measure.minus]

    def read(question: Question) -> tuple[Array, Array | None]:
        found, there = first(question)
        for combine, term in steps:
            more, also = term(question)
            found, there = combine(found, more), _both(there, also)
        return found, there

    return read


def _both(one: Array | None, other: Array | None) -> Array | None:
    return other if one is None else one if other is None else one & other


def _kept(_context: Context, slots: list[int]) -> Read:
    (slot,) = slots
    return lambda question: (question.known.tallies[slot][question.who], None)


def _mean(_context: Context, slots: list[int]) -> Read:
    total, valued = slots

    def read(question: Question) -> tuple[Array, Array | None]:
        counted = question.known.tallies[valued][question.who]
        there = counted > 0
        return question.known.tallies[total][question.who] / np.maximum(counted, 1), there

    return read


def _days(_context: Context, slots: list[int]) -> Read:
    (slot,) = slots

    def read(question: Question) -> tuple[Array, Array | None]:
        last = question.known.clocks[slot][question.who]
        return (question.at - last) / DAY, last != MISSING

    return read


def _value(context: Context, _slots: list[int]) -> Read:
    amounts = context.amounts
    assert amounts is not None  # noqa: S101  (who reads values has them)
    numbers, present, _ = amounts
    return lambda question: (numbers[question.rows], present[question.rows])


_READS: Mapping[str, Callable[[Context, list[int]], Read]] = {
    "count": _kept,
    "total": _kept,
    "mean": _mean,
    "days_since": _days,
    "entries": _kept,
    "value": _value,
}
"""The kinds of measures that are read as numbers."""


def _in_window(measure: Measure, window: RowWindow) -> Read:
    summary = _WINDOWS[measure.kind]

    def read(question: Question) -> tuple[Array, Array | None]:
        known, who = question.known, question.who
        first = known.begun[who] if measure.since_entry else known.starts[who]
        return summary(window, *window.rows(question.at, first, known.ends[who]))

    return read


def _count_within(window: RowWindow, low: Array, high: Array) -> tuple[Array, Array | None]:
    return window.counts[high] - window.counts[low], None


def _total_within(window: RowWindow, low: Array, high: Array) -> tuple[Array, Array | None]:
    return (window.totals[high] - window.totals[low]) * window.unit, None


def _mean_within(window: RowWindow, low: Array, high: Array) -> tuple[Array, Array | None]:
    valued = window.valued[high] - window.valued[low]
    total, _ = _total_within(window, low, high)
    return total / np.maximum(valued, 1), valued > 0


_WINDOWS: Mapping[str, Callable[[RowWindow, Array, Array], tuple[Array, Array | None]]] = {
    "count": _count_within,
    "total": _total_within,
    "mean": _mean_within,
}
"""What is read of the rows from one on and before another."""
