"""The lifecycles of the literature and of practice, ready to use and to change.

Each preset is a function that returns a `Lifecycle`. Its arguments are keywords: the
thresholds, and the names of the events, so that a log can keep the names it has.
"""

from lifecycle.engine.presets.loyalty import loyalty_tiers
from lifecycle.engine.presets.marketing import (
    awareness_to_advocacy,
    develop_and_advocate,
    engagement,
    five_step,
    six_phase,
    sterne_cutler,
)
from lifecycle.engine.presets.sales import lead_funnel
from lifecycle.engine.presets.subscriptions import subscription
from lifecycle.engine.presets.usage import growth, pirate
from lifecycle.engine.presets.value import retail, value_growth

__all__ = [
    "awareness_to_advocacy",
    "develop_and_advocate",
    "engagement",
    "five_step",
    "growth",
    "lead_funnel",
    "loyalty_tiers",
    "pirate",
    "retail",
    "six_phase",
    "sterne_cutler",
    "subscription",
    "value_growth",
]
