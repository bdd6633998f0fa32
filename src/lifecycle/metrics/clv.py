"""Customer lifetime value: what a customer is worth, by the formulas of the literature.

Money is whatever number the caller uses, in one currency: `Decimal` in, `Decimal` out.
Rates are fractions per period, and the period is the caller's: a retention per year goes
with a margin and a discount per year. `Discount` brings a rate from one period to another.
"""

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, TypeVar, overload

import attrs

from lifecycle import _checks, _inputs, _money
from lifecycle._activity import Reader
from lifecycle._checks import Number
from lifecycle._discounts import Discount, Share, compounded, rate_per
from lifecycle._groups import Groups
from lifecycle._lengths import UNITS
from lifecycle._money import held
from lifecycle._splits import By, by_group
from lifecycle.errors import EmptySampleError, InvalidTypeError, InvalidValueError
from lifecycle.logs import EventLog
from lifecycle.metrics._payment_columns import payment_columns
from lifecycle.periods import Calendar
from lifecycle.rates import Ratio

__all__ = [
    "Discount",
    "EarnedGrowth",
    "Tradeoff",
    "acquisition_vs_retention",
    "earned_growth",
    "equity",
    "from_curve",
    "geometric",
    "historic",
    "net",
    "payback",
    "promotion",
    "referral_value",
    "simple",
    "to_cac",
    "viral_coefficient",
]

Money = TypeVar("Money", float, Decimal)

# At which period the first margin is paid.
_FIRST = {"now": 0, "next_period": 1}


@_money.in_own_context
def simple(*, annual_profit: Money, years: float) -> Money:
    """Value a customer as the yearly profit times the years kept.

    Args:
        annual_profit: Money per year; may be negative.
        years: How long the customer stays, 0 or more.

    Returns:
        Money, neither discounted nor less the cost of acquiring.

    Raises:
        InvalidTypeError: A number is not a number.
        InvalidValueError: `years` is negative, or a number is not finite.

    Convention:
        With a churn rate c per year, years = 1 / c is the mean lifetime.

    Examples:
        >>> simple(annual_profit=120, years=3)
        360.0
    """
    convert = _money.converter({"annual_profit": annual_profit})
    result: Money = held(convert(annual_profit) * convert(_at_least(0, "years", years)))
    return result


@_money.in_own_context
def net(
    *,
    annual_revenue: Money,
    years: float,
    acquisition_cost: Money | int = 0,
    service_cost: Money | int = 0,
    annual_service_cost: Money | int = 0,
) -> Money:
    """Value a customer as the revenue of all years, less the cost of acquiring and serving.

    Args:
        annual_revenue: Money per year; may be negative.
        years: How long the customer stays, 0 or more.
        acquisition_cost: Money, once, 0 or more.
        service_cost: Money for the whole relationship, 0 or more.
        annual_service_cost: Money per year, 0 or more.

    Returns:
        Money, not discounted.

    Raises:
        InvalidTypeError: A number is not a number.
        InvalidValueError: A cost or `years` is negative, or a number is not finite.
        MixedNumbersError: One amount is a `Decimal` and another a float.

    Convention:
        Guides subtract "the cost of serving" and leave open whether it is that of a year or
        of all years; here each has its name.

    Examples:
        >>> net(annual_revenue=200, years=3, acquisition_cost=50, service_cost=30)
        520.0
    """
    costs = {
        "acquisition_cost": acquisition_cost,
        "service_cost": service_cost,
        "annual_service_cost": annual_service_cost,
    }
    convert = _converter({"annual_revenue": annual_revenue}, costs)
    lasting = convert(_at_least(0, "years", years))
    yearly = convert(annual_revenue) - convert(annual_service_cost)
    result: Money = held(yearly * lasting - convert(acquisition_cost) - convert(service_cost))
    return result


@_money.in_own_context
def geometric(  # noqa: PLR0913  (the terms of the formula)
    *,
    margin: Money,
    retention: Share,
    discount: Share | Discount,
    first_margin: str,
    periods: int | None = None,
    growth: Share = 0,
    acquisition_cost: Money | int = 0,
    period: str | None = None,
) -> Money:
    """Value a customer who stays with the same probability in every period.

    With q = r (1 + g) / (1 + d), the margins are worth m r / (1 + d) x (1 + q + q^2 + ...)
    from the next period on, and m x (1 + q + q^2 + ...) from now on.

    Args:
        margin: m, the first margin that is paid: money per period; may be negative.
        retention: r, the probability of staying another period, 0 to 1.
        discount: d, the rate per period, 0 or more; or a `Discount`.
        first_margin: "next_period": the first margin is paid in a period's time, by those
            who stay; "now": it is paid at once, by everybody.
        periods: How many margins count, 0 or more; None counts all, without end.
        growth: g, by which every later margin grows over the one before, -1 or more.
        acquisition_cost: Money, once, 0 or more; subtracted undiscounted.
        period: The unit of time that a period is, such as "month"; needed with a `Discount`.

    Returns:
        The expected present value, in money.

    Raises:
        InvalidTypeError: A number is not a number, `periods` is not whole, or `discount` is
            a `Discount` without `period`.
        InvalidValueError: A number is outside its bounds, or q is 1 or more and there is
            no `periods`, so that the sum has no end.
        MixedNumbersError: One amount is a `Decimal` and another a float.
        UnknownNameError: `first_margin` or `period` is not one of these.

    Convention:
        "next_period" without growth is Gupta and Lehmann, m r / (1 + d - r): 4.5 margins at
        r = 0.9 and d = 10 %. "now" gives m (1 + d) / (1 + d - r), one margin more. Textbooks
        use either, and seldom say which.

    References:
        Gupta, S. and Lehmann, D. R. (2003). Customers as assets. Journal of Interactive
        Marketing 17(1):9-24.

    Examples:
        >>> round(geometric(margin=100, retention=0.8, discount=0.1, first_margin="next_period"), 2)
        266.67
        >>> round(geometric(margin=100, retention=0.8, discount=0.1, first_margin="now"), 2)
        366.67
    """
    convert = _converter({"margin": margin}, {"acquisition_cost": acquisition_cost})
    r, d = convert(_share("retention", retention)), convert(rate_per("discount", discount, period))
    g = convert(_at_least(-1, "growth", growth))
    n = None if periods is None else _checks.whole("periods", periods, least=0)
    first = convert(margin) * _first_share(first_margin, r, d)
    result: Money = held(first * _annuity(r, d, n, growth=g) - convert(acquisition_cost))
    return result


@_money.in_own_context
def from_curve(  # noqa: PLR0913  (the terms of the formula)
    survival: Iterable[Share],
    *,
    margin: Money | Iterable[Money],
    discount: Share | Discount,
    first_margin: str,
    acquisition_cost: Money | int = 0,
    period: str | None = None,
) -> Money:
    """Value a customer by a survival curve: the k-th margin times S[k] / (1 + d)^k, summed.

    Args:
        survival: The share of customers who are still there after k periods, 0 to 1, for
            k = 0, 1, ...; S[0] is 1. It may rise, as that of customers who come back does.
        margin: Money per period: one amount, or one for each margin that is paid, in order.
        discount: d, the rate per period, 0 or more; or a `Discount`.
        first_margin: "now": margins are paid at k = 0, 1, ..., as many as the curve has
            values; "next_period": at k = 1, 2, ..., one less.
        acquisition_cost: Money, once, 0 or more; subtracted undiscounted.
        period: The unit of time that a period is, such as "month"; needed with a `Discount`.

    Returns:
        The expected present value of the periods that the curve covers, in money.

    Raises:
        EmptySampleError: The curve is empty.
        InvalidTypeError: A number is not a number, or `discount` is a `Discount` without
            `period`.
        InvalidValueError: A number is outside its bounds, S[0] is not 1, or there are more
            or fewer margins than are paid.
        MixedNumbersError: One amount is a `Decimal` and another a float.
        UnknownNameError: `first_margin` or `period` is not one of these.

    Convention:
        What comes after the end of the curve is not counted; extend the curve with a fitted
        one where it ends high.

    Examples:
        >>> curve = [1, 0.6, 0.45, 0.4]
        >>> round(from_curve(curve, margin=100, discount=0.1, first_margin="now"), 2)
        221.79
        >>> round(
        ...     from_curve(curve, margin=[90, 100, 110], discount=0.1, first_margin="next_period"),
        ...     2,
        ... )
        119.34
    """
    first = _FIRST[_checks.choice("first_margin", first_margin, _FIRST)]
    shares = _curve(survival)[first:]
    paid, amounts = _margins(margin, len(shares))
    convert = _converter(amounts, {"acquisition_cost": acquisition_cost})
    factor = 1 + convert(rate_per("discount", discount, period))
    worth = convert(0)
    for share, amount in zip(reversed(shares), reversed(paid), strict=True):
        worth = worth / factor + convert(amount) * convert(share)
    result: Money = held(worth / factor**first - convert(acquisition_cost))
    return result


@_money.in_own_context
def promotion(  # noqa: PLR0913  (the terms of the formula)
    *,
    contribution: Money,
    promotion: Money | int,
    retention: Share,
    discount: Share | Discount,
    periods: int,
    period: str | None = None,
) -> Money:
    """Value a customer who receives promotions, after Berger and Nasr's first case.

    The contributions fall at 0, 1, ..., n, and the promotions in the middle of each period:
    sum over i = 0..n of GC (r / (1 + d))^i, less sum over i = 1..n of
    M r^(i - 1) / (1 + d)^(i - 1/2).

    Args:
        contribution: GC, the gross contribution per period: money; may be negative.
        promotion: M, the cost of promotion per period: money, 0 or more.
        retention: r, the probability of staying another period, 0 to 1.
        discount: d, the rate per period, 0 or more; or a `Discount`.
        periods: n, how many periods are projected, 0 or more.
        period: The unit of time that a period is, such as "month"; needed with a `Discount`.

    Returns:
        The expected present value, in money.

    Raises:
        InvalidTypeError: A number is not a number, `periods` is not whole, or `discount` is
            a `Discount` without `period`.
        InvalidValueError: A number is outside its bounds.
        MixedNumbersError: One amount is a `Decimal` and another a float.
        UnknownNameError: `period` is not a unit of time.

    Convention:
        `periods=n` is n + 1 contributions and n promotions, as in the paper; in `geometric`
        it is n margins.

    References:
        Berger, P. D. and Nasr, N. I. (1998). Customer lifetime value: marketing models and
        applications. Journal of Interactive Marketing 12(1):17-30. Case 1.

    Examples:
        >>> worth = promotion(
        ...     contribution=260, promotion=50, retention=0.75, discount=0.2, periods=10
        ... )
        >>> round(worth, 2)
        568.78
    """
    convert = _converter({"contribution": contribution}, {"promotion": promotion})
    r, d = convert(_share("retention", retention)), convert(rate_per("discount", discount, period))
    n = _checks.whole("periods", periods, least=0)
    earned = convert(contribution) * _annuity(r, d, n + 1)
    spent = convert(promotion) * _annuity(r, d, n)
    result: Money = held(earned - spent / (1 + d) ** convert(0.5))
    return result


def _by_group(calculator: Callable[..., Any]) -> Callable[..., Any]:
    """Give a value of payments `by=`, where they are those of a log."""
    split = by_group("payments")(calculator)

    @functools.wraps(split)
    def valued(payments: Any, *, by: By | None = None, **options: Any) -> Any:
        if isinstance(by, Mapping) and not isinstance(payments, EventLog):
            expected = "be an EventLog, whose rows by= splits"
            raise InvalidTypeError("payments", payments, expected)
        return split(payments, by=by, **options)

    return valued


@overload
def historic(
    payments: Iterable[tuple[datetime | date, Money]],
    *,
    until: datetime | date,
    discount: Share | Discount = 0,
    zone: str | tzinfo = "UTC",
    by: None = None,
) -> Money: ...
@overload
def historic(
    payments: Iterable[tuple[datetime | date, Money]],
    *,
    until: datetime | date,
    discount: Share | Discount = 0,
    zone: str | tzinfo = "UTC",
    by: By,
) -> Groups[Money]: ...
@_by_group
@_money.in_own_context
def historic(
    payments: Iterable[tuple[datetime | date, Money]],
    *,
    until: datetime | date,
    discount: Share | Discount = 0,
    zone: str | tzinfo = "UTC",
) -> Money:
    """Sum past payments, compounded to one day.

    Args:
        payments: Pairs (at, amount), in any order; a refund is a negative amount.
        until: When the value holds, and up to and including when payments are given: a date
            for its whole day, or an instant.
        discount: A `Discount`, or a rate per year, 0 or more.
        zone: The time zone, by name or as a `tzinfo`, in which days begin and naive datetimes
            are local times.
        by: What to split the payments of a log by: the name of an attribute, or a mapping of
            customers to groups. None for one value of all.

    Returns:
        The sum of amount x (1 + d)^(days / 365.2425) in money, where d is the rate per year;
        0 where there are no payments. For a payment at a datetime, days are those that
        passed until the last instant of `until`, fractions included; for one at a date, those
        from its day to the day of `until`. With `by`, such a sum for each group.

    Raises:
        InvalidTypeError: A row is not a pair, an instant is neither a datetime nor a date, or an
            amount is not a number.
        InvalidValueError: A payment is after `until`, an amount is not finite, or the rate
            is negative.
        MixedInstantsError: Some instants have a time zone, and others have none.
        MixedNumbersError: One amount is a `Decimal` and another a float.

    Convention:
        Spreadsheets' XNPV takes 365 days for a year, and brings amounts to the first date.

    Examples:
        >>> paid = [(date(2024, 3, 1), 80), (date(2025, 3, 1), 120)]
        >>> historic(paid, until=date(2026, 3, 1))
        200.0
        >>> round(historic(paid, until=date(2026, 3, 1), discount=Discount(0.1, per="year")), 2)
        228.78
    """
    calendar = Calendar("day", zone=zone)
    reader = Reader(calendar)
    last = reader.until("until", until)
    rate = rate_per("discount", discount, "year")
    day = calendar.floor(last).date() if isinstance(until, datetime) else until
    of_log = payment_columns(reader, payments, last, day)
    if of_log is not None:
        grown = [_grown(rate, age, float) for age in of_log.ages]
        return _money.summed(of_log.times(grown))  # type: ignore[return-value]
    ats, amounts = _inputs.columns("payments", payments, ("at", "amount"))
    moments = reader.moments("payments", ats)
    for i, moment in enumerate(moments):
        if moment > last:
            raise InvalidValueError(f"payments[{i}].at", ats[i], f"not be after until, {until}")
    ages = [
        last - moment if isinstance(at, datetime) else day - at
        for at, moment in zip(ats, moments, strict=True)
    ]
    convert = _money.converter({f"payments[{i}].amount": paid for i, paid in enumerate(amounts)})
    by_age = {age: _grown(rate, age, convert) for age in set(ages)}  # many are paid on one day
    brought = [convert(paid) * by_age[age] for paid, age in zip(amounts, ages, strict=True)]
    result: Money = _sum(brought, convert)
    return result


@_money.in_own_context
def payback(  # noqa: PLR0913  (the terms of the formula)
    *,
    margin: Money,
    acquisition_cost: Money | int,
    retention: Share,
    discount: Share | Discount = 0,
    first_margin: str,
    period: str | None = None,
) -> float | None:
    """Return the number of periods after which margins cover the acquisition cost.

    Args:
        margin: The margin of each period: money.
        acquisition_cost: Money, once, 0 or more.
        retention: The probability of staying another period, 0 to 1.
        discount: The rate per period, 0 or more; or a `Discount`.
        first_margin: "next_period" or "now", as in `geometric`.
        period: The unit of time that a period is, such as "month"; needed with a `Discount`.

    Returns:
        The smallest real n, in periods, at which n margins reach the cost: `geometric` with
        `periods=n`, read between the whole numbers as (1 - q^n) / (1 - q). None where they
        never do.

    Raises:
        InvalidTypeError: A number is not a number, or `discount` is a `Discount` without
            `period`.
        InvalidValueError: A number is outside its bounds.
        MixedNumbersError: One amount is a `Decimal` and another a float.
        UnknownNameError: `first_margin` or `period` is not one of these.

    Convention:
        Cost / margin, as most guides have it, is the payback without churn and discount.
        Margins that are paid at the end of a period reach the cost at the next whole number.
        A customer who pays once (a retention of 0, "now") pays back with that one margin.

    Examples:
        >>> terms = {"margin": 100, "retention": 0.8, "discount": 0.1}
        >>> round(payback(**terms, acquisition_cost=150, first_margin="next_period"), 4)
        2.5959
        >>> payback(**terms, acquisition_cost=300, first_margin="next_period")
    """
    convert = _converter({"margin": margin}, {"acquisition_cost": acquisition_cost})
    r, d = float(_share("retention", retention)), float(rate_per("discount", discount, period))
    first = float(convert(margin)) * _first_share(first_margin, r, d)
    return _periods_to_reach(float(convert(acquisition_cost)), first, (d + (1 - r)) / (1 + d))


def to_cac(value: Money, acquisition_cost: Money | int) -> Ratio:
    """Divide lifetime value by acquisition cost (LTV:CAC).

    Args:
        value: The lifetime value: money, before the cost of acquiring; may be negative.
        acquisition_cost: Money, 0 or more.

    Returns:
        The ratio, whose value is None where winning costs nothing. Ratios add by pooling, so
        that the sum over customers is the ratio of the totals.

    Raises:
        InvalidTypeError: An amount is not a number.
        InvalidValueError: `acquisition_cost` is negative, or an amount is not finite.
        MixedNumbersError: One amount is a `Decimal` and the other a float.

    Convention:
        A value of which the cost is already subtracted gives a ratio that is 1 lower.

    Examples:
        >>> to_cac(360, 120).value
        3.0
    """
    convert = _converter({"value": value}, {"acquisition_cost": acquisition_cost})
    return Ratio(convert(value), convert(acquisition_cost))


@_money.in_own_context
def equity(values: Iterable[Money]) -> Money:
    """Add up what all customers are worth.

    Args:
        values: The lifetime value of each customer: money, in any order.

    Returns:
        Money; 0 where there are no customers.

    Raises:
        InvalidTypeError: A value is not a number.
        InvalidValueError: A value is not finite.
        MixedNumbersError: One value is a `Decimal` and another a float.

    Convention:
        Blattberg and Deighton add the customers that are yet to be won; here the caller
        decides whose values are given.

    References:
        Blattberg, R. C. and Deighton, J. (1996). Manage marketing by the customer equity
        test. Harvard Business Review 74(4):136-144.

    Examples:
        >>> equity([Decimal("266.67"), Decimal("366.67")])
        Decimal('633.34')
    """
    given = list(_inputs.series("values", values))
    convert = _money.converter({f"values[{i}]": value for i, value in enumerate(given)})
    result: Money = _sum([convert(value) for value in given], convert)
    return result


@attrs.frozen(kw_only=True, weakref_slot=False)
class Tradeoff:
    """The cost of keeping a customer compared with that of winning a new one.

    Args:
        kept: The share of customers who stay because of what is spent.
        cost_to_keep: The spend per customer kept; the value is None where none is.
        cost_ratio: How many times the cost of keeping a customer winning one costs; the
            value is None where nothing is spent.
        break_even: The spend per customer, in money, at which keeping costs as much as
            replacing those who would leave.
        gain: The break-even spend less the spend, in money: what each customer saves.
    """

    kept: Share
    cost_to_keep: Ratio
    cost_ratio: Ratio
    break_even: Share
    gain: Share


@_money.in_own_context
def acquisition_vs_retention(
    *,
    acquisition_cost: Money,
    retention_spend: Money | int,
    retention: Share,
    baseline: Share = 0,
    extra_value: Money | int = 0,
) -> Tradeoff:
    """Compare the cost of keeping a customer with the cost of winning a new one.

    Args:
        acquisition_cost: The cost of winning one customer: money, 0 or more.
        retention_spend: What is spent per customer and period to keep customers, whether
            they would have left or not: money, 0 or more.
        retention: The share of customers who stay with that spend, 0 to 1.
        baseline: The share who would stay without it, at most `retention`. 0 counts all who
            stay as kept by the spend, which gives average costs.
        extra_value: What a kept customer is worth more than a new one: money; negative where
            it is worth less.

    Returns:
        The costs, their ratio, and the break-even spend per customer:
        (retention - baseline) x (acquisition_cost + extra_value).

    Raises:
        InvalidTypeError: A number is not a number.
        InvalidValueError: A number is outside its bounds.
        MixedNumbersError: One amount is a `Decimal` and another a float.

    Convention:
        "Keeping costs a sixth or seventh of winning" compares average costs, a baseline of 0.
        Whether to spend more is decided by the cost of those who would have left, which is
        larger (Pfeifer 2005).

    References:
        Pfeifer, P. E. (2005). The optimal ratio of acquisition and retention costs. Journal
        of Targeting, Measurement and Analysis for Marketing 13(2):179-188.

    Examples:
        >>> costs = {"acquisition_cost": 120, "retention_spend": 16, "retention": 0.8}
        >>> round(acquisition_vs_retention(**costs).cost_ratio.value, 2)
        6.0
        >>> kept = acquisition_vs_retention(**costs, baseline=0.6)
        >>> round(kept.cost_ratio.value, 2), round(kept.break_even, 2), round(kept.gain, 2)
        (1.5, 24.0, 8.0)
    """
    convert = _converter(
        {"extra_value": extra_value},
        {"acquisition_cost": acquisition_cost, "retention_spend": retention_spend},
    )
    stay, anyway = _share("retention", retention), _share("baseline", baseline)
    kept = convert(stay) - convert(anyway)
    if kept < 0:
        raise InvalidValueError("baseline", baseline, f"be at most retention, {retention!r}")
    spent, won = convert(retention_spend), convert(acquisition_cost)
    break_even = held(kept * (won + convert(extra_value)))
    return Tradeoff(
        kept=kept,
        cost_to_keep=Ratio(spent, kept),
        cost_ratio=Ratio(won * kept, spent),
        break_even=break_even,
        gain=held(break_even - spent),
    )


@_money.in_own_context
def referral_value(
    *,
    referrals: float,
    value: Money,
    acquisition_cost: Money | int = 0,
    reward: Money | int = 0,
    would_join_anyway: Share = 0,
) -> Money:
    """Value the referrals of a customer.

    Args:
        referrals: How many customers one customer brings, 0 or more; a mean may be fractional.
        value: The lifetime value of a customer so won, before any cost of acquiring: money.
        acquisition_cost: What winning a customer costs elsewhere, saved on each: money, 0 or
            more.
        reward: What is paid for each referral, to both sides: money, 0 or more.
        would_join_anyway: The share who would have become customers without it, 0 to 1; of
            these only the cost of acquiring is gained.

    Returns:
        referrals x ((1 - would_join_anyway) x value + acquisition_cost - reward), in money;
        negative where rewards cost more than they bring.

    Raises:
        InvalidTypeError: A number is not a number.
        InvalidValueError: A number is outside its bounds.
        MixedNumbersError: One amount is a `Decimal` and another a float.

    Convention:
        Kumar, Petersen and Leone pay the reward only for those who would not have joined,
        and discount each referral from its date; give discounted values here. What the new
        customers refer in turn is left out: divide by 1 - k, with k the viral coefficient
        and below 1, to have it all.

    References:
        Kumar, V., Petersen, J. A. and Leone, R. P. (2010). Driving profitability by
        encouraging customer referrals: who, when, and how. Journal of Marketing 74(5):1-17.

    Examples:
        >>> referral_value(
        ...     referrals=1.5, value=200, acquisition_cost=40, reward=20, would_join_anyway=0.25
        ... )
        255.0
    """
    costs = {"acquisition_cost": acquisition_cost, "reward": reward}
    convert = _converter({"value": value}, costs)
    caused = 1 - convert(_share("would_join_anyway", would_join_anyway))
    each = caused * convert(value) + convert(acquisition_cost) - convert(reward)
    result: Money = held(convert(_at_least(0, "referrals", referrals)) * each)
    return result


def viral_coefficient(*, invites: float, conversion: Share, customers: float = 1) -> Ratio:
    """Return how many new customers each customer brings by inviting.

    Args:
        invites: How many invitations were sent: by `customers`, or by one.
        conversion: The share of invitations that became customers, 0 to 1.
        customers: How many customers there were to invite, 0 or more.

    Returns:
        invites x conversion / customers. Above 1, each round of invitations is larger than
        the one before. Coefficients of groups add by pooling, where `customers` is given.

    Raises:
        InvalidTypeError: A number is not a number.
        InvalidValueError: A number is outside its bounds.

    Convention:
        Per round of invitations, whatever a round takes; it says nothing about speed.

    Examples:
        >>> viral_coefficient(invites=5, conversion=0.25).value
        1.25
        >>> viral_coefficient(invites=600, conversion=0.25, customers=400)
        Ratio(150.0, 400.0)
    """
    sent = float(_at_least(0, "invites", invites))
    joined = sent * float(_share("conversion", conversion))
    return Ratio(joined, float(_at_least(0, "customers", customers)))


@attrs.frozen(kw_only=True, weakref_slot=False)
class EarnedGrowth:
    """The growth earned from customers and their referrals, as a share of all growth.

    Args:
        rate: The earned growth rate, a fraction of last year's revenue.
        growth: The growth of all revenue, a fraction; None where it is not known what was
            bought.
        ratio: `rate` / `growth`; None where `growth` is not above 0, or is not known.
    """

    rate: Share
    growth: Share | None
    ratio: Share | None


@_money.in_own_context
def earned_growth(
    *, net_retention: Share, earned_new: Share, bought_new: Share | None = None
) -> EarnedGrowth:
    """Return earned growth: growth from returning customers and their referrals.

    Args:
        net_retention: This year's revenue from last year's customers, as a fraction of last
            year's revenue, 0 or more.
        earned_new: This year's revenue from new customers who came by recommendation, as a
            fraction of last year's revenue, 0 or more.
        bought_new: The same of new customers won by advertising and sales; None leaves the
            growth of all revenue and the ratio open.

    Returns:
        rate = net_retention + earned_new - 1, growth = rate + bought_new, and their ratio.

    Raises:
        InvalidTypeError: A fraction is not a number.
        InvalidValueError: A fraction is negative or not finite.
        MixedNumbersError: One fraction is a `Decimal` and another a float.

    Convention:
        Fractions, where Reichheld prints percentages.

    References:
        Reichheld, F., Darnell, D. and Burns, M. (2021). Winning on Purpose. Harvard Business
        Review Press. Appendix B.

    Examples:
        >>> year = earned_growth(net_retention=0.85, earned_new=0.25, bought_new=0.2)
        >>> round(year.rate, 4), round(year.growth, 4), round(year.ratio, 4)
        (0.1, 0.3, 0.3333)
    """
    bought = {} if bought_new is None else {"bought_new": bought_new}
    convert = _converter({}, {"net_retention": net_retention, "earned_new": earned_new, **bought})
    rate = held(convert(net_retention) + convert(earned_new) - 1)
    growth = None if bought_new is None else held(rate + convert(bought_new))
    ratio = None if growth is None or growth <= 0 else held(rate / growth)
    return EarnedGrowth(rate=rate, growth=growth, ratio=ratio)


def _converter(amounts: dict[str, Any], not_negative: dict[str, Any]) -> Any:
    """Return what brings the amounts of a call to one kind; costs are not negative."""
    for argument, amount in not_negative.items():
        _at_least(0, argument, amount)
    return _money.converter({**amounts, **not_negative})


def _at_least(least: int, argument: str, value: object) -> Number:
    found = _checks.number(argument, value)
    if found < least:
        raise InvalidValueError(argument, value, f"be at least {least}")
    return found


def _share(argument: str, value: object) -> Number:
    found = _checks.number(argument, value)
    if not 0 <= found <= 1:
        raise InvalidValueError(argument, value, "be between 0 and 1")
    return found


def _curve(survival: object) -> list[Number]:
    shares = [
        _share(f"survival[{k}]", share)
        for k, share in enumerate(_inputs.series("survival", survival))
    ]
    if not shares:
        raise EmptySampleError("survival")
    if shares[0] != 1:
        raise InvalidValueError("survival[0]", shares[0], "be 1")
    return shares


def _margins(margin: Any, n: int) -> tuple[list[Any], dict[str, Any]]:
    """Return the n margins that are paid, and the amounts as they were given, by path."""
    if not isinstance(margin, Iterable):
        return [margin] * n, {"margin": margin}
    given = list(_inputs.series("margin", margin))
    if len(given) != n:
        raise InvalidValueError("margin", len(given), f"hold the {n} margins that are paid")
    return given, {f"margin[{i}]": amount for i, amount in enumerate(given)}


def _first_share(first_margin: str, retention: Any, discount: Any) -> Any:
    """Return what the first margin is worth today, for each unit of money."""
    waits = _FIRST[_checks.choice("first_margin", first_margin, _FIRST)]
    return retention / (1 + discount) if waits else 1


def _annuity(retention: Any, discount: Any, n: int | None, *, growth: Any = 0) -> Any:
    """Return 1 + q + ... + q^(n - 1) for q = r (1 + g) / (1 + d); without end for n of None."""
    q = retention * (1 + growth) / (1 + discount)
    if n is None:
        gap = discount + (1 - retention) - retention * growth  # (1 + d) (1 - q), term by term
        if q >= 1 or gap <= 0:
            expected = "be given where retention x (1 + growth) reaches 1 + discount"
            raise InvalidValueError("periods", n, expected)
        return (1 + discount) / gap
    total, power = 0 * q, 1 + 0 * q  # of no terms
    for bit in f"{n:b}":  # doubling the number of terms, so that nothing cancels
        total, power = total * (1 + power), power * power
        if bit == "1":
            total, power = 1 + q * total, power * q
    return total


def _periods_to_reach(cost: float, first: float, falls: float) -> float | None:
    """Return the real n at which first (1 - q^n) / (1 - q) is the cost, where falls is 1 - q."""
    if not cost:
        return 0.0
    margins = cost / first if first > 0 else math.inf
    if falls == 1:  # there is one margin
        return 1.0 if margins <= 1 else None
    if margins * falls >= 1:
        return None
    return math.log1p(-margins * falls) / math.log1p(-falls) if falls else float(held(margins))


def _grown(rate: Share, age: timedelta, convert: Any) -> Any:
    """Return what one unit of money has become after a time, exactly 1 without interest."""
    return 1 + compounded(convert(rate), age / UNITS["year"].mean) if rate else convert(1)


def _sum(amounts: list[Any], convert: Any) -> Any:
    """Add amounts so that their order makes no difference."""
    if convert is float:
        return _money.summed(amounts)
    return sum(sorted(amounts), start=convert(0))
