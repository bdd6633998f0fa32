"""Paths through a lifecycle, and what no path takes: what `paths` returns."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter

import attrs

from lifecycle._tables import Column, Table
from lifecycle._values import call
from lifecycle.engine.changes import StageChange
from lifecycle.engine.conditions import is_data
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import Transition
from lifecycle.rates import Rate

__all__ = ["Missed", "Path", "Paths"]


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Path:
    """One customer's log that leads through a transition, to a milestone, or up to its edge.

    Attributes:
        name: What the path shows, in words; no two paths of a lifecycle share it.
        source: The stage in which the transition or the milestone is probed.
        way: The transition or the milestone.
        offset: For a time-out, how long after its deadline the path looks: -1, 0 or 1
            microsecond. None for an event.
        since: When the customer enrolls.
        attributes: What is known of it then.
        events: What happens, in order.
        until: When the path looks.
    """

    name: str
    source: str
    way: Transition | Milestone
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

    def matches(self, change: StageChange) -> bool:
        """Say whether a change takes the way of this path, or reaches its milestone.

        Args:
            change: A change, such as one of `journey`.
        """
        if isinstance(self.way, Milestone):
            named = change.milestone == self.way.name
        else:
            named = change.transition == self.way
        return named and change.source == self.source

    @property
    def taken(self) -> bool:
        """Whether the way is taken: not yet, where the path looks before the deadline."""
        return self.offset is None or self.offset >= timedelta(0)


@attrs.frozen(repr=False, weakref_slot=False)
class Missed:
    """A transition or a milestone that no path takes.

    Attributes:
        source: The stage; None for one that no stage can take.
        way: The transition or the milestone.
        reason: What kept the search from it, in words.
    """

    source: str | None
    way: Transition | Milestone
    reason: str

    def __repr__(self) -> str:
        return call(self, "source", "way", "reason")

    def __str__(self) -> str:
        where = "any stage" if self.source is None else self.source
        return f"{said(where, self.way)}: {self.reason}"


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
            Column("path", str, attrgetter("name")),
            Column("events", int, lambda path: len(path.events)),
            Column("stages", str, lambda path: " > ".join(path.stages)),
        )

    def _title(self) -> str:
        taken, of_all = self.covered.numerator, self.covered.denominator
        return f"Paths through {self.lifecycle.name}: {taken} of {of_all} ways are taken"


def said(source: str, way: Transition | Milestone) -> str:
    """Say in words which transition of a stage is meant, or which milestone."""
    how = f"after {way.after!r}" if way.on is None else f"on {way.on!r}"
    code = None if is_data(way.when) else getattr(way.when, "__name__", repr(way.when))
    condition = "" if way.when is None else f" when {code or repr(way.when)}"
    goal = (
        f"milestone {way.name!r} in {source}" if way.target is None else f"{source} -> {way.target}"
    )
    return f"{goal} {how}{condition}"
