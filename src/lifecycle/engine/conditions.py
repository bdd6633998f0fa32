"""Conditions: data that says when a transition may be taken.

A measure says what is read (`count("purchase")`); comparing it makes a condition
(`count("purchase") >= 3`); `&`, `|` and `~` combine conditions. Nothing is computed
here: `_tallies.py` says how each measure is read.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any, ClassVar, NoReturn, TypeAlias, TypeGuard
from uuid import UUID

import attrs

from lifecycle import _checks
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.periods import Length, Period, as_period

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

Comparable: TypeAlias = _checks.Number | str | date | time | timedelta | UUID
"""What a measure can be compared with: a number, a text, a date, a length of time or an id."""

_TALLIED = ("count", "total", "mean")
NAMED = ("attribute", "event_attribute")
_UNNAMED = "value"


_DEEPEST = 50
"""How deep conditions can be nested; people read three levels, and Python walks thousands."""


_BRACKETS = "write brackets around comparisons, as in (a >= 1) & (b >= 2)"


def _condition(value: "Condition") -> "Condition":
    if not is_data(value):
        raise InvalidTypeError("condition", value, f"be a condition; {_BRACKETS}")
    return value


def _conditions(values: "Iterable[Condition]") -> "tuple[Condition, ...]":
    found = tuple(_condition(value) for value in values)
    if not found:
        raise InvalidValueError("conditions", found, "hold at least one condition")
    return found


def _deepen(combined: "AllOf | AnyOf | Not", parts: "tuple[Condition, ...]") -> None:
    depth = 1 + max(part.depth for part in parts)
    if depth > _DEEPEST:
        raise InvalidValueError("condition", f"{depth} levels", f"nest at most {_DEEPEST} levels")
    object.__setattr__(combined, "depth", depth)


class _Combined:
    """The operators of a condition; using one as a truth value is a mistake."""

    __slots__ = ()

    def __and__(self, other: "Condition") -> "AllOf":
        return AllOf((*_parts(AllOf, self), *_parts(AllOf, other)))

    def __or__(self, other: "Condition") -> "AnyOf":
        return AnyOf((*_parts(AnyOf, self), *_parts(AnyOf, other)))

    def __invert__(self) -> "Not":
        return Not(self)  # type: ignore[arg-type]  # each condition is of a subclass

    def __bool__(self) -> NoReturn:
        raise _no_truth(self)


def _kind(value: str) -> str:
    return _checks.choice("measure.kind", value, (*_TALLIED, *NAMED, _UNNAMED))


def _within(value: Length | None) -> Period | None:
    return None if value is None else as_period("within", value)


@attrs.frozen(repr=False, order=False, weakref_slot=False)
class Measure:
    """Something of a customer or an event that a condition compares.

    Args:
        kind: "count", "total", "mean", "value", "attribute" or "event_attribute".
        name: The event or the attribute that is read; empty for "value".
        since_entry: Whether only the events of the current stay are read.
        within: How far back events are read; for life where it is None.
    """

    kind: str = attrs.field(converter=_kind)
    name: str = ""
    since_entry: bool = attrs.field(default=False, kw_only=True)
    within: Period | None = attrs.field(default=None, kw_only=True, converter=_within)

    def __attrs_post_init__(self) -> None:
        if self.kind != _UNNAMED:
            object.__setattr__(self, "name", _checks.name(self.kind, self.name))
        object.__setattr__(self, "since_entry", _checks.truth("since_entry", self.since_entry))

    def __ge__(self, other: Comparable) -> "Comparison":
        return Comparison(self, ">=", other)

    def __gt__(self, other: Comparable) -> "Comparison":
        return Comparison(self, ">", other)

    def __le__(self, other: Comparable) -> "Comparison":
        return Comparison(self, "<=", other)

    def __lt__(self, other: Comparable) -> "Comparison":
        return Comparison(self, "<", other)

    def equals(self, other: Comparable) -> "Comparison":
        """Ask for exactly this value (`==` compares the measures themselves)."""
        return Comparison(self, "equals", other)

    def is_in(self, others: Iterable[Comparable]) -> "Comparison":
        """Ask for one of these values."""
        return Comparison(self, "is_in", others)

    def _uncompared(self, *_: object) -> NoReturn:
        expected = f"be compared with a value first; {_BRACKETS}"
        raise InvalidTypeError("condition", self, expected)

    __and__ = __rand__ = __or__ = __ror__ = __invert__ = _uncompared

    def __bool__(self) -> NoReturn:
        raise _no_truth(self)

    def __repr__(self) -> str:
        given = [repr(self.name)] if self.name else []
        given += ["since_entry=True"] if self.since_entry else []
        given += [f"within={self.within!r}"] if self.within is not None else []
        return f"{self.kind}({', '.join(given)})"


def apart(value: object) -> object:
    """Return what a value is equal by: a truth value is no number, though True == 1 in Python."""
    if isinstance(value, bool):
        return bool, value
    return tuple(map(apart, value)) if isinstance(value, tuple) else value


def _wanted(measure: Measure, wanted: object) -> object:
    argument = f"what {measure!r} is compared with"
    if measure.kind not in NAMED:
        return _checks.number(argument, wanted)
    found = _checks.plain(argument, wanted)
    if found is None:
        raise InvalidTypeError(argument, None, "be a value; a missing one meets nothing")
    return found


_OPERATORS = (">=", ">", "<=", "<", "equals", "is_in")


def _measure(value: Measure) -> Measure:
    if not isinstance(value, Measure):
        raise InvalidTypeError("comparison.measure", value, "be a measure, such as count('visit')")
    return value


def _operator(value: str) -> str:
    return _checks.choice("comparison.operator", value, _OPERATORS)


@attrs.frozen(repr=False, weakref_slot=False)
class Comparison(_Combined):
    """A measure beside what is wanted of it.

    Args:
        measure: What is read.
        operator: ">=", ">", "<=", "<", "equals" or "is_in".
        wanted: The value, or the values for "is_in".
    """

    measure: Measure = attrs.field(converter=_measure)
    operator: str = attrs.field(converter=_operator)
    wanted: object = attrs.field(eq=apart)

    depth: ClassVar[int] = 0

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "wanted", self._checked())

    def _checked(self) -> object:
        if self.operator != "is_in":
            return _wanted(self.measure, self.wanted)
        if isinstance(self.wanted, str) or not isinstance(self.wanted, Iterable):
            raise InvalidTypeError(
                f"{self.measure!r}.is_in", self.wanted, "be given a tuple of values"
            )
        found = tuple(_wanted(self.measure, one) for one in self.wanted)
        unordered = isinstance(self.wanted, set | frozenset)
        return tuple(sorted(found, key=repr)) if unordered else found

    def __repr__(self) -> str:
        if self.operator.isidentifier():
            return f"{self.measure!r}.{self.operator}({self.wanted!r})"
        return f"{self.measure!r} {self.operator} {self.wanted!r}"


@attrs.frozen(repr=False, weakref_slot=False)
class AllOf(_Combined):
    """Met when every one of its conditions is met."""

    conditions: "tuple[Condition, ...]" = attrs.field(converter=_conditions)
    depth: int = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, self.conditions)

    def __repr__(self) -> str:
        return " & ".join(f"({condition!r})" for condition in self.conditions)


@attrs.frozen(repr=False, weakref_slot=False)
class AnyOf(_Combined):
    """Met when at least one of its conditions is met."""

    conditions: "tuple[Condition, ...]" = attrs.field(converter=_conditions)
    depth: int = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, self.conditions)

    def __repr__(self) -> str:
        return " | ".join(f"({condition!r})" for condition in self.conditions)


@attrs.frozen(repr=False, weakref_slot=False)
class Not(_Combined):
    """Met when its condition is not met, also where a value is missing."""

    condition: "Condition" = attrs.field(converter=_condition)
    depth: int = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, (self.condition,))

    def __repr__(self) -> str:
        return f"~({self.condition!r})"


Condition: TypeAlias = Comparison | AllOf | AnyOf | Not
"""A condition that is data: it can be drawn, explained, stored, and run in columns."""


def count(name: str, *, since_entry: bool = False, within: Length | None = None) -> Measure:
    """Count the customer's events of a name, the current event included.

    Args:
        name: The event.
        since_entry: Count only those of the current stay; the event that led into the
            stage belongs to the stay before.
        within: Count only those later than this long ago: a `timedelta` or a `Period`.

    Examples:
        >>> count("purchase", within=Period(days=365)) >= 3
        count('purchase', within=Period(days=365)) >= 3
    """
    return Measure("count", name, since_entry=since_entry, within=within)


def total(name: str, *, since_entry: bool = False, within: Length | None = None) -> Measure:
    """Add up the values of the customer's events of a name; 0 before the first.

    Args:
        name: The event; one without a value adds nothing.
        since_entry: Add only those of the current stay.
        within: Add only those later than this long ago: a `timedelta` or a `Period`.
    """
    return Measure("total", name, since_entry=since_entry, within=within)


def mean(name: str, *, since_entry: bool = False, within: Length | None = None) -> Measure:
    """Average the values of the customer's events of a name that have one.

    Args:
        name: The event; before the first with a value, the mean is missing.
        since_entry: Read only those of the current stay.
        within: Read only those later than this long ago: a `timedelta` or a `Period`.
    """
    return Measure("mean", name, since_entry=since_entry, within=within)


def value() -> Measure:
    """Read the value of the current event; a time-out has none and cannot use it."""
    return Measure("value")


def attribute(name: str) -> Measure:
    """Read an attribute of the customer, after the event's `sets`."""
    return Measure("attribute", name)


def event_attribute(name: str) -> Measure:
    """Read an attribute of the current event; a time-out has none and cannot use it."""
    return Measure("event_attribute", name)


def is_data(condition: object) -> TypeGuard[Condition]:
    """Say whether a condition is data, not code."""
    return isinstance(condition, _Combined)


def called(predicate: object) -> str:
    """Return the name of a condition that is code."""
    return str(getattr(predicate, "__name__", repr(predicate)))


def comparisons(condition: Condition) -> Iterable[Comparison]:
    """Yield every comparison that a condition makes, in the order written."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        inner = (condition.condition,) if isinstance(condition, Not) else condition.conditions
        for part in inner:
            yield from comparisons(part)


def measures(condition: Condition) -> Iterable[Measure]:
    """Yield every measure that a condition reads, in the order written."""
    return (comparison.measure for comparison in comparisons(condition))


_OPPOSITES = {">=": "<", "<": ">=", ">": "<=", "<=": ">"}


def opposite(condition: Condition) -> Condition:
    """Return the condition that holds whenever another one does not, as one would write it."""
    if isinstance(condition, Not):
        return condition.condition
    if isinstance(condition, AllOf):
        return AnyOf(map(opposite, condition.conditions))
    if isinstance(condition, AnyOf):
        return AllOf(map(opposite, condition.conditions))
    never_missing = condition.measure.kind in ("count", "total")
    if never_missing and condition.operator in _OPPOSITES:
        return Comparison(condition.measure, _OPPOSITES[condition.operator], condition.wanted)
    return Not(condition)


def _parts(kind: type[AllOf | AnyOf], condition: Any) -> tuple[Condition, ...]:
    return condition.conditions if isinstance(condition, kind) else (condition,)


def _no_truth(condition: object) -> InvalidTypeError:
    return InvalidTypeError(
        "condition",
        condition,
        "not be used as a truth value; combine with &, | and ~ instead of and, or and not, "
        "with brackets around each comparison, and compare twice instead of chaining",
    )
