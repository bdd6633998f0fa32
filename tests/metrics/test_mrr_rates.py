"""Measures of recurring revenue, period by period."""

from collections import namedtuple
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.metrics import revenue
from lifecycle.metrics.revenue import MovementRow
from lifecycle.periods import Calendar, Window
from lifecycle.rates import Rate, Ratio

SPRING: dict[str, Any] = {
    "calendar": Calendar(),
    "window": Window(date(2026, 2, 1), date(2026, 4, 20)),
}


def on(month: int, year: int = 2026) -> date:
    return date(year, month, 1)


MRR = [
    *(("ann", on(1), 50), ("ann", on(2), 60), ("ann", on(3), 30)),
    *(("bob", on(1), 40), ("bob", on(3), 10), ("bob", on(4), 10)),
    *(("cy", on(1), 10), ("cy", on(2), 10), ("cy", on(3), 10), ("cy", on(4), 10)),
    ("dan", on(2), 5),
]


def rates(found: Any) -> list[Any]:
    return [row.rate for row in found.rows]


def test_net_retention_is_what_the_customers_of_the_start_pay() -> None:
    assert rates(revenue.net_retention(MRR, **SPRING)) == [Ratio(70, 100), Ratio(40, 75), None]


def test_gross_retention_leaves_expansion_out() -> None:
    assert rates(revenue.gross_retention(MRR, **SPRING)) == [Ratio(60, 100), Ratio(40, 75), None]


def test_logo_churn_is_a_rate_of_customers() -> None:
    assert rates(revenue.logo_churn(MRR, **SPRING)) == [Rate(1, 3), Rate(1, 3), None]


def test_quick_ratio_is_gained_over_lost() -> None:
    assert rates(revenue.quick_ratio(MRR, **SPRING)) == [Ratio(15, 40), Ratio(10, 35), None]


def test_twelve_periods_compare_with_a_year_ago() -> None:
    mrr = [
        *(("ann", on(2, 2025), 10), ("ann", on(2), 15)),
        *(("bob", on(2, 2025), 10), ("bob", on(1), 10)),
        *(("cy", on(2, 2025), 20), ("cy", on(7, 2025), 1), ("cy", on(2), 12)),
        ("dan", on(2), 100),
    ]
    asked = {**SPRING, "periods": 12}
    assert revenue.net_retention(mrr, **asked).rows[0].rate == Ratio(27, 40)
    assert revenue.gross_retention(mrr, **asked).rows[0].rate == Ratio(22, 40)
    assert revenue.logo_churn(mrr, **asked).rows[0].rate == Rate(1, 3)
    assert revenue.quick_ratio(mrr, **asked).rows[0].rate == Ratio(105, 18)


def test_an_open_period_keeps_its_parts() -> None:
    row = revenue.net_retention(MRR, **SPRING).rows[2]
    assert (row.open, row.so_far, row.rate, row.value) == (True, Ratio(20, 50), None, None)


def test_a_start_of_nothing_has_no_value() -> None:
    row = revenue.net_retention([], **SPRING).rows[0]
    assert (row.rate, row.value) == (Ratio(0, 0), None)


def test_of_one_row_they_are_one_number() -> None:
    row = {"start": 100, "new": 9, "expansion": 25, "reactivation": 1, "contraction": 5}
    row |= {"churn": 10, "customers_start": 8, "customers_lost": 2}
    Exported = namedtuple("Exported", row)  # noqa: PYI024  (as pandas makes them)
    for given in (row, MovementRow(**row), Exported(**row)):
        assert revenue.net_retention(given) == Ratio(110, 100)
        assert revenue.gross_retention(given) == Ratio(85, 100)
        assert revenue.quick_ratio(given) == Ratio(35, 15)
        assert revenue.logo_churn(given) == Rate(2, 8)
    assert revenue.net_retention(MovementRow(open=True)) is None


def test_what_came_and_went_is_in_no_retention() -> None:
    row = MovementRow(
        start=100, new=20, churn=30, same_period=20, customers_start=9, customers_new=2
    )
    assert revenue.net_retention(row) == revenue.gross_retention(row) == Ratio(90, 100)
    both = MovementRow(
        customers_start=9, customers_new=2, customers_lost=3, customers_same_period=2
    )
    assert revenue.logo_churn(both) == Rate(1, 9)


@pytest.mark.parametrize("mrr", [MRR, iter(MRR), [], "ann", (x for x in MRR)])
def test_rows_need_a_calendar_and_a_window(mrr: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^calendar must be a Calendar, where `mrr` is row"):
        revenue.net_retention(mrr)


def test_a_calendar_needs_a_window() -> None:
    with pytest.raises(InvalidTypeError, match=r"^window must be a Window"):
        revenue.net_retention(MRR, calendar=Calendar())
    with pytest.raises(InvalidTypeError, match=r"^calendar must be a Calendar"):
        revenue.net_retention(MRR, window=SPRING["window"])


def test_other_doors() -> None:
    with pytest.raises(InvalidValueError, match=r"^periods must be at least 1"):
        revenue.logo_churn(MRR, **SPRING, periods=0)
    with pytest.raises(InvalidTypeError, match=r"^mrr\[0\]\.amount must be a Decimal"):
        revenue.quick_ratio([("ann", on(2), 0.5)], **SPRING)
    assert revenue.quick_ratio([("ann", on(2), 0.5)], **SPRING, floats=True).rows[0].value is None
    with pytest.raises(InvalidTypeError, match=r"^row must be a row of movements"):
        revenue.net_retention(5)  # type: ignore[call-overload]


@pytest.mark.parametrize("option", [{"periods": 12}, {"periods": 0}, {"floats": True}])
def test_options_are_of_rows_and_not_of_one_row(option: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"^calendar must be a Calendar, where `periods` or"):
        revenue.net_retention(
            {"start": 100, "expansion": 0, "contraction": 0, "churn": 0}, **option
        )


LOST = {"start": 100, "expansion": 0, "contraction": 60, "churn": 40, "customers_start": 4}


@pytest.mark.parametrize("measure", [revenue.net_retention, revenue.gross_retention])
def test_no_more_is_lost_than_there_was(measure: Any) -> None:
    assert measure(LOST) == Ratio(0, 100)
    with pytest.raises(InvalidValueError, match=r"^row\.churn must be at most 100, which is what"):
        measure({**LOST, "churn": 41})
    assert measure({**LOST, "churn": 50, "same_period": 10}) == Ratio(0, 100)
    with pytest.raises(
        InvalidValueError, match=r"^row\.same_period must be at most row\.churn, 40, got"
    ):
        measure({**LOST, "same_period": 41})


def test_who_grew_and_left_is_lost_with_all_that_was_paid() -> None:
    row = {**LOST, "expansion": 50, "churn": 90}
    assert revenue.net_retention(row) == Ratio(0, 100)
    with pytest.raises(InvalidValueError, match=r"^row\.churn must be at most 150, which is what"):
        revenue.net_retention({**row, "churn": 91})


def test_no_more_customers_are_lost_than_there_were() -> None:
    assert revenue.logo_churn({**LOST, "customers_lost": 5, "customers_same_period": 1}) == Rate(
        4, 4
    )
    with pytest.raises(
        InvalidValueError, match=r"^row\.customers_lost must be at most row\.custom"
    ):
        revenue.logo_churn({**LOST, "customers_lost": 5})
    with pytest.raises(
        InvalidValueError, match=r"^row\.customers_same_period must be at most row\.cust"
    ):
        revenue.logo_churn({**LOST, "customers_lost": 5, "customers_same_period": 6})


def test_what_floats_lack_by_rounding_is_no_loss() -> None:
    row = {"start": 0.3, "expansion": 0.0, "contraction": 0.1, "churn": 0.2}
    assert 0.3 - 0.1 - 0.2 < 0
    assert revenue.gross_retention(row) == revenue.net_retention(row) == Ratio(0.0, 0.3)
    with pytest.raises(InvalidValueError, match=r"^row\.churn must be at most 0\.3, which"):
        revenue.gross_retention({**row, "churn": 0.2001})
    same_period = {"start": 0.1, "contraction": 0.0, "churn": 1e9 + 0.1, "same_period": 1e9}
    assert 0.1 + 1e9 - same_period["churn"] <= 0 < same_period["churn"] - 1e9 - 0.1
    assert revenue.gross_retention(same_period) == Ratio(0.0, 0.1)


def test_measures_are_tables() -> None:
    assert str(revenue.net_retention(MRR, **SPRING)).splitlines() == [
        "Net retention by month",
        "period      numerator  denominator  value  open",
        "2026-02-01         70          100  70.0%",
        "2026-03-01         40           75  53.3%",
        "2026-04-01         20           50         so far",
    ]
    quick = revenue.quick_ratio(MRR, **SPRING, periods=2)
    assert str(quick).startswith("Quick ratio by month, since 2 months before\n")
    assert revenue.logo_churn(MRR, **SPRING).to_rows()[0] == {
        "period": datetime(2026, 2, 1, tzinfo=UTC),
        "numerator": 1,
        "denominator": 3,
        "value": 1 / 3,
        "open": False,
    }
    assert "<td" in quick._repr_html_()
    assert repr(quick).startswith("MeasureTable(measure='quick_ratio', calendar=Calendar(), ")
    assert "MeasureRow(period=datetime.datetime(2026, 2, 1" in repr(quick)


def test_decimal_money_is_shown_with_two_digits() -> None:
    mrr = [("ann", on(month), Decimal("1.5")) for month in (1, 2, 3)]
    assert "1.50         1.50  100.0%" in str(revenue.net_retention(mrr, **SPRING))
