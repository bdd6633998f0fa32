"""The lifecycles of the marketing guides: five or six steps, with reactivation.

All of them count alike. Prospects give up when nothing happens, customers lapse when
they do not buy. A lapsed customer who buys is again a repeat customer; a
churned one starts again with the first stage of customers; a prospect who gave up comes
back with any event that moves prospects.
"""

from lifecycle import _checks
from lifecycle.engine.conditions import count, value
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.presets._parts import GONE, YEAR, ascending, distinct, silence, stages
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import Transition, dwell, idle

__all__ = [
    "awareness_to_advocacy",
    "develop_and_advocate",
    "engagement",
    "five_step",
    "six_phase",
    "sterne_cutler",
]

_PROMOTER = 9
"""The answer, from 0 to 10, from which a customer is a promoter (net promoter score)."""


def sterne_cutler(  # noqa: PLR0913  (thresholds and event names)
    *,
    loyal_orders: int = 3,
    abandoned_days: float = 90,
    lapsed_days: float = 180,
    churned_days: float = 365,
    visit: str = "visit",
    signup: str = "signup",
    purchase: str = "purchase",
    referral: str = "referral",
) -> Lifecycle:
    """Return the customer life cycle of Sterne and Cutler, the most quoted five steps.

    It is drawn as a circle, and runs as one: loyalty is held for 365 days and must be
    earned again, and every customer who was lost can come round once more.

    | stage | status | entered by |
    | --- | --- | --- |
    | reach | prospect | enrollment; a visit after giving up |
    | acquisition | prospect | a signup |
    | conversion | active | the first purchase; a purchase after churning |
    | retention | active | the next purchase; loyalty that was not earned again |
    | loyalty | active | `loyal_orders` purchases within 365 days, or a referral |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to retention |
    | churned | churned | no purchase for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        loyal_orders: Purchases within 365 days that make a customer loyal; at least 2.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a customer has lapsed.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        visit: The event of a visit.
        signup: The event of signing up.
        purchase: The event of a purchase.
        referral: The event of referring another customer.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Jim Sterne and Matt Cutler, "E-Metrics: Business Metrics for the New Economy",
        NetGenesis, 2000.

    Examples:
        >>> circle = presets.sterne_cutler(loyal_orders=2)
        >>> log = [Event("purchase", datetime(2026, month, 1)) for month in (1, 2)]
        >>> for change in circle.replay("ann", log, until=datetime(2026, 9, 1)).changes:
        ...     print(f"{change.at:%d %b} {change.target}: {change.kind}")
        01 Jan conversion: conversion
        01 Feb loyalty: progress
        31 Jul lapsed: lapse
    """
    _checks.whole("loyal_orders", loyal_orders, least=2)
    distinct(visit=visit, signup=signup, purchase=purchase, referral=referral)
    loyal = count(purchase, within=YEAR) >= loyal_orders
    return Lifecycle(
        name="sterne_cutler",
        initial="reach",
        stages=(
            *stages(Status.PROSPECT, "reach", "acquisition"),
            *stages(Status.ACTIVE, "conversion", "retention", "loyalty"),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "reach", on=visit),
            Transition(("reach", "abandoned"), "acquisition", on=signup),
            Transition((Status.PROSPECT, "abandoned", "churned"), "conversion", on=purchase),
            Transition(("conversion", "retention"), "loyalty", on=purchase, when=loyal),
            Transition(("conversion", "lapsed"), "retention", on=purchase),
            Transition(("conversion", "retention"), "loyalty", on=referral),
            Transition("loyalty", "loyalty", after=dwell(days=365), when=loyal),
            Transition("loyalty", "retention", after=dwell(days=365)),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )


def five_step(  # noqa: PLR0913  (thresholds and event names)
    *,
    loyal_orders: int = 2,
    new_days: float = 30,
    abandoned_days: float = 90,
    lapsed_days: float = 180,
    churned_days: float = 365,
    visit: str = "visit",
    signup: str = "signup",
    purchase: str = "purchase",
) -> Lifecycle:
    """Return the five steps of the retail guides, where loyal means bought more than once.

    A first purchase is a conversion; after `new_days` the shop works on retention, and
    the purchase that is number `loyal_orders` makes the customer loyal.

    | stage | status | entered by |
    | --- | --- | --- |
    | attraction | prospect | enrollment; a visit after giving up |
    | acquirement | prospect | a signup |
    | conversion | active | the first purchase; a purchase after churning |
    | retention | active | `new_days` after conversion, or a purchase that is not enough |
    | loyalty | active | purchase number `loyal_orders`, or a later one |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to retention |
    | churned | churned | no purchase for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        loyal_orders: Purchases, for life, that make a customer loyal; at least 2.
        new_days: Days after which a first-time buyer no longer counts as just converted.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a customer has lapsed; more than
            `new_days`.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        visit: The event of a visit.
        signup: The event of signing up.
        purchase: The event of a purchase.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Retail guides; no single author.

    Examples:
        >>> steps = presets.five_step(loyal_orders=3)
        >>> ann = steps.enroll("ann", at=datetime(2026, 1, 1))
        >>> for month in (1, 2, 3):
        ...     ann, _ = steps.apply(ann, Event("purchase", at=datetime(2026, month, 1)))
        ...     print(ann.stage)
        conversion
        retention
        loyalty
    """
    _checks.whole("loyal_orders", loyal_orders, least=2)
    ascending(new_days=new_days, lapsed_days=lapsed_days)
    distinct(visit=visit, signup=signup, purchase=purchase)
    return Lifecycle(
        name="five_step",
        initial="attraction",
        stages=(
            *stages(Status.PROSPECT, "attraction", "acquirement"),
            *stages(Status.ACTIVE, "conversion", "retention", "loyalty"),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "attraction", on=visit),
            Transition(("attraction", "abandoned"), "acquirement", on=signup),
            Transition((Status.PROSPECT, "abandoned", "churned"), "conversion", on=purchase),
            Transition(
                ("conversion", "retention"),
                "loyalty",
                on=purchase,
                when=count(purchase) >= loyal_orders,
            ),
            Transition(("conversion", "lapsed"), "retention", on=purchase),
            Transition("conversion", "retention", after=dwell(days=new_days)),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )


def awareness_to_advocacy(  # noqa: PLR0913  (thresholds and event names)
    *,
    considering_visits: int = 2,
    abandoned_days: float = 90,
    lapsed_days: float = 180,
    churned_days: float = 365,
    advocate_days: float = 365,
    visit: str = "visit",
    signup: str = "signup",
    purchase: str = "purchase",
    referral: str = "referral",
) -> Lifecycle:
    """Return the path of the marketing-strategy guides, from awareness to advocacy.

    Customers who come back to look consider buying. Those who refer others are advocates,
    for as long as referrals keep coming.

    | stage | status | entered by |
    | --- | --- | --- |
    | awareness | prospect | enrollment; a visit after giving up |
    | consideration | prospect | visit number `considering_visits`, or a signup |
    | purchase | active | the first purchase; a purchase after churning |
    | retention | active | the next purchase; no referral for `advocate_days` |
    | advocacy | active | a referral |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to retention |
    | churned | churned | no purchase for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        considering_visits: The number of the visit that shows consideration; at least 1.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a customer has lapsed.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        advocate_days: Days without a referral after which an advocate is no longer one.
        visit: The event of a visit.
        signup: The event of signing up.
        purchase: The event of a purchase.
        referral: The event of referring another customer.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Marketing-strategy guides; no single author.

    Examples:
        >>> path = presets.awareness_to_advocacy()
        >>> ann = path.enroll("ann", at=datetime(2026, 1, 1))
        >>> for name in ("visit", "visit", "purchase", "referral"):
        ...     ann, _ = path.apply(ann, Event(name, at=datetime(2026, 1, 2)))
        ...     print(ann.stage)
        awareness
        consideration
        purchase
        advocacy
    """
    _checks.whole("considering_visits", considering_visits, least=1)
    ascending(advocate_days=advocate_days)
    distinct(visit=visit, signup=signup, purchase=purchase, referral=referral)
    returning = count(visit) >= considering_visits
    return Lifecycle(
        name="awareness_to_advocacy",
        initial="awareness",
        stages=(
            *stages(Status.PROSPECT, "awareness", "consideration"),
            *stages(Status.ACTIVE, "purchase", "retention", "advocacy"),
            *GONE,
        ),
        transitions=(
            Transition(("awareness", "abandoned"), "consideration", on=visit, when=returning),
            Transition("abandoned", "awareness", on=visit),
            Transition(("awareness", "abandoned"), "consideration", on=signup),
            Transition((Status.PROSPECT, "abandoned", "churned"), "purchase", on=purchase),
            Transition(("purchase", "lapsed"), "retention", on=purchase),
            Transition(("purchase", "retention"), "advocacy", on=referral),
            Transition("advocacy", "retention", after=idle(referral, days=advocate_days)),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )


def engagement(  # noqa: PLR0913  (thresholds and event names)
    *,
    abandoned_days: float = 90,
    lapsed_days: float = 90,
    churned_days: float = 365,
    advocate_days: float = 180,
    visit: str = "visit",
    interaction: str = "interaction",
    signup: str = "signup",
    purchase: str = "purchase",
    referral: str = "referral",
) -> Lifecycle:
    """Return the path of the guides that give each stage its own indicators.

    What counts here is engagement: any event keeps a customer, and any event brings a
    lapsed one back. Only who is lost must buy to return.

    | stage | status | entered by |
    | --- | --- | --- |
    | awareness | prospect | enrollment; a visit after giving up |
    | engagement | prospect | an interaction (a click, a comment, a download) or a signup |
    | conversion | active | the first purchase; a purchase after churning |
    | retention | active | the next purchase; no referral for `advocate_days` |
    | advocacy | active | a referral |
    | lapsed | dormant | no event for `lapsed_days`; any event leads back |
    | churned | churned | no event for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without any event after which a customer has lapsed.
        churned_days: Days without any event after which a customer is lost; more than
            `lapsed_days`.
        advocate_days: Days without a referral after which an advocate is no longer one.
        visit: The event of a visit.
        interaction: The event of taking part: a click, a comment, a download.
        signup: The event of signing up.
        purchase: The event of a purchase.
        referral: The event of referring another customer.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Guides to key figures by stage; no single author.

    Examples:
        >>> path = presets.engagement(interaction="click")
        >>> ann = path.enroll("ann", at=datetime(2026, 1, 1), stage="lapsed")
        >>> path.apply(ann, Event("click", at=datetime(2026, 2, 1))).changes[0].kind
        'reactivation'
    """
    ascending(abandoned_days=abandoned_days)
    ascending(lapsed_days=lapsed_days, churned_days=churned_days)
    ascending(advocate_days=advocate_days)
    distinct(
        visit=visit, interaction=interaction, signup=signup, purchase=purchase, referral=referral
    )
    return Lifecycle(
        name="engagement",
        initial="awareness",
        stages=(
            *stages(Status.PROSPECT, "awareness", "engagement"),
            *stages(Status.ACTIVE, "conversion", "retention", "advocacy"),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "awareness", on=visit),
            Transition("lapsed", "retention", on=visit),
            Transition(("awareness", "abandoned"), "engagement", on=interaction),
            Transition("lapsed", "retention", on=interaction),
            Transition(("awareness", "abandoned"), "engagement", on=signup),
            Transition("lapsed", "retention", on=signup),
            Transition((Status.PROSPECT, "abandoned", "churned"), "conversion", on=purchase),
            Transition(("conversion", "lapsed"), "retention", on=purchase),
            Transition(("conversion", "retention", "lapsed"), "advocacy", on=referral),
            Transition("advocacy", "retention", after=idle(referral, days=advocate_days)),
            Transition(Status.PROSPECT, "abandoned", after=idle(days=abandoned_days)),
            Transition(Status.ACTIVE, "lapsed", after=idle(days=lapsed_days)),
            Transition("lapsed", "churned", after=idle(days=churned_days)),
        ),
    )


def develop_and_advocate(  # noqa: PLR0913  (thresholds and event names)
    *,
    developed_orders: int = 3,
    abandoned_days: float = 90,
    lapsed_days: float = 180,
    churned_days: float = 365,
    advocate_days: float = 365,
    visit: str = "visit",
    signup: str = "signup",
    purchase: str = "purchase",
    referral: str = "referral",
) -> Lifecycle:
    """Return the path of the e-commerce guides, where a new customer is developed first.

    Developing (or nurturing) is what a shop does after the first purchase, until the
    customer has bought `developed_orders` times.

    | stage | status | entered by |
    | --- | --- | --- |
    | reach | prospect | enrollment; a visit after giving up |
    | acquire | prospect | a signup |
    | develop | active | the first purchase; a purchase after churning |
    | retain | active | purchase number `developed_orders`; no referral for `advocate_days` |
    | advocate | active | a referral |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to retain |
    | churned | churned | no purchase for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        developed_orders: Purchases, for life, after which a customer is developed; at
            least 2.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a customer has lapsed.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        advocate_days: Days without a referral after which an advocate is no longer one.
        visit: The event of a visit.
        signup: The event of signing up.
        purchase: The event of a purchase.
        referral: The event of referring another customer.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        E-commerce guides; no single author. Elogic, "What is Lifecycle Stages?" (glossary),
        describes the five.

    Examples:
        >>> path = presets.develop_and_advocate(developed_orders=2)
        >>> ann = path.enroll("ann", at=datetime(2026, 1, 1))
        >>> for month in (2, 3):
        ...     ann, _ = path.apply(ann, Event("purchase", at=datetime(2026, month, 1)))
        ...     print(ann.stage)
        develop
        retain
    """
    _checks.whole("developed_orders", developed_orders, least=2)
    ascending(advocate_days=advocate_days)
    distinct(visit=visit, signup=signup, purchase=purchase, referral=referral)
    developed = count(purchase) >= developed_orders
    return Lifecycle(
        name="develop_and_advocate",
        initial="reach",
        stages=(
            *stages(Status.PROSPECT, "reach", "acquire"),
            *stages(Status.ACTIVE, "develop", "retain", "advocate"),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "reach", on=visit),
            Transition(("reach", "abandoned"), "acquire", on=signup),
            Transition((Status.PROSPECT, "abandoned", "churned"), "develop", on=purchase),
            Transition("develop", "retain", on=purchase, when=developed),
            Transition("lapsed", "retain", on=purchase),
            Transition(("develop", "retain"), "advocate", on=referral),
            Transition("advocate", "retain", after=idle(referral, days=advocate_days)),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )


def six_phase(  # noqa: PLR0913  (thresholds and event names)
    *,
    exposures: int = 7,
    experience_days: float = 14,
    abandoned_days: float = 90,
    lapsed_days: float = 365,
    churned_days: float = 730,
    exposure: str = "exposure",
    visit: str = "visit",
    purchase: str = "purchase",
    survey: str = "survey",
    referral: str = "referral",
) -> Lifecycle:
    """Return the six phases of the service guides, where a bond leads back to buying.

    A buyer needs about seven exposures before becoming aware. Engaging is optional: who
    comes to look evaluates, whether engaged before or not.

    | stage | status | entered by |
    | --- | --- | --- |
    | discover | prospect | enrollment; an exposure after giving up |
    | engage | prospect | exposure number `exposures` |
    | evaluate | prospect | a visit |
    | buy | active | a purchase, from every other stage |
    | experience | active | `experience_days` after buying |
    | bond | active | a referral, or a survey answered with 9 or 10 of 10 |
    | lapsed | dormant | no purchase for `lapsed_days` |
    | churned | churned | no purchase for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        exposures: Exposures, for life, before a prospect is aware and engages; at least 1.
        experience_days: Days from buying until the customer knows product and service.
        abandoned_days: Days without any event, not even an exposure, after which a
            prospect has given up.
        lapsed_days: Days without a purchase after which a customer has lapsed; more than
            `experience_days`.
        churned_days: Days without a purchase after which a customer is lost; more than
            `lapsed_days`.
        exposure: The event of having seen or heard a message.
        visit: The event of a visit.
        purchase: The event of a purchase.
        survey: The event of answering how likely the customer is to recommend; its value is the
            answer, from 0 to 10.
        referral: The event of referring another customer.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Emplifi, "What are the stages of the customer lifecycle?", 2025, with the same six
        under longer names. The seven exposures are the "rule of seven", an old adage of
        advertising.

    Examples:
        >>> phases = presets.six_phase(exposures=3)
        >>> ann = phases.enroll("ann", at=datetime(2026, 1, 1))
        >>> for day in (2, 3, 4):
        ...     ann, _ = phases.apply(ann, Event("exposure", at=datetime(2026, 1, day)))
        >>> ann.stage
        'engage'
    """
    _checks.whole("exposures", exposures, least=1)
    ascending(experience_days=experience_days, lapsed_days=lapsed_days)
    distinct(exposure=exposure, visit=visit, purchase=purchase, survey=survey, referral=referral)
    aware = count(exposure) >= exposures
    back = ("experience", "bond", "lapsed", "churned", "abandoned")
    return Lifecycle(
        name="six_phase",
        initial="discover",
        stages=(
            *stages(Status.PROSPECT, "discover", "engage", "evaluate"),
            *stages(Status.ACTIVE, "buy", "experience", "bond"),
            *GONE,
        ),
        transitions=(
            Transition(("discover", "abandoned"), "engage", on=exposure, when=aware),
            Transition("abandoned", "discover", on=exposure),
            Transition(("discover", "engage", "abandoned"), "evaluate", on=visit),
            Transition((Status.PROSPECT, *back), "buy", on=purchase),
            Transition(("buy", "experience"), "bond", on=survey, when=value() >= _PROMOTER),
            Transition(("buy", "experience"), "bond", on=referral),
            Transition("buy", "experience", after=dwell(days=experience_days)),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )
