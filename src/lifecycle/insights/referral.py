"""Referrals: who referred whom, what became of them, and what they spent."""

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

import attrs

from lifecycle._activity import Id
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, many, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._population import Population
from lifecycle.insights._revenue import Amounts, in_money, payments
from lifecycle.rates import Comparison, Rate

__all__ = ["ReferralTable", "Referrer"]


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


def referrals(population: Population) -> ReferralTable:
    """List who referred whom, and what became of them."""
    histories, converted = population.histories, _converted(population)
    journeys, reader = population.journeys("referrals()"), population.reader
    referred: dict[Id, list[Id]] = {}
    began: Counter[str] = Counter()
    spent = Amounts()
    for history, journey in zip(histories, journeys, strict=True):
        referrer = journey.customer.referred_by
        if referrer is not None:
            referred.setdefault(referrer, []).append(history.id)
            began[history.stages[0]] += 1
        for payment in payments(history, reader):
            spent.add(referrer is not None, history.id, payment.amount)
            if referrer is not None:
                spent.add(("by", referrer), history.id, payment.amount)
    rows = [
        Referrer(
            customer=referrer,
            known=referrer in population.whole.by_id,
            referred=tuple(found),
            converted=len(converted.intersection(found)),
            revenue=spent.total(("by", referrer)),
        )
        for referrer, found in referred.items()
    ]
    rate = Rate(sum(row.converted for row in rows), began.total())
    others = len(histories) - rate.denominator
    return ReferralTable(
        customers=len(histories),
        initial_stages=tuple((stage, began[stage]) for stage in population.stages if began[stage]),
        referred_conversion=rate,
        other_conversion=Rate(len(converted) - rate.numerator, others),
        referred_revenue=spent.total(True),
        other_revenue=spent.total(False),
        rows=tuple(sorted(rows, key=lambda row: -len(row.referred))),
    )


def _converted(population: Population) -> set[Id]:
    """Return the customers who were ever in an active stage."""
    active = {name for name, stage in population.stages.items() if stage.status is Status.ACTIVE}
    return {h.id for h in population.histories if not active.isdisjoint(h.stages)}
