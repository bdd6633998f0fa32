"""The periods, which have whole numbers: endlessly, or from edge to edge.

A named grain is stepped on a clock from the start of its period 0: by a length of time, or by
months. Periods that are given have edges, from the start of the first to the end of the last.
Instants come and go in UTC.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol

from dateutil.relativedelta import relativedelta

from lifecycle import _checks
from lifecycle.errors import InvalidValueError

__all__ = ["ByEdges", "ByMonths", "ByTime", "Cut"]

_DAY = timedelta(days=1)


class Cut(Protocol):
    """The periods. Instants are in UTC."""

    def index(self, argument: str, t: datetime | date, moment: datetime) -> int:
        """Return the number of the period that contains an instant."""

    def last(self, argument: str, t: datetime | date, moment: datetime) -> int:
        """Return the number of the last period that has begun by the end of a window."""

    def number(self, moment: datetime) -> int:
        """Return the same for any instant: one less than the first, one more than the last."""

    def has(self, k: int) -> bool:
        """Say whether there is such a period."""

    def begins(self, moment: datetime) -> bool:
        """Say whether a period begins, or the last one ends, at an instant."""

    def start(self, k: int) -> datetime:
        """Return the first instant of a period, the end of the last one too."""

    def step(self, anchor: datetime, k: int) -> datetime:
        """Return the instant that is some periods from another."""


class _Endless(ABC):
    """Periods that are stepped on a clock, from a first one on and back."""

    def __init__(self, origin: datetime) -> None:
        self._origin = origin
        self._clock = origin.tzinfo
        self._never_changes = origin.tzinfo is UTC

    @abstractmethod
    def _near(self, moment: datetime) -> int:
        """Return the period of the local time: one off at most, where clocks change at midnight."""

    @abstractmethod
    def _stepped(self, anchor: datetime, k: int) -> datetime:
        """Return the anchor plus k steps in UTC; adding to a datetime gives `fold=0`."""

    def index(self, argument: str, t: datetime | date, moment: datetime) -> int:
        try:
            near = self._near(moment)
        except OverflowError:
            expected = "be within years 1 to 9999 in the calendar's zone"
            raise InvalidValueError(argument, t, expected) from None
        if self._never_changes:
            return near
        return next(k for k in (near + 1, near, near - 1) if self._has_begun(k, moment))

    last = index

    def number(self, moment: datetime) -> int:
        return self.index("t", moment, moment)

    def has(self, k: int) -> bool:  # noqa: ARG002  (as others are asked)
        return True

    def begins(self, moment: datetime) -> bool:
        return self.start(self.number(moment)) == moment

    def start(self, k: int) -> datetime:
        return self.step(self._origin, k)

    def step(self, anchor: datetime, k: int) -> datetime:
        try:
            return self._stepped(anchor, k)
        except (OverflowError, ValueError):
            expected = "lead to an instant within years 1 to 9999"
            raise InvalidValueError("k", k, expected) from None

    def _has_begun(self, k: int, moment: datetime) -> bool:
        try:
            return self._stepped(self._origin, k) <= moment
        except (OverflowError, ValueError):
            return k < 0  # it begins before the year 1, else after the year 9999


class ByTime(_Endless):
    """Periods of one length on the clock: hours, days and weeks."""

    def __init__(self, origin: datetime, size: timedelta) -> None:
        super().__init__(origin)
        self._size = size

    def _near(self, moment: datetime) -> int:
        return (moment.astimezone(self._clock) - self._origin) // self._size

    def _stepped(self, anchor: datetime, k: int) -> datetime:
        return _checks.utc(anchor.astimezone(self._clock) + k * self._size)


class ByMonths(_Endless):
    """Periods of whole months."""

    def __init__(self, origin: datetime, size: int) -> None:
        super().__init__(origin)
        self._size = size
        self._first = 12 * origin.year + origin.month

    def _near(self, moment: datetime) -> int:
        local = moment.astimezone(self._clock)
        return (12 * local.year + local.month - self._first) // self._size

    def _stepped(self, anchor: datetime, k: int) -> datetime:
        months = relativedelta(months=k * self._size)
        return _checks.utc(anchor.astimezone(self._clock) + months)


class ByEdges:
    """Periods that are given by their edges, from the start of the first to the end of the last."""

    def __init__(self, edges: tuple[datetime, ...], zone: tzinfo) -> None:
        self._edges, self._zone = edges, zone

    def index(self, argument: str, t: datetime | date, moment: datetime) -> int:
        k = self.number(moment)
        if not self.has(k):
            raise InvalidValueError(argument, t, f"be in a period of the calendar, {self._range()}")
        return k

    def last(self, argument: str, t: datetime | date, moment: datetime) -> int:
        if not self._edges[0] < moment <= self._edges[-1]:
            raise InvalidValueError(
                argument, t, f"be at most the end of the calendar, {self._range()}"
            )
        return self.number(moment)

    def number(self, moment: datetime) -> int:
        return bisect_right(self._edges, moment) - 1

    def has(self, k: int) -> bool:
        return 0 <= k < len(self._edges) - 1

    def begins(self, moment: datetime) -> bool:
        return moment in self._edges

    def start(self, k: int) -> datetime:
        if not 0 <= k < len(self._edges):
            expected = f"be from 0 to {len(self._edges) - 1} in this calendar, {self._range()}"
            raise InvalidValueError("k", k, expected)
        return self._edges[k]

    def step(self, anchor: datetime, k: int) -> datetime:
        own = self.index("start", anchor, anchor)
        if anchor == self._edges[own]:
            return self.start(own + k)
        if not self.has(own + k):
            expected = f"lead to a period of the calendar, {self._range()}"
            raise InvalidValueError("k", k, expected)
        start, end = self._edges[own + k : own + k + 2]
        reached = self._local(start) + (self._local(anchor) - self._local(self._edges[own]))
        over = reached - self._local(end)
        if over >= timedelta():  # cut to the last day, at the time of the day
            reached -= (over // _DAY + 1) * _DAY
        at = _checks.utc(reached.replace(tzinfo=self._zone))
        return min(max(at, start), end - timedelta.resolution)

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone).replace(tzinfo=None)

    def _range(self) -> str:
        ends = (self._local(at) for at in (self._edges[0], self._edges[-1]))
        first, end = (at if at.time() != time() else at.date() for at in ends)
        return f"from {first} up to {end}"
