"""The columns of a net promoter score: its answers, its points, and their interval."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from lifecycle._tables import Column

__all__ = ["figures", "score_columns"]

_KINDS = ("promoters", "passives", "detractors")


class _Row(NamedTuple):
    score: Any


def score_columns(*, aside: bool, size: str = "respondents") -> Sequence[Column]:
    """Return the columns of rows with a `score`, in points.

    Args:
        aside: Whether only `to_rows` and dataframes have the bounds of the 95 % interval.
        size: Which attribute of a score says how many answers it has.
    """
    return (
        *(Column(name, int, attrgetter(f"score.{name}")) for name in (*_KINDS, size)),
        Column("points", float, attrgetter("score.points")),
        Column("standard_error", float, _error, aside=True),
        *(Column(side, float, partial(_bound, side), aside=aside) for side in ("low", "high")),
    )


def figures(score: Any, size: str) -> dict[str, Any]:
    """Return what a row with a score shows."""
    columns = score_columns(aside=False, size=size)
    return {column.name: column.read(_Row(score)) for column in columns}


def _error(row: Any) -> float | None:
    error = row.score.standard_error
    return None if error is None else 100 * error


def _bound(side: str, row: Any) -> float | None:
    interval = row.score.interval()
    return None if interval is None else 100 * getattr(interval, side)
