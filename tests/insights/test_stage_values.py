import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from clubs import CLUB, DAYS, JOURNEYS
from lifecycle import Calendar, CustomerBase, Event, Transition, Window, clv, insights
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
    UnknownNameError,
)
from samples import START, day, lifecycle, refusal

BASE = CustomerBase(JOURNEYS).over(**DAYS)
CHAIN = BASE.chain()
ASKED: dict[str, Any] = {"margins": {"in": 22.0}, "discount": 0.1}


def solved(scale: float = 1) -> tuple[float, float]:
    """Solve the two equations of the stages that can be left, by hand."""
    (a, b, _), (c, d, _) = ([p / 1.1 for p in row] for row in CHAIN.matrix[:2])
    determinant = (1 - a) * (1 - d) - b * c
    inside = ((1 - d) * 19.5 + b * 1.5) / determinant
    out = (c * 19.5 + (1 - a) * 1.5) / determinant
    return inside * scale, out * scale


@pytest.mark.parametrize(("earned", "power"), [("start", 0), ("middle", -0.5), ("end", -1)])
def test_value_for_ever_is_the_solution_of_the_equations(earned: Any, power: float) -> None:
    table = BASE.value(**ASKED, earned=earned)
    inside, out = solved(1.1**power)
    assert table.values == pytest.approx({"in": inside, "out": out, "erased": 0})


def test_the_middle_is_the_default() -> None:
    assert BASE.value(**ASKED) == BASE.value(**ASKED, earned="middle")


def test_a_long_horizon_comes_to_the_same_value_and_error() -> None:
    ever, long = (BASE.value(**ASKED, periods=n) for n in (None, 400))
    for one, other in zip(ever.rows, long.rows, strict=True):
        assert one.value is not None
        assert other.value is not None
        assert one.value.value == pytest.approx(other.value.value)
        assert one.value.standard_error == pytest.approx(other.value.standard_error)


def test_one_period_is_its_reward_without_an_error() -> None:
    row = BASE.value(**ASKED, periods=1, earned="start").row("in")
    assert row.value is not None
    assert row.value.value == pytest.approx(19.5)
    assert row.value.standard_error == 0


def test_n_periods_have_n_rewards_and_n_plus_1_in_a_chain() -> None:
    """Of two who begin, one leaves at the end of the first period.

    So half of those who are in stay, P = [[1/2, 1/2], [0, 1]], and a period that begins in
    "buyer" is spent there, R = (10, 0). With d = 1/4, a reward is worth 1 / 1.25 = 0.8 of the one
    before, and comes with half the probability: 10, 4, 1.6, 0.64, ...
    """
    leave = lifecycle(Transition("buyer", "gone", on="leave"))
    month = {"calendar": Calendar("month"), "window": Window(START, day(31))}
    journeys = [
        leave.replay(name, events, since=START, until=day(40))
        for name, events in [("ann", []), ("bob", [Event("leave", day(31))])]
    ]
    base = CustomerBase(journeys).over(**month)
    chain = base.chain()
    assert chain.matrix == ((0.5, 0.5), (0, 1))
    asked: Any = {"margins": {"buyer": 10}, "discount": 0.25, "earned": "start"}
    for n, worth in [(1, 10), (2, 14), (3, 15.6)]:
        found = base.value(**asked, periods=n)
        changed = insights.what_if(chain, {}, rewards={"buyer": 10}, discount=0.25, periods=n)
        assert found.values["buyer"] == pytest.approx(worth, rel=1e-12)
        assert changed.row("buyer").value_before == pytest.approx(worth, rel=1e-12)
    for n, worth in [(0, 10), (1, 14), (2, 15.6), (3, 16.24)]:
        found = chain.value({"buyer": 10}, discount=0.25, periods=n)
        assert found["buyer"] == pytest.approx(worth, rel=1e-12)


def test_undiscounted_value_ends_in_what_absorbs() -> None:
    table = BASE.value(**{**ASKED, "discount": 0}, earned="start")
    (a, b, _), (c, d, _) = CHAIN.matrix[:2]
    assert table.values["in"] == pytest.approx(
        ((1 - d) * 19.5 + b * 1.5) / ((1 - a) * (1 - d) - b * c)
    )
    ended = table.row("erased").value
    assert ended is not None
    assert (ended.value, ended.standard_error) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "low", "high"),
    [
        ({"periods": 3}, 0, 19.5 * (1 + 1 / 1.1 + 1 / 1.21)),
        ({"periods": 3, "margins": {"in": -22.0}}, -19.5 * (1 + 1 / 1.1 + 1 / 1.21), 0),
        ({}, 0, 19.5 * 11),
        ({"periods": 3, "discount": 0}, 0, 58.5),
        ({"discount": 0}, 0, None),
        ({"margins": {}}, 0, 0),
    ],
)
def test_a_value_lies_between_the_least_and_the_greatest_margin_in_each_period(
    changes: dict[str, Any], low: float | None, high: float | None
) -> None:
    table = BASE.value(**{**ASKED, "earned": "start", **changes})
    for row in table.rows:
        assert row.value is not None
        assert row.value.bounds == pytest.approx((low, high))
        interval = row.value.interval(level=0.999)
        assert interval is not None
        assert low is None or interval.low >= row.value.bounds[0]
        assert high is None or interval.high <= row.value.bounds[1]


def test_a_discount_of_another_period_is_brought_to_this_one() -> None:
    yearly = clv.Discount(0.1, per="year")
    table = BASE.value(**{**ASKED, "discount": yearly})
    assert table.discount == pytest.approx(yearly.for_period("day"))


def test_decimal_margins_give_floats() -> None:
    exact = BASE.value(**{**ASKED, "margins": {"in": Decimal(22)}})
    assert exact.values == pytest.approx(BASE.value(**ASKED).values)


def test_a_stage_never_entered_has_no_value() -> None:
    journeys = [CLUB.replay("cy", [], since=DAYS["window"].start, until=DAYS["window"].end)]
    row = CustomerBase(journeys).over(**DAYS).value(**ASKED).row("erased")
    assert (row.value, row.of_stock, row.stock) == (None, None, 0)


def test_what_absorbs_and_was_never_left_adds_no_error() -> None:
    start = DAYS["window"].start
    journeys = [
        CLUB.replay(
            "bob",
            [Event("erasure", start + timedelta(days=1.5))],
            since=start,
            until=start + timedelta(days=2),
        )
    ]
    window = Window(start, start + timedelta(days=2))
    row = CustomerBase(journeys).over(DAYS["calendar"], window).value(**ASKED, periods=2).row("in")
    assert row.value is not None
    assert row.value.standard_error == pytest.approx(0.5 * 16.5 / 1.1**1.5 / math.sqrt(2))


def test_the_table_is_shown_with_intervals() -> None:
    table = BASE.value(**ASKED, periods=12)
    assert str(table).startswith("Value by stage over 12 days, discounted by 10.0% a day")
    assert "over 1 day, " in str(BASE.value(**ASKED, periods=1))
    assert "over an infinite horizon, " in str(BASE.value(**ASKED))
    assert str(table).splitlines()[0].endswith(" a day: 3 customers")
    row = table.to_rows()[0]
    assert row["low"] < row["value"] < row["high"]
    assert repr(table).startswith("ValueTable(rows=(StageValue(stage='in'")
    assert "<table>" in table._repr_html_()


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        ({"discount": -0.1}, InvalidValueError, "discount must be at least 0"),
        ({"discount": math.inf}, InvalidValueError, "discount must be finite"),
        ({"periods": 0}, InvalidValueError, "periods must be at least 1"),
        ({"periods": 10**400}, InvalidValueError, "periods must be at most 100,000"),
        ({"margins": {"in": 1e308}, "periods": 40}, InvalidValueError, "the result must be within"),
        ({"margins": {"in": 9e307}, "discount": 1}, InvalidValueError, "the result must be within"),
        (
            {"margins": {"in": 1.5, "out": Decimal(1)}},
            MixedNumbersError,
            "margins['in'] and margins['out'] must be of one kind",
        ),
        ({"earned": "late"}, UnknownNameError, "earned must be one of 'start', 'middle', 'end'"),
        ({"margins": {"up": 1}}, UnknownNameError, "margins key must be one of"),
        ({"margins": {"in": True}}, InvalidTypeError, "margins['in'] must be a number"),
        ({"discount": 0, "margins": {"erased": 1}}, InvalidValueError, "be above 0 over an infin"),
    ],
)
def test_what_is_asked_is_checked(more: dict[str, Any], kind: Any, message: str) -> None:
    assert message in refusal(kind, lambda: BASE.value(**{**ASKED, **more}))


def test_an_unknown_row_raises() -> None:
    with pytest.raises(UnknownNameError):
        BASE.value(**ASKED).row("up")


def test_the_value_of_a_stage_is_that_at_entry() -> None:
    table = BASE.value(**ASKED, memory=2, earned="start")
    by_age = table.chain.value(table.chain.rewards({"in": 22.0}), discount=0.1)
    assert table.values["in"] == pytest.approx(by_age["in 0"])
    assert by_age["in 0"] > by_age["in 1+"]


def test_without_an_absorbing_stage_the_error_is_that_of_a_long_horizon() -> None:
    lasting = [journey for journey in JOURNEYS if journey.customer.id != "bob"]
    base = CustomerBase(lasting).over(**DAYS)
    ever, long = (base.value(**ASKED, periods=n).row("in").value for n in (None, 400))
    assert ever is not None
    assert long is not None
    assert ever.standard_error == pytest.approx(long.standard_error)
    assert (ever.standard_error or 0) > 1
