"""Draw the columns that `logs.py` measures: rows in no order, most of them of few customers."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import numpy as np

__all__ = ["ALL", "END", "MONTHS", "START", "STEPS", "WITHIN", "Columns", "as_text"]

Columns: TypeAlias = Mapping[str, "np.ndarray[Any, Any]"]

MONTHS = 18
START, END = datetime(2025, 1, 1), datetime(2026, 7, 1)  # noqa: DTZ001  (as a column of UTC has it)
STEPS, WITHIN = ("cart", "checkout", "order"), timedelta(days=14)
ROWS_A_CUSTOMER = 10


def _customers(draw: np.random.Generator, rows: int) -> "np.ndarray[Any, Any]":
    """Draw whose each row is: a tenth of the customers has a third of the rows."""
    return (max(rows // ROWS_A_CUSTOMER, 1) * draw.random(rows) ** 2).astype(np.int64)


def _instants(draw: np.random.Generator, rows: int) -> "np.ndarray[Any, Any]":
    seconds = draw.integers(int((END - START).total_seconds()), size=rows)
    return np.datetime64(START, "us") + seconds.astype("m8[s]")


def orders(rows: int) -> Columns:
    """Draw orders of 18 months, with amounts to the cent."""
    draw = np.random.default_rng(1)
    return {
        "customer": _customers(draw, rows),
        "at": _instants(draw, rows),
        "amount": np.round(draw.exponential(40, rows) + 1, 2),
    }


def events(rows: int) -> Columns:
    """Draw what visitors did: half of it looking, the rest in a shop."""
    draw = np.random.default_rng(2)
    names = np.array(["view", *STEPS], dtype=object)
    return {
        "customer": _customers(draw, rows),
        "at": _instants(draw, rows),
        "event": names[draw.choice(4, rows, p=(0.5, 0.25, 0.15, 0.1))],
    }


def mrr(rows: int) -> Columns:
    """Draw what subscribers pay each month, in cents: some pause, some change their plan."""
    draw = np.random.default_rng(3)
    many = rows // 5 + MONTHS
    begun, stays = draw.integers(MONTHS, size=many), draw.integers(1, 2 * MONTHS, size=many)
    lengths = np.minimum(stays, MONTHS - begun)
    customer = np.repeat(np.arange(many), lengths)
    month = np.arange(len(customer)) - np.repeat(np.cumsum(lengths) - lengths - begun, lengths)
    pays = np.flatnonzero(draw.random(len(customer)) < 0.95)
    pays = draw.permutation(pays)[:rows]
    return {
        "customer": customer[pays],
        "at": (np.datetime64("2025-01", "M") + month[pays]).astype("M8[us]"),
        "cents": draw.choice([1900, 1900, 1900, 2900, 9900], len(pays)),
    }


def ratings(rows: int) -> Columns:
    """Draw answers of customers on five plans."""
    draw = np.random.default_rng(4)
    plans = np.array(["free", "basic", "team", "pro", "enterprise"], dtype=object)
    return {
        "customer": _customers(draw, rows),
        "at": _instants(draw, rows),
        "rating": draw.integers(11, size=rows),
        "group": plans[draw.integers(5, size=rows)],
    }


def waits(rows: int) -> Columns:
    """Draw how many days customers stayed, four in ten of whom are still there."""
    draw = np.random.default_rng(5)
    return {"days": draw.integers(1, 720, size=rows), "left": draw.random(rows) < 0.6}


def as_text(columns: Columns) -> Columns:
    """Return the same with customers that are text."""
    ids = np.char.add("customer-", columns["customer"].astype(str)).astype(object)
    return {**columns, "customer": ids}


ALL = {"orders": orders, "events": events, "mrr": mrr, "ratings": ratings, "waits": waits}
"""What is drawn, by name."""
