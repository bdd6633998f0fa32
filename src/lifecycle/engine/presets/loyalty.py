"""Tiered loyalty programs."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from lifecycle import _checks
from lifecycle._lengths import Length, Period, as_period
from lifecycle.engine.conditions import Condition, count, total
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.presets._parts import GONE, distinct, silence, stages
from lifecycle.engine.stages import Status
from lifecycle.engine.transitions import Timeout, Transition, dwell
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["loyalty_tiers"]

_MEASURES = {"spend": total, "orders": count}
_RENEWALS = {"anniversary": dwell(years=1), "calendar_year": dwell(until="year")}
_DROPS = ("one_step", "earned")
_OUTSIDE = ("prospect", *(stage.name for stage in GONE))


class _Tier(NamedTuple):
    """A tier: its stage, the stage of its grace, and the condition that reaches it."""

    name: str
    grace: str
    reached: Condition


def loyalty_tiers(  # noqa: PLR0913  (the rules of a program, thresholds and event names)
    tiers: Iterable[tuple[str, _checks.Number]],
    *,
    measure: Literal["spend", "orders"] = "spend",
    within: Length = Period(days=365),  # noqa: B008  (a frozen value)
    renewal: Literal["anniversary", "calendar_year"] = "anniversary",
    drop: Literal["one_step", "earned"] = "one_step",
    grace: Length | None = None,
    abandoned_days: float = 90,
    lapsed_days: float = 540,
    churned_days: float = 1080,
    signup: str = "signup",
    purchase: str = "purchase",
) -> Lifecycle:
    """Return the lifecycle of a tiered loyalty program.

    A purchase leads up at once, to the highest tier that the measure over the qualifying
    period reaches; it never leads down. At the renewal a member who qualifies for the
    tier stays (a `renewal`, which begins the next year), and one who does not drops. For
    `loyalty_tiers([("silver", 500), ("gold", 2000)], grace=...)`:

    | stage | status | entered by |
    | --- | --- | --- |
    | prospect | prospect | enrollment; a signup after giving up |
    | base | active | the first purchase; a drop |
    | silver | active | 500 within the qualifying period; a drop |
    | gold | active | 2000 within the qualifying period |
    | silver_grace | active | only with `grace`: not qualified for silver at its renewal |
    | gold_grace | active | only with `grace`: not qualified for gold at its renewal |
    | lapsed | dormant | no purchase for `lapsed_days`; a purchase leads to the tier earned |
    | churned | churned | no purchase for `churned_days`; a purchase leads to the tier earned |
    | abandoned | churned | a prospect with no activity for `abandoned_days` |

    Args:
        tiers: Pairs of a name and the spend or orders that the tier takes, ascending.
            The first is the base, at 0; where the first takes more, the base is called
            "base". At least one needs more than 0.
        measure: "spend" (the total value of the purchases) or "orders" (their number).
        within: The qualifying period, a `timedelta` or a `Period`: a purchase counts while it
            is later than that long ago.
        renewal: When a member must qualify again: on the "anniversary" of entering the
            tier, or at the end of the "calendar_year", in the zone of the instant.
        drop: Where a member goes who does not qualify: "one_step" down (a soft landing),
            or to the tier "earned".
        grace: A further time in the tier before the drop. A purchase that reaches the
            tier meanwhile leads back to it, and the next year begins then.
        abandoned_days: Days without any event after which a prospect has given up.
        lapsed_days: Days without a purchase after which a member has lapsed.
        churned_days: Days without a purchase after which a member is lost; more than
            `lapsed_days`.
        signup: The event of joining; a member is in the base tier from the first
            purchase.
        purchase: The event of a purchase, whose value is the amount.

    Raises:
        InvalidValueError: A number is too small, the tiers do not rise, or a name occurs
            twice.
        InvalidTypeError: An argument is of another type.
        UnknownNameError: `measure`, `renewal` or `drop` is not one of those listed.

    Convention:
        The qualifying period is a length that ends now, also where renewal is at the end
        of the calendar year, and a purchase exactly that long ago counts no more. So for
        a review of just the year that ends give `within=Period(years=1)`, which knows
        leap years, and stamp purchases later than midnight: one at the first instant of
        the year is exactly a year ago. The anniversary of 29 February is 28 February, and
        29 February again in leap years.

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
    """
    qualifying = as_period("within", within)
    further = None if grace is None else as_period("grace", grace)
    read = _MEASURES[_checks.choice("measure", measure, _MEASURES)]
    year = _RENEWALS[_checks.choice("renewal", renewal, _RENEWALS)]
    one_step = _checks.choice("drop", drop, _DROPS) == "one_step"
    distinct(signup=signup, purchase=purchase)
    ladder = [
        _Tier(name, f"{name}_grace", read(purchase, within=qualifying) >= least)
        for name, least in _checked(tiers)
    ]
    held = [] if further is None else [tier.grace for tier in ladder[1:]]
    _new_names([*(tier.name for tier in ladder), *held], taken=_OUTSIDE)
    return Lifecycle(
        name="loyalty_tiers",
        initial="prospect",
        stages=(
            *stages(Status.PROSPECT, "prospect"),
            *stages(Status.ACTIVE, *(tier.name for tier in ladder), *held),
            *GONE,
        ),
        transitions=(
            Transition("abandoned", "prospect", on=signup),
            *_rises(ladder, held, purchase),
            *_reviews(ladder, year, further, one_step=one_step),
            *silence(
                abandoned_days=abandoned_days,
                lapsed_days=lapsed_days,
                churned_days=churned_days,
                purchase=purchase,
            ),
        ),
    )


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


def _rises(ladder: list[_Tier], held: list[str], purchase: str) -> Iterable[Transition]:
    """Lead to the highest tier that is reached, from below, from its grace and from outside."""
    for i in range(len(ladder) - 1, 0, -1):
        sources = (*_OUTSIDE, *(tier.name for tier in ladder[:i]), *held[:i])
        yield Transition(sources, ladder[i].name, on=purchase, when=ladder[i].reached)
    yield Transition(_OUTSIDE, ladder[0].name, on=purchase)


def _reviews(
    ladder: list[_Tier], year: Timeout, grace: Period | None, *, one_step: bool
) -> Iterable[Transition]:
    """Renew the tier if it is reached; else lead down, at once or after the grace."""
    for i, tier in enumerate(ladder[1:], start=1):
        yield Transition(tier.name, tier.name, after=year, when=tier.reached)
        below = ladder[i - 1 : i] if one_step else ladder[:i]
        if grace is None:
            yield from _falls(tier.name, below, year)
        else:
            yield Transition(tier.name, tier.grace, after=year)
            yield from _falls(tier.grace, below, Timeout("dwell", grace))


def _falls(source: str, below: list[_Tier], after: Timeout) -> Iterable[Transition]:
    """Lead to the highest tier that is reached, or to the lowest of these."""
    lowest, *others = below
    for tier in reversed(others):
        yield Transition(source, tier.name, after=after, when=tier.reached)
    yield Transition(source, lowest.name, after=after)
