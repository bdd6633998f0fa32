"""What customers are worth, by the stage in which they stand; and what a change would bring."""

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import add, attrgetter, mul
from typing import Any, Literal, overload

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Grid
from lifecycle._checks import Number
from lifecycle._discounts import Discount, rate_in
from lifecycle._tables import Column, Table, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._amounts import in_money
from lifecycle.insights._groups import By, Groups, over
from lifecycle.insights._stays import Book, Journeys, read
from lifecycle.insights.chains import JourneyChain, estimate
from lifecycle.metrics.markov import Chain
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Bounds, Estimate

__all__ = ["StageValue", "ValueTable", "WhatIf", "WhatIfRow", "value", "what_if"]

_EARNED = {"start": 0.0, "middle": -0.5, "end": -1.0}
"""When in a period its margin is earned: s = (1 + d) to this power."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageValue:
    """What a customer is worth in one stage.

    Attributes:
        stage: The name of the stage.
        status: What the stage means.
        value: The value of a customer who has just entered it, with its standard error; None
            where the chain never saw one.
        stock: How many customers stand in it at the last boundary.
        of_stock: The value of those, on average: by how long they have been there; None where
            nobody stands there.
    """

    stage: str
    status: Status
    value: Estimate | None
    stock: int
    of_stock: Estimate | None

    def __repr__(self) -> str:
        return call(self)


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ValueTable(Table[StageValue]):
    """Customer lifetime value by stage, in the order of the definition.

    Attributes:
        rows: The stages.
        chain: The chain that was estimated.
        discount: The rate per period.
        horizon: How many periods count; None for all there will be.
        earned: When in a period its margin is earned.
    """

    _named_by = ("stage",)

    rows: tuple[StageValue, ...]
    chain: JourneyChain
    discount: float
    horizon: int | None
    earned: str

    @property
    def values(self) -> dict[str, float]:
        """The value of a customer who has just entered each stage, where it is known."""
        return {row.stage: row.value.value for row in self.rows if row.value is not None}

    def _columns(self) -> Sequence[Column]:
        return (
            Column("stage", attrgetter("stage")),
            Column("value", _of("value", _value), in_money),
            Column("standard error", _of("value", attrgetter("standard_error")), in_money),
            Column("low", _of("value", lambda estimate: estimate.interval().low), in_money),
            Column("high", _of("value", lambda estimate: estimate.interval().high), in_money),
            Column("stock", attrgetter("stock")),
            Column("of stock", _of("of_stock", _value), in_money),
        )

    def _title(self) -> str:
        n, grain = self.horizon, self.chain.calendar.grain
        until = "for ever" if n is None else f"over {n} {grain}{'s' if n != 1 else ''}"
        return f"Value by stage {until}, discounted by {percent(self.discount)} a {grain}"


_value = attrgetter("value")


def _of(field: str, read_: Any) -> Any:
    def found(row: StageValue) -> float | None:
        estimate_ = getattr(row, field)
        return None if estimate_ is None else read_(estimate_)

    return found


@overload
def value(
    journeys: Journeys,
    *,
    margins: Mapping[str, Number],
    calendar: Calendar,
    window: Window,
    discount: float | Discount,
    horizon: int | None = None,
    earned: Literal["start", "middle", "end"] = "middle",
    memory: int = 1,
    by: None = None,
) -> ValueTable: ...
@overload
def value(
    journeys: Journeys,
    *,
    margins: Mapping[str, Number],
    calendar: Calendar,
    window: Window,
    discount: float | Discount,
    horizon: int | None = None,
    earned: Literal["start", "middle", "end"] = "middle",
    memory: int = 1,
    by: By,
) -> Groups[ValueTable]: ...
def value(  # noqa: PLR0913  (each is a term of the formula)
    journeys: Journeys,
    *,
    margins: Mapping[str, Number],
    calendar: Calendar,
    window: Window,
    discount: float | Discount,
    horizon: int | None = None,
    earned: Literal["start", "middle", "end"] = "middle",
    memory: int = 1,
    by: By | None = None,
) -> ValueTable | Groups[ValueTable]:
    """Value a customer by stage, from a chain of the journeys: lapses and ways back included.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        margins: The margin of a full period in each stage, in money, negative where it costs;
            0 in the stages that are not named.
        calendar: The periods; one is one step of the chain.
        window: The time to look at; it begins where a period does.
        discount: The discount rate per period, 0 or more; or a `clv.Discount`, which is
            brought to the period.
        horizon: How many periods count, 1 to 100,000; None for all there will ever be.
        earned: Whether the margin of a period is earned at its start, in its middle or at its
            end, which discounts it by half a period more each time.
        memory: How many states a stage becomes, as in `chain`.
        by: What to split customers by, as in `chain`.

    Returns:
        A row for each stage: the value at entry with its standard error, and that of the
        present stock. With `by`, such a table for each group.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A number is negative or not finite; `horizon` is out of bounds;
            nothing is discounted, there is no horizon, and the value has no bound; or the
            value is beyond what a float holds.
        MixedNumbersError: One margin is a `Decimal` and another a float.
        UnknownNameError: `margins` names an unknown stage, or `earned` is none of those known.
        LifecycleError: As `chain`.

    Convention:
        A margin is that of a full period in a stage, and is shared out by the time spent in
        it, so that a customer who lapses within the period earns part of it. The standard
        error is that of the probabilities alone (the delta method); margins and shares of
        time are taken as known. The interval lies within the least and the greatest margin in
        every period. Results are floats, also for `Decimal` margins.

    References:
        Pfeifer, P. E. and Carraway, R. L. (2000). Modeling customer relationships as Markov
        chains. Journal of Interactive Marketing 14(2):43-55.

    Examples:
        >>> from lifecycle import presets
        >>> shop, dates = presets.retail(), {"ann": (3, 60), "bob": (5,), "cy": (40, 95, 170)}
        >>> start = datetime(2026, 1, 1, tzinfo=UTC)
        >>> journeys = [
        ...     shop.replay(
        ...         name,
        ...         [Event("purchase", start + timedelta(days=day)) for day in days],
        ...         since=start,
        ...         until=start + timedelta(days=365),
        ...     )
        ...     for name, days in dates.items()
        ... ]
        >>> worth = value(
        ...     journeys,
        ...     margins={"new": 10, "repeat": 15},
        ...     calendar=Calendar("month"),
        ...     window=Window(start, start + timedelta(days=365)),
        ...     discount=0.01,
        ...     horizon=12,
        ... )
        >>> new = worth.row("new").value
        >>> round(new.value, 2), round(new.standard_error, 2)
        (30.36, 9.85)
    """
    grid, ages = Grid(calendar, window), _checks.whole("memory", memory, least=1)
    rate, book = float(rate_in(calendar, discount)), read(journeys, calendar)
    periods = None if horizon is None else _checks.periods("horizon", horizon, least=1)
    scale = (1 + rate) ** _EARNED[_checks.choice("earned", earned, _EARNED)]

    def make(courses: Any) -> ValueTable:
        found = estimate(book, courses, grid, ages)
        rewards = found.rewards(margins)
        worth = _Worth(found, rewards, rate, periods)
        bounds = _bounds(rewards.values(), rate, periods, scale)
        return ValueTable(
            rows=_valued(book, found, worth, scale, bounds),
            chain=found,
            discount=rate,
            horizon=periods,
            earned=earned,
        )

    return over(by, book, make)


def _bounds(margins: Iterable[float], rate: float, horizon: int | None, scale: float) -> Bounds:
    """Return what a value lies between: the least, and the greatest, margin in every period."""
    periods = math.inf if horizon is None else float(horizon)
    if rate:
        periods = -math.expm1(-periods * math.log1p(rate)) * (1 + rate) / rate
    margins = list(margins)
    ends = (scale * periods * margin if margin else 0.0 for margin in (min(margins), max(margins)))
    low, high = (end if math.isfinite(end) else None for end in ends)
    return low, high


def _valued(
    book: Book,
    chain: JourneyChain,
    worth: "_Worth",
    scale: float,
    bounds: Bounds,
) -> tuple[StageValue, ...]:
    def estimated(weights: Sequence[float]) -> Estimate | None:
        total = sum(weights)
        if not total:
            return None
        shares = [weight / total for weight in weights]
        began = sum(sum(row) for row, share in zip(chain.counts, shares, strict=True) if share)
        mean, error = worth.of(shares)
        return Estimate(
            value=scale * mean,
            standard_error=scale * error,
            n=began,
            method="delta",
            bounds=bounds,
        )

    rows = []
    for name, stage in book.stages.items():
        here = [stage_ == name for stage_, _ in chain.ages]
        entry = [float((name, 0) == age) for age in chain.ages]
        stock = [n * is_here for n, is_here in zip(chain.stock, here, strict=True)]
        rows.append(
            StageValue(
                stage=name,
                status=stage.status,
                value=estimated(entry),
                stock=sum(stock),
                of_stock=estimated(stock),
            )
        )
    return tuple(rows)


class _Worth:
    """The value of a chain and its variance: U = R + P U / (1 + d), and its derivative by P.

    A step from i to j that is a little more likely adds N(s, i) U(j) / (1 + d) to the value
    in s. The probabilities of each row are those of a multinomial of n(i) steps.
    """

    def __init__(
        self,
        chain: JourneyChain,
        rewards: Mapping[str, float],
        rate: float,
        horizon: int | None,
    ) -> None:
        self._chain, self._rate = chain, rate
        paid = [rewards[state] for state in chain.states]
        # By how many periods are left: what is still to come in each state.
        self._visits: list[list[float]] | None = None
        if horizon is None:
            self._left = [list(chain.value(rewards, discount=rate).values())]
            self._visits = self._for_ever()
        else:
            self._left = [paid]
            for _ in range(horizon - 1):
                later = self._later(self._left[-1])
                worth = map(add, paid, later)
                self._left.append(list(map(_money.held, worth)))

    def of(self, shares: Sequence[float]) -> tuple[float, float]:
        """Return the value for customers who begin in the states so, and its standard error."""
        mean = math.fsum(map(mul, shares, self._left[-1]))
        errors = []
        for row, counts, gain in zip(
            self._chain.matrix, self._chain.counts, self._gains(shares), strict=True
        ):
            if n := sum(counts):
                expected = math.fsum(map(mul, row, map(_money.held, gain)))
                spread = (math.sqrt(p) * (g - expected) for p, g in zip(row, gain, strict=True))
                errors.append(math.hypot(*spread) / math.sqrt(n))
        return mean, _money.held(math.hypot(*errors) / (1 + self._rate))

    def _gains(self, shares: Sequence[float]) -> list[list[float]]:
        """Return how much the value grows with each probability, times (1 + d)."""
        size = len(shares)
        if self._visits is not None:
            seen = [math.fsum(map(mul, shares, column)) for column in self._visits]
            return [[n * u for u in self._left[-1]] for n in seen]
        gains = [[0.0] * size for _ in range(size)]
        here = list(shares)
        for left in reversed(self._left[:-1]):
            for i, weight in enumerate(here):
                if weight:
                    gains[i] = [g + weight * u for g, u in zip(gains[i], left, strict=True)]
            moved = zip(*self._chain.matrix, strict=True)
            here = [sum(map(mul, here, inflow)) / (1 + self._rate) for inflow in moved]
        return gains

    def _for_ever(self) -> list[list[float]]:
        """Return, for each state i, how often those who begin in each state are in it.

        In a closed class where nothing is discounted that has no bound, and all its values
        are 0, so that its probabilities make no difference.
        """
        closed = {state for members in self._chain.closed_classes for state in members}
        return [
            [0.0] * len(self._chain.states)
            if not self._rate and state in closed
            else list(self._chain.value({state: 1.0}, discount=self._rate).values())
            for state in self._chain.states
        ]

    def _later(self, values: Sequence[float]) -> list[float]:
        return [sum(map(mul, row, values)) / (1 + self._rate) for row in self._chain.matrix]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class WhatIfRow:
    """What a change brings in one state.

    Attributes:
        state: The state.
        value_before: The value of a customer in it, in money.
        value_after: The value with the changed probabilities.
        stock_now: How many customers stand in it now.
        stock_before: How many are expected after the periods without the change.
        stock_after: How many with it.
    """

    state: str
    value_before: Number
    value_after: Number
    stock_now: float
    stock_before: float
    stock_after: float

    def __repr__(self) -> str:
        return call(self)

    @property
    def value_change(self) -> Number:
        """How much more a customer is worth."""
        return _money.added(self.value_after, less=[self.value_before])

    @property
    def stock_change(self) -> float:
        """How many customers more are expected."""
        return self.stock_after - self.stock_before


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class WhatIf(Table[WhatIfRow]):
    """What follows from some changed probabilities, state by state.

    Attributes:
        rows: The states.
        chain: The chain with the changes.
        periods: After how many periods the stock is given.
    """

    _named_by = ("state",)

    rows: tuple[WhatIfRow, ...]
    chain: Chain
    periods: int

    @property
    def gain(self) -> Number:
        """What the change is worth for all who stand somewhere now, in money."""
        number = _money.converter({row.state: row.value_change for row in self.rows})
        gains = (_money.times(number(row.stock_now), row.value_change) for row in self.rows)
        return _money.added(*gains)

    def _columns(self) -> Sequence[Column]:
        shown = {"value": _money.shown, "stock": "{:,.1f}".format}
        times = {"before": None, "after": None, "change": "change"}
        return (
            Column("state", attrgetter("state")),
            *(
                Column(f"{figure}_{time}", attrgetter(f"{figure}_{time}"), show, head=head)
                for figure, show in shown.items()
                for time, head in times.items()
            ),
        )

    def _title(self) -> str:
        return f"What if: value, and stock after {self.periods} periods"


def _standing(chain: Chain, stock: Mapping[str, float] | None) -> dict[str, float]:
    """Return how many customers stand in each state now."""
    known = chain.stock if isinstance(chain, JourneyChain) else [0] * len(chain.states)
    counts = known if stock is None else chain._counts("stock", stock)
    return dict(zip(chain.states, counts, strict=True))


def what_if(  # noqa: PLR0913  (a chain, a change, and what they are worth)
    chain: Chain,
    changes: Mapping[tuple[str, str], float],
    *,
    rewards: Mapping[str, Number],
    discount: float | Discount = 0.0,
    horizon: int | None = None,
    stock: Mapping[str, float] | None = None,
    periods: int = 12,
    period: str | None = None,
) -> WhatIf:
    """Say what changing some probabilities brings, in value and in stock.

    Args:
        chain: A chain, estimated or made by hand.
        changes: The new probability, 0 to 1, of each changed step from one state to another,
            by the pair of their names. The other entries of its row are rescaled in
            proportion, as in `markov.Chain.what_if`.
        rewards: The reward of a period in each state, as in `markov.Chain.value`; those of an
            estimated chain are `chain.rewards(margins)`.
        discount: The discount rate per period, 0 or more; or a `clv.Discount`, which is
            brought to the period.
        horizon: How many periods count, 1 to 100,000; None for all there will ever be.
        stock: How many customers stand in each state now; those of an estimated chain unless
            told, and nobody in one made by hand.
        periods: After how many periods to compare the stock, 0 to 100,000.
        period: The unit of time that a period is, such as "month"; needed with a `Discount`,
            unless the chain is an estimated one, which has a calendar.

    Returns:
        A row for each state.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A number is out of its bounds, or the value has none.
        UnknownNameError: A mapping names a state that the chain does not have.

    Convention:
        The reward of the present period comes now, undiscounted, as in `markov.Chain.value`:
        that is `value` with `earned="start"`. A `horizon` of n has n rewards, as in `value`,
        where `markov.Chain.value` has n + 1.

    Examples:
        >>> from lifecycle.metrics.markov import Chain
        >>> chain = Chain(
        ...     ["buyer", "lapsed", "lost"],
        ...     [[0.8, 0.2, 0], [0.05, 0.75, 0.2], [0, 0, 1]],
        ... )
        >>> found = what_if(
        ...     chain, {("lapsed", "buyer"): 0.08}, rewards={"buyer": 12.0}, stock={"lapsed": 500}
        ... )
        >>> round(found.row("lapsed").value_change, 2), round(found.gain, 2)
        (9.78, 4891.3)
    """
    _checks.instance("chain", chain, Chain)
    after = chain.what_if(changes)
    rate = chain._rate(discount, period)
    paid: Any = rewards
    ahead = _checks.periods("periods", periods, least=0)
    last = None if horizon is None else _checks.periods("horizon", horizon, least=1) - 1
    now = _standing(chain, stock)
    values = [each.value(paid, discount=rate, periods=last) for each in (chain, after)]
    stocks = [each.project(now, periods=ahead).at(ahead) for each in (chain, after)]
    rows = (
        WhatIfRow(
            state=state,
            value_before=values[0][state],
            value_after=values[1][state],
            stock_now=now[state],
            stock_before=stocks[0][state],
            stock_after=stocks[1][state],
        )
        for state in chain.states
    )
    return WhatIf(rows=tuple(rows), chain=after, periods=ahead)
