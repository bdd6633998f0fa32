"""Carts: how many are abandoned, and how many of those are bought after all."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from operator import attrgetter
from typing import NamedTuple, overload

import attrs

from lifecycle import _checks
from lifecycle._activity import Id, Instant
from lifecycle._groups import Groups
from lifecycle._lengths import Length, length
from lifecycle._splits import By, by_group
from lifecycle._tables import Column, Table, in_words, percent
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._cart_columns import OUTCOMES, Counted, counted_at_once
from lifecycle.metrics._funnel_clocks import Ends
from lifecycle.metrics._funnel_logs import LogPaths, paths_of
from lifecycle.metrics._funnel_paths import FunnelPaths, Moment, PathsLike, each, similar, unknown
from lifecycle.metrics.conversions import ConversionTimes
from lifecycle.rates import Rate

__all__ = ["CartOutcome", "CartTable", "cart_recovery"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CartOutcome:
    """The carts with one outcome.

    Attributes:
        outcome: "open", "ordered", "pending", "recovered" or "lost".
        carts: How many carts.
        customers: Whose they are.
    """

    outcome: str
    carts: int
    customers: frozenset[Id]

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class CartTable(Table[CartOutcome]):
    """Carts by outcome: `table.row("lost")` has the number of lost carts, and their customers.

    Attributes:
        rows: The outcomes: "open" carts may still be ordered in time, "ordered" ones were;
            of those abandoned, "pending" ones may still be recovered, "recovered" ones were,
            and "lost" ones were not.
        unknown_events: Which of the two events no row of the log has.
        similar_events: For each of these the event that is most like it, None where none is.
        time_to_recover: How long after they were abandoned the recovered carts were ordered.
        until: Up to when events were read.
        abandoned_after: After how long without a cart event a cart is abandoned.
        recovery_within: For how long after that it may be recovered.
    """

    _named_by = ("outcome",)

    rows: tuple[CartOutcome, ...]
    unknown_events: tuple[str, ...]
    similar_events: tuple[str | None, ...]
    time_to_recover: ConversionTimes
    until: Instant
    abandoned_after: Length
    recovery_within: Length

    @property
    def carts(self) -> int:
        """How many carts there are, the open ones among them."""
        return sum(row.carts for row in self.rows)

    @property
    def abandoned(self) -> int:
        """How many carts were abandoned: pending, recovered and lost."""
        return self._count("pending", "recovered", "lost")

    @property
    def abandonment_rate(self) -> Rate:
        """The carts abandoned, of those that are not open."""
        return Rate(self.abandoned, self.abandoned + self._count("ordered"))

    @property
    def recovery_rate(self) -> Rate:
        """The carts recovered, of those abandoned that are not pending."""
        return Rate(self._count("recovered"), self._count("recovered", "lost"))

    def _count(self, *names: str) -> int:
        return sum(row.carts for row in self.rows if row.outcome in names)

    def _columns(self) -> Sequence[Column]:
        return (
            Column("outcome", str, attrgetter("outcome")),
            Column("carts", int, attrgetter("carts")),
            Column("customers", int, lambda row: len(row.customers)),
        )

    def _title(self) -> str:
        rates = {
            f"abandoned after {in_words(self.abandoned_after)}": self.abandonment_rate,
            f"recovered within {in_words(self.recovery_within)}": self.recovery_rate,
        }
        shares = (f"{percent(rate.value)} {what}".strip() for what, rate in rates.items())
        return f"Carts, {', '.join(shares)}"

    def _notes(self) -> Sequence[str]:
        return unknown("event", self.unknown_events, self.similar_events)


class _Cart(NamedTuple):
    """A cart: when it is abandoned, None for never, and when it was ordered."""

    abandoned: datetime | None
    ordered: datetime | None = None

    def outcome(self, until: datetime, lost: Ends) -> str:
        """Say what became of it; before its time is over, whatever it was, that is open."""
        if self.abandoned is None or until < self.abandoned:
            return "open"
        if self.ordered is not None and self.ordered <= self.abandoned:
            return "ordered"
        end = lost(self.abandoned)
        if end is None or until < end:
            return "pending"
        return "lost" if self.ordered is None else "recovered"


@overload
def cart_recovery(
    paths: PathsLike,
    *,
    until: Instant,
    abandoned_after: Length,
    recovery_within: Length,
    cart_event: str = "cart",
    order_event: str = "order",
    zone: str | tzinfo = "UTC",
    by: None = None,
) -> CartTable: ...
@overload
def cart_recovery(
    paths: PathsLike,
    *,
    until: Instant,
    abandoned_after: Length,
    recovery_within: Length,
    cart_event: str = "cart",
    order_event: str = "order",
    zone: str | tzinfo = "UTC",
    by: By,
) -> Groups[CartTable]: ...
@by_group("paths")
def cart_recovery(  # noqa: PLR0913  (two events, three lengths of time)
    paths: PathsLike,
    *,
    until: Instant,
    abandoned_after: Length,
    recovery_within: Length,
    cart_event: str = "cart",
    order_event: str = "order",
    zone: str | tzinfo = "UTC",
) -> CartTable:
    """Count abandoned carts, and those that were recovered by a later order.

    A customer has one cart at a time. It begins with a cart event; later ones belong to it
    until it is ordered, or its time is over. It is abandoned where `abandoned_after` passes
    since the last cart event without an order, and recovered by an order in the
    `recovery_within` after that. An order ends the cart, and one without a cart is ignored.

    Args:
        paths: What each customer did: a mapping from customers to (at, event) pairs, or
            (customer, at, event) rows, in any order. Other events are ignored.
        until: Up to and including when events are read: an instant, or a date for its whole
            day.
        abandoned_after: After how long without a cart event a cart is abandoned, a `timedelta`
            or a `Period`; an order at the end of it is in time.
        recovery_within: For how long after that a cart may be recovered, the end included.
        cart_event: The event that fills a cart.
        order_event: The event that buys it.
        zone: In which zone the day of `until` ends, and months are counted, where the paths
            have a time zone.
        by: What to split the rows by: the name of an attribute of the log, or a mapping of
            customers to groups. None for one table of all.

    Returns:
        The carts by outcome, the two rates, and the times to recovery. Look at its
        `unknown_events` before you believe that nothing was ordered. With `by`, such a table for
        each group.

    Raises:
        InvalidTypeError: An argument, or a row, is of another type.
        InvalidValueError: A length of time is negative, or both events are the same.
        MixedInstantsError: Some instants have a time zone, and others, or `until`, have none.

    Convention:
        A cart counts once its time is over, also where it was ordered at once: else a recent
        day has those who were quick, and not those who were slow, and its rates are wrong.
        Many reports count all carts, as 1 - orders / carts. Shops' reports of recovered
        carts count orders that came by the link in a message, and mail tools those within
        days of one; here every order counts, whatever brought it. Compare with customers who
        got no message before you call it the message's doing.

    Examples:
        >>> at = lambda day, hour: datetime(2026, 5, day, hour)
        >>> found = cart_recovery(
        ...     {
        ...         "ann": [(at(1, 9), "cart"), (at(1, 10), "order")],
        ...         "bob": [(at(1, 9), "cart"), (at(3, 9), "order")],
        ...         "cy": [(at(1, 9), "cart")],
        ...         "di": [(at(20, 9), "cart")],
        ...     },
        ...     until=at(20, 10),
        ...     abandoned_after=timedelta(hours=4),
        ...     recovery_within=timedelta(days=7),
        ... )
        >>> found.abandonment_rate, found.recovery_rate
        (Rate(2, 3), Rate(1, 2))
        >>> found.row("open").customers
        frozenset({'di'})
    """
    names = (_checks.name("cart_event", cart_event), _checks.name("order_event", order_event))
    if names[0] == names[1]:
        raise InvalidValueError("order_event", order_event, "be another event than cart_event")
    patience = length("abandoned_after", abandoned_after, zero=True)
    grace = length("recovery_within", recovery_within, zero=True)
    if not isinstance(until, Instant):
        raise InvalidTypeError("until", until, "be a datetime or a date")
    read = paths_of("paths", paths, until, zone)
    counted = counted_at_once if isinstance(read, LogPaths) else _counted
    rows, times = counted(read, names, patience, grace)  # type: ignore[arg-type]  # each its own kind
    missing = read.missing(names)
    return CartTable(
        rows=tuple(CartOutcome(outcome=name, carts=n, customers=of) for name, n, of in rows),
        unknown_events=missing,
        similar_events=similar(missing, read.events),
        time_to_recover=ConversionTimes(times),
        until=until,
        abandoned_after=patience,
        recovery_within=grace,
    )


def _carts(
    moments: Sequence[Moment],
    names: tuple[str, str],
    abandoned: Ends,
    lost: Ends,
) -> Iterator[_Cart]:
    """Yield a customer's carts; of one instant, the cart's events come before the order."""
    rows = [
        (at, is_order)
        for at, events in reversed(moments)
        for is_order, name in enumerate(names)
        if name in each(events)
    ]
    cart: _Cart | None = None
    for at, is_order in rows:
        if cart is not None and cart.abandoned is not None and at > cart.abandoned:
            end = lost(cart.abandoned)
            if end is not None and at > end:
                yield cart
                cart = None
            elif not is_order:
                continue
        if not is_order:
            cart = _Cart(abandoned(at))
        elif cart is not None:
            yield _Cart(cart.abandoned, at)
            cart = None
    if cart is not None:
        yield cart


def _counted(
    paths: FunnelPaths, names: tuple[str, str], patience: Length, grace: Length
) -> tuple[list[Counted], list[timedelta]]:
    """Count the carts of rows by outcome, and return how long those recovered took."""
    abandoned, lost = paths.ends(patience), paths.ends(grace)
    found: dict[str, list[Id]] = {name: [] for name in OUTCOMES}
    times = []
    for customer, path, mask in paths.read({name: 1 << k for k, name in enumerate(names)}):
        moments = paths.moments(customer, path, names) if mask & 1 else ()
        for cart in _carts(moments, names, abandoned, lost):
            outcome = cart.outcome(paths.end(customer), lost)
            found[outcome].append(customer)
            if outcome == "recovered":
                times.append(cart.ordered - cart.abandoned)  # type: ignore[operator]  # neither is None
    return [(name, len(whose), frozenset(whose)) for name, whose in found.items()], times
