"""Movements of recurring revenue counted by period: of rows, and of arrays of numpy."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from lifecycle import _money
from lifecycle._activity_columns import Array
from lifecycle._packages import needed
from lifecycle.metrics._mrr_columns import PaidColumns, by_slot
from lifecycle.metrics._mrr_ledger import Ledger

__all__ = ["UNKNOWN", "Tally", "tallies"]

UNKNOWN = "unknown"
"""The reason of a loss for which none is given."""

Tally = defaultdict[Any, Any]
"""What is added up for one period: by field of its row, and losses by field and reason too."""

_CUSTOMERS = {"new": "customers_new", "reactivation": "customers_reactivated"}


def tallies(ledger: Ledger, back: int, why: Mapping[int, str]) -> dict[int, Tally]:
    """Add up the movements of each slot of the window, exactly.

    Args:
        ledger: What customers paid.
        back: How many slots back each is compared.
        why: Why customers were lost, by their numbers in the ledger.
    """
    with _money.exactly():
        if isinstance(ledger.paid, PaidColumns):
            return _of_columns(ledger, ledger.paid, back, why)
        return _of_rows(ledger, ledger.paid, back, why)


def _of_rows(
    ledger: Ledger, paid: Mapping[int, Any], back: int, why: Mapping[int, str]
) -> dict[int, Tally]:
    tallies: dict[int, Tally] = {slot: defaultdict(int) for slot in ledger.slots()}
    width = ledger.width
    visits = {key // width: key for key in reversed(ledger.same_period)}
    totals, counts = [0] * width, [0] * width
    customer = base = first = -1
    for key, amount in paid.items():
        if key >= base + width or base < 0:
            customer, base = key // width, key - key % width
            first = min(key, visits.get(customer, key))
        slot = key - base
        totals[slot] += amount
        counts[slot] += 1
        if slot > back:
            before = paid.get(key - back)
            if before is None:
                _come(tallies[slot], amount, is_new=first > key - back)
            elif before != amount:
                _change(tallies[slot], amount - before)
        if key + back not in paid and 0 < slot < width - back:
            _leave(tallies[slot + back], amount, why.get(customer, UNKNOWN))
    _count_same_period(ledger, [*paid], tallies, visits, why)
    for slot, tally in tallies.items():
        tally["start"], tally["customers_start"] = totals[slot - back], counts[slot - back]
    return tallies


def _come(tally: Tally, amount: Any, *, is_new: bool) -> None:
    """Count what a customer pays who paid nothing at the start."""
    kind = "new" if is_new else "reactivation"
    tally[kind] += amount
    tally[_CUSTOMERS[kind]] += 1


def _change(tally: Tally, more: Any) -> None:
    """Count what a customer pays more, or less."""
    if more > 0:
        tally["expansion"] += more
    else:
        tally["contraction"] -= more


def _leave(tally: Tally, amount: Any, reason: str) -> None:
    """Count what a customer paid who pays no more."""
    tally["churn"] += amount
    tally["customers_lost"] += 1
    tally["churn", reason] += amount
    tally["customers_lost", reason] += 1


def _count_same_period(
    ledger: Ledger,
    keys: Sequence[int],
    tallies: Mapping[int, Tally],
    visits: Mapping[int, int],
    why: Mapping[int, str],
) -> None:
    """Count who came and left within a period; `visits` has the first such key of each."""
    width = ledger.width
    for key, amount in ledger.same_period.items():
        customer, slot = divmod(key, width)
        if slot in tallies:
            has_paid = bisect_left(keys, key) > bisect_left(keys, customer * width)
            _come(tallies[slot], amount, is_new=visits[customer] == key and not has_paid)
            _leave(tallies[slot], amount, why.get(customer, UNKNOWN))
            tallies[slot]["same_period"] += amount
            tallies[slot]["customers_same_period"] += 1


def _of_columns(
    ledger: Ledger, paid: PaidColumns, back: int, why: Mapping[int, str]
) -> dict[int, Tally]:
    found: dict[int, Tally] = {slot: defaultdict(int) for slot in ledger.slots()}
    width = ledger.width
    now, before = paid.pairs(back, width)
    add = partial(_add, found, width)
    for moves, kind in _changes(paid, now, before):
        add(moves, kind)
    for moves, kind in _comings(paid, now, back):
        add(moves, kind, _CUSTOMERS[kind])
    for (slots, amounts), reason in _leavings(paid, before, why, width - back):
        moves = _Moves(slots + back, amounts)
        add(moves, "churn", "customers_lost")
        add(moves, ("churn", reason), ("customers_lost", reason))
    (places,) = (paid.slots < width - back).nonzero()
    add(_Moves(paid.slots[places] + back, paid.amounts[places]), "start", "customers_start")
    return found


class _Moves(NamedTuple):
    """Movements of one kind, one in each row.

    Attributes:
        slots: The slots.
        amounts: The amounts.
    """

    slots: Array
    amounts: Array


def _add(
    found: Mapping[int, Tally],
    width: int,
    moves: _Moves,
    money: Hashable,
    customers: Hashable = None,
) -> None:
    """Add amounts to the tallies of their slots, and if it is counted, how many there are."""
    sums = by_slot(*moves, width).tolist()
    counts = needed("numpy").bincount(moves.slots, minlength=width).tolist()
    for slot, tally in found.items():
        tally[money] += sums[slot]
        if customers is not None:
            tally[customers] += counts[slot]


def _changes(paid: PaidColumns, now: Array, before: Array) -> Iterator[tuple[_Moves, str]]:
    more = paid.amounts[now] - paid.amounts[before]
    slots = paid.slots[now]
    for kind, amounts in (("expansion", more), ("contraction", -more)):
        (places,) = (amounts > 0).nonzero()
        yield _Moves(slots[places], amounts[places]), kind


def _comings(paid: PaidColumns, now: Array, back: int) -> Iterator[tuple[_Moves, str]]:
    has_come = paid.slots > back
    has_come[now] = False
    is_new = paid.slots[paid.firsts()] > paid.slots - back
    for kind, chosen in (("new", has_come & is_new), ("reactivation", has_come & ~is_new)):
        (places,) = chosen.nonzero()
        yield _Moves(paid.slots[places], paid.amounts[places]), kind


def _leavings(
    paid: PaidColumns, before: Array, why: Mapping[int, str], end: int
) -> Iterator[tuple[_Moves, str]]:
    """Yield losses by reason; `slots` are those of what was paid last, before an end."""
    has_left = (paid.slots > 0) & (paid.slots < end)
    has_left[before] = False
    names = [UNKNOWN, *{*why.values()} - {UNKNOWN}]
    reasons = needed("numpy").zeros(max(paid.codes.max(initial=-1), *why, 0) + 1, dtype="int64")
    reasons[[*why]] = [names.index(reason) for reason in why.values()]
    for number, reason in enumerate(names):
        (places,) = (has_left & (reasons[paid.codes] == number)).nonzero()
        yield _Moves(paid.slots[places], paid.amounts[places]), reason
