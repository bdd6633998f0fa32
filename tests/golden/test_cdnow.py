"""The CDNOW log through the retail lifecycle, beside figures counted another way.

Source: docs/cdnow/index.md. The counts here are taken from the days between orders,
without the engine.
"""

import csv
import itertools
import runpy
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lifecycle import Calendar, CustomerBase, Event, Journey, Window, presets

FOLDER = Path(__file__).parents[2] / "docs" / "cdnow"
PAGE_WIDTH = 78  # what a page shows of a line without wrapping it
UNTIL = datetime(1998, 7, 1, tzinfo=UTC)


def _dates() -> dict[str, list[datetime]]:
    dates = defaultdict(list)
    with (FOLDER / "cdnow_sample.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            dates[row["customer_id"]].append(at)
    return {customer: sorted(days) for customer, days in dates.items()}


@pytest.fixture(scope="module")
def dates() -> dict[str, list[datetime]]:
    return _dates()


@pytest.fixture(scope="module")
def journeys(dates: dict[str, list[datetime]]) -> list[Journey]:
    shop = presets.retail()
    return [
        shop.replay(
            customer,
            [Event("purchase", at, id=i) for i, at in enumerate(reversed(days))],
            until=UNTIL,
        )
        for customer, days in dates.items()
    ]


def test_the_log_is_the_published_one(dates: dict[str, list[datetime]]) -> None:
    assert len(dates) == 2357
    assert sum(map(len, dates.values())) == 6919
    assert min(map(min, dates.values())) == datetime(1997, 1, 1, tzinfo=UTC)
    assert max(map(max, dates.values())) == datetime(1998, 6, 30, tzinfo=UTC)


def test_changes_by_kind_are_those_counted_from_the_days_between_orders(
    dates: dict[str, list[datetime]], journeys: list[Journey]
) -> None:
    expected: Counter[str] = Counter()
    for days in dates.values():
        expected["conversion"] += 1
        for gap in (b - a for a, b in zip(days, [*days[1:], UNTIL], strict=True)):
            expected["lapse"] += gap >= timedelta(days=120)
            expected["churn"] += gap >= timedelta(days=365)
        for gap in (b - a for a, b in itertools.pairwise(days)):
            expected["reactivation"] += timedelta(days=120) <= gap < timedelta(days=365)
            expected["win_back"] += gap >= timedelta(days=365)
    made = Counter(change.kind for journey in journeys for change in journey.changes)
    del made["progress"]
    assert made == expected


def test_stages_at_the_end_are_those_counted_from_the_last_orders(
    dates: dict[str, list[datetime]], journeys: list[Journey]
) -> None:
    def stage(days: list[datetime]) -> str:
        away = UNTIL - days[-1]
        for least, name in ((365, "churned"), (120, "lapsed"), (60, "at_risk")):
            if away >= timedelta(days=least):
                return name
        return _active(days)

    expected = {customer: stage(days) for customer, days in dates.items()}
    assert {journey.customer.id: journey.customer.stage for journey in journeys} == expected


def _active(days: list[datetime]) -> str:
    """Return the stage of a customer whose last order is recent, order by order."""
    stage, last = "prospect", days[0]
    for i, day in enumerate(days):
        away = day - last
        recent = sum(day - timedelta(days=365) < other for other in days[: i + 1])
        if stage == "loyal" and away < timedelta(days=60):
            pass
        elif recent >= 3:
            stage = "loyal"
        elif i == 0:
            stage = "new"
        else:
            stage = "repeat"
        last = day
    return stage


def test_the_stock_at_the_end_of_a_window_is_from_before_the_moves_of_its_last_instant(
    dates: dict[str, list[datetime]], journeys: list[Journey]
) -> None:
    """On 1 July 1998 at midnight, orders of 2 May, of 3 March and of 1 July 1997 are due.

    Stages are those of that instant; stock of June is what the days before it have led to.
    """
    window = Window(datetime(1998, 1, 1, tzinfo=UTC), UNTIL)
    table = CustomerBase(journeys).over(Calendar("month"), window).kpis()
    june = datetime(1998, 6, 1, tzinfo=UTC)
    names = ("churned", "lapsed", "at_risk", "loyal")
    stock = {name: table.row(name, june).stock for name in names}
    assert stock == {"churned": 1545, "lapsed": 413, "at_risk": 170, "loyal": 168}
    stages = Counter(journey.customer.stage for journey in journeys)
    assert {name: stages[name] for name in names} == {
        "churned": 1549,
        "lapsed": 409,
        "at_risk": 172,
        "loyal": 166,
    }
    away = Counter((UNTIL - days[-1]).days for days in dates.values())
    assert stages["churned"] - stock["churned"] == away[365] == 4
    assert stages["lapsed"] - stock["lapsed"] == away[120] - away[365]
    assert stages["at_risk"] - stock["at_risk"] == away[60] - away[120]


def test_who_came_back_in_a_quarter_was_reactivated_or_won_back(
    dates: dict[str, list[datetime]], journeys: list[Journey]
) -> None:
    """Counted from the days between orders: an order keeps a customer active for 120 days.

    So customers who order in the last quarter are active at its end. Before it, those whose
    last order was 121 to 365 days old were lapsed, and those whose last was older had churned.
    """
    quarter, window = datetime(1998, 4, 1, tzinfo=UTC), Window(_day(1997, 1, 1), UNTIL)
    back = [
        (quarter - max(day for day in days if day < quarter)).days
        for days in dates.values()
        if days[0] < quarter <= days[-1]
    ]
    row = CustomerBase(journeys).over(Calendar("quarter"), window).growth().row(quarter)
    assert row.reactivated == sum(120 < days <= 365 for days in back) == 75
    assert row.won_back == sum(days > 365 for days in back) == 42


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def test_the_report_is_the_one_shown_in_the_documentation() -> None:
    printed = subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, FOLDER / "report.py"], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    assert max(map(len, printed.splitlines())) <= PAGE_WIDTH
    assert f"```text\n{printed}```" in (FOLDER / "index.md").read_text(encoding="utf-8")


def test_the_report_does_not_depend_on_the_order_of_the_rows() -> None:
    script = runpy.run_path(str(FOLDER / "report.py"))
    log = script["read"](script["LOG"])
    shuffled = {customer: events[::-1] for customer, events in reversed(log.items())}
    assert script["report"](shuffled) == script["report"](log)
