"""Orders and recurring revenue of dataframes: columns in chunks, dictionaries, gaps, decimals."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from lifecycle import Calendar, EventLog, Window, clv, revenue, rfm
from lifecycle.errors import InvalidTypeError, InvalidValueError

pyarrow = pytest.importorskip("pyarrow")
pytest.importorskip("narwhals")

N = 40_000
ROWS = [
    (
        (i * 7919) % 3000,
        datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=(i * 104_729) % 400_000),
        100 * ((i * 31) % 90) + 99,
    )
    for i in range(N)
]
END = date(2026, 12, 31)
YEAR: dict[str, Any] = {
    "calendar": Calendar("month", zone="Europe/Berlin"),
    "window": Window(date(2026, 2, 1), date(2026, 10, 15)),
}
ASK: dict[str, Callable[[Any], Any]] = {
    "summary": lambda rows: rfm.summary(rows, until=END, calibration_until=date(2026, 6, 1)),
    "scores": lambda rows: rfm.scores(rows, until=END, zone="Europe/Berlin"),
    "movements": lambda rows: revenue.movements(rows, floats=True, **YEAR),
    "periods": lambda rows: revenue.movements(rows, floats=True, periods=3, **YEAR),
    "cohorts": lambda rows: revenue.cohorts(rows, floats=True, **YEAR),
}
every_question = pytest.mark.parametrize("ask", ASK.values(), ids=ASK)

KINDS: dict[str, Callable[[int], Any]] = {
    "cents": lambda cents: cents,
    "euros": lambda cents: cents / 100,
    "thirds": lambda cents: cents / 3,
    "decimals": lambda cents: Decimal(cents).scaleb(-2),
}


def chunked(values: list[Any]) -> Any:
    column = pyarrow.array(values)
    return pyarrow.chunked_array([column[:1], column[1:20_000], column[20_000:]])


def frame_of(rows: list[tuple[Any, ...]], **further: Any) -> Any:
    names = ("customer", "at", "amount")
    columns = {
        name: chunked([*values])
        for name, values in zip(names, zip(*rows, strict=True), strict=True)
    }
    return pyarrow.table({**columns, **further})


def read(frame: Any, **options: Any) -> EventLog:
    return EventLog.from_frame(frame, customer="customer", at="at", value="amount", **options)


@every_question
@pytest.mark.parametrize("kind", KINDS)
def test_columns_in_chunks_give_what_rows_give(ask: Callable[[Any], Any], kind: str) -> None:
    rows = [(who, at, KINDS[kind](cents)) for who, at, cents in ROWS]
    assert repr(ask(read(frame_of(rows))).to_rows()) == repr(ask(rows).to_rows())


@pytest.mark.parametrize("is_dictionary", [False, True])
def test_a_currency_of_all_rows_is_read_from_its_codes(is_dictionary: bool) -> None:  # noqa: FBT001
    euros = pyarrow.array(["EUR"] * N)
    frame = frame_of(ROWS, currency=euros.dictionary_encode() if is_dictionary else euros)
    found = revenue.movements(read(frame, attributes=("currency",)), **YEAR)
    assert found.currency == "EUR"
    assert found.rows == revenue.movements(ROWS, **YEAR).rows


def test_the_first_row_of_another_currency_is_named() -> None:
    frame = frame_of(ROWS, currency=pyarrow.array(["EUR"] * (N - 1) + ["USD"]))
    with pytest.raises(InvalidValueError, match=rf"^mrr\[{N - 1}\]\.currency must be 'EUR'"):
        revenue.movements(read(frame, attributes=("currency",)), **YEAR)


def test_amounts_that_are_missing_are_named_or_dropped() -> None:
    rows = [*ROWS[:5], (1, ROWS[5][1], None), *ROWS[6:9]]
    frame = frame_of(rows, kind=pyarrow.array(["order"] * 9).dictionary_encode())
    log = read(frame, event="kind")
    for ask in (ASK["summary"], ASK["movements"]):
        with pytest.raises(InvalidTypeError, match=r"\[5\]\.amount must be a number"):
            ask(log)
    kept = [row for row in rows if row[2] is not None]
    assert ASK["summary"](read(frame, missing="drop")) == ASK["summary"](kept)


@every_question
def test_an_attribute_of_texts_is_no_amount(ask: Callable[[Any], Any]) -> None:
    frame = pyarrow.table({"customer": [1, 1], "at": [ROWS[0][1]] * 2, "amount": ["10", "10"]})
    log = EventLog.from_frame(frame, customer="customer", at="at", attributes=("amount",))
    with pytest.raises(InvalidTypeError, match=r"\[0\]\.amount must be a number .*, got .10."):
        ask(log)


@every_question
def test_an_amount_below_0_is_named(ask: Callable[[Any], Any]) -> None:
    rows = [*ROWS[:7], (1, ROWS[7][1], -5), *ROWS[8:20]]
    with pytest.raises(InvalidValueError, match=r"\[7\]\.amount must be at least 0.*, got -5"):
        ask(read(frame_of(rows)))


def test_figures_are_numbers_of_python() -> None:
    log = read(frame_of([(who, at, cents / 100) for who, at, cents in ROWS]))
    summary = ASK["summary"](log).rows[0]
    found = {name: type(getattr(summary, name)) for name in summary.__slots__}
    assert found["customer"] is found["frequency"] is found["holdout_frequency"] is int
    assert found["recency"] is found["age"] is found["monetary"] is float
    row = ASK["movements"](log).rows[1]
    assert type(row.new) is type(row.end) is float
    assert type(row.customers_new) is type(row.customers_end) is int
    edges = ASK["scores"](log).edges
    assert {type(edge) for edge in (*edges.recency, *edges.monetary)} <= {int, float}


def test_payments_of_dates_are_aged_by_the_day() -> None:
    """80 a year before, at 10 %, are 88; a payment after the end is named by its row."""
    at = [date(2025, 3, 1), date(2026, 3, 1)]
    frame = pyarrow.table({"customer": [1, 2], "at": at, "amount": [80.0, -20.0]})
    yearly = clv.Discount(0.1, per="year")
    expected = clv.historic(list(zip(at, [80.0, -20.0], strict=True)), until=at[1], discount=yearly)
    found: Any = clv.historic(read(frame), until=at[1], discount=yearly)  # type: ignore[arg-type]
    assert found == pytest.approx(expected, rel=1e-15)
    assert found == pytest.approx(80 * 1.1 ** (365 / 365.2425) - 20, rel=1e-12)
    with pytest.raises(InvalidValueError, match=r"^payments\[1\]\.at must not be after until"):
        clv.historic(read(frame), until=at[0])  # type: ignore[arg-type]
