"""The periods by which stays are counted: those of a calendar, or all time as one."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lifecycle import _checks
from lifecycle._activity import Grid
from lifecycle.errors import InvalidValueError
from lifecycle.insights._histories import History
from lifecycle.periods import Calendar, Window

__all__ = ["ALL_TIME", "FAR", "ReportingPeriods", "as_one", "by_grid"]

FAR = datetime.max.replace(tzinfo=UTC)


class ReportingPeriods(NamedTuple):
    """Periods that follow each other, numbered from 0.

    Attributes:
        starts: The start of each, in UTC.
        ends: The end of each, in UTC; that of the last may be after the window.
        end: The end of the window, in UTC.
        labels: What people call each: its start in the zone, None for all the time.
        window: The window; None for all time.
        calendar: The calendar; None where the window is one period.
    """

    starts: Sequence[datetime]
    ends: Sequence[datetime]
    end: datetime
    labels: Sequence[datetime | None]
    window: Window | None = None
    calendar: Calendar | None = None

    def number(self, at: datetime) -> int | None:
        """Return the period that contains an instant; None outside the window."""
        return bisect_right(self.starts, at) - 1 if self.contain(at) else None

    def contain(self, at: datetime) -> bool:
        """Return whether an instant is in the window."""
        return self.starts[0] <= at < self.end

    def open(self, histories: Iterable[History]) -> list[bool]:
        """Return for each period whether it ends after what is known about some customer.

        The last instant that is known is included, and the end of a period is not.
        """
        before = self.end - timedelta.resolution
        known = min((history.until for history in histories), default=before)
        last = min(known, before) + timedelta.resolution
        return [end > last and end is not FAR for end in self.ends]


ALL_TIME = ReportingPeriods((datetime.min.replace(tzinfo=UTC),), (FAR,), FAR, (None,))


def by_grid(grid: Grid) -> ReportingPeriods:
    """Return the periods of a calendar."""
    ends = (*grid.starts[1:], _end(grid))
    return ReportingPeriods(grid.starts, ends, grid.end, list(grid), grid.window, grid.calendar)


def as_one(start: datetime, end: datetime, window: Window) -> ReportingPeriods:
    """Return the one period that is all of a window, given its edges in UTC."""
    return ReportingPeriods((start,), (end,), end, (start,), window)


def _end(grid: Grid) -> datetime:
    """Return the end of the last period."""
    calendar, window = grid.calendar, grid.window
    try:
        return _checks.utc(calendar.start(calendar.index(grid.starts[-1]) + 1))
    except InvalidValueError:
        expected = f"be in a {calendar.grain} that ends within years 1 to 9999"
        raise InvalidValueError("window.end", window.end, expected) from None
