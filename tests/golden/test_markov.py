"""The example of Pfeifer & Carraway, to its last printed digit.

Source: Pfeifer, P. E. & Carraway, R. L. (2000). Modeling customer relationships as Markov
chains. Journal of Interactive Marketing 14(2):43-55: customers by the periods since their last
purchase (recency 1 to 4, then former customers); a purchase contributes $40, remarketing costs
$4 a period up to recency 4, the purchase probabilities are .3, .2, .15, .05, and d = .2.
"""

from decimal import Decimal

import pytest

from lifecycle.metrics.markov import Chain

STATES = ("r1", "r2", "r3", "r4", "former")
BUYS = (0.3, 0.2, 0.15, 0.05)


def recency_chain(buys: tuple[float, ...]) -> Chain:
    n = len(buys)
    rows = [[p, *(0.0,) * i, 1 - p, *(0.0,) * (n - i - 1)] for i, p in enumerate(buys)]
    return Chain((*STATES[:n], "former"), [*rows, [*(0.0,) * n, 1.0]])


REWARDS = {"r1": 36, "r2": -4, "r3": -4, "r4": -4}


@pytest.mark.parametrize(
    ("periods", "worth"),
    [
        (4, (50.115, 4.220, 0.592, -1.980, 0)),
        (None, (52.320, 5.554, 1.251, -1.820, 0)),
    ],
)
def test_the_published_values(periods: int | None, worth: tuple[float, ...]) -> None:
    found = recency_chain(BUYS).value(REWARDS, discount=0.2, periods=periods)
    assert tuple(found) == STATES
    assert [round(value, 3) for value in found.values()] == list(worth)


def test_the_published_values_in_cents() -> None:
    rewards = {state: Decimal(reward) for state, reward in REWARDS.items()}
    found = recency_chain(BUYS).value(rewards, discount=0.2)
    assert [str(round(value, 3)) for value in found.values()] == [
        "52.320",
        "5.554",
        "1.251",
        "-1.820",
        "0.000",
    ]


def test_giving_up_one_period_earlier_is_worth_more() -> None:
    """A customer at recency 4 is worth less than nothing, so remarketing ends before."""
    found = recency_chain(BUYS[:3]).value({"r1": 36, "r2": -4, "r3": -4}, discount=0.2)
    assert [round(value, 3) for value in found.values()] == [53.149, 6.621, 2.644, 0]
