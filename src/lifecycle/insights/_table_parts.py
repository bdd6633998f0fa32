"""What tables of insights share: windows in words, and the bounds of rates."""

from typing import Any

from lifecycle._tables import in_words
from lifecycle.periods import Window

__all__ = ["bound", "when"]


def when(window: Window | None) -> str:
    """Return a window in words: its start and its exclusive end."""
    if window is None:
        return "all time"
    return f"{in_words(window.start)} to {in_words(window.end)}"


def bound(side: str, row: Any) -> float | None:
    """Return the "low" or "high" bound of the interval of a row's rate; None without one."""
    interval = row.rate.interval()
    return None if interval is None else getattr(interval, side)
