"""Referrals: who referred whom, what became of them, and what they spent."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter
from typing import overload

import attrs

from lifecycle._activity import Id
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._tables import Column, Table, many, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.errors import InvalidTypeError
from lifecycle.insights._histories import History
from lifecycle.insights._population import Journeys, Population, read
from lifecycle.insights._revenue import Amounts, in_money, payments
from lifecycle.insights.change_logs import ChangeLog
from lifecycle.insights.groups import By, over
from lifecycle.rates import Comparison, Rate

__all__ = ["ReferralTable", "Referrer", "referrals"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Referrer:
    """A customer who referred others.

    Attributes:
        customer: The id of the customer.
        known: Whether this customer has a journey too.
        referred: The ids of the customers they referred, as they are given.
        converted: How many of those were ever in an active stage.
        revenue: What those have spent.
    """

    customer: Id
    known: bool
    referred: tuple[Id, ...]
    converted: int
    revenue: Number

    def __repr__(self) -> str:
        return call(self)

    @property
    def conversion(self) -> Rate:
        """The share of the referred customers that were ever active."""
        return Rate(self.converted, len(self.referred))


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ReferralTable(Table[Referrer]):
    """Referrals: a row for each customer who referred another, most referrals first.

    Attributes:
        customers: How many customers there are.
        initial_stages: How many of the referred customers began in each stage, by its name.
        referred_conversion: Of the referred customers, the share that was ever active.
        other_conversion: Of the other customers, the share that was ever active.
        referred_revenue: What the referred customers have spent.
        other_revenue: What the other customers have spent.
        rows: The referrers.
    """

    _named_by = ("customer",)

    customers: int
    initial_stages: tuple[tuple[str, int], ...]
    referred_conversion: Rate
    other_conversion: Rate
    referred_revenue: Number
    other_revenue: Number
    rows: tuple[Referrer, ...]

    @property
    def share(self) -> Rate:
        """The share of the customers that were referred."""
        return Rate(self.referred_conversion.denominator, self.customers)

    @property
    def viral_coefficient(self) -> float | None:
        """The mean number of converted referrals of a customer; None without customers."""
        if not self.customers:
            return None
        return self.referred_conversion.numerator / self.customers

    @property
    def comparison(self) -> Comparison:
        """How the conversion of referred customers differs from that of the others."""
        return self.other_conversion.compare(self.referred_conversion)

    def _columns(self) -> Sequence[Column]:
        return (
            Column("customer", object, attrgetter("customer"), str),
            Column("referred", int, lambda row: len(row.referred)),
            Column("converted", int, attrgetter("converted")),
            Column("conversion", float, attrgetter("conversion.value"), percent),
            Column("revenue", Number, attrgetter("revenue"), in_money),
        )

    def _title(self) -> str:
        referred = (
            f"{self.referred_conversion.denominator:,.0f} of {many(self.customers, 'customer')}"
        )
        return f"Referrals: {referred} were referred"


@overload
def referrals(journeys: Journeys, *, by: None = None) -> ReferralTable: ...
@overload
def referrals(journeys: Journeys, *, by: By) -> Groups[ReferralTable]: ...
def referrals(journeys: Journeys, *, by: By | None = None) -> ReferralTable | Groups[ReferralTable]:
    """List who referred whom (`Customer.referred_by`), and what became of them.

    Args:
        journeys: Journeys of one definition, one for each customer.
        by: What to split the customers by, referred or not: the name of an attribute, a `Calendar`
            (by period of enrollment), a mapping from customers to groups, or a function of the
            journey.

    Returns:
        A row for each referrer. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: `journeys` is a change log, which does not know who referred whom.
        MixedNumbersError: Some events have `Decimal` values, and others floats.
        LifecycleError: As `transition_counts`.

    Convention:
        Only direct referrals count. The viral coefficient is the number of referred customers
        who became active over the number of all customers; others divide by the customers of
        the period before, or count invitations.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> referrers = {"ann": None, "bob": "ann", "cy": "ann"}
        >>> orders = [Event("purchase", start, value=30)]
        >>> journeys = [
        ...     shop.replay(name, orders, referred_by=referrer)
        ...     for name, referrer in referrers.items()
        ... ]
        >>> print(referrals(journeys))
        Referrals: 2 of 3 customers were referred
        customer  referred  converted  conversion  revenue
        ann              2          2      100.0%       60
    """
    if isinstance(journeys, ChangeLog):
        expected = "be journeys, as a change log does not know who referred whom"
        raise InvalidTypeError("journeys", journeys, expected)
    population = read(journeys)
    known = {history.id for history in population.histories}
    return over(by, population, lambda histories: _table(population, histories, known))


def _table(population: Population, histories: Sequence[History], known: set[Id]) -> ReferralTable:
    referred: dict[Id, list[History]] = {}
    spent = Amounts()
    own = {name for name, stage in population.stages.items() if stage.status is Status.ACTIVE}
    active = {history.id: not own.isdisjoint(history.stages) for history in histories}
    began: Counter[str] = Counter()
    for history in histories:
        referrer = None if history.journey is None else history.journey.customer.referred_by
        if referrer is not None:
            referred.setdefault(referrer, []).append(history)
            began[history.stages[0]] += 1
        for payment in payments(history, population.reader):
            spent.add(referrer is not None, history.id, payment.amount)
            if referrer is not None:
                spent.add(("by", referrer), history.id, payment.amount)
    rows = [
        Referrer(
            customer=referrer,
            known=referrer in known,
            referred=tuple(history.id for history in found),
            converted=sum(active[history.id] for history in found),
            revenue=spent.total(("by", referrer)),
        )
        for referrer, found in referred.items()
    ]
    rate = Rate(sum(row.converted for row in rows), sum(len(row.referred) for row in rows))
    return ReferralTable(
        customers=len(histories),
        initial_stages=tuple((stage, began[stage]) for stage in population.stages if began[stage]),
        referred_conversion=rate,
        other_conversion=Rate(
            sum(active.values()) - rate.numerator, len(histories) - rate.denominator
        ),
        referred_revenue=spent.total(True),
        other_revenue=spent.total(False),
        rows=tuple(sorted(rows, key=lambda row: -len(row.referred))),
    )
