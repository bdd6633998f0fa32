"""Reading paths."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError, MixedInstantsError
from lifecycle.metrics.funnel import FunnelTable, funnel

NINE = datetime(2026, 5, 1, 9, tzinfo=UTC)
TEN = NINE + timedelta(hours=1)
TOKYO = timezone(timedelta(hours=9))


def run(paths: Any, **options: Any) -> FunnelTable:
    return funnel(paths, **{"steps": ("cart", "paid"), **options})


class Row(NamedTuple):
    """A row of one's own."""

    at: datetime
    event: str


def hour(found: FunnelTable) -> tuple[timedelta, ...]:
    return found.time_to_convert.total.lengths


@pytest.mark.parametrize(
    "rows",
    [
        [(NINE, "cart"), (TEN, "paid")],
        ((NINE, "cart"), (TEN, "paid")),
        [[NINE, "cart"], [TEN, "paid"]],
        [(NINE.astimezone(TOKYO), "cart"), (TEN, "paid")],
        [(NINE, "cart"), (TEN.astimezone(TOKYO), "paid")],
        [Row(NINE, "cart"), Row(TEN, "paid")],
        [(NINE.replace(tzinfo=None), "cart"), (TEN.replace(tzinfo=None), "paid")],
    ],
)
def test_rows_are_pairs_in_any_container_and_zone(rows: Any) -> None:
    for paths in ({"ann": rows}, {"ann": iter(rows)}, [("ann", *row) for row in rows]):
        found = run(paths)
        assert found.levels == {"ann": 2}
        assert hour(found) == (timedelta(hours=1),)


def test_zones_may_differ_from_customer_to_customer() -> None:
    tokyo = [(NINE.astimezone(TOKYO), "cart"), (TEN.astimezone(TOKYO), "paid")]
    found = run({"ann": [(NINE, "cart"), (TEN, "paid")], "bob": tokyo})
    assert found.levels == {"ann": 2, "bob": 2}
    assert hour(found) == (timedelta(hours=1),) * 2
    assert {at.tzinfo for attempt in found.time_to_convert.filled for at in attempt} == {UTC}


def test_the_first_and_the_last_instant_are_instants() -> None:
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    rows = list(zip(ends, ("cart", "paid"), strict=True))
    assert run({"ann": [(NINE, "cart"), (TEN, "paid")], "bob": rows}).levels["bob"] == 2


def test_dates_are_their_midnight() -> None:
    naive = datetime(2026, 5, 2, 12, tzinfo=UTC).replace(tzinfo=None)
    for first in (date(2026, 5, 2), naive - timedelta(hours=12)):
        found = run({"ann": [(first, "cart"), (naive, "paid")], "bob": [(first, "cart")]})
        assert hour(found) == (timedelta(hours=12),)
    assert run({"ann": [(naive, "paid"), (date(2026, 5, 2), "cart")]}).levels == {"ann": 2}


def test_instants_are_compared_in_utc_where_clocks_repeat_an_hour() -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    path = [(first.replace(fold=1), "paid"), (first, "cart")]
    assert hour(run({"ann": path})) == (timedelta(hours=1),)


def test_a_log_without_rows_has_no_events() -> None:
    for paths in ({}, [], iter(())):
        assert run(paths).levels == {}
    found = run({"ann": [], "bob": ()})
    assert found.levels == {"ann": 0, "bob": 0}
    assert found.unknown_steps == ("cart", "paid")
    assert found.rows[0].conversion_of_all.denominator == 2


def test_the_paths_given_are_left_as_they_are() -> None:
    rows = [(TEN.astimezone(TOKYO), "paid"), (NINE, "cart")]
    paths = {"ann": rows}
    run(paths)
    assert paths == {"ann": [(TEN.astimezone(TOKYO), "paid"), (NINE, "cart")]}
    assert paths["ann"] is rows


class Text(str):
    """A kind of text."""

    __slots__ = ()


class Stamp(datetime):
    """A kind of datetime."""


def test_customers_and_events_may_be_kinds_of_text() -> None:
    assert run({"ann": [(NINE, Text("cart"))], 7: [(NINE, "cart")]}).levels == {"ann": 1, 7: 1}


@pytest.mark.parametrize(
    ("bad", "path", "error"),
    [
        ((math.nan, "cart"), "[1].at must be a datetime or a date", InvalidTypeError),
        (("2026-05-01", "view"), "[1].at must be a datetime or a date", InvalidTypeError),
        ((None, "view"), "[1].at must be a datetime or a date", InvalidTypeError),
        ((1_777_600_000, "view"), "[1].at must be a datetime or a date", InvalidTypeError),
        (("cart", NINE), "[1].at must be a datetime or a date", InvalidTypeError),
        ((NINE, None), "[1].event must be text", InvalidTypeError),
        ((NINE, 3), "[1].event must be text", InvalidTypeError),
        ((NINE, True), "[1].event must be text", InvalidTypeError),
        ((NINE, ["cart"]), "[1].event must be text", InvalidTypeError),
        ((NINE, " "), "[1].event must be text that is not blank", InvalidValueError),
    ],
)
def test_bad_rows_are_refused_with_their_place(bad: Any, path: str, error: Any) -> None:
    with pytest.raises(error) as caught:
        run({"bob": [(NINE, "cart")], "ann": [(NINE, "cart"), bad]})
    assert str(caught.value).startswith(f"paths['ann']{path}")
    with pytest.raises(error) as caught:
        run([("bob", NINE, "cart"), ("ann", *bad)])
    assert str(caught.value).startswith(f"paths{path}")


@pytest.mark.parametrize(
    ("paths", "match"),
    [
        ({"ann": [(NINE,)]}, r"^paths\['ann'\]\[0\] must be \(at, event\), got"),
        ({"ann": [NINE]}, r"^paths\['ann'\]\[0\] must be \(at, event\), got"),
        ({"ann": ["ab"]}, r"^paths\['ann'\]\[0\] must be \(at, event\), got 'ab'"),
        ({"ann": [()]}, r"^paths\['ann'\]\[0\] must be \(at, event\), got"),
        ({"ann": [(NINE, "cart"), (NINE, "cart", 3)]}, r"^paths\['ann'\]\[1\] must be \(at, e"),
        ({"ann": "cart"}, r"^paths\['ann'\] must be rows of \(at, event\), got 'cart'"),
        ({"ann": {NINE: "cart"}}, r"^paths\['ann'\] must be rows of \(at, event\)"),
        ({"ann": 3}, r"^paths\['ann'\] must be rows of \(at, event\), got 3"),
        ({" ": []}, r"^paths\[0\]\.customer must be text that is not blank"),
        ({None: []}, r"^paths\[0\]\.customer must be text or a whole number"),
        ({True: []}, r"^paths\[0\]\.customer must be text or a whole number"),
        ([("ann", NINE)], r"^paths\[0\] must be \(customer, at, event\)"),
        ([(True, NINE, "cart")], r"^paths\[0\]\.customer must be text or a whole number"),
        ("ann", r"^paths must be rows of \(customer, at, event\)"),
        (3, r"^paths must be rows of \(customer, at, event\)"),
    ],
)
def test_what_is_no_path_is_refused(paths: Any, match: str) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=match):
        run(paths)


@pytest.mark.parametrize("event", ["cart", "view"])
def test_naive_instants_are_never_beside_aware_ones(event: str) -> None:
    naive = NINE.replace(tzinfo=None)
    for one, other in ((naive, NINE), (NINE, naive), (date(2026, 5, 1), NINE)):
        with pytest.raises(MixedInstantsError, match=r"^paths\['\w+'\]\[\d\]\.at and paths\["):
            run({"ann": [(one, "view"), (other, event)]})
        with pytest.raises(MixedInstantsError, match=r"^paths\['\w+'\]\[0\]\.at and paths\["):
            run({"ann": [(one, event)], "bob": [(other, event)]})
        with pytest.raises(MixedInstantsError, match=r"^paths\[\d\]\.at and paths\[\d\]\.at"):
            run([("ann", one, "view"), ("bob", other, event)])


def test_a_time_of_the_day_is_no_instant() -> None:
    clock = NINE.time()
    for paths in (
        {"ann": [(NINE.replace(tzinfo=None), "cart"), (clock, "cart")]},
        {"bob": [(NINE.replace(tzinfo=None), "cart")], "ann": [(clock, "view"), (clock, "cart")]},
    ):
        with pytest.raises(InvalidTypeError, match=r"^paths\['ann'\]\[\d\]\.at must be a datetime"):
            run(paths)


def test_kinds_of_datetime_are_read_as_plain_ones() -> None:
    stamp = Stamp(2026, 5, 1, 9, tzinfo=UTC)
    found = run({"bob": [(NINE, "cart")], "ann": [(stamp, "cart"), (TEN, "paid")]})
    assert hour(found) == (timedelta(hours=1),)
    assert {type(at) for at in found.time_to_convert.filled[0]} == {datetime}
