"""Pictures of results, drawn with matplotlib: the extra `plots`.

Each function takes a result and draws it into `ax`, or into a figure of its own, and
returns the axes, on which everything of matplotlib can follow. Differences are told by
lightness, hatching or line style too, so that they are seen in grey and by everyone.
"""

from lifecycle.plots.cohort_map import cohorts
from lifecycle.plots.columns import funnel, growth, nps
from lifecycle.plots.lines import survival, tracking
from lifecycle.plots.ribbons import flows
from lifecycle.plots.stage_diagram import diagram

__all__ = ["cohorts", "diagram", "flows", "funnel", "growth", "nps", "survival", "tracking"]
