"""`by=` of the calculators of orders and recurring revenue: one result for each group."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lifecycle import Calendar, EventLog, Groups, Window, clv, revenue, rfm
from lifecycle.errors import InvalidTypeError, InvalidValueError, LifecycleError, UnknownNameError

ROWS = [
    ("ann", date(2026, 1, 5), 30, "web"),
    ("ann", date(2026, 2, 5), 50, "web"),
    ("ann", date(2026, 2, 9), 10, "app"),
    ("bob", date(2026, 1, 9), 20, "app"),
    ("bob", date(2026, 3, 2), 20, "app"),
    ("cy", date(2026, 2, 2), 40, None),
]
LOG = EventLog.from_rows(ROWS, fields=("customer", "at", "value", "channel"))
ORDERS = [row[:3] for row in ROWS]
SEGMENT = {"ann": "big", "cy": "big", "bob": "small"}
END = {"until": date(2026, 3, 31)}
SPRING: dict[str, Any] = {
    "calendar": Calendar("month"),
    "window": Window(date(2026, 1, 1), date(2026, 4, 1)),
}

ASK: Mapping[str, Callable[..., Any]] = {
    "summary": lambda rows, **by: rfm.summary(rows, **END, **by),
    "scores": lambda rows, **by: rfm.scores(rows, **END, bins=2, **by),
    "movements": lambda rows, **by: revenue.movements(rows, **SPRING, **by),
    "cohorts": lambda rows, **by: revenue.cohorts(rows, **SPRING, **by),
    "net_retention": lambda rows, **by: revenue.net_retention(rows, **SPRING, **by),
    "gross_retention": lambda rows, **by: revenue.gross_retention(rows, **SPRING, **by),
    "logo_churn": lambda rows, **by: revenue.logo_churn(rows, **SPRING, **by),
    "quick_ratio": lambda rows, **by: revenue.quick_ratio(rows, **SPRING, **by),
}
every_question = pytest.mark.parametrize("ask", ASK.values(), ids=ASK)


@every_question
def test_each_row_is_in_the_group_of_its_own_value(ask: Callable[..., Any]) -> None:
    found = ask(LOG, by="channel")
    assert isinstance(found, Groups)
    assert found.groups == ("app", "web", None)
    for channel in found.groups:
        assert found[channel] == ask([row[:3] for row in ROWS if row[3] == channel])


@every_question
@pytest.mark.parametrize("rows", [ORDERS, iter(ORDERS), LOG], ids=["rows", "iterator", "log"])
def test_a_mapping_says_in_which_group_a_customer_is(ask: Callable[..., Any], rows: Any) -> None:
    if not isinstance(rows, list | EventLog):
        rows = iter(ORDERS)  # a new one for each question
    found = ask(rows, by={**SEGMENT, "bob": None})
    assert found.groups == ("big", None)
    assert found["big"] == ask([row for row in ORDERS if row[0] != "bob"])
    assert found[None] == ask([row for row in ORDERS if row[0] == "bob"])


@every_question
def test_no_group_has_the_result_of_all(ask: Callable[..., Any]) -> None:
    assert ask(LOG, by=None) == ask(ORDERS)


@every_question
def test_what_groups_cannot_be_made_of_is_refused(ask: Callable[..., Any]) -> None:
    with pytest.raises(UnknownNameError, match="by must be 'channel', got 'chanel'"):
        ask(LOG, by="chanel")
    with pytest.raises(InvalidTypeError, match="must be an EventLog with the attribute"):
        ask(ORDERS, by="channel")
    with pytest.raises(InvalidTypeError, match="by must be the name of an attribute"):
        ask(LOG, by=7)


@every_question
def test_an_error_says_in_which_group_it_is(ask: Callable[..., Any]) -> None:
    rows = [*ORDERS, ("bob", date(2026, 3, 3), -1)]
    with pytest.raises(InvalidValueError, match="amount must be at least 0") as refused:
        ask(rows, by=SEGMENT)
    assert refused.value.__notes__ == ["in the group 'small'"]


def test_customers_who_came_and_left_are_split_as_the_others_are() -> None:
    visits = [("dan", date(2026, 2, 3), 5)]
    by = {**SEGMENT, "dan": "small"}
    found = revenue.movements(ORDERS, same_period=visits, by=by, **SPRING)
    assert [row.same_period for row in found["small"].rows] == [0, 5, 0]
    assert [row.same_period for row in found["big"].rows] == [0, 0, 0]


def test_figures_of_groups() -> None:
    """Ann and Cy begin February with 30 and end it with 50 + 10 + 40, of which 40 are new."""
    found = revenue.movements(LOG, by=SEGMENT, **SPRING)
    february = found["big"].rows[1]
    assert (february.start, february.new, february.expansion) == (30, 40, 30)
    assert [row["new"] for row in found.to_rows()] == [30, 40, 0, 20, 0, 0]
    assert found.to_rows()[3]["group"] == "small"


def test_one_row_has_no_groups() -> None:
    row = {"start": 100, "expansion": 25, "contraction": 5, "churn": 10}
    for by in ({}, {"start": 1}):
        with pytest.raises(InvalidTypeError, match="calendar must be a Calendar, where `by`"):
            revenue.net_retention(row, by=by)  # type: ignore[call-overload]
    with pytest.raises(InvalidTypeError, match="mrr must be an EventLog with the attribute"):
        revenue.net_retention(row, by="channel")  # type: ignore[call-overload]


# Payments


def test_payments_are_split_by_an_attribute_or_by_customer() -> None:
    found = clv.historic(LOG, by="channel", **END)  # type: ignore[arg-type]
    assert found.results == (("app", 50.0), ("web", 80.0), (None, 40.0))
    assert found.to_rows()[0] == {"group": "app", "value": 50.0}
    assert found.to_dict() == {
        "groups": [
            {"group": "app", "value": 50.0},
            {"group": "web", "value": 80.0},
            {"group": None, "value": 40.0},
        ]
    }
    assert str(found).startswith("app\n50.0\n")
    found = clv.historic(LOG, by=SEGMENT, **END)  # type: ignore[arg-type]
    assert found.results == (("big", 130.0), ("small", 40.0))


def test_numbers_of_groups_make_a_frame() -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    found = clv.historic(LOG, by="channel", **END).to_frame()  # type: ignore[arg-type]
    assert [*found.columns] == ["group", "value"]
    assert found["value"].tolist() == [50.0, 80.0, 40.0]


@pytest.mark.parametrize("by", ["channel", SEGMENT])
def test_payments_without_customers_have_no_groups(by: Any) -> None:
    pairs = [(date(2026, 1, 5), Decimal(30))]
    with pytest.raises(InvalidTypeError, match="payments must be an EventLog"):
        clv.historic(pairs, by=by, **END)


# Segments of scores, and columns of values

RULES = [rfm.SegmentRule("recent", recency=(2, 2)), rfm.SegmentRule("rest", recency=(1, 1))]


@pytest.mark.parametrize("rows", [LOG, ORDERS], ids=["log", "rows"])
def test_segments_are_split_with_the_scores_of_all(rows: Any) -> None:
    """Bob ordered 29 days before the end, Ann 50 and Cy 57: the edge, their median, is at 50."""
    scores = rfm.scores(rows, bins=2, **END)
    found = rfm.segments(scores, rules=iter(RULES), by={"bob": "web", "cy": "web"})
    assert found.groups == ("web", None)
    assert [(row.name, row.customers) for row in found["web"].rows] == [("recent", 1), ("rest", 1)]
    assert found["web"].rows[0].monetary == 40
    assert found["web"].rows[0].share.value == 0.5
    assert dict(found[None].members) == {"ann": "recent"}
    assert [row.customers for row in found[None].rows] == [1, 0]


def test_segments_of_scores_made_by_hand_are_split() -> None:
    scores = rfm.scores(ORDERS, bins=2, **END)
    by_hand = rfm.ScoreTable(
        rows=tuple(scores.rows), edges=scores.edges, bins=2, until=END["until"], method="quantile"
    )
    assert by_hand.to_rows() == scores.to_rows()
    assert rfm.segments(by_hand, rules=RULES, by=SEGMENT) == rfm.segments(
        scores, rules=RULES, by=SEGMENT
    )


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("channel", "by must be a mapping of customers to groups, got 'channel'"),
        ({"ann": [1]}, r"by\['ann'\] must be something that can be hashed"),
    ],
)
def test_segments_are_split_by_customer_only(by: Any, message: str) -> None:
    with pytest.raises(InvalidTypeError, match=message):
        rfm.segments(rfm.scores(ORDERS, bins=2, **END), rules=RULES, by=by)


def test_concentration_is_split_by_a_column() -> None:
    found = rfm.concentration([10, 1, 30, 1], by=iter(["a", "b", "a", "b"]), top=0.5)
    assert [(group, table.share.value) for group, table in found.results] == [
        ("a", 0.75),
        ("b", 0.5),
    ]
    assert found["b"] == rfm.concentration([1, 1], top=0.5)


@pytest.mark.parametrize(
    ("values", "by", "error", "message"),
    [
        ([1, 2], ["a"], InvalidValueError, "by must be as many as values, 2, got 1"),
        ([1, 2], 7, InvalidTypeError, "by must be a series of values"),
        ({1, 2}, ["a", "b"], InvalidTypeError, "values must be a series of values"),
        ([1, 2], ["a", [1]], InvalidTypeError, r"by\[1\] must be something that can be hashed"),
    ],
)
def test_a_column_of_groups_is_one_for_each_value(
    values: Any, by: Any, error: type[LifecycleError], message: str
) -> None:
    with pytest.raises(error, match=message):
        rfm.concentration(values, by=by)
