"""Laws of `until`: up to and including when things are known, in every function alike."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from inspect import isfunction, signature
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import clv, models, nps, retention, rfm, survival
from lifecycle.models import BetaGeoNBD
from lifecycle.periods import Calendar, Period

ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Tokyo"]
FIRST = date(2018, 10, 1)  # Brazil has no midnight on 4 November
CALIBRATED = FIRST - timedelta(days=2)  # before each instant, in any zone
MODEL = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")

Row = tuple[Any, Any]
Known = Callable[[list[Row], Any, str], Any]


def orders(rows: list[Row]) -> list[tuple[Any, Any, int]]:
    return [(customer, at, 10) for customer, at in rows]


# What each function says of (customer, at) rows, and of the first order of a customer long ago.
FUNCTIONS: dict[str, Known] = {
    "rfm.summary": lambda rows, until, zone: rfm.summary(orders(rows), until=until, zone=zone).rows,
    "rfm.summary, with a holdout": lambda rows, until, zone: (
        rfm.summary(orders(rows), until=until, calibration_until=CALIBRATED, zone=zone).rows
    ),
    "rfm.scores": lambda rows, until, zone: rfm.scores(orders(rows), until=until, zone=zone).rows,
    "retention.active_ratio": lambda rows, until, zone: retention.active_ratio(
        rows, until=until, days=7, zone=zone
    ),
    "nps.rolling, by day": lambda rows, until, zone: nps.rolling(
        [(at, 9) for _, at in rows],
        window=Period(days=3),
        calendar=Calendar("day", zone=zone),
        until=until,
    ),
    "nps.rolling, by month": lambda rows, until, zone: nps.rolling(
        [(at, 9) for _, at in rows],
        window=Period(days=30),
        calendar=Calendar("month", zone=zone),
        until=until,
    ),
    "models.tracking": lambda rows, until, zone: models.tracking(
        MODEL, orders(rows), until=until, zone=zone
    ),
}

days = st.integers(1, 60).map(lambda n: FIRST + timedelta(days=n))
clocks = st.sampled_from([time(), time(0, 30), time(12), time(23, 59, 59, 999_999)])
walls = st.builds(datetime.combine, days, clocks)
kinds = {
    "dates": days,
    "naive": walls,
    "aware": walls.map(lambda wall: wall.replace(tzinfo=UTC)),
}
zoned = st.sampled_from(ZONES)


def logs(kind: str) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.tuples(st.sampled_from("abc"), kinds[kind]), max_size=12)


def old(kind: str) -> Row:
    """Return a row long before all others, so that no log is empty."""
    at = datetime.combine(FIRST - timedelta(days=3), time())
    return ("old", {"dates": at.date(), "naive": at, "aware": at.replace(tzinfo=UTC)}[kind])


def ends(day: date, zone: str) -> datetime:
    """Return the first instant after a day: local midnight, or what comes where there is none."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=ZoneInfo(zone))
    return midnight.astimezone(UTC)


@pytest.mark.parametrize("kind", kinds)
@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=50)
@given(data=st.data())
def test_a_date_is_its_last_instant(name: str, kind: str, data: st.DataObject) -> None:
    """f(until=date) is f(until=the last instant of that day), whatever the rows are."""
    rows, until, zone = data.draw(logs(kind)), data.draw(days), data.draw(zoned)
    known, rows = FUNCTIONS[name], [old(kind), *rows]
    last = ends(until, zone) - timedelta.resolution
    if kind != "aware":
        last = last.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert known(rows, until, zone) == known(rows, last, zone)


@pytest.mark.parametrize("kind", kinds)
@pytest.mark.parametrize("name", FUNCTIONS)
@settings(max_examples=50)
@given(data=st.data())
def test_what_comes_after_until_changes_nothing(name: str, kind: str, data: st.DataObject) -> None:
    """Rows after the day do not matter, nor do rows after an instant; those at it do."""
    rows, until, zone = data.draw(logs(kind)), data.draw(days), data.draw(zoned)
    known, rows = FUNCTIONS[name], [old(kind), *rows]

    def moment(at: Any) -> datetime:
        wall = at if isinstance(at, datetime) else datetime.combine(at, time())
        return (wall if wall.tzinfo else wall.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

    before = [row for row in rows if moment(row[1]) < ends(until, zone)]
    assert known(rows, until, zone) == known(before, until, zone)
    if kind != "dates" and rows[1:]:
        at = rows[1][1]
        before = [row for row in rows if moment(row[1]) <= moment(at)]
        assert known(rows, at, zone) == known(before, at, zone)


def test_every_function_that_asks_up_to_when_is_looked_at() -> None:
    """`clv.historic` refuses what comes later, so that its own tests have it."""
    found = {
        f"{topic.__name__.rpartition('.')[2]}.{name}"
        for topic in (clv, models, nps, retention, rfm, survival)
        for name in topic.__all__
        if isfunction(value := getattr(topic, name))
        and {"until", "as_of", "day", "end"} & set(signature(value).parameters)
    }
    assert found - {"clv.historic"} == {name.partition(",")[0] for name in FUNCTIONS}
