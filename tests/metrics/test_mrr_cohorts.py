"""Retention of recurring revenue by cohort."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from lifecycle.metrics.revenue import MrrTable, cohorts
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate, Ratio

SPRING = Window(date(2026, 1, 1), date(2026, 4, 1))


def on(month: int, day: int = 10) -> date:
    return date(2026, month, day)


MRR = [
    *(("ann", on(1), 30), ("ann", on(2), 45), ("ann", on(3), 20)),
    *(("bob", on(1), 10), ("bob", on(3), 10)),
    *(("cy", on(2), 20), ("cy", on(3), 20), ("cy", on(4), 20)),
]


def table(mrr: Any = MRR, **options: Any) -> MrrTable:
    return cohorts(mrr, **{"calendar": Calendar(), "window": SPRING, **options})


def test_net_retention_is_what_the_cohort_pays_of_what_it_paid_first() -> None:
    found = table()
    assert [row.size for row in found.rows] == [2, 1, 0]
    assert [cell.net_retention for cell in found.rows[0].cells] == [
        *(Ratio(40, 40), Ratio(45, 40), Ratio(30, 40)),
    ]
    assert found.cell(on(2), 1).rate == Ratio(20, 20)


def test_gross_retention_takes_each_customer_with_no_more_than_at_first() -> None:
    cells = table(measure="gross").rows[0].cells
    assert [cell.rate for cell in cells] == [Ratio(40, 40), Ratio(30, 40), Ratio(30, 40)]
    assert [cell.gross_retention for cell in cells] == [cell.rate for cell in cells]


def test_logo_retention_counts_customers() -> None:
    cells = table(measure="logo").rows[0].cells
    assert [cell.rate for cell in cells] == [Rate(2, 2), Rate(1, 2), Rate(2, 2)]
    assert cells[1].value == 0.5
    assert cells[1].logo_retention == Rate(1, 2)


def test_who_paid_before_the_window_is_in_no_cohort() -> None:
    found = table([("ann", date(2025, 12, 31), 5), ("ann", on(1), 5)])
    assert [row.size for row in found.rows] == [0, 0, 0]
    assert found.cell(0, 1).value is None


def test_a_free_month_is_no_first_payment() -> None:
    found = table([("ann", date(2025, 12, 31), 0), ("ann", on(1), 0), ("ann", on(2), 5)])
    assert [row.size for row in found.rows] == [0, 1, 0]


def test_subscriptions_of_one_customer_are_added_first() -> None:
    found = table([("ann", on(1), 5), ("ann", on(1, 20), 5), ("ann", on(2), 8)])
    assert found.cell(0, 1).gross_retention == Ratio(8, 10)


def test_open_cells_keep_what_is_so_far() -> None:
    open_window = Window(on(1, 1), on(3, 20))
    for measure, kept in (("net", 30), ("gross", 30), ("logo", 2)):
        cell = table(window=open_window, measure=measure).cell(0, 2)
        assert (cell.open, cell.rate, cell.value, cell.kept) == (True, None, None, kept)
        assert cell.net_retention is cell.gross_retention is cell.logo_retention is None
    assert str(table(window=open_window)).splitlines() == [
        "Net retention by month (* open: kept so far)",
        "cohort      size       0       1    2",
        "2026-01-01     2  100.0%  112.5%  30*",
        "2026-02-01     1  100.0%     20*",
        "2026-03-01     0      0*",
    ]


def test_money_keeps_its_kind() -> None:
    found = table([("ann", on(1), Decimal("5.00")), ("ann", on(2), Decimal("7.50"))])
    cell = found.cell(0, 1)
    assert (cell.mrr, cell.gross, cell.start) == (Decimal("7.5"), Decimal(5), Decimal(5))
    assert cell.value == Decimal("1.5")
    assert all(isinstance(row.start, Decimal) for row in found.rows)
    assert isinstance(table([("ann", on(1), 0.5)], floats=True).cell(0, 0).mrr, float)


def test_html_is_darkest_at_the_highest_value() -> None:
    html = table()._repr_html_()
    assert html.count("rgba(63, 81, 181, 0.75)") == 1
    assert f"rgba(63, 81, 181, {0.75 / 1.125:.2f})" in html
    assert "background" not in table([])._repr_html_()


def test_rows_of_plain_dicts_have_one_for_each_cell() -> None:
    assert table().to_rows()[1] == {
        "cohort": datetime(2026, 1, 1, tzinfo=UTC),
        "k": 1,
        "size": 2,
        "start": 40,
        "customers": 1,
        "mrr": 45,
        "gross": 30,
        "value": 1.125,
        "open": False,
    }
    assert len(table().to_rows()) == 6


def test_values_show_how_they_are_made() -> None:
    found = table([(*row, "EUR") for row in MRR])
    assert found.currency == "EUR"
    assert repr(found.cell(0, 1)) == (
        "MrrCell(k=1, size=2, start=40, customers=1, mrr=45, gross=30, open=False)"
    )
    assert repr(found.rows[2]).startswith("MrrRow(cohort=datetime.datetime(2026, 3, 1")
    assert repr(found).startswith("MrrTable(calendar=Calendar(), window=Window(")


def test_doors() -> None:
    with pytest.raises(UnknownNameError, match=r"^measure must be one of 'net', 'gross', 'logo'"):
        table(measure="dollar")
    with pytest.raises(InvalidTypeError, match=r"^mrr\[0\]\.amount must be a Decimal"):
        table([("ann", on(1), 0.5)])
    with pytest.raises(InvalidValueError, match=r"^mrr\[0\]\.amount must be at least 0"):
        table([("ann", on(1), -5)])
