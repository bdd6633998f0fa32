"""The door: replay the events of many customers, in columns as far as these can be."""

from datetime import datetime, timezone
from types import NoneType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from lifecycle import _checks
from lifecycle.engine._columns import plan as plans
from lifecycle.engine._columns import singly
from lifecycle.engine._columns.block import Block
from lifecycle.engine._columns.clocks import DAY, LAST, MISSING, NEVER
from lifecycle.engine._columns.edges import Array, numbered
from lifecycle.engine._columns.rows import Rows
from lifecycle.engine._columns.stays import Ends, Replayed, collected
from lifecycle.engine._compiled import Tables
from lifecycle.engine._step import MOST
from lifecycle.logs._columns import micros

__all__ = ["path", "replay"]

SIZE = 1 << 15
"""How many customers are followed at once: their arrays fit into the cache of a processor."""

LONG = 200 * 366 * DAY
"""Up to which stretch of time there are tables of all days."""

FEW = 64
"""Up to how many events customers are followed in the order of the log, whose rows are near."""

ROUND = 16
"""How many events the engine's own loop takes in the time of a round of columns without any."""


def replay(
    tables: Tables, rows: Rows, *, until: datetime | None = None, most: int = MOST
) -> Replayed:
    """Follow all customers of a log through their events.

    Each is enrolled at its first event.

    Args:
        tables: The definition.
        rows: The events.
        until: The instant up to which time has passed, as in `Lifecycle.replay`.
        most: How many time-outs each customer takes at most.

    Raises:
        LifecycleError: As `Lifecycle.replay`.
    """
    end = None if until is None else micros(until)
    if until is not None and len(rows.log):
        _checks.same_kind("until", until, "enrollment", rows.first)
    edges, counts = numbered(tables), _counts(rows, end)
    ends = Ends.blank(len(counts))
    why = path(tables, rows, until=until)
    alone, together = _divided(counts, rows.doubtful, is_possible=why == "columns")
    parts = []
    for code in alone.tolist():
        part, customer = singly.followed(tables, edges, rows, code, until, most)
        singly.write(tables, edges, customer, code, ends)
        parts.append(part)
    if len(together):
        plan = plans.planned(tables, edges, rows, _latest(rows, until))
        for start in range(0, len(together), SIZE):
            codes = together[start : start + SIZE]
            order = _descending(counts[codes])
            block = Block(plan, rows, codes[order], most)
            block.run(counts[codes[order]], end)
            for code in block.codes[block.made > most].tolist():
                singly.followed(tables, edges, rows, code, until, most)  # which may refuse it
            block.end(ends)
            parts.append(block.part())
    return Replayed(why, edges, collected(edges, parts, len(counts)), ends)


def path(tables: Tables, rows: Rows, *, until: datetime | None = None) -> str:
    """Say how events are followed: in "columns", or as "objects: ..." and why."""
    reason = plans.obstacle(tables)
    if reason is None and plans.reads_values(tables) and rows.amounts is None:
        reason = "the values of events are of several kinds, decimal or very large"
    if reason is None and plans.adds_in_windows(tables) and rows.units is None:
        reason = "values of events in windows are no multiples of a power of two"
    if reason is None:
        reason = _off_calendar(plans.on_calendar(tables), rows, until)
    if reason is None and _latest(rows, until) > LAST - DAY:
        reason = "instants are at the end of time"
    return "columns" if reason is None else f"objects: {reason}"


def _off_calendar(lengths: set[Any], rows: Rows, until: datetime | None) -> str | None:
    """Say why lengths on the calendar cannot be looked up."""
    zones = [form.zone for form in rows.log._at.forms]
    are_known = all(isinstance(zone, ZoneInfo | timezone | NoneType) for zone in zones)
    if lengths and not (are_known and len(set(zones)) < 2):  # noqa: PLR2004  (one, or none)
        return "lengths on the calendar are counted in several zones, or in one of another library"
    if None in zones and any(getattr(length, "zone", None) for length in lengths):
        return "periods of a zone end at local times"
    is_long = _latest(rows, until) - int(rows.micros.min(initial=NEVER)) > LONG
    return "lengths on the calendar are counted over centuries" if lengths and is_long else None


def _latest(rows: Rows, until: datetime | None) -> int:
    return max(int(rows.micros.max(initial=MISSING)), MISSING if until is None else micros(until))


def _counts(rows: Rows, end: int | None) -> Array:
    """Return how many events each customer has until the end."""
    if end is None or (rows.micros <= end).all():
        return np.diff(rows.starts)
    before = np.append(0, (rows.micros <= end).cumsum())
    return np.diff(before[rows.starts])


def _divided(counts: Array, doubtful: Array, *, is_possible: bool) -> tuple[Array, Array]:
    """Say whom the engine's own loop follows, and who is followed at once.

    The latter come by how many events they have; but for those with few, who come as they are
    in the log.
    """
    is_alone = counts > (_most_at_once(counts) if is_possible else MISSING)
    is_alone |= counts == 0
    is_alone[doubtful] = True
    (together,) = (~is_alone).nonzero()
    order = _descending(np.maximum(counts[together], FEW))
    return is_alone.nonzero()[0], together[order]


def _most_at_once(counts: Array) -> int:
    """Return up to how many events a customer is followed together with others.

    A round of columns takes its time even for one customer; so those with the most events are
    followed alone where few have as many.
    """
    largest = np.append(np.sort(counts)[::-1], 0)
    costs = largest.cumsum() - largest + ROUND * largest
    return int(largest[costs.argmin()])


def _descending(counts: Array) -> Array:
    """Return the places of numbers from the largest on, of equal ones as they come."""
    most = np.iinfo("int16").max
    return np.argsort(-np.minimum(counts, most).astype("int16"), kind="stable")
