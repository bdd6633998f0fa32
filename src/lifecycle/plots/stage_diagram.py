"""A lifecycle as boxes and arrows: the same picture as `diagrams.svg` draws."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.engine._drawing.chart import Counts
from lifecycle.engine._drawing.layout import Entry, Layout, legend, tip, toward, width_of
from lifecycle.engine._drawing.palette import PALETTE
from lifecycle.engine._drawing.picture import Arrow, Line, Node
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.diagrams import picture
from lifecycle.insights import TransitionTable
from lifecycle.plots._canvas import DARK, canvas, matplotlib, refused

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["diagram"]

_BACK = "#1f7a4a"
_PIXELS = 96.0
"""How many of the layout's units are an inch in a new figure."""

_SIZES = {"name": 13.0, "when": 12.0, "if": 11.0, "count": 12.0, "head": 11.0, "final": 11.0}
_BOLD = ("name", "count", "head")
_LEADING = 14.0


def diagram(
    lifecycle: Lifecycle,
    *,
    counts: Counts | TransitionTable | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw a lifecycle: its stages, its transitions, and how many customers moved.

    Args:
        lifecycle: The lifecycle to draw.
        counts: How often customers moved: what `CustomerBase.transition_counts` returns, a number
            for each pair of a source and a target, or stage changes, which are counted. Lines
            are wider where more customers moved.
        ax: Where to draw; a new figure of the size of the picture by default.

    Returns:
        The axes, without a frame. Texts are as large as the axes were when it was drawn.

    Raises:
        LifecycleError: As `diagrams.svg`.
        InvalidTypeError: `lifecycle` is not a `Lifecycle`, or `ax` is not an `Axes`.
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle import presets
        >>> ax = diagram(presets.retail(), counts={("prospect", "new"): 120})
        >>> ax.get_title()
        'retail'
    """
    if not isinstance(lifecycle, Lifecycle):
        raise refused("lifecycle", lifecycle, "a Lifecycle")
    moved = counts.counts if isinstance(counts, TransitionTable) else counts
    drawn = picture(lifecycle, moved)
    layout = Layout(drawn)
    entries, width, height = legend(drawn, layout)
    ax = canvas(ax, (width / _PIXELS, (height + 30) / _PIXELS))
    ax.set_axis_off()
    ax.set_aspect("equal")
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_title(drawn.title)
    pen = _Pen(ax, width, height)
    for name, x, wide in zip(drawn.columns, layout.lefts, layout.widths, strict=False):
        pen.rect(x - 10, 8, wide + 20, layout.bottom + 2, 10, fill=PALETTE[name].line, alpha=0.07)
        pen.text(x + wide / 2, 27, name, "head")
    for spot in layout.spots:
        pen.node(spot.node, spot.x, spot.y, spot.width, spot.height)
    for port in layout.starts:
        pen.start(port.x - 20, port.y)
        pen.arrow([(port.x - 20, port.y), (port.x, port.y)])
    for spot, arrow in layout.falls.items():
        pen.fall(arrow, spot.middle, spot.bottom, layout.columns[spot.node.column][spot.row + 1].y)
    for route in layout.routes:
        lane, out = route.lane, route.out
        pen.arrow(route.points, route.arrow)
        if lane is not None:
            middle = layout.lefts[lane.over] + layout.widths[lane.over] / 2
            pen.label(route.arrow.label, middle, lane.y - 6, "center")
        else:
            side, ha = (8, "left") if out.right else (-8, "right")
            pen.label(route.arrow.label, out.x + side, out.y - 6, ha)
    for entry in entries:
        pen.entry(entry)
    return ax


class _Pen:
    """What draws in the units of the layout."""

    def __init__(self, ax: "Axes", width: float, height: float) -> None:
        self.ax = ax
        self.patches = matplotlib("patches")
        self.path = matplotlib("path").Path
        frame = ax.get_window_extent()
        self.points = min(frame.width / width, frame.height / height) * 72 / ax.figure.dpi
        """How many points of text a unit of the layout is."""

    def rect(
        self, x: float, y: float, wide: float, high: float, radius: float, **style: Any
    ) -> None:
        alpha, fill = style.pop("alpha", 1.0), style.pop("fill", None)
        shape = f"round,pad=0,rounding_size={radius}"
        face = "none" if fill is None else matplotlib("colors").to_rgba(fill, alpha)
        given = {"edgecolor": "none", **style}
        self.ax.add_patch(
            self.patches.FancyBboxPatch((x, y), wide, high, boxstyle=shape, facecolor=face, **given)
        )

    def text(self, x: float, y: float, words: str, style: str, ha: str = "center") -> None:
        self.ax.text(
            x,
            y,
            words,
            ha=ha,
            va="baseline",
            fontsize=_SIZES[style] * self.points,
            fontweight="bold" if style in _BOLD else "normal",
            color=DARK,
            parse_math=False,
        )

    def node(self, node: Node, x: float, y: float, wide: float, high: float) -> None:
        color, note = PALETTE[node.kind].line, node.kind == "note"
        line = {"edgecolor": color, "linestyle": "--" if note else "-"}
        wider = 1.5 * self.points
        self.rect(x, y, wide, high, 13 if note else 8, fill="white", linewidth=0)
        self.rect(
            x, y, wide, high, 13 if note else 8, fill=color, alpha=0.22, linewidth=wider, **line
        )
        if node.final:
            self.rect(x + 4, y + 4, wide - 8, high - 8, 5, linewidth=self.points, **line)
            self.text(x + wide / 2, y + high / 2 + 12.5, "final", "final")
        middle = y + high / 2 + 4.5 - (7 if node.final else 0)
        self.text(x + wide / 2, middle, node.text, "when" if note else "name")

    def start(self, x: float, y: float) -> None:
        self.ax.add_patch(self.patches.Circle((x, y), 4.5, facecolor=DARK, edgecolor="none"))

    def fall(self, arrow: Arrow, x: float, top: float, bottom: float) -> None:
        """Draw an arrow straight down to the next box, its line broken by its label."""
        room = len(arrow.label) * _LEADING
        middle = (top + bottom - 4.5) / 2
        self.stroke([(x, top), (x, middle - room / 2 - 2)], arrow)
        self.arrow([(x, middle + room / 2 + 2), (x, bottom)], arrow)
        self.label(arrow.label, x, middle + room / 2 - 3, "center")

    def label(self, lines: Sequence[Line], x: float, last: float, ha: str) -> None:
        for i, line in enumerate(reversed(lines)):
            self.text(x, last - i * _LEADING, line.text, line.style, ha)

    def arrow(self, points: Sequence[tuple[float, float]], arrow: Arrow | None = None) -> None:
        """Draw a line with rounded corners and a tip."""
        base, corners = tip(points, 0.0 if arrow is None else arrow.weight)
        self.stroke([*points[:-1], base], arrow)
        color, alpha = _style(arrow)
        self.ax.add_patch(
            self.patches.Polygon(corners, facecolor=color, edgecolor="none", alpha=alpha)
        )

    def stroke(self, points: Sequence[tuple[float, float]], arrow: Arrow | None) -> None:
        path, codes = [points[0]], [self.path.MOVETO]
        for before, corner, after in zip(points, points[1:], points[2:], strict=False):
            path += [toward(corner, before), corner, toward(corner, after)]
            codes += [self.path.LINETO, self.path.CURVE3, self.path.CURVE3]
        color, alpha = _style(arrow)
        self.ax.add_patch(
            self.patches.PathPatch(
                self.path([*path, points[-1]], [*codes, self.path.LINETO]),
                facecolor="none",
                edgecolor=color,
                alpha=alpha,
                linewidth=width_of(0.0 if arrow is None else arrow.weight) * self.points,
                linestyle=(0, (3.3, 2.7)) if arrow is not None and arrow.dashed else "-",
                capstyle="butt",
            )
        )

    def entry(self, entry: Entry) -> None:
        x, y, sample, words = entry
        shown = Arrow(0, 0, (), "", dashed=sample == "dashed", back=sample == "back")
        if sample == "start":
            self.start(x + 4, y)
        self.arrow([(x, y), (x + 32, y)], shown if sample else shown._replace(weight=1.0))
        self.text(x + 40, y + 4, words, "if", "left")


def _style(arrow: Arrow | None) -> tuple[str, float]:
    """Return the color of an arrow, and how strong it is."""
    if arrow is None:
        return DARK, 1.0
    return _BACK if arrow.back else DARK, 0.4 if arrow.faint else 0.85
