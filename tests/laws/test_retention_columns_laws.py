"""Retention of a log of arrays is that of its rows: the same results, to the last digit."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lifecycle import Calendar, EventLog, Period, Window, retention
from lifecycle._activity_columns import numbers
from lifecycle.errors import LifecycleError

numpy = pytest.importorskip("numpy")

BEGIN = datetime(2026, 1, 1)  # noqa: DTZ001
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe")
CHANGE = datetime(2026, 10, 25)  # noqa: DTZ001  (clocks in Berlin go back at 3 o'clock)

FAR = (datetime(1, 1, 1, 9), datetime(9999, 12, 31, 9))  # noqa: DTZ001


def local_times() -> st.SearchStrategy[datetime]:
    """Instants of a year, many of them some months from a change of clocks, at edges, or equal."""
    anywhere = st.integers(0, 365 * 24 * 4).map(lambda n: BEGIN + timedelta(minutes=15 * n))
    changing = st.integers(0, 24 * 60).map(lambda n: CHANGE + timedelta(minutes=n))
    firsts = st.integers(1, 12).map(lambda month: datetime(2026, month, 1))  # noqa: DTZ001
    ends = st.builds(datetime, st.just(2026), st.integers(3, 12), st.sampled_from([25, 29, 30]))
    nights = st.builds(lambda day, n: day + timedelta(minutes=n), ends, st.integers(60, 200))
    return st.one_of(anywhere, changing, firsts, nights, st.sampled_from([BEGIN, CHANGE, *FAR]))


FORMS: dict[str, Any] = {
    "naive": lambda at: at,
    "the later one": lambda at: at.replace(fold=1),
    "date": lambda at: at.date(),
    "UTC": lambda at: at.replace(tzinfo=UTC),
    "Berlin": lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin")),
    "Berlin, later": lambda at: at.replace(tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
}
KINDS = (
    ("naive", "the later one", "date"),
    ("date",),
    ("UTC",),
    ("UTC", "Berlin", "Berlin, later"),
)
IDS: tuple[Any, ...] = (int, "c{}".format, lambda n: UUID(int=n))


def kinds() -> st.SearchStrategy[tuple[tuple[str, ...], Any]]:
    """Which forms instants have, and what ids are."""
    return st.tuples(st.sampled_from(KINDS), st.sampled_from(IDS))


@st.composite
def visits(draw: st.DrawFn, kind: tuple[tuple[str, ...], Any]) -> list[tuple[Any, Any]]:
    """Rows of (customer, at), all naive or all aware, in any order; half of them of few people.

    Those come back often, in periods of all lengths.
    """
    (forms, name), is_dense = kind, draw(st.booleans())
    often = st.integers(-200, 500).map(lambda n: CHANGE + timedelta(hours=3 * n))
    who = st.integers(0, 1 if is_dense else 5)
    row = st.tuples(who, often if is_dense else local_times(), st.sampled_from(forms))
    rows = draw(st.lists(row, min_size=12 if is_dense else 0, max_size=30))
    return [(name(who), FORMS[form](at)) for who, at, form in rows]


def is_aware(kind: tuple[tuple[str, ...], Any]) -> bool:
    return "UTC" in kind[0]


@st.composite
def questions(draw: st.DrawFn, kind: Any, *grains: str) -> dict[str, Any]:
    """A calendar and a window of its periods, whose last one may be open."""
    zone = draw(st.sampled_from(ZONES))
    calendar = Calendar(
        draw(st.sampled_from(grains or ("year", "quarter", "month", "week", "day", "hour"))),
        zone=zone,
    )
    number = calendar.index(date(2026, draw(st.sampled_from([1, 4, 9, 10, 10])), 1))
    periods = draw(st.sampled_from([1, 2, 3, 8, 20, 40]))
    start, end = calendar.start(number), calendar.start(number + periods)
    end -= draw(st.sampled_from([timedelta(0), timedelta(minutes=20)]))
    if not is_aware(kind):
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
    return {"calendar": calendar, "window": Window(start, end)}


@st.composite
def windows(draw: st.DrawFn, kind: Any) -> Window:
    start = draw(local_times().filter(lambda at: at not in FAR))
    end = start + timedelta(hours=draw(st.integers(1, 5000)))
    zone = UTC if is_aware(kind) else None
    return Window(start.replace(tzinfo=zone), end.replace(tzinfo=zone))


def brackets() -> st.SearchStrategy[list[range] | None]:
    """Ranges with gaps between them, and beyond the window."""
    edges = st.lists(st.integers(1, 60), min_size=2, max_size=6, unique=True).map(sorted)
    some = edges.map(
        lambda all_: [range(a, b) for a, b in zip(all_[::2], all_[1::2], strict=False)]
    )
    return st.one_of(st.none(), some)


def logs_of(rows: Any) -> Any:
    return EventLog.from_rows(rows) if isinstance(rows, list) else rows


def outcome(ask: Any, *args: Any, **options: Any) -> Any:
    """Return a result with its types, or the error."""
    try:
        return repr(ask(*args, **options))
    except LifecycleError as error:
        return type(error), str(error).replace(", fold=1", "")


@settings(max_examples=150)
@given(st.data())
def test_cohorts(data: st.DataObject) -> None:
    kind = data.draw(kinds())
    rows = data.draw(visits(kind))
    options: dict[str, Any] = {
        "retained": data.draw(st.sampled_from(["on", "on_or_after"])),
        "cohorting": data.draw(st.sampled_from(["first", "every"])),
        "min_occurrences": data.draw(st.integers(1, 3)),
        "brackets": data.draw(brackets()),
        "mode": data.draw(st.sampled_from(["calendar", "elapsed"])),
        **data.draw(questions(kind)),
    }
    enrolled = data.draw(enrollments(kind))
    expected = outcome(retention.cohorts, rows, enrolled=enrolled, **options)
    assert (
        outcome(retention.cohorts, EventLog.from_rows(rows), enrolled=enrolled, **options)
        == expected
    )
    both = outcome(
        retention.cohorts, EventLog.from_rows(rows), enrolled=logs_of(enrolled), **options
    )
    assert both == expected


def enrollments(kind: Any) -> st.SearchStrategy[Any]:
    """None, rows, or a mapping; of some of the customers, and of some others."""
    return st.one_of(st.none(), visits(kind), visits(kind).map(dict))


@settings(max_examples=120)
@given(st.data())
def test_growth(data: st.DataObject) -> None:
    kind = data.draw(kinds())
    rows = data.draw(visits(kind))
    asked = data.draw(questions(kind))
    enrolled = data.draw(enrollments(kind))
    if enrolled and data.draw(st.booleans()):  # so that there are results, too, not errors alone
        zone = UTC if is_aware(kind) else None
        began = [(who, BEGIN.replace(tzinfo=zone)) for who, _ in rows[::2]]
        enrolled = [*rows, *began]
    expected = outcome(retention.growth, rows, enrolled=enrolled, **asked)
    log = EventLog.from_rows(rows)
    assert outcome(retention.growth, log, enrolled=enrolled, **asked) == expected
    assert outcome(retention.growth, log, enrolled=logs_of(enrolled), **asked) == expected


@given(st.data())
def test_growth_in_custom_periods(data: st.DataObject) -> None:
    rows = data.draw(visits((("date",), int)))
    starts = [date(2026, 2, 1), date(2026, 3, 10), date(2026, 5, 1), date(2026, 12, 31)]
    calendar = Calendar.custom(starts, zone=data.draw(st.sampled_from(ZONES)))
    window = Window(*data.draw(st.sampled_from([starts[:2], starts[1:3], starts[::3]])))
    log = EventLog.from_rows(rows)
    asked: dict[str, Any] = {"calendar": calendar, "window": window}
    assert outcome(retention.growth, log, **asked) == outcome(retention.growth, rows, **asked)
    asked["mode"] = data.draw(st.sampled_from(["calendar", "elapsed"]))
    assert outcome(retention.cohorts, log, **asked) == outcome(retention.cohorts, rows, **asked)


@settings(max_examples=120)
@given(st.data())
def test_cohort_revenue(data: st.DataObject) -> None:
    kind = data.draw(kinds())
    amount = data.draw(
        st.sampled_from(
            [
                st.floats(-1e12, 1e12),
                st.sampled_from([0.1, 0.2, 0.3, -0.6, 1e16, -1e16]),
                st.integers(-(2**60), 2**60),
                st.decimals(-1000, 1000, places=2),
                st.sampled_from([1, 0.5, 1e308, -1e308]),
            ]
        )
    )
    paid = [(who, at, data.draw(amount)) for who, at in data.draw(visits(kind))]
    asked = data.draw(questions(kind))
    asked["mode"] = data.draw(st.sampled_from(["calendar", "elapsed"]))
    enrolled = data.draw(enrollments(kind))
    expected = outcome(retention.cohort_revenue, paid, enrolled=enrolled, **asked)
    log = EventLog.from_rows(paid, fields=("customer", "at", "value"))
    assert outcome(retention.cohort_revenue, log, enrolled=enrolled, **asked) == expected
    both = outcome(retention.cohort_revenue, log, enrolled=logs_of(enrolled), **asked)
    assert both == expected


@settings(max_examples=120)
@given(st.data())
def test_rates_of_repeated_orders_and_of_returns(data: st.DataObject) -> None:
    kind = data.draw(kinds())
    rows, window = data.draw(visits(kind)), data.draw(windows(kind))
    log = EventLog.from_rows(rows)
    asked: dict[str, Any] = {"window": window}
    asked["earlier"] = data.draw(st.sampled_from(["ignored", "counted"]))
    assert outcome(retention.repeat_purchase_rate, log, **asked) == outcome(
        retention.repeat_purchase_rate, rows, **asked
    )
    lengths = [timedelta(0), timedelta(days=20), Period(months=2), Period(years=3000)]
    asked = {"window": window, "idle": data.draw(st.sampled_from(lengths))}
    assert outcome(retention.resurrection_rate, log, **asked) == outcome(
        retention.resurrection_rate, rows, **asked
    )


@given(st.data())
def test_purchase_intervals(data: st.DataObject) -> None:
    rows = data.draw(visits(data.draw(kinds())))
    of_rows, of_log = (retention.purchase_intervals(each) for each in (rows, logs_of(rows)))
    assert of_log == of_rows
    assert hash(of_log) == hash(of_rows)
    assert repr(of_log) == repr(of_rows)
    assert of_log.lengths == of_rows.lengths == retention.PurchaseIntervals(of_rows.lengths).lengths
    assert (of_log.n, of_log.mean) == (of_rows.n, of_rows.mean)
    p, length = data.draw(st.floats(0.01, 0.99)), timedelta(hours=data.draw(st.integers(0, 9000)))
    assert of_log.quantile(p) == of_rows.quantile(p)
    assert repr(of_log.within(length)) == repr(of_rows.within(length))


@settings(max_examples=120)
@given(
    st.lists(st.integers(-(10**17), 10**17) | st.integers(-50, 50), max_size=30),
    st.lists(st.integers(-(10**15), 10**15) | st.integers(-50, 50), min_size=1, max_size=20),
    st.sampled_from([1, 60, 86_400_000_000]),
)
@example([5], [5, 5], 1)
@example([], [0], 1)
def test_periods_are_numbered_as_a_search_does(
    moments: list[int], starts: list[int], unit: int
) -> None:
    """Where periods are whole units long, where not, and where they are empty."""
    edges = sorted(start // unit * unit for start in starts)
    found = numbers(numpy.asarray(moments, dtype="int64"), edges)
    assert found.tolist() == [bisect_right(edges, moment) for moment in moments]
