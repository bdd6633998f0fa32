"""Milestones: dated reminders inside a stage."""

from typing import ClassVar

import attrs

from lifecycle import _checks
from lifecycle._values import call
from lifecycle.engine.conditions import Condition
from lifecycle.engine.transitions import (
    After,
    Predicate,
    Source,
    condition_of,
    sources_identity,
    sources_of,
    timeout_of,
)
from lifecycle.errors import InvalidTypeError

__all__ = ["Milestone"]


def _stage(value: Source | tuple[Source, ...]) -> Source | tuple[Source, ...]:
    return sources_of("milestone.stage", value)


def _after(value: After) -> After:
    found = timeout_of("milestone.after", value)
    if found is None:
        raise InvalidTypeError("milestone.after", value, "be a time-out, such as dwell(days=3)")
    return found


def _when(value: Condition | Predicate | None) -> Condition | Predicate | None:
    return condition_of("milestone.when", value)


def _name(value: str) -> str:
    return _checks.name("milestone.name", value)


@attrs.frozen(repr=False, weakref_slot=False)
class Milestone:
    """A dated reminder inside a stage, such as three days before a trial ends.

    Reaching it is recorded among the changes, as a `StageChange` of kind "milestone" that
    leads from the stage to itself and has the milestone's name. The customer stays where it
    is: the stay goes on, and metrics do not see it. It is reached once, and again when its
    clock starts anew: after the next activity for `idle`, in the next stay for `dwell`.

    Args:
        stage: A stage's name, a `Status` (its stages), `ANY`, or a tuple of these, as the
            source of a transition; final stages are left out.
        after: The time-out after which it is reached: `dwell`, `idle`, `at` or `falls`.
        when: The condition that must hold then, as for a transition.
        name: What it is called; no other milestone of the stage has this name.

    Raises:
        InvalidTypeError: A field is of another type.
        InvalidValueError: A name is blank, or a stage stands twice.

    Examples:
        >>> Milestone("past_due", after=dwell(days=3), name="second reminder")
        Milestone('past_due', after=dwell(days=3), name='second reminder')
    """

    stage: Source | tuple[Source, ...] = attrs.field(converter=_stage, eq=sources_identity)
    after: After = attrs.field(kw_only=True, converter=_after)
    when: Condition | Predicate | None = attrs.field(default=None, kw_only=True, converter=_when)
    name: str = attrs.field(kw_only=True, converter=_name)

    target: ClassVar[None] = None
    on: ClassVar[None] = None

    @property
    def sources(self) -> tuple[Source, ...]:
        """The stages as a tuple, also where only one was given."""
        return self.stage if isinstance(self.stage, tuple) else (self.stage,)

    def __repr__(self) -> str:
        return call(self, "stage")
