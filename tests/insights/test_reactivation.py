from datetime import timedelta

import pytest

from lifecycle import CustomerBase, Event, Rate, Window
from lifecycle.errors import UnknownNameError
from samples import SHOP, START, bought, day

LOG = {
    "ann": [bought(0, 10), bought(100, 20), bought(110, 3), bought(300, 7)],  # back on 100, on 300
    "bob": [bought(5, 10), bought(500, 40)],  # lapsed on 95, churned on 370, back on 500
    "cy": [bought(9, 10)],
}
JOURNEYS = [SHOP.replay(name, log, since=START, until=day(520)) for name, log in LOG.items()]
TABLE = CustomerBase(JOURNEYS).reactivations()


def test_reactivations_are_counted_by_episode() -> None:
    row = TABLE.row("reactivation")
    assert (row.episodes, row.returns, row.changed_status, row.customers) == (5, 2, 2, 1)
    assert row.return_rate == Rate(2, 5)
    assert row.relapse_rate == Rate(2, 2)


def test_the_time_to_a_win_back_is_counted_from_the_lapse() -> None:
    row = TABLE.row("win_back")
    assert (row.episodes, row.returns, row.changed_status, row.relapses) == (2, 1, 0, 0)
    assert row.median_time_to_return == timedelta(days=500 - 95)
    assert row.median_time_to_relapse is None  # still back
    assert (row.revenue, row.revenue_per_return) == (40, 40)


def test_a_return_earns_until_the_relapse() -> None:
    row = TABLE.row("reactivation")
    assert row.revenue == 20 + 3 + 7
    assert row.revenue_per_return == 15
    assert row.median_time_to_return == timedelta(days=(10 + (300 - 290)) / 2)


def test_of_those_who_lapsed_some_came_back() -> None:
    assert TABLE.return_rate == Rate(2, 3)


def test_a_window_reads_episodes_that_begin_in_it_as_they_are_at_its_end() -> None:
    early = (
        CustomerBase(JOURNEYS)
        .over(window=Window(START, day(99)))
        .reactivations()
        .row("reactivation")
    )
    assert (early.episodes, early.returns, early.revenue) == (2, 0, 0)  # cy lapses on day 99
    assert early.revenue_per_return is None
    late = (
        CustomerBase(JOURNEYS)
        .over(window=Window(day(200), day(301)))
        .reactivations()
        .row("reactivation")
    )
    assert (late.episodes, late.returns, late.revenue) == (1, 1, 7)


def test_text_fits_a_terminal_and_rows_have_all() -> None:
    assert str(TABLE).splitlines()[1:] == [
        "kind          episodes  returns   rate  in_days  relapsed  after_days   each",
        "reactivation         5        2  40.0%       10    100.0%         140  15.00",
        "win_back             2        1  50.0%      405      0.0%              40.00",
    ]
    row = TABLE.to_rows()[0]
    assert (row["changed_status"], row["customers"], row["revenue"]) == (2, 1, 30)


def test_the_table_is_shown() -> None:
    assert str(TABLE).startswith(
        "Reactivation and win-back, all time: 2 of 3 lapsed or churned customers came back"
    )
    assert TABLE.to_rows()[1]["median_days_to_return"] == 405
    assert repr(TABLE).startswith("ReactivationTable(lapsed=3, returned=2, rows=(ReactivationRow(")
    assert "<table>" in TABLE._repr_html_()
    with pytest.raises(UnknownNameError):
        TABLE.row("loop")


def test_a_window_has_its_start_and_not_its_end() -> None:
    ann = JOURNEYS[:1]  # lapsed on day 90, and back on day 100 with 20, on day 110 with 3
    from_the_lapse = (
        CustomerBase(ann).over(window=Window(day(90), day(110))).reactivations().row("reactivation")
    )
    assert (from_the_lapse.episodes, from_the_lapse.returns, from_the_lapse.revenue) == (1, 1, 20)
    until_the_lapse = CustomerBase(ann).over(window=Window(START, day(90))).reactivations()
    assert until_the_lapse.row("reactivation").episodes == until_the_lapse.lapsed == 0


def test_what_is_spent_after_the_window_is_not_of_the_return() -> None:
    log = [bought(0, 10), bought(100, 20), Event("signup", day(106), value=9)]
    journey = SHOP.replay("ann", log, since=START, until=day(120))
    assert CustomerBase([journey]).reactivations().row("reactivation").revenue == 29
    early = (
        CustomerBase([journey])
        .over(window=Window(START, day(105)))
        .reactivations()
        .row("reactivation")
    )
    assert early.revenue == 20
