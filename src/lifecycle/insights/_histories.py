"""What every insight needs to know of one customer, in UTC."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from lifecycle._activity import Id
from lifecycle.engine.changes import StageChange
from lifecycle.engine.journeys import Journey

__all__ = ["History", "Lasted"]


class History(NamedTuple):
    """What is known about one customer: stays that tile the time from enrollment on.

    `stages[i]` was entered at `moments[i]` by `moves[i - 1]`, which is of kind `kinds[i - 1]`
    in the newest version, and left at `moments[i + 1]`; the last one is open at `until`.

    Of a customer that was enrolled in mid-life, the first stay begins where it entered the
    stage, and comes under observation at `observed`: had it been left before, the customer
    would not have been enrolled in this stage. `enrolled` may be earlier than both.
    """

    id: Id
    stages: Sequence[str]
    moments: Sequence[datetime]
    kinds: Sequence[str]
    moves: Sequence[StageChange]
    until: datetime
    journey: Journey | None
    enrolled: datetime
    observed: datetime

    def left(self, i: int) -> datetime | None:
        """Return when a stay was left; None for the last one."""
        return self.moments[i + 1] if i + 1 < len(self.moments) else None

    def known(self, end: datetime | None = None) -> datetime:
        """Return up to when the customer is known, within a window that ends then."""
        return self.until if end is None else min(self.until, end)

    def lasted(self, i: int, end: datetime) -> "Lasted":
        """Return how long a stay has lasted, as far as known within a window that ends then."""
        left, entered = self.left(i), self.moments[i]
        ended = left is not None and left < end
        last = left if left is not None and ended else self.known(end)
        late = max(self.observed, entered) - entered
        return Lasted(last - entered, ended, late)


class Lasted(NamedTuple):
    """How long a stay has lasted.

    Attributes:
        length: The length of the stay, as far as known.
        ended: Whether it has ended; if not, it is censored.
        entry: The length after which it came under observation.
    """

    length: timedelta
    ended: bool
    entry: timedelta = timedelta()

    @property
    def is_observed(self) -> bool:
        """Whether it was under observation at all."""
        return not self.entry or self.entry < self.length
