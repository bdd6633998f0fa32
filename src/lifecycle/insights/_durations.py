"""Durations, possibly censored."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from lifecycle.insights._histories import Lasted
from lifecycle.metrics.survival_curves import kaplan_meier

__all__ = ["entries", "in_days", "median"]


def median(lengths: Iterable[Lasted]) -> timedelta | None:
    """Return the median of the Kaplan-Meier curve.

    Args:
        lengths: How long each lasted.

    Returns:
        The median; None where it is not reached, and for no lengths.
    """
    rows = [row for row in lengths if row.is_observed]
    if not rows:
        return None
    curve = kaplan_meier(
        [row.length.total_seconds() for row in rows],
        [row.ended for row in rows],
        entry=entries(rows, timedelta(seconds=1)),
    )
    seconds = curve.median()
    return None if seconds is None else timedelta(seconds=seconds)


def entries(rows: Sequence[Lasted], unit: timedelta) -> list[float] | None:
    """Return after which length each came under observation; None where all did at once."""
    return [row.entry / unit for row in rows] if any(row.entry for row in rows) else None


def in_days(length: timedelta | None) -> float | None:
    """Return a length of time in days."""
    return None if length is None else length / timedelta(days=1)
