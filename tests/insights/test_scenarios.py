from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from clubs import DAYS, JOURNEYS
from lifecycle import Calendar, CustomerBase, clv, insights
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)
from lifecycle.metrics.markov import Chain
from samples import refusal

CHAIN = CustomerBase(JOURNEYS).over(**DAYS).chain()


CHANGE = {("out", "in"): 0.5}
REWARDS = {"in": 10.0}


def test_a_change_moves_value_and_stock() -> None:
    found = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, discount=0.1, stock_periods=3)
    better = CHAIN.what_if(CHANGE)
    row = found.row("out")
    assert row.value_before == CHAIN.value(REWARDS, discount=0.1)["out"]
    assert row.value_after == better.value(REWARDS, discount=0.1)["out"]
    assert row.value_change == row.value_after - row.value_before > 0
    now = dict(zip(CHAIN.states, CHAIN.stock, strict=True))
    assert row.stock_after == better.project(now, periods=3).at(3)["out"]
    assert row.stock_change == row.stock_after - CHAIN.project(now, periods=3).at(3)["out"]
    assert found.gain == pytest.approx(sum(each.value_change for each in found.rows))
    assert found.chain == better


def test_the_later_stock_is_that_of_the_end_of_the_value_by_default() -> None:
    for asked, later in (({}, 12), ({"periods": 3}, 3), ({"periods": 3, "stock_periods": 0}, 0)):
        found = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, **asked)
        assert (found.periods, found.stock_periods) == (asked.get("periods"), later)
        now = dict(zip(CHAIN.states, CHAIN.stock, strict=True))
        expected = CHAIN.project(now, periods=later).at(later)
        assert [row.stock_before for row in found.rows] == list(expected.values())


def test_periods_count_rewards_as_in_value() -> None:
    found = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, periods=1)
    assert [row.value_before for row in found.rows] == [10, 0, 0]
    two = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, periods=2)
    assert two.row("out").value_after == 5


def test_a_chain_made_by_hand_has_the_stock_it_is_told() -> None:
    chain = Chain(["a", "b"], [[0.5, 0.5], [0, 1]])
    found = insights.what_if(chain, {("a", "b"): 0.25}, rewards={"a": 1.0}, stock_periods=1)
    assert (found.gain, found.row("a").stock_now) == (0, 0)
    told = insights.what_if(
        chain, {("a", "b"): 0.25}, rewards={"a": 1.0}, stock={"a": 8}, stock_periods=1
    )
    assert (told.row("a").stock_before, told.row("a").stock_after) == (4, 6)
    assert told.gain == 16


def test_a_yearly_rate_is_brought_to_the_periods_of_an_estimated_chain() -> None:
    yearly = clv.Discount(0.1, per="year")
    found = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, discount=yearly)
    daily = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, discount=yearly.for_period("day"))
    assert found == daily
    by_hand: Any = Chain(CHAIN.states, CHAIN.matrix)
    with pytest.raises(InvalidTypeError, match=r"^discount must be a rate per period, or come wi"):
        insights.what_if(by_hand, CHANGE, rewards=REWARDS, discount=yearly)
    told = insights.what_if(by_hand, CHANGE, rewards=REWARDS, discount=yearly, period="day")
    assert [row.value_after for row in told.rows] == [row.value_after for row in daily.rows]


def test_the_calendar_of_an_estimated_chain_says_its_period() -> None:
    """0.1 a year is 1.1^(1 / 365.2425) - 1 a day."""
    yearly, daily = clv.Discount(0.1, per="year"), 1.1 ** (1 / 365.2425) - 1
    found = CHAIN.value(REWARDS, discount=yearly)
    assert found == pytest.approx(CHAIN.value(REWARDS, discount=daily), rel=1e-9)
    weekly = CHAIN.value(REWARDS, discount=yearly, period="week")
    assert weekly == CHAIN.value(REWARDS, discount=yearly.for_period("week"))


def test_a_period_that_has_no_rate_is_refused_a_discount() -> None:
    hourly = CustomerBase(JOURNEYS).over(Calendar("hour"), DAYS["window"]).chain()
    expected = r"^discount must be a rate per period, or the calendar have a grain of 'day', "
    with pytest.raises(InvalidTypeError, match=expected):
        hourly.value({}, discount=clv.Discount(0.1, per="year"))


def test_decimal_rewards_stay_decimals() -> None:
    found = insights.what_if(CHAIN, CHANGE, rewards={"in": Decimal(10)}, discount=0.1)
    plain = insights.what_if(CHAIN, CHANGE, rewards=REWARDS, discount=0.1)
    assert isinstance(found.gain, Decimal)
    assert isinstance(found.row("out").value_change, Decimal)
    assert float(found.gain) == pytest.approx(plain.gain)


def test_what_if_is_shown_and_checked() -> None:
    found = insights.what_if(CHAIN, CHANGE, rewards=REWARDS)
    assert str(found).startswith(
        "What if: value over an infinite horizon, stock after 12 periods, "
    )
    assert repr(found).startswith("WhatIfTable(rows=(WhatIfRow(state='in'")
    assert "<table>" in found._repr_html_()
    with pytest.raises(InvalidTypeError, match="chain must be a Chain"):
        insights.what_if("chain", CHANGE, rewards=REWARDS)  # type: ignore[arg-type]
    for more, message in (
        ({"stock_periods": -1}, "stock_periods must be at least 0"),
        ({"stock_periods": 10**400}, "stock_periods must be at most 100,000"),
        ({"periods": 0}, "periods must be at least 1"),
        ({"periods": 100_001}, "periods must be at most 100,000, got 100001"),
        ({"stock": {"in": -1}}, "stock['in'] must be at least 0"),
    ):
        asked: Any = {"rewards": REWARDS, **more}
        raised = refusal(InvalidValueError, partial(insights.what_if, CHAIN, CHANGE, **asked))
        assert raised.startswith(message)
    with pytest.raises(UnknownNameError, match="state must be one of"):
        found.row("up")
