"""Ends who are followed at once: the k-th event of each, in columns."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from lifecycle.engine._columns.amounts import EventValues
from lifecycle.engine._columns.asking import Question
from lifecycle.engine._columns.clocks import (
    ACTIVITY,
    ENROLLED,
    ENTERED,
    MISSING,
    NEVER,
    PLACES,
    RUN,
    Lane,
)
from lifecycle.engine._columns.edges import NONE, Array
from lifecycle.engine._columns.plan import StepTables, slots_of
from lifecycle.engine._columns.rows import Rows
from lifecycle.engine._columns.stays import Ends, Part

__all__ = ["Block"]

_LAST_KEY = NEVER * PLACES + PLACES - 1

Some: TypeAlias = Array | slice
"""Which customers of a block: their numbers, or the first ones."""


class Block:
    """What is known of some customers, each a place in the arrays.

    Attributes:
        codes: Who they are.
        stage: Where each is.
        entered: Since when.
        enrolled: When it was enrolled.
        starts: Its first row.
        begun: The first row after those that had happened when it entered its stage.
        ends: The first row that has not happened yet.
        due: Its earliest deadline that has not been examined yet.
        renewal: Of which run of renewals its stay is; `NONE` for none.
        anchor: When that began.
        steps: How many renewals ago.
        made: How many moves it has made.
        clocks: From when each clock counts, by slot; `MISSING` where that has not happened.
        tallies: What has been counted, by slot.
    """

    def __init__(self, plan: StepTables, rows: Rows, codes: Array, most: int) -> None:
        self._plan = plan
        self._rows = rows
        self._most = most
        self.codes = codes
        n = len(codes)
        self.starts = rows.starts[codes]
        self.begun, self.ends = self.starts.copy(), self.starts.copy()
        self.enrolled = rows.micros[self.starts]
        self.entered = self.enrolled.copy()
        self.stage = np.full(n, plan.edges.initial)
        self.renewal = np.full(n, NONE)
        self.anchor, self.steps = self.enrolled.copy(), np.zeros(n, dtype="int64")
        self.made = np.zeros(n, dtype="int64")
        self.clocks = {slot: np.full(n, MISSING) for slot in self._clocks()}
        self.tallies = {slot: self._blank(slot, n) for slot in plan.tallies}
        self._moves: list[tuple[Any, ...]] = []
        self.due = np.minimum(np.full(n, NEVER), self._deadlines(slice(None)))

    def run(self, counts: Array, until: int | None) -> None:
        """Follow the customers through their events, and then to the end.

        Args:
            counts: How many events each has, descending.
            until: Up to when time-outs are taken in the end; None for no later than events.
        """
        for number in range(int(counts[0])):
            live = int(np.searchsorted(-counts, -number))
            self._step(self.starts[:live] + number)
        if until is not None:
            (late,) = (self.due <= until).nonzero()
            self._pass(late, np.full(len(late), until))

    def end(self, ends: Ends) -> None:
        """Write how the customers end, and which time-out will be taken if nothing happens."""
        ends.stages[self.codes] = self.stage
        ends.entered[self.codes] = self.entered
        ends.activity[self.codes] = self.clocks[ACTIVITY]
        (who,) = (self.due <= self._rows.last).nonzero()
        who, edges, _ = self._taken(who, np.full(len(who), self._rows.last))
        ends.timers[self.codes[who]] = edges
        ends.due[self.codes[who]] = self.due[who]

    def part(self) -> Part:
        """Return the stays of the customers."""
        order, sizes = np.argsort(self.codes), self.made + 1
        starts = np.empty_like(sizes)
        starts[order] = sizes[order].cumsum() - sizes[order]
        size = int(sizes.sum())
        entered, rows = np.empty(size, "int64"), np.full(size, NONE)
        edges = np.full(size, NONE, "int16")
        entered[starts] = self.enrolled
        for who, ordinals, at, by, of in self._moves:
            places = starts[who] + ordinals
            entered[places], edges[places] = at, by
            if of is not None:
                rows[places] = of
        return Part(self.codes[order], sizes[order], entered, edges, rows)

    def _step(self, rows: Array) -> None:
        """Let the next event of the first customers happen."""
        plan, first = self._plan, slice(len(rows))
        at, events = self._rows.micros.take(rows), self._rows.events.take(rows)
        (late,) = (self.due[first] <= at).nonzero()
        self._pass(late, at[late])
        places = self.stage[first] * plan.events
        places += events
        self._count(first, rows, at, events, plan.active.take(places))
        edges = self._chosen(places, rows, at)
        (moving,) = (edges != NONE).nonzero()
        self._move(moving, edges[moving], at[moving], self._rows.numbers.take(rows[moving]))
        if plan.lanes:
            self.due[first] = self._deadlines(first, self._floor(at, edges))

    def _floor(self, at: Array, edges: Array) -> Array | None:
        """Return from when on deadlines have not been examined; None where all that are left."""
        return at + (edges == NONE) if self._plan.rests else None

    def _count(self, first: slice, rows: Array, at: Array, events: Array, active: Array) -> None:
        """Let the first customers remember an event each."""
        self.ends[first] = rows + 1
        np.copyto(self.clocks[ACTIVITY][first], at, where=active)
        for slot, tally in self._plan.tallies.items():
            counted = self._counted(slot, rows, events)
            if slot in self.clocks:
                np.copyto(self.clocks[slot][first], at, where=counted)
            elif tally.kind in _ADDED:
                self.tallies[slot][first] += _ADDED[tally.kind](self, rows, counted)

    def _counted(self, slot: int, rows: Array, events: Array) -> Array:
        """Say which of some events a tally counts."""
        counted = self._plan.counts[slot].take(events)
        where = self._plan.wheres.get(slot)
        return counted if where is None else counted & where.take(rows)

    def _chosen(self, places: Array, rows: Array, at: Array) -> Array:
        """Return the edge that each of the first customers takes by an event; `NONE` for none."""
        plan = self._plan
        edges = plan.moves[0].take(places)
        if not plan.asks_of_events:
            return edges
        (who,) = (plan.conditions[edges] != NONE).nonzero()
        for others in plan.moves[1:]:
            holds = self._holding(edges[who], who, rows[who], at[who])
            who = who[~holds]
            edges[who] = others[places[who]]
            who = who[plan.conditions[edges[who]] != NONE]
        return edges

    def _holding(self, edges: Array, who: Array, rows: Array | None, at: Array) -> Array:
        """Say of edges, one for each of some customers, whether their conditions hold."""
        number = self._plan.conditions[edges]
        holds = np.ones(len(who), dtype=bool)
        for one, ask in enumerate(self._plan.asks):
            (some,) = (number == one).nonzero()
            if len(some):
                own = None if rows is None else rows[some]
                holds[some] = ask(Question(self, who[some], at[some], own))
        return holds

    def _pass(self, who: Array, until: Array) -> None:
        """Take the time-outs of some customers that are due until some instants.

        Who takes more than the most is left there, as the engine refuses it.
        """
        for _ in range(self._most + 1):
            if not len(who):
                break
            who, edges, until = self._taken(who, until)
            self._move(who, edges, self.due[who])
            self.due[who] = self._deadlines(who)
            again = self.due[who] <= until
            who, until = who[again], until[again]

    def _taken(self, who: Array, until: Array) -> tuple[Array, Array, Array]:
        """Examine the time-outs that are due, in order, up to the first that is taken.

        Returns:
            Who takes one, at its deadline, by which edge, and until when time goes. The others
            have a later deadline, or none.
        """
        found = [(who[:0], who[:0], until[:0])]
        keys = self._next(who, self.due[who] * PLACES)
        if not self._plan.rests:
            return who, self._plan.timers[self.stage[who], keys & (PLACES - 1)], until
        while len(who):
            self.due[who] = keys // PLACES
            near = self.due[who] <= until
            who, until, keys = who[near], until[near], keys[near]
            edges = self._plan.timers[self.stage[who], keys & (PLACES - 1)]
            holds = self._holding(edges, who, None, self.due[who])
            found.append((who[holds], edges[holds], until[holds]))
            who, until, keys = who[~holds], until[~holds], keys[~holds] + 1
            keys = self._next(who, keys)
        taken = [np.concatenate(each) for each in zip(*found, strict=True)]
        return taken[0], taken[1], taken[2]

    def _next(self, who: Array, keys: Array) -> Array:
        """Return the earliest deadline from one on, times the places, plus its place."""
        found = np.full(len(who), _LAST_KEY)
        for lane, deadlines in self._by_lane(who):
            key = np.minimum(deadlines, NEVER) * PLACES + lane.places.take(self.stage[who])
            key[key < keys] = _LAST_KEY
            np.minimum(found, key, out=found)
        return found

    def _deadlines(self, some: Some, floor: Array | None = None) -> Array:
        """Return the earliest deadline of some customers, of those from an instant on."""
        found: Any = NEVER
        for _, deadlines in self._by_lane(some):
            if floor is not None:
                deadlines[deadlines < floor] = NEVER
            found = np.minimum(found, deadlines, out=deadlines)
        return found

    def _by_lane(self, some: Some) -> Iterator[tuple[Lane, Array]]:
        """Yield the lanes, each with the deadlines of some customers."""
        stage, entered = self.stage[some], self.entered[some]
        for lane in self._plan.lanes:
            found = lane.lengths.take(stage)
            if lane.length is None:
                found += self._base(lane.clock, some)
            else:
                (own,) = (found == 0).nonzero()
                who = own if isinstance(some, slice) else some[own]
                found[own] = self._reached(lane, who)
            yield lane, np.maximum(found, entered, out=found)

    def _base(self, clock: int, some: Some) -> Array:
        """Return from when a clock of some customers counts."""
        if clock == ENTERED:
            return self.entered[some]
        return np.maximum(self.clocks[clock][some], self.enrolled[some])

    def _reached(self, lane: Lane, who: Array) -> Array:
        """Return when a length that is no number is over."""
        plan = self._plan
        if lane.clock == ENROLLED:
            return plan.steps[lane.length](self.enrolled[who], self.entered[who])
        if lane.clock == RUN:
            goes_on = self.renewal[who] == plan.runs.index(lane.length)
            base = np.where(goes_on, self.anchor[who], self.entered[who])
            return plan.rules[lane.length](base, np.where(goes_on, self.steps[who] + 1, 1))
        return plan.rules[lane.length](self._base(lane.clock, who))

    def _renew(self, who: Array, edges: Array) -> None:
        """Let renewals go on with their runs, or begin them; all else ends them."""
        run = self._plan.renewals.take(edges)
        goes_on = (self.renewal[who] == run) & (run != NONE)
        self.steps[who] = np.where(goes_on, self.steps[who] + 1, 1)
        self.anchor[who] = np.where(goes_on, self.anchor[who], self.entered[who])
        self.renewal[who] = run

    def _move(self, who: Array, edges: Array, at: Array, rows: Array | None = None) -> None:
        """Let some customers enter the stages to which edges lead."""
        plan = self._plan
        source = self.stage[who]
        self.made[who] += 1
        self._moves.append((who, self.made[who], at, edges, rows))
        self.stage[who] = plan.edges.targets.take(edges)
        if plan.runs:
            self._renew(who, edges)
        self.entered[who] = at
        self.begun[who] = self.ends[who]
        for slot, entered in plan.entered.items():
            self.tallies[slot][who] += entered.take(self.stage[who])
        for slot in plan.previous:
            self.tallies[slot][who] = source
        for slot in plan.resets:
            self.tallies[slot][who] = 0

    def _clocks(self) -> Iterator[int]:
        """Yield the clocks that events start anew."""
        yield ACTIVITY
        yield from slots_of(self._plan.tallies, "last")

    def _blank(self, slot: int, n: int) -> Array:
        plan = self._plan
        if slot in slots_of(plan.tallies, "total"):
            return np.zeros(n, dtype=self.amounts.numbers.dtype)
        entered = plan.entered.get(slot)
        begun = 0 if entered is None else int(entered[plan.edges.initial])
        return np.full(n, NONE if slot in plan.previous else begun)

    @property
    def amounts(self) -> EventValues:
        """The values of all rows; asked for only where a definition reads values."""
        found = self._rows.amounts
        assert found is not None  # noqa: S101  (else the engine's own loop follows)
        return found


def _total(block: Block, rows: Array, counted: Array) -> Array:
    return block.amounts.numbers[rows] * counted


def _valued(block: Block, rows: Array, counted: Array) -> Array:
    return block.amounts.present[rows] & counted


_ADDED: Mapping[str, Callable[[Block, Array, Array], Array]] = {
    "count": lambda _block, _rows, counted: counted,
    "total": _total,
    "valued": _valued,
}
"""What an event adds to each kind of tally."""
