"""Charts as Markdown tables."""

import re
from collections import defaultdict
from collections.abc import Iterator

from lifecycle.engine._drawing.chart import Chart, Move
from lifecycle.engine._drawing.words import in_figures

__all__ = ["write"]


def write(chart: Chart) -> str:
    """Return a chart as a table; where there are counts, each pair has a row of its own."""
    head, rule = ["From", "To", "When", "Condition", "Change"], ["---"] * 5
    if chart.counted:
        head, rule = [*head, "Count"], [*rule, "---:"]
    rows = [*(map(_counted_row, chart.moves) if chart.counted else _merged_rows(chart))]
    rows += (cells + [""] * chart.counted for cells in _reminder_rows(chart))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _merged_rows(chart: Chart) -> Iterator[list[str]]:
    order = {place.ref: i for i, place in enumerate(chart.places)}
    rows: defaultdict[tuple[str, str, str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for move in chart.moves:
        note = move.source_text if len(move.sources) > 1 else ""
        for way in move.ways:
            key = (note, move.target_text, way.trigger, way.condition, ", ".join(move.kinds))
            rows[key].append((order[move.start], move.source_text))
    for key, found in rows.items():
        sources = ", ".join(text for _, text in sorted(found))
        yield [_cell(text) for text in (sources, *key[1:])]


def _reminder_rows(chart: Chart) -> Iterator[list[str]]:
    for place in chart.places:
        for name, way in place.reminders:
            cells = (place.text, "", way.trigger, way.condition, f"milestone: {name}")
            yield [_cell(text) for text in cells]


def _counted_row(move: Move) -> list[str]:
    triggers = "<br>".join(_cell(way.trigger) for way in move.ways)
    conditions = "<br>".join(_cell(way.condition) for way in move.ways)
    ends = [_cell(move.source_text), _cell(move.target_text)]
    count = "" if move.figure is None else in_figures(move.figure)
    return [*ends, triggers, conditions, ", ".join(move.kinds), count]


_MARKS = re.compile(r"[\\`*\[\]|~$]|<(?=[A-Za-z/!?])|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown would take for a mark; an underscore within a word is none."""


def _cell(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text.replace("&", "&amp;"))
