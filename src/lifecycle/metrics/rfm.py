"""Recency, frequency and monetary value: the customer base in three numbers, scored and cut.

Orders come as (customer, at, amount) rows, in any order. Customers with the same measures have the
same scores, and results are sorted by customer.
"""

from lifecycle.metrics.concentration import ConcentrationTable, LorenzPoint, concentration
from lifecycle.metrics.order_summaries import CustomerSummary, SummaryTable, summary
from lifecycle.metrics.rfm_scores import CustomerScores, Edges, ScoreTable, scores
from lifecycle.metrics.rfm_segments import (
    MemberTable,
    Segment,
    SegmentMember,
    SegmentRule,
    SegmentTable,
    segments,
)

__all__ = [
    "ConcentrationTable",
    "CustomerScores",
    "CustomerSummary",
    "Edges",
    "LorenzPoint",
    "MemberTable",
    "ScoreTable",
    "Segment",
    "SegmentMember",
    "SegmentRule",
    "SegmentTable",
    "SummaryTable",
    "concentration",
    "scores",
    "segments",
    "summary",
]
