"""A log of arrays is counted as rows are: the same results, whatever its rows look like."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import Calendar, EventLog, Window, retention

pytest.importorskip("numpy")

BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu")
CHANGE = datetime(2026, 10, 25)  # noqa: DTZ001  (clocks in Berlin go back at 3 o'clock)


def local_times() -> st.SearchStrategy[datetime]:
    """Instants of a year, many of them around a change of clocks, or equal."""
    anywhere = st.integers(0, 365 * 24 * 4).map(lambda n: BEGIN + timedelta(minutes=15 * n))
    changing = st.integers(0, 24 * 60).map(lambda n: CHANGE + timedelta(minutes=n))
    return st.one_of(anywhere, changing, st.sampled_from([BEGIN, CHANGE]))


FORMS: dict[str, Any] = {
    "naive": lambda at: at,
    "the later one": lambda at: at.replace(fold=1),
    "date": lambda at: at.date(),
    "UTC": lambda at: at.replace(tzinfo=UTC),
    "Berlin": lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin")),
}


@st.composite
def visits(draw: st.DrawFn) -> list[tuple[Any, Any]]:
    """Rows of (customer, at), all naive or all aware."""
    names = draw(st.sampled_from([("naive", "the later one", "date"), ("UTC", "Berlin")]))
    row = st.tuples(st.integers(0, 6), local_times(), st.sampled_from(names))
    return [(who, FORMS[form](at)) for who, at, form in draw(st.lists(row, max_size=30))]


@st.composite
def questions(draw: st.DrawFn, rows: list[tuple[Any, Any]]) -> dict[str, Any]:
    """A calendar and a window of its periods; the window is as the rows are."""
    zone = draw(st.sampled_from(ZONES))
    calendar = Calendar(draw(st.sampled_from(["month", "week", "day"])), zone=zone)
    number = calendar.index(date(2026, draw(st.integers(1, 9)), 1))
    start, end = calendar.start(number), calendar.start(number + draw(st.integers(1, 70)))
    if not rows or getattr(rows[0][1], "tzinfo", None) is None:
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return {"calendar": calendar, "window": Window(start, end)}


@settings(max_examples=200)
@given(st.data())
def test_stickiness(data: st.DataObject) -> None:
    rows = data.draw(visits())
    asked = data.draw(questions(rows))
    log = EventLog.from_rows(rows)
    assert retention.stickiness(log, **asked) == retention.stickiness(rows, **asked)


@given(st.data())
def test_active_ratio(data: st.DataObject) -> None:
    rows = data.draw(visits())
    asked: dict[str, Any] = {"until": date(2026, 10, 25), "days": data.draw(st.integers(1, 40))}
    asked["zone"] = data.draw(st.sampled_from(ZONES))
    assert retention.active_ratio(EventLog.from_rows(rows), **asked) == retention.active_ratio(
        rows, **asked
    )
