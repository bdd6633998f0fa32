"""Survival and incidence as curves, with confidence bands."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle._groups import Groups
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights import TimeInStageTable
from lifecycle.metrics.competing_causes import CumulativeIncidence, IncidenceCurve
from lifecycle.metrics.survival_curves import SurvivalCurve
from lifecycle.plots._canvas import (
    bare,
    canvas,
    color_of,
    line_of,
    named,
    nothing,
    refused,
)
from lifecycle.rates import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["survival"]

_MOST_MARKS = 100
"""How many ticks leave the line that they are on visible."""

_ACCEPTED = (
    "a SurvivalCurve, a CumulativeIncidence, a result of CustomerBase.time_in_stage, "
    "or a mapping from labels to curves"
)


def survival(
    curves: SurvivalCurve | CumulativeIncidence | Mapping[Any, SurvivalCurve] | Any,
    *,
    level: float = 0.95,
    unit: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw survival curves, or the incidence of competing causes, with confidence bands.

    Args:
        curves: What `survival.kaplan_meier` returns, a mapping from labels to such curves,
            what `survival.cumulative_incidence` returns, or what `CustomerBase.time_in_stage`
            does, also with `by`; a group without stays has no line.
        level: The confidence level of the bands, strictly between 0 and 1.
        unit: What the durations are counted in, for the axis: "days". By default that of
            `CustomerBase.time_in_stage`, else "time".
        ax: Where to draw; a new figure by default.

    Returns:
        The axes: a line of steps for each curve, from 0 on, a band around it, and a tick
        where customers were censored. A curve with more than 100 censored times has no
        ticks, which would hide the line.

    Raises:
        InvalidTypeError: `curves` is not one of these, `unit` is not text, or
            `ax` is not an `Axes`.
        InvalidValueError: There is no curve, results of `CustomerBase.time_in_stage` are of several
            units, or `level` is outside (0, 1).
        MissingExtraError: matplotlib is not installed.

    Examples:
        >>> from lifecycle.metrics.survival import kaplan_meier
        >>> curve = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
        >>> ax = survival(curve, unit="months")
        >>> [round(float(y), 2) for y in ax.lines[0].get_ydata()]
        [1.0, 0.8, 0.6, 0.3, 0.3]
        >>> ax.get_xlabel()
        'months'
    """
    if unit is not None and not isinstance(unit, str):
        raise InvalidTypeError("unit", unit, "be text, or None")
    given = _given(curves)
    found = _curves(curves, given)
    counted_in = _unit(given)
    bands = {label: curve.interval(level=level) for label, curve in found.items()}
    ends = all(isinstance(curve, IncidenceCurve) for curve in found.values())
    ax = canvas(ax, (8.0, 4.5))
    for i, (label, curve) in enumerate(found.items()):
        start = 0.0 if ends else 1.0
        shares = curve.incidence if isinstance(curve, IncidenceCurve) else curve.survival
        color = color_of(i)
        times = (0.0, *curve.times)
        ax.step(
            times,
            (start, *shares),
            where="post",
            color=color,
            linestyle=line_of(i),
            label=label,
        )
        _band(ax, times, start, shares, bands[label], color)
        if isinstance(curve, SurvivalCurve):
            _censored(ax, curve, color)
    ax.set_xlim(left=0)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    bare(ax, "left", "bottom")
    ax.set_xlabel(unit or counted_in)
    ax.set_ylabel("share that has left" if ends else "share still there")
    title = "Incidence by cause" if ends else "Survival"
    ax.set_title(f"{title}, with {level:.0%} intervals")
    if len(found) > 1:
        ax.legend(frameon=False, loc="best")
    return ax


def _given(curves: Any) -> Any:
    """Return what was given as a mapping from labels, where it is one or holds one."""
    if isinstance(curves, TimeInStageTable):
        return {curves.stage: curves}
    return dict(curves.results) if isinstance(curves, Groups) else curves


def _unit(given: Any) -> str:
    """Return what durations are counted in, as far as is known; curves of two units are refused."""
    results = given.values() if isinstance(given, Mapping) else ()
    units = {f"{one.unit}s" for one in results if isinstance(one, TimeInStageTable)}
    if len(units) > 1:
        raise InvalidValueError("curves", sorted(units), "be of one unit of time")
    return units.pop() if units else "time"


def _curves(curves: Any, given: Any) -> Mapping[str, SurvivalCurve | IncidenceCurve]:
    if isinstance(curves, SurvivalCurve):
        return {"": curves}
    if isinstance(curves, CumulativeIncidence):
        return {str(curve.cause): curve for curve in curves.curves}
    found = named("curves", given, "at least one SurvivalCurve")
    if found is None or not all(
        isinstance(x, SurvivalCurve | TimeInStageTable) for x in found.values()
    ):
        raise refused("curves", curves, _ACCEPTED)
    each = {label: x.curve if isinstance(x, TimeInStageTable) else x for label, x in found.items()}
    drawn = {label: curve for label, curve in each.items() if curve is not None}
    nothing("curves", drawn)
    return drawn


def _censored(ax: "Axes", curve: SurvivalCurve, color: str) -> None:
    """Mark where customers were censored, if the marks leave the line visible."""
    marks = [
        (time, share)
        for time, share, many in zip(curve.times, curve.survival, curve.censored, strict=True)
        if many
    ]
    if 0 < len(marks) <= _MOST_MARKS:
        times, shares = zip(*marks, strict=True)
        ax.plot(times, shares, linestyle="none", marker="|", color=color, markersize=7)


def _band(  # noqa: PLR0913, PLR0917  (a curve and its color)
    ax: "Axes",
    times: Sequence[float],
    start: float,
    shares: Sequence[float],
    intervals: Sequence[Interval | None],
    color: str,
) -> None:
    """Shade an interval; where there is none, nothing is uncertain as far as known."""
    bounds = [
        (share, share) if interval is None else (interval.low, interval.high)
        for share, interval in zip(shares, intervals, strict=True)
    ]
    low, high = ([start, *(bound[side] for bound in bounds)] for side in (0, 1))
    ax.fill_between(times, low, high, step="post", color=color, alpha=0.18, linewidth=0)
