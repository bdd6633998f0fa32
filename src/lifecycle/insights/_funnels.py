"""A funnel over stages: how many customers reach each one, and how long it takes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from lifecycle import _checks
from lifecycle._activity import Id, Instant
from lifecycle._lengths import Length
from lifecycle.errors import InvalidValueError
from lifecycle.insights._histories import History
from lifecycle.insights._population import Population
from lifecycle.insights._reporting_periods import FAR, ReportingPeriods
from lifecycle.metrics.conversions import FunnelTable
from lifecycle.metrics.conversions import funnel as _funnel

__all__ = ["funnel"]


def funnel(  # noqa: PLR0913  (each is a choice that funnels make differently)
    population: Population,
    periods: ReportingPeriods,
    *,
    stages: Iterable[str] | None,
    within: Length | None,
    until: Instant | None,
    order: Literal["ordered", "strict", "any"],
) -> FunnelTable:
    """Count the customers who reached each of some stages, in this order."""
    cut = FAR if until is None else population.reader.until("until", until)
    last = min(cut, periods.end - timedelta.resolution)
    known = [history for history in population.histories if history.moments[0] <= last]
    ends = {history.id: history.known(last) for history in known}
    paths = {history.id: _path(history, periods) for history in known}
    end = None if within is None and until is None else _as_one(ends, cut, until)
    steps = _steps(population, stages)
    return _funnel(paths, steps=steps, within=within, until=end, order=order, same_time="as_given")


def _path(history: History, periods: ReportingPeriods) -> list[tuple[datetime, str]]:
    """Return the stages that a customer entered within the window, and when."""
    entered = zip(history.moments, history.stages, strict=True)
    return [(at, stage) for at, stage in entered if periods.contain(at)]


def _as_one(
    ends: Mapping[Id, datetime], cut: datetime, until: Instant | None
) -> Instant | Mapping[Id, datetime]:
    """Return the end of all customers where it is one, and as it was given where it was."""
    if len({*ends.values()}) != 1:
        return ends
    end = next(iter(ends.values()))
    return until if until is not None and end == cut else end


def _steps(population: Population, stages: Iterable[str] | None) -> Sequence[str]:
    own = [name for name in population.stages if name not in population.drop_off_stages]
    named = _checks.names("stages", own if stages is None else stages)
    if not named:
        raise InvalidValueError("stages", named, "name at least one stage")
    for i, name in enumerate(named):
        _checks.choice(f"stages[{i}]", name, population.stages or named)
    return named
