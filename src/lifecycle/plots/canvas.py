"""What all pictures share: axes, colors, how numbers are written, and what is refused."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lifecycle.errors import InvalidTypeError, InvalidValueError, MissingExtraError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "DARK",
    "FADED",
    "GAINS",
    "LINES",
    "LOSSES",
    "SERIES",
    "bare",
    "canvas",
    "has",
    "matplotlib",
    "named",
    "nothing",
    "refused",
]

DARK = "#24292f"
FADED = "#8a94a3"

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#555555")
"""Colors that differ for everyone: those of Okabe and Ito, without the too bright yellow."""

LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (9, 3)))

GAINS = ("#08519c", "#6baed6", "#c6dbef")
LOSSES = ("#a63603", "#f16913", "#fdbe85")
"""From dark to light, and blue beside orange: told apart in grey, and by everyone."""


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
        size: How wide and high a new figure is, in inches.
    """
    if ax is None:
        figure = matplotlib("pyplot").figure(figsize=size, layout="constrained")
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


def has(value: object, *attributes: str) -> bool:
    """Say whether a value has all of some attributes, whatever its type."""
    return all(hasattr(value, attribute) for attribute in attributes)


def refused(argument: str, value: object, accepted: str) -> InvalidTypeError:
    """Return the error for a result that a picture does not show."""
    return InvalidTypeError(argument, value, f"be {accepted}")


def named(argument: str, value: object, accepted: str) -> Mapping[str, Any] | None:
    """Return results by their labels where several were given, None where it is no mapping."""
    if not isinstance(value, Mapping):
        return None
    if not value:
        raise InvalidValueError(argument, value, f"hold {accepted}")
    return {str(label): one for label, one in value.items()}


def nothing(argument: str, rows: Iterable[object]) -> None:
    """Refuse a result without rows, of which no picture can be drawn."""
    if not any(True for _ in rows):
        raise InvalidValueError(argument, "no rows", "have at least one row")
