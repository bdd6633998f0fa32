"""Leads on their way through marketing and sales."""

from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.presets._parts import GONE, ascending, distinct, silence, stages
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import Transition, idle

__all__ = ["lead_funnel"]


def lead_funnel(  # noqa: PLR0913  (thresholds and event names)
    *,
    abandoned_days: float = 90,
    lapsed_days: float = 365,
    churned_days: float = 730,
    evangelist_days: float = 365,
    signup: str = "signup",
    inquiry: str = "inquiry",
    marketing_qualified: str = "marketing_qualified",
    sales_qualified: str = "sales_qualified",
    deal_opened: str = "deal_opened",
    purchase: str = "purchase",
    disqualified: str = "disqualified",
    referral: str = "referral",
) -> Lifecycle:
    """Return the lifecycle stages of HubSpot, with reactivation.

    Each event leads forward from every earlier stage, so that a step can be skipped.
    HubSpot sets its stages forward only; here a lead that is turned down, or whose deal is
    lost, is a lead again.

    | stage | status | entered by |
    | --- | --- | --- |
    | subscriber | prospect | enrollment; a signup after giving up |
    | lead | prospect | an inquiry; being disqualified later on |
    | marketing_qualified | prospect | the event of that name |
    | sales_qualified | prospect | the event of that name |
    | opportunity | prospect | a deal that is opened |
    | customer | active | a purchase; no referral for `evangelist_days` |
    | evangelist | active | a referral |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to customer |
    | churned | churned | no purchase for `churned_days`; a purchase leads to customer |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a customer has lapsed.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        evangelist_days: Days without a referral after which an evangelist is no longer one.
        signup: The event of subscribing.
        inquiry: The event of showing interest, such as a form that was filled in.
        marketing_qualified: The event of being found ready by marketing.
        sales_qualified: The event of being accepted by sales.
        deal_opened: The event of a deal that is opened.
        purchase: The event of a purchase: a deal that is won.
        disqualified: The event of being turned down, or of a deal that is lost.
        referral: The event of referring another customer.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        HubSpot, "Use contact and company lifecycle stages", knowledge base.

    Examples:
        >>> funnel = presets.lead_funnel(purchase="deal_won")
        >>> ann = funnel.enroll("ann", at=datetime(2026, 1, 1))
        >>> for name in ("inquiry", "deal_opened", "disqualified", "deal_won"):
        ...     ann, changes = funnel.apply(ann, Event(name, at=datetime(2026, 2, 1)))
        ...     print(ann.stage)
        lead
        opportunity
        lead
        customer
    """
    ascending(evangelist_days=evangelist_days)
    distinct(
        signup=signup,
        inquiry=inquiry,
        marketing_qualified=marketing_qualified,
        sales_qualified=sales_qualified,
        deal_opened=deal_opened,
        purchase=purchase,
        disqualified=disqualified,
        referral=referral,
    )
    new = ("subscriber", "abandoned")
    return Lifecycle(
        name="lead_funnel",
        initial="subscriber",
        stages=(
            *stages(Status.PROSPECT, "subscriber", "lead"),
            *stages(Status.PROSPECT, "marketing_qualified", "sales_qualified", "opportunity"),
            *stages(Status.ACTIVE, "customer", "evangelist"),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "subscriber", on=signup),
            Transition(new, "lead", on=inquiry),
            Transition((*new, "lead"), "marketing_qualified", on=marketing_qualified),
            Transition(
                (*new, "lead", "marketing_qualified"), "sales_qualified", on=sales_qualified
            ),
            Transition((Status.PROSPECT, "abandoned"), "opportunity", on=deal_opened),
            Transition((Status.PROSPECT, *(s.name for s in GONE)), "customer", on=purchase),
            Transition(
                ("marketing_qualified", "sales_qualified", "opportunity"), "lead", on=disqualified
            ),
            Transition("customer", "evangelist", on=referral),
            Transition("evangelist", "customer", after=idle(referral, days=evangelist_days)),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )
