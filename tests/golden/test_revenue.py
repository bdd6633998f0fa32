"""Recurring revenue that others have published, to the last printed digit."""

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lifecycle.metrics import revenue
from lifecycle.periods import Calendar, Window

CASES = Path(__file__).parents[1] / "cases" / "published_examples.json"
BEFORE, MAY, JUNE, JULY = (date(2026, month, 1) for month in (4, 5, 6, 7))
OF_JUNE: dict[str, Any] = {"calendar": Calendar(), "window": Window(JUNE, JULY)}


def published(metric: str) -> list[dict[str, Any]]:
    return [case for case in json.loads(CASES.read_text())["cases"] if case["metric"] == metric]


def ledger(
    *, start: int, churn: int, contraction: int, expansion: int, reactivation: int
) -> Iterator[tuple[str, date, int]]:
    """Yield rows, in cents, of five customers whose movements in June are those given."""
    amounts = {
        "lost": (0, churn, 0),
        "smaller": (0, contraction + 1, 1),
        "larger": (0, 1, expansion + 1),
        "back": (reactivation, 0, reactivation),
        "same": (0, rest := start - churn - contraction - 2, rest),
    }
    for customer, paid in amounts.items():
        yield from (
            (customer, at, cents) for at, cents in zip((BEFORE, MAY, JUNE), paid, strict=True)
        )


@pytest.mark.parametrize("case", published("net_mrr_churn_rate"), ids=lambda case: case["id"])
def test_net_mrr_churn_is_that_of_chartmogul(case: dict[str, Any]) -> None:
    """ChartMogul help 203359341: lost less regained, of the revenue at the start."""
    cents = {name: 100 * amount for name, amount in case["inputs"].items()}
    (row,) = revenue.movements(ledger(**cents), **OF_JUNE).rows
    assert {name: getattr(row, name) for name in cents} == cents
    for given in (row, case["inputs"], revenue.MovementRow(**case["inputs"])):
        found = revenue.net_mrr_churn(given)
        assert found is not None
        assert found.value == pytest.approx(case["expected"]["value"], rel=1e-12)


@pytest.mark.parametrize("case", published("churn_simple"), ids=lambda case: case["id"])
def test_the_july_of_recurly_adds_up_with_stays_within_the_month(case: dict[str, Any]) -> None:
    """Recurly (2014): 50 of 1000 and 12 of 500 new subscribers left; 1438 are left, 6.2 %."""
    given, expected = case["inputs"], case["expected"]
    start, new, same_period = given["start"], given["new"], given["churned_of_new"]
    before = [(n, MAY, 1) for n in range(start)]
    stayed = [(n, JUNE, 1) for n in range(given["churned_of_start"], start)]
    came = [(start + n, JUNE, 1) for n in range(new)]
    (row,) = revenue.movements(
        [*before, *stayed, *came[same_period:]], same_period=came[:same_period], **OF_JUNE
    ).rows
    assert row.customers_end == row.end == expected["end"]
    assert (row.customers_new, row.customers_same_period) == (new, same_period)
    assert revenue.gross_mrr_churn(row).value == pytest.approx(expected["start_denominator"])
    assert row.logo_churn.numerator == given["churned_of_start"]


@pytest.mark.parametrize(
    ("price", "every", "month", "monthly"),
    [
        ("2000", "year", "gregorian", "166.67"),  # ChartMogul help 201244842
        ("10", "day", "gregorian", "304.37"),  # Kaching, How we calculate MRR
        ("20", "week", "365_days", "86.90"),  # the same
        ("120", "year", "gregorian", "10.00"),  # the same
        ("1200", "year", "gregorian", "100.00"),  # Stripe, Calculating MRR in Billing
    ],
)
def test_prices_come_to_a_month_as_published(
    price: str, every: str, month: Any, monthly: str
) -> None:
    found = revenue.normalise(Decimal(price), every=every, month=month, places=2)
    assert str(found) == monthly


def test_the_customer_of_chartmogul_moves_as_published() -> None:
    """Help 201244842: new, expansion, contraction, churn at the period's end, reactivation."""
    gold = revenue.normalise(Decimal(2000), every="year", places=2)
    monthly = Calendar("month")
    book = [
        revenue.Subscription("gold", start=date(2020, 1, 7), amount=gold, end=date(2021, 1, 7)),
        revenue.Subscription(
            "gold",
            start=date(2020, 2, 10),
            amount=Decimal(60),
            cancelled=date(2020, 3, 2),
            end=date(2020, 3, 10),
        ),
        revenue.Subscription("gold", start=date(2021, 4, 1), amount=Decimal(150)),
    ]
    rows = revenue.recurring(book, calendar=monthly, until=date(2021, 7, 1)).rows
    window = Window(date(2020, 1, 1), date(2021, 7, 1))
    found = revenue.movements(rows, calendar=monthly, window=window).rows
    moves = {
        (name, row.period.month, getattr(row, name))
        for row in found
        for name in ("new", "expansion", "contraction", "churn", "reactivation")
        if row.period is not None and getattr(row, name)
    }
    assert moves == {
        ("new", 1, Decimal("166.67")),
        ("expansion", 2, Decimal(60)),
        ("contraction", 3, Decimal(60)),
        ("churn", 1, Decimal("166.67")),
        ("reactivation", 4, Decimal(150)),
    }
