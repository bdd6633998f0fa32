# ruff: noqa: DTZ001  (naive datetimes are half of what is tested)
"""The doors for rows."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lifecycle import _inputs
from lifecycle.errors import InvalidTypeError, InvalidValueError


@pytest.mark.parametrize("given", ["abc", b"abc", {1: 2}, 5, None, {1, 2}, frozenset([1])])
def test_a_series_is_neither_text_nor_a_mapping_nor_one_value(given: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^rows must be a series of values, such as a list"):
        _inputs.series("rows", given)


def test_an_array_of_no_dimension_is_no_series() -> None:
    one = pytest.importorskip("numpy").array(5)
    with pytest.raises(InvalidTypeError, match=r"^rows must be a series of values, such as a list"):
        _inputs.series("rows", one)
    with pytest.raises(InvalidTypeError, match=r"^rows must be rows of \(x, y\), got "):
        _inputs.columns("rows", one, ("x", "y"))


def test_a_series_is_given_back_as_it_is() -> None:
    rows = iter([1, 2])
    assert _inputs.series("rows", rows) is rows


def test_rows_are_read_by_column() -> None:
    rows = (row for row in [("a", 1), ["b", 2]])
    assert _inputs.columns("rows", rows, ("x", "y")) == [["a", "b"], [1, 2]]
    assert _inputs.columns("rows", [], ("x", "y")) == [[], []]


@pytest.mark.parametrize("rows", ["abc", b"abc", {("a", 1): 2}, 5, None])
def test_rows_are_neither_text_nor_a_mapping(rows: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^rows must be rows of \(x, y\), got "):
        _inputs.columns("rows", rows, ("x", "y"))


@pytest.mark.parametrize("row", [1, None, "ab", b"ab", {1, 2}])
def test_what_is_no_row_is_named(row: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^rows\[1\] must be \(x, y\), got "):
        _inputs.columns("rows", [(1, 2), row], ("x", "y"))


@pytest.mark.parametrize("row", [(), (1,), (1, 2, 3)])
def test_a_row_of_another_length_is_named(row: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^rows\[1\] must be \(x, y\), got "):
        _inputs.columns("rows", [(1, 2), row], ("x", "y"))


def test_a_moment_compares_with_others() -> None:
    ahead = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert _inputs.moment("at", ahead) == datetime(2026, 1, 1, tzinfo=UTC)
    assert _inputs.moment("at", ahead).tzinfo is UTC
    assert _inputs.moment("at", datetime(2026, 1, 1, 5)) == datetime(2026, 1, 1, 5)
    assert _inputs.moment("at", date(2026, 1, 1)) == datetime(2026, 1, 1)


@pytest.mark.parametrize("given", ["2026-01-01", 5, None, timedelta(1)])
def test_a_moment_is_a_datetime_or_a_date(given: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^at must be a datetime or a date, got "):
        _inputs.moment("at", given)


@pytest.mark.parametrize("numbers", [[], [0], [1, 2.5], [0.0, 1.7e308], [10**308]])
def test_plain_numbers_are_ints_and_floats_of_0_or_more(numbers: list[Any]) -> None:
    assert _inputs.are_plain(numbers)


@pytest.mark.parametrize("odd", [True, "1", None, Decimal(1), math.nan, math.inf, -1, 10**309])
def test_one_odd_number_among_many_is_seen(odd: Any) -> None:
    for numbers in ([odd], [1.5, odd, 2], [odd, 1.5], [1.5, odd]):
        assert not _inputs.are_plain(numbers)


def test_groups_are_given_back_or_named_by_their_position() -> None:
    names = ["a", 1, None, ("x", 2)]
    assert _inputs.groups("rows[{}]", names) is names
    for odd in ([], math.nan):
        with pytest.raises(InvalidTypeError, match=r"^rows\[2\] must be something that can be has"):
            _inputs.groups("rows[{}]", ["a", 1, odd, odd])
