"""Charts as pictures: boxes in columns, and the arrows between them."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from lifecycle.engine._drawing.chart import NOTE, Chart, Move
from lifecycle.engine._drawing.words import in_figures, short

__all__ = ["Arrow", "Line", "Node", "Picture", "picture_of"]

_BACK = {"reactivation", "win_back", "return"}
_WIDEST_NAME = 24
_WIDTHS = {"when": 20, "if": 24}
_MOST_WAYS = 3
_MOST_LINES = 3


class Line(NamedTuple):
    """A line of text, and how it is set: "when", "if" or "count"."""

    text: str
    style: str


class Node(NamedTuple):
    """A box in a column: of the kind of its column, or a "note"."""

    column: int
    text: str
    title: str
    kind: str
    initial: bool = False
    final: bool = False


class Arrow(NamedTuple):
    """An arrow between two nodes, by their positions; `weight` is between 0 and 1."""

    source: int
    target: int
    label: Sequence[Line]
    title: str
    dashed: bool = False
    back: bool = False
    faint: bool = False
    weight: float = 0.0


class Picture(NamedTuple):
    """All that is drawn; nodes of one column stand in the order given."""

    title: str
    label: str
    description: str
    columns: Sequence[str]
    nodes: Sequence[Node]
    arrows: Sequence[Arrow]


def picture_of(chart: Chart) -> Picture:
    """Return what is drawn of a chart: boxes in columns, and the arrows between them."""
    order = {place.ref: i for i, place in enumerate(chart.places)}
    most = max((move.figure or Decimal() for move in chart.moves), default=Decimal())
    stages = sum(place.kind != NOTE for place in chart.places)
    return Picture(
        title=chart.name,
        label=f"Lifecycle {chart.name}, with {stages:,} stage{'' if stages == 1 else 's'}",
        description=". ".join([*(move.title for move in chart.moves), *_reminders(chart)]),
        columns=[status.value for status in chart.statuses],
        nodes=[
            Node(
                chart.statuses.index(place.status),
                short(place.text, _WIDEST_NAME),
                place.title,
                place.kind,
                place.initial,
                place.final,
            )
            for place in chart.places
        ],
        arrows=[_arrow(move, order, most) for move in chart.moves],
    )


def _reminders(chart: Chart) -> Iterator[str]:
    for place in chart.places:
        for reminder in place.reminders:
            yield f"{place.text}: milestone {reminder.sentence}"


def _arrow(move: Move, order: Mapping[str, int], most: Decimal) -> Arrow:
    return Arrow(
        order[move.start],
        order[move.end],
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


def _label(move: Move) -> Iterator[Line]:
    for way in move.ways[:_MOST_WAYS]:
        yield from _lines_of(way.trigger, "when")
        yield from _lines_of(way.condition, "if")
    if len(move.ways) > _MOST_WAYS:
        yield Line(f"and {len(move.ways) - _MOST_WAYS} more", "if")
    if move.figure is not None:
        yield Line(in_figures(move.figure), "count")


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
