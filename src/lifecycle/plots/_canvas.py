"""What all plots share: axes, colors, number formats, and which results are refused."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lifecycle._tables import in_words
from lifecycle.errors import InvalidTypeError, InvalidValueError, MissingExtraError
from lifecycle.periods import Calendar

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = [
    "DARK",
    "FADED",
    "GAINS",
    "LOSSES",
    "bare",
    "canvas",
    "color_of",
    "counted",
    "line_of",
    "matplotlib",
    "named",
    "nothing",
    "period_label",
    "refused",
]

DARK = "#24292f"
FADED = "#8a94a3"

_SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555")
"""The colors of Okabe and Ito, which color-blind people can tell apart, without yellow."""

_LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (9, 3)))

_LARGEST = (16.0, 12.0)
"""The largest width and height of a new figure, in inches: what a page or screen holds."""

_LABELS: Mapping[str, Callable[[datetime], str]] = {
    "month": lambda start: f"{start:%b %Y}",
    "quarter": lambda start: f"Q{(start.month + 2) // 3} {start.year}",
    "year": lambda start: f"{start.year}",
}
"""How the start of a period is written; by its day where the grain is another."""

GAINS = ("#08519c", "#6baed6", "#c6dbef")
LOSSES = ("#a63603", "#f16913", "#fdbe85")
"""From dark to light, in blue and orange, which also differ in gray."""


def color_of(place: int) -> str:
    """Return the color of a series by its place."""
    return _SERIES[place % len(_SERIES)]


def line_of(place: int) -> Any:
    """Return the dashes of a series by its place: 49 series differ by color or by dashes."""
    return _LINES[(place + place // len(_SERIES)) % len(_LINES)]


def period_label(calendar: Calendar, start: datetime) -> str:
    """Return how a period is written on an axis: "Jul 2025"; a fiscal one by its first month."""
    fiscal = calendar.year_start != 1 and calendar.grain in {"quarter", "year"}
    grain = "month" if fiscal else calendar.grain
    return _LABELS[grain](start) if grain in _LABELS else in_words(start)


def counted(axis: "Axis") -> None:
    """Write the counts on an axis with separators."""
    axis.set_major_formatter(lambda count, _: f"{count:,g}" if abs(count) < 1 else f"{count:,.0f}")


def matplotlib(module: str) -> ModuleType:
    """Return a module of matplotlib, which only pictures need.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        return import_module(f"matplotlib.{module}")
    except ModuleNotFoundError as error:
        raise MissingExtraError("matplotlib", "plots") from error


def canvas(ax: "Axes | None", size: tuple[float, float]) -> "Axes":
    """Return the axes to draw into: those given, or those of a new figure.

    Args:
        ax: Axes of matplotlib, or None.
        size: How wide and high a new figure is, in inches; at most 16 by 12.
    """
    if ax is None:
        within = tuple(map(min, size, _LARGEST))
        figure = matplotlib("pyplot").figure(figsize=within, layout="constrained")
        drawn: Axes = figure.add_subplot()
        return drawn
    kind: type[Axes] = matplotlib("axes").Axes
    if not isinstance(ax, kind):
        raise InvalidTypeError("ax", ax, "be Axes of matplotlib, or None")
    return ax


def bare(ax: "Axes", *sides: str) -> None:
    """Take away the frame of axes but for some sides."""
    for side in ("left", "right", "top", "bottom"):
        ax.spines[side].set_visible(side in sides)


def refused(argument: str, value: object, accepted: str) -> InvalidTypeError:
    """Return the error for a result that a picture does not show."""
    return InvalidTypeError(argument, value, f"be {accepted}")


def named(argument: str, value: object, accepted: str) -> Mapping[str, Any] | None:
    """Return results by their labels where several were given, None where it is not a mapping."""
    if not isinstance(value, Mapping):
        return None
    if not value:
        raise InvalidValueError(argument, value, f"hold {accepted}")
    return {str(label): one for label, one in value.items()}


def nothing(argument: str, rows: Iterable[object]) -> None:
    """Refuse a result without rows, of which no picture can be drawn."""
    if not any(True for _ in rows):
        raise InvalidValueError(argument, "no rows", "have at least one row")
