from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from lifecycle import (
    Calendar,
    CustomerBase,
    Event,
    Journey,
    Stage,
    Status,
    Transition,
    Window,
)
from lifecycle.errors import InvalidTypeError, UnknownNameError
from samples import SHOP, START, bought, day, lifecycle, refusal

LOG = {"ann": [bought(4), bought(44), bought(50)], "bob": [bought(10)], "cy": [bought(70)]}
JOURNEYS = [SHOP.replay(name, log, since=START, until=day(120)) for name, log in LOG.items()]
BUYER = CustomerBase(JOURNEYS).time_in_stage("buyer")


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
    assert CustomerBase(JOURNEYS).time_in_stage("buyer", exits="target").kinds == (
        "lapsed",
        "loyal",
    )


def test_units_are_elapsed() -> None:
    assert CustomerBase(JOURNEYS).time_in_stage("buyer", unit="week").rows[0].time == 46 / 7
    assert CustomerBase(JOURNEYS).time_in_stage("buyer", unit="hour").rows[0].time == 46 * 24


def test_a_window_has_the_stays_that_begin_in_it_as_they_stand_at_its_end() -> None:
    table = CustomerBase(JOURNEYS).over(window=Window(START, day(30))).time_in_stage("buyer")
    assert [row[:4] for row in table.rows] == [(20, 2, 0, 1), (26, 1, 0, 1)]
    assert table.kinds == ()
    assert [row.exits for row in table.rows] == [(), ()]


def test_a_stage_nobody_was_in_has_no_curve() -> None:
    table = CustomerBase(JOURNEYS).time_in_stage("erased")
    assert (table.stays, table.median, table.rows, table.kinds) == (0, None, (), ())
    assert "0 stays" in str(table)
    assert (
        str(CustomerBase(JOURNEYS[:1]).time_in_stage("buyer")).splitlines()[0].endswith(": 1 stay")
    )


def test_the_name_of_a_stage_takes_the_place_of_no_other_column() -> None:
    names = {"at_risk": Status.DORMANT, "here": Status.ACTIVE}
    made = lifecycle(
        Transition("here", "at_risk", on="left"),
        initial="here",
        stages=[Stage(name, status) for name, status in names.items()],
    )
    journey = made.replay("ann", [Event("left", day(3))], since=START)
    (row,) = CustomerBase([journey]).time_in_stage("here", exits="target").to_rows()
    assert (row["time"], row["at_risk"], row["exits_at_risk"]) == (3, 1, 1)


def test_the_table_is_shown_and_checked() -> None:
    assert str(BUYER).startswith("Time in stage buyer, in days, all time: 3 stays")
    assert BUYER.to_rows()[0]["exits_progress"] == pytest.approx(1 / 3)
    assert repr(BUYER).startswith("TimeInStageTable(stage='buyer'")
    for more in ({"unit": "month"}, {"exits": "cause"}):
        with pytest.raises(UnknownNameError):
            CustomerBase(JOURNEYS).time_in_stage("buyer", **more)  # type: ignore[call-overload]
    message = refusal(UnknownNameError, lambda: CustomerBase(JOURNEYS).time_in_stage("byer"))
    assert message.startswith("stage must be one of")
    wrong: Any = 3
    for journeys in ([], JOURNEYS):
        asked = partial(CustomerBase(journeys).time_in_stage, wrong)
        message = refusal(InvalidTypeError, asked)
        assert message == "stage must be text, got 3 (int)"


# Customers that were enrolled in mid-life


def imported(name: str, entered: float, known: float, *log: Event, until: float) -> Journey:
    """Follow a buyer that was enrolled on day 0 of what is known up to another day."""
    return LEAVING.replay(
        name,
        log,
        since=day(0),
        entered=day(entered),
        last_activity=day(known),
        until=day(until),
    )


LEAVING = lifecycle(Transition("buyer", "lost", on="leave"), events=("purchase",))


YEAR: dict[str, Any] = {"calendar": Calendar("year"), "window": Window(day(0), day(365))}


def leave(number: float) -> Event:
    return Event("leave", day(number))


def test_a_stay_that_began_before_the_import_is_at_risk_from_the_import_on() -> None:
    """Four stays, by hand: (entry, length) are (50, 60), (10, 30), (0, 20), (0, 60 and goes on).

    At 20, two are at risk that began under observation, and the one that came at 10; at 30, the
    one that came at 10 and the last; at 60 all but the two that left.
    """
    journeys = [
        imported("ann", 10, 60, leave(70), until=90),
        imported("bob", 20, 30, leave(50), until=90),
        LEAVING.replay("cy", [leave(20)], since=day(0), until=day(90)),
        LEAVING.replay("dee", [], since=day(0), until=day(60)),
    ]
    table = CustomerBase(journeys).time_in_stage("buyer")
    assert [row[:4] for row in table.rows] == [(20, 3, 1, 0), (30, 2, 1, 0), (60, 2, 1, 1)]
    assert [row.still_there for row in table.rows] == pytest.approx([2 / 3, 1 / 3, 1 / 6])
    assert [dict(row.exits)["churn"] for row in table.rows] == pytest.approx([1 / 3, 2 / 3, 5 / 6])
    assert table.median == 30
    assert CustomerBase(journeys).over(**YEAR).kpis().row("buyer", day(0)).median_time == timedelta(
        days=30
    )


def test_a_stay_that_ended_at_the_import_has_not_been_observed() -> None:
    at_once = imported("ann", 10, 60, leave(60), until=90)
    open_still = imported("bob", 10, 60, until=60)
    assert CustomerBase([at_once, open_still]).time_in_stage("buyer").stays == 0
    assert CustomerBase([at_once]).over(**YEAR).kpis().row("buyer", day(0)).median_time is None


def test_a_stay_of_no_length_counts_next_to_one_that_came_late() -> None:
    journeys = [
        imported("ann", 10, 60, leave(70), until=90),
        LEAVING.replay("bob", [leave(5)], since=day(5), until=day(90)),
    ]
    table = CustomerBase(journeys).time_in_stage("buyer")
    assert [row[:3] for row in table.rows] == [(0, 1, 1), (60, 1, 1)]


def test_cohorts_go_by_enrollment_and_stays_by_entry() -> None:
    ann = imported("ann", 40, 60, until=90)
    by_month = CustomerBase([ann]).by(Calendar("month")).time_in_stage("buyer")
    assert [f"{month:%Y-%m}" for month in by_month] == ["2026-01"]
    growth = CustomerBase([ann]).over(Calendar("month"), Window(day(0), day(90))).growth()
    assert [row.active for row in growth.rows] == [0, 1, 1]
