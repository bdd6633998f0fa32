"""The walk through what customers can become, which finds how each transition is taken.

It goes breadth first, so that what it finds is short. It moves customers with the engine
itself: lets time pass to the next deadline, or lets something happen, soon, in the last
moment before the deadline, or when a window has passed. Customers that are alike are followed
once.
"""

import sys
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple, TypeAlias

import attrs

from lifecycle import _checks
from lifecycle.engine._evaluation import test
from lifecycle.engine._timers import Row, Timer
from lifecycle.engine.changes import StageChange
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.transitions import Transition
from lifecycle.errors import InvalidValueError, MixedNumbersError
from lifecycle.periods import Period
from lifecycle.testing._likeness import View
from lifecycle.testing._vocabulary import TICK, Fact, Vocabulary, dated, local, shifted, soon

__all__ = ["Found", "Search", "Way"]


class _Node(NamedTuple):
    """A customer, and how it came about."""

    customer: Customer
    attributes: Mapping[str, object]
    event: Event | None = None
    before: "_Node | None" = None

    @property
    def events(self) -> tuple[Event, ...]:
        found: list[Event] = []
        node: _Node | None = self
        while node is not None:
            found += [] if node.event is None else [node.event]
            node = node.before
        return tuple(reversed(found))


class Found(NamedTuple):
    """How a way is taken: after what, and when."""

    attributes: Mapping[str, object]
    events: tuple[Event, ...]
    at: datetime
    apart: bool
    """Whether some time passes before that instant in the stage, so that one can look there."""


class Way:
    """A transition as a way out of one stage, or a milestone as one that stays in it."""

    def __init__(self, source: str, declared: Transition | Milestone) -> None:
        self.source = source
        self.declared = declared
        self.found: Found | None = None


_Step: TypeAlias = Callable[[], None]


class Search:
    """A walk through what customers can become."""

    def __init__(self, words: Vocabulary, lifecycle: Lifecycle, start: datetime) -> None:
        self.words = words
        self.lifecycle = lifecycle
        self.start = start
        self.step = soon(words.lengths)
        self.views = {name: View(lifecycle, row) for name, row in lifecycle._tables.rows.items()}
        self.by_change = {
            (name, edge.milestone or id(edge.way)): Way(name, edge.way)
            for name, row in lifecycle._tables.rows.items()
            for edge in (
                *(edge for edges in row.moves.values() for edge in edges),
                *(timer.edge for timer in row.clocks),
            )
        }
        self.ways = tuple(self.by_change.values())
        self.wanted = len(self.ways)
        self.known: set[tuple[Hashable, ...]] = set()
        self.met: list[_Node] = []
        self.waiting: deque[_Node] = deque()
        self.ahead: deque[_Node] = deque()
        self.late: list[tuple[Found, Row, Timer]] = []
        self.tried = 0

    def run(self, limit: int) -> None:
        """Walk until all ways are found, nothing new is left, or the limit is reached.

        First with the events that set no attribute: each date and each attribute multiplies
        what can happen, and would put what needs none of them out of reach. Then with all
        events, from every customer who was met.
        """
        for attributes in self.words.beginnings:
            told = dated(attributes, self.start)
            customer = self.lifecycle.enroll("path", at=self.start, attributes=told)
            self.meet(_Node(customer, told))
        plain = tuple(fact for fact in self.words.facts if not fact.sets)
        if plain != self.words.facts:
            self.walk(plain, limit // 2)
            self.ahead = deque(self.met)
        self.walk(self.words.facts, limit - self.tried)

    def walk(self, facts: tuple[Fact, ...], limit: int) -> None:
        """Go on from the customers ahead, with what can happen to them."""
        if not self.wanted:
            return
        for step in islice(self.all_steps(facts), min(limit, sys.maxsize)):
            step()
            self.tried += 1
            if not self.wanted:
                return

    def all_steps(self, facts: tuple[Fact, ...]) -> Iterator[_Step]:
        """List what can be done, the shortest logs first."""
        while self.waiting or self.ahead:
            if self.waiting:
                yield from self.silence(self.waiting.popleft())
            else:
                yield from self.steps(self.ahead.popleft(), facts)
        for entry, row, timer in tuple(self.late):
            way = self.by_change[row.stage.name, timer.edge.milestone or id(timer.edge.way)]
            if way.found is None or not way.found.apart:
                yield partial(self.aim, entry, timer)

    def meet(self, node: _Node) -> None:
        """Go on from a customer later, unless one like it was met before."""
        view = self.views[node.customer.stage]
        if not view.row.final and (key := view.key(node.customer)) not in self.known:
            self.known.add(key)
            self.met.append(node)
            self.waiting.append(node)
            self.ahead.append(node)

    def silence(self, node: _Node) -> Iterator[_Step]:
        """Let time pass, if that leads anywhere: no log is longer for it."""
        deadline = self.lifecycle.due(node.customer)
        if deadline is not None:
            yield partial(self.wait, node, deadline.at)

    def steps(self, node: _Node, facts: tuple[Fact, ...]) -> Iterator[_Step]:
        """List what can happen next."""
        deadline = self.lifecycle.due(node.customer)
        now = local(node.customer.seen, self.start)
        for at in self.instants(now, None if deadline is None else deadline.at):
            for fact in facts:
                yield partial(self.happen, node, fact.at(at))

    def instants(self, now: datetime, deadline: datetime | None) -> Iterator[datetime]:
        """List when the next event can be: soon, after a window, before the deadline."""
        last = None if deadline is None else shifted(local(deadline, now), -TICK)
        moments = (self.step.after(now), *(each.after(now) for each in self.words.windows), last)
        return (at for at in moments if at is not None and at > now)

    def wait(self, node: _Node, deadline: datetime) -> None:
        """Let time pass up to a deadline."""
        customer, changes = self.lifecycle.advance(node.customer, to=deadline)
        apart = _checks.utc(deadline) > node.customer.seen
        for change in changes:
            self.note(change, Found(node.attributes, node.events, deadline, apart))
            apart = False
        self.meet(_Node(customer, node.attributes, None, node))

    def happen(self, node: _Node, event: Event) -> None:
        """Let something happen."""
        try:
            customer, changes = self.lifecycle.apply(node.customer, event)
        except (MixedNumbersError, InvalidValueError):
            return  # values that no total can hold together are in no customer's log
        after = _Node(customer, node.attributes, event, node)
        if changes and changes[-1].event is event:
            self.note(changes[-1], Found(after.attributes, after.events, event.at, apart=True))
        self.meet(after)

    def aim(self, entry: Found, timer: Timer) -> None:
        """Let a silence end soon after a stage is entered, by moving the event it began with.

        The walk lets things happen soon or late, so it passes a stage that one soon leaves
        before a long silence can end there; nor does it tell customers apart by a silence of
        which they will hear only in a later stage. The engine says whether the log still leads
        there when the last event of the clock lies just so long before, or a first one does.
        """
        target = self.step.after(entry.at)
        silence = timer.length
        aimed = silence.before(target) if target and isinstance(silence, Period) else None
        counted = [event for event in entry.events if self.restarts(timer, event)]
        begins = next((fact for fact in self.words.facts if self.restarts(timer, fact)), None)
        if target is None or aimed is None or begins is None:
            return
        if aimed > (counted[-2].at if counted[1:] else self.start):
            last = counted[-1] if counted else begins.at(aimed)
            events = [event for event in entry.events if event is not last]
            events.append(attrs.evolve(last, at=aimed))
            journey = self.lifecycle.replay(
                "path", events, since=self.start, until=target, attributes=entry.attributes
            )
            edge, entered = timer.edge, self.start
            for change in journey.changes:
                if (change.transition, change.milestone) == (edge.transition, edge.milestone):
                    apart = change.at > entered
                    found = Found(entry.attributes, journey.events, change.at, apart)
                    self.note(change, found)
                entered = change.at if change.is_move else entered

    def restarts(self, timer: Timer, fact: Fact | Event) -> bool:
        """Say whether an event is one from which a clock counts."""
        timeout = timer.edge.way.after
        if timeout is None or not timeout.names:
            return self.lifecycle._tables.reactions[fact.name].active
        event = fact if isinstance(fact, Event) else fact.at(self.start)
        meets = timeout.where is None or test(timeout.where, {})(None, event, event.at)
        return event.name in timeout.names and meets

    def note(self, change: StageChange, found: Found) -> None:
        """Keep how a way is taken, and prefer that one can look just before."""
        way = self.by_change[change.source, change.milestone or id(change.transition)]
        if way.found is None or (found.apart and not way.found.apart):
            way.found = found
            self.wanted -= found.apart
        entered = self.views[change.target].row
        self.late.extend(
            (found, entered, timer)
            for timer in entered.clocks
            if isinstance(timer, Timer) and not timer.dwells
        )

    def reason(self, way: Way) -> str:
        """Say what kept the search from a way."""
        timed = way.declared.after is not None
        end = (
            "the limit was reached"
            if self.ahead
            else f"kinds of customers followed: {len(self.known)}"
        )
        if not any(key[0] == way.source for key in self.known):
            return f"no customer was led to {way.source!r}; {end}"
        if way.declared.when is None:
            what = "time-out always came" if timed else "transition was always taken"
            return f"another {what} before it; {end}"
        when = " at its deadline" if timed else ""
        return f"its condition never held{when}; {end}"
