"""What a change of some probabilities of a chain would bring, in value and in stock."""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import attrs

from lifecycle import _checks, _money
from lifecycle._checks import Number
from lifecycle._discounts import Discount
from lifecycle._tables import Column, Table, many
from lifecycle._values import call
from lifecycle.insights.chains import JourneyChain
from lifecycle.metrics.markov import Chain

__all__ = ["WhatIfRow", "WhatIfTable", "what_if"]

_STOCK_PERIODS = 12
"""After how many periods the stock is compared where the value has an infinite horizon."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class WhatIfRow:
    """The effect of a change in one state.

    Attributes:
        state: The state.
        value_before: The value of a customer in it, in money.
        value_after: The value with the changed probabilities.
        stock_now: How many customers are in it now.
        stock_before: How many are expected in it later without the change.
        stock_after: How many are expected in it later with the change.
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
class WhatIfTable(Table[WhatIfRow]):
    """The effect of changed probabilities on value and stock, by state.

    Attributes:
        rows: The states.
        chain: The chain with the changes.
        periods: How many periods count in the value; None for an infinite horizon.
        stock_periods: After how many periods the later stock is given.
    """

    _named_by = ("state",)

    rows: tuple[WhatIfRow, ...]
    chain: Chain
    periods: int | None
    stock_periods: int

    @property
    def gain(self) -> Number:
        """What the change is worth for all customers there are now, in money."""
        number = _money.converter({row.state: row.value_change for row in self.rows})
        gains = (_money.times(number(row.stock_now), row.value_change) for row in self.rows)
        return _money.added(*gains)

    def _columns(self) -> Sequence[Column]:
        shown = {"value": (Number, _money.shown), "stock": (float, "{:,.1f}".format)}
        times = {"before": None, "after": None, "change": "change"}
        return (
            Column("state", str, attrgetter("state")),
            *(
                Column(f"{figure}_{time}", kind, attrgetter(f"{figure}_{time}"), show, head=head)
                for figure, (kind, show) in shown.items()
                for time, head in times.items()
            ),
        )

    def _title(self) -> str:
        horizon = "an infinite horizon" if self.periods is None else many(self.periods, "period")
        later = many(self.stock_periods, "period")
        stock = many(sum(row.stock_now for row in self.rows), "customer")
        return f"What if: value over {horizon}, stock after {later}, {stock}"


def _standing(chain: Chain, stock: Mapping[str, float] | None) -> dict[str, float]:
    """Return how many customers are in each state now."""
    known = chain.stock if isinstance(chain, JourneyChain) else [0] * len(chain.states)
    counts = known if stock is None else chain._counts("stock", stock)
    return dict(zip(chain.states, counts, strict=True))


def what_if(  # noqa: PLR0913  (a chain, a change, and what they are worth)
    chain: Chain,
    changes: Mapping[tuple[str, str], float],
    *,
    rewards: Mapping[str, Number],
    discount: float | Discount = 0.0,
    periods: int | None = None,
    stock: Mapping[str, float] | None = None,
    stock_periods: int | None = None,
    period: str | None = None,
) -> WhatIfTable:
    """Compute the effect of changed probabilities on value and stock.

    Args:
        chain: A chain, estimated or made by hand.
        changes: The new probability, 0 to 1, of each changed step from one state to another,
            by the pair of their names. The other entries of its row are rescaled in
            proportion, as in `markov.Chain.what_if`.
        rewards: The reward of a period in each state, as in `markov.Chain.value`; those of an
            estimated chain are `chain.rewards(margins)`.
        discount: The discount rate per period, 0 or more; or a `clv.Discount`, which is
            converted to the period.
        periods: How many periods count in the value, 1 to 100,000; None for an infinite
            horizon.
        stock: How many customers are in each state now; by default those of an estimated
            chain, and nobody in one made by hand.
        stock_periods: After how many periods to compare the stock, 0 to 100,000; by default
            `periods`, and 12 where that is None.
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
        that is `value` with `earned="start"`. `periods=n` has n rewards, as in `value`,
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
    counted = None if periods is None else _checks.periods("periods", periods, least=1)
    later = (counted or _STOCK_PERIODS) if stock_periods is None else stock_periods
    ahead = _checks.periods("stock_periods", later, least=0)
    last = None if counted is None else counted - 1
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
    return WhatIfTable(rows=tuple(rows), chain=after, periods=counted, stock_periods=ahead)
