"""What tables of insights share: titles that say when and of how many, bounds of rates."""

from typing import Any

from lifecycle._tables import in_words
from lifecycle.periods import Window

__all__ = ["bound", "many", "when"]


def when(window: Window | None) -> str:
    """Return a window in words: its start and its exclusive end."""
    if window is None:
        return "all time"
    return f"{in_words(window.start)} to {in_words(window.end)}"


def many(n: float, noun: str) -> str:
    """Return a count with its noun: "1 stay", "2,357 stays"."""
    return f"{n:,.0f} {noun}{'' if n == 1 else 's'}"


def bound(side: str, row: Any) -> float | None:
    """Return the "low" or "high" bound of the interval of a row's rate; None without one."""
    interval = row.rate.interval()
    return None if interval is None else getattr(interval, side)
