from functools import partial
from typing import Any

import pytest

from lifecycle import Event, Stage, Status, Transition, Window, insights
from lifecycle.errors import InvalidTypeError, UnknownNameError
from samples import SHOP, START, bought, day, lifecycle, refusal

LOG = {"ann": [bought(4), bought(44), bought(50)], "bob": [bought(10)], "cy": [bought(70)]}
JOURNEYS = [SHOP.replay(name, log, since=START, until=day(120)) for name, log in LOG.items()]
BUYER = insights.time_in_stage(JOURNEYS, "buyer")


def test_open_stays_are_censored_and_exits_compete() -> None:
    assert [row[:4] for row in BUYER.rows] == [(46, 3, 1, 0), (50, 2, 0, 1), (90, 1, 1, 0)]
    assert [round(row.still_there, 4) for row in BUYER.rows] == [0.6667, 0.6667, 0]
    assert BUYER.kinds == ("lapse", "progress")
    assert [dict(row.exits) for row in BUYER.rows][-1] == pytest.approx(
        {"lapse": 2 / 3, "progress": 1 / 3}
    )
    assert BUYER.median == 90
    assert BUYER.stays == 3


def test_exits_by_the_stage_that_followed() -> None:
    assert insights.time_in_stage(JOURNEYS, "buyer", exits="target").kinds == ("lapsed", "loyal")


def test_units_are_elapsed() -> None:
    assert insights.time_in_stage(JOURNEYS, "buyer", unit="week").rows[0].time == 46 / 7
    assert insights.time_in_stage(JOURNEYS, "buyer", unit="hour").rows[0].time == 46 * 24


def test_a_window_has_the_stays_that_begin_in_it_as_they_stand_at_its_end() -> None:
    table = insights.time_in_stage(JOURNEYS, "buyer", window=Window(START, day(30)))
    assert [row[:4] for row in table.rows] == [(20, 2, 0, 1), (26, 1, 0, 1)]
    assert table.kinds == ()
    assert [row.exits for row in table.rows] == [(), ()]


def test_a_stage_nobody_was_in_has_no_curve() -> None:
    table = insights.time_in_stage(JOURNEYS, "erased")
    assert (table.stays, table.median, table.rows, table.kinds) == (0, None, (), ())
    assert "0 stays" in str(table)
    assert str(insights.time_in_stage(JOURNEYS[:1], "buyer")).splitlines()[0].endswith(": 1 stay")


def test_the_name_of_a_stage_takes_the_place_of_no_other_column() -> None:
    names = {"at_risk": Status.DORMANT, "here": Status.ACTIVE}
    made = lifecycle(
        Transition("here", "at_risk", on="left"),
        initial="here",
        stages=[Stage(name, status) for name, status in names.items()],
    )
    journey = made.replay("ann", [Event("left", day(3))], since=START)
    (row,) = insights.time_in_stage([journey], "here", exits="target").to_rows()
    assert (row["time"], row["at_risk"], row["exits_at_risk"]) == (3, 1, 1)


def test_the_table_is_shown_and_checked() -> None:
    assert str(BUYER).startswith("Time in stage buyer, in days, all time: 3 stays")
    assert BUYER.to_rows()[0]["exits_progress"] == pytest.approx(1 / 3)
    assert repr(BUYER).startswith("TimeInStageTable(stage='buyer'")
    for more in ({"unit": "month"}, {"exits": "cause"}):
        with pytest.raises(UnknownNameError):
            insights.time_in_stage(JOURNEYS, "buyer", **more)  # type: ignore[call-overload]
    message = refusal(UnknownNameError, lambda: insights.time_in_stage(JOURNEYS, "byer"))
    assert message.startswith("stage must be one of")
    wrong: Any = 3
    for journeys in ([], JOURNEYS):
        message = refusal(InvalidTypeError, partial(insights.time_in_stage, journeys, wrong))
        assert message == "stage must be text, got 3 (int)"
