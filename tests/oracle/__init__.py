"""A naive engine, written from the rules alone: the second opinion on every change.

It keeps all that happened to a customer, and works everything out anew whenever it is asked.
Of a definition it reads what anyone can read, and its arithmetic of dates is its own. The
numbers in the comments are the rules'.
"""

from oracle.clocks import Clock, clocks
from oracle.lives import State
from oracle.steps import (
    Change,
    History,
    Stay,
    advance,
    apply,
    due,
    enroll,
    in_order,
    migrate,
    replay,
)
from oracle.times import instant, label
from oracle.ways import known_names, stage_of

__all__ = [
    "Change",
    "Clock",
    "History",
    "State",
    "Stay",
    "advance",
    "apply",
    "clocks",
    "due",
    "enroll",
    "in_order",
    "instant",
    "known_names",
    "label",
    "migrate",
    "replay",
    "stage_of",
]
