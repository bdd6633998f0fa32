"""What type checkers know of each topic is written down in `tests/typing`, which mypy reads."""

import re
from pathlib import Path
from types import ModuleType

import pytest

from lifecycle import (
    clv,
    funnel,
    insights,
    markov,
    models,
    nps,
    plots,
    retention,
    revenue,
    rfm,
    survival,
)
from publics import functions

TYPING = Path(__file__).parent / "typing"
TOPICS = (clv, funnel, insights, markov, models, nps, plots, retention, revenue, rfm, survival)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.__name__.rpartition(".")[2])
def test_every_public_function_is_called_there(topic: ModuleType) -> None:
    word = topic.__name__.rpartition(".")[2]
    written = (TYPING / f"{word}.py").read_text(encoding="utf-8")
    called = set(re.findall(rf"\b{word}\.\w+(?=\()", written))
    assert functions(topic).keys() - called == set()
