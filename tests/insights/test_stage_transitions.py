from datetime import date

import pytest

from lifecycle import Calendar, Rate, Window, insights
from lifecycle.errors import InvalidTypeError, InvalidValueError, UnknownNameError
from samples import SHOP, START, bought, day, refusal

LOG = {"ann": [bought(3), bought(40), bought(50)], "bob": [bought(20)], "cy": [bought(35)]}
JOURNEYS = [SHOP.replay(name, events, since=START, until=day(90)) for name, events in LOG.items()]
QUARTER = Window(START, day(90))


def test_moves_are_counted_by_period_source_and_target() -> None:
    table = insights.transition_counts(JOURNEYS, calendar=Calendar(), window=QUARTER)
    assert table.row("visitor", "buyer", date(2026, 1, 9)).rate == Rate(2, 3)
    assert table.row("visitor", "buyer", date(2026, 2, 1)).rate == Rate(1, 1)
    assert table.row("visitor", "buyer", date(2026, 3, 1)).rate == Rate(0, 0)
    assert table.row("buyer", None, date(2026, 2, 9)).rate == Rate(2, 3)
    assert table.row("visitor", "buyer", START) is table.rows[0]
    message = refusal(InvalidValueError, lambda: table.row("visitor", "buyer"))
    assert message.startswith("key must name one row, by source, target, period; 3 rows have")
    assert [row.open for row in table.rows][-1] is False


def test_a_window_without_a_calendar_is_one_period() -> None:
    table = insights.transition_counts(JOURNEYS, window=Window(day(10), day(30)))
    row = table.row("visitor", "buyer")
    assert (row.count, row.stays, row.period, row.open) == (1, 2, day(10), False)
    assert insights.transition_counts(JOURNEYS, window=Window(day(80), day(91))).rows[0].open


def test_all_the_time_is_one_period_with_everything_in_it() -> None:
    table = insights.transition_counts(JOURNEYS)
    assert table.row("visitor", "buyer").count == 3
    assert table.rows[0].period is None
    assert "period" not in table.to_rows()[0]
    assert table.to_rows()[0]["low"] == pytest.approx(0.4385, abs=1e-4)


def test_counts_are_of_all_periods_and_of_moves_alone() -> None:
    pooled = {("visitor", "buyer"): 3, ("buyer", "loyal"): 1}
    assert insights.transition_counts(JOURNEYS).counts == pooled
    monthly = insights.transition_counts(JOURNEYS, calendar=Calendar(), window=QUARTER)
    assert monthly.counts == pooled


def test_a_row_that_is_not_there_raises() -> None:
    table = insights.transition_counts(JOURNEYS)
    message = refusal(UnknownNameError, lambda: table.row("buyer", "visitor"))
    assert message == "target must be 'loyal', got 'visitor'"


def test_a_share_of_nothing_has_no_interval() -> None:
    table = insights.transition_counts(JOURNEYS, calendar=Calendar(), window=QUARTER)
    empty = [row for row in table.to_rows() if not row["stays"]]
    assert {(row["low"], row["high"], row["share"]) for row in empty} == {(None, None, None)}
    assert "(still there)" in str(table)
    assert "<td" in table._repr_html_()
    assert repr(table).startswith("TransitionTable(calendar=Calendar(), rows=(TransitionCount(")


def test_a_calendar_needs_a_window() -> None:
    message = refusal(
        InvalidTypeError, lambda: insights.transition_counts(JOURNEYS, calendar=Calendar())
    )
    assert message.startswith("window must be a Window, as there is a calendar")
    with pytest.raises(InvalidTypeError, match="calendar must be a Calendar"):
        insights.transition_counts(JOURNEYS, calendar="month", window=QUARTER)  # type: ignore[call-overload]
    with pytest.raises(InvalidTypeError, match="window must be a Window"):
        insights.drop_off(JOURNEYS, window=START)  # type: ignore[call-overload]
