"""Diagrams of a lifecycle: Mermaid, Graphviz, a Markdown table, and SVG.

All four show what the stage machine really does, which is not always what its
transitions say one by one: levels and silenced clocks are applied, and a transition
behind an unconditional one for the same event is left out. What a transition says for
any stage, or for many stages of a status, is drawn once, from a note.
"""

import re
import textwrap
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from decimal import Context, Decimal, localcontext
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lifecycle import _checks, _money
from lifecycle.engine._compiled import Levels, expand, sounding
from lifecycle.engine._drawing import Arrow, Box, Line, Picture, draw
from lifecycle.engine._kinds import Kind, kind_of
from lifecycle.engine.changes import StageChange
from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Measure,
    Not,
    Predicate,
    is_data,
)
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, Source, Timeout, Transition
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.periods import Period, Until

if TYPE_CHECKING:
    from lifecycle.engine.definition import Lifecycle

__all__ = ["dot", "mermaid", "svg", "table"]

Counts: TypeAlias = Mapping[tuple[str, str], _checks.Number] | Iterable[StageChange]
"""How often customers moved from a stage to a stage, or the moves themselves."""

_FEW = 3
"""So many arrows of a status are drawn one by one; more are drawn once, from a note."""

_NOTE = "note"
"""The kind of a box that is no stage."""


def mermaid(lifecycle: "Lifecycle", *, counts: Counts | None = None) -> str:
    """Return a lifecycle as a Mermaid state diagram.

    Args:
        lifecycle: What is drawn.
        counts: How often customers moved: a number for each pair of a source and a
            target, or stage changes, which are counted. A pair that is not in it has 0.

    Returns:
        The text of a `stateDiagram-v2`, for a page, a README or an editor that shows
        Mermaid.

    Raises:
        UnknownNameError: `counts` names a stage that the lifecycle does not have.
        InvalidTypeError: `counts` is neither, or a count is not a number.
        InvalidValueError: A count is negative or not finite.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[Transition("member", "lapsed", after=idle(days=90))],
        ... )
        >>> print(mermaid(club))
        stateDiagram-v2
            direction LR
            accTitle: club
            state "member" as s0
            state "lapsed" as s1
            [*] --> s0
            s0 --> s1 : idle 90 days
            classDef active fill:#cfe9da,stroke:#35a06a,color:#0f3d26
            class s0 active
            classDef dormant fill:#f6e3c3,stroke:#d9962b,color:#4a3108
            class s1 dormant
    """
    read = _read(lifecycle, counts)
    lines = [
        "stateDiagram-v2",
        "direction LR",
        f"accTitle: {_mermaid_text(read.name)}",
        *(f'state "{_mermaid_text(box.text)}" as {box.ref}' for box in read.boxes),
        f"[*] --> {read.initial}",
        *(f"{move.start} --> {move.end} : {_mermaid_label(move)}" for move in read.moves),
        *(f"{box.ref} --> [*]" for box in read.boxes if box.final),
        *_mermaid_classes(read.boxes),
    ]
    return "\n    ".join(lines)


def dot(lifecycle: "Lifecycle", *, counts: Counts | None = None) -> str:
    r"""Return a lifecycle as a Graphviz graph, with a cluster for each status.

    Args:
        lifecycle: What is drawn.
        counts: As in `mermaid`.

    Returns:
        A `digraph` in the DOT language.

    Raises:
        LifecycleError: As `mermaid`.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE)],
        ...     transitions=[],
        ... )
        >>> dot(club).splitlines()[0]
        'digraph "club" {'
    """
    read = _read(lifecycle, counts)
    lines = [
        f"digraph {_quoted(read.name)} {{",
        *_DOT_HEAD,
        *(line for status in read.statuses for line in _dot_cluster(status, read.boxes)),
        f"start -> {read.initial}",
        *(_dot_edge(move) for move in read.moves),
    ]
    return "\n  ".join(lines) + "\n}"


def table(lifecycle: "Lifecycle", *, counts: Counts | None = None) -> str:
    """Return what moves customers as a Markdown table.

    Args:
        lifecycle: What is written.
        counts: As in `mermaid`. With counts each pair of a source and a target has a row
            of its own, since that is what is counted.

    Returns:
        The table: from, to, when, under which condition, and the kind of the change.
        Rows that differ by nothing but the source are one.

    Raises:
        LifecycleError: As `mermaid`.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE), Stage("lapsed", Status.DORMANT)],
        ...     transitions=[
        ...         Transition("member", "lapsed", after=idle(days=90)),
        ...         Transition("lapsed", "member", on="visit"),
        ...     ],
        ... )
        >>> print(table(club))
        | From | To | When | Condition | Change |
        | --- | --- | --- | --- | --- |
        | member | lapsed | idle 90 days |  | lapse |
        | lapsed | member | visit |  | reactivation |
    """
    read = _read(lifecycle, counts)
    head, rule = ["From", "To", "When", "Condition", "Change"], ["---"] * 5
    if counts is not None:
        head, rule = [*head, "Count"], [*rule, "---:"]
    rows = _merged_rows(read) if counts is None else map(_counted_row, read.moves)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def svg(lifecycle: "Lifecycle", *, counts: Counts | None = None) -> str:
    """Return a lifecycle as a picture that a notebook or a web page shows by itself.

    The stages of a status stand in one column. Lines are solid for events and dashed for
    time-outs; ways back are green; the full text of each is shown under the pointer.

    Args:
        lifecycle: What is drawn.
        counts: As in `mermaid`. Lines are wider where more customers moved.

    Returns:
        An `<svg>` element without scripts, fonts or links, which takes the color of the
        text around it, or follows the reader's light or dark scheme where it stands alone.

    Raises:
        LifecycleError: As `mermaid`.

    Examples:
        >>> club = Lifecycle(
        ...     name="club",
        ...     initial="member",
        ...     stages=[Stage("member", Status.ACTIVE)],
        ...     transitions=[],
        ... )
        >>> svg(club).startswith("<svg xmlns=")
        True
    """
    return draw(picture(lifecycle, counts))


def picture(lifecycle: "Lifecycle", counts: Counts | None = None) -> Picture:
    """Return what `svg` draws: boxes in columns, and the arrows between them."""
    return _picture(_read(lifecycle, counts))


# What the machine does


class _Way(NamedTuple):
    """What makes customers move, in words: an event or a time-out, and a condition."""

    trigger: str
    condition: str
    timed: bool

    @property
    def sentence(self) -> str:
        on = self.trigger if self.timed else f"on {self.trigger}"
        return f"{on}, if {self.condition}" if self.condition else on


_UNDECLARED = _Way("no transition", "", timed=True)
"""What is said where customers were counted and the lifecycle has no way."""


class _Box(NamedTuple):
    """A stage, or a note: "any stage", from which an arrow begins that stands for many.

    A note stands beside the target of its arrow, and has its status.
    """

    ref: str
    text: str
    title: str
    status: Status
    kind: str
    initial: bool = False
    final: bool = False


class _Move(NamedTuple):
    """An arrow from a box to a box, with all ways of these sources to this target."""

    start: str
    end: str
    sources: tuple[Stage, ...]
    target: Stage
    source_text: str
    target_text: str
    ways: list[_Way]
    figure: Decimal | None

    @property
    def timed(self) -> bool:
        return all(way.timed for way in self.ways)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(dict.fromkeys(kind_of(source, self.target) for source in self.sources))

    @property
    def title(self) -> str:
        ways = "; ".join(way.sentence for way in self.ways)
        count = "" if self.figure is None else f"; count {_figure(self.figure)}"
        return f"{self.source_text} to {self.target_text} ({', '.join(self.kinds)}): {ways}{count}"


class _Read(NamedTuple):
    """A lifecycle as it is drawn; `boxes` holds each note before the target of its arrow."""

    name: str
    initial: str
    statuses: list[Status]
    boxes: list[_Box]
    moves: list[_Move]


class _Group(NamedTuple):
    """The stages from which one arrow leads to a target, and the note that stands for many."""

    sources: tuple[str, ...]
    target: str
    note: str


_Drawn: TypeAlias = dict[_Group, list[_Way]]


def _read(lifecycle: "Lifecycle", counts: Counts | None) -> _Read:
    stages = {stage.name: stage for stage in lifecycle.stages}
    labels = _labels(lifecycle.stages)
    refs = {name: f"s{i}" for i, name in enumerate(stages)}
    drawn = _drawn(lifecycle, labels)
    figures = {} if counts is None else _figures(drawn, _counted(counts, stages))
    moves, notes = [], defaultdict(list)
    for i, (group, ways) in enumerate(drawn.items()):
        start, text = refs[group.sources[0]], labels[group.sources[0]]
        if group.note:
            start, text = f"n{i}", group.note
            status = stages[group.target].status
            notes[group.target].append(_Box(start, _short(text), text, status, _NOTE))
        sources = tuple(stages[name] for name in group.sources)
        target, target_text = stages[group.target], labels[group.target]
        ends = (start, refs[target.name], sources, target, text, target_text)
        moves.append(_Move(*ends, ways, figures.get(group)))
    boxes = [
        box
        for name, stage in stages.items()
        for box in (*notes[name], _box(stage, refs[name], labels[name], lifecycle.initial))
    ]
    statuses = [status for status in Status if any(box.status is status for box in boxes)]
    return _Read(_line(lifecycle.name), refs[lifecycle.initial], statuses, boxes, moves)


def _box(stage: Stage, ref: str, label: str, initial: str) -> _Box:
    name, first = _line(stage.name), stage.name == initial
    known = label if label.endswith((f"({name})", name)) else f"{label} ({name})"
    roles = f"{', initial' if first else ''}{', final' if stage.final else ''}"
    title = f"{known}: {stage.status.value}{roles}"
    return _Box(ref, label, title, stage.status, stage.status.value, first, stage.final)


def _labels(stages: Iterable[Stage]) -> dict[str, str]:
    """Return what people read for each stage, with its name where two would read the same."""
    labels = {stage.name: _line(stage.label or stage.name) for stage in stages}
    often = Counter(labels.values())
    return {
        name: label if often[label] == 1 else f"{label} ({_line(name)})"
        for name, label in labels.items()
    }


def _drawn(lifecycle: "Lifecycle", labels: Mapping[str, str]) -> _Drawn:
    """Return what is drawn as one arrow, with all ways from there to its target."""
    sources: defaultdict[tuple[str, _Way], dict[str, Status]] = defaultdict(dict)
    meant: defaultdict[tuple[str, _Way], set[Source]] = defaultdict(set)
    for transition, stages in _takers(lifecycle):
        key = (transition.target, _way(transition))
        sources[key].update((stage.name, stage.status) for stage in stages)
        meant[key].update(source for source in transition.sources if _is_group(source))
    drawn: defaultdict[_Group, list[_Way]] = defaultdict(list)
    open_stages = [stage for stage in lifecycle.stages if not stage.final]
    for (target, way), found in sources.items():
        groups = meant[target, way]
        others = {s.name: s.status for s in open_stages if s.name != target} if groups else {}
        for names, note in _groups(found, others, groups, labels):
            drawn[_Group(names, target, note)].append(way)
    return dict(drawn)


def _takers(lifecycle: "Lifecycle") -> Iterable[tuple[Transition, list[Stage]]]:
    """Return each transition with the stages in which it can be taken, as declared."""
    taken: dict[int, list[Stage]] = {i: [] for i in range(len(lifecycle.transitions))}
    levels = expand(lifecycle.stages, lifecycle.transitions)
    for stage in lifecycle.stages:
        for i in _taken(levels[stage.name], lifecycle.transitions):
            taken[i].append(stage)
    return [(lifecycle.transitions[i], stages) for i, stages in taken.items() if stages]


def _taken(levels: Levels, transitions: Sequence[Transition]) -> set[int]:
    """Return the transitions of a stage without those that an unconditional one hides."""
    found = set(sounding(levels, transitions))
    hidden: set[str | None] = {None}
    for i in chain.from_iterable(levels):
        if transitions[i].on not in hidden:
            found.add(i)
            hidden |= {transitions[i].on} if transitions[i].when is None else set()
    return found


def _is_group(source: Source) -> bool:
    return source is ANY or isinstance(source, Status)


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


# Counts


_COUNTS = "map (source, target) to a number, or hold stage changes"


def _counted(counts: object, stages: Iterable[str]) -> dict[tuple[str, str], Decimal]:
    """Check the counts; each is exact, so that all kinds of numbers add up."""
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        raise InvalidTypeError("counts", counts, _COUNTS)
    given = counts if isinstance(counts, Mapping) else Counter(map(_pair, counts))
    known = tuple(stages)
    return {
        _known_pair(pair, known): _checked(f"counts[{pair!r}]", number)
        for pair, number in given.items()
    }


def _pair(change: StageChange) -> tuple[str, str]:
    if not isinstance(change, StageChange):
        raise InvalidTypeError("counts", change, _COUNTS)
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


def _figures(drawn: _Drawn, counted: dict[tuple[str, str], Decimal]) -> dict[_Group, Decimal]:
    """Return the count of each arrow, none twice: a note has what no arrow of its own has.

    Pairs with a count and without an arrow get one.
    """
    shown = {(source, group.target) for group in drawn for source in group.sources}
    for (source, target), count in counted.items():
        if count and (source, target) not in shown:
            drawn[_Group((source,), target, "")] = [_UNDECLARED]
    left = dict(counted)
    with _money.exactly():
        return {
            group: sum((left.pop((s, group.target), Decimal()) for s in group.sources), Decimal())
            for group in sorted(drawn, key=lambda group: bool(group.note))
        }


def _figure(count: Decimal) -> str:
    if count == int(count):
        return f"{int(count):,}"
    small = count < 1000  # noqa: PLR2004  (four digits say enough)
    return f"{float(count):,.4g}" if small else f"{float(count):,.0f}"


# Words


def _way(transition: Transition) -> _Way:
    condition = "" if transition.when is None else _line(_condition(transition.when))
    if transition.after is None:
        return _Way(_line(str(transition.on)), condition, timed=False)
    return _Way(_line(_timeout(transition.after)), condition, timed=True)


def _timeout(timeout: Timeout) -> str:
    if isinstance(timeout.length, Until):
        return f"until the {timeout.length.grain} ends"
    length = _period(timeout.length)
    if timeout.clock == "dwell":
        return f"in stage {length}"
    return f"idle {length}" if timeout.event is None else f"no {timeout.event} for {length}"


def _period(period: Period) -> str:
    units = period.units().items()
    return " ".join(f"{n} {unit.removesuffix('s') if n == 1 else unit}" for unit, n in units)


_OPERATORS = {">=": "\u2265", "<=": "\u2264", "equals": "is", "is_in": "is in"}


def _condition(condition: Condition | Predicate) -> str:
    if not is_data(condition):
        return getattr(condition, "__name__", type(condition).__name__)
    if isinstance(condition, Comparison):
        operator = _OPERATORS.get(condition.operator, condition.operator)
        return f"{_measure(condition.measure)} {operator} {_wanted(condition.wanted)}"
    if isinstance(condition, Not):
        return f"not ({_condition(condition.condition)})"
    word = " and " if isinstance(condition, AllOf) else " or "
    return word.join(map(_part, condition.conditions))


def _part(condition: Condition) -> str:
    words = _condition(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) else words


def _measure(measure: Measure) -> str:
    if measure.kind == "attribute":
        return measure.name
    if measure.kind == "event_attribute":
        return f"event {measure.name}"
    if measure.kind == "value":
        return "value"
    scope = " since entry" if measure.since_entry else ""
    scope += "" if measure.within is None else f" within {_period(measure.within)}"
    return f"{measure.kind}({measure.name}{scope})"


def _wanted(wanted: object) -> str:
    if isinstance(wanted, tuple):
        return ", ".join(map(_wanted, wanted))
    return repr(wanted) if isinstance(wanted, str) else str(wanted)


_UNFIT = "\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What XML refuses, and marks that turn the direction of all text that follows them."""


def _line(text: str) -> str:
    """Return a text as one line, without what no picture can hold."""
    return " ".join("".join(map(_letter, text)).split())


def _letter(letter: str) -> str:
    if letter.isspace():
        return " "
    bad = unicodedata.category(letter) in ("Cc", "Cs") or letter in _UNFIT
    return "\ufffd" if bad else letter


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}\u2026"


# Mermaid

_MERMAID = {
    "prospect": "fill:#d6e6f7,stroke:#4c8dd6,color:#12304f",
    "active": "fill:#cfe9da,stroke:#35a06a,color:#0f3d26",
    "dormant": "fill:#f6e3c3,stroke:#d9962b,color:#4a3108",
    "churned": "fill:#f3d3d3,stroke:#cf5b5b,color:#4d1717",
    "note": "fill:#e4e7eb,stroke:#8a94a3,color:#24292f,stroke-dasharray:4 3",
}
"""Fill and text go together, so that they read on a light page and on a dark one."""


def _mermaid_classes(boxes: Sequence[_Box]) -> Iterator[str]:
    for kind, style in _MERMAID.items():
        refs = [box.ref for box in boxes if box.kind == kind]
        if refs:
            yield f"classDef {kind} {style}"
            yield f"class {','.join(refs)} {kind}"


def _mermaid_label(move: _Move) -> str:
    return "<br/>".join(_mermaid_text(_short(words)) for words in _lines(move))


def _lines(move: _Move) -> Iterator[str]:
    for way in move.ways:
        yield f"{way.trigger} [{way.condition}]" if way.condition else way.trigger
    if move.figure is not None:
        yield _figure(move.figure)


_HARMLESS = re.compile(r"[^\W_]|[ _.,()]")
_DIRECTION = re.compile(r"d(?=irection)", re.IGNORECASE)
"""Mermaid takes "direction TB" for a command wherever it stands."""


def _mermaid_text(text: str) -> str:
    """Write all but letters, digits and harmless marks as Mermaid's entities: `#58;`."""
    found = "".join(c if _HARMLESS.match(c) else f"#{ord(c)};" for c in text)
    return _DIRECTION.sub(lambda d: f"#{ord(d[0])};", found)


# Graphviz

_FILLS: dict[Status, str] = {
    Status.PROSPECT: "#d6e6f7",
    Status.ACTIVE: "#cfe9da",
    Status.DORMANT: "#f6e3c3",
    Status.CHURNED: "#f3d3d3",
}
_LINES: dict[Status, str] = {
    Status.PROSPECT: "#4c8dd6",
    Status.ACTIVE: "#35a06a",
    Status.DORMANT: "#d9962b",
    Status.CHURNED: "#cf5b5b",
}
_DOT_HEAD = (
    'rankdir=LR bgcolor="transparent" fontname="sans-serif" fontcolor="#6b7684"',
    'node [shape=box style="rounded,filled" fontname="sans-serif" fontcolor="#24292f"]',
    'edge [fontname="sans-serif" fontsize=11 color="#6b7684" fontcolor="#6b7684"]',
    'start [shape=point width=0.12 color="#6b7684" tooltip="customers begin here"]',
)


def _dot_cluster(status: Status, boxes: Sequence[_Box]) -> Iterator[str]:
    yield f"subgraph cluster_{status.value} {{"
    yield f'  label="{status.value}" style="rounded" color="{_LINES[status]}"'
    yield f'  node [fillcolor="{_FILLS[status]}" color="{_LINES[status]}"]'
    for box in boxes:
        if box.status is status:
            yield f"  {_dot_node(box)}"
    yield "}"


def _dot_node(box: _Box) -> str:
    more = " peripheries=2" if box.final else ""
    more += ' style="rounded,dashed" fontcolor="#6b7684"' if box.kind == _NOTE else ""
    return f"{box.ref} [label={_quoted(box.text)} tooltip={_quoted(box.title)}{more}]"


def _dot_edge(move: _Move) -> str:
    lines = [line for words in _lines(move) for line in textwrap.wrap(_short(words), 30)]
    style = " style=dashed" if move.timed else ""
    title = _quoted(move.title)
    return f"{move.start} -> {move.end} [label={_quoted(*lines)} tooltip={title}{style}]"


def _quoted(*lines: str) -> str:
    """Write lines as one string: Graphviz reads entities and backslashes in it."""
    marks = {"\\": "\\\\", '"': '\\"', "&": "&amp;"}
    return '"' + "\\n".join("".join(marks.get(c, c) for c in line) for line in lines) + '"'


# Markdown


def _merged_rows(read: _Read) -> Iterator[list[str]]:
    place = {box.ref: i for i, box in enumerate(read.boxes)}
    rows: defaultdict[tuple[str, str, str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for move in read.moves:
        note = move.source_text if len(move.sources) > 1 else ""
        for way in move.ways:
            key = (note, move.target_text, way.trigger, way.condition, ", ".join(move.kinds))
            rows[key].append((place[move.start], move.source_text))
    for key, found in rows.items():
        sources = ", ".join(text for _, text in sorted(found))
        yield [_cell(text) for text in (sources, *key[1:])]


def _counted_row(move: _Move) -> list[str]:
    triggers = "<br>".join(_cell(way.trigger) for way in move.ways)
    conditions = "<br>".join(_cell(way.condition) for way in move.ways)
    ends = [_cell(move.source_text), _cell(move.target_text)]
    count = "" if move.figure is None else _figure(move.figure)
    return [*ends, triggers, conditions, ", ".join(move.kinds), count]


_MARKS = re.compile(r"[\\`*\[\]|~$]|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown would take for a mark; an underscore within a word is none."""


def _cell(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text.replace("&", "&amp;"))


# SVG

_BACK = {"reactivation", "win_back", "return"}
_WIDEST_NAME = 24
_WIDTHS = {"when": 20, "if": 24}
_MOST_WAYS = 3
_MOST_LINES = 3


def _picture(read: _Read) -> Picture:
    place = {box.ref: i for i, box in enumerate(read.boxes)}
    most = max((move.figure or Decimal() for move in read.moves), default=Decimal())
    stages = sum(box.kind != _NOTE for box in read.boxes)
    return Picture(
        title=read.name,
        label=f"Lifecycle {read.name}, with {stages:,} stage{'' if stages == 1 else 's'}",
        description=". ".join(move.title for move in read.moves),
        columns=[status.value for status in read.statuses],
        boxes=[
            Box(
                read.statuses.index(box.status),
                _short(box.text, _WIDEST_NAME),
                box.title,
                box.kind,
                box.initial,
                box.final,
            )
            for box in read.boxes
        ],
        arrows=[_arrow(move, place, most) for move in read.moves],
    )


def _arrow(move: _Move, place: Mapping[str, int], most: Decimal) -> Arrow:
    return Arrow(
        place[move.start],
        place[move.end],
        tuple(_label(move)),
        move.title,
        dashed=move.timed,
        back=not _BACK.isdisjoint(move.kinds),
        faint=move.figure == 0,
        weight=_share(move.figure, most) ** 0.5 if move.figure else 0.0,
    )


def _share(figure: Decimal, most: Decimal) -> float:
    with localcontext(Context()):  # whatever the host has set
        return float(figure / most)


def _label(move: _Move) -> Iterator[Line]:
    for way in move.ways[:_MOST_WAYS]:
        yield from _lines_of(way.trigger, "when")
        yield from _lines_of(way.condition, "if")
    if len(move.ways) > _MOST_WAYS:
        yield Line(f"and {len(move.ways) - _MOST_WAYS} more", "if")
    if move.figure is not None:
        yield Line(_figure(move.figure), "count")


def _lines_of(text: str, style: str) -> list[Line]:
    """Break a text into at most three lines, as even as its words allow."""
    wide = _WIDTHS[style]
    lines = textwrap.wrap(text, wide)
    if len(lines) > _MOST_LINES:
        lines = textwrap.wrap(text, wide, max_lines=_MOST_LINES, placeholder="\u2026")
    elif lines:
        tries = range(min(wide, max(map(len, text.split()))), wide + 1)
        lines = next(t for w in tries if len(t := textwrap.wrap(text, w)) == len(lines))
    return [Line(line, style) for line in lines]
