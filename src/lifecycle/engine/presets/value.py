"""Customers by what they buy: how recently, how often, for how much."""

from lifecycle import _checks
from lifecycle.engine.conditions import count, mean, total
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.presets._parts import YEAR, ascending, distinct, stages
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import Transition, dwell, idle

__all__ = ["retail", "value_growth"]


def retail(  # noqa: PLR0913  (thresholds and event names)
    *,
    loyal_orders: int = 3,
    at_risk_days: float = 60,
    lapsed_days: float = 120,
    churned_days: float = 365,
    signup: str = "signup",
    purchase: str = "purchase",
) -> Lifecycle:
    """Return the lifecycle of a shop, with stages by recency of purchase.

    A purchase brings back from every stage. A prospect who never buys is given up when a
    customer would be.

    | stage | status | entered by |
    | --- | --- | --- |
    | prospect | prospect | enrollment |
    | new | active | the first purchase |
    | repeat | active | a later purchase |
    | loyal | active | a purchase that is number `loyal_orders` or more within 365 days |
    | at_risk | active | no purchase for `at_risk_days` |
    | lapsed | dormant | no purchase for `lapsed_days` |
    | churned | churned | no purchase for `churned_days`; a prospect without any event |

    Args:
        loyal_orders: Purchases within 365 days that make a customer loyal; at least 2.
        at_risk_days: Days without a purchase after which a customer is at risk.
        lapsed_days: Days without a purchase after which a customer has lapsed; more than
            `at_risk_days`.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        signup: The event of signing up; it moves nobody.
        purchase: The event of a purchase.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Practice; no single source.

    Examples:
        >>> shop = presets.retail(purchase="order")
        >>> log = [Event("order", datetime(2026, month, 1)) for month in (1, 2, 8)]
        >>> for change in shop.replay("ann", log).changes:
        ...     print(f"{change.at:%d %b} {change.target}: {change.kind}")
        01 Jan new: conversion
        01 Feb repeat: progress
        02 Apr at_risk: progress
        01 Jun lapsed: lapse
        01 Aug loyal: reactivation
    """
    _checks.whole("loyal_orders", loyal_orders, least=2)
    ascending(at_risk_days=at_risk_days, lapsed_days=lapsed_days, churned_days=churned_days)
    distinct(signup=signup, purchase=purchase)
    often = count(purchase, within=YEAR) >= loyal_orders
    away = ("at_risk", "lapsed", "churned")
    return Lifecycle(
        name="retail",
        initial="prospect",
        stages=(
            *stages(Status.PROSPECT, "prospect"),
            *stages(Status.ACTIVE, "new", "repeat", "loyal", "at_risk"),
            *stages(Status.DORMANT, "lapsed"),
            *stages(Status.CHURNED, "churned"),
        ),
        transitions=(
            Transition(("new", "repeat", *away), "loyal", on=purchase, when=often),
            Transition(("prospect", "churned"), "new", on=purchase, when=count(purchase) <= 1),
            Transition(("new", *away), "repeat", on=purchase),
            Transition(Status.ACTIVE, "at_risk", after=idle(purchase, days=at_risk_days)),
            Transition("at_risk", "lapsed", after=idle(purchase, days=lapsed_days)),
            Transition("lapsed", "churned", after=idle(purchase, days=churned_days)),
            Transition("prospect", "churned", after=idle(days=churned_days)),
        ),
        events=(signup,),
    )


def value_growth(  # noqa: PLR0913  (thresholds and event names)
    *,
    promising_orders: int = 3,
    promising_below: _checks.Number = 50,
    loyalist_total: _checks.Number = 500,
    abandoned_days: float = 90,
    retaining_days: float = 120,
    churned_days: float = 365,
    signup: str = "signup",
    purchase: str = "purchase",
) -> Lifecycle:
    """Return the lifecycle of customers by their value over the last 365 days.

    A purchase moves customers up; 365 days after entering promising or loyalist they are
    looked at again, and stay or move down. Customers who are won back skip being a
    prospect, and enter the start of the cycle directly, whatever they were before.

    | stage | status | entered by |
    | --- | --- | --- |
    | prospect | prospect | enrollment; a signup after giving up |
    | acquiring | active | the first purchase; a purchase after retaining or churning |
    | promising | active | `promising_orders` purchases of less than `promising_below` each |
    | loyalist | active | purchases of `loyalist_total` together |
    | retaining | dormant | no purchase for `retaining_days`: win this customer back |
    | churned | churned | no purchase for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        promising_orders: Purchases within 365 days that are often; at least 1.
        promising_below: The mean value of a purchase, over 365 days, below which a
            customer spends little; above 0, in your currency.
        loyalist_total: The value of all purchases of 365 days that makes a loyalist;
            above 0, in your currency.
        abandoned_days: Days without any event after which a prospect has given up.
        retaining_days: Days without a purchase after which a customer needs winning back.
        churned_days: Days without a purchase after which a customer is lost; more than
            `retaining_days`.
        signup: The event of signing up.
        purchase: The event of a purchase, whose value is the amount.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Guides to stages by value; no single author.

    Examples:
        >>> cycle = presets.value_growth(loyalist_total=Decimal(100))
        >>> log = [Event("purchase", datetime(2026, m, 1), value=Decimal("60")) for m in (1, 2, 9)]
        >>> for change in cycle.replay("ann", log).changes:
        ...     print(f"{change.at:%d %b} {change.target}: {change.kind}")
        01 Jan acquiring: conversion
        01 Feb loyalist: progress
        01 Jun retaining: lapse
        01 Sep acquiring: reactivation
    """
    _checks.whole("promising_orders", promising_orders, least=1)
    ascending(promising_below=promising_below)
    ascending(loyalist_total=loyalist_total)
    ascending(abandoned_days=abandoned_days)
    ascending(retaining_days=retaining_days, churned_days=churned_days)
    distinct(signup=signup, purchase=purchase)
    often = count(purchase, within=YEAR) >= promising_orders
    promising = often & (mean(purchase, within=YEAR) < promising_below)
    loyalist = total(purchase, within=YEAR) >= loyalist_total
    away = ("retaining", "churned", "abandoned")
    return Lifecycle(
        name="value_growth",
        initial="prospect",
        stages=(
            *stages(Status.PROSPECT, "prospect"),
            *stages(Status.ACTIVE, "acquiring", "promising", "loyalist"),
            *stages(Status.DORMANT, "retaining"),
            *stages(Status.CHURNED, "churned", "abandoned"),
        ),
        transitions=(
            Transition("abandoned", "prospect", on=signup),
            Transition(("acquiring", "promising"), "loyalist", on=purchase, when=loyalist),
            Transition("acquiring", "promising", on=purchase, when=promising),
            Transition(("prospect", *away), "acquiring", on=purchase),
            Transition("loyalist", "loyalist", after=dwell(days=365), when=loyalist),
            Transition(
                ("loyalist", "promising"), "promising", after=dwell(days=365), when=promising
            ),
            Transition(("loyalist", "promising"), "acquiring", after=dwell(days=365)),
            Transition("prospect", "abandoned", after=idle(days=abandoned_days)),
            Transition(Status.ACTIVE, "retaining", after=idle(purchase, days=retaining_days)),
            Transition("retaining", "churned", after=idle(purchase, days=churned_days)),
        ),
    )
