"""Grace: gaps in which nothing is paid, and whether they are short enough to be none."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lifecycle._lengths import Length, after, length
from lifecycle.periods import Calendar

__all__ = ["Grace", "Span", "gaps"]

Span = tuple[datetime, datetime | None]
"""From when, until when, None where that goes on."""


def gaps(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the stretches between spans, one or more that may overlap, and that after the last."""
    in_order = sorted(spans, key=lambda span: span[0])
    reached = in_order[0][0]
    for start, end in in_order:
        if start > reached:
            yield reached, start
        if end is None:
            return
        reached = max(reached, end)
    yield reached, None


class Grace:
    """The longest gap that is carried, measured on the clock of a calendar's zone."""

    def __init__(self, argument: str, given: Length, calendar: Calendar) -> None:
        self._length = length(argument, given, zero=True)
        self._zone = calendar.tz

    def covers(self, gap: Span, stop: datetime) -> bool:
        """Say whether a gap is short enough, or, where it goes on at `stop`, may still be."""
        begin, end = gap
        if not self._length:
            return False
        limit = after(self._length, self._local(begin))
        if limit is None:
            return True
        return self._local(stop) < limit if end is None else self._local(end) <= limit

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone).replace(tzinfo=None)
