"""What type checkers know of pictures; this file is checked, and never run."""

from typing import assert_type

from matplotlib.axes import Axes

from lifecycle import Lifecycle, StageChange, plots
from lifecycle.insights import TransitionTable
from lifecycle.metrics.funnel import FunnelTable
from lifecycle.metrics.nps import Score
from lifecycle.metrics.retention import CohortTable, GrowthTable
from lifecycle.metrics.survival import SurvivalCurve
from lifecycle.models import TrackingTable


def pictures(  # noqa: PLR0913, PLR0917  (one of each)
    shop: Lifecycle,
    changes: tuple[StageChange, ...],
    moves: TransitionTable,
    cohorts: CohortTable,
    growth: GrowthTable,
    score: Score,
    curve: SurvivalCurve,
    carts: FunnelTable,
    followed: TrackingTable,
    ax: Axes,
) -> None:
    assert_type(plots.diagram(shop, counts=changes, ax=ax), Axes)
    assert_type(plots.diagram(shop, counts=moves), Axes)
    assert_type(plots.cohorts(cohorts), Axes)
    assert_type(plots.growth(growth, retained=True), Axes)
    assert_type(plots.nps({"web": score}, level=0.9), Axes)
    assert_type(plots.survival({"web": curve}, unit="days"), Axes)
    assert_type(plots.funnel(carts), Axes)
    assert_type(plots.flows(changes, stayed=False), Axes)
    assert_type(plots.tracking(followed, cumulative=False), Axes)
    plots.cohorts(growth)  # type: ignore[arg-type]
    plots.cohorts(cohorts, ax)  # type: ignore[call-arg]
