"""Plots of results, drawn with matplotlib: the extra `plots`.

Each function takes a result and draws it into `ax`, by default the axes of a new figure, and
returns the axes, so that anything of matplotlib can follow. Series differ by lightness,
hatching or line style as well as by color, so that they can be distinguished in gray and by
people who are color-blind.
"""

from lifecycle.plots.cohort_map import cohorts
from lifecycle.plots.flow_ribbons import flows
from lifecycle.plots.funnel_bars import funnel
from lifecycle.plots.growth_bars import growth
from lifecycle.plots.nps_bars import nps
from lifecycle.plots.stage_diagram import diagram
from lifecycle.plots.survival_curves import survival
from lifecycle.plots.tracking_lines import tracking

__all__ = ["cohorts", "diagram", "flows", "funnel", "growth", "nps", "survival", "tracking"]
