"""What is drawn of a definition, before it is put in any format.

A chart shows what the stage machine really does, which is not always what the transitions say
one by one: levels and silenced clocks are applied, and a transition behind an unconditional one
for the same event is left out. What a transition says for any stage, or for many stages of a
status, is drawn once, from a note.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import NamedTuple, TypeAlias

from lifecycle import _checks, _money
from lifecycle.engine._compiled import Levels, Parts, expand, marks, sounding
from lifecycle.engine._drawing.words import Wording, in_figures, one_line, short, wording
from lifecycle.engine._kinds import Kind, kind_of
from lifecycle.engine.changes import StageChange
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.stages import Stage, Status, is_name
from lifecycle.engine.transitions import ANY, Source, Transition
from lifecycle.errors import InvalidTypeError, InvalidValueError

__all__ = ["NOTE", "Chart", "Counts", "Move", "Place", "chart_of", "label_lines"]

Counts: TypeAlias = Mapping[tuple[str, str], _checks.Number] | Iterable[StageChange]
"""How often customers moved from a stage to a stage, or the moves themselves."""

_FEW = 3
"""Up to this many arrows of a status are drawn one by one; more are drawn once, from a note."""

NOTE = "note"
"""The kind of a place that is not a stage."""

_UNDECLARED = Wording("no transition", "", timed=True)
"""What is said where customers were counted and the lifecycle has no way."""


class Place(NamedTuple):
    """A stage, or a note: "any stage", from which an arrow begins that represents many.

    A note is next to the target of its arrow, and has its status.
    """

    ref: str
    text: str
    title: str
    status: Status
    kind: str
    initial: bool = False
    final: bool = False
    reminders: tuple["Reminder", ...] = ()


class Reminder(NamedTuple):
    """A milestone of a stage: its name, and when it is reached."""

    name: str
    way: Wording

    @property
    def sentence(self) -> str:
        """Both in one sentence."""
        return f"{self.name} ({self.way.sentence})"


class Move(NamedTuple):
    """An arrow from a place to a place, with all ways of these sources to this target."""

    start: str
    end: str
    sources: tuple[Stage, ...]
    target: Stage
    source_text: str
    target_text: str
    ways: list[Wording]
    figure: Decimal | None

    @property
    def timed(self) -> bool:
        """Whether time alone makes all of them."""
        return all(way.timed for way in self.ways)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What the moves mean, each once."""
        return tuple(dict.fromkeys(kind_of(source, self.target) for source in self.sources))

    @property
    def title(self) -> str:
        """All of it in one sentence."""
        ways = "; ".join(way.sentence for way in self.ways)
        count = "" if self.figure is None else f"; count {in_figures(self.figure)}"
        return f"{self.source_text} to {self.target_text} ({', '.join(self.kinds)}): {ways}{count}"


class Chart(NamedTuple):
    """A lifecycle as it is drawn; `counted` says whether its moves have counts.

    `places` holds each note before the target of its arrow.
    """

    name: str
    initial: str
    statuses: list[Status]
    places: list[Place]
    moves: list[Move]
    counted: bool


class Group(NamedTuple):
    """The stages from which one arrow leads to a target, and the note that represents many."""

    sources: tuple[str, ...]
    target: str
    note: str


_Drawn: TypeAlias = dict[Group, list[Wording]]


def chart_of(parts: Parts, counts: Counts | None = None) -> Chart:
    """Read what is drawn of a definition."""
    stages = {stage.name: stage for stage in parts.stages}
    labels = _labels(parts.stages)
    refs = {name: f"s{i}" for i, name in enumerate(stages)}
    drawn = _drawn(parts, labels)
    figures = {} if counts is None else _figures(drawn, _counted(counts, stages))
    moves, notes = [], defaultdict(list)
    for i, (group, ways) in enumerate(drawn.items()):
        start, text = refs[group.sources[0]], labels[group.sources[0]]
        if group.note:
            start, text = f"n{i}", group.note
            status = stages[group.target].status
            notes[group.target].append(Place(start, short(text), text, status, NOTE))
        sources = tuple(stages[name] for name in group.sources)
        target, target_text = stages[group.target], labels[group.target]
        ends = (start, refs[target.name], sources, target, text, target_text)
        moves.append(Move(*ends, ways, figures.get(group)))
    levels = expand(parts.stages, parts.milestones)
    reminders = {name: _reminders(marks(levels[name], parts)) for name in stages}
    places = [
        place
        for name, stage in stages.items()
        for place in (
            *notes[name],
            _place(stage, refs[name], labels[name], parts.initial, reminders[name]),
        )
    ]
    statuses = [status for status in Status if any(place.status is status for place in places)]
    return Chart(
        one_line(parts.name), refs[parts.initial], statuses, places, moves, counts is not None
    )


def _place(
    stage: Stage, ref: str, label: str, initial: str, reminders: tuple[Reminder, ...]
) -> Place:
    name, first = one_line(stage.name), stage.name == initial
    known = label if label.endswith((f"({name})", name)) else f"{label} ({name})"
    roles = f"{', initial' if first else ''}{', final' if stage.final else ''}"
    stops = f", stops {' and '.join(stage.stops)}" if stage.stops else ""
    dated = "".join(f"; milestone {reminder.sentence}" for reminder in reminders)
    title = f"{known}: {stage.status.value}{roles}{stops}{dated}"
    status = stage.status
    return Place(ref, label, title, status, status.value, first, stage.final, reminders)


def _reminders(milestones: Iterable[Milestone]) -> tuple[Reminder, ...]:
    return tuple(Reminder(one_line(mark.name), wording(mark)) for mark in milestones)


def _labels(stages: Iterable[Stage]) -> dict[str, str]:
    """Return what people read for each stage, with its name where two would read the same."""
    labels = {stage.name: one_line(stage.label or stage.name) for stage in stages}
    often = Counter(labels.values())
    return {
        name: label if often[label] == 1 else f"{label} ({one_line(name)})"
        for name, label in labels.items()
    }


def _drawn(parts: Parts, labels: Mapping[str, str]) -> _Drawn:
    """Return what is drawn as one arrow, with all ways from there to its target."""
    sources: defaultdict[tuple[str, Wording], dict[str, Status]] = defaultdict(dict)
    meant: defaultdict[tuple[str, Wording], set[Source]] = defaultdict(set)
    for transition, stages in _takers(parts):
        key = (transition.target, wording(transition))
        sources[key].update((stage.name, stage.status) for stage in stages)
        meant[key].update(source for source in transition.sources if not is_name(source))
    drawn: defaultdict[Group, list[Wording]] = defaultdict(list)
    open_stages = [stage for stage in parts.stages if not stage.final]
    for (target, way), found in sources.items():
        groups = meant[target, way]
        others = {s.name: s.status for s in open_stages if s.name != target} if groups else {}
        for names, note in _groups(found, others, groups, labels):
            drawn[Group(names, target, note)].append(way)
    return dict(drawn)


def _takers(parts: Parts) -> Iterable[tuple[Transition, list[Stage]]]:
    """Return each transition with the stages in which it can be taken, as declared."""
    taken: dict[int, list[Stage]] = {i: [] for i in range(len(parts.transitions))}
    levels = expand(parts.stages, parts.transitions)
    for stage in parts.stages:
        for i in _taken(levels[stage.name], parts.transitions):
            taken[i].append(stage)
    return [(parts.transitions[i], stages) for i, stages in taken.items() if stages]


def _taken(levels: Levels, transitions: Sequence[Transition]) -> set[int]:
    """Return the transitions of a stage without those that an unconditional one hides."""
    found = set(sounding(levels, transitions))
    hidden: set[str | None] = {None}
    for i in chain.from_iterable(levels):
        if transitions[i].on not in hidden:
            found.add(i)
            hidden |= {transitions[i].on} if transitions[i].when is None else set()
    return found


def _groups(
    sources: Mapping[str, Status],
    others: Mapping[str, Status],
    meant: Container[Source],
    labels: Mapping[str, str],
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Gather the sources that a note stands for; the rest are drawn one by one."""
    rest = dict(sources)
    for group in (ANY, *Status):
        names = [n for n, s in others.items() if group in (ANY, s)] if group in meant else []
        there = tuple(name for name in names if name in rest)
        if len(there) > (1 if group is ANY else _FEW):
            absent = [labels[name] for name in names if name not in rest]
            words = "any stage" if group is ANY else f"any {group.value} stage"
            yield there, f"{words} but {', '.join(absent)}" if absent else words
            for name in there:
                del rest[name]
    for name in rest:
        yield (name,), ""


_COUNTS = "map (source, target) to a number, or hold stage changes"


def _counted(counts: object, stages: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Check the counts; each is exact, so that all kinds of numbers add up."""
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        raise InvalidTypeError("counts", counts, _COUNTS)
    given = counts if isinstance(counts, Mapping) else Counter(map(_pair, filter(_moves, counts)))
    known = tuple(stages)
    return {
        _known_pair(pair, known): _checked(f"counts[{pair!r}]", number)
        for pair, number in given.items()
    }


def _moves(change: StageChange) -> bool:
    if not isinstance(change, StageChange):
        raise InvalidTypeError("counts", change, _COUNTS)
    return change.is_move


def _pair(change: StageChange) -> tuple[str, str]:
    return change.source, change.target


def _known_pair(pair: object, known: Iterable[str]) -> tuple[str, str]:
    if not isinstance(pair, tuple) or len(pair) != 2:  # noqa: PLR2004  (a pair is two)
        raise InvalidTypeError("the key of a count", pair, "be a pair (source, target)")
    source, target = (_checks.choice(f"counts[{pair!r}]", name, known) for name in pair)
    return source, target


def _checked(argument: str, number: object) -> Decimal:
    found = _money.exact(_checks.number(argument, number))
    if found < 0:
        raise InvalidValueError(argument, number, "be at least 0")
    return found


def _figures(drawn: _Drawn, counted: dict[tuple[str, str], Decimal]) -> dict[Group, Decimal]:
    """Return the count of each arrow, none twice: a note has what no arrow of its own has.

    Pairs with a count and without an arrow get one.
    """
    shown = {(source, group.target) for group in drawn for source in group.sources}
    for (source, target), count in counted.items():
        if count and (source, target) not in shown:
            drawn[Group((source,), target, "")] = [_UNDECLARED]
    left = dict(counted)
    with _money.exactly():
        return {
            group: sum((left.pop((s, group.target), Decimal()) for s in group.sources), Decimal())
            for group in sorted(drawn, key=lambda group: bool(group.note))
        }


def label_lines(move: Move) -> Iterator[str]:
    """Yield the lines that stand at an arrow, long ones uncut."""
    for way in move.ways:
        yield f"{way.trigger} [{way.condition}]" if way.condition else way.trigger
    if move.figure is not None:
        yield in_figures(move.figure)
