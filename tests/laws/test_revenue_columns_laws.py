"""Orders and recurring revenue of a log of arrays are counted as rows are: the same results."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle import Calendar, EventLog, Window, clv, revenue, rfm
from lifecycle.errors import LifecycleError
from lifecycle.models import BetaGeoNBD, tracking

pytest.importorskip("numpy")

BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu")
CHANGE = datetime(2026, 10, 25)  # noqa: DTZ001  (clocks in Berlin go back at 3 o'clock)
MODEL = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")

FORMS: dict[str, Callable[[datetime], Any]] = {
    "naive": lambda at: at,
    "the later one": lambda at: at.replace(fold=1),
    "date": lambda at: at.date(),
    "UTC": lambda at: at.replace(tzinfo=UTC),
    "Berlin": lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin")),
}

IDS: Sequence[st.SearchStrategy[Any]] = (
    st.integers(-2, 5),
    st.sampled_from(["ann", "bob", "cy", "Ann"]),
    st.sampled_from([UUID(int=n) for n in range(4)]),
    st.sampled_from([7, "7", UUID(int=7), "ann", -1]),
)

AMOUNTS: dict[str, st.SearchStrategy[Any]] = {
    "cents": st.integers(0, 400),
    "near 64 bits": st.integers(0, 1).map(lambda n: n * 2**62),
    "beyond 64 bits": st.integers(0, 4).map(lambda n: n * 2**62),
    "euros": st.integers(0, 400).map(lambda n: n / 100),
    "floats": st.floats(0, 1e6),
    "floats of all sizes": st.floats(0, 1e308),
    "floats and whole numbers": st.one_of(
        st.integers(0, 9), st.integers(0, 9).map(lambda n: n / 4)
    ),
    "decimals": st.tuples(st.integers(0, 400), st.integers(-3, 3)).map(
        lambda parts: Decimal(parts[0]).scaleb(parts[1])
    ),
    "decimals and whole numbers": st.one_of(st.integers(0, 9), st.just(Decimal("1.50"))),
}


def local_times() -> st.SearchStrategy[datetime]:
    """Instants of a year, many of them around a change of clocks, or equal."""
    anywhere = st.integers(0, 365 * 24 * 4).map(lambda n: BEGIN + timedelta(minutes=15 * n))
    changing = st.integers(0, 24 * 60).map(lambda n: CHANGE + timedelta(minutes=n))
    return st.one_of(anywhere, changing, st.sampled_from([BEGIN, CHANGE]))


@st.composite
def payments(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Rows of (customer, at, amount), all naive or all aware; with a currency at times."""
    names = draw(st.sampled_from([("naive", "the later one", "date"), ("UTC", "Berlin")]))
    row = st.tuples(
        draw(st.sampled_from(IDS)),
        local_times(),
        st.sampled_from(names),
        AMOUNTS[draw(st.sampled_from(sorted(AMOUNTS)))],
    )
    return [(who, FORMS[form](at), x) for who, at, form, x in draw(st.lists(row, max_size=30))]


def is_naive(rows: Sequence[tuple[Any, ...]]) -> bool:
    return not rows or getattr(rows[0][1], "tzinfo", None) is None


def log_of(rows: Sequence[tuple[Any, ...]], *further: str) -> EventLog:
    fields = ("customer", "at", "value", *further)
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    own = dict(zip(fields, columns, strict=True))
    attributes = {name: own.pop(name) for name in further}
    return EventLog(**own, attributes=attributes)


def kinds(value: Any) -> Any:
    """Return the types of what a result has, so that 1, 1.0 and a number of numpy differ."""
    if isinstance(value, tuple | list):
        return [kinds(each) for each in value]
    return {k: kinds(v) for k, v in value.items()} if isinstance(value, dict) else type(value)


def outcome(ask: Callable[[Any], Any], given: Any) -> Any:
    """Return a result, or what is said against the rows."""
    try:
        return ask(given)
    except LifecycleError as error:
        return type(error), str(error)


def assert_same(ask: Callable[[Any], Any], rows: Sequence[Any], log: EventLog) -> None:
    """Check that a log gives what rows give: equal to the last digit, of the same types."""
    found, expected = outcome(ask, log), outcome(ask, rows)
    assert repr(found) == repr(expected)
    assert found == expected
    assert hash(found) == hash(expected)
    if hasattr(found, "to_rows"):
        assert found.to_rows() == expected.to_rows()
        assert kinds(found.to_rows()) == kinds(expected.to_rows())
        assert str(found) == str(expected)


def days(*, first: int = -20, last: int = 400) -> st.SearchStrategy[date]:
    return st.integers(first, last).map(lambda n: BEGIN.date() + timedelta(days=n))


@st.composite
def ends(draw: st.DrawFn, rows: Sequence[Any]) -> Any:
    """An end of the kind that rows accept: a date, or an instant."""
    day = draw(days())
    if draw(st.booleans()):
        return day
    at = datetime(day.year, day.month, day.day, 12)  # noqa: DTZ001
    return at if is_naive(rows) else at.replace(tzinfo=UTC)


@settings(max_examples=200)
@given(st.data())
def test_summaries(data: st.DataObject) -> None:
    rows = data.draw(payments())
    asked: dict[str, Any] = {
        "until": data.draw(ends(rows)),
        "calibration_until": data.draw(st.one_of(st.none(), ends(rows))),
        "unit": data.draw(st.sampled_from(["day", "week", "month"])),
        "zone": data.draw(st.sampled_from(ZONES)),
    }
    assert_same(lambda given: rfm.summary(given, **asked), rows, log_of(rows))


@settings(max_examples=200)
@given(st.data())
def test_scores_and_segments(data: st.DataObject) -> None:
    rows = data.draw(payments())
    asked: dict[str, Any] = {
        "until": data.draw(ends(rows)),
        "bins": data.draw(st.integers(1, 7)),
        "method": data.draw(st.sampled_from(["quantile", "r"])),
        "zone": data.draw(st.sampled_from(ZONES)),
    }
    rules = [rfm.SegmentRule("first", recency=(1, 1)), rfm.SegmentRule("last", monetary=(1, 1))]

    def segments(given: Any) -> Any:
        scored = rfm.scores(given, **asked)
        return rfm.segments(scored, rules=rules, overlap="first", otherwise="rest")

    assert_same(lambda given: rfm.scores(given, **asked), rows, log_of(rows))
    if asked["bins"] > 1:
        assert_same(segments, rows, log_of(rows))
        assert_same(lambda given: segments(given).members, rows, log_of(rows))


@st.composite
def windows(draw: st.DrawFn, rows: Sequence[Any]) -> dict[str, Any]:
    """A calendar, and a window that begins later than the first rows and may end in a period."""
    zone = draw(st.sampled_from(ZONES))
    calendar = Calendar(draw(st.sampled_from(["month", "week", "day"])), zone=zone)
    number = calendar.index(date(2026, draw(st.integers(1, 11)), 1))
    start, end = calendar.start(number), calendar.start(number + draw(st.integers(1, 20)))
    end -= timedelta(hours=draw(st.sampled_from([0, 0, 1, 5])))
    if is_naive(rows):
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return {"calendar": calendar, "window": Window(start, end), "floats": draw(st.booleans())}


@st.composite
def money(draw: st.DrawFn) -> tuple[list[Any], EventLog]:
    """Rows of recurring revenue, and their log; with currencies at times, even with two."""
    rows = draw(payments())
    currencies = draw(st.sampled_from([(), ("EUR",), ("EUR", "USD")]))
    if not currencies:
        return rows, log_of(rows)
    given = [(*row, draw(st.sampled_from(currencies))) for row in rows]
    return given, log_of(given, "currency")


@settings(max_examples=300)
@given(st.data())
def test_movements(data: st.DataObject) -> None:
    rows, log = data.draw(money())
    customers = [row[0] for row in rows] or ["ann"]
    why = st.dictionaries(
        st.sampled_from(customers), st.sampled_from(["price", "unknown", "left"]), max_size=3
    )
    visits = st.lists(st.sampled_from(rows or [("ann", BEGIN, 1)]), max_size=1)
    asked: dict[str, Any] = {
        **data.draw(windows(rows)),
        "periods": data.draw(st.integers(1, 3)),
        "reasons": data.draw(st.one_of(st.none(), why)),
        "same_period": data.draw(st.one_of(st.just(()), visits)),
    }
    assert_same(lambda given: revenue.movements(given, **asked), rows, log)


@given(st.data())
def test_rates(data: st.DataObject) -> None:
    rows, log = data.draw(money())
    asked = {**data.draw(windows(rows)), "periods": data.draw(st.integers(1, 3))}
    for measure in (revenue.net_retention, revenue.logo_churn):
        assert_same(lambda given, of=measure: of(given, **asked), rows, log)  # type: ignore[misc]


@settings(max_examples=200)
@given(st.data())
def test_mrr_cohorts(data: st.DataObject) -> None:
    rows, log = data.draw(money())
    asked = data.draw(windows(rows))
    assert_same(lambda given: revenue.cohorts(given, **asked), rows, log)


@given(st.data())
def test_tracking(data: st.DataObject) -> None:
    rows = data.draw(payments())
    asked: dict[str, Any] = {
        "until": data.draw(ends(rows)),
        "calibration_until": data.draw(st.one_of(st.none(), ends(rows))),
        "zone": data.draw(st.sampled_from(ZONES)),
        "period": data.draw(st.sampled_from(["week", "month"])),
    }
    assert_same(lambda given: tracking(MODEL, given, **asked), rows, log_of(rows))


@settings(max_examples=200)
@given(st.data())
def test_historic_value(data: st.DataObject) -> None:
    rows = data.draw(payments())
    asked: dict[str, Any] = {
        "until": data.draw(ends(rows)),
        "discount": data.draw(st.sampled_from([0, 0.1, 0.25])),
        "zone": data.draw(st.sampled_from(ZONES)),
    }
    expected = outcome(lambda given: clv.historic(given, **asked), [row[1:] for row in rows])
    found = outcome(lambda given: clv.historic(given, **asked), log_of(rows))
    assert type(found) is type(expected)
    if isinstance(found, float):
        assert found == pytest.approx(expected, rel=1e-12)
    else:
        assert found == expected
