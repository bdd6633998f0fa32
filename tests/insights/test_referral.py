import pytest

from lifecycle import CustomerBase, Rate
from lifecycle.errors import UnknownNameError
from samples import SHOP, START, bought

REFERRED = [
    ("ann", None, [bought(1, 10)]),
    ("bob", "ann", [bought(2, 7), bought(9, 5)]),
    ("cy", "ann", []),
    ("dee", "zed", [bought(3, 2)]),
    ("eve", None, []),
]
TABLE = CustomerBase(
    [SHOP.replay(name, log, since=START, referred_by=by) for name, by, log in REFERRED]
).referrals()


def test_a_referrer_has_those_they_referred_and_what_they_spent() -> None:
    ann = TABLE.row("ann")
    assert (ann.referred, ann.converted, ann.revenue, ann.known) == (("bob", "cy"), 1, 12, True)
    assert ann.conversion == Rate(1, 2)
    assert not TABLE.row("zed").known
    assert [row.customer for row in TABLE.rows] == ["ann", "zed"]


def test_the_referred_are_compared_with_the_others() -> None:
    assert (TABLE.referred_conversion, TABLE.other_conversion) == (Rate(2, 3), Rate(1, 2))
    assert TABLE.share == Rate(3, 5)
    assert TABLE.viral_coefficient == 0.4
    assert (TABLE.referred_revenue, TABLE.other_revenue) == (14, 10)
    assert TABLE.comparison.difference == pytest.approx(1 / 6)


def test_the_stages_in_which_they_began_are_counted() -> None:
    assert TABLE.initial_stages == (("visitor", 3),)


def test_the_table_is_shown() -> None:
    assert str(TABLE).startswith("Referrals: 3 of 5 customers were referred")
    assert TABLE.to_rows()[0]["referred"] == 2
    assert repr(TABLE).startswith("ReferralTable(customers=5, initial_stages=")
    assert repr(TABLE.rows[0]).startswith("Referrer(customer='ann'")
    with pytest.raises(UnknownNameError, match="customer must be one of 'ann', 'zed', got 'bob'"):
        TABLE.row("bob")


def test_who_referred_most_comes_first() -> None:
    journeys = [
        SHOP.replay(name, [], since=START, referred_by=by)
        for name, by in (("bob", "zed"), ("cy", "ann"), ("dee", "ann"))
    ]
    assert [row.customer for row in CustomerBase(journeys).referrals().rows] == ["ann", "zed"]
