"""Laws of Markov chains of customers."""

import math
import random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifecycle.errors import InvalidValueError
from lifecycle.metrics.markov import Chain


@st.composite
def chains(draw: st.DrawFn, least: int = 1, most: int = 6) -> Chain:
    n = draw(st.integers(least, most))
    weights = st.lists(st.sampled_from((0, 0, 1, 2, 3, 50)), min_size=n, max_size=n)
    rows = [draw(weights.filter(any)) for _ in range(n)]
    return Chain([f"s{i}" for i in range(n)], [[x / sum(row) for x in row] for row in rows])


rates = st.floats(0.01, 2)
amounts = st.integers(-1000, 1000)


def per_state(chain: Chain, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(dict.fromkeys(chain.states, values))


def stepped(chain: Chain, shares: dict[str, float]) -> dict[str, float]:
    return chain.project(shares, periods=1).at(1)


@given(st.data(), chains(), rates, st.integers(0, 12))
def test_value_is_the_sum_of_the_discounted_projections(
    data: st.DataObject, chain: Chain, rate: float, periods: int
) -> None:
    """Chain value = sum over t of the expected rewards at t, discounted by (1 + d)^t."""
    rewards = data.draw(per_state(chain, amounts))
    worth = chain.value(rewards, discount=rate, periods=periods)
    for state in chain.states:
        projection = chain.project({state: 1}, periods=periods)
        expected = math.fsum(
            count * rewards[target] / (1 + rate) ** t
            for t in range(periods + 1)
            for target, count in projection.at(t).items()
        )
        assert worth[state] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.data(), chains(), rates)
def test_a_finite_value_tends_to_the_infinite_one(
    data: st.DataObject, chain: Chain, rate: float
) -> None:
    """The value up to a periods differs from the whole by no more than all that is left out."""
    rewards = data.draw(per_state(chain, amounts))
    whole = chain.value(rewards, discount=rate)
    for periods in (0, 5, 100):
        left_out = 1000 / rate / (1 + rate) ** periods
        part = chain.value(rewards, discount=rate, periods=periods)
        for state in chain.states:
            assert abs(whole[state] - part[state]) <= left_out * (1 + 1e-9) + 1e-9


@given(st.data(), chains(), st.integers(0, 30))
def test_projections_conserve_customers(data: st.DataObject, chain: Chain, periods: int) -> None:
    """Nobody appears or disappears: every row of a projection has the same sum."""
    counts = data.draw(per_state(chain, st.integers(0, 10**6)))
    everyone = sum(counts.values())
    for row in chain.project(counts, periods=periods).counts:
        assert math.fsum(row) == pytest.approx(everyone, rel=1e-12)
        assert min(row) >= 0


@given(chains())
def test_absorption_probabilities_sum_to_1(chain: Chain) -> None:
    """Every customer ends in exactly one closed class, and one period more changes nothing."""
    found = chain.absorption()
    for state in chain.states:
        assert math.fsum(found[state].values()) == pytest.approx(1, rel=1e-12)
        after = chain.project({state: 1}, periods=1).at(1)
        for end, share in found[state].items():
            later = math.fsum(p * found[target][end] for target, p in after.items())
            assert share == pytest.approx(later, rel=1e-9, abs=1e-12)


@given(st.data(), chains())
def test_the_time_to_a_state_is_one_more_than_from_the_next(
    data: st.DataObject, chain: Chain
) -> None:
    """t(i) = 1 + sum of p(i, j) t(j); None where a state without a time may come first."""
    goal = data.draw(st.sampled_from(chain.states))
    times = chain.expected_time(to=goal)
    assert times[goal] == 0
    for state in set(chain.states) - {goal}:
        after = chain.project({state: 1}, periods=1).at(1)
        later = [(p, times[target]) for target, p in after.items() if p]
        if any(time is None for _, time in later):
            assert times[state] is None
        elif times[state] is not None:
            mean = math.fsum(p * time for p, time in later if time is not None)
            assert times[state] == pytest.approx(1 + mean, rel=1e-9)


@given(chains())
def test_one_more_period_does_not_change_the_steady_state(chain: Chain) -> None:
    """The steady state is kept by a period; it exists unless reducible or periodic."""
    try:
        shares = chain.steady_state()
    except InvalidValueError as error:
        assert "steady state" in str(error)  # noqa: PT017  (either way is right)
        return
    assert math.fsum(shares.values()) == pytest.approx(1, rel=1e-12)
    for state, share in stepped(chain, shares).items():
        assert share == pytest.approx(shares[state], rel=1e-9, abs=1e-12)


@given(chains(least=2), st.floats(0, 1))
def test_what_if_sets_a_step_and_keeps_the_proportions_of_the_others(
    chain: Chain, p: float
) -> None:
    """The changed entry is as given, the row sums to 1, others keep their proportions."""
    first, row = chain.states[0], chain.matrix[0]
    assume(any(row[1:]))
    changed = chain.what_if({(first, first): p})
    assert changed.matrix[0][0] == p
    assert math.fsum(changed.matrix[0]) == pytest.approx(1, abs=1e-12)
    for before, after in zip(row[1:], changed.matrix[0][1:], strict=True):
        assert after == pytest.approx(before * (1 - p) / math.fsum(row[1:]))
    assert changed.matrix[1:] == chain.matrix[1:]


@given(st.data(), chains(least=2), rates)
def test_the_order_of_the_states_does_not_matter(
    data: st.DataObject, chain: Chain, rate: float
) -> None:
    """Row order never matters: a chain written in another order has the same values."""
    order = data.draw(st.permutations(range(len(chain.states))))
    rewards = data.draw(per_state(chain, amounts))
    other = Chain(
        [chain.states[i] for i in order], [[chain.matrix[i][j] for j in order] for i in order]
    )
    worth = chain.value(rewards, discount=rate)
    for state, value in other.value(rewards, discount=rate).items():
        assert value == pytest.approx(worth[state], rel=1e-9, abs=1e-9)


def test_two_hundred_states_agree_with_their_projections() -> None:
    """The value of 200 states for ever is the sum of its projections to 1e-9."""
    draw = random.Random(200)
    weights = [[draw.random() ** 9 for _ in range(200)] for _ in range(200)]
    names = [f"s{i}" for i in range(200)]
    chain = Chain(names, [[x / math.fsum(row) for x in row] for row in weights])
    rewards = {name: draw.uniform(-50, 100) for name in names}
    worth = chain.value(rewards, discount=1)
    projection = chain.project({"s7": 1}, periods=60)
    expected = math.fsum(
        count * rewards[name] / 2**t for t in range(61) for name, count in projection.at(t).items()
    )
    assert worth["s7"] == pytest.approx(expected, rel=1e-9)
