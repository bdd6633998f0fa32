"""What becomes of each time-out of a customer's stage, and why."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine import _step
from lifecycle.engine._compiled import Parts, Tables, expand, silencing, stopped
from lifecycle.engine._timers import AnyTimer, Edge
from lifecycle.engine.customers import Customer
from lifecycle.engine.decisions import Reason, broken, unmet
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import After, Transition

__all__ = ["Clock"]

_SENTENCES = {
    "taken": "{after} is due at {at} and {leads}",
    "later": "{after} is due at {at} and {leads}, if nothing else comes before it",
    "rests": "{after} rests at {at}: {reasons}",
    "stopped": "{after} is stopped in this stage",
    "silenced": "{after} is silenced by {by}",
    "none": "{after} has no deadline",
}
"""How each state is said."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Clock:
    """A time-out of the stage that a customer is in, and what becomes of it.

    Attributes:
        after: The time-out.
        transition: The transition that has it; None for a milestone.
        milestone: The name of the milestone that has it; None for a transition.
        at: The deadline; None where there is none, and for "stopped" and "silenced".
        state: "taken" (it is what `due` returns), "later" (its condition will hold, and
            another one comes before it), "rests" (its condition did not hold at the deadline,
            or will not, as things stand), "stopped" (the clock stands still in this stage),
            "silenced" (a nearer level has the same clock) or "none" (it has no deadline).
        by: For "silenced", the transition of the nearer level.
        reasons: For "rests", what is unmet, or raised: at a deadline that is ahead; of one that
            has passed, at the instant up to which the customer is known. It is empty where the
            condition holds by then, and where a milestone has been reached.
    """

    after: After
    transition: Transition | None = None
    milestone: str | None = None
    at: datetime | None = attrs.field(default=None, eq=_checks.moment)
    state: Literal["taken", "later", "rests", "stopped", "silenced", "none"]
    by: Transition | None = None
    reasons: tuple[Reason, ...] = ()

    def __repr__(self) -> str:
        return call(self)

    def __str__(self) -> str:
        return _SENTENCES[self.state].format(
            after=self.after,
            at=self.at and _checks.shown(self.at),
            leads=self._leads(),
            by=self.by and self.by.after,
            reasons="; ".join(map(str, self.reasons)) or self._rested(),
        )

    def _leads(self) -> str:
        if self.transition is None:
            return f"reaches {self.milestone!r}"
        return f"leads to {self.transition.target!r}"

    def _rested(self) -> str:
        if self.milestone is not None:
            return f"{self.milestone!r} has been reached, or its condition did not hold then"
        return "its condition did not hold then"


def clocks(tables: Tables, customer: Customer) -> tuple[Clock, ...]:
    """Look at each time-out of a customer's stage: what is taken, then the others in time."""
    customer = _step.bound(tables, customer)
    transitions = tables.parts.transitions
    found = [*_running(tables, customer), *_silent(tables.parts, customer.stage)]

    def place(clock: Clock) -> int:
        return -1 if clock.transition is None else transitions.index(clock.transition)

    dated = sorted((clock for clock in found if clock.at is not None), key=_in_time)
    undated = sorted((clock for clock in found if clock.at is None), key=place)
    return (*dated, *undated)


def _in_time(clock: Clock) -> tuple[bool, datetime | None]:
    return clock.state != "taken", _checks.moment(clock.at)


def _silent(parts: Parts, stage: str) -> Iterator[Clock]:
    """Yield the time-outs and milestones of a stage that do not run in it."""
    levels = expand(parts.stages, parts.transitions)[stage]
    for position, nearer in silencing(levels, parts.transitions).items():
        if nearer is not None:
            yield _clock(
                parts.transitions[position], state="silenced", by=parts.transitions[nearer]
            )
    for ways in (parts.milestones, parts.transitions):
        for position in stopped(parts.stages, ways).get(stage, ()):
            yield _clock(ways[position], state="stopped")


def _running(tables: Tables, customer: Customer) -> Iterator[Clock]:
    """Yield the milestones and time-outs that run, in the order in which they are examined."""
    taken = _taken(tables, customer)
    for timer in tables.rows[customer.stage].clocks:
        if taken is not None and taken[1] is timer.edge:
            yield _clock(timer.edge.way, state="taken", at=taken[0])
        else:
            yield _examined(tables, customer, timer)


def _clock(way: Transition | Milestone, **known: Any) -> Clock:
    assert way.after is not None  # noqa: S101  (it is a time-out)
    if isinstance(way, Transition):
        return Clock(after=way.after, transition=way, **known)
    return Clock(after=way.after, milestone=way.name, **known)


def _taken(tables: Tables, customer: Customer) -> tuple[datetime, Edge] | None:
    """Return what `due` finds; nothing where a condition raises before that is found."""
    try:
        return _step.due(tables, customer)
    except Exception:  # noqa: BLE001  (a condition may be anyone's code)
        return None


def _examined(tables: Tables, customer: Customer, timer: AnyTimer) -> Clock:
    """Examine a time-out at its deadlines ahead, up to the first at which it does not rest."""
    rests = None
    for at in _ahead(customer, timer):
        reasons = _unmet(tables, customer, timer, at)
        if not reasons:
            return _clock(timer.edge.way, state="later", at=at)
        found = _clock(timer.edge.way, state="rests", at=at, reasons=reasons)
        if reasons[-1].code == "raised":  # as will whatever comes so far
            return found
        rests = rests or found
    return rests or _behind(tables, customer, timer)


def _ahead(customer: Customer, timer: AnyTimer) -> Iterator[datetime]:
    """Yield the deadlines of a time-out that have not been examined."""
    entered = _step.since(customer)
    at = _step.pending(customer, timer, entered, _step.examined(customer))
    while at is not None:
        yield timer.local(customer, at)
        at = timer.later(customer, at)


def _behind(tables: Tables, customer: Customer, timer: AnyTimer) -> Clock:
    """Say of a time-out without a deadline ahead whether one has passed."""
    passed = timer.passed(customer, _step.since(customer))
    if passed is None:
        return _clock(timer.edge.way, state="none")
    reasons = _unmet(tables, customer, timer, timer.local(customer, customer.seen))
    at = timer.local(customer, passed)
    return _clock(timer.edge.way, state="rests", at=at, reasons=reasons)


def _unmet(tables: Tables, customer: Customer, timer: AnyTimer, at: datetime) -> tuple[Reason, ...]:
    """Return because of what the condition of a time-out does not hold at an instant."""
    edge = timer.edge
    try:
        if edge.test is None or edge.test(customer, None, at):
            return ()
        return tuple(unmet(edge, tables.slots, customer, None, at))
    except Exception as error:  # noqa: BLE001  (a condition may be anyone's code)
        return (broken(edge, error),)
