"""Subscriptions: what is paid again and again, until somebody stops."""

from collections.abc import Iterable, Iterator
from typing import Literal

from lifecycle import _checks
from lifecycle.engine.conditions import Condition, previous
from lifecycle.engine.dates import At
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.presets._parts import ascending, distinct, stages
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, After, Timeout, Transition, condition_of, dwell, idle
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["subscription"]

_TRIAL_TO = ("expired", "active", "paused")
_GRACE_TO = ("cancelled", "unpaid")
_AFTER_PAUSE = ("full_term", "time_left")


def subscription(  # noqa: PLR0913  (the rules of a contract, lengths and event names)
    *,
    trial_days: float = 15,
    overdue_days: float = 35,
    grace_days: float = 14,
    paused_days: float = 90,
    trial_end: At | None = None,
    paid_until: At | None = None,
    pause_until: At | None = None,
    cancel_at: At | None = None,
    renewal: Timeout | None = None,
    converts: Condition | None = None,
    trial_to: Literal["expired", "active", "paused"] = "expired",
    grace_to: Literal["cancelled", "unpaid"] = "cancelled",
    after_pause: Literal["full_term", "time_left"] = "full_term",
    dunning_days: Iterable[float] = (),
    signup: str = "signup",
    payment: str = "payment",
    payment_failed: str = "payment_failed",
    pause: str = "pause",
    resume: str = "resume",
    cancel: str = "cancel",
    update: str = "update",
) -> Lifecycle:
    """Return the lifecycle of a subscription that is paid again and again.

    A failed payment is no activity: it starts the grace period, and a second one does not
    prolong it. A payment brings back from every stage. Where a failed payment and a payment
    have one instant and no `sequence`, the failed one counts as the first: a retry succeeded.

    | stage | status | entered by |
    | --- | --- | --- |
    | trial | prospect | enrollment; a signup after the trial has expired |
    | active | active | a payment; resuming; the end of a trial that `converts` |
    | past_due | active | a failed payment, or no payment for `overdue_days` |
    | paused | dormant | pausing |
    | cancelled | churned | cancelling; `grace_days` past due; `paused_days` paused |
    | expired | churned | a trial that is cancelled, or not paid for within `trial_days` |

    Lengths are those of all customers. Where billing keeps dates on each customer, give the
    time-outs that wait for them, such as `trial_end=at(attribute("trial_end"))`: events set
    the attributes, and a date takes the place of the length.

    Args:
        trial_days: Days from the start of the trial until it has expired. A payment at
            that very instant is too late, so give the first payment a day to arrive.
        overdue_days: Days without a signup, a payment or resuming until an active
            subscription is past due, though nobody reported a failure: the billing period
            and a few days (370 or so where billing is yearly).
        grace_days: Days from then in which a payment recovers the subscription.
        paused_days: Days for which a subscription can be paused; it is cancelled then.
        trial_end: The date at which the trial ends, in place of `trial_days`.
        paid_until: The date until which the subscription is paid, in place of
            `overdue_days`; a length after it gives a payment time to arrive.
        pause_until: The date at which a paused subscription resumes by itself, in place of
            `paused_days`.
        cancel_at: The date at which the subscription ends, such as the end of the period;
            setting the attribute to None before then keeps it.
        renewal: The billing period of a plan that renews by itself, such as
            `dwell(months=1)`, in place of `overdue_days`: each period is a stay in "active",
            and only a failed payment or `paid_until` make the subscription past due.
        converts: Whose trial ends in "active" without a payment so far, such as
            `attribute("payment_method").equals(True)`.
        trial_to: Where the trials of all others end: "expired", "active" or "paused".
        grace_to: Where a subscription goes after the grace: "cancelled", or "unpaid", a
            dormant stage which a payment or a cancellation ends.
        after_pause: What resuming gives: the "full_term" of `overdue_days` or `renewal`, in
            "active"; or the "time_left" of them and of the grace, in the stage before
            the pause. At `pause_until` the time left of `overdue_days` goes on in both, and
            dates are never moved.
        dunning_days: Days past due of the reminders: milestones "dunning day 3" and so on,
            ascending and at most `grace_days`.
        signup: The event of starting a trial.
        payment: The event of a payment that arrives.
        payment_failed: The event of a payment that fails.
        pause: The event of pausing.
        resume: The event of resuming.
        cancel: The event of cancelling at once.
        update: An event that moves nobody, for what it sets: dates, a payment method.

    Raises:
        InvalidValueError: A number is too small, two events have one name, `converts` is
            given where all trials end in "active", or, where trials can end in "active"
            without a payment, `overdue_days` is not above `trial_days`.
        InvalidTypeError: An argument is of another type.
        UnknownNameError: `trial_to`, `grace_to` or `after_pause` is not one of those listed.

    Convention:
        At one instant `cancel_at` comes before the ends of trials, periods and pauses, and
        these before events: a payment at the instant of `paid_until` makes the subscription
        past due and then active. A date stays on the customer until an event sets another,
        so a payment after a cancellation at a date has to set that date to None.

    References:
        Practice; the stages are those that payment services report: Stripe, "The
        Subscription object" (trialing, active, past_due, unpaid, paused, canceled), API
        reference.

    Examples:
        >>> plan = presets.subscription(grace_days=7)
        >>> ann = plan.enroll("ann", at=datetime(2026, 1, 1))
        >>> ann, _ = plan.apply(ann, Event("payment", at=datetime(2026, 1, 15)))
        >>> ann, _ = plan.apply(ann, Event("payment_failed", at=datetime(2026, 2, 15)))
        >>> ann.stage, plan.due(ann).transition.target, f"{plan.due(ann).at:%d %b}"
        ('past_due', 'cancelled', '22 Feb')

        The same with dates, and a reminder:

        >>> plan = presets.subscription(
        ...     trial_end=at(attribute("trial_end")),
        ...     paid_until=at(attribute("paid_until"), days=1),
        ...     dunning_days=[3, 7],
        ... )
        >>> paid = Event(
        ...     "payment", datetime(2026, 1, 15), sets={"paid_until": datetime(2026, 2, 15)}
        ... )
        >>> for change in plan.replay("bob", [paid], until=datetime(2026, 2, 20)).changes:
        ...     print(f"{change.at:%d %b} {change.milestone or change.target}")
        15 Jan active
        16 Feb past_due
        19 Feb dunning day 3
    """
    lengths = {
        "trial_days": trial_days,
        "overdue_days": overdue_days,
        "grace_days": grace_days,
        "paused_days": paused_days,
    }
    for argument, days in lengths.items():
        ascending(**{argument: days})
    distinct(
        signup=signup,
        payment=payment,
        payment_failed=payment_failed,
        pause=pause,
        resume=resume,
        cancel=cancel,
        update=update,
    )
    paid = _date("paid_until", paid_until)
    silence = idle(days=overdue_days) if paid is None and renewal is None else None
    if silence and trial_end is None and (converts is not None or trial_to == "active"):
        ascending(trial_days=trial_days, overdue_days=overdue_days)
    unpaid = ["unpaid"] if _checks.choice("grace_to", grace_to, _GRACE_TO) == "unpaid" else []
    keeps = _checks.choice("after_pause", after_pause, _AFTER_PAUSE) == "time_left"
    return Lifecycle(
        name="subscription",
        initial="trial",
        stages=(
            *stages(Status.PROSPECT, "trial"),
            *stages(Status.ACTIVE, "active", "past_due"),
            _paused(dwells=keeps, idles=silence is not None and (keeps or pause_until is not None)),
            *stages(Status.DORMANT, *unpaid),
            *stages(Status.CHURNED, "cancelled", "expired"),
        ),
        transitions=(
            Transition("expired", "trial", on=signup),
            # Before the payment: of one second, the retry comes after what failed.
            Transition("active", "past_due", on=payment_failed),
            Transition(ANY, "active", on=payment),
            # Before the other time-outs: the last period does not end in one more.
            *_ends(
                ("active", "past_due", "paused", *unpaid), cancel, _date("cancel_at", cancel_at)
            ),
            *_trial(_date("trial_end", trial_end) or dwell(days=trial_days), converts, trial_to),
            *_periods(paid or silence, renewal),
            Transition("past_due", grace_to, after=dwell(days=grace_days)),
            *_pauses(pause, resume, _date("pause_until", pause_until), paused_days, keeps=keeps),
        ),
        milestones=_reminders(dunning_days, grace_days),
        activity=(signup, payment) if keeps else (signup, payment, resume),
        events=(update,),
    )


def _date(argument: str, value: At | None) -> At | None:
    """Return the time-out that waits for a date, if there is one."""
    if value is not None and not isinstance(value, At):
        raise InvalidTypeError(argument, value, f"be at(attribute({argument!r})), or None")
    return value


def _paused(*, dwells: bool, idles: bool) -> Stage:
    """Make the stage of pauses, with the clocks that it stops."""
    stops = [clock for clock, stands in (("dwell", dwells), ("idle", idles)) if stands]
    return Stage("paused", Status.DORMANT, label="Paused", stops=tuple(stops))


def _ends(running: tuple[str, ...], cancel: str, date: At | None) -> Iterator[Transition]:
    """End a trial or a subscription, at once and at a date."""
    for source, target in (("trial", "expired"), (running, "cancelled")):
        yield Transition(source, target, on=cancel)
        if date is not None:
            yield Transition(source, target, after=date)


def _trial(end: After, converts: Condition | None, trial_to: str) -> Iterator[Transition]:
    """Lead from the trial's end to where it converts, and all others."""
    _checks.choice("trial_to", trial_to, _TRIAL_TO)
    if converts is not None:
        if trial_to == "active":
            expected = "be None where trial_to is 'active', which all trials end in"
            raise InvalidValueError("converts", converts, expected)
        when = condition_of("converts", converts)
        yield Transition("trial", "active", after=end, when=when)
    yield Transition("trial", trial_to, after=end)


def _periods(overdue: After | None, renewal: object) -> Iterator[Transition]:
    """End a period that is not paid in "past_due", and one that renews itself in another."""
    if overdue is not None:
        yield Transition("active", "past_due", after=overdue)
    if renewal is not None:
        if not isinstance(renewal, Timeout) or renewal.clock != "dwell":
            raise InvalidTypeError("renewal", renewal, "be dwell(...), or None")
        yield Transition("active", "active", after=renewal)


def _pauses(
    pause: str, resume: str, until: At | None, days: float, *, keeps: bool
) -> Iterator[Transition]:
    """Pause, and resume by an event or at a date; without a date a pause has a length."""
    yield Transition(("active", "past_due"), "paused", on=pause)
    yield from _resumed(keeps=keeps, on=resume)
    if until is None:
        yield Transition("paused", "cancelled", after=dwell(days=days))
    else:
        yield from _resumed(keeps=keeps, after=until)


def _resumed(
    *, keeps: bool, on: str | None = None, after: At | None = None
) -> Iterator[Transition]:
    """Lead back to "active", or to where the customer was."""
    if keeps:
        was_past_due = previous().equals("past_due")
        yield Transition("paused", "past_due", on=on, after=after, when=was_past_due)
    yield Transition("paused", "active", on=on, after=after)


def _reminders(days: object, grace_days: float) -> Iterator[Milestone]:
    """Remind on days past due, up to the end of the grace."""
    if isinstance(days, str) or not isinstance(days, Iterable):
        raise InvalidTypeError("dunning_days", days, "be numbers of days, such as (3, 7, 14)")
    numbers = {f"dunning_days[{i}]": number for i, number in enumerate(days)}
    ascending(**numbers)
    for argument, number in numbers.items():
        if number > grace_days:
            expected = f"be at most grace_days, which is {grace_days}"
            raise InvalidValueError(argument, number, expected)
        yield Milestone("past_due", after=dwell(days=number), name=f"dunning day {number:g}")
