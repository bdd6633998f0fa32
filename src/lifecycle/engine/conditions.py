"""Conditions: data that says when a transition may be taken.

A measure says what is read (`count("purchase")`); comparing it makes a condition
(`count("purchase") >= 3`); `&`, `|` and `~` combine conditions. Nothing is computed
here: `tallies.py` says how each measure is read.
"""

from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from typing import NoReturn, TypeAlias, TypeGuard

import attrs

from lifecycle import _checks
from lifecycle.engine.customers import Customer
from lifecycle.engine.events import Event
from lifecycle.errors import InvalidTypeError
from lifecycle.periods import Period

__all__ = [
    "AllOf",
    "AnyOf",
    "Comparison",
    "Condition",
    "Measure",
    "Not",
    "attribute",
    "count",
    "event_attribute",
    "mean",
    "total",
    "value",
]

Predicate: TypeAlias = Callable[[Customer, Event | None], bool]
"""A condition that is code; `None` stands for a time-out."""

Comparable: TypeAlias = _checks.Number | str | date | time | timedelta
"""What a measure can be compared with: a number, a text, a date or a length of time."""

_TALLIED = ("count", "total", "mean")


class _Combined:
    """The operators of a condition; using one as a truth value is a mistake."""

    __slots__ = ()

    def __and__(self, other: "Condition") -> "AllOf":
        return AllOf((*_parts(AllOf, self), *_parts(AllOf, other)))

    def __or__(self, other: "Condition") -> "AnyOf":
        return AnyOf((*_parts(AnyOf, self), *_parts(AnyOf, other)))

    def __invert__(self) -> "Not":
        return Not(self)  # type: ignore[arg-type]

    def __bool__(self) -> NoReturn:
        raise _no_truth(self)


@attrs.frozen(repr=False, weakref_slot=False)
class Measure:
    """Something of a customer or an event that a condition compares.

    Args:
        kind: "count", "total", "mean", "value", "attribute" or "event_attribute".
        name: The event or the attribute that is read; empty for "value".
        since_entry: Whether only the events of the current stay are read.
        within: How far back events are read; for life where it is None.
    """

    kind: str
    name: str = ""
    since_entry: bool = attrs.field(default=False, kw_only=True)
    within: Period | None = attrs.field(default=None, kw_only=True)

    def __ge__(self, other: Comparable) -> "Comparison":
        return Comparison(self, ">=", self._wanted(other))

    def __gt__(self, other: Comparable) -> "Comparison":
        return Comparison(self, ">", self._wanted(other))

    def __le__(self, other: Comparable) -> "Comparison":
        return Comparison(self, "<=", self._wanted(other))

    def __lt__(self, other: Comparable) -> "Comparison":
        return Comparison(self, "<", self._wanted(other))

    def equals(self, other: Comparable) -> "Comparison":
        """Ask for exactly this value (`==` compares the measures themselves)."""
        return Comparison(self, "equals", self._wanted(other))

    def is_in(self, others: Iterable[Comparable]) -> "Comparison":
        """Ask for one of these values."""
        if isinstance(others, str) or not isinstance(others, Iterable):
            raise InvalidTypeError(f"{self!r}.is_in", others, "be given a tuple of values")
        return Comparison(self, "is_in", tuple(self._wanted(other) for other in others))

    def _wanted(self, other: object) -> object:
        if self.kind in _TALLIED or self.kind == "value":
            return _checks.number(f"what {self!r} is compared with", other)
        found = _checks.plain(f"what {self!r} is compared with", other)
        if found is None:
            raise InvalidTypeError(
                f"what {self!r} is compared with", None, "be a value; a missing one meets nothing"
            )
        return found

    def __bool__(self) -> NoReturn:
        raise _no_truth(self)

    def __repr__(self) -> str:
        given = [repr(self.name)] if self.name else []
        given += ["since_entry=True"] if self.since_entry else []
        given += [f"within={self.within!r}"] if self.within is not None else []
        return f"{self.kind}({', '.join(given)})"


@attrs.frozen(repr=False, weakref_slot=False)
class Comparison(_Combined):
    """A measure beside what is wanted of it.

    Args:
        measure: What is read.
        operator: ">=", ">", "<=", "<", "equals" or "is_in".
        wanted: The value, or the values for "is_in".
    """

    measure: Measure
    operator: str
    wanted: object

    def __repr__(self) -> str:
        if self.operator.isidentifier():
            return f"{self.measure!r}.{self.operator}({self.wanted!r})"
        return f"{self.measure!r} {self.operator} {self.wanted!r}"


@attrs.frozen(repr=False, weakref_slot=False)
class AllOf(_Combined):
    """Met when every one of its conditions is met."""

    conditions: "tuple[Condition, ...]"

    def __repr__(self) -> str:
        return " & ".join(f"({condition!r})" for condition in self.conditions)


@attrs.frozen(repr=False, weakref_slot=False)
class AnyOf(_Combined):
    """Met when at least one of its conditions is met."""

    conditions: "tuple[Condition, ...]"

    def __repr__(self) -> str:
        return " | ".join(f"({condition!r})" for condition in self.conditions)


@attrs.frozen(repr=False, weakref_slot=False)
class Not(_Combined):
    """Met when its condition is not met, also where a value is missing."""

    condition: "Condition"

    def __repr__(self) -> str:
        return f"~({self.condition!r})"


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not
"""A condition that is data: it can be drawn, explained, stored, and run in columns."""


def count(name: str, *, since_entry: bool = False, within: Period | None = None) -> Measure:
    """Count the customer's events of a name, the current event included.

    Args:
        name: The event.
        since_entry: Count only those of the current stay; the event that led into the
            stage belongs to the stay before.
        within: Count only those later than this long ago.

    Examples:
        >>> count("purchase", within=Period(days=365)) >= 3
        count('purchase', within=Period(days=365)) >= 3
    """
    return _tallied("count", name, since_entry, within)


def total(name: str, *, since_entry: bool = False, within: Period | None = None) -> Measure:
    """Add up the values of the customer's events of a name; 0 before the first.

    Args:
        name: The event; one without a value adds nothing.
        since_entry: Add only those of the current stay.
        within: Add only those later than this long ago.
    """
    return _tallied("total", name, since_entry, within)


def mean(name: str, *, since_entry: bool = False, within: Period | None = None) -> Measure:
    """Average the values of the customer's events of a name that have one.

    Args:
        name: The event; before the first with a value, the mean is missing.
        since_entry: Read only those of the current stay.
        within: Read only those later than this long ago.
    """
    return _tallied("mean", name, since_entry, within)


def value() -> Measure:
    """Read the value of the current event; a time-out has none and cannot use it."""
    return Measure("value")


def attribute(name: str) -> Measure:
    """Read an attribute of the customer, after the event's `sets`."""
    return Measure("attribute", _checks.name("attribute", name))


def event_attribute(name: str) -> Measure:
    """Read an attribute of the current event; a time-out has none and cannot use it."""
    return Measure("event_attribute", _checks.name("event_attribute", name))


def is_data(condition: object) -> TypeGuard[Condition]:
    """Say whether a condition is data, not code."""
    return isinstance(condition, _Combined)


def measures(condition: Condition) -> Iterable[Measure]:
    """Yield every measure that a condition reads, in the order written."""
    if isinstance(condition, Comparison):
        yield condition.measure
    else:
        inner = (condition.condition,) if isinstance(condition, Not) else condition.conditions
        for part in inner:
            yield from measures(part)


def _tallied(kind: str, name: str, since_entry: object, within: object) -> Measure:
    if not isinstance(since_entry, bool):
        raise InvalidTypeError("since_entry", since_entry, "be True or False")
    if within is not None and not isinstance(within, Period):
        raise InvalidTypeError("within", within, "be a Period, such as Period(days=365)")
    return Measure(kind, _checks.name(kind, name), since_entry=since_entry, within=within)


def _parts(kind: type[AllOf | AnyOf], condition: object) -> tuple[Condition, ...]:
    if isinstance(condition, kind):
        return condition.conditions
    if not isinstance(condition, _Combined):
        hint = "; write brackets around comparisons, as in (a >= 1) & (b >= 2)"
        raise InvalidTypeError("condition", condition, f"be a condition{hint}")
    return (condition,)  # type: ignore[return-value]


def _no_truth(condition: object) -> InvalidTypeError:
    return InvalidTypeError(
        "condition",
        condition,
        "not be used as a truth value; combine with &, | and ~ instead of and, or and not, "
        "with brackets around each comparison, and compare twice instead of chaining",
    )
