"""Tiered loyalty programs."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal

from lifecycle import _checks
from lifecycle._lengths import Length, Period, as_period
from lifecycle.engine.conditions import Measure, Sum, Within, count, length_or_until, total
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.presets._parts import GONE, distinct, silence, stages
from lifecycle.engine.presets._tiers import (
    RENEWALS,
    Program,
    Read,
    Renewal,
    ending,
    reminders,
    reviews,
    rises,
)
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import Transition
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.periods import Until

__all__ = ["loyalty_tiers"]

_MEASURES: dict[str, Read] = {"spend": total, "orders": count}
_DROPS = ("one_step", "earned")
_OUTSIDE = ("prospect", *(stage.name for stage in GONE))


def loyalty_tiers(  # noqa: PLR0913  (the rules of a program, thresholds and event names)
    tiers: Iterable[tuple[str, _checks.Number]],
    *,
    measure: Literal["spend", "orders"] = "spend",
    within: Within = Period(days=365),  # noqa: B008  (a frozen value)
    renewal: Literal["anniversary", "calendar_year", "next_year", "at_once"] = "anniversary",
    drop: Literal["one_step", "earned"] = "one_step",
    grace: Length | None = None,
    reminder: Length | None = None,
    abandoned_days: float = 90,
    lapsed_days: float = 540,
    churned_days: float = 1080,
    signup: str = "signup",
    purchase: str = "purchase",
    refund: str | None = None,
) -> Lifecycle:
    """Return the lifecycle of a tiered loyalty program.

    A purchase leads up at once, to the highest tier that the measure over the qualifying
    period reaches; it never leads down. `renewal` says when a tier ends. A member who
    qualifies by then stays, and another drops. For
    `loyalty_tiers([("silver", 500), ("gold", 2000)], grace=...)`:

    | stage | status | entered by |
    | --- | --- | --- |
    | prospect | prospect | enrollment; a signup after giving up |
    | base | active | the first purchase; a drop |
    | silver | active | 500 within the qualifying period; a drop |
    | gold | active | 2000 within the qualifying period |
    | silver_grace | active | only with `grace`: not qualified for silver when it ended |
    | gold_grace | active | only with `grace`: not qualified for gold when it ended |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to the tier earned |
    | churned | churned | no purchase for `churned_days`; a purchase leads to the tier earned |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    | renewal | a tier ends |
    | --- | --- |
    | "anniversary" | each year on the day on which it was reached |
    | "calendar_year" | with the calendar or fiscal year in which it was reached |
    | "next_year" | with the calendar period after the one in which it was reached last |
    | "at_once" | when the measure falls below what the tier takes |

    On an anniversary, or when a year ends, the measure is read. Who qualifies has a
    `renewal`, which begins the next year. Where `within` is a calendar period, the one that
    begins is empty, so a "calendar_year" renews no tier. With "next_year" a tier has a
    second stage, such as silver_held, for the period after the one that earned it; reaching
    the tier again in that period leads back to silver.

    Args:
        tiers: Pairs of a name and the spend or orders that the tier takes, ascending.
            The first is the base, at 0; where the first takes more, the base is called
            "base". At least one needs more than 0.
        measure: "spend" (the total value of the purchases) or "orders" (their number).
        within: The qualifying period. A `timedelta` or a `Period`: a purchase counts while it
            is later than that long ago. `Until("year")` or a `Calendar`: those of the current
            calendar period count, `Until("year", year_start=4)` those of a fiscal year.
        renewal: When a tier ends, as above. "anniversary" needs a length for `within`, and
            "next_year" a calendar period.
        drop: Where a member goes who does not qualify: "one_step" down (a soft landing),
            or to the tier "earned". With "at_once" it is always the tier earned.
        grace: A further time in the tier before the drop. A purchase that reaches the
            tier meanwhile leads back to it, and the next year begins then.
        reminder: So long before a tier ends there is a milestone "tier ends", if the tier was
            reached before, whether or not the member qualifies already. Of months, and with
            "at_once" of the unit of `within`.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a member has lapsed, whatever the
            tier. With "next_year" tiers last up to 731 days; give at least that where no
            member should lose one before.
        churned_days: Days without a purchase after which a member is lost; more than
            `lapsed_days`.
        signup: The event of joining; a member is in the base tier from the first
            purchase.
        purchase: The event of a purchase, whose value is the amount.
        refund: The event of a refund, whose value is the amount, above 0. It is subtracted:
            its amount from the spend, or one from the orders. It does not lead down by
            itself, except with "at_once"; it counts when the tier ends.

    Raises:
        InvalidValueError: A number is too small, the tiers do not rise, or a name occurs
            twice; `renewal` does not go with `within`, or `reminder` is not shorter than the
            tier; `drop="earned"` with a grace and "next_year".
        InvalidTypeError: An argument is of another type.
        UnknownNameError: `measure`, `renewal` or `drop` is not one of those listed.

    Convention:
        A qualifying period of a length ends now, also where tiers end with the calendar
        year, and a purchase exactly that long ago counts no more. An event at the first
        instant of a calendar period counts in it, after the tiers that ended then. Years
        from 29 February end on 28 February, and on 29 February in leap years.

    References:
        Brian Kelly, "Maximizing Elite Status: The Lowdown on Soft Landings", The Points
        Guy, 2011. Capillary Technologies, "Tier Renewal & Downgrade", documentation.

    Examples:
        >>> club = presets.loyalty_tiers([("silver", 100), ("gold", 300)], drop="earned")
        >>> log = [
        ...     Event("purchase", datetime(2026, 1, 1), value=Decimal("300.00")),
        ...     Event("purchase", datetime(2026, 6, 1), value=Decimal("120.00")),
        ... ]
        >>> for change in club.replay("ann", log, until=datetime(2027, 6, 1)).changes:
        ...     print(f"{change.at:%d %b %Y} {change.target}: {change.kind}")
        01 Jan 2026 gold: conversion
        01 Jan 2027 silver: progress

        Calendar years, and a tier is held until the end of the next one:

        >>> club = presets.loyalty_tiers(
        ...     [("silver", 100)], within=Until("year"), renewal="next_year", lapsed_days=731
        ... )
        >>> for change in club.replay("ann", log, until=datetime(2028, 1, 1)).changes:
        ...     print(f"{change.at:%d %b %Y} {change.target}: {change.kind}")
        01 Jan 2026 silver: conversion
        01 Jan 2027 silver_held: progress
        01 Jan 2028 base: progress
    """
    qualifying, rule = _qualifying(within, renewal)
    program = Program(
        _reading(measure, purchase, refund),
        within=qualifying,
        renewal=rule,
        one_step=_checks.choice("drop", drop, _DROPS) == "one_step" and not rule.falls,
        grace=None if grace is None else as_period("grace", grace),
        reminder=None if reminder is None else as_period("reminder", reminder),
    )
    if rule.holds and program.grace and not program.one_step:
        expected = "be 'one_step' where a grace follows renewal='next_year': what the year "
        raise InvalidValueError("drop", drop, f"{expected}that ended has earned is known no more")
    more = {} if refund is None else {"refund": refund}
    distinct(signup=signup, purchase=purchase, **more)
    ladder = program.ladder(_checked(tiers))
    names = [*(tier.name for tier in ladder), *ending(ladder)]
    _new_names(names, taken=_OUTSIDE)
    return Lifecycle(
        name="loyalty_tiers",
        initial="prospect",
        stages=(
            *stages(Status.PROSPECT, "prospect"),
            *stages(Status.ACTIVE, *names),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "prospect", on=signup),
            *rises(ladder, _OUTSIDE, purchase),
            *reviews(program, ladder),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
        milestones=tuple(reminders(ladder)),
        events=tuple(more.values()),
    )


def _reading(measure: str, purchase: str, refund: str | None) -> Read:
    """Return what reads the measure of purchases, net of refunds."""
    read = _MEASURES[_checks.choice("measure", measure, _MEASURES)]
    return partial(read, purchase) if refund is None else partial(_net, read, purchase, refund)


def _net(read: Read, purchase: str, refund: str, **window: Any) -> Measure | Sum:
    return read(purchase, **window) - read(refund, **window)


def _qualifying(within: Within, renewal: str) -> tuple[Period | Until, Renewal]:
    """Return the qualifying period, and when tiers end that are earned by such a period."""
    found = length_or_until("within", within, accepted="a timedelta, a Period or an Until")
    rule = RENEWALS[_checks.choice("renewal", renewal, RENEWALS)]
    if isinstance(found, Period) and not rule.lengths:
        expected = f"be a period of the calendar, such as Until('year'), for renewal={renewal!r}"
        raise InvalidValueError("within", found, expected)
    if not (isinstance(found, Period) or rule.calendars):
        known = " or ".join(repr(name) for name, one in RENEWALS.items() if one.calendars)
        raise InvalidValueError("renewal", renewal, f"be {known} for within={found!r}")
    return found, rule


def _checked(tiers: Iterable[tuple[str, _checks.Number]]) -> list[tuple[str, _checks.Number]]:
    """Return the tiers from the base up, with their thresholds."""
    try:
        pairs = [(name, least) for name, least in tiers]
    except (TypeError, ValueError):
        expected = "be pairs of a name and a number, such as [('silver', 500), ('gold', 2000)]"
        raise InvalidTypeError("tiers", tiers, expected) from None
    for i, (name, least) in enumerate(pairs):
        _checks.name(f"tiers[{i}][0]", name)
        if _checks.number(f"tiers[{i}][1]", least) < 0:
            raise InvalidValueError(f"tiers[{i}][1]", least, "be at least 0")
        if i and least <= pairs[i - 1][1]:
            expected = f"be above that of {pairs[i - 1][0]!r}, which is {pairs[i - 1][1]}"
            raise InvalidValueError(f"tiers[{i}][1]", least, expected)
    if not pairs or pairs[-1][1] == 0:
        raise InvalidValueError("tiers", pairs, "hold a tier that takes more than 0")
    return pairs if pairs[0][1] == 0 else [("base", 0), *pairs]


def _new_names(names: list[str], *, taken: tuple[str, ...]) -> None:
    for i, name in enumerate(names):
        if name in taken or name in names[:i]:
            raise InvalidValueError("tiers", name, "have names that no other stage has")
