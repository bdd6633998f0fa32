"""What holds of paths and of drawn definitions, for any definition."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import Lifecycle, Stage, Transition, testing
from lifecycle.engine._compiled import Parts
from lifecycle.engine._soundness import problems
from lifecycle.testing.definitions import parts
from oracle.ways import nearness, silencer, ways_out

drawn = st.one_of(*(parts(pace, code=False) for pace in ("hours", "days")))


@settings(max_examples=60)
@given(drawn, drawn)
def test_nothing_is_refused_that_an_oracle_finds_sound(one: Parts, other: Parts) -> None:
    """Rule 15: where each way can be taken in each of its stages, nothing is wrong."""
    names = {stage.name for stage in one.stages}
    more = [way for way in other.transitions if {*way.sources, way.target} <= names]
    transitions = (*one.transitions, *more)
    if is_sound(one.stages, transitions):
        assert problems(one._replace(transitions=transitions)) == []


def is_sound(stages: Sequence[Stage], transitions: Sequence[Transition]) -> bool:
    """Say whether no end is left, no loop of silence turns, and no way hides a later one."""
    ends = {stage.name for stage in stages if stage.final}
    return (
        not any(ends.intersection(way.sources) for way in transitions)
        and not turns_for_ever(stages, transitions)
        and all(
            way.when is not None
            for stage in stages
            for rivals in same_ways(stage, transitions)
            for way in rivals[:-1]
        )
    )


def same_ways(stage: Stage, transitions: Sequence[Transition]) -> Iterable[list[Transition]]:
    """Group the ways out of a stage that one level offers for one event, or clock and length."""
    rivals = defaultdict(list)
    for way in transitions:
        for source in way.sources:
            near = nearness(source, way.target, stage)
            if near is not None:
                rivals[near, way.on, way.after].append(way)
    return rivals.values()


def turns_for_ever(stages: Sequence[Stage], transitions: Sequence[Transition]) -> bool:
    """Say whether idle time-outs alone lead from some stage back to it."""
    steps = {
        stage.name: {
            way.target for way in timeouts(stage, transitions) if way.after.clock != "dwell"
        }
        for stage in stages
    }
    reached = steps
    for _ in stages:
        reached = {
            name: ends.union(*(steps[end] for end in ends)) for name, ends in reached.items()
        }
    return any(name in ends for name, ends in reached.items())


def timeouts(stage: Stage, transitions: Sequence[Transition]) -> list[Transition]:
    """List the time-outs of a stage that no nearer one silences."""
    ways = [found for found in ways_out(stage, transitions) if found[2].after is not None]
    return [way for near, _, way in ways if silencer(ways, near, way) is None]


@settings(max_examples=25)
@given(testing.lifecycles(code=True))
def test_paths_do_what_they_say(lifecycle: Lifecycle) -> None:
    """A path ends with its transition; one that looks before a deadline is not there yet."""
    found = testing.paths(lifecycle, limit=1000)
    for path in found:
        deadline = path.until - (path.offset or timedelta(0))
        taken = [
            change
            for change in path.journey.changes
            if change.at == deadline and path.matches(change)
        ]
        assert bool(taken) == path.taken
        assert path.journey.events == path.events
    ways = {(path.source, id(path.way)) for path in found}
    missed = [each for each in found.missed if each.source is not None]
    assert found.covered.numerator == len(ways)
    assert found.covered.denominator == len(ways) + len(missed)
    assert not ways & {(each.source, id(each.way)) for each in missed}
