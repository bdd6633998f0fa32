"""Reactivation and win-back: customers who come back, when, for how long, for what revenue."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import NamedTuple, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle._groups import Groups
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.insights._durations import in_days, median
from lifecycle.insights._histories import History, Lasted
from lifecycle.insights._population import WAYS_BACK, Journeys, Population, read
from lifecycle.insights._reporting_periods import reporting_periods
from lifecycle.insights._revenue import Amounts, in_money, payments
from lifecycle.insights._table_parts import when
from lifecycle.insights.groups import By, over
from lifecycle.periods import Window
from lifecycle.rates import Rate

__all__ = ["ReactivationRow", "ReactivationTable", "reactivations"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ReactivationRow:
    """Returns of customers from one inactive status.

    An episode is a run of consecutive stays in the status.

    Attributes:
        kind: "reactivation" (from dormant stages) or "win_back" (from churned ones).
        episodes: How many episodes began.
        returns: How many of them ended with a return to an active or prospective stage.
        changed_status: How many ended with a move to the other inactive status, such as from
            dormant to churned.
        customers: How many customers returned so.
        median_time_to_return: The median time to the returns that there were, from the first
            dormant or churned stage on; None where there are no returns.
        relapses: How many returns were followed by another dormant or churned stage.
        median_time_to_relapse: The Kaplan-Meier median of the time from return to relapse,
            customers who have not relapsed being censored; None where it is not reached.
        revenue: What customers spent from their return to their relapse, the event that
            brought them back included; None for a change log.
    """

    kind: str
    episodes: int
    returns: int
    changed_status: int
    customers: int
    median_time_to_return: timedelta | None
    relapses: int
    median_time_to_relapse: timedelta | None
    revenue: Number | None

    def __repr__(self) -> str:
        return call(self)

    @property
    def return_rate(self) -> Rate:
        """The share of the episodes that ended with a return; open ones count as not ended."""
        return Rate(self.returns, self.episodes)

    @property
    def relapse_rate(self) -> Rate:
        """The share of the returns that were followed by a relapse."""
        return Rate(self.relapses, self.returns)

    @property
    def revenue_per_return(self) -> Number | None:
        """The mean revenue of a return; None where it is unknown, and without returns."""
        if self.revenue is None or not self.returns:
            return None
        return _money.divided(self.revenue, self.returns)  # type: ignore[no-any-return]  # money of its kind


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ReactivationTable(Table[ReactivationRow]):
    """How often customers come back, by kind: reactivation and win-back.

    Attributes:
        lapsed: How many customers were ever in a dormant or churned stage.
        returned: How many of those ever came back from one.
        rows: The kinds.
        window: The time that was read; None for all time.
    """

    _named_by = ("kind",)

    lapsed: int
    returned: int
    rows: tuple[ReactivationRow, ...]
    window: Window | None = None

    @property
    def return_rate(self) -> Rate:
        """The share of the customers who ever lapsed or churned that ever came back."""
        return Rate(self.returned, self.lapsed)

    def _columns(self) -> Sequence[Column]:
        to_return, to_relapse = (partial(_days, f"median_time_to_{x}") for x in _ENDS)
        returned, relapsed = attrgetter("return_rate.value"), attrgetter("relapse_rate.value")
        each = attrgetter("revenue_per_return")
        return (
            Column("kind", str, attrgetter("kind")),
            *(Column(name, int, attrgetter(name)) for name in ("episodes", "returns")),
            Column("changed_status", int, attrgetter("changed_status"), aside=True),
            Column("customers", int, attrgetter("customers"), aside=True),
            Column("return_rate", float, returned, percent, returned, head="rate"),
            Column("median_days_to_return", float, to_return, head="in_days"),
            Column("relapse_rate", float, relapsed, percent, relapsed, head="relapsed"),
            Column("median_days_to_relapse", float, to_relapse, head="after_days"),
            Column("revenue", Number, attrgetter("revenue"), aside=True),
            Column("revenue_per_return", Number, each, in_money, head="each"),
        )

    def _title(self) -> str:
        share = f"{self.returned:,} of {self.lapsed:,} lapsed or churned customers came back"
        return f"Reactivation and win-back, {when(self.window)}: {share}"


_ENDS = ("return", "relapse")


def _days(field: str, row: ReactivationRow) -> float | None:
    return in_days(getattr(row, field))


@overload
def reactivations(
    journeys: Journeys, *, window: Window | None = None, by: None = None
) -> ReactivationTable: ...
@overload
def reactivations(
    journeys: Journeys, *, window: Window | None = None, by: By
) -> Groups[ReactivationTable]: ...
def reactivations(
    journeys: Journeys, *, window: Window | None = None, by: By | None = None
) -> ReactivationTable | Groups[ReactivationTable]:
    """Measure how often customers come back, after how long, how many relapse, and revenue.

    A customer is inactive from the first dormant or churned stage until the next active or
    prospective one. That is a return; it lasts until the customer is inactive again.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        window: The time to read: episodes that begin within it, as they are at its end; all
            time by default.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each kind. With `by`, such a table for each group.

    Raises:
        MixedNumbersError: Some events have `Decimal` values, and others floats.
        LifecycleError: As `transition_counts`.

    Convention:
        A return to a prospective stage counts like one to an active stage. The event that
        brings a customer back counts for the return, not for the stage that it ends, where
        `kpis` counts it.

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
        >>> found = reactivations(journeys).row("reactivation")
        >>> found.return_rate, found.relapse_rate, found.revenue
        (Rate(2, 4), Rate(1, 2), 60)
    """
    population = read(journeys)
    periods = reporting_periods(population, None, window)

    def make(histories: Sequence[History]) -> ReactivationTable:
        return _table(population, histories, window, periods.starts[0], periods.end)

    return over(by, population, make)


class _Episode(NamedTuple):
    """Consecutive stays in one inactive status, and what followed."""

    kind: str
    customer: _checks.Id
    ended: str
    """"returned", "changed_status" or "open"."""
    inactive: timedelta
    """The time from the first inactive stay, of either status, to the end of this episode."""
    returned: timedelta
    """How long the return lasted, as far as is known; zero where there is none."""
    relapsed: bool
    """Whether a return was followed by another episode."""
    stays: range
    """The stays of the return."""


def _table(
    population: Population,
    histories: Sequence[History],
    window: Window | None,
    start: datetime,
    end: datetime,
) -> ReactivationTable:
    found: list[_Episode] = []
    revenue: Amounts | None = Amounts()
    for history in histories:
        episodes = list(_episodes(population, history, start, end))
        found += episodes
        revenue = _earned(population, history, episodes, end, revenue)
    lapsed = {episode.customer for episode in found}
    returned = {episode.customer for episode in found if episode.ended == "returned"}
    return ReactivationTable(
        lapsed=len(lapsed),
        returned=len(returned),
        rows=tuple(_row(kind, found, revenue) for kind in filter(None, WAYS_BACK.values())),
        window=window,
    )


def _episodes(
    population: Population, history: History, start: datetime, end: datetime
) -> Iterator[_Episode]:
    """Yield each episode that begins in the window."""
    inside = sum(at < end for at in history.moments)
    kinds = [WAYS_BACK[population.stages[stage].status] for stage in history.stages[:inside]]
    edges = [i for i in range(inside) if i == 0 or kinds[i] != kinds[i - 1]]
    known = history.known(end)
    since = start
    for begin, then, later in zip(
        edges, [*edges[1:], None], [*edges[2:], None, None], strict=False
    ):
        kind, entered = kinds[begin], history.moments[begin]
        if begin == 0 or kinds[begin - 1] is None:
            since = entered  # of the whole inactive time, dormant and churned together
        if kind is None or entered < start:
            continue
        left = known if then is None else history.moments[then]
        returned = then is not None and kinds[then] is None
        until = known if later is None else history.moments[later]
        yield _Episode(
            kind,
            history.id,
            "open" if then is None else "returned" if returned else "changed_status",
            left - since,
            until - left if returned else timedelta(),
            later is not None,
            range(then, inside if later is None else later) if returned and then else range(0),
        )


def _earned(
    population: Population,
    history: History,
    episodes: Sequence[_Episode],
    end: datetime,
    revenue: Amounts | None,
) -> Amounts | None:
    """Add what a customer spent after each return; None as soon as there is a change log."""
    if revenue is None or history.journey is None:
        return None
    kinds = {stay: episode.kind for episode in episodes for stay in episode.stays}
    if kinds:
        for payment in payments(history, population.reader):
            if payment.at < end and payment.into in kinds:
                revenue.add(kinds[payment.into], history.id, payment.amount)
    return revenue


def _row(kind: str, found: Sequence[_Episode], revenue: Amounts | None) -> ReactivationRow:
    episodes = [episode for episode in found if episode.kind == kind]
    returns = [episode for episode in episodes if episode.ended == "returned"]
    return ReactivationRow(
        kind=kind,
        episodes=len(episodes),
        returns=len(returns),
        changed_status=sum(episode.ended == "changed_status" for episode in episodes),
        customers=len({episode.customer for episode in returns}),
        median_time_to_return=median(Lasted(episode.inactive, ended=True) for episode in returns),
        relapses=sum(episode.relapsed for episode in returns),
        median_time_to_relapse=median(
            Lasted(episode.returned, ended=episode.relapsed) for episode in returns
        ),
        revenue=None if revenue is None else revenue.total(kind),
    )
