from datetime import timedelta

import pytest

from lifecycle import Event, Rate, Window, insights
from lifecycle.errors import UnknownNameError
from samples import SHOP, START, bought, day

LOG = {
    "ann": [bought(0, 10), bought(100, 20), bought(110, 3), bought(300, 7)],  # back on 100, on 300
    "bob": [bought(5, 10), bought(500, 40)],  # lapsed on 95, churned on 370, back on 500
    "cy": [bought(9, 10)],
}
JOURNEYS = [SHOP.replay(name, log, since=START, until=day(520)) for name, log in LOG.items()]
TABLE = insights.loops(JOURNEYS)


def test_reactivations_are_counted_by_stretch() -> None:
    row = TABLE.row("reactivation")
    assert (row.stretches, row.returns, row.passed_on, row.customers) == (5, 2, 2, 1)
    assert row.back == Rate(2, 5)
    assert row.relapsed == Rate(2, 2)


def test_win_backs_are_away_since_the_lapse() -> None:
    row = TABLE.row("win_back")
    assert (row.stretches, row.returns, row.passed_on, row.relapses) == (2, 1, 0, 0)
    assert row.median_away == timedelta(days=500 - 95)
    assert row.median_back is None  # still back
    assert (row.revenue, row.per_return) == (40, 40)


def test_a_return_earns_until_the_relapse() -> None:
    row = TABLE.row("reactivation")
    assert row.revenue == 20 + 3 + 7
    assert row.per_return == 15
    assert row.median_away == timedelta(days=(10 + (300 - 290)) / 2)


def test_of_those_who_lapsed_some_came_back() -> None:
    assert TABLE.back == Rate(2, 3)


def test_a_window_looks_at_stretches_that_begin_in_it_as_they_stand_at_its_end() -> None:
    early = insights.loops(JOURNEYS, window=Window(START, day(99))).row("reactivation")
    assert (early.stretches, early.returns, early.revenue) == (2, 0, 0)  # cy lapses on day 99
    assert early.per_return is None
    late = insights.loops(JOURNEYS, window=Window(day(200), day(301))).row("reactivation")
    assert (late.stretches, late.returns, late.revenue) == (1, 1, 7)


def test_text_fits_a_terminal_and_rows_have_all() -> None:
    assert str(TABLE).splitlines()[1:] == [
        "kind          stretches  returns   back  days_away  relapsed  days_back   each",
        "reactivation          5        2  40.0%         10    100.0%        140  15.00",
        "win_back              2        1  50.0%        405      0.0%             40.00",
    ]
    row = TABLE.to_rows()[0]
    assert (row["passed_on"], row["customers"], row["revenue"]) == (2, 1, 30)


def test_the_table_is_shown() -> None:
    assert str(TABLE).startswith("Ways back: 2 of 3 customers who lapsed came back")
    assert TABLE.to_rows()[1]["median_days_away"] == 405
    assert repr(TABLE).startswith("LoopTable(lapsed=3, returned=2, rows=(Loop(")
    assert "<table>" in TABLE._repr_html_()
    with pytest.raises(UnknownNameError):
        TABLE.row("loop")


def test_a_window_has_its_start_and_not_its_end() -> None:
    ann = JOURNEYS[:1]  # lapsed on day 90, and back on day 100 with 20, on day 110 with 3
    from_the_lapse = insights.loops(ann, window=Window(day(90), day(110))).row("reactivation")
    assert (from_the_lapse.stretches, from_the_lapse.returns, from_the_lapse.revenue) == (1, 1, 20)
    until_the_lapse = insights.loops(ann, window=Window(START, day(90)))
    assert until_the_lapse.row("reactivation").stretches == until_the_lapse.lapsed == 0


def test_what_is_spent_after_the_window_is_not_of_the_return() -> None:
    log = [bought(0, 10), bought(100, 20), Event("signup", day(106), value=9)]
    journey = SHOP.replay("ann", log, since=START, until=day(120))
    assert insights.loops([journey]).row("reactivation").revenue == 29
    early = insights.loops([journey], window=Window(START, day(105))).row("reactivation")
    assert early.revenue == 20
