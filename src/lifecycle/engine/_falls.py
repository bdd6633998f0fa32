"""When a measure of a window falls: known in advance, as it is known when each event leaves.

A measure of a window changes at two kinds of instants: when an event comes, and when one
leaves. It *falls* below a number where it was at least that before and is less after. What
will leave, and when, is known with the last event that the window counts. So the falls
ahead are as well; each is found when it is asked for, and remembered.

A fall by an event is dated at the event. It is due after it, and so with the next step:
`fresh` says that no event has come since, before which it would have been examined.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from lifecycle import _checks
from lifecycle.engine._balances import Balance, Scale, at_least
from lifecycle.engine._measures import MEASURES, Followed, Read
from lifecycle.engine._sums import Sums
from lifecycle.engine._windows import EMPTY, SLACK, Recent, held, leaving
from lifecycle.engine.conditions import Measure, Sum
from lifecycle.engine.events import Event
from lifecycle.engine.falls import Fall
from lifecycle.errors import InvalidValueError, MixedNumbersError

__all__ = ["NEVER", "Fallen", "Follower", "followed", "level", "settled"]


class FallSearch(NamedTuple):
    """How far one has looked for falls.

    Attributes:
        falls: Those that have been found, in UTC or naive.
        gone: The entries of how many places have left then; None where there is no other fall.
        holds: Whether the measure is not below then.
    """

    falls: tuple[datetime, ...] = ()
    gone: int | None = None
    holds: bool = False


class Ahead:
    """What has been worked out from a state: it can be again, and makes no difference.

    Attributes:
        balance: The balance of its entries.
        search: The falls.
    """

    __slots__ = ("balance", "search")

    def __init__(self, balance: Balance | None = None, search: FallSearch | None = None) -> None:
        self.balance = balance
        self.search = search

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ahead)

    def __hash__(self) -> int:
        return hash(Ahead)

    def __reduce__(self) -> tuple[type["Ahead"], tuple[()]]:
        return Ahead, ()  # entries that are copied are in other blocks


class Fallen(NamedTuple):
    """What a customer remembers of a measure that can fall.

    Attributes:
        entries: What the window counts, each with its weight.
        last: When the last of them came, as that event wrote it; the zone of its instant is
            that of the falls.
        fell: Whether the measure fell with it.
        fresh: Whether no event has come since.
        ahead: What follows from the others.
    """

    entries: Recent = EMPTY
    last: datetime | None = None
    fell: bool = False
    fresh: bool = False
    ahead: Ahead = Ahead(Balance(), FallSearch())


NEVER = Fallen()


def settled(state: Fallen) -> Fallen:
    """Return a state that has been stored, or was of another fall."""
    return NEVER if state.last is None else state._replace(ahead=Ahead())


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
        self.scale = Scale(fall.below, adds_up=self.row.adds_up)

    def holds(self, sums: Sums) -> bool:
        """Say whether the measure is not below, given the sums of its window."""
        found = self.row.level(sums)
        return found is not None and at_least(found, self.fall.below)

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
        before, here = (self.within(some, event.at) for some in (kept, entries))
        holds = self.holds(here.sums)
        fell = not holds and self.holds(before.sums)
        lost = state.entries.full - kept.full
        balance = self.scale.joined(self._balance(state), lost, entries, weight)
        search = _begun(entries, here, event._instant if fell else None, holds=holds)
        return Fallen(entries, event.at, fell, fell, Ahead(balance, search))

    def due(self, state: Fallen, since: datetime) -> datetime | None:
        """Return the first fall from an instant on, in UTC or naive, if nothing more comes."""
        return self._first(state, since, bisect_left)

    def later(self, state: Fallen, than: datetime) -> datetime | None:
        """Return the first fall after an instant."""
        return self._first(state, than, bisect_right)

    def _first(self, state: Fallen, at: datetime, place_of: Callable[..., int]) -> datetime | None:
        ahead = state.ahead
        search = ahead.search = ahead.search or self._begun(state)
        while (place := place_of(search.falls, at)) == len(search.falls):
            if search.gone is None:
                return None
            search = ahead.search = self._further(state, search.gone, search)
        return search.falls[place]

    def _balance(self, state: Fallen) -> Balance:
        ahead = state.ahead
        if ahead.balance is None:
            ahead.balance = self.scale.of(state.entries)
        return ahead.balance

    def _begun(self, state: Fallen) -> FallSearch:
        """Begin with what is in the window when its last entry has come."""
        if state.last is None:
            return FallSearch()
        here = self.within(state.entries, state.last)
        fell = _checks.utc(state.last) if state.fell else None
        return _begun(state.entries, here, fell, holds=self.holds(here.sums))

    def _further(self, state: Fallen, gone: int, search: FallSearch) -> FallSearch:
        """Let entries leave, all those of an instant at once, until the measure may have turned."""
        entries, falls, holds = state.entries, search.falls, search.holds
        turning = self._turning(state, gone, holds=holds)
        at = None if turning is None else self._left(state, entries.instant(turning - 1))
        if turning is None or at is None:
            return FallSearch(falls)
        gone = max(turning, entries.places - self.within(entries, at).count)
        holds_then = not holds if gone == turning else self.holds(entries.left(gone))
        fallen = (_checks.utc(at),) if holds and not holds_then else ()
        return FallSearch((*falls, *fallen), gone, holds_then)

    def _left(self, state: Fallen, entered: datetime) -> datetime | None:
        """Return when an entry has left, in the zone of the last one."""
        assert state.last is not None  # noqa: S101  (an event has been counted)
        at = leaving(self.fall.within, entered, state.last)
        return at if at is None or at.tzinfo is None else at.astimezone(state.last.tzinfo)

    def _turning(self, state: Fallen, gone: int, *, holds: bool) -> int | None:
        """Find the places with which it turns, were each instant to leave by itself."""
        entries = state.entries

        def has_turned(sums: Sums) -> bool:
            return self.holds(sums) != holds

        turns = self.scale.turns(self._balance(state), entries, gone, holds=holds)
        found = (entries.turn(*each, has_turned) for each in turns)
        return next((place for place in found if place is not None), None)


def _begun(entries: Recent, here: Recent, fell: datetime | None, *, holds: bool) -> FallSearch:
    falls = () if fell is None else (fell,)
    return FallSearch(falls, entries.places - here.count, holds)


def followed(measure: Measure | Sum) -> Followed:
    row = MEASURES[measure.kind].falls
    assert row is not None  # noqa: S101  (a Fall has checked it)
    return row
