"""Where a measure may cross a number as the entries of a window leave, found in few steps.

The *balance* of a window moves with each entry: for a sum by its weight, for a mean by its
weight less the number. Let E be the balance with the last entry, and B that with the last
entry that has left. A sum is not below a number n while B <= E - n, and a mean while
B <= E. The spans of the window know the bounds of B in each block, so the blocks in which
it crosses are found without looking at the others.

Balances are exact, and measures are rounded. So what is found here is each place where a
measure may turn, however it is rounded, and the measure itself decides.
"""

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from operator import ge
from typing import NamedTuple

from lifecycle import _money
from lifecycle._checks import Number
from lifecycle.engine import _spans
from lifecycle.engine._spans import Exact, Span
from lifecycle.engine._windows import Recent

__all__ = ["Balance", "Scale", "at_least"]


class Balance(NamedTuple):
    """The balance of the entries of a window.

    Attributes:
        spans: Its bounds in the blocks, but for the last that has an entry.
        end: What it is with the last entry.
    """

    spans: tuple[Span, ...] = ()
    end: Exact = 0


class Scale:
    """How the balance of a window moves, for one kind of measure and one number."""

    def __init__(self, below: Number, *, adds_up: bool) -> None:
        enough, self._doubt = _enough(below)
        self._is_float = isinstance(below, float)
        self._off_all = enough if adds_up else 0
        self._off_each = 0 if adds_up else enough

    def joined(self, balance: Balance, lost: int, entries: Recent, weight: Number) -> Balance:
        """Return the balance of entries, the last of which has come after `lost` blocks left."""
        spans = _spans.without(balance.spans, lost)
        return Balance(self._grown(spans, balance.end, entries), balance.end + self._step(weight))

    def of(self, entries: Recent) -> Balance:
        """Return the balance of entries."""
        found = Balance()
        for number in range(entries.full + 1):
            end = found.end + sum(map(self._step, entries.block(number)[1]))
            found = Balance(self._grown(found.spans, end, entries), end)
        return found

    def _grown(self, spans: tuple[Span, ...], end: Exact, entries: Recent) -> tuple[Span, ...]:
        """Add the next block, with the last entry of which the balance is `end`, if it is done."""
        number = _spans.size(spans)
        following = entries.begin(number + 1)
        if following is None:
            return spans
        found = self._sums(entries, number, end)
        return _spans.joined(spans, _spans.span(found, end))

    def _sums(self, entries: Recent, number: int, end: Exact) -> list[tuple[int, Exact]]:
        instants, values, _ = entries.block(number)
        return _spans.sums(instants, list(map(self._step, values)), entries.begin(number + 1), end)

    def _step(self, weight: Number | None) -> Exact:
        return 0 if weight is None else _exact(weight) - self._off_each

    def turns(
        self, balance: Balance, entries: Recent, gone: int, *, holds: bool
    ) -> Iterator[tuple[int, list[int]]]:
        """Yield where the measure may turn as the entries leave, one instant after the other.

        Args:
            balance: The balance of the entries.
            entries: The entries.
            gone: How many places are empty at first.
            holds: Whether the measure is not below the number then.

        Yields:
            The number of a block, and how many of its places are empty then: in order.
        """
        most = balance.end - self._off_all
        is_sure = holds and not (self._is_float and entries.sums.decimals)
        doubt = 0 if is_sure else self._doubt * entries.count

        def may_turn(low: Exact | float, high: Exact | float) -> bool:
            return high > most - doubt if holds else low <= most + doubt

        first, part = entries.located(gone)
        spans = _spans.among(balance.spans, first, lambda span: may_turn(span.low, span.high))
        last = range(max(_spans.size(balance.spans), first), entries.full + 1)
        blocks = chain(
            ((number, span.end) for number, span in spans),
            ((number, balance.end) for number in last),
        )
        for number, end in blocks:
            skipped = part if number == first else 0
            found = self._sums(entries, number, end)
            yield number, [i for i, each in found if i > skipped and may_turn(each, each)]
        number, part = entries.located(entries.places)
        yield number, [part]  # a mean of nothing is missing, with whatever balance


def _enough(below: Number) -> tuple[Exact, Exact]:
    """Return from what on a measure is not below a number, and by how much one surely is less.

    A measure is rounded to a float or to 28 digits. Both keep the order, and are off by less
    than `far`, as is the shortest text by which a float is compared with a `Decimal`.
    """
    exact = Fraction(below)
    far = max(abs(exact) / 2**50, Fraction(1, 2**1070))
    is_float = isinstance(below, float)
    rounded = float(below), below if is_float else _money.divided(Decimal(below), 1)
    enough = exact if all(at_least(each, below) for each in rounded) else exact + far
    return _units(enough), _units(enough - exact + far)


def _exact(number: Number) -> Exact:
    """Return a number in units of 2**-64, of which nearly all floats are multiples."""
    if isinstance(number, int):
        return number * _UNIT
    units = number * _FLOAT_UNIT if isinstance(number, float) else math.inf
    return int(units) if units.is_integer() else _units(Fraction(number))


def _units(number: Fraction) -> Exact:
    units = number * _UNIT
    return units.numerator if units.denominator == 1 else units


_UNIT = 1 << 64
_FLOAT_UNIT = float(_UNIT)

at_least = _money.mixing(ge)
