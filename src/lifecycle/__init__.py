"""Run and measure customer lifecycles.

One lifecycle definition says what the stages mean; the engine, the metrics and the
value models all read it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lifecycle._lengths import Period
from lifecycle.engine.changes import Deadline, Outcome, StageChange
from lifecycle.engine.conditions import (
    attribute,
    count,
    days_since,
    entries,
    event_attribute,
    mean,
    previous,
    total,
    value,
)
from lifecycle.engine.customers import Customer
from lifecycle.engine.dates import At, at
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.enrollments import Enrollment
from lifecycle.engine.events import Event
from lifecycle.engine.falls import Fall, falls
from lifecycle.engine.milestones import Milestone
from lifecycle.engine.so_far import SoFar
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, Timeout, Transition, dwell, idle

if TYPE_CHECKING:
    from lifecycle import insights, models, plots, rates, testing
    from lifecycle._discounts import Discount
    from lifecycle._groups import Groups
    from lifecycle.engine import codec, diagrams, presets
    from lifecycle.engine.clocks import Clock
    from lifecycle.engine.decisions import Decision, Reason
    from lifecycle.engine.findings import Finding
    from lifecycle.engine.journeys import Correction, Journey, Stay
    from lifecycle.insights import CustomerBase
    from lifecycle.logs import EventLog
    from lifecycle.metrics import clv, funnel, markov, nps, retention, revenue, rfm, survival
    from lifecycle.periods import Calendar, Until, Window
    from lifecycle.rates import Estimate, Interval, Rate, Ratio

__version__ = "0.1.0.dev0"
__all__ = [
    "ANY",
    "At",
    "Calendar",
    "Clock",
    "Correction",
    "Customer",
    "CustomerBase",
    "Deadline",
    "Decision",
    "Discount",
    "Enrollment",
    "Estimate",
    "Event",
    "EventLog",
    "Fall",
    "Finding",
    "Groups",
    "Interval",
    "Journey",
    "Lifecycle",
    "Milestone",
    "Outcome",
    "Period",
    "Rate",
    "Ratio",
    "Reason",
    "SoFar",
    "Stage",
    "StageChange",
    "Status",
    "Stay",
    "Timeout",
    "Transition",
    "Until",
    "Window",
    "at",
    "attribute",
    "clv",
    "codec",
    "count",
    "days_since",
    "diagrams",
    "dwell",
    "entries",
    "event_attribute",
    "falls",
    "funnel",
    "idle",
    "insights",
    "markov",
    "mean",
    "models",
    "nps",
    "plots",
    "presets",
    "previous",
    "rates",
    "retention",
    "revenue",
    "rfm",
    "survival",
    "testing",
    "total",
    "value",
]

_LATER = {
    "clv": "lifecycle.metrics",
    "codec": "lifecycle.engine",
    "diagrams": "lifecycle.engine",
    "insights": "lifecycle",
    "funnel": "lifecycle.metrics",
    "markov": "lifecycle.metrics",
    "models": "lifecycle",
    "nps": "lifecycle.metrics",
    "plots": "lifecycle",
    "presets": "lifecycle.engine",
    "rates": "lifecycle",
    "retention": "lifecycle.metrics",
    "revenue": "lifecycle.metrics",
    "rfm": "lifecycle.metrics",
    "survival": "lifecycle.metrics",
    "testing": "lifecycle",
    "Calendar": "lifecycle.periods",
    "Clock": "lifecycle.engine.clocks",
    "Correction": "lifecycle.engine.journeys",
    "CustomerBase": "lifecycle.insights",
    "Decision": "lifecycle.engine.decisions",
    "Discount": "lifecycle._discounts",
    "Reason": "lifecycle.engine.decisions",
    "Finding": "lifecycle.engine.findings",
    "Groups": "lifecycle._groups",
    "Estimate": "lifecycle.rates",
    "EventLog": "lifecycle.logs",
    "Interval": "lifecycle.rates",
    "Journey": "lifecycle.engine.journeys",
    "Rate": "lifecycle.rates",
    "Ratio": "lifecycle.rates",
    "Stay": "lifecycle.engine.journeys",
    "Until": "lifecycle.periods",
    "Window": "lifecycle.periods",
}
"""What is loaded when it is first used, and from where, so that importing stays quick."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        message = f"module 'lifecycle' has no attribute {name!r}"
        raise AttributeError(message)
    home = _LATER[name]
    if name.islower():
        return import_module(f"{home}.{name}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return __all__
