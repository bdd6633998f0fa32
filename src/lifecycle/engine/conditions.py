"""Conditions: data that says when a transition may be taken.

A measure says what is read (`count("purchase")`); comparing it makes a condition
(`count("purchase") >= 3`); `&`, `|` and `~` combine conditions. Nothing is computed
here: `_measures.py` says what each kind of measure is, `_evaluation.py` reads them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, NoReturn, TypeAlias, TypeGuard
from uuid import UUID

import attrs

from lifecycle import _checks
from lifecycle._lengths import Period, as_period
from lifecycle.engine._measures import MEASURES
from lifecycle.errors import InvalidTypeError, InvalidValueError

if TYPE_CHECKING:
    from lifecycle.periods import Calendar, Until

__all__ = [
    "AllOf",
    "AnyOf",
    "Condition",
    "Criterion",
    "Measure",
    "Not",
    "Sum",
    "attribute",
    "count",
    "days_since",
    "entries",
    "event_attribute",
    "mean",
    "previous",
    "total",
    "value",
]

Comparable: TypeAlias = _checks.Number | str | date | time | timedelta | UUID
"""What a measure can be compared with: a number, a text, a date, a length of time or an id."""

Names: TypeAlias = str | Sequence[str]
"""One name, or several."""

Within: TypeAlias = "Period | timedelta | Until | Calendar"
"""How far back a measure reads: a length of time, or what has passed of a calendar period."""

_DEEPEST = 50
"""How deep conditions can be nested; people read three levels, and Python walks thousands."""


_BRACKETS = "write brackets around comparisons, as in (a >= 1) & (b >= 2)"


def _several(argument: str, values: Iterable[Any]) -> Iterable[Any]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise InvalidTypeError(argument, values, f"be a tuple of {argument}")
    return values


def _condition(value: "Condition") -> "Condition":
    if not is_data(value):
        raise InvalidTypeError("condition", value, f"be a condition; {_BRACKETS}")
    return value


def _conditions(values: "Iterable[Condition]") -> "tuple[Condition, ...]":
    found = tuple(_condition(value) for value in _several("conditions", values))
    if not found:
        raise InvalidValueError("conditions", found, "hold at least one condition")
    return found


def _deepen(combined: "_Joined | Not", parts: "tuple[Condition, ...]") -> None:
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
    return _checks.choice("measure.kind", value, MEASURES)


def _within(value: "Within | None") -> "Period | Until | None":
    if value is None:
        return None
    return length_or_until("within", value, accepted="a timedelta, a Period or an Until")


def length_or_until(argument: str, value: object, *, accepted: str) -> "Period | Until":
    """Return a length of time or a calendar period; most lengths need no calendars loaded."""
    if not isinstance(value, Period | timedelta):
        from lifecycle.periods import Calendar, Until, as_until

        if isinstance(value, Calendar | Until):
            return as_until(argument, value)
    return as_period(argument, value, accepted=accepted)


def event_condition(value: "Condition | None") -> "Condition | None":
    """Return a condition that reads the event alone, or None."""
    if value is None:
        return None
    if not is_data(value):
        raise InvalidTypeError("where", value, f"be a condition of an event; {_BRACKETS}")
    for measure in measures(value):
        if not MEASURES[measure.kind].of_event:
            expected = "read the event alone, by value() and event_attribute(...)"
            raise InvalidValueError("where", measure, expected)
    return value


class _Measured:
    """The comparisons of what can be read, and how it is added to others of its kind."""

    __slots__ = ()

    def __ge__(self, other: Comparable) -> "Criterion":
        return self._compared(">=", other)

    def __gt__(self, other: Comparable) -> "Criterion":
        return self._compared(">", other)

    def __le__(self, other: Comparable) -> "Criterion":
        return self._compared("<=", other)

    def __lt__(self, other: Comparable) -> "Criterion":
        return self._compared("<", other)

    def equals(self, other: Comparable) -> "Criterion":
        """Ask for exactly this value (`==` compares the measures themselves)."""
        return self._compared("equals", other)

    def is_in(self, others: Iterable[Comparable]) -> "Criterion":
        """Ask for one of these values."""
        return self._compared("is_in", others)

    def _compared(self, how: str, wanted: object) -> "Criterion":
        return Criterion(self, how, wanted)  # type: ignore[arg-type]  # a Measure or a Sum

    def __add__(self, other: "Measure | Sum") -> "Sum":
        one, more = _terms(self), _terms(other)
        return Sum((*one.plus, *more.plus), (*one.minus, *more.minus))

    def __sub__(self, other: "Measure | Sum") -> "Sum":
        one, less = _terms(self), _terms(other)
        return Sum((*one.plus, *less.minus), (*one.minus, *less.plus))

    __radd__ = __rsub__ = __add__

    def _uncompared(self, *_: object) -> NoReturn:
        expected = f"be compared with a value first; {_BRACKETS}"
        raise InvalidTypeError("condition", self, expected)

    __and__ = __rand__ = __or__ = __ror__ = __invert__ = _uncompared

    def __bool__(self) -> NoReturn:
        raise _no_truth(self)


@attrs.frozen(repr=False, order=False, weakref_slot=False)
class Measure(_Measured):
    """Something of a customer or an event that a condition compares.

    Args:
        kind: The name of the function that makes it, such as "count".
        name: What is read: the event, the attribute or the stage, or several; empty where
            the kind has no name.
        since_entry: Whether only what happened in the current stay is read.
        within: How far back events are read: later than so long ago, or since a calendar
            period began; for life where it is None.
        where: Which of the events are read; all where it is None.
    """

    kind: str = attrs.field(converter=_kind)
    name: Names = ""
    since_entry: bool = attrs.field(default=False, kw_only=True)
    within: "Period | Until | None" = attrs.field(default=None, kw_only=True, converter=_within)
    where: "Condition | None" = attrs.field(default=None, kw_only=True, converter=event_condition)

    def __attrs_post_init__(self) -> None:
        row = MEASURES[self.kind]
        if row.named:
            object.__setattr__(self, "name", some_names(self.kind, self.name, several=row.several))
        object.__setattr__(self, "since_entry", _checks.truth("since_entry", self.since_entry))
        for field in attrs.fields(Measure)[1:]:
            value = getattr(self, field.name)
            if value != field.default and field.name not in row.fields:
                raise InvalidValueError(field.name, value, f"be left out: {self.kind} has none")

    @property
    def names(self) -> tuple[str, ...]:
        """The names as a tuple, also where there is only one, or none."""
        if not isinstance(self.name, str):
            return tuple(self.name)
        return (self.name,) if self.name else ()

    @property
    def sorted_names(self) -> tuple[str, ...]:
        """The names in the order of their text: in which they are given makes no difference."""
        return tuple(sorted(self.names))

    def __repr__(self) -> str:
        given = [repr(self.name)] if self.name else []
        given += ["since_entry=True"] if self.since_entry else []
        given += [f"within={self.within!r}"] if self.within is not None else []
        given += [f"where={self.where!r}"] if self.where is not None else []
        return f"{self.kind}({', '.join(given)})"


def some_names(argument: str, value: object, *, several: bool = True) -> str | tuple[str, ...]:
    """Return one name as text, and several, each once, as a tuple."""
    if not several or not isinstance(value, tuple | list):
        return _checks.name(argument, value)
    found = _checks.names(argument, value)
    if not found:
        raise InvalidValueError(argument, value, "be given at least one name")
    return found[0] if len(found) == 1 else found


def _added(values: "Iterable[Measure]") -> tuple[Measure, ...]:
    found = tuple(_several("measures", values))
    for value in found:
        if not isinstance(value, Measure):
            raise InvalidTypeError("measure", value, "be a measure, such as count('visit')")
    return found


@attrs.frozen(repr=False, order=False, weakref_slot=False)
class Sum(_Measured):
    """Measures of one kind, added to each other and subtracted.

    It is missing where one of them is.

    Args:
        plus: What is added; at least one measure.
        minus: What is subtracted.
    """

    plus: tuple[Measure, ...] = attrs.field(converter=_added)
    minus: tuple[Measure, ...] = attrs.field(default=(), converter=_added)

    def __attrs_post_init__(self) -> None:
        if not self.plus:
            raise InvalidValueError("sum.plus", self.plus, "hold at least one measure")
        kinds = [kind for kind, row in MEASURES.items() if row.adds]
        for term in (*self.plus, *self.minus):
            if term.kind not in kinds:
                raise InvalidValueError(
                    "measure", term, f"be of a kind that adds: {_listed(kinds)}"
                )
            if term.kind != self.kind:
                expected = f"be a {self.kind} to go with {self.plus[0]!r}: kinds do not mix"
                raise InvalidValueError("measure", term, expected)
        if len(self.plus) + len(self.minus) > _MOST_TERMS:
            raise InvalidValueError("measure", self, f"have at most {_MOST_TERMS} terms")

    @property
    def kind(self) -> str:
        """The kind of its measures."""
        return self.plus[0].kind

    def __repr__(self) -> str:
        added = " + ".join(map(repr, self.plus))
        return " - ".join((added, *map(repr, self.minus)))


_MOST_TERMS = 50
"""How many measures can be added; people add two or three."""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _terms(value: object) -> Sum:
    if isinstance(value, Sum):
        return value
    if not isinstance(value, Measure):
        raise InvalidTypeError("measure", value, "be a measure, to be added to one or subtracted")
    return Sum((value,))


def apart(value: object) -> object:
    """Return what a value is equal by: a truth value is no number, though True == 1 in Python."""
    if isinstance(value, bool):
        return bool, value
    return tuple(map(apart, value)) if isinstance(value, tuple) else value


def _wanted(measure: "Measure | Sum", wanted: object) -> object:
    argument = f"what {measure!r} is compared with"
    return WANTED[MEASURES[measure.kind].wanted].check(argument, wanted)


def _plain(argument: str, wanted: object) -> object:
    found = _checks.plain(argument, wanted)
    if found is None:
        raise InvalidTypeError(argument, None, "be a value; a missing one meets nothing")
    return found


_OPERATORS = (">=", ">", "<=", "<", "equals", "is_in")


class _Wanted(NamedTuple):
    check: Callable[[str, Any], object]
    operators: tuple[str, ...] = _OPERATORS


WANTED: Mapping[str, _Wanted] = {
    "number": _Wanted(_checks.number),
    "plain": _Wanted(_plain),
    "stage": _Wanted(_checks.name, _OPERATORS[4:]),
}
"""What measures can be compared with, and how."""


def _measure(value: "Measure | Sum") -> "Measure | Sum":
    if not isinstance(value, Measure | Sum):
        raise InvalidTypeError("criterion.measure", value, "be a measure, such as count('visit')")
    return value


def _operator(value: str) -> str:
    return _checks.choice("criterion.operator", value, _OPERATORS)


@attrs.frozen(repr=False, weakref_slot=False)
class Criterion(_Combined):
    """What is wanted of a measure.

    Args:
        measure: What is read.
        operator: ">=", ">", "<=", "<", "equals" or "is_in".
        wanted: The value, or the values for "is_in".
    """

    measure: Measure | Sum = attrs.field(converter=_measure)
    operator: str = attrs.field(converter=_operator)
    wanted: object = attrs.field(eq=apart)

    depth: ClassVar[int] = 0

    def __attrs_post_init__(self) -> None:
        known = WANTED[MEASURES[self.measure.kind].wanted].operators
        if self.operator not in known:
            expected = f"be compared by {' or '.join(known)}: stages have no order"
            raise InvalidValueError(repr(self.measure), self.operator, expected)
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

    @property
    def values(self) -> tuple[object, ...]:
        """The values that are wanted, as a tuple, also where there is only one."""
        if self.operator == "is_in" and isinstance(self.wanted, tuple):
            return self.wanted
        return (self.wanted,)

    def __repr__(self) -> str:
        if self.operator.isidentifier():
            return f"{self.measure!r}.{self.operator}({self.wanted!r})"
        return f"{self.measure!r} {self.operator} {self.wanted!r}"


@attrs.frozen(repr=False, weakref_slot=False)
class _Joined(_Combined):
    """Several conditions, joined by an operator."""

    conditions: "tuple[Condition, ...]" = attrs.field(converter=_conditions)
    depth: int = attrs.field(init=False, repr=False, eq=False)

    _operator: ClassVar[str]

    def __attrs_post_init__(self) -> None:
        _deepen(self, self.conditions)

    def __repr__(self) -> str:
        return f" {self._operator} ".join(f"({condition!r})" for condition in self.conditions)


class AllOf(_Joined):
    """Met when every one of its conditions is met."""

    __slots__ = ()
    _operator = "&"


class AnyOf(_Joined):
    """Met when at least one of its conditions is met."""

    __slots__ = ()
    _operator = "|"


@attrs.frozen(repr=False, weakref_slot=False)
class Not(_Combined):
    """Met when its condition is not met, also where a value is missing."""

    condition: "Condition" = attrs.field(converter=_condition)
    depth: int = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        _deepen(self, (self.condition,))

    def __repr__(self) -> str:
        return f"~({self.condition!r})"


Condition: TypeAlias = Criterion | AllOf | AnyOf | Not
"""A condition that is data: it can be drawn, explained, stored, and run in columns."""


def count(
    name: Names,
    *,
    since_entry: bool = False,
    within: "Within | None" = None,
    where: Condition | None = None,
) -> Measure:
    """Count the customer's events of a name, the current event included.

    Args:
        name: The event, or several: `("order", "renewal")` counts both.
        since_entry: Count only those of the current stay; the event that led into the
            stage belongs to the stay before.
        within: Count only those later than this long ago (a `Period` or a `timedelta`), or
            those of the current calendar period: `Until("year")`, or a `Calendar`.
        where: Count only those for which this holds: a condition of `value()` and
            `event_attribute(...)`.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A name is blank or stands twice, or `where` reads more than the
            event.

    Examples:
        >>> count("purchase", within=Period(days=365)) >= 3
        count('purchase', within=Period(days=365)) >= 3
        >>> count(("order", "renewal"), where=event_attribute("channel").equals("web")) >= 1
        count(('order', 'renewal'), where=event_attribute('channel').equals('web')) >= 1
        >>> count("order") + count("renewal", since_entry=True) >= 3
        count('order') + count('renewal', since_entry=True) >= 3
    """
    return Measure("count", name, since_entry=since_entry, within=within, where=where)


def total(
    name: Names,
    *,
    since_entry: bool = False,
    within: "Within | None" = None,
    where: Condition | None = None,
) -> Measure:
    """Add up the values of the customer's events of a name; 0 before the first.

    Args:
        name: The event, or several; one without a value adds nothing.
        since_entry: Add only those of the current stay.
        within: Add only those later than this long ago (a `Period` or a `timedelta`), or
            those of the current calendar period: `Until("year")`, or a `Calendar`.
        where: Add only those for which this holds: a condition of `value()` and
            `event_attribute(...)`.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A name is blank or stands twice, or `where` reads more than the
            event.

    Examples:
        >>> total("purchase") - total("refund") >= 500
        total('purchase') - total('refund') >= 500
    """
    return Measure("total", name, since_entry=since_entry, within=within, where=where)


def mean(
    name: Names,
    *,
    since_entry: bool = False,
    within: "Within | None" = None,
    where: Condition | None = None,
) -> Measure:
    """Average the values of the customer's events of a name that have one.

    Args:
        name: The event, or several; before the first with a value, the mean is missing.
        since_entry: Read only those of the current stay.
        within: Read only those later than this long ago (a `Period` or a `timedelta`), or
            those of the current calendar period: `Until("year")`, or a `Calendar`.
        where: Read only those for which this holds: a condition of `value()` and
            `event_attribute(...)`.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A name is blank or stands twice, or `where` reads more than the
            event.
    """
    return Measure("mean", name, since_entry=since_entry, within=within, where=where)


def days_since(name: Names, *, where: Condition | None = None) -> Measure:
    """Read how many days have passed since the customer's last event of a name.

    Args:
        name: The event, or several: the last of any of them.
        where: Read only those for which this holds: a condition of `value()` and
            `event_attribute(...)`.

    Returns:
        A measure in days of 24 hours, with fractions: 36 hours are 1.5. It is missing before
        the first such event; at such an event itself it is 0, as the current event is
        counted.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A name is blank or stands twice, or `where` reads more than the
            event.

    Examples:
        >>> days_since("purchase") >= 30
        days_since('purchase') >= 30
    """
    return Measure("days_since", name, where=where)


def entries(stage: Names, *, within: "Within | None" = None) -> Measure:
    """Count how often the customer has entered a stage.

    Args:
        stage: The name of the stage, or of several.
        within: Count only the entries later than this long ago (a `Period` or a `timedelta`),
            or those of the current calendar period: `Until("year")`, or a `Calendar`.

    Returns:
        A measure: the number of stays in the stage, with the current one. The stage in which
        a customer begins is entered at enrollment, and a re-entry is an entry; a migration
        to another version is none.

    Raises:
        InvalidTypeError: An argument is of another type.
        InvalidValueError: A name is blank or stands twice.

    Examples:
        >>> entries("lapsed", within=Period(years=1)) >= 3
        entries('lapsed', within=Period(years=1)) >= 3
    """
    return Measure("entries", stage, within=within)


def previous() -> Measure:
    """Read the stage of the stay before the current one; missing in the first stay.

    Returns:
        A measure that is compared by `equals` and `is_in`. After a re-entry it is the stage
        that was entered anew.

    Examples:
        >>> previous().is_in(("gold", "platinum"))
        previous().is_in(('gold', 'platinum'))
    """
    return Measure("previous")


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


def criteria(condition: Condition) -> Iterable[Criterion]:
    """Yield every criterion of a condition, in the order written."""
    if isinstance(condition, Criterion):
        yield condition
    else:
        inner = (condition.condition,) if isinstance(condition, Not) else condition.conditions
        for part in inner:
            yield from criteria(part)


def measures(condition: Condition) -> Iterable[Measure]:
    """Yield every measure that a condition reads, in the order written."""
    return (term for one in criteria(condition) for term in terms(one.measure))


def terms(measure: Measure | Sum) -> tuple[Measure, ...]:
    """Return the measures that are added and subtracted, or the one that there is."""
    return (*measure.plus, *measure.minus) if isinstance(measure, Sum) else (measure,)


_OPPOSITES = {">=": "<", "<": ">=", ">": "<=", "<=": ">"}


def opposite(condition: Condition) -> Condition:
    """Return the condition that holds whenever another one does not, as one would write it."""
    if isinstance(condition, Not):
        return condition.condition
    if isinstance(condition, AllOf):
        return AnyOf(map(opposite, condition.conditions))
    if isinstance(condition, AnyOf):
        return AllOf(map(opposite, condition.conditions))
    never_missing = MEASURES[condition.measure.kind].never_missing
    if never_missing and condition.operator in _OPPOSITES:
        return Criterion(condition.measure, _OPPOSITES[condition.operator], condition.wanted)
    return Not(condition)


def renamed(condition: Condition, stages: Mapping[str, str]) -> Condition:
    """Return a condition with new names for the stages that it reads or compares with."""
    if isinstance(condition, Not):
        return Not(renamed(condition.condition, stages))
    if not isinstance(condition, Criterion):
        return type(condition)(tuple(renamed(part, stages) for part in condition.conditions))
    measure, wanted = _renamed(condition.measure, stages), condition.wanted
    if MEASURES[measure.kind].wanted == "stage":
        found = tuple(stages.get(str(name), name) for name in condition.values)
        wanted = found if condition.operator == "is_in" else found[0]
    return Criterion(measure, condition.operator, wanted)


def _renamed(measure: Measure | Sum, stages: Mapping[str, str]) -> Measure | Sum:
    if MEASURES[measure.kind].named != "stage":
        return measure
    if isinstance(measure, Sum):
        rename = partial(_term, stages=stages)
        return Sum(map(rename, measure.plus), map(rename, measure.minus))
    return _term(measure, stages)


def _term(measure: Measure, stages: Mapping[str, str]) -> Measure:
    names = dict.fromkeys(stages.get(name, name) for name in measure.names)
    return attrs.evolve(measure, name=tuple(names))


def _parts(kind: type[AllOf | AnyOf], condition: Any) -> tuple[Condition, ...]:
    return condition.conditions if isinstance(condition, kind) else (condition,)


def _no_truth(condition: object) -> InvalidTypeError:
    return InvalidTypeError(
        "condition",
        condition,
        "not be used as a truth value; combine with &, | and ~ instead of and, or and not, "
        "with brackets around each comparison, and compare twice instead of chaining",
    )
