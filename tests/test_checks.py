"""The doors: what is accepted, in its strictest form, and what is refused."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum, StrEnum
from math import inf, nan
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lifecycle import Event, Rate, _checks
from lifecycle._checks import NO_ATTRIBUTES, Attributes
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    UnknownNameError,
)
from samples import START, again, at, naive, refusal

BERLIN = ZoneInfo("Europe/Berlin")
LAST = naive("9999-12-31T23:59:59.999999")


class Plan(StrEnum):
    """Texts of one's own."""

    GOLD = "gold"


class Level(IntEnum):
    """Numbers of one's own."""

    ONE = 1


class Text(str):
    """Text of another library."""

    __slots__ = ()


class Several:
    """Numbers of another library, which are an index where there is one of them."""

    def __index__(self) -> int:
        raise TypeError

    def __repr__(self) -> str:
        return "several"


class Index:
    """A whole number of another library."""

    def __index__(self) -> int:
        return 7


class Array:
    """Several truth values of another library, which have an index where they are one number."""

    dtype, shape = "bool", (2,)

    def __index__(self) -> int:
        raise TypeError("only integer scalar arrays can be converted to a scalar index")

    def __repr__(self) -> str:
        return "Array()"


class Moment(datetime):
    """A datetime of another library."""


class Missing(datetime):
    """A datetime that is none."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


class Nowhere(tzinfo):
    """A time zone that does not know its offset."""

    def utcoffset(self, _: datetime | None) -> None:
        """Say nothing."""


# What is accepted


@pytest.mark.parametrize("given", [Plan.GOLD, Text("gold"), "gold"])
def test_text_becomes_plain(given: str) -> None:
    for found in (
        _checks.name("x", given),
        _checks.identifier("x", given),
        _checks.choice("x", given, ["silver", "gold"]),
        _checks.plain("x", given),
        *_checks.names("x", [given]),
    ):
        assert found == "gold"
        assert type(found) is str


@pytest.mark.parametrize(
    ("given", "found"), [(7, 7), (Index(), 7), (Level.ONE, 1), (10**30, 10**30)]
)
def test_a_whole_number_becomes_plain(given: Any, found: int) -> None:
    for check in (_checks.whole, _checks.identifier, _checks.number):
        assert check("x", given) == found
        assert type(check("x", given)) is int


def test_a_truth_value_is_one() -> None:
    assert _checks.is_truth(False)
    assert [_checks.is_truth(value) for value in (0, 1, None, "True", Array())] == [False] * 5
    assert _checks.is_truth(pytest.importorskip("numpy").bool_(True))


class Answers:
    """A column, whose comparison has an answer for each row."""

    def __eq__(self, other: object) -> Any:
        return self

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise ValueError("the truth value of several is ambiguous")


def test_what_is_missing_differs_from_itself_or_is_none() -> None:
    missing = (None, nan, Decimal("NaN"), Decimal("sNaN"), Missing(2026, 1, 1))
    assert all(map(_checks.is_missing, missing))
    assert not any(map(_checks.is_missing, (0, "", False, START, Answers())))


@pytest.mark.parametrize(
    ("given", "expected"),
    [(9.0, 9), (-0.0, 0), (2.0**53, 2**53), (9, 9), (True, True), ("9", "9"), (9.5, 9.5)],
)
def test_a_whole_float_of_a_column_is_a_whole_number(given: Any, expected: Any) -> None:
    found = _checks.from_column(given)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("given", [2.0**53 + 2, 1e300, float("inf"), Decimal(9), None, Array()])
def test_all_else_of_a_column_stays_what_it_is(given: Any) -> None:
    assert _checks.from_column(given) is given


def test_a_door_says_what_to_do_about_a_value_missing_in_a_row() -> None:
    hint = "; leave out rows without it (dropna), or fill it in"
    for place, said in (("rows[3]", hint), ("rows[3].at", hint), ("rows", ""), ("rows['a']", "")):
        with pytest.raises(InvalidValueError) as refused:
            _checks.known(_checks.number, place, nan)
        assert str(refused.value) == f"{place} must be finite, got nan{said}"
    with pytest.raises(InvalidTypeError, match=r"got '9' \(str\)$"):
        _checks.known(_checks.number, "rows[3]", "9")
    assert _checks.known(_checks.number, "rows[3]", 9) == 9


class Share(float):
    """A float of another library."""

    __slots__ = ()


def test_a_float_becomes_plain() -> None:
    assert _checks.number("x", Share(0.5)) == 0.5
    assert type(_checks.number("x", Share(0.5))) is float
    assert type(_checks.plain("x", Share(0.5))) is float


@pytest.mark.parametrize("given", [0, -1, 1.5, -0.0, 1e308, Decimal("0.1"), Decimal("1e300")])
def test_a_number_is_finite(given: Any) -> None:
    assert _checks.number("x", given) == given
    assert type(_checks.number("x", given)) is type(given)


@pytest.mark.parametrize("given", [0.95, Decimal("0.95"), 1e-300])
def test_a_fraction_lies_between_0_and_1(given: Any) -> None:
    assert _checks.fraction("x", given) == float(given)
    assert type(_checks.fraction("x", given)) is float


def test_names_keep_their_order() -> None:
    assert _checks.names("x", iter(["b", "a"])) == ("b", "a")
    assert _checks.names("x", {"b": 1, "a": 2}) == ("b", "a")
    assert _checks.names("x", []) == ()


@pytest.mark.parametrize(
    "given",
    [
        START,
        naive("2026-01-01"),
        at("2026-10-25T02:30", BERLIN).replace(fold=1),
        LAST,
        naive("0001-01-01"),
        LAST.replace(tzinfo=UTC),
        LAST.replace(tzinfo=timezone(timedelta(hours=9))),
    ],
)
def test_an_instant_is_kept_as_it_is(given: datetime) -> None:
    assert _checks.instant("x", given) is given


def test_an_instant_of_another_library_becomes_plain() -> None:
    given = Moment(2026, 10, 25, 2, 30, 15, 7, tzinfo=BERLIN, fold=1)
    found = _checks.instant("x", given)
    assert type(found) is datetime
    assert (found.isoformat(), found.tzinfo) == (given.isoformat(), BERLIN)
    assert _checks.instant("x", Moment(2026, 1, 1)) == naive("2026-01-01")


def test_instants_compare_in_utc() -> None:
    assert _checks.utc(at("2026-07-01T12:00", BERLIN)).isoformat() == "2026-07-01T10:00:00+00:00"
    assert _checks.utc(START) is START
    plain = naive("2026-01-01")
    assert _checks.utc(plain) is plain


def test_instants_that_meet_are_of_one_kind() -> None:
    _checks.same_kind("x", START, "y", at("2026-01-01", BERLIN))
    _checks.same_kind("x", LAST, "y", naive("2026-01-01"))
    for one, other in ((START, LAST), (LAST, START)):
        with pytest.raises(MixedInstantsError) as caught:
            _checks.same_kind("x", one, "y", other)
        assert str(caught.value).startswith("x and y must both have a time zone or both have none")


def test_an_instant_is_shown_as_people_read_it() -> None:
    assert _checks.shown(at("2026-07-01T12:00", BERLIN)) == "2026-07-01 12:00:00+02:00"
    assert _checks.shown(naive("2026-07-01")) == "2026-07-01 00:00:00"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (Index(), 7),
        (Moment(2026, 1, 1), naive("2026-01-01")),
        (date(2026, 1, 1), date(2026, 1, 1)),
        (time(12), time(12)),
        (timedelta(1), timedelta(1)),
        (["a", ["b", Plan.GOLD], ()], ("a", ("b", "gold"), ())),
    ],
)
def test_a_plain_value_can_be_kept_and_hashed(given: object, found: object) -> None:
    plain = _checks.plain("x", given)
    assert plain == found
    assert type(plain) is type(found)
    assert hash(plain) == hash(found)


# Attributes


def test_attributes_are_a_mapping_that_can_be_read_and_hashed() -> None:
    found = _checks.attributes("x", {Plan.GOLD: [1, 2], "b": None})
    assert isinstance(found, Mapping)
    assert found == {"gold": (1, 2), "b": None}
    assert (found["gold"], found.get("c"), len(found), list(found)) == (
        (1, 2),
        None,
        2,
        ["gold", "b"],
    )
    assert hash(found) == hash(_checks.attributes("x", {"b": None, "gold": (1, 2)}))
    assert repr(found) == "{'gold': (1, 2), 'b': None}"
    assert again(found) == found


def test_attributes_that_are_checked_are_kept() -> None:
    found = _checks.attributes("x", {"a": 1})
    assert _checks.attributes("y", found) is found
    assert _checks.attributes("x", None) is NO_ATTRIBUTES


def test_attributes_are_joined_into_new_ones() -> None:
    one = Attributes({"a": 1, "b": 2})
    assert one | {"b": 3} == {"a": 1, "b": 3}
    assert type(one | {}) is Attributes
    assert one == {"a": 1, "b": 2}
    assert Attributes() == {}


# What is refused


NUMBER = "must be a number (int, float or Decimal)"

REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: _checks.name("x", 3), InvalidTypeError, "x must be text, got 3 (int)"),
    (lambda: _checks.name("x", b"a"), InvalidTypeError, "x must be text, got b'a' (bytes)"),
    (lambda: _checks.name("x", ""), InvalidValueError, "x must be text that is not blank, got ''"),
    (
        lambda: _checks.name("x", "\n"),
        InvalidValueError,
        r"x must be text that is not blank, got '\n'",
    ),
    (
        lambda: _checks.names("x", "ab"),
        InvalidTypeError,
        "x must be a tuple of names, got 'ab' (str)",
    ),
    (lambda: _checks.names("x", 3), InvalidTypeError, "x must be a tuple of names, got 3 (int)"),
    (lambda: _checks.names("x", ["a", 3]), InvalidTypeError, "x[1] must be text, got 3 (int)"),
    (
        lambda: _checks.names("x", ["a", "b", "a"]),
        InvalidValueError,
        "x must name each thing once, got ('a', 'b', 'a')",
    ),
    (
        lambda: _checks.choice("x", "gld", ["gold", "silver"]),
        UnknownNameError,
        "x must be one of 'gold', 'silver', got 'gld'; did you mean 'gold'?",
    ),
    (lambda: _checks.choice("x", 3, ["gold"]), InvalidTypeError, "x must be text, got 3 (int)"),
    (
        lambda: _checks.identifier("x", 1.0),
        InvalidTypeError,
        "x must be text or a whole number, got 1.0 (float)",
    ),
    (
        lambda: _checks.identifier("x", True),
        InvalidTypeError,
        "x must be text or a whole number, got True (bool)",
    ),
    (
        lambda: _checks.whole("x", 3.0),
        InvalidTypeError,
        "x must be a whole number, got 3.0 (float)",
    ),
    (lambda: _checks.whole("x", 8, most=7), InvalidValueError, "x must be at most 7, got 8"),
    (
        lambda: _checks.whole("x", Several()),
        InvalidTypeError,
        "x must be a whole number, got several (Several)",
    ),
    (lambda: _checks.whole("x", "3"), InvalidTypeError, "x must be a whole number, got '3' (str)"),
    (
        lambda: _checks.whole("x", False),
        InvalidTypeError,
        "x must be a whole number, got False (bool)",
    ),
    (
        lambda: _checks.whole("x", int),
        InvalidTypeError,
        "x must be a whole number, got <class 'int'>",
    ),
    (
        lambda: _checks.whole("x", Array()),
        InvalidTypeError,
        "x must be a whole number, got Array()",
    ),
    (lambda: _checks.plain("x", int), InvalidTypeError, "x must be text, a number, a truth value"),
    (lambda: _checks.whole("x", 0, least=1), InvalidValueError, "x must be at least 1, got 0"),
    (lambda: _checks.whole("x", 11, most=10), InvalidValueError, "x must be at most 10, got 11"),
    (
        lambda: _checks.periods("x", 100_001, least=1),
        InvalidValueError,
        "x must be at most 100,000, got 100001",
    ),
    (
        lambda: _checks.whole("x", Index(), least=8),
        InvalidValueError,
        "x must be at least 8, got 7",
    ),
    (lambda: _checks.number("x", nan), InvalidValueError, "x must be finite, got nan"),
    (lambda: _checks.number("x", -inf), InvalidValueError, "x must be finite, got -inf"),
    (lambda: _checks.number("x", 10**400), InvalidValueError, "x must be finite, got 100000"),
    (lambda: _checks.number("x", -(10**400)), InvalidValueError, "x must be finite, got -10000"),
    (
        lambda: _checks.number("x", Decimal("1e400")),
        InvalidValueError,
        "x must be finite, got Decimal('1E+400')",
    ),
    (
        lambda: _checks.number("x", Decimal("9E+999999")),
        InvalidValueError,
        "x must be finite, got Decimal('9E+999999')",
    ),
    (
        lambda: _checks.number("x", Decimal("Infinity")),
        InvalidValueError,
        "x must be finite, got Decimal('Infinity')",
    ),
    (
        lambda: _checks.number("x", Decimal("sNaN")),
        InvalidValueError,
        "x must be finite, got Decimal('sNaN')",
    ),
    (lambda: _checks.number("x", True), InvalidTypeError, f"x {NUMBER}, got True (bool)"),
    (lambda: _checks.number("x", "1"), InvalidTypeError, f"x {NUMBER}, got '1' (str)"),
    (lambda: _checks.number("x", None), InvalidTypeError, f"x {NUMBER}, got None (NoneType)"),
    (lambda: _checks.number("x", 1j), InvalidTypeError, f"x {NUMBER}, got 1j (complex)"),
    (
        lambda: _checks.fraction("x", 1),
        InvalidValueError,
        "x must lie strictly between 0 and 1, got 1",
    ),
    (
        lambda: _checks.fraction("x", 0.0),
        InvalidValueError,
        "x must lie strictly between 0 and 1, got 0.0",
    ),
    (lambda: _checks.fraction("x", "0.5"), InvalidTypeError, f"x {NUMBER}, got '0.5' (str)"),
    (
        lambda: _checks.instant("x", date(2026, 1, 1)),
        InvalidTypeError,
        "x must be a datetime; say which moment of the day, got datetime.date(2026, 1, 1) (date)",
    ),
    (lambda: _checks.instant("x", 0), InvalidTypeError, "x must be a datetime, got 0 (int)"),
    (
        lambda: _checks.instant("x", Missing(2026, 1, 1)),
        InvalidTypeError,
        "x must be a datetime",
    ),
    (
        lambda: _checks.instant("x", START.replace(tzinfo=Nowhere())),
        InvalidValueError,
        "x must have a time zone that knows its offset, or none, got 2026-01-01 00:00",
    ),
    (
        lambda: _checks.instant("x", LAST.replace(tzinfo=timezone(timedelta(hours=-1)))),
        InvalidValueError,
        "x must lie within years 1 to 9999 in UTC, got 9999-12-31 ",
    ),
    (lambda: _checks.instance("x", 1, Rate), InvalidTypeError, "x must be a Rate, got 1 (int)"),
    (lambda: _checks.instance("x", 1, Event), InvalidTypeError, "x must be an Event, got 1 (int)"),
    (
        lambda: _checks.attributes("x", ["a"]),
        InvalidTypeError,
        "x must be a mapping from names to values, got ['a'] (list)",
    ),
    (lambda: _checks.attributes("x", {3: 1}), InvalidTypeError, "x key must be text, got 3 (int)"),
    (
        lambda: _checks.attributes("x", {"a": {1}}),
        InvalidTypeError,
        (
            "x['a'] must be text, a number, a truth value, a date, None or a tuple of these, "
            "got {1} (set)"
        ),
    ),
    (
        lambda: _checks.plain("x", [1, [nan]]),
        InvalidValueError,
        "x[1][0] must be finite, got nan",
    ),
    (lambda: _checks.plain("x", b"a"), InvalidTypeError, "x must be text, a number"),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSALS)
def test_a_door_refuses(call: Callable[[], object], kind: type[Exception], text: str) -> None:
    assert refusal(kind, call).startswith(text)
