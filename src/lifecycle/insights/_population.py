"""The customers that a question is asked of, read into one form, in UTC.

Each customer has one `History`. A naive instant is a local time of the calendar's zone, of UTC
where there is no calendar. Local times that the clocks skip would come after later ones; they
wait for them instead, so that the moments of a history never go back.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cached_property

import attrs

from lifecycle._activity import Id, Reader
from lifecycle.engine._compiled import Parts
from lifecycle.engine.journeys import Journey
from lifecycle.engine.stages import Stage, Status
from lifecycle.errors import NoJourneysError
from lifecycle.insights._changes_on_file import ChangesOnFile
from lifecycle.insights._histories import History
from lifecycle.insights._journeys import Journeys
from lifecycle.periods import Calendar

__all__ = ["WAYS_BACK", "Population", "Source", "read"]

WAYS_BACK: dict[Status, str | None] = {
    Status.PROSPECT: None,
    Status.ACTIVE: None,
    Status.DORMANT: "reactivation",
    Status.CHURNED: "win_back",
}
"""What coming back from a status is called; None where customers are not away."""


Source = Journeys | ChangesOnFile
"""What customers are read from."""


@attrs.frozen(eq=False, weakref_slot=False)
class Population:
    """All customers of a base, or a group of them, and the stages of their definition.

    Attributes:
        source: What they were read from.
        calendar: By whose zone instants are read and shown.
        stages: The stages by name, in the order of the definition.
        drop_off_stages: The stages that are dormant, churned, or entered by idleness alone.
        histories: What is known about each customer.
        seen: The first instant without a time zone (True), and with one (False).
    """

    source: Source
    calendar: Calendar
    stages: Mapping[str, Stage]
    drop_off_stages: frozenset[str]
    histories: Sequence[History]
    seen: Mapping[bool, tuple[str, datetime]]
    _whole: "Population | None" = None

    @property
    def whole(self) -> "Population":
        """All customers of the base."""
        return self._whole or self

    @cached_property
    def by_id(self) -> dict[Id, History]:
        """The histories by customer."""
        return {history.id: history for history in self.histories}

    @property
    def reader(self) -> Reader:
        """A new reader of instants of the same kind: naive and aware are never mixed."""
        reader = Reader(self.calendar)
        reader._seen.update(self.seen)
        return reader

    @property
    def is_of_changes(self) -> bool:
        """Whether there are changes on file, and no journeys."""
        return isinstance(self.source, ChangesOnFile)

    def journeys(self, question: str) -> list[Journey]:
        """Return the journeys, which changes on file do not have."""
        if self.is_of_changes:
            raise NoJourneysError(question)
        return [history.journey for history in self.histories if history.journey is not None]

    def part(self, histories: Sequence[History]) -> "Population":
        """Return some of the customers."""
        return attrs.evolve(self, histories=histories, whole=self.whole)

    def by(self, calendar: Calendar) -> "Population":
        """Return the same customers by another calendar; local times are read anew in its zone."""
        is_local = True in self.seen or self.source.ends_with_a_day
        if not is_local or calendar.tz == self.calendar.tz:
            return attrs.evolve(self, calendar=calendar)
        whole = read(self.source, calendar)
        return whole.part([whole.by_id[history.id] for history in self.histories])

    @property
    def zone(self) -> tzinfo | None:
        """The time zone in which instants are shown; None where they were given without one."""
        return None if True in self.seen else self.calendar.tz

    def local(self, at: datetime) -> datetime:
        """Return an instant as people read it: in the calendar's zone, naive if given so."""
        if at.tzinfo is None:
            return at
        found = at.astimezone(self.calendar.tz)
        return found if self.zone else found.replace(tzinfo=None)

    def outcome(self, source: str, target: str) -> str:
        """Return whether a move is a "conversion", a "drop_off" or an "other" one.

        A drop-off leads to a drop-off stage; a conversion from such a stage to another one, or
        to a stage that the definition names later; all else is other: a renewal, a step down.
        """
        if source == target:
            return "other"
        if target in self.drop_off_stages:
            return "drop_off"
        names = list(self.stages)
        later = names.index(target) > names.index(source)
        return "conversion" if later or source in self.drop_off_stages else "other"


def read(source: Source, calendar: Calendar) -> Population:
    """Read the customers of a source."""
    reader = Reader(calendar)
    histories, parts = source.histories(reader), source.parts
    return Population(
        source=source,
        calendar=calendar,
        stages={stage.name: stage for stage in parts.stages} if parts else {},
        drop_off_stages=_drop_off_stages(parts) if parts else frozenset(),
        histories=histories,
        seen=dict(reader._seen),
    )


def _drop_off_stages(parts: Parts) -> frozenset[str]:
    """Return the stages that are dormant, churned, or entered by idleness alone."""
    entered: dict[str, set[bool]] = {}
    for transition in parts.transitions:
        is_idle = transition.after is not None and transition.after.clock == "idle"
        entered.setdefault(transition.target, set()).add(is_idle)
    return frozenset(
        stage.name
        for stage in parts.stages
        if WAYS_BACK[stage.status] or entered.get(stage.name) == {True}
    )
