"""The kinds of measures: what a condition can read, one row for each.

A measure is a value of a customer, or of the current event, at one instant. To read it,
the engine needs to know four things, and everything that handles conditions needs a few
more. Each is a column of `MEASURES`:

- *What it is made of*: `fields`, and what its `name` is the name of. From these follow the
  constructor's checks, the JSON form and its schema, and which names have to be known.
- *What the customer remembers for it*: `tallies`. A customer carries no events, so
  whatever is read of the past has been kept by a tally as it happened.
- *How it is read*: `read` makes a function of the customer, the current event and the
  instant. It returns None where nothing is there, which meets no comparison.
- *What it can be compared with*, and whether measures of its kind can be added.
- *How it is said* in diagrams: `words`.
- *Where it can move*: `on_event`, `on_time`, `is_set`. From these follows whether a condition
  that fails at a deadline can hold later, and whether it is then examined again.
- *How tests reach it*: `shown_by` says what of an event or a customer makes it differ,
  `spans` after which lengths it changes by itself, and `likeness` how coarsely it is read
  where customers that no condition tells apart are followed once.

All that knows a kind reads it here; so a new one is a row, and a function in
`conditions.py` that makes it.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Literal, NamedTuple, TypeAlias

from lifecycle import _checks, _money
from lifecycle._lengths import Period
from lifecycle.engine import _sums
from lifecycle.engine._memory import Tally
from lifecycle.engine._sums import Sums
from lifecycle.engine._windows import held
from lifecycle.engine.events import Event

__all__ = ["ANYWHERE", "MEASURES", "MeasureKind", "Read"]

Read: TypeAlias = Callable[[Any, Event | None, datetime], Any]
"""(customer, event, at) -> what is there; None where nothing is."""

ANYWHERE = ("up", "down", "")
"""Upwards, downwards, and to any other value."""


class Followed(NamedTuple):
    """How a measure of a window is followed, so that one knows when it falls.

    Attributes:
        weigh: What an event adds to the window; None where it adds nothing.
        level: What the measure is, given what all that is in the window adds up to.
        adds_up: Whether it can only fall as events leave, where none weighs less than 0.
    """

    weigh: Callable[[Event], Any]
    level: Callable[[Sums], Any]
    adds_up: bool = True


class MeasureKind(NamedTuple):
    """All that there is to know of a kind of measure; it is asked with a `Measure`.

    Attributes:
        words: How diagrams say it, with the places `{name}` and `{scope}`.
        read: Makes what reads it, given where the customer keeps its tallies.
        fields: The fields of `Measure` that it has.
        named: What its name is the name of; None where it has none.
        several: Whether it can have several names.
        wanted: With what it can be compared.
        adds: Whether measures of this kind can be added to each other.
        is_quotient: Whether it divides: that of whole numbers is a float, which is added to a
            `Decimal` as it is compared with one.
        never_missing: Whether there is always something to read.
        of_event: Whether it reads the current event, which a time-out does not have.
        tallies: What the customer has to remember.
        on_event: Where it can move when one of its events happens, while the customer
            stays where it is.
        is_set: Whether events set it; a time-out that reads it is then examined again.
        on_time: Where it can move as time passes, if `moves_in_time`.
        moves_in_time: Whether it can move as time passes.
        falls: How a window of it is followed; None where it cannot be.
        shown_by: What tests vary of events, or of customers, so that it differs.
        spans: After which lengths of time it can change, given what it is compared with.
        likeness: How coarsely tests read it, given the numbers it is compared with; None
            where what it reads is not kept.
    """

    words: str
    read: Callable[[Any, Sequence[int]], Read]
    fields: tuple[str, ...] = ()
    named: Literal["event", "stage", "attribute"] | None = None
    several: bool = False
    wanted: Literal["number", "plain", "stage"] = "number"
    adds: bool = False
    is_quotient: bool = False
    never_missing: bool = False
    of_event: bool = False
    tallies: Callable[[Any], tuple[Tally, ...]] = lambda _measure: ()
    on_event: tuple[str, ...] = ()
    is_set: bool = False
    on_time: tuple[str, ...] = ()
    moves_in_time: Callable[[Any], bool] = lambda measure: measure.within is not None
    falls: Followed | None = None
    shown_by: Literal["values", "sets", "attributes"] | None = None
    spans: Callable[[Any, Iterable[Any]], Iterable[Any]] = lambda measure, _wanted: (
        () if measure.within is None else (measure.within,)
    )
    likeness: Callable[[Any, tuple[Any, ...]], object] | None = None


# What is remembered.


def _remembering(*kinds: str, window: str = "window") -> Callable[[Any], tuple[Tally, ...]]:
    """Keep these tallies, or what happened in the window where there is one."""

    def tallies(measure: Any) -> tuple[Tally, ...]:
        kept = kinds if measure.within is None else (window,)
        return tuple(
            Tally(kind, measure.sorted_names, measure.since_entry, measure.within, measure.where)
            for kind in kept
        )

    return tallies


# How it is read.


def _kept(summary: str) -> Callable[[Any, Sequence[int]], Read]:
    """Read the one number that is remembered, or this attribute of the window."""

    def reader(measure: Any, slots: Sequence[int]) -> Read:
        (slot,) = slots
        if measure.within is not None:
            return _of_window(measure, slot, summary)
        return lambda customer, _event, _at: customer._memory[slot]

    return reader


def _of_window(measure: Any, slot: int, summary: str) -> Read:
    now, summed = held(measure.within), attrgetter(summary)

    def read(customer: Any, _event: Event | None, at: datetime) -> Any:
        entries = customer._memory[slot]
        return summed(entries if at is entries.asked else now(entries, at))

    return read


def _mean(measure: Any, slots: Sequence[int]) -> Read:
    if measure.within is not None:
        return _of_window(measure, slots[0], "mean")
    total, valued = slots

    def read(customer: Any, _event: Event | None, _at: datetime) -> Any:
        memory = customer._memory
        return _money.divided(memory[total], memory[valued]) if memory[valued] else None

    return read


def _days(_measure: Any, slots: Sequence[int]) -> Read:
    (slot,) = slots

    def read(customer: Any, _event: Event | None, at: datetime) -> float | None:
        last = customer._memory[slot]
        return None if last is None else (_checks.utc(at) - _checks.utc(last)) / _DAY

    return read


_DAY = timedelta(days=1)


def _value(_measure: Any, _slots: Sequence[int]) -> Read:
    return lambda _customer, event, _at: event and event.value


def _attribute(measure: Any, _slots: Sequence[int]) -> Read:
    name = measure.name
    return lambda customer, _event, _at: customer.attributes.get(name)


def _event_attribute(measure: Any, _slots: Sequence[int]) -> Read:
    name = measure.name
    return lambda _customer, event, _at: event and event.attributes.get(name)


# How coarsely tests read it.


def _counted(actual: int, wanted: tuple[Any, ...]) -> int:
    most: int = math.floor(wanted[-1]) + 1
    least: int = min(math.floor(wanted[0]), 0) - 1
    return max(min(actual, most), least)


def _compared(actual: Any, wanted: tuple[Any, ...]) -> tuple[int, int]:
    return bisect_left(wanted, actual), bisect_right(wanted, actual)


_STAGES_OF_A_TOTAL = 8
"""How finely a total is followed on its way to the largest number that it is compared with."""


def _totalled(actual: Any, wanted: tuple[Any, ...]) -> tuple[tuple[int, int], int]:
    most = float(wanted[-1])
    share = float(actual) / most if most > 0 else 0.0
    return _compared(actual, wanted), math.floor(_STAGES_OF_A_TOTAL * min(max(share, -1), 1))


def _as_it_is(actual: object, _wanted: tuple[Any, ...]) -> object:
    return actual


# After which lengths it changes by itself.


def _so_many_days(_measure: Any, wanted: Iterable[Any]) -> Iterator[Period]:
    """Yield the days that are asked for, as far as time goes."""
    for days in wanted:
        if 0 < days < timedelta.max.days:
            yield Period(days=float(days))


_SCOPED = ("name", "since_entry", "within", "where")

MEASURES: Mapping[str, MeasureKind] = {
    "count": MeasureKind(
        words="count({name}{scope})",
        read=_kept("count"),
        fields=_SCOPED,
        named="event",
        several=True,
        adds=True,
        never_missing=True,
        tallies=_remembering("count"),
        on_event=("up", ""),
        on_time=("down", ""),
        falls=Followed(lambda _event: 1, _sums.total),
        likeness=_counted,
    ),
    "total": MeasureKind(
        words="total({name}{scope})",
        read=_kept("total"),
        fields=_SCOPED,
        named="event",
        several=True,
        adds=True,
        never_missing=True,
        tallies=_remembering("total"),
        on_event=ANYWHERE,  # values may be negative
        on_time=ANYWHERE,
        falls=Followed(attrgetter("value"), _sums.total),
        shown_by="values",
        likeness=_totalled,
    ),
    "mean": MeasureKind(
        words="mean({name}{scope})",
        read=_mean,
        fields=_SCOPED,
        named="event",
        several=True,
        adds=True,
        is_quotient=True,
        tallies=_remembering("total", "valued"),
        on_event=ANYWHERE,
        on_time=ANYWHERE,
        falls=Followed(attrgetter("value"), _sums.mean, adds_up=False),
        shown_by="values",
        likeness=_compared,
    ),
    "days_since": MeasureKind(
        words="days since {name}{scope}",
        read=_days,
        fields=("name", "where"),
        named="event",
        several=True,
        adds=True,
        tallies=_remembering("last"),
        on_event=("down", ""),
        on_time=("up", ""),
        moves_in_time=lambda _measure: True,
        spans=_so_many_days,
        likeness=_compared,
    ),
    "entries": MeasureKind(
        words="entries({name}{scope})",
        read=_kept("count"),
        fields=("name", "within"),
        named="stage",
        several=True,
        adds=True,
        never_missing=True,
        tallies=_remembering("entries", window="entry_window"),
        on_time=("down", ""),
        likeness=_counted,
    ),
    "previous": MeasureKind(
        words="previous stage",
        read=_kept("previous"),
        wanted="stage",
        tallies=_remembering("previous"),
        likeness=_as_it_is,
    ),
    "value": MeasureKind(
        words="value",
        read=_value,
        of_event=True,
        shown_by="values",
    ),
    "attribute": MeasureKind(
        words="{name}",
        read=_attribute,
        fields=("name",),
        named="attribute",
        wanted="plain",
        is_set=True,
        shown_by="sets",
    ),
    "event_attribute": MeasureKind(
        words="event {name}",
        read=_event_attribute,
        fields=("name",),
        named="attribute",
        wanted="plain",
        of_event=True,
        shown_by="attributes",
    ),
}
"""Each kind of measure; its name is that of the function that makes it."""
