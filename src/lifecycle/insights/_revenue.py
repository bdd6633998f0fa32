"""What customers paid: the values of their events by stay, and sums of them by key."""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from lifecycle import _checks, _money
from lifecycle._activity import Id, Reader
from lifecycle._checks import Number
from lifecycle.errors import MixedNumbersError
from lifecycle.insights._histories import History

__all__ = ["Amounts", "Payment", "in_money", "payments"]


class Payment(NamedTuple):
    """The value of one event: in which stay it fell, and in which one it left the customer."""

    at: datetime
    stay: int
    into: int
    amount: _checks.Number


def payments(history: History, reader: Reader) -> Iterator[Payment]:
    """Yield the values of a customer's events up to `until`, in the order in which they count.

    An event that moves the customer belongs to the stay that it ends, as in the conditions
    of a definition. Time-outs of its instant come before it, but for those that it makes due.
    """
    journey = history.journey
    if journey is None:
        return
    events, changes = journey.events[: len(journey._places)], journey.changes
    ats = reader.moments(f"the events of customer {history.id!r}", [event.at for event in events])
    stays = [0, *accumulate(change.is_move for change in changes)]
    for event, at, place in zip(events, ats, journey._places, strict=True):
        if event.value is not None:
            moved = place < len(changes) and changes[place].event is event
            yield Payment(at, stays[place], stays[place] + moved, event.value)


class Amounts:
    """Amounts under keys; their sums are `Decimal` where any of all amounts is one."""

    def __init__(self) -> None:
        self._amounts: defaultdict[Hashable, list[Any]] = defaultdict(list)
        self._first: dict[type, tuple[str, Number]] = {}

    def add(self, key: Hashable, customer: Id, amount: Number) -> None:
        """Add an amount of a customer."""
        kind = type(amount)
        if kind not in self._first:
            self._first[kind] = (f"an event value of customer {customer!r}", amount)
            if Decimal in self._first and float in self._first:
                raise MixedNumbersError(*self._first[float], *self._first[Decimal])
        self._amounts[key].append(amount)

    def total(self, key: Hashable) -> Number:
        """Return the sum under a key."""
        amounts = self._amounts.get(key, ())
        if Decimal in self._first:
            return _money.added(Decimal(), *amounts)
        return math.fsum(amounts) if float in self._first else sum(amounts)


def in_money(amount: Number | None) -> str:
    """Show money with two digits; nothing for None."""
    return "" if amount is None else _money.shown(amount)
