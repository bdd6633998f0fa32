"""Journeys as a source of histories: one for each customer, all of one definition."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import ClassVar

import attrs

from lifecycle._activity import Id, Reader
from lifecycle._inputs import instances
from lifecycle.engine._compiled import Parts
from lifecycle.engine.journeys import Journey
from lifecycle.errors import InvalidValueError, WrongDefinitionError
from lifecycle.insights._histories import History

__all__ = ["Journeys"]


def _journeys(journeys: Iterable[Journey]) -> tuple[Journey, ...]:
    """Check that there is one journey for each customer, and one definition for all."""
    found = instances("journeys", journeys, Journey, expected="be an iterable of Journey")
    seen: set[Id] = set()
    for i, journey in enumerate(found):
        id_, own, first = journey.customer.id, journey._tables.parts, found[0]._tables.parts
        if id_ in seen:
            raise InvalidValueError(f"journeys[{i}].customer.id", id_, "have one journey only")
        seen.add(id_)
        if own is not first and own != first:
            belongs, given = ((each.name, each.version) for each in (own, first))
            raise WrongDefinitionError(id_, belongs, given)
    return tuple(found)


@attrs.frozen(eq=False, weakref_slot=False)
class Journeys:
    """The journeys that were given."""

    given: Sequence[Journey] = attrs.field(converter=_journeys)

    @property
    def parts(self) -> Parts | None:
        """The definition; None where there are no journeys."""
        return self.given[0]._tables.parts if self.given else None

    ends_with_a_day: ClassVar = False
    """Whether the zone of a calendar says up to when customers are known."""

    def histories(self, reader: Reader) -> list[History]:
        """Read what is known of each customer, in the zone of a reader."""
        return [_history(reader, i, journey) for i, journey in enumerate(self.given)]


def _history(reader: Reader, i: int, journey: Journey) -> History:
    customer = journey.customer
    moves = [change for change in journey.changes if change.is_move]
    ats = [journey._begins, *(move.at for move in moves), journey._known_until]
    *moments, until = accumulate(reader.moments(f"journeys[{i}].stays", ats), max)
    enrolled, observed = moments[0], moments[0]
    if customer._origin.midlife is not None:
        told = [customer.enrolled, customer.enrollment._known]
        enrolled, observed = reader.moments(f"journeys[{i}].enrollment", told)
    return History(
        id=customer.id,
        stages=[customer._origin.stage, *(move.target for move in moves)],
        moments=moments,
        kinds=[move.kind for move in moves],
        moves=moves,
        until=until,
        journey=journey,
        enrolled=enrolled,
        observed=observed,
    )
