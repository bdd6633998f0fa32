"""The time of paths: in which zone it is, up to when it is known, and when lengths of it end."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from lifecycle import _checks
from lifecycle._activity import Id, Instant, Reader
from lifecycle._lengths import Length, Period
from lifecycle.errors import InvalidValueError
from lifecycle.periods import Calendar

__all__ = ["Ends", "FunnelClock", "UntilLike"]

UntilLike = Instant | Mapping[Id, Instant] | Mapping[str, Instant] | Mapping[int, Instant]
Ends = Callable[[datetime], datetime | None]
"""When a length of time ends that begins at an instant; None where that is past all dates."""


class FunnelClock:
    """The time of the paths of one call.

    Attributes:
        zone: The zone of all their instants: UTC, or None where they have none.
    """

    zone: tzinfo | None

    def __init__(self, zone: str | tzinfo) -> None:
        self._calendar = Calendar(zone=zone)
        self._reader = Reader()

    def ends(self, length: Length) -> Ends:
        """Return what says when a length of time ends that begins at an instant of a path.

        Months and years are counted on the clock of the zone, or of naive instants themselves.
        """
        if isinstance(length, Period):
            return partial(self._months_later, length)
        return partial(_elapsed_later, length)

    def _months_later(self, length: Period, start: datetime) -> datetime | None:
        if self.zone is None:
            return length.after(start)
        try:
            return _checks.utc(self._calendar.step(start, length.months))
        except InvalidValueError:  # past all dates
            return None

    def known_until(self, until: Any, customers: Iterable[Id]) -> Mapping[Id, datetime]:
        """Return up to and including when each customer's rows are known; empty for all."""
        if until is None:
            return {}
        if not isinstance(until, Mapping):
            return dict.fromkeys(customers, self.last("until", until))
        for customer in customers:
            if customer not in until:
                expected = "be given for each customer of the paths"
                raise InvalidValueError(f"until[{customer!r}]", None, expected)
        return {who: self.last(f"until[{who!r}]", until[who]) for who in customers}

    def last(self, argument: str, until: Instant) -> datetime:
        """Return up to and including when rows are known: of aware ones, a date in the zone."""
        has_zone = self.zone is not None and not isinstance(until, datetime)
        end = (Reader(self._calendar) if has_zone else self._reader).until(argument, until)
        return end.replace(tzinfo=self.zone)


def _elapsed_later(length: timedelta, start: datetime) -> datetime | None:
    try:
        return start + length
    except OverflowError:  # past all dates
        return None
