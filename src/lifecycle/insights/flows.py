"""Where customers go: moves between stages counted, and where they drop off."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, overload

import attrs

from lifecycle._tables import OPEN, Column, Table, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._courses import Course
from lifecycle.insights._flows import flows, ways
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._periods import Periods, periods
from lifecycle.insights._stays import Journeys, read
from lifecycle.insights.due import due_between
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = [
    "DropOff",
    "StageDropOff",
    "TransitionCount",
    "TransitionCounts",
    "drop_off",
    "due_between",
    "transition_counts",
]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TransitionCount:
    """How many customers went from one stage to another in a period.

    Attributes:
        period: The start of the period in the calendar's zone; None where all the time is one.
        source: The stage that was left.
        target: The stage that was entered; None for those who still stood in `source`.
        count: How many moves there were.
        stays: How many stays there could have been moves from: the stock where the period
            begins, and the entrants.
        open: Whether the period goes on after what is known, so that these are counts so far.
    """

    period: datetime | None
    source: str
    target: str | None
    count: int
    stays: int
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def rate(self) -> Rate:
        """The share of the stays, with its interval; those of one source sum to 1."""
        return Rate(self.count, self.stays)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TransitionCounts(Table[TransitionCount]):
    """How customers moved between stages, period by period.

    Attributes:
        rows: The moves, by period, source and target, in the order of the definition. A pair
            that occurs in one period has a row in all of them.
        calendar: How time was cut into periods; None where all the time is one.
    """

    _named_by = ("source", "target", "period")

    calendar: Calendar | None
    rows: tuple[TransitionCount, ...]

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """How many moves there were by source and target, in all periods: for `diagrams.svg`."""
        found: Counter[tuple[str, str]] = Counter()
        for row in self.rows:
            if row.target is not None:
                found[row.source, row.target] += row.count
        return dict(found)

    def _columns(self) -> Sequence[Column]:
        low, high = (_bound(side) for side in ("low", "high"))
        return (
            *(Column("period", attrgetter("period")) for _ in _dated(self.rows)),
            Column("source", attrgetter("source")),
            Column("target", attrgetter("target"), lambda target: target or "(still there)"),
            Column("count", attrgetter("count")),
            Column("stays", attrgetter("stays")),
            Column("share", attrgetter("rate.value"), percent, attrgetter("rate.value")),
            Column("low", low, percent),
            Column("high", high, percent),
            OPEN,
        )

    def _title(self) -> str:
        return "Moves between stages (95 % intervals)"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageDropOff:
    """What became of the stays in one stage.

    Attributes:
        stage: The name of the stage.
        status: What the stage means.
        stays: How many stays there were: the stock where the window begins, and the entrants.
        onward_moves: How many led to a stage that the definition names later, or back from
            a fading stage to one that is not.
        away_moves: How many led to a fading stage: one that is dormant, churned, or entered
            by `idle` time-outs alone.
        aside_moves: How many led elsewhere: renewals, steps down, and migrations.
    """

    stage: str
    status: Status
    stays: int
    onward_moves: int
    away_moves: int
    aside_moves: int

    def __repr__(self) -> str:
        return call(self)

    @property
    def onward(self) -> Rate:
        """The share that went onward."""
        return Rate(self.onward_moves, self.stays)

    @property
    def away(self) -> Rate:
        """The share that dropped off."""
        return Rate(self.away_moves, self.stays)

    @property
    def aside(self) -> Rate:
        """The share that left otherwise."""
        return Rate(self.aside_moves, self.stays)

    @property
    def still_there(self) -> Rate:
        """The share that has not left; the four shares sum to 1."""
        left = self.onward_moves + self.away_moves + self.aside_moves
        return Rate(self.stays - left, self.stays)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class DropOff(Table[StageDropOff]):
    """Where customers drop off: a row for each stage, in the order of the definition.

    Attributes:
        rows: The stages.
    """

    _named_by = ("stage",)

    rows: tuple[StageDropOff, ...]

    def _columns(self) -> Sequence[Column]:
        shares = ("onward", "away", "aside", "still_there")
        reads = (attrgetter(f"{share}.value") for share in shares)
        return (
            Column("stage", attrgetter("stage")),
            Column("stays", attrgetter("stays")),
            *(
                Column(share, value, percent, value)
                for share, value in zip(shares, reads, strict=True)
            ),
        )

    def _title(self) -> str:
        return "Where the stays in each stage led"


@overload
def transition_counts(
    journeys: Journeys,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    by: None = None,
) -> TransitionCounts: ...
@overload
def transition_counts(
    journeys: Journeys,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    by: By,
) -> Groups[TransitionCounts]: ...
def transition_counts(
    journeys: Journeys,
    *,
    calendar: Calendar | None = None,
    window: Window | None = None,
    by: By | None = None,
) -> TransitionCounts | Groups[TransitionCounts]:
    """Count the moves from each stage to each other one.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        calendar: The periods to count by, with a window; without it, all the time is one.
        window: The time to look at; all the time by default.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each period and pair of stages, and one for those who still stood in the
        stage, whose shares sum to 1. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument is of another type, or there is a calendar and no window.
        InvalidValueError: A customer has two journeys, or the window begins within a period.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: `by` names an attribute that no customer has.
        WrongDefinitionError: The journeys are of several definitions.

    Convention:
        Every stay counts, so that a customer may count several times in one period. The
        denominator has all who could have moved, not only those who did; a matrix over movers
        alone has larger shares. A row of `chain` counts customers at the ends of a period,
        and so the net of their moves.

    Examples:
        >>> from lifecycle import presets
        >>> shop = presets.retail()
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", datetime(2026, 1, day, tzinfo=UTC)) for day in days],
        ...         until=datetime(2026, 3, 1, tzinfo=UTC),
        ...     )
        ...     for name, days in [("ann", (5, 9)), ("bob", (7,)), ("cy", (8, 20))]
        ... ]
        >>> print(transition_counts(journeys))
        Moves between stages (95 % intervals)
        source    target         count  stays   share    low    high  open
        prospect  new                3      3  100.0%  43.9%  100.0%
        prospect  (still there)      0      3    0.0%   0.0%   56.1%
        new       repeat             2      3   66.7%  20.8%   93.9%
        new       (still there)      1      3   33.3%   6.1%   79.2%
        repeat    (still there)      2      2  100.0%  34.2%  100.0%
    """
    book = read(journeys, calendar)
    spans = periods(book, calendar, window)

    def make(courses: Sequence[Course]) -> TransitionCounts:
        rows = tuple(_moves(courses, spans, tuple(book.stages)))
        return TransitionCounts(calendar=calendar, rows=rows)

    return over(by, book, make)


def _moves(
    courses: Sequence[Course], spans: Periods, stages: Sequence[str]
) -> list[TransitionCount]:
    counted = flows(courses, spans)
    moved: Counter[tuple[int, str, str]] = Counter()
    for (period, source, target, _), n in counted.exits.items():
        moved[period, source, target] += n
    pairs = {(source, target) for _, source, target in moved}
    is_open = spans.open(courses)
    found: list[tuple[int, TransitionCount]] = []
    for source in stages:
        stocks = counted.stocks(source, len(spans.starts))
        stays = [stocks[k] + counted.entrants[k, source] for k in range(len(spans.starts))]
        targets = [target for target in stages if (source, target) in pairs]
        if not any(stays):
            continue
        for k, start in enumerate(spans.labels):
            rows: dict[str | None, int] = {t: moved[k, source, t] for t in targets}
            rows[None] = stays[k] - sum(rows.values())
            found += [
                (
                    k,
                    TransitionCount(
                        period=start,
                        source=source,
                        target=target,
                        count=n,
                        stays=stays[k],
                        open=is_open[k],
                    ),
                )
                for target, n in rows.items()
            ]
    return [row for _, row in sorted(found, key=lambda item: item[0])]


@overload
def drop_off(journeys: Journeys, *, window: Window | None = None, by: None = None) -> DropOff: ...
@overload
def drop_off(journeys: Journeys, *, window: Window | None = None, by: By) -> Groups[DropOff]: ...
def drop_off(
    journeys: Journeys, *, window: Window | None = None, by: By | None = None
) -> DropOff | Groups[DropOff]:
    """Say of each stage how many went onward, how many dropped off, and who is still there.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        window: The time to look at; all the time by default.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        A row for each stage of the definition; with `by`, such a table for each group.

    Raises:
        LifecycleError: As `transition_counts`.

    Convention:
        Who is still there has neither converted nor dropped off. Funnels that count them as
        lost report a larger drop-off, the more so the younger the customers are.

    Examples:
        >>> from lifecycle import presets
        >>> shop = presets.retail()
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", datetime(2026, 1, day, tzinfo=UTC)) for day in days],
        ...         until=datetime(2026, 12, 1, tzinfo=UTC),
        ...     )
        ...     for name, days in [("ann", (5, 9)), ("bob", (7,)), ("cy", (8, 20))]
        ... ]
        >>> new = drop_off(journeys).row("new")
        >>> new.onward, new.away, new.still_there
        (Rate(2, 3), Rate(1, 3), Rate(0, 3))
    """
    book = read(journeys)
    spans = periods(book, None, window)

    def make(courses: Sequence[Course]) -> DropOff:
        counted = flows(courses, spans)
        went = ways(counted.exits, book)
        rows = (
            StageDropOff(
                stage=name,
                status=stage.status,
                stays=counted.entrants[-1, name] + counted.entrants[0, name],
                onward_moves=went[0, name, "onward"],
                away_moves=went[0, name, "away"],
                aside_moves=went[0, name, "aside"],
            )
            for name, stage in book.stages.items()
        )
        return DropOff(rows=tuple(rows))

    return over(by, book, make)


def _dated(rows: Sequence[Any]) -> range:
    """Give a column for the period, where rows have one."""
    return range(any(row.period is not None for row in rows))


def _bound(side: str) -> Any:
    def read_(row: TransitionCount) -> float | None:
        interval = row.rate.interval()
        return None if interval is None else getattr(interval, side)

    return read_
