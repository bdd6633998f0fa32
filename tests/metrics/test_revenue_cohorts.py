"""Cumulative revenue per acquired customer."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import (
    InvalidTypeError,
    InvalidValueError,
    MixedInstantsError,
    MixedNumbersError,
    UnknownNameError,
)
from lifecycle.metrics.retention import RevenueTable, cohort_revenue
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Ratio

SPRING = Window(date(2026, 1, 1), date(2026, 4, 1))


def on(month: int, day: int = 10) -> date:
    return date(2026, month, day)


PAYMENTS = [
    ("ann", on(1), 20.0),
    ("bob", on(1), 10.0),
    ("ann", on(3), 5.0),
    ("cy", on(2), 7.5),
    ("ann", on(1, 31), 1.0),
]


def table(payments: Any = PAYMENTS, **options: Any) -> RevenueTable:
    return cohort_revenue(payments, **{"calendar": Calendar(), "window": SPRING, **options})


def sums(found: RevenueTable) -> list[list[Any]]:
    return [[cell.revenue for cell in row.cells] for row in found.rows]


def test_revenue_adds_up_from_the_first_period_on() -> None:
    found = table()
    assert sums(found) == [[31.0, 31.0, 36.0], [7.5, 7.5], [0.0]]
    assert [row.size for row in found.rows] == [2, 1, 0]
    assert found.cell(0, 2).per_customer == Ratio(36.0, 2)
    assert found.cell(on(1), 2).value == 18.0
    assert found.cell(2, 0).value is None


def test_customers_who_never_pay_are_acquired_too() -> None:
    enrolled = [("ann", on(1)), ("bob", on(1)), ("dan", on(1)), ("dan", on(2))]
    found = table(enrolled=enrolled)
    assert table(enrolled={"ann": on(1), "bob": on(1), "dan": on(1)}) == found
    assert sums(found) == [[31.0, 31.0, 36.0], [0.0, 0.0], [0.0]]
    assert [row.size for row in found.rows] == [3, 0, 0]


def test_payments_before_the_customer_began_are_left_out() -> None:
    assert sums(table(enrolled=[("ann", on(3))]))[2] == [5.0]


@pytest.mark.parametrize("mode", ["calendar", "elapsed"])
def test_payments_after_the_window_are_left_out_of_its_open_period(mode: Any) -> None:
    window = Window(on(1, 1), on(2, 20))
    payments = [("ann", on(1), 1.0), ("ann", on(2, 15), 2.0), ("ann", on(2, 25), 4.0)]
    assert sums(table(payments, window=window, mode=mode))[0] == [1.0, 3.0]


@pytest.mark.parametrize("large", [0, 1, 2])
def test_decimals_add_up_exactly_in_any_order(large: int) -> None:
    amounts = [Decimal(5)] * 2
    amounts.insert(large, Decimal(10**28))
    payments = [("ann", on(1), amount) for amount in amounts] + [("ann", on(2), Decimal(1))]
    assert sums(table(payments))[0] == [10**28 + 10, *[10**28 + 11] * 2]


def test_payments_before_the_window_and_after_it_are_left_out() -> None:
    payments = [("ann", date(2025, 12, 31), 1.0), ("ann", on(1), 1.0), ("bob", on(4, 1), 1.0)]
    found = table(payments)
    assert sums(found) == [[0.0] * 3, [0.0] * 2, [0.0]]
    assert [row.size for row in found.rows] == [0, 0, 0]


def test_money_paid_back_lowers_the_sum() -> None:
    assert sums(table([("ann", on(1), 20), ("ann", on(2), -5)]))[0] == [20.0, 15.0, 15.0]


def test_decimals_stay_decimals_and_ints_become_floats() -> None:
    found = table([("ann", on(1), Decimal("0.10")), ("ann", on(2), 1)])
    assert sums(found)[0] == [Decimal("0.10"), Decimal("1.10"), Decimal("1.10")]
    assert all(isinstance(cell.revenue, Decimal) for row in found.rows for cell in row.cells)
    assert isinstance(found.cell(0, 0).value, Decimal)
    assert isinstance(table([("ann", on(1), 1)]).cell(0, 0).revenue, float)
    assert isinstance(table([]).cell(0, 0).revenue, float)


def test_the_order_of_the_rows_never_changes_a_digit() -> None:
    for amounts in ([0.1, 0.2, 0.3, 1e16, -1e16], [Decimal("1e28"), Decimal("-1e28"), Decimal(1)]):
        payments = [("ann", on(1), amount) for amount in amounts]
        assert table(payments) == table(reversed(payments)) == table(sorted(payments))


def test_elapsed_months_count_from_the_first_payment() -> None:
    payments = [("ann", on(1, 20), 1.0), ("ann", on(2, 10), 2.0), ("ann", on(2, 20), 4.0)]
    assert sums(table(payments, mode="elapsed"))[0] == [3.0, 7.0, 7.0]
    assert sums(table(payments))[0] == [1.0, 7.0, 7.0]


def test_elapsed_time_leaves_out_what_was_paid_before_the_start() -> None:
    payments = [("ann", on(1, 9), 1.0), ("ann", on(1, 10), 2.0)]
    enrolled = [("ann", on(1, 10))]
    assert sums(table(payments, enrolled=enrolled, mode="elapsed"))[0][0] == 2.0
    assert sums(table(payments, enrolled=enrolled))[0][0] == 3.0


def test_open_cells_have_a_sum_so_far() -> None:
    found = table(window=Window(on(1, 1), on(3, 20)))
    cell = found.cell(0, 2)
    assert (cell.open, cell.revenue, cell.per_customer, cell.value) == (True, 36.0, None, None)
    assert not found.cell(0, 1).open


def test_the_text_shows_revenue_per_customer() -> None:
    found = table(window=Window(on(1, 1), on(3, 20)))
    title, *lines = str(found).splitlines()
    assert title.endswith(
        "cumulative, per customer acquired, calendar time (* open: revenue so far)"
    )
    assert lines == [
        "cohort      size      0      1       2",
        "2026-01-01     2  15.50  15.50  36.00*",
        "2026-02-01     1   7.50  7.50*",
        "2026-03-01     0  0.00*",
    ]


def test_the_text_of_an_empty_cohort_has_no_figures() -> None:
    assert str(table([])).splitlines()[2].split() == ["2026-01-01", "0"]


def test_html_is_darkest_where_a_customer_has_paid_most() -> None:
    html = table()._repr_html_()
    assert html.count("rgba(63, 81, 181, 0.75)") == 1
    assert f"rgba(63, 81, 181, {0.75 * 7.5 / 18:.2f})" in html
    assert "background" not in table([])._repr_html_()
    assert "0.00)" in table([("ann", on(1), 0)])._repr_html_()


def test_rows_of_plain_dicts_have_one_for_each_cell() -> None:
    assert table().to_rows()[2] == {
        "cohort": datetime(2026, 1, 1, tzinfo=UTC),
        "k": 2,
        "size": 2,
        "revenue": 36.0,
        "value": 18.0,
        "open": False,
    }


def test_values_show_how_they_are_made() -> None:
    found = table()
    assert repr(found.cell(0, 0)) == "RevenueCell(k=0, size=2, revenue=31.0, open=False)"
    assert repr(found.rows[2]).startswith("RevenueRow(cohort=datetime.datetime(2026, 3, 1")
    assert repr(found).startswith("RevenueTable(calendar=Calendar(), window=Window(")


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), Decimal("NaN")])
def test_an_amount_is_finite(amount: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"^payments\[1\]\.amount must be finite"):
        table([("ann", on(1), 1), ("ann", on(1), amount)])


@pytest.mark.parametrize("amount", [None, True, "1"])
def test_an_amount_is_a_number(amount: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^payments\[0\]\.amount must be a number"):
        table([("ann", on(1), amount)])


def test_decimals_and_floats_do_not_mix() -> None:
    with pytest.raises(MixedNumbersError, match=r"payments\[1\]\.amount"):
        table([("ann", on(1), Decimal(1)), ("ann", on(1), 1.0)])


def test_other_doors() -> None:
    with pytest.raises(InvalidValueError, match=r"^payments\[0\] must be \(customer, at, amount\)"):
        table([("ann", on(1))])
    with pytest.raises(UnknownNameError, match=r"^mode must be one of"):
        table(mode="days")
    with pytest.raises(MixedInstantsError, match=r"^payments\[0\]\.at and enrolled\[0\]\.at must"):
        table(enrolled=[("ann", datetime(2026, 1, 1, tzinfo=UTC))])
