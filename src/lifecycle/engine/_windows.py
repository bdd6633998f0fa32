"""The events that a window holds, as a value: each new one shares all it can with the last.

A customer's windows are part of a snapshot, which nothing may change, and copying all
entries for each event would take time in proportion to the square of their number. So
the entries are in blocks. What comes is joined to the tail, a block that is not full
yet; what leaves is skipped at the front; and the blocks between are shared.

Each block carries the sums of all that came before it. So the sums of any stretch are a
difference of two, however long it is, and an exact one (see `sums`).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import reduce
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeAlias

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle._lengths import Period
from lifecycle.engine import _sums
from lifecycle.engine._sums import NOTHING, Sums

if TYPE_CHECKING:
    from lifecycle.periods import Until

__all__ = ["EMPTY", "SLACK", "Entry", "Recent", "held", "leaving", "recent"]

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

    @property
    def sums(self) -> Sums:
        """What the values add up to."""
        return _sums.less(self._after, self._before)

    # Places. Each entry has one: its block's number, and which it is in there. Those at the
    # front that have left count too, for as long as their block is kept.

    @property
    def full(self) -> int:
        """How many blocks are full; the one after them is the tail."""
        return len(self._blocks)

    @property
    def places(self) -> int:
        """How many places there are."""
        return len(self._blocks) * _SIZE + len(self._tail[0])

    def block(self, number: int) -> _Block:
        """Return a block, or the tail."""
        return self._blocks[number] if number < len(self._blocks) else self._tail

    def begin(self, number: int) -> datetime | None:
        """Return the instant of the first entry of a block; None where there is none."""
        return next(iter(self.block(number)[0]), None) if number <= self.full else None

    def left(self, gone: int) -> Sums:
        """Return what is left once the entries of so many places have left."""
        number, part = divmod(gone, _SIZE)
        _, values, before = self.block(number)
        return _sums.less(self._after, reduce(_sums.plus, values[:part], before))

    def turn(self, number: int, parts: Iterable[int], test: Callable[[Sums], bool]) -> int | None:
        """Find where so much of a block leaves that a test is passed.

        Args:
            number: The number of the block.
            parts: How many of its places may be empty then, in order.
            test: The test of the sums that are left.

        Returns:
            How many places are empty then; None where it is never passed.
        """
        _, values, gone = self.block(number)
        done = 0
        for part in parts:
            gone, done = reduce(_sums.plus, values[done:part], gone), part
            if test(_sums.less(self._after, gone)):
                return number * _SIZE + part
        return None

    def located(self, place: int) -> tuple[int, int]:
        """Return the number of the block of a place, and which it is there."""
        return divmod(place, _SIZE)

    def instant(self, place: int) -> datetime:
        """Return the instant of the entry of a place."""
        number, part = divmod(place, _SIZE)
        return self.block(number)[0][part]

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
        return self is other or (self.count == other.count and all(map(_is_same, self, other)))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"recent({list(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return recent, (tuple(self),)


def _is_same(one: Entry, other: Entry) -> bool:
    """Say whether two entries are equal, with values that add up with the same numbers."""
    return one == other and type(one[1]) is type(other[1])


EMPTY = Recent((), ((), (), NOTHING), 0, NOTHING, NOTHING, None, 0, 0)


def recent(entries: Iterable[Entry]) -> Recent:
    """Return entries, which come in the order of time, as those of a window.

    Raises:
        TypeError: Some values are floats, and others `Decimal`.
    """
    return reduce(lambda found, entry: found.joined(*entry), entries, EMPTY)


def _begin(block: _Block) -> datetime:
    return block[0][0]


# Which entries a window holds

SLACK = timedelta(days=7)
"""How much longer than its length a calendar window is kept: the length of a month
depends on the zone of the instant that asks, and the next one may ask from another."""

_SHORTER = 4
"""By how many days months may last less than 30 days each: February, and changes of a zone."""


def held(
    within: "Period | Until", slack: timedelta = timedelta(0)
) -> Callable[[Recent, datetime], Recent]:
    """Return what keeps the entries that a window holds; of calendar lengths, so many more."""
    if not isinstance(within, Period):
        return _since_start(within) if not slack else _around_start(within, slack)
    length = within.length
    if length is not None:
        return lambda entries, at: entries.since(_earlier(at, length))
    shortest = timedelta(days=30 * within.months - _SHORTER)

    def kept(entries: Recent, at: datetime) -> Recent:
        if entries.begin_after(_earlier(at, shortest)):
            return entries
        oldest = within.before(at)
        return entries.since(oldest and _earlier(oldest, slack))

    return kept


def _since_start(within: "Until") -> Callable[[Recent, datetime], Recent]:
    def kept(entries: Recent, at: datetime) -> Recent:
        start = within.start(at)
        return entries.since(start and _earlier(start, timedelta.resolution))

    return kept


def _around_start(within: "Until", slack: timedelta) -> Callable[[Recent, datetime], Recent]:
    """Keep what any instant from now on can ask for, in whatever zone it lies."""
    longest = within.longest + 2 * slack

    def kept(entries: Recent, at: datetime) -> Recent:
        if entries.begin_after(_earlier(at, longest)):
            return entries
        start = within.start(_earlier(at, slack) or at)
        return entries.since(start and _earlier(start, slack))

    return kept


def _earlier(instant: datetime, length: timedelta) -> datetime | None:
    try:
        return _checks.utc(instant) - length
    except OverflowError:
        return None


def leaving(within: "Period | Until", at: datetime, clock: datetime) -> datetime | None:
    """Return when an entry is in a window no longer: the first instant at which it is not.

    Args:
        within: The window.
        at: The instant of the entry, in UTC or naive.
        clock: An instant in the zone in which a calendar length is stepped.

    Returns:
        The instant in UTC, or naive; None where it lies past all dates, there or in UTC.
    """
    if isinstance(within, Period) and within.length is not None:
        left = _moved(at, within.length)
        return left if left and _in_zone(left, clock) else None
    local = _in_zone(at, clock)
    found = local and within.after(local)
    if found is None or not isinstance(within, Period):
        return found and _checks.utc(found)
    return _when_left(within, at, found)


def _when_left(within: Period, at: datetime, about: datetime) -> datetime | None:
    """Return the first instant from one on at which months reach back no further than an entry.

    Months of different lengths make these two: a month after 31 January is 28 February, when
    a month reaches back to 28 January; so what happened on 31 January leaves with 1 March.
    """

    def is_out(microseconds: int) -> bool:
        moment = _moved(_checks.utc(about), timedelta(microseconds=microseconds))
        local = moment and _in_zone(moment, about)
        oldest = local and within.before(local)
        return local is None or (oldest is not None and _checks.utc(oldest) >= at)

    past = 0 if is_out(0) else bisect_left(range(_MOST_LATE), True, key=is_out)
    return _moved(_checks.utc(about), timedelta(microseconds=past))


_MOST_LATE = timedelta(days=5) // timedelta.resolution
"""Within how many microseconds after so many months an entry has left."""


def _moved(at: datetime, by: timedelta) -> datetime | None:
    try:
        return at + by
    except OverflowError:
        return None


def _in_zone(at: datetime, clock: datetime) -> datetime | None:
    try:
        return at if clock.tzinfo is None else at.astimezone(clock.tzinfo)
    except OverflowError:
        return None
