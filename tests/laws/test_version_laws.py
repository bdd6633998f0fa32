"""Laws of customers who are moved to another version: a version is no news of a customer."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import oracle
from lifecycle import Customer, Event, Lifecycle, StageChange, Transition
from lifecycle.engine.conditions import is_data, measures
from strategies import World, customers, enrolled, lifecycles, worlds

instant = oracle.instant
Way = Callable[[Customer], Customer]


class Version(NamedTuple):
    """A definition, and what its stages are called that the first version calls otherwise."""

    lifecycle: Lifecycle
    names: Mapping[str, str]


class Life(NamedTuple):
    """A customer's log, with the instants at which it is moved to the next version."""

    world: World
    log: Sequence[Event | datetime]
    end: datetime


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Draw a log with up to three migrations before each event and after the last."""
    world = draw(worlds())
    events = world.lifecycle.replay("ann", world.events, **world.told).events
    last = draw(world.clock.instants(events[-1].at, steps=4))
    log: list[Event | datetime] = []
    before = world.since or events[0].at
    for event in (*events, None):
        after = last if event is None else event.at
        moves = draw(st.lists(between(before, after), max_size=draw(st.sampled_from((0, 1, 3)))))
        log += sorted(moves, key=instant)
        log += [] if event is None else [event]
        before = after
    return Life(world, log, last)


def between(begin: datetime, end: datetime) -> st.SearchStrategy[datetime]:
    """Draw the first or the last of two instants, or one in between."""
    length = instant(end) - instant(begin)
    middle = [written(instant(begin) + length * share, begin) for share in (0.25, 0.5, 0.75)]
    return st.sampled_from((begin, end, *middle))


def written(at: datetime, like: datetime) -> datetime:
    return at if like.tzinfo is None else at.astimezone(like.tzinfo)


def same(customer: Customer) -> Customer:
    return customer


def stored(customer: Customer) -> Customer:
    """Send a customer through JSON."""
    return Customer.from_dict(json.loads(json.dumps(customer.to_dict())))


def unmoved(life: Life) -> tuple[Customer, list[tuple[Any, ...]]]:
    """Let a customer live in one version."""
    only = Version(life.world.lifecycle, {})
    return lived(life._replace(log=[one for one in life.log if isinstance(one, Event)]), [only])


def lived(
    life: Life, versions: Sequence[Version], way: Way = same
) -> tuple[Customer, list[tuple[Any, ...]]]:
    """Let a customer live: each instant of the log moves it to the next version."""
    coming = iter(versions)
    now = next(coming)
    customer = enrolled(life.world)
    changes: list[tuple[Any, ...]] = []
    for one in life.log:
        acting = now  # what is due by a migration is taken by the version that is left
        if isinstance(one, Event):
            customer, made = now.lifecycle.apply(way(customer), one)
        else:
            later = next(coming)
            mapping = {
                now.names.get(stage.name, stage.name): later.names.get(stage.name, stage.name)
                for stage in life.world.lifecycle.stages
            }
            customer, made = now.lifecycle.migrate(
                way(customer), to=later.lifecycle, at=one, mapping=mapping
            )
            assert [change.kind for change in made].count("migration") == 1
            assert made[-1].kind == "migration"  # an equal definition finds nothing else due
            now = later
        changes += told(acting, made)
    customer, made = now.lifecycle.advance(way(customer), to=life.end)
    return customer, changes + told(now, made)


def told(version: Version, changes: Sequence[StageChange]) -> list[tuple[Any, ...]]:
    """Give changes but migrations, in the words of the first version."""
    old = {new: name for name, new in version.names.items()}
    return [
        (
            *(instant(change.at), str(change.at), change.kind, change.cause, change.event),
            *(old.get(name, name) for name in (change.source, change.target)),
            change.milestone or version.lifecycle.transitions.index(change.transition),
        )
        for change in changes
        if change.kind != "migration"
    ]


def known(customer: Customer) -> dict[str, Any]:
    """Give all that is stored of a customer but the version, and up to when it is known.

    Of an instant at which no more can happen, it makes no difference what is remembered; nor
    does a fall by an event once that has been examined.
    """
    data = customer.to_dict()
    version, seen, tie = data.pop("lifecycle"), data.pop("seen"), data.pop("tie")
    assert version["name"] == "drawn"
    for tally in data["memory"]:
        if tally["kind"] == "fall":
            del tally["state"]["fresh"]
    assert tie is None or tie["at"] <= seen
    return data


def versions(lifecycle: Lifecycle, count: int) -> list[Version]:
    return [Version(attrs.evolve(lifecycle, version=n + 1), {}) for n in range(count)]


@settings(max_examples=60)
@given(lives(), st.sampled_from((same, stored)))
def test_a_version_that_changes_nothing_changes_nothing(life: Life, way: Way) -> None:
    """Migrating to equal definitions, whenever and however often, gives the same customer."""
    customer, changes = lived(life, versions(life.world.lifecycle, len(life.log) + 1), way)
    other, expected = unmoved(life)
    assert changes == expected
    assert known(customer) == known(other)
    moves = [instant(one) for one in life.log if not isinstance(one, Event)]
    assert customer.seen == max([other.seen, *moves])


def renamed(lifecycle: Lifecycle, names: Mapping[str, str]) -> Lifecycle:
    """Give a definition with other names for its stages."""

    def called(data: Any) -> Any:
        if isinstance(data, list):
            return [called(one) for one in data]
        return names.get(data, data) if isinstance(data, str) else data

    def walk(data: Any) -> Any:
        if isinstance(data, list):
            return [walk(one) for one in data]
        if not isinstance(data, dict):
            return data
        field = FIELDS.get(str(data.get("measure")))
        return {key: called(one) if key == field else walk(one) for key, one in data.items()}

    data = walk(lifecycle.to_dict())
    data["initial"] = called(data["initial"])
    for part, fields in PLACES.items():
        for one in data.get(part, ()):
            one.update({field: called(one[field]) for field in fields})
    return Lifecycle.from_dict(data)


FIELDS = {"entries": "name", "previous": "wanted"}
"""Where the data of a condition names stages, by its measure."""

PLACES = {"stages": ("name",), "transitions": ("source", "target"), "milestones": ("stage",)}
"""Where the data of a definition names stages."""


@settings(max_examples=60)
@given(st.data(), lives())
def test_stages_that_are_called_otherwise_are_the_same_stages(
    data: st.DataObject, life: Life
) -> None:
    """The same through one-to-one renamings: new names, and names that change places."""
    first = life.world.lifecycle
    ways = (*first.transitions, *first.milestones)
    assume(all(is_data(way.when) for way in ways if way.when is not None))
    own = [stage.name for stage in first.stages]
    chain = [Version(first, {})]
    for number in range(2, len(life.log) + 2):
        news = data.draw(st.permutations([*own, "new", "newer"]))
        names = dict(zip(own, news, strict=False))
        later = attrs.evolve(renamed(first, names), version=number)
        chain.append(Version(later, names))
    customer, changes = lived(life, chain)
    other, expected = unmoved(life)
    assert changes == expected
    moved = sum(not isinstance(one, Event) for one in life.log)
    assert customer.stage == chain[moved].names.get(other.stage, other.stage)
    assert (customer.entered, customer.last_activity) == (other.entered, other.last_activity)


@st.composite
def changing(draw: st.DrawFn) -> tuple[World, Customer, Lifecycle, dict[str, str], datetime]:
    """Draw a customer in mid-life, any other definition and where each stage goes in it."""
    world, customer = draw(customers())
    other = draw(lifecycles(world.clock.pace))
    goals = st.sampled_from([stage.name for stage in other.stages])
    mapping = {stage.name: draw(goals) for stage in world.lifecycle.stages}
    at = draw(world.clock.instants(written(customer.seen, customer.entered), steps=4))
    return world, customer, attrs.evolve(other, version=7), mapping, at


Changing = tuple[World, Customer, Lifecycle, dict[str, str], datetime]


@settings(max_examples=60)
@given(changing(), st.sampled_from((0, 0.25, 0.5, 1)))
def test_a_chain_of_migrations_splits_anywhere(change: Changing, share: float) -> None:
    """To go by way of an equal definition, before or after, makes no difference."""
    world, customer, other, mapping, at = change
    direct, _ = world.lifecycle.migrate(customer, to=other, at=at, mapping=mapping)
    known_at = instant(customer.seen)
    stop = written(known_at + (instant(at) - known_at) * share, at)
    same_again = attrs.evolve(world.lifecycle, version=2)
    customer, _ = world.lifecycle.migrate(customer, to=same_again, at=stop)
    chained, _ = same_again.migrate(customer, to=other, at=at, mapping=mapping)
    newest = attrs.evolve(other, version=8)
    chained, _ = other.migrate(chained, to=newest, at=at)
    direct, _ = other.migrate(direct, to=newest, at=at)
    assert (known(chained), chained.seen) == (known(direct), direct.seen)


@settings(max_examples=60)
@given(changing())
def test_both_definitions_have_taken_what_was_due(change: Changing) -> None:
    """What only the new definition has and is overdue is dated at the migration."""
    world, customer, other, mapping, at = change
    advanced, before = world.lifecycle.advance(customer, to=at)
    moved, changes = world.lifecycle.migrate(customer, to=other, at=at, mapping=mapping)
    assert changes[: len(before)] == before
    step, *later = changes[len(before) :]
    assert (step.kind, step.source, instant(step.at)) == (
        "migration",
        advanced.stage,
        instant(at),
    )
    assert step.target == mapping[advanced.stage]
    for one in later:
        assert (one.cause, instant(one.at)) == ("timeout", instant(at))
    kept = list(mapping.values()).count(step.target) == 1 or step.source == step.target
    if not kept:
        assert (later, instant(moved.entered)) == ([], instant(at))
    elif not later:
        assert moved.entered == advanced.entered
    if kept:
        assert other.advance(moved, to=at).changes == ()


@settings(max_examples=60)
@given(changing())
def test_with_restarted_clocks_the_stage_is_entered_anew(change: Changing) -> None:
    """It is as a re-entry by an event that nothing counts."""
    world, customer, _, _, at = change
    read = [
        measure.kind
        for way in (*world.lifecycle.transitions, *world.lifecycle.milestones)
        if is_data(way.when)
        for measure in measures(way.when)
    ]
    assume(not {"entries", "previous"} & {*read})
    parts = {field: getattr(world.lifecycle, field) for field in PARTS}
    events = [*parts["events"], *(way.on for way in parts["transitions"] if way.on)]
    active = parts["activity"] or tuple(dict.fromkeys(events))
    open_stages = [stage.name for stage in parts["stages"] if not stage.final]
    again = [Transition(name, name, on="again") for name in open_stages]
    entering = Lifecycle(
        **{**parts, "transitions": (*parts["transitions"], *again), "activity": active}
    )
    assume(customer.stage in open_stages)
    newer = attrs.evolve(world.lifecycle, version=2)
    moved, _ = world.lifecycle.migrate(customer, to=newer, at=at, clocks="restart")
    other, _ = world.lifecycle.migrate(customer, to=entering, at=at)
    assume(other.stage in open_stages)
    other, _ = entering.apply(other, Event("again", at))
    assert (moved.stage, moved.entered) == (other.stage, other.entered)
    due, expected = newer.due(moved), entering.due(other)
    assert (due and instant(due.at)) == (expected and instant(expected.at))


PARTS = [field.name for field in attrs.fields(Lifecycle) if field.init]
