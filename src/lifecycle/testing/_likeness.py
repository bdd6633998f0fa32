"""Which customers are alike: those whom conditions and clocks cannot tell apart."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

from lifecycle import _checks
from lifecycle.engine._compiled import Row
from lifecycle.engine._tallies import reader
from lifecycle.engine.conditions import Measure, comparisons, is_data
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.transitions import Transition
from lifecycle.testing._vocabulary import TICK, nominal, numbers

__all__ = ["View"]


class View:
    """A stage, and by what customers in it are told apart."""

    def __init__(self, lifecycle: Lifecycle, row: Row) -> None:
        tables = lifecycle._tables
        slots = {tally: slot for slot, tally in enumerate(tables.layout.tallies, start=1)}
        self.row = row
        self.readings = _readings(lifecycle.transitions, slots)
        self.timers = tuple(
            (timer, _readings([timer.edge.transition], slots)) for timer in row.timers
        )
        self.unit = min((nominal(timer.length) for timer in row.timers), default=TICK)

    def key(self, customer: Customer) -> tuple[Hashable, ...]:
        """Return what tells a customer from others: what conditions read, now and then."""
        now = customer.seen
        entered = _checks.utc(customer.entered)
        ahead = [
            (at, place, readings)
            for place, (timer, readings) in enumerate(self.timers)
            if (at := timer.due(customer, entered)) is not None and at >= (customer._due or now)
        ]
        return (
            customer.stage,
            customer.attributes,
            tuple(read(customer, now) for read in self.readings),
            tuple(
                (place, (at - now) // self.unit, *(read(customer, at) for read in readings))
                for at, place, readings in sorted(ahead, key=itemgetter(0, 1))
            ),
        )


_Reading: TypeAlias = Callable[[Customer, datetime], object]


def _readings(transitions: Iterable[Transition], slots: Mapping[Any, int]) -> list[_Reading]:
    """Return what reads each measure of the transitions as coarsely as they compare it."""
    wanted: dict[Measure, list[Any]] = {}
    for transition in transitions:
        if is_data(transition.when):
            for one in comparisons(transition.when):
                values: Any = one.wanted if one.operator == "is_in" else (one.wanted,)
                wanted.setdefault(one.measure, []).extend(values)
    return [
        _reading(reader(measure, slots), measure.kind, numbers(found))
        for measure, found in wanted.items()
        if measure.kind in _COARSE
    ]


def _reading(read: Callable[..., Any], kind: str, wanted: tuple[Any, ...]) -> _Reading:
    coarse = _COARSE[kind]

    def found(customer: Customer, at: datetime) -> object:
        actual = read(customer, None, at)
        if actual is None:
            return None
        return coarse(actual, wanted)

    return found


def _counted(actual: int, wanted: tuple[Any, ...]) -> int:
    most: int = math.floor(wanted[-1]) + 1
    return min(actual, most)


def _compared(actual: Any, wanted: tuple[Any, ...]) -> tuple[int, int]:
    return bisect_left(wanted, actual), bisect_right(wanted, actual)


_STAGES_OF_A_TOTAL = 8
"""How finely a total is followed on its way to the largest number that it is compared with."""


def _totalled(actual: Any, wanted: tuple[Any, ...]) -> tuple[tuple[int, int], int]:
    most = float(wanted[-1])
    share = float(actual) / most if most > 0 else 0.0
    return _compared(actual, wanted), math.floor(_STAGES_OF_A_TOTAL * min(max(share, -1), 1))


_COARSE: Mapping[str, Callable[[Any, tuple[Any, ...]], object]] = {
    "count": _counted,
    "total": _totalled,
    "mean": _compared,
}
