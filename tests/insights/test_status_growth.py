from datetime import UTC, date, datetime
from typing import Any

import pytest

from lifecycle import (
    ANY,
    Calendar,
    CustomerBase,
    Event,
    Lifecycle,
    Stage,
    Status,
    Transition,
    Window,
    dwell,
)
from lifecycle.errors import InvalidValueError
from lifecycle.insights.status_growth import _KINDS, _LEFT, _RETURNED
from samples import SHOP, START, bought, day, refusal

WINDOW = Window(START, day(181))
JOURNEYS = [
    SHOP.replay("ann", [bought(3), bought(140)], since=START, until=day(181)),
    SHOP.replay("bob", [bought(20)], since=START, until=day(181)),
    SHOP.replay("cy", [bought(-100), bought(-5)], until=day(181)),
]


def test_each_status_but_active_is_one_to_leave_for_and_to_return_from() -> None:
    assert _LEFT.keys() == _RETURNED.keys() == {*Status} - {Status.ACTIVE}
    assert {*_RETURNED.values()} <= {*_KINDS}


def test_who_is_new_lapsed_and_reactivated() -> None:
    table = CustomerBase(JOURNEYS).over(Calendar(), WINDOW).growth()
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
    row = CustomerBase(journeys).over(Calendar(), Window(START, day(59))).growth().rows[1]
    assert (row.churned, row.stepped_back, row.lapsed, row.new, row.active) == (1, 1, 0, 0, 0)


DAYS: Any = {"calendar": Calendar("day"), "window": Window(START, day(6))}
GYM = Lifecycle(
    name="gym",
    initial="guest",
    stages=[
        Stage("guest", Status.PROSPECT),
        Stage("member", Status.ACTIVE),
        Stage("paused", Status.DORMANT),
        Stage("left", Status.CHURNED),
    ],
    transitions=[
        Transition(ANY, "guest", on="downgrade"),
        Transition(ANY, "member", on="join"),
        Transition(ANY, "paused", on="pause"),
        Transition(ANY, "left", on="leave"),
    ],
)


@pytest.mark.parametrize(
    ("moves", "kinds"),
    [
        # one move a day, each at noon: how each day changes who is active
        ("join pause join", "new lapsed reactivated"),
        ("join leave join", "new churned won_back"),
        ("join downgrade join", "new stepped_back reactivated"),
        ("pause join leave join", "- new churned won_back"),
        ("leave join", "- new"),
        ("join pause leave join", "new lapsed - won_back"),
        ("join leave pause join", "new churned - reactivated"),
        ("join leave downgrade join", "new churned - reactivated"),
        # several moves within one day count as their net move
        ("join pause leave+join", "new lapsed reactivated"),
        ("join leave pause+join", "new churned won_back"),
        ("join leave+join", "new retained"),
    ],
)
def test_a_return_is_named_by_the_status_before_the_period(moves: str, kinds: str) -> None:
    events = [
        Event(name, day(k + 0.5 + i / 10))
        for k, names in enumerate(moves.split())
        for i, name in enumerate(names.split("+"))
    ]
    journey = GYM.replay("ann", events, since=START, until=day(6))
    rows = CustomerBase([journey]).over(**DAYS).growth().rows
    names = ("new", "retained", "reactivated", "won_back", "lapsed", "churned", "stepped_back")
    for row, kind in zip(rows, kinds.split(), strict=False):
        assert {name for name in names if getattr(row, name)} == {kind} - {"-"}


def test_stepped_back_is_shown_where_there_is_any() -> None:
    for moves, shown in (("join downgrade", True), ("join leave", False)):
        events = [Event(name, day(k + 0.5)) for k, name in enumerate(moves.split())]
        table = (
            CustomerBase([GYM.replay("ann", events, since=START, until=day(6))])
            .over(**DAYS)
            .growth()
        )
        assert ("stepped_back" in str(table)) is shown
        assert "stepped_back" in table.to_rows()[0]


def test_who_was_active_only_within_an_earlier_period_is_no_longer_new() -> None:
    journey = SHOP.replay("ann", [bought(-400), bought(1)], since=day(-401), until=day(31))
    rows = (
        CustomerBase([journey])
        .over(Calendar("year"), Window(datetime(2024, 1, 1, tzinfo=UTC), day(31)))
        .growth()
        .rows
    )
    assert [(row.new, row.reactivated, row.won_back) for row in rows] == [
        (1, 0, 0),
        (0, 0, 0),
        (0, 0, 1),
    ]


def test_who_came_and_went_within_the_period_before_is_reactivated() -> None:
    journey = SHOP.replay("ann", [bought(-300), bought(1)], since=day(-301), until=day(31))
    rows = (
        CustomerBase([journey])
        .over(Calendar("year"), Window(datetime(2025, 1, 1, tzinfo=UTC), day(31)))
        .growth()
        .rows
    )
    assert [(row.new, row.reactivated, row.lapsed) for row in rows] == [(0, 0, 0), (0, 1, 0)]


def test_the_table_is_shown_and_asked() -> None:
    table = CustomerBase(JOURNEYS).over(Calendar(), Window(START, day(150))).growth()
    assert str(table).splitlines()[-1].endswith("so far")
    assert table.to_rows()[0]["active"] == 3
    assert repr(table).startswith("StatusGrowthTable(calendar=Calendar(), window=Window(")
    message = refusal(InvalidValueError, lambda: table.row(day(400)))
    assert message.startswith("period must be in a period of the table")
