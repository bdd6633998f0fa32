from typing import Any

from lifecycle import Calendar, CustomerBase, Window
from samples import SHOP, START, bought, day

WINDOW = Window(START, day(181))
MONTHS: dict[str, Any] = {"calendar": Calendar(), "window": WINDOW}
JOURNEYS = [
    SHOP.replay("ann", [bought(3), bought(140)], since=START, until=day(181)),
    SHOP.replay("bob", [bought(40)], since=START, until=day(181)),
    SHOP.replay("cy", [bought(-100)], until=day(181)),
]


def retained(table: Any) -> list[list[int]]:
    return [[cell.retained for cell in row.cells] for row in table.rows[:2]]


def test_customers_are_retained_while_their_stage_is_active() -> None:
    table = CustomerBase(JOURNEYS).over(**MONTHS).cohorts()
    assert retained(table) == [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0]]
    assert sum(row.size for row in table.rows) == 2  # cy began before the window


def test_on_or_after_and_brackets_are_those_of_retention() -> None:
    table = (
        CustomerBase(JOURNEYS)
        .over(**MONTHS)
        .cohorts(retained="on_or_after", brackets=[range(1, 5)])
    )
    assert retained(table) == [[1, 1], [1, 1]]
    split = (
        CustomerBase(JOURNEYS).over(**MONTHS).by({"ann": 1}).cohorts(brackets=iter([range(1, 5)]))
    )
    assert retained(split[1]) == [[1, 1], [0, 0]]


def test_what_lies_beyond_what_is_known_is_open() -> None:
    known = [SHOP.replay("ann", [bought(3)], since=START, until=day(45))]
    table = CustomerBase(known).over(**MONTHS).cohorts()
    assert [[(cell.retained, cell.open) for cell in row.cells] for row in table.rows] == [
        [(1, False), (1, True)],
        [(0, True)],
    ]


def test_a_single_event_without_until_is_seen() -> None:
    table = CustomerBase([SHOP.replay("ann", [bought(3)])]).over(**MONTHS).cohorts()
    assert [row.size for row in table.rows] == [1]
