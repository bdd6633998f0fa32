"""Markov chains of customers."""

import pickle
from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedNumbersError,
    UnknownNameError,
)
from lifecycle.metrics.markov import Chain, ProjectionTable

NAN, INFINITY = float("nan"), float("inf")

SHOP = Chain(
    ["active", "lapsed", "churned"],
    [[0.8, 0.15, 0.05], [0.3, 0.5, 0.2], [0, 0, 1]],
)
CIRCLE = Chain(["a", "b", "c"], [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
FORK = Chain(
    ["trial", "day", "night", "gone"],
    [[0.5, 0.2, 0, 0.3], [0, 0.4, 0.6, 0], [0, 0.9, 0.1, 0], [0, 0, 0, 1]],
)


def rounded(values: dict[str, Any], digits: int = 6) -> dict[str, Any]:
    return {state: None if x is None else round(x, digits) for state, x in values.items()}


# Chain


def test_a_chain_can_be_pasted_back_hashed_and_pickled() -> None:
    assert eval(repr(SHOP)) == SHOP  # noqa: S307  (our own repr)
    assert pickle.loads(pickle.dumps(SHOP)) == SHOP  # noqa: S301  (our own pickle)
    assert len({SHOP, Chain(SHOP.states, SHOP.matrix)}) == 1


def test_rows_may_be_generators_and_probabilities_decimals() -> None:
    rows = ([Decimal("0.25"), Decimal("0.75")], (p for p in (0, 1)))
    assert Chain((name for name in "ab"), (row for row in rows)).matrix == ((0.25, 0.75), (0, 1))


def test_a_chain_shows_itself_as_a_table() -> None:
    assert str(SHOP).splitlines() == [
        "Chain of 3 states",
        "from     active  lapsed  churned",
        "active      0.8    0.15     0.05",
        "lapsed      0.3     0.5      0.2",
        "churned       0       0        1",
    ]
    assert SHOP.to_rows()[1] == {"from": "lapsed", "active": 0.3, "lapsed": 0.5, "churned": 0.2}
    assert "rgba(63, 81, 181, 0.60)" in SHOP._repr_html_()
    assert str(Chain(["on"], [[1]])).startswith("Chain of 1 state\n")


def test_a_row_that_does_not_sum_to_1_is_named() -> None:
    with pytest.raises(InvalidValueError, match=r"^matrix\['lapsed'\] must sum to 1, not 0.9, got"):
        Chain(["active", "lapsed"], [[0.5, 0.5], [0.4, 0.5]])


@pytest.mark.parametrize(("off", "accepted"), [(9e-10, True), (1.1e-9, False)])
def test_a_row_may_be_off_by_a_billionth(off: float, *, accepted: bool) -> None:
    for sign in (1, -1):
        rows = [[0.5, 0.5 + sign * off], [0, 1]]
        if accepted:
            assert Chain(["a", "b"], rows).project({"a": 1}, periods=50).rows[-1][
                2
            ] == pytest.approx(1)
        else:
            with pytest.raises(InvalidValueError, match=r"^matrix\['a'\] must sum to 1"):
                Chain(["a", "b"], rows)


def test_ten_tenths_are_a_row() -> None:
    names = [f"s{i}" for i in range(10)]
    chain = Chain(names, [[0.1] * 10] * 10)
    assert chain.matrix[0] == (0.1,) * 10
    assert rounded(chain.steady_state(), 12) == dict.fromkeys(names, 0.1)


@pytest.mark.parametrize(
    ("states", "matrix", "error", "message"),
    [
        ([], [], InvalidValueError, r"^states must name at least one state"),
        ("ab", [[1]], InvalidTypeError, r"^states must be a tuple of names"),
        (["a", "a"], [[1, 0], [0, 1]], InvalidValueError, r"^states must name each thing once"),
        (["a", 1], [[1, 0], [0, 1]], InvalidTypeError, r"^states\[1\] must be text"),
        (["a"], 1, InvalidTypeError, r"^matrix must have 1 entry"),
        (["a", "b"], {"a": {}}, InvalidTypeError, r"^matrix must have 2 entries"),
        (["a", "b"], [[1, 0]], InvalidValueError, r"^matrix must have 2 entries, one for each"),
        (["a", "b"], [[1], [0, 1]], InvalidValueError, r"^matrix\['a'\] must have 2 entries"),
        (["a"], ["1"], InvalidTypeError, r"^matrix\['a'\] must have 1 entry"),
        (["a"], [{"a": 1}], InvalidTypeError, r"^matrix\['a'\] must have 1 entry"),
        (["a"], [[True]], InvalidTypeError, r"^matrix\['a'\]\['a'\] must be a number"),
        (["a"], [[None]], InvalidTypeError, r"^matrix\['a'\]\['a'\] must be a number"),
        (["a"], [[NAN]], InvalidValueError, r"^matrix\['a'\]\['a'\] must be finite"),
        (["a"], [[INFINITY]], InvalidValueError, r"^matrix\['a'\]\['a'\] must be finite"),
        (
            ["a", "b"],
            [[-0.5, 1.5], [0, 1]],
            InvalidValueError,
            r"^matrix\['a'\]\['a'\] must be between 0 and 1, got -0.5",
        ),
        (["a", "b"], [[1, 0], [0, 1.5]], InvalidValueError, r"^matrix\['b'\]\['b'\] must be"),
    ],
)
def test_a_chain_is_checked_at_the_door(
    states: Any, matrix: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Chain(states, matrix)


def test_closed_classes_are_never_left() -> None:
    assert SHOP.closed_classes == (("churned",),)
    assert CIRCLE.closed_classes == (("a", "b", "c"),)
    assert FORK.closed_classes == (("day", "night"), ("gone",))


# value


def test_the_first_reward_is_not_discounted() -> None:
    for periods, worth in ((0, 100), (1, 100 + 80 / 1.1), (2, 100 + 80 / 1.1 + 68.5 / 1.21)):
        assert SHOP.value({"active": 100}, discount=0.1, periods=periods)[
            "active"
        ] == pytest.approx(worth)


def test_a_value_is_worth_its_reward_now_and_the_values_it_leads_to() -> None:
    rewards = {"active": 100, "lapsed": -2.5}
    worth = SHOP.value(rewards, discount=0.1)
    for state, row in zip(SHOP.states, SHOP.matrix, strict=True):
        later = sum(p * worth[target] for p, target in zip(row, SHOP.states, strict=True))
        assert worth[state] == pytest.approx(rewards.get(state, 0) + later / 1.1)
    assert worth["churned"] == 0


def test_undiscounted_value_counts_the_visits_before_absorption() -> None:
    # (I - Q)^-1 of [[0.8, 0.15], [0.3, 0.5]] is [[0.5, 0.15], [0.3, 0.2]] / 0.055
    worth = SHOP.value({"active": 11, "lapsed": 1.1}, discount=0)
    assert rounded(worth) == {"active": 103.0, "lapsed": 64.0, "churned": 0.0}


@pytest.mark.parametrize("discount", [0, 0.0, Decimal(0)])
def test_a_reward_for_ever_has_no_value_without_a_discount(discount: Any) -> None:
    message = r"^discount must be above 0 over an infinite horizon, as closed class 'day "
    with pytest.raises(InvalidValueError, match=message):
        FORK.value({"trial": 5, "night": 1}, discount=discount)
    assert FORK.value({"night": 1}, discount=discount, periods=3)["night"] > 1
    assert FORK.value({"trial": 5}, discount=discount)["trial"] == 10


def test_a_closed_class_has_a_value_when_it_is_discounted() -> None:
    assert CIRCLE.value({"a": 7}, discount=1)["a"] == pytest.approx(8)
    assert CIRCLE.value({"a": 7}, discount=1)["c"] == pytest.approx(4)


def test_decimal_rewards_give_decimal_values() -> None:
    chain = Chain(["active", "churned"], [[0.8, 0.2], [0, 1]])
    for periods, worth in ((None, "366.6667"), (1, "172.7273")):
        found = chain.value({"active": Decimal(100)}, discount=0.1, periods=periods)
        assert isinstance(found["active"], Decimal)
        assert isinstance(found["churned"], Decimal)
        assert round(found["active"], 4) == Decimal(worth)
    assert isinstance(chain.value({"active": 100}, discount=0.1)["active"], float)
    assert isinstance(chain.value({}, discount=Decimal("0.1"))["active"], float)
    assert chain.value({"churned": Decimal(3)}, discount=Decimal("0.5"))["churned"] == 9


def test_rare_departures_lose_no_digits() -> None:
    chain = Chain(["here", "gone"], [[1 - 1e-13, 1e-13], [0, 1]])
    assert chain.expected_time(to="gone")["here"] == pytest.approx(1e13, rel=1e-15)
    assert chain.value({"here": 3}, discount=0)["here"] == pytest.approx(3e13, rel=1e-15)


def test_results_beyond_all_floats_raise() -> None:
    never = Chain(["here", "gone"], [[1, 5e-324], [0, 1]])
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        never.expected_time(to="gone")
    rare = Chain(["a", "b", "c"], [[1, 1e-200, 0], [1, 0, 1e-200], [0, 0, 1]])
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        rare.expected_time(to="c")
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        SHOP.value({"active": 1e308}, discount=0, periods=5)
    with pytest.raises(InvalidValueError, match=r"^the result must be within what a float holds"):
        CIRCLE.what_if({("a", "b"): 0.5, ("a", "a"): 0.5}).project(
            {"a": 1e308, "c": 1.5e308}, periods=1
        )


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"rewards": {"actve": 1}}, UnknownNameError, r"did you mean 'active'"),
        ({"rewards": {1: 1}}, InvalidTypeError, r"^rewards key must be text"),
        ({"rewards": [1, 2, 3]}, InvalidTypeError, r"^rewards must be a mapping from states"),
        ({"rewards": {"active": True}}, InvalidTypeError, r"^rewards\['active'\] must be a number"),
        ({"rewards": {"active": NAN}}, InvalidValueError, r"^rewards\['active'\] must be finite"),
        (
            {"rewards": {"active": 1.5, "lapsed": Decimal(1)}},
            MixedNumbersError,
            r"^rewards\['active'\] and rewards\['lapsed'\] must be of one kind",
        ),
        ({"discount": -0.1}, InvalidValueError, r"^discount must be at least 0, got -0.1"),
        ({"discount": NAN}, InvalidValueError, r"^discount must be finite"),
        ({"discount": "10%"}, InvalidTypeError, r"^discount must be a number"),
        ({"periods": -1}, InvalidValueError, r"^periods must be at least 0"),
        ({"periods": 1.5}, InvalidTypeError, r"^periods must be a whole number"),
        ({"periods": 10**400}, InvalidValueError, r"^periods must be at most 100,000, got 10"),
    ],
)
def test_value_is_checked_at_the_door(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        SHOP.value(**{"rewards": {}, "discount": 0.1, **given})


# project


def test_a_projection_begins_with_what_is_there() -> None:
    projection = SHOP.project({"active": 1000, "lapsed": 200}, periods=2)
    assert projection.at(0) == {"active": 1000, "lapsed": 200, "churned": 0}
    assert rounded(projection.at(1)) == {"active": 860, "lapsed": 250, "churned": 90}
    assert rounded(projection.at(2)) == {"active": 763, "lapsed": 254, "churned": 183}
    assert len(SHOP.project({}, periods=0).rows) == 1


def test_a_projection_is_a_table_by_period() -> None:
    projection = SHOP.project({"active": 1000}, periods=1)
    assert str(projection).splitlines() == [
        "Projection over 1 period",
        "period   active  lapsed  churned",
        "     0  1,000.0     0.0      0.0",
        "     1    800.0   150.0     50.0",
    ]
    assert projection.to_rows()[1] == {
        "period": 1,
        "active": 800.0,
        "lapsed": pytest.approx(150),
        "churned": 50.0,
    }
    assert eval(repr(projection), {"ProjectionTable": ProjectionTable}) == projection  # noqa: S307


def test_a_projection_knows_its_periods() -> None:
    projection = SHOP.project({"active": 1}, periods=3)
    with pytest.raises(InvalidValueError, match=r"^period must be at most 3, got 4"):
        projection.at(4)
    with pytest.raises(InvalidValueError, match=r"^period must be at least 0"):
        projection.at(-1)


@pytest.mark.parametrize(
    ("counts", "periods", "message"),
    [
        ({"active": -1}, 1, r"^counts\['active'\] must be at least 0"),
        ({"active": INFINITY}, 1, r"^counts\['active'\] must be finite"),
        ({"unknown": 1}, 1, r"^counts key must be one of"),
        ({"active": 1}, -1, r"^periods must be at least 0"),
        ({"active": 1}, 100_001, r"^periods must be at most 100,000"),
    ],
)
def test_a_projection_is_checked_at_the_door(counts: Any, periods: Any, message: str) -> None:
    with pytest.raises(InvalidValueError if "key" not in message else ValueError, match=message):
        SHOP.project(counts, periods=periods)


# absorption


def test_absorption_shares_out_what_leaves_the_transient_states() -> None:
    found = FORK.absorption()
    assert list(found) == list(FORK.states)
    assert rounded(found["trial"]) == {"day + night": 0.4, "gone": 0.6}
    assert found["night"] == {"day + night": 1, "gone": 0}
    assert found["gone"] == {"day + night": 0, "gone": 1}


def test_absorption_through_a_loop() -> None:
    chain = Chain(
        ["won", "lead", "talk", "lost"],
        [[1, 0, 0, 0], [0, 0.5, 0.3, 0.2], [0.25, 0.5, 0, 0.25], [0, 0, 0, 1]],
    )
    # w(lead) = 0.5 w(lead) + 0.3 w(talk), w(talk) = 0.25 + 0.5 w(lead)
    assert chain.absorption()["lead"]["won"] == pytest.approx(0.075 / 0.35)
    assert chain.absorption()["talk"]["won"] == pytest.approx(0.25 + 0.5 * 0.075 / 0.35)


def test_an_irreducible_chain_ends_where_it_is() -> None:
    assert CIRCLE.absorption() == {state: {"a + b + c": 1} for state in "abc"}


# expected_time


def test_the_time_to_a_state_counts_periods() -> None:
    assert CIRCLE.expected_time(to="a") == {"a": 0, "b": 2, "c": 1}
    assert CIRCLE.expected_time(to=("a", "c")) == {"a": 0, "b": 1, "c": 0}
    # t(active) = 1 + 0.8 t(active) + 0.15 t(lapsed), t(lapsed) = 1 + 0.3 t(active) + 0.5 t(lapsed)
    time = rounded(SHOP.expected_time(to="churned"))
    assert time == {"active": round(0.65 / 0.055, 6), "lapsed": round(0.5 / 0.055, 6), "churned": 0}


def test_a_time_that_may_never_come_is_none() -> None:
    assert FORK.expected_time(to="gone") == {"trial": None, "day": None, "night": None, "gone": 0}
    assert SHOP.expected_time(to="active") == {"active": 0, "lapsed": None, "churned": None}
    assert rounded(FORK.expected_time(to=["gone", "night"])) == {
        "trial": round(2 + 0.4 / 0.6, 6),
        "day": round(1 / 0.6, 6),
        "night": 0,
        "gone": 0,
    }


def test_what_can_only_come_after_the_goal_makes_no_difference() -> None:
    chain = Chain(["gone", "trial", "active"], [[1, 0, 0], [0, 0.5, 0.5], [1, 0, 0]])
    assert chain.expected_time(to="active") == {"gone": None, "trial": 2, "active": 0}


def test_a_way_around_the_goal_does_not_count_beyond_it() -> None:
    chain = Chain(["a", "goal", "trap"], [[0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0, 1]])
    assert chain.expected_time(to="goal") == {"a": 2, "goal": 0, "trap": None}


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("gone", r"^to must be one of 'active', 'lapsed', 'churned', got 'gone'"),
        ((), r"^to must name at least one state"),
        (("active", "active"), r"^to must name each thing once"),
        (5, r"^to must be a tuple of names"),
    ],
)
def test_the_goal_is_a_state(to: Any, message: str) -> None:
    with pytest.raises((InvalidTypeError, ValueError), match=message):
        SHOP.expected_time(to=to)


# steady_state


def test_the_steady_state_is_where_customers_end() -> None:
    assert SHOP.steady_state() == {"active": 0, "lapsed": 0, "churned": 1}
    loop = SHOP.what_if({("churned", "active"): 0.25, ("churned", "churned"): 0.75})
    found = loop.steady_state()
    # 0.5 l = 0.15 a and 0.25 c = 0.05 a + 0.2 l, so that (a, l, c) is (1, 0.3, 0.44) / 1.74
    assert rounded(found) == {"active": 0.574713, "lapsed": 0.172414, "churned": 0.252874}
    assert sum(found.values()) == pytest.approx(1)


def test_a_reducible_chain_has_no_steady_state() -> None:
    message = r"^matrix must have one closed class .*reducible.*\('day', 'night'\), \('gone',\)"
    with pytest.raises(InvalidValueError, match=message):
        FORK.steady_state()


def test_a_periodic_chain_has_no_steady_state() -> None:
    message = r"^matrix must have no closed class of period 3 for a steady state, got \('a', 'b'"
    with pytest.raises(InvalidValueError, match=message):
        CIRCLE.steady_state()
    two = Chain(
        ["in", "a", "b", "c", "d"],
        [
            [0.5, 0.5, 0, 0, 0],
            [0, 0, 0.5, 0, 0.5],
            [0, 0.5, 0, 0.5, 0],
            [0, 0, 0.5, 0, 0.5],
            [0, 0.5, 0, 0.5, 0],
        ],
    )
    with pytest.raises(InvalidValueError, match=r"closed class of period 2"):
        two.steady_state()
    assert CIRCLE.what_if({("a", "a"): 0.01}).steady_state()["a"] > 1 / 3


# what_if


def test_other_entries_of_the_row_are_rescaled_in_proportion() -> None:
    better = SHOP.what_if({("lapsed", "active"): 0.65})
    assert better.matrix[1] == pytest.approx((0.65, 0.25, 0.1))
    assert (better.matrix[0], better.matrix[2]) == (SHOP.matrix[0], SHOP.matrix[2])
    assert better.states == SHOP.states


def test_two_changes_of_a_row_leave_the_rest_to_the_others() -> None:
    changed = SHOP.what_if({("active", "active"): 0.7, ("active", "churned"): 0.1})
    assert changed.matrix[0] == pytest.approx((0.7, 0.2, 0.1))
    both = {("active", "churned"): 0.0, ("lapsed", "churned"): 0}
    assert SHOP.what_if(both).matrix[:2] == (
        pytest.approx((0.8 / 0.95, 0.15 / 0.95, 0)),
        pytest.approx((0.375, 0.625, 0)),
    )


def test_a_whole_row_can_be_given() -> None:
    row = {("active", "active"): 0.1, ("active", "lapsed"): 0.2, ("active", "churned"): 0.7}
    assert SHOP.what_if(row).matrix[0] == (0.1, 0.2, 0.7)
    assert SHOP.what_if({("churned", "churned"): 1}) == SHOP
    assert SHOP.what_if({("churned", "churned"): 1 - 5e-10}).matrix[2] == (0, 0, 1 - 5e-10)
    assert SHOP.what_if({}) == SHOP


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {("active", "active"): 0.7, ("active", "lapsed"): 0.4},
            InvalidValueError,
            r"^changes from 'active' must sum to at most 1, got \{'active': 0.7, 'lapsed': 0.4\}",
        ),
        (
            {("churned", "churned"): 0.9},
            InvalidValueError,
            r"^changes from 'churned' must sum to 1, as there is no other way",
        ),
        (
            {("active", "active"): 1.1},
            InvalidValueError,
            r"^changes\[\('active', 'active'\)\] must",
        ),
        ({("active", "gone"): 0.1}, UnknownNameError, r"^changes key must be one of"),
        ({"ab": 0.1}, InvalidTypeError, r"^changes key must be a pair of states"),
        ({("a", "b", "c"): 0.1}, InvalidTypeError, r"^changes key must be a pair of states"),
        ([("active", "lapsed", 0.1)], InvalidTypeError, r"^changes must be a mapping from pairs"),
    ],
)
def test_impossible_changes_raise(changes: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        SHOP.what_if(changes)


def test_no_more_periods_are_stepped_through_than_anyone_plans_for() -> None:
    for periods in (100_001, 10**400):
        with pytest.raises(InvalidValueError, match=r"^periods must be at most 100,000, got 10"):
            CIRCLE.value({"a": 3}, discount=0, periods=periods)
    with pytest.raises(InvalidValueError, match=r"^periods must be at most 100,000, got 100001$"):
        SHOP.project({"active": 1}, periods=100_001)
    assert CIRCLE.value({"a": 3}, discount=0, periods=500) == {"a": 501, "b": 501, "c": 501}
