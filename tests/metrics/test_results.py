"""What all results with rows share: a row by what names it, and data that JSON takes."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from lifecycle import (
    Calendar,
    Period,
    Window,
    funnel,
    nps,
    retention,
    revenue,
    rfm,
    survival,
)
from lifecycle._tables import Table
from lifecycle.errors import InvalidTypeError, InvalidValueError, LifecycleError
from publics import functions, returned

BERLIN = ZoneInfo("Europe/Berlin")
MONTHS: dict[str, Any] = {
    "calendar": Calendar("month", zone="Europe/Berlin"),
    "window": Window(date(2026, 1, 1), date(2026, 4, 15)),
}
BOB = UUID(int=7)
SEEN = [("ann", date(2026, 1, 5)), (BOB, date(2026, 2, 1)), ("ann", date(2026, 3, 2))]
PAID = [(who, at, Decimal("10.50")) for who, at in SEEN]
SCORES = rfm.scores(PAID, until=date(2026, 4, 1))
BY_PERIOD = {
    "retention.cohorts": retention.cohorts(SEEN, **MONTHS),
    "retention.cohort_revenue": retention.cohort_revenue(PAID, **MONTHS),
    "retention.growth": retention.growth(SEEN, **MONTHS),
    "revenue.movements": revenue.movements(PAID, reasons={"ann": "price"}, **MONTHS),
    "revenue.net_retention": revenue.net_retention(PAID, **MONTHS),
    "revenue.logo_churn": revenue.logo_churn(PAID, **MONTHS),
    "revenue.cohorts": revenue.cohorts(PAID, **MONTHS),
    "nps.rolling": nps.rolling(
        [(at, 9) for _, at in SEEN], window=timedelta(days=90), calendar=MONTHS["calendar"]
    ),
}
BY_CUSTOMER: dict[str, Any] = {
    "rfm.summary": rfm.summary(PAID, until=date(2026, 4, 1), calibration_until=date(2026, 2, 1)),
    "rfm.scores": SCORES,
}
BOUGHT = [("ann", date(2026, 1, 5), "cart"), ("ann", date(2026, 2, 1), "paid")]
FUNNEL = funnel.funnel(BOUGHT, steps=("cart", "paid"))
RECURRING = revenue.recurring(
    [
        revenue.Subscription("ann", start=date(2026, 1, 5), amount=Decimal(30)),
        revenue.Subscription(BOB, start=date(2026, 2, 1), amount=Decimal(30)),
    ],
    calendar=MONTHS["calendar"],
    until=date(2026, 3, 31),
)
OTHERS: dict[str, tuple[Any, Any, Any]] = {
    "curve": (retention.cohorts(SEEN, **MONTHS).curve(), 1, 9),
    "stickiness": (retention.stickiness(SEEN, **MONTHS), 2, 9),
    "segments": (
        rfm.segments(SCORES, rules=[rfm.SegmentRule("all")]),
        "all",
        "al",
    ),
    "concentration": (rfm.concentration([1, 3]), 0.5, 0.7),
    "funnel": (FUNNEL, "paid", "pad"),
    "histogram": (FUNNEL.time_to_convert.total.histogram(), timedelta(days=27), timedelta(0)),
    "carts": (
        funnel.cart_recovery(
            BOUGHT,
            until=date(2026, 4, 1),
            abandoned_after=Period(months=1),
            recovery_within=timedelta(days=7),
            order_event="paid",
        ),
        "lost",
        "los",
    ),
    "kaplan_meier": (survival.kaplan_meier([1, 2], [1, 0]), 2, 3),
    "nelson_aalen": (survival.nelson_aalen([1, 2], [1, 0]), 2, 3),
    "incidence": (survival.cumulative_incidence([1, 2], ["left", None])["left"], 2, 3),
    "log_rank": (survival.log_rank(([1], [1]), ([2], [0])), 2, 3),
}
TABLES = {
    **BY_PERIOD,
    **BY_CUSTOMER,
    "revenue.recurring": RECURRING,
    "retention.purchase_intervals": retention.purchase_intervals(SEEN),
    "survival.cumulative_incidence": survival.cumulative_incidence([1, 2], ["left", None]),
    **{name: table for name, (table, *_) in OTHERS.items()},
}


def test_every_table_is_looked_at() -> None:
    made = {
        result
        for function in functions(funnel, nps, retention, revenue, rfm, survival).values()
        for result in returned(function)
        if issubclass(result, Table)
    }
    assert {*map(type, TABLES.values())} >= made
    assert len(made) > 10


@pytest.mark.parametrize("name", BY_PERIOD)
def test_a_period_is_named_by_any_date_or_instant_in_it(name: str) -> None:
    """The last instant of January in Berlin is 22:59:59 in UTC; the next second is February."""
    table: Any = BY_PERIOD[name]
    january, february = table.rows[:2]
    for at in (date(2026, 1, 31), datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC)):
        assert table.row(at) is january
    starts = (date(2026, 2, 1), datetime(2026, 2, 1, tzinfo=BERLIN))
    for at in (*starts, datetime(2026, 1, 31, 23, tzinfo=UTC)):
        assert table.row(at) is february
    column = table._named_by[0]
    assert table.row(**{column: date(2026, 2, 28)}) is february
    with pytest.raises(InvalidValueError, match=f"^{column} must be in a period of the table"):
        table.row(date(2026, 5, 1))
    with pytest.raises(InvalidTypeError, match=f"^{column} must be a datetime or a date"):
        table.row("2026-02-01")


@pytest.mark.parametrize("name", BY_CUSTOMER)
def test_a_customer_is_named_by_id(name: str) -> None:
    table = BY_CUSTOMER[name]
    assert [table.row(who).customer for who in ("ann", BOB)] == ["ann", BOB]
    with pytest.raises(LifecycleError, match=r"^customer must be 'ann', got 'an'; did you mean"):
        table.row("an")
    with pytest.raises(InvalidValueError, match=r"^customer must be in the table"):
        table.row(UUID(int=8))


def test_recurring_revenue_is_named_by_customer_and_any_instant_of_the_period() -> None:
    in_march = datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert RECURRING.row("ann", in_march) is RECURRING.row(customer="ann", at=date(2026, 3, 9))
    assert RECURRING.row("ann", in_march)[1] == datetime(2026, 3, 1, tzinfo=BERLIN)
    assert RECURRING.row(BOB, date(2026, 2, 28))[0] == BOB
    with pytest.raises(InvalidValueError, match=r"^at must be in the table"):
        RECURRING.row(BOB, date(2026, 1, 31))
    with pytest.raises(InvalidTypeError, match=r"^at must be a datetime or a date, got 'March'"):
        RECURRING.row("ann", "March")
    with pytest.raises(InvalidValueError, match=r"^key must name one row, by customer, at; 2 rows"):
        RECURRING.row(BOB)


@pytest.mark.parametrize("name", OTHERS)
def test_other_rows_are_named_by_their_first_column(name: str) -> None:
    table, key, absent = OTHERS[name]
    column = table._named_by[0]
    row = table.row(key)
    assert row == table.row(**{column: key})
    assert row in table.rows
    with pytest.raises(LifecycleError, match=f"^{column} must be "):
        table.row(absent)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_data_that_json_takes(name: str) -> None:
    table: Any = TABLES[name]
    data = table.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert len(data["rows"]) == len(table.to_rows()) > 0
    assert len(table) == len(list(table)) == len(table.rows)
