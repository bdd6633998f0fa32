"""A definition in words: what makes customers move, and under which condition."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from lifecycle.engine._measures import MEASURES
from lifecycle.engine.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Criterion,
    Measure,
    Not,
    Sum,
    is_data,
)
from lifecycle.engine.dates import At
from lifecycle.engine.falls import Fall
from lifecycle.engine.milestones import Milestone
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


def wording(way: Transition | Milestone) -> Wording:
    """Say when a transition is taken, or a milestone reached."""
    condition = "" if way.when is None else one_line(_condition(way.when))
    if way.after is None:
        return Wording(one_line(str(way.on)), condition, timed=False)
    return Wording(one_line(_CLOCKS[way.after.clock](way.after)), condition, timed=True)


def _idle(timeout: Timeout) -> str:
    length = _length(timeout.length)
    if timeout.event is None:
        return f"idle {length}"
    return f"no {_either(timeout.names)}{_where(timeout.where)} for {length}"


def _dwell(timeout: Timeout) -> str:
    if isinstance(timeout.length, Until):
        return f"until the {_calendar_period(timeout.length)} ends"
    return f"in stage {_length(timeout.length)}{_ANCHORED[timeout.anchor]}"


def _date(date: At) -> str:
    measure = _measure(date.measure)
    if date.length is None:
        return f"at {measure}"
    return f"{_period(date.length)} {'before' if date.before else 'after'} {measure}"


def _fall(fall: Fall) -> str:
    return f"{_measure(fall.measure)} falls below {_wanted(fall.below)}"


_CLOCKS: Mapping[str, Callable[[Any], str]] = {
    "idle": _idle,
    "dwell": _dwell,
    "at": _date,
    "falls": _fall,
}
"""The time-outs of each clock in words."""


def _length(length: Period | Until) -> str:
    assert isinstance(length, Period)  # noqa: S101  (only dwell waits for a calendar period)
    return _period(length)


_ANCHORED = {"run": "", "entry": ", from the last entry", "enrolled": ", from enrollment"}
"""From where a dwell length counts; the usual is not said."""


def _period(period: Period) -> str:
    units = period.units().items()
    return " ".join(f"{n} {unit.removesuffix('s') if n == 1 else unit}" for unit, n in units)


_OPERATORS = {">=": "\u2265", "<=": "\u2264", "equals": "is", "is_in": "is in"}


def _condition(condition: Condition | Predicate) -> str:
    if not is_data(condition):
        return getattr(condition, "__name__", type(condition).__name__)
    if isinstance(condition, Criterion):
        operator = _OPERATORS.get(condition.operator, condition.operator)
        return f"{_measure(condition.measure)} {operator} {_wanted(condition.wanted)}"
    if isinstance(condition, Not):
        return f"not ({_condition(condition.condition)})"
    word = " and " if isinstance(condition, AllOf) else " or "
    return word.join(map(_part, condition.conditions))


def _part(condition: Condition) -> str:
    words = _condition(condition)
    return f"({words})" if isinstance(condition, AllOf | AnyOf) else words


def _measure(measure: Measure | Sum) -> str:
    if isinstance(measure, Sum):
        added = " + ".join(map(_measure, measure.plus))
        return " \u2212 ".join((added, *map(_measure, measure.minus)))
    scope = " since entry" if measure.since_entry else ""
    scope += "" if measure.within is None else _within(measure.within)
    scope += _where(measure.where)
    return MEASURES[measure.kind].words.format(name=_either(measure.names), scope=scope)


def _within(length: Period | Until) -> str:
    if isinstance(length, Period):
        return f" within {_period(length)}"
    return f" this {_calendar_period(length)}"


def _calendar_period(until: Until) -> str:
    """Say which calendar period, and what is unusual of it."""
    words = until.grain
    if until.year_start > 1:
        words += f" from {_MONTHS[until.year_start - 1]}"
    if until.week_start != Until(until.grain).week_start:
        words += f" from {until.week_start.capitalize()}"
    return words if until.zone is None else f"{words} in {until.zone}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _where(condition: Condition | None) -> str:
    return "" if condition is None else f" where {_part(condition)}"


def _either(names: Iterable[str]) -> str:
    return " or ".join(names)


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
