"""Every error the library raises on purpose.

All of them are a `LifecycleError`, and each is also the built-in error that a
caller would expect. The fields say what was wrong; the text is built from them,
so an error survives pickling and can be shown to a user as it is.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Protocol
    from uuid import UUID

    Id = str | int | UUID

    class _EventLike(Protocol):
        """An `Event`, as far as a message shows it; the engine, which has it, imports the errors.

        The errors keep events and decisions as `Any`, so that the engine takes them again.
        """

        @property
        def name(self) -> str: ...
        @property
        def at(self) -> datetime: ...
        @property
        def id(self) -> Id | None: ...
        @property
        def sequence(self) -> int | None: ...

    class _DecisionLike(Protocol):
        """A `Decision`, as far as a message shows it."""

        @property
        def reasons(self) -> Sequence[object]: ...


__all__ = [
    "AssumptionWarning",
    "ConvergenceError",
    "DataError",
    "DefinitionError",
    "DuplicateEventError",
    "EmptySampleError",
    "InvalidTypeError",
    "InvalidValueError",
    "LifecycleError",
    "MissingExtraError",
    "MissingPeriodsError",
    "MissingValuesError",
    "MixedInstantsError",
    "MixedNumbersError",
    "NoJourneysError",
    "NotIdentifiedError",
    "NotPermittedError",
    "OutOfOrderError",
    "TooManyChangesError",
    "UnknownNameError",
    "WrongDefinitionError",
]


_LISTED = 20
"""How many known names a message lists."""

_COMPARED = 1_000
"""Among how many known names one like the given one is sought; each takes microseconds."""


class AssumptionWarning(UserWarning):
    """What a model takes for granted does not hold of the data that it was given."""


class LifecycleError(Exception):
    """The base of every error that the library raises on purpose."""


class InvalidValueError(LifecycleError, ValueError):
    """An argument has the right type and a value that cannot be accepted.

    Args:
        argument: What was wrong, as a path into the call: `stages[2].name`.
        value: The value that was given.
        expected: What would have been accepted, completing "must ...".
    """

    hint: str = ""
    """What to do about it, where that is known."""

    def __init__(self, argument: str, value: object, expected: str) -> None:
        super().__init__(argument, value, expected)
        self.argument = argument
        self.value = value
        self.expected = expected

    def __str__(self) -> str:
        given = f"{_shown(self.value)}{self.hint or _gap(self.value)}"
        return f"{self.argument} must {self.expected}, got {given}"


class InvalidTypeError(LifecycleError, TypeError):
    """An argument is of a type that cannot be accepted.

    Args:
        argument: What was wrong, as a path into the call: `event.at`.
        value: The value that was given.
        expected: What would have been accepted, completing "must ...".
    """

    hint: str = ""
    """What to do about it, where that is known."""

    def __init__(self, argument: str, value: object, expected: str) -> None:
        super().__init__(argument, value, expected)
        self.argument = argument
        self.value = value
        self.expected = expected

    def __str__(self) -> str:
        kind = type(self.value).__name__
        given = f"{_shown(self.value)} ({kind}){self.hint or _gap(self.value)}"
        return f"{self.argument} must {self.expected}, got {given}"


class UnknownNameError(LifecycleError, ValueError):
    """A name, or an id, is not known.

    Args:
        argument: What was wrong, as a path into the call: `transitions[3].target`.
        name: The name that was given.
        known: The names that would have been accepted.
    """

    def __init__(self, argument: str, name: Id, known: Iterable[Id]) -> None:
        known = tuple(known)
        super().__init__(argument, name, known)
        self.argument = argument
        self.name = name
        self.known = known

    def __str__(self) -> str:
        return self.sentence()

    def sentence(self, *, suggest: bool = True) -> str:
        """Return the message; without a suggestion, it takes no search among the known names."""
        close = self._close() if suggest else []
        show = _telling_apart((self.name, *self.known[:_LISTED], *close))
        hint = f"; did you mean {show(close[0])}?" if close else ""
        given = f"{cut(show(self.name))}{hint}"
        return f"{self.argument} must be {one_of(self.known, show)}, got {given}"

    def _close(self) -> list[Id]:
        by_text = {str(known): known for known in self.known}
        return [by_text[text] for text in closest(str(self.name), by_text)]


class MixedInstantsError(LifecycleError, TypeError):
    """A naive datetime meets an aware one, and they cannot be put in order.

    Args:
        argument: Which instant was given.
        value: That instant.
        other: What it was compared with.
        other_value: The instant of the other kind.
    """

    def __init__(self, argument: str, value: datetime, other: str, other_value: datetime) -> None:
        super().__init__(argument, value, other, other_value)
        self.argument = argument
        self.value = value
        self.other = other
        self.other_value = other_value

    def __str__(self) -> str:
        return (
            f"{self.argument} and {self.other} must both have a time zone or both have none, "
            f"got {_awareness(self.value)} {_shown(self.value)} "
            f"and {_awareness(self.other_value)} {_shown(self.other_value)}"
        )


class MissingValuesError(LifecycleError, ValueError):
    """A column has rows in which its value is missing.

    Args:
        argument: The column.
        rows: The numbers of these rows, from 0.
    """

    def __init__(self, argument: str, rows: Iterable[int]) -> None:
        rows = tuple(rows)
        super().__init__(argument, rows)
        self.argument = argument
        self.rows = rows

    def __str__(self) -> str:
        values = "1 missing value" if len(self.rows) == 1 else f"{len(self.rows):,} missing values"
        listed = ", ".join(map(str, self.rows[:_ROWS]))
        more = ", ..." if len(self.rows) > _ROWS else ""
        return (
            f"{self.argument} must have a value in each row, got {values}, in "
            f"row{'s' * (len(self.rows) > 1)} {listed}{more}; fill them in, or leave such rows "
            "out, as EventLog.from_frame with missing='drop' does"
        )


_ROWS = 5
"""How many numbers of rows a message lists."""


class MixedNumbersError(LifecycleError, TypeError):
    """A `Decimal` meets a `float`, whose sum would be exact in neither.

    Args:
        argument: Which number was given.
        value: That number.
        other: What it was combined with.
        other_value: The number of the other kind.
    """

    def __init__(self, argument: str, value: object, other: str, other_value: object) -> None:
        super().__init__(argument, value, other, other_value)
        self.argument = argument
        self.value = value
        self.other = other
        self.other_value = other_value

    def __str__(self) -> str:
        return (
            f"{self.argument} and {self.other} must be of one kind, "
            f"got {self.value!r} and {self.other_value!r}; "
            "convert floats with Decimal(str(x)) or decimals with float(x)"
        )


class MissingPeriodsError(LifecycleError, ValueError):
    """A question by periods is asked of a customer base that has none.

    Args:
        question: The question, a method of `CustomerBase`.
    """

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question

    def __str__(self) -> str:
        return f"say the periods first: base.over(calendar, window).{self.question}()"


class NoJourneysError(LifecycleError, ValueError):
    """A question about journeys is asked of changes on file, which have no events.

    Args:
        question: The question, as it is called.
    """

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question

    def __str__(self) -> str:
        return f"{self.question} must be asked of journeys, got changes on file, without events"


class DefinitionError(LifecycleError, ValueError):
    """A lifecycle definition does not hold together; everything wrong is listed.

    Args:
        name: The name of the lifecycle.
        problems: One sentence for each thing that is wrong, in the order of the definition.
    """

    def __init__(self, name: str, problems: Iterable[str]) -> None:
        problems = tuple(problems)
        super().__init__(name, problems)
        self.name = name
        self.problems = problems

    def __str__(self) -> str:
        return f"lifecycle {self.name!r} has {_listed(self.problems)}"


class DataError(LifecycleError, ValueError):
    """Data does not describe a value; everything wrong is listed.

    Args:
        kind: What the data should have described: "event", "customer", "change", "journey".
        problems: One sentence for each thing that is wrong, with its path.
    """

    def __init__(self, kind: str, problems: Iterable[str]) -> None:
        problems = tuple(problems)
        super().__init__(kind, problems)
        self.kind = kind
        self.problems = problems

    def __str__(self) -> str:
        return f"the data of the {self.kind} has {_listed(self.problems)}"


class OutOfOrderError(LifecycleError, ValueError):
    """An event is before what is already known about the customer.

    Args:
        customer: The id of the customer.
        event: The `Event` that came late.
        seen: The instant up to which the customer is known.
        sequence: The last sequence at that instant, where the event's own is below it.
    """

    def __init__(
        self, customer: Id, event: _EventLike, seen: datetime, sequence: int | None = None
    ) -> None:
        super().__init__(customer, event, seen, sequence)
        self.customer = customer
        self.event: Any = event
        self.seen = seen
        self.sequence = sequence

    def __str__(self) -> str:
        if self.sequence is not None:
            return (
                f"event.sequence must not be below {self.sequence}, the last of customer "
                f"{self.customer!r} at {_shown(self.seen)}, got {self.event.name!r} with "
                f"sequence {self.event.sequence}; Journey.amend takes late events"
            )
        return (
            f"event.at must not be before {_shown(self.seen)}, up to which customer "
            f"{self.customer!r} is known, got {self.event.name!r} at {_shown(self.event.at)}; "
            "Journey.amend takes late events"
        )


class TooManyChangesError(LifecycleError, RuntimeError):
    """Time-outs lead from stage to stage more often than one call allows.

    Args:
        customer: The id of the customer.
        stages: The loop of stages that the time-outs lead through, its first stage last too;
            the last stages where there is no loop.
        at: The instant that was reached.
        most: How many changes by time-outs were allowed.
    """

    def __init__(self, customer: Id, stages: Iterable[str], at: datetime, most: int) -> None:
        stages = tuple(stages)
        super().__init__(customer, stages, at, most)
        self.customer = customer
        self.stages = stages
        self.at = at
        self.most = most

    def __str__(self) -> str:
        times = "once" if self.most == 1 else f"{self.most:,} times"
        return (
            f"time-outs must move a customer at most {times} in one call, got more for "
            f"{self.customer!r} by {_shown(self.at)}, in {_way(self.stages)}; "
            "make the time-outs longer, advance in shorter steps, or allow more with most="
        )


class NotPermittedError(LifecycleError, RuntimeError):
    """A command was fired that no transition of the customer's stage permits.

    Args:
        customer: The id of the customer.
        event: The name of the event that was fired.
        stage: The stage in which the customer stood.
        decision: Why it was refused: the `Decision` that `explain` returns.
    """

    def __init__(self, customer: Id, event: str, stage: str, decision: _DecisionLike) -> None:
        super().__init__(customer, event, stage, decision)
        self.customer = customer
        self.event = event
        self.stage = stage
        self.decision: Any = decision

    def __str__(self) -> str:
        why = "; ".join(str(reason) for reason in self.decision.reasons)
        return (
            f"event must be permitted in stage {self.stage!r} of customer {self.customer!r}, "
            f"got {self.event!r}: {why}"
        )


class DuplicateEventError(LifecycleError, ValueError):
    """Two events share an id and differ in content.

    Args:
        first: The `Event` that was there before.
        second: The `Event` that repeats its id.
    """

    def __init__(self, first: _EventLike, second: _EventLike) -> None:
        super().__init__(first, second)
        self.first: Any = first
        self.second: Any = second

    def __str__(self) -> str:
        return (
            f"events with the id {self.first.id!r} must be equal, "
            f"got {self.first!r} and {self.second!r}"
        )


class WrongDefinitionError(LifecycleError, ValueError):
    """A customer of one definition was given to another one.

    Args:
        customer: The id of the customer.
        belongs_to: The name and version of the definition the customer comes from.
        given_to: The name and version of the definition that was called.
    """

    def __init__(
        self, customer: Id, belongs_to: tuple[str, int], given_to: tuple[str, int]
    ) -> None:
        super().__init__(customer, belongs_to, given_to)
        self.customer = customer
        self.belongs_to = belongs_to
        self.given_to = given_to

    def __str__(self) -> str:
        (old, old_version), (new, new_version) = self.belongs_to, self.given_to
        differ = ", whose stages or conditions differ" if self.belongs_to == self.given_to else ""
        return (
            f"customer must belong to lifecycle {new!r} version {new_version}, got customer "
            f"{self.customer!r} of lifecycle {old!r} version {old_version}{differ}; "
            "Lifecycle.migrate moves a customer to another definition"
        )


class EmptySampleError(LifecycleError, ValueError):
    """A formula needs at least one observation and was given none.

    Args:
        argument: Which argument was empty.
    """

    def __init__(self, argument: str) -> None:
        super().__init__(argument)
        self.argument = argument

    def __str__(self) -> str:
        return f"{self.argument} must hold at least one observation, got none"


class NotIdentifiedError(LifecycleError, ValueError):
    """The data do not say what the parameters of a model are.

    Args:
        model: The name of the model.
        reason: Why not, as a sentence without its full stop.
    """

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(model, reason)
        self.model = model
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.model} must have rows that identify its parameters: {self.reason}"


class ConvergenceError(LifecycleError, ArithmeticError):
    """A search for the best parameters ended at a point that is not the best.

    Args:
        model: The name of the model.
        iterations: How many steps were taken.
        reached: The parameters where the search ended.
    """

    def __init__(self, model: str, iterations: int, reached: Mapping[str, float]) -> None:
        super().__init__(model, iterations, reached)
        self.model = model
        self.iterations = iterations
        self.reached = reached

    def __str__(self) -> str:
        where = ", ".join(f"{name}={value:.6g}" for name, value in self.reached.items())
        return (
            f"{self.model} must reach an optimum, got no further than {where} "
            f"after {self.iterations} steps; try another model, or more customers (pool cohorts)"
        )


class MissingExtraError(LifecycleError, ImportError):
    """Something needs a package that is not installed.

    Args:
        package: The package.
        extra: The extra of this distribution that brings it.
    """

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(package, extra)
        self.package = package
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.package} must be installed: pip install 'customer-lifecycle[{self.extra}]'"


def one_of(names: Iterable[Id], show: Callable[[Id], str] = repr) -> str:
    """Say which names would be accepted."""
    known = tuple(names)
    listed = [show(name) for name in known[:_LISTED]]
    if not listed:
        return "a known name (none is known)"
    rest = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return listed[0] if len(known) == 1 else f"one of {', '.join(listed)}{rest}"


def closest(name: str, known: Iterable[str]) -> list[str]:
    """Return the known name that is most like a given one, if one is.

    One that differs only in case, blanks and Unicode form comes before any other. The time
    that takes is bounded: no name is too long, and not too many are looked at.
    """
    import difflib  # noqa: PLC0415  (only a failing call pays for the import)

    if len(name) > _MOST:
        return []
    compared, same = tuple(islice(known, _COMPARED)), folded(name)
    alike = [each for each in compared if folded(each) == same][:1]
    return alike or difflib.get_close_matches(name, compared, n=1)


def _way(stages: tuple[str, ...], most: int = 10) -> str:
    first, rest = stages[:most], stages[most:]
    more = f" -> ... ({len(rest)} more)" if rest else ""
    return " -> ".join(map(repr, first)) + more


def _listed(problems: tuple[str, ...]) -> str:
    things = "1 thing" if len(problems) == 1 else f"{len(problems)} things"
    return f"{things} wrong:" + "".join(f"\n  - {problem}" for problem in problems)


def is_missing(value: object) -> bool:
    """Say whether a value is missing: None, NaN, and NaT and NA of pandas."""
    if value is None or type(value).__name__ == "NAType":
        return True
    if hasattr(value, "__len__"):  # text, or a column, which compares item by item
        return False
    try:
        return not value == value  # noqa: PLR0124, SIM201  (what is missing differs from itself)
    except ArithmeticError:  # a signaling NaN
        return True
    except Exception:  # noqa: BLE001  (the value is anyone's)
        return False


_VARIATIONS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""What chooses between forms of the character before, such as a sign and an emoji."""


def folded(name: str) -> str:
    """Return what names that look alike share, whatever their case, blanks and Unicode form."""
    import unicodedata  # noqa: PLC0415  (only odd names and failing calls pay for the import)

    if not name.isascii():
        name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        seen = [each for each in name if unicodedata.category(each) != "Cf"]
        name = "".join(each for each in seen if each not in _VARIATIONS)
    return " ".join(name.casefold().split())


def _telling_apart(names: Iterable[Id]) -> Callable[[Id], str]:
    """Return what shows names, by their code points where two of them look alike."""
    often = Counter(folded(name) for name in set(names) if isinstance(name, str))
    alike = {name for name, times in often.items() if times > 1}
    return lambda name: (
        ascii(name) if isinstance(name, str) and folded(name) in alike else repr(name)
    )


def _gap(value: object) -> str:
    return ", a missing value" if value is not None and is_missing(value) else ""


def _shown(value: object) -> str:
    try:
        text = value.isoformat(sep=" ") if isinstance(value, datetime) else repr(value)
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        name = type(value).__name__
        text = f"{'an' if name[0] in 'aeiou' else 'a'} {name} too large to show"
    shape = getattr(value, "shape", None)
    if shape and isinstance(shape, tuple) and ("\n" in text or len(text) > _MOST):
        return f"values of shape {shape}"  # a column or a table
    return cut(" ".join(text.split("\n")))


_MOST = 200
"""How much of a value a message shows."""


def cut(text: str, most: int = _MOST) -> str:
    """Return as much of a text as a message shows."""
    return text if len(text) <= most else f"{text[:most]}..."


def _awareness(instant: datetime) -> str:
    return "naive" if instant.tzinfo is None else "aware"
