"""What a type checker says of RFM: checked by mypy, never run."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import assert_type
from uuid import UUID

from lifecycle import Groups
from lifecycle.metrics import rfm
from lifecycle.rates import Rate, Ratio

END = date(2026, 1, 31)
orders = [("ann", END, 9.5), ("bob", END, 10.0)]

found = rfm.summary(orders, until=END)
assert_type(found, rfm.SummaryTable)
assert_type(found.rows[0].frequency, int)
assert_type(found.rows[0].recency, float)
assert_type(found.rows[0].monetary, int | float | Decimal | None)
assert_type(found.rows[0].holdout_frequency, int | None)
rfm.summary(((1, datetime(2026, 1, 1, tzinfo=UTC), 100) for _ in range(3)), until=END)
rfm.summary([("ann", END, Decimal(1))], until=END, calibration_until=date(2026, 1, 15), unit="day")

scored = rfm.scores(orders, until=END, bins=4, method="r")
assert_type(scored, rfm.ScoreTable)
assert_type(scored.rows[0].cell, tuple[int, int, int])

cut = rfm.segments(scored, rules=[rfm.SegmentRule("top", recency=(3, 4))], otherwise="rest")
assert_type(cut, rfm.SegmentTable)
assert_type(cut.rows[0].share, Rate)
assert_type(dict(cut.members), dict[str | int | UUID, str])

spread = rfm.concentration([1, 2.5])
assert_type(spread.share, Ratio)
assert_type(spread.gini, float | None)
assert_type(spread.rows, tuple[rfm.LorenzPoint, ...])
assert_type(scored.row("ann"), rfm.CustomerScores)
assert_type(found.row("ann"), rfm.CustomerSummary)
rfm.concentration(row.monetary for row in scored.rows)

PLANS = {"ann": "gold"}
assert_type(rfm.summary(orders, until=END, by=PLANS), Groups[rfm.SummaryTable])
assert_type(rfm.scores(orders, until=END, by="plan"), Groups[rfm.ScoreTable])
assert_type(rfm.segments(scored, rules=[], by=PLANS), Groups[rfm.SegmentTable])
assert_type(rfm.concentration([1, 2], by=["a", "b"]), Groups[rfm.ConcentrationTable])

rfm.summary(orders)  # type: ignore[call-overload]
rfm.summary([("ann", "2026-01-01", 1)], until=END)  # type: ignore[list-item]
rfm.SegmentRule("top", (3, 4))  # type: ignore[call-arg]
