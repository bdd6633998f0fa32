"""Laws of chains estimated from journeys, beside a naive count of every boundary."""

import math
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crowds import Crowd, crowds, few
from lifecycle import CustomerBase
from lifecycle.errors import InvalidValueError
from lifecycle.insights import JourneyChain


class Counted:
    """Every boundary of every customer, looked at one by one."""

    def __init__(self, crowd: Crowd, memory: int) -> None:
        self.steps: Counter[tuple[int, Any, Any]] = Counter()
        self.spent: defaultdict[tuple[Any, str], timedelta] = defaultdict(timedelta)
        self.lengths: defaultdict[Any, list[dict[str, float]]] = defaultdict(list)
        bounds = crowd.bounds
        for journey in crowd.journeys:
            known = min(crowd.until(journey), crowd.end)
            enrolled = crowd.moment(journey.customer.enrolled)
            for k, (begin, end) in enumerate(pairwise(bounds)):
                if enrolled <= begin and end <= known:
                    source, target = (self.state(crowd, journey, t, memory) for t in (begin, end))
                    self.steps[k, source, target] += 1
                    shares: defaultdict[str, float] = defaultdict(float)
                    for stage, entered, left in crowd.stays(journey):
                        inside = min(left or end, end) - max(entered, begin)
                        shares[stage] += max(inside, timedelta()) / (end - begin)
                    self.lengths[source].append(shares)

        ages: defaultdict[str, set[int]] = defaultdict(set)
        for _, (stage, age), _ in self.steps:
            ages[stage].add(age)
        self.ages = ages
        steps, self.steps = self.steps, Counter()
        for (k, source, target), n in steps.items():
            self.steps[k, source, self.folded(target)] += n

    def folded(self, state: tuple[str, int]) -> tuple[str, int]:
        """Give the next younger age of the stage from which some step begins."""
        stage, age = state
        ages = self.ages.get(stage) or {0}
        return stage, max((a for a in ages if a <= age), default=min(ages))

    @staticmethod
    def state(crowd: Crowd, journey: Any, at: Any, memory: int) -> tuple[str, int]:
        """Give the stage at an instant, and for how many whole periods it has been that."""
        stage, entered = [(s, e) for s, e, _ in crowd.stays(journey) if e <= at][-1]
        if crowd.stages[stage].final:
            return stage, 0
        calendar, age = crowd.calendar, 0
        k = calendar.index(at)
        while calendar.start(k - age - 1) >= entered:  # one whole period more since entry
            age += 1
            if age == memory:
                return stage, memory - 1
        return stage, age


def estimated(crowd: Crowd, memory: int) -> JourneyChain:
    try:
        return CustomerBase(crowd.journeys).over(**crowd.asked).chain(memory=memory)
    except InvalidValueError as error:
        assume("whole period" not in str(error))
        raise


@few
@given(crowds(), st.integers(1, 4))
def test_the_chain_counts_what_stands_at_each_boundary(crowd: Crowd, memory: int) -> None:
    """n(i, j) counts one step per pair of consecutive boundaries that are known."""
    naive = Counted(crowd, memory)
    wanted = Counter[tuple[Any, Any]]()
    for (_, source, target), n in naive.steps.items():
        wanted[source, target] += n
    ends = {target for _, target in wanted} - {source for source, _ in wanted}
    if not wanted or any(not crowd.stages[stage].final for stage, _ in ends):
        with pytest.raises(InvalidValueError, match="whole period"):
            CustomerBase(crowd.journeys).over(**crowd.asked).chain(memory=memory)
        return
    chain = CustomerBase(crowd.journeys).over(**crowd.asked).chain(memory=memory)
    found = {
        (chain.ages[i], chain.ages[j]): n
        for i, row in enumerate(chain.counts)
        for j, n in enumerate(row)
        if n
    }
    assert found == wanted
    by_period = {(k, chain.ages[i], chain.ages[j]): n for k, i, j, n in chain._by_period}
    assert by_period == naive.steps
    seen = {stage for pair in wanted for stage, _ in pair}
    assert set(chain.unobserved) == set(crowd.stages) - seen


@few
@given(crowds(), st.integers(1, 4))
def test_shares_of_the_period_are_the_means_of_those_who_began_it_so(
    crowd: Crowd, memory: int
) -> None:
    """O(i, j) is the mean share of the period spent in j by those who began it in i."""
    chain, naive = estimated(crowd, memory), Counted(crowd, memory)
    for state, row in zip(chain.ages, chain.occupancy, strict=True):
        began = naive.lengths[state]
        for stage, share in zip(chain.stages, row, strict=True):
            mean = (
                sum(shares[stage] for shares in began) / len(began)
                if began
                else float(stage == state[0])
            )
            assert share == pytest.approx(mean, abs=1e-9)


@few
@given(crowds(), st.integers(1, 4))
def test_rows_sum_to_1_and_are_counts_by_their_sum(crowd: Crowd, memory: int) -> None:
    chain = estimated(crowd, memory)
    for state, row, counts in zip(chain.states, chain.matrix, chain.counts, strict=True):
        assert math.fsum(row) == pytest.approx(1, abs=1e-12)
        for target, p, n in zip(chain.states, row, counts, strict=True):
            rate = chain.rate(state, target)
            assert rate.numerator == n
            assert rate.value == (p if sum(counts) else None)


@few
@given(crowds(), st.integers(1, 3))
def test_the_stock_stands_at_the_last_boundary(crowd: Crowd, memory: int) -> None:
    """Whoever stands in a state at the last boundary that anyone reaches is its stock."""
    chain = estimated(crowd, memory)
    reached = {}
    for journey in crowd.journeys:
        known = min(crowd.until(journey), crowd.end)
        inside = [
            k
            for k, bound in enumerate(crowd.bounds)
            if crowd.moment(journey.customer.enrolled) <= bound <= known
        ]
        if inside:
            reached[journey.customer.id] = (max(inside), journey)
    last = max(k for k, _ in reached.values())
    naive = Counted(crowd, memory)
    wanted = Counter(
        naive.folded(naive.state(crowd, journey, crowd.bounds[last], memory))
        for k, journey in reached.values()
        if k == last
    )
    assert dict(zip(chain.ages, chain.stock, strict=True)) == {
        state: wanted[state] for state in chain.ages
    }


@few
@given(crowds(), st.integers(1, 3))
def test_homogeneity_is_the_gain_in_likelihood_of_a_matrix_for_each_period(
    crowd: Crowd, memory: int
) -> None:
    """G squared is 2 sum n_k(i, j) ln(p_k(i, j) / p(i, j)), never negative."""
    chain, naive = estimated(crowd, memory), Counted(crowd, memory)
    found = chain.homogeneity()
    begun, totals, pairs = Counter[Any](), Counter[Any](), Counter[Any]()
    for (k, i, j), n in naive.steps.items():
        begun[k, i] += n
        totals[i] += n
        pairs[i, j] += n
    gain = sum(
        2 * n * (math.log(n / begun[k, i]) - math.log(pairs[i, j] / totals[i]))
        for (k, i, j), n in naive.steps.items()
    )
    assert found.statistic == pytest.approx(gain, abs=1e-9)
    df = sum(
        (sum(1 for k, state in begun if state == i) - 1)
        * (sum(1 for source, _ in pairs if source == i) - 1)
        for i in totals
    )
    assert found.df == df


@few
@given(crowds(), st.integers(1, 3), st.floats(0.001, 0.5), st.integers(1, 12), st.data())
def test_value_is_the_discounted_sum_of_what_each_period_brings(
    crowd: Crowd, memory: int, rate: float, periods: int, data: st.DataObject
) -> None:
    """V = s (R + P R / (1 + d) + ...), over `periods` periods."""
    chain = estimated(crowd, memory)
    margins = {stage: data.draw(st.integers(-5, 20)) for stage in crowd.stages}
    earned = data.draw(st.sampled_from(("start", "middle", "end")))
    table = (
        CustomerBase(crowd.journeys)
        .over(**crowd.asked)
        .value(margins=margins, discount=rate, periods=periods, earned=earned, memory=memory)
    )
    scale = (1 + rate) ** {"start": 0, "middle": -0.5, "end": -1}[earned]
    rewards = [
        sum(share * margins[stage] for stage, share in zip(chain.stages, row, strict=True))
        for row in chain.occupancy
    ]
    for row in table.rows:
        if row.value is None:
            assert (row.stage, 0) not in chain.ages
            continue
        here = [float(age == (row.stage, 0)) for age in chain.ages]
        worth = 0.0
        for t in range(periods):
            worth += sum(h * r for h, r in zip(here, rewards, strict=True)) / (1 + rate) ** t
            here = [
                sum(h * p[j] for h, p in zip(here, chain.matrix, strict=True))
                for j in range(len(here))
            ]
        assert row.value.value == pytest.approx(scale * worth, rel=1e-9, abs=1e-9)


@few
@given(crowds(), st.integers(1, 2), st.sampled_from((None, 1, 2, 5)), st.data())
def test_the_standard_error_is_that_of_the_delta_method(
    crowd: Crowd, memory: int, periods: int | None, data: st.DataObject
) -> None:
    """Var V(s) = sum over i of the variance of dV(s) / dP(i, .) under n(i) multinomial steps."""
    chain, rate = estimated(crowd, memory), 0.05
    margins = {stage: data.draw(st.integers(-5, 20)) for stage in crowd.stages}
    table = (
        CustomerBase(crowd.journeys)
        .over(**crowd.asked)
        .value(margins=margins, discount=rate, periods=periods, memory=memory, earned="start")
    )
    rewards = [chain.rewards(margins)[state] for state in chain.states]
    size, many = len(chain.states), periods or 900

    def worth(matrix: list[list[float]]) -> list[float]:
        found = list(rewards)
        for _ in range(many - 1):
            found = [
                rewards[i] + sum(p * u for p, u in zip(matrix[i], found, strict=True)) / (1 + rate)
                for i in range(size)
            ]
        return found

    base, small = [list(row) for row in chain.matrix], 1e-5
    slopes: dict[tuple[int, int], list[float]] = {}
    for i in range(size):
        for j in range(size):
            up, down = ([list(row) for row in base] for _ in range(2))
            up[i][j] += small
            down[i][j] -= small
            slopes[i, j] = [
                (a - b) / small / 2 for a, b in zip(worth(up), worth(down), strict=True)
            ]
    for row in table.rows:
        if row.value is None:
            continue
        s = chain.ages.index((row.stage, 0))
        variance = 0.0
        for i, counts in enumerate(chain.counts):
            if n := sum(counts):
                gains = [slopes[i, j][s] for j in range(size)]
                mean = sum(p * g for p, g in zip(base[i], gains, strict=True))
                variance += (
                    sum(p * (g - mean) ** 2 for p, g in zip(base[i], gains, strict=True)) / n
                )
        assert row.value.standard_error == pytest.approx(math.sqrt(variance), rel=1e-4, abs=1e-4)


@few
@given(crowds(), st.integers(1, 3))
def test_the_value_of_the_stock_is_the_mean_over_those_who_stand_there(
    crowd: Crowd, memory: int
) -> None:
    chain = estimated(crowd, memory)
    margins = {stage: 7.0 + place for place, stage in enumerate(crowd.stages)}
    table = (
        CustomerBase(crowd.journeys)
        .over(**crowd.asked)
        .value(margins=margins, discount=0.1, memory=memory, earned="start")
    )
    worth = chain.value(chain.rewards(margins), discount=0.1)
    for row in table.rows:
        ages = [i for i, (stage, _) in enumerate(chain.ages) if stage == row.stage]
        assert row.stock == sum(chain.stock[i] for i in ages)
        if row.stock:
            mean = sum(chain.stock[i] * worth[chain.states[i]] for i in ages) / row.stock
            assert row.of_stock is not None
            assert row.of_stock.value == pytest.approx(mean)
        else:
            assert row.of_stock is None
