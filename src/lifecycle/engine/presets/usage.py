"""Users of a product: by the days on which they come, and by what they do."""

from lifecycle import _checks
from lifecycle.engine.conditions import count
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.presets._parts import GONE, ascending, distinct, stages
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, Transition, dwell, idle
from lifecycle.periods import Period

__all__ = ["growth", "pirate"]


def growth(
    *,
    week_days: int = 7,
    month_days: int = 30,
    signup: str = "signup",
    visit: str = "visit",
) -> Lifecycle:
    """Return the growth model of Duolingo: the state of each user at the end of each day.

    With the usual 7 and 30 days, and the last active day before today counted as 1 for
    yesterday:

    | stage | status | active today | last active before |
    | --- | --- | --- | --- |
    | prospect | prospect | no | never |
    | new | active | yes | never |
    | current | active | yes | 1 to 6 days ago |
    | reactivated | active | yes | 7 to 29 days ago |
    | resurrected | active | yes | 30 or more days ago |
    | at_risk_week | active | no | 1 to 6 days ago |
    | at_risk_month | active | no | 7 to 29 days ago |
    | dormant | dormant | no | 30 or more days ago |
    | abandoned | churned | no | never, and no event for 30 days |

    The first four are the daily active users; with `at_risk_week` they are the weekly
    ones, and with `at_risk_month` the monthly ones, which is every `ACTIVE` stage. So a
    return from `dormant` is a reactivation to the engine, and the model's "reactivated"
    users, who were still monthly active, make progress.

    Each active day ends at midnight (`dwell(until="day")`), and the two at-risk stages
    count whole days from there. An event at midnight belongs to the day that begins: the
    deadline comes before it. So a log of one-day resolution, stamped at midnight, is
    right at the end of each day; it leaves stays of no length in `at_risk_week`.

    Args:
        week_days: Days of a week's window, today included; at least 2.
        month_days: Days of a month's window, today included; more than `week_days`.
        signup: The event of creating an account; it moves back who was given up.
        visit: The event that counts as being active: a visit, a lesson, a session.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    Convention:
        Days are those of the clock in which events are stamped: UTC for instants in UTC.
        For days elsewhere give local times without a zone, on which every day has 24
        hours; in a zone whose clocks change, the at-risk stages end an hour off.

    References:
        Jorge Mazal, "How Duolingo reignited user growth", Lenny's Newsletter, 2023. Erin
        Gustafson, "Meaningful metrics: How data sharpened the focus of product teams",
        Duolingo blog, 2023. The first leaves users who were last active 24 to 30 days ago
        without a state; here each is in exactly one, as both say they are.

    Examples:
        >>> model = presets.growth(visit="lesson")
        >>> log = [Event("lesson", datetime(2026, 1, day)) for day in (1, 2, 12)]
        >>> journey = model.replay("ann", log, until=datetime(2026, 1, 31))
        >>> for day in (1, 2, 3, 8, 12, 13):
        ...     print(day, journey.stage_at(datetime(2026, 1, day, 23, 59)))
        1 new
        2 current
        3 at_risk_week
        8 at_risk_week
        12 reactivated
        13 at_risk_week
    """
    _checks.whole("week_days", week_days, least=2)
    _checks.whole("month_days", month_days)
    ascending(week_days=week_days, month_days=month_days)
    distinct(signup=signup, visit=visit)
    today = ("new", "current", "reactivated", "resurrected")
    return Lifecycle(
        name="growth",
        initial="prospect",
        stages=(
            *stages(Status.PROSPECT, "prospect"),
            *stages(Status.ACTIVE, *today),
            Stage("at_risk_week", Status.ACTIVE, label="At risk (week)"),
            Stage("at_risk_month", Status.ACTIVE, label="At risk (month)"),
            *stages(Status.DORMANT, "dormant"),
            *stages(Status.CHURNED, "abandoned"),
        ),
        transitions=(
            Transition("abandoned", "prospect", on=signup),
            Transition(("prospect", "abandoned"), "new", on=visit),
            Transition("at_risk_week", "current", on=visit),
            Transition("at_risk_month", "reactivated", on=visit),
            Transition("dormant", "resurrected", on=visit),
            Transition(today, "at_risk_week", after=dwell(until="day")),
            Transition("at_risk_week", "at_risk_month", after=dwell(days=week_days - 1)),
            Transition("at_risk_month", "dormant", after=dwell(days=month_days - week_days)),
            Transition("prospect", "abandoned", after=idle(days=month_days)),
        ),
    )


def pirate(  # noqa: PLR0913  (thresholds and event names)
    *,
    retained_visits: int = 3,
    retained_days: float = 30,
    abandoned_days: float = 30,
    lapsed_days: float = 30,
    churned_days: float = 90,
    referral_days: float = 90,
    revenue_days: float = 90,
    visit: str = "visit",
    signup: str = "signup",
    referral: str = "referral",
    purchase: str = "purchase",
) -> Lifecycle:
    """Return McClure's startup metrics for pirates: AARRR.

    Users who no longer refer or pay are retained users again, as long as they come. Any
    event keeps them, and any event brings them back.

    | stage | status | entered by |
    | --- | --- | --- |
    | acquisition | prospect | enrollment; a visit after giving up |
    | activation | active | a signup: a visit that went well; a visit after churning |
    | retention | active | `retained_visits` visits within `retained_days`; a visit after lapsing |
    | referral | active | a referral, unless the user pays |
    | revenue | active | a purchase, from every other stage |
    | lapsed | dormant | no event for `lapsed_days` |
    | churned | churned | no event for `churned_days` |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        retained_visits: Visits within `retained_days` that show a retained user; at least 2.
        retained_days: Days over which these visits are counted.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without any event after which a user has lapsed.
        churned_days: Days without any event after which a user is lost; more than
            `lapsed_days`.
        referral_days: Days without a referral after which a user no longer refers.
        revenue_days: Days without a purchase after which a user no longer pays.
        visit: The event of coming: to the site, or to the product.
        signup: The event of a first visit that went well.
        referral: The event of referring another customer.
        purchase: The event of paying.

    Raises:
        InvalidValueError: A number is too small, or two events have one name.
        InvalidTypeError: An argument is of another type.

    References:
        Dave McClure, "Startup Metrics for Pirates: AARRR!", Ignite Seattle, 2007.

    Examples:
        >>> ship = presets.pirate()
        >>> ann = ship.enroll("ann", at=datetime(2026, 1, 1))
        >>> for name in ("signup", "visit", "visit", "visit", "referral", "purchase"):
        ...     ann, changes = ship.apply(ann, Event(name, at=datetime(2026, 1, 2)))
        ...     print(ann.stage)
        activation
        activation
        activation
        retention
        referral
        revenue
    """
    _checks.whole("retained_visits", retained_visits, least=2)
    ascending(retained_days=retained_days)
    ascending(abandoned_days=abandoned_days)
    ascending(lapsed_days=lapsed_days, churned_days=churned_days)
    ascending(referral_days=referral_days)
    ascending(revenue_days=revenue_days)
    distinct(visit=visit, signup=signup, referral=referral, purchase=purchase)
    gone = ("lapsed", "churned", "abandoned")
    retained = count(visit, within=Period(days=retained_days)) >= retained_visits
    return Lifecycle(
        name="pirate",
        initial="acquisition",
        stages=(
            *stages(Status.PROSPECT, "acquisition"),
            *stages(Status.ACTIVE, "activation", "retention", "referral", "revenue"),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "acquisition", on=visit),
            Transition("activation", "retention", on=visit, when=retained),
            Transition("lapsed", "retention", on=visit),
            Transition("churned", "activation", on=visit),
            Transition(("acquisition", *gone), "activation", on=signup),
            Transition(("activation", "retention", "lapsed", "churned"), "referral", on=referral),
            Transition(ANY, "revenue", on=purchase),
            Transition("referral", "retention", after=idle(referral, days=referral_days)),
            Transition("revenue", "retention", after=idle(purchase, days=revenue_days)),
            Transition(Status.PROSPECT, "abandoned", after=idle(days=abandoned_days)),
            Transition(Status.ACTIVE, "lapsed", after=idle(days=lapsed_days)),
            Transition("lapsed", "churned", after=idle(days=churned_days)),
        ),
    )
