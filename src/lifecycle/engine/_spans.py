"""Spans of a series: within what bounds its numbers lie, so that one finds which pass another.

A series grows block by block at the end, and loses blocks at the front. Its spans are
perfect binary trees of blocks, from the oldest to the latest: two of one size at the end
become one, and one at the front is taken apart. So there are few, each step makes few new
ones and shares the others, and a search looks at a number of them in proportion to the
logarithm of the number of blocks. Nothing of what has left is kept.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from itertools import accumulate, compress
from math import inf
from operator import ne, sub
from typing import NamedTuple, TypeAlias

__all__ = ["Exact", "Span", "among", "joined", "size", "span", "sums", "without"]

Exact: TypeAlias = int | Fraction


class Span(NamedTuple):
    """A stretch of blocks.

    Attributes:
        size: How many blocks.
        low: The least of its numbers; infinite where it has none.
        high: The greatest; likewise.
        end: The running sum at its end.
        parts: The two halves; none of one block.
    """

    size: int
    low: Exact | float
    high: Exact | float
    end: Exact
    parts: "tuple[Span, ...]" = ()


def sums(
    instants: Sequence[datetime], steps: Sequence[Exact], following: datetime | None, end: Exact
) -> list[tuple[int, Exact]]:
    """Return the running sums of a block with which an instant is over: after how many steps.

    Args:
        instants: When its steps are taken, in the order of time.
        steps: What each adds.
        following: The instant of the next block's first.
        end: The running sum with the last.
    """
    backwards: list[Exact] = list(accumulate(reversed(steps), sub, initial=end))
    is_over = map(ne, instants, (*instants[1:], following))
    return list(compress(enumerate(backwards[-2::-1], start=1), is_over))


def span(found: Iterable[tuple[int, Exact]], end: Exact) -> Span:
    """Return the span of one block, given its `sums`."""
    numbers = [number for _, number in found]
    return Span(1, min(numbers, default=inf), max(numbers, default=-inf), end)


def joined(spans: tuple[Span, ...], latest: Span) -> tuple[Span, ...]:
    """Return spans with one more block at the end."""
    while spans and spans[-1].size == latest.size:
        first, spans = spans[-1], spans[:-1]
        low, high = min(first.low, latest.low), max(first.high, latest.high)
        latest = Span(2 * latest.size, low, high, latest.end, (first, latest))
    return (*spans, latest)


def without(spans: tuple[Span, ...], blocks: int) -> tuple[Span, ...]:
    """Return spans with so many blocks less at the front, or none."""
    while blocks and spans:
        first, *rest = spans
        is_out = first.size <= blocks
        spans = tuple(rest) if is_out else (*first.parts, *rest)
        blocks -= first.size if is_out else 0
    return spans


def size(spans: Iterable[Span]) -> int:
    """Return how many blocks there are."""
    return sum(each.size for each in spans)


def among(
    spans: Iterable[Span], first: int, test: Callable[[Span], bool], start: int = 0
) -> Iterator[tuple[int, Span]]:
    """Yield the blocks, from a first one on, that pass a test, and their numbers.

    Args:
        spans: The spans.
        first: The number of the first block.
        test: The test; a span passes it where a half does.
        start: The number of the first block of the spans.
    """
    for each in spans:
        end = start + each.size
        if end > first and test(each):
            if each.parts:
                yield from among(each.parts, first, test, start)
            else:
                yield start, each
        start = end
