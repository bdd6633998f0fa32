"""What the benchmark of growth calls: every public function, and calls that still work."""

import importlib
import inspect
import pickle
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lifecycle import (
    clv,
    diagrams,
    funnel,
    insights,
    models,
    nps,
    retention,
    revenue,
    rfm,
    survival,
)

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
ROWS = 200


@pytest.fixture(scope="module")
def growth() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        return importlib.import_module("growth")


def called(growth: Any) -> set[str]:
    """Give the names of what is called, without what it is given."""
    return {name.split(",")[0] for topic in growth.TOPICS.values() for name in topic}


@pytest.mark.parametrize(
    "topic",
    [clv, diagrams, funnel, insights, models, nps, retention, revenue, rfm, survival],
    ids=lambda topic: topic.__name__.rpartition(".")[2],
)
def test_every_public_function_is_measured(growth: Any, topic: ModuleType) -> None:
    word = topic.__name__.rpartition(".")[2]
    public = {
        f"{word}.{name}" for name in topic.__all__ if inspect.isfunction(getattr(topic, name))
    }
    assert public <= called(growth) | growth.NOT_GROWING
    assert not public & called(growth) & growth.NOT_GROWING


@pytest.fixture(scope="module")
def results(growth: Any) -> dict[str, Any]:
    return {name: make(ROWS)() for topic in growth.TOPICS.values() for name, make in topic.items()}


def test_every_call_can_be_made(growth: Any, results: dict[str, Any]) -> None:
    assert results.keys() == {name for topic in growth.TOPICS.values() for name in topic}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_what_calculators_return_survives_every_protocol(
    results: dict[str, Any], protocol: int
) -> None:
    for name, result in own(results):
        found = pickle.loads(pickle.dumps(result, protocol))  # noqa: S301  (its own bytes)
        assert (found, hash(found)) == (result, hash(result)), name


def own(results: dict[str, Any]) -> list[tuple[str, Any]]:
    """Give the results that are values of the library."""
    found = [
        (name, result)
        for name, result in results.items()
        if type(result).__module__.startswith("lifecycle.")
    ]
    assert len(found) > 50
    return found


def test_what_may_grow_faster_is_measured(growth: Any) -> None:
    assert set(growth.EXPECTED) <= {name for topic in growth.TOPICS.values() for name in topic}


@pytest.mark.usefixtures("growth")
def test_the_power_of_growth_is_that_of_the_last_step() -> None:
    growing = importlib.import_module("growing")
    assert growing.power([1.0, 4.0, 64.0]) == 2
    assert growing.power([1.0, 3.0, 12.0]) == 1
    assert 1.2 < growing.allowed(1000, [1.0, 4.0, 16.0]) < 1.35
    lines = list(growing.grown({"nothing": lambda _: dict}, 10, {}))
    assert lines[0].startswith("  nothing  ")
