"""Ways back: how often customers return, after how long, whether they stay, what it is worth."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import NamedTuple, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._amounts import Amounts, in_money
from lifecycle.insights._courses import Course
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._periods import periods
from lifecycle.insights._stays import Book, Journeys, payments, read
from lifecycle.insights._times import in_days, median
from lifecycle.periods import Window
from lifecycle.rates import Rate

__all__ = ["Loop", "LoopTable", "loops"]

_AWAY = {Status.DORMANT: "reactivation", Status.CHURNED: "win_back"}
"""What a way back is called, by the status from which it leads."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Loop:
    """One kind of way back.

    Attributes:
        kind: "reactivation" (from a dormant stage) or "win_back" (from a churned one).
        stretches: How many stretches of time customers spent in such stages.
        returns: How many of them ended with a way back.
        passed_on: How many ended with a move to the other status, such as from dormant
            to churned.
        customers: How many customers came back so.
        median_away: How long half of the returns took at most, from the first dormant or
            churned stage on; None where there are no returns.
        relapses: How many returns were followed by another lapse or churn.
        median_back: How long it takes until half of those who returned have relapsed, by
            Kaplan-Meier, so that those who are still back count; None where it is not known.
        revenue: What the returned spent until their relapse, the event that brought them
            back included; None for a change log.
    """

    kind: str
    stretches: int
    returns: int
    passed_on: int
    customers: int
    median_away: timedelta | None
    relapses: int
    median_back: timedelta | None
    revenue: Number | None

    def __repr__(self) -> str:
        return call(self)

    @property
    def back(self) -> Rate:
        """The share of the stretches that ended with a way back; the open ones are below it."""
        return Rate(self.returns, self.stretches)

    @property
    def relapsed(self) -> Rate:
        """The share of the returns that were followed by a relapse."""
        return Rate(self.relapses, self.returns)

    @property
    def per_return(self) -> Number | None:
        """The revenue of a return; None where it is unknown, and where there are none."""
        if self.revenue is None or not self.returns:
            return None
        return _money.divided(self.revenue, self.returns)  # type: ignore[no-any-return]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class LoopTable(Table[Loop]):
    """The ways back of customers, by kind.

    Attributes:
        lapsed: How many customers ever stood in a dormant or churned stage.
        returned: How many of those ever came back from one.
        rows: The kinds.
    """

    _named_by = ("kind",)

    lapsed: int
    returned: int
    rows: tuple[Loop, ...]

    @property
    def back(self) -> Rate:
        """The share of the customers who ever lapsed or churned that ever came back."""
        return Rate(self.returned, self.lapsed)

    def _columns(self) -> Sequence[Column]:
        away, longer = (partial(_days, f"median_{side}") for side in ("away", "back"))
        back, relapsed = attrgetter("back.value"), attrgetter("relapsed.value")
        return (
            *(Column(name, attrgetter(name)) for name in ("kind", "stretches", "returns")),
            *(Column(name, attrgetter(name), aside=True) for name in ("passed_on", "customers")),
            Column("back", back, percent, back),
            Column("median_days_away", away, head="days_away"),
            Column("relapsed", relapsed, percent, relapsed),
            Column("median_days_back", longer, head="days_back"),
            Column("revenue", attrgetter("revenue"), aside=True),
            Column("per_return", attrgetter("per_return"), in_money, head="each"),
        )

    def _title(self) -> str:
        return f"Ways back: {self.returned:,} of {self.lapsed:,} customers who lapsed came back"


def _days(field: str, row: Loop) -> float | None:
    return in_days(getattr(row, field))


@overload
def loops(journeys: Journeys, *, window: Window | None = None, by: None = None) -> LoopTable: ...
@overload
def loops(journeys: Journeys, *, window: Window | None = None, by: By) -> Groups[LoopTable]: ...
def loops(
    journeys: Journeys, *, window: Window | None = None, by: By | None = None
) -> LoopTable | Groups[LoopTable]:
    """Say how often customers come back, after how long, how many relapse, what it is worth.

    A customer is away from the first dormant or churned stage until the next active or
    prospective one. A return is the end of that; it lasts until the customer is away again.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        window: The time to look at: stretches that begin within it, as they stand at its end;
            all the time by default.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each kind. With `by`, such a table for each group.

    Raises:
        MixedNumbersError: Some events have `Decimal` values, and others floats.
        LifecycleError: As `transition_counts`.

    Convention:
        A return to a prospective stage counts like one to an active stage. The event that
        brings a customer back counts for the return, not for the stage that it ends, which
        is where `kpis` counts it.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3, 150, 160), "bob": (5,), "cy": (8, 250)}
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day), value=20) for day in days],
        ...         until=datetime(2026, 12, 1, tzinfo=UTC),
        ...     )
        ...     for name, days in dates.items()
        ... ]
        >>> back = loops(journeys).row("reactivation")
        >>> back.back, back.relapsed, back.revenue
        (Rate(2, 4), Rate(1, 2), 60)
    """
    book = read(journeys)
    spans = periods(book, None, window)

    def make(courses: Sequence[Course]) -> LoopTable:
        return _table(book, courses, spans.starts[0], spans.end)

    return over(by, book, make)


class _Stretch(NamedTuple):
    """A time away in one status, and what followed."""

    kind: str
    customer: _checks.Id
    ended: str
    """"returned", "passed_on" or "open"."""
    away: timedelta
    back: timedelta
    relapsed: bool
    """Whether a return was followed by another time away."""
    stays: range
    """The stays of the return."""


def _table(book: Book, courses: Sequence[Course], start: datetime, end: datetime) -> LoopTable:
    found: list[_Stretch] = []
    revenue: Amounts | None = Amounts()
    for course in courses:
        stretches = list(_stretches(book, course, start, end))
        found += stretches
        revenue = _earned(book, course, stretches, end, revenue)
    away = {stretch.customer for stretch in found}
    back = {stretch.customer for stretch in found if stretch.ended == "returned"}
    rows = tuple(_loop(kind, found, revenue) for kind in _AWAY.values())
    return LoopTable(lapsed=len(away), returned=len(back), rows=rows)


def _stretches(book: Book, course: Course, start: datetime, end: datetime) -> Iterator[_Stretch]:
    """Yield each stretch of stays in one dormant or churned status that begins in the window."""
    inside = sum(at < end for at in course.moments)
    kinds = [_AWAY.get(book.stages[stage].status) for stage in course.stages[:inside]]
    edges = [i for i in range(inside) if i == 0 or kinds[i] != kinds[i - 1]]
    known = course.known(end)
    since = start
    for begin, then, later in zip(
        edges, [*edges[1:], None], [*edges[2:], None, None], strict=False
    ):
        kind, entered = kinds[begin], course.moments[begin]
        if begin == 0 or kinds[begin - 1] is None:
            since = entered  # of the whole time away, dormant and churned together
        if kind is None or entered < start:
            continue
        left = known if then is None else course.moments[then]
        returned = then is not None and kinds[then] is None
        until = known if later is None else course.moments[later]
        yield _Stretch(
            kind,
            course.id,
            "open" if then is None else "returned" if returned else "passed_on",
            left - since,
            until - left if returned else timedelta(),
            later is not None,
            range(then, inside if later is None else later) if returned and then else range(0),
        )


def _earned(
    book: Book,
    course: Course,
    stretches: Sequence[_Stretch],
    end: datetime,
    revenue: Amounts | None,
) -> Amounts | None:
    """Add what a customer spent after each return; None once a change log is met."""
    if revenue is None or course.journey is None:
        return None
    kinds = {stay: stretch.kind for stretch in stretches for stay in stretch.stays}
    if kinds:
        for payment in payments(course, book.reader):
            if payment.at < end and payment.into in kinds:
                revenue.add(kinds[payment.into], course.id, payment.amount)
    return revenue


def _loop(kind: str, found: Sequence[_Stretch], revenue: Amounts | None) -> Loop:
    stretches = [stretch for stretch in found if stretch.kind == kind]
    returns = [stretch for stretch in stretches if stretch.ended == "returned"]
    return Loop(
        kind=kind,
        stretches=len(stretches),
        returns=len(returns),
        passed_on=sum(stretch.ended == "passed_on" for stretch in stretches),
        customers=len({stretch.customer for stretch in returns}),
        median_away=median((stretch.away, True) for stretch in returns),
        relapses=sum(stretch.relapsed for stretch in returns),
        median_back=median((stretch.back, stretch.relapsed) for stretch in returns),
        revenue=None if revenue is None else revenue.total(kind),
    )
