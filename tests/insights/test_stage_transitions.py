from datetime import date

import pytest

from lifecycle import Calendar, CustomerBase, Rate, Window
from lifecycle.errors import InvalidValueError, UnknownNameError
from samples import SHOP, START, bought, day, refusal

LOG = {"ann": [bought(3), bought(40), bought(50)], "bob": [bought(20)], "cy": [bought(35)]}
JOURNEYS = [SHOP.replay(name, events, since=START, until=day(90)) for name, events in LOG.items()]
QUARTER = Window(START, day(90))


def test_moves_are_counted_by_period_source_and_target() -> None:
    table = CustomerBase(JOURNEYS).over(Calendar(), QUARTER).transition_counts()
    assert table.row("visitor", "buyer", date(2026, 1, 9)).rate == Rate(2, 3)
    assert table.row("visitor", "buyer", date(2026, 2, 1)).rate == Rate(1, 1)
    assert table.row("visitor", "buyer", date(2026, 3, 1)).rate == Rate(0, 0)
    assert table.row("buyer", None, date(2026, 2, 9)).rate == Rate(2, 3)
    assert table.row("visitor", "buyer", START) is table.rows[0]
    message = refusal(InvalidValueError, lambda: table.row("visitor", "buyer"))
    assert message.startswith("key must name one row, by source, target, period; 3 rows have")
    assert [row.open for row in table.rows][-1] is False


def test_a_window_without_a_calendar_is_one_period() -> None:
    table = CustomerBase(JOURNEYS).over(window=Window(day(10), day(30))).transition_counts()
    row = table.row("visitor", "buyer")
    assert (row.count, row.stays, row.period, row.open) == (1, 2, day(10), False)
    assert (
        CustomerBase(JOURNEYS)
        .over(window=Window(day(80), day(91)))
        .transition_counts()
        .rows[0]
        .open
    )


def test_all_the_time_is_one_period_with_everything_in_it() -> None:
    table = CustomerBase(JOURNEYS).transition_counts()
    assert table.row("visitor", "buyer").count == 3
    assert table.rows[0].period is None
    assert "period" not in table.to_rows()[0]
    assert table.to_rows()[0]["low"] == pytest.approx(0.4385, abs=1e-4)


def test_counts_are_of_all_periods_and_of_moves_alone() -> None:
    pooled = {("visitor", "buyer"): 3, ("buyer", "loyal"): 1}
    assert CustomerBase(JOURNEYS).transition_counts().counts == pooled
    monthly = CustomerBase(JOURNEYS).over(Calendar(), QUARTER).transition_counts()
    assert monthly.counts == pooled


def test_a_row_that_is_not_there_raises() -> None:
    table = CustomerBase(JOURNEYS).transition_counts()
    message = refusal(UnknownNameError, lambda: table.row("buyer", "visitor"))
    assert message == "target must be 'loyal', got 'visitor'"


def test_a_share_of_nothing_has_no_interval() -> None:
    table = CustomerBase(JOURNEYS).over(Calendar(), QUARTER).transition_counts()
    empty = [row for row in table.to_rows() if not row["stays"]]
    assert {(row["low"], row["high"], row["share"]) for row in empty} == {(None, None, None)}
    assert "(still there)" in str(table)
    assert "<td" in table._repr_html_()
    assert repr(table).startswith("TransitionTable(calendar=Calendar(), rows=(TransitionCount(")
