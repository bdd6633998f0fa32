"""Changes on file as a source of histories, where no journeys are kept.

A new version of a definition must not change the numbers. So a change within one stage, as
the newest version names it, is not a move, unless it is a renewal: a migration into the same
stage, or a change between two stages that are one by now. The stay goes on. Journeys follow
one definition from the start, and have no migrations.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import attrs

from lifecycle import _checks
from lifecycle._activity import Enrolled, Id, Instant, Reader
from lifecycle._inputs import columns, instances
from lifecycle.engine._compiled import Parts
from lifecycle.engine._kinds import Kind, kind_of
from lifecycle.engine.changes import StageChange
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.stages import Stage
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights._histories import History

__all__ = ["ChangesOnFile"]


class _ReadChange(NamedTuple):
    """A change as the newest version names it."""

    place: int
    """The position among all changes."""
    at: datetime
    source: str
    target: str
    kind: Kind | None
    """What it means; None where the stay goes on."""


def _lifecycle(value: Any) -> Lifecycle:
    return _checks.instance("lifecycle", value, Lifecycle)


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
        return _checks.Attributes(mapping or {})
    expected = "be a mapping from stages of older versions to those of lifecycle"
    raise InvalidTypeError("mapping", mapping, expected)


def _changes(changes: Any) -> tuple[StageChange, ...]:
    expected = "be an iterable of StageChange, which StageChange.from_dict reads"
    return tuple(instances("changes", changes, StageChange, expected=expected))


@attrs.frozen(eq=False, weakref_slot=False)
class ChangesOnFile:
    """Stage changes with the newest version of their definition."""

    lifecycle: Lifecycle = attrs.field(converter=_lifecycle)
    changes: tuple[StageChange, ...] = attrs.field(converter=_changes)
    enrolled: Mapping[Id, Instant] | None = attrs.field(converter=_enrolled)
    until: Instant | None
    mapping: Mapping[str, str] = attrs.field(converter=_renames)

    @property
    def parts(self) -> Parts:
        """The definition."""
        return self.lifecycle._parts

    @property
    def ends_with_a_day(self) -> bool:
        """Whether the zone of a calendar says up to when customers are known."""
        return isinstance(self.until, date) and not isinstance(self.until, datetime)

    def histories(self, reader: Reader) -> list[History]:
        """Read what is known of each customer, in the zone of a reader."""
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
        names = _names(stages, self.mapping)
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
            kinds=[move.kind for move in moves if move.kind],
            moves=[self.changes[move.place] for move in moves],
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
