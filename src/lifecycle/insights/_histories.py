"""What every insight needs to know of one customer, in UTC."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from lifecycle._activity import Id
from lifecycle.engine.journeys import Journey

__all__ = ["History"]


class History(NamedTuple):
    """What is known about one customer: stays that tile the time from enrollment on.

    `stages[i]` was entered at `moments[i]` by a change of kind `kinds[i - 1]`, and left at
    `moments[i + 1]`; the last one is open at `until`.
    """

    id: Id
    stages: Sequence[str]
    moments: Sequence[datetime]
    kinds: Sequence[str]
    until: datetime
    journey: Journey | None

    def left(self, i: int) -> datetime | None:
        """Return when a stay was left; None for the last one."""
        return self.moments[i + 1] if i + 1 < len(self.moments) else None

    def known(self, end: datetime | None = None) -> datetime:
        """Return up to when the customer is known, within a window that ends then."""
        return self.until if end is None else min(self.until, end)
