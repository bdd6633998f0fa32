"""A definition in words: what makes customers move, and under which condition."""

import unicodedata
from decimal import Decimal
from typing import NamedTuple

from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Measure,
    Not,
    is_data,
)
from lifecycle.engine.transitions import Predicate, Timeout, Transition
from lifecycle.periods import Period, Until

__all__ = ["Wording", "in_figures", "one_line", "short", "wording"]


class Wording(NamedTuple):
    """What makes customers move, in words: an event or a time-out, and a condition."""

    trigger: str
    condition: str
    timed: bool

    @property
    def sentence(self) -> str:
        """Both in one sentence."""
        on = self.trigger if self.timed else f"on {self.trigger}"
        return f"{on}, if {self.condition}" if self.condition else on


def wording(transition: Transition) -> Wording:
    """Say when a transition is taken."""
    condition = "" if transition.when is None else one_line(_condition(transition.when))
    if transition.after is None:
        return Wording(one_line(str(transition.on)), condition, timed=False)
    return Wording(one_line(_timeout(transition.after)), condition, timed=True)


def _timeout(timeout: Timeout) -> str:
    if isinstance(timeout.length, Until):
        return f"until the {timeout.length.grain} ends"
    length = _period(timeout.length)
    if timeout.clock == "dwell":
        return f"in stage {length}"
    return f"idle {length}" if timeout.event is None else f"no {timeout.event} for {length}"


def _period(period: Period) -> str:
    units = period.units().items()
    return " ".join(f"{n} {unit.removesuffix('s') if n == 1 else unit}" for unit, n in units)


_OPERATORS = {">=": "\u2265", "<=": "\u2264", "equals": "is", "is_in": "is in"}


def _condition(condition: Condition | Predicate) -> str:
    if not is_data(condition):
        return getattr(condition, "__name__", type(condition).__name__)
    if isinstance(condition, Comparison):
        operator = _OPERATORS.get(condition.operator, condition.operator)
        return f"{_measure(condition.measure)} {operator} {_wanted(condition.wanted)}"
    if isinstance(condition, Not):
        return f"not ({_condition(condition.condition)})"
    word = " and " if isinstance(condition, AllOf) else " or "
    return word.join(map(_part, condition.conditions))


def _part(condition: Condition) -> str:
    words = _condition(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) else words


def _measure(measure: Measure) -> str:
    if measure.kind == "attribute":
        return measure.name
    if measure.kind == "event_attribute":
        return f"event {measure.name}"
    if measure.kind == "value":
        return "value"
    scope = " since entry" if measure.since_entry else ""
    scope += "" if measure.within is None else f" within {_period(measure.within)}"
    return f"{measure.kind}({measure.name}{scope})"


def _wanted(wanted: object) -> str:
    if isinstance(wanted, tuple):
        return ", ".join(map(_wanted, wanted))
    return repr(wanted) if isinstance(wanted, str) else str(wanted)


_UNFIT = "\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What XML refuses, and marks that turn the direction of all text that follows them."""


def one_line(text: str) -> str:
    """Return a text as one line, without what no picture can hold."""
    return " ".join("".join(map(_letter, text)).split())


def _letter(letter: str) -> str:
    if letter.isspace():
        return " "
    bad = unicodedata.category(letter) in ("Cc", "Cs") or letter in _UNFIT
    return "\ufffd" if bad else letter


def short(text: str, most: int = 60) -> str:
    """Return a text cut to this number of letters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}\u2026"


def in_figures(count: Decimal) -> str:
    """Write a count; a fraction with four digits."""
    if count == int(count):
        return f"{int(count):,}"
    small = count < 1000  # noqa: PLR2004  (four digits say enough)
    return f"{float(count):,.4g}" if small else f"{float(count):,.0f}"
