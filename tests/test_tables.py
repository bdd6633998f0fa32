"""Results with rows, shown as dicts, as text and as HTML."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs
import pytest

from lifecycle import Calendar, Window, funnel, retention, revenue, rfm, survival
from lifecycle._tables import Column, Table, in_words, many, percent
from lifecycle.errors import InvalidValueError, LifecycleError
from publics import tables


@attrs.frozen(repr=False)
class Months(Table[tuple[date, int, float | None]]):
    """A table for these tests: a month, its customers, the share that stayed."""

    _named_by = ("month",)

    rows: tuple[tuple[date, int, float | None], ...]

    def _columns(self) -> Sequence[Column]:
        return (
            Column("month", date, lambda row: row[0]),
            Column("customers", int, lambda row: row[1]),
            Column("<stayed>", float, lambda row: row[2], show=percent, shade=lambda row: row[2]),
        )

    def _title(self) -> str:
        return "Months & more"


TWO = Months(((date(2026, 1, 1), 1200, 0.25), (date(2026, 2, 1), 7, None)))


def test_rows_are_plain_dicts() -> None:
    assert TWO.to_rows() == [
        {"month": date(2026, 1, 1), "customers": 1200, "<stayed>": 0.25},
        {"month": date(2026, 2, 1), "customers": 7, "<stayed>": None},
    ]


def test_a_table_has_a_length_and_yields_its_rows() -> None:
    assert len(TWO) == 2
    assert list(TWO) == list(TWO.rows)
    assert (len(Months(())), list(Months(())), Months(()).to_rows()) == (0, [], [])


def test_a_row_is_named_by_position_or_by_column() -> None:
    february = date(2026, 2, 1)
    assert TWO.row(february) is TWO.row(month=february) is TWO.rows[1]


@attrs.frozen
class Visit:
    """A row for these tests."""

    period: datetime
    stage: str | None
    n: object


BERLIN = Calendar("month", zone="Europe/Berlin")


@attrs.frozen(repr=False)
class Visits(Table[Visit]):
    """A table for these tests, of periods and stages."""

    _named_by = ("stage", "period", "absent")

    rows: tuple[Visit, ...]
    calendar: Calendar = BERLIN

    def _columns(self) -> Sequence[Column]:
        kinds = {"period": datetime, "stage": str, "n": object}
        return [Column(name, kind, attrgetter(name)) for name, kind in kinds.items()]

    def _title(self) -> str:
        return "Visits"

    def _notes(self) -> Sequence[str]:
        return ["all of them"]


MAY, JUNE = (datetime(2026, month, 1, tzinfo=ZoneInfo("Europe/Berlin")) for month in (5, 6))
VISITS = Visits((Visit(MAY, "buyer", 1), Visit(MAY, None, 2), Visit(JUNE, "buyer", 3)))


def test_a_period_is_named_by_any_instant_or_date_in_it() -> None:
    assert VISITS.row("buyer", date(2026, 6, 30)).n == 3
    assert VISITS.row(None, datetime(2026, 5, 31, 21, 59, tzinfo=UTC)).n == 2
    assert VISITS.row("buyer", datetime(2026, 5, 31, 22, tzinfo=UTC)).n == 3
    assert VISITS.row(period=JUNE).stage == "buyer"
    assert VISITS.row(None).n == 2


REFUSED: Sequence[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    ((), {}, "key must name a row, by stage, period, got ()"),
    (("buyer", MAY, 1), {}, "key must name a row, by stage, period, got ('buyer', "),
    (("buyer",), {"stage": "buyer"}, "key must name a row, by stage, period, got ('buyer', 'stage"),
    ((), {"n": 3}, "key must name a row, by stage, period, got ('n',)"),
    (("byer",), {}, "stage must be 'buyer', got 'byer'; did you mean 'buyer'?"),
    ((7,), {}, "stage must be in the table: 'buyer', got 7"),
    (("buyer",), {}, "key must name one row, by stage, period; 2 rows have this key, got "),
    (("buyer", date(2026, 7, 1)), {}, "period must be in a period of the table, got "),
    (("buyer", "May"), {}, "period must be a datetime or a date, got 'May'"),
]


@pytest.mark.parametrize(("key", "named", "message"), REFUSED)
def test_what_names_no_row_or_several_is_refused(
    key: tuple[Any, ...], named: dict[str, Any], message: str
) -> None:
    with pytest.raises(LifecycleError) as caught:
        VISITS.row(*key, **named)
    assert str(caught.value).startswith(message)


def test_an_instant_outside_the_calendar_lies_in_no_period() -> None:
    calendar = Calendar.custom([date(2026, 5, 1), date(2026, 6, 1)], zone="Europe/Berlin")
    table = attrs.evolve(VISITS, calendar=calendar)
    assert table.row(None, date(2026, 5, 9)).n == 2
    with pytest.raises(InvalidValueError, match=r"^period must be in a period of the table, got"):
        table.row(None, date(2027, 1, 1))


def test_an_empty_table_has_no_row() -> None:
    with pytest.raises(InvalidValueError, match=r"stage must be in the table, got 'buyer'"):
        Visits(()).row("buyer")


def test_a_table_is_data_that_json_takes() -> None:
    several = (Decimal("1.50"), UUID(int=1), timedelta(days=1), frozenset({2, 1}), {1: MAY}, 0.5)
    data = Visits((Visit(MAY, None, several), Visit(JUNE, "buyer", True))).to_dict()
    may, june = "2026-05-01T00:00:00+02:00", "2026-06-01T00:00:00+02:00"
    plain = ["1.50", str(UUID(int=1)), 86400.0, [1, 2], {"1": may}, 0.5]
    assert data == {
        "title": "Visits",
        "notes": ["all of them"],
        "rows": [
            {"period": may, "stage": None, "n": plain},
            {"period": june, "stage": "buyer", "n": True},
        ],
    }
    assert json.loads(json.dumps(data)) == data


def test_text_has_numbers_to_the_right_and_words_to_the_left() -> None:
    assert str(TWO) == (
        "Months & more\n"
        "month       customers  <stayed>\n"
        "2026-01-01      1,200     25.0%\n"
        "2026-02-01          7"
    )


@attrs.frozen
class Short(Months):
    """The same with a shorter heading, and without a column for people."""

    def _columns(self) -> Sequence[Column]:
        month, customers, stayed = Months._columns(self)
        return month._replace(aside=True), customers._replace(head="of"), stayed


def test_people_see_short_headings_and_what_there_is_room_for() -> None:
    short = Short(TWO.rows)
    assert str(short) == "Months & more\n   of  <stayed>\n1,200     25.0%\n    7"
    assert short.to_rows() == TWO.to_rows()
    assert "<thead><tr><th>of</th><th>&lt;stayed&gt;</th></tr></thead>" in short._repr_html_()
    assert short._repr_html_().count("<td") == 4


def test_html_is_escaped_and_shaded_where_there_is_a_value() -> None:
    html = TWO._repr_html_()
    assert "<caption>Months &amp; more</caption>" in html
    assert "<th>&lt;stayed&gt;</th>" in html
    assert '<td style="text-align: left">2026-01-01</td>' in html
    assert '<td style="text-align: right; background: rgba(63, 81, 181, 0.19)">25.0%</td>' in html
    assert html.count("background") == 1


def test_a_table_without_rows_has_its_heads() -> None:
    empty = Months(())
    assert empty.to_rows() == []
    assert str(empty) == "Months & more\nmonth  customers  <stayed>"
    assert "<tbody></tbody>" in empty._repr_html_()


def months(count: int) -> Months:
    return Months(tuple((date(2026, 1, 1) + timedelta(days=k), k, 0.5) for k in range(count)))


@pytest.mark.parametrize("count", [0, 1, 59, 60])
def test_up_to_sixty_rows_are_shown_whole(count: int) -> None:
    assert len(str(months(count)).splitlines()) == 2 + count
    assert months(count)._repr_html_().count("<tr>") == 1 + count


@pytest.mark.parametrize(("count", "hidden"), [(61, "41"), (250_000, "249,980")])
def test_of_more_rows_the_ends_are_shown_and_how_many_there_are_between(
    count: int, hidden: str
) -> None:
    """Title, heads, ten rows, the line between, ten rows."""
    lines = str(months(count)).splitlines()
    assert len(lines) == 2 + 10 + 1 + 10
    assert lines[12] == f"... {hidden} more rows, which to_rows() returns ..."
    assert lines[11].split()[1] == "9"
    assert lines[13].split()[1] == f"{count - 10:,}"
    assert lines[-1].split()[1] == f"{count - 1:,}"
    html = months(count)._repr_html_()
    assert html.count("<tr>") == 1 + 10 + 1 + 10
    assert f'<td colspan="3">... {hidden} more rows, which to_rows() returns ...</td>' in html
    assert len(months(count).to_rows()) == count


def test_a_wide_table_is_shown_by_its_first_and_last_columns() -> None:
    orders = [("ann", date(2026, 1, 1)), ("ann", date(2026, 3, 31))]
    window = Window(date(2026, 1, 1), date(2026, 4, 1))  # 90 days: as many columns, and 3 before
    table = retention.cohorts(orders, calendar=Calendar("day"), window=window)
    width = len(str(table).splitlines()[1])
    shown = [column.name for column in table._seen()]
    assert len(shown) == 21
    assert shown[10].endswith(" more ...")
    assert f"{len([c for c in table._columns() if not c.aside]) - 20} more" in shown[10]
    assert shown[10] in str(table)
    assert width < 200
    assert f"<th>{shown[10]}</th>" in table._repr_html_()
    assert len(table._repr_html_()) < 40_000
    half = Window(date(2026, 1, 1), date(2026, 2, 15))
    assert "more ..." not in str(retention.cohorts(orders, calendar=Calendar("day"), window=half))


def test_a_long_table_is_small_wherever_it_is_shown() -> None:
    """A table without a `repr` of its own, within other values too."""
    table = rfm.scores(
        [(who, date(2026, 1, 1 + who % 28), 10.0 + who) for who in range(5_000)],
        until=date(2026, 2, 1),
    )
    for shown in (str(table), repr(table), repr({"all": [table]}), table._repr_html_()):
        assert len(shown) < 10_000
    assert "... 4,997 more)" in repr(table)


MANY = range(5_000)
FIRST = date(2026, 1, 1)
BOUGHT = [
    (who, FIRST + timedelta(days=(7 * who + 3 * k) % 28), 10.0 + who)
    for who in MANY
    for k in (0, 1)
]
LENGTHS, LEFT = [1 + who % 900 for who in MANY], [who % 2 for who in MANY]
SCORES = rfm.scores(BOUGHT, until=date(2026, 2, 1))
RESULTS: dict[str, Any] = {
    "scores": SCORES,
    "summary": rfm.summary(BOUGHT, until=date(2026, 2, 1)),
    "segments": rfm.segments(
        SCORES, rules=[rfm.SegmentRule("late", recency=(4, 5))], otherwise="early"
    ),
    "concentration": rfm.concentration([amount for *_, amount in BOUGHT]),
    "intervals": retention.purchase_intervals([(who, at) for who, at, _ in BOUGHT]),
    "recurring": revenue.recurring(
        [revenue.Subscription(who, start=FIRST, amount=10) for who in MANY],
        calendar=Calendar("month"),
        until=date(2026, 6, 1),
    ),
    "kaplan_meier": survival.kaplan_meier(LENGTHS, LEFT),
    "nelson_aalen": survival.nelson_aalen(LENGTHS, LEFT),
    "incidence": survival.cumulative_incidence(LENGTHS, [("a", None)[left] for left in LEFT]),
    "members": rfm.segments(SCORES, rules=[rfm.SegmentRule("all")]).members,
    "curves": {plan: survival.kaplan_meier(LENGTHS, LEFT) for plan in ("monthly", "yearly")},
    "funnel": funnel.funnel([(who, FIRST, "cart") for who in MANY], steps=("cart", "paid")),
    "carts": funnel.cart_recovery(
        [(who, FIRST, "cart") for who in MANY],
        until=date(2026, 2, 1),
        abandoned_after=timedelta(hours=4),
        recovery_within=timedelta(days=7),
        order_event="paid",
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_of_many_customers_is_small_wherever_it_is_shown(name: str) -> None:
    result = RESULTS[name]
    html = getattr(result, "_repr_html_", lambda: "")()
    assert max(len(repr(result)), len(str(result)), len(html)) < 12_000


@pytest.mark.parametrize("kind", tables()[1:], ids=lambda kind: kind.__name__)
def test_every_table_names_its_rows(kind: type[Table[Any]]) -> None:
    assert kind._named_by
    assert kind.row is Table.row


def test_no_table_prints_all_that_it_holds() -> None:
    """Each inherits its `repr`, or shows a line of its own; none has that of attrs."""
    own = {kind.__name__ for kind in tables() if kind.__repr__ is not Table.__repr__}
    assert own == {
        "Chain",
        "ConversionTimes",
        "Durations",
        "FunnelTable",
        "JourneyChain",
        "Paths",
        "PurchaseIntervals",
    }


@pytest.mark.parametrize(("shade", "alpha"), [(-1.0, "0.00"), (0.5, "0.38"), (7.0, "0.75")])
def test_a_shade_is_kept_between_none_and_full(shade: float, alpha: str) -> None:
    assert f"181, {alpha})" in Months(((date(2026, 1, 1), 1, shade),))._repr_html_()


@pytest.mark.parametrize("missing", ["rows", "_columns", "_title"])
def test_a_table_says_what_it_has(missing: str) -> None:
    rest = {name: getattr(Months, name) for name in {"rows", "_columns", "_title"} - {missing}}
    with pytest.raises(TypeError, match=f"abstract method '?{missing}"):
        type("Bare", (Table,), rest)()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ""),
        (True, "True"),
        ("text", "text"),
        (1234567, "1,234,567"),
        (0.123456, "0.1235"),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+2"), "100"),
        (Decimal(0) / Decimal("1E-3"), "0"),
        (0.0, "0"),
        (-0.0, "0"),
        (12345.678, "12,345.68"),
        (-12345.678, "-12,345.68"),
        (date(2026, 1, 31), "2026-01-31"),
        (datetime(2026, 1, 31, tzinfo=UTC), "2026-01-31"),
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31 09:30:00+00:00"),
        (timedelta(days=14), "14 days"),
        (timedelta(days=1, hours=2), "1 day, 2:00:00"),
        (timedelta(hours=4), "4:00:00"),
        (timedelta(), "0:00:00"),
        ((1, 2), "(1, 2)"),
    ],
)
def test_a_value_reads_in_words(value: Any, words: str) -> None:
    assert in_words(value) == words


def test_a_share_reads_as_a_percentage() -> None:
    assert (percent(0.2547), percent(None)) == ("25.5%", "")


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 stays"), (1, "1 stay"), (1.0, "1 stay"), (2357, "2,357 stays")]
)
def test_a_count_has_its_noun(n: float, words: str) -> None:
    assert many(n, "stay") == words
