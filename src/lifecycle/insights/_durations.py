"""Durations, possibly censored."""

from collections.abc import Iterable
from datetime import timedelta

from lifecycle.metrics.survival_curves import kaplan_meier

__all__ = ["in_days", "median"]


def median(lengths: Iterable[tuple[timedelta, bool]]) -> timedelta | None:
    """Return the median of the Kaplan-Meier curve.

    Args:
        lengths: How long each lasted, and whether it has ended; if not, it is censored.

    Returns:
        The median; None where it is not reached, and for no lengths.
    """
    rows = list(lengths)
    if not rows:
        return None
    curve = kaplan_meier([length.total_seconds() for length, _ in rows], [end for _, end in rows])
    seconds = curve.median()
    return None if seconds is None else timedelta(seconds=seconds)


def in_days(length: timedelta | None) -> float | None:
    """Return a length of time in days."""
    return None if length is None else length / timedelta(days=1)
