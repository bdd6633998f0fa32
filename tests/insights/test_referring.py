import pytest

from lifecycle import Rate, insights
from lifecycle.errors import UnknownNameError
from samples import SHOP, START, bought

BROUGHT = [
    ("ann", None, [bought(1, 10)]),
    ("bob", "ann", [bought(2, 7), bought(9, 5)]),
    ("cy", "ann", []),
    ("dee", "zed", [bought(3, 2)]),
    ("eve", None, []),
]
TABLE = insights.referrals(
    [SHOP.replay(name, log, since=START, referred_by=by) for name, by, log in BROUGHT]
)


def test_a_referrer_has_whom_they_brought_and_what_those_spent() -> None:
    ann = TABLE.row("ann")
    assert (ann.brought, ann.won, ann.revenue, ann.known) == (("bob", "cy"), 1, 12, True)
    assert ann.conversion == Rate(1, 2)
    assert not TABLE.row("zed").known
    assert [row.customer for row in TABLE.rows] == ["ann", "zed"]


def test_the_referred_are_compared_with_the_others() -> None:
    assert (TABLE.referred, TABLE.others) == (Rate(2, 3), Rate(1, 2))
    assert TABLE.share == Rate(3, 5)
    assert TABLE.viral_coefficient == 0.4
    assert (TABLE.revenue, TABLE.other_revenue) == (14, 10)
    assert TABLE.comparison.difference == pytest.approx(1 / 6)


def test_each_of_them_starts_a_lifecycle_of_its_own() -> None:
    assert TABLE.began == (("visitor", 3),)


def test_the_table_is_shown() -> None:
    assert str(TABLE).startswith("Referrals: 3 of 5 customers were brought by another")
    assert TABLE.to_rows()[0]["brought"] == 2
    assert repr(TABLE).startswith("ReferralTable(customers=5, began=")
    assert repr(TABLE.rows[0]).startswith("Referrer(customer='ann'")
    with pytest.raises(UnknownNameError, match="customer must be one of 'ann', 'zed', got 'bob'"):
        TABLE.row("bob")


def test_who_brought_most_comes_first() -> None:
    journeys = [
        SHOP.replay(name, [], since=START, referred_by=by)
        for name, by in (("bob", "zed"), ("cy", "ann"), ("dee", "ann"))
    ]
    assert [row.customer for row in insights.referrals(journeys).rows] == ["ann", "zed"]
