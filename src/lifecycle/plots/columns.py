"""Counts as bars: growth above and below zero, promoters and detractors, a funnel."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle._tables import percent
from lifecycle.errors import InvalidTypeError
from lifecycle.insights import NpsTable, StatusGrowth, StatusGrowthTable
from lifecycle.metrics.conversions import Funnel
from lifecycle.metrics.growth import GrowthRow, GrowthTable
from lifecycle.metrics.nps import Score, WeightedScore
from lifecycle.periods import Calendar
from lifecycle.plots._canvas import (
    DARK,
    FADED,
    GAINS,
    LOSSES,
    bare,
    canvas,
    counted,
    named,
    nothing,
    period_label,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["funnel", "growth", "nps"]


# Growth

_KEPT = {"returning": "#b0b8c4", "retained": "#b0b8c4"}
_WON = {"new": GAINS[0], "resurrected": GAINS[1], "reactivated": GAINS[1]}
_LOST = {
    "dormant": LOSSES[0],
    "lapsed": LOSSES[0],
    "churned": LOSSES[1],
    "stepped_back": LOSSES[2],
}
"""Each kind of a growth table and its color, which is the same in every picture."""


def growth(
    table: GrowthTable | StatusGrowthTable, *, retained: bool = False, ax: "Axes | None" = None
) -> "Axes":
    """Draw growth accounting: who came above zero, who left below, and what that leaves.

    Args:
        table: What `retention.growth` or `insights.growth` returns.
        retained: Whether those who stayed are drawn too; they are many, and make the rest
            small.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, with a bar for each period and kind, and a line for the net change: those
        won less those lost. A kind that nobody is of is left out. A period that is still
        open is pale, and hatched.

    Raises:
        InvalidTypeError: `table` is no such table, `retained` no truth value, or `ax` no axes.
        InvalidValueError: The table has no periods.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle import retention
        >>> spring = Window(date(2026, 3, 1), date(2026, 5, 1))
        >>> orders = [("ann", date(2026, 3, 2)), ("bob", date(2026, 4, 9))]
        >>> table = retention.growth(orders, calendar=Calendar(), window=spring)
        >>> [int(bar.get_height()) for bar in growth(table).patches]
        [1, 1, 0, -1]
    """
    if not isinstance(retained, bool):
        raise InvalidTypeError("retained", retained, "be True or False")
    if not isinstance(table, GrowthTable | StatusGrowthTable):
        raise refused("table", table, "a table of retention.growth or insights.growth")
    rows: Sequence[GrowthRow | StatusGrowth] = table.rows
    nothing("table", rows)
    ax = canvas(ax, (2.0 + 0.5 * max(len(rows), 6), 4.0))
    colors = {**(_KEPT if retained else {}), **_WON, **_LOST}
    kinds = [kind for kind in colors if any(getattr(row, kind, 0) for row in rows)]
    above, below = [0] * len(rows), [0] * len(rows)
    for kind in kinds:
        loses = kind in _LOST
        heights = [-getattr(row, kind) if loses else getattr(row, kind) for row in rows]
        bases = below if loses else above
        bars = ax.bar(
            range(len(rows)),
            heights,
            bottom=bases,
            color=colors[kind],
            edgecolor="white",
            linewidth=0.6,
            width=0.75,
            label=kind.replace("_", " "),
        )
        for bar, row in zip(bars, rows, strict=True):
            if row.open:
                bar.set(alpha=0.55, hatch="////", edgecolor=FADED)
        bases[:] = [base + height for base, height in zip(bases, heights, strict=True)]
    net = [_sum(row, kinds, _WON) - _sum(row, kinds, _LOST) for row in rows]
    ax.plot(range(len(rows)), net, color=DARK, marker="D", markersize=4, label="net change")
    _periods(ax, table.calendar, rows)
    counted(ax.yaxis)
    ax.axhline(0, color=DARK, linewidth=0.8)
    ax.use_sticky_edges = False  # so that no bar touches the frame
    ax.margins(y=0.06)
    bare(ax, "left")
    ax.set_ylabel("customers")
    ax.set_title(f"Growth by {table.calendar.grain}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax


def _sum(row: GrowthRow | StatusGrowth, kinds: Sequence[str], among: Mapping[str, str]) -> int:
    return sum(int(getattr(row, kind)) for kind in kinds if kind in among)


def _periods(ax: "Axes", calendar: Calendar, rows: Sequence[GrowthRow | StatusGrowth]) -> None:
    step = 1 + len(rows) // 25
    labels = [
        f"{period_label(calendar, row.period)}{' (so far)' if row.open else ''}" for row in rows
    ]
    ax.set_xticks(range(0, len(rows), step), labels[::step], rotation=45, ha="right")
    ax.tick_params(axis="x", length=0)


# Net promoter score

_PARTS = {
    "detractors": (LOSSES[1], -1),
    "promoters": (GAINS[0], 1),
}


def nps(
    scores: Score | WeightedScore | Mapping[Any, Score | WeightedScore] | NpsTable,
    *,
    level: float = 0.95,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw net promoter scores: detractors left of zero, promoters right, the score between.

    Args:
        scores: What `nps.score` or `nps.weighted` returns, a mapping from labels to scores, as
            `nps.by_group` returns it, or what `insights.nps_by_stage` returns.
        level: The confidence level of the intervals, strictly between 0 and 1.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, from -100 to 100: a bar for each group, and its score with its interval.
        The label says how many answered; of a weighted score, how many effective answers it
        has. A group without answers has no bar.

    Raises:
        InvalidTypeError: `scores` is none of these, or `ax` no axes.
        InvalidValueError: There is no score, or `level` is outside (0, 1).
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle.metrics.nps import Score, WeightedScore
        >>> ax = nps(Score(promoters=70, passives=20, detractors=10))
        >>> [round(bar.get_width()) for bar in ax.patches]
        [-10, 70]
        >>> ax.texts[0].get_text()
        '60'
    """
    found = _scores(scores)
    intervals = [score.interval(level) for score in found.values()]
    ax = canvas(ax, (8.0, 1.6 + 0.6 * len(found)))
    for y, (score, interval) in enumerate(zip(found.values(), intervals, strict=True)):
        if interval is None or score.points is None:
            continue
        for part, (color, side) in _PARTS.items():
            width = 100 * side * getattr(score, part) / _size(score)
            ax.barh(y, width, color=color, height=0.6, label=part)
        low, high = 100 * interval.low, 100 * interval.high
        ax.plot([low, high], [y, y], color="white", linewidth=5, solid_capstyle="butt")
        ax.plot([low, high], [y, y], color=DARK, linewidth=2, solid_capstyle="butt")
        ax.plot(score.points, y, marker="o", markersize=7, color="white", markeredgecolor=DARK)
        ax.text(score.points, y - 0.36, f"{score.points:.0f}", ha="center", va="bottom")
    ax.axvline(0, color=DARK, linewidth=0.8)
    ax.set_xlim(-100, 100)
    ax.set_ylim(len(found) - 0.4, -0.75)
    ax.set_yticks(range(len(found)), [_answers(*group) for group in found.items()])
    ax.tick_params(axis="y", length=0)
    bare(ax, "bottom")
    ax.set_xlabel(f"percent of answers; the score with its {level:.0%} interval")
    ax.set_title("Net promoter score")
    _legend_of_parts(ax)
    return ax


def _scores(scores: Any) -> Mapping[str, Score | WeightedScore]:
    accepted = "a Score, a mapping from labels to Score, or a table of insights.nps_by_stage"
    if isinstance(scores, Score | WeightedScore):
        found: Mapping[str, Any] | None = {"all answers": scores}
    elif isinstance(scores, NpsTable):
        found = named("scores", {row.stage: row.score for row in scores.rows}, accepted)
    else:
        found = named("scores", scores, "at least one Score")
    if found is None or not all(isinstance(one, Score | WeightedScore) for one in found.values()):
        raise refused("scores", scores, accepted)
    return found


def _size(score: Score | WeightedScore) -> float:
    return score.respondents if isinstance(score, Score) else score.n


def _answers(label: str, score: Score | WeightedScore) -> str:
    if isinstance(score, Score):
        return f"{label}\n{score.respondents:,} answers, {score.passives:,} passive"
    return f"{label}\n{score.n:,.1f} effective answers, {score.passives:,.1f} passive"


def _legend_of_parts(ax: "Axes") -> None:
    bars = dict(zip(*reversed(ax.get_legend_handles_labels()), strict=True))
    if bars:
        ax.legend(
            bars.values(),
            bars.keys(),
            loc="upper left",
            bbox_to_anchor=(1.0, 1.0),
            frameon=False,
        )


# Funnels


def funnel(result: Funnel, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a funnel: how many customers reached each step, and how many of those before.

    Args:
        result: What `funnel.funnel` or `insights.funnel` returns.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, with a bar for each step, from the first down, and its figures above it.
        What is pale was lost on the way from the step before. Below the bars stands how many
        customers are open, and so in none of them.

    Raises:
        InvalidTypeError: `result` is no `Funnel`, or `ax` no axes.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle.metrics import funnel as funnels
        >>> log = [("ann", date(2026, 1, 1), "cart"), ("ann", date(2026, 1, 2), "paid")]
        >>> log += [("bob", date(2026, 1, 1), "cart")]
        >>> ax = funnel(funnels.funnel(log, steps=("cart", "paid")))
        >>> [text.get_text() for text in ax.texts]
        ['2', '1   50.0% of cart']
    """
    if not isinstance(result, Funnel):
        raise refused("result", result, "a Funnel, as funnel.funnel returns it")
    steps = result.steps
    ax = canvas(ax, (8.0, 1.2 + 0.7 * len(steps)))
    most = max(1, steps[0].reached)
    for y, step in enumerate(steps):
        ax.barh(y, step.reached, color=GAINS[0], height=0.5)
        ax.barh(y, step.drop_off, left=step.reached, color=GAINS[2], height=0.5)
        words = f"{step.reached:,}"
        if y:
            share = percent(step.conversion_from_previous.value) or "none"
            words += f"   {share} of {steps[y - 1].event}"
        ax.text(0, y - 0.28, words, va="bottom")  # above the bar, where any axes have room
    bare(ax)
    ax.set_xlim(0, most)
    ax.set_ylim(len(steps) - 0.6, -0.7)
    ax.set_xticks([])
    if result.open:
        ax.set_xlabel(f"{len(result.open):,} open, in no bar")
    ax.set_yticks(range(len(steps)), [step.event for step in steps])
    ax.tick_params(axis="y", length=0)
    ax.set_title("Customers by step")
    return ax
