"""Lengths of time that have ended: how many there are, and how long they took."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import ClassVar

import attrs

from lifecycle import _checks
from lifecycle._inputs import series
from lifecycle._lengths import Length, fixed_length
from lifecycle._tables import Column, Table, in_words
from lifecycle._values import call
from lifecycle.rates import Rate

__all__ = ["Durations"]


def _ascending(lengths: Iterable[timedelta]) -> tuple[timedelta, ...]:
    given = enumerate(series("lengths", lengths))
    found = (
        fixed_length(f"lengths[{i}]", one, "a time that passed", zero=True) for i, one in given
    )
    return tuple(sorted(found))


@attrs.frozen(repr=False, weakref_slot=False)
class Durations(Table[timedelta]):
    """Lengths of time, in ascending order; as a table, a row for each, shown in one line."""

    _named_by = ("length",)

    lengths: tuple[timedelta, ...] = attrs.field(converter=_ascending)

    _what: ClassVar[str]
    """What they are, for people."""

    def __repr__(self) -> str:
        return call(self, "lengths")

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
        return len(self.lengths)

    @property
    def mean(self) -> timedelta | None:
        """Their mean; None where there are none."""
        if not self.lengths:
            return None
        unit = timedelta.resolution
        return round(Fraction(sum(length // unit for length in self.lengths), self.n)) * unit

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
        if not self.lengths:
            return None
        low = self.lengths[int(rank)]
        return low + (self.lengths[int(rank) + 1] - low) * part if part else low

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
        return Rate(bisect_right(self.lengths, longest), self.n)
