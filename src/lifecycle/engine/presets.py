"""The lifecycles of the literature and of practice, ready to use and to change."""

from lifecycle.engine.conditions import count
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import Transition, idle
from lifecycle.errors import InvalidValueError
from lifecycle.periods import Period

__all__ = ["retail"]


def retail(
    *,
    loyal_orders: int = 3,
    at_risk_days: int = 60,
    lapsed_days: int = 120,
    churned_days: int = 365,
) -> Lifecycle:
    """Return the lifecycle of a shop, with stages by recency of purchase.

    A prospect becomes new with the first purchase, repeat with the second, and loyal
    with `loyal_orders` within a year. Without a purchase a customer is at risk, then
    lapsed, then churned; a purchase brings back from each of them. A prospect who never
    buys is given up when a customer would be.

    Args:
        loyal_orders: Purchases within 365 days that make a customer loyal; at least 2.
        at_risk_days: Days without a purchase after which a customer is at risk.
        lapsed_days: Days without a purchase after which a customer has lapsed.
        churned_days: Days without a purchase after which a customer is lost.

    Raises:
        InvalidValueError: The days do not rise from one threshold to the next, or
            `loyal_orders` is below 2.
    """
    thresholds = (0, at_risk_days, lapsed_days, churned_days)
    if sorted(set(thresholds)) != list(thresholds):
        given = thresholds[1:]
        expected = "be above 0 and rise from at_risk_days over lapsed_days to churned_days"
        raise InvalidValueError("the thresholds", given, expected)
    if loyal_orders < 2:  # noqa: PLR2004  (one purchase makes nobody loyal)
        raise InvalidValueError("loyal_orders", loyal_orders, "be at least 2")
    often = count("purchase", within=Period(days=365)) >= loyal_orders
    away = ("at_risk", "lapsed", "churned")
    return Lifecycle(
        name="retail",
        initial="prospect",
        stages=(
            Stage("prospect", Status.PROSPECT, label="Prospect"),
            Stage("new", Status.ACTIVE, label="New"),
            Stage("repeat", Status.ACTIVE, label="Repeat"),
            Stage("loyal", Status.ACTIVE, label="Loyal"),
            Stage("at_risk", Status.ACTIVE, label="At risk"),
            Stage("lapsed", Status.DORMANT, label="Lapsed"),
            Stage("churned", Status.CHURNED, label="Churned"),
        ),
        transitions=(
            Transition(("new", "repeat", *away), "loyal", on="purchase", when=often),
            Transition(("prospect", "churned"), "new", on="purchase", when=count("purchase") <= 1),
            Transition(("new", *away), "repeat", on="purchase"),
            Transition(Status.ACTIVE, "at_risk", after=idle("purchase", days=at_risk_days)),
            Transition("at_risk", "lapsed", after=idle("purchase", days=lapsed_days)),
            Transition("lapsed", "churned", after=idle("purchase", days=churned_days)),
            Transition("prospect", "churned", after=idle(days=churned_days)),
        ),
        events=("signup",),
    )
