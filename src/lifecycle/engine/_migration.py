"""How a customer moves from one definition to another.

Where the stage is still the same one, the stay goes on. All deadlines up to the migration
are behind the customer then: the old definition has taken its own or lets them rest, and
those that only the new one has are examined here, at the instant of the migration.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from lifecycle import _checks
from lifecycle.engine._compiled import Tables
from lifecycle.engine._memory import Memory, StageEntry
from lifecycle.engine._step import advance, count_entry, enter, move, remain, since
from lifecycle.engine._tallies import KINDS
from lifecycle.engine._timers import AnyTimer, Row
from lifecycle.engine.changes import Outcome, StageChange
from lifecycle.engine.conditions import is_data, renamed
from lifecycle.engine.customers import Customer, drafted, freeze, local
from lifecycle.errors import InvalidValueError, UnknownNameError

__all__ = ["migrate"]


def migrate(  # noqa: PLR0913  (two definitions, and how one becomes the other)
    tables: Tables,
    customer: Customer,
    at: datetime,
    into: Tables,
    stages: Mapping[str, str],
    *,
    keep: bool,
) -> Outcome:
    """Let a customer go on in another definition; in the same stay, where `keep` says so."""
    customer, changes = advance(tables, customer, at)
    instant = _checks.utc(at)
    if instant < customer.seen:
        expected = f"not be before {customer.seen}, up to which the customer is known"
        raise InvalidValueError("at", at, expected)
    at = local("at", at, customer)
    before = tables.rows[customer._stage.name]
    row = _goal(before.stage.name, into, stages)
    change = StageChange(
        customer=customer.id,
        at=at,
        source=before.stage.name,
        target=row.stage.name,
        kind="migration",
        cause="migration",
    )
    into.watch.check("customer.attributes", customer.attributes, "at", at)
    draft = drafted(customer)
    draft._memory = _carried(tables, customer._memory, into, stages)
    later: Sequence[StageChange] = ()
    if keep and _is_same(before, row, tables, stages):
        rests = [_identity(timer, stages) for timer in _passed(before, customer, instant)]
        customer, later = _going_on(into, draft, row, at, rests)
    else:
        entry = StageEntry(row.stage.name, customer.entered, at)
        count_entry(draft, row.restarting, entry)
        enter(into, draft, row, at, instant)
        customer = freeze(draft)
    return Outcome(customer, (*changes, change, *later))


def _goal(source: str, into: Tables, stages: Mapping[str, str]) -> Row:
    """Return the stage of the new definition in which customers of one of the old go on."""
    target = stages.get(source, source)
    if target not in into.rows:
        raise UnknownNameError(f"the stage for {source!r} in mapping", target, into.rows)
    return into.rows[target]


def _is_same(before: Row, row: Row, tables: Tables, stages: Mapping[str, str]) -> bool:
    """Say whether a stage keeps its name, or no other one becomes the same."""
    source, target = before.stage.name, row.stage.name
    return source == target or [stages.get(name, name) for name in tables.rows].count(target) == 1


def _carried(tables: Tables, memory: Memory, into: Tables, stages: Mapping[str, str]) -> Memory:
    """Return what a customer remembers, as the new definition asks for it."""
    end = len(tables.blank)
    remembered = zip(tables.layout.tallies, memory[1:end], strict=True)
    known = dict(KINDS[tally.kind].renamed(tally, state, stages) for tally, state in remembered)
    carried = (KINDS[tally.kind].carried(tally, known) for tally in into.layout.tallies)
    return (into.layout, *carried, *memory[end:])


def _stayed(into: Tables, memory: Memory, row: Row, instant: datetime) -> Memory:
    """Return what a customer remembers of clocks, where the new stage stops others."""
    found = list(memory)
    for tally, slot in into.slots.items():
        found[slot] = KINDS[tally.kind].on_stay(found[slot], row.stage, instant)
    return tuple(found)


def _passed(row: Row, customer: Any, instant: datetime) -> Iterator[AnyTimer]:
    """Yield the time-outs whose deadline has passed, in the order of their deadlines."""
    entered = since(customer)
    dated = [(timer.passed(customer, entered), timer) for timer in row.clocks]
    passed = [(at, timer) for at, timer in dated if at is not None and at <= instant]
    return (timer for _, timer in sorted(passed, key=itemgetter(0)))


def _identity(timer: AnyTimer, stages: Mapping[str, str]) -> tuple[object, ...]:
    """Return what a time-out is known by in another definition: its clock, length and condition."""
    way = timer.edge.way
    when = renamed(way.when, stages) if is_data(way.when) else way.when
    return timer.edge.milestone, way.after and way.after.reason, when


def _going_on(
    into: Tables, draft: Any, row: Row, at: datetime, rests: Sequence[object]
) -> tuple[Customer, Sequence[StageChange]]:
    """Let a stay go on, and take what only the new definition has and is overdue."""
    instant = _checks.utc(at)
    draft._stage = row.stage
    draft._memory = _stayed(into, draft._memory, row, instant)
    remain(draft, row, instant)
    taken = []
    for timer in _passed(row, draft, instant):
        is_new = _identity(timer, {}) not in rests
        if is_new and (timer.edge.test is None or timer.edge.test(draft, None, at)):
            taken.append(move(into, draft, timer.edge, at, instant, None))
            if timer.edge.milestone is None:
                break
    customer, chained = advance(into, freeze(draft), at)
    return customer, (*taken, *chained)
