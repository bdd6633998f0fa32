"""A funnel over stages: how many customers reach each one, and how long it takes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, overload

from lifecycle import _checks
from lifecycle._activity import Id, Instant
from lifecycle._groups import Groups
from lifecycle._lengths import Length
from lifecycle.errors import InvalidValueError
from lifecycle.insights._histories import History
from lifecycle.insights._population import Journeys, Population, read
from lifecycle.insights._reporting_periods import FAR, reporting_periods
from lifecycle.insights.groups import By, over
from lifecycle.metrics.conversions import FunnelTable
from lifecycle.metrics.conversions import funnel as _funnel
from lifecycle.periods import Window

__all__ = ["funnel"]


@overload
def funnel(
    journeys: Journeys,
    *,
    stages: Iterable[str] | None = None,
    window: Window | None = None,
    within: Length | None = None,
    until: Instant | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    by: None = None,
) -> FunnelTable: ...
@overload
def funnel(
    journeys: Journeys,
    *,
    stages: Iterable[str] | None = None,
    window: Window | None = None,
    within: Length | None = None,
    until: Instant | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    by: By,
) -> Groups[FunnelTable]: ...
def funnel(  # noqa: PLR0913  (each is a choice that funnels make differently)
    journeys: Journeys,
    *,
    stages: Iterable[str] | None = None,
    window: Window | None = None,
    within: Length | None = None,
    until: Instant | None = None,
    order: Literal["ordered", "strict", "any"] = "ordered",
    by: By | None = None,
) -> FunnelTable | Groups[FunnelTable]:
    """Count the customers who reached each of some stages, in this order.

    Args:
        journeys: Journeys of one definition, one for each customer; or a change log.
        stages: The stages to reach, in order; by default those of the definition that are
            no drop-off stages: not dormant, not churned, and not entered by `idle` alone.
        window: The time in which stages are entered; all time by default.
        within: How long it may take from the first stage, both ends included: a `timedelta`,
            or a `Period`, whose months are counted in UTC; by default without a limit.
        until: Up to and including when journeys are read: an instant, or a date for its
            whole day in UTC; by default, as far as each journey is known.
        order: "ordered" lets other stages come in between; "strict" does not; "any" lets the
            stages be reached in any order.
        by: What to split customers by: the name of an attribute, a `Calendar` (by period of
            enrollment), a mapping from customers to groups, or a function of the journey.

    Returns:
        What `funnel.funnel` returns for the stages that customers entered, as events in the
        order of the stays. With `by`, such a funnel for each group.

    Raises:
        UnknownNameError: The definition has no such stage.
        LifecycleError: As `transition_counts` and `funnel.funnel`.

    Convention:
        A stage is reached when it is entered, however long the stay; of stages entered at
        one instant, the one entered first comes first. With `within`, an attempt counts once
        its time is over at the end of the journey, `until` or the window; customers with open
        attempts only are in `open`, and in no rate. Without `within` attempts never end, and
        the rates of young customers may still rise.

    Examples:
        >>> from lifecycle import presets
        >>> shop, start = presets.retail(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> dates = {"ann": (3, 60), "bob": (5,), "cy": (8, 9, 40)}
        >>> journeys = [
        ...     shop.replay(name, [Event("purchase", start + timedelta(days=d)) for d in days])
        ...     for name, days in dates.items()
        ... ]
        >>> print(funnel(journeys, stages=("new", "repeat", "loyal")))
        Funnel, in order, without a limit
        step    reached  from_first  from_previous  of_all  drop_off
        new           3      100.0%         100.0%  100.0%         0
        repeat        2       66.7%          66.7%   66.7%         1
        loyal         1       33.3%          50.0%   33.3%         1
    """
    population = read(journeys)
    steps = _steps(population, stages)
    periods = reporting_periods(population, None, window)
    cut = FAR if until is None else population.reader.until("until", until)
    last = min(cut, periods.end - timedelta.resolution)

    def make(histories: Sequence[History]) -> FunnelTable:
        ends = {
            history.id: history.known(last) for history in histories if history.moments[0] <= last
        }
        paths = {
            history.id: [
                (at, stage)
                for at, stage in zip(history.moments, history.stages, strict=True)
                if periods.number(at) is not None
            ]
            for history in histories
            if history.id in ends
        }
        known = None if within is None and until is None else _as_one(ends, cut, until)
        return _funnel(
            paths, steps=steps, within=within, until=known, order=order, same_time="as_given"
        )

    return over(by, population, make)


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
