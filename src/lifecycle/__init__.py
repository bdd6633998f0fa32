"""Run and measure customer lifecycles.

One lifecycle definition says what the stages mean; the engine, the metrics and the
value models all read it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lifecycle.engine.changes import Deadline, Decision, Outcome, Reason, StageChange
from lifecycle.engine.conditions import attribute, count, event_attribute, mean, total, value
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Correction, Journey, Stay
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, Timeout, Transition, dwell, idle
from lifecycle.periods import Period

if TYPE_CHECKING:
    from lifecycle import rates
    from lifecycle.engine import presets

__version__ = "0.1.0.dev0"
__all__ = [
    "ANY",
    "Correction",
    "Customer",
    "Deadline",
    "Decision",
    "Event",
    "Journey",
    "Lifecycle",
    "Outcome",
    "Period",
    "Reason",
    "Stage",
    "StageChange",
    "Status",
    "Stay",
    "Timeout",
    "Transition",
    "attribute",
    "count",
    "dwell",
    "event_attribute",
    "idle",
    "mean",
    "presets",
    "rates",
    "total",
    "value",
]

_TOPICS = {"presets": "lifecycle.engine.presets", "rates": "lifecycle.rates"}
"""Modules that are loaded when they are first used, so that importing the engine stays quick."""


def __getattr__(name: str) -> Any:
    if name in _TOPICS:
        return import_module(_TOPICS[name])
    message = f"module 'lifecycle' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return __all__
