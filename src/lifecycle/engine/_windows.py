"""The events that a window holds, as a value: each new one shares all it can with the last.

A customer's windows are part of a snapshot, which nothing may change, and copying all
entries for each event would take time in proportion to the square of their number. So
the entries stand in blocks. What comes is joined to the tail, a block that is not full
yet; what leaves is skipped at the front; and the blocks between are shared.

Each block carries the sums of all that came before it. So the sums of any stretch are a
difference of two, however long it is, and an exact one (see `sums`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import reduce
from itertools import chain, islice
from typing import Any, TypeAlias

from lifecycle import _money
from lifecycle._checks import Number
from lifecycle.engine import _sums
from lifecycle.engine._sums import NOTHING, Sums

__all__ = ["EMPTY", "Entry", "Recent", "recent"]

Entry: TypeAlias = tuple[datetime, Number | None]
"""An instant in UTC (or naive), and the event's value."""

_Block: TypeAlias = tuple[tuple[datetime, ...], tuple[Number | None, ...], Sums]
"""Instants, values, and the sums of all that came before."""

_SIZE = 32
"""How many entries a block has: few, as the tail is copied; many, as blocks are listed."""


class Recent:
    """The entries of a window, in the order of time; made by `recent`, and by one another.

    Attributes:
        first: The instant of the oldest; None where there is none.
        count: How many there are.
        total: The sum of their values.
        asked: The instant, as an event wrote it, for which these are known to be what the
            window holds; None where that has to be found out.
    """

    __slots__ = (
        "_after",
        "_before",
        "_blocks",
        "_skipped",
        "_tail",
        "asked",
        "count",
        "first",
        "total",
    )

    def __init__(  # noqa: PLR0913, PLR0917  (all that one hands on to the next)
        self,
        blocks: tuple[_Block, ...],
        tail: _Block,
        skipped: int,
        before: Sums,
        after: Sums,
        first: datetime | None,
        count: int,
        total: Number,
        asked: datetime | None = None,
    ) -> None:
        self._blocks = blocks
        self._tail = tail
        self._skipped = skipped
        self._before = before
        self._after = after
        self.first = first
        self.count = count
        self.total = total
        self.asked = asked

    @property
    def mean(self) -> Number | None:
        """The mean of the values; None where there is none."""
        return _sums.mean(_sums.less(self._after, self._before))

    def joined(self, at: datetime, value: Number | None, asked: datetime | None = None) -> "Recent":
        """Return these entries and one more, which is the latest.

        Raises:
            TypeError: Its value is a float and others are `Decimal`, or the reverse.
        """
        blocks, before, after, total = self._blocks, self._before, self._after, self.total
        instants, values, passed = self._tail
        tail: _Block = ((*instants, at), (*values, value), passed)
        if value is not None:
            after = _sums.plus(after, value)
            rounds = after.floats
            total = _sums.total(_sums.less(after, before)) if rounds else _money.plus(total, value)
        if len(instants) == _SIZE - 1:
            blocks, tail = (*blocks, tail), ((), (), after)
        first = at if self.first is None else self.first
        return Recent(
            blocks, tail, self._skipped, before, after, first, self.count + 1, total, asked
        )

    def begin_after(self, oldest: datetime | None) -> bool:
        """Say whether every entry is later than an instant; None represents one before all."""
        return oldest is None or self.first is None or self.first > oldest

    def since(self, oldest: datetime | None) -> "Recent":
        """Return the entries that are later than an instant; None represents one before all."""
        if oldest is None or self.begin_after(oldest):
            return self
        place, (instants, values, before) = self._block_of(oldest)
        part, skipped = bisect_right(instants, oldest), 0
        if place == 0:
            before, skipped = self._before, self._skipped
        return self._from(place, part, reduce(_sums.plus, values[skipped:part], before))

    def _block_of(self, oldest: datetime) -> tuple[int, _Block]:
        """Find the last block that begins at or before an instant."""
        place = bisect_right(self._blocks, oldest, key=_begin)
        if place == len(self._blocks) and self._tail[0] and self._tail[0][0] <= oldest:
            return place, self._tail
        return place - 1, self._blocks[place - 1]

    def _from(self, place: int, part: int, before: Sums) -> "Recent":
        """Leave out the blocks before a place, and a part of the one that stands there."""
        if part == _SIZE:
            place, part = place + 1, 0
        blocks, tail, after = self._blocks[place:], self._tail, self._after
        if not blocks:
            tail, part = (tail[0][part:], tail[1][part:], before), 0
        instants = (blocks[0] if blocks else tail)[0]
        if not instants:
            return EMPTY
        count = len(blocks) * _SIZE + len(tail[0]) - part
        total = _sums.total(_sums.less(after, before))
        return Recent(blocks, tail, part, before, after, instants[part], count, total)

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Entry]:
        blocks = (*self._blocks, self._tail)
        entries = chain.from_iterable(zip(*block[:2], strict=True) for block in blocks)
        return islice(entries, self._skipped, None)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Recent):
            return NotImplemented
        return self is other or (self.count == other.count and tuple(self) == tuple(other))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"recent({list(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return recent, (tuple(self),)


EMPTY = Recent((), ((), (), NOTHING), 0, NOTHING, NOTHING, None, 0, 0)


def recent(entries: Iterable[Entry]) -> Recent:
    """Return entries, which come in the order of time, as those of a window.

    Raises:
        TypeError: Some values are floats, and others `Decimal`.
    """
    return reduce(lambda found, entry: found.joined(*entry), entries, EMPTY)


def _begin(block: _Block) -> datetime:
    return block[0][0]
