"""Laws of customer lifetime value."""

import itertools
import math
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifecycle.metrics import clv

margins = st.floats(0.01, 1e6)
retentions = st.just(0.0) | st.floats(1e-6, 0.99)
discounts = st.floats(0.001, 1)
growths = st.floats(-0.5, 0.5)
firsts = st.sampled_from(["now", "next_period"])
counts = st.integers(0, 60)
cents = st.decimals(-(10**6), 10**6, places=2)
shares = st.decimals(0, 1, places=3)


@st.composite
def terms(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what `geometric` needs where the sum has an end."""
    drawn = {
        "margin": draw(margins),
        "retention": draw(retentions),
        "discount": draw(discounts),
        "growth": draw(growths),
        "first_margin": draw(firsts),
    }
    assume(drawn["retention"] * (1 + drawn["growth"]) < 0.99 * (1 + drawn["discount"]))
    return drawn


@given(terms(), st.floats(0, 1e6))
def test_a_finite_value_tends_to_the_endless_one(given_terms: dict[str, Any], cost: float) -> None:
    """With ever more margins the value tends to that without a horizon."""
    endless = clv.geometric(**given_terms, acquisition_cost=cost)
    far = clv.geometric(**given_terms, acquisition_cost=cost, periods=10_000)
    assert math.isclose(far, endless, rel_tol=1e-9, abs_tol=1e-6)
    near = [clv.geometric(**given_terms, acquisition_cost=cost, periods=n) for n in range(20)]
    assert all(more >= less - 1e-9 * abs(endless) for less, more in itertools.pairwise(near))
    assert near[0] == -cost


@given(margins, retentions, discounts)
def test_without_growth_the_value_is_that_of_gupta_and_lehmann(
    margin: float, retention: float, discount: float
) -> None:
    """At g = 0: m r / (1 + d - r); with the first margin now, one margin more."""
    given_terms = {"margin": margin, "retention": retention, "discount": discount}
    later = clv.geometric(**given_terms, first_margin="next_period")
    expected = margin * retention / (1 + discount - retention)
    assert math.isclose(later, expected, abs_tol=1e-300)
    now = clv.geometric(**given_terms, first_margin="now")
    assert math.isclose(now, margin + later)


@given(terms(), counts)
def test_the_sum_is_the_sum_term_by_term(given_terms: dict[str, Any], n: int) -> None:
    """`periods=n` is n margins, each weighted by survival and discount, as exact fractions."""
    m, r, d, g = (
        Fraction(given_terms[name]) for name in ("margin", "retention", "discount", "growth")
    )
    first = 0 if given_terms["first_margin"] == "now" else 1
    v = r / (1 + d)
    exact = sum((m * (1 + g) ** i * v ** (i + first) for i in range(n)), Fraction(0))
    found = clv.geometric(**given_terms, periods=n)
    assert math.isclose(found, float(exact), rel_tol=1e-11, abs_tol=1e-300)


@given(terms(), st.integers(1, 40))
def test_the_curve_of_a_constant_retention_is_geometric(
    given_terms: dict[str, Any], n: int
) -> None:
    """`from_curve` of a geometric curve equals `geometric`, with growing margins too."""
    growth, margin = given_terms.pop("growth"), given_terms.pop("margin")
    retention, first = given_terms.pop("retention"), given_terms["first_margin"]
    curve = [retention**k for k in range(n + (first == "next_period"))]
    paid = [margin * (1 + growth) ** k for k in range(n)]
    found = clv.from_curve(curve, margin=paid, **given_terms)
    expected = clv.geometric(
        margin=margin, retention=retention, growth=growth, periods=n, **given_terms
    )
    assert math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300)


@given(margins, retentions, st.floats(0, 1), counts)
def test_contributions_without_promotion_are_geometric(
    margin: float, retention: float, discount: float, n: int
) -> None:
    """Berger and Nasr's n periods without promotion are n + 1 margins from now on."""
    given_terms = {"retention": retention, "discount": discount}
    found = clv.promotion(contribution=margin, promotion=0, periods=n, **given_terms)
    expected = clv.geometric(margin=margin, first_margin="now", periods=n + 1, **given_terms)
    assert math.isclose(found, expected)


@given(margins, margins, retentions, st.floats(0, 1), st.integers(0, 30))
def test_promotions_fall_in_the_middle_of_periods(
    earned: float, spent: float, retention: float, discount: float, n: int
) -> None:
    """Contributions at 0, ..., n, promotions at 1/2, ..., n - 1/2 to those who are left."""
    gains = [earned * retention**i / (1 + discount) ** i for i in range(n + 1)]
    costs = [spent * retention**i / (1 + discount) ** (i + 0.5) for i in range(n)]
    found = clv.promotion(
        contribution=earned, promotion=spent, retention=retention, discount=discount, periods=n
    )
    scale = math.fsum(gains) + math.fsum(costs)
    assert math.isclose(found, math.fsum(gains) - math.fsum(costs), abs_tol=1e-12 * scale)


def _real(margin: float, retention: float, discount: float, first: str, n: float) -> float:
    """Sum n margins, where n is any real number: the oracle of payback."""
    q = retention / (1 + discount)
    paid = margin if first == "now" else margin * q
    return paid * (1 - q**n) / (1 - q)


@given(margins, st.floats(0.05, 0.99), discounts, firsts, st.floats(0.01, 0.99))
def test_payback_is_the_smallest_real_number_that_reaches_the_cost(
    margin: float, retention: float, discount: float, first: str, part: float
) -> None:
    """The discounted margins reach the cost at n and not before, found by bisection."""
    given_terms = {"margin": margin, "retention": retention, "discount": discount}
    cost = part * clv.geometric(**given_terms, first_margin=first)
    low, high = 0.0, 1e6
    for _ in range(100):
        middle = (low + high) / 2
        reached = _real(**given_terms, first=first, n=middle) >= cost
        low, high = (low, middle) if reached else (middle, high)
    found = clv.payback(**given_terms, first_margin=first, acquisition_cost=cost)
    assert math.isclose(found, high, rel_tol=1e-6, abs_tol=1e-9)
    whole = math.ceil(found - 1e-9)
    reached = clv.geometric(**given_terms, first_margin=first, periods=whole)
    assert reached >= cost * (1 - 1e-9)


@given(margins, retentions, discounts, firsts, st.floats(1e-6, 1))
def test_what_is_never_reached_has_no_payback(
    margin: float, retention: float, discount: float, first: str, more: float
) -> None:
    """A cost above the whole value is never paid back."""
    given_terms = {"margin": margin, "retention": retention, "discount": discount}
    cost = (1 + more) * clv.geometric(**given_terms, first_margin=first)
    assume(cost > 0)
    assert clv.payback(**given_terms, first_margin=first, acquisition_cost=cost) is None


@given(st.floats(0, 5), st.sampled_from(["year", "quarter", "month", "week", "day"]), st.data())
def test_a_rate_there_and_back_is_the_same(rate: float, per: str, data: st.DataObject) -> None:
    """Compounding to another period and back gives the rate again."""
    unit = data.draw(st.sampled_from(["year", "quarter", "month", "week", "day"]))
    there = clv.Discount(rate, per=per).for_period(unit)
    back = clv.Discount(there, per=unit).for_period(per)
    assert math.isclose(back, rate, rel_tol=1e-9, abs_tol=1e-300)


days = st.integers(0, 5000).map(lambda n: date(2010, 1, 1) + timedelta(days=n))


@given(st.lists(st.tuples(days, cents), max_size=20), st.floats(0, 1), st.randoms())
def test_the_order_of_payments_does_not_matter(
    payments: list[tuple[date, Decimal]], rate: float, random: Any
) -> None:
    """Row order never matters, for floats and for decimals, which agree."""
    until = date(2026, 1, 1)
    shuffled = random.sample(payments, len(payments))
    exact = clv.historic(payments, until=until, discount=rate)
    assert clv.historic(shuffled, until=until, discount=rate) == exact
    floats = [(day, float(amount)) for day, amount in payments]
    found = clv.historic(floats, until=until, discount=rate)
    assert math.isclose(found, float(exact), rel_tol=1e-9, abs_tol=1e-4)
    assert clv.historic([(d, float(a)) for d, a in shuffled], until=until, discount=rate) == found


@given(st.lists(st.tuples(days, cents), max_size=20))
def test_without_discount_the_historic_value_is_the_sum(
    payments: list[tuple[date, Decimal]],
) -> None:
    """At a rate of 0 the value is the sum, to the cent, and equals the equity of the amounts."""
    amounts = [amount for _, amount in payments]
    assert clv.historic(payments, until=date(2026, 1, 1)) == sum(amounts)
    assert clv.equity(amounts) == sum(amounts)


@given(st.tuples(cents, shares), st.tuples(shares, shares), firsts, st.none() | counts)
def test_decimals_agree_with_floats(
    money: tuple[Decimal, Decimal], chances: tuple[Decimal, Decimal], first: str, n: int | None
) -> None:
    """`Decimal` in, `Decimal` out, and the same number as with floats."""
    (margin, cost), (retention, discount) = money, chances
    assume(n is not None or 1 + discount - retention > Decimal("0.01"))
    rates = {"retention": float(retention), "discount": float(discount), "first_margin": first}
    exact = clv.geometric(margin=margin, acquisition_cost=cost, periods=n, **rates)
    found = clv.geometric(margin=float(margin), acquisition_cost=float(cost), periods=n, **rates)
    assert isinstance(exact, Decimal)
    assert math.isclose(float(exact), found, rel_tol=1e-9, abs_tol=1e-9)


@given(margins, st.floats(0, 1e6), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1e6))
def test_the_break_even_spend_gains_nothing(
    won: float, spend: float, one: float, other: float, extra: float
) -> None:
    """At the break-even spend the gain is 0; below it keeping is worth its cost."""
    given_terms = {
        "acquisition_cost": won,
        "retention": max(one, other),
        "baseline": min(one, other),
        "extra_value": extra,
    }
    found = clv.acquisition_vs_retention(**given_terms, retention_spend=spend)
    even = clv.acquisition_vs_retention(**given_terms, retention_spend=found.break_even)
    assert even.gain == 0
    assert (found.gain >= 0) == (spend <= found.break_even)
    if found.kept > 1e-6 and spend > 1e-6:
        ratio = won / found.cost_to_keep.value
        assert found.cost_ratio.value == pytest.approx(ratio, rel=1e-9)


@given(shares, shares, shares)
def test_growth_is_earned_and_bought(kept: Decimal, earned: Decimal, bought: Decimal) -> None:
    """The rate is net_retention + earned_new - 1; what was bought makes up the rest of growth."""
    found = clv.earned_growth(net_retention=kept, earned_new=earned, bought_new=bought)
    assert found.rate == kept + earned - 1
    assert found.growth - found.rate == bought
    assert (found.ratio is None) == (found.growth <= 0)
