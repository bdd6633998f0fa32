"""Charts as Mermaid state diagrams."""

import re
from collections.abc import Iterator, Sequence

from lifecycle.engine._drawing.chart import NOTE, Chart, Move, Place, label_lines
from lifecycle.engine._drawing.palette import PALETTE
from lifecycle.engine._drawing.words import short

__all__ = ["write"]

_DASHED = ",stroke-dasharray:4 3"


def write(chart: Chart) -> str:
    """Return a chart as the text of a `stateDiagram-v2`."""
    lines = [
        "stateDiagram-v2",
        "direction LR",
        f"accTitle: {_text(chart.name)}",
        *(f'state "{_text(place.text)}" as {place.ref}' for place in chart.places),
        f"[*] --> {chart.initial}",
        *(f"{move.start} --> {move.end} : {_label(move)}" for move in chart.moves),
        *(f"{place.ref} --> [*]" for place in chart.places if place.final),
        *(
            f"note right of {place.ref} : {_note(place)}"
            for place in chart.places
            if place.reminders
        ),
        *_classes(chart.places),
    ]
    return "\n    ".join(lines)


def _classes(places: Sequence[Place]) -> Iterator[str]:
    for kind, shade in PALETTE.items():
        refs = [place.ref for place in places if place.kind == kind]
        if refs:
            style = f"fill:{shade.fill},stroke:{shade.line},color:{shade.text}"
            yield f"classDef {kind} {style}{_DASHED if kind == NOTE else ''}"
            yield f"class {','.join(refs)} {kind}"


def _label(move: Move) -> str:
    return "<br/>".join(_text(short(words)) for words in label_lines(move))


def _note(place: Place) -> str:
    return "<br/>".join(_text(short(reminder.sentence)) for reminder in place.reminders)


_HARMLESS = re.compile(r"[^\W_]|[ _.,()]")
_DIRECTION = re.compile(r"d(?=irection)", re.IGNORECASE)
"""Mermaid takes "direction TB" for a command wherever it stands."""


def _text(text: str) -> str:
    """Write all but letters, digits and harmless marks as Mermaid's entities: `#58;`."""
    found = "".join(c if _HARMLESS.match(c) else f"#{ord(c)};" for c in text)
    return _DIRECTION.sub(lambda d: f"#{ord(d[0])};", found)
