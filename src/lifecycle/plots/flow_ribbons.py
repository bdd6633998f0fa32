"""Where customers go: ribbons from stage to stage, as wide as the flow."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle import _checks
from lifecycle.engine.changes import StageChange
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights import TransitionTable
from lifecycle.metrics.markov import Chain
from lifecycle.plots._canvas import DARK, canvas, color_of, matplotlib, refused

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["flows"]

_ACCEPTED = (
    "a Chain, a table of CustomerBase.transition_counts, a mapping from (source, target) to a "
    "number, or stage changes"
)


def flows(moves: Any, *, stayed: bool = True, ax: "Axes | None" = None) -> "Axes":
    """Draw flows between stages: where they begin on the left, where they end on the right.

    Args:
        moves: What `CustomerBase.transition_counts` returns, whose periods are added up; a
            `markov.Chain`, whose counts are drawn where it has some, else its
            probabilities; a mapping from (source, target) to a number; or stage changes,
            which are counted.
        stayed: Whether to draw those who ended where they began.
        ax: Where to draw; a new figure by default.

    Returns:
        The axes, without a frame: a ribbon for each pair of stages, as wide as its flow, and
        next to each stage the number of moves from or to it. Stages are in the order in which they
        are given, sources before stages where moves only end.

    Raises:
        InvalidTypeError: `moves` is not one of these, `stayed` is not a bool, or
            `ax` is not an `Axes`.
        InvalidValueError: Nothing moved, or a number is negative or not finite.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> ax = flows({("lead", "buyer"): 30, ("lead", "lost"): 70, ("buyer", "lost"): 10})
        >>> [text.get_text() for text in ax.texts]
        ['lead  100', 'buyer  10', '30  buyer', '80  lost']
    """
    if not isinstance(stayed, bool):
        raise InvalidTypeError("stayed", stayed, "be True or False")
    given = _read(moves)
    counts = {
        pair: number for pair, number in given.items() if number and (stayed or pair[0] != pair[1])
    }
    if not counts:
        raise InvalidValueError("moves", "no flow", "hold a move")
    names = tuple(dict.fromkeys(name for side in zip(*given, strict=True) for name in side))
    left, right = _stacked(counts, names, 0), _stacked(counts, names, 1)
    tallest = max(len(left), len(right))
    ax = canvas(ax, (7.5, max(3.0, 0.75 * tallest)))
    colors = {name: color_of(i) for i, name in enumerate(names)}
    for column, x, ha in ((left, 0.0, "right"), (right, 1.0, "left")):
        for name, spot in column.items():
            _draw_block(ax, spot, x, colors[name])
            words = _figure(spot.size)
            said = f"{name}  {words}" if ha == "right" else f"{words}  {name}"
            side = -0.03 if ha == "right" else 0.03
            ax.text(x + side, spot.middle, said, ha=ha, va="center", parse_math=False)
    _ribbons(ax, counts, left, right, colors)
    ax.set_axis_off()
    ax.set_xlim(-0.35, 1.35)
    ax.set_ylim(max(_end(left), _end(right)), 0)
    ax.set_title("Flows between stages")
    return ax


class _Block(NamedTuple):
    """A stage in a column: from where, and how high."""

    top: float
    size: float

    @property
    def middle(self) -> float:
        return self.top + self.size / 2


_Counts = Mapping[tuple[str, str], float]


def _read(moves: Any) -> _Counts:
    if isinstance(moves, Chain):
        table = getattr(moves, "counts", moves.matrix)
        return {
            (source, target): table[i][j]
            for i, source in enumerate(moves.states)
            for j, target in enumerate(moves.states)
        }
    found: dict[tuple[str, str], float] = {}
    for source, target, number in _rows(moves):
        found[source, target] = found.get((source, target), 0) + number
    return found


def _rows(moves: Any) -> Iterable[tuple[str, str, float]]:
    """Read moves with a number each; those who had not left yet ended where they began."""
    if isinstance(moves, Mapping):
        return [_pair(pair, number) for pair, number in moves.items()]
    if isinstance(moves, TransitionTable):
        return [
            (row.source, row.source if row.target is None else row.target, row.count)
            for row in moves.rows
        ]
    if isinstance(moves, str) or not isinstance(moves, Iterable):
        raise refused("moves", moves, _ACCEPTED)
    changes = [_change(f"moves[{i}]", change) for i, change in enumerate(moves)]
    return [(change.source, change.target, 1) for change in changes if change.is_move]


def _pair(pair: Any, number: Any) -> tuple[str, str, float]:
    if not isinstance(pair, tuple) or len(pair) != 2:  # noqa: PLR2004  (a pair is two)
        raise InvalidTypeError("a key of moves", pair, "be a pair (source, target)")
    found = float(_checks.number(f"moves[{pair!r}]", number))
    if found < 0:
        raise InvalidValueError(f"moves[{pair!r}]", number, "be at least 0")
    return _checks.name("source", pair[0]), _checks.name("target", pair[1]), found


def _change(argument: str, change: Any) -> StageChange:
    if not isinstance(change, StageChange):
        raise refused(argument, change, "a StageChange")
    return change


def _stacked(counts: _Counts, names: Sequence[str], side: int) -> dict[str, _Block]:
    """Put the stages of one side one below the other, with gaps between them."""
    sizes = {
        name: sum(number for pair, number in counts.items() if pair[side] == name) for name in names
    }
    shown = {name: size for name, size in sizes.items() if size}
    gap = 0.06 * sum(shown.values())
    tops = accumulate((size + gap for size in shown.values()), initial=gap)
    return {name: _Block(top, size) for (name, size), top in zip(shown.items(), tops, strict=False)}


def _end(column: Mapping[str, _Block]) -> float:
    last = list(column.values())[-1]
    return last.top + last.size + column[next(iter(column))].top


def _draw_block(ax: "Axes", spot: _Block, x: float, color: str) -> None:
    patches = matplotlib("patches")
    ax.add_patch(
        patches.Rectangle((x - 0.02, spot.top), 0.04, spot.size, facecolor=color, edgecolor=DARK)
    )


def _ribbons(
    ax: "Axes",
    counts: _Counts,
    left: Mapping[str, _Block],
    right: Mapping[str, _Block],
    colors: Mapping[str, str],
) -> None:
    """Draw each flow as a band between two blocks; those of a block are one below the other."""
    patches, path = matplotlib("patches"), matplotlib("path").Path
    begun = {name: spot.top for name, spot in left.items()}
    ended = {name: spot.top for name, spot in right.items()}
    codes = [path.MOVETO, *[path.CURVE4] * 3, path.LINETO, *[path.CURVE4] * 3, path.CLOSEPOLY]
    for source in left:
        for target in right:
            number = counts.get((source, target), 0)
            if not number:
                continue
            y, to = begun[source], ended[target]
            points = [(0.02, y), (0.5, y), (0.5, to), (0.98, to), (0.98, to + number)]
            points += [(0.5, to + number), (0.5, y + number), (0.02, y + number), (0.02, y)]
            ax.add_patch(
                patches.PathPatch(
                    path(points, codes), facecolor=colors[source], edgecolor="white", alpha=0.45
                )
            )
            begun[source], ended[target] = y + number, to + number


def _figure(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.3g}"
