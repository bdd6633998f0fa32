"""Run and measure customer lifecycles.

One lifecycle definition says what the stages mean; the engine, the metrics and the
value models all read it.
"""

from lifecycle.engine.changes import Deadline, Decision, Outcome, Reason, StageChange
from lifecycle.engine.conditions import attribute, count, event_attribute, mean, total, value
from lifecycle.engine.customers import Customer
from lifecycle.engine.definition import Lifecycle
from lifecycle.engine.events import Event
from lifecycle.engine.journeys import Correction, Journey, Stay
from lifecycle.engine.stages import Stage, Status
from lifecycle.engine.transitions import ANY, Timeout, Transition, dwell, idle
from lifecycle.periods import Period

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
    "total",
    "value",
]
