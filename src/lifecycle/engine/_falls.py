"""When a measure of a window falls: known in advance, as it is known when each event leaves.

A measure of a window changes at two kinds of instants: when an event comes, and when one
leaves. It *falls* below a number where it was at least that before and is less after. What
will leave, and when, is known with the last event that the window counts; so the falls
ahead are worked out then, and read until the next such event.

A fall by an event is dated at the event. It is due after it, and so with the next step:
`fresh` says that no event has come since, before which it would have been examined.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import ge, itemgetter
from typing import Any, NamedTuple

from lifecycle import _checks, _money
from lifecycle.engine import _sums
from lifecycle.engine._measures import MEASURES, Followed, Read
from lifecycle.engine._sums import Sums
from lifecycle.engine._windows import EMPTY, SLACK, Entry, Recent, held, leaving
from lifecycle.engine.conditions import Measure, Sum
from lifecycle.engine.events import Event
from lifecycle.engine.falls import Fall
from lifecycle.errors import InvalidValueError, MixedNumbersError

__all__ = ["NEVER", "Fallen", "Follower", "followed", "level", "settled"]


class Fallen(NamedTuple):
    """What a customer remembers of a measure that can fall.

    Attributes:
        entries: What the window counts, each with its weight.
        last: When the last of them came, as that event wrote it; the zone of its instant is
            that of the falls.
        fell: Whether the measure fell with it.
        fresh: Whether no event has come since.
        lightest: When the last entry came that weighs less than 0.
        falls: When the measure falls, if nothing more comes: in UTC, or naive.
    """

    entries: Recent = EMPTY
    last: datetime | None = None
    fell: bool = False
    fresh: bool = False
    lightest: datetime | None = None
    falls: tuple[datetime, ...] = ()


NEVER = Fallen()


def settled(fall: Fall, state: Fallen) -> Fallen:
    """Return a state that has been stored, with all that follows from it."""
    if state.last is None:
        return NEVER
    light = [at for at, weight in state.entries if weight is not None and weight < 0]
    return Follower(fall).ahead(state._replace(lightest=light[-1] if light else None))


def level(fall: Fall, slot: int) -> Read:
    """Return what reads the measure of a fall from what is remembered for it."""
    within, found = held(fall.within), followed(fall.measure).level

    def read(customer: Any, _event: Event | None, at: datetime) -> Any:
        return found(within(customer._memory[slot].entries, at).sums)

    return read


class Follower:
    """What the states of one fall have in common."""

    def __init__(self, fall: Fall) -> None:
        self.fall = fall
        self.within = held(fall.within)
        self.kept = held(fall.within, SLACK)
        self.row = followed(fall.measure)

    def holds(self, sums: Sums) -> bool:
        """Say whether the measure is not below, given the sums of its window."""
        found = self.row.level(sums)
        return found is not None and _at_least(found, self.fall.below)

    def joined(self, state: Fallen, event: Event, weight: Any) -> Fallen:
        """Count an event, and say whether the measure fell with it."""
        kept = self.kept(state.entries, event.at)
        try:
            entries = kept.joined(event._instant, weight)
        except TypeError:
            what = f"what {self.fall.measure!r} has so far"
            raise MixedNumbersError("event.value", event.value, what, kept.total) from None
        if not _checks.finite(entries.total):
            expected = f"leave {self.fall.measure!r} finite"
            raise InvalidValueError("event.value", event.value, expected)
        before, after = (self.within(some, event.at).sums for some in (kept, entries))
        fell = self.holds(before) and not self.holds(after)
        lightest = event._instant if weight < 0 else _kept(state.lightest, entries)
        return self.ahead(Fallen(entries, event.at, fell, fell, lightest))

    def ahead(self, state: Fallen) -> Fallen:
        """Work out when the measure falls if nothing more comes."""
        assert state.last is not None  # noqa: S101  (an event has been counted)
        here = self.within(state.entries, state.last)
        ahead = self._only if self._adds_up(here, state) else self._each
        at_last = (_checks.utc(state.last),) if state.fell else ()
        return state._replace(falls=(*at_last, *ahead(here, state.last)))

    def _adds_up(self, here: Recent, state: Fallen) -> bool:
        first, lightest = here.first, state.lightest
        return self.row.adds_up and (lightest is None or first is None or lightest < first)

    def _only(self, here: Recent, clock: datetime) -> Iterator[datetime]:
        """Find the one fall of what only gets less."""
        turning = here.turning(self.holds) if self.holds(here.sums) else None
        at = turning and leaving(self.fall.within, turning, clock)
        if at is not None:
            yield at

    def _each(self, here: Recent, clock: datetime) -> Iterator[datetime]:
        """Let the entries leave one instant after the other."""
        gone, all_, holds = _sums.NOTHING, here.sums, self.holds(here.sums)
        for at, entries in groupby(_leavers(self.fall, here, clock), key=itemgetter(0)):
            for _, weight in entries:
                gone = _sums.plus(gone, weight)
            before, holds = holds, self.holds(_sums.less(all_, gone))
            if before and not holds:
                yield at


def _kept(lightest: datetime | None, entries: Recent) -> datetime | None:
    """Forget an entry that has left."""
    return lightest if lightest and entries.first and lightest >= entries.first else None


def _leavers(fall: Fall, entries: Iterable[Entry], clock: datetime) -> Iterator[Entry]:
    """Yield when each entry leaves, as far as time goes, and its weight."""
    for at, weight in entries:
        left = leaving(fall.within, at, clock)
        if left is None:
            return
        yield left, weight


def followed(measure: Measure | Sum) -> Followed:
    row = MEASURES[measure.kind].falls
    assert row is not None  # noqa: S101  (a Fall has checked it)
    return row


_at_least = _money.mixing(ge)
