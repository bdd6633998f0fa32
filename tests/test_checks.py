"""The doors: what is accepted, in its strictest form, and what is refused."""

import asyncio
import gc
import pickle
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import IntEnum, StrEnum
from functools import lru_cache, partial
from math import inf, nan, ulp
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz

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
    hint, gap = "; leave out rows without it (dropna), or fill it in", ", a missing value"
    for place, said in (("rows[3]", hint), ("rows[3].at", hint), ("rows", gap), ("rows['a']", gap)):
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


def test_attributes_joined_with_none_are_the_same() -> None:
    one = Attributes({"a": 1})
    assert one | {} is one
    assert one | NO_ATTRIBUTES is one


@pytest.mark.parametrize("number", [0, 3, 32, 33, 500])
def test_attributes_may_be_many(number: int) -> None:
    plain = {f"a{i}": i for i in range(number)}
    found = Attributes()
    for name, value in plain.items():
        found |= Attributes({name: value})
    found |= {"a2": "new"}
    plain["a2"] = "new"
    assert found == plain
    assert Attributes(plain) == found
    assert hash(found) == hash(Attributes(plain))
    assert (repr(found), list(found), len(found)) == (repr(plain), list(plain), len(plain))
    assert (found["a2"], found.get("b"), "b" in found) == ("new", None, False)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("number", [0, 3, 500])
def test_attributes_round_trip_through_every_pickle(number: int, protocol: int) -> None:
    found = Attributes()
    for i in range(number):
        found |= {f"a{i}": i}
    copy = pickle.loads(pickle.dumps(found, protocol))  # noqa: S301  (the test's own bytes)
    assert (copy, list(copy), type(copy)) == (found, list(found), Attributes)


# What is refused


NUMBER = "must be a number (int, float or Decimal)"
BEYOND = "must be finite as a float, which reaches to 1.8e308"

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
        "x must be text or a whole number or a UUID, got 1.0 (float)",
    ),
    (
        lambda: _checks.identifier("x", True),
        InvalidTypeError,
        "x must be text or a whole number or a UUID, got True (bool)",
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
    (lambda: _checks.number("x", 10**400), InvalidValueError, f"x {BEYOND}, got 100000"),
    (lambda: _checks.number("x", -(10**400)), InvalidValueError, f"x {BEYOND}, got -10000"),
    (
        lambda: _checks.number("x", Decimal("1e400")),
        InvalidValueError,
        f"x {BEYOND}, got Decimal('1E+400')",
    ),
    (
        lambda: _checks.number("x", Decimal("9E+999999")),
        InvalidValueError,
        f"x {BEYOND}, got Decimal('9E+999999')",
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
        "x must be strictly between 0 and 1, got 1",
    ),
    (
        lambda: _checks.fraction("x", 0.0),
        InvalidValueError,
        "x must be strictly between 0 and 1, got 0.0",
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
        "x must be within years 1 to 9999 in UTC, got 9999-12-31 ",
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
            "x['a'] must be text, a number, a truth value, a date, a UUID, None or a tuple of "
            "these, got {1} (set)"
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


# What has no NUL and no lone surrogate


@pytest.mark.parametrize(
    "bad", ["a\0", "\0", "a\ud800", "\udfffb", Text("a\0b"), "\U0001f600\udc00"]
)
def test_text_that_no_database_holds_is_refused(bad: str) -> None:
    for check in (_checks.name, _checks.identifier, _checks.plain):
        text = refusal(InvalidValueError, partial(check, "x", bad))
        assert text.startswith("x must be text without NUL and lone surrogates, got ")


@pytest.mark.parametrize("good", ["a\tb", "\u202ea", "\ufffe", "\U0001f600", "\x01a", "a\nb"])
def test_odd_text_that_can_be_stored_is_kept(good: str) -> None:
    for check in (_checks.name, _checks.identifier, _checks.plain):
        assert check("x", good) == good


# Ids


SOME = UUID("12345678-1234-5678-1234-567812345678")


class Key(UUID):
    """A UUID of a driver."""


def test_a_uuid_is_an_id_and_a_plain_value() -> None:
    for given in (SOME, Key(int=SOME.int)):
        for found in (_checks.identifier("x", given), _checks.plain("x", given)):
            assert found == SOME
            assert type(found) is UUID
    with pytest.raises(InvalidTypeError):
        _checks.number("x", SOME)


def test_ids_of_all_kinds_have_one_order() -> None:
    ids = [UUID(int=2), "b", 7, UUID(int=1), "a", -1, "7"]
    assert sorted(ids, key=_checks.id_order) == [-1, 7, "7", "a", "b", UUID(int=1), UUID(int=2)]


# Numbers: how long, how large, how small


LONGEST, SMALLEST = Decimal("1" * 309), Decimal("1e-1000")
EXACT = Decimal(ulp(0.0))
ALL_DIGITS = Decimal((0, (3,) * 1000, -1000))


@pytest.mark.parametrize("given", [LONGEST / 10, SMALLEST, ALL_DIGITS, Decimal("0.00"), EXACT])
def test_every_amount_and_every_float_is_short_enough_as_a_decimal(given: Decimal) -> None:
    assert _checks.number("x", given) == given


@pytest.mark.parametrize(
    "given",
    [
        Decimal("1e-1001"),
        Decimal("-1e-10000000"),
        Decimal("0e-999999"),
        Decimal("0e999999"),
        Decimal((0, (3,) * 1001, -1001)),
        Decimal((1, (7,) * 20_000, -20_000)),
    ],
)
def test_a_decimal_that_arithmetic_would_not_end_with_is_refused(given: Decimal) -> None:
    for check in (_checks.number, _checks.plain):
        text = refusal(InvalidValueError, partial(check, "x", given))
        expected = "x must have at most 1,000 digits and an exponent from -1,000 to 1,000, got "
        assert text.startswith(expected)


@pytest.mark.parametrize(("sign", "zeros"), [(1, 1000), (-1, 1000), (1, 4300), (-1, 20_000)])
def test_a_whole_number_that_python_may_not_show_is_refused(sign: int, zeros: int) -> None:
    given = sign * 10**zeros
    for check in (_checks.identifier, _checks.plain, _checks.whole, _checks.number):
        text = refusal(InvalidValueError, partial(check, "x", given))
        assert text.startswith("x must have at most 1,000 digits, got ")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_whole_number_may_have_a_thousand_digits(sign: int) -> None:
    given = sign * (10**1000 - 1)
    for check in (_checks.identifier, _checks.plain, _checks.whole):
        assert check("x", given) == given


def test_numbers_and_truth_values_of_numpy_become_plain() -> None:
    numpy = pytest.importorskip("numpy")
    for given in (numpy.float32(0.5), numpy.float16(0.5), numpy.longdouble(0.5), numpy.array(0.5)):
        for check in (_checks.number, _checks.plain):
            assert (check("x", given), type(check("x", given))) == (0.5, float)
    for check in (_checks.truth, _checks.plain):
        assert check("x", numpy.bool_(True)) is True
        assert check("x", numpy.bool_(False)) is False
    assert type(_checks.plain("x", numpy.int8(3))) is int
    for given in (numpy.float32("nan"), numpy.float32("inf"), numpy.longdouble("1e4000")):
        assert "must be finite" in refusal(InvalidValueError, partial(_checks.number, "x", given))
    for given in (numpy.complex64(1), numpy.bool_(True), numpy.array([0.5])):
        with pytest.raises(InvalidTypeError):
            _checks.number("x", given)


@pytest.mark.parametrize("given", ["yes", "", 1, 0, None, [], 1.0, Array()])
def test_what_is_no_truth_value_is_refused(given: Any) -> None:
    text = refusal(InvalidTypeError, partial(_checks.truth, "x", given))
    assert text.startswith("x must be True or False, got ")


# Lists in lists


def nested(levels: int) -> Any:
    found: Any = "x"
    for _ in range(levels):
        found = [found]
    return found


def circle() -> list[Any]:
    found: list[Any] = [1]
    found.append((2, found))
    return found


def test_lists_may_be_nested_fifty_levels() -> None:
    assert _checks.plain("x", nested(50)) is not None


@pytest.mark.parametrize("given", [nested(51), nested(100_000), circle(), [[], [nested(60)]]])
def test_lists_that_are_nested_too_deeply_or_in_a_circle_are_refused(given: Any) -> None:
    for call in (
        partial(_checks.plain, "x", given),
        partial(_checks.attributes, "x", {"a": given}),
    ):
        text = refusal(InvalidValueError, call)
        assert text.startswith("x[")
        assert "must be nested at most 50 levels deep, and not contain itself, got " in text


# Functions of the user


async def coroutine(_customer: Any, _event: Any) -> bool:
    return True


def generator(_customer: Any, _event: Any) -> Iterator[bool]:
    yield True


async def async_generator(_customer: Any, _event: Any) -> AsyncIterator[bool]:
    yield True


class Asked:
    """Something that can be called, or whose methods can."""

    async def __call__(self, _customer: Any, _event: Any) -> bool:
        """Promise."""
        return True

    async def later(self, _customer: Any, _event: Any) -> bool:
        """Promise."""
        return True

    @classmethod
    def many(cls, _customer: Any, _event: Any) -> Iterator[bool]:
        """Promise."""
        yield True

    def now(self, _customer: Any, _event: Any) -> bool:
        """Answer."""
        return True


class Twice:
    """Something whose call is something that can be called."""

    __call__ = Asked()


@pytest.mark.parametrize(
    "given",
    [
        coroutine,
        generator,
        async_generator,
        partial(coroutine),
        partial(partial(generator), 1),
        Asked(),
        Asked().later,
        Asked.many,
        partial(Asked().later),
        partial(Asked()),
        Twice(),
    ],
)
def test_a_function_that_only_promises_an_answer_is_refused(given: Any) -> None:
    text = refusal(InvalidTypeError, lambda: _checks.function("x", given, "customer", "event"))
    assert text.startswith(
        "x must be a plain function of (customer, event), not a coroutine function or a generator"
    )


def three(_one: Any, _two: Any, _three: Any) -> bool:
    return True


def named(_one: Any, *, _two: Any) -> bool:
    return True


class Pair(NamedTuple):
    """A class with two arguments."""

    customer: Any
    event: Any


@pytest.mark.parametrize(
    "given",
    [
        lambda: True,
        lambda _one: True,
        three,
        named,
        partial(three, 1, 2),
        partial(three, 1, 2, 3, 4),
        Asked.now,
        type("Empty", (), {}),
    ],
)
def test_a_function_that_does_not_take_what_it_is_given_is_refused(given: Any) -> None:
    text = refusal(InvalidTypeError, lambda: _checks.function("x", given, "customer", "event"))
    assert text.startswith("x must be a function of (customer, event), called by position, got ")


@pytest.mark.parametrize(
    "given",
    [
        lambda _one, _two: True,
        lambda *_both: True,
        lambda _one, _two=None, _three=None: True,
        partial(three, 1),
        partial(three, _three=1),
        Asked().now,
        Pair,
        max,  # says nothing of what it takes
        lru_cache(lambda _one, _two: True),
    ],
)
def test_a_function_that_answers_is_taken(given: Any) -> None:
    assert _checks.function("x", given, "customer", "event") is given


def test_what_cannot_be_called_is_no_function() -> None:
    text = refusal(InvalidTypeError, lambda: _checks.function("x", 3, "a model"))
    assert text == "x must be a function of a model, got 3 (int)"


@pytest.mark.parametrize("promised", [coroutine, generator, async_generator])
def test_a_promise_is_no_answer_and_python_does_not_warn_of_it(promised: Any) -> None:
    for check in (_checks.answer, _checks.truth):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            text = refusal(InvalidTypeError, lambda check=check: check("x", promised(1, 2)))
            gc.collect()
        assert text.startswith("x must be an answer, not something to await or iterate, got <")


def test_a_future_is_no_answer() -> None:
    loop = asyncio.new_event_loop()
    with pytest.raises(InvalidTypeError):
        _checks.answer("x", loop.create_future())
    loop.close()
    assert _checks.answer("x", [1]) == [1]


# Missing values


def test_where_none_is_accepted_a_missing_value_is_told_so() -> None:
    assert _checks.given("end", None, "a datetime", "no end") is None
    assert _checks.given("end", START, "a datetime", "no end") is START
    text = refusal(InvalidTypeError, lambda: _checks.given("end", nan, "a datetime", "no end"))
    assert text == "end must be a datetime, or None for no end, got nan (float), a missing value"


def test_missing_values_of_pandas_are_called_so_at_every_door() -> None:
    pandas = pytest.importorskip("pandas")
    checks = (_checks.instant, _checks.name, _checks.identifier, _checks.number, _checks.whole)
    for check in (*checks, _checks.truth, _checks.plain):
        for missing in (pandas.NaT, pandas.NA):
            text = refusal(InvalidTypeError, partial(check, "x", missing))
            assert text.startswith("x must be ")
            assert text.endswith(f"got {missing!r} ({type(missing).__name__}), a missing value")
            assert "moment of the day" not in text


# Zones


class Pinned(tzinfo):
    """A zone as pytz has it: of one offset, until it is told to normalize."""

    def __init__(self, zone: Any, offset: timedelta | None, word: str = "CET") -> None:
        self.zone, self.offset, self.word = zone, offset, word

    def localize(self, _: datetime) -> datetime:
        """Not asked here."""
        raise NotImplementedError

    normalize = localize

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Give the offset that it is pinned to."""
        return None if moment is None and self.zone else self.offset

    def tzname(self, _: datetime | None) -> str:
        """Give the name of its offset."""
        return self.word


HOUR = timedelta(hours=1)


def test_a_pinned_zone_becomes_that_of_its_name() -> None:
    winter = datetime(2026, 3, 10, 12, tzinfo=Pinned("Europe/Berlin", HOUR))
    found = _checks.instant("x", winter)
    assert (found, found.tzinfo) == (winter, BERLIN)
    assert found.isoformat() == "2026-03-10T12:00:00+01:00"
    assert _checks.zone("zone", winter.tzinfo) is BERLIN
    assert _checks.zone("zone", Pinned("UTC", timedelta())) is UTC


def test_a_sum_of_a_pinned_zone_is_the_instant_that_it_is() -> None:
    summer = datetime(2026, 3, 10, 12, tzinfo=Pinned("Europe/Berlin", HOUR)) + timedelta(days=30)
    assert _checks.instant("x", summer).isoformat() == "2026-04-09T13:00:00+02:00"


def test_a_pinned_offset_becomes_a_fixed_one() -> None:
    for offset, zone in ((timedelta(), UTC), (HOUR, timezone(HOUR)), (-HOUR, timezone(-HOUR))):
        found = _checks.instant("x", datetime(2026, 7, 1, tzinfo=Pinned(None, offset)))
        assert found.tzinfo == zone
        assert type(found.tzinfo) is timezone


def test_a_pinned_zone_that_is_not_known_is_refused_by_name() -> None:
    given = datetime(2026, 1, 1, tzinfo=Pinned("Mars/Olympus", HOUR))
    text = refusal(InvalidValueError, lambda: _checks.instant("x", given))
    assert text.startswith("x must be the name of an installed time zone")
    assert text.endswith("got 'Mars/Olympus'")


class Nameless(Pinned):
    """A pinned zone that does not say which one it is."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Give an offset where there is an instant."""
        return None if moment is None else HOUR


def test_a_pinned_zone_without_a_name_is_refused() -> None:
    given = datetime(2026, 1, 1, tzinfo=Nameless(None, HOUR))
    text = refusal(InvalidValueError, lambda: _checks.instant("x", given))
    assert text.startswith("x must have no time zone, a fixed offset, or a zone of zoneinfo with a")


def test_local_mean_time_of_a_pinned_zone_is_a_mistake_but_in_the_nineteenth_century() -> None:
    mean = Pinned("Europe/Berlin", timedelta(minutes=53), "LMT")
    text = refusal(
        InvalidValueError, lambda: _checks.instant("x", datetime(2026, 1, 1, tzinfo=mean))
    )
    assert text.startswith("x must have its zone from localize(), as tzinfo= takes the local mean")
    assert _checks.instant("x", datetime(1880, 1, 1, tzinfo=mean)).tzinfo is BERLIN


def test_a_pinned_instant_at_the_ends_of_time_is_refused_in_words() -> None:
    for offset in (timedelta(), -timedelta(hours=9)):  # the zone is 9 hours ahead
        given = datetime.max.replace(tzinfo=Pinned("Asia/Tokyo", offset))
        text = refusal(InvalidValueError, lambda given=given: _checks.instant("x", given))
        assert text.startswith("x must be within years 1 to 9999 in UTC, got 9999-12-31")


def test_zones_of_pytz_are_taken_at_every_hour_of_a_year() -> None:
    pytz = pytest.importorskip("pytz")
    for key in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"):
        old, new = pytz.timezone(key), ZoneInfo(key)
        for hour in range(0, 8760, 7):
            moment = START + timedelta(hours=hour)
            found = _checks.instant("x", moment.astimezone(old))
            assert (found.astimezone(UTC), found.tzinfo) == (moment, new)
            assert found.isoformat() == moment.astimezone(new).isoformat()


def test_fixed_zones_of_pytz_and_dateutil_become_those_of_python() -> None:
    pytz = pytest.importorskip("pytz")
    for zone in (pytz.utc, pytz.FixedOffset(0), tz.tzutc(), tz.UTC, tz.tzoffset("x", 0)):
        assert _checks.instant("x", datetime(2026, 1, 1, tzinfo=zone)).tzinfo is UTC
    for zone in (pytz.FixedOffset(60), tz.tzoffset(None, 3600)):
        assert _checks.instant("x", datetime(2026, 7, 1, tzinfo=zone)).tzinfo == timezone(HOUR)
    given = datetime(2026, 1, 1, tzinfo=pytz.timezone("Europe/Berlin"))
    assert "localize()" in refusal(InvalidValueError, lambda: _checks.instant("x", given))


class Own(tzinfo):
    """A zone of the user's own, with a summer of its own."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Give an hour more in summer; without an instant, as Python's documentation does."""
        return HOUR * (2 if moment is not None and 3 < moment.month < 11 else 1)


def test_zones_that_follow_the_local_time_are_kept() -> None:
    for zone in (BERLIN, tz.tzstr("CET-1CEST"), timezone(HOUR), Own()):
        assert _checks.zone("zone", zone) is zone
        given = datetime(2026, 1, 1, tzinfo=zone)
        assert _checks.instant("x", given) is given
