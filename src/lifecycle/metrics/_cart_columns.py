"""The carts of all customers of a log at once.

A cart that is not ordered passes through "open", "pending" and "lost" as time goes on:

    last cart event --- abandoned_after --- abandoned --- recovery_within --- lost
           open, then ordered or not           pending, then recovered or lost

Whether it was ordered shows once that time is over, for quick and slow customers alike.
"""

from datetime import timedelta
from typing import NamedTuple

from lifecycle._activity import Id
from lifecycle._activity_columns import Array
from lifecycle._lengths import Length
from lifecycle._packages import needed
from lifecycle.metrics._funnel_logs import NEVER, EventRows, LogEnds, LogPaths, changes

__all__ = ["OUTCOMES", "Counted", "counted_at_once"]

OUTCOMES = ("open", "ordered", "pending", "recovered", "lost")

_FEW = 64
"""How many customers are followed one by one, as those with thousands of carts are."""

Counted = tuple[str, int, frozenset[Id]]
"""An outcome, how many carts have it, and whose they are."""

_OPEN, _ORDERED, _PENDING, _RECOVERED, _LOST = range(len(OUTCOMES))


class _Carts(NamedTuple):
    """Carts: whose they are, when they are abandoned and lost, and when they were ordered.

    An instant that is not known is `NEVER`.
    """

    codes: Array
    abandoned: Array
    lost: Array
    ordered: Array

    def outcomes(self, until: Array) -> Array:
        """Return the outcome of each, as its position in `OUTCOMES`."""
        select = needed("numpy").select
        cases = [
            (until < self.abandoned, _OPEN),
            (self.ordered <= self.abandoned, _ORDERED),
            (until < self.lost, _PENDING),
            (self.ordered < NEVER, _RECOVERED),
        ]
        return select(*zip(*cases, strict=True), default=_LOST)


def counted_at_once(
    paths: LogPaths, names: tuple[str, str], patience: Length, grace: Length
) -> tuple[list[Counted], list[timedelta]]:
    """Count the carts of a log by outcome, and return how long those recovered took."""
    rows = _distinct(paths.ask(names))
    carts = _carts(rows, paths.log_ends(patience), paths.log_ends(grace))
    found = carts.outcomes(paths.ends_of_codes(carts.codes))
    codes = [carts.codes[found == k] for k in range(len(OUTCOMES))]
    recovered = found == _RECOVERED
    times = (carts.ordered - carts.abandoned)[recovered].view("timedelta64[us]").tolist()
    counted = [
        (name, len(whose), frozenset(paths.named(whose[changes(whose)])))
        for name, whose in zip(OUTCOMES, codes, strict=True)
    ]
    return counted, times


def _distinct(rows: EventRows) -> EventRows:
    """Return one row of each event at an instant, that of the cart before the order."""
    numpy = needed("numpy")
    begins = changes(rows.codes) | changes(rows.moments)
    firsts = begins.nonzero()[0]
    keys = 2 * (begins.cumsum() - 1) + rows.events
    keys.sort()
    instants, events = numpy.divmod(keys[changes(keys)], 2)
    places = firsts[instants]
    return EventRows(rows.codes[places], rows.moments[places], events, rows.names)


def _carts(rows: EventRows, abandoned: LogEnds, lost: LogEnds) -> _Carts:
    """Return all carts, customer by customer.

    A cart goes on with each further cart event until it is abandoned, and then waits for an
    order until it is lost: what comes then is of the next one, as is what follows its order.
    """
    numpy, n = needed("numpy"), len(rows.codes)
    is_order = rows.events == 1
    (begins,) = (~is_order).nonzero()
    ends = _ends(rows.codes)[begins]
    over = numpy.zeros(n, dtype="int64")
    over[begins] = abandoned(rows.moments[begins])
    goes_on = ~is_order & ~changes(rows.codes)
    goes_on[1:] &= rows.moments[1:] <= over[:-1]
    after = _next(~goes_on)[begins + 1]
    over, limit = over[after - 1], lost(over[after - 1])
    order = numpy.minimum(_next(is_order)[after], ends)
    late = _first_after(rows.moments, after, ends, limit)
    is_ordered = order < late
    ordered = numpy.where(is_ordered, numpy.append(rows.moments, NEVER)[order], NEVER)
    then = _next(~is_order)[numpy.where(is_ordered, order + 1, late)]
    follower = numpy.where(then < ends, numpy.searchsorted(begins, then), -1)
    real = _followed(changes(rows.codes[begins]).nonzero()[0], follower)
    return _Carts(*(column[real] for column in (rows.codes[begins], over, limit, ordered)))


def _ends(codes: Array) -> Array:
    """Return for each row where those of its customer end."""
    (firsts,) = changes(codes).nonzero()
    sizes = needed("numpy").diff(firsts, append=len(codes))
    return (firsts + sizes).repeat(sizes)


def _next(kept: Array) -> Array:
    """Return for each row, and the one behind, the first from it on that is kept."""
    numpy, n = needed("numpy"), len(kept)
    rows = numpy.append(numpy.where(kept, numpy.arange(n), n), n)
    return numpy.minimum.accumulate(rows[::-1])[::-1]


def _first_after(moments: Array, begins: Array, ends: Array, limits: Array) -> Array:
    """Return the first row after a limit in each of some parts of the rows, by halving them."""
    numpy = needed("numpy")
    while (begins < ends).any():
        middle = (begins + ends) // 2
        is_later = numpy.append(moments, NEVER)[middle] > limits
        begins, ends = (
            numpy.where(is_later, begins, numpy.minimum(middle + 1, ends)),
            numpy.where(is_later, middle, ends),
        )
    return begins


def _followed(firsts: Array, follower: Array) -> Array:
    """Return the carts that there are, of those that could begin with each cart event.

    Args:
        firsts: The first one of each customer.
        follower: Which one follows on each; -1 for none.
    """
    numpy, found, now = needed("numpy"), [firsts], firsts
    while len(now) > _FEW:
        now = follower[now]
        now = now[now >= 0]
        found.append(now)
    rest = []
    for cart in now.tolist():
        while (cart := int(follower[cart])) >= 0:
            rest.append(cart)
    every = numpy.concatenate([*found, numpy.asarray(rest, dtype="int64")])
    every.sort()
    return every
