"""EventLog: what it reads, what it refuses and how it says so, and what it is afterwards."""

import pickle
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Calendar, EventLog, _packages
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    LifecycleError,
    MissingExtraError,
    MissingValuesError,
    MixedInstantsError,
    UnknownNameError,
)
from lifecycle.logs import _arrow
from samples import refusal

NAN = float("nan")
BERLIN = ZoneInfo("Europe/Berlin")
DAY, NEXT = date(2026, 1, 3), date(2026, 1, 4)
NOON = datetime(2026, 1, 3, 12, tzinfo=UTC)
ROWS = [("ann", NOON, 10.5), ("bob", NOON - timedelta(1), 3.0), ("ann", NOON - timedelta(2), 2.0)]
ONE: dict[str, Any] = {"customer": ["ann"], "at": [DAY]}


def without(monkeypatch: pytest.MonkeyPatch, *packages: str) -> None:
    """Let packages be as if they were not installed."""

    def optional(package: str) -> Any:
        if package.partition(".")[0] in packages:
            return None
        try:
            return import_module(package)
        except ImportError:
            return None

    monkeypatch.setattr(_packages, "optional", optional)


@pytest.fixture(params=["numpy", "lists"])
def _arrays(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "lists":
        without(monkeypatch, "numpy")
    else:
        pytest.importorskip("numpy")


both = pytest.mark.usefixtures("_arrays")


def frame(**columns: Any) -> Any:
    pytest.importorskip("narwhals")
    return pytest.importorskip("pandas").DataFrame(columns)


def of(at: Any, **more: Any) -> EventLog:
    """Return a log of one customer."""
    return EventLog(customer=["ann"] * len(at), at=at, **more)


def instants(log: EventLog) -> list[Any]:
    return [row[1] for row in log]


# Doors


@both
def test_rows_and_columns_make_one_log() -> None:
    customers, ats, values = zip(*ROWS, strict=True)
    log = EventLog.from_rows(ROWS)
    assert list(log) == ROWS
    assert log == EventLog(customer=customers, at=ats, value=values)
    assert log == EventLog.from_rows(iter(ROWS))
    assert log == EventLog.from_rows(
        [row[::-1] for row in ROWS], fields=("value", "at", "customer")
    )
    assert len(log) == 3
    assert log.customers == ("ann", "bob")
    assert log.events == ()
    assert log.dropped == 0


@both
def test_rows_of_two_have_no_value() -> None:
    log = EventLog.from_rows([("ann", DAY), ("bob", NEXT)])
    assert list(log) == [("ann", DAY), ("bob", NEXT)]
    assert log != EventLog.from_rows([("ann", DAY, 0), ("bob", NEXT, 0)])


@both
def test_no_rows_are_a_log() -> None:
    log = EventLog.from_rows([])
    assert list(log) == []
    assert log == EventLog(customer=[], at=())
    assert repr(log) == "<EventLog: 0 rows of 0 customers>"
    assert [*log.grouped.rows] == []
    assert [*log.grouped.starts] == [0]


@both
def test_fields_that_are_no_columns_are_attributes() -> None:
    rows = [("ann", DAY, "visit", 7, "pro"), ("bob", DAY, "order", 8, None)]
    log = EventLog.from_rows(rows, fields=("customer", "at", "event", "id", "plan"))
    assert log == EventLog(
        customer=["ann", "bob"],
        at=[DAY, DAY],
        event=["visit", "order"],
        id=[7, 8],
        attributes={"plan": ["pro", None]},
    )
    assert log.events == ("visit", "order")
    assert list(log) == [("ann", DAY), ("bob", DAY)]


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        (
            ("customer", "value"),
            InvalidValueError,
            "fields must have 'customer' and 'at', got ('cus",
        ),
        (("customer", "at", "at"), InvalidValueError, "fields must name each thing once"),
        ("customer", InvalidTypeError, "fields must be a tuple of names, got 'customer'"),
    ],
)
def test_fields_are_names_with_customer_and_at(
    fields: Any, error: type[LifecycleError], message: str
) -> None:
    assert refusal(error, lambda: EventLog.from_rows([], fields=fields)).startswith(message)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("ann", DAY), ("bob",)], "rows[1] must be (customer, at), got ('bob',)"),
        ([("ann", DAY, 1), ("bob", DAY)], "rows[1] must be (customer, at, value), got ('bob', "),
        (["ab"], "rows[0] must be (customer, at), got 'ab'"),
        ("ann", "rows must be rows of (customer, at), got 'ann'"),
        ({"ann": DAY}, "rows must be rows of (customer, at), got {"),
        (5, "rows must be rows of (customer, at), got 5"),
    ],
)
def test_what_is_no_row_is_refused(rows: Any, message: str) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError)) as refused:
        EventLog.from_rows(rows)
    assert str(refused.value).startswith(message)


def test_a_frame_is_no_rows_and_rows_are_no_frame() -> None:
    df = frame(who=["ann"], day=[DAY])
    with pytest.raises(InvalidTypeError) as refused:
        EventLog.from_rows(df)
    assert "EventLog.from_frame(frame, customer=..., at=...)" in str(refused.value)
    pyarrow = pytest.importorskip("pyarrow")
    for given in ([("ann", DAY)], {"who": ["ann"]}, df["day"], pyarrow.chunked_array([["ann"]]), 5):
        with pytest.raises(InvalidTypeError, match=r"^frame must be a dataframe of pandas, Polars"):
            EventLog.from_frame(given, customer="who", at="day")
    with pytest.raises(
        InvalidTypeError, match=r"^customer must be a series of values, such as one"
    ):
        EventLog(customer=df, at=df)


def test_columns_have_one_length() -> None:
    assert refusal(InvalidValueError, lambda: EventLog(customer=["a"], at=[DAY, DAY])) == (
        "at must have as many rows as customer, 1, got 2"
    )
    with pytest.raises(InvalidValueError, match=r"^attributes\['plan'\] must have as many rows as"):
        EventLog(**ONE, attributes={"plan": []})


def test_whose_and_when_must_be_given() -> None:
    with pytest.raises(
        InvalidTypeError, match=r"^customer must be a series of values, .* got None"
    ):
        EventLog(customer=None, at=[DAY])  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match=r"^at must be text, got None"):
        EventLog.from_frame(frame(who=["ann"]), customer="who", at=None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ([("plan", [1])], "attributes must be a mapping from names to columns, got"),
        ({"event": ["x"]}, "attributes key must not be one of the columns customer, at, value, "),
        ({7: ["x"]}, "attributes key must be text, got 7"),
        ({"plan": "x"}, "attributes['plan'] must be a series of values, such as a list, got 'x'"),
    ],
)
def test_attributes_are_columns_by_name(attributes: Any, message: str) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError)) as refused:
        EventLog(**ONE, attributes=attributes)
    assert str(refused.value).startswith(message)


# Ids


@both
@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["b", "a", "b"], ("b", "a")),
        ([7, 8, 7], (7, 8)),
        ([7.0, 8.0, 7.0], (7, 8)),
        ([0.0, -0.0, 1.0], (0, 1)),
        ([7, "7", 7.0], (7, "7")),
        ([UUID(int=1), UUID(int=2), 1], (UUID(int=1), UUID(int=2), 1)),
        ([2**70, 3, 2**70], (2**70, 3)),
    ],
    ids=repr,
)
def test_ids_are_kept_as_what_they_are(ids: list[Any], expected: tuple[Any, ...]) -> None:
    log = EventLog(customer=ids, at=[DAY] * 3)
    assert log.customers == expected
    assert [type(one) for one in log.customers] == [type(one) for one in expected]


COLUMNS: dict[str, Callable[[Sequence[Any]], Any]] = {
    "numpy": lambda values: pytest.importorskip("numpy").array(values),
    "pandas": lambda values: pytest.importorskip("pandas").Series(values),
    "objects": lambda values: pytest.importorskip("pandas").Series(values, dtype=object),
    "nullable": lambda values: pytest.importorskip("pandas").Series(values).convert_dtypes(),
    "categories": lambda values: pytest.importorskip("pandas").Series(values, dtype="category"),
    "index": lambda values: pytest.importorskip("pandas").Index(values),
    "polars": lambda values: pytest.importorskip("polars").Series(values),
    "array": lambda values: pytest.importorskip("pyarrow").array(values),
    "chunks": lambda values: pytest.importorskip("pyarrow").chunked_array([values[:1], values[1:]]),
    "dictionary": lambda values: pytest.importorskip("pyarrow").array(values).dictionary_encode(),
    "tuple": tuple,
    "generator": iter,
    "Arrow stream": lambda values: Exported(pytest.importorskip("pyarrow").chunked_array([values])),
    "Arrow array": lambda values: ExportedArray(pytest.importorskip("pyarrow").array(values)),
}
every_column = pytest.mark.parametrize("column", COLUMNS.values(), ids=COLUMNS)


class Exported:
    """A column of some other library, with the Arrow protocol."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._column.__arrow_c_stream__(requested_schema)


class ExportedArray(Exported):
    """One chunk of such a column."""

    __arrow_c_stream__ = property()  # type: ignore[assignment]  # it has none

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        return self._column.__arrow_c_array__(requested_schema)


@both
@every_column
@pytest.mark.parametrize(
    "values", [["b", "a", "b"], [7, 8, 7], [7.0, 8.0, 7.0], [0.0, 1.0, -0.0]], ids=repr
)
def test_columns_of_each_library_are_ids(column: Callable[[Any], Any], values: list[Any]) -> None:
    assert EventLog(customer=column(values), at=[DAY] * 3) == EventLog(
        customer=values, at=[DAY] * 3
    )


def test_columns_that_pyarrow_has_no_type_for_are_read_value_by_value() -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    ids = [1, "a", UUID(int=1)]
    expected = EventLog(customer=ids, at=[DAY] * 3)
    for column in (
        pandas.Series(ids, dtype="category"),
        pandas.Categorical(ids),
        polars.Series(ids, dtype=polars.Object),
    ):
        assert EventLog(customer=column, at=[DAY] * 3) == expected
    weeks = pandas.Series(pandas.period_range("2026-01-01", periods=3, freq="W"))
    with pytest.raises(InvalidTypeError, match=r"^customer\[0\] must be text or a whole number"):
        EventLog(customer=weeks, at=[DAY] * 3)
    with pytest.raises(
        InvalidTypeError, match=r"^at\[0\] must be a datetime or a date, got Period"
    ):
        of(weeks)


@every_column
@pytest.mark.parametrize("bad", [" ", ""])
def test_a_blank_id_is_named_by_its_row(column: Callable[[Any], Any], bad: str) -> None:
    with pytest.raises(InvalidValueError, match=r"^customer\[2\] must be text that is not blank"):
        EventLog(customer=column(["a", "b", bad, "c", bad]), at=[DAY] * 5)


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([True, False], "customer[0] must be text or a whole number or a UUID, got True"),
        ([1, True], "customer[1] must be text or a whole number or a UUID, got True"),
        ([7.5, 7.0], "customer[0] must be text or a whole number or a UUID, got 7.5"),
        ([7.0, NAN], "customer[1] must be text or a whole number or a UUID, got nan"),
        ([b"a", b"b"], "customer[0] must be text or a whole number or a UUID, got b'a'"),
        ([DAY, DAY], "customer[0] must be text or a whole number or a UUID, got "),
        ([Decimal(7), Decimal(8)], "customer[0] must be text or a whole number or a UUID, got "),
    ],
    ids=repr,
)
@pytest.mark.parametrize("column", [tuple, COLUMNS["array"], COLUMNS["polars"]])
def test_what_is_no_id_is_refused(
    column: Callable[[Any], Any], ids: list[Any], message: str
) -> None:
    if ids == [1, True]:
        column = tuple  # a typed column has one kind
    with pytest.raises(InvalidTypeError) as refused:
        EventLog(customer=column(ids), at=[DAY] * 2)
    assert str(refused.value).startswith(message)


@both
def test_ids_of_events_are_kept() -> None:
    for ids in (["x", "y"], [7, 8], [UUID(int=1), UUID(int=1)], [2**64, "x"]):
        log = of([DAY, NEXT], id=ids)
        assert log == of([DAY, NEXT], id=tuple(ids))
        assert log != of([DAY, NEXT], id=ids[::-1]) or ids[0] == ids[1]
    pyarrow = pytest.importorskip("pyarrow")
    for kind in ("int8", "uint64", "int64"):
        assert of([DAY, NEXT], id=pyarrow.array([7, 8], kind)) == of([DAY, NEXT], id=[7, 8])


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_whole_floats_are_ids_as_they_are_in_rows(kind: str) -> None:
    numpy = pytest.importorskip("numpy")
    exact = 2.0**53
    for ids in (
        [7.0, 2048.0, 7.0],
        [exact, -exact, 1.0] if kind == "float64" else [0.0, -0.0, 1.0],
    ):
        assert EventLog(customer=numpy.array(ids, kind), at=[DAY] * 3) == EventLog(
            customer=list(map(int, ids)), at=[DAY] * 3
        )
    for bad in (NAN, float("inf"), 7.5, float("-inf"), 2 * exact):
        if kind == "float64" or abs(bad) < exact:
            with pytest.raises(InvalidTypeError, match=r"^customer\[1\] must be text or a whole"):
                EventLog(customer=numpy.array([7.0, bad, 7.5], kind), at=[DAY] * 3)
    with pytest.raises(InvalidTypeError, match=r"^customer\[0\] must be text or a whole"):
        EventLog(customer=numpy.array([NAN, NAN], kind), at=[DAY] * 2)
    assert EventLog(customer=numpy.array([], kind), at=[]).customers == ()


def test_texts_of_a_dictionary_are_those_that_occur_each_once_as_they_first_appear() -> None:
    pyarrow, pandas = pytest.importorskip("pyarrow"), pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    expected = EventLog(customer=["b", "a", "b"], at=[DAY] * 3)
    texts = pyarrow.array(["z", "a", "b", "b"])
    encoded = pyarrow.DictionaryArray.from_arrays(pyarrow.array([2, 1, 3], "int8"), texts)
    for column in (
        encoded,
        pyarrow.chunked_array([encoded[:2], encoded[2:]]),
        encoded.cast(pyarrow.dictionary(pyarrow.int32(), pyarrow.string_view())),
        pandas.Series(pandas.Categorical(["b", "a", "b"], categories=["z", "a", "b"])),
        polars.Series(["b", "a", "b"], dtype=polars.Enum(["z", "a", "b"])),
        polars.Series(["b", "a", "b"], dtype=polars.Categorical),
    ):
        assert EventLog(customer=column, at=[DAY] * 3) == expected
        found = of([DAY] * 3, event=column, id=column, attributes={"plan": column})
        names = ["b", "a", "b"]
        assert found == of([DAY] * 3, event=names, id=names, attributes={"plan": names})
    gap = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0, 1]), pyarrow.array(["a", None]))
    with pytest.raises(MissingValuesError, match=r"^customer .* in row 1;"):
        EventLog(customer=gap, at=[DAY] * 2)
    unused = pyarrow.DictionaryArray.from_arrays(pyarrow.array([1, 1]), pyarrow.array([" ", "a"]))
    assert EventLog(customer=unused, at=[DAY] * 2).customers == ("a",)


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
@pytest.mark.parametrize(
    "ids", [[f"c{i * i % 13}" for i in range(40)], [i * i % 13 * 10**9 for i in range(40)]]
)
def test_many_ids_are_read_in_parts(
    workers: int, ids: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    monkeypatch.setattr(_arrow, "_MANY", 3)
    monkeypatch.setattr(pyarrow, "cpu_count", lambda: workers)
    assert EventLog(customer=pyarrow.array(ids), at=[DAY] * 40) == EventLog(
        customer=ids, at=[DAY] * 40
    )


def test_chunks_may_have_more_texts_than_their_dictionaries_have_numbers_for() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    names = [f"c{i}" for i in range(200)]
    kind = pyarrow.dictionary(pyarrow.int8(), pyarrow.string())
    halves = [
        pyarrow.array(half).dictionary_encode().cast(kind) for half in (names[:100], names[100:])
    ]
    log = EventLog(customer=pyarrow.chunked_array(halves), at=[DAY] * 200)
    assert log.customers == tuple(names)


# Values


@both
@every_column
@pytest.mark.parametrize("values", [[10, 0, -3], [1.5, 2.0, -0.25]], ids=repr)
def test_columns_of_each_library_are_values(
    column: Callable[[Any], Any], values: list[Any]
) -> None:
    found = [row[2] for row in of([DAY] * 3, value=column(values))]
    assert found == values
    assert set(map(type, found)) == set(map(type, values))


@both
@pytest.mark.parametrize(
    "values",
    [[Decimal("1.10"), Decimal("2.25")], [1, 2.5], [2**70, 1], [2**63, 1], [Decimal(1), 3]],
    ids=repr,
)
def test_values_are_kept_as_what_they_are(values: list[Any]) -> None:
    found = [row[2] for row in of([DAY] * 2, value=values)]
    assert repr(found) == repr(values)


@both
def test_decimal_and_narrow_columns_are_values() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    decimals = [Decimal("1.10"), Decimal("-2.25")]
    for kind in (pyarrow.decimal128(9, 2), pyarrow.decimal256(50, 2)):
        log = of([DAY] * 2, value=pyarrow.array(decimals, kind))
        assert [row[2] for row in log] == decimals
    for name in ("int8", "uint8", "int32", "uint64", "float32", "float16"):
        values = pyarrow.array([1, 2], "int64").cast(name) if "16" not in name else None
        if values is None:
            values = pytest.importorskip("numpy").array([1, 2], "float16")
        assert [row[2] for row in of([DAY] * 2, value=values)] == [1, 2]
    large = of([DAY] * 2, value=pyarrow.array([2**63, 1], "uint64"))
    assert large == of([DAY] * 2, value=[2**63, 1])
    assert of([DAY] * 2, id=pyarrow.array([2**63, 1], "uint64")) == of([DAY] * 2, id=[2**63, 1])


@both
@pytest.mark.parametrize("column", [tuple, COLUMNS["numpy"], COLUMNS["polars"], COLUMNS["array"]])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.5, NAN], r"^value\[1\] must be finite, got nan"),
        ([float("-inf"), 1.5], r"^value\[0\] must be finite, got -inf"),
        ([True, False], r"^value\[0\] must be a number \(int, float or Decimal\), got True"),
        (["7", "8"], r"^value\[0\] must be a number \(int, float or Decimal\), got '7'"),
    ],
    ids=repr,
)
def test_what_is_no_number_is_refused(
    column: Callable[[Any], Any], values: list[Any], message: str
) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=message):
        of([DAY] * 2, value=column(values))


@both
@pytest.mark.parametrize(
    ("good", "bad"),
    [
        (1.5, float("inf")),
        (1.5, NAN),
        (1, 10**400),
        (1, True),
        (Decimal("1.5"), Decimal("Infinity")),
        (Decimal("1.5"), Decimal("1E+99999999")),
        (Decimal("1.5"), Decimal("-NaN")),
        (Decimal("1.5"), float("inf")),
    ],
    ids=repr,
)
def test_a_number_that_cannot_be_kept_is_named_by_its_row(good: Any, bad: Any) -> None:
    for column in (list, lambda values: pytest.importorskip("numpy").array(values, dtype=object)):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=r"^value\[2\] must "):
            of([DAY] * 4, value=column([good, good, bad, good]))


# Instants

EVE = datetime(1969, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001
KINDS: dict[str, list[Any]] = {
    "dates": [DAY, date(1969, 12, 31), date.min, date.max],
    "naive": [EVE, datetime(2026, 3, 29, 2, 30), datetime.min, datetime.max],  # noqa: DTZ001, DTZ901
    "repeated hours": [datetime(2026, 10, 25, 2, 30, fold=fold) for fold in (0, 1, 0)],  # noqa: DTZ001
    "dates and times": [DAY, datetime(2026, 1, 3, 12), NEXT],  # noqa: DTZ001
    "utc": [NOON, EVE.replace(tzinfo=UTC)],
    "zone": [datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=BERLIN) for fold in (0, 1)],
    "zones": [NOON, NOON.astimezone(BERLIN), NOON.astimezone(timezone(timedelta(hours=-3)))],
}


@both
@pytest.mark.parametrize("ats", KINDS.values(), ids=KINDS)
def test_instants_come_back_as_they_were_given(ats: list[Any]) -> None:
    log = of(ats)
    assert instants(log) == ats
    assert [(str(at), getattr(at, "fold", 0)) for at in instants(log)] == [
        (str(at), getattr(at, "fold", 0)) for at in ats
    ]
    assert log == of(ats)
    assert [row[1] for row in pickle.loads(pickle.dumps(log))] == ats  # noqa: S301


@both
def test_equal_instants_of_two_zones_are_equal_and_dates_are_no_midnights() -> None:
    assert of([NOON, NOON]) == of([NOON.astimezone(BERLIN), NOON])
    assert of([DAY]) != of([datetime(2026, 1, 3)])  # noqa: DTZ001
    assert of([DAY, NEXT]) != of([DAY, datetime(2026, 1, 4)])  # noqa: DTZ001
    assert of([DAY, datetime(2026, 1, 4)]) != of([datetime(2026, 1, 3), NEXT])  # noqa: DTZ001
    local = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    assert of([local]) != of([local.replace(fold=1)])
    assert of([local]) != of([local.replace(tzinfo=UTC)])


@both
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", "+05:30"])
def test_timestamps_of_each_unit_and_zone(unit: str, zone: str | None) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    seconds = [1_767_400_000, -86_401]  # 2026-01-03T00:26:40 and 1969-12-30T23:59:59
    expected = [datetime(2026, 1, 3, 0, 26, 40), datetime(1969, 12, 30, 23, 59, 59)]  # noqa: DTZ001
    column = pyarrow.array(seconds, pyarrow.timestamp("s", zone)).cast(
        pyarrow.timestamp(unit, zone)
    )
    found = instants(of(column))
    if zone is None:
        assert found == expected
    else:
        assert found == [at.replace(tzinfo=UTC) for at in expected]
        hours = {"UTC": 0, "Europe/Berlin": 1, "+05:30": 5.5}[zone]
        assert found[0].utcoffset() == timedelta(hours=hours)
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    kind = f"datetime64[{unit}]" if zone is None else f"datetime64[{unit}, {zone}]"
    assert instants(of(pandas.Series(column.to_pandas()).astype(kind))) == found
    if zone != "+05:30" and unit != "s":  # of Polars no unit and no zone
        assert instants(of(polars.from_arrow(column))) == found
    if zone is None:
        assert instants(of(column.to_numpy())) == found


@both
def test_dates_of_each_library() -> None:
    pyarrow, numpy = pytest.importorskip("pyarrow"), pytest.importorskip("numpy")
    days = [DAY, date(1969, 12, 31)]
    for column in (
        pyarrow.array(days),
        pyarrow.array(days, pyarrow.date64()),
        numpy.array(days, "datetime64[D]"),
        pytest.importorskip("pandas").Index(days),
        pytest.importorskip("polars").Series(days),
        pytest.importorskip("pandas").Series(days),
    ):
        assert instants(of(column)) == days


@both
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_nanoseconds_below_a_microsecond_raise_or_are_cut(zone: str | None) -> None:
    pyarrow, pandas = pytest.importorskip("pyarrow"), pytest.importorskip("pandas")
    column = pyarrow.array([1_000, -1, 1_999], pyarrow.timestamp("ns", zone))
    series = pandas.Series(column.to_pandas())
    stamps = pandas.Series(list(series), dtype=object)
    cuts = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n) for n in (1, -1, 1)]
    expected = cuts if zone else [at.replace(tzinfo=None) for at in cuts]
    for given in (column, series, stamps):
        with pytest.raises(InvalidValueError, match=r"^at\[1\] must have no nanoseconds below a "):
            of(given)
        df = pyarrow.table({"who": ["ann"] * 3, "at": column})
        if given is not column:
            df = frame(who=["ann"] * 3, at=given)
        with pytest.raises(InvalidValueError, match=r"^frame\['at'\]\[1\] must have no nanosecond"):
            EventLog.from_frame(df, customer="who", at="at")
        log = EventLog.from_frame(df, customer="who", at="at", floor=True)
        assert instants(log) == expected
    with pytest.raises(InvalidTypeError, match=r"^floor must be True or False, got 1"):
        EventLog.from_frame(df, customer="who", at="at", floor=1)  # type: ignore[arg-type]


@both
@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_instants_beyond_the_years_of_python_are_refused(
    unit: str, sign: int, zone: str | None
) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    beyond = sign * 300_000_000_000 * {"s": 1, "ms": 1_000, "us": 1_000_000}[unit]
    column = pyarrow.array([0, beyond], pyarrow.timestamp(unit, zone))
    with pytest.raises(InvalidValueError, match=r"^at\[1\] must be within years 1 to 9999, got "):
        of(column)
    with pytest.raises(InvalidValueError, match=r"^at\[0\] must be within years 1 to 9999, got "):
        of(pyarrow.array([sign * 2**62], pyarrow.timestamp("s", zone)))


@both
def test_the_last_instant_of_python_is_one_unless_its_zone_is_ahead() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    for at in (datetime.min, datetime.max):  # noqa: DTZ901
        micros = (at - datetime(1970, 1, 1)) // timedelta.resolution  # noqa: DTZ001
        assert instants(of(pyarrow.array([micros], pyarrow.timestamp("us")))) == [at]
        aware = pyarrow.array([micros], pyarrow.timestamp("us", "UTC"))
        assert instants(of(aware)) == [at.replace(tzinfo=UTC)]
        with pytest.raises(InvalidValueError, match=r"^at\[0\] must be within years 1 to 9999"):
            of(pyarrow.array([micros], pyarrow.timestamp("us", "Asia/Tokyo")))
        with pytest.raises(InvalidValueError, match=r"^at\[0\] must be within years 1 to 9999"):
            of([at.replace(tzinfo=timezone(timedelta(hours=9 if at.year == 1 else -9)))])


@both
@pytest.mark.parametrize("ats", [[DAY, NOON], [NOON, datetime(2026, 1, 3)]], ids=repr)  # noqa: DTZ001
def test_naive_and_aware_instants_are_not_mixed(ats: list[Any]) -> None:
    with pytest.raises(MixedInstantsError) as refused:
        of([ats[0], *ats])
    assert {refused.value.argument, refused.value.other} == {"at[0]", "at[2]"}
    assert refused.value.value.tzinfo is None


@both
@pytest.mark.parametrize(
    ("ats", "shown"),
    [
        (["2026-01-03"], "'2026-01-03'"),
        ([1_767_400_000], "1767400000"),
        ([timedelta(1)], "datetime"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("column", [list, COLUMNS["array"], COLUMNS["polars"]])
def test_what_is_no_instant_is_refused(
    column: Callable[[Any], Any], ats: list[Any], shown: str
) -> None:
    message = refusal(InvalidTypeError, lambda: of(column(ats)))
    assert message.startswith(f"at[0] must be a datetime or a date, got {shown}")


@both
def test_zones_of_other_packages_become_those_of_zoneinfo() -> None:
    pytz, tz = pytest.importorskip("pytz"), pytest.importorskip("dateutil.tz")
    local = datetime(2026, 7, 3, 12)  # noqa: DTZ001
    at = pytz.timezone("Europe/Berlin").localize(local)
    (found,) = instants(of([at]))
    assert (found, found.tzinfo) == (at, BERLIN)
    offset = local.replace(tzinfo=tz.tzoffset(None, 3600))
    assert instants(of([offset])) == [offset]


def test_a_frame_has_the_zones_that_arrow_can_name() -> None:
    pytest.importorskip("pyarrow")
    tz, local = pytest.importorskip("dateutil.tz"), datetime(2026, 7, 3, 12)  # noqa: DTZ001
    odd = timezone(timedelta(hours=1, seconds=7))
    for zone, name in (
        (tz.tzoffset(None, 3600), "+01:00"),
        (BERLIN, "Europe/Berlin"),
        (odd, "UTC"),
    ):
        table = of([local.replace(tzinfo=zone)] * 2).to_frame("pyarrow")
        assert table.schema.field("at").type.tz == name
        assert table["at"].to_pylist() == [local.replace(tzinfo=zone)] * 2


class Day(date):
    """A date of some other package."""


@both
def test_dates_and_times_of_other_packages_become_plain_ones() -> None:
    pandas = pytest.importorskip("pandas")
    found = instants(of([Day(2026, 1, 3), pandas.Timestamp("2026-01-03T12:00")]))
    assert found == [DAY, datetime(2026, 1, 3, 12)]  # noqa: DTZ001
    assert [type(at) for at in found] == [date, datetime]
    hours = pytest.importorskip("numpy").array(["2026-01-03T12"], "datetime64[h]")
    assert instants(of(hours)) == found[1:]


# A zone for naive instants


@both
def test_naive_instants_and_dates_are_placed_in_a_zone() -> None:
    gap, twice = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001
    df = frame(who=["ann"] * 3, at=[gap, twice, datetime(2026, 1, 3)])  # noqa: DTZ001
    log = EventLog.from_frame(df, customer="who", at="at", zone="Europe/Berlin")
    assert [at.astimezone(UTC).isoformat() for at in instants(log)] == [
        "2026-03-29T01:30:00+00:00",  # as PEP 495 has it: by the offset before the gap
        "2026-10-25T00:30:00+00:00",  # the first of the two
        "2026-01-02T23:00:00+00:00",
    ]
    assert {at.tzinfo for at in instants(log)} == {BERLIN}
    days = frame(who=["ann"], at=[DAY])
    assert instants(EventLog.from_frame(days, customer="who", at="at", zone=BERLIN)) == [
        datetime(2026, 1, 3, tzinfo=BERLIN)
    ]
    for zone in ("UTC", "Europe/Berlin"):
        empty = EventLog.from_frame(df[:0], customer="who", at="at", zone=zone)
        assert len(empty) == 0
    early = frame(who=["ann"] * 2, at=[DAY, date.min])
    with pytest.raises(InvalidValueError, match=r"^frame\['at'\]\[1\] must be within years 1 to "):
        EventLog.from_frame(early, customer="who", at="at", zone="Asia/Tokyo")


@both
@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Australia/Lord_Howe", datetime(2026, 10, 4)),  # noqa: DTZ001  (half an hour on at two)
        ("Australia/Lord_Howe", datetime(2026, 4, 5)),  # noqa: DTZ001
        ("America/New_York", datetime(2026, 3, 8)),  # noqa: DTZ001
        ("Pacific/Apia", datetime(2011, 12, 30)),  # noqa: DTZ001  (a day that was left out)
        ("Africa/Monrovia", datetime(1972, 1, 7)),  # noqa: DTZ001  (44 minutes and 30 seconds)
    ],
)
def test_each_minute_around_a_clock_change_is_placed_in_its_zone(zone: str, day: datetime) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pytest.importorskip("narwhals")
    ats = [day + timedelta(minutes=n) for n in range(-60, 24 * 60 + 61)]
    table = pyarrow.table({"who": [1] * len(ats), "at": ats})
    log = EventLog.from_frame(table, customer="who", at="at", zone=zone)
    read = Calendar(zone=zone)._moment
    assert [at.astimezone(UTC) for at in instants(log)] == [read("at", at) for at in ats]


def test_a_zone_for_instants_that_have_one_is_refused() -> None:
    df = frame(who=["ann"], at=[NOON])
    assert refusal(
        InvalidValueError,
        lambda: EventLog.from_frame(df, customer="who", at="at", zone="Europe/Berlin"),
    ) == ("zone must be left out, as frame['at'] has one, got 'Europe/Berlin'")
    with pytest.raises(
        InvalidValueError, match=r"^zone must be the name of an installed time zone"
    ):
        EventLog.from_frame(df, customer="who", at="at", zone="Berlin")


# Missing values

GAPS = [("ann", DAY, 1), (None, DAY, 2), ("bob", None, 3), ("cid", NEXT, None), (None, None, 4)]


@both
@pytest.mark.parametrize("column", [name for name in COLUMNS if name not in ("numpy", "index")])
def test_missing_values_are_counted_and_their_rows_named(column: str) -> None:
    given = COLUMNS[column](["a", None, "b", None])
    with pytest.raises(MissingValuesError) as refused:
        EventLog(customer=given, at=[DAY] * 4)
    assert (refused.value.argument, refused.value.rows) == ("customer", (1, 3))


@both
def test_missing_values_of_rows_are_named_by_field() -> None:
    with pytest.raises(
        MissingValuesError, match=r"^rows\.at must have a value in each row, got 2 "
    ):
        EventLog.from_rows([GAPS[0], GAPS[2], ("bob", None, 3)])
    pandas = pytest.importorskip("pandas")
    for missing in (pandas.NaT, pandas.NA):
        with pytest.raises(MissingValuesError, match=r"in row 1;"):
            of([NOON, missing])


@both
@pytest.mark.parametrize("kind", ["pandas", "nullable", "polars", "pyarrow"])
def test_rows_with_missing_values_are_dropped_and_counted(kind: str) -> None:
    pandas, narwhals = pytest.importorskip("pandas"), pytest.importorskip("narwhals")
    df = pandas.DataFrame(GAPS, columns=["who", "at", "paid"])
    df["at"] = pandas.to_datetime(df["at"])
    made: Any = {
        "pandas": lambda: df,
        "nullable": df.convert_dtypes,
        "polars": lambda: narwhals.from_native(df).to_polars(),
        "pyarrow": lambda: pytest.importorskip("pyarrow").Table.from_pandas(df),
    }[kind]()
    names = {"customer": "who", "at": "at", "value": "paid"}
    with pytest.raises(MissingValuesError) as refused:
        EventLog.from_frame(made, **names)
    assert (refused.value.argument, refused.value.rows) == ("frame['who']", (1, 4))
    log = EventLog.from_frame(made, **names, missing="drop")
    assert list(log) == [("ann", datetime(2026, 1, 3), 1)]  # noqa: DTZ001
    assert (log.dropped, len(log)) == (4, 1)
    assert repr(log).endswith("with value, 4 dropped>")
    assert EventLog.from_frame(made, customer="who", at="at", missing="drop").dropped == 3
    with pytest.raises(
        UnknownNameError, match=r"^missing must be one of 'raise', 'drop', got 'ign"
    ):
        EventLog.from_frame(made, **names, missing="ignore")  # type: ignore[arg-type]


def test_rows_keep_their_numbers_where_others_were_dropped() -> None:
    df = frame(who=["ann", None, "bob", " "], at=[DAY] * 4)
    with pytest.raises(InvalidValueError, match=r"^frame\['who'\]\[3\] must be text that is not "):
        EventLog.from_frame(df, customer="who", at="at", missing="drop")


@both
def test_events_need_no_value_and_attributes_can_be_missing() -> None:
    df = frame(
        who=["a", "b"], at=[NOON] * 2, what=["visit", "order"], paid=[None, 7], plan=[None, "x"]
    )
    log = EventLog.from_frame(
        df,
        customer="who",
        at="at",
        event="what",
        value="paid",
        attributes=("plan",),
        missing="drop",
    )
    assert log.dropped == 0
    assert [row[2] for row in log] == [None, 7.0]
    own = EventLog(
        customer=["a", "b"],
        at=[NOON] * 2,
        event=["visit", "order"],
        value=[None, 7],
        attributes={"plan": [None, "x"]},
    )
    assert log == own
    assert [row[2] for row in log.where(event="order")] == [7.0]
    with pytest.raises(MissingValuesError, match=r"^event must have a value in each row"):
        of([DAY, DAY], event=["visit", None])


# Events and attributes


@both
@every_column
def test_columns_of_each_library_are_events_and_attributes(column: Callable[[Any], Any]) -> None:
    names = ["visit", "order", "visit"]
    log = of([DAY] * 3, event=column(names), attributes={"plan": column(names)})
    assert log == of([DAY] * 3, event=names, attributes={"plan": names})
    assert log.events == ("visit", "order")


@pytest.mark.parametrize("name", ["", " ", 7, True])
def test_what_is_no_name_of_an_event_is_refused(name: Any) -> None:
    with pytest.raises((InvalidTypeError, InvalidValueError), match=r"^event\[1\] must be text"):
        of([DAY, DAY], event=["visit", name])


@both
def test_attributes_are_plain_values_of_any_kind() -> None:
    values = [True, 1, 1.0, "1", None, (1, 2), Decimal("1.0"), DAY]
    log = of([DAY] * 8, attributes={"plan": values, "n": list(range(8)), "yes": [True] * 8})
    frame_of = log._columns["plan"].items()
    assert repr(frame_of) == repr(values)
    with pytest.raises(
        InvalidTypeError, match=r"^attributes\['plan'\]\[1\] must be text, a number"
    ):
        of([DAY] * 2, attributes={"plan": [1, {2}]})
    for column in (COLUMNS["array"], COLUMNS["polars"], COLUMNS["nullable"]):
        typed = of([DAY] * 2, attributes={"plan": column([True, None]), "x": column([1.5, None])})
        assert typed == of([DAY] * 2, attributes={"plan": [True, None], "x": [1.5, None]})


@both
def test_a_log_of_some_events_keeps_their_customers_alone() -> None:
    log = EventLog(
        customer=["a", "b", "c", "b"],
        at=[NOON, NOON, NOON.astimezone(BERLIN), NOON],
        event=["visit", "order", "cart", "visit"],
        id=["w", "x", "y", "z"],
        value=[None, 2, 3.5, None],
    )
    some = log.where(event=("order", "cart"))
    assert some == EventLog(
        customer=["b", "c"],
        at=[NOON, NOON],
        event=["order", "cart"],
        id=["x", "y"],
        value=[2, 3.5],
    )
    assert [str(row[1]) for row in some] == [str(NOON), str(NOON.astimezone(BERLIN))]
    assert log.where(event="visit").customers == ("a", "b")
    with pytest.raises(UnknownNameError, match=r"got 'Visit'; did you mean 'visit'\?$"):
        log.where(event="Visit")
    with pytest.raises(
        InvalidValueError, match=r"^log must have a column for event: event=\.\.\. of"
    ):
        of([DAY]).where(event="visit")


# The value


@both
def test_rows_are_grouped_by_customer_then_instant_then_as_given() -> None:
    ats = [NOON, NOON, NOON - timedelta(1), NOON, NOON - timedelta(microseconds=1)]
    log = EventLog(customer=["b", "a", "b", "b", "a"], at=ats)
    assert list(log.grouped.rows) == [2, 0, 3, 4, 1]
    assert list(log.grouped.starts) == [0, 3, 5]
    assert log.grouped is log.grouped


@both
def test_a_log_shows_what_it_has() -> None:
    log = EventLog.from_rows(ROWS)
    assert repr(log) == "<EventLog: 3 rows of 2 customers, 2026-01-01 to 2026-01-03, with value>"
    assert repr(of([date.min])) == "<EventLog: 1 row of 1 customer, 0001-01-01 to 0001-01-01>"


@both
def test_equal_logs_have_one_hash_and_others_differ() -> None:
    log, again = EventLog.from_rows(ROWS), EventLog.from_rows(ROWS)
    assert (log == again, hash(log) == hash(again)) == (True, True)
    for other in (ROWS[:2], [*ROWS[1:], ROWS[0]], [(*row[:2], 1.0) for row in ROWS]):
        assert log != EventLog.from_rows(other)
    assert log != ROWS


@both
def test_a_log_is_frozen_and_survives_a_pickle() -> None:
    log = EventLog.from_rows(ROWS)
    assert list(log.grouped.rows) == [2, 0, 1]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(log, protocol))  # noqa: S301
        assert again == log
        assert list(again.grouped.rows) == [2, 0, 1]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        log.dropped = 3  # type: ignore[misc]


def test_a_log_does_not_follow_what_it_was_read_from() -> None:
    numpy = pytest.importorskip("numpy")
    at = numpy.array(["2026-01-03", "2026-01-04"], "datetime64[us]")
    given = {"customer": numpy.array([7, 8]), "at": at, "value": numpy.array([1.5, 2.5])}
    log, before = EventLog(**given), EventLog(**given)
    ids = EventLog(customer=["a", "b"], at=at, id=given["customer"])
    for column in given.values():
        column[0] = column[1]
    assert log == before
    assert next(iter(log)) == (7, datetime(2026, 1, 3), 1.5)  # noqa: DTZ001
    assert ids._columns["id"].items() == [7, 8]


def test_arrays_of_a_log_cannot_be_written() -> None:
    pytest.importorskip("numpy")
    log = EventLog.from_rows(ROWS)
    for array in (
        log.grouped.rows,
        log._at.micros,
        log._customer.codes,
        log._columns["value"].values,
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


# Frames out


@both
@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("ats", KINDS.values(), ids=KINDS)
def test_a_log_and_its_frame_hold_the_same(kind: Any, ats: list[Any]) -> None:
    pytest.importorskip("narwhals")
    pytest.importorskip(kind)
    names = [f"e{i}" for i in range(len(ats))]
    value = [1.5] * len(ats)
    log = of(ats, event=names, value=value, id=names, attributes={"plan": names})
    df = log.to_frame(kind)
    own = ("customer", "at", "event", "value", "id")
    again = EventLog.from_frame(df, **{name: name for name in own}, attributes=("plan",))
    if {*map(type, ats)} != {date, datetime} and not any(getattr(at, "fold", 0) for at in ats):
        assert again == log  # a frame has midnights beside instants, and no second local hour
    assert type(again.to_frame()) is type(df)
    assert again.where(event=names).to_frame().equals(again.to_frame())


def test_a_frame_keeps_the_zone_and_several_zones_are_utc() -> None:
    pytest.importorskip("pyarrow")
    types = {
        name: str(of(ats).to_frame("pyarrow").schema.field("at").type)
        for name, ats in KINDS.items()
    }
    assert types == {
        "dates": "date32[day]",
        "naive": "timestamp[us]",
        "repeated hours": "timestamp[us]",
        "dates and times": "timestamp[us]",
        "utc": "timestamp[us, tz=UTC]",
        "zone": "timestamp[us, tz=Europe/Berlin]",
        "zones": "timestamp[us, tz=UTC]",
    }


def test_a_log_is_an_arrow_stream() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    log = EventLog.from_rows(ROWS)
    assert pyarrow.table(log).equals(log.to_frame("pyarrow"))


def test_ids_of_several_kinds_are_objects_in_pandas_alone() -> None:
    pytest.importorskip("pyarrow")
    log = EventLog(customer=["7", 7], at=[DAY, DAY])
    assert list(log.to_frame("pandas")["customer"]) == ["7", 7]
    with pytest.raises(InvalidTypeError, match=r"^column 'customer' must have values of one kind"):
        log.to_frame("polars")
    with pytest.raises(
        UnknownNameError, match=r"^kind must be one of 'pandas', 'polars', 'pyarrow'"
    ):
        log.to_frame("numpy")  # type: ignore[arg-type]


# Frames in


def test_an_unknown_column_is_named_with_those_that_there_are() -> None:
    df = frame(who=["ann"], day=[NOON], amount=[1])
    assert refusal(
        UnknownNameError,
        lambda: EventLog.from_frame(df, customer="who", at="day", value="amuont"),
    ) == ("value must be one of 'who', 'day', 'amount', got 'amuont'; did you mean 'amount'?")
    with pytest.raises(UnknownNameError, match=r"^attributes must be one of 'who', .* got 'plan'"):
        EventLog.from_frame(df, customer="who", at="day", attributes=("plan",))
    masked = pytest.importorskip("numpy").ma.array([7, 8], mask=[False, True])
    with pytest.raises(MissingValuesError, match=r"^customer .* in row 1;"):
        EventLog(customer=masked, at=[DAY] * 2)
    with pytest.raises(InvalidTypeError, match=r"^customer must be text, got 0"):
        EventLog.from_frame(df, customer=0, at="day")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match=r"^attributes must be a tuple of names, got 'plan'"):
        EventLog.from_frame(df, customer="who", at="day", attributes="plan")


def test_one_column_can_be_read_twice() -> None:
    df = frame(who=["ann"], day=[NOON], amount=[1])
    log = EventLog.from_frame(df, customer="who", at="day", value="amount", attributes=("amount",))
    assert list(log) == [("ann", NOON, 1)]


def test_a_lazy_frame_computes_the_columns_that_are_named() -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("narwhals")
    seen: list[Any] = []

    def note(each: Any) -> Any:
        seen.append(each)
        return each

    lazy = polars.LazyFrame({"who": ["ann"], "day": [NOON], "costly": [1]}).with_columns(
        polars.col("costly").map_elements(note, return_dtype=polars.Int64)
    )
    assert len(EventLog.from_frame(lazy, customer="who", at="day")) == 1
    assert seen == []


# Extras


@pytest.mark.parametrize(
    ("gone", "ask"),
    [
        ("narwhals", lambda: EventLog.from_frame(None, customer="who", at="day")),
        ("pyarrow", lambda: of([DAY]).to_frame("pyarrow")),
        ("pandas", lambda: of([DAY]).to_frame()),
    ],
)
def test_a_missing_extra_says_what_to_install(
    gone: str, ask: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, gone)
    message = f"{gone} must be installed: pip install 'customer-lifecycle[frames]'"
    assert refusal(MissingExtraError, ask) == message


def test_a_package_that_is_not_there_is_none() -> None:
    assert _packages.optional("no_such_package_of_that_name") is None


def test_columns_are_read_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    numpy = pytest.importorskip("numpy")
    expected = EventLog(customer=[7, 8], at=[NOON, NOON], value=[1.5, 2.5])
    without(monkeypatch, "pyarrow")
    for column in (pandas.Series, polars.Series):
        at = column([NOON, NOON])
        if column is pandas.Series:
            at = at.astype("datetime64[us, UTC]")
        found = EventLog(customer=column([7, 8]), at=at, value=column([1.5, 2.5]))
        assert found == expected
    with pytest.raises(MissingValuesError):
        EventLog(customer=pandas.Series([7, None]), at=[NOON, NOON])
    for nanoseconds in (
        numpy.array(["2026-01-03"], "datetime64[ns]"),
        pandas.Series([NOON]).astype("datetime64[ns, UTC]"),
        polars.Series([NOON]).dt.cast_time_unit("ns"),
    ):
        with pytest.raises(MissingExtraError, match=r"^pyarrow must be installed"):
            of(nanoseconds)


@both
def test_a_log_is_split_by_an_attribute_by_its_events_and_by_its_customers() -> None:
    rows = [("ann", DAY, "visit", "web"), ("bob", DAY, "order", None), ("ann", DAY, "order", "web")]
    log = EventLog.from_rows(rows, fields=("customer", "at", "event", "channel"))
    by_event, by_channel, by_tier = map(log.split, ("event", "channel", {"ann": 1}))
    assert {key: len(part) for key, part in by_event.items()} == {"visit": 1, "order": 2}
    assert {key: part.customers for key, part in by_channel.items()} == {
        "web": ("ann",),
        None: ("bob",),
    }
    assert by_tier == {1: by_channel["web"], None: by_channel[None]}
    with pytest.raises(InvalidTypeError, match="by must be the name of an attribute of the log"):
        log.split(3)  # type: ignore[arg-type]
