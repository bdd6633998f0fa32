"""Change logs: stage changes with their definition, where no journeys are kept.

A new version of a definition must not change the numbers. So a change within one stage, as
the newest version names it, is not a move, unless it is a renewal: a migration into the same
stage, or a change between two stages that are one by now. The stay goes on. Journeys follow
one definition from the start, and have no migrations.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import attrs

from lifecycle import _checks
from lifecycle._activity import Enrolled, Id, Instant, Reader
from lifecycle._inputs import columns, instances
from lifecycle._tables import many
from lifecycle.engine._kinds import Kind, kind_of
from lifecycle.engine.changes import StageChange
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.stages import Stage
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights._histories import History

__all__ = ["ChangeLog"]


class _ReadChange(NamedTuple):
    """A change as the newest version names it."""

    place: int
    """The position among all changes."""
    at: datetime
    source: str
    target: str
    kind: Kind | None
    """What it means; None where the stay goes on."""


@attrs.frozen(init=False, repr=False, weakref_slot=False)
class ChangeLog:
    """Stage changes with their definition, for insights where no journeys are kept.

    Pass it where journeys are expected. It has no events and no attributes, so that revenue
    is unknown, and `by` takes a calendar or a mapping.

    Args:
        lifecycle: The definition to which the changes belong, in its newest version.
        changes: Stage changes of any number of customers; those of one customer in the
            order in which they happened, where several are of one instant.
        enrolled: When customers began, also those who never changed stage: a mapping of
            customers to instants, or (customer, at) pairs, of which the earliest of a customer
            counts. By default a customer begins at the first change, so that the first stay
            has no length. The first stay begins then, so for a customer that was enrolled in
            mid-life give when it entered its stage.
        until: Up to and including when changes are known: a date for its whole day, or an
            instant; by default the last change.
        mapping: For changes of older versions of the definition: the stages that it no
            longer has, by name, and what each became: a stage of `lifecycle`, or another
            key of `mapping`, so that the renames of several versions can be listed together.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A change does not lead on from the stage of the one before; or a
            customer with changes is not enrolled, or enrolled after the first; or `until`
            is before a change; or `mapping` leads from a stage of the definition to
            another one, or from a name to no stage.
        MixedInstantsError: Some instants have a time zone, and others have none.
        UnknownNameError: A change leads from or to a stage that neither the definition nor
            `mapping` has, or `mapping` leads to such a stage.

    Convention:
        A migration into the same stage is read as if it were not there, also where it is the
        first or the last change of a customer; so is a change between two stages that
        `mapping` makes one. A migration into a different stage is a change of kind
        "migration". The kind of any other change is that which the statuses of `lifecycle`
        give it.

    Examples:
        >>> from lifecycle import presets
        >>> shop = presets.retail()
        >>> ann = shop.replay("ann", [Event("purchase", datetime(2026, 1, 5, tzinfo=UTC))])
        >>> ChangeLog(shop, ann.changes, until=datetime(2026, 2, 1, tzinfo=UTC))
        <ChangeLog of 'retail': 1 change>
    """

    lifecycle: Lifecycle
    changes: tuple[StageChange, ...]
    enrolled: Mapping[Id, Instant] | None
    until: Instant | None
    mapping: Mapping[str, str] | None

    def __init__(
        self,
        lifecycle: Lifecycle,
        changes: Iterable[StageChange],
        *,
        enrolled: Enrolled | None = None,
        until: Instant | None = None,
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        _checks.instance("lifecycle", lifecycle, Lifecycle)
        starts, renames = _enrolled(enrolled), _renames(mapping)
        self.__attrs_init__(lifecycle, _changes(changes), starts, until, renames)
        self._histories(Reader())  # raises what is wrong

    def __repr__(self) -> str:
        return f"<ChangeLog of {self.lifecycle.name!r}: {many(len(self.changes), 'change')}>"

    def _histories(self, reader: Reader) -> list[History]:
        starts, steps = self._starts(reader), self._steps(reader)
        by_customer: dict[Id, list[_ReadChange]] = {id_: [] for id_ in starts or ()}
        for step in steps:
            id_ = self.changes[step.place].customer
            if starts is not None and id_ not in starts:
                expected = "be one of those enrolled"
                raise InvalidValueError(f"changes[{step.place}].customer", id_, expected)
            by_customer.setdefault(id_, []).append(step)
        until = self._until(reader, steps, starts)
        return [
            self._history(id_, made, starts, until)
            for id_, made in by_customer.items()
            if starts is not None or any(step.kind for step in made)
        ]

    def _steps(self, reader: Reader) -> list[_ReadChange]:
        """Return the changes as the newest version names them, each kind of change read once."""
        stages = {stage.name: stage for stage in self.lifecycle.stages}
        names = _names(stages, self.mapping or {})
        ats = reader.moments("changes", [change.at for change in self.changes])
        read: dict[tuple[str, str, str], tuple[str, str, Kind | None]] = {}
        found = []
        for i, (change, at) in enumerate(zip(self.changes, ats, strict=True)):
            key = change.source, change.target, change.kind
            if key not in read:
                read[key] = _read(i, change, stages, names)
            found.append(_ReadChange(i, at, *read[key]))
        return found

    def _starts(self, reader: Reader) -> dict[Id, datetime] | None:
        if self.enrolled is None:
            return None
        return dict(zip(*reader.enrolled("enrolled", self.enrolled), strict=True))

    def _until(
        self, reader: Reader, steps: Sequence[_ReadChange], starts: Mapping[Id, datetime] | None
    ) -> datetime | None:
        enrolled = (starts or {}).values()
        if self.until is None:
            return max((*enrolled, *(step.at for step in steps if step.kind)), default=None)
        given = _checks.given("until", self.until, "a datetime or a date", "the last change")
        until = reader.until("until", given)
        last = max((*enrolled, *(step.at for step in steps)), default=until)
        if until < last:
            expected = f"not be before what is known last, {_checks.shown(last)}"
            raise InvalidValueError("until", self.until, expected)
        return until

    def _history(
        self,
        id_: Id,
        steps: list[_ReadChange],
        starts: Mapping[Id, datetime] | None,
        until: Any,
    ) -> History:
        steps.sort(key=lambda step: _checks.utc(self.changes[step.place].at))
        self._check_way(id_, steps)
        moves = [step for step in steps if step.kind]
        enrolled = moves[0].at if starts is None else starts[id_]
        if starts and steps and enrolled > steps[0].at:
            expected = f"not be after the first change, {_checks.shown(steps[0].at)}"
            raise InvalidValueError(f"enrolled[{id_!r}]", enrolled, expected)
        first = steps[0].source if steps else self.lifecycle.initial
        moments = list(accumulate([enrolled, *(move.at for move in moves)], max))
        return History(
            id=id_,
            stages=[first, *(move.target for move in moves)],
            moments=moments,
            kinds=[step.kind for step in steps if step.kind],
            until=max(until, moments[-1]),
            journey=None,
            enrolled=moments[0],
            observed=moments[0],
        )

    def _check_way(self, id_: Id, steps: Sequence[_ReadChange]) -> None:
        """Check that each change leads on from where the one before it led."""
        for before, step in pairwise(steps):
            if step.source != before.target:
                expected = f"be {before.target!r}, which customer {id_!r} had entered before"
                given = self.changes[step.place].source
                raise InvalidValueError(f"changes[{step.place}].source", given, expected)


def _enrolled(given: Enrolled | None) -> Any:
    """Return when each customer began, as it was given."""
    if given is None or isinstance(given, Mapping):
        return None if given is None else _checks.Attributes(given)
    customers, ats = columns("enrolled", given, ("customer", "at"))
    ids, moments = Reader().rows("enrolled", customers, ats)
    starts: dict[Any, Instant] = dict(zip(ids, ats, strict=True))  # by first appearance
    latest_first = sorted(zip(moments, ids, ats, strict=True), key=itemgetter(0), reverse=True)
    starts.update((id_, at) for _, id_, at in latest_first)
    return _checks.Attributes(starts)


def _renames(mapping: Any) -> Any:
    if mapping is None or isinstance(mapping, Mapping):
        return None if mapping is None else _checks.Attributes(mapping)
    expected = "be a mapping from stages of older versions to those of lifecycle"
    raise InvalidTypeError("mapping", mapping, expected)


def _changes(changes: Any) -> tuple[StageChange, ...]:
    expected = "be an iterable of StageChange, which StageChange.from_dict reads"
    return tuple(instances("changes", changes, StageChange, expected=expected))


def _names(stages: Collection[str], renamed: Mapping[str, str]) -> dict[str, str]:
    """Return what the stages of any version are called in the newest one."""
    for old, new in renamed.items():
        _checks.name("a key of mapping", old)
        _checks.choice(f"mapping[{old!r}]", new, dict.fromkeys((*stages, *renamed)))
    return {name: _newest(name, stages, renamed) for name in (*stages, *renamed)}


def _newest(name: str, stages: Collection[str], renamed: Mapping[str, str]) -> str:
    """Follow a stage through the renames of all versions."""
    found, left = renamed.get(name, name), len(renamed)
    while found not in stages:
        if not left:
            expected = "lead to a stage of lifecycle in the end"
            raise InvalidValueError(f"mapping[{name!r}]", renamed[name], expected)
        found, left = renamed[found], left - 1
    if name in stages and found != name:
        expected = (
            f"lead back to {name!r}, which is a stage of lifecycle: a change does not say which "
            "version's stage of this name it means"
        )
        raise InvalidValueError(f"mapping[{name!r}]", renamed[name], expected)
    return found


def _read(
    i: int, change: StageChange, stages: Mapping[str, Stage], names: Mapping[str, str]
) -> tuple[str, str, Kind | None]:
    """Return source, target and kind of a change in the newest version."""
    source, target = (
        stages[names[_checks.choice(f"changes[{i}].{side}", name, names)]]
        for side, name in (("source", change.source), ("target", change.target))
    )
    return source.name, target.name, _kind(change, source, target)


def _kind(change: StageChange, source: Stage, target: Stage) -> Kind | None:
    """Return what a change means in the newest version; None where the stay goes on."""
    migrates = change.kind == "migration"
    stays_on = migrates or not change.is_move or change.source != change.target
    if source.name == target.name and stays_on:
        return None
    return "migration" if migrates else kind_of(source, target)
