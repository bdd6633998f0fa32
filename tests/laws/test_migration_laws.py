"""Laws of changes on file over several versions: a version is no news of customers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import attrs
from hypothesis import given
from hypothesis import strategies as st

from crowds import Crowd, crowds, few
from lifecycle import CustomerBase, Journey, Lifecycle, StageChange
from lifecycle.errors import LifecycleError


class Past(NamedTuple):
    """One customer's changes, with the migrations that lie among them."""

    journey: Journey
    changes: Sequence[StageChange]
    until: datetime


def later(definition: Lifecycle) -> Lifecycle:
    """Give an equal definition with a higher version."""
    return attrs.evolve(definition, version=definition.version + 1)


@st.composite
def pasts(draw: st.DrawFn, crowd: Crowd) -> list[Past]:
    """Draw up to three migrations for each customer, at random places of their changes."""
    if not crowd.journeys:
        return []
    last = max(map(known, crowd.journeys), key=crowd.moment)
    found = []
    for journey in crowd.journeys:
        whole = crowd.lifecycle.replay(
            journey.customer.id,
            journey.events,
            until=last,
            since=journey.customer.enrolled,
            attributes=journey.enrollment.attributes,
        )
        changes = list(whole.changes)
        for _ in range(draw(st.integers(0, 3))):
            place = draw(st.integers(0, len(changes)))
            begin = changes[place - 1].at if place else whole.customer.enrolled
            end = changes[place].at if place < len(changes) else last
            at = draw(st.sampled_from((begin, end, between(begin, end))))
            stage = changes[place - 1].target if place else whole.stays[0].stage
            changes.insert(place, migration(whole.customer.id, at, stage))
        found.append(Past(whole, changes, last))
    return found


def known(journey: Journey) -> datetime:
    return journey.until or journey.customer.seen


def between(begin: datetime, end: datetime) -> datetime:
    """Give the middle of two instants, in the one's zone, on the line of time."""
    if begin.tzinfo is None:
        return begin + (end - begin) / 2
    first, last = begin.astimezone(UTC), end.astimezone(UTC)
    return (first + (last - first) / 2).astimezone(begin.tzinfo)


def migration(customer: str | int, at: datetime, stage: str, target: str = "") -> StageChange:
    return StageChange(
        customer=customer,
        at=at,
        source=stage,
        target=target or stage,
        kind="migration",
        cause="migration",
    )


def answers(crowd: Crowd, log: CustomerBase, pasts: Sequence[Past]) -> Iterator[tuple[str, Any]]:
    """Give what every insight says of a log, or the error that it raises."""
    asked = crowd.asked
    rated = [
        (past.journey.customer.id, change.at, number % 11)
        for past in pasts
        for number, change in enumerate(past.journey.changes)
    ]
    tiers = {past.journey.customer.id: number % 2 for number, past in enumerate(pasts)}
    margins = {stage: 3.0 + place for place, stage in enumerate(crowd.stages)}
    own = [name for name, stage in crowd.stages.items() if not stage.final]
    asks: dict[str, Callable[[], Any]] = {
        "kpis": lambda: log.over(**asked).kpis(answers=rated, values=margins),
        "moves": lambda: log.over(**asked).transition_counts(),
        "all moves": log.transition_counts,
        "drop-off": log.drop_off,
        "by tier": lambda: log.by(tiers).drop_off(),
        "by cohort": lambda: log.by(crowd.calendar).drop_off(),
        "growth": lambda: log.over(**asked).growth(),
        "cohorts": lambda: log.over(**asked).cohorts(),
        "cohorts later": lambda: log.over(**asked).cohorts(retained="on_or_after"),
        "reactivations": log.reactivations,
        "nps": lambda: log.nps(rated),
    }
    for order in ("ordered", "strict", "any"):
        asks[order] = lambda order=order: log.funnel(stages=own, order=order)  # type: ignore[misc]
    for memory in (1, 2, 3):
        asks[f"chain {memory}"] = lambda memory=memory: log.over(**asked).chain(memory=memory)
    asks["value"] = lambda: log.over(**asked).value(
        margins=margins, discount=0.1, periods=5, memory=2
    )
    for stage in crowd.stages:
        for exits in ("kind", "target"):
            asks[f"{stage} {exits}"] = lambda stage=stage, exits=exits: log.time_in_stage(
                stage, exits=exits
            )
    for name, ask in asks.items():
        try:
            yield name, ask()
        except LifecycleError as error:
            yield name, (type(error), str(error))


def logs(
    definition: Lifecycle, pasts: Sequence[Past], *, enrolled: bool, **more: Any
) -> tuple[CustomerBase, CustomerBase]:
    """Give the log without migrations, and with them, in a later version."""
    births = {past.journey.customer.id: past.journey.customer.enrolled for past in pasts}
    known = {"until": pasts[0].until if pasts else None, "enrolled": births if enrolled else None}
    plain = [change for past in pasts for change in past.journey.changes]
    moved = [change for past in pasts for change in past.changes]
    one = CustomerBase.from_changes(definition, plain, **known)
    return one, CustomerBase.from_changes(later(definition), moved, **{**known, **more})


@few
@given(crowds(), st.data(), st.booleans())
def test_a_migration_into_the_same_stage_changes_no_insight(
    crowd: Crowd,
    data: st.DataObject,
    enrolled: bool,  # noqa: FBT001
) -> None:
    """A log with migrations to an equal definition says what the log without them says."""
    drawn = data.draw(pasts(crowd))
    one, other = logs(crowd.lifecycle, drawn, enrolled=enrolled)
    assert list(answers(crowd, other, drawn)) == list(answers(crowd, one, drawn))


@few
@given(crowds(), st.data())
def test_a_migration_into_a_renamed_stage_changes_no_insight(
    crowd: Crowd, data: st.DataObject
) -> None:
    """Whatever the stages were called in two versions before, all is told in the newest names."""
    drawn = data.draw(pasts(crowd))
    second = {name: f"{name} II" for name in crowd.stages if data.draw(st.booleans())}
    first = {name: f"{name} I" for name in crowd.stages if data.draw(st.booleans())}
    renames = {second.get(name, name): name for name in second}
    renames |= {first[name]: second.get(name, name) for name in first}
    renamed = [past._replace(changes=told(past.changes, [first, second])) for past in drawn]
    one, other = logs(crowd.lifecycle, drawn, enrolled=True)
    _, other = logs(crowd.lifecycle, renamed, enrolled=True, mapping=renames)
    assert list(answers(crowd, other, drawn)) == list(answers(crowd, one, drawn))


def told(
    changes: Sequence[StageChange], versions: Sequence[dict[str, str]]
) -> Iterator[StageChange]:
    """Give changes in the names of their time: each migration leads to the next version."""
    left = [{}, *reversed(versions)]
    now = left.pop()
    for change in changes:
        source = now.get(change.source, change.source)
        if change.kind == "migration" and left:
            now = left.pop()
        target = now.get(change.target, change.target)
        yield attrs.evolve(change, source=source, target=target)


@few
@given(crowds(), st.data())
def test_stages_that_became_one_are_one_from_the_start(crowd: Crowd, data: st.DataObject) -> None:
    """Moves within a stage that an older version had split are told by nobody."""
    drawn = data.draw(pasts(crowd))
    split = data.draw(st.sampled_from(list(crowd.stages)))
    halves = [f"{split} a", f"{split} b"]
    parted = [past._replace(changes=list(apart(past.changes, split, halves))) for past in drawn]
    one, _ = logs(crowd.lifecycle, drawn, enrolled=True)
    _, other = logs(crowd.lifecycle, parted, enrolled=True, mapping=dict.fromkeys(halves, split))
    assert list(answers(crowd, other, drawn)) == list(answers(crowd, one, drawn))


def apart(
    changes: Sequence[StageChange], split: str, halves: Sequence[str]
) -> Iterator[StageChange]:
    """Give changes of a version that has two stages for one, with steps between the two."""
    here, there = halves
    for change in changes:
        source, target = (here if end == split else end for end in (change.source, change.target))
        if change.kind == "migration" and change.source == split:
            yield attrs.evolve(change, source=here, target=there, kind="progress", cause="event")
            here, there = there, here
        else:
            yield attrs.evolve(change, source=source, target=target)
