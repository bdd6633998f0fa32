"""The customers of one call, read from journeys or a change log into one form, in UTC.

Each customer has one `History`. A
naive instant is a local time of the calendar's zone, of UTC where there is no calendar. Local
times that the clocks skip would come after later ones; they wait for them instead, so that the
moments of a history never go back.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from lifecycle import _checks
from lifecycle._activity import Id, Reader
from lifecycle._inputs import instances
from lifecycle.engine._compiled import Parts
from lifecycle.engine.journeys import Journey
from lifecycle.engine.stages import Stage, Status
from lifecycle.errors import InvalidValueError, WrongDefinitionError
from lifecycle.insights._histories import History
from lifecycle.insights.change_logs import ChangeLog
from lifecycle.periods import Calendar

__all__ = ["WAYS_BACK", "Journeys", "Population", "read"]

WAYS_BACK: dict[Status, str | None] = {
    Status.PROSPECT: None,
    Status.ACTIVE: None,
    Status.DORMANT: "reactivation",
    Status.CHURNED: "win_back",
}
"""What coming back from a status is called; None where customers are not away."""


class Population(NamedTuple):
    """All customers of one call, and the stages of their definition.

    Attributes:
        stages: The stages by name, in the order of the definition.
        drop_off_stages: The stages that are dormant, churned, or entered by idleness alone.
        histories: What is known about each customer.
        reader: What read their instants, and reads others of the same kind.
    """

    stages: Mapping[str, Stage]
    drop_off_stages: frozenset[str]
    histories: Sequence[History]
    reader: Reader

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


Journeys = Iterable[Journey] | ChangeLog
"""What insights are made from: journeys of one definition, or a `ChangeLog`."""


def read(journeys: Journeys, calendar: Calendar | None = None) -> Population:
    """Read journeys or a change log, each customer once."""
    reader = Reader(
        calendar if calendar is None else _checks.instance("calendar", calendar, Calendar)
    )
    if isinstance(journeys, ChangeLog):
        return _population(journeys.lifecycle._parts, journeys._histories(reader), reader)
    expected = "be an iterable of Journey, or a ChangeLog"
    found = instances("journeys", journeys, Journey, expected=expected)
    _check_alike(found)
    histories = [_history(reader, i, journey) for i, journey in enumerate(found)]
    return _population(found[0]._tables.parts if found else None, histories, reader)


def _population(parts: Parts | None, histories: Sequence[History], reader: Reader) -> Population:
    if parts is None:
        return Population({}, frozenset(), histories, reader)
    stages = {stage.name: stage for stage in parts.stages}
    return Population(stages, _drop_off_stages(parts), histories, reader)


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


def _check_alike(journeys: Sequence[Journey]) -> None:
    """Check that there is one journey for each customer, and one definition for all."""
    seen: set[Id] = set()
    for i, journey in enumerate(journeys):
        id_, own, first = journey.customer.id, journey._tables.parts, journeys[0]._tables.parts
        if id_ in seen:
            raise InvalidValueError(f"journeys[{i}].customer.id", id_, "have one journey only")
        seen.add(id_)
        if own is not first and own != first:
            belongs, given = ((each.name, each.version) for each in (own, first))
            raise WrongDefinitionError(id_, belongs, given)


def _history(reader: Reader, i: int, journey: Journey) -> History:
    customer = journey.customer
    changes = [change for change in journey.changes if change.is_move]
    ats = [journey._begins, *(change.at for change in changes), journey._known_until]
    *moments, until = accumulate(reader.moments(f"journeys[{i}].stays", ats), max)
    enrolled, observed = moments[0], moments[0]
    if customer._origin.midlife is not None:
        told = [customer.enrolled, customer.enrollment._known]
        enrolled, observed = reader.moments(f"journeys[{i}].enrollment", told)
    return History(
        id=customer.id,
        stages=[customer._origin.stage, *(change.target for change in changes)],
        moments=moments,
        kinds=[change.kind for change in changes],
        until=until,
        journey=journey,
        enrolled=enrolled,
        observed=observed,
    )
