"""Reactivation and win-back: customers who come back, when, for how long, for what revenue."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import NamedTuple

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Reader
from lifecycle._checks import Number
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.insights._durations import in_days, median
from lifecycle.insights._histories import History, Lasted
from lifecycle.insights._population import WAYS_BACK, Population
from lifecycle.insights._reporting_periods import ReportingPeriods
from lifecycle.insights._revenue import Amounts, in_money, payments
from lifecycle.insights._table_parts import when
from lifecycle.periods import Window
from lifecycle.rates import Rate

__all__ = ["ReactivationRow", "ReactivationTable"]


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
            brought them back included; None for changes on file.
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


def reactivations(population: Population, periods: ReportingPeriods) -> ReactivationTable:
    """Measure how often customers come back, after how long, how many relapse, and revenue."""
    found: list[_Episode] = []
    revenue, reader = None if population.is_of_changes else Amounts(), population.reader
    for history in population.histories:
        episodes = list(_episodes(population, history, periods.starts[0], periods.end))
        found += episodes
        if revenue is not None:
            _earn(revenue, reader, history, episodes, periods.end)
    lapsed = {episode.customer for episode in found}
    returned = {episode.customer for episode in found if episode.ended == "returned"}
    return ReactivationTable(
        lapsed=len(lapsed),
        returned=len(returned),
        rows=tuple(_row(kind, found, revenue) for kind in filter(None, WAYS_BACK.values())),
        window=periods.window,
    )


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


def _earn(
    revenue: Amounts,
    reader: Reader,
    history: History,
    episodes: Sequence[_Episode],
    end: datetime,
) -> None:
    """Add what a customer spent after each return."""
    kinds = {stay: episode.kind for episode in episodes for stay in episode.stays}
    if kinds:
        for payment in payments(history, reader):
            if payment.at < end and payment.into in kinds:
                revenue.add(kinds[payment.into], history.id, payment.amount)


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
