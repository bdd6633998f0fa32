"""Net promoter scores as bars: detractors left of zero, promoters right."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle._groups import Groups
from lifecycle.insights import NpsTable
from lifecycle.metrics.nps import Score, WeightedScore
from lifecycle.plots._canvas import (
    DARK,
    GAINS,
    LOSSES,
    bare,
    canvas,
    named,
    refused,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["nps"]

_PARTS = {
    "detractors": (LOSSES[1], -1),
    "promoters": (GAINS[0], 1),
}


def nps(
    scores: Score | WeightedScore | Mapping[Any, Score | WeightedScore] | Groups[Any] | NpsTable,
    *,
    level: float = 0.95,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw net promoter scores: detractors left of zero, promoters right, the score between.

    Args:
        scores: What `nps.score` or `nps.weighted` returns, also with `by`, a mapping from labels
            to scores, or what `CustomerBase.nps` returns.
        level: The confidence level of the intervals, strictly between 0 and 1.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, from -100 to 100: a bar for each group, and its score with its interval.
        The label says how many answered; of a weighted score, how many effective answers it
        has. A group without answers has no bar.

    Raises:
        InvalidTypeError: `scores` is not one of these, or `ax` is not an `Axes`.
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
    intervals = [score.interval(level=level) for score in found.values()]
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
    accepted = "a Score, a mapping from labels to Score, or a table of CustomerBase.nps"
    scores = dict(scores.results) if isinstance(scores, Groups) else scores
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
