"""Key figures of each stage, period by period, and the targets set for them."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate
from math import inf
from operator import attrgetter
from typing import Any, Literal, cast

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Grid
from lifecycle._checks import Number
from lifecycle._lengths import Length, fixed_length
from lifecycle._tables import OPEN, Column, Table, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.errors import InvalidTypeError, InvalidValueError, NoJourneysError
from lifecycle.insights._durations import in_days, median
from lifecycle.insights._histories import History, Lasted
from lifecycle.insights._nps_answers import Answers, placed
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import ReportingPeriods, by_grid
from lifecycle.insights._revenue import Amounts, in_money, payments
from lifecycle.insights._stage_counts import StageCounts, outcomes, stage_counts
from lifecycle.insights._table_parts import when
from lifecycle.metrics.nps import Score
from lifecycle.periods import DAYS, Calendar, Window
from lifecycle.rates import Rate

__all__ = ["KpiTable", "StageKpis", "Target", "TargetResult"]


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Target:
    """A target for a figure of a stage, checked in each period.

    Args:
        stage: The name of the stage.
        figure: "entrants", "exits", "stock", "conversion", "drop_off" (fractions, 0 to 1),
            "median_time" (a `timedelta`), "revenue", "value" (money) or "nps" (points).
        at_least: The lowest value that meets the target.
        at_most: The highest value that meets the target; one of the two, or both.

    Raises:
        InvalidTypeError: A bound is not a number, or for "median_time" not a `timedelta`.
        InvalidValueError: There is no bound, `at_least` is above `at_most`, or a bound is
            outside the range of the figure.
        UnknownNameError: `figure` is not one of these.

    Examples:
        >>> Target("lead", "conversion", at_least=0.2)
        Target('lead', 'conversion', at_least=0.2)
    """

    stage: str
    figure: str
    at_least: Number | timedelta | None = None
    at_most: Number | timedelta | None = None

    def __init__(
        self,
        stage: str,
        figure: str,
        *,
        at_least: Number | Length | None = None,
        at_most: Number | Length | None = None,
    ) -> None:
        wanted = _checks.choice("figure", figure, _FIGURES)
        low, high = _bound("at_least", wanted, at_least), _bound("at_most", wanted, at_most)
        if low is None and high is None:
            raise InvalidValueError("at_least", None, "be given where at_most is not")
        if low is not None and high is not None and low > high:
            raise InvalidValueError("at_least", low, f"not be above at_most, {high!r}")
        self.__attrs_init__(_checks.name("stage", stage), wanted, low, high)

    def __repr__(self) -> str:
        return call(self, "stage", "figure")

    def is_met(self, value: Any) -> bool | None:
        """Return whether a value meets the target; None where there is no value."""
        if value is None:
            return None
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


def _bound(argument: str, figure: str, bound: Any) -> Any:
    """Return a bound that its figure can reach; a percentage in place of a fraction raises."""
    if bound is None:
        return None
    if figure == "median_time":
        return fixed_length(argument, bound, "a median time", zero=True)
    found, (least, most) = _checks.number(argument, bound), _REACH.get(figure, (-inf, inf))
    if not least <= found <= most:
        expected = f"be between {least} and {most}, as {figure} does"
        raise InvalidValueError(argument, bound, expected)
    return found


_REACH = {"conversion": (0, 1), "drop_off": (0, 1), "nps": (-100, 100)}
"""The range of a figure."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class TargetResult:
    """Whether one target was met in one period.

    Attributes:
        period: The start of the period, in the calendar's zone.
        target: The target.
        value: The figure; None where there is none.
        met: Whether it meets the target; None where there is no figure.
        open: Whether the period is incomplete, so that the figure may change.
    """

    period: datetime
    target: Target
    value: Any
    met: bool | None
    open: bool

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageKpis:
    """The key figures of one stage in one period.

    Attributes:
        period: The start of the period, in the calendar's zone.
        stage: The name of the stage.
        status: What the stage means.
        entrants: How many stays began.
        exits_by_kind: How many stays ended, by the kind of the change, such as "lapse".
        stock: How many customers are in the stage just before the period ends: a change
            at that very instant belongs to the next one. Stock = stock of the period
            before + entrants - exits.
        conversion: Of the stays that there were, the share that converted.
        drop_off: Of the stays that there were, the share that dropped off.
        exposure: How long customers were in the stage in the period, in total, as far as is
            known: what `retention.churn_hazard` divides by.
        median_time: The Kaplan-Meier median of the time to leave, for stays that began in the
            period, open ones being censored; None where it is not reached.
        revenue: The sum of the values of events in the stage; an event that moves the customer
            counts in the stage that it ends. None for changes on file.
        value: The stock times the value of a customer in the stage; None unless given.
        nps: The answers given in the stage, as a score; None unless answers are given.
        targets: The results of the targets of the stage.
        open: Whether the period is incomplete, so that these are figures so far.
    """

    period: datetime
    stage: str
    status: Status
    entrants: int
    exits_by_kind: Mapping[str, int]
    stock: int
    conversion: Rate
    drop_off: Rate
    exposure: timedelta
    median_time: timedelta | None
    revenue: Number | None
    value: Number | None
    nps: Score | None
    targets: tuple[TargetResult, ...]
    open: bool

    def __repr__(self) -> str:
        return call(self)

    @property
    def exits(self) -> int:
        """How many stays ended."""
        return sum(self.exits_by_kind.values())

    @property
    def met(self) -> bool | None:
        """Whether all targets of the stage are met; None where no target has a figure."""
        known = [result.met for result in self.targets if result.met is not None]
        return all(known) if known else None


_FIGURES: dict[str, Callable[[Any], Any]] = {
    "entrants": attrgetter("entrants"),
    "exits": attrgetter("exits"),
    "stock": attrgetter("stock"),
    "conversion": attrgetter("conversion.value"),
    "drop_off": attrgetter("drop_off.value"),
    "median_time": attrgetter("median_time"),
    "revenue": attrgetter("revenue"),
    "value": attrgetter("value"),
    "nps": lambda row: None if row.nps is None else row.nps.points,
}
"""How the figures of a target are read."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class KpiTable(Table[StageKpis]):
    """Key figures by period and stage.

    Attributes:
        calendar: The periods.
        window: The time that was read.
        rows: By period, then in the order of the definition.
    """

    _named_by = ("stage", "period")

    calendar: Calendar
    window: Window
    rows: tuple[StageKpis, ...]

    @property
    def targets(self) -> tuple[TargetResult, ...]:
        """The result of each target in each period."""
        return tuple(result for row in self.rows for result in row.targets)

    @property
    def missed(self) -> tuple[TargetResult, ...]:
        """The targets that were missed, and in which periods."""
        return tuple(result for result in self.targets if result.met is False)

    def revenue_per(
        self, unit: Literal["day", "week", "month", "quarter", "year"]
    ) -> dict[str, Number]:
        """Return the revenue of a customer in each stage per unit of time, over the whole window.

        Args:
            unit: The unit; a year has 365.2425 days and 12 months, as long as each other.

        Returns:
            By stage, the revenue divided by the time that customers were there, in money; a
            stage without such time has none. Multiplied by your margin, it is what
            `CustomerBase.value` takes.

        Raises:
            NoJourneysError: The table is of changes on file, which have no revenue.
            UnknownNameError: `unit` is not one of these.

        Examples:
            >>> from lifecycle import presets
            >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
            >>> orders = [Event("purchase", start + timedelta(d), value=20) for d in (3, 33)]
            >>> ann = shop.replay("ann", orders, until=start + timedelta(days=59))
            >>> window = Window(start, start + timedelta(days=59))
            >>> table = CustomerBase([ann]).over(Calendar("month"), window).kpis()
            >>> {stage: round(x, 2) for stage, x in table.revenue_per("month").items()}
            {'new': 20.29, 'repeat': 0.0}
        """
        length = timedelta(days=DAYS[_checks.choice("unit", unit, DAYS)])
        earned: dict[str, list[Any]] = defaultdict(list)
        time: dict[str, timedelta] = defaultdict(timedelta)
        for row in self.rows:
            if row.revenue is None:
                raise NoJourneysError("revenue_per()")
            earned[row.stage].append(row.revenue)
            time[row.stage] += row.exposure
        totals = {stage: _money.added(*amounts) for stage, amounts in earned.items()}
        number = _money.converter(totals)
        return {
            stage: _money.divided(number(total), number(time[stage] / length))
            for stage, total in totals.items()
            if time[stage]
        }

    def _columns(self) -> Sequence[Column]:
        converted, lost = _FIGURES["conversion"], _FIGURES["drop_off"]
        kinds = dict.fromkeys(kind for row in self.rows for kind in row.exits_by_kind)
        figures = (
            Column("revenue", Number, _FIGURES["revenue"], in_money),
            Column("value", Number, _FIGURES["value"], in_money),
            Column("nps", float, _FIGURES["nps"]),
        )
        used = [column for column in figures if not set(map(column.read, self.rows)) <= {None}]
        return (
            Column("period", datetime, attrgetter("period")),
            Column("stage", str, attrgetter("stage")),
            Column("entrants", int, attrgetter("entrants"), head="in"),
            Column("exits", int, attrgetter("exits"), head="out"),
            *(Column(f"exits_{kind}", int, partial(_exits, kind), aside=True) for kind in kinds),
            Column("stock", int, attrgetter("stock")),
            Column("conversion", float, converted, percent, converted),
            Column("drop_off", float, lost, percent, lost),
            Column("exposure_days", float, lambda row: in_days(row.exposure), aside=True),
            Column("median_days", float, lambda row: in_days(row.median_time), head="days"),
            *used,
            *([_MET] if self.targets else []),
            OPEN,
        )

    def _title(self) -> str:
        return f"Key figures by {self.calendar.grain}, {when(self.window)}, stock at period end"


_MET = Column("met", bool, attrgetter("met"), {True: "met", False: "MISSED", None: ""}.__getitem__)


def _exits(kind: str, row: StageKpis) -> int:
    return row.exits_by_kind.get(kind, 0)


def kpis(
    population: Population,
    grid: Grid,
    *,
    targets: Iterable[Target],
    values: Mapping[str, Number] | None,
    answers: Answers | None,
) -> KpiTable:
    """Return the key figures of each stage in each period, and which targets were met."""
    wanted, worth = _targets(targets, population), _values(values, population)
    given = None if answers is None else placed(population, answers)
    counted = _Counted(population, by_grid(grid), worth, given)
    rows = (
        counted.row(k, start, stage, wanted)
        for k, start in enumerate(counted.periods.labels)
        for stage in population.stages
    )
    return KpiTable(calendar=grid.calendar, window=grid.window, rows=tuple(rows))


def _targets(targets: Iterable[Target], population: Population) -> dict[str, list[Target]]:
    if isinstance(targets, Target | str) or not isinstance(targets, Iterable):
        raise InvalidTypeError("targets", targets, "be a series of Target")
    found: dict[str, list[Target]] = defaultdict(list)
    for i, target in enumerate(targets):
        _checks.instance(f"targets[{i}]", target, Target)
        if population.stages:
            _checks.choice(f"targets[{i}].stage", target.stage, population.stages)
        found[target.stage].append(target)
    return found


def _values(values: Mapping[str, Number] | None, population: Population) -> dict[str, Number]:
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise InvalidTypeError("values", values, "be a mapping from stages to numbers")
    if population.stages:
        for stage in values:
            _checks.choice("values key", stage, population.stages)
    _money.converter({f"values[{stage!r}]": worth for stage, worth in values.items()})
    return {str(stage): worth for stage, worth in values.items()}


class _Counted:
    """Everything that the figures of some customers are read from."""

    def __init__(
        self,
        population: Population,
        periods: ReportingPeriods,
        values: Mapping[str, Number],
        answers: Mapping[Any, Sequence[Any]] | None,
    ) -> None:
        histories = population.histories
        self.periods, self._population, self._values = periods, population, values
        self._counts = stage_counts(histories, periods)
        self._outcomes = outcomes(self._counts.exits, population)
        self._stocks = {
            name: self._counts.stocks(name, len(periods.starts)) for name in population.stages
        }
        self._kinds = _by_kind(self._counts)
        self._open = periods.open(histories)
        self._times = _times(histories, periods)
        self._exposure = _exposure(histories, periods)
        self._revenue = _revenue(population, periods)
        self._scores = None if answers is None else _scores(histories, periods, answers)

    def row(
        self, k: int, start: Any, stage: str, targets: Mapping[str, Sequence[Target]]
    ) -> StageKpis:
        before, stock = self._stocks[stage][k : k + 2]
        entrants = self._counts.entrants[k, stage]
        stays = before + entrants
        worth, kinds = self._values.get(stage), self._kinds.get((k, stage))
        row = StageKpis(
            period=start,
            stage=stage,
            status=self._population.stages[stage].status,
            entrants=entrants,
            exits_by_kind=cast("Mapping[str, int]", _checks.Attributes(kinds)),
            stock=stock,
            conversion=Rate(self._outcomes[k, stage, "conversion"], stays),
            drop_off=Rate(self._outcomes[k, stage, "drop_off"], stays),
            exposure=self._exposure[k, stage],
            median_time=median(self._times.get((k, stage), ())),
            revenue=None if self._revenue is None else self._revenue.total((k, stage)),
            value=None if worth is None else _money.times(stock, worth),
            nps=None if self._scores is None else self._scores.get((k, stage), Score(0, 0, 0)),
            targets=(),
            open=self._open[k],
        )
        return attrs.evolve(row, targets=tuple(_results(row, targets.get(stage, ()))))


def _results(row: StageKpis, targets: Iterable[Target]) -> Iterable[TargetResult]:
    for target in targets:
        value = _FIGURES[target.figure](row)
        yield TargetResult(
            period=row.period, target=target, value=value, met=target.is_met(value), open=row.open
        )


def _by_kind(counted: StageCounts) -> dict[tuple[int, str], dict[str, int]]:
    found: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for (period, source, _, kind), n in counted.exits.items():
        found[period, source][kind] += n
    return {place: dict(sorted(kinds.items())) for place, kinds in found.items()}


def _times(
    histories: Iterable[History], periods: ReportingPeriods
) -> dict[tuple[int, str], list[Lasted]]:
    """Return how long the stays that began in each period and stage have lasted."""
    found: dict[tuple[int, str], list[Lasted]] = defaultdict(list)
    for history in histories:
        for i, (stage, entered) in enumerate(zip(history.stages, history.moments, strict=True)):
            if (k := periods.number(entered)) is not None:
                found[k, stage].append(history.lasted(i, periods.end))
    return found


def _exposure(
    histories: Iterable[History], periods: ReportingPeriods
) -> dict[tuple[int, str], timedelta]:
    """Return how long customers were in each stage in each period.

    Periods that a stay fills are added up for all stays at once.
    """
    ends = [min(end, periods.end) for end in periods.ends]
    found: dict[tuple[int, str], timedelta] = defaultdict(timedelta)
    filled: dict[str, list[int]] = defaultdict(lambda: [0] * (len(ends) + 1))
    for history in histories:
        known = history.known(periods.end)
        for stage, *stay in zip(
            history.stages, history.moments, [*history.moments[1:], known], strict=True
        ):
            begin, end = max(stay[0], periods.starts[0]), min(stay[1], known)
            if begin >= end:
                continue
            first = bisect_right(periods.starts, begin) - 1
            last = bisect_left(periods.starts, end) - 1
            found[first, stage] += min(end, ends[first]) - begin
            if last > first:
                found[last, stage] += end - periods.starts[last]
                filled[stage][first + 1] += 1
                filled[stage][last] -= 1
    for stage, opened in filled.items():
        for k, n in enumerate(accumulate(opened[:-1])):
            found[k, stage] += n * (ends[k] - periods.starts[k])
    return found


def _revenue(population: Population, periods: ReportingPeriods) -> Amounts | None:
    """Return the values of events by period and stage; None where there are no events to read."""
    if population.is_of_changes:
        return None
    found, reader = Amounts(), population.reader
    for history in population.histories:
        for payment in payments(history, reader):
            if (k := periods.number(payment.at)) is not None:
                found.add((k, history.stages[payment.stay]), history.id, payment.amount)
    return found


def _scores(
    histories: Iterable[History], periods: ReportingPeriods, answers: Mapping[Any, Sequence[Any]]
) -> dict[tuple[int, str], Score]:
    found: dict[tuple[int, str], Score] = {}
    for history in histories:
        for at, stage, score in answers.get(history.id, ()):
            if (k := periods.number(at)) is not None:
                found[k, stage] = found.get((k, stage), Score(0, 0, 0)) + score
    return found
