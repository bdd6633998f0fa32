"""Laws of all intervals: each lies within the bounds of its figure, and around it."""

import math
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from inspect import isclass
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import metrics, nps, rates, retention, survival
from lifecycle.rates import Rate

INFINITY = math.inf
KINDS = ("plain", "log", "log_log", "logit")
METHODS = ("adjusted_wald", "wald")

Found = tuple[Any, float, float, float | None]
"""An interval, the least and the most that its figure can be, and a figure that it holds."""

levels = st.floats(0.01, 1 - 1e-9)
counts = st.integers(0, 3) | st.sampled_from([10**6, 2**53])
scores = st.builds(nps.Score, counts, counts, counts)
weights = st.sampled_from([1, 2, 0.5, 3.3, 1e-100, 1e100])
rows = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, 3.5, 7, 1e9]), st.booleans(), weights), min_size=1
)
quantities = st.integers(0, 5) | st.sampled_from([0.5, 1e-300, 1e15])
shares = st.tuples(quantities, quantities).map(lambda pair: Rate(*sorted(pair)))


def of_scores(data: Any, level: float) -> Iterator[Found]:
    one, other = data.draw(scores), data.draw(scores)
    for method in METHODS:
        yield one.interval(level=level, method=method), -1, 1, None
        yield nps.compare(one, other, level=level, method=method).interval, -2, 2, None


def of_weighted_scores(data: Any, level: float) -> Iterator[Found]:
    answers = data.draw(st.lists(st.tuples(st.integers(0, 10), weights), min_size=1))
    score = nps.weighted(*zip(*answers, strict=True))
    for method in METHODS:
        yield (
            score.interval(level=level, method=method),
            -1,
            1,
            score.value if method == "wald" else None,
        )
        yield (
            nps.compare(score, data.draw(scores), level=level, method=method).interval,
            -2,
            2,
            None,
        )


def of_rates(data: Any, level: float) -> Iterator[Found]:
    one, other = data.draw(shares), data.draw(shares)
    compared = one.compare(other, level=level)
    yield one.interval(level=level), 0, 1, one.value
    yield compared.interval, -1, 1, compared.difference


def of_hazards(data: Any, level: float) -> Iterator[Found]:
    days = data.draw(st.integers(0, 10**6))
    hazard = retention.churn_hazard(
        lost=data.draw(counts), exposure=timedelta(days=days), per=timedelta(days=30)
    )
    yield hazard.interval(level=level), 0, INFINITY, hazard.value


def curves(data: Any) -> tuple[list[float], list[bool], list[float] | None]:
    times, flags, given_weights = map(list, zip(*data.draw(rows), strict=True))
    return times, flags, given_weights if data.draw(st.booleans()) else None


def of_survival(data: Any, level: float) -> Iterator[Found]:
    times, flags, weights_ = curves(data)
    curve = survival.kaplan_meier(times, flags, weights=weights_)
    for kind in KINDS:
        for figure, interval in zip(
            curve.survival, curve.interval(level=level, method=kind), strict=True
        ):
            yield interval, 0, 1, figure
        for found in (
            curve.median_interval(level=level, method=kind),
            curve.quantile_interval(0.2, level=level, method=kind),
        ):
            yield found, 0, max(times), None


def of_cumulative_hazards(data: Any, level: float) -> Iterator[Found]:
    times, flags, weights_ = curves(data)
    curve = survival.nelson_aalen(times, flags, weights=weights_)
    for kind in ("plain", "log"):
        intervals = curve.interval(level=level, method=kind)
        for figure, interval in zip(curve.cumulative_hazard, intervals, strict=True):
            yield interval, 0, INFINITY, figure


def of_incidences(data: Any, level: float) -> Iterator[Found]:
    times, flags, weights_ = curves(data)
    causes = [data.draw(st.sampled_from("ab")) if flag else None for flag in flags]
    for curve in survival.cumulative_incidence(times, causes, weights=weights_).curves:
        for kind in KINDS:
            for figure, interval in zip(
                curve.incidence, curve.interval(level=level, method=kind), strict=True
            ):
                yield interval, 0, 1, figure


OF: dict[str, Callable[[Any, float], Iterator[Found]]] = {
    "Score": of_scores,
    "WeightedScore": of_weighted_scores,
    "Rate": of_rates,
    "Hazard": of_hazards,
    "SurvivalCurve": of_survival,
    "HazardCurve": of_cumulative_hazards,
    "IncidenceCurve": of_incidences,
}


@pytest.mark.parametrize("name", OF)
@given(data=st.data(), level=levels)
def test_an_interval_lies_within_the_bounds_of_its_figure(
    name: str, data: st.DataObject, level: float
) -> None:
    """A share within 0 and 1, a score within -1 and 1, a difference within twice that."""
    for interval, least, most, figure in OF[name](data, level):
        if interval is None:
            continue
        low, high = (bound for bound in (interval.low, interval.high))
        assert low is None or least <= low <= most
        assert high is None or least <= high <= most
        assert figure is None or low <= figure <= high


def test_every_class_with_an_interval_is_looked_at() -> None:
    """Comparisons are with what they compare; of `Estimate`, the bounds are the caller's."""
    modules = [import_module(f"lifecycle.metrics.{m.name}") for m in iter_modules(metrics.__path__)]
    classes = {
        value
        for module in (*modules, rates)
        for value in (getattr(module, name) for name in getattr(module, "__all__", ()))
        if isclass(value) and any(name.endswith("interval") for name in dir(value))
    }
    found = {each.__name__ for each in classes}
    assert found - {"Comparison", "Estimate"} == set(OF)
