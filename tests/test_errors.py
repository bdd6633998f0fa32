"""Errors say what must hold, what was given, and what would have been accepted."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

import lifecycle.errors as module
from lifecycle import Decision, Event, Reason
from lifecycle.errors import (
    AssumptionWarning,
    ConvergenceError,
    DataError,
    DefinitionError,
    DuplicateEventError,
    EmptySampleError,
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MissingExtraError,
    MixedInstantsError,
    MixedNumbersError,
    NotIdentifiedError,
    NotPermittedError,
    OutOfOrderError,
    UnknownNameError,
    WrongDefinitionError,
    one_of,
)
from samples import START, again, day, naive

EVENT = Event("purchase", START, id="a")
REFUSED = Decision(False, None, (Reason(code="nowhere", message="no"),) * 2)

ERRORS: list[tuple[LifecycleError, type[Exception], str]] = [
    (
        NotIdentifiedError("BetaGeoNBD", "nobody bought twice"),
        ValueError,
        "BetaGeoNBD must have rows that identify its parameters: nobody bought twice",
    ),
    (
        ConvergenceError("BetaGeoNBD", 100, {"r": 0.25, "alpha": 4.0}),
        ArithmeticError,
        "BetaGeoNBD must reach an optimum, got no further than r=0.25, alpha=4 after 100 steps",
    ),
    (
        MissingExtraError("scipy", "models"),
        ImportError,
        "scipy must be installed: pip install 'customer-lifecycle[models]'",
    ),
    (
        InvalidValueError("rate", 1.5, "be at most 1"),
        ValueError,
        "rate must be at most 1, got 1.5",
    ),
    (
        InvalidTypeError("event.at", "now", "be a datetime"),
        TypeError,
        "event.at must be a datetime, got 'now' (str)",
    ),
    (
        UnknownNameError("stage", "buyr", ["buyer", "lead"]),
        ValueError,
        "stage must be one of 'buyer', 'lead', got 'buyr'; did you mean 'buyer'?",
    ),
    (
        UnknownNameError("stage", "xyz", iter(["buyer"])),
        ValueError,
        "stage must be 'buyer', got 'xyz'",
    ),
    (
        UnknownNameError("stage", "buyer", ()),
        ValueError,
        "stage must be a known name (none is known), got 'buyer'",
    ),
    (
        MixedInstantsError("to", naive("2026-01-01"), "customer.seen", START),
        TypeError,
        (
            "to and customer.seen must both have a time zone or both have none, "
            "got naive 2026-01-01 00:00:00 and aware 2026-01-01 00:00:00+00:00"
        ),
    ),
    (
        MixedNumbersError("event.value", Decimal("0.5"), "the total so far", 2.5),
        TypeError,
        (
            "event.value and the total so far must be of one kind, got Decimal('0.5') and 2.5; "
            "convert floats with Decimal(str(x)) or decimals with float(x)"
        ),
    ),
    (
        DefinitionError("shop", ["this", "that"]),
        ValueError,
        "lifecycle 'shop' has 2 things wrong:\n  - this\n  - that",
    ),
    (
        DefinitionError("shop", iter(["this"])),
        ValueError,
        "lifecycle 'shop' has 1 thing wrong:\n  - this",
    ),
    (
        DataError("event", iter(["this"])),
        ValueError,
        "the data of the event has 1 thing wrong:\n  - this",
    ),
    (
        OutOfOrderError("ann", EVENT, day(1)),
        ValueError,
        (
            "event.at must not be before 2026-01-02 00:00:00+00:00, up to which customer 'ann' is "
            "known, got 'purchase' at 2026-01-01 00:00:00+00:00; Journey.amend takes late events"
        ),
    ),
    (
        OutOfOrderError("ann", Event("purchase", START, sequence=2), day(1), 3),
        ValueError,
        (
            "event.sequence must not be below 3, the last of customer 'ann' at 2026-01-02 "
            "00:00:00+00:00, got 'purchase' with sequence 2; Journey.amend takes late events"
        ),
    ),
    (
        NotPermittedError(7, "purchase", "lead", REFUSED),
        RuntimeError,
        "event must be permitted in stage 'lead' of customer 7, got 'purchase': no; no",
    ),
    (
        DuplicateEventError(EVENT, Event("signup", START, id="a")),
        ValueError,
        "events with the id 'a' must be equal, got Event('purchase', at=",
    ),
    (
        WrongDefinitionError("ann", ("shop", 1), ("shop", 2)),
        ValueError,
        (
            "customer must belong to lifecycle 'shop' version 2, got customer 'ann' of lifecycle "
            "'shop' version 1; Lifecycle.migrate moves a customer to another definition"
        ),
    ),
    (
        EmptySampleError("scores"),
        ValueError,
        "scores must hold at least one observation, got none",
    ),
]


@pytest.mark.parametrize(("error", "kind", "text"), ERRORS)
def test_an_error_says_what_must_hold_and_what_was_given(
    error: LifecycleError, kind: type[Exception], text: str
) -> None:
    assert str(error).startswith(text)
    assert not str(error).endswith(".")
    assert isinstance(error, kind)


@pytest.mark.parametrize("error", [error for error, _, _ in ERRORS])
def test_an_error_survives_pickling(error: LifecycleError) -> None:
    copy = again(error)
    assert type(copy) is type(error)
    assert vars(copy) == vars(error)
    assert str(copy) == str(error)


def test_every_error_is_a_lifecycle_error_and_is_tried_here() -> None:
    public = {getattr(module, name) for name in module.__all__}
    kinds = public - {LifecycleError, AssumptionWarning}
    assert issubclass(AssumptionWarning, UserWarning)
    assert all(issubclass(kind, LifecycleError) for kind in kinds)
    assert kinds == {type(error) for error, _, _ in ERRORS}


def test_the_fields_of_an_error_are_what_it_was_made_of() -> None:
    error = UnknownNameError("stage", "buyr", iter(["buyer"]))
    assert (error.argument, error.name, error.known) == ("stage", "buyr", ("buyer",))
    mixed = MixedInstantsError("to", START, "seen", naive("2026-01-01"))
    assert (mixed.other, mixed.other_value) == ("seen", naive("2026-01-01"))
    late = OutOfOrderError("ann", EVENT, day(1))
    assert (late.customer, late.event, late.seen) == ("ann", EVENT, day(1))
    assert late.sequence is None
    assert OutOfOrderError("ann", EVENT, day(1), 0).sequence == 0


def test_a_long_value_is_cut_in_the_text_and_kept_in_the_error() -> None:
    error = InvalidValueError("name", "x" * 1000, "be short")
    assert str(error) == f"name must be short, got '{'x' * 199}..."
    assert error.value == "x" * 1000


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "a known name (none is known)"),
        (1, "'n0'"),
        (2, "one of 'n0', 'n1'"),
        (20, "'n19'"),
        (21, "'n19' and 1 more"),
        (1000, "'n19' and 980 more"),
    ],
)
def test_of_many_names_the_first_twenty_are_shown(count: int, text: str) -> None:
    assert one_of(f"n{number}" for number in range(count)).endswith(text)


@pytest.mark.parametrize(
    ("instant", "word"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "aware"),
        (naive("2026-01-01"), "naive"),
    ],
)
def test_an_instant_is_called_what_it_is(instant: datetime, word: str) -> None:
    assert f"got {word} 2026" in str(MixedInstantsError("to", instant, "other", instant))


def test_a_name_is_guessed_only_where_one_is_close() -> None:
    def hint(name: str) -> bool:
        return "did you mean" in str(UnknownNameError("stage", name, ["buyer", "lead"]))

    assert hint("Buyer")
    assert not hint("zzz")
