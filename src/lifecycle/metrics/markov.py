"""Markov chains of customers: where they go, how long it takes, and what they are worth.

Whatever looks into an endless future solves, for the states i that are kept,

    out(i) x(i) = load(i) + sum over j of flow(i, j) x(j),

where out(i) is all that leaves i, for another state that is kept or for good. The states are
taken out of the chain one by one, and the flows of each are passed on to those that remain
(Grassmann, Taksar & Heyman 1985). Flows are added, multiplied and divided and never subtracted,
so that no digits cancel, however rarely a state is left, and no pivoting is needed.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain as chained
from operator import itemgetter, mul
from typing import Any, TypeVar

import attrs

from lifecycle import _checks, _money
from lifecycle._discounts import Discount, Share, rate_per
from lifecycle._tables import Column, Table, many
from lifecycle._values import call
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics._bit_sets import bits

__all__ = ["Chain", "ProjectionTable"]

Money = TypeVar("Money", float, Decimal)

_TOLERANCE = 1e-9
"""How far the probabilities of a row may be from a sum of 1."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class Chain(Table[tuple[Any, ...]]):
    """A Markov chain: where customers are next period depends on where they are now.

    Args:
        states: The names of the states, each once.
        matrix: One row for each state, in their order: the probabilities, 0 to 1, of being
            in each of the states one period later.

    Raises:
        InvalidTypeError: A name is not text, or a probability is not a number.
        InvalidValueError: There is no state, or one is named twice; the matrix is not square;
            a probability is outside 0 to 1; or a row does not sum to 1 within 1e-9.

    Convention:
        A row is where customers come from, as in Pfeifer & Carraway; texts that put that in
        columns have the transpose. What a row lacks to a sum of 1 by rounding is spread over
        its entries in proportion. n states have n^2 probabilities; values, expected times,
        absorption and steady states solve n equations, which takes n^3 steps.

    References:
        Pfeifer, P. E. & Carraway, R. L. (2000). Modeling customer relationships as Markov
        chains. Journal of Interactive Marketing 14(2):43-55.

    Examples:
        >>> chain = Chain(
        ...     ["active", "lapsed", "churned"],
        ...     [[0.8, 0.2, 0], [0.3, 0.3, 0.4], [0, 0, 1]],
        ... )
        >>> print(chain)
        Chain of 3 states
        from     active  lapsed  churned
        active      0.8     0.2        0
        lapsed      0.3     0.3      0.4
        churned       0       0        1
    """

    _named_by = ("from",)

    states: tuple[str, ...]
    matrix: tuple[tuple[float, ...], ...]

    def __init__(self, states: Iterable[str], matrix: Iterable[Iterable[float]]) -> None:
        names = _checks.names("states", states)
        if not names:
            raise InvalidValueError("states", names, "name at least one state")
        self.__attrs_init__(states=names, matrix=_square(names, matrix))

    def __repr__(self) -> str:
        return call(self, "states", "matrix")

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The rows, in the order in which they are shown."""
        return [(state, *row) for state, row in zip(self.states, self.matrix, strict=True)]

    def _columns(self) -> Sequence[Column]:
        return [
            Column("from", str, itemgetter(0)),
            *(
                Column(state, float, itemgetter(j), show="{:.4g}".format, shade=itemgetter(j))
                for j, state in enumerate(self.states, start=1)
            ),
        ]

    def _title(self) -> str:
        return f"Chain of {many(len(self.states), 'state')}"

    @property
    def closed_classes(self) -> tuple[tuple[str, ...], ...]:
        """The sets of states that lead to one another and to no other state.

        An absorbing state is a closed class of its own. A chain has at least one; the states
        that are in none are transient: customers leave them for good sooner or later.
        """
        return tuple(tuple(self.states[i] for i in closed) for closed in self._closed())

    @_money.in_own_context
    def value(
        self,
        rewards: Mapping[str, Money],
        *,
        discount: Share | Discount,
        periods: int | None = None,
        period: str | None = None,
    ) -> dict[str, Money]:
        """Return what a customer is worth, for each state in which they may be now.

        The sum over t = 0, ..., periods of P^t r / (1 + discount)^t: the reward of the present
        state comes now, undiscounted, and `periods` more follow.

        Args:
            rewards: The reward of a period in each state, in money, negative where it costs;
                0 in the states that are not named.
            discount: The discount rate per period, 0 or more; or a `clv.Discount`.
            periods: How many periods ahead rewards count, 0 to 100,000: n periods have n + 1
                rewards, that of the present state among them; None for an infinite horizon.
            period: The unit of time that a period is, such as "month"; needed with a
                `Discount`, unless the chain has a calendar.

        Returns:
            The expected present value in each state, in money: a `Decimal` where the rewards
            are, else a float.

        Raises:
            InvalidTypeError: A reward or the discount is not a number, `periods` is not whole, or
                `discount` is a `Discount` without `period`.
            InvalidValueError: A number is not finite; `discount` or `periods` is negative, or
                `periods` above 100,000; or a closed class has a reward while nothing is
                discounted and `periods` is None, so that the value has no bound.
            MixedNumbersError: One reward is a `Decimal` and another a float.
            UnknownNameError: `rewards` names a state that the chain does not have, or `period`
                is not a unit of time.

        Convention:
            Pfeifer & Carraway count the reward at t = 0 besides those of n periods, so that
            `periods=n` has n + 1 rewards; `CustomerBase.value(periods=n)`, `insights.what_if` and
            `clv.geometric(..., first_margin="now", periods=n)` have n. Others let the first
            reward come after one period: take `value - reward` of each state.

        References:
            Pfeifer & Carraway (2000): the sum of (1 + d)^-t P^t R over t = 0, ..., T; and
            (I - P / (1 + d))^-1 R over an infinite horizon.

        Examples:
            >>> chain = Chain(["active", "churned"], [[0.8, 0.2], [0, 1]])
            >>> round(chain.value({"active": 100}, discount=0.1)["active"], 2)
            366.67
            >>> round(chain.value({"active": 100}, discount=0.1, periods=1)["active"], 2)
            172.73
        """
        given = self._given("rewards", rewards)
        number = _money.converter(given)
        paid = [number(reward) for reward in given.values()]
        rate = number(self._rate(discount, period))
        if periods is None:
            return self._named(self._value_without_end(paid, rate, number))
        worth, flows = paid, self._flows(number)
        for _ in range(_checks.periods("periods", periods, least=0)):
            later = [sum(map(mul, row, worth)) / (1 + rate) for row in flows]
            worth = [now + then for now, then in zip(paid, later, strict=True)]
        return self._named(_held(worth))

    def project(self, counts: Mapping[str, float], *, periods: int) -> "ProjectionTable":
        """Return how many customers are expected in each state, period by period.

        Args:
            counts: How many customers are in each state now, 0 or more, fractions allowed;
                0 in the states that are not named.
            periods: How many periods to look ahead, 0 to 100,000.

        Returns:
            A row for each period from 0, which is now, to `periods`. All rows have one sum.

        Raises:
            InvalidTypeError: A count is not a number, or `periods` is not whole.
            InvalidValueError: A count is negative or not finite, or `periods` is out of bounds.
            UnknownNameError: `counts` names a state that the chain does not have.

        Examples:
            >>> chain = Chain(["active", "churned"], [[0.75, 0.25], [0, 1]])
            >>> print(chain.project({"active": 1000}, periods=2))
            Projection over 2 periods
            period   active  churned
                 0  1,000.0      0.0
                 1    750.0    250.0
                 2    562.5    437.5
        """
        rows = [self._counts("counts", counts)]
        inflows = list(zip(*self._flows(float), strict=True))
        for _ in range(_checks.periods("periods", periods, least=0)):
            rows.append([sum(map(mul, rows[-1], inflow)) for inflow in inflows])
        return ProjectionTable(states=self.states, counts=tuple(tuple(_held(row)) for row in rows))

    def absorption(self) -> dict[str, dict[str, float]]:
        """Return where customers end: for each state, the probability of each closed class.

        Returns:
            For every state, the probabilities, which sum to 1, by closed class. An absorbing
            state goes by its name; a closed class of several states goes by their names
            joined with " + ", in the order of the chain.

        References:
            Kemeny, J. G. & Snell, J. L. (1960). Finite Markov Chains, theorem 3.3.7.

        Examples:
            >>> chain = Chain(
            ...     ["trial", "active", "cancelled"],
            ...     [[0.5, 0.2, 0.3], [0, 1, 0], [0, 0, 1]],
            ... )
            >>> {end: round(p, 4) for end, p in chain.absorption()["trial"].items()}
            {'active': 0.4, 'cancelled': 0.6}
        """
        ends, closed, transient = self._ends(), self._closed(), self._transient()
        flows = self._flows(float)
        shares = {i: [float(i in members) for members in closed] for i in range(len(flows))}
        loads = [[sum(flows[i][j] for j in members) for members in closed] for i in transient]
        shares |= zip(transient, _solved(flows, transient, loads), strict=True)
        return self._named([dict(zip(ends, shares[i], strict=True)) for i in range(len(flows))])

    def expected_time(self, *, to: str | Iterable[str]) -> dict[str, float | None]:
        """Return how many periods pass on average until customers first reach a state.

        Args:
            to: The state, or several of which the first that is reached counts.

        Returns:
            The expected number of periods from each state: 0 in `to` itself, and None where
            it is not certain that it is ever reached, so that the mean has no bound.

        Raises:
            InvalidTypeError: `to` is not text and no tuple of names.
            InvalidValueError: `to` names no state, or one twice; or the time is beyond what a
                float holds.
            UnknownNameError: `to` names a state that the chain does not have.

        Convention:
            The mean over everyone, who must all get there. A mean over those who do, where
            some never will, is another quantity.

        References:
            Kemeny & Snell (1960), theorem 3.3.5.

        Examples:
            >>> chain = Chain(["active", "churned"], [[0.75, 0.25], [0, 1]])
            >>> chain.expected_time(to="churned")
            {'active': 4.0, 'churned': 0.0}
        """
        goal = self._indices("to", to)
        flows = self._flows(float)
        links = [0 if i in goal else row for i, row in enumerate(_links(flows))]
        reach = _reachable(links)
        arrives = [any(reach[i] >> j & 1 for j in goal) for i in range(len(flows))]
        surely = [i for i in range(len(flows)) if all(arrives[j] for j in bits(reach[i]))]
        away = [i for i in surely if i not in goal]
        times = _solved(flows, away, [[1.0] for _ in away])
        found: dict[int, float | None] = dict.fromkeys(goal, 0.0)
        found |= {i: time for i, (time,) in zip(away, times, strict=True)}
        return self._named([found.get(i) for i in range(len(flows))])

    def steady_state(self) -> dict[str, float]:
        """Return the shares of customers in each state after very many periods.

        It does not matter where they began: every customer ends in the one closed class, and
        the states outside it have a share of 0.

        Returns:
            The share of each state; they sum to 1, and one more period does not change them.

        Raises:
            InvalidValueError: There is no steady state. Either several closed classes remain,
                so that it matters where customers began (the chain is reducible; see
                `absorption`), or the closed class is periodic, so that shares go round.

        Convention:
            A periodic chain has shares that a period does not change, to which it never
            comes, and which some report as its steady state; so does a chain with several
            closed classes, and not only one such set.

        References:
            Grassmann, W. K., Taksar, M. I. & Heyman, D. P. (1985). Regenerative analysis and
            steady state distributions for Markov chains. Operations Research 33:1107-1116.

        Examples:
            >>> chain = Chain(["active", "paused"], [[0.9, 0.1], [0.3, 0.7]])
            >>> {state: round(share, 4) for state, share in chain.steady_state().items()}
            {'active': 0.75, 'paused': 0.25}
        """
        closed, *others = self._closed()
        if others:
            expected = "have one closed class for a steady state (this one is reducible)"
            raise InvalidValueError("matrix", self.closed_classes, expected)
        flows = self._flows(float)
        period = _period(_links(flows), closed[0])
        if period > 1:
            expected = f"have no closed class of period {period} for a steady state"
            raise InvalidValueError("matrix", self.closed_classes[0], expected)
        shares = dict(zip(closed, _stationary(flows, closed), strict=True))
        return self._named([shares.get(i, 0.0) for i in range(len(flows))])

    def what_if(self, changes: Mapping[tuple[str, str], float]) -> "Chain":
        """Return the chain with some probabilities changed, to see what follows from it.

        The other entries of a changed row share what remains in proportion to what they were.

        Args:
            changes: The new probability, 0 to 1, of each changed step from one state to
                another, by the pair of their names; a row may have several.

        Returns:
            Another chain of the same states.

        Raises:
            InvalidTypeError: `changes` is not a mapping from pairs of names to numbers.
            InvalidValueError: A probability is outside 0 to 1; those of a row sum to more than
                1; or they sum to less and every other entry of the row is 0.
            UnknownNameError: A pair names a state that the chain does not have.

        Convention:
            Spreadsheets often take the difference from the diagonal or the last column alone.
            Name that entry too, and no other entry moves.

        Examples:
            >>> chain = Chain(
            ...     ["active", "lapsed", "churned"],
            ...     [[0.8, 0.1, 0.1], [0.25, 0.25, 0.5], [0, 0, 1]],
            ... )
            >>> better = chain.what_if({("lapsed", "active"): 0.4})
            >>> [round(p, 4) for p in better.matrix[1]]
            [0.4, 0.2, 0.4]
        """
        rows: dict[str, Iterable[float]] = dict(zip(self.states, self.matrix, strict=True))
        for source, steps in self._by_source(changes).items():
            rows[source] = self._rescaled(source, steps)
        return Chain(self.states, rows.values())

    def _value_without_end(
        self, paid: list[Any], rate: Any, number: Callable[..., Any]
    ) -> list[Any]:
        """Solve (1 + d) x = (1 + d) r + P x; undiscounted, a closed class must be worth 0."""
        for members, end in zip(self._closed(), self._ends(), strict=True):
            if not rate and any(paid[i] for i in members):
                expected = (
                    f"be above 0 over an infinite horizon, as closed class {end!r} has a reward"
                )
                raise InvalidValueError("discount", rate, expected)
        kept = list(range(len(paid))) if rate else self._transient()
        loads = [[(1 + rate) * paid[i]] for i in kept]
        solved = zip(kept, _solved(self._flows(number), kept, loads, leak=rate), strict=True)
        worth = {i: value for i, (value,) in solved}
        return [worth.get(i, number(0)) for i in range(len(paid))]

    def _rate(self, discount: Share | Discount, period: str | None) -> Any:
        """Return the rate of discount per period of the chain."""
        return rate_per("discount", discount, period)

    def _flows(self, number: Callable[..., Any]) -> list[list[Any]]:
        """Return the rows in a kind of number, each divided by its sum."""
        totals = [number(math.fsum(row)) for row in self.matrix]
        rows = zip(self.matrix, totals, strict=True)
        return [[number(p) / total for p in row] for row, total in rows]

    def _closed(self) -> list[tuple[int, ...]]:
        """Return the closed classes: those whose states all reach the same states, themselves."""
        reach = _reachable(_links(self.matrix))
        distinct = dict.fromkeys(reach)
        closed = (seen for seen in distinct if all(reach[j] == seen for j in bits(seen)))
        return [tuple(bits(members)) for members in closed]

    def _ends(self) -> list[str]:
        return [" + ".join(names) for names in self.closed_classes]

    def _transient(self) -> list[int]:
        recurrent = set(chained(*self._closed()))
        return [i for i in range(len(self.states)) if i not in recurrent]

    def _indices(self, argument: str, given: str | Iterable[str]) -> set[int]:
        names = _checks.names(argument, (given,) if isinstance(given, str) else given)
        if not names:
            raise InvalidValueError(argument, names, "name at least one state")
        return {self.states.index(_checks.choice(argument, name, self.states)) for name in names}

    def _given(self, argument: str, amounts: Mapping[str, Any]) -> dict[str, Any]:
        """Return the amount of every state, 0 where none is given, by the path to it."""
        if not isinstance(amounts, Mapping):
            raise InvalidTypeError(argument, amounts, "be a mapping from states to numbers")
        for state in amounts:
            _checks.choice(f"{argument} key", state, self.states)
        return {f"{argument}[{state!r}]": amounts.get(state, 0) for state in self.states}

    def _counts(self, argument: str, counts: Mapping[str, Any]) -> list[float]:
        given = self._given(argument, counts)
        return [float(_not_negative(path, count)) for path, count in given.items()]

    def _named(self, values: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self.states, values, strict=True))

    def _by_source(self, changes: Mapping[Any, float]) -> dict[str, dict[str, float]]:
        """Return the changed probabilities of each changed row, by target."""
        if not isinstance(changes, Mapping):
            raise InvalidTypeError("changes", changes, "be a mapping from pairs of states")
        found: dict[str, dict[str, float]] = {}
        for step, p in changes.items():
            if not isinstance(step, tuple) or len(step) != 2:  # noqa: PLR2004  (from, to)
                raise InvalidTypeError("changes key", step, "be a pair of states, from and to")
            source, target = (_checks.choice("changes key", name, self.states) for name in step)
            found.setdefault(source, {})[target] = _probability(f"changes[{step!r}]", p)
        return found

    def _rescaled(self, source: str, steps: Mapping[str, float]) -> list[float]:
        row = dict(zip(self.states, self.matrix[self.states.index(source)], strict=True))
        rest = 1 - math.fsum(steps.values())
        others = math.fsum(p for target, p in row.items() if target not in steps)
        argument = f"changes from {source!r}"
        if rest < -_TOLERANCE:
            raise InvalidValueError(argument, dict(steps), "sum to at most 1")
        if rest > _TOLERANCE and not others:
            expected = "sum to 1, as there is no other way out of this state to take the rest"
            raise InvalidValueError(argument, dict(steps), expected)
        scale = max(rest, 0.0) / others if others else 0.0
        return [steps.get(target, scale * p) for target, p in row.items()]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class ProjectionTable(Table[tuple[Any, ...]]):
    """How many customers are in each state, period by period.

    Attributes:
        states: The names of the states.
        counts: For each period from 0, the expected counts in the order of the states.
    """

    _named_by = ("period",)

    states: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]

    def at(self, period: int) -> dict[str, float]:
        """Return the expected counts of one period, by state.

        Args:
            period: The number of the period; 0 is now.

        Raises:
            InvalidTypeError: `period` is not whole.
            InvalidValueError: `period` is negative, or beyond the projection.

        Examples:
            >>> chain = Chain(["active", "churned"], [[0.75, 0.25], [0, 1]])
            >>> chain.project({"active": 1000}, periods=12).at(1)
            {'active': 750.0, 'churned': 250.0}
        """
        row = _checks.whole("period", period, least=0)
        if row >= len(self.counts):
            raise InvalidValueError("period", period, f"be at most {len(self.counts) - 1}")
        return dict(zip(self.states, self.counts[row], strict=True))

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]:
        """The rows, in the order in which they are shown."""
        return [(period, *counts) for period, counts in enumerate(self.counts)]

    def _columns(self) -> Sequence[Column]:
        counts = [
            Column(state, float, itemgetter(j), show="{:,.1f}".format)
            for j, state in enumerate(self.states, start=1)
        ]
        return [Column("period", int, itemgetter(0)), *counts]

    def _title(self) -> str:
        return f"Projection over {many(len(self.counts) - 1, 'period')}"


def _square(states: tuple[str, ...], matrix: Iterable[Iterable[float]]) -> tuple[Any, ...]:
    rows = _items("matrix", matrix, len(states))
    return tuple(_row(states, state, row) for state, row in zip(states, rows, strict=True))


def _row(states: tuple[str, ...], state: str, row: Iterable[float]) -> tuple[float, ...]:
    argument = f"matrix[{state!r}]"
    entries = zip(states, _items(argument, row, len(states)), strict=True)
    found = tuple(_probability(f"{argument}[{target!r}]", p) for target, p in entries)
    if abs(math.fsum(found) - 1) > _TOLERANCE:
        raise InvalidValueError(argument, found, f"sum to 1, not {math.fsum(found)!r}")
    return found


def _items(argument: str, given: object, length: int) -> tuple[Any, ...]:
    expected = f"have {length} {'entry' if length == 1 else 'entries'}, one for each state"
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise InvalidTypeError(argument, given, expected)
    found = tuple(given)
    if len(found) != length:
        raise InvalidValueError(argument, found, expected)
    return found


def _probability(argument: str, value: object) -> float:
    found = float(_checks.number(argument, value))
    if not 0 <= found <= 1:
        raise InvalidValueError(argument, value, "be between 0 and 1")
    return found


def _not_negative(argument: str, value: object) -> Any:
    found = _checks.number(argument, value)
    if found < 0:
        raise InvalidValueError(argument, value, "be at least 0")
    return found


def _held(values: Iterable[Any]) -> list[Any]:
    """Return the values, if all are within what a float holds."""
    return [_money.held(value) for value in values]


# Which states lead to which: a set of states is an int that has their bits.


def _links(flows: Iterable[Iterable[float]]) -> list[int]:
    return [sum(1 << j for j, p in enumerate(row) if p) for row in flows]


def _reachable(links: list[int]) -> list[int]:
    """Return which states each one can come to, itself included (Warshall 1962)."""
    reach = [link | 1 << i for i, link in enumerate(links)]
    for k in range(len(reach)):
        beyond = reach[k]
        reach = [seen | beyond if seen >> k & 1 else seen for seen in reach]
    return reach


def _period(links: list[int], first: int) -> int:
    """Return the greatest common divisor of the lengths of the cycles through a state."""
    depth = {first: 0}
    for i in (queue := [first]):
        fresh = [j for j in bits(links[i]) if j not in depth]
        depth |= dict.fromkeys(fresh, depth[i] + 1)
        queue += fresh
    return math.gcd(*(depth[i] + 1 - depth[j] for i in queue for j in bits(links[i])))


# Taking states out of the chain, which the module's docstring explains. A state is a list: what
# leaves it for good, then its loads, then its flows to the states that are still there.


def _solved(
    flows: list[list[Any]], kept: Sequence[int], loads: list[list[Any]], leak: Any = 0
) -> list[list[Any]]:
    """Return x of the module's docstring for the states that are kept, one x for each load.

    `leak` leaves each state for good, and so do its flows to the states that are not kept.
    """
    away = set(range(len(flows))) - set(kept)
    states = [
        [leak + sum(flows[i][j] for j in away), *load, *(flows[i][j] for j in kept)]
        for i, load in zip(kept, loads, strict=True)
    ]
    heads = 1 + len(loads[0]) if loads else 1
    found: list[list[Any]] = [[] for _ in range(1, heads)]
    for state, out, _ in reversed(list(_taken_out(states, heads))):
        for load, x in zip(state[1:heads], found, strict=True):
            x.append((load + sum(map(mul, state[heads:], x))) / out)
    return [_held(values) for values in zip(*found, strict=True)]


def _stationary(flows: list[list[Any]], members: Sequence[int]) -> list[float]:
    """Return the shares of a closed class: how often each state is seen for the first one."""
    states = [[0.0, *(flows[i][j] for j in members)] for i in members]
    seen: list[float] = []
    for _, _, shares in reversed(list(_taken_out(states, heads=1))):
        seen.append(sum(map(mul, seen, shares)) if seen else 1.0)
    total = sum(seen)
    return _held(value / total for value in seen)


def _taken_out(states: list[list[Any]], heads: int) -> Iterator[tuple[list[Any], Any, list[Any]]]:
    """Yield each state as it is taken out, the last one first: itself, its out, shares into it.

    The share of i is the flow from i into the state, divided by all that leaves the state; with
    it i takes over what the state has.
    """
    while states:
        state = states.pop()
        state.pop()  # what stays in it
        out = (state[0] + sum(state[heads:])) or math.nan  # 0 where a float has no smaller number
        shares = [other.pop() / out for other in states]
        for i, share in enumerate(shares):
            if share:
                states[i] = [a + share * b for a, b in zip(states[i], state, strict=True)]
        yield state, out, shares
