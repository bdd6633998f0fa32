"""Lengths of time, some of which still go on."""

from collections.abc import Iterable
from datetime import timedelta

__all__ = ["in_days", "median"]


def median(lengths: Iterable[tuple[timedelta, bool]]) -> timedelta | None:
    """Return the first time by which at least half have ended, by Kaplan and Meier (1958).

    Args:
        lengths: How long each lasted, and whether it has ended.

    Returns:
        The median; None where it is not reached, and for no lengths.
    """
    rows = sorted((length, not ended) for length, ended in lengths)
    surviving, at_risk = 1.0, len(rows)
    for length, goes_on in rows:
        if not goes_on:
            surviving *= (at_risk - 1) / at_risk
            if surviving <= 0.5 + 1e-9:
                return length
        at_risk -= 1
    return None


def in_days(length: timedelta | None) -> float | None:
    """Return a length of time in days."""
    return None if length is None else length / timedelta(days=1)
