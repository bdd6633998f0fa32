"""What customers are worth, by the stage in which they are."""

import math
from collections.abc import Iterable, Mapping, Sequence
from operator import add, attrgetter, mul
from typing import Any, Literal

import attrs

from lifecycle import _checks, _money
from lifecycle._activity import Grid
from lifecycle._checks import Number
from lifecycle._discounts import Discount, rate_in
from lifecycle._tables import Column, Table, many, percent
from lifecycle._values import call
from lifecycle.engine.stages import Status
from lifecycle.insights._population import Population
from lifecycle.insights._revenue import in_money
from lifecycle.insights.chains import JourneyChain, chain
from lifecycle.rates import Bounds, Estimate

__all__ = ["StageValue", "ValueTable"]

_EARNED = {"start": 0.0, "middle": -0.5, "end": -1.0}
"""When in a period its margin is earned: s = (1 + d) to this power."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class StageValue:
    """What a customer is worth in one stage.

    Attributes:
        stage: The name of the stage.
        status: What the stage means.
        value: The value of a customer who has just entered it, with its standard error; None
            where no step of the chain begins there.
        stock: How many customers are in it at the last boundary.
        of_stock: The mean value of those, by how long they have been there; None where nobody
            is there.
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
        periods: How many periods count; None for an infinite horizon.
        earned: When in a period its margin is earned.
    """

    _named_by = ("stage",)

    rows: tuple[StageValue, ...]
    chain: JourneyChain
    discount: float
    periods: int | None
    earned: str

    @property
    def values(self) -> dict[str, float]:
        """The value of a customer who has just entered each stage, where it is known."""
        return {row.stage: row.value.value for row in self.rows if row.value is not None}

    def _columns(self) -> Sequence[Column]:
        return (
            Column("stage", str, attrgetter("stage")),
            Column("value", float, _of("value", _value), in_money),
            Column("standard_error", float, _of("value", attrgetter("standard_error")), in_money),
            Column("low", float, _of("value", lambda found: found.interval().low), in_money),
            Column("high", float, _of("value", lambda found: found.interval().high), in_money),
            Column("stock", int, attrgetter("stock")),
            Column("of_stock", float, _of("of_stock", _value), in_money),
        )

    def _title(self) -> str:
        n, grain = self.periods, self.chain.calendar.grain
        over_ = "an infinite horizon" if n is None else many(n, grain)
        stock = many(sum(row.stock for row in self.rows), "customer")
        rate = f"discounted by {percent(self.discount)} a {grain}"
        return f"Value by stage over {over_}, {rate}: {stock}"


_value = attrgetter("value")


def _of(field: str, read_: Any) -> Any:
    def found(row: StageValue) -> float | None:
        estimate_ = getattr(row, field)
        return None if estimate_ is None else read_(estimate_)

    return found


def value(  # noqa: PLR0913  (each is a term of the formula)
    population: Population,
    grid: Grid,
    *,
    margins: Mapping[str, Number],
    discount: float | Discount,
    periods: int | None,
    earned: Literal["start", "middle", "end"],
    memory: int,
) -> ValueTable:
    """Value a customer by stage, from a chain of the journeys."""
    rate = float(rate_in(grid.calendar, discount))
    counted = None if periods is None else _checks.periods("periods", periods, least=1)
    scale = (1 + rate) ** _EARNED[_checks.choice("earned", earned, _EARNED)]
    found = chain(population, grid, memory)
    rewards = found.rewards(margins)
    worth = _ChainValue(found, rewards, rate, counted)
    bounds = _bounds(rewards.values(), rate, counted, scale)
    return ValueTable(
        rows=_valued(population, found, worth, scale, bounds),
        chain=found,
        discount=rate,
        periods=counted,
        earned=earned,
    )


def _bounds(margins: Iterable[float], rate: float, periods: int | None, scale: float) -> Bounds:
    """Return the bounds of a value: the least, and the greatest, margin in every period."""
    weight = math.inf if periods is None else float(periods)
    if rate:
        weight = -math.expm1(-weight * math.log1p(rate)) * (1 + rate) / rate
    margins = list(margins)
    ends = (scale * weight * margin if margin else 0.0 for margin in (min(margins), max(margins)))
    low, high = (end if math.isfinite(end) else None for end in ends)
    return low, high


def _valued(
    population: Population,
    chain: JourneyChain,
    worth: "_ChainValue",
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
    for name, stage in population.stages.items():
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


class _ChainValue:
    """The value of a chain and its variance: U = R + P U / (1 + d), and its derivative by P.

    A step from i to j that is a little more likely adds N(s, i) U(j) / (1 + d) to the value
    in s. The probabilities of each row are those of a multinomial of n(i) steps.
    """

    def __init__(
        self,
        chain: JourneyChain,
        rewards: Mapping[str, float],
        rate: float,
        periods: int | None,
    ) -> None:
        self._chain, self._rate = chain, rate
        paid = [rewards[state] for state in chain.states]
        # By how many periods are left: what is still to come in each state.
        self._visits: list[list[float]] | None = None
        if periods is None:
            self._left = [list(chain.value(rewards, discount=rate).values())]
            self._visits = self._infinite_visits()
        else:
            self._left = [paid]
            for _ in range(periods - 1):
                later = self._later(self._left[-1])
                worth = map(add, paid, later)
                self._left.append(list(map(_money.held, worth)))

    def of(self, shares: Sequence[float]) -> tuple[float, float]:
        """Return the value for customers with these shares of states, and its standard error."""
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

    def _infinite_visits(self) -> list[list[float]]:
        """Return, for each state i, how often those who begin in each state are in it.

        Without a discount that is infinite in a closed class, whose values are all 0, so that
        its probabilities make no difference.
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
