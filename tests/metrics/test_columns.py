"""What dataframes hand over: whole floats, missing values, and frames where rows are wanted."""

import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from lifecycle import (
    Calendar,
    EventLog,
    Period,
    Window,
    _inputs,
    clv,
    funnel,
    nps,
    retention,
    revenue,
    rfm,
    survival,
)
from lifecycle.errors import InvalidTypeError, InvalidValueError
from publics import functions, given
from samples import refusal

NAN = float("nan")
DAY = date(2026, 1, 10)
MONTHS: dict[str, Any] = {
    "calendar": Calendar("month"),
    "window": Window(date(2026, 1, 1), date(2026, 3, 1)),
}
BOUGHT = {"customer": "ann", "at": DAY, "amount": 10, "event": "cart", "rating": 9, "group": "pro"}

# Each calculator that reads rows, and the fields of its rows.
READERS: dict[str, tuple[Callable[[Any], Any], tuple[str, ...]]] = {
    "retention.cohorts": (lambda rows: retention.cohorts(rows, **MONTHS), ("customer", "at")),
    "retention.cohorts, enrolled": (
        lambda rows: retention.cohorts([], enrolled=rows, **MONTHS),
        ("customer", "at"),
    ),
    "retention.growth": (lambda rows: retention.growth(rows, **MONTHS), ("customer", "at")),
    "retention.stickiness": (lambda rows: retention.stickiness(rows, **MONTHS), ("customer", "at")),
    "retention.active_ratio": (
        lambda rows: retention.active_ratio(rows, until=DAY),
        ("customer", "at"),
    ),
    "retention.purchase_intervals": (retention.purchase_intervals, ("customer", "at")),
    "retention.cohort_revenue": (
        lambda rows: retention.cohort_revenue(rows, **MONTHS),
        ("customer", "at", "amount"),
    ),
    "retention.repeat_purchase_rate": (
        lambda rows: retention.repeat_purchase_rate(rows, window=MONTHS["window"]),
        ("customer", "at"),
    ),
    "retention.resurrection_rate": (
        lambda rows: retention.resurrection_rate(
            rows, window=MONTHS["window"], idle=Period(days=1)
        ),
        ("customer", "at"),
    ),
    "rfm.summary": (lambda rows: rfm.summary(rows, until=DAY), ("customer", "at", "amount")),
    "rfm.scores": (lambda rows: rfm.scores(rows, until=DAY), ("customer", "at", "amount")),
    "revenue.movements": (
        lambda rows: revenue.movements(rows, **MONTHS),
        ("customer", "at", "amount"),
    ),
    **{
        f"revenue.{measure.__name__}": (partial(measure, **MONTHS), ("customer", "at", "amount"))
        for measure in (
            revenue.cohorts,
            revenue.gross_retention,
            revenue.logo_churn,
            revenue.net_retention,
            revenue.quick_ratio,
        )
    },
    "clv.historic": (lambda rows: clv.historic(rows, until=DAY), ("at", "amount")),
    "nps.rolling": (
        lambda rows: nps.rolling(rows, window=Period(days=90), calendar=Calendar("month")),
        ("at", "rating"),
    ),
    "funnel.cart_recovery": (
        lambda rows: funnel.cart_recovery(
            rows,
            until=DAY,
            abandoned_after=timedelta(days=1),
            recovery_within=timedelta(days=1),
            cart_event="cart",
            order_event="paid",
        ),
        ("customer", "at", "event"),
    ),
    "funnel.funnel": (
        lambda rows: funnel.funnel(rows, steps=("cart",)),
        ("customer", "at", "event"),
    ),
}
TOPICS = (clv, funnel, nps, retention, revenue, rfm, survival)
every_reader = pytest.mark.parametrize(("read", "fields"), READERS.values(), ids=READERS)


class Column:
    """A column as numpy, pandas and polars have them: with a shape, and no rows to show."""

    def __init__(self, *shape: int) -> None:
        self.shape = shape

    def __iter__(self) -> Any:
        return iter(["customer", "at"])

    def __repr__(self) -> str:
        return "customer  at\n" * 10


class Frame(Column):
    """A dataframe, which iterates over the names of its columns."""

    @property
    def columns(self) -> list[str]:
        """Return the names."""
        raise AssertionError("this may take long")


class Arrow(Column):
    """A table of pyarrow."""

    column_names = ("customer", "at")


class Lazy:
    """A dataframe that is not computed yet, and cannot be iterated."""

    columns = ("customer", "at")

    def collect(self) -> Any:
        """Compute it."""
        raise NotImplementedError


# The options with which a log has the fields of each reader.
OPTIONS = {"amount": "value", "rating": "value"}


def options(fields: tuple[str, ...]) -> str:
    own = [f"{OPTIONS.get(field, field)}=..." for field in fields if field != "group"]
    named = own if "group" not in fields else ["attributes=('group',)", *own]
    return ", ".join(dict.fromkeys(("customer=...", "at=...", *named)))


def test_every_calculator_that_reads_rows_is_looked_at() -> None:
    reading = {
        name
        for name, function in functions(*TOPICS).items()
        if any("Iterable[tuple[" in next(iter(form.values())) for form in given(function))
    }
    assert {name.split(",")[0] for name in READERS} == reading


@every_reader
@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        (Frame(9, 2), "values of shape (9, 2) (Frame)"),
        (Column(9, 2), "values of shape (9, 2) (Column)"),
        (Arrow(9, 2), "values of shape (9, 2) (Arrow)"),
        (Lazy(), None),
    ],
    ids=["frame", "array", "table", "lazy"],
)
def test_a_frame_is_no_rows(
    read: Callable[[Any], Any], fields: tuple[str, ...], frame: Any, shown: str | None
) -> None:
    with pytest.raises(InvalidTypeError) as refused:
        read(frame)
    message = str(refused.value)
    shape = f"({', '.join(fields)})"
    made = f"EventLog.from_frame(frame, {options(fields)})"
    assert f" must be rows of {shape}, or {made}, got " in message
    assert shown is None or message.endswith(f", got {shown}")


@every_reader
def test_records_are_no_rows(read: Callable[[Any], Any], fields: tuple[str, ...]) -> None:
    made = f"({', '.join(f'row[{field!r}]' for field in fields)})"
    with pytest.raises(InvalidTypeError) as refused:
        read([BOUGHT])
    such = f"such as {made} of each row, or EventLog.from_frame(frame, {options(fields)}), got"
    assert f"[0] must be ({', '.join(fields)}), {such}" in str(refused.value)


@pytest.mark.parametrize(
    "read",
    [clv.equity, rfm.concentration, lambda values: survival.kaplan_meier(values, [1])],
)
@pytest.mark.parametrize("frame", [Frame(9, 2), Arrow(9, 2), EventLog(customer=[1], at=[DAY])])
def test_a_frame_is_no_column(read: Callable[[Any], Any], frame: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r" must be a series of values, such as one column"):
        read(frame)


@pytest.mark.parametrize("frame", [Frame(9, 2), Arrow(9, 2)])
def test_a_frame_has_no_ratings(frame: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^ratings must be a series of values, such as one"):
        nps.score(frame)


def test_a_message_shows_no_column() -> None:
    with pytest.raises(InvalidTypeError) as refused:
        rfm.scores([], until=Column(100_000))  # type: ignore[arg-type]
    assert str(refused.value).endswith("got values of shape (100000,) (Column)")
    with pytest.raises(InvalidTypeError, match=r"got <Lines> two lines \(Lines\)$"):
        _inputs.series("values", Lines())


class Lines:
    """Something that shows itself over several lines."""

    def __repr__(self) -> str:
        return "<Lines>\ntwo lines"


# Whole floats


def test_whole_floats_are_ratings() -> None:
    assert nps.score([10.0, 9, 7.0, 3.0]) == nps.score([10, 9, 7, 3])
    assert nps.score([9.0], by=["pro"]) == nps.score([9], by=["pro"])
    assert nps.weighted([9.0, 3.0], [1, 2]) == nps.weighted([9, 3], [1, 2])
    window = {"window": Period(days=90), "calendar": Calendar("month")}
    assert nps.rolling([(DAY, 9.0)], **window) == nps.rolling([(DAY, 9)], **window)
    with pytest.raises(InvalidTypeError, match=r"^ratings\[1\] must be a whole number, got 9\.5"):
        nps.score([9.0, 9.5])
    with pytest.raises(
        InvalidValueError, match=r"^ratings\[1\] must be between 0 and 10, got 11\.0"
    ):
        nps.score([9.0, 11.0])


def test_whole_floats_are_counts() -> None:
    score = nps.Score(promoters=9.0, passives=0.0, detractors=1.0)  # type: ignore[arg-type]
    assert repr(score) == "Score(promoters=9, passives=0, detractors=1)"
    month = MONTHS["window"].end - MONTHS["window"].start
    hazard = retention.churn_hazard(lost=3.0, exposure=month, per=month)  # type: ignore[arg-type]
    assert repr(hazard.lost) == "3"


@pytest.mark.parametrize("ids", [[7.0, 8.0], [7.0, 8], [7, 8.0], [7.0, "8"]])
def test_whole_floats_are_ids(ids: list[Any]) -> None:
    """A left join makes floats of a column of whole numbers, and 7.0 is the customer 7."""
    plain = [int(id_) if isinstance(id_, float) else id_ for id_ in ids]
    rows, expected = ([(id_, DAY, 10) for id_ in each] for each in (ids, plain))
    found = rfm.summary(rows, until=DAY)
    assert found == rfm.summary(expected, until=DAY)
    assert {type(row.customer) for row in found.rows} == set(map(type, plain))


@pytest.mark.parametrize("bad", [7.5, 2.0**53 + 2, 1e300, float("inf"), Decimal(7)])
def test_other_floats_are_no_ids(bad: Any) -> None:
    """Above 2^53 a float may stand for several ids."""
    with pytest.raises(InvalidTypeError, match=r"^orders\[1\]\.customer must be text or a whole"):
        retention.purchase_intervals([(7.0, DAY), (bad, DAY)])


def test_whole_floats_are_flags_and_causes() -> None:
    lengths = [2, 3, 3, 5, 8]
    plain = survival.kaplan_meier(lengths, [1, 1, 0, 1, 0])
    assert survival.kaplan_meier(lengths, [1.0, 1.0, 0.0, 1.0, 0.0]) == plain
    assert survival.kaplan_meier(lengths, [True, 1.0, 0, 1, 0.0]) == plain
    assert survival.nelson_aalen(lengths, [1.0] * 5) == survival.nelson_aalen(lengths, [1] * 5)
    causes = survival.cumulative_incidence(lengths, [2, 1, None, 1, None])
    assert survival.cumulative_incidence(lengths, [2.0, 1.0, 0.0, 1.0, 0.0]) == causes
    for bad in (2.0, 0.5, -1.0):
        with pytest.raises((InvalidTypeError, InvalidValueError), match=r"^observed\[1\] must be"):
            survival.kaplan_meier([2, 3], [1.0, bad])


def test_numbers_of_numpy_are_taken_as_those_of_python() -> None:
    numpy = pytest.importorskip("numpy")
    for kind in ("float16", "float32", "float64", "int8", "uint64"):
        ratings = numpy.array([10, 7, 3], dtype=kind)
        assert nps.score(ratings) == nps.score(list(ratings)) == nps.score([10, 7, 3])
        rows = [(id_, DAY) for id_ in numpy.array([7, 7], dtype=kind)]
        assert len(retention.purchase_intervals(rows).lengths) == 1
    with pytest.raises(InvalidTypeError, match=r"^ratings\[0\] must be a whole number, got .*9\.5"):
        nps.score(numpy.array([9.5], dtype="float32"))


# Missing values


class NaT(datetime):
    """A missing instant, which differs from itself, as that of pandas."""

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__


class NAType:
    """A missing value, which does not say whether it equals anything, as that of pandas."""

    def __eq__(self, other: object) -> Any:
        return self

    __ne__ = __eq__

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __hash__(self) -> int:
        return 0


MISSING = {
    "None": None,
    "NaN": NAN,
    "NaT": NaT(2026, 1, 1),
    "NA": NAType(),
    "sNaN": Decimal("sNaN"),
}
every_missing = pytest.mark.parametrize("missing", MISSING.values(), ids=MISSING)
HINT = "; leave out rows without it (dropna), or fill it in"


@every_reader
@every_missing
def test_a_missing_value_is_named_by_its_row(
    read: Callable[[Any], Any], fields: tuple[str, ...], missing: Any
) -> None:
    whole = tuple(BOUGHT[field] for field in fields)
    for i, field in enumerate(fields):
        if field == "event" or (field == "group" and missing is None):
            continue  # None is a name for a group
        gap = (*whole[:i], missing, *whole[i + 1 :])
        with pytest.raises((InvalidTypeError, InvalidValueError)) as refused:
            read([whole, gap])
        assert f"[1].{field} must " in str(refused.value)
        assert str(refused.value).endswith(HINT)


@every_missing
def test_a_missing_value_of_a_column_is_named_by_its_place(missing: Any) -> None:
    for read, place in (
        (nps.score, "ratings"),
        (clv.equity, "values"),
        (rfm.concentration, "values"),
        (lambda column: nps.weighted([9, 9], column), "weights"),
        (lambda column: survival.kaplan_meier(column, [1, 1]), "durations"),
        (lambda column: survival.kaplan_meier([2, 3], column), "observed"),
        (lambda column: survival.kaplan_meier([2, 3], [1, 1], weights=column), "weights"),
    ):
        with pytest.raises((InvalidTypeError, InvalidValueError)) as refused:
            read([1, missing])
        assert str(refused.value).startswith(f"{place}[1] must be ")
        assert str(refused.value).endswith(HINT)


def test_what_is_no_row_has_no_such_hint() -> None:
    with pytest.raises(
        InvalidValueError, match=r"^churn must be finite, got nan, a missing value$"
    ):
        retention.half_life(NAN)


def test_a_hint_survives_a_pickle() -> None:
    with pytest.raises(InvalidTypeError) as refused:
        nps.score([9, None])  # type: ignore[list-item]
    copy = pickle.loads(pickle.dumps(refused.value))  # noqa: S301
    assert str(copy) == str(refused.value)


class Scalar:
    """A value of pyarrow."""

    def as_py(self) -> str:
        """Return it as a value of Python."""
        return "ann"


class datetime64:  # noqa: N801  (as numpy calls it)
    """An instant of numpy."""


def test_values_of_columns_that_are_no_values_say_how_to_make_them() -> None:
    with pytest.raises(InvalidTypeError, match=r"; to_pylist\(\) gives a column as Python values$"):
        retention.purchase_intervals([(Scalar(), DAY)])  # type: ignore[list-item]
    with pytest.raises(
        InvalidTypeError, match=r"; column\.astype\('datetime64\[us\]'\)\.tolist\(\)"
    ):
        retention.purchase_intervals([("ann", datetime64())])  # type: ignore[list-item]


# The real ones, where they are installed


@every_reader
def test_frames_of_pandas_and_polars(read: Callable[[Any], Any], fields: tuple[str, ...]) -> None:
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    df = pandas.DataFrame({field: [BOUGHT[field]] * 3 for field in fields})
    if "at" in fields:
        df["at"] = pandas.to_datetime(df["at"])
    other, table = polars.from_pandas(df), pyarrow.Table.from_pandas(df)
    lists = [table[field].to_pylist() for field in fields]
    columns = [df[field] for field in fields]
    expected = read(list(zip(*lists, strict=True)))
    for rows in (zip(*columns, strict=True), df.itertuples(index=False), other.iter_rows()):
        assert read(rows) == expected
    for frame in (df, df.to_numpy(), df.to_records(), other, other.lazy(), table):
        with pytest.raises(
            InvalidTypeError, match=r" must be rows of .*, or EventLog\.from_frame\("
        ):
            read(frame)
    for rows in (df.to_dict("records"), other.to_dicts(), table.to_pylist()):
        with pytest.raises(
            InvalidTypeError, match=r"\[0\] must be .*, such as \(row\[.*, or EventLog\.from"
        ):
            read(rows)
    with pytest.raises(
        InvalidValueError, match=r"\[0\] must be .* itertuples\(.*, or EventLog\.from_"
    ):
        read(df.itertuples())


def test_a_stream_of_a_table_is_no_rows() -> None:
    reader = pytest.importorskip("pyarrow").table({"customer": ["ann"], "at": [DAY]}).to_reader()
    with pytest.raises(InvalidTypeError, match=r" must be rows of .*, or EventLog\.from_frame\("):
        retention.purchase_intervals(reader)


def test_columns_of_pandas_with_gaps() -> None:
    pandas = pytest.importorskip("pandas")
    gaps = pandas.Series([10, 9, None])
    assert nps.score(gaps.dropna()) == nps.score([10, 9])
    for column in (gaps, gaps.astype("Int64")):
        with pytest.raises(InvalidTypeError) as refused:
            nps.score(column)
        assert str(refused.value).startswith("ratings[2] must be a whole number, got ")
        assert str(refused.value).endswith(HINT)
    with pytest.raises(InvalidTypeError, match=r"^activity\[0\]\.at must be a datetime"):
        retention.active_ratio([("ann", pandas.NaT)], until=DAY)


SPRING: dict[str, Any] = {"window": Window(date(2026, 3, 1), date(2026, 5, 1))}
TABLES: dict[str, tuple[str, Callable[[Calendar], Any]]] = {
    "retention.cohorts": (
        "cohort",
        lambda calendar: retention.cohorts(
            [("ann", date(2026, 3, 3))], calendar=calendar, **SPRING
        ),
    ),
    "retention.growth": (
        "period",
        lambda calendar: retention.growth(
            [("ann", date(2026, 4, 30))], calendar=calendar, **SPRING
        ),
    ),
    "nps.rolling": (
        "period",
        lambda calendar: nps.rolling(
            [(date(2026, 3, 1), 9), (date(2026, 4, 30), 3)],
            window=Period(months=1),
            calendar=calendar,
        ),
    ),
}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("name", TABLES)
def test_periods_without_their_zone_are_joined_to_naive_dates(name: str, zone: str) -> None:
    """Their zone is that of the calendar, whose clocks change in March: the local first stays."""
    pandas = pytest.importorskip("pandas")
    column, made = TABLES[name]
    own = pandas.DataFrame({column: pandas.to_datetime(["2026-03-01", "2026-04-01"])})
    frame = pandas.DataFrame(made(Calendar("month", zone=zone)).to_rows())
    assert str(frame[column].dt.tz) == zone
    frame[column] = frame[column].dt.tz_localize(None)
    assert sorted(set(own.merge(frame, on=column)[column])) == list(own[column])


INSTANTS = ["2024-01-03 00:00", "2024-02-03 09:30", "2024-01-05 18:00"]
KINDS_OF_IDS = ["int64", "Int64", "float64", "Float64", "category", "object", "int64[pyarrow]"]
KINDS_OF_INSTANTS = ["datetime64[s]", "datetime64[ns]", "object", "timestamp[us][pyarrow]"]


@pytest.mark.parametrize("ids", KINDS_OF_IDS)
@pytest.mark.parametrize("instants", KINDS_OF_INSTANTS)
def test_the_kind_of_a_column_of_pandas_changes_no_answer(ids: str, instants: str) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    at = [datetime.fromisoformat(text) for text in INSTANTS]
    window = {"calendar": Calendar("month"), "window": Window(date(2024, 1, 1), date(2024, 4, 1))}
    expected = retention.cohorts(zip([1, 1, 2], at, strict=True), **window)
    assert [cell.retained for cell in expected.rows[0].cells] == [2, 1, 0]
    column = pandas.Series(at).astype(instants)
    rows = zip(pandas.Series([1, 1, 2]).astype(ids), column, strict=True)
    assert retention.cohorts(rows, **window) == expected
    zoned = pandas.Series(at).dt.tz_localize("UTC")
    rows = zip(pandas.Series([1, 1, 2]).astype(ids), zoned, strict=True)
    assert retention.cohorts(rows, **window).rows == expected.rows


@pytest.mark.parametrize("kind", ["period[M]", "str", "category"])
def test_a_column_of_months_or_of_text_has_no_instants(kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    texts = pandas.Series(INSTANTS)
    column = (pandas.to_datetime(texts) if kind == "period[M]" else texts).astype(kind)
    with pytest.raises(
        InvalidTypeError, match=r"^activity\[0\]\.at must be a datetime or a date, g"
    ):
        retention.cohorts(zip([1, 1, 2], column, strict=True), **MONTHS)


@pytest.mark.parametrize(
    "missing", [None, NAN, MISSING["NaT"], MISSING["NA"]], ids=["None", "NaN", "NaT", "NA"]
)
@pytest.mark.parametrize("field", ["at", "event"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_missing_value_in_a_path_says_what_to_do(missing: object, field: str, place: int) -> None:
    good = (DAY, "cart")
    bad = (missing, "cart") if field == "at" else (DAY, missing)
    window = timedelta(days=1)
    rows = [bad, good] if place == 0 else [good, bad]
    shapes: tuple[tuple[str, Any], ...] = (
        (f"paths['ann'][{place}]", {"ann": rows}),
        (f"paths[{place}]", [("ann", *row) for row in rows]),
    )
    for path, paths in shapes:
        for read in (
            partial(funnel.funnel, paths, steps=("cart",)),
            partial(
                funnel.cart_recovery,
                paths,
                until=DAY,
                abandoned_after=window,
                recovery_within=window,
                order_event="paid",
            ),
        ):
            message = refusal(InvalidTypeError, read)
            assert message.startswith(f"{path}.{field} must be")
            assert message.endswith("; leave out rows without it (dropna), or fill it in")
