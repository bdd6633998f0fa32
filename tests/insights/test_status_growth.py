from datetime import UTC, date, datetime

import pytest

from lifecycle import Calendar, Event, Lifecycle, Stage, Status, Transition, Window, dwell, insights
from lifecycle.errors import InvalidTypeError, InvalidValueError
from lifecycle.insights.status_growth import _LEFT
from samples import SHOP, START, bought, day, refusal

WINDOW = Window(START, day(181))
JOURNEYS = [
    SHOP.replay("ann", [bought(3), bought(140)], since=START, until=day(181)),
    SHOP.replay("bob", [bought(20)], since=START, until=day(181)),
    SHOP.replay("cy", [bought(-100), bought(-5)], until=day(181)),
]


def test_each_status_that_can_be_left_for_is_counted() -> None:
    assert _LEFT.keys() == {*Status} - {Status.ACTIVE}


def test_who_is_new_lapsed_and_reactivated() -> None:
    table = insights.growth(JOURNEYS, calendar=Calendar(), window=WINDOW)
    rows = [(row.active, row.new, row.retained, row.reactivated, row.lapsed) for row in table.rows]
    assert rows == [
        (3, 2, 1, 0, 0),
        (3, 0, 3, 0, 0),
        (2, 0, 2, 0, 1),  # cy, 90 days after 27 December
        (0, 0, 0, 0, 2),
        (1, 0, 0, 1, 0),
        (1, 0, 1, 0, 0),
    ]
    assert table.row(date(2026, 5, 9)).reactivated == 1


def test_churn_and_steps_back_are_told_apart() -> None:
    trial = Lifecycle(
        name="trial",
        initial="paying",
        stages=[
            Stage("paying", Status.ACTIVE),
            Stage("trial", Status.PROSPECT),
            Stage("left", Status.CHURNED),
        ],
        transitions=[
            Transition("paying", "trial", on="downgrade"),
            Transition("paying", "left", after=dwell(days=40)),
        ],
    )
    journeys = [
        trial.replay("ann", [Event("downgrade", day(5))], since=START, until=day(59)),
        trial.replay("bob", [Event("downgrade", day(35))], since=START, until=day(59)),
        trial.replay("cy", [], since=START, until=day(59)),
    ]
    row = insights.growth(journeys, calendar=Calendar(), window=Window(START, day(59))).rows[1]
    assert (row.churned, row.stepped_back, row.lapsed, row.new, row.active) == (1, 1, 0, 0, 0)


def test_who_was_active_only_within_an_earlier_period_is_no_longer_new() -> None:
    journey = SHOP.replay("ann", [bought(-400), bought(1)], since=day(-401), until=day(31))
    rows = insights.growth(
        [journey],
        calendar=Calendar("year"),
        window=Window(datetime(2024, 1, 1, tzinfo=UTC), day(31)),
    ).rows
    assert [(row.new, row.reactivated) for row in rows] == [(1, 0), (0, 0), (0, 1)]


def test_who_came_and_went_within_the_period_before_is_reactivated() -> None:
    journey = SHOP.replay("ann", [bought(-300), bought(1)], since=day(-301), until=day(31))
    rows = insights.growth(
        [journey],
        calendar=Calendar("year"),
        window=Window(datetime(2025, 1, 1, tzinfo=UTC), day(31)),
    ).rows
    assert [(row.new, row.reactivated, row.lapsed) for row in rows] == [(0, 0, 0), (0, 1, 0)]


def test_the_table_is_shown_and_asked() -> None:
    table = insights.growth(JOURNEYS, calendar=Calendar(), window=Window(START, day(150)))
    assert str(table).splitlines()[-1].endswith("so far")
    assert table.to_rows()[0]["active"] == 3
    assert repr(table).startswith("StatusGrowthTable(calendar=Calendar(), window=Window(")
    message = refusal(InvalidValueError, lambda: table.row(day(400)))
    assert message.startswith("period must lie in a period of the table")


def test_growth_needs_a_calendar() -> None:
    with pytest.raises(InvalidTypeError, match="calendar must be a Calendar"):
        insights.growth(JOURNEYS, calendar=None, window=WINDOW)  # type: ignore[call-overload]
