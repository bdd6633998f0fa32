"""Charts as Graphviz graphs."""

import textwrap
from collections.abc import Iterator, Sequence

from lifecycle.engine._drawing.chart import NOTE, Chart, Move, Place, label_lines
from lifecycle.engine._drawing.palette import PALETTE
from lifecycle.engine._drawing.words import short
from lifecycle.engine.stages import Status

__all__ = ["write"]

_HEAD = (
    'rankdir=LR bgcolor="transparent" fontname="sans-serif" fontcolor="#6b7684"',
    'node [shape=box style="rounded,filled" fontname="sans-serif" fontcolor="#24292f"]',
    'edge [fontname="sans-serif" fontsize=11 color="#6b7684" fontcolor="#6b7684"]',
    'start [shape=point width=0.12 color="#6b7684" tooltip="customers begin here"]',
)


def write(chart: Chart) -> str:
    """Return a chart as a `digraph`, with a cluster for each status."""
    lines = [
        f"digraph {_quoted(chart.name)} {{",
        *_HEAD,
        *(line for status in chart.statuses for line in _cluster(status, chart.places)),
        f"start -> {chart.initial}",
        *(_edge(move) for move in chart.moves),
    ]
    return "\n  ".join(lines) + "\n}"


def _cluster(status: Status, places: Sequence[Place]) -> Iterator[str]:
    shade = PALETTE[status.value]
    yield f"subgraph cluster_{status.value} {{"
    yield f'  label="{status.value}" style="rounded" color="{shade.line}"'
    yield f'  node [fillcolor="{shade.fill}" color="{shade.line}"]'
    for place in places:
        if place.status is status:
            yield f"  {_node(place)}"
    yield "}"


def _node(place: Place) -> str:
    more = " peripheries=2" if place.final else ""
    more += ' style="rounded,dashed" fontcolor="#6b7684"' if place.kind == NOTE else ""
    return f"{place.ref} [label={_quoted(place.text)} tooltip={_quoted(place.title)}{more}]"


def _edge(move: Move) -> str:
    lines = [line for words in label_lines(move) for line in textwrap.wrap(short(words), 30)]
    style = " style=dashed" if move.timed else ""
    title = _quoted(move.title)
    return f"{move.start} -> {move.end} [label={_quoted(*lines)} tooltip={title}{style}]"


def _quoted(*lines: str) -> str:
    """Write lines as one string: Graphviz reads entities and backslashes in it."""
    marks = {"\\": "\\\\", '"': '\\"', "&": "&amp;"}
    return '"' + "\\n".join("".join(marks.get(c, c) for c in line) for line in lines) + '"'
