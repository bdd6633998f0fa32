"""Which customers are alike: those whom conditions and clocks cannot tell apart."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, TypeAlias

from lifecycle import _checks
from lifecycle.engine._evaluation import reader
from lifecycle.engine._falls import level
from lifecycle.engine._measures import MEASURES
from lifecycle.engine._step import examined, pending, since
from lifecycle.engine._timers import Row
from lifecycle.engine.conditions import Measure, Sum, criteria, is_data
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import Transition
from lifecycle.testing._vocabulary import nominal, numbers

__all__ = ["View"]


class View:
    """A stage, and by what customers in it are told apart."""

    def __init__(self, lifecycle: Lifecycle, row: Row) -> None:
        tables = lifecycle._tables
        slots = {tally: slot for slot, tally in enumerate(tables.layout.tallies, start=1)}
        self.row = row
        self.readings = [
            *_readings((way for _, way in lifecycle._parts.ways), slots),
            *(
                _reading(level(tally.of, slot), _likeness_of(tally.of), (tally.of.below,))
                for tally, slot in slots.items()
                if tally.of is not None
            ),
        ]
        self.timers = tuple((timer, _readings([timer.edge.way], slots)) for timer in row.clocks)
        lengths = (timer.length for timer in row.clocks if timer.length is not None)
        self.unit = min(map(nominal, lengths), default=_DAY)
        self.dates = frozenset(tables.watch.dates)

    def key(self, customer: Customer) -> tuple[Hashable, ...]:
        """Return what tells a customer from others: what conditions read, now and then."""
        now = customer.seen
        known = since(customer), examined(customer)
        ahead = [
            (at, place, readings)
            for place, (timer, readings) in enumerate(self.timers)
            if (at := pending(customer, timer, *known)) is not None
        ]
        return (
            customer.stage,
            self.told(customer),
            tuple(read(customer, now) for read in self.readings),
            tuple(
                (place, (at - now) // self.unit, *(read(customer, at) for read in readings))
                for at, place, readings in sorted(ahead, key=itemgetter(0, 1))
            ),
        )

    def told(self, customer: Customer) -> Hashable:
        """Return the attributes; of a date only whether it has passed: timers say the rest."""
        told = dict(customer.attributes)
        for name in self.dates & told.keys():
            date: Any = told[name]
            told[name] = date and _checks.utc(date) > customer.seen
        return frozenset(told.items())


_DAY = timedelta(days=1)

_Reading: TypeAlias = Callable[[Customer, datetime], object]


def _readings(ways: Iterable[Transition | Milestone], slots: Mapping[Any, int]) -> list[_Reading]:
    """Return what reads each measure of the conditions as coarsely as they compare it."""
    wanted: dict[Measure | Sum, list[Any]] = {}
    for way in ways:
        if is_data(way.when):
            for one in criteria(way.when):
                wanted.setdefault(one.measure, []).extend(one.values)
    return [
        _reading(reader(measure, slots), likeness, numbers(found))
        for measure, found in wanted.items()
        if (likeness := MEASURES[measure.kind].likeness) is not None
    ]


def _likeness_of(fall: Fall) -> Callable[[Any, tuple[Any, ...]], object]:
    likeness = MEASURES[fall.measure.kind].likeness
    assert likeness is not None  # noqa: S101  (what can fall is kept)
    return likeness


def _reading(read: Callable[..., Any], likeness: Any, wanted: tuple[Any, ...]) -> _Reading:
    def found(customer: Customer, at: datetime) -> object:
        actual = read(customer, None, at)
        return None if actual is None else likeness(actual, wanted)

    return found
