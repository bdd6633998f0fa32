"""The periods by which stays are counted: those of a calendar, or all time as one."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from lifecycle import _checks
from lifecycle._activity import Grid
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.periods import Calendar, Window

__all__ = ["FAR", "ReportingPeriods", "reporting_periods"]

FAR = datetime.max.replace(tzinfo=UTC)


class ReportingPeriods(NamedTuple):
    """Periods that follow each other, numbered from 0.

    Attributes:
        starts: The start of each, in UTC.
        ends: The end of each, in UTC; that of the last may be after the window.
        end: The end of the window, in UTC.
        labels: What people call each: its start in the zone, None for all the time.
    """

    starts: Sequence[datetime]
    ends: Sequence[datetime]
    end: datetime
    labels: Sequence[datetime | None]

    def number(self, at: datetime) -> int | None:
        """Return the period that contains an instant; None outside the window."""
        return None if at >= self.end or at < self.starts[0] else bisect_right(self.starts, at) - 1

    def open(self, histories: Iterable[History]) -> list[bool]:
        """Return for each period whether it ends after what is known about some customer.

        The last instant that is known is included, and the end of a period is not.
        """
        before = self.end - timedelta.resolution
        known = min((history.until for history in histories), default=before)
        last = min(known, before) + timedelta.resolution
        return [end > last and end is not FAR for end in self.ends]


def reporting_periods(
    population: Population, calendar: Calendar | None, window: Window | None
) -> ReportingPeriods:
    """Return the periods of a window, or the one that is all of it."""
    if calendar is not None:
        if window is None:
            raise InvalidTypeError("window", window, "be a Window, as there is a calendar")
        grid = Grid(calendar, window)
        ends = (*grid.starts[1:], _end(calendar, window, grid.starts[-1]))
        return ReportingPeriods(grid.starts, ends, grid.end, list(grid))
    if window is not None:
        start, end = population.reader.window(window)
        return ReportingPeriods((start,), (end,), end, (start,))
    start = min((history.moments[0] for history in population.histories), default=FAR)
    return ReportingPeriods((start,), (FAR,), FAR, (None,))


def _end(calendar: Calendar, window: Window, start: datetime) -> datetime:
    """Return the end of the last period of a window."""
    try:
        return _checks.utc(calendar.start(calendar.index(start) + 1))
    except InvalidValueError:
        expected = f"be in a {calendar.grain} that ends within years 1 to 9999"
        raise InvalidValueError("window.end", window.end, expected) from None
