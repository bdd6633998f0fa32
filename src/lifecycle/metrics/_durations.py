"""Lengths of time that have ended: how many there are, and how long they took."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, overload

import attrs

from lifecycle import _checks
from lifecycle._inputs import series
from lifecycle._lengths import Length, fixed_length
from lifecycle._tables import Column, Table, in_words
from lifecycle._values import MOST, shortened
from lifecycle.logs import _arrays
from lifecycle.rates import Rate

__all__ = ["Durations", "SortedLengths"]

_UNIT = timedelta.resolution


@attrs.frozen(eq=False, weakref_slot=False)
class SortedLengths(Sequence[timedelta]):
    """Lengths of time in ascending order, each of which is made when it is read.

    Attributes:
        micros: Their microseconds: an array of a log, or a tuple.
    """

    micros: Any

    def __len__(self) -> int:
        return len(self.micros)

    @overload
    def __getitem__(self, rank: int) -> timedelta: ...
    @overload
    def __getitem__(self, rank: slice) -> "SortedLengths": ...
    def __getitem__(self, rank: int | slice) -> "timedelta | SortedLengths":
        found = self.micros[rank]
        return SortedLengths(found) if isinstance(rank, slice) else int(found) * _UNIT

    def __iter__(self) -> Iterator[timedelta]:
        return (micros * _UNIT for micros in _arrays.items(self.micros))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SortedLengths) and _arrays.is_same(self.micros, other.micros)

    def __hash__(self) -> int:
        return hash((len(self), _arrays.total(self.micros)))


def _ascending(lengths: Iterable[timedelta]) -> SortedLengths:
    if isinstance(lengths, SortedLengths):
        return lengths
    given = enumerate(series("lengths", lengths))
    found = (
        fixed_length(f"lengths[{i}]", one, "a time that passed", zero=True) for i, one in given
    )
    return SortedLengths(tuple(sorted(length // _UNIT for length in found)))


@attrs.frozen(repr=False, weakref_slot=False)
class Durations(Table[timedelta]):
    """Lengths of time, in ascending order; as a table, a row for each, shown in one line."""

    _named_by = ("length",)

    _lengths: SortedLengths = attrs.field(converter=_ascending)

    _what: ClassVar[str]
    """What they are, for people."""

    def __repr__(self) -> str:
        some = tuple(self._lengths[:MOST])
        text = repr(some) if self.n <= MOST else shortened(repr(some[:3]), self.n)
        return f"{type(self).__name__}({text})"

    @cached_property
    def lengths(self) -> tuple[timedelta, ...]:
        """All of them, ascending."""
        return tuple(self._lengths)

    @property
    def rows(self) -> tuple[timedelta, ...]:
        """The lengths."""
        return self.lengths

    def _columns(self) -> Sequence[Column]:
        return [Column("length", timedelta, lambda length: length)]

    def __str__(self) -> str:
        return self._title()

    def _title(self) -> str:
        parts = [f"{self._what}: {self.n:,}"]
        for name, length in (("median", self.median), ("mean", self.mean)):
            if length is not None:
                parts.append(f"{name} {in_words(length)}")
        return ", ".join(parts)

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>"

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self._lengths)

    @property
    def mean(self) -> timedelta | None:
        """Their mean; None where there are none."""
        if not self.n:
            return None
        return round(Fraction(_arrays.total(self._lengths.micros), self.n)) * _UNIT

    @property
    def median(self) -> timedelta | None:
        """The middle one, or the mean of the two in the middle; None where there are none."""
        return self.quantile(0.5)

    def quantile(self, p: float) -> timedelta | None:
        """Return the length that a share of them does not exceed.

        Args:
            p: The share, strictly between 0 and 1.

        Returns:
            The quantile of type 7, as spreadsheets and numpy have it: linear between the
            lengths whose ranks are around 1 + (n - 1) p. None where there are none.

        Raises:
            InvalidTypeError: `p` is not a number.
            InvalidValueError: `p` is outside (0, 1).

        Convention:
            What has not ended is not in it: it is of those who did, and no forecast.

        References:
            Hyndman, R. J. & Fan, Y. (1996). Sample quantiles in statistical packages.
        """
        rank, part = divmod((self.n - 1) * _checks.fraction("p", p), 1)
        if not self.n:
            return None
        low = self._lengths[int(rank)]
        return low + (self._lengths[int(rank) + 1] - low) * part if part else low

    def within(self, length: Length) -> Rate:
        """Return the share of those that are at most so long.

        Args:
            length: A fixed length, 0 or more: a `timedelta`, or a `Period` without months.

        Returns:
            Those of at most this length, of all.

        Raises:
            InvalidTypeError: `length` is no `timedelta` and no `Period`.
            InvalidValueError: `length` is negative, or has months.
        """
        longest = fixed_length("length", length, "a share of times that passed", zero=True)
        return Rate(bisect_right(self._lengths, longest), self.n)
