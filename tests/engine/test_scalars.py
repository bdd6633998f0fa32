"""Plain values as data: what JSON lacks keeps its kind, its digits and its zone."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzstr

from lifecycle import _checks
from lifecycle.engine._scalars import (
    instant_from_text,
    instant_to_text,
    plain_from_data,
    plain_to_data,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError
from samples import START, at, naive, refusal

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
MICRO = timedelta(microseconds=1)

# Instants

INSTANTS: list[tuple[datetime, str]] = [
    (naive("2026-01-05T09:00"), "2026-01-05T09:00:00"),
    (naive("2026-01-05T09:00:00.000001"), "2026-01-05T09:00:00.000001"),
    (naive("0001-01-01"), "0001-01-01T00:00:00"),
    (naive("9999-12-31T23:59:59.999999"), "9999-12-31T23:59:59.999999"),
    (START, "2026-01-01T00:00:00+00:00"),
    (at("2026-01-05T09:00", timezone(timedelta(hours=1))), "2026-01-05T09:00:00+01:00"),
    (at("2026-01-05T09:00", timezone(-timedelta(hours=9.5))), "2026-01-05T09:00:00-09:30"),
    (at("2026-01-05T09:00", timezone(timedelta(seconds=3208))), "2026-01-05T09:00:00+00:53:28"),
    (
        at("2026-01-05T09:00", timezone(timedelta(hours=1) + MICRO)),
        "2026-01-05T09:00:00+01:00:00.000001",
    ),
    (at("2026-01-05T09:00", ZoneInfo("UTC")), "2026-01-05T09:00:00+00:00[UTC]"),
    (at("2026-01-05T09:00", BERLIN), "2026-01-05T09:00:00+01:00[Europe/Berlin]"),
    (at("2026-07-05T09:00", BERLIN), "2026-07-05T09:00:00+02:00[Europe/Berlin]"),
    (at("2026-10-25T02:30", BERLIN), "2026-10-25T02:30:00+02:00[Europe/Berlin]"),
    (at("2026-10-25T02:30", BERLIN).replace(fold=1), "2026-10-25T02:30:00+01:00[Europe/Berlin]"),
    (at("2026-11-01T01:30", NEW_YORK), "2026-11-01T01:30:00-04:00[America/New_York]"),
    (
        at("2026-11-01T01:30", NEW_YORK).replace(fold=1),
        "2026-11-01T01:30:00-05:00[America/New_York]",
    ),
    (at("2026-04-05T01:45", LORD_HOWE), "2026-04-05T01:45:00+11:00[Australia/Lord_Howe]"),
    (
        at("2026-04-05T01:45", LORD_HOWE).replace(fold=1),
        "2026-04-05T01:45:00+10:30[Australia/Lord_Howe]",
    ),
    # the clocks skip these: as they stood before, and as they stood after
    (at("2026-03-29T02:30", BERLIN), "2026-03-29T02:30:00+01:00[Europe/Berlin]"),
    (at("2026-03-29T02:30", BERLIN).replace(fold=1), "2026-03-29T02:30:00+02:00[Europe/Berlin]"),
    # before there were time zones
    (at("1890-01-01T00:00", BERLIN), "1890-01-01T00:00:00+00:53:28[Europe/Berlin]"),
]


@pytest.mark.parametrize(("instant", "text"), INSTANTS)
def test_an_instant_is_written_with_offset_and_zone(instant: datetime, text: str) -> None:
    assert instant_to_text("at", instant) == text


@pytest.mark.parametrize(("instant", "text"), INSTANTS)
def test_an_instant_is_read_in_the_zone_and_fold_it_was_written_with(
    instant: datetime, text: str
) -> None:
    found = instant_from_text("at", text)
    assert found.replace(tzinfo=None) == instant.replace(tzinfo=None)
    assert found.utcoffset() == instant.utcoffset()
    assert found.fold == instant.fold
    assert found.tzinfo == instant.tzinfo
    assert instant_to_text("at", found) == text


def test_utc_is_the_one_of_the_standard_library_however_it_is_written() -> None:
    for text in ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", "2026-01-01T00:00-00:00"):
        found = instant_from_text("at", text)
        assert found == START
        assert found.tzinfo is UTC


class Village(tzinfo):
    """A zone that nobody else knows, though it has a name of sorts."""

    key = 3

    def utcoffset(self, _: datetime | None) -> timedelta:
        """Lie nine minutes off."""
        return timedelta(minutes=9)


@pytest.mark.parametrize("zone", [Village(), tzstr("EST5EDT")])
def test_a_zone_without_a_name_is_refused(zone: tzinfo) -> None:
    text = refusal(InvalidValueError, lambda: instant_to_text("event.at", at("2026-01-05", zone)))
    assert text == (
        "event.at must have no time zone, a fixed offset, or a zone of zoneinfo with a name, "
        f"got {at('2026-01-05', zone).isoformat(sep=' ')}"
    )


def test_a_zone_read_from_a_file_has_no_name(tmp_path: Path) -> None:
    head, body = b"TZif2" + bytes(15), (0, 0, 0, 0, 1, 4)
    block = head + b"".join(size.to_bytes(4, "big") for size in body) + bytes(6) + b"XYZ\0"
    path = tmp_path / "zone"
    path.write_bytes(block + block + b"\nXYZ0\n")
    with path.open("rb") as file:
        zone = ZoneInfo.from_file(file)
    with pytest.raises(InvalidValueError, match=r"^at must have no time zone, a fixed offset"):
        instant_to_text("at", at("2026-01-05", zone))


INSTANT = "at must be an instant such as '2026-01-05T09:00:00+01:00', got "
ZONED = (
    "at must be an instant such as '2026-01-05T09:00:00+01:00[Europe/Berlin]', "
    "whose zone is installed and has that offset then, got "
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-13-01T00:00:00",
        "2026-02-29T00:00:00",
        "2026-01-05T25:00:00",
        "10000-01-01T00:00:00",
        "2026-01-05T09:00:00+25:00",
        "[Europe/Berlin]",
        "2026-01-05T09:00:00[Europe/Berlin]",  # which of two it was is not said
        "2026-07-05T09:00:00+01:00[Europe/Berlin]",  # it was +02:00
        "2026-10-25T02:30:00+00:00[Europe/Berlin]",
        "2026-01-05T09:00:00+01:00[Europe/Nowhere]",
        "2026-01-05T09:00:00+01:00[Europe]",
        "2026-01-05T09:00:00+01:00[]",
        "2026-01-05T09:00:00+01:00[",
        "2026-01-05T09:00:00+01:00[/etc/localtime]",
        "2026-01-05T09:00:00+01:00[../../etc/localtime]",
        "2026-01-05T09:00:00+01:00[Europe/Berlin][u-ca=hebrew]",
        "2026-01-05T09:00:00+01:00[\0]",
        "2026-01-05T09:00:00+01:00[\ud800]",
        f"2026-01-05T09:00:00+01:00[{'x' * 10_000}]",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    expected = ZONED if "[" in text else INSTANT
    assert refusal(InvalidValueError, lambda: instant_from_text("at", text)).startswith(expected)


@pytest.mark.parametrize("wrong", [None, 0, 1.5, True, START, ["2026-01-05"], {}, b"2026-01-05"])
def test_an_instant_is_read_from_text_only(wrong: Any) -> None:
    text = refusal(InvalidTypeError, lambda: instant_from_text("at", wrong))
    assert text.startswith("at must be an instant such as '2026-01-05T09:00:00+01:00', got ")


# Plain values

PLAIN: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    (False, False),
    ("gold", "gold"),
    ("", ""),
    ("é \u2003 \U0001f600 \0", "é \u2003 \U0001f600 \0"),
    (3, 3),
    (-(10**100), -(10**100)),
    (0.1, 0.1),
    (1e308, 1e308),
    (5e-324, 5e-324),
    (Decimal("12.50"), {"decimal": "12.50"}),
    (Decimal("-0"), {"decimal": "-0"}),
    (Decimal("1E+3"), {"decimal": "1E+3"}),
    (Decimal("0." + "3" * 60), {"decimal": "0." + "3" * 60}),
    (date(2026, 1, 5), {"date": "2026-01-05"}),
    (date.min, {"date": "0001-01-01"}),
    (START, {"instant": "2026-01-01T00:00:00+00:00"}),
    (naive("2026-01-05"), {"instant": "2026-01-05T00:00:00"}),
    (at("2026-01-05", BERLIN), {"instant": "2026-01-05T00:00:00+01:00[Europe/Berlin]"}),
    (time(9, 30), {"time": "09:30:00"}),
    (time(9, 30, 0, 1), {"time": "09:30:00.000001"}),
    (time(9, 30, tzinfo=UTC), {"time": "09:30:00+00:00"}),
    (time(9, 30, tzinfo=timezone(-timedelta(hours=3))), {"time": "09:30:00-03:00"}),
    (timedelta(0), {"microseconds": 0}),
    (timedelta(days=1, microseconds=1), {"microseconds": 86_400_000_001}),
    (-MICRO, {"microseconds": -1}),
    (timedelta.max, {"microseconds": 86_399_999_999_999_999_999}),
    ((), []),
    (
        ("a", (1, Decimal(2), ()), None, (date(2026, 1, 5),)),
        ["a", [1, {"decimal": "2"}, []], None, [{"date": "2026-01-05"}]],
    ),
]


@pytest.mark.parametrize(("value", "data"), PLAIN)
def test_a_plain_value_is_written_as_what_json_has_or_with_its_kind(value: Any, data: Any) -> None:
    found = plain_to_data("x", value)
    assert found == data
    assert type(found) is type(data)


@pytest.mark.parametrize(("value", "data"), PLAIN)
def test_a_plain_value_is_read_as_it_was(value: Any, data: Any) -> None:
    found = plain_from_data("x", json.loads(json.dumps(data)))
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value)  # digits, signs, zones


def test_a_datetime_is_no_date_and_a_truth_value_no_number() -> None:
    assert plain_to_data("x", naive("2026-01-05")) != plain_to_data("x", date(2026, 1, 5))
    assert plain_to_data("x", True) is True
    assert plain_from_data("x", {"date": "2026-01-05"}) == date(2026, 1, 5)


def test_a_zone_without_a_name_is_refused_with_its_path() -> None:
    inner = at("2026-01-05", Village())
    text = refusal(InvalidValueError, lambda: plain_to_data("sets['a']", (1, (inner,))))
    assert text.startswith("sets['a'][1][0] must have no time zone")


@pytest.mark.parametrize("zone", [UTC, BERLIN])
def test_a_time_with_a_zone_is_no_plain_value(zone: tzinfo) -> None:
    text = refusal(InvalidValueError, lambda: _checks.plain("x", time(9, 30, tzinfo=zone)))
    assert text.startswith("x must have no time zone")


KINDS = "'decimal', 'instant', 'date', 'time', 'microseconds', 'uuid'"

REFUSALS: list[tuple[Any, str]] = [
    ({}, f"x must be a plain value or have one key of {KINDS}, got {{}}"),
    ({"float": 1}, f"x must be a plain value or have one key of {KINDS}, got {{'float': 1}}"),
    ({"date": "2026-01-05", "time": "09:00"}, "x must be a plain value or have one key of "),
    ({1: 2}, "x must be a plain value or have one key of "),
    ({None: 2}, "x must be a plain value or have one key of "),
    ([1, [{"x": 1}]], "x[1][0] must be a plain value or have one key of "),
    ({"decimal": "ten"}, "x must hold a valid decimal, got {'decimal': 'ten'}"),
    ({"decimal": None}, "x must hold a valid decimal, got "),
    ({"decimal": [1]}, "x must hold a valid decimal, got "),
    ({"date": "2026-02-30"}, "x must hold a valid date, got "),
    ({"date": 20260105}, "x must hold a valid date, got "),
    ({"date": "2026-01-05T00:00:00"}, "x must hold a valid date, got "),
    ({"time": "25:00"}, "x must hold a valid time, got "),
    ({"time": None}, "x must hold a valid time, got "),
    ({"microseconds": "1"}, "x must hold a valid microseconds, got "),
    ({"microseconds": None}, "x must hold a valid microseconds, got "),
    ({"microseconds": 10**30}, "x must hold a valid microseconds, got "),
    ({"microseconds": float("nan")}, "x must hold a valid microseconds, got "),
    ({"microseconds": float("inf")}, "x must hold a valid microseconds, got "),
    ({"instant": "today"}, "x must be an instant such as "),
    ([{"instant": 3}], "x[0] must be an instant such as "),
]


@pytest.mark.parametrize(("data", "text"), REFUSALS)
def test_what_is_no_plain_value_is_refused(data: Any, text: str) -> None:
    with pytest.raises((InvalidValueError, InvalidTypeError)) as caught:
        plain_from_data("x", data)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("number", [0.1, 1, True, None])
def test_a_decimal_is_written_as_text(number: object) -> None:
    text = refusal(InvalidValueError, lambda: plain_from_data("x", {"decimal": number}))
    assert text.startswith("x must hold a valid decimal, got ")


def test_the_name_of_a_zone_stands_in_brackets() -> None:
    written = "2026-01-05T09:00:00+01:00[Europe/Berlin"
    text = refusal(InvalidValueError, lambda: instant_from_text("x", written))
    assert text.startswith("x must be an instant such as ")
