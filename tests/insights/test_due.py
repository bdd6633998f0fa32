from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from lifecycle import CustomerBase, Window, insights
from lifecycle.errors import (
    InvalidTypeError,
    MixedInstantsError,
    NoJourneysError,
    WrongDefinitionError,
)
from samples import FADING, SHOP, START, bought, day, naive, refusal

JOURNEYS = [
    SHOP.replay("ann", [bought(9)], until=day(10)),  # lapses on day 99
    SHOP.replay("bob", [bought(3)], until=day(10)),  # on day 93
    SHOP.replay("cy", [], since=START, until=day(10)),  # never
]
NINE_DAYS = Window(START, day(9))
CUSTOMERS = [journey.customer for journey in JOURNEYS]


def who(table: insights.DueTable) -> list[Any]:
    return [row.customer.id for row in table.rows]


def test_who_is_due_comes_in_order_of_time() -> None:
    table = insights.due_between(CUSTOMERS, window=Window(day(90), day(100)), lifecycle=SHOP)
    assert who(table) == ["bob", "ann"]
    row = table.rows[0]
    assert (row.at, row.source, row.target, row.kind) == (day(93), "buyer", "lapsed", "lapse")


def test_the_start_counts_and_the_end_does_not() -> None:
    assert who(CustomerBase(JOURNEYS).due(window=Window(day(93), day(99)))) == ["bob"]
    assert who(CustomerBase(JOURNEYS).due(window=Window(day(94), day(99.5)))) == ["ann"]


def test_customers_of_a_base_are_those_that_are_stored() -> None:
    window = Window(day(90), day(100))
    stored = insights.due_between(iter(CUSTOMERS), window=window, lifecycle=SHOP)
    assert CustomerBase(JOURNEYS).due(window=window) == stored
    assert len(insights.due_between([], window=window, lifecycle=SHOP)) == 0


def test_a_group_in_which_nobody_is_due_has_an_empty_table() -> None:
    found = (
        CustomerBase(JOURNEYS).by(lambda one: one.customer.id).due(window=Window(day(90), day(95)))
    )
    assert {group: who(table) for group, table in found.results} == {
        "ann": [],
        "bob": ["bob"],
        "cy": [],
    }


def test_the_table_is_shown() -> None:
    table = CustomerBase(JOURNEYS).due(window=Window(day(90), day(100)))
    assert str(table).startswith("Due 2026-04-01 to 2026-04-11: 2 customers\n")
    assert table.to_rows()[0] == {
        "at": day(93),
        "customer": "bob",
        "source": "buyer",
        "target": "lapsed",
        "kind": "lapse",
    }
    assert repr(table).startswith("DueTable(window=")
    assert repr(table.rows[0]).startswith("DueRow(customer=<Customer 'bob'")


def test_what_is_asked_is_checked() -> None:
    def asked(customers: Any = CUSTOMERS, window: Any = NINE_DAYS, lifecycle: Any = SHOP) -> Any:
        return lambda: insights.due_between(customers, window=window, lifecycle=lifecycle)

    assert "window must be a Window" in refusal(InvalidTypeError, asked(window=START))
    assert "lifecycle must be a Lifecycle" in refusal(InvalidTypeError, asked(lifecycle="shop"))
    assert "customers[0] must be a Customer, got" in refusal(InvalidTypeError, asked(JOURNEYS))
    for given in (CUSTOMERS[0], "ann", {}, 3):
        assert "customers must be an iterable" in refusal(InvalidTypeError, asked(given))
    for at in (naive("2026-01-01"), date(2026, 1, 1)):
        window = Window(at, at + timedelta(days=1))
        message = refusal(MixedInstantsError, asked(window=window))
        assert message.startswith("window.start and customers[0].enrolled must"), message
        assert message == refusal(
            MixedInstantsError, partial(CustomerBase(JOURNEYS).due, window=window)
        )
    with pytest.raises(WrongDefinitionError):
        asked(lifecycle=FADING)()


def test_changes_on_file_have_no_time_outs() -> None:
    base = CustomerBase.from_changes(SHOP, JOURNEYS[0].changes)
    with pytest.raises(NoJourneysError, match=r"due\(\) must be asked of journeys"):
        base.due(window=NINE_DAYS)
