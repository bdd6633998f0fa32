"""Laws of logs: what they are read from changes nothing, nor does what they are kept in."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from libraries import FRAMES, read
from lifecycle import Calendar, EventLog, Window, _packages, retention, revenue, rfm
from lifecycle.logs._grouping import grouped

MONTHS: dict[str, Any] = {
    "calendar": Calendar("month", zone="America/New_York"),
    "window": Window(date(2026, 1, 1), date(2026, 7, 1)),
}
START = datetime(2025, 11, 30, 22, tzinfo=UTC)
MICROS = st.integers(0, 40_000).map(lambda n: timedelta(minutes=7 * n, microseconds=n % 3))
ZONES = (None, UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"))
IDS = (
    st.sampled_from(["ann", "bob", "cid", "\N{SNOWMAN}", "a b"]),
    st.integers(-3, 3),
    st.integers(2**62, 2**62 + 2),
)
VALUES = (
    st.integers(0, 99),
    st.floats(0, 1e6, allow_nan=False),
    st.decimals(0, 999, places=2, allow_nan=False),
)


@st.composite
def logs(draw: st.DrawFn) -> dict[str, list[Any]]:
    """Draw the columns of a log, each of one kind, with instants that like to meet."""
    zone, ids, values = (draw(st.sampled_from(kinds)) for kinds in (ZONES, IDS, VALUES))
    steps = draw(st.lists(MICROS, max_size=12))
    ats = [(START + draw(st.sampled_from(steps))).astimezone(zone or UTC) for _ in steps]
    if zone is None:
        ats = [at.replace(tzinfo=None) for at in ats]
    return {
        "customer": [draw(ids) for _ in ats],
        "at": ats,
        "value": [draw(values) for _ in ats],
        "event": [draw(st.sampled_from(["visit", "cart", "order"])) for _ in ats],
        "plan": [draw(st.sampled_from(["pro", "free"])) for _ in ats],
    }


def of_columns(columns: dict[str, list[Any]]) -> EventLog:
    own = {name: column for name, column in columns.items() if name != "plan"}
    return EventLog(**own, attributes={"plan": columns["plan"]})


def rows_of(columns: dict[str, list[Any]]) -> list[tuple[Any, ...]]:
    return list(zip(*columns.values(), strict=True))


@contextmanager
def without_numpy() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            _packages, "optional", lambda name: None if name == "numpy" else import_module(name)
        )
        yield


def answers(log: Any) -> Sequence[str]:
    """Return what is asked of logs and of rows (customer, at, value)."""
    visits = log if isinstance(log, EventLog) else [row[:2] for row in log]
    return [
        repr(retention.cohorts(visits, **MONTHS)),
        repr(retention.growth(visits, **MONTHS)),
        repr(rfm.summary(log, until=date(2026, 6, 1))),
        repr(revenue.movements(log, floats=True, **MONTHS)),
    ]


@given(logs())
def test_rows_and_columns_are_one_log(columns: dict[str, list[Any]]) -> None:
    """A log from rows is the log from their columns, and gives the rows back as they were."""
    log = of_columns(columns)
    assert log == EventLog.from_rows(rows_of(columns), fields=[*columns])
    rows = list(zip(columns["customer"], columns["at"], columns["value"], strict=True))
    assert list(map(repr, log)) == list(map(repr, rows))
    assert answers(log) == answers(rows)


@pytest.mark.parametrize("library", FRAMES)
@settings(max_examples=40)
@given(columns=logs())
def test_a_dataframe_of_each_library_is_the_same_log(
    library: str, columns: dict[str, list[Any]]
) -> None:
    """A log from a dataframe is the log from its columns, chunks and dictionaries included."""
    if not columns["at"]:
        return  # a dataframe has no types then
    log = read(library, columns)
    assert log == of_columns(columns)
    assert list(log) == list(of_columns(columns))


@given(logs())
def test_without_numpy_a_log_is_the_same(columns: dict[str, list[Any]]) -> None:
    """Arrays and tuples hold the same, in the same groups."""
    pytest.importorskip("numpy")
    log = of_columns(columns)
    with without_numpy():
        bare = of_columns(columns)
        groups = bare.grouped
    assert log == bare
    assert bare == log
    assert (list(log), hash(log), repr(log)) == (list(bare), hash(bare), repr(bare))
    assert list(log.grouped.rows) == list(groups.rows)
    assert list(log.grouped.starts) == list(groups.starts)
    assert type(log.grouped.rows) is not type(groups.rows)


@given(logs())
def test_groups_are_sorted_by_customer_instant_and_row(columns: dict[str, list[Any]]) -> None:
    """Grouping is the sort by customer, then instant, then the order in which rows were given."""
    log = of_columns(columns)
    customers, moments = columns["customer"], [Calendar()._moment("at", at) for at in columns["at"]]
    place = {customer: i for i, customer in enumerate(log.customers)}
    assert list(place) == list(dict.fromkeys(customers))
    rows = sorted(range(len(log)), key=lambda i: (place[customers[i]], moments[i], i))
    assert list(log.grouped.rows) == rows
    for k, customer in enumerate(log.customers):
        first, end = log.grouped.starts[k : k + 2]
        assert {customers[i] for i in log.grouped.rows[first:end]} == {customer}


@given(logs(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_answer(
    columns: dict[str, list[Any]], chance: random.Random
) -> None:
    """Shuffled rows give the same tables."""
    rows = rows_of(columns)
    chance.shuffle(rows)
    shuffled = EventLog.from_rows(rows, fields=[*columns])
    assert answers(shuffled) == answers(of_columns(columns))


@given(logs(), st.sets(st.sampled_from(["visit", "cart", "order"]), min_size=1))
def test_some_events_are_the_rows_of_them(columns: dict[str, list[Any]], wanted: set[str]) -> None:
    """`where` is the log of the rows that have one of the events."""
    log = of_columns(columns)
    names = tuple(sorted(wanted & {*log.events}))
    if names:
        rows = [row for row in rows_of(columns) if row[3] in names]
        assert log.where(event=names) == EventLog.from_rows(rows, fields=[*columns])


@given(logs(), st.integers(0, 2**5 - 1))
@example({name: [] for name in ("customer", "at", "value", "event", "plan")}, 0)
def test_dropped_rows_are_those_with_a_gap(columns: dict[str, list[Any]], gaps: int) -> None:
    """What `missing="drop"` leaves is the log of the whole rows, and it counts the others."""
    polars = pytest.importorskip("polars")
    whole = [not gaps >> i % 5 & 1 for i in range(len(columns["at"]))]
    customers = [c if keep else None for c, keep in zip(columns["customer"], whole, strict=True)]
    kept = {
        name: [value for value, keep in zip(column, whole, strict=True) if keep]
        for name, column in columns.items()
    }
    if not any(whole):
        return
    log = read("polars", {**columns, "customer": polars.Series(customers)}, missing="drop")
    assert log == of_columns(kept)
    assert log.dropped == whole.count(False)


def test_many_rows_in_chunks_and_dictionaries_are_one_log() -> None:
    """More rows than 16 bits have codes for, in chunks with dictionaries of their own."""
    pyarrow = pytest.importorskip("pyarrow")
    n = 40_000
    chance = random.Random(7)
    columns: dict[str, list[Any]] = {
        "customer": [f"c{chance.randrange(40_000)}" for _ in range(n)],
        "at": [START + timedelta(seconds=chance.randrange(20_000_000)) for _ in range(n)],
        "value": [Decimal(chance.randrange(10_000)) / 100 for _ in range(n)],
        "event": [chance.choice(["visit", "order"]) for _ in range(n)],
        "plan": [chance.choice(["pro", "free"]) for _ in range(n)],
    }
    expected = of_columns(columns)
    assert read("pyarrow", columns) == expected
    assert read("pyarrow dictionaries", columns) == expected
    chunks = [
        pyarrow.array(columns["customer"][i : i + 9_999]).dictionary_encode()
        for i in range(0, n, 9_999)
    ]
    unlike = {**columns, "customer": pyarrow.chunked_array(chunks)}
    assert read("pyarrow", unlike) == expected
    place = {customer: i for i, customer in enumerate(expected.customers)}
    key = [
        (place[c], at, i)
        for i, (c, at) in enumerate(zip(columns["customer"], columns["at"], strict=True))
    ]
    assert list(expected.grouped.rows) == [i for *_, i in sorted(key)]


@pytest.mark.parametrize("span", [1, 10**6, 10**17])
@pytest.mark.parametrize("step", [1, 1_000, 86_400_000_000])
def test_groups_of_any_span_are_sorted(span: int, step: int) -> None:
    """One key holds customer, instant and row where they fit; else the rest is sorted after it."""
    pytest.importorskip("numpy")
    chance = random.Random(span + step)
    first = datetime(1, 1, 1) if span > 10**9 else datetime(2026, 1, 1)  # noqa: DTZ001
    most = min(span, 2 * 10**17 // step)
    ats = [first + timedelta(microseconds=chance.randrange(most) * step) for _ in range(3_000)]
    customers = [chance.randrange(700) for _ in ats]
    log = EventLog(customer=customers, at=ats)
    place = {customer: i for i, customer in enumerate(log.customers)}
    key = sorted((place[customer], ats[i], i) for i, customer in enumerate(customers))
    assert list(log.grouped.rows) == [i for *_, i in key]


@pytest.mark.parametrize("step", [1, 10**3, 10**6])
@pytest.mark.parametrize("rows", [1, 2, 65_536, 70_001])
@pytest.mark.parametrize("near", [1, 7, 2**20])
def test_instants_that_lie_close_together_are_sorted(near: int, rows: int, step: int) -> None:
    """Many rows of a customer differ in the lowest bits of their instants alone, or in none."""
    numpy = pytest.importorskip("numpy")
    chance = numpy.random.default_rng(rows + near)
    codes = chance.integers(0, max(rows // 50, 1), rows)
    micros = chance.integers(-3, 3, rows) * 2**55 + chance.integers(0, near, rows) * step
    found = grouped(codes, micros, int(codes.max()) + 1)
    assert numpy.array_equal(found.rows, numpy.lexsort((micros, codes)))


@given(st.data(), st.sampled_from(["int8", "uint8", "int16", "uint32", "int64", "uint64"]))
def test_whole_numbers_are_coded_as_they_first_appear(data: st.DataObject, kind: str) -> None:
    """A column of numpy gives the customers of a list, however close its numbers lie."""
    numpy = pytest.importorskip("numpy")
    least, most = int(numpy.iinfo(kind).min), int(numpy.iinfo(kind).max)
    low = data.draw(st.integers(least, most))
    span = data.draw(st.sampled_from([1, 8, 200, 2**64]))
    ids = data.draw(st.lists(st.integers(low, min(low + span, most)), min_size=1))
    at = [START] * len(ids)
    log = EventLog(customer=numpy.array(ids, kind), at=at)
    assert log == EventLog(customer=ids, at=at)
    assert log.customers == tuple(dict.fromkeys(ids))
    assert {*map(type, log.customers)} == {int}


@pytest.mark.parametrize("span", [1, 3, 65_537, 139_999, 10**9])
@pytest.mark.parametrize("low", [-7, 2**63 - 10**9 - 1])
def test_many_whole_numbers_are_coded_as_they_first_appear(low: int, span: int) -> None:
    """More rows than are worked on at once."""
    numpy = pytest.importorskip("numpy")
    ids = numpy.random.default_rng(span).integers(low, low + span, 70_000)
    log = EventLog(customer=ids, at=numpy.zeros(len(ids), "datetime64[us]"))
    assert log.customers == tuple(dict.fromkeys(ids.tolist()))
    assert numpy.array_equal(numpy.array(log.customers)[log._customer.codes], ids)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "UTC"]
)
@given(
    st.lists(st.integers(0, 30 * 24 * 60).map(lambda n: timedelta(minutes=n)), min_size=1),
    st.sampled_from([(2026, 3, 20), (2026, 9, 25), (2026, 10, 20), (1890, 6, 1)]),
    st.sampled_from([date, datetime]),
)
def test_naive_instants_are_placed_as_the_calendar_of_the_zone_reads_them(
    zone: str, steps: list[timedelta], first: tuple[int, int, int], kind: type
) -> None:
    """`zone=` places a column as it places each instant, clock changes included."""
    pyarrow = pytest.importorskip("pyarrow")
    ats: list[Any] = [datetime(*first) + step for step in steps]  # noqa: DTZ001
    if kind is date:
        ats = [at.date() for at in ats]
    table = pyarrow.table({"customer": list(range(len(ats))), "at": ats})
    log = EventLog.from_frame(table, customer="customer", at="at", zone=zone)
    read = Calendar(zone=zone)._moment
    assert [at.astimezone(UTC) for _, at in log] == [read("at", at) for at in ats]
    assert [str(at.tzinfo) for _, at in log] == [zone] * len(ats)
    with without_numpy():
        assert EventLog.from_frame(table, customer="customer", at="at", zone=zone) == log


UNITS = {"s": 10**6, "ms": 10**3, "us": 1, "ns": 1}


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("library", ["pyarrow", "pandas", "polars"])
@settings(max_examples=30)
@given(st.lists(st.integers(-(2**52), 2**52), min_size=1), st.sampled_from(ZONES))
def test_timestamps_of_each_unit_are_the_instants_of_a_list(
    unit: str, library: str, counts: list[int], zone: Any
) -> None:
    """A column of any unit and zone is the column of its instants, before 1970 too."""
    pyarrow = pytest.importorskip("pyarrow")
    first, micros = (
        datetime(1970, 1, 1, tzinfo=UTC),
        [n // UNITS[unit] * UNITS[unit] for n in counts],
    )
    ats = [(first + timedelta(microseconds=n)).astimezone(zone or UTC) for n in micros]
    kind = pyarrow.timestamp(unit, zone and str(zone))
    column = pyarrow.array([n * 1_000 if unit == "ns" else n // UNITS[unit] for n in micros])
    table = pyarrow.table({"customer": [1] * len(ats), "at": column.cast("int64").cast(kind)})
    frame = {
        "pyarrow": lambda: table,
        "pandas": table.to_pandas,
        "polars": lambda: pytest.importorskip("polars").from_arrow(table),
    }[library]()
    expected = [at.replace(tzinfo=None) for at in ats] if zone is None else ats
    log = EventLog.from_frame(frame, customer="customer", at="at")
    assert log == EventLog(customer=[1] * len(ats), at=expected)
    assert list(map(repr, log)) == list(map(repr, zip([1] * len(ats), expected, strict=True)))


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow", "pyarrow dictionaries"])
@pytest.mark.parametrize("ids", ["near", "far", "text"])
def test_many_rows_are_read_split_and_dropped_as_few_are(library: str, ids: str) -> None:
    """More rows than are worked on at once, of some of which the customer is missing."""
    pytest.importorskip("pyarrow")
    chance, n = random.Random(11), 70_001
    made: Any = {"near": int, "far": lambda k: k * 10**12 - 5, "text": lambda k: f"c{k}"}[ids]
    columns: dict[str, list[Any]] = {
        "customer": [made(chance.randrange(9_000)) for _ in range(n)],
        "at": [START + timedelta(seconds=chance.randrange(90_000)) for _ in range(n)],
        "event": [chance.choice(["visit", "order"]) for _ in range(n)],
        "plan": [chance.choice(["pro", "free", None]) for _ in range(n)],
    }
    log, expected = read(library, columns), of_columns(columns)
    assert log == expected
    rows = [row for row in rows_of(columns) if row[2] == "order"]
    orders = EventLog.from_rows(rows, fields=[*columns])
    assert log.where(event="order") == orders
    assert orders.customers == tuple(dict.fromkeys(row[0] for row in rows))
    for plan, part in log.split("plan").items():
        rows = [row for row in rows_of(columns) if row[3] == plan]
        assert part == EventLog.from_rows(rows, fields=[*columns])
    gaps = {**columns, "at": [at if i % 7 else None for i, at in enumerate(columns["at"])]}
    kept = [row for i, row in enumerate(rows_of(columns)) if i % 7]
    dropped = read(library, gaps, missing="drop")
    assert dropped == EventLog.from_rows(kept, fields=[*columns])
    assert dropped.dropped == n - len(kept)
