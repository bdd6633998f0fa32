"""Funnels and carts of a log of arrays are those of its rows, with every option there is."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import EventLog, Period, funnel

pytest.importorskip("numpy")

FIELDS = ("customer", "at", "event")
BEGIN = datetime(2026, 10, 24)  # noqa: DTZ001  (clocks in Berlin go back the night after)
MONTH_ENDS = [datetime(2026, 1, day, hour) for day in (28, 29, 30, 31) for hour in (9, 10)]  # noqa: DTZ001
FORMS: dict[str, Any] = {
    "naive": lambda at: at,
    "the later one": lambda at: at.replace(fold=1),
    "date": lambda at: at.date(),
    "UTC": lambda at: at.replace(tzinfo=UTC),
    "Berlin": lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin")),
    "Berlin, later": lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
}
KINDS = [("naive", "the later one", "date"), ("UTC", "Berlin", "Berlin, later"), ("UTC",)]


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


def local_times() -> st.SearchStrategy[datetime]:
    """Instants of a few hours, many of them equal, around a change of clocks, or ends of months."""
    near = st.integers(0, 8).map(lambda n: BEGIN + hours(n))
    changing = st.integers(22 * 2, 30 * 2).map(lambda n: BEGIN + hours(n / 2))
    ends = st.sampled_from([*MONTH_ENDS, datetime(2026, 2, 28, 9), datetime(2026, 2, 28, 10)])  # noqa: DTZ001
    extremes = st.sampled_from([datetime(1, 1, 2), datetime(9999, 12, 30, 23, 59)])  # noqa: DTZ001
    return st.one_of(near, near, changing, ends, extremes)


@st.composite
def logs(draw: st.DrawFn, names: str = "aabbcx") -> list[tuple[Any, Any, str]]:
    """Rows of a log, all naive or all aware, in any order; half of them of few instants."""
    kinds = draw(st.sampled_from(KINDS))
    few = st.integers(0, 2).map(lambda n: BEGIN + hours(n))
    is_dense = draw(st.booleans())
    row = st.tuples(
        st.integers(0, 1 if is_dense else 3),
        few if is_dense else local_times(),
        st.just(kinds[0]) if is_dense else st.sampled_from(kinds),
        st.sampled_from(names),
    )
    rows = draw(st.lists(row, min_size=8 if is_dense else 1, max_size=16))
    return [(who, FORMS[kind](at), event) for who, at, kind, event in rows]


def lengths() -> st.SearchStrategy[Any]:
    whole = st.sampled_from([0, 1, 2, 3, 24, 24 * 40, 24 * 10**9 - 24]).map(hours)
    return st.one_of(whole, st.sampled_from([Period(days=1), Period(months=1), Period(years=9000)]))


@st.composite
def ends(draw: st.DrawFn, rows: list[tuple[Any, Any, str]]) -> Any:
    """Up to when rows are known: an instant of their kind, or a date."""
    is_naive = getattr(rows[0][1], "tzinfo", None) is None
    ats = draw(local_times())
    return draw(st.sampled_from([ats if is_naive else ats.replace(tzinfo=UTC), ats.date()]))


@st.composite
def questions(draw: st.DrawFn, rows: list[tuple[Any, Any, str]]) -> dict[str, Any]:
    steps = draw(st.lists(st.sampled_from("aaabbcz"), min_size=2, max_size=4))
    order = draw(st.sampled_from(["ordered", "ordered", "ordered", "strict", "any"]))
    spans = list(itertools.combinations(range(len(steps)), 2))
    spans = spans if order != "any" else [(0, len(steps) - 1)]
    bans = st.tuples(st.sampled_from("xyab"), st.sampled_from(spans))
    exclusions = [
        funnel.Exclusion(event, after=span[0], before=span[1])
        for event, span in draw(st.just([]) | st.lists(bans, max_size=2))
    ]
    each = {who: draw(ends(rows)) for who in range(4)}
    return {
        "steps": draw(st.sampled_from([steps, steps, steps[:1]])) if not exclusions else steps,
        "within": draw(st.none() | lengths()),
        "until": draw(st.sampled_from([None, each[0], each])),
        "order": order,
        "same_time": draw(st.sampled_from(["different_events", "allow", "forbid", "as_given"])),
        "exclusions": exclusions,
        "zone": draw(st.sampled_from(["UTC", "Europe/Berlin"])),
    }


def plain(values: Mapping[Any, Any]) -> None:
    """Say that counts are whole numbers of Python."""
    assert {type(value) for value in values.values()} <= {int}


@settings(max_examples=600)
@given(st.data())
def test_funnels(data: st.DataObject) -> None:
    rows = data.draw(logs())
    asked = data.draw(questions(rows))
    found = funnel.funnel(EventLog.from_rows(rows, fields=FIELDS), **asked)
    assert found == funnel.funnel(rows, **asked)
    plain(found.levels)
    plain(found.open)
    assert {type(row.reached) for row in found.rows} == {int}
    assert len(found.time_to_convert.filled) == sum(n > 1 for n in found.levels.values())


@settings(max_examples=600)
@given(st.data())
def test_carts(data: st.DataObject) -> None:
    rows = data.draw(logs(names=data.draw(st.sampled_from(["aab", "aaaab", "abx"]))))
    asked: dict[str, Any] = {
        "until": data.draw(ends(rows)),
        "abandoned_after": data.draw(lengths()),
        "recovery_within": data.draw(lengths()),
        "cart_event": "a",
        "order_event": "b",
        "zone": data.draw(st.sampled_from(["UTC", "Europe/Berlin"])),
    }
    found = funnel.cart_recovery(EventLog.from_rows(rows, fields=FIELDS), **asked)
    assert found == funnel.cart_recovery(rows, **asked)
    assert {type(row.carts) for row in found.rows} == {int}
