"""Errors say what must hold, what was given, and what would have been accepted."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

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
    MissingPeriodsError,
    MissingValuesError,
    MixedInstantsError,
    MixedNumbersError,
    NoJourneysError,
    NotIdentifiedError,
    NotPermittedError,
    OutOfOrderError,
    TooManyChangesError,
    UnknownNameError,
    WrongDefinitionError,
    folded,
    is_missing,
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
        MissingPeriodsError("kpis"),
        ValueError,
        "say the periods first: base.over(calendar, window).kpis()",
    ),
    (
        NoJourneysError("referrals()"),
        ValueError,
        "referrals() must be asked of journeys, got changes on file, without events",
    ),
    (
        MissingValuesError("frame['amount']", [3]),
        ValueError,
        (
            "frame['amount'] must have a value in each row, got 1 missing value, in row 3; "
            "fill them in, or leave such rows out, as EventLog.from_frame with missing='drop' does"
        ),
    ),
    (
        MissingValuesError("at", range(1, 2_001)),
        ValueError,
        (
            "at must have a value in each row, got 2,000 missing values, in rows 1, 2, 3, 4, 5, "
            "...; fill them in, or leave such rows out, as EventLog.from_frame with "
            "missing='drop' does"
        ),
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
        TooManyChangesError("ann", iter(["a", "b", "a"]), START, 1000),
        RuntimeError,
        (
            "time-outs must move a customer at most 1,000 times in one call, got more for 'ann' by "
            "2026-01-01 00:00:00+00:00, in 'a' -> 'b' -> 'a'; make the time-outs longer, advance "
            "in shorter steps, or allow more with most="
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


def test_a_name_is_sought_among_a_thousand_known_ones_at_most() -> None:
    known = [f"number {i}" for i in range(1_000)]
    for name, is_close in (("number 999!", True), ("buyr", False)):
        text = str(UnknownNameError("stage", name, [*known, "buyer"]))
        assert ("did you mean" in text) == is_close
        assert "'number 19' and 981 more, got" in text


def test_nothing_is_suggested_for_a_name_too_long_to_compare() -> None:
    for length, is_close in ((200, True), (201, False)):
        text = str(UnknownNameError("stage", "x" * length, ["x" * 199]))
        assert ("did you mean" in text) == is_close


def test_a_loop_of_many_stages_is_cut() -> None:
    stages = [f"s{number}" for number in range(12)]
    text = str(TooManyChangesError("ann", stages, START, 1))
    assert "at most once in one call" in text
    assert text.count(" -> ") == 10
    assert "-> 's9' -> ... (2 more); make" in text


COMPOSED, APART = "ach\u00e8te", "ache\u0300te"


@pytest.mark.parametrize(
    ("known", "given", "text"),
    [
        ((COMPOSED,), APART, r"'ach\xe8te', got 'ache\u0300te'; did you mean 'ach\xe8te'?"),
        (("caf\u00e9",), "cafe", "'caf\u00e9', got 'cafe'; did you mean 'caf\u00e9'?"),
        (("\uff21",), "A", r"'\uff21', got 'A'; did you mean '\uff21'?"),
        (("buyer",), "Buyer", "'buyer', got 'Buyer'; did you mean 'buyer'?"),
        (("\u00e9", "e\u0301"), "x", r"one of '\xe9', 'e\u0301', got 'x'"),
    ],
)
def test_names_that_look_alike_are_shown_by_their_code_points(
    known: tuple[str, ...], given: str, text: str
) -> None:
    assert str(UnknownNameError("stage", given, known)) == f"stage must be {text}"


@pytest.mark.parametrize(
    ("given", "known", "guess"),
    [
        ("BUYER", ("lead", "buyer"), "'buyer'"),
        ("at risk", ("at  risks", "AT RISK"), "'AT RISK'"),
        ("\u00e5", ("b", "a\u030a"), r"'a\u030a'"),
        ("STRASSE", ("strass", "stra\u00dfe"), r"'stra\xdfe'"),
        ("buyer", ("buyers", "bu\u200by\u200be\u200br\u200b"), r"'bu\u200by\u200be\u200br\u200b'"),
    ],
)
def test_a_name_that_differs_in_case_blanks_or_form_is_the_guess(
    given: str, known: tuple[str, ...], guess: str
) -> None:
    assert str(UnknownNameError("stage", given, known)).endswith(f"; did you mean {guess}?")


def test_ids_of_all_kinds_are_shown_and_guessed() -> None:
    key = UUID(int=7)
    error = UnknownNameError("ids[0]", str(key), [7, key, "7"])
    assert str(error) == (
        f"ids[0] must be one of 7, {key!r}, '7', got {str(key)!r}; did you mean {key!r}?"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (COMPOSED, APART),
        ("Buyer", "buyer"),
        (" buyer\t", "buyer"),
        ("at\u00a0risk", "at  risk"),
        ("STRASSE", "stra\u00dfe"),
        ("buy\u200ber", "buyer"),
        ("\u2b50\ufe0f gold", "\u2b50 gold"),
        ("\ufb01rst", "first"),
    ],
)
def test_names_that_differ_in_case_blanks_and_form_fold_to_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("cafe", "caf\u00e9"), ("a b", "ab"), ("a-b", "a b")])
def test_names_that_differ_in_letters_do_not_fold_to_one(one: str, other: str) -> None:
    assert folded(one) != folded(other)


class Odd:
    """A value that does not compare."""

    def __eq__(self, other: object) -> bool:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


class NAType:
    """What pandas has for a value that is not available: nothing is said of it."""

    def __eq__(self, other: object) -> object:  # type: ignore[override]
        return self

    def __bool__(self) -> bool:
        raise TypeError

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize("value", [math.nan, Decimal("NaN"), Decimal("sNaN"), NAType()])
def test_a_missing_value_is_called_one(value: object) -> None:
    assert is_missing(value)
    assert str(InvalidValueError("x", value, "be")).endswith(", a missing value")
    assert str(InvalidTypeError("x", value, "be")).endswith("), a missing value")


@pytest.mark.parametrize("value", [0, "", math.inf, [math.nan], Odd(), START, "NaN"])
def test_other_values_are_not_called_missing(value: object) -> None:
    assert not is_missing(value)
    assert "missing" not in str(InvalidTypeError("x", value, "be"))


def test_none_is_missing_and_says_so_itself() -> None:
    assert is_missing(None)
    assert str(InvalidTypeError("x", None, "be")) == "x must be, got None (NoneType)"


def test_what_to_do_about_a_missing_value_is_said_instead_where_it_is_known() -> None:
    error = InvalidValueError("x", math.nan, "be finite")
    error.hint = "; drop it"
    assert str(error) == "x must be finite, got nan; drop it"


def test_missing_values_of_pandas_and_numpy_are_known() -> None:
    pandas = pytest.importorskip("pandas")
    numpy = pytest.importorskip("numpy")
    for value in (pandas.NaT, pandas.NA, numpy.float32("nan"), numpy.datetime64("NaT", "ns")):
        assert is_missing(value)
    for value in (pandas.Timestamp("2026-01-01"), pandas.Series([1.0]), numpy.array([1, 2])):
        assert not is_missing(value)


def test_a_number_too_long_to_show_is_said_to_be_one() -> None:
    assert str(InvalidValueError("x", 10**5000, "be short")).endswith(
        "got an int too large to show"
    )
