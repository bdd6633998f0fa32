"""What a type checker says of funnels: checked by mypy, never run."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, assert_type
from uuid import UUID

from lifecycle.metrics import funnel
from lifecycle.rates import Rate

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATHS = {"ann": [(NOON, "cart"), (NOON, "paid")], "bob": [(NOON, "cart")]}
ROWS = ((7, date(2026, 1, day), "cart") for day in range(1, 20))

found = funnel.funnel(
    PATHS,
    steps=("cart", "paid"),
    within=timedelta(days=14),
    until=date(2026, 2, 1),
    order="any",
    exclusions=[funnel.Exclusion("refund")],
)
assert_type(found, funnel.FunnelTable)
assert_type(found.rows[0].conversion_from_first, Rate)
assert_type(found.levels["ann"], int)
assert_type(found.customers("paid", outcome="dropped"), frozenset[str | int | UUID])
assert_type(found.time_to_convert.total.median, timedelta | None)
assert_type(found.time_to_convert.between(0, 1).histogram(), funnel.HistogramTable)
assert_type(found.to_rows(), list[dict[str, Any]])
funnel.funnel(ROWS, steps=["cart"])
funnel.funnel({1: [(NOON, "cart")]}, steps=["cart"], same_time="forbid")
funnel.funnel(PATHS, steps=["cart"], same_time="different_events", until=NOON)
assert_type(funnel.funnel(PATHS, steps=["cart"], until={"ann": NOON, "bob": NOON}).open["ann"], int)
assert_type(found.rows[0].open, int | None)
funnel.funnel(PATHS, ("cart", "paid"))  # type: ignore[call-overload]
funnel.funnel(PATHS, steps=("cart",), order="unordered")  # type: ignore[call-overload]

carts = funnel.cart_recovery(
    PATHS,
    until=date(2026, 2, 1),
    abandoned_after=timedelta(hours=4),
    recovery_within=timedelta(days=7),
    order_event="paid",
)
assert_type(carts, funnel.CartTable)
assert_type(carts.recovery_rate, Rate)
assert_type(carts.row("lost").customers, frozenset[str | int | UUID])
