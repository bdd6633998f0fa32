"""A strategy for definitions, for whoever writes what must work with any of them.

Lengths are small whole numbers of one pace, so that deadlines, events and chained
time-outs often fall on the same instant. What is drawn are drafts; of those, a definition
gets the ones that hold together.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, product
from typing import Any, Literal, NamedTuple, TypeAlias

from lifecycle import _checks
from lifecycle.engine._compiled import Parts, expand
from lifecycle.engine._measures import MEASURES, MeasureKind
from lifecycle.engine._soundness import problems
from lifecycle.engine.conditions import (
    Condition,
    Measure,
    Sum,
    attribute,
    count,
    event_attribute,
    mean,
    total,
    value,
)
from lifecycle.engine.customers import Customer
from lifecycle.engine.dates import at
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.falls import falls
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, After, Predicate, Source, Transition, dwell, idle
from lifecycle.errors import InvalidTypeError
from lifecycle.periods import Period, Until
from lifecycle.testing._hypothesis import st

__all__ = ["lifecycles"]

STAGES = ("active", "lead", "lapsed", "churned", "buyer", "loyal")  # some read like a status
EVENTS = ("signup", "purchase", "visit")
DATES = ("ends", "renews")

Length: TypeAlias = Mapping[str, Any]
When: TypeAlias = Condition | Predicate


class Pace(NamedTuple):
    """Lengths that like to meet."""

    lengths: tuple[Length, ...]
    calendar: tuple[Length, ...]
    untils: tuple[str, ...]


PACES = {
    "hours": Pace(
        lengths=({"hours": 1}, {"hours": 2}, {"minutes": 90}, {"hours": 3}, {"days": 1}),
        calendar=({"months": 1},),
        untils=("day", "week"),
    ),
    "days": Pace(
        lengths=({"days": 1}, {"days": 2}, {"hours": 36}, {"days": 3}, {"weeks": 1}),
        calendar=({"months": 1}, {"months": 2}, {"years": 1}),
        untils=("day", "week", "month", "quarter", "year"),
    ),
}


def lifecycles(
    *, pace: Literal["hours", "days"] = "days", code: bool = False
) -> st.SearchStrategy[Lifecycle]:
    """Draw a sound definition.

    Args:
        pace: How long its time-outs are: some hours or some days, and a few on the calendar.
        code: Whether some conditions may be code, which cannot be stored.

    Returns:
        A strategy for definitions of two to six stages, sometimes with a final one. They
        know the events "signup", "purchase" and "visit"; their conditions read the values
        of these, the customer's attributes "plan" and "level", and the event's "channel";
        some time-outs wait for the dates in the customer's attributes "ends" and "renews".

    Raises:
        UnknownNameError: `pace` is neither.
        InvalidTypeError: `code` is no truth value.

    Examples:
        >>> from hypothesis import find
        >>> find(lifecycles(), lambda drawn: len(drawn.stages) > 2).initial
        'active'
    """
    _checks.choice("pace", pace, PACES)
    if not isinstance(code, bool):
        raise InvalidTypeError("code", code, "be True or False")
    return parts(pace, code=code).map(lambda drawn: Lifecycle(**drawn._asdict()))


@st.composite
def parts(draw: st.DrawFn, pace: str, *, code: bool) -> Parts:
    """Draw what a definition is made of."""
    statuses = draw(st.lists(st.sampled_from(Status), min_size=2, max_size=6))
    ends = draw(st.booleans()) and len(statuses) > 2  # noqa: PLR2004  (one more than two go on)
    last = STAGES[len(statuses) - 1]
    pausing = draw(st.sampled_from((None, None, *STAGES[1 : len(statuses) - ends])))
    stops = draw(st.sampled_from(_STOPS))
    stages = tuple(
        Stage(name, status, final=ends and name == last, stops=stops if name == pausing else ())
        for name, status in zip(STAGES, statuses, strict=False)
    )
    initial = STAGES[draw(st.integers(0, 1))]
    drafted = [
        *draw(_renewing(pace)),
        *(() if pausing is None else draw(_pausing(pace, pausing, len(stages)))),
        *draw(_drafts(pace, len(stages), patient=draw(st.booleans()), code=code)),
    ]
    frame = Parts("drawn", 1, initial, stages, (), None, EVENTS)
    transitions = _sound(frame, drafted)
    reminders = draw(st.booleans().flatmap(lambda some: _reminders(pace) if some else st.just([])))
    activity = draw(st.sampled_from(_ACTIVITIES))
    named = {way.on for way in transitions} | set(activity or ())
    silent = tuple(name for name in reversed(EVENTS) if name not in named)
    milestones = _distinct(frame, reminders)
    return Parts("drawn", 1, initial, stages, transitions, activity, silent, milestones)


_STOPS = ("dwell", "idle", ("dwell", "idle"))

_ACTIVITIES = (None, None, *((name,) for name in EVENTS), ("visit", "purchase"))


# Conditions


def was_given_a_plan(customer: Customer, event: Event | None) -> bool:
    """Look at an attribute, by code."""
    return "plan" in customer.attributes or event is None


def stands_in_a_long_name(customer: Customer, event: Event | None) -> bool:
    """Look at the stage and at the event, by code."""
    return len(customer.stage) > len("lead") or (event is not None and event.value == _TWO)


_TWO = 2


@cache
def _criteria(pace: str, *, dated: bool) -> st.SearchStrategy[Condition]:
    """Draw a criterion of any kind; the `dated` ones may speak of the current event."""
    kinds = {kind: row for kind, row in MEASURES.items() if dated or not row.of_event}
    measured = [some for kind, row in kinds.items() for some in _measured(kind, row, pace)]
    return st.one_of(*(st.sampled_from([*chain(*map(_asked, some))]) for some in measured))


def _measured(kind: str, row: MeasureKind, pace: str) -> Iterator[list[Measure | Sum]]:
    """Return the measures of a kind; where some add, their sums too."""
    scopes = [{name: one} for name in row.fields for one in _scopes(pace).get(name, ())]
    one = [Measure(kind, *name, **scope) for name in _names(row) for scope in ({}, {}, *scopes)]
    yield [*one]
    if row.adds:
        pairs = zip(one, one[len(scopes) :], strict=False)
        yield [combined for a, b in pairs for combined in (a + b, a - b)]


def _scopes(pace: str) -> Mapping[str, tuple[Any, ...]]:
    """Return what each field of a measure can be, besides its names."""
    return {
        "since_entry": (True,),
        "within": (
            *(Period(**length) for length in (*PACES[pace].lengths, {"months": 1})),
            *(Until(grain) for grain in PACES[pace].untils),
            Until("quarter", year_start=2),
        ),
        "where": (value() >= _TWO, event_attribute("channel").equals("web")),
    }


def _names(row: MeasureKind) -> list[tuple[Any, ...]]:
    """Return the names that a kind can have, and some of them together."""
    names = _NAMES[row.named, row.of_event]
    found: list[tuple[Any, ...]] = [(name,) for name in names] or [()]
    return [*found, (names[:2],)] if row.several else found


_NAMES: Mapping[tuple[str | None, bool], tuple[str, ...]] = {
    ("event", False): EVENTS,
    ("stage", False): STAGES[:2],  # which every definition has
    ("attribute", False): ("plan", "level"),
    ("attribute", True): ("channel",),
    (None, False): (),
    (None, True): (),
}
"""What each kind can name, of customers and of the current event."""


def _asked(measure: Measure | Sum) -> list[Condition]:
    """Compare a measure with what it can be."""
    texts = _TEXTS.get(getattr(measure, "name", ""), ())
    texts = STAGES[:2] if MEASURES[measure.kind].wanted == "stage" else texts
    if texts:
        return [*map(measure.equals, texts), measure.is_in(texts)]
    return [order(measure, wanted) for wanted, order in product((1, 2, 3), _ORDERS)]


_TEXTS: Mapping[Any, tuple[str, ...]] = dict.fromkeys(("plan", "channel"), ("gold", "web"))
"""The attributes that are text, with some of it."""

_ORDERS: tuple[Callable[[Any, int], Condition], ...] = (
    lambda measure, wanted: measure >= wanted,
    lambda measure, wanted: measure > wanted,
    lambda measure, wanted: measure <= wanted,
    lambda measure, wanted: measure < wanted,
    lambda measure, wanted: measure.equals(wanted),
    lambda measure, wanted: measure.is_in([wanted, wanted + 1]),
)


def _waiting() -> st.SearchStrategy[Condition]:
    """Draw a condition that fails at first and is met later."""
    counts = [count(name) >= wanted for name, wanted in product(EVENTS, (1, 2, 3))]
    texts = [attribute("plan").equals("gold"), attribute("level") >= 1]
    return st.sampled_from([*counts, *texts, texts[0] | counts[0], counts[1] & ~texts[1]])


@cache
def _conditions(pace: str, *, dated: bool, code: bool) -> st.SearchStrategy[When]:
    one = _criteria(pace, dated=dated)
    calls = [st.sampled_from([was_given_a_plan, stands_in_a_long_name])] if code else []
    return st.one_of(
        *(one, one, one, *calls),
        st.builds(lambda one, other: one & other, one, one),
        st.builds(lambda one, other: one | other, one, one),
        st.builds(lambda one: ~one, one),
        st.builds(lambda one, other, third: ~(one & other) | third, one, one, one),
    )


# Transitions


class Draft(NamedTuple):
    """What a transition might be made of."""

    sources: tuple[Source, ...]
    target: str
    on: str | None
    after: After | None
    when: When | None = None


@cache
def _timeouts(pace: str) -> tuple[After, ...]:
    lengths, calendar, untils = PACES[pace]
    return (
        *(dwell(**length) for length in (*lengths, *calendar)),
        *(dwell(until=until) for until in untils),
        dwell(until=Until("year", year_start=4)),
        *(
            dwell(**length, anchor=anchor)
            for length in (*calendar[:1], lengths[0])
            for anchor in ("entry", "enrolled")
        ),
        *(idle(**length) for length in (*lengths, *calendar)),
        *(idle(event, **length) for event, length in product(EVENTS, lengths[:3])),
        *(at(attribute(name), **length) for name in DATES for length in _from_date(lengths[:2])),
        *(falls(measure, below=_TWO) for measure in _falling(_scopes(pace)["within"])),
        *(idle(EVENTS[:2], **length, where=value() >= _TWO) for length in lengths[:3]),
    )


def _from_date(lengths: Iterable[Length]) -> Iterator[Length]:
    """Return no length, and lengths after a date and before it."""
    yield {}
    yield {"months": 1}
    for length in lengths:
        yield length
        yield {unit: -amount for unit, amount in length.items()}


def _falling(windows: Iterable[Any]) -> Iterator[Measure | Sum]:
    """Return measures that can fall, of each window."""
    _, bought, seen = EVENTS
    for within in windows:
        yield from (make(bought, within=within) for make in (count, total, mean))
        yield total(bought, within=within) - total(seen, within=within)
        yield count((bought, seen), within=within, since_entry=True)


@cache
def _drafts(pace: str, size: int, *, patient: bool, code: bool) -> st.SearchStrategy[list[Draft]]:
    """Draft the transitions between so many stages; `patient` ones wait for conditions."""
    names = st.sampled_from(STAGES[:size])
    source = st.one_of(names, names, st.sampled_from(Status), st.just(ANY))
    sources = st.one_of(
        *(st.tuples(source), st.tuples(source)),
        st.lists(source, min_size=2, max_size=3, unique_by=repr).map(tuple),
    )
    moves = st.builds(
        Draft,
        *(sources, names, st.sampled_from(EVENTS), st.none()),
        _maybe(_conditions(pace, dated=True, code=code)),
    )
    untimed = _waiting() if patient else _maybe(_conditions(pace, dated=False, code=code))
    timed = st.builds(
        Draft,
        *(sources, names, st.none(), st.sampled_from(_timeouts(pace))),
        untimed,
    )
    if patient:
        return st.lists(st.one_of(timed, timed, timed, moves), min_size=3, max_size=6)
    return st.lists(st.one_of(timed, moves), min_size=6, max_size=14)


@cache
def _reminders(pace: str) -> st.SearchStrategy[list[Milestone]]:
    """Draw milestones, of which some may not fit the stages."""
    conditions = _maybe(_conditions(pace, dated=False, code=False))
    return st.lists(
        st.builds(
            lambda stage, after, when, name: Milestone(stage, after=after, when=when, name=name),
            st.sampled_from((*STAGES[:2], *Status, ANY)),
            st.sampled_from(_timeouts(pace)),
            conditions,
            st.sampled_from(("first", "second")),
        ),
        max_size=3,
    )


def _distinct(frame: Parts, drawn: Iterable[Milestone]) -> tuple[Milestone, ...]:
    """Return the milestones that a definition may have together."""
    made: tuple[Milestone, ...] = ()
    for one in drawn:
        made = made if problems(frame._replace(milestones=(*made, one))) else (*made, one)
    return made


def _renewing(pace: str) -> st.SearchStrategy[list[Draft]]:
    """Draft a renewal on the calendar, or none."""
    lengths = st.sampled_from(PACES[pace].calendar)
    stage = STAGES[:1]
    renewals = lengths.map(lambda length: [Draft(stage, *stage, None, dwell(**length))])
    return st.one_of(st.just([]), st.just([]), renewals)


def _pausing(pace: str, stage: str, size: int) -> st.SearchStrategy[list[Draft]]:
    """Draft the ways into a pause and back, and a time-out that it can move."""
    began, target = STAGES[:1], st.sampled_from(STAGES[:size])
    into = [Draft(began, stage, EVENTS[2], None), Draft((stage,), *began, EVENTS[1], None)]
    moved = st.builds(
        Draft, st.just(began), target, st.none(), st.sampled_from(_timeouts(pace)), st.none()
    )
    return st.one_of(st.just([]), moved.map(lambda way: [*into, way]))


def _maybe(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw none as often as some."""
    return st.booleans().flatmap(lambda drawn: some if drawn else st.none())


def _sound(frame: Parts, drafts: Iterable[Draft]) -> tuple[Transition, ...]:
    """Make of the drafts what a definition may hold together."""
    made: tuple[Transition, ...] = ()
    for draft in drafts:
        sources = tuple(source for source in draft.sources if _leads(source, draft.target, frame))
        if sources:
            way = Transition(sources, draft.target, on=draft.on, after=draft.after, when=draft.when)
            made = made if problems(frame._replace(transitions=(*made, way))) else (*made, way)
    return made or (Transition(frame.stages[0].name, frame.stages[1].name, on=EVENTS[0]),)


def _leads(source: Source, target: str, frame: Parts) -> bool:
    """Say whether a source leads out of some stage, and out of no final one."""
    levels = expand(frame.stages, (Transition(source, target, on=EVENTS[0]),))
    left = [stage for stage in frame.stages if any(levels[stage.name])]
    return bool(left) and not any(stage.final for stage in left)
