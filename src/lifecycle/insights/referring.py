"""Who brought whom: referrals, what became of them, and what they spent."""

from collections.abc import Sequence
from operator import attrgetter
from typing import overload

import attrs

from lifecycle._activity import Id
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.errors import InvalidTypeError
from lifecycle.insights._amounts import Amounts, in_money
from lifecycle.insights._change_logs import ChangeLog
from lifecycle.insights._courses import Course
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._stays import Book, Journeys, payments, read
from lifecycle.rates import Comparison, Rate

__all__ = ["ReferralTable", "Referrer", "referrals"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Referrer:
    """A customer who brought others.

    Attributes:
        customer: The id of the customer.
        known: Whether this customer has a journey too.
        brought: The ids of the customers brought, as they are given.
        won: How many of them were ever in an active stage.
        revenue: What those brought have spent.
    """

    customer: Id
    known: bool
    brought: tuple[Id, ...]
    won: int
    revenue: Number

    def __repr__(self) -> str:
        return call(self)

    @property
    def conversion(self) -> Rate:
        """The share of those brought that were ever active."""
        return Rate(self.won, len(self.brought))


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ReferralTable(Table[Referrer]):
    """Referrals: a row for each customer who brought another, most brought first.

    Attributes:
        customers: How many customers there are.
        began: How many of the referred began in each stage, by its name: each of them starts
            a lifecycle of its own there.
        referred: Of the referred, the share that was ever active.
        others: Of the others, the share that was ever active.
        revenue: What the referred have spent.
        other_revenue: What the others have spent.
        rows: The referrers.
    """

    _named_by = ("customer",)

    customers: int
    began: tuple[tuple[str, int], ...]
    referred: Rate
    others: Rate
    revenue: Number
    other_revenue: Number
    rows: tuple[Referrer, ...]

    @property
    def share(self) -> Rate:
        """The share of the customers that was brought by another."""
        return Rate(self.referred.denominator, self.customers)

    @property
    def viral_coefficient(self) -> float | None:
        """How many customers who became active each customer brought; None without customers."""
        return self.referred.numerator / self.customers if self.customers else None

    @property
    def comparison(self) -> Comparison:
        """How the conversion of the referred differs from that of the others."""
        return self.others.compare(self.referred)

    def _columns(self) -> Sequence[Column]:
        return (
            Column("customer", attrgetter("customer"), str),
            Column("brought", lambda row: len(row.brought)),
            Column("won", attrgetter("won")),
            Column("conversion", attrgetter("conversion.value"), percent),
            Column("revenue", attrgetter("revenue"), in_money),
        )

    def _title(self) -> str:
        brought = self.referred.denominator
        return f"Referrals: {brought:,.0f} of {self.customers:,} customers were brought by another"


@overload
def referrals(journeys: Journeys, *, by: None = None) -> ReferralTable: ...
@overload
def referrals(journeys: Journeys, *, by: By) -> Groups[ReferralTable]: ...
def referrals(journeys: Journeys, *, by: By | None = None) -> ReferralTable | Groups[ReferralTable]:
    """Say who brought whom (`Customer.referred_by`), and what became of them.

    Args:
        journeys: Journeys of one definition, one for each customer.
        by: What to split the customers by who were brought, or came by themselves: the name
            of an attribute, a `Calendar` (by period of enrollment), a mapping from customers
            to groups, or a function of the journey.

    Returns:
        A row for each referrer. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: `journeys` is a change log, which does not know who brought whom.
        MixedNumbersError: Some events have `Decimal` values, and others floats.
        LifecycleError: As `transition_counts`.

    Convention:
        Direct referrals only: who was brought by someone brought counts for that one. The
        viral coefficient counts those who became active over all customers; others divide
        by the customers of the period before, or count invitations.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> brought = {"ann": None, "bob": "ann", "cy": "ann"}
        >>> orders = [Event("purchase", start, value=30)]
        >>> journeys = [
        ...     shop.replay(name, orders, referred_by=referrer)
        ...     for name, referrer in brought.items()
        ... ]
        >>> print(referrals(journeys))
        Referrals: 2 of 3 customers were brought by another
        customer  brought  won  conversion  revenue
        ann             2    2      100.0%       60
    """
    if isinstance(journeys, ChangeLog):
        expected = "be journeys, as a change log does not know who brought whom"
        raise InvalidTypeError("journeys", journeys, expected)
    book = read(journeys)
    known = {course.id for course in book.courses}
    return over(by, book, lambda courses: _table(book, courses, known))


def _table(book: Book, courses: Sequence[Course], known: set[Id]) -> ReferralTable:
    brought: dict[Id, list[Course]] = {}
    spent, won = Amounts(), {course.id: _was_active(book, course) for course in courses}
    began: dict[str, int] = {}
    for course in courses:
        referrer = _referrer(course)
        if referrer is not None:
            brought.setdefault(referrer, []).append(course)
            began[course.stages[0]] = began.get(course.stages[0], 0) + 1
        for payment in payments(course, book.reader):
            spent.add(referrer is not None, course.id, payment.amount)
            if referrer is not None:
                spent.add(("by", referrer), course.id, payment.amount)
    rows = [
        Referrer(
            customer=referrer,
            known=referrer in known,
            brought=tuple(course.id for course in found),
            won=sum(won[course.id] for course in found),
            revenue=spent.total(("by", referrer)),
        )
        for referrer, found in brought.items()
    ]
    referred = Rate(sum(row.won for row in rows), sum(len(row.brought) for row in rows))
    return ReferralTable(
        customers=len(courses),
        began=tuple((stage, began[stage]) for stage in book.stages if stage in began),
        referred=referred,
        others=Rate(sum(won.values()) - referred.numerator, len(courses) - referred.denominator),
        revenue=spent.total(True),
        other_revenue=spent.total(False),
        rows=tuple(sorted(rows, key=lambda row: -len(row.brought))),
    )


def _referrer(course: Course) -> Id | None:
    return None if course.journey is None else course.journey.customer.referred_by


def _was_active(book: Book, course: Course) -> bool:
    return any(book.stages[stage].status is Status.ACTIVE for stage in course.stages)
