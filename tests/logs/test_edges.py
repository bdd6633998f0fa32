"""What dataframes are like in practice: empty, of one row, of odd types, and of odd names."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from lifecycle import Calendar, EventLog, Window, retention, rfm
from lifecycle.errors import InvalidTypeError, InvalidValueError, MissingValuesError

NOON = datetime(2026, 1, 3, 12)  # noqa: DTZ001
ROWS = [("ann", NOON, 1.5), ("bob", NOON, 2.0), ("ann", NOON - timedelta(1), 3.0)]
MONTHS: dict[str, Any] = {
    "calendar": Calendar("month"),
    "window": Window(date(2026, 1, 1), date(2026, 3, 1)),
}


def table(**columns: Any) -> Any:
    """Return a table of ROWS, some columns of which are others."""
    who, at, paid = zip(*ROWS, strict=True)
    pytest.importorskip("narwhals")
    return pytest.importorskip("pyarrow").table({"who": who, "at": at, "paid": paid, **columns})


def frame(**columns: Any) -> Any:
    who, at, paid = zip(*ROWS, strict=True)
    pandas = pytest.importorskip("pandas")
    return pandas.DataFrame({"who": who, "at": at, "paid": paid, **columns})


def polar(**columns: Any) -> Any:
    polars = pytest.importorskip("polars")
    return polars.from_arrow(table()).with_columns(**columns)


def read(given: Any, **options: Any) -> EventLog:
    return EventLog.from_frame(given, **{"customer": "who", "at": "at", "value": "paid", **options})


def empties() -> dict[str, Callable[[], Any]]:
    def nulls() -> Any:
        made = pytest.importorskip("pyarrow").nulls(0)
        return table(who=made, at=made, paid=made)

    return {
        "pandas without types": lambda: pytest.importorskip("pandas").DataFrame(
            columns=["who", "at", "paid"]
        ),
        "pandas": lambda: frame()[:0],
        "polars without types": lambda: pytest.importorskip("polars").DataFrame(
            {"who": [], "at": [], "paid": []}
        ),
        "polars": lambda: polar()[:0],
        "nulls": nulls,
        "pyarrow": lambda: table().slice(0, 0),
        "no chunks": lambda: table().schema.empty_table(),  # noqa: PLW0108  (skips where there is no pyarrow)
        "all dropped": lambda: table(who=pytest.importorskip("pyarrow").nulls(3, "string")),
        "all nulls": lambda: table(at=pytest.importorskip("pyarrow").nulls(3)),
        "NaT alone": lambda: frame(at=[pytest.importorskip("pandas").NaT] * 3),
    }


@pytest.mark.parametrize("make", empties().values(), ids=empties())
def test_no_rows_are_a_log_whatever_their_types(make: Callable[[], Any]) -> None:
    pytest.importorskip("narwhals")
    given = make()
    log = read(given, missing="drop")
    assert log == EventLog.from_rows([], fields=("customer", "at", "value"))
    assert (len(log), log.customers, log.dropped) == (0, (), len(given))
    assert list(log.grouped.starts) == [0]
    assert len(read(log.to_frame(), customer="customer", value="value")) == 0
    assert retention.cohorts(log, **MONTHS) == retention.cohorts([], **MONTHS)


def test_no_rows_keep_their_types_in_a_frame() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    zoned = pyarrow.nulls(3, pyarrow.timestamp("us", "Europe/Berlin"))
    for given, kinds in (
        (table().slice(0, 0), ["string", "timestamp[us]", "double"]),
        (table(at=zoned), ["string", "timestamp[us, tz=Europe/Berlin]", "double"]),
        (table(at=[NOON.date()] * 3).slice(0, 0), ["string", "date32[day]", "double"]),
    ):
        made = read(given, missing="drop").to_frame("pyarrow")
        assert [str(kind) for kind in made.schema.types] == kinds
    bare = EventLog.from_rows([], fields=("customer", "at", "value")).to_frame("pyarrow")
    assert str(bare.schema.field("value").type) == "double"


def test_one_row_is_a_log() -> None:
    for given in (table().slice(0, 1), frame()[:1], polar()[:1]):
        log = read(given)
        assert list(log) == ROWS[:1]
        assert [*log.grouped.rows, *log.grouped.starts] == [0, 0, 1]


def test_two_columns_of_one_name_are_refused() -> None:
    pandas, _ = pytest.importorskip("pandas"), pytest.importorskip("narwhals")
    df = frame()
    for name in ("who", "paid"):
        twice = pandas.concat([df, df[[name]]], axis=1)
        with pytest.raises(InvalidValueError) as refused:
            EventLog.from_frame(twice, customer="who", at="at")
        expected = f"frame must have one column of each name, got ['{name}', '{name}']"
        assert str(refused.value) == expected


@pytest.mark.parametrize("index", ["who", "at", ["at", "who"]])
def test_an_index_is_no_column_and_the_message_says_how_it_becomes_one(index: Any) -> None:
    pytest.importorskip("narwhals")
    df = frame().set_index(index)
    with pytest.raises(
        InvalidValueError, match=r"must be a column, and not the index \(reset_index makes it one\)"
    ) as refused:
        read(df)
    assert refused.value.argument == {"who": "customer", "at": "at"}.get(str(index), "customer")
    assert read(df.reset_index()) == read(frame())


def test_columns_of_several_levels_are_refused_with_what_joins_them() -> None:
    pandas, _ = pytest.importorskip("pandas"), pytest.importorskip("narwhals")
    df = frame()
    df.columns = pandas.MultiIndex.from_product([["x"], df.columns])
    with pytest.raises(InvalidValueError, match=r"^frame must have columns of one level \(df\.col"):
        read(df)
    df.columns = df.columns.map("_".join)
    names = {"customer": "x_who", "at": "x_at", "value": "x_paid"}
    assert EventLog.from_frame(df, **names) == read(frame())


@pytest.mark.parametrize(
    "kind", ["string[python]", "string[pyarrow]", "str", "object", "category", "large_string"]
)
def test_text_of_pandas_is_text(kind: str) -> None:
    pytest.importorskip("narwhals")
    pyarrow, df = pytest.importorskip("pyarrow"), frame()
    if kind == "large_string":
        kind = pytest.importorskip("pandas").ArrowDtype(pyarrow.large_string())
    df["who"] = df["who"].astype(kind)
    assert list(read(df)) == ROWS
    df.loc[1, "who"] = None
    with pytest.raises(MissingValuesError, match=r"^frame\['who'\] must have a value in each row"):
        read(df)
    assert list(read(df, missing="drop")) == [ROWS[0], ROWS[2]]


def test_objects_that_are_not_all_text_are_not_taken_for_text() -> None:
    pandas, numpy = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    for odd in (b"bob", 1.5, True, bytearray(b"x")):
        for column in (pandas.Series, numpy.array):
            given = column(["ann", odd], dtype=object)
            with pytest.raises(InvalidTypeError, match=r"^customer\[1\] must be text or a whole"):
                EventLog(customer=given, at=[NOON] * 2)
    lone = pandas.Series(["ann", "\ud800"], dtype=object)
    with pytest.raises(
        InvalidValueError, match=r"^customer\[1\] must be text without NUL and lone"
    ):
        EventLog(customer=lone, at=[NOON] * 2)
    mixed = pandas.Series(["ann", 7, 7.0], dtype=object)
    assert EventLog(customer=mixed, at=[NOON] * 3).customers == ("ann", 7)


def test_all_kinds_of_what_is_missing_are_missing() -> None:
    pandas, _ = pytest.importorskip("pandas"), pytest.importorskip("narwhals")
    gaps = [None, pandas.NA, pandas.NaT, float("nan"), Decimal("nan")]
    for gap in gaps:
        who = pandas.Series(["ann", gap, "bob"], dtype=object)
        at = pandas.Series([NOON, NOON, gap], dtype=object)
        log = read(frame(who=who, at=at), missing="drop")
        assert (list(log), log.dropped) == ([ROWS[0]], 2)
    who = pandas.Series([gaps[0], gaps[1], "ann"], dtype=object)
    with pytest.raises(MissingValuesError) as refused:
        read(frame(who=who))
    assert refused.value.rows == (0, 1)


def test_types_of_polars() -> None:
    polars = pytest.importorskip("polars")
    cents = [Decimal("1.50"), Decimal("2.00"), Decimal("3.00")]
    for given, expected in (
        (polar(who=polars.col("who").cast(polars.Enum(["zoe", "ann", "bob"]))), ROWS),
        (polar(who=polars.col("who").cast(polars.Categorical)), ROWS),
        (polar(at=polars.col("at").cast(polars.Datetime("ms"))), ROWS),
        (polar(at=polars.col("at").cast(polars.Datetime("ns"))), ROWS),
        (polar(paid=polars.col("paid").cast(polars.Float32)), ROWS),
        (polar().lazy(), ROWS),
        (
            polar(paid=polars.col("paid").cast(polars.Decimal(12, 2))),
            [(who, at, paid) for (who, at, _), paid in zip(ROWS, cents, strict=True)],
        ),
        (
            polar(at=polars.col("at").dt.date()),
            [(who, at.date(), paid) for who, at, paid in ROWS],
        ),
    ):
        assert list(map(repr, read(given))) == list(map(repr, expected))
    large = [1, 2**63 + 1, 2**100]
    assert read(polar(who=polars.Series(large, dtype=polars.Int128))).customers == tuple(large)
    large[2] = 2**64 - 1
    assert read(polar(who=polars.Series(large, dtype=polars.UInt64))).customers == tuple(large)


def test_ids_of_arrow_and_of_duckdb() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    ids = [UUID(int=5), UUID(int=2**127), UUID(int=5)]
    column = pyarrow.array([each.bytes for each in ids], pyarrow.uuid())
    assert read(table(who=column)).customers == (ids[0], ids[1])
    duckdb, given = pytest.importorskip("duckdb"), table(paid=[1, 2, 3])
    found = duckdb.from_arrow(given).project('who, "at", paid::decimal(9, 2) as paid')
    assert [row[2] for row in read(found)] == [Decimal("1.00"), Decimal("2.00"), Decimal("3.00")]


@pytest.mark.parametrize(
    "values",
    [[[1]] * 3, [{"x": 1}] * 3, [b"a"] * 3, [True] * 3],
    ids=["list", "struct", "bytes", "bool"],
)
def test_what_is_no_id_is_named_by_column_and_row(values: list[Any]) -> None:
    with pytest.raises(InvalidTypeError, match=r"^frame\['who'\]\[0\] must be text or a whole num"):
        read(table(who=values))


@pytest.mark.parametrize("bits", [32, 64, 128, 256])
def test_decimals_of_each_width_are_numbers(bits: int) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    if not hasattr(pyarrow, f"decimal{bits}"):
        pytest.skip("older versions have two widths")
    kind = getattr(pyarrow, f"decimal{bits}")(7, 2)
    cents = [Decimal("1.50"), Decimal("-2.00"), Decimal("1.50")]
    column = pyarrow.array(cents, kind)
    log = read(table(paid=column), attributes=("paid",))
    assert list(map(repr, [row[2] for row in log])) == list(map(repr, cents))
    gaps = pyarrow.array([cents[0], None, cents[1]], kind)
    assert [row[2] for row in read(table(paid=gaps), missing="drop")] == cents[:2]


def test_categories_are_no_numbers_and_no_instants() -> None:
    pandas, _ = pytest.importorskip("pandas"), pytest.importorskip("narwhals")
    texts = pandas.Categorical(["2", "1", "2"])
    with pytest.raises(
        InvalidTypeError, match=r"^frame\['paid'\]\[0\] must be a number .* got '2'"
    ):
        read(frame(paid=texts))
    with pytest.raises(
        InvalidTypeError, match=r"^frame\['at'\]\[0\] must be a datetime .* got '2'"
    ):
        read(frame(at=texts))
    log = read(frame(paid=pandas.Categorical([2, 1, 2])), id="who", attributes=("paid",))
    assert [row[2] for row in log] == [2, 1, 2]


@pytest.mark.parametrize(
    "values",
    [
        ["pro", None, "pro", "free"],
        [" ", None, "", "a"],
        [None, None, None, "x"],
        [True, None, False, True],
        [1, None, 2, 1],
        [1.5, None, -0.0, 0.0],
        [Decimal("1.50"), None, Decimal("1.5"), Decimal(2)],
        [date(2026, 1, 3), None, date.min, date.max],
        [NOON, None, NOON, NOON],
        [1, 2, 2, 1],
        ["pro", "free", "pro", "free"],
    ],
    ids=repr,
)
def test_attributes_with_gaps_are_those_of_a_list(values: list[Any]) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    column = pyarrow.array(values)
    given = [column, pyarrow.chunked_array([column[:2], column[2:]])]
    if not any(isinstance(value, datetime) for value in values):
        given.append(column.dictionary_encode())
    own = {"customer": ["ann"] * 4, "at": [NOON] * 4}
    expected = EventLog(**own, attributes={"plan": column.to_pylist()})
    for each in given:
        log = EventLog(**own, attributes={"plan": each})
        assert log == expected
        assert expected == log
        assert repr(log._columns["plan"].items()) == repr(column.to_pylist())
        assert list(log.split("plan")) == list(expected.split("plan"))
    assert EventLog(**own, attributes={"plan": [*column.to_pylist()[:3], "other"]}) != expected


def test_attributes_that_are_all_missing_are_equal_whatever_their_type() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    own = {"customer": ["ann"] * 2, "at": [NOON] * 2}
    nulls = [[None, None], *(pyarrow.nulls(2, kind) for kind in ("null", "string", "int64"))]
    logs = [EventLog(**own, attributes={"plan": column}) for column in nulls]
    assert all(one == other for one in logs for other in logs)


def test_an_attribute_that_cannot_be_kept_is_named_by_its_row() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    own = {"customer": ["ann"] * 2, "at": [NOON] * 2}
    for values in (["a", "b\0"], [None, "b\0"], [None, float("nan")]):
        for column in (values, pyarrow.array(values)):
            with pytest.raises(InvalidValueError, match=r"^attributes\['x'\]\[1\] must be "):
                EventLog(**own, attributes={"x": column})


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        (["2026-01-03"] * 3, "; pandas.to_datetime reads text and, with unit=, numbers"),
        ([1_767_400_000] * 3, "; pandas.to_datetime reads text and, with unit=, numbers"),
        ([1.5e9] * 3, "; pandas.to_datetime reads text and, with unit=, numbers"),
        ([time(1)] * 3, ""),
        ([timedelta(1)] * 3, ""),
    ],
    ids=["text", "seconds", "floats", "times", "durations"],
)
def test_what_is_no_instant_is_named_with_what_reads_it(values: list[Any], hint: str) -> None:
    with pytest.raises(InvalidTypeError) as refused:
        read(table(at=values))
    message = str(refused.value)
    assert message.startswith("frame['at'][0] must be a datetime or a date, got ")
    assert message.endswith(f" ({type(values[0]).__name__}){hint}")


class Exported:
    """A table of some other library, which has one of the Arrow protocols alone."""

    def __init__(self, exported: Callable[..., Any]) -> None:
        self._exported = exported


class Stream(Exported):
    """A table in batches."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._exported(requested_schema)


class Batch(Exported):
    """A table in one batch."""

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self._exported(requested_schema)


def test_anything_that_exports_arrow_is_a_frame() -> None:
    narwhals = pytest.importorskip("narwhals")
    (batch,) = table().to_batches()
    for given in (
        batch,
        Stream(table().__arrow_c_stream__),
        Batch(batch.__arrow_c_array__),
        narwhals.from_native(table()),
        narwhals.from_native(polar().lazy()),
    ):
        assert list(read(given)) == ROWS
    with pytest.raises(InvalidTypeError, match=r"^frame must be a dataframe of pandas, Polars"):
        read(Batch(batch["who"].__arrow_c_array__))


def test_a_stream_is_read_once() -> None:
    reader = table().to_reader()
    assert list(read(reader)) == ROWS
    assert len(read(reader)) == 0


def frames() -> dict[str, Callable[[], Any]]:
    """Return what people hand over in place of rows."""
    two = ["who", "at"]
    return {
        "pandas": lambda: frame()[two],
        "values": lambda: frame()[two].to_numpy(),  # noqa: PLW0108
        "records": lambda: frame()[two].to_records(),  # noqa: PLW0108
        "dicts": lambda: frame()[two].to_dict("records"),
        "tuples with their index": lambda: frame()[two].itertuples(),  # noqa: PLW0108
        "iterrows": lambda: frame()[two].iterrows(),  # noqa: PLW0108
        "a column": lambda: frame()["who"],
        "polars": lambda: polar().select(two),
        "lazy": lambda: polar().lazy(),
        "named rows": lambda: polar().select(two).iter_rows(named=True),
        "column of polars": lambda: polar()["who"],
        "pyarrow": lambda: table().select(two),
        "pylist": lambda: table().select(two).to_pylist(),
        "reader": lambda: table().to_reader(),
        "stream": lambda: Stream(table().__arrow_c_stream__),
        "narwhals": lambda: pytest.importorskip("narwhals").from_native(table()),
        "duckdb": lambda: pytest.importorskip("duckdb").from_arrow(table()),
    }


@pytest.mark.parametrize("make", frames().values(), ids=frames())
@pytest.mark.parametrize(
    "ask",
    [
        lambda rows: retention.cohorts(rows, **MONTHS),
        lambda rows: rfm.summary(rows, until=date(2026, 2, 1)),
        EventLog.from_rows,
    ],
    ids=["cohorts", "summary", "from_rows"],
)
def test_a_frame_in_place_of_rows_is_answered_with_the_call_to_write(
    ask: Callable[[Any], Any], make: Callable[[], Any]
) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError)) as refused:
        ask(make())
    assert "EventLog.from_frame(frame, customer=..., at=..." in str(refused.value)


def test_zones_of_a_frame_are_kept() -> None:
    pandas, _ = pytest.importorskip("pandas"), pytest.importorskip("narwhals")
    for zone in ("UTC", "Europe/Berlin"):
        at = pandas.Series([NOON] * 3).dt.tz_localize(zone)
        ats = [row[1] for row in read(frame(at=at))]
        assert [each.astimezone(UTC) for each in ats] == list(at)
        assert {str(each.tzinfo) for each in ats} == {zone}
