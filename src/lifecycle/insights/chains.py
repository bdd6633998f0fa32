"""A Markov chain estimated from journeys: one step is one period."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any, NamedTuple

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Grid
from lifecycle._checks import Number
from lifecycle._discounts import Discount, Share, rate_in
from lifecycle._tables import Column, Table, many, percent
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.insights._table_parts import bound, when
from lifecycle.metrics.markov import Chain
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate

__all__ = ["Homogeneity", "JourneyChain", "Step", "StepTable"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Step:
    """How often customers who began a period in one state began the next one in another.

    Attributes:
        source: The state at the start of the period.
        target: The state at the start of the next one.
        count: How many steps led from source to target.
        steps: How many steps began in `source`.
    """

    source: str
    target: str
    count: int
    steps: int

    def __repr__(self) -> str:
        return call(self)

    @property
    def rate(self) -> Rate:
        """The estimated probability, with its interval."""
        return Rate(self.count, self.steps)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StepTable(Table[Step]):
    """The steps of a chain that occurred, by source and target.

    Attributes:
        rows: The steps, in the order of the states.
    """

    _named_by = ("source", "target")

    rows: tuple[Step, ...]

    def _columns(self) -> Sequence[Column]:
        counts = {"source": str, "target": str, "count": int, "steps": int}
        share = attrgetter("rate.value")
        return (
            *(Column(name, kind, attrgetter(name)) for name, kind in counts.items()),
            Column("probability", float, share, percent, share),
            *(Column(side, float, partial(bound, side), percent) for side in ("low", "high")),
        )

    def _title(self) -> str:
        steps = many(sum(row.count for row in self.rows), "step")
        return f"Steps between states: {steps} (95 % intervals)"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Homogeneity:
    """A test of whether one matrix holds in all periods.

    Attributes:
        statistic: G squared: twice the log-likelihood that a matrix for each period gains.
        df: Its degrees of freedom: chi-squared where the hypothesis holds.
    """

    statistic: float
    df: int

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class JourneyChain(Chain):
    """A `markov.Chain` with the counts that it was estimated from; `CustomerBase.chain` makes it.

    As a table it has the rows of the matrix; `steps` is the table of the steps that occurred.

    Attributes:
        states: The states that were observed at the start of a period: stages, or stages by
            age.
        matrix: The probabilities: counts / counts of the row.
        calendar: What the periods are.
        window: The time that was read.
        memory: How many ages a stage was split into.
        counts: How many steps led from each state to each other one.
        stages: The stages of the definition.
        occupancy: For each state, the mean share of a period spent in each of `stages` by
            those who began it there.
        ages: For each state, its stage and age in whole periods.
        stock: How many customers are in each state at the last boundary.
        unobserved: The stages in which no step begins or ends.
    """

    calendar: Calendar
    window: Window
    memory: int
    counts: tuple[tuple[int, ...], ...]
    stages: tuple[str, ...]
    occupancy: tuple[tuple[float, ...], ...]
    ages: tuple[tuple[str, int], ...]
    stock: tuple[int, ...]
    unobserved: tuple[str, ...]
    _by_period: tuple[tuple[int, int, int, int], ...] = attrs.field(repr=False)

    def __repr__(self) -> str:
        return f"<{self._title()}>"

    def rate(self, source: str, target: str) -> Rate:
        """Return one probability with its counts and interval.

        Args:
            source: The state where the period begins.
            target: The state where the next one begins.

        Raises:
            UnknownNameError: The chain has no such state.
        """
        i = self.states.index(_checks.choice("source", source, self.states))
        j = self.states.index(_checks.choice("target", target, self.states))
        return Rate(self.counts[i][j], sum(self.counts[i]))

    @property
    def steps(self) -> StepTable:
        """The steps that occurred, each with the 95 % interval of its probability."""
        return StepTable(
            rows=tuple(
                Step(source=source, target=target, count=n, steps=sum(row))
                for source, row in zip(self.states, self.counts, strict=True)
                for target, n in zip(self.states, row, strict=True)
                if n
            )
        )

    def rewards(self, margins: Mapping[str, Number]) -> dict[str, float]:
        """Return the expected margin of a period for those who begin it in each state.

        Args:
            margins: The margin of a full period in each stage, in money, negative where it
                costs; 0 in the stages that are not named.

        Returns:
            For each state, the margins weighted by the shares of the period spent in each
            stage: what `what_if` and `markov.Chain.value` take as rewards.

        Raises:
            InvalidTypeError: A margin is not a number.
            InvalidValueError: A margin is not finite.
            MixedNumbersError: One margin is a `Decimal` and another a float.
            UnknownNameError: `margins` names a stage that the definition does not have.
        """
        if not isinstance(margins, Mapping):
            raise InvalidTypeError("margins", margins, "be a mapping from stages to numbers")
        for stage in margins:
            _checks.choice("margins key", stage, self.stages)
        _money.converter({f"margins[{stage!r}]": each for stage, each in margins.items()})
        full = [float(margins.get(stage, 0.0)) for stage in self.stages]
        return {
            state: math.fsum(share * margin for share, margin in zip(row, full, strict=True))
            for state, row in zip(self.states, self.occupancy, strict=True)
        }

    def homogeneity(self) -> Homogeneity:
        """Test whether the probabilities are the same in all periods.

        Returns:
            G squared and its degrees of freedom. For each state: one less than the periods in
            which steps began there, times one less than the states that they ever led to.

        Convention:
            Without empty cells the degrees of freedom are (T - 1) m (m - 1), as in Anderson and
            Goodman, for T periods and m states; steps that never occur take none.

        References:
            Anderson, T. W. and Goodman, L. A. (1957). Statistical inference about Markov
            chains. Annals of Mathematical Statistics 28:89-110, section 3.
            Bickenbach, F. and Bode, E. (2003). Evaluating the Markov property in studies of
            economic convergence. International Regional Science Review 26:363-392.
        """
        begun: Counter[tuple[int, int]] = Counter()
        for period, i, _, n in self._by_period:
            begun[period, i] += n
        totals = [sum(row) for row in self.counts]
        gained = (
            n * math.log(n / begun[period, i] * (totals[i] / self.counts[i][j]))
            for period, i, j, n in self._by_period
        )
        periods = Counter(i for _, i in begun)
        targets = [sum(map(bool, row)) for row in self.counts]
        df = sum((periods[i] - 1) * (targets[i] - 1) for i in periods)
        return Homogeneity(statistic=max(2 * math.fsum(gained), 0.0), df=df)

    def _rate(self, discount: Share | Discount, period: str | None) -> Any:
        return rate_in(self.calendar, discount, period)

    def _columns(self) -> Sequence[Column]:
        return [
            *Chain._columns(self),
            Column("steps", int, lambda row: sum(self.counts[self.states.index(row[0])])),
        ]

    def _title(self) -> str:
        states, steps = many(len(self.states), "state"), many(sum(map(sum, self.counts)), "step")
        return f"Chain of {states} by {self.calendar.grain}, {when(self.window)}: {steps}"


def chain(population: Population, grid: Grid, memory: int) -> JourneyChain:
    """Estimate a Markov chain from journeys: in which stage customers are a period later."""
    ages = _checks.whole("memory", memory, least=1)
    tally = _Tally(population, grid, ages)
    for history in population.histories:
        tally.add(history)
    tally.finish()
    if not tally.steps:
        expected = "have a customer who is known for a whole period of the window"
        raise InvalidValueError("base", f"{len(population.histories)} customers", expected)
    return _estimate(population, grid, ages, tally)


class _State(NamedTuple):
    stage: str
    age: int


Counts = Counter[tuple[int, _State, _State]]
"""Steps by period, from, and to."""


class _Tally:
    """The steps of all customers, and how those who made them spent the period."""

    def __init__(self, population: Population, grid: Grid, memory: int) -> None:
        self._population, self._grid, self._memory = population, grid, memory
        closed = grid.closed == len(grid)
        self.bounds = [*grid.starts, *([grid.end] if closed else [])]
        self.steps: Counts = Counter()
        self.spent: defaultdict[tuple[_State, str], float] = defaultdict(float)
        self._standing: list[tuple[int, _State]] = []
        self._rests: defaultdict[_State, list[int]] = defaultdict(
            lambda: [0] * (len(self.bounds) + 1)
        )

    def add(self, history: History) -> None:
        """Count the steps of one customer."""
        runs = list(self._runs(history))
        for run in runs:
            self._rest(history.stages[run.stay], run)
        for one, other in pairwise(runs):
            self._move(history, one, other)
        if runs:
            last = runs[-1]
            state = self._state(history.stages[last.stay], last.stop - 1 - last.since)
            self._standing.append((last.stop - 1, state))

    def finish(self) -> None:
        """Turn the rests that were opened and closed into steps of each period."""
        for state, opened in self._rests.items():
            for period, n in enumerate(accumulate(opened)):
                if n:
                    self.steps[period, state, state] += n
                    self.spent[state, state.stage] += n

    def stock(self) -> Counter[_State]:
        """Return how many are in each state at the last boundary that any customer reaches."""
        last = max((k for k, _ in self._standing), default=0)
        return Counter(state for k, state in self._standing if k == last)

    def _state(self, stage: str, age: int) -> _State:
        """Return the state of an age; nobody ages in a final stage."""
        oldest = 0 if self._population.stages[stage].final else self._memory - 1
        return _State(stage, min(age, oldest))

    def _runs(self, history: History) -> Iterator["_Run"]:
        """Yield the stays that contain a boundary, and which ones they contain."""
        bounds = self.bounds
        first = bisect_left(bounds, max(history.moments[0], history.observed))
        stop = bisect_right(bounds, history.known(self._grid.end))
        ends = [bisect_left(bounds, at) for at in history.moments[1:]]
        edges = [min(k, stop) for k in (first, *ends, stop)]
        for stay, (begin, end) in enumerate(pairwise(edges)):
            if begin < end:
                entered = history.moments[stay]
                since = bisect_left(bounds, entered) or self._since(entered)
                yield _Run(stay, since, begin, end)

    def _since(self, entered: datetime) -> int:
        """Return the first boundary at or after entry; before the window it is negative."""
        if self._memory == 1:
            return 0
        calendar = self._grid.calendar
        number = calendar.index(entered)
        passed = number - calendar.index(self.bounds[0])
        return passed + (_checks.utc(calendar.start(number)) < entered)

    def _rest(self, stage: str, run: "_Run") -> None:
        """Count the periods over which a stay lasts, age by age, the last age all at once."""
        state, k = self._state(stage, run.begin - run.since), run.begin
        while k < run.stop - 1:
            older = self._state(stage, k + 1 - run.since)
            if older == state:
                self._rests[state][k] += 1
                self._rests[state][run.stop - 1] -= 1
                return
            self.steps[k, state, older] += 1
            self.spent[state, stage] += 1
            state, k = older, k + 1

    def _move(self, history: History, one: "_Run", other: "_Run") -> None:
        """Count the period in which a customer goes from one stay to another."""
        period = other.begin - 1
        source = self._state(history.stages[one.stay], period - one.since)
        target = self._state(history.stages[other.stay], 0)
        self.steps[period, source, target] += 1
        begin, end = self.bounds[period], self.bounds[period + 1]
        inside = history.moments[one.stay + 1 : other.stay + 1]
        for i, (at, then) in enumerate(pairwise([begin, *inside, end]), start=one.stay):
            self.spent[source, history.stages[i]] += (then - at) / (end - begin)


class _Run(NamedTuple):
    """A stay, the boundary that its age counts from, and the boundaries at which it is seen."""

    stay: int
    since: int
    begin: int
    stop: int


def _estimate(population: Population, grid: Grid, memory: int, tally: _Tally) -> JourneyChain:
    """Return the chain of the steps that were counted."""
    fold = _Fold(population, tally.steps)
    steps: Counts = Counter()
    for (period, source, target), times in tally.steps.items():
        steps[period, source, fold(target)] += times
    order = {stage: place for place, stage in enumerate(population.stages)}
    seen = {state for _, *ends in steps for state in ends}
    states = sorted(seen, key=lambda state: (order[state.stage], state.age))
    place = {state: i for i, state in enumerate(states)}
    by_period = tuple(sorted((k, place[i], place[j], n) for (k, i, j), n in steps.items()))
    counts = [[0] * len(states) for _ in states]
    for _, i, j, n in by_period:
        counts[i][j] += n
    names = [fold.name(state) if memory > 1 else state.stage for state in states]
    stock: Counter[_State] = Counter()
    for state, n in tally.stock().items():
        stock[fold(state)] += n
    return JourneyChain(
        states=_checks.names("the states", names),
        matrix=tuple(_row(population, state, i, counts[i]) for i, state in enumerate(states)),
        calendar=grid.calendar,
        window=grid.window,
        memory=memory,
        counts=tuple(map(tuple, counts)),
        stages=tuple(population.stages),
        occupancy=tuple(_shares(population, tally, state) for state in states),
        ages=tuple((state.stage, state.age) for state in states),
        stock=tuple(stock[state] for state in states),
        unobserved=tuple(
            stage for stage in population.stages if all(stage != state.stage for state in states)
        ),
        by_period=by_period,
    )


def _row(population: Population, state: _State, i: int, counts: Sequence[int]) -> tuple[float, ...]:
    """Return the probabilities of a state."""
    total = sum(counts)
    if total:
        return tuple(n / total for n in counts)
    if population.stages[state.stage].final:
        return tuple(float(i == j) for j in range(len(counts)))
    expected = (
        "lead somewhere: it was seen only where the last whole period ends; "
        "take a longer window, or make the stage final"
    )
    raise InvalidValueError("a stage of the chain", state.stage, expected)


def _shares(population: Population, tally: _Tally, state: _State) -> tuple[float, ...]:
    """Return the mean share of a period spent in each stage by those who began it in a state."""
    spent = [tally.spent[state, stage] for stage in population.stages]
    total = math.fsum(spent)
    if not total:  # a final stage at the last boundary
        return tuple(float(stage == state.stage) for stage in population.stages)
    return tuple(share / total for share in spent)


class _Fold:
    """Merges an age from which no step begins with the next younger one that has some."""

    def __init__(self, population: Population, steps: Counts) -> None:
        self._population = population
        self._ages: defaultdict[str, set[int]] = defaultdict(set)
        for _, source, _ in steps:
            self._ages[source.stage].add(source.age)

    def __call__(self, state: _State) -> _State:
        ages = self._ages.get(state.stage, {0})
        younger = [age for age in ages if age <= state.age]
        return _State(state.stage, max(younger) if younger else min(ages))

    def name(self, state: _State) -> str:
        if self._population.stages[state.stage].final:
            return state.stage
        is_last = state.age == max(self._ages.get(state.stage, {0}))
        return f"{state.stage} {state.age}{'+' if is_last else ''}"
