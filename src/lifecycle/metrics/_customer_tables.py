"""Tables with a row for each customer, sorted by id."""

import operator
from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from lifecycle import _checks
from lifecycle._tables import Column

__all__ = ["MEASURES", "column", "customer_column", "of_customer"]

MEASURES = ("recency", "frequency", "monetary")
"""What is scored of a customer, in this order."""


def of_customer(rows: Sequence[Any], customer: Any) -> Sequence[Any]:
    """Return the row of a customer, by bisection; all rows where they are not sorted by id."""
    if type(customer) not in _checks.ID_ORDER:
        return rows
    order = _checks.id_order(customer)
    i = bisect_left(rows, order, key=lambda row: _checks.id_order(row.customer))
    found = rows[i : i + 1]
    return found if found and found[0].customer == customer else rows


def column(name: str, kind: Any) -> Column:
    return Column(name, kind, operator.attrgetter(name))


def customer_column() -> Column:
    return Column("customer", object, operator.attrgetter("customer"), show=str)
