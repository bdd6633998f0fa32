"""Sums of money by key, all of one kind: `Decimal` never beside a float."""

import math
from collections import defaultdict
from collections.abc import Hashable
from decimal import Decimal
from typing import Any

from lifecycle import _money
from lifecycle._activity import Id
from lifecycle._checks import Number
from lifecycle.errors import MixedNumbersError

__all__ = ["Amounts", "in_money"]


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
