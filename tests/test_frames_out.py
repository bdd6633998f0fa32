"""Every result with rows as a dataframe: names, values and types, whatever its rows are."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    EventLog,
    Groups,
    Lifecycle,
    Stage,
    Status,
    Transition,
    Window,
    _packages,
    funnel,
    insights,
    markov,
    models,
    nps,
    retention,
    revenue,
    rfm,
    survival,
    testing,
)
from lifecycle._dataframes import Cells, _column
from lifecycle._tables import Column, Table
from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MissingExtraError,
    UnknownNameError,
)
from lifecycle.models import BetaGeoNBD, GammaGamma, ShiftedBetaGeometric
from publics import tables
from samples import SHOP, START, bought, day, refusal

LIBRARIES = ("pandas", "polars", "pyarrow")
BERLIN = ZoneInfo("Europe/Berlin")
MONTHS: dict[str, Any] = {
    "calendar": Calendar("month", zone="Europe/Berlin"),
    "window": Window(date(2026, 1, 1), date(2026, 4, 15)),
}
END = date(2026, 4, 1)
SEEN = [("ann", date(2026, 1, 5)), ("bob", date(2026, 2, 1)), ("ann", date(2026, 3, 2))]
FLOATS = [(who, at, 10.5 + at.day) for who, at in SEEN]
WHOLE = [(who, at, 10 + at.day) for who, at in SEEN]
DECIMALS = [(who, at, Decimal("10.50") + at.day) for who, at in SEEN]
BOUGHT = [("ann", date(2026, 1, 5), "cart"), ("ann", date(2026, 2, 1), "paid")]
FUNNEL = funnel.funnel([*BOUGHT, ("bob", date(2026, 1, 5), "cart")], steps=("cart", "paid"))
JOURNEYS = (
    SHOP.replay("ann", [bought(3, 10.5), bought(40)], since=START, until=day(200)),
    SHOP.replay("bob", [bought(5, 7)], since=day(1), until=day(200), referred_by="ann"),
    SHOP.replay("cy", [bought(150)], since=START, until=day(200)),
)
BASE = CustomerBase(JOURNEYS)
MONTHLY = BASE.over(Calendar("month"), Window(START, day(181)))
CHAIN = MONTHLY.chain()
ENDS = survival.cumulative_incidence([2, 3, 3, 5], ["left", "moved", None, "left"])
MODEL = BetaGeoNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="week")
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)
SUMMARY = rfm.summary(FLOATS, until=END)
SPLIT = rfm.summary(FLOATS, until=END, calibration_until=date(2026, 2, 20))
SCORES = rfm.scores(FLOATS, until=END)
RULES = [rfm.SegmentRule("top", monetary=(4, 5)), rfm.SegmentRule("rest", monetary=(1, 3))]
SEGMENTS = rfm.segments(SCORES, rules=RULES)
RECURRING = revenue.recurring(
    [
        revenue.Subscription("ann", start=date(2026, 1, 5), amount=Decimal(30), currency="EUR"),
        revenue.Subscription("bob", start=date(2026, 2, 1), amount=Decimal(30), currency="EUR"),
    ],
    calendar=MONTHS["calendar"],
    until=date(2026, 3, 31),
)
DOOR = Lifecycle(
    name="door",
    initial="out",
    stages=(Stage("out", Status.PROSPECT), Stage("in", Status.ACTIVE)),
    transitions=(Transition("out", "in", on="enter"), Transition("in", "out", on="leave")),
)
TABLES: dict[str, Table[Any]] = {
    "cohorts": retention.cohorts(SEEN, **MONTHS),
    "curve": retention.cohorts(SEEN, **MONTHS).curve(),
    "cohort_revenue": retention.cohort_revenue(DECIMALS, **MONTHS),
    "growth": retention.growth(SEEN, **MONTHS),
    "stickiness": retention.stickiness(SEEN, **MONTHS),
    "purchase_intervals": retention.purchase_intervals(SEEN),
    "movements": revenue.movements(DECIMALS, reasons={"ann": "price"}, **MONTHS),
    "movements of cents": revenue.movements(WHOLE, **MONTHS),
    "net_retention": revenue.net_retention(DECIMALS, **MONTHS),
    "logo_churn": revenue.logo_churn(DECIMALS, **MONTHS),
    "revenue.cohorts": revenue.cohorts(DECIMALS, **MONTHS),
    "recurring": RECURRING,
    "summary": SUMMARY,
    "summary with holdout": SPLIT,
    "summary of decimals": rfm.summary(DECIMALS, until=END),
    "scores": SCORES,
    "segments": SEGMENTS,
    "members": SEGMENTS.members,
    "concentration": rfm.concentration([1, 3]),
    "rolling": nps.rolling(
        [(date(2026, 1, 5), 9), (date(2026, 4, 1), 3)],
        window=timedelta(days=30),
        calendar=MONTHS["calendar"],
    ),
    "funnel": FUNNEL,
    "time_to_convert": FUNNEL.time_to_convert,
    "times": FUNNEL.time_to_convert.total,
    "histogram": FUNNEL.time_to_convert.total.histogram(),
    "carts": funnel.cart_recovery(
        BOUGHT,
        until=END,
        abandoned_after=timedelta(days=2),
        recovery_within=timedelta(days=7),
        order_event="paid",
    ),
    "kaplan_meier": survival.kaplan_meier([1, 2, 3], [1, 0, 1]),
    "nelson_aalen": survival.nelson_aalen([1, 2], [1, 0]),
    "incidence": ENDS["left"],
    "incidences": ENDS,
    "log_rank": survival.log_rank({"a": ([1], [1]), "b": ([2], [0])}),
    "chain": markov.Chain(["on", "off"], [[0.5, 0.5], [0, 1]]),
    "projection": markov.Chain(["on", "off"], [[0.5, 0.5], [0, 1]]).project({"on": 3}, periods=2),
    "insights.chain": CHAIN,
    "steps": CHAIN.steps,
    "customers": BASE.customers,
    "stays": BASE.stays,
    "changes": BASE.changes,
    "drop_off": BASE.drop_off(),
    "due": BASE.due(window=Window(day(200), day(600))),
    "status growth": MONTHLY.growth(),
    "kpis": MONTHLY.kpis(
        values={"buyer": 3},
        answers=[("ann", day(3), 4)],
        targets=[insights.Target("buyer", "stock", at_least=1)],
    ),
    "reactivations": BASE.reactivations(),
    "nps": BASE.nps([("ann", day(3), 4), ("bob", day(9), 10)]),
    "referrals": BASE.referrals(),
    "time_in_stage": BASE.time_in_stage("buyer"),
    "transitions": BASE.transition_counts(),
    "transitions by month": MONTHLY.transition_counts(),
    "value": MONTHLY.value(margins={"buyer": 3}, discount=0.1),
    "what_if": insights.what_if(
        CHAIN, {("visitor", "visitor"): 0.5}, rewards=CHAIN.rewards({"buyer": 3}), periods=4
    ),
    "fit": ShiftedBetaGeometric.fit([100, 87, 75, 68, 63, 60]),
    "expected_purchases": MODEL.conditional_expected_purchases(SUMMARY, horizon=12),
    "models.value": models.value(MODEL, SPEND, SUMMARY, periods=12, period="month", discount=0.1),
    "holdout": models.holdout(MODEL, SPLIT),
    "tracking": models.tracking(MODEL, FLOATS, until=END, calibration_until=date(2026, 2, 20)),
    "paths": testing.paths(DOOR),
}
"""A table of each kind, and of each kind of money."""


def emptied(table: Any) -> Any:
    """Return a table without rows; one that is made of its columns, without what is in them."""
    fields = {field.alias: getattr(table, field.alias) for field in attrs.fields(type(table))}
    if "rows" in fields:
        return attrs.evolve(table, rows=())
    series = [name for name, value in fields.items() if isinstance(value, tuple | list)]
    return attrs.evolve(table, **dict.fromkeys(series, ()))


NEVER_EMPTY = {"chain", "insights.chain", "fit", "paths", "time_to_convert", "projection"}
EMPTY = {name: emptied(table) for name, table in TABLES.items() if name not in NEVER_EMPTY}
EMPTY["time_in_stage"] = BASE.time_in_stage("loyal")


def test_every_kind_of_table_is_looked_at() -> None:
    bases = {"Table", "Triangle", "Durations", "TableByCustomer"}
    made = {kind.__name__ for kind in tables()} - bases
    assert {type(table).__name__ for table in TABLES.values()} == made


def frame(table: Any, library: str, **options: Any) -> Any:
    for package in ("pyarrow", library):
        pytest.importorskip(package)
    return table.to_frame(library, **options)


def names(found: Any) -> list[str]:
    return list(getattr(found, "column_names", found.columns))


def values(found: Any, name: str) -> list[Any]:
    """Return the values of a column as values of Python, None for what is missing."""
    if hasattr(found, "column_names"):
        return list(found[name].to_pylist())
    items = found[name].to_list() if hasattr(found, "schema") else found[name].tolist()
    pandas = pytest.importorskip("pandas")
    return [None if pandas.isna(item) else item for item in items]


PANDAS: Mapping[Any, str] = {
    int: "int64",
    float: "float64",
    bool: "bool",
    timedelta: "timedelta64[us]",
    date: "object",
    Decimal: "object",
    UUID: "object",
}
NULLABLE = {int: "Int64", bool: "boolean"}
"""What pandas has for whole numbers and flags, some of which are missing."""
POLARS: Mapping[Any, str] = {
    int: "Int64",
    float: "Float64",
    bool: "Boolean",
    str: "String",
    timedelta: "Duration(time_unit='us')",
    date: "Date",
    UUID: "String",
}
PYARROW: Mapping[Any, str] = {
    int: "int64",
    float: "double",
    bool: "bool",
    str: "string",
    timedelta: "duration[us]",
    date: "date32[day]",
    UUID: "string",
}


def money(items: Sequence[Any]) -> type:
    """Return of what kind money is: that of its amounts, floats where there are none."""
    kinds = {type(item) for item in items} - {type(None)}
    return next((kind for kind in (Decimal, float, int) if kind in kinds), float)


def expected(each: Column, items: Sequence[Any], zone: Any) -> Callable[[str], str]:
    """Return the type that a column should have in a library."""
    kinds = {type(item) for item in items} - {type(None)}
    kind = each.kind if isinstance(each.kind, type) else money(items)
    if kind is object:
        kind = kinds.pop() if kinds else str
    if kind is datetime:
        return {
            "pandas": f"datetime64[us, {zone}]" if zone else "datetime64[us]",
            "polars": f"Datetime(time_unit='us', time_zone={zone!r})",
            "pyarrow": f"timestamp[us, tz={zone}]" if zone else "timestamp[us]",
        }.__getitem__
    if kind is Decimal:
        scale = max(-item.as_tuple().exponent for item in items if item is not None)
        return {
            "pandas": "object",
            "polars": f"Decimal(precision=38, scale={scale})",
            "pyarrow": f"decimal128(38, {scale})",
        }.__getitem__
    with_gaps = NULLABLE.get(kind) if None in items else None
    text = str(getattr(pytest.importorskip("pandas").Series(["a"]), "dtype", None))
    return {
        "pandas": with_gaps or PANDAS.get(kind, text),
        "polars": POLARS[kind] if kind is not Decimal else "",
        "pyarrow": PYARROW[kind],
    }.__getitem__


def types(found: Any) -> dict[str, str]:
    if hasattr(found, "column_names"):
        return {field.name: str(field.type) for field in found.schema}
    if hasattr(found, "schema"):
        return {name: str(kind) for name, kind in found.schema.items()}
    return {name: str(kind) for name, kind in found.dtypes.items()}


def own_zone(table: Table[Any]) -> str | None:
    calendar = getattr(table, "calendar", None)
    return "UTC" if calendar is None else str(calendar.zone)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", TABLES)
def test_a_frame_has_the_names_values_and_types_of_the_rows(name: str, library: str) -> None:
    table = TABLES[name]
    rows = table.to_rows()
    found = frame(table, library)
    assert rows
    assert names(found) == list(rows[0])
    for each in table._fields():
        items = [row[each.name] for row in rows]
        assert values(found, each.name) == items, each.name
        wanted = expected(each, items, own_zone(table))(library)
        assert types(found)[each.name] == wanted, each.name


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", EMPTY)
def test_a_frame_without_rows_has_the_same_columns(name: str, library: str) -> None:
    """But for what depends on the data: money, whose kind is unknown, and the kinds of exits."""
    found = frame(EMPTY[name], library)
    assert EMPTY[name].to_rows() == []
    full = types(TABLES[name].to_frame(library))
    decided = {each.name for each in TABLES[name]._fields() if not isinstance(each.kind, type)}
    for each, kind in types(found).items():
        item = {"Int64": "int64", "boolean": "bool"}.get(full[each], full[each])
        if library != "pandas":
            item = full[each]
        assert kind == item or each in decided, each
    absent = {each for each in full if each not in types(found)}
    assert all(
        each.startswith(("exits_", "revenue", "value", "nps", "met", "currency")) for each in absent
    )


@pytest.mark.parametrize("name", TABLES)
def test_the_values_of_a_column_are_of_its_kind(name: str) -> None:
    table = TABLES[name]
    for each in table._fields():
        for row in table.to_rows():
            item = row[each.name]
            if item is None or each.kind is object:
                continue
            assert isinstance(item, each.kind) or (each.kind is float and type(item) is int), each
            assert not isinstance(item, bool) or each.kind is bool, each


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_an_arrow_stream_that_each_library_reads(name: str) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    table = TABLES[name]
    whole = table.to_frame("pyarrow")
    assert pyarrow.table(table).equals(whole)
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    assert polars.DataFrame(table).equals(table.to_frame("polars"))
    stream = table  # noqa: F841  (DuckDB finds it by its name)
    assert duckdb.sql("select count(*) from stream").fetchall() == [(len(whole),)]
    pandas = pytest.importorskip("pandas")
    if hasattr(pandas.DataFrame, "from_arrow"):
        assert list(pandas.DataFrame.from_arrow(table).columns) == whole.column_names


# Types that depend on the data


def written(kind: Any, items: Sequence[Any]) -> Any:
    pytest.importorskip("pyarrow")
    return _column(Cells(kind, items))


@attrs.frozen(repr=False)
class Notes(Table[tuple[Any, ...]]):
    """A table for these tests: a column of each kind."""

    _named_by = ("key",)

    rows: tuple[tuple[Any, ...], ...]

    def _columns(self) -> Sequence[Column]:
        kinds = {"key": object, "n": int, "ok": bool, "share": float, "name": str, "day": date}
        return [
            Column(name, kind, lambda row, j=j: row[j])
            for j, (name, kind) in enumerate(kinds.items())
        ]

    def _title(self) -> str:
        return "Notes"


GAPS = Notes(((7, None, None, None, None, None), (8, 2**60 + 1, True, 0.5, "b", END)))
NOTHING = Notes(((None,) * 6,))


def test_counts_and_flags_with_gaps_are_nullable_in_pandas() -> None:
    """2**60 + 1 is no float: as float64 it would be another number."""
    found = frame(GAPS, "pandas")
    assert [str(kind) for kind in found.dtypes[:4]] == ["int64", "Int64", "boolean", "float64"]
    assert values(found, "n") == [None, 2**60 + 1]
    assert frame(GAPS, "polars")["n"].to_list() == [None, 2**60 + 1]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_column_of_nothing_but_gaps_keeps_its_type(library: str) -> None:
    full, gaps = types(frame(GAPS, library)), types(frame(NOTHING, library))
    assert {name: gaps[name] for name in ("n", "ok", "share", "name", "day")} == {
        name: full[name] for name in ("n", "ok", "share", "name", "day")
    }


@pytest.mark.parametrize(
    ("amounts", "kind", "expected"),
    [
        ([], "double", []),
        ([None], "double", [None]),
        ([1, None], "int64", [1, None]),
        ([1, 2.5], "double", [1.0, 2.5]),
        ([2**63], "double", [2.0**63]),
        ([Decimal("1.50"), None, 2], "decimal128(38, 2)", [Decimal("1.5"), None, Decimal(2)]),
        ([Decimal("1E+3"), 0], "decimal128(38, 0)", [Decimal(1000), Decimal(0)]),
        ([Decimal("0.001"), 0.5], "decimal128(38, 3)", [Decimal("0.001"), Decimal("0.5")]),
        ([Decimal(0), Decimal("0E+5")], "decimal128(38, 0)", [Decimal(0), Decimal(0)]),
        (
            [Decimal(1) / 3, Decimal("12345678901.5")],  # 28 digits and 11 are one too many
            "decimal128(38, 27)",
            [Decimal("0." + 27 * "3"), Decimal("12345678901.5")],
        ),
        ([Decimal(10**38 - 1), Decimal("-0.5")], "decimal128(38, 0)", [Decimal(10**38 - 1), 0]),
    ],
)
def test_money_is_of_the_kind_of_its_amounts(
    amounts: list[Any], kind: str, expected: list[Any]
) -> None:
    found = written(int | float | Decimal, amounts)
    assert (str(found.type), found.to_pylist()) == (kind, expected)


def test_an_amount_of_more_digits_than_a_dataframe_has_is_named() -> None:
    amount = Decimal(-(10**38))
    message = refusal(InvalidValueError, lambda: written(int | float | Decimal, [amount]))
    assert message == f"an amount must have 38 digits in a dataframe, got {amount!r}"


IDS: dict[str, tuple[list[Any], str]] = {
    "text": (["a", None], "string"),
    "whole numbers": ([1, None], "int64"),
    "flags": ([True, None], "bool"),
    "days": ([END, None], "date32[day]"),
    "floats": ([1, 2.5], "double"),
    "decimals": ([Decimal("0.5"), None], "decimal128(1, 1)"),
    "instants": ([day(1), None], "timestamp[us, tz=UTC]"),
    "nothing": ([None], "string"),
}


@pytest.mark.parametrize("name", IDS)
def test_ids_and_groups_are_of_the_type_of_their_values(name: str) -> None:
    items, kind = IDS[name]
    found = written(object, items)
    assert (str(found.type), found.to_pylist()) == (kind, items)


def test_uuids_are_text_in_arrow_and_themselves_in_pandas() -> None:
    one = UUID(int=7)
    table = rfm.summary([(one, END, 5)], until=END)
    assert frame(table, "pyarrow")["customer"].to_pylist() == [str(one)]
    assert list(frame(table, "polars")["customer"]) == [str(one)]
    assert list(frame(table, "pandas")["customer"]) == [one]


@pytest.mark.parametrize("ids", [("7", 7), ("ann", UUID(int=7)), (2**63, -1)])
def test_ids_of_several_types_are_for_pandas_alone(ids: tuple[Any, Any]) -> None:
    table = rfm.summary([(who, END, 5) for who in ids], until=END)
    assert set(frame(table, "pandas")["customer"]) == set(ids)
    for ask in (lambda: table.to_frame("polars"), table.__arrow_c_stream__):
        message = refusal(InvalidTypeError, ask)
        assert message.startswith("column 'customer' must have values of one kind that Arrow has")


# Instants


@pytest.mark.parametrize("library", LIBRARIES)
def test_naive_instants_are_local_times_of_the_calendar(library: str) -> None:
    """Midnight in Berlin is 23:00 in UTC in winter, 22:00 from 29 March on."""
    months = {**MONTHS, "window": Window(date(2026, 3, 1), date(2026, 6, 1))}
    table = retention.growth(SEEN, **months)
    found = frame(table, library, naive=True)
    starts = [datetime(2026, month, 1) for month in (3, 4, 5)]  # noqa: DTZ001
    assert values(found, "period") == starts
    assert "UTC" not in types(found)["period"]
    assert "Berlin" not in types(found)["period"]
    aware = values(frame(table, library), "period")
    assert [at.astimezone(UTC).hour for at in aware] == [23, 22, 22]


def test_naive_frames_merge_with_columns_that_have_no_zone() -> None:
    pandas = pytest.importorskip("pandas")
    table = TABLES["growth"]
    own = pandas.DataFrame({"period": pandas.date_range("2026-01-01", periods=4, freq="MS")})
    found = own.merge(frame(table, "pandas", naive=True), on="period")
    assert list(found["active"]) == [row.active for row in table]


def test_instants_of_several_zones_are_in_utc_and_naive_ones_stay() -> None:
    zones = [day(0).astimezone(BERLIN), day(1)]
    assert str(written(datetime, zones).type) == "timestamp[us, tz=UTC]"
    assert str(written(datetime, zones[:1]).type) == "timestamp[us, tz=Europe/Berlin]"
    assert _column(Cells(datetime, zones), naive=True).to_pylist() == [
        datetime(2026, 1, 1),  # noqa: DTZ001
        datetime(2026, 1, 2),  # noqa: DTZ001
    ]
    local = [datetime(2026, 1, 1), None]  # noqa: DTZ001
    for naive in (False, True):
        found = _column(Cells(datetime, local), BERLIN, naive=naive)
        assert (str(found.type), found.to_pylist()) == ("timestamp[us]", local)


@pytest.mark.parametrize(
    "groups",
    [[(2026, 1), (2026, 2)], [True, 2], [START, "a"], [datetime(2026, 1, 1), "a"]],  # noqa: DTZ001
)
def test_groups_that_arrow_has_no_type_for_are_objects_in_pandas(groups: list[Any]) -> None:
    table = nps.score([9, 3], by=groups)
    assert list(frame(table, "pandas")["group"]) == list(table)
    with pytest.raises(InvalidTypeError, match=r"^column 'group' must have values of one kind"):
        table.to_frame("pyarrow")


def test_naive_instants_among_others_are_of_several_types() -> None:
    mixed = [day(0), datetime(2026, 1, 1)]  # noqa: DTZ001
    assert written(object, mixed) == written(datetime, mixed) == mixed


# Joins


def pandas_ids(items: Sequence[int]) -> Any:
    return pytest.importorskip("pandas").DataFrame({"customer": items})


def polars_ids(items: Sequence[int]) -> Any:
    polars = pytest.importorskip("polars")
    return polars.DataFrame({"customer": polars.Series(items, dtype=polars.Int32)})


def pyarrow_ids(items: Sequence[int]) -> Any:
    pyarrow = pytest.importorskip("pyarrow")
    return pyarrow.table({"customer": pyarrow.array(items, "int32")})


PER_CUSTOMER: dict[str, Callable[[Any], Table[Any]]] = {
    "summary": lambda orders: rfm.summary(orders, until=END),
    "scores": lambda orders: rfm.scores(orders, until=END),
    "members": lambda orders: rfm.segments(rfm.scores(orders, until=END), rules=RULES).members,
    "forecasts": lambda orders: MODEL.conditional_expected_purchases(
        rfm.summary(orders, until=END), horizon=4
    ),
    "values": lambda orders: models.value(
        MODEL, 5.0, rfm.summary(orders, until=END), periods=4, discount=0
    ),
}


@pytest.mark.parametrize("ids", [pandas_ids, polars_ids, pyarrow_ids])
@pytest.mark.parametrize("name", PER_CUSTOMER)
def test_a_result_joins_to_the_frame_that_it_is_like(
    name: str, ids: Callable[[Sequence[int]], Any]
) -> None:
    pytest.importorskip("narwhals")
    own = ids([3, 1, 2])
    orders = [(who, date(2026, 1, 5 + 7 * k), 10.0 * who) for who in (1, 2, 3) for k in range(who)]
    table = PER_CUSTOMER[name](orders)
    found = table.to_frame(like=own)
    assert type(found) is type(own)
    assert types(found)["customer"] == types(own)["customer"]
    if hasattr(own, "merge"):
        joined = own.merge(found, on="customer")
    else:
        joined = (
            own.join(found, on="customer")
            if hasattr(own, "height")
            else own.join(found, "customer")
        )
    by_name = {row["customer"]: row for row in table.to_rows()}
    for each in table._fields():
        wanted = [by_name[who][each.name] for who in values(joined, "customer")]
        assert values(joined, each.name) == wanted


def test_a_frame_is_like_one_that_keeps_no_data_or_has_other_names() -> None:
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    duckdb = pytest.importorskip("duckdb")
    pytest.importorskip("narwhals")
    table = TABLES["summary"]
    lazy = polars.LazyFrame({"customer": ["ann"]}, {"customer": polars.Categorical})
    assert table.to_frame(like=lazy)["customer"].dtype == polars.Categorical
    own = pandas.DataFrame({"customer_id": pandas.Series(["ann"], dtype="category")})
    assert table.to_frame(like=own).equals(table.to_frame("pandas"))
    relation = duckdb.sql("select 'ann' as customer")
    assert table.to_frame(like=relation).equals(table.to_frame("pyarrow"))


def test_periods_keep_their_zone_beside_those_that_have_none() -> None:
    """A cast of midnight in Berlin to an instant without a zone would be 23:00 of a day before."""
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    pytest.importorskip("narwhals")
    own = polars.DataFrame({"period": [datetime(2026, 1, 1)], "spend": [5]})  # noqa: DTZ001
    table = TABLES["growth"]
    assert table.to_frame(like=own).equals(table.to_frame("polars"))
    assert own.join(table.to_frame(like=own, naive=True), on="period")["new"].to_list() == [1]


# What a summary says, it says as a dataframe


FORMS: dict[str, Callable[[Table[Any]], Any]] = {
    "pandas": lambda table: table.to_frame("pandas"),
    "nullable": lambda table: table.to_frame("pandas").convert_dtypes(),
    "objects": lambda table: table.to_frame("pandas").astype(object),
    "arrow dtypes": lambda table: table.to_frame("pyarrow").to_pandas(
        types_mapper=pytest.importorskip("pandas").ArrowDtype
    ),
    "polars": lambda table: table.to_frame("polars"),
    "pyarrow": lambda table: table.to_frame("pyarrow"),
    "records": lambda table: table.to_frame("pandas").to_dict("records"),
    "lists": lambda table: table.to_frame("pandas").to_dict("list"),
    "rows": lambda table: table.to_rows(),
}


@pytest.mark.parametrize("kind", [float, Decimal])
@pytest.mark.parametrize("form", FORMS)
def test_a_summary_survives_a_dataframe(form: str, kind: Any) -> None:
    """Customers 0, 3, 6, ... have no repeat purchase, and so no mean amount."""
    for package in ("pandas", "polars", "pyarrow", "scipy"):
        pytest.importorskip(package)
    orders = [
        (who, date(2026, 1, 1 + 7 * k), kind(10 + who + k))
        for who in range(20)
        for k in range(1 + who % 3)
    ]
    summary = rfm.summary(orders, until=date(2026, 3, 1))
    given = FORMS[form](summary)
    assert GammaGamma.fit(given).model == GammaGamma.fit(summary).model
    ask: Any = {"periods": 12, "period": "month", "discount": 0.1}
    found, own = (models.value(MODEL, SPEND, rows, **ask) for rows in (given, summary))
    assert found.customers == own.customers
    assert list(map(float, found.values)) == pytest.approx(list(map(float, own.values)), rel=1e-12)


def test_a_recurring_table_is_still_rows_and_a_frame_is_a_log() -> None:
    assert revenue.movements(RECURRING, **MONTHS).rows
    pytest.importorskip("narwhals")
    found = frame(RECURRING, "pyarrow")
    log = EventLog.from_frame(
        found, customer="customer", at="at", value="amount", attributes=("currency",)
    )
    again = revenue.movements(log, **MONTHS)
    assert again == revenue.movements(RECURRING, **MONTHS)


# Refusals


def test_what_to_frame_refuses() -> None:
    table = TABLES["growth"]
    pytest.importorskip("pyarrow")
    pytest.importorskip("pandas")
    pytest.importorskip("narwhals")
    with pytest.raises(UnknownNameError, match=r"^kind must be one of 'pandas', 'polars', 'pyar"):
        table.to_frame("numpy")  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match=r"^like must be left out where kind is given"):
        table.to_frame("pandas", like=table.to_frame())
    with pytest.raises(InvalidTypeError, match=r"^like must be a dataframe of pandas, Polars or"):
        table.to_frame(like=[1])
    with pytest.raises(InvalidTypeError, match=r"^naive must be"):
        table.to_frame(naive="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gone", "ask"),
    [
        ("pyarrow", lambda: TABLES["growth"].to_frame("pyarrow")),
        ("pyarrow", TABLES["growth"].__arrow_c_stream__),
        ("pandas", TABLES["growth"].to_frame),
        ("polars", lambda: TABLES["growth"].to_frame("polars")),
        ("narwhals", lambda: TABLES["growth"].to_frame(like=[1])),
    ],
)
def test_a_missing_package_says_what_to_install(
    gone: str, ask: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if gone != "pyarrow":
        pytest.importorskip("pyarrow")
    installed = _packages.optional
    monkeypatch.setattr(
        _packages, "optional", lambda name: None if name == gone else installed(name)
    )
    message = f"{gone} must be installed: pip install 'customer-lifecycle[frames]'"
    assert refusal(MissingExtraError, ask) == message


# Groups


VISITS = EventLog(
    customer=["ann", "ann", "bob", "cy"],
    at=[date(2026, 1, 3), date(2026, 2, 9), date(2026, 1, 9), date(2026, 1, 2)],
    attributes={"channel": ["web", "app", None, "app"]},
)
GROUPS: dict[str, Groups[Any]] = {
    "tables": retention.stickiness(VISITS, **MONTHS, by="channel"),
    "rates": retention.active_ratio(VISITS, until=date(2026, 2, 9), days=9, by="channel"),
    "tables of other columns": MONTHLY.by({"ann": 1, "bob": 1}).kpis(),
    "periods": MONTHLY.by(Calendar("month")).growth(),
    "nothing": retention.active_ratio([], until=date(2026, 2, 9), days=9, by={}),
}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", GROUPS)
def test_groups_are_one_frame_with_a_column_of_groups(name: str, library: str) -> None:
    groups = GROUPS[name]
    rows = groups.to_rows()
    found = frame(groups, library)
    assert names(found)[0] == "group"
    assert set(names(found)) == {"group"}.union(*rows)
    for each in names(found):
        assert values(found, each) == [row.get(each) for row in rows], each


def test_columns_of_groups_have_the_types_of_their_tables() -> None:
    """Only one of the two groups has exits of some kinds, which are counts."""
    found = types(frame(GROUPS["tables of other columns"], "pandas"))
    rows = GROUPS["tables of other columns"].to_rows()
    some = [name for name in found if 0 < sum(name in row for row in rows) < len(rows)]
    assert some
    assert {found[name] for name in some if name.startswith("exits_")} == {"Int64"}
    assert found["group"] == "Int64"
    assert found["period"] == "datetime64[us, UTC]"
    rates = types(frame(GROUPS["rates"], "pyarrow"))
    assert rates == {
        "group": "string",
        "numerator": "int64",
        "denominator": "int64",
        "value": "double",
    }


def test_groups_are_an_arrow_stream() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    polars = pytest.importorskip("polars")
    for groups in GROUPS.values():
        assert pyarrow.table(groups).equals(groups.to_frame("pyarrow"))
        assert polars.DataFrame(groups).equals(groups.to_frame("polars"))


def test_groups_by_period_are_naive_where_that_is_asked_for() -> None:
    found = frame(GROUPS["periods"], "polars", naive=True)
    assert {types(found)[name] for name in ("group", "period")} == {
        "Datetime(time_unit='us', time_zone=None)"
    }


def test_groups_join_to_the_frame_that_they_are_like() -> None:
    polars = pytest.importorskip("polars")
    pytest.importorskip("pyarrow")
    pytest.importorskip("narwhals")
    own = polars.DataFrame({"group": ["app", "web"], "cost": [3, 5]})
    own = own.with_columns(polars.col("group").cast(polars.Categorical))
    found = own.join(GROUPS["rates"].to_frame(like=own), on="group")
    assert found.sort("cost")["value"].to_list() == [
        GROUPS["rates"][each].value for each in ("app", "web")
    ]
