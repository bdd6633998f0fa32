"""Segments of customers, by rules on their scores."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    UnknownNameError,
)
from lifecycle.metrics import rfm
from lifecycle.rates import Rate

JANUARY = [date(2026, 1, day) for day in range(1, 32)]
END = date(2026, 1, 29)


def five(amounts: tuple[float, ...] = (10, 20, 30, 40, 50)) -> list[tuple[int, date, float]]:
    return [(i, JANUARY[i], amount) for i, amount in enumerate(amounts)]


SCORES = rfm.scores(five(), until=END)
TOP, REST = rfm.SegmentRule("top", monetary=(4, 5)), rfm.SegmentRule("rest", monetary=(1, 3))


def test_each_customer_is_in_the_segment_of_its_rule() -> None:
    found = rfm.segments(SCORES, rules=[TOP, REST])
    assert found.rows == (
        rfm.Segment(name="top", customers=2, share=Rate(2, 5), monetary=90.0),
        rfm.Segment(name="rest", customers=3, share=Rate(3, 5), monetary=60.0),
    )
    assert tuple(found.members) == ((0, "rest"), (1, "rest"), (2, "rest"), (3, "top"), (4, "top"))


def test_the_segment_of_a_customer_is_looked_up() -> None:
    members = rfm.segments(SCORES, rules=[TOP, REST]).members
    assert members.row(3) == rfm.SegmentMember(3, "top") == members.row(customer=3)
    assert dict(members) == {0: "rest", 1: "rest", 2: "rest", 3: "top", 4: "top"}
    assert str(members).splitlines()[:2] == ["Segments of 5 customers", "customer  segment"]
    with pytest.raises(InvalidValueError, match=r"^customer must be in the table"):
        members.row(5)


def test_a_segment_may_have_several_rules() -> None:
    ends = [rfm.SegmentRule("ends", monetary=(1, 1)), rfm.SegmentRule("ends", monetary=(4, 5))]
    found = rfm.segments(SCORES, rules=[*ends, rfm.SegmentRule("middle", monetary=(2, 3))])
    assert [(row.name, row.customers) for row in found.rows] == [("ends", 3), ("middle", 2)]
    crossing = [rfm.SegmentRule("all", recency=(1, 4)), rfm.SegmentRule("all", monetary=(1, 5))]
    assert rfm.segments(SCORES, rules=crossing).rows[0].customers == 5


def test_cells_of_no_rule_are_gaps_unless_the_rest_has_a_name() -> None:
    message = r"^rules must cover every cell of scores.*got '75 uncovered, such as \(1, 1, 1\)'"
    with pytest.raises(InvalidValueError, match=message):
        rfm.segments(SCORES, rules=[TOP])
    found = rfm.segments(SCORES, rules=[TOP], otherwise="others")
    assert [(row.name, row.customers) for row in found.rows] == [("top", 2), ("others", 3)]
    everyone = rfm.segments(SCORES, rules=(), otherwise="everyone")
    assert [(row.name, row.customers) for row in everyone.rows] == [("everyone", 5)]


def test_rules_that_share_cells_raise_unless_the_first_counts() -> None:
    rules = [rfm.SegmentRule("top", monetary=(3, 5)), rfm.SegmentRule("rest", monetary=(1, 3))]
    message = (
        r"^rules must not share cells, as they do 25 of 125 cells.*\(1, 1, 3\): \('top', 'rest'\)"
    )
    with pytest.raises(InvalidValueError, match=message):
        rfm.segments(SCORES, rules=rules)
    for order, top in ((rules, 3), (rules[::-1], 2)):
        found = rfm.segments(SCORES, rules=order, overlap="first")
        assert {row.name: row.customers for row in found.rows}["top"] == top


def test_a_rule_that_nothing_can_reach_raises() -> None:
    rules = [TOP, REST, rfm.SegmentRule("champions", recency=(5, 5), monetary=(5, 5))]
    with pytest.raises(
        InvalidValueError, match=r"^rules\[2\] must have a cell that no earlier rule"
    ):
        rfm.segments(SCORES, rules=rules, overlap="first")
    assert len(rfm.segments(SCORES, rules=rules[::-1], overlap="first").rows) == 3


def test_segments_of_nobody_have_no_share() -> None:
    found = rfm.segments(rfm.scores([], until=END), rules=[TOP, REST])
    assert [row.share.value for row in found.rows] == [None, None]
    assert [row.monetary for row in found.rows] == [0, 0]
    assert len(str(found).splitlines()) == 4


def test_segments_are_a_table() -> None:
    found = rfm.segments(SCORES, rules=[TOP, REST])
    assert str(found).splitlines() == [
        "Segments of customers",
        "segment  customers  share  monetary",
        "top              2  40.0%        90",
        "rest             3  60.0%        60",
    ]
    assert found.to_rows()[0] == {"segment": "top", "customers": 2, "share": 0.4, "monetary": 90.0}
    assert "rgba(63, 81, 181, 0.30)" in found._repr_html_()


def test_a_rule_can_be_pasted_back() -> None:
    rule = rfm.SegmentRule("At Risk", recency=[1, 2], monetary=(2, 5))  # type: ignore[arg-type]
    assert repr(rule) == "SegmentRule('At Risk', recency=(1, 2), monetary=(2, 5))"
    assert eval(repr(rule), vars(rfm)) == rule  # noqa: S307  (our own repr)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"name": " "}, InvalidValueError, r"^name must be text that is not blank"),
        ({"recency": 5}, InvalidTypeError, r"^recency must be a pair of scores"),
        ({"recency": (1, 2, 3)}, InvalidTypeError, r"^recency must be a pair of scores"),
        ({"frequency": (0, 2)}, InvalidValueError, r"^frequency\[0\] must be at least 1"),
        ({"frequency": (1, 2.5)}, InvalidTypeError, r"^frequency\[1\] must be a whole number"),
        ({"monetary": (3, 2)}, InvalidValueError, r"^monetary must begin with the lowest score"),
    ],
)
def test_a_rule_is_checked_at_the_door(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rfm.SegmentRule(**{"name": "x", **given})


@pytest.mark.parametrize(
    ("scores", "given", "error", "message"),
    [
        ([], {}, InvalidTypeError, r"^scores must be what rfm.scores returns"),
        (SCORES, {"rules": "top"}, InvalidTypeError, r"^rules must be a series"),
        (
            SCORES,
            {"rules": [TOP, "rest"]},
            InvalidTypeError,
            r"^rules\[1\] must be an rfm.SegmentRule",
        ),
        (
            SCORES,
            {"rules": [TOP, rfm.SegmentRule("x", recency=(4, 6))]},
            InvalidValueError,
            r"^rules\[1\].recency must end at 5 at most, got \(4, 6\)",
        ),
        (SCORES, {"overlap": "last"}, UnknownNameError, r"^overlap must be one of"),
        (SCORES, {"otherwise": ""}, InvalidValueError, r"^otherwise must be text that is not"),
    ],
)
def test_segments_are_checked_at_the_door(
    scores: Any, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        rfm.segments(scores, **{"rules": [TOP, REST], **given})


def test_the_parts_of_an_empty_segment_are_of_the_kind_of_the_amounts() -> None:
    orders = [("ann", END, Decimal("1.50"))]
    rules = [rfm.SegmentRule("low", monetary=(1, 4)), rfm.SegmentRule("high", monetary=(5, 5))]
    found = rfm.segments(rfm.scores(orders, until=END), rules=rules)
    kinds = {type(segment.monetary) for segment in found.rows}
    assert (kinds, sum(segment.monetary for segment in found.rows)) == ({Decimal}, Decimal("1.50"))
    assert rfm.segments(rfm.scores([], until=END), rules=rules).rows[0].monetary == 0


def test_fine_scores_are_cut_where_rules_begin_and_end() -> None:
    orders = [(i, END, float(i)) for i in range(1, 101)]
    scored = rfm.scores(orders, until=END, bins=100)
    rules = [
        rfm.SegmentRule("some", monetary=(33, 40)),
        rfm.SegmentRule("least", monetary=(1, 32)),
        rfm.SegmentRule("most", monetary=(65, 100)),
    ]
    found = rfm.segments(scored, rules=rules, otherwise="rest")
    expected = [
        next((rule.name for rule in rules if rule.monetary[0] <= x <= rule.monetary[1]), "rest")
        for x in (row.monetary_score for row in scored.rows)
    ]
    assert [segment for _, segment in found.members] == expected
    with pytest.raises(InvalidValueError, match=r"'240000 uncovered, such as \(1, 1, 41\)'"):
        rfm.segments(scored, rules=rules)
