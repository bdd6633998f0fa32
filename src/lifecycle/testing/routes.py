"""Paths through a lifecycle, and what no path takes: what `paths` returns."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter

import attrs

from lifecycle._tables import Column, Table
from lifecycle._values import call
from lifecycle.engine.conditions import is_data
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.engine.transitions import Transition
from lifecycle.rates import Rate

__all__ = ["Missed", "Path", "Paths"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Path:
    """One customer's log that leads through a transition, or up to the edge of one.

    Attributes:
        name: What the path shows, in words; no two paths of a lifecycle share it.
        source: The stage in which the transition is probed.
        transition: The transition.
        offset: For a time-out, how long after its deadline the path looks: -1, 0 or 1
            microsecond. None for an event.
        since: When the customer enrolls.
        attributes: What is known of it then.
        events: What happens, in order.
        until: When the path looks.
    """

    name: str
    source: str
    transition: Transition
    offset: timedelta | None
    since: datetime
    attributes: Mapping[str, object]
    events: tuple[Event, ...]
    until: datetime
    _lifecycle: Lifecycle

    def __repr__(self) -> str:
        return f"<Path {self.name!r}: {' > '.join(self.stages)}>"

    def __str__(self) -> str:
        return self.name

    @cached_property
    def journey(self) -> Journey:
        """The journey that the engine makes of the path; its customer is called as the path."""
        return self._lifecycle.replay(
            self.name,
            self.events,
            since=self.since,
            until=self.until,
            attributes=self.attributes,
        )

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages in which the customer stood, in order."""
        return tuple(stay.stage for stay in self.journey.stays)

    @property
    def taken(self) -> bool:
        """Whether the transition is taken: not yet, where the path looks before the deadline."""
        return self.offset is None or self.offset >= timedelta(0)


@attrs.frozen(repr=False, weakref_slot=False)
class Missed:
    """A way out of a stage that no path takes.

    Attributes:
        source: The stage; None for a transition that no stage can take.
        transition: The transition.
        reason: What kept the search from it, in words.
    """

    source: str | None
    transition: Transition
    reason: str

    def __repr__(self) -> str:
        return call(self, "source", "transition", "reason")

    def __str__(self) -> str:
        where = "any stage" if self.source is None else self.source
        return f"{said(where, self.transition)}: {self.reason}"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Paths(Table[Path]):
    """Paths that cover a lifecycle: iterate over them, count them, or show them as a table.

    Attributes:
        lifecycle: What is covered.
        rows: The paths, in the order of the stages and of what is asked there: one for each
            way out on an event, three for each on a time-out.
        missed: The ways out that no path takes.
        covered: How many of the ways out are taken, of all that a stage can take.
        tried: How many steps the search tried.
    """

    _named_by = ("path",)

    lifecycle: Lifecycle
    rows: tuple[Path, ...]
    missed: tuple[Missed, ...]
    covered: Rate
    tried: int

    def __repr__(self) -> str:
        taken, of_all = self.covered.numerator, self.covered.denominator
        return f"<Paths of {self.lifecycle.name!r}: {len(self)}, over {taken} of {of_all} ways>"

    def _columns(self) -> Sequence[Column]:
        return (
            Column("path", attrgetter("name")),
            Column("events", lambda path: len(path.events)),
            Column("stages", lambda path: " > ".join(path.stages)),
        )

    def _title(self) -> str:
        taken, of_all = self.covered.numerator, self.covered.denominator
        return f"Paths through {self.lifecycle.name}: {taken} of {of_all} ways are taken"


def said(source: str, transition: Transition) -> str:
    """Say in words which way out of a stage is meant."""
    how = f"after {transition.after!r}" if transition.on is None else f"on {transition.on!r}"
    when = transition.when
    code = None if is_data(when) else getattr(when, "__name__", repr(when))
    condition = "" if when is None else f" when {code or repr(when)}"
    return f"{source} -> {transition.target} {how}{condition}"
