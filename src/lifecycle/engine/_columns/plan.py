"""A compiled definition as tables of numbers, which columns are stepped with."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from lifecycle.engine import conditions
from lifecycle.engine._columns import asking, clocks
from lifecycle.engine._columns.asking import Ask, Context
from lifecycle.engine._columns.calendars import Rule, Stretch, oldest, rule, step_after
from lifecycle.engine._columns.clocks import Lane
from lifecycle.engine._columns.edges import NONE, Array, NumberedEdges
from lifecycle.engine._columns.rows import Rows
from lifecycle.engine._columns.windows import row_window
from lifecycle.engine._compiled import Tables
from lifecycle.engine._measures import MEASURES
from lifecycle.engine._memory import Tally
from lifecycle.engine._timers import DwellTimer, Edge, Timer

__all__ = [
    "StepTables",
    "adds_in_windows",
    "obstacle",
    "on_calendar",
    "planned",
    "reads_values",
    "slots_of",
]


@attrs.frozen(eq=False, slots=False)
class StepTables:
    """What stepping reads.

    Attributes:
        edges: The stages and edges by number.
        events: How many events there are.
        moves: The edges that each event may take, in the order asked, by the stage times
            `events` plus the event; `NONE` where there is no further one.
        active: Whether an event counts as activity, likewise: none does in a final stage.
        lanes: The time-outs.
        rules: How lengths on the calendar are added.
        steps: How steps from the enrollment are found, by their length.
        runs: The lengths of runs of renewals.
        renewals: Which of these runs each edge goes on with; `NONE` for none.
        timers: The edge of each time-out, by the stage and its place there.
        conditions: Which of `asks` each edge has to meet; `NONE` for none.
        asks: The conditions.
        tallies: What is counted, by slot.
        counts: Which events each tally counts, by slot.
        wheres: Which rows it counts of these, by slot; all where it has no condition.
        entered: Which stages a tally of entries counts, by slot.
        previous: The slots that hold the stage before.
        resets: The slots that begin anew with each stay.
    """

    edges: NumberedEdges
    events: int
    moves: tuple[Array, ...]
    active: Array
    lanes: tuple[Lane, ...]
    rules: Mapping[Any, Rule]
    steps: Mapping[Any, Rule]
    runs: Sequence[Any]
    renewals: Array
    timers: Array
    conditions: Array
    asks: tuple[Ask, ...]
    tallies: Mapping[int, Tally]
    counts: Mapping[int, Array]
    wheres: Mapping[int, Array]
    entered: Mapping[int, Array]
    previous: tuple[int, ...]
    resets: tuple[int, ...]

    @cached_property
    def asks_of_events(self) -> bool:
        """Whether some move has a condition."""
        return bool((self.conditions[self.moves[0]] != NONE).any())

    @cached_property
    def rests(self) -> bool:
        """Whether some time-out has a condition, so that it can rest."""
        return bool((self.conditions[self.timers] != NONE).any())


def obstacle(tables: Tables) -> str | None:
    """Say why a definition cannot be stepped in columns; None if it can."""
    return next(_obstacles(tables), None)


def _obstacles(tables: Tables) -> Iterator[str]:
    parts = tables.parts
    for position, stage in enumerate(parts.stages):
        if stage.stops:
            yield f"stages[{position}] stops clocks"
    for position, _ in enumerate(parts.milestones):
        yield f"milestones[{position}] is a milestone"
    for position, way in enumerate(parts.transitions):
        if way.when is not None:
            yield from (f"transitions[{position}] has {why}" for why in asking.obstacles(way.when))
    timers = [timer for row in tables.rows.values() for timer in row.timers]
    for timer in timers:
        after = timer.edge.way.after
        if type(timer) not in {Timer, DwellTimer} or any(_unasked(getattr(after, "where", None))):
            yield f"a transition is after {after!r}"
    for row in tables.rows.values():
        if len(row.timers) > clocks.PLACES:
            yield f"the stage {row.stage.name!r} has more than {clocks.PLACES} time-outs"


def _unasked(where: Any) -> Iterator[str]:
    if where is not None:
        yield from asking.obstacles(where)


def reads_values(tables: Tables) -> bool:
    """Say whether something depends on the values of events."""
    whens = [way.when for way in tables.parts.transitions if way.when is not None]
    tallies = tables.layout.tallies
    asked = [*whens, *(tally.where for tally in tallies if tally.where is not None)]
    kinds = {tally.kind for tally in tallies}
    kinds |= {one.kind for when in asked for one in conditions.measures(when)}
    return not kinds.isdisjoint({"total", "valued", "value"})


def adds_in_windows(tables: Tables) -> bool:
    """Say whether a condition reads what values add up to in a window."""
    whens = [way.when for way in tables.parts.transitions if way.when is not None]
    read = [one for when in whens for one in conditions.measures(when)]  # type: ignore[arg-type]  # data
    return any(one.within is not None and MEASURES[one.kind].shown_by == "values" for one in read)


def on_calendar(tables: Tables) -> set[Any]:
    """Return the lengths of time-outs and windows that are counted on the calendar."""
    lanes = clocks.lanes(tables)
    windows = [tally.within for tally in tables.layout.tallies if tally.within is not None]
    lengths = [within for within in windows if getattr(within, "length", None) is None]
    return {*lengths, *(lane.length for lane in lanes if lane.is_on_calendar)}


def planned(tables: Tables, edges: NumberedEdges, rows: Rows, until: int) -> StepTables:
    """Make the tables of a definition that has no obstacle.

    Args:
        tables: The definition.
        edges: Its edges.
        rows: The events.
        until: The last instant that is known, in microseconds since 1970.
    """
    stretch = Stretch(rows.log._at.forms[0].zone, int(rows.micros.min()), until)
    counts = {slot: _counted(tables, slot) for slot in tables.slots.values()}
    context = _context(tables, edges, rows, stretch, counts)
    asks: dict[Any, Ask] = {}
    asked = np.full(len(edges.edges) + 1, NONE)
    for number, edge in enumerate(edges.edges):
        when = edge.way.when
        if when is not None:
            if id(when) not in asks:
                asks[id(when)] = asking.asked(when, context)  # type: ignore[arg-type]  # data
            asked[number] = list(asks).index(id(when))
    lanes = tuple(clocks.lanes(tables))
    runs = [lane.length for lane in lanes if lane.clock == clocks.RUN]
    tallies = {slot: tally for tally, slot in tables.slots.items() if tally.within is None}
    return StepTables(
        edges,
        len(tables.reactions),
        tuple(_moves(tables, edges)),
        _active(tables),
        lanes,
        {
            lane.length: rule(lane.length, stretch)
            for lane in lanes
            if lane.is_on_calendar and lane.clock != clocks.ENROLLED
        },
        {
            lane.length: step_after(lane.length, stretch)
            for lane in lanes
            if lane.clock == clocks.ENROLLED
        },
        runs,
        np.array([*(_run(edge, runs) for edge in edges.edges), NONE]),
        clocks.edges_of(tables, edges),
        asked,
        tuple(asks.values()),
        tallies,
        counts,
        {
            slot: asking.met(tally.where, context)
            for slot, tally in tallies.items()
            if tally.where is not None
        },
        {slot: _entered(tables, slot) for slot in slots_of(tallies, "entries")},
        slots_of(tallies, "previous"),
        tuple(slot for slot, _ in tables.resets if slot in tallies),
    )


def slots_of(tallies: Mapping[int, Tally], kind: str) -> tuple[int, ...]:
    """Return the slots that have tallies of a kind."""
    return tuple(slot for slot, tally in tallies.items() if tally.kind == kind)


def _run(edge: Edge, runs: Sequence[Any]) -> int:
    """Return which run an edge goes on with."""
    return runs.index(edge.run) if edge.run in runs else NONE


def _context(
    tables: Tables,
    edges: NumberedEdges,
    rows: Rows,
    stretch: Stretch,
    counts: Mapping[int, Array],
) -> Context:
    """Return what conditions are compiled for, the windows included."""
    amounts = rows.amounts if reads_values(tables) else None
    units = rows.units if adds_in_windows(tables) else None
    context = Context(tables.slots, edges.stages, amounts, rows.told, {})
    longest = max((lane.longest for lane in clocks.lanes(tables)), default=0)
    asked_in = stretch._replace(last=stretch.last + longest)
    windows = {}
    for tally, slot in tables.slots.items():
        if tally.within is not None:
            counted = counts[slot].take(rows.events)
            if tally.where is not None:
                counted &= asking.met(tally.where, context)
            windows[slot] = row_window(rows.micros, oldest(tally.within, asked_in), counted, units)
    return context._replace(windows=windows)


def _moves(tables: Tables, edges: NumberedEdges) -> Iterator[Array]:
    """Yield the edges that are asked first, second, and so on; the last are none."""
    choices = [
        [edges.numbers[edge] for edge in row.moves.get(event, ())]
        for row in tables.rows.values()
        for event in tables.reactions
    ]
    for number in range(max(map(len, choices), default=0) + 1):
        edge = [[*found, *[NONE] * (number + 1)][number] for found in choices]
        yield np.array(edge, dtype="int16")


def _active(tables: Tables) -> Array:
    return np.array(
        [
            reaction.active and not row.final
            for row in tables.rows.values()
            for reaction in tables.reactions.values()
        ]
    )


def _entered(tables: Tables, slot: int) -> Array:
    """Say the entry into which stages a tally counts."""
    rows = tables.rows.values()
    return np.array([any(slot == one for one, _ in row.entering) for row in rows])


def _counted(tables: Tables, slot: int) -> Array:
    """Say which events a tally counts."""
    reactions = tables.reactions.values()
    return np.array([any(slot == one for one, _ in reaction.updates) for reaction in reactions])
