"""Put what `logs.py` measured into docs/speed.md, and draw how time grows with the rows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

__all__ = ["Line", "drawn", "picture", "table", "written"]

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "speed.md"
PICTURE = DOCS / "assets" / "speed-of-logs.svg"
BEGIN, END = "<!-- what benchmarks/logs.py writes: begin -->", "<!-- end -->"
PEERS = ("Polars", "pandas", "DuckDB", "lifelines")
SERIES = {
    "lifecycle": ("#0072b2", "o", "-"),
    "Polars": ("#d55e00", "s", "--"),
    "pandas": ("#009e73", "^", "-."),
    "DuckDB": ("#cc79a7", "D", ":"),
}
"""Colors that color-blind people can tell apart, and marks and dashes that need no color."""


class Line(NamedTuple):
    """What was measured of a question: our seconds, and how many times as long peers take."""

    what: str
    seconds: float
    ratios: Mapping[str, float] = {}
    targets: Mapping[str, float] = {}

    def missed(self, peer: str) -> bool:
        """Say whether a peer has a target that is not met."""
        return self.ratios[peer] < self.targets.get(peer, 0)


def table(lines: Iterable[Line]) -> Iterable[str]:
    """Return the lines of a table: a row for each question, a column for each peer."""
    yield f"| question | a log takes | {' | '.join(PEERS)} | target |"
    yield "| --- " * (3 + len(PEERS)) + "|"
    for line in lines:
        cells = [_cell(line, peer) for peer in PEERS]
        wanted = ", ".join(f"{peer} {_times(each)}" for peer, each in line.targets.items())
        yield f"| {line.what} | {_seconds(line.seconds)} | {' | '.join(cells)} | {wanted} |"


def _cell(line: Line, peer: str) -> str:
    if peer not in line.ratios:
        return ""
    mark = "**" if line.missed(peer) else ""
    return f"{mark}{_times(line.ratios[peer])}{mark}"


def _times(ratio: float) -> str:
    return f"{ratio:.0f} x" if ratio >= 10 else f"{ratio:.2g} x"


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def picture(sizes: Mapping[str, Mapping[str, Mapping[int, float]]]) -> str:
    """Draw seconds against rows, a panel for each question, and return how to show it."""
    drawn(sizes).savefig(PICTURE, metadata={"Date": None, "Creator": None})
    what = " and ".join(sizes)
    return f"![Seconds against rows, both logarithmic: {what}](assets/{PICTURE.name})"


def drawn(sizes: Mapping[str, Mapping[str, Mapping[int, float]]]) -> Any:
    """Draw seconds against rows, a panel for each question."""
    mpl.rcParams.update({"svg.hashsalt": "speed", "font.size": 11, "figure.facecolor": "white"})
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    for ax, (title, took) in zip(
        figure.subplots(1, len(sizes), sharey=True), sizes.items(), strict=True
    ):
        for name, seconds in took.items():
            color, mark, dashes = SERIES[name]
            wide = 2.5 if name == "lifecycle" else 1.5
            ax.plot(
                *zip(*seconds.items(), strict=True),
                color=color,
                marker=mark,
                ls=dashes,
                lw=wide,
                label=name,
            )
        ax.set(xscale="log", yscale="log", xlabel="rows", title=title)
        ax.xaxis.set_major_formatter(lambda rows, _: _short(rows))
        ax.yaxis.set_major_formatter(lambda seconds, _: f"{seconds:g}")
        ax.yaxis.set_minor_formatter("")
        ax.grid(color="#d8dde3", lw=0.6)
        ax.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("seconds")
    figure.axes[0].legend(frameon=False)
    return figure


def _short(rows: float) -> str:
    return f"{rows / 1e6:g}M" if rows >= 1e6 else f"{rows / 1e3:g}k"


def written(parts: Sequence[str]) -> None:
    """Replace what stands between the marks of the page."""
    page, marks = PAGE.read_text(encoding="utf-8"), re.escape(BEGIN) + ".*?" + re.escape(END)
    text = "\n".join((BEGIN, "", *parts, "", END))
    PAGE.write_text(re.sub(marks, lambda _: text, page, flags=re.DOTALL), encoding="utf-8")
