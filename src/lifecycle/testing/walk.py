"""Paths that take each transition of a lifecycle, and probe each of its deadlines.

The search is a walk through what customers can become, breadth first, so that the paths
are short. It moves customers with the engine itself: lets time pass to the next deadline,
or lets something happen, soon, in the last moment before the deadline, or when a window
has passed. Customers that conditions and clocks cannot tell apart are followed once.
"""

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeAlias

import attrs

from lifecycle import _checks
from lifecycle._tables import Column, Table
from lifecycle._values import call
from lifecycle.engine.changes import StageChange
from lifecycle.engine.conditions import Measure, comparisons, is_data
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Journey
from lifecycle.engine.tables import Row, Timer, clock_of
from lifecycle.engine.tallies import reader
from lifecycle.engine.transitions import Transition
from lifecycle.errors import InvalidValueError, MixedNumbersError
from lifecycle.periods import Period
from lifecycle.rates import Rate
from lifecycle.testing.vocabulary import (
    TICK,
    Vocabulary,
    local,
    nominal,
    numbers,
    shifted,
    soon,
    vocabulary,
)

__all__ = ["START", "Missed", "Path", "Paths", "paths"]

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When customers of tests begin, unless told."""


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Path:
    """One customer's log that leads through a transition, or up to the edge of one.

    Attributes:
        name: What the path shows, in words; no two paths of a lifecycle share it.
        source: The stage in which the transition is probed.
        transition: The transition.
        offset: For a time-out, how long after its deadline the path looks: -1, 0 or 1
            microsecond. None for an event.
        since: When the customer enrolls.
        attributes: What is known of it then.
        events: What happens, in order.
        until: When the path looks.
    """

    name: str
    source: str
    transition: Transition
    offset: timedelta | None
    since: datetime
    attributes: Mapping[str, object]
    events: tuple[Event, ...]
    until: datetime
    _lifecycle: Lifecycle

    def __repr__(self) -> str:
        return f"<Path {self.name!r}: {' > '.join(self.stages)}>"

    def __str__(self) -> str:
        return self.name

    @cached_property
    def journey(self) -> Journey:
        """The journey that the engine makes of the path; its customer is called as the path."""
        return self._lifecycle.replay(
            self.name,
            self.events,
            since=self.since,
            until=self.until,
            attributes=self.attributes,
        )

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages in which the customer stood, in order."""
        return tuple(stay.stage for stay in self.journey.stays)

    @property
    def taken(self) -> bool:
        """Whether the transition is taken: not yet, where the path looks before the deadline."""
        return self.offset is None or self.offset >= timedelta(0)


@attrs.frozen(repr=False, weakref_slot=False)
class Missed:
    """A way out of a stage that no path takes.

    Attributes:
        source: The stage; None for a transition that no stage can take.
        transition: The transition.
        reason: What kept the search from it, in words.
    """

    source: str | None
    transition: Transition
    reason: str

    def __repr__(self) -> str:
        return call(self, "source", "transition", "reason")

    def __str__(self) -> str:
        where = "any stage" if self.source is None else self.source
        return f"{_said(where, self.transition)}: {self.reason}"


@attrs.frozen(kw_only=True, repr=False, weakref_slot=False)
class Paths(Table):
    """Paths that cover a lifecycle: iterate over them, count them, or show them as a table.

    Attributes:
        lifecycle: What is covered.
        rows: The paths, in the order of the stages and of what is asked there: one for each
            way out on an event, three for each on a time-out.
        missed: The ways out that no path takes.
        covered: How many of the ways out are taken, of all that a stage can take.
        tried: How many steps the search tried.
    """

    lifecycle: Lifecycle
    rows: tuple[Path, ...]
    missed: tuple[Missed, ...]
    covered: Rate
    tried: int

    def __iter__(self) -> Iterator[Path]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        taken, of_all = self.covered.numerator, self.covered.denominator
        return f"<Paths of {self.lifecycle.name!r}: {len(self)}, over {taken} of {of_all} ways>"

    def _rows(self) -> Sequence[Path]:
        return self.rows

    def _columns(self) -> Sequence[Column]:
        return (
            Column("path", attrgetter("name")),
            Column("events", lambda path: len(path.events)),
            Column("stages", lambda path: " > ".join(path.stages)),
        )

    def _title(self) -> str:
        taken, of_all = self.covered.numerator, self.covered.denominator
        return f"Paths through {self.lifecycle.name}: {taken} of {of_all} ways are taken"


def paths(
    lifecycle: Lifecycle,
    *,
    start: datetime = START,
    examples: Iterable[Event] = (),
    limit: int = 100_000,
) -> Paths:
    """Find paths that take each transition, and look at each deadline from both sides.

    A transition from several stages is taken from each. What conditions ask for is read
    off the definition: counts, totals and means are reached, windows are let pass,
    attributes set. The same call gives the same paths, on any machine.

    Args:
        lifecycle: What is to be covered.
        start: When the customers of the paths enroll, with a time zone or without; events
            are stamped in the same zone.
        examples: Events that are tried too, at instants of the search. Give some where a
            condition is code, which nobody can read values off.
        limit: After how many steps the search gives up; at least 1.

    Returns:
        For each way out of a stage on an event, a path that ends with it. For each on a
        time-out, three paths: up to 1 microsecond before its deadline, at it, and 1
        microsecond after. And what was missed, with the reason.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: `limit` is too small.
        UnknownNameError: An example's name is not one that the lifecycle knows.

    Convention:
        A transition that a nearer level silences in a stage, or that stands behind an
        unconditional one, is no way out of it, and not looked for there.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[
        ...         Transition("member", "lapsed", after=idle(days=90)),
        ...         Transition("lapsed", "member", on="visit", when=count("visit") >= 2),
        ...     ],
        ... )
        >>> found = paths(club)
        >>> for path in found:
        ...     print(path)
        member -> lapsed after idle(days=90), 1 microsecond before
        member -> lapsed after idle(days=90)
        member -> lapsed after idle(days=90), 1 microsecond after
        lapsed -> member on 'visit' when count('visit') >= 2
        >>> found.rows[-1].stages
        ('member', 'lapsed', 'member')
        >>> found.missed
        ()
    """
    search = _Search(vocabulary(lifecycle, examples), lifecycle, _checks.instant("start", start))
    search.run(_checks.whole("limit", limit, least=1))
    ways = search.ways
    return Paths(
        lifecycle=lifecycle,
        rows=tuple(path for way in ways if way.found for path in _paths(search, way, way.found)),
        missed=(
            *(
                Missed(way.source, way.transition, search.reason(way))
                for way in ways
                if not way.found
            ),
            *(Missed(None, way, _NOWHERE) for way in _without_stage(lifecycle, ways)),
        ),
        covered=Rate(sum(way.found is not None for way in ways), len(ways)),
        tried=search.tried,
    )


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


class _Found(NamedTuple):
    """How a way is taken: after what, and when."""

    attributes: Mapping[str, object]
    events: tuple[Event, ...]
    at: datetime
    apart: bool
    """Whether some time passes before that instant in the stage, so that one can look there."""


class _Way:
    """A transition as a way out of one stage."""

    def __init__(self, source: str, transition: Transition) -> None:
        self.source = source
        self.transition = transition
        self.found: _Found | None = None


_Step: TypeAlias = Callable[[], None]


class _Search:
    """A walk through what customers can become."""

    def __init__(self, words: Vocabulary, lifecycle: Lifecycle, start: datetime) -> None:
        self.words = words
        self.lifecycle = lifecycle
        self.start = start
        self.step = soon(words.lengths)
        self.views = {name: _View(lifecycle, row) for name, row in lifecycle._tables.rows.items()}
        self.by_change = {
            (name, id(edge.transition)): _Way(name, edge.transition)
            for name, row in lifecycle._tables.rows.items()
            for edge in (
                *(edge for edges in row.moves.values() for edge in edges),
                *(timer.edge for timer in row.timers),
            )
        }
        self.ways = tuple(self.by_change.values())
        self.wanted = len(self.ways)
        self.known: set[tuple[Hashable, ...]] = set()
        self.ahead: deque[_Node] = deque()
        self.late: list[tuple[_Found, Row, Timer]] = []
        self.tried = 0

    def run(self, limit: int) -> None:
        """Walk until all ways are found, nothing new is left, or the limit is reached."""
        for attributes in self.words.beginnings:
            customer = self.lifecycle.enroll("path", at=self.start, attributes=attributes)
            self.meet(_Node(customer, attributes))
        for step in islice(self.all_steps(), limit):
            step()
            self.tried += 1
            if not self.wanted:
                return

    def all_steps(self) -> Iterator[_Step]:
        """List what can be done, the shortest logs first."""
        while self.ahead:
            yield from self.steps(self.ahead.popleft())
        for entry, row, timer in tuple(self.late):
            way = self.by_change[row.stage.name, id(timer.edge.transition)]
            if way.found is None or not way.found.apart:
                yield partial(self.aim, entry, timer)

    def meet(self, node: _Node) -> None:
        """Go on from a customer later, unless one like it was met before."""
        view = self.views[node.customer.stage]
        if not view.row.final and (key := view.key(node.customer)) not in self.known:
            self.known.add(key)
            self.ahead.append(node)

    def steps(self, node: _Node) -> Iterator[_Step]:
        """List what can be done next: let time pass, or let something happen."""
        deadline = self.lifecycle.due(node.customer)
        if deadline is not None:
            yield partial(self.wait, node, deadline.at)
        now = local(node.customer.seen, self.start)
        for at in self.instants(now, None if deadline is None else deadline.at):
            for fact in self.words.facts:
                yield partial(self.happen, node, fact.at(at))

    def instants(self, now: datetime, deadline: datetime | None) -> Iterator[datetime]:
        """List when the next event can be: soon, before the deadline, after a window."""
        last = None if deadline is None else shifted(local(deadline, now), -TICK)
        moments = (self.step.after(now), last, *(each.after(now) for each in self.words.windows))
        return (at for at in moments if at is not None and at > now)

    def wait(self, node: _Node, deadline: datetime) -> None:
        """Let time pass up to a deadline."""
        customer, changes = self.lifecycle.advance(node.customer, to=deadline)
        apart = _checks.utc(deadline) > node.customer.seen
        for change in changes:
            self.note(change, _Found(node.attributes, node.events, deadline, apart))
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
            self.note(changes[-1], _Found(after.attributes, after.events, event.at, apart=True))
        self.meet(after)

    def aim(self, entry: _Found, timer: Timer) -> None:
        """Let a silence end soon after a stage is entered, by moving the event it began with.

        The walk lets things happen soon or late, so it passes a stage that one soon leaves
        before a long silence can end there. The engine says whether the log still leads
        there when the last event of the clock lies just so long before.
        """
        target = self.step.after(entry.at)
        silence = timer.length
        aimed = silence.before(target) if target and isinstance(silence, Period) else None
        events = list(entry.events)
        places = [i for i, event in enumerate(events) if self.restarts(timer, event)]
        if target is None or aimed is None or not places:
            return
        if aimed > (events[places[-2]].at if places[1:] else self.start):
            events[places[-1]] = attrs.evolve(events[places[-1]], at=aimed)
            journey = self.lifecycle.replay(
                "path", events, since=self.start, until=target, attributes=entry.attributes
            )
            for stay, change in zip(journey.stays, journey.changes, strict=False):
                if change.transition is timer.edge.transition:
                    apart = change.at > stay.entered
                    found = _Found(entry.attributes, journey.events, change.at, apart)
                    self.note(change, found)

    def restarts(self, timer: Timer, event: Event) -> bool:
        """Say whether an event is one from which a clock counts."""
        _, name = clock_of(timer.edge.transition) or ("", None)
        return event.name == name if name else self.lifecycle._tables.reactions[event.name].active

    def note(self, change: StageChange, found: _Found) -> None:
        """Keep how a way is taken, and prefer that one can look just before."""
        way = self.by_change[change.source, id(change.transition)]
        if way.found is None or (found.apart and not way.found.apart):
            way.found = found
            self.wanted -= found.apart
        entered = self.views[change.target].row
        self.late.extend((found, entered, timer) for timer in entered.timers if not timer.dwells)

    def reason(self, way: _Way) -> str:
        """Say what kept the search from a way."""
        timed = way.transition.after is not None
        end = (
            "the limit was reached"
            if self.ahead
            else f"{len(self.known)} kinds of customers were followed"
        )
        if not any(key[0] == way.source for key in self.known):
            return f"no customer was led to {way.source!r}; {end}"
        if way.transition.when is None:
            what = "time-out always came" if timed else "transition was always taken"
            return f"another {what} before it; {end}"
        when = " at its deadline" if timed else ""
        return f"its condition never held{when}; {end}"


class _View:
    """A stage, and by what customers in it are told apart."""

    def __init__(self, lifecycle: Lifecycle, row: Row) -> None:
        tables = lifecycle._tables
        slots = {tally: slot for slot, tally in enumerate(tables.layout.tallies, start=1)}
        self.row = row
        self.readings = _readings(lifecycle.transitions, slots)
        self.timers = tuple(
            (timer, _readings([timer.edge.transition], slots)) for timer in row.timers
        )
        self.unit = min((nominal(timer.length) for timer in row.timers), default=TICK)

    def key(self, customer: Customer) -> tuple[Hashable, ...]:
        """Return what tells a customer from others: what conditions read, now and then."""
        now = customer.seen
        entered = _checks.utc(customer.entered)
        ahead = [
            (at, place, readings)
            for place, (timer, readings) in enumerate(self.timers)
            if (at := timer.due(customer, entered)) is not None and at >= (customer._due or now)
        ]
        return (
            customer.stage,
            customer.attributes,
            tuple(read(customer, now) for read in self.readings),
            tuple(
                (place, (at - now) // self.unit, *(read(customer, at) for read in readings))
                for at, place, readings in sorted(ahead, key=itemgetter(0, 1))
            ),
        )


_Reading: TypeAlias = Callable[[Customer, datetime], object]


def _readings(transitions: Iterable[Transition], slots: Mapping[Any, int]) -> list[_Reading]:
    """Return what reads each measure of the transitions as coarsely as they compare it."""
    wanted: dict[Measure, list[Any]] = {}
    for transition in transitions:
        if is_data(transition.when):
            for one in comparisons(transition.when):
                values = one.wanted if one.operator == "is_in" else (one.wanted,)
                wanted.setdefault(one.measure, []).extend(values)  # type: ignore[arg-type]
    return [
        _reading(reader(measure, slots), measure.kind, numbers(found))
        for measure, found in wanted.items()
        if measure.kind in _COARSE
    ]


def _reading(read: Callable[..., Any], kind: str, wanted: tuple[Any, ...]) -> _Reading:
    coarse = _COARSE[kind]

    def found(customer: Customer, at: datetime) -> object:
        actual = read(customer, None, at)
        if actual is None:
            return None
        return coarse(actual, wanted)

    return found


def _counted(actual: int, wanted: tuple[Any, ...]) -> int:
    most: int = math.floor(wanted[-1]) + 1
    return min(actual, most)


def _compared(actual: Any, wanted: tuple[Any, ...]) -> tuple[int, int]:
    return bisect_left(wanted, actual), bisect_right(wanted, actual)


_STAGES_OF_A_TOTAL = 8
"""How finely a total is followed on its way to the largest number that it is compared with."""


def _totalled(actual: Any, wanted: tuple[Any, ...]) -> tuple[tuple[int, int], int]:
    most = float(wanted[-1])
    share = float(actual) / most if most > 0 else 0.0
    return _compared(actual, wanted), math.floor(_STAGES_OF_A_TOTAL * min(max(share, -1), 1))


_COARSE: Mapping[str, Callable[[Any, tuple[Any, ...]], object]] = {
    "count": _counted,
    "total": _totalled,
    "mean": _compared,
}


def _paths(search: _Search, way: _Way, found: _Found) -> Iterator[Path]:
    name = _said(way.source, way.transition)
    probes = _AT_ONCE if way.transition.after is None else _PROBES
    for words, offset in probes.items():
        until = shifted(found.at, offset or timedelta(0))
        if until is None:
            continue
        yield Path(
            name=name + words,
            source=way.source,
            transition=way.transition,
            offset=offset,
            since=search.start,
            attributes=found.attributes,
            events=found.events,
            until=until,
            lifecycle=search.lifecycle,
        )


_AT_ONCE: Mapping[str, timedelta | None] = {"": None}
_PROBES: Mapping[str, timedelta | None] = {
    ", 1 microsecond before": -TICK,
    "": timedelta(0),
    ", 1 microsecond after": TICK,
}


def _said(source: str, transition: Transition) -> str:
    how = f"after {transition.after!r}" if transition.on is None else f"on {transition.on!r}"
    when = transition.when
    code = None if is_data(when) else getattr(when, "__name__", repr(when))
    condition = "" if when is None else f" when {code or repr(when)}"
    return f"{source} -> {transition.target} {how}{condition}"


_NOWHERE = "no stage can take it; `findings` says why"


def _without_stage(lifecycle: Lifecycle, ways: Iterable[_Way]) -> list[Transition]:
    taken = {id(way.transition) for way in ways}
    return [one for one in lifecycle.transitions if id(one) not in taken]
