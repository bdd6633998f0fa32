"""Events: dated facts."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import StrEnum
from math import inf, nan
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Event
from lifecycle.engine.events import read_in
from lifecycle.errors import InvalidTypeError, InvalidValueError
from samples import START, again, at, naive, refusal

BERLIN = ZoneInfo("Europe/Berlin")


class Names(StrEnum):
    """Names of one's own."""

    BUY = "purchase"


class Stamp(datetime):
    """A datetime that knows more, as the one of pandas does."""


class Missing(datetime):
    """A datetime that is none, as the one of pandas."""

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


class Nowhere(tzinfo):
    """A time zone that does not know its offset."""

    def utcoffset(self, _: datetime | None) -> None:
        """Say nothing."""


class Index:
    """A whole number of another library."""

    def __index__(self) -> int:
        return 7


def test_an_event_has_a_name_and_an_instant() -> None:
    event = Event("purchase", START)
    assert (event.name, event.at, event.value, event.id) == ("purchase", START, None, None)
    assert event.attributes == {}
    assert event.sets == {}


def test_an_event_shows_itself_as_the_call_that_makes_it() -> None:
    assert repr(Event("purchase", naive("2026-01-05"), value=40, id="a", sets={"x": 1})) == (
        "Event('purchase', at=datetime.datetime(2026, 1, 5, 0, 0), value=40, id='a', sets={'x': 1})"
    )


def test_equal_events_are_one_and_the_same_in_a_set() -> None:
    facts = {"value": 4, "id": 1, "attributes": {"a": [1, 2]}, "sets": {"b": "c"}}
    one, other = Event("purchase", START, **facts), Event("purchase", START, **facts)
    assert one == other
    assert len({one, other}) == 1
    assert one != Event("purchase", START, **{**facts, "value": 5})


def test_an_instant_is_the_same_in_every_zone() -> None:
    one = Event("purchase", at("2026-01-05T12:00"))
    other = Event("purchase", at("2026-01-05T13:00", BERLIN))
    assert one == other
    assert hash(one) == hash(other)


def test_the_two_instants_of_a_repeated_local_time_differ() -> None:
    early = Event("purchase", at("2026-10-25T02:30", BERLIN))
    late = Event("purchase", at("2026-10-25T02:30", BERLIN).replace(fold=1))
    assert late._instant - early._instant == timedelta(hours=1)
    assert early != late


def test_an_event_may_have_a_place_in_the_order_of_its_source() -> None:
    event = Event("purchase", START, sequence=0)
    assert event.sequence == 0
    assert Event("purchase", START).sequence is None
    assert repr(event).endswith(", sequence=0)")
    assert event != Event("purchase", START)
    assert event != Event("purchase", START, sequence=1)
    assert again(event) == event == Event.from_dict(event.to_dict())
    assert type(Event("purchase", START, sequence=Index()).sequence) is int  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Event("purchase", START, 1)  # type: ignore[misc]


@pytest.mark.parametrize("wrong", [True, False, 1.0, "1", Decimal(1), START])
def test_a_sequence_is_a_whole_number(wrong: Any) -> None:
    text = refusal(InvalidTypeError, lambda: Event("purchase", START, sequence=wrong))
    assert text.startswith("event.sequence must be a whole number, got ")


def test_a_sequence_is_not_negative() -> None:
    text = refusal(InvalidValueError, lambda: Event("purchase", START, sequence=-1))
    assert text == "event.sequence must be at least 0, got -1"


def test_an_event_cannot_be_changed() -> None:
    event = Event("purchase", START, attributes={"a": 1})
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.value = 3  # type: ignore[misc]
    with pytest.raises(TypeError):
        event.attributes["a"] = 2  # type: ignore[index]


def test_an_event_keeps_no_hold_of_what_it_was_made_of() -> None:
    given = {"a": 1}
    event = Event("purchase", START, attributes=given, sets=given)
    given["a"] = 2
    assert event.attributes == event.sets == {"a": 1}


def test_an_event_survives_pickling() -> None:
    event = Event(
        "purchase",
        at("2026-10-25T02:30", BERLIN).replace(fold=1),
        value=Decimal("1.50"),
        id=3,
        attributes={"when": date(2026, 1, 1)},
        sets={"list": [1, "a"]},
    )
    assert again(event) == event
    assert again(event).at.fold == 1
    assert again(event)._instant == event._instant
    assert hash(again(event)) == hash(event)


def test_names_of_a_str_enum_give_their_text() -> None:
    event = Event(Names.BUY, START, id=Names.BUY, sets={Names.BUY: Names.BUY})
    assert event == Event("purchase", START, id="purchase", sets={"purchase": "purchase"})
    assert type(event.name) is type(event.id) is str
    assert {type(text) for item in event.sets.items() for text in item} == {str}


def test_a_datetime_of_another_library_becomes_a_plain_one() -> None:
    event = Event("purchase", Stamp(2026, 10, 25, 2, 30, 1, 5, tzinfo=BERLIN, fold=1))
    assert type(event.at) is datetime
    assert event.at.fold == 1
    assert event.at == datetime(2026, 10, 25, 2, 30, 1, 5, tzinfo=BERLIN, fold=1)


def test_whole_numbers_of_other_libraries_become_plain_ones() -> None:
    given = Index()
    event = Event("purchase", START, value=given, id=given, attributes={"a": given})  # type: ignore[arg-type]
    assert event == Event("purchase", START, value=7, id=7, attributes={"a": 7})
    assert type(event.value) is type(event.id) is type(event.attributes["a"]) is int


def test_numbers_of_numpy_become_plain_ones() -> None:
    numpy = pytest.importorskip("numpy")
    event = Event("purchase", START, value=numpy.int64(7), id=numpy.uint8(3))
    assert type(event.value) is type(event.id) is int


@pytest.mark.parametrize(
    "value",
    ["text", "", 1, 1.5, True, None, Decimal(1), date(2026, 1, 1), time(1), timedelta(1), START],
)
def test_an_attribute_may_be(value: object) -> None:
    assert Event("x", START, attributes={"a": value}).attributes["a"] == value


def test_a_list_in_an_attribute_becomes_a_tuple() -> None:
    assert Event("x", START, sets={"a": ["b", [1, (2,)]]}).sets["a"] == ("b", (1, (2,)))


def test_none_as_attributes_means_none() -> None:
    assert Event("x", START, attributes=None, sets=None) == Event("x", START)  # type: ignore[arg-type]


@attrs.frozen
class Sale(Event):
    """An event of one's own, which knows more."""

    shop: str = attrs.field(default="web", kw_only=True)


@pytest.mark.parametrize("kind", [Event, Sale])
def test_an_event_that_is_read_in_a_zone_is_another_in_nothing_else(kind: type[Event]) -> None:
    told: Any = {"value": 3, "id": 7, "attributes": {"a": 1}, "sets": {"b": 2}, "sequence": 4}
    told |= {"shop": "mill"} if kind is Sale else {}
    event = kind("purchase", START, **told)
    found = read_in(BERLIN, event)
    assert type(found) is kind
    assert (found.at, found.at.tzinfo) == (START, BERLIN)
    for field in attrs.fields(kind):
        if field.name != "at":
            assert getattr(found, field.name) == getattr(event, field.name)
    assert hash(found) == hash(event)
    assert read_in(BERLIN, found) is found


REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: Event(None, START),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.name must be text, got None (NoneType)",
    ),
    (
        lambda: Event(" ", START),
        InvalidValueError,
        "event.name must be text that is not blank, got ' '",
    ),
    (
        lambda: Event("x", date(2026, 1, 1)),  # type: ignore[arg-type]
        InvalidTypeError,
        (
            "event.at must be a datetime; say which moment of the day, "
            "got datetime.date(2026, 1, 1) (date)"
        ),
    ),
    (
        lambda: Event("x", "2026-01-01"),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.at must be a datetime, got '2026-01-01' (str)",
    ),
    (
        lambda: Event("x", 1767225600.0),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.at must be a datetime, got 1767225600.0 (float)",
    ),
    (
        lambda: Event("x", Missing(2026, 1, 1, tzinfo=UTC)),
        InvalidTypeError,
        "event.at must be a datetime",
    ),
    (
        lambda: Event("x", START.replace(tzinfo=Nowhere())),
        InvalidValueError,
        "event.at must have a time zone that knows its offset, or none, got 2026-01-01 00:00",
    ),
    (
        lambda: Event("x", datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))),
        InvalidValueError,
        "event.at must be within years 1 to 9999 in UTC, got 0001-01-01 00:00:00+01:00",
    ),
    (
        lambda: Event("x", START, value=True),
        InvalidTypeError,
        "event.value must be a number (int, float or Decimal), got True (bool)",
    ),
    (
        lambda: Event("x", START, value="40"),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.value must be a number (int, float or Decimal), got '40' (str)",
    ),
    (
        lambda: Event("x", START, value=1j),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.value must be a number (int, float or Decimal), got 1j (complex)",
    ),
    (
        lambda: Event("x", START, value=nan),
        InvalidValueError,
        "event.value must be finite, got nan",
    ),
    (
        lambda: Event("x", START, value=-inf),
        InvalidValueError,
        "event.value must be finite, got -inf",
    ),
    (
        lambda: Event("x", START, value=Decimal("NaN")),
        InvalidValueError,
        "event.value must be finite, got Decimal('NaN')",
    ),
    (
        lambda: Event("x", START, value=Decimal("sNaN")),
        InvalidValueError,
        "event.value must be finite, got Decimal('sNaN')",
    ),
    (
        lambda: Event("x", START, id=1.5),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.id must be text or a whole number or a UUID, got 1.5 (float)",
    ),
    (
        lambda: Event("x", START, id=False),
        InvalidTypeError,
        "event.id must be text or a whole number or a UUID, got False (bool)",
    ),
    (
        lambda: Event("x", START, id=""),
        InvalidValueError,
        "event.id must be text that is not blank, got ''",
    ),
    (
        lambda: Event("x", START, attributes=[("a", 1)]),  # type: ignore[arg-type]
        InvalidTypeError,
        "event.attributes must be a mapping from names to values, got [('a', 1)] (list)",
    ),
    (
        lambda: Event("x", START, attributes={1: 2}),  # type: ignore[dict-item]
        InvalidTypeError,
        "event.attributes key must be text, got 1 (int)",
    ),
    (
        lambda: Event("x", START, sets={"": 1}),
        InvalidValueError,
        "event.sets key must be text that is not blank, got ''",
    ),
    (
        lambda: Event("x", START, sets={"a": {"b": 1}}),
        InvalidTypeError,
        (
            "event.sets['a'] must be text, a number, a truth value, a date, a UUID, None or a "
            "tuple of these, got {'b': 1} (dict)"
        ),
    ),
    (
        lambda: Event("x", START, sets={"a": [0, nan]}),
        InvalidValueError,
        "event.sets['a'][1] must be finite, got nan",
    ),
    (
        lambda: Event("x", START, attributes={"a": Missing(2026, 1, 1, tzinfo=UTC)}),
        InvalidTypeError,
        "event.attributes['a'] must be a datetime",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), REFUSALS)
def test_an_event_refuses(call: Callable[[], object], kind: type[Exception], text: str) -> None:
    assert refusal(kind, call).startswith(text)
