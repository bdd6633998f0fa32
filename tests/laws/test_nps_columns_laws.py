"""Scores of columns and of logs are those of lists."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import Calendar, EventLog, Period, nps

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")
pa = pytest.importorskip("pyarrow")

COLUMNS: dict[str, Any] = {
    "numpy": np.asarray,
    "small": lambda ratings: np.asarray(ratings, dtype="uint8"),
    "floats": lambda ratings: np.asarray(ratings, dtype=float),
    "pandas": lambda ratings: pd.Series(ratings, dtype="Int64"),
    "polars": lambda ratings: pl.Series(ratings, dtype=pl.Int16),
    "arrow": lambda ratings: pa.chunked_array([ratings[:2], ratings[2:]], type=pa.int32()),
}
FORMS: list[tuple[str, Any]] = [
    ("naive", lambda at: at),
    ("naive", lambda at: at.date()),
    ("aware", lambda at: at.replace(tzinfo=UTC)),
    ("aware", lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin"))),
]
libraries = st.sampled_from([*COLUMNS])
ratings = st.lists(st.integers(0, 10), max_size=12)
names = st.sampled_from(["pro", "free", None, 3])


@given(ratings, libraries)
def test_scores(given_: list[int], library: str) -> None:
    found = nps.score(COLUMNS[library](given_))
    assert found == nps.score(given_)
    assert {type(n) for n in (found.promoters, found.passives, found.detractors)} == {int}
    days = [date(2026, 1, 1)] * len(given_)
    log = EventLog(customer=days and [*range(len(days))], at=days, value=COLUMNS[library](given_))
    assert nps.score(log) == found


@given(st.data(), ratings, libraries)
def test_scores_of_groups(data: st.DataObject, given_: list[int], library: str) -> None:
    n = len(given_)
    groups = data.draw(st.lists(names, min_size=n, max_size=n))
    expected = {
        name: nps.score([r for r, group in zip(given_, groups, strict=True) if group == name])
        for name in groups
    }
    column = COLUMNS[library](given_)
    log = EventLog(
        customer=[*range(n)], at=[date(2026, 1, 1)] * n, value=column, attributes={"plan": groups}
    )
    mapping = {who: group for who, group in enumerate(groups) if group is not None}
    for found in (
        nps.score(given_, by=groups),
        nps.score(column, by=np.asarray(groups, dtype=object)),
        nps.score(log, by="plan"),
        nps.score(log, by=mapping),
    ):
        assert dict(found.results) == expected
        assert sum(score for _, score in found.results) == (nps.score(given_) if n else 0)


@given(st.data(), ratings.filter(bool), libraries, st.sampled_from([*COLUMNS, "list"]))
def test_weighted_scores(data: st.DataObject, given_: list[int], library: str, other: str) -> None:
    n = len(given_)
    weight = st.sampled_from([0.0, 0.5, 1.0, 0.1, 1e-300, 2.0**60])
    weights = [1.0, *data.draw(st.lists(weight, min_size=n, max_size=n))][:n]
    expected = nps.weighted(given_, weights)
    column = np.asarray(weights) if other == "floats" else pl.Series(weights)
    assert nps.weighted(COLUMNS[library](given_), column) == expected
    assert nps.weighted(given_, column) == expected
    whole = data.draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    assert nps.weighted(COLUMNS[library](given_), np.asarray(whole)) == nps.weighted(given_, whole)
    groups = [rating % 2 for rating in given_]
    by = nps.weighted(COLUMNS[library](given_), np.asarray(whole), by=np.asarray(groups))
    for group, found in by.results:
        own = [(r, w) for r, w, g in zip(given_, whole, groups, strict=True) if g == group]
        assert found == nps.weighted([r for r, _ in own], [w for _, w in own])


@settings(max_examples=150)
@given(st.data())
def test_rolling_scores(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["naive", "aware"]))
    times = st.integers(0, 24 * 90).map(lambda n: datetime(2026, 9, 1) + timedelta(hours=n))  # noqa: DTZ001
    row = st.tuples(times, st.sampled_from([to for of, to in FORMS if of == kind]))
    ats = [to(at) for at, to in data.draw(st.lists(row, max_size=12))]
    given_ = data.draw(st.lists(st.integers(0, 10), min_size=len(ats), max_size=len(ats)))
    rows = list(zip(ats, given_, strict=True))
    zone = data.draw(st.sampled_from(["UTC", "Europe/Berlin"]))
    asked: dict[str, Any] = {
        "calendar": Calendar(data.draw(st.sampled_from(["month", "week", "day"])), zone=zone),
        "window": data.draw(st.sampled_from([Period(months=1), Period(days=7), timedelta(3)])),
        "until": data.draw(st.sampled_from([None, date(2026, 10, 25)])),
    }
    column = np.asarray(given_) if data.draw(st.booleans()) else given_
    log = EventLog(
        customer=[i % 3 for i in range(len(ats))],
        at=ats,
        value=column,
        attributes={"plan": [r % 2 for r in given_]},
    )
    assert nps.rolling(log, **asked) == nps.rolling(rows, **asked)
    for group, found in nps.rolling(log, **asked, by="plan").results:
        assert found == nps.rolling([each for each in rows if each[1] % 2 == group], **asked)
